//! The hot path allocates nothing in the steady state: decoder, classification and typed event, counted by an allocator
//! that counts. Frames are those the exchange sent or documents.
#![cfg(feature = "spot")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_core::decode::{EventFrame, FastReader, Frame};
use binance_kit_core::{Decoder, StreamEvent};
use binance_kit_model::spot::{
    AccountEvent, AggTradeEvent, BookTickerEvent, KlineEvent, MarketEvent, MiniTickerEvent, TickerEvent,
    TradeEvent,
};

const TRADE: &str = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}"#;
const AGG_TRADE: &str = r#"{"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,"m":true,"M":true}"#;
const BOOK_TICKER: &str = r#"{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}"#;
const KLINE: &str = r#"{"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}"#;
const MINI_TICKER: &str = r#"{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"}"#;
const TICKER: &str = r#"{"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"0.0015","P":"250.00","w":"0.0018","x":"0.0009","c":"0.0025","Q":"10","b":"0.0024","B":"10","a":"0.0026","A":"100","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18","O":0,"C":86400000,"F":0,"L":18150,"n":18151}"#;
const ROLLING_TICKER: &str = r#"{"e":"1hTicker","E":1672515782136,"s":"BNBBTC","p":"0.0015","P":"250.00","o":"0.0010","h":"0.0025","l":"0.0010","c":"0.0025","w":"0.0018","v":"10000","q":"18","O":0,"C":1675216573749,"F":0,"L":18150,"n":18151}"#;
const AVERAGE_PRICE: &str =
    r#"{"e":"avgPrice","E":1693907033000,"s":"BTCUSDT","i":"5m","w":"25776.86000000","T":1693907032213}"#;
const DEPTH: &str = r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[["61737.63000000","0.00000000"],["61730.17000000","0.00000000"],["56854.58000000","0.00000000"]],"a":[["61837.64000000","1.54698000"],["61839.85000000","0.00000000"],["61845.11000000","0.32329000"]]}}"#;
const SHORT_DEPTH: &str = r#"{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,"u":50093239204,"b":[],"a":[["61837.64000000","1.54698000"]]}"#;
const PARTIAL_DEPTH: &str = r#"{"stream":"bnbbtc@depth5@100ms","data":{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"],["0.0027","5"]]}}"#;
const MINI_TICKERS: &str = r#"[{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"},{"e":"24hrMiniTicker","E":1672515782136,"s":"ETHBTC","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"}]"#;

fn with_event<R>(decoder: &mut Decoder, text: &str, mut read: impl FnMut(EventFrame<'_>) -> R) -> R {
    decoder
        .frame(text.as_bytes(), |frame| match frame {
            Frame::Event(frame) => Ok(read(frame)),
            _ => panic!("not an event"),
        })
        .unwrap()
}

/// Decodes the frames again and again; after the first round nothing may be allocated.
fn counted<E: StreamEvent>(texts: &[&str]) {
    let mut decoder = Decoder::new();
    let round = |decoder: &mut Decoder| {
        for text in texts {
            let event = with_event(decoder, text, |frame| E::decode_event(frame).unwrap());
            std::hint::black_box(&event);
        }
    };
    round(&mut decoder);
    let counts = allocation_counter::measure(|| (0..10).for_each(|_| round(&mut decoder)));
    assert_eq!(counts.count_total, 0, "{texts:?}");
}

/// As [`counted`], reading each event over the one before.
fn counted_over<E: StreamEvent>(texts: &[&str]) {
    let mut decoder = Decoder::new();
    let mut kept = with_event(&mut decoder, texts.first().unwrap(), |frame| E::decode_event(frame).unwrap());
    let mut round = |decoder: &mut Decoder| {
        for text in texts {
            with_event(decoder, text, |frame| kept.decode_event_into(frame).unwrap());
        }
    };
    round(&mut decoder);
    let counts = allocation_counter::measure(|| (0..10).for_each(|_| round(&mut decoder)));
    assert_eq!(counts.count_total, 0, "{texts:?}");
}

#[test]
fn the_allocator_counts() {
    let counts = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counts.count_total, 1);
}

