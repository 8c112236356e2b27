//! Clearing: what an order must hold, what a fill moves between accounts, and what is freed.
//!
//! The matching engine decides who trades with whom, at which price and in which order. It touches no balance: all it asks
//! of an account's money goes through [`Clearing`], and the only thing of that which it keeps is the amount that an order
//! holds ([`Order::locked`](crate::engine::Order)), which it hands back with the order.
//!
//! ```text
//! engine (books, orders, lists, triggers)  ──  Clearing  ──  SpotClearing (balances, commissions)
//! ```
//!
//! [`SpotClearing`] is the one implementation: an order locks what it may spend, a fill swaps two assets. The trait has the
//! shape that futures need too: [`Clearing::need`] is the initial margin there, [`Clearing::settle`] moves a position and
//! realised profit, [`Clearing::take_changes`] reports positions beside balances, and [`Clearing::reserve`] refuses with the
//! code of its product. What only a mark price causes (margin calls, liquidation, funding) starts in such an implementation
//! and reaches the engine as orders and cancels, so that no matching code has to know of it.

mod balances;
mod commission;
mod funding;
mod spot;

pub(crate) use balances::{Balance, Balances};
pub(crate) use commission::{Charge, Discount, RateSet, Rates};
pub(crate) use spot::SpotClearing;

use crate::engine::{AccountId, AssetId, Fixed, MarketView, Order, Reject, Rules, Side};
use binance_kit_core::Timestamp;
use std::fmt::Debug;

/// What a market order would trade with the book as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    /// Quantity that the book has for it.
    pub(crate) quantity: Fixed,
    /// Value of that in the quote asset.
    pub(crate) quote: Fixed,
    /// Quantity that must be covered even where the book has less.
    pub(crate) covered: Fixed,
}

/// One side of a trade.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Execution {
    /// Traded quantity.
    pub(crate) quantity: Fixed,
    /// Value of it in the quote asset.
    pub(crate) quote: Fixed,
    /// Whether the order was on the book.
    pub(crate) is_maker: bool,
}

/// Something that happened to the money of a user's account.
#[derive(Debug, Clone)]
pub(crate) enum AccountChange {
    /// Balances changed through trading.
    Position { account: AccountId, time: Timestamp, balances: Vec<(AssetId, Balance)> },
    /// A part of a balance was locked, or unlocked, by another system.
    HeldOutside { account: AccountId, asset: AssetId, delta: Fixed, time: Timestamp },
    /// A deposit or withdrawal.
    Deposit { account: AccountId, asset: AssetId, delta: Fixed, time: Timestamp },
}

/// What the matching engine asks of an account's money. `rules` are those of the order's symbol.
pub(crate) trait Clearing: Debug {
    /// Opens an account that owns nothing. Accounts are opened in the order of their ids. Changes of internal accounts are
    /// not reported.
    fn open_account(&mut self, account: AccountId, is_internal: bool);

    /// Returns what an order that is no market order must hold: its worst cost.
    fn need(&self, rules: &Rules, order: &Order) -> Fixed;

    /// Lets an order that holds nothing hold what it needs, or refuses it.
    fn reserve(&mut self, rules: &Rules, order: &mut Order) -> Result<(), Reject>;

    /// Lets a market order that holds nothing hold what it would cost now, or refuses it.
    fn reserve_estimate(
        &mut self,
        rules: &Rules,
        order: &mut Order,
        estimate: Estimate,
    ) -> Result<(), Reject>;

    /// Lets an order of the exchange itself hold what an execution takes, whether there is as much or not.
    fn reserve_uncovered(&mut self, rules: &Rules, order: &mut Order, execution: Execution);

    /// Frees what an order holds beyond `need`.
    fn reduce(&mut self, rules: &Rules, order: &mut Order, need: Fixed);

    /// Frees all that an order holds: it was cancelled, it expired, or it is filled.
    fn release(&mut self, rules: &Rules, order: &mut Order);

    /// Settles one side of a trade out of what the order holds, and takes the commission.
    fn settle(
        &mut self,
        rules: &Rules,
        order: &mut Order,
        execution: Execution,
        market: &MarketView<'_>,
    ) -> Charge;

    /// Moves what would have been traded out of what the order holds, without a trade and without commission.
    fn transfer(&mut self, rules: &Rules, order: &mut Order, execution: Execution);

    /// Takes from the agent of routed orders what it passed on to an order of this side.
    fn hand_over(&mut self, rules: &Rules, agent: AccountId, side: Side, execution: Execution);

    /// Lets `holder` hold what another order of its account received, less the commission where that came out of it.
    fn keep_received(
        &mut self,
        rules: &Rules,
        holder: &mut Order,
        received: Fixed,
        charge: Charge,
        market: &MarketView<'_>,
    );

    /// Returns what an account owns of what a symbol trades.
    fn position(&self, rules: &Rules, account: AccountId) -> Fixed;

    /// Gives an internal account what it lacks for an order.
    fn fund_internal(&mut self, rules: &Rules, order: &Order);

    /// Returns what changed since the last call, by account.
    fn take_changes(&mut self, now: Timestamp) -> Vec<AccountChange>;

    /// Frees what a limit order holds beyond what it can still cost.
    fn trim(&mut self, rules: &Rules, order: &mut Order) {
        if order.kind.has_price() {
            let need = self.need(rules, order);
            self.reduce(rules, order, need);
        }
    }

    /// Lets an order hold exactly what it needs; nothing when there is not enough.
    fn refit(&mut self, rules: &Rules, order: &mut Order) {
        if order.locked != self.need(rules, order) {
            self.release(rules, order);
            // Without enough, the order holds nothing and goes on without.
            let _ = self.reserve(rules, order);
        }
    }
}
