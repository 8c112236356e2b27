// Written by `cargo xtask codegen` from crates/model/spec/spot/enums.toml; do not edit.

//! The words of Spot: kinds, states and modes of orders, symbols and candles.

use crate::macros::wire_enum;

wire_enum! {
    /// The kind of an account.
    AccountType {
        /// A spot account.
        Spot = "SPOT",
    }
}

wire_enum! {
    /// Why there is an allocation.
    AllocationType {
        /// Smart order routing.
        Sor = "SOR",
    }
}

wire_enum! {
    /// What happens to the new order if the old one cannot be cancelled.
    CancelReplaceMode {
        /// It is not placed.
        StopOnFailure = "STOP_ON_FAILURE",
        /// It is placed all the same.
        AllowFailure = "ALLOW_FAILURE",
    }
}

wire_enum! {
    /// What became of one half of a cancel-replace.
    CancelReplaceResult {
        /// It was done.
        Success = "SUCCESS",
        /// It was refused.
        Failure = "FAILURE",
        /// It was not tried.
        NotAttempted = "NOT_ATTEMPTED",
    }
}

wire_enum! {
    /// In which state an order may be cancelled.
    CancelRestrictions {
        /// Only if nothing of it was traded.
        OnlyNew = "ONLY_NEW",
        /// Only if a part of it was traded.
        OnlyPartiallyFilled = "ONLY_PARTIALLY_FILLED",
    }
}

wire_enum! {
    /// How the orders of a list depend on one another.
    ContingencyType {
        /// One cancels the other.
        Oco = "OCO",
        /// One triggers the other, or others.
        Oto = "OTO",
    }
}

wire_enum! {
    /// What happened to an order.
    ExecutionType {
        /// It was accepted.
        New = "NEW",
        /// It was cancelled.
        Canceled = "CANCELED",
        /// It was amended.
        Replaced = "REPLACED",
        /// It was refused.
        Rejected = "REJECTED",
        /// It was traded, in part or whole.
        Trade = "TRADE",
        /// It ended by the rules of its type, or by the exchange.
        Expired = "EXPIRED",
        /// It ended by self-trade prevention.
        TradePrevention = "TRADE_PREVENTION",
    }
}

wire_enum! {
    /// Why an order expired.
    ExpiryReason {
        /// It did not expire.
        None = "NONE",
        /// It was refused.
        Rejected = "REJECTED",
        /// The exchange ended it.
        ExchangeCanceled = "EXCHANGE_CANCELED",
        /// The other order of its OCO was triggered.
        OcoTrigger = "OCO_TRIGGER",
        /// The working order of its list expired.
        OtoPhaseOneExpired = "OTO_PHASE_ONE_EXPIRED",
        /// The rest of an IOC order that could not be filled at once.
        UnfilledIocQuantityExpired = "UNFILLED_IOC_QUANTITY_EXPIRED",
        /// A FOK order that could not be filled whole.
        UnfilledFokOrderExpired = "UNFILLED_FOK_ORDER_EXPIRED",
        /// There was not enough in the book.
        InsufficientLiquidity = "INSUFFICIENT_LIQUIDITY",
        /// The next price was outside the range of the execution rule.
        ExecutionRulePriceRangeExceeded = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    }
}

wire_enum! {
    /// The length of a candle.
    KlineInterval {
        /// One second.
        Second1 = "1s",
        /// One minute.
        Minute1 = "1m",
        /// Three minutes.
        Minute3 = "3m",
        /// Five minutes.
        Minute5 = "5m",
        /// Fifteen minutes.
        Minute15 = "15m",
        /// Thirty minutes.
        Minute30 = "30m",
        /// One hour.
        Hour1 = "1h",
        /// Two hours.
        Hour2 = "2h",
        /// Four hours.
        Hour4 = "4h",
        /// Six hours.
        Hour6 = "6h",
        /// Eight hours.
        Hour8 = "8h",
        /// Twelve hours.
        Hour12 = "12h",
        /// One day.
        Day1 = "1d",
        /// Three days.
        Day3 = "3d",
        /// One week.
        Week1 = "1w",
        /// One month.
        Month1 = "1M",
    }
}

