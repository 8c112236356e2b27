//! `binance demo`: the embedded exchange, and the SDK against it over real sockets.

mod board;
mod market;
mod rules;
mod summary;
mod trader;
mod view;

use crate::DemoArgs;
use crate::output::{self, CommandResult};
use crate::task;
use binance_kit::account::{AccountStream, Orders};
use binance_kit::book::{LocalBooks, SpotMarket};
use binance_kit::sim::{Exchange, MarketConfig};
use binance_kit::stream::{StreamClient, StreamConfig};
use binance_kit::{Binance, Credentials, Symbol, spot};
use board::Board;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use summary::Summary;
use trader::Trader;

/// How many symbols the demo follows and trades.
const SYMBOLS: usize = 6;
/// How many streams go over one connection, so that there are several.
const STREAMS_PER_CONNECTION: usize = 12;

pub(crate) async fn run(args: DemoArgs) -> CommandResult {
    let say = |text: &str| {
        if args.json { output::note(text) } else { drop(output::line(text)) }
    };
    let mut config = MarketConfig::default();
    config.history_seconds = 60;
    let exchange = Arc::new(Exchange::builder().seed(args.seed).market(config).start().await?);
    let demo = exchange.demo_account().ok_or("the exchange has no demo account")?.clone();
    let credentials = Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem)?;
    let binance = Binance::simulated(&exchange)?.with_credentials(credentials);
    let started = binance.network().clock().monotonic();
    say(&format!("embedded exchange at {} (seed {})", exchange.rest_url(), args.seed));

    let rest = binance.rest()?;
    rest.sync_time().await?;
    let information = rest.send(spot::ExchangeInfo::new()).await?.into_value();
    let rules: Vec<rules::SymbolRules> =
        information.symbols.iter().filter_map(rules::SymbolRules::read).take(SYMBOLS).collect();
    let symbols: Vec<Symbol> = rules.iter().map(|rules| rules.symbol.clone()).collect();
    if symbols.is_empty() {
        return Err("the exchange lists no symbol to trade".into());
    }

    let board = Board::new(&symbols);
    let config = StreamConfig { streams_per_connection: STREAMS_PER_CONNECTION, ..StreamConfig::default() };
    let streams = StreamClient::builder(binance.network(), binance.environment()).config(config).build()?;
    let names = market::names(&symbols)?;
    let events = streams.subscribe::<spot::MarketEvent>(names).await?;
    let _market = task::spawn("market events", market::follow(events, board.clone()));

    let books = LocalBooks::builder(SpotMarket::new(), &streams, &rest)
        .snapshot_limit(5000)
        .start(symbols.iter().cloned())
        .await?;
    let _book_events = task::spawn("book events", market::follow_books(books.events(), board.clone()));
    for symbol in &symbols {
        if let Some(book) = books.book(symbol) {
            book.until_synced().await?;
        }
    }

    let ws_api = binance.ws_api().await?;
    let account = AccountStream::open(&ws_api).await?;
    let (reports, account_events) = trader::follow_account(account, &rules, board.clone());
    let orders = Orders::new(&ws_api, binance.network(), "demo");
    let mut trader = Trader {
        exchange: Arc::clone(&exchange),
        account: demo.name.clone(),
        clock: binance.network().clock().clone(),
        ws_api: ws_api.clone(),
        orders,
        rules,
        books: symbols.iter().filter_map(|symbol| books.book(symbol)).collect(),
        board: board.clone(),
        reports,
    };
    say(&format!(
        "connected: {} market streams, {} local books, user data; trading as `{}`",
        market::count(symbols.len()),
        symbols.len(),
        demo.name
    ));

    let live = std::io::stdout().is_terminal() && !args.json;
    let viewer =
        task::spawn("view", view::show(board.clone(), live, args.json, binance.network().clock().clone()));
    let seconds = Duration::from_secs(args.seconds);
    let traded = tokio::select! {
        traded = trader.run(started + seconds) => traded,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    drop(viewer);
    traded?;
    let checks = trader.finish().await?;
    let elapsed = binance.network().clock().monotonic() - started;
    let summary = Summary::new(&board, checks, args.seed, elapsed);

    account_events.abort();
    ws_api.close().await;
    drop((books, trader));
    if let Ok(exchange) = Arc::try_unwrap(exchange).map_err(|_| ()) {
        exchange.shutdown().await;
    }
    if args.json {
        output::line(&summary.to_json());
    } else {
        output::line(&summary.to_text());
    }
    Ok(if summary.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
