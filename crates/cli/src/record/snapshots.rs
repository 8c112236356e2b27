//! The snapshots of a recording, by the procedure of a local book: each book is kept while it is recorded, and asks for a
//! snapshot whenever it needs one, so that a replay has what it needs. One that fails or does not fit is asked for again.

use crate::Product;
use crate::output;
use crate::replay::product::{AnySnapshot, Audited};
use crate::source::AnyEvent;
use binance_kit::book::{BookSync, Change, DepthDiff, SnapshotTicket, SyncOptions, SyncOutcome, SyncRule};
use binance_kit::core::{DecodeError, Decoder};
use binance_kit::net::{Backoff, BackoffPolicy};
use binance_kit::record::Recorder;
use binance_kit::rest::RestClient;
use binance_kit::{Error, ErrorCode, ErrorKind, StreamName, Symbol, coinm, spot, usdm};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

/// Number of levels of a snapshot: a fifth of the request weight of the largest.
const LEVELS: u32 = 1000;
/// Maximum number of snapshots fetched at the same time.
const CONCURRENCY: usize = 8;
/// How long a book waits after a reconnection for an event that shows that nothing was missed, before it takes a snapshot.
const QUIET_AFTER: Duration = Duration::from_secs(2);
/// The waits after failures.
fn backoff() -> Backoff {
    let (base, cap) = (Duration::from_millis(200), Duration::from_secs(30));
    Backoff::new(BackoffPolicy { base, cap, ..BackoffPolicy::default() })
}

/// The symbols of the streams of whole books.
pub(super) fn symbols(names: &BTreeSet<StreamName>) -> BTreeSet<Symbol> {
    names.iter().filter_map(crate::replay::symbol_of_book).collect()
}

/// A book that is recorded.
#[derive(Debug)]
struct Book {
    sync: BookSync,
    backoff: Backoff,
    /// Whether the exchange refused it for good.
    is_refused: bool,
    /// Whether a failure was reported, and no success since.
    is_failing: bool,
    /// Number of snapshots recorded.
    snapshots: u64,
}

/// An answer, or why there is none.
pub(super) struct Fetched {
    symbol: Symbol,
    ticket: SnapshotTicket,
    result: Result<String, Error>,
}

/// The books that are recorded, and the snapshots under way.
pub(super) struct Snapshots {
    rest: RestClient,
    recorder: Arc<Recorder>,
    product: Product,
    books: BTreeMap<Symbol, Book>,
    /// Requests that wait for their turn.
    queue: VecDeque<(Symbol, SnapshotTicket)>,
    /// Requests that wait for their time.
    later: BTreeMap<(Instant, u64), (Symbol, SnapshotTicket)>,
    /// Number of requests made to wait so far.
    waits: u64,
    /// When the books that are not synced by then take a snapshot.
    quiet_at: Option<Instant>,
    fetches: JoinSet<Fetched>,
    /// The requests under way, by the task that makes them.
    under_way: BTreeMap<Id, (Symbol, SnapshotTicket)>,
    decoder: Decoder,
}

impl Snapshots {
    pub(super) fn new(
        rest: RestClient,
        recorder: Arc<Recorder>,
        product: Product,
        symbols: BTreeSet<Symbol>,
    ) -> Self {
        let rule = match product {
            Product::Spot => SyncRule::Spot,
            Product::Usdm | Product::Coinm => SyncRule::Futures,
        };
        let book = || Book {
            sync: BookSync::with_options(rule, SyncOptions::default()),
            backoff: backoff(),
            is_refused: false,
            is_failing: false,
            snapshots: 0,
        };
        let books = symbols.into_iter().map(|symbol| (symbol, book())).collect();
        Self {
            rest,
            recorder,
            product,
            books,
            queue: VecDeque::new(),
            later: BTreeMap::new(),
            waits: 0,
            quiet_at: None,
            fetches: JoinSet::new(),
            under_way: BTreeMap::new(),
            decoder: Decoder::new(),
        }
    }

    fn now(&self) -> Instant {
        self.rest.context().clock().monotonic()
    }

