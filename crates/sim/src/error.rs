//! Errors of making, starting and changing an exchange.

use std::fmt;

/// An exchange could not be made, started or changed. `Debug` shows the message and its causes, so that it reads well when
/// `main` or a test returns it.
#[derive(thiserror::Error)]
#[error("{context}")]
pub struct SimError {
    /// Kind for programs.
    kind: SimErrorKind,
    /// Message for people.
    context: String,
    /// Error that caused it.
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Debug for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binance_kit_core::failure::write_report(f, self)
    }
}

/// Kinds of [`SimError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimErrorKind {
    /// Cannot listen on the address: it is in use, or not on loopback.
    Listen,
    /// Invalid configuration of a symbol, an account or a fault.
    Configuration,
    /// The accounts file cannot be read or is invalid.
    AccountsFile,
    /// Invalid certificate or key.
    Tls,
    /// Unknown account, symbol, asset or stream.
    Unknown,
    /// The balance of the account is too low.
    InsufficientBalance,
    /// The exchange rejects the order, with the code and message that a client would get.
    Refused,
    /// The recording of market data cannot be read or is invalid.
    Recording,
    /// The saved state cannot be read or written, or is invalid.
    State,
    /// The exchange, or the symbol, has no built-in market.
    NoMarket,
}

impl SimError {
    pub(crate) fn new(kind: SimErrorKind, context: impl fmt::Display) -> Self {
        Self { kind, context: context.to_string(), source: None }
    }

    pub(crate) fn with(
        kind: SimErrorKind,
        context: impl fmt::Display,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, context: context.to_string(), source: Some(source.into()) }
    }

    /// Returns the kind.
    pub fn kind(&self) -> SimErrorKind {
        self.kind
    }
}
