//! Conversions of market and account requests, and checks across parameters.

use crate::generated::spot::all::{
    AggTrades, AllOrderLists, CancelReplaceResponse, DayTicker, ExchangeInfo, ExecutionRules, MyTrades,
    OrderKey, OrderListKey, SymbolQuery, SymbolStatus, Symbols, Ticker24hr, TickerRollingWindow,
    TickerTradingDay, TickerType, WindowTicker,
};
use binance_kit_core::{ApiError, Decimal, DecodeError, Decoder, InvalidRequest, Symbol, Timestamp};

impl From<&str> for OrderKey {
    /// By the client order id.
    fn from(client_order_id: &str) -> Self {
        Self::Client(client_order_id.into())
    }
}

impl From<&str> for OrderListKey {
    /// By the client order id.
    fn from(client_order_id: &str) -> Self {
        Self::Client(client_order_id.into())
    }
}

impl From<&str> for Symbols {
    fn from(symbol: &str) -> Self {
        Self::One(symbol.into())
    }
}

impl<const N: usize> From<[&str; N]> for Symbols {
    fn from(symbols: [&str; N]) -> Self {
        Self::Many(symbols.into_iter().map(Symbol::from).collect())
    }
}

impl From<&[Symbol]> for Symbols {
    fn from(symbols: &[Symbol]) -> Self {
        Self::Many(symbols.to_vec())
    }
}

impl From<&str> for SymbolQuery {
    fn from(symbol: &str) -> Self {
        Self::One(symbol.into())
    }
}

impl<const N: usize> From<[&str; N]> for SymbolQuery {
    fn from(symbols: [&str; N]) -> Self {
        Self::Many(symbols.into_iter().map(Symbol::from).collect())
    }
}

impl From<Symbols> for SymbolQuery {
    fn from(symbols: Symbols) -> Self {
        match symbols {
            Symbols::One(symbol) => Self::One(symbol),
            Symbols::Many(symbols) => Self::Many(symbols),
        }
    }
}

fn refuse<T>(parameter: &'static str, reason: &'static str) -> Result<T, InvalidRequest> {
    Err(InvalidRequest::new(parameter, reason))
}

/// Refuses a list that the exchange rejects, or answers in an unexpected way.
fn check_list(symbols: Option<&[Symbol]>, most: usize) -> Result<(), InvalidRequest> {
    let Some(symbols) = symbols else { return Ok(()) };
    if symbols.is_empty() {
        return refuse("symbols", "is empty; leave it out to ask for all");
    }
    if symbols.len() > most {
        return Err(InvalidRequest::new("symbols", format!("holds more than {most}")));
    }
    let mut sorted: Vec<&Symbol> = symbols.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(InvalidRequest::new(
            "symbols",
            format!("holds {} twice", pair.first().map_or("", |symbol| symbol.as_str())),
        )),
        None => Ok(()),
    }
}

impl Symbols {
    fn many(&self) -> Option<&[Symbol]> {
        match self {
            Self::One(_) => None,
            Self::Many(symbols) => Some(symbols),
        }
    }
}

fn check_status(named: bool, status: Option<&SymbolStatus>) -> Result<(), InvalidRequest> {
    if named && status.is_some() {
        return refuse("symbolStatus", "does not go with symbols by name");
    }
    Ok(())
}

impl ExchangeInfo {
    /// The rules of one symbol, or of several.
    pub fn of(symbols: impl Into<SymbolQuery>) -> Self {
        Self::new().query(symbols)
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        let named = matches!(self.query, Some(SymbolQuery::One(_) | SymbolQuery::Many(_)));
        check_status(named, self.symbol_status.as_ref())?;
        match &self.query {
            Some(SymbolQuery::Many(symbols)) => check_list(Some(symbols), usize::MAX),
            Some(SymbolQuery::Permissions(permissions)) if permissions.is_empty() => {
                refuse("permissions", "is empty")
            }
            _ => Ok(()),
        }
    }
}

impl ExecutionRules {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_status(self.symbols.is_some(), self.symbol_status.as_ref())?;
        check_list(self.symbols.as_ref().and_then(Symbols::many), usize::MAX)
    }
}

impl Ticker24hr {
    /// The short form.
    #[must_use]
    pub fn mini(self) -> Self {
        self.ticker_type(TickerType::Mini)
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_list(self.symbols.as_ref().and_then(Symbols::many), usize::MAX)
    }
}

impl TickerTradingDay {
    /// The short form.
    #[must_use]
    pub fn mini(self) -> Self {
        self.ticker_type(TickerType::Mini)
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_list(self.symbols.many(), 100)
    }
}

impl TickerRollingWindow {
    /// The short form.
    #[must_use]
    pub fn mini(self) -> Self {
        self.ticker_type(TickerType::Mini)
    }

    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        if let Some(window) = self.window_size {
            window.check()?;
        }
        check_list(self.symbols.many(), 100)
    }
}

impl DayTicker {
    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        match self {
            Self::Full(ticker) => &ticker.symbol,
            Self::Mini(ticker) => &ticker.symbol,
        }
    }

    /// The last price.
    pub fn last_price(&self) -> Decimal {
        match self {
            Self::Full(ticker) => ticker.last_price,
            Self::Mini(ticker) => ticker.last_price,
        }
    }
}

impl WindowTicker {
    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        match self {
            Self::Full(ticker) => &ticker.symbol,
            Self::Mini(ticker) => &ticker.symbol,
        }
    }

    /// The last price.
    pub fn last_price(&self) -> Decimal {
        match self {
            Self::Full(ticker) => ticker.last_price,
            Self::Mini(ticker) => ticker.last_price,
        }
    }
}

/// An id and times exclude one another.
fn check_start(has_id: bool, start: Option<Timestamp>, end: Option<Timestamp>) -> Result<(), InvalidRequest> {
    if has_id && (start.is_some() || end.is_some()) {
        return refuse("fromId", "does not go with `startTime` and `endTime`");
    }
    match (start, end) {
        (Some(start), Some(end)) if end < start => refuse("endTime", "is before `startTime`"),
        _ => Ok(()),
    }
}

impl AggTrades {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_start(self.from_id.is_some(), self.start_time, self.end_time)
    }
}

impl AllOrderLists {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_start(self.from_id.is_some(), self.start_time, self.end_time)
    }
}

impl MyTrades {
    pub(crate) fn check_rules(&self) -> Result<(), InvalidRequest> {
        check_start(self.from_id.is_some(), self.start_time, self.end_time)
    }
}

impl CancelReplaceResponse {
    /// Reads the outcomes of both halves from the error of the exchange when one failed (codes `-2021` and `-2022`). `None` for
    /// an error without them.
    pub fn from_error(error: &ApiError) -> Option<Result<Self, DecodeError>> {
        let data = error.data.as_ref()?;
        matches!(
            error.code,
            super::error_code::CANCEL_REPLACE_PARTIALLY_FAILED | super::error_code::CANCEL_REPLACE_FAILED
        )
        .then(|| Decoder::new().decode(data.as_bytes()))
    }
}
