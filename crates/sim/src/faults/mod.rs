//! Faults: what tests order to go wrong. As data ([`Fault`]), and what makes it happen.

mod damage;
mod fault;
mod kind;
mod order;
mod presets;
mod registry;
mod rule;

pub use fault::Fault;
pub use kind::{Direction, FaultKind, Scope, Times};
pub use order::ConnectionInfo;
pub(crate) use registry::{Admission, Faults};
pub use registry::{FaultHandle, FaultInForce};
pub(crate) use rule::{Action, Origin, When};

/// What the handshake of a WebSocket is called among requests.
pub(crate) const HANDSHAKE: &str = "handshake";
