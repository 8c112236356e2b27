//! Callbacks and iterators without async, against an exchange on loopback that has a runtime of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::blocking::{CallbackManager, SocketError, Streams, StreamsError};
use binance_kit::book::BookSide;
use binance_kit::common::KlineInterval;
use binance_kit::spot::stream::{DepthLevels, DepthSpeed};
use binance_kit::spot::{self, AccountEvent, MarketEvent};
use binance_kit::stream::{Item, StateChange};
use binance_kit::ws_api::UserDataItem;
use binance_kit::{Binance, Credentials, Decimal, Environment};
use common::Served;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

/// Longer than anything here takes; only a failure waits for it.
const LONG: Duration = Duration::from_secs(20);

fn manager(served: &Served) -> CallbackManager {
    CallbackManager::start(served.binance.clone()).unwrap()
}

/// A callback that passes on what it gets, and what comes of it.
fn passed_on<T: Send + 'static>() -> (impl FnMut(T) + Send + 'static, Receiver<T>) {
    let (sender, receiver) = channel();
    let callback = move |item| {
        let _ = sender.send(item);
    };
    (callback, receiver)
}

/// Waits until nothing can send any more: the callback is gone.
fn until_gone<T>(receiver: &Receiver<T>) {
    loop {
        match receiver.recv_timeout(LONG) {
            Ok(_) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
            Err(error) => panic!("the callback is still there: {error}"),
        }
    }
}

/// Does something that must not take for ever on a thread of its own.
fn in_time<T: Send + 'static>(what: &str, action: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(action()));
    receiver.recv_timeout(LONG).unwrap_or_else(|_| panic!("{what} does not return"))
}

#[test]
fn every_socket_delivers_its_events() {
    let served = Served::start();
    let manager = manager(&served);
    let (sender, receiver) = channel();
    let tell = |kind: &'static str, is_it: fn(&MarketEvent) -> bool| {
        let sender: Sender<&'static str> = sender.clone();
        move |item: Item<MarketEvent>| {
            if let Item::Event(event) = item {
                assert!(is_it(&event.event), "{kind}: {:?}", event.event);
                let _ = sender.send(kind);
            }
        }
    };
    let names = [
        manager.start_trade_socket("BTCUSDT", tell("trade", |e| matches!(e, MarketEvent::Trade(_)))),
        manager.start_aggtrade_socket("BTCUSDT", tell("aggtrade", |e| matches!(e, MarketEvent::AggTrade(_)))),
        manager.start_symbol_book_ticker_socket(
            "BTCUSDT",
            tell("book ticker", |e| matches!(e, MarketEvent::BookTicker(_))),
        ),
        manager.start_kline_socket(
            "BTCUSDT",
            KlineInterval::Second1,
            tell("kline", |e| matches!(e, MarketEvent::Kline(_))),
        ),
        manager
            .start_symbol_ticker_socket("BTCUSDT", tell("ticker", |e| matches!(e, MarketEvent::Ticker(_)))),
        manager.start_symbol_miniticker_socket(
            "BTCUSDT",
            tell("mini ticker", |e| matches!(e, MarketEvent::MiniTicker(_))),
        ),
        manager.start_miniticker_socket(tell("mini tickers", |e| matches!(e, MarketEvent::MiniTickers(_)))),
        manager.start_ticker_socket(tell("tickers", |e| matches!(e, MarketEvent::Tickers(_)))),
        manager.start_depth_socket(
            "BTCUSDT",
            None,
            DepthSpeed::Every100Ms,
            tell("depth", |e| matches!(e, MarketEvent::Depth(_))),
        ),
        manager.start_depth_socket(
            "BTCUSDT",
            Some(DepthLevels::Five),
            DepthSpeed::Every1000Ms,
            tell(
                "levels",
                |e| matches!(e, MarketEvent::PartialDepth(levels) if levels.symbol.as_str() == "BTCUSDT"),
            ),
        ),
        manager.start_multiplex_socket(
            ["ethusdt@trade", "bnbusdt@bookTicker"],
            tell("multiplex", |e| matches!(e, MarketEvent::Trade(_) | MarketEvent::BookTicker(_))),
        ),
    ]
    .map(Result::unwrap);
    drop(sender);
    let expected = [
        "btcusdt@trade",
        "btcusdt@aggTrade",
        "btcusdt@bookTicker",
        "btcusdt@kline_1s",
        "btcusdt@ticker",
        "btcusdt@miniTicker",
        "!miniTicker@arr",
        "!ticker@arr",
        "btcusdt@depth@100ms",
        "btcusdt@depth5",
        "bnbusdt@bookTicker/ethusdt@trade",
    ];
    // A multiplex socket is named by its streams in the order given.
    assert_eq!(names[..10], expected[..10]);
    assert_eq!(names[10], "ethusdt@trade/bnbusdt@bookTicker");
    let mut missing = BTreeSet::from([
        "trade",
        "aggtrade",
        "book ticker",
        "kline",
        "ticker",
        "mini ticker",
        "mini tickers",
        "tickers",
        "depth",
        "levels",
        "multiplex",
    ]);
    while !missing.is_empty() {
        let kind = receiver.recv_timeout(LONG).unwrap_or_else(|_| panic!("nothing of {missing:?}"));
        missing.remove(kind);
    }
    assert_eq!(manager.panics(), 0, "every event was of its socket's kind");
    let mut running: Vec<String> = names.to_vec();
    running.sort();
    assert_eq!(manager.sockets(), running);
    for name in &names {
        assert!(manager.stop_socket(name));
        assert!(!manager.stop_socket(name));
    }
    until_gone(&receiver);
    assert_eq!(manager.sockets(), Vec::<String>::new());
}

