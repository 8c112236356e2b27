//! Topics of several products and routes: which connections are opened, and what is refused before any is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{
    Api, DecodeError, ErrorKind, MixedTopic, RawEvent, Responsible, Route, StreamEvent, StreamName, Topic,
};
use binance_kit_net::Environment;
use binance_kit_stream::{Event, Item, Overflow, StateChange, StreamClient, StreamConfig};
use common::{Server, context_by_endpoint, environment, topic, topics};
use std::time::Duration;

/// An event with a number in it.
#[derive(Debug, PartialEq)]
struct Number(u64);

impl StreamEvent for Number {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let value = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        value.as_u64().map(Self).map_err(|error| error.at_key("n"))
    }
}

/// The events of a list of several types.
#[derive(Debug, PartialEq)]
enum Any {
    Number(Number),
    Raw(RawEvent),
}

impl From<Number> for Any {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<RawEvent> for Any {
    fn from(raw: RawEvent) -> Self {
        Self::Raw(raw)
    }
}

fn two_products() -> Environment {
    Environment::empty("two products")
        .with_streams(Api::Spot, "ws://127.0.0.1:1")
        .and_then(|environment| environment.with_streams(Api::UsdmFutures, "ws://127.0.0.1:2"))
        .unwrap()
}

fn names(path: &str) -> Vec<String> {
    let (_, list) = path.split_once("streams=").unwrap();
    list.split('/').map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_mixed_list_opens_exactly_the_connections_of_its_plan() {
    let (context, mut connections) = context_by_endpoint();
    let config = StreamConfig { streams_per_connection: 2, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &two_products()).config(config).build().unwrap();
    let usdm = |name| Topic::<RawEvent>::raw(Api::UsdmFutures, name);
    let list: Vec<MixedTopic<Any>> = vec![
        topic::<Number>("btcusdt@bookTicker").into(),
        usdm("btcusdt@markPrice@1s").on(Route::Market).into(),
        topic::<Number>("btcusdt@trade").into(),
        usdm("btcusdt@bookTicker").on(Route::Public).into(),
        topic::<Number>("ethusdt@trade").into(),
        usdm("btcusdt@aggTrade").on(Route::Market).into(),
        // Twice in the list, once subscribed.
        topic::<Number>("btcusdt@bookTicker").into(),
    ];
    let serving = async {
        let mut servers = Vec::new();
        for _ in 0..4 {
            let (url, io) = connections.recv().await.unwrap();
            let mut server = Server::upgrade(io).await;
            let listed = names(&server.path);
            server.answer_list(&listed.iter().map(String::as_str).collect::<Vec<_>>()).await;
            servers.push((url, server));
        }
        servers
    };
    let (stream, mut servers) = tokio::join!(client.subscribe(list), serving);
    let mut stream = stream.unwrap();
    let mut opened: Vec<String> =
        servers.iter().map(|(url, server)| format!("{url} {}", server.path)).collect();
    opened.sort();
    assert_eq!(
        opened,
        [
            "ws://127.0.0.1:1 /stream?streams=btcusdt@bookTicker/btcusdt@trade",
            "ws://127.0.0.1:1 /stream?streams=ethusdt@trade",
            "ws://127.0.0.1:2/market /market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s",
            "ws://127.0.0.1:2/public /public/stream?streams=btcusdt@bookTicker",
        ]
    );
    // The same name on both hosts: each event has its own type and product.
    for (url, server) in &mut servers {
        if server.path.contains("bookTicker") {
            let number = if url.contains(":1") { 1 } else { 2 };
            server.send(&format!(r#"{{"stream":"btcusdt@bookTicker","data":{{"n":{number}}}}}"#)).await;
        }
    }
    let mut came = Vec::new();
    while came.len() < 2 {
        if let Item::Event(Event { api, data, .. }) = stream.next().await.unwrap() {
            came.push((api, data));
        }
    }
    came.sort_by_key(|(api, _)| *api);
    let raw = RawEvent { json: r#"{"n":2}"#.to_owned() };
    assert_eq!(came, [(Api::Spot, Any::Number(Number(1))), (Api::UsdmFutures, Any::Raw(raw))]);
    // Giving up one of them leaves the other.
    let control = stream.control();
    let acknowledging = async {
        for (url, server) in &mut servers {
            if url == "ws://127.0.0.1:1" && server.path.contains("bookTicker") {
                assert!(server.acknowledge().await.contains("UNSUBSCRIBE"));
            }
        }
    };
    let given_up: [MixedTopic<Any>; 1] = [topic::<Number>("btcusdt@bookTicker").into()];
    let (result, ()) = tokio::join!(control.unsubscribe(given_up), acknowledging);
    result.unwrap();
    let left = control.subscriptions().await;
    assert!(
        left.iter().any(|info| info.api == Api::UsdmFutures && info.name.as_str() == "btcusdt@bookTicker")
    );
    assert_eq!(left.len(), 5);
    let status = control.status().await;
    assert_eq!(status.connections.iter().filter(|one| one.route == Route::Market).count(), 1);
    assert!(connections.try_recv().is_err(), "no further connection");
}

#[tokio::test(start_paused = true)]
async fn a_topic_of_another_host_opens_a_connection_when_it_is_added() {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::new(&context, &two_products()).unwrap();
    let (stream, _spot) = tokio::join!(client.subscribe(topics::<Number>(["a@trade"])), async {
        let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let control = stream.as_ref().unwrap().control();
    let futures = [Topic::<Number>::raw(Api::UsdmFutures, "a@trade").on(Route::Market)];
    let (added, (url, _server)) = tokio::join!(control.subscribe(futures), async {
        let (url, io) = connections.recv().await.unwrap();
        let mut server = Server::upgrade(io).await;
        server.answer_list(&["a@trade"]).await;
        (url, server)
    });
    added.unwrap();
    assert_eq!(url, "ws://127.0.0.1:2/market");
    assert_eq!(control.subscriptions().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_connects_when_something_is_added() {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let mut stream = client.subscribe(topics::<Number>([""; 0])).await.unwrap();
    assert!(connections.try_recv().is_err());
    let control = stream.control();
    let (added, mut server) = tokio::join!(control.subscribe(topics(["a@trade"])), async {
        let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    added.unwrap();
    server.send(r#"{"stream":"a@trade","data":{"n":5}}"#).await;
    assert_eq!(**stream.next_event().await.unwrap().as_ref().unwrap(), Number(5));
    drop(server);
    assert!(stream.close_within(Duration::from_secs(5)).await);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_served_is_refused_before_anything_connects() {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let usdm = |name| Topic::<Number>::raw(Api::UsdmFutures, name);
    let error = client.subscribe([topic("a@trade"), usdm("a@trade")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSubscription);
    assert!(error.to_string().contains(".on(Route::Market)"), "{error}");
    let error = client.subscribe([topic("a@trade"), usdm("a@trade").on(Route::Market)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered);
    assert_eq!(error.responsible(), Responsible::Caller);
    assert_eq!(error.streams(), [StreamName::new("a@trade").unwrap()]);
    assert!(error.to_string().contains("usdm"), "{error}");
    let error = client.subscribe_raw(usdm("a@trade").on(Route::Market)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered);
    assert!(connections.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn base_urls_that_end_in_a_path_of_the_client_are_refused() {
    let (context, _connections) = context_by_endpoint();
    for url in ["ws://127.0.0.1:1/ws", "ws://127.0.0.1:1/stream", "ws://127.0.0.1:1/market/stream/"] {
        let builder = StreamClient::builder(&context, &environment());
        let error = builder.url(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{url}");
        assert!(error.to_string().contains("must not end in"), "{error}");
        let builder = StreamClient::builder(&context, &environment());
        assert!(builder.replica(url).build().is_err());
    }
}

/// A stream of `a@trade` and `b@trade`, and the server's end.
async fn subscribed(
    config: StreamConfig,
) -> (binance_kit_stream::EventStream<Number>, Server, common::Connections) {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, server) = tokio::join!(client.subscribe(topics(["a@trade", "b@trade"])), async {
        let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
        server.answer_list(&["a@trade", "b@trade"]).await;
        server
    });
    (stream.unwrap(), server, connections)
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_another_type_ends_the_wait_with_an_error_once() {
    let (mut stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    for _ in 0..4 {
        server.send(r#"{"stream":"a@trade","data":{"price":"1"}}"#).await;
    }
    let error = stream.next_event().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert_eq!(error.streams(), [StreamName::new("a@trade").unwrap()]);
    assert!(error.to_string().contains("a@trade: cannot read as Number"), "{error}");
    assert!(error.decode_error().is_some());
    // The other stream goes on.
    server.send(r#"{"stream":"b@trade","data":{"n":7}}"#).await;
    let event = stream.next_event().await.unwrap().unwrap();
    assert_eq!((event.stream.as_str(), event.0), ("b@trade", 7));
    assert_eq!(stream.skipped().malformed, 4);
    // Frames of a stream that was read before are passed over.
    for _ in 0..5 {
        server.send(r#"{"stream":"b@trade","data":{}}"#).await;
    }
    server.send(r#"{"stream":"b@trade","data":{"n":8}}"#).await;
    assert_eq!(stream.next_event().await.unwrap().unwrap().0, 8);
    assert_eq!(stream.skipped().malformed, 9);
}

#[tokio::test(start_paused = true)]
async fn a_refused_stream_ends_the_wait_with_an_error() {
    let (mut stream, server, mut connections) = subscribed(StreamConfig::default()).await;
    drop(server);
    let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
    server.answer_list(&["a@trade"]).await;
    let error = stream.next_event().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamRefused);
    assert_eq!(error.streams(), [StreamName::new("b@trade").unwrap()]);
    server.send(r#"{"stream":"a@trade","data":{"n":1}}"#).await;
    assert_eq!(stream.next_event().await.unwrap().unwrap().0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_too_slow_learns_how_many_events_did_not_fit() {
    let config = StreamConfig { queue: 2, overflow: Overflow::Fail, ..StreamConfig::default() };
    let (mut stream, mut server, _connections) = subscribed(config).await;
    for number in 0..4 {
        server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for number in 0..2 {
        assert_eq!(stream.next_event().await.unwrap().unwrap().0, number);
    }
    let error = stream.next_event().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overflowed);
    assert!(error.to_string().contains("queue of 2"), "{error}");
    assert!(stream.next_event().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn dropped_events_are_counted_by_next_event() {
    let config = StreamConfig { queue: 1, overflow: Overflow::DropOldest, ..StreamConfig::default() };
    let (mut stream, mut server, _connections) = subscribed(config).await;
    for number in 0..5 {
        server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stream.next_event().await.unwrap().unwrap().0, 4);
    assert_eq!(stream.skipped().lagged, 4);
}

#[tokio::test(start_paused = true)]
async fn what_has_arrived_is_taken_without_waiting() {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.pull(topics::<Number>(["a@trade"])), async {
        let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let mut stream = stream.unwrap();
    assert!(matches!(stream.try_next(), Some(Item::State(StateChange::Connected { .. }))));
    assert!(stream.try_next().is_none());
    for number in 0..3 {
        server.send(&format!(r#"{{"stream":"a@trade","data":{{"n":{number}}}}}"#)).await;
    }
    let mut taken = Vec::new();
    while let Some(item) = stream.try_next() {
        taken.extend(item.into_event().map(|event| event.0));
    }
    assert_eq!(taken, [0, 1, 2]);
    // A wait after it is woken as ever.
    let (event, ()) = tokio::join!(stream.next_event(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.send(r#"{"stream":"a@trade","data":{"n":3}}"#).await;
    });
    assert_eq!(event.unwrap().unwrap().0, 3);

    let (mut stream, mut server, _connections) = subscribed(StreamConfig::default()).await;
    server.send(r#"{"stream":"a@trade","data":{"n":9}}"#).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let taken: Vec<u64> =
        std::iter::from_fn(|| stream.try_next()).filter_map(Item::into_event).map(|event| event.0).collect();
    assert_eq!((taken, stream.try_next().is_none()), (vec![9], true));
}

#[tokio::test(start_paused = true)]
async fn a_client_closes_all_its_streams_within_a_deadline() {
    let (context, mut connections) = context_by_endpoint();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let mut open = Vec::new();
    for _ in 0..3 {
        let (stream, server) = tokio::join!(client.subscribe(topics::<Number>(["a@trade"])), async {
            let mut server = Server::upgrade(connections.recv().await.unwrap().1).await;
            server.answer_list(&["a@trade"]).await;
            server
        });
        open.push((stream.unwrap(), server));
    }
    // One is gone already.
    open.pop();
    let closing = client.clone();
    let (in_time, ()) = tokio::join!(closing.shutdown(Duration::from_secs(5)), async {
        for (_, server) in &mut open {
            assert_eq!(server.text().await, None);
            server.close(1000).await;
        }
    });
    assert!(in_time);
    for (stream, _) in &mut open {
        assert!(stream.next_event().await.unwrap().is_none());
    }
    assert!(client.shutdown(Duration::from_secs(5)).await, "nothing is left to close");
}
