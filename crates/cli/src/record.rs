//! `binance record`: raw frames into files, as they come.

use crate::output::{self, CommandResult, thousands};
use crate::progress::Progress;
use crate::{Product, RecordArgs, source};
use binance_kit::core::tap::Payload;
use binance_kit::core::{Encode, JsonWriter};
use binance_kit::record::{Recorder, RecorderOptions, RecorderStatus};
use binance_kit::rest::RestClient;
use binance_kit::stream::{Item, StateChange, StreamConfig};
use binance_kit::{Binance, StreamName, coinm, spot, usdm};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The interval between two reports of the progress.
const REPORT_EVERY: Duration = Duration::from_millis(500);
/// The number of the connection under which answers over REST are recorded.
const REST: u64 = u64::MAX;
/// Number of levels of a snapshot: a fifth of the request weight of the largest.
const LEVELS: u32 = 1000;

fn options(args: &RecordArgs) -> RecorderOptions {
    let name = match args.source.product {
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
fn symbols(names: &BTreeSet<StreamName>) -> BTreeSet<String> {
    names
        .iter()
        .filter_map(|name| name.as_str().split_once('@'))
        .filter(|(_, kind)| *kind == "depth" || kind.starts_with("depth@"))
        .map(|(symbol, _)| symbol.to_uppercase())
        .collect()
}

/// A snapshot of a book, as the exchange writes it.
async fn snapshot(rest: &RestClient, product: Product, symbol: &str) -> Result<String, binance_kit::Error> {
    Ok(match product {
        Product::Spot => rest.send(spot::Depth::new(symbol).limit(LEVELS)).await?.to_json(),
        Product::Usdm => rest.send(usdm::Depth::new(symbol).limit(LEVELS)).await?.to_json(),
        Product::Coinm => rest.send(coinm::Depth::new(symbol).limit(LEVELS)).await?.to_json(),
    })
}

/// The snapshots under way.
struct Snapshots {
    rest: RestClient,
    product: Product,
    symbols: BTreeSet<String>,
    fetches: JoinSet<(String, Result<String, binance_kit::Error>)>,
}

impl Snapshots {
    /// Asks for a snapshot of each book: a replay needs one after each connection.
    fn fetch(&mut self) {
        for symbol in self.symbols.iter().cloned() {
            let (rest, product) = (self.rest.clone(), self.product);
            self.fetches.spawn(async move {
                let answer = snapshot(&rest, product, &symbol).await;
                (symbol, answer)
            });
        }
    }
}

pub(crate) async fn run(args: RecordArgs) -> CommandResult {
    let (product, api) = (args.source.product, args.source.product.api());
    let topics = args.source.topics()?;
    let names = source::names(&topics);
    let mut environment = args.source.environment()?;
    if let Some(url) = &args.rest {
        source::check_scheme("--rest", url, "http")?;
        environment = environment.with_rest(api, url)?;
    }
    if args.snapshots && environment.rest_url(api).is_none() {
        return Err(format!("--snapshots needs --rest: no REST URL of {api} is known here").into());
    }
    let context = args.source.context()?;
    let recorder = Arc::new(Recorder::start(options(&args))?);
    let config = StreamConfig { tap: Some(Arc::clone(&recorder) as _), ..StreamConfig::default() };
    let builder = Binance::builder().environment(environment).context(context.clone());
    let binance = builder.streams(config).build()?;
    let mut stream = binance.subscribe(topics).await.map_err(|error| args.source.explain(error))?;
    let symbols = if args.snapshots { symbols(&names) } else { BTreeSet::new() };
    let mut snapshots = Snapshots { rest: binance.rest().clone(), product, symbols, fetches: JoinSet::new() };
    snapshots.fetch();
    // Nothing is shown where only the result is to be read.
    let progress = Progress::endless(args.json);
    let end = Duration::from_secs(args.seconds.unwrap_or(u64::MAX >> 20));
    let mut ended = std::pin::pin!(context.clock().sleep(end));
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut ticks = tokio::time::interval(REPORT_EVERY);
    let mut streams_left = names.len();
    let mut disconnects = 0_u64;
    loop {
        let item = tokio::select! {
            item = stream.next() => item,
            _ = interrupted.as_mut() => break,
            () = ended.as_mut() => break,
            _ = ticks.tick() => {
                progress.report(describe(&recorder.status(), disconnects));
                continue;
            }
            Some(answered) = snapshots.fetches.join_next(), if !snapshots.fetches.is_empty() => {
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
        let Some(item) = item else { break };
        source::note(&item);
        match item {
            Item::State(StateChange::Connected { generation: 1.., .. }) => snapshots.fetch(),
            Item::State(StateChange::Disconnected { .. }) => disconnects += 1,
            Item::Refused(refused) => {
                streams_left = streams_left.saturating_sub(refused.streams.len());
                if streams_left == 0 {
                    return Err("every stream was refused".into());
                }
            }
            _ => {}
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

/// Waits for the disk and prints the summary.
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
        let names = ["btcusdt@depth", "ethusdt@depth@100ms", "bnbusdt@depth5", "a@trade"];
        let names = names.iter().map(|name| StreamName::new(name).unwrap()).collect();
        assert_eq!(symbols(&names).into_iter().collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    }
}
