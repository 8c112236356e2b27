//! The streams of an engine: for each what was delivered, how often it speaks, and its counters.

use crate::cadence::{Cadence, documented};
use crate::item::Event;
use crate::tracker::Tracker;
use crate::watch::Watch;
use binance_kit_core::StreamName;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// One stream.
pub(super) struct StreamState<E> {
    pub(super) name: StreamName,
    /// Its place among the connections.
    pub(super) lane: usize,
    pub(super) tracker: Tracker<Event<E>>,
    pub(super) watch: Watch,
    pub(super) events: u64,
    pub(super) gaps: u64,
    pub(super) recovered: u64,
    pub(super) duplicates: u64,
    /// When the last events first came: with several legs.
    pub(super) arrivals: VecDeque<(u64, Duration)>,
}

/// All of them.
pub(super) struct Streams<E> {
    slots: Vec<Option<StreamState<E>>>,
    free: Vec<usize>,
    index: HashMap<StreamName, usize>,
    /// How long events out of order are waited for.
    grace: Duration,
}

impl<E> Streams<E> {
    pub(super) fn new(grace: Duration) -> Self {
        Self { slots: Vec::new(), free: Vec::new(), index: HashMap::new(), grace }
    }

    /// The number of a stream that is wanted.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    #[inline]
    pub(super) fn get(&mut self, number: usize) -> Option<&mut StreamState<E>> {
        self.slots.get_mut(number).and_then(Option::as_mut)
    }

    pub(super) fn named(&mut self, name: &str) -> Option<&mut StreamState<E>> {
        let number = self.find(name)?;
        self.get(number)
    }

    pub(super) fn insert(&mut self, name: &StreamName, lane: usize, can_fill: bool, floor: Option<Duration>) {
        if self.index.contains_key(name) {
            return;
        }
        let cadence = documented(name.as_str());
        let state = StreamState {
            name: name.clone(),
            lane,
            tracker: Tracker::new(can_fill, cadence).with_grace(self.grace),
            watch: Watch::new(Cadence::new(cadence), floor.unwrap_or(Duration::from_secs(5))),
            events: 0,
            gaps: 0,
            recovered: 0,
            duplicates: 0,
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
        self.index.insert(name.clone(), number);
    }

    pub(super) fn remove(&mut self, name: &StreamName) -> Option<StreamState<E>> {
        let number = self.index.remove(name)?;
        self.free.push(number);
        self.slots.get_mut(number).and_then(Option::take)
    }

    pub(super) fn names(&self) -> Vec<StreamName> {
        let mut names: Vec<StreamName> = self.index.keys().cloned().collect();
        names.sort();
        names
    }

    pub(super) fn numbers(&self) -> std::ops::Range<usize> {
        0..self.slots.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &StreamState<E>> {
        self.slots.iter().filter_map(Option::as_ref)
    }
}
