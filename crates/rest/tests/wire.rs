//! What goes over the wire, byte for byte, and what comes back from it.

mod common;

use binance_kit_core::{Api, Cost, HttpMethod, RawRequest, Responsible, Security, TimeUnit};
use binance_kit_rest::{ErrorKind, RestClient};
use binance_kit_sign::{Credentials, Ed25519Pair, VerifyingKey};
use common::{Act, Exchange, Raw, header, ok, order, parameter, query, reply};
use std::time::Duration;

/// Key and secret of the exchange's documents.
const KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

#[tokio::test(start_paused = true)]
async fn the_documented_order_byte_for_byte() {
    let exchange = Exchange::answering(ok("[]"));
    // The documents sign at this time.
    exchange.context.clock().set_offset_micros((1_499_827_319_559 - common::START) * 1000);
    let client = RestClient::builder_with_url(&exchange.context, common::URL)
        .credentials(Credentials::hmac(KEY, SECRET).unwrap())
        .recv_window(Duration::from_secs(5))
        .build()
        .unwrap();
    let order = Raw::new(Api::Spot, HttpMethod::Post, "/api/v3/order", Security::Signed)
        .with("symbol", "LTCBTC")
        .with("side", "BUY")
        .with("type", "LIMIT")
        .with("timeInForce", "GTC")
        .with("quantity", "1")
        .with("price", "0.1");
    client.send(order).await.unwrap();
    let body = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000\
                &timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
    let expected = format!(
        "POST /api/v3/order HTTP/1.1\r\nuser-agent: binance-kit/{}\r\n\
         content-type: application/x-www-form-urlencoded\r\nx-mbx-apikey: {KEY}\r\nhost: 127.0.0.1:1\r\n\
         content-length: {}\r\n\r\n{body}",
        env!("CARGO_PKG_VERSION"),
        body.len()
    );
    assert_eq!(exchange.requests(), [expected]);
}

#[tokio::test(start_paused = true)]
async fn where_parameters_go() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.builder().time_unit(TimeUnit::Microsecond).build().unwrap();
    for (method, in_body) in [
        (HttpMethod::Get, false),
        (HttpMethod::Delete, false),
        (HttpMethod::Post, true),
        (HttpMethod::Put, true),
    ] {
        client
            .send(Raw::new(Api::Spot, method, "/api/v3/x", Security::Signed).with("symbol", "币安 +&USDT"))
            .await
            .unwrap();
        let request = exchange.requests().pop().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let target = head.split(' ').nth(1).unwrap();
        let payload = if in_body { body } else { target.split_once('?').unwrap().1 };
        assert_eq!(in_body, !target.contains('?'), "{method:?}");
        assert_eq!(in_body, !body.is_empty(), "{method:?}");
        assert_eq!(in_body, header(head, "content-type").is_some());
        // The signature comes last and is over exactly the bytes before it.
        let (signed, signature) = payload.split_once("&signature=").unwrap();
        assert!(signed.starts_with("symbol=%E5%B8%81%E5%AE%89%20%2B%26USDT&timestamp=1700000000000"));
        VerifyingKey::hmac(common::SECRET).unwrap().verify(signed.as_bytes(), signature).unwrap();
        assert_eq!(header(head, "x-mbx-time-unit"), Some("MICROSECOND"));
        assert_eq!(header(head, "accept-encoding"), None);
    }
    assert_eq!(exchange.connections(), 1, "connections are kept");
}

