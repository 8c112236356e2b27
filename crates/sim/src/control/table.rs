//! All requests of the control API: what is dispatched, and what `GET /help` shows.

use super::answer::Refusal;
use super::routes::{Asked, Reply};

/// A request.
pub(super) struct Route {
    /// Method of HTTP.
    pub(super) method: &'static str,
    /// Path; a part in braces stands for any name.
    pub(super) path: &'static str,
    /// Parameters of the query, all optional.
    pub(super) query: &'static [&'static str],
    /// Keys of the body, optional ones with a question mark behind them.
    pub(super) body: &'static [&'static str],
    /// What it does.
    pub(super) does: &'static str,
    /// Path and query, and body of an example; no body where it takes none.
    pub(super) example: (&'static str, &'static str),
    /// Carries it out.
    pub(super) handle: fn(&Asked<'_>) -> Result<Reply, Refusal>,
}

const GET: Route = Route {
    method: "GET",
    path: "",
    query: &[],
    body: &[],
    does: "",
    example: ("", ""),
    handle: |asked| asked.help(),
};
const POST: Route = Route { method: "POST", ..GET };
const DELETE: Route = Route { method: "DELETE", ..GET };

/// All requests. The examples work one after the other.
pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/",
        does: "the status page, for a browser",
        example: ("/", ""),
        handle: |asked| asked.page(),
        ..GET
    },
    Route { path: "/help", does: "this list", example: ("/help", ""), handle: |asked| asked.help(), ..GET },
    Route {
        path: "/status",
        query: &["symbol", "levels", "trades"],
        does: "all that the status page shows",
        example: ("/status?symbol=BTCUSDT&levels=5", ""),
        handle: |asked| asked.status(),
        ..GET
    },
    Route {
        path: "/symbols",
        does: "the symbols with their status and prices",
        example: ("/symbols", ""),
        handle: |asked| asked.symbols(),
        ..GET
    },
    Route {
        path: "/symbols",
        body: &["symbol", "base", "quote", "price", "tickSize?", "stepSize?", "minNotional?", "maxPrice?"],
        does: "opens a new symbol",
        example: (
            "/symbols",
            r#"{"symbol": "NEWUSDT", "base": "NEW", "quote": "USDT", "price": "2.50", "tickSize": "0.01"}"#,
        ),
        handle: |asked| asked.open_symbol(),
        ..POST
    },
    Route {
        path: "/symbols/{symbol}/book",
        query: &["levels"],
        does: "the book, best first",
        example: ("/symbols/BTCUSDT/book?levels=5", ""),
        handle: |asked| asked.book(),
        ..GET
    },
    Route {
        path: "/symbols/{symbol}/trades",
        query: &["limit"],
        does: "the last trades, newest first",
        example: ("/symbols/BTCUSDT/trades?limit=5", ""),
        handle: |asked| asked.trades(),
        ..GET
    },
    Route {
        path: "/symbols/{symbol}/price",
        body: &["price", "seconds?"],
        does: "the price moves there, at once without `seconds`",
        example: ("/symbols/BTCUSDT/price", r#"{"price": "58000", "seconds": 5}"#),
        handle: |asked| asked.set_price(),
        ..POST
    },
    Route {
        path: "/symbols/{symbol}/status",
        body: &["status"],
        does: "halts or opens a symbol: `TRADING`, `HALT`, `BREAK`, `END_OF_DAY`, `CANCEL_ONLY`",
        example: ("/symbols/BTCUSDT/status", r#"{"status": "TRADING"}"#),
        handle: |asked| asked.set_status(),
        ..POST
    },
    Route {
        path: "/symbols/{symbol}/referencePrice",
        body: &["price"],
        does: "sets the reference price, or with `null` says that there is none",
        example: ("/symbols/BTCUSDT/referencePrice", r#"{"price": "58000"}"#),
        handle: |asked| asked.set_reference_price(),
        ..POST
    },
    Route {
        path: "/symbols/{symbol}/orders",
        query: &["account"],
        does: "the exchange cancels open orders of accounts, as for a maintenance: they expire",
        example: ("/symbols/BTCUSDT/orders", ""),
        handle: |asked| asked.expire(),
        ..DELETE
    },
    Route {
        path: "/accounts",
        does: "the accounts: balances, names of API keys, count of open orders",
        example: ("/accounts", ""),
        handle: |asked| asked.accounts(),
        ..GET
    },
    Route {
        path: "/accounts",
        body: &[
            "name",
            "balances?",
            "keys?",
            "makerCommission?",
            "takerCommission?",
            "commissionInBnb?",
            "tradeGroup?",
        ],
        does: "adds an account",
        example: (
            "/accounts",
            r#"{"name": "alice", "balances": {"USDT": "10000", "BTC": "0.5"}, "keys": [{"apiKey": "aliceKey", "hmacSecret": "aliceSecret"}]}"#,
        ),
        handle: |asked| asked.add_account(),
        ..POST
    },
    Route {
        path: "/accounts/{name}/keys",
        body: &["apiKey", "hmacSecret?", "publicPem?", "trade?"],
        does: "adds an API key, with `hmacSecret` or `publicPem`",
        example: (
            "/accounts/alice/keys",
            r#"{"apiKey": "aliceReader", "hmacSecret": "readerSecret", "trade": false}"#,
        ),
        handle: |asked| asked.add_key(),
        ..POST
    },
    Route {
        path: "/accounts/{name}/deposit",
        body: &["asset", "amount"],
        does: "adds to the free balance",
        example: ("/accounts/alice/deposit", r#"{"asset": "USDT", "amount": "100"}"#),
        handle: |asked| asked.deposit(),
        ..POST
    },
    Route {
        path: "/accounts/{name}/withdraw",
        body: &["asset", "amount"],
        does: "takes from the free balance",
        example: ("/accounts/alice/withdraw", r#"{"asset": "USDT", "amount": "100"}"#),
        handle: |asked| asked.withdraw(),
        ..POST
    },
    Route {
        path: "/orders",
        query: &["account"],
        does: "the open orders",
        example: ("/orders?account=alice", ""),
        handle: |asked| asked.orders(),
        ..GET
    },
    Route {
        path: "/orders",
        body: &["symbol", "side", "quantity", "price?", "account?", "immediateOrCancel?"],
        does: "places an order; without `price` at the market, without `account` for somebody who has enough of everything",
        example: (
            "/orders",
            r#"{"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "50000", "account": "alice"}"#,
        ),
        handle: |asked| asked.place(),
        ..POST
    },
    Route {
        path: "/orders",
        body: &["symbol", "orderId", "account?"],
        does: "cancels an order; its `orderId` is in the answer to `POST /orders` and in `GET /orders`",
        example: ("/orders", r#"{"symbol": "BTCUSDT", "orderId": 1, "account": "alice"}"#),
        handle: |asked| asked.cancel(),
        ..DELETE
    },
    Route {
        path: "/market",
        does: "how lively the makers and takers are",
        example: ("/market", ""),
        handle: |asked| asked.market(),
        ..GET
    },
    Route {
        path: "/market",
        body: &["paused?", "actionsPerSecond?"],
        does: "changes that",
        example: ("/market", r#"{"paused": false, "actionsPerSecond": 100}"#),
        handle: |asked| asked.change_market(),
        ..POST
    },
    Route {
        path: "/clock",
        does: "the exchange's time",
        example: ("/clock", ""),
        handle: |asked| asked.clock(),
        ..GET
    },
    Route {
        path: "/clock",
        body: &["skewMillis?", "advanceMillis?"],
        does: "makes the clock wrong; lets time go by when the clock is driven by hand (`--manual-clock`)",
        example: ("/clock", r#"{"advanceMillis": 1000}"#),
        handle: |asked| asked.change_clock(),
        ..POST
    },
    Route {
        path: "/faults",
        does: "the faults in force",
        example: ("/faults", ""),
        handle: |asked| asked.faults(),
        ..GET
    },
    Route {
        path: "/faults",
        body: &["fault"],
        does: "orders a fault, or a list of them; answers their numbers. `faults` of this help has all kinds",
        example: (
            "/faults",
            r#"{"fault": "drop", "on": {"stream": "btcusdt@trade"}, "times": {"count": 3}}"#,
        ),
        handle: |asked| asked.inject_faults(),
        ..POST
    },
    Route {
        path: "/faults/{id}",
        does: "ends a fault",
        example: ("/faults/1", ""),
        handle: |asked| asked.remove_fault(),
        ..DELETE
    },
    Route {
        path: "/faults",
        does: "ends all faults",
        example: ("/faults", ""),
        handle: |asked| asked.remove_faults(),
        ..DELETE
    },
    Route {
        path: "/connections",
        does: "the WebSocket connections",
        example: ("/connections", ""),
        handle: |asked| asked.connections(),
        ..GET
    },
    Route {
        path: "/connections",
        does: "cuts every connection",
        example: ("/connections", ""),
        handle: |asked| asked.cut_connections(),
        ..DELETE
    },
    Route {
        path: "/counts",
        does: "what was counted since the start",
        example: ("/counts", ""),
        handle: |asked| asked.counts(),
        ..GET
    },
    Route {
        path: "/state",
        does: "saves the state to the exchange's state file (`--state`)",
        example: ("/state", ""),
        handle: |asked| asked.save(),
        ..POST
    },
];

impl Route {
    /// Whether a path is this one; then the name in it, which is empty where it has none.
    pub(super) fn subject<'p>(&self, parts: &[&'p str]) -> Option<&'p str> {
        let pattern = self.path.split('/').filter(|part| !part.is_empty());
        if pattern.clone().count() != parts.len() {
            return None;
        }
        let mut subject = "";
        for (pattern, part) in pattern.zip(parts) {
            if pattern.starts_with('{') {
                subject = part;
            } else if pattern != *part {
                return None;
            }
        }
        Some(subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_request() {
        let documentation = include_str!("mod.rs");
        for route in ROUTES {
            let request = format!("`{} {}`", route.method, route.path);
            assert!(documentation.contains(&request), "{request} is not in the table of the module");
        }
    }

    #[test]
    fn examples_are_of_their_requests() {
        for route in ROUTES {
            let (path, body) = route.example;
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
            assert!(route.subject(&parts).is_some(), "{} is no {}", path, route.path);
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                let name = pair.split('=').next().unwrap();
                assert!(route.query.contains(&name), "{name} of {}", route.path);
            }
            assert_eq!(body.is_empty(), route.body.is_empty(), "{} {}", route.method, route.path);
        }
    }
}
