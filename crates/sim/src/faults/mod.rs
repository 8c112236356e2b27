//! Faults that tests inject: as data ([`Fault`]), and what makes them happen.

mod damage;
mod exchange;
mod fault;
mod help;
mod kind;
mod presets;
mod registry;
mod rule;

pub use exchange::ConnectionInfo;
pub use fault::Fault;
pub(crate) use help::{envelope, faults};
pub use kind::{Direction, FaultKind, Scope, Times};
pub(crate) use registry::{Admission, Faults};
pub use registry::{FaultHandle, FaultInForce};
pub(crate) use rule::{Action, Origin, When};

/// What the handshake of a WebSocket is called among requests.
pub(crate) const HANDSHAKE: &str = "handshake";
