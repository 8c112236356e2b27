//! Rate limits: what the exchange reports of them, and a ledger that says when the next request may go.
//!
//! The ledger is a value without a clock: times are handed in, in the exchange's time. Windows are fixed and aligned
//! to the clock, as the exchange's are.

use crate::decode::{Decode, DecodeError, Value, field, optional, required};
use crate::encode::{Encode, JsonWriter};
use crate::time::Timestamp;
use smol_str::SmolStr;
use std::time::Duration;

/// What a limit counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitKind {
    /// Request weight, per IP address.
    RequestWeight,
    /// Unfilled orders, per account.
    Orders,
    /// Requests of any weight, per IP address.
    RawRequests,
    /// Connection attempts, per IP address.
    Connections,
    /// A kind this version of the SDK does not know.
    Unknown(SmolStr),
}

impl RateLimitKind {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RequestWeight => "REQUEST_WEIGHT",
            Self::Orders => "ORDERS",
            Self::RawRequests => "RAW_REQUESTS",
            Self::Connections => "CONNECTIONS",
            Self::Unknown(word) => word,
        }
    }
}

impl Decode for RateLimitKind {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(match value.as_str()? {
            "REQUEST_WEIGHT" => Self::RequestWeight,
            "ORDERS" => Self::Orders,
            "RAW_REQUESTS" => Self::RawRequests,
            "CONNECTIONS" => Self::Connections,
            other => Self::Unknown(SmolStr::new(other)),
        })
    }
}

impl Encode for RateLimitKind {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(self.as_str());
    }
}

/// The unit of a limit's window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitInterval {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A unit this version of the SDK does not know.
    Unknown(SmolStr),
}

impl RateLimitInterval {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Second => "SECOND",
            Self::Minute => "MINUTE",
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Unknown(word) => word,
        }
    }

    /// The length of the unit, where it is known.
    pub const fn duration(&self) -> Option<Duration> {
        match self {
            Self::Second => Some(Duration::from_secs(1)),
            Self::Minute => Some(Duration::from_secs(60)),
            Self::Hour => Some(Duration::from_secs(3600)),
            Self::Day => Some(Duration::from_secs(86_400)),
            Self::Unknown(_) => None,
        }
    }

    /// The unit that a header's suffix names (`x-mbx-used-weight-1m`: `m`).
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b's' | b'S' => Some(Self::Second),
            b'm' | b'M' => Some(Self::Minute),
            b'h' | b'H' => Some(Self::Hour),
            b'd' | b'D' => Some(Self::Day),
            _ => None,
        }
    }
}

impl Decode for RateLimitInterval {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(match value.as_str()? {
            "SECOND" => Self::Second,
            "MINUTE" => Self::Minute,
            "HOUR" => Self::Hour,
            "DAY" => Self::Day,
            other => Self::Unknown(SmolStr::new(other)),
        })
    }
}

impl Encode for RateLimitInterval {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(self.as_str());
    }
}

/// A limit, and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// What is counted.
    pub kind: RateLimitKind,
    /// The unit of the window.
    pub interval: RateLimitInterval,
    /// How many units the window has.
    pub interval_count: u32,
    /// How much may be used in a window. Headers do not say it.
    pub limit: Option<u32>,
    /// How much of the current window is used; `exchangeInfo` does not say it.
    pub count: Option<u32>,
}

impl RateLimit {
    /// The length of the window, where it is known.
    pub fn window(&self) -> Option<Duration> {
        self.interval.duration().map(|unit| unit.saturating_mul(self.interval_count))
    }

    /// Reads a usage header (`x-mbx-used-weight-1m`, `x-mbx-order-count-10s`) into a limit without `limit`. Header names
    /// in any case; anything else gives `None`.
    pub fn from_header(name: &str, value: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (kind, window) = if let Some(window) = name.strip_prefix("x-mbx-used-weight-") {
            (RateLimitKind::RequestWeight, window)
        } else {
            (RateLimitKind::Orders, name.strip_prefix("x-mbx-order-count-")?)
        };
        let letter = *window.as_bytes().last()?;
        let count = window.get(..window.len() - 1)?;
        Some(Self {
            kind,
            interval: RateLimitInterval::from_letter(letter)?,
            interval_count: count.parse().ok()?,
            limit: None,
            count: Some(value.trim().parse().ok()?),
        })
    }
}

