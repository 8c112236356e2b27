//! The seam through which gaps are filled: something that can fetch the events of the past.

use binance_kit_core::{Position, StreamName};
use std::future::Future;
use std::pin::Pin;

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The stream.
    pub stream: StreamName,
    /// The first id that is missing, or when the first candle begins that is.
    pub from: Position,
    /// The last id that is missing, or a time before which the last candle begins that is.
    pub to: Position,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched<E> {
    /// The events, in order. Between the first and the last of them nothing is missing.
    pub events: Vec<E>,
    /// Whether nothing else exists in what was asked for.
    pub is_complete: bool,
}

/// The future of [`Backfill::fetch`].
pub type Fetching<E> = Pin<Box<dyn Future<Output = Option<Fetched<E>>> + Send>>;

/// Fetches events that a stream has missed. It is asked where ids show a hole: for trades and aggregate trades by id, for
/// candles by time. The stream waits for it, up to [`crate::StreamConfig::backfill_timeout`], and delivers
/// what it gives before anything newer.
pub trait Backfill<E>: Send + Sync + 'static {
    /// Whether it can fetch events of this stream.
    fn can_fetch(&self, stream: &StreamName) -> bool;

    /// Fetches; `None` when that is not possible. The future is dropped when the stream is closed or the time is over.
    fn fetch(&self, missing: Missing) -> Fetching<E>;
}
