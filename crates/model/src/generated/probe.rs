// Written by `cargo xtask codegen` from crates/model/spec/probe/names.toml; do not edit.

//! Fields and parameters that are called like the variables of generated functions, and parameters that are lists of texts.

use crate::common::{IntoDecimal, Level, UnknownEvent};
use crate::number::Unreadable;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{
    DecodeInOrder, EventFrame, FastReader, Layout, Value, field, optional, required,
};
use binance_kit_core::{
    Api, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest, JsonWriter, List,
    ParamWriter, Request, RestRequest, Security, Sequence, StreamEvent, Symbol, Timestamp, UnreadableElement,
};
use std::borrow::Cow;

/// An object within an event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Inner {
    /// A field.
    pub input: u64,
    /// A field; `7` if absent.
    pub value: u64,
}

impl Inner {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut input_field = None;
        let mut value_field = None;
        for (key, found) in value.object()? {
            match key {
                "input" => support::whole(&mut input_field, "input", found)?,
                "value" => field(&mut value_field, "value", found)?,
                _ => {}
            }
        }
        Ok(Self { input: required(input_field, "input")?, value: optional(value_field).unwrap_or(7) })
    }
}

impl Decode for Inner {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Inner"))
    }
}

impl Encode for Inner {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("input", &self.input);
        json.field("value", &self.value);
        json.end_object();
    }
}

impl Inner {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"input\":")?;
        let input_field = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"value\":")?;
        let value_field = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { input: input_field, value: value_field })
    }
}

impl DecodeInOrder for Inner {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// An answer with each name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Names {
    /// A field.
    pub array: Decimal,
    /// A field.
    pub decoder: Decimal,
    /// A field.
    pub element: Decimal,
    /// A field.
    pub elements: Decimal,
    /// A field.
    pub error: Decimal,
    /// A field.
    pub event: Decimal,
    /// A field.
    pub found: Decimal,
    /// A field.
    pub frame: Decimal,
    /// A field.
    pub index: Decimal,
    /// A field.
    pub input: Decimal,
    /// A field.
    pub json: Decimal,
    /// A field.
    pub key: Decimal,
    /// A field.
    pub name: Decimal,
    /// A field.
    pub params: Decimal,
    /// A field.
    pub reader: Decimal,
    /// A field.
    pub seen: Decimal,
    /// A field.
    pub slot: Decimal,
    /// A field.
    pub start: Decimal,
    /// A field.
    pub stream: Decimal,
    /// A field.
    pub text: Decimal,
    /// A field.
    pub value: Decimal,
    /// A field.
    pub word: Decimal,
    /// Texts; empty if absent.
    pub list: Vec<String>,
}

impl Names {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut array = None;
        let mut decoder = None;
        let mut element = None;
        let mut elements = None;
        let mut error = None;
        let mut event = None;
        let mut found_field = None;
        let mut frame = None;
        let mut index = None;
        let mut input_field = None;
        let mut json = None;
        let mut key_field = None;
        let mut name = None;
        let mut params = None;
        let mut reader_field = None;
        let mut seen_field = None;
        let mut slot = None;
        let mut start_field = None;
        let mut stream_field = None;
        let mut text = None;
        let mut value_field = None;
        let mut word = None;
        let mut list = None;
        for (key, found) in value.object()? {
            match key {
                "array" => field(&mut array, "array", found)?,
                "decoder" => field(&mut decoder, "decoder", found)?,
                "element" => field(&mut element, "element", found)?,
                "elements" => field(&mut elements, "elements", found)?,
                "error" => field(&mut error, "error", found)?,
                "event" => field(&mut event, "event", found)?,
                "found" => field(&mut found_field, "found", found)?,
                "frame" => field(&mut frame, "frame", found)?,
                "index" => field(&mut index, "index", found)?,
                "input" => field(&mut input_field, "input", found)?,
                "json" => field(&mut json, "json", found)?,
                "key" => field(&mut key_field, "key", found)?,
                "name" => field(&mut name, "name", found)?,
                "params" => field(&mut params, "params", found)?,
                "reader" => field(&mut reader_field, "reader", found)?,
                "seen" => field(&mut seen_field, "seen", found)?,
                "slot" => field(&mut slot, "slot", found)?,
                "start" => field(&mut start_field, "start", found)?,
                "stream" => field(&mut stream_field, "stream", found)?,
                "text" => field(&mut text, "text", found)?,
                "value" => field(&mut value_field, "value", found)?,
                "word" => field(&mut word, "word", found)?,
                "list" => field(&mut list, "list", found)?,
                _ => {}
            }
        }
        Ok(Self {
            array: required(array, "array")?,
            decoder: required(decoder, "decoder")?,
            element: required(element, "element")?,
            elements: required(elements, "elements")?,
            error: required(error, "error")?,
            event: required(event, "event")?,
            found: required(found_field, "found")?,
            frame: required(frame, "frame")?,
            index: required(index, "index")?,
            input: required(input_field, "input")?,
            json: required(json, "json")?,
            key: required(key_field, "key")?,
            name: required(name, "name")?,
            params: required(params, "params")?,
            reader: required(reader_field, "reader")?,
            seen: required(seen_field, "seen")?,
            slot: required(slot, "slot")?,
            start: required(start_field, "start")?,
            stream: required(stream_field, "stream")?,
            text: required(text, "text")?,
            value: required(value_field, "value")?,
            word: required(word, "word")?,
            list: optional(list).unwrap_or_default(),
        })
    }
}

