//! Calls from elsewhere: changes of the subscriptions, and questions.

use super::link::Stage;
use super::{Engine, Now};
use crate::error::{Error, ErrorKind};
use crate::item::{Item, RotationReason};
use crate::status::{ConnectionState, ConnectionStatus, Status, StreamStatus};
use crate::subscription::Outcome;
use crate::tracker::Source;
use binance_kit_core::{ApiError, StreamEvent, StreamName};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::oneshot;

pub(crate) type Reply = oneshot::Sender<Result<(), Error>>;

/// A call from another task.
pub(crate) enum Command {
    Subscribe(Vec<StreamName>, Reply),
    Unsubscribe(Vec<StreamName>, Reply),
    Rotate(Reply),
    Rebalance(Reply),
    List(oneshot::Sender<Vec<StreamName>>),
    Status(oneshot::Sender<Status>),
    Close(oneshot::Sender<()>),
}

/// What a call waits for.
enum Waiting {
    /// These to be acknowledged. What was not wanted before is given up again if that fails.
    Subscribed { names: BTreeSet<StreamName>, added: Vec<StreamName> },
    /// The exchange to have forgotten these.
    Unsubscribed(BTreeSet<StreamName>),
    /// Everything to be handed over.
    HandedOver,
}

/// A call that is not answered yet.
pub(super) struct Call {
    waiting: Waiting,
    reply: Reply,
    deadline: Duration,
}

/// The error of a refusal.
pub(super) fn refusal(streams: Vec<StreamName>, error: Option<ApiError>) -> Error {
    match error {
        Some(error) => Error::refused(streams, error),
        None => {
            Error::new(ErrorKind::Refused).detail("the exchange does not list them").with_streams(streams)
        }
    }
}

impl<E: StreamEvent> Engine<E> {
    pub(super) fn command(&mut self, command: Command) {
        let now = self.now();
        let is_question = matches!(command, Command::List(_) | Command::Status(_) | Command::Close(_));
        if !self.closing.is_empty() && !is_question {
            // Whoever waits for the reply learns from its loss that there is none.
            return;
        }
        match command {
            Command::Subscribe(names, reply) => {
                let added: Vec<StreamName> =
                    names.iter().filter(|name| self.streams.find(name.as_str()).is_none()).cloned().collect();
                self.spread(now, added.clone());
                let names = names.into_iter().collect();
                self.call(now, Waiting::Subscribed { names, added }, reply);
            }
            Command::Unsubscribe(names, reply) => {
                self.give_up(now, &names);
                self.call(now, Waiting::Unsubscribed(names.into_iter().collect()), reply);
            }
            Command::Rotate(reply) => {
                self.rotate_all(now, RotationReason::Asked);
                self.call(now, Waiting::HandedOver, reply);
            }
            Command::Rebalance(reply) => {
                self.rebalance(now);
                self.call(now, Waiting::HandedOver, reply);
            }
            Command::List(reply) => {
                let _ = reply.send(self.streams.names());
                return;
            }
            Command::Status(reply) => {
                let _ = reply.send(self.status());
                return;
            }
            Command::Close(done) => {
                self.close(done);
                return;
            }
        }
        self.timers(now);
    }

    fn call(&mut self, now: Now, waiting: Waiting, reply: Reply) {
        let deadline = now.at + self.target.config.call_timeout;
        self.calls.push(Call { waiting, reply, deadline });
    }

    /// Wants streams no more.
    pub(super) fn give_up(&mut self, now: Now, names: &[StreamName]) {
        for name in names {
            let Some(state) = self.streams.remove(name) else { continue };
            self.held = self.held.saturating_sub(state.tracker.held());
            self.fills.retain(|_, fill| !fill.is_for(name));
            if let Some(lane) = self.lanes.get_mut(&state.lane) {
                lane.names.remove(name);
            }
        }
        for link in self.links.values_mut() {
            link.change().unsubscribe(names.iter().cloned());
        }
        self.close_empty_lanes(now);
    }

