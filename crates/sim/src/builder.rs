//! Building and starting an exchange.

use crate::accounts::{AccountConfig, DemoAccount};
use crate::clock::{ExchangeClock, ManualClock, SimClock, SystemClock, TokioClock, is_time_paused};
use crate::control::Settings;
use crate::counters::Counters;
use crate::engine::{Engine, ExchangeRules, SymbolConfig};
use crate::error::{SimError, SimErrorKind};
use crate::exchange::Exchange;
use crate::faults::Admission;
use crate::limits::Limits;
use crate::market::{Market, MarketConfig, RecordedMarket, STEP_MILLIS};
use crate::server::http::{Peer, serve};
use crate::server::hub::Hub;
use crate::server::link::{End, FaultyLink, LinkControl, ignore};
use crate::server::product::Product;
use crate::setup::{open_account, open_discount, open_keys, open_router, open_symbol};
use crate::shared::{Caps, Core, Keys, Shared, drive};
use crate::state::{Saved, Source};
use crate::task::Tasks;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use binance_kit_core::{Asset, Decimal, Timestamp};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// When an exchange starts in a runtime whose time is paused: 2025-01-01T00:00:00Z.
const PAUSED_START: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// Settings of an exchange; [`ExchangeBuilder::start`] starts it.
#[derive(Debug)]
pub struct ExchangeBuilder {
    /// Seed of the market, the demo keys and generated ids.
    seed: u64,
    /// Symbols; the built-in ones without any.
    symbols: Vec<SymbolConfig>,
    /// Symbols whose books orders are routed to together.
    routers: Vec<Vec<String>>,
    /// Accounts, the demo account excepted.
    accounts: Vec<AccountConfig>,
    /// Whether there is a demo account.
    demo_account: bool,
    /// Address to listen on.
    listen: Option<SocketAddr>,
    /// Whether the address may be off loopback.
    public: bool,
    /// Limits.
    limits: Limits,
    /// Limits of orders on all symbols together.
    exchange_rules: ExchangeRules,
    /// Asset that commissions may be paid with, and its rate.
    discount: Option<(Asset, Decimal)>,
    /// How lively the built-in market is, where there is one.
    market: Option<MarketConfig>,
    /// Recordings that are the market of their symbols.
    recordings: Vec<RecordedMarket>,
    /// Clock, where one is set.
    clock: Option<Arc<dyn SimClock>>,
    /// Whether only the control API advances the clock.
    manual_clock: bool,
    /// How far the clock is ahead, in milliseconds.
    clock_skew: i64,
    /// File of the saved state.
    state: Option<Source>,
    /// Address of the control API.
    control: Option<SocketAddr>,
    /// Origins of web pages that may send requests.
    origins: Vec<String>,
    /// Caps and times of the server.
    caps: Caps,
    /// Certificate and key of the server.
    #[cfg(feature = "tls")]
    tls: Option<TlsConfig>,
}

