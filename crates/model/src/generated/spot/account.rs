// Written by `cargo xtask codegen` from crates/model/spec/spot/account.toml; do not edit.

//! The account: balances, orders, trades, commissions.

use super::all::{
    ExpiryReason, Filter, OrderKey, OrderStatus, OrderType, PegOffsetType, PegPriceType, Permission,
    SelfTradePreventionMode, TimeInForce, WorkingFloor,
};
use crate::common::Activation;
use crate::generated::common::OrderSide;
use crate::macros::wire_enum;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, optional, required};
use binance_kit_core::id::{AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, TradeId};
use binance_kit_core::{
    Api, Asset, ClientOrderId, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest,
    JsonWriter, List, ParamWriter, RateLimit, Request, RestRequest, Security, Symbol, Timestamp, WsRequest,
    product,
};
use std::borrow::Cow;

wire_enum! {
    /// Account type.
    AccountType {
        /// A spot account.
        Spot = "SPOT",
    }
}

wire_enum! {
    /// Type of an allocation.
    AllocationType {
        /// Smart order routing.
        Sor = "SOR",
    }
}

/// Filters of the account on a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountFilters {
    /// For all symbols together; empty if absent.
    pub exchange_filters: List<Filter>,
    /// For the symbol; empty if absent.
    pub symbol_filters: List<Filter>,
    /// For assets; empty if absent.
    pub asset_filters: List<Filter>,
}

impl AccountFilters {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut exchange_filters = None;
        let mut symbol_filters = None;
        let mut asset_filters = None;
        for (key, found) in value.object()? {
            match key {
                "exchangeFilters" => field(&mut exchange_filters, "exchangeFilters", found)?,
                "symbolFilters" => field(&mut symbol_filters, "symbolFilters", found)?,
                "assetFilters" => field(&mut asset_filters, "assetFilters", found)?,
                _ => {}
            }
        }
        Ok(Self {
            exchange_filters: optional(exchange_filters).unwrap_or_default(),
            symbol_filters: optional(symbol_filters).unwrap_or_default(),
            asset_filters: optional(asset_filters).unwrap_or_default(),
        })
    }
}

impl Decode for AccountFilters {
    const LAYOUT: Layout = Layout::Fields(&["exchangeFilters", "symbolFilters", "assetFilters"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AccountFilters"))
    }
}

impl Encode for AccountFilters {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("exchangeFilters", &self.exchange_filters);
        json.field("symbolFilters", &self.symbol_filters);
        json.field("assetFilters", &self.asset_filters);
        json.end_object();
    }
}

/// The account and its balances.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the exchange writes them so")]
#[non_exhaustive]
pub struct AccountInformation {
    /// The maker commission in basis points; see `commission_rates`; SBE says only those.
    pub maker_commission: Option<i64>,
    /// The taker commission in basis points; see `commission_rates`; SBE says only those.
    pub taker_commission: Option<i64>,
    /// The buyer commission in basis points; see `commission_rates`; SBE says only those.
    pub buyer_commission: Option<i64>,
    /// The seller commission in basis points; see `commission_rates`; SBE says only those.
    pub seller_commission: Option<i64>,
    /// The commissions.
    pub commission_rates: Option<CommissionRates>,
    /// Whether it may trade; `false` if absent.
    pub can_trade: bool,
    /// Whether it may withdraw; `false` if absent.
    pub can_withdraw: bool,
    /// Whether it may deposit; `false` if absent.
    pub can_deposit: bool,
    /// Whether it belongs to a broker; `false` if absent.
    pub brokered: bool,
    /// Whether a self-trade prevention mode is required; `false` if absent.
    pub require_self_trade_prevention: bool,
    /// Whether smart order routing is off; `false` if absent.
    pub prevent_sor: bool,
    /// Time of the last change.
    pub update_time: Timestamp,
    /// Account type.
    pub account_type: Option<AccountType>,
    /// The balances.
    pub balances: List<Balance>,
    /// Permissions; empty if absent.
    pub permissions: Vec<Permission>,
    /// The id of the account.
    pub uid: Option<u64>,
}

