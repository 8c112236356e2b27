//! Which orders may be joined in a list, and in which order they stand there.

use crate::engine::composition::check_combination;
use crate::engine::fixed::Fixed;
use crate::engine::order::{NewListOrders, NewOrder};
use crate::engine::reject::Reject;
use crate::engine::types::{Contingency, OrderType, Side, SymbolId};

/// The orders of a new list whose kinds fit together.
#[derive(Debug)]
pub(super) struct Legs {
    /// Symbol.
    pub(super) symbol: SymbolId,
    /// Order that triggers the others.
    pub(super) working: Option<NewOrder>,
    /// A single order, or a pair with the stop first.
    pub(super) dependents: Vec<NewOrder>,
    /// Whether what the working order receives pays for the others.
    pub(super) pays: bool,
}

impl Legs {
    pub(super) fn contingency(&self) -> Contingency {
        if self.working.is_some() { Contingency::OneTriggers } else { Contingency::OneCancels }
    }
}

pub(super) fn bad_prices() -> Reject {
    Reject::order("The relationship of the prices for the orders is not correct.")
}

/// Checks the kinds of the orders and what each brings with it.
pub(super) fn sort(orders: NewListOrders) -> Result<Legs, Reject> {
    let (working, dependents, pays) = match orders {
        NewListOrders::Pair { above, below } => (None, pair(above, below, ["above", "below"])?, false),
        NewListOrders::Trigger { working, pending, pays } => {
            check_dependent(&pending, pays, "pending")?;
            (Some(working), vec![pending], pays)
        }
        NewListOrders::TriggerPair { working, above, below, pays } => {
            let names = ["pendingAbove", "pendingBelow"];
            check_dependent(&above, pays, names[0])?;
            check_dependent(&below, pays, names[1])?;
            (Some(working), pair(above, below, names)?, pays)
        }
    };
    if let Some(working) = &working {
        if !matches!(working.kind, OrderType::Limit | OrderType::LimitMaker) {
            return Err(Reject::new(-1116, "Invalid orderType."));
        }
        if pays && working.side != Side::Buy {
            return Err(Reject::new(-1222, "Working order in an OPO list must be a bid."));
        }
        check_combination(working).map_err(|reject| reject.of_leg("working"))?;
    }
    let symbol = working.iter().chain(&dependents).map(|leg| leg.symbol).next().unwrap_or(SymbolId(0));
    Ok(Legs { symbol, working, dependents, pays })
}

/// Checks an order that another one triggers.
fn check_dependent(order: &NewOrder, pays: bool, prefix: &str) -> Result<(), Reject> {
    if !pays {
        return check_combination(order).map_err(|reject| reject.of_leg(prefix));
    }
    if order.side != Side::Sell {
        return Err(Reject::new(-1223, "Pending orders in an OPO list must be asks."));
    }
    check_combination(&with_quantity(order)).map_err(|reject| reject.of_leg(prefix))
}

/// The order with some quantity, if it has none because the working order of its list will say.
fn with_quantity(order: &NewOrder) -> NewOrder {
    let least = order.iceberg.unwrap_or(Fixed::ONE);
    NewOrder { quantity: order.quantity.or(Some(least)), ..order.clone() }
}

fn is_stop(leg: &NewOrder) -> bool {
    matches!(leg.kind, OrderType::StopLoss | OrderType::StopLossLimit)
}

fn is_gain(leg: &NewOrder) -> bool {
    matches!(leg.kind, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit)
}

/// Checks the kinds of a pair, and puts the stop first.
fn pair(
    above: NewOrder,
    below: NewOrder,
    [above_name, below_name]: [&str; 2],
) -> Result<Vec<NewOrder>, Reject> {
    let unsupported = || Reject::new(-1158, "Order type not supported in OCO.");
    if !(is_stop(&above) || is_gain(&above)) || !(is_stop(&below) || is_gain(&below)) {
        return Err(unsupported());
    }
    let above_is_stop = match (above.side, is_stop(&above), is_stop(&below)) {
        (Side::Buy, true, false) => true,
        (Side::Sell, false, true) => false,
        (Side::Buy, false, true) if above.kind == OrderType::LimitMaker => {
            return Err(Reject::new(-1165, "A limit order in a buy OCO must be below."));
        }
        (Side::Buy, false, true) => {
            return Err(Reject::new(-1198, "A take profit order in a buy OCO must be below."));
        }
        (Side::Sell, true, false) if below.kind == OrderType::LimitMaker => {
            return Err(Reject::new(-1166, "A limit order in a sell OCO must be above."));
        }
        (Side::Sell, true, false) => {
            return Err(Reject::new(-1199, "A take profit order in a sell OCO must be above."));
        }
        (Side::Buy, true, true) => {
            return Err(Reject::new(-1196, "A stop loss order in a buy OCO must be above."));
        }
        (Side::Sell, true, true) => {
            return Err(Reject::new(-1197, "A stop loss order in a sell OCO must be below."));
        }
        (_, false, false) if above.kind == OrderType::LimitMaker && below.kind == OrderType::LimitMaker => {
            return Err(Reject::new(-1168, "At least one OCO order must be contingent."));
        }
        (_, false, false) => return Err(unsupported()),
    };
    for (leg, name) in [(&above, above_name), (&below, below_name)] {
        check_combination(&with_quantity(leg)).map_err(|reject| reject.of_leg(name))?;
    }
    Ok(if above_is_stop { vec![above, below] } else { vec![below, above] })
}

/// Whether the prices of a pair stand on both sides of the last price.
pub(super) fn prices_fit(pair: &[&NewOrder], last: Fixed) -> bool {
    pair.iter().all(|leg| {
        let price = match leg.kind {
            OrderType::LimitMaker | OrderType::TakeProfitLimit => leg.price,
            _ => leg.stop_price,
        };
        // Without a stop price a trailing order starts from the last price, wherever that is.
        let Some(price) = price else { return true };
        if (leg.side == Side::Buy) == is_stop(leg) { last < price } else { last > price }
    })
}
