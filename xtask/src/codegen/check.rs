//! Whether the spec of a product is consistent, and whether all of it arrived in the output.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Field, Presence};
use super::presence;
use super::render::{BUILT_IN, MACHINERY};
use super::spec::{Product, SpecFile, TypeKind};
use super::weight::Weight;
use crate::deps::Outcome;

/// Words of the language, which cannot be names of fields.
const RESERVED: [&str; 35] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "static", "struct", "trait", "true", "type", "use",
];

/// The naming law: what a stream delivers is a `…Event`, and nothing else is.
fn check_event_names(product: &Product) -> Outcome<()> {
    let mut events: BTreeSet<&str> = BTreeSet::new();
    for file in &product.files {
        events.extend(file.events.keys().map(String::as_str));
        let variants = file.events.values().flat_map(|events| &events.variants);
        events.extend(variants.filter_map(|(_, shape)| shape.innermost()));
        events.extend(file.streams.values().filter_map(|stream| stream.event.innermost()));
    }
    for name in defined_names(product)? {
        match (events.contains(name), name.ends_with("Event")) {
            (true, false) => {
                return Err(
                    format!("spec/{}: `{name}` is an event: call it `{name}Event`", product.name).into()
                );
            }
            (false, true) => {
                return Err(format!("spec/{}: `{name}` is no event of a stream", product.name).into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks the spec of a product.
///
/// # Errors
///
/// The first thing that is wrong.
pub(super) fn check(product: &Product) -> Outcome<()> {
    check_event_names(product)?;
    let defined = defined_names(product)?;
    let mut used = BTreeSet::new();
    for file in &product.files {
        used.extend(file.references());
        check_file(product, file)
            .map_err(|error| format!("spec/{}/{}.toml: {error}", product.name, file.stem))?;
    }
    for name in &used {
        let is_common = product.common.iter().any(|file| file.names().any(|own| own == *name));
        if !defined.contains(name) && !is_common && !BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
            return Err(format!("spec/{}: there is no type `{name}`", product.name).into());
        }
    }
    presence::check(product)?;
    let needs_no_user: BTreeSet<&str> = product
        .files
        .iter()
        .flat_map(|file| file.requests.keys().chain(file.events.keys()).chain(file.external.keys()))
        .map(String::as_str)
        .collect();
    product.head.check(product)?;
    for name in defined {
        if !used.contains(name) && !needs_no_user.contains(name) {
            return Err(format!("spec/{}: `{name}` is not used", product.name).into());
        }
    }
    Ok(())
}

fn defined_names(product: &Product) -> Outcome<BTreeSet<&str>> {
    let mut defined = BTreeSet::new();
    let mut targets = BTreeSet::new();
    for file in &product.files {
        let names = file
            .external
            .keys()
            .chain(file.enums.keys())
            .chain(file.types.keys())
            .chain(file.events.keys())
            .chain(file.alternatives.keys())
            .chain(file.parts.keys())
            .chain(file.requests.keys());
        for name in names {
            if !defined.insert(name.as_str()) || BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
                return Err(format!("spec/{}: `{name}` is defined twice", product.name).into());
            }
            if MACHINERY.iter().any(|(used, _)| used == name) {
                return Err(
                    format!("spec/{}: `{name}` is what generated code uses itself", product.name).into()
                );
            }
        }
        for request in file.requests.values() {
            let rest = request.rest.as_ref().map(|(method, path)| format!("{method} {path}"));
            for target in rest.into_iter().chain(request.ws.clone()) {
                if !targets.insert(target.clone()) {
                    return Err(format!("spec/{}: two requests for `{target}`", product.name).into());
                }
            }
        }
    }
    Ok(defined)
}

fn check_file(product: &Product, file: &SpecFile) -> Outcome<()> {
    for (name, spec) in &file.types {
        match &spec.kind {
            TypeKind::Struct { fields, known_by } => {
                let from_stream = fields.iter().any(|field| field.wire == "@stream");
                if from_stream && known_by.is_none() {
                    return Err(format!("{name}: only events known by their keys lack a symbol").into());
                }
                check_names(name, fields)?;
            }
            TypeKind::Tuple(fields) => {
                let is_plain = |field: &Field| {
                    let marks = [Presence::Required, Presence::Optional, Presence::Default];
                    field.constant.is_none() && marks.contains(&field.presence)
                };
                if !fields.iter().all(is_plain) {
                    return Err(
                        format!("{name}: an element of a tuple is required, `?` or has a default").into()
                    );
                }
                check_names(name, fields)?;
            }
            TypeKind::Choice(_) => {}
            TypeKind::Tagged { tag, variants } => {
                for (_, variant) in variants {
                    let constant = product.type_named(variant).and_then(|variant| variant.constant());
                    if constant.is_none_or(|(key, _)| key != tag) {
                        return Err(format!("{name}: {variant} does not begin with its `{tag}`").into());
                    }
                }
            }
        }
    }
    for (name, events) in &file.events {
        for (variant, expression) in &events.variants {
            let event = expression.innermost().and_then(|name| product.type_named(name));
            let is_known = event.is_some_and(|event| {
                event.constant().is_some_and(|(key, _)| key == "e")
                    || event.suffix().is_some_and(|(key, _)| key == "e")
                    || matches!(event.kind, TypeKind::Struct { known_by: Some(_), .. })
            });
            if !is_known {
                return Err(format!("{name}: {variant} cannot be recognised: no `e`, no `known_by`").into());
            }
        }
    }
    for (name, part) in &file.parts {
        if part.params.iter().any(|param| param.range.is_some() || param.wire.contains(['|', '*'])) {
            return Err(format!("{name}: a part has plain parameters without ranges").into());
        }
        check_names(name, &part.params)?;
    }
    let params = file.parts.values().flat_map(|part| &part.params);
    if params
        .chain(file.requests.values().flat_map(|request| &request.params))
        .any(|param| param.name == "unreadable")
    {
        return Err(
            "no parameter is called `unreadable`: requests keep text that is no number under that name"
                .into(),
        );
    }
    for (name, request) in &file.requests {
        check_names(name, &request.params)?;
        for param in &request.params {
            check_param(product, param).map_err(|error| format!("{name}: {}: {error}", param.name))?;
        }
        let mut by = request.cost.weights().filter_map(Weight::param);
        if by.any(|by| !request.params.iter().any(|param| param.name == by)) {
            return Err(format!("{name}: the weight depends on a parameter that is not there").into());
        }
    }
    for (name, stream) in &file.streams {
        stream.check(product).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn check_names(name: &str, fields: &[Field]) -> Outcome<()> {
    for field in fields.iter().filter(|field| field.constant.is_none()) {
        let plain = field
            .name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
        if !plain || RESERVED.contains(&field.name.as_str()) {
            return Err(format!("{name}: `{}` cannot be the name of a field", field.name).into());
        }
        if !field.doc.ends_with(['.', '?', ')']) {
            return Err(format!("{name}: {}: the documentation is not a sentence", field.name).into());
        }
    }
    Ok(())
}

fn check_param(product: &Product, param: &Field) -> Outcome<()> {
    let of_type = param.shape.name().unwrap_or_default();
    if param.wire.contains('*') {
        if product.part_named(of_type).is_none() && product.request_named(of_type).is_none() {
            return Err("a prefix goes with a part or a request".into());
        }
    } else if let Some(alternatives) = product.alternatives_named(of_type) {
        if alternatives.variants.len() != param.wire.split('|').count() {
            return Err("alternatives need as many names as there are variants".into());
        }
    } else if param.wire.contains('|') {
        return Err("several names go with alternatives".into());
    }
    if !matches!(param.presence, Presence::Required | Presence::Optional)
        || param.constant.is_some()
        || param.insists
    {
        return Err("a parameter is given or not".into());
    }
    Ok(())
}

/// Compares the number of items in the output with that in the spec.
///
/// # Errors
///
/// If they differ.
pub(super) fn counts(product: &Product, files: &BTreeMap<String, String>) -> Outcome<usize> {
    let sum = |count: fn(&SpecFile) -> usize| product.files.iter().map(count).sum::<usize>();
    let lines = |prefix: &str| {
        files.values().flat_map(|text| text.lines()).filter(|line| line.starts_with(prefix)).count()
    };
    let lines_of = |end: &str, prefix: &str| {
        let texts = files.iter().filter(|(name, _)| name.ends_with(end)).map(|(_, text)| text);
        texts.flat_map(|text| text.lines()).filter(|line| line.starts_with(prefix)).count()
    };
    let structs = |file: &SpecFile| {
        file.types
            .values()
            .filter(|spec| matches!(spec.kind, TypeKind::Struct { .. } | TypeKind::Tuple(_)))
            .count()
    };
    let rows = [
        ("structs", sum(structs) + sum(|file| file.requests.len() + file.parts.len()), lines("pub struct ")),
        (
            "choices",
            sum(|file| {
                let types = file.types.values();
                types
                    .filter(|spec| matches!(spec.kind, TypeKind::Choice(_) | TypeKind::Tagged { .. }))
                    .count()
                    + file.events.len()
                    + file.alternatives.len()
            }),
            lines("pub enum "),
        ),
        ("enums", sum(|file| file.enums.len()), lines("wire_enum! {") + lines("name_part! {")),
        ("requests", sum(|file| file.requests.len()), lines("impl Request for ")),
        (
            "REST requests",
            sum(|file| file.requests.values().filter(|request| request.rest.is_some()).count()),
            lines("impl RestRequest for "),
        ),
        (
            "requests of the WebSocket API",
            sum(|file| file.requests.values().filter(|request| request.ws.is_some()).count()),
            lines("impl WsRequest for "),
        ),
        ("streams", sum(|file| file.streams.len()), lines_of("/stream.rs", "pub fn ").saturating_sub(1)),
        ("error codes", sum(|file| file.errors.len()), lines_of("/error_code.rs", "pub const ")),
    ];
    for (what, wanted, found) in rows {
        if wanted != found {
            return Err(
                format!("{}: {wanted} {what} in the spec, {found} in the output", product.name).into()
            );
        }
    }
    Ok(rows.iter().take(3).map(|(_, wanted, _)| wanted).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::{raw, render};

    const HEAD: &str = "doc = \"A product.\"\napi = \"spot\"\nmodules.a = \"All.\"";

    const SOUND: &str = r#"
doc = "A product."

[types.TradeEvent]
doc = "A trade."
fields = """
e  =      trade
p  price  Decimal  The price.
"""

[types.Trade]
doc = "A row of the trades."
fields = "price - Decimal The price."

[events.MarketEvent]
doc = "All events."
variants = "Trade TradeEvent"

[streams.trade]
doc = "Trades."
name = "<symbol>@trade"
event = "TradeEvent"

[requests.Depth]
doc = "The book."
rest = "GET /depth"
weight = "by limit 100:5 *:50 none:5"
response = "[Trade]"
params = "limit - u32(1..100)? How many."
"#;

    fn product(text: &str) -> Outcome<Product> {
        let product = raw::from_texts(
            "spot",
            vec![("a".to_owned(), text.to_owned()), ("product".to_owned(), HEAD.to_owned())],
            None,
        )?;
        check(&product)?;
        Ok(product)
    }

    #[test]
    fn all_of_a_sound_spec_arrives_in_the_output() {
        let product = product(SOUND).unwrap();
        let mut files = render::product(&product).unwrap();
        assert_eq!(counts(&product, &files).unwrap(), 4);
        let text = files.get_mut("crates/model/src/generated/spot/a.rs").unwrap();
        assert!(text.contains("None | Some(..=100) => 5"), "{text}");
        *text = text.replace("impl RestRequest for", "impl Other for");
        let error = counts(&product, &files).unwrap_err().to_string();
        assert_eq!(error, "spot: 1 REST requests in the spec, 0 in the output");
    }

    #[test]
    fn a_cost_of_several_counters_is_written() {
        let text = SOUND.replace(
            "weight = \"by limit 100:5 *:50 none:5\"",
            "weight = { ip = \"by limit 100:5 *:50 none:5\", uid = 2, orders = 1, funding = 3 }",
        );
        let head = format!("{HEAD}\n[pools.funding]\nlimit = 500\nseconds = 300\nper_account = false");
        let product = |head: &str| {
            let texts = vec![("a".to_owned(), text.clone()), ("product".to_owned(), head.to_owned())];
            let product = raw::from_texts("spot", texts, None)?;
            check(&product)?;
            render::product(&product)
        };
        let files = product(&head).unwrap();
        let text = &files["crates/model/src/generated/spot/a.rs"];
        assert!(
            text.contains(".with_uid(2).with_orders(1).with_pool(Pool { name: \"funding\", limit: 500, "),
            "{text}"
        );
        assert!(text.contains("Duration::from_secs(300), per_account: false }, 3)"), "{text}");
        assert_eq!(product(HEAD).unwrap_err().to_string(), "Depth: there is no pool `funding`");
        let unused = product(&format!("{head}\n[pools.x]\nlimit = 1\nseconds = 1\nper_account = true"));
        assert_eq!(unused.unwrap_err().to_string(), "spec/spot: the pool `x` is not used");
        assert!(product("doc = \"A product.\"\napi = \"stocks\"").is_err());
    }

    #[test]
    fn what_is_required_follows_the_rule() {
        let row = "price - Decimal The price.";
        let with = |rows: &str| {
            let product = product(&SOUND.replacen(row, rows, 1))?;
            let files = render::product(&product)?;
            Ok::<_, Box<dyn std::error::Error>>(files["crates/model/src/generated/spot/a.rs"].clone())
        };
        let text = with("price - Decimal=0 The price.").unwrap();
        assert!(text.contains("/// The price; `0` if absent.\npub price: Decimal,"), "{text}");
        assert!(text.contains("price: optional(price).unwrap_or_default(),"), "{text}");
        let text = with("flag - bool=true A flag.").unwrap();
        assert!(text.contains("flag: optional(flag).unwrap_or(true),"), "{text}");
        assert!(with("flag - bool! A flag.").unwrap().contains("flag: required(flag, \"flag\")?,"));
        assert!(with("id - TradeId|-1 An id.").unwrap().contains("id: optional(id),"));
        for (rows, expected) in [
            ("flag - bool A flag.", "say what its absence means"),
            ("ids - [TradeId] Ids.", "say what its absence means"),
            ("price - Decimal! The price.", "it is required without `!`"),
            ("flag - bool! Unused field of the exchange.", "what is not in use is not required"),
            ("price - Decimal The price; deprecated.", "what is not in use is not required"),
            ("flag - bool=yes A flag.", "its type has no such default"),
            ("time - Timestamp=0 A time.", "its type has no such default"),
            ("count - u64=-1 A count.", "its type has no such default"),
        ] {
            let error = with(rows).unwrap_err().to_string();
            assert!(error.contains(expected), "{rows}: {error}");
        }
    }

    #[test]
    fn routes_and_cadences_fit_the_product() {
        let with = |api: &str, stream: &str| {
            let text =
                SOUND.replace("event = \"TradeEvent\"\n", &format!("event = \"TradeEvent\"\n{stream}\n"));
            let head = format!("doc = \"A product.\"\napi = \"{api}\"\nmodules.a = \"All.\"");
            let product =
                raw::from_texts(api, vec![("a".to_owned(), text), ("product".to_owned(), head)], None)
                    .unwrap();
            check(&product).map_err(|error| error.to_string())
        };
        assert_eq!(with("usdm", "route = \"market\""), Ok(()));
        assert_eq!(with("spot", "cadence = \"100ms\""), Ok(()));
        for (api, stream, expected) in [
            ("usdm", "", "its route is missing"),
            ("usdm", "route = \"root\"", "`root` is no route"),
            ("spot", "route = \"market\"", "have no routes"),
            ("spot", "cadence = \"by speed *:100ms\"", "depends on no argument"),
            ("spot", "record = \"klines interval\"", "is no argument"),
        ] {
            let error = with(api, stream).unwrap_err();
            assert!(error.contains(expected), "{stream}: {error}");
        }
    }

    #[test]
    fn each_type_has_one_public_path() {
        let with = |head: &str| {
            let head = format!("doc = \"A product.\"\napi = \"spot\"\n{head}");
            let texts = vec![("a".to_owned(), SOUND.to_owned()), ("product".to_owned(), head)];
            let product = raw::from_texts("spot", texts, None)?;
            check(&product)?;
            render::product(&product)
        };
        let files = with("headline = \"Depth\"\nmodules.a = \"All.\"").unwrap();
        let text = &files["crates/model/src/generated/spot/mod.rs"];
        let public = text.split("pub(crate) mod public").nth(1).unwrap();
        assert!(public.contains("pub use super::a::{Depth};"), "{public}");
        let module = public.split("pub mod a {").nth(1).unwrap();
        assert!(module.contains("Trade") && !module.contains("Depth"), "{module}");
        let table = &files["crates/model/tests/generated/spot.rs"];
        assert!(
            table.contains("request::<spot::Depth>") && table.contains("event::<spot::a::TradeEvent"),
            "{table}"
        );
        for (head, expected) in [
            ("headline = \"Klines\"\nmodules.a = \"All.\"", "there is no `Klines` to be a headline"),
            ("modules.b = \"All.\"", "there is no module `a`"),
        ] {
            let error = with(head).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn names_that_generated_functions_use_can_be_fields() {
        let words =
            ["found", "frame", "input", "json", "key", "params", "seen", "stream", "value", "values", "word"];
        let rows: String = words.map(|word| format!("{word} - Decimal A field.\n")).concat();
        let text = SOUND.replace("p  price  Decimal  The price.\n", &rows);
        let files = render::product(&product(&text).unwrap()).unwrap();
        let text = &files["crates/model/src/generated/spot/a.rs"];
        for (word, local) in [("value", "value_field"), ("input", "input_field"), ("json", "json")] {
            assert!(text.contains(&format!("pub {word}: Decimal,")), "{text}");
            assert!(text.contains(&format!("let mut {local} = None;")), "{text}");
            assert!(text.contains(&format!("{word}: required({local}, {word:?})?,")), "{text}");
        }
        for word in RESERVED {
            let error =
                product(&SOUND.replacen("p  price ", &format!("p  {word} "), 1)).unwrap_err().to_string();
            assert!(error.contains("cannot be the name of a field"), "{word}: {error}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        for (old, new, expected) in [
            ("[streams.trade]", "[strems.trade]", "unknown field `strems`"),
            ("rest = \"GET", "path = \"GET", "unknown field `path`"),
            ("p  price  Decimal", "p  price  Dezimal", "there is no type `Dezimal`"),
            (
                "[events",
                "[enums.Side]\ndoc = \"A side.\"\nvalues = \"BUY Buys.\"\n\n[events",
                "`Side` is not used",
            ),
            ("[events", "[groups]\nrest = \"a - u32 A.\"\n\n[events", "the group rest is not used"),
            ("e  =      trade\n", "", "Trade cannot be recognised"),
            ("by limit", "by size", "a parameter that is not there"),
            ("<symbol>", "<size>", "`<size>` needs a type"),
            ("p  price ", "p  type ", "`type` cannot be the name of a field"),
            ("The price.", "The price", "not a sentence"),
            ("none:5", "", "`none` goes with an optional parameter"),
            ("[types.Trade]", "[types.Depth]", "`Depth` is defined twice"),
            ("event = \"TradeEvent\"", "event = \"Trade\"", "`Trade` is an event: call it `TradeEvent`"),
            ("[types.Trade]", "[types.Value]", "`Value` is what generated code uses itself"),
            ("limit - u32", "unreadable - u32", "no parameter is called `unreadable`"),
            ("response = \"[Trade]\"", "response = \"[RowEvent]\"", "there is no type `RowEvent`"),
            ("[requests.Depth]", "[requests.DepthEvent]", "`DepthEvent` is no event of a stream"),
        ] {
            assert!(SOUND.contains(old), "{old}");
            let faulty = product(&SOUND.replacen(old, new, 1)).and_then(|product| render::product(&product));
            let error = faulty.map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(expected), "{new}: {error}");
        }
    }
}
