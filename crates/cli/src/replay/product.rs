//! The differences between products in a recording.

use crate::Product;
use binance_kit::book::{DepthSnapshot, ReplayAudit, Snapshot, SyncRule};
use binance_kit::core::decode::Value;
use binance_kit::core::sbe::{Message, Schema};
use binance_kit::core::{Decode, DecodeError, Decoder, InvalidStreamName, Sequence, StreamEvent};
use binance_kit::{Api, MixedTopic, Symbol, Timestamp, Topic, coinm, spot, usdm};

/// What the first frames say of the product.
#[derive(Debug, Default)]
pub(super) struct Detection {
    found: Option<Product>,
    frames: u32,
}

impl Detection {
    /// Maximum number of frames looked at.
    const FRAMES: u32 = 1000;

    /// Looks at a frame: futures name the previous update (`pu`), COIN-M the pair (`ps`), too.
    pub(super) fn frame(&mut self, decoder: &mut Decoder, text: &str) {
        if self.is_done() {
            return;
        }
        self.frames += 1;
        let has = |name: &str| text.contains(name);
        if !has("depthUpdate") && !has("\"trade\"") {
            return;
        }
        let found = decoder.parse(text.as_bytes(), |value| {
            let data = value.get("data").unwrap_or(value);
            let event_type = data.get("e").and_then(|event_type| event_type.as_str().ok());
            Ok(match event_type {
                Some("depthUpdate") if data.get("ps").is_some() => Some(Product::Coinm),
                Some("depthUpdate") if data.get("pu").is_some() => Some(Product::Usdm),
                // Trades of futures say what they are (`X`), and symbols of COIN-M the quote and the delivery: `BTCUSD_PERP`.
                Some("trade") if data.get("X").is_some() => {
                    let symbol = data.get("s").and_then(|symbol| symbol.as_str().ok()).unwrap_or_default();
                    Some(if symbol.contains("USD_") { Product::Coinm } else { Product::Usdm })
                }
                Some("depthUpdate" | "trade") => Some(Product::Spot),
                _ => None,
            })
        });
        self.found = found.ok().flatten();
    }

    /// Takes what the recording itself says.
    pub(super) fn stated(&mut self, api: Api) {
        self.found = self.found.or(match api {
            Api::Spot => Some(Product::Spot),
            Api::UsdmFutures => Some(Product::Usdm),
            Api::CoinmFutures => Some(Product::Coinm),
            _ => None,
        });
    }

    pub(super) fn is_done(&self) -> bool {
        self.found.is_some() || self.frames >= Self::FRAMES
    }

    pub(super) fn product(&self) -> Product {
        self.found.unwrap_or(Product::Spot)
    }
}

/// A snapshot in a recording. The answers of COIN-M name their symbol.
#[derive(Debug)]
pub(crate) struct AnySnapshot {
    pub(crate) symbol: Option<Symbol>,
    pub(crate) book: Snapshot,
}

/// What identifies an event among those of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// An id that is one more than that of the event before.
    Id(u64),
    /// The last of the updates of a book in the event.
    Update(u64),
    /// A state of a candle.
    Candle { open: Timestamp, close: Timestamp, is_closed: bool },
    /// Nothing but its time.
    Time(Timestamp),
    /// Nothing.
    None,
}

impl Identity {
    /// By the place of the event in its stream.
    fn of_sequence(sequence: Option<Sequence>) -> Self {
        match sequence {
            Some(Sequence::Id(id)) => Self::Id(id),
            Some(Sequence::Range { last, .. } | Sequence::Linked { last, .. } | Sequence::Growing(last)) => {
                Self::Update(last)
            }
            Some(Sequence::Candle { open, close, is_closed, .. }) => Self::Candle { open, close, is_closed },
            Some(Sequence::Time(time)) => Self::Time(time),
            _ => Self::None,
        }
    }

    /// Of an event that the model has no type for, by its JSON.
    fn of_json(decoder: &mut Decoder, json: &str) -> (Self, Option<Timestamp>) {
        let read = decoder.parse(json.as_bytes(), |data| {
            let number = |value: Value<'_>, name: &str| value.get(name).and_then(|value| value.as_i64().ok());
            let id = |name| data.get(name).and_then(|id: Value<'_>| id.as_u64().ok());
            let time = number(data, "E").map(Timestamp::from_wire);
            let event_type = data.get("e").and_then(|event_type| event_type.as_str().ok());
            let identity = match (event_type, data.get("k")) {
                (Some("aggTrade"), _) => id("a").map(Self::Id),
                (_, Some(candle)) => {
                    number(candle, "t").zip(number(candle, "T")).map(|(open, close)| Self::Candle {
                        open: Timestamp::from_wire(open),
                        close: Timestamp::from_wire(close),
                        is_closed: candle.get("x").is_some_and(|closed| closed.as_bool().unwrap_or_default()),
                    })
                }
                _ => None,
            };
            Ok((identity.or(time.map(Self::Time)).unwrap_or(Self::None), time))
        });
        read.unwrap_or((Self::None, None))
    }
}

/// What is said of an event beside its content.
pub(crate) struct Described {
    /// The type of the event, as the exchange names it.
    pub(crate) kind: String,
    pub(crate) identity: Identity,
    pub(crate) time: Option<Timestamp>,
    /// Whether the client checks its place in the stream; otherwise the replay does.
    pub(crate) is_ordered: bool,
}

/// The name of the stream that a binary frame belongs to.
pub(super) fn stream_of(schema: &'static Schema, frame: &[u8]) -> Option<String> {
    let mut buffer = String::new();
    Message::new(schema, frame).ok()?.stream_name(&mut buffer).map(str::to_owned)
}

/// A product whose recordings can be audited.
pub(crate) trait Audited: StreamEvent {
    const API: Api;
    const NAME: &'static str;
    const RULE: SyncRule;
    /// What its binary frames are read with, where it has them.
    const SCHEMA: Option<&'static Schema>;

