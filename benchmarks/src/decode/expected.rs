//! What must be read from a message: a summary of its values, found in the message parsed as plain JSON.

use crate::Outcome;
use crate::payloads::Kind;
use rust_decimal::Decimal;
use serde_json::Value;

/// A decimal without trailing zeros, so that `1.50` and `1.5` are the same.
pub(crate) trait Amount {
    fn plain(&self) -> String;
}

impl Amount for Decimal {
    fn plain(&self) -> String {
        self.normalize().to_string()
    }
}

impl Amount for str {
    fn plain(&self) -> String {
        self.parse::<Decimal>().map_or_else(|_| format!("{self}?"), |decimal| decimal.plain())
    }
}

impl Amount for &str {
    fn plain(&self) -> String {
        (**self).plain()
    }
}

impl Amount for String {
    fn plain(&self) -> String {
        self.as_str().plain()
    }
}

/// The summary of one message.
pub(crate) fn summary(kind: Kind, frame: &[u8]) -> Outcome<String> {
    let frame: Value = serde_json::from_slice(frame)?;
    let data = match kind {
        Kind::OrderAnswer => frame.get("result"),
        Kind::ExecutionReport => frame.get("event"),
        _ => frame.get("data"),
    };
    let data = data.ok_or("the message has no content")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let number = |value: &Value, key: &str| value.get(key).map_or_else(|| "?".to_owned(), Value::to_string);
    let amount = |value: &Value, key: &str| text(value, key).plain();
    Ok(match kind {
        Kind::Trade => {
            format!("{} {} {} {}", text(data, "s"), number(data, "t"), amount(data, "p"), amount(data, "q"))
        }
        Kind::AggTrade => {
            format!("{} {} {} {}", text(data, "s"), number(data, "a"), amount(data, "p"), amount(data, "q"))
        }
        Kind::BookTicker => {
            format!("{} {} {} {}", text(data, "s"), number(data, "u"), amount(data, "b"), amount(data, "A"))
        }
        Kind::Kline => {
            let kline = data.get("k").ok_or("no candle")?;
            format!(
                "{} {} {} {} {}",
                text(data, "s"),
                number(kline, "t"),
                amount(kline, "o"),
                amount(kline, "Q"),
                number(kline, "n")
            )
        }
        Kind::Ticker => format!(
            "{} {} {} {} {}",
            text(data, "s"),
            number(data, "E"),
            amount(data, "p"),
            amount(data, "q"),
            number(data, "n")
        ),
        Kind::MiniTickers => {
            let all = data.as_array().ok_or("no array")?;
            let last = all.last().ok_or("an empty array")?;
            format!("{} {} {} {}", all.len(), text(last, "s"), amount(last, "c"), amount(last, "q"))
        }
        Kind::Depth20 | Kind::Depth1000 => {
            let side = |key: &str| {
                let levels = data.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let last = levels.last().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let last: Vec<String> =
                    last.iter().map(|text| text.as_str().unwrap_or("?").plain()).collect();
                format!("{} {}", levels.len(), last.join(" "))
            };
            format!("{} {} {} {}", number(data, "U"), number(data, "u"), side("b"), side("a"))
        }
        Kind::ExecutionReport => format!(
            "{} {} {} {} {} {}",
            text(data, "s"),
            text(data, "c"),
            number(data, "i"),
            number(data, "t"),
            amount(data, "L"),
            amount(data, "Y")
        ),
        Kind::OrderAnswer => {
            let limits = frame.get("rateLimits").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let count = limits.last().map_or_else(|| "?".to_owned(), |limit| number(limit, "count"));
            format!(
                "{} {} {} {} {count}",
                number(data, "orderId"),
                text(data, "clientOrderId"),
                amount(data, "price"),
                amount(data, "origQty")
            )
        }
    })
}

/// The summary of the changes of a book.
pub(crate) fn book<L>(
    first: &impl ToString,
    last: &impl ToString,
    sides: [&[L]; 2],
    level: impl Fn(&L) -> [String; 2],
) -> String {
    let side = |levels: &[L]| {
        let text = levels.last().map(|last| level(last).join(" ")).unwrap_or_default();
        format!("{} {text}", levels.len())
    };
    let [bids, asks] = sides.map(side);
    format!("{} {} {bids} {asks}", first.to_string(), last.to_string())
}
