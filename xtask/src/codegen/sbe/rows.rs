//! The rows of a message: fields, groups and data in the order of the bytes.

use super::Schema;
use crate::deps::Outcome;

/// What a row says of how a thing is shown in JSON.
#[derive(Debug, Default, Clone)]
pub(crate) struct Style {
    pub(crate) name: String,
    /// The path in JSON, by the schema.
    pub(crate) path: Option<String>,
    /// The path in JSON, by us, where the schema is silent or wrong.
    pub(crate) to: Option<String>,
    /// The value for null in the schema.
    pub(crate) default: Option<String>,
    /// The value for null of the spec.
    pub(crate) otherwise: Option<String>,
    pub(crate) since: u16,
    /// The word of a constant.
    pub(crate) constant: Option<String>,
    /// The value at which JSON does not show it.
    pub(crate) hide: Option<String>,
    /// The truth value without which JSON does not show it.
    pub(crate) unless: Option<String>,
    /// Whether JSON never shows it.
    pub(crate) skip: bool,
}

impl Style {
    /// Where it is in JSON.
    pub(crate) fn json(&self) -> &str {
        self.to.as_deref().or(self.path.as_deref()).unwrap_or(&self.name)
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldType {
    Integer { size: u8, signed: bool },
    Float,
    Time,
    Exponent,
    Decimal { wide: bool, exponent: String },
    Truth,
    Word(String),
    Set(String),
}

impl FieldType {
    fn parse(text: &str, schema: &Schema) -> Outcome<Self> {
        let integer = |size, signed| Ok(Self::Integer { size, signed });
        for (start, wide) in [("dec(", false), ("big(", true)] {
            if let Some(exponent) = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(')')) {
                return Ok(Self::Decimal { wide, exponent: exponent.to_owned() });
            }
        }
        match text {
            "i8" => integer(1, true),
            "u8" => integer(1, false),
            "i16" => integer(2, true),
            "u16" => integer(2, false),
            "i32" => integer(4, true),
            "u32" => integer(4, false),
            "i64" => integer(8, true),
            "u64" => integer(8, false),
            "f32" => Ok(Self::Float),
            "time" => Ok(Self::Time),
            "exp" => Ok(Self::Exponent),
            "bool" => Ok(Self::Truth),
            name if schema.enums.iter().any(|words| words.name == name) => Ok(Self::Word(name.to_owned())),
            name if schema.sets.iter().any(|words| words.name == name) => Ok(Self::Set(name.to_owned())),
            other => Err(format!("`{other}` is no type").into()),
        }
    }

    /// How many bytes it takes.
    pub(crate) fn size(&self, schema: &Schema) -> u16 {
        match self {
            Self::Integer { size, .. } => u16::from(*size),
            Self::Float => 4,
            Self::Time | Self::Decimal { wide: false, .. } => 8,
            Self::Decimal { wide: true, .. } => 16,
            Self::Exponent | Self::Truth => 1,
            Self::Word(name) | Self::Set(name) => {
                let words = schema.enums.iter().chain(&schema.sets).find(|words| words.name == *name);
                words.map_or(0, |words| u16::from(words.size))
            }
        }
    }
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) style: Style,
    pub(crate) kind: FieldType,
    pub(crate) optional: bool,
    /// Constants have none.
    pub(crate) offset: Option<u16>,
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) style: Style,
    /// How many bytes its count takes.
    pub(crate) count_size: u8,
    /// Whether JSON shows its first element instead of an array.
    pub(crate) first: bool,
    /// Whether the schema leaves an empty one out.
    pub(crate) omit_null: bool,
    pub(crate) body: Body,
}

/// A text or message.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) style: Style,
    pub(crate) length_size: u8,
    pub(crate) is_message: bool,
    pub(crate) optional: bool,
    /// The messages that can be embedded in it.
    pub(crate) of: Vec<String>,
}

/// Something that JSON has and SBE does not: a key (`[]` in a tuple), and what stands there.
#[derive(Debug)]
pub(crate) struct More {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// A block with its groups and data.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) fields: Vec<Field>,
    pub(crate) groups: Vec<Group>,
    pub(crate) data: Vec<Data>,
    pub(crate) more: Vec<More>,
    pub(crate) block_length: u16,
}

impl Body {
    /// Whether a field holds words of this name.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.fields.iter().filter(|field| field.offset.is_some()).any(|field| match &field.kind {
            FieldType::Word(words) | FieldType::Set(words) => words == name,
            _ => false,
        }) || self.groups.iter().any(|group| group.body.uses(name))
    }
}

