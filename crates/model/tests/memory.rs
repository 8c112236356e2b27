//! What it takes to read a big answer, beside the answer itself, as the allocator counts it. A program of its own: the allocator
//! counts.
#![cfg(feature = "spot")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failure here is the failure of a test, and the figures are of interest"
)]

use binance_kit_core::{ApiError, Decode, Decoder, Request};
use binance_kit_model::spot;
use std::path::Path;

const MIB: usize = 1 << 20;

/// The last example of a request, with the elements of its list repeated until it has this length.
fn grown(name: &str, list: Option<&str>, length: usize) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/spot/requests/{name}.json"));
    let examples: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut example = examples.into_iter().next_back().unwrap();
    let place = match list {
        Some(list) => example.get_mut(list).unwrap(),
        None => &mut example,
    };
    let elements = place.as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    *place = serde_json::Value::String("HERE".to_owned());
    let list = vec![elements.as_str(); length / elements.len() + 1].join(",");
    example.to_string().replacen("\"HERE\"", &format!("[{list}]"), 1)
}

/// The peak in bytes while `read` reads the text, with the text and without what the answer keeps.
fn peak<T>(text: &str, read: impl FnOnce(&mut Decoder, &[u8]) -> T) -> usize {
    let mut kept = None;
    let counts = allocation_counter::measure(|| kept = Some(read(&mut Decoder::new(), text.as_bytes())));
    drop(kept);
    text.len() + usize::try_from(counts.bytes_max).unwrap() - usize::try_from(counts.bytes_current).unwrap()
}

fn tenths(bytes: usize, length: usize) -> String {
    let tenths = bytes * 10 / length;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Reads such an answer in parts and at once, and compares what both take; the first in percent of the length of the text.
fn compare<R: Request>(name: &str, list: Option<&str>, length: usize) -> usize
where
    R::Response: PartialEq + std::fmt::Debug,
{
    let text = grown(name, list, length);
    let parts = peak(&text, |decoder, text| decoder.decode::<R::Response>(text).unwrap());
    let whole = peak(&text, |decoder, text| decoder.parse(text, R::Response::decode).unwrap());
    println!("{name}: {} times the body, {} at once", tenths(parts, text.len()), tenths(whole, text.len()));
    assert!(whole > parts, "{name}");
    let decode = |decoder: &mut Decoder| decoder.decode::<R::Response>(text.as_bytes());
    let mut decoder = Decoder::new();
    assert!(
        decode(&mut decoder).unwrap() == decoder.parse(text.as_bytes(), R::Response::decode).unwrap(),
        "{name}"
    );
    parts * 100 / text.len()
}

#[test]
fn k12_a_big_answer_takes_no_multiple_of_its_length() {
    let percents = [
        compare::<spot::ExchangeInfo>("ExchangeInfo", Some("symbols"), 6 * MIB),
        compare::<spot::Klines>("Klines", None, MIB),
        compare::<spot::Trades>("Trades", None, MIB),
        compare::<spot::AggTrades>("AggTrades", None, MIB),
        compare::<spot::Depth>("Depth", Some("bids"), MIB),
        compare::<spot::AllOrders>("AllOrders", None, MIB),
        compare::<spot::MyTrades>("MyTrades", None, MIB),
        compare::<spot::Account>("Account", Some("balances"), MIB),
        compare::<spot::general::ExecutionRules>("ExecutionRules", Some("symbolRules"), MIB),
    ];
    assert!(percents.iter().all(|percent| *percent <= 150), "{percents:?}");
}

/// Texts that are dense with values, as no exchange sends them, in each place of an answer.
#[test]
fn k12_a_dense_text_takes_no_multiple_of_its_length_wherever_it_is() {
    let dense = format!("[{}1]", "12345,".repeat(MIB / 12));
    let objects = format!("[{}{{}}]", "{\"a\":\"bcdefgh\"},".repeat(MIB / 28));
    for dense in [&dense, &objects] {
        for text in [
            dense.clone(),
            format!("[{dense}]"),
            format!(r#"[{{"symbol":"A","new":{dense}}}]"#),
            format!(r#"{{"new":{dense}}}"#),
            format!(r#"{{"symbols":{dense}}}"#),
            format!(r#"{{"symbols":[{{"filters":{dense}}}]}}"#),
            format!(r#"{{"serverTime":{dense}}}"#),
            format!(r#"{{"new":{{"new":[{{"new":{dense}}}]}}}}"#),
            format!(r#"{{"code":-1,"msg":"x","new":{dense}}}"#),
            format!(r#"{{"new":{}"#, dense.trim_end_matches(']')),
        ] {
            let begin = text.get(..24).unwrap();
            let peaks = [
                peak(&text, Decoder::decode::<<spot::ExchangeInfo as Request>::Response>),
                peak(&text, Decoder::decode::<<spot::AllOrders as Request>::Response>),
                peak(&text, Decoder::decode::<<spot::Ticker24hr as Request>::Response>),
                peak(&text, Decoder::decode::<<spot::general::Time as Request>::Response>),
                peak(&text, Decoder::decode::<ApiError>),
            ];
            let most = peaks.into_iter().max().unwrap();
            println!("{begin}…: {} times the body", tenths(most, text.len()));
            assert!(most <= 4 * text.len(), "{begin}: {peaks:?} of {}", text.len());
        }
    }
}
