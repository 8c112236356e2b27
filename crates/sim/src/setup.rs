//! Symbols and accounts on their way from a configuration into the engine, before the start and while it runs.

use crate::accounts::{AccountConfig, CommissionConfig};
use crate::clearing::{Discount, RateSet, Rates};
use crate::engine::{AccountId, Engine, Fixed, SymbolConfig, SymbolId};
use crate::error::{SimError, SimErrorKind};
use crate::shared::{Key, Keys};
use binance_kit_core::{Asset, Decimal, Timestamp};
use std::fmt::Display;

fn invalid(what: &str, why: impl Display) -> SimError {
    SimError::new(SimErrorKind::Configuration, format_args!("{what}: {why}"))
}

/// The longest name of an asset or a symbol, in bytes.
const MAX_NAME: usize = 60;

/// Checks the name of an asset or a symbol: the exchange has them in upper case.
pub(crate) fn check_name(kind: &str, name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err(format!("{kind} without a name; write one such as {:?}", example_of(kind)));
    }
    if name.len() > MAX_NAME || name.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return Err(format!(
            "{name:?} is no name of {kind}; write up to {MAX_NAME} letters and digits, such as {:?}",
            example_of(kind)
        ));
    }
    if name.chars().any(char::is_lowercase) {
        return Err(format!("{kind} {name:?} is not in upper case; write {:?}", name.to_uppercase()));
    }
    Ok(())
}

fn example_of(kind: &str) -> &'static str {
    if kind.ends_with("symbol") { "BTCUSDT" } else { "USDT" }
}

/// Checks an amount that an account starts with.
pub(crate) fn check_balance(asset: &str, amount: Decimal) -> Result<(), String> {
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(format!("the balance of {asset} is {amount}, below zero; write \"0\" or more"));
    }
    Ok(())
}

/// Adds a symbol.
pub(crate) fn open_symbol(engine: &mut Engine, symbol: &SymbolConfig) -> Result<SymbolId, SimError> {
    let name = symbol.symbol.as_str();
    check_name("a symbol", name).map_err(|why| invalid("the symbols", why))?;
    for asset in [&symbol.base, &symbol.quote] {
        check_name("an asset", asset.as_str()).map_err(|why| invalid(name, why))?;
    }
    if engine.symbol_id(name).is_some() {
        return Err(invalid(name, "the symbol is there twice"));
    }
    let zero = Decimal::ZERO;
    if symbol.tick_size <= zero || symbol.step_size <= zero || symbol.initial_price < symbol.tick_size {
        return Err(invalid(name, "the steps and the price must be above zero"));
    }
    engine
        .add_symbol(symbol)
        .map_err(|_| invalid(name, "a number has more than eight places or is too large"))
}

/// Adds an account with what it owns and its keys.
pub(crate) fn open_account(
    engine: &mut Engine,
    keys: &Keys,
    config: &AccountConfig,
    now: Timestamp,
) -> Result<AccountId, SimError> {
    if config.name.is_empty() {
        return Err(invalid("an account", "the name is empty"));
    }
    if engine.accounts().by_name(&config.name).is_some() {
        return Err(invalid(&config.name, "the account is there twice"));
    }
    for (asset, amount) in config.balances.iter().chain(&config.max_assets) {
        check_name("an asset", asset.as_str())
            .and_then(|()| check_balance(asset.as_str(), *amount))
            .map_err(|why| invalid(&config.name, why))?;
    }
    let fixed = |value: Decimal| {
        Fixed::from_decimal(value).ok().filter(|value| *value >= Fixed::ZERO).ok_or_else(|| {
            let problem = "is below zero, too large, or has more than eight places";
            invalid(&config.name, format_args!("{value} {problem}"))
        })
    };
    let set = |rates: &CommissionConfig| -> Result<RateSet, SimError> {
        Ok(RateSet {
            maker: fixed(rates.maker)?,
            taker: fixed(rates.taker)?,
            buyer: fixed(rates.buyer)?,
            seller: fixed(rates.seller)?,
        })
    };
    let rates = Rates {
        standard: set(&config.standard)?,
        special: set(&config.special)?,
        tax: set(&config.tax)?,
        discount: config.discount,
    };
    if rates.highest() > Fixed::ONE {
        return Err(invalid(&config.name, "a commission above 100 %"));
    }
    let limits = config
        .max_assets
        .iter()
        .map(|(asset, limit)| Ok((asset, fixed(*limit)?)))
        .collect::<Result<Vec<_>, SimError>>()?;
    let balances = config
        .balances
        .iter()
        .map(|(asset, amount)| Ok((asset, fixed(*amount)?)))
        .collect::<Result<Vec<_>, SimError>>()?;
    let account = engine.add_account(&config.name, false, Fixed::ZERO, Fixed::ZERO);
    engine.set_rates(account, rates);
    engine.set_trade_group(account, config.trade_group);
    for (asset, limit) in limits {
        engine.set_max_asset(account, asset, limit);
    }
    for (asset, amount) in balances {
        engine.deposit(now, account, asset, amount);
    }
    open_keys(keys, config, account)?;
    Ok(account)
}

/// Adds the keys of a configuration to an account that is there.
pub(crate) fn open_keys(keys: &Keys, config: &AccountConfig, account: AccountId) -> Result<(), SimError> {
    for key in &config.keys {
        if !keys.add(Key { account, config: key.clone() }) {
            return Err(invalid(&config.name, "an API key is there twice"));
        }
    }
    Ok(())
}

/// What commissions may be paid with.
pub(crate) fn open_discount(asset: &Asset, rate: Decimal) -> Result<Discount, SimError> {
    let rate = Fixed::from_decimal(rate)
        .ok()
        .filter(|rate| (Fixed::ZERO..=Fixed::ONE).contains(rate))
        .ok_or_else(|| invalid("the discount", format_args!("{rate} is not within 0 and 1")))?;
    Ok(Discount { asset: asset.clone(), rate })
}

/// Opens a router between symbols.
pub(crate) fn open_router(engine: &mut Engine, symbols: &[String]) -> Result<(), SimError> {
    let ids = symbols
        .iter()
        .map(|name| {
            engine.symbol_id(name).ok_or_else(|| invalid(name, "there is no such symbol to route to"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if engine.add_router(&ids) {
        return Ok(());
    }
    let names = symbols.join(", ");
    Err(invalid(&names, "orders cannot be routed between symbols of different base assets, or twice"))
}
