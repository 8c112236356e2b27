//! Enums, streams, error codes, and the table of the tests.

use std::fmt::Write as _;

use super::super::spec::{Enum, Product, TypeKind};
use super::doc;
use crate::deps::Outcome;

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

/// The functions that give the names of streams.
///
/// # Errors
///
/// If a name cannot be rendered.
pub(super) fn streams(product: &Product) -> Outcome<String> {
    let mut out = String::new();
    for (function, stream) in product.files.iter().flat_map(|file| &file.streams) {
        doc(&mut out, &stream.doc);
        let event = stream.event.innermost().ok_or("a stream delivers events")?;
        let _ = writeln!(out, "///\n/// `{}`; delivers [`{event}`](super::{event}).", stream.name);
        out.push_str("///\n/// # Errors\n///\n");
        out.push_str("/// [`InvalidStreamName`] for a symbol that cannot be part of a name.\n");
        let mut arguments = Vec::new();
        let mut values = Vec::new();
        let mut format = stream.name.clone();
        for placeholder in stream.placeholders() {
            format = format.replace(&format!("<{placeholder}>"), "{}");
            match placeholder.split_once(':') {
                None => {
                    arguments.push(format!("{placeholder}: impl Into<Symbol>"));
                    values.push(format!("{placeholder}.into().to_lowercase()"));
                }
                Some((name, part)) => {
                    let by = product.enum_named(part).ok_or_else(|| format!("{function}: no enum {part}"))?;
                    arguments.push(format!("{name}: {}super::{part}", if by.name_part { "" } else { "&" }));
                    values.push(format!("{name}.as_str()"));
                }
            }
        }
        let body = if values.is_empty() {
            format!("StreamName::new({format:?})")
        } else {
            format!("StreamName::new(&format!({format:?}, {}))", values.join(", "))
        };
        let _ = writeln!(
            out,
            "pub fn {function}({}) -> Result<StreamName, InvalidStreamName> {{ {body} }}\n",
            arguments.join(", ")
        );
    }
    Ok(out)
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
    let _ = writeln!(out, "use crate::table::{{Event, Request, event, request}};");
    let _ = writeln!(out, "use binance_kit_model::{name};\n");
    let _ = writeln!(out, "/// Every request.\npub(crate) const REQUESTS: &[Request] = &[");
    for (request, spec) in product.requests() {
        let rest = spec.rest.as_ref().map(|(method, path)| format!("{method} {path}"));
        let _ = writeln!(
            out,
            "request::<{name}::{request}>({request:?}, {:?}, {:?}),",
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
        let told_by = known.or(window).unwrap_or_default();
        let _ =
            writeln!(out, "event::<{name}::{event}, {name}::{choice}>({event:?}, {told_by:?}, {by_keys}),");
    }
    out.push_str("];\n");
    out
}
