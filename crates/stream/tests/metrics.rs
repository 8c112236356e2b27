//! The values that the `metrics` facade receives.
#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::cast_precision_loss, reason = "counts of a test are small")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, StreamEvent, Timestamp};
use binance_kit_stream::{Item, Lagged, Overflow, StreamClient, StreamConfig};
use common::{Server, context, environment, topics};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An event that says when it happened.
#[derive(Debug)]
struct Dated(Timestamp);

impl StreamEvent for Dated {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let time = frame.data.get("E").ok_or_else(|| DecodeError::missing("E"))?;
        time.as_i64().map(|time| Self(Timestamp::from_wire(time)))
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.0)
    }
}

/// Sums of counters, values of gauges, and all values of histograms, by name.
type Values = Arc<Mutex<BTreeMap<String, Vec<f64>>>>;

/// Keeps everything.
#[derive(Debug, Clone, Default)]
struct Kept(Values);

#[derive(Debug)]
struct Cell(Values, String);

impl Cell {
    fn change(&self, change: impl FnOnce(&mut Vec<f64>)) {
        change(self.0.lock().unwrap().entry(self.1.clone()).or_default());
    }

    fn add(&self, value: f64) {
        self.change(|values| match values.first_mut() {
            Some(sum) => *sum += value,
            None => values.push(value),
        });
    }
}

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Cell {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, value: f64) {
        self.change(|values| *values = vec![value]);
    }
}

impl HistogramFn for Cell {
    fn record(&self, value: f64) {
        self.change(|values| values.push(value));
    }
}

impl Kept {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
        let name = format!("{}{{{}}}", key.name(), labels.collect::<Vec<_>>().join(","));
        Arc::new(Cell(Arc::clone(&self.0), name))
    }

    /// The values of a metric of this connection.
    fn of(&self, name: &str, more: &str) -> Vec<f64> {
        let name = format!("binance_kit_stream_{name}{{endpoint=ws://127.0.0.1:1{more}}}");
        self.0.lock().unwrap().get(&name).cloned().unwrap_or_default()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

#[tokio::test(start_paused = true)]
async fn everything_is_counted() {
    let kept = Kept::default();
    let (context, mut connections) = context();
    // The exchange's clock is 50 ms ahead, known to 20 ms.
    let now = context.clock().now();
    let exchange = now.plus(Duration::from_millis(70));
    let received = now.plus(Duration::from_millis(20));
    context.clock().observe_exchange_time("host", exchange, now, received).unwrap();
    assert_eq!(context.clock().offset_micros(), 50_000);
    let config = StreamConfig { queue: 2, overflow: Overflow::DropNewest, ..StreamConfig::default() };
    let client = metrics::with_local_recorder(&kept, || {
        StreamClient::builder(&context, &environment()).config(config).build().unwrap()
    });
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<Dated>(["a@x"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@x"]).await;
        server
    });
    let mut stream = stream.unwrap();
    let frame = |millis: i64| format!(r#"{{"stream":"a@x","data":{{"E":{millis}}}}}"#);
    let start = context.clock().exchange_now().as_millis();
    // One 30 ms old, and three that wait for a second, of which two find no room.
    tokio::time::sleep(Duration::from_millis(30)).await;
    server.send(&frame(start)).await;
    while !matches!(stream.next().await.unwrap(), Item::Event(_)) {}
    for number in 0..4 {
        server.send(&frame(start + 30 + number)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut events = 0;
    loop {
        match stream.next().await.unwrap() {
            Item::Event(_) => events += 1,
            Item::Lagged(Lagged { count, .. }) => {
                assert_eq!((events, count), (2, 2));
                break;
            }
            _ => {}
        }
    }
    // What goes to a handle of its own counts as well.
    let mut part = stream.split(topics(["a@x"])).unwrap();
    server.send(&frame(start + 1030)).await;
    assert!(matches!(part.next().await.unwrap(), Item::Event(_)));
    drop(part);
    server.send("no JSON").await;
    while !matches!(stream.next().await.unwrap(), Item::Malformed(_)) {}
    assert_eq!(kept.of("connections", ""), [1.0]);
    drop((server, connections));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(kept.of("connect_failures_total", "")[0] >= 1.0);
    drop(stream);
    tokio::task::yield_now().await;
    for (name, value) in [
        ("connections", 0.0),
        ("connects_total", 1.0),
        ("disconnects_total", 1.0),
        ("messages_total", 8.0),
        ("malformed_total", 1.0),
        ("lagged_total", 2.0),
        ("clock_offset_error_seconds", 0.02),
    ] {
        assert_eq!(kept.of(name, ""), [value], "{name}");
    }
    assert!(kept.of("bytes_total", "")[0] > 200.0);
    let age = kept.of("event_age_seconds", "");
    assert_eq!((age.len(), age[0]), (6, 0.03), "{age:?}");
    let deliver = kept.of("deliver_seconds", "");
    assert_eq!(deliver, [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(kept.of("decode_seconds", "").len(), 6);
    assert_eq!(kept.of("rotations_total", ""), [0.0; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_to_its_successor_counts_as_replaced() {
    let kept = Kept::default();
    let (context, mut connections) = context();
    let client = metrics::with_local_recorder(&kept, || StreamClient::new(&context, &environment()).unwrap());
    let (stream, first) = tokio::join!(client.subscribe(topics::<Dated>(["a@x"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@x"]).await;
        server
    });
    let stream = stream.unwrap();
    let control = stream.control();
    let _rotating = binance_kit_net::task::spawn("rotate", async move { control.rotate().await });
    let mut second = Server::accept(&mut connections).await;
    second.answer_list(&["a@x"]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(first);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((kept.of("rotations_total", ""), kept.of("disconnects_total", "")), (vec![1.0], vec![1.0]));
}

#[tokio::test(start_paused = true)]
async fn events_on_the_short_way_are_counted_as_on_the_general_one() {
    const EVENTS: u64 = 600;
    let kept = Kept::default();
    let (context, mut connections) = context();
    let client = metrics::with_local_recorder(&kept, || StreamClient::new(&context, &environment()).unwrap());
    let (stream, mut server) =
        tokio::join!(client.pull(topics::<binance_kit_model::spot::TradeEvent>(["btcusdt@trade"])), async {
            let mut server = Server::accept(&mut connections).await;
            server.answer_list(&["btcusdt@trade"]).await;
            server
        });
    let mut stream = stream.unwrap();
    let before = kept.of("messages_total", "")[0];
    for id in 0..EVENTS {
        let event = format!(
            r#"{{"e":"trade","E":1700000000000,"s":"BTCUSDT","t":{id},"p":"1","q":"1","T":1700000000000,"m":true,"M":true}}"#
        );
        server.send(&format!(r#"{{"stream":"btcusdt@trade","data":{event}}}"#)).await;
    }
    let mut events = 0;
    while events < EVENTS {
        events += u64::from(matches!(stream.next().await, Some(Item::Event(_))));
    }
    assert_eq!(kept.of("messages_total", ""), [before + EVENTS as f64]);
    for histogram in ["event_age_seconds", "decode_seconds", "deliver_seconds"] {
        assert_eq!(kept.of(histogram, "").len() as u64, EVENTS, "{histogram}");
    }
}
