//! Events of an account and answers whose keys come in the documented order: they are read without being parsed first, and nothing
//! else is different.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::{EventFrame, FastReader, Value};
use binance_kit_core::product::Spot;
use binance_kit_core::{
    Api, Cost, Decode, DecodeError, ErrorCode, ParamWriter, Request, Security, StreamEvent, WsRequest,
};
use binance_kit_ws_api::UserDataItem;
use common::{connect, context, ed25519, request};
use std::borrow::Cow;

/// An event `{"e":KIND,"n":NUMBER}`, and whether it was read in order.
#[derive(Debug, PartialEq)]
struct Numbered {
    number: u64,
    in_order: bool,
}

impl StreamEvent for Numbered {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let number = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?.as_u64()?;
        Ok(Self { number, in_order: false })
    }

    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        input.literal(b"{\"e\":")?;
        input.text()?;
        input.literal(b",\"n\":")?;
        let number = input.whole()?;
        input.literal(b"}")?;
        Some(Self { number, in_order: true })
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_the_same_in_whatever_order_their_keys_come() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, Some(ed25519().0)).await;
    let (stream, ()) = tokio::join!(client.subscribe_user_data::<Numbered>(), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":4}}}}"#)).await;
    });
    let mut stream = stream.unwrap();
    assert!(matches!(stream.next().await, Some(UserDataItem::Subscribed)));
    for (text, expected) in [
        (r#"{"subscriptionId":4,"event":{"e":"x","n":1}}"#, Some((1, true))),
        (r#"{"event":{"e":"x","n":2},"subscriptionId":4}"#, Some((2, false))),
        (r#"{"subscriptionId":4,"event":{"n":3,"e":"x"}}"#, Some((3, false))),
        (r#"{"subscriptionId":4, "event":{"e":"x","n":4}}"#, Some((4, false))),
        (r#"{"subscriptionId":4,"event":{"e":"x","n":5},"new":1}"#, Some((5, false))),
        // Of a subscription that is none of ours.
        (r#"{"subscriptionId":5,"event":{"e":"x","n":6}}"#, None),
        (r#"{"subscriptionId":4,"event":{"e":"x","n":7}}"#, Some((7, true))),
        // The end of a subscription is acted on.
        (r#"{"subscriptionId":4,"event":{"e":"eventStreamTerminated","n":8}}"#, Some((8, false))),
    ] {
        server.send(text).await;
        let Some((number, in_order)) = expected else { continue };
        match stream.next().await {
            Some(UserDataItem::Event { data, .. }) => {
                assert_eq!(data, Numbered { number, in_order }, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(stream.next().await, Some(UserDataItem::Interrupted)));
    let (message, id) = request(&mut server).await;
    assert_eq!(message["method"], "userDataStream.subscribe");
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"subscriptionId":5}}}}"#)).await;
    assert!(matches!(stream.next().await, Some(UserDataItem::Subscribed)));
}

/// The answer `{"n":NUMBER}`, and whether it was read in order.
impl Decode for Numbered {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let number = value.get("n").ok_or_else(|| DecodeError::missing("n"))?.as_u64()?;
        Ok(Self { number, in_order: false })
    }

    fn read_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.literal(b"{\"n\":")?;
        let number = input.whole()?;
        input.literal(b"}")?;
        Some(Self { number, in_order: true })
    }
}

struct Ask;

impl Request for Ask {
    type Response = Numbered;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl WsRequest for Ask {
    type Product = Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        "ask".into()
    }
}

/// The usage of a limit.
const LIMITS: &str =
    r#"[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":7}]"#;

#[tokio::test(start_paused = true)]
async fn answers_are_the_same_in_whatever_order_their_keys_come() {
    let (context, mut connections) = context();
    let (client, mut server) = connect(&context, &mut connections, None).await;
    for (answer, number, in_order, counts) in [
        (r#"{"id":ID,"status":200,"result":{"n":1},"rateLimits":LIMITS}"#, 1, true, &[7][..]),
        (r#"{"id":"ID","status":200,"result":{"n":2},"rateLimits":LIMITS}"#, 2, true, &[7]),
        (r#"{"id":ID,"status":200,"result":{"n":3}}"#, 3, true, &[]),
        (r#"{"id":ID,"status":200,"result":{"n":4},"rateLimits":[]}"#, 4, true, &[]),
        (r#"{"status":200,"id":ID,"rateLimits":LIMITS,"result":{"n":5}}"#, 5, false, &[7]),
        (r#"{"id":ID,"status":200,"result":{"n":6,"new":1},"rateLimits":LIMITS}"#, 6, false, &[7]),
        (r#"{"id":ID,"status":200,"result":{"n":7},"new":1,"rateLimits":LIMITS}"#, 7, false, &[7]),
        (r#"{"id":ID,"status":200,"result":{"n":8},"rateLimits":LIMITS,"new":1}"#, 8, false, &[7]),
        (r#"{"id": ID,"status":200,"result":{"n":9},"rateLimits":LIMITS}"#, 9, false, &[7]),
    ] {
        let (response, id) = tokio::join!(client.send(Ask), async {
            let (_, id) = request(&mut server).await;
            // Of a request that was never made: it changes nothing for the one that waits.
            let stray = answer.replace("ID", "999999999").replace("LIMITS", LIMITS);
            server.send(&stray).await;
            server.send(&answer.replace("ID", &id.to_string()).replace("LIMITS", LIMITS)).await;
            id
        });
        let response = response.unwrap();
        assert_eq!(*response.value(), Numbered { number, in_order }, "{answer}");
        assert_eq!((response.id(), response.status()), (id, 200), "{answer}");
        let counted: Vec<u32> = response.rate_limits().iter().filter_map(|limit| limit.count).collect();
        assert_eq!(counted, counts, "{answer}");
    }
    // What is cut off is no answer, however much of it was read.
    let (response, ()) = tokio::join!(client.send(Ask), async {
        let (_, id) = request(&mut server).await;
        server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"n":1}},"rateLimits":{LIMITS}"#)).await;
        server.send(&format!(r#"{{"id":{id},"status":400,"error":{{"code":-1000,"msg":"no"}}}}"#)).await;
    });
    assert_eq!(response.unwrap_err().code(), Some(ErrorCode::UNKNOWN));
}
