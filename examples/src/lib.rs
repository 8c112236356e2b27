//! What the examples share: which exchange to connect to, and small strategies that print what they see.
//!
//! Without anything set, each example starts an embedded exchange of its own. `BINANCE_KIT=testnet`, `demo` or `production` takes
//! the real ones, with the keys that [`Credentials::from_env`] finds. `BINANCE_KIT=custom` takes `BINANCE_KIT_SPOT_STREAM` and
//! `BINANCE_KIT_USDM_STREAM`, base URLs of stream hosts.

use binance_kit::net::task::{self, Task};
use binance_kit::prelude::*;
use binance_kit::stream::{Event, Gap};
use binance_kit::{StreamName, sim, usdm};
use std::io::Write as _;

/// As the standard `println!`, but a reader that has gone away (`| head`) ends the program quietly.
#[macro_export]
macro_rules! println {
    ($($text:tt)*) => {
        $crate::print_line(&format!($($text)*))
    };
}

/// Prints a line, and ends the program when its reader has gone away.
pub fn print_line(text: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        let is_reader_gone = error.kind() == std::io::ErrorKind::BrokenPipe;
        if !is_reader_gone {
            let _ = writeln!(std::io::stderr(), "Error: cannot write to standard output: {error}");
        }
        std::process::exit(i32::from(!is_reader_gone));
    }
}

/// The exchange that the environment variables name, with the account that they name where there is one.
///
/// # Errors
///
/// When there is no such exchange, the embedded one cannot be started, or a key cannot be used.
pub async fn connect() -> binance_kit::Result<Binance> {
    match choice()? {
        None => Ok(Binance::embedded().await?),
        Some(environment) => real(environment),
    }
}

/// The URLs of the exchange that the environment variables name, or of an embedded one, which ends when it is dropped.
///
/// # Errors
///
/// When there is no such exchange, or the embedded one cannot be started.
pub async fn environment() -> binance_kit::Result<(Environment, Option<sim::Exchange>)> {
    if let Some(environment) = choice()? {
        return Ok((environment, None));
    }
    let exchange = sim::Exchange::builder().start().await?;
    let environment =
        Environment::custom(&exchange.rest_url(), &exchange.stream_url(), &exchange.ws_api_url())?;
    Ok((environment, Some(exchange)))
}

/// As [`connect`], for programs without async.
///
/// # Errors
///
/// As [`connect`].
pub fn connect_blocking() -> binance_kit::Result<blocking::Binance> {
    match choice()? {
        None => Ok(blocking::Binance::embedded()?),
        Some(environment) => Ok(blocking::Binance::new(real(environment)?)?),
    }
}

/// The environment that is asked for; `None` for an embedded exchange.
fn choice() -> binance_kit::Result<Option<Environment>> {
    Ok(Some(match std::env::var("BINANCE_KIT").as_deref() {
        Err(_) | Ok("sim") => return Ok(None),
        Ok("testnet") => Environment::testnet(),
        Ok("demo") => Environment::demo(),
        Ok("production") => Environment::production(),
        Ok("custom") => Environment::empty("custom")
            .with_streams(Api::Spot, &std::env::var("BINANCE_KIT_SPOT_STREAM")?)?
            .with_streams(Api::UsdmFutures, &std::env::var("BINANCE_KIT_USDM_STREAM")?)?,
        Ok(other) => {
            return Err(format!("BINANCE_KIT={other}: use sim, testnet, demo, production or custom").into());
        }
    }))
}

fn real(environment: Environment) -> binance_kit::Result<Binance> {
    let builder = Binance::builder().environment(environment);
    if std::env::var_os("BINANCE_API_KEY").is_none() {
        return Ok(builder.build()?);
    }
    Ok(builder.credentials(Credentials::from_env()?).build()?)
}

/// The distance between the price of Spot and the mark price of the future.
#[derive(Debug, Default)]
pub struct Basis {
    /// The last middle of Spot's best prices.
    spot: Option<Decimal>,
}

impl Basis {
    /// Takes Spot's best prices.
    pub fn spot(&mut self, quote: &spot::BookTickerEvent) {
        self.spot = Some((quote.bid_price + quote.ask_price) / dec!(2));
    }

    /// Takes the mark price of the future.
    pub fn mark(&mut self, mark: &usdm::MarkPriceEvent) {
        if let Some(spot) = self.spot {
            println!("basis {} at mark price {}", mark.mark_price - spot, mark.mark_price);
        }
    }
}

/// A strategy that trades nothing and prints what it is given.
#[derive(Debug, Default)]
pub struct Strategy {
    /// Number of events that were lost.
    lost: u64,
}

impl Strategy {
    /// Takes a trade.
    pub fn on(&mut self, trade: &Event<spot::TradeEvent>) {
        println!("{} {} × {}", trade.symbol, trade.price, trade.quantity);
    }

    /// Takes note of missing events.
    pub fn mistrust(&mut self, gap: &Gap) {
        println!("missing: {gap}");
    }

    /// Takes note of a silent stream.
    pub fn pause(&mut self, stream: &StreamName) {
        println!("silent: {stream}");
    }

    /// Takes note of events that this program was too slow for.
    pub fn lost(&mut self, count: u64) {
        self.lost += count;
        println!("too slow: {} events lost so far", self.lost);
    }
}

/// Buys and sells a little in the background, so that the account has something to report. Only in an embedded exchange.
///
/// Keep what it returns: the trading ends with it.
#[must_use]
pub fn trade_a_little(binance: &Binance) -> Option<Task<()>> {
    binance.exchange()?;
    let binance = binance.clone();
    Some(task::spawn("trade a little", async move {
        let Ok(orders) = binance.orders().await else { return };
        for _ in 0..3 {
            orders.place(spot::NewOrder::market_buy("BTCUSDT").quantity("0.001")).await;
            orders.place(spot::NewOrder::market_sell("BTCUSDT").quantity("0.001")).await;
        }
    }))
}
