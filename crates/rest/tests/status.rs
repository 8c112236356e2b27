//! What each status means: rate limits and bans hold all clients, refusals are typed, redirects are not followed, and a
//! wrong clock is corrected.

mod common;

use binance_kit_core::{
    Api, Cost, Delivery, ErrorCode, HttpMethod, ParamWriter, Request, Responsible, RestRequest, Security,
};
use binance_kit_rest::{ErrorKind, RestClient};
use common::{Act, Exchange, Raw, ok, order, parameter, query, reply};
use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Answers by `answers` in turn, and with a success afterwards.
fn answering_in_turn(answers: Vec<Vec<u8>>) -> Exchange {
    Exchange::new(move |index, _| vec![Act::Send(answers.get(index).cloned().unwrap_or_else(|| ok("[]")))])
}

#[tokio::test(start_paused = true)]
async fn h1_h2_nothing_is_sent_before_the_exchange_allows_it() {
    for (status, kind) in [(429, ErrorKind::RateLimited), (418, ErrorKind::Banned)] {
        for (header, hold) in [
            ("retry-after: 30\r\n", 30),
            ("", 60),
            ("retry-after: -1\r\n", 60),
            ("retry-after: Tue, 14 Nov 2023 22:14:00 GMT\r\n", 40),
            ("retry-after: 0\r\n", 1),
        ] {
            let body = r#"{"code":-1003,"msg":"Too many requests."}"#;
            let exchange = answering_in_turn(vec![reply(status, header, body)]);
            // Two clients of one network: the hold is for both.
            let (one, two) = (exchange.client(), exchange.client());
            let error = one.send(query()).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (kind, Some(status)));
            assert_eq!(error.delivery(), Delivery::Refused);
            assert_eq!(error.api_error().unwrap().code, ErrorCode::TOO_MANY_REQUESTS);
            assert!(error.is_transient());

            // An order does not wait that long, and says so at once.
            let begun = tokio::time::Instant::now();
            if hold > 5 {
                let refused = two.send(order()).await.unwrap_err();
                assert_eq!((refused.kind(), refused.status()), (ErrorKind::RateLimited, None));
                assert_eq!(refused.retry_after().unwrap().as_secs(), hold);
                assert!(begun.elapsed().is_zero());
            }
            assert_eq!(exchange.count(), 1);
            two.send(query()).await.unwrap();
            assert_eq!(begun.elapsed().as_secs(), hold, "{status} {header:?}");
            assert_eq!(exchange.count(), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn h1_a_hold_also_stops_what_would_be_sent_again() {
    let exchange =
        answering_in_turn(vec![reply(503, "retry-after: 3\r\n", ""), reply(429, "retry-after: 30\r\n", "")]);
    let client = exchange.client();
    let (asked_again, refused) = tokio::join!(client.send(query()), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.send(query()).await
    });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::RateLimited);
    assert_eq!(asked_again.unwrap_err().kind(), ErrorKind::ServerError);
    assert_eq!(exchange.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn h7_a_wait_beyond_reason_is_cut() {
    let exchange = answering_in_turn(vec![reply(418, "retry-after: 1000000000000\r\n", "")]);
    let client = exchange.client();
    let error = client.send(query()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3 * 86_400)));
    let error = client.send(query()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, None));
    assert_eq!(exchange.count(), 1);
}

/// A request that places orders.
struct Place;

impl Request for Place {
    type Response = ();
    fn security(&self) -> Security {
        Security::Signed
    }
    fn api(&self) -> Api {
        Api::Spot
    }
    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(1)
    }
    fn is_query(&self) -> bool {
        false
    }
    fn write(&self, params: &mut ParamWriter) {
        params.text("symbol", "BTCUSDT");
    }
}

impl RestRequest for Place {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }
    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order")
    }
}

