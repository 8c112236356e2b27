//! Enums, streams, error codes, and the table of the tests.

use std::fmt::Write as _;

use super::super::lines::Condition;
use super::super::presence;
use super::super::spec::{Enum, Product, Stream, TypeKind};
use super::{doc, types};

/// An enum of words.
pub(super) fn wire_enum(out: &mut String, name: &str, spec: &Enum) {
    let kind = if spec.name_part { "name_part" } else { "wire_enum" };
    let _ = writeln!(out, "{kind}! {{");
    for line in spec.doc.trim().lines() {
        let _ = writeln!(out, "    /// {}", line.trim());
    }
    let _ = writeln!(out, "    {name} {{");
    for value in &spec.values {
        let _ = writeln!(out, "        /// {}\n        {} = {:?},", value.doc, value.name, value.word);
    }
    out.push_str("    }\n}\n\n");
}

/// The constants of error codes, and their names.
pub(super) fn error_codes(product: &Product) -> String {
    let mut out = String::new();
    let errors = || product.files.iter().flat_map(|file| &file.errors);
    if errors().next().is_none() {
        return out;
    }
    for error in errors() {
        doc(&mut out, &error.doc);
        let _ = writeln!(out, "pub const {}: ErrorCode = ErrorCode({});", error.name, error.code);
    }
    out.push_str("\n/// Every documented code with its name.\npub static ALL: &[(ErrorCode, &str)] = &[\n");
    for error in errors() {
        let _ = writeln!(out, "({}, {:?}),", error.name, error.name);
    }
    out.push_str(
        "];\n\n/// The name of a documented code.\npub fn name(code: ErrorCode) -> Option<&'static str> {\n\
         ALL.iter().find_map(|&(known, name)| (known == code).then_some(name))\n}\n",
    );
    out
}

/// By which the tests find the type of an example.
pub(super) fn test_table(product: &Product) -> String {
    let name = &product.name;
    let mut out = super::mark(&format!("crates/model/spec/{name}/*.toml"));
    let _ = writeln!(out, "//! Which type reads which answer and which event.\n");
    let _ = writeln!(out, "use crate::table::{{Event, Request, Type, event, request}};");
    if product.files.iter().any(|file| !file.streams.is_empty()) {
        out.push_str("use binance_kit_core::MixedTopic;\n");
    }
    let uses_common = product
        .files
        .iter()
        .flat_map(|file| file.streams.values().flat_map(Stream::parts))
        .any(|part| product.module_of(part).is_none());
    let _ = if uses_common {
        writeln!(out, "use binance_kit_model::{{common, {name}}};\n")
    } else {
        writeln!(out, "use binance_kit_model::{name};\n")
    };
    let _ = writeln!(out, "/// Every request.\npub(crate) const REQUESTS: &[Request] = &[");
    for (request, spec) in product.requests() {
        let rest = spec.rest.as_ref().map(|(method, path)| format!("{method} {path}"));
        let _ = writeln!(
            out,
            "request::<{}>({request:?}, {:?}, {:?}),",
            product.path_of(request),
            rest.as_deref().unwrap_or_default(),
            spec.ws.as_deref().unwrap_or_default()
        );
    }
    out.push_str("];\n\n/// Every event.\npub(crate) const EVENTS: &[Event] = &[\n");
    let mut events: Vec<(&str, &str)> = Vec::new();
    for (choice, spec) in product.files.iter().flat_map(|file| &file.events) {
        for (_, expression) in &spec.variants {
            let Some(event) = expression.name() else { continue };
            if !events.iter().any(|(known, _)| *known == event) {
                events.push((event, choice));
            }
        }
    }
    for (event, choice) in events {
        let spec = product.type_named(event);
        let known = spec.and_then(|spec| spec.constant()).map(|(_, word)| word.to_owned());
        let window = spec.and_then(|spec| spec.suffix()).map(|(_, end)| format!("*{end}"));
        let by_keys =
            spec.is_some_and(|spec| matches!(spec.kind, TypeKind::Struct { known_by: Some(_), .. }));
        let known_by = known.or(window).unwrap_or_default();
        let _ = writeln!(
            out,
            "event::<{}, {}>({event:?}, {known_by:?}, {by_keys}),",
            product.path_of(event),
            product.path_of(choice)
        );
    }
    out.push_str("];\n");
    types(&mut out, product);
    streams(&mut out, product);
    out
}

