//! Recorded frames take the path of live ones: order, copies, gaps, interruptions.

#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

use binance_kit_core::{Position, StreamName};
use binance_kit_model::spot;
use binance_kit_stream::{Item, Playback};

const SECOND: u64 = 1_000_000_000;

fn playback(names: &[&str]) -> Playback<spot::MarketEvent> {
    let mut playback = Playback::new(None);
    for name in names {
        playback.add_topic(spot::stream::from_name(name).unwrap()).unwrap();
    }
    playback
}

fn trade(id: u64) -> String {
    format!(
        "{{\"stream\":\"btcusdt@trade\",\"data\":{{\"e\":\"trade\",\"E\":1700000000000,\"s\":\"BTCUSDT\",\"t\":{id},\
         \"p\":\"1.5\",\"q\":\"1\",\"T\":1700000000000,\"m\":true,\"M\":true}}}}"
    )
}

fn ticker(update: u64) -> String {
    format!(
        "{{\"data\": {{\"u\": {update}, \"s\": \"BTCUSDT\", \"b\": \"1\", \"B\": \"1\", \"a\": \"2\", \"A\": \"1\"}}, \
         \"stream\": \"btcusdt@bookTicker\"}}"
    )
}

/// What the items say: ids of trades, gaps as ranges, `!` for an unreadable frame.
fn drain(playback: &mut Playback<spot::MarketEvent>) -> Vec<String> {
    let mut said = Vec::new();
    while let Some(item) = playback.next_item() {
        said.push(match item {
            Item::Event(event) => match event.data {
                spot::MarketEvent::Trade(trade) => trade.trade_id.to_string(),
                spot::MarketEvent::BookTicker(ticker) => format!("u{}", ticker.update_id),
                other => format!("{other:?}"),
            },
            Item::Gap(gap) => match (gap.from, gap.to) {
                (Position::Id(from), Position::Id(to)) => format!("{from}-{to}"),
                other => format!("{other:?}"),
            },
            Item::Malformed(malformed) => format!("! {:?}", malformed.stream.is_some()),
            other => format!("{other}"),
        });
    }
    said
}

#[test]
fn copies_are_dropped_and_holes_are_gaps() {
    let mut playback = playback(&["btcusdt@trade"]);
    let _ = playback.connected(SECOND, 0);
    for (at, connection, id) in [(1, 0, 5), (2, 0, 6), (3, 0, 9)] {
        playback.frame(at * SECOND, connection, None, trade(id).as_bytes(), false);
    }
    assert_eq!(drain(&mut playback), ["5", "6", "7-8", "9"]);
    // A second connection overlaps, and takes over without a gap.
    let _ = playback.connected(4 * SECOND, 1);
    for (at, connection, id) in [(5, 0, 10), (5, 1, 10), (6, 1, 11), (6, 0, 11)] {
        playback.frame(at * SECOND, connection, None, trade(id).as_bytes(), false);
    }
    assert!(playback.disconnected(7 * SECOND, 0).is_empty());
    playback.frame(8 * SECOND, 1, None, trade(12).as_bytes(), false);
    assert_eq!(drain(&mut playback), ["10", "11", "12"]);
    assert_eq!(playback.duplicates().map(|(_, count)| count).collect::<Vec<_>>(), [2]);
    // What only the lost connection could have closed is open no longer than that.
    playback.frame(9 * SECOND, 1, None, trade(14).as_bytes(), false);
    playback.finish();
    assert_eq!(drain(&mut playback), ["13-13", "14"]);
}

#[test]
fn a_connection_that_comes_up_twice_was_lost_between() {
    let mut playback = playback(&["btcusdt@bookTicker"]);
    assert!(playback.connected(SECOND, 0).is_empty());
    playback.frame(SECOND, 0, None, ticker(5).as_bytes(), false);
    let interrupted = playback.connected(2 * SECOND, 0);
    assert_eq!(interrupted, [StreamName::new("btcusdt@bookTicker").unwrap()]);
    playback.frame(3 * SECOND, 0, None, ticker(9).as_bytes(), false);
    // Ids that grow with holes show nothing; the interruption does.
    assert_eq!(drain(&mut playback), ["u5", "6-8", "u9"]);
}

