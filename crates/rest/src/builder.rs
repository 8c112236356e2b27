//! Sets up a client, and checks its settings when it is built.

use crate::client::{Identity, RestClient};
use crate::hosts::Hosts;
use crate::prepared::check_path;
use crate::{Error, ErrorKind, RestConfig};
use binance_kit_core::{Encoding, TimeUnit};
use binance_kit_net::{Context, Environment, without_user_info};
use binance_kit_sign::Credentials;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Upper bound of the deadline; longer ones are cut to it.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);
/// The longest receive window that the exchange takes.
const MAX_WINDOW: Duration = Duration::from_secs(60);

/// Where a client sends its requests.
#[derive(Clone)]
enum Target {
    /// The hosts of an environment, by product.
    Environment(Environment),
    /// One base URL for all products.
    Url(String),
}

/// Without user name and password, which a URL that was not checked yet may have.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(environment) => environment.fmt(f),
            Self::Url(url) => without_user_info(url).fmt(f),
        }
    }
}

/// Sets up a [`RestClient`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `build`"]
pub struct RestClientBuilder {
    /// Clock, limits, dialling.
    context: Context,
    /// Where to send.
    target: Target,
    /// The API key and its signer.
    credentials: Option<Credentials>,
    /// The settings.
    config: RestConfig,
}

impl RestClientBuilder {
    fn new(context: &Context, target: Target) -> Self {
        Self { context: context.clone(), target, credentials: None, config: RestConfig::default() }
    }

    pub(crate) fn of_environment(context: &Context, environment: &Environment) -> Self {
        Self::new(context, Target::Environment(environment.clone()))
    }

    pub(crate) fn of_url(context: &Context, base_url: &str) -> Self {
        Self::new(context, Target::Url(base_url.to_owned()))
    }

    /// Sets the API key and its signer. Without them only public requests can be sent.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets everything that [`RestConfig`] has.
    pub fn config(mut self, config: RestConfig) -> Self {
        self.config = config;
        self
    }

    /// Sets [`RestConfig::recv_window`].
    pub fn recv_window(mut self, window: Duration) -> Self {
        self.config.recv_window = Some(window);
        self
    }

    /// Sets [`RestConfig::time_unit`].
    pub fn time_unit(mut self, unit: TimeUnit) -> Self {
        self.config.time_unit = Some(unit);
        self
    }

    /// Sets [`RestConfig::encoding`].
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.config.encoding = encoding;
        self
    }

    /// Sets [`RestConfig::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = timeout;
        self
    }

    /// Sets [`RestConfig::max_wait`] and [`RestConfig::max_query_wait`].
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.config.max_wait = wait;
        self.config.max_query_wait = wait;
        self
    }

    /// Never waits: `max_wait` of zero.
    pub fn fail_fast(self) -> Self {
        self.max_wait(Duration::ZERO)
    }

    /// Sets [`RestConfig::query_retries`].
    pub fn query_retries(mut self, retries: u32) -> Self {
        self.config.query_retries = retries;
        self
    }

    /// Sets [`RestConfig::max_body`].
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.config.max_body = bytes;
        self
    }

    /// Sets [`RestConfig::max_exchange_info_body`].
    pub fn max_exchange_info_body(mut self, bytes: usize) -> Self {
        self.config.max_exchange_info_body = bytes;
        self
    }

    /// Sets [`RestConfig::time_path`].
    pub fn time_path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.config.time_path = Some(path.into());
        self
    }

    /// Sets [`RestConfig::idle_timeout`].
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.config.idle_timeout = timeout;
        self
    }

    /// Sets [`RestConfig::max_idle_connections`].
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.config.max_idle_connections = connections;
        self
    }

    /// Builds the client. No connection is opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] when a base URL is not one of `http` (loopback only) or `https`, or the receive
    /// window, the deadline or the time path cannot be used.
    pub fn build(self) -> Result<RestClient, Error> {
        let invalid = || Error::new(ErrorKind::InvalidConfiguration);
        let hosts = match &self.target {
            Target::Environment(environment) => Hosts::of_environment(environment)?,
            Target::Url(url) => Hosts::of_url(url)?,
        };
        let mut config = self.config;
        config.timeout = config.timeout.min(MAX_TIMEOUT);
        let recv_window = match config.recv_window {
            Some(window) => Some(window_text(window).ok_or_else(|| {
                invalid().with_detail("the receive window must be above 0 and at most 60 s")
            })?),
            None => None,
        };
        if config.timeout.is_zero() {
            return Err(invalid().with_detail("the deadline must be above 0"));
        }
        if let Some(path) = &config.time_path {
            check_path(path).map_err(|error| invalid().with_source(error))?;
        }
        let identity = self.credentials.map(Identity::new).transpose()?;
        Ok(RestClient::new(self.context, hosts, config, recv_window, identity))
    }
}

/// The receive window in milliseconds, with up to three decimals.
fn window_text(window: Duration) -> Option<String> {
    if window > MAX_WINDOW {
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
    use binance_kit_core::{Delivery, Responsible};
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
        let of_url = |url| RestClientBuilder::of_url(&context, url);
        let good = || of_url("https://api.example.com");
        assert!(good().timeout(Duration::MAX).recv_window(MAX_WINDOW).build().is_ok());
        for (case, builder) in [
            ("scheme", of_url("wss://api.example.com")),
            ("plain text", of_url("http://api.example.com")),
            ("no URL", of_url("api")),
            ("path", of_url("https://api.example.com/a\"b")),
            ("window", good().recv_window(Duration::from_secs(61))),
            ("deadline", good().timeout(Duration::ZERO)),
            ("time path", good().time_path("time")),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{case}");
            assert_eq!(error.responsible(), Responsible::Caller);
            assert_eq!(error.delivery(), Delivery::NotWritten);
            assert!(error.source().is_some() || error.to_string().contains(": "), "{case}: gives the reason");
        }
    }
}
