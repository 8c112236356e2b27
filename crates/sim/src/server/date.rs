//! The `Date` of HTTP answers.

use binance_kit_core::Timestamp;
use http::HeaderValue;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MILLIS: i64 = 86_400_000;

/// A time as HTTP writes it (IMF-fixdate): `Sun, 06 Nov 1994 08:49:37 GMT`. None for years that have not four digits.
pub(super) fn http_date(time: Timestamp) -> Option<HeaderValue> {
    // 1994-11-06T08:49:37.000Z
    let text = time.to_string();
    let (date, rest) = text.split_once('T')?;
    let (year, rest_of_date) = date.split_at_checked(4)?;
    let (month, day) = rest_of_date.strip_prefix('-')?.split_once('-')?;
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    // The first day of the epoch was a Thursday.
    let weekday = time.as_millis().div_euclid(DAY_MILLIS).rem_euclid(7);
    let weekday = DAYS.get(usize::try_from(weekday).ok()?)?;
    let clock = rest.get(..8)?;
    HeaderValue::from_str(&format!("{weekday}, {day} {month} {year} {clock} GMT")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_http_writes_them() {
        let date = |millis: i64| http_date(Timestamp::from_millis(millis));
        for (millis, expected) in [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (1_709_164_799_999, "Wed, 28 Feb 2024 23:59:59 GMT"),
            (1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 GMT"),
        ] {
            assert_eq!(date(millis).unwrap(), expected);
        }
        // A clock that is far off does not break an answer.
        assert!(date(i64::MAX / 1000).is_none_or(|date| !date.is_empty()));
    }
}
