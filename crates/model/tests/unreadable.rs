//! One unreadable element of a list does not lose the others: it is kept beside them, with its text and its error.
#![cfg(feature = "spot")]
#![expect(clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_core::decode::{DecodeErrorKind, EventFrame, FastReader, Frame};
use binance_kit_core::{Decode, DecodeError, Decoder, Encode, List, StreamEvent};
use binance_kit_model::common::{OneOrMany, OrderSide};
use binance_kit_model::spot::general::ExchangeInformation;
use binance_kit_model::spot::rules::{Fact, Filter, NoRules, OrderContext, Rule};
use binance_kit_model::spot::{self, AccountEvent, MarketEvent};
use serde_json::{Value, json};

fn decode<T: Decode>(value: &Value) -> Result<T, DecodeError> {
    Decoder::new().decode(value.to_string().as_bytes())
}

fn event<E: StreamEvent>(value: &Value) -> Result<E, DecodeError> {
    Decoder::new().frame(value.to_string().as_bytes(), |frame| match frame {
        Frame::Event(frame) => E::decode_event(EventFrame { stream: Some("bnbbtc@depth5"), ..frame }),
        other => panic!("{other:?}"),
    })
}

/// The errors and texts that a stream reports for an event.
fn reported(event: &impl StreamEvent) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    event.each_unreadable(&mut |element| all.push((element.index, element.text.clone())));
    all
}

fn symbol(name: &str) -> Value {
    json!({"symbol": name, "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
    "orderTypes": ["LIMIT"], "isSpotTradingAllowed": true, "permissionSets": [], "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "9", "tickSize": "1"},
        {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "9", "stepSize": "1"},
    ]})
}

#[test]
fn a_symbol_that_cannot_be_read_is_beside_the_others() {
    let mut broken = symbol("B");
    broken.as_object_mut().unwrap().remove("status");
    let answer = json!({"symbols": [symbol("A"), broken, symbol("C"), 7]});
    let information: ExchangeInformation = decode(&answer).unwrap();
    let names: Vec<&str> = information.symbols.iter().map(|info| info.symbol.as_str()).collect();
    assert_eq!(names, ["A", "C"]);
    let [first, second] = information.symbols.unreadable() else { panic!("{information:?}") };
    assert_eq!((first.index, first.error.path().as_str()), (1, "status"));
    assert_eq!(first.error.kind(), DecodeErrorKind::MissingField);
    assert_eq!(serde_json::from_str::<Value>(&first.text).unwrap(), broken);
    assert_eq!((second.index, second.text.as_str()), (3, "7"));
    let written: Value = serde_json::from_str(&information.to_json()).unwrap();
    assert_eq!(written["symbols"][1], broken);
}

#[test]
fn rules_of_a_symbol_whose_row_cannot_be_read_say_so_with_the_reason() {
    let mut broken = symbol("B\u{1b}");
    broken.as_object_mut().unwrap().remove("status");
    // Longer than what is kept of it.
    broken["zeros"] = json!("x".repeat(5000));
    let why = |rows: &[Value], name: &str| {
        decode::<ExchangeInformation>(&json!({"symbols": rows})).unwrap().rules(name).unwrap_err()
    };
    let rows = [symbol("A"), broken, symbol("C")];
    let none = why(&rows, "B\u{1b}");
    let NoRules::Unreadable { row, .. } = &none else { panic!("{none:?}") };
    assert_eq!((row.index, row.is_cut), (1, true));
    assert_eq!(none.decode_error().unwrap().path(), "symbols[1].status");
    let text = none.to_string();
    assert!(
        text.starts_with("the row of B") && text.contains("status") && !text.contains('\u{1b}'),
        "{text}"
    );
    // The row of another symbol, or the beginning of its name.
    for name in ["D", "B"] {
        assert_eq!(why(&rows, name).to_string(), format!("{name} is not in exchangeInfo"));
        assert_eq!(why(&rows, name).decode_error(), None);
    }
    // A row that does not say whose it is may be that of the symbol; and so may one of too many to be kept.
    for row in [json!(7), json!({"symbol": 7})] {
        let none = why(&[symbol("A"), row], "D");
        assert!(matches!(none, NoRules::Unreadable { .. }));
        assert!(none.to_string().starts_with("D is not in exchangeInfo, or in row 1, which"), "{none}");
    }
    let many = vec![json!({"symbol": "E"}); 101];
    assert!(matches!(why(&many[..100], "D"), NoRules::NotListed { .. }));
    assert!(matches!(why(&many, "D"), NoRules::Unreadable { .. }));
}

