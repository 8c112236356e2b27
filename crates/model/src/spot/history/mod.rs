//! Pagers of the exchange's records: candles, trades, orders. Each is a [`Paged`] state machine that a transport drives.
//!
//! * [`CandleHistory`]: candles, by their times.
//! * [`IdHistory`]: lists with ascending ids. Pages are requested by id even if the range is given by times, so that rows
//!   that share a millisecond are neither lost nor repeated.
//! * [`WindowHistory`]: lists that are requested by time only. The exchange accepts windows up to 24 hours; longer ranges
//!   are split, and a window that fills a page is split again.
//!
//! [`Paged`]: binance_kit_core::Paged

mod candles;
mod cursor;
mod ids;
mod sources;
mod windows;

pub use candles::CandleHistory;
pub use ids::IdHistory;
pub use sources::{Candles, Listed, Newest, Windowed};
pub use windows::WindowHistory;

/// Maximum number of rows of a page.
const MAX_PAGE: u32 = 1000;

const MILLISECOND: i64 = 1000;
