//! What is written to the exchange: control messages, and the paths of connections.

use crate::item::ControlMethod;
use binance_kit_core::{JsonWriter, StreamName};

/// The text of a control message.
pub(super) fn control_text(control: ControlMethod, names: &[StreamName], id: u64) -> String {
    let mut json = JsonWriter::new();
    json.begin_object();
    json.key("method");
    json.string(control.as_str());
    if control != ControlMethod::List {
        json.field("params", names);
    }
    json.field("id", &id);
    json.end_object();
    json.into_string()
}

/// The path and query of a combined connection for these streams.
pub(super) fn combined_path(names: &[StreamName], microseconds: bool) -> String {
    let mut path = String::from("/stream");
    let mut separator = '?';
    if !names.is_empty() {
        path.push_str("?streams=");
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                path.push('/');
            }
            name.write_url(&mut path);
        }
        separator = '&';
    }
    if microseconds {
        path.push(separator);
        path.push_str("timeUnit=MICROSECOND");
    }
    path
}

/// The path and query of a raw connection, which carries one stream.
pub(super) fn raw_path(name: &StreamName, microseconds: bool) -> String {
    let mut path = String::from("/ws/");
    name.write_url(&mut path);
    if microseconds {
        path.push_str("?timeUnit=MICROSECOND");
    }
    path
}
