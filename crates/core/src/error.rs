//! The exchange's own refusals, and what may be said of a request that failed.

use crate::decode::{Decode, DecodeError, Layout, Value, field, required};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::fmt;

/// A numeric error code of the exchange. The set is open: any number is a code, the documented ones have
/// names in the model crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i32);

impl ErrorCode {
    /// An internal error; unable to process the request (`-1000`).
    pub const UNKNOWN: Self = Self(-1000);
    /// Too many requests (`-1003`).
    pub const TOO_MANY_REQUESTS: Self = Self(-1003);
    /// The server is overloaded or an unexpected response came from inside; the execution status is unknown (`-1006`).
    pub const UNEXPECTED_RESPONSE: Self = Self(-1006);
    /// Time-out inside the exchange; the execution status is unknown (`-1007`).
    pub const TIMEOUT: Self = Self(-1007);
    /// The exchange is overloaded and refuses requests for a while (`-1008`).
    pub const SERVER_BUSY: Self = Self(-1008);
    /// Too many new orders (`-1015`).
    pub const TOO_MANY_ORDERS: Self = Self(-1015);
    /// The service is shutting down (`-1016`).
    pub const SHUTTING_DOWN: Self = Self(-1016);
    /// The timestamp is outside the receive window (`-1021`).
    pub const INVALID_TIMESTAMP: Self = Self(-1021);
    /// The signature is not valid (`-1022`).
    pub const INVALID_SIGNATURE: Self = Self(-1022);
    /// Invalid symbol (`-1121`).
    pub const BAD_SYMBOL: Self = Self(-1121);
    /// The header that asks for SBE is not valid (`-1152`).
    pub const INVALID_SBE_HEADER: Self = Self(-1152);
    /// The exchange does not have the SBE schema that was asked for, or not in this version (`-1153`).
    pub const UNSUPPORTED_SCHEMA: Self = Self(-1153);
    /// SBE is switched off at the exchange (`-1155`).
    pub const SBE_DISABLED: Self = Self(-1155);
    /// The exchange does not write the SBE schema that was asked for any more (`-1161`).
    pub const SCHEMA_RETIRED: Self = Self(-1161);
    /// The new order was rejected (`-2010`).
    pub const NEW_ORDER_REJECTED: Self = Self(-2010);
    /// The cancel was rejected (`-2011`).
    pub const CANCEL_REJECTED: Self = Self(-2011);
    /// There is no such order (`-2013`).
    pub const NO_SUCH_ORDER: Self = Self(-2013);
    /// The API key has a wrong format (`-2014`).
    pub const BAD_API_KEY_FORMAT: Self = Self(-2014);
    /// Invalid API key, IP address, or permissions (`-2015`).
    pub const REJECTED_API_KEY: Self = Self(-2015);

    /// Whether the exchange says "slower": request weight or order count used up.
    pub const fn is_rate_limit(self) -> bool {
        matches!(self, Self::TOO_MANY_REQUESTS | Self::TOO_MANY_ORDERS)
    }

    /// Whether the key, its permissions or the signature are at fault.
    pub const fn is_authentication(self) -> bool {
        matches!(
            self,
            Self(-1002) | Self::INVALID_SIGNATURE | Self::BAD_API_KEY_FORMAT | Self::REJECTED_API_KEY
        )
    }

    /// Whether the exchange does not support the requested SBE schema. The request was not executed; it can be sent
    /// in JSON, or with a newer SDK.
    pub const fn is_schema(self) -> bool {
        matches!(
            self,
            Self::INVALID_SBE_HEADER | Self::UNSUPPORTED_SCHEMA | Self::SBE_DISABLED | Self::SCHEMA_RETIRED
        )
    }

    /// Whether the clock is at fault. Such a request was not executed.
    pub const fn is_timestamp(self) -> bool {
        matches!(self, Self::INVALID_TIMESTAMP)
    }

