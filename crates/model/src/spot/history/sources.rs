//! Requests with a pager: how each requests a page, and the ids of its rows.

use super::{CandleHistory, IdHistory, WindowHistory};
use crate::generated::spot::all::{
    AggTrade, AggTrades, AllOrderLists, AllOrders, Allocation, BlockTrade, HistoricalBlockTrades,
    HistoricalTrades, Kline, Klines, MyAllocations, MyPreventedMatches, MyTrade, MyTrades, Order,
    OrderAmendment, OrderAmendments, OrderList, PreventedMatch, PreventedMatchKey, Trade, UiKlines,
};
use binance_kit_core::id::OrderId;
use binance_kit_core::{List, Request, Symbol, Timestamp};

/// A request whose answer is a page of a list. Sealed.
pub trait Listed: Request<Response = List<Self::Row>> + Clone + private::Sealed {
    /// Element of the list.
    type Row;
    #[doc(hidden)]
    const NAME: &'static str;
    #[doc(hidden)]
    #[must_use]
    fn page(self, limit: u32) -> Self;
    /// Id of a row, or the open time of a candle.
    #[doc(hidden)]
    fn id_of(row: &Self::Row) -> u64;
    #[doc(hidden)]
    #[must_use]
    fn from(self, id: u64) -> Self;
}

/// A list with ascending ids and times whose answer without an id is its newest rows: its pager can run backwards, and from
/// and to a time.
pub trait Newest: Listed {
    /// Time of a row: never earlier than that of a row with a smaller id.
    #[doc(hidden)]
    fn time_of(row: &Self::Row) -> Timestamp;
}

/// A list that can be requested between two times.
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
            /// Creates a pager of all candles, or of those between the times of the request, both included. The limit of the
            /// request is the size of a page (default 1000).
            ///
            /// The last candle can still change if its close time is in the future.
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
            /// The first id, the times and the limit of the request apply to the pager: its start, its range (both times
            /// included) and the size of a page (default 1000).
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
    /// Creates a pager of all aggregate trades, by id.
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
    /// Creates a pager of the account's trades of a symbol, or of one order, by id. Use the forward direction for one order:
    /// backwards it begins with the answer to a request without a first id, and the documents do not promise that these are
    /// the newest.
    MyTrades: from_id;
    /// Creates a pager of all orders of a symbol, by id. Times are those of placement; for the time of the last change see
    /// [`AllOrders::updated_between`].
    AllOrders: order_id;
}

macro_rules! histories {
    ($($(#[$doc:meta])* $request:ident: $from:ident;)+) => {$(
        impl $request {
            $(#[$doc])*
            ///
            /// The first id and the limit of the request are the start of the pager and the size of a page (default 1000).
            pub fn history(mut self) -> IdHistory<Self> {
                let (first, limit) = (self.$from.take(), self.limit.take());
                IdHistory::new(self, first.map(|id| id.get()), limit)
            }
        }
    )+};
}

histories! {
    /// Creates a pager of all public trades, by id.
    HistoricalTrades: from_id;
    /// Creates a pager of all order lists, by id. For times see [`AllOrderLists::updated_between`].
    AllOrderLists: from_id;
    /// Creates a pager of all allocations of a symbol, or of one order, by id. For times see
    /// [`MyAllocations::between`].
    MyAllocations: from_allocation_id;
    /// Creates a pager of the amendments of an order.
    OrderAmendments: from_execution_id;
}

impl HistoricalBlockTrades {
    /// Creates a pager of all block trades from the id of the request on. Its limit is the size of a page (default 1000).
    pub fn history(mut self) -> IdHistory<Self> {
        let first = std::mem::take(&mut self.from_id);
        let limit = self.limit.take();
        IdHistory::new(self, Some(first.get()), limit)
    }
}

impl MyPreventedMatches {
    /// Creates a pager of the prevented matches of an order.
    pub fn history_of(symbol: impl Into<Symbol>, order: OrderId) -> IdHistory<Self> {
        IdHistory::new(Self::new(symbol, PreventedMatchKey::Order(order)), None, None)
    }
}

macro_rules! window_histories {
    ($($(#[$doc:meta])* $request:ident::$method:ident, $from:ident;)+) => {$(
        impl $request {
            $(#[$doc])*
            ///
            /// Both times are included, in whole milliseconds. Ids and times of the request are ignored; its limit is the size
            /// of a page (default 1000).
            pub fn $method(mut self, start: Timestamp, end: Timestamp) -> WindowHistory<Self> {
                (self.$from, self.start_time, self.end_time) = (None, None, None);
                let limit = self.limit.take();
                WindowHistory::new(self, start, end, limit)
            }
        }
    )+};
}

window_histories! {
    /// Creates a pager of the account's trades of a symbol between two times, by windows of time. Prefer
    /// [`MyTrades::history`], which has no limit on the trades of one millisecond.
    MyTrades::between, from_id;
    /// Creates a pager of the allocations of a symbol between two times.
    MyAllocations::between, from_allocation_id;
    /// Creates a pager of the orders of a symbol that last changed between two times. An order that changes meanwhile may be
    /// returned twice, and is missed if it moves behind a backward pager.
    AllOrders::updated_between, order_id;
    /// Creates a pager of the order lists that last changed between two times. A list that changes meanwhile may be returned
    /// twice, and is missed if it moves behind a backward pager.
    AllOrderLists::updated_between, from_id;
}
