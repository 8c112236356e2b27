//! libFuzzer calls the target `answers` of `binance_kit_fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| binance_kit_fuzz::run("answers", input));
