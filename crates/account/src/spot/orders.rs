//! What the orders of Spot have beyond those of all products: cancel-replace, order lists, smart order routing.

use crate::action::OrderAction;
use crate::orders::Orders;
use crate::outcome::Outcome;
use binance_kit_core::Symbol;
use binance_kit_core::product::Spot;
use binance_kit_model::spot::trade::{
    CancelOrderList, CancelReplaceResponse, OrderListKey, OrderListOpo, OrderListOpoco, SorOrder,
};
use binance_kit_model::spot::{CancelReplace, Order, OrderListOco, OrderListOto, OrderListOtoco};
use std::fmt;

/// The outcome of a cancel-replace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ReplaceOutcome {
    /// The exchange answered with the result of each half: done, rejected, or not attempted.
    Answered {
        /// The results.
        answer: CancelReplaceResponse,
        /// The id of the request and of its answer.
        id: Option<u64>,
    },
    /// The request as a whole was rejected, not sent, or its outcome is unknown. Never `Confirmed`.
    Whole(Outcome<CancelReplace>),
}

impl ReplaceOutcome {
    /// Returns the `id` of the request on its connection, which is that of its answer. None where it was not sent.
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Answered { id, .. } => *id,
            Self::Whole(outcome) => outcome.id(),
        }
    }
}

impl fmt::Display for ReplaceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { answer, .. } => {
                write!(f, "cancellation {}, new order {}", answer.cancel_result, answer.new_order_result)
            }
            Self::Whole(outcome) => outcome.fmt(f),
        }
    }
}

/// The two orders of a cancel-replace, as queries find them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Replacement {
    /// The new order, if it was placed.
    pub placed: Option<Order>,
    /// The order that was to be cancelled. Its status says whether it was.
    pub replaced: Option<Order>,
}

impl Orders<Spot> {
    /// Cancels an order and places another. The two halves have outcomes of their own: the answer has the result of each,
    /// also when the exchange rejected one or both.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn cancel_replace(&self, mut request: CancelReplace) -> ReplaceOutcome {
        request.assign_ids(self.ids());
        let sent_at = self.sent_at();
        match self.client().send(request.clone()).await {
            Ok(response) => {
                let id = Some(response.id());
                ReplaceOutcome::Answered { answer: response.into_value(), id }
            }
            // One half was rejected, or both; the error's `data` says which.
            Err(error) => match error.api_error().and_then(CancelReplaceResponse::from_error) {
                Some(Ok(answer)) => ReplaceOutcome::Answered { answer, id: error.request_id() },
                _ => ReplaceOutcome::Whole(Outcome::of(Err(error), |error| {
                    self.doubt(request, sent_at, error)
                })),
            },
        }
    }

    /// Places two orders of which one cancels the other. The list and its orders get client order ids if they have none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_oco(&self, list: OrderListOco) -> Outcome<OrderListOco> {
        self.send(list).await
    }

    /// Places an order, and another once it is filled. The list and its orders get client order ids if they have none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_oto(&self, list: OrderListOto) -> Outcome<OrderListOto> {
        self.send(list).await
    }

    /// Places an order, and an OCO once it is filled. The list and its orders get client order ids if they have none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_otoco(&self, list: OrderListOtoco) -> Outcome<OrderListOtoco> {
        self.send(list).await
    }

    /// Places a buy order, and a sell order of what it bought once it is filled. The list and its orders get client order ids
    /// if they have none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_opo(&self, list: OrderListOpo) -> Outcome<OrderListOpo> {
        self.send(list).await
    }

    /// Places a buy order, and an OCO of what it bought once it is filled. The list and its orders get client order ids if they
    /// have none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_opoco(&self, list: OrderListOpoco) -> Outcome<OrderListOpoco> {
        self.send(list).await
    }

    /// Places an order by smart order routing. It gets a client order id if it has none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place_sor(&self, order: SorOrder) -> Outcome<SorOrder> {
        self.send(order).await
    }

    /// Cancels an order list by either of its ids.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn cancel_list(
        &self,
        symbol: impl Into<Symbol>,
        list: impl Into<OrderListKey>,
    ) -> Outcome<CancelOrderList> {
        self.send(CancelOrderList::new(symbol, list)).await
    }
}