impl AccountInformation {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut maker_commission = None;
        let mut taker_commission = None;
        let mut buyer_commission = None;
        let mut seller_commission = None;
        let mut commission_rates = None;
        let mut can_trade = None;
        let mut can_withdraw = None;
        let mut can_deposit = None;
        let mut brokered = None;
        let mut require_self_trade_prevention = None;
        let mut prevent_sor = None;
        let mut update_time = None;
        let mut account_type = None;
        let mut balances = None;
        let mut permissions = None;
        let mut uid = None;
        for (key, found) in value.object()? {
            match key {
                "makerCommission" => field(&mut maker_commission, "makerCommission", found)?,
                "takerCommission" => field(&mut taker_commission, "takerCommission", found)?,
                "buyerCommission" => field(&mut buyer_commission, "buyerCommission", found)?,
                "sellerCommission" => field(&mut seller_commission, "sellerCommission", found)?,
                "commissionRates" => field(&mut commission_rates, "commissionRates", found)?,
                "canTrade" => field(&mut can_trade, "canTrade", found)?,
                "canWithdraw" => field(&mut can_withdraw, "canWithdraw", found)?,
                "canDeposit" => field(&mut can_deposit, "canDeposit", found)?,
                "brokered" => field(&mut brokered, "brokered", found)?,
                "requireSelfTradePrevention" => {
                    field(&mut require_self_trade_prevention, "requireSelfTradePrevention", found)?;
                }
                "preventSor" => field(&mut prevent_sor, "preventSor", found)?,
                "updateTime" => support::time(&mut update_time, "updateTime", found)?,
                "accountType" => field(&mut account_type, "accountType", found)?,
                "balances" => field(&mut balances, "balances", found)?,
                "permissions" => field(&mut permissions, "permissions", found)?,
                "uid" => field(&mut uid, "uid", found)?,
                _ => {}
            }
        }
        Ok(Self {
            maker_commission: optional(maker_commission),
            taker_commission: optional(taker_commission),
            buyer_commission: optional(buyer_commission),
            seller_commission: optional(seller_commission),
            commission_rates: optional(commission_rates),
            can_trade: optional(can_trade).unwrap_or_default(),
            can_withdraw: optional(can_withdraw).unwrap_or_default(),
            can_deposit: optional(can_deposit).unwrap_or_default(),
            brokered: optional(brokered).unwrap_or_default(),
            require_self_trade_prevention: optional(require_self_trade_prevention).unwrap_or_default(),
            prevent_sor: optional(prevent_sor).unwrap_or_default(),
            update_time: required(update_time, "updateTime")?,
            account_type: optional(account_type),
            balances: required(balances, "balances")?,
            permissions: optional(permissions).unwrap_or_default(),
            uid: optional(uid),
        })
    }
}

impl Decode for AccountInformation {
    const LAYOUT: Layout = Layout::Fields(&["balances", "permissions"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AccountInformation"))
    }
}

impl Encode for AccountInformation {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.optional("makerCommission", self.maker_commission.as_ref());
        json.optional("takerCommission", self.taker_commission.as_ref());
        json.optional("buyerCommission", self.buyer_commission.as_ref());
        json.optional("sellerCommission", self.seller_commission.as_ref());
        json.optional("commissionRates", self.commission_rates.as_ref());
        json.field("canTrade", &self.can_trade);
        json.field("canWithdraw", &self.can_withdraw);
        json.field("canDeposit", &self.can_deposit);
        json.field("brokered", &self.brokered);
        json.field("requireSelfTradePrevention", &self.require_self_trade_prevention);
        json.field("preventSor", &self.prevent_sor);
        json.field("updateTime", &self.update_time);
        json.optional("accountType", self.account_type.as_ref());
        json.field("balances", &self.balances);
        json.field("permissions", &self.permissions);
        json.optional("uid", self.uid.as_ref());
        json.end_object();
    }
}

/// An allocation of smart order routing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Allocation {
    /// Symbol.
    pub symbol: Symbol,
    /// Id.
    pub allocation_id: AllocationId,
    /// Reason of the allocation.
    pub allocation_type: Option<AllocationType>,
    /// The order.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Quantity in the quote asset.
    pub quote_quantity: Decimal,
    /// Commission.
    pub commission: Decimal,
    /// The asset of the commission.
    pub commission_asset: Asset,
    /// Time.
    pub time: Timestamp,
    /// Whether the account bought.
    pub is_buyer: bool,
    /// Whether the account was the maker.
    pub is_maker: Option<bool>,
    /// Whether the account was the allocator.
    pub is_allocator: Option<bool>,
}

impl Allocation {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut allocation_id = None;
        let mut allocation_type = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut quote_quantity = None;
        let mut commission = None;
        let mut commission_asset = None;
        let mut time = None;
        let mut is_buyer = None;
        let mut is_maker = None;
        let mut is_allocator = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "allocationId" => support::whole(&mut allocation_id, "allocationId", found)?,
                "allocationType" => field(&mut allocation_type, "allocationType", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "quoteQty" => field(&mut quote_quantity, "quoteQty", found)?,
                "commission" => field(&mut commission, "commission", found)?,
                "commissionAsset" => field(&mut commission_asset, "commissionAsset", found)?,
                "time" => support::time(&mut time, "time", found)?,
                "isBuyer" => field(&mut is_buyer, "isBuyer", found)?,
                "isMaker" => field(&mut is_maker, "isMaker", found)?,
                "isAllocator" => field(&mut is_allocator, "isAllocator", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            allocation_id: required(allocation_id, "allocationId")?,
            allocation_type: optional(allocation_type),
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            quote_quantity: required(quote_quantity, "quoteQty")?,
            commission: required(commission, "commission")?,
            commission_asset: required(commission_asset, "commissionAsset")?,
            time: required(time, "time")?,
            is_buyer: required(is_buyer, "isBuyer")?,
            is_maker: optional(is_maker),
            is_allocator: optional(is_allocator),
        })
    }
}

impl Decode for Allocation {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Allocation"))
    }
}

impl Encode for Allocation {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("allocationId", &self.allocation_id);
        json.optional("allocationType", self.allocation_type.as_ref());
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("quoteQty", &self.quote_quantity);
        json.field("commission", &self.commission);
        json.field("commissionAsset", &self.commission_asset);
        json.field("time", &self.time);
        json.field("isBuyer", &self.is_buyer);
        json.optional("isMaker", self.is_maker.as_ref());
        json.optional("isAllocator", self.is_allocator.as_ref());
        json.end_object();
    }
}