#[tokio::test(start_paused = true)]
async fn base64_signatures_are_percent_encoded() {
    let exchange = Exchange::answering(ok("[]"));
    let pair = Ed25519Pair::from_seed([7; 32]).unwrap();
    let credentials = pair.credentials(common::API_KEY).unwrap();
    let client = exchange.builder().credentials(credentials).build().unwrap();
    client.send(order()).await.unwrap();
    let request = exchange.requests().pop().unwrap();
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let (signed, signature) = body.split_once("&signature=").unwrap();
    assert!(signature.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{signature}");
    let plain = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    assert!(plain.ends_with("=="));
    VerifyingKey::from_public_pem(pair.public_pem()).unwrap().verify(signed.as_bytes(), &plain).unwrap();
}

#[tokio::test(start_paused = true)]
async fn keys_go_only_where_they_are_asked_for() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.client();
    client.send(query()).await.unwrap();
    client.send(Raw::new(Api::Spot, HttpMethod::Post, "/api/v3/stream", Security::ApiKey)).await.unwrap();
    let requests = exchange.requests();
    assert_eq!(header(&requests[0], "x-mbx-apikey"), None);
    assert!(!requests[0].contains("signature"));
    assert_eq!(header(&requests[1], "x-mbx-apikey"), Some(common::API_KEY));
    assert_eq!(header(&requests[1], "content-length"), Some("0"));
    assert!(!requests[1].contains("signature"));

    let anonymous = RestClient::builder_with_url(&exchange.context, common::URL).build().unwrap();
    let error = anonymous.send(order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
    assert_eq!(error.parameter_names(), ["symbol"]);
    assert_eq!(exchange.count(), 2, "nothing was sent");

    let other = anonymous.with_credentials(Credentials::hmac("OtherKey", "other").unwrap()).unwrap();
    other.send(order()).await.unwrap();
    assert_eq!(header(&exchange.requests()[2], "x-mbx-apikey"), Some("OtherKey"));
}

#[tokio::test(start_paused = true)]
async fn base_paths_come_before_the_path() {
    let exchange = Exchange::answering(ok("[]"));
    let client =
        RestClient::builder_with_url(&exchange.context, "http://127.0.0.1:1/proxy/").build().unwrap();
    client.send(query().with("a", "b")).await.unwrap();
    assert!(exchange.requests()[0].starts_with("GET /proxy/api/v3/query?a=b HTTP/1.1\r\n"));
}

#[tokio::test(start_paused = true)]
async fn requests_that_cannot_be_sent() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.client();
    for request in [
        query().with("a", "1").with("a", "2"),
        Raw::new(Api::Spot, HttpMethod::Get, "/api/v3/x?y=1", Security::None),
        Raw::new(Api::Spot, HttpMethod::Get, "/api/v3/x\r\nx-evil: 1", Security::None),
        Raw::new(Api::Spot, HttpMethod::Get, "api", Security::None),
        order().with("signature", "x"),
        query().with("long", &"x".repeat(70_000)),
    ] {
        let error = client.send(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.responsible(), Responsible::Caller);
        assert!(!error.outcome_unknown());
    }
    assert_eq!(exchange.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn answers_carry_what_their_head_says() {
    let head = "x-mbx-used-weight: 20\r\nX-MBX-USED-WEIGHT-1M: 20\r\nx-mbx-order-count-10s: 3\r\n\
                date: Sun, 06 Nov 1994 08:49:37 GMT\r\nx-other: y\r\nretry-after: 2\r\n";
    let exchange = Exchange::answering(reply(200, head, "[1,2]"));
    let client = exchange.client();
    let answer = client.send(query()).await.unwrap();
    assert_eq!(answer.value().0, [1, 2]);
    assert_eq!(answer.status(), 200);
    let counts: Vec<_> = answer.rate_limits().iter().map(|limit| limit.count).collect();
    assert_eq!(counts, [Some(20), Some(3)]);
    assert_eq!(answer.date().unwrap().to_string(), "1994-11-06T08:49:37.000Z");
    assert_eq!(answer.header("X-Other"), Some("y"));
    assert_eq!(answer.retry_after(), Some(Duration::from_secs(2)));
    // The exchange's count is more than ours, so it is taken over.
    assert_eq!(exchange.context.governor().usage(Api::Spot).0, 20);
    let raw = client.send_raw(query()).await.unwrap();
    assert_eq!(&raw[..], b"[1,2]");
    assert_eq!(raw.map(|body| body.len()).into_value(), 5);
}

#[tokio::test(start_paused = true)]
async fn weight_is_waited_for_and_signing_comes_after_the_wait() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.builder().max_wait(Duration::from_secs(60)).build().unwrap();
    let (_, limit) = exchange.context.governor().usage(Api::Spot);
    exchange.context.governor().try_acquire(Api::Spot, None, &Cost::ip(limit)).unwrap();
    client.send(order()).await.unwrap();
    // The window ends at the full minute; the clock started 20 s after one.
    let stamped: i64 = parameter(&exchange.requests()[0], "timestamp").unwrap().parse().unwrap();
    assert_eq!(stamped, common::START + 40_000);

    exchange.context.governor().try_acquire(Api::Spot, None, &Cost::ip(limit - 1)).unwrap();
    for client in [exchange.client(), exchange.builder().fail_fast().build().unwrap()] {
        let error = client.send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, None));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
        assert_eq!(error.delivery(), binance_kit_core::Delivery::NotWritten);
    }
    assert_eq!(exchange.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_share_the_pool_and_idle_connections_end() {
    let exchange = Exchange::new(|_, _| vec![Act::Wait(Duration::from_millis(50)), Act::Send(ok("[]"))]);
    let client = exchange.builder().idle_timeout(Duration::from_secs(5)).build().unwrap();
    let (one, two) = tokio::join!(client.send(query()), client.send(query()));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(exchange.connections(), 2);
    let (one, two) = tokio::join!(client.send(query()), client.send(query()));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(exchange.connections(), 2);
    assert_eq!(exchange.ended(), 0);
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(exchange.ended(), 2);
}

#[tokio::test(start_paused = true)]
async fn connections_end_with_the_client() {
    let exchange = Exchange::answering(ok("[]"));
    let client = exchange.client();
    let clone = client.clone();
    client.send(query()).await.unwrap();
    drop(client);
    common::settle().await;
    assert_eq!(exchange.ended(), 0);
    drop(clone);
    common::settle().await;
    assert_eq!(exchange.ended(), 1);
}

#[test]
fn public_types_can_go_anywhere() {
    fn check<T: Send + Sync + 'static>() {}
    fn future_is_send<T: Send>(_: &T) {}
    check::<RestClient>();
    check::<binance_kit_rest::RestClientBuilder>();
    check::<binance_kit_rest::Error>();
    check::<binance_kit_rest::RestResponse<bytes::Bytes>>();
    let context = binance_kit_net::Context::builder().tls(common::no_tls()).build().unwrap();
    let client = RestClient::builder_with_url(&context, common::URL).build().unwrap();
    future_is_send(&client.send(query()));
    future_is_send(&client.sync_time(Api::Spot));
    future_is_send(&client.send_raw(RawRequest::<()>::new(Api::Spot, HttpMethod::Get, "/", Security::None)));
}
