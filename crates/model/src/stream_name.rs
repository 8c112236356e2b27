//! Names of streams taken apart: the other direction of the functions in `stream`.

use binance_kit_core::Api;
use std::fmt;

/// A piece of the pattern of a name.
pub(crate) enum Piece {
    /// This text.
    Text(&'static str),
    /// The name of a symbol or pair: what is before the `@`, unless it begins with `!`.
    Symbol,
    /// Letters and digits.
    Word,
    /// One of these words, of which one may be empty.
    OneOf(&'static [&'static str]),
}

/// The values of the placeholders, if the whole name fits the pattern.
pub(crate) fn parse<'a, const N: usize>(name: &'a str, pieces: &[Piece]) -> Option<[&'a str; N]> {
    let mut values = [""; N];
    fits(name, pieces, &mut values).then_some(values)
}

fn fits<'a>(rest: &'a str, pieces: &[Piece], values: &mut [&'a str]) -> bool {
    let Some((piece, pieces)) = pieces.split_first() else { return rest.is_empty() };
    let mut take = |length: usize| {
        let Some((value, rest)) = rest.split_at_checked(length) else { return false };
        let Some((slot, values)) = values.split_first_mut() else { return false };
        *slot = value;
        fits(rest, pieces, values)
    };
    match piece {
        Piece::Text(text) => rest.strip_prefix(text).is_some_and(|rest| fits(rest, pieces, values)),
        Piece::Symbol => {
            let length = rest.find('@').unwrap_or(rest.len());
            length > 0 && !rest.starts_with('!') && take(length)
        }
        Piece::Word => {
            let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            length > 0 && take(length)
        }
        Piece::OneOf(words) => words.iter().any(|word| rest.starts_with(word) && take(word.len())),
    }
}

/// A text that is the name of no stream of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStream {
    /// The product.
    api: Api,
    /// The text, cut to a length that can be shown.
    name: String,
    /// The names that the product has.
    patterns: &'static [&'static str],
}

impl UnknownStream {
    pub(crate) fn new(api: Api, name: &str, patterns: &'static [&'static str]) -> Self {
        Self { api, name: name.chars().take(64).collect(), patterns }
    }

    /// The names of the product's streams, with a placeholder for each argument.
    pub const fn patterns(&self) -> &'static [&'static str] {
        self.patterns
    }
}

impl fmt::Display for UnknownStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no stream of {}; its streams are {}",
            self.name,
            self.api,
            self.patterns.join(", ")
        )
    }
}

impl std::error::Error for UnknownStream {}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPTH: &[Piece] = &[
        Piece::Symbol,
        Piece::Text("@depth"),
        Piece::OneOf(&["5", "10", "20"]),
        Piece::OneOf(&["", "@100ms"]),
    ];

    #[test]
    fn placeholders_are_found() {
        assert_eq!(parse("btcusdt@depth5", DEPTH), Some(["btcusdt", "5", ""]));
        assert_eq!(parse("币安usdt@depth20@100ms", DEPTH), Some(["币安usdt", "20", "@100ms"]));
        for other in ["btcusdt@depth", "btcusdt@depth5@1ms", "@depth5", "!x@depth5", "btcusdt@depth50", ""] {
            assert_eq!(parse::<3>(other, DEPTH), None, "{other}");
        }
        let candle = [Piece::Symbol, Piece::Text("@kline_"), Piece::Word];
        assert_eq!(parse("a@kline_1M", &candle), Some(["a", "1M"]));
        assert_eq!(parse::<2>("a@kline_1d@+08:00", &candle), None);
        assert_eq!(parse("!miniTicker@arr", &[Piece::Text("!miniTicker@arr")]), Some([]));
        assert_eq!(parse::<0>("a@kline_1M", &candle), None, "more placeholders than values");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let unknown = UnknownStream::new(Api::Spot, "btcusdt@trdae", &["<symbol>@trade", "<symbol>@depth"]);
        assert_eq!(
            unknown.to_string(),
            "\"btcusdt@trdae\" is no stream of spot; its streams are <symbol>@trade, <symbol>@depth"
        );
    }
}
