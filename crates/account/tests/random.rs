//! Requests of every kind in random order, while requests, answers and connections are lost and answers are late: each ends
//! with the outcome that the exchange has, and nothing is sent twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::spot::ReplaceOutcome;
use binance_kit_account::{OrderAction, Orders, Outcome, Resolution};
use binance_kit_core::id::OrderId;
use binance_kit_core::{Decimal, Symbol};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::trade::{
    AmendKeepPriority, CancelReplaceMode, NewOrderHalf, OrderLeg, SorOrder,
};
use binance_kit_model::spot::{CancelReplace, NewOrder, OrderKey, OrderListOco};
use binance_kit_net::Random;
use binance_kit_sim::{AccountOrder, Fault};
use binance_kit_ws_api::WsApiConfig;
use common::World;
use std::collections::BTreeMap;
use std::time::Duration;

const SYMBOL: &str = "ABUSDT";
const STEPS: usize = 40;
/// The methods of the requests below, which faults are put on.
const METHODS: [&str; 8] = [
    "order.place",
    "sor.order.place",
    "orderList.place.oco",
    "order.cancel",
    "orderList.cancel",
    "order.amend.keepPriority",
    "order.cancelReplace",
    "openOrders.cancelAll",
];

struct Run {
    world: World,
    orders: Orders,
    random: Random,
    /// How often each outcome was seen: answered, found done, found not done.
    seen: [usize; 3],
}

impl Run {
    async fn new(seed: u64) -> Self {
        let world =
            World::with(WsApiConfig { timeout: Duration::from_secs(2), ..WsApiConfig::default() }).await;
        let orders = world.orders();
        Self { world, orders, random: Random::seeded(seed), seen: [0; 3] }
    }

    fn below(&self, bound: i64) -> i64 {
        i64::try_from(self.random.below(u64::try_from(bound).unwrap())).unwrap()
    }

    fn all(&self) -> BTreeMap<OrderId, AccountOrder> {
        let orders = self.world.exchange.account("alice").unwrap().orders();
        orders.into_iter().map(|order| (order.order_id, order)).collect()
    }

    fn get(&self, id: OrderId) -> AccountOrder {
        self.all().remove(&id).unwrap()
    }

    /// An open order, if there is one.
    fn open(&self, in_list: bool) -> Option<AccountOrder> {
        let open = self.world.exchange.account("alice").unwrap().open_orders();
        let mut open: Vec<_> = open.into_iter().filter(|order| order.list_id.is_some() == in_list).collect();
        if open.is_empty() {
            return None;
        }
        let index = self.random.below(u64::try_from(open.len()).unwrap());
        Some(open.swap_remove(usize::try_from(index).unwrap()))
    }

