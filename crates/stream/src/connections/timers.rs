//! Timers: control messages and their deadlines, pings, idle connections, reconnects, rotations, the watchdogs, and the jump
//! of the wall clock that shows that the machine was suspended.

use super::establish::LIST_GRACE;
use super::link::{ROUND_TRIP, Stage, Trip};
use super::streams::shown;
use super::wanted::Overdue;
use super::watch::Step;
use super::{Connections, Now, Source};
use crate::item::{ConnectionId, Item, RotationReason, Stale, Unanswered};
use binance_kit_core::{StreamName, Timestamp};
use binance_kit_net::ErrorKind as NetErrorKind;
use std::time::Duration;

/// How often the watchdogs and the wall clock are checked.
pub(super) const TICK: Duration = Duration::from_secs(1);
/// How often a handover is checked.
const HANDOVER_TICK: Duration = Duration::from_millis(50);
/// How long a connection has to receive something after the machine was suspended.
const SUSPECT_FOR: Duration = Duration::from_secs(3);
/// Minimum time between two replacements of a connection for silent streams.
const REPLACE_INTERVAL: Duration = Duration::from_secs(300);

/// What the regular look compares.
pub(super) struct Tick {
    /// When the next look is due.
    next: Duration,
    /// The time of the last look, monotonic and by the wall clock.
    last: Option<(Duration, Timestamp)>,
    /// Whether no item was taken since, so that nothing was read.
    pub(super) unread: bool,
}

impl Tick {
    pub(super) fn new(wall: Timestamp) -> Self {
        Self { next: Duration::ZERO, last: Some((Duration::ZERO, wall)), unread: false }
    }

    /// When the last look was.
    #[inline]
    pub(super) fn last(&self) -> Duration {
        self.last.map_or(Duration::ZERO, |(at, _)| at)
    }
}

impl Connections {
    /// Does what is due, and sets the timer.
    pub(super) fn timers(&mut self, now: Now) {
        if self.is_closing {
            self.close_late(now);
            self.arm(now.at + HANDOVER_TICK);
            return;
        }
        self.settle(now);
        if self.is_handing_over() {
            self.hand_over(now);
            self.settle(now);
        }
        self.expire_calls(now);
        self.reconnect(now);
        self.close_late(now);
        if now.at >= self.tick.next {
            self.tick.next = now.at + TICK;
            self.look(now);
        }
        let mut next = self.tick.next;
        if self.is_handing_over() {
            next = next.min(now.at + HANDOVER_TICK);
        }
        next = next.min(self.calls_deadline().unwrap_or(next));
        for number in std::mem::take(&mut self.holes) {
            let Some(state) = self.streams.get(number) else { continue };
            let before = state.order.held();
            state.order.expire(now.at, &mut self.scratch);
            if let Some(due) = state.order.next_deadline() {
                next = next.min(due);
            }
            self.emit(now, number, before);
        }
        let mut following = self.link_from(0);
        while let Some(source) = following {
            following = self.link_from(source + 1);
            // With hundreds of connections, most have nothing to do.
            match self.links.get(&source) {
                Some(link) if !link.is_changed && link.due > now.at => next = next.min(link.due),
                _ => next = next.min(self.link_timers(now, source).unwrap_or(next)),
            }
        }
        for lane in self.lanes.values() {
            for replica in &lane.replicas {
                next = next.min(replica.retry_at.unwrap_or(next));
            }
        }
        self.arm(next.max(now.at));
    }

    /// The first link with this number or a later one: links are gone through while they come and go.
    pub(super) fn link_from(&self, source: Source) -> Option<Source> {
        self.links.range(source..).next().map(|(source, _)| *source)
    }

    /// Connects again where the wait is over.
    fn reconnect(&mut self, now: Now) {
        let due: Vec<(usize, usize)> = self
            .lanes
            .iter()
            .flat_map(|(index, lane)| {
                lane.replicas.iter().enumerate().map(move |(replica, state)| (*index, replica, state))
            })
            .filter(|(_, _, replica)| {
                replica.current.is_none() && replica.retry_at.is_none_or(|at| at <= now.at)
            })
            .map(|(index, replica, _)| (index, replica))
            .collect();
        for (index, replica) in due {
            self.connect(index, replica, false);
        }
    }

    /// Drops connections whose closing takes too long.
    fn close_late(&mut self, now: Now) {
        self.links.retain(|_, link| !matches!(link.stage, Stage::Closing(_, until) if until <= now.at));
        self.check_closed();
    }

    /// Does what is due for one link. Gives when the next timer is due.
    fn link_timers(&mut self, now: Now, source: Source) -> Option<Duration> {
        let due = self.link_due(now, source);
        let link = self.links.get_mut(&source)?;
        link.is_changed = false;
        link.due = due.unwrap_or(Duration::MAX);
        due
    }

