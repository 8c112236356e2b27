//! Calls from elsewhere: changes of the subscriptions, and questions.

use super::link::Stage;
use super::streams::StreamKey;
use super::wanted::Outcome;
use super::{Connections, Now, Source};
use crate::delivery::Delivery;
use crate::error;
use crate::item::{Item, Refused, RotationReason};
use crate::plan::Plan;
use crate::status::Status;
use binance_kit_core::product::Api;
use binance_kit_core::{ApiError, Error, StreamInfo, StreamName};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::oneshot;

pub(crate) type Reply = oneshot::Sender<Result<(), Error>>;

/// A call from another task.
pub(crate) enum Command {
    /// Subscribe these streams, all or none.
    Subscribe(Plan, Reply),
    /// Unsubscribe these streams.
    Unsubscribe(Vec<(Api, StreamName)>, Reply),
    /// Replace every connection.
    Rotate(Reply),
    /// Put the streams on as few connections as possible.
    Rebalance(Reply),
    /// List the subscribed streams.
    List(oneshot::Sender<Vec<StreamInfo>>),
    /// Report the state of everything.
    Status(oneshot::Sender<Status>),
    /// Close all connections.
    Close(oneshot::Sender<()>),
}

/// What a call waits for.
enum Waiting {
    /// Streams to be acknowledged. Those in `added` were new; they are unsubscribed again if the call fails.
    Subscribed { names: BTreeSet<StreamKey>, added: Vec<StreamKey> },
    /// The exchange to have removed these.
    Unsubscribed(BTreeSet<StreamKey>),
    /// Everything to be handed over.
    HandedOver,
}

/// A call that is not answered yet.
pub(super) struct Call {
    /// What it waits for.
    waiting: Waiting,
    /// Where the answer goes.
    reply: Reply,
    /// When it fails.
    deadline: Duration,
}

fn names<'a>(keys: impl IntoIterator<Item = &'a StreamKey>) -> Vec<StreamName> {
    keys.into_iter().map(|key| key.name.clone()).collect()
}

