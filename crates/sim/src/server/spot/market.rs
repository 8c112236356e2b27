//! Queries of market data.

use super::instruments;
use crate::engine::{Fixed, Instrument, Interval, ReferenceSource, Reject, Side};
use crate::json::spot::info::{SymbolInfo, exchange_info as write_exchange_info};
use crate::json::spot::public::{self, Statistics, TickerForm};
use crate::json::{array, object};
use crate::server::failure::Failure;
use crate::server::operation::{Call, Transport};
use crate::server::params::Params;
use binance_kit_core::{JsonWriter, Timestamp};

pub(super) const KLINES: &[&str] = &["symbol", "interval", "startTime", "endTime", "timeZone", "limit"];
pub(super) const TICKER: &[&str] = &["symbol", "symbols", "type", "symbolStatus"];
pub(super) const SYMBOLS: &[&str] = &["symbol", "symbols", "symbolStatus"];

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
pub(super) fn ping(call: &mut Call<'_>) -> Result<(), Failure> {
    object(call.json, |_| {});
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "an entry of the table")]
pub(super) fn time(call: &mut Call<'_>) -> Result<(), Failure> {
    object(call.json, |json| json.field("serverTime", &call.now));
    Ok(())
}

pub(super) fn exchange_info(call: &mut Call<'_>) -> Result<(), Failure> {
    let (engine, params) = (&call.core.engine, call.params);
    let named = params.has("symbol") || params.has("symbols");
    if named && (params.has("symbolStatus") || params.has("permissions")) {
        return Err(Reject::bad_combination().into());
    }
    let spot = permissions(params)?;
    let (mut found, _) = instruments(engine, params)?;
    if !spot {
        found.clear();
    }
    let shown = params.boolean("showPermissionSets")?.unwrap_or(true);
    let symbols = found.into_iter().map(|(_, instrument)| SymbolInfo {
        instrument,
        base: engine.assets.get(instrument.rules.base),
        quote: engine.assets.get(instrument.rules.quote),
    });
    let limits = call.limits.shown(call.transport == Transport::Rest);
    let routers = engine.routers().map(|(base, symbols)| {
        (base, symbols.iter().map(|id| &engine.instrument(*id).rules.symbol).collect())
    });
    write_exchange_info(call.json, call.now, &limits, &engine.exchange_rules, symbols, shown, routers);
    Ok(())
}

/// Whether `permissions`, one or a list of them, let symbols of Spot be seen; all are here.
fn permissions(params: &Params) -> Result<bool, Failure> {
    let known = |name: &str| {
        let group = |number: &str| number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
        matches!(name, "SPOT" | "MARGIN" | "LEVERAGED") || name.strip_prefix("TRD_GRP_").is_some_and(group)
    };
    let names = match params.get("permissions")? {
        None => return Ok(true),
        Some(text) if text.starts_with('[') => params.texts("permissions")?.unwrap_or_default(),
        Some(text) => vec![text.to_owned()],
    };
    if !names.iter().all(|name| known(name)) {
        return Err(Reject::invalid("permissions").into());
    }
    Ok(names.iter().any(|name| name == "SPOT"))
}

pub(super) fn rules_weight(params: &Params) -> u32 {
    symbol_count(params).map_or(40, |count| (count * 2).min(40))
}

pub(super) fn execution_rules(call: &mut Call<'_>) -> Result<(), Failure> {
    if SYMBOLS.iter().filter(|name| call.params.has(name)).count() > 1 {
        return Err(Reject::bad_combination().into());
    }
    let (found, _) = instruments(&call.core.engine, call.params)?;
    object(call.json, |json| {
        json.key("symbolRules");
        let ranges = found
            .iter()
            .filter_map(|(_, instrument)| Some((&instrument.rules, instrument.rules.price_range.as_ref()?)));
        array(json, ranges, |json, (rules, range)| {
            public::execution_rules(json, rules.symbol.as_str(), range);
        });
    });
    Ok(())
}

pub(super) fn reference_price(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let instrument = call.core.engine.instrument(symbol);
    let (price, since) = instrument.reference.price(call.now).ok_or_else(no_reference_price)?;
    object(call.json, |json| {
        json.field("symbol", &instrument.rules.symbol);
        public::nullable(json, "referencePrice", price);
        json.field("timestamp", &since);
    });
    Ok(())
}

fn no_reference_price() -> Reject {
    Reject::new(-2043, "This symbol doesn't have a reference price.")
}

