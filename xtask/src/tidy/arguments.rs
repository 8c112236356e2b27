//! No public function with two neighbouring parameters of the same type where a swap would trade something else: a price in the
//! place of a quantity compiles, passes every check and reaches the exchange. Such values have setters with names.

use super::{Findings, floats, sources};

/// Where the functions are that users call. The program and the test tools have no users of their functions.
const PLACES: &[&str] = &["crates/"];
const NOT_CALLED_BY_USERS: &[&str] = &["crates/bench/", "crates/cli/", "crates/fuzz/"];

/// Types of amounts, orders and identities.
const TYPES: &[&str] = &[
    "Asset",
    "ClientOrderId",
    "Decimal",
    "IntoDecimal",
    "OrderId",
    "OrderKey",
    "OrderLeg",
    "OrderListId",
    "OrderListKey",
    "Symbol",
    "TradeId",
];

/// Functions that may, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/sim/src/engine/symbol.rs", "max_quantity", "a rule of the embedded exchange, not an order"),
    ("crates/sim/src/engine/symbol.rs", "percent_price", "a rule of the embedded exchange, not an order"),
    (
        "crates/sim/src/engine/symbol.rs",
        "percent_price_by_side",
        "a rule of the embedded exchange, not an order",
    ),
    ("crates/sim/src/engine/symbol.rs", "price_range", "a rule of the embedded exchange, not an order"),
];

/// Reports such functions of all files.
pub(super) fn check<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, findings: &mut Findings) {
    let mut used = vec![false; EXCEPTIONS.len()];
    for (path, text) in files {
        let is_public = PLACES.iter().any(|place| path.starts_with(place))
            && path.contains("/src/")
            && !NOT_CALLED_BY_USERS.iter().any(|place| path.starts_with(place));
        if is_public && sources::has_extension(path, "rs") {
            check_file(path, text, &mut used, findings);
        }
    }
    for ((path, name, _), _) in EXCEPTIONS.iter().zip(used).filter(|(_, used)| !used) {
        findings.fail(path, &format!("`{name}` is an exception in tidy/arguments.rs that is not needed"));
    }
}

fn check_file(path: &str, text: &str, used: &mut [bool], findings: &mut Findings) {
    let code = floats::code_of(text);
    for (at, _) in code.match_indices("pub ") {
        let rest = code.get(at + 4..).unwrap_or_default();
        let Some((name, parameters)) = function(rest) else { continue };
        let parameters = split(parameters);
        let swapped = parameters.windows(2).find(|pair| match pair {
            [(_, first), (_, second)] => first == second && is_watched(first),
            _ => false,
        });
        let Some([(first, of_type), (second, _)]) = swapped else { continue };
        let exception = EXCEPTIONS.iter().position(|(file, function, _)| *file == path && *function == name);
        if let Some(used) = exception.and_then(|exception| used.get_mut(exception)) {
            *used = true;
            continue;
        }
        let line = code.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
        findings.fail(
            &format!("{path}:{line}"),
            &format!(
                "`{first}` and `{second}` of `{name}` are neighbours of the type `{of_type}` and can be swapped; \
                 make them setters or fields with names"
            ),
        );
    }
}

/// The name and the parameters of the function that `code` begins with.
fn function(code: &str) -> Option<(&str, &str)> {
    let mut rest = code;
    for word in ["const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    let end = rest.find(|character: char| !(character.is_alphanumeric() || character == '_'))?;
    let (name, rest) = rest.split_at_checked(end)?;
    let (generics, _) = if rest.starts_with('<') { enclosed(rest)? } else { ("", "") };
    let behind = if rest.starts_with('<') { rest.get(generics.len() + 2..)? } else { rest };
    behind.starts_with('(').then(|| enclosed(behind)).flatten().map(|(parameters, _)| (name, parameters))
}

/// What the bracket encloses that `code` begins with, and what is behind it.
fn enclosed(code: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        before = character;
        if depth == 0 {
            return Some((code.get(1..at)?, code.get(at + 1..)?));
        }
    }
    None
}

/// Names and types of parameters, without spaces and lifetimes; `self` has none.
fn split(parameters: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let (mut depth, mut begin, mut before) = (0_usize, 0, ' ');
    for (at, character) in parameters.char_indices().chain([(parameters.len(), ',')]) {
        match character {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let parameter = parameters.get(begin..at).unwrap_or_default();
                if let Some((name, of_type)) = parameter.split_once(':') {
                    found.push((name.trim(), of_type.split_whitespace().collect::<Vec<_>>().join(" ")));
                }
                begin = at + 1;
            }
            _ => {}
        }
        before = character;
    }
    found
}

fn is_watched(of_type: &str) -> bool {
    of_type
        .split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .any(|word| TYPES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check_file("crates/model/src/a.rs", code, &mut [false; EXCEPTIONS.len()], &mut findings);
        findings.failures
    }

    #[test]
    fn parameters_that_can_be_swapped_are_found() {
        for code in [
            "pub fn new(quantity: Decimal, price: Decimal) {}",
            "pub fn limit(side: OrderSide, quantity: impl IntoDecimal, price: impl IntoDecimal) -> Self {}",
            "    pub const fn new(\n        price: Decimal,\n        quantity: Decimal,\n    ) -> Self {",
            "pub async fn send<T: Into<A>>(&self, from: Option<Decimal>, to: Option<Decimal>) {}",
            "pub fn oco(side: OrderSide, above: OrderLeg, below: OrderLeg) {}",
            "pub fn assets(base: impl Into<Asset>, quote: impl Into<Asset>) {}",
            "pub fn new(each: impl Fn(u64) -> u64, bid: Decimal, ask: Decimal) {}",
        ] {
            assert_eq!(found(code).len(), 1, "{code}");
        }
        assert!(
            found("\npub fn f(a: Decimal, b: Decimal) {}")[0]
                .starts_with("crates/model/src/a.rs:2: `a` and `b`")
        );
    }

    #[test]
    fn what_cannot_be_swapped_passes() {
        for code in [
            "pub fn quantity(mut self, quantity: Decimal) -> Self {}",
            "pub fn new(symbol: impl Into<Symbol>, side: OrderSide, quantity: Decimal) {}",
            "pub fn new(price: Decimal, side: OrderSide, quantity: Decimal) {}",
            "fn inner(price: Decimal, quantity: Decimal) {}",
            "pub(crate) fn inner(price: Decimal, quantity: Decimal) {}",
            "// pub fn new(price: Decimal, quantity: Decimal) {}",
            "let text = \"pub fn new(price: Decimal, quantity: Decimal)\";",
            "pub fn pairs<T>(&mut self, list: &mut Vec<T>, pair: impl Fn(Decimal, Decimal) -> T) {}",
            "pub fn wait(count: usize, bytes: usize) {}",
        ] {
            assert_eq!(found(code), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn an_exception_that_is_not_needed_is_reported() {
        let mut findings = Findings::default();
        check([("crates/cli/src/a.rs", "pub fn f(a: Decimal, b: Decimal) {}")], &mut findings);
        assert_eq!(findings.failures.len(), EXCEPTIONS.len());
    }
}
