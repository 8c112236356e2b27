//! The same failure through both transports: every question about the error has the same answer. The table is HTTP status ×
//! code × body, and `status` × code of the WebSocket API.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../stream/tests/common/mod.rs"]
mod common;

use binance_kit_core::{Api, Cost, Error, ErrorKind, HttpMethod, RawRequest, RawWsRequest, Security};
use binance_kit_core::{Delivery, Responsible};
use binance_kit_net::Context;
use binance_kit_net::task;
use binance_kit_rest::RestClient;
use binance_kit_ws_api::{WsApiClient, WsApiConfig};
use common::{Server, context, environment, id_of, read_head};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc::UnboundedReceiver;

type Connections = UnboundedReceiver<tokio::io::DuplexStream>;

/// What the server does about a request.
#[derive(Debug, Clone)]
enum Answer {
    /// A status, with the error payload as JSON or nothing.
    Status(u16, Option<String>),
    /// A success with this result.
    Success(&'static str),
    /// The end of the connection.
    Close,
    /// Nothing at all.
    Silence,
}

/// What happens before the request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// The limits are held for a minute.
    Hold,
    /// The client is closed.
    Close,
}

/// One failure.
#[derive(Debug, Clone)]
struct Case {
    answer: Answer,
    is_query: bool,
    security: Security,
    /// Sends a parameter twice.
    repeats: bool,
    before: Before,
}

impl Case {
    fn of(answer: Answer, is_query: bool) -> Self {
        Self { answer, is_query, security: Security::None, repeats: false, before: Before::Nothing }
    }
}

/// All answers that an error gives, without the name of the request.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    kind: ErrorKind,
    code: Option<i32>,
    message: Option<String>,
    display: String,
    status: Option<u16>,
    delivery: Delivery,
    outcome_unknown: bool,
    retry_after: Option<Duration>,
    responsible: Responsible,
    is_transient: bool,
    parameters: Vec<String>,
}

