// Written by `cargo xtask codegen` from crates/model/spec/common/*.toml; do not edit.

//! Types that mean the same in every product.

use crate::macros::wire_enum;

wire_enum! {
    /// Interval of a candle.
    KlineInterval {
        /// One second.
        Second1 = "1s",
        /// One minute.
        Minute1 = "1m",
        /// Three minutes.
        Minute3 = "3m",
        /// Five minutes.
        Minute5 = "5m",
        /// Fifteen minutes.
        Minute15 = "15m",
        /// Thirty minutes.
        Minute30 = "30m",
        /// One hour.
        Hour1 = "1h",
        /// Two hours.
        Hour2 = "2h",
        /// Four hours.
        Hour4 = "4h",
        /// Six hours.
        Hour6 = "6h",
        /// Eight hours.
        Hour8 = "8h",
        /// Twelve hours.
        Hour12 = "12h",
        /// One day.
        Day1 = "1d",
        /// Three days.
        Day3 = "3d",
        /// One week.
        Week1 = "1w",
        /// One month.
        Month1 = "1M",
    }
}

wire_enum! {
    /// The side of an order.
    OrderSide {
        /// Buys the base asset.
        Buy = "BUY",
        /// Sells the base asset.
        Sell = "SELL",
    }
}
