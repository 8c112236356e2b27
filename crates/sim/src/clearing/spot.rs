//! Clearing of Spot: an order locks what it may spend, and a trade swaps two assets.

use super::commission::{Received, charge};
use super::{AccountChange, Balances, Charge, Clearing, Discount, Estimate, Execution, Rates};
use crate::engine::{AccountId, AssetId, Fixed, MarketView, Order, Reject, Rules, Side};
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The asset whose commissions always come out of what an order received that pays for others.
const DISCOUNT_ASSET: &str = "BNB";

/// The money of one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SpotAccount {
    /// Whether the account is internal: its changes are not reported.
    pub(super) is_internal: bool,
    /// What it owns.
    pub(super) balances: Balances,
    /// What it pays for trades.
    pub(super) rates: Rates,
    /// When its balances were last reported.
    pub(super) updated: Timestamp,
}

/// The money of all accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SpotClearing {
    /// Accounts by their ids.
    accounts: Vec<SpotAccount>,
    /// Commissions that were taken.
    fees: BTreeMap<AssetId, Fixed>,
    /// Balances that changed since they were last reported.
    changed: BTreeSet<(AccountId, AssetId)>,
    /// What commissions may be paid with.
    pub(super) discount: Discount,
}

/// The asset that an order of this side spends, and the one that it receives.
fn assets(rules: &Rules, side: Side) -> (AssetId, AssetId) {
    match side {
        Side::Buy => (rules.quote, rules.base),
        Side::Sell => (rules.base, rules.quote),
    }
}

/// What an order of this side spends and receives in an execution.
fn amounts(side: Side, execution: Execution) -> (Fixed, Fixed) {
    match side {
        Side::Buy => (execution.quote, execution.quantity),
        Side::Sell => (execution.quantity, execution.quote),
    }
}

impl SpotClearing {
    pub(super) fn account(&self, id: AccountId) -> &SpotAccount {
        &self.accounts[id.0 as usize]
    }

    pub(super) fn account_mut(&mut self, id: AccountId) -> &mut SpotAccount {
        &mut self.accounts[id.0 as usize]
    }

    /// The balances of an account, to change that of an asset: the change is reported.
    pub(super) fn change(&mut self, id: AccountId, asset: AssetId) -> &mut Balances {
        let account = &mut self.accounts[id.0 as usize];
        if !account.is_internal {
            self.changed.insert((id, asset));
        }
        &mut account.balances
    }

    /// What an account owns.
    pub(crate) fn balances(&self, id: AccountId) -> &Balances {
        &self.account(id).balances
    }

    /// When the balances of an account were last reported.
    pub(crate) fn updated(&self, id: AccountId) -> Timestamp {
        self.account(id).updated
    }

    /// What an account pays for trades.
    pub(crate) fn rates(&self, id: AccountId) -> Rates {
        self.account(id).rates
    }

    /// What commissions may be paid with.
    pub(crate) fn discount(&self) -> &Discount {
        &self.discount
    }

    /// Locks an amount for an order, when at least `required` is free.
    fn lock(
        &mut self,
        rules: &Rules,
        order: &mut Order,
        amount: Fixed,
        required: Fixed,
    ) -> Result<(), Reject> {
        let (asset, _) = assets(rules, order.side);
        let free = self.balances(order.account).get(asset).free;
        if free < required || free < amount {
            return Err(Reject::balance());
        }
        self.change(order.account, asset).lock(asset, amount);
        order.locked = amount;
        Ok(())
    }

    fn unlock(&mut self, rules: &Rules, order: &mut Order, amount: Fixed) {
        let (asset, _) = assets(rules, order.side);
        self.change(order.account, asset).unlock(asset, amount);
        order.locked -= amount;
    }

    /// Everything there is of an asset: balances and commissions.
    #[cfg(test)]
    pub(crate) fn total(&self, asset: AssetId) -> Fixed {
        let held: Fixed =
            self.accounts.iter().map(|account| account.balances.get(asset)).map(|b| b.free + b.locked).sum();
        held + self.fees.get(&asset).copied().unwrap_or_default()
    }
}

impl Clearing for SpotClearing {
    fn open_account(&mut self, account: AccountId, is_internal: bool) {
        debug_assert_eq!(
            account.0 as usize,
            self.accounts.len(),
            "accounts are opened in the order of their ids"
        );
        self.accounts.push(SpotAccount {
            is_internal,
            balances: Balances::default(),
            rates: Rates::default(),
            updated: Timestamp::default(),
        });
    }

    fn need(&self, _rules: &Rules, order: &Order) -> Fixed {
        match order.side {
            Side::Sell => order.remaining(),
            Side::Buy => order.worst_quote(),
        }
    }

