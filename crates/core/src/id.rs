//! Identifiers as types, so that an order id cannot be passed for a trade id.

use std::fmt;

/// Defines a numeric identifier.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// The number.
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<u64> for $name {
            fn from(value: u64) -> Self {
                Self(value)
            }
        }
    };
}

id_type! {
    /// The exchange's id of an order; unique per symbol.
    OrderId
}
id_type! {
    /// The exchange's id of an order list (OCO, OTO, OTOCO …). Orders outside a list have none (`-1` on the wire).
    OrderListId
}
id_type! {
    /// The id of a trade; consecutive per symbol.
    TradeId
}
id_type! {
    /// The id of an aggregate trade; consecutive per symbol.
    AggTradeId
}
id_type! {
    /// The number of an order book update; increasing per symbol.
    UpdateId
}
id_type! {
    /// The id of an execution report; increasing per account.
    ExecutionId
}
id_type! {
    /// The id of a match that self-trade prevention stopped.
    PreventedMatchId
}
id_type! {
    /// The id of an allocation (smart order routing).
    AllocationId
}
id_type! {
    /// The number of a user-data subscription on one connection of the WebSocket API.
    SubscriptionId
}
