//! What each fault is, with an example, for those who inject them from other languages.

use super::fault::{ENVELOPE, Fault};
use super::kind::{Family, FaultKind};
use serde_json::{Value, json};

/// One kind of fault.
struct Entry {
    /// What it does.
    does: &'static str,
    /// An example, as JSON.
    example: &'static str,
}

/// Every kind of fault, in the order of [`FaultKind`].
const FAULTS: [Entry; 35] = [
    Entry {
        does: "a request is answered with this; `executed`: it is carried out first; `html`: the body is a page",
        example: r#"{"fault": "answer", "status": 503, "body": "{\"code\":-1008,\"msg\":\"Server is busy.\"}", "on": {"request": "POST /api/v3/order"}}"#,
    },
    Entry {
        does: "a request is not answered (over HTTP the connection is cut); `executed`: it is carried out",
        example: r#"{"fault": "lose", "executed": true, "on": {"request": "order.place"}}"#,
    },
    Entry {
        does: "a request is carried out and answered late",
        example: r#"{"fault": "delay_response", "millis": 2000, "on": {"request": "order.place"}}"#,
    },
    Entry {
        does: "a request over HTTP is carried out late",
        example: r#"{"fault": "delay_request", "millis": 2000, "on": {"request": "GET /api/v3/depth"}}"#,
    },
    Entry {
        does: "the connection ends after so many bytes of an answer over HTTP, head included",
        example: r#"{"fault": "cut_response", "bytes": 100, "on": {"request": "GET /api/v3/exchangeInfo"}}"#,
    },
    Entry {
        does: "a message is left out: a gap",
        example: r#"{"fault": "drop", "on": {"stream": "btcusdt@trade"}, "times": {"count": 3}}"#,
    },
    Entry {
        does: "messages are left out for as long as it lasts: a stream that fell silent",
        example: r#"{"fault": "silence", "on": {"stream": "btcusdt@trade"}, "lasting_millis": 30000}"#,
    },
    Entry { does: "a message is sent twice", example: r#"{"fault": "duplicate", "on": "user_data"}"# },
    Entry {
        does: "a message is sent behind the next `by` ones of its scope",
        example: r#"{"fault": "reorder", "by": 2, "on": {"stream": "btcusdt@depth@100ms"}}"#,
    },
    Entry {
        does: "a message is sent late, and others overtake it",
        example: r#"{"fault": "delay", "millis": 500, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "the text of a message breaks off, so that it is not JSON",
        example: r#"{"fault": "garble", "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message has this text instead",
        example: r#"{"fault": "replace", "text": "{\"e\":\"unknown\"}", "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "another message with this text goes before a message",
        example: r#"{"fault": "insert", "text": "{\"e\":\"unknown\"}", "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a byte in the middle of a message is not UTF-8",
        example: r#"{"fault": "invalid_utf8", "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message is masked, as only a client may mask",
        example: r#"{"fault": "mask", "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message is cut into fragments of so many bytes; `pings`: with pings between them",
        example: r#"{"fault": "fragment", "bytes": 20, "pings": true, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message is padded with spaces to so many bytes",
        example: r#"{"fault": "inflate", "bytes": 1000000, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message announces so many bytes and does not have them",
        example: r#"{"fault": "announce", "bytes": 1000000000, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "the first byte of a message (flags and opcode) is this one",
        example: r#"{"fault": "first_byte", "byte": 195, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "the connection ends after so many bytes of a message; `reset`: by a reset",
        example: r#"{"fault": "cut", "at": 10, "reset": true, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "the connection falls silent after so many bytes of a message, for `millis` or for good",
        example: r#"{"fault": "stall", "at": 10, "millis": 5000, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry {
        does: "a message is written at this pace",
        example: r#"{"fault": "drip", "bytes_per_second": 100, "on": {"stream": "btcusdt@trade"}}"#,
    },
    Entry { does: "connections are reset", example: r#"{"fault": "reset", "at_millis": 5000}"# },
    Entry { does: "connections end without a close frame", example: r#"{"fault": "end"}"# },
    Entry {
        does: "connections are closed with this code, or with none",
        example: r#"{"fault": "close", "code": 1008, "reason": "disconnected"}"#,
    },
    Entry {
        does: "connections are half-open: nothing is delivered; `direction`: `both`, `to_client`, `to_exchange`",
        example: r#"{"fault": "half_open", "direction": "to_client", "lasting_millis": 30000}"#,
    },
    Entry {
        does: "connections are sent to at this pace",
        example: r#"{"fault": "throttle", "bytes_per_second": 1000, "lasting_millis": 10000}"#,
    },
    Entry {
        does: "connections are sent so many pings at this pace",
        example: r#"{"fault": "ping_flood", "count": 100, "per_second": 50}"#,
    },
    Entry {
        does: "connections are sent so many pongs at once",
        example: r#"{"fault": "pong_flood", "count": 100}"#,
    },
    Entry {
        does: "connections are not pinged",
        example: r#"{"fault": "no_pings", "lasting_millis": 120000}"#,
    },
    Entry {
        does: "connections are sent the event that the server shuts down",
        example: r#"{"fault": "server_shutdown"}"#,
    },
    Entry { does: "connections are closed as after 24 hours", example: r#"{"fault": "expire"}"# },
    Entry {
        does: "new connections are refused",
        example: r#"{"fault": "refuse_connections", "lasting_millis": 5000}"#,
    },
    Entry {
        does: "new connections are accepted, and then nothing",
        example: r#"{"fault": "ignore_connections", "lasting_millis": 5000}"#,
    },
    Entry {
        does: "the exchange's clock is so many milliseconds ahead (below zero: behind)",
        example: r#"{"fault": "clock_skew", "millis": -2000, "lasting_millis": 10000}"#,
    },
];

fn family(kind: &FaultKind) -> &'static str {
    match kind.family() {
        Family::Request => "request",
        Family::Frame => "message",
        Family::Connection => "connection",
        Family::Connecting => "connecting",
        Family::Clock => "clock",
    }
}

/// All kinds of faults: name, what it waits for, what it does, parameters with their types, an example.
pub(crate) fn faults() -> Value {
    FAULTS
        .iter()
        .filter_map(|entry| {
            let fault = Fault::from_json(entry.example).ok()?;
            let mut kind = serde_json::to_value(fault.kind()).ok()?;
            let name = kind.as_object_mut()?.remove("fault")?;
            let parameters: Vec<&String> = kind.as_object()?.keys().collect();
            let example: Value = serde_json::from_str(entry.example).ok()?;
            Some(json!({
                "fault": name,
                "waitsFor": family(fault.kind()),
                "does": entry.does,
                "parameters": parameters,
                "example": example,
            }))
        })
        .collect()
}

/// The keys of every fault beside its own parameters.
pub(crate) fn envelope() -> Value {
    json!({
        ENVELOPE[0]: "where: \"any\" (everywhere, if it is left out), {\"stream\": \"btcusdt@trade\"}, \"user_data\", \
                      {\"request\": \"order.place\"} or {\"request\": \"POST /api/v3/order\"} (\"*\": every request), \
                      \"acknowledgements\", \"handshake\"",
        ENVELOPE[1]: "only on the WebSocket connection with this id of GET /connections",
        ENVELOPE[2]: "begins so many milliseconds after it was ordered",
        ENVELOPE[3]: "ends after so many milliseconds",
        ENVELOPE[4]: "passes over so many occasions first",
        ENVELOPE[5]: "how often: {\"count\": 3}, \"always\"; without it once, or as long as a state lasts",
        ENVELOPE[6]: "chance of each occasion, in millionths",
        ENVELOPE[7]: "seed of the chance",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_has_a_help() {
        // The error for a kind that there is not lists those that there are.
        let error = Fault::from_json(r#"{"fault": "?"}"#).unwrap_err();
        let message = std::error::Error::source(&error).unwrap().to_string();
        let kinds: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let help = faults();
        let helped: Vec<&str> =
            help.as_array().unwrap().iter().map(|entry| entry["fault"].as_str().unwrap()).collect();
        assert_eq!(helped, kinds);
        assert_eq!(helped.len(), FAULTS.len());
        for entry in help.as_array().unwrap() {
            assert!(Fault::from_json(&entry["example"].to_string()).is_ok(), "{entry}");
        }
        assert_eq!(envelope().as_object().unwrap().len(), ENVELOPE.len());
    }
}
