//! Common mistakes of a new user, and failures of the exchange: each gives a clear error or a typed item, and nothing else
//! breaks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::account::{AccountItem, AccountStream, Orders, Outcome};
use binance_kit::book::{BookErrorKind, BookEvent, BookHandle, Books, Levels};
use binance_kit::core::product::Spot;
use binance_kit::net::{NetError, NetErrorKind};
use binance_kit::sim::{Exchange, SimErrorKind};
use binance_kit::spot::{self, MarketEvent, NewOrder};
use binance_kit::stream::{EventStream, Item, StateChange};
use binance_kit::{Api, Binance, Credentials, Decimal, Delivery, Environment, ErrorKind, Responsible, Topic};
use common::{World, topics};
use std::error::Error as StdError;
use std::time::Duration;

/// An error and what is behind it, as a program would print it.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

/// A stream by its name, read as any market event.
fn any(name: &str) -> Topic<MarketEvent> {
    Topic::raw(Api::Spot, name)
}

async fn next<E: Send + 'static>(events: &mut EventStream<E>) -> Item<E> {
    tokio::time::timeout(Duration::from_secs(60), events.next()).await.unwrap().unwrap()
}

async fn next_book(books: &mut Books<Spot>) -> BookEvent {
    tokio::time::timeout(Duration::from_secs(60), books.next_event()).await.unwrap().unwrap()
}

async fn books(world: &World, symbols: &[&str]) -> Books<Spot> {
    world.binance.books(symbols.iter().copied()).await.unwrap()
}

/// The book is the exchange's, level for level. The market must be paused.
fn assert_equal(book: &BookHandle, world: &World) {
    let truth = world.exchange.order_book(book.symbol().as_str()).unwrap();
    let ours = book.snapshot().unwrap();
    let side = |levels: Levels<'_>| -> Vec<(Decimal, Decimal)> {
        levels.map(|level| (level.price, level.quantity)).collect()
    };
    assert_eq!(ours.last_update_id().get(), truth.last_update_id);
    assert_eq!((side(ours.bids()), side(ours.asks())), (truth.bids, truth.asks));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_over_rest() {
    let world = World::new().await;
    for (key, secret, code) in [
        ("no key", "aliceSecret", None),
        ("unknownKey", "aliceSecret", Some(-2015)),
        ("aliceKey", "wrongSecret", Some(-1022)),
    ] {
        let Some(code) = code else {
            // It cannot even be one.
            assert!(Credentials::hmac(key, secret).is_err());
            continue;
        };
        let binance = world.with(Credentials::hmac(key, secret).unwrap());
        let rest = binance.rest();
        let error = rest.send(spot::Account::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
        assert_eq!(error.code().unwrap().0, code);
        assert!(error.code().unwrap().is_authentication());
        assert_eq!((error.responsible(), error.is_transient()), (Responsible::Caller, false));
        let text = chain(&error);
        assert!(text.contains(&code.to_string()) && !text.contains(key) && !text.contains(secret), "{text}");
        // Nothing else breaks.
        rest.send(spot::general::Time::new()).await.unwrap();
    }
    let error = world.binance.rest().send(spot::Account::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_over_the_web_socket_api() {
    let world = World::new().await;
    // A session is refused when it is opened, and not tried again and again.
    let demo = world.exchange.demo_account().unwrap();
    let unknown = Credentials::ed25519_pem("unknownKey", &demo.ed25519_private_pem).unwrap();
    let error = world.with(unknown).ws_api().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthenticationRefused);
    assert_eq!(error.api_error().unwrap().code.0, -2015);
    assert_eq!(
        chain(&error),
        "session.logon: credentials refused by the exchange: -2015 Invalid API-key, IP, or permissions for action."
    );
    let logons = world.exchange.request_count("session.logon");
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((logons, world.exchange.request_count("session.logon")), (1, 1));

    // With other keys it shows with the first signed request, and the connection goes on.
    let client = world.with(Credentials::hmac("aliceKey", "wrongSecret").unwrap()).ws_api().await.unwrap();
    let error = client.send(spot::Account::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.api_error().unwrap().code.0), (ErrorKind::Api, -1022));
    let error = AccountStream::open(&client).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code.0, -1022);
    client.send(spot::general::Time::new()).await.unwrap();
    let orders = Orders::new(&client, world.binance.context(), "x");
    let outcome = orders.place(NewOrder::market_buy("BTCUSDT").quantity(Decimal::ONE)).await;
    assert!(matches!(outcome, Outcome::Rejected(_)), "definite: {outcome:?}");
}

