//! What programs use most: `use binance_kit::prelude::*;`.
//!
//! The products as modules ([`spot`] …), the way in ([`Binance`]), topics and items of streams, outcomes of orders,
//! decimal literals, and the traits that methods come from.

pub use crate::{
    Api, Binance, Context, Credentials, Decimal, Environment, Error, ErrorKind, MixedTopic, RawEvent, Route,
    Symbol, Timestamp, Topic, dec,
};
pub use binance_kit_core::{
    Decode as _, Encode as _, Request as _, RestRequest as _, StreamEvent as _, WsRequest as _,
};

#[cfg(feature = "account")]
pub use crate::account::{AccountStream, Orders, Outcome};
#[cfg(feature = "blocking")]
pub use crate::blocking;
#[cfg(feature = "book")]
pub use crate::book::Side;
#[cfg(feature = "coinm")]
pub use crate::coinm;
#[cfg(feature = "spot")]
pub use crate::spot::{self, Rounding};
#[cfg(feature = "stream")]
pub use crate::stream::{EventStream, Item};
#[cfg(feature = "usdm")]
pub use crate::usdm;
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
pub use crate::{
    MarketEvent,
    common::{KlineInterval, OrderSide},
};