/// Lists of answers to requests that trade: what one element lacks does not hide what the others say.
#[test]
fn answers_about_orders_keep_what_can_be_read() {
    let order = json!({"symbol": "A", "orderId": 1, "orderListId": -1, "clientOrderId": "a", "price": "1", "origQty": "1",
        "executedQty": "0", "cummulativeQuoteQty": "0", "status": "CANCELED", "timeInForce": "GTC", "type": "LIMIT",
        "side": "BUY", "origClientOrderId": "b", "transactTime": 1, "time": 1, "updateTime": 1, "isWorking": true,
        "workingTime": 1, "origQuoteOrderQty": "0", "selfTradePreventionMode": "NONE"});
    let mut broken = order.clone();
    broken["status"] = json!(7);
    let rows = json!([order, broken, order]);
    let cancelled: List<spot::trade::CancelResult> = decode(&rows).unwrap();
    assert_eq!((cancelled.len(), cancelled.unreadable()[0].error.path().as_str()), (2, "status"));
    let open: List<spot::Order> = decode(&rows).unwrap();
    assert_eq!((open.len(), open.unreadable()[0].index), (2, 1));
    let account =
        json!({"updateTime": 1, "balances": [{"asset": "A", "free": "1", "locked": "0"}, {"asset": "B"}]});
    let account: spot::account::AccountInformation = decode(&account).unwrap();
    assert_eq!((account.balances.len(), account.balances.unreadable()[0].error.path().as_str()), (1, "free"));
}

#[test]
fn a_filter_that_cannot_be_read_is_unknown_and_not_checked() {
    let mut info = symbol("A");
    let renamed = json!({"filterType": "LOT_SIZE", "minimum": "1", "maxQty": "9", "stepSize": "1"});
    info["filters"][1] = renamed.clone();
    info["filters"].as_array_mut().unwrap().push(json!({"minPrice": "1"}));
    let information: ExchangeInformation = decode(&json!({"symbols": [info]})).unwrap();
    let [info] = information.symbols.as_slice() else { panic!("{information:?}") };
    let [Filter::Price(_), Filter::Unknown(unknown)] = info.filters.as_slice() else { panic!("{info:?}") };
    assert_eq!(
        (unknown.kind.as_str(), &serde_json::from_str::<Value>(&unknown.json).unwrap()),
        ("LOT_SIZE", &renamed)
    );
    assert_eq!(unknown.error.as_ref().unwrap().path(), "minQty");
    let [bad] = info.filters.unreadable() else { panic!("{info:?}") };
    assert_eq!((bad.index, bad.error.path().as_str()), (2, "filterType"));

    let rules = information.rules("A").unwrap();
    let order = spot::NewOrder::limit_buy("A").quantity("1").price("2");
    let passed = rules.check(&order, &OrderContext::new()).unwrap();
    for name in ["LOT_SIZE", ""] {
        assert!(
            passed
                .not_checked
                .iter()
                .any(|one| one.rule == Rule::Unknown(name.into()) && one.missing == Fact::Meaning),
            "{name:?}: {passed:?}"
        );
    }
}

