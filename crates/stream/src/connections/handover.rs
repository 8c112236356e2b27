//! Make before break: a new connection replaces an old one only when it is up, acknowledged, known to overlap, and delivers
//! events.
//!
//! The order of messages on the old connection proves the overlap: the answer there to a request sent after the new
//! subscription was acknowledged follows everything that was published before the new connection started.

use super::link::Link;
use super::streams::StreamKey;
use super::timers::TICK;
use super::{Connections, Now, Source};
use crate::item::{ConnectionId, Item, RotationReason, StateChange};
use binance_kit_core::StreamName;
use binance_kit_net::{Backoff, BackoffPolicy, Random};
use std::time::Duration;

/// Number of times that a candidate without the events of the old connection is given more time.
const EXTENSIONS: u32 = 2;

/// A replacement that is due or under way.
pub(super) struct Rotation {
    /// Why the connection is replaced.
    reason: RotationReason,
    /// The waits between attempts.
    backoff: Backoff,
    /// When the next attempt is due.
    pub(super) retry_at: Option<Duration>,
    /// Number of listings the old connection has answered when the overlap is proven.
    fence: Option<u64>,
    /// When the overlap was proven.
    fenced_at: Option<Duration>,
    /// How many times the candidate was given more time.
    extended: u32,
}

impl Rotation {
    fn new(reason: RotationReason, policy: BackoffPolicy) -> Self {
        Self {
            reason,
            backoff: Backoff::new(policy),
            retry_at: None,
            fence: None,
            fenced_at: None,
            extended: 0,
        }
    }

    /// The candidate is gone; another one follows.
    pub(super) fn failed(&mut self, now: Now, random: &Random, at_least: Option<Duration>) {
        if self.backoff.attempt() == 0 {
            // The first attempt was at once; so the next is not.
            self.backoff.next_delay(random, None);
        }
        self.retry_at = Some(now.at + self.backoff.next_delay(random, at_least));
        self.fence = None;
        self.fenced_at = None;
        self.extended = 0;
    }
}

/// Streams on their way from one lane to another.
pub(super) struct Move {
    /// The host and route.
    group: usize,
    /// The streams.
    names: Vec<StreamName>,
    /// The lane they leave.
    from: usize,
    /// The lane they go to.
    to: usize,
    /// The room that is kept for them there.
    reserved: usize,
    /// For each replica the two links, and the number of listings the old one has answered when the overlap is proven.
    pairs: Vec<(Source, Source, Option<u64>)>,
}

/// A replica that came up while others were up.
pub(super) struct Joining {
    /// The new link.
    new: Source,
    /// The other links, and the number of listings each has answered when the overlap is proven.
    others: Vec<(Source, u64)>,
}

impl Connections {
    /// A replica is acknowledged: lists the subscriptions on the others, whose answers follow everything published before.
    pub(super) fn begin_joining(&mut self, source: Source, others: Vec<Source>) {
        let mut fences = Vec::new();
        for other in others {
            if let Some(link) = self.links.get_mut(&other) {
                fences.push((other, link.change().fence()));
            }
        }
        if !fences.is_empty() {
            self.joining.push(Joining { new: source, others: fences });
        }
    }

    fn advance_joining(&mut self, now: Now) {
        let mut joining = std::mem::take(&mut self.joining);
        joining.retain_mut(|joining| {
            let links = &self.links;
            joining
                .others
                .retain(|(other, fence)| links.get(other).is_some_and(|link| link.set.listings() < *fence));
            let Some(new) = links.get(&joining.new) else { return false };
            if joining.others.is_empty() {
                let group = new.group;
                let names: Vec<StreamName> = new.set.wanted().cloned().collect();
                for name in &names {
                    self.join(now, joining.new, &StreamKey::new(group, name));
                }
            }
            !joining.others.is_empty()
        });
        joining.append(&mut self.joining);
        self.joining = joining;
    }