impl Default for ExchangeBuilder {
    /// Returns the settings of an exchange with seed 0, the built-in symbols and market, the demo account, enforced limits, and
    /// any free port of 127.0.0.1.
    fn default() -> Self {
        Self {
            seed: 0,
            symbols: Vec::new(),
            routers: Vec::new(),
            accounts: Vec::new(),
            demo_account: true,
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            public: false,
            limits: Limits::default(),
            exchange_rules: ExchangeRules::default(),
            discount: None,
            market: Some(MarketConfig::default()),
            recordings: Vec::new(),
            clock: None,
            manual_clock: false,
            clock_skew: 0,
            state: None,
            control: None,
            origins: Vec::new(),
            caps: Caps::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl ExchangeBuilder {
    /// Sets the seed of the market, of the demo account's keys and of generated ids (default: 0).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Adds a symbol. Without any, the exchange has those of [`SymbolConfig::defaults`].
    #[must_use]
    pub fn symbol(mut self, symbol: SymbolConfig) -> Self {
        self.symbols.push(symbol);
        self
    }

    /// Limits the open orders, the orders that wait for a price, the icebergs and the order lists of an account on all
    /// symbols together: the filters `EXCHANGE_MAX_NUM_ORDERS` and so on (default: no limits).
    #[must_use]
    pub fn exchange_filters(
        mut self,
        orders: Option<u32>,
        algo_orders: Option<u32>,
        iceberg_orders: Option<u32>,
        order_lists: Option<u32>,
    ) -> Self {
        self.exchange_rules = ExchangeRules {
            max_orders: orders,
            max_algo_orders: algo_orders,
            max_iceberg_orders: iceberg_orders,
            max_order_lists: order_lists,
        };
        self
    }

    /// Lets orders on one of these symbols take from the books of all of them, through `sor/order`: their base asset must be
    /// the same, and their quote assets count as one. May be called more than once, for other symbols each time. Of the
    /// built-in symbols `BTCUSDT` takes such orders, with its own book alone, by default.
    #[must_use]
    pub fn smart_order_routing(mut self, symbols: &[&str]) -> Self {
        self.routers.push(symbols.iter().map(|symbol| (*symbol).to_owned()).collect());
        self
    }

    /// Sets the asset that commissions may be paid with, and the part of the standard commission that is due then (default: BNB
    /// and 0.75).
    #[must_use]
    pub fn commission_discount(mut self, asset: &str, rate: Decimal) -> Self {
        self.discount = Some((Asset::new(asset), rate));
        self
    }

    /// Adds an account.
    #[must_use]
    pub fn account(mut self, account: AccountConfig) -> Self {
        self.accounts.push(account);
        self
    }

    /// Adds accounts, for example those of a file.
    #[must_use]
    pub fn accounts(mut self, accounts: impl IntoIterator<Item = AccountConfig>) -> Self {
        self.accounts.extend(accounts);
        self
    }

    /// Sets whether there is a demo account (default: yes).
    #[must_use]
    pub fn demo_account(mut self, on: bool) -> Self {
        self.demo_account = on;
        self
    }

    /// Listens on this address, which must be on loopback; port 0 takes a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = Some(address);
        self.public = false;
        self
    }

    /// Listens on this address, which may be off loopback. The exchange then serves everyone who can connect, and does not
    /// check the `Host` of requests; a warning is logged.
    #[must_use]
    pub fn bind_public(mut self, address: SocketAddr) -> Self {
        self.listen = Some(address);
        self.public = true;
        self
    }

    /// Does not listen: connections are opened in memory, with [`Exchange::connect`].
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        self.listen = None;
        self
    }

    /// Sets the rate limits.
    #[must_use]
    pub fn rates(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets whether the rate limits are enforced (default: yes).
    #[must_use]
    pub fn limits(mut self, enforced: bool) -> Self {
        self.limits.enforced = enforced;
        self
    }

    /// Sets the built-in market.
    #[must_use]
    pub fn market(mut self, config: MarketConfig) -> Self {
        self.market = Some(config);
        self
    }

    /// Builds the exchange without makers and takers: only users trade.
    #[must_use]
    pub fn no_market(mut self) -> Self {
        self.market = None;
        self
    }

    /// Lets recorded market data be the market of its symbols, with users' orders filled against it: [`RecordedMarket`] says how.
    /// A symbol that is not configured otherwise gets steps as fine as its recording, and without any
    /// [`ExchangeBuilder::symbol`], the exchange has the recorded symbols only.
    #[must_use]
    pub fn replay(mut self, recording: RecordedMarket) -> Self {
        self.recordings.push(recording);
        self
    }

    /// Sets the clock. Without it, the exchange starts at the wall clock's time and then follows tokio's. In a runtime whose
    /// time is paused (`#[tokio::test(start_paused = true)]`) it starts at 2025-01-01T00:00:00Z instead, so that a test is
    /// the same in each run.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn SimClock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Freezes the clock where it would begin; only the [control API](crate::control) advances it. A test in
    /// Rust hands a [`ManualClock`] to [`ExchangeBuilder::clock`] instead.
    #[must_use]
    pub fn manual_clock(mut self) -> Self {
        self.manual_clock = true;
        self
    }

    /// Sets how far the exchange's clock is ahead of its [`SimClock`], in milliseconds; negative: how far it is behind.
    #[must_use]
    pub fn clock_skew(mut self, millis: i64) -> Self {
        self.clock_skew = millis;
        self
    }

    /// Continues from a state that [`Exchange::save`] wrote. Symbols, accounts and the market are those of the file; what is
    /// configured here beyond that is added. API keys are not in the file: configure the accounts again, by the same
    /// names (the demo account's keys come from the seed, which is in the file). [`ExchangeBuilder::no_market`] leaves
    /// the orders of its makers in the books, where they are not moved any more.
    ///
    /// With a [`SimClock`] that stands at the time of the save, the market is the one that would have been, byte for byte.
    /// Without one, the time in between is skipped.
    #[must_use]
    pub fn load(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(Source { path: path.into(), required: true });
        self
    }

    /// Sets the file of the state: it is loaded as with [`ExchangeBuilder::load`] when it exists, and the control API saves to it.
    #[must_use]
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(Source { path: path.into(), required: false });
        self
    }

    /// Offers the [control API and the status page](crate::control) on this address, which must be on loopback; port 0
    /// takes a free one.
    #[must_use]
    pub fn control(mut self, address: SocketAddr) -> Self {
        self.control = Some(address);
        self
    }

    /// Allows web pages of this origin (`https://example.com`) to send requests.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Sets how often connections are pinged, and how long an answer may take (default: 20 and 60 seconds).
    #[must_use]
    pub fn pings(mut self, interval: Duration, timeout: Duration) -> Self {
        self.caps.ping_interval = interval.max(Duration::from_millis(1));
        self.caps.pong_timeout = timeout;
        self
    }

    /// Sets the age at which WebSocket connections are closed (default: 24 hours).
    #[must_use]
    pub fn max_connection_age(mut self, age: Duration) -> Self {
        self.caps.max_connection_age = age;
        self
    }

    /// Sets how many frames and bytes may wait for a client that does not read, before its connection is cut (default: 50,000
    /// and 8 MiB). All connections together may have 256 MiB; beyond that, those with more than their share are cut.
    #[must_use]
    pub fn max_queued(mut self, frames: usize, bytes: usize) -> Self {
        self.caps.max_queued_frames = frames;
        self.caps.max_queued_bytes = bytes;
        self
    }

    /// Serves over TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: TlsConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Starts the exchange. Must be called within a tokio runtime. Cancel safe: dropped before its end, it leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Listen`] for an address that is in use or not on loopback, [`SimErrorKind::Configuration`] for
    /// symbols and accounts that cannot work, [`SimErrorKind::State`] for a saved state that cannot be used,
    /// [`SimErrorKind::Tls`] for a certificate that cannot be used.
    pub async fn start(self) -> Result<Exchange, SimError> {
        self.state.as_ref().map_or(Ok(()), Source::check)?;
        #[cfg(feature = "tls")]
        let acceptor = self.tls.as_ref().map(TlsConfig::acceptor).transpose()?;
        let listener = match self.listen {
            Some(address) => Some(listen(address, self.public).await?),
            None => None,
        };
        let address =
            match &listener {
                Some(listener) => Some(listener.local_addr().map_err(|error| {
                    SimError::with(SimErrorKind::Listen, "the address is not known", error)
                })?),
                None => None,
            };
        let control = match self.control {
            Some(address) => Some(listen(address, false).await?),
            None => None,
        };
        let control_address =
            match &control {
                Some(control) => Some(control.local_addr().map_err(|error| {
                    SimError::with(SimErrorKind::Listen, "the address is not known", error)
                })?),
                None => None,
            };
        let saved = self.state.as_ref().map(Source::read).transpose()?.flatten();
        let clock = self.clock.clone().unwrap_or_else(|| {
            // Time goes on where it was, should that be later than now.
            let now = if is_time_paused() { PAUSED_START } else { SystemClock.now() };
            let start = saved.as_ref().map_or(now, |saved| now.max(saved.time));
            let clock: Arc<dyn SimClock> = if self.manual_clock {
                Arc::new(ManualClock::starting_at(start))
            } else {
                Arc::new(TokioClock::starting_at(start))
            };
            clock
        });
        let clock = ExchangeClock::new(clock, self.clock_skew);
        let seed = saved.as_ref().map_or(self.seed, |saved| saved.seed);
        let demo = if self.demo_account { Some(DemoAccount::from_seed(seed)?) } else { None };
        let tasks = Tasks::new();
        let counters = Arc::new(Counters::default());
        let (core, keys) = self.build(saved, &clock, demo.as_ref(), &counters)?;
        let check_host = !self.public;
        let secure = self.is_secure();
        let shared = Arc::new(Shared::new(
            core,
            clock,
            self.limits,
            self.caps,
            keys,
            counters,
            tasks.spawner(),
            self.origins,
        ));
        shared.faults.belong_to(Arc::downgrade(&shared));
        tasks.spawner().spawn(drive(Arc::downgrade(&shared)));
        let woken = Arc::downgrade(&shared);
        shared.clock.on_move(Box::new(move || woken.upgrade().map(|shared| shared.run(|_, _| ())).is_some()));
        if let Some(listener) = listener {
            #[cfg(feature = "tls")]
            tasks.spawner().spawn(accept(listener, Arc::downgrade(&shared), check_host, acceptor));
            #[cfg(not(feature = "tls"))]
            tasks.spawner().spawn(accept(listener, Arc::downgrade(&shared), check_host));
        }
        let exchange = Exchange::new(shared, tasks, address, control_address, secure, demo);
        if let Some(control) = control {
            let state_file = self.state.map(|state| state.path);
            let control_url = exchange.control_url().unwrap_or_default();
            let settings = Settings { state_file, rest_url: exchange.rest_url(), control_url };
            let serving = crate::control::accept(control, Arc::downgrade(&exchange.shared), settings);
            exchange.shared.spawner.spawn(serving);
        }
        Ok(exchange)
    }

    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "without TLS there is nothing to ask")
    )]
    fn is_secure(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }

    /// What is behind the lock, and the keys: as configured, or as saved with what is configured beyond that.
    fn build(
        &self,
        saved: Option<Saved>,
        clock: &ExchangeClock,
        demo: Option<&DemoAccount>,
        counters: &Arc<Counters>,
    ) -> Result<(Core, Keys), SimError> {
        let now = clock.now();
        let seed = saved.as_ref().map_or(self.seed, |saved| saved.seed);
        let admin_account = saved.as_ref().and_then(|saved| saved.admin_account);
        let (mut engine, market) =
            saved.map_or_else(|| (Engine::new(seed), None), |saved| (saved.engine, saved.market));
        // The engine's time never goes back, so all begins where the market's past does.
        let history = self.market.as_ref().filter(|_| market.is_none()).map_or(0, |m| m.history_seconds);
        let start = now.minus(Duration::from_secs(u64::from(history)));
        let fresh = engine.symbols().next().is_none();
        let mut symbols = if self.symbols.is_empty() && self.recordings.is_empty() && fresh {
            SymbolConfig::defaults()
        } else {
            self.symbols.clone()
        };
        let tracks: Vec<_> = self.recordings.iter().flat_map(RecordedMarket::tracks).collect();
        for track in &tracks {
            let config = track.symbol_config();
            if !symbols.iter().any(|symbol| symbol.symbol() == config.symbol()) {
                symbols.push(config);
            }
        }
        let mut added = Vec::new();
        for symbol in &symbols {
            if fresh || engine.symbol_id(symbol.symbol().as_str()).is_none() {
                added.push(open_symbol(&mut engine, symbol)?);
            }
        }
        if fresh {
            let mut routers = self.routers.clone();
            if self.symbols.is_empty() && self.recordings.is_empty() && routers.is_empty() {
                routers = SymbolConfig::default_routers();
            }
            for symbols in &routers {
                open_router(&mut engine, symbols)?;
            }
            engine.exchange_rules = self.exchange_rules;
            if let Some((asset, rate)) = &self.discount {
                engine.set_discount(open_discount(asset, *rate)?);
            }
        }
        let mut configs = Vec::new();
        if let Some(demo) = demo {
            let assets =
                engine.assets.sorted().into_iter().map(|(_, asset)| asset.clone()).collect::<Vec<_>>();
            configs.push(demo.config(assets)?);
        }
        configs.extend(self.accounts.iter().cloned());
        let keys = Keys::default();
        for config in &configs {
            match engine.accounts().by_name(&config.name) {
                // What it owns was saved; keys never are.
                Some(account) if !fresh => open_keys(&keys, config, account)?,
                _ => open_account(&mut engine, &keys, config, start).map(|_| ())?,
            }
        }
        let recorded: Vec<_> = tracks.iter().filter_map(|track| engine.symbol_id(track.symbol())).collect();
        let mut market = match (market, &self.market) {
            (Some(mut market), Some(_)) => {
                for symbol in added.into_iter().filter(|symbol| !recorded.contains(symbol)) {
                    market.add_symbol(&mut engine, symbol, now);
                }
                Some(market)
            }
            (None, Some(config)) => {
                let mut market = Market::open(&mut engine, seed, config, &recorded, start);
                for step in 0..i64::from(history) * 1000 / STEP_MILLIS {
                    let at = start.plus(Duration::from_millis((step * STEP_MILLIS).unsigned_abs()));
                    market.step(&mut engine, at);
                    engine.events.clear();
                }
                Some(market)
            }
            (market, None) if recorded.is_empty() => market.filter(|_| false),
            (market, None) => market.or_else(|| Some(Market::still(&mut engine, seed))),
        };
        if let Some(market) = &mut market {
            for recording in &self.recordings {
                market.replay(&mut engine, recording, now);
            }
        }
        engine.events.clear();
        let hub = Hub::new(Product::spot(), &engine, Arc::clone(counters));
        let mut core = Core::new(seed, engine, hub, market, now);
        core.admin_account = admin_account;
        Ok((core, keys))
    }
}

