//! REST, with raw bytes over links in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sign::Credentials;
use binance_kit_sim::{AccountConfig, AdminOrder, Limits, MarketConfig, SymbolConfig};
use common::{START, account, bare, get, quiet, raw, request, signed, signed_with};
use serde_json::Value;
use std::time::Duration;

fn error(answer: &common::Answer) -> (u16, i64, String) {
    let (code, message) = answer.error();
    (answer.status, code, message)
}

#[tokio::test(start_paused = true)]
async fn public_queries_answer_in_shape() {
    let exchange = bare().seed(7).market(MarketConfig::thin()).start().await.unwrap();
    assert_eq!(get(&exchange, "/api/v3/ping").await.body, "{}");
    assert_eq!(get(&exchange, "/api/v3/time").await.json()["serverTime"], START);
    let info = get(&exchange, "/api/v3/exchangeInfo").await.json();
    assert_eq!(info["symbols"].as_array().unwrap().len(), 7);
    assert_eq!(info["symbols"][5]["symbol"], "币安人生USDT");
    assert_eq!(info["symbols"][0]["filters"][0]["filterType"], "PRICE_FILTER");
    assert_eq!(info["rateLimits"][0]["limit"], 6000);
    let one = get(&exchange, "/api/v3/exchangeInfo?symbols=%5B%22ETHBTC%22%5D").await.json();
    assert_eq!(one["symbols"][0]["baseAsset"], "ETH");

    let depth = get(&exchange, "/api/v3/depth?symbol=BTCUSDT&limit=5").await.json();
    assert_eq!(depth["bids"].as_array().unwrap().len(), 5);
    let book = exchange.order_book("BTCUSDT").unwrap();
    assert_eq!(depth["lastUpdateId"], book.last_update_id);
    assert_eq!(depth["asks"][0][0].as_str().unwrap(), book.asks[0].0.to_string());

    tokio::time::sleep(Duration::from_secs(5)).await;
    let trades = get(&exchange, "/api/v3/trades?symbol=BTCUSDT&limit=1000").await.json();
    let trades = trades.as_array().unwrap();
    assert!(trades.len() > 10, "{}", trades.len());
    let last = trades.last().unwrap();
    let price = get(&exchange, "/api/v3/ticker/price?symbol=BTCUSDT").await.json();
    assert_eq!(price["price"], last["price"]);
    let aggregates = get(&exchange, "/api/v3/aggTrades?symbol=BTCUSDT").await.json();
    assert_eq!(aggregates.as_array().unwrap().last().unwrap()["l"], last["id"]);
    let from = get(&exchange, "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=3&limit=2").await.json();
    assert_eq!((&from[0]["id"], &from[1]["id"]), (&Value::from(3), &Value::from(4)));

    let klines = get(&exchange, "/api/v3/klines?symbol=BTCUSDT&interval=1s").await.json();
    let klines = klines.as_array().unwrap();
    assert!(klines.len() >= 5 && klines.iter().all(|row| row.as_array().unwrap().len() == 12));
    let counted: u64 = klines.iter().map(|row| row[8].as_u64().unwrap()).sum();
    let day = get(&exchange, "/api/v3/ticker/24hr?symbol=BTCUSDT").await.json();
    assert_eq!(day["count"], counted);
    assert_eq!((&day["lastId"], &day["lastPrice"]), (&last["id"], &last["price"]));
    assert_eq!(klines.last().unwrap()[4], last["price"]);
    let all = get(&exchange, "/api/v3/ticker/24hr?type=MINI").await.json();
    assert!(all[0].get("bidPrice").is_none() && all.as_array().unwrap().len() == 7);
    let window = get(&exchange, "/api/v3/ticker?symbol=BTCUSDT&windowSize=1h").await.json();
    assert_eq!(window["count"], counted);
    let average = get(&exchange, "/api/v3/avgPrice?symbol=BTCUSDT").await.json();
    assert_eq!(average["mins"], 5);
    let tickers = get(&exchange, "/api/v3/ticker/bookTicker").await.json();
    assert_eq!(tickers.as_array().unwrap().len(), 7);
    let chinese = get(&exchange, "/api/v3/ticker/bookTicker?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT")
        .await
        .json();
    assert_eq!(chinese["symbol"], "币安人生USDT");
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_wrong_get_the_reason() {
    let exchange = quiet().start().await.unwrap();
    for (target, status, code, message) in [
        ("/api/v3/depth?symbol=NOSUCH", 400, -1121, "Invalid symbol."),
        (
            "/api/v3/depth?symbol=abusdt",
            400,
            -1100,
            "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
        ),
        (
            "/api/v3/depth",
            400,
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
        ),
        ("/api/v3/time?x=1", 400, -1101, "Too many parameters; expected '0' and received '1'."),
        (
            "/api/v3/depth?symbol=ABUSDT&foo=1",
            400,
            -1104,
            "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.",
        ),
        ("/api/v3/depth?symbol=A&symbol=B", 400, -1101, "Duplicate values for a parameter detected."),
        ("/api/v3/klines?symbol=ABUSDT&interval=2m", 400, -1120, "Invalid interval."),
        ("/api/v3/ticker/24hr?type=X", 400, -1139, "Invalid ticker type."),
        (
            "/api/v3/ticker/price?symbols=%5B%22ABUSDT%22,%22ABUSDT%22%5D",
            400,
            -1151,
            "Symbol is present multiple times in the list.",
        ),
        ("/api/v3/account", 401, -2014, "API-key format invalid."),
    ] {
        assert_eq!(error(&get(&exchange, target).await), (status, code, message.to_owned()), "{target}");
    }
    assert_eq!(get(&exchange, "/api/v3/nothing").await.status, 404);
    assert_eq!(get(&exchange, "/").await.status, 404);
    assert_eq!(request(&exchange, "PUT", "/api/v3/depth", "", "").await.status, 405);
    assert_eq!(request(&exchange, "POST", "/api/v3/order", "", &"x".repeat(70_000)).await.status, 413);
    assert_eq!(raw(&exchange, b"nonsense\r\n\r\n").await.unwrap().status, 400);
    assert_eq!(get(&exchange, "/ws").await.status, 400);
    let unit = request(&exchange, "GET", "/api/v3/time", "X-MBX-TIME-UNIT: hour\r\n", "").await;
    assert_eq!(unit.error().0, -1194);
    let unit = request(&exchange, "GET", "/api/v3/time", "X-MBX-TIME-UNIT: microsecond\r\n", "").await;
    assert_eq!(unit.json()["serverTime"], START * 1000);
}

#[tokio::test(start_paused = true)]
async fn signatures_and_times_are_checked() {
    let reader = AccountConfig::new("carol").hmac_key("carolKey", "carolSecret").unwrap().read_only();
    let exchange = quiet().account(reader).start().await.unwrap();
    let path = "/api/v3/account";
    assert_eq!(signed(&exchange, "alice", "GET", path, "").await.status, 200);
    let good = Credentials::hmac("aliceKey", "aliceSecret").unwrap();
    let bad = Credentials::hmac("aliceKey", "otherSecret").unwrap();
    let answer = signed_with(&exchange, "aliceKey", &bad, "GET", path, "").await;
    assert_eq!(error(&answer), (400, -1022, "Signature for this request is not valid.".to_owned()));
    let answer = signed_with(&exchange, "unknownKey", &good, "GET", path, "").await;
    assert_eq!(error(&answer), (401, -2015, "Invalid API-key, IP, or permissions for action.".to_owned()));
    let headers = "X-MBX-APIKEY: aliceKey\r\n";
    for (query, code) in [
        (String::new(), -1102),
        (format!("timestamp={START}"), -1102),
        (format!("timestamp={}&signature=00", START - 5001), -1021),
        (format!("timestamp={}&signature=00", START + 1000), -1021),
        (format!("timestamp={START}&signature=00"), -1022),
    ] {
        let answer = request(&exchange, "GET", &format!("{path}?{query}"), headers, "").await;
        assert_eq!(answer.error().0, code, "{query}");
    }
    // A signature that is not the last parameter, and one over other bytes than were sent.
    let signature = good.sign(format!("timestamp={START}").as_bytes()).unwrap();
    let target = format!("{path}?signature={}&timestamp={START}", signature.as_str());
    assert_eq!(request(&exchange, "GET", &target, headers, "").await.error().0, -1022);
    let target = format!("{path}?timestamp=%31{}&signature={}", &START.to_string()[1..], signature.as_str());
    assert_eq!(request(&exchange, "GET", &target, headers, "").await.error().0, -1022);
    // Upper case is fine for HMAC.
    let target = format!("{path}?timestamp={START}&signature={}", signature.as_str().to_uppercase());
    assert_eq!(request(&exchange, "GET", &target, headers, "").await.status, 200);
    // Query and body are signed as one text.
    let body = format!("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=99&timestamp={START}");
    let signature = good.sign(format!("symbol=ABUSDT{body}").as_bytes()).unwrap();
    let body = format!("{body}&signature={}", signature.as_str());
    let answer = request(&exchange, "POST", "/api/v3/order?symbol=ABUSDT", headers, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // A key without the permission to trade.
    assert_eq!(signed(&exchange, "carol", "GET", path, "").await.status, 200);
    let order = "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1";
    assert_eq!(signed(&exchange, "carol", "POST", "/api/v3/order", order).await.error().0, -2015);
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_key_signs() {
    let exchange = quiet().demo_account(true).seed(3).start().await.unwrap();
    let demo = exchange.demo_account().unwrap().clone();
    let hmac = Credentials::hmac(&demo.hmac_api_key, &demo.hmac_secret).unwrap();
    let ed25519 = Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap();
    for (api_key, credentials) in [(&demo.hmac_api_key, hmac), (&demo.ed25519_api_key, ed25519)] {
        let answer = signed_with(&exchange, api_key, &credentials, "GET", "/api/v3/account", "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["canTrade"], true);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_from_placing_to_its_trades() {
    let exchange = quiet().start().await.unwrap();
    let sell = "symbol=ABUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=100";
    let placed = signed(&exchange, "bob", "POST", "/api/v3/order", sell).await;
    assert_eq!(placed.header("x-mbx-order-count-10s"), Some("1"));
    let placed = placed.json();
    assert_eq!((&placed["status"], &placed["fills"]), (&"NEW".into(), &Value::Array(Vec::new())));
    let buy = "symbol=ABUSDT&side=BUY&type=MARKET&quantity=0.5&newClientOrderId=mine&strategyId=7";
    let bought = signed(&exchange, "alice", "POST", "/api/v3/order", buy).await.json();
    assert_eq!(bought["status"], "FILLED");
    assert_eq!(bought["cummulativeQuoteQty"], "50.00000000");
    assert_eq!(bought["fills"][0]["commission"], "0.00050000");
    assert_eq!(bought["fills"][0]["commissionAsset"], "AB");
    assert_eq!(bought["strategyId"], 7);
    let found =
        signed(&exchange, "alice", "GET", "/api/v3/order", "symbol=ABUSDT&origClientOrderId=mine").await;
    assert_eq!(found.json()["executedQty"], "0.50000000");
    let trades = signed(&exchange, "alice", "GET", "/api/v3/myTrades", "symbol=ABUSDT").await.json();
    assert_eq!((&trades[0]["id"], &trades[0]["isMaker"]), (&bought["fills"][0]["tradeId"], &false.into()));
    let account = signed(&exchange, "alice", "GET", "/api/v3/account", "omitZeroBalances=true").await.json();
    let ab = account["balances"].as_array().unwrap().iter().find(|row| row["asset"] == "AB").unwrap();
    assert_eq!(ab["free"], "1000.49950000");
    let open = signed(&exchange, "bob", "GET", "/api/v3/openOrders", "symbol=ABUSDT").await.json();
    assert_eq!(open[0]["status"], "PARTIALLY_FILLED");
    let id = &placed["orderId"];
    let only_new = format!("symbol=ABUSDT&orderId={id}&cancelRestrictions=ONLY_NEW");
    let refused = signed(&exchange, "bob", "DELETE", "/api/v3/order", &only_new).await;
    assert_eq!(refused.error(), (-2011, "Order was not canceled due to cancel restrictions.".to_owned()));
    let canceled =
        signed(&exchange, "bob", "DELETE", "/api/v3/order", &format!("symbol=ABUSDT&orderId={id}"))
            .await
            .json();
    assert_eq!((&canceled["status"], &canceled["executedQty"]), (&"CANCELED".into(), &"0.50000000".into()));
    assert_eq!(canceled["origClientOrderId"], placed["clientOrderId"]);
    let gone =
        signed(&exchange, "bob", "DELETE", "/api/v3/order", &format!("symbol=ABUSDT&orderId={id}")).await;
    assert_eq!(error(&gone), (400, -2011, "Unknown order sent.".to_owned()));
    let none =
        signed(&exchange, "alice", "GET", "/api/v3/order", &format!("symbol=ABUSDT&orderId={id}")).await;
    assert_eq!(error(&none), (400, -2013, "Order does not exist.".to_owned()));
    let misnamed = format!("symbol=ABUSDT&orderId={id}&origClientOrderId=other");
    assert_eq!(signed(&exchange, "bob", "GET", "/api/v3/order", &misnamed).await.error().0, -2039);
    let all = signed(&exchange, "bob", "GET", "/api/v3/allOrders", "symbol=ABUSDT").await.json();
    assert_eq!(all.as_array().unwrap().len(), 1);
    // The first fill as a maker took five off.
    let counts = signed(&exchange, "bob", "GET", "/api/v3/rateLimit/order", "").await.json();
    assert_eq!(counts[0]["count"], 0);
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_wrong_get_the_reason() {
    let exchange = quiet().start().await.unwrap();
    let base = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC";
    for (params, code, message) in [
        (
            format!("{base}&quantity=1"),
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        (format!("{base}&quantity=1&price=1.123456789"), -1111, "Parameter 'price' has too much precision."),
        (format!("{base}&quantity=1&price=1.001"), -1013, "Filter failure: PRICE_FILTER"),
        (format!("{base}&quantity=0.01&price=100"), -1013, "Filter failure: NOTIONAL"),
        (
            format!("{base}&quantity=2000&price=100"),
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (
            format!("{base}&quantity=1&price=100&stopPrice=1"),
            -1106,
            "Parameter 'stopPrice' sent when not required.",
        ),
        (
            format!("{base}&quantity=1&price=100&trailingDelta=100"),
            -1106,
            "Parameter 'trailingDelta' sent when not required.",
        ),
        (format!("{base}&quantity=1&price=100&icebergQty=1.5"), -1013, "IcebergQty exceeds QTY."),
        (
            format!("{base}&quantity=1&price=100&icebergQty=0.5").replace("GTC", "IOC"),
            -1014,
            "Unsupported order combination.",
        ),
        (
            "symbol=ABUSDT&side=BUY&type=STOP_LOSS&quantity=1".to_owned(),
            -1102,
            "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
        ),
        (format!("{base}&quantity=1&pegPriceType=BEST_PEG"), -1210, "Invalid pegPriceType."),
        (
            format!("{base}&quantity=1&pegPriceType=MARKET_PEG&pegOffsetType=TICKS&pegOffsetValue=1"),
            -1211,
            "Invalid pegOffsetType.",
        ),
        (
            format!("{base}&quantity=1&pegPriceType=PRIMARY_PEG"),
            -2010,
            "Order book liquidity is too low for this pegged order.",
        ),
        (
            "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&pegPriceType=MARKET_PEG".to_owned(),
            -1013,
            "This order type may not use pegged price.",
        ),
        (
            format!("{base}&quantity=1&price=100&strategyType=5"),
            -1134,
            "`strategyType` was less than 1000000.",
        ),
        ("symbol=ABUSDT&side=HOLD&type=MARKET&quantity=1".to_owned(), -1117, "Invalid side."),
        ("symbol=ABUSDT&side=BUY&type=GUESS&quantity=1".to_owned(), -1116, "Invalid orderType."),
        (
            "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=NOW&quantity=1&price=1".to_owned(),
            -1115,
            "Invalid timeInForce.",
        ),
    ] {
        let answer = signed(&exchange, "alice", "POST", "/api/v3/order", &params).await;
        assert_eq!(answer.error(), (code, message.to_owned()), "{params}");
        let test = signed(&exchange, "alice", "POST", "/api/v3/order/test", &params).await;
        assert!(test.status == 400 || code == -2010, "{params}");
    }
    let good = format!("{base}&quantity=1&price=100");
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/order/test", &good).await.body, "{}");
    assert!(exchange.order_book("ABUSDT").unwrap().bids.is_empty());
    let named = format!("{good}&newClientOrderId=twice");
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/order", &named).await.status, 200);
    let answer = signed(&exchange, "alice", "POST", "/api/v3/order", &named).await;
    assert_eq!(answer.error(), (-2010, "Duplicate order sent.".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn cancel_replace_tells_both_halves() {
    let exchange = quiet().start().await.unwrap();
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1";
    let first =
        signed(&exchange, "alice", "POST", "/api/v3/order", &format!("{order}&price=90")).await.json();
    let path = "/api/v3/order/cancelReplace";
    let replace = |id: &Value, mode: &str, price: &str| {
        format!("{order}&price={price}&cancelReplaceMode={mode}&cancelOrderId={id}")
    };
    let both =
        signed(&exchange, "alice", "POST", path, &replace(&first["orderId"], "STOP_ON_FAILURE", "91")).await;
    assert_eq!(both.status, 200, "{}", both.body);
    let both = both.json();
    assert_eq!((&both["cancelResult"], &both["newOrderResult"]), (&"SUCCESS".into(), &"SUCCESS".into()));
    assert_eq!(both["newOrderResponse"]["price"], "91.00000000");
    let neither =
        signed(&exchange, "alice", "POST", path, &replace(&first["orderId"], "STOP_ON_FAILURE", "91")).await;
    assert_eq!(neither.status, 400);
    let json = neither.json();
    assert_eq!((&json["code"], &json["data"]["newOrderResult"]), (&(-2022).into(), &"NOT_ATTEMPTED".into()));
    assert_eq!(json["data"]["newOrderResponse"], Value::Null);
    let half =
        signed(&exchange, "alice", "POST", path, &replace(&first["orderId"], "ALLOW_FAILURE", "92")).await;
    assert_eq!((half.status, half.error().0), (409, -2021));
    assert_eq!(half.json()["data"]["cancelResponse"]["code"], -2011);
    let second = half.json()["data"]["newOrderResponse"]["orderId"].clone();
    let half = replace(&second, "ALLOW_FAILURE", "92").replace("quantity=1", "quantity=1100");
    let half = signed(&exchange, "alice", "POST", path, &half).await;
    assert_eq!((half.status, half.error().0), (409, -2021));
    assert_eq!(half.json()["data"]["newOrderResponse"]["code"], -2010);
}

#[tokio::test(start_paused = true)]
async fn pairs_over_rest() {
    let exchange = quiet().start().await.unwrap();
    let oco = "symbol=ABUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS_LIMIT\
               &belowPrice=89&belowStopPrice=90&belowTimeInForce=GTC&listClientOrderId=pair";
    let placed = signed(&exchange, "alice", "POST", "/api/v3/orderList/oco", oco).await;
    assert_eq!(placed.header("x-mbx-order-count-1d"), Some("2"));
    let placed = placed.json();
    assert_eq!((&placed["listStatusType"], &placed["orderListId"]), (&"EXEC_STARTED".into(), &0.into()));
    assert_eq!(placed["orderReports"][0]["type"], "STOP_LOSS_LIMIT");
    assert_eq!(placed["orderReports"][0]["workingTime"], -1);
    assert_eq!(placed["orderReports"][1]["workingTime"], START);
    let open = signed(&exchange, "alice", "GET", "/api/v3/openOrderList", "").await.json();
    assert_eq!(open[0]["listClientOrderId"], "pair");
    let all = signed(&exchange, "alice", "DELETE", "/api/v3/openOrders", "symbol=ABUSDT").await.json();
    assert_eq!(all[0]["orderReports"].as_array().unwrap().len(), 2);
    assert_eq!(all[0]["listOrderStatus"], "ALL_DONE");
    let found = signed(&exchange, "alice", "GET", "/api/v3/orderList", "origClientOrderId=pair").await.json();
    assert_eq!(found["listStatusType"], "ALL_DONE");
    let old = "symbol=ABUSDT&side=BUY&quantity=1&price=95&stopPrice=105";
    let placed = signed(&exchange, "alice", "POST", "/api/v3/order/oco", old).await.json();
    assert_eq!(placed["orderReports"][0]["type"], "STOP_LOSS");
    let id = &placed["orderListId"];
    let cancel = format!("symbol=ABUSDT&orderListId={id}");
    assert_eq!(signed(&exchange, "alice", "DELETE", "/api/v3/orderList", &cancel).await.status, 200);
    assert_eq!(signed(&exchange, "alice", "DELETE", "/api/v3/orderList", &cancel).await.error().0, -2011);
    let wrong = oco.replace("aboveType=LIMIT_MAKER&abovePrice=110", "aboveType=STOP_LOSS&aboveStopPrice=110");
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/orderList/oco", &wrong).await.error().0, -1197);
    let missing = oco.replace("&belowTimeInForce=GTC", "");
    assert_eq!(
        signed(&exchange, "alice", "POST", "/api/v3/orderList/oco", &missing).await.error().1,
        "Mandatory parameter 'belowTimeInForce' was not sent, was empty/null, or malformed."
    );
}

#[tokio::test(start_paused = true)]
async fn weights_are_counted_then_refused_then_banned() {
    let mut limits = Limits::default();
    limits.weight_per_minute = 100;
    limits.refusals_before_ban = 1;
    let exchange = quiet().rates(limits).start().await.unwrap();
    let answer = get(&exchange, "/api/v3/exchangeInfo").await;
    assert_eq!(answer.header("x-mbx-used-weight-1m"), Some("20"));
    for _ in 0..4 {
        assert_eq!(get(&exchange, "/api/v3/exchangeInfo").await.status, 200);
    }
    let refused = get(&exchange, "/api/v3/ping").await;
    assert_eq!((refused.status, refused.error().0), (429, -1003));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let banned = get(&exchange, "/api/v3/ping").await;
    assert_eq!((banned.status, banned.header("retry-after")), (418, Some("120")));
    assert!(common::Socket::try_open(&exchange, "/ws", "").await.is_err());
    tokio::time::sleep(Duration::from_secs(121)).await;
    assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn orders_beyond_the_limit_are_refused() {
    let mut limits = Limits::default();
    limits.orders_per_10_seconds = 1;
    let exchange = quiet().rates(limits).start().await.unwrap();
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90";
    let first = signed(&exchange, "alice", "POST", "/api/v3/order", order).await.json();
    let refused = signed(&exchange, "alice", "POST", "/api/v3/order", order).await;
    assert_eq!(
        error(&refused),
        (429, -1015, "Too many new orders; current limit is 1 orders per 10 SECOND.".to_owned())
    );
    assert!(refused.header("retry-after").is_some());
    let replace = format!("{order}&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId={}", first["orderId"]);
    let path = "/api/v3/order/cancelReplace";
    assert_eq!(signed(&exchange, "alice", "POST", path, &replace).await.error().0, -1015);
    let replace = format!("{replace}&orderRateLimitExceededMode=CANCEL_ONLY");
    let half = signed(&exchange, "alice", "POST", path, &replace).await;
    assert_eq!((half.status, half.error().0), (429, -2021));
    assert_eq!(half.json()["data"]["cancelResult"], "SUCCESS");
    // With the new order being independent of the cancel, the status is that of the halves.
    let replace = replace.replace("STOP_ON_FAILURE", "ALLOW_FAILURE");
    let neither = signed(&exchange, "alice", "POST", path, &replace).await;
    assert_eq!((neither.status, neither.error().0), (400, -2022));
    assert_eq!(neither.json()["data"]["newOrderResponse"]["code"], -1015);
    assert_eq!(signed(&exchange, "bob", "POST", "/api/v3/order", order).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn ordered_faults_happen_once() {
    let exchange = quiet().start().await.unwrap();
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90";
    let place = "POST /api/v3/order";
    exchange.fail_next_request(place, 503, r#"{"code":-1008,"msg":"busy"}"#);
    let answer = signed(&exchange, "alice", "POST", "/api/v3/order", order).await;
    assert_eq!((answer.status, answer.error().0), (503, -1008));
    assert!(exchange.order_book("ABUSDT").unwrap().bids.is_empty());
    exchange.fail_next_response(place, 504, r#"{"code":-1007,"msg":"timeout"}"#);
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/order", order).await.status, 504);
    assert_eq!(exchange.order_book("ABUSDT").unwrap().bids.len(), 1);
    exchange.drop_next_response("GET /api/v3/ping");
    assert!(raw(&exchange, b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n").await.is_none());
    assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
    exchange.delay_next_response("*", Duration::from_secs(9));
    let before = tokio::time::Instant::now();
    assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
    assert!(before.elapsed() >= Duration::from_secs(9));
    assert_eq!(exchange.request_count(place), 2);
    assert_eq!(exchange.request_count("GET /api/v3/ping"), 3);
}

#[tokio::test]
async fn pages_and_strange_hosts_are_kept_out() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let symbol = SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0));
    let exchange = binance_kit_sim::Exchange::builder()
        .symbol(symbol)
        .no_market()
        .allow_origin("https://good.example")
        .start()
        .await
        .unwrap();
    let address = exchange.address().unwrap();
    assert!(address.ip().is_loopback());
    let ask = |headers: String| async move {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let text = format!("GET /api/v3/ping HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask(format!("Host: {address}\r\n")).await, "200");
    assert_eq!(ask("Host: localhost\r\n".to_owned()).await, "200");
    assert_eq!(ask("Host: evil.example\r\n".to_owned()).await, "403");
    assert_eq!(ask("Host: localhost\r\nOrigin: https://evil.example\r\n".to_owned()).await, "403");
    assert_eq!(ask("Host: localhost\r\nOrigin: https://good.example\r\n".to_owned()).await, "200");
    exchange.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn addresses_that_cannot_be_listened_on() {
    use binance_kit_sim::{Exchange, SimErrorKind};
    let start = |address: &str| Exchange::builder().no_market().listen(address.parse().unwrap()).start();
    let error = start("0.0.0.0:0").await.unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::Listen);
    assert!(error.to_string().contains("bind_public"));
    let first = start("127.0.0.1:0").await.unwrap();
    let error = start(&first.address().unwrap().to_string()).await.unwrap_err();
    assert!(error.to_string().contains("cannot listen on"), "{error}");
    let error = Exchange::builder().account(account("a")).account(account("a")).start().await.unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::Configuration);
}

#[tokio::test(start_paused = true)]
async fn the_handle_sees_and_moves_balances() {
    let exchange = quiet().start().await.unwrap();
    let id = exchange
        .place(&AdminOrder::sell("ABUSDT", Decimal::new(1, 0)).at(Decimal::new(101, 0)).by("bob"))
        .unwrap()
        .order_id;
    let balance = |name: &str, asset: &str| {
        exchange.account(name).unwrap().balances().into_iter().find(|balance| balance.asset == asset).unwrap()
    };
    assert_eq!(balance("bob", "AB").locked, Decimal::new(1, 0));
    assert!(exchange.cancel_order("bob", "ABUSDT", id).unwrap());
    assert!(!exchange.cancel_order("bob", "ABUSDT", id).unwrap());
    exchange.account("bob").unwrap().fund("AB", Decimal::new(-1000, 0)).unwrap();
    assert!(exchange.account("bob").unwrap().fund("AB", Decimal::new(-1, 8)).is_err());
    assert_eq!(balance("bob", "AB").free, Decimal::ZERO);
    assert_eq!(exchange.account("carol").unwrap_err().kind(), binance_kit_sim::SimErrorKind::Unknown);
    exchange.set_status("ABUSDT", binance_kit_sim::SymbolStatus::Halt).unwrap();
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90";
    let answer = signed(&exchange, "alice", "POST", "/api/v3/order", order).await;
    assert_eq!(answer.error(), (-1013, "Market is closed.".to_owned()));
    assert_eq!(common::names(&exchange), ["demo", "alice", "bob"]);
    assert_eq!(exchange.account("bob").unwrap().api_keys(), ["bobKey"]);
}

#[tokio::test(start_paused = true)]
async fn a_market_with_a_past_has_candles() {
    let mut market = MarketConfig::thin();
    market.history_seconds = 180;
    market.actions_per_second = 100;
    market.levels = 50;
    let exchange = bare().market(market).start().await.unwrap();
    let klines = get(&exchange, "/api/v3/klines?symbol=BTCUSDT&interval=1m").await.json();
    assert!(klines.as_array().unwrap().len() >= 3);
    assert!(klines[0][0].as_i64().unwrap() < START - 120_000);
}
