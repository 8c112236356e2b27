//! The rules of one symbol.

use crate::generated::spot::all::{AccountFilters, ExchangeInformation, Filter, OrderType, SymbolInfo};
use binance_kit_core::printable::printable;
use binance_kit_core::{Asset, DecodeError, Encode, List, Symbol, UnreadableElement};
use std::fmt;
use std::mem::discriminant;

/// The rules of one symbol: what `exchangeInfo` says of it, and the filters that hold for it, for the exchange as a whole
/// and for its assets.
///
/// ```
/// use binance_kit_core::{Decimal, Decoder};
/// use binance_kit_model::spot::{NewOrder, Rounding};
/// use binance_kit_model::spot::general::ExchangeInformation;
/// use binance_kit_model::spot::rules::{OrderContext, Rule};
///
/// let answer = br#"{"timezone":"UTC","serverTime":1,"rateLimits":[],"exchangeFilters":[],"symbols":[{
///     "symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT",
///     "quotePrecision":8,"quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,
///     "orderTypes":["LIMIT","MARKET"],"icebergAllowed":true,"ocoAllowed":true,"otoAllowed":true,
///     "quoteOrderQtyMarketAllowed":true,"allowTrailingStop":true,"cancelReplaceAllowed":true,
///     "isSpotTradingAllowed":true,"isMarginTradingAllowed":true,"permissions":[],"permissionSets":[],
///     "defaultSelfTradePreventionMode":"NONE","allowedSelfTradePreventionModes":["NONE"],"filters":[
///         {"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"1000000","tickSize":"0.01"},
///         {"filterType":"LOT_SIZE","minQty":"0.0001","maxQty":"9000","stepSize":"0.0001"},
///         {"filterType":"MIN_NOTIONAL","minNotional":"5","applyToMarket":true,"avgPriceMins":5}]}]}"#;
/// let information: ExchangeInformation = Decoder::new().decode(answer)?;
/// let rules = information.rules("BTCUSDT")?;
///
/// let order = NewOrder::limit_buy("BTCUSDT").quantity("0.00123456").price("60000.123");
/// let violations = rules.check(&order, &OrderContext::new()).unwrap_err();
/// assert!(violations.breaks(&Rule::PriceFilter) && violations.breaks(&Rule::LotSize));
/// assert_eq!(
///     violations.broken[0].to_string(),
///     "`price` is 60000.123, not a multiple of 0.01; the nearest allowed are 60000.12 and 60000.13 (PRICE_FILTER)"
/// );
///
/// let order = order.rounded(&rules, Rounding::Passive)?;
/// assert_eq!(order.price, Some(Decimal::new(6_000_012, 2)));
/// assert_eq!(order.quantity, Some(Decimal::new(12, 4)));
/// assert!(rules.check(&order, &OrderContext::new()).is_ok());
///
/// let refused = NewOrder::limit_buy("BTCUSDT").quantity("0.001").price("60 000").rounded(&rules, Rounding::Passive);
/// assert!(refused.unwrap_err().to_string().contains("`price` must be a plain decimal number"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolRules {
    /// What `exchangeInfo` says of the symbol, without its filters.
    pub(super) info: SymbolInfo,
    /// The filters of the symbol, then of the exchange, then of assets.
    pub(super) filters: Vec<Filter>,
    /// Whether smart order routing includes the symbol, if known.
    pub(super) sor: Option<bool>,
}

impl SymbolRules {
    /// From one symbol of `exchangeInfo`, and the filters of the exchange as a whole that are in the same answer.
    pub fn new(info: &SymbolInfo, exchange_filters: &[Filter]) -> Self {
        let mut info = info.clone();
        let mut filters: Vec<Filter> = all_of(&std::mem::take(&mut info.filters)).collect();
        filters.extend_from_slice(exchange_filters);
        for filter in &mut filters {
            trim(filter);
        }
        Self { info, filters, sor: None }
    }

    /// With what holds for an account, from an answer to `MyFilters` for this symbol: a filter of a kind that is there
    /// already takes its place, and the others are added; those of assets are in no other answer.
    #[must_use]
    pub fn with_account_filters(mut self, answer: &AccountFilters) -> Self {
        let own = [&answer.symbol_filters, &answer.exchange_filters, &answer.asset_filters];
        for mut filter in own.into_iter().flat_map(all_of) {
            trim(&mut filter);
            match self.filters.iter_mut().find(|known| is_same_kind(known, &filter)) {
                Some(known) => *known = filter,
                None => self.filters.push(filter),
            }
        }
        self
    }

    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.info.symbol
    }

    /// What is bought and sold.
    pub fn base_asset(&self) -> &Asset {
        &self.info.base_asset
    }

    /// In what it is paid.
    pub fn quote_asset(&self) -> &Asset {
        &self.info.quote_asset
    }

    /// The filters, in the order of the exchange: the symbol's, the exchange's, those of assets. Zeros at the end of their
    /// numbers are gone.
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }
}

/// All filters of a list. What is no filter at all is still a rule that is not known.
fn all_of(list: &List<Filter>) -> impl Iterator<Item = Filter> + '_ {
    let unreadable = list.unreadable().iter().map(|element| Filter::Unknown(element.into()));
    list.iter().cloned().chain(unreadable)
}

