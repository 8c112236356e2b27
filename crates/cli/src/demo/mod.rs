//! `binance demo`: the embedded exchange, and the SDK against it over real sockets.

mod board;
mod checks;
mod market;
mod reports;
mod summary;
mod trader;
mod view;

use crate::DemoArgs;
use crate::output::{self, CommandResult, OutputError};
use crate::task;
use binance_kit::book::Books;
use binance_kit::core::product::Spot;
use binance_kit::net::Clock;
use binance_kit::sim::{DemoAccount, Exchange, MarketConfig};
use binance_kit::spot::SymbolRules;
use binance_kit::stream::StreamConfig;
use binance_kit::{Api, Binance, Context, Credentials, Environment, Symbol, spot};
use board::Board;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use summary::Summary;
use trader::{Failure, Trader};

/// Number of symbols that the demo follows and trades.
const SYMBOLS: usize = 6;
/// Maximum number of streams of a connection: so few that there are several connections.
const STREAMS_PER_CONNECTION: usize = 12;
/// Minimum time for trading, however long the preparations take.
const MIN_TRADING: Duration = Duration::from_secs(2);
/// How long requests in flight may take when the clients are closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The time beyond the duration after which the demo counts as stuck.
const GRACE: Duration = Duration::from_secs(45);
/// The exit status of a program that SIGINT ended, as shells report it.
const INTERRUPTED: u8 = 130;

