//! The answer of `exchangeInfo`.

use super::{array, object};
use crate::engine::{
    Fixed, Instrument, MAX_NOTIONAL, MAX_ORDER_AMENDS, MAX_ORDER_LISTS, OrderType, SelfTradePrevention,
};
use crate::limits::Limits;
use binance_kit_core::{
    Asset, Encode as _, JsonWriter, RateLimit, RateLimitInterval, RateLimitKind, Timestamp,
};

/// What `exchangeInfo` shows of one symbol.
pub(crate) struct SymbolInfo<'a> {
    pub(crate) instrument: &'a Instrument,
    pub(crate) base: &'a Asset,
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

/// The modes of self-trade prevention that every symbol allows.
pub(crate) const PREVENTION_MODES: [SelfTradePrevention; 4] = [
    SelfTradePrevention::None,
    SelfTradePrevention::ExpireTaker,
    SelfTradePrevention::ExpireMaker,
    SelfTradePrevention::ExpireBoth,
];

pub(crate) fn exchange_info<'a>(
    json: &mut JsonWriter,
    now: Timestamp,
    limits: &Limits,
    symbols: impl IntoIterator<Item = SymbolInfo<'a>>,
    permission_sets: bool,
) {
    object(json, |json| {
        json.field("timezone", "UTC");
        json.field("serverTime", &now);
        json.key("rateLimits");
        rate_limits(json, limits);
        json.key("exchangeFilters");
        array(json, std::iter::empty::<()>(), |_, ()| {});
        json.key("symbols");
        array(json, symbols, |json, info| symbol(json, &info, permission_sets));
        json.key("sors");
        array(json, std::iter::empty::<()>(), |_, ()| {});
    });
}

fn rate_limits(json: &mut JsonWriter, limits: &Limits) {
    let rows = [
        (RateLimitKind::RequestWeight, RateLimitInterval::Minute, 1, limits.weight_per_minute),
        (RateLimitKind::Orders, RateLimitInterval::Second, 10, limits.orders_per_10_seconds),
        (RateLimitKind::Orders, RateLimitInterval::Day, 1, limits.orders_per_day),
        (RateLimitKind::Connections, RateLimitInterval::Minute, 5, limits.connections_per_5_minutes),
    ];
    array(json, rows, |json, (kind, interval, interval_count, limit)| {
        RateLimit { kind, interval, interval_count, limit: Some(limit), count: None }.encode(json);
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
        array(json, ORDER_TYPES, |json, kind| json.string(kind.as_str()));
        json.field("icebergAllowed", &false);
        json.field("ocoAllowed", &true);
        json.field("otoAllowed", &true);
        json.field("opoAllowed", &true);
        json.field("quoteOrderQtyMarketAllowed", &true);
        json.field("allowTrailingStop", &false);
        json.field("cancelReplaceAllowed", &true);
        json.field("amendAllowed", &true);
        json.field("pegInstructionsAllowed", &false);
        json.field("isSpotTradingAllowed", &true);
        json.field("isMarginTradingAllowed", &false);
        json.key("filters");
        filters(json, info.instrument);
        json.key("permissions");
        array(json, std::iter::empty::<()>(), |_, ()| {});
        json.key("permissionSets");
        json.begin_array();
        if permission_sets {
            json.element();
            array(json, ["SPOT"], JsonWriter::string);
        }
        json.end_array();
        json.field("defaultSelfTradePreventionMode", SelfTradePrevention::None.as_str());
        json.key("allowedSelfTradePreventionModes");
        array(json, PREVENTION_MODES, |json, mode| json.string(mode.as_str()));
    });
}

fn filters(json: &mut JsonWriter, instrument: &Instrument) {
    let rules = &instrument.rules;
    let range = |max: Fixed, step: Fixed| {
        move |json: &mut JsonWriter| {
            json.field("minQty", &step);
            json.field("maxQty", &max);
            json.field("stepSize", &step);
        }
    };
    json.begin_array();
    let mut filter = |name: &str, fields: &dyn Fn(&mut JsonWriter)| {
        json.element();
        object(json, |json| {
            json.field("filterType", name);
            fields(json);
        });
    };
    filter("PRICE_FILTER", &|json| {
        json.field("minPrice", &rules.tick_size);
        json.field("maxPrice", &rules.max_price);
        json.field("tickSize", &rules.tick_size);
    });
    filter("LOT_SIZE", &range(rules.max_quantity, rules.step_size));
    filter("MARKET_LOT_SIZE", &|json| {
        json.field("minQty", &Fixed::ZERO);
        json.field("maxQty", &rules.market_max_quantity);
        json.field("stepSize", &Fixed::ZERO);
    });
    filter("NOTIONAL", &|json| {
        json.field("minNotional", &rules.min_notional);
        json.field("applyMinToMarket", &true);
        json.field("maxNotional", &MAX_NOTIONAL);
        json.field("applyMaxToMarket", &false);
        json.field("avgPriceMins", &5_u64);
    });
    filter("MAX_NUM_ORDERS", &|json| json.field("maxNumOrders", &rules.max_orders));
    filter("MAX_NUM_ORDER_LISTS", &|json| json.field("maxNumOrderLists", &MAX_ORDER_LISTS));
    filter("MAX_NUM_ORDER_AMENDS", &|json| {
        json.field("maxNumOrderAmends", &u64::try_from(MAX_ORDER_AMENDS).unwrap_or(u64::MAX));
    });
    filter("MAX_NUM_ALGO_ORDERS", &|json| json.field("maxNumAlgoOrders", &rules.max_algo_orders));
    json.end_array();
}
