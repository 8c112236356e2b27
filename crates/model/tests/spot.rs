//! What the requests and events of Spot do beyond coming back: weights, parameters, names of streams, and events that
//! are distinguished.
#![cfg(feature = "spot")]
#![expect(clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_core::decode::{DecodeErrorKind, EventFrame, Frame};
use binance_kit_core::id::{OrderId, PreventedMatchId};
use binance_kit_core::{
    DecodeError, Decoder, Encode, HttpMethod, ParamWriter, Request, RestRequest, Security, StreamEvent,
    Timestamp, WsRequest,
};
use binance_kit_model::common::KlineInterval;
use binance_kit_model::spot::stream::TickerWindow;
use binance_kit_model::spot::{self, MarketEvent};

fn query(request: &impl Request) -> String {
    let mut params = ParamWriter::new();
    request.write(&mut params);
    params.to_query()
}

fn event<E: StreamEvent>(text: &str) -> Result<E, DecodeError> {
    Decoder::new().frame(text.as_bytes(), |frame| match frame {
        Frame::Event(frame) => E::decode_event(frame),
        other => panic!("{other:?}"),
    })
}

#[test]
fn weights_follow_the_parameters() {
    let depth = spot::Depth::new("A");
    for (limit, weight) in
        [(1, 5), (100, 5), (101, 25), (500, 25), (501, 50), (1000, 50), (1001, 250), (5000, 250)]
    {
        assert_eq!(depth.clone().limit(limit).cost().ip, weight, "{limit}");
    }
    assert_eq!(depth.cost().ip, 5);

    let many = |count: usize| {
        spot::general::Symbols::Many((0..count).map(|number| format!("S{number}").into()).collect())
    };
    let day = spot::Ticker24hr::new;
    assert_eq!(day().cost().ip, 80);
    assert_eq!(day().symbols("A").cost().ip, 2);
    for (count, weight) in [(20, 2), (21, 40), (100, 40), (101, 80)] {
        assert_eq!(day().symbols(many(count)).cost().ip, weight, "{count}");
    }
    assert_eq!(spot::TickerPrice::new().cost().ip, 4);
    assert_eq!(spot::TickerPrice::new().symbols("A").cost().ip, 2);
    assert_eq!(spot::TickerBook::new().symbols(many(1)).cost().ip, 4);
    assert_eq!(spot::market::TickerRollingWindow::new("A").cost().ip, 4);
    assert_eq!(spot::market::TickerTradingDay::new(many(60)).cost().ip, 200);
    assert_eq!(spot::general::ExecutionRules::new().cost().ip, 40);
    assert_eq!(spot::general::ExecutionRules::new().symbols(many(3)).cost().ip, 6);
    assert_eq!(spot::OpenOrders::new().cost().ip, 80);
    assert_eq!(spot::OpenOrders::new().symbol("A").cost().ip, 6);
    assert_eq!(spot::MyTrades::new("A").cost().ip, 20);
    assert_eq!(spot::MyTrades::new("A").order_id(OrderId(1)).cost().ip, 5);
    assert_eq!(spot::account::MyPreventedMatches::new("A", PreventedMatchId(1)).cost().ip, 2);
    assert_eq!(spot::account::MyPreventedMatches::new("A", OrderId(1)).cost().ip, 20);
}

#[test]
fn alternatives_are_one_parameter_each() {
    assert_eq!(query(&spot::ExchangeInfo::of("btcusdt")), "symbol=BTCUSDT");
    assert_eq!(query(&spot::ExchangeInfo::of(["A", "B"])), "symbols=%5B%22A%22%2C%22B%22%5D");
    let permissions = vec![spot::general::Permission::Spot, spot::general::Permission::from("NEW")];
    assert_eq!(query(&spot::ExchangeInfo::of(permissions)), "permissions=%5B%22SPOT%22%2C%22NEW%22%5D");
    assert_eq!(query(&spot::QueryOrder::new("a", OrderId(7))), "symbol=A&orderId=7");
    assert_eq!(query(&spot::QueryOrder::new("a", "mine")), "symbol=A&origClientOrderId=mine");
    assert_eq!(query(&spot::trade::CancelOrderList::new("a", "mine")), "symbol=A&listClientOrderId=mine");
    assert_eq!(query(&spot::trade::QueryOrderList::new("mine")), "origClientOrderId=mine");
}

