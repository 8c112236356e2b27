//! What all clients of a program share: how to connect, TLS, clock, randomness, the governor of the limits, and the
//! budget of attempts to connect.

use crate::attempts::{AttemptLimits, Attempts};
use crate::budget::ByteBudget;
use crate::clock::Clock;
use crate::error::Error;
use crate::governor::LimitGovernor;
use crate::io::Dial;
use crate::random::Random;
use crate::tcp::TcpDial;
use crate::tls::Tls;
use std::sync::Arc;
use std::time::Duration;

/// The surroundings of the clients: one value for a whole program, since the exchange counts per IP address. Cheap to
/// clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How connections are opened.
    dial: Arc<dyn Dial>,
    /// The TLS configuration.
    tls: Tls,
    /// Wall time, monotonic time, the time of the exchange.
    clock: Clock,
    /// The source of randomness.
    random: Random,
    /// The limits of the exchange.
    governor: LimitGovernor,
    /// The budget of attempts to connect.
    attempts: Attempts,
    /// What the queues of all clients may hold.
    queues: ByteBudget,
    /// The deadline for connecting.
    connect_timeout: Duration,
}

impl Context {
    /// TCP without a proxy, built-in roots, the system's clock and randomness.
    ///
    /// # Errors
    ///
    /// Those of [`Tls::new`].
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Sets things one by one.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// How connections are opened.
    pub fn dial(&self) -> &Arc<dyn Dial> {
        &self.0.dial
    }

    /// The TLS configuration.
    pub fn tls(&self) -> &Tls {
        &self.0.tls
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The source of randomness.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// The governor of the limits.
    pub fn governor(&self) -> &LimitGovernor {
        &self.0.governor
    }

    /// The budget of attempts to connect WebSockets.
    pub fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    /// What the queues of all clients may hold together, in bytes: events that wait for their consumers or for their order.
    pub fn queues(&self) -> &ByteBudget {
        &self.0.queues
    }

    /// The deadline for everything from resolving the name to the end of the WebSocket upgrade.
    pub fn connect_timeout(&self) -> Duration {
        self.0.connect_timeout
    }
}

/// Builds a [`Context`].
#[derive(Debug, Default)]
pub struct ContextBuilder {
    /// `TcpDial` when not set.
    dial: Option<Arc<dyn Dial>>,
    /// Built-in roots when not set.
    tls: Option<Tls>,
    /// The system's when not set.
    clock: Option<Clock>,
    /// The system's when not set.
    random: Option<Random>,
    /// A new one when not set.
    governor: Option<LimitGovernor>,
    /// A new budget when not set.
    attempts: Option<Attempts>,
    /// 256 MiB when not set.
    queues: Option<ByteBudget>,
    /// 10 seconds when not set.
    connect_timeout: Option<Duration>,
}

impl ContextBuilder {
    /// How connections are opened; [`TcpDial`] otherwise.
    #[must_use]
    pub fn dial(mut self, dial: impl Dial) -> Self {
        self.dial = Some(Arc::new(dial));
        self
    }

    /// The TLS configuration; [`Tls::new`] otherwise.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The clock; the system's otherwise.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The source of randomness; the system's otherwise.
    #[must_use]
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// The governor of the limits; one of its own otherwise.
    #[must_use]
    pub fn governor(mut self, governor: LimitGovernor) -> Self {
        self.governor = Some(governor);
        self
    }

    /// The budget of attempts to connect; one of its own with [`AttemptLimits::default`] otherwise.
    #[must_use]
    pub fn attempts(mut self, attempts: Attempts) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// What the queues of all clients may hold together; [`ByteBudget::default`] (256 MiB) otherwise. Each queue has a limit of its
    /// own beside it, and may hold 1 MiB whatever the others hold.
    #[must_use]
    pub fn queues(mut self, budget: ByteBudget) -> Self {
        self.queues = Some(budget);
        self
    }

    /// The deadline for connecting, 10 seconds otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Builds the context. No connection is opened.
    ///
    /// # Errors
    ///
    /// Those of [`Tls::new`] when no TLS configuration was given.
    pub fn build(self) -> Result<Context, Error> {
        let clock = self.clock.unwrap_or_default();
        let tls = match self.tls {
            Some(tls) => tls,
            None => Tls::new()?,
        };
        let random = self.random.unwrap_or_default();
        Ok(Context(Arc::new(Inner {
            dial: self.dial.unwrap_or_else(|| Arc::new(TcpDial::new())),
            tls,
            governor: self.governor.unwrap_or_else(|| LimitGovernor::new(clock.clone())),
            attempts: self
                .attempts
                .unwrap_or_else(|| Attempts::new(clock.clone(), random.clone(), AttemptLimits::default())),
            clock,
            random,
            queues: self.queues.unwrap_or_default(),
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_secs(10)),
        })))
    }
}
