//! Counters and histograms for the `metrics` facade; nothing without the feature of that name.
//!
//! | name (`binance_kit_stream_…`) | kind | what |
//! |---|---|---|
//! | `connections` | gauge | connections that are up |
//! | `connects_total`, `connect_failures_total`, `disconnects_total` | counter | attempts that succeeded, attempts that failed, connections lost |
//! | `rotations_total` | counter | connections replaced without a loss |
//! | `messages_total`, `bytes_total`, `malformed_total` | counter | frames received, their bytes, and frames that cannot be read |
//! | `duplicates_total` | counter | copies of events that were not delivered |
//! | `gaps_total` with `backfilled` | counter | gaps reported |
//! | `backfilled_events_total` | counter | events fetched to fill them |
//! | `stale_total` | counter | streams that fell silent |
//! | `lagged_total` | counter | events dropped because the consumer was too slow |
//! | `event_age_seconds` | histogram | from the time of the event to its arrival, by the exchange's clock as far as it is known |
//! | `clock_offset_error_seconds` | gauge | uncertainty of the offset to the exchange's clock; absent before it was measured |
//! | `decode_seconds` | histogram | from the arrival of a frame until its event is decoded |
//! | `deliver_seconds` | histogram | from the arrival of a frame until the consumer has its event |
//!
//! Each has the label `endpoint`: the host of Spot, or the name of the environment.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Arrived, Meter, Up};
#[cfg(feature = "metrics")]
pub(crate) use on::{Arrived, Meter, Up};
