//! Reading a message from its offsets.

use super::table::{Body, Data, Group, Layout, Schema};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::time::Timestamp;
use rust_decimal::Decimal;

/// The header: block length, template id, schema id, version.
pub(super) const HEADER: usize = 8;

/// A message whose header was read.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub(super) layout: &'static Layout,
    pub(super) version: u16,
    pub(super) block: &'a [u8],
    pub(super) rest: &'a [u8],
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(self.layout.name).field("version", &self.version).finish_non_exhaustive()
    }
}

impl<'a> Message<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Truncated`] for fewer bytes than header and block have, [`DecodeErrorKind::OtherSchema`] for a
    /// message of another schema, [`DecodeErrorKind::UnknownMessage`] for a template that the tables do not have.
    #[inline]
    pub fn new(schema: &'static Schema, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let Some((&[b0, b1, t0, t1, s0, s1, v0, v1], rest)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(truncated("a message begins with a header of 8 bytes").in_type("an SBE message"));
        };
        let id = u16::from_le_bytes([s0, s1]);
        if id != schema.id {
            return Err(other_schema(schema, id, u16::from_le_bytes([v0, v1])));
        }
        let template = u16::from_le_bytes([t0, t1]);
        let Some(layout) = schema.layout(template) else { return Err(unknown(template)) };
        let length = usize::from(u16::from_le_bytes([b0, b1]));
        let Some((block, rest)) = rest.split_at_checked(length) else {
            return Err(truncated("the block is shorter than the header says").in_type(layout.name));
        };
        Ok(Self { layout, version: u16::from_le_bytes([v0, v1]), block, rest })
    }

    /// What is known of the message.
    #[inline]
    pub const fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// The version of the schema it was written by.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The first `N` bytes of the block.
    ///
    /// # Errors
    ///
    /// When it has fewer.
    #[inline]
    pub fn block<const N: usize>(&self) -> Result<&'a [u8; N], DecodeError> {
        self.block.first_chunk().ok_or_else(|| truncated("the block is too short").in_type(self.layout.name))
    }

    /// What follows the block.
    #[inline]
    pub const fn rest(&self) -> Cursor<'a> {
        Cursor(self.rest)
    }

    /// The name of the stream that the message belongs to, written into `buffer`.
    pub fn stream_name<'b>(&self, buffer: &'b mut String) -> Option<&'b str> {
        if self.layout.stream.is_empty() {
            return None;
        }
        let index = self.layout.body.data.iter().position(|data| data.name == "symbol")?;
        let mut cursor = self.rest();
        for group in self.layout.body.groups {
            cursor.skip_group(group).ok()?;
        }
        for data in self.layout.body.data.get(..index)? {
            cursor.data(data).ok()?;
        }
        let symbol = cursor.text(1, "symbol").ok()?;
        buffer.clear();
        buffer.push_str(symbol);
        buffer.make_ascii_lowercase();
        buffer.push_str(self.layout.stream);
        Some(buffer)
    }
}

/// What is left of a message: groups and texts, which are read in their order.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a>(pub(super) &'a [u8]);

/// The blocks of a group without inner groups and texts, the first `N` bytes of each.
#[derive(Debug, Clone)]
pub struct Elements<'a, const N: usize> {
    blocks: std::slice::ChunksExact<'a, u8>,
}

impl<'a, const N: usize> Iterator for Elements<'a, N> {
    type Item = &'a [u8; N];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.blocks.next()?.first_chunk()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.blocks.size_hint()
    }
}

impl<const N: usize> ExactSizeIterator for Elements<'_, N> {}

