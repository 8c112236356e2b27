//! What is read of the exchange's messages.

use binance_kit_core::decode::{EventFrame, Frame, ValueKind};
use binance_kit_core::sbe::{Message, Schema, answered_id, is_deprecated};
use binance_kit_core::{ApiError, DecodeError, Decoder, Encode, Error, StreamEvent, Timestamp};
use binance_kit_model::spot::sbe::{API, STREAM};
use binance_kit_model::{coinm, spot, usdm};

use crate::generated;
use crate::table::{Event, Request};

/// The events of all products.
pub(crate) const EVENTS: [&[Event]; 3] =
    [generated::spot::EVENTS, generated::usdm::EVENTS, generated::coinm::EVENTS];

/// The answers of all products.
pub(crate) const REQUESTS: [&[Request]; 3] =
    [generated::spot::REQUESTS, generated::usdm::REQUESTS, generated::coinm::REQUESTS];

/// Events in JSON. What the fast reader reads, the general one reads alike; what was read can be written, and reads the same again.
pub(crate) fn events(input: &[u8]) {
    for event in EVENTS.into_iter().flatten() {
        let _ = (event.fast)(input, "btcusdt@depth5");
    }
    comes_back::<spot::MarketEvent>(input);
    comes_back::<spot::AccountEvent>(input);
    comes_back::<usdm::MarketEvent>(input);
    comes_back::<coinm::MarketEvent>(input);
}

/// Writes an event that was read, and reads that.
fn comes_back<E: StreamEvent + Encode>(input: &[u8]) {
    let stream = Some("btcusdt@depth5");
    let read = |text: &[u8], stream: Option<&str>| -> Result<Option<(String, Option<String>)>, DecodeError> {
        Decoder::new().frame(text, |frame| {
            let Frame::Event(event) = frame else { return Ok(None) };
            let stream = event.stream.or(stream);
            let event = E::decode_event(EventFrame { stream, ..event })?;
            let _ = (event.event_time(), event.sequence());
            Ok(Some((event.to_json(), stream.map(str::to_owned))))
        })
    };
    let Ok(Some((written, stream))) = read(input, stream) else { return };
    match read(written.as_bytes(), stream.as_deref()) {
        // A time of so many digits is of another unit when it comes back.
        Ok(Some((again, _))) => assert!(again == written || has_long_number(input), "{again}\n{written}"),
        // An event that looks like an answer, such as `{"id":1}`, came in the wrapper of its stream.
        Ok(None) => {}
        Err(error) => panic!("written as {written}, which cannot be read: {error}"),
    }
}

/// Whether there are digits enough for a time that no millisecond of this century has.
fn has_long_number(input: &[u8]) -> bool {
    input.split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() > 14)
}

/// Messages of both binary schemas. What is read directly from the offsets is what the tables give.
pub(crate) fn sbe(input: &[u8]) {
    for schema in [&API, &STREAM] {
        let _ = (is_deprecated(schema, input), answered_id(schema, input));
        let json = Decoder::new().parse_sbe(schema, input, |value| Ok(value.to_json()));
        if let Ok(json) = json {
            Decoder::new()
                .parse(json.as_bytes(), |_| Ok(()))
                .unwrap_or_else(|error| panic!("transcoded to {json}, which is no JSON: {error}"));
            for request in REQUESTS[0] {
                let _ = (request.both)(&json, schema, input);
            }
        }
    }
    let Ok(message) = Message::new(&STREAM, input) else { return };
    let mut direct: Vec<spot::MarketEvent> = Vec::new();
    if let Ok(true) = spot::MarketEvent::decode_sbe(&message, &mut |event| direct.push(event)) {
        // Times and empty symbols are checked by the tables alone.
        let Ok(by_tables) = by_tables(&STREAM, &message, input) else { return };
        // By the tables, the symbol of a partial book comes from the name of its stream, which has no capitals.
        let capitals = |events: &[spot::MarketEvent]| format!("{events:?}").to_uppercase();
        assert!(
            direct == by_tables || capitals(&direct) == capitals(&by_tables),
            "{direct:?}\n{by_tables:?}"
        );
    }
}

fn by_tables(
    schema: &'static Schema,
    message: &Message<'_>,
    input: &[u8],
) -> Result<Vec<spot::MarketEvent>, DecodeError> {
    let mut name = String::new();
    let stream = message.stream_name(&mut name);
    Decoder::new().sbe_frame(schema, input, |frame| {
        let Frame::Event(event) = frame else { panic!("an event of a stream is taken for an answer") };
        let event = EventFrame { stream, ..event };
        if event.data.kind() == ValueKind::Array {
            let array = event.data.array()?;
            return array.map(|data| spot::MarketEvent::decode_event(EventFrame { data, ..event })).collect();
        }
        Ok(vec![spot::MarketEvent::decode_event(event)?])
    })
}

/// Answers of REST and of the WebSocket API. The first two bytes choose the request; the rest is the body. What was read can be
/// written, and reads the same again. Errors are classified whatever they say.
pub(crate) fn answers(input: &[u8]) {
    let Some(([high, low], body)) = input.split_first_chunk() else { return };
    let all: usize = REQUESTS.iter().map(|requests| requests.len()).sum();
    let chosen = usize::from(u16::from_be_bytes([*high, *low])) % all;
    let request = REQUESTS.into_iter().flatten().nth(chosen).unwrap();
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(written) = (request.round_trip)(text)
    {
        match (request.round_trip)(&written) {
            Ok(again) => assert_eq!(again, written, "{}", request.name),
            Err(error) => panic!("{}: written as {written}, which cannot be read: {error}", request.name),
        }
    }
    let api = Decoder::new().decode::<ApiError>(body).ok();
    let status = 400 + u16::from(*low) % 200;
    let error = Error::answered(status, api, None, Timestamp::from_millis(1_700_000_000_000));
    let error = error.with_answer(Vec::new(), body);
    assert!(!error.to_string().is_empty() && !format!("{error:?}").is_empty());
    assert!(error.to_string().chars().all(|c| !c.is_control()), "{error:?}");
    let _ = Decoder::new().frame(body, |frame| {
        if let Frame::Response(response) = frame {
            let _ = (&response.id, response.status);
        }
        Ok(())
    });
}
