//! Messages in the form and the order of keys that the exchange writes. Values differ from message to message, so that no branch
//! predictor learns one text by heart; they come from a seed, so that all candidates and all runs see the same bytes.

use std::fmt::Write as _;

/// xorshift64*.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// A quantity in units of 1e-8: many small ones, few large ones, in steps of 1e-5.
    fn quantity(&mut self) -> u64 {
        let most = match self.below(100) {
            0..=39 => 1_000,
            40..=74 => 100_000,
            75..=93 => 1_000_000,
            _ => 20_000_000,
        };
        (1 + self.below(most)) * 1_000
    }
}

/// An amount in units of 1e-8, as the exchange writes it.
fn decimal(amount: u64) -> String {
    format!("{}.{:08}", amount / 100_000_000, amount % 100_000_000)
}

const MIDDLE: u64 = 4_325_101_000_000;
const TICK: u64 = 1_000_000;
const TIME: u64 = 1_700_000_000_000;

fn price(random: &mut Random) -> u64 {
    MIDDLE + random.below(2_000) * TICK - 1_000 * TICK
}

/// A trade. `time` is what is written as the time of the event.
pub(crate) fn trade_at(random: &mut Random, symbol: &str, id: u64, time: u64) -> String {
    format!(
        r#"{{"e":"trade","E":{time},"s":"{symbol}","t":{id},"p":"{}","q":"{}","T":{},"m":{},"M":true}}"#,
        decimal(price(random)),
        decimal(random.quantity()),
        TIME + id % 1_000_000,
        random.below(2) == 0
    )
}

/// The first id of the trades of a stream. All ids have ten digits.
pub(crate) const FIRST_TRADE: u64 = 3_456_789_012;
/// The first update id of the depth events of a stream. All ids have eleven digits.
pub(crate) const FIRST_UPDATE: u64 = 41_234_567_890;
/// Updates in a depth event.
pub(crate) const UPDATES: u64 = 40;

fn trade(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 17 + random.below(5);
    trade_at(random, "BTCUSDT", FIRST_TRADE + number, time)
}

fn agg_trade(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 17;
    format!(
        r#"{{"e":"aggTrade","E":{},"s":"BTCUSDT","a":{},"p":"{}","q":"{}","f":{},"l":{},"T":{time},"m":{},"M":true}}"#,
        time + random.below(5),
        2_456_789_012 + number,
        decimal(price(random)),
        decimal(random.quantity()),
        FIRST_TRADE + number * 3,
        FIRST_TRADE + number * 3 + 2,
        random.below(2) == 0
    )
}

fn book_ticker(random: &mut Random, number: u64) -> String {
    let bid = price(random);
    format!(
        r#"{{"u":{},"s":"BTCUSDT","b":"{}","B":"{}","a":"{}","A":"{}"}}"#,
        FIRST_UPDATE + number,
        decimal(bid),
        decimal(random.quantity()),
        decimal(bid + TICK),
        decimal(random.quantity())
    )
}

fn kline(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 2_000;
    let start = time / 60_000 * 60_000;
    let quote = |random: &mut Random| decimal(random.quantity() * 400_003 % 4_000_000_000_000_000);
    let prices: Vec<String> = (0..4).map(|_| decimal(price(random))).collect();
    let [open, close, high, low] = prices.as_slice() else { return String::new() };
    format!(
        r#"{{"e":"kline","E":{time},"s":"BTCUSDT","k":{{"t":{start},"T":{},"s":"BTCUSDT","i":"1m","f":{},"L":{},"o":"{open}","c":"{close}","h":"{high}","l":"{low}","v":"{}","n":{},"x":{},"q":"{}","V":"{}","Q":"{}","B":"0"}}}}"#,
        start + 59_999,
        FIRST_TRADE + number,
        FIRST_TRADE + number + 500,
        decimal(random.quantity() * 9),
        300 + random.below(900),
        random.below(20) == 0,
        quote(random),
        decimal(random.quantity() * 4),
        quote(random)
    )
}

