//! What the generator writes for names that its own functions use compiles, reads and writes (`spec/probe`).

use crate::common::Level;
use crate::generated::probe::{
    Names, NamesEvent, Places, ProbeEvent, ProbeTexts, QueryNames, QueryPlaces, ValuePart,
};
use binance_kit_core::decode::{EventFrame, FastReader, Frame};
use binance_kit_core::{Decimal, Decoder, Encode, ParamWriter, Request, StreamEvent};

const NAMES: [&str; 22] = [
    "array", "decoder", "element", "elements", "error", "event", "found", "frame", "index", "input", "json",
    "key", "name", "params", "reader", "seen", "slot", "start", "stream", "text", "value", "word",
];

/// Each name with a value of its own.
fn fields() -> String {
    let fields = NAMES.iter().enumerate().map(|(index, name)| format!("\"{name}\":\"{index}\""));
    fields.collect::<Vec<_>>().join(",")
}

fn written(request: &impl Request) -> String {
    let mut params = ParamWriter::new();
    request.write(&mut params);
    params.to_sorted_payload()
}

#[test]
fn fields_of_any_name_are_read_and_written() {
    let text = format!(
        r#"{{"e":"names","E":5,{},"values":[["1","2"]],"rows":[{{"input":1,"value":2}}],"flag":true}}"#,
        fields()
    );
    let read = |text: &str| {
        Decoder::new().frame(text.as_bytes(), |frame| match frame {
            Frame::Event(event) => ProbeEvent::decode_event(EventFrame { ..event }),
            other => panic!("{other:?}"),
        })
    };
    let general = read(&text).unwrap();
    let (_, fast) = FastReader::event::<ProbeEvent>(text.as_bytes(), None).unwrap();
    assert_eq!((&fast, general.to_json().as_str()), (&general, text.as_str()));
    let ProbeEvent::Names(event) = &general else { panic!("{general:?}") };
    assert_eq!((event.value, event.input), (Decimal::from(20), Decimal::from(9)));
    assert_eq!(event.levels, [Level { price: Decimal::ONE, quantity: Decimal::TWO }]);
    assert_eq!((event.inner[0].input, event.inner[0].value, event.flag), (1, 2, true));
    // Without what has a default the general path reads it.
    let less = text.replace(r#","flag":true"#, "").replace(r#","value":2"#, "");
    assert!(FastReader::event::<ProbeEvent>(less.as_bytes(), None).is_none());
    let ProbeEvent::Names(event) = read(&less).unwrap() else { panic!("another event") };
    assert_eq!((event.flag, event.inner[0].value), (true, 7));
    // Over another event.
    let mut over: NamesEvent = Decoder::new().decode(less.as_bytes()).unwrap();
    Decoder::new()
        .parse(text.as_bytes(), |value| binance_kit_core::Decode::decode_into(&mut over, value))
        .unwrap();
    assert_eq!(over.to_json(), text);
}

#[test]
fn answers_of_any_name_are_read_and_written() {
    let text = format!("{{{},\"list\":[\"a\",\"b\"]}}", fields());
    let names: Names = Decoder::new().decode(text.as_bytes()).unwrap();
    assert_eq!((names.to_json().as_str(), names.json), (text.as_str(), Decimal::from(10)));
    let places: Places = Decoder::new().decode(br#"["1","2","3"]"#).unwrap();
    assert_eq!((places.elements, places.to_json().as_str()), (Decimal::ONE, r#"["1","2","3"]"#));
}

#[test]
fn parameters_of_any_name_and_lists_of_texts_are_written() {
    let request = QueryNames::new(
        "1.5",
        "text",
        ["a", "b"],
        ValuePart::new("2").json("3"),
        ProbeTexts::from(String::from("w")),
    )
    .input(["c"])
    .frame(4)
    .found("5")
    .name("n")
    .text(true);
    request.check().unwrap();
    assert_eq!(
        written(&request),
        r#"found=5&frame=4&input=["c"]&json=text&keyJson=3&keyValue=2&name=n&params=["a","b"]&text=true&value=1.5&word=w"#
    );
    let many = QueryNames::new(
        "1",
        "j",
        [String::from("a")],
        ValuePart::new("2"),
        vec![String::from("x"), "y".into()],
    );
    assert!(written(&many).contains(r#"words=["x","y"]"#), "{}", written(&many));
    assert_eq!(many.input(["d"]).frame(10).check().unwrap_err().parameter, "frame");
    assert_eq!(written(&QueryPlaces::new().stream(["s"]).seen("1")), r#"seen=1&stream=["s"]"#);
    let wrong = QueryNames::new("x", "j", ["a"], ValuePart::new("2"), String::from("w")).check().unwrap_err();
    assert_eq!(wrong.parameter, "value");
}