    /// Begins to replace a connection, if it is a current one that is not being replaced already.
    pub(super) fn rotate_link(&mut self, now: Now, source: Source, reason: RotationReason) {
        let Some(link) = self.links.get_mut(&source) else { return };
        let ConnectionId { connection, replica: replica_index, .. } = link.id;
        let policy = self.target.config.backoff;
        let Some(replica) =
            self.lanes.get_mut(&connection).and_then(|lane| lane.replicas.get_mut(replica_index))
        else {
            return;
        };
        if link.settled.is_none() || replica.candidate == Some(source) {
            // It is not up yet, and is opened again if it ends. The announced shutdown takes place nevertheless.
            if reason == RotationReason::ServerShutdown {
                link.rotate_at = Some((now.at + TICK, reason));
            }
            return;
        }
        if replica.current != Some(source) || replica.rotation.is_some() {
            return;
        }
        tracing::info!(connection, replica = replica_index, ?reason, "rotating");
        replica.rotation = Some(Rotation::new(reason, policy));
        self.push(Item::State(StateChange::Rotating { connection, replica: replica_index, reason }));
        self.connect(connection, replica_index, true);
        self.arm(now.at);
    }

    /// Whether anything is being handed over, so that it must be checked often.
    pub(super) fn is_handing_over(&self) -> bool {
        !self.moves.is_empty()
            || !self.joining.is_empty()
            || self.lanes.values().any(|lane| lane.replicas.iter().any(|replica| replica.rotation.is_some()))
    }

    /// Advances every replacement as far as possible.
    pub(super) fn hand_over(&mut self, now: Now) {
        let places: Vec<(usize, usize)> = self
            .lanes
            .iter()
            .flat_map(|(index, lane)| {
                lane.replicas.iter().enumerate().map(move |(replica, state)| (*index, replica, state))
            })
            .filter(|(_, _, replica)| replica.rotation.is_some())
            .map(|(index, replica, _)| (index, replica))
            .collect();
        for (index, replica) in places {
            self.advance_rotation(now, index, replica);
        }
        self.advance_moves(now);
        self.advance_joining(now);
    }

    fn advance_rotation(&mut self, now: Now, index: usize, replica_index: usize) {
        let Some(lane) = self.lanes.get_mut(&index) else { return };
        let Some(replica) = lane.replicas.get_mut(replica_index) else { return };
        let (Some(current), Some(rotation)) = (replica.current, &mut replica.rotation) else { return };
        let Some(candidate) = replica.candidate else {
            if rotation.retry_at.is_none_or(|at| at <= now.at) {
                rotation.retry_at = None;
                self.connect(index, replica_index, true);
            }
            return;
        };
        let (group, names) = (lane.group, lane.names.iter().cloned().collect::<Vec<StreamName>>());
        if self.links.get(&candidate).is_none_or(|link| link.settled.is_none() || !link.set.is_settled()) {
            return;
        }
        let Some(old) = self.links.get_mut(&current) else { return };
        let fence = *rotation.fence.get_or_insert_with(|| old.change().fence());
        if old.set.listings() < fence {
            return;
        }
        let newly = rotation.fenced_at.is_none();
        let fenced_at = *rotation.fenced_at.get_or_insert(now.at);
        let timeout = self.target.config.overlap_timeout * (rotation.extended + 1);
        if newly {
            for name in &names {
                self.join(now, candidate, &StreamKey::new(group, name));
            }
        }
        let silent: Vec<StreamName> = names
            .iter()
            .filter(|name| {
                let state = self.streams.named(group, name.as_str());
                state.is_some_and(|state| !state.order.is_active(candidate))
            })
            .cloned()
            .collect();
        if !silent.is_empty() && now.at < fenced_at + timeout {
            return;
        }
        let missing: Vec<StreamName> = silent
            .into_iter()
            .filter(|name| {
                let state = self.streams.named(group, name.as_str());
                state.is_some_and(|state| state.order.others_active(candidate))
            })
            .collect();
        if missing.is_empty() {
            return self.complete_rotation(now, index, replica_index);
        }
        // Events arrive on the old connection and not on the new one.
        tracing::warn!(
            connection = index,
            replica = replica_index,
            streams = missing.len(),
            "new connection is silent"
        );
        let replica = self.lanes.get_mut(&index).and_then(|lane| lane.replicas.get_mut(replica_index));
        let Some(replica) = replica else { return };
        let Some(rotation) = &mut replica.rotation else { return };
        if rotation.extended < EXTENSIONS {
            rotation.extended += 1;
            if let Some(link) = self.links.get_mut(&candidate) {
                for name in &missing {
                    link.change().renew(name);
                }
                link.settled = Some(now.at);
                link.is_changed = true;
            }
            return;
        }
        replica.candidate = None;
        rotation.failed(now, &self.target.context.random().clone(), None);
        self.retire(now, candidate);
    }

