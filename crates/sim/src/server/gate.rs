//! The one gate of REST and the WebSocket API. A request passes in this order: weight, parameters, key, permission, names of
//! the parameters, time, signature. What differs between the two is where key and signature are ([`Identity`]), and the shape
//! of what is around the answer, which is no matter of the gate.

use super::auth::{self, Security};
use super::failure::Failure;
use super::operation::{Call, Operation, Rows, Transport};
use super::params::Params;
use crate::engine::Reject;
use crate::limits::OrderCounts;
use crate::shared::{Core, Key, Shared};
use binance_kit_core::{JsonWriter, TimeUnit, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;

/// Where a request has its key and its signature.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Identity<'a> {
    /// REST: the key in a header; query and body as they were sent, which are what is signed.
    Rest { api_key: &'a str, query: &'a str, body: &'a str },
    /// WebSocket API: the key among the parameters, all of which are signed in the order of their names; or the key that is
    /// logged on, without a signature.
    Session { logon: Option<&'a Arc<Key>> },
}

/// The parameters of signatures, by REST and by the WebSocket API.
const SIGNATURE: Rows = Rows::plain(&["timestamp", "recvWindow", "signature"]);
const SESSION_SIGNATURE: Rows = Rows::plain(&["apiKey", "timestamp", "recvWindow", "signature"]);

impl Identity<'_> {
    const fn transport(&self) -> Transport {
        match self {
            Self::Rest { .. } => Transport::Rest,
            Self::Session { .. } => Transport::WebSocket,
        }
    }

    const fn params(&self) -> Rows {
        match self {
            Self::Rest { .. } => SIGNATURE,
            Self::Session { .. } => SESSION_SIGNATURE,
        }
    }
}

/// The answer to a request, and the counts of unfilled orders where it shows them.
pub(crate) struct Outcome {
    /// Answer, or why there is none.
    pub(crate) result: Result<JsonWriter, Failure>,
    /// Counts of unfilled orders.
    pub(crate) orders: Option<OrderCounts>,
}

/// The gate, for one request.
pub(crate) struct Gate<'a> {
    /// State of the exchange.
    pub(crate) shared: &'a Shared,
    /// Address that the request comes from.
    pub(crate) ip: IpAddr,
    /// Time of the request.
    pub(crate) now: Timestamp,
}

impl Gate<'_> {
    /// Charges the weight of a request. What cannot be understood costs weight too.
    pub(crate) fn charge(&self, core: &mut Core, weight: u32) -> Result<(), Failure> {
        core.limits.request(&self.shared.limits, self.ip, weight, self.now)?;
        Ok(())
    }

    /// Lets a request in, carries it out and writes its answer.
    pub(crate) fn carry_out(
        &self,
        core: &mut Core,
        operation: &'static Operation,
        params: Result<&Params, &Failure>,
        identity: Identity<'_>,
        unit: Result<TimeUnit, Failure>,
    ) -> Outcome {
        let mut orders = None;
        let result = self.pass(core, operation, params, identity, unit, &mut orders);
        Outcome { result, orders }
    }

    fn pass(
        &self,
        core: &mut Core,
        operation: &'static Operation,
        params: Result<&Params, &Failure>,
        identity: Identity<'_>,
        unit: Result<TimeUnit, Failure>,
        orders: &mut Option<OrderCounts>,
    ) -> Result<JsonWriter, Failure> {
        self.charge(core, params.map_or(1, operation.weight))?;
        let params = params.map_err(Clone::clone)?;
        let mut json = JsonWriter::new().with_time_unit(unit?);
        let key = self.admit(operation.security, operation.params, params, identity)?;
        let account = key.as_ref().map(|key| key.account);
        let mut call = Call {
            core,
            limits: &self.shared.limits,
            now: self.now,
            params,
            account,
            can_trade: key.is_some_and(|key| key.config.can_trade),
            transport: identity.transport(),
            json: &mut json,
        };
        let result = (operation.handle)(&mut call);
        if operation.places_orders {
            *orders = account.map(|account| core.limits.orders(account, self.now));
        }
        result.map(|()| json)
    }

    /// Checks key, permission, names of parameters, time and signature. Returns the key of a signed request.
    pub(crate) fn admit(
        &self,
        security: Security,
        known: &[Rows],
        params: &Params,
        identity: Identity<'_>,
    ) -> Result<Option<Arc<Key>>, Failure> {
        if security == Security::None {
            params.check_known(known, None)?;
            return Ok(None);
        }
        let (key, signed) = match identity {
            Identity::Rest { api_key, query, body } => {
                let text = auth::signed_text(query, body).unwrap_or_default();
                (auth::find_key(&self.shared.keys, api_key)?, Some(text))
            }
            Identity::Session { .. } if params.has("apiKey") => {
                let key = auth::find_key(&self.shared.keys, params.require("apiKey")?)?;
                (key, Some(params.sorted_payload(Some("signature"))))
            }
            Identity::Session { logon: Some(key) } => (Arc::clone(key), None),
            Identity::Session { logon: None } => return Err(Reject::missing("apiKey").into()),
        };
        auth::check_permission(&key, security)?;
        params.check_known(known, Some(identity.params()))?;
        params.require("timestamp")?;
        let signature = signed.as_ref().map(|_| params.require("signature")).transpose()?;
        auth::check_time(params, self.now)?;
        if let (Some(text), Some(signature)) = (signed, signature) {
            auth::check_signature(&key, &text, signature)?;
        }
        Ok(Some(key))
    }
}