pub(crate) async fn run(args: DemoArgs) -> CommandResult {
    let board = Board::new();
    let clock = Clock::default();
    let started = clock.monotonic();
    let limit = Duration::from_secs(args.seconds) + GRACE;
    end_a_hung_process(limit + GRACE, args.json, args.seed);
    let ended = tokio::select! {
        ended = within(limit, &clock, &board, session(&args, &board)) => ended,
        signal = tokio::signal::ctrl_c() => {
            signal?;
            let phase = board.lock().phase;
            output::note(&format!("interrupted while {phase}: nothing was checked"));
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    let ended = match ended {
        Err(error) if error.is::<OutputError>() => return Err(error),
        Err(error) => Err(output::chain(&*error, ": ")),
        Ok(()) => Ok(()),
    };
    let summary = Summary::new(&board, ended, args.seed, clock.monotonic() - started);
    output::line(&if args.json { summary.to_json() } else { summary.to_text() })?;
    Ok(if summary.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the session within a limit; the error of a session that is stuck names the phase.
async fn within(
    limit: Duration,
    clock: &Clock,
    board: &Board,
    session: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let ended = tokio::select! {
        ended = session => ended,
        () = clock.sleep(limit) => Err(format!("stuck for {} s in all", limit.as_secs()).into()),
    };
    ended.map_err(|error| {
        if error.is::<OutputError>() {
            return error;
        }
        let phase = board.lock().phase;
        format!("while {phase}: {}", output::chain(&*error, ": ")).into()
    })
}

/// The last resort, for a bug that blocks the runtime's own threads, where no time limit fires.
fn end_a_hung_process(limit: Duration, json: bool, seed: u64) {
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        // A hung thread may hold the lock of the board.
        let ended = Err("the runtime hangs".to_owned());
        let summary = Summary::new(&Board::new(), ended, seed, limit);
        let _ = output::line(&if json { summary.to_json() } else { summary.to_text() });
        std::process::exit(1);
    });
}

async fn session(args: &DemoArgs, board: &Board) -> Result<(), Failure> {
    let say = |text: &str| {
        if args.json {
            output::note(text);
            return Ok(());
        }
        output::line(text)
    };
    board.begin("starting the embedded exchange");
    let mut config = MarketConfig::default();
    config.history_seconds = 60;
    let exchange = Arc::new(Exchange::builder().seed(args.seed).market(config).start().await?);
    let demo = exchange.demo_account().ok_or("the exchange has no demo account")?.clone();
    let binance = connect(&exchange, &demo)?;
    let started = binance.context().clock().monotonic();
    say(&format!("embedded exchange at {} (seed {})", exchange.rest_url(), args.seed))?;

    board.begin("asking for the rules of the symbols over REST");
    binance.rest().sync_time(Api::Spot).await?;
    let information = binance.rest().send(spot::ExchangeInfo::new()).await?;
    let tradable = information.all_rules().filter(|rules| trader::min_notional(rules).is_some());
    let rules: Vec<SymbolRules> = tradable.take(SYMBOLS).collect();
    let symbols: Vec<Symbol> = rules.iter().map(|rules| rules.symbol().clone()).collect();
    if symbols.is_empty() {
        return Err("the exchange lists no symbol to trade".into());
    }

    board.begin("subscribing to the market streams");
    board.follow(rules.iter().map(|rules| (rules.symbol().clone(), trader::price_scale(rules))));
    let events = binance.subscribe(market::topics(&symbols)).await?;
    let market = task::spawn("market events", market::follow(events, board.clone()));

    board.begin("waiting for the local books to be in sync");
    let books = Books::builder(Spot, binance.streams(), binance.rest())
        .snapshot_limit(5000)
        .start(symbols.iter().cloned())
        .await?;
    let book_events = task::spawn("book events", market::follow_books(books.events(), board.clone()));
    let mut synced = Vec::new();
    for symbol in &symbols {
        synced.push(books.synced(symbol).await?);
    }

    board.begin("logging on to the WebSocket API");
    let account = binance.account().await?;
    let (reports, account_events) = reports::follow_account(account, &rules, board.clone());
    let clock = binance.context().clock().clone();
    let trader = Trader {
        exchange: Arc::clone(&exchange),
        account: demo.name.clone(),
        clock: clock.clone(),
        orders: binance.orders().await?,
        binance: binance.clone(),
        rules,
        books: synced,
        board: board.clone(),
        reports,
    };
    say(&format!(
        "connected: {} market streams, {} local books, user data; trading as `{}`",
        market::count(symbols.len()),
        symbols.len(),
        demo.name
    ))?;

    board.begin("trading");
    let until = (started + Duration::from_secs(args.seconds)).max(clock.monotonic() + MIN_TRADING);
    trade(&trader, until, args.json).await?;
    board.begin("checking");
    let checks = trader.finish().await?;
    board.lock().checks = checks;

    board.begin("closing");
    // Connections that are closed on purpose do not count as lost.
    for task in [market, book_events, account_events] {
        task.abort();
        task.join().await;
    }
    drop((books, trader));
    binance.shutdown(CLOSE_TIMEOUT).await;
    if let Ok(exchange) = Arc::try_unwrap(exchange) {
        exchange.shutdown().await;
    }
    Ok(())
}

/// Clients of the embedded exchange, over real sockets.
fn connect(exchange: &Exchange, demo: &DemoAccount) -> Result<Binance, Failure> {
    let environment =
        Environment::custom(&exchange.rest_url(), &exchange.stream_url(), &exchange.ws_api_url())?
            .with_sbe_stream(&exchange.sbe_stream_url())?;
    let streams = StreamConfig { streams_per_connection: STREAMS_PER_CONNECTION, ..StreamConfig::default() };
    Ok(Binance::builder()
        .environment(environment)
        .credentials(Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem)?)
        .context(Context::new()?)
        .streams(streams)
        .build()?)
}

/// Trades, and shows it.
async fn trade(trader: &Trader, until: tokio::time::Instant, json: bool) -> Result<(), Failure> {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let live = std::io::stdout().is_terminal() && !dumb && !json;
    let size = move || live.then(view::Size::of_terminal).flatten();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let view = view::show(trader.board.clone(), size, json, trader.clock.clone());
    let viewer = task::spawn("view", async move {
        tokio::select! {
            error = view => Some(error),
            _ = stopped => None,
        }
    });
    let mut shown = std::pin::pin!(viewer.join());
    tokio::select! {
        result = trader.run(until) => result?,
        ended = shown.as_mut() => return Err(ended.flatten().map_or_else(|| "the view ended".into(), Into::into)),
    }
    // The view ends before the summary begins.
    drop(stop);
    shown.await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stuck_session_names_its_phase() {
        let board = Board::new();
        board.begin("waiting for the local books to be in sync");
        let ended = within(Duration::from_secs(65), &Clock::default(), &board, std::future::pending())
            .await
            .unwrap_err();
        assert_eq!(
            ended.to_string(),
            "while waiting for the local books to be in sync: stuck for 65 s in all"
        );
        let ended = Err(ended.to_string());
        assert!(!Summary::new(&board, ended, 1, Duration::from_secs(65)).passed());
    }

    #[tokio::test]
    async fn a_failure_names_the_phase() {
        let board = Board::new();
        board.begin("trading");
        let limit = Duration::from_secs(1);
        let clock = Clock::default();
        let ended = within(limit, &clock, &board, async { Err("no".into()) }).await.unwrap_err();
        assert_eq!(ended.to_string(), "while trading: no");
        within(limit, &clock, &board, async { Ok(()) }).await.unwrap();
    }
}
