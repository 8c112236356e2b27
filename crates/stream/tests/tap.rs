//! Whoever wants to see frames as they came.

#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::tap::{FrameTap, Mark, Payload};
use binance_kit_core::{DecodeError, StreamEvent};
use binance_kit_stream::{Item, StreamClient, StreamConfig};
use common::{Server, context, environment, topics};
use std::sync::{Arc, Mutex};

/// An event of which nothing is read.
#[derive(Debug)]
struct Anything;

impl StreamEvent for Anything {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        frame.data.object().map(|_| Self)
    }
}

/// Keeps what it is shown, with connections by the order in which they came up.
#[derive(Debug, Default)]
struct Kept(Mutex<(Vec<u64>, Vec<String>)>);

impl Kept {
    fn push(&self, at: u64, connection: u64, text: &str) {
        let mut kept = self.0.lock().unwrap();
        if !kept.0.contains(&connection) {
            kept.0.push(connection);
        }
        let place = kept.0.iter().position(|known| *known == connection).unwrap();
        let since = at - 1_700_000_000_000_000_000;
        kept.1.push(format!("{since} {place} {text}"));
    }
}

impl FrameTap for Kept {
    fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>) {
        match payload {
            Payload::Text(text) => self.push(received_nanos, connection, text),
            Payload::Binary(bytes) => self.push(received_nanos, connection, &format!("{bytes:?}")),
        }
    }

    fn mark(&self, at_nanos: u64, connection: u64, mark: Mark) {
        self.push(at_nanos, connection, &format!("{mark:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn every_frame_is_shown_before_anything_reads_it() {
    let (context, mut connections) = context();
    let kept = Arc::new(Kept::default());
    let config = StreamConfig { tap: Some(Arc::clone(&kept) as _), ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Anything>(["a@x"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@x"]).await;
        server
    });
    let mut stream = stream.unwrap();
    server.send(r#"{"stream":"a@x","data":{}}"#).await;
    server.send("no JSON").await;
    server.send(r#"{"stream":"b@not-wanted","data":{}}"#).await;
    let mut malformed = 0;
    let mut events = 0;
    while malformed == 0 {
        match stream.next().await.unwrap() {
            Item::Event(_) => events += 1,
            Item::Malformed(_) => malformed += 1,
            _ => {}
        }
    }
    assert_eq!(events, 1);
    // The connection is lost, and the next one has another number.
    drop(server);
    let (again, _server) = tokio::join!(
        async {
            loop {
                if let Item::Event(event) = stream.next().await.unwrap() {
                    break event.connection.generation;
                }
            }
        },
        async {
            let mut server = Server::accept(&mut connections).await;
            server.answer_list(&["a@x"]).await;
            server.send(r#"{"stream":"a@x","data":{"again":1}}"#).await;
            server
        }
    );
    assert_eq!(again, 1);
    stream.close().await;
    let kept = kept.0.lock().unwrap().1.clone();
    let texts: Vec<&str> = kept.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    assert_eq!(
        texts,
        [
            "0 Connected",
            r#"0 {"result":["a@x"],"id":1}"#,
            r#"0 {"stream":"a@x","data":{}}"#,
            "0 no JSON",
            r#"0 {"stream":"b@not-wanted","data":{}}"#,
            "0 Disconnected",
            "1 Connected",
            r#"1 {"result":["a@x"],"id":1}"#,
            r#"1 {"stream":"a@x","data":{"again":1}}"#,
            "1 Disconnected",
        ]
    );
    assert!(kept.is_sorted_by_key(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap()));
}
