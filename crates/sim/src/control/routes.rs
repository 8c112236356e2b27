//! Which request of the control API does what.

use super::Settings;
use super::answer::{Answer, Refusal, SEE_HELP, json_answer, page, pretty_answer};
use super::body::{
    CancelOrder, ClockChange, MarketChange, NewAccount, NewKey, NewOrder, NewSymbol, Price, ReferencePrice,
    Side, Status, Transfer, read,
};
use super::table::ROUTES;
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

/// How lively the market may be made: more would leave no time for anything else.
const MAX_RATE: u32 = 1_000_000;
/// What a request is answered with.
pub(super) enum Reply {
    /// JSON.
    Json(Value),
    /// JSON that people read.
    Pretty(Value),
    /// The status page.
    Page,
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

type Replied = Result<Reply, Refusal>;

/// A request.
pub(super) struct Asked<'a> {
    /// State of the exchange.
    shared: &'a Arc<Shared>,
    /// Settings of the control API.
    settings: &'a Settings,
    /// The name in the path: a symbol, an account, a fault.
    subject: &'a str,
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
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty())
        // A `+` is no blank in a path.
        .map(|part| decode(&part.replace('+', "%2B")))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| Refusal::invalid("the path is not UTF-8"))?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let mut found = ROUTES.iter().filter_map(|route| Some((route, route.subject(&parts)?)));
    let Some((route, subject)) = found.find(|(route, _)| route.method == method) else {
        return Err(no_such_request(&parts));
    };
    let asked = Asked { shared, settings, subject, query, body };
    asked.check_query(route.query)?;
    Ok(match (route.handle)(&asked)? {
        Reply::Json(value) => json_answer(StatusCode::OK, &value),
        Reply::Pretty(value) => pretty_answer(&value),
        Reply::Page => page(),
    })
}

fn no_such_request(parts: &[&str]) -> Refusal {
    let allowed: Vec<&str> =
        ROUTES.iter().filter(|route| route.subject(parts).is_some()).map(|route| route.method).collect();
    if allowed.is_empty() {
        let path = parts.join("/");
        return Refusal::unknown(format_args!("there is no /{path} here")).hint(SEE_HELP);
    }
    Refusal::wrong_method(&allowed.join(", "))
}

