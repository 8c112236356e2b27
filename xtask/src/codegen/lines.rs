//! The rows of the tables in spec files.

use std::collections::BTreeMap;

use super::spec::{SequenceRule, TypeKind};
use crate::deps::Outcome;

/// A type as it is written in a table: `Decimal`, `[Level]`, `{Asset}`, `Ticker|[Ticker]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypeExpression {
    /// A type by its name.
    Named(String),
    /// An array of values that mean something only together: a `Vec`.
    List(Box<TypeExpression>),
    /// An array of objects, each of which may be unreadable without the others: a `List`. The rows write both as `[T]`;
    /// [`TypeExpression::resolve`] tells them apart.
    Objects(Box<TypeExpression>),
    /// An object with data as keys.
    Map(Box<TypeExpression>),
    /// One, or an array of them.
    OneOrMany(Box<TypeExpression>),
    /// Nothing of interest (`()`).
    Nothing,
}

impl TypeExpression {
    /// Reads a type.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        if text == "()" {
            return Ok(Self::Nothing);
        }
        if let Some((one, many)) = text.split_once('|') {
            let one = Self::parse(one)?;
            if Self::parse(many)? != Self::List(Box::new(one.clone())) {
                return Err(format!("`{text}`: the second half must be a list of the first").into());
            }
            return Ok(Self::OneOrMany(Box::new(one)));
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Ok(Self::List(Box::new(Self::parse(inner)?)));
        }
        if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return Ok(Self::Map(Box::new(Self::parse(inner)?)));
        }
        if text.is_empty() || !text.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(format!("`{text}` is not a type").into());
        }
        Ok(Self::Named(text.to_owned()))
    }

    /// Makes an array of what `is_object` says is an object a list of objects.
    pub(crate) fn resolve(&mut self, is_object: &dyn Fn(&str) -> bool) {
        if let Self::List(inner) = self
            && inner.name().is_some_and(is_object)
        {
            *self = Self::Objects(inner.clone());
        }
    }

    /// Whether it is an array.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Objects(_))
    }

    /// The type in Rust.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::List(inner) => format!("Vec<{}>", inner.rust()),
            Self::Objects(inner) => format!("List<{}>", inner.rust()),
            Self::Map(inner) => format!("Map<{}>", inner.rust()),
            Self::OneOrMany(inner) => format!("OneOrMany<{}>", inner.rust()),
            Self::Nothing => "()".to_owned(),
        }
    }

    /// The name, if it is a type by name.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }

    /// The named type at the bottom of it.
    pub(crate) fn innermost(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List(inner) | Self::Objects(inner) | Self::Map(inner) | Self::OneOrMany(inner) => {
                inner.innermost()
            }
            Self::Nothing => None,
        }
    }
}

/// Fields that several types have, and whether any does.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) fields: Vec<Field>,
    pub(crate) used: std::cell::Cell<bool>,
}

/// Whether a field must be there, and how its absence is written. Only [`Presence::Required`] makes an object without the
/// field unreadable; see `presence.rs` for what may be required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Must be there (no mark, or `!`).
    Required,
    /// May be missing (`?`).
    Optional,
    /// Written as `null` when there is none (`|null`).
    Null,
    /// Written as `-1` when there is none (`|-1`).
    MinusOne,
    /// Written as the empty text when there is none (`|""`).
    EmptyText,
    /// Has a default value when it is missing (`=false`, `=0`, `=[]`, `=WORD`).
    Default,
}

/// A row of fields or parameters: wire name, our name, type, documentation.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The wire name. `a|b` are alternatives, `a*` is a prefix, `@stream` the name of the stream.
    pub(crate) wire: String,
    /// Our name, or `=` for a constant.
    pub(crate) name: String,
    pub(crate) shape: TypeExpression,
    pub(crate) presence: Presence,
    /// Whether the row says that the field is required (`!`), as its type does not.
    pub(crate) insists: bool,
    /// The value of a field that is missing, as the row writes it.
    pub(crate) default: Option<String>,
    /// The range that the value must be in.
    pub(crate) range: Option<(String, String)>,
    /// The end that the word has on the wire.
    pub(crate) suffix: Option<String>,
    /// The word of a constant.
    pub(crate) constant: Option<String>,
    pub(crate) doc: String,
}

impl Field {
    /// The type of the field in Rust.
    pub(crate) fn rust(&self) -> String {
        match self.presence {
            Presence::Required | Presence::Default => self.shape.rust(),
            _ => format!("Option<{}>", self.shape.rust()),
        }
    }
}

