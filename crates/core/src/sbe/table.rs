//! What is known of a schema: where the fields of its messages stand, and what they are called in JSON.
//!
//! The tables are made by `cargo xtask codegen` from the specification; they are plain constants, so that a user with a
//! schema of their own can write one by hand.

/// A schema: a numbered set of messages.
#[derive(Debug)]
pub struct Schema {
    /// The number of the schema. Messages of another are refused.
    pub id: u16,
    /// The version the tables describe; it is the one asked for. Messages of newer versions are read too.
    pub version: u16,
    /// The messages, by rising template id.
    pub layouts: &'static [Layout],
}

impl Schema {
    /// The message of this template id.
    pub fn layout(&self, template: u16) -> Option<&'static Layout> {
        let index = self.layouts.binary_search_by_key(&template, |layout| layout.template).ok()?;
        self.layouts.get(index)
    }
}

/// A message.
#[derive(Debug)]
pub struct Layout {
    /// Its name in the schema.
    pub name: &'static str,
    /// Its template id.
    pub template: u16,
    /// The length of its block in the version of the schema.
    pub block_length: u16,
    /// Of which kind it is among the messages that others carry (`filter`), or empty.
    pub kind: &'static str,
    /// The event type it has as JSON.
    pub event: Option<&'static str>,
    /// How the names of its streams end, behind the symbol (`@trade`).
    pub stream: &'static str,
    /// The methods of the WebSocket API it answers.
    pub answers: &'static [&'static str],
    /// What it consists of.
    pub body: Body,
}

impl Layout {
    /// Whether it is an event.
    pub const fn is_event(&self) -> bool {
        self.event.is_some() || !self.stream.is_empty()
    }
}

/// What a message or an element of a group consists of, in the order of the bytes, and what that is in JSON.
#[derive(Debug)]
pub struct Body {
    /// The fields of the block.
    pub fields: &'static [Field],
    /// The groups behind the block; at most [`Body::MAX_PARTS`].
    pub groups: &'static [Group],
    /// The texts and messages behind the groups; at most [`Body::MAX_PARTS`].
    pub data: &'static [Data],
    /// The JSON.
    pub shape: Shape,
}

impl Body {
    /// Maximum number of groups, and of data, of a body.
    pub const MAX_PARTS: usize = 8;

    /// The fields of the object that the body is in JSON.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        // As many as an index can count; the generator refuses longer tables.
        let fields = (0_u8..).zip(self.fields).map(|(index, field)| (field.key, Item::Field(index)));
        let groups = (0_u8..).zip(self.groups).map(|(index, group)| (group.key, group.item(index)));
        let data = (0_u8..).zip(self.data).map(|(index, data)| (data.key, Item::Data(index)));
        let more = match self.shape {
            Shape::Object(more) => more,
            Shape::Tuple(_) | Shape::Only(_) => &[],
        };
        let own = fields.chain(groups).chain(data).filter(|(key, _)| !key.is_empty());
        more.iter().copied().chain(own.map(|(key, item)| Entry { key, item }))
    }
}

/// A field of a block.
#[derive(Debug)]
pub struct Field {
    /// Its name in the schema.
    pub name: &'static str,
    /// Its key in JSON; empty where it has none of its own.
    pub key: &'static str,
    /// Where it stands in the block.
    pub offset: u16,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold the null value.
    pub optional: bool,
    /// The version of the schema it came with.
    pub since: u16,
    /// What stands in JSON for the null value.
    pub absent: Absent,
    /// When JSON does not show it.
    pub hide: Hide,
}

impl Field {
    /// A field that is always there.
    pub const fn new(name: &'static str, offset: u16, kind: Kind) -> Self {
        let (absent, hide) = (Absent::Null, Hide::Never);
        Self { name, key: name, offset, kind, optional: false, since: 0, absent, hide }
    }

    /// The same, with another key.
    #[must_use]
    pub const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The same, but it may be null.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same, but it came with this version.
    #[must_use]
    pub const fn since(self, since: u16) -> Self {
        Self { since, ..self }
    }

