//! The types of answers and events, with what reads and writes them.

use std::fmt::Write as _;

use super::super::lines::{Choice, Condition, Field, Presence, TypeExpression};
use super::super::spec::{Product, Type, TypeKind};
use super::{BUILT_IN, doc, events, fast};
use crate::codegen::presence;
use crate::deps::Outcome;

/// Renders one type.
///
/// # Errors
///
/// If it refers to something that is not there.
pub(super) fn render(out: &mut String, product: &Product, name: &str, spec: &Type) -> Outcome<()> {
    match &spec.kind {
        TypeKind::Struct { fields, .. } => {
            declare(out, &spec.doc, name, fields);
            decode(out, product, name, spec, fields);
            encode(out, name, fields);
            let is_fast = fast::reads(product, name);
            if is_fast {
                fast::structure(out, name, spec, fields);
            }
            if events::is_event(product, name) {
                events::single(out, product, name, fields, is_fast, spec.sequence.as_ref());
            }
        }
        TypeKind::Tuple(fields) => {
            declare(out, &spec.doc, name, fields);
            tuple(out, name, fields);
        }
        TypeKind::Choice(choices) => choice(out, product, &spec.doc, name, choices),
        TypeKind::Tagged { tag, variants } => tagged(out, product, &spec.doc, name, tag, variants)?,
    }
    Ok(())
}

fn members(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| field.constant.is_none())
}

/// Whether a type takes the name of the stream to be read.
pub(super) fn needs_stream(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.wire == "@stream")
}

/// Whether reading over a value keeps buffers.
fn keeps_buffers(spec: &Type, fields: &[Field]) -> bool {
    let is_event = spec.constant().is_some_and(|(key, _)| key == "e")
        || matches!(spec.kind, TypeKind::Struct { known_by: Some(_), .. });
    is_event && fields.iter().any(is_plain_list)
}

pub(super) fn is_plain_list(field: &Field) -> bool {
    field.shape.is_list() && field.presence == Presence::Required
}

/// Whether a type is the element of a list in which an unreadable one is kept.
fn is_listed(product: &Product, name: &str) -> bool {
    let lists = |shape: &TypeExpression| {
        matches!(shape, TypeExpression::Objects(_) | TypeExpression::OneOrMany(_))
            && shape.innermost() == Some(name)
    };
    let answers = product.requests().any(|(_, request)| lists(&request.response));
    answers
        || product.types().any(|(_, spec)| match &spec.kind {
            TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) => {
                fields.iter().any(|field| lists(&field.shape))
            }
            _ => false,
        })
}

fn declare(out: &mut String, text: &str, name: &str, fields: &[Field]) {
    doc(out, text);
    out.push_str("#[derive(Debug, Clone, PartialEq)]\n");
    if members(fields).filter(|field| field.rust() == "bool").count() > 3 {
        out.push_str("#[expect(clippy::struct_excessive_bools, reason = \"the exchange writes them so\")]\n");
    }
    let _ = writeln!(out, "#[non_exhaustive]\npub struct {name} {{");
    for field in members(fields) {
        doc(out, &presence::documented(field));
        let _ = writeln!(out, "pub {}: {},", field.name, field.rust());
    }
    out.push_str("}\n\n");
}

/// Whether two names differ in one letter only, so that clippy warns of taking one for the other.
fn has_similar_names(fields: &[Field]) -> bool {
    let is_similar = |left: &Field, right: &Field| {
        let mut differing = left
            .name
            .chars()
            .zip(right.name.chars())
            .enumerate()
            .filter(|(_, (left, right))| left != right)
            .map(|(index, _)| index);
        left.name.len() == right.name.len()
            && differing.next().is_some_and(|at| at > 0)
            && differing.next().is_none()
    };
    let named = || members(fields).filter(|field| field.name.len() > 4);
    named().enumerate().any(|(index, left)| named().skip(index + 1).any(|right| is_similar(left, right)))
}

/// A statement as the arm of a match in a function of a type, in a block where rustfmt would make it one.
fn arm(wire: &str, statement: &str) -> String {
    let line = format!("{wire:?} => {statement},");
    if 16 + line.len() <= 110 { line } else { format!("{wire:?} => {{\n{statement};\n}}") }
}

