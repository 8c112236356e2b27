//! Balances of one account. Every amount moves from one place to another; nothing appears or vanishes except by deposits.

use crate::engine::{AssetId, Fixed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an account owns of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Balance {
    /// Amount that can be spent.
    pub(crate) free: Fixed,
    /// Amount that open orders, or another system, hold.
    pub(crate) locked: Fixed,
}

/// What an account owns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Balances {
    /// Balances of all assets that the account ever had.
    by_asset: BTreeMap<AssetId, Balance>,
    /// Part of the locked balances that another system holds, not an order.
    held_outside: BTreeMap<AssetId, Fixed>,
}

impl Balances {
    /// Returns the balance of an asset; nothing of what the account never had.
    pub(crate) fn get(&self, asset: AssetId) -> Balance {
        self.by_asset.get(&asset).copied().unwrap_or_default()
    }

    /// Returns the balances of all assets that the account ever had.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (AssetId, Balance)> {
        self.by_asset.iter().map(|(asset, balance)| (*asset, *balance))
    }

    /// Adds to the free balance.
    pub(super) fn credit(&mut self, asset: AssetId, amount: Fixed) {
        self.entry(asset).free += amount;
    }

    /// Takes from the free balance.
    pub(super) fn debit(&mut self, asset: AssetId, amount: Fixed) {
        self.entry(asset).free -= amount;
    }

    /// Takes from the locked balance.
    pub(super) fn spend(&mut self, asset: AssetId, amount: Fixed) {
        self.entry(asset).locked -= amount;
    }

    /// Moves from free to locked, whether there is as much or not.
    pub(super) fn lock(&mut self, asset: AssetId, amount: Fixed) {
        let balance = self.entry(asset);
        balance.free -= amount;
        balance.locked += amount;
    }

    /// Moves from locked to free.
    pub(super) fn unlock(&mut self, asset: AssetId, amount: Fixed) {
        self.lock(asset, Fixed::ZERO - amount);
    }

    /// Moves from free to locked for another system, or with a negative amount back. False when there is not as much.
    pub(super) fn hold_outside(&mut self, asset: AssetId, amount: Fixed) -> bool {
        let held = self.held_outside.get(&asset).copied().unwrap_or_default();
        if held + amount < Fixed::ZERO || self.get(asset).free < amount {
            return false;
        }
        self.lock(asset, amount);
        self.held_outside.insert(asset, held + amount);
        true
    }

    fn entry(&mut self, asset: AssetId) -> &mut Balance {
        self.by_asset.entry(asset).or_default()
    }
}
