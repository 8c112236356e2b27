//! What every layer of binance-kit shares: exact values, request and event traits, parameters, decoding.
