//! One client for all products: hosts, connections, what an environment does not offer, requests without a type, closing.

#![allow(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod common;

use binance_kit_core::{Api, Cost, Delivery, HttpMethod, RawRequest, Responsible, Security};
use binance_kit_net::io::DialWith;
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Context, Environment};
use binance_kit_rest::{ErrorKind, RestClient};
use common::{Act, Exchange, header, no_tls, ok, order, parameter, query, read_request, reply};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

/// The hosts that were dialled and the requests that came, by port.
#[derive(Clone, Default)]
struct Recorded {
    dialled: Arc<Mutex<Vec<u16>>>,
    requests: Arc<Mutex<Vec<(u16, String)>>>,
}

/// An environment of several hosts in memory, and what comes to them.
fn recording() -> (Context, Environment, Recorded, Task<()>) {
    let recorded = Recorded::default();
    let dialled = Arc::clone(&recorded.dialled);
    let (opened, mut connections) = mpsc::unbounded_channel();
    let context = Context::builder()
        .tls(no_tls())
        .dial(DialWith::new(move |endpoint| {
            let (client, server) = tokio::io::duplex(64 * 1024);
            dialled.lock().unwrap().push(endpoint.port());
            opened.send((endpoint.port(), server)).unwrap();
            Ok(client)
        }))
        .build()
        .unwrap();
    let requests = Arc::clone(&recorded.requests);
    let server = task::spawn("server", async move {
        let mut tasks = Vec::new();
        while let Some((port, mut io)) = connections.recv().await {
            let requests = Arc::clone(&requests);
            tasks.push(task::spawn("connection", async move {
                let mut buffer = Vec::new();
                while let Some(request) = read_request(&mut io, &mut buffer).await {
                    requests.lock().unwrap().push((port, request));
                    io.write_all(&reply(200, "x-mbx-used-weight-1m: 7\r\n", "[]")).await.unwrap();
                }
            }));
        }
    });
    let environment = Environment::empty("recording")
        .with_rest(Api::Spot, "http://127.0.0.1:1")
        .and_then(|it| it.with_rest(Api::Sapi, "http://127.0.0.1:1"))
        .and_then(|it| it.with_rest(Api::UsdmFutures, "http://127.0.0.1:2/base"))
        .unwrap();
    (context, environment, recorded, server)
}

fn get(api: Api, path: &'static str) -> RawRequest<Vec<u64>> {
    RawRequest::new(api, HttpMethod::Get, path, Security::None)
}

