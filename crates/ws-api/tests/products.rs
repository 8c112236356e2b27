//! A client for each product, what an environment does not offer, limits by account, closing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../stream/tests/common/mod.rs"]
mod common;

use binance_kit_core::product::Usdm;
use binance_kit_core::{Api, Cost, Delivery, RawWsRequest, Responsible, Security};
use binance_kit_net::Environment;
use binance_kit_sign::Credentials;
use binance_kit_ws_api::{ErrorKind, SessionState, WsApiClient};
use common::{Server, context, environment, id_of};
use std::time::Duration;

type Request = RawWsRequest<serde_json::Value>;

fn query() -> Request {
    RawWsRequest::new("time", Security::None).query()
}

fn order() -> Request {
    RawWsRequest::new("order.place", Security::Signed)
        .with("symbol", "BTCUSDT")
        .with_cost(Cost::ip(1).with_orders(1))
}

fn credentials(key: &str) -> Credentials {
    Credentials::hmac(key, "secret").unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_product_has_its_own_host_and_counters() {
    let (context, mut connections) = context();
    let environment = environment().with_ws_api(Api::UsdmFutures, "ws://127.0.0.1:2/ws-fapi/v1").unwrap();
    let builder =
        WsApiClient::<Usdm>::product_builder(&context, &environment).credentials(credentials("key"));
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    assert_eq!(server.path, "/ws-fapi/v1");
    assert!(format!("{client:?}").contains("UsdmFutures"));
    let request: RawWsRequest<u64, Usdm> = RawWsRequest::new("v2/account.balance", Security::Signed).query();
    let (answer, ()) = tokio::join!(client.send(request.with_cost(Cost::ip(5))), async {
        let text = server.text().await.unwrap();
        assert!(text.contains("\"signature\""), "{text}");
        server.send(&format!(r#"{{"id":{},"status":200,"result":7}}"#, id_of(&text))).await;
    });
    assert_eq!(answer.unwrap().value().0, 7);
    let used = |api| context.governor().usage(api);
    assert_eq!((used(Api::UsdmFutures), used(Api::Spot).0), ((5, 2400), 0));
}

#[tokio::test(start_paused = true)]
async fn an_environment_without_a_web_socket_api_is_a_typed_error() {
    let (context, connections) = context();
    let only_data = Environment::market_data_only();
    let error = WsApiClient::builder(&context, &only_data).connect().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotOffered, Delivery::NotWritten));
    assert_eq!(error.responsible(), Responsible::Caller);
    assert_eq!(
        error.to_string(),
        "not offered by this environment: the environment \"market data only\" has no WebSocket API of spot"
    );
    let usdm = WsApiClient::<Usdm>::product_builder(&context, &environment());
    assert_eq!(usdm.connect().await.unwrap_err().kind(), ErrorKind::NotOffered);
    assert!(connections.is_empty(), "nothing was dialled");
}

#[tokio::test(start_paused = true)]
async fn h3_too_many_orders_hold_the_orders_of_one_account_only() {
    let (context, mut connections) = context();
    let connect =
        |key| WsApiClient::builder(&context, &environment()).credentials(credentials(key)).connect();
    let (one, mut server) = tokio::join!(connect("one"), Server::accept(&mut connections));
    let (two, mut other) = tokio::join!(connect("two"), Server::accept(&mut connections));
    let (one, two) = (one.unwrap(), two.unwrap());
    let until = context.clock().exchange_now().plus(Duration::from_secs(8)).as_millis();
    let (error, ()) = tokio::join!(one.send(order()), async {
        let id = id_of(&server.text().await.unwrap());
        let error =
            format!(r#"{{"code":-1015,"msg":"Too many new orders.","data":{{"retryAfter":{until}}}}}"#);
        server.send(&format!(r#"{{"id":{id},"status":429,"error":{error}}}"#)).await;
    });
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(8))));
    let held = one.send(order()).await.unwrap_err();
    assert_eq!((held.status(), held.retry_after()), (None, Some(Duration::from_secs(8))));
    let (answers, ()) = tokio::join!(async { (one.send(query()).await, two.send(order()).await) }, async {
        for server in [&mut server, &mut other] {
            let id = id_of(&server.text().await.unwrap());
            server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
        }
    });
    assert!(answers.0.is_ok() && answers.1.is_ok(), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn closing_lets_requests_end_and_refuses_new_ones() {
    let (context, mut connections) = context();
    let builder = WsApiClient::builder(&context, &environment()).credentials(credentials("key"));
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    assert!(client.is_idle());
    let ((answer, left), ()) = tokio::join!(
        async {
            tokio::join!(client.send(order()), async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                assert!(!client.is_idle());
                client.close_within(Duration::from_secs(5)).await
            })
        },
        async {
            let id = id_of(&server.text().await.unwrap());
            assert!(tokio::time::timeout(Duration::from_secs(3), server.idle()).await.is_err());
            server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
            assert_eq!(server.text().await, None, "the connection is closed");
        }
    );
    assert_eq!((answer.unwrap().value().0.clone(), left), (serde_json::json!(1), 0));
    assert_eq!(*client.state().borrow(), SessionState::Closed);
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Closed, Delivery::NotWritten));
    assert_eq!(error.to_string(), "order.place: closed");
}

#[tokio::test(start_paused = true)]
async fn closing_gives_up_what_is_left_at_the_deadline() {
    let (context, mut connections) = context();
    let builder = WsApiClient::builder(&context, &environment()).credentials(credentials("key"));
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    let (order, left, ()) = tokio::join!(
        client.send(order()),
        async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            client.close_within(Duration::from_secs(5)).await
        },
        async {
            server.text().await.unwrap();
            assert_eq!(server.text().await, None);
        }
    );
    let error = order.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), left), (ErrorKind::Closed, Delivery::MaybeWritten, 1));
    assert!(error.outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn closing_ends_the_wait_for_the_limits() {
    let (context, mut connections) = context();
    let builder = WsApiClient::builder(&context, &environment());
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    context.governor().hold(Api::Spot, Some(Duration::from_secs(60)));
    let (waiting, left, written) = tokio::join!(
        client.send(query()),
        async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            client.close_within(Duration::from_secs(30)).await
        },
        server.text()
    );
    let error = waiting.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), left), (ErrorKind::Closed, Delivery::NotWritten, 0));
    assert_eq!(written, None);
}

/// The type of the product costs nothing at run time.
#[test]
fn clients_are_thin_and_can_go_anywhere() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<WsApiClient>();
    check::<WsApiClient<Usdm>>();
    assert_eq!(size_of::<WsApiClient<Usdm>>(), size_of::<usize>());
}