    /// The topic of a recorded stream.
    fn topic(name: &str) -> Result<MixedTopic<Self>, InvalidStreamName>;

    /// Adds the event to the audit, and describes it.
    fn audit(&self, audit: &mut ReplayAudit, decoder: &mut Decoder) -> Described;

    /// Reads the answer of a depth request.
    fn snapshot(data: Value<'_>) -> Result<AnySnapshot, DecodeError>;
}

macro_rules! product {
    ($product:ident, $api:ident, $name:literal, $rule:ident, $schema:expr, $on_event:ident, $symbol:expr, $($variant:ident => $kind:literal),* $(,)?) => {
        impl Audited for $product::MarketEvent {
            const API: Api = Api::$api;
            const NAME: &'static str = $name;
            const RULE: SyncRule = SyncRule::$rule;
            const SCHEMA: Option<&'static Schema> = $schema;

            fn topic(name: &str) -> Result<MixedTopic<Self>, InvalidStreamName> {
                match $product::stream::from_name(name) {
                    Ok(topic) => Ok(topic),
                    Err(_) => {
                        let topic = Topic::<Self>::raw(Api::$api, name);
                        topic.info().map_err(Clone::clone)?;
                        Ok(topic.into())
                    }
                }
            }

            fn audit(&self, audit: &mut ReplayAudit, decoder: &mut Decoder) -> Described {
                audit.$on_event(self);
                let kind = match self {
                    $(Self::$variant(_) => $kind,)*
                    Self::Unknown(unknown) => {
                        let (identity, time) = Identity::of_json(decoder, &unknown.json);
                        let kind = unknown.event_type.as_str();
                        let kind = if kind.is_empty() { "unknown" } else { kind };
                        return Described { kind: kind.to_owned(), identity, time, is_ordered: false };
                    }
                    _ => "other",
                };
                Described {
                    kind: kind.to_owned(),
                    identity: Identity::of_sequence(self.sequence()),
                    time: self.event_time(),
                    is_ordered: true,
                }
            }

            fn snapshot(data: Value<'_>) -> Result<AnySnapshot, DecodeError> {
                let book = $product::OrderBook::decode(data)?;
                let symbol: fn(&$product::OrderBook) -> Option<Symbol> = $symbol;
                Ok(AnySnapshot {
                    symbol: symbol(&book),
                    book: Snapshot {
                        last_update_id: book.last_update_id,
                        bids: DepthSnapshot::bids(&book).collect(),
                        asks: DepthSnapshot::asks(&book).collect(),
                    },
                })
            }
        }
    };
}

product! {
    spot, Spot, "spot", Spot, Some(&spot::sbe::STREAM), on_spot_event, |_| None,
    Trade => "trade", AggTrade => "aggTrade", BlockTrade => "blockTrade", Kline => "kline",
    MiniTicker => "24hrMiniTicker", MiniTickers => "24hrMiniTicker (all)", Ticker => "24hrTicker",
    Tickers => "24hrTicker (all)", RollingTicker => "rolling ticker", RollingTickers => "rolling ticker (all)",
    BookTicker => "bookTicker", AveragePrice => "avgPrice", PartialDepth => "partial depth", Depth => "depthUpdate",
    ReferencePrice => "referencePrice", ServerShutdown => "serverShutdown",
}

product! {
    usdm, UsdmFutures, "USD-M futures", Futures, None, on_usdm_event, |_| None,
    Trade => "trade", AggTrade => "aggTrade", MarkPrice => "markPriceUpdate", MarkPrices => "markPriceUpdate (all)",
    BookTicker => "bookTicker", Depth => "depthUpdate",
}

product! {
    coinm, CoinmFutures, "COIN-M futures", Futures, None, on_coinm_event, |book| Some(book.symbol.clone()),
    Trade => "trade", BookTicker => "bookTicker", Depth => "depthUpdate",
}
