//! The one shape in which the rules see an order, whatever request it is in.

use crate::generated::spot::all::{
    AmendKeepPriority, CancelReplace, NewOrder, OrderLeg, OrderListOco, OrderListOpo, OrderListOpoco,
    OrderListOto, OrderListOtoco, OrderOco, OrderSide, OrderType, PegPriceType, PendingOrder,
    SelfTradePreventionMode, SorOrder, TestOrder, TestSorOrder, WorkingOrder,
};
use binance_kit_core::{Decimal, Request, Symbol};

/// A request with orders in it, which [`SymbolRules::check`](crate::spot::SymbolRules::check) can check: single orders, order
/// lists, cancel-replace, smart order routing, amendments, and the tests of them.
pub trait OrderRequest: Request + ContainsOrders {}

impl<T: Request + ContainsOrders> OrderRequest for T {}

/// What a request does, where a symbol may not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Order,
    CancelReplace,
    Sor,
    Oco,
    Oto,
    Opo,
    Amend,
}

/// The parameters of an order as its request calls them.
#[derive(Debug)]
pub struct Names {
    pub order_type: &'static str,
    pub quantity: &'static str,
    pub price: &'static str,
    pub stop_price: &'static str,
    pub iceberg_quantity: &'static str,
    pub trailing_delta: &'static str,
    pub peg_price_type: &'static str,
}

macro_rules! names {
    ($name:ident, $prefix:literal, $quantity:literal) => {
        const $name: Names = Names {
            order_type: concat!($prefix, "Type"),
            quantity: $quantity,
            price: concat!($prefix, "Price"),
            stop_price: concat!($prefix, "StopPrice"),
            iceberg_quantity: concat!($prefix, "IcebergQty"),
            trailing_delta: concat!($prefix, "TrailingDelta"),
            peg_price_type: concat!($prefix, "PegPriceType"),
        };
    };
}

const SINGLE: Names = Names {
    order_type: "type",
    quantity: "quantity",
    price: "price",
    stop_price: "stopPrice",
    iceberg_quantity: "icebergQty",
    trailing_delta: "trailingDelta",
    peg_price_type: "pegPriceType",
};
names!(ABOVE, "above", "quantity");
names!(BELOW, "below", "quantity");
names!(WORKING, "working", "workingQuantity");
names!(PENDING, "pending", "pendingQuantity");
names!(PENDING_ABOVE, "pendingAbove", "pendingQuantity");
names!(PENDING_BELOW, "pendingBelow", "pendingQuantity");
const AMENDED: Names = Names { quantity: "newQty", ..SINGLE };
const OLD_LIMIT: Names = Names { iceberg_quantity: "limitIcebergQty", ..SINGLE };
const OLD_STOP: Names = Names { price: "stopLimitPrice", iceberg_quantity: "stopIcebergQty", ..SINGLE };

/// An order as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct OrderView<'a> {
    pub names: &'static Names,
    /// Nothing in an amendment.
    pub side: Option<&'a OrderSide>,
    /// Nothing in an amendment.
    pub order_type: Option<&'a OrderType>,
    pub quantity: Option<Decimal>,
    pub quote_quantity: Option<Decimal>,
    pub price: Option<Decimal>,
    pub stop_price: Option<Decimal>,
    pub iceberg_quantity: Option<Decimal>,
    pub trailing_delta: Option<u64>,
    /// To what the price is pegged, and whether to the best one.
    pub peg: Option<(&'a PegPriceType, bool)>,
}

impl<'a> OrderView<'a> {
    fn new(names: &'static Names, side: &'a OrderSide, order_type: &'a OrderType) -> Self {
        Self {
            names,
            side: Some(side),
            order_type: Some(order_type),
            quantity: None,
            quote_quantity: None,
            price: None,
            stop_price: None,
            iceberg_quantity: None,
            trailing_delta: None,
            peg: None,
        }
    }

