//! The rules of a symbol, which check and round an order before it is sent. The exchange rejects an order for one rule at a time
//! and without the limit; [`SymbolRules::check`] returns all violations with their limits, and [`SymbolRules::round`] the nearest
//! valid order. All values are exact; there are no floats.
//!
//! [`SymbolRules::check`]: super::SymbolRules::check
//! [`SymbolRules::round`]: super::SymbolRules::round

mod check;
mod context;
mod exact;
mod fault;
mod filters;
mod grid;
pub(super) mod round;
mod suggest;
pub(super) mod symbol;
mod view;

pub use crate::generated::spot::filters::*;
pub use context::{AmendedTerms, OpenCounts, OrderContext};
pub use fault::{Fact, NotChecked, Passed, Rule, Violation, ViolationKind, Violations};
pub use symbol::NoRules;
pub use view::OrderRequest;