#[tokio::test(start_paused = true)]
async fn h3_too_many_orders_hold_the_orders_of_one_account_only() {
    let body = r#"{"code":-1015,"msg":"Too many new orders."}"#;
    let exchange = answering_in_turn(vec![reply(429, "retry-after: 8\r\n", body)]);
    let client = exchange.client();
    let error = client.send(Place).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.api_error().unwrap().code, ErrorCode::TOO_MANY_ORDERS);
    let begun = tokio::time::Instant::now();
    // Cancels, queries and other accounts go on.
    client.send(Raw::new(Api::Spot, HttpMethod::Delete, "/api/v3/order", Security::Signed)).await.unwrap();
    client.send(query()).await.unwrap();
    let other = binance_kit_sign::Credentials::hmac("Other", "other").unwrap();
    client.with_credentials(other).unwrap().send(Place).await.unwrap();
    assert!(begun.elapsed().is_zero());
    let held = client.send(Place).await.unwrap_err();
    assert_eq!((held.status(), held.retry_after()), (None, Some(Duration::from_secs(8))));
    tokio::time::sleep(Duration::from_secs(4)).await;
    client.send(Place).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn h8_the_firewalls_html_is_typed() {
    let html = "<html><body>Forbidden</body></html>";
    let exchange = answering_in_turn(vec![reply(403, "content-type: text/html\r\n", html)]);
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Forbidden, Delivery::Refused));
    assert_eq!(error.body().unwrap(), html.as_bytes());
    assert!(!error.to_string().contains("html"), "the message is one line");
    assert!(
        format!("{error:?}").contains("body: \"<html>"),
        "`Debug` shows what came instead of an error code"
    );
    assert_eq!(exchange.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_exchanges_own_refusals() {
    for (status, code, message, fault) in [
        (400, -1121, "Invalid symbol.", true),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", true),
        (400, -2010, "Account has insufficient balance for requested action.", true),
    ] {
        let body = format!(r#"{{"code":{code},"msg":"{message}"}}"#);
        let exchange = answering_in_turn(vec![reply(status, "x-mbx-used-weight-1m: 77\r\n", &body)]);
        let error = exchange.client().send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(status)));
        assert_eq!(error.delivery(), Delivery::Refused);
        assert!(!error.outcome_unknown());
        let api = error.api_error().unwrap();
        assert_eq!((api.code, &*api.message), (ErrorCode(code), message));
        assert_eq!((error.responsible() == Responsible::Caller), fault);
        assert_eq!(error.rate_limits()[0].count, Some(77));
        assert_eq!(exchange.context.governor().usage(Api::Spot).0, 77);
        assert_eq!(
            error.to_string(),
            format!("POST /api/v3/order: rejected by the exchange (status {status}): {code} {message}")
        );
        assert_eq!(exchange.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn i16_half_a_cancel_and_replace_keeps_both_halves() {
    let body = r#"{"code":-2021,"msg":"Order cancel-replace partially failed.","data":{"cancelResult":"SUCCESS","newOrderResult":"FAILURE"}}"#;
    let exchange = answering_in_turn(vec![reply(409, "", body)]);
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.api_error().unwrap().data.as_ref().unwrap().contains(r#""cancelResult":"SUCCESS""#));
}

#[tokio::test(start_paused = true)]
async fn i3_the_outcome_of_a_failed_server_is_unknown_and_never_sent_again() {
    let timeout = r#"{"code":-1007,"msg":"Timeout waiting for response from backend server."}"#;
    for (status, body) in
        [(500, ""), (502, "<html>"), (503, timeout), (504, ""), (408, timeout), (400, timeout)]
    {
        let exchange = Exchange::answering(reply(status, "", body));
        let error = exchange.client().send(order()).await.unwrap_err();
        assert!(error.outcome_unknown(), "{status}");
        assert_eq!(error.status(), Some(status));
        assert!(error.is_transient());
        assert_eq!(exchange.count(), 1);

        let error = exchange.client().send(query()).await.unwrap_err();
        assert!(!error.outcome_unknown());
        assert_eq!(exchange.count(), 4, "a query is asked three times");
    }
    let exchange = answering_in_turn(vec![reply(503, "retry-after: 3\r\n", "")]);
    let begun = tokio::time::Instant::now();
    exchange.client().send(query()).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 3, "waits as long as the exchange asks");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let second = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = second.local_addr().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: http://{elsewhere}/steal?{}\r\n", common::SECRET);
        let exchange = answering_in_turn(vec![reply(status, &location, "")]);
        let error = exchange.client().send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)));
        assert!(!format!("{error} {error:?}").contains("SENTINEL"));
        assert_eq!((exchange.count(), exchange.connections()), (1, 1));
    }
    // A connection that followed it would be in the queue of the listener by now.
    let arrived = std::future::poll_fn(|cx| std::task::Poll::Ready(second.poll_accept(cx).is_ready())).await;
    assert!(!arrived);
}

