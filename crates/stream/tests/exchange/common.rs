//! An exchange in memory, its clients, and the comparison of the events that arrived with those that were published.

use crate::server::topics;
use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, Position, Sequence, StreamEvent, Timestamp};
use binance_kit_model::spot::MarketEvent;
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{AttemptLimits, Attempts, Clock, Context, Environment, Error, ErrorKind, Random};
use binance_kit_sim::{Exchange, ExchangeBuilder, MarketConfig, TokioClock};
use binance_kit_stream::{
    EventStream, Gap, Item, Lagged, Malformed, Overflowed, Refused, Resumed, Stale, StateChange,
    StreamClient, StreamConfig,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An event with its text, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) text: String,
    sequence: Option<Sequence>,
}

impl StreamEvent for Kept {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let sequence = MarketEvent::decode_event(frame)?.sequence();
        Ok(Self { text: frame.data.to_json(), sequence })
    }

    fn sequence(&self) -> Option<Sequence> {
        self.sequence
    }
}

/// An exchange with a market, and the surroundings of its clients.
pub(crate) struct World {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) context: Context,
}

pub(crate) fn start_time() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

pub(crate) async fn world_with(builder: ExchangeBuilder) -> World {
    let clock = Arc::new(TokioClock::starting_at(start_time()));
    let exchange = Arc::new(builder.in_memory().clock(clock).start().await.unwrap());
    let context = network_to(&exchange, 5);
    World { exchange, context }
}

/// An exchange whose market makes so many actions in a second.
pub(crate) async fn world(actions: u32) -> World {
    world_with(Exchange::builder().seed(11).market(market(actions))).await
}

pub(crate) fn market(actions: u32) -> MarketConfig {
    let mut market = MarketConfig::thin();
    market.actions_per_second = actions;
    market.levels = 20;
    market
}

pub(crate) fn network_to(exchange: &Arc<Exchange>, seed: u64) -> Context {
    network_with(exchange, seed, AttemptLimits::default())
}

pub(crate) fn network_with(exchange: &Arc<Exchange>, seed: u64, limits: AttemptLimits) -> Context {
    let clock = Clock::new(VirtualWallClock::starting_at(start_time()));
    let exchange = Arc::clone(exchange);
    Context::builder()
        .dial(DialWith::new(move |_: &binance_kit_net::Endpoint| {
            exchange.try_connect().map_err(|error| Error::with_source(ErrorKind::Connect, error))
        }))
        .attempts(Attempts::new(clock.clone(), Random::seeded(seed), limits))
        .clock(clock)
        .random(Random::seeded(seed))
        .build()
        .unwrap()
}

pub(crate) fn environment() -> Environment {
    Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").unwrap()
}

impl World {
    pub(crate) fn client(&self, config: StreamConfig) -> StreamClient {
        StreamClient::builder(&self.context, &environment()).config(config).build().unwrap()
    }

    pub(crate) async fn subscribe(&self, config: StreamConfig, names: &[&str]) -> EventStream<Kept> {
        self.exchange.keep_journal(names.iter().copied(), 10_000_000).unwrap();
        self.client(config).subscribe(topics(names.iter().copied())).await.unwrap()
    }
}

/// What a consumer got.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) events: BTreeMap<String, Vec<(Position, String)>>,
    pub(crate) gaps: BTreeMap<String, Vec<(Position, Position, bool)>>,
    pub(crate) states: Vec<String>,
    pub(crate) lagged: u64,
}

