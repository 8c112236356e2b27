//! Market data: events of streams and answers to queries.

use crate::engine::{AggregateTrade, Candle, Fixed, Instrument, Interval, PriceRange, Side, Trade};
use crate::json::{array, object};
use crate::server::diff::Changes;
use binance_kit_core::{JsonWriter, Timestamp};

pub(crate) fn trade_event(json: &mut JsonWriter, symbol: &str, trade: &Trade, now: Timestamp) {
    object(json, |json| {
        json.field("e", "trade");
        json.field("E", &now);
        json.field("s", symbol);
        json.field("t", &trade.id);
        json.field("p", &trade.price);
        json.field("q", &trade.quantity);
        json.field("T", &trade.time);
        json.field("m", &trade.buyer_is_maker);
        json.field("M", &true);
    });
}

pub(crate) fn block_trade_event(json: &mut JsonWriter, symbol: &str, trade: &Trade, now: Timestamp) {
    object(json, |json| {
        json.field("e", "blockTrade");
        json.field("E", &now);
        json.field("s", symbol);
        json.field("t", &trade.id);
        json.field("p", &trade.price);
        json.field("q", &trade.quantity);
        json.field("T", &trade.time);
        json.field("m", &trade.buyer_is_maker);
    });
}

pub(crate) fn block_trade_row(json: &mut JsonWriter, trade: &Trade) {
    object(json, |json| {
        json.field("id", &trade.id);
        json.field("price", &trade.price);
        json.field("qty", &trade.quantity);
        json.field("quoteQty", &trade.quote);
        json.field("time", &trade.time);
        json.field("isBuyerMaker", &trade.buyer_is_maker);
    });
}

/// A price, or null where there is none.
pub(crate) fn nullable(json: &mut JsonWriter, name: &str, price: Option<Fixed>) {
    match price {
        Some(price) => json.field(name, &price),
        None => json.field(name, &None::<u64>),
    }
}

/// The execution rules of a symbol.
pub(crate) fn execution_rules(json: &mut JsonWriter, symbol: &str, range: &PriceRange) {
    object(json, |json| {
        json.field("symbol", symbol);
        json.key("rules");
        array(json, [range], |json, range| {
            object(json, |json| {
                json.field("ruleType", "PRICE_RANGE");
                json.optional("bidLimitMultUp", range.bid_up.as_ref());
                json.optional("bidLimitMultDown", range.bid_down.as_ref());
                json.optional("askLimitMultUp", range.ask_up.as_ref());
                json.optional("askLimitMultDown", range.ask_down.as_ref());
            });
        });
    });
}

pub(crate) fn reference_price_event(
    json: &mut JsonWriter,
    symbol: &str,
    price: Option<Fixed>,
    since: Timestamp,
) {
    object(json, |json| {
        json.field("e", "referencePrice");
        json.field("s", symbol);
        nullable(json, "r", price);
        json.field("t", &since);
    });
}

fn aggregate_fields(json: &mut JsonWriter, aggregate: &AggregateTrade) {
    json.field("a", &aggregate.id);
    json.field("p", &aggregate.price);
    json.field("q", &aggregate.quantity);
    json.field("f", &aggregate.first_trade);
    json.field("l", &aggregate.last_trade);
    json.field("T", &aggregate.time);
    json.field("m", &aggregate.buyer_is_maker);
    json.field("M", &true);
}

pub(crate) fn aggregate_event(
    json: &mut JsonWriter,
    symbol: &str,
    aggregate: &AggregateTrade,
    now: Timestamp,
) {
    object(json, |json| {
        json.field("e", "aggTrade");
        json.field("E", &now);
        json.field("s", symbol);
        aggregate_fields(json, aggregate);
    });
}

