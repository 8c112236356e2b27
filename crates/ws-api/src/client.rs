//! The client: a handle on the task that owns the connection.

use crate::actor::{Actor, Command};
use crate::call::{Call, CancelOnDrop, Claim, TypedReply, closed};
use crate::config::{SessionState, WsApiConfig};
use crate::correlator::next_id;
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::user_data::{UserDataStream, lane};
use binance_kit_core::{Delivery, InvalidRequest, ParamWriter, Security, StreamEvent, WsRequest};
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Context, Endpoint, Environment};
use binance_kit_sign::Credentials;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// A connection to the WebSocket API. Cheap to clone; clones share the connection, and it closes with the last of them.
#[derive(Clone)]
pub struct WsApiClient(Arc<Inner>);

struct Inner {
    context: Context,
    config: WsApiConfig,
    commands: mpsc::Sender<Command>,
    state: watch::Receiver<SessionState>,
    closing: Arc<Notify>,
    has_credentials: bool,
    _task: Task<()>,
}

impl fmt::Debug for WsApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsApiClient").field("state", &*self.0.state.borrow()).finish_non_exhaustive()
    }
}

/// Builds a [`WsApiClient`].
#[derive(Debug)]
pub struct WsApiBuilder {
    context: Context,
    url: String,
    credentials: Option<Credentials>,
    config: WsApiConfig,
}

impl WsApiBuilder {
    /// The keys to sign with. With an Ed25519 key the connection is logged on, unless [`WsApiConfig::log_on`] is off.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The settings; [`WsApiConfig::default`] otherwise.
    #[must_use]
    pub fn config(mut self, config: WsApiConfig) -> Self {
        self.config = config;
        self
    }

    /// Another URL than the environment's.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Connects and logs on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when the URL cannot be used, [`ErrorKind::Connect`] when the first attempt fails,
    /// [`ErrorKind::AuthenticationRefused`] when the exchange refuses the key. Later losses are mended by the client itself.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the connection.
    pub async fn connect(self) -> Result<WsApiClient, Error> {
        let endpoint = Endpoint::parse(&self.url)
            .map_err(|error| Error::network(ErrorKind::Configuration, Delivery::NotWritten, error))?;
        let (commands, receiver) = mpsc::channel(self.config.queue.max(1));
        let (state_sender, state) = watch::channel(SessionState::Connecting);
        let closing = Arc::new(Notify::new());
        let has_credentials = self.credentials.is_some();
        let actor = Actor::new(
            self.context.clone(),
            endpoint,
            self.config.clone(),
            self.credentials,
            receiver,
            state_sender,
            Arc::clone(&closing),
        );
        let (first, connected) = oneshot::channel();
        let task = task::spawn("ws-api connection", actor.run(first));
        connected.await.unwrap_or_else(|_| Err(closed()))?;
        Ok(WsApiClient(Arc::new(Inner {
            context: self.context,
            config: self.config,
            commands,
            state,
            closing,
            has_credentials,
            _task: task,
        })))
    }
}

impl WsApiClient {
    /// A client for the WebSocket API of this environment, to be configured and connected.
    pub fn builder(context: &Context, environment: &Environment) -> WsApiBuilder {
        WsApiBuilder {
            context: context.clone(),
            url: environment.ws_api_url(binance_kit_core::Api::Spot).unwrap_or_default().to_owned(),
            credentials: None,
            config: WsApiConfig::default(),
        }
    }