impl Decode for Names {
    const LAYOUT: Layout = Layout::Fields(&["list"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Names"))
    }
}

impl Encode for Names {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("array", &self.array);
        json.field("decoder", &self.decoder);
        json.field("element", &self.element);
        json.field("elements", &self.elements);
        json.field("error", &self.error);
        json.field("event", &self.event);
        json.field("found", &self.found);
        json.field("frame", &self.frame);
        json.field("index", &self.index);
        json.field("input", &self.input);
        json.field("json", &self.json);
        json.field("key", &self.key);
        json.field("name", &self.name);
        json.field("params", &self.params);
        json.field("reader", &self.reader);
        json.field("seen", &self.seen);
        json.field("slot", &self.slot);
        json.field("start", &self.start);
        json.field("stream", &self.stream);
        json.field("text", &self.text);
        json.field("value", &self.value);
        json.field("word", &self.word);
        json.field("list", &self.list);
        json.end_object();
    }
}

/// An event with each name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NamesEvent {
    /// Event time.
    pub time: Timestamp,
    /// A field.
    pub array: Decimal,
    /// A field.
    pub decoder: Decimal,
    /// A field.
    pub element: Decimal,
    /// A field.
    pub elements: Decimal,
    /// A field.
    pub error: Decimal,
    /// A field.
    pub event: Decimal,
    /// A field.
    pub found: Decimal,
    /// A field.
    pub frame: Decimal,
    /// A field.
    pub index: Decimal,
    /// A field.
    pub input: Decimal,
    /// A field.
    pub json: Decimal,
    /// A field.
    pub key: Decimal,
    /// A field.
    pub name: Decimal,
    /// A field.
    pub params: Decimal,
    /// A field.
    pub reader: Decimal,
    /// A field.
    pub seen: Decimal,
    /// A field.
    pub slot: Decimal,
    /// A field.
    pub start: Decimal,
    /// A field.
    pub stream: Decimal,
    /// A field.
    pub text: Decimal,
    /// A field.
    pub value: Decimal,
    /// A field.
    pub word: Decimal,
    /// Levels.
    pub levels: Vec<Level>,
    /// Objects.
    pub inner: List<Inner>,
    /// A flag; `true` if absent.
    pub flag: bool,
}

