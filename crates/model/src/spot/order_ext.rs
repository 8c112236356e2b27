//! Shortcuts for orders, and the checks of each order type.

use crate::common::IntoDecimal;
use crate::generated::spot::all::{
    CancelReplace, CancelReplaceMode, NewOrder, OrderKey, OrderSide, OrderType, PegPriceType, SorOrder,
    TestOrder, TestSorOrder, TimeInForce,
};
use binance_kit_core::{Decimal, InvalidRequest, Symbol};

/// Price and time in force of an order, by itself or in a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Prefix of the parameters: empty, `above`, `pending` …
    pub(super) prefix: &'static str,
    pub(super) order_type: &'a OrderType,
    pub(super) price: Option<Decimal>,
    pub(super) stop_price: Option<Decimal>,
    pub(super) trailing_delta: Option<u64>,
    pub(super) iceberg_quantity: Option<Decimal>,
    pub(super) time_in_force: Option<&'a TimeInForce>,
    pub(super) is_pegged: bool,
}

impl Terms<'_> {
    fn refuse(&self, parameter: &str, reason: String) -> InvalidRequest {
        let mut name = self.prefix.to_owned();
        let mut letters = parameter.chars();
        match letters.next() {
            Some(first) if !name.is_empty() => name.push(first.to_ascii_uppercase()),
            Some(first) => name.push(first),
            None => {}
        }
        name.push_str(letters.as_str());
        InvalidRequest::new(name, reason)
    }

    fn needs(&self, parameter: &str, is_there: bool) -> Result<(), InvalidRequest> {
        if is_there {
            return Ok(());
        }
        Err(self.refuse(parameter, format!("is missing; a {} order needs it", self.order_type)))
    }

    fn lacks(&self, parameter: &str, is_there: bool) -> Result<(), InvalidRequest> {
        if !is_there {
            return Ok(());
        }
        Err(self.refuse(parameter, format!("does not belong to a {} order", self.order_type)))
    }

    pub(super) fn positive(&self, parameter: &str, value: Option<Decimal>) -> Result<(), InvalidRequest> {
        match value {
            Some(value) if value <= Decimal::ZERO => {
                Err(self.refuse(parameter, format!("must be positive, but is {value}")))
            }
            _ => Ok(()),
        }
    }

    /// Checks the parameters that the order type requires. Unknown types pass.
    pub(super) fn check(&self) -> Result<(), InvalidRequest> {
        self.positive("price", self.price)?;
        self.positive("stopPrice", self.stop_price)?;
        self.positive("icebergQty", self.iceberg_quantity)?;
        let has_price = self.price.is_some();
        let has_life = self.time_in_force.is_some();
        let is_stop = match self.order_type {
            OrderType::Limit | OrderType::LimitMaker | OrderType::Market => false,
            OrderType::StopLoss
            | OrderType::StopLossLimit
            | OrderType::TakeProfit
            | OrderType::TakeProfitLimit => true,
            OrderType::Unknown(_) => return Ok(()),
        };
        if is_stop {
            self.needs("stopPrice", self.stop_price.is_some() || self.trailing_delta.is_some())?;
        } else {
            self.lacks("stopPrice", self.stop_price.is_some())?;
        }
        match self.order_type {
            OrderType::Limit | OrderType::StopLossLimit | OrderType::TakeProfitLimit => {
                self.needs("price", has_price || self.is_pegged)?;
                self.needs("timeInForce", has_life)?;
            }
            OrderType::LimitMaker => {
                self.needs("price", has_price || self.is_pegged)?;
                self.lacks("timeInForce", has_life)?;
            }
            _ => {
                self.lacks("price", has_price)?;
                self.lacks("timeInForce", has_life)?;
                self.lacks("icebergQty", self.iceberg_quantity.is_some())?;
            }
        }
        if self.iceberg_quantity.is_some() && self.time_in_force.is_some_and(|life| *life != TimeInForce::Gtc)
        {
            return Err(
                self.refuse("timeInForce", "must be GTC for an order that shows a part only".to_owned())
            );
        }
        Ok(())
    }
}

