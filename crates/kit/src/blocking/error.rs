//! What can go wrong with a blocking call.

use super::thread::RunError;
use binance_kit_core::Error;

/// A blocking call failed. `Debug` is its message and its causes, each on a line.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BlockingError {
    /// The client failed, or the exchange refused.
    #[error(transparent)]
    Client(#[from] Error),
    /// The order books could not be started.
    #[cfg(feature = "book")]
    #[error(transparent)]
    Book(#[from] binance_kit_book::Error),
    /// The embedded exchange could not be started.
    #[cfg(feature = "sim")]
    #[error(transparent)]
    Exchange(#[from] binance_kit_sim::SimError),
    /// The operating system gives no thread.
    #[error("cannot start the background thread")]
    Thread(#[source] std::io::Error),
    /// The background thread has stopped: by [`Callbacks::stop`](super::Callbacks::stop), or early by a panic of its own.
    #[error("the background thread has stopped")]
    Stopped,
    /// The call came from a callback. The thread that the callback runs on is the one that would have to do the work: call from
    /// another thread.
    #[error("a blocking call cannot be made from inside a callback: use another thread")]
    InsideCallback,
}

// What a `main` that returns the error prints.
impl std::fmt::Debug for BlockingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        binance_kit_core::failure::write_report(f, self)
    }
}

impl From<RunError> for BlockingError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Stopped => Self::Stopped,
            RunError::Inside => Self::InsideCallback,
        }
    }
}
