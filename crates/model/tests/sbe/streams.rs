//! The messages of streams: three ways to read them, and no allocation for the smallest.

use crate::values::text_of;
use crate::{Random, encode};
use binance_kit_core::decode::{EventFrame, Frame, ValueKind};
use binance_kit_core::sbe::{Layout, Message};
use binance_kit_core::{DecodeError, Decoder, Encode, StreamEvent};
use binance_kit_model::spot::sbe::STREAM;
use binance_kit_model::spot::{BookTickerEvent, DepthEvent, MarketEvent, PartialDepthEvent, TradeEvent};
use serde_json::{Value, json};

fn layout(name: &str) -> &'static Layout {
    STREAM.layouts.iter().find(|layout| layout.name == name).unwrap()
}

/// Directly from the offsets.
fn directly<E: StreamEvent>(bytes: &[u8]) -> Result<Vec<E>, DecodeError> {
    let mut events = Vec::new();
    let message = Message::new(&STREAM, bytes)?;
    assert!(E::decode_sbe(&message, &mut |event| events.push(event))?, "it has no reader");
    Ok(events)
}

/// By the tables and the reader of JSON.
fn by_tables<E: StreamEvent>(bytes: &[u8]) -> Result<Vec<E>, DecodeError> {
    let mut name = String::new();
    let stream = Message::new(&STREAM, bytes)?.stream_name(&mut name);
    Decoder::new().sbe_frame(&STREAM, bytes, |frame| {
        let Frame::Event(event) = frame else { panic!("not an event") };
        let event = EventFrame { stream, ..event };
        if event.data.kind() == ValueKind::Array {
            return event.data.array()?.map(|data| E::decode_event(EventFrame { data, ..event })).collect();
        }
        Ok(vec![E::decode_event(event)?])
    })
}

fn from_json<E: StreamEvent>(json: &Value, stream: &str) -> E {
    Decoder::new()
        .frame(json.to_string().as_bytes(), |frame| match frame {
            Frame::Event(event) => E::decode_event(EventFrame { stream: Some(stream), ..event }),
            other => panic!("{other:?}"),
        })
        .unwrap()
}

fn all_alike<E>(name: &str, jsons: &[Value], stream: &str, choice: fn(E) -> MarketEvent)
where
    E: StreamEvent + PartialEq + std::fmt::Debug + Clone,
{
    let value = if name == "TradesStreamEvent" { json!(jsons) } else { jsons[0].clone() };
    let bytes = encode(&STREAM, layout(name), &value);
    let wanted: Vec<E> = jsons.iter().map(|json| from_json(json, stream)).collect();
    assert_eq!(directly::<E>(&bytes).unwrap(), wanted);
    assert_eq!(by_tables::<E>(&bytes).unwrap(), wanted);
    let wanted: Vec<MarketEvent> = wanted.into_iter().map(choice).collect();
    assert_eq!(directly::<MarketEvent>(&bytes).unwrap(), wanted);
    assert_eq!(by_tables::<MarketEvent>(&bytes).unwrap(), wanted);
    let mut buffer = String::new();
    assert_eq!(Message::new(&STREAM, &bytes).unwrap().stream_name(&mut buffer), Some(stream));
}

fn decimal(random: &mut Random, scale: usize) -> Value {
    let mantissa = match random.below(6) {
        0 => i64::MAX,
        1 => i64::MIN + 1,
        2 => 0,
        _ => random.next().cast_signed() >> random.below(60),
    };
    json!(text_of(i128::from(mantissa), scale))
}

fn levels(random: &mut Random, scale: usize) -> Value {
    let count = random.below(30);
    (0..count).map(|_| json!([decimal(random, scale), decimal(random, scale)])).collect()
}

