//! Every recorded frame of the exchange is read on both paths, fast and general, with the same result, and written
//! back. The recordings lie beside the repository; where they
//! are missing, the test says so and is skipped.
#![cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use binance_kit_core::decode::{EventFrame, FastReader, Frame};
use binance_kit_core::{Decode, Decoder, Encode, StreamEvent};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Reads all frames of a recording; every 20th is also written back and compared, the first of each kind among them.
fn play<E, Book>(file: &str, is_known: fn(&E) -> bool, lines: usize)
where
    E: StreamEvent + Encode + PartialEq + std::fmt::Debug,
    Book: Decode + Encode,
{
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    let Ok(recording) = std::fs::File::open(path) else {
        println!("skipped: the recording {file} is not beside the repository");
        return;
    };
    let mut decoder = Decoder::new();
    let mut kept: Option<E> = None;
    let mut fast: Option<E> = None;
    let (mut events, mut books) = (0, 0);
    for (number, line) in BufReader::new(flate2::read::MultiGzDecoder::new(recording)).lines().enumerate() {
        let line = line.unwrap();
        let (_, text) = line.split_once(' ').unwrap();
        let compare = number % 20 == 0 || number < 50;
        let event = decoder
            .frame(text.as_bytes(), |frame| match frame {
                Frame::Event(frame @ EventFrame { stream: Some(_), .. }) => {
                    match &mut kept {
                        Some(event) => event.decode_event_into(frame)?,
                        None => kept = Some(E::decode_event(frame)?),
                    }
                    Ok(true)
                }
                Frame::Event(frame) => {
                    let book = Book::decode(frame.data)?;
                    assert_eq!(book.to_json(), frame.data.to_json());
                    Ok(false)
                }
                other => panic!("line {number}: {other:?}"),
            })
            .unwrap_or_else(|error| panic!("line {number}: {error}"));
        if !event {
            books += 1;
            continue;
        }
        events += 1;
        let event = kept.as_ref().unwrap();
        // None of these needed the general way.
        match &mut fast {
            Some(kept) => {
                assert!(FastReader::event_into(text.as_bytes(), None, kept).is_some(), "line {number}");
            }
            None => fast = FastReader::event(text.as_bytes(), None).map(|(_, event)| event),
        }
        assert_eq!(fast.as_ref(), Some(event), "line {number}");
        assert!(is_known(event), "line {number}");
        if compare {
            let wrapped: serde_json::Value = serde_json::from_str(text).unwrap();
            let written: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap();
            assert_eq!(written, wrapped["data"], "line {number}");
        }
    }
    println!("{file}: {events} events and {books} books, none refused");
    assert_eq!(events + books, lines);
    assert!(books > 0);
}

#[cfg(feature = "spot")]
#[test]
fn spot() {
    use binance_kit_model::spot::{MarketEvent, OrderBook};
    play::<MarketEvent, OrderBook>(
        "spot-btcusdt-20240808.gz",
        |event| !matches!(event, MarketEvent::Unknown(_)),
        41_249,
    );
}

#[cfg(feature = "usdm")]
#[test]
fn usdm() {
    use binance_kit_model::usdm::{MarketEvent, OrderBook};
    play::<MarketEvent, OrderBook>(
        "usdm-btcusdt-20240808.gz",
        |event| !matches!(event, MarketEvent::Unknown(_)),
        93_954,
    );
}

#[cfg(feature = "coinm")]
#[test]
fn coinm() {
    use binance_kit_model::coinm::{MarketEvent, OrderBook};
    play::<MarketEvent, OrderBook>(
        "coinm-btcusd_perp-20240808.gz",
        |event| !matches!(event, MarketEvent::Unknown(_)),
        48_270,
    );
}