/// The balance of an asset.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Balance {
    /// Asset.
    pub asset: Asset,
    /// Free amount.
    pub free: Decimal,
    /// Locked amount.
    pub locked: Decimal,
}

impl Balance {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut asset = None;
        let mut free = None;
        let mut locked = None;
        for (key, found) in value.object()? {
            match key {
                "asset" => field(&mut asset, "asset", found)?,
                "free" => field(&mut free, "free", found)?,
                "locked" => field(&mut locked, "locked", found)?,
                _ => {}
            }
        }
        Ok(Self {
            asset: required(asset, "asset")?,
            free: required(free, "free")?,
            locked: required(locked, "locked")?,
        })
    }
}

impl Decode for Balance {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Balance"))
    }
}

impl Encode for Balance {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("asset", &self.asset);
        json.field("free", &self.free);
        json.field("locked", &self.locked);
        json.end_object();
    }
}

/// The discount on the standard commission when it is paid in another asset.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CommissionDiscount {
    /// Whether the account has it; `false` if absent.
    pub enabled_for_account: bool,
    /// Whether the symbol has it; `false` if absent.
    pub enabled_for_symbol: bool,
    /// Asset.
    pub discount_asset: Option<Asset>,
    /// The share of the standard commission that is paid.
    pub discount: Decimal,
}

impl CommissionDiscount {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut enabled_for_account = None;
        let mut enabled_for_symbol = None;
        let mut discount_asset = None;
        let mut discount = None;
        for (key, found) in value.object()? {
            match key {
                "enabledForAccount" => field(&mut enabled_for_account, "enabledForAccount", found)?,
                "enabledForSymbol" => field(&mut enabled_for_symbol, "enabledForSymbol", found)?,
                "discountAsset" => field(&mut discount_asset, "discountAsset", found)?,
                "discount" => field(&mut discount, "discount", found)?,
                _ => {}
            }
        }
        Ok(Self {
            enabled_for_account: optional(enabled_for_account).unwrap_or_default(),
            enabled_for_symbol: optional(enabled_for_symbol).unwrap_or_default(),
            discount_asset: optional(discount_asset),
            discount: required(discount, "discount")?,
        })
    }
}

impl Decode for CommissionDiscount {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CommissionDiscount"))
    }
}

impl Encode for CommissionDiscount {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("enabledForAccount", &self.enabled_for_account);
        json.field("enabledForSymbol", &self.enabled_for_symbol);
        json.field("discountAsset", &self.discount_asset);
        json.field("discount", &self.discount);
        json.end_object();
    }
}

/// Commission rates.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CommissionRates {
    /// Maker commission.
    pub maker: Decimal,
    /// Taker commission.
    pub taker: Decimal,
    /// Buyer commission.
    pub buyer: Decimal,
    /// Seller commission.
    pub seller: Decimal,
}

impl CommissionRates {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut maker = None;
        let mut taker = None;
        let mut buyer = None;
        let mut seller = None;
        for (key, found) in value.object()? {
            match key {
                "maker" => field(&mut maker, "maker", found)?,
                "taker" => field(&mut taker, "taker", found)?,
                "buyer" => field(&mut buyer, "buyer", found)?,
                "seller" => field(&mut seller, "seller", found)?,
                _ => {}
            }
        }
        Ok(Self {
            maker: required(maker, "maker")?,
            taker: required(taker, "taker")?,
            buyer: required(buyer, "buyer")?,
            seller: required(seller, "seller")?,
        })
    }
}

impl Decode for CommissionRates {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CommissionRates"))
    }
}

impl Encode for CommissionRates {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("maker", &self.maker);
        json.field("taker", &self.taker);
        json.field("buyer", &self.buyer);
        json.field("seller", &self.seller);
        json.end_object();
    }
}

/// A trade of the account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MyTrade {
    /// Symbol.
    pub symbol: Symbol,
    /// Trade id.
    pub trade_id: TradeId,
    /// The order.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Quantity in the quote asset.
    pub quote_quantity: Decimal,
    /// Commission.
    pub commission: Decimal,
    /// The asset of the commission.
    pub commission_asset: Asset,
    /// Time.
    pub time: Timestamp,
    /// Whether the account bought.
    pub is_buyer: bool,
    /// Whether the account was the maker.
    pub is_maker: Option<bool>,
    /// Unused field of the exchange; `false` if absent.
    pub is_best_match: bool,
}

impl MyTrade {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut trade_id = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut quote_quantity = None;
        let mut commission = None;
        let mut commission_asset = None;
        let mut time = None;
        let mut is_buyer = None;
        let mut is_maker = None;
        let mut is_best_match = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "id" => support::whole(&mut trade_id, "id", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "quoteQty" => field(&mut quote_quantity, "quoteQty", found)?,
                "commission" => field(&mut commission, "commission", found)?,
                "commissionAsset" => field(&mut commission_asset, "commissionAsset", found)?,
                "time" => support::time(&mut time, "time", found)?,
                "isBuyer" => field(&mut is_buyer, "isBuyer", found)?,
                "isMaker" => field(&mut is_maker, "isMaker", found)?,
                "isBestMatch" => field(&mut is_best_match, "isBestMatch", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            trade_id: required(trade_id, "id")?,
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            quote_quantity: required(quote_quantity, "quoteQty")?,
            commission: required(commission, "commission")?,
            commission_asset: required(commission_asset, "commissionAsset")?,
            time: required(time, "time")?,
            is_buyer: required(is_buyer, "isBuyer")?,
            is_maker: optional(is_maker),
            is_best_match: optional(is_best_match).unwrap_or_default(),
        })
    }
}

