//! The output: a Rust file per spec file, one for the streams and one for the error codes of a product, and the
//! tables by which the tests find the type of an example.

mod events;
mod fast;
mod misc;
mod requests;
mod streams;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::spec::{Product, SpecFile, Stream, TypeKind};
use super::{PRODUCTS, presence};
use crate::deps::Outcome;

/// The types that every product has, and where they are.
pub(super) const BUILT_IN: &[(&str, &str)] = &[
    ("bool", ""),
    ("u8", ""),
    ("u32", ""),
    ("u64", ""),
    ("i32", ""),
    ("i64", ""),
    ("String", ""),
    ("Asset", "binance_kit_core"),
    ("ClientOrderId", "binance_kit_core"),
    ("Decimal", "binance_kit_core"),
    ("RateLimit", "binance_kit_core"),
    ("Symbol", "binance_kit_core"),
    ("Timestamp", "binance_kit_core"),
    ("AggTradeId", "binance_kit_core::id"),
    ("AllocationId", "binance_kit_core::id"),
    ("ExecutionId", "binance_kit_core::id"),
    ("OrderId", "binance_kit_core::id"),
    ("OrderListId", "binance_kit_core::id"),
    ("PreventedMatchId", "binance_kit_core::id"),
    ("SubscriptionId", "binance_kit_core::id"),
    ("TradeId", "binance_kit_core::id"),
    ("UpdateId", "binance_kit_core::id"),
    ("Activation", "crate::common"),
    ("ApiKeyText", "crate::common"),
    ("Level", "crate::common"),
    ("Refusal", "crate::common"),
];

/// What generated code uses besides.
pub(super) const MACHINERY: &[(&str, &str)] = &[
    ("Decode", "binance_kit_core"),
    ("DecodeError", "binance_kit_core"),
    ("Encode", "binance_kit_core"),
    ("ErrorCode", "binance_kit_core"),
    ("HttpMethod", "binance_kit_core"),
    ("InvalidRequest", "binance_kit_core"),
    ("JsonWriter", "binance_kit_core"),
    ("ParamWriter", "binance_kit_core"),
    ("Request", "binance_kit_core"),
    ("RestRequest", "binance_kit_core"),
    ("Security", "binance_kit_core"),
    ("Sequence", "binance_kit_core"),
    ("List", "binance_kit_core"),
    ("UnreadableElement", "binance_kit_core"),
    ("StreamEvent", "binance_kit_core"),
    ("WsRequest", "binance_kit_core"),
    ("Api", "binance_kit_core"),
    ("Cost", "binance_kit_core"),
    ("product", "binance_kit_core"),
    ("MixedTopic", "binance_kit_core"),
    ("Pool", "binance_kit_core"),
    ("Record", "binance_kit_core"),
    ("Route", "binance_kit_core"),
    ("Topic", "binance_kit_core"),
    ("Duration", "std::time"),
    ("Piece", "crate::stream_name"),
    ("UnknownStream", "crate::common"),
    ("stream_name", "crate"),
    ("DecodeInOrder", "binance_kit_core::decode"),
    ("EventFrame", "binance_kit_core::decode"),
    ("FastReader", "binance_kit_core::decode"),
    ("Layout", "binance_kit_core::decode"),
    ("Value", "binance_kit_core::decode"),
    ("ValueKind", "binance_kit_core::decode"),
    ("field", "binance_kit_core::decode"),
    ("optional", "binance_kit_core::decode"),
    ("required", "binance_kit_core::decode"),
    ("Map", "crate::common"),
    ("OneOrMany", "crate::common"),
    ("UnknownEvent", "crate::common"),
    ("UnknownObject", "crate::common"),
    ("support", "crate"),
    ("Param", "crate::param"),
    ("Unreadable", "crate::number"),
    ("IntoDecimal", "crate::common"),
    ("name_part", "crate::macros"),
    ("wire_enum", "crate::macros"),
    ("Cow", "std::borrow"),
];