wire_enum! {
    /// How far an order list has come.
    ListOrderStatus {
        /// The list was placed, or is being worked on.
        Executing = "EXECUTING",
        /// The list has ended.
        AllDone = "ALL_DONE",
        /// The list was refused.
        Reject = "REJECT",
    }
}

wire_enum! {
    /// What an answer or event about an order list reports.
    ListStatusType {
        /// The list was refused, or an action on it failed.
        Response = "RESPONSE",
        /// The list was placed, or its status was asked for.
        ExecStarted = "EXEC_STARTED",
        /// The client order id of an order of the list has changed.
        Updated = "UPDATED",
        /// The list has ended.
        AllDone = "ALL_DONE",
    }
}

wire_enum! {
    /// How a fill came about.
    MatchType {
        /// In the book.
        AutoMatch = "AUTO_MATCH",
        /// By smart order routing.
        OnePartyTradeReport = "ONE_PARTY_TRADE_REPORT",
    }
}

wire_enum! {
    /// What a cancel-replace does when the limit of unfilled orders is reached.
    OrderRateLimitExceededMode {
        /// Nothing.
        DoNothing = "DO_NOTHING",
        /// It cancels the old order and does not place the new one.
        CancelOnly = "CANCEL_ONLY",
    }
}

wire_enum! {
    /// Why an order was refused.
    OrderRejectReason {
        /// It was not refused.
        None = "NONE",
        /// The balance does not suffice.
        InsufficientBalances = "INSUFFICIENT_BALANCES",
        /// The stop price is reached already.
        StopPriceWouldTriggerImmediately = "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
        /// A maker order would trade at once.
        WouldMatchImmediately = "WOULD_MATCH_IMMEDIATELY",
        /// The prices of the OCO do not fit together.
        OcoBadPrices = "OCO_BAD_PRICES",
    }
}

wire_enum! {
    /// How much the exchange answers to a new order.
    OrderResponseType {
        /// That it was accepted.
        Ack = "ACK",
        /// Its state too.
        Result = "RESULT",
        /// Its state and its fills.
        Full = "FULL",
    }
}

wire_enum! {
    /// The side of an order.
    OrderSide {
        /// Buys the base asset.
        Buy = "BUY",
        /// Sells the base asset.
        Sell = "SELL",
    }
}

wire_enum! {
    /// How far an order has come.
    OrderStatus {
        /// Accepted by the matching engine.
        New = "NEW",
        /// Waits for the working order of its list to be filled.
        PendingNew = "PENDING_NEW",
        /// A part was traded.
        PartiallyFilled = "PARTIALLY_FILLED",
        /// All of it was traded.
        Filled = "FILLED",
        /// Cancelled by the user.
        Canceled = "CANCELED",
        /// Not in use.
        PendingCancel = "PENDING_CANCEL",
        /// Refused by the matching engine; it never was in the book.
        Rejected = "REJECTED",
        /// Ended by the rules of its type, or by the exchange.
        Expired = "EXPIRED",
        /// Ended by self-trade prevention.
        ExpiredInMatch = "EXPIRED_IN_MATCH",
    }
}

wire_enum! {
    /// The type of an order.
    OrderType {
        /// At the price given, or better.
        Limit = "LIMIT",
        /// At the best price there is.
        Market = "MARKET",
        /// A market order once the stop price is reached.
        StopLoss = "STOP_LOSS",
        /// A limit order once the stop price is reached.
        StopLossLimit = "STOP_LOSS_LIMIT",
        /// A market order once the stop price is reached from the other side.
        TakeProfit = "TAKE_PROFIT",
        /// A limit order once the stop price is reached from the other side.
        TakeProfitLimit = "TAKE_PROFIT_LIMIT",
        /// A limit order that is refused if it would trade at once.
        LimitMaker = "LIMIT_MAKER",
    }
}

wire_enum! {
    /// In what the offset of a pegged order is counted.
    PegOffsetType {
        /// Levels of the book.
        PriceLevel = "PRICE_LEVEL",
    }
}

wire_enum! {
    /// To which side of the book a pegged order is pegged.
    PegPriceType {
        /// The best price of its own side.
        PrimaryPeg = "PRIMARY_PEG",
        /// The best price of the other side.
        MarketPeg = "MARKET_PEG",
    }
}

