//! The two sides of a book, and how prices are ordered.

use binance_kit_core::Decimal;
use std::cmp::Ordering;
use std::fmt;

pub use binance_kit_model::common::Level;

/// A side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookSide {
    /// The buyers; the best is the highest price. A market order to sell takes from here.
    Bid,
    /// The sellers; the best is the lowest price. A market order to buy takes from here.
    Ask,
}

impl BookSide {
    /// Returns the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }
}

/// The side of an order that takes from a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Buys: takes from the asks.
    Buy,
    /// Sells: takes from the bids.
    Sell,
}

/// The side that an order takes from.
impl From<Side> for BookSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Ask,
            Side::Sell => Self::Bid,
        }
    }
}

impl fmt::Display for BookSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bid => "bid",
            Self::Ask => "ask",
        })
    }
}

/// Compares two prices. All prices of a symbol have the same number of places, for which comparing the mantissas is
/// enough and several times faster than the general comparison.
#[inline]
pub(crate) fn compare(left: &Decimal, right: &Decimal) -> Ordering {
    if left.scale() == right.scale() { left.mantissa().cmp(&right.mantissa()) } else { left.cmp(right) }
}
