//! The stream client against a server controlled by the test, in paused time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, ErrorKind, StreamEvent};
use binance_kit_stream::{
    EventStream, Item, Lagged, Malformed, Overflow, PullStream, Refused, StateChange, StreamClient,
    StreamConfig,
};
use common::{Server, context, environment, topic, topics};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// An event with a number in it.
#[derive(Debug, PartialEq)]
struct Number(u64);

impl StreamEvent for Number {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let value = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        value.as_u64().map(Self).map_err(|error| error.at_key("n"))
    }
}

fn describe(item: Option<Item<Number>>) -> String {
    match item {
        Some(Item::Event(event)) => format!("{} {}", event.stream, event.0),
        Some(Item::State(StateChange::Connected { generation, .. })) => format!("connected {generation}"),
        Some(Item::State(StateChange::Disconnected { .. })) => "disconnected".into(),
        Some(Item::State(StateChange::Reconnecting { attempt, .. })) => format!("reconnecting {attempt}"),
        Some(Item::Malformed(Malformed { stream, .. })) => {
            format!("malformed {:?}", stream.map(|(_, name)| name))
        }
        Some(Item::Refused(Refused { streams, .. })) => format!("refused {streams:?}"),
        Some(Item::Lagged(Lagged { count, .. })) => format!("lagged {count}"),
        Some(_) => "other".into(),
        None => "end".into(),
    }
}

async fn next(stream: &mut EventStream<Number>) -> String {
    describe(stream.next().await)
}

type Connections = tokio::sync::mpsc::UnboundedReceiver<tokio::io::DuplexStream>;

/// A server that has taken a connection for `a@trade`.
async fn serve_one(connections: &mut Connections) -> Server {
    let mut server = Server::accept(connections).await;
    server.answer_list(&["a@trade"]).await;
    server
}

/// A stream of `a@trade` that a task drives, and the server's end.
async fn subscribed(config: StreamConfig) -> (EventStream<Number>, Server, Connections) {
    let (context, mut connections) = context();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, server) = tokio::join!(client.subscribe(topics(["a@trade"])), serve_one(&mut connections));
    (stream.unwrap(), server, connections)
}

/// A stream of `a@trade` that the test drives, and the server's end.
async fn pulling(config: StreamConfig) -> (PullStream<Number>, Server, Connections) {
    let (context, mut connections) = context();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, server) = tokio::join!(client.pull(topics(["a@trade"])), serve_one(&mut connections));
    (stream.unwrap(), server, connections)
}

async fn pulled(stream: &mut PullStream<Number>) -> String {
    describe(stream.next().await)
}