impl Decode for MyTrade {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MyTrade"))
    }
}

impl Encode for MyTrade {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("id", &self.trade_id);
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("quoteQty", &self.quote_quantity);
        json.field("commission", &self.commission);
        json.field("commissionAsset", &self.commission_asset);
        json.field("time", &self.time);
        json.field("isBuyer", &self.is_buyer);
        json.optional("isMaker", self.is_maker.as_ref());
        json.field("isBestMatch", &self.is_best_match);
        json.end_object();
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Order {
    /// Symbol.
    pub symbol: Symbol,
    /// Id given by the exchange.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Client order id.
    pub client_order_id: ClientOrderId,
    /// Price.
    pub price: Decimal,
    /// The quantity of the order.
    pub original_quantity: Decimal,
    /// Executed quantity.
    pub executed_quantity: Decimal,
    /// Executed quantity in the quote asset; negative if not available.
    pub cumulative_quote_quantity: Decimal,
    /// Status.
    pub status: OrderStatus,
    /// Time in force.
    pub time_in_force: Option<TimeInForce>,
    /// Order type.
    pub order_type: OrderType,
    /// Side.
    pub side: OrderSide,
    /// Time of the placement.
    pub time: Timestamp,
    /// Time of the last change.
    pub update_time: Timestamp,
    /// Whether it is in the book; `false` if absent.
    pub is_working: bool,
    /// Time at which it entered the book.
    pub working_time: Option<Activation>,
    /// Quantity in the quote asset, for orders placed with one.
    pub original_quote_quantity: Option<Decimal>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Id of the prevented match.
    pub prevented_match_id: Option<PreventedMatchId>,
    /// Prevented quantity.
    pub prevented_quantity: Option<Decimal>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Strategy id given by the user.
    pub strategy_id: Option<i64>,
    /// Strategy type given by the user.
    pub strategy_type: Option<i32>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Time at which the trailing stop became active.
    pub trailing_time: Option<Activation>,
    /// Whether smart order routing was used.
    pub used_sor: Option<bool>,
    /// Working floor.
    pub working_floor: Option<WorkingFloor>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Price that results from the peg.
    pub pegged_price: Option<Decimal>,
    /// Expiry reason.
    pub expiry_reason: Option<ExpiryReason>,
}

impl Order {
    #[expect(clippy::too_many_lines, reason = "three for each field")]
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut client_order_id = None;
        let mut price = None;
        let mut original_quantity = None;
        let mut executed_quantity = None;
        let mut cumulative_quote_quantity = None;
        let mut status = None;
        let mut time_in_force = None;
        let mut order_type = None;
        let mut side = None;
        let mut time = None;
        let mut update_time = None;
        let mut is_working = None;
        let mut working_time = None;
        let mut original_quote_quantity = None;
        let mut self_trade_prevention_mode = None;
        let mut iceberg_quantity = None;
        let mut prevented_match_id = None;
        let mut prevented_quantity = None;
        let mut stop_price = None;
        let mut strategy_id = None;
        let mut strategy_type = None;
        let mut trailing_delta = None;
        let mut trailing_time = None;
        let mut used_sor = None;
        let mut working_floor = None;
        let mut peg_price_type = None;
        let mut peg_offset_type = None;
        let mut peg_offset_value = None;
        let mut pegged_price = None;
        let mut expiry_reason = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "clientOrderId" => field(&mut client_order_id, "clientOrderId", found)?,
                "price" => field(&mut price, "price", found)?,
                "origQty" => field(&mut original_quantity, "origQty", found)?,
                "executedQty" => field(&mut executed_quantity, "executedQty", found)?,
                "cummulativeQuoteQty" => field(&mut cumulative_quote_quantity, "cummulativeQuoteQty", found)?,
                "status" => field(&mut status, "status", found)?,
                "timeInForce" => field(&mut time_in_force, "timeInForce", found)?,
                "type" => field(&mut order_type, "type", found)?,
                "side" => field(&mut side, "side", found)?,
                "time" => support::time(&mut time, "time", found)?,
                "updateTime" => support::time(&mut update_time, "updateTime", found)?,
                "isWorking" => field(&mut is_working, "isWorking", found)?,
                "workingTime" => field(&mut working_time, "workingTime", found)?,
                "origQuoteOrderQty" => field(&mut original_quote_quantity, "origQuoteOrderQty", found)?,
                "selfTradePreventionMode" => {
                    field(&mut self_trade_prevention_mode, "selfTradePreventionMode", found)?;
                }
                "icebergQty" => field(&mut iceberg_quantity, "icebergQty", found)?,
                "preventedMatchId" => support::place(&mut prevented_match_id, "preventedMatchId", found)?,
                "preventedQuantity" => field(&mut prevented_quantity, "preventedQuantity", found)?,
                "stopPrice" => field(&mut stop_price, "stopPrice", found)?,
                "strategyId" => field(&mut strategy_id, "strategyId", found)?,
                "strategyType" => field(&mut strategy_type, "strategyType", found)?,
                "trailingDelta" => field(&mut trailing_delta, "trailingDelta", found)?,
                "trailingTime" => field(&mut trailing_time, "trailingTime", found)?,
                "usedSor" => field(&mut used_sor, "usedSor", found)?,
                "workingFloor" => field(&mut working_floor, "workingFloor", found)?,
                "pegPriceType" => field(&mut peg_price_type, "pegPriceType", found)?,
                "pegOffsetType" => field(&mut peg_offset_type, "pegOffsetType", found)?,
                "pegOffsetValue" => field(&mut peg_offset_value, "pegOffsetValue", found)?,
                "peggedPrice" => field(&mut pegged_price, "peggedPrice", found)?,
                "expiryReason" => field(&mut expiry_reason, "expiryReason", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            client_order_id: required(client_order_id, "clientOrderId")?,
            price: required(price, "price")?,
            original_quantity: required(original_quantity, "origQty")?,
            executed_quantity: required(executed_quantity, "executedQty")?,
            cumulative_quote_quantity: required(cumulative_quote_quantity, "cummulativeQuoteQty")?,
            status: required(status, "status")?,
            time_in_force: optional(time_in_force),
            order_type: required(order_type, "type")?,
            side: required(side, "side")?,
            time: required(time, "time")?,
            update_time: required(update_time, "updateTime")?,
            is_working: optional(is_working).unwrap_or_default(),
            working_time: optional(working_time),
            original_quote_quantity: optional(original_quote_quantity),
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            iceberg_quantity: optional(iceberg_quantity),
            prevented_match_id: optional(prevented_match_id),
            prevented_quantity: optional(prevented_quantity),
            stop_price: optional(stop_price),
            strategy_id: optional(strategy_id),
            strategy_type: optional(strategy_type),
            trailing_delta: optional(trailing_delta),
            trailing_time: optional(trailing_time),
            used_sor: optional(used_sor),
            working_floor: optional(working_floor),
            peg_price_type: optional(peg_price_type),
            peg_offset_type: optional(peg_offset_type),
            peg_offset_value: optional(peg_offset_value),
            pegged_price: optional(pegged_price),
            expiry_reason: optional(expiry_reason),
        })
    }
}

