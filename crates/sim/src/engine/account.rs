//! Accounts and their orders. What they own is in [`clearing`](crate::clearing).

use super::fixed::Fixed;
use super::order::{AccountTrade, Order};
use super::sor::Allocation;
use super::types::{AccountId, AssetId, SymbolId};
use binance_kit_core::ClientOrderId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many closed orders and trades of an account on one symbol, and how many lists, are kept.
const HISTORY: usize = 50_000;

/// The orders of an account on one symbol.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AccountOrders {
    /// All that are remembered, oldest first.
    pub(crate) all: VecDeque<u64>,
    /// Open orders.
    pub(crate) open: BTreeSet<u64>,
    /// How many of the open ones are contingent, and how many are icebergs.
    pub(crate) open_algo: u32,
    /// How many of the open ones are icebergs.
    pub(crate) open_icebergs: u32,
    /// The latest order with a client id.
    pub(crate) by_client: HashMap<ClientOrderId, u64>,
    /// Trades that are remembered, oldest first.
    pub(crate) trades: VecDeque<AccountTrade>,
    /// Allocations that are remembered, oldest first.
    pub(crate) allocations: VecDeque<Allocation>,
}

impl AccountOrders {
    /// An order is no longer open.
    pub(super) fn close(&mut self, order: &Order) {
        if self.open.remove(&order.id) {
            self.open_algo = self.open_algo.saturating_sub(u32::from(order.kind.is_contingent()));
            self.open_icebergs = self.open_icebergs.saturating_sub(u32::from(order.is_iceberg()));
        }
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Name of the account.
    pub(crate) name: String,
    /// Whether the account is internal: it makes the market or trades for admin orders, has no client, and its closed orders are
    /// not kept.
    pub(crate) internal: bool,
    /// The group of accounts that do not trade with each other.
    pub(crate) trade_group: Option<i64>,
    /// How much of an asset a single order may be about.
    pub(crate) max_asset: BTreeMap<AssetId, Fixed>,
    /// Orders by symbol.
    pub(crate) orders: BTreeMap<SymbolId, AccountOrders>,
    /// All lists that are remembered, oldest first.
    pub(crate) lists: VecDeque<u64>,
    /// Lists that are not done.
    pub(crate) open_lists: BTreeSet<u64>,
}

impl Account {
    pub(crate) fn orders_on(&self, symbol: SymbolId) -> Option<&AccountOrders> {
        self.orders.get(&symbol)
    }
}

/// All accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Accounts {
    /// Accounts by their ids.
    accounts: Vec<Account>,
}

impl Accounts {
    pub(super) fn open(&mut self, name: &str, internal: bool) -> AccountId {
        let id = AccountId(u32::try_from(self.accounts.len()).unwrap_or(u32::MAX));
        self.accounts.push(Account {
            name: name.to_owned(),
            internal,
            trade_group: None,
            max_asset: BTreeMap::new(),
            orders: BTreeMap::new(),
            lists: VecDeque::new(),
            open_lists: BTreeSet::new(),
        });
        id
    }

    pub(crate) fn get(&self, id: AccountId) -> &Account {
        &self.accounts[id.0 as usize]
    }

    pub(super) fn get_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id.0 as usize]
    }

    /// All accounts, internal ones included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        (0..).map(AccountId).zip(&self.accounts)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<AccountId> {
        let index = self.accounts.iter().position(|account| account.name == name && !account.internal)?;
        u32::try_from(index).ok().map(AccountId)
    }

    /// Remembers an order of a user. Returns the oldest closed order when there are too many.
    pub(crate) fn remember(&mut self, order: &Order) -> Option<u64> {
        let account = &mut self.accounts[order.account.0 as usize];
        let orders = account.orders.entry(order.symbol).or_default();
        orders.all.push_back(order.id);
        orders.open.insert(order.id);
        orders.open_algo += u32::from(order.kind.is_contingent());
        orders.open_icebergs += u32::from(order.is_iceberg());
        orders.by_client.insert(order.client_id.clone(), order.id);
        if orders.all.len() - orders.open.len() > HISTORY {
            let index = orders.all.iter().position(|id| !orders.open.contains(id))?;
            return orders.all.remove(index);
        }
        None
    }

    /// Forgets the client id of an order that is not remembered any more, unless a later order has it.
    pub(super) fn forget_client_id(&mut self, order: &Order) {
        if let Some(orders) = self.get_mut(order.account).orders.get_mut(&order.symbol)
            && orders.by_client.get(&order.client_id) == Some(&order.id)
        {
            orders.by_client.remove(&order.client_id);
        }
    }

    /// Remembers a list. Returns the oldest closed list when there are too many.
    pub(crate) fn remember_list(&mut self, account: AccountId, id: u64) -> Option<u64> {
        let account = &mut self.accounts[account.0 as usize];
        account.lists.push_back(id);
        account.open_lists.insert(id);
        if account.lists.len() - account.open_lists.len() > HISTORY {
            let index = account.lists.iter().position(|id| !account.open_lists.contains(id))?;
            return account.lists.remove(index);
        }
        None
    }

    pub(crate) fn record_allocation(&mut self, account: AccountId, symbol: SymbolId, allocation: Allocation) {
        let orders = self.accounts[account.0 as usize].orders.entry(symbol).or_default();
        orders.allocations.push_back(allocation);
        if orders.allocations.len() > HISTORY {
            orders.allocations.pop_front();
        }
    }

    pub(crate) fn record_trade(&mut self, account: AccountId, symbol: SymbolId, trade: AccountTrade) {
        let orders = self.accounts[account.0 as usize].orders.entry(symbol).or_default();
        orders.trades.push_back(trade);
        if orders.trades.len() > HISTORY {
            orders.trades.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Engine, Fixed, NewOrder, OrderType, Side, SymbolConfig, TimeInForce};
    use binance_kit_core::{Decimal, Timestamp};

    #[test]
    fn nothing_is_left_of_orders_that_are_forgotten() {
        let now = Timestamp::from_millis(1);
        let mut engine = Engine::new(1);
        let symbol = engine.add_symbol(&SymbolConfig::new("AB", "A", "B", Decimal::ONE)).unwrap();
        let account = engine.add_account("user", false, Fixed::ZERO, Fixed::ZERO);
        engine.deposit(now, account, &"B".into(), Fixed::from_int(1000));
        let order = NewOrder {
            time_in_force: Some(TimeInForce::Ioc),
            quantity: Some(Fixed::from_int(10)),
            price: Some(Fixed::ONE),
            ..NewOrder::new(symbol, Side::Buy, OrderType::Limit)
        };
        for number in 0..super::HISTORY + 100 {
            // The name of the first one is that of the last one, too.
            let again = number % (super::HISTORY + 99) == 0;
            let client_id = again.then(|| binance_kit_core::ClientOrderId::new("again"));
            engine.place(now, account, NewOrder { client_id, ..order.clone() }).unwrap();
            engine.events.clear();
        }
        let orders = engine.account(account).orders_on(symbol).unwrap();
        assert_eq!(orders.all.len(), orders.by_client.len());
        let last = engine.find(account, symbol, None, Some("again")).unwrap();
        assert_eq!(Some(&last.id), orders.all.back());
    }
}
