//! What a hostile peer can make a stream keep, from the peer to the consumer, as the allocator counts it. A program of its own:
//! the allocator counts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{Api, DecodeError, Decoder, RawEvent, Sequence, StreamEvent, StreamInfo, Topic};
use binance_kit_model::spot;
use binance_kit_stream::{
    Backfill, EventStream, Fetching, Item, Missing, Overflow, StreamClient, StreamConfig,
};
use common::{Server, context, environment};
use fastwebsockets::{Frame, Payload};
use std::time::Duration;

const MIB: usize = 1 << 20;

/// Runs a test in paused time. Gives the bytes allocated at the peak, and those still allocated at the end, when what the test
/// gives back is still there.
fn measured<T>(test: impl AsyncFnOnce() -> T) -> (usize, usize) {
    let mut kept = None;
    let counts = allocation_counter::measure(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let value = runtime.block_on(test());
        kept = Some((value, runtime));
    });
    drop(kept);
    (usize::try_from(counts.bytes_max).unwrap(), usize::try_from(counts.bytes_current.max(0)).unwrap())
}

/// A stream of one topic, and the server's end.
async fn subscribed<E: StreamEvent>(
    config: StreamConfig,
    topic: Topic<E>,
    name: &str,
) -> (EventStream<E>, Server) {
    let (context, mut connections) = context();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, server) = tokio::join!(client.subscription().backfill(Never).subscribe([topic]), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&[name]).await;
        server
    });
    (stream.unwrap(), server)
}

/// Fetches missing events, and does not come to an end.
struct Never;

impl<E: Send + 'static> Backfill<E> for Never {
    fn can_fetch(&self, _: &StreamInfo) -> bool {
        true
    }

    fn fetch(&self, _: Missing) -> Fetching<E> {
        Box::pin(std::future::pending())
    }
}

/// A large event with an id.
struct Numbered {
    id: u64,
    text: String,
}

impl StreamEvent for Numbered {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let field = |name| frame.data.get(name).ok_or_else(|| DecodeError::missing(name));
        Ok(Self { id: field("n")?.as_u64()?, text: field("text")?.as_str()?.to_owned() })
    }

    fn heap_size(&self) -> Option<usize> {
        Some(self.text.capacity())
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Id(self.id))
    }
}

/// Sends the same frame so many times, as far as the client takes it.
async fn flood(server: &mut Server, frame: &str, times: usize) -> usize {
    for sent in 0..times {
        let payload = Payload::Borrowed(frame.as_bytes());
        let write = server.socket.write_frame(Frame::text(payload));
        match tokio::time::timeout(Duration::from_secs(1), write).await {
            Ok(Ok(())) => {}
            _ => return sent,
        }
    }
    times
}

