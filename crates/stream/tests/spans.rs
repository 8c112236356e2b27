//! The tracing spans of subscriptions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::RawEvent;
use binance_kit_stream::StreamClient;
use common::{Server, context, environment, topics};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps the fields of spans, and which span each event is in.
#[derive(Debug, Default)]
struct State {
    /// The fields of each span by its id, from 1.
    spans: Vec<String>,
    /// The spans that are entered, innermost last.
    entered: Vec<u64>,
    /// Messages with the span they are in.
    events: Vec<(String, Option<u64>)>,
}

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<State>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("binance_kit_stream")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        let mut state = self.0.lock().unwrap();
        state.spans.push(text.0);
        Id::from_u64(state.spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let mut state = self.0.lock().unwrap();
        let span = state.entered.last().copied();
        state.events.push((text.0, span));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_logged_of_a_subscription_is_in_its_span() {
    let kept = Kept::default();
    let _guard = tracing::subscriber::set_default(kept.clone());
    let (context, mut connections) = context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let mut open = Vec::new();
    for name in ["a@trade", "b@trade"] {
        let (stream, server) = tokio::join!(client.subscribe(topics::<RawEvent>([name])), async {
            let mut server = Server::accept(&mut connections).await;
            server.answer_list(&[name]).await;
            server
        });
        open.push((stream.unwrap(), server));
    }
    // One of them loses its connection.
    let (mut stream, server) = open.pop().unwrap();
    drop(server);
    while !matches!(
        stream.next().await.unwrap(),
        binance_kit_stream::Item::State(binance_kit_stream::StateChange::Disconnected { .. })
    ) {}
    let state = kept.0.lock().unwrap();
    let of = |first: &str| {
        let span = state.spans.iter().position(|span| span.contains(&format!("first={first:?}")));
        span.map(|index| index as u64 + 1).unwrap()
    };
    assert!(
        state.spans.iter().all(|span| span.starts_with("subscription id=") && span.contains("streams=1"))
    );
    let in_span = |message: &str, span| {
        state.events.iter().filter(|(text, of)| text.contains(message) && *of == Some(span)).count()
    };
    for first in ["a@trade", "b@trade"] {
        assert_eq!(in_span("subscribed", of(first)), 1, "{:?}", state.events);
    }
    assert_eq!(in_span("stream connection lost", of("b@trade")), 1, "{:?}", state.events);
    assert_eq!(in_span("stream connection lost", of("a@trade")), 0);
    assert!(state.events.iter().all(|(_, span)| span.is_some()), "{:?}", state.events);
}
