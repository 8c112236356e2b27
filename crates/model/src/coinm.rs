//! COIN-M futures: the events that the recordings have, and the book by request.

pub use crate::generated::coinm::public::*;
