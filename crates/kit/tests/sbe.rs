//! JSON and SBE of one exchange give the same values: REST and the WebSocket API, market data, orders and user data.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::common::{KlineInterval, OrderSide};
use binance_kit::core::product::Spot;
use binance_kit::core::sbe::Schema;
use binance_kit::core::{Encoding, List, RestRequest, TimeUnit, WsRequest};
use binance_kit::rest::RestClient;
use binance_kit::spot::{self, AccountEvent, MarketEvent, NewOrder, OrderKey, OrderListOco};
use binance_kit::stream::{Item, StreamClient, StreamConfig};
use binance_kit::ws_api::{UserDataItem, WsApiClient, WsApiConfig};
use binance_kit::{Api, ApiError, Binance, Credentials, Decimal, Environment, ErrorKind, MixedTopic, Topic};
use common::{World, topics};
use std::fmt::Debug;

const SBE: Encoding = Encoding::Sbe(&spot::sbe::API);

fn rest(binance: &Binance, credentials: Credentials, encoding: Encoding) -> RestClient {
    RestClient::builder(binance.context(), binance.environment())
        .credentials(credentials)
        .time_unit(TimeUnit::Microsecond)
        .encoding(encoding)
        .build()
        .unwrap()
}

async fn ws_api(binance: &Binance, credentials: Credentials, encoding: Encoding) -> WsApiClient {
    let config = WsApiConfig { time_unit: TimeUnit::Microsecond, encoding, ..WsApiConfig::default() };
    WsApiClient::builder(binance.context(), binance.environment())
        .credentials(credentials)
        .config(config)
        .connect()
        .await
        .unwrap()
}

struct Clients {
    rest: [RestClient; 2],
    ws_api: [WsApiClient; 2],
}

impl Clients {
    async fn new(world: &World) -> Self {
        let (binance, key) = (&world.binance, common::hmac);
        Self {
            rest: [Encoding::Json, SBE].map(|encoding| rest(binance, key(), encoding)),
            ws_api: [ws_api(binance, key(), Encoding::Json).await, ws_api(binance, key(), SBE).await],
        }
    }

    /// Sends a request in all four ways and compares JSON with SBE, after `tidy`.
    async fn compare<R>(&self, request: R, tidy: impl Fn(&mut R::Response))
    where
        R: RestRequest + WsRequest<Product = Spot> + Clone + Debug,
        R::Response: PartialEq + Debug,
    {
        let mut answers = Vec::new();
        for client in &self.rest {
            let answer = client.send(request.clone()).await;
            answers.push(answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}")).into_value());
        }
        for client in &self.ws_api {
            let answer = client.send(request.clone()).await;
            answers.push(answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}")).into_value());
        }
        answers.iter_mut().for_each(tidy);
        // What each transport says of itself may differ between the two.
        let [rest, rest_sbe, ws_api, ws_api_sbe] = answers.as_slice() else { panic!("four answers") };
        assert_eq!(rest_sbe, rest, "{request:?}");
        assert_eq!(ws_api_sbe, ws_api, "{request:?}");
    }

    async fn same<R>(&self, request: R)
    where
        R: RestRequest + WsRequest<Product = Spot> + Clone + Debug,
        R::Response: PartialEq + Debug,
    {
        self.compare(request, |_| ()).await;
    }

    /// Sends a request that is refused in all four ways.
    async fn refused<R>(&self, request: R, code: i32)
    where
        R: RestRequest + WsRequest<Product = Spot> + Clone + Debug,
        R::Response: Debug,
    {
        let mut errors = Vec::new();
        for client in &self.rest {
            errors.push(client.send(request.clone()).await.unwrap_err().api_error().cloned());
        }
        for client in &self.ws_api {
            errors.push(client.send(request.clone()).await.unwrap_err().api_error().cloned());
        }
        for error in &errors {
            assert_eq!(Some(error), errors.first(), "{request:?}");
            assert_eq!(error.as_ref().unwrap().code.0, code, "{request:?}");
        }
    }
}

/// Sets have no order in SBE, and it does not say the time.
fn tidy(information: &mut spot::general::ExchangeInformation) {
    information.server_time = None;
    for symbol in &mut information.symbols {
        symbol.order_types.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        symbol.allowed_self_trade_prevention_modes.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        symbol.opo_allowed = None;
    }
}

