//! Rows K1 to K3: consumers that are too slow.

use crate::common::{Received, environment, world};
use crate::server::{self, Server, topics};
use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, Sequence, StreamEvent};
use binance_kit_stream::{EventStream, Item, Lagged, Overflow, Overflowed, StreamClient, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A numbered event.
#[derive(Debug)]
struct Tick(u64);

impl StreamEvent for Tick {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?.as_u64().map(Self)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Id(self.0))
    }
}

struct Slow {
    stream: EventStream<Tick>,
    sent: Arc<AtomicU64>,
    /// Sends as long as it is kept, 5 events a second.
    feed: binance_kit_net::task::Task<()>,
}

async fn slow(overflow: Overflow) -> Slow {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let subscription = client.subscription::<Tick>().overflow(overflow).queue(100);
    let (stream, mut server) = tokio::join!(subscription.subscribe(topics(["a@trade", "b@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade", "b@trade"]).await;
        server
    });
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let feed = binance_kit_net::task::spawn("feed", async move {
        let _connections = connections;
        for number in 0_u64.. {
            let name = if number % 2 == 0 { "a" } else { "b" };
            let id = number / 2;
            let text = format!(r#"{{"stream":"{name}@trade","data":{{"n":{id}}}}}"#);
            let frame = fastwebsockets::Frame::text(text.into_bytes().into());
            if server.socket.write_frame(frame).await.is_err() {
                return;
            }
            counter.store(number + 1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    Slow { stream: stream.unwrap(), sent, feed }
}

#[derive(Default, Debug)]
struct Count {
    events: u64,
    lagged: u64,
    overflowed: u64,
    last: [Option<u64>; 2],
    skipped: u64,
}

impl Count {
    fn take(&mut self, item: Item<Tick>) {
        match item {
            Item::Event(event) => {
                let last = &mut self.last[usize::from(event.stream.as_str().starts_with('b'))];
                let next = last.map_or(0, |last| last + 1);
                assert!(event.0 >= next, "in order");
                self.skipped += event.0 - next;
                *last = Some(event.0);
                self.events += 1;
            }
            Item::Lagged(Lagged { count, .. }) => self.lagged += count,
            Item::Overflowed(Overflowed { count, .. }) => self.overflowed += count,
            Item::State(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// An hour of a consumer that takes one event in twenty seconds of a hundred.
async fn hour(overflow: Overflow, most: usize) -> (Count, u64) {
    let Slow { mut stream, sent, feed } = slow(overflow).await;
    let mut count = Count::default();
    let mut fullest = 0;
    for _ in 0..180 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        fullest = fullest.max(stream.queued());
        let before = count.events;
        while count.events == before {
            let Some(item) = stream.next().await else { return (count, sent.load(Ordering::Relaxed)) };
            count.take(item);
        }
    }
    assert!(fullest <= most, "{overflow:?}: {fullest} items were queued");
    let control = stream.control();
    drop(feed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status = control.status().await;
    control.close().await;
    while let Some(item) = stream.next().await {
        count.take(item);
    }
    assert_eq!(status.lagged, count.lagged);
    assert_eq!(status.streams.iter().map(|stream| stream.lagged).sum::<u64>(), count.lagged);
    (count, sent.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn k1_for_an_hour_the_oldest_are_dropped_and_counted() {
    let (count, sent) = hour(Overflow::DropOldest, 103).await;
    assert!(sent > 17_000, "{sent}");
    assert_eq!(count.events + count.lagged, sent);
    assert_eq!(count.skipped, count.lagged);
}

#[tokio::test(start_paused = true)]
async fn k1_for_an_hour_the_newest_are_dropped_and_counted() {
    // Between any two events there may be one mark of a loss.
    let (count, sent) = hour(Overflow::DropNewest, 203).await;
    assert!(sent > 17_000, "{sent}");
    assert_eq!(count.events + count.lagged, sent);
}

#[tokio::test(start_paused = true)]
async fn k1_for_an_hour_only_the_latest_is_kept() {
    let (count, sent) = hour(Overflow::KeepLatest, 4).await;
    assert!(sent > 17_000, "{sent}");
    assert_eq!(count.events + count.lagged, sent);
    assert_eq!(count.skipped, count.lagged);
    assert_eq!(count.last.map(Option::unwrap).iter().sum::<u64>() + 2, sent, "the latest of each came");
}

#[tokio::test(start_paused = true)]
async fn k1_for_an_hour_nothing_is_read_and_nothing_lost() {
    let (count, sent) = hour(Overflow::Block, 103).await;
    assert_eq!((count.lagged, count.skipped), (0, 0));
    // The exchange is held up by as much as its own buffers take, and what was never read is not lost but never came.
    assert!(count.events <= sent && count.events > 170, "{} of {sent}", count.events);
}

#[tokio::test(start_paused = true)]
async fn k1_failing_says_so_behind_what_was_queued() {
    let (count, sent) = hour(Overflow::Fail, 103).await;
    assert_eq!((count.lagged, count.overflowed, count.skipped), (0, 1, 0));
    assert!(count.events >= 100 && count.events < sent, "{} of {sent}", count.events);
}

#[tokio::test(start_paused = true)]
async fn k1_calls_do_not_wait_for_a_consumer_that_takes_nothing() {
    let world = world(600).await;
    let client = world.client(StreamConfig { queue: 4, ..StreamConfig::default() });
    let mut stream = client.subscribe(topics::<crate::common::Kept>(["btcusdt@trade"])).await.unwrap();
    world.exchange.keep_journal(["btcusdt@trade", "ethusdt@trade"], 100_000).unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(stream.queued() >= 4);
    let control = stream.control();
    let begun = tokio::time::Instant::now();
    control.subscribe(topics(["ethusdt@trade"])).await.unwrap();
    assert_eq!(control.subscriptions().await.len(), 2);
    control.unsubscribe(topics(["btcusdt@trade"])).await.unwrap();
    assert_eq!(control.status().await.connections.len(), 1);
    control.rotate().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(5)).await;
    received.check(&world.exchange, "ethusdt@trade");
    control.close().await;
}

#[tokio::test(start_paused = true)]
async fn k2_a_slow_consumer_holds_up_no_other() {
    let world = world(600).await;
    let slow = world
        .client(StreamConfig { queue: 1, ..StreamConfig::default() })
        .subscribe(topics::<crate::common::Kept>(["btcusdt@trade", "btcusdt@bookTicker"]))
        .await
        .unwrap();
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(world.subscribe(StreamConfig::default(), &["btcusdt@trade"]).await);
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    let published = world.exchange.journal_len("btcusdt@trade");
    for stream in &mut others {
        let mut received = Received::default();
        received.listen(stream, Duration::from_millis(1)).await;
        let came = received.check(&world.exchange, "btcusdt@trade");
        assert!(u64::try_from(came).unwrap() + 3 >= published, "{came} of {published}");
    }
    drop(slow);
}

#[tokio::test(start_paused = true)]
async fn k3_dropping_the_stream_ends_every_connection() {
    let world = world(600).await;
    let names = ["btcusdt@trade", "ethusdt@trade", "bnbusdt@trade"];
    let config = StreamConfig { streams_per_connection: 1, ..StreamConfig::default() };
    for _ in 0..20 {
        let stream =
            world.client(config.clone()).subscribe(topics::<crate::common::Kept>(names)).await.unwrap();
        assert_eq!(world.exchange.connections().len(), 3);
        let control = stream.control();
        let rotating = control.rotate();
        let _ = tokio::time::timeout(Duration::from_millis(20), rotating).await;
        drop(stream);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(world.exchange.connections().len(), 0);
        assert!(control.subscribe(topics(["btcusdt@trade"])).await.is_err());
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}