impl Decode for Order {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Order"))
    }
}

impl Encode for Order {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("clientOrderId", &self.client_order_id);
        json.field("price", &self.price);
        json.field("origQty", &self.original_quantity);
        json.field("executedQty", &self.executed_quantity);
        json.field("cummulativeQuoteQty", &self.cumulative_quote_quantity);
        json.field("status", &self.status);
        json.optional("timeInForce", self.time_in_force.as_ref());
        json.field("type", &self.order_type);
        json.field("side", &self.side);
        json.field("time", &self.time);
        json.field("updateTime", &self.update_time);
        json.field("isWorking", &self.is_working);
        json.optional("workingTime", self.working_time.as_ref());
        json.optional("origQuoteOrderQty", self.original_quote_quantity.as_ref());
        json.optional("selfTradePreventionMode", self.self_trade_prevention_mode.as_ref());
        json.optional("icebergQty", self.iceberg_quantity.as_ref());
        json.optional("preventedMatchId", self.prevented_match_id.as_ref());
        json.optional("preventedQuantity", self.prevented_quantity.as_ref());
        json.optional("stopPrice", self.stop_price.as_ref());
        json.optional("strategyId", self.strategy_id.as_ref());
        json.optional("strategyType", self.strategy_type.as_ref());
        json.optional("trailingDelta", self.trailing_delta.as_ref());
        json.optional("trailingTime", self.trailing_time.as_ref());
        json.optional("usedSor", self.used_sor.as_ref());
        json.optional("workingFloor", self.working_floor.as_ref());
        json.optional("pegPriceType", self.peg_price_type.as_ref());
        json.optional("pegOffsetType", self.peg_offset_type.as_ref());
        json.optional("pegOffsetValue", self.peg_offset_value.as_ref());
        json.optional("peggedPrice", self.pegged_price.as_ref());
        json.optional("expiryReason", self.expiry_reason.as_ref());
        json.end_object();
    }
}

/// An amendment of an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderAmendment {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order_id: OrderId,
    /// The id of the report.
    pub execution_id: ExecutionId,
    /// Old client order id.
    pub original_client_order_id: ClientOrderId,
    /// New client order id.
    pub new_client_order_id: ClientOrderId,
    /// Old quantity.
    pub original_quantity: Decimal,
    /// New quantity.
    pub new_quantity: Decimal,
    /// Time.
    pub time: Timestamp,
}

impl OrderAmendment {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut execution_id = None;
        let mut original_client_order_id = None;
        let mut new_client_order_id = None;
        let mut original_quantity = None;
        let mut new_quantity = None;
        let mut time = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "executionId" => support::whole(&mut execution_id, "executionId", found)?,
                "origClientOrderId" => field(&mut original_client_order_id, "origClientOrderId", found)?,
                "newClientOrderId" => field(&mut new_client_order_id, "newClientOrderId", found)?,
                "origQty" => field(&mut original_quantity, "origQty", found)?,
                "newQty" => field(&mut new_quantity, "newQty", found)?,
                "time" => support::time(&mut time, "time", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            order_id: required(order_id, "orderId")?,
            execution_id: required(execution_id, "executionId")?,
            original_client_order_id: required(original_client_order_id, "origClientOrderId")?,
            new_client_order_id: required(new_client_order_id, "newClientOrderId")?,
            original_quantity: required(original_quantity, "origQty")?,
            new_quantity: required(new_quantity, "newQty")?,
            time: required(time, "time")?,
        })
    }
}

