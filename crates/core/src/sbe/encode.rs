//! From JSON to SBE, by the tables: for tests and for the embedded exchange. It shares nothing with the readers but the
//! tables, and is made to be plain, not fast.

use super::table::{
    Absent, Body, Content, Data, Entry, Field, Hide, Item, Kind, Layout, Schema, Shape, Words,
};
use crate::decimal;
use crate::decode::{Value, ValueKind};
use crate::time::Timestamp;
use rust_decimal::Decimal;

/// A value that has no form in SBE.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot write {message} in SBE: `{field}` {reason}")]
pub struct EncodeError {
    /// The message that was being written.
    pub message: &'static str,
    /// The field at fault.
    pub field: &'static str,
    /// What is wrong, as the end of a sentence.
    pub reason: String,
}

type Written = Result<(), EncodeError>;

/// Writes a message with its header.
///
/// # Errors
///
/// When the value has something that the message cannot hold: a number out of range, too long a text.
pub fn encode(
    schema: &Schema,
    layout: &'static Layout,
    value: Value<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    for word in [layout.block_length, layout.template, schema.id, schema.version] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    let writer = Writer { schema, layout };
    writer.body(&layout.body, layout.block_length, Some(value), out, None)
}

/// Writes an answer to this method of the WebSocket API, by the one of its messages that fits best.
///
/// # Errors
///
/// When no message fits, or as [`encode`].
pub fn encode_answer(
    schema: &Schema,
    method: &str,
    value: Value<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let best = best(schema, value, |layout| layout.answers.contains(&method)).map(|(_, layout)| layout);
    encode(schema, best.ok_or_else(|| no_message("an answer"))?, value, out)
}

/// Writes an event by its type.
///
/// # Errors
///
/// When there is no message for it, or as [`encode`].
pub fn encode_event(schema: &Schema, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let event = value.get("e").and_then(|event| event.as_str().ok());
    let found = schema.layouts.iter().find(|layout| layout.event.is_some() && layout.event == event);
    encode(schema, found.ok_or_else(|| no_message("an event"))?, value, out)
}

/// Writes a whole answer of the WebSocket API (`{"id":…,"status":…,"result":…,"rateLimits":[…]}`) to this method.
///
/// # Errors
///
/// When no message fits, or as [`encode`].
pub fn encode_envelope(
    schema: &Schema,
    method: &str,
    value: Value<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let named = |name: &str| schema.layouts.iter().find(|layout| layout.name == name);
    let envelope = named("WebSocketResponse").ok_or_else(|| no_message("an answer"))?;
    let error = named("ErrorResponse").ok_or_else(|| no_message("an error"))?;
    let mut result = Vec::new();
    if let Some(value) = value.get("error") {
        encode(schema, error, value, &mut result)?;
    } else if let Some(value) = value.get("result") {
        encode_answer(schema, method, value, &mut result)?;
    }
    let start = out.len();
    encode(schema, envelope, value, out)?;
    // The envelope was written without a result: a length of zero, in its last four bytes.
    let length = u32::try_from(result.len()).map_err(|_| no_message("so long an answer"))?;
    if let Some(place) = out.len().checked_sub(4).filter(|at| *at > start).and_then(|at| out.get_mut(at..)) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&result);
    Ok(())
}

fn no_message(message: &'static str) -> EncodeError {
    EncodeError { message, field: "", reason: "has no message in the schema".to_owned() }
}

