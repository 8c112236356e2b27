//! The tables, as constants of the core crate's types.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rows::{Body, Field, FieldType, Style};
use super::{Message, Schema};
use crate::codegen::render::words;
use crate::deps::Outcome;

/// The blocks around the one that is rendered, from the outermost.
type Around<'a> = Vec<&'a Body>;

/// Renders the schemas of a product into files, by their paths from the root.
///
/// # Errors
///
/// If something cannot be rendered.
pub(crate) fn render(
    product: &str,
    schemas: &BTreeMap<String, Schema>,
    readers: &str,
) -> Outcome<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if schemas.is_empty() {
        return Ok(files);
    }
    let folder = format!("crates/model/src/generated/{product}/sbe");
    let source = format!("crates/model/spec/{product}/sbe");
    let mark = |file: &str| {
        format!("// Written by `cargo xtask codegen` from {source}/{file}.toml; do not edit.\n\n")
    };
    let mut root = mark("*");
    root.push_str("//! The SBE schemas of the product, as tables.\n\nuse binance_kit_core::sbe::Schema;\n\n");
    for (name, schema) in schemas {
        let mut layouts: Vec<(u16, String)> = Vec::new();
        for file in &schema.files {
            let mut text = String::new();
            for message in &file.messages {
                let constant = upper(&message.name);
                let _ =
                    writeln!(text, "pub(super) const {constant}: Layout = {};\n", layout(message, schema)?);
                layouts.push((message.template, format!("{}::{constant}", file.stem)));
            }
            let opening = format!("{}//! {}\n\n", mark(&file.stem), file.doc);
            let text = format!("{opening}{}\n{text}", imports(&text, TABLES.iter().copied()));
            files.insert(format!("{folder}/{}.rs", file.stem), text);
            let _ = writeln!(root, "mod {};", file.stem);
        }
        layouts.sort();
        let layouts: Vec<String> = layouts.into_iter().map(|(_, path)| path).collect();
        let _ = writeln!(
            root,
            "/// Schema `{}` {}:{}. {}\npub static {}: Schema = Schema {{ id: {}, version: {}, layouts: &[{}] }};\n",
            schema.package,
            schema.id,
            schema.version,
            schema.doc,
            upper(name),
            schema.id,
            schema.version,
            layouts.join(", ")
        );
    }
    let mut all_words = mark("words");
    all_words.push_str("//! Words by their numbers.\n\nuse binance_kit_core::sbe::Words;\n\n");
    for (all, set) in schemas.values().flat_map(|schema| [(&schema.enums, false), (&schema.sets, true)]) {
        for one in all {
            if !schemas.values().flat_map(Schema::messages).any(|message| message.body.uses(&one.name)) {
                continue;
            }
            let values: Vec<String> =
                one.values.iter().map(|word| format!("({}, {:?})", word.number, word.json())).collect();
            let _ = writeln!(
                all_words,
                "pub(super) static {}: Words = Words {{ name: {:?}, size: {}, values: &[{}] }};\n",
                words_name(&one.name, set),
                one.name,
                one.size,
                values.join(", ")
            );
        }
    }
    files.insert(format!("{folder}/words.rs"), all_words);
    root.push_str("mod words;\n");
    if !readers.is_empty() {
        let mut text = mark("streams");
        text.push_str(readers);
        files.insert(format!("{folder}/readers.rs"), text);
        root.push_str("mod readers;\n");
    }
    files.insert(format!("{folder}/mod.rs"), root);
    Ok(files)
}

/// What tables are made of, and where it is.
const TABLES: &[(&str, &str)] = &[
    ("Absent", "binance_kit_core::sbe"),
    ("Body", "binance_kit_core::sbe"),
    ("Data", "binance_kit_core::sbe"),
    ("Entry", "binance_kit_core::sbe"),
    ("Field", "binance_kit_core::sbe"),
    ("Group", "binance_kit_core::sbe"),
    ("Hide", "binance_kit_core::sbe"),
    ("Item", "binance_kit_core::sbe"),
    ("Kind", "binance_kit_core::sbe"),
    ("Layout", "binance_kit_core::sbe"),
    ("Shape", "binance_kit_core::sbe"),
    ("I8", "crate::sbe"),
    ("I16", "crate::sbe"),
    ("I32", "crate::sbe"),
    ("I64", "crate::sbe"),
    ("U8", "crate::sbe"),
    ("U16", "crate::sbe"),
    ("U32", "crate::sbe"),
    ("U64", "crate::sbe"),
    ("decimal", "crate::sbe"),
    ("wide", "crate::sbe"),
    ("words", "super"),
];

