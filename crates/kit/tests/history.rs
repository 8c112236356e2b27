//! Histories of the embedded exchange read over the real client in pages of one row and more: the same rows as in one answer,
//! whatever the page size.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::common::KlineInterval;
use binance_kit::core::{Cursor, Encode, JsonWriter, PageError, Paged, RestRequest};
use binance_kit::rest::RestClient;
use binance_kit::sim::{AccountConfig, Fault, SymbolConfig};
use binance_kit::spot::{self, NewOrder};
use binance_kit::{Credentials, Decimal, Error, ErrorKind, Timestamp};
use common::{START, World};
use std::error::Error as _;
use std::time::Duration;

const SYMBOL: &str = "BTCUSDT";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn units(number: i64) -> Decimal {
    Decimal::new(number, 0)
}

/// An exchange on which `alice` and `bob` traded for some days, often several times within a millisecond.
struct Record {
    world: World,
    rest: RestClient,
}

async fn record() -> Record {
    let bob = AccountConfig::new("bob")
        .balance("BTC", units(1000))
        .balance("USDT", units(1_000_000))
        .hmac_key("bobKey", "bobSecret")
        .unwrap();
    let builder = common::in_memory()
        .symbol(SymbolConfig::new(SYMBOL, "BTC", "USDT", units(100)).max_orders(200, 50))
        .account(bob)
        .no_market()
        .limits(false);
    let world = World::of(builder).await;
    let rest = world.with(common::hmac()).rest().clone();
    let bob = world.with(Credentials::hmac("bobKey", "bobSecret").unwrap()).rest().clone();
    let tenth = Decimal::new(1, 1);
    for pause in [0, 1, 59_000, 1, 0, 61_000, 86_400_000, 3, 90_000_000, 1, 200_000_000, 500] {
        // Three levels, swept by one order: three trades, and three aggregate trades, of one moment.
        for price in [100, 101, 102] {
            bob.send(NewOrder::limit_sell(SYMBOL).quantity(tenth).price(units(price))).await.unwrap();
        }
        rest.send(NewOrder::market_buy(SYMBOL).quantity(tenth * units(3))).await.unwrap();
        rest.send(
            spot::OrderListOco::sell(SYMBOL, tenth).above_limit_maker(units(140)).below_stop_loss(units(60)),
        )
        .await
        .unwrap();
        rest.send(spot::trade::CancelOpenOrders::new(SYMBOL)).await.unwrap();
        tokio::time::advance(Duration::from_millis(pause)).await;
    }
    Record { world, rest }
}

fn text<T: Encode>(rows: &[T]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let mut json = JsonWriter::new();
            row.encode(&mut json);
            json.into_string()
        })
        .collect()
}

