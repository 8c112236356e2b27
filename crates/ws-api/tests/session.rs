//! The WebSocket API client against a test server, with a paused clock.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Api, Delivery, RawWsRequest, Security};
use binance_kit_sign::VerifyingKey;
use binance_kit_ws_api::{Error, ErrorKind, SessionState, UserDataItem, WsApiClient, WsApiConfig};
use common::{
    Number, SECRET, Server, connect, context, describe, ed25519, environment, hmac, log_on, order, query,
    request,
};
use fastwebsockets::{Frame, OpCode};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn answers_find_their_requests_in_any_order() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, None).await;
    assert_eq!(server.path, "/ws-api/v3");
    let (one, two, ()) = tokio::join!(client.send(query("one")), client.send(query("two")), async {
        let (first, first_id) = request(&mut server).await;
        let (second, second_id) = request(&mut server).await;
        assert_eq!((first["method"].as_str(), second["method"].as_str()), (Some("one"), Some("two")));
        assert!(first.get("params").is_none());
        assert!(second_id > first_id);
        let limits = r#"[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":321}]"#;
        server.send(&format!(r#"{{"id":{second_id},"status":200,"result":2,"rateLimits":{limits}}}"#)).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        server.send(&format!(r#"{{"id":{first_id},"status":200,"result":1}}"#)).await;
    });
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((&one.0, &two.0), (&serde_json::json!(1), &serde_json::json!(2)));
    assert_eq!(one.round_trip(), Duration::from_millis(5));
    assert_eq!(two.rate_limits()[0].count, Some(321));
    assert_eq!(context.governor().usage(Api::Spot), (321, 6000), "the exchange's count is adopted");
}

#[tokio::test(start_paused = true)]
async fn an_ed25519_session_is_logged_on_and_then_needs_no_signatures() {
    let (context, mut connections) = context();
    let (credentials, verifying) = ed25519();
    let builder = WsApiClient::builder(&context, &environment()).credentials(credentials);
    let (client, mut server) = tokio::join!(builder.connect(), async {
        let mut server = Server::accept(&mut connections).await;
        let message = log_on(&mut server).await;
        let params = &message["params"];
        let payload = format!("apiKey=edKey&timestamp={}", params["timestamp"]);
        verifying.verify(payload.as_bytes(), params["signature"].as_str().unwrap()).unwrap();
        server
    });
    let client = client.unwrap();
    assert_eq!(*client.state().borrow(), SessionState::Connected { generation: 0, authenticated: true });
    let (placed, ()) = tokio::join!(client.send(order("1")), async {
        let (message, id) = request(&mut server).await;
        let params = message["params"].as_object().unwrap();
        let names: Vec<&str> = params.keys().map(String::as_str).collect();
        assert_eq!(names, ["quantity", "symbol", "timestamp"]);
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
    });
    placed.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_keys_sign_each_request_sorted_and_in_raw_utf8() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let verifying = VerifyingKey::hmac(SECRET).unwrap();
    let (placed, ()) = tokio::join!(client.send(order("1.00")), async {
        let (message, id) = request(&mut server).await;
        let params = &message["params"];
        let payload =
            format!("apiKey=hmacKey&quantity=1.00&symbol=币安USDT&timestamp={}", params["timestamp"]);
        verifying.verify(payload.as_bytes(), params["signature"].as_str().unwrap()).unwrap();
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
    });
    placed.unwrap();
    assert!(!format!("{client:?}").contains(SECRET));
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_exchange_are_typed() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    for (status, code, kind, delivery) in [
        (400, -2010, ErrorKind::Api, Delivery::Refused),
        (400, -1121, ErrorKind::Api, Delivery::Refused),
        (504, -1007, ErrorKind::ServerError, Delivery::MaybeWritten),
        (503, -1000, ErrorKind::ServerError, Delivery::MaybeWritten),
    ] {
        let (result, ()) = tokio::join!(client.send(order("1")), async {
            let (_, id) = request(&mut server).await;
            server
                .send(&format!(r#"{{"id":{id},"status":{status},"error":{{"code":{code},"msg":"x"}}}}"#))
                .await;
        });
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.delivery(), error.status()), (kind, delivery, Some(status)));
        assert_eq!(error.api_error().unwrap().code.0, code);
    }
    // I3: the result cannot be read. Whether the order was executed is not known.
    let (result, ()) =
        tokio::join!(client.send(RawWsRequest::<Vec<u8>>::new("order.place", Security::Signed)), async {
            let (_, id) = request(&mut server).await;
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"a":1}}}}"#)).await;
        });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Decode, Delivery::MaybeWritten));
}