/// Reads rows of fields. A row `+group` is replaced by the rows of a group.
///
/// # Errors
///
/// If a row is invalid or occurs twice.
pub(crate) fn fields(text: &str, groups: &BTreeMap<String, Group>) -> Outcome<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    for line in rows(text) {
        if let Some(name) = line.strip_prefix('+') {
            let group = groups.get(name).ok_or_else(|| format!("there is no group `{name}`"))?;
            group.used.set(true);
            fields.extend(group.fields.iter().cloned());
            continue;
        }
        fields.push(field(line).map_err(|error| format!("`{line}`: {error}"))?);
    }
    for (index, field) in fields.iter().enumerate() {
        let twice = fields.iter().take(index).any(|earlier| {
            (earlier.name == field.name && field.constant.is_none())
                || (earlier.wire == field.wire && field.wire != "-")
        });
        if twice {
            return Err(format!("`{}` occurs twice", field.name).into());
        }
    }
    Ok(fields)
}

fn field(line: &str) -> Outcome<Field> {
    let mut rest = line;
    let wire = word(&mut rest).ok_or("a wire name is missing")?;
    let name = word(&mut rest).ok_or("a name is missing")?;
    let type_text = word(&mut rest).ok_or("a type is missing")?;
    let mut field = Field {
        wire: wire.to_owned(),
        name: name.to_owned(),
        shape: TypeExpression::Nothing,
        presence: Presence::Required,
        insists: false,
        default: None,
        range: None,
        suffix: None,
        constant: None,
        doc: rest.to_owned(),
    };
    if name == "=" {
        if !rest.is_empty() {
            return Err("a constant has no documentation".into());
        }
        field.constant = Some(type_text.to_owned());
        return Ok(field);
    }
    if rest.is_empty() {
        return Err("the documentation is missing".into());
    }
    if name == "-" {
        field.name = snake_case(wire);
    }
    let mut text = type_text;
    if let Some((without, default)) = text.split_once('=') {
        text = without;
        field.presence = Presence::Default;
        field.default = Some(default.to_owned());
    } else if let Some(without) = text.strip_suffix('!') {
        text = without;
        field.insists = true;
    }
    for (mark, presence) in [
        ("?", Presence::Optional),
        ("|null", Presence::Null),
        ("|-1", Presence::MinusOne),
        ("|\"\"", Presence::EmptyText),
    ] {
        if let Some(without) = text.strip_suffix(mark) {
            if field.insists || field.default.is_some() {
                return Err("a field has one mark of its presence".into());
            }
            text = without;
            field.presence = presence;
            break;
        }
    }
    if let Some((before, range)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let (least, most) = range.split_once("..").ok_or("a range is written `(least..most)`")?;
        field.range = Some((least.to_owned(), most.to_owned()));
        text = before;
    }
    if let Some((before, suffix)) = text.split_once('~') {
        field.suffix = Some(suffix.to_owned());
        text = before;
    }
    field.shape = TypeExpression::parse(text)?;
    Ok(field)
}

/// A value of an enum: the word on the wire, our name, documentation.
#[derive(Debug, Clone)]
pub(crate) struct EnumValue {
    pub(crate) word: String,
    pub(crate) name: String,
    pub(crate) doc: String,
}

/// Reads rows `WORD doc` and `WORD=Name doc`; the empty word is `""`.
///
/// # Errors
///
/// If a row is invalid or occurs twice.
pub(crate) fn enum_values(text: &str) -> Outcome<Vec<EnumValue>> {
    let mut values: Vec<EnumValue> = Vec::new();
    for line in rows(text) {
        let mut rest = line;
        let first = word(&mut rest).ok_or("a word is missing")?;
        let (word, name) = match first.split_once('=') {
            Some((word, name)) => (word.trim_matches('"'), name.to_owned()),
            None => (first, pascal_case(first)),
        };
        if rest.is_empty() {
            return Err(format!("`{line}`: the documentation is missing").into());
        }
        if values.iter().any(|value| value.word == word || value.name == name) {
            return Err(format!("`{word}` occurs twice").into());
        }
        values.push(EnumValue { word: word.to_owned(), name, doc: rest.to_owned() });
    }
    Ok(values)
}

