//! Refusals, with the codes and messages of the exchange.

use std::borrow::Cow;

/// A request that the exchange refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject {
    /// The code.
    pub(crate) code: i32,
    /// The message.
    pub(crate) message: Cow<'static, str>,
}

impl Reject {
    pub(crate) fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The same refusal of an order in a list, whose parameters have a prefix.
    pub(crate) fn of_leg(mut self, prefix: &str) -> Self {
        if matches!(self.code, -1102 | -1106)
            && let Some((head, rest)) = self.message.split_once('\'')
            && let Some((name, tail)) = rest.split_once('\'')
        {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            let name: String = first.into_iter().chain(letters).collect();
            self.message = format!("{head}'{prefix}{name}'{tail}").into();
        }
        self
    }

    pub(crate) fn filter(name: &str) -> Self {
        Self::new(-1013, format!("Filter failure: {name}"))
    }

    /// A new order that the matching engine refuses.
    pub(crate) fn order(message: &'static str) -> Self {
        Self::new(-2010, message)
    }

    /// An order that the API refuses before it reaches the matching engine.
    pub(crate) fn invalid_order(message: &'static str) -> Self {
        Self::new(-1013, message)
    }

    pub(crate) fn closed() -> Self {
        Self::invalid_order("Market is closed.")
    }

    pub(crate) fn no_peg() -> Self {
        Self::order("Order book liquidity is too low for this pegged order.")
    }

    pub(crate) fn balance() -> Self {
        Self::order("Account has insufficient balance for requested action.")
    }

    pub(crate) fn unknown_order_sent() -> Self {
        Self::new(-2011, "Unknown order sent.")
    }

    pub(crate) fn misnamed_order() -> Self {
        Self::new(-2039, "Client order ID is not correct for this order ID.")
    }

    pub(crate) fn no_such_order() -> Self {
        Self::new(-2013, "Order does not exist.")
    }

    pub(crate) fn bad_symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::new(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    pub(crate) fn missing_both(one: &str, other: &str) -> Self {
        Self::new(-1102, format!("Param '{one}' or '{other}' must be sent, but both were empty/null!"))
    }

    pub(crate) fn not_required(name: &str) -> Self {
        Self::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    pub(crate) fn too_precise(name: &str) -> Self {
        Self::new(-1111, format!("Parameter '{name}' has too much precision."))
    }

    pub(crate) fn bad_combination() -> Self {
        Self::new(-1128, "Combination of optional parameters invalid.")
    }

    pub(crate) fn invalid(name: &str) -> Self {
        Self::new(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }
}
