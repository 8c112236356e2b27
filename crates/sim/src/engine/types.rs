//! The words of the exchange that orders are made of.

use serde::{Deserialize, Serialize};
/// Defines an enum whose variants have a word on the wire.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub(crate) enum $name { $($variant),* }

        #[allow(dead_code, reason = "not every word is both read and written")]
        impl $name {
            /// The word on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The variant of a word.
            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

word_enum! {
    /// Which side of the book.
    Side { Buy = "BUY", Sell = "SELL" }
}

impl Side {
    pub(crate) const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

word_enum! {
    /// The type of an order.
    OrderType {
        Limit = "LIMIT",
        Market = "MARKET",
        LimitMaker = "LIMIT_MAKER",
        StopLoss = "STOP_LOSS",
        StopLossLimit = "STOP_LOSS_LIMIT",
        TakeProfit = "TAKE_PROFIT",
        TakeProfitLimit = "TAKE_PROFIT_LIMIT",
    }
}

impl OrderType {
    /// Whether the order waits for a price before it acts.
    pub(crate) const fn is_contingent(self) -> bool {
        matches!(self, Self::StopLoss | Self::StopLossLimit | Self::TakeProfit | Self::TakeProfitLimit)
    }

    /// Whether the order has a limit price.
    pub(crate) const fn has_price(self) -> bool {
        matches!(self, Self::Limit | Self::LimitMaker | Self::StopLossLimit | Self::TakeProfitLimit)
    }

    /// Whether the order is triggered when the price rises to its stop price (the others: when it falls to it).
    pub(crate) const fn triggers_upwards(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::StopLoss | Self::StopLossLimit, Side::Buy)
                | (Self::TakeProfit | Self::TakeProfitLimit, Side::Sell)
        )
    }
}

word_enum! {
    /// How long an order stays.
    TimeInForce { Gtc = "GTC", Ioc = "IOC", Fok = "FOK" }
}

word_enum! {
    /// The state of an order.
    OrderStatus {
        New = "NEW",
        PendingNew = "PENDING_NEW",
        PartiallyFilled = "PARTIALLY_FILLED",
        Filled = "FILLED",
        Canceled = "CANCELED",
        Rejected = "REJECTED",
        Expired = "EXPIRED",
        ExpiredInMatch = "EXPIRED_IN_MATCH",
    }
}

impl OrderStatus {
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PendingNew | Self::PartiallyFilled)
    }
}

word_enum! {
    /// What happens when an order would trade with one of its own account.
    SelfTradePrevention {
        None = "NONE",
        ExpireTaker = "EXPIRE_TAKER",
        ExpireMaker = "EXPIRE_MAKER",
        ExpireBoth = "EXPIRE_BOTH",
        Decrement = "DECREMENT",
        Transfer = "TRANSFER",
    }
}

word_enum! {
    /// Which best price the price of a pegged order follows.
    PegPriceType { Primary = "PRIMARY_PEG", Market = "MARKET_PEG" }
}

impl SelfTradePrevention {
    pub(crate) const ALL: [Self; 6] =
        [Self::None, Self::ExpireTaker, Self::ExpireMaker, Self::ExpireBoth, Self::Decrement, Self::Transfer];
}

impl PegPriceType {
    /// The side of the book whose prices count for an order of this side.
    pub(crate) const fn side(self, order: Side) -> Side {
        match self {
            Self::Primary => order,
            Self::Market => order.opposite(),
        }
    }
}

word_enum! {
    /// What an execution report reports.
    ExecutionType {
        New = "NEW",
        Canceled = "CANCELED",
        Replaced = "REPLACED",
        Rejected = "REJECTED",
        Trade = "TRADE",
        Expired = "EXPIRED",
        TradePrevention = "TRADE_PREVENTION",
    }
}

word_enum! {
    /// Why an order expired.
    ExpiryReason {
        Rejected = "REJECTED",
        ExchangeCanceled = "EXCHANGE_CANCELED",
        OcoTrigger = "OCO_TRIGGER",
        OtoPhaseOneExpired = "OTO_PHASE_ONE_EXPIRED",
        UnfilledIoc = "UNFILLED_IOC_QUANTITY_EXPIRED",
        UnfilledFok = "UNFILLED_FOK_ORDER_EXPIRED",
        InsufficientLiquidity = "INSUFFICIENT_LIQUIDITY",
        PriceRangeExceeded = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    }
}

word_enum! {
    /// What a cancel may apply to.
    CancelRestrictions { OnlyNew = "ONLY_NEW", OnlyPartiallyFilled = "ONLY_PARTIALLY_FILLED" }
}

word_enum! {
    /// What happens to the new order when the cancel of a cancel-replace fails.
    CancelReplaceMode { StopOnFailure = "STOP_ON_FAILURE", AllowFailure = "ALLOW_FAILURE" }
}

word_enum! {
    /// Where an order that was routed was last active.
    WorkingFloor { Exchange = "EXCHANGE", Sor = "SOR" }
}

word_enum! {
    /// The kind of message about an order list.
    ListStatusType { ExecStarted = "EXEC_STARTED", Updated = "UPDATED", AllDone = "ALL_DONE" }
}

word_enum! {
    /// How the orders of a list depend on each other.
    Contingency { OneCancels = "OCO", OneTriggers = "OTO" }
}

word_enum! {
    /// The state of an order list.
    ListOrderStatus { Executing = "EXECUTING", AllDone = "ALL_DONE" }
}

/// Index of a symbol in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SymbolId(pub(crate) u16);

/// Index of an asset in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct AssetId(pub(crate) u16);

/// Index of an account in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct AccountId(pub(crate) u32);