#[tokio::test(start_paused = true)]
async fn one_request_has_one_answer_in_both_encodings() {
    let world = World::new().await;
    let clients = Clients::new(&world).await;
    // Something to report: a moment of market, an order that was filled and one that is open.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    clients.rest[1].send(NewOrder::market_buy("BTCUSDT").quantity(Decimal::new(1, 3))).await.unwrap();
    let low = (world.exchange.order_book("BTCUSDT").unwrap().bids[0].0 * Decimal::new(9, 1)).round_dp(0);
    let open = NewOrder::limit_buy("BTCUSDT").quantity(Decimal::new(1, 3)).price(low);
    let open = clients.ws_api[1].send(open).await.unwrap().into_value();
    let list = OrderListOco::sell("BTCUSDT", Decimal::new(1, 3))
        .above(spot::trade::OrderLeg::limit_maker(low * Decimal::TWO))
        .below(spot::trade::OrderLeg::stop_loss(low));
    let list = clients.rest[1].send(list).await.unwrap().into_value();
    world.exchange.pause_market();

    clients.same(spot::general::Ping::new()).await;
    clients.same(spot::general::Time::new()).await;
    clients.compare(spot::ExchangeInfo::new(), tidy).await;
    clients.compare(spot::ExchangeInfo::of(["BTCUSDT", "ETHUSDT"]), tidy).await;
    clients.same(spot::general::ExecutionRules::new()).await;
    clients.same(spot::Depth::new("BTCUSDT").limit(50)).await;
    clients.same(spot::Trades::new("BTCUSDT").limit(20)).await;
    clients.same(spot::market::HistoricalTrades::new("BTCUSDT").limit(20)).await;
    clients.same(spot::AggTrades::new("BTCUSDT").limit(20)).await;
    clients.same(spot::Klines::new("BTCUSDT", KlineInterval::Second1).limit(3)).await;
    clients.same(spot::market::UiKlines::new("BTCUSDT", KlineInterval::Minute1).limit(3)).await;
    clients.same(spot::market::AvgPrice::new("BTCUSDT")).await;
    clients.same(spot::TickerPrice::new()).await;
    clients.same(spot::TickerBook::new()).await;
    clients.same(spot::QueryOrder::new("BTCUSDT", OrderKey::Id(open.order_id))).await;
    clients.same(spot::QueryOrder::new("BTCUSDT", OrderKey::Client(open.client_order_id))).await;
    clients.same(spot::OpenOrders::new()).await;
    clients.same(spot::AllOrders::new("BTCUSDT")).await;
    clients.same(spot::MyTrades::new("BTCUSDT")).await;
    clients.same(spot::trade::QueryOrderList::new(list.order_list_id)).await;
    clients.same(spot::trade::AllOrderLists::new()).await;
    clients.same(spot::trade::OpenOrderLists::new()).await;
    clients.same(spot::account::UnfilledOrderCount::new()).await;
    clients.same(spot::account::AccountCommission::new("BTCUSDT")).await;
    clients.same(spot::account::MyFilters::new("BTCUSDT")).await;
    let test = spot::trade::TestOrder::new(NewOrder::market_buy("BTCUSDT").quantity(Decimal::new(1, 3)));
    clients.same(test.clone()).await;
    clients.same(test.compute_commission_rates(true)).await;
    // The old commissions in basis points are not in the schema.
    let tidy_account = |account: &mut spot::account::AccountInformation| {
        account.maker_commission = None;
        account.taker_commission = None;
        account.buyer_commission = None;
        account.seller_commission = None;
    };
    clients.compare(spot::Account::new(), tidy_account).await;
    clients.compare(spot::Account::new().omit_zero_balances(true), tidy_account).await;

    clients.refused(spot::QueryOrder::new("BTCUSDT", OrderKey::Client("none".into())), -2013).await;
    clients.refused(spot::Depth::new("NONE"), -1121).await;
    clients.refused(spot::CancelOrder::new("BTCUSDT", OrderKey::Client("none".into())), -2011).await;
}

