//! The streams of one subscription: for each its place among the connections, its order, its watchdog and its counters.

use super::cadence::Cadence;
use super::watch::Watch;
use crate::delivery::Slot;
use crate::delivery::order::Tracker;
use crate::item::Event;
use binance_kit_core::product::Api;
use binance_kit_core::{StreamInfo, StreamName};
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

/// Default of the shortest silence that the watchdog acts on.
const WATCHDOG_FLOOR: Duration = Duration::from_secs(5);

/// A stream among those of all hosts and routes: the same name can exist in several products.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct StreamKey {
    /// The group of connections to one host and route.
    pub(super) group: usize,
    /// The name.
    pub(super) name: StreamName,
}

impl StreamKey {
    pub(super) fn new(group: usize, name: &StreamName) -> Self {
        Self { group, name: name.clone() }
    }
}

/// The name of a stream for logs. A listen key opens the events of an account and is not shown.
pub(super) fn shown(name: &StreamName) -> &str {
    let name = name.as_str();
    if name.starts_with('!') || name.contains('@') || name.len() < 32 { name } else { "listen key" }
}

/// One stream.
pub(crate) struct StreamState {
    /// What is known of it.
    pub(super) info: StreamInfo,
    /// The number of its lane.
    pub(super) lane: usize,
    /// The order of its events.
    pub(super) order: Tracker<Event<Slot>>,
    /// Its watchdog.
    pub(super) watch: Watch,
    /// Number of events delivered.
    pub(super) events: u64,
    /// Number of gaps reported.
    pub(super) gaps: u64,
    /// Number of events fetched to fill gaps.
    pub(super) backfilled: u64,
    /// Number of copies that were not delivered.
    pub(super) duplicates: u64,
    /// Whether any frame of it was read.
    pub(super) was_readable: bool,
    /// Number of frames in a row that cannot be read.
    pub(super) unreadable: u64,
    /// Hashes of the last events and when they arrived first, with several replicas.
    pub(super) arrivals: VecDeque<(u64, Duration)>,
}

impl StreamState {
    /// The stream as consumers know it.
    pub(super) fn id(&self) -> (Api, StreamName) {
        (self.info.api, self.info.name.clone())
    }
}

/// A fast hash for names of streams. The names come from the program, not from the exchange: they need no protection against
/// chosen collisions.
#[derive(Debug, Default)]
struct NameHasher(u64);

impl NameHasher {
    #[inline]
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let mut eight = [0; 8];
            eight.copy_from_slice(word);
            self.add(u64::from_le_bytes(eight));
        }
        let mut rest = [0; 8];
        for (to, from) in rest.iter_mut().zip(words.remainder()) {
            *to = *from;
        }
        self.add(u64::from_le_bytes(rest));
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The table takes the upper bits as well as the lower ones.
        self.0 ^ (self.0 >> 32)
    }
}

/// All streams.
pub(crate) struct Streams {
    /// The streams by number; `None` where a number is free.
    slots: Vec<Option<StreamState>>,
    /// The free numbers.
    free: Vec<usize>,
    /// For each group, the numbers of its streams by name.
    groups: Vec<HashMap<StreamName, usize, BuildHasherDefault<NameHasher>>>,
    /// The group and the number of the stream that was found last: often the next event is of the same.
    last: Cell<(usize, usize)>,
    /// How long events out of order are waited for.
    grace: Duration,
    /// The shortest silence that the watchdog acts on.
    floor: Duration,
}

