//! Benchmarks: candidates run in turns within one process, and only their ratios are stated, since machines are shared
//! and noisy. Run with `cargo bench -p binance-kit-bench`.

mod clock;

use std::hint::black_box;
use std::time::Duration;

/// Something to be timed: it does its work on message number `n` and gives back something that depends on it.
pub type Candidate<'a> = (&'a str, Box<dyn FnMut(usize) -> u64 + 'a>);

/// Runs the candidates in turns, `rounds` times, each turn for `batch` messages, and gives the least time per message of each.
pub fn race(candidates: &mut [Candidate<'_>], rounds: usize, batch: usize) -> Vec<Duration> {
    let mut least = vec![Duration::MAX; candidates.len()];
    for _ in 0..rounds {
        for (index, (_, run)) in candidates.iter_mut().enumerate() {
            let begun = clock::now();
            let mut sum = 0_u64;
            for message in 0..batch {
                sum = sum.wrapping_add(run(message));
            }
            black_box(sum);
            let each = begun.elapsed() / u32::try_from(batch).unwrap_or(u32::MAX);
            if let Some(least) = least.get_mut(index) {
                *least = each.min(*least);
            }
        }
    }
    least
}

/// Measures what is not a candidate of a race, such as something asynchronous.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant, Option<Duration>);

impl Stopwatch {
    /// Starts it.
    pub fn start() -> Self {
        Self(clock::now(), clock::on_core())
    }

    /// The time since it was started.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// The time since it was started for which this thread had a core; all of it where the system does not say. Machines are
    /// shared, and this is what the work itself takes.
    pub fn on_core(self) -> Duration {
        match (self.1, clock::on_core()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => self.elapsed(),
        }
    }
}

/// Prints the times and how they compare with the first candidate's.
#[expect(clippy::print_stdout, reason = "a benchmark is a program")]
#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
pub fn report(title: &str, candidates: &[Candidate<'_>], least: &[Duration]) {
    println!("{title}");
    let first = least.first().copied().unwrap_or_default().as_nanos().max(1) as f64;
    for ((name, _), time) in candidates.iter().zip(least) {
        println!("  {name:<36} {:>9} ns   {:>6.2}x", time.as_nanos(), time.as_nanos() as f64 / first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_runs_every_message() {
        let (mut one, mut two) = (0, 0);
        let mut candidates: Vec<Candidate<'_>> = vec![
            (
                "one",
                Box::new(|message| {
                    one += message;
                    1
                }),
            ),
            (
                "two",
                Box::new(|message| {
                    two += message;
                    1
                }),
            ),
        ];
        assert_eq!(race(&mut candidates, 3, 4).len(), 2);
        drop(candidates);
        assert_eq!((one, two), (18, 18));
    }
}
