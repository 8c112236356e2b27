//! Benchmarks of binance-kit.
