//! Transcodes SBE into the value that the same message in JSON has: one pass over the tables writes a flat list, which becomes the
//! tape of a [`Value`](crate::decode::Value).

use super::read::{Cursor, Message, i8_at, i64_at, i128_at, text, truncated, truth, unsigned_at};
use super::table::{Absent, Body, Content, Entry, Field, Hide, Item, Kind, Schema, Shape, Words};
use crate::decode::{DecodeError, DecodeErrorKind};
use std::fmt::Write as _;

/// Maximum nesting of messages within messages. The deepest of the exchange is an answer with an error with both halves of
/// a cancel-replace.
const MAX_DEPTH: u8 = 6;
/// Number of values that any message may have.
const FREE_VALUES: usize = 128 << 10;
/// Beyond [`FREE_VALUES`], the bytes that a message must have for each value. Large answers of the exchange have three or more;
/// an empty text has one.
const BYTES_EACH: usize = 2;
/// Length of the texts that any message may become, in bytes.
const FREE_TEXT: usize = 1 << 20;
/// Beyond [`FREE_TEXT`], how many times longer than the message its texts may become. A price takes two to three times as much;
/// a decimal of a hundred zeros, or a text that each element repeats, takes many times as much.
const TEXT_FACTOR: usize = 4;
/// From this number on, a time is in microseconds, below it in milliseconds; see [`crate::Timestamp`].
const MICROSECONDS_FROM: u64 = 100_000_000_000_000;

/// A node of the tape, with texts as places in the text written beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Null,
    Truth(bool),
    Signed(i64),
    Unsigned(u64),
    Word(&'static str),
    Text {
        from: usize,
        to: usize,
    },
    /// How many fields, and how many nodes follow.
    Object {
        fields: usize,
        nodes: usize,
    },
    Array {
        elements: usize,
        nodes: usize,
    },
}

/// Transcodes a message with its header. `ops` and `texts` are cleared first.
pub(crate) fn transcode<'a>(
    schema: &'static Schema,
    bytes: &'a [u8],
    ops: &mut Vec<Op>,
    texts: &mut String,
) -> Result<Message<'a>, DecodeError> {
    ops.clear();
    texts.clear();
    let max_values = FREE_VALUES + bytes.len() / BYTES_EACH;
    let max_text = bytes.len().saturating_mul(TEXT_FACTOR).saturating_add(FREE_TEXT);
    let mut transcoder = Transcoder { ops, texts, max_values, max_text, depth: 0, version: 0 };
    transcoder.message(schema, bytes)
}

struct Transcoder<'t> {
    ops: &'t mut Vec<Op>,
    texts: &'t mut String,
    /// How many values the message may have.
    max_values: usize,
    /// How long its texts may become.
    max_text: usize,
    depth: u8,
    version: u16,
}