fn ticker(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 1_000;
    let last = price(random);
    let sign = if random.below(2) == 0 { "-" } else { "" };
    format!(
        r#"{{"e":"24hrTicker","E":{time},"s":"BTCUSDT","p":"{sign}{}","P":"{sign}{}.{:03}","w":"{}","x":"{}","c":"{}","Q":"{}","b":"{}","B":"{}","a":"{}","A":"{}","o":"{}","h":"{}","l":"{}","v":"{}","q":"{}","O":{},"C":{time},"F":{},"L":{},"n":200001}}"#,
        decimal(random.below(2_000) * TICK),
        random.below(10),
        random.below(1_000),
        decimal(price(random)),
        decimal(last - TICK),
        decimal(last),
        decimal(random.quantity()),
        decimal(last - TICK),
        decimal(random.quantity()),
        decimal(last),
        decimal(random.quantity()),
        decimal(price(random)),
        decimal(price(random)),
        decimal(price(random)),
        decimal(random.quantity() * 3_000),
        decimal(random.quantity() * 90_000_007 % 90_000_000_000_000_000),
        time - 86_400_000,
        3_456_700_000 + number,
        3_456_900_000 + number
    )
}

/// Two thousand symbols of different lengths and prices.
fn mini_tickers(random: &mut Random, number: u64) -> String {
    let all: Vec<String> = (0..2_000)
        .map(|index| {
            let scale = 10_u64.pow(u32::try_from(index % 7).unwrap_or(0));
            let mut any = || decimal(price(random) / scale);
            let [close, open, high, low] = [any(), any(), any(), any()];
            format!(
                r#"{{"e":"24hrMiniTicker","E":{},"s":"{}{}","c":"{close}","o":"{open}","h":"{high}","l":"{low}","v":"{}","q":"{}"}}"#,
                TIME + number,
                ["BTC", "ETH", "DOGE", "SHIB", "1000SATS"][usize::try_from(index % 5).unwrap_or(0)],
                ["USDT", "FDUSD", "BTC", "EUR", "TRY"][usize::try_from(index / 5 % 5).unwrap_or(0)],
                decimal(random.quantity() * 3_000),
                decimal(random.quantity() * 90_000_007 % 90_000_000_000_000_000)
            )
        })
        .collect();
    format!("[{}]", all.join(","))
}