pub(crate) fn book_ticker_event(
    json: &mut JsonWriter,
    symbol: &str,
    update_id: u64,
    bid: Option<(Fixed, Fixed)>,
    ask: Option<(Fixed, Fixed)>,
) {
    let (bid, ask) = (bid.unwrap_or_default(), ask.unwrap_or_default());
    object(json, |json| {
        json.field("u", &update_id);
        json.field("s", symbol);
        json.field("b", &bid.0);
        json.field("B", &bid.1);
        json.field("a", &ask.0);
        json.field("A", &ask.1);
    });
}

/// Levels as pairs of strings.
pub(crate) fn levels(json: &mut JsonWriter, levels: impl IntoIterator<Item = (Fixed, Fixed)>) {
    array(json, levels, |json, (price, quantity)| {
        json.begin_array();
        json.display_string(&price);
        json.element();
        json.display_string(&quantity);
        json.end_array();
    });
}

/// The answer of `depth` and the event of partial depth streams.
pub(crate) fn depth(json: &mut JsonWriter, instrument: &Instrument, limit: usize) {
    object(json, |json| {
        json.field("lastUpdateId", &instrument.last_update_id);
        json.key("bids");
        levels(json, instrument.levels(Side::Buy).take(limit));
        json.key("asks");
        levels(json, instrument.levels(Side::Sell).take(limit));
    });
}

pub(crate) fn depth_event(json: &mut JsonWriter, symbol: &str, changes: &Changes, now: Timestamp) {
    object(json, |json| {
        json.field("e", "depthUpdate");
        json.field("E", &now);
        json.field("s", symbol);
        json.field("U", &changes.first);
        json.field("u", &changes.last);
        json.key("b");
        levels(json, changes.bids());
        json.key("a");
        levels(json, changes.asks());
    });
}

/// Start and last instant of a candle.
fn span(candle: &Candle, interval: Interval, offset: i64) -> (Timestamp, Timestamp) {
    let end = interval.next(candle.start, offset);
    (Timestamp::from_millis(candle.start), Timestamp::from_micros(end.saturating_mul(1000) - 1))
}

pub(crate) fn kline_event(
    json: &mut JsonWriter,
    symbol: &str,
    candle: &Candle,
    interval: Interval,
    offset: i64,
    closed: bool,
    now: Timestamp,
) {
    let (start, end) = span(candle, interval, offset);
    object(json, |json| {
        json.field("e", "kline");
        json.field("E", &now);
        json.field("s", symbol);
        json.key("k");
        object(json, |json| {
            json.field("t", &start);
            json.field("T", &end);
            json.field("s", symbol);
            json.field("i", interval.as_str());
            if candle.trades == 0 {
                json.field("f", &-1_i64);
                json.field("L", &-1_i64);
            } else {
                json.field("f", &candle.first_trade);
                json.field("L", &candle.last_trade);
            }
            json.field("o", &candle.open);
            json.field("c", &candle.close);
            json.field("h", &candle.high);
            json.field("l", &candle.low);
            json.field("v", &candle.volume);
            json.field("n", &candle.trades);
            json.field("x", &closed);
            json.field("q", &candle.quote);
            json.field("V", &candle.taker_volume);
            json.field("Q", &candle.taker_quote);
            json.field("B", "0");
        });
    });
}

/// A candle as the array of twelve that `klines` answers.
pub(crate) fn kline_row(json: &mut JsonWriter, candle: &Candle, interval: Interval, offset: i64) {
    let (start, end) = span(candle, interval, offset);
    json.begin_array();
    json.timestamp(start);
    for price in [candle.open, candle.high, candle.low, candle.close, candle.volume] {
        json.element();
        json.display_string(&price);
    }
    json.element();
    json.timestamp(end);
    json.element();
    json.display_string(&candle.quote);
    json.element();
    json.display(&candle.trades);
    for amount in [candle.taker_volume, candle.taker_quote] {
        json.element();
        json.display_string(&amount);
    }
    json.element();
    json.string("0");
    json.end_array();
}

pub(crate) fn trade_row(json: &mut JsonWriter, trade: &Trade) {
    object(json, |json| {
        json.field("id", &trade.id);
        json.field("price", &trade.price);
        json.field("qty", &trade.quantity);
        json.field("quoteQty", &trade.quote);
        json.field("time", &trade.time);
        json.field("isBuyerMaker", &trade.buyer_is_maker);
        json.field("isBestMatch", &true);
    });
}

