//! What the control API is sent.

use super::answer::{Refusal, SEE_HELP};
use crate::accounts::AccountConfig;
use crate::engine::SymbolConfig;
use crate::setup::{check_balance, check_name};
use binance_kit_core::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// A decimal as a string, or a whole number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount(pub(super) Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number as a string, such as \"0.5\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                let wrong = |_| E::invalid_value(serde::de::Unexpected::Str(text), &self);
                binance_kit_core::decimal::parse(text).map(Amount).map_err(wrong)
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Amount, E> {
                Ok(Amount(value.into()))
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Amount, E> {
                Ok(Amount(value.into()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads a body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let refusal = Refusal::invalid(format_args!("the body cannot be used: {error}"));
        if body.is_empty() {
            refusal.hint(format_args!("send a JSON object; {SEE_HELP}"))
        } else {
            refusal.hint(SEE_HELP)
        }
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewSymbol {
    /// Name of the symbol.
    symbol: String,
    /// Base asset.
    base: String,
    /// Quote asset.
    quote: String,
    /// Price it starts with.
    price: Amount,
    /// Tick size.
    tick_size: Option<Amount>,
    /// Step size.
    step_size: Option<Amount>,
    /// Least value of an order.
    min_notional: Option<Amount>,
    /// Highest price.
    max_price: Option<Amount>,
}

impl NewSymbol {
    pub(super) fn config(self) -> Result<SymbolConfig, Refusal> {
        check_name("a symbol", &self.symbol).map_err(Refusal::invalid)?;
        for asset in [&self.base, &self.quote] {
            check_name("an asset", asset).map_err(Refusal::invalid)?;
        }
        for (name, given) in [
            ("price", Some(self.price)),
            ("tickSize", self.tick_size),
            ("stepSize", self.step_size),
            ("maxPrice", self.max_price),
        ] {
            if let Some(Amount(given)) = given.filter(|given| given.0 <= Decimal::ZERO) {
                return Err(Refusal::invalid(format_args!("the {name} {given} is not above zero")));
            }
        }
        if let Some(Amount(least)) = self.min_notional.filter(|least| least.0 < Decimal::ZERO) {
            return Err(Refusal::invalid(format_args!("the minNotional {least} is below zero")));
        }
        let mut config = SymbolConfig::new(&self.symbol, &self.base, &self.quote, self.price.0);
        if let Some(Amount(size)) = self.tick_size {
            config = config.tick_size(size);
        }
        if let Some(Amount(size)) = self.step_size {
            config = config.step_size(size);
        }
        if let Some(Amount(least)) = self.min_notional {
            config = config.min_notional(least);
        }
        if let Some(Amount(most)) = self.max_price {
            config = config.max_price(most);
        }
        Ok(config)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewAccount {
    /// Name of the account.
    name: String,
    /// Amounts that it starts with.
    #[serde(default)]
    balances: BTreeMap<String, Amount>,
    /// API keys.
    #[serde(default)]
    keys: Vec<NewKey>,
    /// Standard rate of makers.
    maker_commission: Option<Amount>,
    /// Standard rate of takers.
    taker_commission: Option<Amount>,
    /// Whether commissions are paid with the discount asset.
    #[serde(default)]
    commission_in_bnb: bool,
    /// Group of accounts that do not trade with each other.
    trade_group: Option<i64>,
}

/// An API key. `Debug` is not derived: it may have a secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewKey {
    /// API key.
    api_key: String,
    /// Secret, of a key for HMAC.
    hmac_secret: Option<String>,
    /// Public key as PEM, of a key for Ed25519 or RSA.
    public_pem: Option<String>,
    /// Whether the key may trade.
    trade: Option<bool>,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

impl NewKey {
    pub(super) fn add(self, account: AccountConfig) -> Result<AccountConfig, Refusal> {
        let account = match (&self.hmac_secret, &self.public_pem) {
            (Some(secret), None) => account.hmac_key(&self.api_key, secret)?,
            (None, Some(pem)) => account.public_key(&self.api_key, pem)?,
            _ => {
                return Err(Refusal::invalid("a key needs either hmacSecret or publicPem")
                    .hint("publicPem is the public key of an Ed25519 or RSA pair, as PEM"));
            }
        };
        Ok(if self.trade == Some(false) { account.read_only() } else { account })
    }
}

impl NewAccount {
    pub(super) fn config(self) -> Result<AccountConfig, Refusal> {
        let mut config = AccountConfig::new(self.name);
        for (asset, Amount(amount)) in self.balances {
            check_name("an asset", &asset)
                .and_then(|()| check_balance(&asset, amount))
                .map_err(Refusal::invalid)?;
            config = config.balance(&asset, amount);
        }
        if self.maker_commission.is_some() || self.taker_commission.is_some() {
            let usual = Decimal::new(1, 3);
            let rate = |rate: Option<Amount>| rate.map_or(usual, |rate| rate.0);
            config = config
                .maker_commission(rate(self.maker_commission))
                .taker_commission(rate(self.taker_commission));
        }
        if self.commission_in_bnb {
            config = config.commission_in_bnb();
        }
        if let Some(group) = self.trade_group {
            config = config.trade_group(group);
        }
        self.keys.into_iter().try_fold(config, |config, key| key.add(config))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    /// Asset.
    pub(super) asset: String,
    /// Amount.
    pub(super) amount: Amount,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    /// Price to move to.
    pub(super) price: Amount,
    /// Time of the move.
    #[serde(default)]
    pub(super) seconds: f64,
}

/// No price says that there is none at present.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferencePrice {
    /// Reference price; none at present without.
    pub(super) price: Option<Amount>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    /// Status of the symbol.
    pub(super) status: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Side {
    Buy,
    Sell,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewOrder {
    /// Symbol.
    pub(super) symbol: String,
    /// Side of the book.
    pub(super) side: Side,
    /// Quantity of the base asset.
    pub(super) quantity: Amount,
    /// Limit price.
    pub(super) price: Option<Amount>,
    /// Account that the order is placed for.
    pub(super) account: Option<String>,
    /// Whether what is not filled at once expires.
    #[serde(default)]
    pub(super) immediate_or_cancel: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CancelOrder {
    /// Symbol.
    pub(super) symbol: String,
    /// Id of the order.
    pub(super) order_id: u64,
    /// Account that the order belongs to.
    pub(super) account: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MarketChange {
    /// Whether the makers and takers are paused.
    pub(super) paused: Option<bool>,
    /// What the makers and takers do in a second.
    pub(super) actions_per_second: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ClockChange {
    /// How far the clock is ahead.
    pub(super) skew_millis: Option<i64>,
    /// How far the clock is advanced.
    pub(super) advance_millis: Option<u64>,
}
