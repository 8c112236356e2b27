//! Refusals for a while: of the upgrade, of a request, by a ban whose end only its text names; what waits meanwhile, also across
//! a reconnect; a time that cannot be; the ids of answers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Api, Cost, Delivery, HttpMethod, RawRequest, Security, Timestamp};
use binance_kit_net::Context;
use binance_kit_rest::RestClient;
use binance_kit_ws_api::{ErrorKind, SessionState, WsApiClient, WsApiConfig};
use common::{
    Links, Server, connect, context, context_by_endpoint, ed25519, environment, hmac, log_on, order, query,
    read_head, request,
};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;

/// Answers with this status and body, and no header that says how long to wait.
async fn answer(io: &mut DuplexStream, status: u16, body: &str) {
    read_head(io).await;
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
    io.write_all(head.as_bytes()).await.unwrap();
    io.write_all(body.as_bytes()).await.unwrap();
}

/// A ban until then, as the exchange words it.
fn ban(until: Timestamp) -> String {
    let until = until.as_millis();
    format!(
        r#"{{"code":-1003,"msg":"Way too much request weight used; IP banned until {until}. Please use WebSocket Streams."}}"#
    )
}

fn in_90_seconds(context: &Context) -> Timestamp {
    Timestamp::from_millis(context.clock().exchange_now().plus(Duration::from_secs(90)).as_millis())
}

/// It is this time, to the resolution of timers.
fn assert_now(context: &Context, expected: Timestamp) {
    let now = context.clock().exchange_now();
    assert!(now >= expected && now <= expected.plus(Duration::from_millis(2)), "{now} instead of {expected}");
}

#[tokio::test(start_paused = true)]
async fn h2_after_a_ban_in_an_answer_the_next_request_waits_till_its_end() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let until = in_90_seconds(&context);
    let (result, ()) = tokio::join!(client.send(query("depth")), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":418,"error":{}}}"#, ban(until))).await;
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Banned, Some(Duration::from_secs(90))));
    let (result, ()) = tokio::join!(client.send(query("depth")), async {
        let (_, id) = request(&mut server).await;
        assert_now(&context, until);
        server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
    });
    result.unwrap();
}

#[tokio::test(start_paused = true)]
async fn h2_after_a_ban_over_rest_the_next_request_waits_till_its_end() {
    let (context, mut connections) = context();
    let client = RestClient::builder(&context, &environment()).build().unwrap();
    let get = || {
        RawRequest::<u64>::new(Api::Spot, HttpMethod::Get, "/api/v3/depth", Security::None)
            .with_cost(Cost::ip(1))
    };
    let until = in_90_seconds(&context);
    let (result, ()) = tokio::join!(client.send(get()), async {
        answer(&mut connections.recv().await.unwrap(), 418, &ban(until)).await;
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Banned, Some(Duration::from_secs(90))));
    let (result, ()) = tokio::join!(client.send(get()), async {
        // The first connection was idle for too long to be used again.
        answer(&mut connections.recv().await.unwrap(), 200, "7").await;
        assert_now(&context, until);
    });
    assert_eq!(result.unwrap().value().0, 7);
}

