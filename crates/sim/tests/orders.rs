//! Every kind of order as a client sees it: the answer to the placement, the query, the events of the account, the book,
//! the trades. What one of them says, the others say, too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AccountConfig, AdminOrder, CommissionConfig, Exchange, ExchangeBuilder, SymbolConfig};
use common::{Socket, get, hmac, signed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SYMBOL: &str = "ABUSDT";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn builder(symbol: SymbolConfig, alice: AccountConfig) -> ExchangeBuilder {
    common::bare()
        .no_market()
        .demo_account(false)
        .symbol(symbol)
        .account(alice.hmac_key("aliceKey", "aliceSecret").unwrap())
        .account(rich("bob").hmac_key("bobKey", "bobSecret").unwrap())
}

fn symbol() -> SymbolConfig {
    SymbolConfig::new(SYMBOL, "AB", "USDT", decimal("100")).step_size(decimal("0.001"))
}

fn rich(name: &str) -> AccountConfig {
    AccountConfig::new(name).balance("AB", decimal("1000")).balance("USDT", decimal("1000000"))
}

/// An exchange, and the events of one of its accounts.
struct Scene {
    exchange: Exchange,
    socket: Socket,
}

impl Scene {
    async fn new(builder: ExchangeBuilder) -> Self {
        let exchange = builder.start().await.unwrap();
        let socket = Self::listen(&exchange, "alice").await;
        Self { exchange, socket }
    }

    async fn listen(exchange: &Exchange, name: &str) -> Socket {
        let mut socket = Socket::open(exchange, "/ws-api/v3").await;
        let (method, key) = ("userDataStream.subscribe.signature", format!("{name}Key"));
        let answer = socket.call_signed(exchange, &hmac(name), &key, method, json!({})).await;
        assert_eq!(answer["status"], 200, "{answer}");
        socket
    }

    async fn place(&self, name: &str, params: &str) -> Value {
        let params = format!("symbol={SYMBOL}&newOrderRespType=FULL&{params}");
        let answer = signed(&self.exchange, name, "POST", "/api/v3/order", &params).await;
        assert_eq!(answer.status, 200, "{params}: {}", answer.body);
        answer.json()
    }

    async fn query(&self, name: &str, path: &str, params: &str) -> Value {
        let answer = signed(&self.exchange, name, "GET", path, &format!("symbol={SYMBOL}&{params}")).await;
        assert_eq!(answer.status, 200, "{path} {params}: {}", answer.body);
        answer.json()
    }

    async fn order(&self, placed: &Value) -> Value {
        self.query("alice", "/api/v3/order", &format!("orderId={}", placed["orderId"])).await
    }

    async fn report(&mut self) -> Value {
        let mut message = self.socket.json().await;
        assert_eq!(message["event"]["e"], "executionReport", "{message}");
        message["event"].take()
    }

    async fn position(&mut self) -> Value {
        let mut message = self.socket.json().await;
        assert_eq!(message["event"]["e"], "outboundAccountPosition", "{message}");
        message["event"]["B"].take()
    }

    fn trade_at(&self, price: &str) {
        let (quantity, price) = (decimal("0.1"), decimal(price));
        self.exchange.place(&AdminOrder::sell(SYMBOL, quantity).at(price)).unwrap();
        self.exchange.place(&AdminOrder::buy(SYMBOL, quantity).at(price)).unwrap();
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What a placement has beyond the fields that all have.
fn beyond(value: &Value) -> BTreeSet<&str> {
    let usual = "symbol orderId orderListId clientOrderId transactTime price origQty executedQty origQuoteOrderQty \
                 cummulativeQuoteQty status timeInForce type side workingTime fills selfTradePreventionMode time \
                 updateTime isWorking stopPrice icebergQty";
    let usual: BTreeSet<&str> = usual.split_whitespace().collect();
    keys(value).difference(&usual).copied().collect()
}

/// The fields of a report that not all have.
fn conditional(report: &Value) -> BTreeSet<&str> {
    let usual: BTreeSet<&str> =
        "e E s c S o f q p P F g C x X r i l z L n N T t I w m M O Z Y Q W V".split(' ').collect();
    keys(report).difference(&usual).copied().collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<&str> {
    names.into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn icebergs() {
    let mut scene = Scene::new(builder(symbol(), rich("alice"))).await;
    let order = "side=SELL&type=LIMIT&timeInForce=GTC&quantity=5&price=100&icebergQty=2";
    let placed = scene.place("alice", order).await;
    assert_eq!((&placed["icebergQty"], &placed["status"]), (&"2.00000000".into(), &"NEW".into()));
    assert_eq!(scene.order(&placed).await["icebergQty"], "2.00000000");
    let report = scene.report().await;
    assert_eq!((&report["F"], &report["w"]), (&"2.00000000".into(), &true.into()));
    assert!(conditional(&report).is_empty());
    scene.position().await;
    let depth = get(&scene.exchange, "/api/v3/depth?symbol=ABUSDT").await.json();
    assert_eq!(depth["asks"], json!([["100.00000000", "2.00000000"]]));
    let taken = scene.place("bob", "side=BUY&type=MARKET&quantity=3").await;
    assert_eq!(taken["fills"].as_array().unwrap().len(), 2);
    let depth = get(&scene.exchange, "/api/v3/depth?symbol=ABUSDT").await.json();
    assert_eq!(depth["asks"], json!([["100.00000000", "1.00000000"]]));
}

#[tokio::test(start_paused = true)]
async fn trailing_stops() {
    let mut scene = Scene::new(builder(symbol(), rich("alice"))).await;
    scene.trade_at("100");
    let order = "side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=90&trailingDelta=500";
    let placed = scene.place("alice", &format!("{order}&stopPrice=99")).await;
    assert_eq!(beyond(&placed), set(["trailingDelta", "trailingTime"]));
    assert_eq!((&placed["trailingTime"], &placed["workingTime"]), (&(-1).into(), &(-1).into()));
    let report = scene.report().await;
    assert_eq!(conditional(&report), set(["d", "D"]));
    assert_eq!((&report["d"], &report["D"], &report["w"]), (&500.into(), &(-1).into(), &false.into()));
    assert!(!keys(&report).contains("W"));
    scene.position().await;
    scene.trade_at("98");
    let active = scene.order(&placed).await;
    assert_eq!(active["isWorking"], false);
    assert!(active["trailingTime"].as_i64().unwrap() > 0);
    scene.trade_at("110");
    assert!(scene.socket.is_quiet(std::time::Duration::from_millis(1)).await);
    scene.trade_at("104.50");
    let report = scene.report().await;
    assert_eq!((&report["x"], &report["D"]), (&"NEW".into(), &active["trailingTime"]));
    assert_eq!(scene.order(&placed).await["isWorking"], true);
}

#[tokio::test(start_paused = true)]
async fn pegged_orders() {
    let mut scene = Scene::new(builder(symbol(), rich("alice"))).await;
    for price in ["99", "98"] {
        scene.place("bob", &format!("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price={price}")).await;
    }
    let order = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&pegPriceType=PRIMARY_PEG";
    let placed = scene.place("alice", order).await;
    assert_eq!(beyond(&placed), set(["pegPriceType", "peggedPrice"]));
    assert_eq!((&placed["price"], &placed["peggedPrice"]), (&"0.00000000".into(), &"99.00000000".into()));
    let report = scene.report().await;
    assert_eq!(conditional(&report), set(["gP", "gp"]));
    scene.position().await;
    let deeper = format!("{order}&pegOffsetType=PRICE_LEVEL&pegOffsetValue=1&price=98.50");
    let placed = scene.place("alice", &deeper).await;
    assert_eq!(beyond(&placed), set(["pegPriceType", "pegOffsetType", "pegOffsetValue", "peggedPrice"]));
    assert_eq!((&placed["price"], &placed["peggedPrice"]), (&"98.50000000".into(), &"98.00000000".into()));
    let report = scene.report().await;
    assert_eq!(conditional(&report), set(["gP", "gOT", "gOV", "gp"]));
    assert_eq!((&report["gOV"], &report["gp"]), (&1.into(), &"98.00000000".into()));
    assert_eq!(beyond(&scene.order(&placed).await), beyond(&placed));
}

#[tokio::test(start_paused = true)]
async fn prevented_matches() {
    let mut scene = Scene::new(builder(symbol(), rich("alice"))).await;
    let buy = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=100";
    let maker = scene.place("alice", buy).await;
    scene.report().await;
    scene.position().await;
    let taker = scene
        .place(
            "alice",
            "side=SELL&type=LIMIT&timeInForce=GTC&quantity=3&price=100&selfTradePreventionMode=DECREMENT",
        )
        .await;
    assert_eq!(beyond(&taker), set(["preventedMatches", "preventedMatchId", "preventedQuantity"]));
    assert_eq!(
        taker["preventedMatches"],
        json!([{"preventedMatchId": 0, "makerSymbol": SYMBOL, "makerOrderId": maker["orderId"],
            "price": "100.00000000", "takerPreventedQuantity": "2.00000000",
            "makerPreventedQuantity": "2.00000000"}])
    );
    assert_eq!(scene.report().await["x"], "NEW");
    for (order, status, counter) in
        [(&maker, "EXPIRED_IN_MATCH", &taker["orderId"]), (&taker, "NEW", &maker["orderId"])]
    {
        let report = scene.report().await;
        assert_eq!(conditional(&report), set(["v", "A", "B", "u", "U", "Cs", "pl", "pL", "pY"]));
        assert_eq!((&report["i"], &report["x"]), (&order["orderId"], &"TRADE_PREVENTION".into()));
        assert_eq!((&report["X"], &report["U"]), (&status.into(), counter));
        assert_eq!((&report["A"], &report["B"]), (&"2.00000000".into(), &"2.00000000".into()));
    }
    let expired = scene.order(&maker).await;
    assert_eq!(beyond(&expired), set(["preventedMatchId", "preventedQuantity"]));
    let found = scene.query("alice", "/api/v3/myPreventedMatches", "preventedMatchId=0").await;
    assert_eq!(
        keys(&found[0]),
        set([
            "symbol",
            "preventedMatchId",
            "takerOrderId",
            "makerSymbol",
            "makerOrderId",
            "tradeGroupId",
            "selfTradePreventionMode",
            "price",
            "takerPreventedQuantity",
            "makerPreventedQuantity",
            "transactTime",
        ])
    );
    assert_eq!(
        (&found[0]["tradeGroupId"], &found[0]["selfTradePreventionMode"]),
        (&(-1).into(), &"DECREMENT".into())
    );
    let by_order = format!("orderId={}&fromPreventedMatchId=0&limit=5", maker["orderId"]);
    assert_eq!(scene.query("alice", "/api/v3/myPreventedMatches", &by_order).await, found);
    let params = json!({"symbol": SYMBOL, "orderId": taker["orderId"]});
    let mut socket = Socket::open(&scene.exchange, "/ws-api/v3").await;
    let answer =
        socket.call_signed(&scene.exchange, &hmac("alice"), "aliceKey", "myPreventedMatches", params).await;
    assert_eq!(answer["result"], found);
    assert_eq!(scene.query("bob", "/api/v3/myPreventedMatches", "preventedMatchId=0").await, json!([]));
    let answer = signed(
        &scene.exchange,
        "alice",
        "GET",
        "/api/v3/myPreventedMatches",
        &format!("symbol={SYMBOL}&preventedMatchId=0&limit=1"),
    )
    .await;
    assert_eq!(answer.error().0, -1128);
}

#[tokio::test(start_paused = true)]
async fn transfers_within_a_group() {
    let alice = rich("alice").trade_group(7);
    let exchange = builder(symbol(), alice)
        .account(rich("carol").trade_group(7).hmac_key("carolKey", "carolSecret").unwrap());
    let mut scene = Scene::new(exchange).await;
    let order = "type=LIMIT&timeInForce=GTC&quantity=2&price=100&selfTradePreventionMode=TRANSFER";
    let maker = scene.place("alice", &format!("side=BUY&{order}")).await;
    assert_eq!(maker["tradeGroupId"], 7);
    scene.report().await;
    scene.position().await;
    let taker = scene.place("carol", &format!("side=SELL&{order}")).await;
    assert_eq!((&taker["status"], &taker["tradeGroupId"]), (&"EXPIRED_IN_MATCH".into(), &7.into()));
    let report = scene.report().await;
    assert_eq!(conditional(&report), set(["v", "A", "B", "u", "U", "Cs", "pl", "pL", "pY"]));
    assert_eq!((&report["u"], &report["pY"]), (&7.into(), &"200.00000000".into()));
    assert_eq!(
        scene.position().await,
        json!([{"a": "AB", "f": "1002.00000000", "l": "0.00000000"},
            {"a": "USDT", "f": "999800.00000000", "l": "0.00000000"}])
    );
    assert_eq!(scene.query("alice", "/api/v3/myTrades", "").await, json!([]));
    let account = signed(&scene.exchange, "alice", "GET", "/api/v3/account", "").await.json();
    assert_eq!(account["tradeGroupId"], 7);
}

#[tokio::test(start_paused = true)]
async fn orders_expire_with_a_reason() {
    let limits = [Some(decimal("1.1")), Some(decimal("0.9"))];
    let symbol = symbol().price_range(limits, limits).reference_price_from_outside(0);
    let mut scene = Scene::new(builder(symbol, rich("alice"))).await;
    for price in ["105", "115"] {
        scene.place("bob", &format!("side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price={price}")).await;
    }
    scene.exchange.set_reference_price(SYMBOL, Some(decimal("100"))).unwrap();
    for (order, reason) in [
        ("side=BUY&type=LIMIT&timeInForce=FOK&quantity=3&price=105", "UNFILLED_FOK_ORDER_EXPIRED"),
        ("side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.5&price=99", "UNFILLED_IOC_QUANTITY_EXPIRED"),
        ("side=SELL&type=MARKET&quantity=1", "INSUFFICIENT_LIQUIDITY"),
        ("side=BUY&type=MARKET&quantity=2", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"),
    ] {
        let placed = scene.place("alice", order).await;
        assert_eq!((&placed["status"], &placed["expiryReason"]), (&"EXPIRED".into(), &reason.into()));
        assert_eq!(scene.order(&placed).await["expiryReason"], reason);
        loop {
            let message = scene.socket.json().await;
            let report = &message["event"];
            if report["X"] == "EXPIRED" && report["i"] == placed["orderId"] {
                assert_eq!((&report["x"], &report["eR"]), (&"EXPIRED".into(), &reason.into()));
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn commissions_in_the_discount_asset() {
    let rates = |maker: &str, taker: &str, buyer: &str, seller: &str| CommissionConfig {
        maker: decimal(maker),
        taker: decimal(taker),
        buyer: decimal(buyer),
        seller: decimal(seller),
    };
    let alice = rich("alice")
        .balance("BNB", decimal("1"))
        .commission_rates(
            rates("0.001", "0.002", "0.0001", "0.0002"),
            CommissionConfig::default(),
            rates("0", "0", "0.0005", "0"),
        )
        .commission_in_bnb();
    let exchange = builder(symbol(), alice)
        .symbol(SymbolConfig::new("BNBUSDT", "BNB", "USDT", decimal("200")))
        .commission_discount("BNB", decimal("0.5"));
    let mut scene = Scene::new(exchange).await;
    let commission = scene.query("alice", "/api/v3/account/commission", "").await;
    assert_eq!(
        commission["standardCommission"],
        json!({"maker": "0.00100000", "taker": "0.00200000", "buyer": "0.00010000", "seller": "0.00020000"})
    );
    assert_eq!(
        commission["discount"],
        json!({"enabledForAccount": true, "enabledForSymbol": true, "discountAsset": "BNB",
            "discount": "0.50000000"})
    );
    let test = format!("symbol={SYMBOL}&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true");
    let test = signed(&scene.exchange, "alice", "POST", "/api/v3/order/test", &test).await.json();
    assert_eq!(test["standardCommissionForOrder"], json!({"maker": "0.00110000", "taker": "0.00210000"}));
    assert_eq!(test["taxCommissionForOrder"], json!({"maker": "0.00050000", "taker": "0.00050000"}));

    scene.place("bob", "side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=100").await;
    let placed = scene.place("alice", "side=BUY&type=MARKET&quantity=1").await;
    // 0.0021 AB at half the rate and 0.0005 AB of tax, at 100 each, in BNB at 200.
    let fill = &placed["fills"][0];
    assert_eq!((&fill["commission"], &fill["commissionAsset"]), (&"0.00077500".into(), &"BNB".into()));
    scene.report().await;
    let report = scene.report().await;
    assert_eq!((&report["n"], &report["N"]), (&fill["commission"], &"BNB".into()));
    let trade = &scene.query("alice", "/api/v3/myTrades", "").await[0];
    assert_eq!((&trade["commission"], &trade["commissionAsset"]), (&fill["commission"], &"BNB".into()));
    assert_eq!((&trade["id"], &trade["price"]), (&fill["tradeId"], &"100.00000000".into()));
    assert_eq!(
        scene.position().await,
        json!([{"a": "AB", "f": "1001.00000000", "l": "0.00000000"},
            {"a": "USDT", "f": "999900.00000000", "l": "0.00000000"},
            {"a": "BNB", "f": "0.99922500", "l": "0.00000000"}])
    );
}

#[tokio::test(start_paused = true)]
async fn strategies_and_unfilled_orders() {
    let mut scene = Scene::new(builder(symbol(), rich("alice"))).await;
    let order = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100";
    let placed = scene.place("alice", &format!("{order}&strategyId=9&strategyType=1000000")).await;
    assert_eq!(beyond(&placed), set(["strategyId", "strategyType"]));
    let report = scene.report().await;
    assert_eq!(conditional(&report), set(["j", "J"]));
    for _ in 0..6 {
        scene.place("alice", order).await;
    }
    let count = async |scene: &Scene| {
        let limits = signed(&scene.exchange, "alice", "GET", "/api/v3/rateLimit/order", "").await.json();
        limits[0]["count"].as_u64().unwrap()
    };
    assert_eq!(count(&scene).await, 7);
    // The first fill of a maker takes five away, the next ones nothing; that of a taker takes one.
    scene.place("bob", "side=SELL&type=MARKET&quantity=0.5").await;
    assert_eq!(count(&scene).await, 2);
    scene.place("bob", "side=SELL&type=MARKET&quantity=0.5").await;
    assert_eq!(count(&scene).await, 2);
    scene.place("bob", "side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=101").await;
    scene.place("alice", "side=BUY&type=MARKET&quantity=0.5").await;
    assert_eq!(count(&scene).await, 2);
}