impl NewOrder {
    /// A limit order, good till cancelled ([`NewOrder::time_in_force`] changes that). Needs a quantity and a price.
    pub fn limit(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::Limit).time_in_force(TimeInForce::Gtc)
    }

    /// A limit order that buys at its price or below. Needs a quantity and a price.
    ///
    /// ```
    /// use binance_kit_core::{ParamWriter, Request};
    /// use binance_kit_model::spot::NewOrder;
    ///
    /// let order = NewOrder::limit_buy("BTCUSDT").quantity("0.001").price(60_000);
    /// let mut params = ParamWriter::new();
    /// order.write(&mut params);
    /// assert_eq!(
    ///     params.to_query(),
    ///     "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=60000"
    /// );
    /// assert!(order.check().is_ok());
    /// // Text that is no number is refused before anything is sent.
    /// assert_eq!(order.price("60,000").check().unwrap_err().parameter, "price");
    /// ```
    pub fn limit_buy(symbol: impl Into<Symbol>) -> Self {
        Self::limit(symbol, OrderSide::Buy)
    }

    /// A limit order that sells at its price or above. Needs a quantity and a price.
    pub fn limit_sell(symbol: impl Into<Symbol>) -> Self {
        Self::limit(symbol, OrderSide::Sell)
    }

    /// A limit order that is rejected if it would trade immediately. Needs a quantity and a price.
    pub fn limit_maker(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::LimitMaker)
    }

    /// A market order. Needs a quantity, or a quantity of the quote asset ([`NewOrder::quote_order_quantity`]).
    pub fn market(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::Market)
    }

    /// A market order that buys. Needs a quantity, or a quantity of the quote asset ([`NewOrder::quote_order_quantity`]).
    pub fn market_buy(symbol: impl Into<Symbol>) -> Self {
        Self::market(symbol, OrderSide::Buy)
    }

    /// A market order that sells. Needs a quantity, or a quantity of the quote asset ([`NewOrder::quote_order_quantity`]).
    pub fn market_sell(symbol: impl Into<Symbol>) -> Self {
        Self::market(symbol, OrderSide::Sell)
    }

    /// A market order when the price reaches the stop price, against a loss. Needs a quantity and a stop price.
    pub fn stop_loss(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::StopLoss)
    }

    /// A limit order when the price reaches the stop price, against a loss. Needs a quantity, a stop price and a price.
    pub fn stop_loss_limit(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::StopLossLimit).time_in_force(TimeInForce::Gtc)
    }

    /// A market order when the price reaches the stop price, to take a profit. Needs a quantity and a stop price.
    pub fn take_profit(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::TakeProfit)
    }

    /// A limit order when the price reaches the stop price, to take a profit. Needs a quantity, a stop price and a price.
    pub fn take_profit_limit(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        Self::new(symbol, side, OrderType::TakeProfitLimit).time_in_force(TimeInForce::Gtc)
    }

    /// A market order when the price has moved by `basis_points` (10 is 0.1 %) from its best, against a loss. Needs a quantity.
    pub fn trailing_stop_loss(symbol: impl Into<Symbol>, side: OrderSide, basis_points: u64) -> Self {
        Self::new(symbol, side, OrderType::StopLoss).trailing_delta(basis_points)
    }

    /// A limit order whose price is pegged to the best price of a side of the book. Needs a quantity.
    pub fn pegged(symbol: impl Into<Symbol>, side: OrderSide, peg_price_type: PegPriceType) -> Self {
        Self::new(symbol, side, OrderType::Limit)
            .peg_price_type(peg_price_type)
            .time_in_force(TimeInForce::Gtc)
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            prefix: "",
            order_type: &self.order_type,
            price: self.price,
            stop_price: self.stop_price,
            trailing_delta: self.trailing_delta,
            iceberg_quantity: self.iceberg_quantity,
            time_in_force: self.time_in_force.as_ref(),
            is_pegged: self.peg_price_type.is_some(),
        }
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        let terms = self.terms();
        terms.positive("quantity", self.quantity)?;
        terms.positive("quoteOrderQty", self.quote_order_quantity)?;
        if self.order_type == OrderType::Market {
            match (self.quantity, self.quote_order_quantity) {
                (None, None) => terms.needs("quantity", false)?,
                (Some(_), Some(_)) => {
                    return Err(InvalidRequest::new("quoteOrderQty", "does not go with `quantity`"));
                }
                _ => {}
            }
        } else if self.order_type.is_known() {
            terms.needs("quantity", self.quantity.is_some())?;
            terms.lacks("quoteOrderQty", self.quote_order_quantity.is_some())?;
        }
        terms.check()
    }

    /// The request that validates this order without placing it.
    pub fn into_test(self) -> TestOrder {
        TestOrder::new(self)
    }

    /// The request that cancels another order and places this one.
    pub fn in_place_of(self, order: impl Into<OrderKey>, mode: CancelReplaceMode) -> CancelReplace {
        CancelReplace::new(self, mode, order)
    }
}

