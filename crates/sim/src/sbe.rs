//! Answers and events in SBE: JSON that is already written is turned into a message before it is sent.
//!
//! What has no message stays JSON: clients tell the two by the content type, or by the kind of frame.

use crate::faults::Origin;
use crate::server::codec::{binary_frame, text_of};
use crate::server::failure::Failure;
use crate::shared::Shared;
use binance_kit_core::decode::Value;
use binance_kit_core::sbe::{self, EncodeError};
use binance_kit_core::{Decoder, JsonWriter};
use binance_kit_model::spot::sbe::{API, STREAM};
use bytes::Bytes;
use std::sync::Weak;

/// The content type.
pub(crate) const CONTENT_TYPE: &str = "application/sbe";

/// The oldest version of the schema that is written, though as the newest: a reader of an older version skips what came later.
/// Those before it are retired.
const OLDEST: u16 = 3;

/// Whether this schema, written `3:5`, can be had: then, whether it is deprecated, as all versions but the newest are.
pub(crate) fn check(words: &str) -> Result<bool, Failure> {
    let malformed = || Failure::new(400, -1152, "Invalid X-MBX-SBE header; expected <SCHEMA_ID>:<VERSION>.");
    let (id, version) = words.split_once(':').ok_or_else(malformed)?;
    let id: u16 = id.trim().parse().map_err(|_| malformed())?;
    let version: u16 = version.trim().parse().map_err(|_| malformed())?;
    if id != API.id || version > API.version {
        return Err(Failure::new(
            400,
            -1153,
            "Unsupported SBE schema ID or version specified in the X-MBX-SBE header.",
        ));
    }
    if version < OLDEST {
        let message = format!(
            "Unable to encode the response in SBE schema '{id}:{version}'. Please use schema '{id}:{OLDEST}' or higher."
        );
        return Err(Failure { message: message.into(), ..Failure::new(400, -1161, "") });
    }
    Ok(version < API.version)
}

/// Turns JSON into a message; none where it has no form in SBE.
fn message(
    json: &str,
    write: impl FnOnce(Value<'_>, &mut Vec<u8>) -> Result<(), EncodeError>,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let written = Decoder::new().parse(json.as_bytes(), |value| Ok(write(value, &mut out)));
    match written {
        Ok(Ok(())) => Some(out),
        Ok(Err(error)) => {
            tracing::warn!(%error, "sent as JSON");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "what is sent is no JSON");
            None
        }
    }
}

/// The body of a REST answer, by the method of the WebSocket API that answers the same.
pub(crate) fn body(method: &str, status: u16, json: &str) -> Option<Vec<u8>> {
    message(json, |value, out| {
        if status == 200 {
            return sbe::encode_answer(&API, method, value, out);
        }
        match API.layouts.iter().find(|layout| layout.name == "ErrorResponse") {
            Some(layout) => sbe::encode(&API, layout, value, out),
            None => Ok(()),
        }
    })
}

/// The stream whose events are sent, of a stream's name on the SBE host, which has faster ones.
pub(crate) fn topic(name: &str) -> String {
    match name.split_once('@') {
        Some((symbol, "bestBidAsk")) => format!("{symbol}@bookTicker"),
        Some((symbol, "depth")) => format!("{symbol}@depth@100ms"),
        Some((symbol, "depth20")) => format!("{symbol}@depth20@100ms"),
        Some((_, "trade")) => name.to_owned(),
        // The host has no others.
        _ => String::new(),
    }
}

/// Writes the frames of a connection that wants SBE.
#[derive(Debug)]
pub(crate) struct Frames {
    /// The exchange.
    pub(crate) shared: Weak<Shared>,
    /// Whether the client reads an older version of the schema than the newest, which each answer says.
    pub(crate) deprecated: bool,
}

/// Says in an answer of the WebSocket API that the schema which the client asked for is deprecated.
fn mark_deprecated(message: &mut [u8]) {
    const HEADER: usize = 8;
    let field = API.layouts.iter().find(|layout| layout.name == "WebSocketResponse").and_then(|layout| {
        layout.body.fields.iter().find(|field| field.name == "sbeSchemaIdVersionDeprecated")
    });
    if let Some(flag) = field.and_then(|field| message.get_mut(HEADER + usize::from(field.offset))) {
        *flag = 1;
    }
}

