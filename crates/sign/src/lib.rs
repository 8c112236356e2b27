//! Keys and request signatures for the Binance API.
