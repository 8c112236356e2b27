//! The functions that give the streams of a product, and the one that finds a stream by its name.

use std::fmt::Write as _;

use super::super::spec::{Product, Stream};
use super::super::stream::{Cadence, RecordRule};
use super::doc;
use crate::deps::Outcome;

/// The functions of a product's streams.
///
/// # Errors
///
/// If a name cannot be rendered, or what a stream delivers is none of the product's market events.
pub(super) fn render(product: &Product) -> Outcome<String> {
    let streams = || product.files.iter().flat_map(|file| &file.streams);
    let mut out = String::new();
    if streams().next().is_none() {
        return Ok(out);
    }
    let api = product.head.api().variant;
    let _ = writeln!(
        out,
        "/// The names of the product's streams, with a placeholder for each argument.\n\
         pub const PATTERNS: &[&str] = &["
    );
    for (_, stream) in streams() {
        let _ = writeln!(out, "{:?},", pattern(stream));
    }
    out.push_str("];\n\n");
    from_name(&mut out, product)?;
    for (function, stream) in streams() {
        function_of(&mut out, product, api, function, stream)
            .map_err(|error| format!("{function}: {error}"))?;
    }
    Ok(out)
}

/// The name with its placeholders, as the exchange's documents write it.
fn pattern(stream: &Stream) -> String {
    let mut pattern = stream.name.clone();
    for placeholder in stream.placeholders() {
        if let Some((name, _)) = placeholder.split_once(':') {
            pattern = pattern.replace(&format!("<{placeholder}>"), &format!("<{name}>"));
        }
    }
    pattern
}

fn function_of(
    out: &mut String,
    product: &Product,
    api: &str,
    function: &str,
    stream: &Stream,
) -> Outcome<()> {
    let event = stream.event.innermost().ok_or("a stream delivers events")?;
    let path = format!("[`{event}`]");
    let delivers = if stream.event.name().is_some() { path } else { format!("lists of {path}s") };
    doc(out, &stream.doc);
    let _ = write!(out, "///\n/// `{}`; delivers {delivers}.", pattern(stream));
    if let Cadence::Every(time) = stream.cadence {
        let _ = write!(out, " Update speed: {time} ms.");
    }
    out.push('\n');
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut conversions = String::new();
    let mut format = stream.name.clone();
    for placeholder in stream.placeholders() {
        format = format.replace(&format!("<{placeholder}>"), "{}");
        match placeholder.split_once(':') {
            None => {
                arguments.push(format!("{placeholder}: impl Into<Symbol>"));
                values.push(format!("{placeholder}.into().to_lowercase()"));
            }
            Some((name, part)) => {
                let spec = product.enum_named(part).ok_or_else(|| format!("no enum {part}"))?;
                if spec.name_part {
                    arguments.push(format!("{name}: {part}"));
                } else {
                    arguments.push(format!("{name}: impl Into<{part}>"));
                    let _ = writeln!(conversions, "let {name} = {name}.into();");
                }
                values.push(format!("{name}.as_str()"));
            }
        }
    }
    let name = if values.is_empty() {
        format!("{format:?}")
    } else {
        format!("format!({format:?}, {})", values.join(", "))
    };
    let _ = writeln!(out, "pub fn {function}({}) -> Topic<{}> {{", arguments.join(", "), stream.event.rust());
    out.push_str(&conversions);
    let mut topic = format!("Topic::raw(Api::{api}, {name})");
    if let Some(route) = &stream.route {
        let _ = write!(topic, ".on(Route::{})", super::super::lines::pascal_case(route));
    }
    let record = match &stream.record {
        None => String::new(),
        Some(RecordRule::Trades) => "Record::Trades".to_owned(),
        Some(RecordRule::AggTrades) => "Record::AggTrades".to_owned(),
        Some(RecordRule::Klines { argument, time_zone }) => {
            let zone = time_zone.as_ref().map_or("None".to_owned(), |zone| format!("Some({zone:?}.into())"));
            format!("Record::Klines {{ interval: {argument}.as_str().into(), time_zone: {zone} }}")
        }
    };
    if !record.is_empty() {
        let _ = write!(topic, ".record({record})");
    }
    match &stream.cadence {
        Cadence::None => {
            let _ = writeln!(out, "{topic}");
        }
        Cadence::Every(time) => {
            let _ = writeln!(out, "{topic}.cadence({})", duration(*time));
        }
        Cadence::By { argument, cases } => {
            let of_type = stream.argument(argument).ok_or("no such argument")?;
            let _ = writeln!(out, "let topic = {topic};\nmatch {argument} {{");
            for (variant, time) in cases {
                let pattern = if variant == "*" { "_".to_owned() } else { format!("{of_type}::{variant}") };
                let _ = match time {
                    Some(time) => writeln!(out, "{pattern} => topic.cadence({}),", duration(*time)),
                    None => writeln!(out, "{pattern} => topic,"),
                };
            }
            out.push_str("}\n");
        }
    }
    out.push_str("}\n\n");
    Ok(())
}

fn duration(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1000) {
        format!("Duration::from_secs({})", milliseconds / 1000)
    } else {
        format!("Duration::from_millis({milliseconds})")
    }
}

/// The function that finds a stream by its name on the wire.
fn from_name(out: &mut String, product: &Product) -> Outcome<()> {
    let api = product.head.api().variant;
    let choice = "MarketEvent";
    let events = product.files.iter().find_map(|file| file.events.get(choice));
    let events = events.ok_or_else(|| format!("there are streams, but no {choice}"))?;
    let _ = writeln!(
        out,
        "/// Finds a stream by its name on the wire (`btcusdt@trade`); the case of the symbol does not matter.\n\
         ///\n/// # Errors\n///\n\
         /// [`UnknownStream`] when no stream of the product has such a name.\n\
         pub fn from_name(name: &str) -> Result<MixedTopic<{choice}>, UnknownStream> {{"
    );
    for (function, stream) in product.files.iter().flat_map(|file| &file.streams) {
        if events.variants.iter().filter(|(_, shape)| *shape == stream.event).count() != 1 {
            return Err(format!("{function}: {} is not one variant of {choice}", stream.event.rust()).into());
        }
        let mut pieces = Vec::new();
        let mut names = Vec::new();
        let mut values = Vec::new();
        let mut rest = stream.name.as_str();
        while let Some((text, after)) = rest.split_once('<') {
            if !text.is_empty() {
                pieces.push(format!("Piece::Text({text:?})"));
            }
            let (placeholder, after) = after.split_once('>').ok_or("a placeholder is not closed")?;
            match placeholder.split_once(':') {
                None => {
                    pieces.push("Piece::Symbol".to_owned());
                    names.push(placeholder.to_owned());
                    values.push(placeholder.to_owned());
                }
                Some((name, part)) => {
                    let spec = product.enum_named(part).ok_or_else(|| format!("no enum {part}"))?;
                    names.push(name.to_owned());
                    if spec.name_part {
                        pieces.push(format!("Piece::OneOf({part}::WORDS)"));
                        values.push(format!("{part}::of_word({name})"));
                    } else {
                        pieces.push("Piece::Word".to_owned());
                        values.push(name.to_owned());
                    }
                }
            }
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(format!("Piece::Text({rest:?})"));
        }
        let _ = writeln!(
            out,
            "if let Some([{}]) = stream_name::parse(name, &[{}]) {{ return Ok({function}({}).into()); }}",
            names.join(", "),
            pieces.join(", "),
            values.join(", ")
        );
    }
    let _ = writeln!(out, "Err(UnknownStream::new(Api::{api}, name, PATTERNS))\n}}\n");
    Ok(())
}
