//! The inputs to start from: the fixtures of the crates' tests, and requests as clients send them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use binance_kit_core::sbe::{self, Layout, Schema};
use binance_kit_core::{DecodeError, Decoder};
use binance_kit_model::spot::sbe::{API, STREAM};
use serde_json::Value;

use crate::decode::REQUESTS;
use crate::peer::{BINARY, CLOSE, FIN, PING, PONG, TEXT, close_frame, frame};
use crate::values::{For, Random, Values};

const PRODUCTS: [&str; 3] = ["spot", "usdm", "coinm"];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The contents of the files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths
        .iter()
        .filter(|path| path.is_file())
        .map(|path| (name(path), std::fs::read(path).unwrap()))
        .collect()
}

fn examples(product: &str, kind: &str) -> Vec<(String, Value)> {
    let all = files(&crates().join("model/tests/fixtures").join(product).join(kind));
    all.into_iter()
        .flat_map(|(name, text)| {
            let examples: Vec<Value> = serde_json::from_slice(&text).unwrap();
            examples.into_iter().map(move |example| (name.clone(), example))
        })
        .collect()
}

/// Each example alone and in the wrapper of its stream, with its keys in the documented order.
pub(crate) fn events() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for (product, events) in PRODUCTS.iter().zip(crate::decode::EVENTS) {
        for (name, example) in examples(product, "events") {
            let stream = example["stream"].as_str().unwrap_or_default();
            let event = events.iter().find(|event| event.name == name).unwrap();
            let text = (event.round_trip)(&example["data"].to_string(), stream).unwrap();
            inputs.push(format!(r#"{{"stream":"{stream}","data":{text}}}"#).into_bytes());
            inputs.push(text.into_bytes());
        }
    }
    inputs
}

/// Random messages of each template.
pub(crate) fn sbe() -> Vec<Vec<u8>> {
    let layouts = |schema: &'static Schema| schema.layouts.iter().map(move |layout| (schema, layout));
    let mut inputs = Vec::new();
    for (schema, layout) in layouts(&API).chain(layouts(&STREAM)) {
        for seed in 0..3 {
            let mut random = Random::new(seed * 1_000 + u64::from(layout.template));
            if layout.kind == "unrepresentable" {
                continue;
            }
            let value = Values::new(&mut random, schema, For::Types).message(layout);
            if layout.stream.is_empty() || value.as_array().is_none_or(|events| !events.is_empty()) {
                inputs.push(message(schema, layout, &value));
            }
        }
    }
    inputs
}

fn message(schema: &'static Schema, layout: &'static Layout, value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = Decoder::new().parse(value.to_string().as_bytes(), |value| {
        sbe::encode(schema, layout, value, &mut bytes)
            .map_err(|error| DecodeError::invalid(error.to_string()))
    });
    written.unwrap_or_else(|error| panic!("{}: {error}", layout.name));
    bytes
}

/// Each example with the number of its request before it, and the exchange's errors.
pub(crate) fn answers() -> Vec<Vec<u8>> {
    let names: Vec<&str> = REQUESTS.into_iter().flatten().map(|request| request.name).collect();
    let with =
        |at: usize, text: &str| [&u16::try_from(at).unwrap().to_be_bytes()[..], text.as_bytes()].concat();
    let (mut inputs, mut before) = (Vec::new(), 0);
    for (product, requests) in PRODUCTS.iter().zip(REQUESTS) {
        for (name, example) in examples(product, "requests") {
            let at = names.iter().skip(before).take(requests.len()).position(|request| *request == name);
            let text = example.to_string();
            // Lists of hundreds add time and no form.
            if text.len() < 20_000 {
                inputs.push(with(before + at.unwrap(), &text));
            }
        }
        before += requests.len();
    }
    inputs.push(with(
        0,
        r#"{"code":-1003,"msg":"Way too much request weight used; IP banned until 1700000060000."}"#,
    ));
    inputs.push(with(
        418,
        r#"{"id":"7","status":418,"error":{"code":-1003,"msg":"IP banned.","data":{"serverTime":1,"retryAfter":2}},"rateLimits":[]}"#,
    ));
    inputs.push(with(403, "<html><body><h1>403 Forbidden</h1></body></html>"));
    inputs
}

/// All keys that the tests of `sign` have, good and bad.
pub(crate) fn pem() -> Vec<Vec<u8>> {
    let all = files(&crates().join("sign/tests/fixtures"));
    let mut inputs: Vec<Vec<u8>> =
        all.into_iter().map(|(_, text)| text).filter(|text| text.len() < 8_000).collect();
    inputs.push(b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j".to_vec());
    inputs
}

const LINES: &str = "# a remark\n1700000000000000000 0 +\n\
    1700000000000000001 0 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\"}}\n\
    1700000000000000002 1 !AAEC/w==\n1700000000000000003 1 !!eyJhIjoxfQo=\n1700000000000000004 ~ 17\n\
    1700000000000000005 0 -\n1700000000000000006 {\"e\":\"trade\"}\n";

fn packed(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut gzip = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap();
    bytes
}

/// A recording of two blocks as this project writes it, one of other recorders, plain and packed, and parts of them.
pub(crate) fn recordings() -> Vec<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("binance-kit-fuzz-corpus-{}", std::process::id()));
    let options = binance_kit_record::RecorderOptions::in_folder(&folder, "fuzz");
    let recorder = binance_kit_record::Recorder::start(options).unwrap();
    for time in 0..40 {
        recorder.frame(
            1_700_000_000_000_000_000 + time,
            time % 3,
            binance_kit_record::Payload::Text("{\"e\":\"trade\"}"),
        );
        recorder.frame(
            1_700_000_000_000_000_000 + time,
            4,
            binance_kit_record::Payload::Binary(&[0, 1, 0xff, b'\n']),
        );
    }
    let summary = recorder.finish().unwrap();
    let ours = std::fs::read(&summary.files[0]).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    let two = [&ours[..], &ours[..]].concat();
    vec![
        two[..two.len() - 9].to_vec(),
        ours,
        two,
        LINES.as_bytes().to_vec(),
        packed(LINES.as_bytes()),
        [packed(LINES.as_bytes()), packed(LINES.as_bytes())].concat(),
    ]
}

