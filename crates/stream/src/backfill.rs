//! Filling gaps: something that can fetch missed events.

use binance_kit_core::{Decoded, Position, StreamInfo};
use std::future::Future;
use std::pin::Pin;

/// The events that are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The stream, with the record from which its events can be fetched.
    pub stream: StreamInfo,
    /// First missing id, or open time of the first missing candle.
    pub from: Position,
    /// Last missing id, or a time before which the last missing candle opens.
    pub to: Position,
}

impl Missing {
    /// Makes one, for programs that fetch by themselves or test a [`Backfill`] of their own. Both ends are included.
    pub fn new(stream: StreamInfo, from: Position, to: Position) -> Self {
        Self { stream, from, to }
    }
}

/// The events that were fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched<E> {
    /// The events, in order, with their places. Between the first and the last of them no event is missing.
    pub events: Vec<Decoded<E>>,
    /// Whether no further events exist in the range that was requested.
    pub is_complete: bool,
}

/// The future of [`Backfill::fetch`].
pub type Fetching<E> = Pin<Box<dyn Future<Output = Option<Fetched<E>>> + Send>>;

/// Fetches events that a stream has missed. It is called where ids show a hole: for trades and aggregate trades by id, for
/// candles by time. The stream waits for it, up to [`crate::StreamConfig::backfill_timeout`], and delivers the fetched events
/// before anything newer.
pub trait Backfill<E>: Send + Sync + 'static {
    /// Whether it can fetch events of this stream.
    fn can_fetch(&self, stream: &StreamInfo) -> bool;

    /// Fetches; `None` when that is not possible. The future is dropped when the stream is closed or the time is over.
    fn fetch(&self, missing: Missing) -> Fetching<E>;
}