/// Also of the exchange and of the account, what is no filter is a rule that was not checked; and a row that cannot be read may be
/// the one that has the symbol.
#[test]
fn what_is_no_filter_is_not_checked_wherever_it_is() {
    let order = spot::NewOrder::limit_buy("A").quantity("1").price("2");
    let missed = |rules: &spot::SymbolRules| -> usize {
        let passed = rules.check(&order, &OrderContext::new()).unwrap();
        passed.not_checked.iter().filter(|one| one.rule == Rule::Unknown("".into())).count()
    };
    let answer = json!({"symbols": [symbol("A")], "exchangeFilters": [7]});
    let rules = decode::<ExchangeInformation>(&answer).unwrap().rules("A").unwrap();
    assert_eq!(missed(&rules), 1);
    let plain =
        decode::<ExchangeInformation>(&json!({"symbols": [symbol("A")]})).unwrap().rules("A").unwrap();
    assert_eq!(missed(&plain), 0);
    for name in ["exchangeFilters", "symbolFilters", "assetFilters"] {
        let filters: spot::account::AccountFilters = decode(&json!({name: [7]})).unwrap();
        assert_eq!(missed(&plain.clone().with_account_filters(&filters)), 1, "{name}");
    }
    for (sors, fact) in [(json!([]), None), (json!([7]), Some(Fact::Sors))] {
        let answer = json!({"symbols": [symbol("A")], "sors": sors});
        let rules = decode::<ExchangeInformation>(&answer).unwrap().rules("A").unwrap();
        let order = spot::trade::SorOrder::limit("A", OrderSide::Buy, "1").price("2");
        match (rules.check(&order, &OrderContext::new()), fact) {
            (Err(violations), None) => assert!(violations.breaks(&Rule::Sors)),
            (Ok(passed), Some(fact)) => {
                assert!(passed.not_checked.iter().any(|one| one.rule == Rule::Sors && one.missing == fact));
            }
            (result, fact) => panic!("{result:?}, {fact:?}"),
        }
    }
}

fn ticker(symbol: &str) -> Value {
    json!({"e": "24hrMiniTicker", "E": 1, "s": symbol, "c": "1", "o": "1", "h": "1", "l": "1", "v": "1", "q": "1"})
}

#[test]
fn one_bad_ticker_does_not_lose_the_frame_of_all_markets() {
    let bad = [
        json!({"e": "24hrMiniTicker", "E": 1, "s": "B"}),
        json!({"e": "24hrMiniTicker", "E": 1, "s": "B", "c": "x", "o": "1", "h": "1", "l": "1", "v": "1", "q": "1"}),
        json!({"e": "other"}),
        json!(null),
        json!([]),
    ];
    for bad in bad {
        for place in 0..3 {
            let mut all = vec![ticker("A"), ticker("C")];
            all.insert(place, bad.clone());
            let frame = Value::Array(all);
            let tickers: List<spot::MiniTickerEvent> = event(&frame).unwrap();
            let names: Vec<&str> = tickers.iter().map(|ticker| ticker.symbol.as_str()).collect();
            assert_eq!(names, ["A", "C"], "{frame}");
            assert_eq!(reported(&tickers), [(place, bad.to_string())]);
            let mixed: MarketEvent = event(&frame).unwrap();
            assert!(matches!(&mixed, MarketEvent::MiniTickers(list) if list.len() == 2), "{mixed:?}");
            assert_eq!(reported(&mixed), [(place, bad.to_string())]);
            assert_eq!(serde_json::from_str::<Value>(&mixed.to_json()).unwrap(), frame);
        }
    }
    let whole = json!([ticker("A"), ticker("C")]);
    assert!(reported(&event::<MarketEvent>(&whole).unwrap()).is_empty());
}

