//! Without async: REST, the WebSocket API, orders with outcomes, and the account's events, each by a call that waits.

use binance_kit::prelude::*;
use binance_kit_examples::{connect_blocking, println};

fn main() -> binance_kit::Result {
    let binance = connect_blocking()?; // blocking::Binance::new(Binance::builder()…build()?)?
    println!("server time {}", binance.rest().send(spot::general::Time::new())?.server_time);
    let ws_api = binance.ws_api()?; // one connection, for requests of all threads
    println!("average price {}", ws_api.send(spot::market::AvgPrice::new("BTCUSDT"))?.price);

    let mut account = binance.account()?.events();
    let orders = binance.orders()?;
    match orders.place(spot::NewOrder::market_buy("BTCUSDT").quantity("0.001"))? {
        Outcome::Confirmed(order) => println!("order {} of {}", order.order_id, order.symbol),
        Outcome::Rejected(refusal) => println!("{refusal}"),
        Outcome::NotSent(error) => println!("{error}"),
        Outcome::Unknown(doubt) => println!("{:?}", orders.resolve(&doubt)?), // asks until it is definite, never sends again
    }
    while let Some(change) = account.next_timeout(std::time::Duration::from_secs(2)) {
        if let spot::AccountEvent::Order(order) = change?.data {
            println!("{order}");
        }
    }
    Ok(())
}
