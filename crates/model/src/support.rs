//! Helpers of generated decoders and encoders.

use binance_kit_core::decode::{
    Decode, DecodeError, DecodeErrorKind, DecodeInOrder, FastReader, Value, ValueKind, none_if_negative,
};
use binance_kit_core::id::UpdateId;
use binance_kit_core::{Encode, InvalidRequest, JsonWriter, Sequence, Symbol, Timestamp};
use std::fmt::Display;

/// A field that says what the object is: it must hold this word.
#[inline]
pub(crate) fn constant(
    seen: &mut bool,
    name: &'static str,
    word: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if *seen {
        return Err(DecodeError::duplicate(name));
    }
    *seen = true;
    let found = value.as_str().map_err(|error| error.at_key(name))?;
    if found == word {
        return Ok(());
    }
    Err(DecodeError::new(DecodeErrorKind::WrongType, format!("expected {word:?}, found {found:?}"))
        .at_key(name))
}

/// The field of [`constant`] must have been there.
#[inline]
pub(crate) fn required_constant(seen: bool, name: &'static str) -> Result<(), DecodeError> {
    if seen { Ok(()) } else { Err(DecodeError::missing(name)) }
}

/// The type of an event that has none as far as the documents know.
#[cold]
pub(crate) fn same_event(word: &'static str, value: Value<'_>) -> Result<(), DecodeError> {
    constant(&mut false, "e", word, value)
}

