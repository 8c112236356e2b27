//! What the examples share: where to connect to.
//!
//! Without anything set, each example starts an embedded exchange and talks to that. `BINANCE_KIT=testnet`, `demo` or
//! `production` takes the real ones; where an example needs a key, it is read from `BINANCE_API_KEY` and the file named by
//! `BINANCE_PRIVATE_KEY` (Ed25519, PEM).

use binance_kit::sign::KeyFile;
use binance_kit::sim::Exchange;
use binance_kit::{Binance, Credentials, Environment};
use std::error::Error;

/// Any error.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// An exchange to talk to. Keep it: an embedded exchange ends with it.
#[derive(Debug)]
pub struct Place {
    /// The way to the exchange.
    pub binance: Binance,
    /// The embedded exchange, if it is one.
    pub exchange: Option<Exchange>,
}

/// The exchange that the environment variables name, without a key.
///
/// # Errors
///
/// When there is no such exchange, or the embedded one cannot be started.
pub async fn public() -> Result<Place, AnyError> {
    match std::env::var("BINANCE_KIT").as_deref() {
        Err(_) | Ok("sim") => {
            let exchange = Exchange::builder().start().await?;
            Ok(Place { binance: Binance::simulated(&exchange)?, exchange: Some(exchange) })
        }
        Ok("testnet") => real(Environment::testnet()),
        Ok("demo") => real(Environment::demo()),
        Ok("production") => real(Environment::production()),
        Ok(other) => Err(format!("BINANCE_KIT={other}: use sim, testnet, demo or production").into()),
    }
}

fn real(environment: Environment) -> Result<Place, AnyError> {
    Ok(Place { binance: Binance::new(environment)?, exchange: None })
}

/// The same with a key.
///
/// # Errors
///
/// As [`public`], and when there is no key.
pub async fn with_key() -> Result<Place, AnyError> {
    let place = public().await?;
    let demo = place.exchange.as_ref().and_then(Exchange::demo_account);
    let credentials = match demo {
        Some(demo) => Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem)?,
        None => {
            let api_key = std::env::var("BINANCE_API_KEY").map_err(|_| "set BINANCE_API_KEY")?;
            let file =
                std::env::var("BINANCE_PRIVATE_KEY").map_err(|_| "set BINANCE_PRIVATE_KEY to a PEM file")?;
            Credentials::from_key_file(api_key, &KeyFile::new(file))?
        }
    };
    Ok(Place { binance: place.binance.with_credentials(credentials), exchange: place.exchange })
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the examples are programs")]
pub fn say(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}