impl Decode for RateLimit {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("RateLimit"))
    }
}

impl RateLimit {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let (mut kind, mut interval, mut interval_count, mut limit, mut count) =
            (None, None, None, None, None);
        for (key, value) in value.object()? {
            match key {
                "rateLimitType" => field(&mut kind, "rateLimitType", value)?,
                "interval" => field(&mut interval, "interval", value)?,
                "intervalNum" => field(&mut interval_count, "intervalNum", value)?,
                "limit" => field(&mut limit, "limit", value)?,
                "count" => field(&mut count, "count", value)?,
                _ => {}
            }
        }
        Ok(Self {
            kind: required(kind, "rateLimitType")?,
            interval: required(interval, "interval")?,
            interval_count: required(interval_count, "intervalNum")?,
            limit: optional(limit),
            count: optional(count),
        })
    }
}

impl Encode for RateLimit {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("rateLimitType", &self.kind);
        json.field("interval", &self.interval);
        json.field("intervalNum", &self.interval_count);
        json.optional("limit", self.limit.as_ref());
        json.optional("count", self.count.as_ref());
        json.end_object();
    }
}

/// Counts the request weight of one IP address in fixed windows, and keeps the time before which the exchange wants
/// nothing. The larger of our own count and the exchange's holds.
#[derive(Debug, Clone)]
pub struct WeightLedger {
    limit: u32,
    window: Duration,
    window_index: i64,
    used: u32,
    hold_until: Option<Timestamp>,
}

/// The longest hold that is believed: bans last up to three days.
const LONGEST_HOLD: Duration = Duration::from_secs(3 * 86_400);
/// The hold when the exchange says "too many" without saying for how long.
const DEFAULT_HOLD: Duration = Duration::from_secs(60);

impl Default for WeightLedger {
    /// 6,000 in a minute: the limit in the documents' examples.
    fn default() -> Self {
        Self::new(6000, Duration::from_secs(60))
    }
}

