//! Each layer through the facade, against the embedded exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::account::{AccountItem, AccountStream, Orders};
use binance_kit::common::KlineInterval;
use binance_kit::core::product::Spot;
use binance_kit::core::{HttpMethod, RestRequest, Security, WsRequest};
use binance_kit::rest::RestClient;
use binance_kit::sim::Exchange;
use binance_kit::spot::{self, AccountEvent, MarketEvent, NewOrder, OrderKey, OrderStatus};
use binance_kit::stream::Item;
use binance_kit::ws_api::{SessionState, WsApiClient};
use binance_kit::{Api, Binance, Decimal, MixedTopic, RawRequest, RawWsRequest};
use common::{World, topics};
use std::fmt::Debug;

#[tokio::test]
async fn a_simulated_exchange_serves_every_layer_over_tcp() {
    let exchange = Exchange::builder().seed(7).start().await.unwrap();
    let binance = Binance::builder()
        .environment(common::loopback(&exchange))
        .credentials(common::ed25519(&exchange))
        .build()
        .unwrap();

    let rest = binance.rest();
    let information = rest.send(spot::ExchangeInfo::of("BTCUSDT")).await.unwrap();
    assert_eq!(information.symbols[0].symbol.as_str(), "BTCUSDT");

    let topics: [MixedTopic<MarketEvent>; 2] =
        [spot::stream::trade("BTCUSDT").into(), spot::stream::book_ticker("ETHUSDT").into()];
    let mut events = binance.subscribe(topics).await.unwrap();
    let mut kinds = [false, false];
    while kinds != [true, true] {
        match events.next_event().await.unwrap().unwrap().data {
            MarketEvent::Trade(_) => kinds[0] = true,
            MarketEvent::BookTicker(_) => kinds[1] = true,
            other => panic!("{other:?}"),
        }
    }

    let books = binance.books(["BTCUSDT"]).await.unwrap();
    let best = books.synced("BTCUSDT").await.unwrap().best().unwrap();
    assert!(best.bid.price < best.ask.price);

    let ws_api = binance.ws_api().await.unwrap();
    assert!(matches!(*ws_api.state().borrow(), SessionState::Connected { authenticated: true, .. }));
    ws_api.send(spot::general::Ping::new()).await.unwrap();

    let mut account = binance.account().await.unwrap();
    assert!(matches!(account.next().await, Some(AccountItem::Snapshot(_))));
    let orders = binance.orders().await.unwrap();
    let order = NewOrder::market_buy("BTCUSDT").quote_order_quantity(Decimal::new(100, 0));
    let placed = orders.place(order).await.confirmed().unwrap();
    assert_eq!(placed.status, Some(OrderStatus::Filled));
    loop {
        if let AccountItem::Event(change) = account.next().await.unwrap()
            && let AccountEvent::Order(report) = &change.data
        {
            assert_eq!(report.client_order_id, placed.client_order_id);
            break;
        }
    }
    books.stop().await;
    events.close().await;
    ws_api.close().await;
    exchange.shutdown().await;
}

/// Sends a request both ways.
async fn same<R>(rest: &RestClient, ws_api: &WsApiClient, request: R)
where
    R: RestRequest + WsRequest<Product = Spot> + Clone + Debug,
    R::Response: PartialEq + Debug,
{
    let one = rest.send(request.clone()).await.unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
    let other = ws_api.send(request.clone()).await.unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
    assert_eq!(one.into_value(), other.into_value(), "{request:?}");
}

#[tokio::test(start_paused = true)]
async fn one_request_has_one_answer_over_rest_and_the_websocket_api() {
    let world = World::new().await;
    let binance = world.with(common::hmac());
    let (rest, ws_api) = (binance.rest(), binance.ws_api().await.unwrap());
    // Something to report: a moment of market, an order that was filled and one that is open.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    rest.send(NewOrder::market_buy("BTCUSDT").quantity(Decimal::new(1, 3))).await.unwrap();
    let low = world.exchange.order_book("BTCUSDT").unwrap().bids[0].0 * Decimal::new(9, 1);
    let open = NewOrder::limit_buy("BTCUSDT").quantity(Decimal::new(1, 3)).price(low.round_dp(0));
    let open = ws_api.send(open).await.unwrap().into_value();
    world.exchange.pause_market();

    same(rest, &ws_api, spot::general::Ping::new()).await;
    same(rest, &ws_api, spot::general::Time::new()).await;
    for request in [spot::ExchangeInfo::new(), spot::ExchangeInfo::of(["BTCUSDT", "ETHUSDT"])] {
        let mut one = rest.send(request.clone()).await.unwrap().into_value();
        let mut other = ws_api.send(request).await.unwrap().into_value();
        // One way limits raw requests, the other one connections.
        assert_eq!(one.rate_limits.len(), other.rate_limits.len());
        one.rate_limits.clear();
        other.rate_limits.clear();
        assert_eq!(one, other);
    }
    same(rest, &ws_api, spot::Depth::new("BTCUSDT").limit(50)).await;
    same(rest, &ws_api, spot::Trades::new("BTCUSDT").limit(20)).await;
    same(rest, &ws_api, spot::AggTrades::new("BTCUSDT").limit(20)).await;
    same(rest, &ws_api, spot::Klines::new("BTCUSDT", KlineInterval::Second1).limit(3)).await;
    same(rest, &ws_api, spot::market::AvgPrice::new("BTCUSDT")).await;
    same(rest, &ws_api, spot::Ticker24hr::new()).await;
    same(rest, &ws_api, spot::TickerPrice::new()).await;
    same(rest, &ws_api, spot::TickerBook::new()).await;
    same(rest, &ws_api, spot::Account::new()).await;
    same(rest, &ws_api, spot::OpenOrders::new()).await;
    same(rest, &ws_api, spot::AllOrders::new("BTCUSDT")).await;
    same(rest, &ws_api, spot::MyTrades::new("BTCUSDT")).await;
    same(rest, &ws_api, spot::QueryOrder::new("BTCUSDT", OrderKey::Id(open.order_id))).await;
    same(rest, &ws_api, spot::QueryOrder::new("BTCUSDT", OrderKey::Client(open.client_order_id))).await;

    // What the exchange refuses it refuses both ways with the same words.
    let missing = spot::QueryOrder::new("BTCUSDT", OrderKey::Client("none".into()));
    let one = rest.send(missing.clone()).await.unwrap_err();
    let other = ws_api.send(missing).await.unwrap_err();
    assert_eq!(one.api_error().unwrap(), other.api_error().unwrap());
    assert_eq!(one.api_error().unwrap().code.0, -2013);
}

