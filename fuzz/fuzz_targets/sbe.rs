//! libFuzzer calls the target `sbe` of `binance_kit_fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| binance_kit_fuzz::run("sbe", input));
