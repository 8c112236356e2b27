//! Requests, orders and the account without async, and the items of callbacks beside events.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::account::{AccountItem, Resolution};
use binance_kit::blocking::{self, BlockingError};
use binance_kit::common::KlineInterval;
use binance_kit::core::product::Usdm;
use binance_kit::core::{HttpMethod, Security};
use binance_kit::sim::Fault;
use binance_kit::spot::trade::{AmendKeepPriority, CancelReplaceMode};
use binance_kit::spot::{self, AccountEvent, NewOrder, OrderEvent, OrderListOco, TradeEvent};
use binance_kit::stream::{Item, Overflow};
use binance_kit::ws_api::{SessionState, UserDataItem};
use binance_kit::{Api, Binance, Decimal, ErrorKind, RawWsRequest, Topic, dec};
use common::Served;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Longer than anything here takes; only a failure waits for it.
const LONG: Duration = Duration::from_secs(20);

fn client(served: &Served) -> blocking::Binance {
    blocking::Binance::new(served.binance.clone()).unwrap()
}

/// What the client behind a blocking call failed with.
#[track_caller]
fn failure<T>(result: Result<T, BlockingError>) -> binance_kit::Error {
    match result {
        Err(BlockingError::Client(error)) => error,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it did not fail"),
    }
}

/// A market order of a thousandth.
fn market_buy() -> NewOrder {
    NewOrder::market_buy("BTCUSDT").quantity(dec!(0.001))
}

/// An order that stays open: its price is a tenth below the best bid, in whole numbers.
fn resting(binance: &blocking::Binance) -> NewOrder {
    let book = binance.rest().send(spot::Depth::new("BTCUSDT").limit(5)).unwrap();
    let price = (book.bids[0].price * dec!(0.9)).trunc();
    NewOrder::limit_buy("BTCUSDT").quantity(dec!(0.001)).price(price)
}

#[test]
fn requests_over_rest_wait_for_their_answers() {
    let served = Served::start();
    let binance = client(&served);
    let rest = binance.rest();
    let klines = rest.send(spot::Klines::new("BTCUSDT", KlineInterval::Second1).limit(5)).unwrap();
    assert!((1..=5).contains(&klines.len()));
    assert!(!rest.send(spot::Account::new()).unwrap().balances.is_empty());
    let error = rest.send(spot::Depth::new("NONE")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /api/v3/depth: rejected by the exchange (status 400): -1121 Invalid symbol."
    );
    assert_eq!(failure::<()>(Err(error)).code().unwrap().0, -1121);
    let nonsense = Topic::<TradeEvent>::raw(Api::Spot, "nonsense");
    assert_eq!(failure(binance.subscribe([nonsense])).kind(), ErrorKind::InvalidSubscription);
    assert_eq!(binance.rules("BTCUSDT").unwrap().symbol(), "BTCUSDT");
    assert!(rest.sync_time(Api::Spot).unwrap().abs() < 1_000_000, "both have the clock of this machine");
    let raw = rest.raw::<Vec<(u64, String)>>(Api::Spot, HttpMethod::Get, "/api/v3/klines");
    assert_eq!(
        raw.param("symbol", "BTCUSDT").send().unwrap_err().to_string().split(':').next(),
        Some("GET /api/v3/klines")
    );
    let raw = rest.raw::<std::collections::HashMap<String, u64>>(Api::Spot, HttpMethod::Get, "/api/v3/time");
    assert!(raw.send().unwrap()["serverTime"] > 0);
    assert_eq!(rest.close_within(LONG).unwrap(), 0);
    assert_eq!(failure(rest.send(spot::general::Ping::new())).kind(), ErrorKind::Closed);
}

#[test]
fn lists_in_pages_are_iterators() {
    let served = Served::start();
    let rest = client(&served).rest();
    for _ in 0..5 {
        rest.send(market_buy()).unwrap();
    }
    let history = || spot::MyTrades::new("BTCUSDT").limit(2).history().backwards();
    let whole = rest.send(spot::MyTrades::new("BTCUSDT").limit(1000)).unwrap().into_value();
    assert!(whole.len() >= 5, "{}", whole.len());
    let mut items = rest.items(history());
    let newest: Vec<_> = items.by_ref().take(3).map(Result::unwrap).collect();
    assert!(whole.iter().rev().take(3).eq(&newest));
    let resumed = history().resume(&items.cursor()).unwrap();
    let next = rest.items(resumed).next().unwrap().unwrap();
    assert_eq!(Some(&next), whole.iter().rev().nth(3));
    let mut pages = rest.pages(history());
    assert!(whole.iter().rev().take(2).eq(&pages.next().unwrap().unwrap()));
    let resumed = history().resume(&pages.cursor()).unwrap();
    assert_eq!(rest.items(resumed).next().unwrap().unwrap(), newest[2]);
    let refused = rest.items(spot::AggTrades::new("NOTHING").history()).next().unwrap();
    assert_eq!(failure(refused).code().unwrap().0, -1121);
}

