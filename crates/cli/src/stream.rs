//! `binance stream`: events as JSON lines, in the combined form of the exchange.

use crate::output::{self, CommandResult};
use crate::{Product, StreamArgs};
use binance_kit::core::{Encode, JsonWriter, StreamEvent, TimeUnit};
use binance_kit::net::Tls;
use binance_kit::stream::{Item, StateChange, StreamClient, StreamConfig};
use binance_kit::{Environment, Network, coinm, spot, usdm};
use std::process::ExitCode;

pub(crate) async fn run(args: StreamArgs) -> CommandResult {
    match args.product {
        Product::Spot => print::<spot::MarketEvent>(args).await,
        Product::Usdm => print::<usdm::MarketEvent>(args).await,
        Product::Coinm => print::<coinm::MarketEvent>(args).await,
    }
}

fn default_url(product: Product) -> &'static str {
    match product {
        Product::Spot => "wss://stream.binance.com:9443",
        Product::Usdm => "wss://fstream.binance.com",
        Product::Coinm => "wss://dstream.binance.com",
    }
}

async fn print<E: StreamEvent + Encode>(args: StreamArgs) -> CommandResult {
    let mut network = Network::builder();
    if let Some(roots) = &args.roots {
        network = network.tls(Tls::with_roots_pem(&std::fs::read(roots)?)?);
    }
    let network = network.build()?;
    let unit = if args.microseconds { TimeUnit::Microsecond } else { TimeUnit::Millisecond };
    let config = StreamConfig { time_unit: unit, ..StreamConfig::default() };
    let url = args.url.unwrap_or_else(|| default_url(args.product).to_owned());
    let client =
        StreamClient::builder(&network, &Environment::production()).url(url).config(config).build()?;
    let mut stream = client.subscribe::<E>(&args.names).await?;
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut json = JsonWriter::new().with_time_unit(unit);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    while left > 0 {
        let item = tokio::select! {
            item = stream.next() => item,
            _ = interrupted.as_mut() => break,
        };
        match item {
            Some(Item::Event(event)) => {
                json.clear();
                json.begin_object();
                json.field("stream", &event.stream);
                json.field("data", &event.event);
                json.end_object();
                if !output::line(json.as_str()) {
                    break;
                }
                left -= 1;
            }
            Some(Item::State(StateChange::Disconnected { error, .. })) => {
                output::note(&format!("disconnected: {error}"))
            }
            Some(Item::State(StateChange::Connected { generation, .. })) if generation > 0 => {
                output::note("connected again")
            }
            Some(Item::State(_)) => {}
            Some(Item::Malformed { error, raw, .. }) => {
                output::note(&format!("{error}: {}", String::from_utf8_lossy(&raw)));
            }
            Some(Item::Refused { streams, error }) => {
                output::note(&format!("refused: {streams:?} {error:?}"))
            }
            Some(Item::Lagged(count)) => output::note(&format!("{count} events were dropped")),
            Some(_) => {}
            None => break,
        }
    }
    stream.close().await;
    Ok(ExitCode::SUCCESS)
}
