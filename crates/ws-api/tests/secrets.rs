//! Keys, signatures and parameter values appear nowhere: not in logs at the most verbose level, not in errors, not in states and
//! events, not in `Debug`, even when the server echoes whatever it got.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{RawWsRequest, Security};
use binance_kit_sign::Credentials;
use binance_kit_ws_api::{Error, WsApiClient};
use common::{Number, SECRET, Server, context, ed25519, environment, hmac, id_of};
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

/// Everything that can be printed of an error.
fn everything(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.body().map(String::from_utf8_lossy));
    let mut source = error.source();
    while let Some(inner) = source {
        write!(text, " {inner} {inner:?}").unwrap();
        source = inner.source();
    }
    text
}

/// What the server makes of a request: texts, of which `None` ends the connection.
type Answer = fn(&str, u64) -> Vec<Option<String>>;

/// What a server that echoes can put into an answer: the key and the signature, and all of it.
fn echoes(request: &str) -> (String, String) {
    let message: serde_json::Value = serde_json::from_str(request).unwrap();
    let part = |name: &str| message["params"][name].as_str().unwrap_or_default().to_owned();
    (format!("{} {}", part("apiKey"), part("signature")), request.replace(['"', '\\'], "'"))
}

const ANSWERS: [Answer; 11] = [
    |_, id| vec![Some(format!(r#"{{"id":{id},"status":200,"result":{{}}}}"#))],
    |_, _| vec![None],
    |request, id| {
        let (keys, _) = echoes(request);
        let error = format!(r#"{{"code":-1022,"msg":"{keys}","data":{{"echo":"{keys}"}}}}"#);
        vec![Some(format!(r#"{{"id":{id},"status":400,"error":{error}}}"#))]
    },
    // A refused key.
    |request, id| {
        let (keys, _) = echoes(request);
        vec![Some(format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"{keys}"}}}}"#))]
    },
    // An error without a code.
    |request, id| vec![Some(format!(r#"{{"id":{id},"status":500,"error":"{}"}}"#, echoes(request).1))],
    |request, id| vec![Some(format!(r#"{{"id":{id},"status":200,"result":"{}"}}"#, echoes(request).1))],
    // Errors that answer no request, with and without a revocation.
    |request, _| {
        let (keys, _) = echoes(request);
        vec![Some(format!(r#"{{"id":null,"status":400,"error":{{"code":-1100,"msg":"{keys}"}}}}"#)), None]
    },
    |request, _| {
        let (keys, _) = echoes(request);
        vec![Some(format!(r#"{{"id":null,"status":401,"error":{{"code":-2015,"msg":"{keys}"}}}}"#)), None]
    },
    // Frames that cannot be read, or belong to nothing.
    |request, _| vec![Some(request.replace(':', "")), None],
    |request, _| vec![Some(request.to_owned()), None],
    |request, _| {
        vec![Some(format!(r#"{{"subscriptionId":3,"event":{{"e":"{}"}}}}"#, echoes(request).1)), None]
    },
];

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

    let printed = Arc::new(Mutex::new(String::new()));
    let mut signatures = Vec::new();
    let pair: [fn() -> Credentials; 2] = [hmac, || ed25519().0];
    for (credentials, answer) in pair.into_iter().flat_map(|keys| ANSWERS.map(|answer| (keys, answer))) {
        let (context, mut connections) = context();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let serve = async move {
            // A log-on succeeds at the first connection, so that requests follow.
            let mut is_first = true;
            while let Some(io) = connections.recv().await {
                let mut server = Server::upgrade(io).await;
                'connection: while let Some(text) = server.text().await {
                    seen.lock().unwrap().push(text.clone());
                    let id = id_of(&text);
                    let accept = is_first && text.contains("session.logon");
                    let answers = if accept { ANSWERS[0](&text, id) } else { answer(&text, id) };
                    for text in answers {
                        match text {
                            Some(text) => server.send(&text).await,
                            None => break 'connection,
                        }
                    }
                }
                is_first = false;
            }
        };
        let printed = Arc::clone(&printed);
        let call = async {
            let print = |text: String| printed.lock().unwrap().push_str(&text);
            let builder = WsApiClient::builder(&context, &environment()).credentials(credentials());
            print(format!(" {builder:?}"));
            let client = match builder.connect().await {
                Ok(client) => client,
                Err(error) => return print(everything(&error)),
            };
            for is_query in [true, false] {
                let mut request =
                    RawWsRequest::<Vec<u64>>::new("order.place", Security::Signed).with("secretive", VALUE);
                if is_query {
                    request = request.query();
                }
                print(format!(" {request:?}"));
                match client.send(request).await {
                    Ok(answer) => print(format!(" {answer:?}")),
                    Err(error) => print(everything(&error)),
                }
            }
            if let Err(error) = client.log_on().await {
                print(everything(&error));
            }
            match client.subscribe_user_data::<Number>().await {
                Ok(stream) => print(format!(" {stream:?}")),
                Err(error) => print(everything(&error)),
            }
            print(format!(" {client:?} {:?}", client.state().borrow()));
        };
        tokio::select! {
            () = call => {}
            () = serve => {}
        }
        for request in requests.lock().unwrap().iter() {
            let message: serde_json::Value = serde_json::from_str(request).unwrap();
            if let Some(signature) = message["params"]["signature"].as_str() {
                signatures.push(signature.to_owned());
            }
        }
    }

    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    let printed = printed.lock().unwrap().clone();
    assert!(logged.contains("WebSocket API connection lost"), "the log was captured");
    assert!(
        printed.contains("-1022") && printed.contains("-2015") && printed.contains("secretive"),
        "printed"
    );
    assert!(signatures.len() >= 20, "{}", signatures.len());
    for secret in ["hmacKey", "edKey", SECRET, VALUE].into_iter().chain(signatures.iter().map(String::as_str))
    {
        assert!(!logged.contains(secret), "in the log: {secret}");
        assert!(!printed.contains(secret), "in what is printed: {secret}");
    }
}
