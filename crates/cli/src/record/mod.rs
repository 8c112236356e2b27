//! `binance record`: raw frames into files, as they come.

mod snapshots;
mod tap;

use crate::output::{self, CommandResult, thousands};
use crate::progress::Progress;
use crate::quiet::{QUIET_AFTER, Quiet};
use crate::stop::Stop;
use crate::{Product, RecordArgs, source};
use binance_kit::core::JsonWriter;
use binance_kit::record::{Recorder, RecorderOptions, RecorderStatus};
use binance_kit::stream::{Item, StateChange, StreamConfig};
use binance_kit::{Binance, Context};
use snapshots::Snapshots;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tap::Tap;

/// The interval between two looks at the recorder.
const REPORT_EVERY: Duration = Duration::from_millis(500);

fn options(args: &RecordArgs) -> RecorderOptions {
    let api = args.source.product.api();
    let name = match args.source.product {
        Product::Spot => "spot",
        Product::Usdm => "usdm",
        Product::Coinm => "coinm",
    };
    let is_file = args.to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    if is_file {
        return RecorderOptions::to_file(&args.to).api(api);
    }
    RecorderOptions::in_folder(&args.to, name)
        .api(api)
        .file_bytes(args.megabytes.saturating_mul(1 << 20))
        .file_interval(args.minutes)
}

/// What happened while recording, beside frames.
#[derive(Debug, Default)]
struct Incidents {
    disconnects: u64,
    gaps: u64,
    unreadable: u64,
}

/// The recorder, as its state is reported: once when the disk fails, and once when it works again.
struct Watched {
    recorder: Arc<Recorder>,
    tap: Arc<Tap>,
    /// Whether the last write failed.
    is_failing: bool,
    /// Number of files that were begun.
    files: usize,
}

impl Watched {
    /// Looks at the recorder. Returns whether a further file was begun.
    fn look(&mut self) -> (RecorderStatus, bool) {
        let status = self.recorder.status();
        match &status.failing {
            Some(failing) if !std::mem::replace(&mut self.is_failing, true) => {
                output::note(&format!(
                    "cannot write: {failing}; {} frames are safe in {}; {} KiB wait in memory and are written as soon as the \
                     disk takes them, and what no longer fits there is lost",
                    thousands(status.frames_written),
                    files(&status),
                    thousands(u64::try_from(status.waiting >> 10).unwrap_or(u64::MAX)),
                ));
            }
            None if std::mem::take(&mut self.is_failing) => {
                let (safe, lost) = (thousands(status.frames_written), thousands(status.lost));
                output::note(&format!("writing again: {safe} frames are safe, {lost} are lost"));
            }
            _ => {}
        }
        let is_rotated = status.files.len() > self.files.max(1);
        self.files = status.files.len();
        (status, is_rotated)
    }
}

/// `1 file, the last one data/spot-….gz`.
fn files(status: &RecorderStatus) -> String {
    let count = status.files.len();
    match status.files.last() {
        None => "no file".to_owned(),
        Some(last) if count == 1 => last.display().to_string(),
        Some(last) => format!("{count} files, the last one {}", last.display()),
    }
}

pub(crate) async fn run(args: RecordArgs) -> CommandResult {
    let (product, api) = (args.source.product, args.source.product.api());
    let topics = args.source.topics()?;
    let names = source::names(&topics);
    let mut environment = args.source.environment()?;
    if let Some(url) = &args.rest {
        source::check_scheme("--rest", url, "http")?;
        environment = environment.with_rest(api, url)?;
    }
    if args.snapshots && environment.rest_url(api).is_none() {
        return Err(format!("--snapshots needs --rest: no REST URL of {api} is known here").into());
    }
    let context = args.source.context()?;
    // Registered before the first frame, so that no signal costs a block.
    let mut stop = Stop::new()?;
    let recorder = Arc::new(Recorder::start(options(&args))?);
    let tap = Arc::new(Tap::new(Arc::clone(&recorder)));
    let config = StreamConfig { tap: Some(Arc::clone(&tap) as _), ..StreamConfig::default() };
    let builder = Binance::builder().environment(environment).context(context.clone());
    let binance = builder.streams(config).build()?;
    let symbols = if args.snapshots { snapshots::symbols(&names) } else { BTreeSet::new() };
    let snapshots = Snapshots::new(binance.rest().clone(), Arc::clone(&recorder), product, symbols);
    let mut quiet = Quiet::new(names);
    let mut recording = Recording {
        context,
        watched: Watched { recorder, tap, is_failing: false, files: 0 },
        snapshots,
        incidents: Incidents::default(),
        seconds: args.seconds,
        json: args.json,
    };
    let opened = tokio::select! {
        opened = binance.subscribe(topics) => Some(opened.map_err(|error| args.source.explain(error))?),
        () = stop.wait() => None,
    };
    if let Some(stream) = opened {
        recording.run(stream, &mut stop, &mut quiet).await?;
    }
    recording.finish(&quiet).await
}

/// A recording under way.
struct Recording {
    context: Context,
    watched: Watched,
    snapshots: Snapshots,
    incidents: Incidents,
    /// The time after which it ends.
    seconds: Option<u64>,
    /// Whether only the result is printed on standard output.
    json: bool,
}

