//! Counters and histograms for whoever collects them through the `metrics` facade: nothing at all without the feature of
//! that name.
//!
//! | name (`binance_kit_stream_…`) | kind | what |
//! |---|---|---|
//! | `connections` | gauge | connections that are up |
//! | `connects_total`, `connect_failures_total`, `disconnects_total` | counter | attempts that led to a connection, those that did not, and connections lost |
//! | `rotations_total` | counter | connections that another one took the place of without a loss |
//! | `messages_total`, `bytes_total`, `malformed_total` | counter | frames that came, their bytes, and those that could not be read |
//! | `duplicates_total` | counter | copies of events that were not delivered |
//! | `gaps_total` with `recovered` | counter | gaps reported |
//! | `recovered_events_total` | counter | events fetched to fill them |
//! | `stale_total` | counter | streams that fell silent |
//! | `lagged_total` | counter | events dropped because the consumer was too slow |
//! | `event_age_seconds` | histogram | from the time of the event to its arrival, by the exchange's clock as far as it is known |
//! | `clock_offset_error_seconds` | gauge | by how much that may be wrong: the offset to the exchange's clock is known so well; absent before it was measured |
//! | `decode_seconds` | histogram | from the arrival of a frame until its event is decoded |
//! | `deliver_seconds` | histogram | from the arrival of a frame until the consumer has its event |
//!
//! Each has the label `endpoint`: the first place the client connects to.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Meter, Up};
#[cfg(feature = "metrics")]
pub(crate) use on::{Meter, Up};