impl NamesEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut time = None;
        let mut array = None;
        let mut decoder = None;
        let mut element = None;
        let mut elements = None;
        let mut error = None;
        let mut event = None;
        let mut found_field = None;
        let mut frame = None;
        let mut index = None;
        let mut input_field = None;
        let mut json = None;
        let mut key_field = None;
        let mut name = None;
        let mut params = None;
        let mut reader_field = None;
        let mut seen_field = None;
        let mut slot = None;
        let mut start_field = None;
        let mut stream_field = None;
        let mut text = None;
        let mut value_field = None;
        let mut word = None;
        let mut levels = None;
        let mut inner = None;
        let mut flag = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "names", found)?,
                "E" => support::time(&mut time, "E", found)?,
                "array" => field(&mut array, "array", found)?,
                "decoder" => field(&mut decoder, "decoder", found)?,
                "element" => field(&mut element, "element", found)?,
                "elements" => field(&mut elements, "elements", found)?,
                "error" => field(&mut error, "error", found)?,
                "event" => field(&mut event, "event", found)?,
                "found" => field(&mut found_field, "found", found)?,
                "frame" => field(&mut frame, "frame", found)?,
                "index" => field(&mut index, "index", found)?,
                "input" => field(&mut input_field, "input", found)?,
                "json" => field(&mut json, "json", found)?,
                "key" => field(&mut key_field, "key", found)?,
                "name" => field(&mut name, "name", found)?,
                "params" => field(&mut params, "params", found)?,
                "reader" => field(&mut reader_field, "reader", found)?,
                "seen" => field(&mut seen_field, "seen", found)?,
                "slot" => field(&mut slot, "slot", found)?,
                "start" => field(&mut start_field, "start", found)?,
                "stream" => field(&mut stream_field, "stream", found)?,
                "text" => field(&mut text, "text", found)?,
                "value" => field(&mut value_field, "value", found)?,
                "word" => field(&mut word, "word", found)?,
                "values" => field(&mut levels, "values", found)?,
                "rows" => field(&mut inner, "rows", found)?,
                "flag" => field(&mut flag, "flag", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            time: required(time, "E")?,
            array: required(array, "array")?,
            decoder: required(decoder, "decoder")?,
            element: required(element, "element")?,
            elements: required(elements, "elements")?,
            error: required(error, "error")?,
            event: required(event, "event")?,
            found: required(found_field, "found")?,
            frame: required(frame, "frame")?,
            index: required(index, "index")?,
            input: required(input_field, "input")?,
            json: required(json, "json")?,
            key: required(key_field, "key")?,
            name: required(name, "name")?,
            params: required(params, "params")?,
            reader: required(reader_field, "reader")?,
            seen: required(seen_field, "seen")?,
            slot: required(slot, "slot")?,
            start: required(start_field, "start")?,
            stream: required(stream_field, "stream")?,
            text: required(text, "text")?,
            value: required(value_field, "value")?,
            word: required(word, "word")?,
            levels: required(levels, "values")?,
            inner: required(inner, "rows")?,
            flag: optional(flag).unwrap_or(true),
        })
    }

    fn read_over(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let mut seen = false;
        let mut time = None;
        let mut array = None;
        let mut decoder = None;
        let mut element = None;
        let mut elements = None;
        let mut error = None;
        let mut event = None;
        let mut found_field = None;
        let mut frame = None;
        let mut index = None;
        let mut input_field = None;
        let mut json = None;
        let mut key_field = None;
        let mut name = None;
        let mut params = None;
        let mut reader_field = None;
        let mut seen_field = None;
        let mut slot = None;
        let mut start_field = None;
        let mut stream_field = None;
        let mut text = None;
        let mut value_field = None;
        let mut word = None;
        let mut levels = false;
        let mut inner = false;
        let mut flag = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "names", found)?,
                "E" => support::time(&mut time, "E", found)?,
                "array" => field(&mut array, "array", found)?,
                "decoder" => field(&mut decoder, "decoder", found)?,
                "element" => field(&mut element, "element", found)?,
                "elements" => field(&mut elements, "elements", found)?,
                "error" => field(&mut error, "error", found)?,
                "event" => field(&mut event, "event", found)?,
                "found" => field(&mut found_field, "found", found)?,
                "frame" => field(&mut frame, "frame", found)?,
                "index" => field(&mut index, "index", found)?,
                "input" => field(&mut input_field, "input", found)?,
                "json" => field(&mut json, "json", found)?,
                "key" => field(&mut key_field, "key", found)?,
                "name" => field(&mut name, "name", found)?,
                "params" => field(&mut params, "params", found)?,
                "reader" => field(&mut reader_field, "reader", found)?,
                "seen" => field(&mut seen_field, "seen", found)?,
                "slot" => field(&mut slot, "slot", found)?,
                "start" => field(&mut start_field, "start", found)?,
                "stream" => field(&mut stream_field, "stream", found)?,
                "text" => field(&mut text, "text", found)?,
                "value" => field(&mut value_field, "value", found)?,
                "word" => field(&mut word, "word", found)?,
                "values" => support::list_over(&mut self.levels, &mut levels, "values", found)?,
                "rows" => support::list_over(&mut self.inner, &mut inner, "rows", found)?,
                "flag" => field(&mut flag, "flag", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        self.time = required(time, "E")?;
        self.array = required(array, "array")?;
        self.decoder = required(decoder, "decoder")?;
        self.element = required(element, "element")?;
        self.elements = required(elements, "elements")?;
        self.error = required(error, "error")?;
        self.event = required(event, "event")?;
        self.found = required(found_field, "found")?;
        self.frame = required(frame, "frame")?;
        self.index = required(index, "index")?;
        self.input = required(input_field, "input")?;
        self.json = required(json, "json")?;
        self.key = required(key_field, "key")?;
        self.name = required(name, "name")?;
        self.params = required(params, "params")?;
        self.reader = required(reader_field, "reader")?;
        self.seen = required(seen_field, "seen")?;
        self.slot = required(slot, "slot")?;
        self.start = required(start_field, "start")?;
        self.stream = required(stream_field, "stream")?;
        self.text = required(text, "text")?;
        self.value = required(value_field, "value")?;
        self.word = required(word, "word")?;
        support::required_constant(levels, "values")?;
        support::required_constant(inner, "rows")?;
        self.flag = optional(flag).unwrap_or(true);
        Ok(())
    }
}

