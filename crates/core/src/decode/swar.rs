//! Numbers and the ends of texts, eight bytes at a time.
//!
//! All functions are given a window of the bytes to come and look at no others; they say how many they used. `None` means that
//! the window does not tell: the caller has a slower way.

use rust_decimal::Decimal;

/// The digits `00000000`.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The lowest bit of each byte.
const LOW: u64 = 0x0101_0101_0101_0101;

/// Powers of ten, by the number of digits that one word may hold besides those of another.
const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// Both words of a window, the first byte lowest.
#[inline]
const fn words(window: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*window);
    (low_word(both), low_word(both >> 64))
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
const fn low_word(both: u128) -> u64 {
    both as u64
}

/// The high bit of the first byte that is not a digit's value, of a word that had [`ZEROS`] taken off; those of later bytes may
/// be wrong.
#[inline]
const fn not_digits(word: u64) -> u64 {
    (word.wrapping_add(0x7676_7676_7676_7676) | word) & HIGH
}

/// The number of whole bytes below the lowest bit that is set; at most 7 if one is.
#[inline]
const fn bytes_below(bits: u64) -> u32 {
    bits.trailing_zeros() >> 3
}

/// Eight digits' values as a number, the first one lowest.
#[inline]
const fn eight(values: u64) -> u64 {
    // Pairs, then fours, then all eight.
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// The first `count` of eight digits' values as a number; `count` is at most 7.
#[inline]
const fn first_of(values: u64, count: u32) -> u64 {
    // Two steps: a word is not shifted by its whole width.
    eight((values << (56 - 8 * count)) << 8)
}

/// The power of ten with at most seven zeros.
#[inline]
const fn power(zeros: u32) -> u64 {
    POWERS[(zeros & 7) as usize]
}

/// A whole number of 1 to 15 digits, and how many; none if the window does not tell.
///
/// A length of zero says so, and no `Option`: it would go through memory.
#[expect(clippy::inline_always, reason = "a call costs half of what it does")]
#[inline(always)]
pub(super) const fn whole(window: &[u8; 16]) -> (u64, usize) {
    let (first, second) = words(window);
    let first = first ^ ZEROS;
    let ends = not_digits(first);
    if ends != 0 {
        let count = bytes_below(ends);
        // Of no digits, there is no number either.
        return (first_of(first, count), count as usize);
    }
    let second = second ^ ZEROS;
    let ends = not_digits(second);
    if ends == 0 {
        return (0, 0);
    }
    let count = bytes_below(ends);
    (eight(first) * power(count) + first_of(second, count), 8 + count as usize)
}

/// A decimal with 1 to 7 digits before the point, and none or 1 to 8 behind it: its mantissa, its scale, and the number of bytes
/// that it takes; none if the window does not tell. A digit may follow the eighth.
#[expect(clippy::inline_always, reason = "a call costs half of what it does")]
#[inline(always)]
pub(super) fn decimal(window: &[u8; 16]) -> (u64, u32, usize) {
    let (first, _) = words(window);
    let first = first ^ ZEROS;
    let ends = not_digits(first);
    let before = bytes_below(ends);
    if ends == 0 || before == 0 {
        return (0, 0, 0);
    }
    let whole = first_of(first, before);
    let point = before as usize;
    if window.get(point) != Some(&b'.') {
        return (whole, 0, point);
    }
    let Some(fraction) = window.get(point + 1..).and_then(<[u8]>::first_chunk::<8>) else {
        return (0, 0, 0);
    };
    let fraction = u64::from_le_bytes(*fraction) ^ ZEROS;
    let ends = not_digits(fraction);
    if ends == 0 {
        return (whole * 100_000_000 + eight(fraction), 8, point + 9);
    }
    let behind = bytes_below(ends);
    if behind == 0 {
        return (0, 0, 0);
    }
    (whole * power(behind) + first_of(fraction, behind), behind, point + 1 + behind as usize)
}

/// A decimal of a mantissa that is not negative.
#[inline]
pub(super) const fn unsigned(mantissa: u64, scale: u32) -> Decimal {
    Decimal::from_parts(low_half(mantissa), low_half(mantissa >> 32), 0, false, scale)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
const fn low_half(word: u64) -> u32 {
    word as u32
}

/// The mantissa and scale of a whole text that is a decimal of at most 18 digits, with a sign or without.
pub(super) fn decimal_of(text: &[u8]) -> Option<(i64, u32)> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, text),
    };
    let (mut mantissa, mut count, mut scale) = (0_i64, 0_u32, None);
    for &byte in digits {
        match (byte, scale) {
            (b'0'..=b'9', _) => {
                count += 1;
                scale = scale.map(|scale| scale + 1);
                mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            }
            (b'.', None) if count > 0 => scale = Some(0),
            _ => return None,
        }
    }
    // Zero with a sign has a sign, which the careful way keeps.
    if count == 0 || count > 18 || scale == Some(0) || (is_negative && mantissa == 0) {
        return None;
    }
    Some((if is_negative { -mantissa } else { mantissa }, scale.unwrap_or(0)))
}

