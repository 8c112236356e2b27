//! Which request of the control API does what.

use super::Settings;
use super::answer::{Answer, Refusal, json_answer};
use super::body::{
    CancelOrder, ClockChange, MarketChange, NewAccount, NewKey, NewOrder, NewSymbol, Price, ReferencePrice,
    Side, Status, Transfer, read,
};
use super::view;
use crate::accounts::AccountConfig;
use crate::admin::AdminOrder;
use crate::engine::SymbolStatus;
use crate::exchange::{find_account, find_symbol};
use crate::faults::Fault;
use crate::server::params::decode;
use crate::shared::Shared;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The most rows of anything that are shown.
const MAX_ROWS: usize = 5000;
/// How far a clock is driven by one request.
const MAX_ADVANCE: u64 = 24 * 3600 * 1000;

/// A request.
struct Asked<'a> {
    /// State of the exchange.
    shared: &'a Arc<Shared>,
    /// Settings of the control API.
    settings: &'a Settings,
    /// Query of the request.
    query: &'a str,
    /// Body of the request.
    body: &'a [u8],
}

/// Answers a request.
pub(super) fn answer(
    shared: &Arc<Shared>,
    settings: &Settings,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let asked = Asked { shared, settings, query, body };
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty())
        // A `+` is no blank in a path.
        .map(|part| decode(&part.replace('+', "%2B")))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| Refusal::invalid("the path is not UTF-8"))?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let value = match (method, parts.as_slice()) {
        ("GET", ["status"]) => asked.status(),
        ("GET", ["symbols"]) => Ok(shared.run(|core, now| view::symbols(&core.engine, now))),
        ("POST", ["symbols"]) => asked.open_symbol(),
        ("GET", ["symbols", symbol, "book"]) => asked.book(symbol),
        ("GET", ["symbols", symbol, "trades"]) => asked.trades(symbol),
        ("POST", ["symbols", symbol, "price"]) => asked.set_price(symbol),
        ("POST", ["symbols", symbol, "status"]) => asked.set_status(symbol),
        ("POST", ["symbols", symbol, "referencePrice"]) => asked.set_reference_price(symbol),
        ("DELETE", ["symbols", symbol, "orders"]) => asked.expire(symbol),
        ("GET", ["accounts"]) => Ok(shared.run(|core, _| view::accounts(shared, &core.engine))),
        ("POST", ["accounts"]) => asked.add_account(),
        ("POST", ["accounts", account, "keys"]) => asked.add_key(account),
        ("POST", ["accounts", account, "deposit"]) => asked.transfer(account, false),
        ("POST", ["accounts", account, "withdraw"]) => asked.transfer(account, true),
        ("GET", ["orders"]) => asked.orders(),
        ("POST", ["orders"]) => asked.place(),
        ("DELETE", ["orders"]) => asked.cancel(),
        ("GET", ["market"]) => Ok(shared.run(|core, _| view::market(core))),
        ("POST", ["market"]) => asked.change_market(),
        ("GET", ["clock"]) => Ok(view::clock(shared)),
        ("POST", ["clock"]) => asked.change_clock(),
        ("GET", ["faults"]) => Ok(view::faults(shared)),
        ("POST", ["faults"]) => asked.inject_faults(),
        ("DELETE", ["faults"]) => {
            shared.faults.remove_all();
            Ok(json!({}))
        }
        ("DELETE", ["faults", id]) => asked.remove_fault(id),
        ("GET", ["connections"]) => Ok(view::connections(shared)),
        ("DELETE", ["connections"]) => {
            shared.cut_all();
            Ok(json!({}))
        }
        ("GET", ["counts"]) => Ok(view::counts(shared)),
        ("POST", ["state"]) => asked.save(),
        (_, parts) => Err(no_such_request(parts)),
    }?;
    Ok(json_answer(StatusCode::OK, &value))
}

fn no_such_request(parts: &[&str]) -> Refusal {
    let allowed = match parts {
        ["symbols" | "accounts" | "market" | "clock"] => "GET and POST",
        ["orders" | "faults"] => "GET, POST and DELETE",
        ["symbols", _, "book" | "trades"] | ["status" | "counts"] | [] => "GET",
        ["symbols", _, "price" | "status" | "referencePrice"]
        | ["accounts", _, "keys" | "deposit" | "withdraw"]
        | ["state"] => "POST",
        ["connections"] => "GET and DELETE",
        ["faults", _] | ["symbols", _, "orders"] => "DELETE",
        _ => {
            let path = parts.join("/");
            return Refusal::unknown(format_args!("there is no /{path} here"))
                .hint("the documentation of the crate has a table of all requests");
        }
    };
    Refusal::wrong_method(allowed)
}