    /// Sends a request and waits for its answer. Any number may be in flight at once.
    ///
    /// Waits for request weight first, when the limit is reached or the exchange wants silence, at most for
    /// [`WsApiConfig::max_wait`] ([`WsApiConfig::max_query_wait`] for queries); then for at most [`WsApiConfig::timeout`].
    ///
    /// # Errors
    ///
    /// [`Error::kind`] says what went wrong, [`Error::delivery`] whether the exchange can have seen the request.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the request was written takes it back. Afterwards the request is with the exchange,
    /// whatever becomes of the future.
    pub async fn send<R: WsRequest>(&self, request: R) -> Result<Response<R::Response>, Error> {
        let method = request.ws_method();
        let mut params = ParamWriter::new();
        self.prepare(&request, &mut params).map_err(|error| error.of_method(&method))?;
        let (weight, security, query) = (request.cost().ip, request.security(), request.is_query());
        // The rest does not need the request, and must not be generic over it.
        drop(request);
        self.weight(weight, query).await.map_err(|error| error.of_method(&method))?;
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        let call = Call {
            method: method.clone(),
            params,
            security,
            claim: claim.clone(),
            reply: Box::new(TypedReply(reply)),
        };
        let result = self.run(Command::Call(call), claim, answer).await;
        result.map_err(|error| error.of_method(&method))
    }

    async fn weight(&self, weight: u32, query: bool) -> Result<(), Error> {
        let patience = if query { self.0.config.max_query_wait } else { self.0.config.max_wait };
        let waited = self.0.context.governor().acquire_within(weight, patience).await;
        waited.map_err(|wait| Error::rate_limited(self.0.context.clock().exchange_now().plus(wait)))
    }

    fn prepare<R: WsRequest>(&self, request: &R, params: &mut ParamWriter) -> Result<(), Error> {
        request.check().map_err(Error::invalid)?;
        request.write(params);
        if let Some(name) = params.duplicate() {
            return Err(Error::invalid(InvalidRequest::new(name.to_owned(), "stands twice")));
        }
        if request.security() != Security::None && !self.0.has_credentials {
            return Err(Error::new(ErrorKind::MissingCredentials, Delivery::NotWritten));
        }
        Ok(())
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
            answer.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Closed, claim.cancel())))
        };
        match tokio::time::timeout(self.0.config.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(ErrorKind::Timeout, claim.cancel())),
        }
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
        if !self.0.has_credentials {
            let error = Error::new(ErrorKind::MissingCredentials, Delivery::NotWritten);
            return Err(error.of_method("userDataStream.subscribe"));
        }
        self.weight(2, true).await.map_err(|error| error.of_method("userDataStream.subscribe"))?;
        let (sink, lane) = lane(self.0.config.user_data_queue);
        let key = next_id();
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        // Made before the answer, so that giving up in between ends the subscription too.
        let stream = UserDataStream::new(lane, key, self.clone());
        let command = Command::SubscribeUserData { key, sink, claim: claim.clone(), reply };
        self.run(command, claim, answer).await?;
        Ok(stream)
    }

    pub(crate) async fn unsubscribe_user_data(&self, key: u64) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.run(Command::UnsubscribeUserData { key, reply: Some(reply) }, Claim::taken(), answer).await
    }

    pub(crate) fn forget_user_data(&self, key: u64) {
        // A full channel is no harm: the task finds the dead end by itself.
        let _ = self.0.commands.try_send(Command::UnsubscribeUserData { key, reply: None });
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
        if !self.0.has_credentials {
            return Err(
                Error::new(ErrorKind::MissingCredentials, Delivery::NotWritten).of_method("session.logon")
            );
        }
        let (reply, answer) = oneshot::channel();
        self.run(Command::LogOn(reply), Claim::taken(), answer).await
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
        self.run(Command::LogOut(reply), Claim::taken(), answer).await
    }

    /// The settings.
    pub fn config(&self) -> &WsApiConfig {
        &self.0.config
    }

    /// The state of the connection now, and every change of it.
    pub fn state(&self) -> watch::Receiver<SessionState> {
        self.0.state.clone()
    }

    /// Closes the connection with a closing frame. Requests in flight fail with [`ErrorKind::Closed`] and say whether they
    /// were written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the request to close back.
    pub async fn close(&self) {
        self.0.closing.notify_one();
        let mut state = self.0.state.clone();
        // Fails when the task is gone, which is what we wait for.
        let _ = state.wait_for(|state| *state == SessionState::Closed).await;
    }
}
