//! What an object cannot be without: each field of each type is taken out of examples of the type, and set to `null`. Only
//! what the specification requires may make the object unreadable.

use super::table::{Field, ReadAndWrite, Type};
use super::{PRODUCTS, TYPES, answers, events};
use serde_json::Value;
use std::collections::BTreeMap;

/// Examples of each type by its name.
type Examples = BTreeMap<&'static str, Vec<Value>>;

/// Finds the objects of an example by their types.
fn collect(types: &'static [(&str, Type)], of_type: &str, value: &Value, found: &mut Examples) {
    if let Value::Array(items) = value
        && !matches!(find(types, of_type), Some((_, Type::Tuple(..))))
    {
        for item in items {
            collect(types, of_type, item, found);
        }
        return;
    }
    match find(types, of_type) {
        Some((name, Type::Object(fields, _))) if value.is_object() => {
            for (wire, _, inner) in *fields {
                if let Some(value) = value.get(wire) {
                    collect(types, inner, value, found);
                }
            }
            found.entry(name).or_default().push(value.clone());
        }
        Some((name, Type::Tuple(..))) => match value.as_array() {
            Some(rows) if rows.iter().all(Value::is_array) => {
                for row in rows {
                    collect(types, of_type, row, found);
                }
            }
            _ => found.entry(name).or_default().push(value.clone()),
        },
        Some((_, Type::Choice(choices))) => {
            let has = |keys: &[&str]| keys.iter().any(|key| value.get(key).is_some());
            let chosen = choices.iter().find(|(_, keys)| has(keys)).or(choices.last());
            collect(types, chosen.unwrap().0, value, found);
        }
        Some((_, Type::Tagged(tag, variants))) => {
            let word = value[tag].as_str().unwrap_or_default();
            if let Some((_, inner)) = variants.iter().find(|(known, _)| *known == word) {
                collect(types, inner, value, found);
            }
        }
        _ => {}
    }
}

fn find(types: &'static [(&str, Type)], name: &str) -> Option<(&'static str, &'static Type)> {
    types.iter().find(|(known, _)| *known == name).map(|(name, of_type)| (*name, of_type))
}

/// Tries an example without a field, and returns whether it is readable and comes back.
fn survives(name: &str, field: &Field, changed: &Value, read: ReadAndWrite) -> bool {
    let (wire, mark, _) = field;
    match read(&changed.to_string()) {
        Ok(written) => {
            let written: Value = serde_json::from_str(&written).unwrap();
            let at = |value: &Value| match value {
                Value::Array(places) => places.get(wire.parse::<usize>().unwrap()).cloned(),
                value => value.get(wire).cloned(),
            };
            let written_field = at(&written);
            let default = mark.strip_prefix('=').map(|default| match default {
                "[]" | "true" | "false" => serde_json::from_str(default).unwrap(),
                // Decimals are text.
                "0" if at(changed).is_none_or(|value| value.is_null()) && wire.len() <= 2 => Value::from("0"),
                number if number.parse::<u32>().is_ok() => serde_json::from_str(number).unwrap(),
                word => Value::from(word),
            });
            match (*mark, default) {
                ("?", _) => assert!(written_field.is_none_or(|value| value.is_null()), "{name}.{wire}"),
                ("|null", _) => assert_eq!(written_field, Some(Value::Null), "{name}.{wire}"),
                ("|-1", _) => assert_eq!(written_field, Some(Value::from(-1)), "{name}.{wire}"),
                ("|\"\"", _) => assert_eq!(written_field, Some(Value::from("")), "{name}.{wire}"),
                (_, Some(default)) => assert_eq!(written_field, Some(default), "{name}.{wire}"),
                (mark, None) => assert_eq!(mark, "", "{name}.{wire}"),
            }
            true
        }
        Err(_) => false,
    }
}

#[test]
fn e5_only_what_is_required_makes_an_object_unreadable() {
    for ((product, requests, all_events), (_, answer_types, types)) in PRODUCTS.iter().zip(TYPES) {
        let mut found = Examples::new();
        for request in *requests {
            let Some((_, of_type)) = answer_types.iter().find(|(name, _)| *name == request.name) else {
                continue;
            };
            for example in answers(product, request) {
                collect(types, of_type, &example, &mut found);
            }
        }
        for event in *all_events {
            for (example, _) in events(product, event) {
                collect(types, event.name, &example, &mut found);
            }
        }
        let (mut required, mut others, mut without) = (0, 0, Vec::new());
        for (name, of_type) in *types {
            let (Type::Object(fields, read) | Type::Tuple(fields, read)) = of_type else { continue };
            let Some(examples) = found.get(name) else {
                without.push(*name);
                continue;
            };
            for field in *fields {
                let (wire, mark, _) = field;
                let mut tried = false;
                for example in examples {
                    let mut less = example.clone();
                    let mut null = example.clone();
                    match (&mut less, &mut null) {
                        (Value::Object(less), Value::Object(null)) => {
                            if less.remove(*wire).is_none() {
                                continue;
                            }
                            null.insert((*wire).to_owned(), Value::Null);
                        }
                        (Value::Array(less), Value::Array(null)) => {
                            let place: usize = wire.parse().unwrap();
                            less.truncate(place);
                            null[place] = Value::Null;
                        }
                        _ => panic!("{name}: {example} is no object"),
                    }
                    tried = true;
                    let is_required = mark.is_empty();
                    // Of a tuple, a place can be missing only with all behind it.
                    let is_last = !example.is_array() || wire.parse::<usize>().unwrap() + 1 == fields.len();
                    if is_required || is_last {
                        let survived = survives(name, field, &less, *read);
                        assert_eq!(survived, !is_required, "{product}: {name} without {wire}");
                    }
                    // An answer that is null may be one of a choice.
                    if !is_required {
                        assert!(survives(name, field, &null, *read), "{product}: {name} with {wire} null");
                    }
                }
                let counter = if mark.is_empty() { &mut required } else { &mut others };
                *counter += usize::from(tried);
            }
        }
        println!(
            "{product}: {required} required fields, {others} others; types without an example: {without:?}"
        );
        assert_eq!(without, [""; 0], "{product}");
        assert!(required > 0 && others > 0, "{product}: {required} {others}");
    }
}
