//! `binance replay`: a recording through the delivery of the SDK's streams and the procedure of its local books, checked for
//! gaps and against its own best prices. Nothing is connected: the files are read as they are needed.

mod files;
pub(crate) mod product;
mod report;
mod shortfall;
mod streams;
mod survey;

use crate::frames::{self, Kind};
use crate::output::{self, CommandResult};
use crate::progress::Progress;
use crate::{Product, ReplayArgs, Speed};
use binance_kit::book::ReplayAudit;
use binance_kit::core::Decoder;
use binance_kit::core::tap::Mark;
use binance_kit::record::{FrameText, RecordEntry};
use binance_kit::stream::{Item, Playback};
use binance_kit::{Context, StreamName, Symbol, Timestamp, coinm, spot, usdm};
use files::{Merge, Part, Read};
use product::Audited;
use report::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::Instant;

type Failure = Box<dyn Error + Send + Sync>;

/// Maximum number of streams that are played: eight connections of the exchange.
const MAX_STREAMS: usize = 8192;
/// The number of the connection under which recordings of version 1 have the answers of depth requests.
const REST: u64 = u64::MAX;
/// How many entries are played before the runtime gets a turn.
const BATCH: u32 = 4096;

pub(crate) async fn run(args: ReplayArgs) -> CommandResult {
    let files = files::expand(&args.files)?;
    let survey = survey::survey(&files)?;
    let report = match args.product.unwrap_or(survey.product) {
        Product::Spot => play::<spot::MarketEvent>(&args, &files, survey.only_symbol).await?,
        Product::Usdm => play::<usdm::MarketEvent>(&args, &files, survey.only_symbol).await?,
        Product::Coinm => play::<coinm::MarketEvent>(&args, &files, survey.only_symbol).await?,
    };
    output::line(&if args.json { report.to_json(args.strict) } else { report.to_text() })?;
    Ok(if report.is_whole(args.strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The pace of a replay.
struct Pace {
    /// How many times as fast as recorded; `None` for as fast as possible.
    factor: Option<u32>,
    /// Time of the first entry, and when it was played.
    origin: Option<(u64, Instant)>,
}

impl Pace {
    fn new(speed: Speed) -> Self {
        let factor = match speed {
            Speed::Max => None,
            Speed::Recorded => Some(1),
            Speed::TenTimes => Some(10),
        };
        Self { factor, origin: None }
    }

    /// Waits until the entry of this time is due.
    async fn wait(&mut self, nanos: u64, now: impl FnOnce() -> Instant) {
        let Some(factor) = self.factor else { return };
        let (first, started) = *self.origin.get_or_insert_with(|| (nanos, now()));
        let due = started + Duration::from_nanos(nanos.saturating_sub(first)) / factor;
        tokio::time::sleep_until(due).await;
    }
}

/// The connections of one recorder.
#[derive(Debug, Default)]
struct Recorder {
    /// Those that are up.
    up: BTreeSet<u64>,
    /// Whether none has been up since the last frame, though one was before.
    is_interrupted: bool,
    /// Whether anything came after the last end of the recorder.
    is_running: bool,
    /// The books whose stream is interrupted if anything follows: at its end, a recorder closes its connections.
    interrupted: Vec<Symbol>,
}

/// A recording that is being played.
struct Player<E> {
    playback: Playback<E>,
    audit: ReplayAudit,
    report: Report,
    decoder: Decoder,
    /// The symbol of snapshots that do not name theirs.
    only_symbol: Option<Symbol>,
    recorders: BTreeMap<u64, Recorder>,
    /// The numbers of connections in the playback, by recorder and number in the recording.
    connections: BTreeMap<(u64, u64), u64>,
    /// Time of the last entry.
    at_nanos: u64,
    /// Number of streams with a topic.
    topics: usize,
}

async fn play<E: Audited>(
    args: &ReplayArgs,
    files: &[PathBuf],
    only_symbol: Option<Symbol>,
) -> Result<Report, Failure> {
    let clock = Context::new()?.clock().clone();
    let started = clock.monotonic();
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let total = files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum();
    let progress = Progress::of_bytes(total, args.json);
    let mut merge = Merge::new(files)?;
    let mut pace = Pace::new(args.speed);
    let report = Report::new(names, E::NAME);
    let mut player = Player::<E> {
        playback: Playback::new(E::SCHEMA),
        audit: ReplayAudit::new(E::RULE),
        report,
        decoder: Decoder::new(),
        only_symbol,
        recorders: BTreeMap::new(),
        connections: BTreeMap::new(),
        at_nanos: 0,
        topics: 0,
    };
    let mut count = 0;
    while let Some(Read { recorder, file, part }) = merge.next()? {
        match part {
            Part::Entry(entry) => {
                if let Some(at) = entry.at_nanos() {
                    pace.wait(at, || clock.monotonic()).await;
                }
                player.entry(recorder, file, entry);
            }
            Part::Damage(error) => player.damage(file, &error.to_string()),
        }
        player.take();
        count += 1;
        if count % BATCH == 0 {
            progress.at(merge.position());
            tokio::task::yield_now().await;
        }
    }
    progress.end();
    let Player { playback, audit, mut report, .. } = player.end();
    if report.lines == 0 {
        return Err(format!("{}: there is no frame in it", report.files.join(", ")).into());
    }
    report.duplicates = playback.duplicates().map(|(_, count)| count).sum();
    report.finish(&audit, clock.monotonic() - started);
    Ok(report)
}

fn timestamp(nanos: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(nanos / 1000).unwrap_or(i64::MAX))
}

impl<E: Audited> Player<E> {
    fn file(&self, file: usize) -> String {
        self.report.files.get(file).cloned().unwrap_or_default()
    }

    fn entry(&mut self, recorder: u64, file: usize, entry: RecordEntry) {
        self.at_nanos = entry.at_nanos().unwrap_or(self.at_nanos);
        match entry {
            // A new process: what was up before is not any more.
            RecordEntry::Begin(begin) if begin.version >= 2 && !begin.continues => {
                self.stopped(recorder, file);
            }
            RecordEntry::Frame(frame) => match frame.text {
                FrameText::Text(text) => self.frame(recorder, frame.connection, &text),
                FrameText::Binary(bytes) => self.binary(recorder, frame.connection, &bytes),
            },
            RecordEntry::Snapshot(snapshot) => {
                self.seen();
                if snapshot.api == E::API {
                    self.snapshot(Some(snapshot.symbol), &snapshot.answer);
                } else {
                    self.report.left_out += 1;
                }
            }
            RecordEntry::Mark { connection, mark, .. } => self.mark(recorder, connection, mark),
            RecordEntry::Lost { count, .. } => {
                self.report.lost += count;
                self.interrupt();
            }
            RecordEntry::Finished { .. } => {
                self.recorders.entry(recorder).or_default().is_running = false;
            }
            RecordEntry::Torn => {
                self.report.is_torn = true;
                self.unfinished(recorder, file);
            }
            RecordEntry::Unfinished => self.unfinished(recorder, file),
            _ => {}
        }
    }

    /// Counts a frame, and notes its time.
    fn seen(&mut self) {
        self.report.lines += 1;
        let at = timestamp(self.at_nanos);
        self.report.first_at.get_or_insert(at);
        self.report.last_at = Some(at);
    }

    /// The number of a connection in the playback.
    fn connection(&mut self, recorder: u64, connection: u64) -> u64 {
        let next = u64::try_from(self.connections.len()).unwrap_or(u64::MAX);
        *self.connections.entry((recorder, connection)).or_insert(next)
    }

    fn mark(&mut self, recorder: u64, connection: u64, mark: Mark) {
        let number = self.connection(recorder, connection);
        let state = self.recorders.entry(recorder).or_default();
        state.is_running = true;
        let interrupted = match mark {
            Mark::Connected => {
                // The recorder has not noted the loss: it was killed.
                if !state.up.insert(connection) {
                    state.is_interrupted |= state.up.len() == 1;
                }
                self.playback.connected(self.at_nanos, number)
            }
            Mark::Disconnected => {
                state.is_interrupted |= state.up.remove(&connection) && state.up.is_empty();
                self.playback.disconnected(self.at_nanos, number)
            }
        };
        self.interrupted(recorder, &interrupted);
        if mark == Mark::Connected {
            self.goes_on(recorder);
        }
    }

    /// Streams were interrupted: the books built from them may be wrong, if the recorder goes on.
    fn interrupted(&mut self, recorder: u64, streams: &[StreamName]) {
        let state = self.recorders.entry(recorder).or_default();
        state.interrupted.extend(streams.iter().filter_map(symbol_of_book));
    }

    /// A recorder goes on after what it lost.
    fn goes_on(&mut self, recorder: u64) {
        let state = self.recorders.entry(recorder).or_default();
        state.is_running = true;
        for symbol in std::mem::take(&mut state.interrupted) {
            self.audit.on_disconnected(&symbol);
        }
    }

    /// All connections of a recorder are lost.
    fn disconnect(&mut self, recorder: u64) {
        let state = self.recorders.entry(recorder).or_default();
        let up = std::mem::take(&mut state.up);
        state.is_interrupted |= !up.is_empty();
        state.is_running = false;
        let numbers: Vec<u64> =
            self.connections.range((recorder, 0)..=(recorder, u64::MAX)).map(|(_, number)| *number).collect();
        for number in numbers {
            let interrupted = self.playback.disconnected(self.at_nanos, number);
            self.interrupted(recorder, &interrupted);
        }
    }

    /// A new recorder begins in a place where another one was.
    fn stopped(&mut self, recorder: u64, file: usize) {
        if self.recorders.get(&recorder).is_some_and(|state| state.is_running) {
            let file = self.file(file);
            self.report.unfinished.insert(file);
        }
        self.disconnect(recorder);
    }

    /// A file ends without its end.
    fn unfinished(&mut self, recorder: u64, file: usize) {
        let file = self.file(file);
        self.report.unfinished.insert(file);
        self.disconnect(recorder);
    }

    /// A part of a file cannot be read.
    fn damage(&mut self, file: usize, detail: &str) {
        let file = self.file(file);
        self.report.damage(&file, detail);
        self.interrupt();
    }

    /// Frames of any stream are missing here: as if all connections had been lost and come back.
    fn interrupt(&mut self) {
        for number in self.playback.connections() {
            let _ = self.playback.connected(self.at_nanos, number);
        }
        self.audit.on_lost();
    }

    fn frame(&mut self, recorder: u64, connection: Option<u64>, text: &str) {
        let kind = frames::classify(&mut self.decoder, text);
        self.goes_on(recorder);
        let state = self.recorders.entry(recorder).or_default();
        if kind != Kind::Control && connection != Some(REST) {
            self.report.interruptions += u64::from(std::mem::take(&mut state.is_interrupted));
        }
        let number = self.connection(recorder, connection.unwrap_or_default());
        match kind {
            Kind::Control => {
                // The list of a connection's streams.
                self.playback.frame(self.at_nanos, number, None, text.as_bytes(), false);
            }
            Kind::Snapshot => {
                self.seen();
                let symbol = self.only_symbol.clone();
                self.snapshot(symbol, text);
            }
            Kind::Wrapped(stream) => {
                self.seen();
                if self.has_topic(&stream) {
                    self.playback.frame(self.at_nanos, number, None, text.as_bytes(), false);
                }
            }
            Kind::Raw(stream) => {
                self.seen();
                if self.has_topic(stream.as_str()) {
                    self.playback.frame(self.at_nanos, number, Some(&stream), text.as_bytes(), false);
                }
            }
            Kind::Unreadable(error) => {
                self.seen();
                self.report.undecoded(&error, text.as_bytes());
                self.audit.on_lost();
            }
        }
    }

    /// A frame in SBE.
    fn binary(&mut self, recorder: u64, connection: Option<u64>, bytes: &[u8]) {
        self.seen();
        let Some(schema) = E::SCHEMA else {
            self.report.binary += 1;
            return;
        };
        self.goes_on(recorder);
        let state = self.recorders.entry(recorder).or_default();
        self.report.interruptions += u64::from(std::mem::take(&mut state.is_interrupted));
        let number = self.connection(recorder, connection.unwrap_or_default());
        // One that names no stream is played all the same: whether it can be read matters.
        if product::stream_of(schema, bytes).is_none_or(|stream| self.has_topic(&stream)) {
            self.playback.frame(self.at_nanos, number, None, bytes, true);
        }
    }

    /// Whether a stream is played; its topic is added when it is first seen.
    fn has_topic(&mut self, stream: &str) -> bool {
        if self.playback.has_topic(stream) {
            return true;
        }
        let topic = if self.topics < MAX_STREAMS { E::topic(stream).ok() } else { None };
        let is_added = topic.is_some_and(|topic| self.playback.add_topic(topic).is_ok());
        // Its name may be written in another way than the exchange's.
        let is_added = is_added && self.playback.has_topic(stream);
        self.topics += usize::from(is_added);
        self.report.left_out += u64::from(!is_added);
        is_added
    }

    fn snapshot(&mut self, symbol: Option<Symbol>, text: &str) {
        match self.decoder.parse(text.as_bytes(), E::snapshot) {
            Ok(snapshot) => {
                // An answer that names its symbol knows best.
                self.audit.on_snapshot(snapshot.symbol.or(symbol).as_ref(), &snapshot.book);
                self.report.count("depth snapshot (REST)");
            }
            Err(error) => self.report.undecoded(&error, text.as_bytes()),
        }
    }

    /// Takes what the playback has delivered.
    fn take(&mut self) {
        while let Some(item) = self.playback.next_item() {
            match item {
                Item::Event(event) => {
                    let described = event.data.audit(&mut self.audit, &mut self.decoder);
                    self.report.count(&described.kind);
                    self.report.streams.event(
                        event.stream.as_str(),
                        &described.kind,
                        described.identity,
                        described.time,
                        event.received_at,
                        described.is_ordered,
                    );
                }
                Item::Gap(gap) => self.report.streams.gap(&gap, timestamp(self.at_nanos)),
                Item::Malformed(malformed) => {
                    match &malformed.stream {
                        Some((_, stream)) => {
                            self.report.streams.stream(stream.as_str()).unreadable += 1;
                            if let Some(symbol) = symbol_of_book(stream) {
                                self.audit.on_lost_of(&symbol);
                            }
                        }
                        None => self.audit.on_lost(),
                    }
                    self.report.undecoded(&malformed.error, &malformed.raw);
                }
                _ => {}
            }
        }
    }

    fn end(mut self) -> Self {
        self.playback.finish();
        self.take();
        self
    }
}

/// The symbol whose book is built from a stream, if it is one of diffs.
pub(crate) fn symbol_of_book(stream: &StreamName) -> Option<Symbol> {
    let (symbol, kind) = stream.as_str().split_once('@')?;
    let is_diff = kind == "depth" || kind.starts_with("depth@");
    is_diff.then(|| Symbol::new(&symbol.to_uppercase()))
}
