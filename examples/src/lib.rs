//! What the examples share: where to connect to.
//!
//! Without anything set, each example starts an embedded exchange and talks to that. `BINANCE_KIT=testnet`, `demo` or
//! `production` takes the real ones; where an example needs a key, it is read from `BINANCE_API_KEY` and the file named by
//! `BINANCE_PRIVATE_KEY` (Ed25519, PEM).

use binance_kit::sign::KeyFile;
use binance_kit::sim::Exchange;
use binance_kit::{Binance, Credentials, Environment};
use std::error::Error;
use std::fmt;
use std::io::{ErrorKind, Write as _};

/// Any error. When `main` returns one, it is shown as a sentence with its causes.
pub struct AnyError(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for AnyError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

// What `main` returns is shown by `Debug`, which for errors of programs is no use to their users.
impl fmt::Debug for AnyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, "\n  because: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

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
            let api_key =
                std::env::var("BINANCE_API_KEY").map_err(|_| "set BINANCE_API_KEY to your API key")?;
            let file =
                std::env::var("BINANCE_PRIVATE_KEY").map_err(|_| "set BINANCE_PRIVATE_KEY to a PEM file")?;
            Credentials::from_key_file(api_key, &KeyFile::new(file))?
        }
    };
    Ok(Place { binance: place.binance.with_credentials(credentials), exchange: place.exchange })
}

/// Prints a line, and ends the program when nobody can read it any more.
pub fn say(text: impl AsRef<str>) {
    if let Err(error) = writeln!(std::io::stdout(), "{}", text.as_ref()) {
        // `head` has had enough; anything else is an error.
        let enough = error.kind() == ErrorKind::BrokenPipe;
        if !enough {
            let _ = writeln!(std::io::stderr(), "Error: standard output cannot be written: {error}");
        }
        std::process::exit(i32::from(!enough));
    }
}
