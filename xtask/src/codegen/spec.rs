//! What a product consists of, as the generator uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::head::Head;
use super::lines::{Alternative, Choice, EnumValue, ErrorLine, Field, TypeExpression};
use super::raw;
use super::sbe;
use super::stream::{Cadence, RecordRule};
use super::weight::Cost;
use crate::deps::Outcome;

/// What a request requires of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Security {
    /// Nothing.
    #[default]
    None,
    /// A key.
    ApiKey,
    /// A key and a signature.
    Signed,
}

/// A product.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) name: String,
    /// What `product.toml` says of all files.
    pub(crate) head: Head,
    pub(crate) files: Vec<SpecFile>,
    /// What all products share.
    pub(crate) common: Vec<SpecFile>,
    /// The SBE schemas, by their names.
    pub(crate) sbe: BTreeMap<String, sbe::Schema>,
}

/// A file of a product.
#[derive(Debug)]
pub(crate) struct SpecFile {
    pub(crate) stem: String,
    /// The public module of its types.
    pub(crate) module: String,
    pub(crate) doc: String,
    pub(crate) external: BTreeMap<String, String>,
    /// Names in the exchange's table of enums that are types other than enums of the spec.
    pub(crate) tables_elsewhere: BTreeMap<String, String>,
    pub(crate) enums: BTreeMap<String, Enum>,
    pub(crate) types: BTreeMap<String, Type>,
    pub(crate) events: BTreeMap<String, Events>,
    pub(crate) alternatives: BTreeMap<String, Alternatives>,
    pub(crate) parts: BTreeMap<String, Part>,
    pub(crate) requests: BTreeMap<String, Request>,
    pub(crate) streams: BTreeMap<String, Stream>,
    pub(crate) errors: Vec<ErrorLine>,
}

/// An enum of words.
#[derive(Debug, Clone)]
pub(crate) struct Enum {
    pub(crate) doc: String,
    /// The name in the exchange's table of enums, where it is one of them.
    pub(crate) table: Option<String>,
    /// Whether it is a closed choice that becomes a part of a stream's name.
    pub(crate) name_part: bool,
    pub(crate) values: Vec<EnumValue>,
}

/// A type of an answer or event.
#[derive(Debug, Clone)]
pub(crate) struct Type {
    pub(crate) doc: String,
    pub(crate) kind: TypeKind,
    /// The fields in another order, in which they are written, too.
    pub(crate) other_order: Option<Vec<Field>>,
    /// The sequence of an event in its stream.
    pub(crate) sequence: Option<SequenceRule>,
}

/// The fields that give the sequence of an event.
#[derive(Debug, Clone)]
pub(crate) enum SequenceRule {
    /// Ids without holes.
    Id(String),
    /// First and last id.
    Range(String, String),
    /// The id of the event before, and the event's own.
    Linked(String, String),
    /// An id that grows.
    Growing(String),
    /// The field that holds a candle.
    Candle(String),
}

/// What a type looks like on the wire.
#[derive(Debug, Clone)]
pub(crate) enum TypeKind {
    /// An object.
    Struct {
        /// Its fields.
        fields: Vec<Field>,
        /// The keys by which an event without a type is known.
        known_by: Option<Vec<String>>,
    },
    /// An array with a meaning per place.
    Tuple(Vec<Field>),
    /// One of several types, recognised by a key.
    Choice(Vec<Choice>),
    /// One of several objects with a tag.
    Tagged {
        /// The key of the word.
        tag: String,
        /// Our names and the types.
        variants: Vec<(String, String)>,
    },
}

/// A choice of events.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) doc: String,
    /// Whether one variant is large on purpose, for clippy.
    pub(crate) large: bool,
    pub(crate) variants: Vec<(String, TypeExpression)>,
}

/// Parameters of which one is given.
#[derive(Debug)]
pub(crate) struct Alternatives {
    pub(crate) doc: String,
    pub(crate) variants: Vec<Alternative>,
}

