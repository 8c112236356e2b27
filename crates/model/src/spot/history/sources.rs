//! The requests that a walk can be made of: how each is asked for a page, and what its rows are known by.

use super::{CandleHistory, IdHistory, WindowHistory};
use crate::generated::spot::all::{
    AggTrade, AggTrades, AllOrderLists, AllOrders, Allocation, BlockTrade, HistoricalBlockTrades,
    HistoricalTrades, Kline, Klines, MyAllocations, MyPreventedMatches, MyTrade, MyTrades, Order,
    OrderAmendment, OrderAmendments, OrderList, PreventedMatch, PreventedMatchKey, Trade, UiKlines,
};
use binance_kit_core::id::OrderId;
use binance_kit_core::{Request, Symbol, Timestamp};

/// A request that answers a page of a list. Not to be implemented elsewhere.
pub trait Listed: Request<Response = Vec<Self::Row>> + Clone + private::Sealed {
    /// What the list consists of.
    type Row;
    #[doc(hidden)]
    const NAME: &'static str;
    #[doc(hidden)]
    #[must_use]
    fn page(self, limit: u32) -> Self;
    /// What a row is known by: its id, or the time at which a candle begins.
    #[doc(hidden)]
    fn id_of(row: &Self::Row) -> u64;
    #[doc(hidden)]
    #[must_use]
    fn from(self, id: u64) -> Self;
}

/// A list with ascending ids and times that without an id answers its newest rows: it can be walked backwards, and from and
/// to a time.
pub trait Newest: Listed {
    /// When a row came to be: never earlier than a row with a smaller id.
    #[doc(hidden)]
    fn time_of(row: &Self::Row) -> Timestamp;
}

/// A list that can be asked for what happened between two times.
pub trait Windowed: Listed {
    #[doc(hidden)]
    #[must_use]
    fn between(self, start: Timestamp, end: Timestamp) -> Self;
}

/// Candles of either kind.
pub trait Candles: Listed<Row = Kline> {
    #[doc(hidden)]
    #[must_use]
    fn within(self, start: Option<Timestamp>, end: Option<Timestamp>) -> Self;
}

mod private {
    pub trait Sealed {}
}

macro_rules! listed {
    ($($request:ty: $row:ty, $name:literal, $id:expr, |$this:ident, $from:ident| $set:expr;)+) => {$(
        impl private::Sealed for $request {}

        impl Listed for $request {
            type Row = $row;
            const NAME: &'static str = $name;

            fn page(mut self, limit: u32) -> Self {
                self.limit = Some(limit);
                self
            }

            fn id_of(row: &$row) -> u64 {
                let id: fn(&$row) -> u64 = $id;
                id(row)
            }

            fn from(self, $from: u64) -> Self {
                let mut $this = self;
                $set;
                $this
            }
        }
    )+};
}

listed! {
    AggTrades: AggTrade, "aggTrades", |row| row.agg_trade_id.get(),
        |this, id| this.from_id = Some(id.into());
    HistoricalTrades: Trade, "historicalTrades", |row| row.trade_id.get(),
        |this, id| this.from_id = Some(id.into());
    HistoricalBlockTrades: BlockTrade, "historicalBlockTrades", |row| row.trade_id.get(),
        |this, id| this.from_id = id.into();
    MyTrades: MyTrade, "myTrades", |row| row.trade_id.get(), |this, id| this.from_id = Some(id.into());
    AllOrders: Order, "allOrders", |row| row.order_id.get(), |this, id| this.order_id = Some(id.into());
    AllOrderLists: OrderList, "allOrderList", |row| row.order_list_id.get(),
        |this, id| this.from_id = Some(id.into());
    MyAllocations: Allocation, "myAllocations", |row| row.allocation_id.get(),
        |this, id| this.from_allocation_id = Some(id.into());
    MyPreventedMatches: PreventedMatch, "myPreventedMatches", |row| row.prevented_match_id.get(),
        |this, id| this.from_prevented_match_id = Some(id.into());
    OrderAmendments: OrderAmendment, "order/amendments", |row| row.execution_id.get(),
        |this, id| this.from_execution_id = Some(id.into());
    Klines: Kline, "klines", open_millisecond, |this, id| this.start_time = time_of_id(id);
    UiKlines: Kline, "uiKlines", open_millisecond, |this, id| this.start_time = time_of_id(id);
}

fn open_millisecond(row: &Kline) -> u64 {
    u64::try_from(row.open_time.as_millis()).unwrap_or(0)
}

fn time_of_id(id: u64) -> Option<Timestamp> {
    i64::try_from(id).ok().map(Timestamp::from_millis)
}

macro_rules! newest {
    ($($request:ty: $time:ident;)+) => {$(
        impl Newest for $request {
            fn time_of(row: &Self::Row) -> Timestamp {
                row.$time
            }
        }
    )+};
}

newest! {
    AggTrades: trade_time;
    HistoricalTrades: time;
    MyTrades: time;
    AllOrders: time;
}

macro_rules! windowed {
    ($($request:ty,)+) => {$(
        impl Windowed for $request {
            fn between(mut self, start: Timestamp, end: Timestamp) -> Self {
                (self.start_time, self.end_time) = (Some(start), Some(end));
                self
            }
        }
    )+};
}

windowed! {
    MyTrades,
    MyAllocations,
    AllOrders,
    AllOrderLists,
}

