//! What the spec says of a stream beside its name and its events: how often it has something to say, on which route it is
//! served, and which public record has what was missed.

use super::spec::{Product, Stream};
use crate::deps::Outcome;

/// How often a stream is documented to have an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cadence {
    /// Whenever something happens.
    None,
    /// Every so many milliseconds.
    Every(u64),
    /// By the value of an argument: the first case that fits; `*` fits all.
    By {
        /// The argument.
        argument: String,
        /// The variants and the milliseconds.
        cases: Vec<(String, Option<u64>)>,
    },
}

/// The public record of what a stream delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecordRule {
    /// Trades.
    Trades,
    /// Aggregate trades.
    AggTrades,
    /// Candles of the interval that is this argument, in this time zone.
    Klines {
        /// The argument.
        argument: String,
        /// The time zone, where it is not UTC.
        time_zone: Option<String>,
    },
}

fn milliseconds(text: &str) -> Outcome<u64> {
    match text.strip_suffix("ms") {
        Some(number) => Ok(number.parse()?),
        None => Err(format!("`{text}` is no time: write `100ms`").into()),
    }
}

impl Cadence {
    /// Reads `100ms` or `by ARGUMENT VARIANT:100ms … *:none`.
    ///
    /// # Errors
    ///
    /// If the text is neither.
    pub(super) fn parse(text: Option<&str>) -> Outcome<Self> {
        let Some(text) = text else { return Ok(Self::None) };
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["by", argument, cases @ ..] = words.as_slice() else {
            return Ok(Self::Every(milliseconds(text)?));
        };
        let mut parsed = Vec::new();
        for case in cases {
            let (variant, time) = case.split_once(':').ok_or("a case is written `Variant:100ms`")?;
            let time = if time == "none" { None } else { Some(milliseconds(time)?) };
            parsed.push((variant.to_owned(), time));
        }
        if parsed.is_empty() {
            return Err(format!("`{text}` has no case").into());
        }
        Ok(Self::By { argument: (*argument).to_owned(), cases: parsed })
    }
}

impl RecordRule {
    /// Reads `trades`, `agg_trades` or `klines ARGUMENT [TIME_ZONE]`.
    ///
    /// # Errors
    ///
    /// If the text is none of them.
    pub(super) fn parse(text: &str) -> Outcome<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Ok(match words.as_slice() {
            ["trades"] => Self::Trades,
            ["agg_trades"] => Self::AggTrades,
            ["klines", argument] => Self::Klines { argument: (*argument).to_owned(), time_zone: None },
            ["klines", argument, zone] => {
                Self::Klines { argument: (*argument).to_owned(), time_zone: Some((*zone).to_owned()) }
            }
            _ => return Err(format!("`{text}` is no record").into()),
        })
    }
}

impl Stream {
    /// The name and the type of an argument.
    pub(super) fn argument(&self, name: &str) -> Option<&str> {
        self.placeholders()
            .filter_map(|placeholder| placeholder.split_once(':'))
            .find_map(|(argument, of_type)| (argument == name).then_some(of_type))
    }

    /// Checks that route, cadence and record fit the product and the arguments.
    ///
    /// # Errors
    ///
    /// The first thing that does not.
    pub(super) fn check(&self, product: &Product) -> Outcome<()> {
        let mut plain = self.placeholders().filter(|placeholder| !placeholder.contains(':'));
        if let Some(unknown) = plain.find(|name| !matches!(*name, "symbol" | "pair")) {
            return Err(format!("`<{unknown}>` needs a type").into());
        }
        match (&self.route, product.head.api().has_routes) {
            (None, true) => return Err("its route is missing: public, market or private".into()),
            (Some(_), false) => return Err("the streams of this product have no routes".into()),
            (Some(route), true) if !matches!(route.as_str(), "public" | "market" | "private") => {
                return Err(format!("`{route}` is no route").into());
            }
            _ => {}
        }
        if let Cadence::By { argument, cases } = &self.cadence {
            let of_type = self.argument(argument).ok_or("the cadence depends on no argument")?;
            let spec = product.enum_named(of_type).ok_or_else(|| format!("no enum {of_type}"))?;
            for (variant, _) in cases {
                if variant != "*" && !spec.values.iter().any(|value| value.name == *variant) {
                    return Err(
                        format!("the cadence names `{variant}`, which {of_type} does not have").into()
                    );
                }
            }
            let names_all = spec.name_part
                && spec.values.iter().all(|value| cases.iter().any(|(variant, _)| *variant == value.name));
            let has_rest = cases.iter().any(|(variant, _)| variant == "*");
            if names_all == has_rest {
                return Err("the cadence names each value, or has a last case `*`".into());
            }
        }
        if let Some(RecordRule::Klines { argument, .. }) = &self.record
            && self.argument(argument).is_none()
        {
            return Err("the interval of the record is no argument".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cadences_and_records_are_read() {
        assert_eq!(Cadence::parse(None).unwrap(), Cadence::None);
        assert_eq!(Cadence::parse(Some("1000ms")).unwrap(), Cadence::Every(1000));
        assert_eq!(
            Cadence::parse(Some("by speed RealTime:none *:250ms")).unwrap(),
            Cadence::By {
                argument: "speed".to_owned(),
                cases: vec![("RealTime".to_owned(), None), ("*".to_owned(), Some(250))]
            }
        );
        for wrong in ["", "1s", "by speed", "by speed Fast", "by speed Fast:1"] {
            assert!(Cadence::parse(Some(wrong)).is_err(), "{wrong:?}");
        }
        assert_eq!(RecordRule::parse("trades").unwrap(), RecordRule::Trades);
        assert_eq!(
            RecordRule::parse("klines interval 8").unwrap(),
            RecordRule::Klines { argument: "interval".to_owned(), time_zone: Some("8".to_owned()) }
        );
        assert!(RecordRule::parse("books").is_err());
    }
}