/// How one of several types is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The object has one of these keys.
    Has(Vec<String>),
    /// It is `null`.
    Null,
    /// None of the conditions before.
    Otherwise,
}

/// A row of a choice: our name, type, condition, documentation.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) boxed: bool,
    pub(crate) shape: TypeExpression,
    pub(crate) condition: Condition,
    pub(crate) doc: String,
}

/// Reads rows `Name Type has:key doc`; a type behind `^` is boxed.
///
/// # Errors
///
/// If a row makes no sense, or the last is not `else`.
pub(crate) fn choices(text: &str) -> Outcome<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    for line in rows(text) {
        let mut rest = line;
        let name = word(&mut rest).ok_or("a name is missing")?;
        let type_text = word(&mut rest).ok_or_else(|| format!("`{line}`: a type is missing"))?;
        let condition = match word(&mut rest) {
            Some("else") => Condition::Otherwise,
            Some("null") => Condition::Null,
            Some(condition) => match condition.strip_prefix("has:") {
                Some(keys) => Condition::Has(keys.split('|').map(str::to_owned).collect()),
                None => return Err(format!("`{condition}` is not a condition").into()),
            },
            None => return Err(format!("`{line}`: a condition is missing").into()),
        };
        if rest.is_empty() {
            return Err(format!("`{line}`: the documentation is missing").into());
        }
        choices.push(Choice {
            name: name.to_owned(),
            boxed: type_text.starts_with('^'),
            shape: TypeExpression::parse(type_text.trim_start_matches('^'))?,
            condition,
            doc: rest.to_owned(),
        });
    }
    if choices.last().is_none_or(|last| last.condition != Condition::Otherwise) {
        return Err("the last choice must be `else`".into());
    }
    Ok(choices)
}

/// Reads rows `Name Type`.
///
/// # Errors
///
/// If a row makes no sense.
pub(crate) fn named_types(text: &str) -> Outcome<Vec<(String, TypeExpression)>> {
    let mut types = Vec::new();
    for line in rows(text) {
        let (name, expression) = line
            .split_once(char::is_whitespace)
            .ok_or_else(|| format!("`{line}` is not a name and a type"))?;
        types.push((name.to_owned(), TypeExpression::parse(expression.trim())?));
    }
    Ok(types)
}

/// One of several parameters: our name, type, documentation.
#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) name: String,
    pub(crate) shape: TypeExpression,
    pub(crate) doc: String,
}

/// Reads rows `Name Type doc`.
///
/// # Errors
///
/// If a row makes no sense.
pub(crate) fn alternatives(text: &str) -> Outcome<Vec<Alternative>> {
    let mut alternatives = Vec::new();
    for line in rows(text) {
        let mut rest = line;
        let name = word(&mut rest).ok_or("a name is missing")?.to_owned();
        let shape = TypeExpression::parse(word(&mut rest).ok_or("a type is missing")?)?;
        if rest.is_empty() {
            return Err(format!("`{line}`: the documentation is missing").into());
        }
        alternatives.push(Alternative { name, shape, doc: rest.to_owned() });
    }
    Ok(alternatives)
}

/// A row of the error codes: code, name, documentation.
#[derive(Debug)]
pub(crate) struct ErrorLine {
    pub(crate) code: i32,
    pub(crate) name: String,
    pub(crate) doc: String,
}

/// Reads rows `-1000 NAME doc`.
///
/// # Errors
///
/// If a row is invalid or occurs twice.
pub(crate) fn errors(text: &str) -> Outcome<Vec<ErrorLine>> {
    let mut errors: Vec<ErrorLine> = Vec::new();
    for line in rows(text) {
        let mut rest = line;
        let code = word(&mut rest).ok_or("a code is missing")?.parse()?;
        let name = word(&mut rest).ok_or("a name is missing")?.to_owned();
        if rest.is_empty() || errors.iter().any(|error| error.code == code || error.name == name) {
            return Err(format!("`{line}`: the documentation is missing, or the row occurs twice").into());
        }
        errors.push(ErrorLine { code, name, doc: rest.to_owned() });
    }
    Ok(errors)
}

fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Takes the first word off.
fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    *rest = after.trim();
    (!word.is_empty()).then_some(word)
}

/// `orderId` to `order_id`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !out.is_empty() {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// `EXPIRED_IN_MATCH` to `ExpiredInMatch`.
pub(crate) fn pascal_case(word: &str) -> String {
    word.split('_')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + &letters.as_str().to_ascii_lowercase()
            })
        })
        .collect()
}

