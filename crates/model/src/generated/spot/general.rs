// Written by `cargo xtask codegen` from crates/model/spec/spot/general.toml; do not edit.

//! Connectivity, server time, symbols and their rules.

use super::all::{Filter, OrderType, SelfTradePreventionMode};
use crate::common::UnknownObject;
use crate::macros::wire_enum;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, optional, required};
use binance_kit_core::{
    Api, Asset, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest, JsonWriter, List,
    ParamWriter, RateLimit, Request, RestRequest, Security, Symbol, Timestamp, WsRequest, product,
};
use std::borrow::Cow;

wire_enum! {
    /// Trading permission of an account or symbol.
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
    /// Status of a symbol.
    SymbolStatus {
        /// Trading.
        Trading = "TRADING",
        /// Trading ended for the day.
        EndOfDay = "END_OF_DAY",
        /// Trading is halted.
        Halt = "HALT",
        /// Trading break.
        Break = "BREAK",
        /// Orders can be cancelled but not placed.
        CancelOnly = "CANCEL_ONLY",
    }
}

/// The symbols, their rules, and the limits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExchangeInformation {
    /// The time zone of the exchange (`UTC`); `UTC` if absent.
    pub timezone: String,
    /// Server time; not in SBE.
    pub server_time: Option<Timestamp>,
    /// The limits of requests and orders; empty if absent.
    pub rate_limits: List<RateLimit>,
    /// Rules for all symbols together; empty if absent.
    pub exchange_filters: List<Filter>,
    /// The symbols.
    pub symbols: List<SymbolInfo>,
    /// Symbols among which smart order routing chooses.
    pub sors: Option<List<SorInfo>>,
}

impl ExchangeInformation {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut timezone = None;
        let mut server_time = None;
        let mut rate_limits = None;
        let mut exchange_filters = None;
        let mut symbols = None;
        let mut sors = None;
        for (key, found) in value.object()? {
            match key {
                "timezone" => field(&mut timezone, "timezone", found)?,
                "serverTime" => support::place(&mut server_time, "serverTime", found)?,
                "rateLimits" => field(&mut rate_limits, "rateLimits", found)?,
                "exchangeFilters" => field(&mut exchange_filters, "exchangeFilters", found)?,
                "symbols" => field(&mut symbols, "symbols", found)?,
                "sors" => field(&mut sors, "sors", found)?,
                _ => {}
            }
        }
        Ok(Self {
            timezone: optional(timezone).unwrap_or_else(|| "UTC".to_owned()),
            server_time: optional(server_time),
            rate_limits: optional(rate_limits).unwrap_or_default(),
            exchange_filters: optional(exchange_filters).unwrap_or_default(),
            symbols: required(symbols, "symbols")?,
            sors: optional(sors),
        })
    }
}

impl Decode for ExchangeInformation {
    const LAYOUT: Layout = Layout::Fields(&["rateLimits", "exchangeFilters", "symbols", "sors"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExchangeInformation"))
    }
}

impl Encode for ExchangeInformation {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("timezone", &self.timezone);
        json.optional("serverTime", self.server_time.as_ref());
        json.field("rateLimits", &self.rate_limits);
        json.field("exchangeFilters", &self.exchange_filters);
        json.field("symbols", &self.symbols);
        json.optional("sors", self.sors.as_ref());
        json.end_object();
    }
}

/// A rule for executions, beside the filters for orders.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ExecutionRule {
    /// Price range around the reference price, within which orders execute.
    PriceRange(PriceRangeRule),
    /// Of a kind this version of the SDK does not know, or of a known kind and unreadable.
    Unknown(UnknownObject),
}

impl Decode for ExecutionRule {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match support::kind_of(value, "ruleType").map_err(|error| error.in_type("ExecutionRule"))? {
            "PRICE_RANGE" => PriceRangeRule::decode(value)
                .map(Self::PriceRange)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("PRICE_RANGE", value, error)))),
            other => Ok(Self::Unknown(UnknownObject::new(other, value))),
        }
    }
}

impl Encode for ExecutionRule {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::PriceRange(value) => value.encode(json),
            Self::Unknown(value) => value.encode(json),
        }
    }
}

