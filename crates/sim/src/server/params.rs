//! The parameters of a request, wherever they came from: a query, a form, or a JSON object.

use super::failure::Failure;
use super::operation::Rows;
use crate::engine::{Fixed, FixedError, Reject};
use crate::json::parse::{Kind, Value};
use binance_kit_core::{ClientOrderId, Timestamp};

/// Names and values. Values of JSON that are not strings keep their text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params {
    /// Names and values, in order.
    entries: Vec<(String, String)>,
}

/// The characters that symbols, numbers and ids may be made of, as the exchange names them.
const SYMBOL_RANGE: &str = "^[A-Z0-9-_.]{1,20}$";
const DECIMAL_RANGE: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
const INTEGER_RANGE: &str = "^[0-9]{1,20}$";
const CLIENT_ID_RANGE: &str = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";

fn illegal(name: &str, range: &str) -> Reject {
    Reject::new(-1100, format!("Illegal characters found in parameter '{name}'; legal range is '{range}'."))
}

fn duplicate() -> Failure {
    Reject::new(-1101, "Duplicate values for a parameter detected.").into()
}

/// Undoes percent-encoding; a plus is a space.
pub(crate) fn decode(text: &str) -> Result<String, Failure> {
    let malformed = || Failure::from(Reject::new(-1100, "Illegal characters found in a parameter."));
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut digit =
                    || bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or_else(malformed);
                let (high, low) = (digit()?, digit()?);
                out.push(u8::try_from(high * 16 + low).unwrap_or(0));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).map_err(|_| malformed())
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut out: Vec<(String, String)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        if out.iter().any(|(other, _)| *other == name) {
            return Err(duplicate());
        }
        out.push((name, decode(value)?));
    }
    Ok(out)
}

impl Params {
    /// From a query and a form. Where both have a parameter, the query's counts.
    pub(crate) fn from_query(query: &str, body: &str) -> Result<Self, Failure> {
        let mut entries = pairs(query)?;
        for (name, value) in pairs(body)? {
            if !entries.iter().any(|(other, _)| *other == name) {
                entries.push((name, value));
            }
        }
        Ok(Self { entries })
    }

    /// From a JSON object; `text` is what it was read from.
    pub(crate) fn from_json(object: &[(String, Value)], text: &str) -> Result<Self, Failure> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for (name, value) in object {
            if entries.iter().any(|(other, _)| other == name) {
                return Err(duplicate());
            }
            let value = match &value.kind {
                Kind::String(text) => text.clone(),
                Kind::Null => continue,
                _ => value.raw(text).to_owned(),
            };
            entries.push((name.clone(), value));
        }
        Ok(Self { entries })
    }

    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.entries.iter().position(|(other, _)| other == name)?;
        Some(self.entries.remove(index).1)
    }

    /// Refuses parameters that a request does not have.
    pub(crate) fn check_known(&self, known: &[Rows], also: Option<Rows>) -> Result<(), Reject> {
        let known = || known.iter().chain(&also);
        // The WebSocket API takes this one with every method.
        let sent = self.entries.iter().filter(|(name, _)| name != "returnRateLimits").count();
        let expected: usize = known().map(|rows| rows.names.len()).sum();
        let read = self.entries.iter().filter(|(name, _)| known().any(|rows| rows.contains(name))).count();
        if read == sent {
            return Ok(());
        }
        Err(if sent > expected {
            Reject::new(-1101, format!("Too many parameters; expected '{expected}' and received '{sent}'."))
        } else {
            Reject::new(
                -1104,
                format!(
                    "Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."
                ),
            )
        })
    }

    /// `name=value&…` sorted by name, without one of the names: what is signed on the WebSocket API.
    pub(crate) fn sorted_payload(&self, without: Option<&str>) -> String {
        let mut sorted: Vec<_> =
            self.entries.iter().filter(|(name, _)| Some(name.as_str()) != without).collect();
        sorted.sort();
        sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(other, _)| other == name)
    }

    /// A parameter that may be left out, but not be empty.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, Reject> {
        match self.entries.iter().find(|(other, _)| other == name) {
            None => Ok(None),
            Some((_, value)) if value.is_empty() => {
                Err(Reject::new(-1105, format!("Parameter '{name}' was empty.")))
            }
            Some((_, value)) => Ok(Some(value)),
        }
    }

    /// A parameter that must be there.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Reject> {
        match self.entries.iter().find(|(other, _)| other == name) {
            Some((_, value)) if !value.is_empty() => Ok(value),
            _ => Err(Reject::missing(name)),
        }
    }

    /// The name of a symbol. The range in the message is the exchange's; letters of other scripts are fine.
    pub(crate) fn symbol(&self, name: &str) -> Result<&str, Reject> {
        let value = self.require(name)?;
        check_symbol(name, value).map(|()| value)
    }

    /// A number with a point at most.
    pub(crate) fn fixed(&self, name: &str) -> Result<Option<Fixed>, Reject> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        match Fixed::parse(value) {
            Ok(number) => Ok(Some(number)),
            Err(FixedError::Malformed) => Err(illegal(name, DECIMAL_RANGE)),
            Err(FixedError::TooPrecise) => Err(Reject::too_precise(name)),
            Err(FixedError::TooLarge) => Err(Reject::new(-1108, format!("Parameter '{name}' overflowed."))),
        }
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Reject> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        if !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(illegal(name, INTEGER_RANGE));
        }
        value.parse().map(Some).map_err(|_| Reject::new(-1108, format!("Parameter '{name}' overflowed.")))
    }

    /// An id.
    pub(crate) fn id(&self, name: &str) -> Result<Option<u64>, Reject> {
        Ok(self.integer(name)?.and_then(|value| u64::try_from(value).ok()))
    }

    /// How many rows: beyond the most there are, the most.
    pub(crate) fn limit(&self, default: usize, most: usize) -> Result<usize, Reject> {
        match self.integer("limit")? {
            None => Ok(default),
            Some(limit) if limit >= 1 => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
            Some(_) => Err(Reject::invalid("limit")),
        }
    }

    /// A time, in milliseconds or microseconds.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Reject> {
        Ok(self.integer(name)?.map(Timestamp::from_wire))
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Reject> {
        match self.get(name)? {
            None => Ok(None),
            Some("true" | "TRUE") => Ok(Some(true)),
            Some("false" | "FALSE") => Ok(Some(false)),
            Some(_) => Err(Reject::invalid(name)),
        }
    }

    /// A client's own id.
    pub(crate) fn client_id(&self, name: &str) -> Result<Option<ClientOrderId>, Reject> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        if value.len() > 36 || !value.bytes().all(legal) {
            return Err(illegal(name, CLIENT_ID_RANGE));
        }
        Ok(Some(ClientOrderId::new(value)))
    }

    /// A list of texts: a JSON array.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Reject> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let malformed = || illegal(name, "^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$");
        let Ok(Value { kind: Kind::Array(items), .. }) = crate::json::parse::parse(value) else {
            return Err(malformed());
        };
        items
            .iter()
            .map(|item| item.as_str().map(ToOwned::to_owned).ok_or_else(malformed))
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

