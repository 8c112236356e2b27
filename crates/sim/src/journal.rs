//! What the exchange journal on streams, kept for tests that compare it with what arrived.

use crate::json::parse::{Kind, Value, parse};
use std::collections::VecDeque;

/// An event as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalEvent {
    /// First of the ids that the event covers: of a trade its id, of an aggregate its own, of a diff-depth event `U`, of
    /// a kline its open time, of others the update id or the time.
    pub first_id: u64,
    /// Last of them: of a diff-depth event `u`, of a kline the time of the event; elsewhere that of `first_id`.
    pub last_id: u64,
    /// The event, in milliseconds and without the name of its stream around it.
    pub text: String,
}

/// Events that were sent on a stream since [`Exchange::keep_journal`](crate::Exchange::keep_journal).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Journal {
    /// The events, oldest first.
    pub events: Vec<JournalEvent>,
    /// Number of older events that were dropped because the journal was full.
    pub forgotten: u64,
}

/// The journal of one stream.
#[derive(Debug)]
pub(crate) struct Record {
    /// Events, oldest first.
    texts: VecDeque<String>,
    /// How many events are kept.
    keep: usize,
    /// How many older ones were dropped.
    forgotten: u64,
}

impl Record {
    pub(crate) fn new(keep: usize) -> Self {
        Self { texts: VecDeque::new(), keep: keep.max(1), forgotten: 0 }
    }

    pub(crate) fn push(&mut self, text: String) {
        if self.texts.len() >= self.keep {
            self.texts.pop_front();
            self.forgotten += 1;
        }
        self.texts.push_back(text);
    }

    pub(crate) fn count(&self) -> u64 {
        self.forgotten + self.texts.len() as u64
    }

    pub(crate) fn read(&self) -> Journal {
        let events = self.texts.iter().map(|text| {
            let (first_id, last_id) = ids(text);
            JournalEvent { first_id, last_id, text: text.clone() }
        });
        Journal { events: events.collect(), forgotten: self.forgotten }
    }
}

fn number(value: &Value, text: &str, key: &str) -> Option<u64> {
    value.get(key)?.raw(text).parse().ok()
}

fn ids(text: &str) -> (u64, u64) {
    let Ok(value) = parse(text) else { return (0, 0) };
    let value = match &value.kind {
        Kind::Array(items) => items.first().unwrap_or(&value),
        _ => &value,
    };
    let id = |key| number(value, text, key);
    let time = id("E").unwrap_or(0);
    let both = |id: u64| (id, id);
    match value.get("e").and_then(Value::as_str) {
        Some("trade") => both(id("t").unwrap_or(0)),
        Some("aggTrade") => both(id("a").unwrap_or(0)),
        Some("depthUpdate") => (id("U").unwrap_or(0), id("u").unwrap_or(0)),
        Some("kline") => (value.get("k").and_then(|kline| number(kline, text, "t")).unwrap_or(0), time),
        Some(_) => both(time),
        None => both(id("u").or_else(|| id("lastUpdateId")).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_by_kind_and_only_so_many() {
        let mut record = Record::new(2);
        for text in [
            r#"{"e":"trade","E":9,"t":5}"#,
            r#"{"e":"depthUpdate","E":9,"U":3,"u":7}"#,
            r#"[{"e":"24hrTicker","E":9}]"#,
        ] {
            record.push(text.to_owned());
        }
        let journal = record.read();
        assert_eq!(journal.forgotten, 1);
        assert_eq!((journal.events[0].first_id, journal.events[0].last_id), (3, 7));
        assert_eq!(journal.events[1].first_id, 9);
        assert_eq!(ids(r#"{"e":"kline","E":9,"k":{"t":4}}"#), (4, 9));
        assert_eq!(ids(r#"{"u":8,"s":"X"}"#), (8, 8));
        assert_eq!(ids(r#"{"lastUpdateId":8}"#), (8, 8));
    }
}