/// The execution rules of symbols.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExecutionRuleList {
    /// The rules, by symbol.
    pub symbol_rules: List<SymbolExecutionRules>,
}

impl ExecutionRuleList {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol_rules = None;
        for (key, found) in value.object()? {
            if key == "symbolRules" {
                field(&mut symbol_rules, "symbolRules", found)?;
            }
        }
        Ok(Self { symbol_rules: required(symbol_rules, "symbolRules")? })
    }
}

impl Decode for ExecutionRuleList {
    const LAYOUT: Layout = Layout::Fields(&["symbolRules"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExecutionRuleList"))
    }
}

impl Encode for ExecutionRuleList {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbolRules", &self.symbol_rules);
        json.end_object();
    }
}

/// Price range around the reference price, within which orders execute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PriceRangeRule {
    /// Bids trade up to this times the reference price.
    pub bid_limit_multiplier_up: Option<Decimal>,
    /// Bids trade down to this times the reference price.
    pub bid_limit_multiplier_down: Option<Decimal>,
    /// Asks trade up to this times the reference price.
    pub ask_limit_multiplier_up: Option<Decimal>,
    /// Asks trade down to this times the reference price.
    pub ask_limit_multiplier_down: Option<Decimal>,
}

impl PriceRangeRule {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut bid_limit_multiplier_up = None;
        let mut bid_limit_multiplier_down = None;
        let mut ask_limit_multiplier_up = None;
        let mut ask_limit_multiplier_down = None;
        for (key, found) in value.object()? {
            match key {
                "ruleType" => support::constant(&mut seen, "ruleType", "PRICE_RANGE", found)?,
                "bidLimitMultUp" => field(&mut bid_limit_multiplier_up, "bidLimitMultUp", found)?,
                "bidLimitMultDown" => field(&mut bid_limit_multiplier_down, "bidLimitMultDown", found)?,
                "askLimitMultUp" => field(&mut ask_limit_multiplier_up, "askLimitMultUp", found)?,
                "askLimitMultDown" => field(&mut ask_limit_multiplier_down, "askLimitMultDown", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "ruleType")?;
        Ok(Self {
            bid_limit_multiplier_up: optional(bid_limit_multiplier_up),
            bid_limit_multiplier_down: optional(bid_limit_multiplier_down),
            ask_limit_multiplier_up: optional(ask_limit_multiplier_up),
            ask_limit_multiplier_down: optional(ask_limit_multiplier_down),
        })
    }
}

impl Decode for PriceRangeRule {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("PriceRangeRule"))
    }
}

impl Encode for PriceRangeRule {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("ruleType", "PRICE_RANGE");
        json.optional("bidLimitMultUp", self.bid_limit_multiplier_up.as_ref());
        json.optional("bidLimitMultDown", self.bid_limit_multiplier_down.as_ref());
        json.optional("askLimitMultUp", self.ask_limit_multiplier_up.as_ref());
        json.optional("askLimitMultDown", self.ask_limit_multiplier_down.as_ref());
        json.end_object();
    }
}

/// Server time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerTime {
    /// Server time.
    pub server_time: Timestamp,
}

impl ServerTime {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut server_time = None;
        for (key, found) in value.object()? {
            if key == "serverTime" {
                support::time(&mut server_time, "serverTime", found)?;
            }
        }
        Ok(Self { server_time: required(server_time, "serverTime")? })
    }
}

impl Decode for ServerTime {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ServerTime"))
    }
}

impl Encode for ServerTime {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("serverTime", &self.server_time);
        json.end_object();
    }
}

/// Symbols among which smart order routing chooses.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SorInfo {
    /// The base asset.
    pub base_asset: Asset,
    /// The symbols.
    pub symbols: Vec<Symbol>,
}

impl SorInfo {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut base_asset = None;
        let mut symbols = None;
        for (key, found) in value.object()? {
            match key {
                "baseAsset" => field(&mut base_asset, "baseAsset", found)?,
                "symbols" => field(&mut symbols, "symbols", found)?,
                _ => {}
            }
        }
        Ok(Self { base_asset: required(base_asset, "baseAsset")?, symbols: required(symbols, "symbols")? })
    }
}