#[test]
fn parameters_are_checked_by_name() {
    let fault =
        |result: Result<(), binance_kit_core::InvalidRequest>| result.unwrap_err().parameter.into_owned();
    let time = Timestamp::from_millis;
    assert_eq!(fault(spot::Depth::new("A").limit(5001).check()), "limit");
    assert_eq!(fault(spot::Depth::new("A").limit(0).check()), "limit");
    assert_eq!(fault(spot::Klines::new("A", KlineInterval::Hour1).limit(1001).check()), "limit");
    assert_eq!(fault(spot::ExchangeInfo::of(["A", "A"]).check()), "symbols");
    assert_eq!(fault(spot::ExchangeInfo::of([]).check()), "symbols");
    assert_eq!(
        fault(spot::ExchangeInfo::of("A").symbol_status(spot::general::SymbolStatus::Halt).check()),
        "symbolStatus"
    );
    assert_eq!(fault(spot::AggTrades::new("A").from_id(1.into()).start_time(time(1)).check()), "fromId");
    assert_eq!(fault(spot::MyTrades::new("A").start_time(time(2)).end_time(time(1)).check()), "endTime");
    let window = |size| spot::market::TickerRollingWindow::new("A").window_size(size).check();
    assert_eq!(fault(window(spot::market::WindowSize::Minutes(60))), "windowSize");
    assert_eq!(fault(window(spot::market::WindowSize::Days(0))), "windowSize");
    assert!(window(spot::market::WindowSize::Hours(23)).is_ok());
    assert!(spot::Depth::new("A").limit(5000).check().is_ok());
}

#[test]
fn requests_know_where_they_go() {
    let cancel = spot::CancelOrder::new("A", OrderId(1));
    assert_eq!((cancel.method(), cancel.path().as_ref()), (HttpMethod::Delete, "/api/v3/order"));
    assert_eq!(cancel.ws_method(), "order.cancel");
    assert_eq!((cancel.security(), cancel.is_query(), cancel.cost().orders), (Security::Signed, false, 0));
    let info = spot::ExchangeInfo::new();
    assert_eq!((info.security(), info.is_query()), (Security::None, true));
    let logon = spot::session::SessionLogon::new();
    assert_eq!((logon.ws_method().as_ref(), logon.security()), ("session.logon", Security::Signed));
    assert_eq!(query(&logon), "");
}