impl Decode for NamesEvent {
    const LAYOUT: Layout = Layout::Fields(&["values", "rows"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("NamesEvent"))
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        self.read_over(value).map_err(|error| error.in_type("NamesEvent"))
    }
}

impl Encode for NamesEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "names");
        json.field("E", &self.time);
        json.field("array", &self.array);
        json.field("decoder", &self.decoder);
        json.field("element", &self.element);
        json.field("elements", &self.elements);
        json.field("error", &self.error);
        json.field("event", &self.event);
        json.field("found", &self.found);
        json.field("frame", &self.frame);
        json.field("index", &self.index);
        json.field("input", &self.input);
        json.field("json", &self.json);
        json.field("key", &self.key);
        json.field("name", &self.name);
        json.field("params", &self.params);
        json.field("reader", &self.reader);
        json.field("seen", &self.seen);
        json.field("slot", &self.slot);
        json.field("start", &self.start);
        json.field("stream", &self.stream);
        json.field("text", &self.text);
        json.field("value", &self.value);
        json.field("word", &self.word);
        json.field("values", &self.levels);
        json.field("rows", &self.inner);
        json.field("flag", &self.flag);
        json.end_object();
    }
}

impl NamesEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"names\",\"E\":")?;
        let time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"array\":\"")?;
        let array = input.decimal_inside()?;
        input.literal(b"\",\"decoder\":\"")?;
        let decoder = input.decimal_inside()?;
        input.literal(b"\",\"element\":\"")?;
        let element = input.decimal_inside()?;
        input.literal(b"\",\"elements\":\"")?;
        let elements = input.decimal_inside()?;
        input.literal(b"\",\"error\":\"")?;
        let error = input.decimal_inside()?;
        input.literal(b"\",\"event\":\"")?;
        let event = input.decimal_inside()?;
        input.literal(b"\",\"found\":\"")?;
        let found_field = input.decimal_inside()?;
        input.literal(b"\",\"frame\":\"")?;
        let frame = input.decimal_inside()?;
        input.literal(b"\",\"index\":\"")?;
        let index = input.decimal_inside()?;
        input.literal(b"\",\"input\":\"")?;
        let input_field = input.decimal_inside()?;
        input.literal(b"\",\"json\":\"")?;
        let json = input.decimal_inside()?;
        input.literal(b"\",\"key\":\"")?;
        let key_field = input.decimal_inside()?;
        input.literal(b"\",\"name\":\"")?;
        let name = input.decimal_inside()?;
        input.literal(b"\",\"params\":\"")?;
        let params = input.decimal_inside()?;
        input.literal(b"\",\"reader\":\"")?;
        let reader_field = input.decimal_inside()?;
        input.literal(b"\",\"seen\":\"")?;
        let seen_field = input.decimal_inside()?;
        input.literal(b"\",\"slot\":\"")?;
        let slot = input.decimal_inside()?;
        input.literal(b"\",\"start\":\"")?;
        let start_field = input.decimal_inside()?;
        input.literal(b"\",\"stream\":\"")?;
        let stream_field = input.decimal_inside()?;
        input.literal(b"\",\"text\":\"")?;
        let text = input.decimal_inside()?;
        input.literal(b"\",\"value\":\"")?;
        let value_field = input.decimal_inside()?;
        input.literal(b"\",\"word\":\"")?;
        let word = input.decimal_inside()?;
        input.literal(b"\",\"values\":")?;
        let levels = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"rows\":")?;
        let inner = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"flag\":")?;
        let flag = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            time,
            array,
            decoder,
            element,
            elements,
            error,
            event,
            found: found_field,
            frame,
            index,
            input: input_field,
            json,
            key: key_field,
            name,
            params,
            reader: reader_field,
            seen: seen_field,
            slot,
            start: start_field,
            stream: stream_field,
            text,
            value: value_field,
            word,
            levels,
            inner,
            flag,
        })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"names\",\"E\":")?;
        let time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"array\":\"")?;
        let array = input.decimal_inside()?;
        input.literal(b"\",\"decoder\":\"")?;
        let decoder = input.decimal_inside()?;
        input.literal(b"\",\"element\":\"")?;
        let element = input.decimal_inside()?;
        input.literal(b"\",\"elements\":\"")?;
        let elements = input.decimal_inside()?;
        input.literal(b"\",\"error\":\"")?;
        let error = input.decimal_inside()?;
        input.literal(b"\",\"event\":\"")?;
        let event = input.decimal_inside()?;
        input.literal(b"\",\"found\":\"")?;
        let found_field = input.decimal_inside()?;
        input.literal(b"\",\"frame\":\"")?;
        let frame = input.decimal_inside()?;
        input.literal(b"\",\"index\":\"")?;
        let index = input.decimal_inside()?;
        input.literal(b"\",\"input\":\"")?;
        let input_field = input.decimal_inside()?;
        input.literal(b"\",\"json\":\"")?;
        let json = input.decimal_inside()?;
        input.literal(b"\",\"key\":\"")?;
        let key_field = input.decimal_inside()?;
        input.literal(b"\",\"name\":\"")?;
        let name = input.decimal_inside()?;
        input.literal(b"\",\"params\":\"")?;
        let params = input.decimal_inside()?;
        input.literal(b"\",\"reader\":\"")?;
        let reader_field = input.decimal_inside()?;
        input.literal(b"\",\"seen\":\"")?;
        let seen_field = input.decimal_inside()?;
        input.literal(b"\",\"slot\":\"")?;
        let slot = input.decimal_inside()?;
        input.literal(b"\",\"start\":\"")?;
        let start_field = input.decimal_inside()?;
        input.literal(b"\",\"stream\":\"")?;
        let stream_field = input.decimal_inside()?;
        input.literal(b"\",\"text\":\"")?;
        let text = input.decimal_inside()?;
        input.literal(b"\",\"value\":\"")?;
        let value_field = input.decimal_inside()?;
        input.literal(b"\",\"word\":\"")?;
        let word = input.decimal_inside()?;
        input.literal(b"\",\"values\":")?;
        self.levels.decode_in_order_into(input)?;
        input.literal(b",\"rows\":")?;
        self.inner.decode_in_order_into(input)?;
        input.literal(b",\"flag\":")?;
        let flag = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        self.time = time;
        self.array = array;
        self.decoder = decoder;
        self.element = element;
        self.elements = elements;
        self.error = error;
        self.event = event;
        self.found = found_field;
        self.frame = frame;
        self.index = index;
        self.input = input_field;
        self.json = json;
        self.key = key_field;
        self.name = name;
        self.params = params;
        self.reader = reader_field;
        self.seen = seen_field;
        self.slot = slot;
        self.start = start_field;
        self.stream = stream_field;
        self.text = text;
        self.value = value_field;
        self.word = word;
        self.flag = flag;
        Some(())
    }
}

