//! What is wrong with an order: rule, parameter, numbers.

use binance_kit_core::{Decimal, InvalidRequest};
use smol_str::SmolStr;
use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// A rule that orders must keep: a filter, or something else that `exchangeInfo` says of a symbol.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $variant,)+
            /// A filter this version of the SDK does not know.
            Unknown(SmolStr),
        }

        impl Rule {
            /// The name of the filter or of the field of `exchangeInfo` (`PRICE_FILTER`, `icebergAllowed`).
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(name) => name,
                }
            }
        }
    };
}

rules! {
    /// The request must be one that makes sense at all; see [`Request::check`](binance_kit_core::Request::check).
    Request = "request",
    /// The order must be for the symbol whose rules these are.
    Symbol = "symbol",
    /// The symbol must be open for trading.
    Status = "status",
    /// The symbol must be traded in spot.
    IsSpotTradingAllowed = "isSpotTradingAllowed",
    /// The account needs one permission of each set.
    PermissionSets = "permissionSets",
    /// The types of order that the symbol takes.
    OrderTypes = "orderTypes",
    /// Whether orders may show a part only.
    IcebergAllowed = "icebergAllowed",
    /// Whether OCO lists are taken.
    OcoAllowed = "ocoAllowed",
    /// Whether OTO lists are taken.
    OtoAllowed = "otoAllowed",
    /// Whether OPO lists are taken.
    OpoAllowed = "opoAllowed",
    /// Whether market orders may be given in the quote asset.
    QuoteOrderQtyMarketAllowed = "quoteOrderQtyMarketAllowed",
    /// Whether trailing stops are taken.
    AllowTrailingStop = "allowTrailingStop",
    /// Whether cancel-replace is taken.
    CancelReplaceAllowed = "cancelReplaceAllowed",
    /// Whether orders can be amended.
    AmendAllowed = "amendAllowed",
    /// Whether pegged orders are taken.
    PegInstructionsAllowed = "pegInstructionsAllowed",
    /// The modes of self-trade prevention that orders may have.
    AllowedSelfTradePreventionModes = "allowedSelfTradePreventionModes",
    /// Whether smart order routing knows the symbol.
    Sors = "sors",
    /// How many decimal places a quantity has.
    BaseAssetPrecision = "baseAssetPrecision",
    /// How many decimal places a price and a quantity in the quote asset have.
    QuoteAssetPrecision = "quoteAssetPrecision",
    /// The part that the book shows is not more than the whole.
    IcebergQuantity = "icebergQty",
    /// An amendment lowers the quantity.
    AmendedQuantity = "newQty",
    /// The range and the step of prices.
    PriceFilter = "PRICE_FILTER",
    /// How far a price may be from the average.
    PercentPrice = "PERCENT_PRICE",
    /// How far a price may be from the average, by the side of the order.
    PercentPriceBySide = "PERCENT_PRICE_BY_SIDE",
    /// The range and the step of quantities.
    LotSize = "LOT_SIZE",
    /// The range and the step of quantities of market orders.
    MarketLotSize = "MARKET_LOT_SIZE",
    /// The least that price times quantity may be.
    MinNotional = "MIN_NOTIONAL",
    /// The range of price times quantity.
    Notional = "NOTIONAL",
    /// Into how many parts an iceberg order may be cut.
    IcebergParts = "ICEBERG_PARTS",
    /// How many orders may be open on the symbol.
    MaxNumOrders = "MAX_NUM_ORDERS",
    /// How many stop and take-profit orders may be open on the symbol.
    MaxNumAlgoOrders = "MAX_NUM_ALGO_ORDERS",
    /// How many iceberg orders may be open on the symbol.
    MaxNumIcebergOrders = "MAX_NUM_ICEBERG_ORDERS",
    /// How many order lists may be open on the symbol.
    MaxNumOrderLists = "MAX_NUM_ORDER_LISTS",
    /// How often an order may be amended.
    MaxNumOrderAmends = "MAX_NUM_ORDER_AMENDS",
    /// How much of the base asset an account may hold.
    MaxPosition = "MAX_POSITION",
    /// The range of the distance of trailing stops.
    TrailingDelta = "TRAILING_DELTA",
    /// How many orders may be open on the exchange.
    ExchangeMaxNumOrders = "EXCHANGE_MAX_NUM_ORDERS",
    /// How many stop and take-profit orders may be open on the exchange.
    ExchangeMaxNumAlgoOrders = "EXCHANGE_MAX_NUM_ALGO_ORDERS",
    /// How many iceberg orders may be open on the exchange.
    ExchangeMaxNumIcebergOrders = "EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
    /// How many order lists may be open on the exchange.
    ExchangeMaxNumOrderLists = "EXCHANGE_MAX_NUM_ORDER_LISTS",
    /// How much of an asset an order may spend or gain.
    MaxAsset = "MAX_ASSET",
}