impl Decode for SorInfo {
    const LAYOUT: Layout = Layout::Fields(&["symbols"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("SorInfo"))
    }
}

impl Encode for SorInfo {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("baseAsset", &self.base_asset);
        json.field("symbols", &self.symbols);
        json.end_object();
    }
}

/// The execution rules of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SymbolExecutionRules {
    /// Symbol.
    pub symbol: Symbol,
    /// Rules of the symbol.
    pub rules: List<ExecutionRule>,
}

impl SymbolExecutionRules {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut rules = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "rules" => field(&mut rules, "rules", found)?,
                _ => {}
            }
        }
        Ok(Self { symbol: required(symbol, "symbol")?, rules: required(rules, "rules")? })
    }
}

impl Decode for SymbolExecutionRules {
    const LAYOUT: Layout = Layout::Fields(&["rules"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("SymbolExecutionRules"))
    }
}

impl Encode for SymbolExecutionRules {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("rules", &self.rules);
        json.end_object();
    }
}

/// A symbol and its rules.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the exchange writes them so")]
#[non_exhaustive]
pub struct SymbolInfo {
    /// Symbol.
    pub symbol: Symbol,
    /// Status of the symbol.
    pub status: SymbolStatus,
    /// Base asset.
    pub base_asset: Asset,
    /// Decimal places of base asset quantities; `8` if absent.
    pub base_asset_precision: u32,
    /// Asset of the commission.
    pub quote_asset: Asset,
    /// Same as `quote_asset_precision`; deprecated; `8` if absent.
    pub quote_precision: u32,
    /// Decimal places of quote asset amounts; `8` if absent.
    pub quote_asset_precision: u32,
    /// Decimal places of commissions in the base asset; `8` if absent.
    pub base_commission_precision: u32,
    /// Decimal places of commissions in the quote asset; `8` if absent.
    pub quote_commission_precision: u32,
    /// Allowed order types; empty if absent.
    pub order_types: Vec<OrderType>,
    /// Whether iceberg orders are allowed; `false` if absent.
    pub iceberg_allowed: bool,
    /// Whether OCO lists are allowed; `false` if absent.
    pub oco_allowed: bool,
    /// Whether OTO lists are allowed; `false` if absent.
    pub oto_allowed: bool,
    /// Whether OPO lists are allowed.
    pub opo_allowed: Option<bool>,
    /// Whether market orders may have a quantity in the quote asset; `false` if absent.
    pub quote_order_quantity_market_allowed: bool,
    /// Whether trailing stops are allowed; `false` if absent.
    pub allow_trailing_stop: bool,
    /// Whether cancel-replace is allowed; `false` if absent.
    pub cancel_replace_allowed: bool,
    /// Whether orders can be amended.
    pub amend_allowed: Option<bool>,
    /// Whether pegged orders are allowed.
    pub peg_instructions_allowed: Option<bool>,
    /// Whether it is traded in spot; `false` if absent.
    pub is_spot_trading_allowed: bool,
    /// Whether it is traded on margin; `false` if absent.
    pub is_margin_trading_allowed: bool,
    /// Rules of the symbol.
    pub filters: List<Filter>,
    /// Not in use; see the sets; empty if absent.
    pub permissions: Vec<Permission>,
    /// Permission sets; an account needs one permission of each.
    pub permission_sets: Option<Vec<Vec<Permission>>>,
    /// Default mode of self-trade prevention.
    pub default_self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Allowed modes of self-trade prevention; empty if absent.
    pub allowed_self_trade_prevention_modes: Vec<SelfTradePreventionMode>,
}

