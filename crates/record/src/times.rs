//! Receive times of other recorders, in whatever unit.

/// The first second of 2010 and of 2100, in seconds since the Unix epoch: no recording of the exchange lies outside.
const PLAUSIBLE: std::ops::Range<u128> = 1_262_304_000..4_102_444_800;

/// Reads a time: a number of seconds, milliseconds, microseconds or nanoseconds since the Unix epoch, with or without a
/// fraction. The unit is the one in which it lies between 2010 and 2100, and nanoseconds where it does in none. Returns
/// nanoseconds.
pub(crate) fn nanos(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u128 = digits(whole, 1)?;
    // Beyond nanoseconds nothing is left of it.
    let fraction = fraction.get(..fraction.len().min(18))?;
    let part = if fraction.is_empty() { 0 } else { digits(fraction, 1)? };
    let units = [1_000_000_000, 1_000_000, 1000, 1];
    let unit =
        units.into_iter().find(|unit| PLAUSIBLE.contains(&(whole * unit / 1_000_000_000))).unwrap_or(1);
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    u64::try_from(whole * unit + part * unit / scale).ok()
}

/// A number of at least so many digits, and nothing else.
fn digits(text: &str, least: usize) -> Option<u128> {
    let is_number = text.len() >= least && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_follows_from_the_size() {
        let at = 1_754_006_400_050_000_000;
        for text in ["1754006400050000000", "1754006400050000", "1754006400050", "1754006400.05"] {
            assert_eq!(nanos(text), Some(at), "{text}");
        }
        assert_eq!(nanos("1754006400"), Some(1_754_006_400_000_000_000));
        assert_eq!(nanos("1754006400050.25"), Some(at + 250_000));
        assert_eq!(nanos("1754006400.0500000001234567890"), Some(at));
        // Invented times are nanoseconds.
        assert_eq!((nanos("17"), nanos("1000000001")), (Some(17), Some(1_000_000_001)));
        assert_eq!(nanos("18446744073709551615"), Some(u64::MAX));
        for text in ["", "x", "1.x", "-1", "+1", "99999999999999999999", "1e9", "123456789012345678901"] {
            assert_eq!(nanos(text), None, "{text:?}");
        }
    }
}
