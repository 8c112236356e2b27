//! The suite `rfc6455` again, over the frame layer of the library fastwebsockets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

#[cfg(test)]
#[path = "rfc6455/main.rs"]
mod suite;
