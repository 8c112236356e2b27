//! Damaged examples: what is new must not fail, and what is missing or of another type must fail with its place, or keep the
//! element of the list that it is in as it came.

use super::{PRODUCTS, answers, events};
use binance_kit_core::DecodeError;
use binance_kit_core::decode::DecodeErrorKind;
use serde_json::{Value, json};

/// Keys that say what an object is: without them it is another thing.
const TELLING: [&str; 7] =
    ["e", "filterType", "ruleType", "calculationType", "contingencyType", "origClientOrderId", "code"];

/// Reads an example and writes it back.
type RoundTrip<'a> = &'a dyn Fn(&Value) -> Result<String, DecodeError>;

fn for_every_example(run: fn(&str, &Value, RoundTrip<'_>)) {
    let mut count = 0;
    for (product, requests, all_events) in PRODUCTS {
        for request in *requests {
            for example in answers(product, request) {
                run(request.name, &example, &|value| (request.round_trip)(&value.to_string()));
                count += 1;
            }
        }
        for event in *all_events {
            for (example, stream) in events(product, event) {
                run(event.name, &example, &|value| (event.round_trip)(&value.to_string(), &stream));
                count += 1;
            }
        }
    }
    assert_eq!(count > 0, !PRODUCTS.is_empty());
}

/// The place of a value, as a JSON pointer and as errors name it.
struct Place {
    pointer: String,
    path: String,
    /// The key of the innermost object.
    key: Option<String>,
}

impl Place {
    fn is_in_list(&self) -> bool {
        self.path.contains('[')
    }
}

/// Whether an error names a type. An answer that is a list of the core crate's limits has none.
fn has_name(name: &str, error: &DecodeError) -> bool {
    error.type_name().is_some() || name == "UnfilledOrderCount"
}

/// Every place in a value, but for the value itself.
fn places(value: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    let mut open = vec![(value, String::new(), String::new())];
    while let Some((value, pointer, path)) = open.pop() {
        let mut step = |inner, name: &str, path: String, key: Option<String>| {
            let pointer = format!("{pointer}/{name}");
            found.push(Place { pointer: pointer.clone(), path: path.clone(), key });
            open.push((inner, pointer, path));
        };
        match value {
            Value::Object(fields) => {
                for (key, inner) in fields {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    step(inner, key, path, Some(key.clone()));
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    step(inner, &index.to_string(), format!("{path}[{index}]"), None);
                }
            }
            _ => {}
        }
    }
    found
}

fn with(example: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = example.clone();
    *changed.pointer_mut(pointer).unwrap() = value;
    changed
}

fn add_unknown(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(add_unknown);
            fields.insert("notYetKnown".to_owned(), json!({"deep": [1, "x"]}));
        }
        Value::Array(items) => items.iter_mut().for_each(add_unknown),
        _ => {}
    }
}

#[test]
fn e3_unknown_fields_are_ignored() {
    for_every_example(|name, example, round_trip| {
        let mut more = example.clone();
        add_unknown(&mut more);
        let written = round_trip(&more).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), *example, "{name}");
    });
}

#[test]
fn e4_unknown_words_are_kept() {
    for_every_example(|name, example, round_trip| {
        for place in places(example) {
            let Some(word) = example.pointer(&place.pointer).and_then(Value::as_str) else { continue };
            let is_telling = place.key.as_deref().is_some_and(|key| TELLING.contains(&key));
            let is_number = word.parse::<f64>().is_ok();
            let changed = with(example, &place.pointer, json!("NOT_YET_KNOWN"));
            match round_trip(&changed) {
                Ok(written) => {
                    let is_free = place.key.as_deref() == Some("symbol") || place.is_in_list();
                    assert!(!is_number || is_free, "{name}: {}", place.path);
                    assert_eq!(
                        serde_json::from_str::<Value>(&written).unwrap(),
                        changed,
                        "{name}: {}",
                        place.path
                    );
                }
                Err(error) => {
                    // The empty text can stand for a number that is absent.
                    assert!(is_number || is_telling || word.is_empty(), "{name}: {error}");
                    assert!(is_telling || error.path() == place.path, "{name}: {error}");
                }
            }
        }
    });
}

#[test]
fn e6_wrong_types_are_refused_with_their_place() {
    for_every_example(|name, example, round_trip| {
        for place in places(example) {
            let is_telling = place.key.as_deref().is_some_and(|key| TELLING.contains(&key));
            let old = example.pointer(&place.pointer).unwrap();
            let wrong = if old.is_boolean() || old.is_object() { json!(["wrong"]) } else { json!(true) };
            let changed = with(example, &place.pointer, wrong);
            match round_trip(&changed) {
                // An element of a list is kept as it came, and what has become another kind of object or event as unknown.
                Ok(written) => {
                    let is_kept =
                        place.is_in_list() && serde_json::from_str::<Value>(&written).unwrap() == changed;
                    assert!(is_telling || is_kept, "{name}: {} may be anything", place.path);
                }
                Err(error) => {
                    assert!(error.path().starts_with(&place.path) || is_telling, "{name}: {error}");
                    assert!(has_name(name, &error), "{name}: {error}");
                    assert!(
                        matches!(error.kind(), DecodeErrorKind::WrongType | DecodeErrorKind::MissingField),
                        "{name}: {error}"
                    );
                }
            }
        }
    });
}

#[test]
fn e5_missing_fields_are_named() {
    for_every_example(|name, example, round_trip| {
        for place in places(example) {
            let Some(key) = &place.key else { continue };
            let mut less = example.clone();
            let (parent, _) = place.pointer.rsplit_once('/').unwrap();
            less.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
            match round_trip(&less) {
                // A field that may be missing: what is left comes back, with the value that its absence means, unless it is
                // another thing without the field. Which fields may be missing is for the test of presence.
                Ok(written) => {
                    let mut written: Value = serde_json::from_str(&written).unwrap();
                    if let Some(fields) = written.pointer_mut(parent).and_then(Value::as_object_mut) {
                        fields.remove(key);
                    }
                    assert!(written == less || TELLING.contains(&key.as_str()), "{name}: {}", place.path);
                }
                Err(error) => {
                    let is_telling = TELLING.contains(&key.as_str());
                    assert!(error.path() == place.path || is_telling, "{name}: {error}");
                    assert!(has_name(name, &error), "{name}: {error}");
                }
            }
        }
    });
}