/// The message that shows most of the value, and how well it does.
fn best(schema: &Schema, value: Value<'_>, fits: impl Fn(&Layout) -> bool) -> Option<(i64, &'static Layout)> {
    let scored = schema.layouts.iter().filter(|layout| fits(layout)).filter_map(|layout| {
        let score = score(&layout.body, value)?;
        Some((score, layout))
    });
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// What a field that is there counts more than one that is missing.
const SHOWN: i64 = 1000;

/// How well the body shows the value: the more of its fields the better, and the fewer others. None when it is something else.
fn score(body: &Body, value: Value<'_>) -> Option<i64> {
    match body.shape {
        Shape::Only(Item::Group(index)) => {
            let mut elements = value.array().ok()?;
            let inner = &body.groups.get(usize::from(index))?.body;
            elements.next().map_or(Some(0), |first| score(inner, first))
        }
        Shape::Only(_) | Shape::Tuple(_) => Some(0),
        Shape::Object(_) => {
            value.object().ok()?;
            score_entries(body, body.entries(), value)
        }
    }
}

fn score_entries(body: &Body, entries: impl Iterator<Item = Entry>, value: Value<'_>) -> Option<i64> {
    let mut sum = 0;
    for Entry { key, item } in entries {
        let found = value.get(key);
        sum += if found.is_some() { SHOWN } else { -1 };
        match (item, found) {
            (Item::Text(text), found) if found.and_then(|found| found.as_str().ok()) != Some(text) => {
                return None;
            }
            (Item::Object(entries), Some(found)) => {
                sum += entries
                    .iter()
                    .map(|entry| if found.get(entry.key).is_some() { SHOWN } else { -1 })
                    .sum::<i64>();
            }
            (Item::Group(index), Some(found)) => {
                let inner = body.groups.get(usize::from(index)).map(|group| &group.body);
                if let (Some(inner), Some(first)) = (inner, found.array().ok().and_then(|mut all| all.next()))
                {
                    sum += score(inner, first)?;
                }
            }
            _ => {}
        }
    }
    Some(sum)
}

struct Writer<'s> {
    schema: &'s Schema,
    layout: &'static Layout,
}

/// A block that was written, with what it came from.
struct Place<'p> {
    at: usize,
    outer: Option<&'p Place<'p>>,
}

/// What is looked for in a shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Field(usize),
    Data(usize),
}

