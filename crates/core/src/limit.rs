//! Rate limits: what the exchange reports of them, and the counters from which follows when the next request may be sent.
//!
//! Counters are values without a clock: times are handed in, in the exchange's time. Windows are fixed and aligned
//! to the clock, as the exchange's are.

use crate::decode::{
    Decode, DecodeError, DecodeInOrder, FastReader, Layout, Value, field, optional, required,
};
use crate::encode::{Encode, JsonWriter};
use crate::failure::MAX_WAIT;
use crate::time::Timestamp;
use smol_str::SmolStr;
use std::time::Duration;

/// What a limit counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitKind {
    /// Request weight, per IP address.
    RequestWeight,
    /// Request weight, per account (UID): `/sapi` counts it beside that of the address.
    UidWeight,
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
            Self::UidWeight => "UID_WEIGHT",
            Self::Orders => "ORDERS",
            Self::RawRequests => "RAW_REQUESTS",
            Self::Connections => "CONNECTIONS",
            Self::Unknown(word) => word,
        }
    }
}

impl RateLimitKind {
    fn from_word(word: &str) -> Self {
        match word {
            "REQUEST_WEIGHT" => Self::RequestWeight,
            "UID_WEIGHT" => Self::UidWeight,
            "ORDERS" => Self::Orders,
            "RAW_REQUESTS" => Self::RawRequests,
            "CONNECTIONS" => Self::Connections,
            other => Self::Unknown(SmolStr::new(other)),
        }
    }
}

impl Decode for RateLimitKind {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.as_str().map(Self::from_word)
    }
}

impl DecodeInOrder for RateLimitKind {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.text().map(Self::from_word)
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

impl RateLimitInterval {
    fn from_word(word: &str) -> Self {
        match word {
            "SECOND" => Self::Second,
            "MINUTE" => Self::Minute,
            "HOUR" => Self::Hour,
            "DAY" => Self::Day,
            other => Self::Unknown(SmolStr::new(other)),
        }
    }
}

impl Decode for RateLimitInterval {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.as_str().map(Self::from_word)
    }
}

impl DecodeInOrder for RateLimitInterval {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.text().map(Self::from_word)
    }
}

impl Encode for RateLimitInterval {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(self.as_str());
    }
}

/// A limit, and how much of it is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// What is counted.
    pub kind: RateLimitKind,
    /// The unit of the window.
    pub interval: RateLimitInterval,
    /// Length of the window, in units.
    pub interval_count: u32,
    /// Maximum count in a window. Headers do not state it.
    pub limit: Option<u32>,
    /// Count in the current window; `exchangeInfo` does not state it.
    pub count: Option<u32>,
}

impl RateLimit {
    /// The length of the window, where it is known.
    pub fn window(&self) -> Option<Duration> {
        self.interval.duration().map(|unit| unit.saturating_mul(self.interval_count))
    }

    /// Reads a usage header (`x-mbx-used-weight-1m`, `x-mbx-order-count-10s`, `x-sapi-used-uid-weight-1m`) into a limit
    /// without `limit`. Header names in any case; anything else gives `None`.
    pub fn from_header(name: &str, value: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (kind, window) = [
            ("x-mbx-used-weight-", RateLimitKind::RequestWeight),
            ("x-mbx-order-count-", RateLimitKind::Orders),
            ("x-sapi-used-ip-weight-", RateLimitKind::RequestWeight),
            ("x-sapi-used-uid-weight-", RateLimitKind::UidWeight),
        ]
        .into_iter()
        .find_map(|(prefix, kind)| Some((kind, name.strip_prefix(prefix)?)))?;
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

/// As it comes with every answer of the WebSocket API.
impl DecodeInOrder for RateLimit {
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.literal(b"{\"rateLimitType\":")?;
        let kind = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"interval\":")?;
        let interval = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"intervalNum\":")?;
        let interval_count = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"limit\":")?;
        let limit = Some(DecodeInOrder::decode_in_order(input)?);
        input.literal(b",\"count\":")?;
        let count = Some(DecodeInOrder::decode_in_order(input)?);
        input.literal(b"}")?;
        Some(Self { kind, interval, interval_count, limit, count })
    }
}

