//! `binance record`: raw frames into files, as they come.

use crate::output::{self, CommandResult, thousands};
use crate::progress::Progress;
use crate::stream::default_url;
use crate::{Product, RecordArgs};
use binance_kit::core::tap::Payload;
use binance_kit::core::{Encode, JsonWriter, RestRequest, StreamEvent};
use binance_kit::net::Tls;
use binance_kit::record::{Recorder, RecorderOptions, RecorderStatus};
use binance_kit::rest::RestClient;
use binance_kit::stream::{Item, StateChange, StreamClient, StreamConfig};
use binance_kit::{Context, Environment, StreamName, coinm, spot, usdm};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often to say how it is.
const SAY_EVERY: Duration = Duration::from_millis(500);
/// The number under which answers of REST stand among the connections.
const REST: u64 = u64::MAX;
/// The levels of a snapshot: a fifth of the request weight of the most there are.
const LEVELS: u32 = 1000;

pub(crate) async fn run(args: RecordArgs) -> CommandResult {
    match args.product {
        Product::Spot => {
            record::<spot::MarketEvent, _>(args, "https://api.binance.com", |symbol| {
                spot::Depth::new(symbol).limit(LEVELS)
            })
            .await
        }
        Product::Usdm => {
            record::<usdm::MarketEvent, _>(args, "https://fapi.binance.com", |symbol| {
                usdm::Depth::new(symbol).limit(LEVELS)
            })
            .await
        }
        Product::Coinm => {
            record::<coinm::MarketEvent, _>(args, "https://dapi.binance.com", |symbol| {
                coinm::Depth::new(symbol).limit(LEVELS)
            })
            .await
        }
    }
}

fn options(args: &RecordArgs) -> RecorderOptions {
    let name = match args.product {
        Product::Spot => "spot",
        Product::Usdm => "usdm",
        Product::Coinm => "coinm",
    };
    let is_file = args.to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    if is_file {
        return RecorderOptions::to_file(&args.to);
    }
    RecorderOptions::in_folder(&args.to, name)
        .file_bytes(args.megabytes.saturating_mul(1 << 20))
        .file_interval(Duration::from_secs(args.minutes.saturating_mul(60)))
}

/// The symbols of the streams of whole books.
fn symbols(names: &[String]) -> BTreeSet<String> {
    names
        .iter()
        .filter_map(|name| name.split_once('@'))
        .filter(|(_, kind)| *kind == "depth" || kind.starts_with("depth@"))
        .map(|(symbol, _)| symbol.to_uppercase())
        .collect()
}