    fn link_due(&mut self, now: Now, source: Source) -> Option<Duration> {
        let config = &self.target.config;
        let (idle_timeout, acknowledge_timeout) = (config.idle_timeout, config.acknowledge_timeout);
        let link = self.links.get_mut(&source)?;
        if let Stage::Closing(_, until) = link.stage {
            return Some(until);
        }
        if !link.is_live() {
            return None;
        }
        if link.set.next_expiry(acknowledge_timeout).is_some_and(|due| due <= now.at)
            && let Some(error) = self.unanswered(now, source)
        {
            self.link_lost(now, source, error);
            return Some(now.at);
        }
        let link = self.links.get_mut(&source)?;
        while let Some(text) = link.set.next_control(now.at) {
            let Some(result) = link.socket().map(|socket| socket.send_text(&text)) else { break };
            if let Err(error) = result {
                self.link_lost(now, source, error);
                return Some(now.at);
            }
            // Written by reading.
            self.wakes.push(source);
        }
        let last = link.last_received(&now);
        let quiet = now.at.saturating_sub(last);
        if link.suspect_until.is_some_and(|until| last + SUSPECT_FOR >= until) {
            link.suspect_until = None;
        }
        if quiet >= idle_timeout || link.suspect_until.is_some_and(|until| until <= now.at) {
            let detail = format!("nothing arrived for {} seconds", quiet.as_secs());
            let error = binance_kit_net::Error::new(NetErrorKind::Timeout).detail(detail);
            self.link_lost(now, source, error);
            return Some(now.at);
        }
        let half = idle_timeout / 2;
        if link.pinged_at.is_some_and(|pinged| last >= pinged) {
            link.pinged_at = None;
        }
        // Nothing comes while an answer is due: a ping shows whether the peer is there.
        let is_late = |due: Duration| due <= now.at + acknowledge_timeout / 2;
        let is_owed = link.set.next_expiry(acknowledge_timeout).is_some_and(is_late);
        let is_owed = is_owed && quiet >= acknowledge_timeout / 2;
        if link.pinged_at.is_none() && (quiet >= half || link.suspect_until.is_some() || is_owed) {
            link.pinged_at = Some(now.at);
            link.set.note_sent(now.at);
            let result = link.socket().map(|socket| socket.send_ping(b""));
            if let Some(Err(error)) = result {
                self.link_lost(now, source, error);
                return Some(now.at);
            }
            self.wakes.push(source);
        }
        let every = self.target.config.ping_every;
        let link = self.links.get_mut(&source)?;
        match every.and_then(|every| link.round_trip.expire(now.at, last, every)) {
            Some(Trip::Ping) => {
                link.set.note_sent(now.at);
                let result = link.socket().map(|socket| socket.send_ping(ROUND_TRIP));
                if let Some(Err(error)) = result {
                    self.link_lost(now, source, error);
                    return Some(now.at);
                }
                self.wakes.push(source);
            }
            Some(Trip::Lost) => self.rotate_link(now, source, RotationReason::Unanswered),
            None => {}
        }
        let link = self.links.get_mut(&source)?;
        let mut next = last + if link.pinged_at.is_some() { idle_timeout } else { half };
        let others = [
            link.set.next_control_at(now.at),
            link.set.next_expiry(acknowledge_timeout),
            link.set
                .next_expiry(acknowledge_timeout / 2)
                .filter(|_| link.pinged_at.is_none())
                .map(|at| at.max(last + acknowledge_timeout / 2)),
            link.suspect_until,
            link.rotate_at.map(|(at, _)| at),
            // An overdue answer is checked again soon: it counts as lost only after another message.
            link.round_trip.next().map(|next| next.max(now.at + TICK)),
            Some(link.since + LIST_GRACE).filter(|at| *at > now.at),
        ];
        next = others.into_iter().flatten().fold(next, Duration::min);
        if let Some((_, reason)) = link.rotate_at.take_if(|(at, _)| *at <= now.at) {
            self.rotate_link(now, source, reason);
            next = now.at;
        }
        Some(next)
    }

