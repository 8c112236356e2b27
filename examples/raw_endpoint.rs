//! An endpoint that the library does not know.

use binance_kit::core::HttpMethod;
use binance_kit::prelude::*;
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let answer: serde_json::Value = binance
        .rest()
        .raw(Api::Spot, HttpMethod::Get, "/api/v3/account")
        .param("omitZeroBalances", "true")
        .signed()
        .await?;
    println!("{}", answer["accountType"]);
    Ok(())
}
