//! What programs write for themselves: serde_json and sonic-rs into types of their own. Each once with exact decimals, which is what
//! binance-kit gives, and once with texts that are borrowed from the message, the least that can be read.

use super::expected::{Amount, book};
use super::{Candidate, Messages, candidate};
use crate::payloads::Kind;
use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
struct Combined<T> {
    data: T,
}

#[derive(Deserialize)]
struct OfAccount<T> {
    event: T,
}

/// What is checked of a message.
trait Summary {
    fn summary(&self) -> String;
}

impl<T: Summary> Summary for Combined<T> {
    fn summary(&self) -> String {
        self.data.summary()
    }
}

impl<T: Summary> Summary for OfAccount<T> {
    fn summary(&self) -> String {
        self.event.summary()
    }
}

macro_rules! fields {
    ($name:ident { $($wire:literal $field:ident: $type:ty,)* }) => {
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "all fields are read, few are looked at")]
        struct $name<S, D> {
            $(#[serde(rename = $wire)] $field: $type,)*
            #[serde(skip)]
            types: std::marker::PhantomData<(S, D)>,
        }
    };
}

fields!(Trade {
    "E" event_time: u64, "s" symbol: S, "t" id: u64, "p" price: D, "q" quantity: D, "T" trade_time: u64,
    "m" is_buyer_maker: bool,
});
fields!(AggTrade {
    "E" event_time: u64, "s" symbol: S, "a" id: u64, "p" price: D, "q" quantity: D, "f" first: u64, "l" last: u64,
    "T" trade_time: u64, "m" is_buyer_maker: bool,
});
fields!(BookTicker {
    "u" id: u64, "s" symbol: S, "b" bid: D, "B" bid_quantity: D, "a" ask: D, "A" ask_quantity: D,
});
fields!(Kline { "E" event_time: u64, "s" symbol: S, "k" kline: Candle<S, D>, });
fields!(Candle {
    "t" open_time: u64, "T" close_time: u64, "i" interval: S, "f" first: i64, "L" last: i64, "o" open: D, "c" close: D,
    "h" high: D, "l" low: D, "v" volume: D, "n" count: u64, "x" is_closed: bool, "q" quote_volume: D, "V" taker_volume: D,
    "Q" taker_quote_volume: D,
});
fields!(Ticker {
    "E" event_time: u64, "s" symbol: S, "p" change: D, "P" change_percent: D, "w" average: D, "x" previous_close: D,
    "c" close: D, "Q" last_quantity: D, "b" bid: D, "B" bid_quantity: D, "a" ask: D, "A" ask_quantity: D, "o" open: D,
    "h" high: D, "l" low: D, "v" volume: D, "q" quote_volume: D, "O" open_time: u64, "C" close_time: u64, "F" first: i64,
    "L" last: i64, "n" count: u64,
});
fields!(MiniTicker {
    "E" event_time: u64, "s" symbol: S, "c" close: D, "o" open: D, "h" high: D, "l" low: D, "v" volume: D,
    "q" quote_volume: D,
});
fields!(Depth {
    "E" event_time: u64, "s" symbol: S, "U" first: u64, "u" last: u64, "b" bids: Vec<[D; 2]>, "a" asks: Vec<[D; 2]>,
});
fields!(Report {
    "E" event_time: u64, "s" symbol: S, "c" client_order_id: S, "S" side: S, "o" order_type: S, "f" time_in_force: S,
    "q" quantity: D, "p" price: D, "P" stop_price: D, "F" iceberg: D, "g" list: i64, "C" original: S, "x" execution: S,
    "X" status: S, "r" reason: S, "i" order_id: u64, "l" last_quantity: D, "z" filled: D, "L" last_price: D,
    "n" commission: D, "N" commission_asset: Option<S>, "T" time: u64, "t" trade_id: i64, "I" execution_id: u64,
    "w" is_on_book: bool, "m" is_maker: bool, "O" created: u64, "Z" quote_filled: D, "Y" last_quote: D, "Q" quote_quantity: D,
    "W" working_time: u64, "V" prevention: S,
});
fields!(OrderAnswer { "id" id: S, "status" status: u16, "result" result: Order<S, D>, "rateLimits" limits: Vec<Limit<S, D>>, });
fields!(Limit {
    "rateLimitType" kind: S, "interval" interval: S, "intervalNum" number: u32, "limit" limit: u32, "count" count: u32,
});
fields!(Order {
    "symbol" symbol: S, "orderId" order_id: u64, "orderListId" list: i64, "clientOrderId" client_order_id: S,
    "transactTime" time: u64, "price" price: D, "origQty" quantity: D, "executedQty" executed: D,
    "origQuoteOrderQty" quote_quantity: D, "cummulativeQuoteQty" quote_executed: D, "status" status: S,
    "timeInForce" time_in_force: S, "type" order_type: S, "side" side: S, "workingTime" working_time: u64,
    "selfTradePreventionMode" prevention: S,
});

