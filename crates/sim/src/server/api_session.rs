//! Requests of one connection of the WebSocket API.

use super::auth::{self, Security};
use super::codec::text_frame;
use super::failure::Failure;
use super::gate::{Gate, Identity, Outcome};
use super::hub::Client;
use super::operation::{Operation, Rows};
use super::params::Params;
use super::product::Product;
use super::stream_session::is_client_id;
use crate::engine::AccountId;
use crate::faults::{Action, Origin, When};
use crate::json::parse::{Kind, Value, parse};
use crate::json::{array, object};
use crate::limits::OrderCounts;
use crate::shared::{Core, Key, Shared};
use binance_kit_core::{Encode as _, JsonWriter, RateLimit, RateLimitInterval, RateLimitKind, Timestamp};
use binance_kit_sign::Algorithm;
use bytes::Bytes;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How many subscriptions a connection may have at a time.
const MAX_ACTIVE: usize = 1000;

struct Logon {
    /// Key that is logged on.
    key: Arc<Key>,
    /// Its name.
    api_key: String,
    /// Time of the logon.
    since: Timestamp,
}

struct Subscription {
    /// Id of the subscription.
    id: u64,
    /// Account whose events are sent.
    account: AccountId,
    /// Made for the account of the session, and ended with it.
    by_logon: bool,
}

/// One connection.
pub(crate) struct ApiSession {
    /// State of the exchange.
    shared: Arc<Shared>,
    /// Connection that is served.
    client: Arc<Client>,
    /// Product whose methods are served.
    product: &'static Product,
    /// Address that the requests come from.
    ip: IpAddr,
    /// Whether answers show the rate limits, by default.
    show_limits: bool,
    /// Time of the handshake.
    connected: Timestamp,
    /// Key that is logged on.
    logon: Option<Logon>,
    /// Subscriptions to user data.
    subscriptions: Vec<Subscription>,
    /// Id of the next subscription.
    next_subscription: u64,
    /// Requests whose id was refused.
    invalid_ids: u32,
}

/// What a request asks for.
enum Method {
    Operation(&'static Operation),
    Logon,
    Status,
    Logout,
    Subscribe,
    SubscribeSignature,
    Unsubscribe,
    Subscriptions,
}

impl Method {
    fn find(product: &Product, name: &str) -> Option<Self> {
        let name = product.unversioned(name);
        Some(match name {
            "session.logon" => Self::Logon,
            "session.status" => Self::Status,
            "session.logout" => Self::Logout,
            "session.subscriptions" => Self::Subscriptions,
            "userDataStream.subscribe" => Self::Subscribe,
            "userDataStream.subscribe.signature" => Self::SubscribeSignature,
            "userDataStream.unsubscribe" => Self::Unsubscribe,
            _ => Self::Operation(product.by_method(name)?),
        })
    }
}

/// A request that can be carried out or refused, with the text of its id.
struct Asked<'a> {
    /// Text of the id.
    id: &'a str,
    /// Name of the method.
    name: &'a str,
    /// Method with its entry.
    method: Method,
    /// Parameters of the request.
    params: Params,
    /// Whether answers show the rate limits, by default.
    show_limits: bool,
}

/// How requests are refused whose id the exchange does not take.
const INVALID_ID: &str =
    "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null.";

/// Why a request is not understood.
enum Unreadable {
    /// The exchange does not take its id.
    Id,
    /// Anything else.
    Other(Failure),
}

impl From<Failure> for Unreadable {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Id => Self::new(400, -1135, INVALID_ID),
            Unreadable::Other(failure) => failure,
        }
    }
}

/// How many requests with an id that the exchange does not take end a connection.
const MAX_INVALID_IDS: u32 = 3;

/// What a request of the session itself costs.
const SESSION_WEIGHT: u32 = 2;

impl ApiSession {
    pub(crate) fn new(
        shared: Arc<Shared>,
        client: Arc<Client>,
        product: &'static Product,
        ip: IpAddr,
        show_limits: bool,
    ) -> Self {
        let connected = shared.clock.now();
        Self {
            shared,
            client,
            product,
            ip,
            show_limits,
            connected,
            logon: None,
            subscriptions: Vec::new(),
            next_subscription: 0,
            invalid_ids: 0,
        }
    }

