//! `binance stream`: events as JSON lines, in the combined form of the exchange.

use crate::output::{self, CommandResult};
use crate::{Product, StreamArgs};
use binance_kit::core::{Encode, JsonWriter, StreamEvent, TimeUnit};
use binance_kit::net::Tls;
use binance_kit::stream::{Item, StateChange, StreamClient, StreamConfig};
use binance_kit::{Context, Environment, StreamName, coinm, spot, usdm};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

/// How long a stream may say nothing until that is mentioned.
const QUIET: Duration = Duration::from_secs(10);
/// How much is shown of a frame that cannot be decoded.
const SHOWN: usize = 200;

pub(crate) async fn run(args: StreamArgs) -> CommandResult {
    match args.product {
        Product::Spot => print::<spot::MarketEvent>(args).await,
        Product::Usdm => print::<usdm::MarketEvent>(args).await,
        Product::Coinm => print::<coinm::MarketEvent>(args).await,
    }
}

/// Where the streams of a product are.
pub(crate) fn default_url(product: Product) -> &'static str {
    match product {
        Product::Spot => "wss://stream.binance.com:9443",
        Product::Usdm => "wss://fstream.binance.com",
        Product::Coinm => "wss://dstream.binance.com",
    }
}

async fn print<E: StreamEvent + Encode>(args: StreamArgs) -> CommandResult {
    let mut context = Context::builder();
    if let Some(roots) = &args.roots {
        let pem = std::fs::read(roots).map_err(|error| format!("{}: {error}", roots.display()))?;
        context = context.tls(Tls::with_roots_pem(&pem)?);
    }
    let context = context.build()?;
    let unit = if args.microseconds { TimeUnit::Microsecond } else { TimeUnit::Millisecond };
    let config = StreamConfig { time_unit: unit, ..StreamConfig::default() };
    let url = args.url.unwrap_or_else(|| default_url(args.product).to_owned());
    let client =
        StreamClient::builder(&context, &Environment::production()).url(url).config(config).build()?;
    let mut stream = client.subscribe::<E>(&args.names).await?;
    let mut wanted = args.names.iter().collect::<BTreeSet<_>>().len();
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut json = JsonWriter::new().with_time_unit(unit);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut quiet: BTreeSet<String> = args.names.iter().cloned().collect();
    let mut quiet_too_long = std::pin::pin!(context.clock().sleep(QUIET));
    let mut quiet_noted = false;
    while left > 0 {
        let item = tokio::select! {
            item = stream.next() => item,
            _ = interrupted.as_mut() => break,
            () = quiet_too_long.as_mut(), if !quiet_noted => {
                quiet_noted = true;
                if !quiet.is_empty() {
                    let names: Vec<&str> = quiet.iter().map(String::as_str).collect();
                    output::note(&format!(
                        "nothing yet from {}: the exchange is silent about symbols that it does not have, \
                         and about those that nobody trades",
                        names.join(", ")
                    ));
                }
                continue;
            }
        };
        match item {
            Some(Item::Event(event)) => {
                json.clear();
                json.begin_object();
                json.field("stream", &event.stream);
                json.field("data", &event.event);
                json.end_object();
                match output::line(json.as_str()) {
                    Ok(()) => {}
                    // `head` has had enough.
                    Err(error) if error.is_reader_gone() => break,
                    Err(error) => return Err(error.into()),
                }
                if !quiet_noted {
                    quiet.remove(event.stream.as_str());
                }
                left -= 1;
            }
            Some(Item::State(StateChange::Disconnected { error, .. })) => {
                output::note(&format!("disconnected: {error}"));
            }
            Some(Item::State(StateChange::Connected { generation, .. })) if generation > 0 => {
                output::note("connected again");
            }
            Some(Item::Malformed { error, raw, .. }) => {
                let text: String = String::from_utf8_lossy(&raw).chars().take(SHOWN).collect();
                output::note(&format!("{error}: {text}"));
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
            Some(Item::Lagged(count)) => output::note(&format!("{count} events were dropped")),
            Some(_) => {}
            None => break,
        }
    }
    stream.close().await;
    Ok(ExitCode::SUCCESS)
}