/// Percentages went through a float of 32 bits: the last digits may differ.
fn close(one: Option<Decimal>, other: Option<Decimal>) -> bool {
    let (one, other) = (one.unwrap(), other.unwrap());
    (one - other).abs() <= one.abs() * Decimal::new(1, 6) + Decimal::new(1, 6)
}

#[tokio::test(start_paused = true)]
async fn tickers_are_the_same_but_for_percentages() {
    let world = World::new().await;
    let clients = Clients::new(&world).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    world.exchange.pause_market();
    for request in
        [spot::Ticker24hr::new(), spot::Ticker24hr::new().ticker_type(spot::market::TickerType::Mini)]
    {
        let json = clients.rest[0].send(request.clone()).await.unwrap().into_value();
        for mut sbe in [
            clients.rest[1].send(request.clone()).await.unwrap().into_value().into_vec(),
            clients.ws_api[1].send(request.clone()).await.unwrap().into_value().into_vec(),
        ] {
            for (json, sbe) in json.iter().zip(&mut sbe) {
                if let (spot::market::DayTicker::Full(json), spot::market::DayTicker::Full(sbe)) = (json, sbe)
                {
                    assert!(close(json.price_change_percent, sbe.price_change_percent), "{json:?} {sbe:?}");
                    sbe.price_change_percent = json.price_change_percent;
                }
            }
            assert_eq!(json.as_slice(), sbe.as_slice());
        }
    }
    let window = spot::market::TickerRollingWindow::new(spot::general::Symbols::One("BTCUSDT".into()));
    let json = clients.rest[0].send(window.clone()).await.unwrap().into_value().one().unwrap();
    let sbe = clients.ws_api[1].send(window).await.unwrap().into_value().one().unwrap();
    let (spot::market::WindowTicker::Full(json), spot::market::WindowTicker::Full(mut sbe)) = (json, sbe)
    else {
        panic!("not everything");
    };
    assert!(close(json.price_change_percent, sbe.price_change_percent));
    sbe.price_change_percent = json.price_change_percent;
    assert_eq!(json, sbe);
}

/// The result of one round of trading.
#[derive(Debug, PartialEq)]
enum Step {
    Placed(Box<spot::trade::NewOrderResponse>),
    Canceled(Box<spot::trade::CancelResult>),
    All(List<spot::trade::CancelResult>),
    Replaced(Box<spot::trade::CancelReplaceResponse>),
    Amended(Box<spot::trade::AmendResponse>),
    List(Box<spot::trade::OrderListReport>),
    Refused(Option<ApiError>),
    Event(Box<AccountEvent>),
}