/// What clippy is to expect of a function that reads the fields.
fn expectations(out: &mut String, fields: &[Field], over: bool, by_keys: Option<&str>) {
    let read: Vec<&Field> = fields.iter().filter(|field| field.wire != "@stream").collect();
    let arms: usize = arms(fields, over, by_keys)
        .iter()
        .map(|(wire, statement)| arm(wire, statement).lines().count())
        .sum();
    let has_constant = usize::from(members(fields).count() < fields.len());
    // A member is a line, or four where rustfmt breaks the call.
    let members_lines: usize = members(fields)
        .map(|field| if 12 + field.name.len() + 3 + taken(field).len() > 110 { 4 } else { 1 })
        .sum();
    let lines = read.len() + 5 + arms + has_constant + members_lines + 2;
    if lines > 100 {
        out.push_str("#[expect(clippy::too_many_lines, reason = \"three for each field\")]\n");
    }
    if has_similar_names(fields) {
        out.push_str("#[expect(clippy::similar_names, reason = \"the exchange's names are\")]\n");
    }
}

/// Whether a type is an identifier or a time, for which the exchange writes `-1` in many places when there is none.
fn is_place(of_type: &str) -> bool {
    of_type == "Timestamp" || BUILT_IN.contains(&(of_type, "binance_kit_core::id"))
}

/// Whether a type is an identifier or a count, which is nearly always written as a number.
fn is_number(of_type: &str) -> bool {
    of_type == "u64" || BUILT_IN.contains(&(of_type, "binance_kit_core::id"))
}

/// The names that functions which read a type use themselves.
const LOCALS: [&str; 8] = ["found", "input", "key", "reader", "seen", "start", "stream", "value"];

/// The local variable that holds the value of a field until all are read.
pub(super) fn local(field: &Field) -> String {
    if LOCALS.contains(&field.name.as_str()) { format!("{}_field", field.name) } else { field.name.clone() }
}

/// The arms that read each field.
fn arms(fields: &[Field], over: bool, by_keys: Option<&str>) -> Vec<(String, String)> {
    let mut arms = Vec::new();
    if let Some(word) = by_keys {
        arms.push(("e".to_owned(), format!("support::same_event({word:?}, found)?")));
    }
    for field in fields.iter().filter(|field| field.wire != "@stream") {
        let (wire, name) = (&field.wire, local(field));
        let statement = if let Some(word) = &field.constant {
            format!("support::constant(&mut seen, {wire:?}, {word:?}, found)?")
        } else if over && is_plain_list(field) {
            format!("support::list_over(&mut self.{}, &mut {name}, {wire:?}, found)?", field.name)
        } else if let Some(suffix) = &field.suffix {
            format!("support::field_with_suffix(&mut {name}, {wire:?}, {suffix:?}, found)?")
        } else if field.presence == Presence::MinusOne {
            format!("support::field_or_minus_one(&mut {name}, {wire:?}, found)?")
        } else if field.presence == Presence::EmptyText {
            format!("support::field_or_empty(&mut {name}, {wire:?}, found)?")
        } else {
            let reader = match (field.presence, field.shape.name()) {
                (Presence::Required, Some("Timestamp")) => "support::time",
                (Presence::Required, Some(of_type)) if is_number(of_type) => "support::whole",
                (Presence::Optional | Presence::Null, Some(of_type)) if is_place(of_type) => "support::place",
                _ => "field",
            };
            format!("{reader}(&mut {name}, {wire:?}, found)?")
        };
        arms.push((wire.clone(), statement));
    }
    arms
}

