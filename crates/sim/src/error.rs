//! Errors of making, starting and changing an exchange.

use std::error::Error as _;
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
        f.write_str(&self.context)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimErrorKind {
    /// The address is in use, or may not be listened on.
    Listen,
    /// A symbol or an account is configured in a way that cannot work.
    Configuration,
    /// The accounts file cannot be read, or says something that cannot be used.
    AccountsFile,
    /// A certificate or its key cannot be used.
    Tls,
    /// There is no such account, symbol or asset.
    Unknown,
    /// An account has less than is to be taken from it.
    InsufficientBalance,
    /// The exchange refuses an order, for the reason that it would give a client.
    Refused,
    /// A recording of market data cannot be read or used.
    Recording,
    /// A saved state cannot be read, written or used.
    State,
    /// There is no market of makers and takers that could do it.
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

    /// What kind of thing went wrong.
    pub fn kind(&self) -> SimErrorKind {
        self.kind
    }
}
