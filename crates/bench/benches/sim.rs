//! Events streamed by the embedded exchange to the SDK's client, both on one thread: making the market, matching, writing
//! frames, reading them, decoding them into typed events.

use binance_kit_bench::Stopwatch;
use binance_kit_core::{Api, Timestamp, Topic};
use binance_kit_model::spot::MarketEvent;
use binance_kit_net::io::DialWith;
use binance_kit_net::{Context, Environment};
use binance_kit_sim::{Exchange, ManualClock, MarketConfig};
use binance_kit_stream::{Item, StreamClient};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

type Failure = Box<dyn Error + Send + Sync>;

/// What makers and takers do in a second of the exchange's time.
const RATE: u32 = 100_000;
/// The exchange's time that is measured, in slices of this length.
const SLICE: Duration = Duration::from_millis(20);
const SLICES: u32 = 250;
const SYMBOLS: [&str; 7] = ["btcusdt", "ethusdt", "bnbusdt", "solusdt", "ethbtc", "币安人生usdt", "pepeusdt"];

async fn start() -> Result<(Exchange, ManualClock), Failure> {
    let clock = ManualClock::starting_at(Timestamp::from_millis(1_700_000_000_000));
    let mut config = MarketConfig::thin();
    (config.actions_per_second, config.levels) = (RATE, 1000);
    let builder = Exchange::builder().seed(7).market(config).clock(Arc::new(clock.clone()));
    Ok((builder.start().await?, clock))
}

/// How many, the time that took, and how much of it on a core.
type Measured = (u64, Duration, Duration);

async fn stream(in_memory: bool) -> Result<Measured, Failure> {
    let (exchange, clock) = start().await?;
    let exchange = Arc::new(exchange);
    let mut context = Context::builder();
    if in_memory {
        let dialed = Arc::clone(&exchange);
        context = context.dial(DialWith::new(move |_: &binance_kit_net::Endpoint| Ok(dialed.connect())));
    }
    let environment =
        Environment::custom(&exchange.rest_url(), &exchange.stream_url(), &exchange.ws_api_url())?;
    let client = StreamClient::new(&context.build()?, &environment)?;
    let topics = SYMBOLS.iter().flat_map(|symbol| {
        ["trade", "aggTrade", "bookTicker", "depth@100ms"]
            .map(|kind| Topic::<MarketEvent>::raw(Api::Spot, format!("{symbol}@{kind}")))
    });
    let mut events = client.pull(topics).await?;
    // The answer to the subscription is behind us once the first event is there.
    let (mut received, mut measured) = (0_u64, 0_u64);
    let mut watch = Stopwatch::start();
    for slice in 0..=SLICES {
        if slice == 1 {
            (watch, measured) = (Stopwatch::start(), received);
        }
        clock.advance(SLICE);
        let sent = exchange.counts().events;
        while received < sent {
            match events.next().await {
                Some(Item::Event(_)) => received += 1,
                Some(_) => {}
                None => return Err("the stream ended".into()),
            }
        }
    }
    let (elapsed, on_core) = (watch.elapsed(), watch.on_core());
    events.close().await;
    Ok((received - measured, elapsed, on_core))
}

/// The same without a client: the market alone, and the engine under it.
async fn market_alone() -> Result<Measured, Failure> {
    let (_exchange, clock) = start().await?;
    clock.advance(SLICE);
    let watch = Stopwatch::start();
    for _ in 0..SLICES {
        clock.advance(SLICE);
    }
    let actions = u128::from(RATE) * u128::from(SLICES) * SLICE.as_nanos() / 1_000_000_000;
    Ok((u64::try_from(actions)?, watch.elapsed(), watch.on_core()))
}

#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
fn print(name: &str, what: &str, (count, elapsed, on_core): Measured) {
    let rate = |time: Duration| u128::from(count) * 1_000_000_000 / time.as_nanos().max(1);
    let each = on_core.as_nanos() / u128::from(count.max(1));
    println!(
        "  {name:<34} {count:>8} {what} {each:>6} ns each, {:>8} a second of a core, {:>8} a second",
        rate(on_core),
        rate(elapsed)
    );
}

#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("events streamed on one thread: the market, the exchange and the client together");
    for (name, in_memory) in [("in memory", true), ("over loopback", false)] {
        let mut best: Option<Measured> = None;
        for _ in 0..3 {
            let measured = runtime.block_on(stream(in_memory))?;
            if best.is_none_or(|(_, _, least)| measured.2 < least) {
                best = Some(measured);
            }
        }
        print(name, "events", best.unwrap_or_default());
    }
    print("the market without a client", "actions", runtime.block_on(market_alone())?);
    Ok(())
}
