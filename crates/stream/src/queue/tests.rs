//! Tests of the queue.

use super::*;
use crate::delivery::Slots;
use crate::item::{ConnectionId, Event, Gap, Malformed, StateChange};
use crate::meter::Meter;
use binance_kit_core::{DecodeError, Position, Timestamp};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::{ByteBudget, Clock};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

fn of(stream: &str, number: u32) -> Item<u32> {
    Item::Event(Event {
        data: number,
        stream: StreamName::new(stream).unwrap(),
        api: Api::Spot,
        received_at: Timestamp::from_millis(0),
        connection: ConnectionId::default(),
        backfilled: false,
    })
}

fn event(number: u32) -> Item<u32> {
    of("a@trade", number)
}

fn bounded(capacity: usize, overflow: Overflow) -> (Sender<u32>, Receiver<u32>) {
    super::bounded(capacity, overflow, ByteBudget::default().share(usize::MAX))
}

/// Queues an item with its event.
fn put(sender: &Sender<u32>, item: Item<u32>) {
    let mut slots = Slots::new();
    if let Some(item) = item.with(|event| Some(slots.insert(event, 1000))) {
        sender.put(item, |slot| slots.take(slot));
    }
}

async fn take(receiver: &mut Receiver<u32>) -> String {
    let meter = Meter::new("", &Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(0))));
    match poll_fn(|cx| receiver.poll_recv(cx, &meter)).await {
        Some(Item::Event(event)) => format!("{}{}", &event.stream.as_str()[..1], event.data),
        Some(Item::Lagged(lagged)) => format!("lagged {}", lagged.count),
        Some(Item::Overflowed(overflowed)) => format!("overflowed {}", overflowed.count),
        Some(_) => "other".into(),
        None => "end".into(),
    }
}

/// The counters of the merged queue.
fn counts(receiver: &Receiver<u32>) -> Counts {
    receiver.counts().swap_remove(0)
}

/// Number of events that are stored.
fn stored(receiver: &Receiver<u32>) -> usize {
    receiver.slots()
}

async fn all(receiver: &mut Receiver<u32>) -> Vec<String> {
    let mut items = Vec::new();
    loop {
        let item = take(receiver).await;
        if item == "end" {
            return items;
        }
        items.push(item);
    }
}

#[tokio::test]
async fn drop_oldest_reports_the_loss_where_it_happened() {
    let (sender, mut receiver) = bounded(2, Overflow::DropOldest);
    (0..5).for_each(|number| put(&sender, event(number)));
    drop(sender);
    assert_eq!(all(&mut receiver).await, ["lagged 3", "a3", "a4"]);
    assert_eq!((counts(&receiver).lagged, stored(&receiver)), (3, 0));
}

#[tokio::test]
async fn drop_newest_reports_the_loss_where_it_happened() {
    let (sender, mut receiver) = bounded(2, Overflow::DropNewest);
    (0..5).for_each(|number| put(&sender, event(number)));
    for expected in ["a0", "a1", "lagged 3"] {
        assert_eq!(take(&mut receiver).await, expected);
    }
    put(&sender, event(9));
    assert_eq!(take(&mut receiver).await, "a9");
}

#[tokio::test]
async fn keep_latest_keeps_one_of_each_stream() {
    let (sender, mut receiver) = bounded(2, Overflow::KeepLatest);
    for number in 0..4 {
        put(&sender, of("a@ticker", number));
        put(&sender, of("b@ticker", number));
        if number == 1 {
            put(&sender, of("c@ticker", 7));
        }
    }
    for expected in ["lagged 6", "a3", "b3"] {
        assert_eq!(take(&mut receiver).await, expected);
    }
    put(&sender, of("a@ticker", 5));
    put(&sender, of("a@ticker", 6));
    drop(sender);
    assert_eq!(all(&mut receiver).await, ["lagged 1", "c7", "a6"]);
    let counts = counts(&receiver);
    let key = (Api::Spot, StreamName::new("a@ticker").unwrap());
    assert_eq!((counts.lagged, counts.lagged_of[&key], stored(&receiver)), (7, 4, 0));
}

