//! The lanes: which streams go over which connection, and the life of each connection from the first attempt to its loss.

use super::handover::Rotation;
use super::link::{Link, Stage};
use super::{Engine, Now};
use crate::cadence::Cadence;
use crate::item::{ConnectionId, Item, RotationReason, StateChange};
use crate::status::RaceStatus;
use crate::tracker::{Fate, Source};
use crate::watch::Watch;
use binance_kit_core::tap::Mark;
use binance_kit_core::{StreamEvent, StreamName};
use binance_kit_net::ws::WebSocket;
use binance_kit_net::{Backoff, BoxIo};
use std::collections::BTreeSet;
use std::time::Duration;

/// The shortest silence of a whole connection that is suspicious.
const LANE_FLOOR: Duration = Duration::from_secs(10);
/// How long the close frame of a connection that is given up may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// One of the connections that carry a lane at once.
pub(super) struct Leg {
    pub(super) current: Option<Source>,
    pub(super) candidate: Option<Source>,
    /// The number of the next connection.
    pub(super) generation: u64,
    pub(super) backoff: Backoff,
    pub(super) retry_at: Option<Duration>,
    pub(super) rotation: Option<Rotation>,
    pub(super) race: RaceStatus,
}

/// A place among the connections.
pub(super) struct Lane {
    pub(super) names: BTreeSet<StreamName>,
    pub(super) legs: Vec<Leg>,
    /// Whether at least one leg delivers everything that is wanted.
    pub(super) is_up: bool,
    pub(super) watch: Watch,
    /// How many streams are on their way here.
    pub(super) reserved: usize,
    /// When silence last had a connection replaced.
    pub(super) replaced_at: Option<Duration>,
}