fn side(random: &mut Random, levels: usize, is_bid: bool) -> String {
    let mut text = String::with_capacity(levels * 32);
    let mut at = MIDDLE;
    for level in 0..levels {
        let step = TICK * (1 + random.below(if level < 5 { 2 } else { 9 }));
        at = if is_bid { at - step } else { at + step };
        let quantity = if random.below(3) == 0 { 0 } else { random.quantity() };
        let comma = if level > 0 { "," } else { "" };
        let _ = write!(text, r#"{comma}["{}","{}"]"#, decimal(at), decimal(quantity));
    }
    text
}

/// Changes of a book: `levels` of both sides together.
pub(crate) fn depth(random: &mut Random, symbol: &str, number: u64, levels: usize) -> String {
    let first = FIRST_UPDATE + number * UPDATES;
    let bids = levels.div_ceil(2);
    format!(
        r#"{{"e":"depthUpdate","E":{},"s":"{symbol}","U":{first},"u":{},"b":[{}],"a":[{}]}}"#,
        TIME + number * 100,
        first + UPDATES - 1,
        side(random, bids, true),
        side(random, levels - bids, false)
    )
}

fn execution_report(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 100;
    format!(
        r#"{{"subscriptionId":0,"event":{{"e":"executionReport","E":{time},"s":"BTCUSDT","c":"x-Abc123Def456Ghi789{:010}","S":"{}","o":"LIMIT","f":"GTC","q":"{}","p":"{}","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":{},"l":"{}","z":"{}","L":"{}","n":"{}","N":"BNB","T":{time},"t":{},"v":3,"I":{},"w":false,"m":{},"M":true,"O":{},"Z":"{}","Y":"{}","Q":"0.00000000","W":{},"V":"EXPIRE_MAKER"}}}}"#,
        random.below(9_999_999_999),
        if random.below(2) == 0 { "BUY" } else { "SELL" },
        decimal(random.quantity()),
        decimal(price(random)),
        23_456_789_012 + number,
        decimal(random.quantity()),
        decimal(random.quantity()),
        decimal(price(random)),
        decimal(random.quantity() / 1_000),
        FIRST_TRADE + number,
        52_345_678_901 + number,
        random.below(2) == 0,
        time - 30,
        decimal(random.quantity() * 4_000),
        decimal(random.quantity() * 2_000),
        time - 30
    )
}

/// The answer to an order.
fn order_answer(random: &mut Random, number: u64) -> String {
    let time = TIME + number * 100;
    format!(
        r#"{{"id":"{}","status":200,"result":{{"symbol":"BTCUSDT","orderId":{},"orderListId":-1,"clientOrderId":"4d96324ff9d44481926157ec08158a40","transactTime":{time},"price":"{}","origQty":"{}","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"SELL","workingTime":{time},"fills":[],"selfTradePreventionMode":"NONE"}},"rateLimits":[{{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":{}}},{{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000,"count":{}}},{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":{}}}]}}"#,
        1_000_000 + random.below(8_999_999),
        12_569_099_453_u64 + number,
        decimal(price(random)),
        decimal(random.quantity()),
        random.below(50),
        random.below(9_000),
        random.below(6_000)
    )
}

/// The wrapper of a connection with several streams.
pub(crate) fn combined(stream: &str, data: &str) -> String {
    format!(r#"{{"stream":"{stream}","data":{data}}}"#)
}

/// A kind of message that is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Trade,
    AggTrade,
    BookTicker,
    Kline,
    Ticker,
    MiniTickers,
    Depth20,
    Depth1000,
    ExecutionReport,
    OrderAnswer,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Trade,
        Self::AggTrade,
        Self::BookTicker,
        Self::Kline,
        Self::Ticker,
        Self::MiniTickers,
        Self::Depth20,
        Self::Depth1000,
        Self::ExecutionReport,
        Self::OrderAnswer,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::AggTrade => "aggTrade",
            Self::BookTicker => "bookTicker",
            Self::Kline => "kline",
            Self::Ticker => "24hrTicker",
            Self::MiniTickers => "2000 mini tickers",
            Self::Depth20 => "depth of 20 levels",
            Self::Depth1000 => "depth of 1000 levels",
            Self::ExecutionReport => "executionReport",
            Self::OrderAnswer => "order answer",
        }
    }

    /// The name of the stream; empty for what does not come on one.
    pub(crate) fn stream(self) -> &'static str {
        match self {
            Self::Trade => "btcusdt@trade",
            Self::AggTrade => "btcusdt@aggTrade",
            Self::BookTicker => "btcusdt@bookTicker",
            Self::Kline => "btcusdt@kline_1m",
            Self::Ticker => "btcusdt@ticker",
            Self::MiniTickers => "!miniTicker@arr",
            Self::Depth20 | Self::Depth1000 => "btcusdt@depth",
            Self::ExecutionReport | Self::OrderAnswer => "",
        }
    }

    /// The messages as they come on a connection with several streams, or on the WebSocket API.
    pub(crate) fn frames(self) -> Vec<Vec<u8>> {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let count = match self {
            Self::MiniTickers => 4,
            Self::Depth1000 => 16,
            _ => 512,
        };
        let data = |random: &mut Random, number: u64| match self {
            Self::Trade => trade(random, number),
            Self::AggTrade => agg_trade(random, number),
            Self::BookTicker => book_ticker(random, number),
            Self::Kline => kline(random, number),
            Self::Ticker => ticker(random, number),
            Self::MiniTickers => mini_tickers(random, number),
            Self::Depth20 => depth(random, "BTCUSDT", number, 20),
            Self::Depth1000 => depth(random, "BTCUSDT", number, 1_000),
            Self::ExecutionReport => execution_report(random, number),
            Self::OrderAnswer => order_answer(random, number),
        };
        (0..count)
            .map(|number| {
                let data = data(&mut random, number);
                if self.stream().is_empty() { data } else { combined(self.stream(), &data) }.into_bytes()
            })
            .collect()
    }
}