/// A field that is nearly always written as a number. `Decode` of numbers looks for a string first and builds an error
/// when there is none; that would be an allocation for each number of the hot path.
#[inline]
fn number_first<T: Decode>(
    slot: &mut Option<T>,
    name: &'static str,
    value: Value<'_>,
    number: impl FnOnce(Value<'_>) -> Result<T, DecodeError>,
) -> Result<(), DecodeError> {
    if slot.is_some() {
        return Err(DecodeError::duplicate(name));
    }
    let read = if value.kind() == ValueKind::Integer { number(value) } else { T::decode(value) };
    *slot = Some(read.map_err(|error| error.at_key(name))?);
    Ok(())
}

/// A field that holds an identifier or a count.
#[inline]
pub(crate) fn whole<T: Decode + From<u64>>(
    slot: &mut Option<T>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    number_first(slot, name, value, |value| value.as_u64().map(T::from))
}

/// A field that holds a time.
#[inline]
pub(crate) fn time(
    slot: &mut Option<Timestamp>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    number_first(slot, name, value, |value| value.as_i64().map(Timestamp::from_wire))
}

/// An identifier or a time that may be missing: `-1` is none, too.
#[inline]
#[expect(clippy::option_option, reason = "a slot that is empty is not a field that holds -1")]
pub(crate) fn place<T: Decode>(
    slot: &mut Option<Option<T>>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if value.kind() == ValueKind::Integer && slot.is_none() && value.as_i64() == Ok(-1) {
        *slot = Some(None);
        return Ok(());
    }
    binance_kit_core::decode::field(slot, name, value)
}

/// An identifier for which the exchange writes `-1` when there is none.
#[inline]
#[expect(clippy::option_option, reason = "a slot that is empty is not a field that holds -1")]
pub(crate) fn field_or_minus_one<T: From<u64>>(
    slot: &mut Option<Option<T>>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if slot.is_some() {
        return Err(DecodeError::duplicate(name));
    }
    *slot = Some(none_if_negative(value).map_err(|error| error.at_key(name))?);
    Ok(())
}

/// Writes what [`field_or_minus_one`] reads.
pub(crate) fn or_minus_one(json: &mut JsonWriter, name: &str, value: Option<&impl Encode>) {
    match value {
        Some(value) => json.field(name, value),
        None => {
            json.key(name);
            json.literal("-1");
        }
    }
}

/// A value for which the exchange writes the empty text when there is none.
#[inline]
#[expect(clippy::option_option, reason = "a slot that is empty is not a field that holds an empty text")]
pub(crate) fn field_or_empty<T: Decode>(
    slot: &mut Option<Option<T>>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if slot.is_some() {
        return Err(DecodeError::duplicate(name));
    }
    let is_none = value.is_null() || value.as_str().is_ok_and(str::is_empty);
    let read = if is_none { Ok(None) } else { T::decode(value).map(Some) };
    *slot = Some(read.map_err(|error| error.at_key(name))?);
    Ok(())
}

/// Writes what [`field_or_empty`] reads.
pub(crate) fn or_empty(json: &mut JsonWriter, name: &str, value: Option<&impl Encode>) {
    match value {
        Some(value) => json.field(name, value),
        None => json.field(name, ""),
    }
}

/// Reads what [`field_or_empty`] reads, in documented order.
#[inline]
#[expect(clippy::option_option, reason = "text that cannot be read is not the empty text")]
pub(crate) fn text_or_none<T: DecodeInOrder>(input: &mut FastReader<'_>) -> Option<Option<T>> {
    if input.literal(b"\"\"").is_some() { Some(None) } else { T::decode_in_order(input).map(Some) }
}

/// A word with a fixed end (`1hTicker`).
#[inline]
pub(crate) fn field_with_suffix<T: for<'a> From<&'a str>>(
    slot: &mut Option<T>,
    name: &'static str,
    suffix: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if slot.is_some() {
        return Err(DecodeError::duplicate(name));
    }
    let text = value.as_str().map_err(|error| error.at_key(name))?;
    let Some(word) = text.strip_suffix(suffix) else {
        return Err(DecodeError::new(
            DecodeErrorKind::WrongType,
            format!("{text:?} does not end in {suffix:?}"),
        )
        .at_key(name));
    };
    *slot = Some(T::from(word));
    Ok(())
}

/// A list that is read over the one that is there, keeping its buffer.
#[inline]
pub(crate) fn list_over<L: Decode>(
    list: &mut L,
    seen: &mut bool,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if *seen {
        return Err(DecodeError::duplicate(name));
    }
    *seen = true;
    list.decode_into(value).map_err(|error| error.at_key(name))
}

/// An element of a tuple.
#[inline]
pub(crate) fn element<T: Decode>(
    elements: &mut binance_kit_core::decode::Array<'_>,
    index: usize,
) -> Result<T, DecodeError> {
    T::decode(elements.required(index)?).map_err(|error| error.at_index(index))
}

/// An element of a tuple that may be missing or `null`.
#[inline]
pub(crate) fn element_or_none<T: Decode>(
    elements: &mut binance_kit_core::decode::Array<'_>,
    index: usize,
) -> Result<Option<T>, DecodeError> {
    match elements.next() {
        Some(element) => Option::decode(element).map_err(|error| error.at_index(index)),
        None => Ok(None),
    }
}

/// The sequence of an event that names the one before. Before the first event of a symbol there is none.
#[inline]
pub(crate) fn linked(previous: Option<UpdateId>, last: UpdateId) -> Sequence {
    match previous {
        Some(previous) => Sequence::Linked { previous: previous.get(), last: last.get() },
        None => Sequence::Growing(last.get()),
    }
}

/// The type of an event (`e`), where it has one.
#[inline]
pub(crate) fn event_type(data: Value<'_>) -> Option<&str> {
    data.get("e")?.as_str().ok()
}

/// The type of most events of a list, if most are of one type: the others are unreadable as such.
pub(crate) fn list_type(data: Value<'_>) -> Option<&str> {
    // The majority vote: each event of another type takes a vote away.
    let (mut leading, mut votes) = (None, 0_usize);
    for event in data.array().ok()? {
        let own = event_type(event);
        if votes == 0 {
            leading = own;
        }
        if own == leading { votes += 1 } else { votes -= 1 }
    }
    leading.filter(|_| votes > 0)
}

/// Whether this is a window, as in `1hTicker`: digits and one small letter before the end.
pub(crate) fn has_window(event_type: &str, suffix: &str) -> bool {
    event_type.strip_suffix(suffix).and_then(|window| window.as_bytes().split_last()).is_some_and(
        |(unit, digits)| {
            unit.is_ascii_lowercase() && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        },
    )
}

/// Whether the object has all of these keys.
pub(crate) fn has_keys(data: Value<'_>, keys: &[&str]) -> bool {
    data.kind() == ValueKind::Object && keys.iter().all(|key| data.get(key).is_some())
}

/// The symbol of an event that does not say it: the stream's name begins with it.
pub(crate) fn symbol_of_stream(stream: Option<&str>) -> Result<Symbol, DecodeError> {
    let name = stream.filter(|name| name.contains('@'));
    symbol_before_at(name.unwrap_or_default())
}

/// The symbol with which the name of a stream begins.
pub(crate) fn symbol_before_at(name: &str) -> Result<Symbol, DecodeError> {
    let symbol = name.split_once('@').map_or(name, |(symbol, _)| symbol);
    let Some(symbol) = Some(symbol).filter(|symbol| !symbol.is_empty() && !symbol.starts_with('!')) else {
        return Err(DecodeError::new(
            DecodeErrorKind::MissingField,
            "the event does not name its symbol: it needs the combined wrapper, or a connection that knows its stream's name",
        ));
    };
    // Upper case without an allocation, where the name is as short as names are.
    let mut buffer = [0_u8; 64];
    match buffer.get_mut(..symbol.len()) {
        Some(upper) => {
            upper.copy_from_slice(symbol.as_bytes());
            upper.make_ascii_uppercase();
            Ok(std::str::from_utf8(upper).map_or_else(|_| Symbol::new(symbol), Symbol::from_wire))
        }
        None => Ok(Symbol::new(symbol)),
    }
}

/// The kind of an object that says it in the field `name`.
pub(crate) fn kind_of<'a>(value: Value<'a>, name: &'static str) -> Result<&'a str, DecodeError> {
    value.object()?;
    value.get(name).ok_or_else(|| DecodeError::missing(name))?.as_str().map_err(|error| error.at_key(name))
}

/// Checks a parameter against its range.
pub(crate) fn in_range<T: PartialOrd + Display + Copy>(
    name: &'static str,
    value: Option<T>,
    least: T,
    most: T,
) -> Result<(), InvalidRequest> {
    match value {
        Some(value) if value < least || value > most => {
            Err(InvalidRequest::new(name, format!("must be between {least} and {most}, but is {value}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_digits_and_a_letter() {
        for (event_type, expected) in [
            ("1hTicker", true),
            ("24hTicker", true),
            ("24hrTicker", false),
            ("24hrMiniTicker", false),
            ("Ticker", false),
            ("hTicker", false),
            ("1h", false),
        ] {
            assert_eq!(has_window(event_type, "Ticker"), expected, "{event_type}");
        }
    }

    #[test]
    fn a_stream_names_its_symbol() {
        assert_eq!(symbol_of_stream(Some("btcusdt@depth5")).unwrap(), "BTCUSDT");
        assert_eq!(symbol_of_stream(Some("币安usdt@depth5")).unwrap(), "币安USDT");
        let long = "a".repeat(100);
        assert_eq!(symbol_of_stream(Some(&format!("{long}@x"))).unwrap().as_str(), long.to_ascii_uppercase());
        for none in [None, Some("btcusdt"), Some("@depth5"), Some("!miniTicker@arr")] {
            assert!(symbol_of_stream(none).unwrap_err().to_string().contains("stream's name"), "{none:?}");
        }
    }

    #[test]
    fn ranges_name_the_parameter() {
        assert!(in_range("limit", None::<u32>, 1, 5).is_ok());
        assert!(in_range("limit", Some(5), 1, 5).is_ok());
        let error = in_range("limit", Some(6), 1, 5).unwrap_err();
        assert_eq!(error.parameter, "limit");
        assert!(error.to_string().contains("between 1 and 5"), "{error}");
    }
}
