//! Spot: what its orders and its account add to what all products have.

mod actions;
mod amendment;
mod balances;
mod identity;
mod lists;
mod orders;
mod user_data;

pub use balances::{BalanceDifference, Balances, BalancesError, SymbolAssets};
pub use orders::{ReplaceOutcome, Replacement};
pub use user_data::{AccountSnapshot, SnapshotContents};

use crate::product::Trading;
use binance_kit_core::Symbol;
use binance_kit_core::product::Spot;
use binance_kit_model::spot::trade::{AmendKeepPriority, CancelOpenOrders};
use binance_kit_model::spot::{CancelOrder, NewOrder, OrderKey};

impl Trading for Spot {
    type NewOrder = NewOrder;
    type CancelOrder = CancelOrder;
    type AmendOrder = AmendKeepPriority;
    type CancelAll = CancelOpenOrders;
    type OrderKey = OrderKey;

    fn cancel_order(symbol: Symbol, order: OrderKey) -> CancelOrder {
        CancelOrder::new(symbol, order)
    }

    fn cancel_all(symbol: Symbol) -> CancelOpenOrders {
        CancelOpenOrders::new(symbol)
    }
}
