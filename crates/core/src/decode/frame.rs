//! Classifies a WebSocket frame by its keys, without decoding it.

use super::{Decode, DecodeError, Value, ValueKind};
use crate::error::{ApiError, ErrorCode};

/// A classified frame.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// One event, or an array of events.
    Event(EventFrame<'a>),
    /// The answer to a request, or an error that answers none.
    Response(ResponseFrame<'a>),
}

/// An event as it came: raw, in the combined wrapper, or in that of a user-data subscription.
#[derive(Debug, Clone, Copy)]
pub struct EventFrame<'a> {
    /// The stream it came on: given by the combined wrapper, or filled in by a connection that carries one stream only.
    pub stream: Option<&'a str>,
    /// The user-data subscription it came on.
    pub subscription: Option<u64>,
    /// The event itself, or an array of them.
    pub data: Value<'a>,
}

/// The `id` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameId<'a> {
    /// A number.
    Number(u64),
    /// A text.
    Text(&'a str),
    /// `null`: the message concerns the connection, not a request.
    Null,
    /// There is none.
    Missing,
}

/// The answer to a request of the WebSocket API or to a stream control message.
#[derive(Debug, Clone, Copy)]
pub struct ResponseFrame<'a> {
    /// Which request it answers.
    pub id: FrameId<'a>,
    /// The status, where the message has one (200, 4xx, 5xx).
    pub status: Option<u16>,
    /// The `result`, also when it is `null`.
    pub result: Option<Value<'a>>,
    /// The error object, or the whole message when that is the error.
    pub error: Option<Value<'a>>,
    /// The `rateLimits` array.
    pub rate_limits: Option<Value<'a>>,
}

impl ResponseFrame<'_> {
    /// The error of the exchange, if this is one.
    pub fn api_error(&self) -> Option<ApiError> {
        let error = self.error?;
        Some(ApiError::decode(error).unwrap_or_else(|_| ApiError::new(ErrorCode::UNKNOWN, error.to_json())))
    }
}

impl<'a> Frame<'a> {
    /// An event that came in SBE, where it carries the number of its subscription itself.
    pub(super) fn sbe_event(data: Value<'a>) -> Self {
        let subscription = data.get("subscriptionId").and_then(|number| number.as_u64().ok());
        Self::Event(EventFrame { stream: None, subscription, data })
    }

    /// Anything else that came in SBE. Ids are texts there, and an error stands where a result would.
    pub(super) fn sbe_answer(value: Value<'a>) -> Result<Self, DecodeError> {
        let mut frame = Self::classify(value)?;
        if let Self::Response(response) = &mut frame {
            response.id = match response.id {
                FrameId::Text("") => FrameId::Null,
                FrameId::Text(text) => text.parse().map_or(response.id, FrameId::Number),
                other => other,
            };
            if response.status.is_some_and(|status| status >= 400) && response.error.is_none() {
                response.error = response.result.take();
            }
        }
        Ok(frame)
    }

