//! Types, enums and streams of a product that are those of another one, with a few differences (`extends`).

use super::super::lines;
use super::super::spec::{Enum, Product, Stream, Type, TypeKind};
use super::super::stream::{Cadence, RecordRule};
use super::{Groups, RawEnum, RawStream, RawType, in_order, other_order};
use crate::deps::Outcome;

/// What is extended, where the spec says `extends`.
pub(super) fn base<'a, T>(
    extends: Option<&str>,
    product: Option<&'a Product>,
    find: impl Fn(&'a Product) -> Option<&'a T>,
) -> Outcome<Option<&'a T>> {
    let Some(extends) = extends else { return Ok(None) };
    let product = product.filter(|product| product.name == extends);
    let product = product.ok_or_else(|| format!("`{extends}` is not what `product.toml` extends"))?;
    find(product).map(Some).ok_or_else(|| format!("`{extends}` has nothing of this name").into())
}

/// An enum, with the values of the one it extends before its own.
pub(super) fn enumeration(name: &str, spec: RawEnum, product: Option<&Product>) -> Outcome<Enum> {
    let own = lines::enum_values(&spec.values)?;
    let Some(base) = base(spec.extends.as_deref(), product, |product| product.enum_named(name))? else {
        if spec.doc.is_empty() || own.is_empty() {
            return Err("an enum has `doc` and `values`".into());
        }
        return Ok(Enum { doc: spec.doc, table: spec.table, name_part: spec.name_part, values: own });
    };
    let mut extended = Enum { table: spec.table, ..base.clone() };
    if !spec.doc.is_empty() {
        extended.doc = spec.doc;
    }
    for value in own {
        match extended.values.iter_mut().find(|known| known.word == value.word) {
            Some(known) => *known = value,
            None => extended.values.push(value),
        }
    }
    Ok(extended)
}

/// A type: its rows replace those of the same wire name, others are added at the end; `order` puts all in their order.
pub(super) fn type_of(spec: &RawType, base: &Type, groups: &Groups) -> Outcome<Type> {
    let other_parts = [&spec.tuple, &spec.choice, &spec.tagged, &spec.tag];
    let (TypeKind::Struct { fields, known_by }, true) =
        (&base.kind, other_parts.iter().all(|part| part.is_none()))
    else {
        return Err("`extends` goes with `fields`".into());
    };
    let mut fields = fields.clone();
    for field in lines::fields(spec.fields.as_deref().unwrap_or_default(), groups)? {
        match fields.iter_mut().find(|known| known.wire == field.wire) {
            Some(known) => *known = field,
            None => fields.push(field),
        }
    }
    if let Some(order) = &spec.order {
        fields = in_order(order, &fields)?;
    }
    let kind = TypeKind::Struct { fields, known_by: spec.known_by.clone().or_else(|| known_by.clone()) };
    let sequence = match &spec.sequence {
        Some(line) => Some(lines::sequence(line, &kind)?),
        None => base.sequence.clone(),
    };
    let doc = if spec.doc.is_empty() { &base.doc } else { &spec.doc };
    Ok(Type { doc: doc.clone(), other_order: other_order(spec, &kind)?, kind, sequence })
}

/// A stream: what is not given is that of the other.
pub(super) fn stream(spec: &RawStream, base: &Stream) -> Outcome<Stream> {
    let mut stream = Stream { route: spec.route.clone(), ..base.clone() };
    if !spec.doc.is_empty() {
        stream.doc.clone_from(&spec.doc);
    }
    if !spec.name.is_empty() {
        stream.name.clone_from(&spec.name);
    }
    if !spec.event.is_empty() {
        stream.event = lines::TypeExpression::parse(&spec.event)?;
    }
    if spec.cadence.is_some() {
        stream.cadence = Cadence::parse(spec.cadence.as_deref())?;
    }
    if let Some(record) = &spec.record {
        stream.record = Some(RecordRule::parse(record)?);
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::super::super::lines::Presence;
    use super::super::from_texts;
    use super::*;

    const BASE: &str = r#"
doc = "A product."

[enums.Kind]
doc = "A kind."
values = "A One."

[types.TradeEvent]
doc = "A trade."
sequence = "id t"
fields = """
e  =         trade
t  trade_id  TradeId  The id.
p  pair      Symbol?  The pair.
k  kind      Kind     The kind.
"""

[streams.trade]
doc = "Trades."
name = "<symbol>@trade"
event = "TradeEvent"
route = "market"
cadence = "100ms"
"#;

    fn twin(text: &str) -> Outcome<Product> {
        let head = |api: &str, more: &str| {
            ("product".to_owned(), format!("doc = \"A product.\"\napi = \"{api}\"\n{more}"))
        };
        let base = from_texts("usdm", vec![("a".to_owned(), BASE.to_owned()), head("usdm", "")], None)?;
        let texts = vec![("a".to_owned(), text.to_owned()), head("coinm", "extends = \"usdm\"")];
        from_texts("coinm", texts, Some(&base))
    }

    #[test]
    fn a_type_is_that_of_the_other_product_with_its_differences() {
        let product = twin(
            r#"
doc = "A twin."
[enums.Kind]
extends = "usdm"
values = "B Two."
[types.TradeEvent]
extends = "usdm"
order = "t e p x k"
fields = """
p  pair      Symbol   The pair, always.
x  quantity  Decimal  The quantity.
"""
[streams.trade]
extends = "usdm"
"#,
        )
        .unwrap();
        let trade = product.type_named("TradeEvent").unwrap();
        let TypeKind::Struct { fields, .. } = &trade.kind else { panic!("{trade:?}") };
        let rows: Vec<_> = fields.iter().map(|field| (field.wire.as_str(), field.presence)).collect();
        assert_eq!(
            rows,
            ["t", "e", "p", "x", "k"].map(|wire| (wire, Presence::Required)),
            "the pair is no longer optional"
        );
        assert_eq!(trade.doc, "A trade.");
        assert!(trade.sequence.is_some());
        let kind = product.enum_named("Kind").unwrap();
        assert_eq!(kind.values.iter().map(|value| value.word.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        let stream = product.stream_named("trade").unwrap();
        assert_eq!((stream.cadence.clone(), stream.route.as_deref()), (Cadence::Every(100), None));
    }

    #[test]
    fn what_cannot_be_extended_is_refused() {
        for (text, expected) in [
            ("[types.TradeEvent]\nextends = \"spot\"", "`spot` is not what"),
            ("[types.Other]\nextends = \"usdm\"", "`usdm` has nothing of this name"),
            ("[types.TradeEvent]\nextends = \"usdm\"\norder = \"e t\"", "must have each field once"),
            ("[types.TradeEvent]\nextends = \"usdm\"\ntuple = \"0 a u32 A.\"", "goes with `fields`"),
        ] {
            let error = twin(&format!("doc = \"A twin.\"\n{text}")).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
