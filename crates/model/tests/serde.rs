//! Answers and events through `serde`: every example of an event comes back, and says the same as the exchange does.
#![cfg(all(feature = "spot", feature = "serde"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_core::decode::{EventFrame, Frame};
use binance_kit_core::{Decoder, StreamEvent};
use binance_kit_model::common::{KlineInterval, Level};
use binance_kit_model::spot::{AccountEvent, MarketEvent, OrderBook, OrderStatus};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt::Debug;
use std::path::Path;

fn through<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json.clone()).unwrap(), value);
    json
}

fn decode<E: StreamEvent>(text: &str, stream: &str) -> E {
    let read = Decoder::new().frame(text.as_bytes(), |frame| match frame {
        Frame::Event(event) => E::decode_event(EventFrame { stream: Some(stream), ..event }),
        other => panic!("{other:?}"),
    });
    read.unwrap()
}

#[test]
fn events_come_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/spot/events");
    let (mut market, mut account) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let examples: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        for example in examples {
            let (text, stream) = (example["data"].to_string(), example["stream"].as_str().unwrap());
            match decode::<MarketEvent>(&text, stream) {
                MarketEvent::Unknown(_) => {
                    let json = through(&decode::<AccountEvent>(&text, stream));
                    assert_eq!(json, example["data"]);
                    account += 1;
                }
                event @ MarketEvent::PartialDepth(_) => {
                    let json = through(&event);
                    assert_eq!(json["data"], example["data"], "the symbol is in the name of the stream");
                    market += 1;
                }
                event => {
                    assert_eq!(through(&event), example["data"]);
                    market += 1;
                }
            }
        }
    }
    assert!(market >= 15 && account >= 6, "{market} market events, {account} account events");
}

#[test]
fn values_and_words_come_back() {
    let text = r#"{"lastUpdateId":7,"bids":[["4.00000000","431.00000000"]],"asks":[]}"#;
    let book: OrderBook = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&book).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    let level: Level = serde_json::from_str(r#"["1.50","2"]"#).unwrap();
    assert_eq!(level.price.to_string(), "1.50", "no digit is lost");
    assert_eq!(serde_json::to_string(&OrderStatus::PartiallyFilled).unwrap(), "\"PARTIALLY_FILLED\"");
    assert_eq!(serde_json::from_str::<KlineInterval>("\"1m\"").unwrap(), KlineInterval::Minute1);
    let unknown: OrderStatus = serde_json::from_str("\"NEW_WORD\"").unwrap();
    assert_eq!(unknown.as_str(), "NEW_WORD");
    let error = serde_json::from_str::<OrderBook>(r#"{"bids":[]}"#).unwrap_err().to_string();
    assert!(error.contains("lastUpdateId") || error.contains("asks"), "{error}");
}