impl Decode for OrderAmendment {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderAmendment"))
    }
}

impl Encode for OrderAmendment {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("orderId", &self.order_id);
        json.field("executionId", &self.execution_id);
        json.field("origClientOrderId", &self.original_client_order_id);
        json.field("newClientOrderId", &self.new_client_order_id);
        json.field("origQty", &self.original_quantity);
        json.field("newQty", &self.new_quantity);
        json.field("time", &self.time);
        json.end_object();
    }
}

/// A match prevented by self-trade prevention.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PreventedMatch {
    /// Symbol.
    pub symbol: Symbol,
    /// Id.
    pub prevented_match_id: PreventedMatchId,
    /// The arriving order.
    pub taker_order_id: OrderId,
    /// The symbol of the order in the book.
    pub maker_symbol: Symbol,
    /// The order in the book.
    pub maker_order_id: OrderId,
    /// The group of accounts.
    pub trade_group_id: Option<u64>,
    /// Self-trade prevention mode that applied.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Price.
    pub price: Decimal,
    /// Quantity prevented of the maker order.
    pub maker_prevented_quantity: Option<Decimal>,
    /// Quantity prevented of the taker order.
    pub taker_prevented_quantity: Option<Decimal>,
    /// Transaction time.
    pub transaction_time: Timestamp,
}

impl PreventedMatch {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut prevented_match_id = None;
        let mut taker_order_id = None;
        let mut maker_symbol = None;
        let mut maker_order_id = None;
        let mut trade_group_id = None;
        let mut self_trade_prevention_mode = None;
        let mut price = None;
        let mut maker_prevented_quantity = None;
        let mut taker_prevented_quantity = None;
        let mut transaction_time = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "preventedMatchId" => support::whole(&mut prevented_match_id, "preventedMatchId", found)?,
                "takerOrderId" => support::whole(&mut taker_order_id, "takerOrderId", found)?,
                "makerSymbol" => field(&mut maker_symbol, "makerSymbol", found)?,
                "makerOrderId" => support::whole(&mut maker_order_id, "makerOrderId", found)?,
                "tradeGroupId" => field(&mut trade_group_id, "tradeGroupId", found)?,
                "selfTradePreventionMode" => {
                    field(&mut self_trade_prevention_mode, "selfTradePreventionMode", found)?;
                }
                "price" => field(&mut price, "price", found)?,
                "makerPreventedQuantity" => {
                    field(&mut maker_prevented_quantity, "makerPreventedQuantity", found)?;
                }
                "takerPreventedQuantity" => {
                    field(&mut taker_prevented_quantity, "takerPreventedQuantity", found)?;
                }
                "transactTime" => support::time(&mut transaction_time, "transactTime", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            prevented_match_id: required(prevented_match_id, "preventedMatchId")?,
            taker_order_id: required(taker_order_id, "takerOrderId")?,
            maker_symbol: required(maker_symbol, "makerSymbol")?,
            maker_order_id: required(maker_order_id, "makerOrderId")?,
            trade_group_id: optional(trade_group_id),
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            price: required(price, "price")?,
            maker_prevented_quantity: optional(maker_prevented_quantity),
            taker_prevented_quantity: optional(taker_prevented_quantity),
            transaction_time: required(transaction_time, "transactTime")?,
        })
    }
}

impl Decode for PreventedMatch {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("PreventedMatch"))
    }
}

impl Encode for PreventedMatch {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("preventedMatchId", &self.prevented_match_id);
        json.field("takerOrderId", &self.taker_order_id);
        json.field("makerSymbol", &self.maker_symbol);
        json.field("makerOrderId", &self.maker_order_id);
        json.optional("tradeGroupId", self.trade_group_id.as_ref());
        json.optional("selfTradePreventionMode", self.self_trade_prevention_mode.as_ref());
        json.field("price", &self.price);
        json.optional("makerPreventedQuantity", self.maker_prevented_quantity.as_ref());
        json.optional("takerPreventedQuantity", self.taker_prevented_quantity.as_ref());
        json.field("transactTime", &self.transaction_time);
        json.end_object();
    }
}

/// The account's commissions for a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SymbolCommission {
    /// Symbol.
    pub symbol: Symbol,
    /// The standard commission.
    pub standard_commission: CommissionRates,
    /// The special commission.
    pub special_commission: Option<CommissionRates>,
    /// The tax.
    pub tax_commission: Option<CommissionRates>,
    /// Discount for paying in another asset.
    pub discount: Option<CommissionDiscount>,
}

impl SymbolCommission {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut standard_commission = None;
        let mut special_commission = None;
        let mut tax_commission = None;
        let mut discount = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "standardCommission" => field(&mut standard_commission, "standardCommission", found)?,
                "specialCommission" => field(&mut special_commission, "specialCommission", found)?,
                "taxCommission" => field(&mut tax_commission, "taxCommission", found)?,
                "discount" => field(&mut discount, "discount", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            standard_commission: required(standard_commission, "standardCommission")?,
            special_commission: optional(special_commission),
            tax_commission: optional(tax_commission),
            discount: optional(discount),
        })
    }
}

