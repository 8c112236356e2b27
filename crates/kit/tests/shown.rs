//! What is shown of texts from outside, by every crate that shows any.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::account::AccountItem;
use binance_kit::net::{NetError, NetErrorKind};
use binance_kit::rest::RestClient;
use binance_kit::sim::Fault;
use binance_kit::spot::{self, NewOrder, OrderStatus};
use binance_kit::stream::{Item, StateChange, StreamClient};
use binance_kit::ws_api::WsApiClient;
use binance_kit::{Api, ApiError, Context, Environment, Error, ErrorCode, Report, dec};
use common::World;

/// A title for the window, a colour, a line of its own, an 8-bit control sequence, a change of direction.
const HOSTILE: &str = "\x1b]0;owned\x07\x1b[31m\r\nERROR forged\u{9b}2J\u{202e}";

/// The same as JSON writes it.
const HOSTILE_JSON: &str = r"\u001b]0;owned\u0007\u001b[31m\r\nERROR forged\u009b2J\u202e";

/// Line ends stand between an error and its causes only.
#[track_caller]
fn is_harmless(shown: &str) {
    assert!(shown.contains("owned"), "it is shown: {shown:?}");
    let found = shown.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(found, None, "{shown:?}");
    assert!(!shown.contains("\nERROR"), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn e12_words_of_the_exchange_are_shown_escaped_whatever_the_transport() {
    let world = World::new().await;
    let refusal = format!(r#"{{"code":-2010,"msg":"{HOSTILE_JSON}"}}"#);
    let alice = world.with(common::hmac());
    world.exchange.inject(Fault::answer(400, &refusal).on_request("order.place"));
    let order = || NewOrder::market_buy("BTCUSDT").quantity(dec!(0.001));
    let outcome = alice.orders().await.unwrap().place(order()).await;
    is_harmless(&outcome.to_string());
    world.exchange.inject(Fault::answer(400, &refusal).on_request("POST /api/v3/order"));
    let error = alice.rest().send(order()).await.unwrap_err();
    // The value itself is as it came.
    assert_eq!(error.api_error().unwrap().message, HOSTILE);
    is_harmless(&error.to_string());
    is_harmless(&format!("{error:?}"));
    let report = Report::from(error);
    is_harmless(&format!("{report} {report:?}"));
    world.exchange.inject(Fault::answer(502, HOSTILE).on_request("GET /api/v3/depth").always());
    let error = world.binance.rest().send(spot::Depth::new("BTCUSDT")).await.unwrap_err();
    is_harmless(&format!("{error:?}"));
}

#[test]
fn e12_items_and_values_are_shown_escaped() {
    let api_error = ApiError::new(ErrorCode(2), HOSTILE);
    let net = NetError::with_detail(NetErrorKind::Closed, HOSTILE);
    is_harmless(&format!("{net} {net:?}"));
    let error = Error::new(binance_kit::ErrorKind::ConnectionLost).with_detail(HOSTILE).with_source(net);
    is_harmless(&format!("{error:?}"));
    is_harmless(&Item::<u64>::State(StateChange::Disconnected { connection: 0, error }).to_string());
    is_harmless(&AccountItem::<binance_kit::core::product::Spot>::Refused(api_error).to_string());
    let status = OrderStatus::from(HOSTILE);
    assert_eq!(status.as_str(), HOSTILE);
    is_harmless(&status.to_string());
}

#[test]
fn b10_a_password_in_a_base_url_is_refused_and_shown_nowhere() {
    let url = "https://someone:hunter2@api.example.com";
    let socket = "wss://someone:hunter2@stream.example.com";
    let context = Context::new().unwrap();
    let environment = Environment::production();
    let streams = StreamClient::builder(&context, &environment).url(socket);
    let ws_api = WsApiClient::builder(&context, &environment).url(socket);
    let rest = RestClient::builder_with_url(&context, url);
    let mut shown = format!("{streams:?} {ws_api:?} {rest:?}");
    let errors = [
        Report::from(streams.build().unwrap_err()),
        Report::from(rest.build().unwrap_err()),
        Report::from(Environment::custom(url, socket, socket).unwrap_err()),
        Report::from(Environment::empty("x").with_rest(Api::Spot, url).unwrap_err()),
        Report::from(Environment::empty("x").with_streams(Api::Spot, socket).unwrap_err()),
        Report::from(Environment::empty("x").with_ws_api(Api::Spot, socket).unwrap_err()),
        Report::from(Environment::empty("x").with_sbe_stream(socket).unwrap_err()),
    ];
    for error in errors {
        let text = format!("{error:?}");
        assert!(text.contains("leave out"), "{text}");
        shown.push_str(&text);
    }
    assert!(!shown.contains("hunter2") && !shown.contains("someone"), "{shown}");
}
