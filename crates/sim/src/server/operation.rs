//! What can be requested of a product, by REST and by the WebSocket API: one entry for both.

use super::auth::{self, Security};
use super::failure::Failure;
use super::params::Params;
use crate::engine::{AccountId, Engine};
use crate::limits::Limits;
use crate::shared::Core;
use binance_kit_core::{JsonWriter, Timestamp};

/// The transport that a request came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Rest,
    WebSocket,
}

/// A request while it is carried out: the gate has let it in.
pub(crate) struct Call<'a> {
    /// State behind the lock.
    pub(crate) core: &'a mut Core,
    /// Limits of the exchange.
    pub(crate) limits: &'a Limits,
    /// Time of the request.
    pub(crate) now: Timestamp,
    /// Parameters of the request.
    pub(crate) params: &'a Params,
    /// Account whose request it is; only signed requests have one.
    pub(crate) account: Option<AccountId>,
    /// Whether the key may trade.
    pub(crate) can_trade: bool,
    /// Transport of the request.
    pub(crate) transport: Transport,
    /// Where the answer is written.
    pub(crate) json: &'a mut JsonWriter,
}

impl Call<'_> {
    pub(super) fn account(&self) -> Result<AccountId, Failure> {
        self.account.ok_or_else(auth::rejected_key)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// Refuses orders beyond the limit.
    pub(super) fn may_order(&mut self, count: u32) -> Result<(), Failure> {
        let account = self.account()?;
        Ok(self.core.limits.may_order(self.limits, account, count, self.now)?)
    }

    pub(super) fn count_orders(&mut self, count: u32) -> Result<(), Failure> {
        let account = self.account()?;
        self.core.limits.add_orders(account, count, self.now);
        Ok(())
    }
}

/// Names of parameters: each of `names` with `prefix` before it (`above` and `stopPrice`: `aboveStopPrice`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// Prefix; empty for parameters of the request itself.
    pub(crate) prefix: &'static str,
    /// Names behind it.
    pub(crate) names: &'static [&'static str],
}

impl Rows {
    /// Names without a prefix.
    pub(crate) const fn plain(names: &'static [&'static str]) -> Self {
        Self { prefix: "", names }
    }

    /// Names of one of several orders in a request.
    pub(crate) const fn of(prefix: &'static str, names: &'static [&'static str]) -> Self {
        Self { prefix, names }
    }

    /// Whether a parameter is one of them.
    pub(crate) fn contains(&self, name: &str) -> bool {
        if self.prefix.is_empty() {
            return self.names.contains(&name);
        }
        let Some(rest) = name.strip_prefix(self.prefix) else { return false };
        let mut rest = rest.chars();
        let Some(first) = rest.next().filter(char::is_ascii_uppercase) else { return false };
        let (first, rest) = (first.to_ascii_lowercase(), rest.as_str());
        self.names.iter().any(|row| row.strip_prefix(first).is_some_and(|row| row == rest))
    }
}

/// The name of a parameter of one of several orders in a request: `price` of the order above is `abovePrice`.
pub(crate) fn prefixed(prefix: &str, name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) if !prefix.is_empty() => {
            prefix.chars().chain(std::iter::once(first.to_ascii_uppercase())).chain(chars).collect()
        }
        _ => name.to_owned(),
    }
}

/// Carries out a request.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<(), Failure>;

/// Something that can be requested.
pub(crate) struct Operation {
    /// The method of the WebSocket API.
    pub(crate) method: &'static str,
    /// Method and path of REST.
    pub(crate) rest: (&'static str, &'static str),
    /// What the request must be signed with.
    pub(crate) security: Security,
    /// Parameters, those of the signature excepted.
    pub(crate) params: &'static [Rows],
    /// What it costs of the weight of its address.
    pub(crate) weight: fn(&Params) -> u32,
    /// Whether answers show the count of unfilled orders.
    pub(crate) places_orders: bool,
    /// Carries it out.
    pub(crate) handle: Handler,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method)
    }
}

/// An entry of a table to begin from.
pub(super) const BLANK: Operation = Operation {
    method: "",
    rest: ("GET", ""),
    security: Security::None,
    params: &[],
    weight: |_| 1,
    places_orders: false,
    handle: |_| Ok(()),
};

/// A query of market data.
pub(super) const fn market(
    method: &'static str,
    path: &'static str,
    params: &'static [Rows],
    weight: fn(&Params) -> u32,
    handle: Handler,
) -> Operation {
    Operation { method, rest: ("GET", path), params, weight, handle, ..BLANK }
}

/// A query of an account.
pub(super) const fn user(
    method: &'static str,
    path: &'static str,
    params: &'static [Rows],
    weight: fn(&Params) -> u32,
    handle: Handler,
) -> Operation {
    Operation { method, rest: ("GET", path), security: Security::UserData, params, weight, handle, ..BLANK }
}

/// A request that trades.
pub(super) const fn trading(
    method: &'static str,
    rest: (&'static str, &'static str),
    params: &'static [Rows],
    places_orders: bool,
    handle: Handler,
) -> Operation {
    Operation { method, rest, security: Security::Trade, params, places_orders, handle, ..BLANK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_composed_of_prefix_and_row() {
        let above = Rows::of("above", &["price", "stopPrice"]);
        for (name, known) in [
            ("abovePrice", true),
            ("aboveStopPrice", true),
            ("aboveprice", false),
            ("above", false),
            ("price", false),
            ("abovePriceX", false),
            ("aboveÄ", false),
        ] {
            assert_eq!(above.contains(name), known, "{name}");
        }
        assert_eq!(prefixed("above", "stopPrice"), "aboveStopPrice");
        assert_eq!(prefixed("", "stopPrice"), "stopPrice");
        assert!(Rows::plain(&["price"]).contains("price"));
    }
}
