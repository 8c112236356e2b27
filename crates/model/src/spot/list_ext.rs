//! Shortcuts for order lists, and the checks of their orders.

use super::order_ext::Terms;
use crate::common::IntoDecimal;
use crate::generated::spot::all::{
    OrderLeg, OrderListOco, OrderListOpo, OrderListOpoco, OrderListOto, OrderListOtoco, OrderOco, OrderSide,
    OrderType, PendingOrder, TimeInForce, WorkingOrder,
};
use binance_kit_core::{Decimal, InvalidRequest, Symbol};

impl OrderLeg {
    /// A limit order that is rejected if it would trade immediately.
    pub fn limit_maker(price: impl IntoDecimal) -> Self {
        Self::new(OrderType::LimitMaker).price(price)
    }

    /// A market order when the price reaches `stop_price`, against a loss.
    pub fn stop_loss(stop_price: impl IntoDecimal) -> Self {
        Self::new(OrderType::StopLoss).stop_price(stop_price)
    }

    /// A limit order when the price reaches the stop price, against a loss. Needs a stop price and a price.
    pub fn stop_loss_limit() -> Self {
        Self::new(OrderType::StopLossLimit).time_in_force(TimeInForce::Gtc)
    }

    /// A market order when the price reaches `stop_price`, to take a profit.
    pub fn take_profit(stop_price: impl IntoDecimal) -> Self {
        Self::new(OrderType::TakeProfit).stop_price(stop_price)
    }

    /// A limit order when the price reaches the stop price, to take a profit. Needs a stop price and a price.
    pub fn take_profit_limit() -> Self {
        Self::new(OrderType::TakeProfitLimit).time_in_force(TimeInForce::Gtc)
    }

    fn check(&self, prefix: &'static str) -> Result<(), InvalidRequest> {
        Terms {
            prefix,
            order_type: &self.order_type,
            price: self.price,
            stop_price: self.stop_price,
            trailing_delta: self.trailing_delta,
            iceberg_quantity: self.iceberg_quantity,
            time_in_force: self.time_in_force.as_ref(),
            is_pegged: self.peg_price_type.is_some(),
        }
        .check()
    }

    fn is_stop_loss(&self) -> bool {
        matches!(self.order_type, OrderType::StopLoss | OrderType::StopLossLimit)
    }

    fn is_gain(&self) -> bool {
        matches!(self.order_type, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit)
    }
}

