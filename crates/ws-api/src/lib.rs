//! Request and response over the Binance WebSocket API.
