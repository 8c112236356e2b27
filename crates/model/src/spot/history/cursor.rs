//! Positions of a pager as text: the kind of list, a hash of the request, the direction, and numbers.

use super::sources::Listed;
use binance_kit_core::{Cursor, InvalidCursor, ParamWriter};

/// The version of the text; it would change with the meaning of the numbers.
const VERSION: &str = "1";

/// What a cursor has before its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin(String);

impl Origin {
    /// The origin of a request without the parameters that the pager sets: cursors of different symbols differ.
    pub(super) fn of<R: Listed>(request: &R, backwards: bool) -> Self {
        let mut params = ParamWriter::new();
        request.write(&mut params);
        // FNV-1a: a check against mistakes, not against malice.
        let hash = params
            .to_query()
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let direction = if backwards { "back" } else { "on" };
        Self(format!("{VERSION}.{}.{hash:08x}.{direction}", R::NAME))
    }

    pub(super) fn cursor(&self, numbers: &[Option<i128>]) -> Cursor {
        let mut text = self.0.clone();
        for number in numbers {
            text.push('.');
            match number {
                Some(number) => text.push_str(&number.to_string()),
                None => text.push('-'),
            }
        }
        Cursor::new(text)
    }

    /// The numbers of a cursor of the same origin.
    pub(super) fn numbers<const N: usize>(
        &self,
        cursor: &Cursor,
    ) -> Result<[Option<i128>; N], InvalidCursor> {
        let mut given = cursor.as_str().split('.');
        for (own, wrong) in self.0.split('.').zip([
            "it was written by another version",
            "it belongs to another list",
            "it belongs to a list with other parameters",
            "it goes in the other direction",
        ]) {
            if given.next() != Some(own) {
                return Err(InvalidCursor::new(wrong));
            }
        }
        let malformed = InvalidCursor::new("its numbers cannot be read");
        let mut numbers = [None; N];
        for number in &mut numbers {
            *number = match given.next() {
                Some("-") => None,
                Some(text) => Some(text.parse().map_err(|_| malformed.clone())?),
                None => return Err(malformed),
            };
        }
        if given.next().is_some() { Err(malformed) } else { Ok(numbers) }
    }
}
