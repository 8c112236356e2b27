//! The official SDK. Its pipeline cannot be called without a socket: what it does with one text is repeated here from its source
//! (`common/websocket.rs` of version 77.2.0), without its locks, its look-up of callbacks and its own events. Its models are
//! measured alone, too.

use super::expected::{Amount, book};
use super::{Candidate, Messages, candidate};
use crate::Outcome;
use crate::payloads::Kind;
use binance_sdk::models::WebsocketApiRateLimit;
use binance_sdk::spot::websocket_api as api;
use binance_sdk::spot::websocket_streams as streams;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A text of a stream: `Message::Text` to a string, a clone for the handler, `Value`, a clone of `data` and of the name, a clone of
/// the value again for the callback, and the model from it.
#[inline(never)]
fn stream<M: DeserializeOwned>(frame: &[u8]) -> Outcome<M> {
    let text = std::str::from_utf8(frame)?.to_owned();
    let data = text.clone();
    let message: Value = serde_json::from_str(&data)?;
    let name = message.get("stream").and_then(Value::as_str).ok_or("no name")?.to_owned();
    let payload = message.get("data").cloned().ok_or("no data")?;
    std::hint::black_box(&name);
    Ok(serde_json::from_value(payload.clone())?)
}

/// An event of the account on the WebSocket API.
#[inline(never)]
fn account(frame: &[u8]) -> Outcome<api::UserDataStreamEventsResponse> {
    let text = std::str::from_utf8(frame)?.to_owned();
    let data = text.clone();
    let message: Value = serde_json::from_str(&data)?;
    let event = message.get("event").ok_or("no event")?;
    Ok(serde_json::from_value(event.clone())?)
}

/// An answer of the WebSocket API: the whole of it is cloned for the caller, then the result and each limit.
#[inline(never)]
fn answer(frame: &[u8]) -> Outcome<(api::OrderPlaceResponseResult, Vec<WebsocketApiRateLimit>)> {
    let text = std::str::from_utf8(frame)?.to_owned();
    let data = text.clone();
    let message: Value = serde_json::from_str(&data)?;
    let message = message.clone();
    let result = message.get("result").cloned().ok_or("no result")?;
    let limits = message.get("rateLimits").and_then(Value::as_array).ok_or("no limits")?;
    let limits = limits.iter().filter_map(|limit| serde_json::from_value(limit.clone()).ok()).collect();
    Ok((serde_json::from_value(result)?, limits))
}

#[derive(Deserialize)]
struct Combined<M> {
    data: M,
}

const PIPELINE: &str = "official SDK";
const MODEL: &str = "official SDK, its models alone";

fn text(value: Option<&String>) -> &str {
    value.map_or("?", String::as_str)
}

fn amount(value: Option<&String>) -> String {
    text(value).plain()
}

fn number(value: Option<i64>) -> i64 {
    value.unwrap_or(-9)
}

trait Summary {
    fn summary(&self) -> String;
}

impl Summary for streams::TradeResponse {
    fn summary(&self) -> String {
        let (price, quantity) = (amount(self.p.as_ref()), amount(self.q.as_ref()));
        format!("{} {} {price} {quantity}", text(self.s.as_ref()), number(self.t))
    }
}

impl Summary for streams::AggTradeResponse {
    fn summary(&self) -> String {
        let (price, quantity) = (amount(self.p.as_ref()), amount(self.q.as_ref()));
        format!("{} {} {price} {quantity}", text(self.s.as_ref()), number(self.a))
    }
}

impl Summary for streams::BookTickerResponse {
    fn summary(&self) -> String {
        let (bid, quantity) = (amount(self.b.as_ref()), amount(self.a_uppercase.as_ref()));
        format!("{} {} {bid} {quantity}", text(self.s.as_ref()), number(self.u))
    }
}

