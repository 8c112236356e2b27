//! An embedded exchange on loopback that speaks the Binance protocols.

mod engine;
mod random;

pub use engine::SymbolConfig;
