//! The parameters of orders and order lists, composed of the rows that an order has and the prefixes of the orders of a list.

use crate::server::operation::Rows;

/// What an order that is placed alone has, wherever it is placed.
const PLACED: Rows = Rows::plain(&[
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "price",
    "newClientOrderId",
    "strategyId",
    "strategyType",
    "icebergQty",
    "newOrderRespType",
    "selfTradePreventionMode",
]);
/// What only orders have that are not routed.
const UNROUTED: Rows = Rows::plain(&[
    "quoteOrderQty",
    "stopPrice",
    "trailingDelta",
    "pegPriceType",
    "pegOffsetType",
    "pegOffsetValue",
]);
/// What a test of an order has in addition.
const TEST: Rows = Rows::plain(&["computeCommissionRates"]);
/// What the cancel of a cancel-replace has.
const CANCEL: Rows = Rows::plain(&[
    "cancelReplaceMode",
    "cancelNewClientOrderId",
    "cancelOrigClientOrderId",
    "cancelOrderId",
    "cancelRestrictions",
    "orderRateLimitExceededMode",
]);

pub(super) const ORDER: &[Rows] = &[PLACED, UNROUTED];
pub(super) const TEST_ORDER: &[Rows] = &[PLACED, UNROUTED, TEST];
pub(super) const CANCEL_REPLACE: &[Rows] = &[PLACED, UNROUTED, CANCEL];
pub(super) const ROUTED_ORDER: &[Rows] = &[PLACED];
pub(super) const TEST_ROUTED_ORDER: &[Rows] = &[PLACED, TEST];

/// What every list has.
const LIST: Rows =
    Rows::plain(&["symbol", "listClientOrderId", "newOrderRespType", "selfTradePreventionMode"]);

/// What every order of a list has.
const LEG: &[&str] = &[
    "type",
    "clientOrderId",
    "price",
    "icebergQty",
    "timeInForce",
    "strategyId",
    "strategyType",
    "pegPriceType",
    "pegOffsetType",
    "pegOffsetValue",
];
/// What orders of a list have that may wait for a price.
const STOP: &[&str] = &["stopPrice", "trailingDelta"];
/// The side, and the quantity where it is given, of an order or of both orders of a pair.
const SIDE: &[&str] = &["side"];
const SIDE_AND_QUANTITY: &[&str] = &["side", "quantity"];

const WORKING: Rows = Rows::of("working", LEG);
const WORKING_SIZE: Rows = Rows::of("working", SIDE_AND_QUANTITY);
const PENDING: Rows = Rows::of("pending", LEG);
const PENDING_STOP: Rows = Rows::of("pending", STOP);
const PENDING_SIDE: Rows = Rows::of("pending", SIDE);
const PENDING_SIZE: Rows = Rows::of("pending", SIDE_AND_QUANTITY);
const PENDING_ABOVE: Rows = Rows::of("pendingAbove", LEG);
const PENDING_ABOVE_STOP: Rows = Rows::of("pendingAbove", STOP);
const PENDING_BELOW: Rows = Rows::of("pendingBelow", LEG);
const PENDING_BELOW_STOP: Rows = Rows::of("pendingBelow", STOP);

pub(super) const OCO: &[Rows] = &[
    LIST,
    Rows::plain(SIDE_AND_QUANTITY),
    Rows::of("above", LEG),
    Rows::of("above", STOP),
    Rows::of("below", LEG),
    Rows::of("below", STOP),
];
pub(super) const OTO: &[Rows] = &[LIST, WORKING, WORKING_SIZE, PENDING, PENDING_STOP, PENDING_SIZE];
pub(super) const OPO: &[Rows] = &[LIST, WORKING, WORKING_SIZE, PENDING, PENDING_STOP, PENDING_SIDE];
pub(super) const OTOCO: &[Rows] = &[
    LIST,
    WORKING,
    WORKING_SIZE,
    PENDING_SIZE,
    PENDING_ABOVE,
    PENDING_ABOVE_STOP,
    PENDING_BELOW,
    PENDING_BELOW_STOP,
];
pub(super) const OPOCO: &[Rows] = &[
    LIST,
    WORKING,
    WORKING_SIZE,
    PENDING_SIDE,
    PENDING_ABOVE,
    PENDING_ABOVE_STOP,
    PENDING_BELOW,
    PENDING_BELOW_STOP,
];

/// What both orders of the older form of a pair have.
const OLD_LEG: &[&str] = &["clientOrderId", "strategyId", "strategyType", "icebergQty"];

pub(super) const OLD_OCO: &[Rows] = &[
    LIST,
    Rows::plain(SIDE_AND_QUANTITY),
    Rows::plain(&["price", "stopPrice", "trailingDelta", "stopLimitPrice", "stopLimitTimeInForce"]),
    Rows::of("limit", OLD_LEG),
    Rows::of("stop", OLD_LEG),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::operation::prefixed;
    use std::collections::BTreeSet;

    fn names(rows: &[Rows]) -> Vec<String> {
        rows.iter().flat_map(|rows| rows.names.iter().map(|name| prefixed(rows.prefix, name))).collect()
    }

    #[test]
    fn lists_have_as_many_parameters_as_documented() {
        for (rows, count) in [
            (ORDER, 18),
            (TEST_ORDER, 19),
            (CANCEL_REPLACE, 24),
            (ROUTED_ORDER, 12),
            (TEST_ROUTED_ORDER, 13),
            (OCO, 30),
            (OTO, 30),
            (OPO, 29),
            (OTOCO, 42),
            (OPOCO, 41),
            (OLD_OCO, 19),
        ] {
            let names = names(rows);
            assert_eq!(names.len(), count, "{names:?}");
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), count, "{names:?}");
            for name in &names {
                let holding = rows.iter().filter(|rows| rows.contains(name)).count();
                assert_eq!(holding, 1, "{name} of {names:?}");
            }
        }
    }

    #[test]
    fn names_of_two_prefixes_are_the_documented_ones() {
        let names = names(OTOCO);
        for name in
            ["workingIcebergQty", "pendingSide", "pendingAboveStopPrice", "pendingBelowPegOffsetValue"]
        {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
        assert!(!names.iter().any(|name| name == "pendingPrice" || name == "workingStopPrice"));
    }
}
