//! What the control API is sent.

use super::answer::Refusal;
use crate::accounts::AccountConfig;
use crate::engine::SymbolConfig;
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
            refusal.hint("send a JSON object")
        } else {
            refusal.hint("the documentation of the crate has a table of what each request takes")
        }
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewSymbol {
    symbol: String,
    base: String,
    quote: String,
    price: Amount,
    tick_size: Option<Amount>,
    step_size: Option<Amount>,
    min_notional: Option<Amount>,
    max_price: Option<Amount>,
}

impl NewSymbol {
    pub(super) fn config(self) -> Result<SymbolConfig, Refusal> {
        if [&self.symbol, &self.base, &self.quote].iter().any(|name| name.is_empty() || name.len() > 60) {
            return Err(Refusal::invalid("symbol, base and quote must have names"));
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
    name: String,
    #[serde(default)]
    balances: BTreeMap<String, Amount>,
    #[serde(default)]
    keys: Vec<NewKey>,
    maker_commission: Option<Amount>,
    taker_commission: Option<Amount>,
    #[serde(default)]
    commission_in_bnb: bool,
    trade_group: Option<i64>,
}

/// An API key. `Debug` is not derived: it may have a secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewKey {
    api_key: String,
    hmac_secret: Option<String>,
    public_pem: Option<String>,
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
            config = config.balance(&asset, amount);
        }
        if self.maker_commission.is_some() || self.taker_commission.is_some() {
            let usual = Decimal::new(1, 3);
            let rate = |rate: Option<Amount>| rate.map_or(usual, |rate| rate.0);
            config = config.commission(rate(self.maker_commission), rate(self.taker_commission));
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
    pub(super) asset: String,
    pub(super) amount: Amount,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) price: Amount,
    #[serde(default)]
    pub(super) seconds: f64,
}

/// No price says that there is none at present.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferencePrice {
    pub(super) price: Option<Amount>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
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
    pub(super) symbol: String,
    pub(super) side: Side,
    pub(super) quantity: Amount,
    pub(super) price: Option<Amount>,
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) immediate_or_cancel: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CancelOrder {
    pub(super) symbol: String,
    pub(super) order_id: u64,
    pub(super) account: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MarketChange {
    pub(super) paused: Option<bool>,
    pub(super) actions_per_second: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ClockChange {
    pub(super) skew_millis: Option<i64>,
    pub(super) advance_millis: Option<u64>,
}
