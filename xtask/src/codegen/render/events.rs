//! Events: what tells them apart, and the choice of them that a connection decodes.

use std::fmt::Write as _;

use super::super::lines::{Field, Presence, TypeExpression};
use super::super::spec::{Events, Product, SequenceRule, Type, TypeKind};
use super::doc;
use super::types::{is_plain_list, needs_stream};
use crate::deps::Outcome;

/// Whether a type is one of a choice of events.
pub(super) fn is_event(product: &Product, name: &str) -> bool {
    product
        .files
        .iter()
        .flat_map(|file| file.events.values())
        .any(|events| events.variants.iter().any(|(_, expression)| expression.innermost() == Some(name)))
}

/// The part of a single event that streams see.
pub(super) fn single(
    out: &mut String,
    product: &Product,
    name: &str,
    fields: &[Field],
    is_fast: bool,
    sequence: Option<&SequenceRule>,
) {
    let has_lists = fields.iter().any(is_plain_list);
    let from_stream = needs_stream(fields);
    let _ = writeln!(
        out,
        "impl StreamEvent for {name} {{\n\
         fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {{"
    );
    let _ = if from_stream {
        writeln!(out, "Self::read(frame.data, frame.stream).map_err(|error| error.in_type({name:?}))\n}}")
    } else {
        writeln!(out, "Self::decode(frame.data)\n}}")
    };
    if has_lists {
        let _ = writeln!(
            out,
            "\nfn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {{"
        );
        let _ = if from_stream {
            writeln!(
                out,
                "self.read_over(frame.data, frame.stream).map_err(|error| error.in_type({name:?}))\n}}"
            )
        } else {
            writeln!(out, "self.decode_into(frame.data)\n}}")
        };
    }
    if is_fast {
        let (arguments, used) = if from_stream { ("input, stream", "stream") } else { ("input", "_") };
        let _ = writeln!(
            out,
            "\n#[inline]\nfn decode_in_order(input: &mut FastReader<'_>, {used}: Option<&str>) -> Option<Self> {{\n\
             Self::in_order({arguments})\n}}"
        );
        if has_lists {
            let _ = writeln!(
                out,
                "\n#[inline]\nfn decode_in_order_into(&mut self, input: &mut FastReader<'_>, {used}: Option<&str>) \
                 -> Option<()> {{\nself.in_order_over({arguments})\n}}"
            );
        }
    }
    if let Some(template) = product.template_of(name) {
        let arm = format!("{template} => Self::read_sbe(message, each).map(|()| true),\n");
        decode_sbe(out, &arm);
    }
    let lists: Vec<&Field> = fields.iter().filter(|field| is_list_of_objects(field)).collect();
    if !lists.is_empty() {
        out.push_str("\nfn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {\n");
        for field in lists {
            let _ = writeln!(out, "self.{}.unreadable().iter().for_each(&mut *each);", field.name);
        }
        out.push_str("}\n");
    }
    if let Some(time) = fields.iter().find(|field| field.wire == "E") {
        let value = match time.presence {
            Presence::Required => format!("Some(self.{})", time.name),
            _ => format!("self.{}", time.name),
        };
        let _ = writeln!(out, "\nfn event_time(&self) -> Option<Timestamp> {{ {value} }}");
    }
    if let Some(rule) = sequence {
        let value = match rule {
            SequenceRule::Id(id) => format!("Sequence::Id(self.{id}.get())"),
            SequenceRule::Range(first, last) => {
                format!("Sequence::Range {{ first: self.{first}.get(), last: self.{last}.get() }}")
            }
            SequenceRule::Linked(previous, last) => {
                format!("support::linked(self.{previous}, self.{last})")
            }
            SequenceRule::Growing(id) => format!("Sequence::Growing(self.{id}.get())"),
            SequenceRule::Candle(candle) => format!(
                "Sequence::Candle {{ open: self.{candle}.open_time, close: self.{candle}.close_time, \
                 is_closed: self.{candle}.is_closed, at: self.event_time }}"
            ),
        };
        let _ = writeln!(out, "\nfn sequence(&self) -> Option<Sequence> {{ Some({value}) }}");
    }
    out.push_str("}\n\n");
}

/// Whether the field is a list that keeps its unreadable elements.
fn is_list_of_objects(field: &Field) -> bool {
    matches!(field.shape, TypeExpression::Objects(_))
        && matches!(field.presence, Presence::Required | Presence::Default)
}

