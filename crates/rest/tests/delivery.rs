//! Never twice: what is on the wire when connections are lost at any moment, and what the error says of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

mod common;

use binance_kit_core::{Api, Cost, Delivery};
use binance_kit_net::io::DialWith;
use binance_kit_net::{Context, TcpDial};
use binance_kit_rest::{ErrorKind, RestClient};
use binance_kit_sign::{Algorithm, Credentials, SignError, Signature, Signer};
use common::{Act, Exchange, header, ok, order, parameter, poll_times, query, read_request};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, DuplexStream};

#[tokio::test(start_paused = true)]
async fn i2_an_answer_cut_at_any_byte_leaves_one_order_on_the_wire() {
    let answer = ok("[1,2,3]");
    for offset in 0..answer.len() {
        let cut = answer[..offset].to_vec();
        let exchange = Exchange::new(move |_, _| vec![Act::Send(cut.clone()), Act::Close]);
        let error = exchange.client().send(order()).await.unwrap_err();
        assert_eq!(exchange.count(), 1, "cut after {offset} bytes");
        assert_eq!(error.delivery(), Delivery::MaybeWritten);
        assert!(error.outcome_unknown());
        assert!(
            matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::Truncated),
            "cut after {offset} bytes: {error:?}"
        );
        assert_eq!(error.kind() == ErrorKind::Truncated, error.status().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_is_asked_again_as_often_as_configured() {
    for (retries, expected) in [(0, 1), (1, 2), (2, 3)] {
        let exchange = Exchange::new(|_, _| vec![Act::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Act::Close]);
        let client = exchange.builder().query_retries(retries).build().unwrap();
        let error = client.send(query()).await.unwrap_err();
        assert_eq!(exchange.count(), expected);
        assert_eq!(error.delivery(), Delivery::MaybeWritten);
        assert!(!error.outcome_unknown(), "a query has no outcome to lose");
    }
    let exchange =
        Exchange::new(|index, _| if index < 2 { vec![Act::Close] } else { vec![Act::Send(ok("[7]"))] });
    assert_eq!(exchange.client().send(query()).await.unwrap().0, [7]);
    assert_eq!(exchange.count(), 3);
    // Each attempt that the exchange may have seen used weight.
    assert_eq!(exchange.context.governor().usage(Api::Spot).0, 3);
}

#[tokio::test(start_paused = true)]
async fn signed_queries_are_signed_again() {
    let exchange = Exchange::new(|index, _| match index {
        0 => vec![Act::Wait(Duration::from_secs(3)), Act::Close],
        _ => vec![Act::Send(ok("[]"))],
    });
    let request = common::Raw::new(
        Api::Spot,
        binance_kit_core::HttpMethod::Get,
        "/api/v3/account",
        binance_kit_core::Security::Signed,
    );
    exchange.client().send(request).await.unwrap();
    let requests = exchange.requests();
    let stamp = |index: usize| parameter(&requests[index], "timestamp").unwrap().parse::<i64>().unwrap();
    assert!(stamp(1) >= stamp(0) + 3000);
    assert_ne!(parameter(&requests[0], "signature"), parameter(&requests[1], "signature"));
}

/// A network whose server ends of the links are kept for the test to use by hand.
fn by_hand() -> (Context, Arc<Mutex<Vec<DuplexStream>>>) {
    let links = Arc::new(Mutex::new(Vec::new()));
    let opened = Arc::clone(&links);
    let context = Context::builder()
        .tls(common::no_tls())
        .dial(DialWith::new(move |_| {
            let (client, server) = tokio::io::duplex(64 * 1024);
            opened.lock().unwrap().push(server);
            Ok(client)
        }))
        .build()
        .unwrap();
    (context, links)
}

fn client_of(context: &Context) -> RestClient {
    RestClient::builder_with_url(context, common::URL).credentials(common::credentials()).build().unwrap()
}

/// Takes the newest link, waiting a while for it to be dialled.
async fn newest(links: &Mutex<Vec<DuplexStream>>) -> DuplexStream {
    for _ in 0..10_000 {
        if let Some(link) = links.lock().unwrap().pop() {
            return link;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("nothing was dialled");
}

/// Answers one request on `link` and gives it back.
async fn answer_one(mut link: DuplexStream) -> (DuplexStream, String) {
    let request = read_request(&mut link, &mut Vec::new()).await.unwrap();
    link.write_all(&ok("[]")).await.unwrap();
    (link, request)
}

/// Counts how often it signs.
#[derive(Debug, Default)]
struct CountingSigner(AtomicUsize);

impl Signer for CountingSigner {
    fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Signature::hex(&count.to_be_bytes()))
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::HmacSha256
    }
}

#[tokio::test(start_paused = true)]
async fn i4_a_pooled_connection_closed_before_the_request_was_started_is_replaced() {
    let (context, links) = by_hand();
    let signer: Arc<dyn Signer> = Arc::new(CountingSigner::default());
    let client = client_of(&context)
        .with_credentials(Credentials::external(common::API_KEY, signer).unwrap())
        .unwrap();
    let (first, (link, _)) =
        tokio::join!(client.send(order()), async { answer_one(newest(&links).await).await });
    first.unwrap();
    // The server closes, and before the pool can notice, an order goes out.
    let mut second = Box::pin(client.send(order()));
    drop(link);
    let first_poll = std::future::poll_fn(|cx| std::task::Poll::Ready(second.as_mut().poll(cx))).await;
    assert!(first_poll.is_pending());
    let (second, (_link, request)) = tokio::join!(second, async { answer_one(newest(&links).await).await });
    second.unwrap();
    assert!(request.starts_with("POST /api/v3/order"));
    // The second signature went down with the connection; what was sent carries the third.
    assert_eq!(parameter(&request, "signature"), Some("0000000000000003"));
}

#[tokio::test(start_paused = true)]
async fn i4_a_reused_connection_lost_after_the_request_is_not_replaced() {
    let exchange = Exchange::new(|index, _| match index {
        0 => vec![Act::Send(ok("[]"))],
        _ => vec![Act::Close],
    });
    let client = exchange.client();
    client.send(order()).await.unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::ConnectionLost, Delivery::MaybeWritten));
    assert_eq!(exchange.count(), 2);
    assert_eq!(exchange.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn connections_that_die_while_opening_send_nothing() {
    // Each link is closed at once, so that the request finds a dead connection.
    let dialled = Arc::new(Mutex::new(0));
    let count = Arc::clone(&dialled);
    let context = Context::builder()
        .tls(common::no_tls())
        .dial(DialWith::new(move |_| {
            *count.lock().unwrap() += 1;
            Ok(tokio::io::duplex(64).0)
        }))
        .build()
        .unwrap();
    let error = client_of(&context).send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::ConnectionLost, Delivery::NotWritten));
    assert!(!error.outcome_unknown());
    assert_eq!(*dialled.lock().unwrap(), 3, "twice more");
}

