//! An exchange in memory under a paused clock, and a client of it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use binance_kit_account::spot::{Balances, SymbolAssets};
use binance_kit_account::{AccountChange, AccountItem, AccountStream, Orders};
use binance_kit_core::{Decimal, Timestamp};
use binance_kit_model::spot::account::AccountInformation;
use binance_kit_model::spot::{Account, AccountEvent};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{Clock, Context, Environment, Error, ErrorKind, Random};
use binance_kit_sign::Credentials;
use binance_kit_sim::{AccountConfig, AdminOrder, Exchange, ExchangeBuilder, SymbolConfig, TokioClock};
use binance_kit_ws_api::{WsApiClient, WsApiConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub const START: i64 = 1_700_000_000_000;

/// One symbol, ABUSDT at about 100, no market but `alice` and `bob`.
pub struct World {
    pub exchange: Arc<Exchange>,
    pub context: Context,
    pub client: WsApiClient,
    /// While it is set, connecting fails.
    pub offline: Arc<AtomicBool>,
}

pub fn builder() -> ExchangeBuilder {
    Exchange::builder()
        .in_memory()
        .no_market()
        .clock(Arc::new(TokioClock::starting_at(Timestamp::from_millis(START))))
        .symbol(SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0)).step_size(Decimal::new(1, 3)))
        .smart_order_routing(&["ABUSDT"])
        .account(account("alice"))
        .account(account("bob"))
}

fn account(name: &str) -> AccountConfig {
    AccountConfig::new(name)
        .balance("AB", Decimal::new(1000, 0))
        .balance("USDT", Decimal::new(100_000, 0))
        .hmac_key(&format!("{name}Key"), &format!("{name}Secret"))
        .unwrap()
}

pub fn alice() -> Credentials {
    Credentials::hmac("aliceKey", "aliceSecret").unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::with(WsApiConfig::default()).await
    }

    pub async fn with(config: WsApiConfig) -> Self {
        let exchange = Arc::new(builder().start().await.unwrap());
        let offline = Arc::new(AtomicBool::new(false));
        let (dialled, closed) = (Arc::clone(&exchange), Arc::clone(&offline));
        let context = Context::builder()
            .dial(DialWith::new(move |_| {
                if closed.load(Ordering::SeqCst) {
                    return Err(Error::with_detail(ErrorKind::Connect, "the network is down"));
                }
                Ok(dialled.connect())
            }))
            .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
            .random(Random::seeded(7))
            .build()
            .unwrap();
        let client = WsApiClient::builder(&context, &environment())
            .credentials(alice())
            .config(config)
            .connect()
            .await
            .unwrap();
        Self { exchange, context, client, offline }
    }

    pub fn orders(&self) -> Orders {
        Orders::new(&self.client, &self.context, "test")
    }

    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Ordering::SeqCst);
    }

    /// Lets `bob` trade against what `alice` offers.
    pub fn bob(&self, buy: bool, quantity: i64, price: i64) {
        self.exchange
            .place(
                &(if buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", Decimal::new(quantity, 0))
                    .at(Decimal::new(price, 0))
                    .by("bob"),
            )
            .unwrap();
    }

    pub async fn account(&self) -> AccountInformation {
        self.client.send(Account::new()).await.unwrap().into_value()
    }
}

pub fn environment() -> Environment {
    Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").unwrap()
}

/// The next item within a minute of simulated time.
pub async fn next(stream: &mut AccountStream) -> AccountItem {
    tokio::time::timeout(Duration::from_secs(60), stream.next())
        .await
        .unwrap_or_else(|_| panic!("nothing came for a minute"))
        .unwrap()
}

/// All that comes until nothing has come for two seconds.
pub async fn drain(stream: &mut AccountStream) -> Vec<AccountItem> {
    let mut items = Vec::new();
    while let Ok(Some(item)) = tokio::time::timeout(Duration::from_secs(2), stream.next()).await {
        items.push(item);
    }
    items
}

/// A word for each item.
pub fn word(item: &AccountItem) -> String {
    match item {
        AccountItem::Snapshot(_) => "snapshot".into(),
        AccountItem::Event(change) => {
            format!("{}{}", change.event_type(), if change.in_snapshot { " (in snapshot)" } else { "" })
        }
        AccountItem::Interrupted => "interrupted".into(),
        AccountItem::SnapshotFailed(_) => "snapshot failed".into(),
        AccountItem::Malformed { .. } => "malformed".into(),
        AccountItem::Refused(_) => "refused".into(),
        _ => "other".into(),
    }
}

pub fn words(items: &[AccountItem]) -> Vec<String> {
    items.iter().map(word).collect()
}

/// Books the items of an account stream.
pub fn follow(balances: &mut Balances, items: &[AccountItem]) {
    balances.symbol("ABUSDT", SymbolAssets { base: "AB".into(), quote: "USDT".into() });
    for item in items {
        match item {
            AccountItem::Snapshot(snapshot) => balances.restart_from(&snapshot.account),
            AccountItem::Event(change) => book(balances, change),
            _ => {}
        }
    }
}

fn book(balances: &mut Balances, change: &AccountChange) {
    match &change.data {
        _ if change.in_snapshot => {}
        AccountEvent::Order(report) => {
            balances.book_report(report).unwrap();
        }
        AccountEvent::Balance(update) => balances.book_update(update).unwrap(),
        _ => {}
    }
}
