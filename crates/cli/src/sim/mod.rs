//! `binance sim`: the embedded exchange alone.

use crate::SimArgs;
use crate::output::{self, CommandResult};
use crate::stop::Stop;
use binance_kit::record::{FrameText, RecordEntry, RecordedFrame, Recording};
use binance_kit::sim::{AccountConfig, Exchange, MarketConfig, RecordedMarket};
use binance_kit_sim::TlsConfig;
use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

mod listen;
mod ready;

pub(crate) use listen::listen_address;

pub(crate) async fn run(args: SimArgs) -> CommandResult {
    if !args.public && !args.listen.ip().is_loopback() {
        return Err(format!(
            "{} is not a loopback address; add --public to allow access from other machines",
            args.listen
        )
        .into());
    }
    let mut builder = Exchange::builder().seed(args.seed).limits(!args.no_limits);
    builder = if args.public { builder.bind_public(args.listen) } else { builder.listen(args.listen) };
    let mut market = MarketConfig::default();
    market.levels = args.levels;
    market.actions_per_second = args.rate.unwrap_or(market.actions_per_second);
    builder = if args.quiet_market { builder.no_market() } else { builder.market(market) };
    // At a terminal there is somebody to look at the status page.
    let for_people = !args.json && std::io::stdout().is_terminal();
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    if let Some(address) = args.control.or(for_people.then_some(anywhere)) {
        builder = builder.control(address);
    }
    if let Some(path) = &args.state {
        builder = builder.state_file(path);
    }
    for origin in &args.allow_origin {
        builder = builder.allow_origin(origin);
    }
    if args.manual_clock {
        builder = builder.manual_clock();
    }
    if let Some(path) = &args.replay {
        builder = builder.replay(recording(path)?.speed_percent(args.replay_percent));
    }
    if let Some(path) = &args.accounts {
        builder = builder.accounts(AccountConfig::load(path)?).demo_account(false);
    }
    let mut certificate = None;
    if args.tls {
        let tls = match (&args.cert, &args.key) {
            (Some(cert), Some(key)) => TlsConfig::from_pem(read(cert)?, read(key)?),
            _ => {
                let made = TlsConfig::self_signed()?;
                certificate = Some(made.certificate_pem().to_owned());
                made
            }
        };
        builder = builder.tls(tls);
    }
    // Registered before the ready line, so that no signal is missed.
    let mut stop = Stop::new()?;
    let exchange = builder.start().await?;
    // The state file has a rate of its own.
    if let (Some(rate), Some(_)) = (args.rate, &args.state) {
        exchange.set_market_rate(rate)?;
    }
    if args.public {
        output::note(
            "warning: other machines can reach this exchange; it is made for tests, not for public networks",
        );
    }
    let keys = match (&args.keys, exchange.demo_account()) {
        (Some(folder), Some(demo)) => Some(ready::write_keys(folder, demo)?),
        (Some(_), None) => {
            return Err("--keys writes those of the demo account, and --accounts has others".into());
        }
        (None, _) => None,
    };
    if for_people {
        output::line(ready::for_people(&exchange, args.seed, keys.as_ref()).trim_end())?;
    } else {
        output::line(&ready::for_programs(&exchange, certificate.as_deref()))?;
    }
    stop.wait().await;
    if let Some(path) = &args.state {
        exchange.save(path)?;
    }
    exchange.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// The text frames of a recording, in any of its formats. They are read while they are played.
fn recording(path: &std::path::Path) -> Result<RecordedMarket, Box<dyn std::error::Error + Send + Sync>> {
    let path = path.to_owned();
    Ok(RecordedMarket::from_source(move || Recording::open(&path).map(Frames))?)
}

/// The text frames of a recording with their receive times.
struct Frames(Recording);

impl Iterator for Frames {
    type Item = Result<(u64, String), binance_kit::record::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.0.next_entry() {
                // The answer does not name its symbol; the request does.
                Ok(Some(RecordEntry::Snapshot(snapshot))) => {
                    let Some(rest) = snapshot.answer.trim_start().strip_prefix('{') else { continue };
                    let text = format!("{{\"s\":\"{}\",{rest}", snapshot.symbol);
                    return Some(Ok((snapshot.received_nanos, text)));
                }
                Ok(Some(RecordEntry::Frame(RecordedFrame {
                    received_nanos,
                    text: FrameText::Text(text),
                    ..
                }))) => return Some(Ok((received_nanos, text))),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn read(path: &std::path::Path) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
