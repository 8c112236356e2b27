// Written by `cargo xtask codegen` from crates/model/spec/coinm/*.toml; do not edit.

//! COIN-M futures.

mod streams;
pub use self::streams::*;
pub mod stream;