    pub(crate) fn message(&mut self, text: &str) {
        let shared = Arc::clone(&self.shared);
        let parsed = parse(text);
        let id = parsed.as_ref().map_or("null", |value| request_id(value, text));
        let asked = match read_request(self.product, parsed.as_ref().ok(), text, id, self.show_limits) {
            Ok(asked) => asked,
            Err(unreadable) => {
                self.invalid_ids += u32::from(matches!(unreadable, Unreadable::Id));
                let failure = Failure::from(unreadable);
                // What cannot be understood costs weight too.
                let answer = shared.run(|core, now| {
                    let gate = Gate { shared: &shared, ip: self.ip, now };
                    let failure = gate.charge(core, 1).err().unwrap_or(failure);
                    self.envelope(core, now, id, Err(&failure), self.show_limits, None)
                });
                self.send("", text_frame(&answer), Duration::ZERO);
                if self.invalid_ids >= MAX_INVALID_IDS {
                    self.client.disconnect();
                }
                return;
            }
        };
        shared.counters.request(asked.name);
        let mut delay = Duration::ZERO;
        match shared.faults.take(asked.name, Some(self.client.id), When::Before) {
            Some(Action::Drop) => return,
            Some(Action::Answer { status, body, .. }) => {
                self.send(asked.name, text_frame(&fault_answer(asked.id, status, &body)), delay);
                return;
            }
            Some(Action::Delay(late)) => delay = late,
            Some(Action::Cut { .. }) | None => {}
        }
        let answer = shared.run(|core, now| self.answer(core, now, &asked));
        let answer = match shared.faults.take(asked.name, Some(self.client.id), When::After) {
            Some(Action::Drop) => return,
            Some(Action::Answer { status, body, .. }) => fault_answer(asked.id, status, &body),
            Some(Action::Delay(late)) => {
                delay = delay.max(late);
                answer
            }
            Some(Action::Cut { bytes, reset }) => {
                let at = usize::try_from(bytes).unwrap_or(usize::MAX);
                self.client.cut(&text_frame(&answer), at, reset);
                return;
            }
            None => answer,
        };
        self.send(asked.name, text_frame(&answer), delay);
    }

    fn send(&self, method: &str, frame: Bytes, delay: Duration) {
        if delay == Duration::ZERO {
            self.client.send(Origin::Answer(method), frame);
        } else {
            let (client, method) = (Arc::clone(&self.client), method.to_owned());
            self.shared.spawner.spawn(async move {
                tokio::time::sleep(delay).await;
                client.send(Origin::Answer(&method), frame);
            });
        }
    }

    fn answer(&mut self, core: &mut Core, now: Timestamp, asked: &Asked<'_>) -> String {
        let shared = Arc::clone(&self.shared);
        let gate = Gate { shared: &shared, ip: self.ip, now };
        let Outcome { result, orders } = match asked.method {
            Method::Operation(operation) => {
                let identity = Identity::Session { logon: self.logon.as_ref().map(|logon| &logon.key) };
                gate.carry_out(core, operation, Ok(&asked.params), identity, Ok(self.client.unit))
            }
            ref method => {
                Outcome { result: self.carry_out(core, &gate, method, &asked.params), orders: None }
            }
        };
        let result = result.as_ref().map(JsonWriter::as_str);
        self.envelope(core, now, asked.id, result, asked.show_limits, orders)
    }

