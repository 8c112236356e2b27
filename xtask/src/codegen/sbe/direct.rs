//! Readers for the messages of streams: directly from the offsets into the types of the model, without the tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::render::imports;
use super::rows::{Body, Field, FieldType, Group};
use super::{Message, Schema};
use crate::codegen::lines::{Field as TypeField, Presence};
use crate::codegen::spec::{Product, TypeKind};
use crate::deps::Outcome;

/// Renders the readers of a product.
///
/// # Errors
///
/// If a message and the type it is read into do not fit.
pub(crate) fn readers(product: &Product, schemas: &BTreeMap<String, Schema>) -> Outcome<String> {
    let mut out = String::new();
    for message in schemas.values().flat_map(Schema::messages) {
        let Some(name) = &message.reads else { continue };
        let Some(TypeKind::Struct { fields, .. }) = product.type_named(name).map(|spec| &spec.kind) else {
            return Err(format!("{}: there is no struct {name}", message.name).into());
        };
        reader(&mut out, message, name, fields).map_err(|error| format!("{}: {error}", message.name))?;
    }
    if out.is_empty() {
        return Ok(out);
    }
    let types: Vec<&str> = product.types().map(|(name, _)| name).collect();
    let names = NAMES.iter().copied().chain(types.into_iter().map(|name| (name, "super::super::all")));
    let opening = "//! Readers for the messages of streams, directly from their offsets.\n\n";
    Ok(format!("{opening}{}\n{out}", imports(&out, names)))
}

/// What readers use, and where it is.
const NAMES: &[(&str, &str)] = &[
    ("DecodeError", "binance_kit_core"),
    ("Symbol", "binance_kit_core"),
    ("TradeId", "binance_kit_core::id"),
    ("UpdateId", "binance_kit_core::id"),
    ("Message", "binance_kit_core::sbe"),
    ("decimal", "binance_kit_core::sbe"),
    ("i64_at", "binance_kit_core::sbe"),
    ("i8_at", "binance_kit_core::sbe"),
    ("identifier", "binance_kit_core::sbe"),
    ("time", "binance_kit_core::sbe"),
    ("truth", "binance_kit_core::sbe"),
    ("support", "crate"),
    ("levels", "crate::sbe"),
];

fn reader(out: &mut String, message: &Message, name: &str, fields: &[TypeField]) -> Outcome<()> {
    let whole = message.body.groups.iter().position(|group| group.style.json() == "..");
    let _ = writeln!(
        out,
        "impl {name} {{\n/// Reads a `{}`.\n#[inline]\n\
         pub(crate) fn read_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {{\n\
         Self::read_all(message, each).map_err(|error| error.in_type({:?}))\n}}\n\n\
         #[inline]\n\
         fn read_all(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {{\n\
         let block = message.block::<{}>()?;\nlet mut rest = message.rest();",
        message.name, message.name, message.body.block_length
    );
    for group in &message.body.groups {
        let _ = writeln!(
            out,
            "let {} = rest.elements::<{}>({}, {:?})?;",
            group.style.name, group.body.block_length, group.count_size, group.style.name
        );
    }
    for data in &message.body.data {
        let _ = writeln!(out, "let {0} = rest.text({1}, {0:?})?;", data.style.name, data.length_size);
    }
    let body = &message.body;
    match whole.and_then(|index| body.groups.get(index)) {
        Some(group) => {
            let _ = writeln!(
                out,
                "for (index, element) in {}.enumerate() {{\n\
                 let event = Self::read_element(block, element, symbol).map_err(|error| error.at_index(index).at_key({:?}))?;\n\
                 each(event);\n}}\nOk(())\n}}\n\n\
                 #[inline]\n\
                 fn read_element(block: &[u8; {}], element: &[u8; {}], symbol: &str) -> Result<Self, DecodeError> {{",
                group.style.name, group.style.name, body.block_length, group.body.block_length
            );
            let values = fields
                .iter()
                .filter(|field| field.constant.is_none())
                .map(|field| value_of_element(field, group, body))
                .collect::<Outcome<Vec<_>>>()?;
            let _ = writeln!(out, "Ok(Self {{ {} }})\n}}\n}}\n", values.join(", "));
        }
        None => {
            let values = fields
                .iter()
                .filter(|field| field.constant.is_none())
                .map(|field| value_of_message(field, body))
                .collect::<Outcome<Vec<_>>>()?;
            let _ = writeln!(out, "each(Self {{ {} }});\nOk(())\n}}\n}}\n", values.join(", "));
        }
    }
    Ok(())
}

