//! Order lists, amended and routed orders as clients see them: answers, and the events of the user-data stream.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AdminOrder, Exchange, SymbolConfig};
use common::{Socket, account, bare, hmac, quiet, signed};
use serde_json::{Value, json};

async fn post(exchange: &Exchange, path: &str, params: &str) -> Value {
    let answer = signed(exchange, "alice", "POST", path, params).await;
    assert_eq!(answer.status, 200, "{params}: {}", answer.body);
    answer.json()
}

async fn listen(exchange: &Exchange) -> Socket {
    let mut socket = Socket::open(exchange, "/ws-api/v3").await;
    let method = "userDataStream.subscribe.signature";
    let answer = socket.call_signed(exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    assert_eq!(answer["status"], 200, "{answer}");
    socket
}

/// The next events in short: of reports order, execution type and status, of lists type and status.
async fn short(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut out = Vec::new();
    while out.len() < count {
        let message = socket.json().await;
        let event = &message["event"];
        let text = |name: &str| event[name].as_str().unwrap_or("?").to_owned();
        match event["e"].as_str().unwrap() {
            "executionReport" => out.push(format!("{} {} {}", event["i"], text("x"), text("X"))),
            "listStatus" => out.push(format!("list {} {} {}", event["g"], text("l"), text("L"))),
            _ => {}
        }
    }
    out
}

fn bob(exchange: &Exchange, buy: bool, quantity: i64, price: i64) {
    exchange
        .place(
            &(if buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", quantity.into())
                .at(price.into())
                .by("bob"),
        )
        .unwrap();
}

const OTOCO: &str = "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2\
                     &workingTimeInForce=GTC&pendingSide=SELL&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=110\
                     &pendingBelowType=STOP_LOSS_LIMIT&pendingBelowStopPrice=90&pendingBelowPrice=89\
                     &pendingBelowTimeInForce=GTC";

#[tokio::test(start_paused = true)]
async fn a_bracket_from_beginning_to_end() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = listen(&exchange).await;
    let params = format!("{OTOCO}&pendingQuantity=2&listClientOrderId=bracket&workingClientOrderId=w");
    let placed = signed(&exchange, "alice", "POST", "/api/v3/orderList/otoco", &params).await;
    assert_eq!(placed.header("x-mbx-order-count-1d"), Some("3"));
    let placed = placed.json();
    assert_eq!(placed["contingencyType"], "OTO");
    let statuses: Vec<_> =
        placed["orderReports"].as_array().unwrap().iter().map(|order| order["status"].clone()).collect();
    assert_eq!(statuses, ["NEW", "PENDING_NEW", "PENDING_NEW"]);
    assert_eq!(placed["orderReports"][1]["type"], "STOP_LOSS_LIMIT", "the stop comes first");
    let id = |index: usize| placed["orders"][index]["orderId"].as_u64().unwrap();
    let (working, stop, gain) = (id(0), id(1), id(2));
    assert_eq!(
        short(&mut socket, 4).await,
        [
            format!("{working} NEW NEW"),
            format!("{stop} NEW PENDING_NEW"),
            format!("{gain} NEW PENDING_NEW"),
            "list 0 EXEC_STARTED EXECUTING".to_owned()
        ]
    );
    let open = signed(&exchange, "alice", "GET", "/api/v3/openOrders", "symbol=ABUSDT").await.json();
    assert_eq!(open.as_array().unwrap().len(), 3);
    assert_eq!((&open[1]["isWorking"], &open[1]["workingTime"]), (&false.into(), &(-1).into()));
    // The working order fills: the pair is placed.
    bob(&exchange, false, 2, 99);
    assert_eq!(
        short(&mut socket, 3).await,
        [format!("{working} TRADE FILLED"), format!("{stop} NEW NEW"), format!("{gain} NEW NEW")]
    );
    // One leg fills: the other one is over, and so is the list.
    bob(&exchange, true, 2, 110);
    assert_eq!(
        short(&mut socket, 3).await,
        [
            format!("{stop} EXPIRED EXPIRED"),
            format!("{gain} TRADE FILLED"),
            "list 0 ALL_DONE ALL_DONE".to_owned()
        ]
    );
    let query = |params: &'static str| signed(&exchange, "alice", "GET", "/api/v3/order", params);
    let order = query("symbol=ABUSDT&origClientOrderId=w").await.json();
    assert_eq!((&order["status"], &order["orderListId"]), (&"FILLED".into(), &0.into()));
    let stop = format!("symbol=ABUSDT&orderId={stop}");
    let stop = signed(&exchange, "alice", "GET", "/api/v3/order", &stop).await.json();
    assert_eq!(stop["expiryReason"], "OCO_TRIGGER");
    let lists = signed(&exchange, "alice", "GET", "/api/v3/allOrderList", "").await.json();
    assert_eq!(
        (&lists[0]["listClientOrderId"], &lists[0]["listOrderStatus"]),
        (&"bracket".into(), &"ALL_DONE".into())
    );
    assert_eq!(signed(&exchange, "alice", "GET", "/api/v3/openOrderList", "").await.body, "[]");
}

#[tokio::test(start_paused = true)]
async fn one_pays_the_other_over_rest() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = listen(&exchange).await;
    let params = "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2&workingTimeInForce=GTC\
                  &pendingType=LIMIT&pendingSide=SELL&pendingPrice=105&pendingTimeInForce=GTC";
    let placed = post(&exchange, "/api/v3/orderList/opo", params).await;
    let pending = &placed["orderReports"][1];
    assert!(pending.get("origQty").is_none(), "its quantity is not known yet: {pending}");
    short(&mut socket, 3).await;
    bob(&exchange, false, 2, 99);
    let reported = short(&mut socket, 2).await;
    let id = &pending["orderId"];
    assert_eq!(reported[1], format!("{id} NEW NEW"));
    let order =
        signed(&exchange, "alice", "GET", "/api/v3/order", &format!("symbol=ABUSDT&orderId={id}")).await;
    assert_eq!(order.json()["origQty"], "2.00000000");
    // Cancelling either cancels both.
    let second = post(&exchange, "/api/v3/orderList/opo", params).await;
    let id = &second["orderReports"][1]["orderId"];
    let canceled =
        signed(&exchange, "alice", "DELETE", "/api/v3/order", &format!("symbol=ABUSDT&orderId={id}"))
            .await
            .json();
    assert_eq!(
        (&canceled["contingencyType"], &canceled["listOrderStatus"]),
        (&"OTO".into(), &"ALL_DONE".into())
    );
    assert_eq!(canceled["orderReports"][1]["status"], "CANCELED");
    let wrong = params.replace("workingSide=BUY", "workingSide=SELL");
    let answer = signed(&exchange, "alice", "POST", "/api/v3/orderList/opo", &wrong).await;
    assert_eq!(answer.error(), (-1222, "Working order in an OPO list must be a bid.".to_owned()));
    let quantity = format!("{params}&pendingQuantity=1");
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/orderList/opo", &quantity).await.error().0, -1104);
    let missing = OTOCO.replace("&pendingBelowStopPrice=90", "");
    let answer = signed(&exchange, "alice", "POST", "/api/v3/orderList/opoco", &missing).await;
    assert_eq!(answer.error().0, -1102, "{}", answer.body);
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/orderList/otoco", OTOCO).await.error().0, -1102);
}