/// Trades in a world of its own: the same seed and a clock that stands give the same answers.
async fn trade(encoding: Encoding) -> Vec<Step> {
    let world = World::new().await;
    world.exchange.pause_market();
    let rest = rest(&world.binance, common::hmac(), encoding);
    let ws_api = ws_api(&world.binance, common::hmac(), encoding).await;
    let mut events = ws_api.subscribe_user_data::<AccountEvent>().await.unwrap();
    let low = (world.exchange.order_book("BTCUSDT").unwrap().bids[0].0 * Decimal::new(9, 1)).round_dp(0);
    let quantity = Decimal::new(2, 3);
    let limit =
        |id: &str| NewOrder::limit_buy("BTCUSDT").quantity(quantity).price(low).new_client_order_id(id);
    let mut steps = Vec::new();
    for kind in [
        spot::trade::OrderResponseType::Ack,
        spot::trade::OrderResponseType::Result,
        spot::trade::OrderResponseType::Full,
    ] {
        let market = NewOrder::market_buy("BTCUSDT").quantity(Decimal::new(1, 3)).response_type(kind.clone());
        steps.push(Step::Placed(Box::new(rest.send(market.clone()).await.unwrap().into_value())));
        steps.push(Step::Placed(Box::new(ws_api.send(market).await.unwrap().into_value())));
        let open = limit(&format!("open{}", kind.as_str())).response_type(kind);
        steps.push(Step::Placed(Box::new(ws_api.send(open).await.unwrap().into_value())));
    }
    let by_client = |id: &str| OrderKey::Client(id.into());
    let cancel = spot::CancelOrder::new("BTCUSDT", by_client("openACK"));
    steps.push(Step::Canceled(Box::new(ws_api.send(cancel.clone()).await.unwrap().into_value())));
    steps.push(Step::Refused(rest.send(cancel).await.unwrap_err().api_error().cloned()));
    let mode = spot::trade::CancelReplaceMode::StopOnFailure;
    let replace = spot::CancelReplace::new(limit("again"), mode.clone(), by_client("openRESULT"));
    steps.push(Step::Replaced(Box::new(rest.send(replace.clone()).await.unwrap().into_value())));
    // Both halves fail: the error carries their outcomes.
    steps.push(Step::Refused(rest.send(replace.clone()).await.unwrap_err().api_error().cloned()));
    steps.push(Step::Refused(ws_api.send(replace).await.unwrap_err().api_error().cloned()));
    let amend = spot::trade::AmendKeepPriority::new("BTCUSDT", by_client("openFULL"), Decimal::new(1, 3));
    steps.push(Step::Amended(Box::new(ws_api.send(amend).await.unwrap().into_value())));
    for kind in [
        spot::trade::OrderResponseType::Ack,
        spot::trade::OrderResponseType::Result,
        spot::trade::OrderResponseType::Full,
    ] {
        let list = OrderListOco::sell("BTCUSDT", quantity)
            .above(spot::trade::OrderLeg::limit_maker(low * Decimal::TWO))
            .below(spot::trade::OrderLeg::stop_loss(low))
            .response_type(kind);
        let list = rest.send(list).await.unwrap().into_value();
        let id = list.order_list_id;
        steps.push(Step::List(Box::new(list)));
        let cancel = spot::trade::CancelOrderList::new("BTCUSDT", id);
        steps.push(Step::List(Box::new(ws_api.send(cancel).await.unwrap().into_value())));
    }
    steps.push(Step::All(
        rest.send(spot::trade::CancelOpenOrders::new("BTCUSDT")).await.unwrap().into_value(),
    ));
    world.exchange.account("alice").unwrap().fund("USDT", Decimal::ONE_HUNDRED).unwrap();
    let mut seen = 0;
    while seen < 20 {
        if let UserDataItem::Event { data: event, .. } = events.next().await.unwrap() {
            seen += 1;
            steps.push(Step::Event(Box::new(event)));
        }
    }
    steps
}

/// The quantity of the quote asset is not in the schema of an amended order.
fn without_what_sbe_lacks(mut steps: Vec<Step>) -> Vec<Step> {
    for step in &mut steps {
        match step {
            Step::Amended(answer) => answer.amended_order.quote_order_quantity = None,
            // The text of data: its keys stand in another order.
            Step::Refused(Some(error)) => {
                if let Some(data) = error.data.take() {
                    let mut letters: Vec<char> =
                        data.chars().filter(|letter| letter.is_alphabetic()).collect();
                    letters.sort_unstable();
                    error.data = Some(letters.into_iter().collect());
                }
            }
            _ => {}
        }
    }
    steps
}

#[tokio::test(start_paused = true)]
async fn orders_and_their_events_are_the_same_in_both_encodings() {
    let json = without_what_sbe_lacks(trade(Encoding::Json).await);
    let sbe = without_what_sbe_lacks(trade(SBE).await);
    assert_eq!(json.len(), sbe.len());
    for (json, sbe) in json.iter().zip(&sbe) {
        assert_eq!(json, sbe);
    }
}

fn streams(world: &World, encoding: Encoding, key: Option<&Credentials>) -> StreamClient {
    let config = StreamConfig {
        time_unit: TimeUnit::Microsecond,
        encoding,
        api_key: key.map(|key| key.api_key().clone()),
        ..StreamConfig::default()
    };
    StreamClient::builder(world.binance.context(), world.binance.environment())
        .config(config)
        .build()
        .unwrap()
}

const SBE_STREAMS: Encoding = Encoding::Sbe(&spot::sbe::STREAM);

/// How many events of each kind are compared.
const EACH: usize = 40;