    /// The streams are up: books without a snapshot ask for one. Those that were interrupted wait a little for an event that
    /// shows that nothing was missed.
    pub(super) fn connected(&mut self) {
        for symbol in self.books.keys().cloned().collect::<Vec<_>>() {
            self.change(&symbol, BookSync::on_connected);
        }
        self.quiet_at = Some(self.now() + QUIET_AFTER);
    }

    /// A connection is lost.
    pub(super) fn disconnected(&mut self) {
        for symbol in self.books.keys().cloned().collect::<Vec<_>>() {
            self.change(&symbol, BookSync::on_disconnected);
        }
    }

    /// A new file begins: each gets a snapshot of each book, so that it can be replayed by itself.
    pub(super) fn rotated(&mut self) {
        for (symbol, book) in &mut self.books {
            if !book.is_refused && book.sync.awaited().is_none() {
                let ticket = book.sync.request_snapshot();
                self.queue.push_back((symbol.clone(), ticket));
            }
        }
        self.fetch();
    }

    /// Keeps the books in step with the recording.
    pub(super) fn event(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Spot(spot::MarketEvent::Depth(diff)) => self.diff(&diff.symbol, diff),
            AnyEvent::Usdm(usdm::MarketEvent::Depth(diff)) => self.diff(&diff.symbol, diff),
            AnyEvent::Coinm(coinm::MarketEvent::Depth(diff)) => self.diff(&diff.symbol, diff),
            _ => {}
        }
    }

    fn diff(&mut self, symbol: &Symbol, diff: &impl DepthDiff) {
        if self.books.contains_key(symbol.as_str()) {
            self.change(symbol, |sync| sync.on_diff(diff));
        }
    }

    /// Changes a book, and asks for the snapshot that it needs then.
    fn change(&mut self, symbol: &Symbol, change: impl FnOnce(&mut BookSync) -> SyncOutcome) {
        let Some(book) = self.books.get_mut(symbol.as_str()).filter(|book| !book.is_refused) else { return };
        let outcome = change(&mut book.sync);
        if matches!(outcome.change, Change::Synced { .. } | Change::Refreshed { .. }) {
            book.backoff = backoff();
        }
        if let Some(ticket) = outcome.request {
            // The first request of a book that was synced does not wait.
            let is_repeated =
                matches!(outcome.change, Change::SnapshotRefused(_)) || book.backoff.attempt() > 0;
            self.request(symbol, ticket, is_repeated, None);
        }
    }

    fn request(&mut self, symbol: &Symbol, ticket: SnapshotTicket, waits: bool, at_least: Option<Duration>) {
        let now = self.now();
        let random = self.rest.context().random();
        let Some(book) = self.books.get_mut(symbol.as_str()) else { return };
        if waits {
            let delay = book.backoff.next_delay(random, at_least);
            self.waits += 1;
            self.later.insert((now + delay, self.waits), (symbol.clone(), ticket));
        } else {
            self.queue.push_back((symbol.clone(), ticket));
        }
        self.fetch();
    }

    /// When [`Snapshots::due`] has something to do.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let later = self.later.first_key_value().map(|((at, _), _)| *at);
        later.into_iter().chain(self.quiet_at).min()
    }

    /// Makes the requests that are due.
    pub(super) fn due(&mut self) {
        let now = self.now();
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            self.queue.push_back(entry.remove());
        }
        if self.quiet_at.is_some_and(|at| at <= now) {
            self.quiet_at = None;
            for (symbol, book) in &mut self.books {
                if !book.is_refused && !book.sync.state().is_synced() && book.sync.awaited().is_none() {
                    let ticket = book.sync.request_snapshot();
                    self.queue.push_back((symbol.clone(), ticket));
                }
            }
        }
        self.fetch();
    }

    fn fetch(&mut self) {
        while self.fetches.len() < CONCURRENCY
            && let Some((symbol, ticket)) = self.queue.pop_front()
        {
            let is_awaited = self.books.get(&symbol).is_some_and(|book| book.sync.awaited() == Some(ticket));
            if !is_awaited {
                continue;
            }
            let (rest, product) = (self.rest.clone(), self.product);
            let request = (symbol.clone(), ticket);
            let task = self.fetches.spawn(async move {
                let result = answer(&rest, product, &symbol).await;
                Fetched { symbol, ticket, result }
            });
            self.under_way.insert(task.id(), request);
        }
    }

    /// Waits for the next answer; for ever when none is under way.
    pub(super) async fn next(&mut self) -> Fetched {
        loop {
            match self.fetches.join_next_with_id().await {
                Some(Ok((task, fetched))) => {
                    self.under_way.remove(&task);
                    return fetched;
                }
                // A panic of the task. Its book still waits for it, so that nothing else would ask again.
                Some(Err(error)) => {
                    tracing::error!(%error, "fetching a snapshot failed");
                    if let Some((symbol, ticket)) = self.under_way.remove(&error.id()) {
                        self.request(&symbol, ticket, true, None);
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Takes an answer: it is recorded as it came, and used for the book.
    pub(super) fn fetched(&mut self, Fetched { symbol, ticket, result }: Fetched) {
        let Some(book) = self.books.get_mut(&symbol) else { return };
        match result {
            Ok(answer) => {
                let nanos = self.rest.context().clock().nanos();
                self.recorder.snapshot(nanos, self.product.api(), &symbol, LEVELS, &answer);
                book.snapshots += 1;
                if std::mem::take(&mut book.is_failing) {
                    output::note(&format!("snapshot of {symbol} recorded"));
                }
                match read(&mut self.decoder, self.product, &answer) {
                    Ok(snapshot) => self.change(&symbol, |sync| {
                        sync.on_snapshot(ticket, &snapshot.book, usize::try_from(LEVELS).ok())
                    }),
                    Err(error) => {
                        output::note(&format!("cannot read the snapshot of {symbol}: {error}; asking again"));
                        self.request(&symbol, ticket, true, None);
                    }
                }
            }
            Err(error) if is_permanent(&error) => {
                book.is_refused = true;
                output::note(&format!("no snapshot of {symbol}: {}", output::chain(&error, ": ")));
            }
            Err(error) => {
                if !std::mem::replace(&mut book.is_failing, true) {
                    let chain = output::chain(&error, ": ");
                    output::note(&format!(
                        "no snapshot of {symbol} yet: {chain}; asking again until there is one"
                    ));
                }
                self.request(&symbol, ticket, true, error.retry_after());
            }
        }
        self.fetch();
    }

    /// Number of snapshots recorded.
    pub(super) fn recorded(&self) -> u64 {
        self.books.values().map(|book| book.snapshots).sum()
    }

    /// The symbols whose book cannot be built from the recording, as far as this recorder can tell.
    pub(super) fn without_book(&self) -> Vec<&str> {
        let missing =
            self.books.iter().filter(|(_, book)| book.snapshots == 0 || !book.sync.state().is_synced());
        missing.map(|(symbol, _)| symbol.as_str()).collect()
    }
}

/// The answer of the exchange, as it came.
async fn answer(rest: &RestClient, product: Product, symbol: &Symbol) -> Result<String, Error> {
    let answer = match product {
        Product::Spot => rest.send_raw(spot::Depth::new(symbol).limit(LEVELS)).await?,
        Product::Usdm => rest.send_raw(usdm::Depth::new(symbol).limit(LEVELS)).await?,
        Product::Coinm => rest.send_raw(coinm::Depth::new(symbol).limit(LEVELS)).await?,
    };
    Ok(String::from_utf8_lossy(&answer.into_value()).into_owned())
}

fn read(decoder: &mut Decoder, product: Product, answer: &str) -> Result<AnySnapshot, DecodeError> {
    let text = answer.as_bytes();
    match product {
        Product::Spot => decoder.parse(text, <spot::MarketEvent as Audited>::snapshot),
        Product::Usdm => decoder.parse(text, <usdm::MarketEvent as Audited>::snapshot),
        Product::Coinm => decoder.parse(text, <coinm::MarketEvent as Audited>::snapshot),
    }
}

/// Whether a request for a snapshot fails however often it is repeated.
fn is_permanent(error: &Error) -> bool {
    error.code() == Some(ErrorCode::BAD_SYMBOL)
        || matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::NotOffered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_books_need_snapshots() {
        let names = ["btcusdt@depth", "ethusdt@depth@100ms", "bnbusdt@depth5", "a@trade"];
        let names = names.iter().map(|name| StreamName::new(name).unwrap()).collect();
        assert_eq!(symbols(&names).into_iter().collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    }
}
