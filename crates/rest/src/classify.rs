//! What an answer means, and what to do about a failure: pure decisions, so that the rule "never twice" is in one place and
//! can be read and tested as a table.

use crate::exchange::Answer;
use crate::{Error, ErrorKind};
use binance_kit_core::{ApiError, Delivery, Timestamp};

/// How often a request of which not a byte left is sent again.
const UNWRITTEN_RETRIES: u32 = 2;
/// How often a connection is tried again.
const CONNECT_RETRIES: u32 = 1;

/// Turns an answer that is no success into an error. `api` is the exchange's payload, where the body holds one; `now` is the
/// exchange's time. The meaning of statuses and codes is in [`Error::answered`].
pub(crate) fn classify(answer: Answer, api: Option<ApiError>, now: Timestamp) -> Result<Answer, Error> {
    let status = answer.status;
    let error = if (200..300).contains(&status) {
        let Some(cut) = answer.cut else { return Ok(answer) };
        let error = Error::new(cut.kind)
            .with_delivery(Delivery::MaybeWritten)
            .with_retry_after(answer.retry_after)
            .with_status(Some(status));
        match cut.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    } else {
        Error::answered(status, api, answer.retry_after, now)
    };
    Err(error.with_answer(answer.rate_limits, &answer.body))
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Report it to the caller.
    GiveUp,
    /// Send again at once: not a byte had left, so the exchange cannot have seen it.
    SendUnwritten,
    /// Connect again, after a moment.
    Reconnect,
    /// Ask again, after a moment: a query does no harm twice.
    AskAgain,
    /// Measure the exchange's clock and sign again: it refused the timestamp, and with it the execution.
    Resynchronise,
}

/// What was done about the failures of one request so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attempts {
    /// How often it was sent again because not a byte had left.
    pub(crate) unwritten: u32,
    /// How often a connection was tried again.
    pub(crate) connects: u32,
    /// How often a query was asked again.
    pub(crate) queries: u32,
    /// Whether the clock was measured because of it.
    pub(crate) resynchronised: bool,
}

impl Attempts {
    /// Decides, and counts what it decides.
    pub(crate) fn next(
        &mut self,
        error: &Error,
        is_query: bool,
        is_signed: bool,
        query_retries: u32,
    ) -> Step {
        if is_signed
            && !self.resynchronised
            && error.delivery() == Delivery::Refused
            && error.code().is_some_and(binance_kit_core::ErrorCode::is_timestamp)
        {
            self.resynchronised = true;
            return Step::Resynchronise;
        }
        let again = |count: &mut u32, limit: u32, step: Step| {
            if *count < limit {
                *count += 1;
                step
            } else {
                Step::GiveUp
            }
        };
        match (error.delivery(), error.kind()) {
            (Delivery::NotWritten, ErrorKind::ConnectionLost) => {
                again(&mut self.unwritten, UNWRITTEN_RETRIES, Step::SendUnwritten)
            }
            // The deadline for connecting covers every address of the host: a second one would hardly end otherwise.
            (Delivery::NotWritten, ErrorKind::Connect)
                if error.find_source::<binance_kit_net::Error>().is_none_or(|error| {
                    error.is_transient() && error.kind() != binance_kit_net::ErrorKind::Timeout
                }) =>
            {
                again(&mut self.connects, CONNECT_RETRIES, Step::Reconnect)
            }
            (
                Delivery::MaybeWritten,
                ErrorKind::ConnectionLost
                | ErrorKind::Truncated
                | ErrorKind::Protocol
                | ErrorKind::ServerError
                | ErrorKind::Api,
            ) if is_query => again(&mut self.queries, query_retries, Step::AskAgain),
            _ => Step::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Cut;
    use binance_kit_core::ErrorCode;
    use bytes::Bytes;
    use http::HeaderMap;

    fn answer(status: u16, cut: Option<ErrorKind>) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            rate_limits: Vec::new(),
            retry_after: None,
            body: Bytes::from_static(b"body"),
            cut: cut.map(|kind| Cut { kind, source: None }),
            sent: Timestamp::default(),
            received: Timestamp::default(),
            parameters: Bytes::new(),
        }
    }