#[tokio::test(start_paused = true)]
async fn five_sends_over_clones_use_one_connection() {
    let (context, environment, recorded, _server) = recording();
    let client = RestClient::builder(&context, &environment).build().unwrap();
    let other = client.with_credentials(common::credentials()).unwrap();
    for client in [&client, &client.clone(), &other, &other.clone(), &client] {
        client.send(get(Api::Spot, "/api/v3/time")).await.unwrap();
    }
    assert_eq!(*recorded.dialled.lock().unwrap(), [1]);
    assert_eq!(recorded.requests.lock().unwrap().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn two_products_are_one_client_and_two_pools() {
    let (context, environment, recorded, _server) = recording();
    let client = RestClient::builder(&context, &environment).build().unwrap();
    for _ in 0..2 {
        client.send(get(Api::Spot, "/api/v3/depth")).await.unwrap();
        client.send(get(Api::UsdmFutures, "/fapi/v1/depth")).await.unwrap();
        client.send(get(Api::Sapi, "/sapi/v1/system/status")).await.unwrap();
    }
    assert_eq!(*recorded.dialled.lock().unwrap(), [1, 2], "Spot and sapi share a host, and with it the pool");
    let requests = recorded.requests.lock().unwrap();
    for (port, start) in [
        (1, "GET /api/v3/depth HTTP/1.1\r\n"),
        (2, "GET /base/fapi/v1/depth HTTP/1.1\r\n"),
        (1, "GET /sapi/v1/system/status HTTP/1.1\r\n"),
    ] {
        let found = requests.iter().filter(|(at, request)| *at == port && request.starts_with(start));
        assert_eq!(found.count(), 2, "{start}");
    }
    assert_eq!(header(&requests[1].1, "host"), Some("127.0.0.1:2"));
    // Each product has counters of its own.
    let used = |api| context.governor().usage(api).0;
    assert_eq!((used(Api::Spot), used(Api::Sapi), used(Api::UsdmFutures)), (8, 8, 8));
}

#[tokio::test(start_paused = true)]
async fn what_the_environment_does_not_offer_is_refused_before_anything_is_sent() {
    let (context, environment, recorded, _server) = recording();
    let client =
        RestClient::builder(&context, &environment).credentials(common::credentials()).build().unwrap();
    let error = client.send(get(Api::CoinmFutures, "/dapi/v1/time")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotOffered, Delivery::NotWritten));
    assert_eq!(error.responsible(), Responsible::Caller);
    assert_eq!(
        error.to_string(),
        "GET /dapi/v1/time: not offered by this environment: the environment \"recording\" has no REST API of coinm"
    );
    assert_eq!(client.sync_time(Api::Options).await.unwrap_err().kind(), ErrorKind::NotOffered);
    let public = RestClient::builder(&context, &Environment::market_data_only());
    let public = public.credentials(common::credentials()).build().unwrap();
    assert_eq!(public.send(order()).await.unwrap_err().kind(), ErrorKind::NotOffered);
    assert!(recorded.dialled.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_time_is_that_of_the_products_hosts() {
    let exchange = Exchange::new(|_, request| {
        let known = ["/api/v3/time", "/fapi/v1/time", "/dapi/v1/time", "/eapi/v1/time"]
            .iter()
            .any(|path| request.starts_with(&format!("GET {path} ")));
        vec![Act::Send(if known { ok(r#"{"serverTime":1700000000000}"#) } else { reply(404, "", "") })]
    });
    let client = exchange.client();
    for api in [Api::Spot, Api::Sapi, Api::UsdmFutures, Api::CoinmFutures, Api::Options] {
        assert_eq!(client.sync_time(api).await.unwrap(), 0, "{api}");
    }
    let error = client.sync_time(Api::PortfolioMargin).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered);
    assert_eq!(exchange.count(), 15);
}

#[tokio::test(start_paused = true)]
async fn endpoints_without_a_type() {
    let exchange = Exchange::answering(ok(r#"{"free":"1.5"}"#));
    let client = exchange.client();
    let answer: serde_json::Value = client
        .raw(Api::Sapi, HttpMethod::Get, "/sapi/v1/new/thing")
        .param("asset", "BTC")
        .param("limit", 5)
        .signed()
        .await
        .unwrap();
    assert_eq!(answer["free"], "1.5");
    let request = exchange.requests().pop().unwrap();
    assert!(request.starts_with("GET /sapi/v1/new/thing?asset=BTC&limit=5&timestamp="), "{request}");
    assert!(parameter(&request, "signature").is_some());

    let response = client
        .raw::<serde_json::Value>(Api::UsdmFutures, HttpMethod::Post, "/fapi/v1/listenKey")
        .api_key()
        .cost(Cost::ip(3))
        .send()
        .await
        .unwrap();
    assert_eq!((response.status(), &response.value()["free"]), (200, &serde_json::json!("1.5")));
    let request = exchange.requests().pop().unwrap();
    assert_eq!(header(&request, "x-mbx-apikey"), Some(common::API_KEY));
    assert_eq!(exchange.context.governor().usage(Api::UsdmFutures).0, 3);

    // A body that has another shape than the caller's type.
    let error = client.raw::<Vec<u8>>(Api::Spot, HttpMethod::Get, "/api/v3/x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    // Only a query is asked again.
    for (is_query, expected) in [(false, 1), (true, 3)] {
        let exchange = Exchange::new(|_, _| vec![Act::Close]);
        let call = exchange.client().raw::<Vec<u8>>(Api::Spot, HttpMethod::Post, "/api/v3/x");
        let error = if is_query { call.query().await } else { call.await }.unwrap_err();
        assert_eq!((error.outcome_unknown(), exchange.count()), (!is_query, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn closing_lets_requests_end_and_refuses_new_ones() {
    let exchange = Exchange::new(|_, _| vec![Act::Wait(Duration::from_secs(3)), Act::Send(ok("[1]"))]);
    let client = exchange.client();
    assert!(client.is_idle());
    let (answer, ()) = tokio::join!(client.send(query()), async {
        common::settle().await;
        assert!(!client.is_idle());
        assert_eq!(client.close_within(Duration::from_secs(5)).await, 0);
    });
    assert_eq!(answer.unwrap().0, [1]);
    let error = client.clone().send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Closed, Delivery::NotWritten));
    assert_eq!(error.to_string(), "POST /api/v3/order: closed");
    common::settle().await;
    assert_eq!((exchange.count(), exchange.ended()), (1, 1), "the connection ends with the client");
}

#[tokio::test(start_paused = true)]
async fn closing_gives_up_what_is_left_at_the_deadline() {
    let exchange = Exchange::new(|_, _| vec![Act::Hang]);
    let client = exchange.client();
    let (one, two, left) = tokio::join!(client.send(order()), client.send(query()), async {
        common::settle().await;
        client.close_within(Duration::from_secs(5)).await
    });
    let (one, two) = (one.unwrap_err(), two.unwrap_err());
    assert_eq!(left, 2);
    for error in [&one, &two] {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Closed, Delivery::MaybeWritten));
    }
    assert!(one.outcome_unknown() && !two.outcome_unknown());
    assert_eq!(exchange.count(), 2, "nothing was sent again");
}

#[tokio::test(start_paused = true)]
async fn closing_ends_the_wait_for_the_limits() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.client();
    exchange.context.governor().hold(Api::Spot, Some(Duration::from_secs(60)));
    let (waiting, left) = tokio::join!(client.send(query()), async {
        common::settle().await;
        client.close_within(Duration::from_secs(30)).await
    });
    let error = waiting.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), left), (ErrorKind::Closed, Delivery::NotWritten, 0));
    assert_eq!(exchange.count(), 0);
}
