//! `decode`: from the bytes of a message to a typed value. Each candidate reads the same bytes and is checked against values that are
//! read from them in another way, before anything is timed.

mod expected;
#[cfg(feature = "official")]
mod official;
mod ours;
mod peers;

use crate::payloads::Kind;
use crate::{Outcome, allocations, clock, figures};

/// What a candidate is asked to do with its messages.
pub(crate) enum Task<'a> {
    /// Reads this many messages, one after another, over and over.
    Read(usize),
    /// Reads each message once and adds a summary of it.
    Check(&'a mut Vec<String>),
}

/// A way to read messages of one kind.
pub(crate) struct Candidate {
    name: &'static str,
    /// Average length of its messages.
    bytes: usize,
    task: Box<dyn FnMut(Task<'_>) -> Outcome<()>>,
}

/// Messages that are read in turn; as many as a power of two, so that finding the next one costs nothing worth measuring.
pub(crate) struct Messages(Vec<Vec<u8>>);

impl Messages {
    pub(crate) fn new(messages: Vec<Vec<u8>>) -> Self {
        debug_assert!(messages.len().is_power_of_two());
        Self(messages)
    }

    #[inline]
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        self.0.get(number & (self.0.len() - 1)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn all(&self) -> &[Vec<u8>] {
        &self.0
    }

    pub(crate) fn average(&self) -> usize {
        self.0.iter().map(Vec::len).sum::<usize>() / self.0.len().max(1)
    }
}

/// A candidate from an expression that reads `$frame`, and one that summarises what was read.
macro_rules! candidate {
    ($all:expr, $name:expr, $messages:expr, |$frame:ident| $read:expr, |$value:ident| $summary:expr) => {{
        let messages = $messages;
        $all.push($crate::decode::Candidate {
            name: $name,
            bytes: messages.average(),
            task: Box::new(move |task| {
                match task {
                    $crate::decode::Task::Read(count) => {
                        for number in 0..count {
                            let $frame = messages.get(number);
                            std::hint::black_box(&$read);
                        }
                    }
                    $crate::decode::Task::Check(summaries) => {
                        for $frame in messages.all() {
                            let $frame = $frame.as_slice();
                            let $value = $read;
                            summaries.push($summary);
                        }
                    }
                }
                Ok(())
            }),
        });
    }};
}
pub(crate) use candidate;

fn candidates(kind: Kind) -> Outcome<Vec<Candidate>> {
    let mut all = Vec::new();
    ours::json(kind, &mut all);
    ours::sbe(kind, &mut all)?;
    #[cfg(feature = "official")]
    official::add(kind, &mut all);
    peers::add(kind, &mut all);
    Ok(all)
}

/// Checks each candidate of a kind against the expected values.
fn check(kind: Kind, candidates: &mut [Candidate]) -> Outcome<()> {
    let expected: Vec<String> =
        kind.frames().iter().map(|frame| expected::summary(kind, frame)).collect::<Outcome<_>>()?;
    for candidate in candidates {
        let mut seen = Vec::new();
        (candidate.task)(Task::Check(&mut seen))?;
        if let Some((seen, expected)) = seen.iter().zip(&expected).find(|(seen, expected)| seen != expected) {
            return Err(format!("{}, {}: read {seen}, not {expected}", kind.name(), candidate.name).into());
        }
        if seen.len() != expected.len() {
            return Err(format!("{}, {}: {} messages", kind.name(), candidate.name, seen.len()).into());
        }
    }
    Ok(())
}

/// Time of a batch in nanoseconds: short, so that a neighbour on the machine disturbs few of them.
const BATCH: u64 = 100_000;

/// Times all candidates of all kinds whose name contains `only`, in turns, and prints the figures.
pub(crate) fn run(rounds: usize, only: Option<&str>) -> Outcome<()> {
    for kind in chosen(only) {
        let mut candidates = candidates(kind)?;
        check(kind, &mut candidates)?;
        let mut counts = Vec::new();
        for candidate in &mut candidates {
            counts.push(calibrate(candidate)?);
        }
        let mut samples: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); candidates.len()];
        for _ in 0..rounds {
            for ((candidate, count), samples) in candidates.iter_mut().zip(&counts).zip(&mut samples) {
                samples.push(figures::per(timed(candidate, *count)?, *count));
            }
        }
        for ((candidate, count), samples) in candidates.iter_mut().zip(&counts).zip(samples) {
            let before = allocations::count();
            (candidate.task)(Task::Read(*count))?;
            let allocations = figures::per(allocations::count() - before, *count);
            let metrics = [("ns", samples), ("allocations", vec![allocations])];
            figures::print(kind.name(), candidate.name, Some(candidate.bytes), &metrics)?;
        }
    }
    Ok(())
}

fn chosen(only: Option<&str>) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |kind| only.is_none_or(|only| kind.name().contains(only)))
}

/// Number of messages that take about as long as a batch should.
fn calibrate(candidate: &mut Candidate) -> Outcome<usize> {
    let mut count = 1;
    loop {
        let elapsed = timed(candidate, count)?;
        if elapsed > BATCH / 4 {
            let per_batch = u64::try_from(count)? * BATCH / elapsed;
            return Ok(usize::try_from(per_batch)?.max(1));
        }
        count *= 2;
    }
}

fn timed(candidate: &mut Candidate, count: usize) -> Outcome<u64> {
    let begun = clock::monotonic();
    (candidate.task)(Task::Read(count))?;
    Ok(clock::monotonic() - begun)
}

/// Prints the candidates of each kind: what `count` takes.
pub(crate) fn list(only: Option<&str>) -> Outcome<()> {
    for kind in chosen(only) {
        for candidate in candidates(kind)? {
            figures::print(kind.name(), candidate.name, Some(candidate.bytes), &[])?;
        }
    }
    Ok(())
}

/// Reads `count` messages with one candidate and does nothing else: for a tool that counts instructions.
pub(crate) fn count(kind: &str, name: &str, count: usize) -> Outcome<()> {
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind).ok_or("no such kind")?;
    let mut candidates = candidates(kind)?;
    let candidate = candidates.iter_mut().find(|candidate| candidate.name == name);
    (candidate.ok_or("no such candidate")?.task)(Task::Read(count))
}