impl<S: AsRef<str>, D: Amount> Summary for Trade<S, D> {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol.as_ref(), self.id, self.price.plain(), self.quantity.plain())
    }
}

impl<S: AsRef<str>, D: Amount> Summary for AggTrade<S, D> {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol.as_ref(), self.id, self.price.plain(), self.quantity.plain())
    }
}

impl<S: AsRef<str>, D: Amount> Summary for BookTicker<S, D> {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol.as_ref(), self.id, self.bid.plain(), self.ask_quantity.plain())
    }
}

impl<S: AsRef<str>, D: Amount> Summary for Kline<S, D> {
    fn summary(&self) -> String {
        let Candle { open_time, open, taker_quote_volume, count, .. } = &self.kline;
        format!(
            "{} {open_time} {} {} {count}",
            self.symbol.as_ref(),
            open.plain(),
            taker_quote_volume.plain()
        )
    }
}

impl<S: AsRef<str>, D: Amount> Summary for Ticker<S, D> {
    fn summary(&self) -> String {
        format!(
            "{} {} {} {} {}",
            self.symbol.as_ref(),
            self.event_time,
            self.change.plain(),
            self.quote_volume.plain(),
            self.count
        )
    }
}

impl<S: AsRef<str>, D: Amount> Summary for Vec<MiniTicker<S, D>> {
    fn summary(&self) -> String {
        let last = self.last().map(|last| {
            format!("{} {} {}", last.symbol.as_ref(), last.close.plain(), last.quote_volume.plain())
        });
        format!("{} {}", self.len(), last.unwrap_or_default())
    }
}

impl<S: AsRef<str>, D: Amount> Summary for Depth<S, D> {
    fn summary(&self) -> String {
        let level = |[price, quantity]: &[D; 2]| [price.plain(), quantity.plain()];
        book(&self.first, &self.last, [&self.bids, &self.asks], level)
    }
}

impl<S: AsRef<str>, D: Amount> Summary for Report<S, D> {
    fn summary(&self) -> String {
        format!(
            "{} {} {} {} {} {}",
            self.symbol.as_ref(),
            self.client_order_id.as_ref(),
            self.order_id,
            self.trade_id,
            self.last_price.plain(),
            self.last_quote.plain()
        )
    }
}

impl<S: AsRef<str>, D: Amount> Summary for OrderAnswer<S, D> {
    fn summary(&self) -> String {
        let order = &self.result;
        format!(
            "{} {} {} {} {}",
            order.order_id,
            order.client_order_id.as_ref(),
            order.price.plain(),
            order.quantity.plain(),
            self.limits.last().map_or(0, |limit| limit.count)
        )
    }
}

/// Candidates for a type: with exact decimals and with borrowed texts.
macro_rules! both {
    ($kind:expr, $all:expr, $wrapper:ident, $type:ident) => {
        both!(@ $kind, $all, $wrapper<$type<String, Decimal>>, $wrapper<$type<&str, &str>>)
    };
    ($kind:expr, $all:expr, list $wrapper:ident, $type:ident) => {
        both!(@ $kind, $all, $wrapper<Vec<$type<String, Decimal>>>, $wrapper<Vec<$type<&str, &str>>>)
    };
    ($kind:expr, $all:expr, $type:ident) => {
        both!(@ $kind, $all, $type<String, Decimal>, $type<&str, &str>)
    };
    (@ $kind:expr, $all:expr, $exact:ty, $borrowed:ty) => {{
        let messages = || Messages::new($kind.frames());
        candidate!($all, "serde_json, exact decimals", messages(), |frame| serde_json::from_slice::<$exact>(frame)?, |value| value.summary());
        candidate!($all, "serde_json, borrowed texts", messages(), |frame| serde_json::from_slice::<$borrowed>(frame)?, |value| value.summary());
        candidate!($all, "sonic-rs, exact decimals", messages(), |frame| sonic_rs::from_slice::<$exact>(frame)?, |value| value.summary());
        candidate!($all, "sonic-rs, borrowed texts", messages(), |frame| sonic_rs::from_slice::<$borrowed>(frame)?, |value| value.summary());
    }};
}

pub(super) fn add(kind: Kind, all: &mut Vec<Candidate>) {
    match kind {
        Kind::Trade => both!(kind, all, Combined, Trade),
        Kind::AggTrade => both!(kind, all, Combined, AggTrade),
        Kind::BookTicker => both!(kind, all, Combined, BookTicker),
        Kind::Kline => both!(kind, all, Combined, Kline),
        Kind::Ticker => both!(kind, all, Combined, Ticker),
        Kind::MiniTickers => both!(kind, all, list Combined, MiniTicker),
        Kind::Depth20 | Kind::Depth1000 => both!(kind, all, Combined, Depth),
        Kind::ExecutionReport => both!(kind, all, OfAccount, Report),
        Kind::OrderAnswer => both!(kind, all, OrderAnswer),
    }
}
