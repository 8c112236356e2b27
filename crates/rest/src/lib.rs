//! REST transport of binance-kit.