impl DecodeInOrder for NamesEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        self.in_order_over(input)
    }
}

impl StreamEvent for NamesEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        self.decode_into(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, _: Option<&str>) -> Option<()> {
        self.in_order_over(input)
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        self.inner.unreadable().iter().for_each(&mut *each);
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.time)
    }
}

/// An array with a name for each place.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Places {
    /// A place.
    pub elements: Decimal,
    /// A place.
    pub value: Decimal,
    /// A place; `0` if absent.
    pub json: Decimal,
}

impl Places {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut elements = value.array()?;
        Ok(Self {
            elements: support::element(&mut elements, 0)?,
            value: support::element(&mut elements, 1)?,
            json: support::element_or_none(&mut elements, 2)?.unwrap_or_default(),
        })
    }
}

impl Decode for Places {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Places"))
    }
}

impl Encode for Places {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_array();
        json.element();
        self.elements.encode(json);
        json.element();
        self.value.encode(json);
        json.element();
        self.json.encode(json);
        json.end_array();
    }
}

/// All events.
#[expect(clippy::large_enum_variant, reason = "a box would be an allocation for every event")]
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ProbeEvent {
    /// An event with each name.
    Names(NamesEvent),
    /// An event of a kind this version of the SDK does not know.
    Unknown(UnknownEvent),
}