pub(super) fn reference_calculation(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let instrument = call.core.engine.instrument(symbol);
    let source = instrument.reference.source();
    if source == ReferenceSource::None {
        return Err(no_reference_price().into());
    }
    object(call.json, |json| {
        json.field("symbol", &instrument.rules.symbol);
        match source {
            ReferenceSource::Mean { width, count } => {
                json.field("calculationType", "ARITHMETIC_MEAN");
                json.field("bucketCount", &count);
                json.field("bucketWidthMs", &width);
            }
            ReferenceSource::External(id) => {
                json.field("calculationType", "EXTERNAL");
                json.field("externalCalculationId", &id);
            }
            ReferenceSource::None => {}
        }
    });
    Ok(())
}

pub(super) fn depth_weight(params: &Params) -> u32 {
    match params.limit(100, 5000) {
        Ok(0..=100) | Err(_) => 5,
        Ok(101..=500) => 25,
        Ok(501..=1000) => 50,
        Ok(_) => 250,
    }
}

pub(super) fn depth(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let limit = call.params.limit(100, 5000)?;
    public::depth(call.json, call.core.engine.instrument(symbol), limit);
    Ok(())
}

pub(super) fn trades(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let limit = call.params.limit(500, 1000)?;
    let trades = call.core.engine.instrument(symbol).recent_trades(limit);
    array(call.json, &trades, public::trade_row);
    Ok(())
}

pub(super) fn historical_trades(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let limit = call.params.limit(500, 1000)?;
    let instrument = call.core.engine.instrument(symbol);
    let trades = match call.params.id("fromId")? {
        Some(id) => instrument.trades_from(id, limit),
        None => instrument.recent_trades(limit),
    };
    array(call.json, &trades, public::trade_row);
    Ok(())
}

pub(super) fn block_trades(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    call.params.require("fromId")?;
    let from = call.params.id("fromId")?.unwrap_or(0);
    let limit = call.params.limit(500, 1000)?;
    let trades = &call.core.engine.instrument(symbol).block_trades;
    let skip = trades.partition_point(|trade| trade.id < from);
    array(call.json, trades.iter().skip(skip).take(limit), public::block_trade_row);
    Ok(())
}

pub(super) fn aggregate_trades(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let limit = call.params.limit(500, 1000)?;
    let (start, end) = (call.params.time("startTime")?, call.params.time("endTime")?);
    let from = call.params.id("fromId")?;
    let instrument = call.core.engine.instrument(symbol);
    if let Some(from) = from {
        if start.is_some() || end.is_some() {
            return Err(Reject::bad_combination().into());
        }
        array(call.json, &instrument.aggregates_from(from, limit), public::aggregate_row);
        return Ok(());
    }
    array(call.json, &instrument.aggregates_within(start, end, limit), public::aggregate_row);
    Ok(())
}

pub(super) fn klines(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let interval = Interval::from_word(call.params.require("interval")?)
        .ok_or_else(|| Reject::new(-1120, "Invalid interval."))?;
    let limit = call.params.limit(500, 1000)?;
    let offset = time_zone(call.params)?;
    let (start, end) = (call.params.time("startTime")?, call.params.time("endTime")?);
    let from = start.map_or(i64::MIN, Timestamp::as_millis);
    let to = end.unwrap_or(call.now).min(call.now).as_millis();
    let candles =
        call.core.engine.instrument(symbol).candles(interval, offset, (from, to), limit, start.is_some());
    array(call.json, &candles, |json, candle| public::kline_row(json, candle, interval, offset));
    Ok(())
}

/// How many milliseconds the `timeZone` of the request is ahead of UTC: `8`, `-1:00`, `05:45`, within -12:00 and +14:00.
fn time_zone(params: &Params) -> Result<i64, Failure> {
    let Some(text) = params.get("timeZone")? else { return Ok(0) };
    let (sign, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, text),
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        (lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i64>().ok())
            .flatten()
    };
    let minutes = number(minutes, 2..=2).filter(|minutes| *minutes < 60);
    let offset = match (number(hours, 1..=2), minutes) {
        (Some(hours), Some(minutes)) => sign * (hours * 60 + minutes),
        _ => return Err(Reject::invalid("timeZone").into()),
    };
    if !(-12 * 60..=14 * 60).contains(&offset) {
        return Err(Reject::invalid("timeZone").into());
    }
    Ok(offset * 60_000)
}

pub(super) fn average_price(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let instrument = call.core.engine.instrument(symbol);
    let now = call.now;
    object(call.json, |json| {
        json.field("mins", &5_u64);
        json.field("price", &instrument.average_price(now));
        json.field("closeTime", &instrument.last_trade.map_or(now, |trade| trade.time));
    });
    Ok(())
}

