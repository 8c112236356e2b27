//! Handles for some of the streams, and filters before decoding.

use crate::common::{Received, world};
use crate::server::topics;
use binance_kit_core::StreamEvent;
use binance_kit_model::spot::{self, MarketEvent};
use binance_kit_stream::{EventFilter, Item, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn parts_have_their_streams_and_give_them_back() {
    let world = world(300).await;
    let names = ["btcusdt@trade", "ethusdt@trade", "bnbusdt@trade"];
    let mut stream = world.subscribe(StreamConfig::default(), &names).await;
    let mut part = stream.split(topics(["ethusdt@trade"])).unwrap();
    assert_eq!(part.streams().len(), 1);
    let mut received = Received::default();
    let mut came = 0;
    let taking = async {
        let end = tokio::time::Instant::now() + Duration::from_secs(10);
        while let Ok(Ok(Some(event))) = tokio::time::timeout_at(end, part.next_event()).await {
            assert_eq!(event.stream.as_str(), "ethusdt@trade");
            came += 1;
        }
    };
    tokio::join!(taking, received.listen(&mut stream, Duration::from_secs(10)));
    assert!(came > 10, "{came}");
    assert!(!received.events.contains_key("ethusdt@trade"));
    received.check(&world.exchange, "btcusdt@trade");
    drop(part);
    received.listen(&mut stream, Duration::from_secs(10)).await;
    assert!(received.check(&world.exchange, "ethusdt@trade") > 5);

    let mut rest = stream.split(topics(names)).unwrap();
    stream.close().await;
    while rest.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn what_a_filter_leaves_out_is_not_decoded() {
    static DECODED: AtomicUsize = AtomicUsize::new(0);

    #[derive(Debug)]
    struct Counted(MarketEvent);
    impl StreamEvent for Counted {
        fn decode_event(
            frame: binance_kit_core::decode::EventFrame<'_>,
        ) -> Result<Self, binance_kit_core::DecodeError> {
            DECODED.fetch_add(1, Ordering::Relaxed);
            MarketEvent::decode_event(frame).map(Self)
        }
        fn sequence(&self) -> Option<binance_kit_core::Sequence> {
            self.0.sequence()
        }
    }

    let world = world(300).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let client = world.client(StreamConfig::default());
    let filter = EventFilter::types(["trade"]);
    let names = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker"];
    let mut stream = client.subscription::<Counted>().filter(filter).subscribe(topics(names)).await.unwrap();
    let end = tokio::time::Instant::now() + Duration::from_secs(20);
    while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
        if let Item::Event(event) = item {
            assert!(matches!(event.0, MarketEvent::Trade(_)));
            seen.fetch_add(1, Ordering::Relaxed);
        }
    }
    let seen = seen.load(Ordering::Relaxed);
    assert!(seen > 10);
    assert!(DECODED.load(Ordering::Relaxed) <= seen + 1);
    let status = stream.control().status().await;
    assert!(
        status.streams.iter().all(|stream| stream.stale_since.is_none()),
        "filtered events count as activity"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_filter_leaves_out_is_left_out_of_events_that_need_no_parsing_too() {
    let world = world(300).await;
    let client = world.client(StreamConfig::default());
    // The decoder of the type itself: the keys come in the documented order.
    for (types, comes) in [("trade", true), ("kline", false)] {
        let topics = [spot::stream::trade("BTCUSDT")];
        let subscription = client.subscription().filter(EventFilter::types([types]));
        let mut stream = subscription.subscribe(topics).await.unwrap();
        let end = tokio::time::Instant::now() + Duration::from_secs(5);
        let mut events = 0;
        while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
            events += usize::from(matches!(item, Item::Event(_)));
        }
        assert_eq!(events > 0, comes, "{events} events, of `{types}` only");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_filter_leaves_out_of_a_stream_is_no_gap() {
    let world = world(600).await;
    let filter = EventFilter::new(|frame| {
        frame.data.get("m").and_then(|is_maker| is_maker.as_bool().ok()).unwrap_or_default()
    });
    world.exchange.keep_journal(["btcusdt@trade"], 100_000).unwrap();
    let client = world.client(StreamConfig::default());
    let subscription = client.subscription::<crate::common::Kept>().filter(filter);
    let mut stream = subscription.subscribe(topics(["btcusdt@trade"])).await.unwrap();
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(20)).await;
    assert!(received.gaps.is_empty(), "{:?}", received.gaps);
    let published = world.exchange.journal("btcusdt@trade").events;
    let wanted: Vec<&str> = published
        .iter()
        .map(|event| event.text.as_str())
        .filter(|text| text.contains(r#""m":true"#))
        .collect();
    let came: Vec<&str> = received.events["btcusdt@trade"].iter().map(|(_, text)| text.as_str()).collect();
    assert!(came.len() > 20 && came.len() + 20 < published.len(), "{} of {}", came.len(), published.len());
    let first = wanted.iter().position(|text| *text == came[0]).unwrap();
    assert_eq!(came, wanted[first..first + came.len()]);
    // After a lost connection they are reported.
    world.exchange.inject(binance_kit_sim::Fault::refuse_connections().lasting(Duration::from_secs(3)));
    world.exchange.inject(binance_kit_sim::Fault::reset());
    received.listen(&mut stream, Duration::from_secs(15)).await;
    assert_eq!(received.gaps["btcusdt@trade"].len(), 1);
}
