//! What `GET /help` answers, from the tables by which requests are dispatched and faults are known.

use super::table::ROUTES;
use crate::faults;
use serde_json::{Value, json};

/// All requests and all faults, with an example of each.
pub(super) fn help(url: &str) -> Value {
    let requests: Vec<Value> = ROUTES
        .iter()
        .map(|route| {
            let (path, body) = route.example;
            let mut request = json!({
                "request": format!("{} {}", route.method, route.path),
                "does": route.does,
                "example": {"method": route.method, "path": path},
            });
            let method = match (route.method, body) {
                ("GET", _) => String::new(),
                ("POST", body) if !body.is_empty() => String::new(),
                (method, _) => format!(" -X {method}"),
            };
            let data = if body.is_empty() { String::new() } else { format!(" -d '{body}'") };
            request["curl"] = format!("curl -s{method} '{url}{path}'{data}").into();
            if !route.query.is_empty() {
                request["parameters"] = route.query.into();
            }
            if !body.is_empty() {
                request["body"] = route.body.into();
                request["example"]["body"] = serde_json::from_str(body).unwrap_or_default();
            }
            request
        })
        .collect();
    json!({
        "about": "The control API of the embedded exchange. Bodies are JSON; amounts and prices are strings. Keys of a body \
                  with a question mark are optional. What fails is answered by {\"error\": {\"kind\", \"message\", \"hint\"}}.",
        "requests": requests,
        "faults": faults::faults(),
        "everyFaultTakes": faults::envelope(),
    })
}