    /// The same, with what stands for null.
    #[must_use]
    pub const fn absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }

    /// The same, with what JSON does not show.
    #[must_use]
    pub const fn hide(self, hide: Hide) -> Self {
        Self { hide, ..self }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// An integer of so many bytes.
    Integer {
        /// 1, 2, 4 or 8.
        size: u8,
        /// Whether it can be negative.
        signed: bool,
    },
    /// A fraction of 32 bits; as text in JSON, in its shortest form.
    Float,
    /// A time in microseconds.
    Time,
    /// The decimal exponent of other fields; JSON does not show it.
    Exponent,
    /// A decimal.
    Decimal {
        /// Whether the mantissa has 16 bytes; it has 8 otherwise.
        wide: bool,
        /// How many blocks further out the exponent stands.
        up: u8,
        /// Where in that block it stands.
        exponent: u16,
    },
    /// A truth value.
    Truth,
    /// A word by its number.
    Word(&'static Words),
    /// A set of words, a bit each; an array in JSON.
    Set(&'static Words),
}

impl Kind {
    /// How many bytes it takes.
    pub const fn size(self) -> usize {
        match self {
            Self::Integer { size, .. } => size as usize,
            Self::Float => 4,
            Self::Time => 8,
            Self::Exponent | Self::Truth => 1,
            Self::Decimal { wide, .. } => {
                if wide {
                    16
                } else {
                    8
                }
            }
            Self::Word(words) | Self::Set(words) => words.size as usize,
        }
    }
}

/// Words by their numbers.
#[derive(Debug)]
pub struct Words {
    /// Their name in the schema.
    pub name: &'static str,
    /// How many bytes a number takes.
    pub size: u8,
    /// The words. For a set the number is that of the bit.
    pub values: &'static [(u8, &'static str)],
}

/// What stands in JSON for a null value.
#[derive(Debug, Clone, Copy)]
pub enum Absent {
    /// `null`.
    Null,
    /// Nothing, not even the key.
    Omitted,
    /// A number.
    Number(i64),
    /// A string.
    Text(&'static str),
}

/// When JSON does not show a field that SBE always has.
#[derive(Debug, Clone, Copy)]
pub enum Hide {
    /// It always shows it.
    Never,
    /// When it holds this number.
    At(u64),
    /// Unless the truth value at this offset of the same block holds.
    Unless(u16),
}

/// A group: a body that is repeated.
#[derive(Debug)]
pub struct Group {
    /// Its name in the schema.
    pub name: &'static str,
    /// Its key in JSON; empty where it has none of its own.
    pub key: &'static str,
    /// Whether JSON shows its first element instead of an array.
    pub single: bool,
    /// How many bytes its count takes: 2 or 4.
    pub count_size: u8,
    /// The length of an element's block in the version of the schema.
    pub block_length: u16,
    /// An element.
    pub body: Body,
}

impl Group {
    const fn item(&self, index: u8) -> Item {
        if self.single { Item::First(index) } else { Item::Group(index) }
    }
}

/// A text, or a message within the message.
#[derive(Debug)]
pub struct Data {
    /// Its name in the schema.
    pub name: &'static str,
    /// Its key in JSON; empty where it has none of its own.
    pub key: &'static str,
    /// How many bytes its length takes: 1, 2 or 4.
    pub length_size: u8,
    /// Whether an empty one means null.
    pub optional: bool,
    /// What stands in JSON for null.
    pub absent: Absent,
    /// What is in it.
    pub content: Content,
}

impl Data {
    /// A text whose length takes so many bytes.
    pub const fn text(name: &'static str, length_size: u8) -> Self {
        Self { name, key: name, length_size, optional: false, absent: Absent::Null, content: Content::Text }
    }

    /// A message whose length takes so many bytes.
    pub const fn message(
        name: &'static str,
        length_size: u8,
        of: &'static [&'static str],
        tag: &'static str,
    ) -> Self {
        Self { content: Content::Message { of, tag }, ..Self::text(name, length_size) }
    }

    /// The same, but an empty one means null.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same, with another key.
    #[must_use]
    pub const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The same, with what stands for null.
    #[must_use]
    pub const fn absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }
}

/// What is in a [`Data`].
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// A text in UTF-8.
    Text,
    /// A message with its header.
    Message {
        /// The kinds, or names, of those that can stand there, for the writer; none means that it does not write them.
        of: &'static [&'static str],
        /// The key by which JSON tells them apart, where one that is not known is no error; empty otherwise.
        tag: &'static str,
    },
}

/// What a body is in JSON.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// An object of all that has a key, and of these.
    Object(&'static [Entry]),
    /// An array with a meaning per place.
    Tuple(&'static [Item]),
    /// Nothing but one thing in it.
    Only(Item),
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its key.
    pub key: &'static str,
    /// Its value.
    pub item: Item,
}

/// A value in JSON, and where it comes from. Indices count within the lists of the body, or of one further out.
#[derive(Debug, Clone, Copy)]
pub enum Item {
    /// A field of the block.
    Field(u8),
    /// A field of the next block further out.
    OuterField(u8),
    /// The elements of a group, as an array.
    Group(u8),
    /// The only element of a group; nothing when there is none.
    First(u8),
    /// A text or message.
    Data(u8),
    /// A text or message of the next body further out.
    OuterData(u8),
    /// Fields under a key of their own; nothing when all of them are null.
    Object(&'static [Entry]),
    /// Always this string.
    Text(&'static str),
    /// Always this truth value.
    Truth(bool),
    /// Always an empty array.
    Empty,
}
