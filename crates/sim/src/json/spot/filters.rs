//! Filters, as `exchangeInfo` and `myFilters` show them.

use crate::engine::{AccountId, Engine, ExchangeRules, Fixed, Rules};
use crate::json::object;
use binance_kit_core::JsonWriter;

struct Filters<'a> {
    /// Where the filters are written.
    json: &'a mut JsonWriter,
}

impl Filters<'_> {
    fn filter(&mut self, name: &str, fields: impl FnOnce(&mut JsonWriter)) {
        self.json.element();
        object(self.json, |json| {
            json.field("filterType", name);
            fields(json);
        });
    }

    fn count(&mut self, name: &str, field: &str, count: Option<u32>) {
        if let Some(count) = count {
            self.filter(name, |json| json.field(field, &count));
        }
    }

    fn range(&mut self, name: &str, least: Fixed, most: Fixed, step: Fixed) {
        self.filter(name, |json| {
            json.field("minQty", &least);
            json.field("maxQty", &most);
            json.field("stepSize", &step);
        });
    }
}

/// The filters of a symbol.
pub(crate) fn symbol_filters(json: &mut JsonWriter, rules: &Rules) {
    json.begin_array();
    let mut filters = Filters { json };
    filters.filter("PRICE_FILTER", |json| {
        json.field("minPrice", &rules.min_price);
        json.field("maxPrice", &rules.max_price);
        json.field("tickSize", &rules.tick_size);
    });
    filters.range("LOT_SIZE", rules.min_quantity, rules.max_quantity, rules.step_size);
    filters.filter("ICEBERG_PARTS", |json| json.field("limit", &rules.iceberg_parts));
    filters.range(
        "MARKET_LOT_SIZE",
        rules.market_min_quantity,
        rules.market_max_quantity,
        rules.market_step_size,
    );
    if let Some(bounds) = &rules.trailing {
        filters.filter("TRAILING_DELTA", |json| {
            json.field("minTrailingAboveDelta", &bounds.min_above);
            json.field("maxTrailingAboveDelta", &bounds.max_above);
            json.field("minTrailingBelowDelta", &bounds.min_below);
            json.field("maxTrailingBelowDelta", &bounds.max_below);
        });
    }
    if let Some(filter) = &rules.percent_price {
        filters.filter("PERCENT_PRICE", |json| {
            json.field("multiplierUp", &filter.up);
            json.field("multiplierDown", &filter.down);
            json.field("avgPriceMins", &filter.minutes);
        });
    }
    if let Some(filter) = &rules.percent_price_by_side {
        filters.filter("PERCENT_PRICE_BY_SIDE", |json| {
            json.field("bidMultiplierUp", &filter.bid_up);
            json.field("bidMultiplierDown", &filter.bid_down);
            json.field("askMultiplierUp", &filter.ask_up);
            json.field("askMultiplierDown", &filter.ask_down);
            json.field("avgPriceMins", &filter.minutes);
        });
    }
    if let Some(filter) = &rules.older_min_notional {
        filters.filter("MIN_NOTIONAL", |json| {
            json.field("minNotional", &filter.least);
            json.field("applyToMarket", &filter.at_market);
            json.field("avgPriceMins", &filter.minutes);
        });
    }
    filters.filter("NOTIONAL", |json| {
        json.field("minNotional", &rules.min_notional);
        json.field("applyMinToMarket", &true);
        json.field("maxNotional", &rules.max_notional);
        json.field("applyMaxToMarket", &false);
        json.field("avgPriceMins", &rules.notional_minutes);
    });
    filters.count("MAX_NUM_ORDERS", "maxNumOrders", Some(rules.max_orders));
    filters.count("MAX_NUM_ORDER_LISTS", "maxNumOrderLists", Some(rules.max_order_lists));
    filters.count("MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", Some(rules.max_algo_orders));
    filters.count("MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", rules.max_iceberg_orders);
    filters.count("MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends", Some(rules.max_order_amends));
    if let Some(most) = &rules.max_position {
        filters.filter("MAX_POSITION", |json| json.field("maxPosition", most));
    }
    json.end_array();
}

/// The filters that hold for all symbols together.
pub(crate) fn exchange_filters(json: &mut JsonWriter, rules: &ExchangeRules) {
    json.begin_array();
    let mut filters = Filters { json };
    filters.count("EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", rules.max_orders);
    filters.count("EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", rules.max_algo_orders);
    filters.count("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", rules.max_iceberg_orders);
    filters.count("EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", rules.max_order_lists);
    json.end_array();
}

/// The filters of an account on the assets of a symbol.
fn asset_filters(json: &mut JsonWriter, engine: &Engine, account: AccountId, rules: &Rules) {
    json.begin_array();
    let mut filters = Filters { json };
    for (asset, limit) in &engine.account(account).max_asset {
        if [rules.base, rules.quote].contains(asset) {
            filters.filter("MAX_ASSET", |json| {
                json.field("asset", engine.assets.get(*asset));
                json.field("limit", limit);
            });
        }
    }
    json.end_array();
}

/// The answer of `myFilters`: what limits an account on a symbol.
pub(crate) fn my_filters(json: &mut JsonWriter, engine: &Engine, account: AccountId, rules: &Rules) {
    object(json, |json| {
        json.key("exchangeFilters");
        exchange_filters(json, &engine.exchange_rules);
        json.key("symbolFilters");
        symbol_filters(json, rules);
        json.key("assetFilters");
        asset_filters(json, engine, account, rules);
    });
}