impl StreamEvent for ProbeEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        match support::event_type(frame.data) {
            Some("names") => StreamEvent::decode_event(frame).map(Self::Names),
            other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
        }
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        match self {
            Self::Names(kept) if support::event_type(frame.data) == Some("names") => {
                kept.decode_event_into(frame)
            }
            _ => {
                *self = Self::decode_event(frame)?;
                Ok(())
            }
        }
    }

    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        if let Some(word) = input.peek_text(b"{\"e\":") {
            return match word {
                "names" => StreamEvent::decode_in_order(input, stream).map(Self::Names),
                _ => None,
            };
        }
        None
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        match self {
            Self::Names(kept) if input.peek_text(b"{\"e\":") == Some("names") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            _ => {
                *self = Self::decode_in_order(input, stream)?;
                Some(())
            }
        }
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        if let Self::Names(event) = self {
            event.each_unreadable(each);
        }
    }

    fn heap_size(&self) -> Option<usize> {
        if let Self::Unknown(event) = self { Some(event.heap_size()) } else { None }
    }

    fn event_time(&self) -> Option<Timestamp> {
        match self {
            Self::Names(event) => event.event_time(),
            Self::Unknown(_) => None,
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        match self {
            Self::Names(event) => event.sequence(),
            Self::Unknown(_) => None,
        }
    }
}

impl From<NamesEvent> for ProbeEvent {
    fn from(event: NamesEvent) -> Self {
        Self::Names(event)
    }
}

impl Encode for ProbeEvent {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Names(event) => event.encode(json),
            Self::Unknown(event) => event.encode(json),
        }
    }
}

impl ProbeEvent {
    /// The event type as the exchange writes it (`e`); for events without one, what the documents call it.
    pub fn event_type(&self) -> Cow<'_, str> {
        match self {
            Self::Names(_) => Cow::Borrowed("names"),
            Self::Unknown(event) => Cow::Borrowed(&event.event_type),
        }
    }

    /// The symbol the event is about, unless it is about several, or none.
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Unknown(_) | Self::Names(_) => None,
        }
    }
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeTexts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl ProbeTexts {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 2]) {
        match self {
            Self::One(value) => Param::write(value, names[0], params),
            Self::Many(value) => Param::write(value, names[1], params),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Many(values) => u32::try_from(values.len()).unwrap_or(u32::MAX),
        }
    }
}

impl From<String> for ProbeTexts {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

impl From<Vec<String>> for ProbeTexts {
    fn from(value: Vec<String>) -> Self {
        Self::Many(value)
    }
}

/// Parameters that go together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ValuePart {
    /// A parameter.
    pub value: Decimal,
    /// A parameter.
    pub params: Option<String>,
    /// A parameter.
    pub json: Option<Decimal>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl ValuePart {
    /// Creates the part with its required parameters.
    pub fn new(value: impl IntoDecimal) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            value: unreadable.number("Value", value).unwrap_or_default(),
            params: None,
            json: None,
            unreadable,
        }
    }

    /// A parameter.
    #[must_use]
    pub fn params(mut self, params: impl Into<String>) -> Self {
        self.params = Some(params.into());
        self
    }

    /// A parameter.
    #[must_use]
    pub fn json(mut self, json: impl IntoDecimal) -> Self {
        self.json = self.unreadable.number("Json", json);
        self
    }
}

