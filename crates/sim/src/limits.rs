//! Request limits: weights and connections per IP address, unfilled orders per account, and what follows for those who
//! go on regardless. A value without a clock; times are handed in.

use crate::engine::AccountId;
use binance_kit_core::{RateLimit, RateLimitInterval, RateLimitKind, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;

/// Rate limits of an exchange. The default has those of the real one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Whether requests and connections beyond the limits are refused. They are counted in any case.
    pub enforced: bool,
    /// Request weight of an IP address in a minute.
    pub weight_per_minute: u32,
    /// Requests of an IP address in five minutes, independent of their weight.
    pub raw_requests_per_5_minutes: u32,
    /// Unfilled orders of an account in ten seconds.
    pub orders_per_10_seconds: u32,
    /// Unfilled orders of an account in a day.
    pub orders_per_day: u32,
    /// WebSocket connections of an IP address in five minutes.
    pub connections_per_5_minutes: u32,
    /// Messages (pings and pongs included) that a stream connection may send in a second.
    pub messages_per_second: usize,
    /// Streams on one connection.
    pub streams_per_connection: usize,
    /// User-data subscriptions over the lifetime of a connection.
    pub user_data_subscriptions_per_connection: u64,
    /// Refused requests within a minute that lead to a ban.
    pub refusals_before_ban: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enforced: true,
            weight_per_minute: 6000,
            raw_requests_per_5_minutes: 61_000,
            orders_per_10_seconds: 100,
            orders_per_day: 200_000,
            connections_per_5_minutes: 300,
            messages_per_second: 5,
            streams_per_connection: 1024,
            user_data_subscriptions_per_connection: 65_535,
            refusals_before_ban: 10,
        }
    }
}

impl Limits {
    /// The limits that every request counts against, as `exchangeInfo` shows them. Each API shows the last kind that is
    /// its own: REST the requests themselves, the WebSocket API the connections.
    pub(crate) fn shown(&self, rest: bool) -> [RateLimit; 4] {
        let last = if rest {
            (RateLimitKind::RawRequests, self.raw_requests_per_5_minutes)
        } else {
            (RateLimitKind::Connections, self.connections_per_5_minutes)
        };
        [
            (RateLimitKind::RequestWeight, RateLimitInterval::Minute, 1, self.weight_per_minute),
            (RateLimitKind::Orders, RateLimitInterval::Second, 10, self.orders_per_10_seconds),
            (RateLimitKind::Orders, RateLimitInterval::Day, 1, self.orders_per_day),
            (last.0, RateLimitInterval::Minute, 5, last.1),
        ]
        .map(|(kind, interval, interval_count, limit)| RateLimit {
            kind,
            interval,
            interval_count,
            limit: Some(limit),
            count: None,
        })
    }
}

/// A count in windows that are aligned to the clock.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    /// Number of the window since 1970.
    index: i64,
    /// What was counted in it.
    count: u32,
}

impl Window {
    fn at(&mut self, now: Timestamp, seconds: i64) -> &mut u32 {
        let index = now.as_millis().div_euclid(seconds * 1000);
        if index != self.index {
            *self = Self { index, count: 0 };
        }
        &mut self.count
    }
}

fn end_of_window(now: Timestamp, seconds: i64) -> Timestamp {
    let length = seconds * 1000;
    Timestamp::from_millis((now.as_millis().div_euclid(length) + 1) * length)
}

#[derive(Debug, Clone, Default)]
struct Address {
    /// Weight of the minute.
    weight: Window,
    /// Requests of five minutes.
    requests: Window,
    /// Requests refused with 429.
    refusals: Window,
    /// Connections of five minutes.
    connections: Window,
    /// End of its ban.
    banned_until: Option<Timestamp>,
    /// How often it was banned.
    bans: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Orders {
    /// Orders of ten seconds.
    seconds: Window,
    /// Orders of the day.
    day: Window,
}

/// Unfilled orders of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderCounts {
    /// Unfilled orders of ten seconds.
    pub(crate) in_10_seconds: u32,
    /// Unfilled orders of the day.
    pub(crate) in_day: u32,
}

/// A request beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// 429 or 418.
    pub(crate) status: u16,
    /// Code of the error.
    pub(crate) code: i32,
    /// Message of the error.
    pub(crate) message: String,
    /// When the request may be repeated.
    pub(crate) retry_at: Timestamp,
}

/// Counts what is limited.
#[derive(Debug, Default)]
pub(crate) struct LimitCounters {
    /// Counts by address.
    addresses: HashMap<IpAddr, Address>,
    /// Counts by account.
    accounts: HashMap<AccountId, Orders>,
    /// Addresses that were banned since [`LimitCounters::take_banned`].
    banned: Vec<IpAddr>,
}

const MINUTE: i64 = 60;
const TEN_SECONDS: i64 = 10;
const DAY: i64 = 86_400;
const FIVE_MINUTES: i64 = 300;
/// How many different addresses are remembered before idle ones are forgotten.
const MAX_ADDRESSES: usize = 10_000;