    #[test]
    fn statuses() {
        use Delivery::{MaybeWritten, Refused};
        let api = |code| Some(ApiError::new(ErrorCode(code), "x"));
        for (status, api, kind, delivery) in [
            (400, api(-1121), ErrorKind::Api, Refused),
            (400, api(-2010), ErrorKind::Api, Refused),
            (400, api(-1007), ErrorKind::Api, MaybeWritten),
            (401, api(-2015), ErrorKind::Api, Refused),
            (409, api(-2021), ErrorKind::Api, Refused),
            (408, api(-1007), ErrorKind::Api, MaybeWritten),
            (408, None, ErrorKind::UnexpectedStatus, MaybeWritten),
            (403, None, ErrorKind::Forbidden, Refused),
            (403, api(-2015), ErrorKind::Api, Refused),
            (404, None, ErrorKind::UnexpectedStatus, Refused),
            (418, None, ErrorKind::Banned, Refused),
            (429, api(-1003), ErrorKind::RateLimited, Refused),
            (500, None, ErrorKind::ServerError, MaybeWritten),
            (503, api(-1008), ErrorKind::ServerError, MaybeWritten),
            (302, None, ErrorKind::Redirect, MaybeWritten),
            (304, None, ErrorKind::Redirect, MaybeWritten),
            (999, None, ErrorKind::ServerError, MaybeWritten),
        ] {
            // A cut body changes nothing of what the status says.
            for cut in [None, Some(ErrorKind::Truncated)] {
                let error = classify(answer(status, cut), api.clone(), Timestamp::default()).unwrap_err();
                assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{status}");
                assert_eq!(error.status(), Some(status));
                assert_eq!(error.api_error(), api.as_ref());
                assert_eq!(error.body(), Some(&b"body"[..]));
            }
        }
        assert!(classify(answer(200, None), None, Timestamp::default()).is_ok());
        let error =
            classify(answer(200, Some(ErrorKind::Truncated)), None, Timestamp::default()).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Truncated, MaybeWritten));
    }

    #[test]
    fn never_twice_once_a_byte_may_have_left() {
        for kind in [
            ErrorKind::Timeout,
            ErrorKind::ConnectionLost,
            ErrorKind::Protocol,
            ErrorKind::ServerError,
            ErrorKind::Truncated,
            ErrorKind::TooLarge,
            ErrorKind::Decode,
            ErrorKind::Redirect,
            ErrorKind::Api,
        ] {
            let error = Error::new(kind).with_delivery(Delivery::MaybeWritten);
            assert_eq!(Attempts::default().next(&error, false, true, 9), Step::GiveUp, "{kind:?}");
        }
    }

    #[test]
    fn what_is_sent_again_and_how_often() {
        let steps = |error: &Error, is_query, is_signed, retries| {
            let mut attempts = Attempts::default();
            (0..4).map(|_| attempts.next(error, is_query, is_signed, retries)).collect::<Vec<_>>()
        };
        let unwritten = Error::new(ErrorKind::ConnectionLost);
        assert_eq!(
            steps(&unwritten, false, true, 0),
            [Step::SendUnwritten, Step::SendUnwritten, Step::GiveUp, Step::GiveUp]
        );
        let connect = Error::new(ErrorKind::Connect);
        assert_eq!(
            steps(&connect, false, true, 0),
            [Step::Reconnect, Step::GiveUp, Step::GiveUp, Step::GiveUp]
        );
        let cut = Error::new(ErrorKind::Truncated).with_delivery(Delivery::MaybeWritten);
        assert_eq!(steps(&cut, true, false, 2), [Step::AskAgain, Step::AskAgain, Step::GiveUp, Step::GiveUp]);
        assert_eq!(steps(&cut, true, false, 0), [Step::GiveUp; 4]);
        let clock = Error::new(ErrorKind::Api)
            .with_delivery(Delivery::Refused)
            .with_api_error(ApiError::new(ErrorCode::INVALID_TIMESTAMP, "x"));
        assert_eq!(
            steps(&clock, false, true, 2),
            [Step::Resynchronise, Step::GiveUp, Step::GiveUp, Step::GiveUp]
        );
        assert_eq!(steps(&clock, false, false, 2), [Step::GiveUp; 4]);
        for kind in [ErrorKind::RateLimited, ErrorKind::Banned, ErrorKind::Forbidden, ErrorKind::Api] {
            let refused = Error::new(kind).with_delivery(Delivery::Refused);
            assert_eq!(steps(&refused, true, true, 2), [Step::GiveUp; 4], "{kind:?}");
        }
    }
}
