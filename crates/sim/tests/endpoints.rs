//! Every request of Spot that the project's own specification has is known to the exchange, by REST and by the WebSocket
//! API. What the answers look like is compared elsewhere.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what goes wrong in a test should end it, and what it could not look at it says"
)]

mod common;

use common::{Socket, quiet, request};
use serde_json::{Value, json};
use std::path::Path;

/// The values of a key in all files of the specification: `rest = "GET /api/v3/order"`.
fn specified(key: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/spec/spot");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: the specification is not here");
        return Vec::new();
    };
    let mut out = Vec::new();
    for path in files.map(|file| file.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let value = |line: &str| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.trim().trim_matches('"').to_owned())
        };
        out.extend(text.lines().filter_map(value));
    }
    out.sort();
    out.dedup();
    out
}

#[tokio::test(start_paused = true)]
async fn every_request_of_rest_is_known() {
    let exchange = quiet().limits(false).start().await.unwrap();
    let requests = specified("rest");
    for request_line in &requests {
        let (method, path) = request_line.split_once(' ').unwrap();
        let answer = request(&exchange, method, path, "", "").await;
        // Without parameters and keys most are refused, but by the request itself.
        assert!(
            matches!(answer.status, 200 | 400 | 401),
            "{request_line}: {} {}",
            answer.status,
            answer.body
        );
        assert!(serde_json::from_str::<Value>(&answer.body).is_ok(), "{request_line}: {}", answer.body);
        let wrong = if method == "GET" { "PUT" } else { "PATCH" };
        assert_eq!(request(&exchange, wrong, path, "", "").await.status, 405, "{wrong} {path}");
    }
    assert!(requests.is_empty() || requests.len() >= 48, "{}", requests.len());
}

#[tokio::test(start_paused = true)]
async fn every_method_of_the_websocket_api_is_known() {
    let exchange = quiet().limits(false).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let methods = specified("ws");
    for method in &methods {
        let answer = socket.call(method, &json!({})).await;
        assert_ne!(answer["error"]["code"], -1020, "{method}");
        assert_eq!(answer["status"].as_u64().unwrap() / 100 % 2, 0, "{method}: {answer}");
        // A method may be named with the version of the API.
        let versioned = socket.call(&format!("v3/{method}"), &json!({})).await;
        assert_eq!(versioned["status"], answer["status"], "v3/{method}");
    }
    assert!(methods.is_empty() || methods.len() >= 55, "{}", methods.len());
}
