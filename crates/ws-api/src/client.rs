//! The client: a thin generic front over a non-generic handle on the task that owns the connection.

use crate::actor::{Actor, Channels, Command};
use crate::call::{Call, CancelOnDrop, Claim, TypedReply, closed};
use crate::config::{SessionState, WsApiConfig};
use crate::correlator::next_id;
use crate::protocol::{Protocol, SPOT_USER_DATA};
use crate::response::WsResponse;
use crate::user_data::{UserDataStream, lane};
use crate::{Error, ErrorKind};
use binance_kit_core::product::Spot;
use binance_kit_core::{
    Cost, InvalidRequest, ParamWriter, Product, RequestName, Security, StreamEvent, WsRequest,
};
use binance_kit_net::task::{self, Task};
use binance_kit_net::{AccountKey, Context, Endpoint, Environment, InFlight, without_user_info};
use binance_kit_sign::Credentials;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// A connection to the WebSocket API of one product. Cheap to clone; clones share the connection, and it closes with the last
/// of them.
///
/// It sends the requests of its product; those of another do not compile:
///
/// ```compile_fail,E0271
/// # use binance_kit_core::product::{Spot, Usdm};
/// # use binance_kit_core::{RawWsRequest, Security};
/// # use binance_kit_ws_api::{Error, WsApiClient};
/// # async fn run(spot: WsApiClient<Spot>) -> Result<(), Error> {
/// let request: RawWsRequest<serde_json::Value, Usdm> = RawWsRequest::new("v2/account.balance", Security::Signed);
/// spot.send(request).await?;
/// # Ok(())
/// # }
/// ```
///
/// The same request through the client of USD-M:
///
/// ```no_run
/// # use binance_kit_core::product::Usdm;
/// # use binance_kit_core::{RawWsRequest, Security};
/// # use binance_kit_ws_api::{Error, WsApiClient};
/// # async fn run(usdm: WsApiClient<Usdm>) -> Result<(), Error> {
/// let request: RawWsRequest<serde_json::Value, Usdm> = RawWsRequest::new("v2/account.balance", Security::Signed);
/// usdm.send(request).await?;
/// # Ok(())
/// # }
/// ```
pub struct WsApiClient<P: Product = Spot> {
    /// Everything that does not depend on the product.
    handle: Handle,
    /// The product.
    product: PhantomData<fn() -> P>,
}

/// The end of the channel to the task, and what callers need beside it.
#[derive(Clone)]
pub(crate) struct Handle(Arc<Inner>);

struct Inner {
    /// Clock and limits.
    context: Context,
    /// The settings.
    config: WsApiConfig,
    /// What is specific to the product.
    protocol: Protocol,
    /// To the task that owns the socket.
    commands: mpsc::Sender<Command>,
    /// The state of the connection, as the task announces it.
    state: watch::Receiver<SessionState>,
    /// Asks the task to close the connection.
    closing: Arc<Notify>,
    /// The requests in flight, for closing.
    in_flight: InFlight,
    /// The account that limits are counted for; `None` without credentials.
    account: Option<AccountKey>,
    /// The task; it ends with this value.
    _task: Task<()>,
}

impl<P: Product> Clone for WsApiClient<P> {
    fn clone(&self) -> Self {
        Self::of_handle(self.handle.clone())
    }
}

impl<P: Product> fmt::Debug for WsApiClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsApiClient")
            .field("api", &P::API)
            .field("state", &*self.handle.0.state.borrow())
            .finish_non_exhaustive()
    }
}

/// Builds a [`WsApiClient`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct WsApiBuilder<P: Product = Spot> {
    /// Everything that does not depend on the product.
    settings: Settings,
    /// The product.
    product: PhantomData<fn() -> P>,
}

/// What a connection is made of.
#[derive(Clone)]
struct Settings {
    /// Clock, limits, dialling.
    context: Context,
    /// The URL, or the name of the environment that has none.
    url: Result<String, String>,
    /// The key to sign with.
    credentials: Option<Credentials>,
    /// The settings.
    config: WsApiConfig,
}

