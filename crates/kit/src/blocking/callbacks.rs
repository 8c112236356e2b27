//! Streams that call functions: what python-binance's `ThreadedWebsocketManager` does.

use super::thread::{Background, RunError, StartError};
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
    /// The call came from a callback. Sockets cannot be started there: the thread that the callback runs on is the one that
    /// would have to connect them. Start it from another thread.
    #[error("a socket cannot be started from inside a callback")]
    InsideCallback,
    /// No stream was named.
    #[error("a socket needs at least one stream")]
    NoStreams,
    /// A name that cannot be that of a stream.
    #[error("the stream cannot be named")]
    Name(#[source] InvalidStreamName),
    /// The stream layer failed: no connection, or the exchange refused.
    #[error("the socket could not be started")]
    Stream(#[source] binance_kit_stream::Error),
    /// The stream of an order book could not be opened.
    #[cfg(feature = "book")]
    #[error("the order book could not be started")]
    Book(#[source] binance_kit_book::Error),
    /// The URL for snapshots cannot be used.
    #[cfg(feature = "book")]
    #[error("snapshots cannot be asked for")]
    Rest(#[source] binance_kit_rest::Error),
    /// The WebSocket API failed: no key, a wrong key, no connection.
    #[cfg(feature = "ws-api")]
    #[error("the user socket could not be started")]
    User(#[source] binance_kit_ws_api::Error),
}

impl From<RunError> for SocketError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Stopped => Self::Stopped,
            RunError::Inside => Self::InsideCallback,
        }
    }
}

#[derive(Default)]
struct Sockets {
    tasks: HashMap<String, Socket>,
    /// How many were ever started.
    started: u64,
    stopped: bool,
    panics: u64,
}

struct Socket {
    /// Names are used again; numbers are not.
    number: u64,
    _task: Task<()>,
}

/// What callbacks have in common with the manager.
#[derive(Default)]
pub(super) struct Shared {
    sockets: Mutex<Sockets>,
    ended: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a function of the user's; a panic in it ends here.
    pub(super) fn call(&self, name: &str, callback: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(callback)).is_err() {
            tracing::error!(socket = name, "a callback panicked; the socket goes on");
            self.lock().panics += 1;
        }
    }
}

