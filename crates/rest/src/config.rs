//! The settings of a client.

use binance_kit_core::{Encoding, TimeUnit};
use std::borrow::Cow;
use std::time::Duration;

/// The settings of a [`RestClient`](crate::RestClient), for all its products.
///
/// ```
/// # use binance_kit_rest::RestConfig;
/// # use std::time::Duration;
/// let config = RestConfig { timeout: Duration::from_secs(5), ..RestConfig::default() };
/// assert_eq!(config.query_retries, 2);
/// ```
#[derive(Debug, Clone)]
pub struct RestConfig {
    /// How long after its timestamp the exchange may execute a signed request: up to 60 seconds, in whole microseconds. `None`
    /// leaves the exchange's default of 5 seconds. A request with a `recvWindow` of its own keeps that.
    pub recv_window: Option<Duration>,
    /// The unit in which Spot is asked to write times; milliseconds when `None`. Both are read.
    pub time_unit: Option<TimeUnit>,
    /// The encoding in which Spot is asked to answer; JSON otherwise. An answer in JSON is read as JSON in any case. With SBE
    /// times are always in microseconds, and [`RestClient::send_raw`](crate::RestClient::send_raw) gives the bytes of the
    /// message.
    pub encoding: Encoding,
    /// The deadline of a request, from its admission by the limits to the last byte of the answer, including connecting and
    /// retries of the client; 15 seconds, at most a day. The exchange itself gives up after 10 seconds and says so, which a
    /// shorter deadline misses.
    pub timeout: Duration,
    /// How long a request that changes something may wait for the limits, or for the end of a hold after a 429 or 418, before
    /// it fails with [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited): 5 seconds. It fails at once when the wait is
    /// known to be longer. An order that is sent a minute late is seldom what was meant.
    pub max_wait: Duration,
    /// The same for queries: 2 minutes.
    pub max_query_wait: Duration,
    /// How often a query that may have reached the exchange is sent again after a lost connection, a cut answer or a status
    /// of 500 and more: 2. Requests that change something are never sent again once a byte may have left.
    pub query_retries: u32,
    /// The largest body of an answer, in bytes: 16 MiB.
    pub max_body: usize,
    /// The largest body of an answer to `…/exchangeInfo`, in bytes: 64 MiB.
    pub max_exchange_info_body: usize,
    /// The path that answers with the exchange's time (`{"serverTime":…}`); that of each product when `None`.
    pub time_path: Option<Cow<'static, str>>,
    /// How long an idle connection is kept: 20 seconds. Keep it below the server's own limit: a connection that the server
    /// closes while a request is on its way leaves the outcome unknown.
    pub idle_timeout: Duration,
    /// Number of idle connections kept for each host: 16. Requests at the same time are not limited by it.
    pub max_idle_connections: usize,
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            recv_window: None,
            time_unit: None,
            encoding: Encoding::Json,
            timeout: Duration::from_secs(15),
            max_wait: Duration::from_secs(5),
            max_query_wait: Duration::from_secs(120),
            query_retries: 2,
            max_body: 16 * 1024 * 1024,
            max_exchange_info_body: 64 * 1024 * 1024,
            time_path: None,
            idle_timeout: Duration::from_secs(20),
            max_idle_connections: 16,
        }
    }
}