    /// Everything published before the new link started has arrived.
    fn join(&mut self, now: Now, source: Source, key: &StreamKey) {
        let Some(number) = self.streams.find(key.group, key.name.as_str()) else { return };
        let Some(state) = self.streams.get(number) else { return };
        let before = state.order.held();
        state.order.joined(now.at, source, &mut self.scratch);
        self.emit(now, number, before);
    }

    fn complete_rotation(&mut self, now: Now, index: usize, replica_index: usize) {
        let Some(replica) = self.lanes.get_mut(&index).and_then(|lane| lane.replicas.get_mut(replica_index))
        else {
            return;
        };
        let (Some(old), Some(new)) = (replica.current, replica.candidate.take()) else { return };
        replica.current = Some(new);
        let reason = replica.rotation.take().map(|rotation| rotation.reason);
        let generation = self.links.get(&new).map_or(replica.generation, |link| link.id.generation);
        replica.generation = generation + 1;
        tracing::info!(connection = index, replica = replica_index, generation, ?reason, "rotated");
        self.totals.rotations += 1;
        self.target.meter.rotated();
        self.retire(now, old);
        self.push(Item::State(StateChange::Rotated {
            connection: index,
            replica: replica_index,
            generation,
        }));
    }

    // Moving streams from one lane to another.

    /// Puts the streams on as few connections as hold them. What moves is on both meanwhile.
    pub(super) fn rebalance(&mut self, now: Now) {
        if !self.moves.is_empty() {
            return;
        }
        for group in 0..self.groups.len() {
            self.rebalance_group(now, group);
        }
    }

