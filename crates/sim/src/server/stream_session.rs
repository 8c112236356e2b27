//! Messages of one connection of market streams: subscribing, unsubscribing, listing, properties.

use super::codec::{close_frame, text_frame};
use super::hub::Client;
use crate::faults::Origin;
use crate::json::parse::{Kind, Value, parse, position};
use crate::json::{array, object};
use crate::shared::Shared;
use binance_kit_core::JsonWriter;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const METHODS: [&str; 5] = ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"];

/// One connection.
pub(crate) struct StreamSession {
    /// State of the exchange.
    shared: Arc<Shared>,
    /// Connection that is served.
    client: Arc<Client>,
    /// Streams that are subscribed to, in the order of subscribing.
    streams: Vec<String>,
}

/// A message that is refused.
struct Refusal {
    /// Code of the refusal.
    code: u8,
    /// Message of the refusal.
    message: String,
}

fn refuse(code: u8, message: impl Into<String>) -> Refusal {
    Refusal { code, message: message.into() }
}

impl StreamSession {
    pub(crate) fn new(shared: Arc<Shared>, client: Arc<Client>, streams: &[String]) -> Self {
        let mut session = Self { shared, client, streams: Vec::new() };
        if session.has_room_for(streams) {
            session.subscribe(streams.iter().cloned());
        }
        session
    }

    /// The streams the connection is subscribed to, in the order of subscribing.
    pub(crate) fn streams(&self) -> &[String] {
        &self.streams
    }

    /// Whether these streams may be added. If not, the connection is over: it broke the rule.
    fn has_room_for(&self, names: &[String]) -> bool {
        let mut new: Vec<&String> = names.iter().filter(|name| !self.streams.contains(name)).collect();
        new.sort_unstable();
        new.dedup();
        let room = self.streams.len() + new.len() <= self.shared.limits.streams_per_connection;
        if !room {
            self.client.outbox.push(close_frame(1008, "Too many streams"));
            self.client.outbox.finish();
        }
        room
    }

    fn subscribe(&mut self, names: impl IntoIterator<Item = String>) {
        let (streams, client) = (&mut self.streams, &self.client);
        self.shared.run(|core, _| {
            for name in names {
                if !streams.contains(&name) {
                    core.hub.subscribe(client, &name, &core.engine);
                    streams.push(name);
                }
            }
        });
    }

    pub(crate) fn message(&mut self, text: &str) {
        let mut method = String::new();
        let answer = match parse(text) {
            Err(error) => {
                let message = format!(
                    "Invalid JSON: expected {} at line {} column {}",
                    error.expected, error.line, error.column
                );
                write_refusal(&refuse(3, message), None)
            }
            Ok(value) => {
                let id = request_id(&value, text);
                value.get("method").and_then(Value::as_str).unwrap_or_default().clone_into(&mut method);
                match id.and_then(|id| self.request(&value, text).map(|result| (id, result))) {
                    Ok((id, result)) => {
                        let mut json = JsonWriter::new();
                        object(&mut json, |json| {
                            json.key("result");
                            json.literal(&result);
                            json.key("id");
                            json.literal(id);
                        });
                        json.into_string()
                    }
                    Err(refusal) => write_refusal(&refusal, request_id(&value, text).ok()),
                }
            }
        };
        self.client.send(Origin::Acknowledgement(&method), text_frame(&answer));
    }

