//! The live view: a table that refreshes on a terminal that is large enough for one, plain lines elsewhere.

use super::board::{Board, Facts, SymbolLine};
use crate::output::{self, OutputError, cut, pad, pad_left, thousands};
use binance_kit::net::Clock;
use binance_kit::{Decimal, Symbol};
use std::time::Duration;

/// The interval between two tables.
const TABLE_INTERVAL: Duration = Duration::from_millis(250);
/// The interval between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(2);
/// Maximum number of orders in the table.
const MAX_ORDERS: usize = 4;
/// Number of lines of a table beside symbols and orders: the heads of the columns, and two lines of totals.
const OTHER_LINES: usize = 3;
/// The width of a symbol in the table.
const SYMBOL_WIDTH: usize = 12;
/// Minimum number of columns of a terminal for a table: a symbol and its price.
const MIN_COLUMNS: usize = 40;

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Number of lines.
    rows: usize,
    /// Number of characters in a line.
    columns: usize,
}

impl Size {
    /// That of the terminal on standard output now, if it is known.
    pub(super) fn of_terminal() -> Option<Self> {
        let (rows, columns) = console::Term::stdout().size_checked()?;
        Some(Self { rows: rows.into(), columns: columns.into() })
    }

    /// Number of lines that a table of so many symbols may have; `None` when there is no room for one. The cursor stands below it.
    fn table_lines(self, symbols: usize) -> Option<usize> {
        let lines = self.rows.saturating_sub(1);
        (self.columns >= MIN_COLUMNS && lines >= OTHER_LINES + symbols.min(1)).then_some(lines)
    }
}

/// Shows the board until it is aborted, or the output fails. `size` gives the size of the terminal, where there is one.
pub(super) async fn show(
    board: Board,
    size: impl Fn() -> Option<Size>,
    json: bool,
    clock: Clock,
) -> OutputError {
    let started = clock.monotonic();
    let mut last_line = started;
    let (mut shown, mut shown_at) = (0, None);
    loop {
        clock.sleep(if size().is_some() { TABLE_INTERVAL } else { LINE_INTERVAL }).await;
        // As it is when the table is written, not as it was before the wait.
        let size = size();
        let elapsed = clock.monotonic() - started;
        let table = size.and_then(|size| table(&board.lock(), elapsed, size));
        let result = match table {
            Some(lines) => {
                // After a change of the size it is not known where the last table stands.
                let is_moved = shown > 0 && shown_at != size;
                let text = frame(&lines, shown, is_moved);
                (shown, shown_at) = (lines.len(), size);
                output::raw(&text)
            }
            // The terminal is too small for a table.
            None if size.is_some() && clock.monotonic() - last_line < LINE_INTERVAL => continue,
            None => {
                last_line = clock.monotonic();
                shown = 0;
                let text = plain(&board.lock(), elapsed);
                if json {
                    output::note(&text);
                    continue;
                }
                output::line(&text)
            }
        };
        if let Err(error) = result {
            return error;
        }
    }
}

/// The table, written over the previous one, which had `shown` lines. Line wrapping is switched off before it and on after it, so
/// that the terminal is as before whenever the program ends.
fn frame(lines: &[String], shown: usize, is_moved: bool) -> String {
    let begin = match shown {
        0 => String::new(),
        _ if is_moved => "\x1b[2J\x1b[H".to_owned(),
        shown => format!("\x1b[{shown}A"),
    };
    let text: Vec<String> = lines.iter().map(|line| format!("\x1b[2K{line}")).collect();
    // What is left of a longer table goes.
    format!("\x1b[?7l{begin}{}\x1b[?7h\x1b[J", text.join("\n"))
}

fn rate(facts: &Facts, elapsed: Duration) -> u64 {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    facts.event_count().saturating_mul(1000) / millis
}

/// A number with all its decimal places.
fn fixed(value: Option<Decimal>, scale: u32) -> String {
    let scale = usize::try_from(scale).unwrap_or_default();
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.scale$}"))
}