impl Streams {
    pub(super) fn new(grace: Duration, floor: Option<Duration>) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            groups: Vec::new(),
            last: Cell::new((usize::MAX, 0)),
            grace,
            floor: floor.unwrap_or(WATCHDOG_FLOOR),
        }
    }

    /// The number of a subscribed stream.
    #[inline]
    pub(crate) fn find(&self, group: usize, name: &str) -> Option<usize> {
        let found = self.groups.get(group)?.get(name).copied()?;
        self.last.set((group, found));
        Some(found)
    }

    /// The stream of this group that was found last, with its name.
    #[inline]
    pub(super) fn last(&self, group: usize) -> Option<(usize, &str)> {
        let (of, last) = self.last.get();
        if of != group {
            return None;
        }
        self.name(last).map(|name| (last, name))
    }

    /// The name of a stream.
    #[inline]
    pub(crate) fn name(&self, number: usize) -> Option<&str> {
        self.slots.get(number)?.as_ref().map(|state| state.info.name.as_str())
    }

    #[inline]
    pub(super) fn get(&mut self, number: usize) -> Option<&mut StreamState> {
        self.slots.get_mut(number).and_then(Option::as_mut)
    }

    pub(super) fn named(&mut self, group: usize, name: &str) -> Option<&mut StreamState> {
        let number = self.find(group, name)?;
        self.get(number)
    }

    pub(super) fn contains(&self, key: &StreamKey) -> bool {
        self.find(key.group, key.name.as_str()).is_some()
    }

    /// Adds a stream, unless it is there already. Gives its number.
    pub(super) fn insert(&mut self, group: usize, lane: usize, info: StreamInfo, can_fill: bool) -> usize {
        if let Some(number) = self.find(group, info.name.as_str()) {
            return number;
        }
        let cadence = info.cadence;
        let name = info.name.clone();
        let state = StreamState {
            info,
            lane,
            order: Tracker::new(can_fill, cadence).with_grace(self.grace),
            watch: Watch::new(Cadence::new(cadence), self.floor),
            events: 0,
            gaps: 0,
            backfilled: 0,
            duplicates: 0,
            was_readable: false,
            unreadable: 0,
            arrivals: VecDeque::new(),
        };
        let number = match self.free.pop() {
            Some(number) => {
                if let Some(slot) = self.slots.get_mut(number) {
                    *slot = Some(state);
                }
                number
            }
            None => {
                self.slots.push(Some(state));
                self.slots.len() - 1
            }
        };
        if self.groups.len() <= group {
            self.groups.resize_with(group + 1, HashMap::default);
        }
        if let Some(index) = self.groups.get_mut(group) {
            index.insert(name, number);
        }
        number
    }

    pub(super) fn remove(&mut self, key: &StreamKey) -> Option<StreamState> {
        let number = self.groups.get_mut(key.group)?.remove(&key.name)?;
        // The number may be given to a stream of this name in another group.
        self.last.set((usize::MAX, 0));
        self.free.push(number);
        self.slots.get_mut(number).and_then(Option::take)
    }

    /// The streams in the order of their names.
    pub(super) fn infos(&self) -> Vec<StreamInfo> {
        let mut infos: Vec<StreamInfo> = self.iter().map(|state| state.info.clone()).collect();
        infos.sort_by(|one, other| (&one.name, one.api).cmp(&(&other.name, other.api)));
        infos
    }

    pub(super) fn numbers(&self) -> std::ops::Range<usize> {
        0..self.slots.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &StreamState> {
        self.slots.iter().filter_map(Option::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spread_by_their_hash() {
        let mut buckets = vec![0_u32; 1024];
        for symbol in 0..1024 {
            let mut hasher = NameHasher::default();
            std::hash::Hash::hash(format!("symbol{symbol:04}usdt@bookTicker").as_str(), &mut hasher);
            buckets[usize::try_from(hasher.finish() % 1024).unwrap()] += 1;
        }
        // At random, the fullest of 1,024 buckets holds about six.
        assert!(buckets.iter().max().unwrap() < &10, "{buckets:?}");
    }

    #[test]
    fn listen_keys_are_not_logged() {
        let key =
            StreamName::new("pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1").unwrap();
        assert_eq!(shown(&key), "listen key");
        for name in ["btcusdt@trade", "!miniTicker@arr", "tradingSession"] {
            assert_eq!(shown(&StreamName::new(name).unwrap()), name);
        }
    }

    #[test]
    fn the_same_name_in_two_groups_is_two_streams() {
        let name = StreamName::new("btcusdt@bookTicker").unwrap();
        let mut streams = Streams::new(Duration::ZERO, None);
        let spot = streams.insert(0, 0, StreamInfo::new(Api::Spot, name.clone()), false);
        let usdm = streams.insert(1, 1, StreamInfo::new(Api::UsdmFutures, name.clone()), false);
        assert_ne!(spot, usdm);
        assert_eq!(streams.find(1, "btcusdt@bookTicker"), Some(usdm));
        assert!(streams.remove(&StreamKey::new(0, &name)).is_some());
        assert_eq!((streams.find(0, name.as_str()), streams.infos().len()), (None, 1));
    }
}