#[tokio::test(start_paused = true)]
async fn h1_429_holds_every_client_of_the_context() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, None).await;
    let until = context.clock().exchange_now().plus(Duration::from_secs(40));
    let (result, ()) = tokio::join!(client.send(query("depth")), async {
        let (_, id) = request(&mut server).await;
        let retry = until.as_millis();
        server
            .send(&format!(r#"{{"id":{id},"status":429,"error":{{"code":-1003,"msg":"Too much request weight used.","data":{{"serverTime":1,"retryAfter":{retry}}}}}}}"#))
            .await;
    });
    let error = result.unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (Some(429), Some(Duration::from_secs(40))));
    let before = Instant::now();
    let (result, ()) = tokio::join!(client.send(query("depth")), async {
        // The server goes on pinging meanwhile, as the exchange does.
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(10)).await;
            let ping = Frame::new(true, OpCode::Ping, None, b"x".as_slice().into());
            server.socket.write_frame(ping).await.unwrap();
        }
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
    });
    result.unwrap();
    assert!(before.elapsed() >= Duration::from_secs(40), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn h2_an_order_does_not_outwait_a_long_hold() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    context.governor().hold(Api::Spot, Some(Duration::from_secs(60)));
    let error = client.send(order("1")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::NotWritten));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    client.close().await;
    assert_eq!(server.text().await, None, "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn user_data_refused_for_a_while_is_asked_for_again() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
    });
    let mut stream = stream.unwrap();
    assert_eq!(describe(stream.next().await), "subscribed");
    drop(server);
    assert_eq!(describe(stream.next().await), "interrupted");
    let mut server = Server::accept(&mut connections).await;
    log_on(&mut server).await;
    for _ in 0..3 {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe");
        server.send(&format!(r#"{{"id":{id},"status":503,"error":{{"code":-1000,"msg":"busy"}}}}"#)).await;
        assert_eq!(describe(stream.next().await), "refused -1000");
    }
    let (_, id) = request(&mut server).await;
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":9}}}}"#)).await;
    assert_eq!(describe(stream.next().await), "subscribed");
}

#[tokio::test(start_paused = true)]
async fn i1_a_lost_connection_fails_what_was_in_flight_and_replays_nothing() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (result, ()) = tokio::join!(client.send(order("1")), async {
        request(&mut server).await;
        drop(server);
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::ConnectionLost, Delivery::MaybeWritten));
    assert!(error.outcome_unknown());

    // A request made while the connection is down waits for the next one and is signed there.
    let (result, ()) = tokio::join!(client.send(order("2")), async {
        let mut server = Server::accept(&mut connections).await;
        log_on(&mut server).await;
        let (message, id) = request(&mut server).await;
        assert_eq!(message["params"]["quantity"], "2", "the first order is not sent again");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
    });
    result.unwrap();
}

#[tokio::test(start_paused = true)]
async fn i9_a_timed_out_request_is_unknown_and_its_late_answer_is_dropped() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let (result, late) = tokio::join!(client.send(order("1")), async {
        let late = request(&mut server).await;
        // The peer is there, and does not answer in time.
        assert!(tokio::time::timeout(Duration::from_secs(10), server.idle()).await.is_err());
        late
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::MaybeWritten));
    let (result, ()) = tokio::join!(client.send(query("time")), async {
        let (_, id) = request(&mut server).await;
        assert_ne!(id, late.1);
        // I10: late, then right, then twice, then one to no request.
        for (id, value) in [(late.1, 1), (id, 2), (id, 3), (999_999, 4)] {
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{value}}}"#)).await;
        }
    });
    assert_eq!(result.unwrap().0, serde_json::json!(2));
}

#[tokio::test(start_paused = true)]
async fn i18_a_request_that_could_not_be_written_in_time_never_is() {
    let (context, mut connections) = context();
    let (client, server) = connect(&context, &mut connections, Some(hmac())).await;
    drop(server);
    let mut state = client.state();
    state.wait_for(|state| *state == SessionState::Connecting).await.unwrap();
    // The next connection is not upgraded until long after.
    let error = client.send(order("1")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotWritten));
    let dropped = tokio::time::timeout(Duration::from_secs(1), client.send(order("2"))).await;
    assert!(dropped.is_err(), "k4: dropped before it was written");
    let (result, mut server) = tokio::join!(client.send(query("time")), async {
        let mut server = loop {
            // Connections given up meanwhile are among them.
            let io = connections.recv().await.unwrap();
            if connections.is_empty() {
                break Server::upgrade(io).await;
            }
        };
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "time", "neither order was written");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
        server
    });
    drop(client);
    result.unwrap();
    assert_eq!(server.text().await, None, "nor was either of them later");
}