fn unknown(size: usize) -> String {
    let text = "x".repeat(size);
    format!(r#"{{"stream":"a@trade","data":{{"e":"somethingNew","text":"{text}"}}}}"#)
}

/// An update of the book with as many levels as fit into `size` bytes, as short as levels can be.
fn depth(size: usize) -> String {
    let levels = vec![r#"["1","2"]"#; size / 10].join(",");
    let data = format!(r#"{{"e":"depthUpdate","E":1,"s":"A","U":1,"u":1,"b":[{levels}],"a":[]}}"#);
    format!(r#"{{"stream":"a@depth","data":{data}}}"#)
}

fn raw() -> Topic<RawEvent> {
    Topic::raw(Api::Spot, "a@trade")
}

/// What a frame of 1 MiB may take beside the budget: at the test's server, in the socket, and while it is read.
const READING: usize = 14 * MIB;

/// What may be left once all was read: the pipe between the test's server and the client keeps its capacity, 1 MiB; the rest is
/// the connection's.
const LEFT: usize = MIB + MIB / 4;

#[test]
fn k11_a_slow_consumer_of_large_unknown_events_holds_what_it_may_under_each_policy() {
    for overflow in
        [Overflow::Block, Overflow::DropOldest, Overflow::DropNewest, Overflow::KeepLatest, Overflow::Fail]
    {
        let (peak, left) = measured(async || {
            let config = StreamConfig { queue_bytes: 4 * MIB, overflow, ..StreamConfig::default() };
            let (mut stream, mut server) = subscribed(config, raw(), "a@trade").await;
            let sent = flood(&mut server, &unknown(MIB / 4), 60).await;
            assert!(overflow == Overflow::Block || overflow == Overflow::Fail || sent == 60, "{sent}");
            let status = stream.control().status().await;
            assert!(status.queued_bytes <= 5 * MIB, "{status:?}");
            // What was dropped is reported.
            let (mut events, mut lost) = (0, 0);
            while let Some(item) = stream.try_next() {
                match item {
                    Item::Event(_) => events += 1,
                    Item::Lagged(lagged) => lost += lagged.count,
                    Item::Overflowed(overflowed) => lost += overflowed.count,
                    _ => {}
                }
            }
            assert!((1..20).contains(&events), "{overflow:?}: {events}");
            match overflow {
                Overflow::Block => assert_eq!(lost, 0),
                Overflow::Fail => assert_eq!(lost, 1),
                _ => assert_eq!(events + lost, 60, "{overflow:?}"),
            }
        });
        println!("{overflow:?}: {} KiB at the peak, {} KiB left", peak >> 10, left >> 10);
        assert!(peak < 4 * MIB + READING / 4 + 2 * MIB, "{overflow:?}: {peak}");
        // What waits behind a queue that blocks is in the pipe, and at the server.
        let waiting = if overflow == Overflow::Block { 2 * MIB } else { 0 };
        assert!(left < LEFT + waiting, "{overflow:?}: {left}");
    }
}

#[test]
fn k11_a_slow_consumer_of_huge_books_holds_what_it_may() {
    let (peak, left) = measured(async || {
        let config =
            StreamConfig { queue_bytes: 64 * MIB, overflow: Overflow::DropOldest, ..StreamConfig::default() };
        let topic = Topic::<spot::DepthEvent>::raw(Api::Spot, "a@depth");
        let (mut stream, mut server) = subscribed(config, topic, "a@depth").await;
        // Those with the same ids are copies: each has its own.
        let frame = depth(MIB);
        for id in 1..31 {
            let frame = frame.replace(r#""U":1,"u":1"#, &format!(r#""U":{id},"u":{id}"#));
            assert_eq!(flood(&mut server, &frame, 1).await, 1);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (mut events, mut lost) = (0, 0);
        while let Some(item) = stream.try_next() {
            match item {
                Item::Event(event) => {
                    assert!(event.bids.len() > 100_000);
                    events += 1;
                }
                Item::Lagged(lagged) => lost += lagged.count,
                _ => {}
            }
        }
        assert_eq!(events + lost, 30);
        assert!(events > 1, "{events}");
    });
    println!("{} KiB at the peak, {} KiB left", peak >> 10, left >> 10);
    assert!(peak < 64 * MIB + READING, "{peak}");
    assert!(left < LEFT, "{left}");
}

#[test]
fn k11_events_that_wait_for_their_order_hold_what_they_may() {
    let (peak, left) = measured(async || {
        let config = StreamConfig {
            queue_bytes: 8 * MIB,
            max_held_bytes: 8 * MIB,
            overflow: Overflow::DropOldest,
            ..StreamConfig::default()
        };
        let topic = Topic::<Numbered>::raw(Api::Spot, "a@trade");
        let (mut stream, mut server) = subscribed(config, topic, "a@trade").await;
        let text = "x".repeat(MIB / 4);
        for id in [1].into_iter().chain(3..103) {
            let frame = format!(r#"{{"stream":"a@trade","data":{{"n":{id},"text":"{text}"}}}}"#);
            assert_eq!(flood(&mut server, &frame, 1).await, 1);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (mut events, mut lost, mut gaps) = (0, 0, 0);
        while let Some(item) = stream.try_next() {
            match item {
                Item::Event(_) => events += 1,
                Item::Lagged(lagged) => lost += lagged.count,
                Item::Gap(_) => gaps += 1,
                _ => {}
            }
        }
        assert_eq!((events + lost, gaps), (101, 1));
    });
    println!("{} KiB at the peak, {} KiB left", peak >> 10, left >> 10);
    assert!(peak < 16 * MIB + READING, "{peak}");
    assert!(left < LEFT, "{left}");
}

#[test]
fn k12_one_frame_takes_a_few_times_its_size_and_gives_it_back() {
    // Two bytes for each number, which nothing that the exchange sends has; and an unknown event of that size.
    let numbers = format!("{{\"stream\":\"a@trade\",\"data\":[{}1]}}", "1,".repeat((4 * MIB - 100) / 2));
    // As many values as a text of this length may have.
    let dense = format!(
        "{{\"stream\":\"a@trade\",\"data\":{{\"l\":[{}1]}}}}",
        "\"abc\",".repeat((4 * MIB - 100) / 6)
    );
    let frames = [
        ("nothing", unknown(10)),
        ("numbers", numbers),
        ("unknown", unknown(4 * MIB - 100)),
        ("dense", dense),
    ];
    for (name, frame) in frames {
        let (peak, left) = measured(async || {
            let (mut stream, mut server) = subscribed(StreamConfig::default(), raw(), "a@trade").await;
            let connected = stream.next().await;
            assert!(matches!(connected, Some(Item::State(_))), "{connected:?}");
            assert_eq!(flood(&mut server, &frame, 1).await, 1);
            match (name, stream.next().await) {
                ("numbers", Some(Item::Malformed(malformed))) => {
                    assert!(malformed.raw.len() <= 16 << 10, "{}", malformed.error);
                }
                ("nothing", Some(Item::Event(_))) => {}
                ("unknown" | "dense", Some(Item::Event(event))) => assert!(event.json.len() > 4 * MIB - 200),
                (_, other) => panic!("{name}: {other:?}"),
            }
            // The connection lives on.
            assert_eq!(flood(&mut server, &unknown(10), 1).await, 1);
            assert!(matches!(stream.next().await, Some(Item::Event(_))));
            (stream, server)
        });
        println!(
            "{name}: {} KiB at the peak of {} KiB, {} KiB left",
            peak >> 10,
            frame.len() >> 10,
            left >> 10
        );
        let factor = match name {
            "nothing" => continue,
            "numbers" => 3,
            "unknown" => 10,
            _ => 18,
        };
        assert!(peak < factor * frame.len(), "{name}: {peak}");
        assert!(left < LEFT, "{name}: {left}");
    }
}

#[test]
fn k12_a_large_answer_takes_a_few_times_its_size_and_gives_it_back() {
    let filter = r#"{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"100.00","tickSize":"0.01"}"#;
    let row = r#"[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499644799999]"#;
    for (name, element) in [("exchangeInfo", filter), ("klines", row)] {
        let elements = vec![element; 15 * MIB / (element.len() + 1)].join(",");
        let text = format!(r#"{{"id":1,"status":200,"result":[{elements}]}}"#);
        let mut decoder = Decoder::new();
        let counts = allocation_counter::measure(|| {
            decoder.parse(text.as_bytes(), |value| value.get("result").unwrap().array().map(drop)).unwrap();
        });
        let peak = usize::try_from(counts.bytes_max).unwrap();
        println!(
            "{name}: {} KiB at the peak of {} KiB, {} B left",
            peak >> 10,
            text.len() >> 10,
            counts.bytes_current
        );
        assert!(peak < 10 * text.len(), "{name}: {peak}");
        assert!(counts.bytes_current < 64 << 10, "{name}: {}", counts.bytes_current);
    }
}