impl Recording {
    async fn run(
        &mut self,
        mut stream: binance_kit::stream::EventStream<source::AnyEvent>,
        stop: &mut Stop,
        quiet: &mut Quiet,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let clock = self.context.clock().clone();
        // Nothing is shown where only the result is to be read.
        let progress = Progress::endless(self.json);
        let mut ended =
            std::pin::pin!(clock.sleep(Duration::from_secs(self.seconds.unwrap_or(u64::MAX >> 20))));
        let mut quiet_too_long = std::pin::pin!(clock.sleep(QUIET_AFTER));
        let mut quiet_noted = false;
        let mut ticks = tokio::time::interval(REPORT_EVERY);
        let mut streams_left = quiet.names().len();
        self.snapshots.connected();
        loop {
            let due = self.snapshots.next_due();
            let item = tokio::select! {
                item = stream.next() => item,
                () = stop.wait() => break,
                () = ended.as_mut() => break,
                () = quiet_too_long.as_mut(), if !quiet_noted => {
                    quiet_noted = true;
                    quiet.note();
                    continue;
                }
                _ = ticks.tick() => {
                    let (status, is_rotated) = self.watched.look();
                    if is_rotated {
                        self.snapshots.rotated();
                    }
                    progress.report(self.describe(&status));
                    continue;
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(|| clock.monotonic())), if due.is_some() => {
                    self.snapshots.due();
                    continue;
                }
                fetched = self.snapshots.next() => {
                    self.snapshots.fetched(fetched);
                    continue;
                }
            };
            let Some(item) = item else { break };
            source::note(&item);
            match item {
                Item::Event(event) => {
                    quiet.event(&event.stream);
                    self.snapshots.event(&event.data);
                }
                Item::State(StateChange::Connected { generation: 1.., .. }) => self.snapshots.connected(),
                Item::State(StateChange::Disconnected { .. }) => {
                    self.incidents.disconnects += 1;
                    self.snapshots.disconnected();
                }
                Item::Gap(_) => self.incidents.gaps += 1,
                Item::Malformed(_) => self.incidents.unreadable += 1,
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
        progress.end();
        Ok(())
    }

    fn describe(&self, status: &RecorderStatus) -> String {
        let mut text = format!(
            "{} frames, {} KiB in {} files",
            thousands(self.watched.tap.data()),
            thousands(status.written >> 10),
            status.files.len()
        );
        if status.lost > 0 {
            let _ = write!(text, ", {} lost", thousands(status.lost));
        }
        if self.incidents.disconnects > 0 {
            let _ = write!(text, ", {} times disconnected", self.incidents.disconnects);
        }
        if let Some(failing) = &status.failing {
            let _ = write!(text, ", THE DISK FAILS: {failing}");
        }
        text
    }

    /// Waits for the disk and prints the summary.
    async fn finish(self, quiet: &Quiet) -> CommandResult {
        let recorder = Arc::clone(&self.watched.recorder);
        let finished = tokio::task::spawn_blocking(move || recorder.finish()).await?;
        let status = self.watched.recorder.status();
        let frames = self.watched.tap.data().saturating_sub(status.lost);
        let without_book = self.snapshots.without_book();
        let silent = quiet.names();
        let text = if self.json {
            let mut json = JsonWriter::new();
            json.begin_object();
            json.field("frames", &frames);
            json.field("snapshots", &self.snapshots.recorded());
            json.field("lost", &status.lost);
            json.field("finished", &finished.is_ok());
            json.field("bytes", &status.written);
            json.field("disconnects", &self.incidents.disconnects);
            json.field("gaps", &self.incidents.gaps);
            json.field("unreadable", &self.incidents.unreadable);
            for (name, list) in [("silent_streams", &silent), ("without_book", &without_book)] {
                json.key(name);
                json.begin_array();
                for one in list {
                    json.element();
                    json.string(one);
                }
                json.end_array();
            }
            json.key("files");
            json.begin_array();
            for file in &status.files {
                json.element();
                json.string(&file.display().to_string());
            }
            json.end_array();
            json.end_object();
            json.into_string()
        } else {
            let mut text = format!("{} frames, {} lost", thousands(frames), thousands(status.lost));
            for (count, what) in [
                (self.snapshots.recorded(), "snapshots"),
                (self.incidents.disconnects, "times disconnected"),
                (self.incidents.gaps, "gaps"),
                (self.incidents.unreadable, "unreadable"),
            ] {
                if count > 0 {
                    let _ = write!(text, ", {} {what}", thousands(count));
                }
            }
            if !silent.is_empty() {
                let _ = write!(text, "\n  nothing came from {}", silent.join(", "));
            }
            if !without_book.is_empty() {
                let _ = write!(text, "\n  no book of {} can be built", without_book.join(", "));
            }
            for file in &status.files {
                let _ = write!(text, "\n  {}", file.display());
            }
            text
        };
        if let Err(error) = &finished {
            output::note(&format!(
                "error: {}; {} frames are safe in {}, and the recording is unfinished",
                output::chain(error, ": "),
                thousands(status.frames_written),
                files(&status)
            ));
        }
        output::line(&text)?;
        let is_complete = finished.is_ok() && status.lost == 0 && without_book.is_empty();
        Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
