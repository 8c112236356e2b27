//! Answers of the control API, and what it refuses.

use crate::error::{SimError, SimErrorKind};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};
use std::error::Error as _;
use std::fmt::Display;

/// What to do about a request that is not understood.
pub(super) const SEE_HELP: &str = "GET /help lists all requests and faults, with an example of each";

pub(super) type Answer = Response<Full<Bytes>>;

/// A request that does not succeed.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Status of the answer.
    status: StatusCode,
    /// Kind for programs.
    kind: &'static str,
    /// Message for people.
    message: String,
    /// What to do about it.
    hint: Option<String>,
}

impl Refusal {
    /// What was sent makes no sense.
    pub(super) fn invalid(message: impl Display) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "invalid", message: message.to_string(), hint: None }
    }

    /// There is no such thing.
    pub(super) fn unknown(message: impl Display) -> Self {
        Self { status: StatusCode::NOT_FOUND, kind: "unknown", message: message.to_string(), hint: None }
    }

    /// It makes sense, but not here and now.
    pub(super) fn conflict(message: impl Display) -> Self {
        Self { status: StatusCode::CONFLICT, kind: "conflict", message: message.to_string(), hint: None }
    }

    pub(super) fn wrong_method(allowed: &str) -> Self {
        let message = format!("this path takes {allowed}");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, kind: "method", message, hint: None }
    }

    /// Adds what to do about it.
    pub(super) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut error = json!({"kind": self.kind, "message": self.message});
        if let Some(hint) = self.hint {
            error["hint"] = hint.into();
        }
        json_answer(self.status, &json!({"error": error}))
    }
}

impl From<SimError> for Refusal {
    fn from(error: SimError) -> Self {
        let (status, kind) = match error.kind() {
            SimErrorKind::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            SimErrorKind::InsufficientBalance => (StatusCode::CONFLICT, "insufficient_balance"),
            SimErrorKind::Refused => (StatusCode::CONFLICT, "refused"),
            SimErrorKind::NoMarket => (StatusCode::CONFLICT, "no_market"),
            SimErrorKind::State => (StatusCode::INTERNAL_SERVER_ERROR, "state"),
            _ => (StatusCode::BAD_REQUEST, "invalid"),
        };
        let hint = match error.kind() {
            SimErrorKind::NoMarket => Some("place orders with POST /orders instead"),
            SimErrorKind::InsufficientBalance => Some("GET /accounts shows what is there"),
            _ => None,
        };
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self { status, kind, message, hint: hint.map(ToOwned::to_owned) }
    }
}

fn typed(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Answer {
    typed(status, "application/json; charset=utf-8", body.to_string())
}

/// JSON with line feeds, for people.
pub(super) fn pretty_answer(body: &Value) -> Answer {
    let text = serde_json::to_string_pretty(body).unwrap_or_default() + "\n";
    typed(StatusCode::OK, "application/json; charset=utf-8", text)
}

pub(super) fn text(status: StatusCode, text: &'static str) -> Answer {
    typed(status, "text/plain; charset=utf-8", text)
}

/// The status page: one file, which fetches nothing but `/status`.
pub(super) fn page() -> Answer {
    let mut response = typed(StatusCode::OK, "text/html; charset=utf-8", include_str!("page.html"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