impl Decode for SymbolCommission {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("SymbolCommission"))
    }
}

impl Encode for SymbolCommission {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("standardCommission", &self.standard_commission);
        json.optional("specialCommission", self.special_commission.as_ref());
        json.optional("taxCommission", self.tax_commission.as_ref());
        json.optional("discount", self.discount.as_ref());
        json.end_object();
    }
}

/// A prevented match by its id, or those of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreventedMatchKey {
    /// One, by its id.
    Match(PreventedMatchId),
    /// Of an order.
    Order(OrderId),
}

impl PreventedMatchKey {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 2]) {
        match self {
            Self::Match(value) => Param::write(value, names[0], params),
            Self::Order(value) => Param::write(value, names[1], params),
        }
    }
}

impl From<PreventedMatchId> for PreventedMatchKey {
    fn from(value: PreventedMatchId) -> Self {
        Self::Match(value)
    }
}

impl From<OrderId> for PreventedMatchKey {
    fn from(value: OrderId) -> Self {
        Self::Order(value)
    }
}

/// The account and its balances.
///
/// REST: `GET /api/v3/account`. WebSocket API: `account.status`. Security: a signature. Weight: 20.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Account {
    /// Whether zero balances are left out.
    pub omit_zero_balances: Option<bool>,
}

impl Account {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether zero balances are left out.
    #[must_use]
    pub fn omit_zero_balances(mut self, omit_zero_balances: bool) -> Self {
        self.omit_zero_balances = Some(omit_zero_balances);
        self
    }
}

impl Request for Account {
    type Response = AccountInformation;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.omit_zero_balances, "omitZeroBalances", params);
    }
}

impl RestRequest for Account {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/account")
    }
}

impl WsRequest for Account {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("account.status")
    }
}

/// The account's commissions for a symbol.
///
/// REST: `GET /api/v3/account/commission`. WebSocket API: `account.commission`. Security: a signature. Weight: 20.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountCommission {
    /// Symbol.
    pub symbol: Symbol,
}

impl AccountCommission {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into() }
    }
}

impl Request for AccountCommission {
    type Response = SymbolCommission;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for AccountCommission {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/account/commission")
    }
}

impl WsRequest for AccountCommission {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("account.commission")
    }
}

/// All orders of a symbol, from an id or between two times.
///
/// REST: `GET /api/v3/allOrders`. WebSocket API: `allOrders`. Security: a signature. Weight: 20.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AllOrders {
    /// Symbol.
    pub symbol: Symbol,
    /// Id of the first order; default: the latest orders.
    pub order_id: Option<OrderId>,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl AllOrders {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), order_id: None, start_time: None, end_time: None, limit: None }
    }

    /// Id of the first order; default: the latest orders.
    #[must_use]
    pub fn order_id(mut self, order_id: OrderId) -> Self {
        self.order_id = Some(order_id);
        self
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for AllOrders {
    type Response = List<Order>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.order_id, "orderId", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for AllOrders {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/allOrders")
    }
}

impl WsRequest for AllOrders {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("allOrders")
    }
}

/// Allocations of smart order routing.
///
/// REST: `GET /api/v3/myAllocations`. WebSocket API: `myAllocations`. Security: a signature. Weight: 20.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MyAllocations {
    /// Symbol.
    pub symbol: Symbol,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// The first allocation.
    pub from_allocation_id: Option<AllocationId>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
    /// Only those of this order.
    pub order_id: Option<OrderId>,
}

impl MyAllocations {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self {
            symbol: symbol.into(),
            start_time: None,
            end_time: None,
            from_allocation_id: None,
            limit: None,
            order_id: None,
        }
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// The first allocation.
    #[must_use]
    pub fn from_allocation_id(mut self, from_allocation_id: AllocationId) -> Self {
        self.from_allocation_id = Some(from_allocation_id);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Only those of this order.
    #[must_use]
    pub fn order_id(mut self, order_id: OrderId) -> Self {
        self.order_id = Some(order_id);
        self
    }
}

impl Request for MyAllocations {
    type Response = List<Allocation>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.from_allocation_id, "fromAllocationId", params);
        Param::write(&self.limit, "limit", params);
        Param::write(&self.order_id, "orderId", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for MyAllocations {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/myAllocations")
    }
}

impl WsRequest for MyAllocations {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("myAllocations")
    }
}

/// Filters of the account on a symbol.
///
/// REST: `GET /api/v3/myFilters`. WebSocket API: `myFilters`. Security: a signature. Weight: 40.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MyFilters {
    /// Symbol.
    pub symbol: Symbol,
}

impl MyFilters {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into() }
    }
}

impl Request for MyFilters {
    type Response = AccountFilters;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(40)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for MyFilters {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/myFilters")
    }
}

impl WsRequest for MyFilters {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("myFilters")
    }
}

