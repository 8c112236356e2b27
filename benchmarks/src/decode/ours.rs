//! binance-kit, as its streams and its WebSocket API read: the fast path, which takes a frame with the documented order of keys, and
//! the general one through simd-json, which takes every other. SBE carries the same events in binary.

use super::expected::{Amount, book};
use super::{Candidate, Messages, candidate};
use crate::Outcome;
use crate::payloads::Kind;
use binance_kit::core::decode::{DecodeInOrder, FastReader, Frame};
use binance_kit::core::sbe::{self, Message};
use binance_kit::core::{Decode, DecodeError, Decoder, List, RateLimit, StreamEvent};
use binance_kit::spot::{self, AccountEvent};

const FAST: &str = "binance-kit";
const GENERAL: &str = "binance-kit, general path";
const SBE: &str = "binance-kit, SBE";

/// What is checked of an event.
trait Summary {
    fn summary(&self) -> String;
}

impl Summary for spot::TradeEvent {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol, self.trade_id, self.price.plain(), self.quantity.plain())
    }
}

impl Summary for spot::AggTradeEvent {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol, self.agg_trade_id, self.price.plain(), self.quantity.plain())
    }
}

impl Summary for spot::BookTickerEvent {
    fn summary(&self) -> String {
        format!("{} {} {} {}", self.symbol, self.update_id, self.bid_price.plain(), self.ask_quantity.plain())
    }
}

impl Summary for spot::KlineEvent {
    fn summary(&self) -> String {
        let kline = &self.kline;
        let volume = kline.taker_buy_quote_volume.plain();
        let (time, count) = (kline.open_time.as_millis(), kline.trade_count.unwrap_or(0));
        format!("{} {time} {} {volume} {count}", self.symbol, kline.open.plain())
    }
}

impl Summary for spot::TickerEvent {
    fn summary(&self) -> String {
        let change = self.price_change.map(|change| change.plain()).unwrap_or_default();
        let (time, count) = (self.event_time.as_millis(), self.trade_count.unwrap_or(0));
        format!("{} {time} {change} {} {count}", self.symbol, self.quote_volume.plain())
    }
}

impl Summary for List<spot::MiniTickerEvent> {
    fn summary(&self) -> String {
        let last = self
            .last()
            .map(|last| format!("{} {} {}", last.symbol, last.close.plain(), last.quote_volume.plain()));
        format!("{} {}", self.len(), last.unwrap_or_default())
    }
}

impl Summary for spot::DepthEvent {
    fn summary(&self) -> String {
        let level = |level: &binance_kit::common::Level| [level.price.plain(), level.quantity.plain()];
        book(&self.first_update_id, &self.last_update_id, [&self.bids, &self.asks], level)
    }
}

impl Summary for AccountEvent {
    fn summary(&self) -> String {
        let Self::Order(order) = self else { return "?".to_owned() };
        let trade = order.trade_id.map(|id| id.to_string()).unwrap_or_default();
        let (price, quote) = (order.last_executed_price.plain(), order.last_quote_quantity.plain());
        format!("{} {} {} {trade} {price} {quote}", order.symbol, order.client_order_id, order.order_id)
    }
}

impl Summary for (spot::trade::NewOrderResponse, Vec<RateLimit>) {
    fn summary(&self) -> String {
        let (order, limits) = self;
        let amount =
            |amount: Option<binance_kit::Decimal>| amount.map(|amount| amount.plain()).unwrap_or_default();
        let count = limits.last().and_then(|limit| limit.count).map(|count| count.to_string());
        format!(
            "{} {} {} {} {}",
            order.order_id,
            order.client_order_id,
            amount(order.price),
            amount(order.original_quantity),
            count.unwrap_or_default()
        )
    }
}

fn not_an_event() -> DecodeError {
    DecodeError::invalid("not an event")
}

/// As a stream reads a frame: the wrapper is that of the stream, then the event, then the end.
#[inline]
fn fast<E: StreamEvent>(frame: &[u8], stream: &str) -> Option<E> {
    let mut input = FastReader::new(frame);
    let is_wrapped = input.wrapper_of(stream);
    let event = E::decode_in_order(&mut input, Some(stream))?;
    input.finish(is_wrapped)?;
    Some(event)
}

#[inline]
fn general<E: StreamEvent>(decoder: &mut Decoder, frame: &[u8]) -> Result<E, DecodeError> {
    decoder.frame(frame, |frame| match frame {
        Frame::Event(event) => E::decode_event(event),
        _ => Err(not_an_event()),
    })
}

fn event<E: StreamEvent + Summary + 'static>(kind: Kind, all: &mut Vec<Candidate>) {
    let messages = || Messages::new(kind.frames());
    let stream = kind.stream();
    candidate!(all, FAST, messages(), |frame| fast::<E>(frame, stream).ok_or_else(not_an_event)?, |event| {
        event.summary()
    });
    let mut decoder = Decoder::new();
    candidate!(all, GENERAL, messages(), |frame| general::<E>(&mut decoder, frame)?, |event| event.summary());
}

/// As the WebSocket API reads an event of the account.
#[inline]
fn account(frame: &[u8]) -> Option<AccountEvent> {
    let mut input = FastReader::new(frame);
    input.subscription()?;
    let mut input = FastReader::checked(frame.get(frame.len() - input.remaining()..)?)?;
    let event = AccountEvent::decode_in_order(&mut input, None)?;
    input.finish(true)?;
    Some(event)
}

