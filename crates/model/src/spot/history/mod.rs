//! Walks through what the exchange has on record: candles, trades, orders. Each is a [`Paged`] state machine for a transport
//! to drive.
//!
//! * [`CandleHistory`]: candles, by their times.
//! * [`IdHistory`]: whatever has ascending ids. It is asked for by id even where it begins or ends at a time, so that
//!   however many rows share a millisecond, none is lost and none comes twice.
//! * [`WindowHistory`]: what can be asked for by time only. The exchange takes no window above 24 hours; it is cut into
//!   such, and a window that fills a page is cut further.
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

/// The largest page that the exchange gives.
const LARGEST_PAGE: u32 = 1000;

const MILLISECOND: i64 = 1000;