impl Rule {
    /// Whether it is one of the exchange's filters, which refuse with code `-1013` and `Filter failure: ` before their name.
    pub fn is_filter(&self) -> bool {
        self.as_str().bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong, with the numbers. `nearest` is the nearest value of the parameter at fault, on the side to which it must move, with
/// which the order passes every rule of that parameter and breaks no other; `None` where there is no such value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// Below the least.
    TooLow {
        /// The value in the request.
        given: Decimal,
        /// The least that is allowed.
        bound: Decimal,
        /// The nearest that is allowed.
        nearest: Option<Decimal>,
    },
    /// Above the most.
    TooHigh {
        /// The value in the request.
        given: Decimal,
        /// The most that is allowed.
        bound: Decimal,
        /// The nearest that is allowed.
        nearest: Option<Decimal>,
    },
    /// Not a multiple of the step.
    OffStep {
        /// The value in the request.
        given: Decimal,
        /// The step.
        step: Decimal,
        /// The next lower value that is allowed.
        below: Option<Decimal>,
        /// The next higher value that is allowed.
        above: Option<Decimal>,
    },
    /// More decimal places than there are.
    TooPrecise {
        /// The value in the request.
        given: Decimal,
        /// How many places there are.
        places: u32,
    },
    /// Price times quantity below the least.
    NotionalTooLow {
        /// Price times quantity; rounded where that has more than 28 digits.
        notional: Decimal,
        /// The least that is allowed.
        bound: Decimal,
        /// The nearest value of the parameter that is allowed.
        nearest: Option<Decimal>,
    },
    /// Price times quantity above the most.
    NotionalTooHigh {
        /// Price times quantity; rounded where that has more than 28 digits.
        notional: Decimal,
        /// The most that is allowed.
        bound: Decimal,
        /// The nearest value of the parameter that is allowed.
        nearest: Option<Decimal>,
    },
    /// The account would hold too much of the base asset.
    PositionTooHigh {
        /// What it holds, with what its open orders may buy.
        position: Decimal,
        /// What the order adds.
        given: Decimal,
        /// The most that is allowed.
        bound: Decimal,
        /// The largest quantity that is allowed.
        nearest: Option<Decimal>,
    },
    /// The order would be cut into too many parts.
    TooManyParts {
        /// How many.
        parts: u64,
        /// At most so many.
        bound: u32,
        /// The smallest part that is allowed.
        nearest: Option<Decimal>,
    },
    /// There would be too many of them.
    TooMany {
        /// How many there are.
        open: u32,
        /// How many the request adds.
        adding: u32,
        /// At most so many.
        bound: u32,
    },
    /// The symbol does not take it, or the account may not do it.
    NotAllowed {
        /// What the request asks for.
        given: SmolStr,
    },
    /// The request makes no sense.
    Invalid(InvalidRequest),
}

/// A rule that an order breaks.
///
/// ```
/// # use binance_kit_model::spot::rules::Violation;
/// # fn show(violation: &Violation) {
/// // `quantity` is 0.00012, not a multiple of 0.0001; nearest are 0.0001 and 0.0002 (LOT_SIZE)
/// println!("{violation}");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The parameter of the request that is at fault (`price`, `pendingAboveStopPrice`).
    pub parameter: SmolStr,
    /// What is wrong with it.
    pub kind: ViolationKind,
}

struct Nearest(Option<Decimal>);

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "; the nearest allowed is {value}"),
            None => f.write_str("; no value is allowed"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, parameter, kind: fault } = self;
        write!(f, "`{parameter}` ")?;
        match fault {
            ViolationKind::TooLow { given, bound, nearest } => {
                write!(f, "is {given}, below the least of {bound}{}", Nearest(*nearest))?;
            }
            ViolationKind::TooHigh { given, bound, nearest } => {
                write!(f, "is {given}, above the most of {bound}{}", Nearest(*nearest))?;
            }
            ViolationKind::OffStep { given, step, below, above } => {
                write!(f, "is {given}, not a multiple of {step}")?;
                match (below, above) {
                    (Some(below), Some(above)) => write!(f, "; the nearest allowed are {below} and {above}")?,
                    (one, other) => write!(f, "{}", Nearest(one.or(*other)))?,
                }
            }
            ViolationKind::TooPrecise { given, places } => {
                write!(f, "is {given}, which has more than {places} decimal places")?;
            }
            ViolationKind::NotionalTooLow { notional, bound, nearest } => {
                write!(f, "makes the order worth {notional}, less than {bound}{}", Nearest(*nearest))?;
            }
            ViolationKind::NotionalTooHigh { notional, bound, nearest } => {
                write!(f, "makes the order worth {notional}, more than {bound}{}", Nearest(*nearest))?;
            }
            ViolationKind::PositionTooHigh { position, given, bound, nearest } => {
                write!(
                    f,
                    "is {given}, which with the {position} that there are makes more than {bound}{}",
                    Nearest(*nearest)
                )?;
            }
            ViolationKind::TooManyParts { parts, bound, nearest } => {
                write!(f, "cuts the order into {parts} parts, more than {bound}{}", Nearest(*nearest))?;
            }
            ViolationKind::TooMany { open, adding, bound } => {
                write!(f, "adds {adding} to the {open} that there are, which makes more than {bound}")?;
            }
            ViolationKind::NotAllowed { given } => write!(f, "is {given}, which is not allowed")?,
            ViolationKind::Invalid(error) => f.write_str(&error.reason)?,
        }
        write!(f, " ({rule})")
    }
}

