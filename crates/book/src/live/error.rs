//! Errors of keeping books, and of reading them.

use crate::order_book::CostError;
use crate::sync::BookState;
use binance_kit_core::{Error as Failure, InvalidStreamName, Symbol};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The symbol cannot be part of a stream's name.
    InvalidSymbol,
    /// The book of the symbol is kept already.
    Duplicate,
    /// The exchange does not offer snapshots of this number of levels.
    InvalidLimit,
    /// The streams could not be subscribed; see [`Error::failure`].
    Subscribe,
    /// The exchange refused the symbol or its stream for good; see [`Error::failure`].
    Refused,
    /// The book of the symbol is not kept.
    NotKept,
    /// The book cannot be trusted now.
    NotSynced,
    /// The cost cannot be computed from the book; see [`Error::cost_error`].
    Cost,
    /// The books were stopped.
    Stopped,
}

/// Why a book cannot be kept or read.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    /// What went wrong.
    kind: ErrorKind,
    /// The symbol, where it is about one.
    symbol: Option<Symbol>,
    /// The state of the book, where that is what is wrong.
    state: Option<BookState>,
    /// The cause.
    source: Option<Source>,
}

#[derive(Clone)]
enum Source {
    Name(InvalidStreamName),
    Failure(Failure),
    Cost(CostError),
}

impl Error {
    #[cold]
    pub(super) fn new(kind: ErrorKind, symbol: Option<&Symbol>) -> Self {
        Self(Box::new(Inner { kind, symbol: symbol.cloned(), state: None, source: None }))
    }

    #[cold]
    pub(super) fn name(symbol: &Symbol, error: InvalidStreamName) -> Self {
        let mut new = Self::new(ErrorKind::InvalidSymbol, Some(symbol));
        new.0.source = Some(Source::Name(error));
        new
    }

    #[cold]
    pub(super) fn stream(error: Failure) -> Self {
        let mut new = Self::new(ErrorKind::Subscribe, None);
        new.0.source = Some(Source::Failure(error));
        new
    }

    #[cold]
    pub(super) fn refused(symbol: &Symbol, error: Failure) -> Self {
        let mut new = Self::new(ErrorKind::Refused, Some(symbol));
        new.0.source = Some(Source::Failure(error));
        new
    }

    #[cold]
    pub(super) fn not_synced(symbol: &Symbol, state: BookState) -> Self {
        let mut new = Self::new(ErrorKind::NotSynced, Some(symbol));
        new.0.state = Some(state);
        new
    }

    #[cold]
    pub(super) fn cost(symbol: &Symbol, error: CostError) -> Self {
        let mut new = Self::new(ErrorKind::Cost, Some(symbol));
        new.0.source = Some(Source::Cost(error));
        new
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the symbol, where the error is about one.
    pub fn symbol(&self) -> Option<&Symbol> {
        self.0.symbol.as_ref()
    }

    /// Returns the failure of the stream client or of the exchange behind it.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.0.source {
            Some(Source::Failure(error)) => Some(error),
            _ => None,
        }
    }

    /// Returns why a cost cannot be computed, where that is the error.
    pub fn cost_error(&self) -> Option<&CostError> {
        match &self.0.source {
            Some(Source::Cost(error)) => Some(error),
            _ => None,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(symbol) = &self.0.symbol {
            write!(f, "{symbol}: ")?;
        }
        f.write_str(match self.0.kind {
            ErrorKind::InvalidSymbol => "invalid symbol",
            ErrorKind::Duplicate => "the book is kept already",
            ErrorKind::InvalidLimit => "the exchange does not offer snapshots of this number of levels",
            ErrorKind::Subscribe => "cannot subscribe to the depth streams",
            ErrorKind::Refused => "refused by the exchange",
            ErrorKind::NotKept => "the book is not kept",
            ErrorKind::NotSynced => "the book is not synced",
            ErrorKind::Cost => "cannot compute the cost",
            ErrorKind::Stopped => "the books were stopped",
        })?;
        if let Some(state) = &self.0.state {
            write!(f, " ({state})")?;
        }
        match &self.0.source {
            Some(Source::Name(error)) => write!(f, ": {error}"),
            Some(Source::Failure(error)) => write!(f, ": {error}"),
            Some(Source::Cost(error)) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

// What a `main` that returns the error prints.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        binance_kit_core::failure::write_report(f, self)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.0.source.as_ref()? {
            Source::Name(error) => Some(error),
            Source::Failure(error) => Some(error),
            Source::Cost(error) => Some(error),
        }
    }
}