/// The imports of the names that the text uses.
pub(super) fn imports<'a>(text: &str, names: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let used = words(text);
    let mut by_module: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, module) in names.filter(|(name, _)| used.contains(name)) {
        by_module.entry(module).or_default().push(name);
    }
    let mut out = String::new();
    for (module, names) in by_module {
        let _ = match names.as_slice() {
            [name] => writeln!(out, "use {module}::{name};"),
            names => writeln!(out, "use {module}::{{{}}};", names.join(", ")),
        };
    }
    out
}

fn layout(message: &Message, schema: &Schema) -> Outcome<String> {
    let answers: Vec<String> = message
        .answers
        .iter()
        .chain(&message.also_answers)
        .filter_map(|answer| answer.strip_prefix("ws:"))
        .map(|method| format!("{method:?}"))
        .collect();
    let event = message.event.as_ref().map_or_else(|| "None".to_owned(), |event| format!("Some({event:?})"));
    let mut around = Vec::new();
    let event_type = message.event.as_deref().filter(|_| !whole(&message.body));
    let body = body(&message.body, schema, &mut around, event_type)
        .map_err(|error| format!("{}: {error}", message.name))?;
    Ok(format!(
        "Layout {{ name: {:?}, template: {}, block_length: {}, kind: {:?}, event: {event}, stream: {:?}, \
         answers: &[{}], body: {body} }}",
        message.name,
        message.template,
        message.body.block_length,
        message.kind,
        message.stream,
        answers.join(", ")
    ))
}

/// Whether the body is, in JSON, nothing but one of its groups or data.
fn whole(body: &Body) -> bool {
    body.groups.iter().any(|group| group.style.json() == "..")
        || body.data.iter().any(|data| data.style.json() == "..")
}

fn body<'a>(
    body: &'a Body,
    schema: &Schema,
    around: &mut Around<'a>,
    event: Option<&str>,
) -> Outcome<String> {
    around.push(body);
    let whole = whole(body);
    let stored: Vec<&Field> = body.fields.iter().filter(|field| field.offset.is_some()).collect();
    let is_tuple = body.fields.iter().any(|field| field.style.json() == "[]");
    let mut nested: Vec<(String, Vec<String>)> = Vec::new();
    let mut nest = |style: &Style, item: String| -> Option<()> {
        let (outer, inner) = style.json().split_once('.').filter(|_| style.json() != "..")?;
        let entry = format!("Entry {{ key: {inner:?}, item: {item} }}");
        match nested.iter_mut().find(|(key, _)| key == outer) {
            Some((_, entries)) => entries.push(entry),
            None => nested.push((outer.to_owned(), vec![entry])),
        }
        Some(())
    };
    let mut fields = Vec::new();
    for (index, field) in stored.iter().enumerate() {
        let is_nested = !field.style.skip && nest(&field.style, format!("Item::Field({index})")).is_some();
        let keyless = whole || is_tuple || is_nested || field.style.skip || field.kind == FieldType::Exponent;
        fields.push(render_field(field, keyless, body, around, schema)?);
    }
    let mut data = Vec::new();
    for (index, one) in body.data.iter().enumerate() {
        let is_nested = !one.style.skip && nest(&one.style, format!("Item::Data({index})")).is_some();
        let style = &one.style;
        let mut text = if one.is_message {
            let tag = match one.of.as_slice() {
                [kind] if kind == "filter" => "filterType",
                [kind] if kind == "rule" => "ruleType",
                _ => "",
            };
            format!("Data::message({:?}, {}, &{:?}, {tag:?})", style.name, one.length_size, one.of)
        } else {
            format!("Data::text({:?}, {})", style.name, one.length_size)
        };
        if one.optional {
            text.push_str(".optional()");
        }
        push_key(&mut text, style, whole || is_nested || style.skip);
        push_absent(&mut text, style);
        data.push(text);
    }
    let mut groups = Vec::new();
    for group in &body.groups {
        let key = if whole || group.style.skip { "" } else { group.style.json() };
        if key.contains('.') {
            return Err("a group has a key, not a path".into());
        }
        let inner = self::body(&group.body, schema, around, None)?;
        groups.push(format!(
            "Group {{ name: {:?}, key: {key:?}, single: {}, count_size: {}, block_length: {}, body: {inner} }}",
            group.style.name, group.first, group.count_size, group.body.block_length
        ));
    }
    let shape = shape(body, schema, &stored, around, event, nested)?;
    around.pop();
    Ok(format!(
        "Body {{ fields: &[{}], groups: &[{}], data: &[{}], shape: {shape} }}",
        fields.join(", "),
        groups.join(", "),
        data.join(", ")
    ))
}

