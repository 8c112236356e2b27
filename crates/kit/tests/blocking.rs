//! Callbacks and iterators without async, against an exchange on loopback that has a runtime of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::blocking::{self, BlockingError, Callbacks};
use binance_kit::book::BookSide;
use binance_kit::common::KlineInterval;
use binance_kit::core::List;
use binance_kit::spot::stream::{DepthLevels, DepthSpeed};
use binance_kit::spot::{
    self, AccountEvent, AggTradeEvent, BookTickerEvent, DepthEvent, KlineEvent, MarketEvent, MiniTickerEvent,
    PartialDepthEvent, TickerEvent, TradeEvent,
};
use binance_kit::stream::{Item, StateChange};
use binance_kit::ws_api::UserDataItem;
use binance_kit::{Api, Binance, Credentials, Decimal, Delivery, Environment, ErrorKind, MixedTopic, Topic};
use common::{Served, topics};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

/// Longer than anything here takes; only a failure waits for it.
const LONG: Duration = Duration::from_secs(20);

fn manager(served: &Served) -> Callbacks {
    client(served).callbacks().unwrap()
}

fn client(served: &Served) -> blocking::Binance {
    blocking::Binance::new(served.binance.clone()).unwrap()
}

/// What the client behind a blocking call failed with.
#[track_caller]
fn failure<T>(result: Result<T, BlockingError>) -> binance_kit::Error {
    match result {
        Err(BlockingError::Client(error)) => error,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it did not fail"),
    }
}

/// A callback that passes on what it gets, and the receiver of that.
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

/// A callback that says which socket it belongs to, and panics for an event that belongs to another.
fn named<E>(
    sender: &Sender<&'static str>,
    socket: &'static str,
    is_ours: fn(&E) -> bool,
) -> impl FnMut(Item<E>) + Send + use<E>
where
    E: std::fmt::Debug + 'static,
{
    let sender = sender.clone();
    move |item| {
        if let Item::Event(event) = item {
            assert!(is_ours(&event.data), "{socket}: {event:?}");
            let _ = sender.send(socket);
        }
    }
}