    /// `{"id":…,"status":…,"result":…,"rateLimits":[…]}`.
    fn envelope(
        &self,
        core: &mut Core,
        now: Timestamp,
        id: &str,
        result: Result<&str, &Failure>,
        show_limits: bool,
        orders: Option<OrderCounts>,
    ) -> String {
        let mut json = JsonWriter::new().with_time_unit(self.client.unit);
        json.begin_object();
        json.key("id");
        json.literal(id);
        match result {
            Ok(result) => {
                json.field("status", &200_u64);
                json.key("result");
                json.literal(result);
            }
            Err(failure) => {
                json.field("status", &failure.status);
                json.key("error");
                let mut failure = failure.clone();
                if let (Some(retry_at), None) = (failure.retry_at, &failure.data) {
                    failure.data = Some(format!(
                        "{{\"serverTime\":{},\"retryAfter\":{}}}",
                        now.as_millis(),
                        retry_at.as_millis()
                    ));
                }
                failure.write(&mut json);
            }
        }
        if show_limits {
            json.key("rateLimits");
            let limits = &self.shared.limits;
            let mut rows = Vec::new();
            if let Some(orders) = orders {
                let kind = RateLimitKind::Orders;
                rows.push((
                    kind.clone(),
                    RateLimitInterval::Second,
                    10,
                    limits.orders_per_10_seconds,
                    orders.in_10_seconds,
                ));
                rows.push((kind, RateLimitInterval::Day, 1, limits.orders_per_day, orders.in_day));
            }
            let used = core.limits.weight(self.ip, now);
            rows.push((
                RateLimitKind::RequestWeight,
                RateLimitInterval::Minute,
                1,
                limits.weight_per_minute,
                used,
            ));
            array(&mut json, rows, |json, (kind, interval, interval_count, limit, count)| {
                RateLimit { kind, interval, interval_count, limit: Some(limit), count: Some(count) }
                    .encode(json);
            });
        }
        json.end_object();
        json.into_string()
    }

    /// Carries out a request of the session itself.
    fn carry_out(
        &mut self,
        core: &mut Core,
        gate: &Gate<'_>,
        method: &Method,
        params: &Params,
    ) -> Result<JsonWriter, Failure> {
        gate.charge(core, SESSION_WEIGHT)?;
        let now = gate.now;
        let mut json = JsonWriter::new().with_time_unit(self.client.unit);
        // Those that are signed name their key themselves.
        let identity = Identity::Session { logon: None };
        let unsigned = |known: &[Rows]| gate.admit(Security::None, known, params, identity);
        let signed = || gate.admit(Security::UserData, &[], params, identity)?.ok_or_else(auth::rejected_key);
        match method {
            // They have passed the gate already.
            Method::Operation(_) => {}
            Method::Logon => {
                let api_key = params.require("apiKey")?;
                match auth::find_key(&self.shared.keys, api_key)?.config.verifying.algorithm() {
                    Algorithm::Ed25519 => {}
                    Algorithm::RsaSha256 => {
                        return Err(Failure::new(400, -4056, "RSA API key is not supported."));
                    }
                    _ => return Err(Failure::new(400, -4056, "HMAC_SHA256 API key is not supported.")),
                }
                let key = signed()?;
                self.end_logon(core, now);
                self.logon = Some(Logon { key, api_key: api_key.to_owned(), since: now });
                self.write_status(&mut json, now);
            }
            Method::Status => {
                unsigned(&[])?;
                self.write_status(&mut json, now);
            }
            Method::Logout => {
                unsigned(&[])?;
                self.end_logon(core, now);
                self.write_status(&mut json, now);
            }
            Method::Subscribe => {
                unsigned(&[])?;
                let account =
                    self.logon.as_ref().map(|logon| logon.key.account).ok_or_else(auth::rejected_key)?;
                self.subscribe(core, account, true, &mut json)?;
            }
            Method::SubscribeSignature => {
                let key = signed()?;
                self.subscribe(core, key.account, false, &mut json)?;
            }
            Method::Unsubscribe => {
                unsigned(&[Rows::plain(&["subscriptionId"])])?;
                let only = params.id("subscriptionId")?;
                let ended: Vec<_> =
                    self.subscriptions.extract_if(.., |one| only.is_none_or(|only| one.id == only)).collect();
                if ended.is_empty() {
                    return Err(Failure::new(400, -2036, "User Data Stream subscription not active."));
                }
                for one in ended {
                    core.hub.unsubscribe_user(one.account, &self.client, one.id, now);
                }
                object(&mut json, |_| {});
            }
            Method::Subscriptions => {
                unsigned(&[])?;
                array(&mut json, &self.subscriptions, |json, one| {
                    object(json, |json| json.field("subscriptionId", &one.id));
                });
            }
        }
        Ok(json)
    }

