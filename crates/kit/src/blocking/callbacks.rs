//! Streams that call functions: what python-binance's `ThreadedWebsocketManager` does.

use super::error::BlockingError;
use super::thread::Background;
use crate::client::Binance;
use crate::spot;
use binance_kit_core::{Api, Error, ErrorKind, IntoTopic, List, MixedTopic, Symbol, Topic};
use binance_kit_net::task::Task;
use binance_kit_stream::{EventStream, Item, Overflow};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Sockets {
    /// The running sockets by name.
    tasks: HashMap<String, Socket>,
    /// Number of sockets that were ever started.
    started: u64,
    /// Whether [`Callbacks::stop`] was called.
    stopped: bool,
    /// Number of panics in callbacks.
    panics: u64,
}

struct Socket {
    /// Names are used again; numbers are not.
    number: u64,
    /// Moves the items; dropping it ends the socket.
    _task: Task<()>,
}

/// What the sockets share with the manager.
#[derive(Default)]
pub(super) struct Shared {
    /// The sockets.
    sockets: Mutex<Sockets>,
    /// Notified when the manager is stopped.
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
/// (`tracing` and [`Callbacks::panics`]) and called again with the next item; the other sockets do not notice.
///
/// A function gets the items of its stream's kind: not the events alone, but also gaps, lost connections, events that it was too
/// slow for, and streams that were refused. [`Callbacks::queue`] and [`Callbacks::overflow`] set what is queued in front of it.
///
/// All sockets share the one thread, so a slow function delays the others. Inside a function sockets can be stopped, all of
/// them too, but not started ([`BlockingError::InsideCallback`]). A function that holds an `Arc` of the manager keeps the manager
/// alive until its socket is stopped; a `Weak` does not.
///
/// ```no_run
/// use binance_kit::stream::Item;
/// use binance_kit::{blocking, spot};
///
/// # fn main() -> binance_kit::Result {
/// let sockets = blocking::Binance::production()?.callbacks()?;
/// sockets.start_trade_socket("BTCUSDT", |item: Item<spot::TradeEvent>| println!("{item}"))?;
/// sockets.join();
/// # Ok(())
/// # }
/// ```
pub struct Callbacks {
    /// The thread.
    background: Background,
    /// The clients.
    binance: Binance,
    /// The sockets.
    shared: Arc<Shared>,
    /// The capacity of the queue of each socket; the client's setting otherwise.
    queue: Option<usize>,
    /// What happens when it is full; the client's setting otherwise.
    overflow: Option<Overflow>,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self.shared.lock();
        f.debug_struct("Callbacks")
            .field("sockets", &sockets.tasks.len())
            .field("stopped", &sockets.stopped)
            .field("panics", &sockets.panics)
            .finish_non_exhaustive()
    }
}

impl Callbacks {
    /// Starts the background thread, without any socket yet.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Thread`].
    pub fn start(binance: Binance) -> Result<Self, BlockingError> {
        Ok(Self {
            background: Background::start("binance-kit callbacks")?,
            binance,
            shared: Arc::default(),
            queue: None,
            overflow: None,
        })
    }

    /// Sets the capacity of the queue in front of the function of each socket that is started from here on, in events; the
    /// client's setting ([`StreamConfig::queue`](binance_kit_stream::StreamConfig::queue)) otherwise. Each socket has a queue of
    /// its own. python-binance calls it `max_queue_size`.
    ///
    /// The queue of a user socket is a setting of the WebSocket API
    /// (`WsApiConfig::user_data_queue`).
    #[must_use]
    pub fn queue(mut self, events: usize) -> Self {
        self.queue = Some(events);
        self
    }