fn plain(facts: &Facts, elapsed: Duration) -> String {
    let prices: Vec<String> = facts
        .symbols
        .iter()
        .filter(|(_, line)| line.last_price.is_some())
        .map(|(symbol, line)| format!("{symbol} {}", fixed(line.last_price, line.price_scale)))
        .collect();
    format!(
        "{:>4} s  {:>9} events ({:>6}/s), {} gaps, {} undecoded, {:>4} orders, {:>4} reports   {}",
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

/// A column of the table behind the symbol.
struct Column {
    /// Its head.
    head: &'static str,
    /// Its width.
    width: usize,
    /// What it shows of a symbol.
    value: fn(&SymbolLine) -> String,
}

/// The columns, the most important first: those that do not fit are left out.
const COLUMNS: [Column; 6] = [
    Column { head: "last", width: 11, value: |line| fixed(line.last_price, line.price_scale) },
    Column {
        head: "bid",
        width: 11,
        value: |line| fixed(line.bid.map(|(price, _)| price), line.price_scale),
    },
    Column {
        head: "ask",
        width: 11,
        value: |line| fixed(line.ask.map(|(price, _)| price), line.price_scale),
    },
    Column { head: "events", width: 9, value: |line| thousands(line.events) },
    Column { head: "24 h %", width: 7, value: |line| fixed(line.change_percent, 2) },
    Column { head: "1 s close", width: 11, value: |line| fixed(line.kline_close, line.price_scale) },
];

/// A line of the table: a symbol, and numbers that stand right.
fn row(name: &str, columns: usize, value: impl Fn(&Column) -> String) -> String {
    let mut text = pad(name, SYMBOL_WIDTH);
    let mut used = SYMBOL_WIDTH;
    for column in &COLUMNS {
        used += 1 + column.width;
        if used > columns {
            break;
        }
        text.push(' ');
        text.push_str(&pad_left(&value(column), column.width));
    }
    text
}

/// The lines of the table; `None` when it does not fit into the terminal. As many symbols are shown as there is room for, then as
/// many of the last orders.
fn table(facts: &Facts, elapsed: Duration, size: Size) -> Option<Vec<String>> {
    let room = size.table_lines(facts.symbols.len())?;
    let mut lines = vec![row("symbol", size.columns, |column| column.head.to_owned())];
    let for_symbols = room - OTHER_LINES;
    let is_cut = facts.symbols.len() > for_symbols;
    let symbols: Vec<(&Symbol, &SymbolLine)> =
        facts.symbols.iter().take(for_symbols - usize::from(is_cut)).collect();
    for (symbol, line) in &symbols {
        lines.push(row(&format!("{symbol}"), size.columns, |column| (column.value)(line)));
    }
    if is_cut {
        lines.push(format!("… and {} more symbols", facts.symbols.len() - symbols.len()));
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
    for index in 0..MAX_ORDERS.min(room - lines.len()) {
        let at = facts.orders.len().checked_sub(index + 1);
        let text = at
            .and_then(|at| facts.orders.get(at))
            .map(|order| format!("  {} → {}", order.what, order.outcome));
        lines.push(text.unwrap_or_default());
    }
    Some(lines.iter().map(|line| cut(line, size.columns).0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit::dec;

    fn board() -> Board {
        let board = Board::new();
        let symbols = ["ADAUSDT", "BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "币安人生USDT"];
        board.follow(symbols.map(|symbol| (Symbol::new(symbol), if symbol == "ADAUSDT" { 4 } else { 2 })));
        board
    }

    const USUAL: Size = Size { rows: 24, columns: 80 };

    #[test]
    fn the_table_always_has_the_same_number_of_lines() {
        let board = board();
        let before = table(&board.lock(), Duration::from_secs(1), USUAL).unwrap();
        {
            let mut facts = board.lock();
            facts.events.insert("trade", 12_345);
            facts.orders.push(super::super::board::OrderLine {
                what: "limit buy".into(),
                outcome: "confirmed",
                definite: true,
            });
        }
        let after = table(&board.lock(), Duration::from_secs(2), USUAL).unwrap();
        assert_eq!(before.len(), after.len());
        assert!(after.iter().any(|line| line.contains("12,345 events, 6,172/s")));
        assert!(after.iter().any(|line| line.contains("limit buy → confirmed")));
        assert!(plain(&board.lock(), Duration::from_secs(2)).contains("12,345 events"));
    }

    #[test]
    fn numbers_stand_right_with_all_their_decimal_places() {
        let board = board();
        {
            let mut facts = board.lock();
            let line = facts.symbols.get_mut("BTCUSDT").unwrap();
            line.last_price = Some(dec!(61680.10000000));
            line.bid = Some((dec!(9.5), dec!(1)));
            line.change_percent = Some(dec!(-0.1));
            facts.symbols.get_mut("ADAUSDT").unwrap().last_price = Some(dec!(0.5));
        }
        let lines = table(&board.lock(), Duration::from_secs(1), USUAL).unwrap();
        assert_eq!(
            lines[0],
            "symbol              last         bid         ask    events  24 h %   1 s close"
        );
        assert_eq!(
            lines[1],
            "ADAUSDT           0.5000           -           -         0       -           -"
        );
        assert_eq!(
            lines[3],
            "BTCUSDT         61680.10        9.50           -         0   -0.10           -"
        );
        assert!(plain(&board.lock(), Duration::from_secs(2)).ends_with("ADAUSDT 0.5000  BTCUSDT 61680.10"));
    }

    #[test]
    fn a_table_fits_into_its_terminal_or_is_none() {
        let board = board();
        board.lock().orders.push(super::super::board::OrderLine {
            what: "a long text ".repeat(20),
            outcome: "confirmed",
            definite: true,
        });
        for rows in 0..30 {
            for columns in [0, 10, 39, 40, 41, 60, 79, 80, 200] {
                let size = Size { rows, columns };
                let Some(lines) = table(&board.lock(), Duration::from_secs(1), size) else {
                    assert!(rows < 5 || columns < 40, "{size:?}");
                    continue;
                };
                // The cursor stands in the line below.
                assert!(lines.len() < rows, "{size:?}");
                assert!(lines.iter().all(|line| cut(line, usize::MAX).1 <= columns), "{size:?}: {lines:#?}");
                assert!(lines.iter().any(|line| line.contains("events, ")), "{size:?}");
                let shown = lines.iter().filter(|line| line.contains("USDT ")).count();
                let more = lines.iter().any(|line| line.starts_with(&format!("… and {} more", 6 - shown)));
                assert_eq!(more, shown < 6, "{size:?}: {lines:#?}");
            }
        }
    }

    #[test]
    fn a_frame_overwrites_the_previous_one_and_leaves_wrapping_on() {
        let lines = ["one".to_owned(), "two".to_owned()];
        assert_eq!(frame(&lines, 0, false), "\x1b[?7l\x1b[2Kone\n\x1b[2Ktwo\x1b[?7h\x1b[J");
        assert_eq!(frame(&lines, 2, false), "\x1b[?7l\x1b[2A\x1b[2Kone\n\x1b[2Ktwo\x1b[?7h\x1b[J");
        assert_eq!(frame(&lines, 2, true), "\x1b[?7l\x1b[2J\x1b[H\x1b[2Kone\n\x1b[2Ktwo\x1b[?7h\x1b[J");
    }
}
