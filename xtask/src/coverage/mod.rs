//! `cargo xtask spec coverage`: what the specification has of the fact tables beside the repository, and what is
//! different in it.

mod sbe;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::ci::say;
use crate::codegen::spec::{Product, TypeKind};
use crate::deps::Outcome;

/// A row of the report: how many there are, and which are missing.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    what: &'static str,
    total: usize,
    missing: Vec<String>,
}

/// The folder of a product's fact tables, where it is not named like the product.
const FOLDERS: &[(&str, &str)] = &[("usdm", "usds_futures"), ("coinm", "coin_futures")];

/// What there is to compare with.
struct Facts {
    rest: Vec<Value>,
    ws: Vec<Value>,
    streams: Vec<Value>,
    errors: Vec<Value>,
    filters: Vec<Value>,
    enums: Option<Value>,
    /// What another client knows of the fields of answers and events.
    fields: Value,
    /// Fields that orders have only sometimes.
    conditional: Vec<Value>,
    /// The messages of the binary form of answers.
    binary: Value,
    /// The same of streams.
    binary_streams: Value,
}

impl Facts {
    fn load(folder: &Path) -> Outcome<Self> {
        let table = |file: &str| -> Outcome<Vec<Value>> {
            let Ok(text) = std::fs::read_to_string(folder.join(file)) else { return Ok(Vec::new()) };
            Ok(serde_json::from_str(&text)?)
        };
        let value = |file: &str| -> Outcome<Option<Value>> {
            let text = std::fs::read_to_string(folder.join(file)).ok();
            Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
        };
        Ok(Self {
            rest: table("rest.json")?,
            ws: table("ws_api.json")?,
            streams: table("streams.json")?,
            errors: table("errors.json")?,
            filters: table("filters.json")?,
            enums: value("enums.json")?,
            fields: value("response_fields.json")?.unwrap_or_default(),
            conditional: table("conditional_order_fields.json")?,
            binary: value("sbe_3_5.json")?.unwrap_or_default(),
            binary_streams: value("sbe_stream_1_0.json")?.unwrap_or_default(),
        })
    }

    fn rows(&self, product: &Product) -> Vec<Row> {
        let mut rows = vec![
            requests(product, "REST requests", &self.rest),
            requests(product, "WebSocket API methods", &self.ws),
            names_of_streams(product, &self.streams),
            events(product, &self.streams),
            errors(product, &self.errors),
            filters(product, &self.filters),
        ];
        if let Some(enums) = &self.enums {
            rows.push(enum_tables(product, enums));
            rows.push(enum_values(product, enums));
        }
        rows.retain(|row| row.total > 0);
        rows
    }
}

fn fact_tables(root: &Path) -> Outcome<std::path::PathBuf> {
    let facts = root.join("../shared/facts");
    if facts.is_dir() { Ok(facts) } else { Err("the fact tables are not beside the repository".into()) }
}

/// Whether there is something to compare with.
pub(crate) fn has_tables(root: &Path) -> bool {
    fact_tables(root).is_ok()
}

/// Prints what the specs have of each product there are fact tables of.
///
/// # Errors
///
/// If a spec or the fact tables cannot be read.
pub(crate) fn summary(root: &Path) -> Outcome<()> {
    let mut folders: Vec<_> = std::fs::read_dir(fact_tables(root)?)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(std::fs::DirEntry::path);
    for folder in folders {
        let name = folder.file_name().to_string_lossy().into_owned();
        if !folder.path().is_dir() {
            continue;
        }
        let product =
            FOLDERS.iter().find(|(_, folder)| *folder == name).map_or(name.as_str(), |(product, _)| product);
        let spec = if root.join("crates/model/spec").join(product).is_dir() {
            Product::load(root, product)?
        } else {
            Product::empty(product)
        };
        let rows = Facts::load(&folder.path())?.rows(&spec);
        let counts: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}/{}", row.what, row.total - row.missing.len(), row.total))
            .collect();
        say(&format!("{product:<22} {}", counts.join(", ")));
    }
    say("`cargo xtask spec coverage PRODUCT` names what is missing");
    Ok(())
}