impl Lane {
    /// Counts an event of one leg against the others.
    pub(super) fn raced(&mut self, leg: usize, fate: Fate, behind: Option<Duration>) {
        for (index, other) in self.legs.iter_mut().enumerate() {
            match fate {
                Fate::First if index == leg => other.race.first += 1,
                // Until its copy comes.
                Fate::First if other.current.is_some() => other.race.missed += 1,
                Fate::Duplicate | Fate::Ignored if index == leg => {
                    other.race.duplicates += 1;
                    other.race.missed = other.race.missed.saturating_sub(1);
                    if let Some(behind) = behind {
                        other.race.behind += behind;
                        other.race.behind_most = other.race.behind_most.max(behind);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<E: StreamEvent> Engine<E> {
    /// Puts streams that are new on connections: on those there are, as far as there is room, and on further ones.
    pub(super) fn spread(&mut self, now: Now, names: Vec<StreamName>) {
        let room_for = self.target.config.streams_per_connection.max(1);
        let mut names = names.into_iter().peekable();
        let lanes: Vec<usize> = self.lanes.keys().copied().collect();
        for index in lanes {
            let Some(lane) = self.lanes.get(&index) else { continue };
            let room = room_for.saturating_sub(lane.names.len() + lane.reserved);
            let batch: Vec<StreamName> = names.by_ref().take(room).collect();
            if !batch.is_empty() {
                self.put(now, index, &batch);
            }
        }
        while names.peek().is_some() {
            let batch: Vec<StreamName> = names.by_ref().take(room_for).collect();
            self.open_lane(now, &batch);
        }
    }

    /// Adds streams to a lane that is there.
    fn put(&mut self, now: Now, index: usize, batch: &[StreamName]) {
        if let Some(lane) = self.lanes.get_mut(&index) {
            lane.names.extend(batch.iter().cloned());
        }
        let floor = self.target.config.watchdog;
        for name in batch {
            let can_fill = self.can_fill(name);
            self.streams.insert(name, index, can_fill, floor);
        }
        self.cover(now, index, batch);
    }

    /// The links of a lane, candidates among them.
    pub(super) fn sources_of(&self, index: usize) -> Vec<Source> {
        let legs = self.lanes.get(&index).map(|lane| &lane.legs);
        legs.into_iter().flatten().flat_map(|leg| [leg.current, leg.candidate]).flatten().collect()
    }

    /// Has every link of a lane carry these streams.
    pub(super) fn cover(&mut self, now: Now, index: usize, batch: &[StreamName]) {
        for source in self.sources_of(index) {
            let Some(link) = self.links.get_mut(&source) else { continue };
            link.change().subscribe(batch.iter().cloned());
            let is_live = link.is_live();
            for name in batch {
                if let (true, Some(state)) = (is_live, self.streams.named(name.as_str())) {
                    state.tracker.add(source);
                    state.watch.covered(now.at);
                }
            }
        }
    }

    pub(super) fn open_lane(&mut self, now: Now, batch: &[StreamName]) {
        let index = self.next_lane;
        self.next_lane += 1;
        let policy = self.target.config.backoff;
        let legs = self.target.endpoints.iter().map(|_| Leg {
            current: None,
            candidate: None,
            generation: 0,
            backoff: Backoff::new(policy),
            retry_at: None,
            rotation: None,
            race: RaceStatus::default(),
        });
        let lane = Lane {
            names: BTreeSet::new(),
            legs: legs.collect(),
            is_up: false,
            watch: Watch::new(Cadence::new(None), LANE_FLOOR),
            reserved: 0,
            replaced_at: None,
        };
        self.lanes.insert(index, lane);
        self.put(now, index, batch);
        for leg in 0..self.target.endpoints.len() {
            self.connect(index, leg, false);
        }
    }

    /// Begins a connection for a leg.
    pub(super) fn connect(&mut self, index: usize, leg_index: usize, as_candidate: bool) {
        let Some(lane) = self.lanes.get_mut(&index) else { return };
        let Some(leg) = lane.legs.get_mut(leg_index) else { return };
        let Some(endpoint) = self.target.endpoints.get(leg_index) else { return };
        let source = self.next_source;
        self.next_source += 1;
        if as_candidate {
            leg.candidate = Some(source);
        } else {
            leg.current = Some(source);
        }
        leg.retry_at = None;
        let id = ConnectionId { connection: index, leg: leg_index, generation: leg.generation };
        let link = Link::connect(
            id,
            self.wakes.waker(source),
            &self.target.context,
            endpoint,
            &self.target.config,
            &self.mode,
            lane.names.iter().cloned(),
        );
        self.links.insert(source, link);
        self.wakes.push(source);
    }

    pub(super) fn link_up(&mut self, now: Now, source: Source, socket: WebSocket<BoxIo>) {
        let config = &self.target.config;
        let Some(link) = self.links.get_mut(&source) else { return };
        link.stage = Stage::Live(Box::new(socket));
        link.up = Some(self.target.meter.connected());
        link.since = now.at;
        link.rotate_at = config.rotate_after.map(|after| {
            let jitter = config.rotate_jitter.min(after / 2);
            let spread = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX).saturating_mul(2);
            let drawn = Duration::from_micros(self.target.context.random().below(spread));
            (now.at + after.saturating_sub(jitter) + drawn, RotationReason::Age)
        });
        link.change().connected();
        let number = link.number;
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        for name in &names {
            if let Some(state) = self.streams.named(name.as_str()) {
                state.tracker.add(source);
            }
        }
        self.tap_mark(number, Mark::Connected);
        self.timers(now);
    }

    /// Announces a connection once everything on it is acknowledged.
    pub(super) fn check_settled(&mut self, now: Now, source: Source) {
        let Some(link) = self.links.get_mut(&source) else { return };
        if !link.is_live() || !link.set.is_settled() || link.settled.is_some() {
            return;
        }
        link.settled = Some(now.at);
        let id = link.id;
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        let Some(lane) = self.lanes.get_mut(&id.connection) else { return };
        let legs = lane.legs.len();
        let Some(leg) = lane.legs.get_mut(id.leg) else { return };
        if leg.current != Some(source) {
            return;
        }
        leg.generation = id.generation + 1;
        let others: Vec<Source> = lane
            .legs
            .iter()
            .filter_map(|leg| leg.current)
            .filter(|other| {
                *other != source && self.links.get(other).is_some_and(|link| link.settled.is_some())
            })
            .collect();
        let ConnectionId { connection, leg, generation } = id;
        tracing::info!(connection, leg, generation, streams = names.len(), "subscribed");
        if legs > 1 {
            self.items.push_back(Item::State(StateChange::LegConnected { connection, leg, generation }));
        }
        if !lane.is_up {
            lane.is_up = true;
            lane.watch.covered(now.at);
            self.items.push_back(Item::State(StateChange::Connected { connection, generation }));
            for name in &names {
                if let Some(state) = self.streams.named(name.as_str()) {
                    state.watch.covered(now.at);
                }
            }
        }
        self.begin_joining(source, others);
    }

    /// A connection ended or could not be made.
    pub(super) fn link_lost(&mut self, now: Now, source: Source, error: binance_kit_net::Error) {
        let Some(link) = self.links.remove(&source) else { return };
        if matches!(link.stage, Stage::Closing(..)) {
            return;
        }
        let id = link.id;
        let ConnectionId { connection, leg: leg_index, .. } = id;
        tracing::warn!(endpoint = ?self.target.endpoints.get(leg_index).map(ToString::to_string), connection, leg = leg_index, %error, "stream connection lost");
        if link.is_live() {
            self.totals.disconnects += 1;
            self.tap_mark(link.number, Mark::Disconnected);
            self.target.meter.disconnected();
        } else {
            self.target.meter.connect_failed();
        }
        let Some(lane) = self.lanes.get_mut(&connection) else { return };
        let Some(leg) = lane.legs.get_mut(leg_index) else { return };
        let random = self.target.context.random().clone();
        let mut reconnecting = None;
        let mut took_over = None;
        if leg.candidate == Some(source) {
            leg.candidate = None;
            if let Some(rotation) = &mut leg.rotation {
                rotation.failed(now, &random, error.retry_after());
            }
            self.uncover(now, source, &link);
            return;
        }
        if leg.current == Some(source) {
            leg.current = None;
            // One that never came to deliver what is wanted was not stable, however long it lived.
            let lived = link.settled.map_or(Duration::ZERO, |_| now.at.saturating_sub(link.since));
            leg.backoff.ended_after(lived);
            leg.rotation = None;
            if let Some(candidate) = leg.candidate.take() {
                leg.current = Some(candidate);
                took_over =
                    self.links.get(&candidate).filter(|link| link.settled.is_some()).map(|link| link.id);
                if let Some(id) = took_over {
                    leg.generation = id.generation + 1;
                }
            } else {
                let delay = leg.backoff.next_delay(&random, error.retry_after());
                leg.retry_at = Some(now.at + delay);
                reconnecting = Some((leg.backoff.attempt(), delay));
            }
        }
        self.uncover(now, source, &link);
        self.report_loss(id, error, reconnecting, took_over);
        self.arm(now.at);
    }

    fn report_loss(
        &mut self,
        id: ConnectionId,
        error: binance_kit_net::Error,
        reconnecting: Option<(u32, Duration)>,
        took_over: Option<ConnectionId>,
    ) {
        let ConnectionId { connection, leg, .. } = id;
        let Some(lane) = self.lanes.get_mut(&connection) else { return };
        let links = &self.links;
        let is_covered = lane
            .legs
            .iter()
            .filter_map(|leg| leg.current.and_then(|source| links.get(&source)))
            .any(|link| link.settled.is_some());
        let names: Vec<StreamName> =
            if is_covered { Vec::new() } else { lane.names.iter().cloned().collect() };
        if is_covered {
            if lane.legs.len() > 1 {
                self.items.push_back(Item::State(StateChange::LegDisconnected { connection, leg, error }));
            }
        } else {
            lane.is_up = false;
            lane.watch.uncovered();
            self.items.push_back(Item::State(StateChange::Disconnected { connection, error }));
        }
        for name in &names {
            if let Some(state) = self.streams.named(name.as_str()) {
                state.watch.uncovered();
            }
        }
        if let Some(ConnectionId { generation, .. }) = took_over {
            self.totals.rotations += 1;
            self.target.meter.rotated();
            self.items.push_back(Item::State(StateChange::Rotated { connection, leg, generation }));
        }
        if let (false, Some((attempt, delay))) = (is_covered, reconnecting) {
            self.items.push_back(Item::State(StateChange::Reconnecting { connection, attempt, delay }));
        }
    }

    /// A link covers its streams no longer.
    fn uncover(&mut self, now: Now, source: Source, link: &Link) {
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        for name in &names {
            self.uncover_stream(now, source, name);
        }
    }

    pub(super) fn uncover_stream(&mut self, now: Now, source: Source, name: &StreamName) {
        let Some(number) = self.streams.find(name.as_str()) else { return };
        let Some(state) = self.streams.get(number) else { return };
        let before = state.tracker.held();
        state.tracker.remove(now.at, source, &mut self.scratch);
        self.emit(now, number, before);
    }

    /// Closes a link on purpose: its streams are covered elsewhere, or given up.
    pub(super) fn retire(&mut self, now: Now, source: Source) {
        let Some(mut link) = self.links.remove(&source) else { return };
        self.uncover(now, source, &link);
        if link.is_live() {
            self.tap_mark(link.number, Mark::Disconnected);
        }
        link.stage = match link.stage {
            Stage::Live(mut socket) => {
                if socket.close(1000, "").is_err() {
                    return;
                }
                Stage::Closing(socket, now.at + CLOSE_WITHIN)
            }
            Stage::Closing(socket, until) => Stage::Closing(socket, until),
            Stage::Connecting(_) => return,
        };
        self.links.insert(source, link);
        self.wakes.push(source);
    }

    /// Closes the connections of a lane without streams, unless it is the last one.
    pub(super) fn close_empty_lanes(&mut self, now: Now) {
        let empty: Vec<usize> =
            self.lanes.iter().filter(|(_, lane)| lane.names.is_empty()).map(|(index, _)| *index).collect();
        for index in empty {
            if self.lanes.len() < 2 {
                return;
            }
            // What is still to be acknowledged as given up is waited for.
            let sources = self.sources_of(index);
            if sources.iter().any(|source| self.links.get(source).is_some_and(|link| link.set.is_waiting())) {
                continue;
            }
            self.lanes.remove(&index);
            for source in sources {
                self.retire(now, source);
            }
        }
    }

    /// Begins to replace all connections.
    pub(super) fn rotate_all(&mut self, now: Now, reason: RotationReason) {
        let current: Vec<Source> =
            self.lanes.values().flat_map(|lane| lane.legs.iter().filter_map(|leg| leg.current)).collect();
        for source in current {
            self.rotate_link(now, source, reason);
        }
    }
}