/// Answers to the upgrade, good and bad, with frames after them.
pub(crate) fn handshake() -> Vec<Vec<u8>> {
    let good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
    let texts = [
        good,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\n{}\n",
        "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
    ];
    let mut inputs: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    inputs.push(
        [good.as_bytes(), &frame(FIN | TEXT, b"{\"e\":\"trade\"}"), &close_frame(1001, b"bye")].concat(),
    );
    inputs
}

/// Frames of every kind, and messages in fragments.
pub(crate) fn frames() -> Vec<Vec<u8>> {
    vec![
        frame(FIN | TEXT, b"{\"e\":\"trade\"}"),
        [frame(FIN | PING, b"1700000000000"), frame(FIN | TEXT, b"a")].concat(),
        [frame(TEXT, "aé€".as_bytes()), frame(FIN | PONG, b""), frame(FIN, "😀".as_bytes())].concat(),
        [frame(BINARY, &[0xff; 130]), frame(0, &[1; 3]), frame(FIN, b"")].concat(),
        [frame(FIN | BINARY, &[7; 1_900]), frame(FIN | TEXT, &[b'x'; 2_001])].concat(),
        [frame(FIN | CLOSE, b""), frame(FIN | TEXT, b"after")].concat(),
        close_frame(1_000, "Grüße".as_bytes()),
        close_frame(1_005, b""),
    ]
}

