//! The handle of a running exchange.

use crate::accounts::DemoAccount;
use crate::builder::ExchangeBuilder;
use crate::counters::Counts;
use crate::engine::{AccountId, Engine, Side, SymbolId};
use crate::error::{SimError, SimErrorKind};
use crate::faults::Admission;
use crate::server::http::{Peer, serve};
use crate::server::link::{FaultyLink, LinkControl, MemoryLink, ignore, memory_link};
use crate::shared::Shared;
use crate::task::Tasks;
use binance_kit_core::{Decimal, Timestamp};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A full order book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeBook {
    /// Id of the last update.
    pub last_update_id: u64,
    /// Price and quantity of the bids, best first.
    pub bids: Vec<(Decimal, Decimal)>,
    /// Price and quantity of the asks, best first.
    pub asks: Vec<(Decimal, Decimal)>,
}

/// A running exchange. Dropping it ends the exchange and all its connections.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let exchange = binance_kit_sim::Exchange::builder().seed(7).start().await?;
/// println!("{}", exchange.rest_url());
/// exchange.shutdown().await;
/// # Ok::<(), binance_kit_sim::SimError>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Exchange {
    /// State of the exchange.
    pub(crate) shared: Arc<Shared>,
    /// Tasks of the exchange.
    tasks: Tasks,
    /// Address of the server, where it listens.
    address: Option<SocketAddr>,
    /// Address of the control API.
    control: Option<SocketAddr>,
    /// Whether the server uses TLS.
    secure: bool,
    /// Demo account.
    demo: Option<DemoAccount>,
}

/// Opens links in memory to an exchange; see [`Exchange::connector`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connector {
    /// The exchange.
    shared: Arc<Shared>,
}

impl Connector {
    /// Connects as [`Exchange::connect`] does.
    pub fn connect(&self) -> MemoryLink {
        let (client, server) = memory_link();
        match self.shared.faults.admission() {
            Admission::Serve => {
                let link = LinkControl::new();
                let server = FaultyLink::new(server, Arc::clone(&link));
                let peer = Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), check_host: false, link };
                self.shared.spawner.spawn(serve(Arc::clone(&self.shared), server, peer));
            }
            Admission::Refuse => server.refuse(),
            Admission::Ignore => {
                self.shared.spawner.spawn(ignore(FaultyLink::new(server, LinkControl::new())));
            }
        }
        client
    }

    /// Connects as [`Exchange::try_connect`] does.
    ///
    /// # Errors
    ///
    /// [`std::io::ErrorKind::ConnectionRefused`] where a fault refuses connections.
    pub fn try_connect(&self) -> std::io::Result<MemoryLink> {
        let link = self.connect();
        if link.is_refused() { Err(std::io::ErrorKind::ConnectionRefused.into()) } else { Ok(link) }
    }
}

impl Exchange {
    /// Returns a builder with the default settings.
    pub fn builder() -> ExchangeBuilder {
        ExchangeBuilder::default()
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        tasks: Tasks,
        address: Option<SocketAddr>,
        control: Option<SocketAddr>,
        secure: bool,
        demo: Option<DemoAccount>,
    ) -> Self {
        Self { shared, tasks, address, control, secure, demo }
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        let secure = if self.secure { "s" } else { "" };
        match self.address {
            Some(address) => format!("{scheme}{secure}://{address}{path}"),
            // A name that no resolver knows: such links are made in memory.
            None => format!("{scheme}{secure}://localhost{path}"),
        }
    }

    /// Returns the base URL of REST requests (`http://127.0.0.1:9443`).
    pub fn rest_url(&self) -> String {
        self.url("http", "")
    }

    /// Returns the base URL of streams (`ws://127.0.0.1:9443`), to which `/ws` and `/stream` are appended.
    pub fn stream_url(&self) -> String {
        self.url("ws", "")
    }

    /// Returns the base URL of streams in SBE (`ws://127.0.0.1:9443/sbe`), to which `/ws` and `/stream` are appended. They
    /// require an Ed25519 key.
    pub fn sbe_stream_url(&self) -> String {
        self.url("ws", "/sbe")
    }

    /// Returns the URL of the WebSocket API (`ws://127.0.0.1:9443/ws-api/v3`).
    pub fn ws_api_url(&self) -> String {
        self.url("ws", "/ws-api/v3")
    }

