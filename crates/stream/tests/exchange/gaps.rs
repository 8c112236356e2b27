//! Holes in the events: found by their ids, filled where the missing events can be fetched, and reported either way.

use crate::common::{Kept, Received, World, world};
use crate::server::topics;
use binance_kit_core::decode::Frame;
use binance_kit_core::{Decoded, Decoder, Position, StreamEvent, StreamInfo};
use binance_kit_sim::{Exchange, Fault};
use binance_kit_stream::{Backfill, EventStream, Fetched, Fetching, Missing, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const STREAMS: [&str; 4] = ["btcusdt@trade", "btcusdt@aggTrade", "btcusdt@depth@100ms", "btcusdt@bookTicker"];

/// Fetches from what the exchange has published.
struct Archive {
    exchange: Arc<Exchange>,
    asked: Arc<AtomicUsize>,
    /// Answers only every so many times.
    every: usize,
    takes: Duration,
}

impl Backfill<Kept> for Archive {
    fn can_fetch(&self, stream: &StreamInfo) -> bool {
        stream.name.as_str().ends_with("rade")
    }

    fn fetch(&self, missing: Missing) -> Fetching<Kept> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let (exchange, every, takes) = (Arc::clone(&self.exchange), self.every, self.takes);
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            if !asked.is_multiple_of(every) {
                return None;
            }
            let (Position::Id(from), Position::Id(to)) = (missing.from, missing.to) else { panic!() };
            let mut decoder = Decoder::new();
            let published = exchange.journal(missing.stream.name.as_str());
            let wanted = published.events.iter().filter(|event| event.last_id >= from && event.last_id <= to);
            let events = wanted
                .map(|event| {
                    decoder.frame(event.text.as_bytes(), |frame| match frame {
                        Frame::Event(frame) => Kept::decode_event(frame).map(Decoded::of),
                        _ => panic!(),
                    })
                })
                .collect::<Result<Vec<Decoded<Kept>>, _>>()
                .unwrap();
            Some(Fetched { events, is_complete: true })
        })
    }
}

async fn subscribed(world: &World, every: usize, takes: Duration) -> (EventStream<Kept>, Arc<AtomicUsize>) {
    world.exchange.keep_journal(STREAMS, 1_000_000).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let archive = Archive { exchange: Arc::clone(&world.exchange), asked: Arc::clone(&asked), every, takes };
    let client = world.client(StreamConfig::default());
    (client.subscription().backfill(archive).subscribe(topics(STREAMS)).await.unwrap(), asked)
}

#[tokio::test(start_paused = true)]
async fn holes_after_a_reconnect_are_filled_in_order() {
    let world = world(600).await;
    let (mut stream, asked) = subscribed(&world, 1, Duration::from_millis(200)).await;
    let mut received = Received::default();
    for round in 0..4 {
        received.listen(&mut stream, Duration::from_secs(3)).await;
        let away = Duration::from_secs(round);
        world.exchange.inject(Fault::refuse_connections().lasting(away));
        world.exchange.inject(Fault::reset());
        received.listen(&mut stream, away + Duration::from_secs(15)).await;
    }
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
    // Of those that can be fetched, nothing is missing.
    for name in ["btcusdt@trade", "btcusdt@aggTrade"] {
        let published = world.exchange.journal(name).events;
        let first = published.iter().position(|event| event.text == received.events[name][0].1).unwrap();
        assert!(published.len() - first - received.events[name].len() < 5, "{name}");
        assert!(received.gaps[name].iter().all(|(_, _, backfilled)| *backfilled));
    }
    assert!(asked.load(Ordering::Relaxed) >= 6);
    assert!(received.gaps["btcusdt@depth@100ms"].iter().all(|(_, _, backfilled)| !*backfilled));
    let status = stream.control().status().await;
    let trades = status.streams.iter().find(|stream| stream.stream.as_str() == "btcusdt@trade").unwrap();
    assert!(trades.backfilled > 0 && trades.gaps >= 3, "{trades:?}");
}

