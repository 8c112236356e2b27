//! Environments, TLS, proxies, the WebSocket connection, clock and back-off seams of binance-kit.
