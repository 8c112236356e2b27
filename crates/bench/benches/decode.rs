//! From the text of a frame to a typed event: this SDK beside `serde_json`, typed and untyped.

use binance_kit_bench::{Candidate, race, report};
use binance_kit_core::decode::{FastReader, Frame};
use binance_kit_core::{DecodeError, Decoder, StreamEvent};
use binance_kit_model::spot::{DepthEvent, MarketEvent};
use serde::Deserialize;

/// What a plain program writes for a trade: text for decimals.
#[derive(Deserialize)]
struct PlainTrade {
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "p")]
    price: String,
    #[serde(rename = "q")]
    quantity: String,
}

#[derive(Deserialize)]
struct PlainDepth {
    u: u64,
    b: Vec<(String, String)>,
    a: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Combined<T> {
    data: T,
}

fn trades() -> Vec<String> {
    (0..512_u64)
        .map(|number| {
            format!(
                r#"{{"stream":"btcusdt@trade","data":{{"e":"trade","E":{},"s":"BTCUSDT","t":{},"p":"{}.{:02}000000","q":"0.{:05}000","T":{},"m":{},"M":true}}}}"#,
                1_723_161_255_208 + number,
                3_750_000_000 + number,
                61_000 + number,
                number % 100,
                number * 17 % 100_000,
                1_723_161_255_207 + number,
                number % 3 == 0
            )
        })
        .collect()
}

fn depths(levels: u64) -> Vec<String> {
    (0..64_u64)
        .map(|number| {
            let side = |base: u64| {
                let levels: Vec<String> = (0..levels)
                    .map(|level| format!(r#"["{}.{:02}000000","{}.{:05}000"]"#, base + level, number, level % 7, level * 31 % 100_000))
                    .collect();
                levels.join(",")
            };
            format!(
                r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":{},"s":"BTCUSDT","U":{},"u":{},"b":[{}],"a":[{}]}}}}"#,
                1_723_161_255_208 + number,
                50_093_239_189 + number * 10,
                50_093_239_198 + number * 10,
                side(60_000),
                side(61_000)
            )
        })
        .collect()
}

fn number<T>(result: Result<T, DecodeError>, read: impl FnOnce(T) -> u64) -> u64 {
    result.map_or(0, read)
}

fn decode_trades() {
    let texts = trades();
    let text = |message: usize| texts.get(message % texts.len()).map_or("", String::as_str);
    let mut decoder = Decoder::new();
    let mut candidates: Vec<Candidate<'_>> = vec![
        (
            "binance-kit, fast path, exact decimals",
            Box::new(|message| match FastReader::event::<MarketEvent>(text(message).as_bytes(), None) {
                Some((_, MarketEvent::Trade(trade))) => trade.price.scale().into(),
                _ => 0,
            }),
        ),
        (
            "binance-kit, general path (simd-json), exact decimals",
            Box::new(|message| {
                let event = decoder.frame(text(message).as_bytes(), |frame| match frame {
                    Frame::Event(event) => MarketEvent::decode_event(event),
                    _ => Err(DecodeError::invalid("not an event")),
                });
                number(event, |event| match event {
                    MarketEvent::Trade(trade) => trade.price.scale().into(),
                    _ => 0,
                })
            }),
        ),
        (
            "serde_json, typed, decimals as text",
            Box::new(|message| {
                serde_json::from_str::<Combined<PlainTrade>>(text(message)).map_or(0, |event| {
                    event.data.event_time + event.data.price.len() as u64 + event.data.quantity.len() as u64
                })
            }),
        ),
        (
            "serde_json::Value",
            Box::new(|message| {
                serde_json::from_str::<serde_json::Value>(text(message))
                    .map_or(0, |value| value["data"]["E"].as_u64().unwrap_or(0))
            }),
        ),
    ];
    let least = race(&mut candidates, 201, 512);
    report("a combined trade frame", &candidates, &least);
}

fn decode_depths(levels: u64) {
    let texts = depths(levels);
    let text = |message: usize| texts.get(message % texts.len()).map_or("", String::as_str);
    let mut decoder = Decoder::new();
    let (mut kept, mut fast): (Option<DepthEvent>, Option<DepthEvent>) = (None, None);
    let mut candidates: Vec<Candidate<'_>> = vec![
        (
            "binance-kit, fast path, into a kept event",
            Box::new(|message| {
                let text = text(message).as_bytes();
                match &mut fast {
                    Some(kept) => assert!(FastReader::event_into(text, None, kept).is_some()),
                    None => fast = FastReader::event(text, None).map(|(_, event)| event),
                }
                fast.as_ref().map_or(0, |event| event.bids.len() as u64)
            }),
        ),
        (
            "binance-kit, general path (simd-json), into a kept event",
            Box::new(|message| {
                let event = decoder.frame(text(message).as_bytes(), |frame| match (frame, &mut kept) {
                    (Frame::Event(event), Some(kept)) => kept.decode_event_into(event),
                    (Frame::Event(event), slot) => {
                        *slot = Some(DepthEvent::decode_event(event)?);
                        Ok(())
                    }
                    _ => Err(DecodeError::invalid("not an event")),
                });
                number(event, |()| kept.as_ref().map_or(0, |event| event.bids.len() as u64))
            }),
        ),
        (
            "serde_json, typed, decimals as text",
            Box::new(|message| {
                serde_json::from_str::<Combined<PlainDepth>>(text(message))
                    .map_or(0, |event| event.data.u + event.data.b.len() as u64 + event.data.a.len() as u64)
            }),
        ),
        (
            "serde_json::Value",
            Box::new(|message| {
                serde_json::from_str::<serde_json::Value>(text(message))
                    .map_or(0, |value| value["data"]["u"].as_u64().unwrap_or(0))
            }),
        ),
    ];
    let least = race(&mut candidates, 51, 64);
    report(&format!("a combined depth frame of {levels} levels a side"), &candidates, &least);
}

fn main() {
    decode_trades();
    decode_depths(10);
    decode_depths(500);
}