#[test]
fn a_balance_that_cannot_be_read_is_reported_with_its_event() {
    let frame = json!({"e": "outboundAccountPosition", "E": 1, "u": 1,
        "B": [{"a": "BTC", "f": "1", "l": "0"}, {"a": "ETH", "f": true, "l": "0"}]});
    let account: AccountEvent = event(&frame).unwrap();
    let AccountEvent::AccountPosition(position) = &account else { panic!("{account:?}") };
    assert_eq!((position.balances.len(), position.balances[0].asset.as_str()), (1, "BTC"));
    assert_eq!(reported(&account), [(1, r#"{"a":"ETH","f":true,"l":"0"}"#.to_owned())]);
}

#[test]
fn answers_for_several_symbols_keep_what_can_be_read() {
    let answer = json!([{"symbol": "A", "price": "1"}, {"symbol": "B"}]);
    let prices: OneOrMany<spot::market::LastPrice> = decode(&answer).unwrap();
    assert_eq!((prices.as_slice().len(), prices.unreadable().len()), (1, 1));
    // A single one that cannot be read is an error.
    assert_eq!(decode::<OneOrMany<spot::market::LastPrice>>(&answer[1]).unwrap_err().path(), "price");
}

/// Where the exchange has no id or time it writes -1 in many places.
#[test]
fn minus_one_is_no_id_and_no_time() {
    let report = json!({"e": "executionReport", "E": 1, "s": "A", "c": "x", "S": "BUY", "o": "LIMIT", "q": "1", "p": "1",
        "P": "0", "F": "0", "g": -1, "C": "", "x": "NEW", "X": "NEW", "i": 5, "l": "0", "z": "0", "L": "0", "n": "0",
        "N": null, "T": 1, "t": -1, "v": -1, "I": 7, "O": 1, "Z": "0", "Y": "0", "Q": "0", "W": -1, "D": -1, "U": -1,
        "a": -1});
    let AccountEvent::Order(order) = event(&report).unwrap() else { panic!("another event") };
    assert_eq!((order.order_list_id, order.trade_id, order.prevented_match_id), (None, None, None));
    assert_eq!((order.counter_order_id, order.allocation_id), (None, None));
    let information: ExchangeInformation = decode(&json!({"symbols": [], "serverTime": -1})).unwrap();
    assert_eq!(information.server_time, None);
    // A required one is there.
    let mut without = report;
    without["i"] = json!(-1);
    assert!(event::<AccountEvent>(&without).is_err());
}

/// A whole number above 2^64, or one that no float holds, in a field that no one reads.
#[test]
fn wide_numbers_make_no_event_unreadable() {
    for wide in ["18446744073709551616", "-9223372036854775809", "1e400"] {
        let trade = format!(
            r#"{{"stream":"a@trade","data":{{"e":"trade","E":1,"s":"A","t":2,"p":"3","q":"4","T":5,"m":true,"M":false,"x":{{"y":[{wide}]}}}}}}"#
        );
        for text in [trade.clone(), trade.replace(r#""e":"trade","#, &format!(r#""z":{wide},"e":"trade","#))]
        {
            assert!(FastReader::event::<MarketEvent>(text.as_bytes(), None).is_none());
            let event = Decoder::new().frame(text.as_bytes(), |frame| match frame {
                Frame::Event(frame) => MarketEvent::decode_event(frame),
                other => panic!("{other:?}"),
            });
            let MarketEvent::Trade(trade) = event.unwrap() else { panic!("another event") };
            assert_eq!(trade.trade_id.get(), 2);
        }
    }
}

/// What waits in a queue is charged with what it holds, not with a guess from the length of its frame.
#[test]
fn an_event_of_an_unknown_kind_says_what_it_holds() {
    let unknown = json!({"e": "somethingNew", "text": "x".repeat(10_000)});
    let length = unknown.to_string().len();
    for heap in [
        event::<MarketEvent>(&unknown).unwrap().heap_size(),
        event::<AccountEvent>(&unknown).unwrap().heap_size(),
    ] {
        assert!((length..=3 * length).contains(&heap.unwrap()), "{heap:?}");
    }
    assert_eq!(event::<MarketEvent>(&ticker("A")).unwrap().heap_size(), None);
}

/// The levels of a book mean something only together.
#[test]
fn levels_are_whole_or_an_error() {
    let book = json!({"lastUpdateId": 1, "bids": [["1", "1"], ["x", "1"]], "asks": []});
    assert_eq!(decode::<spot::OrderBook>(&book).unwrap_err().path(), "bids[1][0]");
    assert!(event::<spot::PartialDepthEvent>(&book).is_err());
    let diff = json!({"e": "depthUpdate", "E": 1, "s": "A", "U": 1, "u": 2, "b": [["1"]], "a": []});
    assert!(event::<MarketEvent>(&diff).is_err());
}
