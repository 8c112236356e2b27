//! `cargo xtask spec coverage`: what the specification has of the fact tables beside the repository.

use std::path::Path;

use crate::deps::Outcome;

/// Prints what the spec of a product has and what it lacks.
///
/// # Errors
///
/// If the fact tables are not there or the spec cannot be read.
pub(crate) fn run(_root: &Path, product: &str) -> Outcome<()> {
    Err(format!("{product}: not written yet").into())
}