/// The method that reads SBE directly from the offsets, with an arm for each template.
fn decode_sbe(out: &mut String, arms: &str) {
    let _ = writeln!(
        out,
        "\n#[cfg(feature = \"sbe\")]\n#[inline]\n\
         fn decode_sbe(message: &binance_kit_core::sbe::Message<'_>, each: &mut dyn FnMut(Self)) -> Result<bool, DecodeError> {{\n\
         match message.layout().template {{\n{arms}_ => Ok(false),\n}}\n}}"
    );
}

/// One variant of a choice of events.
pub(super) struct Variant<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a TypeExpression,
    pub(super) spec: &'a Type,
}

impl Variant<'_> {
    pub(super) fn fields(&self) -> &[Field] {
        match &self.spec.kind {
            TypeKind::Struct { fields, .. } => fields,
            _ => &[],
        }
    }

    pub(super) fn is_list(&self) -> bool {
        self.shape.is_list()
    }

    fn known_by(&self) -> Option<&[String]> {
        match &self.spec.kind {
            TypeKind::Struct { known_by, .. } => known_by.as_deref(),
            _ => None,
        }
    }

    /// The pattern and guard under which an event type means this variant.
    fn pattern(&self) -> Option<String> {
        if let Some((_, word)) = self.spec.constant() {
            return Some(format!("Some({word:?})"));
        }
        let (_, end) = self.spec.suffix()?;
        Some(format!("Some(event_type) if support::has_window(event_type, {end:?})"))
    }

    /// The condition under which the keys mean this variant.
    fn condition(&self) -> Option<String> {
        if self.pattern().is_some() {
            return None;
        }
        Some(format!("support::has_keys(frame.data, &{:?})", self.known_by()?))
    }
}

/// A choice of events.
///
/// # Errors
///
/// If it refers to something that is not there.
pub(super) fn render(out: &mut String, product: &Product, name: &str, events: &Events) -> Outcome<()> {
    let mut variants = Vec::new();
    for (variant, shape) in &events.variants {
        let of_type = shape.innermost().ok_or("an event has a type")?;
        let spec = product.type_named(of_type).ok_or_else(|| format!("{name}: no type {of_type}"))?;
        variants.push(Variant { name: variant, shape, spec });
    }
    declare(out, name, events, &variants);
    stream_event(out, product, name, &variants);
    conversions(out, product, name, &variants);
    encode(out, name, &variants);
    accessors(out, name, &variants);
    Ok(())
}