    /// Whether the refusal concerns neither the key nor the request: time, rate, overload, an internal failure, or a server
    /// that shuts down. The same request can succeed later.
    pub const fn is_temporary(self) -> bool {
        self.is_rate_limit()
            || self.is_timestamp()
            || self.is_outcome_unknown()
            // -1001: the exchange was disconnected inside; -1034: too many connections.
            || matches!(self, Self(-1001 | -1034) | Self::SERVER_BUSY | Self::SHUTTING_DOWN)
    }

    /// Whether the exchange itself does not know if the request was executed.
    pub const fn is_outcome_unknown(self) -> bool {
        matches!(self, Self::UNKNOWN | Self::UNEXPECTED_RESPONSE | Self::TIMEOUT)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error payload of the exchange: `{"code":-1121,"msg":"Invalid symbol."}`, with the `data` object that a
/// few errors carry (partial results of cancel-replace, retry times) kept as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} {}", crate::printable(message))]
pub struct ApiError {
    /// The code.
    pub code: ErrorCode,
    /// The message, as the exchange wrote it.
    pub message: String,
    /// The `data` of the error as JSON text, where there is one.
    pub data: Option<String>,
    /// The time before which nothing may be sent, where the payload names one: in `data.retryAfter`, or, of a ban, in the
    /// message (`… banned until 1735689600000 …`).
    pub retry_after: Option<Timestamp>,
}

impl ApiError {
    /// An error of this code and message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None, retry_after: None }
    }
}

/// The `retryAfter` of an error's `data`.
struct RetryAfter(Option<Timestamp>);

impl Decode for RetryAfter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let last = value.object()?.filter(|(key, _)| *key == "retryAfter").last();
        Ok(Self(last.and_then(|(_, value)| value.as_i64().ok()).map(Timestamp::from_wire)))
    }
}

impl Decode for ApiError {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut code = None;
        let mut message = None;
        let mut data = None;
        let mut retry_after = None;
        for (key, value) in value.object()? {
            match key {
                "code" => field::<i32>(&mut code, "code", value)?,
                "msg" => field::<String>(&mut message, "msg", value)?,
                "data" if !value.is_null() => {
                    data = Some(value.to_json());
                    if let Ok(RetryAfter(time)) = value.decode() {
                        retry_after = time;
                    }
                }
                _ => {}
            }
        }
        let message: String = required(message, "msg")?;
        Ok(Self {
            code: ErrorCode(required(code, "code")?),
            retry_after: retry_after.or_else(|| end_of_ban(&message)),
            message,
            data,
        })
    }
}

/// The end of a ban that a message names: `Way too much request weight used; IP banned until 1735689600000. …`.
fn end_of_ban(message: &str) -> Option<Timestamp> {
    let (_, rest) = message.split_once("banned until ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().filter(|digits| digits.len() >= 13)?;
    digits.parse().ok().map(Timestamp::from_wire)
}

/// What is known of a request that failed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Not a byte of it left: the exchange cannot have seen it.
    NotWritten,
    /// It was written, in part or whole: the exchange may have executed it.
    MaybeWritten,
    /// The exchange saw it and refused it.
    Refused,
}

/// A request that cannot be sent as it is; found before anything is signed or sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the request is not valid: `{parameter}` {reason}")]
pub struct InvalidRequest {
    /// The wire name of the parameter at fault.
    pub parameter: Cow<'static, str>,
    /// What is wrong with it, as the end of a sentence.
    pub reason: Cow<'static, str>,
}

impl InvalidRequest {
    /// Names a parameter and what is wrong with it, as the end of a sentence.
    pub fn new(parameter: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { parameter: parameter.into(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;

    #[test]
    fn the_end_of_a_ban_is_read_from_the_message() {
        for (message, expected) in [
            (
                "Way too much request weight used; IP banned until 1735689600000. Please use WebSocket",
                Some(1_735_689_600_000),
            ),
            ("IP banned until further notice", None),
            ("banned until 12", None),
            ("Too many requests", None),
        ] {
            let text = format!(r#"{{"code":-1003,"msg":"{message}"}}"#);
            let error: ApiError = Decoder::new().decode(text.as_bytes()).unwrap();
            assert_eq!(error.retry_after, expected.map(Timestamp::from_millis), "{message}");
        }
    }
}
