//! A peer that is gone without a word, or hears nothing: noticed within three seconds where an answer is awaited, and no order is
//! written meanwhile.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::Delivery;
use binance_kit_ws_api::ErrorKind;
use common::{Server, connect, context, ed25519, hmac, log_on, order, query, request};
use fastwebsockets::{Frame, OpCode};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a3_a_half_open_connection_with_a_request_in_flight_is_noticed_within_three_seconds() {
    let (context, mut connections) = context();
    for request_is_query in [true, false] {
        let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
        // Healthy for a while, so that no deadline of the beginning counts.
        assert!(tokio::time::timeout(Duration::from_secs(47), server.idle()).await.is_err());
        let began = Instant::now();
        // The peer is gone without a word: nothing is read or written there any more.
        let error =
            if request_is_query { client.send(query("time")).await } else { client.send(order("1")).await };
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::ConnectionLost, Delivery::MaybeWritten));
        assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(error.outcome_unknown(), !request_is_query);
        drop(client);
        drop(server);
        while connections.try_recv().is_ok() {}
    }
}

#[tokio::test(start_paused = true)]
async fn a3_an_idle_connection_on_which_nothing_comes_is_replaced_at_its_idle_timeout_and_not_before() {
    let (context, mut connections) = context();
    let (_client, _silent) = connect(&context, &mut connections, Some(hmac())).await;
    let began = Instant::now();
    // Not even a ping is answered. Nothing waits for an answer, so that there is no hurry.
    let _next = Server::accept(&mut connections).await;
    let seconds = began.elapsed().as_secs_f64();
    assert!((25.0..26.0).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a3_a_log_on_into_a_half_open_connection_is_given_up_within_three_seconds() {
    let (context, mut connections) = context();
    let (_client, server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    drop(server);
    let _silent = Server::accept(&mut connections).await;
    let began = Instant::now();
    let mut server = Server::accept(&mut connections).await;
    assert!(began.elapsed() <= Duration::from_millis(3500), "{:?}", began.elapsed());
    log_on(&mut server).await;
}

#[tokio::test(start_paused = true)]
async fn a3_orders_wait_while_the_connection_is_under_suspicion_and_go_to_the_next_one() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (lost, held, message) = tokio::join!(
        client.send(query("time")),
        async {
            // The answer to the query is late by now, and a ping is under way.
            tokio::time::sleep(Duration::from_millis(1100)).await;
            client.send(order("7")).await
        },
        async {
            request(&mut server).await;
            let mut next = Server::accept(&mut connections).await;
            log_on(&mut next).await;
            let (message, id) = request(&mut next).await;
            next.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
            // On the old connection there is the ping, and no order.
            let old = tokio::time::timeout(Duration::from_secs(1), server.text()).await;
            assert!(!matches!(old, Ok(Some(_))), "{old:?}");
            (message, next)
        }
    );
    assert_eq!(lost.unwrap_err().kind(), ErrorKind::ConnectionLost);
    held.unwrap();
    assert_eq!(
        (&message.0["method"], &message.0["params"]["quantity"]),
        (&"order.place".into(), &"7".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a3_a_peer_that_is_only_slow_keeps_its_connection_and_orders_go_on_after_its_pong() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    server.socket.set_auto_pong(false);
    let (slow, held, ()) = tokio::join!(
        client.send(query("exchangeInfo")),
        async {
            tokio::time::sleep(Duration::from_millis(1100)).await;
            let began = Instant::now();
            let sent = client.send(order("7")).await;
            (sent, began.elapsed())
        },
        async {
            let (_, slow) = request(&mut server).await;
            // A pong that answers nothing is no sign of life of the way there.
            let ping = server.socket.read_frame().await.unwrap();
            assert_eq!(ping.opcode, OpCode::Ping);
            let payload = ping.payload.to_vec();
            for payload in [vec![], payload] {
                let none = tokio::time::timeout(Duration::from_millis(400), server.socket.read_frame()).await;
                assert!(none.is_err(), "the order was written while the connection was under suspicion");
                server.socket.write_frame(Frame::pong(payload.into())).await.unwrap();
            }
            server.socket.set_auto_pong(true);
            let (message, id) = request(&mut server).await;
            assert_eq!(message["method"], "order.place");
            server.send(&format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#)).await;
            let seven = tokio::time::timeout(Duration::from_secs(6), server.idle()).await;
            assert!(seven.is_err(), "pings are answered, so it stays");
            server.send(&format!(r#"{{"id":{slow},"status":200,"result":1}}"#)).await;
        }
    );
    slow.unwrap();
    held.0.unwrap();
    assert!(held.1 < Duration::from_secs(1), "{:?}", held.1);
}

#[tokio::test(start_paused = true)]
async fn a3_a_peer_that_answers_another_request_meanwhile_is_not_asked_for_a_sign_of_life() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    server.socket.set_auto_pong(false);
    let (slow, other, ()) = tokio::join!(
        client.send(query("exchangeInfo")),
        async {
            tokio::time::sleep(Duration::from_millis(800)).await;
            client.send(query("time")).await
        },
        async {
            let (_, slow) = request(&mut server).await;
            let (_, other) = request(&mut server).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            server.send(&format!(r#"{{"id":{other},"status":200,"result":1}}"#)).await;
            // The slow answer is late a second after that, not a second after its request.
            let ping = tokio::time::timeout(Duration::from_millis(900), server.socket.read_frame()).await;
            assert!(ping.is_err(), "a ping {:?}", ping.unwrap().unwrap().opcode);
            let ping = server.socket.read_frame().await.unwrap();
            assert_eq!(ping.opcode, OpCode::Ping);
            server.send(&format!(r#"{{"id":{slow},"status":200,"result":1}}"#)).await;
        }
    );
    slow.unwrap();
    other.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a4_what_we_write_is_lost_while_events_arrive() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(hmac())).await;
    let began = Instant::now();
    let (result, ()) = tokio::join!(client.send(order("1")), async {
        request(&mut server).await;
        // Nothing is read from here on.
        while began.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let event = Frame::text(br#"{"subscriptionId":9,"event":{"e":"x","n":1}}"#.as_slice().into());
            if server.socket.write_frame(event).await.is_err() {
                break;
            }
        }
    });
    assert_eq!(result.unwrap_err().delivery(), Delivery::MaybeWritten);
    assert!(began.elapsed() <= Duration::from_secs(15), "{:?}", began.elapsed());
}
