//! Lists with ids.

use crate::{DAY, Random, START, all, assert_same, decode, in_pieces, time};
use binance_kit_core::List;
use binance_kit_core::{Cursor, PageError, Paged};
use binance_kit_model::common::KlineInterval;
use binance_kit_model::spot::account::{MyAllocations, MyPreventedMatches, MyTrade, OrderAmendments};
use binance_kit_model::spot::history::IdHistory;
use binance_kit_model::spot::market::{HistoricalBlockTrades, HistoricalTrades, Trade};
use binance_kit_model::spot::trade::AllOrderLists;
use binance_kit_model::spot::{AggTrades, AllOrders, Klines, MyTrades};

fn trade(id: u64, millis: i64) -> MyTrade {
    decode(&format!(
        r#"{{"symbol":"A","id":{id},"orderId":1,"orderListId":-1,"price":"1","qty":"1","quoteQty":"1","commission":"0",
            "commissionAsset":"B","time":{millis},"isBuyer":true,"isMaker":true,"isBestMatch":true}}"#
    ))
}

/// What the documents say of `myTrades`.
fn answer(rows: &[MyTrade], request: &MyTrades) -> List<MyTrade> {
    let limit = usize::try_from(request.limit.unwrap()).unwrap();
    assert!(request.start_time.is_none() && request.end_time.is_none());
    if let Some(from) = request.from_id {
        return rows.iter().filter(|row| row.trade_id >= from).take(limit).cloned().collect();
    }
    rows.iter().skip(rows.len().saturating_sub(limit)).cloned().collect()
}

/// Trades with gaps between their ids, of which many share a millisecond.
fn record(random: &mut Random) -> Vec<MyTrade> {
    let (mut id, mut millis) = (random.below(5), START);
    let gap = [1, 2, 50, 1_000_000][random.size(4)];
    let pause = [1, 10, DAY][random.size(3)];
    (0..random.below(40))
        .map(|_| {
            id += 1 + random.below(gap);
            if random.below(3) == 0 {
                millis += random.millis(pause);
            }
            trade(id, millis)
        })
        .collect()
}

#[test]
fn every_row_comes_once_in_both_directions() {
    let mut random = Random(0xD1CE);
    for round in 0..3000 {
        let rows = record(&mut random);
        let limit = u32::try_from(random.below(6)).unwrap() + 1;
        let backwards = random.below(2) == 0;
        let mut pick = |rows: &[MyTrade]| match random.below(3) {
            0 if !rows.is_empty() => {
                let row = &rows[random.size(rows.len() as u64)];
                Some((row.trade_id.get() + random.below(2), row.time.as_millis() + random.millis(2)))
            }
            1 => Some((random.below(60), START + random.millis(100))),
            _ => None,
        };
        let first = pick(&rows).map(|(id, _)| id);
        let since = pick(&rows).map(|(_, millis)| millis);
        let until = pick(&rows).map(|(_, millis)| millis);
        let make = || {
            let mut request = MyTrades::new("A").limit(limit);
            request.from_id = first.map(Into::into);
            request.start_time = since.map(time);
            request.end_time = until.map(time);
            let history = request.history();
            if backwards { history.backwards() } else { history }
        };
        let mut expected: Vec<_> = rows
            .iter()
            .filter(|row| {
                let (id, millis) = (row.trade_id.get(), row.time.as_millis());
                let in_ids = first.is_none_or(|first| if backwards { id <= first } else { id >= first });
                in_ids
                    && since.is_none_or(|since| millis >= since)
                    && until.is_none_or(|until| millis <= until)
            })
            .cloned()
            .collect();
        if backwards {
            expected.reverse();
        }
        let what = (round, limit, backwards, first, since, until);
        let (found, _, end) = all(make(), |request| answer(&rows, &request)).unwrap();
        assert_same(&found, &expected, what);
        // Nothing comes behind the end.
        let after = make().resume(&end).unwrap();
        let (found, _, _) = all(after, |request| answer(&rows, &request)).unwrap();
        assert_same(&found, &[], what);
        let pieces =
            in_pieces(&mut random, make, IdHistory::resume, |request| answer(&rows, &request)).unwrap();
        assert_same(&pieces, &expected, what);
    }
}