#[tokio::test]
async fn fail_ends_behind_what_is_queued() {
    let (sender, mut receiver) = bounded(2, Overflow::Fail);
    let mut cx = Context::from_waker(Waker::noop());
    (0..2).for_each(|number| put(&sender, event(number)));
    assert!(matches!(sender.poll_room(&mut cx), Poll::Ready(Room::Yes(_))));
    (2..5).for_each(|number| put(&sender, event(number)));
    assert_eq!(sender.poll_room(&mut cx), Poll::Ready(Room::Closed));
    assert_eq!(all(&mut receiver).await, ["a0", "a1", "overflowed 1"]);
}

#[tokio::test]
async fn block_waits_for_room_and_ends_with_the_consumer() {
    let (sender, mut receiver) = bounded(1, Overflow::Block);
    let room = || poll_fn(|cx| sender.poll_room(cx));
    assert_eq!(room().await, Room::Yes(1));
    put(&sender, event(0));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(sender.poll_room(&mut cx).is_pending());
    let (is_room, taken) = tokio::join!(room(), take(&mut receiver));
    assert_eq!((is_room, taken.as_str()), (Room::Yes(1), "a0"));
    put(&sender, event(1));
    let (is_room, ()) = tokio::join!(room(), async { drop(receiver) });
    assert_eq!(is_room, Room::Closed);
}

#[tokio::test]
async fn items_that_are_no_events_are_bounded_too() {
    let (sender, receiver) = bounded(1, Overflow::DropOldest);
    for attempt in 0..20_000 {
        let delay = Duration::from_secs(1);
        put(&sender, Item::State(StateChange::Reconnecting { connection: 0, attempt, delay }));
    }
    assert!(receiver.len() <= MAX_OTHERS);
}

fn state(attempt: u32) -> Item<u32> {
    Item::State(StateChange::Reconnecting { connection: 0, attempt, delay: Duration::from_secs(1) })
}

fn malformed() -> Item<u32> {
    let error = DecodeError::missing("n");
    Item::Malformed(Malformed { stream: None, error, raw: Vec::new(), in_a_row: 0, was_readable: true })
}

fn gap(number: u64) -> Item<u32> {
    let (from, to) = (Position::Id(number), Position::Id(number));
    let stream = StreamName::new("a@trade").unwrap();
    Item::Gap(Gap { stream, api: Api::Spot, from, to, backfilled: false })
}

#[tokio::test]
async fn keep_latest_knows_the_places_behind_a_state_and_a_frame_that_cannot_be_read() {
    let (sender, mut receiver) = bounded(2, Overflow::KeepLatest);
    put(&sender, state(0));
    put(&sender, of("a@ticker", 0));
    put(&sender, of("b@ticker", 0));
    put(&sender, state(1));
    // No room: the event of `a` goes.
    put(&sender, malformed());
    put(&sender, of("b@ticker", 1));
    put(&sender, of("a@ticker", 1));
    drop(sender);
    assert_eq!(all(&mut receiver).await, ["lagged 2", "other", "b1", "other", "other", "a1"]);
}

#[tokio::test]
async fn losses_between_gaps_are_bounded_and_stay_reported() {
    let (sender, mut receiver) = bounded(1, Overflow::DropNewest);
    put(&sender, event(0));
    for number in 1..=20_000 {
        put(&sender, gap(number));
        put(&sender, event(7));
    }
    assert!(receiver.len() <= 2 * MAX_OTHERS + 2, "{}", receiver.len());
    drop(sender);
    let mut reported = 0;
    for item in all(&mut receiver).await {
        reported += match item.strip_prefix("lagged ") {
            Some(count) => count.parse().unwrap(),
            None => u64::from(item == "other"),
        };
    }
    assert_eq!(reported, 40_000, "each event that was dropped, and each gap, as itself or as a loss");
}

