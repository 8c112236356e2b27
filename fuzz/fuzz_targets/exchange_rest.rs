//! libFuzzer calls the target `exchange_rest` of `binance_kit_fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| binance_kit_fuzz::run("exchange_rest", input));
