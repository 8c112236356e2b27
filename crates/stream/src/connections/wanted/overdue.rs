//! Control messages that the exchange does not answer in time, and answers that come nevertheless.

use super::{Actual, Outcome, SubscriptionSet};
use crate::item::ControlMethod;
use binance_kit_core::{ApiError, StreamName};
use std::time::Duration;

/// Number of control messages that are remembered after they were given up.
const MAX_GIVEN_UP: usize = 16;

/// A control message that was not answered in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Overdue {
    /// The id it was sent with.
    id: u64,
    /// What it asked for.
    pub(in super::super) method: ControlMethod,
    /// The streams it named; of a listing, those that are taken for subscribed without it.
    pub(in super::super) names: Vec<StreamName>,
    /// When it was sent.
    pub(in super::super) sent: Duration,
}

impl SubscriptionSet {
    /// A refusal of a control message that was given up. Its streams, as far as they were taken for subscribed, are not.
    pub(super) fn refused_late(&mut self, id: u64, error: &ApiError) -> bool {
        let Some(late) = self.take_given_up(id) else { return false };
        if late.method != ControlMethod::Subscribe {
            return false;
        }
        let is_alone = late.names.len() == 1;
        let mut refused = Vec::new();
        for name in late.names {
            let Some(entry) = self.entries.get_mut(&name) else { continue };
            if !entry.wanted || entry.actual != Actual::Present {
                continue;
            }
            entry.actual = Actual::Absent;
            if is_alone {
                entry.wanted = false;
                refused.push(name);
            } else {
                // Which one it is shows when each is asked for by itself.
                entry.together = 1;
            }
        }
        if !refused.is_empty() {
            self.refuse(refused, Some(error.clone()));
        }
        self.settle_absent();
        true
    }

    pub(super) fn take_given_up(&mut self, id: u64) -> Option<Overdue> {
        let at = self.given_up.iter().position(|late| late.id == id)?;
        self.given_up.remove(at)
    }

    /// An exchange that does not list: the URL counts as acknowledged.
    pub(super) fn assume_listed(&mut self) -> Vec<StreamName> {
        let mut names = Vec::new();
        for (name, entry) in &mut self.entries {
            if entry.actual == Actual::Assumed {
                entry.actual = Actual::Present;
                names.push(name.clone());
            }
        }
        names
    }

    /// Gives up control messages without an answer for `timeout`. Their streams are taken for subscribed, unless `is_reverted`: then
    /// the streams are not, and the connection should be replaced.
    pub(in super::super) fn expire(
        &mut self,
        now: Duration,
        timeout: Duration,
        is_reverted: bool,
    ) -> Vec<Overdue> {
        let is_late = |sent: &Duration| *sent + timeout <= now;
        let late: Vec<(u64, ControlMethod, Duration)> = self
            .in_flight
            .iter()
            .filter(|(_, (_, sent))| is_late(sent))
            .map(|(id, (method, sent))| (*id, *method, *sent))
            .collect();
        let mut all = Vec::new();
        for (id, method, sent) in late {
            self.in_flight.remove(&id);
            let names = match method {
                ControlMethod::List => {
                    self.listings += 1;
                    if is_reverted { Vec::new() } else { self.assume_listed() }
                }
                _ => {
                    let names = self.drop_in_flight(id, is_reverted);
                    self.finish(&names, &|names| Outcome::TimedOut(names));
                    names
                }
            };
            let overdue = Overdue { id, method, names, sent };
            self.given_up.push_back(overdue.clone());
            if self.given_up.len() > MAX_GIVEN_UP {
                self.given_up.pop_front();
            }
            all.push(overdue);
        }
        self.settle_absent();
        all
    }
}
