//! What a hostile peer can make a user-data stream keep, from the peer to the consumer, as the allocator counts it. A program of
//! its own: the allocator counts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../stream/tests/common/mod.rs"]
mod common;

use binance_kit_core::RawEvent;
use binance_kit_sign::Ed25519Pair;
use binance_kit_ws_api::{UserDataItem, WsApiClient, WsApiConfig};
use common::{Server, context, environment, id_of};
use fastwebsockets::{Frame, Payload};
use std::time::Duration;

const MIB: usize = 1 << 20;

async fn answer(server: &mut Server, result: &str) {
    let id = id_of(&server.text().await.unwrap());
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{result}}}"#)).await;
}

#[test]
fn k11_user_data_that_is_not_taken_ends_as_overflowed_within_its_bytes() {
    let test = async || {
        let (context, mut connections) = context();
        let config = WsApiConfig { user_data_bytes: 2 * MIB, ..WsApiConfig::default() };
        let keys = Ed25519Pair::from_seed([7; 32]).unwrap().credentials("edKey").unwrap();
        let builder = WsApiClient::builder(&context, &environment()).credentials(keys).config(config);
        let (client, mut server) = tokio::join!(builder.connect(), async {
            let mut server = Server::accept(&mut connections).await;
            answer(&mut server, r#"{"apiKey":"edKey"}"#).await;
            server
        });
        let client = client.unwrap();
        let (stream, ()) = tokio::join!(
            client.subscribe_user_data::<RawEvent>(),
            answer(&mut server, r#"{"subscriptionId":4}"#)
        );
        let mut stream = stream.unwrap();
        let text = "x".repeat(MIB / 8);
        let event = format!(r#"{{"subscriptionId":4,"event":{{"e":"somethingNew","text":"{text}"}}}}"#);
        for _ in 0..60 {
            let frame = Frame::text(Payload::Borrowed(event.as_bytes()));
            server.socket.write_frame(frame).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(stream.is_overflowed());
        let mut events = 0;
        while let Some(item) = stream.next().await {
            events += usize::from(matches!(item, UserDataItem::Event { .. }));
        }
        assert!((7..16).contains(&events), "{events}");
        assert!(context.queues().used() < MIB, "what was taken is given back: {}", context.queues().used());
    };
    let counts = allocation_counter::measure(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(test());
    });
    println!("{} KiB at the peak, {} KiB left", counts.bytes_max >> 10, counts.bytes_current >> 10);
    assert!(counts.bytes_max < 6 << 20, "{}", counts.bytes_max);
    assert!(counts.bytes_current < 1 << 20, "{}", counts.bytes_current);
}