/// Prints entries that the spec of a product has, lacks or has with other parameters, and those that are in no table. Returns
/// the number of differences.
///
/// # Errors
///
/// If the spec or the fact tables cannot be read.
pub(crate) fn run(root: &Path, name: &str) -> Outcome<usize> {
    let product = Product::load(root, name)?;
    let folder = FOLDERS.iter().find(|(product, _)| *product == name).map_or(name, |(_, folder)| folder);
    let facts = fact_tables(root)?.join(folder);
    if !facts.is_dir() {
        return Err(format!("there are no fact tables of {folder}").into());
    }
    let facts = Facts::load(&facts)?;
    let mut open = 0;
    for row in facts.rows(&product) {
        open += row.missing.len();
        say(&format!("{:<22} {:>4}/{}", row.what, row.total - row.missing.len(), row.total));
        for missing in &row.missing {
            say(&format!("    missing: {missing}"));
        }
    }
    for (name, schema) in &product.sbe {
        let table = if name == "stream" { &facts.binary_streams } else { &facts.binary };
        if table.is_null() {
            continue;
        }
        let compared = sbe::compare(schema, table);
        let what = format!("SBE {}:{} messages", schema.id, schema.version);
        say(&format!(
            "{what:<22} {:>4}/{}, {} differences",
            compared.has,
            compared.of,
            compared.differences.len()
        ));
        for difference in &compared.differences {
            say(&format!("    {difference}"));
        }
        open += compared.differences.len();
    }
    let differences = parameters(&product, &facts.rest).into_iter().chain(parameters(&product, &facts.ws));
    let differences: BTreeSet<String> = differences.collect();
    say(&format!("{:<22} {:>4} differ", "parameters", differences.len()));
    for difference in &differences {
        say(&format!("    {difference}"));
    }
    let unsupported = support::unsupported(&product, &facts);
    say(&format!("{:<22} {:>4} of no table", "entries of the spec", unsupported.len()));
    open += differences.len() + unsupported.len();
    for entry in unsupported {
        say(&format!("    {entry}"));
    }
    Ok(open)
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// Where a request of the fact tables goes, as the spec says it.
fn target(row: &Value) -> String {
    match row.get("path") {
        Some(_) => format!("{} {}", text(row, "http_method"), text(row, "path")),
        None => text(row, "method").to_owned(),
    }
}

fn row(what: &'static str, wanted: Vec<String>, has: &BTreeSet<String>) -> Row {
    let total = wanted.len();
    Row { what, total, missing: wanted.into_iter().filter(|name| !has.contains(name)).collect() }
}

fn requests(product: &Product, what: &'static str, table: &[Value]) -> Row {
    let has = product
        .requests()
        .flat_map(|(_, request)| {
            let rest = request.rest.as_ref().map(|(method, path)| format!("{method} {path}"));
            rest.into_iter().chain(request.ws.clone())
        })
        .collect();
    row(what, table.iter().map(target).collect(), &has)
}

/// The name of a stream with its placeholders made alike: the part in front of them and what follows.
fn plain(name: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in name.chars() {
        match letter {
            '<' => {
                inside = true;
                out.push('*');
            }
            '>' => inside = false,
            _ if !inside => out.push(letter),
            _ => {}
        }
    }
    out
}

fn names_of_streams(product: &Product, table: &[Value]) -> Row {
    let mut has = BTreeSet::new();
    for stream in product.files.iter().flat_map(|file| file.streams.values()) {
        // A part that may be empty gives two names: with and without it.
        let mut names = vec![stream.name.clone()];
        for placeholder in stream.placeholders() {
            let part = placeholder.split_once(':').and_then(|(_, part)| product.enum_named(part));
            let Some(part) = part.filter(|part| part.name_part) else { continue };
            if part.values.iter().any(|value| value.word.is_empty()) {
                let words = part.values.iter().map(|value| value.word.as_str());
                let fill = |name: &String| {
                    words
                        .clone()
                        .map(|word| name.replace(&format!("<{placeholder}>"), word))
                        .collect::<Vec<_>>()
                };
                names = names.iter().flat_map(fill).collect();
            }
        }
        has.extend(names.iter().map(|name| plain(name)));
    }
    let wanted = table
        .iter()
        .filter(|row| row["user_data"] == false && row["subscribable"] != false)
        .flat_map(|row| row["stream_name_patterns"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(plain))
        .collect();
    row("streams", wanted, &has)
}

fn events(product: &Product, table: &[Value]) -> Row {
    let types = || product.types().map(|(_, spec)| spec);
    let words: BTreeSet<&str> = types().filter_map(|spec| spec.constant()).map(|(_, word)| word).collect();
    let ends: Vec<&str> = types().filter_map(|spec| spec.suffix()).map(|(_, end)| end).collect();
    let keys: Vec<&Vec<String>> = types()
        .filter_map(|spec| match &spec.kind {
            TypeKind::Struct { known_by, .. } => known_by.as_ref(),
            _ => None,
        })
        .collect();
    let is_there = |row: &&Value| match row["event_type"].as_str() {
        Some(word) => words.contains(word) || ends.iter().any(|end| word.ends_with(end)),
        None => keys.iter().any(|keys| keys.iter().all(|key| row["payload_example"].get(key).is_some())),
    };
    let missing = table.iter().filter(|row| !is_there(row)).map(|row| text(row, "id").to_owned()).collect();
    Row { what: "events", total: table.len(), missing }
}

fn errors(product: &Product, table: &[Value]) -> Row {
    let has =
        product.files.iter().flat_map(|file| &file.errors).map(|error| error.code.to_string()).collect();
    let wanted: BTreeSet<String> = table.iter().map(|row| row["code"].to_string()).collect();
    row("error codes", wanted.into_iter().collect(), &has)
}

fn filters(product: &Product, table: &[Value]) -> Row {
    let has = product
        .types()
        .filter_map(|(_, spec)| spec.constant())
        .filter(|(key, _)| *key == "filterType")
        .map(|(_, word)| word.to_owned())
        .collect();
    row("filters", table.iter().map(|row| text(row, "filter_type").to_owned()).collect(), &has)
}

fn enum_tables(product: &Product, table: &Value) -> Row {
    let elsewhere = product.files.iter().flat_map(|file| file.tables_elsewhere.keys().cloned());
    let has = product.enums().filter_map(|(_, spec)| spec.table.clone()).chain(elsewhere).collect();
    let wanted = table.as_object().map(|names| names.keys().cloned().collect()).unwrap_or_default();
    row("enums", wanted, &has)
}

fn enum_values(product: &Product, table: &Value) -> Row {
    let (mut wanted, mut has) = (Vec::new(), BTreeSet::new());
    for (_, spec) in product.enums() {
        let Some(name) = &spec.table else { continue };
        has.extend(spec.values.iter().map(|value| format!("{name}: {}", value.word)));
        let values = table[name]["values"].as_array().cloned().unwrap_or_default();
        wanted.extend(values.iter().filter_map(Value::as_str).map(|value| format!("{name}: {value}")));
    }
    row("values of these enums", wanted, &has)
}

/// Parameters that only one of the two knows, or that only one of them requires.
fn parameters(product: &Product, table: &[Value]) -> Vec<String> {
    let mut differences = Vec::new();
    for row in table {
        let target = target(row);
        let found = product.requests().find(|(_, request)| {
            let rest =
                request.rest.as_ref().is_some_and(|(method, path)| format!("{method} {path}") == target);
            rest || request.ws.as_ref() == Some(&target)
        });
        let Some((name, request)) = found else { continue };
        let ours: BTreeSet<String> = product.parameter_names(request).into_iter().collect();
        let rows = row["params"].as_array().map(Vec::as_slice).unwrap_or_default();
        // The receive window is the transport's.
        let theirs: BTreeSet<String> =
            rows.iter().map(|row| text(row, "name").to_owned()).filter(|name| name != "recvWindow").collect();
        for missing in theirs.difference(&ours) {
            differences.push(format!("{name}: {target} also takes {missing}"));
        }
        for unknown in ours.difference(&theirs) {
            differences.push(format!("{name}: {target} is not said to take {unknown}"));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_alike() {
        assert_eq!(plain("<symbol>@kline_<interval:KlineInterval>"), "*@kline_*");
        assert_eq!(plain("!miniTicker@arr"), "!miniTicker@arr");
    }

    #[test]
    fn what_is_missing_is_named() {
        let has = BTreeSet::from(["a".to_owned()]);
        let row = row("x", vec!["a".to_owned(), "b".to_owned()], &has);
        assert_eq!(row, Row { what: "x", total: 2, missing: vec!["b".to_owned()] });
    }
}