    /// Whether it trades at the market price, immediately or when it is triggered.
    pub(super) fn is_market(&self) -> bool {
        matches!(self.order_type, Some(OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit))
    }

    pub(super) fn is_iceberg(&self) -> bool {
        self.iceberg_quantity.is_some_and(|shown| shown > Decimal::ZERO)
    }
}

/// What requests with orders in them have in common. Not nameable outside, so that it may grow.
pub trait ContainsOrders {
    fn symbol(&self) -> &Symbol;
    fn kind(&self) -> RequestKind;
    fn prevention(&self) -> Option<&SelfTradePreventionMode>;
    /// Visits each order, in the order of the request.
    fn each<'a>(&'a self, see: &mut dyn FnMut(&OrderView<'a>));
    /// Changes the numbers of the order that is shown as number `index`. Those that it does not have stay away.
    fn set(&mut self, index: usize, numbers: Numbers);
}

/// The numbers of an order that rounding may change.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    pub quantity: Option<Decimal>,
    pub quote_quantity: Option<Decimal>,
    pub price: Option<Decimal>,
    pub stop_price: Option<Decimal>,
    pub iceberg_quantity: Option<Decimal>,
    pub trailing_delta: Option<u64>,
}

impl From<&OrderView<'_>> for Numbers {
    fn from(order: &OrderView<'_>) -> Self {
        Self {
            quantity: order.quantity,
            quote_quantity: order.quote_quantity,
            price: order.price,
            stop_price: order.stop_price,
            iceberg_quantity: order.iceberg_quantity,
            trailing_delta: order.trailing_delta,
        }
    }
}

/// Changes a number that is always there.
fn put(place: &mut Decimal, number: Option<Decimal>) {
    if let Some(number) = number {
        *place = number;
    }
}

fn peg(to: Option<&PegPriceType>, offset: Option<u32>) -> Option<(&PegPriceType, bool)> {
    to.map(|to| (to, offset.is_none()))
}

impl ContainsOrders for NewOrder {
    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn kind(&self) -> RequestKind {
        RequestKind::Order
    }

    fn prevention(&self) -> Option<&SelfTradePreventionMode> {
        self.self_trade_prevention_mode.as_ref()
    }

    fn each<'a>(&'a self, see: &mut dyn FnMut(&OrderView<'a>)) {
        see(&OrderView {
            quantity: self.quantity,
            quote_quantity: self.quote_order_quantity,
            price: self.price,
            stop_price: self.stop_price,
            iceberg_quantity: self.iceberg_quantity,
            trailing_delta: self.trailing_delta,
            peg: peg(self.peg_price_type.as_ref(), self.peg_offset_value),
            ..OrderView::new(&SINGLE, &self.side, &self.order_type)
        });
    }

    fn set(&mut self, _: usize, numbers: Numbers) {
        self.quantity = numbers.quantity;
        self.quote_order_quantity = numbers.quote_quantity;
        self.price = numbers.price;
        self.stop_price = numbers.stop_price;
        self.iceberg_quantity = numbers.iceberg_quantity;
        self.trailing_delta = numbers.trailing_delta;
    }
}

impl ContainsOrders for SorOrder {
    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn kind(&self) -> RequestKind {
        RequestKind::Sor
    }

    fn prevention(&self) -> Option<&SelfTradePreventionMode> {
        self.self_trade_prevention_mode.as_ref()
    }

    fn each<'a>(&'a self, see: &mut dyn FnMut(&OrderView<'a>)) {
        see(&OrderView {
            quantity: Some(self.quantity),
            price: self.price,
            iceberg_quantity: self.iceberg_quantity,
            ..OrderView::new(&SINGLE, &self.side, &self.order_type)
        });
    }

    fn set(&mut self, _: usize, numbers: Numbers) {
        put(&mut self.quantity, numbers.quantity);
        self.price = numbers.price;
        self.iceberg_quantity = numbers.iceberg_quantity;
    }
}