impl Asked<'_> {
    /// A parameter of the query.
    fn parameter(&self, name: &str) -> Result<Option<String>, Refusal> {
        let wrong = |_| Refusal::invalid(format_args!("{name} is not UTF-8"));
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| decode(value))
            .next()
            .transpose()
            .map_err(wrong)
    }

    fn count(&self, name: &str, usual: usize) -> Result<usize, Refusal> {
        let wrong = |_| Refusal::invalid(format_args!("{name} is not a number"));
        let count = self.parameter(name)?.map(|text| text.parse().map_err(wrong)).transpose()?;
        Ok(count.unwrap_or(usual).min(MAX_ROWS))
    }

    fn status(&self) -> Result<Value, Refusal> {
        let symbol = self.parameter("symbol")?;
        let (levels, trades) = (self.count("levels", 12)?, self.count("trades", 20)?);
        Ok(view::status(self.shared, self.settings, symbol.as_deref(), levels, trades))
    }

    fn book(&self, symbol: &str) -> Result<Value, Refusal> {
        let levels = self.count("levels", 100)?;
        Ok(self.shared.run(|core, _| {
            let id = find_symbol(&core.engine, symbol)?;
            Ok::<_, crate::SimError>(view::book(core.engine.instrument(id), levels))
        })?)
    }

    fn trades(&self, symbol: &str) -> Result<Value, Refusal> {
        let limit = self.count("limit", 100)?;
        Ok(self.shared.run(|core, _| {
            let id = find_symbol(&core.engine, symbol)?;
            Ok::<_, crate::SimError>(view::trades(core.engine.instrument(id), limit))
        })?)
    }

    fn open_symbol(&self) -> Result<Value, Refusal> {
        let config = read::<NewSymbol>(self.body)?.config()?;
        self.shared.run(|core, now| core.open_symbol(now, &config))?;
        Ok(json!({"symbol": config.symbol().as_str()}))
    }

    fn set_price(&self, symbol: &str) -> Result<Value, Refusal> {
        let Price { price, seconds } = read(self.body)?;
        let time = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|time| *time <= Duration::from_secs(86_400))
            .ok_or_else(|| Refusal::invalid("seconds must be between 0 and 86400"))?;
        self.shared.run(|core, now| core.set_price(now, symbol, price.0, time))?;
        Ok(json!({}))
    }

    fn set_status(&self, symbol: &str) -> Result<Value, Refusal> {
        let Status { status } = read(self.body)?;
        let status = SymbolStatus::from_word(&status).ok_or_else(|| {
            Refusal::invalid(format_args!("{status:?} is no status of a symbol"))
                .hint("TRADING, HALT, BREAK, END_OF_DAY or CANCEL_ONLY")
        })?;
        self.shared.run(|core, _| core.set_status(symbol, status))?;
        Ok(json!({}))
    }

    fn set_reference_price(&self, symbol: &str) -> Result<Value, Refusal> {
        let ReferencePrice { price } = read(self.body)?;
        self.shared.run(|core, now| core.set_reference_price(now, symbol, price.map(|price| price.0)))?;
        Ok(json!({}))
    }

    fn expire(&self, symbol: &str) -> Result<Value, Refusal> {
        let account = self.parameter("account")?;
        let count = self.shared.run(|core, now| core.expire_open_orders(now, symbol, account.as_deref()))?;
        Ok(json!({"expired": count}))
    }

    fn add_account(&self) -> Result<Value, Refusal> {
        let config = read::<NewAccount>(self.body)?.config()?;
        self.shared.run(|core, now| core.enroll(&self.shared.keys, now, &config))?;
        Ok(json!({"name": config.name}))
    }

    fn add_key(&self, account: &str) -> Result<Value, Refusal> {
        let config = read::<NewKey>(self.body)?.add(AccountConfig::new(account))?;
        self.shared.run(|core, _| core.enroll_keys(&self.shared.keys, &config))?;
        Ok(json!({}))
    }

    fn transfer(&self, account: &str, out: bool) -> Result<Value, Refusal> {
        let Transfer { asset, amount } = read(self.body)?;
        if amount.0.is_sign_negative() {
            return Err(Refusal::invalid("the amount is below zero").hint("there are deposit and withdraw"));
        }
        let amount = if out { -amount.0 } else { amount.0 };
        self.shared.run(|core, now| core.fund(now, account, &asset, amount))?;
        Ok(json!({}))
    }

    fn orders(&self) -> Result<Value, Refusal> {
        let account = self.parameter("account")?;
        Ok(self.shared.run(|core, _| {
            if let Some(account) = &account {
                find_account(&core.engine, account)?;
            }
            Ok::<_, crate::SimError>(view::orders(&core.engine, account.as_deref(), MAX_ROWS))
        })?)
    }

    fn place(&self) -> Result<Value, Refusal> {
        let new: NewOrder = read(self.body)?;
        let mut order = match new.side {
            Side::Buy => AdminOrder::buy(&new.symbol, new.quantity.0),
            Side::Sell => AdminOrder::sell(&new.symbol, new.quantity.0),
        };
        if let Some(price) = new.price {
            order = order.at(price.0);
        }
        if let Some(account) = new.account {
            order = order.by(account);
        }
        if new.immediate_or_cancel {
            order = order.immediate_or_cancel();
        }
        let placed = self.shared.run(|core, now| core.place_admin_order(now, &order))?;
        Ok(json!({
            "orderId": placed.order_id.get(),
            "status": placed.status,
            "executed": placed.executed.to_string(),
            "executedQuote": placed.executed_quote.to_string(),
        }))
    }

    fn cancel(&self) -> Result<Value, Refusal> {
        let CancelOrder { symbol, order_id, account } = read(self.body)?;
        let canceled = self
            .shared
            .run(|core, now| core.cancel_admin_order(now, account.as_deref(), &symbol, order_id))?;
        if canceled {
            Ok(json!({}))
        } else {
            Err(Refusal::conflict(format_args!("the order {order_id} is not open")).hint(
                "an order is cancelled in the name of the account that placed it; without `account`, those of scripts",
            ))
        }
    }

    fn change_market(&self) -> Result<Value, Refusal> {
        let MarketChange { paused, actions_per_second } = read(self.body)?;
        Ok(self.shared.run(|core, _| {
            let (_, market) = core.market()?;
            if let Some(paused) = paused {
                market.paused = paused;
            }
            if let Some(rate) = actions_per_second {
                market.set_rate(rate);
            }
            Ok::<_, crate::SimError>(view::market(core))
        })?)
    }

    fn change_clock(&self) -> Result<Value, Refusal> {
        let ClockChange { skew_millis, advance_millis } = read(self.body)?;
        if let Some(skew) = skew_millis {
            self.shared.set_skew(skew);
        }
        if let Some(millis) = advance_millis {
            if millis > MAX_ADVANCE {
                return Err(Refusal::invalid("a day at most at once"));
            }
            if !self.shared.clock.advance_by_hand(Duration::from_millis(millis)) {
                return Err(Refusal::conflict("the clock goes by itself").hint(
                    "start the exchange with a clock that is driven by hand: --manual-clock, ManualClock",
                ));
            }
        }
        Ok(view::clock(self.shared))
    }

    fn inject_faults(&self) -> Result<Value, Refusal> {
        let text = std::str::from_utf8(self.body).map_err(|_| Refusal::invalid("the body is not UTF-8"))?;
        let hint = |error| {
            Refusal::from(error).hint("the documentation of `Fault` and `FaultKind` says what there is")
        };
        let list = text.trim_start().starts_with('[');
        let faults = if list {
            Fault::list_from_json(text).map_err(hint)?
        } else {
            vec![Fault::from_json(text).map_err(hint)?]
        };
        let ids: Vec<u64> = faults.into_iter().map(|fault| self.shared.faults.inject(fault).id()).collect();
        Ok(json!({"ids": ids}))
    }

    fn remove_fault(&self, id: &str) -> Result<Value, Refusal> {
        let found =
            id.parse().ok().filter(|id| self.shared.faults.in_force().iter().any(|one| one.id == *id));
        let Some(id) = found else {
            return Err(Refusal::unknown(format_args!("there is no fault {id} in force"))
                .hint("GET /faults lists them"));
        };
        self.shared.faults.remove(id);
        Ok(json!({}))
    }

    fn save(&self) -> Result<Value, Refusal> {
        let Some(path) = &self.settings.state_file else {
            return Err(Refusal::conflict("the exchange has no state file")
                .hint("start it with --state FILE, or ExchangeBuilder::state_file"));
        };
        self.shared.save(path)?;
        Ok(json!({"saved": path.display().to_string()}))
    }
}
