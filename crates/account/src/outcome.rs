//! The outcome of a request that changes orders: definite, or a doubt that can be resolved.

use crate::action::OrderAction;
use crate::orders::Orders;
use crate::product::UserData;
use crate::sent_at::SentAt;
use binance_kit_core::{ApiError, Delivery, Error, Timestamp};
use binance_kit_ws_api::WsResponse;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

/// A rejection by the exchange. Dereferences to its code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What the exchange said.
    error: ApiError,
    /// The id of the request and of its answer.
    id: Option<u64>,
}

impl Rejection {
    /// Returns the `id` of the answer, which is that of the request.
    pub fn id(&self) -> Option<u64> {
        self.id
    }

    /// Returns the code and message alone.
    pub fn into_error(self) -> ApiError {
        self.error
    }
}

impl Deref for Rejection {
    type Target = ApiError;

    fn deref(&self) -> &ApiError {
        &self.error
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Rejection {}

/// The outcome of a request that changes orders.
#[derive(Debug, Clone)]
pub enum Outcome<A: OrderAction> {
    /// The exchange executed the request.
    Confirmed(WsResponse<A::Response>),
    /// The exchange rejected the request: nothing was changed.
    Rejected(Rejection),
    /// The request was not sent: nothing was changed.
    NotSent(Error),
    /// The request may have been executed or not. Do not send it again: resolve the doubt.
    Unknown(Doubt<A>),
}

impl<A: OrderAction> Outcome<A> {
    /// Sorts the result of a request. `doubt` is called when the outcome is unknown.
    pub(crate) fn of(
        result: Result<WsResponse<A::Response>, Error>,
        doubt: impl FnOnce(Error) -> Doubt<A>,
    ) -> Self {
        let error = match result {
            Ok(response) => return Self::Confirmed(response),
            Err(error) => error,
        };
        match (error.delivery(), error.api_error()) {
            (Delivery::Refused, Some(rejection)) => {
                Self::Rejected(Rejection { error: rejection.clone(), id: error.request_id() })
            }
            (Delivery::NotWritten, _) => Self::NotSent(error),
            _ => {
                let doubt = doubt(error);
                tracing::warn!(
                    symbol = %doubt.request().symbol(),
                    request = %doubt.request().ws_method(),
                    error = %doubt.error(),
                    "order outcome unknown"
                );
                Self::Unknown(doubt)
            }
        }
    }

    /// Returns whether it is known whether the request was executed.
    pub fn is_definite(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// Returns the `id` of the request on its connection, which is that of its answer, had it come. None where it was not
    /// sent.
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Confirmed(response) => Some(response.id()),
            Self::Rejected(rejection) => rejection.id(),
            Self::NotSent(_) => None,
            Self::Unknown(doubt) => doubt.error().request_id(),
        }
    }

    /// Returns the answer, if the exchange executed the request.
    pub fn confirmed(self) -> Option<A::Response> {
        match self {
            Self::Confirmed(response) => Some(response.into_value()),
            _ => None,
        }
    }

    /// Returns the doubt, if the outcome is unknown.
    pub fn doubt(self) -> Option<Doubt<A>> {
        match self {
            Self::Unknown(doubt) => Some(doubt),
            _ => None,
        }
    }
}

impl<A: OrderAction> fmt::Display for Outcome<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed(_) => f.write_str("confirmed"),
            Self::Rejected(rejection) => write!(f, "rejected: {rejection}"),
            Self::NotSent(error) => write!(f, "not sent: {error}"),
            Self::Unknown(doubt) => write!(f, "unknown: {doubt}"),
        }
    }
}

/// A request whose outcome is unknown, and the means to find it out.
#[derive(Clone)]
pub struct Doubt<A: OrderAction>(Box<Inner<A>>);

#[derive(Clone)]
struct Inner<A: OrderAction> {
    /// The request as it was sent, with its client order ids.
    action: A,
    /// When the request was sent.
    sent_at: SentAt,
    /// The exchange's time after which the request cannot be executed any more.
    fence: Timestamp,
    /// Why the outcome is unknown.
    error: Error,
    /// Whom to ask.
    orders: Orders<A::Product>,
}

impl<A: OrderAction> Doubt<A> {
    pub(crate) fn new(
        action: A,
        sent_at: SentAt,
        fence: Timestamp,
        error: Error,
        orders: Orders<A::Product>,
    ) -> Self {
        Self(Box::new(Inner { action, sent_at, fence, error, orders }))
    }

    /// Returns the request as it was sent, with the client order ids it was given.
    pub fn request(&self) -> &A {
        &self.0.action
    }

    /// Returns when the request was sent, by the exchange's clock as far as known.
    pub fn sent_at(&self) -> &SentAt {
        &self.0.sent_at
    }

    /// Returns the exchange's time after which the request cannot be executed any more.
    pub fn fence(&self) -> Timestamp {
        self.0.fence
    }

    /// Returns why the outcome is unknown.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns whether an event of the account shows the outcome of the request, so that no query is needed.
    pub fn is_settled_by(&self, event: &<A::Product as UserData>::Event) -> bool {
        self.0.action.is_settled_by(event, &self.0.sent_at)
    }

    /// Asks the exchange until the outcome is definite. Sends nothing but queries. Ends with [`Resolution::StillUnknown`] only
    /// when the client is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    pub async fn resolve(&self) -> Resolution<A::Found> {
        self.0.orders.resolve_until(self, None).await
    }

    /// Asks the exchange until the outcome is definite, at most for this long; see [`Orders::resolve`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    pub async fn resolve_within(&self, timeout: Duration) -> Resolution<A::Found> {
        self.0.orders.resolve(self, timeout).await
    }
}

impl<A: OrderAction> fmt::Debug for Doubt<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doubt")
            .field("request", &self.0.action)
            .field("sent_at", &self.0.sent_at)
            .field("fence", &self.0.fence)
            .field("error", &self.0.error)
            .finish_non_exhaustive()
    }
}

impl<A: OrderAction> fmt::Display for Doubt<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

/// What was found out about a request whose outcome was unknown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Resolution<F> {
    /// The request took effect. With what the exchange shows of it: the order, the list.
    Done(F),
    /// The request did not take effect and cannot any more. With what the exchange shows instead, if anything: the order that
    /// was to be cancelled and is still open.
    NotDone(Option<F>),
    /// The outcome could not be found out in the time given.
    StillUnknown,
}

impl<F> Resolution<F> {
    /// Returns whether it is known whether the request was executed.
    pub const fn is_definite(&self) -> bool {
        !matches!(self, Self::StillUnknown)
    }

    /// Returns what the exchange shows of a request that took effect.
    pub fn done(self) -> Option<F> {
        match self {
            Self::Done(found) => Some(found),
            _ => None,
        }
    }
}

impl<F> fmt::Display for Resolution<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "done",
            Self::NotDone(_) => "not done",
            Self::StillUnknown => "still unknown",
        })
    }
}
