//! Every error code that the exchange documents: the request that meets it here with the documented message, or the reason
//! why none can.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what goes wrong in a test should end it, and what it could not look at it says"
)]

mod common;

use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sim::{
    AdminOrder, Exchange, ExchangeBuilder, Limits, SymbolConfig, SymbolStatus, TokioClock,
};
use common::{START, Socket, account, bare, hmac, request, signed, signed_with};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The codes that Spot documents, from the project's own specification.
fn documented() -> Option<BTreeSet<i64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/spec/spot/errors.toml");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the specification is not here");
        return None;
    };
    let code = |line: &str| line.split_whitespace().next()?.parse().ok();
    Some(text.lines().filter(|line| line.starts_with('-')).filter_map(code).collect())
}

const FIX: &str = "of FIX sessions alone, and the embedded exchange has no FIX";
const FAULT: &str = "a failure inside the exchange: a test orders it as a fault";
const BINARY: &str = "of an exchange that answers in JSON only; this one has SBE";
const REQUEST: &str = "of requests in SBE, which are FIX messages";

/// Codes that no request meets here, and why.
const UNREACHED: &[(i64, &str)] = &[
    (-1000, FAULT),
    (-1001, FAULT),
    (-1002, "the exchange refuses keys with -2014 and -2015"),
    (-1006, FAULT),
    (-1007, FAULT),
    (-1008, FAULT),
    (-1016, FAULT),
    (-1033, FIX),
    (-1035, FIX),
    (-1103, "parameters that are not known are counted: -1101 and -1104"),
    (-1112, "a market order that finds no book expires"),
    (-1114, "the exchange says -1106 with the name of the parameter"),
    (-1118, "the exchange says -1105 with the name of the parameter"),
    (-1119, "the exchange says -1105 with the name of the parameter"),
    (-1125, "the listen keys of Spot ended"),
    (-1155, BINARY),
    (-1169, FIX),
    (-1170, FIX),
    (-1171, FIX),
    (-1172, FIX),
    (-1173, FIX),
    (-1174, FIX),
    (-1175, FIX),
    (-1176, FIX),
    (-1177, FIX),
    (-1178, FIX),
    (-1179, FIX),
    (-1180, FIX),
    (-1181, FIX),
    (-1182, FIX),
    (-1183, FIX),
    (-1184, FIX),
    (-1185, FIX),
    (-1186, FIX),
    (-1187, FIX),
    (-1188, FIX),
    (-1189, FIX),
    (-1190, FIX),
    (-1191, FIX),
    (-1221, REQUEST),
    (-1224, FIX),
    (-1225, FIX),
    (-2016, "every symbol has windows from the minute on in which it was opened"),
];

const BUY: &str = "symbol=ABUSDT&side=BUY&quantity=1";
const OCO: &str = "/api/v3/orderList/oco";
const ORDER: &str = "/api/v3/order";