/// Parameters that go together and occur under several prefixes.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) doc: String,
    pub(crate) params: Vec<Field>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) doc: String,
    pub(crate) rest: Option<(String, String)>,
    pub(crate) ws: Option<String>,
    pub(crate) security: Security,
    pub(crate) cost: Cost,
    pub(crate) query: bool,
    pub(crate) response: TypeExpression,
    /// Whether there is a hand-written `check_rules` beside.
    pub(crate) check: bool,
    /// Whether there is a hand-written builder beside; the constructor is not public then.
    pub(crate) builder: bool,
    pub(crate) params: Vec<Field>,
}

/// A stream.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) doc: String,
    pub(crate) name: String,
    pub(crate) event: TypeExpression,
    /// The route of the host, where the product has routes.
    pub(crate) route: Option<String>,
    /// How often it is documented to have an event.
    pub(crate) cadence: Cadence,
    /// The public record of what it delivers.
    pub(crate) record: Option<RecordRule>,
}

impl Product {
    /// Reads all files of a product.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or a row in it makes no sense.
    pub(crate) fn load(root: &Path, name: &str) -> Outcome<Self> {
        raw::load(root, name)
    }

    /// A product of which nothing is specified yet.
    pub(crate) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            head: Head::default(),
            files: Vec::new(),
            common: Vec::new(),
            sbe: BTreeMap::new(),
        }
    }

    /// All types with their names.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.files.iter().flat_map(|file| file.types.iter().map(|(name, spec)| (name.as_str(), spec)))
    }

    /// All requests with their names.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&str, &Request)> {
        self.files.iter().flat_map(|file| file.requests.iter().map(|(name, spec)| (name.as_str(), spec)))
    }

    /// The type of this name.
    pub(crate) fn type_named(&self, name: &str) -> Option<&Type> {
        self.files.iter().find_map(|file| file.types.get(name))
    }

    /// The enum of this name, of the product or of what all share.
    pub(crate) fn enum_named(&self, name: &str) -> Option<&Enum> {
        self.files.iter().chain(&self.common).find_map(|file| file.enums.get(name))
    }

    /// All enums with their names, with those that all products share.
    pub(crate) fn enums(&self) -> impl Iterator<Item = (&str, &Enum)> {
        let files = self.files.iter().chain(&self.common);
        files.flat_map(|file| file.enums.iter().map(|(name, spec)| (name.as_str(), spec)))
    }

    /// The public module of the type of this name.
    pub(crate) fn module_of(&self, name: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.names().any(|own| own == name))?;
        Some(&file.module)
    }

    /// The public path of the type of this name, from the crate.
    pub(crate) fn path_of(&self, name: &str) -> String {
        match self.module_of(name) {
            Some(_) if self.head.headline.contains(name) => format!("{}::{name}", self.name),
            Some(module) => format!("{}::{module}::{name}", self.name),
            None => format!("common::{name}"),
        }
    }

    /// The template of the SBE message that is read directly into the type of this name.
    pub(crate) fn template_of(&self, name: &str) -> Option<u16> {
        let mut messages = self.sbe.values().flat_map(sbe::Schema::messages);
        messages.find(|message| message.reads.as_deref() == Some(name)).map(|message| message.template)
    }

    /// The stream of this name.
    pub(crate) fn stream_named(&self, name: &str) -> Option<&Stream> {
        self.files.iter().find_map(|file| file.streams.get(name))
    }

    /// The alternatives of this name.
    pub(crate) fn alternatives_named(&self, name: &str) -> Option<&Alternatives> {
        self.files.iter().find_map(|file| file.alternatives.get(name))
    }

    /// The part of this name.
    pub(crate) fn part_named(&self, name: &str) -> Option<&Part> {
        self.files.iter().find_map(|file| file.parts.get(name))
    }

    /// The request of this name.
    pub(crate) fn request_named(&self, name: &str) -> Option<&Request> {
        self.files.iter().find_map(|file| file.requests.get(name))
    }

    /// The wire names of all parameters of a request, in their order.
    pub(crate) fn parameter_names(&self, request: &Request) -> Vec<String> {
        let mut names = Vec::new();
        for field in &request.params {
            let Some(prefix) = field.wire.strip_suffix('*') else {
                names.extend(field.wire.split('|').map(str::to_owned));
                continue;
            };
            let of_type = field.shape.name().unwrap_or_default();
            if let Some(inner) = self.request_named(of_type) {
                names.extend(self.parameter_names(inner));
            } else if let Some(part) = self.part_named(of_type) {
                names.extend(part.params.iter().map(|param| format!("{prefix}{}", param.wire)));
            }
        }
        names
    }
}

