//! Random values for a message, as the JSON of its tables: all words, nulls, empty groups, extremes of numbers.

use binance_kit_core::sbe::{
    Absent, Body, Content, Data, Entry, Field, Hide, Item, Kind, Layout, Schema, Shape,
};
use serde_json::{Map, Value, json};

/// Numbers from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// What the values are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// The tables alone: everything that the bytes can hold.
    Tables,
    /// The types of the model, whose identifiers are not negative.
    Types,
}

pub(crate) struct Values<'r> {
    pub(crate) random: &'r mut Random,
    pub(crate) schema: &'static Schema,
    pub(crate) purpose: For,
    /// How many decimal places all decimals have.
    pub(crate) scale: usize,
    depth: u8,
}

/// The values of a body, by the indices of its fields and data; none where JSON shows nothing.
struct Made {
    fields: Vec<Option<Value>>,
    data: Vec<Option<Value>>,
}

impl<'r> Values<'r> {
    pub(crate) fn new(random: &'r mut Random, schema: &'static Schema, purpose: For) -> Self {
        let scale = usize::try_from(random.below(29)).unwrap();
        Self { random, schema, purpose, scale, depth: 0 }
    }

    pub(crate) fn message(&mut self, layout: &'static Layout) -> Value {
        self.body(&layout.body, None)
    }

    fn body(&mut self, body: &'static Body, outer: Option<&Made>) -> Value {
        let mut made = Made { fields: Vec::new(), data: Vec::new() };
        for field in body.fields {
            let value = self.field(field);
            made.fields.push(value);
        }
        for (index, field) in body.fields.iter().enumerate() {
            if let Hide::Unless(offset) = field.hide {
                let flag = body.fields.iter().position(|field| field.offset == offset).unwrap();
                if made.fields[flag] != Some(json!(true)) {
                    made.fields[index] = None;
                }
            }
        }
        for data in body.data {
            let value = self.data(data);
            made.data.push(value);
        }
        match body.shape {
            Shape::Object(_) => self.object(body, body.entries(), &made, outer),
            Shape::Tuple(items) => {
                items.iter().map(|item| self.item(body, *item, &made, outer).unwrap_or_default()).collect()
            }
            Shape::Only(item) => self.item(body, item, &made, outer).unwrap_or_default(),
        }
    }

