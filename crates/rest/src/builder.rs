//! The settings of a client, checked when it is built.

use crate::client::RestClient;
use crate::error::{Error, ErrorKind};
use crate::exchange::{PoolSettings, Transport};
use crate::outgoing::check_path;
use binance_kit_core::{Encoding, TimeUnit};
use binance_kit_net::{Context, Endpoint, Scheme};
use binance_kit_sign::Credentials;
use std::borrow::Cow;
use std::time::Duration;

/// The longest deadline; longer ones are cut to it.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(86_400);
/// The longest receive window that the exchange takes.
const LONGEST_WINDOW: Duration = Duration::from_secs(60);

/// What a client does beside sending.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) recv_window: Option<String>,
    pub(crate) time_unit: Option<TimeUnit>,
    pub(crate) encoding: Encoding,
    pub(crate) timeout: Duration,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) query_retries: u32,
    pub(crate) max_body: usize,
    pub(crate) max_exchange_info_body: usize,
    pub(crate) time_path: Cow<'static, str>,
}

/// Sets up a [`RestClient`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `build`"]
pub struct RestClientBuilder {
    context: Context,
    base_url: String,
    credentials: Option<Credentials>,
    recv_window: Option<Duration>,
    settings: Settings,
    pool: PoolSettings,
}

impl RestClientBuilder {
    pub(crate) fn new(context: &Context, base_url: &str) -> Self {
        Self {
            context: context.clone(),
            base_url: base_url.to_owned(),
            credentials: None,
            recv_window: None,
            settings: Settings {
                recv_window: None,
                time_unit: None,
                encoding: Encoding::Json,
                timeout: Duration::from_secs(15),
                max_wait: None,
                query_retries: 2,
                max_body: 16 * 1024 * 1024,
                max_exchange_info_body: 64 * 1024 * 1024,
                time_path: Cow::Borrowed("/api/v3/time"),
            },
            pool: PoolSettings { idle_timeout: Duration::from_secs(20), max_idle: 16 },
        }
    }

    /// The API key and what signs for it. Without it only public requests can be sent.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// For how long after its timestamp the exchange may execute a signed request: up to 60 seconds, in whole
    /// microseconds. Without it the exchange takes 5 seconds. A request that brings a `recvWindow` of its own keeps that.
    pub fn recv_window(mut self, window: Duration) -> Self {
        self.recv_window = Some(window);
        self
    }

    /// The unit in which the exchange is to write times; milliseconds without it. Both are read.
    pub fn time_unit(mut self, unit: TimeUnit) -> Self {
        self.settings.time_unit = Some(unit);
        self
    }

