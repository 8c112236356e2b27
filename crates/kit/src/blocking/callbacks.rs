//! Streams that call functions: what python-binance's `ThreadedWebsocketManager` does.

use super::thread::{Background, StartError};
use crate::client::Binance;
use crate::spot::{self, MarketEvent};
use binance_kit_core::{InvalidStreamName, StreamEvent, StreamName, Symbol};
use binance_kit_net::task::Task;
use binance_kit_stream::{EventStream, Item};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A socket could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// The manager is stopped.
    #[error("the manager is stopped")]
    Stopped,
    /// A name that cannot be that of a stream.
    #[error("the stream cannot be named")]
    Name(#[source] InvalidStreamName),
    /// The stream layer failed: no connection, or the exchange refused.
    #[error("the socket could not be started")]
    Stream(#[source] binance_kit_stream::Error),
    /// The WebSocket API failed: no key, a wrong key, no connection.
    #[cfg(feature = "ws-api")]
    #[error("the user socket could not be started")]
    User(#[source] binance_kit_ws_api::Error),
}

#[derive(Default)]
struct Sockets {
    tasks: HashMap<String, Task<()>>,
    stopped: bool,
    panics: u64,
}

struct Shared {
    sockets: Mutex<Sockets>,
    ended: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls functions with what streams deliver, on one background thread. A function that panics is reported
/// (`tracing` and [`CallbackManager::panics`]) and called again with the next item; the other sockets do not notice.
///
/// All sockets share the one thread, so a slow function delays the others.
///
/// ```no_run
/// use binance_kit::blocking::CallbackManager;
/// use binance_kit::{Binance, stream::Item};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let manager = CallbackManager::start(Binance::production()?)?;
/// let socket = manager.start_trade_socket("BTCUSDT", |item| {
///     if let Item::Event(event) = item {
///         println!("{:?}", event.event);
///     }
/// })?;
/// std::thread::sleep(std::time::Duration::from_secs(10));
/// manager.stop_socket(&socket);
/// manager.stop();
/// manager.join();
/// # Ok(())
/// # }
/// ```
pub struct CallbackManager {
    background: Mutex<Background>,
    binance: Binance,
    shared: Arc<Shared>,
}

impl fmt::Debug for CallbackManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self.shared.lock();
        f.debug_struct("CallbackManager")
            .field("sockets", &sockets.tasks.len())
            .field("stopped", &sockets.stopped)
            .field("panics", &sockets.panics)
            .finish_non_exhaustive()
    }
}

impl CallbackManager {
    /// Starts the background thread.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread.
    pub fn start(binance: Binance) -> Result<Self, StartError> {
        Ok(Self {
            background: Mutex::new(Background::start("binance-kit callbacks")?),
            binance,
            shared: Arc::new(Shared { sockets: Mutex::default(), ended: Condvar::new() }),
        })
    }

    /// Trades of a symbol.
    ///
    /// # Errors
    ///
    /// [`SocketError`]; this and all other sockets are up when the call returns.
    pub fn start_trade_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::trade(symbol), callback)
    }

    /// Aggregate trades of a symbol.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_aggtrade_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::agg_trade(symbol), callback)
    }

    /// The best prices of a symbol.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_symbol_book_ticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::book_ticker(symbol), callback)
    }

    /// Candles of a symbol.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_kline_socket(
        &self,
        symbol: impl Into<Symbol>,
        interval: spot::KlineInterval,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::kline(symbol, &interval), callback)
    }

    /// The 24 hour statistics of a symbol.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_symbol_ticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::ticker(symbol), callback)
    }

    /// The short 24 hour statistics of a symbol.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_symbol_miniticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(spot::stream::mini_ticker(symbol), callback)
    }

    /// The short 24 hour statistics of all symbols that changed.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_miniticker_socket(
        &self,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(StreamName::new("!miniTicker@arr"), callback)
    }

    /// The 24 hour statistics of all symbols that changed. The exchange has marked `!ticker@arr` as deprecated.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_ticker_socket(
        &self,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_named(StreamName::new("!ticker@arr"), callback)
    }

    /// The order book of a symbol: the best 5, 10 or 20 levels, or with `None` the changes; every 100 ms with `fast`, every
    /// second without.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_depth_socket(
        &self,
        symbol: impl Into<Symbol>,
        levels: Option<u8>,
        fast: bool,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        let symbol: Symbol = symbol.into();
        let levels = levels.map(|levels| levels.to_string()).unwrap_or_default();
        let speed = if fast { "@100ms" } else { "" };
        self.start_named(
            StreamName::new(&format!("{}@depth{levels}{speed}", symbol.to_lowercase())),
            callback,
        )
    }

    /// Any streams over one combined connection, as python-binance's `start_multiplex_socket`.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_multiplex_socket(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        let names: Vec<StreamName> = names
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()
            .map_err(|error| SocketError::Name(error.into()))?;
        self.start_streams(names, callback)
    }

    /// The account's events. Needs credentials.
    ///
    /// # Errors
    ///
    /// [`SocketError::User`].
    #[cfg(feature = "ws-api")]
    pub fn start_user_socket(
        &self,
        callback: impl FnMut(binance_kit_ws_api::UserDataItem<spot::UserDataEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        let binance = self.binance.clone();
        let mut stream = self
            .background()
            .run(async move {
                let client = binance.ws_api().await?;
                client.subscribe_user_data::<spot::UserDataEvent>().await
            })
            .ok_or(SocketError::Stopped)?
            .map_err(SocketError::User)?;
        let mut callback = callback;
        let shared = Arc::clone(&self.shared);
        self.keep("user".to_owned(), async move {
            while let Some(item) = stream.next().await {
                call(&shared, "user", || callback(item));
            }
        })
    }

    /// Ends a socket. `false` when there is none of this name.
    pub fn stop_socket(&self, name: &str) -> bool {
        let removed = self.shared.lock().tasks.remove(name);
        self.shared.ended.notify_all();
        removed.is_some()
    }

    /// Ends all sockets and the thread. Sockets cannot be started afterwards.
    pub fn stop(&self) {
        let tasks = {
            let mut sockets = self.shared.lock();
            sockets.stopped = true;
            std::mem::take(&mut sockets.tasks)
        };
        drop(tasks);
        self.shared.ended.notify_all();
        self.background().stop();
    }

    /// Waits until [`CallbackManager::stop`] is called from another thread or from a callback.
    pub fn join(&self) {
        let mut sockets = self.shared.lock();
        while !sockets.stopped {
            sockets = self.shared.ended.wait(sockets).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The names of the sockets that run.
    pub fn sockets(&self) -> Vec<String> {
        let mut names: Vec<String> = self.shared.lock().tasks.keys().cloned().collect();
        names.sort();
        names
    }

    /// How many times a callback panicked.
    pub fn panics(&self) -> u64 {
        self.shared.lock().panics
    }

    fn background(&self) -> MutexGuard<'_, Background> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_named(
        &self,
        name: Result<StreamName, InvalidStreamName>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.start_streams(vec![name.map_err(SocketError::Name)?], callback)
    }

    fn start_streams(
        &self,
        names: Vec<StreamName>,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        let name = names.iter().map(StreamName::as_str).collect::<Vec<_>>().join("/");
        let client = self.binance.streams().map_err(SocketError::Stream)?;
        let stream = self
            .background()
            .run(async move { client.subscribe::<MarketEvent>(names).await })
            .ok_or(SocketError::Stopped)?
            .map_err(SocketError::Stream)?;
        self.keep(name.clone(), listen(stream, Arc::clone(&self.shared), name, callback))
    }

    /// Starts the task of a socket. A second socket of the same name gets a number behind it.
    fn keep(
        &self,
        name: String,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Result<String, SocketError> {
        let background = self.background();
        let mut sockets = self.shared.lock();
        if sockets.stopped {
            return Err(SocketError::Stopped);
        }
        let mut unique = name.clone();
        let mut number = 2;
        while sockets.tasks.contains_key(&unique) {
            unique = format!("{name}#{number}");
            number += 1;
        }
        sockets.tasks.insert(unique.clone(), background.spawn("callback socket", task));
        Ok(unique)
    }
}

impl Drop for CallbackManager {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen<E: StreamEvent>(
    mut stream: EventStream<E>,
    shared: Arc<Shared>,
    name: String,
    mut callback: impl FnMut(Item<E>) + Send + 'static,
) {
    while let Some(item) = stream.next().await {
        call(&shared, &name, || callback(item));
        // So that a flood on one socket does not keep the others from their turn.
        tokio::task::yield_now().await;
    }
}

/// Calls a function of the user's; a panic in it ends here.
fn call(shared: &Shared, name: &str, callback: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(callback)).is_err() {
        tracing::error!(socket = name, "a callback panicked; the socket goes on");
        shared.lock().panics += 1;
    }
}
