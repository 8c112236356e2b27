//! binance-kit through its public API, with its defaults: gaps, duplicates and silence are looked for as in any program.

use super::{Job, Meter};
use crate::Outcome;
use binance_kit::core::StreamEvent;
use binance_kit::net::Tls;
use binance_kit::spot::stream::DepthSpeed;
use binance_kit::spot::{self, DepthEvent, MarketEvent, TradeEvent};
use binance_kit::stream::{Item, StreamConfig};
use binance_kit::{Binance, Context, Environment, MixedTopic, Topic};
use serde_json::Value;

pub(super) async fn run(job: &Job, how: &str) -> Outcome<Value> {
    let (s, host) = if job.is_tls { ("s", "localhost") } else { ("", "127.0.0.1") };
    let streams = format!("ws{s}://{host}:{}{}", job.port, job.prefix());
    let rest = format!("http{s}://{host}:{}", job.port);
    let environment = Environment::custom(&rest, &streams, &format!("ws{s}://{host}:{}/none", job.port))?;
    let mut context = Context::builder();
    if job.is_tls {
        context = context.tls(Tls::with_roots_pem(job.roots.as_bytes())?);
    }
    let mut config = StreamConfig::default();
    if job.connections > 1 {
        config.streams_per_connection = job.streams_of_a_connection();
    }
    let builder = Binance::builder().environment(environment).context(context.build()?);
    let binance = builder.streams(config).build()?;
    let symbols =
        job.names().into_iter().map(|name| name.split('@').next().unwrap_or_default().to_uppercase());
    let is_mixed = how.ends_with("mixed");
    if job.is_depth() {
        let topics = symbols.map(|symbol| spot::stream::depth(symbol, DepthSpeed::Every1000Ms));
        let time = |event: &DepthEvent| event.event_time.as_micros();
        if is_mixed {
            mixed(&binance, job, how, topics).await
        } else {
            typed(&binance, job, how, topics, time).await
        }
    } else {
        let topics = symbols.map(spot::stream::trade);
        let time = |event: &TradeEvent| event.event_time.as_micros();
        if is_mixed {
            mixed(&binance, job, how, topics).await
        } else {
            typed(&binance, job, how, topics, time).await
        }
    }
}

/// As one of all events of the market.
async fn mixed<E: StreamEvent>(
    binance: &Binance,
    job: &Job,
    how: &str,
    topics: impl Iterator<Item = Topic<E>>,
) -> Outcome<Value>
where
    MixedTopic<MarketEvent>: From<Topic<E>>,
{
    let topics = topics.map(MixedTopic::<MarketEvent>::from);
    let time = |event: &MarketEvent| match event {
        MarketEvent::Trade(trade) => trade.event_time.as_micros(),
        _ => 0,
    };
    typed(binance, job, how, topics, time).await
}

async fn typed<T: binance_kit::core::IntoTopic>(
    binance: &Binance,
    job: &Job,
    how: &str,
    topics: impl Iterator<Item = T>,
    time: impl Fn(&T::Event) -> i64,
) -> Outcome<Value> {
    let topics: Vec<T> = topics.collect();
    let mut meter = Meter::new(job);
    let mut take = |item: Item<T::Event>| -> Outcome<bool> {
        match item {
            Item::Event(event) => {
                let time = time(&std::hint::black_box(&event).data);
                Ok(meter.event(u64::try_from(time).unwrap_or(0)))
            }
            Item::State(_) => Ok(false),
            _ => Err("a stream that is whole reported something else".into()),
        }
    };
    if how.starts_with("spawned") {
        let mut events = binance.streams().subscribe(topics).await?;
        while let Some(item) = events.next().await {
            if take(item)? {
                return Ok(meter.finish());
            }
        }
    } else {
        let mut events = binance.streams().pull(topics).await?;
        while let Some(item) = events.next().await {
            if take(item)? {
                return Ok(meter.finish());
            }
        }
    }
    Err("the stream has ended".into())
}