impl SymbolInfo {
    #[expect(clippy::too_many_lines, reason = "three for each field")]
    #[expect(clippy::similar_names, reason = "the exchange's names are")]
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut status = None;
        let mut base_asset = None;
        let mut base_asset_precision = None;
        let mut quote_asset = None;
        let mut quote_precision = None;
        let mut quote_asset_precision = None;
        let mut base_commission_precision = None;
        let mut quote_commission_precision = None;
        let mut order_types = None;
        let mut iceberg_allowed = None;
        let mut oco_allowed = None;
        let mut oto_allowed = None;
        let mut opo_allowed = None;
        let mut quote_order_quantity_market_allowed = None;
        let mut allow_trailing_stop = None;
        let mut cancel_replace_allowed = None;
        let mut amend_allowed = None;
        let mut peg_instructions_allowed = None;
        let mut is_spot_trading_allowed = None;
        let mut is_margin_trading_allowed = None;
        let mut filters = None;
        let mut permissions = None;
        let mut permission_sets = None;
        let mut default_self_trade_prevention_mode = None;
        let mut allowed_self_trade_prevention_modes = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "status" => field(&mut status, "status", found)?,
                "baseAsset" => field(&mut base_asset, "baseAsset", found)?,
                "baseAssetPrecision" => field(&mut base_asset_precision, "baseAssetPrecision", found)?,
                "quoteAsset" => field(&mut quote_asset, "quoteAsset", found)?,
                "quotePrecision" => field(&mut quote_precision, "quotePrecision", found)?,
                "quoteAssetPrecision" => field(&mut quote_asset_precision, "quoteAssetPrecision", found)?,
                "baseCommissionPrecision" => {
                    field(&mut base_commission_precision, "baseCommissionPrecision", found)?;
                }
                "quoteCommissionPrecision" => {
                    field(&mut quote_commission_precision, "quoteCommissionPrecision", found)?;
                }
                "orderTypes" => field(&mut order_types, "orderTypes", found)?,
                "icebergAllowed" => field(&mut iceberg_allowed, "icebergAllowed", found)?,
                "ocoAllowed" => field(&mut oco_allowed, "ocoAllowed", found)?,
                "otoAllowed" => field(&mut oto_allowed, "otoAllowed", found)?,
                "opoAllowed" => field(&mut opo_allowed, "opoAllowed", found)?,
                "quoteOrderQtyMarketAllowed" => {
                    field(&mut quote_order_quantity_market_allowed, "quoteOrderQtyMarketAllowed", found)?;
                }
                "allowTrailingStop" => field(&mut allow_trailing_stop, "allowTrailingStop", found)?,
                "cancelReplaceAllowed" => field(&mut cancel_replace_allowed, "cancelReplaceAllowed", found)?,
                "amendAllowed" => field(&mut amend_allowed, "amendAllowed", found)?,
                "pegInstructionsAllowed" => {
                    field(&mut peg_instructions_allowed, "pegInstructionsAllowed", found)?;
                }
                "isSpotTradingAllowed" => field(&mut is_spot_trading_allowed, "isSpotTradingAllowed", found)?,
                "isMarginTradingAllowed" => {
                    field(&mut is_margin_trading_allowed, "isMarginTradingAllowed", found)?;
                }
                "filters" => field(&mut filters, "filters", found)?,
                "permissions" => field(&mut permissions, "permissions", found)?,
                "permissionSets" => field(&mut permission_sets, "permissionSets", found)?,
                "defaultSelfTradePreventionMode" => {
                    field(&mut default_self_trade_prevention_mode, "defaultSelfTradePreventionMode", found)?;
                }
                "allowedSelfTradePreventionModes" => {
                    field(
                        &mut allowed_self_trade_prevention_modes,
                        "allowedSelfTradePreventionModes",
                        found,
                    )?;
                }
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            status: required(status, "status")?,
            base_asset: required(base_asset, "baseAsset")?,
            base_asset_precision: optional(base_asset_precision).unwrap_or(8),
            quote_asset: required(quote_asset, "quoteAsset")?,
            quote_precision: optional(quote_precision).unwrap_or(8),
            quote_asset_precision: optional(quote_asset_precision).unwrap_or(8),
            base_commission_precision: optional(base_commission_precision).unwrap_or(8),
            quote_commission_precision: optional(quote_commission_precision).unwrap_or(8),
            order_types: optional(order_types).unwrap_or_default(),
            iceberg_allowed: optional(iceberg_allowed).unwrap_or_default(),
            oco_allowed: optional(oco_allowed).unwrap_or_default(),
            oto_allowed: optional(oto_allowed).unwrap_or_default(),
            opo_allowed: optional(opo_allowed),
            quote_order_quantity_market_allowed: optional(quote_order_quantity_market_allowed)
                .unwrap_or_default(),
            allow_trailing_stop: optional(allow_trailing_stop).unwrap_or_default(),
            cancel_replace_allowed: optional(cancel_replace_allowed).unwrap_or_default(),
            amend_allowed: optional(amend_allowed),
            peg_instructions_allowed: optional(peg_instructions_allowed),
            is_spot_trading_allowed: optional(is_spot_trading_allowed).unwrap_or_default(),
            is_margin_trading_allowed: optional(is_margin_trading_allowed).unwrap_or_default(),
            filters: required(filters, "filters")?,
            permissions: optional(permissions).unwrap_or_default(),
            permission_sets: optional(permission_sets),
            default_self_trade_prevention_mode: optional(default_self_trade_prevention_mode),
            allowed_self_trade_prevention_modes: optional(allowed_self_trade_prevention_modes)
                .unwrap_or_default(),
        })
    }
}