#[tokio::test]
async fn a10_a_refused_connection_is_tried_once_more() {
    // A port that is taken, on which no one listens.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let context = Context::builder().tls(common::no_tls()).dial(TcpDial::new()).build().unwrap();
    let client =
        RestClient::builder_with_url(&context, &url).credentials(common::credentials()).build().unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten));
    assert_eq!(
        error.find_source::<binance_kit_net::Error>().unwrap().kind(),
        binance_kit_net::ErrorKind::Connect
    );
    assert!(error.is_transient());
}

#[tokio::test(start_paused = true)]
async fn a_dialler_that_fails_is_asked_twice_and_recovers() {
    for (failures, succeeds) in [(1, true), (2, false)] {
        let (context, links) = by_hand();
        let attempts = Arc::new(Mutex::new(0));
        let (counted, dial) = (Arc::clone(&attempts), Arc::clone(&links));
        let context = Context::builder()
            .tls(common::no_tls())
            .clock(context.clock().clone())
            .dial(DialWith::new(move |_| {
                let mut attempts = counted.lock().unwrap();
                *attempts += 1;
                if *attempts <= failures {
                    return Err(binance_kit_net::Error::new(binance_kit_net::ErrorKind::Connect));
                }
                let (client, server) = tokio::io::duplex(64 * 1024);
                dial.lock().unwrap().push(server);
                Ok(client)
            }))
            .build()
            .unwrap();
        let client = client_of(&context);
        if succeeds {
            let (answer, _) =
                tokio::join!(client.send(order()), async { answer_one(newest(&links).await).await });
            answer.unwrap();
        } else {
            assert_eq!(client.send(order()).await.unwrap_err().delivery(), Delivery::NotWritten);
        }
        assert_eq!(*attempts.lock().unwrap(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn time_outs_say_whether_anything_left() {
    // Connecting takes for ever: nothing left.
    #[derive(Debug)]
    struct Never;
    impl binance_kit_net::Dial for Never {
        fn dial<'a>(&'a self, _: &'a binance_kit_net::Endpoint) -> binance_kit_net::io::DialFuture<'a> {
            Box::pin(std::future::pending())
        }
    }
    let context = Context::builder().tls(common::no_tls()).dial(Never).build().unwrap();
    let error = client_of(&context).send(order()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotWritten);
    assert_eq!(
        error.find_source::<binance_kit_net::Error>().unwrap().kind(),
        binance_kit_net::ErrorKind::Timeout
    );
    let hasty =
        RestClient::builder_with_url(&context, common::URL).timeout(Duration::from_secs(1)).build().unwrap();
    let error = hasty.send(query()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotWritten));

    // The server says nothing: the order may be there.
    let exchange = Exchange::new(|_, _| vec![Act::Hang]);
    let begun = tokio::time::Instant::now();
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::MaybeWritten));
    assert!(error.outcome_unknown());
    assert_eq!(begun.elapsed().as_secs(), 15);
    assert_eq!(exchange.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn k4_a_future_dropped_at_any_await_sends_at_most_once() {
    for slowly in [false, true] {
        let mut finished = 0;
        for polls in 0..20 {
            let exchange = Exchange::new(move |_, _| {
                let pieces = ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", "\r\n[", "]"];
                let pause = Act::Wait(Duration::from_micros(if slowly { 1500 } else { 0 }));
                pieces
                    .iter()
                    .flat_map(|piece| [pause.clone(), Act::Send(piece.as_bytes().to_vec())])
                    .collect()
            });
            let client = exchange.client();
            if let Some(answer) = poll_times(client.send(order()), polls, slowly).await {
                answer.unwrap();
                finished += 1;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = exchange.count();
            assert!(before <= 1, "dropped after {polls} polls");
            // The client still works, and what was dropped does not come after all.
            client.send(query()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert_eq!(exchange.count(), before + 1, "dropped after {polls} polls");
        }
        assert!((1..19).contains(&finished), "some were polled to their end, some were not: {finished}");
    }
}

#[tokio::test(start_paused = true)]
async fn k4_dropped_while_waiting_for_weight_uses_none() {
    let exchange = Exchange::answering(ok("[]"));
    let governor = exchange.context.governor();
    let (_, limit) = governor.usage(Api::Spot);
    governor.try_acquire(Api::Spot, None, &Cost::ip(limit)).unwrap();
    assert!(poll_times(exchange.client().send(query()), 5, false).await.is_none());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(governor.usage(Api::Spot).0, 0);
    assert_eq!(exchange.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn early_answers_count() {
    // A server may answer before it has read the body, and close.
    let (context, links) = by_hand();
    let client = client_of(&context);
    let large = order().with("padding", &"x".repeat(300_000));
    let (answer, ()) = tokio::join!(client.send(large), async {
        let mut link = newest(&links).await;
        let mut head = [0; 100];
        tokio::io::AsyncReadExt::read_exact(&mut link, &mut head).await.unwrap();
        link.write_all(&common::reply(403, "", "<html>")).await.unwrap();
    });
    let error = answer.unwrap_err();
    assert!(error.kind() == ErrorKind::Forbidden || error.outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn real_sockets_keep_alive_and_close() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = binance_kit_net::task::spawn("server", async move {
        let mut served = Vec::new();
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = Vec::new();
            for _ in 0..2 {
                let request = read_request(&mut socket, &mut buffer).await.unwrap();
                served.push(header(&request, "host").unwrap().to_owned());
                socket.write_all(&ok("[1]")).await.unwrap();
            }
        }
        served
    });
    let context = Context::builder().tls(common::no_tls()).build().unwrap();
    let client =
        RestClient::builder_with_url(&context, &url).credentials(common::credentials()).build().unwrap();
    for _ in 0..4 {
        assert_eq!(client.send(query()).await.unwrap().0, [1]);
    }
    let hosts = server.join().await.unwrap();
    assert_eq!(hosts, vec![url.trim_start_matches("http://").to_owned(); 4]);
}

#[tokio::test]
async fn a1_a_reset_connection_leaves_one_order_on_the_wire() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&accepted);
    let _server = binance_kit_net::task::spawn("server", async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            *counted.lock().unwrap() += 1;
            // Closing with bytes unread sends a reset.
            let mut some = [0; 10];
            tokio::io::AsyncReadExt::read_exact(&mut socket, &mut some).await.unwrap();
        }
    });
    let context = Context::builder().tls(common::no_tls()).build().unwrap();
    let client =
        RestClient::builder_with_url(&context, &url).credentials(common::credentials()).build().unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::ConnectionLost, Delivery::MaybeWritten));
    assert!(error.outcome_unknown());
    assert_eq!(*accepted.lock().unwrap(), 1);
    assert_eq!(client.send(query()).await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(*accepted.lock().unwrap(), 4, "a query is asked three times");
}

#[test]
fn a_runtime_that_ends_and_a_future_dropped_outside_do_no_harm() {
    let held = Mutex::new(Vec::new());
    let context = Context::builder().tls(common::no_tls()).dial(DialWith::new(move |_| {
        let (client, server) = tokio::io::duplex(1024);
        // Never answered, never closed.
        held.lock().unwrap().push(server);
        Ok(client)
    }));
    let context = context.build().unwrap();
    let client = client_of(&context);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut sending = Box::pin(client.send(order()));
    runtime.block_on(async {
        for _ in 0..5 {
            let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(sending.as_mut().poll(cx))).await;
            assert!(poll.is_pending());
            tokio::task::yield_now().await;
        }
    });
    drop(runtime);
    drop(sending);
    drop(client);
}