/// Code, message, method, path, parameters; signed by alice where the path wants it.
type Case = (i64, &'static str, &'static str, &'static str, String);

fn public_cases() -> Vec<Case> {
    let get = |code, message, path, params: &str| (code, message, "GET", path, params.to_owned());
    vec![
        get(
            -1100,
            "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
            "/api/v3/depth",
            "symbol=abusdt",
        ),
        get(
            -1100,
            "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
            "/api/v3/depth",
            "symbol=ABUSDT&limit=-1",
        ),
        get(-1101, "Too many parameters; expected '0' and received '1'.", "/api/v3/time", "symbol=ABUSDT"),
        get(
            -1101,
            "Duplicate values for a parameter detected.",
            "/api/v3/depth",
            "symbol=ABUSDT&symbol=ABUSDT",
        ),
        get(
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
            "/api/v3/depth",
            "",
        ),
        get(
            -1102,
            "Param 'symbol' or 'symbols' must be sent, but both were empty/null!",
            "/api/v3/ticker",
            "",
        ),
        get(
            -1104,
            "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.",
            "/api/v3/depth",
            "symbol=ABUSDT&colour=red",
        ),
        get(-1105, "Parameter 'limit' was empty.", "/api/v3/depth", "symbol=ABUSDT&limit="),
        get(
            -1108,
            "Parameter 'limit' overflowed.",
            "/api/v3/depth",
            "symbol=ABUSDT&limit=99999999999999999999",
        ),
        get(-1120, "Invalid interval.", "/api/v3/klines", "symbol=ABUSDT&interval=2m"),
        get(-1121, "Invalid symbol.", "/api/v3/depth", "symbol=NONE"),
        get(-1122, "Invalid symbolStatus.", "/api/v3/depth", "symbol=ABUSDT&symbolStatus=OPEN"),
        get(
            -1128,
            "Combination of optional parameters invalid.",
            "/api/v3/ticker/price",
            "symbol=ABUSDT&symbols=[%22ABUSDT%22]",
        ),
        get(
            -1128,
            "Combination of optional parameters invalid.",
            "/api/v3/exchangeInfo",
            "symbol=ABUSDT&permissions=SPOT",
        ),
        get(
            -1130,
            "Data sent for parameter 'timeZone' is not valid.",
            "/api/v3/klines",
            "symbol=ABUSDT&interval=1m&timeZone=15:00",
        ),
        get(-1139, "Invalid ticker type.", "/api/v3/ticker/24hr", "symbol=ABUSDT&type=TINY"),
        get(
            -1151,
            "Symbol is present multiple times in the list.",
            "/api/v3/ticker/price",
            "symbols=[%22ABUSDT%22,%22ABUSDT%22]",
        ),
        get(
            -1220,
            "The symbol's status does not match the requested symbolStatus.",
            "/api/v3/depth",
            "symbol=ABUSDT&symbolStatus=HALT",
        ),
        get(-2043, "This symbol doesn't have a reference price.", "/api/v3/referencePrice", "symbol=ABUSDT"),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn signed_cases() -> Vec<Case> {
    let case = |code, message, method, path, params: &str| (code, message, method, path, params.to_owned());
    let new = |code, message, more: &str| (code, message, "POST", ORDER, format!("{BUY}&{more}"));
    let limit = |code, message, more: &str| new(code, message, &format!("type=LIMIT&timeInForce=GTC&{more}"));
    let oco = |code, message, side: &str, more: &str| {
        (code, message, "POST", OCO, format!("symbol=ABUSDT&side={side}&quantity=1&{more}"))
    };
    let opo = |code, message, working: &str, pending: &str| {
        let params = format!(
            "symbol=ABUSDT&workingType=LIMIT&workingSide={working}&workingPrice=90&workingQuantity=1\
             &workingTimeInForce=GTC&pendingType=LIMIT&pendingSide={pending}&pendingPrice=110&pendingTimeInForce=GTC"
        );
        (code, message, "POST", "/api/v3/orderList/opo", params)
    };
    vec![
        limit(-1013, "Filter failure: PRICE_FILTER", "price=90.001"),
        new(-1013, "Filter failure: LOT_SIZE", "type=LIMIT&timeInForce=GTC&price=90").with_quantity("0.0001"),
        new(-1013, "Filter failure: NOTIONAL", "type=LIMIT&timeInForce=GTC&price=90").with_quantity("0.001"),
        new(-1014, "Unsupported order combination.", "type=LIMIT&timeInForce=IOC&price=90&icebergQty=0.5"),
        new(
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
            "type=LIMIT&timeInForce=GTC",
        ),
        new(
            -1102,
            "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
            "type=LIMIT&price=90",
        ),
        new(
            -1102,
            "'recvWindow' contains unexpected value. Cannot be greater than 60000.",
            "type=MARKET&recvWindow=60001",
        ),
        case(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
            "GET",
            ORDER,
            "symbol=ABUSDT",
        ),
        new(-1106, "Parameter 'price' sent when not required.", "type=MARKET&price=90"),
        limit(-1111, "Parameter 'price' has too much precision.", "price=90.123456789"),
        new(-1115, "Invalid timeInForce.", "type=LIMIT&price=90&timeInForce=EVER"),
        new(-1116, "Invalid orderType.", "type=MAYBE"),
        case(-1117, "Invalid side.", "POST", ORDER, "symbol=ABUSDT&side=LEFT&type=MARKET&quantity=1"),
        case(
            -1127,
            "More than 24 hours between startTime and endTime.",
            "GET",
            "/api/v3/allOrders",
            "symbol=ABUSDT&startTime=1600000000000&endTime=1600086400001",
        ),
        case(
            -1127,
            "More than 24 hours between startTime and endTime.",
            "GET",
            "/api/v3/myTrades",
            "symbol=ABUSDT&startTime=1600000000000&endTime=1600086400001",
        ),
        case(
            -1128,
            "Combination of optional parameters invalid.",
            "GET",
            "/api/v3/myTrades",
            "symbol=ABUSDT&fromId=1&startTime=1",
        ),
        new(-1134, "`strategyType` was less than 1000000.", "type=MARKET&strategyId=1&strategyType=5"),
        case(
            -1145,
            "Invalid cancelRestrictions",
            "DELETE",
            ORDER,
            "symbol=ABUSDT&orderId=1&cancelRestrictions=ANY",
        ),
        oco(
            -1158,
            "Order type not supported in OCO.",
            "SELL",
            "aboveType=MARKET&belowType=STOP_LOSS&belowStopPrice=80",
        ),
        oco(
            -1160,
            "Parameter 'belowIcebergQty' is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC.",
            "SELL",
            "aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS_LIMIT&belowStopPrice=80&belowPrice=80\
             &belowTimeInForce=IOC&belowIcebergQty=0.5",
        ),
        oco(
            -1165,
            "A limit order in a buy OCO must be below.",
            "BUY",
            "aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS&belowStopPrice=80",
        ),
        oco(
            -1166,
            "A limit order in a sell OCO must be above.",
            "SELL",
            "aboveType=STOP_LOSS&aboveStopPrice=110&belowType=LIMIT_MAKER&belowPrice=80",
        ),
        oco(
            -1168,
            "At least one OCO order must be contingent.",
            "SELL",
            "aboveType=LIMIT_MAKER&abovePrice=110&belowType=LIMIT_MAKER&belowPrice=80",
        ),
        oco(
            -1196,
            "A stop loss order in a buy OCO must be above.",
            "BUY",
            "aboveType=STOP_LOSS&aboveStopPrice=110&belowType=STOP_LOSS&belowStopPrice=80",
        ),
        oco(
            -1197,
            "A stop loss order in a sell OCO must be below.",
            "SELL",
            "aboveType=STOP_LOSS&aboveStopPrice=110&belowType=STOP_LOSS&belowStopPrice=80",
        ),
        oco(
            -1198,
            "A take profit order in a buy OCO must be below.",
            "BUY",
            "aboveType=TAKE_PROFIT&aboveStopPrice=110&belowType=STOP_LOSS&belowStopPrice=80",
        ),
        oco(
            -1199,
            "A take profit order in a sell OCO must be above.",
            "SELL",
            "aboveType=STOP_LOSS&aboveStopPrice=110&belowType=TAKE_PROFIT&belowStopPrice=80",
        ),
        new(-1210, "Invalid pegPriceType.", "type=LIMIT&timeInForce=GTC&pegPriceType=ANY"),
        new(
            -1211,
            "Invalid pegOffsetType.",
            "type=LIMIT&timeInForce=GTC&pegPriceType=PRIMARY_PEG&pegOffsetType=ANY&pegOffsetValue=1",
        ),
        opo(-1222, "Working order in an OPO list must be a bid.", "SELL", "SELL"),
        opo(-1223, "Pending orders in an OPO list must be asks.", "BUY", "BUY"),
        limit(-2010, "Account has insufficient balance for requested action.", "price=90")
            .with_quantity("9000"),
        new(-2010, "Order would immediately match and take.", "type=LIMIT_MAKER&price=100"),
        limit(-2010, "Duplicate order sent.", "price=90&newClientOrderId=taken"),
        case(-2011, "Unknown order sent.", "DELETE", ORDER, "symbol=ABUSDT&orderId=999"),
        case(-2013, "Order does not exist.", "GET", ORDER, "symbol=ABUSDT&orderId=999"),
        case(
            -2021,
            "Order cancel-replace partially failed.",
            "POST",
            "/api/v3/order/cancelReplace",
            "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90&cancelOrderId=999\
             &cancelReplaceMode=ALLOW_FAILURE",
        ),
        case(
            -2022,
            "Order cancel-replace failed.",
            "POST",
            "/api/v3/order/cancelReplace",
            "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90&cancelOrderId=999\
             &cancelReplaceMode=STOP_ON_FAILURE",
        ),
        case(
            -2039,
            "Client order ID is not correct for this order ID.",
            "GET",
            ORDER,
            "symbol=ABUSDT&orderId=$taken&origClientOrderId=other",
        ),
    ]
}

trait WithQuantity {
    fn with_quantity(self, quantity: &str) -> Self;
}

impl WithQuantity for Case {
    fn with_quantity(mut self, quantity: &str) -> Self {
        self.4 = self.4.replace("quantity=1", &format!("quantity={quantity}"));
        self
    }
}

fn builder() -> ExchangeBuilder {
    let symbol =
        SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0)).step_size(Decimal::new(1, 3));
    bare().symbol(symbol).no_market().account(account("alice")).account(account("bob").read_only())
}

/// An exchange whose book is 99 to 100.
async fn exchange() -> Exchange {
    let exchange = builder().start().await.unwrap();
    for (buy, price) in [(false, 100), (true, 99)] {
        exchange
            .place(
                &(if buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", Decimal::new(10, 0))
                    .at(price.into())
                    .by("bob"),
            )
            .unwrap();
    }
    exchange
}

fn error(answer: &Value) -> (i64, &str) {
    (answer["code"].as_i64().unwrap_or_else(|| panic!("{answer}")), answer["msg"].as_str().unwrap())
}

/// The text of an error of the WebSocket API.
fn ws_error(answer: &Value) -> (i64, &str) {
    error(&answer["error"])
}

/// What was met, with what it was met by.
#[derive(Default)]
struct Met {
    codes: BTreeSet<i64>,
    wrong: Vec<String>,
}

impl Met {
    fn check(&mut self, what: &str, (code, message): (i64, &str), expected: (i64, &str)) {
        if (code, message) == expected {
            self.codes.insert(code);
        } else {
            self.wrong.push(format!(
                "{what}: {code} {message:?}, but {} {:?} is documented",
                expected.0, expected.1
            ));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_documented_code_is_met_or_has_a_reason() {
    let mut met = Met::default();
    requests(&mut met).await;
    keys_and_signatures(&mut met).await;
    limits(&mut met).await;
    sessions(&mut met).await;
    archived(&mut met).await;
    let unreached: BTreeSet<i64> = UNREACHED.iter().map(|(code, _)| *code).collect();
    assert!(met.wrong.is_empty(), "{}", met.wrong.join("\n"));
    let reached = met.codes;
    assert!(reached.is_disjoint(&unreached), "{:?}", reached.intersection(&unreached));
    if let Some(documented) = documented() {
        let listed: BTreeSet<i64> = reached.union(&unreached).copied().collect();
        assert_eq!(documented.difference(&listed).collect::<Vec<_>>(), Vec::<&i64>::new());
        assert_eq!(unreached.difference(&documented).collect::<Vec<_>>(), Vec::<&i64>::new());
    }
}

async fn requests(met: &mut Met) {
    let exchange = exchange().await;
    for (code, message, method, path, params) in public_cases() {
        let answer = request(&exchange, method, &format!("{path}?{params}"), "", "").await;
        assert_eq!(answer.status, 400, "{path} {params}");
        met.check(&format!("{path} {params}"), error(&answer.json()), (code, message));
    }
    let limit = format!("{BUY}&type=LIMIT&timeInForce=GTC&price=90&newClientOrderId=taken");
    let taken = signed(&exchange, "alice", "POST", ORDER, &limit).await.json()["orderId"].to_string();
    for (code, message, method, path, params) in signed_cases() {
        let params = params.replace("$taken", &taken);
        let answer = signed(&exchange, "alice", method, path, &params).await;
        assert_eq!(answer.status, if code == -2021 { 409 } else { 400 }, "{path} {params}: {}", answer.body);
        met.check(&format!("{path} {params}"), error(&answer.json()), (code, message));
    }
    let unit = request(&exchange, "GET", "/api/v3/time", "X-MBX-TIME-UNIT: HOUR\r\n", "").await;
    let message = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.";
    met.check("X-MBX-TIME-UNIT", error(&unit.json()), (-1194, message));
    for (schema, expected) in [
        ("3", (-1152, "Invalid X-MBX-SBE header; expected <SCHEMA_ID>:<VERSION>.")),
        ("9:0", (-1153, "Unsupported SBE schema ID or version specified in the X-MBX-SBE header.")),
        (
            "3:1",
            (-1161, "Unable to encode the response in SBE schema '3:1'. Please use schema '3:3' or higher."),
        ),
    ] {
        let binary = format!("Accept: application/sbe\r\nX-MBX-SBE: {schema}\r\n");
        let binary = request(&exchange, "GET", "/api/v3/time", &binary, "").await;
        assert_eq!(binary.status, 400);
        let (code, message) = sbe_error(&binary.bytes);
        met.check("Accept: application/sbe", (code, &message), expected);
    }
    let either = "Accept: application/sbe, application/json\r\nX-MBX-SBE: 3:1\r\n";
    assert_eq!(request(&exchange, "GET", "/api/v3/time", either, "").await.status, 200);
    exchange.set_status("ABUSDT", SymbolStatus::Halt).unwrap();
    let halted = signed(&exchange, "alice", "POST", ORDER, &format!("{BUY}&type=MARKET")).await;
    met.check("a halted symbol", error(&halted.json()), (-1013, "Market is closed."));
}

/// Code and message of an error in SBE: header, code, and among what follows the message with its length.
fn sbe_error(bytes: &[u8]) -> (i64, String) {
    assert_eq!(bytes.get(2..4), Some(&[100, 0][..]), "no ErrorResponse: {bytes:?}");
    let block = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let code = i16::from_le_bytes([bytes[8], bytes[9]]);
    let length = usize::from(u16::from_le_bytes([bytes[8 + block], bytes[9 + block]]));
    let message = &bytes[10 + block..10 + block + length];
    (code.into(), String::from_utf8(message.to_vec()).unwrap())
}

async fn keys_and_signatures(met: &mut Met) {
    let exchange = exchange().await;
    let account = "/api/v3/account";
    let now = exchange.now().as_millis();
    let ask = async |headers: &str, params: &str| {
        request(&exchange, "GET", &format!("{account}?{params}"), headers, "").await
    };
    let alice = "X-MBX-APIKEY: aliceKey\r\n";
    let plain = format!("timestamp={now}&signature=00");
    for (headers, status, expected) in [
        ("", 401, (-2014, "API-key format invalid.")),
        ("X-MBX-APIKEY: a b\r\n", 401, (-2014, "API-key format invalid.")),
        ("X-MBX-APIKEY: unknown\r\n", 401, (-2015, "Invalid API-key, IP, or permissions for action.")),
        (alice, 400, (-1022, "Signature for this request is not valid.")),
    ] {
        let answer = ask(headers, &plain).await;
        assert_eq!(answer.status, status, "{headers}");
        met.check(headers, error(&answer.json()), expected);
    }
    let missing = "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.";
    met.check("no timestamp", error(&ask(alice, "signature=00").await.json()), (-1102, missing));
    let missing = "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.";
    met.check("no signature", error(&ask(alice, &format!("timestamp={now}")).await.json()), (-1102, missing));
    for (offset, message) in [
        (-5001, "Timestamp for this request is outside of the recvWindow."),
        (1000, "Timestamp for this request was 1000ms ahead of the server's time."),
    ] {
        let query = format!("timestamp={}", now + offset);
        let signature = hmac("alice").sign(query.as_bytes()).unwrap();
        let answer = ask(alice, &format!("{query}&signature={}", signature.as_str())).await;
        met.check(&query, error(&answer.json()), (-1021, message));
    }
    // The letters of an HMAC signature may be of either case.
    let query = format!("timestamp={now}");
    let signature = hmac("alice").sign(query.as_bytes()).unwrap().as_str().to_uppercase();
    assert_eq!(ask(alice, &format!("{query}&signature={signature}")).await.status, 200);
    // A key that may read but not trade.
    let answer = signed(&exchange, "bob", "POST", ORDER, &format!("{BUY}&type=MARKET")).await;
    let refused = (-2015, "Invalid API-key, IP, or permissions for action.");
    met.check("a key that may not trade", error(&answer.json()), refused);
    assert_eq!(signed(&exchange, "bob", "GET", account, "").await.status, 200);
}

async fn limits(met: &mut Met) {
    let mut limits = Limits::default();
    (limits.weight_per_minute, limits.orders_per_10_seconds, limits.connections_per_5_minutes) = (60, 1, 2);
    limits.refusals_before_ban = 1;
    let exchange = builder().rates(limits).start().await.unwrap();
    let limit = format!("{BUY}&type=LIMIT&timeInForce=GTC&price=90");
    let first = signed(&exchange, "alice", "POST", ORDER, &limit).await;
    assert_eq!(first.header("x-mbx-order-count-10s"), Some("1"));
    assert_eq!(first.header("x-mbx-order-count-1d"), Some("1"));
    let second = signed(&exchange, "alice", "POST", ORDER, &limit).await;
    assert_eq!((second.status, second.header("retry-after")), (429, Some("10")));
    let message = "Too many new orders; current limit is 1 orders per 10 SECOND.";
    met.check("two orders", error(&second.json()), (-1015, message));

    for _ in 0..2 {
        Socket::open(&exchange, "/ws").await;
    }
    let third = Socket::try_open(&exchange, "/ws", "").await.err().unwrap();
    assert_eq!(third.status, 429);
    let message = "Too many connection attempts from IP; current limit is 2 per '5 MINUTE'.";
    met.check("three connections", error(&third.json()), (-1034, message));

    let heavy = "/api/v3/depth?symbol=ABUSDT&limit=1000";
    let used = request(&exchange, "GET", heavy, "", "").await;
    assert_eq!((used.status, used.header("x-mbx-used-weight-1m")), (200, Some("56")));
    let refused = request(&exchange, "GET", heavy, "", "").await;
    // 1 700 000 000 is twenty seconds into a minute.
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("40")));
    let message = "Too much request weight used; current limit is 60 request weight per 1 MINUTE. Please use WebSocket \
                   Streams for live updates to avoid polling the API.";
    met.check("too much weight", error(&refused.json()), (-1003, message));
    let banned = request(&exchange, "GET", heavy, "", "").await;
    assert_eq!((banned.status, banned.header("retry-after")), (418, Some("120")));
    let message = "Way too much request weight used; IP banned until 1700000120000. Please use WebSocket Streams for \
                   live updates to avoid bans.";
    met.check("a ban", error(&banned.json()), (-1003, message));
}

async fn sessions(met: &mut Met) {
    let exchange = exchange().await;
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let invalid = socket.ask("{").await;
    met.check("broken JSON", ws_error(&invalid), (-1135, "Invalid JSON Request"));
    let unknown = socket.call("nothing", &json!({})).await;
    met.check("an unknown method", ws_error(&unknown), (-1020, "This operation is not supported."));
    let method = "userDataStream.subscribe.signature";
    let first = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    assert_eq!(first["result"], json!({"subscriptionId": 0}));
    let again = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    met.check("subscribed twice", ws_error(&again), (-2035, "User Data Stream subscription already active."));
    let end = "userDataStream.unsubscribe";
    assert_eq!(socket.call(end, &json!({"subscriptionId": 0})).await["status"], 200);
    let ended = socket.call(end, &json!({"subscriptionId": 0})).await;
    met.check("ended twice", ws_error(&ended), (-2036, "User Data Stream subscription not active."));
    let binary = Socket::try_open(&exchange, "/ws-api/v3?responseFormat=sbe&sbeSchemaId=3", "").await;
    let expected = (-1152, "Invalid X-MBX-SBE header; expected <SCHEMA_ID>:<VERSION>.");
    met.check("responseFormat=sbe", error(&binary.err().unwrap().json()), expected);
    let mut limits = Limits::default();
    limits.user_data_subscriptions_per_connection = 2;
    let exchange = builder().rates(limits).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    for id in 0..2 {
        let made = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
        assert_eq!(made["result"]["subscriptionId"], id, "{made}");
        socket.call(end, &json!({})).await;
    }
    let full = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    met.check("no id left", ws_error(&full), (-2042, "Maximum subscription ID reached for this connection."));
}

/// An order that ended without a trade is put away after 90 days.
async fn archived(met: &mut Met) {
    let clock = TokioClock::starting_at(Timestamp::from_millis(START));
    let exchange = builder().clock(Arc::new(clock)).start().await.unwrap();
    let limit = format!("{BUY}&type=LIMIT&timeInForce=IOC&price=90&newClientOrderId=a");
    assert_eq!(signed(&exchange, "alice", "POST", ORDER, &limit).await.json()["status"], "EXPIRED");
    let query = "symbol=ABUSDT&origClientOrderId=a";
    tokio::time::advance(Duration::from_secs(90 * 86_400)).await;
    assert_eq!(signed(&exchange, "alice", "GET", ORDER, query).await.status, 200);
    tokio::time::advance(Duration::from_secs(1)).await;
    let answer = signed_with(&exchange, "aliceKey", &hmac("alice"), "GET", ORDER, query).await;
    let message =
        "Order was canceled or expired with no executed qty over 90 days ago and has been archived.";
    met.check("an old order", error(&answer.json()), (-2026, message));
}
