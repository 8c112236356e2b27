//! Keys, signatures and parameter values appear nowhere: not in logs at the most verbose level, not in errors, not in
//! `Debug`, even when the server echoes the request.

#![allow(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod common;

use common::{API_KEY, Act, Exchange, Raw, SECRET, ok, order, parameter, query, reply};
use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

const VALUE: &str = "SENTINELparametervalue";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the server makes of a request.
type Answer = fn(&str) -> Vec<Act>;

/// Everything that can be printed of an error.
fn everything(error: &binance_kit_rest::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        write!(text, " {inner} {inner:?}").unwrap();
        source = inner.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_ever_printed() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let sentinel = |request: Raw| request.with("secretive", VALUE);
    let mut printed = String::new();
    let mut signatures = Vec::new();
    // The server echoes what it can.
    let answers: [Answer; 9] = [
        |_| vec![Act::Send(ok("[]"))],
        |_| vec![Act::Close],
        |_| vec![Act::Hang],
        |_| vec![Act::Send(b"nonsense\r\n\r\n".to_vec())],
        |request| {
            let echo = format!(
                "{} {}",
                parameter(request, "signature").unwrap_or_default(),
                common::header(request, "x-mbx-apikey").unwrap_or_default()
            );
            vec![Act::Send(reply(400, "", &format!(r#"{{"code":-1022,"msg":"{echo}","data":"{echo}"}}"#)))]
        },
        |request| {
            vec![Act::Send(reply(
                403,
                &format!("x-echo: {}\r\n", &request[..20]),
                &request.replace('\r', " "),
            ))]
        },
        |request| vec![Act::Send(reply(500, "", request))],
        |request| {
            let location =
                format!("location: http://127.0.0.1:2/?{}\r\n", request.split_once("\r\n\r\n").unwrap().1);
            vec![Act::Send(reply(302, &location, ""))]
        },
        |_| vec![Act::Send(reply(429, "retry-after: 1\r\n", ""))],
    ];
    for answer in answers {
        let exchange = Exchange::new(move |_, request| answer(request));
        let client = exchange.client();
        write!(printed, " {client:?} {:?}", exchange.builder()).unwrap();
        for request in [sentinel(order()), sentinel(query()), order().with("timestamp", VALUE)] {
            write!(printed, " {request:?}").unwrap();
            match client.send(request).await {
                Ok(answer) => write!(printed, " {answer:?}").unwrap(),
                Err(error) => printed.push_str(&everything(&error)),
            }
        }
        for request in exchange.requests() {
            if let Some(signature) = parameter(&request, "signature") {
                signatures.push(signature.to_owned());
            }
        }
    }

    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/api/v3/order"), "the log was captured: {logged}");
    assert!(logged.contains("TRACE"), "at every level");
    assert!(signatures.len() >= 9);
    for secret in
        [API_KEY, SECRET, VALUE, "SENTINEL"].into_iter().chain(signatures.iter().map(String::as_str))
    {
        assert!(!logged.contains(secret), "in the log: {secret}");
        assert!(!printed.contains(secret), "in what is printed: {secret}");
    }
}
