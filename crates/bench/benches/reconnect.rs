//! How long a stream is without a connection after a single cut, over loopback TCP against the embedded exchange, in real time:
//! from the cut to the connection that is up again and subscribed, and to the first event on it.
//!
//! A cut every 20 s waits as long as one every second (`BackoffPolicy`), as the test `d7_a_cut_every_twenty_seconds_leaves_a_stream_up`
//! shows in simulated time, so that the cuts here come faster.

use binance_kit_bench::Stopwatch;
use binance_kit_core::{Api, Topic};
use binance_kit_model::spot::MarketEvent;
use binance_kit_net::{Context, Environment};
use binance_kit_sim::{Exchange, MarketConfig};
use binance_kit_stream::{EventStream, Item, StateChange, StreamClient};
use std::error::Error;
use std::time::Duration;

type Failure = Box<dyn Error + Send + Sync>;

/// Number of cuts.
const CUTS: usize = 200;
/// The time between a connection that works and its cut: one that lasted for less than a second is waited for.
const PAUSE: Duration = Duration::from_millis(1200);
/// What is wanted of 99 of a hundred.
const WANTED: Duration = Duration::from_millis(50);

/// Reads until the connection is up again, then until its first event.
async fn back(stream: &mut EventStream<MarketEvent>) -> Result<(Duration, Duration), Failure> {
    let watch = Stopwatch::start();
    let (mut is_lost, mut up) = (false, None);
    loop {
        match stream.next().await.ok_or("the stream ended")? {
            Item::State(StateChange::Disconnected { .. }) => is_lost = true,
            Item::State(StateChange::Connected { .. }) if is_lost => up = Some(watch.elapsed()),
            Item::Event(_) => {
                if let Some(up) = up {
                    return Ok((up, watch.elapsed()));
                }
            }
            _ => {}
        }
    }
}

/// Reads events for a while.
async fn listen(stream: &mut EventStream<MarketEvent>) {
    let reading = async { while stream.next().await.is_some() {} };
    let _ = tokio::time::timeout(PAUSE, reading).await;
}

#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
fn print(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at =
        |share: usize| times.get((times.len() * share).div_ceil(100).max(1) - 1).copied().unwrap_or_default();
    println!("  {name:<36} p50 {:>9.3?}   p99 {:>9.3?}   max {:>9.3?}", at(50), at(99), at(100));
    at(99)
}

async fn run() -> Result<(), Failure> {
    let exchange = Exchange::builder().seed(7).market(MarketConfig::thin()).start().await?;
    let environment =
        Environment::custom(&exchange.rest_url(), &exchange.stream_url(), &exchange.ws_api_url())?;
    let client = StreamClient::new(&Context::new()?, &environment)?;
    let topics = ["trade", "bookTicker", "depth@100ms"]
        .map(|kind| Topic::<MarketEvent>::raw(Api::Spot, format!("btcusdt@{kind}")));
    let mut stream = client.subscribe(topics).await?;
    let (mut up, mut first) = (Vec::with_capacity(CUTS), Vec::with_capacity(CUTS));
    for _ in 0..CUTS {
        listen(&mut stream).await;
        exchange.close_all_connections();
        let (connected, event) = back(&mut stream).await?;
        up.push(connected);
        first.push(event);
    }
    let p99 = print("connected and subscribed", up);
    print("first event", first);
    if p99 > WANTED {
        return Err(format!("p99 is above {WANTED:?}").into());
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("{CUTS} single cuts over loopback TCP");
    runtime.block_on(run())
}