/// The slots, the loop over the keys, and the check of the constant.
fn reading(out: &mut String, fields: &[Field], over: bool, by_keys: Option<&str>) {
    for field in fields.iter().filter(|field| field.wire != "@stream") {
        if field.constant.is_some() {
            out.push_str("let mut seen = false;\n");
        } else if over && is_plain_list(field) {
            let _ = writeln!(out, "let mut {} = false;", local(field));
        } else {
            let _ = writeln!(out, "let mut {} = None;", local(field));
        }
    }
    let arms = arms(fields, over, by_keys);
    match arms.as_slice() {
        [(wire, statement)] => {
            let _ = writeln!(
                out,
                "for (key, found) in value.object()? {{ if key == {wire:?} {{ {statement}; }} }}"
            );
        }
        arms => {
            out.push_str("for (key, found) in value.object()? {\nmatch key {\n");
            for (wire, statement) in arms {
                let _ = writeln!(out, "{}", arm(wire, statement));
            }
            out.push_str("_ => {}\n}\n}\n");
        }
    }
    if let Some(constant) = fields.iter().find(|field| field.constant.is_some()) {
        let _ = writeln!(out, "support::required_constant(seen, {:?})?;", constant.wire);
    }
}

fn taken(field: &Field) -> String {
    if field.wire == "@stream" {
        return "support::symbol_of_stream(stream)?".to_owned();
    }
    match field.presence {
        Presence::Required => format!("required({}, {:?})?", local(field), field.wire),
        Presence::Default => format!("optional({}){}", local(field), presence::or_default(field)),
        _ => format!("optional({})", local(field)),
    }
}

fn decode(out: &mut String, product: &Product, name: &str, spec: &Type, fields: &[Field]) {
    let needs_stream = needs_stream(fields);
    let keeps_buffers = keeps_buffers(spec, fields);
    // An event that is known by its keys may come to have a type one day, but not that of another event.
    let word = events::known_as(name);
    let by_keys = matches!(spec.kind, TypeKind::Struct { known_by: Some(_), .. }).then_some(word.as_str());
    let stream = if needs_stream { ", stream: Option<&str>" } else { "" };
    let _ = writeln!(out, "impl {name} {{");
    expectations(out, fields, false, by_keys);
    let _ = writeln!(out, "fn read(value: Value<'_>{stream}) -> Result<Self, DecodeError> {{");
    if fields.iter().all(|field| field.wire == "@stream") {
        out.push_str("value.object()?;\n");
    } else {
        reading(out, fields, false, by_keys);
    }
    out.push_str("Ok(Self {\n");
    for field in members(fields) {
        let _ = writeln!(out, "{}: {},", field.name, taken(field));
    }
    out.push_str("})\n}\n");
    if keeps_buffers {
        out.push('\n');
        expectations(out, fields, true, by_keys);
        let _ =
            writeln!(out, "fn read_over(&mut self, value: Value<'_>{stream}) -> Result<(), DecodeError> {{");
        reading(out, fields, true, by_keys);
        for field in members(fields) {
            if is_plain_list(field) {
                let _ = writeln!(out, "support::required_constant({}, {:?})?;", local(field), field.wire);
            } else {
                let _ = writeln!(out, "self.{} = {};", field.name, taken(field));
            }
        }
        out.push_str("Ok(())\n}\n");
    }
    out.push_str("}\n\n");
    if needs_stream {
        return;
    }
    let read_over = keeps_buffers.then_some("self.read_over(value)");
    let lists: Vec<&str> =
        fields.iter().filter(|field| field.shape.is_list()).map(|field| field.wire.as_str()).collect();
    let in_order = fast::is_outcome(product, name) && fast::reads(product, name);
    decode_impl(out, name, Some(&lists), "Self::read(value)", read_over, in_order);
}

/// `lists` are the fields of an object that are lists; what is no object is read at once. `in_order`: the fast path reads it.
fn decode_impl(
    out: &mut String,
    name: &str,
    lists: Option<&[&str]>,
    read: &str,
    read_over: Option<&str>,
    in_order: bool,
) {
    let _ = writeln!(out, "impl Decode for {name} {{");
    if let Some(lists) = lists {
        let _ = writeln!(out, "const LAYOUT: Layout = Layout::Fields(&{lists:?});\n");
    }
    let _ = writeln!(
        out,
        "fn decode(value: Value<'_>) -> Result<Self, DecodeError> {{\n\
         {read}.map_err(|error| error.in_type({name:?}))\n}}"
    );
    if let Some(read_over) = read_over {
        let _ = writeln!(
            out,
            "\nfn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {{\n\
             {read_over}.map_err(|error| error.in_type({name:?}))\n}}"
        );
    }
    if in_order {
        out.push_str(
            "\n#[inline]\nfn read_in_order(input: &mut FastReader<'_>) -> Option<Self> {\nSelf::in_order(input)\n}\n",
        );
    }
    out.push_str("}\n\n");
}

