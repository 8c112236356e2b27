//! Lists that are asked for by time.

use crate::{DAY, Random, START, all, assert_same, decode, in_pieces, time};
use binance_kit_core::List;
use binance_kit_core::{PageError, Paged, Request, Timestamp};
use binance_kit_model::spot::account::MyAllocations;
use binance_kit_model::spot::history::WindowHistory;
use binance_kit_model::spot::trade::AllOrderLists;
use binance_kit_model::spot::{AllOrders, MyTrades, Order};

/// An order, and when it last changed.
fn order(id: u64, micros: i64) -> (Order, Timestamp) {
    let order = decode(&format!(
        r#"{{"symbol":"A","orderId":{id},"orderListId":-1,"clientOrderId":"x","price":"1","origQty":"1","executedQty":"0",
            "cummulativeQuoteQty":"0","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY","stopPrice":"0",
            "icebergQty":"0","time":1,"updateTime":{},"isWorking":true,"workingTime":1,"origQuoteOrderQty":"0",
            "selfTradePreventionMode":"NONE"}}"#,
        micros / 1000
    ));
    (order, Timestamp::from_micros(micros))
}

/// The oldest that fit, by times that are finer than what the rows show.
fn answer(rows: &[(Order, Timestamp)], request: &AllOrders) -> List<Order> {
    let (start, end) = (request.start_time.unwrap(), request.end_time.unwrap());
    assert!(start <= end && end.since(start).as_secs() < 86_400 && request.order_id.is_none());
    let limit = usize::try_from(request.limit.unwrap()).unwrap();
    let mut found: Vec<_> = rows.iter().filter(|(_, changed)| (start..=end).contains(changed)).collect();
    found.sort_by_key(|(order, changed)| (*changed, order.order_id));
    found.into_iter().take(limit).map(|(order, _)| order.clone()).collect()
}

#[test]
fn every_row_comes_once_in_both_directions() {
    let mut random = Random(0xBEE5);
    for round in 0..1000 {
        let pause = [2, 1000, DAY / 2][random.size(3)];
        let limit = u32::try_from(random.below(5)).unwrap() + 2;
        let mut micros = START * 1000;
        let mut in_millisecond = 0;
        let rows: Vec<_> = (0..random.below(30))
            .map(|id| {
                // As many in a millisecond as a page can show with room for one more.
                let step = if in_millisecond + 2 < limit { random.millis(1000) } else { 1000 };
                let before = micros / 1000;
                micros += step + if random.below(3) == 0 { random.millis(pause) * 1000 } else { 0 };
                in_millisecond = if micros / 1000 == before { in_millisecond + 1 } else { 0 };
                // Ids do not follow the times of changes.
                order(id * 7919 % 30, micros)
            })
            .collect();
        let backwards = random.below(2) == 0;
        let last = rows.last().map_or(START, |(_, changed)| changed.as_millis());
        let start = START + if random.below(2) == 0 { random.millis(pause) } else { -random.millis(DAY * 3) };
        let end = last + if random.below(2) == 0 { random.millis(DAY * 3) } else { -random.millis(pause) };
        let make = || {
            let history = AllOrders::new("A").limit(limit).updated_between(time(start), time(end));
            if backwards { history.backwards() } else { history }
        };
        let mut expected: Vec<_> = rows
            .iter()
            .filter(|(_, changed)| (start..=end).contains(&changed.as_millis()))
            .map(|(order, _)| order.clone())
            .collect();
        let what = (round, limit, backwards, start, end);
        let by_id = |rows: &mut Vec<Order>| rows.sort_by_key(|row| row.order_id);
        by_id(&mut expected);
        let (mut found, ..) = all(make(), |request| answer(&rows, &request)).unwrap();
        by_id(&mut found);
        assert_same(&found, &expected, what);
        let mut pieces =
            in_pieces(&mut random, make, WindowHistory::resume, |request| answer(&rows, &request)).unwrap();
        by_id(&mut pieces);
        assert_same(&pieces, &expected, what);
    }
}

#[test]
fn a_millisecond_that_fills_a_page_is_an_error_and_not_a_hole() {
    let rows: Vec<_> = (0..5).map(|id| order(id, START * 1000 + i64::try_from(id).unwrap())).collect();
    let make = |limit| AllOrders::new("A").limit(limit).updated_between(time(START - 10), time(START + 10));
    let full = all(make(5), |request| answer(&rows, &request)).unwrap_err();
    assert_eq!(full, PageError::FullMoment { time: time(START), limit: 5 });
    let full = all(make(5).backwards(), |request| answer(&rows, &request)).unwrap_err();
    assert_eq!(full, PageError::FullMoment { time: time(START), limit: 5 });
    assert_eq!(all(make(6), |request| answer(&rows, &request)).unwrap().0.len(), 5);
    // From where it stopped, a larger page goes on.
    let mut pager = make(5);
    while let Some(request) = pager.next_request() {
        if pager.accept(answer(&rows, &request)).is_err() {
            break;
        }
    }
    let pager = make(6).resume(&pager.cursor()).unwrap();
    assert_eq!(all(pager, |request| answer(&rows, &request)).unwrap().0.len(), 5);
}

#[test]
fn windows_are_a_day_at_most_and_include_both_ends() {
    let (start, end) = (time(START), time(START + 3 * DAY));
    let windows = |pager: WindowHistory<MyTrades>| {
        let mut pager = pager;
        let mut windows = Vec::new();
        while let Some(request) = pager.next_request() {
            assert!(request.check().is_ok());
            windows.push((request.start_time.unwrap(), request.end_time.unwrap()));
            pager.accept(List::default()).unwrap();
        }
        windows
    };
    let mut forwards = windows(MyTrades::new("A").from_id(4.into()).between(start, end));
    assert_eq!(forwards.len(), 4);
    assert_eq!(forwards[0].0, start);
    assert_eq!(forwards[3].1, Timestamp::from_micros((START + 3 * DAY) * 1000 + 999));
    assert!(forwards.windows(2).all(|pair| pair[0].1.as_micros() + 1 == pair[1].0.as_micros()));
    let backwards = windows(MyTrades::new("A").between(start, end).backwards());
    forwards.reverse();
    assert_eq!(backwards.len(), 4);
    assert_eq!((backwards[0].1, backwards[3].0), (forwards[0].1, forwards[3].0));
    assert!(MyTrades::new("A").between(end, start).next_request().is_none());
    let lists = AllOrderLists::new().updated_between(start, start);
    assert_eq!(lists.next_request().unwrap().start_time, Some(start));
    assert!(MyAllocations::new("A").between(start, start).next_request().unwrap().check().is_ok());
}
