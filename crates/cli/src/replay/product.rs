//! The differences between products in a recording.

use crate::Product;
use binance_kit::book::{DepthSnapshot, ReplayAudit, Snapshot, SyncRule};
use binance_kit::core::decode::{EventFrame, FastReader, Value};
use binance_kit::core::{Decode, DecodeError, Sequence, StreamEvent};
use binance_kit::{Api, Symbol, Timestamp, coinm, spot, usdm};

/// Detects the product by the first frames: futures name the previous update (`pu`), COIN-M the pair (`ps`) too.
pub(super) fn detect(sample: &[String]) -> Product {
    match sample.iter().find(|frame| frame.contains("\"depthUpdate\"")) {
        Some(frame) if frame.contains("\"ps\":") => Product::Coinm,
        Some(frame) if frame.contains("\"pu\":") => Product::Usdm,
        _ => Product::Spot,
    }
}

/// A REST snapshot in a recording: the product's answer as it came. That of COIN-M names its symbol.
#[derive(Debug)]
pub(super) struct RecordedSnapshot {
    pub(super) symbol: Option<Symbol>,
    pub(super) book: Snapshot,
}

/// An event of a recording: one of the streams, or a snapshot.
#[derive(Debug)]
pub(super) enum Recorded<E> {
    Event(E),
    Snapshot(RecordedSnapshot),
    /// Nothing follows.
    End,
}

impl<E: Audited> StreamEvent for Recorded<E> {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        match frame.stream {
            Some(super::recording::SNAPSHOTS) => E::snapshot(frame.data).map(Self::Snapshot),
            Some(super::recording::END) => Ok(Self::End),
            _ => E::decode_event(frame).map(Self::Event),
        }
    }

    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        let is_ours = matches!(stream, Some(super::recording::SNAPSHOTS | super::recording::END));
        if is_ours { None } else { E::decode_in_order(input, stream).map(Self::Event) }
    }

    fn event_time(&self) -> Option<Timestamp> {
        match self {
            Self::Event(event) => event.event_time(),
            Self::Snapshot(_) | Self::End => None,
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        match self {
            Self::Event(event) => event.sequence(),
            Self::Snapshot(_) | Self::End => None,
        }
    }
}

/// A product whose recordings can be audited.
pub(super) trait Audited: StreamEvent {
    const API: Api;
    const NAME: &'static str;
    const RULE: SyncRule;

    /// Adds the event to the audit, and returns the name of its kind.
    fn audit(&self, audit: &mut ReplayAudit) -> &'static str;

    /// Reads the answer of a depth request.
    fn snapshot(data: Value<'_>) -> Result<RecordedSnapshot, DecodeError>;
}

macro_rules! snapshot_of {
    ($type:ty, $symbol:expr) => {
        fn snapshot(data: Value<'_>) -> Result<RecordedSnapshot, DecodeError> {
            let book = <$type>::decode(data)?;
            let symbol: fn(&$type) -> Option<Symbol> = $symbol;
            Ok(RecordedSnapshot {
                symbol: symbol(&book),
                book: Snapshot {
                    last_update_id: book.last_update_id,
                    bids: DepthSnapshot::bids(&book).collect(),
                    asks: DepthSnapshot::asks(&book).collect(),
                },
            })
        }
    };
}

macro_rules! audit_of {
    ($events:ident, $on_event:ident) => {
        fn audit(&self, audit: &mut ReplayAudit) -> &'static str {
            audit.$on_event(self);
            match self {
                $events::MarketEvent::Depth(_) => "depthUpdate",
                $events::MarketEvent::BookTicker(_) => "bookTicker",
                $events::MarketEvent::Trade(_) => "trade",
                $events::MarketEvent::Unknown(_) => "unknown",
                _ => "other",
            }
        }
    };
}

impl Audited for spot::MarketEvent {
    const API: Api = Api::Spot;
    const NAME: &'static str = "spot";
    const RULE: SyncRule = SyncRule::Spot;

    audit_of!(spot, on_spot_event);
    snapshot_of!(spot::OrderBook, |_| None);
}

impl Audited for usdm::MarketEvent {
    const API: Api = Api::UsdmFutures;
    const NAME: &'static str = "USD-M futures";
    const RULE: SyncRule = SyncRule::Futures;

    audit_of!(usdm, on_usdm_event);
    snapshot_of!(usdm::OrderBook, |_| None);
}

impl Audited for coinm::MarketEvent {
    const API: Api = Api::CoinmFutures;
    const NAME: &'static str = "COIN-M futures";
    const RULE: SyncRule = SyncRule::Futures;

    audit_of!(coinm, on_coinm_event);
    snapshot_of!(coinm::OrderBook, |book| Some(book.symbol.clone()));
}
