//! `binance`: the embedded exchange, a demo of the SDK against it, streams as JSON lines, and replays of recordings.

mod demo;
mod frames;
mod log;
mod output;
mod progress;
mod quiet;
mod record;
mod replay;
mod sim;
mod source;
mod stop;
mod stream;
mod task;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Tools around binance-kit, an SDK for the Binance exchange. Not affiliated with the exchange.
#[derive(Debug, Parser)]
#[command(name = "binance", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the SDK against the embedded exchange: stream, keep books, trade, and check that both sides agree.
    Demo(DemoArgs),
    /// Run the embedded exchange alone, for clients in any language.
    Sim(SimArgs),
    /// Print the events of streams as JSON lines.
    Stream(StreamArgs),
    /// Record the raw frames of streams into compressed files, for `binance replay`. A kill loses about a second at most.
    Record(RecordArgs),
    /// Play a recording through the SDK's streams and books, and report what is in it and what it falls short of.
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Duration in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(3..=86_400))]
    seconds: u64,
    /// The seed of the market: the same seed gives the same market.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the summary as one JSON object, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct SimArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9443", value_parser = sim::listen_address)]
    listen: std::net::SocketAddr,
    /// The seed of the market and of the demo account's keys.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Accounts, their balances and API keys (TOML). Without it there is one demo account.
    #[arg(long)]
    accounts: Option<PathBuf>,
    /// Use TLS, with a new self-signed certificate unless --cert and --key are given.
    #[arg(long)]
    tls: bool,
    /// The certificate chain (PEM).
    #[arg(long, requires = "key", requires = "tls")]
    cert: Option<PathBuf>,
    /// The private key of the certificate (PEM).
    #[arg(long, requires = "cert", requires = "tls")]
    key: Option<PathBuf>,
    /// Allow an address that other machines can reach.
    #[arg(long)]
    public: bool,
    /// Allow requests of web pages of this origin, such as `http://localhost:3000`. May be given several times.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// The loopback address of the control API and of a status page; port 0 takes a free one. At a terminal they are there
    /// without this, on a free port.
    #[arg(long, value_parser = sim::listen_address)]
    control: Option<std::net::SocketAddr>,
    /// A state file: loaded at the start if it exists, saved at the end and on request of the control API.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Average number of market actions per second, over all symbols: 600 by default, or as in the state file.
    #[arg(long, conflicts_with = "quiet_market")]
    rate: Option<u32>,
    /// Approximate number of price levels on each side of a book next to the price; books of busy symbols reach further, with
    /// wider gaps.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    levels: u32,
    /// Use a recording (of `binance record`) as the market. Orders of clients are filled against it.
    #[arg(long, conflicts_with = "rate")]
    replay: Option<PathBuf>,
    /// The speed of the recording, in percent.
    #[arg(long, default_value_t = 100, requires = "replay")]
    replay_percent: u32,
    /// Freeze the clock; only the control API advances it.
    #[arg(long, requires = "control")]
    manual_clock: bool,
    /// Run without a market: no orders but those of clients.
    #[arg(long)]
    quiet_market: bool,
    /// Disable rate limits.
    #[arg(long)]
    no_limits: bool,
    /// A folder for the keys of the demo account: `demo.pem` (Ed25519) and `demo.env` (HMAC, for a shell).
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// Print the ready line as JSON at a terminal too, with the keys of the demo account.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct StreamArgs {
    #[command(flatten)]
    source: source::SourceArgs,
    /// Request times in microseconds.
    #[arg(long)]
    microseconds: bool,
    /// End after this many events.
    #[arg(long)]
    count: Option<u64>,
}

#[derive(Debug, Args)]
struct RecordArgs {
    #[command(flatten)]
    source: source::SourceArgs,
    /// A folder, in which a new file begins by size and age; or a file whose name ends in `.gz`, to which frames are appended.
    #[arg(long)]
    to: PathBuf,
    /// Also record snapshots of the book of each depth stream, with which a replay builds the books: whenever a book needs one, and
    /// in each new file.
    #[arg(long)]
    snapshots: bool,
    /// The base URL of REST for snapshots, such as `http://127.0.0.1:9443`, instead of the network's.
    #[arg(long, requires = "snapshots")]
    rest: Option<String>,
    /// End after this many seconds; without it, with Ctrl-C or SIGTERM.
    #[arg(long)]
    seconds: Option<u64>,
    /// Begin a new file after this many megabytes (compressed).
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..))]
    megabytes: u64,
    /// Begin a new file after this many minutes, such as 60 or 0.5.
    #[arg(long, default_value = "60", value_parser = minutes)]
    minutes: Duration,
    /// Print the summary as one JSON object, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
}

/// Reads a number of minutes with a fraction.
fn minutes(text: &str) -> Result<Duration, String> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1e6);
    let minutes = minutes.ok_or("expected a number of minutes above 0, such as 60 or 0.5")?;
    Ok(Duration::from_secs_f64(minutes * 60.0))
}

#[derive(Debug, Args)]
struct ReplayArgs {
    /// The recording, of `binance record`: files, folders of `.gz` and `.txt` files, or patterns with `*` and `?`, played as one.
    /// Or lines of a receive time, a space and the frame, of another recorder; plain or gzip.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The speed.
    #[arg(long, value_enum, default_value_t = Speed::Max)]
    speed: Speed,
    /// The product of the recording; by default what it says itself, or what its first frames look like.
    #[arg(long, value_enum)]
    product: Option<Product>,
    /// Fail also when nothing in the data is known to be wrong or missing, but the recorder was interrupted, a snapshot names no
    /// symbol, or the like.
    #[arg(long)]
    strict: bool,
    /// Print the result as one JSON object, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Product {
    /// Spot.
    Spot,
    /// USD-M futures.
    Usdm,
    /// COIN-M futures.
    Coinm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Speed {
    /// As fast as possible.
    Max,
    /// As recorded.
    #[value(name = "1x")]
    Recorded,
    /// Ten times as fast as recorded.
    #[value(name = "10x")]
    TenTimes,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = log::start() {
        output::note(&format!("error: {error}"));
        return ExitCode::from(output::WRONG_USAGE);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&error),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => Box::pin(demo::run(args)).await,
            Command::Sim(args) => sim::run(args).await,
            Command::Stream(args) => stream::run(args).await,
            Command::Record(args) => record::run(args).await,
            Command::Replay(args) => replay::run(args).await,
        }
    });
    // A task may still be busy, with the resolution of a host name for example; nothing waits for it.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(code) => code,
        Err(error) if output::is_reader_gone(&*error) => ExitCode::from(output::READER_GONE),
        Err(error) => output::fail(&*error),
    }
}