/// Requests that are an order and a little more.
macro_rules! around_an_order {
    ($($request:ident: $kind:expr,)+) => {$(
        impl ContainsOrders for $request {
            fn symbol(&self) -> &Symbol {
                self.order.symbol()
            }

            fn kind(&self) -> RequestKind {
                $kind
            }

            fn prevention(&self) -> Option<&SelfTradePreventionMode> {
                self.order.prevention()
            }

            fn each<'a>(&'a self, see: &mut dyn FnMut(&OrderView<'a>)) {
                self.order.each(see);
            }

            fn set(&mut self, index: usize, numbers: Numbers) {
                self.order.set(index, numbers);
            }
        }
    )+};
}

around_an_order! {
    TestOrder: RequestKind::Order,
    CancelReplace: RequestKind::CancelReplace,
    TestSorOrder: RequestKind::Sor,
}

impl ContainsOrders for AmendKeepPriority {
    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn kind(&self) -> RequestKind {
        RequestKind::Amend
    }

    fn prevention(&self) -> Option<&SelfTradePreventionMode> {
        None
    }

    fn each<'a>(&'a self, see: &mut dyn FnMut(&OrderView<'a>)) {
        see(&OrderView {
            names: &AMENDED,
            side: None,
            order_type: None,
            quantity: Some(self.new_quantity),
            quote_quantity: None,
            price: None,
            stop_price: None,
            iceberg_quantity: None,
            trailing_delta: None,
            peg: None,
        });
    }

    fn set(&mut self, _: usize, numbers: Numbers) {
        put(&mut self.new_quantity, numbers.quantity);
    }
}

impl OrderLeg {
    fn set(&mut self, numbers: Numbers) {
        self.price = numbers.price;
        self.stop_price = numbers.stop_price;
        self.iceberg_quantity = numbers.iceberg_quantity;
        self.trailing_delta = numbers.trailing_delta;
    }

    fn view<'a>(
        &'a self,
        names: &'static Names,
        side: &'a OrderSide,
        quantity: Option<Decimal>,
    ) -> OrderView<'a> {
        OrderView {
            quantity,
            price: self.price,
            stop_price: self.stop_price,
            iceberg_quantity: self.iceberg_quantity,
            trailing_delta: self.trailing_delta,
            peg: peg(self.peg_price_type.as_ref(), self.peg_offset_value),
            ..OrderView::new(names, side, &self.order_type)
        }
    }
}

impl WorkingOrder {
    fn set(&mut self, numbers: Numbers) {
        self.quantity = numbers.quantity;
        self.price = numbers.price;
        self.iceberg_quantity = numbers.iceberg_quantity;
    }

    fn view(&self) -> OrderView<'_> {
        OrderView {
            quantity: self.quantity,
            price: self.price,
            iceberg_quantity: self.iceberg_quantity,
            peg: peg(self.peg_price_type.as_ref(), self.peg_offset_value),
            ..OrderView::new(&WORKING, &self.side, &self.order_type)
        }
    }
}

impl PendingOrder {
    fn set(&mut self, numbers: Numbers) {
        self.price = numbers.price;
        self.stop_price = numbers.stop_price;
        self.iceberg_quantity = numbers.iceberg_quantity;
        self.trailing_delta = numbers.trailing_delta;
    }

    fn view(&self, quantity: Option<Decimal>) -> OrderView<'_> {
        OrderView {
            quantity,
            price: self.price,
            stop_price: self.stop_price,
            iceberg_quantity: self.iceberg_quantity,
            trailing_delta: self.trailing_delta,
            peg: peg(self.peg_price_type.as_ref(), self.peg_offset_value),
            ..OrderView::new(&PENDING, &self.side, &self.order_type)
        }
    }
}