impl Connections {
    pub(super) fn command(&mut self, command: Command, delivery: &mut dyn Delivery) {
        let now = self.now();
        let is_question = matches!(command, Command::List(_) | Command::Status(_) | Command::Close(_));
        if self.is_closing && !is_question {
            // The caller learns from the loss of the reply that there is none.
            return;
        }
        match command {
            Command::Subscribe(plan, reply) => {
                let keys: BTreeSet<StreamKey> = plan
                    .streams
                    .iter()
                    .filter_map(|stream| {
                        let group = plan.groups.get(stream.group)?;
                        let group = self.group(group.api, group.route, &group.endpoints);
                        Some(StreamKey::new(group, &stream.info.name))
                    })
                    .collect();
                let added = keys.iter().filter(|key| !self.streams.contains(key)).cloned().collect();
                self.add(now, &plan, delivery);
                self.call(now, Waiting::Subscribed { names: keys, added }, reply);
            }
            Command::Unsubscribe(streams, reply) => {
                let groups = &self.groups;
                let keys: Vec<StreamKey> = streams
                    .iter()
                    .flat_map(|(api, name)| {
                        let of_api = groups.iter().enumerate().filter(move |(_, group)| group.api == *api);
                        of_api.map(move |(group, _)| StreamKey::new(group, name))
                    })
                    .collect();
                self.unsubscribe(now, &keys);
                self.call(now, Waiting::Unsubscribed(keys.into_iter().collect()), reply);
            }
            Command::Rotate(reply) => {
                self.rotate_all(now, RotationReason::Requested);
                self.call(now, Waiting::HandedOver, reply);
            }
            Command::Rebalance(reply) => {
                self.rebalance(now);
                self.call(now, Waiting::HandedOver, reply);
            }
            Command::List(reply) => {
                let _ = reply.send(self.streams.infos());
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

    /// Unsubscribes streams.
    pub(super) fn unsubscribe(&mut self, now: Now, keys: &[StreamKey]) {
        for key in keys {
            let Some(number) = self.streams.find(key.group, key.name.as_str()) else { continue };
            let Some(state) = self.streams.remove(key) else { continue };
            self.held = self.held.saturating_sub(state.order.held());
            self.discarded.extend(state.order.into_held().map(|event| event.data));
            self.fills.retain(|_, fill| fill.number != number);
            self.wanted_fills.retain(|wanted| wanted.number != number);
            self.holes.remove(&number);
            if let Some(lane) = self.lanes.get_mut(&state.lane) {
                lane.names.remove(&key.name);
            }
        }
        for link in self.links.values_mut() {
            let group = link.group;
            let of_group = keys.iter().filter(|key| key.group == group);
            link.change().unsubscribe(of_group.map(|key| key.name.clone()));
        }
        self.close_empty_lanes(now);
    }

    /// Settles what the links have learned: refusals, acknowledgements, calls that have what they wait for.
    pub(super) fn settle(&mut self, now: Now) {
        let mut next = self.link_from(0);
        while let Some(source) = next {
            next = self.link_from(source + 1);
            let Some(link) = self.links.get_mut(&source) else { continue };
            if !link.is_changed || matches!(link.stage, Stage::Closing(..)) {
                continue;
            }
            let group = link.group;
            let outcomes = link.set.take_outcomes();
            let refused = link.set.take_refused();
            for (streams, error) in refused {
                self.refused(now, group, streams, error);
            }
            for (_, outcome) in outcomes {
                if let Outcome::TimedOut(names) = outcome {
                    self.fail_calls(now, group, &names, error::not_acknowledged);
                }
            }
            self.check_settled(now, source);
        }
        self.answer_calls();
    }

    fn refused(&mut self, now: Now, group: usize, streams: Vec<StreamName>, error: Option<ApiError>) {
        let keys: Vec<StreamKey> = streams.iter().map(|name| StreamKey::new(group, name)).collect();
        self.unsubscribe(now, &keys);
        self.fail_calls(now, group, &streams, |names| error::refused(names, error.clone()));
        if let Some(api) = self.groups.get(group).map(|group| group.api) {
            self.push(Item::Refused(Refused { streams, api, error }));
        }
    }

    /// Ends the calls that wait for any of these streams, and unsubscribes what else they added.
    fn fail_calls(
        &mut self,
        now: Now,
        group: usize,
        streams: &[StreamName],
        error: impl Fn(Vec<StreamName>) -> Error,
    ) {
        let mut taken_back = Vec::new();
        let mut failed = Vec::new();
        self.calls.retain_mut(|call| {
            let (Waiting::Subscribed { names: wanted, .. } | Waiting::Unsubscribed(wanted)) = &call.waiting
            else {
                return true;
            };
            let is_wanted = |name: &&StreamName| wanted.contains(&StreamKey::new(group, name));
            let concerned: Vec<StreamName> = streams.iter().filter(is_wanted).cloned().collect();
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
            let _ = reply.send(Err(error(concerned)));
        }
    }

    /// Unsubscribes what a failed call has added, except for what another call requested as well: that one owns it from now on.
    fn take_back(&mut self, now: Now, mut keys: Vec<StreamKey>) {
        for call in &mut self.calls {
            let Waiting::Subscribed { names: wanted, added } = &mut call.waiting else { continue };
            added.extend(keys.extract_if(.., |key| wanted.contains(key)));
        }
        self.unsubscribe(now, &keys);
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
            let streams = match call.waiting {
                Waiting::Subscribed { names: keys, added } => {
                    self.take_back(now, added);
                    names(&keys)
                }
                Waiting::Unsubscribed(keys) => names(&keys),
                Waiting::HandedOver => Vec::new(),
            };
            let _ = call.reply.send(Err(error::not_acknowledged(streams)));
        }
    }

    fn answer_calls(&mut self) {
        let mut calls = std::mem::take(&mut self.calls);
        let handing_over = self.is_handing_over();
        let mut index = 0;
        while let Some(call) = calls.get(index) {
            let is_done = match &call.waiting {
                Waiting::Subscribed { names, .. } => names.iter().all(|key| self.is_acknowledged(key)),
                Waiting::Unsubscribed(keys) => keys.iter().all(|key| {
                    let links = self.links.values().filter(|link| link.group == key.group);
                    links.filter(|link| !matches!(link.stage, Stage::Closing(..))).all(|link| {
                        link.set.is_absent(&key.name) || link.set.find(key.name.as_str()).is_some()
                    })
                }),
                Waiting::HandedOver => !handing_over,
            };
            if is_done {
                let done = calls.swap_remove(index);
                if let Waiting::Subscribed { names, .. } = &done.waiting {
                    // The call succeeds with these: no other call takes them back.
                    for call in &mut calls {
                        if let Waiting::Subscribed { added, .. } = &mut call.waiting {
                            added.retain(|key| !names.contains(key));
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

    /// Whether a connection that is up has the stream, or it is no longer subscribed.
    fn is_acknowledged(&mut self, key: &StreamKey) -> bool {
        let lane = self.streams.named(key.group, key.name.as_str()).map(|state| state.lane);
        let Some(lane) = lane else { return true };
        self.is_present(lane, &key.name)
    }

    /// Whether a connection of the lane is up and has the stream.
    pub(super) fn is_present(&self, lane: usize, name: &StreamName) -> bool {
        let Some(lane) = self.lanes.get(&lane) else { return false };
        lane.replicas
            .iter()
            .filter_map(|replica| replica.current.and_then(|source| self.links.get(&source)))
            .any(|link| link.is_live() && link.set.is_present(name))
    }

    /// When the first call is late.
    pub(super) fn calls_deadline(&self) -> Option<Duration> {
        self.calls.iter().map(|call| call.deadline).min()
    }

    /// Closes everything with closing frames.
    pub(crate) fn close(&mut self, done: oneshot::Sender<()>) {
        let now = self.now();
        self.is_closing = true;
        self.calls.clear();
        self.closing.push(done);
        self.moves.clear();
        self.fills.clear();
        self.wanted_fills.clear();
        self.lanes.clear();
        let sources: Vec<Source> = self.links.keys().copied().collect();
        for source in sources {
            self.retire(now, source);
        }
        self.check_closed();
        self.arm(now.at);
    }

    /// Whether closing is complete.
    pub(super) fn check_closed(&mut self) {
        if self.is_closing && self.links.is_empty() {
            self.is_closed = true;
            for done in self.closing.drain(..) {
                let _ = done.send(());
            }
        }
    }
}
