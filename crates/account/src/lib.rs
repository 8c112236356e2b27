//! The account: orders with definite outcomes, and its events with a snapshot first.
//!
//! [`Orders`] places, changes and cancels orders over the WebSocket API and says of each request whether the exchange executed
//! it, rejected it, never saw it, or whether that is unknown; what is unknown can be found out without sending anything twice.
//! [`AccountStream`] delivers the events of the account after a snapshot. Both are generic over a product ([`Trading`],
//! [`UserData`]); Spot is the first, and [`spot`] has what only Spot has.
//!
//! It is no strategy framework and keeps no order state of its own: it does not follow an order until it is filled.
//!
//! ```text
//!               ┌──────────── queries ◀─────────────┐
//!               ▼                                   │
//!  Orders ──▶ WebSocket API ──▶ Outcome: Confirmed  │
//!               │                        Rejected   │
//!               │                        NotSent    │
//!               │                        Unknown ──▶ Doubt::resolve ──▶ Resolution: Done, NotDone
//!               │                                   ▲
//!               └─ user data ──▶ AccountStream ─────┘ is_settled_by
//!                                Snapshot, Event, Interrupted, Snapshot, …
//! ```
//!
//! # A program
//!
//! ```no_run
//! use binance_kit_account::{AccountStream, Orders, Outcome};
//! use binance_kit_core::Error;
//! use binance_kit_model::spot::{AccountEvent, NewOrder};
//! use binance_kit_ws_api::{Context, WsApiClient};
//!
//! async fn trade(context: &Context, ws_api: &WsApiClient) -> Result<(), Error> {
//!     let mut account = AccountStream::open(ws_api).await?;
//!     let orders = Orders::new(ws_api, context, "bot");
//!     match orders.place(NewOrder::market_buy("BTCUSDT").quantity("0.001")).await {
//!         Outcome::Confirmed(order) => println!("order {} was placed", order.order_id),
//!         Outcome::Rejected(rejection) => println!("{rejection}"),
//!         Outcome::NotSent(error) => println!("{error}"),
//!         Outcome::Unknown(doubt) => println!("{:?}", doubt.resolve().await),
//!     }
//!     while let Some(change) = account.next_event().await? {
//!         if let AccountEvent::Order(order) = &change.data {
//!             println!("{} {}", order.client_order_id, order.order_status);
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Invariants
//!
//! * A request whose outcome is unknown is [`Outcome::Unknown`], never an error that looks like a rejection, and is never sent
//!   again. [`Doubt::resolve`] asks the exchange until the outcome is definite.
//! * Every order and every order list has a client order id, of ours unless the caller chose one; see [`ClientOrderIds`]. What is
//!   found under that id counts only if it can be what was asked for: the same terms, and not made before.
//! * [`AccountStream`] never delivers events without the snapshot they follow, and says of each whether the snapshot contains it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod action;
mod ids;
mod orders;
mod outcome;
mod product;
mod sent_at;
mod snapshot_merge;
pub mod spot;
mod stream;

pub use action::{Finding, Inquiry, OrderAction};
pub use ids::ClientOrderIds;
pub use orders::Orders;
pub use outcome::{Doubt, Outcome, Rejection, Resolution};
pub use product::{Trading, UserData};
pub use sent_at::SentAt;
pub use stream::{AccountChange, AccountItem, AccountStream};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