pub(crate) fn aggregate_row(json: &mut JsonWriter, aggregate: &AggregateTrade) {
    object(json, |json| aggregate_fields(json, aggregate));
}

/// Statistics of a rolling window.
#[derive(Debug, Clone)]
pub(crate) struct Statistics {
    /// Prices and volumes.
    pub(crate) candle: Candle,
    /// The last price before the window.
    pub(crate) before: Fixed,
    /// Start of the time.
    pub(crate) open_time: Timestamp,
    /// End of the time.
    pub(crate) close_time: Timestamp,
}

impl Statistics {
    /// The statistics of the minutes from `from` (milliseconds) to now.
    pub(crate) fn since(instrument: &Instrument, from: i64, now: Timestamp) -> Self {
        let (candle, before) = instrument.traded_since(from);
        let last = instrument.last_price();
        Self {
            candle: candle.unwrap_or_else(|| Candle::flat(from, last)),
            before: before.unwrap_or(instrument.rules.initial_price),
            open_time: Timestamp::from_millis(from),
            close_time: now,
        }
    }

    /// The statistics of the last 24 hours, which begin with a whole minute here.
    pub(crate) fn of_day(instrument: &Instrument, now: Timestamp) -> Self {
        const DAY: i64 = 86_400_000;
        let from = Interval::M1.start_of(now.as_millis() - DAY, 0);
        Self {
            open_time: now.minus(std::time::Duration::from_secs(86_400)),
            ..Self::since(instrument, from, now)
        }
    }

    fn change(&self) -> Fixed {
        self.candle.close - self.candle.open
    }

    /// In percent with three places.
    fn change_percent(&self) -> String {
        let open = self.candle.open.units();
        if open == 0 {
            return "0.000".to_owned();
        }
        let thousandths = self.change().units() * 100_000 / open;
        let sign = if thousandths < 0 { "-" } else { "" };
        let magnitude = thousandths.unsigned_abs();
        format!("{sign}{}.{:03}", magnitude / 1000, magnitude % 1000)
    }

    fn average(&self) -> Fixed {
        if self.candle.volume.is_positive() {
            self.candle.quote.over(self.candle.volume)
        } else {
            Fixed::ZERO
        }
    }

    fn trade_ids(&self) -> (i64, i64) {
        if self.candle.trades == 0 {
            return (-1, -1);
        }
        let id = |id| i64::try_from(id).unwrap_or(i64::MAX);
        (id(self.candle.first_trade), id(self.candle.last_trade))
    }
}

pub(crate) fn mini_ticker_event(
    json: &mut JsonWriter,
    symbol: &str,
    statistics: &Statistics,
    now: Timestamp,
) {
    let candle = &statistics.candle;
    object(json, |json| {
        json.field("e", "24hrMiniTicker");
        json.field("E", &now);
        json.field("s", symbol);
        json.field("c", &candle.close);
        json.field("o", &candle.open);
        json.field("h", &candle.high);
        json.field("l", &candle.low);
        json.field("v", &candle.volume);
        json.field("q", &candle.quote);
    });
}

pub(crate) fn ticker_event(
    json: &mut JsonWriter,
    instrument: &Instrument,
    statistics: &Statistics,
    now: Timestamp,
) {
    let candle = &statistics.candle;
    let bid = instrument.best(Side::Buy).unwrap_or_default();
    let ask = instrument.best(Side::Sell).unwrap_or_default();
    let (first, last) = statistics.trade_ids();
    object(json, |json| {
        json.field("e", "24hrTicker");
        json.field("E", &now);
        json.field("s", &instrument.rules.symbol);
        json.field("p", &statistics.change());
        json.field("P", &statistics.change_percent());
        json.field("w", &statistics.average());
        json.field("x", &statistics.before);
        json.field("c", &candle.close);
        json.field("Q", &instrument.last_trade.map_or(Fixed::ZERO, |trade| trade.quantity));
        json.field("b", &bid.0);
        json.field("B", &bid.1);
        json.field("a", &ask.0);
        json.field("A", &ask.1);
        json.field("o", &candle.open);
        json.field("h", &candle.high);
        json.field("l", &candle.low);
        json.field("v", &candle.volume);
        json.field("q", &candle.quote);
        json.field("O", &statistics.open_time);
        json.field("C", &statistics.close_time);
        json.field("F", &first);
        json.field("L", &last);
        json.field("n", &candle.trades);
    });
}