impl Frames {
    /// The frame to be sent in place of one in JSON; none when there is nothing to send.
    pub(crate) fn frame(&self, origin: Origin<'_>, frame: Bytes) -> Option<Bytes> {
        let text = text_of(&frame);
        let message = match origin {
            Origin::Acknowledgement(_) => return Some(frame),
            Origin::Event(name) => return self.event(name, text).map(|message| binary_frame(&message)),
            Origin::UserData => user_data(text),
            Origin::Answer(method) => {
                let method = method.strip_prefix("v3/").unwrap_or(method);
                let mut message = message(text, |value, out| sbe::encode_envelope(&API, method, value, out));
                if let Some(message) = message.as_mut().filter(|_| self.deprecated) {
                    mark_deprecated(message);
                }
                message
            }
        };
        Some(message.map_or(frame, |message| binary_frame(&message)))
    }

    fn event(&self, name: &str, text: &str) -> Option<Vec<u8>> {
        let (symbol, kind) = name.split_once('@')?;
        let name = match kind {
            "trade" => "TradesStreamEvent",
            "bookTicker" => "BestBidAskStreamEvent",
            "depth@100ms" => "DepthDiffStreamEvent",
            "depth20@100ms" => "DepthSnapshotStreamEvent",
            _ => return None,
        };
        let layout = STREAM.layouts.iter().find(|layout| layout.name == name)?;
        // SBE says of every event when it was sent and of which symbol it is; in JSON some do not.
        let mut json = JsonWriter::new();
        json.begin_object();
        if !text.contains("\"E\":") {
            json.key("E");
            json.display(&self.shared.upgrade()?.clock.now().as_micros());
        }
        if !text.contains("\"s\":") {
            json.field("s", symbol.to_uppercase().as_str());
        }
        json.end_object();
        let added = json.into_string();
        let added = added.trim_end_matches('}');
        let comma = if added.len() > 1 { "," } else { "" };
        let whole = format!("{added}{comma}{}", text.strip_prefix('{')?);
        message(&whole, |value, out| sbe::encode(&STREAM, layout, value, out))
    }
}

/// `{"subscriptionId":0,"event":{…}}`: in SBE the event carries the number.
fn user_data(text: &str) -> Option<Vec<u8>> {
    let (head, event) = text.split_once(",\"event\":{")?;
    let whole = format!("{head},{}", event.strip_suffix('}')?);
    message(&whole, |value, out| sbe::encode_event(&API, value, out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_negotiated() {
        assert_eq!(check("3:5"), Ok(false));
        assert_eq!((check("3:4"), check("3:3")), (Ok(true), Ok(true)));
        for (words, code) in [
            ("", -1152),
            ("3", -1152),
            ("a:b", -1152),
            ("4:0", -1153),
            ("3:6", -1153),
            ("1:0", -1153),
            ("3:2", -1161),
        ] {
            assert_eq!(check(words).unwrap_err().code, code, "{words:?}");
        }
        assert_eq!(
            check("3:2").unwrap_err().message,
            "Unable to encode the response in SBE schema '3:2'. Please use schema '3:3' or higher."
        );
    }

    #[test]
    fn the_host_of_sbe_has_four_streams() {
        assert_eq!(topic("btcusdt@bestBidAsk"), "btcusdt@bookTicker");
        assert_eq!(topic("btcusdt@trade"), "btcusdt@trade");
        assert_eq!((topic("btcusdt@kline_1m").as_str(), topic("btcusdt@bookTicker").as_str()), ("", ""));
    }

    #[test]
    fn what_has_no_message_stays_json() {
        assert_eq!(body("order.place", 200, "[]"), None);
        assert!(body("time", 200, r#"{"serverTime":1700000000000}"#).is_some());
        let error = body("time", 400, r#"{"code":-1121,"msg":"Invalid symbol."}"#).unwrap();
        assert_eq!(error.get(2..4), Some(&[100, 0][..]));
    }
}