/// The URL without user name and password: it was not checked yet.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.url.as_deref().map(without_user_info))
            .field("credentials", &self.credentials)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl<P: Product> WsApiBuilder<P> {
    fn new(context: &Context, environment: &Environment) -> Self {
        let url = environment.ws_api_url(P::API).map(str::to_owned);
        let settings = Settings {
            context: context.clone(),
            url: url.ok_or_else(|| environment.name().to_owned()),
            credentials: None,
            config: WsApiConfig::default(),
        };
        Self { settings, product: PhantomData }
    }

    /// Sets the key to sign with. With an Ed25519 key the connection is logged on, unless [`WsApiConfig::log_on`] is off.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.settings.credentials = Some(credentials);
        self
    }

    /// Sets the settings; [`WsApiConfig::default`] otherwise.
    pub fn config(mut self, config: WsApiConfig) -> Self {
        self.settings.config = config;
        self
    }

    /// Sets another URL than the environment's.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.settings.url = Ok(url.into());
        self
    }

    /// Connects and logs on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotOffered`] when the environment has no WebSocket API of the product,
    /// [`ErrorKind::InvalidConfiguration`] when the URL cannot be used, [`ErrorKind::Connect`] when the first attempt fails,
    /// [`ErrorKind::AuthenticationRefused`] when the exchange refuses the key. After that the client connects again by
    /// itself whenever the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the connection.
    pub async fn connect(self) -> Result<WsApiClient<P>, Error> {
        Ok(WsApiClient::of_handle(self.settings.connect(Protocol::of(P::API)).await?))
    }
}

impl Settings {
    async fn connect(self, protocol: Protocol) -> Result<Handle, Error> {
        let url = self.url.map_err(|name| {
            Error::new(ErrorKind::NotOffered)
                .with_detail(format!("the environment {name:?} has no WebSocket API of {}", protocol.api))
        })?;
        let endpoint = Endpoint::parse(&url)
            .map_err(|error| Error::new(ErrorKind::InvalidConfiguration).with_source(error))?;
        let (commands, receiver) = mpsc::channel(self.config.queue.max(1));
        let (state_sender, state) = watch::channel(SessionState::Connecting);
        let closing = Arc::new(Notify::new());
        let account = self.credentials.as_ref().map(|keys| AccountKey::of_api_key(keys.api_key().as_str()));
        let actor = Actor::new(
            self.context.clone(),
            endpoint,
            protocol,
            self.config.clone(),
            self.credentials,
            Channels { commands: receiver, state: state_sender, closing: Arc::clone(&closing) },
        );
        let (first, connected) = oneshot::channel();
        let task = task::spawn("ws-api connection", actor.run(first));
        connected.await.unwrap_or_else(|_| Err(closed()))?;
        Ok(Handle(Arc::new(Inner {
            context: self.context,
            config: self.config,
            protocol,
            commands,
            state,
            closing,
            in_flight: InFlight::default(),
            account,
            _task: task,
        })))
    }
}

impl WsApiClient<Spot> {
    /// Sets up a client for Spot's WebSocket API in this environment. For another product:
    /// [`WsApiClient::product_builder`].
    pub fn builder(context: &Context, environment: &Environment) -> WsApiBuilder<Spot> {
        WsApiBuilder::new(context, environment)
    }