#[test]
fn a_listed_connection_takes_over_a_silent_stream_without_a_gap() {
    let mut playback = playback(&["btcusdt@bookTicker"]);
    let listed = "{\"result\": [\"btcusdt@bookTicker\"], \"id\": 1}".as_bytes();
    let _ = playback.connected(SECOND, 0);
    playback.frame(SECOND, 0, None, ticker(5).as_bytes(), false);
    let _ = playback.connected(2 * SECOND, 1);
    playback.frame(2 * SECOND, 1, None, listed, false);
    // The answer on the old connection: nothing was published before the new one was subscribed that is still to come.
    playback.frame(3 * SECOND, 0, None, "{\"result\":null,\"id\":7}".as_bytes(), false);
    assert!(playback.disconnected(4 * SECOND, 0).is_empty());
    playback.frame(5 * SECOND, 1, None, ticker(9).as_bytes(), false);
    assert_eq!(drain(&mut playback), ["u5", "u9"]);
}

#[test]
fn frames_without_a_wrapper_belong_to_the_stream_that_is_given() {
    let mut playback = playback(&["btcusdt@trade"]);
    let name = StreamName::new("btcusdt@trade").unwrap();
    let raw = trade(5);
    let raw = raw.split_once("\"data\":").unwrap().1.strip_suffix('}').unwrap();
    playback.frame(SECOND, 0, Some(&name), raw.as_bytes(), false);
    playback.frame(
        SECOND,
        0,
        None,
        "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"}}".as_bytes(),
        false,
    );
    playback.frame(SECOND, 0, None, "no JSON".as_bytes(), false);
    playback.frame(SECOND, 0, None, trade(6).as_bytes(), false);
    assert_eq!(drain(&mut playback), ["5", "! true", "! false", "6"]);
    assert!(playback.has_topic("btcusdt@trade") && !playback.has_topic("ethusdt@trade"));
    assert_eq!(playback.connections(), [0]);
}

#[test]
fn what_waits_for_another_connection_at_the_end_comes_with_what_is_missing_before_it() {
    let mut playback = playback(&["btcusdt@trade"]);
    for (connection, id) in [(0, 5), (1, 5), (0, 8)] {
        playback.frame(SECOND, connection, None, trade(id).as_bytes(), false);
    }
    assert_eq!(drain(&mut playback), ["5"], "the second connection may bring 6 and 7");
    playback.finish();
    assert_eq!(drain(&mut playback), ["6-7", "8"]);
}

#[test]
fn a_topic_that_is_added_twice_goes_on() {
    let mut playback = playback(&["btcusdt@trade"]);
    playback.frame(SECOND, 0, None, trade(5).as_bytes(), false);
    playback.add_topic(spot::stream::from_name("btcusdt@trade").unwrap()).unwrap();
    playback.frame(SECOND, 0, None, trade(5).as_bytes(), false);
    playback.frame(SECOND, 0, None, trade(7).as_bytes(), false);
    assert_eq!(drain(&mut playback), ["5", "6-6", "7"]);
}

#[test]
fn frames_in_a_row_that_cannot_be_read_are_counted_for_their_stream() {
    let mut playback = playback(&["btcusdt@trade"]);
    let broken = "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"}}";
    for frame in [broken, broken, &trade(5), broken] {
        playback.frame(SECOND, 0, None, frame.as_bytes(), false);
    }
    let mut counted = Vec::new();
    while let Some(item) = playback.next_item() {
        if let Item::Malformed(malformed) = item {
            counted.push((malformed.in_a_row, malformed.was_readable));
        }
    }
    assert_eq!(counted, [(1, false), (2, false), (1, true)]);
}

#[test]
fn an_element_of_a_list_that_cannot_be_read_is_an_item_beside_the_others() {
    let mut playback = playback(&["!miniTicker@arr"]);
    let ticker = |symbol: &str, close: &str| {
        format!(
            "{{\"e\":\"24hrMiniTicker\",\"E\":1,\"s\":\"{symbol}\",\"c\":{close},\"o\":\"1\",\"h\":\"1\",\"l\":\"1\",\
             \"v\":\"1\",\"q\":\"1\"}}"
        )
    };
    let all = [ticker("A", "\"1\""), ticker("B", "true")].join(",");
    let frame = format!("{{\"stream\":\"!miniTicker@arr\",\"data\":[{all}]}}");
    playback.frame(SECOND, 0, None, frame.as_bytes(), false);
    let (mut symbols, mut unreadable) = (Vec::new(), Vec::new());
    while let Some(item) = playback.next_item() {
        match item {
            Item::Event(event) => {
                let spot::MarketEvent::MiniTickers(tickers) = event.data else { continue };
                symbols.extend(tickers.iter().map(|ticker| ticker.symbol.to_string()));
            }
            Item::Malformed(malformed) => {
                unreadable.push((malformed.error.path().clone(), malformed.raw));
            }
            _ => {}
        }
    }
    assert_eq!(symbols, ["A"]);
    assert_eq!(unreadable, [("[1].c".to_owned(), ticker("B", "true").into_bytes())]);
}
