//! Bodies of every bad kind: cut, endless, huge, slow, not what was promised.

mod common;

use binance_kit_core::decode::{Value, field, required};
use binance_kit_core::{
    Api, Cost, Decode, DecodeError, Delivery, HttpMethod, ParamWriter, Request, RestRequest, Security,
};
use binance_kit_rest::ErrorKind;
use common::{Act, Exchange, Raw, ok, order, query};
use std::borrow::Cow;
use std::error::Error as _;
use std::time::Duration;

fn raw_answer(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test(start_paused = true)]
async fn b6_a_body_that_only_the_end_of_the_connection_ends_is_truncated() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
    ] {
        let exchange = Exchange::new(move |_, _| {
            vec![Act::Send(raw_answer(head)), Act::Send(raw_answer("[1]")), Act::Close]
        });
        let error = exchange.client().send(order()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Truncated, Delivery::MaybeWritten),
            "{head}"
        );
        assert!(error.outcome_unknown());
        assert_eq!(error.body().unwrap(), b"[1]");
        assert_eq!(exchange.count(), 1);
    }
    // For a refusal the status says enough.
    let exchange =
        Exchange::new(|_, _| vec![Act::Send(raw_answer("HTTP/1.1 403 X\r\n\r\n<html>")), Act::Close]);
    assert_eq!(exchange.client().send(order()).await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn chunks() {
    let chunked =
        |chunks: &str| raw_answer(&format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"));
    let exchange = Exchange::answering(chunked("2\r\n[1\r\n3;x=y\r\n,2]\r\n0\r\ntrailer: x\r\n\r\n"));
    assert_eq!(exchange.client().send(query()).await.unwrap().0, [1, 2]);

    let cut = chunked("2\r\n[1\r\n");
    let exchange = Exchange::new(move |_, _| vec![Act::Send(cut.clone()), Act::Close]);
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
    assert_eq!(error.body().unwrap(), b"[1");

    let exchange = Exchange::answering(chunked("zz\r\n[1\r\n"));
    let error = exchange.client().send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Protocol, Delivery::MaybeWritten));
    assert_eq!(exchange.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_ends_at_the_cap() {
    let exchange = Exchange::new(|_, _| {
        let mut acts = vec![Act::Send(raw_answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"))];
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        acts.extend(std::iter::repeat_n(Act::Send(chunk.into_bytes()), 1000));
        acts
    });
    let client = exchange.builder().max_body(200_000).build().unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::TooLarge, Delivery::MaybeWritten));
    assert!(error.body().unwrap().len() <= 200_000);
    // The connection is given up, so the server is not read on.
    common::settle().await;
    assert_eq!(exchange.ended(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_huge_announcement_is_refused_without_reading() {
    for length in ["1099511627776", "18446744073709551615", "16777217"] {
        let answer = raw_answer(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n[1]"));
        let exchange = Exchange::new(move |_, _| vec![Act::Send(answer.clone()), Act::Hang]);
        let begun = tokio::time::Instant::now();
        let error = exchange.client().send(query()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::Protocol), "{length}: {error:?}");
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(exchange.count(), if error.kind() == ErrorKind::TooLarge { 1 } else { 3 });
    }
    // What exchangeInfo answers is larger than anything else.
    let large = format!("[{}1]", " ".repeat(300_000));
    let exchange = Exchange::answering(ok(&large));
    let client = exchange.builder().max_body(1000).max_exchange_info_body(400_000).build().unwrap();
    let info = Raw::new(Api::Spot, HttpMethod::Get, "/api/v3/exchangeInfo", Security::None);
    assert_eq!(client.send(info).await.unwrap().0, [1]);
    assert_eq!(client.send(query()).await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn a6_a_dripping_body_ends_at_the_deadline() {
    let exchange = Exchange::new(|_, _| {
        let mut acts = vec![Act::Send(raw_answer("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"))];
        for _ in 0..1000 {
            acts.extend([Act::Wait(Duration::from_secs(1)), Act::Send(b" ".to_vec())]);
        }
        acts
    });
    let begun = tokio::time::Instant::now();
    let client = exchange.builder().timeout(Duration::from_secs(7)).build().unwrap();
    let error = client.send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, Some(200)));
    assert!(error.outcome_unknown());
    assert_eq!(begun.elapsed().as_secs(), 7);
    assert_eq!(exchange.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn heads_are_capped_and_must_be_http() {
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(70_000));
    let many = "x: y\r\n".repeat(200);
    for (answer, case) in [
        (endless.clone(), "a head without end"),
        (format!("HTTP/1.1 200 OK\r\n{many}content-length: 2\r\n\r\n[]"), "200 headers"),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), "another protocol"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]".to_owned(), "two lengths"),
        ("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n[]".to_owned(), "no number"),
    ] {
        let exchange = Exchange::answering(answer.into_bytes());
        let error = exchange.client().send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Protocol, Delivery::MaybeWritten), "{case}");
        assert!(error.outcome_unknown());
        assert_eq!(exchange.count(), 1);
    }
}

/// A type of the caller's own.
#[derive(Debug)]
struct Filter {
    tick_size: String,
}

impl Decode for Filter {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut tick_size = None;
        for (key, value) in value.object()? {
            if key == "tickSize" {
                field(&mut tick_size, "tickSize", value)?;
            }
        }
        Ok(Self { tick_size: required(tick_size, "tickSize")? })
    }
}

struct Filters;

impl Request for Filters {
    type Response = Vec<Filter>;
    fn security(&self) -> Security {
        Security::None
    }
    fn api(&self) -> Api {
        Api::Spot
    }
    fn cost(&self) -> Cost {
        Cost::ip(1)
    }
    fn is_query(&self) -> bool {
        true
    }
    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for Filters {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }
    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/filters")
    }
}

#[tokio::test(start_paused = true)]
async fn e1_e3_e5_answers_that_cannot_be_read_say_where() {
    let exchange = Exchange::answering(ok(r#"[{"tickSize":"0.1","new":1}]"#));
    assert_eq!(exchange.client().send(Filters).await.unwrap()[0].tick_size, "0.1");
    for (body, path) in [
        (r#"[{"tickSize":"0.1"},{"other":1}]"#, "[1].tickSize"),
        (r#"[{"tickSize":1}]"#, "[0].tickSize"),
        (r#"[{"tickSize":"#, ""),
        ("", ""),
        ("<html>", ""),
        ("{}", ""),
    ] {
        let exchange = Exchange::answering(ok(body));
        let error = exchange.client().send(Filters).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)));
        assert_eq!(error.source().unwrap().downcast_ref::<DecodeError>().unwrap().path(), path, "{body}");
        assert_eq!(error.to_string(), "GET /api/v3/filters: cannot read the answer (status 200)");
        assert_eq!(error.body().unwrap(), body.as_bytes());
        assert_eq!(exchange.count(), 1, "asking again would not help");
    }
    // An order whose answer cannot be read was probably executed.
    let exchange = Exchange::answering(ok("oops"));
    assert!(exchange.client().send(order()).await.unwrap_err().outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn e8_deep_nesting_is_an_error() {
    let exchange = Exchange::answering(ok(&"[".repeat(100_000)));
    assert_eq!(exchange.client().send(query()).await.unwrap_err().kind(), ErrorKind::Decode);
}