impl Writer<'_> {
    fn fail(&self, field: &'static str, reason: impl Into<String>) -> EncodeError {
        EncodeError { message: self.layout.name, field, reason: reason.into() }
    }

    fn body(
        &self,
        body: &Body,
        block_length: u16,
        value: Option<Value<'_>>,
        out: &mut Vec<u8>,
        outer: Option<&Place<'_>>,
    ) -> Written {
        let place = Place { at: out.len(), outer };
        out.resize(place.at + usize::from(block_length), 0);
        for field in body.fields.iter().filter(|field| matches!(field.kind, Kind::Exponent)) {
            let scale = value.map_or(0, |value| scale(body, value, field.offset, 0));
            let exponent = i8::try_from(scale).map_err(|_| self.fail(field.name, "is out of range"))?;
            self.put(out, place.at + usize::from(field.offset), &(-exponent).to_le_bytes());
        }
        for (index, field) in body.fields.iter().enumerate() {
            if matches!(field.kind, Kind::Exponent) {
                continue;
            }
            let found = value.and_then(|value| find(body, value, Target::Field(index)));
            self.field(field, found, out, &place)?;
        }
        for (index, group) in body.groups.iter().enumerate() {
            let elements = value.map_or_else(Vec::new, |value| elements(body, value, index));
            let count = elements.len();
            let too_many = || self.fail(group.name, "has too many elements");
            out.extend_from_slice(&group.block_length.to_le_bytes());
            if group.count_size == 2 {
                out.extend_from_slice(&u16::try_from(count).map_err(|_| too_many())?.to_le_bytes());
            } else {
                out.extend_from_slice(&u32::try_from(count).map_err(|_| too_many())?.to_le_bytes());
            }
            for element in elements {
                self.body(&group.body, group.block_length, Some(element), out, Some(&place))?;
            }
        }
        for (index, data) in body.data.iter().enumerate() {
            let found = value.and_then(|value| find(body, value, Target::Data(index)));
            self.data(data, found, out)?;
        }
        Ok(())
    }

    fn put(&self, out: &mut [u8], at: usize, bytes: &[u8]) {
        if let Some(place) = out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        debug_assert!(out.len() >= at + bytes.len(), "{} is longer than its block", self.layout.name);
    }

    fn data(&self, data: &Data, value: Option<Value<'_>>, out: &mut Vec<u8>) -> Written {
        let mut bytes = Vec::new();
        match (value, data.content) {
            (None, _) => {}
            (Some(value), _) if value.is_null() => {}
            (Some(value), Content::Text) => match value.as_str() {
                Ok(text) => {
                    let stands_for_null =
                        data.optional && matches!(data.absent, Absent::Text(absent) if absent == text);
                    if !stands_for_null {
                        bytes.extend_from_slice(text.as_bytes());
                    }
                }
                // An id may be a number.
                Err(_) => bytes.extend_from_slice(value.to_json().as_bytes()),
            },
            (Some(value), Content::Message { of: kinds, .. }) => {
                let fits = |layout: &Layout| {
                    kinds
                        .iter()
                        .any(|kind| *kind == layout.name || (*kind == layout.kind && !layout.kind.is_empty()))
                };
                // What comes from an envelope is written by it.
                if !kinds.is_empty() {
                    match best(self.schema, value, fits) {
                        Some((1.., layout)) => encode(self.schema, layout, value, &mut bytes)?,
                        // The retry times of an error stand in fields of their own.
                        _ if self.layout.name == "ErrorResponse" => {}
                        _ => return Err(self.fail(data.name, "has no message in the schema")),
                    }
                }
            }
        }
        let too_long = || self.fail(data.name, "is too long");
        match data.length_size {
            1 => out.push(u8::try_from(bytes.len()).map_err(|_| too_long())?),
            2 => {
                out.extend_from_slice(&u16::try_from(bytes.len()).map_err(|_| too_long())?.to_le_bytes());
            }
            _ => out.extend_from_slice(&u32::try_from(bytes.len()).map_err(|_| too_long())?.to_le_bytes()),
        }
        out.extend_from_slice(&bytes);
        Ok(())
    }

    fn field(&self, field: &Field, value: Option<Value<'_>>, out: &mut [u8], place: &Place<'_>) -> Written {
        let at = place.at + usize::from(field.offset);
        let value = value.filter(|value| !value.is_null());
        let value = value.filter(|value| !(field.optional && stands_for_null(*value, field.absent)));
        let Some(value) = value else {
            let size = field.kind.size();
            let bytes = if field.optional { null(field.kind) } else { nothing(field) };
            self.put(out, at, bytes.get(..size).unwrap_or_default());
            return Ok(());
        };
        let wrong = |what: &str| self.fail(field.name, format!("is {}, not {what}", value.to_json()));
        match field.kind {
            Kind::Integer { size, signed } => {
                let number = integer(value).ok_or_else(|| wrong("an integer"))?;
                let bits = 8 * u32::from(size);
                let fits = if signed {
                    number >= -(1 << (bits - 1)) && number < 1 << (bits - 1)
                } else {
                    number >= 0 && number < 1 << bits
                };
                if !fits {
                    return Err(wrong("in the range of the field"));
                }
                self.put(out, at, number.to_le_bytes().get(..usize::from(size)).unwrap_or_default());
            }
            Kind::Float => {
                let text = value.as_str().map_or_else(|_| value.to_json(), str::to_owned);
                let number: f32 = text.parse().map_err(|_| wrong("a number"))?;
                self.put(out, at, &number.to_le_bytes());
            }
            Kind::Time => {
                let number = integer(value).and_then(|number| i64::try_from(number).ok());
                let micros = Timestamp::from_wire(number.ok_or_else(|| wrong("a time"))?).as_micros();
                self.put(out, at, &micros.to_le_bytes());
            }
            Kind::Exponent => {}
            Kind::Decimal { wide, up, exponent } => {
                let number = number(value).ok_or_else(|| wrong("a decimal"))?;
                let mut outer = Some(place);
                for _ in 0..up {
                    outer = outer.and_then(|place| place.outer);
                }
                let exponent = outer
                    .and_then(|place| out.get(place.at + usize::from(exponent)))
                    .map_or(0, |byte| byte.cast_signed());
                let more = u32::from(exponent.min(0).unsigned_abs()).saturating_sub(number.scale());
                let mantissa = 10_i128.checked_pow(more).and_then(|more| number.mantissa().checked_mul(more));
                let mantissa = mantissa.ok_or_else(|| wrong("in the range of the mantissa"))?;
                if wide {
                    self.put(out, at, &mantissa.to_le_bytes());
                } else {
                    let mantissa =
                        i64::try_from(mantissa).map_err(|_| wrong("in the range of the mantissa"))?;
                    self.put(out, at, &mantissa.to_le_bytes());
                }
            }
            Kind::Truth => {
                let truth = value.as_bool().map_err(|_| wrong("a boolean"))?;
                self.put(out, at, &[u8::from(truth)]);
            }
            Kind::Word(words) => {
                let word = value.as_str().map_err(|_| wrong("a word"))?;
                let number = number_of(words, word).ok_or_else(|| wrong("a word of the schema"))?;
                self.put(
                    out,
                    at,
                    u64::from(number).to_le_bytes().get(..words.size.into()).unwrap_or_default(),
                );
            }
            Kind::Set(words) => {
                let mut bits = 0_u64;
                for element in value.array().map_err(|_| wrong("an array"))? {
                    let word = element.as_str().map_err(|_| wrong("an array of words"))?;
                    let bit = number_of(words, word).ok_or_else(|| wrong("words of the schema"))?;
                    bits |= 1 << bit;
                }
                self.put(out, at, bits.to_le_bytes().get(..words.size.into()).unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The number of a word, or that of the word for what has none.
fn number_of(words: &Words, word: &str) -> Option<u8> {
    let find = |word: &str| words.values.iter().find(|(_, known)| *known == word).map(|(number, _)| *number);
    find(word).or_else(|| find("NON_REPRESENTABLE"))
}

fn integer(value: Value<'_>) -> Option<i128> {
    match value.as_i64() {
        Ok(number) => Some(i128::from(number)),
        Err(_) => value.as_u64().ok().map(i128::from),
    }
}

fn number(value: Value<'_>) -> Option<Decimal> {
    match value.as_str() {
        Ok(text) => decimal::parse(text).ok(),
        Err(_) => decimal::parse(&value.to_json()).ok(),
    }
}

fn stands_for_null(value: Value<'_>, absent: Absent) -> bool {
    match absent {
        Absent::Null | Absent::Omitted => false,
        Absent::Number(number) => value.as_i64() == Ok(number),
        Absent::Text(text) => value.as_str() == Ok(text),
    }
}

fn null(kind: Kind) -> [u8; 16] {
    let mut bytes = [0; 16];
    let mut put = |from: &[u8]| {
        for (place, byte) in bytes.iter_mut().zip(from) {
            *place = *byte;
        }
    };
    match kind {
        Kind::Integer { size, signed: true } => {
            put(&(i64::MIN >> (64 - 8 * u32::from(size))).to_le_bytes());
        }
        Kind::Exponent => put(&i8::MIN.to_le_bytes()),
        Kind::Time | Kind::Decimal { wide: false, .. } => put(&i64::MIN.to_le_bytes()),
        Kind::Decimal { wide: true, .. } => put(&i128::MIN.to_le_bytes()),
        Kind::Float => put(&f32::NAN.to_le_bytes()),
        Kind::Integer { .. } | Kind::Truth | Kind::Word(_) => put(&[0xff; 16]),
        Kind::Set(_) => {}
    }
    bytes
}

/// What a field holds that must hold something, where JSON shows nothing.
fn nothing(field: &Field) -> [u8; 16] {
    let mut bytes = [0; 16];
    let value = match (field.hide, field.kind) {
        (Hide::At(value), _) => value,
        (_, Kind::Word(words)) => words.values.first().map_or(0, |(number, _)| u64::from(*number)),
        _ => 0,
    };
    for (place, byte) in bytes.iter_mut().zip(value.to_le_bytes()) {
        *place = byte;
    }
    bytes
}

/// The most decimal places of the decimals that use the exponent at this offset, `up` blocks further out.
fn scale(body: &Body, value: Value<'_>, offset: u16, up: u8) -> u32 {
    let mut most = 0;
    for (index, field) in body.fields.iter().enumerate() {
        if let Kind::Decimal { up: of, exponent, .. } = field.kind
            && of == up
            && exponent == offset
            && let Some(number) = find(body, value, Target::Field(index)).and_then(number)
        {
            most = most.max(number.scale());
        }
    }
    for (index, group) in body.groups.iter().enumerate() {
        for element in elements(body, value, index) {
            most = most.max(scale(&group.body, element, offset, up + 1));
        }
    }
    most
}

/// The value that the shape has for a field or datum.
fn find<'v>(body: &Body, value: Value<'v>, target: Target) -> Option<Value<'v>> {
    match body.shape {
        Shape::Object(_) => find_entry(body, body.entries(), value, target),
        Shape::Tuple(items) => {
            let mut elements = value.array().ok()?;
            items.iter().find_map(|item| {
                let element = elements.next()?;
                find_item(body, *item, element, target)
            })
        }
        Shape::Only(item) => find_item(body, item, value, target),
    }
}

fn find_entry<'v>(
    body: &Body,
    mut entries: impl Iterator<Item = Entry>,
    value: Value<'v>,
    target: Target,
) -> Option<Value<'v>> {
    entries.find_map(|entry| find_item(body, entry.item, value.get(entry.key)?, target))
}