impl LimitCounters {
    /// Counts a request. Returns the weight used in this minute.
    pub(crate) fn request(
        &mut self,
        limits: &Limits,
        ip: IpAddr,
        weight: u32,
        now: Timestamp,
    ) -> Result<u32, TooMany> {
        if self.addresses.len() > MAX_ADDRESSES {
            let minute = now.as_millis().div_euclid(MINUTE * 1000);
            self.addresses.retain(|_, address| {
                address.weight.index == minute || address.banned_until.is_some_and(|until| now < until)
            });
        }
        let address = self.addresses.entry(ip).or_default();
        if limits.enforced
            && let Some(until) = address.banned_until
        {
            if now < until {
                return Err(TooMany::banned(until));
            }
            address.banned_until = None;
        }
        let used = address.weight.at(now, MINUTE);
        *used = used.saturating_add(weight);
        let used = *used;
        let requests = address.requests.at(now, FIVE_MINUTES);
        *requests = requests.saturating_add(1);
        let too_many = *requests > limits.raw_requests_per_5_minutes;
        if !limits.enforced || (used <= limits.weight_per_minute && !too_many) {
            return Ok(used);
        }
        let refusals = address.refusals.at(now, MINUTE);
        *refusals += 1;
        if *refusals > limits.refusals_before_ban {
            // Two minutes at first, twice as long each time, three days at most.
            let minutes = (2_u64 << address.bans.min(11)).min(3 * 24 * 60);
            address.bans += 1;
            let until = now.plus(std::time::Duration::from_secs(minutes * 60));
            address.banned_until = Some(until);
            self.banned.push(ip);
            return Err(TooMany::banned(until));
        }
        if too_many {
            return Err(TooMany {
                status: 429,
                code: -1003,
                message: "Too many requests queued.".to_owned(),
                retry_at: end_of_window(now, FIVE_MINUTES),
            });
        }
        Err(TooMany {
            status: 429,
            code: -1003,
            message: format!(
                "Too much request weight used; current limit is {} request weight per 1 MINUTE. Please use WebSocket \
                 Streams for live updates to avoid polling the API.",
                limits.weight_per_minute
            ),
            retry_at: end_of_window(now, MINUTE),
        })
    }

    /// The addresses that were banned since the last call.
    pub(crate) fn take_banned(&mut self) -> Vec<IpAddr> {
        std::mem::take(&mut self.banned)
    }

    /// The weight an address used in this minute.
    pub(crate) fn weight(&mut self, ip: IpAddr, now: Timestamp) -> u32 {
        self.addresses.get_mut(&ip).map_or(0, |address| *address.weight.at(now, MINUTE))
    }

    /// Counts a WebSocket connection.
    pub(crate) fn connection(&mut self, limits: &Limits, ip: IpAddr, now: Timestamp) -> Result<(), TooMany> {
        let address = self.addresses.entry(ip).or_default();
        let count = address.connections.at(now, FIVE_MINUTES);
        *count += 1;
        if !limits.enforced || *count <= limits.connections_per_5_minutes {
            return Ok(());
        }
        Err(TooMany {
            status: 429,
            code: -1034,
            message: format!(
                "Too many connection attempts from IP; current limit is {} per '5 MINUTE'.",
                limits.connections_per_5_minutes
            ),
            retry_at: end_of_window(now, FIVE_MINUTES),
        })
    }

    /// Whether an account may place `count` more orders.
    pub(crate) fn may_order(
        &mut self,
        limits: &Limits,
        account: AccountId,
        count: u32,
        now: Timestamp,
    ) -> Result<(), TooMany> {
        let used = self.orders(account, now);
        if !limits.enforced {
            return Ok(());
        }
        let refuse = |limit: u32, window: &str, seconds| TooMany {
            status: 429,
            code: -1015,
            message: format!("Too many new orders; current limit is {limit} orders per {window}."),
            retry_at: end_of_window(now, seconds),
        };
        if used.in_10_seconds + count > limits.orders_per_10_seconds {
            return Err(refuse(limits.orders_per_10_seconds, "10 SECOND", TEN_SECONDS));
        }
        if used.in_day + count > limits.orders_per_day {
            return Err(refuse(limits.orders_per_day, "1 DAY", DAY));
        }
        Ok(())
    }

    /// Counts orders placed.
    pub(crate) fn add_orders(&mut self, account: AccountId, count: u32, now: Timestamp) {
        let orders = self.accounts.entry(account).or_default();
        *orders.seconds.at(now, TEN_SECONDS) += count;
        *orders.day.at(now, DAY) += count;
    }

    /// The first fill of an order lowers the counts: by one for a taker, by five for a maker.
    pub(crate) fn first_fill(&mut self, account: AccountId, is_maker: bool, now: Timestamp) {
        let less = if is_maker { 5 } else { 1 };
        let orders = self.accounts.entry(account).or_default();
        for count in [orders.seconds.at(now, TEN_SECONDS), orders.day.at(now, DAY)] {
            *count = count.saturating_sub(less);
        }
    }

