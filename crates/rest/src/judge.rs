//! What an answer means, and what to do about a failure: pure decisions, so that the rule "never twice" stands in one
//! place and can be read and tested as a table.

use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use binance_kit_core::{ApiError, Delivery};

/// As often as a request of which not a byte left is sent again.
const UNWRITTEN_RETRIES: u32 = 2;
/// As often as a connection is tried again.
const CONNECT_RETRIES: u32 = 1;

/// Turns an answer that is no success into an error. `api` is the exchange's payload, where the body holds one.
pub(crate) fn judge(answer: Answer, api: Option<ApiError>) -> Result<Answer, Error> {
    let status = answer.status;
    if (200..300).contains(&status) {
        let Some(cut) = answer.cut else { return Ok(answer) };
        let mut error = Error::new(cut.kind).delivered(Delivery::MaybeWritten).retry_in(answer.retry_after);
        if let Some(source) = cut.source {
            error = error.source_error(source);
        }
        return Err(error.answered(status, answer.rate_limits, answer.body));
    }
    let (kind, delivery) = match status {
        429 => (ErrorKind::RateLimited, Delivery::Refused),
        418 => (ErrorKind::Banned, Delivery::Refused),
        500.. => (ErrorKind::ServerError, Delivery::MaybeWritten),
        // A proxy's time-out, or the exchange's own, says nothing about the execution.
        408 => {
            (if api.is_some() { ErrorKind::Api } else { ErrorKind::UnexpectedStatus }, Delivery::MaybeWritten)
        }
        // "See other" may follow a request that was executed.
        300..400 => (ErrorKind::Redirect, Delivery::MaybeWritten),
        _ => match &api {
            Some(api) if api.code.is_outcome_unknown() => (ErrorKind::Api, Delivery::MaybeWritten),
            Some(_) => (ErrorKind::Api, Delivery::Refused),
            None if status == 403 => (ErrorKind::Forbidden, Delivery::Refused),
            None if status >= 400 => (ErrorKind::UnexpectedStatus, Delivery::Refused),
            None => (ErrorKind::UnexpectedStatus, Delivery::MaybeWritten),
        },
    };
    let error = Error::new(kind).delivered(delivery).retry_in(answer.retry_after).api(api).answered(
        status,
        answer.rate_limits,
        answer.body,
    );
    Err(error)
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Tell the caller.
    GiveUp,
    /// Send again at once: not a byte had left, so the exchange cannot have seen it.
    SendUnwritten,
    /// Connect again, after a moment.
    Reconnect,
    /// Ask again, after a moment: a query does no harm twice.
    AskAgain,
    /// Measure the exchange's clock and sign anew: it refused the timestamp, and with it the execution.
    Resynchronise,
}

/// What was done about the failures of one request so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attempts {
    pub(crate) unwritten: u32,
    pub(crate) connects: u32,
    pub(crate) queries: u32,
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
            && error.api_error().is_some_and(|api| api.code.is_timestamp())
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
                if error.network_error().is_none_or(|error| {
                    error.is_transient() && error.kind() != binance_kit_net::ErrorKind::Timeout
                }) =>
            {
                again(&mut self.connects, CONNECT_RETRIES, Step::Reconnect)
            }
            (
                Delivery::MaybeWritten,
                ErrorKind::ConnectionLost
                | ErrorKind::BodyTruncated
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
    use binance_kit_core::{ErrorCode, Timestamp};
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
            for cut in [None, Some(ErrorKind::BodyTruncated)] {
                let error = judge(answer(status, cut), api.clone()).unwrap_err();
                assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{status}");
                assert_eq!(error.status(), Some(status));
                assert_eq!(error.api_error(), api.as_ref());
                assert_eq!(error.body().unwrap(), "body");
            }
        }
        assert!(judge(answer(200, None), None).is_ok());
        let error = judge(answer(200, Some(ErrorKind::BodyTruncated)), None).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::BodyTruncated, MaybeWritten));
    }

    #[test]
    fn never_twice_once_a_byte_may_have_left() {
        for kind in [
            ErrorKind::Timeout,
            ErrorKind::ConnectionLost,
            ErrorKind::Protocol,
            ErrorKind::ServerError,
            ErrorKind::BodyTruncated,
            ErrorKind::BodyTooLarge,
            ErrorKind::Decode,
            ErrorKind::Redirect,
            ErrorKind::Api,
        ] {
            let error = Error::new(kind).delivered(Delivery::MaybeWritten);
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
        let cut = Error::new(ErrorKind::BodyTruncated).delivered(Delivery::MaybeWritten);
        assert_eq!(steps(&cut, true, false, 2), [Step::AskAgain, Step::AskAgain, Step::GiveUp, Step::GiveUp]);
        assert_eq!(steps(&cut, true, false, 0), [Step::GiveUp; 4]);
        let clock = Error::new(ErrorKind::Api)
            .delivered(Delivery::Refused)
            .api(Some(ApiError::new(ErrorCode::INVALID_TIMESTAMP, "x")));
        assert_eq!(
            steps(&clock, false, true, 2),
            [Step::Resynchronise, Step::GiveUp, Step::GiveUp, Step::GiveUp]
        );
        assert_eq!(steps(&clock, false, false, 2), [Step::GiveUp; 4]);
        for kind in [ErrorKind::RateLimited, ErrorKind::Banned, ErrorKind::Forbidden, ErrorKind::Api] {
            let refused = Error::new(kind).delivered(Delivery::Refused);
            assert_eq!(steps(&refused, true, true, 2), [Step::GiveUp; 4], "{kind:?}");
        }
    }
}