#[expect(clippy::unnecessary_wraps, reason = "the functions of one table, of which most can refuse")]
impl Asked<'_> {
    /// Refuses parameters that the request does not have: they are misspelled.
    fn check_query(&self, known: &[&str]) -> Result<(), Refusal> {
        let names = self.query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
        let unknown = names.filter(|name| !name.is_empty()).find(|name| !known.contains(name));
        let Some(unknown) = unknown else { return Ok(()) };
        let hint = match known {
            [] => "this request has no parameters in its URL".to_owned(),
            known => format!("write one of {}", known.join(", ")),
        };
        Err(Refusal::invalid(format_args!("there is no parameter {unknown:?}")).hint(hint))
    }

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

    pub(super) fn page(&self) -> Replied {
        let _ = self;
        Ok(Reply::Page)
    }

    pub(super) fn help(&self) -> Replied {
        Ok(Reply::Pretty(super::help::help(&self.settings.control_url)))
    }

    pub(super) fn symbols(&self) -> Replied {
        Ok(self.shared.run(|core, now| view::symbols(&core.engine, now)).into())
    }

    pub(super) fn accounts(&self) -> Replied {
        Ok(self.shared.run(|core, _| view::accounts(self.shared, &core.engine)).into())
    }

    pub(super) fn deposit(&self) -> Replied {
        self.transfer(false)
    }

    pub(super) fn withdraw(&self) -> Replied {
        self.transfer(true)
    }

    pub(super) fn market(&self) -> Replied {
        Ok(self.shared.run(|core, _| view::market(core)).into())
    }

    pub(super) fn clock(&self) -> Replied {
        Ok(view::clock(self.shared).into())
    }

    pub(super) fn faults(&self) -> Replied {
        Ok(view::faults(self.shared).into())
    }

    pub(super) fn remove_faults(&self) -> Replied {
        self.shared.faults.remove_all();
        Ok(json!({}).into())
    }

    pub(super) fn connections(&self) -> Replied {
        Ok(view::connections(self.shared).into())
    }

    pub(super) fn cut_connections(&self) -> Replied {
        self.shared.cut_all();
        Ok(json!({}).into())
    }

    pub(super) fn counts(&self) -> Replied {
        Ok(view::counts(self.shared).into())
    }

    fn count(&self, name: &str, usual: usize) -> Result<usize, Refusal> {
        let wrong = |_| Refusal::invalid(format_args!("{name} is not a number"));
        let count = self.parameter(name)?.map(|text| text.parse().map_err(wrong)).transpose()?;
        Ok(count.unwrap_or(usual).min(MAX_ROWS))
    }

    pub(super) fn status(&self) -> Replied {
        let symbol = self.parameter("symbol")?;
        let (levels, trades) = (self.count("levels", 12)?, self.count("trades", 20)?);
        if let Some(symbol) = &symbol {
            self.shared.run(|core, _| find_symbol(&core.engine, symbol).map(drop))?;
        }
        Ok(view::status(self.shared, self.settings, symbol.as_deref(), levels, trades).into())
    }

    pub(super) fn book(&self) -> Replied {
        let symbol = self.subject;
        let levels = self.count("levels", 100)?;
        Ok(self
            .shared
            .run(|core, _| {
                let id = find_symbol(&core.engine, symbol)?;
                Ok::<_, crate::SimError>(view::book(core.engine.instrument(id), levels))
            })?
            .into())
    }

    pub(super) fn trades(&self) -> Replied {
        let symbol = self.subject;
        let limit = self.count("limit", 100)?;
        Ok(self
            .shared
            .run(|core, _| {
                let id = find_symbol(&core.engine, symbol)?;
                Ok::<_, crate::SimError>(view::trades(core.engine.instrument(id), limit))
            })?
            .into())
    }

    pub(super) fn open_symbol(&self) -> Replied {
        let config = read::<NewSymbol>(self.body)?.config()?;
        self.shared.run(|core, now| core.open_symbol(now, &config))?;
        Ok(json!({"symbol": config.symbol().as_str()}).into())
    }

    pub(super) fn set_price(&self) -> Replied {
        let symbol = self.subject;
        let Price { price, seconds } = read(self.body)?;
        let time = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|time| *time <= Duration::from_secs(86_400))
            .ok_or_else(|| Refusal::invalid("seconds must be between 0 and 86400"))?;
        self.shared.run(|core, now| core.set_price(now, symbol, price.0, time))?;
        Ok(json!({}).into())
    }

    pub(super) fn set_status(&self) -> Replied {
        let symbol = self.subject;
        let Status { status } = read(self.body)?;
        let status = SymbolStatus::from_word(&status).ok_or_else(|| {
            Refusal::invalid(format_args!("{status:?} is no status of a symbol"))
                .hint("TRADING, HALT, BREAK, END_OF_DAY or CANCEL_ONLY")
        })?;
        self.shared.run(|core, _| core.set_status(symbol, status))?;
        Ok(json!({}).into())
    }

    pub(super) fn set_reference_price(&self) -> Replied {
        let symbol = self.subject;
        let ReferencePrice { price } = read(self.body)?;
        self.shared.run(|core, now| core.set_reference_price(now, symbol, price.map(|price| price.0)))?;
        Ok(json!({}).into())
    }

    pub(super) fn expire(&self) -> Replied {
        let symbol = self.subject;
        let account = self.parameter("account")?;
        let count = self.shared.run(|core, now| core.expire_open_orders(now, symbol, account.as_deref()))?;
        Ok(json!({"expired": count}).into())
    }

    pub(super) fn add_account(&self) -> Replied {
        let config = read::<NewAccount>(self.body)?.config()?;
        self.shared.run(|core, now| core.enroll(&self.shared.keys, now, &config))?;
        Ok(json!({"name": config.name}).into())
    }

    pub(super) fn add_key(&self) -> Replied {
        let account = self.subject;
        let config = read::<NewKey>(self.body)?.add(AccountConfig::new(account))?;
        self.shared.run(|core, _| core.enroll_keys(&self.shared.keys, &config))?;
        Ok(json!({}).into())
    }

    fn transfer(&self, out: bool) -> Replied {
        let account = self.subject;
        let Transfer { asset, amount } = read(self.body)?;
        if amount.0.is_sign_negative() || amount.0.is_zero() {
            let hint = "write an amount above zero; there are deposit and withdraw";
            return Err(
                Refusal::invalid(format_args!("the amount {} is not above zero", amount.0)).hint(hint)
            );
        }
        let amount = if out { -amount.0 } else { amount.0 };
        self.shared.run(|core, now| core.fund(now, account, &asset, amount))?;
        Ok(json!({}).into())
    }

    pub(super) fn orders(&self) -> Replied {
        let account = self.parameter("account")?;
        Ok(self
            .shared
            .run(|core, _| {
                if let Some(account) = &account {
                    find_account(&core.engine, account)?;
                }
                Ok::<_, crate::SimError>(view::orders(&core.engine, account.as_deref(), MAX_ROWS))
            })?
            .into())
    }

    pub(super) fn place(&self) -> Replied {
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
        })
        .into())
    }

    pub(super) fn cancel(&self) -> Replied {
        let CancelOrder { symbol, order_id, account } = read(self.body)?;
        let canceled = self
            .shared
            .run(|core, now| core.cancel_admin_order(now, account.as_deref(), &symbol, order_id))?;
        if canceled {
            Ok(json!({}).into())
        } else {
            Err(Refusal::conflict(format_args!("the order {order_id} is not open")).hint(
                "an order is cancelled in the name of the account that placed it; without `account`, those of scripts",
            ))
        }
    }

    pub(super) fn change_market(&self) -> Replied {
        let MarketChange { paused, actions_per_second } = read(self.body)?;
        if let Some(rate) = actions_per_second.filter(|rate| *rate > MAX_RATE) {
            return Err(Refusal::invalid(format_args!("{rate} actions in a second are too many"))
                .hint(format_args!("write a number up to {MAX_RATE}")));
        }
        Ok(self
            .shared
            .run(|core, _| {
                let (_, market) = core.market()?;
                if let Some(paused) = paused {
                    market.paused = paused;
                }
                if let Some(rate) = actions_per_second {
                    market.set_rate(rate);
                }
                Ok::<_, crate::SimError>(view::market(core))
            })?
            .into())
    }

    pub(super) fn change_clock(&self) -> Replied {
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
        Ok(view::clock(self.shared).into())
    }

    pub(super) fn inject_faults(&self) -> Replied {
        let text = std::str::from_utf8(self.body).map_err(|_| Refusal::invalid("the body is not UTF-8"))?;
        let hint = |error| Refusal::from(error).hint(SEE_HELP);
        let list = text.trim_start().starts_with('[');
        let faults = if list {
            Fault::list_from_json(text).map_err(hint)?
        } else {
            vec![Fault::from_json(text).map_err(hint)?]
        };
        let ids: Vec<u64> = faults.into_iter().map(|fault| self.shared.faults.inject(fault).id()).collect();
        Ok(json!({"ids": ids}).into())
    }

    pub(super) fn remove_fault(&self) -> Replied {
        let id = self.subject;
        let found =
            id.parse().ok().filter(|id| self.shared.faults.in_force().iter().any(|one| one.id == *id));
        let Some(id) = found else {
            return Err(Refusal::unknown(format_args!("there is no fault {id} in force"))
                .hint("GET /faults lists them"));
        };
        self.shared.faults.remove(id);
        Ok(json!({}).into())
    }

    pub(super) fn save(&self) -> Replied {
        let Some(path) = &self.settings.state_file else {
            return Err(Refusal::conflict("the exchange has no state file")
                .hint("start it with --state FILE, or ExchangeBuilder::state_file"));
        };
        self.shared.save(path)?;
        Ok(json!({"saved": path.display().to_string()}).into())
    }
}