impl ValuePart {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 3]) {
        Param::write(&self.value, names[0], params);
        Param::write(&self.params, names[1], params);
        Param::write(&self.json, names[2], params);
    }
}

/// Requests with each name.
///
/// REST: `GET /names`. Security: none. Weight: 1 without `frame`, 2 otherwise.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueryNames {
    /// A parameter.
    pub value: Decimal,
    /// A parameter.
    pub json: String,
    /// A parameter.
    pub params: Vec<String>,
    /// A parameter.
    pub key: ValuePart,
    /// A parameter.
    pub words: ProbeTexts,
    /// A parameter.
    pub input: Option<Vec<String>>,
    /// A parameter.
    pub frame: Option<u32>,
    /// A parameter.
    pub found: Option<Decimal>,
    /// A parameter.
    pub name: Option<String>,
    /// A parameter.
    pub text: Option<bool>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl QueryNames {
    /// Creates the request with its required parameters.
    pub fn new(
        value: impl IntoDecimal,
        json: impl Into<String>,
        params: impl IntoIterator<Item = impl Into<String>>,
        key: ValuePart,
        words: impl Into<ProbeTexts>,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            value: unreadable.number("value", value).unwrap_or_default(),
            json: json.into(),
            params: params.into_iter().map(Into::into).collect(),
            key,
            words: words.into(),
            input: None,
            frame: None,
            found: None,
            name: None,
            text: None,
            unreadable,
        }
    }

    /// A parameter.
    #[must_use]
    pub fn input(mut self, input: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.input = Some(input.into_iter().map(Into::into).collect());
        self
    }

    /// A parameter.
    #[must_use]
    pub fn frame(mut self, frame: u32) -> Self {
        self.frame = Some(frame);
        self
    }

    /// A parameter.
    #[must_use]
    pub fn found(mut self, found: impl IntoDecimal) -> Self {
        self.found = self.unreadable.number("found", found);
        self
    }

    /// A parameter.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A parameter.
    #[must_use]
    pub fn text(mut self, text: bool) -> Self {
        self.text = Some(text);
        self
    }
}

impl Request for QueryNames {
    type Response = List<Names>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.frame {
            None => 1,
            Some(_) => 2,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.value, "value", params);
        Param::write(&self.json, "json", params);
        Param::write(&self.params, "params", params);
        self.key.write_as(params, ["keyValue", "keyParams", "keyJson"]);
        self.words.write_as(params, ["word", "words"]);
        Param::write(&self.input, "input", params);
        Param::write(&self.frame, "frame", params);
        Param::write(&self.found, "found", params);
        Param::write(&self.name, "name", params);
        Param::write(&self.text, "text", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        self.key.unreadable.check("key")?;
        support::in_range("frame", self.frame, 1, 9)
    }
}

impl RestRequest for QueryNames {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/names")
    }
}

/// Requests without required parameters.
///
/// REST: `GET /places`. Security: none. Weight: 1.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct QueryPlaces {
    /// A parameter.
    pub stream: Option<Vec<String>>,
    /// A parameter.
    pub seen: Option<Decimal>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl QueryPlaces {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// A parameter.
    #[must_use]
    pub fn stream(mut self, stream: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.stream = Some(stream.into_iter().map(Into::into).collect());
        self
    }

    /// A parameter.
    #[must_use]
    pub fn seen(mut self, seen: impl IntoDecimal) -> Self {
        self.seen = self.unreadable.number("seen", seen);
        self
    }
}

impl Request for QueryPlaces {
    type Response = List<Places>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.stream, "stream", params);
        Param::write(&self.seen, "seen", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")
    }
}

impl RestRequest for QueryPlaces {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/places")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    Inner,
    Names,
    NamesEvent,
    Places,
}

#[cfg(feature = "serde")]
crate::wire::serde_event! { ProbeEvent, |event| event.to_json() }