fn find_item<'v>(body: &Body, item: Item, value: Value<'v>, target: Target) -> Option<Value<'v>> {
    match item {
        Item::Field(index) => (target == Target::Field(index.into())).then_some(value),
        Item::Data(index) => (target == Target::Data(index.into())).then_some(value),
        Item::Object(entries) => {
            entries.iter().find_map(|entry| find_item(body, entry.item, value.get(entry.key)?, target))
        }
        // The elements may show what stands in this body.
        Item::Group(index) => {
            let inner = &body.groups.get(usize::from(index))?.body;
            let element = if value.kind() == ValueKind::Array { value.array().ok()?.next()? } else { value };
            let Shape::Object(entries) = inner.shape else { return None };
            entries.iter().find_map(|entry| match (entry.item, target) {
                (Item::OuterField(index), Target::Field(wanted)) if wanted == usize::from(index) => {
                    element.get(entry.key)
                }
                (Item::OuterData(index), Target::Data(wanted)) if wanted == usize::from(index) => {
                    element.get(entry.key)
                }
                _ => None,
            })
        }
        _ => None,
    }
}

/// The elements of a group. What should be an array and is not is its only element.
fn elements<'v>(body: &Body, value: Value<'v>, wanted: usize) -> Vec<Value<'v>> {
    let is_wanted = |item: Item| match item {
        Item::Group(index) | Item::First(index) => usize::from(index) == wanted,
        _ => false,
    };
    let found = match body.shape {
        Shape::Object(_) => {
            body.entries().find(|entry| is_wanted(entry.item)).and_then(|entry| value.get(entry.key))
        }
        Shape::Only(item) if is_wanted(item) => Some(value),
        _ => None,
    };
    match found {
        None => Vec::new(),
        Some(found) if found.is_null() => Vec::new(),
        Some(found) => found.array().map_or_else(|_| vec![found], Iterator::collect),
    }
}
