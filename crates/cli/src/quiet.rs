//! Streams of which nothing has come: the exchange is silent about names that it does not list.

use crate::output;
use binance_kit::StreamName;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a stream may be silent from the start before a note says so.
pub(crate) const QUIET_AFTER: Duration = Duration::from_secs(10);

/// The streams of which nothing has come yet.
#[derive(Debug)]
pub(crate) struct Quiet {
    names: BTreeSet<StreamName>,
}

impl Quiet {
    pub(crate) fn new(names: BTreeSet<StreamName>) -> Self {
        Self { names }
    }

    /// Notes an event of a stream.
    pub(crate) fn event(&mut self, stream: &StreamName) {
        if !self.names.is_empty() {
            self.names.remove(stream);
        }
    }

    /// Leaves out a stream that the exchange has refused, which is said elsewhere.
    pub(crate) fn refused(&mut self, streams: &[StreamName]) {
        for stream in streams {
            self.event(stream);
        }
    }

    /// The names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().map(AsRef::as_ref).collect()
    }

    /// Prints a note of the streams that are still silent.
    pub(crate) fn note(&self) {
        if !self.names.is_empty() {
            output::note(&format!(
                "nothing yet from {}: the exchange is silent about symbols that it does not list, and about those \
                 without trades",
                self.names().join(", ")
            ));
        }
    }
}
