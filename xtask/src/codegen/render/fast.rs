//! Decoders of the fast path: they read an event in the order in which the spec has its fields.

use std::fmt::Write as _;

use super::super::lines::{Field, Presence, TypeExpression};
use super::super::spec::{Product, Request, Security, Type, TypeKind};
use super::events::Variant;
use super::types::{is_plain_list, local, needs_stream};

/// The built-in types that the fast path of the core reads.
const PLAIN: &[&str] = &[
    "bool",
    "u8",
    "u32",
    "u64",
    "Decimal",
    "Symbol",
    "Timestamp",
    "i32",
    "i64",
    "Activation",
    "AggTradeId",
    "AllocationId",
    "Asset",
    "ClientOrderId",
    "ExecutionId",
    "Level",
    "OrderId",
    "OrderListId",
    "PreventedMatchId",
    "TradeId",
    "UpdateId",
];

/// Whether a type gets such a decoder: those that streams deliver, of the market or of an account, the answers to orders, and
/// what they consist of.
pub(super) fn reads(product: &Product, name: &str) -> bool {
    let streamed = |event: &str| {
        is_event(product, event)
            || product
                .files
                .iter()
                .flat_map(|file| file.streams.values())
                .any(|stream| stream.event.innermost() == Some(event))
    };
    if streamed(name) || is_outcome(product, name) {
        return can_be_read(product, name);
    }
    // A part of such an event or answer.
    product.files.iter().flat_map(|file| &file.types).any(|(whole, spec)| match &spec.kind {
        TypeKind::Struct { fields, .. } => {
            fields.iter().any(|field| field.shape.innermost() == Some(name))
                && can_be_read(product, whole)
                && reads(product, whole)
        }
        _ => false,
    })
}

/// Whether a type is the answer to a request that changes something at the exchange: what a program that trades waits for.
pub(super) fn is_outcome(product: &Product, name: &str) -> bool {
    let changes = |request: &Request| request.security == Security::Signed && !request.query;
    product.requests().any(|(_, request)| changes(request) && request.response.name() == Some(name))
}

/// Events that end a connection or a subscription. Clients act on them, and look for them on the general path.
const ENDS: &[&str] = &["eventStreamTerminated", "listenKeyExpired", "serverShutdown"];

/// Whether a type says first of what kind of event it is, and is for the consumer alone.
fn is_event(product: &Product, name: &str) -> bool {
    match product.type_named(name).map(|spec| &spec.kind) {
        Some(TypeKind::Struct { fields, .. }) => fields.first().is_some_and(|first| {
            first.wire == "e" && first.constant.as_deref().is_some_and(|word| !ENDS.contains(&word))
        }),
        _ => false,
    }
}

fn can_be_read(product: &Product, name: &str) -> bool {
    let Some(TypeKind::Struct { fields, .. }) = product.type_named(name).map(|spec| &spec.kind) else {
        return false;
    };
    let mut written = fields.iter().filter(|field| field.wire != "@stream");
    // The first field decides where the commas are.
    written.next().is_some_and(|first| first.presence != Presence::Optional)
        && fields.iter().all(|field| {
            field.wire == "@stream"
                || field.constant.is_some()
                || field.suffix.is_some()
                || can_be_read_as(product, &field.shape)
        })
}

fn is_word(product: &Product, name: &str) -> bool {
    product.enum_named(name).is_some_and(|spec| !spec.name_part)
}

fn can_be_read_as(product: &Product, shape: &TypeExpression) -> bool {
    match shape {
        TypeExpression::Named(name) => {
            PLAIN.contains(&name.as_str()) || is_word(product, name) || can_be_read(product, name)
        }
        TypeExpression::List(inner) | TypeExpression::Objects(inner) => can_be_read_as(product, inner),
        _ => false,
    }
}

