//! A request on its way: from the caller through the channel to the task that owns the socket, and back.

use crate::error::{Error, ErrorKind};
use crate::response::Response;
use binance_kit_core::decode::Value;
use binance_kit_core::{Decode, Delivery, ParamWriter, RateLimit, Security};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

const QUEUED: u8 = 0;
const TAKEN: u8 = 1;
const CANCELLED: u8 = 2;

/// Decides, once, between writing a request and giving it up before it was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim(Arc<AtomicU8>);

impl Claim {
    /// A claim of the writer from the start: for commands that cannot be taken back, and so may have been written.
    pub(crate) fn taken() -> Self {
        Self(Arc::new(AtomicU8::new(TAKEN)))
    }

    /// The writer takes the request; `false` when the caller has given it up.
    pub(crate) fn take(&self) -> bool {
        self.0.compare_exchange(QUEUED, TAKEN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The caller gives the request up; [`Delivery::MaybeWritten`] when the writer was faster.
    pub(crate) fn cancel(&self) -> Delivery {
        match self.0.compare_exchange(QUEUED, CANCELLED, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(CANCELLED) => Delivery::NotWritten,
            Err(_) => Delivery::MaybeWritten,
        }
    }
}

/// A request in the channel.
pub(crate) struct Call {
    pub(crate) method: Cow<'static, str>,
    pub(crate) params: ParamWriter,
    pub(crate) security: Security,
    pub(crate) claim: Claim,
    pub(crate) reply: Box<dyn Reply>,
}

/// What came back for a request.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) result: Value<'a>,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) round_trip: Duration,
}

/// Where an answer goes. The answer is decoded here, on the task that read it, so that a frame is parsed once.
pub(crate) trait Reply: Send {
    fn answered(self: Box<Self>, answer: Answer<'_>);
    fn failed(self: Box<Self>, error: Error);
    /// Whether nobody waits any more.
    fn abandoned(&self) -> bool;
}

/// Sends a typed answer to a caller.
pub(crate) struct TypedReply<T>(pub(crate) oneshot::Sender<Result<Response<T>, Error>>);

impl<T: Decode + Send + 'static> Reply for TypedReply<T> {
    fn answered(self: Box<Self>, answer: Answer<'_>) {
        let Answer { status, result, rate_limits, round_trip } = answer;
        let response = match T::decode(result) {
            Ok(value) => Ok(Response::new(value, status, rate_limits, round_trip)),
            Err(error) => Err(Error::decode(error)),
        };
        let _ = self.0.send(response);
    }

    fn failed(self: Box<Self>, error: Error) {
        let _ = self.0.send(Err(error));
    }

    fn abandoned(&self) -> bool {
        self.0.is_closed()
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
    Error::new(ErrorKind::Closed, Delivery::NotWritten)
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
