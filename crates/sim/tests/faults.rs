//! Faults, seen byte by byte by a client of the plainest kind.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_sim::{
    Direction, Exchange, Fault, FaultHandle, FaultKind, MarketConfig, Scope, SimErrorKind,
};
use common::{Frame, Socket, bare, get, quiet};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

async fn lively(seed: u64) -> Exchange {
    let mut market = MarketConfig::thin();
    market.actions_per_second = 500;
    market.levels = 20;
    bare().seed(seed).market(market).start().await.unwrap()
}

fn trade_id(event: &Value) -> u64 {
    event["t"].as_u64().unwrap()
}

/// All bytes until the connection ends.
async fn bytes(exchange: &Exchange, order: impl FnOnce(&Exchange)) -> (Vec<u8>, Option<ErrorKind>) {
    let mut socket = Socket::open(exchange, "/ws/btcusdt@trade").await;
    order(exchange);
    let mut all = Vec::new();
    let error = socket.link.read_to_end(&mut all).await.err().map(|error| error.kind());
    (all, error)
}

#[tokio::test(start_paused = true)]
async fn gaps_duplicates_and_another_order() {
    let exchange = lively(1).await;
    exchange.keep_journal(["btcusdt@trade"], 10_000).unwrap();
    exchange.inject(Fault::gap().on_stream("btcusdt@trade").after(2).times(2));
    exchange.inject(Fault::duplicate().after(7));
    exchange.inject(Fault::reorder(2).after(9));
    exchange.inject(Fault::gap().on_stream("ethusdt@trade").always());
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    let first = trade_id(&socket.json().await);
    let mut ids = vec![0];
    while ids.len() < 13 {
        ids.push(trade_id(&socket.json().await) - first);
    }
    assert_eq!(ids, [0, 1, 4, 5, 6, 7, 7, 8, 10, 11, 9, 12, 13]);
    // Whatever happened to it on the way, it was journal.
    let journal = exchange.journal("btcusdt@trade");
    assert_eq!(journal.forgotten, 0);
    let firsts: Vec<u64> = journal.events.iter().map(|event| event.first_id).collect();
    assert!(firsts.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert!(firsts.contains(&(first + 2)));
    assert_eq!(trade_id(&serde_json::from_str(&journal.events[0].text).unwrap()), firsts[0]);
    let error = exchange.keep_journal(["nosuch@trade"], 1).unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_journal_goes_on_without_listeners() {
    let exchange = lively(2).await;
    exchange.keep_journal(["btcusdt@depth@100ms"], 10).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    exchange.skip_next_depth_event("BTCUSDT").unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let journal = exchange.journal("btcusdt@depth@100ms");
    assert_eq!(journal.events.len(), 10);
    assert!(journal.forgotten >= 25);
    assert!(journal.events.windows(2).all(|pair| pair[1].first_id == pair[0].last_id + 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_acknowledged_and_silent() {
    let exchange = lively(3).await;
    let silent = exchange.inject(Fault::silent_stream("btcusdt@trade"));
    let mut socket = Socket::open(&exchange, "/stream").await;
    let answer =
        socket.ask(r#"{"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@trade"],"id":1}"#).await;
    assert_eq!(answer["result"], Value::Null);
    for _ in 0..50 {
        assert_eq!(socket.json().await["stream"], "ethusdt@trade");
    }
    assert!(silent.hits() > 10 && silent.is_in_force());
    silent.remove();
    while socket.json().await["stream"] != "btcusdt@trade" {}
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_late_and_never() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    exchange.inject(Fault::delay_acknowledgement(Duration::from_secs(3)));
    exchange.inject(Fault::lose_acknowledgement());
    let before = Instant::now();
    for id in 0..3 {
        socket.send(&format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#)).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // The first comes late, the second never.
    assert_eq!(socket.json().await["id"], 2);
    assert_eq!(socket.json().await["id"], 0);
    assert_eq!(before.elapsed().as_secs(), 3);
    assert!(socket.is_quiet(Duration::from_secs(10)).await);
}

#[tokio::test(start_paused = true)]
async fn a_frame_is_cut_at_every_byte() {
    let exchange = lively(4).await;
    let whole = {
        let (mut all, error) = bytes(&exchange, |exchange| {
            exchange.inject(Fault::cut(usize::MAX));
        })
        .await;
        assert_eq!(error, None);
        let length = match all[1] {
            126 => usize::from(u16::from_be_bytes([all[2], all[3]])) + 4,
            short => usize::from(short) + 2,
        };
        assert_eq!((length, all[0]), (all.len(), 0x81), "one whole frame");
        all.truncate(2);
        all
    };
    for at in 0..12 {
        for reset in [false, true] {
            let fault = if reset { Fault::cut_by_reset(at) } else { Fault::cut(at) };
            let (all, error) = bytes(&exchange, |exchange| {
                exchange.inject(fault);
            })
            .await;
            assert_eq!(all.len(), at);
            assert_eq!(all[..at.min(1)], whole[..at.min(1)]);
            assert_eq!(error, reset.then_some(ErrorKind::ConnectionReset));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn stalled_and_dripping_frames() {
    let exchange = lively(5).await;
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    exchange.inject(Fault::stall(5, Some(Duration::from_secs(7))));
    let before = Instant::now();
    let first = trade_id(&socket.json().await);
    assert!(before.elapsed() >= Duration::from_secs(7));
    assert_eq!(trade_id(&socket.json().await), first + 1, "nothing is lost");
    exchange.inject(Fault::drip(10));
    let before = Instant::now();
    while before.elapsed() < Duration::from_secs(5) {
        socket.json().await;
    }
    exchange.inject(Fault::stall(1, None));
    while let Ok(frame) = tokio::time::timeout(Duration::from_secs(3600), socket.frame()).await {
        // The exchange gives up on it, since it gets no pong.
        if frame == Frame::End {
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn frames_that_no_client_may_accept() {
    let exchange = lively(6).await;
    for (fault, begins) in [
        (Fault::first_byte(0xc1), vec![0xc1]),
        (Fault::first_byte(0x80), vec![0x80]),
        (Fault::announce(1 << 40), vec![0x81, 127, 0, 0, 1]),
        (Fault::inflate(70_000), vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]),
        (Fault::fragment(1), vec![0x01, 1, b'{', 0x00, 1, b'"', 0x00]),
        (Fault::fragment_with_pings(1), vec![0x01, 1, b'{', 0x89, 17]),
    ] {
        let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
        exchange.inject(fault.clone());
        let mut bytes = vec![0; begins.len()];
        socket.link.read_exact(&mut bytes).await.unwrap();
        assert_eq!(bytes, begins, "{fault:?}");
    }
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    for (fault, text) in
        [(Fault::replace("{}"), Some("{}")), (Fault::insert("[]"), Some("[]")), (Fault::garble(), None)]
    {
        exchange.inject(fault);
        // What was queued before comes first.
        loop {
            let Frame::Text(frame) = socket.frame().await else { panic!("no text") };
            let is_it = match text {
                Some(text) => frame == text,
                None => serde_json::from_str::<Value>(&frame).is_err(),
            };
            if is_it {
                break;
            }
        }
    }
    assert_eq!(exchange.faults(), []);
}

#[tokio::test(start_paused = true)]
async fn connections_end_in_every_way() {
    let exchange = quiet().start().await.unwrap();
    let end = async |fault: Fault| {
        let mut socket = Socket::open(&exchange, "/ws").await;
        let handle = exchange.inject(fault);
        let mut bytes = Vec::new();
        let error = socket.link.read_to_end(&mut bytes).await.err().map(|error| error.kind());
        assert_eq!(handle.hits(), 1);
        (bytes, error)
    };
    assert_eq!(end(Fault::reset()).await, (vec![], Some(ErrorKind::ConnectionReset)));
    assert_eq!(end(Fault::end()).await, (vec![], None));
    assert_eq!(end(Fault::close(3999, "x")).await, (vec![0x88, 3, 0x0f, 0x9f, b'x'], None));
    let empty = Fault::new(FaultKind::Close { code: None, reason: String::new() });
    assert_eq!(end(empty).await, (vec![0x88, 0], None));
    let (bytes, error) = end(Fault::expire()).await;
    assert_eq!((&bytes[2..4], error), (&[3, 0xe8][..], None));
    // One of two, and at its time.
    let mut one = Socket::open(&exchange, "/ws").await;
    let mut two = Socket::open(&exchange, "/ws").await;
    let last = exchange.connections().last().unwrap().id;
    exchange.inject(Fault::reset().on_connection(last).at(Duration::from_secs(3)));
    let before = Instant::now();
    assert_eq!(two.frame().await, Frame::End);
    assert_eq!(before.elapsed().as_secs(), 3);
    assert!(one.is_quiet(Duration::from_secs(1)).await);
}

#[tokio::test(start_paused = true)]
async fn half_open_connections_say_nothing_and_go_on() {
    let exchange = lively(7).await;
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    let first = trade_id(&socket.json().await);
    let half_open = exchange.inject(Fault::half_open().lasting(Duration::from_secs(10)));
    assert!(exchange.connections()[0].is_held_up);
    let mut last = first;
    let before = Instant::now();
    while let Ok(event) = tokio::time::timeout(Duration::from_secs(5), socket.json()).await {
        last = trade_id(&event);
    }
    // It goes on where it stopped.
    assert_eq!(trade_id(&socket.json().await), last + 1);
    assert_eq!(before.elapsed().as_secs(), 10);
    assert!(!half_open.is_in_force() && half_open.hits() == 1);
    // And where it lasts longer, the exchange has given up, and the client learns that when the packets flow again.
    let half_open = exchange.inject(Fault::half_open());
    while tokio::time::timeout(Duration::from_secs(300), socket.frame()).await.is_ok() {}
    half_open.remove();
    while socket.frame().await != Frame::End {}
}

#[tokio::test(start_paused = true)]
async fn what_the_client_says_is_lost() {
    let exchange = lively(8).await;
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    exchange.inject(Fault::one_way(Direction::ToExchange));
    let before = Instant::now();
    loop {
        match socket.frame().await {
            Frame::Ping(payload) => socket.send_frame(10, &payload).await,
            Frame::Close(code) => break assert_eq!(code, 1008),
            Frame::End => panic!("no close"),
            _ => {}
        }
    }
    assert_eq!(before.elapsed().as_secs(), 80, "a minute behind the first ping");
}

#[tokio::test(start_paused = true)]
async fn pings_too_many_and_none() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    exchange.inject(Fault::no_pings().lasting(Duration::from_secs(600)));
    assert!(socket.is_quiet(Duration::from_secs(599)).await);
    exchange.inject(Fault::ping_flood(30, 10));
    exchange.inject(Fault::pong_flood(3));
    let before = Instant::now();
    let mut counted = [0, 0];
    while counted[0] + counted[1] < 33 {
        match socket.frame().await {
            Frame::Ping(_) => counted[0] += 1,
            Frame::Pong(_) => counted[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((counted, before.elapsed().as_secs()), ([30, 3], 2));
}

#[tokio::test(start_paused = true)]
async fn handshakes_that_are_answered_otherwise() {
    let exchange = quiet().start().await.unwrap();
    exchange.inject(Fault::too_many_requests(Some(Duration::from_secs(7))).on_handshake());
    exchange.inject(Fault::banned(None).on_handshake());
    exchange.inject(Fault::firewall().on_handshake());
    exchange.inject(Fault::unavailable(None).on_handshake());
    for (status, retry_after) in [(429, Some("7")), (418, None), (403, None), (503, None)] {
        let answer = Socket::try_open(&exchange, "/ws", "").await.err().unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after));
        assert_eq!(answer.header("content-type"), Some("text/html"));
        assert!(answer.body.starts_with("<html>"));
    }
    exchange.inject(Fault::delay_response(Duration::from_secs(4)).on_handshake());
    let before = Instant::now();
    Socket::open(&exchange, "/ws").await;
    assert_eq!(before.elapsed().as_secs(), 4);
    exchange.inject(Fault::cut_response(20).on_handshake());
    let mut link = exchange.connect();
    let head = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    link.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    link.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 101 Switchi");
    assert_eq!(exchange.request_count("handshake"), 0);
}

#[tokio::test(start_paused = true)]
async fn requests_that_fail_before_and_after() {
    let exchange = quiet().start().await.unwrap();
    exchange.inject(Fault::firewall().on_request("GET /api/v3/time"));
    let answer = get(&exchange, "/api/v3/time").await;
    assert_eq!((answer.status, answer.header("content-type")), (403, Some("text/html")));
    exchange.inject(Fault::backend_timeout());
    let answer = get(&exchange, "/api/v3/time").await;
    assert_eq!((answer.status, answer.error().0), (408, -1007));
    exchange.inject(Fault::cut_response(40));
    let mut link = exchange.connect();
    link.write_all(b"GET /api/v3/time HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    link.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.len(), 40);
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    exchange.inject(Fault::duplicate().on_request("time"));
    let first = socket.ask(r#"{"id":7,"method":"time"}"#).await;
    assert_eq!(socket.json().await, first);
    exchange.inject(Fault::unexpected_response().on_request("time"));
    let answer = socket.ask(r#"{"id":7,"method":"time"}"#).await;
    assert_eq!((&answer["status"], &answer["error"]["code"]), (&json!(503), &json!(-1006)));
    assert_eq!(exchange.request_count("time"), 2);
    assert_eq!(exchange.faults(), []);
}

#[tokio::test(start_paused = true)]
async fn connecting_is_refused_and_ignored() {
    let exchange = quiet().start().await.unwrap();
    let refused = exchange.inject(Fault::refuse_connections().lasting(Duration::from_secs(5)));
    assert_eq!(exchange.try_connect().err().map(|error| error.kind()), Some(ErrorKind::ConnectionRefused));
    assert_eq!(exchange.connect().read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(refused.hits(), 2);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(exchange.try_connect().is_ok());
    exchange.inject(Fault::ignore_connections());
    let mut link = exchange.try_connect().unwrap();
    link.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(3600), link.read_u8()).await.is_err());
    exchange.clear_faults();
    assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_for_a_while() {
    let exchange = quiet().start().await.unwrap();
    let start = exchange.now();
    let skew: FaultHandle = exchange.inject(Fault::clock_skew(3_600_000).at(Duration::from_secs(1)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(exchange.now().since(start), Duration::from_secs(3602));
    skew.remove();
    assert_eq!(exchange.now().since(start), Duration::from_secs(2));
    // One that does not happen has nothing to undo.
    for never in
        [Fault::clock_skew(5000).lasting(Duration::ZERO), Fault::clock_skew(5000).probability(0.0, 1)]
    {
        let never = exchange.inject(never);
        assert_eq!((exchange.clock_skew(), never.hits()), (0, 0));
        never.remove();
        assert_eq!(exchange.clock_skew(), 0);
    }
}

#[tokio::test]
async fn over_real_sockets() {
    let mut market = MarketConfig::thin();
    market.actions_per_second = 2000;
    let exchange = Exchange::builder().market(market).start().await.unwrap();
    let address = exchange.address().unwrap();
    let mut socket = Socket::open_tcp(&exchange, "/ws").await;
    exchange.inject(Fault::reset());
    let error = socket.link.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let mut socket = Socket::open_tcp(&exchange, "/ws").await;
    exchange.inject(Fault::end());
    assert_eq!(socket.link.read_u8().await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let mut socket = Socket::open_tcp(&exchange, "/ws/btcusdt@trade").await;
    exchange.inject(Fault::cut(3));
    let mut all = Vec::new();
    socket.link.read_to_end(&mut all).await.unwrap();
    let mut at = 0;
    while at + 4 <= all.len() {
        at += match all[at + 1] {
            126 => usize::from(u16::from_be_bytes([all[at + 2], all[at + 3]])) + 4,
            short => usize::from(short) + 2,
        };
    }
    assert_eq!(all.len() - at, 3);
    exchange.inject(Fault::refuse_connections().times(1));
    if let Ok(mut link) = tokio::net::TcpStream::connect(address).await {
        assert_eq!(link.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

#[test]
fn faults_are_data() {
    let faults = [
        Fault::too_many_requests(Some(Duration::from_secs(9))).on_handshake().times(3),
        Fault::gap().on_stream("btcusdt@trade").after(5).always().probability(0.5, 9),
        Fault::half_open().at(Duration::from_secs(1)).lasting(Duration::from_secs(2)).on_connection(4),
        Fault::one_way(Direction::ToClient),
        Fault::close(1012, "restart"),
        Fault::stall(3, None),
        Fault::clock_skew(-5),
        Fault::lose_acknowledgement(),
        Fault::delay_request(Duration::from_millis(1)).on_request("*"),
        Fault::silence().on_user_data(),
    ];
    for fault in &faults {
        assert_eq!(Fault::from_json(&fault.to_json()).unwrap(), *fault);
    }
    let list = format!("[{}]", faults.each_ref().map(Fault::to_json).join(","));
    assert_eq!(Fault::list_from_json(&list).unwrap(), faults);
    let short =
        Fault::from_json(r#"{"fault":"cut","at":4,"on":{"stream":"a@trade"},"times":{"count":2}}"#).unwrap();
    assert_eq!(short, Fault::cut(4).on_stream("a@trade").times(2));
    assert_eq!(short.scope(), &Scope::Stream("a@trade".to_owned()));
    assert_eq!(Fault::from_json(r#"{"fault":"reset","times":"always"}"#).unwrap(), Fault::reset().always());
    for wrong in [
        "",
        "{}",
        r#"{"fault":"meteor"}"#,
        r#"{"fault":"cut"}"#,
        r#"{"fault":"cut","at":4,"tims":2}"#,
        r#"{"fault":"gap","at":4}"#,
        r#"{"fault":"drop","per_million":1000001}"#,
        r#"{"fault":"close","code":70000}"#,
    ] {
        assert_eq!(Fault::from_json(wrong).unwrap_err().kind(), SimErrorKind::Configuration, "{wrong}");
    }
}
