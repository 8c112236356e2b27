//! Rows of the fault catalogue (`docs/faults.md`) that concern whose order it is and what is left of it: ids used twice, keys that
//! change, futures that are dropped, limits on lists, reports in any order, orders of others.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::spot::{Balances, SymbolAssets};
use binance_kit_account::{AccountItem, AccountStream, Orders, Outcome, Resolution};
use binance_kit_core::{ClientOrderId, Decimal};
use binance_kit_model::spot::trade::OrderLeg;
use binance_kit_model::spot::{AccountEvent, NewOrder, OpenOrders, OrderEvent, OrderListOco, OrderStatus};
use binance_kit_net::Random;
use binance_kit_sign::Credentials;
use binance_kit_sim::{AccountConfig, AdminOrder};
use binance_kit_ws_api::WsApiClient;
use common::{World, alice, drain, environment, next};
use std::time::Duration;

fn buy(quantity: i64, price: i64) -> NewOrder {
    NewOrder::limit_buy("ABUSDT").quantity(Decimal::from(quantity)).price(Decimal::from(price))
}

async fn open_orders(world: &World) -> usize {
    world.client.send(OpenOrders::new()).await.unwrap().into_value().len()
}

async fn account_stream(world: &World) -> AccountStream {
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
    stream
}

async fn reports(stream: &mut AccountStream) -> Vec<OrderEvent> {
    let items = drain(stream).await.into_iter();
    items
        .filter_map(|item| match item {
            AccountItem::Event(change) => match change.data {
                AccountEvent::Order(report) => Some(report),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn i5_an_order_with_the_id_of_an_open_one_is_refused_and_the_first_one_is_found() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_response("order.place");
    let order = || buy(1, 90).new_client_order_id("grid-17");
    let doubt = orders.place(order()).await.doubt().unwrap();
    // A program that does not wait for the outcome and sends it once more.
    let Outcome::Rejected(rejection) = orders.place(order()).await else { panic!() };
    assert_eq!(rejection.code.0, -2010);
    assert!(rejection.message.contains("Duplicate"), "{rejection}");
    // The rejection says nothing of the first one, which is found.
    let Resolution::Done(found) = doubt.resolve().await else { panic!() };
    assert_eq!((found.client_order_id.as_str(), found.status), ("grid-17", OrderStatus::New));
    assert_eq!(open_orders(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn i14_a_new_key_takes_over_from_the_old_one_without_losing_an_order() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_response("order.place");
    let placed = orders.place(buy(1, 90)).await.doubt().unwrap();
    world.exchange.drop_next_request("order.place");
    let lost = orders.place(buy(1, 91)).await.doubt().unwrap();

    let new_key = AccountConfig::new("alice").hmac_key("aliceNewKey", "aliceNewSecret").unwrap();
    world.exchange.add_api_keys(&new_key).unwrap();
    let builder = WsApiClient::builder(&world.context, &environment());
    let keys = Credentials::hmac("aliceNewKey", "aliceNewSecret").unwrap();
    let client = builder.credentials(keys).connect().await.unwrap();
    let new_orders = Orders::new(&client, &world.context, "test");
    // What is in flight with the old key ends, then that client is closed.
    let (in_flight, left) = tokio::join!(orders.place(buy(1, 92)), async {
        tokio::task::yield_now().await;
        world.client.close_within(Duration::from_secs(5)).await
    });
    assert!(matches!(in_flight, Outcome::Confirmed(_)), "{in_flight}");
    assert_eq!(left, 0);
    let Outcome::NotSent(_) = orders.place(buy(1, 93)).await else { panic!("closed") };

    // The new client finds out what the old one left, and serves on.
    let minute = Duration::from_secs(60);
    let Resolution::Done(found) = new_orders.resolve(&placed, minute).await else { panic!() };
    assert_eq!(found.price, Decimal::from(90));
    assert_eq!(new_orders.resolve(&lost, minute).await, Resolution::NotDone(None));
    assert!(new_orders.place(buy(1, 94)).await.confirmed().is_some());
    assert_eq!(client.send(OpenOrders::new()).await.unwrap().len(), 3);
    assert_eq!(world.exchange.request_count("order.place"), 4, "nothing was sent twice");
}

#[tokio::test(start_paused = true)]
async fn i19_the_outcome_of_an_order_whose_future_is_dropped_comes_with_the_account() {
    let world = World::new().await;
    let orders = world.orders();
    let mut stream = account_stream(&world).await;
    // Dropped at each moment from the writing to the answer.
    world.exchange.delay_next_response("order.place", Duration::from_secs(3));
    for (number, after) in [0, 1, 1500, 2999].into_iter().enumerate() {
        if number > 0 {
            world.exchange.delay_next_response("order.place", Duration::from_secs(3));
        }
        let after = Duration::from_millis(after);
        let place = orders.place(buy(1, 80 + i64::try_from(number).unwrap()));
        tokio::pin!(place);
        if after.is_zero() {
            // Written, and nothing more.
            let written = async {
                while world.exchange.request_count("order.place") == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::select! {
                outcome = &mut place => panic!("{outcome}"),
                () = written => {}
            }
        } else {
            assert!(tokio::time::timeout(after, &mut place).await.is_err());
        }
    }
    let reports = reports(&mut stream).await;
    let prices: Vec<Decimal> = reports.iter().map(|report| report.price).collect();
    assert_eq!(prices, [80, 81, 82, 83].map(Decimal::from));
    assert!(reports.iter().all(|report| orders.ids().is_ours(&report.client_order_id)));
    assert_eq!((world.exchange.request_count("order.place"), open_orders(&world).await), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn i20_a_list_over_a_limit_or_with_an_impossible_part_is_a_typed_rejection_and_places_nothing() {
    let world = World::new().await;
    let orders = world.orders();
    let list = |quantity: i64, stop: i64| {
        OrderListOco::sell("ABUSDT", Decimal::from(quantity))
            .above_limit_maker(Decimal::from(110))
            .below(OrderLeg::stop_loss_limit().stop_price(stop).price(stop - 1))
    };
    // One part cannot be: its stop is above the price. All of it is more than the account has.
    for list in [list(1, 109), list(100_000, 90)] {
        let Outcome::Rejected(rejection) = orders.place_oco(list).await else { panic!() };
        assert!(rejection.code.0 <= -1013, "{rejection}");
        assert!(rejection.id().is_some());
        assert_eq!(open_orders(&world).await, 0, "not even the other part");
    }
    // A list costs two orders: one of ten too many in ten seconds is refused for the account alone.
    let body = r#"{"code":-1015,"msg":"Too many new orders; current limit is 100 orders per 10 SECOND."}"#;
    world.exchange.fail_next_request("orderList.place.oco", 429, body);
    let Outcome::Rejected(rejection) = orders.place_oco(list(1, 90)).await else { panic!() };
    assert!(rejection.code.is_rate_limit() && rejection.code.is_temporary(), "{rejection}");
    let before = world.exchange.now();
    assert_eq!(open_orders(&world).await, 0, "queries go on");
    assert!(orders.cancel_all("ABUSDT").await.is_definite(), "and so do cancellations");
    assert!(world.exchange.now().since(before) < Duration::from_secs(1));
    // The next one waits for its turn, or says for how long it would have to.
    let Outcome::NotSent(error) = orders.place_oco(list(1, 90)).await else { panic!() };
    assert!(error.retry_after().is_some(), "{error}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(orders.place_oco(list(1, 90)).await.confirmed().is_some());
    assert_eq!(open_orders(&world).await, 2);
}

#[tokio::test(start_paused = true)]
async fn j3_reports_twice_and_in_any_order_lead_to_the_same_balances() {
    let world = World::new().await;
    let orders = world.orders();
    let mut stream = account_stream(&world).await;
    let start = world.account().await;
    for (number, quantity) in [3, 1, 4, 1, 5].into_iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        let order = if number % 2 == 0 {
            NewOrder::limit_sell("ABUSDT")
                .quantity(Decimal::from(quantity))
                .price(Decimal::from(100 + number))
        } else {
            buy(quantity, 90 + number)
        };
        orders.place(order).await.confirmed().unwrap();
    }
    world.bob(true, 7, 110);
    world.bob(false, 2, 80);
    let reports = reports(&mut stream).await;
    assert!(reports.len() >= 9, "{}", reports.len());
    let end = world.account().await;
    let random = Random::seeded(3);
    for round in 0..200 {
        let mut shuffled = reports.clone();
        // Some of them twice, all in a random order.
        for report in &reports {
            if random.below(3) == 0 {
                shuffled.push(report.clone());
            }
        }
        for at in (1..shuffled.len()).rev() {
            let other = usize::try_from(random.below(u64::try_from(at + 1).unwrap())).unwrap();
            shuffled.swap(at, other);
        }
        let mut balances = Balances::starting_from(&start);
        balances.symbol("ABUSDT", SymbolAssets { base: "AB".into(), quote: "USDT".into() });
        for report in &shuffled {
            balances.book_report(report).unwrap();
        }
        assert_eq!(balances.differences(&end), [], "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn j8_orders_of_other_programs_are_distinguished_by_their_ids() {
    let world = World::new().await;
    let ours = world.orders();
    let mut stream = account_stream(&world).await;
    // Another program with the same prefix, one that chooses its ids, and the exchange's own page.
    let other_client =
        WsApiClient::builder(&world.context, &environment()).credentials(alice()).connect().await.unwrap();
    let theirs = Orders::new(&other_client, &world.context, "test");
    ours.place(buy(1, 80)).await.confirmed().unwrap();
    theirs.place(buy(1, 81)).await.confirmed().unwrap();
    theirs.place(buy(1, 82).new_client_order_id("web_1")).await.confirmed().unwrap();
    let by_hand = AdminOrder::buy("ABUSDT", Decimal::ONE).at(Decimal::from(83)).by("alice");
    world.exchange.place(&by_hand).unwrap();
    let reports = reports(&mut stream).await;
    let marked: Vec<(Decimal, bool)> =
        reports.iter().map(|report| (report.price, ours.ids().is_ours(&report.client_order_id))).collect();
    let expected = [(80, true), (81, false), (82, false), (83, false)];
    assert_eq!(marked, expected.map(|(price, is_ours)| (Decimal::from(price), is_ours)));
    assert!(!ours.ids().is_ours(&ClientOrderId::new("test-")));
}