impl Answers {
    fn of(error: &Error) -> Self {
        let name = error.request_name().unwrap();
        let display = error.to_string();
        let display = display.strip_prefix(&format!("{name}: ")).unwrap_or_else(|| panic!("{display}"));
        // A code and its message are part of the text, wherever there is one.
        if let Some(api) = error.api_error() {
            assert!(display.contains(&format!("{} {}", api.code, api.message)), "{display}");
        }
        assert!(format!("{error:?}").starts_with(&error.to_string()));
        Self {
            kind: error.kind(),
            code: error.code().map(|code| code.0),
            message: error.api_error().map(|api| api.message.clone()),
            display: display.to_owned(),
            status: error.status(),
            delivery: error.delivery(),
            outcome_unknown: error.outcome_unknown(),
            retry_after: error.retry_after(),
            responsible: error.responsible(),
            is_transient: error.is_transient(),
            parameters: error.parameter_names().to_vec(),
        }
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);

fn hold(context: &Context, before: Before) {
    if before == Before::Hold {
        context.governor().hold(Api::Spot, Some(Duration::from_secs(60)));
    }
}

async fn over_rest(case: &Case) -> Answers {
    let (context, mut connections) = context();
    let answer = case.answer.clone();
    let server = task::spawn("server", async move {
        let mut io = connections.recv().await?;
        read_head(&mut io).await;
        let (status, body) = match answer {
            Answer::Status(status, body) => (status, body.unwrap_or_default()),
            Answer::Success(result) => (200, result.to_owned()),
            Answer::Close => return None,
            Answer::Silence => return std::future::pending().await,
        };
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
        io.write_all(head.as_bytes()).await.ok()?;
        io.write_all(body.as_bytes()).await.ok()?;
        Some(io)
    });
    let client = RestClient::builder(&context, &environment())
        .timeout(TIMEOUT)
        .max_wait(Duration::from_secs(5))
        .query_retries(0)
        .build()
        .unwrap();
    hold(&context, case.before);
    if case.before == Before::Close {
        client.close_within(Duration::ZERO).await;
    }
    let method = if case.is_query { HttpMethod::Get } else { HttpMethod::Delete };
    let mut request = RawRequest::<u64>::new(Api::Spot, method, "/api/v3/order", case.security)
        .with_cost(Cost::ip(1))
        .with("symbol", "BTCUSDT");
    if case.repeats {
        request = request.with("symbol", "BTCUSDT");
    }
    let error = client.send(request).await.map(drop).unwrap_err();
    drop(server);
    Answers::of(&error)
}

async fn over_web_socket(case: &Case) -> Answers {
    let (context, mut connections) = context();
    let config = WsApiConfig {
        timeout: TIMEOUT,
        max_wait: Duration::from_secs(5),
        max_query_wait: Duration::from_secs(5),
        ..WsApiConfig::default()
    };
    let builder = WsApiClient::builder(&context, &environment()).config(config);
    let (client, mut server) = tokio::join!(builder.connect(), Server::accept(&mut connections));
    let client = client.unwrap();
    let answer = case.answer.clone();
    let server = task::spawn("server", async move {
        let id = id_of(&server.text().await?);
        match answer {
            Answer::Status(status, Some(error)) => {
                // A body that is no JSON has no place in a frame; it becomes an error without a code.
                let error = if error.starts_with('{') { error } else { format!("{error:?}") };
                server.send(&format!(r#"{{"id":{id},"status":{status},"error":{error}}}"#)).await;
            }
            Answer::Status(status, None) => server.send(&format!(r#"{{"id":{id},"status":{status}}}"#)).await,
            Answer::Success(result) => {
                server.send(&format!(r#"{{"id":{id},"status":200,"result":{result}}}"#)).await;
            }
            Answer::Close => return None,
            Answer::Silence => {}
        }
        server.text().await
    });
    hold(&context, case.before);
    if case.before == Before::Close {
        client.close_within(Duration::ZERO).await;
    }
    let mut request = RawWsRequest::<u64>::new("order.cancel", case.security).with("symbol", "BTCUSDT");
    if case.repeats {
        request = request.with("symbol", "BTCUSDT");
    }
    if case.is_query {
        request = request.query();
    }
    let error = client.send(request).await.map(drop).unwrap_err();
    drop(server);
    Answers::of(&error)
}

async fn same(case: Case) -> Answers {
    let (rest, web_socket) = tokio::join!(over_rest(&case), over_web_socket(&case));
    assert_eq!(rest, web_socket, "{case:?}");
    assert!(!(case.is_query && rest.outcome_unknown), "a query has no outcome to lose: {case:?}");
    rest
}

#[tokio::test(start_paused = true)]
async fn every_status_and_code_means_the_same_over_both_transports() {
    let codes = [-1000, -1003, -1006, -1007, -1008, -1015, -1021, -1022, -1121, -2010, -2011, -2013, -2015];
    let payload = |code: i32| format!(r#"{{"code":{code},"msg":"a message"}}"#);
    let retry =
        r#"{"code":-1003,"msg":"Too many requests.","data":{"serverTime":1,"retryAfter":1700000030000}}"#;
    let ban = r#"{"code":-1003,"msg":"Way too much; IP banned until 1700000090000. Use WebSockets."}"#;
    let bodies: Vec<Option<String>> = codes
        .map(|code| Some(payload(code)))
        .into_iter()
        .chain([
            None,
            Some(retry.to_owned()),
            Some(ban.to_owned()),
            Some("<html>Forbidden</html>".to_owned()),
            Some(r#"{"error":"another shape"}"#.to_owned()),
        ])
        .collect();
    let statuses = [
        302, 304, 400, 401, 403, 404, 405, 408, 409, 410, 415, 418, 422, 429, 500, 501, 502, 503, 504, 521,
        599,
    ];
    let mut kinds = std::collections::HashSet::new();
    let mut count = 0;
    for status in statuses {
        for body in &bodies {
            // HTTP allows no body with this status.
            if status == 304 && body.is_some() {
                continue;
            }
            for is_query in [false, true] {
                let answers = same(Case::of(Answer::Status(status, body.clone()), is_query)).await;
                assert_eq!(answers.status, Some(status));
                kinds.insert(answers.kind);
                count += 1;
            }
        }
    }
    assert_eq!((count, kinds.len()), (722, 7), "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn the_table_says_what_the_documents_say() {
    use Delivery::{MaybeWritten, Refused};
    let with = |status, code: i32| {
        Case::of(Answer::Status(status, Some(format!(r#"{{"code":{code},"msg":"x"}}"#))), false)
    };
    for (case, kind, delivery, responsible, is_transient) in [
        (with(400, -2010), ErrorKind::Api, Refused, Responsible::Caller, false),
        (with(400, -1021), ErrorKind::Api, Refused, Responsible::Caller, true),
        (with(400, -1007), ErrorKind::Api, MaybeWritten, Responsible::Exchange, true),
        (with(429, -1003), ErrorKind::RateLimited, Refused, Responsible::Caller, true),
        (with(418, -1003), ErrorKind::Banned, Refused, Responsible::Caller, true),
        (with(503, -1000), ErrorKind::ServerError, MaybeWritten, Responsible::Exchange, true),
    ] {
        let answers = same(case.clone()).await;
        assert_eq!((answers.kind, answers.delivery), (kind, delivery), "{case:?}");
        assert_eq!((answers.responsible, answers.is_transient), (responsible, is_transient), "{case:?}");
    }
    let ban = r#"{"code":-1003,"msg":"Way too much; IP banned until 1700000090000."}"#;
    let answers = same(Case::of(Answer::Status(418, Some(ban.to_owned())), false)).await;
    assert_eq!(answers.retry_after, Some(Duration::from_secs(90)));
    assert_eq!(
        answers.display,
        "IP address banned (status 418): -1003 Way too much; IP banned until 1700000090000.; retry after 90s"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_without_an_answer_are_the_same_too() {
    for is_query in [false, true] {
        let of = |answer| Case::of(answer, is_query);
        let silence = || of(Answer::Silence);
        for (case, kind, delivery, retry_after) in [
            (of(Answer::Close), ErrorKind::ConnectionLost, Delivery::MaybeWritten, None),
            (silence(), ErrorKind::Timeout, Delivery::MaybeWritten, None),
            (of(Answer::Success("\"no number\"")), ErrorKind::Decode, Delivery::MaybeWritten, None),
            (Case { repeats: true, ..silence() }, ErrorKind::InvalidRequest, Delivery::NotWritten, None),
            (
                Case { security: Security::Signed, ..silence() },
                ErrorKind::MissingCredentials,
                Delivery::NotWritten,
                None,
            ),
            (
                Case { before: Before::Hold, ..silence() },
                ErrorKind::RateLimited,
                Delivery::NotWritten,
                Some(Duration::from_secs(60)),
            ),
            (Case { before: Before::Close, ..silence() }, ErrorKind::Closed, Delivery::NotWritten, None),
        ] {
            let answers = same(case.clone()).await;
            assert_eq!((answers.kind, answers.delivery), (kind, delivery), "{case:?}");
            assert_eq!(answers.retry_after, retry_after, "{case:?}");
            assert_eq!(answers.outcome_unknown, !is_query && delivery == Delivery::MaybeWritten);
        }
    }
}

/// A refused key is the one difference: over REST it is the answer to a request, on a WebSocket also that of the connection.
#[tokio::test(start_paused = true)]
async fn a_key_refused_for_the_connection_names_code_and_message() {
    let (context, mut connections): (_, Connections) = context();
    let keys =
        binance_kit_sign::Ed25519Pair::from_seed([7; 32]).unwrap().credentials("keyOfTheTest").unwrap();
    let builder = WsApiClient::builder(&context, &environment()).credentials(keys);
    let (refused, ()) = tokio::join!(builder.connect(), async {
        let mut server = Server::accept(&mut connections).await;
        let id = id_of(&server.text().await.unwrap());
        server
            .send(&format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"Invalid API-key."}}}}"#))
            .await;
    });
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthenticationRefused);
    assert_eq!(
        error.to_string(),
        "session.logon: credentials refused by the exchange: -2015 Invalid API-key."
    );
}
