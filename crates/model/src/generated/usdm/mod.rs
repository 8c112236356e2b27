// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! USD-M futures.

mod streams;
pub use self::streams::*;
pub mod stream;