fn declare(out: &mut String, name: &str, events: &Events, variants: &[Variant<'_>]) {
    doc(out, &events.doc);
    if events.large {
        out.push_str(
            "#[expect(clippy::large_enum_variant, reason = \"a box would be an allocation for every event\")]\n",
        );
    }
    let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\n#[non_exhaustive]\npub enum {name} {{");
    for variant in variants {
        if variant.is_list() {
            let _ = writeln!(out, "/// A list: {}", lower_first(&variant.spec.doc));
        } else {
            doc(out, &variant.spec.doc);
        }
        let _ = writeln!(out, "{}({}),", variant.name, variant.shape.rust());
    }
    out.push_str(
        "/// An event of a kind this version of the SDK does not know.\nUnknown(UnknownEvent),\n}\n\n",
    );
}

fn stream_event(out: &mut String, product: &Product, name: &str, variants: &[Variant<'_>]) {
    let _ = writeln!(
        out,
        "impl StreamEvent for {name} {{\n\
         fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {{"
    );
    let lists: Vec<&Variant<'_>> = variants.iter().filter(|variant| variant.is_list()).collect();
    if !lists.is_empty() {
        out.push_str(
            "if frame.data.kind() == ValueKind::Array {\nreturn match support::list_type(frame.data) {\n",
        );
        for variant in &lists {
            if let Some(pattern) = variant.pattern() {
                let _ = writeln!(
                    out,
                    "{pattern} => Decode::decode(frame.data).map(Self::{0}).map_err(|error| error.in_type({0:?})),",
                    variant.name
                );
            }
        }
        out.push_str("other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),\n};\n}\n");
    }
    out.push_str("match support::event_type(frame.data) {\n");
    for variant in variants.iter().filter(|variant| !variant.is_list()) {
        if let Some(pattern) = variant.pattern() {
            let _ =
                writeln!(out, "{pattern} => StreamEvent::decode_event(frame).map(Self::{}),", variant.name);
        }
    }
    for variant in variants.iter().filter(|variant| !variant.is_list()) {
        if let Some(condition) = variant.condition() {
            let _ = writeln!(
                out,
                "Some({:?}) => StreamEvent::decode_event(frame).map(Self::{}),",
                known_as(variant.shape.name().unwrap_or_default()),
                variant.name
            );
            let _ = writeln!(
                out,
                "None if {condition} => StreamEvent::decode_event(frame).map(Self::{}),",
                variant.name
            );
        }
    }
    out.push_str("other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),\n}\n}\n\n");

    let kept: Vec<String> = variants.iter().filter_map(kept_arm).collect();
    if !kept.is_empty() {
        let _ = writeln!(
            out,
            "fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {{\n\
             match self {{\n{}\
             _ => {{\n*self = Self::decode_event(frame)?;\nOk(())\n}}\n}}\n}}\n",
            kept.concat()
        );
    }
    super::fast::choice(out, product, variants);
    let readers = variants.iter().filter(|variant| !variant.is_list()).filter_map(|variant| {
        let of_type = variant.shape.name()?;
        let template = product.template_of(of_type)?;
        Some(format!(
            "{template} => {of_type}::read_sbe(message, &mut |event| each(Self::{}(event))).map(|()| true),\n",
            variant.name
        ))
    });
    let arms: String = readers.collect();
    if !arms.is_empty() {
        decode_sbe(out, &arms);
        out.push('\n');
    }
    each_unreadable(out, variants);
    out.push_str(
        "fn heap_size(&self) -> Option<usize> {\n\
         if let Self::Unknown(event) = self { Some(event.heap_size()) } else { None }\n}\n\n",
    );
    out.push_str("fn event_time(&self) -> Option<Timestamp> {\nmatch self {\n");
    for variant in variants {
        let _ = writeln!(out, "Self::{}(event) => event.event_time(),", variant.name);
    }
    out.push_str("Self::Unknown(_) => None,\n}\n}\n\n");
    out.push_str("fn sequence(&self) -> Option<Sequence> {\nmatch self {\n");
    for variant in variants {
        let _ = writeln!(out, "Self::{}(event) => event.sequence(),", variant.name);
    }
    out.push_str("Self::Unknown(_) => None,\n}\n}\n}\n\n");
}

/// The function that reports the unreadable elements of the events' lists, where there are lists.
fn each_unreadable(out: &mut String, variants: &[Variant<'_>]) {
    let with_lists: Vec<&Variant<'_>> = variants
        .iter()
        .filter(|variant| variant.is_list() || variant.fields().iter().any(is_list_of_objects))
        .collect();
    if !with_lists.is_empty() {
        out.push_str("fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {\n");
        if let [one] = with_lists.as_slice() {
            let _ = writeln!(
                out,
                "if let Self::{}(event) = self {{\nevent.each_unreadable(each);\n}}\n}}\n",
                one.name
            );
        } else {
            out.push_str("match self {\n");
            for variant in with_lists {
                let _ = writeln!(out, "Self::{}(event) => event.each_unreadable(each),", variant.name);
            }
            out.push_str("_ => {}\n}\n}\n\n");
        }
    }
}

/// The arm that reads an event over the one that is there, where that keeps a buffer.
fn kept_arm(variant: &Variant<'_>) -> Option<String> {
    let name = variant.name;
    if variant.is_list() {
        let word = variant.spec.constant().map(|(_, word)| word)?;
        return Some(format!(
            "Self::{name}(kept) if support::list_type(frame.data) == Some({word:?}) => \
             kept.decode_into(frame.data).map_err(|error| error.in_type({name:?})),\n"
        ));
    }
    let has_lists = variant.fields().iter().any(is_plain_list);
    if !has_lists {
        return None;
    }
    let condition = match (variant.spec.constant(), variant.condition()) {
        (Some((_, word)), _) => format!("support::event_type(frame.data) == Some({word:?})"),
        (None, Some(condition)) => format!("support::event_type(frame.data).is_none() && {condition}"),
        (None, None) => return None,
    };
    Some(format!("Self::{name}(kept) if {condition} => kept.decode_event_into(frame),\n"))
}

/// A conversion from each type that only one variant has; of market events also into those of all products.
fn conversions(out: &mut String, product: &Product, name: &str, variants: &[Variant<'_>]) {
    for variant in variants {
        if variants.iter().filter(|other| other.shape == variant.shape).count() > 1 {
            continue;
        }
        let _ = writeln!(
            out,
            "impl From<{0}> for {name} {{\nfn from(event: {0}) -> Self {{ Self::{1}(event) }}\n}}\n",
            variant.shape.rust(),
            variant.name
        );
        if name == "MarketEvent" {
            let _ = writeln!(
                out,
                "impl From<{0}> for crate::MarketEvent {{\nfn from(event: {0}) -> Self {{ Self::{1}(event.into()) }}\n}}\n",
                variant.shape.rust(),
                product.head.api().marker
            );
        }
    }
}

fn encode(out: &mut String, name: &str, variants: &[Variant<'_>]) {
    let _ =
        writeln!(out, "impl Encode for {name} {{\nfn encode(&self, json: &mut JsonWriter) {{\nmatch self {{");
    for variant in variants {
        let _ = writeln!(out, "Self::{}(event) => event.encode(json),", variant.name);
    }
    out.push_str("Self::Unknown(event) => event.encode(json),\n}\n}\n}\n\n");
}

fn accessors(out: &mut String, name: &str, variants: &[Variant<'_>]) {
    let _ = writeln!(
        out,
        "impl {name} {{\n\
         /// The event type as the exchange writes it (`e`); for events without one, what the documents call it.\n\
         pub fn event_type(&self) -> Cow<'_, str> {{\nmatch self {{"
    );
    // Variants with the same word share an arm.
    let mut words: Vec<(&str, Vec<&str>)> = Vec::new();
    for variant in variants {
        if let Some((_, word)) = variant.spec.constant() {
            match words.iter_mut().find(|(known, _)| *known == word) {
                Some((_, names)) => names.push(variant.name),
                None => words.push((word, vec![variant.name])),
            }
        }
    }
    for (word, names) in words {
        let patterns: Vec<String> = names.iter().map(|name| format!("Self::{name}(_)")).collect();
        let _ = writeln!(out, "{} => Cow::Borrowed({word:?}),", patterns.join(" | "));
    }
    for variant in variants.iter().filter(|variant| variant.spec.constant().is_none()) {
        let name = variant.name;
        let field = variant.fields().iter().find(|field| field.suffix.is_some());
        let _ = match (field, variant.spec.suffix(), variant.is_list()) {
            (Some(field), Some((_, end)), false) => writeln!(
                out,
                "Self::{name}(event) => Cow::Owned(format!(\"{{}}{end}\", event.{})),",
                field.name
            ),
            (Some(field), Some((_, end)), true) => writeln!(
                out,
                "Self::{name}(events) => Cow::Owned(events.first().map_or_else(String::new, |event| \
                 format!(\"{{}}{end}\", event.{}))),",
                field.name
            ),
            _ => writeln!(out, "Self::{name}(_) => Cow::Borrowed({:?}),", lower_first(name)),
        };
    }
    out.push_str("Self::Unknown(event) => Cow::Borrowed(&event.event_type),\n}\n}\n\n");
    let _ = writeln!(
        out,
        "/// The symbol the event is about, unless it is about several, or none.\n\
         pub fn symbol(&self) -> Option<&Symbol> {{\nmatch self {{"
    );
    let mut without = vec!["Self::Unknown(_)".to_owned()];
    for variant in variants {
        let has = variant.fields().iter().any(|field| {
            field.name == "symbol"
                && field.presence == Presence::Required
                && field.shape.name() == Some("Symbol")
        });
        if has && !variant.is_list() {
            let _ = writeln!(out, "Self::{}(event) => Some(&event.symbol),", variant.name);
        } else {
            without.push(format!("Self::{}(_)", variant.name));
        }
    }
    let _ = writeln!(out, "{} => None,\n}}\n}}\n}}\n", without.join(" | "));
}

/// The event type that a type without one is known by: `BookTickerEvent` as `bookTicker`.
pub(super) fn known_as(name: &str) -> String {
    lower_first(name.strip_suffix("Event").unwrap_or(name))
}

/// With its first letter small.
pub(super) fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}