    /// Reports the control messages of a link that were not answered in time. Where others were answered, what is sent may no
    /// longer arrive: the link is replaced. Gives why it is lost, if it is.
    fn unanswered(&mut self, now: Now, source: Source) -> Option<binance_kit_net::Error> {
        let timeout = self.target.config.acknowledge_timeout;
        let link = self.links.get_mut(&source)?;
        let (connection, group) = (link.id, link.group);
        // What is not read yet has arrived.
        let last = match &link.stage {
            Stage::Live(socket) if link.drained_at.is_some() => now.of(socket.last_received()),
            _ => now.at,
        };
        let (has_answered, is_settled) = (link.set.has_answered(), link.settled.is_some());
        // Not even the ping was answered.
        let is_dead = link.set.next_expiry(Duration::ZERO).is_none_or(|sent| last <= sent);
        let overdue = link.change().expire(now.at, timeout, is_dead || (has_answered && is_settled));
        let api = self.groups.get(group)?.api;
        if is_dead {
            // The error says what was not answered.
            self.settle(now);
            let error = binance_kit_net::Error::new(NetErrorKind::Timeout);
            return Some(error.detail("control message not acknowledged"));
        }
        for Overdue { method, names: streams, sent, .. } in overdue {
            let ConnectionId { connection: number, replica, .. } = connection;
            tracing::warn!(
                connection = number,
                replica,
                method = method.as_str(),
                "control message unanswered"
            );
            let waited = now.at.saturating_sub(sent);
            self.push(Item::Unanswered(Unanswered { connection, api, method, streams, waited }));
        }
        self.settle(now);
        if has_answered && is_settled {
            self.rotate_link(now, source, RotationReason::Unanswered);
        }
        None
    }

    /// The regular look at clocks and watchdogs.
    fn look(&mut self, now: Now) {
        let wall = self.target.context.clock().now();
        let (last_at, last_wall) = self.tick.last.replace((now.at, wall)).unwrap_or((now.at, wall));
        let ours = now.at.saturating_sub(last_at);
        if wall.since(last_wall) > ours + self.target.config.clock_jump {
            tracing::warn!("wall clock jumped, connections are probed");
            for link in self.links.values_mut().filter(|link| link.is_live()) {
                link.suspect_until = Some(now.at + SUSPECT_FOR);
                link.is_changed = true;
                link.pinged_at = None;
            }
        }
        // A late look: no item was taken meanwhile, and streams that seem silent may only have been unread.
        let unread = std::mem::take(&mut self.tick.unread) || ours > TICK * 3;
        if unread {
            for number in self.streams.numbers() {
                if let Some(state) = self.streams.get(number) {
                    state.watch.unread(now.at);
                }
            }
            for lane in self.lanes.values_mut() {
                lane.watch.unread(now.at);
            }
            return;
        }
        if self.target.config.watchdog.is_some() {
            self.watch_streams(now, wall);
            self.watch_lanes(now);
        }
    }

    fn watch_streams(&mut self, now: Now, wall: Timestamp) {
        for number in self.streams.numbers() {
            let Some(state) = self.streams.get(number) else { continue };
            if state.watch.next_deadline().is_none_or(|due| due > now.at) {
                continue;
            }
            let Some(step) = state.watch.expire(now.at) else { continue };
            let ((api, stream), lane) = (state.id(), state.lane);
            let since = state.watch.stale_since().unwrap_or(now.at);
            tracing::warn!(
                stream = shown(&stream),
                ?step,
                silent_ms = now.at.saturating_sub(since).as_millis(),
                "silent stream"
            );
            let sources = self.current_of(lane);
            match step {
                Step::Probe => {
                    let since = wall.minus(now.at.saturating_sub(since));
                    self.target.meter.stale();
                    self.push(Item::Stale(Stale { stream, api, since }));
                    self.probe(&sources);
                }
                Step::Resubscribe => self.renew(&sources, &stream),
                Step::Replace => self.replace(now, lane, &sources),
            }
        }
    }

    fn watch_lanes(&mut self, now: Now) {
        let lanes: Vec<usize> = self.lanes.keys().copied().collect();
        for index in lanes {
            let Some(lane) = self.lanes.get_mut(&index) else { continue };
            if lane.names.is_empty() {
                continue;
            }
            let Some(step) = lane.watch.expire(now.at) else { continue };
            tracing::warn!(connection = index, ?step, "silent connection");
            let sources = self.current_of(index);
            match step {
                Step::Probe => self.probe(&sources),
                Step::Resubscribe | Step::Replace => self.replace(now, index, &sources),
            }
        }
    }

    fn current_of(&self, lane: usize) -> Vec<Source> {
        self.lanes
            .get(&lane)
            .map(|lane| lane.replicas.iter().filter_map(|replica| replica.current).collect())
            .unwrap_or_default()
    }

    fn probe(&mut self, sources: &[Source]) {
        for source in sources {
            if let Some(link) = self.links.get_mut(source) {
                link.change().request_list();
            }
        }
    }

    fn renew(&mut self, sources: &[Source], stream: &StreamName) {
        for source in sources {
            if let Some(link) = self.links.get_mut(source) {
                link.change().renew(stream);
            }
        }
    }

    /// Replaces the connections of a lane, unless that was done for the same reason a moment ago.
    fn replace(&mut self, now: Now, index: usize, sources: &[Source]) {
        let Some(lane) = self.lanes.get_mut(&index) else { return };
        if lane.replaced_at.is_some_and(|at| at + REPLACE_INTERVAL > now.at) {
            return;
        }
        lane.replaced_at = Some(now.at);
        for source in sources {
            self.rotate_link(now, *source, RotationReason::Silent);
        }
    }
}
