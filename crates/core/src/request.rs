//! What a request is: plain data that knows its parameters, its price in request weight, and what answers it.
//!
//! A request type belongs to no transport. Where the exchange offers it over REST it is a [`RestRequest`],
//! where it offers it over the WebSocket API a [`WsRequest`]; parameters and answer are the same.

use crate::decode::{Decode, Json};
use crate::error::InvalidRequest;
use crate::params::ParamWriter;
use std::borrow::Cow;
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

    /// What the exchange asks of the sender.
    fn security(&self) -> Security;

    /// The request weight, as a function of the parameters.
    fn weight(&self) -> u32;

    /// By how much the request raises the count of unfilled orders.
    fn unfilled_orders(&self) -> u32 {
        0
    }

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

/// A request that the WebSocket API offers.
pub trait WsRequest: Request {
    /// The method (`order.place`).
    fn ws_method(&self) -> Cow<'static, str>;
}

/// A request that the SDK has no type for: method, path and parameters as given, the answer decoded by `serde`
/// into a type of the caller's choice.
///
/// ```
/// use binance_kit_core::{HttpMethod, RawRequest, Request, RestRequest, Security};
/// #[derive(serde::Deserialize)]
/// struct Time { #[serde(rename = "serverTime")] server_time: u64 }
/// let request = RawRequest::<Time>::rest(HttpMethod::Get, "/api/v3/time", Security::None);
/// assert_eq!(request.path(), "/api/v3/time");
/// ```
pub struct RawRequest<T> {
    method: HttpMethod,
    target: Cow<'static, str>,
    security: Security,
    weight: u32,
    query: bool,
    params: ParamWriter,
    response: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for RawRequest<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("security", &self.security)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

impl<T> RawRequest<T> {
    /// A REST request. A `GET` is taken for a query, anything else for a request that changes something.
    pub fn rest(method: HttpMethod, path: impl Into<Cow<'static, str>>, security: Security) -> Self {
        Self {
            method,
            target: path.into(),
            security,
            weight: 1,
            query: matches!(method, HttpMethod::Get),
            params: ParamWriter::new(),
            response: PhantomData,
        }
    }

    /// A request of the WebSocket API. Taken for one that changes something, unless [`RawRequest::query`] says otherwise.
    pub fn ws(method: impl Into<Cow<'static, str>>, security: Security) -> Self {
        Self {
            method: HttpMethod::Post,
            target: method.into(),
            security,
            weight: 1,
            query: false,
            params: ParamWriter::new(),
            response: PhantomData,
        }
    }

    /// Says that the request changes nothing, so that it may be sent again.
    #[must_use]
    pub fn query(mut self) -> Self {
        self.query = true;
        self
    }

    /// Sets the request weight (1 otherwise).
    #[must_use]
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Adds a text parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
        self.params.text(name, value);
        self
    }

    /// Adds an integer parameter (a JSON number in the WebSocket API).
    #[must_use]
    pub fn with_integer(mut self, name: impl Into<Cow<'static, str>>, value: i64) -> Self {
        self.params.integer(name, value);
        self
    }

    /// The parameters, for anything the shortcuts above do not cover.
    pub fn params_mut(&mut self) -> &mut ParamWriter {
        &mut self.params
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static> Request for RawRequest<T> {
    type Response = Json<T>;

    fn security(&self) -> Security {
        self.security
    }

    fn weight(&self) -> u32 {
        self.weight
    }

    fn is_query(&self) -> bool {
        self.query
    }

    fn write(&self, params: &mut ParamWriter) {
        params.append(&self.params);
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static> RestRequest for RawRequest<T> {
    fn method(&self) -> HttpMethod {
        self.method
    }

    fn path(&self) -> Cow<'static, str> {
        self.target.clone()
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static> WsRequest for RawRequest<T> {
    fn ws_method(&self) -> Cow<'static, str> {
        self.target.clone()
    }
}
