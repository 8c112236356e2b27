//! The clock of this program, which runs for as long as it is asked to.

use std::time::Instant;

#[expect(
    clippy::disallowed_methods,
    reason = "there is no injected clock: the time is that of the person who waits"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
