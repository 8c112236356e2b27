//! The summary of the demo.

use super::board::{Board, Facts};
use crate::output::thousands;
use binance_kit::core::JsonWriter;
use std::time::Duration;

/// The result of a check.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) passed: bool,
    pub(super) detail: String,
}

impl Check {
    /// The names of the trader's checks.
    pub(super) const OF_THE_TRADER: [&'static str; 4] =
        ["books_match", "balances_match", "orders_definite", "reports_complete"];
}

/// The summary.
#[derive(Debug)]
pub(super) struct Summary {
    seed: u64,
    elapsed: Duration,
    checks: Vec<Check>,
    events: Vec<(&'static str, u64)>,
    total: u64,
    decode_failures: u64,
    gaps: u64,
    orders: u64,
    definite: u64,
    reports: u64,
    p50: Option<Duration>,
    p99: Option<Duration>,
}

impl Summary {
    /// Creates the summary. `ended` has the reason why the demo ended early, if it did.
    pub(super) fn new(board: &Board, ended: Result<(), String>, seed: u64, elapsed: Duration) -> Self {
        let facts: &Facts = &board.lock();
        let mut checks = vec![Check {
            name: "came_to_its_end",
            passed: ended.is_ok(),
            detail: ended.err().unwrap_or_else(|| "yes".to_owned()),
        }];
        // A check that was not made counts as failed.
        for name in Check::OF_THE_TRADER {
            checks.push(
                facts.checks.iter().find(|check| check.name == name).cloned().unwrap_or_else(|| Check {
                    name,
                    passed: false,
                    detail: "not made".to_owned(),
                }),
            );
        }
        checks.push(Check {
            name: "every_frame_decoded",
            passed: facts.decode_failures == 0,
            detail: format!("{} undecoded", facts.decode_failures),
        });
        checks.push(Check {
            name: "no_gaps",
            passed: facts.gaps == 0 && facts.lagged == 0 && facts.book_gaps == 0,
            detail: format!(
                "{} in ids, {} in books, {} events dropped{}",
                facts.gaps,
                facts.book_gaps,
                facts.lagged,
                facts.first_loss.as_ref().map(|loss| format!("; {loss}")).unwrap_or_default()
            ),
        });
        let missing: Vec<&str> = [
            "trade",
            "aggTrade",
            "kline",
            "miniTicker",
            "ticker",
            "bookTicker",
            "partialDepth",
            "depthUpdate",
        ]
        .into_iter()
        .filter(|kind| !facts.events.contains_key(kind))
        .collect();
        checks.push(Check {
            name: "every_stream_delivered",
            passed: missing.is_empty(),
            detail: if missing.is_empty() {
                "all kinds".to_owned()
            } else {
                format!("silent: {}", missing.join(", "))
            },
        });
        Self {
            seed,
            elapsed,
            checks,
            events: facts.events.iter().map(|(kind, count)| (*kind, *count)).collect(),
            total: facts.event_count(),
            decode_failures: facts.decode_failures,
            gaps: facts.gaps + facts.book_gaps,
            orders: facts.orders.len() as u64,
            definite: facts.orders.iter().filter(|order| order.definite).count() as u64,
            reports: facts.reports.values().sum(),
            p50: facts.percentile(0.5),
            p99: facts.percentile(0.99),
        }
    }

    pub(super) fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    fn rate(&self) -> u64 {
        self.total.saturating_mul(1000) / u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX).max(1)
    }

