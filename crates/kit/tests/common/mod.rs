//! Exchanges for tests: in memory under a paused clock, and on loopback with a runtime of their own.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use binance_kit::net::clock::VirtualWallClock;
use binance_kit::net::io::DialWith;
use binance_kit::net::{Clock, NetError, NetErrorKind, Random};
use binance_kit::sim::{AccountConfig, Exchange, ExchangeBuilder, TokioClock};
use binance_kit::{Binance, Context, Credentials, Decimal, Environment, MixedTopic, Timestamp, spot};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub const START: i64 = 1_700_000_000_000;

/// An exchange in memory, with the built-in symbols, a thin market, the demo account and `alice`.
pub fn in_memory() -> ExchangeBuilder {
    Exchange::builder()
        .market(binance_kit::sim::MarketConfig::thin())
        .seed(7)
        .in_memory()
        .clock(Arc::new(TokioClock::starting_at(Timestamp::from_millis(START))))
        .account(alice())
}

/// An account with an HMAC key (`aliceKey`, `aliceSecret`), and an RSA key (`aliceRsaKey`).
pub fn alice() -> AccountConfig {
    AccountConfig::new("alice")
        .balance("BTC", Decimal::new(10, 0))
        .balance("USDT", Decimal::new(1_000_000, 0))
        .hmac_key("aliceKey", "aliceSecret")
        .unwrap()
        .public_key("aliceRsaKey", include_str!("../../../sign/tests/fixtures/rsa2048-public.pem"))
        .unwrap()
}

pub fn hmac() -> Credentials {
    Credentials::hmac("aliceKey", "aliceSecret").unwrap()
}

pub fn rsa() -> Credentials {
    Credentials::rsa_pem("aliceRsaKey", include_str!("../../../sign/tests/fixtures/rsa2048-pkcs8.pem"))
        .unwrap()
}

/// The demo account's Ed25519 key.
pub fn ed25519(exchange: &Exchange) -> Credentials {
    let demo = exchange.demo_account().unwrap();
    Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap()
}

/// Addresses that are never dialled: the links are made in memory.
pub fn in_memory_environment() -> Environment {
    Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3")
        .and_then(|environment| environment.with_sbe_stream("ws://127.0.0.1:1/sbe"))
        .unwrap()
}

/// The real exchange's addresses replaced by those of this one on loopback.
pub fn loopback(exchange: &Exchange) -> Environment {
    Environment::custom(&exchange.rest_url(), &exchange.stream_url(), &exchange.ws_api_url()).unwrap()
}

/// Streams by their names, in one list.
pub fn topics<const N: usize>(names: [&str; N]) -> [MixedTopic<spot::MarketEvent>; N] {
    names.map(|name| spot::stream::from_name(name).unwrap())
}

/// An exchange in memory and its clients.
pub struct World {
    pub exchange: Arc<Exchange>,
    pub binance: Binance,
    /// While it is set, connections are refused.
    pub offline: Arc<AtomicBool>,
}

impl World {
    pub async fn new() -> Self {
        Self::of(in_memory()).await
    }

    pub async fn of(builder: ExchangeBuilder) -> Self {
        let exchange = Arc::new(builder.start().await.unwrap());
        let offline = Arc::new(AtomicBool::new(false));
        let (dialled, closed) = (Arc::clone(&exchange), Arc::clone(&offline));
        let context = Context::builder()
            .dial(DialWith::new(move |_| {
                if closed.load(Ordering::SeqCst) {
                    return Err(NetError::with_detail(NetErrorKind::Connect, "connection refused"));
                }
                Ok(dialled.connect())
            }))
            .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
            .random(Random::seeded(7))
            .build()
            .unwrap();
        let binance =
            Binance::builder().environment(in_memory_environment()).context(context).build().unwrap();
        Self { exchange, binance, offline }
    }

    /// The clients of this account.
    pub fn with(&self, credentials: Credentials) -> Binance {
        self.binance.with_account(credentials).unwrap()
    }

    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Ordering::SeqCst);
    }
}

/// An exchange on loopback, on a runtime of its own, for clients without one.
pub struct Served {
    pub exchange: Exchange,
    pub binance: Binance,
    _runtime: tokio::runtime::Runtime,
}

impl Served {
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let exchange = runtime.block_on(Exchange::builder().seed(7).account(alice()).start()).unwrap();
        let binance =
            Binance::builder().environment(loopback(&exchange)).credentials(hmac()).build().unwrap();
        Self { exchange, binance, _runtime: runtime }
    }
}