    /// Returns the URL of the [control API](crate::control) and the status page (`http://127.0.0.1:9444`), if the exchange has
    /// them.
    pub fn control_url(&self) -> Option<String> {
        self.control.map(|address| format!("http://{address}"))
    }

    /// Returns the address on which the exchange listens; none for an exchange that is reached in memory alone.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Connects over a link in memory, which stands for a TCP connection to the exchange's port; it carries HTTP.
    ///
    /// Where a fault refuses connections, reading and writing fail with
    /// [`ConnectionRefused`](std::io::ErrorKind::ConnectionRefused); [`Exchange::try_connect`] fails at once.
    pub fn connect(&self) -> MemoryLink {
        self.connector().connect()
    }

    /// Connects as [`Exchange::connect`] does; a connection that is refused is an error at once.
    ///
    /// # Errors
    ///
    /// [`std::io::ErrorKind::ConnectionRefused`] where a fault refuses connections.
    pub fn try_connect(&self) -> std::io::Result<MemoryLink> {
        self.connector().try_connect()
    }

    /// Returns what opens links in memory without the exchange itself, for a client that dials. It does not keep the
    /// exchange running: links opened after its end fail.
    pub fn connector(&self) -> Connector {
        Connector { shared: Arc::clone(&self.shared) }
    }

    /// Returns the demo account, unless the exchange was built without.
    pub fn demo_account(&self) -> Option<&DemoAccount> {
        self.demo.as_ref()
    }

    /// Returns the time of the exchange's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Returns the order book of a symbol.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol.
    pub fn order_book(&self, symbol: &str) -> Result<ExchangeBook, SimError> {
        self.shared.run(|core, _| {
            let instrument = core.engine.instrument(find_symbol(&core.engine, symbol)?);
            let levels = |side| {
                instrument
                    .levels(side)
                    .map(|(price, quantity)| (price.to_decimal(), quantity.to_decimal()))
                    .collect()
            };
            Ok(ExchangeBook {
                last_update_id: instrument.last_update_id,
                bids: levels(Side::Buy),
                asks: levels(Side::Sell),
            })
        })
    }

    /// Returns the counts since the start.
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }

    /// Returns how often a request was sent to the exchange: `"POST /api/v3/order"`, `"order.place"`, `"SUBSCRIBE"`.
    pub fn request_count(&self, request: &str) -> u64 {
        self.shared.counters.request_count(request)
    }

    /// Ends the exchange: WebSocket connections are closed with 1001 (half a second is given for that), all others are
    /// cut, and all tasks have ended when this returns. Cancel safe: dropped before its end, the exchange ends all the same.
    pub async fn shutdown(self) {
        self.shared.run(|core, _| core.hub.say_goodbye());
        for _ in 0..100 {
            if self.shared.run(|core, _| core.hub.clients()) == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.shared.cut_all();
        self.tasks.shutdown().await;
    }
}

pub(crate) fn find_symbol(engine: &Engine, symbol: &str) -> Result<SymbolId, SimError> {
    engine.symbol_id(symbol).ok_or_else(|| {
        let upper = symbol.to_uppercase();
        let problem = if engine.symbol_id(&upper).is_some() {
            format!("there is no symbol {symbol:?}; write {upper:?}")
        } else {
            let names: Vec<_> =
                engine.symbols().take(10).map(|(_, found)| found.rules.symbol.as_str().to_owned()).collect();
            format!("there is no symbol {symbol:?}; there are {}", names.join(", "))
        };
        SimError::new(SimErrorKind::Unknown, problem)
    })
}

pub(crate) fn find_account(engine: &Engine, account: &str) -> Result<AccountId, SimError> {
    engine.accounts().by_name(account).ok_or_else(|| {
        let users = engine.accounts().iter().filter(|(_, account)| !account.internal);
        // An exchange may have thousands of accounts: the first ones show what names look like.
        let names: Vec<_> = users.take(10).map(|(_, account)| format!("{:?}", account.name)).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        SimError::new(SimErrorKind::Unknown, format_args!("no account {account:?}; there are {names}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_go_between_threads() {
        fn shared<T: Send + Sync + 'static>() {}
        shared::<Exchange>();
        shared::<ExchangeBuilder>();
        shared::<SimError>();
    }
}
