//! A request that is not answered as asked: status, code, message, and what else belongs to it.

use crate::engine::Reject;
use crate::json::object;
use crate::limits::TooMany;
use binance_kit_core::{JsonWriter, Timestamp};
use std::borrow::Cow;

/// The failure of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Status of HTTP, or of the envelope.
    pub(crate) status: u16,
    /// Code of the error.
    pub(crate) code: i32,
    /// Message of the error.
    pub(crate) message: Cow<'static, str>,
    /// The `data` of the error, as JSON.
    pub(crate) data: Option<String>,
    /// When the request may be repeated.
    pub(crate) retry_at: Option<Timestamp>,
}

impl From<Reject> for Failure {
    fn from(reject: Reject) -> Self {
        let status = if matches!(reject.code, -2014 | -2015) { 401 } else { 400 };
        Self { status, code: reject.code, message: reject.message, data: None, retry_at: None }
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Self {
            status: too_many.status,
            code: too_many.code,
            message: too_many.message.into(),
            data: None,
            retry_at: Some(too_many.retry_at),
        }
    }
}

impl Failure {
    pub(crate) fn new(status: u16, code: i32, message: &'static str) -> Self {
        Self { status, code, message: message.into(), data: None, retry_at: None }
    }

    /// `{"code":…,"msg":…}`, with `data` where there is some.
    pub(crate) fn write(&self, json: &mut JsonWriter) {
        object(json, |json| {
            json.field("code", &self.code);
            json.field("msg", &*self.message);
            if let Some(data) = &self.data {
                json.key("data");
                json.literal(data);
            }
        });
    }
}
