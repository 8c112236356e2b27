//! What a symbol allows, before any filter.

use super::context::{OpenCounts, OrderContext};
use super::fault::{Fact, Findings, Passed, Rule, ViolationKind, Violations};
use super::symbol::SymbolRules;
use super::view::{OrderRequest, OrderView, RequestKind};
use crate::generated::spot::all::{OrderType, SymbolStatus};
use binance_kit_core::{Decimal, InvalidRequest};

impl SymbolRules {
    /// Checks an order, or a request with several, against every rule.
    ///
    /// Rules that need more than `context` provides are listed as not checked. What
    /// is not a matter of rules (balances, and whether an order would trade or be triggered at once) is not looked at.
    ///
    /// # Errors
    ///
    /// [`Violations`]: every rule that is broken, with the numbers. First what the request and the symbol are about, then
    /// the filters in the order of the exchange.
    pub fn check<R: OrderRequest + ?Sized>(
        &self,
        request: &R,
        context: &OrderContext,
    ) -> Result<Passed, Violations> {
        let mut findings = Findings::default();
        if request.symbol() != self.symbol() {
            findings.not_allowed(Rule::Symbol, "symbol", request.symbol().as_str());
        }
        match request.check() {
            Err(error) => {
                let parameter = error.parameter.clone();
                findings.breaks(Rule::Request, &parameter, ViolationKind::Invalid(error));
            }
            Ok(()) => request.each(&mut |order| positive(order, &mut findings)),
        }
        self.check_symbol(request, context, &mut findings);
        let mut adding = OpenCounts::default();
        let kind = request.kind();
        request.each(&mut |order| {
            self.check_order(order, &mut findings);
            if kind != RequestKind::Amend {
                adding.orders += 1;
                adding.algo_orders += u32::from(order.order_type.is_some_and(OrderType::is_algo));
                adding.iceberg_orders += u32::from(order.is_iceberg());
            }
        });
        adding.order_lists =
            u32::from(matches!(kind, RequestKind::Oco | RequestKind::Oto | RequestKind::Opo));
        if kind == RequestKind::Amend {
            check_amendment(request, context, &mut findings);
        }
        for filter in &self.filters {
            self.check_filter(filter, request, context, adding, &mut findings);
        }
        self.suggest(request, context, &mut findings);
        findings.verdict()
    }

    fn check_symbol<R: OrderRequest + ?Sized>(
        &self,
        request: &R,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        let info = &self.info;
        if info.status != SymbolStatus::Trading {
            findings.not_allowed(Rule::Status, "symbol", info.status.as_str());
        }
        if !info.is_spot_trading_allowed {
            findings.not_allowed(Rule::IsSpotTradingAllowed, "symbol", info.symbol.as_str());
        }
        match (&info.permission_sets, &context.permissions) {
            (Some(sets), _) if sets.is_empty() => {}
            (Some(sets), Some(held)) => {
                if !sets.iter().all(|set| set.iter().any(|permission| held.contains(permission))) {
                    findings.not_allowed(Rule::PermissionSets, "symbol", info.symbol.as_str());
                }
            }
            (Some(_), None) => findings.misses(Rule::PermissionSets, Fact::Permissions),
            (None, _) => findings.misses(Rule::PermissionSets, Fact::SymbolInfo),
        }
        let (rule, allowed, unknown) = match request.kind() {
            RequestKind::Order => (Rule::Request, Some(true), Fact::SymbolInfo),
            RequestKind::CancelReplace => {
                (Rule::CancelReplaceAllowed, Some(info.cancel_replace_allowed), Fact::SymbolInfo)
            }
            RequestKind::Sor => (Rule::Sors, self.sor, Fact::Sors),
            RequestKind::Oco => (Rule::OcoAllowed, Some(info.oco_allowed), Fact::SymbolInfo),
            RequestKind::Oto => (Rule::OtoAllowed, Some(info.oto_allowed), Fact::SymbolInfo),
            RequestKind::Opo => (Rule::OpoAllowed, info.opo_allowed, Fact::SymbolInfo),
            RequestKind::Amend => (Rule::AmendAllowed, info.amend_allowed, Fact::SymbolInfo),
        };
        match allowed {
            Some(true) => {}
            Some(false) => findings.not_allowed(rule, "symbol", info.symbol.as_str()),
            None => findings.misses(rule, unknown),
        }
        if let Some(mode) = request.prevention() {
            let (rule, allowed) =
                (Rule::AllowedSelfTradePreventionModes, &info.allowed_self_trade_prevention_modes);
            // No symbol allows none: the list is not there.
            if allowed.is_empty() {
                findings.misses(rule, Fact::SymbolInfo);
            } else if !allowed.contains(mode) {
                findings.not_allowed(rule, "selfTradePreventionMode", mode.as_str());
            }
        }
    }

