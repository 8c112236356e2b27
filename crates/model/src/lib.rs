//! Requests, responses and events of the Binance API as typed data.
//!
//! Every product is a module and a cargo feature ([`spot`], [`usdm`], [`coinm`]). Its types are generated from the
//! tables under `spec/` by `cargo xtask codegen`; what a table cannot say (shortcuts, checks across parameters) is
//! written by hand. The crate has no sockets and no keys: a transport takes a request, writes its
//! parameters, and decodes the answer through the traits of `binance-kit-core`.
//!
//! ```
//! # #[cfg(feature = "spot")] {
//! use binance_kit_core::{ParamWriter, Request, RestRequest};
//! use binance_kit_model::spot;
//!
//! let request = spot::Depth::new("btcusdt").limit(500);
//! let mut params = ParamWriter::new();
//! request.write(&mut params);
//! assert_eq!(request.path(), "/api/v3/depth");
//! assert_eq!(params.to_query(), "symbol=BTCUSDT&limit=500");
//! assert_eq!(request.cost().ip, 25);
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
// Each product uses a part of the shared modules only; what is unused is found when all are on.
#![cfg_attr(
    not(all(feature = "spot", feature = "usdm")),
    allow(dead_code, unused_imports, unused_macros, reason = "each product uses a part only")
)]

mod activation;
mod api_key;
mod generated;
mod level;
mod macros;
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
mod market_event;
#[cfg(test)]
mod names;
mod number;
mod param;
mod refusal;
#[cfg(feature = "sbe")]
mod sbe;
mod shapes;
mod stream_name;
mod support;
mod unknown;
#[cfg(feature = "serde")]
mod wire;

#[cfg(feature = "coinm")]
pub mod coinm;
#[cfg(feature = "spot")]
pub mod spot;
#[cfg(feature = "usdm")]
pub mod usdm;

#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
pub use market_event::MarketEvent;

/// Types that mean the same in every product.
pub mod common {
    pub use crate::activation::Activation;
    pub use crate::api_key::ApiKeyText;
    pub use crate::generated::common::*;
    pub use crate::level::Level;
    pub use crate::number::IntoDecimal;
    pub use crate::refusal::Refusal;
    pub use crate::shapes::{Map, OneOrMany};
    pub use crate::stream_name::UnknownStream;
    pub use crate::unknown::{UnknownEvent, UnknownObject};
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