#[tokio::test]
async fn marks_of_losses_between_events_cost_no_states() {
    let (sender, mut receiver) = bounded(MAX_OTHERS * 2, Overflow::DropNewest);
    (0..8192).for_each(|number| put(&sender, event(number)));
    put(&sender, event(0));
    // One event is taken, one comes, and one more is dropped.
    for _ in 0..8192 {
        take(&mut receiver).await;
        put(&sender, event(1));
        put(&sender, event(2));
    }
    put(&sender, state(0));
    put(&sender, state(1));
    drop(sender);
    let items = all(&mut receiver).await;
    assert_eq!(items.iter().filter(|item| *item == "other").count(), 2);
}

#[tokio::test]
async fn parts_take_the_items_of_their_streams_until_they_are_dropped() {
    let (sender, mut receiver) = bounded(4, Overflow::DropOldest);
    let key = |name| (Api::Spot, StreamName::new(name).unwrap());
    let mut part = receiver.part(vec![key("b@trade")]);
    let other = (Api::UsdmFutures, StreamName::new("b@trade").unwrap());
    let foreign = match of("b@trade", 9) {
        Item::Event(event) => Item::Event(Event { api: other.0, ..event }),
        item => item,
    };
    for item in [of("a@trade", 0), of("b@trade", 1), foreign, gap(3)] {
        put(&sender, item);
    }
    assert_eq!(take(&mut part).await, "b1");
    for expected in ["a0", "b9", "other"] {
        assert_eq!(take(&mut receiver).await, expected, "the same name of another product stays");
    }
    put(&sender, of("b@trade", 2));
    drop(part);
    put(&sender, of("b@trade", 3));
    drop(sender);
    assert_eq!((all(&mut receiver).await, stored(&receiver)), (vec!["b3".to_owned()], 0));
}

#[tokio::test]
async fn a_part_that_fails_gives_its_streams_back() {
    let (sender, mut receiver) = bounded(1, Overflow::Fail);
    let mut part = receiver.part(vec![(Api::Spot, StreamName::new("b@trade").unwrap())]);
    put(&sender, of("b@trade", 0));
    put(&sender, of("b@trade", 1));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(sender.poll_room(&mut cx), Poll::Ready(Room::Yes(_))));
    put(&sender, of("b@trade", 2));
    assert_eq!(all(&mut part).await, ["b0", "overflowed 1"]);
    drop((sender, part));
    assert_eq!((all(&mut receiver).await, stored(&receiver)), (vec!["b2".to_owned()], 0));
}

/// An event that takes so many bytes.
fn sized(sender: &Sender<u32>, stream: &str, number: u32, bytes: usize) {
    let mut slots = Slots::new();
    if let Some(item) = of(stream, number).with(|event| Some(slots.insert(event, bytes))) {
        sender.put(item, |slot| slots.take(slot));
    }
}