/// Refuses what cannot be the name of a symbol.
pub(crate) fn check_symbol(name: &str, value: &str) -> Result<(), Reject> {
    let legal = |character: char| {
        character.is_ascii_uppercase()
            || character.is_ascii_digit()
            || "-_.".contains(character)
            || (!character.is_ascii() && character.is_alphanumeric())
    };
    if value.is_empty() || value.chars().count() > 20 || !value.chars().all(legal) {
        return Err(illegal(name, SYMBOL_RANGE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Params {
        Params::from_query(text, "").unwrap()
    }

    #[test]
    fn values_are_decoded_and_duplicates_found() {
        let params = query("symbol=%E5%B8%81%E5%AE%89USDT&a=x+y&b=");
        assert_eq!(params.symbol("symbol").unwrap(), "币安USDT");
        assert_eq!(params.get("a").unwrap(), Some("x y"));
        assert_eq!(params.get("b").unwrap_err().code, -1105);
        assert_eq!(params.require("b").unwrap_err().code, -1102);
        assert_eq!(Params::from_query("a=1&a=2", "").unwrap_err().code, -1101);
        assert_eq!(Params::from_query("a=%zz", "").unwrap_err().code, -1100);
        assert_eq!(Params::from_query("a=%ff", "").unwrap_err().code, -1100);
        let both = Params::from_query("a=1", "a=2&b=3").unwrap();
        assert_eq!((both.get("a").unwrap(), both.get("b").unwrap()), (Some("1"), Some("3")));
    }

    #[test]
    fn wrong_values_have_their_messages() {
        let params =
            query("symbol=btc&price=1.123456789&quantity=1e5&limit=x&big=99999999999999999999&id=a*");
        let error = params.symbol("symbol").unwrap_err();
        assert_eq!(
            error.message,
            "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."
        );
        assert_eq!(params.fixed("price").unwrap_err().message, "Parameter 'price' has too much precision.");
        assert_eq!(params.fixed("quantity").unwrap_err().code, -1100);
        assert_eq!(params.limit(500, 1000).unwrap_err().code, -1100);
        assert_eq!(params.integer("big").unwrap_err().code, -1108);
        assert_eq!(params.client_id("id").unwrap_err().code, -1100);
        assert_eq!(query("limit=0").limit(5, 10).unwrap_err().code, -1130);
        assert_eq!(query("limit=5000").limit(5, 1000).unwrap(), 1000);
    }

    #[test]
    fn unknown_parameters_are_counted() {
        assert_eq!(
            query("a=1&b=2").check_known(&[], None).unwrap_err().message,
            "Too many parameters; expected '0' and received '2'."
        );
        assert_eq!(
            query("symbol=A&x=2")
                .check_known(&[Rows::plain(&["symbol", "limit"])], None)
                .unwrap_err()
                .message,
            "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."
        );
        assert!(
            query("symbol=A")
                .check_known(&[Rows::plain(&["symbol"])], Some(Rows::plain(&["timestamp"])))
                .is_ok()
        );
    }

    #[test]
    fn json_values_keep_their_text() {
        let text = r#"{"b":1.50,"a":"x","c":true,"n":null,"l":["A"]}"#;
        let value = crate::json::parse::parse(text).unwrap();
        let Kind::Object(entries) = &value.kind else { panic!() };
        let params = Params::from_json(entries, text).unwrap();
        assert_eq!(params.sorted_payload(None), r#"a=x&b=1.50&c=true&l=["A"]"#);
        assert_eq!(params.texts("l").unwrap().unwrap(), ["A"]);
        assert!(params.texts("a").is_err());
    }
}