/// What order lists have in common.
macro_rules! order_list {
    ($($request:ident: $kind:expr, |$list:ident, $see:ident| $each:expr, |$changed:ident, $index:ident, $numbers:ident| $set:expr;)+) => {$(
        impl ContainsOrders for $request {
            fn symbol(&self) -> &Symbol {
                &self.symbol
            }

            fn kind(&self) -> RequestKind {
                $kind
            }

            fn prevention(&self) -> Option<&SelfTradePreventionMode> {
                self.self_trade_prevention_mode.as_ref()
            }

            fn each<'a>(&'a self, $see: &mut dyn FnMut(&OrderView<'a>)) {
                let $list = self;
                $each
            }

            fn set(&mut self, $index: usize, $numbers: Numbers) {
                let $changed = self;
                $set
            }
        }
    )+};
}

order_list! {
    OrderListOco: RequestKind::Oco, |list, see| {
        see(&list.above.view(&ABOVE, &list.side, Some(list.quantity)));
        see(&list.below.view(&BELOW, &list.side, Some(list.quantity)));
    }, |list, index, numbers| {
        put(&mut list.quantity, numbers.quantity);
        if index == 0 { list.above.set(numbers) } else { list.below.set(numbers) }
    };
    OrderListOto: RequestKind::Oto, |list, see| {
        see(&list.working.view());
        see(&list.pending.view(Some(list.pending_quantity)));
    }, |list, index, numbers| {
        if index == 0 {
            return list.working.set(numbers);
        }
        put(&mut list.pending_quantity, numbers.quantity);
        list.pending.set(numbers);
    };
    OrderListOtoco: RequestKind::Oto, |list, see| {
        see(&list.working.view());
        see(&list.pending_above.view(&PENDING_ABOVE, &list.pending_side, Some(list.pending_quantity)));
        if let Some(below) = &list.pending_below {
            see(&below.view(&PENDING_BELOW, &list.pending_side, Some(list.pending_quantity)));
        }
    }, |list, index, numbers| {
        if index == 0 {
            return list.working.set(numbers);
        }
        put(&mut list.pending_quantity, numbers.quantity);
        match &mut list.pending_below {
            Some(below) if index == 2 => below.set(numbers),
            _ => list.pending_above.set(numbers),
        }
    };
    OrderListOpo: RequestKind::Opo, |list, see| {
        see(&list.working.view());
        see(&list.pending.view(None));
    }, |list, index, numbers| {
        if index == 0 { list.working.set(numbers) } else { list.pending.set(numbers) }
    };
    OrderListOpoco: RequestKind::Opo, |list, see| {
        see(&list.working.view());
        see(&list.pending_above.view(&PENDING_ABOVE, &list.pending_side, None));
        if let Some(below) = &list.pending_below {
            see(&below.view(&PENDING_BELOW, &list.pending_side, None));
        }
    }, |list, index, numbers| match (index, &mut list.pending_below) {
        (0, _) => list.working.set(numbers),
        (2, Some(below)) => below.set(numbers),
        _ => list.pending_above.set(numbers),
    };
    OrderOco: RequestKind::Oco, |list, see| {
        see(&OrderView {
            quantity: list.quantity,
            price: list.price,
            iceberg_quantity: list.limit_iceberg_quantity,
            ..OrderView::new(&OLD_LIMIT, &list.side, &OrderType::LimitMaker)
        });
        let stop = if list.stop_limit_price.is_some() { &OrderType::StopLossLimit } else { &OrderType::StopLoss };
        see(&OrderView {
            quantity: list.quantity,
            price: list.stop_limit_price,
            stop_price: list.stop_price,
            iceberg_quantity: list.stop_iceberg_quantity,
            trailing_delta: list.trailing_delta,
            ..OrderView::new(&OLD_STOP, &list.side, stop)
        });
    }, |list, index, numbers| {
        list.quantity = numbers.quantity;
        if index == 0 {
            list.price = numbers.price;
            list.limit_iceberg_quantity = numbers.iceberg_quantity;
        } else {
            list.stop_limit_price = numbers.price;
            list.stop_price = numbers.stop_price;
            list.stop_iceberg_quantity = numbers.iceberg_quantity;
            list.trailing_delta = numbers.trailing_delta;
        }
    };
}