    /// Looks at the keys of the message.
    ///
    /// # Errors
    ///
    /// When the message is neither an object nor an array.
    pub fn classify(value: Value<'a>) -> Result<Self, DecodeError> {
        let raw = EventFrame { stream: None, subscription: None, data: value };
        match value.kind() {
            ValueKind::Array => return Ok(Self::Event(raw)),
            ValueKind::Object => {}
            other => return Err(DecodeError::expected("an object or an array", other.describe())),
        }
        let mut response = ResponseFrame {
            id: FrameId::Missing,
            status: None,
            result: None,
            error: None,
            rate_limits: None,
        };
        let (mut stream, mut data, mut event, mut subscription) = (None, None, None, None);
        let (mut code, mut message) = (false, false);
        let mut other = false;
        for (key, value) in value.object()? {
            match key {
                // Every event but two kinds begins with its type: nothing more to look at.
                "e" => return Ok(Self::Event(raw)),
                "stream" => stream = value.as_str().ok(),
                "data" => data = Some(value),
                "event" => event = Some(value),
                "subscriptionId" => subscription = value.as_u64().ok(),
                "id" => {
                    response.id = match value.kind() {
                        ValueKind::Integer => value.as_u64().map_or(FrameId::Missing, FrameId::Number),
                        ValueKind::Text => FrameId::Text(value.as_str()?),
                        ValueKind::Null => FrameId::Null,
                        _ => FrameId::Missing,
                    }
                }
                "status" => {
                    response.status = value.as_u64().ok().and_then(|status| u16::try_from(status).ok());
                }
                "result" => response.result = Some(value),
                "error" => response.error = Some(value),
                "rateLimits" => response.rate_limits = Some(value),
                "code" => code = value.kind() == ValueKind::Integer,
                "msg" => message = value.kind() == ValueKind::Text,
                _ => other = true,
            }
        }
        if let (Some(stream), Some(data)) = (stream, data) {
            return Ok(Self::Event(EventFrame { stream: Some(stream), subscription: None, data }));
        }
        if let Some(data) = event {
            return Ok(Self::Event(EventFrame { stream: None, subscription, data }));
        }
        if code && message && response.error.is_none() {
            response.error = Some(value);
        }
        let is_answer = response.result.is_some() || response.error.is_some() || response.status.is_some();
        // Keys that are not known: an event without its type, or an answer to which the exchange has added something.
        if is_answer && (!other || response.id != FrameId::Missing || (code && message)) {
            return Ok(Self::Response(response));
        }
        Ok(Self::Event(raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;

    fn describe(text: &str) -> String {
        Decoder::new()
            .frame(text.as_bytes(), |frame| {
                Ok(match frame {
                    Frame::Event(event) => {
                        format!("event {:?} {:?} {}", event.stream, event.subscription, event.data.to_json())
                    }
                    Frame::Response(response) => format!(
                        "response {:?} {:?} {:?} {:?}",
                        response.id,
                        response.status,
                        response.result.map(Value::to_json),
                        response.api_error().map(|error| error.to_string())
                    ),
                })
            })
            .unwrap()
    }

    #[test]
    fn every_shape_is_recognised() {
        for (text, expected) in [
            (r#"{"e":"trade","s":"A"}"#, r#"event None None {"e":"trade","s":"A"}"#),
            (r#"{"u":1,"s":"A"}"#, r#"event None None {"u":1,"s":"A"}"#),
            (
                r#"{"lastUpdateId":1,"bids":[],"asks":[]}"#,
                r#"event None None {"lastUpdateId":1,"bids":[],"asks":[]}"#,
            ),
            (r#"[{"e":"x"}]"#, r#"event None None [{"e":"x"}]"#),
            (r#"{"stream":"a@trade","data":{"e":"trade"}}"#, r#"event Some("a@trade") None {"e":"trade"}"#),
            (r#"{"data":{"e":"trade"},"stream":"a@trade"}"#, r#"event Some("a@trade") None {"e":"trade"}"#),
            (
                r#"{"subscriptionId":3,"event":{"e":"balanceUpdate"}}"#,
                r#"event None Some(3) {"e":"balanceUpdate"}"#,
            ),
            (r#"{"event":{"e":"serverShutdown"}}"#, r#"event None None {"e":"serverShutdown"}"#),
            (r#"{"result":null,"id":1}"#, r#"response Number(1) None Some("null") None"#),
            (r#"{"id":"x","status":200,"result":{}}"#, r#"response Text("x") Some(200) Some("{}") None"#),
            (
                r#"{"id":2,"status":400,"error":{"code":-1121,"msg":"Invalid symbol."}}"#,
                r#"response Number(2) Some(400) None Some("-1121 Invalid symbol.")"#,
            ),
            (
                r#"{"code":2,"msg":"Invalid request"}"#,
                r#"response Missing None None Some("2 Invalid request")"#,
            ),
            (
                r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"revoked"}}"#,
                r#"response Null Some(401) None Some("-2015 revoked")"#,
            ),
            // What the exchange adds to an envelope is passed over.
            (
                r#"{"new":1,"id":3,"status":200,"result":{}}"#,
                r#"response Number(3) Some(200) Some("{}") None"#,
            ),
            (
                r#"{"id":3,"status":200,"result":{},"new":[{}]}"#,
                r#"response Number(3) Some(200) Some("{}") None"#,
            ),
            (r#"{"result":null,"id":1,"new":1}"#, r#"response Number(1) None Some("null") None"#),
            (r#"{"code":2,"msg":"x","new":1}"#, r#"response Missing None None Some("2 x")"#),
            (r#"{"new":1,"stream":"a@trade","data":{"e":"x"}}"#, r#"event Some("a@trade") None {"e":"x"}"#),
            (r#"{"stream":"a@trade","data":{"e":"x"},"new":1}"#, r#"event Some("a@trade") None {"e":"x"}"#),
            (r#"{"subscriptionId":3,"new":1,"event":{"e":"x"}}"#, r#"event None Some(3) {"e":"x"}"#),
            // An event without its type may have such keys among its own.
            (r#"{"s":"A","status":1}"#, r#"event None None {"s":"A","status":1}"#),
            (r#"{"s":"A","id":1}"#, r#"event None None {"s":"A","id":1}"#),
            // An error has a number and a text; either alone is something else.
            (r#"{"code":2}"#, r#"event None None {"code":2}"#),
            (r#"{"msg":"x"}"#, r#"event None None {"msg":"x"}"#),
            (r#"{"code":"2","msg":"x"}"#, r#"event None None {"code":"2","msg":"x"}"#),
            (r#"{"code":2,"msg":null}"#, r#"event None None {"code":2,"msg":null}"#),
        ] {
            assert_eq!(describe(text), expected, "{text}");
        }
        assert!(Decoder::new().frame(b"17", |_| Ok(())).is_err());
    }
}
