// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! The generated types of the product.

mod streams;
pub use self::streams::*;
pub mod stream;
