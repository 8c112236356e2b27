//! A clock that is off, and other refusals that say nothing about the key or the request: at the first connection, at the
//! log-on, at the subscription of user data, and of requests. The server keeps the exchange's time and refuses as it does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../stream/tests/common/mod.rs"]
mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::product::Usdm;
use binance_kit_core::{
    Api, DecodeError, Delivery, ErrorCode, RawWsRequest, Security, StreamEvent, Timestamp,
};
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Context, Environment};
use binance_kit_sign::{Credentials, Ed25519Pair};
use binance_kit_ws_api::{ErrorKind, SessionState, UserDataItem, WsApiClient};
use common::{Server, context, environment, id_of};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedReceiver;

/// How far the exchange's clock is from the client's, in milliseconds.
const OFFSETS: [i64; 6] = [30_000, -30_000, 3_600_000, -3_600_000, 3_000, -3_000];

fn ed25519() -> Credentials {
    Ed25519Pair::from_seed([7; 32]).unwrap().credentials("edKey").unwrap()
}

fn hmac() -> Credentials {
    Credentials::hmac("hmacKey", "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j").unwrap()
}

/// What the exchange got, and what it is to refuse.
#[derive(Default)]
struct Journal {
    /// The methods in their order.
    methods: Vec<String>,
    /// Errors for the next requests of a method: status, code.
    refuse: Vec<(&'static str, u16, i32)>,
    /// Number of connections.
    connections: usize,
}

/// An exchange with a clock of its own that refuses timestamps as Binance does.
struct Exchange {
    journal: Arc<Mutex<Journal>>,
    _task: Task<()>,
}

impl Exchange {
    fn new(context: &Context, connections: UnboundedReceiver<DuplexStream>, offset: i64) -> Self {
        let journal = Arc::new(Mutex::new(Journal::default()));
        let task =
            task::spawn("exchange", Self::run(context.clone(), connections, offset, Arc::clone(&journal)));
        Self { journal, _task: task }
    }

    async fn run(
        context: Context,
        mut connections: UnboundedReceiver<DuplexStream>,
        offset: i64,
        journal: Arc<Mutex<Journal>>,
    ) {
        while let Some(io) = connections.recv().await {
            journal.lock().unwrap().connections += 1;
            let mut server = Server::upgrade(io).await;
            while let Some(text) = server.text().await {
                let message: Value = serde_json::from_str(&text).unwrap();
                let now = context.clock().now().as_millis() + offset;
                let answer = answer(&message, now, &mut journal.lock().unwrap());
                let mut answer = serde_json::to_value(answer).unwrap();
                answer["id"] = id_of(&text).into();
                server.send(&answer.to_string()).await;
            }
        }
    }

    fn refuse(&self, method: &'static str, status: u16, code: i32) {
        self.journal.lock().unwrap().refuse.push((method, status, code));
    }

    /// The methods since the last time.
    fn methods(&self) -> Vec<String> {
        std::mem::take(&mut self.journal.lock().unwrap().methods)
    }

