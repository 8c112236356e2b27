//! What a connection of the WebSocket API says to the exchange.

use super::api::{self, Api, Call, Operation};
use super::auth::{self, Security};
use super::codec::text_frame;
use super::failure::Failure;
use super::hub::Client;
use super::params::Params;
use crate::engine::{AccountId, Reject};
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
    key: Arc<Key>,
    api_key: String,
    since: Timestamp,
}

struct Subscription {
    id: u64,
    account: AccountId,
    /// Made for the account of the session, and ended with it.
    by_logon: bool,
}

/// One connection.
pub(crate) struct ApiSession {
    shared: Arc<Shared>,
    client: Arc<Client>,
    ip: IpAddr,
    show_limits: bool,
    connected: Timestamp,
    logon: Option<Logon>,
    subscriptions: Vec<Subscription>,
    next_subscription: u64,
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
    fn find(name: &str) -> Option<Self> {
        // Names may carry the version.
        let name = name.strip_prefix("v3/").unwrap_or(name);
        Some(match name {
            "session.logon" => Self::Logon,
            "session.status" => Self::Status,
            "session.logout" => Self::Logout,
            "session.subscriptions" => Self::Subscriptions,
            "userDataStream.subscribe" => Self::Subscribe,
            "userDataStream.subscribe.signature" => Self::SubscribeSignature,
            "userDataStream.unsubscribe" => Self::Unsubscribe,
            _ => Self::Operation(api::by_method(name)?),
        })
    }

    fn weight(&self, params: &Params) -> u32 {
        match self {
            Self::Operation(operation) => (operation.weight)(params),
            _ => 2,
        }
    }
}

/// A request that can be carried out or refused, with the text of its id.
struct Asked<'a> {
    id: &'a str,
    name: &'a str,
    method: Method,
    params: Params,
    show_limits: bool,
}

/// Who signed a request.
struct Signer {
    account: AccountId,
    can_trade: bool,
}

impl ApiSession {
    pub(crate) fn new(shared: Arc<Shared>, client: Arc<Client>, ip: IpAddr, show_limits: bool) -> Self {
        let connected = shared.clock.now();
        Self {
            shared,
            client,
            ip,
            show_limits,
            connected,
            logon: None,
            subscriptions: Vec::new(),
            next_subscription: 0,
        }
    }

