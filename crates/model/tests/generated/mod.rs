// Written by `cargo xtask codegen` from crates/model/spec; do not edit.

//! What the tests know of every product.

#[cfg(feature = "coinm")]
pub mod coinm;
#[cfg(feature = "spot")]
pub mod spot;
#[cfg(feature = "usdm")]
pub mod usdm;
