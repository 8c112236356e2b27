//! `binance replay`: a recording, through a local WebSocket server and the SDK's own client, judged by its own words.

mod product;
mod recording;
mod report;
mod server;

use crate::output::{self, CommandResult};
use crate::progress::Progress;
use crate::{Product, ReplayArgs};
use binance_kit::book::ReplayAudit;
use binance_kit::core::StreamEvent;
use binance_kit::net::BackoffPolicy;
use binance_kit::stream::Status;
use binance_kit::stream::{Item, StateChange, StreamClient, StreamConfig};
use binance_kit::{Context, Environment, StreamName, TimeUnit, coinm, spot, usdm};
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
    let product = args.product.unwrap_or_else(|| product::tell(&contents.sample));
    let report = match product {
        Product::Spot => play::<spot::MarketEvent>(&args, contents).await?,
        Product::Usdm => play::<usdm::MarketEvent>(&args, contents).await?,
        Product::Coinm => play::<coinm::MarketEvent>(&args, contents).await?,
    };
    output::line(&if args.json { report.to_json() } else { report.to_text() })?;
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many events are kept back, or wait to be taken.
fn held(status: &Status) -> usize {
    status.queued + status.streams.iter().map(|stream| stream.held).sum::<usize>()
}

async fn play<E: StreamEvent + product::Audited>(
    args: &ReplayArgs,
    contents: Contents,
) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let server = crate::task::spawn("replay server", server::play(listener, args.file.clone(), args.speed));
    let context = Context::new()?;
    let config = StreamConfig {
        time_unit: TimeUnit::Millisecond,
        // A recording that stands still for a while is not a lost connection.
        idle_timeout: Duration::from_secs(60),
        // Nor is a stream that has come to its end a silent one.
        watchdog: None,
        // A recording has its order; time means nothing when it is played as fast as it goes.
        reorder_grace: Duration::ZERO,
        rotate_after: None,
        // Where the recording lost its connection, the replay need not wait.
        backoff: BackoffPolicy {
            base: Duration::from_millis(1),
            cap: Duration::from_millis(10),
            ..BackoffPolicy::default()
        },
        ..StreamConfig::default()
    };
    let client =
        StreamClient::builder(&context, &Environment::production()).url(url).config(config).build()?;
    let streams = contents.streams.iter().map(String::as_str).chain([END]);
    let names = streams.map(StreamName::new).collect::<Result<Vec<_>, _>>()?;
    let only_symbol = contents.only_symbol();
    let clock = context.clock();
    let started = clock.monotonic();
    let mut stream = client.pull::<Recorded<E>>(names).await?;
    let mut audit = ReplayAudit::new(E::RULE);
    let mut report = Report::new(args.file.display().to_string(), E::NAME, &contents);
    let progress = Progress::of(contents.lines, args.json);
    let mut is_over = false;
    // Events that are kept back until their order is known come behind the end.
    while !is_over || held(&stream.status()) > 0 {
        match stream.next().await {
            Some(Item::Event(event)) => {
                let kind = match &event.event {
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
            Some(Item::Malformed { error, raw, .. }) => {
                audit.on_lost();
                report.undecoded(&error, &raw);
            }
            Some(Item::State(StateChange::Disconnected { .. }))
                if report.interrupted() <= contents.interruptions =>
            {
                audit.on_lost();
            }
            Some(Item::State(StateChange::Disconnected { error, .. })) => {
                return Err(
                    format!("the replay broke off after {} frames: {error}", report.received()).into()
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
