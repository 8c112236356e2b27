//! The governor of the exchange's limits: one for all clients of a program, so that no two of them can together exceed what
//! the exchange allows. It delays requests, adopts the exchange's own counts, and holds everything after a 429 or 418.

use crate::clock::Clock;
use binance_kit_core::limit::{Hold, LimitCounters};
use binance_kit_core::{Api, Cost, Error, ErrorCode, Pool, RateLimit, RateLimitKind, Timestamp};
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const SECONDS_10: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// The hold for orders after a "too many orders" that does not say for how long: the shortest documented window.
const ORDERS_HOLD: Duration = SECONDS_10;
/// How many accounts are counted before idle ones are dropped.
const MAX_ACCOUNTS: usize = 10_000;

/// The account that a request is charged to, as far as a client can tell accounts apart: by their API keys. Holds a hash of
/// the key and not the key.
///
/// Two keys of one account count as two accounts; the counts that the exchange reports correct that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey(u64);

impl AccountKey {
    /// The account of this API key.
    pub fn of_api_key(api_key: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        api_key.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The limits in the documents, which hold until the exchange reports others: kind, limit, window.
fn documented(api: Api) -> &'static [(RateLimitKind, u32, Duration)] {
    use RateLimitKind::{Orders, RequestWeight, UidWeight};
    match api {
        Api::Spot => &[(RequestWeight, 6000, MINUTE), (Orders, 100, SECONDS_10), (Orders, 200_000, DAY)],
        Api::Sapi => &[(RequestWeight, 12_000, MINUTE), (UidWeight, 180_000, MINUTE)],
        Api::UsdmFutures => {
            &[(RequestWeight, 2400, MINUTE), (Orders, 300, SECONDS_10), (Orders, 1200, MINUTE)]
        }
        Api::CoinmFutures | Api::Options => &[(RequestWeight, 2400, MINUTE), (Orders, 1200, MINUTE)],
        Api::PortfolioMargin => &[(RequestWeight, 6000, MINUTE), (Orders, 1200, MINUTE)],
        // A product that a later version of the core crate adds: nothing is limited before the exchange reports it.
        _ => &[],
    }
}

/// The product whose hosts also serve this one: a ban of the address concerns all of them.
fn host_family(api: Api) -> Api {
    match api {
        Api::Sapi => Api::Spot,
        other => other,
    }
}

/// What is counted for one account.
#[derive(Debug)]
struct Account {
    /// Request weight by UID.
    uid: LimitCounters,
    /// Orders.
    orders: LimitCounters,
    /// Until when the exchange takes no new orders.
    orders_hold: Hold,
}

impl Account {
    fn is_idle(&self, now: Timestamp) -> bool {
        self.uid.is_idle(now) && self.orders.is_idle(now) && self.orders_hold.until(now).is_none()
    }
}

/// A pool, and the account that it counts where it counts accounts.
type PoolKey = (Api, &'static str, Option<AccountKey>);

/// All counters and holds: a state machine without a clock.
#[derive(Debug, Default)]
struct Counters {
    /// Limits set by the program or reported by the exchange for everyone, in the order in which they came. They replace the
    /// documented ones of the same window.
    limits: Vec<(Api, RateLimitKind, u32, Duration)>,
    /// Request weight of the IP address.
    addresses: HashMap<Api, LimitCounters>,
    /// Counters of the accounts; `None` is the account of requests without credentials.
    accounts: HashMap<(Api, Option<AccountKey>), Account>,
    /// Counters that a few endpoints share.
    pools: HashMap<PoolKey, LimitCounters>,
    /// Holds of everything, by host family.
    holds: HashMap<Api, Hold>,
}

impl Counters {
    /// Counters of this kind with the limits as far as they are known.
    fn fresh(limits: &[(Api, RateLimitKind, u32, Duration)], api: Api, kind: RateLimitKind) -> LimitCounters {
        let mut counters = LimitCounters::new(kind);
        for (documented, limit, window) in documented(api) {
            if documented == counters.kind() {
                counters.set_limit(*limit, *window);
            }
        }
        for (of, reported, limit, window) in limits {
            if *of == api && reported == counters.kind() {
                counters.set_limit(*limit, *window);
            }
        }
        counters
    }

    fn address(&mut self, api: Api) -> &mut LimitCounters {
        let limits = &self.limits;
        self.addresses.entry(api).or_insert_with(|| Self::fresh(limits, api, RateLimitKind::RequestWeight))
    }

    fn account(&mut self, api: Api, account: Option<AccountKey>, now: Timestamp) -> &mut Account {
        if self.accounts.len() >= MAX_ACCOUNTS {
            self.accounts.retain(|_, account| !account.is_idle(now));
        }
        let limits = &self.limits;
        self.accounts.entry((api, account)).or_insert_with(|| Account {
            uid: Self::fresh(limits, api, RateLimitKind::UidWeight),
            orders: Self::fresh(limits, api, RateLimitKind::Orders),
            orders_hold: Hold::default(),
        })
    }

    fn pool(
        &mut self,
        api: Api,
        account: Option<AccountKey>,
        pool: Pool,
        now: Timestamp,
    ) -> &mut LimitCounters {
        if self.pools.len() >= MAX_ACCOUNTS {
            self.pools.retain(|_, counters| !counters.is_idle(now));
        }
        let account = account.filter(|_| pool.per_account);
        self.pools.entry((api, pool.name, account)).or_insert_with(|| {
            LimitCounters::new(RateLimitKind::Unknown(pool.name.into())).with_window(pool.limit, pool.window)
        })
    }

    /// Charges a cost to all its counters, or to none of them.
    fn take(
        &mut self,
        now: Timestamp,
        api: Api,
        account: Option<AccountKey>,
        cost: &Cost,
    ) -> Result<(), Duration> {
        let mut wait = self.holds.entry(host_family(api)).or_default().check(now);
        let mut also = |check: Result<(), Duration>| wait = longer(wait, check);
        also(self.address(api).check(now, cost.ip));
        let counts_account = cost.uid > 0 || cost.orders > 0;
        if counts_account {
            let counters = self.account(api, account, now);
            also(counters.uid.check(now, cost.uid));
            if cost.orders > 0 {
                also(counters.orders.check(now, cost.orders));
                also(counters.orders_hold.check(now));
            }
        }
        if let Some((pool, charge)) = cost.pool {
            also(self.pool(api, account, pool, now).check(now, charge));
        }
        wait?;
        self.address(api).add(now, cost.ip);
        if counts_account {
            let counters = self.account(api, account, now);
            counters.uid.add(now, cost.uid);
            counters.orders.add(now, cost.orders);
        }
        if let Some((pool, charge)) = cost.pool {
            self.pool(api, account, pool, now).add(now, charge);
        }
        Ok(())
    }

    fn observe(&mut self, now: Timestamp, api: Api, account: Option<AccountKey>, usage: &RateLimit) {
        match usage.kind {
            RateLimitKind::RequestWeight => self.address(api).observe(now, usage),
            RateLimitKind::UidWeight | RateLimitKind::Orders if usage.count.is_some() => {
                let counters = self.account(api, account, now);
                counters.uid.observe(now, usage);
                counters.orders.observe(now, usage);
            }
            // Without a count it is no account's: `exchangeInfo` shows the limits of all.
            RateLimitKind::UidWeight | RateLimitKind::Orders => {
                if let (Some(limit), Some(window)) = (usage.limit, usage.window()) {
                    self.set_limit(api, &usage.kind, limit, window);
                }
            }
            _ => {}
        }
    }

    fn set_limit(&mut self, api: Api, kind: &RateLimitKind, limit: u32, window: Duration) {
        self.limits.retain(|(of, other, _, length)| (*of, other, *length) != (api, kind, window));
        self.limits.push((api, kind.clone(), limit, window));
        let addresses = self.addresses.iter_mut().filter(|(of, _)| **of == api).map(|(_, counters)| counters);
        let accounts = self
            .accounts
            .iter_mut()
            .filter(|((of, _), _)| *of == api)
            .flat_map(|(_, account)| [&mut account.uid, &mut account.orders]);
        for counters in addresses.chain(accounts).filter(|counters| counters.kind() == kind) {
            counters.set_limit(limit, window);
        }
    }
}

/// The longer of two waits.
fn longer(one: Result<(), Duration>, two: Result<(), Duration>) -> Result<(), Duration> {
    match (one, two) {
        (Err(one), Err(two)) => Err(one.max(two)),
        (Err(wait), Ok(())) | (Ok(()), Err(wait)) => Err(wait),
        (Ok(()), Ok(())) => Ok(()),
    }
}

/// Shares out the limits of the exchange among all clients of a program. Cheap to clone; clones share the counters.
///
/// Counted are, for each [`Api`] on its own: the request weight of the IP address, the request weight (UID) and the orders of
/// each account, and the pools that a few endpoints share. The limits are those of the documents until the exchange reports
/// others. A request is charged to all its counters at once or to none.
///
/// ```
/// # use binance_kit_core::{Api, Cost};
/// # use binance_kit_net::{Clock, LimitGovernor};
/// let governor = LimitGovernor::new(Clock::default());
/// governor.try_acquire(Api::Spot, None, &Cost::ip(5)).unwrap();
/// assert_eq!(governor.usage(Api::Spot), (5, 6000));
/// assert_eq!(governor.usage(Api::UsdmFutures), (0, 2400));
/// ```
#[derive(Clone)]
pub struct LimitGovernor {
    /// The counters of all clones.
    counters: Arc<Mutex<Counters>>,
    /// The clock by whose exchange time the windows are counted.
    clock: Clock,
}

impl fmt::Debug for LimitGovernor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|counters, now| {
            let used = counters.addresses.iter().map(|(api, counters)| (api.as_str(), counters.usage(now).0));
            let used: HashMap<_, _> = used.collect();
            f.debug_struct("LimitGovernor").field("used_weight", &used).finish_non_exhaustive()
        })
    }
}