fn symbol_count(params: &Params) -> Option<u32> {
    if params.has("symbol") {
        return Some(1);
    }
    let names = params.texts("symbols").ok().flatten()?;
    u32::try_from(names.len()).ok()
}

pub(super) fn ticker_weight(params: &Params) -> u32 {
    match symbol_count(params) {
        Some(0..=20) => 2,
        Some(21..=100) => 40,
        _ => 80,
    }
}

pub(super) fn window_weight(params: &Params) -> u32 {
    symbol_count(params).map_or(200, |count| (count * 4).min(200))
}

pub(super) fn price_weight(params: &Params) -> u32 {
    if params.has("symbol") { 2 } else { 4 }
}

/// Answers with one object or an array, as was asked.
fn each(call: &mut Call<'_>, write: impl Fn(&mut JsonWriter, &Instrument)) -> Result<(), Failure> {
    let (found, many) = instruments(&call.core.engine, call.params)?;
    if many {
        array(call.json, found, |json, (_, instrument)| write(json, instrument));
    } else if let Some((_, instrument)) = found.first() {
        write(call.json, instrument);
    }
    Ok(())
}

fn is_mini(params: &Params) -> Result<bool, Failure> {
    match params.get("type")? {
        None | Some("FULL") => Ok(false),
        Some("MINI") => Ok(true),
        Some(_) => Err(Reject::new(-1139, "Invalid ticker type.").into()),
    }
}

pub(super) fn ticker_24hr(call: &mut Call<'_>) -> Result<(), Failure> {
    let form = if is_mini(call.params)? { TickerForm::DayMini } else { TickerForm::Day };
    let now = call.now;
    each(call, |json, instrument| {
        public::ticker_row(json, instrument, &Statistics::of_day(instrument, now), form);
    })
}

/// Of `symbol` and `symbols` one must be there.
fn require_symbols(params: &Params) -> Result<(), Reject> {
    if params.has("symbol") || params.has("symbols") {
        return Ok(());
    }
    Err(Reject::new(-1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"))
}

pub(super) fn ticker_trading_day(call: &mut Call<'_>) -> Result<(), Failure> {
    require_symbols(call.params)?;
    let form = if is_mini(call.params)? { TickerForm::WindowMini } else { TickerForm::Window };
    let offset = time_zone(call.params)?;
    let from = Interval::D1.start_of(call.now.as_millis(), offset);
    let end = Timestamp::from_millis(Interval::D1.next(from, offset) - 1);
    let now = call.now;
    each(call, |json, instrument| {
        let statistics = Statistics { close_time: end, ..Statistics::since(instrument, from, now) };
        public::ticker_row(json, instrument, &statistics, form);
    })
}

pub(super) fn ticker_window(call: &mut Call<'_>) -> Result<(), Failure> {
    require_symbols(call.params)?;
    let form = if is_mini(call.params)? { TickerForm::WindowMini } else { TickerForm::Window };
    let word = call.params.get("windowSize")?.unwrap_or("1d");
    let (digits, unit) = word.split_at(word.len() - word.chars().next_back().map_or(0, char::len_utf8));
    let (unit, most) = match unit {
        "m" => (60_000, 59),
        "h" => (3_600_000, 23),
        "d" => (86_400_000, 7),
        _ => return Err(Reject::invalid("windowSize").into()),
    };
    let count = digits
        .parse::<i64>()
        .ok()
        .filter(|count| (1..=most).contains(count))
        .ok_or_else(|| Reject::invalid("windowSize"))?;
    let now = call.now;
    let from = Interval::M1.start_of(now.as_millis() - count * unit, 0);
    each(call, |json, instrument| {
        public::ticker_row(json, instrument, &Statistics::since(instrument, from, now), form);
    })
}

pub(super) fn ticker_price(call: &mut Call<'_>) -> Result<(), Failure> {
    each(call, |json, instrument| {
        object(json, |json| {
            json.field("symbol", &instrument.rules.symbol);
            json.field("price", &instrument.last_price());
        });
    })
}

pub(super) fn ticker_book(call: &mut Call<'_>) -> Result<(), Failure> {
    each(call, |json, instrument| {
        let zero = (Fixed::ZERO, Fixed::ZERO);
        let bid = instrument.best(Side::Buy).unwrap_or(zero);
        let ask = instrument.best(Side::Sell).unwrap_or(zero);
        object(json, |json| {
            json.field("symbol", &instrument.rules.symbol);
            json.field("bidPrice", &bid.0);
            json.field("bidQty", &bid.1);
            json.field("askPrice", &ask.0);
            json.field("askQty", &ask.1);
        });
    })
}
