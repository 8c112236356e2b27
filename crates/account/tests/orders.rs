//! Orders at the embedded exchange while requests, answers and connections are lost: every order ends with the outcome
//! it had. The names begin with the rows of the fault catalogue (`docs/faults.md`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use CancelReplaceResult::{Failure, NotAttempted, Success};
use binance_kit_account::spot::ReplaceOutcome;
use binance_kit_account::{AccountItem, AccountStream, Doubt, OrderAction, Outcome, Resolution};
use binance_kit_core::{Decimal, Delivery, ErrorKind};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::trade::{
    CancelHalf, CancelReplaceMode, CancelReplaceResult, CancelResult, NewOrderHalf, NewOrderResponse,
};
use binance_kit_model::spot::{
    AccountEvent, CancelReplace, NewOrder, OpenOrders, OrderEvent, OrderKey, OrderStatus,
};
use binance_kit_ws_api::SessionState;
use common::{World, drain, next};
use std::time::Duration;

fn buy(quantity: i64, price: i64) -> NewOrder {
    NewOrder::limit_buy("ABUSDT").quantity(Decimal::new(quantity, 0)).price(Decimal::new(price, 0))
}

fn unknown<A: OrderAction>(outcome: Outcome<A>) -> Doubt<A> {
    assert!(!outcome.is_definite());
    match outcome {
        Outcome::Unknown(doubt) => doubt,
        other => panic!("{other:?}"),
    }
}

async fn placed(world: &World, order: NewOrder) -> NewOrderResponse {
    let outcome = world.orders().place(order).await;
    assert!(outcome.is_definite());
    outcome.confirmed().unwrap()
}

/// The reports that come until none has come for two seconds.
async fn order_events(stream: &mut AccountStream) -> Vec<OrderEvent> {
    let mut events = Vec::new();
    for item in drain(stream).await {
        if let AccountItem::Event(change) = item
            && let AccountEvent::Order(event) = change.data
        {
            events.push(event);
        }
    }
    events
}

async fn open_orders(world: &World) -> usize {
    world.client.send(OpenOrders::new()).await.unwrap().into_value().len()
}

const HALF_A_MINUTE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn executed_requests_are_confirmed_and_refused_ones_rejected() {
    let world = World::new().await;
    let orders = world.orders();
    let order = placed(&world, buy(1, 90)).await;
    assert_eq!(order.status, Some(OrderStatus::New));
    assert!(order.client_order_id.as_str().starts_with("test-"));

    let Outcome::Rejected(refusal) = orders.place(buy(10_000, 90)).await else { panic!() };
    assert_eq!(refusal.code.0, -2010, "more than the account has");
    let Outcome::Rejected(refusal) = orders.place(NewOrder::market_buy("NONE").quantity(Decimal::ONE)).await
    else {
        panic!()
    };
    assert_eq!(refusal.code.0, -1121);

    let Outcome::Confirmed(cancelled) = orders.cancel("ABUSDT", order.order_id).await else { panic!() };
    let CancelResult::Order(cancelled) = &*cancelled else { panic!() };
    assert_eq!(cancelled.original_client_order_id, order.client_order_id);
    let again = orders.cancel("ABUSDT", OrderKey::Client(order.client_order_id)).await;
    let Outcome::Rejected(refusal) = again else { panic!() };
    assert_eq!(refusal.code.0, -2011);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_sent_is_not_sent() {
    let world = World::new().await;
    let orders = world.orders();
    // A contradiction is found before anything is sent.
    let Outcome::NotSent(error) = orders.place(buy(1, 90).stop_price(Decimal::ONE)).await else { panic!() };
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);

    world.set_offline(true);
    world.exchange.close_all_connections();
    let mut state = world.client.state();
    state.wait_for(|state| *state == SessionState::Connecting).await.unwrap();
    let outcome = orders.place(buy(1, 90)).await;
    let Outcome::NotSent(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotWritten));

    // I18: it is not sent later either.
    world.set_offline(false);
    state.wait_for(|state| matches!(state, SessionState::Connected { .. })).await.unwrap();
    tokio::time::sleep(HALF_A_MINUTE).await;
    assert_eq!(world.exchange.request_count("order.place"), 0);
}

