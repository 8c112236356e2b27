//! A first look at a recording, no longer than needed: its product, and the symbol of its snapshots where that is certain.

use super::files::{self, Part, Read};
use super::product::{self, Detection};
use crate::Product;
use crate::frames::{Kind, classify};
use binance_kit::core::Decoder;
use binance_kit::record::{FrameText, RecordEntry};
use binance_kit::{Symbol, spot};
use std::error::Error;
use std::path::PathBuf;

/// What is known of a recording before it is played.
pub(super) struct Survey {
    pub(super) product: Product,
    /// The symbol of the snapshots that do not name theirs: that of all streams, if they have the same. With two symbols a
    /// snapshot may be of either, and belongs to none.
    pub(super) only_symbol: Option<Symbol>,
}

/// The symbols of streams, as far as it matters how many there are.
#[derive(Debug, Default)]
struct Symbols {
    first: Option<String>,
    are_several: bool,
}

impl Symbols {
    fn stream(&mut self, name: &str) {
        let Some(symbol) =
            name.split_once('@').map(|(symbol, _)| symbol).filter(|symbol| !symbol.starts_with('!'))
        else {
            return;
        };
        match &self.first {
            None => self.first = Some(symbol.to_owned()),
            Some(first) => self.are_several |= first != symbol,
        }
    }

    fn only(self) -> Option<Symbol> {
        self.first.filter(|_| !self.are_several).map(|symbol| Symbol::new(&symbol.to_uppercase()))
    }
}

/// Looks at the files until everything is known.
pub(super) fn survey(paths: &[PathBuf]) -> Result<Survey, Box<dyn Error + Send + Sync>> {
    let (mut detection, mut symbols) = (Detection::default(), Symbols::default());
    let mut decoder = Decoder::new();
    let mut merge = files::Merge::new(paths)?;
    while let Some(Read { part, .. }) = merge.next()? {
        match part {
            Part::Entry(RecordEntry::Begin(begin)) => {
                if let Some(api) = begin.api {
                    detection.stated(api);
                }
            }
            Part::Entry(RecordEntry::Snapshot(snapshot)) => detection.stated(snapshot.api),
            Part::Entry(RecordEntry::Frame(frame)) => {
                let text = match frame.text {
                    FrameText::Text(text) => text,
                    // Only Spot has them.
                    FrameText::Binary(bytes) => {
                        if let Some(stream) = product::stream_of(&spot::sbe::STREAM, &bytes) {
                            symbols.stream(&stream);
                        }
                        continue;
                    }
                };
                detection.frame(&mut decoder, &text);
                match classify(&mut decoder, &text) {
                    Kind::Wrapped(stream) => symbols.stream(&stream),
                    Kind::Raw(stream) => symbols.stream(stream.as_str()),
                    _ => {}
                }
            }
            _ => {}
        }
        if detection.is_done() && symbols.are_several {
            break;
        }
    }
    Ok(Survey { product: detection.product(), only_symbol: symbols.only() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symbol_follows_from_the_streams() {
        let of = |names: &[&str]| {
            let mut symbols = Symbols::default();
            for name in names {
                symbols.stream(name);
            }
            symbols.only()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["!miniTicker@arr"]), None);
        assert_eq!(
            of(&["btcusdt@trade", "btcusdt@depth@100ms", "!ticker@arr"]),
            Some(Symbol::new("BTCUSDT"))
        );
        assert_eq!(of(&["btcusdt@trade", "ethusdt@trade", "btcusdt@depth"]), None);
    }
}