#[test]
fn a_pager_that_ended_goes_on_with_what_came_since() {
    let rows: Vec<_> = (0..10).map(|id| trade(id * 3, START)).collect();
    let (found, _, end) =
        all(MyTrades::new("A").limit(4).history(), |request| answer(&rows[..7], &request)).unwrap();
    assert_same(&found, &rows[..7], "first");
    let pager = MyTrades::new("A").limit(4).history().resume(&end).unwrap();
    let (found, ..) = all(pager, |request| answer(&rows, &request)).unwrap();
    assert_same(&found, &rows[7..], "then");
    // Also where there was nothing yet.
    let (_, _, end) = all(MyTrades::new("A").history(), |_| List::default()).unwrap();
    let pager = MyTrades::new("A").history().resume(&end).unwrap();
    assert_eq!(all(pager, |request| answer(&rows, &request)).unwrap().0.len(), 10);
}

#[test]
fn requests_are_few() {
    let dense: Vec<Trade> = (0..1_000_000_u64)
        .step_by(100)
        .map(|id| {
            decode(&format!(
                r#"{{"id":{},"price":"1","qty":"1","quoteQty":"1","time":{},"isBuyerMaker":true,"isBestMatch":true}}"#,
                id / 100,
                START + i64::try_from(id).unwrap()
            ))
        })
        .collect();
    let answer = |request: HistoricalTrades| -> List<Trade> {
        let limit = usize::try_from(request.limit.unwrap()).unwrap();
        let from = request
            .from_id
            .map_or(dense.len().saturating_sub(limit), |from| usize::try_from(from.get()).unwrap());
        dense.iter().skip(from).take(limit).cloned().collect()
    };
    // Ten pages, and one to see that there is nothing more.
    let (rows, requests, _) = all(HistoricalTrades::new("A").history(), answer).unwrap();
    assert_eq!((rows.len(), requests), (10_000, 11));
    let (rows, requests, _) = all(HistoricalTrades::new("A").history().backwards(), answer).unwrap();
    assert_eq!((rows.len(), requests), (10_000, 10));
    assert!(rows.is_sorted_by(|one, other| one.trade_id > other.trade_id));
    let since = HistoricalTrades::new("A").history().since(time(START + 123_456));
    let (rows, requests, _) = all(since, answer).unwrap();
    assert_eq!(rows.first().map(|row| row.trade_id.get()), Some(1235));
    assert!(requests <= 15, "{requests}");
    let sparse: Vec<_> = (0..5000).map(|id| trade(id * 12_345_678, START)).collect();
    let backwards = MyTrades::new("A").history().backwards();
    let (rows, requests, _) = all(backwards, |request| crate::ids::answer(&sparse, &request)).unwrap();
    assert_eq!(rows.len(), 5000);
    assert!(requests <= 12, "{requests}");
}

#[test]
fn an_answer_from_another_place_ends_the_pager_and_loses_nothing() {
    let rows = [trade(1, START), trade(2, START)];
    let mut pager = MyTrades::new("A").limit(1).history();
    pager.accept(vec![rows[0].clone()].into()).unwrap();
    let before = pager.cursor();
    assert_eq!(pager.accept(vec![rows[0].clone()].into()), Err(PageError::OutOfPlace));
    assert_eq!(pager.cursor(), before);
    assert_eq!(pager.accept(vec![rows[1].clone()].into()).unwrap().len(), 1);
}