/// Above the price, a sell takes profit and a buy stops a loss; below, the other way round.
fn check_legs(
    side: &OrderSide,
    (above_name, above): (&'static str, &OrderLeg),
    (below_name, below): (&'static str, Option<&OrderLeg>),
) -> Result<(), InvalidRequest> {
    above.check(above_name)?;
    if let Some(below) = below {
        below.check(below_name)?;
    }
    let (gain_above, gain_below) = match side {
        OrderSide::Sell => (true, false),
        OrderSide::Buy => (false, true),
        OrderSide::Unknown(_) => return Ok(()),
    };
    for (name, leg, gains) in [(above_name, Some(above), gain_above), (below_name, below, gain_below)] {
        let fits = leg.is_none_or(|leg| {
            !leg.order_type.is_known() || if gains { leg.is_gain() } else { leg.is_stop_loss() }
        });
        if !fits {
            let expected = if gains { "a limit maker or take-profit order" } else { "a stop-loss order" };
            return Err(InvalidRequest::new(
                format!("{name}Type"),
                format!("must be {expected} in an OCO that is to {side}"),
            ));
        }
    }
    Ok(())
}

fn check_positive(parameter: &'static str, value: Decimal) -> Result<(), InvalidRequest> {
    if value > Decimal::ZERO {
        return Ok(());
    }
    Err(InvalidRequest::new(parameter, format!("must be positive, but is {value}")))
}

fn required_positive(parameter: &'static str, value: Option<Decimal>) -> Result<(), InvalidRequest> {
    match value {
        Some(value) => check_positive(parameter, value),
        None => Err(InvalidRequest::new(parameter, "is missing; the order needs it")),
    }
}

impl WorkingOrder {
    /// A limit order, good till cancelled. Needs a quantity and a price.
    ///
    /// ```
    /// use binance_kit_core::Request;
    /// use binance_kit_model::common::OrderSide;
    /// use binance_kit_model::spot::OrderListOto;
    /// use binance_kit_model::spot::trade::{PendingOrder, WorkingOrder};
    ///
    /// let working = WorkingOrder::limit(OrderSide::Buy).quantity("0.5").price(60_000);
    /// let list = OrderListOto::new("BTCUSDT", working, PendingOrder::market(OrderSide::Sell), "0.5");
    /// assert!(list.check().is_ok());
    /// // What is missing is refused before anything is sent.
    /// let working = WorkingOrder::limit(OrderSide::Buy).quantity("0.5");
    /// let list = OrderListOto::new("BTCUSDT", working, PendingOrder::market(OrderSide::Sell), "0.5");
    /// assert_eq!(list.check().unwrap_err().parameter, "workingPrice");
    /// ```
    pub fn limit(side: OrderSide) -> Self {
        Self::new(OrderType::Limit, side).time_in_force(TimeInForce::Gtc)
    }

    /// A limit order that is rejected if it would trade immediately. Needs a quantity and a price.
    pub fn limit_maker(side: OrderSide) -> Self {
        Self::new(OrderType::LimitMaker, side)
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        if !matches!(self.order_type, OrderType::Limit | OrderType::LimitMaker | OrderType::Unknown(_)) {
            return Err(InvalidRequest::new("workingType", "must be LIMIT or LIMIT_MAKER"));
        }
        required_positive("workingQuantity", self.quantity)?;
        required_positive("workingPrice", self.price)?;
        Terms {
            prefix: "working",
            order_type: &self.order_type,
            price: self.price,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: self.iceberg_quantity,
            time_in_force: self.time_in_force.as_ref(),
            is_pegged: self.peg_price_type.is_some(),
        }
        .check()
    }
}

impl PendingOrder {
    /// A limit order, good till cancelled.
    pub fn limit(side: OrderSide, price: impl IntoDecimal) -> Self {
        Self::new(OrderType::Limit, side).price(price).time_in_force(TimeInForce::Gtc)
    }

    /// A limit order that is rejected if it would trade immediately.
    pub fn limit_maker(side: OrderSide, price: impl IntoDecimal) -> Self {
        Self::new(OrderType::LimitMaker, side).price(price)
    }

    /// A market order.
    pub fn market(side: OrderSide) -> Self {
        Self::new(OrderType::Market, side)
    }

    /// A market order when the price reaches `stop_price`, against a loss.
    pub fn stop_loss(side: OrderSide, stop_price: impl IntoDecimal) -> Self {
        Self::new(OrderType::StopLoss, side).stop_price(stop_price)
    }

    /// A limit order when the price reaches the stop price, against a loss. Needs a stop price and a price.
    pub fn stop_loss_limit(side: OrderSide) -> Self {
        Self::new(OrderType::StopLossLimit, side).time_in_force(TimeInForce::Gtc)
    }

    /// A market order when the price reaches `stop_price`, to take a profit.
    pub fn take_profit(side: OrderSide, stop_price: impl IntoDecimal) -> Self {
        Self::new(OrderType::TakeProfit, side).stop_price(stop_price)
    }

    /// A limit order when the price reaches the stop price, to take a profit. Needs a stop price and a price.
    pub fn take_profit_limit(side: OrderSide) -> Self {
        Self::new(OrderType::TakeProfitLimit, side).time_in_force(TimeInForce::Gtc)
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        Terms {
            prefix: "pending",
            order_type: &self.order_type,
            price: self.price,
            stop_price: self.stop_price,
            trailing_delta: self.trailing_delta,
            iceberg_quantity: self.iceberg_quantity,
            time_in_force: self.time_in_force.as_ref(),
            is_pegged: self.peg_price_type.is_some(),
        }
        .check()
    }
}

/// A builder of an OCO without its orders; see [`OrderListOco::sell`].
#[derive(Debug, Clone)]
#[must_use]
pub struct OcoWithoutOrders {
    symbol: Symbol,
    side: OrderSide,
    quantity: Result<Decimal, String>,
}

/// A builder of an OCO without the order below the price; see [`OrderListOco::sell`].
#[derive(Debug, Clone)]
#[must_use]
pub struct OcoWithoutBelow {
    begun: OcoWithoutOrders,
    above: OrderLeg,
}

impl OcoWithoutOrders {
    /// The order above the price; a stop-limit order is given by its own setters, as in
    /// `OrderLeg::stop_loss_limit().stop_price(…).price(…)`.
    pub fn above(self, leg: OrderLeg) -> OcoWithoutBelow {
        OcoWithoutBelow { begun: self, above: leg }
    }

    /// Above the price, a limit order that is rejected if it would trade immediately.
    pub fn above_limit_maker(self, price: impl IntoDecimal) -> OcoWithoutBelow {
        self.above(OrderLeg::limit_maker(price))
    }

    /// Above the price, a market order when the price reaches `stop_price`, against a loss.
    pub fn above_stop_loss(self, stop_price: impl IntoDecimal) -> OcoWithoutBelow {
        self.above(OrderLeg::stop_loss(stop_price))
    }

    /// Above the price, a market order when the price reaches `stop_price`, to take a profit.
    pub fn above_take_profit(self, stop_price: impl IntoDecimal) -> OcoWithoutBelow {
        self.above(OrderLeg::take_profit(stop_price))
    }
}

impl OcoWithoutBelow {
    /// The order below the price; a stop-limit order is given by its own setters, as in
    /// `OrderLeg::stop_loss_limit().stop_price(…).price(…)`.
    pub fn below(self, leg: OrderLeg) -> OrderListOco {
        let OcoWithoutOrders { symbol, side, quantity } = self.begun;
        OrderListOco::new(symbol, side, quantity, self.above, leg)
    }

    /// Below the price, a limit order that is rejected if it would trade immediately.
    pub fn below_limit_maker(self, price: impl IntoDecimal) -> OrderListOco {
        self.below(OrderLeg::limit_maker(price))
    }

    /// Below the price, a market order when the price reaches `stop_price`, against a loss.
    pub fn below_stop_loss(self, stop_price: impl IntoDecimal) -> OrderListOco {
        self.below(OrderLeg::stop_loss(stop_price))
    }

    /// Below the price, a market order when the price reaches `stop_price`, to take a profit.
    pub fn below_take_profit(self, stop_price: impl IntoDecimal) -> OrderListOco {
        self.below(OrderLeg::take_profit(stop_price))
    }
}

impl OrderListOco {
    /// Starts an OCO that sells: above the price it takes a profit, below it stops a loss.
    ///
    /// ```
    /// use binance_kit_core::Request;
    /// use binance_kit_model::spot::OrderListOco;
    /// use binance_kit_model::spot::trade::OrderLeg;
    ///
    /// let oco = OrderListOco::sell("BTCUSDT", 1)
    ///     .above_limit_maker(70_000)
    ///     .below(OrderLeg::stop_loss_limit().stop_price(50_000).price(49_900));
    /// assert!(oco.check().is_ok());
    /// ```
    pub fn sell(symbol: impl Into<Symbol>, quantity: impl IntoDecimal) -> OcoWithoutOrders {
        OcoWithoutOrders { symbol: symbol.into(), side: OrderSide::Sell, quantity: quantity.into_decimal() }
    }

    /// Starts an OCO that buys: above the price it stops a loss, below it takes a profit.
    pub fn buy(symbol: impl Into<Symbol>, quantity: impl IntoDecimal) -> OcoWithoutOrders {
        OcoWithoutOrders { symbol: symbol.into(), side: OrderSide::Buy, quantity: quantity.into_decimal() }
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_positive("quantity", self.quantity)?;
        check_legs(&self.side, ("above", &self.above), ("below", Some(&self.below)))
    }
}

impl OrderOco {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        required_positive("quantity", self.quantity)?;
        required_positive("price", self.price)?;
        required_positive("stopPrice", self.stop_price)
    }
}

impl OrderListOto {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_positive("pendingQuantity", self.pending_quantity)?;
        self.working.check()?;
        self.pending.check()
    }
}

