//! Accounts: their answer, their commissions, and the events of their balances.

use crate::clearing::{Balance, RateSet};
use crate::engine::{AccountId, Engine, Fixed, Side, SymbolId};
use crate::json::{array, object};
use binance_kit_core::{JsonWriter, Timestamp};

fn rates(json: &mut JsonWriter, name: &str, set: RateSet) {
    json.key(name);
    object(json, |json| {
        json.field("maker", &set.maker);
        json.field("taker", &set.taker);
        json.field("buyer", &set.buyer);
        json.field("seller", &set.seller);
    });
}

/// The answer of `account`.
pub(crate) fn account(
    json: &mut JsonWriter,
    engine: &Engine,
    id: AccountId,
    omit_zero: bool,
    can_trade: bool,
) {
    let account = engine.account(id);
    // In hundredths of a percent.
    let points = |rate: Fixed| u64::try_from(rate.units() / 10_000).unwrap_or(0);
    object(json, |json| {
        let standard = engine.clearing.rates(id).standard;
        json.field("makerCommission", &points(standard.maker));
        json.field("takerCommission", &points(standard.taker));
        json.field("buyerCommission", &points(standard.buyer));
        json.field("sellerCommission", &points(standard.seller));
        rates(json, "commissionRates", standard);
        json.field("canTrade", &can_trade);
        json.field("canWithdraw", &true);
        json.field("canDeposit", &true);
        json.field("brokered", &false);
        json.field("requireSelfTradePrevention", &false);
        json.field("preventSor", &false);
        json.field("updateTime", &engine.clearing.updated(id));
        json.field("accountType", "SPOT");
        json.key("balances");
        let balances = engine.clearing.balances(id);
        let balances = engine.assets.sorted().into_iter().map(|(asset, name)| (name, balances.get(asset)));
        let shown = balances.filter(|(_, balance)| !omit_zero || *balance != Balance::default());
        array(json, shown, |json, (name, balance)| {
            object(json, |json| {
                json.field("asset", name);
                json.field("free", &balance.free);
                json.field("locked", &balance.locked);
            });
        });
        json.key("permissions");
        array(json, ["SPOT"], JsonWriter::string);
        json.field("uid", &uid(id));
        json.optional("tradeGroupId", account.trade_group.as_ref());
    });
}

fn uid(id: AccountId) -> u64 {
    100_000_000 + u64::from(id.0)
}

fn discount(json: &mut JsonWriter, engine: &Engine, id: AccountId, symbol: SymbolId) {
    json.key("discount");
    object(json, |json| {
        json.field("enabledForAccount", &engine.clearing.rates(id).discount);
        json.field("enabledForSymbol", &engine.instrument(symbol).rules.discount);
        json.field("discountAsset", &engine.clearing.discount().asset);
        json.field("discount", &engine.clearing.discount().rate);
    });
}

/// The answer of `account/commission`.
pub(crate) fn commission(json: &mut JsonWriter, engine: &Engine, id: AccountId, symbol: SymbolId) {
    let of = engine.clearing.rates(id);
    object(json, |json| {
        json.field("symbol", &engine.instrument(symbol).rules.symbol);
        rates(json, "standardCommission", of.standard);
        rates(json, "specialCommission", of.special);
        rates(json, "taxCommission", of.tax);
        discount(json, engine, id, symbol);
    });
}

/// The commission rates that an order test computes.
pub(crate) fn test_commission(
    json: &mut JsonWriter,
    engine: &Engine,
    id: AccountId,
    (symbol, side): (SymbolId, Side),
    special: bool,
) {
    let of = engine.clearing.rates(id);
    let pair = |json: &mut JsonWriter, name: &str, set: RateSet| {
        let (maker, taker) = set.for_order(side);
        json.key(name);
        object(json, |json| {
            json.field("maker", &maker);
            json.field("taker", &taker);
        });
    };
    object(json, |json| {
        pair(json, "standardCommissionForOrder", of.standard);
        if special {
            pair(json, "specialCommissionForOrder", of.special);
        }
        pair(json, "taxCommissionForOrder", of.tax);
        discount(json, engine, id, symbol);
    });
}

/// The event of changed balances.
pub(crate) fn account_position(
    json: &mut JsonWriter,
    engine: &Engine,
    balances: &[(crate::engine::AssetId, Balance)],
    time: Timestamp,
    now: Timestamp,
) {
    object(json, |json| {
        json.field("e", "outboundAccountPosition");
        json.field("E", &now);
        json.field("u", &time);
        json.key("B");
        array(json, balances, |json, (asset, balance)| {
            object(json, |json| {
                json.field("a", engine.assets.get(*asset));
                json.field("f", &balance.free);
                json.field("l", &balance.locked);
            });
        });
    });
}

/// The event of a deposit or withdrawal.
pub(crate) fn balance_change(
    json: &mut JsonWriter,
    kind: &str,
    asset: &str,
    delta: Fixed,
    time: Timestamp,
    now: Timestamp,
) {
    object(json, |json| {
        json.field("e", kind);
        json.field("E", &now);
        json.field("a", asset);
        json.field("d", &delta);
        json.field("T", &time);
    });
}
