//! The output: one line of JSON for each candidate, which `cargo xtask bench` collects.

use crate::Outcome;
use serde_json::{Value, json};
use std::io::Write as _;

/// A total by the number of messages.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn per(total: u64, count: usize) -> f64 {
    total as f64 / count.max(1) as f64
}

/// Prints the samples of a candidate.
pub(crate) fn print(
    group: &str,
    candidate: &str,
    bytes: Option<usize>,
    metrics: &[(&str, Vec<f64>)],
) -> Outcome<()> {
    let metrics: serde_json::Map<String, Value> =
        metrics.iter().map(|(name, samples)| ((*name).to_owned(), json!(samples))).collect();
    let line = json!({ "group": group, "candidate": candidate, "bytes": bytes, "metrics": metrics });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