/// A block with its groups and data, while it is transcoded.
struct Place<'a, 'p> {
    schema: &'static Schema,
    body: &'static Body,
    block: &'a [u8],
    groups: [Cursor<'a>; Body::MAX_PARTS],
    data: [&'a [u8]; Body::MAX_PARTS],
    outer: Option<&'p Place<'a, 'p>>,
}

type Noted = Result<bool, DecodeError>;

impl Transcoder<'_> {
    fn message<'a>(&mut self, schema: &'static Schema, bytes: &'a [u8]) -> Result<Message<'a>, DecodeError> {
        if self.depth >= MAX_DEPTH {
            return Err(DecodeError::invalid("messages are nested too deeply"));
        }
        let message = Message::new(schema, bytes)?;
        if message.layout.kind == "unrepresentable" {
            let detail = "the schema of this version has no message for it";
            return Err(
                DecodeError::new(DecodeErrorKind::UnknownMessage, detail).in_type(message.layout.name)
            );
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.version, message.version);
        let mut cursor = message.rest();
        let body = &message.layout.body;
        self.body(schema, body, message.block, &mut cursor, None)
            .map_err(|error| error.in_type(message.layout.name))?;
        self.version = before;
        self.depth -= 1;
        Ok(message)
    }

    /// Transcodes a body and moves `cursor` to its end.
    fn body<'a>(
        &mut self,
        schema: &'static Schema,
        body: &'static Body,
        block: &'a [u8],
        cursor: &mut Cursor<'a>,
        outer: Option<&Place<'a, '_>>,
    ) -> Result<(), DecodeError> {
        if self.ops.len() > self.max_values || self.texts.len() > self.max_text {
            return Err(DecodeError::invalid("too many values for the length of the message"));
        }
        let mut groups = [Cursor(&[]); Body::MAX_PARTS];
        let mut data: [&'a [u8]; Body::MAX_PARTS] = [&[]; Body::MAX_PARTS];
        for (group, place) in body.groups.iter().zip(&mut groups) {
            *place = *cursor;
            cursor.skip_group(group)?;
        }
        for (one, place) in body.data.iter().zip(&mut data) {
            *place = cursor.data(one)?;
            // Also where JSON does not show it, as readers by offset do.
            if matches!(one.content, Content::Text) {
                text(place).map_err(|error| error.at_key(one.name))?;
            }
        }
        let place = Place { schema, body, block, groups, data, outer };
        match body.shape {
            Shape::Object(_) => {
                let at = self.begin();
                let fields = self.entries(&place, body.entries())?.0;
                self.end_object(at, fields);
            }
            Shape::Tuple(items) => {
                let at = self.begin();
                for item in items {
                    if !self.item(&place, *item)? {
                        self.ops.push(Op::Null);
                    }
                }
                self.end_array(at, items.len());
            }
            Shape::Only(item) => {
                if !self.item(&place, item)? {
                    self.ops.push(Op::Null);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> usize {
        self.ops.push(Op::Null);
        self.ops.len()
    }

    fn end_object(&mut self, begun: usize, fields: usize) {
        let nodes = self.ops.len() - begun;
        if let Some(op) = self.ops.get_mut(begun - 1) {
            *op = Op::Object { fields, nodes };
        }
    }

    fn end_array(&mut self, begun: usize, elements: usize) {
        let nodes = self.ops.len() - begun;
        if let Some(op) = self.ops.get_mut(begun - 1) {
            *op = Op::Array { elements, nodes };
        }
    }

    /// Notes the fields of an object: how many were shown, and whether any was not null.
    fn entries(
        &mut self,
        place: &Place<'_, '_>,
        entries: impl Iterator<Item = Entry>,
    ) -> Result<(usize, bool), DecodeError> {
        let (mut shown, mut any) = (0, false);
        for entry in entries {
            let before = self.ops.len();
            self.ops.push(Op::Word(entry.key));
            if self.item(place, entry.item)? {
                shown += 1;
                any |= !matches!(self.ops.get(before + 1), Some(Op::Null));
            } else {
                self.ops.truncate(before);
            }
        }
        Ok((shown, any))
    }

    /// Notes a value; `false` when nothing is to be shown.
    fn item(&mut self, place: &Place<'_, '_>, item: Item) -> Noted {
        match item {
            Item::Field(index) => self.field_at(place, index),
            Item::OuterField(index) => place.outer.map_or(Ok(false), |outer| self.field_at(outer, index)),
            Item::Data(index) => self.data_at(place, index),
            Item::OuterData(index) => place.outer.map_or(Ok(false), |outer| self.data_at(outer, index)),
            Item::Group(index) => self.group(place, index),
            Item::First(index) => self.first(place, index),
            Item::Object(entries) => {
                let at = self.begin();
                let (fields, any) = self.entries(place, entries.iter().copied())?;
                if any {
                    self.end_object(at, fields);
                } else {
                    self.ops.truncate(at - 1);
                }
                Ok(any)
            }
            Item::Text(text) => {
                self.ops.push(Op::Word(text));
                Ok(true)
            }
            Item::Truth(truth) => {
                self.ops.push(Op::Truth(truth));
                Ok(true)
            }
            Item::Empty => {
                self.ops.push(Op::Array { elements: 0, nodes: 0 });
                Ok(true)
            }
        }
    }

    fn group(&mut self, place: &Place<'_, '_>, index: u8) -> Noted {
        let index = usize::from(index);
        let (Some(group), Some(cursor)) = (place.body.groups.get(index), place.groups.get(index)) else {
            return Ok(false);
        };
        let mut cursor = *cursor;
        let (length, count) = cursor.group_header(group.count_size, group.name)?;
        let at = self.begin();
        for element in 0..count {
            let block = cursor.take(length).ok_or_else(|| truncated("the block is cut off"));
            block
                .and_then(|block| self.body(place.schema, &group.body, block, &mut cursor, Some(place)))
                .map_err(|error| error.at_index(element).at_key(group.name))?;
        }
        self.end_array(at, count);
        Ok(true)
    }

    fn first(&mut self, place: &Place<'_, '_>, index: u8) -> Noted {
        let index = usize::from(index);
        let (Some(group), Some(cursor)) = (place.body.groups.get(index), place.groups.get(index)) else {
            return Ok(false);
        };
        let mut cursor = *cursor;
        let (length, count) = cursor.group_header(group.count_size, group.name)?;
        if count == 0 {
            return Ok(false);
        }
        let block = cursor.take(length).ok_or_else(|| truncated("the block is cut off"));
        block
            .and_then(|block| self.body(place.schema, &group.body, block, &mut cursor, Some(place)))
            .map_err(|error| error.at_index(0).at_key(group.name))?;
        Ok(true)
    }

    fn data_at(&mut self, place: &Place<'_, '_>, index: u8) -> Noted {
        let index = usize::from(index);
        let (Some(data), Some(bytes)) = (place.body.data.get(index), place.data.get(index)) else {
            return Ok(false);
        };
        match data.content {
            Content::Text if bytes.is_empty() && data.optional => return Ok(self.absent(data.absent)),
            Content::Text => {
                let text = text(bytes).map_err(|error| error.at_key(data.name))?;
                self.text(text);
            }
            Content::Message { .. } if bytes.is_empty() => return Ok(self.absent(data.absent)),
            Content::Message { tag, .. } => {
                let read = match self.message(place.schema, bytes) {
                    Err(error) if error.kind() == DecodeErrorKind::UnknownMessage && !tag.is_empty() => {
                        self.unknown(tag, bytes);
                        Ok(())
                    }
                    read => read.map(|_| ()),
                };
                read.map_err(|error| error.at_key(data.name))?;
            }
        }
        Ok(true)
    }

    /// A rule that a newer version of the schema brought: an object that says no more than that.
    fn unknown(&mut self, tag: &'static str, bytes: &[u8]) {
        let at = self.begin();
        self.ops.push(Op::Word(tag));
        let from = self.texts.len();
        // Writing to a String cannot fail.
        let _ = write!(self.texts, "TEMPLATE_{}", unsigned_at(bytes, 2, 2));
        self.ops.push(Op::Text { from, to: self.texts.len() });
        self.end_object(at, 1);
    }

    fn text(&mut self, text: &str) {
        let from = self.texts.len();
        self.texts.push_str(text);
        self.ops.push(Op::Text { from, to: self.texts.len() });
    }

    fn absent(&mut self, absent: Absent) -> bool {
        match absent {
            Absent::Null => self.ops.push(Op::Null),
            Absent::Omitted => return false,
            Absent::Number(number) => self.ops.push(Op::Signed(number)),
            Absent::Text(text) => self.ops.push(Op::Word(text)),
        }
        true
    }

    fn field_at(&mut self, place: &Place<'_, '_>, index: u8) -> Noted {
        let Some(field) = place.body.fields.get(usize::from(index)) else { return Ok(false) };
        self.field(place, field).map_err(|error| error.at_key(field.name))
    }

    fn field(&mut self, place: &Place<'_, '_>, field: &'static Field) -> Noted {
        let (block, offset) = (place.block, usize::from(field.offset));
        if block.len() < offset + field.kind.size() {
            // An older version of the schema did not have it yet.
            if field.optional || field.since > self.version {
                return Ok(self.absent(field.absent));
            }
            return Err(truncated(format!("the block ends after {} bytes", block.len())));
        }
        if field.optional && is_null(block, offset, field.kind) {
            return Ok(self.absent(field.absent));
        }
        match field.hide {
            Hide::Never => {}
            Hide::At(value) => {
                if unsigned_at(block, offset, field.kind.size()) == value {
                    return Ok(false);
                }
            }
            Hide::Unless(flag) => {
                if unsigned_at(block, usize::from(flag), 1) != 1 {
                    return Ok(false);
                }
            }
        }
        let op = match field.kind {
            Kind::Integer { size, signed: false } => {
                Op::Unsigned(unsigned_at(block, offset, usize::from(size)))
            }
            Kind::Integer { size, signed: true } => Op::Signed(signed_at(block, offset, size)),
            Kind::Float => {
                let value = f32::from_bits(u32::from_le_bytes(
                    u32::try_from(unsigned_at(block, offset, 4)).unwrap_or(0).to_le_bytes(),
                ));
                if !value.is_finite() {
                    return Err(DecodeError::invalid(format!("{value} is no number")));
                }
                let from = self.texts.len();
                // Writing to a String cannot fail.
                let _ = write!(self.texts, "{value}");
                Op::Text { from, to: self.texts.len() }
            }
            Kind::Time => {
                let micros = i64_at(block, offset);
                match time(micros) {
                    Some(time) => Op::Signed(time),
                    // No time of the exchange: an error where the field is read, and nowhere else.
                    None => {
                        let from = self.texts.len();
                        // Writing to a String cannot fail.
                        let _ = write!(self.texts, "{micros} microseconds");
                        Op::Text { from, to: self.texts.len() }
                    }
                }
            }
            Kind::Exponent => return Ok(false),
            Kind::Decimal { wide, up, exponent } => {
                let mantissa = if wide { i128_at(block, offset) } else { i128::from(i64_at(block, offset)) };
                let exponent = exponent_of(place, up, usize::from(exponent))?;
                if exponent == i8::MIN {
                    return Ok(self.absent(field.absent));
                }
                let from = self.texts.len();
                write_decimal(self.texts, mantissa, exponent);
                Op::Text { from, to: self.texts.len() }
            }
            Kind::Truth => Op::Truth(truth(u8::try_from(unsigned_at(block, offset, 1)).unwrap_or(u8::MAX))?),
            Kind::Word(words) => {
                let number = unsigned_at(block, offset, usize::from(words.size));
                self.word(words, number)
            }
            Kind::Set(words) => {
                self.set(words, unsigned_at(block, offset, usize::from(words.size)));
                return Ok(true);
            }
        };
        self.ops.push(op);
        Ok(true)
    }

    fn word(&mut self, words: &Words, number: u64) -> Op {
        match words.values.iter().find(|(known, _)| u64::from(*known) == number) {
            Some((_, word)) => Op::Word(word),
            None => {
                let from = self.texts.len();
                // A newer version has a word that the tables do not: its number is kept.
                let _ = write!(self.texts, "{}:{number}", words.name);
                Op::Text { from, to: self.texts.len() }
            }
        }
    }

    fn set(&mut self, words: &Words, bits: u64) {
        let at = self.begin();
        let mut elements = 0;
        for bit in 0..u64::from(words.size) * 8 {
            if bits & (1 << bit) != 0 {
                let op = self.word(words, bit);
                self.ops.push(op);
                elements += 1;
            }
        }
        self.end_array(at, elements);
    }
}

fn exponent_of(place: &Place<'_, '_>, up: u8, offset: usize) -> Result<i8, DecodeError> {
    let mut place = place;
    for _ in 0..up {
        match place.outer {
            Some(outer) => place = outer,
            None => return Err(truncated("its exponent is missing")),
        }
    }
    if place.block.len() <= offset {
        return Err(truncated("its exponent is missing"));
    }
    Ok(i8_at(place.block, offset))
}

/// The null values of the encoding: the least of the signed, the greatest of the unsigned.
fn is_null(block: &[u8], offset: usize, kind: Kind) -> bool {
    match kind {
        Kind::Integer { size, signed: true } => {
            signed_at(block, offset, size) == i64::MIN >> (64 - 8 * u32::from(size))
        }
        Kind::Exponent => i8_at(block, offset) == i8::MIN,
        Kind::Time | Kind::Decimal { wide: false, .. } => i64_at(block, offset) == i64::MIN,
        Kind::Decimal { wide: true, .. } => i128_at(block, offset) == i128::MIN,
        Kind::Float => {
            let bits = u32::try_from(unsigned_at(block, offset, 4)).unwrap_or(0);
            f32::from_bits(bits).is_nan()
        }
        Kind::Integer { .. } | Kind::Truth | Kind::Word(_) => {
            unsigned_at(block, offset, kind.size()) == u64::MAX >> (64 - 8 * kind.size())
        }
        // All bits are a value.
        Kind::Set(_) => false,
    }
}

fn signed_at(block: &[u8], offset: usize, size: u8) -> i64 {
    let unused = 64 - 8 * u32::from(size);
    unsigned_at(block, offset, usize::from(size)).cast_signed() << unused >> unused
}

/// A time as JSON writes it: in microseconds, or in milliseconds where the number would be taken for such. `None` if it has no
/// such form.
pub(super) const fn time(micros: i64) -> Option<i64> {
    if micros.unsigned_abs() >= MICROSECONDS_FROM {
        Some(micros)
    } else if micros % 1000 == 0 {
        Some(micros / 1000)
    } else {
        None
    }
}

/// Writes a decimal as JSON would: no exponent, all digits of the mantissa behind the point kept.
fn write_decimal(out: &mut String, mantissa: i128, exponent: i8) {
    let mut digits = [b'0'; 40];
    let mut at = digits.len();
    let mut rest = mantissa.unsigned_abs();
    loop {
        at -= 1;
        // 64 bits suffice nearly always, and are divided many times faster.
        let low = match u64::try_from(rest) {
            Ok(small) => {
                rest = u128::from(small / 10);
                small % 10
            }
            Err(_) => {
                let low = rest % 10;
                rest /= 10;
                u64::try_from(low).unwrap_or(0)
            }
        };
        if let (Some(digit), Ok(low)) = (digits.get_mut(at), u8::try_from(low)) {
            *digit = b'0' + low;
        }
        if rest == 0 {
            break;
        }
    }
    let digits = digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or("0");
    if mantissa < 0 {
        out.push('-');
    }
    let behind = usize::from(exponent.min(0).unsigned_abs());
    if let Some(before) = digits.len().checked_sub(behind).filter(|before| *before > 0) {
        let (whole, fraction) = digits.split_at(before);
        out.push_str(whole);
        if exponent > 0 && mantissa != 0 {
            out.extend(std::iter::repeat_n('0', usize::from(exponent.unsigned_abs())));
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
    } else {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', behind - digits.len()));
        out.push_str(digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        for (mantissa, exponent, expected) in [
            (12_345, -2, "123.45"),
            (5, -3, "0.005"),
            (0, -8, "0.00000000"),
            (-150, -2, "-1.50"),
            (7, 0, "7"),
            (7, 2, "700"),
            (0, 3, "0"),
            (123, -3, "0.123"),
            (i128::from(i64::MIN), -8, "-92233720368.54775808"),
            (i128::MAX, -1, "17014118346046923173168730371588410572.7"),
        ] {
            let mut text = String::new();
            write_decimal(&mut text, mantissa, exponent);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn nulls_and_signs() {
        let integer = |size, signed| Kind::Integer { size, signed };
        assert!(is_null(&[0x80], 0, integer(1, true)) && !is_null(&[0xff], 0, integer(1, true)));
        assert!(is_null(&[0xff], 0, integer(1, false)) && !is_null(&[0x80], 0, integer(1, false)));
        assert!(is_null(&[0, 0, 0, 0x80], 0, integer(4, true)));
        assert!(is_null(&u64::MAX.to_le_bytes(), 0, integer(8, false)));
        assert!(is_null(&i64::MIN.to_le_bytes(), 0, Kind::Time));
        assert!(is_null(&f32::NAN.to_le_bytes(), 0, Kind::Float));
        assert_eq!(signed_at(&(-1121_i16).to_le_bytes(), 0, 2), -1121);
        assert_eq!((time(-1_000), time(1_700_000_000_000_001)), (Some(-1), Some(1_700_000_000_000_001)));
        assert_eq!(time(1), None);
    }
}
