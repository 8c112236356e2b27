//! Market stream transport of binance-kit.
