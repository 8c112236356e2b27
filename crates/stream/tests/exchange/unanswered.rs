//! Row G7: servers that answer no control messages, or stop answering.

use crate::common::{Kept, environment};
use crate::server::{self, Server, topics};
use binance_kit_core::ErrorKind;
use binance_kit_stream::{
    ControlMethod, EventStream, Item, RotationReason, StateChange, StreamClient, StreamConfig, Unanswered,
};
use fastwebsockets::{Frame, OpCode, Payload};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::Instant;

type Connections = tokio::sync::mpsc::UnboundedReceiver<tokio::io::DuplexStream>;

fn trade(stream: &str, id: u32) -> String {
    let data = format!(r#"{{"e":"trade","E":1,"s":"A","t":{id},"p":"1","q":"1","T":1,"m":true,"M":true}}"#);
    format!(r#"{{"stream":"{stream}","data":{data}}}"#)
}

fn client() -> (StreamClient, Connections) {
    let (context, connections) = server::context();
    (StreamClient::new(&context, &environment()).unwrap(), connections)
}

/// What came within a time.
#[derive(Debug, Default)]
struct Seen {
    events: u32,
    unanswered: Vec<(ControlMethod, Vec<String>)>,
    states: Vec<String>,
}

impl Seen {
    fn take(&mut self, item: Item<Kept>) {
        match item {
            Item::Event(_) => self.events += 1,
            Item::Unanswered(Unanswered { method, streams, waited, .. }) => {
                assert!(waited >= Duration::from_secs(10), "{waited:?}");
                self.unanswered.push((method, streams.iter().map(ToString::to_string).collect()));
            }
            Item::State(StateChange::Connected { generation, .. }) => {
                self.states.push(format!("connected {generation}"));
            }
            Item::State(StateChange::Rotating { reason, .. }) => {
                self.states.push(format!("rotating {reason:?}"));
            }
            other => self.states.push(other.to_string()),
        }
    }

    async fn listen(&mut self, stream: &mut EventStream<Kept>, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
            self.take(item);
        }
    }
}

/// Sends an event of each of these streams every half second, and reads what is sent without answering it.
async fn deliver(server: &mut Server, streams: &[&str], next: &Cell<u32>) {
    loop {
        let id = next.replace(next.get() + 1);
        for stream in streams {
            server.send(&trade(stream, id)).await;
        }
        let _ = tokio::time::timeout(Duration::from_millis(500), server.text()).await;
    }
}

/// Sends to a client that may have closed the connection.
async fn offer(server: &mut Server, text: &str) {
    let frame = Frame::text(Payload::Borrowed(text.as_bytes()));
    let _ = tokio::time::timeout(Duration::from_millis(10), server.socket.write_frame(frame)).await;
}

#[tokio::test(start_paused = true)]
async fn g7_events_of_streams_in_the_url_need_no_list() {
    let (client, mut connections) = client();
    let begun = Instant::now();
    let (stream, mut server) =
        tokio::join!(client.subscribe(topics::<Kept>(["a@trade", "b@trade"])), async {
            let mut server = Server::accept(&mut connections).await;
            for id in 0..50 {
                server.send(&trade("a@trade", id)).await;
                server.send(&trade("b@trade", id)).await;
            }
            server
        });
    let mut stream = stream.unwrap();
    let mut seen = Seen::default();
    seen.listen(&mut stream, Duration::from_millis(10)).await;
    assert!(begun.elapsed() < Duration::from_millis(100), "at once: {:?}", begun.elapsed());
    assert_eq!((seen.events, &seen.states[..]), (100, &["connected 0".to_owned()][..]));
    let next = Cell::new(50);
    tokio::select! {
        () = deliver(&mut server, &["a@trade", "b@trade"], &next) => {}
        () = seen.listen(&mut stream, Duration::from_secs(60)) => {}
    }
    assert!(seen.events > 300, "{}", seen.events);
    assert_eq!(seen.unanswered, [(ControlMethod::List, Vec::new())], "once, and nothing is in doubt");
    assert_eq!(seen.states.len(), 1, "{:?}", seen.states);
}

#[tokio::test(start_paused = true)]
async fn g7_a_quiet_stream_beside_a_busy_one_keeps_no_events_back() {
    let (client, mut connections) = client();
    let begun = Instant::now();
    let (mut server, next) = (None, Cell::new(0));
    let accepting = async {
        let server = server.insert(Server::accept(&mut connections).await);
        deliver(server, &["a@trade"], &next).await;
    };
    let stream = tokio::select! {
        stream = client.subscribe(topics::<Kept>(["a@trade", "quiet@trade"])) => stream.unwrap(),
        () = accepting => panic!("it delivers for ever"),
    };
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let (mut stream, mut seen) = (stream, Seen::default());
    tokio::select! {
        () = deliver(server.as_mut().unwrap(), &["a@trade"], &next) => {}
        () = seen.listen(&mut stream, Duration::from_secs(20)) => {}
    }
    assert!(seen.events > 20);
    assert_eq!(seen.unanswered, [(ControlMethod::List, vec!["quiet@trade".to_owned()])]);
    assert_eq!(seen.states, ["connected 0"]);
}

#[tokio::test(start_paused = true)]
async fn g7_a_server_that_answers_pings_only_is_an_item_and_no_failure() {
    let (client, mut connections) = client();
    let begun = Instant::now();
    let serving = async {
        let mut server = Server::accept(&mut connections).await;
        server.socket.set_auto_pong(true);
        let _ =
            tokio::time::timeout(Duration::from_secs(11), async { while server.text().await.is_some() {} })
                .await;
        server
    };
    let (subscribed, mut server) = tokio::join!(
        async {
            let stream = client.subscribe(topics::<Kept>(["a@trade"])).await.unwrap();
            (stream, begun.elapsed())
        },
        serving
    );
    let (mut stream, waited) = subscribed;
    assert_eq!(waited, Duration::from_secs(10));
    server.send(&trade("a@trade", 1)).await;
    let mut seen = Seen::default();
    seen.listen(&mut stream, Duration::from_secs(1)).await;
    assert_eq!(seen.unanswered, [(ControlMethod::List, vec!["a@trade".to_owned()])]);
    assert_eq!((seen.events, seen.states), (1, vec!["connected 0".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn g7_calls_fail_where_nothing_is_answered_and_the_connection_stays() {
    let (client, mut connections) = client();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.send(&trade("a@trade", 0)).await;
        server
    });
    let mut stream = stream.unwrap();
    let control = stream.control();
    let (mut seen, next) = (Seen::default(), Cell::new(1));
    let calls = async {
        let call = control.subscribe(topics(["b@trade"])).await;
        assert_eq!(call.unwrap_err().kind(), ErrorKind::NotAcknowledged);
        let call = control.unsubscribe(topics(["a@trade"])).await;
        assert_eq!(call.unwrap_err().kind(), ErrorKind::NotAcknowledged);
    };
    tokio::select! {
        () = deliver(&mut server, &["a@trade"], &next) => {}
        () = seen.listen(&mut stream, Duration::from_secs(3600)) => {}
        () = calls => {}
    }
    seen.listen(&mut stream, Duration::from_millis(1)).await;
    let methods: Vec<ControlMethod> = seen.unanswered.iter().map(|(method, _)| *method).collect();
    assert_eq!(
        methods.iter().filter(|method| **method == ControlMethod::Subscribe).count(),
        1,
        "{methods:?}"
    );
    assert!(methods.contains(&ControlMethod::Unsubscribe), "{methods:?}");
    assert_eq!(seen.states, ["connected 0"]);
}

#[tokio::test(start_paused = true)]
async fn g7_a_connection_is_replaced_without_the_lists() {
    let (client, mut connections) = client();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.send(&trade("a@trade", 0)).await;
        server
    });
    let mut stream = stream.unwrap();
    let control = stream.control();
    let mut seen = Seen::default();
    let serving = async {
        let mut new = Server::accept(&mut connections).await;
        for id in 1..200 {
            offer(&mut server, &trade("a@trade", id)).await;
            new.send(&trade("a@trade", id)).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        new
    };
    tokio::select! {
        rotated = async { tokio::join!(control.rotate(), seen.listen(&mut stream, Duration::from_secs(40))).0 } => rotated.unwrap(),
        _ = serving => panic!("it is not replaced"),
    }
    assert!(seen.states.iter().any(|state| state.contains("rotated")), "{:?}", seen.states);
    assert!(
        !seen.states.iter().any(|state| state.contains("gap") || state.contains("disconnected")),
        "{seen:?}"
    );
    assert!(seen.events > 60, "{}", seen.events);
}

#[tokio::test(start_paused = true)]
async fn g7_a_server_that_stops_answering_is_replaced_without_a_loss() {
    let (context, mut connections) = server::context();
    let config = StreamConfig { ping_every: None, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let mut stream = stream.unwrap();
    let control = stream.control();
    let mut seen = Seen::default();
    let serving = async {
        let (mut new, mut id) = (None::<Server>, 0);
        loop {
            id += 1;
            // The old one goes when the new one has taken its place.
            let frame = trade("a@trade", id);
            offer(&mut server, &frame).await;
            if let Some(new) = &mut new {
                new.send(&frame).await;
            } else if let Ok(io) = connections.try_recv() {
                let mut server = Server::upgrade(io).await;
                server.answer_list(&["a@trade"]).await;
                new = Some(server);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let calling = async {
        let call = control.subscribe(topics(["b@trade"])).await;
        assert_eq!(call.unwrap_err().kind(), ErrorKind::NotAcknowledged);
        tokio::time::sleep(Duration::from_secs(40)).await;
    };
    tokio::select! {
        () = serving => {}
        () = seen.listen(&mut stream, Duration::from_secs(3600)) => {}
        () = calling => {}
    }
    assert_eq!(seen.unanswered[0], (ControlMethod::Subscribe, vec!["b@trade".to_owned()]));
    assert_eq!(
        seen.states[..2],
        ["connected 0".to_owned(), format!("rotating {:?}", RotationReason::Unanswered)]
    );
    assert!(seen.states[2].contains("rotated"), "{:?}", seen.states);
    assert!(seen.states.len() == 3 && seen.events > 80, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_read_while_an_answer_was_waited_for_comes_before_the_end() {
    let (context, mut connections) = server::context();
    let config = StreamConfig { queue: 1, ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let (mut stream, mut seen) = (stream.unwrap(), Seen::default());
    let control = stream.control();
    let calling = binance_kit_net::task::spawn("subscribe", {
        let control = control.clone();
        async move { control.subscribe(topics(["b@trade"])).await }
    });
    // There is room for one of them, and no consumer.
    for id in 1..=5 {
        server.send(&trade("a@trade", id)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        tokio::join!(control.close(), server.idle());
        calling.join().await
    });
    assert!(closed.await.unwrap().unwrap().is_err());
    seen.listen(&mut stream, Duration::from_secs(5)).await;
    assert!(stream.next().await.is_none());
    assert_eq!((seen.events, seen.states), (5, vec!["connected 0".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn pings_come_as_often_as_is_set() {
    let (context, mut connections) = server::context();
    // Sooner than an answer may take.
    let config = StreamConfig { ping_every: Some(Duration::from_secs(2)), ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let _stream = stream.unwrap();
    server.socket.set_auto_pong(false);
    let mut pinged = Vec::new();
    while pinged.len() < 10 {
        let read = tokio::time::timeout(Duration::from_secs(20), server.socket.read_frame()).await;
        let frame = read.expect("no ping came").unwrap();
        if frame.opcode == OpCode::Ping {
            pinged.push(Instant::now());
            let answer = Frame::pong(frame.payload.to_vec().into());
            server.socket.write_frame(answer).await.unwrap();
        }
    }
    let waits: Vec<u64> = pinged.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(waits, [2; 9]);
}
