//! The answer of `exchangeInfo`.

use super::filters;
use crate::engine::{ExchangeRules, Feature, Instrument, OrderType};
use crate::json::{array, object};
use binance_kit_core::{Asset, Encode as _, JsonWriter, RateLimit, Symbol, Timestamp};

/// What `exchangeInfo` shows of one symbol.
pub(crate) struct SymbolInfo<'a> {
    /// The symbol.
    pub(crate) instrument: &'a Instrument,
    /// Base asset.
    pub(crate) base: &'a Asset,
    /// Quote asset.
    pub(crate) quote: &'a Asset,
}

const ORDER_TYPES: [OrderType; 7] = [
    OrderType::Limit,
    OrderType::LimitMaker,
    OrderType::Market,
    OrderType::StopLoss,
    OrderType::StopLossLimit,
    OrderType::TakeProfit,
    OrderType::TakeProfitLimit,
];

pub(crate) fn exchange_info<'a>(
    json: &mut JsonWriter,
    now: Timestamp,
    limits: &[RateLimit],
    exchange: &ExchangeRules,
    symbols: impl IntoIterator<Item = SymbolInfo<'a>>,
    permission_sets: bool,
    routers: impl IntoIterator<Item = (&'a Asset, Vec<&'a Symbol>)>,
) {
    object(json, |json| {
        json.field("timezone", "UTC");
        json.field("serverTime", &now);
        json.key("rateLimits");
        array(json, limits, |json, limit| limit.encode(json));
        json.key("exchangeFilters");
        filters::exchange_filters(json, exchange);
        json.key("symbols");
        array(json, symbols, |json, info| symbol(json, &info, permission_sets));
        let mut routers = routers.into_iter().peekable();
        if routers.peek().is_some() {
            json.key("sors");
            array(json, routers, |json, (base, symbols)| {
                object(json, |json| {
                    json.field("baseAsset", base);
                    json.key("symbols");
                    array(json, symbols, |json, symbol| json.string(symbol.as_str()));
                });
            });
        }
    });
}

fn symbol(json: &mut JsonWriter, info: &SymbolInfo<'_>, permission_sets: bool) {
    let rules = &info.instrument.rules;
    object(json, |json| {
        json.field("symbol", &rules.symbol);
        json.field("status", info.instrument.status.as_str());
        json.field("baseAsset", info.base);
        json.field("baseAssetPrecision", &8_u64);
        json.field("quoteAsset", info.quote);
        json.field("quotePrecision", &8_u64);
        json.field("quoteAssetPrecision", &8_u64);
        json.field("baseCommissionPrecision", &8_u64);
        json.field("quoteCommissionPrecision", &8_u64);
        json.key("orderTypes");
        let offered = |kind: &OrderType| Feature::of_type(*kind).is_none_or(|feature| rules.offers(feature));
        array(json, ORDER_TYPES.into_iter().filter(offered), |json, kind| json.string(kind.as_str()));
        for (name, feature) in [
            ("icebergAllowed", Feature::IcebergOrders),
            ("ocoAllowed", Feature::OneCancelsOther),
            ("otoAllowed", Feature::OneTriggersOther),
            ("opoAllowed", Feature::OnePaysOther),
            ("quoteOrderQtyMarketAllowed", Feature::QuoteQuantityMarketOrders),
            ("allowTrailingStop", Feature::TrailingStopOrders),
            ("cancelReplaceAllowed", Feature::CancelReplace),
            ("amendAllowed", Feature::Amend),
            ("pegInstructionsAllowed", Feature::PeggedOrders),
        ] {
            json.field(name, &rules.offers(feature));
        }
        json.field("isSpotTradingAllowed", &true);
        json.field("isMarginTradingAllowed", &false);
        json.key("filters");
        filters::symbol_filters(json, rules);
        json.key("permissions");
        array(json, std::iter::empty::<()>(), |_, ()| {});
        json.key("permissionSets");
        json.begin_array();
        if permission_sets {
            json.element();
            array(json, ["SPOT"], JsonWriter::string);
        }
        json.end_array();
        json.field("defaultSelfTradePreventionMode", rules.default_prevention.as_str());
        json.key("allowedSelfTradePreventionModes");
        array(json, &rules.preventions, |json, mode| json.string(mode.as_str()));
    });
}