#[test]
fn requests_of_several_threads_share_one_connection_to_the_ws_api() {
    let served = Served::start();
    let binance = client(&served);
    let ws_api = binance.ws_api().unwrap();
    // Answers come in another order than the requests.
    served.exchange.inject(Fault::delay_response(Duration::from_millis(200)).on_request("depth"));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let ws_api = ws_api.clone();
            std::thread::spawn(move || match number {
                0 => !ws_api.send(spot::Depth::new("BTCUSDT").limit(5)).unwrap().bids.is_empty(),
                1 => ws_api.send(spot::general::Time::new()).unwrap().server_time.as_millis() > 0,
                2 => ws_api.send(spot::market::AvgPrice::new("ETHUSDT")).unwrap().price > Decimal::ZERO,
                _ => !ws_api.send(spot::Account::new()).unwrap().balances.is_empty(),
            })
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    assert_eq!(served.exchange.counts().connections_open, 1, "{:?}", served.exchange.counts());
    assert_eq!(failure(ws_api.send(spot::Depth::new("NONE"))).code().unwrap().0, -1121);
    // An HMAC key cannot log on.
    assert!(ws_api.log_on().is_err() && ws_api.state() != SessionState::Closed);
    assert_eq!(ws_api.close_within(LONG).unwrap(), 0);
    assert_eq!(
        (ws_api.state(), failure(ws_api.send(spot::general::Ping::new())).kind()),
        (SessionState::Closed, ErrorKind::Closed)
    );
    // Asked for again, it is a new connection.
    assert!(binance.ws_api().unwrap().send(spot::general::Ping::new()).is_ok());
    assert_eq!(failure(binance.ws_api_of::<Usdm>()).kind(), ErrorKind::NotOffered);
    let raw: RawWsRequest<std::collections::HashMap<String, u64>> =
        RawWsRequest::new("time", Security::None).query();
    assert!(binance.ws_api().unwrap().send(raw).unwrap().0["serverTime"] > 0);
    assert_eq!(binance.shutdown(LONG).unwrap(), 0);
}

#[test]
fn a_connection_of_the_ws_api_that_is_lost_comes_back() {
    let served = Served::start();
    let ws_api = client(&served).ws_api().unwrap();
    let mut events = ws_api.subscribe_user_data::<AccountEvent>().unwrap();
    assert!(matches!(events.next(), Some(UserDataItem::Subscribed)));
    served.exchange.close_all_connections();
    assert!(matches!(events.next_timeout(LONG), Some(UserDataItem::Interrupted)));
    assert!(matches!(events.next_timeout(LONG), Some(UserDataItem::Subscribed)));
    assert!(events.next_timeout(Duration::ZERO).is_none() && !events.is_overflowed());
    served.exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
    assert!(matches!(events.next_timeout(LONG), Some(UserDataItem::Event { .. })));
    events.unsubscribe().unwrap();
    assert!(ws_api.send(spot::general::Ping::new()).is_ok());
}

#[test]
fn orders_have_outcomes_without_async() {
    let served = Served::start();
    let binance = client(&served);
    let orders = binance.orders().unwrap().recv_window(Duration::from_secs(4));
    assert!(orders.place(market_buy()).unwrap().confirmed().is_some());
    let open = orders.place(resting(&binance)).unwrap().confirmed().unwrap();
    let amended = orders.amend(AmendKeepPriority::new("BTCUSDT", open.order_id, dec!(0.0009))).unwrap();
    assert!(amended.is_definite(), "{amended}");
    let replaced = orders
        .cancel_replace(resting(&binance).in_place_of(open.order_id, CancelReplaceMode::StopOnFailure))
        .unwrap();
    assert_eq!(replaced.to_string(), "cancellation SUCCESS, new order SUCCESS");
    let second = orders.place(resting(&binance)).unwrap().confirmed().unwrap();
    assert!(orders.cancel("BTCUSDT", second.order_id).unwrap().confirmed().is_some());
    assert!(orders.cancel_all("BTCUSDT").unwrap().confirmed().is_some());
    let rejected = orders.cancel_all("BTCUSDT").unwrap();
    assert!(rejected.is_definite() && rejected.confirmed().is_none(), "nothing is open");

    let ask = binance.rest().send(spot::Depth::new("BTCUSDT").limit(5)).unwrap().asks[0].price;
    let (above, below) = ((ask * dec!(1.1)).trunc(), (ask * dec!(0.9)).trunc());
    let list = OrderListOco::sell("BTCUSDT", dec!(0.001)).above_limit_maker(above).below_stop_loss(below);
    let list = orders.place_oco(list).unwrap().confirmed().unwrap();
    assert!(orders.cancel_list("BTCUSDT", list.order_list_id).unwrap().confirmed().is_some());
}