impl Received {
    pub(crate) fn take(&mut self, item: Item<Kept>) {
        match item {
            Item::Event(event) => {
                if let Some(sequence) = event.data.sequence {
                    self.events
                        .entry(event.stream.to_string())
                        .or_default()
                        .push((sequence.position(), event.data.text));
                }
            }
            Item::Gap(Gap { stream, from, to, backfilled, .. }) => {
                self.states.push(format!("gap {stream}"));
                self.gaps.entry(stream.to_string()).or_default().push((from, to, backfilled));
            }
            Item::State(StateChange::Connected { generation, .. }) => {
                self.states.push(format!("connected {generation}"));
            }
            Item::State(StateChange::Disconnected { .. }) => self.states.push("disconnected".into()),
            Item::State(StateChange::Rotating { reason, .. }) => {
                self.states.push(format!("rotating {reason:?}"));
            }
            Item::State(StateChange::Rotated { generation, .. }) => {
                self.states.push(format!("rotated {generation}"));
            }
            Item::State(StateChange::ReplicaConnected { replica, .. }) => {
                self.states.push(format!("replica {replica} connected"));
            }
            Item::State(StateChange::ReplicaDisconnected { replica, .. }) => {
                self.states.push(format!("replica {replica} disconnected"));
            }
            Item::Stale(Stale { stream, .. }) => self.states.push(format!("stale {stream}")),
            Item::Resumed(Resumed { stream, .. }) => self.states.push(format!("resumed {stream}")),
            Item::Refused(Refused { streams, .. }) => self.states.push(format!("refused {streams:?}")),
            Item::Malformed(Malformed { error, .. }) => self.states.push(format!("malformed {error}")),
            Item::Lagged(Lagged { count, .. }) => self.lagged += count,
            Item::Overflowed(Overflowed { count, .. }) => self.states.push(format!("overflowed {count}")),
            _ => {}
        }
    }

    /// Takes everything that comes within this time.
    pub(crate) async fn listen(&mut self, stream: &mut EventStream<Kept>, time: Duration) {
        let end = tokio::time::Instant::now() + time;
        while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
            self.take(item);
        }
    }

    pub(crate) fn has(&self, state: &str) -> bool {
        self.states.iter().any(|one| one == state)
    }

    /// Every event that was published since the first one that came, up to the last one that came, is delivered once and in
    /// order, or is within a gap that was reported and not filled. Gives the number of those delivered.
    pub(crate) fn check(&self, exchange: &Exchange, stream: &str) -> usize {
        let published = exchange.journal(stream);
        assert_eq!(published.forgotten, 0);
        let empty = Vec::new();
        let delivered = self.events.get(stream).unwrap_or(&empty);
        let gaps = self.gaps.get(stream).map(Vec::as_slice).unwrap_or_default();
        let Some((_, first)) = delivered.first() else { panic!("{stream}: nothing came") };
        let begin = published.events.iter().position(|event| event.text == *first);
        let begin = begin.unwrap_or_else(|| panic!("{stream}: {first} was never published"));
        let mut next = delivered.iter();
        let mut waiting = next.next();
        for event in &published.events[begin..] {
            match waiting {
                Some((_, text)) if *text == event.text => waiting = next.next(),
                Some(_) => {
                    let place = place_of(event);
                    let is_reported = gaps
                        .iter()
                        .any(|(from, to, backfilled)| !backfilled && *from <= place && place <= *to);
                    assert!(
                        is_reported,
                        "{stream}: {} did not arrive, and was not reported; gaps {gaps:?}",
                        event.text
                    );
                }
                None => break,
            }
        }
        assert_eq!(waiting, None, "{stream}: twice, or out of order");
        delivered.len()
    }
}

fn place_of(event: &binance_kit_sim::JournalEvent) -> Position {
    let mut decoder = binance_kit_core::Decoder::new();
    let sequence = decoder
        .frame(event.text.as_bytes(), |frame| match frame {
            binance_kit_core::decode::Frame::Event(frame) => Ok(MarketEvent::decode_event(frame)?.sequence()),
            _ => Ok(None),
        })
        .unwrap();
    match sequence {
        Some(Sequence::Candle { open, .. }) => Position::Time(open),
        Some(sequence) => sequence.position(),
        None => panic!("{}", event.text),
    }
}