#[test]
fn two_sockets_of_one_stream_have_names_of_their_own() {
    let served = Served::start();
    let manager = manager(&served);
    let ((first, first_end), (second, second_end)) = (passed_on(), passed_on());
    let one = manager.start_trade_socket("BTCUSDT", first).unwrap();
    let two = manager.start_trade_socket("BTCUSDT", second).unwrap();
    assert_eq!([&*one, &*two], ["btcusdt@trade", "btcusdt@trade#2"]);
    assert!(manager.stop_socket(&one));
    until_gone(&first_end);
    // The second goes on, and the name of the first is free again.
    for _ in 0..3 {
        second_end.recv_timeout(LONG).unwrap();
    }
    let (third, third_end) = passed_on();
    assert_eq!(manager.start_trade_socket("BTCUSDT", third).unwrap(), "btcusdt@trade");
    third_end.recv_timeout(LONG).unwrap();
    assert_eq!(format!("{manager:?}"), "CallbackManager { sockets: 2, stopped: false, panics: 0, .. }");
}

#[test]
fn k8_a_callback_that_panics_is_counted_and_called_again() {
    let served = Served::start();
    let manager = manager(&served);
    let (sender, receiver) = channel();
    let mut calls = 0;
    manager
        .start_trade_socket("BTCUSDT", move |item| {
            if let Item::Event(_) = item {
                calls += 1;
                sender.send(calls).unwrap();
                assert!(calls > 2, "this panic belongs to the test");
            }
        })
        .unwrap();
    let (other, other_end) = passed_on();
    manager.start_symbol_book_ticker_socket("BTCUSDT", other).unwrap();
    for expected in 1..=4 {
        assert_eq!(receiver.recv_timeout(LONG).unwrap(), expected);
    }
    assert_eq!(manager.panics(), 2);
    other_end.recv_timeout(LONG).unwrap();
    assert_eq!(manager.sockets().len(), 2);
}

#[test]
fn stop_ends_everything_and_join_waits_for_it() {
    let served = Served::start();
    let manager = Arc::new(manager(&served));
    let (callback, end) = passed_on();
    manager.start_trade_socket("BTCUSDT", callback).unwrap();
    end.recv_timeout(LONG).unwrap();
    // Several threads wait, several stop.
    let joining: Vec<_> = (0..2)
        .map(|_| {
            let manager = Arc::clone(&manager);
            std::thread::spawn(move || manager.join())
        })
        .collect();
    let stopping = Arc::clone(&manager);
    in_time("stop", move || stopping.stop());
    let stopping = Arc::clone(&manager);
    in_time("stop again", move || stopping.stop());
    in_time("join", move || joining.into_iter().for_each(|thread| thread.join().unwrap()));
    // Nothing is left of the callback once the thread has ended.
    end.try_iter().for_each(drop);
    assert!(matches!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected)));
    assert_eq!(manager.sockets(), Vec::<String>::new());
    let (callback, _end) = passed_on();
    assert!(matches!(manager.start_trade_socket("BTCUSDT", callback), Err(SocketError::Stopped)));
    let (callback, _end) = passed_on();
    assert!(matches!(manager.start_user_socket(callback), Err(SocketError::Stopped)));
    let late = Arc::clone(&manager);
    in_time("join after the end", move || late.join());
}