#[tokio::test(start_paused = true)]
async fn h2_after_a_ban_of_an_upgrade_everything_waits_till_its_end() {
    let (context, mut connections) = context();
    let (client, server) = connect(&context, &mut connections, Some(hmac())).await;
    drop(server);
    let mut refused = connections.recv().await.unwrap();
    let until = in_90_seconds(&context);
    answer(&mut refused, 418, &ban(until)).await;
    let mut state = client.state();
    assert_eq!(*state.borrow(), SessionState::Connecting);
    let mut server = Server::accept(&mut connections).await;
    assert_now(&context, until);
    state.wait_for(|state| matches!(state, SessionState::Connected { .. })).await.unwrap();
    let (result, ()) = tokio::join!(client.send(query("time")), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
    });
    result.unwrap();

    // A first connection does not wait so long, and says for how long it would have to; nor does a request over REST.
    let until = in_90_seconds(&context);
    let builder = WsApiClient::builder(&context, &environment());
    let (result, ()) = tokio::join!(builder.clone().connect(), async {
        answer(&mut connections.recv().await.unwrap(), 418, &ban(until)).await;
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connect, Some(418)));
    assert_eq!((error.retry_after(), error.code().unwrap().0), (Some(Duration::from_secs(90)), -1003));
    assert_eq!(context.governor().held_until(Api::Spot), Some(until));
    let error = builder.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::NotWritten));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    assert!(connections.is_empty(), "not even a connection is opened");
    let rest = RestClient::builder(&context, &environment()).max_wait(Duration::ZERO).build().unwrap();
    let post = RawRequest::<u64>::new(Api::Spot, HttpMethod::Delete, "/api/v3/order", Security::None);
    let error = rest.send(post.with_cost(Cost::ip(1))).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(90))));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_refused_for_a_while_is_tried_again_by_the_first_connection() {
    let body = |code: i32| format!(r#"{{"code":{code},"msg":"not now"}}"#);
    for (status, text) in [
        (400, body(-1021)),
        (400, body(-1008)),
        (400, body(-1016)),
        (400, body(-1034)),
        (503, String::new()),
        (500, body(-1000)),
        (504, "<html>".to_owned()),
    ] {
        let (context, mut connections) = context();
        let builder = WsApiClient::builder(&context, &environment());
        let (client, _server) = tokio::join!(builder.connect(), async {
            for _ in 0..2 {
                answer(&mut connections.recv().await.unwrap(), status, &text).await;
            }
            Server::accept(&mut connections).await
        });
        let connected = SessionState::Connected { generation: 0, authenticated: false };
        assert_eq!(*client.unwrap().state().borrow(), connected, "{status} {text}");
    }
    // Others say something about the request.
    for (status, text, code) in
        [(403, String::new(), None), (400, body(-1121), Some(-1121)), (404, "<html>".to_owned(), None)]
    {
        let (context, mut connections) = context();
        let builder = WsApiClient::builder(&context, &environment());
        let (client, ()) = tokio::join!(builder.connect(), async {
            answer(&mut connections.recv().await.unwrap(), status, &text).await;
        });
        let error = client.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Connect, Some(status)));
        assert_eq!(error.code().map(|code| code.0), code);
        assert!(connections.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn i12_calls_that_wait_for_a_measurement_go_to_the_next_connection_behind_its_log_on() {
    for logs_on in [true, false] {
        let (context, mut connections) = context();
        let credentials = if logs_on { ed25519().0 } else { hmac() };
        let (client, mut server) = connect(&context, &mut connections, Some(credentials)).await;
        let (query, order, ()) = tokio::join!(
            client.send(query_signed()),
            async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                client.send(order("7")).await
            },
            async {
                let (_, id) = request(&mut server).await;
                let error =
                    r#"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#;
                server.send(&format!(r#"{{"id":{id},"status":400,"error":{error}}}"#)).await;
                let (message, _) = request(&mut server).await;
                assert_eq!(message["method"], "time");
                tokio::time::sleep(Duration::from_millis(500)).await;
                // The measurement is never answered.
                drop(server);
                let mut server = Server::accept(&mut connections).await;
                if logs_on {
                    log_on(&mut server).await;
                }
                let (message, id) = request(&mut server).await;
                assert_eq!(message["method"], "order.place", "it was not lost, and the log-on came first");
                assert_eq!(message["params"]["timestamp"], context.clock().exchange_now().as_millis());
                server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
                let more = tokio::time::timeout(Duration::from_millis(500), server.text()).await;
                assert!(more.is_err(), "neither twice nor the query: {more:?}");
            }
        );
        order.unwrap();
        assert_eq!(query.unwrap_err().code().unwrap().0, -1021);
    }
}

/// Refuses a request for its timestamp.
async fn refuse_timestamp(server: &mut Server, id: u64) {
    let error = r#"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#;
    server.send(&format!(r#"{{"id":{id},"status":400,"error":{error}}}"#)).await;
}

#[tokio::test(start_paused = true)]
async fn a_timestamp_from_before_a_measurement_that_is_refused_after_it_is_not_measured_for_again() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let (one, two, ()) = tokio::join!(client.send(query_signed()), client.send(query_signed()), async {
        let (_, first) = request(&mut server).await;
        let (_, second) = request(&mut server).await;
        refuse_timestamp(&mut server, first).await;
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "time");
        let now = context.clock().now().as_millis();
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"serverTime":{now}}}}}"#)).await;
        for refused_now in [None, Some(second)] {
            if let Some(id) = refused_now {
                refuse_timestamp(&mut server, id).await;
            }
            let (message, id) = request(&mut server).await;
            assert_eq!(message["method"], "account.status", "it is repeated at once");
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
        }
    });
    one.unwrap();
    two.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_log_on_of_a_caller_that_was_refused_for_a_while_does_not_delay_the_next_connection() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let log_on_again = client.log_on();
    tokio::pin!(log_on_again);
    let error = loop {
        tokio::select! {
            result = &mut log_on_again => break result.unwrap_err(),
            (message, id) = request(&mut server) => {
                assert_eq!(message["method"], "session.logon");
                server.send(&format!(r#"{{"id":{id},"status":503,"error":{{"code":-1000,"msg":"busy"}}}}"#)).await;
            }
        }
    };
    assert!(error.is_transient(), "{error}");
    drop(server);
    let cut = Instant::now();
    log_on(&mut Server::accept(&mut connections).await).await;
    assert!(cut.elapsed() < Duration::from_millis(100), "{:?}", cut.elapsed());
}

fn query_signed() -> binance_kit_core::RawWsRequest<serde_json::Value> {
    binance_kit_core::RawWsRequest::new("account.status", Security::Signed).query()
}

#[tokio::test(start_paused = true)]
async fn answers_and_errors_have_the_id_of_their_request() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let (result, sent) = tokio::join!(client.send(order("1")), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
        id
    });
    assert_eq!(result.unwrap().id(), sent);
    let (result, sent) = tokio::join!(client.send(order("1")), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":400,"error":{{"code":-2010,"msg":"x"}}}}"#)).await;
        id
    });
    assert_eq!(result.unwrap_err().request_id(), Some(sent));
    let (result, sent) = tokio::join!(client.send(query("time")), async {
        let (_, id) = request(&mut server).await;
        drop(server);
        id
    });
    // The answer to a query that is lost is no unknown outcome.
    let error = result.unwrap_err();
    assert_eq!((error.request_id(), error.kind()), (Some(sent), ErrorKind::ConnectionLost));
    assert!(error.ask_again() && !error.outcome_unknown());
    assert_eq!(error.to_string(), "time: connection lost; the answer was lost: ask again");
    let mut server = Server::accept(&mut connections).await;
    let (result, ()) = tokio::join!(client.send(order("1")), async {
        request(&mut server).await;
        drop(server);
    });
    let error = result.unwrap_err();
    assert!(!error.ask_again() && error.outcome_unknown(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_request_given_up_at_its_deadline_is_named_by_the_id_that_it_was_written_with() {
    let (context, mut connections) = context();
    // Before the silence makes the connection a lost one.
    let config = WsApiConfig { timeout: Duration::from_secs(1), ..WsApiConfig::default() };
    let connecting =
        WsApiClient::builder(&context, &environment()).credentials(hmac()).config(config).connect();
    let (client, mut server) = tokio::join!(connecting, Server::accept(&mut connections));
    let client = client.unwrap();
    let (result, sent) = tokio::join!(client.send(order("1")), async {
        let (_, id) = request(&mut server).await;
        id
    });
    let error = result.unwrap_err();
    assert_eq!((error.request_id(), error.kind()), (Some(sent), ErrorKind::Timeout));
    assert!(error.outcome_unknown(), "{error}");
}

const DAY: i64 = 86_400_000;

#[tokio::test(start_paused = true)]
async fn a_time_that_is_off_by_more_than_a_day_is_refused_over_both_transports() {
    for offset in [2 * DAY, -2 * DAY, 50 * 365 * DAY] {
        let (context, mut connections) = context();
        let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
        let now = context.clock().now().as_millis();
        let (result, ()) = tokio::join!(client.send(query_signed()), async {
            let (_, id) = request(&mut server).await;
            server.send(&format!(r#"{{"id":{id},"status":400,"error":{{"code":-1021,"msg":"x"}}}}"#)).await;
            let (message, id) = request(&mut server).await;
            assert_eq!(message["method"], "time");
            let time = now + offset;
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"serverTime":{time}}}}}"#)).await;
        });
        let error = result.unwrap_err();
        assert_eq!((error.code().unwrap().0, error.delivery()), (-1021, Delivery::Refused));
        assert_eq!(context.clock().offset_micros(), 0, "{offset}");

        // REST at the same host does not confirm it.
        let rest = RestClient::builder(&context, &environment()).build().unwrap();
        let (result, ()) =
            tokio::join!(rest.sync_time(Api::Spot), serve_time(&mut connections, now + offset));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ImplausibleTime);
        assert!(format!("{error:?}").contains("set the clock of this machine"), "{error:?}");
        assert_eq!(context.clock().offset_micros(), 0, "{offset}");
    }
}

