//! The traits that methods come from: `use binance_kit::prelude::*;`.

pub use binance_kit_core::{
    Decode as _, Encode as _, Request as _, RestRequest as _, StreamEvent as _, WsRequest as _,
};