/// Matches prevented by self-trade prevention.
///
/// REST: `GET /api/v3/myPreventedMatches`. WebSocket API: `myPreventedMatches`. Security: a signature. Weight: 2 with `matches` of `Match`, 20 otherwise.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MyPreventedMatches {
    /// Symbol.
    pub symbol: Symbol,
    /// The order list.
    pub matches: PreventedMatchKey,
    /// The first of an order, by its id.
    pub from_prevented_match_id: Option<PreventedMatchId>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl MyPreventedMatches {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, matches: impl Into<PreventedMatchKey>) -> Self {
        Self { symbol: symbol.into(), matches: matches.into(), from_prevented_match_id: None, limit: None }
    }

    /// The first of an order, by its id.
    #[must_use]
    pub fn from_prevented_match_id(mut self, from_prevented_match_id: PreventedMatchId) -> Self {
        self.from_prevented_match_id = Some(from_prevented_match_id);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for MyPreventedMatches {
    type Response = List<PreventedMatch>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(match &self.matches {
            PreventedMatchKey::Match(_) => 2,
            PreventedMatchKey::Order(_) => 20,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        self.matches.write_as(params, ["preventedMatchId", "orderId"]);
        Param::write(&self.from_prevented_match_id, "fromPreventedMatchId", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for MyPreventedMatches {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/myPreventedMatches")
    }
}

impl WsRequest for MyPreventedMatches {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("myPreventedMatches")
    }
}

/// The account's trades of a symbol.
///
/// REST: `GET /api/v3/myTrades`. WebSocket API: `myTrades`. Security: a signature. Weight: 5 otherwise, 20 without `order_id`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MyTrades {
    /// Symbol.
    pub symbol: Symbol,
    /// Only the trades of this order.
    pub order_id: Option<OrderId>,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Id of the first trade; not together with times.
    pub from_id: Option<TradeId>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl MyTrades {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self {
            symbol: symbol.into(),
            order_id: None,
            start_time: None,
            end_time: None,
            from_id: None,
            limit: None,
        }
    }

    /// Only the trades of this order.
    #[must_use]
    pub fn order_id(mut self, order_id: OrderId) -> Self {
        self.order_id = Some(order_id);
        self
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// Id of the first trade; not together with times.
    #[must_use]
    pub fn from_id(mut self, from_id: TradeId) -> Self {
        self.from_id = Some(from_id);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for MyTrades {
    type Response = List<MyTrade>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.order_id {
            None => 20,
            Some(_) => 5,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.order_id, "orderId", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.from_id, "fromId", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)?;
        self.check_rules()
    }
}

impl RestRequest for MyTrades {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/myTrades")
    }
}

impl WsRequest for MyTrades {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("myTrades")
    }
}

/// The open orders of a symbol, or of all.
///
/// REST: `GET /api/v3/openOrders`. WebSocket API: `openOrders.status`. Security: a signature. Weight: 6 otherwise, 80 without `symbol`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct OpenOrders {
    /// Symbol; default all.
    pub symbol: Option<Symbol>,
}

impl OpenOrders {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbol; default all.
    #[must_use]
    pub fn symbol(mut self, symbol: impl Into<Symbol>) -> Self {
        self.symbol = Some(symbol.into());
        self
    }
}

impl Request for OpenOrders {
    type Response = List<Order>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.symbol {
            None => 80,
            Some(_) => 6,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for OpenOrders {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/openOrders")
    }
}

impl WsRequest for OpenOrders {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("openOrders.status")
    }
}

/// The amendments of an order.
///
/// REST: `GET /api/v3/order/amendments`. WebSocket API: `order.amendments`. Security: a signature. Weight: 4.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderAmendments {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order_id: OrderId,
    /// The first report.
    pub from_execution_id: Option<ExecutionId>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl OrderAmendments {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, order_id: OrderId) -> Self {
        Self { symbol: symbol.into(), order_id, from_execution_id: None, limit: None }
    }

    /// The first report.
    #[must_use]
    pub fn from_execution_id(mut self, from_execution_id: ExecutionId) -> Self {
        self.from_execution_id = Some(from_execution_id);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for OrderAmendments {
    type Response = List<OrderAmendment>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(4)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.order_id, "orderId", params);
        Param::write(&self.from_execution_id, "fromExecutionId", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for OrderAmendments {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order/amendments")
    }
}

impl WsRequest for OrderAmendments {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.amendments")
    }
}

/// An order.
///
/// REST: `GET /api/v3/order`. WebSocket API: `order.status`. Security: a signature. Weight: 4.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueryOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order: OrderKey,
}

impl QueryOrder {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, order: impl Into<OrderKey>) -> Self {
        Self { symbol: symbol.into(), order: order.into() }
    }
}

impl Request for QueryOrder {
    type Response = Order;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(4)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        self.order.write_as(params, ["orderId", "origClientOrderId"]);
    }
}

impl RestRequest for QueryOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order")
    }
}

impl WsRequest for QueryOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.status")
    }
}

/// Number of unfilled orders of the account, with its limits.
///
/// REST: `GET /api/v3/rateLimit/order`. WebSocket API: `account.rateLimits.orders`. Security: a signature. Weight: 40.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct UnfilledOrderCount {}

impl UnfilledOrderCount {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for UnfilledOrderCount {
    type Response = List<RateLimit>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(40)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for UnfilledOrderCount {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/rateLimit/order")
    }
}

impl WsRequest for UnfilledOrderCount {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("account.rateLimits.orders")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AccountFilters,
    AccountInformation,
    Allocation,
    Balance,
    CommissionDiscount,
    CommissionRates,
    MyTrade,
    Order,
    OrderAmendment,
    PreventedMatch,
    SymbolCommission,
}
