//! The account: its events with a snapshot first, orders with an honest outcome, and balances added up from what happened.
//!
//! Invariants:
//!
//! * An order whose fate is not known is [`OrderOutcome::Unknown`], never an error that looks like a refusal, and is never sent
//!   again. [`Orders::resolve`] asks the exchange until it is known.
//! * Every order has a client order id of ours, used once; see [`ClientOrderIds`].
//! * [`AccountStream`] never delivers events without the snapshot they follow, and says of each whether the snapshot holds it.

pub mod ids;
pub mod ledger;
pub mod orders;
mod seam;
pub mod stream;

pub use ids::ClientOrderIds;
pub use ledger::{Ledger, LedgerError};
pub use orders::{OrderOutcome, Orders, ReplaceOutcome, Resolution, UnknownOrder, UnknownRequest};
pub use stream::{AccountItem, AccountSnapshot, AccountStream};