fn init(field: &TypeField, value: &str) -> String {
    match field.presence {
        Presence::Required | Presence::Default => format!("{}: {value}", field.name),
        _ => format!("{}: Some({value})", field.name),
    }
}

fn value_of_element(field: &TypeField, group: &Group, body: &Body) -> Outcome<String> {
    if let Some(found) = group.body.fields.iter().find(|row| row.style.json() == field.wire) {
        return Ok(init(field, &read(field, found, "element", body)?));
    }
    let more = group.body.more.iter().find(|more| more.key == field.wire);
    let outer = more.and_then(|more| more.value.strip_prefix('^')).ok_or_else(|| missing(field))?;
    if let Some(found) = body.fields.iter().find(|row| row.style.name == outer) {
        return Ok(init(field, &read(field, found, "block", body)?));
    }
    Ok(init(field, &text(field, outer)?))
}

fn value_of_message(field: &TypeField, body: &Body) -> Outcome<String> {
    if let Some(found) = body.fields.iter().find(|row| row.style.json() == field.wire) {
        return Ok(init(field, &read(field, found, "block", body)?));
    }
    if let Some(group) = body.groups.iter().find(|group| group.style.json() == field.wire) {
        return levels(field, group, body);
    }
    let named = |name: &str, json: &str| json == field.wire || (field.wire == "@stream" && name == "symbol");
    let data = body.data.iter().find(|data| named(&data.style.name, data.style.json()));
    let name = &data.ok_or_else(|| missing(field))?.style.name;
    if field.wire == "@stream" {
        // As from the name of the stream, which is made of it.
        return Ok(init(field, &format!("support::symbol_before_at({name})?")));
    }
    Ok(init(field, &text(field, name)?))
}

fn text(field: &TypeField, name: &str) -> Outcome<String> {
    match field.shape.name() {
        Some(of) => Ok(format!("{of}::from_wire({name})")),
        None => Err(missing(field).into()),
    }
}

fn missing(field: &TypeField) -> String {
    format!("nothing gives `{}`", field.name)
}

/// The value of a row, at its offset in `block`.
fn read(field: &TypeField, row: &Field, block: &str, outer: &Body) -> Outcome<String> {
    let Some(offset) = row.offset else {
        return Ok((row.style.constant.as_deref() == Some("True")).to_string());
    };
    let name = &row.style.name;
    let read = format!("i64_at({block}, {offset})");
    let wrong = || format!("`{}` cannot be read from {name}", field.name);
    Ok(match (&row.kind, field.shape.name().ok_or_else(wrong)?) {
        (FieldType::Time, "Timestamp") => format!("time({read}).map_err(|error| error.at_key({name:?}))?"),
        (FieldType::Decimal { wide: false, exponent }, "Decimal") => {
            let exponent = exponent_at(outer, exponent)?;
            format!("decimal({read}, i8_at(block, {exponent})).map_err(|error| error.at_key({name:?}))?")
        }
        (FieldType::Truth, "bool") => {
            format!("truth({block}[{offset}]).map_err(|error| error.at_key({name:?}))?")
        }
        (FieldType::Integer { size: 8, signed: true }, id) if id.ends_with("Id") => {
            format!("{id}(identifier({read}).map_err(|error| error.at_key({name:?}))?)")
        }
        _ => return Err(wrong().into()),
    })
}

fn exponent_at(body: &Body, name: &str) -> Outcome<u16> {
    let found = body.fields.iter().find(|field| field.style.name == name).and_then(|field| field.offset);
    found.ok_or_else(|| format!("there is no exponent {name}").into())
}

/// A list of levels: two decimals each.
fn levels(field: &TypeField, group: &Group, body: &Body) -> Outcome<String> {
    let [price, quantity] = group.body.fields.as_slice() else { return Err(missing(field).into()) };
    let exponent = |row: &Field| match &row.kind {
        FieldType::Decimal { wide: false, exponent } => exponent_at(body, exponent),
        _ => Err(missing(field).into()),
    };
    let (Some(first), Some(second)) = (price.offset, quantity.offset) else {
        return Err(missing(field).into());
    };
    Ok(format!(
        "{}: levels({}, {first}, i8_at(block, {}), {second}, i8_at(block, {})).map_err(|error| error.at_key({:?}))?",
        field.name,
        group.style.name,
        exponent(price)?,
        exponent(quantity)?,
        group.style.name
    ))
}