/// Calls functions with what streams deliver, on one background thread. A function that panics is reported
/// (`tracing` and [`CallbackManager::panics`]) and called again with the next item; the other sockets do not notice.
///
/// All sockets share the one thread, so a slow function delays the others. Inside a function sockets can be stopped, all of
/// them too, but not started ([`SocketError::InsideCallback`]). A function that holds an `Arc` of the manager keeps the manager
/// alive until its socket is stopped; a `Weak` does not.
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
    background: Background,
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
        Ok(Self { background: Background::start("binance-kit callbacks")?, binance, shared: Arc::default() })
    }

    /// Trades of a symbol. Each socket has a connection of its own, which is up when the call returns; the name returned is what
    /// [`CallbackManager::stop_socket`] takes.
    ///
    /// # Errors
    ///
    /// [`SocketError::Name`] for a symbol that cannot be one, [`SocketError::Stream`] when the connection cannot be made or the
    /// exchange refuses, [`SocketError::Stopped`], [`SocketError::InsideCallback`]. The exchange does not refuse symbols that it
    /// does not have: it just says nothing of them.
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
    #[expect(clippy::needless_pass_by_value, reason = "an interval is named at the call, not kept")]
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
        self.start_named(spot::stream::all_mini_tickers(), callback)
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

    /// The order book of a symbol: its best levels, or with `None` the changes.
    ///
    /// # Errors
    ///
    /// As [`CallbackManager::start_trade_socket`].
    pub fn start_depth_socket(
        &self,
        symbol: impl Into<Symbol>,
        levels: Option<spot::DepthLevels>,
        speed: spot::DepthSpeed,
        callback: impl FnMut(Item<MarketEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        let name = match levels {
            Some(levels) => spot::stream::partial_depth(symbol, levels, speed),
            None => spot::stream::depth(symbol, speed),
        };
        self.start_named(name, callback)
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

    /// The account's events, on a connection of its own. Needs credentials.
    ///
    /// Should the function be so slow that the queue before it runs full, it gets
    /// [`UserDataItem::Interrupted`](binance_kit_ws_api::UserDataItem::Interrupted), and the stream begins anew.
    ///
    /// # Errors
    ///
    /// [`SocketError::User`], [`SocketError::Stopped`], [`SocketError::InsideCallback`].
    #[cfg(feature = "ws-api")]
    pub fn start_user_socket(
        &self,
        callback: impl FnMut(binance_kit_ws_api::UserDataItem<spot::AccountEvent>) + Send + 'static,
    ) -> Result<String, SocketError> {
        self.check()?;
        let binance = self.binance.clone();
        let clock = binance.context().clock().clone();
        let opened = self.background.run(async move {
            let client = binance.ws_api().await?;
            let stream = client.subscribe_user_data::<spot::AccountEvent>().await?;
            Ok((client, stream))
        })?;
        let (client, stream) = opened.map_err(SocketError::User)?;
        let shared = Arc::clone(&self.shared);
        self.keep("user", |name| super::user::listen(client, stream, clock, shared, name, callback))
    }

    /// Ends a socket. `false` when there is none of this name. A call of its function that is under way on the background
    /// thread comes to its end; no other begins.
    pub fn stop_socket(&self, name: &str) -> bool {
        let removed = self.shared.lock().tasks.remove(name);
        removed.is_some()
    }

    /// Ends all sockets and the thread, and waits for that, except inside a callback, where it only begins it. Sockets
    /// cannot be started afterwards.
    pub fn stop(&self) {
        let tasks = {
            let mut sockets = self.shared.lock();
            sockets.stopped = true;
            std::mem::take(&mut sockets.tasks)
        };
        drop(tasks);
        self.shared.ended.notify_all();
        self.background.stop();
    }

    /// Waits until [`CallbackManager::stop`] was called, from another thread or from a callback, and the thread has ended.
    /// Inside a callback it returns at once, since the callback is what it would wait for.
    pub fn join(&self) {
        if self.background.is_inside() {
            return;
        }
        let mut sockets = self.shared.lock();
        while !sockets.stopped {
            sockets = self.shared.ended.wait(sockets).unwrap_or_else(PoisonError::into_inner);
        }
        drop(sockets);
        self.background.wait();
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

    #[cfg(feature = "book")]
    pub(super) fn binance(&self) -> &Binance {
        &self.binance
    }

    #[cfg(feature = "book")]
    pub(super) fn background(&self) -> &Background {
        &self.background
    }

    #[cfg(feature = "book")]
    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Finds out early what needs no connection to be known.
    pub(super) fn check(&self) -> Result<(), SocketError> {
        if self.shared.lock().stopped {
            return Err(SocketError::Stopped);
        }
        if self.background.is_inside() {
            return Err(SocketError::InsideCallback);
        }
        Ok(())
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
        self.check()?;
        if names.is_empty() {
            return Err(SocketError::NoStreams);
        }
        let name = names.iter().map(StreamName::as_str).collect::<Vec<_>>().join("/");
        let client = self.binance.streams().map_err(SocketError::Stream)?;
        let stream = self
            .background
            .run(async move { client.subscribe::<MarketEvent>(names).await })?
            .map_err(SocketError::Stream)?;
        let shared = Arc::clone(&self.shared);
        self.keep(&name, |name| listen(stream, shared, name, callback))
    }

    /// Starts the task of a socket, which gets the name of it. A second socket of the same name has a number behind it.
    pub(super) fn keep<F>(&self, name: &str, task: impl FnOnce(String) -> F) -> Result<String, SocketError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // The lock is held until the task is entered, so that a task that ends at once finds itself.
        let mut sockets = self.shared.lock();
        if sockets.stopped {
            return Err(SocketError::Stopped);
        }
        let mut unique = name.to_owned();
        let mut count = 2;
        while sockets.tasks.contains_key(&unique) {
            unique = format!("{name}#{count}");
            count += 1;
        }
        sockets.started += 1;
        let number = sockets.started;
        let (task, shared, entry) = (task(unique.clone()), Arc::clone(&self.shared), unique.clone());
        let task = self.background.spawn("callback socket", async move {
            task.await;
            // Ended by itself: no socket of this name runs any more, unless it was stopped and started anew.
            let mut sockets = shared.lock();
            let ended = match sockets.tasks.get(&entry) {
                Some(socket) if socket.number == number => sockets.tasks.remove(&entry),
                _ => None,
            };
            drop(sockets);
            drop(ended);
        });
        sockets.tasks.insert(unique.clone(), Socket { number, _task: task });
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
        shared.call(&name, || callback(item));
        // So that a flood on one socket does not keep the others from their turn, and that a stop is seen.
        tokio::task::yield_now().await;
    }
}