impl Decode for RateLimit {
    const LAYOUT: Layout = Layout::Fields(&[]);

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

/// The hold when the exchange says "too many" without saying for how long.
const DEFAULT_HOLD: Duration = Duration::from_secs(60);
/// The shortest hold, whatever the exchange says.
const MIN_HOLD: Duration = Duration::from_secs(1);
/// Maximum number of windows of one set of counters: reports come from outside.
const MAX_WINDOWS: usize = 8;

/// One count in one fixed window.
#[derive(Debug, Clone)]
struct Window {
    /// Maximum count in a window.
    limit: u32,
    /// Length of the window, in microseconds.
    micros: i64,
    /// Number of the window that `used` belongs to, counted from the Unix epoch.
    index: i64,
    /// Count in that window.
    used: u32,
}

impl Window {
    fn new(limit: u32, length: Duration) -> Self {
        Self { limit: limit.max(1), micros: micros(length), index: i64::MIN, used: 0 }
    }

    fn used(&self, now: Timestamp) -> u32 {
        if self.index(now) == self.index { self.used } else { 0 }
    }

    fn set(&mut self, now: Timestamp, used: u32) {
        self.index = self.index(now);
        self.used = used;
    }

    fn index(&self, now: Timestamp) -> i64 {
        now.as_micros().div_euclid(self.micros)
    }

    fn until_next(&self, now: Timestamp) -> Duration {
        let left = self.micros - now.as_micros().rem_euclid(self.micros);
        Duration::from_micros(u64::try_from(left).unwrap_or(1))
    }
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1000)
}

/// The counters of one scope (the weight of an IP address, the orders of an account …): the same charges, counted in one or
/// several fixed windows. Without a window nothing is limited.
///
/// Our own count and the exchange's are kept as one. Of weights the larger of the two holds, since other programs may share
/// the address. Of orders the exchange's count replaces ours, since it takes back what was filled or rejected.
#[derive(Debug, Clone)]
pub struct LimitCounters {
    /// What is counted.
    kind: RateLimitKind,
    /// The windows, in the order in which they became known.
    windows: Vec<Window>,
}

impl LimitCounters {
    /// Counters without a window: nothing is limited.
    pub fn new(kind: RateLimitKind) -> Self {
        Self { kind, windows: Vec::new() }
    }

    /// The same with this limit in each window of this length.
    #[must_use]
    pub fn with_window(mut self, limit: u32, length: Duration) -> Self {
        self.set_limit(limit, length);
        self
    }

    /// Sets the limit of the windows of this length, and adds them when there are none yet.
    pub fn set_limit(&mut self, limit: u32, length: Duration) {
        let micros = micros(length);
        if let Some(window) = self.windows.iter_mut().find(|window| window.micros == micros) {
            window.limit = limit.max(1);
        } else if self.windows.len() < MAX_WINDOWS {
            self.windows.push(Window::new(limit, length));
        }
    }

    /// What is counted.
    pub fn kind(&self) -> &RateLimitKind {
        &self.kind
    }

    /// Count and limit of the first window; nothing and `u32::MAX` without a window.
    pub fn usage(&self, now: Timestamp) -> (u32, u32) {
        self.windows.first().map_or((0, u32::MAX), |window| (window.used(now), window.limit))
    }

