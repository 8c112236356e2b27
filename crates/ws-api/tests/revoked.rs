//! Keys that are refused, sessions that are revoked, subscriptions that are ended: tried again as far as that can help, and no
//! further.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Delivery, Responsible};
use binance_kit_ws_api::{ErrorKind, SessionState, WsApiClient};
use common::{
    Number, Server, connect, context, describe, ed25519, environment, hmac, log_on, order, query, request,
};
use std::time::Duration;
use tokio::time::Instant;

/// The answer of a revoked session.
const REVOKED: &str = r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#;

#[tokio::test(start_paused = true)]
async fn i11_a_revoked_session_fails_signed_requests_and_logs_on_once_more() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (result, ()) = tokio::join!(client.send(order("1")), async {
        request(&mut server).await;
        server.send(r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#).await;
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::AuthenticationRefused, Delivery::MaybeWritten));

    // The old connection stays up at its other end, and is not waited for.
    let (old, revoked) = (server, Instant::now());
    let mut server = Server::accept(&mut connections).await;
    assert!(revoked.elapsed() < Duration::from_secs(1), "{:?}", revoked.elapsed());
    drop(old);
    let (_, id) = request(&mut server).await;
    server.send(&format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"no"}}}}"#)).await;
    let mut state = client.state();
    state.wait_for(|state| matches!(state, SessionState::AuthenticationRefused(_))).await.unwrap();
    // Signed requests fail at once, others go on.
    let error = client.send(order("2")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::AuthenticationRefused, Delivery::NotWritten));
    let (result, ()) = tokio::join!(client.send(query("time")), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
    });
    result.unwrap();
}

#[tokio::test(start_paused = true)]
async fn i13_a_wrong_key_is_refused_once_and_reported() {
    let (context, mut connections) = context();
    let builder = WsApiClient::builder(&context, &environment()).credentials(ed25519().0);
    let (client, _server) = tokio::join!(builder.connect(), async {
        let mut server = Server::accept(&mut connections).await;
        let (_, id) = request(&mut server).await;
        server
            .send(&format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}}}"#))
            .await;
        server
    });
    let error = client.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthenticationRefused);
    assert_eq!(error.responsible(), Responsible::Caller);
    assert_eq!(
        error.to_string(),
        "session.logon: credentials refused by the exchange: -2015 Invalid API-key, IP, or permissions for action."
    );
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(connections.is_empty(), "i13: no loop of attempts");
}

#[tokio::test(start_paused = true)]
async fn i13_a_refused_log_on_is_not_tried_again_on_later_connections() {
    let (context, mut connections) = context();
    let (client, server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    let (message, id) = request(&mut server).await;
    assert_eq!(message["method"], "session.logon");
    server.send(&format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"no"}}}}"#)).await;
    let mut state = client.state();
    state.wait_for(|state| matches!(state, SessionState::AuthenticationRefused(_))).await.unwrap();
    drop(server);
    for _ in 0..3 {
        let mut server = Server::accept(&mut connections).await;
        let (result, message) = tokio::join!(client.send(query("time")), async {
            let (message, id) = request(&mut server).await;
            server.send(&format!(r#"{{"id":{id},"status":200,"result":1}}"#)).await;
            message
        });
        assert_eq!(message["method"], "time", "the first request of the connection is no log-on");
        result.unwrap();
        assert!(matches!(*state.borrow(), SessionState::AuthenticationRefused(_)));
    }
    // The caller may ask for it.
    let mut server = Server::accept(&mut connections).await;
    let (logged_on, _) = tokio::join!(client.log_on(), log_on(&mut server));
    logged_on.unwrap();
    let connected =
        state.wait_for(|state| matches!(state, SessionState::Connected { .. })).await.unwrap().clone();
    assert!(matches!(connected, SessionState::Connected { authenticated: true, .. }));
}

#[tokio::test(start_paused = true)]
async fn i11_a_session_that_is_revoked_again_and_again_is_given_up_after_the_second_time() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let mut state = client.state();
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
    });
    let mut stream = stream.unwrap();
    assert_eq!(describe(stream.next().await), "subscribed");
    server.send(REVOKED).await;
    assert_eq!(describe(stream.next().await), "interrupted");
    let mut server = Server::accept(&mut connections).await;
    log_on(&mut server).await;
    state.wait_for(|state| matches!(state, SessionState::Connected { generation: 1, .. })).await.unwrap();
    server.send(REVOKED).await;

    // The third connection does not log on, nor does it subscribe with the same key.
    let mut server = Server::accept(&mut connections).await;
    let refused = state.wait_for(|state| matches!(state, SessionState::AuthenticationRefused(_)));
    let refused = tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap().unwrap().clone();
    let SessionState::AuthenticationRefused(api) = refused else { panic!() };
    assert_eq!(api.code.0, -2015);
    assert_eq!(describe(stream.next().await), "refused -2015");
    let error = client.send(order("1")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::AuthenticationRefused, Delivery::NotWritten));
    assert_eq!(error.code().unwrap().0, -2015);
    let quiet = tokio::time::timeout(Duration::from_secs(600), server.text()).await;
    assert!(quiet.is_err(), "nothing is sent: {quiet:?}");
    assert!(connections.is_empty());

    // The caller may try again, and the stream comes with it.
    let (logged_on, ()) = tokio::join!(client.log_on(), async {
        log_on(&mut server).await;
        let (message, id) = request(&mut server).await;
        assert_eq!(message["method"], "userDataStream.subscribe");
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":3}}}}"#)).await;
    });
    logged_on.unwrap();
    assert_eq!(describe(stream.next().await), "subscribed");
}