    /// Sets what happens when a function is so slow that its queue is full; the client's setting otherwise. Events that are
    /// dropped are reported to the function as [`Item::Lagged`].
    ///
    /// ```no_run
    /// use binance_kit::stream::{Item, Overflow};
    /// use binance_kit::{blocking, spot};
    ///
    /// # fn main() -> binance_kit::Result {
    /// let sockets = blocking::Binance::production()?.callbacks()?.queue(1_000).overflow(Overflow::DropOldest);
    /// sockets.start_trade_socket("BTCUSDT", |item: Item<spot::TradeEvent>| match item {
    ///     Item::Event(trade) => println!("{} × {}", trade.price, trade.quantity),
    ///     Item::Gap(gap) => println!("missing: {gap}"),
    ///     Item::Lagged(lagged) => println!("too slow: {lagged}"),
    ///     other => println!("{other}"),
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = Some(overflow);
        self
    }

    /// Any stream. Each socket has a connection of its own, which is up when the call returns; the name returned is what
    /// [`Callbacks::stop_socket`] takes.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] for a name that is none, when the connection cannot be made, or the exchange refuses;
    /// [`BlockingError::Stopped`], [`BlockingError::InsideCallback`]. The exchange does not refuse symbols that it does not
    /// have: their streams stay silent.
    pub fn start_socket<T: IntoTopic>(
        &self,
        topic: T,
        callback: impl FnMut(Item<T::Event>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_multiplex_socket([topic], callback)
    }

    /// Any streams over as few connections as the plan needs, as python-binance's `start_multiplex_socket`. Topics of several
    /// types are given as [`MixedTopic`]s.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_multiplex_socket<T: IntoTopic>(
        &self,
        topics: impl IntoIterator<Item = T>,
        callback: impl FnMut(Item<T::Event>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.check()?;
        let topics: Vec<MixedTopic<T::Event>> = topics.into_iter().map(IntoTopic::into_topic).collect();
        let names: Vec<&str> =
            topics.iter().filter_map(|topic| topic.info().ok()).map(|info| info.name.as_str()).collect();
        let name = names.join("/");
        if topics.is_empty() {
            let error = Error::new(ErrorKind::InvalidSubscription);
            return Err(error.with_detail("a socket needs at least one stream").into());
        }
        let mut subscription = self.binance.streams().subscription();
        if let Some(events) = self.queue {
            subscription = subscription.queue(events);
        }
        if let Some(overflow) = self.overflow {
            subscription = subscription.overflow(overflow);
        }
        let stream = self.background.run(async move { subscription.subscribe(topics).await })??;
        let shared = Arc::clone(&self.shared);
        self.keep(&name, |name| listen(stream, shared, name, callback))
    }

    /// Trades of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_trade_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<spot::TradeEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::trade(symbol), callback)
    }

    /// Aggregate trades of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_aggtrade_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<spot::AggTradeEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::agg_trade(symbol), callback)
    }

    /// Best prices of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_symbol_book_ticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<spot::BookTickerEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::book_ticker(symbol), callback)
    }

    /// Candles of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_kline_socket(
        &self,
        symbol: impl Into<Symbol>,
        interval: crate::common::KlineInterval,
        callback: impl FnMut(Item<spot::KlineEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::kline(symbol, interval), callback)
    }

    /// 24 hour statistics of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_symbol_ticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<spot::TickerEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::ticker(symbol), callback)
    }

    /// Short 24 hour statistics of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_symbol_miniticker_socket(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(Item<spot::MiniTickerEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::mini_ticker(symbol), callback)
    }

    /// Short 24 hour statistics of all symbols that changed.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_miniticker_socket(
        &self,
        callback: impl FnMut(Item<List<spot::MiniTickerEvent>>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::all_mini_tickers(), callback)
    }

    /// 24 hour statistics of all symbols that changed. The exchange has marked `!ticker@arr` as deprecated.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_ticker_socket(
        &self,
        callback: impl FnMut(Item<List<spot::TickerEvent>>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(Topic::<List<spot::TickerEvent>>::raw(Api::Spot, "!ticker@arr"), callback)
    }

    /// Best levels of the order book of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_partial_depth_socket(
        &self,
        symbol: impl Into<Symbol>,
        levels: spot::stream::DepthLevels,
        speed: spot::stream::DepthSpeed,
        callback: impl FnMut(Item<spot::PartialDepthEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::partial_depth(symbol, levels, speed), callback)
    }

    /// Changes of the order book of a symbol.
    ///
    /// # Errors
    ///
    /// As [`Callbacks::start_socket`].
    pub fn start_depth_socket(
        &self,
        symbol: impl Into<Symbol>,
        speed: spot::stream::DepthSpeed,
        callback: impl FnMut(Item<spot::DepthEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.start_socket(spot::stream::depth(symbol, speed), callback)
    }

    /// Events of the account. Needs credentials.
    ///
    /// Should the function be so slow that the queue before it runs full, it gets
    /// [`UserDataItem::Interrupted`](binance_kit_ws_api::UserDataItem::Interrupted), and the stream begins again.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`], [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    #[cfg(feature = "ws-api")]
    pub fn start_user_socket(
        &self,
        callback: impl FnMut(binance_kit_ws_api::UserDataItem<spot::AccountEvent>) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.check()?;
        let binance = self.binance.clone();
        let clock = binance.context().clock().clone();
        let (client, stream) = self.background.run(async move {
            let client = binance.ws_api().await?;
            let stream = client.subscribe_user_data::<spot::AccountEvent>().await?;
            Ok::<_, Error>((client, stream))
        })??;
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

    /// Waits until [`Callbacks::stop`] was called, from another thread or from a callback, and the thread has ended.
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
    pub(super) fn check(&self) -> Result<(), BlockingError> {
        if self.shared.lock().stopped {
            return Err(BlockingError::Stopped);
        }
        if self.background.is_inside() {
            return Err(BlockingError::InsideCallback);
        }
        Ok(())
    }

    /// Starts the task of a socket, which gets the name of it. A second socket of the same name has a number behind it.
    pub(super) fn keep<F>(&self, name: &str, task: impl FnOnce(String) -> F) -> Result<String, BlockingError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // The lock is held until the task is entered, so that a task that ends at once finds itself.
        let mut sockets = self.shared.lock();
        if sockets.stopped {
            return Err(BlockingError::Stopped);
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
            // Ended by itself: no socket of this name runs any more, unless it was stopped and started again.
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

impl Drop for Callbacks {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen<E: Send + 'static>(
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