/// The types of answers and events with their fields, and the type of each answer.
fn types(out: &mut String, product: &Product) {
    out.push_str("\n/// The type of each answer.\npub(crate) const ANSWERS: &[(&str, &str)] = &[\n");
    for (request, spec) in product.requests() {
        if let Some(answer) = spec.response.innermost() {
            let _ = writeln!(out, "({request:?}, {answer:?}),");
        }
    }
    out.push_str(
        "];\n\n/// Every type of answers and events.\npub(crate) const TYPES: &[(&str, Type)] = &[\n",
    );
    for (name, spec) in product.types() {
        let path = product.path_of(name);
        let kind = match &spec.kind {
            TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) => {
                let is_tuple = matches!(spec.kind, TypeKind::Tuple(_));
                let function = match (is_tuple, types::needs_stream(fields)) {
                    (true, _) => format!("tuple::<{path}>"),
                    (false, true) => format!("of_stream::<{path}>"),
                    (false, false) => format!("object::<{path}>"),
                };
                let rows: Vec<String> = fields
                    .iter()
                    .filter(|field| field.constant.is_none() && field.wire != "@stream")
                    .map(|field| {
                        let of_type = field.shape.innermost().unwrap_or_default();
                        format!("({:?}, {:?}, {of_type:?})", field.wire, presence::mark(field))
                    })
                    .collect();
                format!("Type::{function}(&[{}])", rows.join(", "))
            }
            TypeKind::Choice(choices) => {
                let rows: Vec<String> = choices
                    .iter()
                    .map(|choice| {
                        let keys = match &choice.condition {
                            Condition::Has(keys) => keys.as_slice(),
                            _ => &[],
                        };
                        format!("({:?}, &{keys:?})", choice.shape.name().unwrap_or_default())
                    })
                    .collect();
                format!("Type::Choice(&[{}])", rows.join(", "))
            }
            TypeKind::Tagged { tag, variants } => {
                let rows: Vec<String> = variants
                    .iter()
                    .filter_map(|(_, of_type)| {
                        let (_, word) = product.type_named(of_type)?.constant()?;
                        Some(format!("({word:?}, {of_type:?})"))
                    })
                    .collect();
                format!("Type::Tagged({tag:?}, &[{}])", rows.join(", "))
            }
        };
        let _ = writeln!(out, "({name:?}, {kind}),");
    }
    out.push_str("];\n");
}

/// A function that goes through every stream of a product, for each value of its arguments.
fn streams(out: &mut String, product: &Product) {
    let streams = || product.files.iter().flat_map(|file| &file.streams);
    if streams().next().is_none() {
        return;
    }
    let name = &product.name;
    let _ = writeln!(
        out,
        "\n/// Every stream with its function, for each value of its arguments.\n\
         #[allow(dead_code, reason = \"only one of the tests asks\")]\n\
         pub(crate) fn streams(each: &mut dyn FnMut(&'static str, MixedTopic<{}>)) {{",
        product.path_of("MarketEvent")
    );
    for (function, stream) in streams() {
        let mut arguments = Vec::new();
        let mut depth = 0;
        for placeholder in stream.placeholders() {
            match placeholder.split_once(':') {
                None => arguments.push("\"BTCUSDT\"".to_owned()),
                Some((argument, part)) => {
                    let is_closed = product.enum_named(part).is_some_and(|spec| spec.name_part);
                    let (list, value) = if is_closed { ("ALL", "*") } else { ("KNOWN", "") };
                    let _ = writeln!(out, "for {argument} in {}::{list} {{", product.path_of(part));
                    arguments.push(format!("{value}{argument}"));
                    depth += 1;
                }
            }
        }
        let _ = writeln!(
            out,
            "each({function:?}, {name}::stream::{function}({}).into());{}",
            arguments.join(", "),
            "}".repeat(depth)
        );
    }
    out.push_str("}\n");
}