    /// Whether nothing is counted in any current window.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.windows.iter().all(|window| window.used(now) == 0)
    }

    /// Whether `amount` can be charged now, or how long to wait before trying again. An amount above a whole limit is let
    /// through in an empty window, since no waiting would help it.
    ///
    /// # Errors
    ///
    /// The time to wait.
    pub fn check(&self, now: Timestamp, amount: u32) -> Result<(), Duration> {
        let full = |window: &&Window| {
            let used = window.used(now);
            used > 0 && used.saturating_add(amount) > window.limit
        };
        match self.windows.iter().filter(full).map(|window| window.until_next(now)).max() {
            Some(wait) if amount > 0 => Err(wait),
            _ => Ok(()),
        }
    }

    /// Charges `amount` to every window, without a check.
    pub fn add(&mut self, now: Timestamp, amount: u32) {
        for window in &mut self.windows {
            window.set(now, window.used(now).saturating_add(amount));
        }
    }

    /// Charges `amount`, or says how long to wait: [`LimitCounters::check`] and [`LimitCounters::add`] in one.
    ///
    /// # Errors
    ///
    /// The time to wait; nothing is charged then.
    pub fn take(&mut self, now: Timestamp, amount: u32) -> Result<(), Duration> {
        self.check(now, amount)?;
        self.add(now, amount);
        Ok(())
    }

    /// Adopts a limit and a count that the exchange reports. Reports of another kind change nothing.
    pub fn observe(&mut self, now: Timestamp, usage: &RateLimit) {
        let Some(length) = usage.window().filter(|_| usage.kind == self.kind) else { return };
        if let Some(limit) = usage.limit {
            self.set_limit(limit, length);
        }
        let micros = micros(length);
        if let Some(count) = usage.count
            && let Some(window) = self.windows.iter_mut().find(|window| window.micros == micros)
        {
            let replaces = self.kind == RateLimitKind::Orders;
            window.set(now, if replaces { count } else { count.max(window.used(now)) });
        }
    }
}

/// The time before which the exchange takes no requests: after a 429 or 418, or a "too many orders".
#[derive(Debug, Clone, Copy, Default)]
pub struct Hold(Option<Timestamp>);

impl Hold {
    /// Holds for as long as the exchange says (at least a second, at most [`MAX_WAIT`]), or for a minute when it does not
    /// say. A hold that ends later stays.
    pub fn hold(&mut self, now: Timestamp, retry_after: Option<Duration>) {
        let until = now.plus(retry_after.unwrap_or(DEFAULT_HOLD).clamp(MIN_HOLD, MAX_WAIT));
        self.0 = Some(self.0.map_or(until, |earlier| earlier.max(until)));
    }