/// Requests in bytes: HTTP alone, pipelined and with bodies, and frames on upgraded connections.
pub(crate) fn exchange_bytes() -> Vec<Vec<u8>> {
    let texts = [
        "GET /api/v3/ping HTTP/1.1\r\nHost: sim\r\n\r\n",
        "GET /api/v3/time HTTP/1.1\r\nHost: sim\r\n\r\nGET /api/v3/depth?symbol=ABUSDT&limit=5 HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n",
        "POST /api/v3/order HTTP/1.1\r\nHost: sim\r\nX-MBX-APIKEY: aliceKey\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n\r\nsymbol=ABUSDT&timestamp=17",
        "POST /api/v3/order HTTP/1.1\r\nHost: sim\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        "GET /api/v3/exchangeInfo HTTP/1.1\r\nHost: sim\r\nAccept: application/sbe\r\nX-MBX-SBE: 3:1\r\n\r\n",
        "GET /ws/abusdt@trade HTTP/1.1\r\nHost: sim\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ];
    let mut inputs: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let masked = |first: u8, text: &[u8]| {
        let mask = [7, 13, 21, 34];
        let masked = text.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        [&[first, 0x80 | u8::try_from(text.len()).unwrap()][..], &mask, &masked.collect::<Vec<u8>>()].concat()
    };
    let subscribe = masked(0x81, br#"{"method":"SUBSCRIBE","params":["abusdt@trade"],"id":1}"#);
    let ping = masked(0x81, br#"{"id":1,"method":"ping"}"#);
    inputs.push([b"ws ", &subscribe[..], &masked(0x89, b"x"), &masked(0x88, b"\x03\xe8")].concat());
    inputs.push([b"api ", &ping[..], &masked(0x01, b"{\"id\":"), &masked(0x80, b"2}")].concat());
    inputs.push([b"streams ", &subscribe[..], &masked(0x8a, b"")].concat());
    inputs
}

/// Rows of requests over REST: market data, orders of every type, lists, cancels, amendments.
pub(crate) fn exchange_rest() -> Vec<Vec<u8>> {
    [
        "- GET /api/v3/exchangeInfo \n- GET /api/v3/depth symbol=ABUSDT&limit=5\n- GET /api/v3/klines symbol=ABUSDT&interval=1m&limit=3\n- GET /api/v3/ticker symbol=ABUSDT&windowSize=1h\n- GET /api/v3/trades symbol=ABUSDT\n- GET /api/v3/aggTrades symbol=ABUSDT&fromId=0\n",
        "alice POST /api/v3/order symbol=ABUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=100&newClientOrderId=a\nbob POST /api/v3/order symbol=ABUSDT&side=BUY&type=MARKET&quoteOrderQty=50&newOrderRespType=FULL\nalice GET /api/v3/order symbol=ABUSDT&origClientOrderId=a\nalice DELETE /api/v3/order symbol=ABUSDT&origClientOrderId=a\nalice GET /api/v3/account omitZeroBalances=true\n",
        "alice POST /api/v3/orderList/oco symbol=ABUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS_LIMIT&belowStopPrice=90&belowPrice=89&belowTimeInForce=GTC&listClientOrderId=l\nalice GET /api/v3/openOrders symbol=ABUSDT\nalice DELETE /api/v3/orderList symbol=ABUSDT&listClientOrderId=l\n",
        "bob POST /api/v3/order symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=99&newClientOrderId=b\nbob PUT /api/v3/order/amend/keepPriority symbol=ABUSDT&origClientOrderId=b&newQty=1\nbob POST /api/v3/order/cancelReplace symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=98&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=b\nbob DELETE /api/v3/openOrders symbol=ABUSDT\n",
        "alice POST /api/v3/order/test symbol=ABUSDT&side=BUY&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=105&stopPrice=104&trailingDelta=100\nalice POST /api/v3/order symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=1&price=100&icebergQty=0.5&selfTradePreventionMode=EXPIRE_MAKER\nalice GET /api/v3/myTrades symbol=ABUSDT\nalice GET /api/v3/rateLimit/order \n",
        "alice POST /api/v3/orderList/otoco symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=1&workingTimeInForce=GTC&pendingSide=SELL&pendingQuantity=1&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=120&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=80\nbob POST /api/v3/order symbol=ABUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=1&price=99\n",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

/// Rows of texts over the WebSocket API and to the streams.
pub(crate) fn exchange_ws() -> Vec<Vec<u8>> {
    [
        "{\"id\":1,\"method\":\"ping\"}\n{\"id\":\"a-b_c\",\"method\":\"time\",\"params\":{}}\n{\"id\":null,\"method\":\"depth\",\"params\":{\"symbol\":\"ABUSDT\",\"limit\":5}}\n{\"id\":2,\"method\":\"exchangeInfo\",\"params\":{\"symbols\":[\"ABUSDT\"]}}\n",
        "alice order.place {\"symbol\":\"ABUSDT\",\"side\":\"SELL\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"1\",\"price\":\"100\",\"newClientOrderId\":\"a\"}\nbob order.place {\"symbol\":\"ABUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.5\"}\nalice order.cancel {\"symbol\":\"ABUSDT\",\"origClientOrderId\":\"a\"}\nalice account.status {}\n",
        "alice userDataStream.subscribe.signature {}\nalice orderList.place.oto {\"symbol\":\"ABUSDT\",\"workingType\":\"LIMIT\",\"workingSide\":\"BUY\",\"workingPrice\":\"99\",\"workingQuantity\":\"1\",\"workingTimeInForce\":\"GTC\",\"pendingType\":\"MARKET\",\"pendingSide\":\"SELL\",\"pendingQuantity\":\"1\"}\n{\"id\":4,\"method\":\"session.status\"}\n{\"id\":5,\"method\":\"userDataStream.unsubscribe\",\"params\":{}}\n",
        "bob order.cancelReplace {\"symbol\":\"ABUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"2\",\"price\":\"98\",\"cancelReplaceMode\":\"ALLOW_FAILURE\",\"cancelOrderId\":1}\nbob openOrders.cancelAll {\"symbol\":\"ABUSDT\"}\n[1,2]\n{}\nnull\n",
        "streams\n{\"method\":\"SUBSCRIBE\",\"params\":[\"abusdt@trade\",\"abusdt@depth@100ms\",\"!miniTicker@arr\"],\"id\":1}\n{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":2}\n{\"method\":\"UNSUBSCRIBE\",\"params\":[\"abusdt@trade\"],\"id\":\"x\"}\n{\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",false],\"id\":3}\n{\"method\":\"GET_PROPERTY\",\"params\":[\"combined\"],\"id\":null}\n",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
