//! The user data of Spot: which events change the account, and how they are compared with a snapshot.

use crate::product::UserData;
use binance_kit_core::product::Spot;
use binance_kit_core::{Asset, Decimal, Error, List, Timestamp};
use binance_kit_model::spot::account::AccountInformation;
use binance_kit_model::spot::{Account, AccountEvent, OpenOrders, Order};
use binance_kit_ws_api::{UserDataStream, WsApiClient};
use std::borrow::Cow;
use std::collections::HashMap;

/// The account at one moment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountSnapshot {
    /// Balances, commissions, permissions.
    pub account: AccountInformation,
    /// The open orders of all symbols.
    pub open_orders: List<Order>,
}

/// When the account last changed, and its balances then.
#[derive(Debug)]
pub struct SnapshotContents {
    updated_at: Timestamp,
    /// Free and locked.
    balances: HashMap<Asset, (Decimal, Decimal)>,
}

impl UserData for Spot {
    type Event = AccountEvent;
    type Snapshot = AccountSnapshot;
    type Contents = SnapshotContents;

    fn event_type(event: &AccountEvent) -> Cow<'_, str> {
        event.event_type()
    }

    async fn subscribe(client: &WsApiClient<Self>) -> Result<UserDataStream<AccountEvent>, Error> {
        client.subscribe_user_data().await
    }

    async fn take_snapshot(client: WsApiClient<Self>) -> Result<AccountSnapshot, Error> {
        let (account, open_orders) =
            tokio::try_join!(client.send(Account::new()), client.send(OpenOrders::new()))?;
        Ok(AccountSnapshot { account: account.into_value(), open_orders: open_orders.into_value() })
    }

    fn contents(snapshot: &AccountSnapshot) -> SnapshotContents {
        let balances = &snapshot.account.balances;
        let balances = balances.iter().map(|balance| (balance.asset.clone(), (balance.free, balance.locked)));
        SnapshotContents { updated_at: snapshot.account.update_time, balances: balances.collect() }
    }

    fn updated_at(contents: &SnapshotContents) -> Timestamp {
        contents.updated_at
    }

    fn changed_at(event: &AccountEvent) -> Option<Timestamp> {
        match event {
            AccountEvent::AccountPosition(position) => Some(position.last_update_time),
            AccountEvent::Balance(update) => Some(update.clear_time),
            AccountEvent::Order(report) => Some(report.transaction_time),
            AccountEvent::OrderList(status) => Some(status.transaction_time),
            AccountEvent::ExternalLock(update) => Some(update.transaction_time),
            _ => None,
        }
    }

    fn is_contained(contents: &SnapshotContents, event: &AccountEvent) -> bool {
        let AccountEvent::AccountPosition(position) = event else { return false };
        // A balance that cannot be read is in no snapshot.
        if position.balances.unreadable_count() > 0 {
            return false;
        }
        position.balances.iter().all(|balance| {
            let (free, locked) = contents.balances.get(&balance.asset).copied().unwrap_or_default();
            free == balance.free && locked == balance.locked
        })
    }
}
