//! What the WebSocket APIs of the products do differently. The envelope, the log-on and the signatures are the same.

use binance_kit_core::{Api, Cost};

/// The session of one product's WebSocket API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    /// The product.
    pub(crate) api: Api,
    /// The method that logs a connection on, for Ed25519 keys.
    pub(crate) log_on: &'static str,
    /// The method that logs it out.
    pub(crate) log_out: &'static str,
    /// A query whose answer has the exchange's time in `serverTime`.
    pub(crate) time: &'static str,
    /// What that query costs.
    pub(crate) time_cost: Cost,
    /// Whether the URL takes the unit of times and the SBE schema.
    pub(crate) takes_formats: bool,
    /// The account's events on the same connection, where the product has them. Futures have listen keys instead, and events
    /// on the stream hosts.
    pub(crate) user_data: Option<UserDataMethods>,
}

/// How the account's events are subscribed on the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserDataMethods {
    /// On a connection that is logged on.
    pub(crate) subscribe: &'static str,
    /// With a key and a signature of its own, on any connection.
    pub(crate) subscribe_signed: &'static str,
    /// Ends a subscription.
    pub(crate) unsubscribe: &'static str,
    /// What a subscription costs.
    pub(crate) cost: Cost,
}

/// The methods of Spot's user data.
pub(crate) const SPOT_USER_DATA: UserDataMethods = UserDataMethods {
    subscribe: "userDataStream.subscribe",
    subscribe_signed: "userDataStream.subscribe.signature",
    unsubscribe: "userDataStream.unsubscribe",
    cost: Cost::ip(2),
};

impl Protocol {
    /// That of a product.
    pub(crate) fn of(api: Api) -> Self {
        let is_spot = api == Api::Spot;
        Self {
            api,
            log_on: "session.logon",
            log_out: "session.logout",
            // The other products have no query for the time; the state of the session names it.
            time: if is_spot { "time" } else { "session.status" },
            time_cost: if is_spot { Cost::ip(1) } else { Cost::ip(2) },
            takes_formats: is_spot,
            user_data: is_spot.then_some(SPOT_USER_DATA),
        }
    }
}
