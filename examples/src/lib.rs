//! Runnable examples of binance-kit, one file each under `examples/`.
