//! Market streams, with raw frames over links in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{Limits, MarketConfig};
use common::{Frame, START, Socket, bare, get, quiet};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

fn lively() -> MarketConfig {
    let mut market = MarketConfig::thin();
    market.actions_per_second = 2000;
    market.levels = 60;
    market
}

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn raw_and_combined_events() {
    let exchange = bare().seed(1).market(lively()).start().await.unwrap();
    let mut raw = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    let mut combined = Socket::open(&exchange, "/stream?streams=btcusdt@trade/ethusdt@bookTicker").await;
    let event = raw.json().await;
    assert_eq!((&event["e"], &event["s"]), (&"trade".into(), &"BTCUSDT".into()));
    let keys: Vec<&String> = event.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 9);
    let mut seen = BTreeMap::new();
    for _ in 0..200 {
        let event = combined.json().await;
        *seen.entry(event["stream"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        if event["stream"] == "ethusdt@bookTicker" {
            assert!(event["data"].get("e").is_none());
            assert!(number(&event["data"]["b"]) < number(&event["data"]["a"]));
        }
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn trades_are_consecutive_and_agree_with_aggregates() {
    let exchange = bare().seed(2).market(lively()).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/stream?streams=btcusdt@trade/btcusdt@aggTrade").await;
    let mut last = None;
    let mut pending: Vec<Value> = Vec::new();
    for _ in 0..300 {
        let event = socket.json().await["data"].take();
        if event["e"] == "trade" {
            let id = event["t"].as_u64().unwrap();
            assert!(last.is_none_or(|last| id == last + 1));
            last = Some(id);
            pending.push(event);
        } else {
            let (first, end) = (event["f"].as_u64().unwrap(), event["l"].as_u64().unwrap());
            let parts: Vec<&Value> = pending
                .iter()
                .filter(|trade| (first..=end).contains(&trade["t"].as_u64().unwrap()))
                .collect();
            assert_eq!(parts.len() as u64, end - first + 1);
            assert_eq!(parts.iter().map(|trade| number(&trade["q"])).sum::<Decimal>(), number(&event["q"]));
            assert!(parts.iter().all(|trade| trade["p"] == event["p"] && trade["m"] == event["m"]));
        }
    }
}

/// Keeps a book as the documents say.
struct Book {
    last: u64,
    sides: [BTreeMap<Decimal, Decimal>; 2],
}

impl Book {
    fn apply(&mut self, event: &Value) {
        for (side, key) in self.sides.iter_mut().zip(["b", "a"]) {
            for level in event[key].as_array().unwrap() {
                let (price, quantity) = (number(&level[0]), number(&level[1]));
                if quantity.is_zero() {
                    side.remove(&price);
                } else {
                    side.insert(price, quantity);
                }
            }
        }
        self.last = event["u"].as_u64().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn snapshot_and_diffs_make_the_book_of_the_exchange() {
    let exchange = bare().seed(3).market(lively()).start().await.unwrap();
    for (stream, symbol) in [
        ("btcusdt@depth@100ms", "BTCUSDT"),
        ("ethbtc@depth", "ETHBTC"),
        ("币安人生usdt@depth@100ms", "币安人生USDT"),
    ] {
        exchange.resume_market();
        let mut socket = Socket::open(&exchange, &format!("/ws/{}", common::encode(stream))).await;
        let first = socket.json().await;
        let snapshot = get(&exchange, &format!("/api/v3/depth?symbol={}&limit=5000", common::encode(symbol)))
            .await
            .json();
        let last = snapshot["lastUpdateId"].as_u64().unwrap();
        let side = |key: &str| {
            snapshot[key].as_array().unwrap().iter().map(|row| (number(&row[0]), number(&row[1]))).collect()
        };
        let mut book = Book { last, sides: [side("bids"), side("asks")] };
        let mut previous = first["u"].as_u64().unwrap();
        for count in 0..30 {
            if count == 20 {
                exchange.pause_market();
            }
            let Ok(event) = tokio::time::timeout(Duration::from_secs(3), socket.json()).await else { break };
            assert_eq!(event["U"].as_u64().unwrap(), previous + 1, "events join");
            previous = event["u"].as_u64().unwrap();
            if previous > book.last {
                assert!(event["U"].as_u64().unwrap() <= book.last + 1);
                book.apply(&event);
            }
        }
        let truth = exchange.order_book(symbol).unwrap();
        assert_eq!(book.last, truth.last_update_id, "{symbol}");
        assert_eq!(book.sides[0], truth.bids.into_iter().collect());
        assert_eq!(book.sides[1], truth.asks.into_iter().collect());
    }
}

#[tokio::test(start_paused = true)]
async fn a_skipped_event_is_a_gap() {
    let exchange = bare().seed(4).market(lively()).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@depth@100ms").await;
    let before = socket.json().await;
    exchange.skip_next_depth_event("BTCUSDT").unwrap();
    let after = socket.json().await;
    assert!(after["U"].as_u64().unwrap() > before["u"].as_u64().unwrap() + 1);
    let next = socket.json().await;
    assert_eq!(next["U"].as_u64().unwrap(), after["u"].as_u64().unwrap() + 1);
    assert!(exchange.skip_next_depth_event("NOSUCH").is_err());
}

#[tokio::test(start_paused = true)]
async fn periodic_streams_keep_their_speeds() {
    let exchange = bare().seed(5).market(lively()).start().await.unwrap();
    let streams = [
        "btcusdt@kline_1s",
        "btcusdt@kline_1m",
        "btcusdt@kline_1d@+08:00",
        "btcusdt@miniTicker",
        "btcusdt@ticker",
        "btcusdt@ticker_1h",
        "btcusdt@avgPrice",
        "btcusdt@depth5",
        "btcusdt@depth20@100ms",
        "!miniTicker@arr",
        "!ticker@arr",
        "!ticker_4h@arr",
    ];
    let mut socket = Socket::open(&exchange, &format!("/stream?streams={}", streams.join("/"))).await;
    let mut seen: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    while exchange.now().as_millis() < START + 8050 {
        if let Ok(mut event) = tokio::time::timeout(Duration::from_millis(100), socket.json()).await {
            let name = event["stream"].as_str().unwrap().to_owned();
            seen.entry(name).or_default().push(event["data"].take());
        }
    }
    let count = |name: &str| seen.get(name).map_or(0, Vec::len);
    for name in streams {
        let expected = match name {
            "btcusdt@depth20@100ms" => 80,
            "btcusdt@kline_1m" | "btcusdt@kline_1d@+08:00" => 4,
            _ => 8,
        };
        assert_eq!(count(name), expected, "{name}");
    }
    for event in &seen["btcusdt@kline_1s"] {
        assert_eq!(event["k"]["x"], true);
        assert_eq!(event["k"]["T"].as_i64().unwrap(), event["E"].as_i64().unwrap() - 1);
    }
    let day = &seen["btcusdt@ticker"][7];
    let mini = &seen["btcusdt@miniTicker"][7];
    for key in ["c", "o", "h", "l", "v", "q"] {
        assert_eq!(day[key], mini[key], "{key}");
    }
    assert_eq!(seen["!ticker@arr"][7][0], *day);
    assert_eq!(seen["btcusdt@ticker_1h"][0]["e"], "1hTicker");
    assert_eq!(seen["btcusdt@depth5"][0]["bids"].as_array().unwrap().len(), 5);
    assert_eq!(seen["btcusdt@kline_1d@+08:00"][0]["k"]["t"], 1_699_977_600_000_i64);
}

#[tokio::test(start_paused = true)]
async fn a_minute_closes_its_candle() {
    let mut market = lively();
    market.actions_per_second = 300;
    let exchange = bare().seed(6).market(market).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@kline_1m").await;
    let mut closed = Vec::new();
    while closed.len() < 2 {
        let event = socket.json().await;
        if event["k"]["x"] == true {
            closed.push(event);
        }
    }
    assert_eq!(closed[1]["k"]["t"].as_i64().unwrap(), closed[0]["k"]["T"].as_i64().unwrap() + 1);
    assert_eq!(closed[1]["k"]["f"].as_u64().unwrap(), closed[0]["k"]["L"].as_u64().unwrap() + 1);
    let rows = get(&exchange, "/api/v3/klines?symbol=BTCUSDT&interval=1m").await.json();
    let row = rows.as_array().unwrap().iter().find(|row| row[0] == closed[1]["k"]["t"]).unwrap().clone();
    for (index, key) in
        [(1, "o"), (2, "h"), (3, "l"), (4, "c"), (5, "v"), (7, "q"), (8, "n"), (9, "V"), (10, "Q")]
    {
        assert_eq!(row[index], closed[1]["k"][key], "{key}");
    }
}

#[tokio::test]
async fn over_tcp_and_closed_with_a_farewell() {
    let exchange = binance_kit_sim::Exchange::builder().market(lively()).start().await.unwrap();
    assert!(exchange.stream_url().starts_with("ws://127.0.0.1:"));
    let mut socket = Socket::open_tcp(&exchange, "/ws/btcusdt@depth@100ms").await;
    let first = socket.json().await;
    assert_eq!(socket.json().await["U"].as_u64().unwrap(), first["u"].as_u64().unwrap() + 1);
    let mut idle = Socket::open_tcp(&exchange, "/ws-api/v3").await;
    exchange.shutdown().await;
    assert_eq!(idle.frame().await, Frame::Close(1001));
    assert_eq!(idle.frame().await, Frame::End);
    loop {
        match socket.frame().await {
            Frame::Text(_) => {}
            other => {
                assert_eq!(other, Frame::Close(1001));
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn microseconds_when_asked_for() {
    let exchange = bare().seed(7).market(lively()).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade?timeUnit=microsecond").await;
    let event = socket.json().await;
    assert!(event["T"].as_i64().unwrap() >= START * 1000);
    assert!(Socket::try_open(&exchange, "/ws?timeUnit=day", "").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn subscribing_live() {
    let exchange = bare().seed(8).market(lively()).limits(false).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    assert!(socket.is_quiet(Duration::from_secs(2)).await);
    let answer =
        socket.ask(r#"{"method":"SUBSCRIBE","params":["btcusdt@trade","nosuch@trade"],"id":1}"#).await;
    assert_eq!(answer, json!({"result": null, "id": 1}));
    assert_eq!(socket.json().await["e"], "trade");
    let answer = socket.ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":"abc"}"#).await;
    assert_eq!(answer, json!({"result": ["btcusdt@trade", "nosuch@trade"], "id": "abc"}));
    let answer = socket.ask(r#"{"method":"GET_PROPERTY","params":["combined"],"id":2}"#).await;
    assert_eq!(answer["result"], false);
    socket.ask(r#"{"method":"SET_PROPERTY","params":["combined",true],"id":null}"#).await;
    assert_eq!(socket.json().await["stream"], "btcusdt@trade");
    let answer = socket.ask(r#"{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":-3}"#).await;
    assert_eq!(answer["id"], -3);
    assert!(socket.is_quiet(Duration::from_secs(2)).await);
    assert_eq!(exchange.request_count("SUBSCRIBE"), 1);

    for (message, answer) in [
        (
            r#"{"method":"SUBSCRIBE","params":["a@trade"]}"#,
            json!({"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"}),
        ),
        (
            r#"{"method":"SUBSCRIBE","params":["a@trade"],"id":1.5}"#,
            json!({"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"}),
        ),
        (
            r#"{"method":"SUBSCRIB","params":[],"id":1}"#,
            json!({"code": 2, "msg": "Invalid request: unknown variant `SUBSCRIB`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 20"}),
        ),
        (
            r#"{"id":1}"#,
            json!({"code": 2, "msg": "Invalid request: missing field `method` at line 1 column 8"}),
        ),
        (
            r#"{"method":"GET_PROPERTY","params":["other"],"id":9}"#,
            json!({"code": 0, "msg": "Unknown property", "id": 9}),
        ),
        (
            r#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":9}"#,
            json!({"code": 1, "msg": "Invalid value type: expected Boolean"}),
        ),
        (
            r#"{"method":"SET_PROPERTY","params":[],"id":9}"#,
            json!({"code": 2, "msg": "Invalid request: property name must be a string"}),
        ),
        (
            r#"{"method":"LIST_SUBSCRIPTIONS","params":["x"],"id":9}"#,
            json!({"code": 2, "msg": "Invalid request: too many parameters"}),
        ),
        ("{oops}", json!({"code": 3, "msg": "Invalid JSON: expected key at line 1 column 2"})),
    ] {
        assert_eq!(socket.ask(message).await, answer, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn six_messages_a_second_are_one_too_many() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    for id in 0..5 {
        assert_eq!(socket.ask(&format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#)).await["id"], id);
    }
    socket.send_frame(10, b"").await;
    assert_eq!(socket.frame().await, Frame::Close(1008));
    assert_eq!(socket.frame().await, Frame::End);
}

#[tokio::test(start_paused = true)]
async fn streams_of_a_connection_are_limited() {
    let mut limits = Limits::default();
    limits.streams_per_connection = 2;
    let exchange = quiet().rates(limits).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws/a@trade/b@trade/c@trade").await;
    assert_eq!(socket.frame().await, Frame::Close(1008));
    let mut socket = Socket::open(&exchange, "/ws/a@trade/b@trade/b@trade").await;
    socket.ask(r#"{"method":"SUBSCRIBE","params":["a@trade"],"id":1}"#).await;
    socket.send(r#"{"method":"SUBSCRIBE","params":["d@trade"],"id":1}"#).await;
    assert_eq!(socket.frame().await, Frame::Close(1008));
    assert_eq!(socket.frame().await, Frame::End);
    // By default it is 1024 of them.
    let exchange = quiet().start().await.unwrap();
    let names: Vec<String> = (0..1025).map(|number| format!("{number}@trade")).collect();
    let mut socket = Socket::open(&exchange, &format!("/ws/{}", names[..1024].join("/"))).await;
    let list = socket.ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    assert_eq!(list["result"].as_array().unwrap().len(), 1024);
    let mut socket = Socket::open(&exchange, &format!("/ws/{}", names.join("/"))).await;
    assert_eq!(socket.frame().await, Frame::Close(1008));
}

#[tokio::test(start_paused = true)]
async fn pings_want_their_payload_back() {
    let exchange = quiet().start().await.unwrap();
    let mut answering = Socket::open(&exchange, "/ws").await;
    let mut silent = Socket::open(&exchange, "/ws").await;
    let mut lying = Socket::open(&exchange, "/ws").await;
    let mut closed = [false, false];
    for round in 1..=4 {
        let Frame::Ping(payload) = answering.frame().await else { panic!("no ping") };
        assert_eq!(payload, (START + 20_000 * round).to_string().into_bytes());
        answering.send_frame(10, &payload).await;
        closed[0] = matches!(silent.frame().await, Frame::Close(1008));
        closed[1] = matches!(lying.frame().await, Frame::Close(1008));
        if round < 4 {
            assert_eq!(closed, [false, false]);
            lying.send_frame(10, b"something else").await;
        }
    }
    assert_eq!(closed, [true, true]);
    answering.send_frame(9, b"are you there").await;
    assert_eq!(answering.frame().await, Frame::Pong(b"are you there".to_vec()));
    answering.send_frame(8, &1000_u16.to_be_bytes()).await;
    assert_eq!(answering.frame().await, Frame::Close(1000));
    assert_eq!(answering.frame().await, Frame::End);
}

#[tokio::test(start_paused = true)]
async fn broken_frames_are_closed_with_their_codes() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    socket.send_frame(2, b"binary").await;
    assert_eq!(socket.frame().await, Frame::Close(1003));
    let mut socket = Socket::open(&exchange, "/ws").await;
    socket.send_frame(1, &[0xff]).await;
    assert_eq!(socket.frame().await, Frame::Close(1007));
    let mut socket = Socket::open(&exchange, "/ws").await;
    tokio::io::AsyncWriteExt::write_all(&mut socket.link, &[0x81, 0x02, b'h', b'i']).await.unwrap();
    assert_eq!(socket.frame().await, Frame::Close(1002));
    let mut socket = Socket::open(&exchange, "/ws").await;
    // Its length is enough: the rest is not waited for.
    let announced = [&[0x81, 0xff][..], &300_000_u64.to_be_bytes(), &[0; 4]].concat();
    tokio::io::AsyncWriteExt::write_all(&mut socket.link, &announced).await.unwrap();
    assert_eq!(socket.frame().await, Frame::Close(1009));
}

#[tokio::test(start_paused = true)]
async fn old_connections_are_closed() {
    let exchange = quiet().max_connection_age(Duration::from_secs(90)).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    for _ in 0..4 {
        let Frame::Ping(payload) = socket.frame().await else { panic!("no ping") };
        socket.send_frame(10, &payload).await;
    }
    assert_eq!(socket.frame().await, Frame::Close(1000));
}

#[tokio::test(start_paused = true)]
async fn those_who_do_not_read_are_cut_off_alone() {
    let exchange = bare().seed(9).market(lively()).max_queued(50, 1_000_000).start().await.unwrap();
    let mut slow =
        Socket::open(&exchange, "/stream?streams=btcusdt@depth20@100ms/!ticker@arr/btcusdt@trade").await;
    let mut quick = Socket::open(&exchange, "/ws/btcusdt@depth@100ms").await;
    let mut last: Option<u64> = None;
    while exchange.counts().overflows == 0 {
        let event = quick.json().await;
        assert!(last.is_none_or(|last| event["U"].as_u64().unwrap() == last + 1));
        last = event["u"].as_u64();
    }
    assert_eq!(exchange.counts().overflows, 1);
    while slow.frame().await != Frame::End {}
    assert_eq!(quick.json().await["e"], "depthUpdate");
}

#[tokio::test(start_paused = true)]
async fn faults_of_streams() {
    let exchange = quiet().start().await.unwrap();
    let mut raw = Socket::open(&exchange, "/ws").await;
    let mut combined = Socket::open(&exchange, "/stream").await;
    let mut api = Socket::open(&exchange, "/ws-api/v3").await;
    exchange.server_shutdown_event();
    let event = json!({"e": "serverShutdown", "E": exchange.now().as_millis()});
    assert_eq!(raw.json().await, event);
    assert_eq!(combined.json().await, json!({"stream": "!serverShutdown", "data": event}));
    assert_eq!(api.json().await, json!({"event": event}));
    exchange.send_raw_frame_to_streams("{broken");
    assert_eq!(raw.frame().await, Frame::Text("{broken".to_owned()));
    exchange.delay_ack(Duration::from_secs(3));
    let before = tokio::time::Instant::now();
    raw.ask(r#"{"method":"SUBSCRIBE","params":["a@trade"],"id":1}"#).await;
    assert!(before.elapsed() >= Duration::from_secs(3));
    assert_eq!(exchange.counts().websockets, 3);
    exchange.close_all_connections();
    assert_eq!(raw.frame().await, Frame::End);
    let mut again = Socket::open(&exchange, "/ws").await;
    exchange.delay_ack(Duration::ZERO);
    assert_eq!(again.ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await["result"], json!([]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(exchange.counts().connections_open, 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_frames() {
    let record = || async {
        let exchange = bare().seed(11).market(lively()).start().await.unwrap();
        let streams =
            "btcusdt@trade/ethusdt@depth@100ms/!miniTicker@arr/btcusdt@bookTicker/币安人生usdt@kline_1s";
        let target = format!("/stream?streams={}", common::encode(streams));
        let mut socket = Socket::open(&exchange, &target).await;
        let mut frames = Vec::new();
        while frames.len() < 500 {
            if let Frame::Text(text) = socket.frame().await {
                frames.push(text);
            }
        }
        frames
    };
    assert_eq!(record().await, record().await);
}