impl Decode for SymbolInfo {
    const LAYOUT: Layout = Layout::Fields(&[
        "orderTypes",
        "filters",
        "permissions",
        "permissionSets",
        "allowedSelfTradePreventionModes",
    ]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("SymbolInfo"))
    }
}

impl Encode for SymbolInfo {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("status", &self.status);
        json.field("baseAsset", &self.base_asset);
        json.field("baseAssetPrecision", &self.base_asset_precision);
        json.field("quoteAsset", &self.quote_asset);
        json.field("quotePrecision", &self.quote_precision);
        json.field("quoteAssetPrecision", &self.quote_asset_precision);
        json.field("baseCommissionPrecision", &self.base_commission_precision);
        json.field("quoteCommissionPrecision", &self.quote_commission_precision);
        json.field("orderTypes", &self.order_types);
        json.field("icebergAllowed", &self.iceberg_allowed);
        json.field("ocoAllowed", &self.oco_allowed);
        json.field("otoAllowed", &self.oto_allowed);
        json.optional("opoAllowed", self.opo_allowed.as_ref());
        json.field("quoteOrderQtyMarketAllowed", &self.quote_order_quantity_market_allowed);
        json.field("allowTrailingStop", &self.allow_trailing_stop);
        json.field("cancelReplaceAllowed", &self.cancel_replace_allowed);
        json.optional("amendAllowed", self.amend_allowed.as_ref());
        json.optional("pegInstructionsAllowed", self.peg_instructions_allowed.as_ref());
        json.field("isSpotTradingAllowed", &self.is_spot_trading_allowed);
        json.field("isMarginTradingAllowed", &self.is_margin_trading_allowed);
        json.field("filters", &self.filters);
        json.field("permissions", &self.permissions);
        json.optional("permissionSets", self.permission_sets.as_ref());
        json.optional("defaultSelfTradePreventionMode", self.default_self_trade_prevention_mode.as_ref());
        json.field("allowedSelfTradePreventionModes", &self.allowed_self_trade_prevention_modes);
        json.end_object();
    }
}

/// Selection of symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SymbolQuery {
    /// One.
    One(Symbol),
    /// Several.
    Many(Vec<Symbol>),
    /// Symbols that accounts with one of these permissions may trade.
    Permissions(Vec<Permission>),
}

impl SymbolQuery {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 3]) {
        match self {
            Self::One(value) => Param::write(value, names[0], params),
            Self::Many(value) => Param::write(value, names[1], params),
            Self::Permissions(value) => Param::write(value, names[2], params),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Many(values) => u32::try_from(values.len()).unwrap_or(u32::MAX),
            Self::Permissions(values) => u32::try_from(values.len()).unwrap_or(u32::MAX),
        }
    }
}

impl From<Symbol> for SymbolQuery {
    fn from(value: Symbol) -> Self {
        Self::One(value)
    }
}

impl From<Vec<Symbol>> for SymbolQuery {
    fn from(value: Vec<Symbol>) -> Self {
        Self::Many(value)
    }
}

impl From<Vec<Permission>> for SymbolQuery {
    fn from(value: Vec<Permission>) -> Self {
        Self::Permissions(value)
    }
}

