//! What a hostile peer can make a user-data stream keep, from the peer to the consumer, as the allocator counts it. A program of
//! its own: the allocator counts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../stream/tests/common/mod.rs"]
mod common;

use binance_kit_core::{Api, Cost, ParamWriter, RawEvent, Request, Security, WsRequest, product};
use binance_kit_sign::Ed25519Pair;
use binance_kit_ws_api::{UserDataItem, WsApiClient, WsApiConfig};
use common::{Server, context, environment, id_of};
use fastwebsockets::{Frame, Payload};
use std::borrow::Cow;
use std::time::Duration;

const MIB: usize = 1 << 20;

/// A request that is answered by a list of lists.
struct Levels;

impl Request for Levels {
    type Response = Vec<Vec<u64>>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::FREE
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for Levels {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("levels")
    }
}

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

/// The length of the frame, and what it takes at the peak without what is kept of it; the server's copy counts, too.
fn peak(list: &str) -> (usize, usize) {
    let mut frame =
        format!(r#"{{"id":{:20},"status":200,"result":{list},"rateLimits":[]}}"#, "").into_bytes();
    let length = frame.len();
    let test = async {
        let (context, mut connections) = context();
        let builder = WsApiClient::builder(&context, &environment());
        let (client, server) =
            tokio::join!(builder.connect(), async { Server::accept(&mut connections).await });
        let (client, mut server) = (client.unwrap(), server);
        let (levels, ()) = tokio::join!(client.send(Levels), async {
            let id = format!("{:20}", id_of(&server.text().await.unwrap()));
            frame[6..26].copy_from_slice(id.as_bytes());
            let frame = Frame::text(Payload::Borrowed(&frame));
            server.socket.write_frame(frame).await.unwrap();
        });
        levels.map(binance_kit_ws_api::WsResponse::into_value)
    };
    let mut kept = None;
    let counts = allocation_counter::measure(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        kept = Some(runtime.enable_time().start_paused(true).build().unwrap().block_on(test));
    });
    assert!(kept.is_some_and(|levels| levels.is_ok()));
    let max = usize::try_from(counts.bytes_max).unwrap();
    (length, max - usize::try_from(counts.bytes_current).unwrap())
}

#[test]
fn k12_a_long_answer_takes_at_most_four_times_its_length() {
    let levels = format!("[{}[0,0]]", "[1234567,7654321],".repeat(8 * MIB / 18));
    let (length, peak) = peak(&levels);
    println!("{} MiB at the peak for {} MiB", peak / MIB, length / MIB);
    assert!(peak <= 4 * length, "{peak} for {length}");
}
