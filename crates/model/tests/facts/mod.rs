//! The exchange's documented examples, from the fact tables beside the repository. Where those are missing, each test
//! says so and is skipped.

use super::{check_answer, check_event, compare, fixtures, read};
use crate::generated::spot::{EVENTS, REQUESTS};
use binance_kit_core::{ApiError, Decoder, Encode, ErrorCode};
use binance_kit_model::spot::trade::CancelReplaceResponse;
use binance_kit_model::spot::{self, error_code};
use serde_json::{Map, Value};
use std::path::Path;

/// The fact tables, if they are there.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn facts(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/spot").join(name);
    match std::fs::read_to_string(path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("skipped: the fact table {name} is not beside the repository");
            None
        }
    }
}

/// Errors are read by the core crate; the halves of a failed cancel-replace by this one.
fn check_error(example: &Value) {
    let error: ApiError = Decoder::new().decode(example.to_string().as_bytes()).unwrap();
    assert_eq!(i64::from(error.code.0), example["code"]);
    assert_eq!(error.message, example["msg"]);
    assert!(error_code::name(error.code).is_some(), "{error}");
    match (CancelReplaceResponse::from_error(&error), example.get("data")) {
        (Some(halves), Some(data)) => compare("halves", data, &halves.unwrap().to_json()),
        (None, None) => {}
        (halves, data) => panic!("{halves:?} for {data:?}"),
    }
}

fn is_error(example: &Value) -> bool {
    example.get("code").is_some() && example.get("msg").is_some()
}

#[test]
fn errors_come_back() {
    for example in read(&fixtures("spot").join("errors.json")) {
        check_error(&example);
    }
}

/// All examples of a row of the fact tables.
fn examples(row: &Value, one: &str, several: &str) -> Vec<Value> {
    match row.get(several).and_then(Value::as_array) {
        Some(variants) => variants.iter().map(|variant| variant["json"].clone()).collect(),
        None => vec![row[one].clone()],
    }
}

/// Errors in the documents: examples that differ from what the exchange sends. Each must still be in the examples.
fn repair(id: &str, example: &mut Value, repaired: &mut Vec<String>) {
    if id == "rest exchange_info" {
        let limits = example["rateLimits"].as_array_mut().unwrap();
        let before = limits.len();
        // The page says "see elsewhere" in place of the limits.
        limits.retain(|limit| limit != &Value::Object(Map::new()));
        if limits.len() < before {
            repaired.push(format!("{id}: rateLimits has an empty object"));
        }
    }
}

#[test]
fn documented_answers_come_back() {
    let (Some(rest), Some(ws)) = (facts("rest.json"), facts("ws_api.json")) else { return };
    let conditional = facts("conditional_order_fields.json").unwrap();
    let (mut compared, mut errors, mut repaired, mut missing) = (0, 0, Vec::new(), Vec::new());
    for (kind, rows) in [("rest", rest), ("ws", ws)] {
        for row in rows.as_array().unwrap() {
            let id = format!("{kind} {}", row["id"].as_str().unwrap());
            let target = match kind {
                "rest" => {
                    format!("{} {}", row["http_method"].as_str().unwrap(), row["path"].as_str().unwrap())
                }
                _ => row["method"].as_str().unwrap().to_owned(),
            };
            let request = REQUESTS.iter().find(|request| request.rest == target || request.ws == target);
            let Some(request) = request else {
                missing.push(id);
                continue;
            };
            for mut example in examples(row, "response_example", "response_variants") {
                if kind == "ws" {
                    let part = if example.get("error").is_some() { "error" } else { "result" };
                    example = match example.get(part) {
                        Some(part) => part.clone(),
                        None => example,
                    };
                }
                if is_error(&example) {
                    check_error(&example);
                    errors += 1;
                    continue;
                }
                repair(&id, &mut example, &mut repaired);
                check_answer(request, &example);
                compared += 1;
                if row["conditional_order_fields"] == true && add_conditional(&mut example, &conditional) {
                    check_answer(request, &example);
                    compared += 1;
                }
            }
        }
    }
    println!(
        "answers: {compared} compared, {errors} errors, not covered: {missing:?}, repaired: {repaired:?}"
    );
    assert_eq!(missing, [""; 0]);
    assert_eq!(repaired.len(), 1, "an error of the documents was corrected: {repaired:?}");
}

/// Adds the fields that an order shows only if it has them to every order in the example.
fn add_conditional(example: &mut Value, fields: &Value) -> bool {
    match example {
        // Every item, so no short circuit.
        Value::Array(items) => {
            items.iter_mut().filter_map(|item| add_conditional(item, fields).then_some(())).count() > 0
        }
        Value::Object(object) => {
            let mut any = false;
            for key in ["orderReports", "cancelResponse", "newOrderResponse"] {
                if let Some(inner) = object.get_mut(key) {
                    any |= add_conditional(inner, fields);
                }
            }
            if object.contains_key("status") && object.contains_key("orderId") {
                for field in fields.as_array().unwrap() {
                    let name = field["field"].as_str().unwrap();
                    any |= !object.contains_key(name);
                    object.entry(name).or_insert_with(|| field["example"].clone());
                }
            }
            any
        }
        _ => false,
    }
}

#[test]
fn documented_events_come_back() {
    let Some(rows) = facts("streams.json") else { return };
    let (mut compared, mut missing) = (0, Vec::new());
    for row in rows.as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let event_type = row["event_type"].as_str();
        let event = EVENTS.iter().find(|event| match event_type {
            Some(word) => {
                event.word == word
                    || event.word.strip_prefix('*').is_some_and(|end| {
                        word.ends_with(end) && !EVENTS.iter().any(|other| other.word == word)
                    })
            }
            None => event.by_keys && (event.name == "PartialDepthEvent") == (id == "partial_book_depth"),
        });
        let Some(event) = event else {
            missing.push(id);
            continue;
        };
        for mut example in examples(row, "payload_example", "payload_variants") {
            check_event(event, &example, "bnbbtc@depth5");
            compared += 1;
            if let Some(fields) = row.get("conditional_fields").and_then(Value::as_array) {
                for field in fields {
                    example[field["field"].as_str().unwrap()] = field["example"].clone();
                }
                check_event(event, &example, "bnbbtc@depth5");
                compared += 1;
            }
        }
    }
    println!("events: {compared} compared, not covered: {missing:?}");
    assert_eq!(missing, [""; 0]);
}

#[test]
fn documented_filters_are_all_known() {
    let Some(rows) = facts("filters.json") else { return };
    let rows = rows.as_array().unwrap();
    for row in rows {
        let example = &row["example"];
        let filter: spot::rules::Filter = Decoder::new().decode(example.to_string().as_bytes()).unwrap();
        assert!(!matches!(filter, spot::rules::Filter::Unknown(_)), "{example}");
        compare("filter", example, &filter.to_json());
    }
    println!("filters: {} compared", rows.len());
}

#[test]
fn documented_error_codes_have_names() {
    let Some(rows) = facts("errors.json") else { return };
    for row in rows.as_array().unwrap() {
        let code = ErrorCode(i32::try_from(row["code"].as_i64().unwrap()).unwrap());
        let name = error_code::name(code);
        assert!(name.is_some(), "{row}");
        if let Some(documented) = row["name"].as_str() {
            assert_eq!(name, Some(documented));
        }
    }
}