impl LimitGovernor {
    /// A governor with the documented limits.
    pub fn new(clock: Clock) -> Self {
        Self { counters: Arc::default(), clock }
    }

    /// The same with this limit for the windows of this length: of the address ([`RateLimitKind::RequestWeight`]) or of every
    /// account ([`RateLimitKind::UidWeight`], [`RateLimitKind::Orders`]).
    #[must_use]
    pub fn with_limit(self, api: Api, kind: &RateLimitKind, limit: u32, window: Duration) -> Self {
        self.with(|counters, _| counters.set_limit(api, kind, limit, window));
        self
    }

    fn with<R>(&self, use_it: impl FnOnce(&mut Counters, Timestamp) -> R) -> R {
        let now = self.clock.exchange_now();
        use_it(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// Waits until the cost can be charged, and charges it. Gives up, without waiting for nothing, when it would have to wait
    /// for longer than `max_wait` in all.
    ///
    /// # Errors
    ///
    /// The time after which to try again; nothing is charged then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future while it waits charges nothing.
    pub async fn acquire(
        &self,
        api: Api,
        account: Option<AccountKey>,
        cost: &Cost,
        max_wait: Duration,
    ) -> Result<(), Duration> {
        let mut left = max_wait;
        while let Err(wait) = self.try_acquire(api, account, cost) {
            left = left.checked_sub(wait).ok_or(wait)?;
            tracing::debug!(%api, wait_ms = wait.as_millis(), "waiting for a limit");
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// Charges the cost now, or says how long to wait.
    ///
    /// # Errors
    ///
    /// The time after which to try again; nothing is charged then.
    pub fn try_acquire(&self, api: Api, account: Option<AccountKey>, cost: &Cost) -> Result<(), Duration> {
        self.with(|counters, now| counters.take(now, api, account, cost))
    }

    /// Adopts what the exchange reports: the usage in an answer to `account`, or the limits in `exchangeInfo`.
    pub fn observe(&self, api: Api, account: Option<AccountKey>, usage: &RateLimit) {
        self.with(|counters, now| counters.observe(now, api, account, usage));
    }

    /// Holds what a refusal concerns, for as long as the exchange asks: after "too many orders" (-1015) the orders of the
    /// account, after any other 429 or 418 everything on these hosts. Other failures change nothing.
    pub fn observe_refusal(&self, api: Api, account: Option<AccountKey>, error: &Error) {
        let (Some(status @ (429 | 418)), wait) = (error.status(), error.retry_after()) else { return };
        let orders_only = account.is_some() && error.code() == Some(ErrorCode::TOO_MANY_ORDERS);
        tracing::warn!(%api, status, ?wait, orders_only, "rate limited by the exchange");
        if orders_only {
            self.hold_orders(api, account, wait);
        } else {
            self.hold(api, wait);
        }
    }

    /// The same for a WebSocket upgrade that the exchange refused.
    pub fn observe_upgrade(&self, api: Api, error: &crate::Error) {
        if let Some(status @ (429 | 418)) = error.status() {
            tracing::warn!(%api, status, wait = ?error.retry_after(), "rate limited by the exchange");
            self.hold(api, error.retry_after());
        }
    }

    /// Holds everything on the hosts of this product, for the time that the exchange asks for with a 429 or 418 (a minute
    /// when it does not say). Spot and `/sapi` share their hosts.
    pub fn hold(&self, api: Api, retry_after: Option<Duration>) {
        self.with(|counters, now| counters.holds.entry(host_family(api)).or_default().hold(now, retry_after));
    }

    /// Holds the orders of one account (ten seconds when the exchange does not say for how long).
    pub fn hold_orders(&self, api: Api, account: Option<AccountKey>, retry_after: Option<Duration>) {
        let wait = retry_after.unwrap_or(ORDERS_HOLD);
        self.with(|counters, now| counters.account(api, account, now).orders_hold.hold(now, Some(wait)));
    }

    /// Used weight and limit of the address, in the current window.
    pub fn usage(&self, api: Api) -> (u32, u32) {
        self.with(|counters, now| counters.address(api).usage(now))
    }

    /// Used weight (UID) and limit of an account, in the current window; without a limit `u32::MAX`.
    pub fn account_usage(&self, api: Api, account: Option<AccountKey>) -> (u32, u32) {
        self.with(|counters, now| counters.account(api, account, now).uid.usage(now))
    }

    /// Counted orders and limit of an account, in the current window of the shortest documented length.
    pub fn order_usage(&self, api: Api, account: Option<AccountKey>) -> (u32, u32) {
        self.with(|counters, now| counters.account(api, account, now).orders.usage(now))
    }

    /// The end of the hold of everything on these hosts, while it lasts.
    pub fn held_until(&self, api: Api) -> Option<Timestamp> {
        self.with(|counters, now| counters.holds.get(&host_family(api)).and_then(|hold| hold.until(now)))
    }

    /// The end of the hold of one account's orders, while it lasts.
    pub fn orders_held_until(&self, api: Api, account: Option<AccountKey>) -> Option<Timestamp> {
        self.with(|counters, now| {
            counters.accounts.get(&(api, account)).and_then(|account| account.orders_hold.until(now))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualWallClock;
    use binance_kit_core::ApiError;

    const IMMEDIATELY: Duration = Duration::ZERO;

    fn at(seconds: i64) -> Clock {
        Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(seconds * 1000)))
    }

    fn accounts() -> (Option<AccountKey>, Option<AccountKey>) {
        (Some(AccountKey::of_api_key("one")), Some(AccountKey::of_api_key("two")))
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_next_window_and_for_holds() {
        let clock = at(50);
        let governor = LimitGovernor::new(clock.clone()).with_limit(
            Api::Spot,
            &RateLimitKind::RequestWeight,
            10,
            MINUTE,
        );
        let acquire = |weight, wait| {
            let governor = governor.clone();
            async move { governor.acquire(Api::Spot, None, &Cost::ip(weight), Duration::from_secs(wait)).await }
        };
        acquire(10, 0).await.unwrap();
        acquire(1, 60).await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(60_000));
        governor.hold(Api::Spot, Some(Duration::from_secs(5)));
        acquire(1, 60).await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(65_000));
        assert_eq!(governor.usage(Api::Spot), (2, 10));
        governor.hold(Api::Spot, Some(Duration::from_secs(20)));
        assert_eq!(acquire(1, 19).await, Err(Duration::from_secs(20)));
        assert_eq!(clock.now(), Timestamp::from_millis(65_000), "it did not wait in vain");
        assert_eq!(acquire(1, 20).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn uid_weight_of_one_account_does_not_hold_another() {
        let governor = LimitGovernor::new(at(0));
        let (one, two) = accounts();
        let cost = Cost::ip(1).with_uid(180_000);
        assert_eq!(governor.try_acquire(Api::Sapi, one, &cost), Ok(()));
        assert_eq!(governor.try_acquire(Api::Sapi, one, &Cost::ip(1).with_uid(1)), Err(MINUTE));
        assert_eq!(governor.try_acquire(Api::Sapi, one, &Cost::ip(1)), Ok(()), "what costs no UID weight");
        assert_eq!(governor.acquire(Api::Sapi, two, &cost, IMMEDIATELY).await, Ok(()));
        assert_eq!(governor.account_usage(Api::Sapi, two), (180_000, 180_000));
        assert_eq!(governor.usage(Api::Sapi), (3, 12_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pool_counts_by_address_or_by_account() {
        let governor = LimitGovernor::new(at(0));
        let (one, two) = accounts();
        let shared = Pool { name: "funding", limit: 2, window: Duration::from_secs(300), per_account: false };
        let own = Pool { name: "own", per_account: true, ..shared };
        let take = |account, pool, charge| {
            governor.try_acquire(Api::UsdmFutures, account, &Cost::ip(1).with_pool(pool, charge))
        };
        assert_eq!(take(one, shared, 2), Ok(()));
        assert_eq!(take(two, shared, 1), Err(Duration::from_secs(300)));
        assert_eq!(take(one, own, 2), Ok(()));
        assert_eq!(take(two, own, 2), Ok(()));
        assert_eq!(take(one, own, 1), Err(Duration::from_secs(300)));
        assert_eq!(
            governor.try_acquire(Api::UsdmFutures, one, &Cost::ip(1)),
            Ok(()),
            "other endpoints go on"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn orders_are_counted_by_account() {
        let governor = LimitGovernor::new(at(0));
        let (one, two) = accounts();
        let order = Cost::ip(1).with_orders(1);
        assert_eq!(governor.try_acquire(Api::Spot, one, &order.times(100)), Ok(()));
        assert_eq!(governor.try_acquire(Api::Spot, one, &order), Err(SECONDS_10));
        assert_eq!(governor.try_acquire(Api::Spot, one, &Cost::ip(1)), Ok(()), "cancels go on");
        assert_eq!(governor.try_acquire(Api::Spot, two, &order), Ok(()));
        // The exchange counts unfilled orders only.
        governor.observe(Api::Spot, one, &RateLimit::from_header("x-mbx-order-count-10s", "3").unwrap());
        assert_eq!(governor.try_acquire(Api::Spot, one, &order), Ok(()));
        assert_eq!(governor.order_usage(Api::Spot, one), (4, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cost_is_charged_to_all_its_counters_or_to_none() {
        let governor = LimitGovernor::new(at(0));
        let (one, _) = accounts();
        let pool = Pool { name: "p", limit: 10, window: MINUTE, per_account: false };
        let full = Cost::ip(1).with_pool(pool, 10);
        governor.try_acquire(Api::UsdmFutures, one, &full).unwrap();
        let cost = Cost::ip(7).with_uid(3).with_orders(2).with_pool(pool, 1);
        assert!(governor.try_acquire(Api::UsdmFutures, one, &cost).is_err());
        assert_eq!(governor.usage(Api::UsdmFutures).0, 1);
        assert_eq!(governor.order_usage(Api::UsdmFutures, one).0, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ban_holds_the_hosts_and_too_many_orders_the_account() {
        let governor = LimitGovernor::new(at(0));
        let (one, two) = accounts();
        let now = Timestamp::default();
        let wait = Some(Duration::from_secs(30));
        let orders = ApiError::new(ErrorCode::TOO_MANY_ORDERS, "x");
        governor.observe_refusal(Api::Spot, one, &Error::answered(429, Some(orders), wait, now));
        let order = Cost::ip(1).with_orders(1);
        assert_eq!(governor.try_acquire(Api::Spot, one, &order), Err(Duration::from_secs(30)));
        assert_eq!(governor.try_acquire(Api::Spot, one, &Cost::ip(1)), Ok(()));
        assert_eq!(governor.try_acquire(Api::Spot, two, &order), Ok(()));
        governor.observe_refusal(Api::Spot, one, &Error::answered(503, None, wait, now));
        assert_eq!(governor.held_until(Api::Spot), None);
        governor.observe_refusal(Api::Sapi, one, &Error::answered(418, None, None, now));
        for api in [Api::Spot, Api::Sapi] {
            assert_eq!(governor.try_acquire(api, two, &Cost::FREE), Err(MINUTE), "the same hosts");
        }
        assert_eq!(governor.try_acquire(Api::UsdmFutures, one, &Cost::ip(1)), Ok(()), "other hosts");
    }

    #[tokio::test(start_paused = true)]
    async fn limits_without_a_count_are_those_of_every_account() {
        let governor = LimitGovernor::new(at(0));
        let (one, two) = accounts();
        assert_eq!(governor.order_usage(Api::Spot, one).1, 100);
        let mut limit = RateLimit::from_header("x-mbx-order-count-10s", "0").unwrap();
        (limit.limit, limit.count) = (Some(50), None);
        governor.observe(Api::Spot, None, &limit);
        assert_eq!(
            (governor.order_usage(Api::Spot, one).1, governor.order_usage(Api::Spot, two).1),
            (50, 50)
        );
    }

    #[test]
    fn a_request_that_costs_no_account_anything_makes_no_counters_of_one() {
        let mut counters = Counters::default();
        let now = Timestamp::from_millis(0);
        counters.take(now, Api::Spot, accounts().0, &Cost::ip(1)).unwrap();
        assert!(counters.accounts.is_empty());
        for cost in [Cost::ip(1).with_uid(1), Cost::ip(1).with_orders(1)] {
            let mut counters = Counters::default();
            counters.take(now, Api::Spot, accounts().0, &cost).unwrap();
            assert_eq!(counters.accounts.len(), 1, "{cost:?}");
        }
    }

    #[test]
    fn of_too_many_accounts_those_are_forgotten_that_have_nothing_counted_or_held() {
        let mut counters = Counters::default();
        let now = Timestamp::from_millis(0);
        let key = |name: &str| Some(AccountKey::of_api_key(name));
        for (name, cost) in [("uid", Cost::FREE.with_uid(7)), ("orders", Cost::FREE.with_orders(7))] {
            counters.take(now, Api::Sapi, key(name), &cost).unwrap();
            counters.take(now, Api::Spot, key(name), &cost).unwrap();
        }
        counters.account(Api::Spot, key("held"), now).orders_hold.hold(now, Some(Duration::from_secs(90)));
        for number in 0..MAX_ACCOUNTS {
            counters.account(Api::Spot, key(&number.to_string()), now);
        }
        let is_kept = |counters: &Counters, api, name| counters.accounts.contains_key(&(api, key(name)));
        counters.account(Api::Spot, key("next"), now);
        assert!(is_kept(&counters, Api::Sapi, "uid") && is_kept(&counters, Api::Spot, "orders"));
        assert!(is_kept(&counters, Api::Spot, "held"));
        assert!(!is_kept(&counters, Api::Spot, "17") && counters.accounts.len() < 10);
    }
}
