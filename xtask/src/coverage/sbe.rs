//! What the SBE part of the specification has of the schemas in the fact tables, and every difference to them.

use serde_json::Value;

use crate::codegen::sbe::{Body, Data, Field, FieldType, Group, Message, Schema, Style, Words};

/// How many messages the spec has of how many, and what is different.
pub(crate) struct Compared {
    pub(crate) has: usize,
    pub(crate) of: usize,
    pub(crate) differences: Vec<String>,
}

/// Compares a schema with its facts.
pub(crate) fn compare(schema: &Schema, facts: &Value) -> Compared {
    let mut compare = Compare { schema, differences: Vec::new() };
    let head = &facts["schema"];
    compare.same("schema", "id", &schema.id.to_string(), &head["id"].to_string());
    compare.same("schema", "version", &schema.version.to_string(), &head["version"].to_string());
    compare.same("schema", "package", &schema.package, text(head, "package"));
    for (key, words) in [("enums", &schema.enums), ("sets", &schema.sets)] {
        compare.words(&facts[key], words);
    }
    let messages = list(facts, "messages");
    let mut has = 0;
    for fact in messages {
        let name = text(fact, "name");
        match schema.messages().find(|message| message.name == name) {
            Some(message) => {
                has += 1;
                compare.message(message, fact);
            }
            None => compare.differences.push(format!("{name} is missing")),
        }
    }
    for message in schema.messages() {
        if !messages.iter().any(|fact| text(fact, "name") == message.name) {
            compare.differences.push(format!("{} is not in the schema", message.name));
        }
    }
    Compared { has, of: messages.len(), differences: compare.differences }
}