impl OrderListOtoco {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_positive("pendingQuantity", self.pending_quantity)?;
        self.working.check()?;
        let below = ("pendingBelow", self.pending_below.as_ref());
        check_legs(&self.pending_side, ("pendingAbove", &self.pending_above), below)
    }
}

/// An OPO sells what it buys.
fn check_sides(working: &OrderSide, pending: &OrderSide) -> Result<(), InvalidRequest> {
    if *working == OrderSide::Sell {
        return Err(InvalidRequest::new("workingSide", "must be BUY"));
    }
    if *pending == OrderSide::Buy {
        return Err(InvalidRequest::new("pendingSide", "must be SELL"));
    }
    Ok(())
}

impl OrderListOpo {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_sides(&self.working.side, &self.pending.side)?;
        self.working.check()?;
        self.pending.check()
    }
}

impl OrderListOpoco {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_sides(&self.working.side, &self.pending_side)?;
        self.working.check()?;
        let below = ("pendingBelow", self.pending_below.as_ref());
        check_legs(&self.pending_side, ("pendingAbove", &self.pending_above), below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::spot::all::PegPriceType;
    use binance_kit_core::{ParamWriter, Request};

    const ONE: Decimal = Decimal::ONE;
    const TWO: Decimal = Decimal::TWO;

    fn query(request: &impl Request) -> String {
        let mut params = ParamWriter::new();
        request.write(&mut params);
        params.to_query()
    }

    fn fault(request: &impl Request) -> Option<String> {
        request.check().err().map(|error| error.parameter.into_owned())
    }

    #[test]
    fn an_oco_is_built_in_one_expression() {
        let leg = OrderLeg::stop_loss_limit().stop_price(TWO).price(ONE);
        let oco = OrderListOco::sell("a", ONE).above_limit_maker(TWO).below(leg);
        assert_eq!(
            query(&oco),
            "symbol=A&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=2&belowType=STOP_LOSS_LIMIT\
             &belowPrice=1&belowStopPrice=2&belowTimeInForce=GTC"
        );
        assert_eq!((fault(&oco), oco.cost().orders), (None, 2));
        let oco = OrderListOco::buy("a", ONE).above_stop_loss(TWO).below_take_profit(ONE);
        assert_eq!(fault(&oco), None);
    }

    #[test]
    fn stop_limit_orders_need_both_prices() {
        let sell = |leg| OrderListOco::sell("a", ONE).above_limit_maker(TWO).below(leg);
        let buy = |leg| OrderListOco::buy("a", ONE).above_stop_loss(TWO).below(leg);
        let leg = OrderLeg::stop_loss_limit;
        assert_eq!(fault(&sell(leg().price(ONE))).as_deref(), Some("belowStopPrice"));
        assert_eq!(fault(&sell(leg().stop_price(ONE))).as_deref(), Some("belowPrice"));
        assert_eq!(fault(&sell(leg().price(ONE).stop_price(ONE))), None);
        let leg = OrderLeg::take_profit_limit;
        assert_eq!(fault(&buy(leg().price(ONE))).as_deref(), Some("belowStopPrice"));
        assert_eq!(fault(&buy(leg().stop_price(ONE).price(ONE))), None);
        let working = || WorkingOrder::limit(OrderSide::Buy).quantity(ONE).price(TWO);
        for pending in [PendingOrder::stop_loss_limit, PendingOrder::take_profit_limit] {
            let list = |pending| OrderListOto::new("a", working(), pending, ONE);
            let pending = || pending(OrderSide::Sell);
            assert_eq!(fault(&list(pending().price(ONE))).as_deref(), Some("pendingStopPrice"));
            assert_eq!(fault(&list(pending().stop_price(ONE))).as_deref(), Some("pendingPrice"));
            assert_eq!(fault(&list(pending().stop_price(ONE).price(ONE))), None);
        }
    }

    #[test]
    fn legs_on_the_wrong_side_are_named() {
        let sell = || OrderListOco::sell("a", ONE);
        assert_eq!(fault(&sell().above_stop_loss(ONE).below_stop_loss(ONE)).as_deref(), Some("aboveType"));
        assert_eq!(
            fault(&sell().above_limit_maker(ONE).below_take_profit(ONE)).as_deref(),
            Some("belowType")
        );
        let buy = OrderListOco::buy("a", ONE).above_limit_maker(ONE).below_limit_maker(ONE);
        assert_eq!(fault(&buy).as_deref(), Some("aboveType"));
        let leg = OrderLeg::new(OrderType::StopLossLimit).stop_price(ONE).price(ONE);
        assert_eq!(fault(&sell().above_limit_maker(ONE).below(leg)).as_deref(), Some("belowTimeInForce"));
        assert_eq!(
            fault(&OrderListOco::sell("a", Decimal::ZERO).above_limit_maker(ONE).below_stop_loss(ONE))
                .as_deref(),
            Some("quantity")
        );
    }

    #[test]
    fn what_a_working_order_or_an_old_oco_lacks_is_named() {
        for begin in [WorkingOrder::limit, WorkingOrder::limit_maker] {
            let fault =
                |working| fault(&OrderListOpo::new("a", working, PendingOrder::market(OrderSide::Sell)));
            let begin = || begin(OrderSide::Buy);
            assert_eq!(fault(begin().price(ONE)).as_deref(), Some("workingQuantity"));
            assert_eq!(fault(begin().price(ONE).quantity(Decimal::ZERO)).as_deref(), Some("workingQuantity"));
            assert_eq!(fault(begin().quantity(ONE)).as_deref(), Some("workingPrice"));
            assert_eq!(fault(begin().quantity(ONE).price(-ONE)).as_deref(), Some("workingPrice"));
            assert_eq!(fault(begin().quantity(ONE).price("1,5")).as_deref(), Some("workingPrice"));
            assert_eq!(fault(begin().quantity(ONE).price(ONE)), None);
            let pegged = begin().quantity(ONE).peg_price_type(PegPriceType::PrimaryPeg);
            assert_eq!(fault(pegged).as_deref(), Some("workingPrice"), "the documents require it of all");
        }
        let oco = || OrderOco::new("a", OrderSide::Sell);
        assert_eq!(fault(&oco().price(TWO).stop_price(ONE)).as_deref(), Some("quantity"));
        assert_eq!(fault(&oco().quantity(ONE).stop_price(ONE)).as_deref(), Some("price"));
        assert_eq!(fault(&oco().quantity(ONE).price(TWO)).as_deref(), Some("stopPrice"));
        assert_eq!(fault(&oco().quantity(-ONE).price(TWO).stop_price(ONE)).as_deref(), Some("quantity"));
        let oco = oco().quantity(ONE).price(TWO).stop_price(ONE);
        assert_eq!(fault(&oco), None);
        assert_eq!(query(&oco), "symbol=A&side=SELL&quantity=1&price=2&stopPrice=1");
    }

    #[test]
    fn lists_with_a_working_order() {
        let working = || WorkingOrder::limit(OrderSide::Buy).quantity(ONE).price(TWO);
        let oto = OrderListOto::new("a", working(), PendingOrder::market(OrderSide::Sell), ONE);
        assert_eq!(
            query(&oto),
            "symbol=A&workingType=LIMIT&workingSide=BUY&workingPrice=2&workingQuantity=1&workingTimeInForce=GTC\
             &pendingType=MARKET&pendingSide=SELL&pendingQuantity=1"
        );
        assert_eq!(fault(&oto), None);
        let pending = PendingOrder::new(OrderType::Limit, OrderSide::Sell);
        assert_eq!(fault(&OrderListOto::new("a", working(), pending, ONE)).as_deref(), Some("pendingPrice"));
        let otoco = OrderListOtoco::new("a", working(), OrderSide::Sell, ONE, OrderLeg::limit_maker(TWO))
            .pending_below(OrderLeg::stop_loss(ONE));
        assert_eq!((fault(&otoco), otoco.cost().orders), (None, 3));
        assert!(
            query(&otoco).ends_with("pendingBelowType=STOP_LOSS&pendingBelowStopPrice=1"),
            "{}",
            query(&otoco)
        );
        let sale = WorkingOrder::limit_maker(OrderSide::Sell).quantity(ONE).price(TWO);
        let opo = OrderListOpo::new("a", sale, PendingOrder::limit(OrderSide::Sell, ONE));
        assert_eq!(fault(&opo).as_deref(), Some("workingSide"));
        let list = OrderListOpoco::new("a", working(), OrderSide::Buy, OrderLeg::limit_maker(ONE));
        assert_eq!(fault(&list).as_deref(), Some("pendingSide"));
    }
}