    pub(super) fn to_json(&self) -> String {
        let micros = |duration: Option<Duration>| {
            duration.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
        };
        let mut json = JsonWriter::new();
        json.begin_object();
        json.field("passed", &self.passed());
        json.field("seed", &self.seed);
        json.field("elapsed_ms", &u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX));
        json.key("events");
        json.begin_object();
        for (kind, count) in &self.events {
            json.field(kind, count);
        }
        json.end_object();
        json.field("event_count", &self.total);
        json.field("events_per_second", &self.rate());
        json.field("decode_failures", &self.decode_failures);
        json.field("gaps", &self.gaps);
        json.field("orders", &self.orders);
        json.field("orders_definite", &self.definite);
        json.field("execution_reports", &self.reports);
        json.field("round_trip_p50_us", &micros(self.p50));
        json.field("round_trip_p99_us", &micros(self.p99));
        json.key("checks");
        json.begin_object();
        for check in &self.checks {
            json.field(check.name, &check.passed);
        }
        json.end_object();
        json.key("details");
        json.begin_object();
        for check in &self.checks {
            json.field(check.name, &check.detail);
        }
        json.end_object();
        json.end_object();
        json.into_string()
    }

    pub(super) fn to_text(&self) -> String {
        let mut lines =
            vec![String::new(), format!("summary (seed {}, {:.1} s)", self.seed, self.elapsed.as_secs_f64())];
        for (kind, count) in &self.events {
            lines.push(format!("  {kind:<14} {:>12}", thousands(*count)));
        }
        lines.push(format!(
            "  {:<14} {:>12}   {} per second",
            "all events",
            thousands(self.total),
            thousands(self.rate())
        ));
        lines.push(format!("  decode failures {}, gaps {}", self.decode_failures, self.gaps));
        let time = |duration: Option<Duration>| {
            duration.map_or_else(|| "-".to_owned(), |time| format!("{:.2} ms", time.as_secs_f64() * 1e3))
        };
        lines.push(format!(
            "  {} orders, {} with a definite outcome, {} execution reports; round trip p50 {}, p99 {}",
            self.orders,
            self.definite,
            self.reports,
            time(self.p50),
            time(self.p99)
        ));
        lines.push(String::new());
        for check in &self.checks {
            let mark = if check.passed { "ok    " } else { "FAILED" };
            lines.push(format!("  {mark} {} ({})", check.name.replace('_', " "), check.detail));
        }
        lines.push(String::new());
        lines.push(if self.passed() { "all checks hold".to_owned() } else { "A CHECK FAILED".to_owned() });
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_passed(board: &Board) {
        let mut facts = board.lock();
        for kind in ["trade", "aggTrade", "kline", "miniTicker"] {
            facts.events.insert(kind, 1);
        }
        for kind in ["ticker", "bookTicker", "partialDepth", "depthUpdate"] {
            facts.events.insert(kind, 2);
        }
        facts.checks =
            Check::OF_THE_TRADER.map(|name| Check { name, passed: true, detail: "fine".to_owned() }).to_vec();
    }

    #[test]
    fn one_failed_check_fails_the_demo() {
        let board = Board::new();
        all_passed(&board);
        let summary = |ended| Summary::new(&board, ended, 7, Duration::from_secs(2));
        assert!(summary(Ok(())).passed());
        assert!(summary(Ok(())).to_text().ends_with("all checks hold"));
        assert!(summary(Ok(())).to_json().contains("\"event_count\":12,\"events_per_second\":6"));

        assert!(!summary(Err("stuck".to_owned())).passed());
        assert!(summary(Err("stuck".to_owned())).to_text().contains("FAILED came to its end (stuck)"));

        let fails: [fn(&mut Facts); 6] = [
            |facts| facts.checks.truncate(3),
            |facts| facts.checks[0].passed = false,
            |facts| facts.decode_failures = 1,
            |facts| facts.gaps = 1,
            |facts| facts.lagged = 1,
            |facts| facts.events.retain(|kind, _| *kind != "kline"),
        ];
        for (index, fail) in fails.into_iter().enumerate() {
            all_passed(&board);
            fail(&mut board.lock());
            assert!(!summary(Ok(())).passed(), "failure {index}");
            let facts: &mut Facts = &mut board.lock();
            (facts.decode_failures, facts.gaps, facts.lagged) = (0, 0, 0);
        }
    }
}