/// The place of the first quote, backslash or control character; 16 if there is none.
#[expect(clippy::inline_always, reason = "a call costs half of what it does")]
#[inline(always)]
pub(super) const fn end_of_text(window: &[u8; 16]) -> usize {
    let (first, second) = words(window);
    let ends = specials(first);
    if ends != 0 {
        return bytes_below(ends) as usize;
    }
    // Of no bits, all 64 are below.
    8 + bytes_below(specials(second)) as usize
}

/// The high bit of the first byte that ends a text; those of later bytes may be wrong.
#[inline]
const fn specials(word: u64) -> u64 {
    let quote = word ^ (LOW * 0x22);
    let backslash = word ^ (LOW * 0x5c);
    ((quote.wrapping_sub(LOW) & !quote)
        | (backslash.wrapping_sub(LOW) & !backslash)
        | (word.wrapping_sub(LOW * 0x20) & !word))
        & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(text: &[u8]) -> [u8; 16] {
        let mut window = [b'}'; 16];
        for (place, byte) in window.iter_mut().zip(text) {
            *place = *byte;
        }
        window
    }

    #[test]
    fn every_length_of_a_number() {
        let digits = b"9876543210123456";
        for count in 1..=15 {
            let text = &digits[..count];
            let number = std::str::from_utf8(text).unwrap().parse().unwrap();
            assert_eq!(whole(&window(text)), (number, count));
        }
        assert_eq!(whole(digits), (0, 0), "sixteen digits fill the window");
        assert_eq!(whole(&window(b"-1")).1, 0);
    }

    proptest! {
        #[test]
        fn numbers_end_at_the_first_byte_that_is_no_digit(window: [u8; 16]) {
            let count = window.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = window.iter().take(count).fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            prop_assert_eq!(whole(&window), if (1..=15).contains(&count) { (number, count) } else { (0, 0) });
        }

        #[test]
        fn numbers_of_digits_and_few_others(text in "[0-9]{0,16}[,./:}\u{80}-\u{ff}]{1,4}[0-9]{0,16}") {
            let window = window(text.as_bytes());
            let count = window.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = window.iter().take(count).fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            prop_assert_eq!(whole(&window), if (1..=15).contains(&count) { (number, count) } else { (0, 0) });
        }

        #[test]
        fn decimals_are_those_of_their_text(before in "[0-9]{0,9}", behind in "(\\.[0-9]{0,9})?", end in "[\",x.\u{ff}]") {
            let text = format!("{before}{behind}{end}");
            let (mantissa, scale, length) = decimal(&window(text.as_bytes()));
            if length > 0 {
                let read = &text[..length];
                prop_assert_eq!(decimal_of(read.as_bytes()), Some((mantissa.cast_signed(), scale)));
                prop_assert!(before.len() <= 7 && scale <= 8);
            } else {
                let is_bare_point = text.get(before.len()..).is_some_and(|rest| {
                    rest.starts_with('.') && !rest.get(1..2).is_some_and(|next| next.as_bytes()[0].is_ascii_digit())
                });
                prop_assert!(before.is_empty() || before.len() > 7 || is_bare_point, "{}", text);
            }
        }

        #[test]
        fn a_text_ends_at_the_first_special_byte(window: [u8; 16]) {
            let place = window.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(end_of_text(&window), place.unwrap_or(16));
        }

        #[test]
        fn a_text_ends_at_its_quote(text in "[a-zA-Z0-9_\u{80}-\u{ffff}]{0,8}", rest in "[\"\\\\\u{0}-\u{ff}]{8}") {
            let window = window(format!("{text}\"{rest}").as_bytes());
            let place = window.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(end_of_text(&window), place.unwrap_or(16));
        }
    }
}
