//! What a recorded frame is, by its JSON: the order of its keys and the spaces in it do not matter.

use binance_kit::StreamName;
use binance_kit::core::decode::{EventFrame, FastReader, Frame, Value, ValueKind};
use binance_kit::core::{DecodeError, Decoder};

/// What a frame is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event of this stream, which the frame names.
    Wrapped(String),
    /// An event of this stream, which follows from the event: it came on a connection of a single stream.
    Raw(StreamName),
    /// The answer to a control message, or an announcement of the server.
    Control,
    /// The answer of a depth request.
    Snapshot,
    /// It is not JSON, or not that of an event.
    Unreadable(DecodeError),
}

/// The stream on which the server announces its end.
const SHUTDOWN: &str = "!serverShutdown";

/// Whether a frame that begins with the name of its stream holds an event; `None` for any other frame. Nearly all frames are
/// such, and need no decoder.
pub(crate) fn begins_as_event(text: &str) -> Option<bool> {
    FastReader::new(text.as_bytes()).wrapper().map(|stream| stream != SHUTDOWN)
}

/// Finds out what a frame is.
pub(crate) fn classify(decoder: &mut Decoder, text: &str) -> Kind {
    if let Some(stream) = FastReader::new(text.as_bytes()).wrapper() {
        return wrapped(stream);
    }
    let kind = decoder.frame(text.as_bytes(), |frame| match frame {
        Frame::Event(EventFrame { stream: Some(stream), .. }) => Ok(wrapped(stream)),
        Frame::Event(EventFrame { data, .. }) if is_snapshot(data) => Ok(Kind::Snapshot),
        Frame::Event(EventFrame { data, .. }) if event_type(data) == Some("serverShutdown") => {
            Ok(Kind::Control)
        }
        Frame::Event(EventFrame { data, .. }) => {
            let name = stream_of(data).and_then(|name| StreamName::new(&name).ok());
            name.map(Kind::Raw).ok_or_else(|| DecodeError::missing("stream"))
        }
        _ => Ok(Kind::Control),
    });
    kind.unwrap_or_else(Kind::Unreadable)
}

/// A frame that names its stream. The server announces its end on a stream of its own.
fn wrapped(stream: &str) -> Kind {
    if stream == SHUTDOWN { Kind::Control } else { Kind::Wrapped(stream.to_owned()) }
}

fn is_snapshot(data: Value<'_>) -> bool {
    data.kind() == ValueKind::Object
        && event_type(data).is_none()
        && ["lastUpdateId", "bids", "asks"].iter().all(|key| data.get(key).is_some())
}

fn text<'a>(data: Value<'a>, key: &str) -> Option<&'a str> {
    data.get(key).and_then(|value| value.as_str().ok())
}

fn event_type(data: Value<'_>) -> Option<&str> {
    if data.kind() == ValueKind::Object { text(data, "e") } else { None }
}

/// The name of the stream of an event that came without one.
fn stream_of(data: Value<'_>) -> Option<String> {
    if data.kind() == ValueKind::Array {
        let first = data.array().ok()?.next()?;
        return event_type(first).map(|event_type| format!("!{}@arr", kind_of(event_type)));
    }
    if data.kind() != ValueKind::Object {
        return None;
    }
    let symbol = text(data, "s")?.to_lowercase();
    let Some(event_type) = event_type(data) else {
        let is_ticker = ["u", "b", "B", "a", "A"].iter().all(|key| data.get(key).is_some());
        return is_ticker.then(|| format!("{symbol}@bookTicker"));
    };
    let interval = data.get("k").and_then(|candle| text(candle, "i"));
    Some(match interval {
        Some(interval) => format!("{symbol}@{event_type}_{interval}"),
        None => format!("{symbol}@{}", kind_of(event_type)),
    })
}

