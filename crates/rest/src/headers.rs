//! Reads the headers of an answer: usage of rate limits, how long to wait, and the exchange's date. All of it comes
//! from outside, so everything is capped and nothing overflows.

use binance_kit_core::failure::MAX_WAIT;
use binance_kit_core::{RateLimit, Timestamp};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, DATE, RETRY_AFTER, TRANSFER_ENCODING};
use std::time::Duration;

/// The usage that the answer reports, in the order of its headers.
pub(crate) fn rate_limits(headers: &HeaderMap) -> Vec<RateLimit> {
    headers
        .iter()
        .filter_map(|(name, value)| RateLimit::from_header(name.as_str(), value.to_str().ok()?))
        .collect()
}

/// `Retry-After` as a duration: a number of seconds or a date. Anything else (negative, fractions, words) counts as
/// missing.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long wait all the same.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        http_date(text)?.since(now)
    };
    Some(wait.min(MAX_WAIT))
}

/// The `Date` of the answer.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?.trim())
}

/// Whether the headers say where the body ends. A body that goes on until the connection closes cannot be
/// distinguished from one that was cut.
pub(crate) fn body_is_delimited(headers: &HeaderMap) -> bool {
    let chunked = headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
    chunked || headers.contains_key(CONTENT_LENGTH)
}

/// Reads the one date format that HTTP allows senders: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let mut next = || words.next();
    let day = number(next()?, 2)?;
    let name = next()?;
    let month = i64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    let year = number(next()?, 4)?;
    let mut clock = next()?.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if next()? != "GMT" || next().is_some() || clock.next().is_some() {
        return None;
    }
    if !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970-01-01 of a civil date, with the year beginning in March.
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some(Timestamp::from_millis((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(*name, HeaderValue::from_static(value));
            map
        })
    }

    #[test]
    fn dates() {
        for (text, shown) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
            ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59.000Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"),
            ("Fri, 01 Mar 2024 00:00:00 GMT", "2024-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(http_date(text).unwrap().to_string(), shown);
        }
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT x",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov -994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn h7_retry_after_variants() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (text, expected) in [
            ("30", Some(Duration::from_secs(30))),
            (" 7 ", Some(Duration::from_secs(7))),
            ("0", Some(Duration::ZERO)),
            ("1000000000000", Some(MAX_WAIT)),
            ("99999999999999999999999999", Some(MAX_WAIT)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(Duration::from_secs(60))),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(Duration::ZERO)),
            ("Sun, 06 Nov 9994 08:49:37 GMT", Some(MAX_WAIT)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(&headers(&[("retry-after", text)]), now), expected, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn ends_of_bodies() {
        for (pairs, expected) in [
            (&[("content-length", "3")][..], true),
            (&[("transfer-encoding", "chunked")], true),
            (&[("transfer-encoding", "gzip, Chunked")], true),
            (&[("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")], true),
            (&[("transfer-encoding", "chunked, gzip")], false),
            (&[], false),
        ] {
            assert_eq!(body_is_delimited(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn usage() {
        let limits = rate_limits(&headers(&[
            ("x-mbx-used-weight", "9"),
            ("x-mbx-used-weight-1m", "12"),
            ("x-mbx-order-count-10s", "3"),
            ("x-mbx-order-count-1d", "many"),
        ]));
        let counts: Vec<_> = limits.iter().map(|limit| (limit.kind.as_str(), limit.count)).collect();
        assert_eq!(counts, [("REQUEST_WEIGHT", Some(12)), ("ORDERS", Some(3))]);
    }
}
