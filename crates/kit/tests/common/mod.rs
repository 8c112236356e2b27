//! Exchanges to talk to: in memory with time standing still, and on loopback with a runtime of their own.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use binance_kit::net::clock::VirtualWallClock;
use binance_kit::net::io::DialWith;
use binance_kit::net::{Clock, Error, ErrorKind, Random};
use binance_kit::sim::{AccountConfig, Exchange, ExchangeBuilder, TokioClock};
use binance_kit::{Binance, Context, Credentials, Decimal, Environment, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub const START: i64 = 1_700_000_000_000;

/// An exchange in memory, with the built-in symbols and market, the demo account and `alice`.
pub fn in_memory() -> ExchangeBuilder {
    Exchange::builder()
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

/// An exchange in memory and the way to it.
pub struct World {
    pub exchange: Arc<Exchange>,
    pub binance: Binance,
    /// While it is set, nobody can connect.
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
                    return Err(Error::with_detail(ErrorKind::Connect, "connection refused"));
                }
                Ok(dialled.connect())
            }))
            .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
            .random(Random::seeded(7))
            .build()
            .unwrap();
        let environment =
            Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3")
                .and_then(|environment| environment.with_sbe_stream("ws://127.0.0.1:1/sbe"))
                .unwrap();
        Self { exchange, binance: Binance::with_context(environment, context), offline }
    }

    /// The way in with this key.
    pub fn with(&self, credentials: Credentials) -> Binance {
        self.binance.clone().with_credentials(credentials)
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
        let binance = Binance::simulated(&exchange).unwrap().with_credentials(hmac());
        Self { exchange, binance, _runtime: runtime }
    }
}