fn is_full(sender: &Sender<u32>) -> bool {
    sender.poll_room(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[tokio::test]
async fn k11_a_queue_is_full_by_bytes_under_each_policy() {
    let budget = ByteBudget::default();
    for (overflow, expected, lagged) in [
        (Overflow::DropOldest, &["lagged 2", "a2", "a3"][..], 2),
        (Overflow::DropNewest, &["a0", "a1", "lagged 2"], 2),
        (Overflow::Fail, &["a0", "a1", "overflowed 1"], 1),
    ] {
        let (sender, mut receiver) = super::bounded(1000, overflow, budget.share(1000));
        for number in 0..4 {
            sized(&sender, "a@trade", number, 400);
        }
        assert_eq!((counts(&receiver).bytes, counts(&receiver).lagged), (800, lagged), "{overflow:?}");
        drop(sender);
        assert_eq!(all(&mut receiver).await, expected, "{overflow:?}");
        assert_eq!((counts(&receiver).bytes, stored(&receiver)), (0, 0));
    }
    let (sender, mut receiver) = super::bounded(1000, Overflow::Block, budget.share(1000));
    sized(&sender, "a@trade", 0, 5000);
    assert!(is_full(&sender), "one event, however large");
    assert_eq!(take(&mut receiver).await, "a0");
    assert!(!is_full(&sender));
    drop((sender, receiver));
    assert_eq!(budget.used(), 0);
}

#[tokio::test]
async fn k11_latest_events_are_bounded_in_bytes_over_all_streams() {
    let (sender, mut receiver) = super::bounded(1, Overflow::KeepLatest, ByteBudget::default().share(1000));
    for (number, stream) in ["a@trade", "b@trade", "c@trade"].into_iter().enumerate() {
        sized(&sender, stream, u32::try_from(number).unwrap(), 300);
    }
    assert_eq!(counts(&receiver).bytes, 900);
    // It takes the place of a smaller one: others make room.
    sized(&sender, "c@trade", 7, 800);
    sized(&sender, "d@trade", 8, 100);
    assert_eq!(counts(&receiver).bytes, 900);
    drop(sender);
    assert_eq!(all(&mut receiver).await, ["lagged 3", "c7", "d8"]);
}

#[tokio::test]
async fn k11_queues_of_one_stream_share_its_bytes_and_none_starves() {
    let (sender, receiver) = super::bounded(1000, Overflow::Block, ByteBudget::default().share(16_000));
    let mut part = receiver.part(vec![(Api::Spot, StreamName::new("b@trade").unwrap())]);
    for number in 0..15 {
        sized(&sender, "a@trade", number, 1000);
    }
    sized(&sender, "b@trade", 0, 900);
    assert!(!is_full(&sender));
    sized(&sender, "b@trade", 1, 200);
    assert!(is_full(&sender), "16,100 bytes of 16,000");
    for _ in 0..2 {
        take(&mut part).await;
    }
    assert!(!is_full(&sender));
}

#[tokio::test]
async fn k11_frames_that_cannot_be_read_count_with_their_text() {
    let (sender, receiver) = super::bounded(1000, Overflow::DropNewest, ByteBudget::default().share(10_000));
    for _ in 0..100 {
        let item = Item::Malformed(Malformed {
            stream: None,
            error: DecodeError::missing("x"),
            raw: vec![0; 1000],
            in_a_row: 0,
            was_readable: false,
        });
        put(&sender, item);
    }
    assert!(counts(&receiver).bytes <= 10_000 && counts(&receiver).lagged >= 93, "{:?}", counts(&receiver));
}

/// Counts how often it is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn k11_a_producer_is_woken_by_the_room_it_waits_for_and_by_nothing_else() {
    const MIB: usize = 1 << 20;
    let budget = ByteBudget::new(4 * MIB);
    let (sender, mut receiver) = super::bounded(1000, Overflow::Block, budget.share(4 * MIB));
    let count = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&count));
    let is_blocked = || sender.poll_room(&mut Context::from_waker(&waker)).is_pending();
    for number in 0..3 {
        sized(&sender, "a@trade", number, MIB);
    }
    assert!(!is_blocked());
    // Another subscription uses the budget up, and gives it back.
    let mut other = budget.share(4 * MIB);
    other.add(3 * MIB);
    assert!(is_blocked());
    drop(other);
    assert_eq!(take(&mut receiver).await, "a0");
    assert_eq!(count.0.load(Ordering::Relaxed), 1, "there is room");
    assert!(!is_blocked());
    // What is taken while there was room wakes no one, from whichever queue.
    let mut part = receiver.part(vec![(Api::Spot, StreamName::new("b@trade").unwrap())]);
    sized(&sender, "b@trade", 0, 1000);
    assert!(!is_blocked());
    assert_eq!((take(&mut part).await, take(&mut receiver).await), ("b0".to_owned(), "a1".to_owned()));
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}
