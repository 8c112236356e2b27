//! The shortest way from the socket to a strategy: a runtime of its own on a thread of its own, whose one task drives its
//! connection. `BUSY_POLL=1` has the connection asked again and again, which costs the core that the thread runs on.

use binance_kit::Context;
use binance_kit::net::TcpDial;
use binance_kit::prelude::*;
use binance_kit_examples::{environment, println};

fn main() -> binance_kit::Result {
    // Everything else of the program, such as the embedded exchange, lives in another runtime: it stands before no event.
    let rest_of_the_program = tokio::runtime::Runtime::new()?;
    let (environment, _exchange) = rest_of_the_program.block_on(environment())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(strategy(environment))
}

async fn strategy(environment: Environment) -> binance_kit::Result {
    let mut dial = TcpDial::new();
    if std::env::var_os("BUSY_POLL").is_some() {
        dial = dial.busy_poll();
    }
    let context = Context::builder().dial(dial).build()?;
    let binance = Binance::builder().environment(environment).context(context).build()?;
    let mut prices = binance.streams().pull([spot::stream::book_ticker("BTCUSDT")]).await?;
    while let Some(best) = prices.next_event().await? {
        println!("{} {} {}", best.symbol, best.bid_price, best.ask_price);
    }
    Ok(())
}
