// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! Spot: market data, trading, the account, and the streams.

mod account;
pub use self::account::*;
mod enums;
pub use self::enums::*;
mod filters;
pub use self::filters::*;
mod general;
pub use self::general::*;
mod market;
pub use self::market::*;
mod order_list;
pub use self::order_list::*;
mod session;
pub use self::session::*;
mod streams;
pub use self::streams::*;
mod trade;
pub use self::trade::*;
mod user_data;
pub use self::user_data::*;
pub mod error_code;
#[cfg(feature = "sbe")]
pub mod sbe;
pub mod stream;