#[tokio::test(start_paused = true)]
async fn amended_orders_over_rest_and_the_websocket_api() {
    let exchange = quiet().start().await.unwrap();
    let mut events = listen(&exchange).await;
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=5&price=90&newClientOrderId=a";
    let placed = post(&exchange, "/api/v3/order", order).await;
    let id = placed["orderId"].as_u64().unwrap();
    let params = "symbol=ABUSDT&origClientOrderId=a&newQty=4&newClientOrderId=b";
    let answer = signed(&exchange, "alice", "PUT", "/api/v3/order/amend/keepPriority", params).await;
    assert_eq!(answer.header("x-mbx-order-count-1d"), None, "an amendment does not count as an order");
    let amended = answer.json();
    assert_eq!(
        (&amended["amendedOrder"]["clientOrderId"], &amended["amendedOrder"]["qty"]),
        (&"b".into(), &"4.00000000".into())
    );
    events.json().await;
    events.json().await;
    let report = events.json().await["event"].clone();
    assert_eq!(
        (&report["x"], &report["X"], &report["I"]),
        (&"REPLACED".into(), &"NEW".into(), &amended["executionId"])
    );
    assert_eq!((&report["c"], &report["C"], &report["q"]), (&"b".into(), &"a".into(), &"4.00000000".into()));
    let position = events.json().await["event"].clone();
    assert_eq!(position["B"][0]["l"], "360.00000000");

    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let params = json!({"symbol": "ABUSDT", "orderId": id, "newQty": "3.5"});
    let answer =
        socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "order.amend.keepPriority", params).await;
    assert_eq!(answer["result"]["amendedOrder"]["origClientOrderId"], "b");
    let params = json!({"symbol": "ABUSDT", "orderId": id, "newQty": "4"});
    let answer =
        socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "order.amend.keepPriority", params).await;
    assert_eq!(answer["error"]["code"], -2038);
    assert_eq!(answer["error"]["msg"], "Order amend (quantity increase) is not supported.");
    let params = json!({"symbol": "ABUSDT", "orderId": id, "fromExecutionId": amended["executionId"]});
    let answer = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "order.amendments", params).await;
    let quantities: Vec<_> =
        answer["result"].as_array().unwrap().iter().map(|row| row["newQty"].as_str().unwrap()).collect();
    assert_eq!(quantities, ["4.00000000", "3.50000000"]);

    // A list tells that an order of it has a new name.
    let oco = "symbol=ABUSDT&side=SELL&quantity=2&aboveType=LIMIT_MAKER&abovePrice=110&aboveClientOrderId=above\
               &belowType=STOP_LOSS&belowStopPrice=80";
    post(&exchange, "/api/v3/orderList/oco", oco).await;
    let params = "symbol=ABUSDT&origClientOrderId=above&newQty=1&newClientOrderId=renamed";
    let answer = signed(&exchange, "alice", "PUT", "/api/v3/order/amend/keepPriority", params).await.json();
    assert_eq!(answer["listStatus"]["orders"][1]["clientOrderId"], "renamed");
    let reported = short(&mut events, 7).await;
    assert_eq!(reported[6], "list 0 UPDATED EXECUTING", "{reported:?}");
}