#[test]
fn single_kinds() {
    counted::<TradeEvent>(&[TRADE]);
    counted::<AggTradeEvent>(&[AGG_TRADE]);
    counted::<BookTickerEvent>(&[BOOK_TICKER]);
    counted::<KlineEvent>(&[KLINE]);
    counted::<MiniTickerEvent>(&[MINI_TICKER]);
    counted::<TickerEvent>(&[TICKER]);
}

#[test]
fn mixed_kinds() {
    counted::<MarketEvent>(&[
        TRADE,
        AGG_TRADE,
        BOOK_TICKER,
        KLINE,
        MINI_TICKER,
        TICKER,
        ROLLING_TICKER,
        AVERAGE_PRICE,
    ]);
}

#[test]
fn books_keep_their_buffers() {
    counted_over::<MarketEvent>(&[DEPTH, SHORT_DEPTH]);
    counted_over::<MarketEvent>(&[PARTIAL_DEPTH]);
    counted_over::<MarketEvent>(&[MINI_TICKERS]);
    counted_over::<binance_kit_model::spot::DepthEvent>(&[DEPTH, SHORT_DEPTH]);
}

const REPORT: &str = r#"{"e":"executionReport","E":1723161255208,"s":"BTCUSDT","c":"mUvoqJxFIILMdfAW5iGSOW","S":"BUY","o":"LIMIT","f":"GTC","q":"1.00000000","p":"61685.99000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE","i":4293153123,"l":"1.00000000","z":"1.00000000","L":"61685.99000000","n":"0.00100000","N":"BNB","T":1723161255207,"t":3715482731,"I":8641984,"w":false,"m":false,"M":true,"O":1723161255100,"Z":"61685.99000000","Y":"61685.99000000","Q":"0.00000000","W":1723161255100,"V":"NONE"}"#;

/// How many allocations a frame costs that takes the fast path.
fn in_order<E: StreamEvent>(text: &str, stream: Option<&str>) -> u64 {
    let counts = allocation_counter::measure(|| {
        assert!(FastReader::event::<E>(text.as_bytes(), stream).is_some(), "{text}");
    });
    counts.count_total
}

#[test]
fn the_fast_path_allocates_the_sides_of_a_book_and_nothing_else() {
    for text in [
        TRADE,
        AGG_TRADE,
        BOOK_TICKER,
        KLINE,
        MINI_TICKER,
        TICKER,
        ROLLING_TICKER,
        AVERAGE_PRICE,
        SHORT_DEPTH,
    ] {
        let is_book = text == SHORT_DEPTH;
        assert_eq!(in_order::<MarketEvent>(text, None), u64::from(is_book), "{text}");
    }
    assert_eq!(in_order::<AccountEvent>(REPORT, None), 0);
    for text in [DEPTH, PARTIAL_DEPTH] {
        assert_eq!(in_order::<MarketEvent>(text, None), 2, "{text}");
    }
    // For many levels the rest of the frame says how many there may be in two sides: the last one grows once.
    let side = vec![r#"["61737.63000000","0.00000000"]"#; 500].join(",");
    let long = format!(
        r#"{{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":1,"u":2,"b":[{side}],"a":[{side}]}}"#
    );
    assert_eq!(in_order::<MarketEvent>(&long, None), 3);
    // Over the one before: none.
    let mut kept = FastReader::event::<MarketEvent>(long.as_bytes(), None).unwrap().1;
    let counts = allocation_counter::measure(|| {
        for text in [DEPTH, SHORT_DEPTH, &long] {
            FastReader::event_into(text.as_bytes(), None, &mut kept).unwrap();
        }
    });
    assert_eq!(counts.count_total, 0);
}