    fn rebalance_group(&mut self, now: Now, group: usize) {
        let room_for = self.target.config.streams_per_connection.max(1);
        let mut sizes: Vec<(usize, usize)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.group == group && lane.is_up)
            .map(|(index, lane)| (lane.names.len(), *index))
            .collect();
        sizes.sort_unstable();
        let total: usize = sizes.iter().map(|(size, _)| size).sum();
        let needed = total.div_ceil(room_for).max(1);
        let spare = sizes.len().saturating_sub(needed);
        let (emptied, kept) = sizes.split_at(spare);
        let mut rooms: Vec<(usize, usize)> =
            kept.iter().rev().map(|(size, index)| (room_for.saturating_sub(*size), *index)).collect();
        for (_, from) in emptied {
            let Some(lane) = self.lanes.get(from) else { continue };
            let mut names: Vec<StreamName> = lane.names.iter().cloned().collect();
            for (room, to) in &mut rooms {
                let batch = names.split_off(names.len() - (*room).min(names.len()));
                if !batch.is_empty() && self.begin_move(now, *from, *to, &batch) {
                    *room -= batch.len();
                }
            }
        }
    }

    /// Subscribes to streams on another lane as well. `false` when one of the lanes is not up.
    fn begin_move(&mut self, now: Now, from: usize, to: usize, names: &[StreamName]) -> bool {
        let current = |engine: &Self, lane: usize| -> Option<Vec<Source>> {
            let replicas = &engine.lanes.get(&lane)?.replicas;
            replicas.iter().map(|replica| replica.current.filter(|_| replica.rotation.is_none())).collect()
        };
        let (Some(old), Some(new)) = (current(self, from), current(self, to)) else { return false };
        let Some(group) = self.lanes.get(&to).map(|lane| lane.group) else { return false };
        let is_settled = |source: &Source| self.links.get(source).is_some_and(|link| link.settled.is_some());
        if !old.iter().chain(&new).all(is_settled) {
            return false;
        }
        for source in &new {
            if let Some(link) = self.links.get_mut(source) {
                link.change().subscribe(names.iter().cloned());
            }
            for name in names {
                if let Some(state) = self.streams.named(group, name.as_str()) {
                    state.order.add(*source);
                }
            }
        }
        if let Some(lane) = self.lanes.get_mut(&to) {
            lane.reserved += names.len();
        }
        tracing::info!(from, to, streams = names.len(), "moving");
        let pairs = old.into_iter().zip(new).map(|(old, new)| (old, new, None)).collect();
        self.moves.push(Move { group, names: names.to_vec(), from, to, reserved: names.len(), pairs });
        self.arm(now.at);
        true
    }

    fn advance_moves(&mut self, now: Now) {
        let mut moves = std::mem::take(&mut self.moves);
        moves.retain_mut(|moving| {
            // Streams that were unsubscribed meanwhile do not move.
            let wanted = self.lanes.get(&moving.from).map(|lane| &lane.names);
            moving.names.retain(|name| wanted.is_some_and(|wanted| wanted.contains(name)));
            let is_lost = |source| self.links.get(source).is_none_or(Link::is_closing);
            if moving.pairs.iter().any(|(_, new, _)| is_lost(new)) {
                self.end_move(now, moving, false);
                return false;
            }
            let mut is_done = true;
            for (old, new, fence) in &mut moving.pairs {
                let Some(link) = self.links.get(new) else { continue };
                if !moving.names.iter().all(|name| link.set.is_present(name)) {
                    is_done = false;
                    continue;
                }
                // A link that is gone delivers nothing more.
                let Some(old) = self.links.get_mut(old) else { continue };
                let fence = *fence.get_or_insert_with(|| old.change().fence());
                is_done &= old.set.listings() >= fence;
            }
            if is_done {
                self.end_move(now, moving, true);
            }
            !is_done
        });
        moves.append(&mut self.moves);
        self.moves = moves;
        self.close_empty_lanes(now);
    }

    fn end_move(&mut self, now: Now, moving: &Move, is_done: bool) {
        let (group, names) = (moving.group, &moving.names);
        if let Some(lane) = self.lanes.get_mut(&moving.to) {
            lane.reserved = lane.reserved.saturating_sub(moving.reserved);
        }
        for (_, new, _) in &moving.pairs {
            for name in names {
                self.join(now, *new, &StreamKey::new(group, name));
            }
        }
        let left = if is_done { moving.from } else { moving.to };
        if is_done {
            if let Some(lane) = self.lanes.get_mut(&moving.from) {
                lane.names.retain(|name| !names.contains(name));
            }
            if let Some(lane) = self.lanes.get_mut(&moving.to) {
                lane.names.extend(names.iter().cloned());
            }
            for name in names {
                if let Some(state) = self.streams.named(group, name.as_str()) {
                    state.lane = moving.to;
                }
            }
            // Candidates that were opened there meanwhile do not carry them yet.
            self.cover(now, moving.to, names);
            tracing::info!(from = moving.from, to = moving.to, streams = names.len(), "moved");
        }
        // Links opened meanwhile as well as earlier ones.
        for source in self.sources_of(left) {
            for name in names {
                self.uncover_stream(now, source, &StreamKey::new(group, name));
            }
            if let Some(link) = self.links.get_mut(&source) {
                link.change().unsubscribe(names.iter().cloned());
            }
        }
    }
}