/// The first events of each of the four kinds that come after the first of them, by their ids.
async fn events(client: &StreamClient, topics: [MixedTopic<MarketEvent>; 4]) -> [Vec<MarketEvent>; 4] {
    let names = topics.each_ref().map(|topic| topic.info().unwrap().name.clone());
    let mut stream = client.subscribe(topics).await.unwrap();
    let mut kinds: [Vec<MarketEvent>; 4] = Default::default();
    while kinds.iter().any(|events| events.len() < EACH) {
        match stream.next().await.unwrap() {
            Item::Event(event) => {
                let kind = match &event.data {
                    MarketEvent::Trade(_) => 0,
                    MarketEvent::BookTicker(_) => 1,
                    MarketEvent::Depth(_) => 2,
                    MarketEvent::PartialDepth(_) => 3,
                    other => panic!("{other:?}"),
                };
                assert_eq!(event.stream, names[kind]);
                kinds[kind].push(event.data);
            }
            Item::State(_) => {}
            other => panic!("{other:?}"),
        }
    }
    kinds
}

/// By which events of two connections are matched.
fn place(event: &MarketEvent) -> u64 {
    match event {
        MarketEvent::Trade(trade) => trade.trade_id.get(),
        MarketEvent::BookTicker(ticker) => ticker.update_id.get(),
        MarketEvent::Depth(update) => update.last_update_id.get(),
        MarketEvent::PartialDepth(depth) => depth.last_update_id.get(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_four_streams_are_the_same_in_both_encodings() {
    let world = World::new().await;
    let key = common::ed25519(&world.exchange);
    let (json, sbe) = (streams(&world, Encoding::Json, None), streams(&world, SBE_STREAMS, Some(&key)));
    let in_json =
        topics(["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms", "btcusdt@depth20@100ms"]);
    let in_sbe = topics(["btcusdt@trade", "btcusdt@bestBidAsk", "btcusdt@depth", "btcusdt@depth20"]);
    let (json, sbe) = tokio::join!(events(&json, in_json), events(&sbe, in_sbe));
    for (json, sbe) in json.iter().zip(&sbe) {
        let mut compared = 0;
        for event in sbe {
            if let Some(same) = json.iter().find(|other| place(other) == place(event)) {
                // The first of a connection covers what happened since it was opened.
                if let (MarketEvent::Depth(one), MarketEvent::Depth(other)) = (event, same)
                    && one.first_update_id != other.first_update_id
                {
                    continue;
                }
                assert_eq!(event, same);
                compared += 1;
            }
        }
        assert!(compared > EACH / 2, "{compared} of {}: {:?}", sbe.len(), sbe.first());
    }
}

/// Trades of one order come in one message; a raw connection and one that the caller drives read them too.
#[tokio::test(start_paused = true)]
async fn one_stream_by_itself() {
    let world = World::new().await;
    let key = common::ed25519(&world.exchange);
    let sbe = streams(&world, SBE_STREAMS, Some(&key));
    let mut stream = sbe.subscribe_raw(spot::stream::trade("BTCUSDT")).await.unwrap();
    let mut last = None;
    let mut seen = 0;
    while seen < 20 {
        if let Item::Event(event) = stream.next().await.unwrap() {
            let id = event.trade_id.get();
            assert!(last.is_none_or(|last| id == last + 1), "{last:?} {id}");
            last = Some(id);
            seen += 1;
        }
    }
    let mut stream = sbe.subscribe([spot::stream::best_bid_ask("BTCUSDT")]).await.unwrap();
    assert!(stream.next_event().await.unwrap().unwrap().bid_price > Decimal::ZERO);
}

/// An answer by a message that is not known fails at once, and as what it is; the others in flight go on.
#[tokio::test(start_paused = true)]
async fn e11_an_unknown_answer_reaches_its_caller() {
    // Without the message that says the time.
    static OLD: Schema = Schema { id: 3, version: 5, layouts: spot::sbe::API.layouts.split_at(29).0 };
    let world = World::new().await;
    let ws_api = ws_api(&world.binance, common::hmac(), Encoding::Sbe(&OLD)).await;
    let (ping, time) =
        tokio::join!(ws_api.send(spot::general::Ping::new()), ws_api.send(spot::general::Time::new()));
    ping.unwrap();
    assert_eq!(time.unwrap_err().kind(), ErrorKind::Decode);
    let error = rest(&world.binance, common::hmac(), Encoding::Sbe(&OLD))
        .send(spot::general::Time::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

/// The settings of the facade do the same.
#[tokio::test(start_paused = true)]
async fn the_facade_asks_for_sbe() {
    let world = World::new().await;
    let binance = Binance::builder()
        .environment(common::in_memory_environment())
        .context(world.binance.context().clone())
        .credentials(common::ed25519(&world.exchange))
        .encoding(SBE)
        .build()
        .unwrap();
    binance.rest().send(spot::Account::new()).await.unwrap();
    binance.ws_api().await.unwrap().send(spot::OpenOrders::new()).await.unwrap();
    let streams = binance.sbe_streams().unwrap();
    let mut trades = streams.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    assert!(trades.next_event().await.unwrap().unwrap().quantity > Decimal::ZERO);
    assert_eq!(world.binance.sbe_streams().unwrap_err().kind(), ErrorKind::MissingCredentials);
    let elsewhere = Binance::builder().environment(Environment::testnet()).credentials(common::hmac());
    let error = elsewhere.build().unwrap().sbe_streams().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered);
    assert!(error.to_string().contains("testnet"), "{error}");
}

/// The exchange sends JSON about the connection itself, also where the events are SBE.
#[tokio::test(start_paused = true)]
async fn c10_json_text_on_an_sbe_connection() {
    let world = World::new().await;
    let key = common::ed25519(&world.exchange);
    let sbe = streams(&world, SBE_STREAMS, Some(&key));
    let any = Topic::<MarketEvent>::raw(Api::Spot, "btcusdt@trade");
    let mut stream = sbe.subscribe([any]).await.unwrap();
    stream.next_event().await.unwrap().unwrap();
    world.exchange.server_shutdown_event();
    let mut after = 0;
    let mut announced = false;
    while !announced || after < 5 {
        match stream.next().await.unwrap() {
            Item::Event(event) if matches!(event.data, MarketEvent::ServerShutdown(_)) => announced = true,
            Item::Event(_) => after += usize::from(announced),
            Item::State(_) => {}
            other => panic!("{other:?}"),
        }
    }
    // And on the WebSocket API, where it says that it will go while requests go on.
    let ws_api = ws_api(&world.binance, common::hmac(), SBE).await;
    world.exchange.server_shutdown_event();
    ws_api.send(spot::general::Time::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn streams_in_sbe_require_an_ed25519_key() {
    let world = World::new().await;
    let config = StreamConfig { encoding: SBE_STREAMS, ..StreamConfig::default() };
    let builder = || StreamClient::builder(world.binance.context(), world.binance.environment());
    assert_eq!(builder().config(config.clone()).build().unwrap_err().kind(), ErrorKind::InvalidConfiguration);
    let elsewhere = StreamClient::builder(world.binance.context(), &Environment::testnet());
    let with_key = StreamConfig { api_key: Some(common::hmac().api_key().clone()), ..config };
    let elsewhere = elsewhere.config(with_key).build().unwrap();
    let not_offered = elsewhere.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap_err();
    assert_eq!(not_offered.kind(), ErrorKind::NotOffered);
    let other_key = streams(&world, SBE_STREAMS, Some(&common::hmac()));
    let refused = other_key.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Connect);
}

/// A schema that the exchange does not have (any more) is a typed error, not a decoding failure.
#[tokio::test(start_paused = true)]
async fn e11_schemas_that_the_exchange_does_not_have() {
    static RETIRED: Schema = Schema { id: 3, version: 0, layouts: spot::sbe::API.layouts };
    static FUTURE: Schema = Schema { id: 9, version: 0, layouts: spot::sbe::API.layouts };
    static OLDER: Schema = Schema { id: 3, version: 3, layouts: spot::sbe::API.layouts };
    let world = World::new().await;
    for (schema, code) in [(&RETIRED, -1161), (&FUTURE, -1153)] {
        let client = rest(&world.binance, common::hmac(), Encoding::Sbe(schema));
        let error = client.send(spot::general::Time::new()).await.unwrap_err();
        let api = error.api_error().unwrap();
        assert_eq!((api.code.0, api.code.is_schema()), (code, true));
    }
    // An older version that the exchange still writes is answered, by a newer message than asked for.
    let client = rest(&world.binance, common::hmac(), Encoding::Sbe(&OLDER));
    let time = client.send(spot::general::Time::new()).await.unwrap();
    assert_eq!(time.value().server_time, world.exchange.now());
    assert_eq!(OrderSide::Buy.as_str(), "BUY");
}