#[tokio::test]
async fn a_refused_connection_in_every_layer() {
    // A port that is taken, on which no one listens.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let environment = Environment::custom(
        &format!("http://{address}"),
        &format!("ws://{address}"),
        &format!("ws://{address}/ws-api/v3"),
    )
    .unwrap();
    let binance = Binance::builder().environment(environment).credentials(common::hmac()).build().unwrap();

    let error = binance.rest().send(spot::general::Time::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!((error.delivery(), error.responsible()), (Delivery::NotWritten, Responsible::Network));
    assert_eq!(error.find_source::<NetError>().unwrap().kind(), NetErrorKind::Connect);
    let text = chain(&error);
    assert!(text.contains("refused") && text.contains(&address.to_string()), "{text}");

    let error = binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(chain(&error).contains("refused"), "{}", chain(&error));

    let error = binance.ws_api().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(chain(&error).contains("refused"), "{}", chain(&error));

    let error = binance.books(["BTCUSDT"]).await.unwrap_err();
    assert_eq!(error.kind(), BookErrorKind::Subscribe);
    assert!(chain(&error).contains("refused"), "{}", chain(&error));
}

#[tokio::test(start_paused = true)]
async fn the_same_clients_work_once_the_connection_is_not_refused_any_more() {
    let world = World::new().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    world.set_offline(true);
    assert!(rest.send(spot::general::Time::new()).await.is_err());
    assert!(binance.subscribe([spot::stream::trade("BTCUSDT")]).await.is_err());
    assert!(binance.ws_api().await.is_err());
    world.set_offline(false);
    rest.send(spot::general::Time::new()).await.unwrap();
    let mut events = binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    assert!(events.next_event().await.unwrap().is_some());
    binance.ws_api().await.unwrap().send(spot::general::Time::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_bad_symbol() {
    let world = World::new().await;
    let binance = world.with(common::hmac());
    let (rest, ws_api) = (binance.rest(), binance.ws_api().await.unwrap());
    let one = rest.send(spot::Depth::new("NONE")).await.unwrap_err();
    let other = ws_api.send(spot::Depth::new("NONE")).await.unwrap_err();
    for (code, text) in [(one.api_error(), chain(&one)), (other.api_error(), chain(&other))]
        .map(|(api, text)| (api.unwrap().code, text))
    {
        assert_eq!(code.0, -1121);
        assert!(text.contains("Invalid symbol."), "{text}");
    }
    rest.send(spot::Depth::new("BTCUSDT")).await.unwrap();
    ws_api.send(spot::Depth::new("BTCUSDT")).await.unwrap();

    // What cannot be the name of a stream is refused before anything is sent, and says why.
    let mut events = binance.subscribe([any("btcusdt@trade")]).await.unwrap();
    for name in ["BTCUSDT@trade", "btcusdt", "", "btc usdt@trade", "@trade", "btcusdt@"] {
        let error = events.control().subscribe([any(name)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSubscription, "{name:?}");
        assert!(error.to_string().contains("is not a stream name"), "{error}");
        let error = binance.subscribe([any(name)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSubscription, "{name:?}");
    }
    assert!(spot::stream::trade("").info().is_err());
    assert!(events.next_event().await.unwrap().is_some());

    // A symbol that the exchange does not have has no book. The others have theirs.
    let mut books = books(&world, &["BTCUSDT", "NONE"]).await;
    books.book("BTCUSDT").unwrap().until_synced().await.unwrap();
    loop {
        match next_book(&mut books).await {
            BookEvent::Refused { symbol, error } => {
                assert_eq!((symbol.as_str(), error.code().unwrap().0), ("NONE", -1121));
                break;
            }
            BookEvent::Stale { symbol, .. } => assert_eq!(symbol.as_str(), "NONE"),
            _ => {}
        }
    }
    assert!(!books.book("NONE").unwrap().state().is_synced());
    let error = books.synced("NONE").await.unwrap_err();
    assert_eq!((error.kind(), error.failure().unwrap().code().unwrap().0), (BookErrorKind::Refused, -1121));
    assert!(books.book("BTCUSDT").unwrap().state().is_synced());
}

#[tokio::test(start_paused = true)]
async fn a_malformed_frame_on_a_stream() {
    let world = World::new().await;
    let mut events = world.binance.subscribe(topics(["btcusdt@trade"])).await.unwrap();
    assert!(matches!(next(&mut events).await, Item::State(StateChange::Connected { .. })));
    world.exchange.pause_market();
    tokio::time::sleep(Duration::from_secs(5)).await;
    while let Ok(Some(item)) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        assert!(matches!(item, Item::Event(_)));
    }
    let frames = [
        ("{", None),
        ("this is no JSON", None),
        (r#"{"stream":"btcusdt@trade","data":{"e":"trade","p":"x"}}"#, Some("btcusdt@trade")),
        (r#"{"stream":"btcusdt@trade","data":{"e":"trade"}}"#, Some("btcusdt@trade")),
    ];
    for (frame, came_on) in frames {
        world.exchange.send_raw_frame_to_streams(frame);
        let Item::Malformed(malformed) = next(&mut events).await else { panic!("{frame}") };
        let stream = malformed.stream.map(|(api, name)| (api, name.to_string()));
        assert_eq!(stream, came_on.map(|name| (Api::Spot, name.to_owned())), "{frame}");
        assert_eq!(malformed.raw, frame.as_bytes());
        assert!(!malformed.error.to_string().is_empty());
    }
    // The connection is the same, and events go on.
    world.exchange.resume_market();
    assert!(matches!(next(&mut events).await, Item::Event(_)));
    assert_eq!(world.exchange.counts().websockets, 1);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_event_type_on_a_stream() {
    let world = World::new().await;
    let mut events = world.binance.subscribe(["btcusdt@trade", "ethusdt@trade"].map(any)).await.unwrap();
    let frame =
        r#"{"stream":"btcusdt@trade","data":{"e":"somethingNew","s":"BTCUSDT","extra":[1,{"a":"b"}]}}"#;
    world.exchange.send_raw_frame_to_streams(frame);
    let (mut unknown, mut trades) = (0, 0);
    while trades < 50 {
        match next(&mut events).await {
            Item::Event(event) => match event.data {
                MarketEvent::Unknown(what) => {
                    unknown += 1;
                    assert_eq!(what.event_type, "somethingNew");
                    assert!(what.json.contains(r#""extra":[1,{"a":"b"}]"#), "{what:?}");
                    assert_eq!(event.stream.as_str(), "btcusdt@trade");
                }
                MarketEvent::Trade(_) => trades += 1,
                other => panic!("{other:?}"),
            },
            Item::State(StateChange::Connected { generation: 0, .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(unknown, 1);
}

#[tokio::test]
async fn a_port_in_use() {
    let first = Exchange::builder().start().await.unwrap();
    let address = first.address().unwrap();
    let error = Exchange::builder().listen(address).start().await.unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::Listen);
    let text = chain(&error);
    assert!(text.contains(&address.to_string()) && text.to_lowercase().contains("in use"), "{text}");
    // The one that has the port does not notice.
    let binance = Binance::builder().environment(common::loopback(&first)).build().unwrap();
    binance.rest().send(spot::general::Time::new()).await.unwrap();
    first.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_skipped_depth_event() {
    let world = World::new().await;
    let mut books = books(&world, &["BTCUSDT", "ETHUSDT"]).await;
    let (bitcoin, ether) = (books.book("BTCUSDT").unwrap(), books.book("ETHUSDT").unwrap());
    bitcoin.until_synced().await.unwrap();
    ether.until_synced().await.unwrap();
    while let Ok(Some(_)) = tokio::time::timeout(Duration::from_millis(1), books.next_event()).await {}
    // The snapshot takes its time, so that the stale book can be looked at.
    world.exchange.delay_next_response("GET /api/v3/depth", Duration::from_secs(1));
    world.exchange.skip_next_depth_event("BTCUSDT").unwrap();
    let mut seen = Vec::new();
    while seen.last() != Some(&"synced") {
        let (symbol, what) = match next_book(&mut books).await {
            BookEvent::Gap { symbol, .. } => (symbol, "gap"),
            BookEvent::Stale { symbol, .. } => (symbol, "stale"),
            BookEvent::Synced { symbol, .. } => (symbol, "synced"),
            BookEvent::Updated { .. } => continue,
            other => panic!("{other:?}"),
        };
        assert_eq!(symbol.as_str(), "BTCUSDT", "the other book does not notice");
        if what == "stale" {
            assert!(
                !bitcoin.state().is_synced() && bitcoin.snapshot().is_none(),
                "it does not pass for a book"
            );
        }
        seen.push(what);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["gap", "stale", "synced"]);
    world.exchange.pause_market();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_equal(&bitcoin, &world);
    assert_equal(&ether, &world);
}

#[tokio::test(start_paused = true)]
async fn a_cut_of_all_connections() {
    let world = World::new().await;
    let binance = world.with(common::ed25519(&world.exchange));
    let rest = binance.rest();
    let mut events = binance.subscribe(topics(["btcusdt@trade"])).await.unwrap();
    let ws_api = binance.ws_api().await.unwrap();
    let mut account = AccountStream::open(&ws_api).await.unwrap();
    assert!(matches!(account.next().await, Some(AccountItem::Snapshot(_))));
    let mut books = books(&world, &["BTCUSDT"]).await;
    let book = books.book("BTCUSDT").unwrap();
    book.until_synced().await.unwrap();
    rest.send(spot::general::Time::new()).await.unwrap();

    for round in 1..=3 {
        world.exchange.close_all_connections();
        // Streams: the loss is reported, and the return.
        loop {
            if let Item::State(StateChange::Disconnected { .. }) = next(&mut events).await {
                break;
            }
        }
        loop {
            match next(&mut events).await {
                Item::State(StateChange::Connected { generation, .. }) => {
                    assert_eq!(generation, round);
                    break;
                }
                Item::Event(_) => panic!("an event between loss and return"),
                _ => {}
            }
        }
        // The ids show whether events were lost in between.
        let mut item = next(&mut events).await;
        if matches!(&item, Item::Gap(gap) if !gap.backfilled) {
            item = next(&mut events).await;
        }
        assert!(matches!(item, Item::Event(_)), "{item:?}");
        // The account: a new snapshot.
        let mut seen = Vec::new();
        while seen.last() != Some(&"snapshot") {
            let item = tokio::time::timeout(Duration::from_secs(60), account.next()).await.unwrap().unwrap();
            seen.push(match item {
                AccountItem::Interrupted => "interrupted",
                AccountItem::Snapshot(_) => "snapshot",
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(seen, ["interrupted", "snapshot"]);
        // Requests over either way.
        ws_api.send(spot::Account::new()).await.unwrap();
        rest.send(spot::Account::new()).await.unwrap();
        // The book: what it says of itself is true throughout.
        book.until_synced().await.unwrap();
    }
    let mut stale = 0;
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(1), books.next_event()).await {
        stale += u32::from(matches!(event, BookEvent::Stale { .. }));
    }
    assert!(stale >= 3, "the book said that it was stale {stale} times");
    world.exchange.pause_market();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_equal(&book, &world);
}
