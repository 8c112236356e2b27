//! Make before break: a new connection takes over from an old one only when it is up, acknowledged, known to overlap, and
//! heard.
//!
//! The order of things on the old connection proves the overlap: an answer there, to a question asked after the new
//! subscription was acknowledged, comes behind everything that was published before the new one began.

use super::link::Link;
use super::timers::TICK;
use super::{Engine, Now};
use crate::item::{ConnectionId, Item, RotationReason, StateChange};
use crate::tracker::Source;
use binance_kit_core::{StreamEvent, StreamName};
use binance_kit_net::{Backoff, BackoffPolicy, Random};
use std::time::Duration;

/// How often a candidate that does not hear what the old connection hears is given more time.
const EXTENSIONS: u32 = 2;

/// A replacement that is wanted or under way.
pub(super) struct Rotation {
    reason: RotationReason,
    backoff: Backoff,
    pub(super) retry_at: Option<Duration>,
    /// How many listings the old connection will have answered when the overlap is proven.
    fence: Option<u64>,
    fenced_at: Option<Duration>,
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
    names: Vec<StreamName>,
    from: usize,
    to: usize,
    /// The room that is kept for them there.
    reserved: usize,
    /// For each leg the two links, and how many listings the old one will have answered.
    pairs: Vec<(Source, Source, Option<u64>)>,
}

/// A leg that came up beside others.
pub(super) struct Joining {
    new: Source,
    /// The others, and how many listings each will have answered.
    others: Vec<(Source, u64)>,
}

impl<E: StreamEvent> Engine<E> {
    /// A leg is acknowledged: asks the others for a sign that what was published before has come.
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
                let names: Vec<StreamName> = new.set.wanted().cloned().collect();
                for name in &names {
                    self.join(now, joining.new, name);
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
        let ConnectionId { connection, leg: leg_index, .. } = link.id;
        let policy = self.target.config.backoff;
        let Some(leg) = self.lanes.get_mut(&connection).and_then(|lane| lane.legs.get_mut(leg_index)) else {
            return;
        };
        if link.settled.is_none() || leg.candidate == Some(source) {
            // It is not up yet, and will come back if it ends. What the exchange has announced of it comes all the same.
            if reason == RotationReason::ServerShutdown {
                link.rotate_at = Some((now.at + TICK, reason));
            }
            return;
        }
        if leg.current != Some(source) || leg.rotation.is_some() {
            return;
        }
        tracing::info!(connection, leg = leg_index, ?reason, "rotating");
        leg.rotation = Some(Rotation::new(reason, policy));
        self.push(Item::State(StateChange::Rotating { connection, leg: leg_index, reason }));
        self.connect(connection, leg_index, true);
        self.arm(now.at);
    }

    /// Whether anything is being handed over, so that it must be looked at often.
    pub(super) fn is_handing_over(&self) -> bool {
        !self.moves.is_empty()
            || !self.joining.is_empty()
            || self.lanes.values().any(|lane| lane.legs.iter().any(|leg| leg.rotation.is_some()))
    }

    /// Takes every replacement as far as it can go now.
    pub(super) fn hand_over(&mut self, now: Now) {
        let places: Vec<(usize, usize)> = self
            .lanes
            .iter()
            .flat_map(|(index, lane)| {
                lane.legs.iter().enumerate().map(move |(leg, state)| (*index, leg, state))
            })
            .filter(|(_, _, leg)| leg.rotation.is_some())
            .map(|(index, leg, _)| (index, leg))
            .collect();
        for (index, leg) in places {
            self.advance_rotation(now, index, leg);
        }
        self.advance_moves(now);
        self.advance_joining(now);
    }

    fn advance_rotation(&mut self, now: Now, index: usize, leg_index: usize) {
        let Some(lane) = self.lanes.get_mut(&index) else { return };
        let Some(leg) = lane.legs.get_mut(leg_index) else { return };
        let (Some(current), Some(rotation)) = (leg.current, &mut leg.rotation) else { return };
        let Some(candidate) = leg.candidate else {
            if rotation.retry_at.is_none_or(|at| at <= now.at) {
                rotation.retry_at = None;
                self.connect(index, leg_index, true);
            }
            return;
        };
        let names: Vec<StreamName> = lane.names.iter().cloned().collect();
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
        let patience = self.target.config.hear_within * (rotation.extended + 1);
        if newly {
            for name in &names {
                self.join(now, candidate, name);
            }
        }
        let unheard: Vec<StreamName> = names
            .iter()
            .filter(|name| {
                self.streams.named(name.as_str()).is_some_and(|state| !state.tracker.heard(candidate))
            })
            .cloned()
            .collect();
        if !unheard.is_empty() && now.at < fenced_at + patience {
            return;
        }
        let deaf: Vec<StreamName> = unheard
            .into_iter()
            .filter(|name| {
                self.streams
                    .named(name.as_str())
                    .is_some_and(|state| state.tracker.spoke_since_joined(candidate))
            })
            .collect();
        if deaf.is_empty() {
            return self.complete_rotation(now, index, leg_index);
        }
        // The old connection speaks, and the new one does not.
        tracing::warn!(
            connection = index,
            leg = leg_index,
            streams = deaf.len(),
            "the new connection is silent"
        );
        let leg = self.lanes.get_mut(&index).and_then(|lane| lane.legs.get_mut(leg_index));
        let Some(leg) = leg else { return };
        let Some(rotation) = &mut leg.rotation else { return };
        if rotation.extended < EXTENSIONS {
            rotation.extended += 1;
            if let Some(link) = self.links.get_mut(&candidate) {
                for name in &deaf {
                    link.change().renew(name);
                }
                link.settled = Some(now.at);
                link.is_changed = true;
            }
            return;
        }
        leg.candidate = None;
        rotation.failed(now, &self.target.context.random().clone(), None);
        self.retire(now, candidate);
    }

