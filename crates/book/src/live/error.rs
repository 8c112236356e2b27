//! What can go wrong with keeping books.

use binance_kit_core::{InvalidStreamName, Symbol};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The symbol cannot stand in the name of a stream.
    InvalidSymbol,
    /// The symbol is kept already.
    Duplicate,
    /// The number of levels asked for is not one the exchange offers.
    InvalidLimit,
    /// The streams could not be subscribed; the source says why.
    Subscribe,
    /// The books were stopped.
    Stopped,
}

/// Why a book cannot be kept.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    symbol: Option<Symbol>,
    source: Option<Source>,
}

#[derive(Debug)]
enum Source {
    Name(InvalidStreamName),
    Stream(binance_kit_stream::Error),
}

impl Error {
    #[cold]
    pub(super) fn new(kind: ErrorKind, symbol: Option<&Symbol>) -> Self {
        Self(Box::new(Inner { kind, symbol: symbol.cloned(), source: None }))
    }

    #[cold]
    pub(super) fn name(symbol: &Symbol, error: InvalidStreamName) -> Self {
        let mut new = Self::new(ErrorKind::InvalidSymbol, Some(symbol));
        new.0.source = Some(Source::Name(error));
        new
    }

    #[cold]
    pub(super) fn stream(error: binance_kit_stream::Error) -> Self {
        let mut new = Self::new(ErrorKind::Subscribe, None);
        new.0.source = Some(Source::Stream(error));
        new
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The symbol at fault, where it is one.
    pub fn symbol(&self) -> Option<&Symbol> {
        self.0.symbol.as_ref()
    }

    /// The error of the stream client, where it is its.
    pub fn stream_error(&self) -> Option<&binance_kit_stream::Error> {
        match &self.0.source {
            Some(Source::Stream(error)) => Some(error),
            _ => None,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::InvalidSymbol => "the symbol cannot be part of a stream's name",
            ErrorKind::Duplicate => "the symbol's book is kept already",
            ErrorKind::InvalidLimit => "the exchange offers no snapshots of that many levels",
            ErrorKind::Subscribe => "the depth streams could not be subscribed",
            ErrorKind::Stopped => "the books were stopped",
        })?;
        match &self.0.symbol {
            Some(symbol) => write!(f, " ({symbol})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.0.source.as_ref()? {
            Source::Name(error) => Some(error),
            Source::Stream(error) => Some(error),
        }
    }
}
