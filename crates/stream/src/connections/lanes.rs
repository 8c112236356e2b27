//! The lanes: which streams go over which connection, and the life of each connection from the first attempt to its loss.

use super::cadence::Cadence;
use super::handover::Rotation;
use super::link::{Link, Stage};
use super::streams::StreamKey;
use super::watch::Watch;
use super::{Connections, Now, Source};
use crate::delivery::Delivery;
use crate::delivery::order::Novelty;
use crate::item::{ConnectionId, Item, RotationReason, StateChange};
use crate::plan::Plan;
use crate::status::RaceStatus;
use binance_kit_core::tap::Mark;
use binance_kit_core::{StreamInfo, StreamName};
use binance_kit_net::ws::WebSocket;
use binance_kit_net::{Backoff, BoxIo};
use std::collections::BTreeSet;
use std::time::Duration;

/// The shortest silence of a whole connection that is suspicious.
const LANE_FLOOR: Duration = Duration::from_secs(10);
/// How long the close frame of a connection that is given up may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// One of the connections that carry a lane at once.
pub(super) struct Replica {
    /// The link in use.
    pub(super) current: Option<Source>,
    /// The link that is to replace it.
    pub(super) candidate: Option<Source>,
    /// The generation of the next link.
    pub(super) generation: u64,
    /// The waits between attempts to connect.
    pub(super) backoff: Backoff,
    /// When the next attempt is due.
    pub(super) retry_at: Option<Duration>,
    /// The replacement under way.
    pub(super) rotation: Option<Rotation>,
    /// How it compares with the other replicas.
    pub(super) race: RaceStatus,
}

/// A place among the connections.
pub(super) struct Lane {
    /// The host and route.
    pub(super) group: usize,
    /// The streams it carries.
    pub(super) names: BTreeSet<StreamName>,
    /// The connections that carry them at once.
    pub(super) replicas: Vec<Replica>,
    /// Whether at least one replica delivers everything that is subscribed.
    pub(super) is_up: bool,
    /// The watchdog of the whole connection.
    pub(super) watch: Watch,
    /// How many streams are on their way here.
    pub(super) reserved: usize,
    /// When silence last had a connection replaced.
    pub(super) replaced_at: Option<Duration>,
}