#[test]
fn sockets_are_stopped_inside_a_callback_but_not_started() {
    let served = Served::start();
    let manager = Arc::new(manager(&served));
    let inside: Arc<OnceLock<Weak<CallbackManager>>> = Arc::new(OnceLock::new());
    inside.set(Arc::downgrade(&manager)).unwrap();
    let (sender, receiver) = channel();
    manager
        .start_trade_socket("BTCUSDT", move |item| {
            let (Item::Event(_), Some(manager)) = (item, inside.get().and_then(Weak::upgrade)) else {
                return;
            };
            let market = manager.start_trade_socket("ETHUSDT", |_| {});
            let user = manager.start_user_socket(|_| {});
            manager.join();
            let stopped = manager.stop_socket("btcusdt@trade");
            let _ = sender.send((market, user, stopped, manager.sockets()));
        })
        .unwrap();
    let (market, user, stopped, sockets) = receiver.recv_timeout(LONG).unwrap();
    let error = market.unwrap_err();
    assert!(matches!(error, SocketError::InsideCallback));
    assert_eq!(error.to_string(), "a socket cannot be started from inside a callback");
    assert!(matches!(user, Err(SocketError::InsideCallback)));
    assert!(stopped && sockets.is_empty());
    until_gone(&receiver);
    // The thread is as it was.
    let (callback, end) = passed_on();
    manager.start_trade_socket("BTCUSDT", callback).unwrap();
    end.recv_timeout(LONG).unwrap();
}

#[test]
fn stop_inside_a_callback_ends_the_manager_and_whoever_joins() {
    let served = Served::start();
    let manager = Arc::new(manager(&served));
    // The callback owns the manager, as it does in a hurry.
    let owned = Arc::clone(&manager);
    let (sender, receiver) = channel();
    manager
        .start_trade_socket("BTCUSDT", move |_| {
            owned.stop();
            let _ = sender.send(());
        })
        .unwrap();
    let joining = Arc::clone(&manager);
    in_time("join", move || joining.join());
    until_gone(&receiver);
    assert_eq!(Arc::strong_count(&manager), 1, "the callback is gone, and its manager with it");
}

#[test]
fn a_manager_can_be_dropped_by_its_own_callback() {
    let served = Served::start();
    let (sender, receiver) = channel();
    let slot: Arc<Mutex<Option<CallbackManager>>> = Arc::default();
    let inside = Arc::clone(&slot);
    let manager = manager(&served);
    manager
        .start_trade_socket("BTCUSDT", move |_| {
            if let Some(manager) = inside.lock().unwrap().take() {
                drop(manager);
                let _ = sender.send(());
            }
        })
        .unwrap();
    *slot.lock().unwrap() = Some(manager);
    receiver.recv_timeout(LONG).unwrap();
    until_gone(&receiver);
}

#[test]
fn a_callback_and_another_thread_may_stop_at_the_same_time() {
    let served = Served::start();
    for _ in 0..10 {
        let manager = Arc::new(manager(&served));
        let inside = Arc::downgrade(&manager);
        let (sender, receiver) = channel();
        manager
            .start_symbol_book_ticker_socket("BTCUSDT", move |_| {
                let _ = sender.send(());
                if let Some(manager) = inside.upgrade() {
                    manager.stop();
                }
            })
            .unwrap();
        receiver.recv_timeout(LONG).unwrap();
        in_time("stop", move || manager.stop());
    }
}