    /// Subscribes to the account's events. They come on this connection, and again after every reconnect; see
    /// [`crate::UserDataItem`].
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::send`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the subscription up.
    pub async fn subscribe_user_data<E: StreamEvent>(&self) -> Result<UserDataStream<E>, Error> {
        let inner = &self.handle.0;
        let (sink, lane) = lane(
            inner.config.user_data_queue,
            inner.context.queues().split_share(inner.config.user_data_bytes),
        );
        let key = next_id();
        // Made before the answer, so that giving up in between ends the subscription too.
        let stream = UserDataStream::new(lane, key, self.handle.clone());
        let name = own_name(SPOT_USER_DATA.subscribe);
        let subscribed = self.handle.subscribe_user_data(key, sink, &SPOT_USER_DATA.cost).await;
        subscribed.map_err(|error| error.with_request(name))?;
        Ok(stream)
    }
}

impl<P: Product> WsApiClient<P> {
    /// Sets up a client for the WebSocket API of product `P` in this environment: `WsApiClient::<Usdm>::product_builder(…)`.
    pub fn product_builder(context: &Context, environment: &Environment) -> WsApiBuilder<P> {
        WsApiBuilder::new(context, environment)
    }

    fn of_handle(handle: Handle) -> Self {
        Self { handle, product: PhantomData }
    }

    /// Sends a request and waits for its answer. Any number may be in flight at once.
    ///
    /// Waits for the limits first, when one is reached or the exchange has asked to wait, at most for
    /// [`WsApiConfig::max_wait`] ([`WsApiConfig::max_query_wait`] for queries); then for at most [`WsApiConfig::timeout`].
    ///
    /// # Errors
    ///
    /// [`Error::kind`] says what went wrong, [`Error::delivery`] whether the exchange can have seen the request.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the request was written takes it back. Afterwards the request is with the exchange,
    /// also when the future is dropped.
    pub async fn send<R: WsRequest<Product = P>>(
        &self,
        request: R,
    ) -> Result<WsResponse<R::Response>, Error> {
        let mut params = ParamWriter::new();
        request.write(&mut params);
        let prepared = Prepared {
            method: request.ws_method(),
            params,
            security: request.security(),
            cost: request.cost(),
            is_query: request.is_query(),
            check: request.check(),
        };
        // The rest does not need the request, and must not be generic over it.
        drop(request);
        let name = prepared.name();
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        let reply = Box::new(TypedReply { answer: reply, claim: claim.clone(), kept: None });
        let result = match self.handle.admit(prepared, claim.clone(), reply).await {
            Ok((call, _in_flight)) => self.handle.run(Command::Call(call), claim, answer).await,
            Err(error) => Err(error),
        };
        result.map_err(|error| error.with_request(name))
    }

    /// Logs the connection on (`session.logon`), now and after every reconnect. Only for Ed25519 keys; needed only where
    /// [`WsApiConfig::log_on`] is off, or after the exchange had refused the key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AuthenticationRefused`] with the exchange's words.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the request back.
    pub async fn log_on(&self) -> Result<(), Error> {
        let logged_on = self.handle.log_on().await;
        logged_on.map_err(|error| error.with_request(own_name(self.handle.0.protocol.log_on)))
    }

    /// Logs the connection out (`session.logout`); requests are signed one by one from then on.
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::send`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the request back.
    pub async fn log_out(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let logged_out = self.handle.run(Command::LogOut(reply), Claim::taken(), answer).await;
        logged_out.map_err(|error| error.with_request(own_name(self.handle.0.protocol.log_out)))
    }

    /// Clock, limits and dialling of this client.
    pub fn context(&self) -> &Context {
        &self.handle.0.context
    }

    /// The settings.
    pub fn config(&self) -> &WsApiConfig {
        &self.handle.0.config
    }

    /// The state of the connection now, and every change of it.
    pub fn state(&self) -> watch::Receiver<SessionState> {
        self.handle.0.state.clone()
    }

    /// Whether no request is in flight.
    pub fn is_idle(&self) -> bool {
        self.handle.0.in_flight.count() == 0
    }

    /// Closes the connection with a closing frame. Requests in flight fail with [`ErrorKind::Closed`] and say whether they
    /// were written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the request to close back.
    pub async fn close(&self) {
        self.handle.0.closing.notify_one();
        let mut state = self.handle.0.state.clone();
        // Fails when the task is gone, which is what we wait for.
        let _ = state.wait_for(|state| *state == SessionState::Closed).await;
    }

    /// Closes in order: new requests fail with [`ErrorKind::Closed`], and so do requests that wait for the limits. Those that
    /// were written have until the deadline to be answered; then the connection is closed as by [`WsApiClient::close`].
    /// Returns how many requests were given up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the client closed to new requests; those in flight go on.
    pub async fn close_within(&self, deadline: Duration) -> usize {
        let left = self.handle.0.in_flight.close_within(deadline).await;
        self.close().await;
        left
    }
}

/// The name of a request of the session itself.
fn own_name(method: &'static str) -> RequestName {
    RequestName { name: Cow::Borrowed(method), parameters: Vec::new(), is_query: true }
}

/// A request without its type.
struct Prepared {
    /// The method.
    method: Cow<'static, str>,
    /// The parameters.
    params: ParamWriter,
    /// What the exchange asks of the sender.
    security: Security,
    /// What it costs.
    cost: Cost,
    /// Whether it changes nothing at the exchange.
    is_query: bool,
    /// What the request found when it checked itself.
    check: Result<(), InvalidRequest>,
}

impl Prepared {
    fn name(&self) -> RequestName {
        RequestName {
            name: self.method.clone(),
            parameters: self.params.names().map(str::to_owned).collect(),
            is_query: self.is_query,
        }
    }
}

impl Handle {
    /// Checks a request and waits for the limits.
    async fn admit(
        &self,
        prepared: Prepared,
        claim: Claim,
        reply: Box<dyn crate::call::Reply>,
    ) -> Result<(Call, binance_kit_net::InFlightGuard), Error> {
        let Prepared { method, params, security, cost, is_query, check } = prepared;
        let in_flight = self.0.in_flight.enter().ok_or_else(closed)?;
        check.map_err(Error::invalid)?;
        if let Some(name) = params.duplicate() {
            return Err(Error::invalid(InvalidRequest::new(name.to_owned(), "occurs twice")));
        }
        if security != Security::None && self.0.account.is_none() {
            return Err(Error::new(ErrorKind::MissingCredentials));
        }
        let account = self.0.account.filter(|_| security != Security::None);
        self.wait_for_limits(account, &cost, is_query).await?;
        Ok((Call { method, params, security, cost, is_query, claim, reply }, in_flight))
    }

    async fn wait_for_limits(
        &self,
        account: Option<AccountKey>,
        cost: &Cost,
        is_query: bool,
    ) -> Result<(), Error> {
        let config = &self.0.config;
        let max_wait = if is_query { config.max_query_wait } else { config.max_wait };
        let governor = self.0.context.governor();
        tokio::select! {
            biased;
            admitted = governor.acquire(self.0.protocol.api, account, cost, max_wait) => {
                admitted.map_err(|wait| {
                    Error::new(ErrorKind::RateLimited)
                        .with_detail("the wait for the limits is longer than allowed")
                        .with_retry_after(Some(wait))
                })
            }
            () = self.0.in_flight.closed() => Err(closed()),
        }
    }

    /// Hands a command to the task and waits for what comes back, at most for the time-out.
    async fn run<T>(
        &self,
        command: Command,
        claim: Claim,
        answer: oneshot::Receiver<Result<T, Error>>,
    ) -> Result<T, Error> {
        let _cancel = CancelOnDrop(claim.clone());
        let exchange = async {
            if self.0.commands.send(command).await.is_err() {
                return Err(closed());
            }
            // The task went away with the request: it closed, or all of it was dropped.
            answer
                .await
                .unwrap_or_else(|_| Err(closed().with_delivery(claim.cancel()).with_request_id(claim.id())))
        };
        match tokio::time::timeout(self.0.config.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => {
                let delivery = claim.cancel();
                Err(Error::new(ErrorKind::Timeout).with_delivery(delivery).with_request_id(claim.id()))
            }
        }
    }

    async fn subscribe_user_data(
        &self,
        key: u64,
        sink: Box<dyn crate::user_data::Sink>,
        cost: &Cost,
    ) -> Result<(), Error> {
        if self.0.account.is_none() {
            return Err(Error::new(ErrorKind::MissingCredentials));
        }
        let _in_flight = self.0.in_flight.enter().ok_or_else(closed)?;
        self.wait_for_limits(self.0.account, cost, true).await?;
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        let command = Command::SubscribeUserData { key, sink, claim: claim.clone(), reply };
        self.run(command, claim, answer).await
    }

    pub(crate) async fn unsubscribe_user_data(&self, key: u64) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let command = Command::UnsubscribeUserData { key, reply: Some(reply) };
        let ended = self.run(command, Claim::taken(), answer).await;
        ended.map_err(|error| error.with_request(own_name(SPOT_USER_DATA.unsubscribe)))
    }

    pub(crate) fn forget_user_data(&self, key: u64) {
        // A full channel is no harm: the task finds the dead end by itself.
        let _ = self.0.commands.try_send(Command::UnsubscribeUserData { key, reply: None });
    }

    async fn log_on(&self) -> Result<(), Error> {
        if self.0.account.is_none() {
            return Err(Error::new(ErrorKind::MissingCredentials));
        }
        let (reply, answer) = oneshot::channel();
        self.run(Command::LogOn(reply), Claim::taken(), answer).await
    }
}
