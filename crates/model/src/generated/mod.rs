// Written by `cargo xtask codegen` from crates/model/spec; do not edit.

//! What `spec/` gives, by product.

#[cfg(feature = "coinm")]
pub(crate) mod coinm;
pub(crate) mod common;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "only tests use a part of it")]
pub(crate) mod probe;
#[cfg(feature = "spot")]
pub(crate) mod spot;
#[cfg(feature = "usdm")]
pub(crate) mod usdm;