macro_rules! candles {
    ($($request:ident,)+) => {$(
        impl Candles for $request {
            fn within(mut self, start: Option<Timestamp>, end: Option<Timestamp>) -> Self {
                (self.start_time, self.end_time) = (start, end);
                self
            }
        }

        impl $request {
            /// A walk through all candles, or those between the request's times, both included. Its limit is the size of a
            /// page, 1000 if it has none.
            ///
            /// The last candle may still change, if its end is in the future.
            pub fn history(mut self) -> CandleHistory<Self> {
                let times = (self.start_time.take(), self.end_time.take());
                let limit = self.limit.take();
                CandleHistory::new(self, times, limit)
            }
        }
    )+};
}

candles! {
    Klines,
    UiKlines,
}

macro_rules! timed_histories {
    ($($(#[$doc:meta])* $request:ident: $from:ident;)+) => {$(
        impl $request {
            $(#[$doc])*
            ///
            /// What the request says of the first id, of times and of the limit says it for the walk: where it begins, between
            /// which times it stays, both included, and how large a page is (1000 if that is not said).
            pub fn history(mut self) -> IdHistory<Self> {
                let (since, until) = (self.start_time.take(), self.end_time.take());
                let (first, limit) = (self.$from.take(), self.limit.take());
                let mut history = IdHistory::new(self, first.map(|id| id.get()), limit);
                if let Some(since) = since {
                    history = history.since(since);
                }
                if let Some(until) = until {
                    history = history.until(until);
                }
                history
            }
        }
    )+};
}

timed_histories! {
    /// A walk through all aggregate trades, by their ids.
    ///
    /// ```
    /// use binance_kit_core::{Paged, Timestamp};
    /// use binance_kit_model::spot::AggTrades;
    ///
    /// let history = AggTrades::new("BTCUSDT").history().since(Timestamp::from_millis(1_700_000_000_000));
    /// // A transport sends this, and gives the answer to `accept`.
    /// assert!(history.next_request().is_some());
    /// ```
    AggTrades: from_id;
    /// A walk through the account's trades of a symbol, or of one order, by their ids. That of one order is best walked forwards:
    /// backwards it begins with what the exchange answers without a first id, and the documents do not say that these are
    /// the newest.
    MyTrades: from_id;
    /// A walk through all orders of a symbol, by their ids. Times are those at which the orders were placed; for those at which
    /// they last changed there is [`AllOrders::updated_between`].
    AllOrders: order_id;
}

macro_rules! histories {
    ($($(#[$doc:meta])* $request:ident: $from:ident;)+) => {$(
        impl $request {
            $(#[$doc])*
            ///
            /// The first id and the limit of the request say where the walk begins and how large a page is (1000 if that is
            /// not said).
            pub fn history(mut self) -> IdHistory<Self> {
                let (first, limit) = (self.$from.take(), self.limit.take());
                IdHistory::new(self, first.map(|id| id.get()), limit)
            }
        }
    )+};
}

histories! {
    /// A walk through all trades of the public record, by their ids.
    HistoricalTrades: from_id;
    /// A walk through all order lists, by their ids. For times there is [`AllOrderLists::updated_between`].
    AllOrderLists: from_id;
    /// A walk through all allocations of a symbol, or of one order, by their ids. For times there is
    /// [`MyAllocations::between`].
    MyAllocations: from_allocation_id;
    /// A walk through the amendments of an order.
    OrderAmendments: from_execution_id;
}

impl HistoricalBlockTrades {
    /// A walk through all block trades from the request's id on. Its limit is the size of a page, 1000 if it has none.
    pub fn history(mut self) -> IdHistory<Self> {
        let first = std::mem::take(&mut self.from_id);
        let limit = self.limit.take();
        IdHistory::new(self, Some(first.get()), limit)
    }
}

impl MyPreventedMatches {
    /// A walk through the prevented matches of an order.
    pub fn history_of(symbol: impl Into<Symbol>, order: OrderId) -> IdHistory<Self> {
        IdHistory::new(Self::new(symbol, PreventedMatchKey::Order(order)), None, None)
    }
}

macro_rules! window_histories {
    ($($(#[$doc:meta])* $request:ident::$method:ident, $from:ident;)+) => {$(
        impl $request {
            $(#[$doc])*
            ///
            /// Both times are included, in whole milliseconds. Whatever the request says of ids and times is left aside; its
            /// limit is the size of a page, 1000 if it has none.
            pub fn $method(mut self, start: Timestamp, end: Timestamp) -> WindowHistory<Self> {
                (self.$from, self.start_time, self.end_time) = (None, None, None);
                let limit = self.limit.take();
                WindowHistory::new(self, start, end, limit)
            }
        }
    )+};
}

window_histories! {
    /// A walk through the account's trades of a symbol between two times, by windows of time. Prefer [`MyTrades::history`],
    /// which however many trades share a millisecond can go on.
    MyTrades::between, from_id;
    /// A walk through the allocations of a symbol between two times.
    MyAllocations::between, from_allocation_id;
    /// A walk through the orders of a symbol that last changed between two times. An order that changes meanwhile may come
    /// twice, and is missed when it moves behind a walk that goes backwards.
    AllOrders::updated_between, order_id;
    /// A walk through the order lists that last changed between two times. A list that changes meanwhile may come twice, and
    /// is missed when it moves behind a walk that goes backwards.
    AllOrderLists::updated_between, from_id;
}
