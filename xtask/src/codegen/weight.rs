//! What a request costs: a weight for each counter, fixed or a function of one parameter.

use crate::deps::Outcome;

/// The weights of a request, by counter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Of the IP address.
    pub(crate) ip: Option<Weight>,
    /// Of the account.
    pub(crate) uid: Option<Weight>,
    /// Orders of the account.
    pub(crate) orders: Option<Weight>,
    /// Of a pool of the product, by its name.
    pub(crate) pool: Option<(String, Weight)>,
}

impl Cost {
    /// Reads `5`, a rule, or a table with a number or a rule for each counter: `{ ip = 1, orders = 1 }`.
    ///
    /// # Errors
    ///
    /// If it is none of them, or names two pools.
    pub(crate) fn parse(value: &toml::Value) -> Outcome<Self> {
        let toml::Value::Table(counters) = value else {
            return Ok(Self { ip: Some(Weight::of(value)?), ..Self::default() });
        };
        let mut cost = Self::default();
        for (counter, value) in counters {
            let weight = Weight::of(value)?;
            match counter.as_str() {
                "ip" => cost.ip = Some(weight),
                "uid" => cost.uid = Some(weight),
                "orders" => cost.orders = Some(weight),
                pool if cost.pool.is_none() => cost.pool = Some((pool.to_owned(), weight)),
                pool => return Err(format!("a request is charged to one pool; `{pool}` is a second").into()),
            }
        }
        Ok(cost)
    }

    /// All weights.
    pub(crate) fn weights(&self) -> impl Iterator<Item = &Weight> {
        let pool = self.pool.as_ref().map(|(_, weight)| weight);
        [self.ip.as_ref(), self.uid.as_ref(), self.orders.as_ref(), pool].into_iter().flatten()
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(weight) = &self.ip {
            parts.push(format!("Weight: {}.", weight.describe()));
        }
        if let Some(weight) = &self.uid {
            parts.push(format!("Weight per account: {}.", weight.describe()));
        }
        if let Some(weight) = &self.orders {
            parts.push(format!("Order count: {}.", weight.describe()));
        }
        if let Some((pool, weight)) = &self.pool {
            parts.push(format!("Weight in the pool `{pool}`: {}.", weight.describe()));
        }
        if parts.is_empty() { "Weight: 0.".to_owned() } else { parts.join(" ") }
    }
}

/// The weight in one counter.
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
    /// Reads a number or a rule.
    ///
    /// # Errors
    ///
    /// If it is neither.
    fn of(value: &toml::Value) -> Outcome<Self> {
        match value {
            toml::Value::Integer(number) => Ok(Self::Fixed(u32::try_from(*number)?)),
            toml::Value::String(rule) => Self::parse(rule),
            _ => Err("a weight is a number or a rule".into()),
        }
    }

    /// Reads `per PARAM EACH max LIMIT` and `by PARAM CASE:WEIGHT …`.
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
    fn a_cost_names_its_counters() {
        let parse = |text: &str| {
            let table: toml::Table = text.parse().unwrap();
            Cost::parse(&table["weight"])
        };
        assert_eq!(parse("weight = 5").unwrap().describe(), "Weight: 5.");
        let cost =
            parse("weight = { ip = 0, uid = 'by limit *:2 none:1', orders = 1, funding = 3 }").unwrap();
        assert_eq!(
            cost.describe(),
            "Weight: 0. Weight per account: 2 otherwise, 1 without `limit`. Order count: 1. Weight in the pool `funding`: 3."
        );
        assert_eq!(cost.weights().count(), 4);
        assert!(parse("weight = { ip = 1, a = 1, b = 1 }").is_err());
        assert!(parse("weight = true").is_err());
    }

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