impl SpecFile {
    /// The names of its types.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.enums.keys().chain(self.types.keys()).chain(self.events.keys());
        let names =
            names.chain(self.alternatives.keys()).chain(self.parts.keys()).chain(self.requests.keys());
        names.map(String::as_str)
    }

    /// Whether it has any.
    pub(crate) fn has_types(&self) -> bool {
        self.names().next().is_some()
    }

    /// The names of all types that the file refers to.
    pub(crate) fn references(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let parameters = self.parts.values().map(|part| &part.params);
        let parameters = parameters.chain(self.requests.values().map(|request| &request.params));
        names.extend(parameters.flatten().filter_map(|field| field.shape.innermost()));
        for spec in self.types.values() {
            match &spec.kind {
                TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) => {
                    names.extend(fields.iter().filter_map(|field| field.shape.innermost()));
                }
                TypeKind::Choice(choices) => {
                    names.extend(choices.iter().filter_map(|choice| choice.shape.innermost()));
                }
                TypeKind::Tagged { variants, .. } => {
                    names.extend(variants.iter().map(|(_, variant)| variant.as_str()));
                }
            }
        }
        let variants = self.events.values().flat_map(|events| &events.variants);
        names.extend(variants.filter_map(|(_, shape)| shape.innermost()));
        let variants = self.alternatives.values().flat_map(|alternatives| &alternatives.variants);
        names.extend(variants.filter_map(|variant| variant.shape.innermost()));
        names.extend(self.requests.values().filter_map(|request| request.response.innermost()));
        names.extend(self.streams.values().filter_map(|stream| stream.event.innermost()));
        names.extend(self.streams.values().flat_map(Stream::parts));
        names
    }
}

impl SpecFile {
    /// Tells arrays of objects from other arrays, in answers and events.
    pub(crate) fn resolve(&mut self, is_object: &dyn Fn(&str) -> bool) {
        for spec in self.types.values_mut() {
            if let Some(order) = &mut spec.other_order {
                for field in order {
                    field.shape.resolve(is_object);
                }
            }
            match &mut spec.kind {
                TypeKind::Struct { fields, .. } | TypeKind::Tuple(fields) => {
                    for field in fields {
                        field.shape.resolve(is_object);
                    }
                }
                TypeKind::Choice(choices) => {
                    for choice in choices {
                        choice.shape.resolve(is_object);
                    }
                }
                TypeKind::Tagged { .. } => {}
            }
        }
        self.requests.values_mut().for_each(|request| request.response.resolve(is_object));
        self.streams.values_mut().for_each(|stream| stream.event.resolve(is_object));
        let variants = self.events.values_mut().flat_map(|events| &mut events.variants);
        variants.for_each(|(_, shape)| shape.resolve(is_object));
    }
}

impl Stream {
    /// The placeholders of the name, without `<` and `>`.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.name.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(inside, _)| inside))
    }

    /// The enums whose values become parts of the name.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.placeholders().filter_map(|placeholder| placeholder.split_once(':').map(|(_, part)| part))
    }
}

impl Type {
    /// The constant that names the type of the object, with its key: `("e", "trade")`.
    pub(crate) fn constant(&self) -> Option<(&str, &str)> {
        let TypeKind::Struct { fields, .. } = &self.kind else { return None };
        fields.iter().find_map(|field| Some((field.wire.as_str(), field.constant.as_deref()?)))
    }

    /// The field whose word has a fixed end: `("e", "Ticker")`.
    pub(crate) fn suffix(&self) -> Option<(&str, &str)> {
        let TypeKind::Struct { fields, .. } = &self.kind else { return None };
        fields.iter().find_map(|field| Some((field.wire.as_str(), field.suffix.as_deref()?)))
    }
}