pub(crate) fn window_ticker_event(
    json: &mut JsonWriter,
    symbol: &str,
    window: &str,
    statistics: &Statistics,
    now: Timestamp,
) {
    let candle = &statistics.candle;
    let (first, last) = statistics.trade_ids();
    object(json, |json| {
        json.key("e");
        json.display_string(&format_args!("{window}Ticker"));
        json.field("E", &now);
        json.field("s", symbol);
        json.field("p", &statistics.change());
        json.field("P", &statistics.change_percent());
        json.field("o", &candle.open);
        json.field("h", &candle.high);
        json.field("l", &candle.low);
        json.field("c", &candle.close);
        json.field("w", &statistics.average());
        json.field("v", &candle.volume);
        json.field("q", &candle.quote);
        json.field("O", &statistics.open_time);
        json.field("C", &statistics.close_time);
        json.field("F", &first);
        json.field("L", &last);
        json.field("n", &candle.trades);
    });
}

/// Which fields a ticker answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TickerForm {
    Day,
    DayMini,
    Window,
    WindowMini,
}

pub(crate) fn ticker_row(
    json: &mut JsonWriter,
    instrument: &Instrument,
    statistics: &Statistics,
    form: TickerForm,
) {
    let candle = &statistics.candle;
    let full = matches!(form, TickerForm::Day | TickerForm::Window);
    let (first, last) = statistics.trade_ids();
    object(json, |json| {
        json.field("symbol", &instrument.rules.symbol);
        if full {
            json.field("priceChange", &statistics.change());
            json.field("priceChangePercent", &statistics.change_percent());
            json.field("weightedAvgPrice", &statistics.average());
        }
        if form == TickerForm::Day {
            let bid = instrument.best(Side::Buy).unwrap_or_default();
            let ask = instrument.best(Side::Sell).unwrap_or_default();
            json.field("prevClosePrice", &statistics.before);
            json.field("lastPrice", &candle.close);
            json.field("lastQty", &instrument.last_trade.map_or(Fixed::ZERO, |trade| trade.quantity));
            json.field("bidPrice", &bid.0);
            json.field("bidQty", &bid.1);
            json.field("askPrice", &ask.0);
            json.field("askQty", &ask.1);
        }
        json.field("openPrice", &candle.open);
        json.field("highPrice", &candle.high);
        json.field("lowPrice", &candle.low);
        if form != TickerForm::Day {
            json.field("lastPrice", &candle.close);
        }
        json.field("volume", &candle.volume);
        json.field("quoteVolume", &candle.quote);
        json.field("openTime", &statistics.open_time);
        json.field("closeTime", &statistics.close_time);
        json.field("firstId", &first);
        json.field("lastId", &last);
        json.field("count", &candle.trades);
    });
}

pub(crate) fn average_price_event(json: &mut JsonWriter, instrument: &Instrument, now: Timestamp) {
    object(json, |json| {
        json.field("e", "avgPrice");
        json.field("E", &now);
        json.field("s", &instrument.rules.symbol);
        json.field("i", "5m");
        json.field("w", &instrument.average_price(now));
        json.field("T", &instrument.last_trade.map_or(now, |trade| trade.time));
    });
}

pub(crate) fn server_shutdown_event(json: &mut JsonWriter, now: Timestamp) {
    object(json, |json| {
        json.field("e", "serverShutdown");
        json.field("E", &now);
    });
}