impl WeightLedger {
    /// A ledger of `limit` in each `window`.
    pub fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit: limit.max(1),
            window: window.max(Duration::from_millis(1)),
            window_index: i64::MIN,
            used: 0,
            hold_until: None,
        }
    }

    /// How much of the current window is used.
    pub fn used(&self, now: Timestamp) -> u32 {
        if self.index(now) == self.window_index { self.used } else { 0 }
    }

    /// How much may be used in a window.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Sets the limit, as `exchangeInfo` or a response reports it.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit.max(1);
    }

    /// Takes `weight`, or says how long to wait before trying again. A weight above the whole limit is let through in
    /// an empty window, since no waiting would help it.
    ///
    /// # Errors
    ///
    /// The time to wait.
    pub fn take(&mut self, now: Timestamp, weight: u32) -> Result<(), Duration> {
        if let Some(until) = self.hold_until {
            if now < until {
                return Err(until.since(now).max(Duration::from_millis(1)));
            }
            self.hold_until = None;
        }
        self.roll(now);
        if self.used > 0 && self.used.saturating_add(weight) > self.limit {
            return Err(self.until_next_window(now));
        }
        self.used = self.used.saturating_add(weight);
        Ok(())
    }

    /// Adopts what the exchange reports, if it is more than our own count.
    pub fn observe(&mut self, now: Timestamp, usage: &RateLimit) {
        if usage.kind != RateLimitKind::RequestWeight || usage.window() != Some(self.window) {
            return;
        }
        if let Some(limit) = usage.limit {
            self.set_limit(limit);
        }
        if let Some(count) = usage.count {
            self.roll(now);
            self.used = self.used.max(count);
        }
    }

    /// The exchange answered 429 or 418: nothing may be sent until it says, or for a minute when it does not say.
    /// Holds of more than three days are cut to that.
    pub fn hold(&mut self, now: Timestamp, retry_after: Option<Duration>) {
        let until = now.plus(retry_after.unwrap_or(DEFAULT_HOLD).min(LONGEST_HOLD));
        self.hold_until = Some(self.hold_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// The time before which nothing may be sent, if there is one.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.hold_until.filter(|until| now < *until)
    }

    fn micros(&self) -> i64 {
        i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX)
    }

    fn index(&self, now: Timestamp) -> i64 {
        now.as_micros().div_euclid(self.micros())
    }

    fn roll(&mut self, now: Timestamp) {
        let index = self.index(now);
        if index != self.window_index {
            self.window_index = index;
            self.used = 0;
        }
    }

    fn until_next_window(&self, now: Timestamp) -> Duration {
        let micros = self.micros();
        Duration::from_micros(u64::try_from(micros - now.as_micros().rem_euclid(micros)).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn h5_windows_are_aligned_to_the_clock() {
        let mut ledger = WeightLedger::new(100, Duration::from_secs(60));
        assert_eq!(ledger.take(at(50), 90), Ok(()));
        assert_eq!(ledger.take(at(51), 20), Err(Duration::from_secs(9)));
        assert_eq!(ledger.used(at(51)), 90);
        assert_eq!(ledger.take(at(60), 20), Ok(()));
        assert_eq!(ledger.used(at(60)), 20);
    }

    #[test]
    fn a_weight_above_the_limit_is_let_through_alone() {
        let mut ledger = WeightLedger::new(100, Duration::from_secs(60));
        assert_eq!(ledger.take(at(0), 250), Ok(()));
        assert!(ledger.take(at(1), 1).is_err());
    }

    #[test]
    fn h4_the_larger_count_holds() {
        let mut ledger = WeightLedger::default();
        ledger.take(at(0), 10).unwrap();
        ledger.observe(at(1), &RateLimit::from_header("X-MBX-USED-WEIGHT-1M", "5990").unwrap());
        assert_eq!(ledger.used(at(1)), 5990);
        ledger.observe(at(2), &RateLimit::from_header("x-mbx-used-weight-1m", "3").unwrap());
        assert_eq!(ledger.used(at(2)), 5990);
        assert!(ledger.take(at(2), 11).is_err());
        assert_eq!(ledger.take(at(2), 10), Ok(()));
    }

    #[test]
    fn holds_are_kept_and_capped() {
        let mut ledger = WeightLedger::default();
        ledger.hold(at(0), Some(Duration::from_secs(5)));
        ledger.hold(at(0), Some(Duration::from_secs(2)));
        assert_eq!(ledger.take(at(1), 1), Err(Duration::from_secs(4)));
        assert_eq!(ledger.take(at(5), 1), Ok(()));
        ledger.hold(at(10), None);
        assert_eq!(ledger.held_until(at(10)), Some(at(70)));
        ledger.hold(at(10), Some(Duration::from_secs(1_000_000_000_000)));
        assert_eq!(ledger.held_until(at(10)), Some(at(10 + 3 * 86_400)));
    }

    #[test]
    fn headers() {
        let limit = RateLimit::from_header("x-mbx-order-count-10s", "7").unwrap();
        assert_eq!(
            (limit.kind, limit.interval, limit.interval_count, limit.count),
            (RateLimitKind::Orders, RateLimitInterval::Second, 10, Some(7))
        );
        for (name, value) in [
            ("x-mbx-used-weight", "1"),
            ("x-mbx-used-weight-1x", "1"),
            ("x-mbx-used-weight-m", "1"),
            ("x-mbx-order-count-1d", "-1"),
            ("date", "1"),
        ] {
            assert_eq!(RateLimit::from_header(name, value), None, "{name}");
        }
    }
}
