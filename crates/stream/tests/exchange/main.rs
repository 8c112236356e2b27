//! The streams against the embedded exchange, in simulated time: what is delivered and what is reported must add up to what
//! was published.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

mod common;
mod connections;
mod fences;
mod gaps;
mod parts;
mod pressure;
mod reconnect;
mod replicas;
mod rotation;
#[path = "../common/mod.rs"]
mod server;
mod unanswered;
mod watchdog;
