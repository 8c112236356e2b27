//! What an order must bring with it, and what it must not: by its type, and by what its symbol offers.

use super::Matching;
use super::fixed::Fixed;
use super::order::NewOrder;
use super::reject::Reject;
use super::rules::Feature;
use super::types::{OrderType, PegPriceType, SymbolId, TimeInForce};
use crate::clearing::Clearing;

impl<C: Clearing> Matching<C> {
    /// Checks that an order has what its type needs and nothing else, and that its symbol offers it.
    pub(super) fn check_composition(&self, new: &NewOrder) -> Result<(), Reject> {
        check_combination(new)?;
        self.check_offered(new)
    }

    /// Checks that a symbol offers something that is not a kind of order.
    pub(crate) fn check_feature(&self, symbol: SymbolId, feature: Feature) -> Result<(), Reject> {
        if self.instrument(symbol).rules.offers(feature) {
            Ok(())
        } else {
            Err(Reject::invalid_order(feature.missing()))
        }
    }

    /// Checks that the symbol of an order offers it.
    pub(super) fn check_offered(&self, new: &NewOrder) -> Result<(), Reject> {
        let rules = &self.instrument(new.symbol).rules;
        let needed = [
            Feature::of_type(new.kind),
            new.quote_quantity.map(|_| Feature::QuoteQuantityMarketOrders),
            new.iceberg.filter(|part| part.is_positive()).map(|_| Feature::IcebergOrders),
            new.trailing_delta.map(|_| Feature::TrailingStopOrders),
            new.peg.map(|_| Feature::PeggedOrders),
        ];
        if let Some(missing) = needed.into_iter().flatten().find(|feature| !rules.offers(*feature)) {
            return Err(Reject::invalid_order(missing.missing()));
        }
        if new.prevention.is_some_and(|mode| !rules.preventions.contains(&mode)) {
            return Err(Reject::invalid_order(
                "This symbol does not allow the specified self-trade prevention mode.",
            ));
        }
        Ok(())
    }
}

/// Checks that each type has what it needs and nothing else.
pub(super) fn check_combination(new: &NewOrder) -> Result<(), Reject> {
    let require = |present: bool, name: &str| if present { Ok(()) } else { Err(Reject::missing(name)) };
    let refuse = |present: bool, name: &str| if present { Err(Reject::not_required(name)) } else { Ok(()) };
    if new.kind == OrderType::Market {
        if new.quantity.is_none() && new.quote_quantity.is_none() {
            return Err(Reject::missing_both("quantity", "quoteOrderQty"));
        }
        if new.quantity.is_some() {
            refuse(new.quote_quantity.is_some(), "quoteOrderQty")?;
        }
    } else {
        refuse(new.quote_quantity.is_some(), "quoteOrderQty")?;
        require(new.quantity.is_some(), "quantity")?;
    }
    let timed = new.kind.has_price() && new.kind != OrderType::LimitMaker;
    if timed {
        require(new.time_in_force.is_some(), "timeInForce")?;
    } else {
        refuse(new.time_in_force.is_some(), "timeInForce")?;
    }
    if new.peg.is_some() && !new.kind.has_price() {
        return Err(Reject::invalid_order("This order type may not use pegged price."));
    }
    if new.kind.has_price() {
        require(new.price.is_some() || new.peg.is_some(), "price")?;
    } else {
        refuse(new.price.is_some(), "price")?;
    }
    if new.kind.is_contingent() {
        if new.stop_price.is_none() && new.trailing_delta.is_none() {
            return Err(Reject::missing_both("stopPrice", "trailingDelta"));
        }
    } else {
        refuse(new.stop_price.is_some(), "stopPrice")?;
        refuse(new.trailing_delta.is_some(), "trailingDelta")?;
    }
    check_iceberg(new)?;
    check_peg(new)
}

fn check_iceberg(new: &NewOrder) -> Result<(), Reject> {
    let Some(part) = new.iceberg else { return Ok(()) };
    if !new.kind.has_price() {
        return Err(Reject::not_required("icebergQty"));
    }
    if !part.is_positive() {
        return Ok(());
    }
    if new.time_in_force.is_some_and(|force| force != TimeInForce::Gtc) {
        return Err(Reject::new(-1014, "Unsupported order combination."));
    }
    if part > new.quantity.unwrap_or(Fixed::ZERO) {
        return Err(Reject::invalid_order("IcebergQty exceeds QTY."));
    }
    Ok(())
}

fn check_peg(new: &NewOrder) -> Result<(), Reject> {
    let Some(peg) = new.peg else { return Ok(()) };
    let fits = match (peg.price_type, new.kind) {
        (PegPriceType::Market, OrderType::LimitMaker) => false,
        (PegPriceType::Primary, OrderType::Limit) => new.time_in_force == Some(TimeInForce::Gtc),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(Reject::invalid_order("This price peg cannot be used with this order type."))
    }
}
