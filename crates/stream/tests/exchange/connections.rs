//! Rows A10, D3, G2 to G6, H9 and K7: how many connections there are, what is said on them, and how often.

use crate::common::{Kept, Received, environment, network_to, network_with, world};
use crate::server::{self, Server, id_of, topics};
use binance_kit_core::ErrorKind;
use binance_kit_net::AttemptLimits;
use binance_kit_sim::Fault;
use binance_kit_stream::{Overflow, StreamClient, StreamConfig};
use fastwebsockets::{Frame, OpCode};
use std::task::Poll;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn g2_five_thousand_streams_take_five_connections() {
    let world = world(10).await;
    let names: Vec<String> = (0..5000).map(|number| format!("symbol{number:04}@trade")).collect();
    let client = world.client(StreamConfig::default());
    let stream = client.subscribe(topics::<Kept>(&names)).await.unwrap();
    let control = stream.control();
    assert_eq!(world.exchange.connections().len(), 5);
    let status = control.status().await;
    let sizes: Vec<usize> = status.connections.iter().map(|connection| connection.streams).collect();
    assert_eq!(sizes, [1024, 1024, 1024, 1024, 904]);
    assert_eq!((status.connections.len(), status.streams.len()), (5, 5000));
    assert!(status.streams.iter().all(|stream| stream.is_acknowledged));
    // G3: names beyond the URL went by control messages, and the exchange had nothing to complain of.
    assert!(world.exchange.request_count("SUBSCRIBE") > 4);
    assert_eq!(status.disconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn g4_streams_come_and_go_and_are_put_together_without_a_loss() {
    let world = world(300).await;
    let names = [
        "btcusdt@trade",
        "ethusdt@trade",
        "bnbusdt@trade",
        "btcusdt@bookTicker",
        "ethusdt@bookTicker",
        "bnbusdt@bookTicker",
    ];
    let config = StreamConfig { streams_per_connection: 3, ..StreamConfig::default() };
    let mut stream = world.subscribe(config, &names).await;
    let control = stream.control();
    assert_eq!(world.exchange.connections().len(), 2);
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(2)).await;
    let gone = ["btcusdt@trade", "ethusdt@bookTicker", "bnbusdt@trade"];
    let (given_up, ()) =
        tokio::join!(control.unsubscribe(topics(gone)), received.listen(&mut stream, Duration::from_secs(3)));
    given_up.unwrap();
    // Two connections, half empty: one holds what is left.
    let (moved, ()) =
        tokio::join!(control.rebalance(), received.listen(&mut stream, Duration::from_secs(20)));
    moved.unwrap();
    let connections = world.exchange.connections();
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].streams.len(), 3);
    received.listen(&mut stream, Duration::from_secs(5)).await;
    for name in ["ethusdt@trade", "btcusdt@bookTicker", "bnbusdt@bookTicker"] {
        let came = received.check(&world.exchange, name);
        assert!(world.exchange.journal(name).events.len() - came < 40, "{name}");
    }
    assert!(received.gaps.is_empty(), "{:?}", received.gaps);
    assert_eq!(control.status().await.disconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn g1_a_refused_name_is_found_among_many_and_the_rest_is_taken_back() {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let stream = stream.unwrap();
    let control = stream.control();
    let names: Vec<String> = (0..8).map(|number| format!("s{number}@trade")).collect();
    let serving = async {
        let mut subscribed = Vec::new();
        while let Ok(Some(text)) = tokio::time::timeout(Duration::from_secs(20), server.text()).await {
            let id = id_of(&text);
            if text.contains("\"SUBSCRIBE\"") && text.contains("s5@trade") {
                server.send(&format!(r#"{{"error":{{"code":2,"msg":"Invalid request"}},"id":{id}}}"#)).await;
                continue;
            }
            for name in text.split('"').filter(|word| word.contains('@')) {
                if text.contains("UNSUBSCRIBE") {
                    subscribed.retain(|one| one != name);
                } else {
                    subscribed.push(name.to_owned());
                }
            }
            server.send(&format!(r#"{{"result":null,"id":{id}}}"#)).await;
        }
        subscribed
    };
    let (refused, left) = tokio::join!(control.subscribe(topics(&names)), serving);
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamRefused);
    assert_eq!(error.streams().iter().map(ToString::to_string).collect::<Vec<_>>(), ["s5@trade"]);
    assert_eq!(left, Vec::<String>::new(), "nothing of the call is left at the exchange");
    assert_eq!(control.subscriptions().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn g5_ids_come_back_as_numbers_or_texts_and_strange_ones_change_nothing() {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        let text = server.text().await.unwrap();
        server.send(&format!(r#"{{"result":["a@trade"],"id":"{}"}}"#, id_of(&text))).await;
        server
    });
    let stream = stream.unwrap();
    let control = stream.control();
    let serving = async {
        let text = server.text().await.unwrap();
        for strange in
            [r#"{"result":null,"id":null}"#, r#"{"result":null,"id":99999}"#, r#"{"result":null,"id":"x"}"#]
        {
            server.send(strange).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.send(&format!(r#"{{"result":null,"id":{}}}"#, id_of(&text))).await;
    };
    let begun = tokio::time::Instant::now();
    let (result, ()) = tokio::join!(control.subscribe(topics(["b@trade"])), serving);
    result.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(2), "only its own answer counts");
}

#[tokio::test(start_paused = true)]
async fn g6_events_before_the_acknowledgement_come_and_those_after_giving_up_do_not() {
    let world = world(600).await;
    let mut stream = world.subscribe(StreamConfig::default(), &["btcusdt@trade"]).await;
    world.exchange.keep_journal(["ethusdt@trade"], 100_000).unwrap();
    world.exchange.inject(Fault::delay_acknowledgement(Duration::from_secs(5)).always());
    let control = stream.control();
    let mut received = Received::default();
    let call = binance_kit_net::task::spawn("subscribe", {
        let control = control.clone();
        async move { control.subscribe(topics(["ethusdt@trade"])).await }
    });
    received.listen(&mut stream, Duration::from_secs(4)).await;
    assert!(!call.is_finished());
    assert!(received.check(&world.exchange, "ethusdt@trade") > 0, "before it is acknowledged");
    received.listen(&mut stream, Duration::from_secs(4)).await;
    call.join().await.unwrap().unwrap();
    let given_up = binance_kit_net::task::spawn("unsubscribe", async move {
        control.unsubscribe(topics(["ethusdt@trade"])).await
    });
    tokio::task::yield_now().await;
    received.listen(&mut stream, Duration::from_millis(1)).await;
    let before = received.events["ethusdt@trade"].len();
    received.listen(&mut stream, Duration::from_secs(10)).await;
    given_up.join().await.unwrap().unwrap();
    assert_eq!(received.events["ethusdt@trade"].len(), before);
    received.check(&world.exchange, "btcusdt@trade");
}

#[tokio::test(start_paused = true)]
async fn g3_pings_and_control_messages_share_five_a_second() {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let stream = stream.unwrap();
    let control = stream.control();
    let calls = binance_kit_net::task::spawn("calls", async move {
        for round in 0..60 {
            let name = format!("b{round}@trade");
            control.subscribe(topics([name.clone()])).await.unwrap();
            control.unsubscribe(topics([name])).await.unwrap();
        }
    });
    // Pings without end, and every control message answered at once.
    let mut came = Vec::new();
    let begun = tokio::time::Instant::now();
    while !calls.is_finished() {
        server
            .socket
            .write_frame(Frame::new(true, OpCode::Ping, None, b"x".as_slice().into()))
            .await
            .unwrap();
        while let Ok(Ok(frame)) =
            tokio::time::timeout(Duration::from_millis(20), server.socket.read_frame()).await
        {
            came.push(begun.elapsed());
            if frame.opcode == OpCode::Text {
                let id = id_of(std::str::from_utf8(&frame.payload).unwrap());
                drop(frame);
                server.send(&format!(r#"{{"result":null,"id":{id}}}"#)).await;
            }
        }
    }
    for window in came.windows(6) {
        assert!(window[5] >= window[0] + Duration::from_millis(980), "{window:?}");
    }
    assert!(came.len() > 120);
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn d3_pings_are_answered_at_once_whatever_the_consumer_does() {
    let (context, mut connections) = server::context();
    let config = StreamConfig { watchdog: None, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let subscription = client.subscription::<Kept>().overflow(Overflow::DropOldest).queue(10);
    let (stream, mut server) = tokio::join!(subscription.subscribe(topics(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    // No item is taken, and events arrive continually.
    let _stream = stream.unwrap();
    for round in 0..50_u32 {
        for number in 0..200 {
            let text = format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#);
            server.socket.write_frame(Frame::text(text.into_bytes().into())).await.unwrap();
        }
        let payload = round.to_be_bytes();
        server
            .socket
            .write_frame(Frame::new(true, OpCode::Ping, None, payload.as_slice().into()))
            .await
            .unwrap();
        let begun = tokio::time::Instant::now();
        loop {
            let frame = server.socket.read_frame().await.unwrap();
            if frame.opcode == OpCode::Pong {
                assert_eq!(&frame.payload[..], payload, "with what the ping said");
                break;
            }
            assert_eq!(frame.opcode, OpCode::Ping);
        }
        assert!(begun.elapsed() < Duration::from_millis(50));
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn k7_connections_lost_together_come_back_within_the_budget() {
    let mut world = world(1).await;
    let config =
        StreamConfig { streams_per_connection: 1, retry_first_connection: true, ..StreamConfig::default() };
    // A smaller exchange: a budget for 60 attempts in a minute, and 100 connections.
    let limits = AttemptLimits {
        attempts: 60,
        window: Duration::from_secs(60),
        burst: 20,
        burst_window: Duration::from_secs(10),
    };
    world.context = network_with(&world.exchange, 8, limits);
    let names: Vec<String> = (0..100).map(|number| format!("symbol{number:03}@trade")).collect();
    let client = world.client(config);
    let begun = tokio::time::Instant::now();
    // 54 of them fit into the first minute.
    let mut stream = client.subscribe(topics::<Kept>(&names)).await.unwrap();
    assert!(begun.elapsed() > Duration::from_secs(60) && begun.elapsed() < Duration::from_secs(100));
    let control = stream.control();
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.exchange.close_all_connections();
    let lost = tokio::time::Instant::now();
    let mut received = Received::default();
    loop {
        received.listen(&mut stream, Duration::from_secs(5)).await;
        if world.exchange.connections().len() == 100 {
            break;
        }
        assert!(lost.elapsed() < Duration::from_secs(130), "{} are back", world.exchange.connections().len());
    }
    assert_eq!(control.status().await.disconnects, 100);
    assert!(world.context.attempts().used() <= 60);
}

#[tokio::test(start_paused = true)]
async fn h9_the_budget_is_shared_by_all_clients_of_a_network() {
    let world = world(1).await;
    let context = network_to(&world.exchange, 8);
    let client = StreamClient::new(&context, &environment()).unwrap();
    let mut streams = Vec::new();
    for _ in 0..60 {
        streams.push(client.subscribe(topics::<Kept>(["btcusdt@trade"])).await.unwrap());
    }
    assert_eq!(context.attempts().used(), 60);
    let begun = tokio::time::Instant::now();
    streams.push(client.subscribe(topics::<Kept>(["btcusdt@trade"])).await.unwrap());
    assert!(begun.elapsed() > Duration::from_secs(5), "the burst is over: {:?}", begun.elapsed());
    // What carries orders does not wait.
    assert_eq!(context.attempts().try_acquire(binance_kit_net::Priority::Ordinary), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a10_a_exchange_that_is_away_for_hours_is_found_again() {
    let world = world(5).await;
    let mut stream = world.subscribe(StreamConfig::default(), &["btcusdt@trade"]).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(5)).await;
    world.exchange.inject(Fault::refuse_connections().lasting(Duration::from_secs(900)));
    world.exchange.inject(Fault::end());
    received.listen(&mut stream, Duration::from_secs(900 + 40)).await;
    assert!(received.has("connected 1"), "{:?}", received.states);
    assert!(
        received.states.iter().filter(|state| *state == "disconnected").count() > 20,
        "each attempt is seen"
    );
    received.listen(&mut stream, Duration::from_secs(60)).await;
    received.check(&world.exchange, "btcusdt@trade");
}

#[tokio::test(start_paused = true)]
async fn a12_a_new_address_is_a_new_connection() {
    // The exchange sees another address: it knows nothing of the old connection, and our end hears nothing.
    let world = world(300).await;
    let mut stream = world.subscribe(StreamConfig::default(), &["btcusdt@trade"]).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(5)).await;
    let old = world.exchange.connections()[0].id;
    world.exchange.inject(Fault::half_open().on_connection(old));
    received.listen(&mut stream, Duration::from_secs(40)).await;
    assert!(received.has("connected 1") || received.has("rotated 1"), "{:?}", received.states);
    received.check(&world.exchange, "btcusdt@trade");
    let last = world.exchange.journal("btcusdt@trade").events.last().unwrap().text.clone();
    assert_eq!(received.events["btcusdt@trade"].last().unwrap().1, last);
}

/// Polls a future so often, and drops it.
async fn polled<F: Future>(future: F, times: u32) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut left = times;
    std::future::poll_fn(|cx| {
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn k4_calls_given_up_at_any_await_break_nothing() {
    let world = world(300).await;
    let names = ["btcusdt@trade", "btcusdt@depth@100ms"];
    let mut stream = world.subscribe(StreamConfig::default(), &names).await;
    let control = stream.control();
    let mut received = Received::default();
    for times in 1..8 {
        let _ = polled(control.subscribe(topics(["ethusdt@trade"])), times).await;
        let _ = polled(control.rotate(), times).await;
        let _ = polled(control.unsubscribe(topics(["ethusdt@trade"])), times).await;
        let _ = polled(control.rebalance(), times).await;
        let _ = polled(control.status(), times).await;
        let _ = polled(control.subscriptions(), times).await;
        received.listen(&mut stream, Duration::from_secs(3)).await;
        if let Some(Some(item)) = polled(stream.next(), times).await {
            received.take(item);
        }
    }
    received.listen(&mut stream, Duration::from_secs(15)).await;
    assert_eq!(control.subscriptions().await.len(), 2);
    for name in names {
        received.check(&world.exchange, name);
    }
    assert!(received.gaps.is_empty(), "{:?}", received.gaps);
    assert_eq!(world.exchange.connections().len(), 1);
    assert_eq!(control.status().await.disconnects, 0);
    let _ = polled(control.close(), 1).await;
    while stream.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn k4_subscribing_given_up_at_any_await_leaves_no_connection() {
    let world = world(300).await;
    let client = world.client(StreamConfig { streams_per_connection: 1, ..StreamConfig::default() });
    let mut times = 1;
    loop {
        let opened =
            polled(client.subscribe(topics::<Kept>(["btcusdt@trade", "ethusdt@trade"])), times).await;
        let is_done = opened.is_some();
        drop(opened);
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(world.exchange.connections().len(), 0, "after {times} polls");
        if is_done {
            break;
        }
        times += 1;
    }
    assert!(times > 2);
}

#[tokio::test(start_paused = true)]
async fn g4_streams_that_move_while_connections_are_replaced_are_not_forgotten() {
    let world = world(10).await;
    // Streams that never say anything: that a connection hears them cannot tell whether they are subscribed.
    let names: Vec<String> = (0..6).map(|number| format!("quiet{number}@trade")).collect();
    let config = StreamConfig { streams_per_connection: 3, ..StreamConfig::default() };
    let stream = world.client(config).subscribe(topics::<Kept>(&names)).await.unwrap();
    let control = stream.control();
    control.unsubscribe(topics([names[1].as_str(), &names[2], &names[3]])).await.unwrap();
    let (moved, rotated) = tokio::join!(control.rebalance(), control.rotate());
    moved.unwrap();
    rotated.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(world.exchange.connections().len(), 1);
    let status = control.status().await;
    assert!(status.streams.iter().all(|stream| stream.is_acknowledged), "{:?}", status.streams);
}

#[tokio::test(start_paused = true)]
async fn g4_room_kept_for_streams_given_up_on_their_way_is_free_again() {
    let world = world(10).await;
    let names: Vec<String> = (0..6).map(|number| format!("quiet{number}@trade")).collect();
    let config = StreamConfig { streams_per_connection: 3, ..StreamConfig::default() };
    let stream = world.client(config).subscribe(topics::<Kept>(&names)).await.unwrap();
    let control = stream.control();
    control.unsubscribe(topics([names[1].as_str(), &names[2], &names[3]])).await.unwrap();
    // The one that moves is given up meanwhile.
    let (moved, given_up) =
        tokio::join!(control.rebalance(), control.unsubscribe(topics([names[0].as_str()])));
    moved.unwrap();
    given_up.unwrap();
    control.subscribe(topics([names[0].as_str()])).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(world.exchange.connections().len(), 1, "there is room for all three on one");
}