    /// The end of the hold, while it lasts.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.filter(|until| now < *until)
    }

    /// Whether nothing is held, or how long to wait.
    ///
    /// # Errors
    ///
    /// The time to wait.
    pub fn check(&self, now: Timestamp) -> Result<(), Duration> {
        match self.until(now) {
            Some(until) => Err(until.since(now).max(Duration::from_millis(1))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn weight(limit: u32) -> LimitCounters {
        LimitCounters::new(RateLimitKind::RequestWeight).with_window(limit, Duration::from_secs(60))
    }

    #[test]
    fn intervals_are_read_as_they_are_written() {
        for (word, letter, interval) in [
            ("SECOND", b's', RateLimitInterval::Second),
            ("MINUTE", b'm', RateLimitInterval::Minute),
            ("HOUR", b'h', RateLimitInterval::Hour),
            ("DAY", b'd', RateLimitInterval::Day),
        ] {
            let read: RateLimitInterval =
                crate::Decoder::new().decode(format!("\"{word}\"").as_bytes()).unwrap();
            assert_eq!((read.as_str(), &read), (word, &interval));
            assert_eq!(RateLimitInterval::from_letter(letter), Some(interval.clone()));
            assert_eq!(RateLimitInterval::from_letter(letter.to_ascii_uppercase()), Some(interval));
        }
        let other: RateLimitInterval = crate::Decoder::new().decode(b"\"WEEK\"").unwrap();
        assert_eq!(other.as_str(), "WEEK");
        assert_eq!(RateLimitInterval::from_letter(b'w'), None);
    }

    #[test]
    fn h5_windows_are_aligned_to_the_clock() {
        let mut counters = weight(100);
        assert_eq!(counters.take(at(50), 90), Ok(()));
        assert_eq!(counters.take(at(51), 20), Err(Duration::from_secs(9)));
        assert_eq!(counters.usage(at(51)), (90, 100));
        assert_eq!(counters.take(at(60), 20), Ok(()));
        assert_eq!(counters.usage(at(60)), (20, 100));
        assert!(!counters.is_idle(at(60)) && counters.is_idle(at(120)));
    }

    #[test]
    fn a_weight_above_the_limit_is_let_through_alone() {
        let mut counters = weight(100);
        assert_eq!(counters.take(at(0), 250), Ok(()));
        assert!(counters.take(at(1), 1).is_err());
        assert_eq!(counters.take(at(1), 0), Ok(()), "what costs nothing waits for nothing");
    }

    #[test]
    fn h4_the_larger_count_of_weight_holds() {
        let mut counters = weight(6000);
        counters.take(at(0), 10).unwrap();
        counters.observe(at(1), &RateLimit::from_header("X-MBX-USED-WEIGHT-1M", "5990").unwrap());
        assert_eq!(counters.usage(at(1)).0, 5990);
        counters.observe(at(2), &RateLimit::from_header("x-mbx-used-weight-1m", "3").unwrap());
        assert_eq!(counters.usage(at(2)).0, 5990);
        assert!(counters.take(at(2), 11).is_err());
        assert_eq!(counters.take(at(2), 10), Ok(()));
    }

    #[test]
    fn h6_orders_are_counted_in_all_windows_and_the_exchanges_count_replaces_ours() {
        let mut counters = LimitCounters::new(RateLimitKind::Orders)
            .with_window(2, Duration::from_secs(10))
            .with_window(3, Duration::from_secs(86_400));
        assert_eq!(counters.take(at(0), 2), Ok(()));
        assert_eq!(counters.take(at(1), 1), Err(Duration::from_secs(9)));
        // One of them was filled, which the exchange takes back.
        counters.observe(at(1), &RateLimit::from_header("x-mbx-order-count-10s", "1").unwrap());
        assert_eq!(counters.take(at(1), 1), Ok(()));
        assert_eq!(counters.take(at(10), 1), Err(Duration::from_secs(86_390)), "the longest wait counts");
        let raised = RateLimit {
            kind: RateLimitKind::Orders,
            interval: RateLimitInterval::Day,
            interval_count: 1,
            limit: Some(5),
            count: None,
        };
        counters.observe(at(10), &raised);
        assert_eq!(counters.take(at(10), 1), Ok(()));
        counters.observe(at(10), &RateLimit::from_header("x-mbx-used-weight-1m", "900").unwrap());
        assert_eq!(counters.usage(at(10)), (1, 2), "reports of another kind change nothing");
    }

    #[test]
    fn windows_that_the_exchange_reports_are_added_up_to_a_cap() {
        let mut counters = LimitCounters::new(RateLimitKind::Orders);
        assert_eq!(counters.take(at(0), u32::MAX), Ok(()), "no window, no limit");
        for count in 1..100 {
            let report = RateLimit {
                kind: RateLimitKind::Orders,
                interval: RateLimitInterval::Second,
                interval_count: count,
                limit: Some(1),
                count: Some(1),
            };
            counters.observe(at(0), &report);
        }
        assert_eq!(counters.windows.len(), MAX_WINDOWS);
        assert_eq!(counters.take(at(0), 1), Err(Duration::from_secs(8)));
    }

    #[test]
    fn holds_are_kept_and_capped() {
        let mut hold = Hold::default();
        hold.hold(at(0), Some(Duration::from_secs(5)));
        hold.hold(at(0), Some(Duration::from_secs(2)));
        assert_eq!(hold.check(at(1)), Err(Duration::from_secs(4)));
        assert_eq!(hold.check(at(5)), Ok(()));
        hold.hold(at(10), None);
        assert_eq!(hold.until(at(10)), Some(at(70)));
        hold.hold(at(10), Some(Duration::from_secs(1_000_000_000_000)));
        assert_eq!(hold.until(at(10)), Some(at(10 + 3 * 86_400)));
        let mut short = Hold::default();
        short.hold(at(0), Some(Duration::ZERO));
        assert_eq!(short.until(at(0)), Some(at(1)), "never shorter than a second");
    }

    #[test]
    fn headers() {
        let limit = RateLimit::from_header("x-mbx-order-count-10s", "7").unwrap();
        assert_eq!(
            (limit.kind, limit.interval, limit.interval_count, limit.count),
            (RateLimitKind::Orders, RateLimitInterval::Second, 10, Some(7))
        );
        for (name, kind) in [
            ("X-SAPI-USED-IP-WEIGHT-1M", RateLimitKind::RequestWeight),
            ("X-SAPI-USED-UID-WEIGHT-1M", RateLimitKind::UidWeight),
        ] {
            assert_eq!(RateLimit::from_header(name, "1").unwrap().kind, kind);
        }
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
