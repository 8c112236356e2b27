//! What a request is: plain data that knows its product, its parameters, its cost, and its answer.
//!
//! A request type belongs to no transport. Where the exchange offers it over REST it is a [`RestRequest`],
//! where it offers it over the WebSocket API a [`WsRequest`]; parameters and answer are the same.

use crate::cost::Cost;
use crate::decode::{Decode, Json};
use crate::error::InvalidRequest;
use crate::params::ParamWriter;
use crate::product::{Api, Product, Spot};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpMethod {
    /// `GET`: a query, which may be sent again.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
}

impl HttpMethod {
    /// The method as written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What the exchange asks of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// Nothing: public data.
    None,
    /// An API key, no signature.
    ApiKey,
    /// An API key and a signature with a timestamp.
    Signed,
}

/// A request of the exchange.
pub trait Request {
    /// What the exchange answers.
    type Response: Decode + Send + 'static;

    /// The product whose hosts take it.
    fn api(&self) -> Api;

    /// What the exchange asks of the sender.
    fn security(&self) -> Security;

    /// What it costs, as a function of the parameters.
    fn cost(&self) -> Cost;

    /// Whether the request changes nothing at the exchange, so that sending it twice does no harm.
    fn is_query(&self) -> bool;

    /// Writes the parameters in the order of the documents, without timestamp, key and signature.
    fn write(&self, params: &mut ParamWriter);

    /// Checks what can be checked without the exchange.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`] names the parameter and what is wrong with it.
    fn check(&self) -> Result<(), InvalidRequest> {
        Ok(())
    }
}

/// A request that REST offers.
pub trait RestRequest: Request {
    /// The HTTP method.
    fn method(&self) -> HttpMethod;
    /// The path (`/api/v3/order`).
    fn path(&self) -> Cow<'static, str>;
}

/// A request that the WebSocket API of a product offers.
pub trait WsRequest: Request {
    /// The product: only a client of the same one sends it.
    type Product: Product;

    /// The method (`order.place`).
    fn ws_method(&self) -> Cow<'static, str>;
}

/// A REST request that the SDK has no type for: method, path and parameters as given, the answer decoded by `serde` into a
/// type of the caller's choice.
///
/// ```
/// use binance_kit_core::{Api, HttpMethod, RawRequest, Request, RestRequest, Security};
/// #[derive(serde::Deserialize)]
/// struct Time { #[serde(rename = "serverTime")] server_time: u64 }
/// let request = RawRequest::<Time>::new(Api::Spot, HttpMethod::Get, "/api/v3/time", Security::None);
/// assert_eq!(request.path(), "/api/v3/time");
/// ```
pub struct RawRequest<T> {
    method: HttpMethod,
    core: RawCore,
    response: PhantomData<fn() -> T>,
}

/// A request of the WebSocket API that the SDK has no type for; see [`RawRequest`].
///
/// ```
/// use binance_kit_core::{RawWsRequest, Security, WsRequest};
/// let request: RawWsRequest<serde_json::Value> = RawWsRequest::new("time", Security::None).query();
/// assert_eq!(request.ws_method(), "time");
/// ```
pub struct RawWsRequest<T, P: Product = Spot> {
    core: RawCore,
    response: PhantomData<fn() -> (T, P)>,
}

/// What both kinds of raw requests have.
#[derive(Clone)]
struct RawCore {
    /// The product.
    api: Api,
    /// The path or the method.
    target: Cow<'static, str>,
    /// What the exchange asks of the sender.
    security: Security,
    /// What it costs.
    cost: Cost,
    /// Whether it changes nothing.
    query: bool,
    /// The parameters.
    params: ParamWriter,
}

macro_rules! raw_setters {
    () => {
        /// Marks the request as one that changes nothing, so that it may be sent again.
        #[must_use]
        pub fn query(mut self) -> Self {
            self.core.query = true;
            self
        }

        /// Sets the cost (a weight of 1 by IP address otherwise).
        #[must_use]
        pub fn with_cost(mut self, cost: Cost) -> Self {
            self.core.cost = cost;
            self
        }

        /// Sets what the exchange asks of the sender.
        #[must_use]
        pub fn with_security(mut self, security: Security) -> Self {
            self.core.security = security;
            self
        }

        /// Adds a text parameter.
        #[must_use]
        pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
            self.core.params.text(name, value);
            self
        }

        /// Adds an integer parameter (a JSON number in the WebSocket API).
        #[must_use]
        pub fn with_integer(mut self, name: impl Into<Cow<'static, str>>, value: i64) -> Self {
            self.core.params.integer(name, value);
            self
        }

        /// The parameters, for anything the shortcuts above do not cover.
        pub fn params_mut(&mut self) -> &mut ParamWriter {
            &mut self.core.params
        }
    };
}

impl RawCore {
    fn debug(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        f.debug_struct(name)
            .field("api", &self.api)
            .field("target", &self.target)
            .field("security", &self.security)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for RawRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.debug(f, "RawRequest")
    }
}

impl<T, P: Product> fmt::Debug for RawWsRequest<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.debug(f, "RawWsRequest")
    }
}

impl<T> Clone for RawRequest<T> {
    fn clone(&self) -> Self {
        Self { method: self.method, core: self.core.clone(), response: PhantomData }
    }
}

impl<T, P: Product> Clone for RawWsRequest<T, P> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), response: PhantomData }
    }
}

impl<T> RawRequest<T> {
    /// A request of this product. A `GET` is taken for a query, anything else for a request that changes something.
    pub fn new(api: Api, method: HttpMethod, path: impl Into<Cow<'static, str>>, security: Security) -> Self {
        let core = RawCore {
            api,
            target: path.into(),
            security,
            cost: Cost::ip(1),
            query: matches!(method, HttpMethod::Get),
            params: ParamWriter::new(),
        };
        Self { method, core, response: PhantomData }
    }

    raw_setters!();
}

impl<T, P: Product> RawWsRequest<T, P> {
    /// A request of the client's product. Taken for one that changes something, unless [`RawWsRequest::query`] says otherwise.
    pub fn new(method: impl Into<Cow<'static, str>>, security: Security) -> Self {
        let core = RawCore {
            api: P::API,
            target: method.into(),
            security,
            cost: Cost::ip(1),
            query: false,
            params: ParamWriter::new(),
        };
        Self { core, response: PhantomData }
    }

    raw_setters!();
}

macro_rules! raw_request {
    () => {
        type Response = Json<T>;

        fn api(&self) -> Api {
            self.core.api
        }

        fn security(&self) -> Security {
            self.core.security
        }

        fn cost(&self) -> Cost {
            self.core.cost
        }

        fn is_query(&self) -> bool {
            self.core.query
        }

        fn write(&self, params: &mut ParamWriter) {
            params.append(&self.core.params);
        }
    };
}

impl<T: serde::de::DeserializeOwned + Send + 'static> Request for RawRequest<T> {
    raw_request!();
}

impl<T: serde::de::DeserializeOwned + Send + 'static, P: Product> Request for RawWsRequest<T, P> {
    raw_request!();
}

impl<T: serde::de::DeserializeOwned + Send + 'static> RestRequest for RawRequest<T> {
    fn method(&self) -> HttpMethod {
        self.method
    }

    fn path(&self) -> Cow<'static, str> {
        self.core.target.clone()
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static, P: Product> WsRequest for RawWsRequest<T, P> {
    type Product = P;

    fn ws_method(&self) -> Cow<'static, str> {
        self.core.target.clone()
    }
}
