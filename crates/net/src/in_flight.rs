//! The requests that a client has in flight, so that it can be closed in an orderly way: new requests are refused, those in
//! flight have time to end, and what is left after that is given up.

use std::fmt;
use std::time::Duration;
use tokio::sync::watch;

/// How far a client is with closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Requests are taken.
    Open,
    /// New requests are refused; those in flight may end.
    Closing,
    /// Those in flight are given up.
    Ended,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// How far the client is with closing.
    phase: Phase,
    /// Number of requests in flight.
    count: usize,
}

/// The requests in flight of one client. Cheap to clone; clones share the count.
#[derive(Clone)]
pub struct InFlight(watch::Sender<State>);

impl Default for InFlight {
    fn default() -> Self {
        Self(watch::Sender::new(State { phase: Phase::Open, count: 0 }))
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = *self.0.borrow();
        f.debug_struct("InFlight").field("phase", &state.phase).field("count", &state.count).finish()
    }
}

impl InFlight {
    /// Counts a request until the guard is dropped; `None` when the client is closed.
    pub fn enter(&self) -> Option<InFlightGuard> {
        let mut entered = false;
        self.0.send_if_modified(|state| {
            entered = state.phase == Phase::Open;
            state.count += usize::from(entered);
            // No one waits for more requests.
            false
        });
        entered.then(|| InFlightGuard(self.clone()))
    }

    /// Number of requests in flight.
    pub fn count(&self) -> usize {
        self.0.borrow().count
    }

    /// Whether new requests are refused.
    pub fn is_closed(&self) -> bool {
        self.0.borrow().phase != Phase::Open
    }

    /// Waits until new requests are refused.
    pub async fn closed(&self) {
        self.reached(Phase::Closing).await;
    }

    /// Waits until the requests in flight are given up.
    pub async fn ended(&self) {
        self.reached(Phase::Ended).await;
    }

    /// Refuses new requests, waits until those in flight have ended or the deadline has passed, and gives up what is left.
    /// Returns how many that were.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the client closed to new requests; those in flight go on.
    pub async fn close_within(&self, deadline: Duration) -> usize {
        self.advance(Phase::Closing);
        let mut state = self.0.subscribe();
        // Cannot fail: this value holds a sender.
        let idle = state.wait_for(|state| state.count == 0);
        let _ = tokio::time::timeout(deadline, idle).await;
        let left = self.count();
        self.advance(Phase::Ended);
        left
    }

    fn advance(&self, phase: Phase) {
        self.0.send_modify(|state| state.phase = state.phase.max(phase));
    }

    async fn reached(&self, phase: Phase) {
        // Cannot fail: this value holds a sender.
        let _ = self.0.subscribe().wait_for(|state| state.phase >= phase).await;
    }
}

/// One request in flight; it ends with the drop of this value.
#[derive(Debug)]
#[must_use = "the request counts as ended when this is dropped"]
pub struct InFlightGuard(InFlight);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.0.send_if_modified(|state| {
            state.count = state.count.saturating_sub(1);
            state.phase != Phase::Open && state.count == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn closing_refuses_new_requests_and_waits_for_those_in_flight() {
        let in_flight = InFlight::default();
        let request = in_flight.enter().unwrap();
        let (left, ()) = tokio::join!(in_flight.close_within(Duration::from_secs(9)), async {
            in_flight.closed().await;
            assert!(in_flight.enter().is_none());
            tokio::time::sleep(Duration::from_secs(5)).await;
            drop(request);
        });
        assert_eq!((left, in_flight.count()), (0, 0));
        in_flight.ended().await;
    }

    #[tokio::test(start_paused = true)]
    async fn requests_left_at_the_deadline_are_given_up() {
        let in_flight = InFlight::default();
        let _request = in_flight.clone().enter().unwrap();
        let begun = tokio::time::Instant::now();
        assert_eq!(in_flight.close_within(Duration::from_secs(9)).await, 1);
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
        in_flight.ended().await;
        assert!(in_flight.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_counts_once() {
        let in_flight = InFlight::default();
        let (first, second) = (in_flight.enter().unwrap(), in_flight.enter().unwrap());
        assert_eq!(in_flight.count(), 2);
        drop(first);
        assert_eq!(in_flight.count(), 1);
        let begun = tokio::time::Instant::now();
        assert_eq!(in_flight.close_within(Duration::from_secs(9)).await, 1, "one is left");
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
        drop(second);
        assert_eq!(in_flight.count(), 0);
    }
}