impl<'a> Cursor<'a> {
    /// Reads a group whose elements are blocks of `N` bytes, or more in a newer version, and nothing else.
    ///
    /// # Errors
    ///
    /// When the bytes end before it does, or its blocks are shorter.
    #[inline]
    pub fn elements<const N: usize>(
        &mut self,
        count_size: u8,
        name: &'static str,
    ) -> Result<Elements<'a, N>, DecodeError> {
        let (length, count) = self.group_header(count_size, name)?;
        if count > 0 && length < N {
            return Err(truncated("the blocks are too short").at_key(name));
        }
        // At least a byte each, so that the count is no larger than what is there.
        let length = length.max(1);
        let blocks = count.checked_mul(length).and_then(|size| self.0.split_at_checked(size));
        let Some((blocks, rest)) = blocks else { return Err(group_is_cut(name)) };
        self.0 = rest;
        Ok(Elements { blocks: blocks.chunks_exact(length) })
    }

    /// The length of a block, and how many there are.
    #[inline]
    pub(super) fn group_header(
        &mut self,
        count_size: u8,
        name: &'static str,
    ) -> Result<(usize, usize), DecodeError> {
        let (length, count, rest) = match (count_size, self.0) {
            (2, [l0, l1, c0, c1, rest @ ..]) => {
                ([*l0, *l1], usize::from(u16::from_le_bytes([*c0, *c1])), rest)
            }
            (4, [l0, l1, c0, c1, c2, c3, rest @ ..]) => {
                let count = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
                ([*l0, *l1], usize::try_from(count).unwrap_or(usize::MAX), rest)
            }
            _ => return Err(group_is_cut(name)),
        };
        self.0 = rest;
        let length = usize::from(u16::from_le_bytes(length));
        // Not even a byte for each: the count is wrong, and nothing is reserved or read for it.
        if count > rest.len() / length.max(1) {
            return Err(group_is_cut(name));
        }
        Ok((length, count))
    }

    #[inline]
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Steps over a group.
    pub(super) fn skip_group(&mut self, group: &Group) -> Result<(), DecodeError> {
        let (length, count) = self.group_header(group.count_size, group.name)?;
        if group.body.groups.is_empty() && group.body.data.is_empty() {
            let size = length.saturating_mul(count);
            return self.take(size).map(|_| ()).ok_or_else(|| group_is_cut(group.name));
        }
        for index in 0..count {
            self.take(length)
                .ok_or_else(|| truncated("the block is cut off"))
                .and_then(|_| self.skip_tail(&group.body))
                .map_err(|error| error.at_index(index).at_key(group.name))?;
        }
        Ok(())
    }

    /// Steps over the groups and data of a body.
    pub(super) fn skip_tail(&mut self, body: &Body) -> Result<(), DecodeError> {
        for group in body.groups {
            self.skip_group(group)?;
        }
        for data in body.data {
            self.data(data)?;
        }
        Ok(())
    }

    /// Reads a text or message as bytes.
    #[inline]
    pub(super) fn data(&mut self, data: &Data) -> Result<&'a [u8], DecodeError> {
        self.bytes(data.length_size, data.name)
    }

    #[inline]
    fn bytes(&mut self, length_size: u8, name: &'static str) -> Result<&'a [u8], DecodeError> {
        let (length, rest) = match (length_size, self.0) {
            (1, [length, rest @ ..]) => (usize::from(*length), rest),
            (2, [l0, l1, rest @ ..]) => (usize::from(u16::from_le_bytes([*l0, *l1])), rest),
            (4, [l0, l1, l2, l3, rest @ ..]) => {
                (usize::try_from(u32::from_le_bytes([*l0, *l1, *l2, *l3])).unwrap_or(usize::MAX), rest)
            }
            _ => return Err(truncated("its length is cut off").at_key(name)),
        };
        let Some((bytes, rest)) = rest.split_at_checked(length) else {
            return Err(truncated(format!("{length} bytes announced, {} there", rest.len())).at_key(name));
        };
        self.0 = rest;
        Ok(bytes)
    }

    /// Reads a text whose length takes `length_size` bytes (1, 2 or 4).
    ///
    /// # Errors
    ///
    /// When the bytes end before it does, or it is not UTF-8.
    #[inline]
    pub fn text(&mut self, length_size: u8, name: &'static str) -> Result<&'a str, DecodeError> {
        text(self.bytes(length_size, name)?).map_err(|error| error.at_key(name))
    }
}

/// Whether an answer of the WebSocket API says that the exchange will stop writing this version of the schema.
pub fn is_deprecated(schema: &'static Schema, bytes: &[u8]) -> bool {
    let Ok(message) = Message::new(schema, bytes) else { return false };
    let fields = message.layout.body.fields;
    let flag = fields.iter().find(|field| field.name == "sbeSchemaIdVersionDeprecated");
    flag.is_some_and(|flag| message.block.get(usize::from(flag.offset)) == Some(&1))
}

/// The number of the request that an answer of the WebSocket API belongs to, also where the answer itself cannot be read.
pub fn answered_id(schema: &'static Schema, bytes: &[u8]) -> Option<u64> {
    let message = Message::new(schema, bytes).ok()?;
    let body = &message.layout.body;
    let index = body.data.iter().position(|data| data.name == "id")?;
    let mut cursor = message.rest();
    for group in body.groups {
        cursor.skip_group(group).ok()?;
    }
    for data in body.data.get(..index)? {
        cursor.data(data).ok()?;
    }
    text(cursor.data(body.data.get(index)?).ok()?).ok()?.parse().ok()
}

#[inline]
pub(super) fn text(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::invalid("is not UTF-8"))
}

