//! The rules of symbols: every filter at both borders, and a million orders that are rounded.
#![cfg(feature = "spot")]
#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod borders;
mod many;
mod symbol;

use binance_kit_core::decimal::parse;
use binance_kit_core::{Decimal, Decoder};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::general::ExchangeInformation;
use binance_kit_model::spot::rules::{OrderContext, OrderRequest, Violations};
use binance_kit_model::spot::{NewOrder, SymbolRules};

fn number(text: &str) -> Decimal {
    parse(text).unwrap()
}

/// A symbol that allows everything and has these filters; `changes` replaces texts.
fn information(filters: &str, exchange_filters: &str, changes: &[(&str, &str)]) -> ExchangeInformation {
    let mut text = format!(
        r#"{{"timezone":"UTC","serverTime":1,"rateLimits":[],"exchangeFilters":[{exchange_filters}],"symbols":[{{
        "symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT",
        "quotePrecision":8,"quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,
        "orderTypes":["LIMIT","LIMIT_MAKER","MARKET","STOP_LOSS","STOP_LOSS_LIMIT","TAKE_PROFIT","TAKE_PROFIT_LIMIT"],
        "icebergAllowed":true,"ocoAllowed":true,"otoAllowed":true,"opoAllowed":true,
        "quoteOrderQtyMarketAllowed":true,"allowTrailingStop":true,"cancelReplaceAllowed":true,"amendAllowed":true,
        "pegInstructionsAllowed":true,"isSpotTradingAllowed":true,"isMarginTradingAllowed":false,
        "filters":[{filters}],"permissions":[],"permissionSets":[],"defaultSelfTradePreventionMode":"NONE",
        "allowedSelfTradePreventionModes":["NONE","EXPIRE_TAKER"]}}],
        "sors":[{{"baseAsset":"BTC","symbols":["BTCUSDT"]}}]}}"#
    );
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Decoder::new().decode(text.as_bytes()).unwrap()
}

fn rules(filters: &str) -> SymbolRules {
    information(filters, "", &[]).rules("BTCUSDT").unwrap()
}

fn limit(quantity: &str, price: &str) -> NewOrder {
    NewOrder::limit("BTCUSDT", OrderSide::Buy).quantity(number(quantity)).price(number(price))
}

/// `RULE parameter`, for each rule that is broken.
fn names(violations: &Violations) -> Vec<String> {
    violations.broken.iter().map(|one| format!("{} {}", one.rule, one.parameter)).collect()
}

fn broken<R: OrderRequest>(rules: &SymbolRules, order: &R, context: &OrderContext) -> Vec<String> {
    rules.check(order, context).map_or_else(|violations| names(&violations), |_| Vec::new())
}

/// What each violation says.
fn sentences<R: OrderRequest>(rules: &SymbolRules, order: &R, context: &OrderContext) -> Vec<String> {
    let violations = rules.check(order, context).unwrap_err();
    violations.broken.iter().map(ToString::to_string).collect()
}

/// What could not be checked.
fn missed<R: OrderRequest>(rules: &SymbolRules, order: &R, context: &OrderContext) -> Vec<String> {
    let not_checked = match rules.check(order, context) {
        Ok(passed) => passed.not_checked,
        Err(violations) => violations.not_checked,
    };
    not_checked.iter().map(ToString::to_string).collect()
}
