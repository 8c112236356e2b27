//! `binance stream`: events as JSON lines, in the combined form of the exchange.

use crate::StreamArgs;
use crate::output::{self, CommandResult};
use crate::quiet::{QUIET_AFTER, Quiet};
use crate::source;
use crate::stop::Stop;
use binance_kit::Binance;
use binance_kit::core::{JsonWriter, TimeUnit};
use binance_kit::stream::{Item, StreamConfig};
use std::process::ExitCode;

pub(crate) async fn run(args: StreamArgs) -> CommandResult {
    let topics = args.source.topics()?;
    let context = args.source.context()?;
    let unit = if args.microseconds { TimeUnit::Microsecond } else { TimeUnit::Millisecond };
    let config = StreamConfig { time_unit: unit, ..StreamConfig::default() };
    let builder = Binance::builder().environment(args.source.environment()?).context(context.clone());
    let binance = builder.streams(config).build()?;
    let mut quiet = Quiet::new(source::names(&topics));
    let mut streams_left = quiet.names().len();
    let mut stop = Stop::new()?;
    let mut stream = tokio::select! {
        stream = binance.subscribe(topics) => stream.map_err(|error| args.source.explain(error))?,
        () = stop.wait() => return Ok(ExitCode::SUCCESS),
    };
    let mut events_left = args.count.unwrap_or(u64::MAX);
    let mut json = JsonWriter::new().with_time_unit(unit);
    let mut quiet_too_long = std::pin::pin!(context.clock().sleep(QUIET_AFTER));
    let mut quiet_noted = false;
    while events_left > 0 {
        let item = tokio::select! {
            item = stream.next() => item,
            () = stop.wait() => break,
            () = quiet_too_long.as_mut(), if !quiet_noted => {
                quiet_noted = true;
                quiet.note();
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
                quiet.event(&event.stream);
                events_left -= 1;
            }
            Item::Refused(refused) => {
                quiet.refused(&refused.streams);
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
