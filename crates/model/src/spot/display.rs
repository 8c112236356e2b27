//! Orders and account events in one line each, for logs and terminals.

use crate::common::OrderSide;
use crate::generated::spot::all::{
    AccountEvent, AccountPositionEvent, BalanceEvent, ExecutionType, ExternalLockEvent, Order, OrderEvent,
    OrderListEvent, OrderRejectReason, OrderStatus, OrderType, TimeInForce,
};
use binance_kit_core::id::OrderId;
use binance_kit_core::{Decimal, Symbol};
use std::fmt;

/// The parts that every order has.
struct Line<'a> {
    side: &'a OrderSide,
    quantity: Decimal,
    symbol: &'a Symbol,
    price: Decimal,
    order_type: &'a OrderType,
    time_in_force: Option<&'a TimeInForce>,
    status: &'a OrderStatus,
    executed: Decimal,
    id: OrderId,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.side, self.quantity.normalize(), self.symbol)?;
        if !self.price.is_zero() {
            write!(f, " @ {}", self.price.normalize())?;
        }
        write!(f, " {}", self.order_type)?;
        // A market order has no time in force, whatever the exchange writes.
        if let Some(time_in_force) = self.time_in_force.filter(|_| *self.order_type != OrderType::Market) {
            write!(f, " {time_in_force}")?;
        }
        let (executed, quantity) = (self.executed.normalize(), self.quantity.normalize());
        write!(f, " {} {executed}/{quantity} id {}", self.status, self.id)
    }
}

/// `BUY 0.001 BTCUSDT @ 60123.45 LIMIT GTC FILLED 0.001/0.001 id 42`.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = Line {
            side: &self.side,
            quantity: self.original_quantity,
            symbol: &self.symbol,
            price: self.price,
            order_type: &self.order_type,
            time_in_force: self.time_in_force.as_ref(),
            status: &self.status,
            executed: self.executed_quantity,
            id: self.order_id,
        };
        line.fmt(f)
    }
}

/// `BUY 0.001 BTCUSDT @ 60123.45 LIMIT GTC FILLED 0.001/0.001 id 42: TRADE 0.001 @ 60123.45`.
impl fmt::Display for OrderEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = Line {
            side: &self.side,
            quantity: self.quantity,
            symbol: &self.symbol,
            price: self.price,
            order_type: &self.order_type,
            time_in_force: self.time_in_force.as_ref(),
            status: &self.order_status,
            executed: self.cumulative_filled_quantity,
            id: self.order_id,
        };
        write!(f, "{line}: {}", self.execution_type)?;
        if self.execution_type == ExecutionType::Trade {
            let (quantity, price) = (self.last_executed_quantity, self.last_executed_price);
            write!(f, " {} @ {}", quantity.normalize(), price.normalize())?;
        }
        if self.reject_reason != OrderRejectReason::None {
            write!(f, " {}", self.reject_reason)?;
        }
        Ok(())
    }
}

/// `OCO of BTCUSDT EXECUTING, orders 5 6, id 7`.
impl fmt::Display for OrderListEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}, orders", self.contingency_type, self.symbol, self.list_order_status)?;
        for order in &self.orders {
            write!(f, " {}", order.order_id)?;
        }
        write!(f, ", id {}", self.order_list_id)
    }
}

/// `+100 USDT`.
impl fmt::Display for BalanceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+} {}", self.delta.normalize(), self.asset)
    }
}

/// `USDT 900 free 100 locked, BTC 1 free 0 locked`.
impl fmt::Display for AccountPositionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, balance) in self.balances.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (free, locked) = (balance.free.normalize(), balance.locked.normalize());
            write!(f, "{comma}{} {free} free {locked} locked", balance.asset)?;
        }
        Ok(())
    }
}

/// `+5 USDT locked`.
impl fmt::Display for ExternalLockEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+} {} locked", self.delta.normalize(), self.asset)
    }
}

/// The event in one line.
impl fmt::Display for AccountEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccountPosition(event) => event.fmt(f),
            Self::Balance(event) => event.fmt(f),
            Self::Order(event) => event.fmt(f),
            Self::OrderList(event) => event.fmt(f),
            Self::ExternalLock(event) => event.fmt(f),
            other => f.write_str(&other.event_type()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::decode::{EventFrame, Frame};
    use binance_kit_core::{Decoder, StreamEvent};

    fn line(json: &str) -> String {
        let event = Decoder::new().frame(json.as_bytes(), |frame| match frame {
            Frame::Event(event) => AccountEvent::decode_event(EventFrame { stream: None, ..event }),
            _ => unreachable!("a text of this test is an event"),
        });
        event.unwrap().to_string()
    }

    #[test]
    fn events_are_one_line() {
        let order = r#"{"e":"executionReport","E":1,"s":"BTCUSDT","c":"a","S":"BUY","o":"LIMIT","f":"GTC",
            "q":"0.00100000","p":"60123.45000000","P":"0.00","F":"0.00","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE",
            "i":42,"l":"0.00100000","z":"0.00100000","L":"60123.45000000","n":"0","N":null,"T":1,"t":7,"I":1,"w":false,
            "m":false,"O":1,"Z":"60.12","Y":"60.12","Q":"0.00"}"#;
        let filled = "BUY 0.001 BTCUSDT @ 60123.45 LIMIT GTC FILLED 0.001/0.001 id 42";
        assert_eq!(line(order), format!("{filled}: TRADE 0.001 @ 60123.45"));
        let market =
            order.replace("LIMIT", "MARKET").replace("\"p\":\"60123.45000000\"", "\"p\":\"0.00000000\"");
        assert_eq!(
            line(&market),
            "BUY 0.001 BTCUSDT MARKET FILLED 0.001/0.001 id 42: TRADE 0.001 @ 60123.45"
        );
        let rejected =
            order.replace("\"NONE\"", "\"INSUFFICIENT_BALANCES\"").replace("\"TRADE\"", "\"REJECTED\"");
        assert!(line(&rejected).ends_with("id 42: REJECTED INSUFFICIENT_BALANCES"), "{}", line(&rejected));
        for (json, expected) in [
            (r#"{"e":"balanceUpdate","E":1,"a":"USDT","d":"100.00000000","T":1}"#, "+100 USDT"),
            (r#"{"e":"balanceUpdate","E":1,"a":"USDT","d":"-0.50","T":1}"#, "-0.5 USDT"),
            (r#"{"e":"externalLockUpdate","E":1,"a":"BTC","d":"5","T":1}"#, "+5 BTC locked"),
            (
                r#"{"e":"outboundAccountPosition","E":1,"u":1,"B":[{"a":"USDT","f":"900.0","l":"100"},{"a":"BTC","f":"1","l":"0"}]}"#,
                "USDT 900 free 100 locked, BTC 1 free 0 locked",
            ),
            (
                r#"{"e":"listStatus","E":1,"s":"BTCUSDT","g":7,"c":"OCO","l":"EXEC_STARTED","L":"EXECUTING","r":"NONE","C":"x",
                    "T":1,"O":[{"s":"BTCUSDT","i":5,"c":"a"},{"s":"BTCUSDT","i":6,"c":"b"}]}"#,
                "OCO of BTCUSDT EXECUTING, orders 5 6, id 7",
            ),
            (r#"{"e":"eventStreamTerminated","E":1}"#, "eventStreamTerminated"),
            (r#"{"e":"newKind","E":1}"#, "newKind"),
        ] {
            assert_eq!(line(json), expected);
        }
    }
}