#[test]
fn every_socket_delivers_its_events() {
    let served = Served::start();
    let manager = manager(&served);
    let (sender, receiver) = channel();
    let symbol = "BTCUSDT";
    let mixed: [MixedTopic<MarketEvent>; 2] =
        [spot::stream::trade("ETHUSDT").into(), spot::stream::book_ticker("BNBUSDT").into()];
    let names = [
        manager.start_trade_socket(symbol, named(&sender, "trade", |e: &TradeEvent| e.symbol == "BTCUSDT")),
        manager.start_aggtrade_socket(
            symbol,
            named(&sender, "aggtrade", |e: &AggTradeEvent| e.symbol == "BTCUSDT"),
        ),
        manager.start_symbol_book_ticker_socket(
            symbol,
            named(&sender, "book ticker", |e: &BookTickerEvent| e.symbol == "BTCUSDT"),
        ),
        manager.start_kline_socket(
            symbol,
            KlineInterval::Second1,
            named(&sender, "kline", |e: &KlineEvent| e.kline.interval == KlineInterval::Second1),
        ),
        manager.start_symbol_ticker_socket(
            symbol,
            named(&sender, "ticker", |e: &TickerEvent| e.symbol == "BTCUSDT"),
        ),
        manager.start_symbol_miniticker_socket(
            symbol,
            named(&sender, "mini ticker", |e: &MiniTickerEvent| e.symbol == "BTCUSDT"),
        ),
        manager.start_miniticker_socket(named(&sender, "mini tickers", |e: &List<MiniTickerEvent>| {
            !e.is_empty()
        })),
        manager.start_ticker_socket(named(&sender, "tickers", |e: &List<TickerEvent>| !e.is_empty())),
        manager.start_depth_socket(
            symbol,
            DepthSpeed::Every100Ms,
            named(&sender, "depth", |e: &DepthEvent| e.symbol == "BTCUSDT"),
        ),
        manager.start_partial_depth_socket(
            symbol,
            DepthLevels::Five,
            DepthSpeed::Every1000Ms,
            named(&sender, "levels", |e: &PartialDepthEvent| e.symbol == "BTCUSDT" && e.bids.len() <= 5),
        ),
        manager.start_multiplex_socket(
            mixed,
            named(&sender, "multiplex", |e| matches!(e, MarketEvent::Trade(_) | MarketEvent::BookTicker(_))),
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
    assert_eq!(format!("{manager:?}"), "Callbacks { sockets: 2, stopped: false, panics: 0, .. }");
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
    assert!(matches!(manager.start_trade_socket("BTCUSDT", callback), Err(BlockingError::Stopped)));
    let (callback, _end) = passed_on();
    assert!(matches!(manager.start_user_socket(callback), Err(BlockingError::Stopped)));
    let late = Arc::clone(&manager);
    in_time("join after the end", move || late.join());
}

#[test]
fn sockets_are_stopped_inside_a_callback_but_not_started() {
    let served = Served::start();
    let manager = Arc::new(manager(&served));
    let inside: Arc<OnceLock<Weak<Callbacks>>> = Arc::new(OnceLock::new());
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
    assert!(matches!(error, BlockingError::InsideCallback));
    assert_eq!(
        error.to_string(),
        "a blocking call cannot be made from inside a callback: use another thread"
    );
    assert!(matches!(user, Err(BlockingError::InsideCallback)));
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
    // The callback owns the manager, as in careless programs.
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
    let slot: Arc<Mutex<Option<Callbacks>>> = Arc::default();
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
    assert!(matches!(result, Ok(_) | Err(BlockingError::Stopped)), "{result:?}");
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
    let none: [Topic<TradeEvent>; 0] = [];
    let error = failure(manager.start_multiplex_socket(none, |_| {}));
    assert_eq!(error.kind(), ErrorKind::InvalidSubscription);
    assert!(error.to_string().contains("at least one stream"), "{error}");
    let upper = Topic::<TradeEvent>::raw(Api::Spot, "BTC@trade");
    for error in [
        failure(manager.start_multiplex_socket([upper], |_| {})),
        failure(manager.start_trade_socket("", |_| {})),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidSubscription);
        assert!(error.to_string().contains("is not a stream name"), "{error}");
    }
    assert_eq!(manager.sockets(), Vec::<String>::new());

    // A port that is taken, on which no one listens.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let nowhere = Environment::custom(
        &format!("http://{address}"),
        &format!("ws://{address}"),
        &format!("ws://{address}/ws-api/v3"),
    )
    .unwrap();
    let nowhere = Binance::builder().environment(nowhere).build().unwrap();
    let manager = Callbacks::start(nowhere).unwrap();
    let errors =
        [failure(manager.start_trade_socket("BTCUSDT", |_| {})), failure(manager.start_user_socket(|_| {}))];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten), "{error}");
    }
    // And without a key there is no account.
    let keyless = Binance::builder().environment(common::loopback(&served.exchange)).build().unwrap();
    let manager = Callbacks::start(keyless).unwrap();
    let error = failure(manager.start_user_socket(|_| {}));
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
    let wrong = served.binance.with_account(Credentials::hmac("aliceKey", "wrong").unwrap()).unwrap();
    let manager = Callbacks::start(wrong).unwrap();
    let error = failure(manager.start_user_socket(|_| {}));
    assert_eq!(error.code().unwrap().0, -1022);
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
    let next = |what: &str, found: fn(&Item<TradeEvent>) -> bool| loop {
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
fn depth_caches_call_with_books_that_say_whether_they_are_synced() {
    let served = Served::start();
    let manager = manager(&served);
    let (sender, receiver) = channel();
    let socket = manager
        .start_depth_cache("BTCUSDT", move |book| {
            let spread = book.with(|view| view.synced().map(|book| (book.last_update_id(), book.spread())));
            let _ = sender.send((book.symbol().to_string(), book.state(), spread));
            // A panic in a function affects nothing else.
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
    // The connection is lost: the function sees that the book is stale, and when it is synced again.
    served.exchange.close_all_connections();
    while receiver.recv_timeout(LONG).unwrap().1.is_synced() {}
    while !receiver.recv_timeout(LONG).unwrap().1.is_synced() {}
    assert!(manager.stop_socket(&socket));
    until_gone(&receiver);
}

#[test]
fn books_are_read_without_a_runtime() {
    let served = Served::start();
    let binance = client(&served);
    let books = binance.books(["BTCUSDT", "ETHUSDT"]).unwrap();
    assert!(books.until_synced(LONG));
    assert_eq!(books.symbols().map(ToString::to_string).collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    let mut book = books.book("btcusdt").unwrap();
    assert!(books.until_changed(&mut book, LONG));
    let quantity = Decimal::new(1, 3);
    let fill = book.with(|view| view.synced().unwrap().cost(BookSide::Ask, quantity)).unwrap();
    assert!(fill.complete && fill.average_price >= book.best().unwrap().bid.price);
    assert!(books.book("NONE").is_none());
    served.exchange.pause_market();
    while books.until_changed(&mut book, Duration::from_millis(300)) {}
    assert!(!books.until_changed(&mut book, Duration::ZERO));
    // They end with their value, and say so.
    drop((books, binance));
    assert!(!book.state().is_synced());
    let error = client(&served).books(["A B"]).unwrap_err();
    assert!(matches!(error, BlockingError::Book(_)), "{error:?}");
}

#[test]
fn iterators_deliver_and_end_with_their_value() {
    let served = Served::start();
    let binance = client(&served);
    let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).unwrap();
    let mut depth = binance.subscribe(topics(["btcusdt@depth5@100ms", "ethusdt@bookTicker"])).unwrap();
    assert!(matches!(trades.next().unwrap(), Item::State(StateChange::Connected { generation: 0, .. })));
    let Item::Event(trade) = trades.next().unwrap() else { panic!() };
    assert_eq!((trade.stream.as_str(), trade.symbol.as_str()), ("btcusdt@trade", "BTCUSDT"));
    assert!(depth.next_timeout(LONG).is_some());
    assert!(depth.next_timeout(Duration::MAX).is_some(), "a time-out beyond all clocks is none");
    let ids: Vec<_> = trades.events().take(3).map(|trade| trade.unwrap().trade_id).collect();
    assert!(ids.is_sorted() && ids.len() == 3, "{ids:?}");

    // An iterator outlives its maker.
    drop(binance);
    assert!(depth.events().next().unwrap().is_ok());
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
    let binance = client(&served);
    let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).unwrap();
    assert!(matches!(trades.next(), Some(Item::State(_))));
    // What was traded before the pause may still be on its way.
    while trades.next_timeout(Duration::from_millis(300)).is_some() {}
    assert!(trades.next_timeout(Duration::ZERO).is_none());
    served.exchange.resume_market();
    assert!(matches!(trades.next_timeout(LONG), Some(Item::Event(_))), "nothing was lost by timing out");
}

#[test]
fn blocking_inside_another_runtime_blocks_but_does_not_panic() {
    let served = Served::start();
    let binance = client(&served);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).unwrap();
        assert!(trades.next().is_some());
        assert!(trades.next_timeout(LONG).is_some());
        assert!(binance.rest().send(spot::general::Ping::new()).is_ok());
    });
}

#[test]
fn the_handles_go_between_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Callbacks>();
    shared::<blocking::Binance>();
    shared::<BlockingError>();
    sent::<blocking::Events<TradeEvent>>();
}
