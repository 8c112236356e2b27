//! The other direction: entries of the spec that are in neither an example nor a documented table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Facts, target, text};
use crate::codegen::lines::TypeExpression;
use crate::codegen::spec::{Product, TypeKind};

/// The keys that the tables show wherever a type occurs.
type Shown = BTreeMap<String, BTreeSet<String>>;

/// Every entry of the spec that nothing in the fact tables supports.
pub(super) fn unsupported(product: &Product, facts: &Facts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut shown = Shown::new();
    for (name, request) in product.requests() {
        let rest = request.rest.as_ref().map(|(method, path)| format!("{method} {path}"));
        let mut supported = BTreeSet::new();
        for (kind, rows, at) in
            [("rest", &facts.rest, rest.as_ref()), ("ws_api", &facts.ws, request.ws.as_ref())]
        {
            let Some(at) = at else { continue };
            let Some(row) = rows.iter().find(|row| target(row) == *at) else {
                found.insert(format!("{name}: {at} is in no table"));
                continue;
            };
            answer_keys(facts, kind, row, &mut supported);
        }
        show(product, &request.response, &supported, &mut shown);
    }
    for events in product.files.iter().flat_map(|file| file.events.values()) {
        for (_, shape) in &events.variants {
            let Some(name) = shape.innermost() else { continue };
            let mut supported = BTreeSet::new();
            for row in facts.streams.iter().filter(|row| is_event(product, name, row)) {
                for part in ["payload_example", "payload_variants"] {
                    keys(&row[part], &mut supported);
                }
                keys(&facts.fields["streams"][text(row, "id")], &mut supported);
                if text(row, "event_type") == "executionReport" {
                    conditional(facts, &mut supported);
                }
            }
            if supported.is_empty() {
                found.insert(format!("{name}: no stream of the tables delivers it"));
            } else {
                show(product, shape, &supported, &mut shown);
            }
        }
    }
    for (name, supported) in &shown {
        for wire in own_names(product, name).difference(supported) {
            found.insert(format!("{name}: no example has `{wire}`"));
        }
    }
    let codes: BTreeSet<String> = facts.errors.iter().map(|row| row["code"].to_string()).collect();
    for error in product.files.iter().flat_map(|file| &file.errors) {
        if !codes.contains(&error.code.to_string()) {
            found.insert(format!("error code {}", error.code));
        }
    }
    if let Some(enums) = &facts.enums {
        for (name, spec) in product.enums() {
            let Some(table) = &spec.table else { continue };
            let mut words = BTreeSet::new();
            texts(&enums[table], &mut words);
            for value in spec.values.iter().filter(|value| !words.contains(&value.word)) {
                found.insert(format!("{name}: {} is not in the table {table}", value.word));
            }
        }
    }
    found
}

fn answer_keys(facts: &Facts, kind: &str, row: &Value, supported: &mut BTreeSet<String>) {
    for part in ["response_example", "response_variants"] {
        keys(&row[part], supported);
    }
    keys(&facts.fields[kind][text(row, "id")], supported);
    let at = if kind == "rest" { target(row) } else { format!("ws:{}", target(row)) };
    for message in facts.binary["messages"].as_array().into_iter().flatten() {
        let answers = |to: &Value| to.as_array().is_some_and(|to| to.iter().any(|to| *to == *at));
        if answers(&message["response_for"]) {
            let mut words = BTreeSet::new();
            texts(message, &mut words);
            supported.extend(words);
        }
    }
    if supported.contains("filterType") {
        facts.filters.iter().for_each(|row| keys(&row["example"], supported));
    }
    if row["conditional_order_fields"] == true {
        conditional(facts, supported);
    }
}

/// The fields that an order shows only if it has them.
fn conditional(facts: &Facts, supported: &mut BTreeSet<String>) {
    supported.extend(facts.conditional.iter().map(|row| text(row, "field").to_owned()));
}

/// Whether a row of the table of streams is about this event.
fn is_event(product: &Product, name: &str, row: &Value) -> bool {
    let Some(spec) = product.type_named(name) else { return false };
    match row["event_type"].as_str() {
        Some(word) => {
            spec.constant().is_some_and(|(_, own)| own == word)
                || spec.suffix().is_some_and(|(_, end)| word.ends_with(end))
        }
        None => match &spec.kind {
            TypeKind::Struct { known_by: Some(known), .. } => {
                known.iter().all(|key| row["payload_example"].get(key).is_some())
            }
            _ => false,
        },
    }
}

/// Counts what was seen beside a type for it and all that it consists of.
fn show(product: &Product, shape: &TypeExpression, supported: &BTreeSet<String>, shown: &mut Shown) {
    let mut types = BTreeSet::new();
    if let Some(name) = shape.innermost() {
        parts(product, name, &mut types);
    }
    for name in types {
        shown.entry(name).or_default().extend(supported.iter().cloned());
    }
}

/// The keys of the objects of a type.
fn own_names(product: &Product, name: &str) -> BTreeSet<String> {
    match product.type_named(name).map(|spec| &spec.kind) {
        Some(TypeKind::Struct { fields, .. }) => {
            fields.iter().filter(|field| field.wire != "@stream").map(|field| field.wire.clone()).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// A type and the types it consists of.
fn parts(product: &Product, name: &str, found: &mut BTreeSet<String>) {
    if !found.insert(name.to_owned()) {
        return;
    }
    let Some(spec) = product.type_named(name) else { return };
    let inner: Vec<&str> = match &spec.kind {
        TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) => {
            fields.iter().filter_map(|field| field.shape.innermost()).collect()
        }
        TypeKind::Choice(choices) => choices.iter().filter_map(|choice| choice.shape.innermost()).collect(),
        TypeKind::Tagged { variants, .. } => variants.iter().map(|(_, name)| name.as_str()).collect(),
    };
    for name in inner {
        parts(product, name, found);
    }
}

/// All keys of all objects in a value.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                found.insert(key.clone());
                keys(inner, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// All texts in a value.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|inner| texts(inner, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::String(text) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}