/// Serves three queries for the time on one connection.
async fn serve_time(connections: &mut Links, time: i64) {
    let mut io = connections.recv().await.unwrap();
    for _ in 0..3 {
        answer(&mut io, 200, &format!(r#"{{"serverTime":{time}}}"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_a_second_host_confirms_is_taken() {
    let (context, mut connections) = context_by_endpoint();
    let environment = environment().with_rest(Api::UsdmFutures, "http://127.0.0.1:2").unwrap();
    let rest = RestClient::builder(&context, &environment).build().unwrap();
    let now = context.clock().now().as_millis();
    for (agrees, offset) in [(false, 0), (true, 3 * DAY)] {
        let (result, ()) = tokio::join!(rest.sync_time(Api::Spot), async {
            let mut served = tokio::task::JoinSet::new();
            for _ in 0..2 {
                let Ok(Some((url, mut io))) =
                    tokio::time::timeout(Duration::from_secs(1), connections.recv()).await
                else {
                    break;
                };
                let time = if url.ends_with(":2") && !agrees { now } else { now + 3 * DAY };
                served.spawn(async move {
                    for _ in 0..3 {
                        answer(&mut io, 200, &format!(r#"{{"serverTime":{time}}}"#)).await;
                    }
                });
            }
            let _ = tokio::time::timeout(Duration::from_secs(1), served.join_all()).await;
        });
        assert_eq!(result.is_ok(), agrees, "{result:?}");
        let drift = context.clock().offset_micros() - offset * 1000;
        assert!(drift.abs() < 10_000_000, "{drift}");
    }
}