#[cold]
pub(super) fn truncated(detail: impl Into<std::borrow::Cow<'static, str>>) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Truncated, detail)
}

#[cold]
fn group_is_cut(name: &'static str) -> DecodeError {
    truncated("the group is cut off").at_key(name)
}

#[cold]
fn other_schema(schema: &Schema, id: u16, version: u16) -> DecodeError {
    let detail = format!(
        "it is of schema {id}:{version}, and only schema {} (version {} and newer ones) is understood",
        schema.id, schema.version
    );
    DecodeError::new(DecodeErrorKind::OtherSchema, detail).in_type("an SBE message")
}

#[cold]
fn unknown(template: u16) -> DecodeError {
    let detail = format!("the schema has no message {template} as far as is known");
    DecodeError::new(DecodeErrorKind::UnknownMessage, detail).in_type("an SBE message")
}

/// The bytes of `SIZE` from `offset` on; zeros where a table says more than there is.
#[inline]
fn bytes_at<const SIZE: usize>(block: &[u8], offset: usize) -> [u8; SIZE] {
    block.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; SIZE])
}

/// The integer of 64 bits at an offset that the caller knows to be inside.
#[inline]
pub fn i64_at(block: &[u8], offset: usize) -> i64 {
    i64::from_le_bytes(bytes_at(block, offset))
}

/// The integer of 8 bits at an offset that the caller knows to be inside.
#[inline]
pub fn i8_at(block: &[u8], offset: usize) -> i8 {
    i8::from_le_bytes(bytes_at(block, offset))
}

/// The unsigned integer of `size` bytes (1, 2, 4 or 8) at an offset that the caller knows to be inside.
#[inline]
pub fn unsigned_at(block: &[u8], offset: usize, size: usize) -> u64 {
    match size {
        1 => u64::from(bytes_at::<1>(block, offset)[0]),
        2 => u64::from(u16::from_le_bytes(bytes_at(block, offset))),
        4 => u64::from(u32::from_le_bytes(bytes_at(block, offset))),
        _ => u64::from_le_bytes(bytes_at(block, offset)),
    }
}

/// A wide mantissa.
#[inline]
pub(super) fn i128_at(block: &[u8], offset: usize) -> i128 {
    i128::from_le_bytes(bytes_at(block, offset))
}

/// An identifier, which is never negative.
///
/// # Errors
///
/// When it is.
#[inline]
pub fn identifier(value: i64) -> Result<u64, DecodeError> {
    u64::try_from(value).map_err(|_| DecodeError::invalid(format!("{value} is negative")))
}

/// A time in microseconds.
///
/// # Errors
///
/// When it is no time of the exchange: a number of microseconds that JSON would take for milliseconds.
#[inline]
pub fn time(micros: i64) -> Result<Timestamp, DecodeError> {
    match super::transcode::time(micros) {
        Some(_) => Ok(Timestamp::from_micros(micros)),
        None => Err(DecodeError::invalid(format!("{micros} microseconds are no time of the exchange"))),
    }
}

/// A truth value.
///
/// # Errors
///
/// When the byte is neither 0 nor 1.
#[inline]
pub fn truth(byte: u8) -> Result<bool, DecodeError> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(DecodeError::invalid(format!("{other} is neither true nor false"))),
    }
}

/// A decimal from mantissa and exponent, exact.
///
/// # Errors
///
/// When it does not fit into 96 bits with at most 28 decimal places.
#[inline]
pub fn decimal(mantissa: i64, exponent: i8) -> Result<Decimal, DecodeError> {
    match exponent {
        -28..=0 => Ok(Decimal::new(mantissa, u32::from(exponent.unsigned_abs()))),
        _ => scaled(mantissa, exponent),
    }
}

#[cold]
fn scaled(mantissa: i64, exponent: i8) -> Result<Decimal, DecodeError> {
    let value = u32::try_from(exponent)
        .ok()
        .and_then(|exponent| 10_i128.checked_pow(exponent))
        .and_then(|factor| i128::from(mantissa).checked_mul(factor));
    value.and_then(|value| Decimal::try_from_i128_with_scale(value, 0).ok()).ok_or_else(|| {
        DecodeError::invalid(format!(
            "{mantissa}e{exponent} does not fit into 96 bits with 28 decimal places"
        ))
    })
}
