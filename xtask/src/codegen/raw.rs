//! The spec files as they are written.
//!
//! One file per product and area; every section is optional. Tables of many short rows are multi-line strings with a
//! row a line (`lines.rs` reads them), so that a reviewer compares them with the exchange's documents at a glance.

mod extended;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::head::Head;
use super::lines::{self, Group, TypeExpression};
use super::sbe;
use super::spec::{Alternatives, Events, Part, Product, Request, Security, SpecFile, Stream, Type, TypeKind};
use super::stream::{Cadence, RecordRule};
use super::weight::Cost;
use crate::deps::Outcome;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    doc: String,
    /// The public module of the types; the stem of the file's name otherwise.
    module: Option<String>,
    #[serde(default)]
    external: BTreeMap<String, String>,
    #[serde(default)]
    tables_elsewhere: BTreeMap<String, String>,
    #[serde(default)]
    enums: BTreeMap<String, RawEnum>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
    #[serde(default)]
    types: BTreeMap<String, RawType>,
    #[serde(default)]
    events: BTreeMap<String, RawEvents>,
    #[serde(default)]
    alternatives: BTreeMap<String, RawVariants>,
    #[serde(default)]
    parts: BTreeMap<String, RawPart>,
    #[serde(default)]
    requests: BTreeMap<String, RawRequest>,
    #[serde(default)]
    streams: BTreeMap<String, RawStream>,
    errors: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnum {
    extends: Option<String>,
    #[serde(default)]
    doc: String,
    table: Option<String>,
    #[serde(default)]
    name_part: bool,
    #[serde(default)]
    values: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawType {
    extends: Option<String>,
    order: Option<String>,
    #[serde(default)]
    doc: String,
    fields: Option<String>,
    tuple: Option<String>,
    choice: Option<String>,
    tagged: Option<String>,
    tag: Option<String>,
    known_by: Option<Vec<String>>,
    other_order: Option<String>,
    sequence: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvents {
    doc: String,
    #[serde(default)]
    large: bool,
    variants: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariants {
    doc: String,
    variants: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    doc: String,
    params: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequest {
    doc: String,
    rest: Option<String>,
    ws: Option<String>,
    #[serde(default)]
    security: Security,
    weight: toml::Value,
    query: Option<bool>,
    response: String,
    #[serde(default)]
    check: bool,
    #[serde(default)]
    builder: bool,
    #[serde(default)]
    params: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStream {
    extends: Option<String>,
    #[serde(default)]
    doc: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    event: String,
    route: Option<String>,
    cadence: Option<String>,
    record: Option<String>,
}

type Groups = BTreeMap<String, Group>;

/// The objects that are written by hand.
const OBJECTS: [&str; 1] = ["RateLimit"];

/// Reads all files of a product.
pub(super) fn load(root: &Path, name: &str) -> Outcome<Product> {
    let folder = root.join("crates/model/spec").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        texts.push((stem, std::fs::read_to_string(&path)?));
    }
    let head = texts.iter().find(|(stem, _)| stem == "product");
    let base = match head.map(|(_, text)| Head::parse(text)).transpose()?.and_then(|head| head.extends) {
        Some(base) if base != name => Some(load(root, &base)?),
        _ => None,
    };
    let common = if name == "common" { Vec::new() } else { load(root, "common")?.files };
    Ok(Product { sbe: sbe::load(root, name)?, common, ..from_texts(name, texts, base.as_ref())? })
}

/// A product of these files: the stems of their names, and their texts.
/// With the product whose types it extends, if there is one.
pub(super) fn from_texts(
    name: &str,
    texts: Vec<(String, String)>,
    base: Option<&Product>,
) -> Outcome<Product> {
    let mut raw = Vec::new();
    let mut head = None;
    for (stem, text) in texts {
        if stem == "product" {
            head = Some(Head::parse(&text).map_err(at(&format!("spec/{name}/product.toml")))?);
            continue;
        }
        let file: RawFile =
            toml::from_str(&text).map_err(|error| format!("spec/{name}/{stem}.toml: {error}"))?;
        raw.push((stem, file));
    }
    // Groups may be used in any file of the product.
    let mut groups = Groups::new();
    for (stem, file) in &raw {
        for (group, text) in &file.groups {
            let fields =
                lines::fields(text, &Groups::new()).map_err(at(&format!("{name}/{stem}: {group}")))?;
            groups.insert(group.clone(), Group { fields, used: false.into() });
        }
    }
    let mut files = Vec::new();
    for (stem, file) in raw {
        let place = format!("spec/{name}/{stem}.toml");
        files.push(parse(stem, file, &groups, base).map_err(at(&place))?);
    }
    if let Some((group, _)) = groups.iter().find(|(_, group)| !group.used.get()) {
        return Err(format!("spec/{name}: the group {group} is not used").into());
    }
    let head = head.ok_or_else(|| format!("spec/{name}/product.toml is missing"))?;
    let objects: BTreeSet<String> = files.iter().flat_map(|file| file.types.keys().cloned()).collect();
    let is_object = |name: &str| objects.contains(name) || OBJECTS.contains(&name);
    for file in &mut files {
        file.resolve(&is_object);
    }
    Ok(Product { name: name.to_owned(), head, files, common: Vec::new(), sbe: BTreeMap::new() })
}

/// Puts the place before the message of an error.
fn at(place: &str) -> impl Fn(Box<dyn std::error::Error>) -> Box<dyn std::error::Error> {
    move |error| format!("{place}: {error}").into()
}

fn parse(stem: String, raw: RawFile, groups: &Groups, base: Option<&Product>) -> Outcome<SpecFile> {
    let mut file = SpecFile {
        module: raw.module.unwrap_or_else(|| stem.clone()),
        stem,
        doc: raw.doc,
        external: raw.external,
        tables_elsewhere: raw.tables_elsewhere,
        enums: BTreeMap::new(),
        types: BTreeMap::new(),
        events: BTreeMap::new(),
        alternatives: BTreeMap::new(),
        parts: BTreeMap::new(),
        requests: BTreeMap::new(),
        streams: BTreeMap::new(),
        errors: raw.errors.as_deref().map(lines::errors).transpose()?.unwrap_or_default(),
    };
    for (name, spec) in raw.enums {
        let spec = extended::enumeration(&name, spec, base).map_err(at(&name))?;
        file.enums.insert(name, spec);
    }
    for (name, spec) in raw.types {
        let base = extended::base(spec.extends.as_deref(), base, |base| base.type_named(&name));
        let spec = match base.map_err(at(&name))? {
            Some(base) => extended::type_of(&spec, base, groups),
            None => type_of(&spec, groups),
        };
        file.types.insert(name.clone(), spec.map_err(at(&name))?);
    }
    for (name, spec) in raw.events {
        let variants = lines::named_types(&spec.variants).map_err(at(&name))?;
        file.events.insert(name, Events { doc: spec.doc, large: spec.large, variants });
    }
    for (name, spec) in raw.alternatives {
        let variants = lines::alternatives(&spec.variants).map_err(at(&name))?;
        file.alternatives.insert(name, Alternatives { doc: spec.doc, variants });
    }
    for (name, spec) in raw.parts {
        let params = lines::fields(&spec.params, groups).map_err(at(&name))?;
        file.parts.insert(name, Part { doc: spec.doc, params });
    }
    for (name, spec) in raw.requests {
        let parsed = request(spec, groups).map_err(at(&name))?;
        file.requests.insert(name, parsed);
    }
    for (name, spec) in raw.streams {
        let base = extended::base(spec.extends.as_deref(), base, |base| base.stream_named(&name));
        let spec = match base.map_err(at(&name))? {
            Some(base) => extended::stream(&spec, base),
            None => stream(&spec),
        };
        file.streams.insert(name.clone(), spec.map_err(at(&name))?);
    }
    Ok(file)
}

fn stream(spec: &RawStream) -> Outcome<Stream> {
    if spec.doc.is_empty() || spec.name.is_empty() {
        return Err("a stream has `doc`, `name` and `event`".into());
    }
    Ok(Stream {
        doc: spec.doc.clone(),
        name: spec.name.clone(),
        event: TypeExpression::parse(&spec.event)?,
        route: spec.route.clone(),
        cadence: Cadence::parse(spec.cadence.as_deref())?,
        record: spec.record.as_deref().map(RecordRule::parse).transpose()?,
    })
}

fn type_of(spec: &RawType, groups: &Groups) -> Outcome<Type> {
    if spec.doc.is_empty() || spec.order.is_some() {
        return Err("a type has `doc`, and `order` goes with `extends`".into());
    }
    let kind = type_kind(spec, groups)?;
    let other_order = other_order(spec, &kind)?;
    let sequence = spec.sequence.as_deref().map(|line| lines::sequence(line, &kind)).transpose()?;
    Ok(Type { doc: spec.doc.clone(), kind, other_order, sequence })
}

fn type_kind(spec: &RawType, groups: &Groups) -> Outcome<TypeKind> {
    let given = [&spec.fields, &spec.tuple, &spec.choice, &spec.tagged];
    if given.iter().filter(|part| part.is_some()).count() != 1 {
        return Err("give exactly one of `fields`, `tuple`, `choice` and `tagged`".into());
    }
    if spec.tag.is_some() != spec.tagged.is_some() || (spec.known_by.is_some() && spec.fields.is_none()) {
        return Err("`tag` goes with `tagged`, and `known_by` with `fields`".into());
    }
    if let Some(text) = &spec.tuple {
        return Ok(TypeKind::Tuple(lines::fields(text, groups)?));
    }
    if let Some(text) = &spec.choice {
        return Ok(TypeKind::Choice(lines::choices(text)?));
    }
    if let (Some(text), Some(tag)) = (&spec.tagged, &spec.tag) {
        let mut variants = Vec::new();
        for (name, expression) in lines::named_types(text)? {
            variants.push((name, expression.name().ok_or("a tagged variant is one type")?.to_owned()));
        }
        return Ok(TypeKind::Tagged { tag: tag.clone(), variants });
    }
    let fields = lines::fields(spec.fields.as_deref().unwrap_or_default(), groups)?;
    Ok(TypeKind::Struct { fields, known_by: spec.known_by.clone() })
}

/// The fields in the other order in which the exchange has been seen to write them.
fn other_order(spec: &RawType, kind: &TypeKind) -> Outcome<Option<Vec<lines::Field>>> {
    let Some(order) = &spec.other_order else { return Ok(None) };
    let TypeKind::Struct { fields, .. } = kind else {
        return Err("`other_order` goes with `fields`".into());
    };
    Ok(Some(in_order(order, fields)?))
}

/// The fields in the order of these wire names.
fn in_order(order: &str, fields: &[lines::Field]) -> Outcome<Vec<lines::Field>> {
    let mut reordered = Vec::new();
    for wire in order.split_whitespace() {
        let field = fields.iter().find(|field| field.wire == wire);
        reordered.push(field.ok_or_else(|| format!("the order names `{wire}`, which is no field"))?.clone());
    }
    let mut names: Vec<&str> = reordered.iter().map(|field| field.wire.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != fields.len() || reordered.len() != fields.len() {
        return Err("an order must have each field once".into());
    }
    Ok(reordered)
}

fn request(spec: RawRequest, groups: &Groups) -> Outcome<Request> {
    let rest = match &spec.rest {
        None => None,
        Some(line) => {
            let (method, path) = line.split_once(' ').ok_or("`rest` is a method and a path")?;
            if !matches!(method, "GET" | "POST" | "PUT" | "DELETE") || !path.starts_with('/') {
                return Err(format!("`{line}` is not a method and a path").into());
            }
            Some((method.to_owned(), path.to_owned()))
        }
    };
    if rest.is_none() && spec.ws.is_none() {
        return Err("give `rest`, `ws`, or both".into());
    }
    let is_get = rest.as_ref().is_some_and(|(method, _)| method == "GET");
    if is_get && spec.query.is_some() {
        return Err("a GET is a query: leave `query` out".into());
    }
    let query = match (is_get, &rest) {
        (true, _) => true,
        (false, Some(_)) => spec.query.unwrap_or(false),
        (false, None) => spec.query.ok_or("`query` must be given where there is no REST method")?,
    };
    Ok(Request {
        doc: spec.doc,
        rest,
        ws: spec.ws,
        security: spec.security,
        cost: Cost::parse(&spec.weight)?,
        query,
        response: TypeExpression::parse(&spec.response)?,
        check: spec.check,
        builder: spec.builder,
        params: lines::fields(&spec.params, groups)?,
    })
}
