//! Messages that are cut off, too long, of another schema or of a newer version (E11).

use crate::values::{For, Random, Values, without_nulls};
use crate::{encode, layouts, transcoded};
use binance_kit_core::decode::DecodeErrorKind;
use binance_kit_core::sbe::{Body, Layout, Message, Schema};
use binance_kit_core::{Decoder, ErrorCode, StreamEvent as _};
use binance_kit_model::spot::MarketEvent;
use binance_kit_model::spot::general::ExchangeInformation;
use binance_kit_model::spot::rules::Filter;
use binance_kit_model::spot::sbe::{API, STREAM};
use serde_json::{Value, json};

fn read(schema: &'static Schema, bytes: &[u8]) -> Result<(), binance_kit_core::DecodeError> {
    Decoder::new().sbe_frame(schema, bytes, |_| Ok(()))
}

/// Random messages of every template that have something in them.
fn samples(per_layout: u64) -> Vec<(&'static Schema, &'static Layout, Value, Vec<u8>)> {
    let mut samples = Vec::new();
    for (schema, layout) in layouts().filter(|(_, layout)| layout.kind != "unrepresentable") {
        for seed in 0..per_layout {
            let mut random = Random::new(seed * 5 + u64::from(layout.template));
            let value = Values::new(&mut random, schema, For::Types).message(layout);
            if layout.stream.is_empty() || value != json!([]) {
                let bytes = encode(schema, layout, &value);
                samples.push((schema, layout, value, bytes));
            }
        }
    }
    samples
}

#[test]
fn e11_a_cut_message_is_an_error_that_names_it() {
    for (schema, layout, _, bytes) in samples(3) {
        for length in 0..bytes.len() {
            let error = read(schema, &bytes[..length]).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::Truncated, "{} after {length}: {error}", layout.name);
            let name = error.type_name().unwrap();
            assert!(name == layout.name || name == "an SBE message", "{error}");
            if schema.id == STREAM.id {
                let direct = Message::new(schema, &bytes[..length])
                    .and_then(|message| MarketEvent::decode_sbe(&message, &mut |_| {}));
                assert_eq!(direct.unwrap_err().kind(), DecodeErrorKind::Truncated);
            }
        }
    }
}

#[test]
fn e11_changed_bytes_never_panic_and_reserve_nothing() {
    for (schema, _, _, bytes) in samples(2) {
        let random = &mut Random::new(bytes.len() as u64);
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << random.below(8);
            let counts = allocation_counter::measure(|| {
                let _ = read(schema, &changed);
                if let Ok(message) = Message::new(schema, &changed) {
                    let _ = MarketEvent::decode_sbe(&message, &mut |event| drop(event));
                }
            });
            // No announced count is believed beyond the bytes there.
            assert!(counts.bytes_max < 2_000_000, "{} bytes for {}", counts.bytes_max, changed.len());
        }
    }
}

#[test]
fn e11_announced_counts_are_checked_against_the_bytes() {
    for (template, schema, block) in [(201_u16, &API, 2_u16), (306, &API, 0), (10_000, &STREAM, 18)] {
        let mut bytes: Vec<u8> =
            [block, template, schema.id, schema.version].iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.resize(bytes.len() + usize::from(block), 0);
        for length in [0_u16, 1, 42, u16::MAX] {
            let mut long = bytes.clone();
            long.extend(length.to_le_bytes());
            long.extend(u32::MAX.to_le_bytes());
            long.extend([0; 64]);
            let counts = allocation_counter::measure(|| {
                assert_eq!(read(schema, &long).unwrap_err().kind(), DecodeErrorKind::Truncated);
            });
            assert!(counts.bytes_max < 10_000, "{}", counts.bytes_max);
        }
    }
}

/// The same message as a newer version would write it: every block has grown by some bytes.
fn grown(layout: &Layout, bytes: &[u8], by: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let block = layout.block_length;
    out.extend((block + by).to_le_bytes());
    out.extend(&bytes[2..6]);
    out.extend((u16::from_le_bytes([bytes[6], bytes[7]]) + 1).to_le_bytes());
    let mut rest = &bytes[8..];
    grow(&layout.body, block, &mut rest, by, &mut out);
    assert!(rest.is_empty());
    // What is appended behind everything is skipped too.
    out.extend([0xaa; 3]);
    out
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(length);
    *rest = left;
    taken
}

fn grow(body: &Body, block: u16, rest: &mut &[u8], by: u16, out: &mut Vec<u8>) {
    out.extend(take(rest, usize::from(block)));
    out.extend(vec![0x55; usize::from(by)]);
    for group in body.groups {
        let header = take(rest, 2 + usize::from(group.count_size));
        out.extend((group.block_length + by).to_le_bytes());
        out.extend(&header[2..]);
        let count = header[2..].iter().rev().fold(0_usize, |count, byte| count << 8 | usize::from(*byte));
        for _ in 0..count {
            grow(&group.body, group.block_length, rest, by, out);
        }
    }
    for data in body.data {
        let size = usize::from(data.length_size);
        let length = rest[..size].iter().rev().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        out.extend(take(rest, size + length));
    }
}

