//! Whether an order that was found can be the one that was asked for. A client order id alone does not say so: the exchange
//! allows it to be used again once its order is no longer open.

use crate::sent_at::SentAt;
use binance_kit_core::{ClientOrderId, Decimal, Symbol, Timestamp};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::trade::SorOrder;
use binance_kit_model::spot::{NewOrder, Order, OrderEvent, OrderStatus};

/// What was asked for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) symbol: &'a Symbol,
    pub(super) client_order_id: Option<&'a ClientOrderId>,
    side: &'a OrderSide,
    /// The quantity in the base asset; `None` where it was given in the quote asset.
    quantity: Option<Decimal>,
    quote_quantity: Option<Decimal>,
    /// The price; `None` for orders without one, and for those whose price follows the market.
    price: Option<Decimal>,
}

impl<'a> From<&'a NewOrder> for Asked<'a> {
    fn from(order: &'a NewOrder) -> Self {
        Self {
            symbol: &order.symbol,
            client_order_id: order.new_client_order_id.as_ref(),
            side: &order.side,
            quantity: order.quantity,
            quote_quantity: order.quote_order_quantity,
            price: order.price.filter(|_| order.peg_price_type.is_none()),
        }
    }
}

impl<'a> From<&'a SorOrder> for Asked<'a> {
    fn from(order: &'a SorOrder) -> Self {
        Self {
            symbol: &order.symbol,
            client_order_id: order.new_client_order_id.as_ref(),
            side: &order.side,
            quantity: Some(order.quantity),
            quote_quantity: None,
            price: order.price,
        }
    }
}

/// What the exchange shows of an order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    symbol: &'a Symbol,
    client_order_id: &'a ClientOrderId,
    side: &'a OrderSide,
    quantity: Decimal,
    /// The quantity in the quote asset, where it was given so.
    quote_quantity: Option<Decimal>,
    price: Decimal,
    placed_at: Timestamp,
}

impl<'a> From<&'a Order> for Shown<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            symbol: &order.symbol,
            client_order_id: &order.client_order_id,
            side: &order.side,
            quantity: order.original_quantity,
            quote_quantity: order.original_quote_quantity,
            price: order.price,
            placed_at: order.time,
        }
    }
}

impl<'a> From<&'a OrderEvent> for Shown<'a> {
    fn from(report: &'a OrderEvent) -> Self {
        Self {
            symbol: &report.symbol,
            client_order_id: own_id(report),
            side: &report.side,
            quantity: report.quantity,
            quote_quantity: Some(report.quote_order_quantity),
            price: report.price,
            placed_at: report.order_creation_time,
        }
    }
}

/// Returns whether the order shown can be the one asked for: the same id and terms, and not made before it was sent.
///
/// An order given in the quote asset is compared by that quantity: its base quantity follows from the trades.
pub(super) fn can_be(asked: &Asked<'_>, shown: &Shown<'_>, sent_at: &SentAt) -> bool {
    asked.client_order_id == Some(shown.client_order_id)
        && asked.symbol == shown.symbol
        && asked.side == shown.side
        && asked.quantity.is_none_or(|quantity| quantity == shown.quantity)
        && asked
            .quote_quantity
            .is_none_or(|quantity| shown.quote_quantity.is_none_or(|shown| shown == quantity))
        && asked.price.is_none_or(|price| price == shown.price)
        && sent_at.can_precede(shown.placed_at)
}

/// Returns the client order id of the order that a report is about. The report of a cancellation or an amendment carries the
/// order's own id as the original one.
pub(super) fn own_id(report: &OrderEvent) -> &ClientOrderId {
    if report.original_client_order_id.as_str().is_empty() {
        &report.client_order_id
    } else {
        &report.original_client_order_id
    }
}

/// Returns whether an order can no longer be filled or cancelled.
pub(super) fn is_over(status: &OrderStatus) -> bool {
    matches!(
        status,
        OrderStatus::Filled
            | OrderStatus::Canceled
            | OrderStatus::Rejected
            | OrderStatus::Expired
            | OrderStatus::ExpiredInMatch
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_found_order_must_have_the_terms_of_the_one_asked_for() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let sent_at = SentAt::new(now, Duration::ZERO);
        let order =
            NewOrder::limit_buy("ABUSDT").quantity(Decimal::ONE).price(Decimal::TEN).new_client_order_id("x");
        let is_found = |shown: Shown<'_>| can_be(&Asked::from(&order), &shown, &sent_at);
        let (symbol, id) = (Symbol::new("ABUSDT"), ClientOrderId::new("x"));
        let same = Shown {
            symbol: &symbol,
            client_order_id: &id,
            side: &OrderSide::Buy,
            quantity: Decimal::ONE,
            quote_quantity: Some(Decimal::ZERO),
            price: Decimal::TEN,
            placed_at: now,
        };
        assert!(is_found(same));
        assert!(is_found(Shown { quantity: Decimal::new(100, 2), ..same }), "whatever its zeros");
        assert!(is_found(Shown { placed_at: now.plus(Duration::from_secs(20)), ..same }));
        assert!(!is_found(Shown { symbol: &Symbol::new("CDUSDT"), ..same }));
        assert!(!is_found(Shown { client_order_id: &ClientOrderId::new("y"), ..same }));
        assert!(!is_found(Shown { side: &OrderSide::Sell, ..same }));
        assert!(!is_found(Shown { quantity: Decimal::TWO, ..same }));
        assert!(!is_found(Shown { price: Decimal::TWO, ..same }));
        assert!(!is_found(Shown { placed_at: now.minus(Duration::from_secs(2)), ..same }));
    }

    #[test]
    fn an_order_in_the_quote_asset_is_compared_by_that_quantity() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let sent_at = SentAt::new(now, Duration::ZERO);
        let order = NewOrder::market_buy("ABUSDT")
            .quote_order_quantity(Decimal::ONE_HUNDRED)
            .new_client_order_id("x");
        let (symbol, id) = (Symbol::new("ABUSDT"), ClientOrderId::new("x"));
        let shown = |quote_quantity| Shown {
            symbol: &symbol,
            client_order_id: &id,
            side: &OrderSide::Buy,
            quantity: Decimal::new(987, 3),
            quote_quantity,
            price: Decimal::ZERO,
            placed_at: now,
        };
        let is_found = |shown: Shown<'_>| can_be(&Asked::from(&order), &shown, &sent_at);
        assert!(is_found(shown(Some(Decimal::ONE_HUNDRED))));
        assert!(is_found(shown(None)), "the exchange does not always show it");
        assert!(!is_found(shown(Some(Decimal::TEN))));
    }

    #[test]
    fn an_order_whose_price_follows_the_market_may_have_any() {
        let order = NewOrder::pegged(
            "ABUSDT",
            OrderSide::Buy,
            binance_kit_model::spot::trade::PegPriceType::PrimaryPeg,
        )
        .quantity(Decimal::ONE)
        .price(Decimal::ONE);
        assert_eq!(Asked::from(&order).price, None);
    }
}
