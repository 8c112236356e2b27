//! Which fields an object cannot be without.
//!
//! An object without a required field is unreadable, so required is only what a program stands on:
//!
//! - identity, symbol, prices, quantities, times: rows of the types of [`STANDS_ON`] and of all ids;
//! - side, type, status, interval: rows of the enums whose names end so;
//! - what a row insists on (`!`): the levels of a book, the flag that says which side took.
//!
//! What the exchange documents as unused is never required. Every other row says what its absence means: a default that is
//! honest (`=false`, `=0`, `=[]`, `=WORD`), or none (`?`, `|null`, `|-1`, `|""`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::lines::{Field, Presence, TypeExpression, pascal_case};
use super::spec::{Product, TypeKind};
use crate::deps::Outcome;

/// The types of identities, prices, quantities and times.
const STANDS_ON: [&str; 5] = ["Asset", "ClientOrderId", "Decimal", "Symbol", "Timestamp"];

/// How the names of enums end that a program stands on.
const ENDS: [&str; 4] = ["Side", "Type", "Status", "Interval"];

/// How the documentation of a field begins that the exchange does not use.
const UNUSED: [&str; 3] = ["unused", "not in use", "ignored"];

/// Checks that each field of a product follows the rule.
///
/// # Errors
///
/// The first field that does not.
pub(super) fn check(product: &Product) -> Outcome<()> {
    for (name, spec) in product.types() {
        if let TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) = &spec.kind {
            check_fields(product, name, fields).map_err(|error| format!("spec/{}: {error}", product.name))?;
        }
    }
    Ok(())
}

fn check_fields(product: &Product, name: &str, fields: &[Field]) -> Outcome<()> {
    for field in fields.iter().filter(|field| field.constant.is_none() && field.suffix.is_none()) {
        let at = |reason: &str| Err(format!("{name}: {}: {reason}", field.name).into());
        let text = field.doc.to_ascii_lowercase();
        let is_unused = UNUSED.iter().any(|word| text.starts_with(word)) || text.contains("deprecated");
        let stands_on = field.shape.name().is_some_and(|of_type| stands_on(product, of_type));
        match field.presence {
            Presence::Required if is_unused => return at("what is not in use is not required"),
            Presence::Required if field.insists && stands_on => return at("it is required without `!`"),
            Presence::Required if !field.insists && !stands_on => {
                return at("say what its absence means (`=VALUE`, `?`), or insist on it (`!`)");
            }
            Presence::Default if value(field).is_none() || !is_known(product, field) => {
                return at("its type has no such default");
            }
            _ => {}
        }
    }
    Ok(())
}

fn stands_on(product: &Product, of_type: &str) -> bool {
    let is_word = product.enum_named(of_type).is_some() && ENDS.iter().any(|end| of_type.ends_with(end));
    STANDS_ON.contains(&of_type) || of_type.ends_with("Id") || is_word
}

/// Whether the default of an enum is one of its words.
fn is_known(product: &Product, field: &Field) -> bool {
    const PLAIN: [&str; 6] = ["bool", "u8", "u32", "u64", "Decimal", "String"];
    let Some(name) = field.shape.name().filter(|name| !PLAIN.contains(name)) else { return true };
    let is_default = |word: &str| field.default.as_deref() == Some(word);
    product.enum_named(name).is_some_and(|spec| {
        spec.values.iter().any(|value| is_default(&value.word) && value.name == pascal_case(&value.word))
    })
}

/// The default of a field in Rust.
fn value(field: &Field) -> Option<String> {
    let default = field.default.as_deref()?;
    match &field.shape {
        shape if shape.is_list() && default == "[]" => Some("Vec::new()".to_owned()),
        TypeExpression::Named(name) => match name.as_str() {
            "bool" => default.parse::<bool>().ok().map(|value| value.to_string()),
            "u8" | "u32" | "u64" => default.parse::<u32>().ok().map(|value| value.to_string()),
            "Decimal" if default == "0" => Some("Decimal::ZERO".to_owned()),
            "String" => Some(format!("{default:?}.to_owned()")),
            word => Some(format!("{word}::{}", pascal_case(default))),
        },
        _ => None,
    }
}

/// What follows an `Option` to give the default of a field in its place.
pub(super) fn or_default(field: &Field) -> String {
    match value(field).as_deref() {
        None | Some("false" | "0" | "Vec::new()" | "Decimal::ZERO") => ".unwrap_or_default()".to_owned(),
        Some(value) if value.ends_with(')') => format!(".unwrap_or_else(|| {value})"),
        Some(value) => format!(".unwrap_or({value})"),
    }
}

/// The documentation of a field with its default.
pub(super) fn documented(field: &Field) -> String {
    let Some(default) = &field.default else { return field.doc.clone() };
    let default = if default == "[]" { "empty".to_owned() } else { format!("`{default}`") };
    format!("{}; {default} if absent.", field.doc.trim_end_matches('.'))
}

/// A table of the fields of each type of a product, by what their absence means: for reviews and for the tests.
pub(super) fn table(product: &Product) -> String {
    let mut out = "What each object of answers and events cannot be without, and what the absence of its other fields means.\n\
                   Written by `cargo xtask codegen`; the rule is in `crates/model/spec/README.md`.\n"
        .to_owned();
    for (name, spec) in product.types() {
        let (TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields)) = &spec.kind else { continue };
        let _ = writeln!(out, "\n{name}");
        let written = || fields.iter().filter(|field| field.wire != "@stream");
        let mut row = |what: &str, words: BTreeSet<String>| {
            if !words.is_empty() {
                let words: Vec<String> = words.into_iter().collect();
                let _ = writeln!(out, "  {what:<9} {}", words.join(" "));
            }
        };
        let by = |is: fn(&Field) -> bool| written().filter(|field| is(field)).map(shown).collect();
        row("required", by(|field| field.presence == Presence::Required && field.constant.is_none()));
        row("default", by(|field| field.presence == Presence::Default));
        row("none", by(|field| !matches!(field.presence, Presence::Required | Presence::Default)));
    }
    out
}

/// The mark of a field's presence as a row has it; nothing where the field is required.
pub(super) fn mark(field: &Field) -> String {
    match field.presence {
        Presence::Required => String::new(),
        Presence::Optional => "?".to_owned(),
        Presence::Null => "|null".to_owned(),
        Presence::MinusOne => "|-1".to_owned(),
        Presence::EmptyText => "|\"\"".to_owned(),
        Presence::Default => format!("={}", field.default.as_deref().unwrap_or_default()),
    }
}

fn shown(field: &Field) -> String {
    match &field.default {
        Some(default) => format!("{}={default}", field.wire),
        None => field.wire.clone(),
    }
}
