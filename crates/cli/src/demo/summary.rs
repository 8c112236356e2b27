//! What the demo ends with.

use super::board::{Board, Facts};
use crate::output::thousands;
use binance_kit::core::JsonWriter;
use std::time::Duration;

/// A check, and what it was about.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) passed: bool,
    pub(super) detail: String,
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
    pub(super) fn new(board: &Board, mut checks: Vec<Check>, seed: u64, elapsed: Duration) -> Self {
        let facts: &Facts = &board.lock();
        checks.push(Check {
            name: "every_frame_decoded",
            passed: facts.decode_failures == 0,
            detail: format!("{} undecoded", facts.decode_failures),
        });
        checks.push(Check {
            name: "no_gaps",
            passed: facts.gaps == 0 && facts.lagged == 0 && facts.book_gaps == 0,
            detail: format!(
                "{} in ids, {} in books, {} events dropped",
                facts.gaps, facts.book_gaps, facts.lagged
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
            name: "every_stream_spoke",
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
            duration.map_or_else(|| "-".to_owned(), |time| format!("{time:.0?}"))
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
