//! What the control API and the status page show, as JSON.

use super::Settings;
use crate::engine::{Account, Engine, Fixed, Instrument, Order, Side};
use crate::json::spot::public::Statistics;
use crate::shared::{Core, Shared};
use binance_kit_core::Timestamp;
use serde_json::{Map, Value, json};

fn number(value: Fixed) -> Value {
    value.to_string().into()
}

fn best(level: Option<(Fixed, Fixed)>) -> Value {
    level.map_or(Value::Null, |(price, _)| number(price))
}

pub(super) fn symbols(engine: &Engine, now: Timestamp) -> Value {
    engine.symbols().map(|(_, instrument)| symbol(instrument, now)).collect()
}

fn symbol(instrument: &Instrument, now: Timestamp) -> Value {
    let day = Statistics::of_day(instrument, now).candle;
    json!({
        "symbol": instrument.rules.symbol.as_str(),
        "status": instrument.status.as_str(),
        "price": number(instrument.last_price()),
        "bid": best(instrument.best(Side::Buy)),
        "ask": best(instrument.best(Side::Sell)),
        "tickSize": number(instrument.rules.tick_size),
        "dayOpen": number(day.open),
        "dayVolume": number(day.volume),
        "dayTrades": day.trades,
        "levels": [instrument.depth(Side::Buy), instrument.depth(Side::Sell)],
        "lastUpdateId": instrument.last_update_id,
    })
}

pub(super) fn book(instrument: &Instrument, levels: usize) -> Value {
    let side = |side| -> Value {
        let rows = instrument.levels(side).take(levels);
        rows.map(|(price, quantity)| json!([number(price), number(quantity)])).collect()
    };
    json!({
        "symbol": instrument.rules.symbol.as_str(),
        "lastUpdateId": instrument.last_update_id,
        "bids": side(Side::Buy),
        "asks": side(Side::Sell),
    })
}

/// Newest first.
pub(super) fn trades(instrument: &Instrument, limit: usize) -> Value {
    instrument
        .trades
        .iter()
        .rev()
        .take(limit)
        .map(|trade| {
            json!({
                "id": trade.id,
                "price": number(trade.price),
                "quantity": number(trade.quantity),
                "time": trade.time.as_millis(),
                "buyerIsMaker": trade.buyer_is_maker,
            })
        })
        .collect()
}

fn users(engine: &Engine) -> impl Iterator<Item = (crate::engine::AccountId, &Account)> {
    engine.accounts().iter().filter(|(_, account)| !account.internal)
}

pub(super) fn accounts(shared: &Shared, engine: &Engine) -> Value {
    users(engine)
        .map(|(id, account)| {
            let balances: Map<String, Value> = engine
                .clearing
                .balances(id)
                .iter()
                .map(|(asset, balance)| {
                    let name = engine.assets.get(asset).to_string();
                    (name, json!({"free": number(balance.free), "locked": number(balance.locked)}))
                })
                .collect();
            let open: usize = account.orders.values().map(|orders| orders.open.len()).sum();
            json!({
                "name": account.name,
                "apiKeys": shared.keys.of(id),
                "balances": balances,
                "openOrders": open,
            })
        })
        .collect()
}

fn order(engine: &Engine, account: &Account, order: &Order) -> Value {
    json!({
        "account": account.name,
        "symbol": engine.instrument(order.symbol).rules.symbol.as_str(),
        "orderId": order.id,
        "clientOrderId": order.client_id.as_str(),
        "side": order.side.as_str(),
        "type": order.kind.as_str(),
        "price": number(order.price),
        "stopPrice": order.stop_price.map_or(Value::Null, number),
        "quantity": number(order.quantity),
        "executed": number(order.executed),
        "status": order.status.as_str(),
        "time": order.created.as_millis(),
    })
}

/// The open orders of one account, or of all.
pub(super) fn orders(engine: &Engine, only: Option<&str>, limit: usize) -> Value {
    users(engine)
        .filter(|(_, account)| only.is_none_or(|only| account.name == only))
        .flat_map(|(_, account)| {
            account.orders.iter().flat_map(move |(symbol, orders)| {
                let instrument = engine.instrument(*symbol);
                orders
                    .open
                    .iter()
                    .filter_map(|id| instrument.order(*id))
                    .map(move |one| order(engine, account, one))
            })
        })
        .take(limit)
        .collect()
}

pub(super) fn connections(shared: &Shared) -> Value {
    shared
        .connections()
        .iter()
        .map(|connection| {
            json!({
                "id": connection.id,
                "kind": if connection.is_api { "ws-api" } else { "streams" },
                "streams": connection.streams,
                "since": connection.since.as_millis(),
                "queuedFrames": connection.queued_frames,
                "queuedBytes": connection.queued_bytes,
                "heldUp": connection.is_held_up,
            })
        })
        .collect()
}

pub(super) fn faults(shared: &Shared) -> Value {
    shared
        .faults
        .in_force()
        .iter()
        .map(|fault| {
            let value = serde_json::to_value(&fault.fault).unwrap_or_default();
            json!({"id": fault.id, "hits": fault.hits, "fault": value})
        })
        .collect()
}

pub(super) fn market(core: &Core) -> Value {
    core.market
        .as_ref()
        .map_or(Value::Null, |market| json!({"paused": market.paused, "actionsPerSecond": market.rate()}))
}

pub(super) fn clock(shared: &Shared) -> Value {
    json!({"time": shared.clock.now().as_millis(), "skewMillis": shared.clock.skew()})
}

pub(super) fn counts(shared: &Shared) -> Value {
    let counts = shared.counters.read();
    json!({
        "connections": counts.connections,
        "connectionsOpen": counts.connections_open,
        "websockets": counts.websockets,
        "overflows": counts.overflows,
        "events": counts.events,
        "requests": counts.requests,
    })
}

/// All that the page shows. The book and the trades are those of one symbol.
pub(super) fn status(
    shared: &Shared,
    settings: &Settings,
    name: Option<&str>,
    levels: usize,
    trade_limit: usize,
) -> Value {
    // What has locks of its own comes first.
    let (connections, faults, counts) = (connections(shared), faults(shared), counts(shared));
    let skew = shared.clock.skew();
    shared.run(|core, now| {
        let engine = &core.engine;
        let shown = name
            .and_then(|name| engine.symbol_id(name))
            .or_else(|| engine.symbols().next().map(|(id, _)| id))
            .map(|id| engine.instrument(id));
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "rest": settings.rest_url,
            "stateFile": settings.state_file.as_ref().map(|path| path.display().to_string()),
            "seed": core.seed,
            "time": now.as_millis(),
            "skewMillis": skew,
            "market": market(core),
            "symbols": symbols(engine, now),
            "book": shown.map_or(Value::Null, |shown| book(shown, levels)),
            "trades": shown.map_or(Value::Null, |shown| trades(shown, trade_limit)),
            "accounts": accounts(shared, engine),
            "orders": orders(engine, None, 200),
            "connections": connections,
            "faults": faults,
            "counts": counts,
        })
    })
}
