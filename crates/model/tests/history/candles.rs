//! Candles.

use crate::{Random, START, all, assert_same, decode, in_pieces, time};
use binance_kit_core::List;
use binance_kit_core::{PageError, Paged, Timestamp};
use binance_kit_model::common::KlineInterval;
use binance_kit_model::spot::history::CandleHistory;
use binance_kit_model::spot::market::UiKlines;
use binance_kit_model::spot::{Kline, Klines};

const MINUTE: i64 = 60_000;

fn candle(minute: i64) -> Kline {
    let begin = START + minute * MINUTE;
    decode(&format!(r#"[{begin},"1","1","1","1","1",{},"1",{minute},"1","1","0"]"#, begin + MINUTE - 1))
}

fn answer(rows: &[Kline], start: Option<Timestamp>, end: Option<Timestamp>, limit: u32) -> List<Kline> {
    let limit = usize::try_from(limit).unwrap();
    let within = |row: &&Kline| {
        start.is_none_or(|start| row.open_time >= start) && end.is_none_or(|end| row.open_time <= end)
    };
    let found: Vec<_> = rows.iter().filter(within).cloned().collect();
    let skip = if start.is_some() { 0 } else { found.len().saturating_sub(limit) };
    found.into_iter().skip(skip).take(limit).collect()
}

#[test]
fn every_candle_comes_once_in_both_directions() {
    let mut random = Random(0xCAFE);
    for round in 0..2000 {
        // With holes, as when trading paused.
        let mut minute = 0;
        let rows: Vec<_> = (0..random.below(40))
            .map(|_| {
                minute += 1 + if random.below(8) == 0 { random.millis(500) } else { 0 };
                candle(minute)
            })
            .collect();
        let limit = u32::try_from(random.below(6)).unwrap() + 1;
        let backwards = random.below(2) == 0;
        let mut pick =
            || (random.below(3) > 0).then(|| START + random.millis(60 * MINUTE) / (1 + random.millis(5)));
        let (start, end) = (pick(), pick());
        let make = || {
            let mut request = Klines::new("A", KlineInterval::Minute1).limit(limit);
            (request.start_time, request.end_time) = (start.map(time), end.map(time));
            let history = request.history();
            if backwards { history.backwards() } else { history }
        };
        let mut expected: Vec<_> = rows
            .iter()
            .filter(|row| {
                start.is_none_or(|start| row.open_time >= time(start))
                    && end.is_none_or(|end| row.open_time <= time(end))
            })
            .cloned()
            .collect();
        if backwards {
            expected.reverse();
        }
        let reply =
            |request: Klines| answer(&rows, request.start_time, request.end_time, request.limit.unwrap());
        let what = (round, limit, backwards, start, end);
        let (found, requests, _) = all(make(), reply).unwrap();
        assert_same(&found, &expected, what);
        assert!(
            requests <= expected.len().div_ceil(usize::try_from(limit).unwrap()) + 2,
            "{requests} {what:?}"
        );
        let pieces = in_pieces(&mut random, make, CandleHistory::resume, reply).unwrap();
        assert_same(&pieces, &expected, what);
    }
}

#[test]
fn both_kinds_of_candles_and_their_ends() {
    let history = UiKlines::new("A", KlineInterval::Minute1).start_time(time(5)).end_time(time(4)).history();
    assert!(history.next_request().is_none());
    let mut history = UiKlines::new("A", KlineInterval::Minute1).history().page_size(2);
    let request = history.next_request().unwrap();
    assert_eq!((request.start_time, request.limit), (Some(time(0)), Some(2)));
    history.accept(vec![candle(1), candle(2)].into()).unwrap();
    assert_eq!(history.accept(vec![candle(2)].into()), Err(PageError::OutOfPlace));
    assert_eq!(history.accept(vec![candle(3)].into()).unwrap(), [candle(3)]);
    assert!(history.accept(List::default()).unwrap().is_empty());
    assert!(history.next_request().is_none());
    let other = Klines::new("A", KlineInterval::Minute1).history().cursor();
    assert!(UiKlines::new("A", KlineInterval::Minute1).history().resume(&other).is_err());
    let longer = Klines::new("A", KlineInterval::Hour1).history();
    assert!(longer.resume(&other).is_err());
}
