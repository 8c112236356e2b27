//! A stream that is driven by the main task of a runtime with several threads. There the runtime has no place to put aside what
//! it stops for having done much in one go, and wakes it at once.

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, StreamEvent};
use binance_kit_stream::{Item, StreamClient};
use common::{Server, context, environment, topics};

#[derive(Debug)]
struct Number(u64);

impl StreamEvent for Number {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let number = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        number.as_u64().map(Self)
    }
}

#[test]
fn a_flood_is_read_to_its_end() {
    const FRAMES: u64 = 20_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (context, mut connections) = context();
        let serving = binance_kit_net::task::spawn("server", async move {
            let mut server = Server::accept(&mut connections).await;
            server.answer_list(&["a@x"]).await;
            for number in 0..FRAMES {
                server.send(&format!(r#"{{"stream":"a@x","data":{{"n":{number}}}}}"#)).await;
            }
            // Until the client has closed.
            server.text().await;
        });
        let client = StreamClient::new(&context, &environment()).unwrap();
        let mut stream = client.pull(topics::<Number>(["a@x"])).await.unwrap();
        let mut next = 0;
        while next < FRAMES {
            match stream.next().await.unwrap() {
                Item::Event(event) => {
                    assert_eq!(event.0, next);
                    next += 1;
                }
                Item::State(change) => assert_eq!(next, 0, "{change:?}"),
                other => unreachable!("{other:?}"),
            }
        }
        stream.close().await;
        serving.join().await;
    });
}
