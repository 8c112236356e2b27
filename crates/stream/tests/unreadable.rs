//! An element of an all-market array that cannot be read is an item beside the event with the others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_model::spot::MarketEvent;
use binance_kit_stream::{Item, StreamClient};
use common::{Server, context, environment, topics};

fn ticker(symbol: &str, close: &str) -> String {
    format!(
        r#"{{"e":"24hrMiniTicker","E":1,"s":"{symbol}","c":{close},"o":"1","h":"1","l":"1","v":"1","q":"1"}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_ticker_of_all_is_an_item_and_the_others_arrive() {
    let name = "!miniTicker@arr";
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<MarketEvent>([name])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&[name]).await;
        server
    });
    let mut stream = stream.unwrap();
    assert!(matches!(stream.next().await, Some(Item::State(_))));
    let bad = ticker("B", "true");
    for place in 0..3 {
        let mut all = vec![ticker("A", "\"1\""), ticker("C", "\"2\"")];
        all.insert(place, bad.clone());
        server.send(&format!(r#"{{"stream":"{name}","data":[{}]}}"#, all.join(","))).await;
        // In no order that matters: the event with the two, and the third.
        let (mut symbols, mut unreadable) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            match stream.next().await.unwrap() {
                Item::Event(event) => {
                    let MarketEvent::MiniTickers(tickers) = event.data else { panic!("another event") };
                    symbols.extend(tickers.iter().map(|ticker| ticker.symbol.to_string()));
                    assert_eq!(tickers.unreadable_count(), 1);
                }
                Item::Malformed(malformed) => unreadable.push(malformed),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(symbols, ["A", "C"]);
        let [malformed] = unreadable.as_slice() else { panic!("{unreadable:?}") };
        assert_eq!((malformed.raw.as_slice(), malformed.in_a_row), (bad.as_bytes(), 0));
        assert_eq!(malformed.stream.as_ref().unwrap().1.as_str(), name);
        assert_eq!(malformed.error.path(), format!("[{place}].c"));
    }
    // A frame of which all elements can be read has nothing beside it.
    server.send(&format!(r#"{{"stream":"{name}","data":[{}]}}"#, ticker("A", "\"1\""))).await;
    server.send(&format!(r#"{{"stream":"{name}","data":[{}]}}"#, ticker("D", "\"1\""))).await;
    for symbol in ["A", "D"] {
        let Item::Event(event) = stream.next().await.unwrap() else { panic!("no event") };
        let MarketEvent::MiniTickers(tickers) = event.data else { panic!("another event") };
        assert_eq!(tickers[0].symbol, *symbol);
    }
}
