//! Long texts give the same in parts as at once: the same values, and the same errors at the same places.

use super::*;
use crate::ApiError;
use crate::List;
use crate::decode::{Decode, Json, field, optional, required};
use proptest::prelude::*;

/// An object with lists among its fields.
#[derive(Debug, PartialEq)]
struct Answer {
    name: Option<String>,
    numbers: Vec<u64>,
    items: List<Item>,
    pairs: Option<Vec<Vec<String>>>,
    /// Something that is parsed at once.
    more: Option<Json<serde_json::Value>>,
    inner: Option<Box<Answer>>,
}

impl Decode for Answer {
    const LAYOUT: Layout = Layout::Fields(&["numbers", "items", "pairs"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let (mut name, mut numbers, mut items, mut pairs) = (None, None, None, None);
        let (mut more, mut inner) = (None, None);
        for (key, found) in value.object()? {
            match key {
                "name" => field(&mut name, "name", found)?,
                "numbers" => field(&mut numbers, "numbers", found)?,
                "items" => field(&mut items, "items", found)?,
                "pairs" => field(&mut pairs, "pairs", found)?,
                "more" => field(&mut more, "more", found)?,
                "inner" => field(&mut inner, "inner", found)?,
                _ => {}
            }
        }
        Ok(Self {
            name: optional(name),
            numbers: required(numbers, "numbers")?,
            items: required(items, "items")?,
            pairs: optional(pairs),
            more: optional(more),
            inner: optional(inner),
        })
    }
}

#[derive(Debug, PartialEq)]
struct Item {
    id: u64,
    text: String,
}

impl Decode for Item {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let (mut id, mut text) = (None, None);
        for (key, found) in value.object()? {
            match key {
                "id" => field(&mut id, "id", found)?,
                "text" => field(&mut text, "text", found)?,
                _ => {}
            }
        }
        Ok(Self { id: required(id, "id")?, text: required(text, "text")? })
    }
}

/// As [`Decoder::decode`], whatever the length of the text is.
fn in_parts<T: Decode>(text: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new();
    if let Ok(text) = str::from_utf8(text)
        && let Some(split) = Split::by_layout(text, T::LAYOUT)?
    {
        return split.read(&mut decoder, T::decode);
    }
    decoder.parse(text, T::decode)
}

/// What is the same in both ways: of a text that is no JSON, not the words in which that is said.
fn outcome<T>(result: Result<T, DecodeError>) -> Result<T, (DecodeErrorKind, String, String)> {
    result.map_err(|error| match error.kind() {
        DecodeErrorKind::Syntax => (error.kind(), error.path(), String::new()),
        kind => (kind, error.path(), error.to_string()),
    })
}

/// Whether the text could be read, which is the same in both ways.
#[track_caller]
fn same<T: Decode + PartialEq + std::fmt::Debug>(text: &[u8]) -> bool {
    let parts = outcome(in_parts::<T>(text));
    let whole = outcome(Decoder::new().parse(text, T::decode));
    assert_eq!(parts, whole, "{}", String::from_utf8_lossy(text));
    parts.is_ok()
}

#[track_caller]
fn same_as_all(text: &[u8]) {
    same::<Answer>(text);
    same::<Box<Answer>>(text);
    same::<Vec<u64>>(text);
    same::<List<u64>>(text);
    same::<List<Item>>(text);
    same::<Vec<Vec<String>>>(text);
    same::<Option<Vec<Item>>>(text);
    same::<Item>(text);
    same::<u64>(text);
    same::<String>(text);
    same::<()>(text);
    same::<ApiError>(text);
}

const ANSWER: &str = r#" { "name" : "a" , "numbers" : [1, 2 ,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22] ,
  "more":{"numbers":[1,[2]],"items":{}},"items":[{"id":1,"text":"one, [two] \"three\" \\"} , {"id":2,"text":"ä\u00e4\ud83d\ude00"},
  {"id":3,"text":"","new":[{},[],null,true,-1.5e-3]}], "pairs":[["a","b"],[],["c,\"]["]]} "#;