impl SorOrder {
    /// A limit order, good till cancelled. Needs a price.
    pub fn limit(symbol: impl Into<Symbol>, side: OrderSide, quantity: impl IntoDecimal) -> Self {
        Self::new(symbol, side, OrderType::Limit, quantity).time_in_force(TimeInForce::Gtc)
    }

    /// A market order.
    pub fn market(symbol: impl Into<Symbol>, side: OrderSide, quantity: impl IntoDecimal) -> Self {
        Self::new(symbol, side, OrderType::Market, quantity)
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        if !matches!(self.order_type, OrderType::Limit | OrderType::Market | OrderType::Unknown(_)) {
            return Err(InvalidRequest::new("type", "must be LIMIT or MARKET under smart order routing"));
        }
        let terms = Terms {
            prefix: "",
            order_type: &self.order_type,
            price: self.price,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: self.iceberg_quantity,
            time_in_force: self.time_in_force.as_ref(),
            is_pegged: false,
        };
        terms.positive("quantity", Some(self.quantity))?;
        terms.check()
    }

    /// The request that validates this order without placing it.
    pub fn into_test(self) -> TestSorOrder {
        TestSorOrder::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::{ParamWriter, Request};

    const ONE: Decimal = Decimal::ONE;

    fn fault(order: &NewOrder) -> Option<String> {
        order.check().err().map(|error| error.parameter.into_owned())
    }

    #[test]
    fn every_shortcut_passes_its_own_check() {
        let side = || OrderSide::Sell;
        for order in [
            NewOrder::limit_buy("A").quantity(ONE).price(ONE),
            NewOrder::limit_sell("A").quantity(ONE).price(ONE),
            NewOrder::limit_maker("A", side()).quantity(ONE).price(ONE),
            NewOrder::market_buy("A").quantity(ONE),
            NewOrder::market_sell("A").quantity(ONE),
            NewOrder::market_buy("A").quote_order_quantity(ONE),
            NewOrder::market_sell("A").quote_order_quantity(ONE),
            NewOrder::stop_loss("A", side()).quantity(ONE).stop_price(ONE),
            NewOrder::stop_loss_limit("A", side()).quantity(ONE).stop_price(ONE).price(ONE),
            NewOrder::take_profit("A", side()).quantity(ONE).stop_price(ONE),
            NewOrder::take_profit_limit("A", side()).quantity(ONE).stop_price(ONE).price(ONE),
            NewOrder::trailing_stop_loss("A", side(), 10).quantity(ONE),
            NewOrder::pegged("A", side(), PegPriceType::PrimaryPeg).quantity(ONE),
            NewOrder::limit_buy("A").quantity(ONE).price(ONE).iceberg_quantity(ONE),
        ] {
            assert_eq!(fault(&order), None, "{order:?}");
        }
    }

    #[test]
    fn what_a_type_needs_is_named() {
        let new = |order_type| NewOrder::new("A", OrderSide::Buy, order_type);
        for (order, parameter) in [
            (new(OrderType::Limit), "quantity"),
            (new(OrderType::Limit).quantity(ONE), "price"),
            (new(OrderType::Limit).quantity(ONE).price(ONE), "timeInForce"),
            (new(OrderType::Market), "quantity"),
            (NewOrder::market_buy("A").quantity(ONE).quote_order_quantity(ONE), "quoteOrderQty"),
            (NewOrder::market_buy("A").quantity(ONE).price(ONE), "price"),
            (NewOrder::market_buy("A").quantity(ONE).time_in_force(TimeInForce::Gtc), "timeInForce"),
            (NewOrder::limit_buy("A").quantity(ONE).price(ONE).quote_order_quantity(ONE), "quoteOrderQty"),
            (NewOrder::limit_buy("A").quantity(ONE).price(ONE).stop_price(ONE), "stopPrice"),
            (NewOrder::limit_buy("A").quantity(-ONE).price(ONE), "quantity"),
            (NewOrder::limit_buy("A").quantity(ONE).price(Decimal::ZERO), "price"),
            (new(OrderType::StopLoss).quantity(ONE), "stopPrice"),
            (new(OrderType::TakeProfitLimit).quantity(ONE).price(ONE), "stopPrice"),
            (
                NewOrder::limit_maker("A", OrderSide::Buy)
                    .quantity(ONE)
                    .price(ONE)
                    .time_in_force(TimeInForce::Gtc),
                "timeInForce",
            ),
            (
                NewOrder::limit_buy("A")
                    .quantity(ONE)
                    .price(ONE)
                    .iceberg_quantity(ONE)
                    .time_in_force(TimeInForce::Ioc),
                "timeInForce",
            ),
            (NewOrder::limit_buy("A").quantity(ONE).price(ONE).strategy_type(5), "strategyType"),
        ] {
            assert_eq!(fault(&order).as_deref(), Some(parameter), "{order:?}");
            assert!(order.clone().into_test().check().is_err());
            assert!(order.in_place_of("x", CancelReplaceMode::AllowFailure).check().is_err());
        }
        // The exchange decides about types that this version does not know.
        assert_eq!(fault(&new(OrderType::from("NEW_KIND"))), None);
    }

    #[test]
    fn orders_inside_other_requests_write_their_parameters() {
        let mut params = ParamWriter::new();
        NewOrder::market_buy("A").quantity(ONE).into_test().compute_commission_rates(true).write(&mut params);
        assert_eq!(params.to_query(), "symbol=A&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true");
        let mut params = ParamWriter::new();
        let request = NewOrder::limit_sell("A")
            .quantity(ONE)
            .price(ONE)
            .in_place_of("old", CancelReplaceMode::StopOnFailure);
        request.write(&mut params);
        assert_eq!(
            params.to_query(),
            "symbol=A&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=1&cancelReplaceMode=STOP_ON_FAILURE\
             &cancelOrigClientOrderId=old"
        );
        assert_eq!((request.cost().ip, request.cost().orders, request.is_query()), (1, 1, false));
    }

    #[test]
    fn smart_order_routing_takes_two_types() {
        assert!(SorOrder::limit("A", OrderSide::Buy, ONE).price(ONE).check().is_ok());
        assert!(SorOrder::market("A", OrderSide::Buy, ONE).into_test().check().is_ok());
        let error = SorOrder::new("A", OrderSide::Buy, OrderType::StopLoss, ONE).check().unwrap_err();
        assert_eq!(error.parameter, "type");
    }
}