#[tokio::test(start_paused = true)]
async fn i15_a_refused_timestamp_is_signed_again_once_after_measuring() {
    let ahead = Arc::new(Mutex::new(0_i64));
    for skew in [3_600_000_i64, -3_600_000, 1_500] {
        let refusals = Arc::clone(&ahead);
        *refusals.lock().unwrap() = 0;
        // An exchange whose clock is off by `skew`, with the documented check.
        let exchange = Exchange::new(move |_, request| {
            let now = common::START + skew;
            if request.starts_with("GET /api/v3/time ") {
                return vec![Act::Send(ok(&format!(r#"{{"serverTime":{now}}}"#)))];
            }
            let stamp: i64 = parameter(request, "timestamp").unwrap().parse().unwrap();
            if stamp < now + 1000 && now - stamp <= 1000 {
                return vec![Act::Send(ok("[]"))];
            }
            *refusals.lock().unwrap() += 1;
            let body = r#"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#;
            vec![Act::Send(reply(400, "", body))]
        });
        let client = exchange.client();
        client.send(order()).await.unwrap();
        assert_eq!(exchange.context.clock().offset_micros(), skew * 1000);
        client.send(order()).await.unwrap();
        assert_eq!(*ahead.lock().unwrap(), 1, "only the first was refused");
        assert_eq!(exchange.count(), 4);
        let stamps: Vec<_> = exchange
            .requests()
            .iter()
            .filter(|request| request.starts_with("POST"))
            .map(|request| parameter(request, "signature").unwrap().to_owned())
            .collect();
        assert_ne!(stamps[0], stamps[1], "signed again");
    }
}

#[tokio::test(start_paused = true)]
async fn i15_a_timestamp_refused_twice_is_given_back() {
    let exchange = Exchange::new(|_, request| {
        vec![Act::Send(if request.starts_with("GET /time ") {
            ok(r#"{"serverTime":1700000000000000}"#)
        } else {
            reply(400, "", r#"{"code":-1021,"msg":"no"}"#)
        })]
    });
    let client = exchange.builder().time_path("/time").build().unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code, ErrorCode::INVALID_TIMESTAMP);
    assert_eq!(error.delivery(), Delivery::Refused);
    assert!(error.is_transient());
    assert_eq!(exchange.count(), 3);

    // Without an answer to the question for the time, the first refusal stands.
    let exchange = Exchange::answering(reply(400, "", r#"{"code":-1021,"msg":"no"}"#));
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!(error.request_name(), Some("POST /api/v3/order"));
    assert_eq!(exchange.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_fastest_of_three_samples_of_the_clock_counts() {
    let exchange = Exchange::new(|index, _| {
        let delay = [900, 100, 400][index];
        // The exchange is 10 s ahead and reads its clock half-way.
        let elapsed: i64 = [450, 950, 1200][index];
        vec![
            Act::Wait(Duration::from_millis(delay)),
            Act::Send(ok(&format!(r#"{{"serverTime":{}}}"#, common::START + 10_000 + elapsed))),
        ]
    });
    let offset = exchange.client().sync_time(Api::Spot).await.unwrap();
    // The true offset less half of the shortest round trip.
    assert_eq!(offset, 10_000_000 - 50_000);
    assert_eq!(exchange.context.clock().offset_micros(), offset);
    assert_eq!(exchange.context.governor().usage(Api::Spot).0, 3);
}

#[tokio::test(start_paused = true)]
async fn a_client_for_an_environment() {
    let context = binance_kit_net::Context::builder().tls(common::no_tls()).build().unwrap();
    let client = RestClient::builder(&context, &binance_kit_net::Environment::production()).build().unwrap();
    assert!(format!("{client:?}").contains("https://api.binance.com"));
}
