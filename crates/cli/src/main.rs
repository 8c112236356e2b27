//! `binance`: the embedded exchange, a demo of the SDK against it, streams as JSON lines, and replays of recordings.

mod demo;
mod output;
mod progress;
mod record;
mod replay;
mod sim;
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
    /// Start the embedded exchange, connect the SDK to it, stream, trade, and check that everything agrees.
    Demo(DemoArgs),
    /// Run the embedded exchange alone, for clients in any language.
    Sim(SimArgs),
    /// Print the events of streams as JSON lines.
    Stream(StreamArgs),
    /// Record the raw frames of streams into files that survive a kill, for `binance replay`.
    Record(RecordArgs),
    /// Play a recording through a local server and the SDK's own client, and say what was in it.
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// How long to run.
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
    #[arg(long, default_value = "127.0.0.1:9443")]
    listen: std::net::SocketAddr,
    /// The seed of the market and of the demo account's keys.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Accounts, their balances and API keys (TOML). Without it there is one demo account.
    #[arg(long)]
    accounts: Option<PathBuf>,
    /// Speak TLS, with a certificate made for the occasion unless --cert and --key are given.
    #[arg(long)]
    tls: bool,
    /// The certificate chain to use (PEM).
    #[arg(long, requires = "key", requires = "tls")]
    cert: Option<PathBuf>,
    /// The private key of the certificate (PEM).
    #[arg(long, requires = "cert", requires = "tls")]
    key: Option<PathBuf>,
    /// Allow to listen on an address that other machines reach.
    #[arg(long)]
    public: bool,
    /// Offer the control API and a status page on this loopback address; port 0 takes a free one.
    #[arg(long)]
    control: Option<std::net::SocketAddr>,
    /// Go on from this file when there is one, and save to it at the end (and when the control API is asked to).
    #[arg(long)]
    state: Option<PathBuf>,
    /// What the makers and takers of all symbols do in a second, on average: 600, or what it was when the state was saved.
    #[arg(long, conflicts_with = "quiet_market")]
    rate: Option<u32>,
    /// How many price levels each side of a book has, about.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    levels: u32,
    /// Play a recording (as `binance replay` reads it) as the market, with users' orders filled against it.
    #[arg(long, conflicts_with = "rate")]
    replay: Option<PathBuf>,
    /// At this many percent of the recorded speed.
    #[arg(long, default_value_t = 100, requires = "replay")]
    replay_percent: u32,
    /// Let time stand still but for what the control API advances it by.
    #[arg(long, requires = "control")]
    manual_clock: bool,
    /// Leave the market still: no orders but those of clients.
    #[arg(long)]
    quiet_market: bool,
    /// Enforce no rate limits.
    #[arg(long)]
    no_limits: bool,
}

#[derive(Debug, Args)]
struct StreamArgs {
    /// Names of streams, such as `btcusdt@trade` or `ethusdt@depth@100ms`.
    #[arg(required = true)]
    names: Vec<String>,
    /// The base URL of the streams, such as `ws://127.0.0.1:9443`. Without it, the real exchange's.
    #[arg(long)]
    url: Option<String>,
    /// Root certificates to trust instead of the built-in ones (PEM).
    #[arg(long)]
    roots: Option<PathBuf>,
    /// Ask for times in microseconds.
    #[arg(long)]
    microseconds: bool,
    /// End after this many events.
    #[arg(long)]
    count: Option<u64>,
    /// The product that the streams belong to.
    #[arg(long, value_enum, default_value_t = Product::Spot)]
    product: Product,
}

#[derive(Debug, Args)]
struct RecordArgs {
    /// Names of streams, such as `btcusdt@trade` or `ethusdt@depth@100ms`.
    #[arg(required = true)]
    names: Vec<String>,
    /// A folder for files that are begun anew by size and age, or a file whose name ends in `.gz`, which is continued.
    #[arg(long)]
    to: PathBuf,
    /// The base URL of the streams, such as `ws://127.0.0.1:9443`. Without it, the real exchange's.
    #[arg(long)]
    url: Option<String>,
    /// Also record a snapshot of the book of each depth stream, after each connection: a replay needs it to build the books.
    #[arg(long)]
    snapshots: bool,
    /// The base URL for snapshots, such as `http://127.0.0.1:9443`. Without it, the real exchange's.
    #[arg(long, requires = "snapshots")]
    rest: Option<String>,
    /// Root certificates to trust instead of the built-in ones (PEM).
    #[arg(long)]
    roots: Option<PathBuf>,
    /// End after this many seconds; without it, with Ctrl-C.
    #[arg(long)]
    seconds: Option<u64>,
    /// Begin a new file after this many megabytes (compressed).
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..))]
    megabytes: u64,
    /// Begin a new file after this many minutes.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// The product that the streams belong to.
    #[arg(long, value_enum, default_value_t = Product::Spot)]
    product: Product,
    /// Print the summary as one JSON object, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ReplayArgs {
    /// The recording: of `binance record`, or lines of receive time in nanoseconds, a blank, and the frame; plain or gzip.
    file: PathBuf,
    /// How fast to play: as fast as it goes, as recorded, or ten times that.
    #[arg(long, value_enum, default_value_t = Speed::Max)]
    speed: Speed,
    /// The product of the recording; told from its first frames when it is not given.
    #[arg(long, value_enum)]
    product: Option<Product>,
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
    /// As fast as it goes.
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
    let filter = tracing_subscriber::EnvFilter::try_from_env("BINANCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&error),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Sim(args) => sim::run(args).await,
            Command::Stream(args) => stream::run(args).await,
            Command::Record(args) => record::run(args).await,
            Command::Replay(args) => replay::run(args).await,
        }
    });
    // Something may still be busy, such as a name that is being looked up; nothing waits for it.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(code) => code,
        Err(error) => output::fail(&*error),
    }
}
