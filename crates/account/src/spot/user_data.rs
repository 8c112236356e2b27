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
    /// Whether all balances could be read, so that an asset which is not among them has none.
    is_whole: bool,
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
        SnapshotContents {
            updated_at: snapshot.account.update_time,
            balances: balances.collect(),
            is_whole: snapshot.account.balances.unreadable_count() == 0,
        }
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
            let nothing = || contents.is_whole.then_some((Decimal::ZERO, Decimal::ZERO));
            let known = contents.balances.get(&balance.asset).copied().or_else(nothing);
            known == Some((balance.free, balance.locked))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use binance_kit_core::decode::Frame;
    use binance_kit_core::{Decoder, StreamEvent as _};

    fn snapshot(second_balance: &str) -> AccountSnapshot {
        let account = format!(
            r#"{{"updateTime":5,"balances":[{{"asset":"A","free":"1","locked":"0"}},{second_balance}]}}"#
        );
        AccountSnapshot {
            account: Decoder::new().decode(account.as_bytes()).unwrap(),
            open_orders: Decoder::new().decode(br#"[{"symbol":"AB"}]"#).unwrap(),
        }
    }

    #[test]
    fn a_balance_of_the_snapshot_that_cannot_be_read_is_not_zero() {
        let position = br#"{"e":"outboundAccountPosition","E":5,"u":5,"B":[{"a":"B","f":"0","l":"0"}]}"#;
        let position: AccountEvent = Decoder::new()
            .frame(position, |frame| match frame {
                Frame::Event(frame) => AccountEvent::decode_event(frame),
                other => panic!("{other:?}"),
            })
            .unwrap();
        let whole = snapshot(r#"{"asset":"C","free":"1","locked":"0"}"#);
        assert!(Spot::is_contained(&Spot::contents(&whole), &position), "there is none of it");
        let broken = snapshot(r#"{"asset":"B","free":"?","locked":"0"}"#);
        assert!(!Spot::is_contained(&Spot::contents(&broken), &position));
        // A program finds both in the snapshot.
        assert_eq!(broken.account.balances.unreadable()[0].error.path(), "free");
        assert_eq!((broken.open_orders.len(), broken.open_orders.unreadable_count()), (0, 1));
    }
}