/// Whether an unreadable row is that of a symbol, given as JSON text; `None` if the row does not say its symbol. The text may be cut,
/// and has no whitespace between its values.
fn is_row_of(row: &UnreadableElement, quoted: &str) -> Option<bool> {
    let (_, value) = row.text.split_once(r#""symbol":"#)?;
    value.starts_with('"').then(|| value.starts_with(quoted))
}

/// Whether one filter says the same as the other, with other numbers.
fn is_same_kind(one: &Filter, other: &Filter) -> bool {
    match (one, other) {
        (Filter::MaxAsset(one), Filter::MaxAsset(other)) => one.asset == other.asset,
        (Filter::Unknown(one), Filter::Unknown(other)) => one.kind == other.kind,
        _ => discriminant(one) == discriminant(other),
    }
}

/// Takes the zeros off the end of a filter's numbers: what is rounded to a step has the places of the step.
fn trim(filter: &mut Filter) {
    let numbers: &mut [&mut binance_kit_core::Decimal] = match filter {
        Filter::Price(filter) => &mut [&mut filter.min_price, &mut filter.max_price, &mut filter.tick_size],
        Filter::LotSize(filter) => {
            &mut [&mut filter.min_quantity, &mut filter.max_quantity, &mut filter.step_size]
        }
        Filter::MarketLotSize(filter) => {
            &mut [&mut filter.min_quantity, &mut filter.max_quantity, &mut filter.step_size]
        }
        Filter::MinNotional(filter) => &mut [&mut filter.min_notional],
        Filter::Notional(filter) => &mut [&mut filter.min_notional, &mut filter.max_notional],
        Filter::MaxPosition(filter) => &mut [&mut filter.max_position],
        Filter::MaxAsset(filter) => &mut [&mut filter.limit],
        _ => &mut [],
    };
    for number in numbers {
        **number = number.normalize();
    }
}

impl ExchangeInformation {
    /// The rules of a symbol.
    ///
    /// # Errors
    ///
    /// [`NoRules`] says whether the answer does not list the symbol, or its row cannot be read.
    pub fn rules(&self, symbol: impl AsRef<str>) -> Result<SymbolRules, NoRules> {
        let symbol = symbol.as_ref();
        match self.symbols.iter().find(|info| info.symbol == *symbol) {
            Some(info) => Ok(self.rules_of(info)),
            None => Err(self.no_rules(symbol)),
        }
    }

    /// Why there are no rules of a symbol.
    #[cold]
    fn no_rules(&self, symbol: &str) -> NoRules {
        let rows = self.symbols.unreadable();
        let quoted = symbol.to_json();
        let row = rows
            .iter()
            .find(|row| is_row_of(row, &quoted) == Some(true))
            .or_else(|| rows.iter().find(|row| is_row_of(row, &quoted).is_none()))
            .or_else(|| rows.first().filter(|_| self.symbols.unreadable_count() > rows.len()));
        let symbol = symbol.into();
        match row {
            None => NoRules::NotListed { symbol },
            Some(row) => NoRules::Unreadable { symbol, row: Box::new(row.clone()) },
        }
    }

    /// The rules of every symbol.
    pub fn all_rules(&self) -> impl Iterator<Item = SymbolRules> + '_ {
        self.symbols.iter().map(|info| self.rules_of(info))
    }

    fn rules_of(&self, info: &SymbolInfo) -> SymbolRules {
        let sor = self.sors.as_ref().and_then(|sors| {
            let is_included = sors.iter().any(|sor| sor.symbols.contains(&info.symbol));
            // A row that cannot be read may have it.
            (is_included || sors.unreadable().is_empty()).then_some(is_included)
        });
        let exchange_filters: Vec<Filter> = all_of(&self.exchange_filters).collect();
        SymbolRules { sor, ..SymbolRules::new(info, &exchange_filters) }
    }
}

/// Why `exchangeInfo` has no rules of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoRules {
    /// The answer does not list the symbol.
    NotListed {
        /// The symbol that was asked for.
        symbol: Symbol,
    },
    /// The row of the symbol cannot be read; or it is not there, and this row, which does not say its symbol (or one of too many
    /// to be kept), may be it.
    Unreadable {
        /// The symbol that was asked for.
        symbol: Symbol,
        /// The row, with its text and what is wrong with it.
        row: Box<UnreadableElement>,
    },
}

impl NoRules {
    /// What is wrong with the row, and where in the answer.
    pub fn decode_error(&self) -> Option<DecodeError> {
        match self {
            Self::NotListed { .. } => None,
            Self::Unreadable { row, .. } => Some(row.error.clone().at_index(row.index).at_key("symbols")),
        }
    }
}

impl fmt::Display for NoRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed { symbol } => write!(f, "{symbol} is not in exchangeInfo"),
            Self::Unreadable { symbol, row } => {
                let (index, error) = (row.index, printable(&row.error));
                if is_row_of(row, &symbol.to_json()) == Some(true) {
                    write!(f, "the row of {symbol} in exchangeInfo cannot be read: {error}")
                } else {
                    write!(
                        f,
                        "{symbol} is not in exchangeInfo, or in row {index}, which cannot be read: {error}"
                    )
                }
            }
        }
    }
}

impl std::error::Error for NoRules {}

impl OrderType {
    /// Whether it is what the exchange's filters call an algo order: one that waits for a stop price.
    pub const fn is_algo(&self) -> bool {
        matches!(self, Self::StopLoss | Self::StopLossLimit | Self::TakeProfit | Self::TakeProfitLimit)
    }
}