/// A piece of wire text as a byte-string literal.
fn literal(text: &str) -> String {
    format!("b\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What reads the inside of a value in quotes, if the quotes belong to the literals around it.
fn inside(field: &Field) -> Option<&'static str> {
    let TypeExpression::Named(name) = &field.shape else { return None };
    if field.suffix.is_some() || !matches!(field.presence, Presence::Required | Presence::Default) {
        return None;
    }
    match name.as_str() {
        "Decimal" => Some("input.decimal_inside()"),
        "Asset" => Some("input.text_inside().map(Asset::from_wire)"),
        "ClientOrderId" => Some("input.text_inside().map(ClientOrderId::from_wire)"),
        "Symbol" => Some("input.text_inside().map(Symbol::from_wire)"),
        _ => None,
    }
}

/// What reads the value of a field.
fn value(field: &Field) -> String {
    if let Some(suffix) = &field.suffix {
        return format!("input.text()?.strip_suffix({suffix:?}).map(From::from)");
    }
    match field.presence {
        Presence::MinusOne => "input.whole_or_minus_one()".to_owned(),
        Presence::EmptyText => "support::text_or_none(input)".to_owned(),
        Presence::Null => "input.or_null()".to_owned(),
        _ => "DecodeInOrder::decode_in_order(input)".to_owned(),
    }
}

/// The statements that read the fields in their order. Over a value, lists are read into those there are.
fn reading(out: &mut String, fields: &[Field], over: bool) {
    // A reader of its own stays in registers.
    out.push_str("let mut reader = *start;\nlet input = &mut reader;\n");
    let mut pending = "{".to_owned();
    let mut is_first = true;
    for field in fields {
        if field.wire == "@stream" {
            let _ = writeln!(out, "let {} = support::symbol_of_stream(stream).ok()?;", local(field));
            continue;
        }
        let comma = if is_first { "" } else { "," };
        is_first = false;
        let key = format!("{comma}\"{}\":", field.wire);
        if let Some(word) = &field.constant {
            let _ = write!(pending, "{key}\"{word}\"");
            continue;
        }
        if field.presence == Presence::Optional {
            flush(out, &mut pending);
            let _ = writeln!(
                out,
                "let {} = if input.literal({}).is_some() {{ Some({}?) }} else {{ None }};",
                local(field),
                literal(&key),
                value(field)
            );
            continue;
        }
        pending.push_str(&key);
        if let Some(read) = inside(field) {
            pending.push('"');
            flush(out, &mut pending);
            let _ = writeln!(out, "let {} = {read}?;", local(field));
            pending.push('"');
            continue;
        }
        flush(out, &mut pending);
        let _ = if over && is_plain_list(field) {
            writeln!(out, "self.{}.decode_in_order_into(input)?;", field.name)
        } else {
            writeln!(out, "let {} = {}?;", local(field), value(field))
        };
    }
    pending.push('}');
    flush(out, &mut pending);
    out.push_str("*start = reader;\n");
}

fn flush(out: &mut String, pending: &mut String) {
    if !pending.is_empty() {
        let _ = writeln!(out, "input.literal({})?;", literal(pending));
        pending.clear();
    }
}

/// The decoders of an object.
pub(super) fn structure(out: &mut String, name: &str, spec: &Type, fields: &[Field]) {
    let from_stream = needs_stream(fields);
    let stream = if from_stream { ", stream: Option<&str>" } else { "" };
    let members: Vec<&Field> = fields.iter().filter(|field| field.constant.is_none()).collect();
    let has_lists = members.iter().any(|field| is_plain_list(field));
    let _ = writeln!(out, "impl {name} {{");
    let mut whole = |function: &str, fields: &[Field]| {
        let lines = |field: &Field| if field.presence == Presence::Optional { 5 } else { 2 };
        if fields.iter().map(lines).sum::<usize>() > 60 {
            // How many lines rustfmt makes of it is not known here.
            out.push_str("#[allow(clippy::too_many_lines, reason = \"two and more for each field\")]\n");
        }
        let _ = writeln!(out, "fn {function}(start: &mut FastReader<'_>{stream}) -> Option<Self> {{");
        reading(out, fields, false);
        out.push_str("Some(Self {");
        for field in &members {
            let local = local(field);
            let _ = if local == field.name {
                write!(out, "{local}, ")
            } else {
                write!(out, "{}: {local}, ", field.name)
            };
        }
        out.push_str("})\n}\n\n");
    };
    if let Some(other) = &spec.other_order {
        whole("in_order_first", fields);
        whole("in_order_otherwise", other);
        let _ = writeln!(
            out,
            "fn in_order(input: &mut FastReader<'_>) -> Option<Self> {{\n\
             Self::in_order_first(input).or_else(|| Self::in_order_otherwise(input))\n}}\n"
        );
    } else {
        whole("in_order", fields);
    }
    if has_lists {
        let _ = writeln!(
            out,
            "\nfn in_order_over(&mut self, start: &mut FastReader<'_>{stream}) -> Option<()> {{"
        );
        reading(out, fields, true);
        for field in members.iter().filter(|field| !is_plain_list(field)) {
            let _ = writeln!(out, "self.{} = {};", field.name, local(field));
        }
        out.push_str("Some(())\n}\n");
    }
    out.push_str("}\n\n");
    if from_stream {
        return;
    }
    let _ = writeln!(
        out,
        "impl DecodeInOrder for {name} {{\n#[inline]\n\
         fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {{\nSelf::in_order(input)\n}}"
    );
    if has_lists {
        out.push_str(
            "\n#[inline]\nfn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {\n\
             self.in_order_over(input)\n}\n",
        );
    }
    out.push_str("}\n\n");
}

/// How a variant of a choice is recognised before it is read.
fn opening(variant: &Variant<'_>) -> Option<String> {
    let first = variant.fields().iter().find(|field| field.wire != "@stream")?;
    Some(literal(&format!("{{\"{}\":", first.wire)))
}

/// The part of a choice of events that dispatches on the type of the event, or on its first key.
pub(super) fn choice(out: &mut String, product: &Product, variants: &[Variant<'_>]) {
    let readable: Vec<&Variant<'_>> = variants
        .iter()
        .filter(|variant| variant.shape.innermost().is_some_and(|name| reads(product, name)))
        .collect();
    if readable.is_empty() {
        return;
    }
    out.push_str("fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {\n");
    dispatch(out, &readable, |variant| {
        let read = format!("StreamEvent::decode_in_order(input, stream).map(Self::{})", variant.name);
        Some(read)
    });
    out.push_str("None\n}\n\n");
    let kept: Vec<&Variant<'_>> = readable
        .into_iter()
        .filter(|variant| variant.is_list() || variant.fields().iter().any(is_plain_list))
        .collect();
    if kept.is_empty() {
        return;
    }
    out.push_str(
        "fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {\n\
         match self {\n",
    );
    for variant in kept {
        let condition = if variant.is_list() {
            match variant.spec.constant() {
                Some((_, word)) => format!("input.peek_text(b\"[{{\\\"e\\\":\") == Some({word:?})"),
                None => continue,
            }
        } else if let Some((_, word)) = variant.spec.constant() {
            format!("input.peek_text(b\"{{\\\"e\\\":\") == Some({word:?})")
        } else if let Some(opening) = opening(variant) {
            format!("input.peek({opening})")
        } else {
            continue;
        };
        let _ = writeln!(
            out,
            "Self::{}(kept) if {condition} => StreamEvent::decode_in_order_into(kept, input, stream),",
            variant.name
        );
    }
    out.push_str("_ => {\n*self = Self::decode_in_order(input, stream)?;\nSome(())\n}\n}\n}\n\n");
}

fn dispatch(out: &mut String, variants: &[&Variant<'_>], read: impl Fn(&Variant<'_>) -> Option<String>) {
    for is_list in [false, true] {
        let mut arms = String::new();
        for variant in variants.iter().filter(|variant| variant.is_list() == is_list) {
            let Some(read) = read(variant) else { continue };
            if let Some((_, word)) = variant.spec.constant() {
                let _ = writeln!(arms, "{word:?} => {read},");
            } else if let Some((_, end)) = variant.spec.suffix() {
                let _ = writeln!(arms, "word if support::has_window(word, {end:?}) => {read},");
            }
        }
        if !arms.is_empty() {
            let bracket = if is_list { "[" } else { "" };
            let _ = writeln!(
                out,
                "if let Some(word) = input.peek_text(b\"{bracket}{{\\\"e\\\":\") {{\nreturn match word {{\n{arms}_ => None,\n}};\n}}"
            );
        }
    }
    for variant in variants.iter().filter(|variant| !variant.is_list()) {
        if variant.spec.constant().is_some() || variant.spec.suffix().is_some() {
            // Unless its word comes later in the other order.
            if let Some(field) = variant.spec.other_order.as_ref().and_then(|fields| fields.first())
                && field.constant.is_none()
                && let Some(read) = read(variant)
            {
                let opening = literal(&format!("{{\"{}\":", field.wire));
                let _ = writeln!(out, "if input.peek({opening}) {{\nreturn {read};\n}}");
            }
            continue;
        }
        if let (Some(opening), Some(read)) = (opening(variant), read(variant)) {
            let _ = writeln!(out, "if input.peek({opening}) {{\nreturn {read};\n}}");
        }
    }
}