#[test]
fn e11_newer_versions_are_read_and_what_they_added_is_skipped() {
    for (schema, layout, value, bytes) in samples(10) {
        for by in [1, 7, 300] {
            let newer = grown(layout, &bytes, by);
            assert_eq!(
                without_nulls(transcoded(schema, &newer)),
                without_nulls(value.clone()),
                "{}",
                layout.name
            );
            if schema.id == STREAM.id {
                let events = |bytes: &[u8]| {
                    let mut events = Vec::new();
                    let message = Message::new(&STREAM, bytes).unwrap();
                    // A partial book without a symbol is refused either way.
                    let read = MarketEvent::decode_sbe(&message, &mut |event| events.push(event));
                    read.map(|is_read| (is_read, events)).map_err(|error| error.to_string())
                };
                assert_eq!(events(&newer), events(&bytes));
            }
        }
    }
}

/// An older version lacks what came later: that is null. What has always been there must be there.
#[test]
fn e11_shorter_blocks() {
    let layout =
        API.layouts.iter().find(|layout| layout.name == "SymbolOrder").or_else(|| API.layout(304)).unwrap();
    let mut random = Random::new(3);
    let value = Values::new(&mut random, &API, For::Types).message(layout);
    let bytes = encode(&API, layout, &value);
    let cut = |length: u16, version: u16| {
        let block = usize::from(layout.block_length);
        let mut out = length.to_le_bytes().to_vec();
        out.extend(&bytes[2..6]);
        out.extend(version.to_le_bytes());
        out.extend(&bytes[8..8 + usize::from(length)]);
        out.extend(&bytes[8 + block..]);
        out
    };
    // Version 0 ends before the peg, which came with version 1.
    let old = transcoded(&API, &cut(151, 0));
    assert_eq!((&old["pegPriceType"], &old["expiryReason"]), (&Value::Null, &Value::Null));
    assert_eq!(old["symbol"], value["symbol"]);
    let error = read(&API, &cut(100, 0)).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Truncated);
    assert_eq!((error.type_name(), error.path().as_str()), (Some("OrderResponse"), "updateTime"));
}

#[test]
fn e11_other_schemas_and_unknown_messages_are_refused() {
    let other = [0, 0, 101, 0, 4, 0, 0, 0];
    let error = read(&API, &other).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::OtherSchema);
    assert_eq!(
        error.to_string(),
        "cannot decode an SBE message: it is of schema 4:0, and only schema 3 (version 5 and newer ones) is understood"
    );
    let error = read(&API, &[0, 0, 0xe8, 0x03, 3, 0, 9, 0]).unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("1000")), (DecodeErrorKind::UnknownMessage, true));
    let error = read(&API, &[0, 0, 0xe7, 0x03, 3, 0, 5, 0]).unwrap_err();
    assert_eq!(
        (error.kind(), error.type_name()),
        (DecodeErrorKind::UnknownMessage, Some("NonRepresentableMessage"))
    );
}

/// The error of a schema that the exchange has retired.
#[test]
fn e11_schema_retired_is_typed() {
    let layout = API.layout(100).unwrap();
    let bytes = encode(&API, layout, &json!({"code": -1161, "msg": "The SBE schema is retired."}));
    let error: binance_kit_core::ApiError = Decoder::new().decode_sbe(&API, &bytes).unwrap();
    assert_eq!(error.code, ErrorCode::SCHEMA_RETIRED);
    assert!(error.code.is_schema() && !ErrorCode::BAD_SYMBOL.is_schema());
}

/// A filter that a newer version brought does not cost the rest of the answer.
#[test]
fn e11_unknown_filters_are_values() {
    let layout = API.layout(103).unwrap();
    let filter = json!({"filterType": "MAX_POSITION", "maxPosition": "1"});
    let bytes = encode(&API, layout, &json!({"rateLimits": [], "exchangeFilters": [filter], "symbols": []}));
    // The template of the filter within: 12 becomes one that no version has, and then the one that means "none".
    let at = bytes.windows(4).position(|window| window == [12, 0, 3, 0]).unwrap();
    for (template, word) in [(700_u16, "TEMPLATE_700"), (999, "TEMPLATE_999")] {
        let mut changed = bytes.clone();
        changed[at..at + 2].copy_from_slice(&template.to_le_bytes());
        let info: ExchangeInformation = Decoder::new().decode_sbe(&API, &changed).unwrap();
        assert_eq!(info.exchange_filters.len(), 1);
        assert!(matches!(&info.exchange_filters[0], Filter::Unknown(_)), "{word}: {info:?}");
    }
}

/// Messages within messages end somewhere.
#[test]
fn e11_nesting_is_limited() {
    let mut inner = Vec::new();
    for depth in 0..20 {
        // An error whose data is an answer with an error in it.
        let mut error = vec![18, 0, 100, 0, 3, 0, 5, 0];
        error.extend([0xff; 2]);
        error.extend(i64::MIN.to_le_bytes());
        error.extend(i64::MIN.to_le_bytes());
        error.extend([0, 0]);
        error.extend(u32::try_from(inner.len()).unwrap().to_le_bytes());
        error.extend(&inner);
        let mut halves = vec![2, 0, 0x33, 0x01, 3, 0, 5, 0, 1, 1, 0, 0];
        halves.extend(u32::try_from(error.len()).unwrap().to_le_bytes());
        halves.extend(&error);
        let result = read(&API, &error);
        assert_eq!(result.is_ok(), depth < 3, "{depth}: {result:?}");
        inner = halves;
    }
}
