//! The `binance` program.
fn main() {}
