// Written by `cargo xtask codegen` from crates/model/spec; do not edit.

//! What the tests know of every product.

#[cfg(feature = "coinm")]
pub(crate) mod coinm;
#[cfg(feature = "spot")]
pub(crate) mod spot;
#[cfg(feature = "usdm")]
pub(crate) mod usdm;