impl Summary for streams::KlineResponse {
    fn summary(&self) -> String {
        let Some(kline) = &self.k else { return "?".to_owned() };
        let (open, volume) = (amount(kline.o.as_ref()), amount(kline.q_uppercase.as_ref()));
        format!("{} {} {open} {volume} {}", text(self.s.as_ref()), number(kline.t), number(kline.n))
    }
}

impl Summary for streams::TickerResponse {
    fn summary(&self) -> String {
        let (change, volume) = (amount(self.p.as_ref()), amount(self.q.as_ref()));
        let (time, count) = (number(self.e_uppercase), number(self.n));
        format!("{} {time} {change} {volume} {count}", text(self.s.as_ref()))
    }
}

impl Summary for Vec<streams::AllMiniTickerResponseInner> {
    fn summary(&self) -> String {
        let Some(last) = self.last() else { return "?".to_owned() };
        let (close, volume) = (amount(last.c.as_ref()), amount(last.q.as_ref()));
        format!("{} {} {close} {volume}", self.len(), text(last.s.as_ref()))
    }
}

impl Summary for streams::DiffBookDepthResponse {
    fn summary(&self) -> String {
        let level = |level: &Vec<String>| [amount(level.first()), amount(level.get(1))];
        let sides = [&self.b, &self.a].map(|side| side.as_deref().unwrap_or_default());
        book(&number(self.u_uppercase), &number(self.u), sides, level)
    }
}

impl Summary for api::UserDataStreamEventsResponse {
    fn summary(&self) -> String {
        let Self::ExecutionReport(report) = self else { return "?".to_owned() };
        let (price, quote) = (amount(report.l_uppercase.as_ref()), amount(report.y_uppercase.as_ref()));
        let (symbol, client) = (text(report.s.as_ref()), text(report.c.as_ref()));
        format!("{symbol} {client} {} {} {price} {quote}", number(report.i), number(report.t))
    }
}

impl Summary for (api::OrderPlaceResponseResult, Vec<WebsocketApiRateLimit>) {
    fn summary(&self) -> String {
        let (order, limits) = self;
        let count = limits.last().map_or(-9, |limit| i64::from(limit.count));
        let (price, quantity) = (amount(order.price.as_ref()), amount(order.orig_qty.as_ref()));
        let client = text(order.client_order_id.as_ref());
        format!("{} {client} {price} {quantity} {count}", number(order.order_id))
    }
}

/// The pipeline, and the model alone.
fn both<M: DeserializeOwned + Summary + 'static>(kind: Kind, all: &mut Vec<Candidate>) {
    let messages = || Messages::new(kind.frames());
    candidate!(all, PIPELINE, messages(), |frame| stream::<M>(frame)?, |model| model.summary());
    candidate!(all, MODEL, messages(), |frame| serde_json::from_slice::<Combined<M>>(frame)?, |model| model
        .data
        .summary());
}

pub(super) fn add(kind: Kind, all: &mut Vec<Candidate>) {
    match kind {
        Kind::Trade => both::<streams::TradeResponse>(kind, all),
        Kind::AggTrade => both::<streams::AggTradeResponse>(kind, all),
        Kind::BookTicker => both::<streams::BookTickerResponse>(kind, all),
        Kind::Kline => both::<streams::KlineResponse>(kind, all),
        Kind::Ticker => both::<streams::TickerResponse>(kind, all),
        Kind::MiniTickers => both::<Vec<streams::AllMiniTickerResponseInner>>(kind, all),
        Kind::Depth20 | Kind::Depth1000 => both::<streams::DiffBookDepthResponse>(kind, all),
        Kind::ExecutionReport => {
            let messages = Messages::new(kind.frames());
            candidate!(all, PIPELINE, messages, |frame| account(frame)?, |event| event.summary());
        }
        Kind::OrderAnswer => {
            let messages = Messages::new(kind.frames());
            candidate!(all, PIPELINE, messages, |frame| answer(frame)?, |order| order.summary());
        }
    }
}
