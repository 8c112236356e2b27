//! Events of an account whose keys come in the documented order: they are read without being parsed first, and nothing else
//! is different.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::{EventFrame, FastReader};
use binance_kit_core::{DecodeError, StreamEvent};
use binance_kit_ws_api::UserDataItem;
use common::{connect, context, ed25519, request};

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