#[tokio::test(start_paused = true)]
async fn i1_lost_before_the_answer_but_executed_is_unknown_and_found() {
    let world = World::new().await;
    world.exchange.drop_next_response("order.place");
    let orders = world.orders();
    let (outcome, ()) = tokio::join!(orders.place(buy(1, 90)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.exchange.close_all_connections();
    });
    let unknown = unknown(outcome);
    assert_eq!(unknown.request().symbol.as_str(), "ABUSDT");
    assert_eq!(unknown.error().kind(), ErrorKind::ConnectionLost);
    let resolution = orders.resolve(&unknown, HALF_A_MINUTE).await;
    let Resolution::Done(order) = resolution else { panic!("{resolution:?}") };
    assert_eq!(Some(&order.client_order_id), unknown.request().new_client_order_id.as_ref());
    assert_eq!(world.exchange.request_count("order.place"), 1, "I6: never sent twice");
    assert_eq!(open_orders(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn i1_lost_before_the_answer_and_not_executed_is_not_done_but_only_after_the_fence() {
    let world = World::new().await;
    world.exchange.drop_next_request("order.place");
    let orders = world.orders();
    let (outcome, ()) = tokio::join!(orders.place(buy(1, 90)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.exchange.close_all_connections();
    });
    let unknown = unknown(outcome);
    // I8: the receive window, ten seconds of the exchange's own, and a margin.
    let ahead = unknown.fence().since(world.exchange.now());
    assert!(ahead > Duration::from_secs(15) && ahead < Duration::from_secs(17), "{ahead:?}");
    // I7: before the fence, "no such order" is no proof.
    assert_eq!(orders.resolve(&unknown, Duration::from_secs(10)).await, Resolution::StillUnknown);
    assert!(world.exchange.now() < unknown.fence());
    let asked = world.exchange.request_count("order.status");
    assert!(asked > 5, "{asked}");
    assert_eq!(orders.resolve(&unknown, HALF_A_MINUTE).await, Resolution::NotDone(None));
    let late = world.exchange.now().since(unknown.fence());
    assert!(world.exchange.now() > unknown.fence() && late < Duration::from_secs(5), "{late:?}");
    assert_eq!(world.exchange.request_count("order.place"), 1, "I6: never sent twice");
    assert_eq!(open_orders(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn i7_an_order_that_is_visible_late_is_found() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_response("order.place");
    let unknown = unknown(orders.place(buy(1, 90)).await);
    for _ in 0..4 {
        world.exchange.fail_next_request(
            "order.status",
            400,
            r#"{"code":-2013,"msg":"Order does not exist."}"#,
        );
    }
    let resolution = orders.resolve(&unknown, HALF_A_MINUTE).await;
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
    assert_eq!(world.exchange.request_count("order.status"), 5);
}

#[tokio::test(start_paused = true)]
async fn i1_the_fence_waits_for_a_longer_receive_window() {
    let world = World::new().await;
    world.exchange.drop_next_request("order.place");
    let orders = world.orders().recv_window(Duration::from_secs(60));
    let unknown = unknown(orders.place(buy(1, 90)).await);
    assert_eq!(unknown.error().kind(), ErrorKind::Timeout);
    assert!(unknown.fence().since(world.exchange.now()) > Duration::from_secs(70));
}

#[tokio::test(start_paused = true)]
async fn i3_a_timeout_inside_the_exchange_is_unknown_and_found() {
    let world = World::new().await;
    let orders = world.orders();
    for (status, code) in [(504, -1007), (500, -1006), (503, -1000)] {
        let body = format!(r#"{{"code":{code},"msg":"Timeout waiting for response from backend server."}}"#);
        world.exchange.fail_next_response("order.place", status, &body);
        let unknown = unknown(orders.place(buy(1, 90)).await);
        assert_eq!(unknown.error().api_error().unwrap().code.0, code);
        let Resolution::Done(order) = orders.resolve(&unknown, HALF_A_MINUTE).await else { panic!() };
        assert_eq!(order.status, OrderStatus::New);
    }
    assert_eq!(world.exchange.request_count("order.place"), 3);
    assert_eq!(open_orders(&world).await, 3);
}

#[tokio::test(start_paused = true)]
async fn i3_the_accounts_own_events_settle_an_unknown_order_without_asking() {
    let world = World::new().await;
    let orders = world.orders();
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
    let other = placed(&world, buy(1, 80)).await;
    world.exchange.drop_next_response("order.place");
    let placing = unknown(orders.place(buy(1, 90)).await);
    let mut settled = Vec::new();
    let mut id = None;
    for event in order_events(&mut stream).await {
        settled.push(placing.is_settled_by(&AccountEvent::Order(event.clone())));
        let mut elsewhere = event.clone();
        elsewhere.symbol = "CDUSDT".into();
        assert!(!placing.is_settled_by(&AccountEvent::Order(elsewhere)), "ids are per symbol");
        id = Some(event.order_id);
    }
    assert_eq!(settled, [false, true]);

    // A cancellation: a report of the open order settles nothing, that of its end does.
    world.exchange.drop_next_response("order.cancel");
    let cancelling = unknown(orders.cancel("ABUSDT", id.unwrap()).await);
    assert!(orders.cancel("ABUSDT", other.order_id).await.is_definite());
    let mut settled = Vec::new();
    for event in order_events(&mut stream).await {
        let mut open = event.clone();
        open.order_status = OrderStatus::New;
        let mut elsewhere = event.clone();
        elsewhere.symbol = "CDUSDT".into();
        assert!(!cancelling.is_settled_by(&AccountEvent::Order(elsewhere)), "ids are per symbol");
        let settles = |event| cancelling.is_settled_by(&AccountEvent::Order(event));
        settled.push((settles(open), settles(event)));
    }
    assert_eq!(settled, [(false, true), (false, false)]);
}

#[tokio::test(start_paused = true)]
async fn i17_an_unknown_cancellation_is_asked_for_until_it_cannot_come_any_more() {
    let world = World::new().await;
    let orders = world.orders();
    // Executed: the order says so at once.
    let order = placed(&world, buy(1, 90)).await;
    world.exchange.drop_next_response("order.cancel");
    let executed = unknown(orders.cancel("ABUSDT", OrderKey::Client(order.client_order_id)).await);
    let before = world.exchange.now();
    let Resolution::Done(found) = orders.resolve(&executed, HALF_A_MINUTE).await else { panic!() };
    assert_eq!(found.status, OrderStatus::Canceled);
    assert!(world.exchange.now().since(before) < Duration::from_secs(1));

    // Not executed: an open order proves that only after the fence.
    let order = placed(&world, buy(1, 90)).await;
    world.exchange.drop_next_request("order.cancel");
    let not = unknown(orders.cancel("ABUSDT", order.order_id).await);
    assert_eq!(orders.resolve(&not, Duration::from_secs(5)).await, Resolution::StillUnknown);
    let Resolution::NotDone(Some(found)) = orders.resolve(&not, HALF_A_MINUTE).await else { panic!() };
    assert_eq!((found.status, found.order_id), (OrderStatus::New, order.order_id));
    assert!(world.exchange.now() > not.fence());
    assert_eq!(world.exchange.request_count("order.cancel"), 2, "never sent twice");
}

#[tokio::test(start_paused = true)]
async fn i6_k4_an_order_is_written_once_whatever_its_caller_does() {
    let world = World::new().await;
    let orders = world.orders();
    // Dropped before it was written: taken back.
    drop(orders.place(buy(1, 90)));
    {
        let place = orders.place(buy(2, 90));
        tokio::pin!(place);
        // One poll hands it to the task, which does not run in between.
        assert!(Future::poll(place.as_mut(), &mut noop_context()).is_pending());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.exchange.request_count("order.place"), 0);
    // Dropped after it was written: it is with the exchange, once.
    world.exchange.delay_next_response("order.place", Duration::from_secs(5));
    assert!(tokio::time::timeout(Duration::from_secs(1), orders.place(buy(3, 90))).await.is_err());
    // Connections come and go; nothing is sent again.
    for _ in 0..3 {
        world.exchange.close_all_connections();
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(world.exchange.request_count("order.place"), 1);
    assert_eq!(open_orders(&world).await, 1);
}

fn noop_context() -> std::task::Context<'static> {
    std::task::Context::from_waker(std::task::Waker::noop())
}

#[tokio::test(start_paused = true)]
async fn a_doubt_resolves_itself_until_the_outcome_is_definite() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_response("order.place");
    let done = unknown(orders.place(buy(1, 90)).await);
    world.exchange.drop_next_request("order.place");
    let not_done = unknown(orders.place(buy(1, 90)).await);
    // It needs no `Orders` at hand.
    drop(orders);
    let Resolution::Done(order) = done.resolve().await else { panic!() };
    assert_eq!(order.status, OrderStatus::New);
    // Not to be found out in two seconds, nor in two minutes without a connection; then it is.
    assert_eq!(not_done.resolve_within(Duration::from_secs(2)).await, Resolution::StillUnknown);
    world.set_offline(true);
    world.exchange.close_all_connections();
    let (resolution, ()) = tokio::join!(not_done.resolve(), async {
        tokio::time::sleep(Duration::from_secs(120)).await;
        world.set_offline(false);
    });
    assert_eq!(resolution, Resolution::NotDone(None));
    assert_eq!(world.exchange.request_count("order.place"), 2, "never sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_doubt_ends_with_its_client() {
    let world = World::new().await;
    world.exchange.drop_next_request("order.place");
    let doubt = unknown(world.orders().place(buy(1, 90)).await);
    let (resolution, ()) = tokio::join!(doubt.resolve(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.client.close().await;
    });
    assert_eq!(resolution, Resolution::StillUnknown);
}

#[tokio::test(start_paused = true)]
async fn i8_one_answer_after_the_fence_is_no_proof() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_request("order.place");
    let doubt = unknown(orders.place(buy(1, 90)).await);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(world.exchange.now() > doubt.fence());
    let before = world.exchange.request_count("order.status");
    assert_eq!(orders.resolve(&doubt, HALF_A_MINUTE).await, Resolution::NotDone(None));
    assert_eq!(world.exchange.request_count("order.status") - before, 2);
    // One that is asked before the fence and answered after it does not count either.
    world.exchange.drop_next_request("order.place");
    let doubt = unknown(orders.place(buy(1, 90)).await);
    let until_fence = doubt.fence().since(world.exchange.now());
    tokio::time::sleep(until_fence.saturating_sub(Duration::from_secs(1))).await;
    world.exchange.delay_next_response("order.status", Duration::from_secs(3));
    let before = world.exchange.request_count("order.status");
    assert_eq!(orders.resolve(&doubt, HALF_A_MINUTE).await, Resolution::NotDone(None));
    assert_eq!(world.exchange.request_count("order.status") - before, 3);
}

#[tokio::test(start_paused = true)]
async fn a_found_order_counts_only_if_it_can_be_the_one_asked_for() {
    let world = World::new().await;
    let orders = world.orders();
    world.bob(false, 10, 100);
    let order = |quantity| {
        NewOrder::market_buy("ABUSDT").quantity(Decimal::new(quantity, 0)).new_client_order_id("grid-17")
    };
    // The id is used again once its order is filled, which the exchange allows; the second order is lost on the way.
    let first = placed(&world, order(1)).await;
    assert_eq!(first.status, Some(OrderStatus::Filled));
    world.exchange.drop_next_request("order.place");
    let doubt = unknown(orders.place(order(2)).await);
    assert_eq!(doubt.resolve().await, Resolution::NotDone(None), "another quantity");
    // The same terms, but filled long before.
    world.exchange.drop_next_request("order.place");
    let doubt = unknown(orders.place(order(1)).await);
    assert_eq!(doubt.resolve().await, Resolution::NotDone(None), "made before it was sent");
    // The one that was asked for.
    world.exchange.drop_next_response("order.place");
    let doubt = unknown(orders.place(order(1)).await);
    let Resolution::Done(found) = doubt.resolve().await else { panic!() };
    assert!(found.order_id > first.order_id);
    assert_eq!(world.exchange.request_count("order.place"), 4, "never sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_came_too_late_is_not_done() {
    let world = World::new().await;
    let orders = world.orders();
    let order = placed(&world, buy(1, 90)).await;
    world.exchange.drop_next_request("order.cancel");
    let doubt = unknown(orders.cancel("ABUSDT", order.order_id).await);
    world.bob(false, 1, 90);
    let before = world.exchange.now();
    let Resolution::NotDone(Some(found)) = doubt.resolve().await else { panic!() };
    assert_eq!(found.status, OrderStatus::Filled);
    assert!(
        world.exchange.now().since(before) < Duration::from_secs(1),
        "it is over, so there is nothing to wait for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_later_order_of_the_same_id_does_not_hide_the_cancelled_one() {
    let world = World::new().await;
    let orders = world.orders();
    let order = |price| buy(1, price).new_client_order_id("grid-17");
    let first = placed(&world, order(90)).await;
    world.exchange.drop_next_response("order.cancel");
    let cancelled = unknown(orders.cancel("ABUSDT", OrderKey::Client("grid-17".into())).await);
    // Its id is free again, and used again.
    let second = placed(&world, order(91)).await;
    let Resolution::Done(found) = cancelled.resolve().await else { panic!() };
    assert_eq!((found.order_id, found.status), (first.order_id, OrderStatus::Canceled));
    assert!(second.order_id > first.order_id);
    assert_eq!(open_orders(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn i16_a_replacement_may_take_the_id_of_the_order_it_replaces() {
    let world = World::new().await;
    let orders = world.orders();
    let order = |price| buy(1, price).new_client_order_id("grid-17");
    for key_is_client in [true, false] {
        let first = placed(&world, order(90)).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let key = if key_is_client { OrderKey::Client("grid-17".into()) } else { first.order_id.into() };
        let request = || CancelReplace::new(order(91), CancelReplaceMode::StopOnFailure, key.clone());
        // Not executed: what is found under the id is the old order.
        world.exchange.drop_next_request("order.cancelReplace");
        let ReplaceOutcome::Whole(outcome) = orders.cancel_replace(request()).await else { panic!() };
        let Resolution::NotDone(Some(found)) = unknown(outcome).resolve().await else { panic!() };
        assert_eq!(found.placed, None);
        assert_eq!(found.replaced.unwrap().order_id, first.order_id);
        // Executed: it is the new one.
        world.exchange.drop_next_response("order.cancelReplace");
        let ReplaceOutcome::Whole(outcome) = orders.cancel_replace(request()).await else { panic!() };
        let Resolution::Done(found) = unknown(outcome).resolve().await else { panic!() };
        let new = found.placed.unwrap();
        assert!(new.order_id > first.order_id && new.price == Decimal::new(91, 0));
        if let Some(replaced) = found.replaced {
            assert_eq!((replaced.order_id, replaced.status), (first.order_id, OrderStatus::Canceled));
        }
        assert!(orders.cancel("ABUSDT", new.order_id).await.is_definite());
    }
    // With the same terms at once, the id of the exchange still distinguishes them.
    let first = placed(&world, order(90)).await;
    world.exchange.drop_next_request("order.cancelReplace");
    let request = CancelReplace::new(order(90), CancelReplaceMode::StopOnFailure, first.order_id);
    let ReplaceOutcome::Whole(outcome) = orders.cancel_replace(request).await else { panic!() };
    let Resolution::NotDone(Some(found)) = unknown(outcome).resolve().await else { panic!() };
    assert_eq!((found.placed, found.replaced.unwrap().order_id), (None, first.order_id));
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_cloned_and_displayed() {
    let world = World::new().await;
    let orders = world.orders();
    let confirmed = orders.place(buy(1, 90)).await.clone();
    assert_eq!(confirmed.to_string(), "confirmed");
    let rejected = orders.place(buy(10_000, 90)).await.clone();
    let text = rejected.to_string();
    assert!(text.starts_with("rejected: ") && text.contains("-2010"), "{text}");
    let not_sent = orders.place(buy(1, 90).stop_price(Decimal::ONE)).await.clone();
    assert!(not_sent.to_string().starts_with("not sent: order.place: invalid request"), "{not_sent}");
    world.exchange.drop_next_request("order.place");
    let unknown = orders.place(buy(1, 90)).await.clone();
    assert!(unknown.to_string().starts_with("unknown: order.place: deadline passed"), "{unknown}");
}

#[tokio::test(start_paused = true)]
async fn resolve_asks_on_while_the_connection_is_away() {
    let world = World::new().await;
    let orders = world.orders();
    world.exchange.drop_next_response("order.place");
    let (outcome, ()) = tokio::join!(orders.place(buy(1, 90)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.set_offline(true);
        world.exchange.close_all_connections();
    });
    let unknown = unknown(outcome);
    let (resolution, ()) = tokio::join!(orders.resolve(&unknown, Duration::from_secs(120)), async {
        tokio::time::sleep(Duration::from_secs(40)).await;
        world.set_offline(false);
    });
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
}

/// The four combinations of I16.
#[tokio::test(start_paused = true)]
async fn i16_both_halves_of_a_cancel_replace_have_outcomes_of_their_own() {
    let world = World::new().await;
    let orders = world.orders();
    let too_much = buy(10_000, 90);
    let missing = || OrderKey::Client("none".into());
    let (stop, allow) = (CancelReplaceMode::StopOnFailure, CancelReplaceMode::AllowFailure);
    let replace = async |order: NewOrder, mode: &CancelReplaceMode, cancel: OrderKey| match orders
        .cancel_replace(CancelReplace::new(order, mode.clone(), cancel))
        .await
    {
        ReplaceOutcome::Answered { answer, .. } => answer,
        other => panic!("{other:?}"),
    };

    let first = placed(&world, buy(1, 90)).await;
    let answer = replace(buy(1, 91), &stop, first.order_id.into()).await;
    assert_eq!((answer.cancel_result, answer.new_order_result), (Success, Success));
    let NewOrderHalf::Placed(second) = answer.new_order_response else { panic!() };
    assert!(orders.ids().is_ours(&second.client_order_id), "it got an id");

    let answer = replace(too_much.clone(), &stop, second.order_id.into()).await;
    assert_eq!((answer.cancel_result, answer.new_order_result), (Success, Failure));
    let NewOrderHalf::Refused(refusal) = answer.new_order_response else { panic!() };
    assert_eq!(refusal.code.0, -2010);

    let answer = replace(buy(1, 92), &allow, missing()).await;
    assert_eq!((answer.cancel_result, answer.new_order_result), (Failure, Success));
    let CancelHalf::Refused(refusal) = answer.cancel_response else { panic!() };
    assert_eq!(refusal.code.0, -2011);

    let answer = replace(buy(1, 93), &stop, missing()).await;
    assert_eq!((answer.cancel_result, answer.new_order_result), (Failure, NotAttempted));
    assert_eq!(answer.new_order_response, NewOrderHalf::NotAttempted);

    let answer = replace(too_much, &allow, missing()).await;
    assert_eq!((answer.cancel_result, answer.new_order_result), (Failure, Failure));

    assert_eq!(open_orders(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn i16_each_outcome_of_a_cancel_replace_has_the_id_of_its_request() {
    let world = World::new().await;
    let orders = world.orders();
    let first = placed(&world, buy(1, 90)).await;
    let replace = async |symbol: &str, quantity: i64| {
        let order = NewOrder::limit(symbol, OrderSide::Buy).quantity(quantity).price(91);
        let request = CancelReplace::new(order, CancelReplaceMode::StopOnFailure, first.order_id);
        orders.cancel_replace(request).await
    };
    let mut before = 0;
    let mut later = |outcome: &ReplaceOutcome| {
        let id = outcome.id().unwrap();
        assert!(id > before, "{outcome}");
        before = id;
    };
    // The whole refused, one half refused, the answer lost, both halves done.
    let outcome = replace("NONE", 1).await;
    assert!(matches!(outcome, ReplaceOutcome::Whole(Outcome::Rejected(_))), "{outcome}");
    later(&outcome);
    let outcome = replace("ABUSDT", 10_000).await;
    assert!(matches!(outcome, ReplaceOutcome::Answered { .. }), "{outcome}");
    later(&outcome);
    world.exchange.drop_next_request("order.cancelReplace");
    let outcome = replace("ABUSDT", 1).await;
    assert!(matches!(outcome, ReplaceOutcome::Whole(Outcome::Unknown(_))), "{outcome}");
    later(&outcome);
    let first = placed(&world, buy(1, 90)).await;
    let order = buy(1, 91);
    let outcome = orders
        .cancel_replace(CancelReplace::new(order, CancelReplaceMode::StopOnFailure, first.order_id))
        .await;
    assert!(matches!(outcome, ReplaceOutcome::Answered { .. }), "{outcome}");
    later(&outcome);
}

#[tokio::test(start_paused = true)]
async fn i16_a_cancel_replace_can_be_rejected_as_a_whole_or_unknown() {
    let world = World::new().await;
    let orders = world.orders();
    let first = placed(&world, buy(1, 90)).await;
    let request = |symbol: &str| {
        let order = NewOrder::limit(symbol, OrderSide::Buy).quantity(Decimal::ONE).price(Decimal::new(91, 0));
        CancelReplace::new(order, CancelReplaceMode::StopOnFailure, first.order_id)
    };
    let outcome = orders.cancel_replace(request("NONE")).await;
    let ReplaceOutcome::Whole(Outcome::Rejected(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal.code.0, -1121);

    world.exchange.drop_next_response("order.cancelReplace");
    let outcome = orders.cancel_replace(request("ABUSDT")).await;
    let ReplaceOutcome::Whole(Outcome::Unknown(unknown)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(unknown.request().cancel, first.order_id.into());
    let Resolution::Done(found) = orders.resolve(&unknown, HALF_A_MINUTE).await else { panic!() };
    assert_eq!(found.placed.unwrap().price, Decimal::new(91, 0));
    assert_eq!(found.replaced.unwrap().status, OrderStatus::Canceled);
    assert_eq!(open_orders(&world).await, 1);
}
