//! A request in the channel from the caller to the task that owns the socket, and its way back.

use crate::response::{Answered, WsResponse};
use crate::{Error, ErrorKind};
use binance_kit_core::decode::{FastReader, Value};
use binance_kit_core::scrub::Scrubber;
use binance_kit_core::{Cost, Decode, Delivery, ParamWriter, Security};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use tokio::sync::oneshot;

const QUEUED: u8 = 0;
const TAKEN: u8 = 1;
const CANCELLED: u8 = 2;

/// Decides, once, between writing a request and giving it up before that.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim(Arc<Claimed>);

#[derive(Debug, Default)]
struct Claimed {
    /// Who was faster.
    by: AtomicU8,
    /// The id that the request was written with; 0, which no request has, before that.
    id: AtomicU64,
}

impl Claim {
    /// A claim of the writer from the start: for commands that cannot be taken back, and so may have been written.
    pub(crate) fn taken() -> Self {
        Self(Arc::new(Claimed { by: AtomicU8::new(TAKEN), id: AtomicU64::new(0) }))
    }

    /// The writer takes the request; `false` when the caller has given it up.
    pub(crate) fn take(&self) -> bool {
        self.0.by.compare_exchange(QUEUED, TAKEN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The caller gives the request up; [`Delivery::MaybeWritten`] when the writer was faster.
    pub(crate) fn cancel(&self) -> Delivery {
        match self.0.by.compare_exchange(QUEUED, CANCELLED, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(CANCELLED) => Delivery::NotWritten,
            Err(_) => Delivery::MaybeWritten,
        }
    }

    /// The writer used this id; a repetition has one of its own.
    pub(crate) fn written_as(&self, id: u64) {
        self.0.id.store(id, Ordering::Release);
    }

    /// The id that the request was written with last.
    pub(crate) fn id(&self) -> Option<u64> {
        Some(self.0.id.load(Ordering::Acquire)).filter(|id| *id != 0)
    }
}

/// A request in the channel.
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Cow<'static, str>,
    /// The parameters, without key, timestamp and signature.
    pub(crate) params: ParamWriter,
    /// What the exchange asks of the sender.
    pub(crate) security: Security,
    /// What it costs; a repetition costs it once more.
    pub(crate) cost: Cost,
    /// Whether it changes nothing at the exchange.
    pub(crate) is_query: bool,
    /// Whether it was written or taken back.
    pub(crate) claim: Claim,
    /// Where the answer goes.
    pub(crate) reply: Box<dyn Reply>,
}

/// What came back for a request.
pub(crate) struct Answer<'a> {
    /// The result, not decoded yet.
    pub(crate) result: Value<'a>,
    /// What came with it.
    pub(crate) answered: Answered,
    /// Makes what takes echoes of the request out of an error.
    pub(crate) scrubber: &'a dyn Fn() -> Scrubber,
}

/// Where an answer goes. The answer is decoded here, on the task that read it, so that a frame is parsed once.
pub(crate) trait Reply: Send {
    fn answered(self: Box<Self>, answer: Answer<'_>);
    /// Reads the result by the fast path and keeps it for [`Reply::kept`]; `false` where that cannot read it.
    fn keep_in_order(&mut self, result: &mut FastReader<'_>) -> bool;
    /// Sends the result that was kept.
    fn kept(self: Box<Self>, answered: Answered);
    fn failed(self: Box<Self>, error: Error);
    /// Whether the caller has gone.
    fn abandoned(&self) -> bool;
    /// The request is written with this id: what a caller that gives up has to name it by.
    fn written_as(&self, id: u64);
}

/// Sends a typed answer to a caller.
pub(crate) struct TypedReply<T> {
    /// To the caller.
    pub(crate) answer: oneshot::Sender<Result<WsResponse<T>, Error>>,
    /// What the caller knows of the writing.
    pub(crate) claim: Claim,
    /// A result of which the answer is not read to its end yet.
    pub(crate) kept: Option<T>,
}

impl<T: Decode + Send + 'static> Reply for TypedReply<T> {
    fn answered(self: Box<Self>, answer: Answer<'_>) {
        let Answer { result, answered, scrubber } = answer;
        let response = match result.decode::<T>() {
            Ok(value) => Ok(WsResponse::new(value, answered)),
            Err(error) => Err(Error::new(ErrorKind::Decode)
                .with_delivery(Delivery::MaybeWritten)
                .with_request_id(Some(answered.id))
                .with_status(Some(answered.status))
                .with_rate_limits(answered.rate_limits)
                .with_source(scrubber().decode_error(error))),
        };
        let _ = self.answer.send(response);
    }

    fn keep_in_order(&mut self, result: &mut FastReader<'_>) -> bool {
        self.kept = T::read_in_order(result);
        self.kept.is_some()
    }

    fn kept(self: Box<Self>, answered: Answered) {
        let response = match self.kept {
            Some(value) => Ok(WsResponse::new(value, answered)),
            None => Err(Error::new(ErrorKind::Decode).with_delivery(Delivery::MaybeWritten)),
        };
        let _ = self.answer.send(response);
    }

    fn failed(self: Box<Self>, error: Error) {
        let _ = self.answer.send(Err(error));
    }

    fn abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn written_as(&self, id: u64) {
        self.claim.written_as(id);
    }
}

/// Gives a request up, if it was not written, when its caller's future is dropped.
pub(crate) struct CancelOnDrop(pub(crate) Claim);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_or_given_up_never_both() {
        let claim = Claim::default();
        assert!(claim.take());
        assert_eq!(claim.cancel(), Delivery::MaybeWritten);
        let claim = Claim::default();
        assert_eq!(claim.cancel(), Delivery::NotWritten);
        assert!(!claim.take());
        assert_eq!(claim.cancel(), Delivery::NotWritten);
    }
}
