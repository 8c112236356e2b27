//! Clients of an embedded exchange, over links in memory.

use crate::builder::{BinanceBuilder, invalid};
use binance_kit_core::{Api, Error, ErrorKind, Route};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{Clock, Context, Environment, Error as NetError, ErrorKind as NetErrorKind};
use binance_kit_sign::Credentials;
use binance_kit_sim::Exchange;

/// A place that is never dialled: the links are made in memory.
const HOST: &str = "127.0.0.1:1";

/// The settings of clients of this exchange: its demo account, its time, links in memory.
pub(crate) fn connect(exchange: &Exchange) -> Result<BinanceBuilder, Error> {
    let connector = exchange.connector();
    let context = Context::builder()
        .dial(DialWith::new(move |_| {
            connector.try_connect().map_err(|error| NetError::with_source(NetErrorKind::Connect, error))
        }))
        // Virtual time goes on with tokio's clock, which a test can pause.
        .clock(Clock::new(VirtualWallClock::starting_at(exchange.now())))
        .build()
        .map_err(invalid)?;
    let environment = Environment::empty("embedded")
        .with_rest(Api::Spot, &format!("http://{HOST}"))
        .and_then(|environment| environment.with_stream(Api::Spot, Route::Root, &format!("ws://{HOST}")))
        .and_then(|environment| environment.with_ws_api(Api::Spot, &format!("ws://{HOST}/ws-api/v3")))
        .and_then(|environment| environment.with_sbe_stream(&format!("ws://{HOST}/sbe")))
        .map_err(invalid)?;
    let builder = BinanceBuilder::default().environment(environment).context(context);
    let Some(demo) = exchange.demo_account() else { return Ok(builder) };
    let credentials = Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem)
        .map_err(|error| Error::new(ErrorKind::InvalidConfiguration).with_source(error))?;
    Ok(builder.credentials(credentials))
}