#[test]
fn whole_texts_give_the_same() {
    assert!(same::<Answer>(ANSWER.as_bytes()));
    let answer = in_parts::<Answer>(ANSWER.as_bytes()).unwrap();
    assert_eq!((answer.numbers.len(), answer.items.len()), (22, 3));
    assert_eq!(
        (answer.items[0].text.as_str(), answer.items[1].text.as_str()),
        ("one, [two] \"three\" \\", "ää😀")
    );
    assert!(same::<Vec<u64>>(b" [ 1 , 2,3\n]\t"));
    assert!(same::<Vec<u64>>(b"[]") && same::<List<Item>>(b"[ ]"));
    let numbers = format!("[{}0]", "123456789,".repeat(1000));
    assert!(same::<Vec<u64>>(numbers.as_bytes()) && same::<List<u64>>(numbers.as_bytes()));
    // Elements that are longer than what is parsed at a time.
    let long = format!(r#"[["{0}"],["a"],["{0}","{0}"]]"#, "x".repeat(3 * CHUNK));
    assert!(same::<Vec<Vec<String>>>(long.as_bytes()));
}

#[test]
fn lists_are_read_in_parts_and_the_rest_around_them() {
    let split = Split::by_layout(ANSWER, Answer::LAYOUT).unwrap().unwrap();
    let counts: Vec<_> = split.parts.iter().map(|(field, list)| (*field, list.count)).collect();
    assert_eq!(counts, [(1, 22), (2, 0), (3, 3), (4, 3)]);
    let around: usize = split.around.iter().map(|around| around.len()).sum();
    let parts: usize = split.parts.iter().map(|(_, part)| part.text.len()).sum();
    assert_eq!(around + parts, ANSWER.len());
}

#[test]
fn errors_are_the_same_at_the_same_place() {
    for (from, to, path) in [
        (",13,", ",\"x\",", "numbers[12]"),
        (",13,", ",-13,", "numbers[12]"),
        ("[\"c", "[7,\"c", "pairs[2][0]"),
        ("\"numbers\" : [", "\"numbers\" : {}, \"n\":[", "numbers"),
        ("\"numbers\" : ", "\"n\" : ", "numbers"),
        ("\"items\":[", "\"numbers\":[1,2],\"items\":[", "numbers"),
        ("\"pairs\":", "\"items\":[],\"pairs\":", "items"),
        ("\"name\" : \"a\"", "\"name\" : 7", "name"),
        ("\"name\"", "\"numbers\"", "numbers"),
    ] {
        let text = ANSWER.replacen(from, to, 1);
        assert_ne!(text, ANSWER, "{from}");
        assert!(!same::<Answer>(text.as_bytes()), "{text}");
        assert_eq!(in_parts::<Answer>(text.as_bytes()).unwrap_err().path(), path);
    }
    // An element of a list that cannot be read is beside the others.
    let text = ANSWER.replacen("\"id\":2", "\"id\":\"x\"", 1);
    assert!(same::<Answer>(text.as_bytes()));
    let answer = in_parts::<Answer>(text.as_bytes()).unwrap();
    assert_eq!((answer.items.len(), answer.items.unreadable()[0].index), (2, 1));
}

#[test]
fn names_with_escapes_are_names() {
    let text = ANSWER.replacen("\"numbers\"", r#""n\u0075mb\u0065rs""#, 1).replacen(
        "\"items\":[",
        r#""\u0069tems":["#,
        1,
    );
    assert!(same::<Answer>(text.as_bytes()));
    assert_eq!(Split::by_layout(&text, Answer::LAYOUT).unwrap().unwrap().parts.len(), 4);
    let twice = ANSWER.replacen("\"pairs\"", r#""it\u0065ms""#, 1);
    assert!(!same::<Answer>(twice.as_bytes()));
    for broken in [r#""n\umbers""#, r#""n\ud800umbers""#, r#""numbers\""#] {
        assert!(!same::<Answer>(ANSWER.replacen("\"numbers\"", broken, 1).as_bytes()), "{broken}");
    }
}

#[test]
fn what_is_no_json_is_refused_wherever_it_is() {
    let texts = [
        "",
        " ",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1]]",
        "[1] x",
        "[1],",
        "[01]",
        "[1.]",
        "[+1]",
        "[tru]",
        "[nul,l]",
        "[\"a]",
        "[\"\\\"]",
        "[\"\u{1}\"]",
        "[\u{c}1]",
        "[1\u{c},2]",
        "[{\"id\":1]",
        "[{]}",
        "[1}",
        "{\"numbers\":[1}",
        "{\"numbers\":[1],}",
        "{\"numbers\":[1]",
        "{,\"numbers\":[1]}",
        "{\"numbers\":[1],,}",
        "{\"numbers\" [1]}",
        "{\"numbers\":}",
        "{numbers:[1]}",
        "{\"numbers\":[1]\"items\":[]}",
        "{\"numbers\":[1],\"x\":tru}",
        "{\"numbers\":[1]} []",
        "{\"numbers\":[1] 2}",
        "[1\"a,b\"]",
        "[\"a\"\"b\",1]",
        "[1:2]",
        "[\"a\":2]",
        "[[1,2],[3,4,]]",
        "[\"\\ud800\"]",
        "[\"\\x\"]",
        "{\"numbers\":[1,\"x\"],\"items\":[1,tru]}",
        "{\"numbers\":[1,tru],\"items\":[1]}",
        "{\"numbers\":[1],\"numbers\":[1,2}",
        "{\"name\":7,\"numbers\":[1,]}",
        "{\"numbers\":[1],\"items\":[{\"id\":01,\"text\":\"\"}]}",
        "[1e400]",
        "[18446744073709551616,1]",
        "[1.5,-0,0.1e-99999]",
    ];
    for text in texts {
        same_as_all(text.as_bytes());
        // Behind many elements, too, so that it is in a part of its own.
        if let Some(rest) = text.strip_prefix('[') {
            same_as_all(format!("[{}{rest}", "1234567,".repeat(40)).as_bytes());
        }
        if let Some(at) = text.find("[1") {
            let (before, rest) = text.split_at(at + 1);
            same_as_all(format!("{before}{}{rest}", "1234567,".repeat(40)).as_bytes());
        }
    }
    for cut in 0..ANSWER.len() {
        same::<Answer>(&ANSWER.as_bytes()[..cut]);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_wherever_they_are() {
    for at in 0..ANSWER.len() {
        let mut text = ANSWER.as_bytes().to_vec();
        text[at] = 0xff;
        assert!(!same::<Answer>(&text));
    }
}

#[test]
fn the_deepest_nesting_is_the_same() {
    let mut refused = 0;
    for depth in 25..=40 {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let within = format!("[1,{open}{close},2]");
        same::<List<u64>>(within.as_bytes());
        refused += usize::from(in_parts::<List<u64>>(within.as_bytes()).is_err());
        for (name, value) in
            [("items", &within), ("more", &within), ("items", &format!("{{\"a\":{within}}}"))]
        {
            let text = ANSWER.replacen(&format!("\"{name}\":"), &format!("\"{name}\":{value},\"x\":"), 1);
            same::<Answer>(text.as_bytes());
        }
    }
    assert!((1..15).contains(&refused), "{refused}");
}

/// JSON of any kind, with names that mean something.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[0-9]{1,3}",
        Just("-1.50e2".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        r#""[a-z,:\[\]{}ä ]{0,12}""#,
        Just(r#""\"\\\u0041\n""#.to_owned()),
    ];
    let space = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n\t")];
    scalar.prop_recursive(4, 60, 8, move |inner| {
        let name = prop_oneof![
            Just("name"),
            Just("numbers"),
            Just("items"),
            Just("pairs"),
            Just("id"),
            Just("text"),
            Just("n\\u0061me"),
            Just("it\\u0065ms"),
            Just("x"),
            Just("more"),
            Just("inner"),
            Just("code"),
            Just("msg"),
            Just("data"),
            Just("retryAfter")
        ];
        let list = (proptest::collection::vec((inner.clone(), space()), 0..8), space()).prop_map(
            |(values, space)| {
                let values: Vec<_> =
                    values.into_iter().map(|(value, space)| format!("{space}{value}{space}")).collect();
                format!("[{space}{}]", values.join(","))
            },
        );
        let object = proptest::collection::vec((name, inner, space()), 0..6).prop_map(|fields| {
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(name, value, space)| format!("{space}\"{name}\"{space}:{space}{value}{space}"))
                .collect();
            format!("{{{}}}", fields.join(","))
        });
        prop_oneof![list, object]
    })
}

/// Answers whose lists are often what they should be.
fn answer() -> impl Strategy<Value = String> {
    (flat_answer(), flat_answer(), any::<bool>()).prop_map(|(outer, inner, is_nested)| {
        if is_nested { outer.replacen("\"name\"", &format!("\"inner\":{inner},\"name\""), 1) } else { outer }
    })
}

fn flat_answer() -> impl Strategy<Value = String> {
    let numbers = proptest::collection::vec(prop_oneof![30 => "[0-9]{1,9}", 1 => json()], 0..40);
    let item =
        (0..100_u8, "[a-z,\\[\\]{}]{0,9}").prop_map(|(id, text)| format!(r#"{{"id":{id},"text":"{text}"}}"#));
    let items = proptest::collection::vec(prop_oneof![10 => item, 1 => json()], 0..12);
    let pairs = proptest::collection::vec(Just(r#"["a","b\n"]"#.to_owned()), 0..12);
    let list = |values: Vec<String>| format!("[{}]", values.join(","));
    (numbers, items, pairs, json()).prop_map(move |(numbers, items, pairs, other)| {
        let (numbers, items, pairs) = (list(numbers), list(items), list(pairs));
        format!(
            r#"{{"x":{other},"numbers":{numbers},"name":"n","items":{items},"pairs":{pairs},"more":{other}}}"#
        )
    })
}

/// A text with some damage.
fn damaged(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let damage =
        (any::<prop::sample::Index>(), 0..5_u8, prop::sample::select(b"[]{}\",:\\ 1tn\xff\x00\x0b".to_vec()));
    (text, proptest::collection::vec(damage, 0..4)).prop_map(|(text, damages)| {
        let mut text = text.into_bytes();
        for (at, kind, byte) in damages {
            let at = at.index(text.len() + 1);
            match kind {
                0 => text.insert(at, byte),
                1 if at < text.len() => text[at] = byte,
                2 if at < text.len() => drop(text.remove(at)),
                3 => text.truncate(at),
                _ => text.extend_from_within(at..),
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_gives_the_same(text in json()) {
        same_as_all(text.as_bytes());
    }

    #[test]
    fn any_answer_gives_the_same(text in answer()) {
        same::<Answer>(text.as_bytes());
    }

    #[test]
    fn damaged_texts_give_the_same(text in damaged(answer()), other in damaged(json())) {
        same::<Answer>(&text);
        same_as_all(&other);
    }
}

/// An answer of the WebSocket API with a long result.
fn response(result: &str) -> String {
    format!(r#"{{"id":7,"status":200,"result":{result},"rateLimits":[{{"a":1}}]}}"#)
}

fn result_of<T: Decode>(text: &str) -> Result<T, DecodeError> {
    Decoder::new().frame_in_parts(text.as_bytes(), |frame| match frame {
        crate::decode::Frame::Response(response) => {
            assert_eq!(response.rate_limits.unwrap().to_json(), r#"[{"a":1}]"#);
            response.result.unwrap().decode::<T>()
        }
        _ => Err(DecodeError::missing("result")),
    })
}

#[test]
fn the_long_result_of_an_answer_is_left_to_its_type() {
    let numbers: Vec<u64> = (0..60_000).collect();
    let list = format!("[{}]", numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" , "));
    let text = response(&list);
    assert!(text.len() > LONG);
    assert_eq!(result_of::<Vec<u64>>(&text).unwrap(), numbers);
    let object = format!(r#"{{"numbers":{list},"items":[]}}"#);
    assert_eq!(result_of::<Answer>(&response(&object)).unwrap().numbers, numbers);
    // A type that is read at once, too.
    let json = result_of::<Json<serde_json::Value>>(&response(&object)).unwrap();
    assert_eq!(json.0["numbers"].as_array().map(Vec::len), Some(60_000));
    assert_eq!(result_of::<Answer>(&response(&list)).unwrap_err().kind(), DecodeErrorKind::WrongType);
    let wrong = format!(r#"{{"items":[],"numbers":{}}}"#, list.replacen(" , ", ",\"x\",", 1));
    assert_eq!(result_of::<Answer>(&response(&wrong)).unwrap_err().path(), "numbers[1]");
    for broken in [list.replacen(" , ", " ,, ", 1), list.replacen('7', "tru", 1)] {
        assert_eq!(result_of::<Vec<u64>>(&response(&broken)).unwrap_err().kind(), DecodeErrorKind::Syntax);
    }
    // What is wrong around it is wrong with the frame.
    let read = |text: String| {
        Decoder::new().frame_in_parts(text.as_bytes(), |_| Ok(())).map_err(|error| error.kind())
    };
    assert_eq!(read(text.clone()), Ok(()));
    for broken in [text.replacen("200", "2x0", 1), text.replacen("}]}", "}]", 1), format!("{text} 1")] {
        assert_eq!(read(broken), Err(DecodeErrorKind::Syntax));
    }
    // An event is parsed as before, whatever its keys are.
    let event = text.replacen("\"status\":200", "\"e\":\"x\"", 1);
    let parsed = Decoder::new().frame_in_parts(event.as_bytes(), |frame| match frame {
        crate::decode::Frame::Event(event) => event.data.get("result").unwrap().array().map(Iterator::count),
        _ => Err(DecodeError::missing("data")),
    });
    assert_eq!(parsed, Ok(60_000));
}

#[test]
fn a_value_that_was_not_parsed_is_nothing_else_and_has_its_text() {
    let text = response(&format!(r#"{{"text":"{}"}}"#, "x".repeat(2 * LONG)));
    let read = Decoder::new().frame_in_parts(text.as_bytes(), |frame| match frame {
        crate::decode::Frame::Response(response) => {
            let result = response.result.unwrap();
            assert!(result.object().is_err() && result.get("text").is_none());
            assert_eq!(result.kind(), crate::decode::ValueKind::Object);
            Ok(result.to_json().len())
        }
        _ => Err(DecodeError::missing("result")),
    });
    assert_eq!(read, Ok(2 * LONG + 11));
}

#[test]
fn k12_a_long_text_takes_room_for_its_parts_alone() {
    // The values of a decoder are those of its kept buffers: after a long text there are none.
    let text = format!("[{}0]", "123456,".repeat(100_000));
    let mut decoder = Decoder::new();
    assert_eq!(decoder.decode::<Vec<u64>>(text.as_bytes()).unwrap().len(), 100_001);
    assert!(decoder.input.capacity() < LONG && decoder.nodes.capacity() < LONG);
    // A list says for how many elements there is to be room, but not for more than is there.
    let split = Split::by_layout(&text, Layout::List).unwrap().unwrap();
    let list = split.parts[0].1;
    assert_eq!((list.room_for::<u64>(), list.room_for::<()>()), (100_001, 100_001));
    assert!(list.room_for::<[u64; 600]>() * 4800 <= 2 * text.len());
    // Too many values for the length of the text.
    let wide = format!("[{}1]", "1,".repeat(1 << 20));
    assert_eq!(
        decoder.decode::<Vec<u64>>(wide.as_bytes()).unwrap_err().kind(),
        DecodeErrorKind::InvalidValue
    );
}

#[test]
fn what_has_no_id_is_no_answer_however_long_it_is() {
    let long: Vec<String> = (0..30_000).map(|number| format!("{{\"n\":{number}}}")).collect();
    let text = format!("{{\"result\":[{}],\"x\":1}}", long.join(","));
    assert!(text.len() > LONG);
    let count = Decoder::new().frame_in_parts(text.as_bytes(), |frame| match frame {
        crate::decode::Frame::Event(event) => Ok(event.data.get("result").unwrap().array()?.count()),
        other => panic!("{other:?}"),
    });
    assert_eq!(count.unwrap(), long.len());
}