    fn subscribe(
        &mut self,
        core: &mut Core,
        account: AccountId,
        by_logon: bool,
        json: &mut JsonWriter,
    ) -> Result<(), Failure> {
        if self.subscriptions.iter().any(|one| one.account == account) {
            return Err(Failure::new(400, -2035, "User Data Stream subscription already active."));
        }
        let most = self.shared.limits.user_data_subscriptions_per_connection;
        if self.subscriptions.len() >= MAX_ACTIVE || self.next_subscription >= most {
            return Err(Failure::new(400, -2042, "Maximum subscription ID reached for this connection."));
        }
        let id = self.next_subscription;
        self.next_subscription += 1;
        core.hub.subscribe_user(account, &self.client, id);
        self.subscriptions.push(Subscription { id, account, by_logon });
        object(json, |json| json.field("subscriptionId", &id));
        Ok(())
    }

    /// Forgets the logged-on key, and ends the subscription made for it.
    fn end_logon(&mut self, core: &mut Core, now: Timestamp) {
        self.logon = None;
        for one in self.subscriptions.extract_if(.., |one| one.by_logon) {
            core.hub.unsubscribe_user(one.account, &self.client, one.id, now);
        }
    }

    fn write_status(&self, json: &mut JsonWriter, now: Timestamp) {
        object(json, |json| {
            match &self.logon {
                Some(logon) => {
                    json.field("apiKey", logon.api_key.as_str());
                    json.field("authorizedSince", &logon.since);
                }
                None => {
                    json.field("apiKey", &None::<u64>);
                    json.field("authorizedSince", &None::<u64>);
                }
            }
            json.field("connectedSince", &self.connected);
            json.field("returnRateLimits", &self.show_limits);
            json.field("serverTime", &now);
            json.field("userDataStream", &!self.subscriptions.is_empty());
        });
    }
}

/// The text of the id, or `null` when there is none that could be echoed.
fn request_id<'a>(value: &Value, text: &'a str) -> &'a str {
    match value.get("id") {
        Some(id) if id_is_valid(id, text) => id.raw(text),
        _ => "null",
    }
}

fn id_is_valid(id: &Value, text: &str) -> bool {
    match &id.kind {
        Kind::Null => true,
        Kind::Number => id.raw(text).parse::<i64>().is_ok(),
        Kind::String(id) => is_client_id(id),
        _ => false,
    }
}

fn read_request<'a>(
    product: &Product,
    value: Option<&'a Value>,
    text: &str,
    id: &'a str,
    show_limits: bool,
) -> Result<Asked<'a>, Unreadable> {
    let invalid = |message: &'static str| Failure::new(400, -1135, message);
    let value = value.ok_or_else(|| invalid("Invalid JSON Request"))?;
    if !matches!(value.kind, Kind::Object(_)) {
        return Err(invalid("Invalid JSON Request").into());
    }
    if !value.get("id").is_some_and(|id| id_is_valid(id, text)) {
        return Err(Unreadable::Id);
    }
    let name = value
        .get("method")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("Invalid 'method' in JSON request; expected a string."))?;
    let params = match value.get("params").map(|params| &params.kind) {
        None => Params::default(),
        Some(Kind::Object(entries)) => Params::from_json(entries, text)?,
        Some(_) => {
            return Err(invalid("Invalid 'params' in JSON request; expected an object.").into());
        }
    };
    let method = Method::find(product, name)
        .ok_or_else(|| Failure::new(400, -1020, "This operation is not supported."))?;
    let show_limits = params.boolean("returnRateLimits").map_err(Failure::from)?.unwrap_or(show_limits);
    Ok(Asked { id, name, method, params, show_limits })
}

/// An answer that a test put in place of the real one. `error` is the error object.
fn fault_answer(id: &str, status: u16, error: &str) -> String {
    format!("{{\"id\":{id},\"status\":{status},\"error\":{error}}}")
}