fn shape(
    body: &Body,
    schema: &Schema,
    stored: &[&Field],
    around: &Around<'_>,
    event: Option<&str>,
    nested: Vec<(String, Vec<String>)>,
) -> Outcome<String> {
    if let Some(index) = body.groups.iter().position(|group| group.style.json() == "..") {
        return Ok(format!("Shape::Only(Item::Group({index}))"));
    }
    if let Some(index) = body.data.iter().position(|data| data.style.json() == "..") {
        return Ok(format!("Shape::Only(Item::Data({index}))"));
    }
    if stored.iter().any(|field| field.style.json() == "[]") {
        let own = stored.iter().enumerate().filter(|(_, field)| field.style.json() == "[]");
        let mut items: Vec<String> = own.map(|(index, _)| format!("Item::Field({index})")).collect();
        for more in &body.more {
            items.push(item(&more.value, stored, around)?);
        }
        return Ok(format!("Shape::Tuple(&[{}])", items.join(", ")));
    }
    let mut entries = Vec::new();
    let mut push = |key: &str, item: &str| entries.push(format!("Entry {{ key: {key:?}, item: {item} }}"));
    if let Some(event) = event {
        push("e", &format!("Item::Text({event:?})"));
    }
    for field in body.fields.iter().filter(|field| field.offset.is_none()) {
        let word = field.style.constant.as_deref().unwrap_or_default();
        let value = match &field.kind {
            FieldType::Truth => format!("Item::Truth({})", word == "True"),
            FieldType::Word(words) => {
                let words = schema.enums.iter().find(|known| known.name == *words);
                let word = words.and_then(|words| words.values.iter().find(|known| known.name == word));
                let word = word.ok_or_else(|| format!("{}: there is no such word", field.style.name))?;
                format!("Item::Text({:?})", word.json())
            }
            _ => return Err(format!("{}: a constant is a word or a truth value", field.style.name).into()),
        };
        push(field.style.json(), &value);
    }
    for more in &body.more {
        push(&more.key, &item(&more.value, stored, around)?);
    }
    for (key, inner) in nested {
        push(&key, &format!("Item::Object(&[{}])", inner.join(", ")));
    }
    Ok(format!("Shape::Object(&[{}])", entries.join(", ")))
}

fn item(value: &str, stored: &[&Field], around: &Around<'_>) -> Outcome<String> {
    if value == "[]" {
        return Ok("Item::Empty".to_owned());
    }
    if let Some(text) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(format!("Item::Text({text:?})"));
    }
    if let Some(name) = value.strip_prefix('^') {
        let outer = around.len().checked_sub(2).and_then(|index| around.get(index));
        let outer = outer.ok_or("there is nothing further out")?;
        let fields = outer.fields.iter().filter(|field| field.offset.is_some());
        if let Some(index) = fields.map(|field| &field.style.name).position(|field| field == name) {
            return Ok(format!("Item::OuterField({index})"));
        }
        if let Some(index) = outer.data.iter().position(|data| data.style.name == name) {
            return Ok(format!("Item::OuterData({index})"));
        }
    } else if let Some(index) = stored.iter().position(|field| field.style.name == value) {
        return Ok(format!("Item::Field({index})"));
    }
    Err(format!("there is no field {value}").into())
}