    /// Everything published before the new link began has come.
    fn join(&mut self, now: Now, source: Source, name: &StreamName) {
        let Some(number) = self.streams.find(name.as_str()) else { return };
        let Some(state) = self.streams.get(number) else { return };
        let before = state.tracker.held();
        state.tracker.joined(now.at, source, &mut self.scratch);
        self.emit(now, number, before);
    }

    fn complete_rotation(&mut self, now: Now, index: usize, leg_index: usize) {
        let Some(leg) = self.lanes.get_mut(&index).and_then(|lane| lane.legs.get_mut(leg_index)) else {
            return;
        };
        let (Some(old), Some(new)) = (leg.current, leg.candidate.take()) else { return };
        leg.current = Some(new);
        let reason = leg.rotation.take().map(|rotation| rotation.reason);
        let generation = self.links.get(&new).map_or(leg.generation, |link| link.id.generation);
        leg.generation = generation + 1;
        tracing::info!(connection = index, leg = leg_index, generation, ?reason, "rotated");
        self.totals.rotations += 1;
        self.target.meter.rotated();
        self.retire(now, old);
        self.push(Item::State(StateChange::Rotated { connection: index, leg: leg_index, generation }));
    }

    // Moving streams from one lane to another.

    /// Puts the streams on as few connections as hold them. What moves is on both meanwhile.
    pub(super) fn rebalance(&mut self, now: Now) {
        if !self.moves.is_empty() {
            return;
        }
        let room_for = self.target.config.streams_per_connection.max(1);
        let mut sizes: Vec<(usize, usize)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.is_up)
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
            let legs = &engine.lanes.get(&lane)?.legs;
            legs.iter().map(|leg| leg.current.filter(|_| leg.rotation.is_none())).collect()
        };
        let (Some(old), Some(new)) = (current(self, from), current(self, to)) else { return false };
        let is_settled = |source: &Source| self.links.get(source).is_some_and(|link| link.settled.is_some());
        if !old.iter().chain(&new).all(is_settled) {
            return false;
        }
        for source in &new {
            if let Some(link) = self.links.get_mut(source) {
                link.change().subscribe(names.iter().cloned());
            }
            for name in names {
                if let Some(state) = self.streams.named(name.as_str()) {
                    state.tracker.add(*source);
                }
            }
        }
        if let Some(lane) = self.lanes.get_mut(&to) {
            lane.reserved += names.len();
        }
        tracing::info!(from, to, streams = names.len(), "moving");
        let pairs = old.into_iter().zip(new).map(|(old, new)| (old, new, None)).collect();
        self.moves.push(Move { names: names.to_vec(), from, to, reserved: names.len(), pairs });
        self.arm(now.at);
        true
    }

    fn advance_moves(&mut self, now: Now) {
        let mut moves = std::mem::take(&mut self.moves);
        moves.retain_mut(|moving| {
            // What was given up meanwhile does not move.
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
                // One that is gone has nothing more to say.
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
        let names = &moving.names;
        if let Some(lane) = self.lanes.get_mut(&moving.to) {
            lane.reserved = lane.reserved.saturating_sub(moving.reserved);
        }
        for (_, new, _) in &moving.pairs {
            for name in names {
                self.join(now, *new, name);
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
                if let Some(state) = self.streams.named(name.as_str()) {
                    state.lane = moving.to;
                }
            }
            // Those that began to take over there meanwhile know nothing of them.
            self.cover(now, moving.to, names);
            tracing::info!(from = moving.from, to = moving.to, streams = names.len(), "moved");
        }
        // Those that came meanwhile as well as those that were there.
        for source in self.sources_of(left) {
            for name in names {
                self.uncover_stream(now, source, name);
            }
            if let Some(link) = self.links.get_mut(&source) {
                link.change().unsubscribe(names.iter().cloned());
            }
        }
    }
}