#[test]
fn streams_are_read_alike_in_three_ways() {
    for seed in 0..100 {
        let random = &mut Random::new(seed);
        let scale = usize::try_from(random.below(29)).unwrap();
        let symbol = ["BTCUSDT", "币安USDT", "1000SATSUSDT"][usize::try_from(random.below(3)).unwrap()];
        let name = |suffix: &str| format!("{}{suffix}", symbol.to_ascii_lowercase());
        let time = 1_700_000_000_000_000 + random.below(1 << 40);
        let id = random.next() >> 1;
        let trades: Vec<Value> = (0..=random.below(4))
            .map(|index| {
                json!({"e": "trade", "E": time, "s": symbol, "t": (id >> 1) + index, "p": decimal(random, scale),
                    "q": decimal(random, scale), "T": time - 5, "m": index % 2 == 0, "M": true})
            })
            .collect();
        all_alike::<TradeEvent>("TradesStreamEvent", &trades, &name("@trade"), MarketEvent::Trade);
        let best = json!({"u": id, "s": symbol, "b": decimal(random, scale), "B": decimal(random, scale),
            "a": decimal(random, scale), "A": decimal(random, scale)});
        all_alike::<BookTickerEvent>(
            "BestBidAskStreamEvent",
            &[best],
            &name("@bestBidAsk"),
            MarketEvent::BookTicker,
        );
        let partial = json!({"lastUpdateId": id, "s": symbol, "bids": levels(random, scale), "asks": levels(random, scale)});
        all_alike::<PartialDepthEvent>(
            "DepthSnapshotStreamEvent",
            &[partial],
            &name("@depth20"),
            MarketEvent::PartialDepth,
        );
        let update = json!({"e": "depthUpdate", "E": time, "s": symbol, "U": id - 1, "u": id,
            "b": levels(random, scale), "a": levels(random, scale)});
        all_alike::<DepthEvent>("DepthDiffStreamEvent", &[update], &name("@depth"), MarketEvent::Depth);
    }
}

/// Bytes written by hand from the text of the schema, so that an error in the tables does not hide one in the writer.
#[test]
fn bytes_written_by_hand() {
    let mut bytes = vec![18, 0, 0x10, 0x27, 1, 0, 0, 0];
    bytes.extend(1_700_000_000_000_001_i64.to_le_bytes());
    bytes.extend(1_700_000_000_000_000_i64.to_le_bytes());
    bytes.extend([0xfe, 0xf8]);
    bytes.extend([25, 0, 2, 0, 0, 0]);
    for (id, price, quantity, maker) in [(7_i64, 6_183_763_i64, 2_000_000_i64, 1_u8), (8, 6_183_764, 1, 0)] {
        bytes.extend(id.to_le_bytes());
        bytes.extend(price.to_le_bytes());
        bytes.extend(quantity.to_le_bytes());
        bytes.push(maker);
    }
    bytes.extend(b"\x07BTCUSDT");
    let trades = directly::<TradeEvent>(&bytes).unwrap();
    let text: Vec<String> = trades.iter().map(Encode::to_json).collect();
    assert_eq!(
        text,
        [
            r#"{"e":"trade","E":1700000000000,"s":"BTCUSDT","t":7,"p":"61837.63","q":"0.02000000","T":1700000000000,"m":true,"M":true}"#,
            r#"{"e":"trade","E":1700000000000,"s":"BTCUSDT","t":8,"p":"61837.64","q":"0.00000001","T":1700000000000,"m":false,"M":true}"#,
        ]
    );
    assert_eq!(trades[0].event_time.as_micros(), 1_700_000_000_000_001);
    assert_eq!(by_tables::<TradeEvent>(&bytes).unwrap(), trades);

    let mut bytes = vec![26, 0, 0x13, 0x27, 1, 0, 0, 0];
    bytes.extend(1_700_000_000_000_001_i64.to_le_bytes());
    bytes.extend(10_i64.to_le_bytes());
    bytes.extend(12_i64.to_le_bytes());
    bytes.extend([0xff, 0x01]);
    bytes.extend([16, 0, 1, 0]);
    bytes.extend(15_i64.to_le_bytes());
    bytes.extend(3_i64.to_le_bytes());
    bytes.extend([16, 0, 0, 0]);
    bytes.extend(b"\x01A");
    let update = &directly::<DepthEvent>(&bytes).unwrap()[0];
    assert_eq!(
        update.to_json(),
        r#"{"e":"depthUpdate","E":1700000000000,"s":"A","U":10,"u":12,"b":[["1.5","30"]],"a":[]}"#
    );
}