fn push_key(text: &mut String, style: &Style, keyless: bool) {
    if keyless {
        text.push_str(".key(\"\")");
    } else if style.json() != style.name {
        let _ = write!(text, ".key({:?})", style.json());
    }
}

fn push_absent(text: &mut String, style: &Style) {
    let absent = match (&style.otherwise, &style.default) {
        (Some(word), _) if word == "omit" => "Absent::Omitted".to_owned(),
        (Some(word), _) if word.starts_with('"') => format!("Absent::Text({word})"),
        (Some(number), _) => format!("Absent::Number({number})"),
        (None, Some(number)) if number.starts_with('-') => format!("Absent::Number({number})"),
        // Decimals and words are strings in JSON.
        (None, Some(word)) => format!("Absent::Text({word:?})"),
        (None, None) => return,
    };
    let _ = write!(text, ".absent({absent})");
}

fn render_field(
    field: &Field,
    keyless: bool,
    body: &Body,
    around: &Around<'_>,
    schema: &Schema,
) -> Outcome<String> {
    let style = &field.style;
    let kind = match &field.kind {
        FieldType::Integer { size, signed } => format!("{}{}", if *signed { "I" } else { "U" }, size * 8),
        FieldType::Float => "Kind::Float".to_owned(),
        FieldType::Time => "Kind::Time".to_owned(),
        FieldType::Exponent => "Kind::Exponent".to_owned(),
        FieldType::Truth => "Kind::Truth".to_owned(),
        FieldType::Word(name) => format!("Kind::Word(&words::{})", words_name(name, false)),
        FieldType::Set(name) => format!("Kind::Set(&words::{})", words_name(name, true)),
        FieldType::Decimal { wide, exponent } => {
            let found = around.iter().rev().enumerate().find_map(|(up, block)| {
                let field = block.fields.iter().find(|field| field.style.name == *exponent)?;
                Some((up, field.offset?))
            });
            let (up, offset) = found.ok_or_else(|| format!("there is no exponent {exponent}"))?;
            format!("{}({up}, {offset})", if *wide { "wide" } else { "decimal" })
        }
    };
    let offset = field.offset.unwrap_or_default();
    let mut text = format!("Field::new({:?}, {offset}, {kind})", style.name);
    if field.optional {
        text.push_str(".optional()");
    }
    push_key(&mut text, style, keyless);
    if style.since > 0 {
        let _ = write!(text, ".since({})", style.since);
    }
    push_absent(&mut text, style);
    if let Some(hide) = &style.hide {
        let number = match &field.kind {
            FieldType::Word(name) => schema
                .enums
                .iter()
                .find(|words| words.name == *name)
                .and_then(|words| words.values.iter().find(|word| word.json() == hide))
                .map(|word| u64::from(word.number)),
            _ => hide.parse().ok(),
        };
        let number = number.ok_or_else(|| format!("{}: hide:{hide} is no value", style.name))?;
        let _ = write!(text, ".hide(Hide::At({number}))");
    }
    if let Some(flag) = &style.unless {
        let offset =
            body.fields.iter().find(|field| field.style.name == *flag).and_then(|field| field.offset);
        let offset = offset.ok_or_else(|| format!("there is no field {flag}"))?;
        let _ = write!(text, ".hide(Hide::Unless({offset}))");
    }
    Ok(text)
}

/// `orderSide` as a constant; sets may have the names of enums.
fn words_name(name: &str, set: bool) -> String {
    format!("{}{}", upper(name), if set { "_SET" } else { "" })
}

/// A name in capitals with underscores.
pub(super) fn upper(name: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let after_small = index > 0
            && letters
                .get(index - 1)
                .is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit());
        if letter.is_ascii_uppercase() && after_small {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}