/// One symbol or several. The answer is an object for one, an array for several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbols {
    /// One.
    One(Symbol),
    /// Several.
    Many(Vec<Symbol>),
}

impl Symbols {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 2]) {
        match self {
            Self::One(value) => Param::write(value, names[0], params),
            Self::Many(value) => Param::write(value, names[1], params),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Many(values) => u32::try_from(values.len()).unwrap_or(u32::MAX),
        }
    }
}

impl From<Symbol> for Symbols {
    fn from(value: Symbol) -> Self {
        Self::One(value)
    }
}

impl From<Vec<Symbol>> for Symbols {
    fn from(value: Vec<Symbol>) -> Self {
        Self::Many(value)
    }
}

/// The symbols, their rules, and the limits.
///
/// REST: `GET /api/v3/exchangeInfo`. WebSocket API: `exchangeInfo`. Security: none. Weight: 20.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ExchangeInfo {
    /// Symbols; default: all that are traded in spot and margin.
    pub query: Option<SymbolQuery>,
    /// Whether permission sets are listed; default true.
    pub show_permission_sets: Option<bool>,
    /// Only symbols of this status; not together with symbols by name.
    pub symbol_status: Option<SymbolStatus>,
}

impl ExchangeInfo {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbols; default: all that are traded in spot and margin.
    #[must_use]
    pub fn query(mut self, query: impl Into<SymbolQuery>) -> Self {
        self.query = Some(query.into());
        self
    }

    /// Whether permission sets are listed; default true.
    #[must_use]
    pub fn show_permission_sets(mut self, show_permission_sets: bool) -> Self {
        self.show_permission_sets = Some(show_permission_sets);
        self
    }

    /// Only symbols of this status; not together with symbols by name.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for ExchangeInfo {
    type Response = ExchangeInformation;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        if let Some(given) = &self.query {
            given.write_as(params, ["symbol", "symbols", "permissions"]);
        }
        Param::write(&self.show_permission_sets, "showPermissionSets", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.check_rules()
    }
}

impl RestRequest for ExchangeInfo {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/exchangeInfo")
    }
}

impl WsRequest for ExchangeInfo {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("exchangeInfo")
    }
}

/// The execution rules of symbols.
///
/// REST: `GET /api/v3/executionRules`. WebSocket API: `executionRules`. Security: none. Weight: 2 for each of `symbols`, at most 40.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ExecutionRules {
    /// Symbols; default all.
    pub symbols: Option<Symbols>,
    /// Only symbols of this status; not together with symbols by name.
    pub symbol_status: Option<SymbolStatus>,
}

impl ExecutionRules {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbols; default all.
    #[must_use]
    pub fn symbols(mut self, symbols: impl Into<Symbols>) -> Self {
        self.symbols = Some(symbols.into());
        self
    }

    /// Only symbols of this status; not together with symbols by name.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for ExecutionRules {
    type Response = ExecutionRuleList;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(self.symbols.as_ref().map_or(40, |given| given.count().saturating_mul(2).min(40)))
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        if let Some(given) = &self.symbols {
            given.write_as(params, ["symbol", "symbols"]);
        }
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.check_rules()
    }
}

impl RestRequest for ExecutionRules {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/executionRules")
    }
}

impl WsRequest for ExecutionRules {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("executionRules")
    }
}

/// Tests the connectivity.
///
/// REST: `GET /api/v3/ping`. WebSocket API: `ping`. Security: none. Weight: 1.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Ping {}

impl Ping {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for Ping {
    type Response = ();

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for Ping {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ping")
    }
}

impl WsRequest for Ping {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ping")
    }
}

/// Server time.
///
/// REST: `GET /api/v3/time`. WebSocket API: `time`. Security: none. Weight: 1.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Time {}

impl Time {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for Time {
    type Response = ServerTime;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for Time {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/time")
    }
}

impl WsRequest for Time {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("time")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    ExchangeInformation,
    ExecutionRule,
    ExecutionRuleList,
    PriceRangeRule,
    ServerTime,
    SorInfo,
    SymbolExecutionRules,
    SymbolInfo,
}