#[tokio::test(start_paused = true)]
async fn routed_orders_over_rest_and_the_websocket_api() {
    let symbol = |quote: &str| {
        SymbolConfig::new(&format!("AB{quote}"), "AB", quote, Decimal::new(100, 0))
            .step_size(Decimal::new(1, 3))
    };
    let exchange = bare()
        .symbol(symbol("USDT"))
        .symbol(symbol("USDC"))
        .smart_order_routing(&["ABUSDT", "ABUSDC"])
        .no_market()
        .account(account("alice"))
        .account(account("bob"))
        .start()
        .await
        .unwrap();
    let info = common::get(&exchange, "/api/v3/exchangeInfo").await.json();
    assert_eq!(info["sors"], json!([{"baseAsset": "AB", "symbols": ["ABUSDT", "ABUSDC"]}]));
    exchange.place(&AdminOrder::sell("ABUSDC", Decimal::ONE).at(98.into()).by("bob")).unwrap();
    bob(&exchange, false, 1, 100);
    let mut events = listen(&exchange).await;
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=3&price=101";
    let placed = post(&exchange, "/api/v3/sor/order", order).await;
    assert_eq!(
        (&placed["status"], &placed["executedQty"]),
        (&"PARTIALLY_FILLED".into(), &"2.00000000".into())
    );
    assert_eq!((&placed["usedSor"], &placed["workingFloor"]), (&true.into(), &"EXCHANGE".into()));
    assert_eq!(placed["fills"][0]["matchType"], "ONE_PARTY_TRADE_REPORT");
    assert_eq!(
        (&placed["fills"][0]["price"], &placed["fills"][1]["allocId"]),
        (&"98.00000000".into(), &1.into())
    );
    assert_eq!(placed["fills"][0]["tradeId"], -1);
    let mut reports = Vec::new();
    while reports.len() < 3 {
        let event = events.json().await["event"].clone();
        if event["e"] == "executionReport" {
            reports.push(event);
        }
    }
    let allocation = &reports[1];
    assert_eq!(
        (&allocation["x"], &allocation["t"], &allocation["a"]),
        (&"TRADE".into(), &(-1).into(), &0.into())
    );
    assert_eq!(
        (&allocation["b"], &allocation["k"], &allocation["uS"]),
        (&"ONE_PARTY_TRADE_REPORT".into(), &"SOR".into(), &true.into())
    );
    let mine = signed(&exchange, "alice", "GET", "/api/v3/myAllocations", "symbol=ABUSDT").await.json();
    assert_eq!(
        (mine[0]["price"].as_str(), mine[1]["price"].as_str()),
        (Some("98.00000000"), Some("100.00000000"))
    );
    assert_eq!(signed(&exchange, "alice", "GET", "/api/v3/myTrades", "symbol=ABUSDT").await.body, "[]");
    let from =
        signed(&exchange, "alice", "GET", "/api/v3/myAllocations", "symbol=ABUSDT&fromAllocationId=1").await;
    assert_eq!(from.json().as_array().unwrap().len(), 1);
    let bad = "symbol=ABUSDT&fromAllocationId=1&startTime=1";
    assert_eq!(signed(&exchange, "alice", "GET", "/api/v3/myAllocations", bad).await.error().0, -1128);
    // The trade in the other book is one of its stream and of its maker.
    let trades = common::get(&exchange, "/api/v3/trades?symbol=ABUSDC").await.json();
    assert_eq!(trades[0]["price"], "98.00000000");
    let makers = signed(&exchange, "bob", "GET", "/api/v3/myTrades", "symbol=ABUSDC").await.json();
    assert_eq!((&makers[0]["id"], &makers[0]["isMaker"]), (&trades[0]["id"], &true.into()));

    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let params = json!({"symbol": "ABUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "IOC", "quantity": "1", "price": "102"});
    let answer =
        socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "sor.order.place", params.clone()).await;
    assert_eq!(answer["result"][0]["status"], "EXPIRED", "{answer}");
    let answer = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "sor.order.test", params).await;
    assert_eq!(answer["result"], json!({}));
    let stop = "symbol=ABUSDT&side=BUY&type=STOP_LOSS&quantity=1";
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/sor/order", stop).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_refused_is_reported() {
    let exchange = quiet().start().await.unwrap();
    bob(&exchange, false, 1, 100);
    let order = "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90&newClientOrderId=a";
    post(&exchange, "/api/v3/order", order).await;
    let mut events = listen(&exchange).await;
    for (id, new, reason, message) in [
        (
            "a",
            "side=BUY&type=LIMIT_MAKER&quantity=1&price=101&newClientOrderId=b",
            "WOULD_MATCH_IMMEDIATELY",
            "Order would immediately match and take.",
        ),
        (
            "c",
            "side=SELL&type=LIMIT&timeInForce=GTC&quantity=2000&price=101",
            "INSUFFICIENT_BALANCES",
            "Account has insufficient balance for requested action.",
        ),
    ] {
        let params =
            format!("symbol=ABUSDT&{new}&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId={id}");
        let answer = signed(&exchange, "alice", "POST", "/api/v3/order/cancelReplace", &params).await;
        assert_eq!((answer.status, answer.error().0), (409, -2021), "{}", answer.body);
        assert_eq!(answer.json()["data"]["newOrderResponse"], json!({"code": -2010, "msg": message}));
        let mut reported = Vec::new();
        while reported.len() < 2 {
            let event = events.json().await["event"].clone();
            if event["e"] == "executionReport" && event["x"] != "NEW" {
                reported.push((event["x"].clone(), event["X"].clone(), event["r"].clone()));
            }
        }
        assert_eq!(reported[0], ("CANCELED".into(), "CANCELED".into(), "NONE".into()));
        assert_eq!(reported[1], ("REJECTED".into(), "REJECTED".into(), reason.into()));
        let open = signed(&exchange, "alice", "GET", "/api/v3/openOrders", "symbol=ABUSDT").await;
        assert_eq!(open.body, "[]", "what was refused is not there");
        let order = order.replace("newClientOrderId=a", "newClientOrderId=c");
        post(&exchange, "/api/v3/order", &order).await;
    }
}