#[tokio::test(start_paused = true)]
async fn i11_a_revocation_after_a_long_healthy_session_is_the_first_again() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    for generation in 1..5 {
        let healthy = tokio::time::timeout(Duration::from_secs(601), server.idle()).await;
        assert!(healthy.is_err(), "the connection stays");
        server.send(REVOKED).await;
        server = Server::accept(&mut connections).await;
        log_on(&mut server).await;
        let mut state = client.state();
        let expected = SessionState::Connected { generation, authenticated: true };
        let connected = state.wait_for(|state| *state == expected);
        tokio::time::timeout(Duration::from_secs(5), connected).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn i11_a_session_that_is_revoked_during_the_first_connection_is_an_error_with_its_code() {
    let (context, mut connections) = context();
    let builder = WsApiClient::builder(&context, &environment()).credentials(ed25519().0);
    let (client, _server) = tokio::join!(builder.connect(), async {
        let mut server = Server::accept(&mut connections).await;
        let (_, id) = request(&mut server).await;
        server.send(REVOKED).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
        server
    });
    let error = client.unwrap_err();
    assert_eq!((error.kind(), error.code().unwrap().0), (ErrorKind::AuthenticationRefused, -2015));
}

#[tokio::test(start_paused = true)]
async fn j5_a_subscription_that_is_ended_again_and_again_is_not_asked_for_in_a_loop() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let began = Instant::now();
    let mut asked = Vec::new();
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        for _ in 0..6 {
            let (_, id) = request(&mut server).await;
            asked.push(began.elapsed().as_secs());
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
            server.send(r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","n":1}}"#).await;
        }
    });
    // Once at once, then after 5, 10, 20 and 40 seconds, give or take what a timer is late.
    let waits: Vec<u64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, least) in waits.iter().zip([0, 5, 10, 20, 40]) {
        assert!((least..=least + 5).contains(wait), "{waits:?}");
    }
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn j5_a_new_connection_asks_once_for_a_subscription_that_was_to_come_later() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Number>(), async {
        for _ in 0..2 {
            let (_, id) = request(&mut server).await;
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
            server.send(r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","n":1}}"#).await;
        }
    });
    let _stream = stream.unwrap();
    // The third time would come five seconds after the second end. The connection is lost before, and the next one asks.
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(server);
    let mut server = Server::accept(&mut connections).await;
    log_on(&mut server).await;
    let (message, id) = request(&mut server).await;
    assert_eq!(message["method"], "userDataStream.subscribe");
    // Its answer takes longer than that.
    let again = tokio::time::timeout(Duration::from_secs(8), server.text()).await;
    assert!(again.is_err(), "asked twice: {again:?}");
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":0}}}}"#)).await;
}
