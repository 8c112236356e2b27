//! The rules that orders must keep, as values that check and round an order before it is sent: the exchange refuses one at
//! a time and without a number, [`SymbolRules::check`] tells all that are broken, with the numbers, and
//! [`SymbolRules::round`] gives the nearest order that keeps them. All of it is exact; nothing here is a float.

mod check;
mod context;
mod exact;
mod fault;
mod filters;
mod grid;
pub(super) mod round;
pub(super) mod symbol;
mod view;

pub use crate::generated::spot::filters::*;
pub use context::{AmendedTerms, OpenCounts, OrderContext};
pub use fault::{Fact, NotChecked, Passed, Rule, Violation, ViolationKind, Violations};
pub use view::OrderRequest;
