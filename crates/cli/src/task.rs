//! Tasks of the program.

pub(crate) use binance_kit::net::task::{Task, spawn};
