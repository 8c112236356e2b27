//! Streams that are on two connections at once: the answer on the older one is waited for before its events are taken to be
//! complete, and no longer. The servers are led step by step, so that each order of messages is one that was meant.

use crate::common::environment;
use crate::server::{self, Connections, Server, topics};
use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, Position, Sequence, StreamEvent};
use binance_kit_stream::{EventStream, Gap, Item, StateChange, StreamClient, StreamConfig};
use std::time::Duration;
use tokio::time::Instant;

/// An event with an id that grows with holes, so that nothing but an answer proves that none is missing.
#[derive(Debug)]
struct Step(u64);

impl StreamEvent for Step {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let value = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        value.as_u64().map(Self)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.0))
    }
}

fn event(stream: &str, id: u64) -> String {
    format!(r#"{{"stream":"{stream}","data":{{"n":{id}}}}}"#)
}

/// What comes until nothing has come for a tenth of a second: ids, gaps, and changes of connections.
async fn came(stream: &mut EventStream<Step>) -> Vec<String> {
    let mut came = Vec::new();
    while let Ok(Some(item)) = tokio::time::timeout(Duration::from_millis(100), stream.next()).await {
        came.push(match item {
            Item::Event(event) => format!("{} {}", event.stream, event.data.0),
            Item::Gap(Gap { stream, from: Position::Id(from), to: Position::Id(to), .. }) => {
                format!("{stream} gap {from}-{to}")
            }
            Item::State(StateChange::Connected { generation, .. }) => format!("connected {generation}"),
            Item::State(StateChange::Disconnected { .. }) => "disconnected".into(),
            Item::State(StateChange::Rotating { .. }) => "rotating".into(),
            Item::State(StateChange::Rotated { generation, .. }) => format!("rotated {generation}"),
            Item::State(StateChange::ReplicaConnected { replica, .. }) => format!("replica {replica} up"),
            Item::State(StateChange::ReplicaDisconnected { replica, .. }) => {
                format!("replica {replica} down")
            }
            other => other.to_string(),
        });
    }
    came
}

/// Takes the next connection, to whichever host.
async fn accept(connections: &mut Connections) -> Server {
    Server::upgrade(connections.recv().await.unwrap().1).await
}

/// Acknowledges the next message of a client, which begins with this method and names these streams.
async fn acknowledge(server: &mut Server, method: &str, names: &str) {
    let text = tokio::time::timeout(Duration::from_secs(5), server.acknowledge()).await.unwrap();
    assert!(text.contains(&format!(r#""{method}","params":[{names}]"#)), "{text}");
}

/// The next message of a client, without an answer; pings are passed over.
async fn asked(server: &mut Server, method: &str) -> u64 {
    let text = tokio::time::timeout(Duration::from_secs(5), server.text()).await.unwrap().unwrap();
    assert!(text.contains(method), "{text}");
    server::id_of(&text)
}

async fn list(server: &mut Server, id: u64, names: &str) {
    server.send(&format!(r#"{{"result":[{names}],"id":{id}}}"#)).await;
}

/// A stream of `a@x` with two replicas, of which the second is not acknowledged yet.
async fn replicas(config: StreamConfig) -> (EventStream<Step>, Server, Server, Connections) {
    let (context, mut connections) = server::context_by_endpoint();
    let builder = StreamClient::builder(&context, &environment()).config(config);
    let client = builder.replica("ws://127.0.0.1:2").build().unwrap();
    let (stream, (mut first, second)) = tokio::join!(client.subscribe(topics(["a@x"])), async {
        let mut first = accept(&mut connections).await;
        first.answer_list(&["a@x"]).await;
        (first, accept(&mut connections).await)
    });
    let mut stream = stream.unwrap();
    first.send(&event("a@x", 10)).await;
    assert_eq!(came(&mut stream).await, ["replica 0 up", "connected 0", "a@x 10"]);
    (stream, first, second, connections)
}

#[tokio::test(start_paused = true)]
async fn a_second_replica_counts_once_the_first_has_answered_and_not_before() {
    let (mut stream, mut first, mut second, _connections) = replicas(StreamConfig::default()).await;
    second.answer_list(&["a@x"]).await;
    second.send(&event("a@x", 40)).await;
    assert_eq!(came(&mut stream).await, ["replica 1 up"], "20 may be on its way");
    let id = asked(&mut first, "LIST_SUBSCRIPTIONS").await;
    first.send(&event("a@x", 20)).await;
    assert_eq!(came(&mut stream).await, ["a@x 20"]);
    list(&mut first, id, r#""a@x""#).await;
    assert_eq!(came(&mut stream).await, ["a@x 40"]);
    // From here on either of them is enough.
    drop(first);
    second.send(&event("a@x", 50)).await;
    assert_eq!(came(&mut stream).await, ["replica 0 down", "a@x 50"]);
}

#[tokio::test(start_paused = true)]
async fn more_events_than_may_be_held_are_delivered_without_the_answer() {
    let config = StreamConfig { max_held: 3, ..StreamConfig::default() };
    let (mut stream, _first, mut second, _connections) = replicas(config).await;
    second.answer_list(&["a@x"]).await;
    for id in [40, 50, 60] {
        second.send(&event("a@x", id)).await;
    }
    assert_eq!(came(&mut stream).await, ["replica 1 up"]);
    assert_eq!(stream.control().status().await.streams[0].held, 3);
    second.send(&event("a@x", 70)).await;
    assert_eq!(came(&mut stream).await, ["a@x 40", "a@x 50", "a@x 60", "a@x 70"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_leaves_its_connection_once_that_one_has_answered_and_not_before() {
    let (context, mut connections) = server::context_by_endpoint();
    let config = StreamConfig { streams_per_connection: 2, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, (mut left, mut right)) =
        tokio::join!(client.subscribe(topics::<Step>(["a@x", "b@x", "c@x"])), async {
            let mut left = accept(&mut connections).await;
            left.answer_list(&["a@x", "b@x"]).await;
            let mut right = accept(&mut connections).await;
            right.answer_list(&["c@x"]).await;
            (left, right)
        });
    let mut stream = stream.unwrap();
    let control = stream.control();
    let (given_up, _) = tokio::join!(control.unsubscribe(topics(["b@x"])), left.acknowledge());
    given_up.unwrap();
    left.send(&event("a@x", 10)).await;
    assert_eq!(came(&mut stream).await, ["connected 0", "connected 0", "a@x 10"]);

    let moving = binance_kit_net::task::spawn("rebalance", {
        let control = control.clone();
        async move { control.rebalance().await }
    });
    acknowledge(&mut right, "SUBSCRIBE", r#""a@x""#).await;
    right.send(&event("a@x", 40)).await;
    let id = asked(&mut left, "LIST_SUBSCRIPTIONS").await;
    assert_eq!(came(&mut stream).await, [""; 0], "30 may be on its way");
    // The room on the other connection is taken although the stream is not there yet.
    let adding = binance_kit_net::task::spawn("subscribe", {
        let control = control.clone();
        async move { control.subscribe(topics(["d@x", "e@x"])).await }
    });
    acknowledge(&mut left, "SUBSCRIBE", r#""d@x""#).await;
    let mut third = accept(&mut connections).await;
    third.answer_list(&["e@x"]).await;
    adding.join().await.unwrap().unwrap();
    left.send(&event("a@x", 30)).await;
    list(&mut left, id, r#""a@x","d@x""#).await;
    assert_eq!(came(&mut stream).await, ["connected 0", "a@x 30", "a@x 40"]);
    acknowledge(&mut left, "UNSUBSCRIBE", r#""a@x""#).await;
    moving.join().await.unwrap().unwrap();
    right.send(&event("a@x", 50)).await;
    assert_eq!(came(&mut stream).await, ["a@x 50"]);
    let connections = control.status().await.connections;
    let sizes: Vec<usize> = connections.iter().map(|connection| connection.streams).collect();
    assert_eq!(sizes, [1, 2, 1]);
    // The answer to a listing alone is longer than that.
    assert!(connections.iter().all(|connection| connection.bytes > 20), "{connections:?}");
}

/// A stream of `a@x` that is being replaced, with the server of its connection and that of the successor.
async fn rotating(
    connections: &mut Connections,
    stream: &mut EventStream<Step>,
    first: &mut Server,
) -> Server {
    let control = stream.control();
    let _rotating = binance_kit_net::task::spawn("rotate", async move { control.rotate().await });
    let mut second = accept(connections).await;
    second.answer_list(&["a@x"]).await;
    first.send(&event("a@x", 10)).await;
    second
}

async fn subscribed(config: StreamConfig) -> (EventStream<Step>, Server, Connections) {
    let (context, mut connections) = server::context_by_endpoint();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, first) = tokio::join!(client.subscribe(topics(["a@x"])), async {
        let mut first = accept(&mut connections).await;
        first.answer_list(&["a@x"]).await;
        first
    });
    (stream.unwrap(), first, connections)
}

#[tokio::test(start_paused = true)]
async fn d1_a_connection_that_is_lost_while_it_is_replaced_has_its_successor_take_over() {
    let (mut stream, mut first, mut connections) = subscribed(StreamConfig::default()).await;
    let second = &mut rotating(&mut connections, &mut stream, &mut first).await;
    asked(&mut first, "LIST_SUBSCRIPTIONS").await;
    assert_eq!(came(&mut stream).await, ["connected 0", "rotating", "a@x 10"]);
    drop(first);
    assert_eq!(came(&mut stream).await, ["rotated 1"]);
    let status = stream.control().status().await;
    assert_eq!((status.rotations, status.disconnects), (1, 1));
    // What the lost connection had not delivered yet is not known; what follows is complete.
    second.send(&event("a@x", 40)).await;
    second.send(&event("a@x", 50)).await;
    assert_eq!(came(&mut stream).await, ["a@x gap 11-39", "a@x 40", "a@x 50"]);
    // The one after it has a number of its own.
    second.close(1000).await;
    let mut third = accept(&mut connections).await;
    third.answer_list(&["a@x"]).await;
    let came = came(&mut stream).await;
    assert!(came.contains(&"connected 2".to_owned()), "{came:?}");
}

#[tokio::test(start_paused = true)]
async fn d1_a_successor_without_the_events_of_its_predecessor_gets_three_times_to_deliver_them() {
    let config = StreamConfig { overlap_timeout: Duration::from_secs(4), ..StreamConfig::default() };
    let (mut stream, mut first, mut connections) = subscribed(config).await;
    let mut second = rotating(&mut connections, &mut stream, &mut first).await;
    first.answer_list(&["a@x"]).await;
    let fenced = Instant::now();
    let mut renewed = Vec::new();
    let predecessor = async {
        for id in 11.. {
            first.send(&event("a@x", id)).await;
            let _ = tokio::time::timeout(Duration::from_millis(100), first.text()).await;
        }
    };
    let successor = async {
        while let Some(text) = second.text().await {
            if text.contains("UNSUBSCRIBE") {
                renewed.push(fenced.elapsed().as_secs());
            }
            second.send(&format!(r#"{{"result":null,"id":{}}}"#, server::id_of(&text))).await;
        }
    };
    tokio::select! {
        () = predecessor => {}
        () = successor => {}
    }
    assert_eq!((renewed, fenced.elapsed().as_secs()), (vec![4, 8], 12));
}
