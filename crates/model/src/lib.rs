//! Requests, responses and events of the Binance API as typed data.