    /// What the symbol allows an order to be, and how many places its numbers may have.
    pub(super) fn check_order(&self, order: &OrderView<'_>, findings: &mut Findings) {
        let (info, names) = (&self.info, order.names);
        if let Some(order_type) = order.order_type {
            if info.order_types.is_empty() {
                findings.misses(Rule::OrderTypes, Fact::SymbolInfo);
            } else if !info.order_types.contains(order_type) {
                findings.not_allowed(Rule::OrderTypes, names.order_type, order_type.as_str());
            }
        }
        if let Some(quantity) = order.quote_quantity
            && !info.quote_order_quantity_market_allowed
        {
            let rule = Rule::QuoteOrderQtyMarketAllowed;
            findings.not_allowed(rule, "quoteOrderQty", &quantity.to_string());
        }
        if let Some(shown) = order.iceberg_quantity
            && !info.iceberg_allowed
        {
            findings.not_allowed(Rule::IcebergAllowed, names.iceberg_quantity, &shown.to_string());
        }
        if let Some(delta) = order.trailing_delta
            && !info.allow_trailing_stop
        {
            findings.not_allowed(Rule::AllowTrailingStop, names.trailing_delta, &delta.to_string());
        }
        if let Some((to, _)) = order.peg {
            match info.peg_instructions_allowed {
                Some(true) => {}
                Some(false) => {
                    findings.not_allowed(Rule::PegInstructionsAllowed, names.peg_price_type, to.as_str());
                }
                None => findings.misses(Rule::PegInstructionsAllowed, Fact::SymbolInfo),
            }
        }
        let (base, quote) = (info.base_asset_precision, info.quote_asset_precision);
        for (rule, parameter, value, places) in [
            (Rule::BaseAssetPrecision, names.quantity, order.quantity, base),
            (Rule::BaseAssetPrecision, names.iceberg_quantity, order.iceberg_quantity, base),
            (Rule::QuoteAssetPrecision, "quoteOrderQty", order.quote_quantity, quote),
            (Rule::QuoteAssetPrecision, names.price, order.price, quote),
            (Rule::QuoteAssetPrecision, names.stop_price, order.stop_price, quote),
        ] {
            // As it is written: zeros at the end count.
            if let Some(given) = value.filter(|value| value.scale() > places) {
                findings.breaks(rule, parameter, ViolationKind::TooPrecise { given, places });
            }
        }
        if let (Some(given), Some(bound)) = (order.iceberg_quantity, order.quantity)
            && given > bound
        {
            let nearest = self.quantity_grid(false).and_then(|grid| grid.below(bound));
            let fault = ViolationKind::TooHigh { given, bound, nearest };
            findings.breaks(Rule::IcebergQuantity, names.iceberg_quantity, fault);
        }
    }
}

/// The requests that check little themselves may still have numbers that no order can have.
fn positive(order: &OrderView<'_>, findings: &mut Findings) {
    let names = order.names;
    for (parameter, value) in [
        (names.quantity, order.quantity),
        ("quoteOrderQty", order.quote_quantity),
        (names.price, order.price),
        (names.stop_price, order.stop_price),
        (names.iceberg_quantity, order.iceberg_quantity),
    ] {
        if let Some(value) = value.filter(|value| *value <= Decimal::ZERO) {
            let error = InvalidRequest::new(parameter, format!("must be positive, but is {value}"));
            findings.breaks(Rule::Request, parameter, ViolationKind::Invalid(error));
        }
    }
}

/// An amendment only ever lowers the quantity.
fn check_amendment<R: OrderRequest + ?Sized>(request: &R, context: &OrderContext, findings: &mut Findings) {
    let Some(amended) = &context.amended else {
        findings.misses(Rule::AmendedQuantity, Fact::AmendedOrder);
        return;
    };
    request.each(&mut |order| {
        if let Some(given) = order.quantity.filter(|given| *given >= amended.quantity) {
            let fault = ViolationKind::TooHigh { given, bound: amended.quantity, nearest: None };
            findings.breaks(Rule::AmendedQuantity, order.names.quantity, fault);
        }
    });
}