struct Compare<'s> {
    schema: &'s Schema,
    differences: Vec<String>,
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A value of the facts as text, empty where there is none.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Compare<'_> {
    fn same(&mut self, place: &str, what: &str, ours: &str, theirs: &str) {
        if ours != theirs {
            self.differences.push(format!("{place}: {what} is {ours:?}, and {theirs:?} in the schema"));
        }
    }

    fn words(&mut self, facts: &Value, ours: &[Words]) {
        for fact in facts.as_array().into_iter().flatten() {
            let name = text(fact, "name");
            // Two words of which every field of the kind is made.
            if name == "boolEnum" {
                continue;
            }
            let Some(words) = ours.iter().find(|words| words.name == name) else {
                self.differences.push(format!("{name} is missing"));
                continue;
            };
            let row = |number: String, name: &str, json: String, since: String| {
                format!("{number} {name} {json} {since}")
            };
            let theirs: Vec<String> = list(fact, "values")
                .iter()
                .map(|value| {
                    let since = shown(&value["since_version"]);
                    row(shown(&value["value"]), text(value, "name"), shown(&value["json_value"]), since)
                })
                .collect();
            let values: Vec<String> = words
                .values
                .iter()
                .map(|word| {
                    row(
                        word.number.to_string(),
                        &word.name,
                        word.json.clone().unwrap_or_default(),
                        version(word.since),
                    )
                })
                .collect();
            self.same(name, "the words", &values.join(", "), &theirs.join(", "));
            self.same(name, "the size", &format!("uint{}", words.size * 8), text(fact, "encoding_type"));
            self.same(name, "the version", &version(words.since), &shown(&fact["since_version"]));
        }
    }

    fn message(&mut self, message: &Message, fact: &Value) {
        let name = &message.name;
        self.same(name, "the template", &message.template.to_string(), &shown(&fact["template_id"]));
        self.same(name, "the version", &version(message.since), &shown(&fact["since_version"]));
        let theirs: Vec<String> = list(fact, "response_for").iter().map(shown).collect();
        self.same(name, "what it answers", &message.answers.join(" "), &theirs.join(" "));
        self.body(name, &message.body, fact);
    }

    fn body(&mut self, place: &str, body: &Body, fact: &Value) {
        self.same(place, "the block", &body.block_length.to_string(), &shown(&fact["block_length"]));
        let names = |rows: &[Value]| {
            rows.iter().map(|row| text(row, "name").to_owned()).collect::<Vec<_>>().join(" ")
        };
        let ours: Vec<&str> = body.fields.iter().map(|field| field.style.name.as_str()).collect();
        self.same(place, "the fields", &ours.join(" "), &names(list(fact, "fields")));
        let ours: Vec<&str> = body.groups.iter().map(|group| group.style.name.as_str()).collect();
        self.same(place, "the groups", &ours.join(" "), &names(list(fact, "groups")));
        let ours: Vec<&str> = body.data.iter().map(|data| data.style.name.as_str()).collect();
        self.same(place, "the data", &ours.join(" "), &names(list(fact, "var_data")));
        for (field, fact) in body.fields.iter().zip(list(fact, "fields")) {
            self.field(&format!("{place}.{}", field.style.name), field, fact);
        }
        for (group, fact) in body.groups.iter().zip(list(fact, "groups")) {
            self.group(&format!("{place}.{}", group.style.name), group, fact);
        }
        for (data, fact) in body.data.iter().zip(list(fact, "var_data")) {
            self.data(&format!("{place}.{}", data.style.name), data, fact);
        }
    }

    fn style(&mut self, place: &str, style: &Style, fact: &Value) {
        self.same(place, "the path", style.path.as_deref().unwrap_or_default(), &shown(&fact["json_path"]));
        let default = style.default.as_deref().unwrap_or_default();
        self.same(place, "the default", default, &shown(&fact["json_default_value"]));
        let has_default = !fact["json_default_value"].is_null();
        self.same(
            place,
            "whether there is a default",
            &style.default.is_some().to_string(),
            &has_default.to_string(),
        );
        self.same(place, "the version", &version(style.since), &shown(&fact["since_version"]));
    }

    fn field(&mut self, place: &str, field: &Field, fact: &Value) {
        self.style(place, &field.style, fact);
        let presence = match (field.offset, field.optional) {
            (None, _) => "constant",
            (_, true) => "optional",
            (_, false) => "required",
        };
        self.same(place, "the presence", presence, text(fact, "presence"));
        let offset = field.offset.map(|offset| offset.to_string()).unwrap_or_default();
        self.same(place, "the offset", &offset, &shown(&fact["offset"]));
        if field.offset.is_some() {
            let size = field.kind.size(self.schema).to_string();
            self.same(place, "the size", &size, &shown(&fact["size"]));
        }
        let theirs = text(fact, "type");
        let (ours, exponent) = match &field.kind {
            FieldType::Integer { size, signed } => {
                // Names of identifiers stand for integers.
                let sized = format!("{}int{}", if *signed { "" } else { "u" }, size * 8);
                (if theirs.ends_with("Id") { theirs.to_owned() } else { sized }, "")
            }
            FieldType::Float => ("float".to_owned(), ""),
            FieldType::Time => ("utcTimestampUs".to_owned(), ""),
            FieldType::Exponent => ("exponent8".to_owned(), ""),
            FieldType::Truth => ("boolEnum".to_owned(), ""),
            FieldType::Word(name) | FieldType::Set(name) => (name.clone(), ""),
            FieldType::Decimal { wide: false, exponent } => ("mantissa64".to_owned(), exponent.as_str()),
            FieldType::Decimal { wide: true, exponent } => ("mantissa128".to_owned(), exponent.as_str()),
        };
        self.same(place, "the type", &ours, theirs);
        self.same(place, "the exponent", exponent, text(fact, "exponent"));
        let value = text(fact, "value_ref").split('.').next_back().unwrap_or_default().to_owned();
        self.same(place, "the constant", field.style.constant.as_deref().unwrap_or_default(), &value);
    }

    fn group(&mut self, place: &str, group: &Group, fact: &Value) {
        self.style(place, &group.style, fact);
        let dimension = if group.count_size == 2 { "groupSize16Encoding" } else { "groupSizeEncoding" };
        self.same(place, "the count", dimension, text(fact, "dimension_type"));
        let omitted = if group.omit_null { "true" } else { "" };
        self.same(place, "whether an empty one is left out", omitted, text(fact, "json_omit_null"));
        self.body(place, &group.body, fact);
    }

    fn data(&mut self, place: &str, data: &Data, fact: &Value) {
        self.style(place, &data.style, fact);
        let mut name = match (data.is_message, data.length_size) {
            (true, 1) => "messageData8",
            (true, 2) => "messageData16",
            (true, _) => "messageData",
            (false, 1) => "varString8",
            (false, _) => "varString",
        }
        .to_owned();
        if data.optional {
            let first = name.remove(0).to_ascii_uppercase();
            name = format!("optional{first}{name}");
        }
        self.same(place, "the type", &name, text(fact, "type"));
        for inner in list(fact, "contains_one_of").iter().filter_map(Value::as_str) {
            if !data.of.iter().any(|of| of == inner) {
                self.differences.push(format!("{place}: {inner} can stand there"));
            }
        }
    }
}

fn version(since: u16) -> String {
    if since == 0 { String::new() } else { since.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_named() {
        let schema = Schema { id: 3, version: 5, package: "p".to_owned(), ..Schema::default() };
        let facts = json!({"schema": {"id": 3, "version": 6, "package": "p"}, "messages": [{"name": "New"}]});
        let compared = compare(&schema, &facts);
        assert_eq!((compared.has, compared.of), (0, 1));
        assert_eq!(
            compared.differences,
            ["schema: version is \"5\", and \"6\" in the schema", "New is missing"]
        );
    }
}