async fn record<E, R>(args: RecordArgs, default_rest: &str, depth: fn(&str) -> R) -> CommandResult
where
    E: StreamEvent,
    R: RestRequest<Response: Encode + Send> + Send + 'static,
{
    let mut context = Context::builder();
    if let Some(roots) = &args.roots {
        let pem = std::fs::read(roots).map_err(|error| format!("{}: {error}", roots.display()))?;
        context = context.tls(Tls::with_roots_pem(&pem)?);
    }
    let context = context.build()?;
    let url = args.url.clone().unwrap_or_else(|| default_url(args.product).to_owned());
    let rest_url = match (&args.rest, &args.url) {
        (Some(url), _) => url.clone(),
        (None, Some(_)) if args.snapshots => {
            return Err("--snapshots of another place than the real exchange needs --rest".into());
        }
        (None, _) => default_rest.to_owned(),
    };
    let environment = Environment::custom(&rest_url, &url, &url)?;
    let snapshots = if args.snapshots { symbols(&args.names) } else { BTreeSet::new() };
    let rest = RestClient::builder(&context, &environment).build()?;
    let recorder = Arc::new(Recorder::start(options(&args))?);
    let config = StreamConfig { tap: Some(Arc::clone(&recorder) as _), ..StreamConfig::default() };
    let client = StreamClient::builder(&context, &environment).config(config).build()?;
    let mut stream = client.subscribe::<E>(&args.names).await?;
    // Nothing is shown where there are only results to be read.
    let progress = Progress::endless(args.json);
    let end = Duration::from_secs(args.seconds.unwrap_or(u64::MAX >> 20));
    let mut ended = std::pin::pin!(context.clock().sleep(end));
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut ticks = tokio::time::interval(SAY_EVERY);
    let mut fetches: JoinSet<(String, Result<String, binance_kit::rest::Error>)> = JoinSet::new();
    let mut wanted = args.names.iter().collect::<BTreeSet<_>>().len();
    let mut disconnects = 0_u64;
    loop {
        let item = tokio::select! {
            item = stream.next() => item,
            _ = interrupted.as_mut() => break,
            () = ended.as_mut() => break,
            _ = ticks.tick() => {
                progress.say(describe(&recorder.status(), disconnects));
                continue;
            }
            Some(answered) = fetches.join_next(), if !fetches.is_empty() => {
                match answered? {
                    (_, Ok(book)) => {
                        recorder.frame(context.clock().nanos(), REST, Payload::Text(&book));
                    }
                    (symbol, Err(error)) => {
                        output::note(&format!("no snapshot of {symbol}: {}", output::chain(&error, ": ")));
                    }
                }
                continue;
            }
        };
        match item {
            Some(Item::State(StateChange::Connected { .. })) => {
                for symbol in snapshots.iter().cloned() {
                    let rest = rest.clone();
                    fetches.spawn(async move {
                        let answer = rest.send(depth(&symbol)).await;
                        (symbol, answer.map(|book| book.value().to_json()))
                    });
                }
            }
            Some(Item::State(StateChange::Disconnected { error, .. })) => {
                disconnects += 1;
                output::note(&format!("disconnected: {error}"));
            }
            Some(Item::Refused { streams, error }) => {
                let refused: Vec<&str> = streams.iter().map(StreamName::as_str).collect();
                let why = error.map_or_else(|| "not delivered".to_owned(), |error| error.to_string());
                output::note(&format!("refused: {}: {why}", refused.join(", ")));
                wanted -= streams.len().min(wanted);
                if wanted == 0 {
                    return Err("every stream was refused".into());
                }
            }
            Some(_) => {}
            None => break,
        }
    }
    stream.close().await;
    progress.end();
    finish(recorder, disconnects, args.json).await
}

fn describe(status: &RecorderStatus, disconnects: u64) -> String {
    let mut text = format!(
        "{} frames, {} KiB in {} files",
        thousands(status.frames),
        thousands(status.written >> 10),
        status.files.len()
    );
    if status.lost > 0 {
        let _ = write!(text, ", {} lost", thousands(status.lost));
    }
    if disconnects > 0 {
        let _ = write!(text, ", {disconnects} times disconnected");
    }
    if let Some(failing) = &status.failing {
        let _ = write!(text, ", THE DISK FAILS: {failing}");
    }
    text
}

/// Waits for the disk and says what there is.
async fn finish(recorder: Arc<Recorder>, disconnects: u64, json: bool) -> CommandResult {
    let summary = tokio::task::spawn_blocking(move || recorder.finish()).await??;
    if json {
        let mut json = JsonWriter::new();
        json.begin_object();
        json.field("frames", &summary.frames);
        json.field("lost", &summary.lost);
        json.field("bytes", &summary.written);
        json.field("disconnects", &disconnects);
        json.key("files");
        json.begin_array();
        for file in &summary.files {
            json.element();
            json.display_string(&file.display());
        }
        json.end_array();
        json.end_object();
        output::line(json.as_str())?;
    } else {
        output::line(&format!("{} frames, {} lost", thousands(summary.frames), thousands(summary.lost)))?;
        for file in &summary.files {
            output::line(&format!("  {}", file.display()))?;
        }
    }
    Ok(if summary.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_books_need_snapshots() {
        let names = ["btcusdt@depth", "ethusdt@depth@100ms", "bnbusdt@depth5", "a@trade"].map(str::to_owned);
        assert_eq!(symbols(&names).into_iter().collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    }
}