    /// Settles what the links have learned: refusals, acknowledgements, calls that have what they wait for.
    pub(super) fn settle(&mut self, now: Now) {
        let sources: Vec<Source> = self.links.keys().copied().collect();
        for source in sources {
            let Some(link) = self.links.get_mut(&source) else { continue };
            if !link.is_changed || matches!(link.stage, Stage::Closing(..)) {
                continue;
            }
            let outcomes = link.set.take_outcomes();
            let refused = link.set.take_refused();
            for (streams, error) in refused {
                self.refused(now, streams, error);
            }
            for (_, outcome) in outcomes {
                if let Outcome::TimedOut(names) = outcome {
                    self.fail_calls(now, &names, || Error::new(ErrorKind::NotAcknowledged));
                }
            }
            self.check_settled(now, source);
        }
        self.answer_calls();
    }

    fn refused(&mut self, now: Now, streams: Vec<StreamName>, error: Option<ApiError>) {
        self.give_up(now, &streams);
        let told = error.clone();
        self.fail_calls(now, &streams, || match told.clone() {
            Some(error) => Error::refused(Vec::new(), error),
            None => Error::new(ErrorKind::Refused).detail("the exchange does not list them"),
        });
        self.push(Item::Refused { streams, error });
    }

    /// Ends the calls that wait for any of these streams, and takes back what else they added.
    pub(super) fn fail_calls(&mut self, now: Now, names: &[StreamName], error: impl Fn() -> Error) {
        let mut taken_back = Vec::new();
        let mut failed = Vec::new();
        self.calls.retain_mut(|call| {
            let (Waiting::Subscribed { names: wanted, .. } | Waiting::Unsubscribed(wanted)) = &call.waiting
            else {
                return true;
            };
            let concerned: Vec<StreamName> =
                names.iter().filter(|name| wanted.contains(*name)).cloned().collect();
            if concerned.is_empty() {
                return true;
            }
            if let Waiting::Subscribed { added, .. } = &mut call.waiting {
                taken_back.append(added);
            }
            let (unused, _) = oneshot::channel();
            failed.push((std::mem::replace(&mut call.reply, unused), concerned));
            false
        });
        self.take_back(now, taken_back);
        for (reply, concerned) in failed {
            let _ = reply.send(Err(error().with_streams(concerned)));
        }
    }

    /// Gives up what a call that failed has added, but for what another call asks for as well: that is the other's from now on.
    fn take_back(&mut self, now: Now, mut names: Vec<StreamName>) {
        for call in &mut self.calls {
            let Waiting::Subscribed { names: wanted, added } = &mut call.waiting else { continue };
            added.extend(names.extract_if(.., |name| wanted.contains(name)));
        }
        self.give_up(now, &names);
    }