/// Something that a rule needs to know and that the [`OrderContext`](super::OrderContext) does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fact {
    /// The reference price, or that there is none.
    ReferencePrice,
    /// The average price over so many minutes.
    AveragePrice {
        /// Over how many.
        minutes: u32,
    },
    /// The price of the last trade.
    LastPrice,
    /// At what price the order will trade: a market order's, or a pegged order's.
    OrderPrice,
    /// The quantity in the base asset: of an order in the quote asset, or of one whose quantity follows from another.
    Quantity,
    /// Open orders on the symbol.
    OpenOnSymbol,
    /// Open orders on the exchange.
    OpenOnExchange,
    /// What the account holds of the base asset.
    BaseBalance,
    /// What the open orders may still buy.
    OpenBuyQuantity,
    /// Permissions of the account.
    Permissions,
    /// The order that is to be amended.
    AmendedOrder,
    /// How often the order was amended.
    Amendments,
    /// Among which symbols smart order routing chooses: the rules were made from one symbol alone.
    Sors,
    /// What `exchangeInfo` says of it: the exchange left it out.
    SymbolInfo,
    /// What the filter means: this version of the SDK does not know it.
    Meaning,
    /// The side of the order: this version of the SDK does not know the word.
    Side,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReferencePrice => "the reference price",
            Self::AveragePrice { minutes } => {
                return write!(f, "the average price over {minutes} minutes");
            }
            Self::LastPrice => "the price of the last trade",
            Self::OrderPrice => "the price at which the order will trade",
            Self::Quantity => "the quantity in the base asset",
            Self::OpenOnSymbol => "what is open on the symbol",
            Self::OpenOnExchange => "what is open on the exchange",
            Self::BaseBalance => "what the account holds of the base asset",
            Self::OpenBuyQuantity => "what the open orders may still buy",
            Self::Permissions => "what the account may trade",
            Self::AmendedOrder => "the order that is to be amended",
            Self::Amendments => "how often the order was amended",
            Self::Sors => "among which symbols smart order routing chooses",
            Self::SymbolInfo => "whether the symbol allows it",
            Self::Meaning => "what the filter means",
            Self::Side => "the side of the order",
        })
    }
}

/// A rule that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NotChecked {
    /// The rule.
    pub rule: Rule,
    /// What is not known.
    pub missing: Fact,
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was not checked: {} is not known", self.rule, self.missing)
    }
}

/// An order that breaks no rule, as far as could be checked.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Passed {
    /// The rules that could not be checked, in the order of the exchange.
    pub not_checked: Vec<NotChecked>,
}

impl Passed {
    /// Whether every rule was checked.
    pub fn is_complete(&self) -> bool {
        self.not_checked.is_empty()
    }
}

/// An order that breaks rules.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Violations {
    /// Every rule that is broken, in the order of the exchange; never empty.
    pub broken: Vec<Violation>,
    /// The rules that could not be checked, in the order of the exchange.
    pub not_checked: Vec<NotChecked>,
}

impl Violations {
    /// Whether this rule is among those that are broken.
    pub fn breaks(&self, rule: &Rule) -> bool {
        self.broken.iter().any(|violation| violation.rule == *rule)
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order breaks the rules: ")?;
        for (index, violation) in self.broken.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Gathers what a check finds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) broken: Vec<Violation>,
    not_checked: Vec<NotChecked>,
}

impl Findings {
    pub(super) fn breaks(&mut self, rule: Rule, parameter: &str, fault: ViolationKind) {
        self.broken.push(Violation { rule, parameter: SmolStr::new(parameter), kind: fault });
    }

    pub(super) fn not_allowed(&mut self, rule: Rule, parameter: &str, given: &str) {
        self.breaks(rule, parameter, ViolationKind::NotAllowed { given: SmolStr::new(given) });
    }

    pub(super) fn misses(&mut self, rule: Rule, missing: Fact) {
        let entry = NotChecked { rule, missing };
        // The orders of a list miss the same.
        if !self.not_checked.contains(&entry) {
            self.not_checked.push(entry);
        }
    }

    pub(super) fn verdict(self) -> Result<Passed, Violations> {
        let Self { broken, not_checked } = self;
        if broken.is_empty() { Ok(Passed { not_checked }) } else { Err(Violations { broken, not_checked }) }
    }
}
