//! What a symbol allows, beside its filters.

use crate::{broken, information, limit, missed, number, rules};
use binance_kit_core::{Decimal, Decoder};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::account::AccountFilters;
use binance_kit_model::spot::general::Permission;
use binance_kit_model::spot::rules::{Filter, NoRules, OrderContext};
use binance_kit_model::spot::trade::{
    AmendKeepPriority, CancelReplaceMode, OrderListOpo, PegPriceType, PendingOrder, SelfTradePreventionMode,
    SorOrder, WorkingOrder,
};
use binance_kit_model::spot::{NewOrder, OrderListOco, OrderListOto, Rounding};

#[test]
fn each_permission_has_its_name() {
    let context = OrderContext::new();
    let one = Decimal::ONE;
    let order = || limit("1", "1");
    let market = || NewOrder::market_buy("BTCUSDT").quote_order_quantity(one);
    let oco = OrderListOco::sell("BTCUSDT", one).above_limit_maker(Decimal::TWO).below_stop_loss(one);
    let working = || WorkingOrder::limit(OrderSide::Buy).quantity(one).price(one);
    let oto = OrderListOto::new("BTCUSDT", working(), PendingOrder::market(OrderSide::Sell), one);
    let opo = OrderListOpo::new("BTCUSDT", working(), PendingOrder::market(OrderSide::Sell));
    let amend = AmendKeepPriority::new("BTCUSDT", "mine", one);
    let replace = order().in_place_of("mine", CancelReplaceMode::StopOnFailure);
    let without = |from: &str, to: &str| information("", "", &[(from, to)]).rules("BTCUSDT").unwrap();
    let denied = |name: &str| without(&format!("\"{name}\":true"), &format!("\"{name}\":false"));

    let closed = without("TRADING", "BREAK");
    assert_eq!(broken(&closed, &order(), &context), ["status symbol"]);
    assert_eq!(broken(&denied("isSpotTradingAllowed"), &order(), &context), ["isSpotTradingAllowed symbol"]);
    assert_eq!(broken(&without("\"LIMIT\",", ""), &order(), &context), ["orderTypes type"]);
    let iceberg = order().iceberg_quantity(one);
    assert_eq!(broken(&denied("icebergAllowed"), &iceberg, &context), ["icebergAllowed icebergQty"]);
    assert_eq!(broken(&denied("ocoAllowed"), &oco, &context), ["ocoAllowed symbol"]);
    assert_eq!(broken(&denied("otoAllowed"), &oto, &context), ["otoAllowed symbol"]);
    assert_eq!(broken(&denied("opoAllowed"), &opo, &context), ["opoAllowed symbol"]);
    assert_eq!(
        broken(&denied("quoteOrderQtyMarketAllowed"), &market(), &context),
        ["quoteOrderQtyMarketAllowed quoteOrderQty"]
    );
    let trailing = NewOrder::trailing_stop_loss("BTCUSDT", OrderSide::Sell, 10).quantity(one);
    assert_eq!(
        broken(&denied("allowTrailingStop"), &trailing, &context),
        ["allowTrailingStop trailingDelta"]
    );
    assert_eq!(broken(&denied("cancelReplaceAllowed"), &replace, &context), ["cancelReplaceAllowed symbol"]);
    assert_eq!(broken(&denied("amendAllowed"), &amend, &context), ["amendAllowed symbol"]);
    let pegged = NewOrder::pegged("BTCUSDT", OrderSide::Buy, PegPriceType::PrimaryPeg).quantity(one);
    assert_eq!(
        broken(&denied("pegInstructionsAllowed"), &pegged, &context),
        ["pegInstructionsAllowed pegPriceType"]
    );
    let mode = order().self_trade_prevention_mode(SelfTradePreventionMode::Decrement);
    assert_eq!(
        broken(&rules(""), &mode, &context),
        ["allowedSelfTradePreventionModes selfTradePreventionMode"]
    );
    let sor = SorOrder::limit("BTCUSDT", OrderSide::Buy, one).price(one);
    assert_eq!(broken(&rules(""), &sor, &context), Vec::<String>::new());
    let elsewhere = without("\"symbols\":[\"BTCUSDT\"]", "\"symbols\":[]");
    assert_eq!(broken(&elsewhere, &sor, &context), ["sors symbol"]);
    let other = NewOrder::limit_buy("ETHUSDT").quantity(one).price(one);
    assert_eq!(broken(&rules(""), &other, &context), ["symbol symbol"]);
    // All of them are fine where nothing is denied.
    let all = rules("");
    assert_eq!(missed(&all, &order(), &context), Vec::<String>::new());
    assert!(all.check(&oco, &context).is_ok_and(|passed| passed.is_complete()));
    assert!(all.check(&opo, &context).is_ok() && all.check(&oto, &context).is_ok());
    assert!(all.check(&replace, &context).is_ok() && all.check(&pegged, &context).is_ok());
    assert!(all.check(&order().into_test(), &context).is_ok());
}

