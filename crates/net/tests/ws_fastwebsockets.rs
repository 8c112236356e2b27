//! The suite `ws` again, over the frame layer of the library fastwebsockets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

#[cfg(test)]
#[path = "ws/main.rs"]
mod suite;
