//! libFuzzer calls the target `handshake` of `binance_kit_fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| binance_kit_fuzz::run("handshake", input));
