//! Answers to orders take the fast path in the documented order of keys, with the same result as the general path; damaged, what
//! is read nevertheless is what the general path reads.
#![cfg(feature = "spot")]
#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

use binance_kit_core::decode::FastReader;
use binance_kit_core::encode::Encode;
use binance_kit_core::{Decode, Decoder};
use binance_kit_model::spot::trade::{AmendResponse, NewOrderResponse};
use std::path::Path;

/// The examples of a request's answer, as the exchange writes them.
fn examples<T: Decode + Encode>(request: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/spot/requests");
    let text = std::fs::read_to_string(folder.join(format!("{request}.json"))).unwrap();
    let examples: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let in_order = |example: &serde_json::Value| {
        Decoder::new().decode::<T>(example.to_string().as_bytes()).unwrap().to_json()
    };
    examples.iter().map(in_order).collect()
}

/// What the fast path reads, if it reads all of the text.
fn fast<T: Decode>(text: &[u8]) -> Option<T> {
    let mut input = FastReader::new(text);
    T::read_in_order(&mut input).filter(|_| input.remaining() == 0)
}

fn check<T: Decode + Encode + PartialEq + std::fmt::Debug>(request: &str) -> usize {
    let (mut decoder, mut read) = (Decoder::new(), 0);
    for text in examples::<T>(request) {
        let Some(found) = fast::<T>(text.as_bytes()) else { continue };
        read += 1;
        assert_eq!(found, decoder.parse(text.as_bytes(), T::decode).unwrap());
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            assert!(fast::<T>(&bytes[..place]).is_none(), "a part of it at {place}");
            for damage in *b"\"\\0-9.,:[]{}eE \n\x00\xffn" {
                bytes[place] = damage;
                if let Some(found) = fast::<T>(&bytes) {
                    assert_eq!(found, decoder.parse(&bytes, T::decode).unwrap(), "{}", bytes.escape_ascii());
                }
            }
        }
    }
    read
}

#[test]
fn new_orders() {
    assert_eq!(check::<NewOrderResponse>("NewOrder"), examples::<NewOrderResponse>("NewOrder").len());
}

#[test]
fn amendments() {
    assert_eq!(
        check::<AmendResponse>("AmendKeepPriority"),
        examples::<AmendResponse>("AmendKeepPriority").len()
    );
}