#[tokio::test(start_paused = true)]
async fn holes_that_cannot_be_filled_are_reported_and_delay_nothing() {
    let world = world(600).await;
    // It never answers in time.
    let (mut stream, asked) = subscribed(&world, 2, Duration::from_secs(100)).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(2)).await;
    world.exchange.inject(Fault::gap().on_stream("btcusdt@trade").times(3));
    world.exchange.inject(Fault::gap().on_stream("btcusdt@bookTicker"));
    received.listen(&mut stream, Duration::from_secs(40)).await;
    assert!(asked.load(Ordering::Relaxed) >= 1);
    assert!(received.gaps["btcusdt@trade"].iter().any(|(_, _, backfilled)| !*backfilled));
    received.check(&world.exchange, "btcusdt@trade");
    received.check(&world.exchange, "btcusdt@depth@100ms");
    let last = world.exchange.journal("btcusdt@trade").events.len();
    assert!(last - received.events["btcusdt@trade"].len() < 20);
}

/// Never gets an answer. Each fetch holds the counter of how often they are polled.
#[derive(Clone, Default)]
struct Stuck(Arc<AtomicUsize>);

impl Backfill<Kept> for Stuck {
    fn can_fetch(&self, stream: &StreamInfo) -> bool {
        stream.name.as_str() == "btcusdt@trade"
    }

    fn fetch(&self, _: Missing) -> Fetching<Kept> {
        let polls = Arc::clone(&self.0);
        Box::pin(std::future::poll_fn(move |_| {
            polls.fetch_add(1, Ordering::Relaxed);
            std::task::Poll::Pending
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_is_polled_when_it_is_woken_and_dropped_with_its_stream() {
    let world = world(600).await;
    world.exchange.keep_journal(STREAMS, 1_000_000).unwrap();
    let stuck = Stuck::default();
    let client = world.client(StreamConfig::default());
    let mut stream = client.subscription().backfill(stuck.clone()).subscribe(topics(STREAMS)).await.unwrap();
    let idle = Arc::strong_count(&stuck.0);
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(2)).await;
    world.exchange.inject(Fault::refuse_connections().lasting(Duration::from_secs(2)));
    world.exchange.inject(Fault::reset());
    received.listen(&mut stream, Duration::from_secs(15)).await;
    assert_eq!(Arc::strong_count(&stuck.0), idle + 1);
    let others = received.events["btcusdt@bookTicker"].len();
    let polls = stuck.0.load(Ordering::Relaxed);
    assert!(polls < 5 && others > 100, "{polls} polls while {others} events came");
    let control = stream.control();
    let (given_up, ()) = tokio::join!(
        control.unsubscribe(topics(["btcusdt@trade"])),
        received.listen(&mut stream, Duration::from_secs(1))
    );
    given_up.unwrap();
    assert_eq!(Arc::strong_count(&stuck.0), idle);
}

#[tokio::test(start_paused = true)]
async fn copies_and_disorder_on_one_connection_are_corrected() {
    let world = world(600).await;
    let names = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker", "btcusdt@kline_1s"];
    let mut stream = world.subscribe(StreamConfig::default(), &names).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(1)).await;
    for name in names {
        world.exchange.inject(Fault::duplicate().on_stream(name).always().probability(0.2, 3));
    }
    world.exchange.inject(Fault::reorder(2).on_stream("btcusdt@trade").always().probability(0.1, 5));
    world.exchange.inject(Fault::reorder(1).on_stream("btcusdt@bookTicker").always().probability(0.05, 6));
    received.listen(&mut stream, Duration::from_secs(30)).await;
    for name in names {
        received.check(&world.exchange, name);
    }
    let status = stream.control().status().await;
    assert!(status.streams.iter().all(|stream| stream.duplicates > 0), "{status:?}");
    assert!(received.states.iter().all(|state| !state.starts_with("malformed")));
}
