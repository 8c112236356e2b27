// Written by `cargo xtask codegen` from crates/model/spec/spot/session.toml; do not edit.

//! The session of a connection to the WebSocket API, and its user-data subscriptions.

use crate::common::ApiKeyText;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, optional, required};
use binance_kit_core::id::SubscriptionId;
use binance_kit_core::{
    Api, Cost, Decode, DecodeError, Encode, JsonWriter, List, ParamWriter, Request, Security, Timestamp,
    WsRequest, product,
};
use std::borrow::Cow;

/// Status of a session.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SessionStatus {
    /// API key of the session.
    pub api_key: Option<ApiKeyText>,
    /// Time of the log-on.
    pub authorized_since: Option<Timestamp>,
    /// Time at which the connection was opened.
    pub connected_since: Timestamp,
    /// Whether responses contain the usage of rate limits; `false` if absent.
    pub return_rate_limits: bool,
    /// Server time.
    pub server_time: Timestamp,
    /// Whether it has a user-data subscription.
    pub user_data_stream: Option<bool>,
}

impl SessionStatus {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut api_key = None;
        let mut authorized_since = None;
        let mut connected_since = None;
        let mut return_rate_limits = None;
        let mut server_time = None;
        let mut user_data_stream = None;
        for (key, found) in value.object()? {
            match key {
                "apiKey" => field(&mut api_key, "apiKey", found)?,
                "authorizedSince" => support::place(&mut authorized_since, "authorizedSince", found)?,
                "connectedSince" => support::time(&mut connected_since, "connectedSince", found)?,
                "returnRateLimits" => field(&mut return_rate_limits, "returnRateLimits", found)?,
                "serverTime" => support::time(&mut server_time, "serverTime", found)?,
                "userDataStream" => field(&mut user_data_stream, "userDataStream", found)?,
                _ => {}
            }
        }
        Ok(Self {
            api_key: optional(api_key),
            authorized_since: optional(authorized_since),
            connected_since: required(connected_since, "connectedSince")?,
            return_rate_limits: optional(return_rate_limits).unwrap_or_default(),
            server_time: required(server_time, "serverTime")?,
            user_data_stream: optional(user_data_stream),
        })
    }
}

impl Decode for SessionStatus {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("SessionStatus"))
    }
}

impl Encode for SessionStatus {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("apiKey", &self.api_key);
        json.field("authorizedSince", &self.authorized_since);
        json.field("connectedSince", &self.connected_since);
        json.field("returnRateLimits", &self.return_rate_limits);
        json.field("serverTime", &self.server_time);
        json.optional("userDataStream", self.user_data_stream.as_ref());
        json.end_object();
    }
}

/// A user-data subscription of the connection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UserDataSubscription {
    /// Subscription id, which its events carry.
    pub subscription_id: SubscriptionId,
}

impl UserDataSubscription {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut subscription_id = None;
        for (key, found) in value.object()? {
            if key == "subscriptionId" {
                support::whole(&mut subscription_id, "subscriptionId", found)?;
            }
        }
        Ok(Self { subscription_id: required(subscription_id, "subscriptionId")? })
    }
}

impl Decode for UserDataSubscription {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("UserDataSubscription"))
    }
}

impl Encode for UserDataSubscription {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("subscriptionId", &self.subscription_id);
        json.end_object();
    }
}

/// Queries the status of the session.
///
/// WebSocket API: `session.status`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct QuerySessionStatus {}

impl QuerySessionStatus {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for QuerySessionStatus {
    type Response = SessionStatus;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for QuerySessionStatus {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("session.status")
    }
}

/// Logs on: later requests on the connection need no key and no signature. Requires an Ed25519 key.
///
/// WebSocket API: `session.logon`. Security: a signature. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SessionLogon {}

impl SessionLogon {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for SessionLogon {
    type Response = SessionStatus;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for SessionLogon {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("session.logon")
    }
}

/// Logs out; the connection stays open.
///
/// WebSocket API: `session.logout`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SessionLogout {}

impl SessionLogout {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for SessionLogout {
    type Response = SessionStatus;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for SessionLogout {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("session.logout")
    }
}

/// The user-data subscriptions of the connection.
///
/// WebSocket API: `session.subscriptions`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SessionSubscriptions {}

impl SessionSubscriptions {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for SessionSubscriptions {
    type Response = List<UserDataSubscription>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for SessionSubscriptions {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("session.subscriptions")
    }
}

/// Subscribes to the user data of the account the session is logged on with.
///
/// WebSocket API: `userDataStream.subscribe`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct UserDataStreamSubscribe {}

impl UserDataStreamSubscribe {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for UserDataStreamSubscribe {
    type Response = UserDataSubscription;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for UserDataStreamSubscribe {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("userDataStream.subscribe")
    }
}

/// Subscribes to the user data of the account of the signing key, without a log-on.
///
/// WebSocket API: `userDataStream.subscribe.signature`. Security: a signature. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct UserDataStreamSubscribeSignature {}

impl UserDataStreamSubscribeSignature {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for UserDataStreamSubscribeSignature {
    type Response = UserDataSubscription;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for UserDataStreamSubscribeSignature {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("userDataStream.subscribe.signature")
    }
}

/// Ends one user-data subscription, or all of the connection.
///
/// WebSocket API: `userDataStream.unsubscribe`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct UserDataStreamUnsubscribe {
    /// Subscription id; default all.
    pub subscription_id: Option<SubscriptionId>,
}

impl UserDataStreamUnsubscribe {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Subscription id; default all.
    #[must_use]
    pub fn subscription_id(mut self, subscription_id: SubscriptionId) -> Self {
        self.subscription_id = Some(subscription_id);
        self
    }
}

impl Request for UserDataStreamUnsubscribe {
    type Response = ();

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.subscription_id, "subscriptionId", params);
    }
}

impl WsRequest for UserDataStreamUnsubscribe {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("userDataStream.unsubscribe")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    SessionStatus,
    UserDataSubscription,
}
