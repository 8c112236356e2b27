//! SBE beside JSON of the same values: directly from the offsets, and through the tables that serve the long tail.

use binance_kit_bench::{Candidate, race, report};
use binance_kit_core::decode::{EventFrame, FastReader, Frame};
use binance_kit_core::sbe::{self, Layout, Message, Schema};
use binance_kit_core::{Decode, DecodeError, Decoder, StreamEvent};
use binance_kit_model::spot::sbe::{API, STREAM};
use binance_kit_model::spot::trade::NewOrderResponse;
use binance_kit_model::spot::{BookTickerEvent, DepthEvent, Kline, MarketEvent, TradeEvent};

/// The same value in JSON and in SBE.
struct Pair {
    schema: &'static Schema,
    json: String,
    sbe: Vec<u8>,
}

impl Pair {
    fn new(schema: &'static Schema, name: &str, json: String) -> Self {
        let mut out = Vec::new();
        let layout: Option<&'static Layout> = schema.layouts.iter().find(|layout| layout.name == name);
        let _ = Decoder::new().parse(json.as_bytes(), |value| {
            let written = layout.map(|layout| sbe::encode(schema, layout, value, &mut out));
            written.transpose().map_err(|error| DecodeError::invalid(error.to_string()))
        });
        Self { schema, json, sbe: out }
    }
}

fn levels(base: u64, count: u64) -> String {
    let levels: Vec<String> = (0..count)
        .map(|level| format!(r#"["{}.10000000","1.{:05}000"]"#, base + level, level * 31))
        .collect();
    levels.join(",")
}

fn event(name: &str, json: &str) -> Pair {
    Pair::new(&STREAM, name, json.to_owned())
}

fn events<E: StreamEvent>(title: &str, pair: &Pair, read: fn(&E) -> u64) {
    let (mut one, mut two) = (Decoder::new(), Decoder::new());
    let mut candidates: Vec<Candidate<'_>> = vec![
        (
            "SBE, directly from the offsets",
            Box::new(|_| {
                let mut sum = 0;
                let message = Message::new(pair.schema, &pair.sbe);
                let _ = message.and_then(|message| E::decode_sbe(&message, &mut |event| sum += read(&event)));
                sum
            }),
        ),
        (
            "SBE, through the tables",
            Box::new(|_| {
                let read = |frame: Frame<'_>| match frame {
                    Frame::Event(frame) => match frame.data.array() {
                        Ok(mut all) => all.next().map_or(Ok(0), |data| {
                            E::decode_event(EventFrame { data, ..frame }).map(|event| read(&event))
                        }),
                        Err(_) => E::decode_event(frame).map(|event| read(&event)),
                    },
                    _ => Ok(0),
                };
                one.sbe_frame(pair.schema, &pair.sbe, read).unwrap_or(0)
            }),
        ),
        (
            "JSON, fast path",
            Box::new(|_| {
                FastReader::event::<E>(pair.json.as_bytes(), None).map_or(0, |(_, event)| read(&event))
            }),
        ),
        (
            "JSON, simd-json",
            Box::new(|_| {
                let read = |frame: Frame<'_>| match frame {
                    Frame::Event(frame) => E::decode_event(frame).map(|event| read(&event)),
                    _ => Ok(0),
                };
                two.frame(pair.json.as_bytes(), read).unwrap_or(0)
            }),
        ),
    ];
    let least = race(&mut candidates, 60, 5_000);
    report(title, &candidates, &least);
}

fn answers<T: Decode>(title: &str, pair: &Pair, read: fn(&T) -> u64) {
    let (mut one, mut two) = (Decoder::new(), Decoder::new());
    let mut candidates: Vec<Candidate<'_>> = vec![
        (
            "SBE, through the tables",
            Box::new(|_| one.decode_sbe::<T>(pair.schema, &pair.sbe).map_or(0, |value| read(&value))),
        ),
        (
            "JSON, simd-json",
            Box::new(|_| two.decode::<T>(pair.json.as_bytes()).map_or(0, |value| read(&value))),
        ),
    ];
    let least = race(&mut candidates, 60, 200);
    report(title, &candidates, &least);
}

fn main() {
    let trade = event(
        "TradesStreamEvent",
        r#"{"e":"trade","E":1723161255208123,"s":"BTCUSDT","t":3750000000,"p":"61000.17000000","q":"0.01700000","T":1723161255207123,"m":true,"M":true}"#,
    );
    events::<TradeEvent>("a trade", &trade, |trade| trade.trade_id.get());
    events::<MarketEvent>("a trade, as one of all market events", &trade, |event| {
        u64::from(matches!(event, MarketEvent::Trade(_)))
    });
    let best = event(
        "BestBidAskStreamEvent",
        r#"{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}"#,
    );
    events::<BookTickerEvent>("the best bid and ask", &best, |ticker| ticker.update_id.get());
    let depth = format!(
        r#"{{"e":"depthUpdate","E":1723161255208123,"s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[{}],"a":[{}]}}"#,
        levels(60_000, 20),
        levels(61_000, 20)
    );
    events::<DepthEvent>("20 levels of each side", &event("DepthDiffStreamEvent", &depth), |update| {
        update.last_update_id.get()
    });
    let order = r#"{"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"6gCrw2kRUAF9CvJDGP16IP","transactTime":1507725176595123,"price":"0.00000000","origQty":"10.00000000","executedQty":"10.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"10.00000000","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"SELL","workingTime":1507725176595123,"selfTradePreventionMode":"NONE","fills":[{"price":"4000.00000000","qty":"1.00000000","commission":"4.00000000","commissionAsset":"USDT","tradeId":56},{"price":"3999.00000000","qty":"5.00000000","commission":"19.99500000","commissionAsset":"USDT","tradeId":57}]}"#;
    let order = Pair::new(&API, "NewOrderFullResponse", order.to_owned());
    answers::<NewOrderResponse>("an order with two fills", &order, |order| order.order_id.get());
    let klines: Vec<String> = (0..500_u64)
        .map(|minute| {
            let open = 1_723_161_240_000_000 + minute * 60_000_000;
            format!(
                r#"[{open},"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",{},"2434.19055334",308,"1756.87402397","28.46694368","0"]"#,
                open + 59_999_999
            )
        })
        .collect();
    let klines = Pair::new(&API, "KlinesResponse", format!("[{}]", klines.join(",")));
    answers::<Vec<Kline>>("500 candles", &klines, |klines| klines.len() as u64);
}
