//! The values that a violation suggests: each passes every rule, not only the one that is broken.

use super::context::OrderContext;
use super::fault::{Findings, Violation, ViolationKind};
use super::grid::Grid;
use super::symbol::SymbolRules;
use super::view::{OrderRequest, OrderView, RequestKind};
use crate::generated::spot::all::Filter;
use binance_kit_core::Decimal;

/// The values that a violation suggests: one, or the neighbours on both sides.
fn suggestions(kind: &mut ViolationKind) -> [Option<(&mut Option<Decimal>, Side)>; 2] {
    match kind {
        ViolationKind::TooLow { nearest, .. }
        | ViolationKind::NotionalTooLow { nearest, .. }
        | ViolationKind::TooManyParts { nearest, .. } => [Some((nearest, Side::Above)), None],
        ViolationKind::TooHigh { nearest, .. }
        | ViolationKind::NotionalTooHigh { nearest, .. }
        | ViolationKind::PositionTooHigh { nearest, .. } => [Some((nearest, Side::Below)), None],
        ViolationKind::OffStep { below, above, .. } => {
            [Some((below, Side::Below)), Some((above, Side::Above))]
        }
        _ => [None, None],
    }
}

#[derive(Clone, Copy)]
enum Side {
    Below,
    Above,
}

impl OrderView<'_> {
    /// The value of a parameter by its name.
    fn number(&mut self, parameter: &str) -> Option<&mut Option<Decimal>> {
        let names = self.names;
        let value = match parameter {
            name if name == names.quantity => &mut self.quantity,
            name if name == names.price => &mut self.price,
            name if name == names.stop_price => &mut self.stop_price,
            name if name == names.iceberg_quantity => &mut self.iceberg_quantity,
            "quoteOrderQty" => &mut self.quote_quantity,
            _ => return None,
        };
        value.is_some().then_some(value)
    }

    /// Sets a parameter that the order has; `false` if it has none of this name.
    fn set(&mut self, parameter: &str, value: Decimal) -> bool {
        if parameter == self.names.trailing_delta && self.trailing_delta.is_some() {
            self.trailing_delta = u64::try_from(value).ok();
            return true;
        }
        match self.number(parameter) {
            Some(number) => {
                *number = Some(value);
                true
            }
            None => false,
        }
    }
}

impl SymbolRules {
    /// Puts values that pass every rule in the place of those that pass one, and takes out those for which there are none.
    pub(super) fn suggest<R: OrderRequest + ?Sized>(
        &self,
        request: &R,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        let mut broken = std::mem::take(&mut findings.broken);
        for index in 0..broken.len() {
            let Some(Violation { parameter, kind, .. }) = broken.get(index) else { break };
            let (parameter, mut kind) = (parameter.clone(), kind.clone());
            for (value, side) in suggestions(&mut kind).into_iter().flatten() {
                *value = self
                    .suggestion(request, &parameter, *value, side, context)
                    .filter(|value| self.is_allowed(request, &parameter, *value, context, &broken));
            }
            if let Some(violation) = broken.get_mut(index) {
                violation.kind = kind;
            }
        }
        findings.broken = broken;
    }

    /// The next value of a parameter on one side that all filters of numbers allow; that of the rule itself where the
    /// parameter is no decimal.
    fn suggestion<R: OrderRequest + ?Sized>(
        &self,
        request: &R,
        parameter: &str,
        own: Option<Decimal>,
        side: Side,
        context: &OrderContext,
    ) -> Option<Decimal> {
        let mut found = own;
        let mut is_found = false;
        request.each(&mut |order| {
            let mut order = *order;
            let Some(given) = order.number(parameter).and_then(|value| *value) else { return };
            if std::mem::replace(&mut is_found, true) {
                return;
            }
            let next = |grid: Grid| match side {
                Side::Below => grid.below(given),
                Side::Above => grid.above(given),
            };
            found = self.allowed(&order, parameter, context).and_then(next);
        });
        found
    }

    /// The values of a parameter that the filters of numbers allow while the others stay.
    fn allowed(&self, order: &OrderView<'_>, parameter: &str, context: &OrderContext) -> Option<Grid> {
        match parameter {
            name if name == order.names.quantity => self.quantities(order, context),
            name if name == order.names.price => Some(self.prices(order, context)),
            name if name == order.names.stop_price => Some(self.price_grid()),
            name if name == order.names.iceberg_quantity => self.iceberg_quantities(order),
            _ => Some(self.quote_quantities(order)),
        }
    }

    /// Whether the request with this value breaks no rule of the parameter, and none that it does not break as it is.
    fn is_allowed<R: OrderRequest + ?Sized>(
        &self,
        request: &R,
        parameter: &str,
        value: Decimal,
        context: &OrderContext,
        broken: &[Violation],
    ) -> bool {
        let (mut is_there, mut is_allowed) = (false, value > Decimal::ZERO);
        let amended = context.amended.as_ref().filter(|_| request.kind() == RequestKind::Amend);
        request.each(&mut |order| {
            let mut order = *order;
            if !order.set(parameter, value) {
                return;
            }
            is_there = true;
            let mut found = Findings::default();
            self.check_order(&order, &mut found);
            for filter in self.filters.iter().filter(|filter| !matches!(filter, Filter::Unknown(_))) {
                self.check_numbers(filter, &order, context, &mut found);
            }
            let is_new = |one: &Violation| {
                !broken.iter().any(|known| known.rule == one.rule && known.parameter == one.parameter)
            };
            is_allowed &= !found.broken.iter().any(|one| one.parameter == parameter || is_new(one));
            is_allowed &=
                amended.is_none_or(|amended| parameter != order.names.quantity || value < amended.quantity);
        });
        is_there && is_allowed
    }
}