#[tokio::test(start_paused = true)]
async fn keys_of_every_kind_trade_over_both_transports() {
    let world = World::new().await;
    let order = || {
        let low = world.exchange.order_book("BTCUSDT").unwrap().bids[0].0 * Decimal::new(9, 1);
        NewOrder::limit_buy("BTCUSDT").quantity(Decimal::new(1, 3)).price(low.round_dp(0))
    };
    for (credentials, session) in
        [(common::hmac(), false), (common::rsa(), false), (common::ed25519(&world.exchange), true)]
    {
        let algorithm = credentials.algorithm();
        let binance = world.with(credentials);
        let placed = binance.rest().send(order()).await.unwrap();
        let ws_api = binance.ws_api().await.unwrap();
        let state = SessionState::Connected { generation: 0, authenticated: session };
        assert_eq!(*ws_api.state().borrow(), state, "{algorithm:?}");
        // One key sees what another of the same account did, over the other way.
        let found = ws_api.send(spot::QueryOrder::new("BTCUSDT", placed.order_id)).await.unwrap();
        assert_eq!(found.client_order_id, placed.client_order_id, "{algorithm:?}");
        let orders = Orders::new(&ws_api, binance.context(), "keys");
        let second = orders.place(order()).await.confirmed().unwrap();
        assert!(orders.cancel("BTCUSDT", second.order_id).await.confirmed().is_some(), "{algorithm:?}");
        let mut account = AccountStream::open(&ws_api).await.unwrap();
        assert!(matches!(account.next().await, Some(AccountItem::Snapshot(_))), "{algorithm:?}");
        drop(account);
        if session {
            // Logged out, each request is signed by itself; logged on again, none.
            ws_api.log_out().await.unwrap();
            let state = ws_api.state();
            assert_eq!(*state.borrow(), SessionState::Connected { generation: 0, authenticated: false });
            ws_api.send(spot::OpenOrders::new()).await.unwrap();
            ws_api.log_on().await.unwrap();
            assert_eq!(*state.borrow(), SessionState::Connected { generation: 0, authenticated: true });
            ws_api.send(spot::OpenOrders::new()).await.unwrap();
        }
    }
    assert_eq!(world.exchange.request_count("session.logon"), 2, "other keys do not try");
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_facade_share_the_limits() {
    let world = World::new().await;
    let binance = world.with(common::hmac());
    let (rest, ws_api) = (binance.rest(), binance.ws_api().await.unwrap());
    rest.send(spot::Depth::new("BTCUSDT").limit(5000)).await.unwrap();
    let (after_rest, limit) = binance.context().governor().usage(Api::Spot);
    ws_api.send(spot::Depth::new("BTCUSDT").limit(5000)).await.unwrap();
    let (after_both, _) = binance.context().governor().usage(Api::Spot);
    assert!(after_rest >= 250 && after_both >= after_rest + 250, "{after_rest} {after_both}");
    assert_eq!(limit, 6000);
}

#[tokio::test(start_paused = true)]
async fn raw_requests_need_no_types() {
    let world = World::new().await;
    let binance = world.with(common::hmac());
    let request = RawRequest::<TimeOnly>::new(Api::Spot, HttpMethod::Get, "/api/v3/time", Security::None);
    let over_rest = binance.rest().send(request).await.unwrap();
    let request = RawWsRequest::<TimeOnly, Spot>::new("time", Security::None).query();
    let over_ws = binance.ws_api().await.unwrap().send(request).await.unwrap();
    assert_eq!(over_rest.0.server_time, over_ws.0.server_time);
    assert_eq!(over_ws.0.server_time, world.exchange.now().as_millis());
}

#[derive(serde::Deserialize)]
struct TimeOnly {
    #[serde(rename = "serverTime")]
    server_time: i64,
}

#[tokio::test(start_paused = true)]
async fn subscriptions_change_while_events_flow() {
    let world = World::new().await;
    let mut events = world.binance.subscribe(topics(["btcusdt@trade"])).await.unwrap();
    let control = events.control();
    control.subscribe(topics(["ethusdt@trade"])).await.unwrap();
    control.unsubscribe(topics(["btcusdt@trade"])).await.unwrap();
    // What was queued before is still delivered; from then on there is only the other.
    let mut seen = 0;
    while seen < 50 {
        if let Item::Event(event) = events.next().await.unwrap()
            && event.stream.as_str() == "ethusdt@trade"
        {
            seen += 1;
        }
    }
    assert_eq!(control.subscriptions().await.len(), 1);
    for _ in 0..50 {
        assert_eq!(events.next_event().await.unwrap().unwrap().stream.as_str(), "ethusdt@trade");
    }
}