#[test]
fn a_callback_may_stop_while_another_thread_waits_for_a_socket() {
    let served = Served::start();
    let manager = Arc::new(manager(&served));
    let inside = Arc::downgrade(&manager);
    manager
        .start_trade_socket("BTCUSDT", move |item| {
            if let (Item::Event(_), Some(manager)) = (item, inside.upgrade()) {
                manager.stop();
            }
        })
        .unwrap();
    let starting = Arc::clone(&manager);
    // Whichever is first: the socket is up, or the manager is stopped.
    let result = in_time("start", move || starting.start_trade_socket("ETHUSDT", |_| {}));
    assert!(matches!(result, Ok(_) | Err(SocketError::Stopped)), "{result:?}");
    in_time("join", move || manager.join());
}

#[test]
fn dropping_the_manager_ends_its_callbacks() {
    let served = Served::start();
    let manager = manager(&served);
    let (callback, end) = passed_on();
    manager.start_trade_socket("BTCUSDT", callback).unwrap();
    drop(manager);
    end.try_iter().for_each(drop);
    assert!(matches!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected)));
}

#[test]
fn what_cannot_be_started_says_why() {
    let served = Served::start();
    let manager = manager(&served);
    let none: [&str; 0] = [];
    assert!(matches!(manager.start_multiplex_socket(none, |_| {}), Err(SocketError::NoStreams)));
    assert!(matches!(manager.start_multiplex_socket(["BTC@trade"], |_| {}), Err(SocketError::Name(_))));
    assert!(matches!(manager.start_trade_socket("", |_| {}), Err(SocketError::Name(_))));
    assert_eq!(manager.sockets(), Vec::<String>::new());

    // Nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = Environment::custom(
        &format!("http://{address}"),
        &format!("ws://{address}"),
        &format!("ws://{address}/ws-api/v3"),
    )
    .unwrap();
    let manager = CallbackManager::start(Binance::new(nowhere.clone()).unwrap()).unwrap();
    let error = manager.start_trade_socket("BTCUSDT", |_| {}).unwrap_err();
    assert!(
        matches!(&error, SocketError::Stream(error) if error.kind() == binance_kit::stream::ErrorKind::Connect)
    );
    // And without a key nobody has an account.
    let error = manager.start_user_socket(|_| {}).unwrap_err();
    let SocketError::User(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), binance_kit::ws_api::ErrorKind::Connect);
    let manager = CallbackManager::start(Binance::simulated(&served.exchange).unwrap()).unwrap();
    let SocketError::User(error) = manager.start_user_socket(|_| {}).unwrap_err() else { panic!() };
    assert_eq!(error.kind(), binance_kit::ws_api::ErrorKind::MissingCredentials);
    let wrong = served.binance.clone().with_credentials(Credentials::hmac("aliceKey", "wrong").unwrap());
    let manager = CallbackManager::start(wrong).unwrap();
    let SocketError::User(error) = manager.start_user_socket(|_| {}).unwrap_err() else { panic!() };
    assert_eq!(error.api_error().unwrap().code.0, -1022);
}

#[test]
fn a_user_socket_delivers_the_accounts_events() {
    let served = Served::start();
    let manager = manager(&served);
    let (callback, end) = passed_on();
    assert_eq!(manager.start_user_socket(callback).unwrap(), "user");
    assert!(matches!(end.recv_timeout(LONG).unwrap(), UserDataItem::Subscribed));
    served.exchange.account("alice").unwrap().fund("USDT", Decimal::new(5, 0)).unwrap();
    let item = end.recv_timeout(LONG).unwrap();
    let UserDataItem::Event { data: AccountEvent::Balance(update), .. } = item else { panic!("{item:?}") };
    assert_eq!((update.asset.as_str(), update.delta), ("USDT", Decimal::new(5, 0)));
    assert!(matches!(end.recv_timeout(LONG).unwrap(), UserDataItem::Event { .. }), "the balances follow");
    // The connection is lost, and comes back with the subscription.
    served.exchange.close_all_connections();
    let mut seen = Vec::new();
    while seen.last() != Some(&"subscribed") {
        seen.push(match end.recv_timeout(LONG).unwrap() {
            UserDataItem::Interrupted => "interrupted",
            UserDataItem::Subscribed => "subscribed",
            UserDataItem::Event { .. } => "event",
            _ => "other",
        });
    }
    assert_eq!(seen, ["interrupted", "subscribed"]);
    assert!(manager.stop_socket("user"));
    until_gone(&end);
}