/// Renders a product into files, by their paths from the root.
///
/// # Errors
///
/// If a part of the spec cannot be rendered.
pub(super) fn product(product: &Product) -> Outcome<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let folder = format!("crates/model/src/generated/{}", product.name);
    let mut modules = String::new();
    let (mut all, mut inner) = (String::new(), String::new());
    for file in &product.files {
        let body = body(product, file)?;
        if body.is_empty() {
            continue;
        }
        let source = format!("crates/model/spec/{}/{}.toml", product.name, file.stem);
        let text = with_opening(product, Some(file), &source, &file.doc, &body);
        files.insert(format!("{folder}/{}.rs", file.stem), text);
        let _ = writeln!(modules, "pub(crate) mod {};", file.stem);
        let _ = writeln!(all, "pub(crate) use super::{}::*;", file.stem);
    }
    let source = format!("crates/model/spec/{}/*.toml", product.name);
    let streams = streams::render(product)?;
    if !streams.is_empty() {
        let body = exports(product, "stream") + &streams;
        let text = with_opening(product, None, &source, "The streams of the product.", &body);
        files.insert(format!("{folder}/stream.rs"), text);
        modules.push_str("pub mod stream;\n");
        inner.push_str("pub use super::stream;\n");
    }
    let errors = misc::error_codes(product);
    if !errors.is_empty() {
        let text = with_opening(product, None, &source, "The exchange's error codes by name.", &errors);
        files.insert(format!("{folder}/error_code.rs"), text);
        modules.push_str("pub mod error_code;\n");
        inner.push_str("pub use super::error_code;\n");
    }
    let readers = super::sbe::readers(product, &product.sbe)?;
    let tables = super::sbe::render(&product.name, &product.sbe, &readers)?;
    if !tables.is_empty() {
        modules.push_str("#[cfg(feature = \"sbe\")]\npub mod sbe;\n");
        inner.push_str("#[cfg(feature = \"sbe\")]\npub use super::sbe;\n");
        files.extend(tables);
    }
    let _ = writeln!(
        modules,
        "\n/// Every type by its name, for the code of this crate.\n\
         #[allow(unused_imports, reason = \"not every product has hand-written code\")]\n\
         pub(crate) mod all {{\npub(crate) use crate::generated::common::*;\n{all}}}\n"
    );
    modules.push_str(&public(product, &inner));
    let text = format!("{}//! {}\n\n{modules}", mark(&source), product.head.doc);
    files.insert(format!("{folder}/mod.rs"), text);
    files.insert(format!("crates/model/tests/generated/{}.rs", product.name), misc::test_table(product));
    files.insert(format!("crates/model/spec/{}/presence.txt", product.name), presence::table(product));
    Ok(files)
}

/// Renders what all products share.
///
/// # Errors
///
/// If a part of the spec cannot be rendered.
pub(super) fn common(product: &Product) -> Outcome<BTreeMap<String, String>> {
    let mut all = String::new();
    for file in &product.files {
        all.push_str(&body(product, file)?);
    }
    let text = with_opening(product, None, "crates/model/spec/common/*.toml", &product.head.doc, &all);
    Ok(BTreeMap::from([("crates/model/src/generated/common.rs".to_owned(), text)]))
}

/// Renders what the tests of the crate compile, into one file.
///
/// # Errors
///
/// If a part of the spec cannot be rendered.
pub(super) fn probe(product: &Product) -> Outcome<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for file in &product.files {
        let body = body(product, file)?;
        let source = format!("crates/model/spec/{}/{}.toml", product.name, file.stem);
        let text = with_opening(product, Some(file), &source, &file.doc, &body);
        files.insert(format!("crates/model/src/generated/{}.rs", product.name), text);
    }
    Ok(files)
}

/// The implementations of `serde` for the answers and events of a file.
fn serde(out: &mut String, product: &Product, file: &SpecFile) {
    let of_stream = |name: &str| match product.type_named(name).map(|spec| &spec.kind) {
        Some(TypeKind::Struct { fields, .. }) => types::needs_stream(fields),
        _ => false,
    };
    let values: Vec<&str> = file.types.keys().map(String::as_str).filter(|name| !of_stream(name)).collect();
    if !values.is_empty() {
        let list = values.join(",\n    ");
        let _ =
            writeln!(out, "#[cfg(feature = \"serde\")]\ncrate::wire::serde_values! {{\n    {list},\n}}\n");
    }
    for name in file.types.keys().filter(|name| of_stream(name)) {
        let json = "crate::wire::on_stream(&event.symbol, event)";
        let _ = writeln!(
            out,
            "#[cfg(feature = \"serde\")]\ncrate::wire::serde_event! {{ {name}, |event| {json} }}\n"
        );
    }
    for (name, events) in &file.events {
        let mut arms = String::new();
        for (variant, shape) in &events.variants {
            if shape.name().is_some_and(of_stream) {
                let _ = writeln!(
                    arms,
                    "    {name}::{variant}(event) => crate::wire::on_stream(&event.symbol, event),"
                );
            }
        }
        let json = if arms.is_empty() {
            "event.to_json()".to_owned()
        } else {
            format!("match event {{\n{arms}    event => event.to_json(),\n}}")
        };
        let _ = writeln!(
            out,
            "#[cfg(feature = \"serde\")]\ncrate::wire::serde_event! {{ {name}, |event| {json} }}\n"
        );
    }
}

/// The types of a file.
fn body(product: &Product, file: &SpecFile) -> Outcome<String> {
    let mut body = String::new();
    for (name, spec) in &file.enums {
        misc::wire_enum(&mut body, name, spec);
    }
    for (name, spec) in &file.types {
        types::render(&mut body, product, name, spec)?;
    }
    for (name, spec) in &file.events {
        events::render(&mut body, product, name, spec)?;
    }
    for (name, spec) in &file.alternatives {
        requests::alternatives(&mut body, name, spec);
    }
    for (name, spec) in &file.parts {
        requests::part(&mut body, product, name, spec);
    }
    for (name, spec) in &file.requests {
        requests::request(&mut body, product, name, spec)?;
    }
    serde(&mut body, product, file);
    Ok(body)
}

