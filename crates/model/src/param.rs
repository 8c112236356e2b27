//! Values as parameters of requests.

use binance_kit_core::id::{
    AggTradeId, AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, SubscriptionId, TradeId,
};
use binance_kit_core::{Asset, ClientOrderId, Decimal, ParamWriter, Symbol, Timestamp};

/// A value that can be a parameter.
pub(crate) trait Param {
    fn write(&self, name: &'static str, params: &mut ParamWriter);
}

/// A value that can be an element of a list of texts.
pub(crate) trait TextParam {
    fn text(&self) -> &str;
}

/// Writes nothing for `None`.
impl<T: Param> Param for Option<T> {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        if let Some(value) = self {
            value.write(name, params);
        }
    }
}

impl<T: TextParam> Param for Vec<T> {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        params.texts(name, self.iter().map(TextParam::text));
    }
}

impl Param for Decimal {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        params.decimal(name, *self);
    }
}

impl Param for bool {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        params.boolean(name, *self);
    }
}

impl Param for String {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        params.text(name, self);
    }
}

/// Microseconds only where milliseconds would lose something: the exchange tells them apart by their size.
impl Param for Timestamp {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        let micros = self.as_micros();
        if micros % 1000 == 0 || Self::from_wire(micros) != *self {
            params.integer(name, self.as_millis());
        } else {
            params.integer(name, micros);
        }
    }
}

macro_rules! integer_param {
    ($($type:ty),*) => {$(
        impl Param for $type {
            fn write(&self, name: &'static str, params: &mut ParamWriter) {
                params.integer(name, *self);
            }
        }
    )*};
}

integer_param!(u8, u32, u64, i32, i64);

macro_rules! id_param {
    ($($type:ty),*) => {$(
        impl Param for $type {
            fn write(&self, name: &'static str, params: &mut ParamWriter) {
                params.integer(name, self.get());
            }
        }
    )*};
}

id_param!(
    OrderId,
    OrderListId,
    TradeId,
    AggTradeId,
    ExecutionId,
    PreventedMatchId,
    AllocationId,
    SubscriptionId
);

macro_rules! text_param {
    ($($type:ty),*) => {$(
        impl Param for $type {
            fn write(&self, name: &'static str, params: &mut ParamWriter) {
                params.text(name, self.as_str());
            }
        }

        impl TextParam for $type {
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )*};
}

text_param!(Symbol, Asset, ClientOrderId);

impl TextParam for String {
    fn text(&self) -> &str {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_written_as_the_exchange_reads_it() {
        let mut params = ParamWriter::new();
        Timestamp::from_millis(1_700_000_000_000).write("a", &mut params);
        Timestamp::from_micros(1_700_000_000_000_001).write("b", &mut params);
        // In microseconds this one would be taken for milliseconds.
        Timestamp::from_micros(1_000_001).write("c", &mut params);
        OrderId(7).write("d", &mut params);
        Some(true).write("e", &mut params);
        None::<u32>.write("f", &mut params);
        vec![Symbol::new("A"), Symbol::new("B")].write("g", &mut params);
        Decimal::new(150, 2).write("h", &mut params);
        assert_eq!(
            params.to_sorted_payload(),
            "a=1700000000000&b=1700000000000001&c=1000&d=7&e=true&g=[\"A\",\"B\"]&h=1.50"
        );
    }
}
