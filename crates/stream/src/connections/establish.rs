//! The beginning of a subscription: everything is connected and acknowledged before the consumer gets the stream.

use super::Connections;
use super::lanes::Lane;
use super::link::Link;
use crate::delivery::Delivery;
use crate::error;
use crate::item::{Item, Refused, StateChange};
use binance_kit_core::Error;
use std::future::poll_fn;
use std::time::Duration;

/// Maximum number of events that wait for the streams to be acknowledged: some seconds of the busiest connection. With more, the
/// consumer gets the stream at once.
const EARLY_EVENTS: usize = 100_000;
/// How long the exchange has to list the streams of a connection while events of them wait for the consumer.
pub(super) const LIST_GRACE: Duration = Duration::from_secs(1);

/// Connections together with their delivery, without the event type.
pub(crate) trait Machine: Send {
    /// The two parts.
    fn parts(&mut self) -> (&mut Connections, &mut dyn Delivery);
}

/// Drives the connections until they are up and everything is acknowledged; or until events wait and nothing is missing but the
/// exchange's list of the streams, which some servers never send.
pub(crate) async fn established(machine: &mut dyn Machine) -> Result<(), Error> {
    let span = machine.parts().0.span();
    loop {
        let (connections, delivery) = machine.parts();
        let is_full = connections.items.len() > EARLY_EVENTS || delivery.is_full();
        if connections.lanes.values().all(|lane| lane.is_up) || is_full || connections.is_kept_waiting() {
            return Ok(());
        }
        let before = connections.items.len();
        poll_fn(|cx| {
            let _entered = span.enter();
            let (connections, delivery) = machine.parts();
            connections.poll_step(cx, delivery)
        })
        .await;
        machine.parts().0.check_early(before)?;
    }
}

impl Connections {
    /// Looks at the items from `from` on: a refusal or a failed attempt ends the subscription.
    fn check_early(&mut self, from: usize) -> Result<(), Error> {
        let mut index = from.min(self.items.len());
        while index < self.items.len() {
            let is_of_interest = match self.items.get(index) {
                Some(Item::Refused(_)) => true,
                // Consumers have no stream yet: attempts that failed leave no items, however many there are.
                Some(Item::State(change)) => matches!(
                    change,
                    StateChange::Disconnected { .. }
                        | StateChange::Reconnecting { .. }
                        | StateChange::ReplicaDisconnected { .. }
                ),
                _ => false,
            };
            if !is_of_interest {
                index += 1;
                continue;
            }
            match self.items.remove(index) {
                Some(Item::Refused(Refused { streams, error, .. })) => {
                    return Err(error::refused(streams, error));
                }
                Some(Item::State(StateChange::Disconnected { error, .. }))
                    if !self.target.config.retry_first_connection =>
                {
                    return Err(error::first_connection(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the consumer is to get what has arrived, although not everything is acknowledged.
    fn is_kept_waiting(&self) -> bool {
        let now = self.now();
        let has_only_no_list = |link: &Link| {
            link.is_live() && link.set.waits_for_list_only() && link.since + LIST_GRACE <= now.at
        };
        let is_near = |lane: &Lane| {
            let links = lane.replicas.iter().filter_map(|replica| self.links.get(&replica.current?));
            lane.is_up || links.into_iter().any(has_only_no_list)
        };
        self.links.values().any(|link| link.has_delivered) && self.lanes.values().all(is_near)
    }
}