    fn object(
        &mut self,
        body: &'static Body,
        entries: impl Iterator<Item = Entry>,
        made: &Made,
        outer: Option<&Made>,
    ) -> Value {
        let mut object = Map::new();
        for entry in entries {
            if let Some(value) = self.item(body, entry.item, made, outer)
                && !(value.is_null() && object.contains_key(entry.key))
            {
                object.insert(entry.key.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn item(&mut self, body: &'static Body, item: Item, made: &Made, outer: Option<&Made>) -> Option<Value> {
        match item {
            Item::Field(index) => made.fields[usize::from(index)].clone(),
            Item::OuterField(index) => outer?.fields[usize::from(index)].clone(),
            Item::Data(index) => made.data[usize::from(index)].clone(),
            Item::OuterData(index) => outer?.data[usize::from(index)].clone(),
            Item::Group(index) => {
                let group = &body.groups[usize::from(index)];
                let count = self.random.below(4);
                Some((0..count).map(|_| self.body(&group.body, Some(made))).collect())
            }
            Item::First(index) => {
                let group = &body.groups[usize::from(index)];
                (!self.random.one_in(2)).then(|| self.body(&group.body, Some(made)))
            }
            Item::Object(entries) => {
                let object = self.object(body, entries.iter().copied(), made, outer);
                let has_any = object.as_object().unwrap().values().any(|value| !value.is_null());
                has_any.then_some(object)
            }
            Item::Text(text) => Some(json!(text)),
            Item::Truth(truth) => Some(json!(truth)),
            Item::Empty => Some(json!([])),
        }
    }

    fn absent(absent: Absent) -> Option<Value> {
        match absent {
            Absent::Null => Some(Value::Null),
            Absent::Omitted => None,
            Absent::Number(number) => Some(json!(number)),
            Absent::Text(text) => Some(json!(text)),
        }
    }

    fn field(&mut self, field: &Field) -> Option<Value> {
        if field.optional && self.random.one_in(3) {
            return Self::absent(field.absent);
        }
        let hidden_at = match field.hide {
            Hide::At(_) if self.random.one_in(2) => return None,
            Hide::At(value) => Some(value),
            _ => None,
        };
        Some(match field.kind {
            Kind::Integer { size, signed } => self.integer(size, signed),
            Kind::Float => {
                let number = f32::from_bits(u32::try_from(self.random.next() >> 32).unwrap());
                // What a percentage can be; the tables are checked with all there are.
                let small = f32::from(i16::try_from(self.random.below(60_000)).unwrap_or(-7)) / 100.0;
                let chosen = if self.purpose == For::Types || !number.is_finite() { small } else { number };
                json!(chosen.to_string())
            }
            Kind::Time => json!(100_000_000_000_000_i64 + i64::try_from(self.random.below(4 << 50)).unwrap()),
            Kind::Exponent => Value::Null,
            Kind::Decimal { wide, .. } => self.decimal(wide, hidden_at == Some(0)),
            Kind::Truth => json!(hidden_at == Some(0) || self.random.one_in(2)),
            Kind::Word(words) => loop {
                let (number, word) =
                    words.values[usize::try_from(self.random.below(64)).unwrap() % words.values.len()];
                if hidden_at != Some(u64::from(number)) {
                    break json!(word);
                }
            },
            Kind::Set(words) => {
                let known = words.values.iter().filter(|_| self.random.one_in(2));
                json!(known.map(|(_, word)| *word).collect::<Vec<_>>())
            }
        })
    }

    fn integer(&mut self, size: u8, signed: bool) -> Value {
        let bits = 8 * u32::from(size);
        let random = self.random.next() >> (64 - bits);
        if self.purpose == For::Types {
            return json!(random >> (if size == 8 { 33 } else { 1 }));
        }
        if !signed {
            let null = u64::MAX >> (64 - bits);
            return json!(if random == null { 0 } else { random });
        }
        let (least, most) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
        json!(match self.random.below(8) {
            0 => most,
            1 => least + 1,
            2 => 0,
            3 => -1,
            _ => (random.cast_signed() << (64 - bits) >> (64 - bits)).max(least + 1),
        })
    }

    fn decimal(&mut self, wide: bool, not_zero: bool) -> Value {
        let any = i128::from(self.random.next().cast_signed());
        let mantissa = match self.random.below(8) {
            0 => i128::from(i64::MAX),
            1 => i128::from(i64::MIN) + 1,
            2 => -1,
            3 if !not_zero => 0,
            // As much as a decimal of the model holds.
            4 if wide => (1 << 96) - 1,
            5 if wide => any << 32,
            _ => any.max(i128::from(i64::MIN) + 1),
        };
        json!(text_of(mantissa, self.scale))
    }

    fn text(&mut self) -> String {
        const LETTERS: [&str; 12] = ["A", "z", "0", "-", "_", ".", "\"", "\\", "\n", "é", "币", "🜚"];
        let length = 1 + self.random.below(12);
        (0..length).map(|_| LETTERS[usize::try_from(self.random.below(12)).unwrap()]).collect()
    }

    fn data(&mut self, data: &Data) -> Option<Value> {
        let Content::Message { of, .. } = data.content else {
            if data.optional && self.random.one_in(3) {
                return Self::absent(data.absent);
            }
            let empty = !data.optional && self.random.one_in(10);
            return Some(json!(if empty { String::new() } else { self.text() }));
        };
        // The model does not know this filter, and keeps it with its fields in their order.
        let is_known = |layout: &Layout| self.purpose == For::Tables || layout.name != "TPlusSellFilter";
        let fits = |layout: &&Layout| {
            of.iter().any(|kind| *kind == layout.kind || *kind == layout.name) && is_known(layout)
        };
        let candidates: Vec<&'static Layout> = self.schema.layouts.iter().filter(fits).collect();
        if candidates.is_empty() || (data.optional && self.random.one_in(3)) || self.depth > 1 {
            return Self::absent(data.absent);
        }
        let chosen = candidates[usize::try_from(self.random.next() >> 40).unwrap() % candidates.len()];
        self.depth += 1;
        let value = self.body(&chosen.body, None);
        self.depth -= 1;
        Some(value)
    }
}

/// A decimal with so many places.
pub(crate) fn text_of(mantissa: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if mantissa < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The value without fields that say nothing: null and no key mean the same there.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key, without_nulls(value)))
                .filter(|(_, value)| !value.is_null())
                .collect(),
        ),
        Value::Array(elements) => elements.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