/// The sequence of an event: a word and the wire names of the fields.
///
/// # Errors
///
/// For an unknown word, and for names that are not fields of the type.
pub(crate) fn sequence(line: &str, kind: &TypeKind) -> Outcome<SequenceRule> {
    let TypeKind::Struct { fields, .. } = kind else { return Err("`sequence` goes with `fields`".into()) };
    let ours = |wire: &str| {
        fields
            .iter()
            .find(|field| field.wire == wire && field.presence == Presence::Required)
            .map(|field| field.name.clone())
            .ok_or_else(|| format!("`sequence` names {wire}, which is no field that is always there"))
    };
    let linked = |wire: &str| {
        let is_none = |field: &&Field| field.wire == wire && field.presence == Presence::MinusOne;
        fields.iter().find(is_none).map(|field| field.name.clone()).ok_or_else(|| {
            format!("`linked` names {wire}, which must be an id that is -1 when there is none before")
        })
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    Ok(match words.as_slice() {
        ["id", id] => SequenceRule::Id(ours(id)?),
        ["range", first, last] => SequenceRule::Range(ours(first)?, ours(last)?),
        ["linked", previous, last] => SequenceRule::Linked(linked(previous)?, ours(last)?),
        ["growing", id] => SequenceRule::Growing(ours(id)?),
        ["candle", candle] => SequenceRule::Candle(ours(candle)?),
        _ => return Err(format!("`{line}` is no sequence").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Field {
        fields(line, &BTreeMap::new()).unwrap().remove(0)
    }

    #[test]
    fn a_row_of_a_field() {
        let field = one("orderId - OrderId The exchange's id.");
        assert_eq!((field.name.as_str(), field.presence), ("order_id", Presence::Required));
        assert_eq!(field.doc, "The exchange's id.");
        assert_eq!(one("g list OrderListId|-1 The list.").presence, Presence::MinusOne);
        assert_eq!(one("r rate Decimal|\"\" The rate.").presence, Presence::EmptyText);
        assert_eq!(one("N asset Asset|null The asset.").presence, Presence::Null);
        let field = one("x flag bool=false A flag.");
        assert_eq!((field.presence, field.default.as_deref()), (Presence::Default, Some("false")));
        assert!(one("x flag bool! A flag.").insists);
        let field = one("limit - u32(1..5000)? How many.");
        assert_eq!(field.range, Some(("1".to_owned(), "5000".to_owned())));
        assert_eq!((field.presence, field.shape.rust().as_str()), (Presence::Optional, "u32"));
        let field = one("e window TickerWindow~Ticker The window.");
        assert_eq!(field.suffix.as_deref(), Some("Ticker"));
        assert_eq!(one("e = trade").constant.as_deref(), Some("trade"));
        assert_eq!(one("x list [[Level]]? Levels.").shape.rust(), "Vec<Vec<Level>>");
        assert_eq!(one("x map {Asset} Assets.").shape.rust(), "Map<Asset>");
    }

    #[test]
    fn rows_with_a_fault() {
        for text in [
            "a",
            "a b",
            "a b Decimal",
            "a b Dec-imal Doc.",
            "a - u32 One.\nb a u32 Two.",
            "a - u32 One.\na b u32 Two.",
            "+none",
            "e = trade doc",
            "a b u32(1) Doc.",
            "a b u32?! Doc.",
            "a b u32?=0 Doc.",
        ] {
            assert!(fields(text, &BTreeMap::new()).is_err(), "{text:?}");
        }
        assert!(choices("A B has:c Doc.").is_err());
        assert!(errors("-1 A Doc.\n-1 B Doc.").is_err());
        assert!(enum_values("A=B Doc.\nC=B Doc.").is_err());
    }

    #[test]
    fn types() {
        assert_eq!(TypeExpression::parse("A|[A]").unwrap().rust(), "OneOrMany<A>");
        assert!(TypeExpression::parse("A|[B]").is_err());
        assert_eq!(TypeExpression::parse("[A]").unwrap().innermost(), Some("A"));
    }

    #[test]
    fn names_change_their_case() {
        assert_eq!(snake_case("cummulativeQuoteQty"), "cummulative_quote_qty");
        assert_eq!(pascal_case("EXPIRED_IN_MATCH"), "ExpiredInMatch");
        assert_eq!(pascal_case("TRD_GRP_002"), "TrdGrp002");
    }
}