    pub(crate) fn message(&mut self, text: &str) {
        let shared = Arc::clone(&self.shared);
        let parsed = parse(text);
        let id = parsed.as_ref().map_or("null", |value| request_id(value, text));
        let asked = match read_request(parsed.as_ref().ok(), text, id, self.show_limits) {
            Ok(asked) => asked,
            Err(failure) => {
                // What cannot be understood costs weight too.
                let answer = shared.run(|core, now| {
                    let failure = match core.limits.request(&shared.limits, self.ip, 1, now) {
                        Ok(_) => failure,
                        Err(too_many) => too_many.into(),
                    };
                    self.envelope(core, now, id, Err(&failure), self.show_limits, None)
                });
                self.send("", text_frame(&answer), Duration::ZERO);
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
        let mut json = JsonWriter::new().with_time_unit(self.client.unit);
        let mut orders = None;
        let weight = asked.method.weight(&asked.params);
        let result = match core.limits.request(&self.shared.limits, self.ip, weight, now) {
            Ok(_) => self.carry_out(core, now, asked, &mut json, &mut orders),
            Err(too_many) => Err(too_many.into()),
        };
        let result = result.map(|()| json.as_str());
        self.envelope(core, now, asked.id, result.as_deref(), asked.show_limits, orders)
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

    fn carry_out(
        &mut self,
        core: &mut Core,
        now: Timestamp,
        asked: &Asked<'_>,
        json: &mut JsonWriter,
        orders: &mut Option<OrderCounts>,
    ) -> Result<(), Failure> {
        let params = &asked.params;
        match &asked.method {
            Method::Operation(operation) => {
                let signer = if operation.security == Security::None {
                    params.check_known(operation.params, &[])?;
                    None
                } else {
                    params
                        .check_known(operation.params, &["apiKey", "timestamp", "recvWindow", "signature"])?;
                    Some(self.signer(params, operation.security, now)?)
                };
                let account = signer.as_ref().map(|signer| signer.account);
                let can_trade = signer.is_some_and(|signer| signer.can_trade);
                let limits = &self.shared.limits;
                let api = Api::WebSocket;
                let mut call = Call { core, limits, now, params, account, can_trade, api, json };
                let result = (operation.handle)(&mut call);
                if operation.places_orders
                    && let Some(account) = account
                {
                    *orders = Some(core.limits.orders(account, now));
                }
                result
            }
            Method::Logon => {
                params.check_known(&["apiKey", "timestamp", "recvWindow", "signature"], &[])?;
                let api_key = params.require("apiKey")?;
                let key = auth::find_key(&self.shared.keys, api_key)?;
                match key.config.verifying.algorithm() {
                    Algorithm::Ed25519 => {}
                    Algorithm::RsaSha256 => {
                        return Err(Failure::new(400, -4056, "RSA API key is not supported."));
                    }
                    _ => return Err(Failure::new(400, -4056, "HMAC_SHA256 API key is not supported.")),
                }
                check_signed(&key, params, now)?;
                self.end_logon(core, now);
                self.logon = Some(Logon { key, api_key: api_key.to_owned(), since: now });
                self.write_status(json, now);
                Ok(())
            }
            Method::Status => {
                params.check_known(&[], &[])?;
                self.write_status(json, now);
                Ok(())
            }
            Method::Logout => {
                params.check_known(&[], &[])?;
                self.end_logon(core, now);
                self.write_status(json, now);
                Ok(())
            }
            Method::Subscribe => {
                params.check_known(&[], &[])?;
                let account =
                    self.logon.as_ref().map(|logon| logon.key.account).ok_or_else(auth::rejected_key)?;
                self.subscribe(core, account, true, json)
            }
            Method::SubscribeSignature => {
                params.check_known(&["apiKey", "timestamp", "recvWindow", "signature"], &[])?;
                let key = auth::find_key(&self.shared.keys, params.require("apiKey")?)?;
                check_signed(&key, params, now)?;
                self.subscribe(core, key.account, false, json)
            }
            Method::Unsubscribe => {
                params.check_known(&["subscriptionId"], &[])?;
                let only = params.id("subscriptionId")?;
                let ended: Vec<_> =
                    self.subscriptions.extract_if(.., |one| only.is_none_or(|only| one.id == only)).collect();
                if ended.is_empty() {
                    return Err(Failure::new(400, -2036, "User Data Stream subscription not active."));
                }
                for one in ended {
                    core.hub.unsubscribe_user(one.account, &self.client, one.id, now);
                }
                object(json, |_| {});
                Ok(())
            }
            Method::Subscriptions => {
                params.check_known(&[], &[])?;
                array(json, &self.subscriptions, |json, one| {
                    object(json, |json| json.field("subscriptionId", &one.id));
                });
                Ok(())
            }
        }
    }

    /// Who signed a request: the key it names, or else the one that is logged on.
    fn signer(&self, params: &Params, security: Security, now: Timestamp) -> Result<Signer, Failure> {
        let key = if params.has("apiKey") {
            let key = auth::find_key(&self.shared.keys, params.require("apiKey")?)?;
            auth::check_permission(&key, security)?;
            check_signed(&key, params, now)?;
            key
        } else if let Some(logon) = &self.logon {
            auth::check_permission(&logon.key, security)?;
            auth::check_time(params, now)?;
            Arc::clone(&logon.key)
        } else {
            return Err(Reject::missing("apiKey").into());
        };
        Ok(Signer { account: key.account, can_trade: key.config.can_trade })
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

/// Checks signature and time of a request that names its key.
fn check_signed(key: &Key, params: &Params, now: Timestamp) -> Result<(), Failure> {
    params.require("timestamp")?;
    let signature = params.require("signature")?.to_owned();
    auth::check_time(params, now)?;
    let mut signed = params.clone();
    signed.take("signature");
    auth::check_signature(key, &signed.sorted_payload(), &signature)
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
        Kind::String(id) => id.len() <= 36,
        _ => false,
    }
}

fn read_request<'a>(
    value: Option<&'a Value>,
    text: &str,
    id: &'a str,
    show_limits: bool,
) -> Result<Asked<'a>, Failure> {
    let invalid = |message: &'static str| Failure::new(400, -1135, message);
    let value = value.ok_or_else(|| invalid("Invalid JSON Request"))?;
    if !matches!(value.kind, Kind::Object(_)) {
        return Err(invalid("Invalid JSON Request"));
    }
    if !value.get("id").is_some_and(|id| id_is_valid(id, text)) {
        return Err(invalid("Invalid 'id' in JSON request; expected an integer, a string, or null."));
    }
    let name = value
        .get("method")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("Invalid 'method' in JSON request; expected a string."))?;
    let params = match value.get("params").map(|params| &params.kind) {
        None => Params::default(),
        Some(Kind::Object(entries)) => Params::from_json(entries, text)?,
        Some(_) => return Err(invalid("Invalid 'params' in JSON request; expected an object.")),
    };
    let method =
        Method::find(name).ok_or_else(|| Failure::new(400, -1020, "This operation is not supported."))?;
    let show_limits = params.boolean("returnRateLimits")?.unwrap_or(show_limits);
    Ok(Asked { id, name, method, params, show_limits })
}

/// An answer that a test put in place of the real one. `error` is the error object.
fn fault_answer(id: &str, status: u16, error: &str) -> String {
    format!("{{\"id\":{id},\"status\":{status},\"error\":{error}}}")
}