#[test]
fn i1_an_unknown_outcome_is_resolved_without_async() {
    let served = Served::start();
    let binance = Binance::builder()
        .environment(common::loopback(&served.exchange))
        .credentials(common::hmac())
        .ws_api(binance_kit::ws_api::WsApiConfig {
            timeout: Duration::from_millis(500),
            ..Default::default()
        })
        .build()
        .unwrap();
    let orders = blocking::Binance::new(binance).unwrap().orders().unwrap();
    served.exchange.inject(Fault::lose_response().on_request("order.place").once());
    let doubt = orders.place(market_buy()).unwrap().doubt().unwrap();
    let Resolution::Done(order) = orders.resolve_within(&doubt, LONG).unwrap() else { panic!("{doubt}") };
    assert_eq!(Some(&order.client_order_id), doubt.request().new_client_order_id.as_ref());
    assert_eq!(orders.resolve(&doubt).unwrap(), Resolution::Done(order));
    assert_eq!(served.exchange.account("alice").unwrap().orders().len(), 1, "asked, not sent again");
}

#[test]
fn the_account_is_an_iterator_with_a_snapshot_first() {
    let served = Served::start();
    let binance = client(&served);
    let mut account = binance.account().unwrap();
    assert!(account.snapshot().is_none());
    assert!(matches!(account.next(), Some(AccountItem::Snapshot(_))));
    assert!(account.snapshot().is_some());
    assert!(account.next_timeout(Duration::ZERO).is_none());
    served.exchange.close_all_connections();
    assert!(matches!(account.next_timeout(LONG), Some(AccountItem::Interrupted)));
    assert!(matches!(account.next_timeout(LONG), Some(AccountItem::Snapshot(_))));
    assert!(binance.orders().unwrap().place(market_buy()).unwrap().confirmed().is_some());
    assert!(!account.is_overflowed() && account.unreadable() == 0);
    let mut events = account.events();
    let change = events.next_timeout(LONG).unwrap().unwrap();
    let AccountEvent::Order(OrderEvent { symbol, .. }) = &change.data else { panic!("{change:?}") };
    assert_eq!(symbol, "BTCUSDT");
    assert!(events.next().unwrap().is_ok() && events.snapshot().is_some());
    // With the client they end.
    binance.shutdown(LONG).unwrap();
    assert!(events.by_ref().all(|change| change.is_ok()));
    let keyless = Binance::builder().environment(common::loopback(&served.exchange)).build().unwrap();
    let keyless = blocking::Binance::new(keyless).unwrap();
    assert_eq!(failure(keyless.account()).kind(), ErrorKind::MissingCredentials);
    assert_eq!(failure(keyless.orders()).kind(), ErrorKind::MissingCredentials);
}

#[test]
fn a_callback_sees_gaps_in_items_of_its_kind() {
    let served = Served::start();
    let sockets = client(&served).callbacks().unwrap();
    served.exchange.inject(Fault::gap().on_stream("btcusdt@trade").after(2).times(3));
    let (sender, receiver) = channel();
    sockets
        .start_trade_socket("BTCUSDT", move |item: Item<TradeEvent>| {
            let _ = sender.send(match item {
                Item::Gap(gap) => Err(gap.to_string()),
                Item::Event(trade) => Ok(Some(trade.trade_id)),
                _ => Ok(None),
            });
        })
        .unwrap();
    let (mut last, mut gap) = (None, None);
    let next = loop {
        match receiver.recv_timeout(LONG).unwrap() {
            Ok(Some(id)) if gap.is_some() => break id,
            Ok(Some(id)) => last = Some(id),
            Ok(None) => {}
            Err(text) => gap = Some(text),
        }
    };
    let last = last.unwrap();
    assert_eq!(next.get(), last.get() + 4, "{gap:?}");
    let gap = gap.unwrap();
    assert!(gap.contains(&(last.get() + 1).to_string()) && gap.contains("btcusdt@trade"), "{gap}");
}

#[test]
fn the_queue_of_callbacks_can_be_set_and_losses_are_counted() {
    let served = Served::start();
    let sockets = client(&served).callbacks().unwrap().queue(2).overflow(Overflow::DropOldest);
    let (sender, receiver) = channel();
    let (go_on, waits) = channel::<()>();
    sockets
        .start_trade_socket("BTCUSDT", move |item: Item<TradeEvent>| {
            let is_event = matches!(item, Item::Event(_));
            let _ = sender.send(item);
            // As a function that is too slow for the queue.
            let _ = is_event.then(|| waits.recv_timeout(LONG));
        })
        .unwrap();
    let next = || receiver.recv_timeout(LONG).unwrap();
    let first = loop {
        if let Item::Event(trade) = next() {
            break trade.trade_id.get();
        }
    };
    // More than the queue holds arrive while the function is busy.
    let enough = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        binance_trades(&served) > first + 10
    });
    assert!(enough, "the market moves");
    drop(go_on);
    let (mut lost, mut others) = (0, 0);
    let next_id = loop {
        match next() {
            Item::Lagged(lagged) => lost += lagged.count,
            Item::Event(trade) if lost > 0 => break trade.trade_id.get(),
            Item::Event(_) => others += 1,
            _ => {}
        }
    };
    assert_eq!(next_id, first + lost + others + 1, "what was not seen is counted");
}

/// The id of the newest trade.
fn binance_trades(served: &Served) -> u64 {
    let trades = client(served).rest().send(spot::Trades::new("BTCUSDT").limit(1)).unwrap();
    trades[0].trade_id.get()
}
