//! Helpers of generated SBE tables and readers.

use crate::common::Level;
use binance_kit_core::DecodeError;
use binance_kit_core::sbe::{self, Elements, Kind, i64_at};

pub(crate) const I16: Kind = integer(2, true);
pub(crate) const I32: Kind = integer(4, true);
pub(crate) const I64: Kind = integer(8, true);
pub(crate) const U8: Kind = integer(1, false);
pub(crate) const U16: Kind = integer(2, false);
pub(crate) const U32: Kind = integer(4, false);
pub(crate) const U64: Kind = integer(8, false);

const fn integer(size: u8, signed: bool) -> Kind {
    Kind::Integer { size, signed }
}

/// A decimal with a mantissa of 8 bytes, whose exponent stands so many blocks further out at this offset.
pub(crate) const fn decimal(up: u8, exponent: u16) -> Kind {
    Kind::Decimal { wide: false, up, exponent }
}

/// A decimal with a mantissa of 16 bytes.
pub(crate) const fn wide(up: u8, exponent: u16) -> Kind {
    Kind::Decimal { wide: true, up, exponent }
}

/// Reads the levels of a book: for each of the two decimals its offset, and the exponent.
pub(crate) fn levels<const N: usize>(
    elements: Elements<'_, N>,
    price: usize,
    price_exponent: i8,
    quantity: usize,
    quantity_exponent: i8,
) -> Result<Vec<Level>, DecodeError> {
    // As many as there are bytes for: the count was checked against them.
    let mut levels = Vec::with_capacity(elements.len());
    for (index, element) in elements.enumerate() {
        let read = |offset, exponent, name| {
            sbe::decimal(i64_at(element, offset), exponent)
                .map_err(|error: DecodeError| error.at_key(name).at_index(index))
        };
        levels.push(Level {
            price: read(price, price_exponent, "price")?,
            quantity: read(quantity, quantity_exponent, "qty")?,
        });
    }
    Ok(levels)
}