/// Reads the rows of a message.
pub(super) fn body(text: &str, schema: &Schema) -> Outcome<Body> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut rest = lines.as_slice();
    let body = block(&mut rest, 0, schema)?;
    match rest.first() {
        None => Ok(body),
        Some(line) => Err(format!("`{line}` is indented wrongly").into()),
    }
}

fn block(lines: &mut &[&str], depth: usize, schema: &Schema) -> Outcome<Body> {
    let mut body = Body::default();
    while let Some((line, rest)) = lines.split_first() {
        let indent = line.len() - line.trim_start().len();
        if indent != depth * 2 {
            break;
        }
        *lines = rest;
        row(line.trim(), &mut body, lines, depth, schema).map_err(|error| format!("`{line}`: {error}"))?;
    }
    if body.fields.len() > 250 || body.groups.len() > 8 || body.data.len() > 8 {
        return Err("has more rows than the tables hold".into());
    }
    Ok(body)
}

fn row(line: &str, body: &mut Body, lines: &mut &[&str], depth: usize, schema: &Schema) -> Outcome<()> {
    let mut words = line.split_whitespace();
    let name = words.next().ok_or("a name is missing")?;
    let kind = words.next().ok_or("a type is missing")?;
    if name == "+" {
        let value = words.next().ok_or("a value is missing")?;
        body.more.push(More { key: kind.to_owned(), value: value.to_owned() });
        return match words.next() {
            None => Ok(()),
            Some(word) => Err(format!("what is `{word}`?").into()),
        };
    }
    let is_group = name.starts_with('*');
    let mut style = Style { name: name.trim_start_matches('*').to_owned(), ..Style::default() };
    let (mut of, mut first, mut omit_null) = (Vec::new(), false, false);
    for word in words {
        let value = || word.split_once(':').map(|(_, value)| value.trim_matches('"').to_owned());
        match word.split(':').next().unwrap_or_default() {
            "as" => style.path = value(),
            "to" => style.to = value(),
            "default" => style.default = value(),
            "else" => style.otherwise = word.split_once(':').map(|(_, value)| value.to_owned()),
            "since" => style.since = value().unwrap_or_default().parse().map_err(|_| "since what?")?,
            "is" => style.constant = value(),
            "hide" => style.hide = value(),
            "unless" => style.unless = value(),
            "of" => of = value().unwrap_or_default().split(',').map(str::to_owned).collect(),
            "skip" => style.skip = true,
            "first" => first = true,
            "omit-null" => omit_null = true,
            _ => return Err(format!("what is `{word}`?").into()),
        }
    }
    if is_group {
        let count_size = match kind {
            "u16" => 2,
            "u32" => 4,
            _ => return Err("a count has 2 or 4 bytes".into()),
        };
        let inner = block(lines, depth + 1, schema)?;
        body.groups.push(Group { style, count_size, first, omit_null, body: inner });
        return Ok(());
    }
    let (kind, optional) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    let data = match kind {
        "text8" => Some((1, false)),
        "text16" => Some((2, false)),
        "msg8" => Some((1, true)),
        "msg16" => Some((2, true)),
        "msg32" => Some((4, true)),
        _ => None,
    };
    if let Some((length_size, is_message)) = data {
        body.data.push(Data { style, length_size, is_message, optional, of });
        return Ok(());
    }
    if !body.groups.is_empty() || !body.data.is_empty() {
        return Err("fields come before groups and data".into());
    }
    let kind = FieldType::parse(kind, schema)?;
    let offset = style.constant.is_none().then_some(body.block_length);
    if offset.is_some() {
        body.block_length += kind.size(schema);
    }
    body.fields.push(Field { style, kind, optional, offset });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_from_sizes() {
        let text = "a i16\nb time? default:-1\n*c u16\n  d dec(e)? to:x.y since:1\n  + k \"v\"\nf text8";
        let read = body(text, &Schema::default()).unwrap();
        let offsets: Vec<_> = read.fields.iter().map(|field| field.offset).collect();
        assert_eq!((offsets, read.block_length), (vec![Some(0), Some(2)], 10));
        assert_eq!(read.groups[0].body.fields[0].style.json(), "x.y");
        assert_eq!(read.groups[0].body.more[0].value, "\"v\"");
        assert_eq!(read.data[0].style.name, "f");
        for wrong in ["a", "a i3", "a i8 what", "a text8\nb i8", "*a u8\n", "a i8\n   b i8"] {
            assert!(body(wrong, &Schema::default()).is_err(), "{wrong}");
        }
    }
}