/// Without one of its rows a page would have a hole that no one sees.
#[test]
fn an_unreadable_row_ends_every_pager_and_loses_nothing() {
    let mut pager = MyTrades::new("A").history();
    let before = pager.cursor();
    assert!(matches!(pager.accept(decode("[{}]")), Err(PageError::Unreadable(_))));
    assert_eq!(pager.cursor(), before);
    assert_eq!(pager.accept(vec![trade(1, START)].into()).unwrap().len(), 1);
    let mut pager = MyTrades::new("A").between(time(START), time(START + DAY));
    let before = pager.cursor();
    assert!(matches!(pager.accept(decode("[{}]")), Err(PageError::Unreadable(_))));
    assert_eq!(pager.cursor(), before);
    assert_eq!(pager.accept(vec![trade(1, START)].into()).unwrap().len(), 1);
    let mut pager = Klines::new("A", KlineInterval::Minute1).history();
    let before = pager.cursor();
    assert!(matches!(pager.accept(decode("[7]")), Err(PageError::Unreadable(_))));
    assert_eq!(pager.cursor(), before);
}

#[test]
fn cursors_belong_to_their_pager() {
    let cursor = MyTrades::new("A").history().cursor();
    let reason = |pager: IdHistory<MyTrades>, cursor: &Cursor| pager.resume(cursor).unwrap_err().reason;
    assert!(MyTrades::new("A").limit(3).history().resume(&cursor).is_ok());
    assert_eq!(reason(MyTrades::new("B").history(), &cursor), "it belongs to a list with other parameters");
    assert_eq!(reason(MyTrades::new("A").history().backwards(), &cursor), "it goes in the other direction");
    let other = HistoricalTrades::new("A").history().cursor();
    assert_eq!(reason(MyTrades::new("A").history(), &other), "it belongs to another list");
    for text in ["", "1", "nonsense", "2.myTrades"] {
        assert!(MyTrades::new("A").history().resume(&Cursor::new(text)).is_err(), "{text}");
    }
    for numbers in [".x.-", "", ".1", ".1.2.3", ".-5.-", ".99999999999999999999999999.-"] {
        let text = cursor.as_str().trim_end_matches(".-").trim_end_matches(".-").to_owned() + numbers;
        assert_eq!(reason(MyTrades::new("A").history(), &Cursor::new(text)), "its numbers cannot be read");
    }
}

#[test]
fn each_request_is_asked_for_by_its_own_id() {
    let first = |request: Option<String>| request.unwrap();
    let query = |request: &dyn Fn(&mut binance_kit_core::ParamWriter)| {
        let mut params = binance_kit_core::ParamWriter::new();
        request(&mut params);
        params.to_query()
    };
    macro_rules! asks {
        ($pager:expr) => {{
            use binance_kit_core::Request as _;
            first($pager.next_request().map(|request| {
                assert!(request.check().is_ok());
                query(&|params| request.write(params))
            }))
        }};
    }
    assert_eq!(asks!(AggTrades::new("A").from_id(7.into()).history()), "symbol=A&fromId=7&limit=1000");
    assert_eq!(asks!(HistoricalTrades::new("A").history().page_size(9)), "symbol=A&limit=9&fromId=0");
    assert_eq!(asks!(HistoricalTrades::new("A").history().backwards()), "symbol=A&limit=1000");
    assert_eq!(asks!(HistoricalBlockTrades::new("A", 3.into()).history()), "symbol=A&fromId=3&limit=1000");
    assert_eq!(
        asks!(MyTrades::new("A").order_id(5.into()).history()),
        "symbol=A&orderId=5&fromId=0&limit=1000"
    );
    assert_eq!(asks!(AllOrders::new("A").history().from_id(5)), "symbol=A&orderId=5&limit=1000");
    assert_eq!(asks!(AllOrderLists::new().limit(5000).history()), "fromId=0&limit=1000");
    assert_eq!(asks!(MyAllocations::new("A").history()), "symbol=A&fromAllocationId=0&limit=1000");
    assert_eq!(
        asks!(MyPreventedMatches::history_of("A", 4.into())),
        "symbol=A&orderId=4&fromPreventedMatchId=0&limit=1000"
    );
    assert_eq!(
        asks!(OrderAmendments::new("A", 4.into()).history()),
        "symbol=A&orderId=4&fromExecutionId=0&limit=1000"
    );
}
