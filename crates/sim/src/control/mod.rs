//! The control API: what [`Exchange`](crate::Exchange) offers to Rust, for scripts in any language, and a status page.
//!
//! It has a port of its own, on loopback only ([`ExchangeBuilder::control`](crate::ExchangeBuilder::control),
//! `binance sim --control 127.0.0.1:0`), and uses HTTP and JSON. `GET /` is a page for a browser.
//!
//! ```text
//! curl -s 127.0.0.1:9444/symbols/BTCUSDT/price -d '{"price": "58000", "seconds": 5}'
//! curl -s 127.0.0.1:9444/faults -d '{"fault": "drop", "on": {"stream": "btcusdt@trade"}}'
//! ```
//!
//! | request | body, or parameters of the query | what it does |
//! |---|---|---|
//! | `GET /` | | the status page |
//! | `GET /help` | | all requests and all faults, with an example of each |
//! | `GET /status` | `symbol`, `levels`, `trades` | all that the page shows |
//! | `GET /symbols` | | the symbols with their status and prices |
//! | `POST /symbols` | `symbol`, `base`, `quote`, `price`; `tickSize`, `stepSize`, `minNotional`, `maxPrice` | opens a new symbol |
//! | `GET /symbols/{symbol}/book` | `levels` | the book, best first |
//! | `GET /symbols/{symbol}/trades` | `limit` | the last trades, newest first |
//! | `POST /symbols/{symbol}/price` | `price`; `seconds` | the price moves there, at once without `seconds` |
//! | `POST /symbols/{symbol}/status` | `status`: `TRADING`, `HALT`, `BREAK`, `END_OF_DAY`, `CANCEL_ONLY` | halts or opens a symbol |
//! | `POST /symbols/{symbol}/referencePrice` | `price`, or `null` | sets the reference price, or says that there is none |
//! | `DELETE /symbols/{symbol}/orders` | `account` | the exchange cancels open orders of accounts, as for a maintenance: they expire |
//! | `GET /accounts` | | the accounts: balances, names of API keys, count of open orders |
//! | `POST /accounts` | `name`; `balances`, `keys`, `makerCommission`, `takerCommission`, `commissionInBnb`, `tradeGroup` | adds an account |
//! | `POST /accounts/{name}/keys` | `apiKey`, `hmacSecret` or `publicPem`; `trade` | adds an API key |
//! | `POST /accounts/{name}/deposit` | `asset`, `amount` | adds to the free balance |
//! | `POST /accounts/{name}/withdraw` | `asset`, `amount` | takes from the free balance |
//! | `GET /orders` | `account` | the open orders |
//! | `POST /orders` | `symbol`, `side`, `quantity`; `price`, `account`, `immediateOrCancel` | places an order; without `price` at the market, without `account` for somebody who has enough of everything |
//! | `DELETE /orders` | `symbol`, `orderId`; `account` | cancels an order |
//! | `GET /market` | | how lively the makers and takers are |
//! | `POST /market` | `paused`, `actionsPerSecond` | changes that |
//! | `GET /clock` | | the exchange's time |
//! | `POST /clock` | `skewMillis`, `advanceMillis` | makes the clock wrong; lets time go by when the clock is driven by hand |
//! | `GET /faults` | | the faults in force |
//! | `POST /faults` | a fault, or a list of them, as in [`Fault::from_json`](crate::Fault::from_json) | orders them; answers their numbers |
//! | `DELETE /faults`, `DELETE /faults/{id}` | | ends all, or one |
//! | `GET /connections` | | the WebSocket connections |
//! | `DELETE /connections` | | cuts every connection |
//! | `GET /counts` | | what was counted since the start |
//! | `POST /state` | | saves the state to the exchange's state file |
//!
//! Amounts and prices are strings, as everywhere in the exchange's API; whole numbers may be numbers. What does not
//! succeed is answered by `{"error": {"kind", "message", "hint"}}` with status 400 (what was sent makes no sense), 404
//! (there is no such thing), 409 (it makes sense, but not now), or 500 (the state could not be saved). Requests of
//! web pages other than its own are refused, by `Host` and `Origin`.

mod answer;
mod body;
mod help;
mod routes;
mod table;
mod view;

use crate::server::idle::{Connection, Connections};
use crate::server::origin::{self, Refused};
use crate::shared::Shared;
use answer::{Answer, Refusal, text};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// The longest body of a request.
const MAX_BODY: usize = 1 << 20;
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many control connections may be open. The longest idle one is closed for one more.
const MAX_CONNECTIONS: usize = 64;

/// What the control API knows beside the exchange.
#[derive(Debug)]
pub(crate) struct Settings {
    /// File that states are saved to.
    pub(crate) state_file: Option<PathBuf>,
    /// Base URL of REST, for the page.
    pub(crate) rest_url: String,
    /// Base URL of the control API, for the examples of its help.
    pub(crate) control_url: String,
}

/// Accepts connections as long as the exchange lives.
pub(crate) async fn accept(listener: TcpListener, shared: Weak<Shared>, settings: Settings) {
    let settings = Arc::new(settings);
    let open = Arc::new(Connections::default());
    loop {
        let accepted = listener.accept().await;
        let Some(shared) = shared.upgrade() else { return };
        match accepted {
            Ok((stream, _)) => {
                let spawner = shared.spawner.clone();
                let (weak, settings) = (Arc::downgrade(&shared), Arc::clone(&settings));
                // Whoever leaves connections open must not keep others out.
                while open.count() >= MAX_CONNECTIONS && open.make_room(true) {}
                spawner.spawn(serve(stream, weak, settings, open.add()));
            }
            Err(error) => {
                tracing::warn!(%error, "a control connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, shared: Weak<Shared>, settings: Arc<Settings>, place: Connection) {
    let place = Arc::new(place);
    let service = hyper::service::service_fn({
        let place = Arc::clone(&place);
        move |request| {
            let (shared, settings) = (Weak::clone(&shared), Arc::clone(&settings));
            let place = Arc::clone(&place);
            async move {
                place.used(true);
                let answer = handle(&shared, &settings, request).await;
                place.used(false);
                Ok::<_, Infallible>(answer)
            }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(60))
        .max_buf_size(64 * 1024)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        result = connection => if let Err(error) = result {
            tracing::debug!(%error, "a control connection ended");
        },
        () = place.closed() => tracing::debug!("an idle control connection was closed"),
    }
}

async fn handle(shared: &Weak<Shared>, settings: &Settings, request: Request<Incoming>) -> Answer {
    // Only this machine may ask, and of web pages only our own.
    match origin::refusal(request.headers(), true, &[]) {
        None => {}
        Some(Refused::Host) => return text(StatusCode::FORBIDDEN, origin::WRONG_HOST),
        Some(Refused::Origin) => {
            return text(StatusCode::FORBIDDEN, "requests of other web pages are not allowed");
        }
    }
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect();
    let body = match tokio::time::timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the body did not come"),
    };
    let Some(shared) = shared.upgrade() else {
        return text(StatusCode::SERVICE_UNAVAILABLE, "the exchange is gone");
    };
    let query = head.uri.query().unwrap_or_default();
    match routes::answer(&shared, settings, head.method.as_str(), head.uri.path(), query, &body) {
        Ok(answer) => answer,
        Err(refusal) => Refusal::into_answer(refusal),
    }
}