    /// Something goes wrong with the next request, or nothing.
    fn fault(&self) {
        let fault = match self.random.below(8) {
            0 | 1 => return,
            2 => Fault::lose_request(),
            3 => Fault::lose_response(),
            4 | 5 => Fault::delay_response(Duration::from_millis(self.random.below(4500))),
            6 => Fault::answer_after(504, r#"{"code":-1007,"msg":"x"}"#),
            _ => Fault::answer(503, r#"{"code":-1000,"msg":"x"}"#),
        };
        for method in METHODS {
            self.world.exchange.inject(fault.clone().on_request(method));
        }
        if self.random.below(3) == 0 {
            let fault = Fault::answer(503, r#"{"code":-1000,"msg":"x"}"#);
            self.world.exchange.inject(fault.on_request("order.status").times(2));
        }
    }

    /// Waits for an outcome while the connection may be cut, and finds out an unknown one. Returns whether the request took
    /// effect.
    async fn settle<A: OrderAction>(&mut self, outcome: impl Future<Output = Outcome<A>>) -> bool {
        let cut = (self.random.below(4) == 0).then(|| Duration::from_millis(self.random.below(3000)));
        let exchange = &self.world.exchange;
        let (outcome, ()) = tokio::join!(outcome, async {
            if let Some(after) = cut {
                tokio::time::sleep(after).await;
                exchange.close_all_connections();
            }
        });
        let doubt = match outcome {
            Outcome::Confirmed(_) => {
                self.seen[0] += 1;
                return true;
            }
            Outcome::Unknown(doubt) => doubt,
            _ => return false,
        };
        self.trade();
        match doubt.resolve().await {
            Resolution::Done(_) => {
                self.seen[1] += 1;
                true
            }
            Resolution::NotDone(_) => {
                self.seen[2] += 1;
                false
            }
            other => panic!("{other}"),
        }
    }

    /// Someone else trades with the account, or not.
    fn trade(&self) {
        if self.random.below(3) == 0 {
            let (buy, price) = if self.random.below(2) == 0 { (true, 109) } else { (false, 91) };
            self.world.bob(buy, 1, price);
        }
    }

    fn order(&self) -> NewOrder {
        let quantity = Decimal::from(2 + self.below(5));
        if self.random.below(2) == 0 {
            NewOrder::limit_buy(SYMBOL).quantity(quantity).price(90 + self.below(8))
        } else {
            NewOrder::limit_sell(SYMBOL).quantity(quantity).price(102 + self.below(8))
        }
    }

    async fn step(&mut self) {
        let before = self.all();
        let orders = self.orders.clone();
        self.fault();
        match self.random.below(9) {
            0..=2 => {
                let order = self.order();
                let done = self.settle(orders.place(order)).await;
                self.assert_made(&before, usize::from(done));
            }
            3 => {
                let order = SorOrder::limit(SYMBOL, OrderSide::Buy, 2).price(92);
                let done = self.settle(orders.place_sor(order)).await;
                self.assert_made(&before, usize::from(done));
            }
            4 => {
                let [high, stop, limit] = [120, 80, 79].map(Decimal::from);
                let list = OrderListOco::sell(SYMBOL, Decimal::TWO)
                    .above_limit_maker(high)
                    .below(OrderLeg::stop_loss_limit().stop_price(stop).price(limit));
                let done = self.settle(orders.place_oco(list)).await;
                self.assert_made(&before, if done { 2 } else { 0 });
            }
            5 => {
                let Some(order) = self.open(false) else { return };
                let done = self.settle(orders.cancel(SYMBOL, order.order_id)).await;
                assert_eq!(self.get(order.order_id).status == "CANCELED", done, "{order:?}");
                let Some(order) = self.open(true) else { return };
                let done = self.settle(orders.cancel_list(SYMBOL, order.list_id.unwrap())).await;
                assert_eq!(self.get(order.order_id).status == "CANCELED", done, "{order:?}");
            }
            6 => {
                let Some(order) = self.open(false) else { return };
                let lower = order.quantity - Decimal::new(1 + self.below(900), 3);
                let key = if self.random.below(2) == 0 {
                    OrderKey::Id(order.order_id)
                } else {
                    OrderKey::Client(order.client_order_id.clone())
                };
                let change = AmendKeepPriority::new(SYMBOL, key, lower);
                let done = self.settle(orders.amend(change)).await;
                let expected = if done { lower } else { order.quantity };
                assert_eq!(self.get(order.order_id).quantity, expected, "{order:?}");
            }
            7 => {
                let Some(old) = self.open(false) else { return };
                let request =
                    CancelReplace::new(self.order(), CancelReplaceMode::StopOnFailure, old.order_id);
                let done = match orders.cancel_replace(request).await {
                    ReplaceOutcome::Answered { answer, .. } => {
                        matches!(answer.new_order_response, NewOrderHalf::Placed(_))
                    }
                    ReplaceOutcome::Whole(outcome) => self.settle(async { outcome }).await,
                    other => panic!("{other}"),
                };
                self.assert_made(&before, usize::from(done));
                assert!(!done || self.get(old.order_id).status == "CANCELED", "{old:?}");
            }
            _ => {
                let open = self.world.exchange.account("alice").unwrap().open_orders();
                let done = self.settle(orders.cancel_all(Symbol::new(SYMBOL))).await;
                for order in open {
                    let now = self.get(order.order_id);
                    assert_eq!(now.is_open, !done && now.status != "FILLED", "{order:?}");
                }
            }
        }
    }

    /// So many orders are new, and none has the id of another.
    fn assert_made(&self, before: &BTreeMap<OrderId, AccountOrder>, count: usize) {
        let all = self.all();
        let made: Vec<_> = all.values().filter(|order| !before.contains_key(&order.order_id)).collect();
        assert_eq!(made.len(), count, "{made:?}");
        assert!(made.iter().all(|order| self.orders.ids().is_ours(&order.client_order_id)), "{made:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn i6_every_outcome_is_the_exchanges_whatever_is_lost_or_late() {
    let mut seen = [0; 3];
    for seed in 0..12 {
        let mut run = Run::new(seed).await;
        for _ in 0..STEPS {
            run.step().await;
            run.world.exchange.clear_faults();
            run.trade();
            tokio::time::sleep(Duration::from_millis(run.random.below(3000))).await;
        }
        for (total, count) in seen.iter_mut().zip(run.seen) {
            *total += count;
        }
    }
    assert!(seen.iter().all(|count| *count > 40), "{seen:?}");
}