#[tokio::test(start_paused = true)]
async fn events_come_typed_and_named() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) =
        tokio::join!(client.subscribe(topics::<Number>(["a@trade", "b@trade"])), async {
            let mut server = Server::accept(&mut connections).await;
            assert_eq!(server.path, "/stream?streams=a@trade/b@trade");
            server.answer_list(&["a@trade", "b@trade"]).await;
            server
        });
    let mut stream = stream.unwrap();
    server.send(r#"{"stream":"b@trade","data":{"n":1}}"#).await;
    server.send(r#"{"data":{"n":2},"stream":"a@trade"}"#).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    assert_eq!(next(&mut stream).await, "b@trade 1");
    assert_eq!(next(&mut stream).await, "a@trade 2");
}

#[tokio::test(start_paused = true)]
async fn a_malformed_frame_is_an_item_and_breaks_nothing() {
    let (mut stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    for text in
        [r#"{"stream":"a@trade","data":{"n":"#, "nonsense", r#"{"stream":"a@trade","data":{"n":"x"}}"#, "17"]
    {
        server.send(text).await;
        match stream.next().await {
            Some(Item::Malformed(Malformed { raw, error, .. })) => {
                assert_eq!(raw, text.as_bytes());
                assert!(!error.to_string().is_empty());
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    server.send(r#"{"stream":"a@trade","data":{"n":7}}"#).await;
    assert_eq!(next(&mut stream).await, "a@trade 7");
}

#[tokio::test(start_paused = true)]
async fn c2_many_malformed_frames_do_not_fill_the_memory() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let frame = "x".repeat(4096);
    // Before the acknowledgement no consumer takes them.
    let (stream, _server) = tokio::join!(client.subscribe(topics::<Number>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        for _ in 0..500 {
            server.send(&frame).await;
        }
        server.answer_list(&["a@trade"]).await;
        server
    });
    let mut stream = stream.unwrap();
    let mut kept = Vec::new();
    while kept.len() < 500 {
        if let Some(Item::Malformed(Malformed { raw, .. })) = stream.next().await {
            kept.push(raw.len());
        }
    }
    assert_eq!((kept[0], kept[499]), (4096, 256));
    assert!(kept.iter().sum::<usize>() < 64 * 4096 + 500 * 256, "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_change_live_and_wait_for_the_acknowledgement() {
    let (mut stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    let control = stream.control();
    assert_eq!(next(&mut stream).await, "connected 0");

    let (subscribed, sent) = tokio::join!(control.subscribe(topics(["b@trade"])), server.acknowledge());
    subscribed.unwrap();
    assert!(sent.contains(r#""method":"SUBSCRIBE","params":["b@trade"]"#), "{sent}");
    let names: Vec<String> = control.subscriptions().await.iter().map(|info| info.name.to_string()).collect();
    assert_eq!(names, ["a@trade", "b@trade"]);

    let (unsubscribed, sent) = tokio::join!(control.unsubscribe(topics(["a@trade"])), server.acknowledge());
    unsubscribed.unwrap();
    assert!(sent.contains(r#""method":"UNSUBSCRIBE","params":["a@trade"]"#), "{sent}");
    // G6: what the exchange still sends of it is not delivered.
    server.send(r#"{"stream":"a@trade","data":{"n":1}}"#).await;
    server.send(r#"{"stream":"b@trade","data":{"n":2}}"#).await;
    assert_eq!(next(&mut stream).await, "b@trade 2");

    let (refused, ()) = tokio::join!(control.subscribe(topics(["c@nonsense"])), async {
        let text = server.text().await.unwrap();
        let id = common::id_of(&text);
        server.send(&format!(r#"{{"error":{{"code":2,"msg":"Invalid request"}},"id":{id}}}"#)).await;
    });
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamRefused);
    assert_eq!(error.api_error().unwrap().message, "Invalid request");
    assert!(next(&mut stream).await.starts_with("refused"));
    server.send(r#"{"stream":"b@trade","data":{"n":3}}"#).await;
    assert_eq!(next(&mut stream).await, "b@trade 3");
}

#[tokio::test(start_paused = true)]
async fn every_close_code_and_every_cut_reconnects_and_subscribes_again() {
    let (mut stream, server, mut connections) = subscribed(StreamConfig::default()).await;
    let mut server = Some(server);
    let control = stream.control();
    for (generation, code) in
        [Some(1000), Some(1008), Some(1011), None, Some(1001), None].into_iter().enumerate()
    {
        assert_eq!(next(&mut stream).await, format!("connected {generation}"));
        let mut last = server.take().unwrap();
        if generation == 1 {
            // Added while connected: it is part of what the next connection begins with.
            let (subscribed, _) = tokio::join!(control.subscribe(topics(["b@trade"])), last.acknowledge());
            subscribed.unwrap();
        }
        match code {
            Some(code) => last.close(code).await,
            None => drop(last),
        }
        assert_eq!(next(&mut stream).await, "disconnected", "{code:?}");
        assert!(next(&mut stream).await.starts_with("reconnecting"));
        let mut fresh = Server::accept(&mut connections).await;
        let names: &[&str] = if generation == 0 { &["a@trade"] } else { &["a@trade", "b@trade"] };
        assert_eq!(fresh.path, format!("/stream?streams={}", names.join("/")));
        fresh.answer_list(names).await;
        server = Some(fresh);
    }
}

#[tokio::test(start_paused = true)]
async fn a10_a_refused_connection_is_an_error_first_and_an_item_later() {
    let (context, connections) = context();
    drop(connections);
    let client = StreamClient::new(&context, &environment()).unwrap();
    let error = client.subscribe(topics::<Number>(["a@trade"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().starts_with("cannot connect"), "{error}");
    let network_error = error.find_source::<binance_kit_net::Error>().unwrap();
    assert!(network_error.to_string().contains("connection refused"), "{network_error}");

    let (context, mut connections) = common::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, server) = tokio::join!(client.pull(topics::<Number>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let mut stream = stream.unwrap();
    assert_eq!(pulled(&mut stream).await, "connected 0");
    drop((server, connections));
    let mut longest = 0;
    for _ in 0..50 {
        assert_eq!(pulled(&mut stream).await, "disconnected");
        match stream.next().await {
            Some(Item::State(StateChange::Reconnecting { attempt, delay, .. })) => {
                assert!(delay <= Duration::from_secs(30));
                longest = longest.max(attempt);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(longest, 50, "attempts do not end");
}

#[tokio::test(start_paused = true)]
async fn a3_a_half_open_connection_is_found_by_silence() {
    let (mut stream, _silent, _connections) = pulling(StreamConfig::default()).await;
    assert_eq!(pulled(&mut stream).await, "connected 0");
    let before = tokio::time::Instant::now();
    assert_eq!(pulled(&mut stream).await, "disconnected");
    let after = before.elapsed();
    assert!(after >= Duration::from_secs(25) && after < Duration::from_secs(26), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn d4_data_without_pings_is_no_reason_to_reconnect() {
    let (mut stream, mut server, _connections) = pulling(StreamConfig::default()).await;
    assert_eq!(pulled(&mut stream).await, "connected 0");
    for number in 0..100 {
        let (item, ()) = tokio::join!(pulled(&mut stream), async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
        });
        assert_eq!(item, format!("a@trade {number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn answered_pings_keep_a_quiet_connection() {
    let (mut stream, mut server, _connections) = pulling(StreamConfig::default()).await;
    assert_eq!(pulled(&mut stream).await, "connected 0");
    // Nothing but pongs for ten minutes.
    server.socket.set_auto_pong(true);
    let quiet = async {
        let _ = tokio::time::timeout(Duration::from_secs(600), server.text()).await;
        server.send(r#"{"stream":"a@trade","data":{"n":1}}"#).await;
    };
    let (item, ()) = tokio::join!(pulled(&mut stream), quiet);
    assert_eq!(item, "a@trade 1");
}

#[tokio::test(start_paused = true)]
async fn g1_an_acknowledgement_that_never_comes_fails_the_call_and_replaces_the_connection() {
    let (mut stream, mut server, mut connections) = subscribed(StreamConfig::default()).await;
    let control = stream.control();
    let error = control.subscribe(topics(["b@trade"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
    assert!(server.text().await.unwrap().contains("b@trade"));
    for expected in ["connected 0", "disconnected"] {
        assert_eq!(next(&mut stream).await, expected);
    }
    let fresh = Server::accept(&mut connections).await;
    assert_eq!(fresh.path, "/stream?streams=a@trade", "what was not acknowledged was taken back");
}

#[tokio::test(start_paused = true)]
async fn g2_more_streams_than_one_connection_carries_are_spread() {
    let (context, mut connections) = context();
    let config = StreamConfig { streams_per_connection: 2, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let names = ["a@trade", "b@trade", "c@trade", "d@trade", "e@trade"];
    let (stream, servers) = tokio::join!(client.subscribe(topics::<Number>(names)), async {
        let mut servers = Vec::new();
        for expected in [&names[0..2], &names[2..4], &names[4..5]] {
            let mut server = Server::accept(&mut connections).await;
            assert_eq!(server.path, format!("/stream?streams={}", expected.join("/")));
            server.answer_list(expected).await;
            servers.push(server);
        }
        servers
    });
    let mut stream = stream.unwrap();
    let mut servers = servers;
    for (index, server) in servers.iter_mut().enumerate() {
        server.send(&format!(r#"{{"stream":"{}","data":{{"n":{index}}}}}"#, names[index * 2])).await;
    }
    let mut got = Vec::new();
    while got.len() < 6 {
        got.push(next(&mut stream).await);
    }
    got.sort();
    assert_eq!(got, ["a@trade 0", "c@trade 1", "connected 0", "connected 0", "connected 0", "e@trade 2"]);
}

#[tokio::test(start_paused = true)]
async fn k1_losses_of_a_slow_consumer_are_reported() {
    let config = StreamConfig { queue: 3, overflow: Overflow::DropOldest, ..StreamConfig::default() };
    let (mut stream, mut server, _connections) = subscribed(config).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    for number in 0..10 {
        server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for expected in ["lagged 7", "a@trade 7", "a@trade 8", "a@trade 9"] {
        assert_eq!(next(&mut stream).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn k3_dropping_the_consumer_closes_the_connections() {
    let (stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    let control = stream.control();
    drop(stream);
    assert_eq!(server.text().await, None);
    drop(control);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_the_stream_with_a_closing_frame() {
    let (mut stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    let control = stream.control();
    let ((), frame) = tokio::join!(control.close(), async {
        let frame = server.socket.read_frame().await.unwrap();
        let opcode = frame.opcode;
        drop(frame);
        server.close(1000).await;
        opcode
    });
    assert_eq!(frame, fastwebsockets::OpCode::Close);
    assert_eq!(next(&mut stream).await, "end");
    assert_eq!(control.subscribe(topics(["b@trade"])).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_raw_connection_carries_one_stream_without_a_wrapper() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe_raw(topic::<Number>("a@depth5")), async {
        let mut server = Server::accept(&mut connections).await;
        assert_eq!(server.path, "/ws/a@depth5");
        server.answer_list(&["a@depth5"]).await;
        server
    });
    let mut stream = stream.unwrap();
    server.send(r#"{"n":5}"#).await;
    assert_eq!(pulled(&mut stream).await, "connected 0");
    assert_eq!(pulled(&mut stream).await, "a@depth5 5");
}

#[tokio::test(start_paused = true)]
async fn k4_dropping_the_future_at_any_time_loses_nothing() {
    let (mut stream, mut server, _connections) = pulling(StreamConfig::default()).await;
    assert_eq!(pulled(&mut stream).await, "connected 0");
    let feed = binance_kit_net::task::spawn("feed", async move {
        for number in 0..50_u32 {
            server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
        server
    });
    let mut got = Vec::new();
    while got.len() < 50 {
        // Times out between any two polls.
        if let Ok(item) = tokio::time::timeout(Duration::from_millis(2), stream.next()).await {
            got.push(describe(item));
        }
    }
    let expected: Vec<String> = (0..50).map(|number| format!("a@trade {number}")).collect();
    assert_eq!(got, expected);
    drop(feed);
}

#[tokio::test(start_paused = true)]
async fn b8_a_refused_upgrade_gives_the_reason_and_its_wait_is_kept() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let config = StreamConfig { retry_first_connection: true, ..StreamConfig::default() };
    let retrying = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let refuse = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 4\r\n\r\nslow";
    let (result, ()) = tokio::join!(client.subscribe(topics::<Number>(["a@trade"])), async {
        let mut io = connections.recv().await.unwrap();
        common::read_head(&mut io).await;
        io.write_all(refuse.as_bytes()).await.unwrap();
    });
    let error = result.unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (Some(429), Some(Duration::from_secs(30))));
    assert_eq!(error.body(), Some(b"slow".as_slice()));

    let before = tokio::time::Instant::now();
    let (stream, _server) = tokio::join!(retrying.subscribe(topics::<Number>(["a@trade"])), async {
        let mut io = connections.recv().await.unwrap();
        common::read_head(&mut io).await;
        io.write_all(refuse.as_bytes()).await.unwrap();
        let mut server = Server::accept(&mut connections).await;
        assert!(before.elapsed() >= Duration::from_secs(30));
        server.answer_list(&["a@trade"]).await;
        server
    });
    stream.unwrap();
}

#[tokio::test(start_paused = true)]
async fn c2_events_without_an_acknowledgement_do_not_pile_up() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let flood = async {
        let mut server = Server::accept(&mut connections).await;
        let frame = br#"{"stream":"a@trade","data":{"n":1}}"#.as_slice();
        while server.socket.write_frame(fastwebsockets::Frame::text(frame.into())).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    // Of one stream nothing comes, so that its event acknowledges nothing, and no time passes.
    let stream = tokio::select! {
        stream = client.pull(topics::<Number>(["a@trade", "quiet@trade"])) => stream,
        () = flood => panic!("the connection was closed"),
    };
    let mut stream = stream.unwrap();
    let mut events = 0;
    while let Some(item) = stream.try_next() {
        events += u32::from(matches!(item, Item::Event(_)));
    }
    assert!((1000..200_000).contains(&events), "{events}");
}

#[tokio::test(start_paused = true)]
async fn a_retried_first_connection_begins_with_the_one_that_succeeded() {
    let (context, mut connections) = context();
    let config = StreamConfig { retry_first_connection: true, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, _server) = tokio::join!(client.pull(topics::<Number>(["a@trade"])), async {
        for _ in 0..20 {
            drop(connections.recv().await.unwrap());
        }
        serve_one(&mut connections).await
    });
    assert_eq!(pulled(&mut stream.unwrap()).await, "connected 0");
}

#[tokio::test(start_paused = true)]
async fn names_are_checked_before_anything_is_sent() {
    let (context, connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    for bad in ["", "btcusdt", "BTCUSDT@trade", "a b@trade"] {
        let error = client.subscribe(topics::<Number>([bad])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSubscription, "{bad}");
        assert!(error.to_string().contains("stream name"), "{error}");
    }
    assert!(connections.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_refused_after_a_reconnect_can_be_subscribed_again() {
    let (mut stream, server, mut connections) = subscribed(StreamConfig::default()).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    server.answer_list(&[]).await;
    while !next(&mut stream).await.starts_with("refused") {}
    let control = stream.control();
    let (asked, result) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(5), server.acknowledge()),
        control.subscribe(topics(["a@trade"]))
    );
    result.unwrap();
    assert!(asked.unwrap().contains(r#""method":"SUBSCRIBE","params":["a@trade"]"#));
    assert_eq!(control.subscriptions().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_malformed_frames_is_bounded_like_events() {
    let config = StreamConfig { queue: 2, overflow: Overflow::DropOldest, ..StreamConfig::default() };
    let (stream, mut server, _connections) = subscribed(config).await;
    for _ in 0..100 {
        server.send("nonsense").await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(stream.queued() <= 3, "{} items are queued", stream.queued());
}

#[tokio::test(start_paused = true)]
async fn connections_that_never_acknowledge_are_tried_ever_more_slowly() {
    let (mut stream, server, mut connections) = subscribed(StreamConfig::default()).await;
    assert_eq!(next(&mut stream).await, "connected 0");
    drop(server);
    let mut silent = Vec::new();
    for attempt in 1..4 {
        let lost = async {
            assert_eq!(next(&mut stream).await, "disconnected");
            assert_eq!(next(&mut stream).await, format!("reconnecting {attempt}"));
        };
        tokio::time::timeout(Duration::from_secs(60), lost).await.expect("it is given up");
        // It answers no ping either, and lives until that is known, which makes it no good connection.
        silent.push(Server::accept(&mut connections).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_while_it_closes_opens_nothing_again() {
    let (stream, _server, mut connections) = subscribed(StreamConfig::default()).await;
    let control = stream.control();
    let within = Duration::from_secs(10);
    let (closed, refused) = tokio::join!(tokio::time::timeout(within, control.close()), async {
        tokio::task::yield_now().await;
        tokio::time::timeout(within, control.subscribe(topics(["b@trade"]))).await
    });
    closed.unwrap();
    assert_eq!(refused.unwrap().unwrap_err().kind(), ErrorKind::Closed);
    assert!(connections.try_recv().is_err(), "no further connection");
}

#[tokio::test(start_paused = true)]
async fn g5_a_listing_that_is_no_list_refuses_nothing() {
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, _server) = tokio::join!(client.subscribe(topics::<Number>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        let text = server.text().await.unwrap();
        server.send(&format!(r#"{{"result":[17],"id":{}}}"#, common::id_of(&text))).await;
        server
    });
    assert_eq!(next(&mut stream.unwrap()).await, "connected 0");
}

#[tokio::test(start_paused = true)]
async fn g1_what_two_calls_asked_for_is_not_taken_back_with_one_of_them() {
    for acknowledged_first in [true, false] {
        let (stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
        let control = stream.control();
        let serving = async {
            // Both at once are refused, so that they come one by one.
            let text = server.text().await.unwrap();
            let refuse =
                |text: &str| format!(r#"{{"error":{{"code":2,"msg":"no"}},"id":{}}}"#, common::id_of(text));
            server.send(&refuse(&text)).await;
            let (good, bad) = (server.text().await.unwrap(), server.text().await.unwrap());
            assert!(good.contains("b@trade") && bad.contains("c@trade"));
            let good = format!(r#"{{"result":null,"id":{}}}"#, common::id_of(&good));
            if acknowledged_first {
                server.send(&good).await;
                server.send(&refuse(&bad)).await;
            } else {
                server.send(&refuse(&bad)).await;
                server.send(&good).await;
            }
            let idle = tokio::time::timeout(Duration::from_secs(15), server.text()).await;
            assert!(idle.is_err(), "{idle:?}");
        };
        let (both, one, ()) = tokio::join!(
            control.subscribe(topics(["b@trade", "c@trade"])),
            control.subscribe(topics(["b@trade"])),
            serving
        );
        assert_eq!(both.unwrap_err().kind(), ErrorKind::StreamRefused);
        one.unwrap();
        let names: Vec<String> =
            control.subscriptions().await.iter().map(|info| info.name.to_string()).collect();
        assert_eq!(names, ["a@trade", "b@trade"]);
    }
}

#[tokio::test(start_paused = true)]
async fn k1_closing_does_not_wait_for_a_consumer_although_much_was_read_ahead() {
    let config = StreamConfig { queue: 4, ..StreamConfig::default() };
    let (stream, mut server, _connections) = subscribed(config).await;
    let control = stream.control();
    let call = binance_kit_net::task::spawn("subscribe", {
        let control = control.clone();
        async move { control.subscribe(topics(["b@trade"])).await }
    });
    // The call is never answered, and events are read for its sake.
    for number in 0..40_000 {
        let text = format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#);
        let sending = tokio::time::timeout(Duration::from_millis(100), server.send(&text));
        if sending.await.is_err() {
            break;
        }
    }
    assert!(control.status().await.queued > 16_000);
    tokio::time::timeout(Duration::from_secs(5), control.close()).await.unwrap();
    assert_eq!(call.join().await.unwrap().unwrap_err().kind(), ErrorKind::Closed);
}