    fn reserve(&mut self, rules: &Rules, order: &mut Order) -> Result<(), Reject> {
        let need = self.need(rules, order);
        self.lock(rules, order, need, need)
    }

    fn reserve_estimate(
        &mut self,
        rules: &Rules,
        order: &mut Order,
        estimate: Estimate,
    ) -> Result<(), Reject> {
        let (amount, required) = match order.side {
            Side::Buy => (estimate.quote, estimate.quote),
            Side::Sell => (estimate.quantity, estimate.covered),
        };
        self.lock(rules, order, amount, required)
    }

    fn reserve_uncovered(&mut self, rules: &Rules, order: &mut Order, execution: Execution) {
        let (asset, _) = assets(rules, order.side);
        let (spent, _) = amounts(order.side, execution);
        self.change(order.account, asset).lock(asset, spent);
        order.locked = spent;
    }

    fn reduce(&mut self, rules: &Rules, order: &mut Order, need: Fixed) {
        let excess = order.locked - need;
        if excess.is_positive() {
            self.unlock(rules, order, excess);
        }
    }

    fn release(&mut self, rules: &Rules, order: &mut Order) {
        self.reduce(rules, order, Fixed::ZERO);
    }

    fn settle(
        &mut self,
        rules: &Rules,
        order: &mut Order,
        execution: Execution,
        market: &MarketView<'_>,
    ) -> Charge {
        self.transfer(rules, order, execution);
        let (_, asset) = assets(rules, order.side);
        let (_, amount) = amounts(order.side, execution);
        let account = self.account(order.account);
        let received = Received { side: order.side, is_maker: execution.is_maker, asset, amount };
        let charge = charge(&account.rates, &self.discount, &account.balances, rules, received, market);
        if charge.amount.is_positive() {
            self.change(order.account, charge.asset).debit(charge.asset, charge.amount);
            *self.fees.entry(charge.asset).or_default() += charge.amount;
        }
        charge
    }

    fn transfer(&mut self, rules: &Rules, order: &mut Order, execution: Execution) {
        let (spent_asset, received_asset) = assets(rules, order.side);
        let (spent, received) = amounts(order.side, execution);
        self.change(order.account, spent_asset).spend(spent_asset, spent);
        order.locked -= spent;
        self.change(order.account, received_asset).credit(received_asset, received);
    }

    fn hand_over(&mut self, rules: &Rules, agent: AccountId, side: Side, execution: Execution) {
        let (spent_asset, received_asset) = assets(rules, side);
        let (spent, received) = amounts(side, execution);
        self.change(agent, spent_asset).credit(spent_asset, spent);
        self.change(agent, received_asset).debit(received_asset, received);
    }

    fn keep_received(
        &mut self,
        rules: &Rules,
        holder: &mut Order,
        received: Fixed,
        charge: Charge,
        market: &MarketView<'_>,
    ) {
        let asset = rules.base;
        let free = self.balances(holder.account).get(asset).free;
        // The commission comes out of what else is free, where there is enough and the asset is not that of discounts.
        let whole = market.asset_id(DISCOUNT_ASSET) != Some(asset) && free >= received;
        let kept = if whole || charge.asset != asset { received } else { received - charge.amount };
        if free >= kept {
            self.change(holder.account, asset).lock(asset, kept);
            holder.locked += kept;
        }
    }

    fn position(&self, rules: &Rules, account: AccountId) -> Fixed {
        let owned = self.balances(account).get(rules.base);
        owned.free + owned.locked
    }

    fn fund_internal(&mut self, rules: &Rules, order: &Order) {
        let (asset, _) = assets(rules, order.side);
        // Twice as much, since a product is cut to eight places.
        let need = self.need(rules, order);
        let lacking = need + need + Fixed::ONE - self.balances(order.account).get(asset).free;
        if lacking.is_positive() {
            self.change(order.account, asset).credit(asset, lacking);
        }
    }

    fn take_changes(&mut self, now: Timestamp) -> Vec<AccountChange> {
        let mut changes: Vec<AccountChange> = Vec::new();
        for (id, asset) in std::mem::take(&mut self.changed) {
            let entry = &mut self.accounts[id.0 as usize];
            entry.updated = now;
            let balance = entry.balances.get(asset);
            match changes.last_mut() {
                Some(AccountChange::Position { account, balances, .. }) if *account == id => {
                    balances.push((asset, balance));
                }
                _ => changes.push(AccountChange::Position {
                    account: id,
                    time: now,
                    balances: vec![(asset, balance)],
                }),
            }
        }
        changes
    }
}
