//! Every example of the exchange's documents is read and written back: the same keys, numbers and decimal text. Then
//! each is damaged in every way, and the error must name the place.
#![cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

mod damage;
#[cfg(feature = "spot")]
mod facts;
mod generated;
mod presence;
#[allow(dead_code, reason = "the fact tables are compared for spot only, and another test uses the rest")]
mod table;

use serde_json::Value;
use std::path::{Path, PathBuf};
use table::{Event, Request, Type};

/// The tables of the products whose features are on.
const PRODUCTS: &[(&str, &[Request], &[Event])] = &[
    #[cfg(feature = "coinm")]
    ("coinm", generated::coinm::REQUESTS, generated::coinm::EVENTS),
    #[cfg(feature = "spot")]
    ("spot", generated::spot::REQUESTS, generated::spot::EVENTS),
    #[cfg(feature = "usdm")]
    ("usdm", generated::usdm::REQUESTS, generated::usdm::EVENTS),
];

/// The name of a product, the types of its answers by request, and all its types.
type ProductTypes = (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, Type)]);

/// The types of the products whose features are on: of each answer by its request, and of all objects.
const TYPES: &[ProductTypes] = &[
    #[cfg(feature = "coinm")]
    ("coinm", generated::coinm::ANSWERS, generated::coinm::TYPES),
    #[cfg(feature = "spot")]
    ("spot", generated::spot::ANSWERS, generated::spot::TYPES),
    #[cfg(feature = "usdm")]
    ("usdm", generated::usdm::ANSWERS, generated::usdm::TYPES),
];

fn fixtures(product: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(product)
}

fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn answers(product: &str, request: &Request) -> Vec<Value> {
    let examples = read(&fixtures(product).join(format!("requests/{}.json", request.name)));
    assert!(!examples.is_empty(), "{} has no example", request.name);
    examples
}

/// Payloads with the names of their streams.
fn events(product: &str, event: &Event) -> Vec<(Value, String)> {
    let examples = read(&fixtures(product).join(format!("events/{}.json", event.name)));
    assert!(!examples.is_empty(), "{} has no example", event.name);
    let take = |example: Value| (example["data"].clone(), example["stream"].as_str().unwrap().to_owned());
    examples.into_iter().map(take).collect()
}

fn compare(what: &str, example: &Value, written: &str) {
    let written: Value = serde_json::from_str(written).unwrap();
    assert_eq!(&written, example, "{what}");
}

fn check_answer(request: &Request, example: &Value) {
    let written = (request.round_trip)(&example.to_string())
        .unwrap_or_else(|error| panic!("{}: {error}\n{example}", request.name));
    compare(request.name, example, &written);
}

fn check_event(event: &Event, example: &Value, stream: &str) {
    let written = (event.round_trip)(&example.to_string(), stream)
        .unwrap_or_else(|error| panic!("{}: {error}\n{example}", event.name));
    compare(event.name, example, &written);
}

#[test]
fn fixtures_come_back() {
    for (product, requests, all_events) in PRODUCTS {
        let mut count = 0;
        for request in *requests {
            for example in answers(product, request) {
                check_answer(request, &example);
                count += 1;
            }
        }
        for event in *all_events {
            for (example, stream) in events(product, event) {
                check_event(event, &example, &stream);
                count += 1;
            }
        }
        println!("{product}: {count} fixtures compared");
    }
}

/// Makes an answer so long that it is read in parts: a list by more elements, an object by a field that nothing reads.
fn lengthened(example: &Value) -> Option<(String, Value)> {
    const LENGTH: usize = 300 << 10;
    let text = example.to_string();
    if let Some(elements) = example.as_array().filter(|elements| !elements.is_empty()) {
        let count = LENGTH / text.len() + 1;
        let long: Vec<Value> = elements.iter().cycle().take(count * elements.len()).cloned().collect();
        let long = Value::Array(long);
        return Some((long.to_string(), long));
    }
    let fields = text.strip_prefix('{')?;
    let comma = if fields == "}" { "" } else { "," };
    let more = r#"{"code":[1,{"symbol":"x"}]},"#.repeat(LENGTH / 28);
    Some((format!(r#"{{"notKnown":[{more}{{}}]{comma}{fields}"#), example.clone()))
}

#[test]
fn long_answers_come_back() {
    for (product, requests, _) in PRODUCTS {
        for request in *requests {
            for example in answers(product, request) {
                let Some((text, expected)) = lengthened(&example) else { continue };
                let written =
                    (request.round_trip)(&text).unwrap_or_else(|error| panic!("{}: {error}", request.name));
                compare(request.name, &expected, &written);
            }
        }
    }
}

/// Events of the market and of an account take the fast path, also in the combined wrapper; with damage the general path decides: what is
/// read nevertheless is what that reads.
#[test]
fn fast_path_or_general_path_with_the_same_result() {
    // What ends a connection or a subscription: clients act on it, and look for it on the general path.
    const GENERAL: &[&str] = &["StreamTerminatedEvent", "ServerShutdownEvent"];
    let (mut texts, mut damaged, mut survived) = (0, 0, 0);
    for (product, _, all_events) in PRODUCTS {
        for event in *all_events {
            for (example, stream) in events(product, event) {
                let text = (event.round_trip)(&example.to_string(), &stream).unwrap();
                let is_fast = (event.fast)(text.as_bytes(), &stream);
                assert_eq!(is_fast, !GENERAL.contains(&event.name), "{product} {}", event.name);
                if !is_fast {
                    continue;
                }
                let wrapped = format!(r#"{{"stream":"{stream}","data":{text}}}"#);
                assert!((event.fast)(wrapped.as_bytes(), "other@stream"));
                texts += 1;
                for place in 0..wrapped.len() {
                    let mut bytes = wrapped.clone().into_bytes();
                    assert!(!(event.fast)(&bytes[..place], &stream), "a part of it at {place}");
                    for damage in *b"\"\\0-9.,:[]{}eE \n\x00\xffn" {
                        bytes[place] = damage;
                        survived += usize::from((event.fast)(&bytes, &stream));
                        damaged += 1;
                    }
                }
            }
        }
    }
    println!("{texts} events read on the fast path; {survived} of {damaged} damaged ones, too, all the same");
}

/// No fixture is left over from a request or event that was renamed.
#[test]
fn every_fixture_has_a_type() {
    for (product, requests, events) in PRODUCTS {
        for (folder, names) in [
            ("requests", requests.iter().map(|request| request.name).collect::<Vec<_>>()),
            ("events", events.iter().map(|event| event.name).collect()),
        ] {
            for entry in std::fs::read_dir(fixtures(product).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
                assert!(names.contains(&stem.as_str()), "{product}/{folder}/{stem} belongs to nothing");
            }
        }
    }
}