#[test]
fn sockets_come_back_after_a_cut() {
    let served = Served::start();
    let manager = manager(&served);
    let (callback, end) = passed_on();
    manager.start_trade_socket("BTCUSDT", callback).unwrap();
    let next = |what: &str, found: fn(&Item<MarketEvent>) -> bool| loop {
        let item = end.recv_timeout(LONG).unwrap_or_else(|_| panic!("no {what}"));
        if found(&item) {
            return;
        }
    };
    next("event", |item| matches!(item, Item::Event(_)));
    served.exchange.close_all_connections();
    next("loss", |item| matches!(item, Item::State(StateChange::Disconnected { .. })));
    next("return", |item| matches!(item, Item::State(StateChange::Connected { generation: 1, .. })));
    next("event", |item| matches!(item, Item::Event(_)));
}

#[test]
fn depth_caches_call_with_books_that_say_what_they_are_worth() {
    let served = Served::start();
    let manager = manager(&served);
    let (sender, receiver) = channel();
    let socket = manager
        .start_depth_cache("BTCUSDT", move |book| {
            let spread = book.with(|view| view.synced().map(|book| (book.last_update_id(), book.spread())));
            let _ = sender.send((book.symbol().to_string(), book.state(), spread));
            // What goes wrong in a function is its own affair.
            assert!(spread.is_none_or(|(id, _)| id.get() % 5 != 0), "now and then");
        })
        .unwrap();
    assert_eq!(socket, "btcusdt@depthCache");
    let mut synced = 0;
    while synced < 20 || manager.panics() == 0 {
        let (symbol, state, spread) = receiver.recv_timeout(LONG).unwrap();
        assert_eq!((symbol.as_str(), state.is_synced()), ("BTCUSDT", spread.is_some()));
        if let Some((_, spread)) = spread {
            assert!(spread.unwrap() > Decimal::ZERO);
            synced += 1;
        }
    }
    // The connection is lost: the function is told that the book is not to be trusted, and when it is again.
    served.exchange.close_all_connections();
    while receiver.recv_timeout(LONG).unwrap().1.is_synced() {}
    while !receiver.recv_timeout(LONG).unwrap().1.is_synced() {}
    assert!(manager.stop_socket(&socket));
    until_gone(&receiver);
}

#[test]
fn books_are_read_without_a_runtime() {
    let served = Served::start();
    let streams = Streams::start(served.binance.clone()).unwrap();
    let books = streams.books(["BTCUSDT", "ETHUSDT"]).unwrap();
    assert!(books.until_synced(LONG));
    assert_eq!(books.symbols().map(ToString::to_string).collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    let mut book = books.book("btcusdt").unwrap();
    assert!(books.until_changed(&mut book, LONG));
    let quantity = Decimal::new(1, 3);
    let fill = book.with(|view| view.synced().unwrap().vwap_for(BookSide::Ask, quantity)).unwrap();
    assert!(fill.complete && fill.average_price >= book.touch().unwrap().bid.price);
    assert!(books.book("NONE").is_none());
    served.exchange.pause_market();
    while books.until_changed(&mut book, Duration::from_millis(300)) {}
    assert!(!books.until_changed(&mut book, Duration::ZERO));
    // They end with their value, and say so.
    drop((books, streams));
    assert!(!book.state().is_synced());
    let error = Streams::start(served.binance.clone()).unwrap().books(["A B"]).unwrap_err();
    assert!(matches!(error, StreamsError::Book(_)), "{error:?}");
}

#[test]
fn iterators_deliver_and_end_with_their_value() {
    let served = Served::start();
    let streams = Streams::start(served.binance.clone()).unwrap();
    let mut trades = streams.subscribe::<spot::TradeEvent>(["btcusdt@trade"]).unwrap();
    let mut depth = streams.subscribe::<MarketEvent>(["btcusdt@depth5@100ms", "ethusdt@bookTicker"]).unwrap();
    assert!(matches!(trades.next().unwrap(), Item::State(StateChange::Connected { generation: 0, .. })));
    let Item::Event(trade) = trades.next().unwrap() else { panic!() };
    assert_eq!((trade.stream.as_str(), trade.event.symbol.as_str()), ("btcusdt@trade", "BTCUSDT"));
    assert!(depth.next_timeout(LONG).is_some());
    assert!(depth.next_timeout(Duration::MAX).is_some(), "a time-out beyond all clocks is none");
    let ids: Vec<_> = trades.events().take(3).map(|trade| trade.event.trade_id).collect();
    assert!(ids.is_sorted() && ids.len() == 3, "{ids:?}");

    // An iterator outlives its maker.
    drop(streams);
    assert!(depth.events().next().is_some());
    let gone = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        served.exchange.counts().connections_open == 0
    });
    assert!(gone, "the connections are closed: {:?}", served.exchange.counts());
}

