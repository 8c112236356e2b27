//! Random orders over REST and the WebSocket API while the bytes between client and exchange are cut at any place, answers come
//! late, twice, or to no request, requests race each other, and callers give up: no order is placed twice, and no outcome is wrong.
//!
//! `BINANCE_KIT_SEED` plays one run, `BINANCE_KIT_ORDER_RUNS` says how many are played (of 100 orders each; 640 for 64,000 orders).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;
mod wire;

use binance_kit_account::{Doubt, OrderAction, Orders, Outcome, Resolution};
use binance_kit_core::id::OrderId;
use binance_kit_core::product::Spot;
use binance_kit_core::{ClientOrderId, Decimal, Delivery};
use binance_kit_model::spot::{CancelOrder, NewOrder, OrderKey};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{Clock, Context, Random};
use binance_kit_rest::RestClient;
use binance_kit_sim::{AdminOrder, Exchange};
use binance_kit_ws_api::{WsApiClient, WsApiConfig};
use common::{START, alice, builder, environment};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use wire::{Plan, Wire};

/// How many runs are played where nothing else is said.
const RUNS: u64 = 3;
/// How many orders each run has.
const ORDERS: usize = 100;
/// Cuts are drawn from so many bytes: a request, or an answer with its head, is shorter.
const BYTES: u64 = 1500;
/// A run that takes longer, in simulated time, hangs.
const DEADLINE: Duration = Duration::from_secs(2 * 3600);

/// What was seen, so that a test that tried nothing does not pass.
#[derive(Debug, Default)]
struct Tally {
    sent: usize,
    confirmed: usize,
    refused: usize,
    done: usize,
    not_done: usize,
    unknown_over_rest: usize,
    dropped: usize,
    cuts: usize,
}

struct Run {
    exchange: Arc<Exchange>,
    wire: Arc<Wire>,
    rest: RestClient,
    orders: Orders,
    random: Random,
    tally: Tally,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let exchange = Arc::new(builder().start().await.unwrap());
        let wire = Arc::new(Wire::default());
        let (dialled, through) = (Arc::clone(&exchange), Arc::clone(&wire));
        let context = Context::builder()
            .dial(DialWith::new(move |_| Ok(through.connect(dialled.connect()))))
            .clock(Clock::new(VirtualWallClock::starting_at(binance_kit_core::Timestamp::from_millis(START))))
            .random(Random::seeded(seed))
            .build()
            .unwrap();
        let rest = RestClient::builder(&context, &environment())
            .credentials(alice())
            .timeout(Duration::from_secs(3))
            .build()
            .unwrap();
        let config = WsApiConfig { timeout: Duration::from_secs(3), ..WsApiConfig::default() };
        let client = WsApiClient::builder(&context, &environment()).credentials(alice()).config(config);
        let client = client.connect().await.unwrap();
        let orders = Orders::new(&client, &context, "cuts");
        // Something to trade with, so that an order that is sent twice would be filled twice.
        for (is_buy, price) in [(true, 95), (false, 105)] {
            let quantity = Decimal::from(900);
            exchange
                .place(
                    &(if is_buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", quantity)
                        .at(Decimal::from(price))
                        .by("bob"),
                )
                .unwrap();
        }
        Self { exchange, wire, rest, orders, random: Random::seeded(seed ^ 0x5eed), tally: Tally::default() }
    }