/// Trades and best prices are read without an allocation.
#[test]
fn nothing_is_allocated() {
    let trade = json!([{"e": "trade", "E": 1_700_000_000_000_001_i64, "s": "BTCUSDT", "t": 7, "p": "61837.63000000",
        "q": "0.02000000", "T": 1_700_000_000_000_000_i64, "m": true, "M": true}]);
    let best = json!({"u": 1, "s": "BTCUSDT", "b": "61837.63000000", "B": "1.00000000", "a": "61837.64000000", "A": "2.00000000"});
    let trade = encode(&STREAM, layout("TradesStreamEvent"), &trade);
    let best = encode(&STREAM, layout("BestBidAskStreamEvent"), &best);
    let mut seen = 0;
    let counts = allocation_counter::measure(|| {
        for bytes in [&trade, &best] {
            let message = Message::new(&STREAM, bytes).unwrap();
            let read = MarketEvent::decode_sbe(&message, &mut |event| {
                std::hint::black_box(&event);
                seen += 1;
            });
            assert!(read.unwrap());
        }
    });
    assert_eq!((counts.count_total, seen), (0, 2));
}

/// What one way takes the other takes with the same values, and what one refuses the other refuses: times, symbols, ids,
/// decimals, words, whichever byte is damaged.
#[test]
fn damaged_messages_are_read_alike() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let (time, id) = (1_700_000_000_000_000 + random.below(1 << 40), random.next() >> 1);
        let trade = json!([{"e": "trade", "E": time, "s": "BTCUSDT", "t": id, "p": "1.5", "q": "2.0", "T": time,
            "m": true, "M": true}]);
        let best = json!({"u": id, "s": "BTCUSDT", "b": "1.50", "B": "2.1", "a": "3.00", "A": "4.0"});
        let partial = json!({"lastUpdateId": id, "s": "BTCUSDT", "bids": [["1.5", "2"]], "asks": []});
        let update = json!({"e": "depthUpdate", "E": time, "s": "BTCUSDT", "U": id, "u": id, "b": [], "a": [["1.5", "2"]]});
        for (name, value) in [
            ("TradesStreamEvent", trade),
            ("BestBidAskStreamEvent", best),
            ("DepthSnapshotStreamEvent", partial),
            ("DepthDiffStreamEvent", update),
        ] {
            let bytes = encode(&STREAM, layout(name), &value);
            // Behind the header, which both read with the same code.
            for at in 8..bytes.len() {
                let mut damaged = vec![bytes.clone()];
                for byte in [0, 1, 0x7f, 0x80, 0xff, b'!', b'@', b'a'] {
                    let mut one = bytes.clone();
                    one[at] = byte;
                    damaged.push(one);
                }
                for word in [0, 1, -1, 999, 1000, i64::MAX, i64::MIN, 99_999_999_999_999, 1_000_001] {
                    let mut one = bytes.clone();
                    if let Some(place) = one.get_mut(at..at + 8) {
                        place.copy_from_slice(&word.to_le_bytes());
                        damaged.push(one);
                    }
                }
                let mut without_symbol = bytes.clone();
                without_symbol.truncate(bytes.len() - "BTCUSDT".len());
                *without_symbol.last_mut().unwrap() = 0;
                damaged.push(without_symbol);
                for bytes in damaged {
                    match (directly::<MarketEvent>(&bytes), by_tables::<MarketEvent>(&bytes)) {
                        (Ok(one), Ok(other)) => {
                            assert_eq!(one, other, "{name} at {at}: {bytes:?}");
                            read += 1;
                        }
                        (Err(_), Err(_)) => refused += 1,
                        (one, other) => panic!("{name} at {at}: {one:?}, but {other:?}"),
                    }
                }
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} {refused}");
}
