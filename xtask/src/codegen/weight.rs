//! The request weight as a function of one parameter.

use crate::deps::Outcome;

/// The request weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Always the same.
    Fixed(u32),
    /// So much for each symbol of a parameter, up to a most; also the most without the parameter.
    Per {
        /// The parameter.
        param: String,
        /// For each.
        each: u32,
        /// At most.
        most: u32,
    },
    /// By the value of a parameter: the first case that fits.
    By {
        /// The parameter.
        param: String,
        /// The cases.
        cases: Vec<(WeightCase, u32)>,
    },
}

/// When a weight holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WeightCase {
    /// The parameter is not given.
    None,
    /// The parameter is `true`.
    True,
    /// The variant of alternatives that is given.
    Variant(String),
    /// The value, or the number of symbols, is at most this.
    UpTo(u32),
    /// Any other value.
    Any,
}

impl Weight {
    /// Reads `per PARAM EACH max MOST` and `by PARAM CASE:WEIGHT …`.
    ///
    /// # Errors
    ///
    /// If the text is neither.
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["per", param, each, "max", most] => {
                Ok(Self::Per { param: (*param).to_owned(), each: each.parse()?, most: most.parse()? })
            }
            ["by", param, cases @ ..] if !cases.is_empty() => {
                let mut parsed = Vec::new();
                for case in cases {
                    let (case, weight) = case.split_once(':').ok_or("a case is written `case:weight`")?;
                    let case = match case {
                        "none" => WeightCase::None,
                        "true" => WeightCase::True,
                        "*" => WeightCase::Any,
                        name if name.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
                            WeightCase::Variant(name.to_owned())
                        }
                        number => WeightCase::UpTo(number.parse()?),
                    };
                    parsed.push((case, weight.parse()?));
                }
                Ok(Self::By { param: (*param).to_owned(), cases: parsed })
            }
            _ => Err(format!("`{text}` is not a weight").into()),
        }
    }

    /// The parameter it depends on.
    pub(crate) fn param(&self) -> Option<&str> {
        match self {
            Self::Fixed(_) => None,
            Self::Per { param, .. } | Self::By { param, .. } => Some(param),
        }
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Fixed(weight) => weight.to_string(),
            Self::Per { param, each, most } => format!("{each} for each of `{param}`, at most {most}"),
            Self::By { param, cases } => {
                let cases: Vec<String> = cases
                    .iter()
                    .map(|(case, weight)| match case {
                        WeightCase::None => format!("{weight} without `{param}`"),
                        WeightCase::Variant(name) => format!("{weight} with `{param}` of `{name}`"),
                        WeightCase::True => format!("{weight} if `{param}`"),
                        WeightCase::UpTo(most) => format!("{weight} up to {most} (`{param}`)"),
                        WeightCase::Any => format!("{weight} otherwise"),
                    })
                    .collect();
                cases.join(", ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_said_in_words() {
        assert_eq!(
            Weight::parse("by limit 100:5 *:250 none:5").unwrap().describe(),
            "5 up to 100 (`limit`), 250 otherwise, 5 without `limit`"
        );
        assert_eq!(
            Weight::parse("per symbols 4 max 200").unwrap(),
            Weight::Per { param: "symbols".to_owned(), each: 4, most: 200 }
        );
        assert_eq!(
            Weight::parse("by symbols One:2 *:4").unwrap().describe(),
            "2 with `symbols` of `One`, 4 otherwise"
        );
        for wrong in ["", "by limit", "per limit 4", "by limit x:5", "by limit 5"] {
            assert!(Weight::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
