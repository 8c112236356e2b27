//! Settings of the client, and the state of its connection.

use binance_kit_core::{ApiError, Encoding, TimeUnit};
use binance_kit_net::BackoffPolicy;
use binance_kit_net::ws::WsConfig;
use std::time::Duration;

/// Settings of the client.
#[derive(Debug, Clone)]
pub struct WsApiConfig {
    /// How long a request may take, from the call to the answer, without the wait for limits: 10 seconds.
    pub timeout: Duration,
    /// How long a request that changes something may wait for the limits, or for the end of a hold after 429 or 418: 5 seconds.
    /// An order that is sent a minute late is seldom what was meant.
    pub max_wait: Duration,
    /// The same for queries: 2 minutes.
    pub max_query_wait: Duration,
    /// How old a signed request may be when the exchange receives it, at most 60 s; `None` leaves the exchange's default of
    /// 5 s.
    pub recv_window: Option<Duration>,
    /// The unit in which Spot is asked to write times.
    pub time_unit: TimeUnit,
    /// The encoding in which Spot is asked to answer. Answers in JSON are read as JSON in any case. With SBE times are always
    /// in microseconds.
    pub encoding: Encoding,
    /// Whether to log the connection on (`session.logon`), so that requests need no signature of their own. The exchange
    /// allows that with Ed25519 keys only; with other keys every request is signed.
    pub log_on: bool,
    /// Number of requests that may wait for the task that writes them.
    pub queue: usize,
    /// Number of events that a user-data stream holds for its consumer before it is ended as overflowed.
    pub user_data_queue: usize,
    /// What those events may take, in bytes: 64 MiB; a single event may take more. An upper bound is counted: the size of an event, and
    /// 16 times its frame where its type cannot say more. The queues of all clients together are bounded by
    /// [`binance_kit_net::ContextBuilder::queues`].
    pub user_data_bytes: usize,
    /// The waits between attempts to connect: none before the first, then up to 30 s; reset by a connection that logged on or
    /// answered a request and lasted for a second, or lasted for ten.
    pub backoff: BackoffPolicy,
    /// A connection on which nothing at all arrives for this long is given up. The exchange pings every 20 seconds, and
    /// we ping after half of this time. While an answer is awaited it takes three seconds at most: an answer that is a second
    /// late is followed by a ping, and until that is answered nothing that changes something is written.
    pub idle_timeout: Duration,
    /// Caps of the WebSocket connection.
    pub web_socket: WsConfig,
}

impl Default for WsApiConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_wait: Duration::from_secs(5),
            max_query_wait: Duration::from_secs(120),
            recv_window: None,
            time_unit: TimeUnit::Millisecond,
            encoding: Encoding::Json,
            log_on: true,
            queue: 1024,
            user_data_queue: 65_536,
            user_data_bytes: 64 << 20,
            backoff: BackoffPolicy::default(),
            idle_timeout: Duration::from_secs(25),
            // `exchangeInfo` of the whole exchange has 9 MB.
            web_socket: WsConfig { max_message: 32 << 20, max_frame: 32 << 20, ..WsConfig::default() },
        }
    }
}

/// The state of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// Not connected; an attempt is under way or follows after a while.
    Connecting,
    /// Connected. `generation` counts the connections, from 0.
    Connected {
        /// Number of connections before this one.
        generation: u64,
        /// Whether the connection is logged on.
        authenticated: bool,
    },
    /// The exchange refused the credentials. Signed requests fail until [`crate::WsApiClient::log_on`] is called; others go
    /// on.
    AuthenticationRefused(ApiError),
    /// Closed by its owner.
    Closed,
}