    /// The encoding in which the exchange is to answer; JSON without it. Whatever comes as JSON all the same is read as JSON.
    /// With SBE times are always in microseconds, and [`RestClient::send_raw`] gives the bytes of the message.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.settings.encoding = encoding;
        self
    }

    /// The deadline of a request, from its admission by the governor to the last byte of the answer, including connecting and
    /// what the client sends again on its own; 15 seconds without it, at most a day. The exchange itself gives up
    /// after 10 seconds and says so, which a shorter deadline misses.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// How long a request may wait for request weight, or for the end of a hold after a 429 or 418, before it fails
    /// with [`ErrorKind::RateLimited`]; it fails at once when the wait is known to be longer. Without it, queries wait up
    /// to two minutes and everything else 5 seconds: an order that is sent a minute late is seldom what was meant.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.settings.max_wait = Some(wait);
        self
    }

    /// Never waits: `max_wait` of zero.
    pub fn fail_fast(self) -> Self {
        self.max_wait(Duration::ZERO)
    }

    /// How often a query that may have reached the exchange is sent again after a lost connection, a cut answer or a status
    /// of 500 and more; 2 without it. Requests that change something are never sent again once a byte may have
    /// left, whatever this says.
    pub fn query_retries(mut self, retries: u32) -> Self {
        self.settings.query_retries = retries;
        self
    }

    /// The largest body of an answer in bytes, 16 MiB without it.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// The largest body in bytes of an answer to `…/exchangeInfo`, 64 MiB without it.
    pub fn max_exchange_info_body(mut self, bytes: usize) -> Self {
        self.settings.max_exchange_info_body = bytes;
        self
    }

    /// The path that tells the exchange's time (`{"serverTime":…}`), `/api/v3/time` without it.
    pub fn time_path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.settings.time_path = path.into();
        self
    }

    /// How long an idle connection is kept, 20 seconds without it. Keep it below the server's own limit: a connection that
    /// the server closes while a request is on its way leaves the outcome unknown.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool.idle_timeout = timeout;
        self
    }

    /// How many idle connections are kept, 16 without it. Requests at the same time are not limited by it.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.pool.max_idle = connections;
        self
    }

    /// Makes the client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] when the base URL is not one of `http` (loopback only) or `https`, or the
    /// receive window, the deadline or the time path cannot be used.
    pub fn build(self) -> Result<RestClient, Error> {
        let invalid = || Error::new(ErrorKind::InvalidConfiguration);
        let endpoint = Endpoint::parse(&self.base_url).map_err(|error| invalid().source_error(error))?;
        if !matches!(endpoint.scheme(), Scheme::Http | Scheme::Https) {
            return Err(invalid().detail("the base URL must begin with https, or http on loopback"));
        }
        let mut settings = self.settings;
        settings.recv_window = match self.recv_window {
            Some(window) => Some(
                window_text(window)
                    .ok_or_else(|| invalid().detail("the receive window must be above 0 and at most 60 s"))?,
            ),
            None => None,
        };
        if settings.timeout.is_zero() {
            return Err(invalid().detail("the deadline must be above 0"));
        }
        for path in [&*settings.time_path, if endpoint.path().is_empty() { "/" } else { endpoint.path() }] {
            check_path(path).map_err(|error| invalid().source_error(error))?;
        }
        RestClient::new(Transport::new(self.context, endpoint, self.pool), settings, self.credentials)
    }
}

/// The receive window in milliseconds, with up to three decimals.
fn window_text(window: Duration) -> Option<String> {
    if window > LONGEST_WINDOW {
        return None;
    }
    let (millis, micros) = (window.as_micros() / 1000, window.as_micros() % 1000);
    match (millis, micros) {
        (0, 0) => None,
        (_, 0) => Some(millis.to_string()),
        _ => Some(format!("{millis}.{micros:03}").trim_end_matches('0').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn windows() {
        for (window, text) in [
            (Duration::from_secs(5), Some("5000")),
            (Duration::from_secs(60), Some("60000")),
            (Duration::from_micros(5_000_500), Some("5000.5")),
            (Duration::from_micros(1), Some("0.001")),
            (Duration::from_micros(10_120), Some("10.12")),
            (Duration::ZERO, None),
            (Duration::from_nanos(999), None),
            (Duration::from_micros(60_000_001), None),
            (Duration::MAX, None),
        ] {
            assert_eq!(window_text(window).as_deref(), text, "{window:?}");
        }
    }

    #[test]
    fn bad_settings_are_refused() {
        let context = Context::new().unwrap();
        let good = || RestClientBuilder::new(&context, "https://api.example.com");
        assert!(good().timeout(Duration::MAX).recv_window(LONGEST_WINDOW).build().is_ok());
        for (case, builder) in [
            ("scheme", RestClientBuilder::new(&context, "wss://api.example.com")),
            ("plain text", RestClientBuilder::new(&context, "http://api.example.com")),
            ("no URL", RestClientBuilder::new(&context, "api")),
            ("path", RestClientBuilder::new(&context, "https://api.example.com/a\"b")),
            ("window", good().recv_window(Duration::from_secs(61))),
            ("deadline", good().timeout(Duration::ZERO)),
            ("time path", good().time_path("time")),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{case}");
            assert!(error.is_caller_fault());
            assert_eq!(error.delivery(), binance_kit_core::Delivery::NotWritten);
            assert!(error.source().is_some() || error.to_string().contains(": "), "{case}: says why");
        }
    }
}
