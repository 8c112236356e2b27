//! `binance replay`: a recording, through a local WebSocket server and the SDK's client, checked for gaps and against its own
//! best prices.

mod product;
mod recording;
mod report;
mod server;

use crate::output::{self, CommandResult};
use crate::progress::Progress;
use crate::{Product, ReplayArgs};
use binance_kit::book::ReplayAudit;
use binance_kit::core::TimeUnit;
use binance_kit::net::BackoffPolicy;
use binance_kit::stream::{Item, StateChange, Status, StreamClient, StreamConfig};
use binance_kit::{Api, Context, Environment, Route, Topic, coinm, spot, usdm};
use product::Recorded;
use recording::{Contents, END};
use report::Report;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;

pub(crate) async fn run(args: ReplayArgs) -> CommandResult {
    let contents = Contents::survey(&args.file)?;
    if contents.lines == 0 {
        return Err(format!("{}: there is no frame in it", args.file.display()).into());
    }
    let product = args.product.unwrap_or_else(|| product::detect(&contents.sample));
    let report = match product {
        Product::Spot => play::<spot::MarketEvent>(&args, contents).await?,
        Product::Usdm => play::<usdm::MarketEvent>(&args, contents).await?,
        Product::Coinm => play::<coinm::MarketEvent>(&args, contents).await?,
    };
    output::line(&if args.json { report.to_json() } else { report.to_text() })?;
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Number of events that are held back, or queued.
fn held(status: &Status) -> usize {
    status.queued + status.streams.iter().map(|stream| stream.held).sum::<usize>()
}

/// The topic of a recorded stream. The local server has one path, so that all are on one route.
fn topic<E: product::Audited>(api: Api, name: &str) -> Topic<Recorded<E>> {
    let topic = Topic::raw(api, name);
    if api.has_routes() { topic.on(Route::Market) } else { topic }
}

async fn play<E: product::Audited>(
    args: &ReplayArgs,
    contents: Contents,
) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let server = crate::task::spawn("replay server", server::play(listener, args.file.clone(), args.speed));
    let context = Context::new()?;
    let config = StreamConfig {
        time_unit: TimeUnit::Millisecond,
        // A pause in a recording is not a lost connection.
        idle_timeout: Duration::from_secs(60),
        // A stream that has come to its end is not a silent one.
        watchdog: None,
        // A recording has its order; time means nothing when it is played as fast as it goes.
        reorder_grace: Duration::ZERO,
        rotate_after: None,
        // Where the recording lost its connection, the replay does not wait.
        backoff: BackoffPolicy {
            base: Duration::from_millis(1),
            cap: Duration::from_millis(10),
            ..BackoffPolicy::default()
        },
        ..StreamConfig::default()
    };
    let client =
        StreamClient::builder(&context, &Environment::production()).url(url).config(config).build()?;
    let names = contents.streams.iter().map(String::as_str).chain([END]);
    let topics = names.map(|name| topic::<E>(E::API, name)).collect::<Vec<_>>();
    let only_symbol = contents.only_symbol();
    let clock = context.clock();
    let started = clock.monotonic();
    let mut stream = client.pull(topics).await?;
    let mut audit = ReplayAudit::new(E::RULE);
    let mut report = Report::new(args.file.display().to_string(), E::NAME, &contents);
    let progress = Progress::of(contents.lines, args.json);
    let mut is_over = false;
    // Events that are held back until their order is known come behind the end.
    while !is_over || held(&stream.status()) > 0 {
        match stream.next().await {
            Some(Item::Event(event)) => {
                let kind = match &event.data {
                    Recorded::End => {
                        is_over = true;
                        continue;
                    }
                    Recorded::Snapshot(snapshot) => {
                        audit.on_snapshot(snapshot.symbol.as_ref().or(only_symbol.as_ref()), &snapshot.book);
                        "depth snapshot (REST)"
                    }
                    Recorded::Event(event) => event.audit(&mut audit),
                };
                report.count(kind);
            }
            Some(Item::Malformed(malformed)) => {
                audit.on_lost();
                report.undecoded(&malformed.error, &malformed.raw);
            }
            Some(Item::State(StateChange::Disconnected { .. }))
                if report.interrupted() <= contents.interruptions =>
            {
                audit.on_lost();
            }
            Some(Item::State(StateChange::Disconnected { error, .. })) => {
                return Err(
                    format!("the replay ended early, after {} frames: {error}", report.received()).into()
                );
            }
            Some(_) => {}
            None => break,
        }
        progress.at(report.received());
    }
    progress.end();
    report.duplicates = stream.status().streams.iter().map(|stream| stream.duplicates).sum();
    report.finish(&audit, clock.monotonic() - started);
    stream.close().await;
    if let Some(Err(error)) = server.join().await {
        tracing::debug!(%error, "the replay server ended with an error");
    }
    Ok(report)
}
