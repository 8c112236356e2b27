//! `binance stream`: events as JSON lines, in the combined form of the exchange.

use crate::StreamArgs;
use crate::output::{self, CommandResult};
use crate::source;
use binance_kit::Binance;
use binance_kit::core::{JsonWriter, TimeUnit};
use binance_kit::stream::{Item, StreamConfig};
use std::process::ExitCode;
use std::time::Duration;

/// How long a stream may be silent before a note says so.
const QUIET_AFTER: Duration = Duration::from_secs(10);

pub(crate) async fn run(args: StreamArgs) -> CommandResult {
    let topics = args.source.topics()?;
    let context = args.source.context()?;
    let unit = if args.microseconds { TimeUnit::Microsecond } else { TimeUnit::Millisecond };
    let config = StreamConfig { time_unit: unit, ..StreamConfig::default() };
    let builder = Binance::builder().environment(args.source.environment()?).context(context.clone());
    let binance = builder.streams(config).build()?;
    let mut quiet = source::names(&topics);
    let mut streams_left = quiet.len();
    let mut stream = binance.subscribe(topics).await.map_err(|error| args.source.explain(error))?;
    let mut events_left = args.count.unwrap_or(u64::MAX);
    let mut json = JsonWriter::new().with_time_unit(unit);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut quiet_too_long = std::pin::pin!(context.clock().sleep(QUIET_AFTER));
    let mut quiet_noted = false;
    while events_left > 0 {
        let item = tokio::select! {
            item = stream.next() => item,
            _ = interrupted.as_mut() => break,
            () = quiet_too_long.as_mut(), if !quiet_noted => {
                quiet_noted = true;
                if !quiet.is_empty() {
                    let names: Vec<&str> = quiet.iter().map(AsRef::as_ref).collect();
                    output::note(&format!(
                        "nothing yet from {}: the exchange is silent about symbols that it does not list, \
                         and about those without trades",
                        names.join(", ")
                    ));
                }
                continue;
            }
        };
        let Some(item) = item else { break };
        source::note(&item);
        match item {
            Item::Event(event) => {
                json.clear();
                json.begin_object();
                json.field("stream", &event.stream);
                json.field("data", &event.data);
                json.end_object();
                match output::line(json.as_str()) {
                    Ok(()) => {}
                    // `head` has had enough.
                    Err(error) if error.is_reader_gone() => break,
                    Err(error) => return Err(error.into()),
                }
                if !quiet_noted {
                    quiet.remove(&event.stream);
                }
                events_left -= 1;
            }
            Item::Refused(refused) => {
                streams_left = streams_left.saturating_sub(refused.streams.len());
                if streams_left == 0 {
                    return Err("every stream was refused".into());
                }
            }
            _ => {}
        }
    }
    stream.close().await;
    Ok(ExitCode::SUCCESS)
}