    fn connections(&self) -> usize {
        self.journal.lock().unwrap().connections
    }
}

fn answer(message: &Value, now: i64, journal: &mut Journal) -> Value {
    let method = message["method"].as_str().unwrap();
    journal.methods.push(method.to_owned());
    let refused = journal.refuse.iter().position(|(of, ..)| *of == method);
    if let Some((_, status, code)) = refused.map(|index| journal.refuse.remove(index)) {
        return json!({"status": status, "error": {"code": code, "msg": "not now"}});
    }
    if let Some(timestamp) = message["params"]["timestamp"].as_i64()
        && (timestamp >= now + 1000 || timestamp < now - 5000)
    {
        let text = "Timestamp for this request is outside of the recvWindow.";
        return json!({"status": 400, "error": {"code": -1021, "msg": text}});
    }
    match method {
        "time" | "session.status" => json!({"status": 200, "result": {"serverTime": now}}),
        "userDataStream.subscribe" | "userDataStream.subscribe.signature" => {
            json!({"status": 200, "result": {"subscriptionId": 0}})
        }
        _ => json!({"status": 200, "result": {"done": method}}),
    }
}

fn order() -> RawWsRequest<Value> {
    RawWsRequest::new("order.place", Security::Signed).with("symbol", "BTCUSDT")
}

fn query() -> RawWsRequest<Value> {
    RawWsRequest::new("account.status", Security::Signed).query()
}

async fn connect(context: &Context, credentials: Credentials) -> WsApiClient {
    WsApiClient::builder(context, &environment()).credentials(credentials).connect().await.unwrap()
}

/// An event that is not looked into.
#[derive(Debug)]
struct Any;

impl StreamEvent for Any {
    fn decode_event(_: EventFrame<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_logs_on_with_a_clock_that_is_off() {
    for offset in OFFSETS {
        let (context, connections) = context();
        let exchange = Exchange::new(&context, connections, offset);
        let client = connect(&context, ed25519()).await;
        assert_eq!(
            *client.state().borrow(),
            SessionState::Connected { generation: 0, authenticated: true },
            "{offset}"
        );
        client.send(order()).await.unwrap();
        // The exchange takes timestamps that are 3 s old, not those from its future.
        let expected: &[&str] = match offset {
            3000 => &["session.logon", "order.place"],
            _ => &["session.logon", "time", "session.logon", "order.place"],
        };
        assert_eq!(exchange.methods(), expected, "{offset}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_with_a_refused_timestamp_is_repeated_once_an_order_never() {
    for offset in OFFSETS.into_iter().filter(|offset| *offset != 3000) {
        let (context, connections) = context();
        let exchange = Exchange::new(&context, connections, offset);
        let client = connect(&context, hmac()).await;
        client.send(query()).await.unwrap();
        assert_eq!(exchange.methods(), ["account.status", "time", "account.status"], "{offset}");

        context.clock().set_offset_micros(0);
        let error = client.send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(ErrorCode::INVALID_TIMESTAMP)));
        assert_eq!((error.delivery(), error.outcome_unknown()), (Delivery::Refused, false));
        assert!(error.is_transient());
        // At once, while the clock is being measured.
        client.send(order()).await.unwrap();
        assert_eq!(exchange.methods(), ["order.place", "time", "order.place"], "{offset}");
        assert_eq!(exchange.connections(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_whose_timestamp_is_refused_twice_fails_and_many_share_one_measurement() {
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, 0);
    let client = connect(&context, hmac()).await;
    for _ in 0..2 {
        exchange.refuse("account.status", 400, -1021);
    }
    let error = client.send(query()).await.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Some(ErrorCode::INVALID_TIMESTAMP), Delivery::Refused));
    tokio::time::sleep(Duration::from_millis(1)).await;
    exchange.methods();

    for _ in 0..3 {
        exchange.refuse("account.status", 400, -1021);
    }
    let (one, two, three) = tokio::join!(client.send(query()), client.send(query()), client.send(query()));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let methods = exchange.methods();
    assert_eq!(methods.iter().filter(|method| *method == "time").count(), 1, "{methods:?}");
    assert_eq!(methods.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn futures_measure_their_clock_by_the_state_of_the_session() {
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, -3_600_000);
    let environment = Environment::production();
    let client =
        WsApiClient::<Usdm>::product_builder(&context, &environment).url("ws://127.0.0.1:1/ws-fapi/v1");
    let client = client.credentials(hmac()).connect().await.unwrap();
    let query = RawWsRequest::<Value, Usdm>::new("v2/account.balance", Security::Signed).query();
    client.send(query).await.unwrap();
    assert_eq!(exchange.methods(), ["v2/account.balance", "session.status", "v2/account.balance"]);
}

#[tokio::test(start_paused = true)]
async fn user_data_is_subscribed_with_a_clock_that_is_off() {
    for offset in OFFSETS {
        let (context, connections) = context();
        let _exchange = Exchange::new(&context, connections, offset);
        let client = connect(&context, hmac()).await;
        let mut stream = client.subscribe_user_data::<Any>().await.unwrap();
        assert!(matches!(stream.next().await, Some(UserDataItem::Subscribed)), "{offset}");
    }
}

/// Refusals that say nothing about the key or the request.
const FOR_A_WHILE: [(u16, i32); 8] = [
    (400, -1021),
    (400, -1016),
    (400, -1008),
    (503, -1008),
    (400, -1001),
    (500, -1000),
    (504, -1007),
    (408, -1007),
];

#[tokio::test(start_paused = true)]
async fn refusals_for_a_while_do_not_end_the_first_connection() {
    for (status, code) in FOR_A_WHILE {
        let (context, connections) = context();
        let exchange = Exchange::new(&context, connections, 0);
        for _ in 0..2 {
            exchange.refuse("session.logon", status, code);
        }
        let client = connect(&context, ed25519()).await;
        let connected = SessionState::Connected { generation: 0, authenticated: true };
        assert_eq!(*client.state().borrow(), connected, "{status} {code}");
    }
    // When it lasts, the caller learns what the exchange said.
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, 0);
    for _ in 0..1000 {
        exchange.refuse("session.logon", 400, -1016);
    }
    let began = tokio::time::Instant::now();
    let builder = WsApiClient::builder(&context, &environment()).credentials(ed25519());
    let error = builder.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(ErrorCode::SHUTTING_DOWN)));
    assert!(error.is_transient());
    assert!(began.elapsed() <= Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(exchange.connections() <= 20, "{} connections", exchange.connections());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_limits_is_not_final_and_is_waited_for() {
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, 0);
    exchange.refuse("session.logon", 429, -1003);
    let began = tokio::time::Instant::now();
    // A minute is longer than the caller waits.
    let builder = WsApiClient::builder(&context, &environment()).credentials(ed25519());
    let error = builder.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    assert_eq!((began.elapsed(), exchange.connections()), (Duration::ZERO, 1));
    assert!(context.governor().held_until(Api::Spot).is_some());
}

#[tokio::test(start_paused = true)]
async fn refusals_for_a_while_do_not_end_a_log_on_or_a_subscription_of_a_caller() {
    for (status, code) in FOR_A_WHILE {
        let (context, connections) = context();
        let exchange = Exchange::new(&context, connections, 0);
        let client = connect(&context, ed25519()).await;
        for method in ["session.logon", "userDataStream.subscribe"] {
            for _ in 0..2 {
                exchange.refuse(method, status, code);
            }
        }
        client.log_on().await.unwrap();
        let mut stream = client.subscribe_user_data::<Any>().await.unwrap();
        assert!(matches!(stream.next().await, Some(UserDataItem::Subscribed)), "{status} {code}");
        assert_eq!(exchange.connections(), 1, "the requests in flight are not lost for it");
    }
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, 0);
    let client = connect(&context, ed25519()).await;
    for _ in 0..1000 {
        exchange.refuse("userDataStream.subscribe", 400, -1016);
    }
    let error = client.subscribe_user_data::<Any>().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::SHUTTING_DOWN));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_during_a_session_is_measured_again() {
    let (context, connections) = context();
    let exchange = Exchange::new(&context, connections, 30_000);
    let client = connect(&context, ed25519()).await;
    let mut stream = client.subscribe_user_data::<Any>().await.unwrap();
    assert!(matches!(stream.next().await, Some(UserDataItem::Subscribed)));
    // The wall clock jumps: what was measured is wrong from now on.
    context.clock().set_offset_micros(Timestamp::from_millis(-7_200_000).as_micros());
    exchange.methods();
    client.send(query()).await.unwrap();
    assert_eq!(exchange.methods(), ["account.status", "time", "account.status"]);
}
