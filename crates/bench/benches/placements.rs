//! Orders placed in the embedded exchange, in process: through its lock, its engine and its event hub, into a book of
//! thousands of levels with a hundred thousand orders.

use binance_kit_bench::{Candidate, race, report};
use binance_kit_core::Decimal;
use binance_kit_core::id::OrderId;
use binance_kit_sim::{AccountConfig, AdminOrder, Exchange, SimError, SymbolConfig};
use std::cell::Cell;

const SYMBOL: &str = "ABUSDT";
/// Prices on each side, in ticks of a hundredth around 100.
const LEVELS: i64 = 4000;
const RESTING: i64 = 100_000;
const PRICE: i64 = 10_000;

/// A price of a side, scattered over all of its levels.
fn price(number: i64, buy: bool) -> Decimal {
    let away = 1 + number.wrapping_mul(7919).rem_euclid(LEVELS);
    Decimal::new(if buy { PRICE - away } else { PRICE + away }, 2)
}

async fn exchange() -> Result<Exchange, SimError> {
    let rich = Decimal::new(100_000_000_000, 0);
    let account = |name| AccountConfig::new(name).balance("AB", rich).balance("USDT", rich);
    let exchange = Exchange::builder()
        .demo_account(false)
        .no_market()
        .in_memory()
        .symbol(SymbolConfig::new(SYMBOL, "AB", "USDT", Decimal::new(100, 0)).max_orders(u32::MAX, 5))
        .account(account("maker"))
        .account(account("taker"))
        .start()
        .await?;
    for number in 0..RESTING {
        exchange.place(&resting(number))?;
    }
    Ok(exchange)
}

fn resting(number: i64) -> AdminOrder {
    let one = Decimal::ONE;
    let order = if number % 2 == 0 { AdminOrder::buy(SYMBOL, one) } else { AdminOrder::sell(SYMBOL, one) };
    order.at(price(number, number % 2 == 0)).by("maker")
}

#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let exchange = runtime.block_on(exchange())?;
    let next = Cell::new(RESTING);
    let number = || {
        next.set(next.get() + 1);
        next.get()
    };
    let done = |result: Result<OrderId, SimError>| result.map_or(0, OrderId::get);
    let mut candidates: Vec<Candidate<'_>> = vec![
        (
            "place an order that rests",
            Box::new(|_| done(exchange.place(&resting(number())).map(|o| o.order_id))),
        ),
        (
            "place and cancel one",
            Box::new(|_| {
                let id = done(exchange.place(&resting(number())).map(|outcome| outcome.order_id));
                u64::from(exchange.cancel_order("maker", SYMBOL, OrderId(id)).unwrap_or_default())
            }),
        ),
        (
            "take one and put it back",
            Box::new(|_| {
                let sold = AdminOrder::sell(SYMBOL, Decimal::ONE).by("taker");
                let id = done(exchange.place(&sold).map(|outcome| outcome.order_id));
                let back = AdminOrder::buy(SYMBOL, Decimal::ONE).at(Decimal::new(PRICE - 1, 2)).by("maker");
                id + done(exchange.place(&back).map(|outcome| outcome.order_id))
            }),
        ),
    ];
    let least = race(&mut candidates, 10, 2000);
    report("orders in process, 100,000 resting on 8,000 levels", &candidates, &least);
    for ((name, _), (time, placements)) in candidates.iter().zip(least.iter().zip([1, 1, 2])) {
        let each = u128::from(u32::try_from(placements).unwrap_or(1)) * 1_000_000_000;
        println!("  {name:<36} {:>9} placements a second", each / time.as_nanos().max(1));
    }
    Ok(())
}