/// As the WebSocket API reads an answer.
#[inline]
fn answer(
    decoder: &mut Decoder,
    frame: &[u8],
) -> Result<(spot::trade::NewOrderResponse, Vec<RateLimit>), DecodeError> {
    decoder.frame(frame, |frame| {
        let Frame::Response(response) = frame else { return Err(not_an_event()) };
        let limits = response.rate_limits.and_then(|limits| Vec::<RateLimit>::decode(limits).ok());
        let result = response.result.ok_or_else(|| DecodeError::missing("result"))?;
        Ok((spot::trade::NewOrderResponse::decode(result)?, limits.unwrap_or_default()))
    })
}

/// An answer in the documented order of keys, as the WebSocket API reads it.
#[inline]
fn outcome(frame: &[u8]) -> Option<(spot::trade::NewOrderResponse, Vec<RateLimit>)> {
    let mut input = FastReader::new(frame);
    input.literal(b"{\"id\":")?;
    let id: u64 = if input.peek(b"\"") { input.text()?.parse().ok()? } else { input.whole()? };
    std::hint::black_box(id);
    input.literal(b",\"status\":200,\"result\":")?;
    let order = Decode::read_in_order(&mut input)?;
    input.literal(b",\"rateLimits\":")?;
    let limits = DecodeInOrder::decode_in_order(&mut input)?;
    input.literal(b"}")?;
    (input.remaining() == 0).then_some((order, limits))
}

pub(super) fn json(kind: Kind, all: &mut Vec<Candidate>) {
    let messages = || Messages::new(kind.frames());
    match kind {
        Kind::Trade => event::<spot::TradeEvent>(kind, all),
        Kind::AggTrade => event::<spot::AggTradeEvent>(kind, all),
        Kind::BookTicker => event::<spot::BookTickerEvent>(kind, all),
        Kind::Kline => event::<spot::KlineEvent>(kind, all),
        Kind::Ticker => event::<spot::TickerEvent>(kind, all),
        Kind::MiniTickers => event::<List<spot::MiniTickerEvent>>(kind, all),
        Kind::Depth20 | Kind::Depth1000 => event::<spot::DepthEvent>(kind, all),
        Kind::ExecutionReport => {
            candidate!(all, FAST, messages(), |frame| account(frame).ok_or_else(not_an_event)?, |event| {
                event.summary()
            });
            let mut decoder = Decoder::new();
            candidate!(
                all,
                GENERAL,
                messages(),
                |frame| general::<AccountEvent>(&mut decoder, frame)?,
                |event| event.summary()
            );
        }
        Kind::OrderAnswer => {
            candidate!(all, FAST, messages(), |frame| outcome(frame).ok_or_else(not_an_event)?, |order| {
                order.summary()
            });
            let mut decoder = Decoder::new();
            candidate!(all, GENERAL, messages(), |frame| answer(&mut decoder, frame)?, |order| order.summary());
        }
    }
}

/// The frames of a kind in SBE, written by the encoder of binance-kit. Times are in microseconds there.
fn encoded(kind: Kind, layout: &str) -> Outcome<Messages> {
    let schema = &spot::sbe::STREAM;
    let layout = schema.layouts.iter().find(|known| known.name == layout).ok_or("no such layout")?;
    let mut messages = Vec::new();
    for frame in kind.frames() {
        let text = String::from_utf8(frame)?;
        let data =
            text.split_once("\"data\":").and_then(|(_, data)| data.strip_suffix('}')).ok_or("no wrapper")?;
        let data = in_microseconds(&in_microseconds(data, "\"E\":"), "\"T\":");
        let mut out = Vec::new();
        Decoder::new().parse(data.as_bytes(), |value| {
            sbe::encode(schema, layout, value, &mut out)
                .map_err(|error| DecodeError::invalid(error.to_string()))
        })?;
        messages.push(out);
    }
    Ok(Messages::new(messages))
}

/// Three zeros behind the number of this key.
fn in_microseconds(text: &str, key: &str) -> String {
    let Some((before, after)) = text.split_once(key) else { return text.to_owned() };
    let end = after.find([',', '}']).unwrap_or(after.len());
    let (number, rest) = after.split_at(end);
    format!("{before}{key}{number}000{rest}")
}

#[inline]
fn binary<E: StreamEvent>(frame: &[u8]) -> Outcome<E> {
    let message = Message::new(&spot::sbe::STREAM, frame)?;
    let mut event = None;
    E::decode_sbe(&message, &mut |one| event = Some(one))?;
    Ok(event.ok_or_else(not_an_event)?)
}

pub(super) fn sbe(kind: Kind, all: &mut Vec<Candidate>) -> Outcome<()> {
    fn event<E: StreamEvent + Summary + 'static>(
        kind: Kind,
        layout: &str,
        all: &mut Vec<Candidate>,
    ) -> Outcome<()> {
        candidate!(all, SBE, encoded(kind, layout)?, |frame| binary::<E>(frame)?, |event| event.summary());
        Ok(())
    }
    match kind {
        Kind::Trade => event::<spot::TradeEvent>(kind, "TradesStreamEvent", all),
        Kind::BookTicker => event::<spot::BookTickerEvent>(kind, "BestBidAskStreamEvent", all),
        Kind::Depth20 | Kind::Depth1000 => event::<spot::DepthEvent>(kind, "DepthDiffStreamEvent", all),
        _ => Ok(()),
    }
}
