//! What a request costs: several counters can be charged at once.

use std::time::Duration;

/// The charges of one request, each to a counter of its own.
///
/// ```
/// use binance_kit_core::Cost;
/// let cost = Cost::ip(1).with_orders(1);
/// assert_eq!((cost.ip, cost.uid, cost.orders), (1, 0, 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cost {
    /// Request weight of the IP address.
    pub ip: u32,
    /// Request weight of the account (UID).
    pub uid: u32,
    /// Orders of the account, in all windows in which the exchange counts them.
    pub orders: u32,
    /// A charge to a counter that a few endpoints share.
    pub pool: Option<(Pool, u32)>,
}

impl Cost {
    /// No charge.
    pub const FREE: Self = Self { ip: 0, uid: 0, orders: 0, pool: None };

    /// Request weight of the IP address.
    #[must_use]
    pub const fn ip(weight: u32) -> Self {
        Self { ip: weight, ..Self::FREE }
    }

    /// The same with this request weight of the account.
    #[must_use]
    pub const fn with_uid(self, weight: u32) -> Self {
        Self { uid: weight, ..self }
    }

    /// The same with this number of orders of the account.
    #[must_use]
    pub const fn with_orders(self, orders: u32) -> Self {
        Self { orders, ..self }
    }

    /// The same with a charge to a pool.
    #[must_use]
    pub const fn with_pool(self, pool: Pool, charge: u32) -> Self {
        Self { pool: Some((pool, charge)), ..self }
    }

    /// The cost of sending it so many times.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        let pool = match self.pool {
            Some((pool, charge)) => Some((pool, charge.saturating_mul(count))),
            None => None,
        };
        Self {
            ip: self.ip.saturating_mul(count),
            uid: self.uid.saturating_mul(count),
            orders: self.orders.saturating_mul(count),
            pool,
        }
    }

    /// The cost of sending both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            ip: self.ip.saturating_add(other.ip),
            uid: self.uid.saturating_add(other.uid),
            orders: self.orders.saturating_add(other.orders),
            pool: match (self.pool, other.pool) {
                (Some((pool, one)), Some((_, two))) => Some((pool, one.saturating_add(two))),
                (Some(pool), None) | (None, Some(pool)) => Some(pool),
                (None, None) => None,
            },
        }
    }
}

/// A counter that a few endpoints share beside the general limits: USD-M's funding rates have 500 requests in 5 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool {
    /// The name that tells it from others of the same product.
    pub name: &'static str,
    /// How much may be charged in a window.
    pub limit: u32,
    /// The length of the window.
    pub window: Duration,
    /// Whether the exchange counts per account (UID) instead of per IP address.
    pub per_account: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_add_up() {
        let pool = Pool { name: "funding", limit: 500, window: Duration::from_secs(300), per_account: false };
        let cost = Cost::ip(3).with_uid(2).with_orders(1).with_pool(pool, 1).times(2);
        assert_eq!(cost, Cost { ip: 6, uid: 4, orders: 2, pool: Some((pool, 2)) });
        assert_eq!(cost.plus(Cost::ip(1)).ip, 7);
        assert_eq!(Cost::FREE.plus(cost), cost);
    }
}