fn encode(out: &mut String, name: &str, fields: &[Field]) {
    let _ = writeln!(
        out,
        "impl Encode for {name} {{\nfn encode(&self, json: &mut JsonWriter) {{\njson.begin_object();"
    );
    for field in fields.iter().filter(|field| field.wire != "@stream") {
        let (wire, name) = (&field.wire, &field.name);
        let _ = if let Some(word) = &field.constant {
            writeln!(out, "json.field({wire:?}, {word:?});")
        } else if let Some(suffix) = &field.suffix {
            writeln!(
                out,
                "json.key({wire:?});\njson.display_string(&format_args!(\"{{}}{suffix}\", self.{name}));"
            )
        } else {
            match field.presence {
                Presence::Optional => writeln!(out, "json.optional({wire:?}, self.{name}.as_ref());"),
                Presence::MinusOne => {
                    writeln!(out, "support::or_minus_one(json, {wire:?}, self.{name}.as_ref());")
                }
                Presence::EmptyText => {
                    writeln!(out, "support::or_empty(json, {wire:?}, self.{name}.as_ref());")
                }
                Presence::Required | Presence::Null | Presence::Default => {
                    writeln!(out, "json.field({wire:?}, &self.{name});")
                }
            }
        };
    }
    out.push_str("json.end_object();\n}\n}\n\n");
}

fn tuple(out: &mut String, name: &str, fields: &[Field]) {
    let _ = writeln!(
        out,
        "impl {name} {{\nfn read(value: Value<'_>) -> Result<Self, DecodeError> {{\n\
         let mut elements = value.array()?;\nOk(Self {{"
    );
    for (index, field) in fields.iter().enumerate() {
        let _ = match field.presence {
            Presence::Required => {
                writeln!(out, "{}: support::element(&mut elements, {index})?,", field.name)
            }
            Presence::Default => writeln!(
                out,
                "{}: support::element_or_none(&mut elements, {index})?{},",
                field.name,
                presence::or_default(field)
            ),
            _ => writeln!(out, "{}: support::element_or_none(&mut elements, {index})?,", field.name),
        };
    }
    out.push_str("})\n}\n}\n\n");
    decode_impl(out, name, None, "Self::read(value)", None, false);
    let _ = writeln!(
        out,
        "impl Encode for {name} {{\nfn encode(&self, json: &mut JsonWriter) {{\njson.begin_array();"
    );
    for field in fields {
        let _ = writeln!(out, "json.element();\nself.{}.encode(json);", field.name);
    }
    out.push_str("json.end_array();\n}\n}\n\n");
}

/// Whether a type is an object, or an object in each of its forms: which of them it is follows from keys and words alone.
fn is_object(product: &Product, name: &str) -> bool {
    match product.type_named(name).map(|spec| &spec.kind) {
        Some(TypeKind::Struct { .. } | TypeKind::Tagged { .. }) => true,
        Some(TypeKind::Choice(choices)) => choices.iter().all(|choice| match &choice.shape {
            TypeExpression::Nothing => true,
            TypeExpression::Named(of_type) => is_object(product, of_type),
            _ => false,
        }),
        Some(TypeKind::Tuple(_)) => false,
        None => name == "Refusal",
    }
}

/// The layout of a type that is one of several objects: what its fields are is known later.
const ONE_OF_OBJECTS: &str = "const LAYOUT: Layout = Layout::Fields(&[]);\n\n";