    /// Ends the calls that have taken too long.
    pub(super) fn expire_calls(&mut self, now: Now) {
        let late: Vec<usize> = self
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.deadline <= now.at)
            .map(|(index, _)| index)
            .collect();
        for index in late.into_iter().rev() {
            let call = self.calls.swap_remove(index);
            let mut error = Error::new(ErrorKind::NotAcknowledged);
            match call.waiting {
                Waiting::Subscribed { names, added } => {
                    self.take_back(now, added);
                    error = error.with_streams(names.into_iter().collect());
                }
                Waiting::Unsubscribed(names) => error = error.with_streams(names.into_iter().collect()),
                Waiting::HandedOver => {}
            }
            let _ = call.reply.send(Err(error));
        }
    }

    fn answer_calls(&mut self) {
        let mut calls = std::mem::take(&mut self.calls);
        let handing_over = self.is_handing_over();
        let mut index = 0;
        while let Some(call) = calls.get(index) {
            let is_done = match &call.waiting {
                Waiting::Subscribed { names, .. } => names.iter().all(|name| self.is_acknowledged(name)),
                Waiting::Unsubscribed(names) => names.iter().all(|name| {
                    self.links
                        .values()
                        .filter(|link| !matches!(link.stage, Stage::Closing(..)))
                        .all(|link| link.set.is_absent(name) || link.set.find(name.as_str()).is_some())
                }),
                Waiting::HandedOver => !handing_over,
            };
            if is_done {
                let done = calls.swap_remove(index);
                if let Waiting::Subscribed { names, .. } = &done.waiting {
                    // It was promised these: no other call takes them back.
                    for call in &mut calls {
                        if let Waiting::Subscribed { added, .. } = &mut call.waiting {
                            added.retain(|name| !names.contains(name));
                        }
                    }
                }
                let _ = done.reply.send(Ok(()));
            } else {
                index += 1;
            }
        }
        self.calls = calls;
    }

    /// Whether a connection that is up has the stream, or nobody wants it any more.
    fn is_acknowledged(&mut self, name: &StreamName) -> bool {
        let Some(lane) = self.streams.named(name.as_str()).map(|state| state.lane) else { return true };
        let Some(lane) = self.lanes.get(&lane) else { return false };
        let links = &self.links;
        lane.legs
            .iter()
            .filter_map(|leg| leg.current.and_then(|source| links.get(&source)))
            .any(|link| link.is_live() && link.set.is_present(name))
    }

    /// When the first call is late.
    pub(super) fn calls_deadline(&self) -> Option<Duration> {
        self.calls.iter().map(|call| call.deadline).min()
    }

    /// Closes everything with closing frames.
    pub(crate) fn close(&mut self, done: oneshot::Sender<()>) {
        let now = self.now();
        self.calls.clear();
        self.closing.push(done);
        self.moves.clear();
        self.fills.clear();
        self.lanes.clear();
        let sources: Vec<Source> = self.links.keys().copied().collect();
        for source in sources {
            self.retire(now, source);
        }
        self.check_closed();
        self.arm(now.at);
    }

    /// Whether closing has come to its end.
    pub(super) fn check_closed(&mut self) {
        if self.lanes.is_empty() && self.links.is_empty() {
            self.is_closed = true;
            for done in self.closing.drain(..) {
                let _ = done.send(());
            }
        }
    }

    /// Everything at this moment.
    pub(crate) fn status(&self) -> Status {
        let now = self.now();
        let wall = self.target.context.clock().now();
        let mut status = Status {
            disconnects: self.totals.disconnects,
            rotations: self.totals.rotations,
            malformed: self.totals.malformed,
            queued: self.items.len(),
            ..Status::default()
        };
        for (index, lane) in &self.lanes {
            for (leg_index, leg) in lane.legs.iter().enumerate() {
                let link = leg.current.and_then(|source| self.links.get(&source));
                let mut id = crate::item::ConnectionId {
                    connection: *index,
                    leg: leg_index,
                    generation: leg.generation,
                };
                let mut state = ConnectionState::Waiting;
                if let Some(link) = link {
                    id = link.id;
                    state = match (&link.stage, link.settled) {
                        (Stage::Live(_), Some(_)) => ConnectionState::Live,
                        (Stage::Live(_), None) => ConnectionState::Subscribing,
                        _ => ConnectionState::Connecting,
                    };
                }
                let live = link.filter(|link| link.is_live());
                status.connections.push(ConnectionStatus {
                    id,
                    endpoint: self
                        .target
                        .endpoints
                        .get(leg_index)
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                    state,
                    is_rotating: leg.rotation.is_some(),
                    up_for: live.map(|link| now.at.saturating_sub(link.since)),
                    attempts: leg.backoff.attempt(),
                    messages: link.map_or(0, |link| link.messages),
                    bytes: link.map_or(0, super::link::Link::bytes),
                    streams: lane.names.len(),
                    silent_for: live.map(|link| now.at.saturating_sub(link.last_received(&now))),
                    race: leg.race,
                });
            }
        }
        for state in self.streams.iter() {
            let lane = self.lanes.get(&state.lane);
            let is_acknowledged = lane.is_some_and(|lane| {
                lane.legs
                    .iter()
                    .filter_map(|leg| leg.current.and_then(|source| self.links.get(&source)))
                    .any(|link| link.is_live() && link.set.is_present(&state.name))
            });
            status.streams.push(StreamStatus {
                stream: state.name.clone(),
                connection: state.lane,
                is_acknowledged,
                events: state.events,
                silent_for: (state.events > 0)
                    .then(|| state.watch.since().map(|since| now.at.saturating_sub(since)))
                    .flatten(),
                cadence: state.watch.cadence().expected(),
                stale_since: state.watch.stale_since().map(|since| wall.minus(now.at.saturating_sub(since))),
                gaps: state.gaps,
                recovered: state.recovered,
                duplicates: state.duplicates,
                lagged: 0,
                held: state.tracker.held(),
            });
        }
        status.streams.sort_by(|one, other| one.stream.cmp(&other.stream));
        status
    }
}
