//! The names of market streams and what they stand for.

use crate::engine::{EAST, Interval, SymbolId};
use std::collections::HashMap;

/// How often a book stream sends, and how its name states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Speed {
    /// Every second, as names without a speed mean.
    Default,
    /// Every second, said in the name.
    Slow,
    /// Every 100 milliseconds.
    Fast,
}

impl Speed {
    pub(crate) const ALL: [Self; 3] = [Self::Default, Self::Slow, Self::Fast];

    pub(crate) const fn is_fast(self) -> bool {
        matches!(self, Self::Fast)
    }

    fn parse(suffix: &str) -> Option<Self> {
        match suffix {
            "" => Some(Self::Default),
            "@1000ms" => Some(Self::Slow),
            "@100ms" => Some(Self::Fast),
            _ => None,
        }
    }
}

/// The length of a rolling window that streams know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Window {
    Hour,
    FourHours,
    Day,
}

impl Window {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "1h" => Some(Self::Hour),
            "4h" => Some(Self::FourHours),
            "1d" => Some(Self::Day),
            _ => None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::FourHours => "4h",
            Self::Day => "1d",
        }
    }

    pub(crate) const fn millis(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::FourHours => 4 * 3_600_000,
            Self::Day => 24 * 3_600_000,
        }
    }
}

/// A market stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stream {
    Trade(SymbolId),
    Aggregate(SymbolId),
    BookTicker(SymbolId),
    Kline(SymbolId, Interval, i64),
    MiniTicker(SymbolId),
    Ticker(SymbolId),
    Window(SymbolId, Window),
    AveragePrice(SymbolId),
    Partial(SymbolId, usize, Speed),
    Diff(SymbolId, Speed),
    Reference(SymbolId),
    Block(SymbolId),
    /// Whether the name says the speed, as an old form of it does that clients still use.
    AllMiniTickers(bool),
    AllTickers,
    AllWindows(Window),
}

impl Stream {
    /// What a name stands for. `symbols` has the symbols in lower case.
    pub(crate) fn parse(name: &str, symbols: &HashMap<String, SymbolId>) -> Option<Self> {
        match name {
            "!miniTicker@arr" => return Some(Self::AllMiniTickers(false)),
            "!miniTicker@arr@1000ms" => return Some(Self::AllMiniTickers(true)),
            "!ticker@arr" => return Some(Self::AllTickers),
            _ => {}
        }
        if let Some(window) = name.strip_prefix("!ticker_") {
            return Window::parse(window.strip_suffix("@arr")?).map(Self::AllWindows);
        }
        let (symbol, kind) = name.split_once('@')?;
        let symbol = *symbols.get(symbol)?;
        Some(match kind {
            "trade" => Self::Trade(symbol),
            "aggTrade" => Self::Aggregate(symbol),
            "bookTicker" => Self::BookTicker(symbol),
            "miniTicker" => Self::MiniTicker(symbol),
            "ticker" => Self::Ticker(symbol),
            "avgPrice" => Self::AveragePrice(symbol),
            "referencePrice" => Self::Reference(symbol),
            "blockTrade" => Self::Block(symbol),
            _ => {
                if let Some(rest) = kind.strip_prefix("kline_") {
                    let (interval, offset) = match rest.strip_suffix("@+08:00") {
                        Some(interval) => (interval, EAST),
                        None => (rest, 0),
                    };
                    Self::Kline(symbol, Interval::from_word(interval)?, offset)
                } else if let Some(window) = kind.strip_prefix("ticker_") {
                    Self::Window(symbol, Window::parse(window)?)
                } else {
                    let rest = kind.strip_prefix("depth")?;
                    let split = rest.find('@').unwrap_or(rest.len());
                    let (levels, suffix) = rest.split_at(split);
                    let speed = Speed::parse(suffix)?;
                    match levels {
                        "" => Self::Diff(symbol, speed),
                        "5" => Self::Partial(symbol, 5, speed),
                        "10" => Self::Partial(symbol, 10, speed),
                        "20" => Self::Partial(symbol, 20, speed),
                        _ => return None,
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_names() {
        let id = SymbolId(3);
        let symbols = HashMap::from([("币安usdt".to_owned(), id)]);
        let parse = |name: &str| Stream::parse(name, &symbols);
        assert_eq!(parse("币安usdt@trade"), Some(Stream::Trade(id)));
        assert_eq!(parse("币安usdt@kline_1M@+08:00"), Some(Stream::Kline(id, Interval::Month, EAST)));
        assert_eq!(parse("币安usdt@depth"), Some(Stream::Diff(id, Speed::Default)));
        assert_eq!(parse("币安usdt@depth@100ms"), Some(Stream::Diff(id, Speed::Fast)));
        assert_eq!(parse("币安usdt@depth20@1000ms"), Some(Stream::Partial(id, 20, Speed::Slow)));
        assert_eq!(parse("币安usdt@ticker_4h"), Some(Stream::Window(id, Window::FourHours)));
        assert_eq!(parse("币安usdt@referencePrice"), Some(Stream::Reference(id)));
        assert_eq!(parse("币安usdt@blockTrade"), Some(Stream::Block(id)));
        assert_ne!(parse("!miniTicker@arr@1000ms"), parse("!miniTicker@arr"));
        assert_eq!(parse("!ticker_1h@arr"), Some(Stream::AllWindows(Window::Hour)));
        for name in [
            "",
            "btcusdt@trade",
            "币安usdt",
            "币安usdt@depth7",
            "币安usdt@kline_2m",
            "!bookTicker",
            "币安USDT@trade",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
