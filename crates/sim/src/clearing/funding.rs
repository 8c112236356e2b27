//! Changes of an account's money that are no trades, in the Spot engine: deposits, withdrawals, locks of other systems; and
//! the rates that it pays.

use super::{AccountChange, Discount, RateSet, Rates};
use crate::engine::{AccountId, Engine, Event, Fixed};
use binance_kit_core::{Asset, Timestamp};

impl Engine {
    /// Adds an account that owns nothing and pays these rates.
    pub(crate) fn add_account(
        &mut self,
        name: &str,
        internal: bool,
        maker: Fixed,
        taker: Fixed,
    ) -> AccountId {
        let account = self.open_account(name, internal);
        let standard = RateSet { maker, taker, ..RateSet::default() };
        self.set_rates(account, Rates { standard, ..Rates::default() });
        account
    }

    /// Sets everything that an account pays.
    pub(crate) fn set_rates(&mut self, account: AccountId, rates: Rates) {
        self.clearing.account_mut(account).rates = rates;
    }

    /// Sets what commissions may be paid with.
    pub(crate) fn set_discount(&mut self, discount: Discount) {
        self.clearing.discount = discount;
    }

    /// Adds to, or with a negative amount takes from, the free balance. False when there is not enough.
    pub(crate) fn deposit(
        &mut self,
        now: Timestamp,
        account: AccountId,
        asset: &Asset,
        amount: Fixed,
    ) -> bool {
        let time = self.advance(now);
        let asset = self.assets.intern(asset);
        if self.clearing.balances(account).get(asset).free + amount < Fixed::ZERO {
            return false;
        }
        self.clearing.change(account, asset).credit(asset, amount);
        if !self.account(account).internal {
            let change = AccountChange::Deposit { account, asset, delta: amount, time };
            self.events.push(Event::Account(change));
        }
        self.report_changes();
        true
    }

    /// Locks a free balance for another system, or with a negative amount unlocks what was locked so. False when there is not
    /// as much.
    pub(crate) fn hold_outside(
        &mut self,
        now: Timestamp,
        account: AccountId,
        asset: &Asset,
        amount: Fixed,
    ) -> bool {
        let time = self.advance(now);
        let asset = self.assets.intern(asset);
        if !self.clearing.account_mut(account).balances.hold_outside(asset, amount) {
            return false;
        }
        // It succeeded, so that it is reported.
        self.clearing.change(account, asset);
        let change = AccountChange::HeldOutside { account, asset, delta: amount, time };
        self.events.push(Event::Account(change));
        self.report_changes();
        true
    }
}