wire_enum! {
    /// What an account may trade, or who may trade a symbol.
    Permission {
        /// Spot trading.
        Spot = "SPOT",
        /// Margin trading.
        Margin = "MARGIN",
        /// Leveraged tokens.
        Leveraged = "LEVERAGED",
        /// Trading group 2.
        TrdGrp002 = "TRD_GRP_002",
        /// Trading group 3.
        TrdGrp003 = "TRD_GRP_003",
        /// Trading group 4.
        TrdGrp004 = "TRD_GRP_004",
        /// Trading group 5.
        TrdGrp005 = "TRD_GRP_005",
        /// Trading group 6.
        TrdGrp006 = "TRD_GRP_006",
        /// Trading group 7.
        TrdGrp007 = "TRD_GRP_007",
        /// Trading group 8.
        TrdGrp008 = "TRD_GRP_008",
        /// Trading group 9.
        TrdGrp009 = "TRD_GRP_009",
        /// Trading group 10.
        TrdGrp010 = "TRD_GRP_010",
        /// Trading group 11.
        TrdGrp011 = "TRD_GRP_011",
        /// Trading group 12.
        TrdGrp012 = "TRD_GRP_012",
        /// Trading group 13.
        TrdGrp013 = "TRD_GRP_013",
        /// Trading group 14.
        TrdGrp014 = "TRD_GRP_014",
        /// Trading group 15.
        TrdGrp015 = "TRD_GRP_015",
        /// Trading group 16.
        TrdGrp016 = "TRD_GRP_016",
        /// Trading group 17.
        TrdGrp017 = "TRD_GRP_017",
        /// Trading group 18.
        TrdGrp018 = "TRD_GRP_018",
        /// Trading group 19.
        TrdGrp019 = "TRD_GRP_019",
        /// Trading group 20.
        TrdGrp020 = "TRD_GRP_020",
        /// Trading group 21.
        TrdGrp021 = "TRD_GRP_021",
        /// Trading group 22.
        TrdGrp022 = "TRD_GRP_022",
        /// Trading group 23.
        TrdGrp023 = "TRD_GRP_023",
        /// Trading group 24.
        TrdGrp024 = "TRD_GRP_024",
        /// Trading group 25.
        TrdGrp025 = "TRD_GRP_025",
    }
}

wire_enum! {
    /// What happens when an order would trade with another of the same account.
    SelfTradePreventionMode {
        /// They trade.
        None = "NONE",
        /// The order in the book expires.
        ExpireMaker = "EXPIRE_MAKER",
        /// The arriving order expires.
        ExpireTaker = "EXPIRE_TAKER",
        /// Both expire.
        ExpireBoth = "EXPIRE_BOTH",
        /// Both lose the smaller of the two quantities.
        Decrement = "DECREMENT",
        /// As `DECREMENT`; between accounts of one group the quantity changes hands.
        Transfer = "TRANSFER",
    }
}

wire_enum! {
    /// Whether a symbol can be traded.
    SymbolStatus {
        /// Trading is on.
        Trading = "TRADING",
        /// Trading ended for the day.
        EndOfDay = "END_OF_DAY",
        /// Trading is halted.
        Halt = "HALT",
        /// Trading pauses.
        Break = "BREAK",
        /// Orders can be cancelled but not placed.
        CancelOnly = "CANCEL_ONLY",
    }
}

wire_enum! {
    /// How much a ticker says.
    TickerType {
        /// Everything.
        Full = "FULL",
        /// Without price change, average and best prices.
        Mini = "MINI",
    }
}

wire_enum! {
    /// The window of a rolling-window ticker stream.
    TickerWindow {
        /// One hour.
        Hour1 = "1h",
        /// Four hours.
        Hour4 = "4h",
        /// One day.
        Day1 = "1d",
    }
}

wire_enum! {
    /// How long an order lives.
    TimeInForce {
        /// Until it is filled or cancelled.
        Gtc = "GTC",
        /// At once as far as possible; the rest expires.
        Ioc = "IOC",
        /// At once and whole, or not at all.
        Fok = "FOK",
    }
}

wire_enum! {
    /// Where an order is worked on.
    WorkingFloor {
        /// In the book of its symbol.
        Exchange = "EXCHANGE",
        /// By smart order routing.
        Sor = "SOR",
    }
}