    /// The orders counted of an account.
    pub(crate) fn orders(&mut self, account: AccountId, now: Timestamp) -> OrderCounts {
        let orders = self.accounts.entry(account).or_default();
        OrderCounts { in_10_seconds: *orders.seconds.at(now, TEN_SECONDS), in_day: *orders.day.at(now, DAY) }
    }
}

impl TooMany {
    fn banned(until: Timestamp) -> Self {
        Self {
            status: 418,
            code: -1003,
            message: format!(
                "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates \
                 to avoid bans.",
                until.as_millis()
            ),
            retry_at: until,
        }
    }

    /// The seconds to wait, rounded up.
    pub(crate) fn retry_after(&self, now: Timestamp) -> u64 {
        self.retry_at.since(now).as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn weights_lead_to_429_then_418() {
        let limits = Limits { weight_per_minute: 10, refusals_before_ban: 2, ..Limits::default() };
        let mut counters = LimitCounters::default();
        assert_eq!(counters.request(&limits, IP, 10, at(30)), Ok(10));
        let refused = counters.request(&limits, IP, 1, at(30)).unwrap_err();
        assert_eq!((refused.status, refused.code, refused.retry_after(at(30))), (429, -1003, 30));
        assert_eq!(counters.request(&limits, IP, 1, at(31)).unwrap_err().status, 429);
        let banned = counters.request(&limits, IP, 1, at(32)).unwrap_err();
        assert_eq!((banned.status, banned.retry_after(at(32))), (418, 120));
        assert!(banned.message.contains("IP banned until 152000."));
        assert_eq!(counters.request(&limits, IP, 1, at(100)).unwrap_err().status, 418);
        assert_eq!(counters.request(&limits, IP, 1, at(152)), Ok(1));
        assert_eq!(counters.weight(IP, at(200)), 0);
        let off = Limits { enforced: false, ..limits };
        assert_eq!(counters.request(&off, IP, 100, at(200)), Ok(100));
    }

    #[test]
    fn requests_are_counted_whatever_they_weigh() {
        let limits = Limits { raw_requests_per_5_minutes: 2, ..Limits::default() };
        let mut counters = LimitCounters::default();
        assert!(counters.request(&limits, IP, 1, at(299)).is_ok());
        assert!(counters.request(&limits, IP, 1, at(299)).is_ok());
        let refused = counters.request(&limits, IP, 1, at(299)).unwrap_err();
        assert_eq!((refused.status, refused.code, refused.retry_after(at(299))), (429, -1003, 1));
        assert!(counters.request(&limits, IP, 1, at(300)).is_ok());
    }

    #[test]
    fn fills_lower_the_order_count() {
        let limits = Limits { orders_per_10_seconds: 2, ..Limits::default() };
        let account = AccountId(1);
        let mut counters = LimitCounters::default();
        counters.add_orders(account, 2, at(11));
        let refused = counters.may_order(&limits, account, 1, at(12)).unwrap_err();
        assert_eq!(refused.message, "Too many new orders; current limit is 2 orders per 10 SECOND.");
        assert_eq!(refused.retry_after(at(12)), 8);
        counters.first_fill(account, false, at(12));
        assert!(counters.may_order(&limits, account, 1, at(12)).is_ok());
        counters.first_fill(account, true, at(12));
        assert_eq!(counters.orders(account, at(12)), OrderCounts { in_10_seconds: 0, in_day: 0 });
        counters.add_orders(account, 1, at(19));
        assert_eq!(counters.orders(account, at(20)), OrderCounts { in_10_seconds: 0, in_day: 1 });
    }

    #[test]
    fn connections_are_limited() {
        let limits = Limits { connections_per_5_minutes: 1, ..Limits::default() };
        let mut counters = LimitCounters::default();
        assert!(counters.connection(&limits, IP, at(0)).is_ok());
        assert_eq!(counters.connection(&limits, IP, at(1)).unwrap_err().status, 429);
        assert!(counters.connection(&limits, IP, at(300)).is_ok());
    }

    #[test]
    fn addresses_are_forgotten_when_their_ban_is_over() {
        let limits = Limits { weight_per_minute: 0, refusals_before_ban: 0, ..Limits::default() };
        let mut counters = LimitCounters::default();
        for number in 0..=u32::try_from(MAX_ADDRESSES).unwrap() {
            assert_eq!(
                counters.request(&limits, IpAddr::V4(number.into()), 1, at(0)).unwrap_err().status,
                418
            );
        }
        assert_eq!(counters.request(&limits, IP, 1, at(60)).unwrap_err().status, 418);
        assert_eq!(counters.addresses.len(), MAX_ADDRESSES + 2);
        assert_eq!(counters.request(&limits, IP, 1, at(121)).unwrap_err().status, 418);
        assert_eq!(counters.addresses.len(), 1);
    }
}