/// What the product shows: the headline in its own module, everything else in a module below.
fn public(product: &Product, inner: &str) -> String {
    let mut out = "/// What the product shows.\npub(crate) mod public {\n".to_owned();
    for file in &product.files {
        let names: Vec<&str> = file.names().filter(|name| product.head.headline.contains(*name)).collect();
        if !names.is_empty() {
            let _ = writeln!(out, "pub use super::{}::{{{}}};", file.stem, names.join(", "));
        }
    }
    out.push_str(inner);
    for (module, doc) in &product.head.modules {
        if module == "stream" {
            continue;
        }
        let exports = exports(product, module);
        if !exports.is_empty() {
            let _ = writeln!(out, "\n/// {}\npub mod {module} {{\n{exports}}}", doc.trim());
        }
    }
    out.push_str("}\n");
    out
}

/// The exports of a public module.
fn exports(product: &Product, module: &str) -> String {
    let mut out = String::new();
    for file in product.files.iter().filter(|file| file.module == module) {
        let names: Vec<&str> = file.names().filter(|name| !product.head.headline.contains(*name)).collect();
        if !names.is_empty() {
            let path = format!("crate::generated::{}::{}", product.name, file.stem);
            let _ = writeln!(out, "pub use {path}::{{{}}};", names.join(", "));
        }
        for path in file.external.values() {
            let _ = writeln!(out, "pub use {path};");
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The files above those of the products.
pub(super) fn roots() -> BTreeMap<String, String> {
    let mut generated = format!("{}//! What `spec/` gives, by product.\n\n", mark("crates/model/spec"));
    let mut table = format!("{}//! What the tests know of every product.\n\n", mark("crates/model/spec"));
    generated.push_str("pub(crate) mod common;\n");
    generated.push_str(
        "#[cfg(test)]\n#[allow(dead_code, unreachable_pub, reason = \"only tests use a part of it\")]\npub(crate) mod probe;\n",
    );
    for name in PRODUCTS {
        let _ = writeln!(generated, "#[cfg(feature = \"{name}\")]\npub(crate) mod {name};");
        let _ = writeln!(table, "#[cfg(feature = \"{name}\")]\npub(crate) mod {name};");
    }
    BTreeMap::from([
        ("crates/model/src/generated/mod.rs".to_owned(), generated),
        ("crates/model/tests/generated/mod.rs".to_owned(), table),
    ])
}

fn mark(source: &str) -> String {
    format!("// Written by `cargo xtask codegen` from {source}; do not edit.\n\n")
}

/// Puts the mark, the documentation and the imports before the body.
fn with_opening(product: &Product, file: Option<&SpecFile>, source: &str, doc: &str, body: &str) -> String {
    let words = words(body);
    let references = file.map(SpecFile::references).unwrap_or_default();
    let streams = || product.files.iter().flat_map(|file| file.streams.values());
    let mut of_streams: BTreeSet<&str> = streams().flat_map(Stream::parts).collect();
    of_streams.extend(streams().filter_map(|stream| stream.event.innermost()));
    of_streams.insert("MarketEvent");
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut import = |name: &str, module: &str| {
        if words.contains(name) && !module.is_empty() {
            imports.entry(module.to_owned()).or_default().insert(name.to_owned());
        }
    };
    for (name, module) in BUILT_IN.iter().chain(MACHINERY) {
        import(name, module);
    }
    for other in &product.files {
        for (name, path) in &other.external {
            if let Some((module, _)) = path.rsplit_once("::")
                && references.contains(name.as_str())
            {
                import(name, module);
            }
        }
        match file {
            Some(file) if file.stem == other.stem => {}
            Some(_) => {
                other
                    .names()
                    .filter(|name| references.contains(name))
                    .for_each(|name| import(name, "super::all"));
            }
            // The streams name the events, and export the rest of their module themselves.
            None => {
                let is_exported =
                    |name: &str| other.module == "stream" && !product.head.headline.contains(name);
                let wanted = other.names().filter(|name| of_streams.contains(name) && !is_exported(name));
                wanted.for_each(|name| import(name, "super::all"));
            }
        }
    }
    for other in &product.common {
        other.names().for_each(|name| import(name, "crate::generated::common"));
    }
    let mut out = mark(source);
    for line in doc.trim().lines() {
        let _ = writeln!(out, "//! {}", line.trim());
    }
    out.push('\n');
    for (module, names) in imports {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            [name] => {
                let _ = writeln!(out, "use {module}::{name};");
            }
            names => {
                let _ = writeln!(out, "use {module}::{{{}}};", names.join(", "));
            }
        }
    }
    out.push('\n');
    out.push_str(body);
    out
}

/// The words of the code, without documentation.
pub(super) fn words(body: &str) -> BTreeSet<&str> {
    body.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .collect()
}

/// Documentation, a line each.
fn doc(out: &mut String, text: &str) {
    for line in text.trim().lines() {
        let line = line.trim();
        if line.is_empty() {
            out.push_str("///\n");
        } else {
            let _ = writeln!(out, "/// {line}");
        }
    }
}
