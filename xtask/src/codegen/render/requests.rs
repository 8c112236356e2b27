//! Requests, and the values that their parameters are made of.

use std::fmt::Write as _;

use super::super::lines::{Field, Presence, TypeExpression};
use super::super::spec::{Alternatives, Part, Product, Request, Security};
use super::super::weight::{Weight, WeightCase};
use super::doc;
use crate::deps::Outcome;

/// Types that are made from text.
const TEXTS: [&str; 4] = ["Asset", "ClientOrderId", "String", "Symbol"];

/// Parameters of which one is given.
pub(super) fn alternatives(out: &mut String, name: &str, spec: &Alternatives) {
    doc(out, &spec.doc);
    let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq, Eq)]\npub enum {name} {{");
    for variant in &spec.variants {
        doc(out, &variant.doc);
        let _ = writeln!(out, "{}({}),", variant.name, variant.shape.rust());
    }
    out.push_str("}\n\n");
    let count = spec.variants.len();
    let _ = writeln!(
        out,
        "impl {name} {{\n\
         pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; {count}]) {{\n\
         match self {{"
    );
    for (index, variant) in spec.variants.iter().enumerate() {
        let _ =
            writeln!(out, "Self::{}(value) => Param::write(value, names[{index}], params),", variant.name);
    }
    out.push_str("}\n}\n");
    let has_list = spec.variants.iter().any(|variant| matches!(variant.shape, TypeExpression::List(_)));
    if has_list {
        out.push_str("\n/// How many there are.\npub fn count(&self) -> u32 {\nmatch self {\n");
        for variant in &spec.variants {
            let _ = match variant.shape {
                TypeExpression::List(_) => writeln!(
                    out,
                    "Self::{}(values) => u32::try_from(values.len()).unwrap_or(u32::MAX),",
                    variant.name
                ),
                _ => writeln!(out, "Self::{}(_) => 1,", variant.name),
            };
        }
        out.push_str("}\n}\n");
    }
    out.push_str("}\n\n");
    for variant in &spec.variants {
        let _ = writeln!(
            out,
            "impl From<{0}> for {name} {{\nfn from(value: {0}) -> Self {{ Self::{1}(value) }}\n}}\n",
            variant.shape.rust(),
            variant.name
        );
    }
}

/// Parameters that occur under several prefixes.
pub(super) fn part(out: &mut String, product: &Product, name: &str, spec: &Part) {
    declare(out, product, &spec.doc, name, &spec.params, ("part", "pub"));
    let count = spec.params.len();
    let _ = writeln!(
        out,
        "impl {name} {{\n\
         pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; {count}]) {{"
    );
    for (index, param) in spec.params.iter().enumerate() {
        let _ = writeln!(out, "Param::write(&self.{}, names[{index}], params);", param.name);
    }
    out.push_str("}\n}\n\n");
}

fn is_text(shape: &TypeExpression) -> bool {
    shape.name().is_some_and(|name| TEXTS.contains(&name))
}

/// The argument that sets a parameter, and the expression that makes its value.
fn argument(product: &Product, param: &Field) -> (String, String) {
    let name = &param.name;
    let by_conversion = is_text(&param.shape)
        || param.shape.name().is_some_and(|of_type| product.alternatives_named(of_type).is_some());
    match &param.shape {
        TypeExpression::List(inner)
            if is_text(inner)
                || inner.name().is_some_and(|of_type| product.enum_named(of_type).is_some()) =>
        {
            (
                format!("{name}: impl IntoIterator<Item = impl Into<{}>>", inner.rust()),
                format!("{name}.into_iter().map(Into::into).collect()"),
            )
        }
        shape if shape.name() == Some("Decimal") => {
            let number = format!("unreadable.number({:?}, {name})", param.wire);
            let value = match param.presence {
                Presence::Required => format!("{number}.unwrap_or_default()"),
                _ => number,
            };
            (format!("{name}: impl IntoDecimal"), value)
        }
        shape if by_conversion => (format!("{name}: impl Into<{}>", shape.rust()), format!("{name}.into()")),
        shape => (format!("{name}: {}", shape.rust()), name.clone()),
    }
}

/// Whether a parameter can be set from text that is no number.
fn is_decimal(param: &Field) -> bool {
    param.shape.name() == Some("Decimal")
}

/// The struct, what makes it (with its visibility), and what sets the optional parameters.
fn declare(
    out: &mut String,
    product: &Product,
    text: &str,
    name: &str,
    params: &[Field],
    (kind, visibility): (&str, &str),
) {
    let required: Vec<&Field> = params.iter().filter(|param| param.presence == Presence::Required).collect();
    doc(out, text);
    let default = if required.is_empty() { ", Default" } else { "" };
    let _ =
        writeln!(out, "#[derive(Debug, Clone, PartialEq{default})]\n#[non_exhaustive]\npub struct {name} {{");
    for param in params {
        doc(out, &param.doc);
        let _ = writeln!(out, "pub {}: {},", param.name, param.rust());
    }
    let has_decimals = params.iter().any(is_decimal);
    if has_decimals {
        out.push_str(
            "/// Text that was given for a number and is none.\npub(crate) unreadable: Unreadable,\n",
        );
    }
    let _ = writeln!(out, "}}\n\nimpl {name} {{\n/// Creates the {kind} with its required parameters.");
    if required.len() > 7 {
        out.push_str(
            "#[expect(clippy::too_many_arguments, reason = \"all of them are required; there are shortcuts beside\")]\n",
        );
    }
    if required.is_empty() {
        let _ = writeln!(out, "{visibility} fn new() -> Self {{ Self::default() }}");
    } else {
        let arguments: Vec<(String, String)> =
            required.iter().map(|param| argument(product, param)).collect();
        let list: Vec<&str> = arguments.iter().map(|(argument, _)| argument.as_str()).collect();
        let _ = writeln!(out, "{visibility} fn new({}) -> Self {{", list.join(", "));
        if required.iter().any(|param| is_decimal(param)) {
            out.push_str("let mut unreadable = Unreadable::default();\n");
        } else if has_decimals {
            out.push_str("let unreadable = Unreadable::default();\n");
        }
        out.push_str("Self {\n");
        for param in params {
            let value = match param.presence {
                Presence::Required => argument(product, param).1,
                _ => "None".to_owned(),
            };
            let _ = if value == param.name {
                writeln!(out, "{value},")
            } else {
                writeln!(out, "{}: {value},", param.name)
            };
        }
        if has_decimals {
            out.push_str("unreadable,\n");
        }
        out.push_str("}\n}\n");
    }
    for param in params.iter().filter(|param| param.presence != Presence::Required) {
        let (list, value) = argument(product, param);
        out.push('\n');
        doc(out, &param.doc);
        let value = if is_decimal(param) { format!("self.{value}") } else { format!("Some({value})") };
        let _ = writeln!(
            out,
            "#[must_use]\npub fn {0}(mut self, {list}) -> Self {{\nself.{0} = {value};\nself\n}}",
            param.name
        );
    }
    out.push_str("}\n\n");
}

/// A request.
///
/// # Errors
///
/// If its weight cannot be rendered.
pub(super) fn request(out: &mut String, product: &Product, name: &str, spec: &Request) -> Outcome<()> {
    let text = format!("{}\n\n{}", spec.doc.trim(), facts(spec));
    let visibility = if spec.builder { "pub(crate)" } else { "pub" };
    declare(out, product, &text, name, &spec.params, ("request", visibility));
    let api = product.head.api().variant;
    let security = match spec.security {
        Security::None => "None",
        Security::ApiKey => "ApiKey",
        Security::Signed => "Signed",
    };
    let _ = writeln!(
        out,
        "impl Request for {name} {{\ntype Response = {};\n\n\
         fn api(&self) -> Api {{ Api::{api} }}\n\n\
         fn security(&self) -> Security {{ Security::{security} }}\n\n\
         fn cost(&self) -> Cost {{ {} }}\n",
        spec.response.rust(),
        cost(product, spec).map_err(|error| format!("{name}: {error}"))?
    );
    let _ = writeln!(out, "fn is_query(&self) -> bool {{ {} }}\n", spec.query);
    let params = if spec.params.is_empty() { "_" } else { "params" };
    let _ = writeln!(out, "fn write(&self, {params}: &mut ParamWriter) {{");
    for param in &spec.params {
        write(out, product, param)?;
    }
    out.push_str("}\n");
    let checks = checks(product, spec);
    if !checks.is_empty() {
        let (last, before) = checks.split_last().ok_or("no check")?;
        out.push_str("\nfn check(&self) -> Result<(), InvalidRequest> {\n");
        for check in before {
            let _ = writeln!(out, "{check}?;");
        }
        let _ = writeln!(out, "{last}\n}}");
    }
    out.push_str("}\n\n");
    if let Some((method, path)) = &spec.rest {
        let method =
            method.chars().take(1).chain(method.to_ascii_lowercase().chars().skip(1)).collect::<String>();
        let _ = writeln!(
            out,
            "impl RestRequest for {name} {{\nfn method(&self) -> HttpMethod {{ HttpMethod::{method} }}\n\n\
             fn path(&self) -> Cow<'static, str> {{ Cow::Borrowed({path:?}) }}\n}}\n"
        );
    }
    if let Some(method) = &spec.ws {
        let _ = writeln!(
            out,
            "impl WsRequest for {name} {{\ntype Product = product::{};\n\n\
             fn ws_method(&self) -> Cow<'static, str> {{ Cow::Borrowed({method:?}) }}\n}}\n",
            product.head.api().marker
        );
    }
    Ok(())
}

/// Where it goes and what it costs, for the documentation.
fn facts(spec: &Request) -> String {
    let mut facts = String::new();
    if let Some((method, path)) = &spec.rest {
        let _ = write!(facts, "REST: `{method} {path}`. ");
    }
    if let Some(method) = &spec.ws {
        let _ = write!(facts, "WebSocket API: `{method}`. ");
    }
    let security = match spec.security {
        Security::None => "none",
        Security::ApiKey => "an API key",
        Security::Signed => "a signature",
    };
    let _ = write!(facts, "Security: {security}. {}", spec.cost.describe());
    facts
}

fn write(out: &mut String, product: &Product, param: &Field) -> Outcome<()> {
    let name = &param.name;
    let of_type = param.shape.name().unwrap_or_default();
    let statement = |value: &str| -> Outcome<String> {
        if let Some(prefix) = param.wire.strip_suffix('*') {
            if product.request_named(of_type).is_some() {
                return Ok(format!("Request::write({value}, params);"));
            }
            let part = product.part_named(of_type).ok_or("no such part")?;
            let names: Vec<String> =
                part.params.iter().map(|param| format!("{prefix}{}", param.wire)).collect();
            return Ok(format!("{}.write_as(params, {names:?});", value.trim_start_matches('&')));
        }
        let names: Vec<&str> = param.wire.split('|').collect();
        Ok(format!("{}.write_as(params, {names:?});", value.trim_start_matches('&')))
    };
    let is_compound = param.wire.contains('*') || product.alternatives_named(of_type).is_some();
    let _ = match (is_compound, param.presence) {
        (false, _) => writeln!(out, "Param::write(&self.{name}, {:?}, params);", param.wire),
        (true, Presence::Required) => writeln!(out, "{}", statement(&format!("&self.{name}"))?),
        (true, _) => writeln!(out, "if let Some(given) = &self.{name} {{ {} }}", statement("given")?),
    };
    Ok(())
}

fn checks(product: &Product, spec: &Request) -> Vec<String> {
    let mut checks = Vec::new();
    if spec.params.iter().any(is_decimal) {
        checks.push("self.unreadable.check(\"\")".to_owned());
    }
    for param in &spec.params {
        let part = param.shape.name().and_then(|of_type| product.part_named(of_type));
        if let Some(prefix) = param.wire.strip_suffix('*')
            && part.is_some_and(|part| part.params.iter().any(is_decimal))
        {
            checks.push(match param.presence {
                Presence::Required => format!("self.{}.unreadable.check({prefix:?})", param.name),
                _ => format!(
                    "self.{}.as_ref().map_or(Ok(()), |part| part.unreadable.check({prefix:?}))",
                    param.name
                ),
            });
        }
        if let Some((least, most)) = &param.range {
            let value = match param.presence {
                Presence::Required => format!("Some(self.{})", param.name),
                _ => format!("self.{}", param.name),
            };
            checks.push(format!("support::in_range({:?}, {value}, {least}, {most})", param.wire));
        }
        let is_request = param.shape.name().is_some_and(|of_type| product.request_named(of_type).is_some());
        if param.wire.contains('*') && is_request {
            checks.push(format!("self.{}.check()", param.name));
        }
    }
    if spec.check {
        checks.push("self.check_rules()".to_owned());
    }
    checks
}

/// What the request costs, as an expression.
fn cost(product: &Product, spec: &Request) -> Outcome<String> {
    let render = |rule: &Weight| weight(product, spec, rule);
    let mut cost = match &spec.cost.ip {
        Some(rule) if *rule != Weight::Fixed(0) => format!("Cost::ip({})", render(rule)?),
        _ => "Cost::FREE".to_owned(),
    };
    if let Some(rule) = &spec.cost.uid {
        let _ = write!(cost, ".with_uid({})", render(rule)?);
    }
    if let Some(rule) = &spec.cost.orders {
        let _ = write!(cost, ".with_orders({})", render(rule)?);
    }
    if let Some((name, rule)) = &spec.cost.pool {
        let pool = product.head.pools.get(name).ok_or_else(|| format!("there is no pool `{name}`"))?;
        let _ = write!(
            cost,
            ".with_pool(Pool {{ name: {name:?}, limit: {}, window: Duration::from_secs({}), per_account: {} }}, {})",
            pool.limit,
            pool.seconds,
            pool.per_account,
            render(rule)?
        );
    }
    Ok(cost)
}

fn weight(product: &Product, spec: &Request, rule: &Weight) -> Outcome<String> {
    let (param, cases) = match rule {
        Weight::Fixed(weight) => return Ok(weight.to_string()),
        Weight::Per { param, each, most } => {
            let found = spec.params.iter().find(|found| found.name == *param).ok_or("no parameter")?;
            let each = format!("count().saturating_mul({each}).min({most})");
            return Ok(match found.presence {
                Presence::Required => format!("self.{param}.{each}"),
                _ => format!("self.{param}.as_ref().map_or({most}, |given| given.{each})"),
            });
        }
        Weight::By { param, cases } => (param, cases),
    };
    let found = spec.params.iter().find(|found| found.name == *param).ok_or("no parameter")?;
    let is_optional = found.presence == Presence::Optional;
    let of_type = found.shape.name().unwrap_or_default();
    let counted = product.alternatives_named(of_type).is_some();
    let any = cases
        .iter()
        .find_map(|(case, weight)| (*case == WeightCase::Any).then_some(*weight))
        .ok_or("no `*`")?;
    let none = cases.iter().find_map(|(case, weight)| (*case == WeightCase::None).then_some(*weight));
    if none.is_some() != is_optional {
        return Err("`none` goes with an optional parameter".into());
    }
    let some = |pattern: String| if is_optional { format!("Some({pattern})") } else { pattern };
    let mut arms: Vec<(String, Option<String>, u32)> = Vec::new();
    for (case, weight) in cases {
        match case {
            WeightCase::None | WeightCase::Any => {}
            WeightCase::True => arms.push((some("true".to_owned()), None, *weight)),
            WeightCase::Variant(variant) => {
                arms.push((some(format!("{of_type}::{variant}(_)")), None, *weight));
            }
            WeightCase::UpTo(most) if counted => {
                arms.push((some("given".to_owned()), Some(format!("given.count() <= {most}")), *weight));
            }
            WeightCase::UpTo(most) => arms.push((some(format!("..={most}")), None, *weight)),
        }
    }
    // Without the parameter: in the arm of the same weight, left to the last arm, or in one of its own.
    let mut rest = "_".to_owned();
    if let Some(none) = none.filter(|none| *none != any) {
        match arms.iter_mut().find(|(_, guard, weight)| guard.is_none() && *weight == none) {
            Some((pattern, _, _)) => pattern.insert_str(0, "None | "),
            None => arms.insert(0, ("None".to_owned(), None, none)),
        }
        "Some(_)".clone_into(&mut rest);
    }
    if let Some(alternatives) = product.alternatives_named(of_type).filter(|_| !is_optional) {
        let has_case =
            |name: &str| cases.iter().any(|(case, _)| *case == WeightCase::Variant(name.to_owned()));
        let left: Vec<&str> = alternatives
            .variants
            .iter()
            .map(|variant| variant.name.as_str())
            .filter(|name| !has_case(name))
            .collect();
        if let [last] = left.as_slice() {
            rest = format!("{of_type}::{last}(_)");
        }
    }
    let reference = if counted { "&" } else { "" };
    let mut text = format!("match {reference}self.{param} {{");
    for (pattern, guard, weight) in arms {
        let guard = guard.map_or_else(String::new, |guard| format!(" if {guard}"));
        let _ = write!(text, "{pattern}{guard} => {weight},");
    }
    let _ = write!(text, "{rest} => {any} }}");
    Ok(text)
}
