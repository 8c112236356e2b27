//! The rejection of one part of a compound request, inside an answer.

use binance_kit_core::decode::{Decode, DecodeError, Layout, Value, field, required};
use binance_kit_core::{ApiError, Encode, ErrorCode, JsonWriter};

/// Why the exchange rejected one part of a request (`{"code":-2011,"msg":"Unknown order sent."}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: ErrorCode,
    /// The message, as the exchange wrote it.
    pub message: String,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}

impl Decode for Refusal {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let (mut code, mut message) = (None::<i32>, None);
        for (key, value) in value.object()? {
            match key {
                "code" => field(&mut code, "code", value)?,
                "msg" => field(&mut message, "msg", value)?,
                _ => {}
            }
        }
        Ok(Self { code: ErrorCode(required(code, "code")?), message: required(message, "msg")? })
    }
}

impl Encode for Refusal {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("code", &self.code.0);
        json.field("msg", &self.message);
        json.end_object();
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! { Refusal }