#[test]
fn e2_unknown_events_are_kept_whole() {
    for (text, event_type) in [
        (r#"{"e":"newKind","E":5,"x":[1,{"y":null}]}"#, "newKind"),
        (r#"{"e":"24hrNewTicker","E":5}"#, "24hrNewTicker"),
        (r#"{"x":1}"#, ""),
        (r#"[{"e":"trade"},{"e":"aggTrade"}]"#, ""),
        (r"[]", ""),
        (r#"{"e":7}"#, ""),
    ] {
        let decoded: MarketEvent = event(text).unwrap();
        let MarketEvent::Unknown(unknown) = &decoded else { panic!("{decoded:?}") };
        assert_eq!((unknown.event_type.as_str(), unknown.json.as_str()), (event_type, text));
        assert_eq!(decoded.to_json(), text);
        assert_eq!(
            (decoded.event_type().as_ref(), decoded.symbol(), decoded.event_time()),
            (event_type, None, None)
        );
    }
    let user: spot::AccountEvent = event(r#"{"subscriptionId":1,"event":{"e":"newKind"}}"#).unwrap();
    assert_eq!(user.event_type(), "newKind");
}

#[test]
fn another_kind_is_refused_by_type() {
    let trade = r#"{"e":"trade","E":1,"s":"A","t":1,"p":"1","q":"1","T":1,"m":true,"M":true}"#;
    let error = event::<spot::AggTradeEvent>(trade).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::WrongType);
    assert_eq!(error.to_string(), "cannot decode AggTradeEvent: `e`: expected \"aggTrade\", found \"trade\"");
    assert_eq!(event::<spot::BookTickerEvent>(trade).unwrap_err().kind(), DecodeErrorKind::WrongType);
    assert_eq!(event::<spot::RollingTickerEvent>(trade).unwrap_err().kind(), DecodeErrorKind::WrongType);
    // Without the last field it was before it had one.
    assert!(event::<spot::TradeEvent>(&trade.replace(r#","M":true"#, "")).is_ok());
    let twice = trade.replace(r#""p":"1""#, r#""p":"1","p":"2""#);
    assert_eq!(event::<spot::TradeEvent>(&twice).unwrap_err().kind(), DecodeErrorKind::DuplicateField);
    let twice = trade.replace(r#""E":1"#, r#""e":"trade","E":1"#);
    assert_eq!(event::<spot::TradeEvent>(&twice).unwrap_err().kind(), DecodeErrorKind::DuplicateField);
}

#[test]
fn keys_differ_by_case() {
    let event =
        event::<MarketEvent>(r#"{"e":"trade","E":1,"s":"A","t":2,"p":"3","q":"4","T":5,"m":true,"M":false}"#)
            .unwrap();
    let MarketEvent::Trade(trade) = &event else { panic!("{event:?}") };
    assert_eq!((trade.event_time, trade.trade_id.get()), (Timestamp::from_millis(1), 2));
    assert_eq!((trade.trade_time, trade.is_buyer_maker), (Timestamp::from_millis(5), true));
    assert_eq!(event.symbol().unwrap().as_str(), "A");
}

#[test]
fn a_partial_depth_needs_the_name_of_its_stream() {
    let text = r#"{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}"#;
    let error = event::<MarketEvent>(text).unwrap_err();
    assert!(error.to_string().contains("its stream's name"), "{error}");
    let wrapped = format!(r#"{{"stream":"bnbbtc@depth5","data":{text}}}"#);
    let MarketEvent::PartialDepth(depth) = event(&wrapped).unwrap() else { panic!("not a partial depth") };
    assert_eq!(depth.symbol.as_str(), "BNBBTC");
    // A connection that carries one stream fills the name in.
    let depth = Decoder::new().parse(text.as_bytes(), |data| {
        spot::PartialDepthEvent::decode_event(EventFrame {
            stream: Some("ethbtc@depth5"),
            subscription: None,
            data,
        })
    });
    assert_eq!(depth.unwrap().symbol.as_str(), "ETHBTC");
}

#[test]
fn events_without_a_type_are_known_by_their_keys() {
    let text = r#"{"u":400900217,"s":"BNBUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66"}"#;
    let ticker = event::<MarketEvent>(text).unwrap();
    assert!(matches!(ticker, MarketEvent::BookTicker(_)));
    assert_eq!(ticker.event_type(), "bookTicker");
    // Should the exchange add the type that the futures have, nothing breaks.
    let typed = text.replace(r#"{"u""#, r#"{"e":"bookTicker","u""#);
    assert!(matches!(event::<MarketEvent>(&typed).unwrap(), MarketEvent::BookTicker(_)));
}

#[test]
fn windows_are_part_of_the_event_type() {
    let one = |window: &str| {
        format!(
            r#"{{"e":"{window}Ticker","E":1,"s":"A","p":"1","P":"1","o":"1","h":"1","l":"1","c":"1","w":"1","v":"1","q":"1","O":0,"C":1,"F":-1,"L":-1,"n":0}}"#
        )
    };
    for (window, expected) in [("4h", TickerWindow::Hour4), ("2h", TickerWindow::from("2h"))] {
        let decoded = event::<MarketEvent>(&one(window)).unwrap();
        assert_eq!(decoded.event_type(), format!("{window}Ticker"));
        let MarketEvent::RollingTicker(ticker) = decoded else { panic!("{decoded:?}") };
        assert_eq!((ticker.window, ticker.first_trade_id), (expected, None));
    }
    let list = format!("[{},{}]", one("1d"), one("1d"));
    let decoded = event::<MarketEvent>(&list).unwrap();
    assert!(matches!(&decoded, MarketEvent::RollingTickers(tickers) if tickers.len() == 2));
    assert_eq!(decoded.to_json(), list);
}

#[test]
fn microseconds_are_written_where_they_are_asked_for() {
    let text = r#"{"e":"serverShutdown","E":1770123456789123}"#;
    let decoded = event::<MarketEvent>(text).unwrap();
    let mut json =
        binance_kit_core::JsonWriter::new().with_time_unit(binance_kit_core::TimeUnit::Microsecond);
    decoded.encode(&mut json);
    assert_eq!(json.as_str(), text);
}

#[test]
fn the_paths_of_errors_are_whole() {
    let text = r#"{"transactTime":1,"executionId":1,"amendedOrder":{"symbol":"A","price":"x"}}"#;
    let error = Decoder::new().decode::<spot::trade::AmendResponse>(text.as_bytes()).unwrap_err();
    assert_eq!(error.path(), "amendedOrder.price");
    assert!(error.to_string().starts_with("cannot decode AmendResponse: `amendedOrder.price`"), "{error}");
}

#[test]
fn keys_are_not_printed() {
    let text = r#"{"apiKey":"vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A","authorizedSince":1,"connectedSince":1,"returnRateLimits":false,"serverTime":1,"userDataStream":false}"#;
    let status: spot::session::SessionStatus = Decoder::new().decode(text.as_bytes()).unwrap();
    let printed = format!("{status:?}");
    assert!(!printed.contains("ZE6mv9SD5"), "{printed}");
    assert_eq!(status.to_json(), text);
}