/// The part of a stream's name that stands for a type of event.
fn kind_of(event_type: &str) -> String {
    match event_type {
        "depthUpdate" => "depth".to_owned(),
        "24hrTicker" => "ticker".to_owned(),
        "24hrMiniTicker" => "miniTicker".to_owned(),
        "markPriceUpdate" => "markPrice".to_owned(),
        other => match other.strip_suffix("Ticker") {
            Some(window) if window.starts_with(|first: char| first.is_ascii_digit()) => {
                format!("ticker_{window}")
            }
            _ => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        classify(&mut Decoder::new(), text)
    }

    #[test]
    fn frames_are_distinguished_as_json() {
        let wrapped = || Kind::Wrapped("a@trade".to_owned());
        assert_eq!(kind(r#"{"stream":"a@trade","data":{}}"#), wrapped());
        assert_eq!(kind(r#"{"stream": "a@trade", "data": {"e": "trade"}}"#), wrapped());
        assert_eq!(kind("{\n  \"stream\" : \"a@trade\",\n  \"data\" : {}\n}"), wrapped());
        let filling = "x".repeat(1000);
        assert_eq!(
            kind(&format!(r#"{{"data":{{"e":"trade","x":"{filling}"}},"stream":"a@trade"}}"#)),
            wrapped()
        );
        for control in [
            r#"{"result":null,"id":1}"#,
            r#"{ "id" : 1, "result" : ["a@trade"] }"#,
            r#"{"error": {"code": 2, "msg": "Invalid request"}, "id": "x"}"#,
            r#"{"code":2,"msg":"Invalid request"}"#,
            r#"{"e":"serverShutdown","E":1}"#,
        ] {
            assert_eq!(kind(control), Kind::Control, "{control}");
        }
        for snapshot in [
            r#"{"lastUpdateId":1,"bids":[],"asks":[]}"#,
            r#"{"asks": [], "bids": [], "symbol": "A", "lastUpdateId": 1}"#,
        ] {
            assert_eq!(kind(snapshot), Kind::Snapshot, "{snapshot}");
        }
        for unreadable in ["", "17", "{\"stream\"", "{}", "[]", r#"{"e":"trade"}"#] {
            assert!(matches!(kind(unreadable), Kind::Unreadable(_)), "{unreadable}");
        }
    }

    #[test]
    fn a_frame_that_begins_with_its_stream_needs_no_decoder() {
        for (text, expected) in [
            (r#"{"stream":"a@trade","data":{}}"#, Some(true)),
            (r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown"}}"#, Some(false)),
            (r#"{"stream": "a@trade", "data": {}}"#, None),
            (r#"{"result":null,"id":1}"#, None),
        ] {
            assert_eq!(begins_as_event(text), expected, "{text}");
            if let Some(is_event) = expected {
                assert_eq!(kind(text) != Kind::Control, is_event, "{text}");
            }
        }
    }

    #[test]
    fn events_without_a_wrapper_say_their_stream() {
        for (text, stream) in [
            (r#"{"e":"trade","s":"BTCUSDT"}"#, "btcusdt@trade"),
            (r#"{"e":"aggTrade","s":"BTCUSDT"}"#, "btcusdt@aggTrade"),
            (r#"{"e":"depthUpdate","s":"BTCUSDT"}"#, "btcusdt@depth"),
            (r#"{"e":"kline","s":"BTCUSDT","k":{"i":"1m"}}"#, "btcusdt@kline_1m"),
            (r#"{"e":"24hrTicker","s":"BTCUSDT"}"#, "btcusdt@ticker"),
            (r#"{"e":"1hTicker","s":"BTCUSDT"}"#, "btcusdt@ticker_1h"),
            (r#"{"u": 1, "s": "BTCUSDT", "b": "", "B": "", "a": "", "A": ""}"#, "btcusdt@bookTicker"),
            (r#"[{"e":"24hrMiniTicker","s":"BTCUSDT"}]"#, "!miniTicker@arr"),
        ] {
            assert_eq!(kind(text), Kind::Raw(StreamName::new(stream).unwrap()), "{text}");
        }
    }
}