    fn below(&self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    fn count(&self, id: &ClientOrderId) -> usize {
        let all = self.exchange.account("alice").unwrap().orders();
        all.iter().filter(|order| order.client_order_id == *id).count()
    }

    fn order(&self) -> NewOrder {
        let quantity = Decimal::new(2 + i64::try_from(self.below(30)).unwrap(), 1);
        let order = match self.below(5) {
            // Filled at once, after which the exchange takes the same id again.
            0 => NewOrder::market_buy("ABUSDT").quantity(quantity),
            1 => NewOrder::market_sell("ABUSDT").quantity(quantity),
            2 => NewOrder::limit_buy("ABUSDT").quantity(quantity).price(Decimal::from(106)),
            // More than the account has.
            3 if self.below(4) == 0 => {
                NewOrder::limit_buy("ABUSDT").quantity(Decimal::from(9000)).price(Decimal::from(90))
            }
            _ => NewOrder::limit_sell("ABUSDT").quantity(quantity).price(Decimal::from(120)),
        };
        order.new_client_order_id(self.orders.ids().next())
    }

    /// What happens to the bytes of the next requests.
    fn plan(&self) -> Plan {
        let at = || usize::try_from(self.below(BYTES)).unwrap();
        let mut plan = Plan::default();
        match self.below(8) {
            0 | 1 => plan.cut_request = Some(at() / 2),
            2 | 3 => plan.cut_answer = Some(at()),
            4 => plan.delay = Duration::from_millis(self.below(4500)),
            5 => (plan.cut_answer, plan.delay) = (Some(at()), Duration::from_millis(self.below(2000))),
            _ => {}
        }
        plan.is_double = self.below(4) == 0;
        plan.is_stray = self.below(4) == 0;
        plan
    }

    /// Waits for a future, or gives it up after it was polled a few times or some time has passed.
    async fn perhaps<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let (turns, time) = match self.below(6) {
            0 => (self.below(12), 0),
            1 => (0, self.below(2500)),
            _ => return Some(future.await),
        };
        tokio::select! {
            biased;
            value = future => Some(value),
            () = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                tokio::time::sleep(Duration::from_millis(time)).await;
            } => None,
        }
    }

    /// Finds out an outcome, once the network has calmed down.
    async fn resolve<A: OrderAction<Product = Spot>>(&self, doubt: &Doubt<A>) -> Resolution<A::Found> {
        self.wire.calm();
        doubt.resolve().await
    }

    async fn over_web_socket(&self, order: NewOrder) -> Tally {
        let id = order.new_client_order_id.clone().unwrap();
        let mut tally = Tally::default();
        let Some(outcome) = self.perhaps(self.orders.place(order)).await else {
            tally.dropped += 1;
            return tally;
        };
        let expected = match outcome {
            Outcome::Confirmed(placed) => {
                assert_eq!(placed.client_order_id, id, "the answer to another request");
                tally.confirmed += 1;
                1
            }
            Outcome::Rejected(_) | Outcome::NotSent(_) => {
                tally.refused += 1;
                0
            }
            Outcome::Unknown(doubt) => match self.resolve(&doubt).await {
                Resolution::Done(found) => {
                    assert_eq!(found.client_order_id, id);
                    tally.done += 1;
                    1
                }
                Resolution::NotDone(found) => {
                    assert_eq!(found, None);
                    tally.not_done += 1;
                    0
                }
                other => panic!("{other}"),
            },
        };
        assert_eq!(self.count(&id), expected, "{id} over the WebSocket API");
        tally
    }

    async fn over_rest(&self, order: NewOrder) -> Tally {
        let id = order.new_client_order_id.clone().unwrap();
        let mut tally = Tally::default();
        let Some(answer) = self.perhaps(self.rest.send(order)).await else {
            tally.dropped += 1;
            return tally;
        };
        match answer {
            Ok(placed) => {
                assert_eq!(placed.value().client_order_id, id, "the answer to another request");
                tally.confirmed += 1;
                assert_eq!(self.count(&id), 1, "{id} over REST");
            }
            Err(error) if error.delivery() == Delivery::MaybeWritten => {
                assert!(error.outcome_unknown());
                tally.unknown_over_rest += 1;
            }
            Err(_) => {
                tally.refused += 1;
                assert_eq!(self.count(&id), 0, "{id} over REST");
            }
        }
        tally
    }

    /// Cancels an order of before, and checks its outcome.
    async fn cancel(&self) {
        let open = self.exchange.account("alice").unwrap().open_orders();
        let Some(order) = open.first() else { return };
        let key: OrderKey = order.order_id.into();
        let is_cancelled = |id: OrderId| {
            let all = self.exchange.account("alice").unwrap().orders();
            all.iter().any(|order| order.order_id == id && order.status == "CANCELED")
        };
        if self.below(2) == 0 {
            let done = match self.orders.cancel("ABUSDT", key).await {
                Outcome::Confirmed(_) => true,
                Outcome::Unknown(doubt) => matches!(self.resolve(&doubt).await, Resolution::Done(_)),
                _ => false,
            };
            assert_eq!(is_cancelled(order.order_id), done, "{}", order.order_id);
        } else {
            match self.rest.send(CancelOrder::new("ABUSDT", key)).await {
                Ok(_) => assert!(is_cancelled(order.order_id), "{}", order.order_id),
                Err(error) if error.delivery() == Delivery::MaybeWritten => {}
                Err(_) => assert!(!is_cancelled(order.order_id), "{}", order.order_id),
            }
        }
    }

    async fn step(&mut self) {
        self.wire.set(self.plan());
        // Up to three at once, over either transport.
        let count = usize::try_from(1 + self.below(3)).unwrap();
        let sent: Vec<(bool, NewOrder)> = (0..count).map(|_| (self.below(2) == 0, self.order())).collect();
        let one = async |place: usize| match sent.get(place).cloned() {
            Some((true, order)) => self.over_rest(order).await,
            Some((false, order)) => self.over_web_socket(order).await,
            None => Tally::default(),
        };
        let tallies = tokio::join!(one(0), one(1), one(2));
        for tally in <[Tally; 3]>::from(tallies) {
            self.tally.add(&tally);
        }
        self.tally.sent += count;
        if self.below(4) == 0 {
            self.cancel().await;
        }
        self.tally.cuts += usize::from(self.wire.set(Plan::default()));
        tokio::time::sleep(Duration::from_millis(self.below(500))).await;
    }

    /// Nothing came twice, not even later.
    async fn end(self) -> Tally {
        tokio::time::sleep(Duration::from_secs(60)).await;
        let all = self.exchange.account("alice").unwrap().orders();
        let mut ids: Vec<&str> = all.iter().map(|order| order.client_order_id.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an order was placed twice");
        let written =
            self.exchange.request_count("order.place") + self.exchange.request_count("POST /api/v3/order");
        assert!(written <= u64::try_from(self.tally.sent).unwrap(), "{written} of {}", self.tally.sent);
        self.tally
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.confirmed += other.confirmed;
        self.refused += other.refused;
        self.done += other.done;
        self.not_done += other.not_done;
        self.unknown_over_rest += other.unknown_over_rest;
        self.dropped += other.dropped;
        self.cuts += other.cuts;
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn play(seed: u64) -> Tally {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let run = async {
        let mut run = Run::new(seed).await;
        while run.tally.sent < ORDERS {
            Box::pin(run.step()).await;
        }
        run.end().await
    };
    let ended = runtime.block_on(async { tokio::time::timeout(DEADLINE, Box::pin(run)).await });
    ended.unwrap_or_else(|_| panic!("BINANCE_KIT_SEED={seed} hangs"))
}

#[test]
fn i6_k4_no_order_is_placed_twice_and_no_outcome_is_wrong_wherever_bytes_are_cut() {
    let runs = number("BINANCE_KIT_ORDER_RUNS").unwrap_or(RUNS);
    let seeds = match number("BINANCE_KIT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..runs,
    };
    let mut sum = Tally::default();
    for seed in seeds.clone() {
        println!("BINANCE_KIT_SEED={seed}");
        sum.add(&play(seed));
    }
    println!("{seeds:?}: {sum:?}");
    if seeds.end - seeds.start >= RUNS {
        let least = [
            sum.confirmed / 20,
            sum.refused,
            sum.done,
            sum.not_done,
            sum.unknown_over_rest,
            sum.dropped,
            sum.cuts,
        ];
        assert!(least.iter().all(|count| *count >= 3), "{sum:?}");
    }
}