async fn listen(address: SocketAddr, public: bool) -> Result<TcpListener, SimError> {
    if !address.ip().is_loopback() {
        if !public {
            return Err(SimError::new(
                SimErrorKind::Listen,
                format_args!("{address} is not on loopback; `bind_public` allows such addresses"),
            ));
        }
        tracing::warn!(%address, "the exchange can be reached from other machines");
    }
    TcpListener::bind(address).await.map_err(|error| {
        SimError::with(SimErrorKind::Listen, format_args!("cannot listen on {address}"), error)
    })
}

async fn accept(
    listener: TcpListener,
    shared: std::sync::Weak<Shared>,
    check_host: bool,
    #[cfg(feature = "tls")] acceptor: Option<tokio_rustls::TlsAcceptor>,
) {
    loop {
        let accepted = listener.accept().await;
        let Some(shared) = shared.upgrade() else { return };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: it passes.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let link = LinkControl::new();
        let peer = Peer { ip: peer.ip(), check_host, link: Arc::clone(&link) };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let spawner = shared.spawner.clone();
        let stream = FaultyLink::new(stream, link);
        match shared.faults.admission() {
            Admission::Serve => {}
            Admission::Refuse => {
                peer.link.end(End::Reset);
                continue;
            }
            Admission::Ignore => {
                spawner.spawn(ignore(stream));
                continue;
            }
        }
        #[cfg(feature = "tls")]
        if let Some(acceptor) = acceptor.clone() {
            spawner.spawn(async move {
                match tokio::time::timeout(Duration::from_secs(10), acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => serve(shared, stream, peer).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                }
            });
            continue;
        }
        spawner.spawn(serve(shared, stream, peer));
    }
}
