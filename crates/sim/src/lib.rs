//! An embedded exchange on loopback that speaks the Binance protocols.

mod clock;
mod engine;
mod json;
mod limits;
mod market;
mod random;
mod server;
mod task;

pub use clock::{SimClock, TokioClock, WallClock};
pub use engine::SymbolConfig;
pub use limits::Limits;
pub use market::MarketConfig;
