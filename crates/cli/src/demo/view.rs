//! The live view: a table that refreshes on a terminal, plain lines elsewhere.

use super::board::{Board, Facts};
use crate::output::{self, OutputError, pad, thousands};
use binance_kit::Decimal;
use binance_kit::net::Clock;
use std::time::Duration;

/// Shows the board until it is aborted, or the output fails.
pub(super) async fn show(board: Board, live: bool, json: bool, clock: Clock) -> OutputError {
    let started = clock.monotonic();
    let mut shown = 0;
    loop {
        clock.sleep(if live { Duration::from_millis(250) } else { Duration::from_secs(2) }).await;
        let elapsed = clock.monotonic() - started;
        if live {
            let lines = table(&board.lock(), elapsed);
            if let Err(error) = output::line(&frame(&lines, shown)) {
                return error;
            }
            shown = lines.len();
        } else {
            let text = plain(&board.lock(), elapsed);
            if json {
                output::note(&text);
            } else if let Err(error) = output::line(&text) {
                return error;
            }
        }
    }
}

/// The table, written over the previous one, which had `shown` lines. Line wrapping is switched off before it and on after it, so
/// that the terminal is as before whenever the program ends.
fn frame(lines: &[String], shown: usize) -> String {
    let up = if shown > 0 { format!("\x1b[{shown}A") } else { String::new() };
    let text: Vec<String> = lines.iter().map(|line| format!("\x1b[2K{line}")).collect();
    format!("\x1b[?7l{up}{}\x1b[?7h", text.join("\n"))
}

fn rate(facts: &Facts, elapsed: Duration) -> u64 {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    facts.event_count().saturating_mul(1000) / millis
}

fn plain(facts: &Facts, elapsed: Duration) -> String {
    let prices: Vec<String> = facts
        .symbols
        .iter()
        .filter_map(|(symbol, line)| line.last_price.map(|price| format!("{symbol} {}", price.normalize())))
        .collect();
    format!(
        "{:>4} s  {} events ({}/s), {} gaps, {} undecoded, {} orders, {} reports   {}",
        elapsed.as_secs(),
        thousands(facts.event_count()),
        thousands(rate(facts, elapsed)),
        facts.gaps,
        facts.decode_failures,
        facts.orders.len(),
        facts.reports.values().sum::<u64>(),
        prices.join("  ")
    )
}

fn table(facts: &Facts, elapsed: Duration) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {} {} {} {} {} {}",
        pad("symbol", 10),
        pad("last", 12),
        pad("24 h %", 7),
        pad("bid", 12),
        pad("ask", 12),
        pad("1 s close", 12),
        pad("events", 8)
    )];
    let number =
        |value: Option<Decimal>| value.map_or_else(|| "-".to_owned(), |value| value.normalize().to_string());
    for (symbol, line) in &facts.symbols {
        lines.push(format!(
            "{} {} {} {} {} {} {}",
            pad(symbol.as_str(), 10),
            pad(&number(line.last_price), 12),
            pad(&number(line.change_percent), 7),
            pad(&number(line.bid.map(|(price, _)| price)), 12),
            pad(&number(line.ask.map(|(price, _)| price)), 12),
            pad(&number(line.kline_close), 12),
            pad(&thousands(line.events), 8)
        ));
    }
    lines.push(format!(
        "{} s  {} events, {}/s  gaps {}  undecoded {}  book updates {}",
        elapsed.as_secs(),
        thousands(facts.event_count()),
        thousands(rate(facts, elapsed)),
        facts.gaps,
        facts.decode_failures,
        thousands(facts.book_updates)
    ));
    let reports: Vec<String> = facts.reports.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    lines.push(format!(
        "orders {}  reports: {}  balance updates {}",
        facts.orders.len(),
        reports.join(", "),
        facts.account_updates
    ));
    for index in 0..4 {
        let at = facts.orders.len().checked_sub(index + 1);
        let text = at
            .and_then(|at| facts.orders.get(at))
            .map(|order| format!("  {} → {}", order.what, order.outcome));
        lines.push(text.unwrap_or_default());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit::Symbol;

    #[test]
    fn the_table_always_has_the_same_number_of_lines() {
        let board = Board::new();
        board.follow(&[Symbol::new("BTCUSDT"), Symbol::new("币安人生USDT")]);
        let before = table(&board.lock(), Duration::from_secs(1));
        {
            let mut facts = board.lock();
            facts.events.insert("trade", 12_345);
            facts.orders.push(super::super::board::OrderLine {
                what: "limit buy".into(),
                outcome: "confirmed",
                definite: true,
            });
        }
        let after = table(&board.lock(), Duration::from_secs(2));
        assert_eq!(before.len(), after.len());
        assert!(after.iter().any(|line| line.contains("12,345 events, 6,172/s")));
        assert!(after.iter().any(|line| line.contains("limit buy → confirmed")));
        // A table of usual figures fits into the narrowest terminal.
        assert!(after.iter().all(|line| line.chars().count() < 80), "{after:#?}");
        assert!(plain(&board.lock(), Duration::from_secs(2)).contains("12,345 events"));
    }

    #[test]
    fn a_frame_overwrites_the_previous_one_and_leaves_wrapping_on() {
        let lines = ["one".to_owned(), "two".to_owned()];
        assert_eq!(frame(&lines, 0), "\x1b[?7l\x1b[2Kone\n\x1b[2Ktwo\x1b[?7h");
        assert_eq!(frame(&lines, 2), "\x1b[?7l\x1b[2A\x1b[2Kone\n\x1b[2Ktwo\x1b[?7h");
    }
}