    /// Carries out a request; the result as JSON.
    fn request(&mut self, value: &Value, text: &str) -> Result<String, Refusal> {
        let Some(method) = value.get("method") else {
            let (line, column) = position(text, value.end);
            return Err(refuse(
                2,
                format!("Invalid request: missing field `method` at line {line} column {column}"),
            ));
        };
        let name = method.as_str().filter(|name| METHODS.contains(name)).ok_or_else(|| {
            let (line, column) = position(text, method.end);
            refuse(
                2,
                format!(
                    "Invalid request: unknown variant {}, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, \
                     `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line {line} column {column}",
                    method.as_str().map_or_else(|| method.raw(text).to_owned(), |name| format!("`{name}`"))
                ),
            )
        })?;
        self.shared.counters.request(name);
        let params: &[Value] = match value.get("params").map(|params| &params.kind) {
            None | Some(Kind::Null) => &[],
            Some(Kind::Array(params)) => params,
            Some(_) => return Err(refuse(2, "Invalid request: params must be an array")),
        };
        match name {
            "SUBSCRIBE" => {
                let names = stream_names(params)?;
                if self.has_room_for(&names) {
                    self.subscribe(names);
                }
                Ok("null".to_owned())
            }
            "UNSUBSCRIBE" => {
                let names = stream_names(params)?;
                self.streams.retain(|stream| !names.contains(stream));
                let client = &self.client;
                self.shared.run(|core, _| {
                    for name in &names {
                        core.hub.unsubscribe(client, name);
                    }
                });
                Ok("null".to_owned())
            }
            "LIST_SUBSCRIPTIONS" => {
                if !params.is_empty() {
                    return Err(refuse(2, "Invalid request: too many parameters"));
                }
                let mut json = JsonWriter::new();
                array(&mut json, &self.streams, |json, name| json.string(name));
                Ok(json.into_string())
            }
            "SET_PROPERTY" => {
                let [name, value] = property(params)?;
                check_property(name)?;
                let Some(Kind::Bool(combined)) = value.map(|value| &value.kind) else {
                    return Err(refuse(1, "Invalid value type: expected Boolean"));
                };
                self.client.combined.store(*combined, Ordering::Relaxed);
                Ok("null".to_owned())
            }
            _ => {
                let [name, value] = property(params)?;
                if value.is_some() {
                    return Err(refuse(2, "Invalid request: too many parameters"));
                }
                check_property(name)?;
                Ok(self.client.combined.load(Ordering::Relaxed).to_string())
            }
        }
    }
}

fn property(params: &[Value]) -> Result<[Option<&Value>; 2], Refusal> {
    if params.len() > 2 {
        return Err(refuse(2, "Invalid request: too many parameters"));
    }
    Ok([params.first(), params.get(1)])
}

fn check_property(name: Option<&Value>) -> Result<(), Refusal> {
    match name.and_then(Value::as_str) {
        Some("combined") => Ok(()),
        Some(_) => Err(refuse(0, "Unknown property")),
        None => Err(refuse(2, "Invalid request: property name must be a string")),
    }
}

fn stream_names(params: &[Value]) -> Result<Vec<String>, Refusal> {
    params
        .iter()
        .map(|param| {
            param
                .as_str()
                .filter(|name| !name.is_empty() && name.len() <= 256)
                .map(ToOwned::to_owned)
                .ok_or_else(|| refuse(2, "Invalid request: stream name must be a string"))
        })
        .collect()
}

/// Whether a text may be an id: 1 to 36 letters, digits, hyphens and underscores.
pub(super) fn is_client_id(id: &str) -> bool {
    (1..=36).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The text of the id: an integer of 64 bits, up to 36 letters and digits, or null.
fn request_id<'a>(value: &Value, text: &'a str) -> Result<&'a str, Refusal> {
    let wrong = || refuse(2, "Invalid request: request ID must be an unsigned integer");
    let id = value.get("id").ok_or_else(wrong)?;
    let valid = match &id.kind {
        Kind::Null => true,
        Kind::Number => id.raw(text).parse::<i64>().is_ok(),
        Kind::String(id) => is_client_id(id),
        _ => false,
    };
    if valid { Ok(id.raw(text)) } else { Err(wrong()) }
}

/// Only the first of the documented errors shows the id.
fn write_refusal(refusal: &Refusal, id: Option<&str>) -> String {
    let mut json = JsonWriter::new();
    object(&mut json, |json| {
        json.field("code", &refusal.code);
        json.field("msg", &refusal.message);
        if let Some(id) = id.filter(|_| refusal.code == 0) {
            json.key("id");
            json.literal(id);
        }
    });
    json.into_string()
}