#[tokio::test(start_paused = true)]
async fn i10_an_answer_to_an_unknown_id_does_not_reach_the_only_request_in_flight() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    for stray in ["999999999", "\"abc\"", "0", "\"\"", "18446744073709551615"] {
        let (result, ()) = tokio::join!(client.send(order("1")), async {
            let (_, id) = request(&mut server).await;
            server.send(&format!(r#"{{"id":{stray},"status":200,"result":{{"stray":true}}}}"#)).await;
            server
                .send(&format!(r#"{{"id":{stray},"status":400,"error":{{"code":-2010,"msg":"x"}}}}"#))
                .await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"stray":false}}}}"#)).await;
        });
        assert_eq!(result.unwrap().0, serde_json::json!({"stray": false}), "{stray}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_checked_before_they_are_sent() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, None).await;
    let error = client.send(order("1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
    let error = client.send(query("x").with("a", "1").with("a", "2")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "the request is not valid: `a` occurs twice"
    );
    client.close().await;
    assert_eq!(server.text().await, None);
    assert_eq!(client.send(query("x")).await.unwrap_err().kind(), ErrorKind::Closed);
    let (context, connections) = common::context();
    drop(connections);
    let error: Error = WsApiClient::builder(&context, &environment()).connect().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten));
}

#[tokio::test(start_paused = true)]
async fn user_data_is_routed_by_subscription_and_comes_again_after_a_reconnect() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":4}}}}"#)).await;
        // An event right behind the answer is not lost, and one of another subscription is not ours.
        server.send(r#"{"subscriptionId":4,"event":{"e":"x","n":1}}"#).await;
        server.send(r#"{"subscriptionId":5,"event":{"e":"x","n":2}}"#).await;
        server.send(r#"{"subscriptionId":4,"event":{"e":"x","n":"y"}}"#).await;
    });
    let mut stream = stream.unwrap();
    assert_eq!(describe(stream.next().await), "subscribed");
    assert_eq!(describe(stream.next().await), "1");
    assert_eq!(describe(stream.next().await), r#"malformed {"e":"x","n":"y"}"#);

    // J5: the exchange ends the stream by itself.
    server.send(r#"{"subscriptionId":4,"event":{"e":"eventStreamTerminated","n":3}}"#).await;
    assert_eq!(describe(stream.next().await), "3");
    assert_eq!(describe(stream.next().await), "interrupted");
    let (_, id) = request(&mut server).await;
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":6}}}}"#)).await;
    assert_eq!(describe(stream.next().await), "subscribed");

    drop(server);
    assert_eq!(describe(stream.next().await), "interrupted");
    let mut server = Server::accept(&mut connections).await;
    log_on(&mut server).await;
    let (message, id) = request(&mut server).await;
    assert_eq!(message["method"], "userDataStream.subscribe");
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
    server.send(r#"{"subscriptionId":0,"event":{"e":"x","n":7}}"#).await;
    assert_eq!(describe(stream.next().await), "subscribed");
    assert_eq!(describe(stream.next().await), "7");

    let (unsubscribed, ()) = tokio::join!(stream.unsubscribe(), async {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.unsubscribe");
        assert_eq!(message["params"]["subscriptionId"], 0);
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
    });
    unsubscribed.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_user_data_queue_that_runs_full_ends_the_stream_and_reports_it() {
    let (context, mut connections) = context();
    let config = WsApiConfig { user_data_queue: 3, ..WsApiConfig::default() };
    let builder = WsApiClient::builder(&context, &environment()).credentials(hmac()).config(config);
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe.signature");
        assert!(message["params"]["signature"].is_string());
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
        for number in 0..5 {
            server.send(&format!(r#"{{"subscriptionId":0,"event":{{"e":"x","n":{number}}}}}"#)).await;
        }
    });
    let mut stream = stream.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut items = Vec::new();
    loop {
        let item = describe(stream.next().await);
        if item == "end" {
            break;
        }
        items.push(item);
    }
    assert_eq!(items, ["subscribed", "0", "1"]);
    assert!(stream.is_overflowed());

    // The exchange allows one subscription of an account on a connection, so the dead one must go before the next.
    let (next, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.unsubscribe");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe.signature");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":1}}}}"#)).await;
    });
    assert_eq!(describe(next.unwrap().next().await), "subscribed");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_given_up_while_its_answer_is_on_its_way_is_ended() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let (message, id) = tokio::select! {
        _ = client.subscribe_user_data::<Number>() => panic!("it was not answered"),
        asked = request(&mut server) => asked,
    };
    assert_eq!(message["method"], "userDataStream.subscribe.signature");
    // The client learns that it is not wanted before it learns its number.
    tokio::time::sleep(Duration::from_millis(10)).await;
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":5}}}}"#)).await;
    let (message, _) = request(&mut server).await;
    assert_eq!(message["method"], "userDataStream.unsubscribe");
    assert_eq!(message["params"], serde_json::json!({"subscriptionId": 5}));
}

#[tokio::test(start_paused = true)]
async fn j5_a_log_out_that_ends_the_stream_is_followed_by_a_signed_subscription() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
    });
    let mut stream = stream.unwrap();
    let (logged_out, ()) = tokio::join!(client.log_out(), async {
        let (message, log_out) = request(&mut server).await;
        assert_eq!(message["method"], "session.logout");
        // The end of the subscription comes before the answer.
        server.send(r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","n":1}}"#).await;
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe.signature");
        server.send(&format!(r#"{{"id":{log_out},"status":200,"result":{{"apiKey":null}}}}"#)).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":1}}}}"#)).await;
    });
    logged_out.unwrap();
    for expected in ["subscribed", "1", "interrupted", "subscribed"] {
        assert_eq!(describe(stream.next().await), expected);
    }
    assert_eq!(*client.state().borrow(), SessionState::Connected { generation: 0, authenticated: false });
}

#[tokio::test(start_paused = true)]
async fn i12_a_connection_lost_during_log_on_does_not_stop_the_next_one() {
    let (context, mut connections) = context();
    let (client, server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    let (message, _) = request(&mut server).await;
    assert_eq!(message["method"], "session.logon");
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    log_on(&mut server).await;
    let mut state = client.state();
    let connected = state.wait_for(|state| matches!(state, SessionState::Connected { .. }));
    let connected = tokio::time::timeout(Duration::from_secs(5), connected).await.unwrap().unwrap().clone();
    assert_eq!(connected, SessionState::Connected { generation: 1, authenticated: true });
}

#[tokio::test(start_paused = true)]
async fn a_refused_reconnect_waits_as_long_as_the_exchange_asks() {
    use tokio::io::AsyncWriteExt as _;
    let (context, mut connections) = context();
    let (_client, server) = connect(&context, &mut connections, None).await;
    drop(server);
    let mut refused = connections.recv().await.unwrap();
    common::read_head(&mut refused).await;
    let answer = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
    refused.write_all(answer).await.unwrap();
    let early = tokio::time::timeout(Duration::from_secs(59), connections.recv()).await;
    assert!(early.is_err(), "connected again before the time was over");
    Server::accept(&mut connections).await;
}

#[tokio::test(start_paused = true)]
async fn a_log_on_that_was_written_and_not_answered_may_have_been_seen() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (result, (message, _)) = tokio::join!(client.log_on(), async {
        let log_on = request(&mut server).await;
        server.idle().await;
        log_on
    });
    assert_eq!(message["method"], "session.logon");
    assert_eq!(result.unwrap_err().delivery(), Delivery::MaybeWritten);
}

#[tokio::test(start_paused = true)]
async fn a_log_on_over_the_limit_is_not_tried_again_before_the_exchange_allows() {
    let (context, mut connections) = context();
    let (_client, server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    let (_, id) = request(&mut server).await;
    let until = context.clock().exchange_now().plus(Duration::from_secs(60)).as_millis();
    let data = format!(r#"{{"serverTime":1,"retryAfter":{until}}}"#);
    let error = format!(r#"{{"code":-1003,"msg":"Way too much.","data":{data}}}"#);
    server.send(&format!(r#"{{"id":{id},"status":418,"error":{error}}}"#)).await;
    let early = tokio::time::timeout(Duration::from_secs(59), connections.recv()).await;
    assert!(early.is_err(), "connected again before the time was over");
    log_on(&mut Server::accept(&mut connections).await).await;
}

/// Acknowledges a subscription of user data.
async fn subscribed(server: &mut Server) {
    let (message, id) = request(server).await;
    assert_eq!(message["method"], "userDataStream.subscribe");
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
}

#[tokio::test(start_paused = true)]
async fn d7_a_session_that_is_cut_again_and_again_comes_back_at_once() {
    let (context, mut connections) = context();
    let (credentials, _) = ed25519();
    let (client, mut server) = connect(&context, &mut connections, Some(credentials)).await;
    let (user_data, ()) = tokio::join!(client.subscribe_user_data::<Number>(), subscribed(&mut server));
    let mut user_data = user_data.unwrap();
    assert!(matches!(user_data.next().await, Some(UserDataItem::Subscribed)));
    let mut down = Duration::ZERO;
    // 20 s, and shorter than any wait that a connection without an answer would need to be over.
    for lived in [20, 2].into_iter().cycle().take(60) {
        tokio::time::sleep(Duration::from_secs(lived)).await;
        drop(server);
        assert!(matches!(user_data.next().await, Some(UserDataItem::Interrupted)));
        let cut = Instant::now();
        let serving = async {
            let mut server = Server::accept(&mut connections).await;
            log_on(&mut server).await;
            subscribed(&mut server).await;
            server
        };
        let (next, accepted) = tokio::join!(user_data.next(), serving);
        assert!(matches!(next, Some(UserDataItem::Subscribed)), "{next:?}");
        server = accepted;
        down += cut.elapsed();
    }
    assert!(down <= 60 * Duration::from_millis(50), "{down:?}");
}