impl Lane {
    /// Counts an event of one replica against the others.
    pub(super) fn raced(&mut self, replica: usize, novelty: Novelty, behind: Option<Duration>) {
        for (index, other) in self.replicas.iter_mut().enumerate() {
            match novelty {
                Novelty::First if index == replica => other.race.first += 1,
                // Until its copy comes.
                Novelty::First if other.current.is_some() => other.race.missed += 1,
                Novelty::Duplicate | Novelty::Ignored if index == replica => {
                    other.race.duplicates += 1;
                    other.race.missed = other.race.missed.saturating_sub(1);
                    if let Some(behind) = behind {
                        other.race.behind += behind;
                        other.race.max_behind = other.race.max_behind.max(behind);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Connections {
    /// Subscribes the streams of a plan that are new.
    pub(super) fn add(&mut self, now: Now, plan: &Plan, delivery: &mut dyn Delivery) {
        let groups: Vec<usize> =
            plan.groups.iter().map(|group| self.group(group.api, group.route, &group.endpoints)).collect();
        for (place, group) in groups.into_iter().enumerate() {
            let of_group = plan.streams.iter().filter(|stream| stream.group == place);
            let new: Vec<(StreamInfo, usize)> = of_group
                .filter(|stream| self.streams.find(group, stream.info.name.as_str()).is_none())
                .map(|stream| (stream.info.clone(), stream.codec))
                .collect();
            let placed = self.spread(now, group, new, delivery);
            delivery.set_codecs(&plan.codecs, &placed);
        }
    }

    /// Puts new streams on the connections of their group: on those there are, as far as there is room, and on further ones.
    /// Gives the numbers of the streams with the places of their codecs.
    fn spread(
        &mut self,
        now: Now,
        group: usize,
        streams: Vec<(StreamInfo, usize)>,
        delivery: &dyn Delivery,
    ) -> Vec<(usize, usize)> {
        let room_for = self.target.config.streams_per_connection.max(1);
        let mut placed = Vec::new();
        let mut streams = streams.into_iter().peekable();
        let lanes: Vec<usize> =
            self.lanes.iter().filter(|(_, lane)| lane.group == group).map(|(index, _)| *index).collect();
        for index in lanes {
            let Some(lane) = self.lanes.get(&index) else { continue };
            let room = room_for.saturating_sub(lane.names.len() + lane.reserved);
            let batch: Vec<(StreamInfo, usize)> = streams.by_ref().take(room).collect();
            if !batch.is_empty() {
                placed.extend(self.put(now, index, batch, delivery));
            }
        }
        while streams.peek().is_some() {
            let batch: Vec<(StreamInfo, usize)> = streams.by_ref().take(room_for).collect();
            placed.extend(self.open_lane(now, group, batch, delivery));
        }
        placed
    }

    /// Adds streams to a lane that is there.
    fn put(
        &mut self,
        now: Now,
        index: usize,
        batch: Vec<(StreamInfo, usize)>,
        delivery: &dyn Delivery,
    ) -> Vec<(usize, usize)> {
        let Some(lane) = self.lanes.get_mut(&index) else { return Vec::new() };
        let group = lane.group;
        let names: Vec<StreamName> = batch.iter().map(|(info, _)| info.name.clone()).collect();
        lane.names.extend(names.iter().cloned());
        let streams = &mut self.streams;
        let placed = batch.into_iter().map(|(info, codec)| {
            let can_fill = delivery.can_fetch(&info);
            (streams.insert(group, index, info, can_fill), codec)
        });
        let placed = placed.collect();
        self.cover(now, index, &names);
        placed
    }

    /// The links of a lane, candidates among them.
    pub(super) fn sources_of(&self, index: usize) -> Vec<Source> {
        let replicas = self.lanes.get(&index).map(|lane| &lane.replicas);
        replicas
            .into_iter()
            .flatten()
            .flat_map(|replica| [replica.current, replica.candidate])
            .flatten()
            .collect()
    }

    /// Has every link of a lane carry these streams.
    pub(super) fn cover(&mut self, now: Now, index: usize, batch: &[StreamName]) {
        for source in self.sources_of(index) {
            let Some(link) = self.links.get_mut(&source) else { continue };
            link.change().subscribe(batch.iter().cloned());
            let (is_live, group) = (link.is_live(), link.group);
            for name in batch {
                if let (true, Some(state)) = (is_live, self.streams.named(group, name.as_str())) {
                    state.order.add(source);
                    state.watch.covered(now.at);
                }
            }
        }
    }

    fn open_lane(
        &mut self,
        now: Now,
        group: usize,
        batch: Vec<(StreamInfo, usize)>,
        delivery: &dyn Delivery,
    ) -> Vec<(usize, usize)> {
        let index = self.next_lane;
        self.next_lane += 1;
        let policy = self.target.config.backoff;
        let count = self.target.bases.replicas();
        let replicas = (0..count).map(|_| Replica {
            current: None,
            candidate: None,
            generation: 0,
            backoff: Backoff::new(policy),
            retry_at: None,
            rotation: None,
            race: RaceStatus::default(),
        });
        let lane = Lane {
            group,
            names: BTreeSet::new(),
            replicas: replicas.collect(),
            is_up: false,
            watch: Watch::new(Cadence::new(None), LANE_FLOOR),
            reserved: 0,
            replaced_at: None,
        };
        self.lanes.insert(index, lane);
        let placed = self.put(now, index, batch, delivery);
        for replica in 0..count {
            self.connect(index, replica, false);
        }
        placed
    }

    /// Begins a connection for a replica.
    pub(super) fn connect(&mut self, index: usize, replica_index: usize, as_candidate: bool) {
        let Some(lane) = self.lanes.get_mut(&index) else { return };
        let Some(replica) = lane.replicas.get_mut(replica_index) else { return };
        let group = lane.group;
        let endpoint = self.groups.get(group).and_then(|group| group.endpoints.get(replica_index));
        let Some(endpoint) = endpoint else { return };
        let source = self.next_source;
        self.next_source += 1;
        if as_candidate {
            replica.candidate = Some(source);
        } else {
            replica.current = Some(source);
        }
        replica.retry_at = None;
        let id = ConnectionId { connection: index, replica: replica_index, generation: replica.generation };
        let link = Link::connect(
            id,
            group,
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
        let (number, group) = (link.number, link.group);
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        for name in &names {
            if let Some(state) = self.streams.named(group, name.as_str()) {
                state.order.add(source);
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
        let (id, group) = (link.id, link.group);
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        let Some(lane) = self.lanes.get_mut(&id.connection) else { return };
        let replicas = lane.replicas.len();
        let Some(replica) = lane.replicas.get_mut(id.replica) else { return };
        if replica.current != Some(source) {
            return;
        }
        replica.generation = id.generation + 1;
        let others: Vec<Source> = lane
            .replicas
            .iter()
            .filter_map(|replica| replica.current)
            .filter(|other| {
                *other != source && self.links.get(other).is_some_and(|link| link.settled.is_some())
            })
            .collect();
        let ConnectionId { connection, replica, generation } = id;
        tracing::info!(connection, replica, generation, streams = names.len(), "subscribed");
        if replicas > 1 {
            self.items.push_back(Item::State(StateChange::ReplicaConnected {
                connection,
                replica,
                generation,
            }));
        }
        if !lane.is_up {
            lane.is_up = true;
            lane.watch.covered(now.at);
            self.items.push_back(Item::State(StateChange::Connected { connection, generation }));
            for name in &names {
                if let Some(state) = self.streams.named(group, name.as_str()) {
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
        let ConnectionId { connection, replica: replica_index, .. } = id;
        let endpoint = self.endpoint(link.group, replica_index).map(ToString::to_string);
        tracing::warn!(endpoint, connection, replica = replica_index, %error, "stream connection lost");
        if let Some(group) = self.groups.get(link.group) {
            self.target.context.governor().observe_upgrade(group.api, &error);
        }
        if link.is_live() {
            self.totals.disconnects += 1;
            self.tap_mark(link.number, Mark::Disconnected);
            self.target.meter.disconnected();
        } else {
            self.target.meter.connect_failed();
        }
        let Some(lane) = self.lanes.get_mut(&connection) else { return };
        let Some(replica) = lane.replicas.get_mut(replica_index) else { return };
        let random = self.target.context.random().clone();
        let mut reconnecting = None;
        let mut took_over = None;
        if replica.candidate == Some(source) {
            replica.candidate = None;
            if let Some(rotation) = &mut replica.rotation {
                rotation.failed(now, &random, error.retry_after());
            }
            self.uncover(now, source, &link);
            return;
        }
        if replica.current == Some(source) {
            replica.current = None;
            // One that never came to deliver what is wanted was not stable, however long it lived.
            let is_useful = (link.settled.is_some() && link.set.has_answered()) || link.has_delivered;
            let lived = if is_useful { now.at.saturating_sub(link.since) } else { Duration::ZERO };
            replica.backoff.ended_after(lived, link.has_delivered);
            replica.rotation = None;
            if let Some(candidate) = replica.candidate.take() {
                replica.current = Some(candidate);
                took_over =
                    self.links.get(&candidate).filter(|link| link.settled.is_some()).map(|link| link.id);
                if let Some(id) = took_over {
                    replica.generation = id.generation + 1;
                }
            } else {
                let delay = replica.backoff.next_delay(&random, error.retry_after());
                replica.retry_at = Some(now.at + delay);
                reconnecting = Some((replica.backoff.attempt(), delay));
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
        let ConnectionId { connection, replica, .. } = id;
        let Some(lane) = self.lanes.get_mut(&connection) else { return };
        let (group, links) = (lane.group, &self.links);
        let error = crate::error::network(error);
        let is_covered = lane
            .replicas
            .iter()
            .filter_map(|replica| replica.current.and_then(|source| links.get(&source)))
            .any(|link| link.settled.is_some());
        let names: Vec<StreamName> =
            if is_covered { Vec::new() } else { lane.names.iter().cloned().collect() };
        if is_covered {
            if lane.replicas.len() > 1 {
                self.items.push_back(Item::State(StateChange::ReplicaDisconnected {
                    connection,
                    replica,
                    error,
                }));
            }
        } else {
            lane.is_up = false;
            lane.watch.uncovered();
            self.items.push_back(Item::State(StateChange::Disconnected { connection, error }));
        }
        for name in &names {
            if let Some(state) = self.streams.named(group, name.as_str()) {
                state.watch.uncovered();
            }
        }
        if let Some(ConnectionId { generation, .. }) = took_over {
            self.totals.rotations += 1;
            self.target.meter.rotated();
            self.items.push_back(Item::State(StateChange::Rotated { connection, replica, generation }));
        }
        if let (false, Some((attempt, delay))) = (is_covered, reconnecting) {
            self.items.push_back(Item::State(StateChange::Reconnecting { connection, attempt, delay }));
        }
    }

    /// A link covers its streams no longer.
    fn uncover(&mut self, now: Now, source: Source, link: &Link) {
        let names: Vec<StreamName> = link.set.wanted().cloned().collect();
        for name in &names {
            self.uncover_stream(now, source, &StreamKey::new(link.group, name));
        }
    }

    pub(super) fn uncover_stream(&mut self, now: Now, source: Source, key: &StreamKey) {
        let Some(number) = self.streams.find(key.group, key.name.as_str()) else { return };
        let Some(state) = self.streams.get(number) else { return };
        let before = state.order.held();
        state.order.remove(now.at, source, &mut self.scratch);
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
                Stage::Closing(socket, now.at + CLOSE_TIMEOUT)
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
        let current: Vec<Source> = self
            .lanes
            .values()
            .flat_map(|lane| lane.replicas.iter().filter_map(|replica| replica.current))
            .collect();
        for source in current {
            self.rotate_link(now, source, reason);
        }
    }
}