fn choice(out: &mut String, product: &Product, text: &str, name: &str, choices: &[Choice]) {
    doc(out, text);
    let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\n#[non_exhaustive]\npub enum {name} {{");
    for choice in choices {
        doc(out, &choice.doc);
        let shape = choice.shape.rust();
        let _ = match (&choice.shape, choice.boxed) {
            (TypeExpression::Nothing, _) => writeln!(out, "{},", choice.name),
            (_, true) => writeln!(out, "{}(Box<{shape}>),", choice.name),
            (_, false) => writeln!(out, "{}({shape}),", choice.name),
        };
    }
    out.push_str("}\n\n");
    let layout = if is_object(product, name) { ONE_OF_OBJECTS } else { "" };
    let _ = writeln!(
        out,
        "impl Decode for {name} {{\n{layout}fn decode(value: Value<'_>) -> Result<Self, DecodeError> {{"
    );
    for choice in choices {
        let variant = &choice.name;
        let read = if choice.shape == TypeExpression::Nothing {
            format!("Ok(Self::{variant})")
        } else {
            format!("Decode::decode(value).map(Self::{variant}).map_err(|error| error.in_type({name:?}))")
        };
        let _ = match &choice.condition {
            Condition::Has(keys) => {
                let conditions: Vec<String> =
                    keys.iter().map(|key| format!("value.get({key:?}).is_some()")).collect();
                writeln!(out, "if {} {{ return {read}; }}", conditions.join(" || "))
            }
            Condition::Null => writeln!(out, "if value.is_null() {{ return {read}; }}"),
            Condition::Otherwise => writeln!(out, "{read}"),
        };
    }
    let _ = writeln!(
        out,
        "}}\n}}\n\nimpl Encode for {name} {{\nfn encode(&self, json: &mut JsonWriter) {{\nmatch self {{"
    );
    for choice in choices {
        let _ = match (&choice.shape, &choice.condition) {
            (TypeExpression::Nothing, Condition::Null) => {
                writeln!(out, "Self::{} => json.null(),", choice.name)
            }
            (TypeExpression::Nothing, _) => writeln!(out, "Self::{} => ().encode(json),", choice.name),
            _ => writeln!(out, "Self::{}(value) => value.encode(json),", choice.name),
        };
    }
    out.push_str("}\n}\n}\n\n");
}

fn tagged(
    out: &mut String,
    product: &Product,
    text: &str,
    name: &str,
    tag: &str,
    variants: &[(String, String)],
) -> Outcome<()> {
    doc(out, text);
    let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\n#[non_exhaustive]\npub enum {name} {{");
    let mut reads = String::new();
    let mut words = String::new();
    for (variant, of_type) in variants {
        let spec = product.type_named(of_type).ok_or_else(|| format!("{name}: no type {of_type}"))?;
        let (_, word) = spec.constant().ok_or_else(|| format!("{name}: {of_type} has no word"))?;
        doc(out, &spec.doc);
        let _ = writeln!(out, "{variant}({of_type}),");
        let read = format!("{of_type}::decode(value).map(Self::{variant})");
        let _ = if is_listed(product, name) {
            let unknown = format!("Ok(Self::Unknown(UnknownObject::unreadable({word:?}, value, error)))");
            writeln!(reads, "{word:?} => {read}.or_else(|error| {unknown}),")
        } else {
            writeln!(reads, "{word:?} => {read},")
        };
        let _ = writeln!(words, "Self::{variant}(value) => value.encode(json),");
    }
    let _ = writeln!(
        out,
        "{}\nUnknown(UnknownObject),\n}}\n\n\
         impl Decode for {name} {{\n{ONE_OF_OBJECTS}\
         fn decode(value: Value<'_>) -> Result<Self, DecodeError> {{\n\
         match support::kind_of(value, {tag:?}).map_err(|error| error.in_type({name:?}))? {{\n{reads}\
         other => Ok(Self::Unknown(UnknownObject::new(other, value))),\n}}\n}}\n}}\n\n\
         impl Encode for {name} {{\nfn encode(&self, json: &mut JsonWriter) {{\nmatch self {{\n{words}\
         Self::Unknown(value) => value.encode(json),\n}}\n}}\n}}\n",
        if is_listed(product, name) {
            "/// Of a kind this version of the SDK does not know, or of a known kind and unreadable."
        } else {
            "/// Of a kind this version of the SDK does not know."
        }
    );
    Ok(())
}
