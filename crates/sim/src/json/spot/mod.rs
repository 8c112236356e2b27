//! The answers and events of Spot.

pub(crate) mod accounts;
pub(crate) mod amend;
pub(crate) mod filters;
pub(crate) mod info;
pub(crate) mod lists;
pub(crate) mod orders;
pub(crate) mod public;
