//! The SBE schemas of a product: `crates/model/spec/<product>/sbe/*.toml`, in the words of the schema and few of our own, and
//! the code generated from them: tables of the core crate's transcoder, and readers for the messages of streams.

mod direct;
mod render;
mod rows;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

pub(crate) use direct::readers;
pub(crate) use render::render;
pub(crate) use rows::{Body, Data, Field, FieldType, Group, Style};

use crate::deps::Outcome;

/// A schema.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) id: u16,
    pub(crate) version: u16,
    pub(crate) package: String,
    pub(crate) doc: String,
    pub(crate) enums: Vec<Words>,
    pub(crate) sets: Vec<Words>,
    pub(crate) files: Vec<File>,
}

/// The messages of a file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) stem: String,
    pub(crate) doc: String,
    pub(crate) messages: Vec<Message>,
}

/// Words by their numbers.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) name: String,
    /// How many bytes a number takes.
    pub(crate) size: u8,
    pub(crate) since: u16,
    pub(crate) values: Vec<Word>,
}

/// A word.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) number: u8,
    pub(crate) name: String,
    /// What it is in JSON, where the schema says so.
    pub(crate) json: Option<String>,
    pub(crate) since: u16,
}

impl Word {
    pub(crate) fn json(&self) -> &str {
        self.json.as_deref().unwrap_or(&self.name)
    }
}

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) template: u16,
    pub(crate) since: u16,
    pub(crate) kind: String,
    pub(crate) event: Option<String>,
    pub(crate) stream: String,
    /// The type that a reader is generated for.
    pub(crate) reads: Option<String>,
    /// What the schema says it answers.
    pub(crate) answers: Vec<String>,
    /// What it answers besides.
    pub(crate) also_answers: Vec<String>,
    pub(crate) body: Body,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    doc: String,
    schema: String,
    id: Option<u16>,
    version: Option<u16>,
    package: Option<String>,
    #[serde(default)]
    enums: String,
    #[serde(default)]
    sets: String,
    #[serde(default)]
    messages: BTreeMap<String, RawMessage>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMessage {
    template: u16,
    #[serde(default)]
    since: u16,
    #[serde(default)]
    kind: String,
    event: Option<String>,
    #[serde(default)]
    stream: String,
    reads: Option<String>,
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    also_answers: Vec<String>,
    #[serde(default)]
    rows: String,
}

/// Reads the schemas of a product, by their names; none where it has none.
///
/// # Errors
///
/// If a file cannot be read, or a row in it makes no sense.
pub(crate) fn load(root: &Path, product: &str) -> Outcome<BTreeMap<String, Schema>> {
    let folder = root.join("crates/model/spec").join(product).join("sbe");
    let mut schemas: BTreeMap<String, Schema> = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(schemas) };
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let mut raw = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        let file: RawFile = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        raw.push((stem, file));
    }
    for (stem, file) in &raw {
        let schema = schemas.entry(file.schema.clone()).or_default();
        if let (Some(id), Some(version), Some(package)) = (file.id, file.version, &file.package) {
            (schema.id, schema.version, schema.package) = (id, version, package.clone());
            schema.doc.clone_from(&file.doc);
        }
        schema.enums.extend(words(&file.enums).map_err(|error| format!("{stem}: {error}"))?);
        schema.sets.extend(words(&file.sets).map_err(|error| format!("{stem}: {error}"))?);
    }
    for (stem, file) in raw {
        let Some(schema) = schemas.get_mut(&file.schema) else { continue };
        let mut messages = Vec::new();
        for (name, message) in file.messages {
            let body = rows::body(&message.rows, schema).map_err(|error| format!("{name}: {error}"))?;
            messages.push(Message {
                name,
                template: message.template,
                since: message.since,
                kind: message.kind,
                event: message.event,
                stream: message.stream,
                reads: message.reads,
                answers: message.answers,
                also_answers: message.also_answers,
                body,
            });
        }
        messages.sort_by_key(|message| message.template);
        if !messages.is_empty() {
            schema.files.push(File { stem, doc: file.doc, messages });
        }
    }
    for (name, schema) in &schemas {
        schema.check().map_err(|error| format!("SBE schema {name}: {error}"))?;
    }
    Ok(schemas)
}

impl Schema {
    /// All messages.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.files.iter().flat_map(|file| &file.messages)
    }

    fn check(&self) -> Outcome<()> {
        if self.id == 0 || self.package.is_empty() {
            return Err("no file says its id, version and package".into());
        }
        let mut templates: Vec<u16> = self.messages().map(|message| message.template).collect();
        templates.sort_unstable();
        if templates.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err("two messages have the same template".into());
        }
        for words in self.enums.iter().chain(&self.sets) {
            if !self.messages().any(|message| message.body.uses(&words.name)) {
                // What the exchange's schema has and uses nowhere is kept: it is what the facts are compared with.
                continue;
            }
            if words.values.is_empty() {
                return Err(format!("{} has no words", words.name).into());
            }
        }
        for message in self.messages() {
            self.check_references(&message.body).map_err(|error| format!("{}: {error}", message.name))?;
        }
        Ok(())
    }

    /// The messages that are embedded in another one exist.
    fn check_references(&self, body: &Body) -> Outcome<()> {
        for data in &body.data {
            for name in &data.of {
                if !self.messages().any(|message| message.name == *name || message.kind == *name) {
                    return Err(format!("{}: there is no message {name}", data.style.name).into());
                }
            }
        }
        body.groups.iter().try_for_each(|group| self.check_references(&group.body))
    }
}

/// Reads the rows of enums: a name with its size, then a number, a name and the word in JSON for each.
fn words(text: &str) -> Outcome<Vec<Words>> {
    let mut all: Vec<Words> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let bad = || format!("`{line}` makes no sense");
        let mut parts: Vec<&str> = line.split_whitespace().collect();
        let since = match parts.last().and_then(|last| last.strip_prefix("since:")) {
            Some(since) => {
                parts.pop();
                since.parse().map_err(|_| format!("`{line}`: since what?"))?
            }
            None => 0,
        };
        if line.starts_with(' ') {
            let words = all.last_mut().ok_or_else(bad)?;
            let (number, name, json) = match parts.as_slice() {
                [number, name] => (number, name, None),
                [number, name, json] => (number, name, Some((*json).to_owned())),
                _ => return Err(bad().into()),
            };
            let number = number.parse().map_err(|_| bad())?;
            words.values.push(Word { number, name: (*name).to_owned(), json, since });
        } else if let [name, size] = parts.as_slice() {
            let size = match *size {
                "u8" => 1,
                "u16" => 2,
                "u64" => 8,
                _ => return Err(bad().into()),
            };
            all.push(Words { name: (*name).to_owned(), size, since, values: Vec::new() });
        } else {
            return Err(bad().into());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_numbers() {
        let all =
            words("side u8\n  0 Buy BUY\n  1 Sell SELL since:2\nkind u8 since:3\n  1 Accept\n").unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].values[1].json(), all[0].values[1].since), ("SELL", 2));
        assert_eq!((all[1].since, all[1].values[0].json()), (3, "Accept"));
        assert!(words("  0 Buy").is_err() && words("side u3").is_err() && words("side u8\n  x Buy").is_err());
    }
}