#[test]
fn a_stream_that_says_nothing_times_out() {
    let served = Served::start();
    served.exchange.pause_market();
    let streams = Streams::start(served.binance.clone()).unwrap();
    let mut trades = streams.subscribe::<spot::TradeEvent>(["btcusdt@trade"]).unwrap();
    assert!(matches!(trades.next(), Some(Item::State(_))));
    // What was traded before the pause may still be on its way.
    while trades.next_timeout(Duration::from_millis(300)).is_some() {}
    assert!(trades.next_timeout(Duration::ZERO).is_none());
    served.exchange.resume_market();
    assert!(matches!(trades.next_timeout(LONG), Some(Item::Event(_))), "nothing was lost by timing out");
}

#[test]
fn requests_wait_for_their_answers() {
    let served = Served::start();
    let streams = Streams::start(served.binance.clone()).unwrap();
    let klines = streams.send(spot::Klines::new("BTCUSDT", KlineInterval::Second1).limit(5)).unwrap();
    assert!((1..=5).contains(&klines.len()));
    assert!(!streams.send(spot::Account::new()).unwrap().balances.is_empty());
    let error = streams.send(spot::Depth::new("NONE")).unwrap_err();
    assert_eq!(error.to_string(), "the request failed");
    let StreamsError::Rest(error) = error else { panic!("{error:?}") };
    assert_eq!(error.api_error().unwrap().code.0, -1121);
    assert!(matches!(streams.subscribe::<spot::TradeEvent>(["nonsense"]), Err(StreamsError::Name(_))));
}

#[test]
fn blocking_inside_another_runtime_blocks_but_does_not_panic() {
    let served = Served::start();
    let streams = Streams::start(served.binance.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut trades = streams.subscribe::<spot::TradeEvent>(["btcusdt@trade"]).unwrap();
        assert!(trades.next().is_some());
        assert!(trades.next_timeout(LONG).is_some());
        assert!(streams.send(spot::general::Ping::new()).is_ok());
    });
}

#[test]
fn the_handles_go_between_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<CallbackManager>();
    shared::<Streams>();
    shared::<SocketError>();
    shared::<StreamsError>();
    sent::<binance_kit::blocking::Events<spot::TradeEvent>>();
}

#[test]
fn lists_in_pages_are_iterators() {
    let served = Served::start();
    let streams = Streams::start(served.binance.clone()).unwrap();
    for _ in 0..5 {
        streams.send(spot::NewOrder::market_buy("BTCUSDT", Decimal::new(1, 3))).unwrap();
    }
    let history = || spot::MyTrades::new("BTCUSDT").limit(2).history().backwards();
    let whole = streams.send(spot::MyTrades::new("BTCUSDT").limit(1000)).unwrap().into_value();
    assert!(whole.len() >= 5, "{}", whole.len());
    let mut items = streams.items(history()).unwrap();
    let newest: Vec<_> = items.by_ref().take(3).map(Result::unwrap).collect();
    assert!(whole.iter().rev().take(3).eq(&newest));
    let walk = history().resume(&items.cursor()).unwrap();
    let next = streams.items(walk).unwrap().next().unwrap().unwrap();
    assert_eq!(Some(&next), whole.iter().rev().nth(3));
    let refused = streams.items(spot::AggTrades::new("NOTHING").history()).unwrap().next().unwrap();
    assert!(matches!(refused, Err(StreamsError::Rest(_))));
}