async fn all<P>(rest: &RestClient, history: P) -> Result<Vec<P::Item>, Error>
where
    P: Paged,
    P::Request: RestRequest + Send + 'static,
{
    let mut items = rest.items(history);
    let mut rows = Vec::new();
    while let Some(row) = items.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

/// Pages of one row to five give the rows of one answer, in both directions.
macro_rules! assert_pages {
    ($record:expr, $whole:expr, $history:expr, |$backwards:ident| $back:expr) => {{
        let rest = &$record.rest;
        let mut whole = text(&rest.send($whole).await.unwrap());
        assert!(whole.len() >= 12, "{}", whole.len());
        for limit in 1..=5 {
            let rows = all(rest, $history.page_size(limit)).await.unwrap();
            assert_eq!(text(&rows), whole, "pages of {limit}");
        }
        whole.reverse();
        for limit in 1..=5 {
            let $backwards = $history.page_size(limit);
            let rows = all(rest, $back).await.unwrap();
            assert_eq!(text(&rows), whole, "backwards, pages of {limit}");
        }
    }};
}

#[tokio::test(start_paused = true)]
async fn lists_with_ids() {
    let record = record().await;
    assert_pages!(
        record,
        spot::AggTrades::new(SYMBOL).limit(1000),
        spot::AggTrades::new(SYMBOL).history(),
        |history| history.backwards()
    );
    assert_pages!(
        record,
        spot::market::HistoricalTrades::new(SYMBOL).limit(1000),
        spot::market::HistoricalTrades::new(SYMBOL).history(),
        |history| history.backwards()
    );
    assert_pages!(
        record,
        spot::MyTrades::new(SYMBOL).limit(1000),
        spot::MyTrades::new(SYMBOL).history(),
        |history| history.backwards()
    );
    assert_pages!(
        record,
        spot::AllOrders::new(SYMBOL).limit(1000),
        spot::AllOrders::new(SYMBOL).history(),
        |history| history.backwards()
    );
    // Lists go forwards only.
    let whole = text(&record.rest.send(spot::trade::AllOrderLists::new().limit(1000)).await.unwrap());
    for limit in 1..=5 {
        let rows =
            all(&record.rest, spot::trade::AllOrderLists::new().history().page_size(limit)).await.unwrap();
        assert_eq!(text(&rows), whole);
    }
    assert_eq!(whole.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn between_two_times() {
    let record = record().await;
    let rest = &record.rest;
    let whole = rest.send(spot::MyTrades::new(SYMBOL).limit(1000)).await.unwrap().into_value();
    let (since, until) = (whole[4].time, whole[20].time);
    let mut expected: Vec<_> =
        whole.iter().filter(|row| (since..=until).contains(&row.time)).cloned().collect();
    assert!(expected.len() > 17 && expected.len() < whole.len() - 4, "{}", expected.len());
    let history = || spot::MyTrades::new(SYMBOL).start_time(since).end_time(until);
    for limit in 1..=5 {
        let rows = all(rest, history().limit(limit).history()).await.unwrap();
        assert_eq!(rows, expected, "{limit}");
    }
    let aggregates = rest.send(spot::AggTrades::new(SYMBOL).limit(1000)).await.unwrap().into_value();
    let rows =
        all(rest, spot::AggTrades::new(SYMBOL).limit(3).history().since(since).until(until)).await.unwrap();
    let within: Vec<_> =
        aggregates.iter().filter(|row| (since..=until).contains(&row.trade_time)).cloned().collect();
    assert_eq!(rows, within);
    // Windows of a day at most, in which no more than a page may share a millisecond.
    let windows = || spot::MyTrades::new(SYMBOL).limit(8).between(since, until);
    assert_eq!(all(rest, windows()).await.unwrap(), expected);
    expected.reverse();
    for limit in 1..=5 {
        let rows = all(rest, history().limit(limit).history().backwards()).await.unwrap();
        assert_eq!(rows, expected, "{limit}");
    }
    assert_eq!(all(rest, windows().backwards()).await.unwrap(), expected);
    let error = all(rest, windows().page_size(3)).await.unwrap_err();
    assert_eq!((error.kind(), error.request_name()), (ErrorKind::Paging, Some("GET /api/v3/myTrades")));
    let source = error.source().unwrap().downcast_ref::<PageError>().unwrap();
    assert!(matches!(source, PageError::FullMoment { limit: 3, .. }), "{source}");
}

#[tokio::test(start_paused = true)]
async fn orders_and_lists_by_their_last_change() {
    let record = record().await;
    let rest = &record.rest;
    let (start, end) = (Timestamp::from_millis(START - 1), Timestamp::from_millis(START).plus(DAY * 6));
    let mut whole = text(&rest.send(spot::AllOrders::new(SYMBOL).limit(1000)).await.unwrap());
    let history = || spot::AllOrders::new(SYMBOL).limit(30).updated_between(start, end);
    let mut rows = text(&all(rest, history()).await.unwrap());
    whole.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, whole);
    let mut rows = text(&all(rest, history().backwards()).await.unwrap());
    rows.sort_unstable();
    assert_eq!(rows, whole);
    let whole = text(&rest.send(spot::trade::AllOrderLists::new().limit(1000)).await.unwrap());
    let rows =
        all(rest, spot::trade::AllOrderLists::new().limit(6).updated_between(start, end)).await.unwrap();
    assert_eq!(text(&rows), whole);
}

#[tokio::test(start_paused = true)]
async fn candles() {
    let record = record().await;
    let (start, end) = (Timestamp::from_millis(START), Timestamp::from_millis(START).plus(DAY / 288));
    let whole = || spot::Klines::new(SYMBOL, KlineInterval::Second1).start_time(start).end_time(end);
    let mut expected = text(&record.rest.send(whole().limit(1000)).await.unwrap());
    assert!(expected.len() > 100, "{}", expected.len());
    let ui = || spot::market::UiKlines::new(SYMBOL, KlineInterval::Second1).start_time(start).end_time(end);
    for limit in [1, 2, 5, 100] {
        assert_same(
            &text(&all(&record.rest, whole().limit(limit).history()).await.unwrap()),
            &expected,
            "candles",
        );
        assert_same(
            &text(&all(&record.rest, ui().limit(limit).history()).await.unwrap()),
            &expected,
            "for charts",
        );
    }
    expected.reverse();
    for limit in [1, 2, 5, 100] {
        let rows = all(&record.rest, whole().limit(limit).history().backwards()).await.unwrap();
        assert_same(&text(&rows), &expected, "backwards");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_middle_loses_nothing_and_a_history_can_be_resumed() {
    let record = record().await;
    let (exchange, rest) = (&record.world.exchange, &record.rest);
    let whole = rest.send(spot::MyTrades::new(SYMBOL).limit(1000)).await.unwrap().into_value();
    let make = || spot::MyTrades::new(SYMBOL).limit(5).history();
    let mut items = rest.items(make());
    let mut rows = Vec::new();
    let mut errors = 0;
    loop {
        if rows.len() == 7 + errors * 5 {
            // Refused, so that the client does not ask again by itself.
            let body = r#"{"code":-1121,"msg":"Invalid symbol."}"#;
            exchange.inject(Fault::answer(400, body).on_request("GET /api/v3/myTrades"));
        }
        match items.next().await {
            Some(Ok(row)) => rows.push(row),
            Some(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::Api);
                errors += 1;
            }
            None => break,
        }
        if rows.len() % 3 == 1 {
            // Another day, in another program.
            let cursor = Cursor::new(items.cursor().to_string());
            items = rest.items(make().resume(&cursor).unwrap());
        }
    }
    exchange.clear_faults();
    assert!(errors > 3, "{errors}");
    assert_eq!(rows, whole);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_loses_nothing() {
    let record = record().await;
    let (exchange, rest) = (&record.world.exchange, &record.rest);
    let whole = rest.send(spot::MyTrades::new(SYMBOL).limit(1000)).await.unwrap().into_value();
    let request = "GET /api/v3/myTrades";
    let before = exchange.request_count(request);
    exchange.inject(Fault::delay_response(Duration::from_millis(300)).on_request(request).always());
    let mut pages = rest.pages(spot::MyTrades::new(SYMBOL).limit(10).history());
    let mut rows = Vec::new();
    let mut given_up = 0;
    loop {
        match tokio::time::timeout(Duration::from_millis(100), pages.next()).await {
            Err(_) => given_up += 1,
            Ok(Some(page)) => rows.extend(page.unwrap()),
            Ok(None) => break,
        }
    }
    assert_eq!(rows, whole);
    assert!(given_up > 4, "{given_up}");
    // Four pages and the end, each asked for once.
    assert_eq!(exchange.request_count(request) - before, 5);
}

#[tokio::test(start_paused = true)]
async fn pages_take_weight_like_any_request() {
    let record = record().await;
    let governor = record.rest.context().governor();
    let before = governor.usage(binance_kit::Api::Spot).0;
    let rows = all(&record.rest, spot::AggTrades::new(SYMBOL).limit(12).history()).await.unwrap();
    assert_eq!(rows.len(), 36);
    // Three pages and the end, of 4 each.
    assert_eq!(governor.usage(binance_kit::Api::Spot).0 - before, 16);
}

#[tokio::test(start_paused = true)]
async fn both_are_streams() {
    fn is_stream<S: futures_core::Stream + Unpin + Send>(_: &S) {}
    let record = record().await;
    let mut pages = record.rest.pages(spot::market::HistoricalTrades::new(SYMBOL).limit(20).history());
    is_stream(&pages);
    is_stream(&record.rest.items(spot::market::HistoricalTrades::new(SYMBOL).history()));
    let page = std::future::poll_fn(|context| {
        futures_core::Stream::poll_next(std::pin::Pin::new(&mut pages), context)
    })
    .await;
    assert_eq!(page.unwrap().unwrap().len(), 20);
    assert!(format!("{pages:?}").contains("1.historicalTrades."));
}

fn assert_same(rows: &[String], expected: &[String], what: &str) {
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row, expected, "{what}");
    }
    assert_eq!(rows.len(), expected.len(), "{what}");
}
