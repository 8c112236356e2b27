//! The beginning of a subscription: everything is connected and acknowledged before the consumer gets the stream.

use super::Connections;
use crate::delivery::Delivery;
use crate::error;
use crate::item::{Item, Refused, StateChange};
use binance_kit_core::{Error, ErrorKind};
use std::future::poll_fn;

/// Maximum number of events before the streams are acknowledged: some seconds of the busiest connection.
const EARLY_EVENTS: usize = 100_000;

/// Connections together with their delivery, without the event type.
pub(crate) trait Machine: Send {
    /// The two parts.
    fn parts(&mut self) -> (&mut Connections, &mut dyn Delivery);
}

/// Drives the connections until they are up and everything is acknowledged.
pub(crate) async fn established(machine: &mut dyn Machine) -> Result<(), Error> {
    let span = machine.parts().0.span();
    loop {
        let (connections, _) = machine.parts();
        if connections.lanes.values().all(|lane| lane.is_up) {
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
        if self.items.len() > EARLY_EVENTS {
            let detail = "events arrive before the exchange has listed its streams";
            return Err(Error::new(ErrorKind::NotAcknowledged).with_detail(detail));
        }
        Ok(())
    }
}
