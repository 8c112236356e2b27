//! An SDK for the Binance exchange: streams, REST, WebSocket API, local books, an embedded exchange.