#[test]
fn an_account_needs_one_permission_of_each_set() {
    let sets = [("\"permissionSets\":[]", r#""permissionSets":[["SPOT","MARGIN"],["TRD_GRP_004"]]"#)];
    let rules = information("", "", &sets).rules("BTCUSDT").unwrap();
    let context = |permissions: &[Permission]| OrderContext::new().permissions(permissions);
    let both = context(&[Permission::Spot, Permission::from("TRD_GRP_004")]);
    assert_eq!(broken(&rules, &limit("1", "1"), &both), Vec::<String>::new());
    let one = context(&[Permission::Spot, Permission::Margin]);
    assert_eq!(broken(&rules, &limit("1", "1"), &one), ["permissionSets symbol"]);
    assert_eq!(
        missed(&rules, &limit("1", "1"), &OrderContext::new()),
        ["permissionSets was not checked: what the account may trade is not known"]
    );
}

#[test]
fn requests_that_make_no_sense_are_refused_first() {
    let rules = rules(r#"{"filterType":"LOT_SIZE","minQty":"0.1","maxQty":"10","stepSize":"0.1"}"#);
    let order = limit("1", "-1");
    assert_eq!(broken(&rules, &order, &OrderContext::new()), ["request price"]);
    let nothing = NewOrder::new("BTCUSDT", OrderSide::Buy, binance_kit_model::spot::OrderType::Limit);
    assert_eq!(broken(&rules, &nothing, &OrderContext::new())[0], "request quantity");
    // What cannot be read as a number of the exchange's.
    let precise = limit("1.1", "0.000000001").quantity(number("1.100000000"));
    assert_eq!(
        broken(&rules, &precise, &OrderContext::new()),
        ["baseAssetPrecision quantity", "quoteAssetPrecision price"]
    );
    let rounded = rules.round(precise, Rounding::Up).unwrap();
    assert_eq!(rounded.price, Some(number("0.00000001")));
    assert_eq!(rounded.quantity.map(|quantity| quantity.to_string()).as_deref(), Some("1.1"));
}

#[test]
fn an_accounts_own_filters_take_the_place_of_the_symbols() {
    let answer: AccountFilters = Decoder::new()
        .decode(
            br#"{"exchangeFilters":[{"filterType":"EXCHANGE_MAX_NUM_ORDERS","maxNumOrders":1000}],
                "symbolFilters":[{"filterType":"MAX_NUM_ORDERS","maxNumOrders":3}],
                "assetFilters":[{"filterType":"MAX_ASSET","asset":"BTC","limit":"1"},
                                {"filterType":"MAX_ASSET","asset":"USDT","limit":"2"}]}"#,
        )
        .unwrap();
    let rules = rules(r#"{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}"#).with_account_filters(&answer);
    assert_eq!(rules.filters().len(), 4);
    assert!(matches!(&rules.filters()[0], Filter::MaxNumOrders(filter) if filter.max_num_orders == 3));
    assert_eq!((rules.base_asset().as_str(), rules.quote_asset().as_str()), ("BTC", "USDT"));
    let again = rules.clone().with_account_filters(&answer);
    assert_eq!(again, rules);
}

#[test]
fn all_symbols_of_an_answer() {
    let information = information("", "", &[]);
    assert_eq!(information.all_rules().count(), 1);
    assert!(matches!(information.rules("ETHUSDT"), Err(NoRules::NotListed { .. })));
}
