//! Finds what can be changed in a source file: each candidate is a place, and what stands there instead.
//!
//! Not changed: generated code, test code, `Debug` and `Display`, what is inside macros (log lines, assertions), text, and
//! whatever must be constant (`const` functions, constants, array lengths, patterns).

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::Span;
use serde::{Deserialize, Serialize};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Lit, Pat, ReturnType, Signature, Stmt, Type};

/// How the text of a candidate is written around the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// This expression instead of the original.
    Instead(String),
    /// A condition is reversed.
    Negate,
    /// The body of a function is left at once, with this value. The span is empty.
    Return(String),
    /// A statement is left out.
    Unless,
    /// An arm of a `match` without a guard never matches. The span is empty.
    NewGuard,
    /// An arm of a `match` with a guard never matches.
    InGuard,
}

/// A change that can be switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) name: Name,
    pub(crate) line: usize,
    pub(crate) span: Range<usize>,
    pub(crate) form: Form,
}

/// What a candidate is known by. It has no line, so that it survives changes elsewhere in the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Name {
    /// Path of the file from the root of the repository.
    pub(crate) file: String,
    /// Function, with the type it belongs to.
    pub(crate) function: String,
    /// What is changed into what.
    pub(crate) change: String,
    /// Which of several equal changes in the function, from 0.
    #[serde(default)]
    pub(crate) ordinal: usize,
}

impl Name {
    /// The name of the crate's folder.
    pub(crate) fn crate_name(&self) -> &str {
        self.file.split('/').nth(1).unwrap_or_default()
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.file, self.function, self.change)?;
        if self.ordinal > 0 { write!(f, " (#{})", self.ordinal) } else { Ok(()) }
    }
}

/// Finds the candidates of a file.
///
/// # Errors
///
/// If the text is not Rust.
pub(crate) fn candidates(file: &str, text: &str) -> Result<Vec<Candidate>, syn::Error> {
    let parsed = syn::parse_file(text)?;
    let mut finder = Finder { file, text, places: Vec::new(), functions: Vec::new(), found: Vec::new() };
    finder.visit_file(&parsed);
    let mut seen: HashMap<Name, usize> = HashMap::new();
    for candidate in &mut finder.found {
        let count = seen.entry(candidate.name.clone()).or_default();
        candidate.name.ordinal = *count;
        *count += 1;
    }
    Ok(finder.found)
}

struct Finder<'a> {
    file: &'a str,
    text: &'a str,
    /// Types and functions around the place.
    places: Vec<String>,
    /// Whether each function around the place may be changed.
    functions: Vec<bool>,
    found: Vec<Candidate>,
}

/// Operators, and what stands instead.
fn swapped(operator: &BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) | BinOp::Rem(_) => &["+"],
        BinOp::Mul(_) => &["/"],
        BinOp::Div(_) => &["*"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::BitAnd(_) | BinOp::BitXor(_) => &["|"],
        BinOp::BitOr(_) => &["&"],
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">="],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<="],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::AddAssign(_) => &["-="],
        BinOp::SubAssign(_) => &["+="],
        BinOp::BitOrAssign(_) => &["&="],
        BinOp::BitAndAssign(_) => &["|="],
        _ => &[],
    }
}

/// Methods, and what is called instead.
const METHODS: &[(&str, &str)] = &[
    ("min", "max"),
    ("max", "min"),
    ("is_some", "is_none"),
    ("is_none", "is_some"),
    ("is_ok", "is_err"),
    ("is_err", "is_ok"),
    ("any", "all"),
    ("all", "any"),
    ("starts_with", "ends_with"),
    ("ends_with", "starts_with"),
    ("push_back", "push_front"),
    ("push_front", "push_back"),
    ("pop_front", "pop_back"),
    ("pop_back", "pop_front"),
    ("first", "last"),
    ("last", "first"),
    ("saturating_add", "saturating_sub"),
    ("saturating_sub", "saturating_add"),
    ("wrapping_add", "wrapping_sub"),
    ("checked_add", "checked_sub"),
    ("checked_sub", "checked_add"),
    ("is_some_and", "is_none_or"),
    ("is_none_or", "is_some_and"),
];

/// Methods whose arguments change nothing that can be seen.
const WITHOUT_EFFECT: &[&str] =
    &["with_capacity", "reserve", "with_max_depth", "shrink_to", "field", "finish"];

impl Finder<'_> {
    fn is_open(&self) -> bool {
        self.functions.last().copied().unwrap_or(false)
    }

    fn source(&self, span: Span) -> &str {
        self.text.get(span.byte_range()).unwrap_or_default()
    }

    fn short(&self, span: Span) -> String {
        shortened(self.source(span))
    }

    fn add(&mut self, span: Range<usize>, at: Span, change: String, form: Form) {
        if !self.is_open() {
            return;
        }
        let name = Name { file: self.file.to_owned(), function: self.places.join("::"), change, ordinal: 0 };
        self.found.push(Candidate { name, line: at.start().line, span, form });
    }

    fn instead(&mut self, span: Span, text: String) {
        let change = format!("`{}` → `{}`", self.short(span), shortened(&text));
        self.add(span.byte_range(), span, change, Form::Instead(text));
    }

    fn negate(&mut self, span: Span) {
        let change = format!("`{}` reversed", self.short(span));
        self.add(span.byte_range(), span, change, Form::Negate);
    }

    /// The values that a function could return at once.
    fn values(&self, output: &ReturnType) -> Vec<String> {
        match output {
            ReturnType::Default => vec![String::new()],
            ReturnType::Type(_, of) => self.values_of(of),
        }
    }

    fn values_of(&self, of: &Type) -> Vec<String> {
        let text: String = self.source(of.span()).split_whitespace().collect();
        let one = |value: &str| vec![value.to_owned()];
        match text.as_str() {
            "()" => return one("()"),
            "bool" => return vec!["true".to_owned(), "false".to_owned()],
            "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                return vec!["0".to_owned(), "1".to_owned()];
            }
            "&str" | "&'staticstr" => return one("\"\""),
            "String" | "Duration" | "Decimal" => return one("Default::default()"),
            _ => {}
        }
        if text.starts_with("&[") || text.starts_with("&'a[") {
            return one("&[]");
        }
        if text.starts_with("Vec<") || text.starts_with("HashMap<") || text.starts_with("BTreeMap<") {
            return one("Default::default()");
        }
        if text.starts_with("Option<") {
            return one("None");
        }
        let Type::Path(path) = of else { return Vec::new() };
        let Some(last) = path.path.segments.last() else { return Vec::new() };
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return Vec::new() };
        match (last.ident.to_string().as_str(), arguments.args.first()) {
            ("Result", Some(syn::GenericArgument::Type(inner))) => {
                self.values_of(inner).into_iter().map(|value| format!("Ok({value})")).collect()
            }
            _ => Vec::new(),
        }
    }

    fn function(&mut self, signature: &Signature, attributes: &[syn::Attribute], block: &Block) {
        let is_open = signature.constness.is_none()
            && signature.ident != "fmt"
            && !self.is_switched_off(attributes)
            && self.functions.iter().all(|open| *open);
        self.places.push(signature.ident.to_string());
        self.functions.push(is_open);
        let body = block.brace_token.span.join().byte_range();
        // A body without a statement has nothing to leave out.
        if !block.stmts.is_empty() {
            for value in self.values(&signature.output) {
                let whole = self.source(block.span());
                // A body that is already that value.
                if shortened(whole).trim_matches(['{', '}', ' ']) == value && !value.is_empty() {
                    continue;
                }
                let change = if value.is_empty() {
                    "returns at once".to_owned()
                } else {
                    format!("returns `{value}`")
                };
                self.add(body.start + 1..body.start + 1, signature.ident.span(), change, Form::Return(value));
            }
        }
        visit::visit_block(self, block);
        self.functions.pop();
        self.places.pop();
    }

    /// Whether an item is not compiled for the suite, or for the suite only.
    fn is_switched_off(&self, attributes: &[syn::Attribute]) -> bool {
        attributes.iter().any(|attribute| {
            let text = self.source(attribute.span());
            let is_cfg = attribute.path().is_ident("cfg");
            attribute.path().is_ident("test")
                || (is_cfg
                    && ["test", "not(", "windows", "doctest", "metrics"]
                        .iter()
                        .any(|word| text.contains(word)))
        })
    }
}

/// A text in one line, at most 70 characters.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 70 {
        return line;
    }
    let head: String = line.chars().take(45).collect();
    let tail: String = line.chars().skip(line.chars().count() - 20).collect();
    format!("{head} … {tail}")
}

/// Whether a condition binds something, which an expression cannot.
fn binds(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        Expr::Paren(inner) => binds(&inner.expr),
        _ => false,
    }
}

fn attributes_of(expression: &Expr) -> bool {
    let attributes = match expression {
        Expr::MethodCall(call) => &call.attrs,
        Expr::Call(call) => &call.attrs,
        Expr::Assign(assign) => &assign.attrs,
        Expr::Binary(binary) => &binary.attrs,
        Expr::Await(awaited) => &awaited.attrs,
        Expr::Try(attempt) => &attempt.attrs,
        Expr::Return(returned) => &returned.attrs,
        Expr::Break(ended) => &ended.attrs,
        Expr::Continue(ended) => &ended.attrs,
        _ => return true,
    };
    !attributes.is_empty()
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_macro(&mut self, _: &'ast syn::Macro) {}
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast syn::AngleBracketedGenericArguments) {}

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Guard(guard) = pattern {
            self.visit_expr(&guard.guard);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !self.is_switched_off(&module.attrs) {
            self.places.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.places.pop();
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last())
            .map(|last| last.ident.to_string());
        if matches!(of.as_deref(), Some("Debug" | "Display")) || self.is_switched_off(&item.attrs) {
            return;
        }
        let of_type = shortened(self.source(item.self_ty.span()));
        self.places.push(of.map_or(of_type.clone(), |of| format!("<{of_type} as {of}>")));
        for inner in &item.items {
            self.visit_impl_item(inner);
        }
        self.places.pop();
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.places.push(item.ident.to_string());
        visit::visit_item_trait(self, item);
        self.places.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.attrs, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.attrs, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, &item.attrs, block);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let is_logic = matches!(binary.op, BinOp::And(_) | BinOp::Or(_));
        if !(is_logic && (binds(&binary.left) || binds(&binary.right))) {
            let (left, right) = (self.source(binary.left.span()), self.source(binary.right.span()));
            let is_assignment = self.source(binary.op.span()).len() > 1
                && self.source(binary.op.span()).ends_with('=')
                && !matches!(binary.op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Le(_) | BinOp::Ge(_));
            let texts: Vec<String> = swapped(&binary.op)
                .iter()
                .map(|other| {
                    if is_assignment {
                        format!("{left} {other} {right}")
                    } else {
                        format!("({left}) {other} ({right})")
                    }
                })
                .collect();
            for text in texts {
                self.instead(binary.span(), text);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_lit(&mut self, literal: &'ast syn::ExprLit) {
        match &literal.lit {
            Lit::Bool(_) => self.negate(literal.span()),
            Lit::Int(number) => {
                if let Ok(value) = number.base10_parse::<u128>() {
                    self.instead(literal.span(), format!("{}{}", value.saturating_add(1), number.suffix()));
                }
            }
            _ => {}
        }
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr_if(&mut self, condition: &'ast syn::ExprIf) {
        self.condition(&condition.cond);
        visit::visit_expr_if(self, condition);
    }

    fn visit_expr_while(&mut self, condition: &'ast syn::ExprWhile) {
        self.condition(&condition.cond);
        visit::visit_expr_while(self, condition);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let function = self.source(call.func.span());
        if !WITHOUT_EFFECT.iter().any(|name| function.ends_with(name)) {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        if WITHOUT_EFFECT.contains(&method.as_str()) {
            self.visit_expr(&call.receiver);
            return;
        }
        let whole = call.span();
        if let Some((_, other)) = METHODS.iter().find(|(name, _)| *name == method) {
            let (outer, inner) = (whole.byte_range(), call.method.span().byte_range());
            let head = self.text.get(outer.start..inner.start).unwrap_or_default();
            let tail = self.text.get(inner.end..outer.end).unwrap_or_default();
            let change = format!("`{}`: `{method}` → `{other}`", self.short(whole));
            self.add(outer, call.method.span(), change, Form::Instead(format!("{head}{other}{tail}")));
        } else if ["is_", "has_", "contains", "eq_"].iter().any(|name| method.starts_with(name)) {
            self.negate(whole);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expression, Some(_)) = statement
            && !attributes_of(expression)
        {
            let change = format!("`{}` left out", self.short(statement.span()));
            self.add(statement.span().byte_range(), statement.span(), change, Form::Unless);
        }
        if let Stmt::Item(syn::Item::Fn(item)) = statement {
            self.visit_item_fn(item);
            return;
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        let has_rest = matched.arms.last().is_some_and(|arm| match &arm.pat {
            Pat::Wild(_) => true,
            Pat::Ident(ident) => ident.subpat.is_none(),
            _ => false,
        });
        if has_rest {
            for arm in matched.arms.iter().rev().skip(1).filter(|arm| arm.attrs.is_empty()) {
                let change = format!("arm `{}` left out", self.short(arm.pat.span()));
                match &arm.pat {
                    Pat::Guard(guard) => {
                        if !binds(&guard.guard) {
                            self.add(guard.guard.span().byte_range(), arm.pat.span(), change, Form::InGuard);
                        }
                    }
                    pattern => {
                        let end = pattern.span().byte_range().end;
                        self.add(end..end, pattern.span(), change, Form::NewGuard);
                    }
                }
            }
        }
        visit::visit_expr_match(self, matched);
    }
}

impl Finder<'_> {
    fn condition(&mut self, condition: &Expr) {
        let is_plain = match condition {
            Expr::Path(_) | Expr::Unary(_) | Expr::Call(_) | Expr::Field(_) | Expr::Macro(_) => true,
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                !METHODS.iter().any(|(name, _)| *name == method)
                    && !["is_", "has_", "contains", "eq_"].iter().any(|name| method.starts_with(name))
            }
            _ => false,
        };
        if is_plain {
            self.negate(condition.span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(text: &str) -> Vec<String> {
        candidates("crates/core/src/a.rs", text).unwrap().into_iter().map(|found| found.name.change).collect()
    }

    #[test]
    fn what_can_be_changed_is_found() {
        assert_eq!(
            changes("fn f(a: u8) -> bool { g(); a < 3 }"),
            [
                "returns `true`",
                "returns `false`",
                "`g();` left out",
                "`a < 3` → `(a) <= (3)`",
                "`a < 3` → `(a) >= (3)`",
                "`3` → `4`",
            ]
        );
        assert_eq!(
            changes("impl A { fn f(&self) -> A { match x { 1 => a, 2 if b => c, _ => d } } }"),
            ["arm `2 if b` left out", "arm `1` left out"]
        );
        assert_eq!(changes("fn f() -> A { if x.is_empty() { y.min(z) } else { w } }").len(), 2);
    }

    #[test]
    fn constants_text_tests_and_names_are_left_alone() {
        for text in [
            "const A: u8 = 1 + 2;",
            "const fn f() -> u8 { 1 + 2 }",
            "impl fmt::Display for A { fn fmt(&self) -> R { 1 + 2 } }",
            "#[cfg(test)] mod tests { fn f() -> u8 { 1 + 2 } }",
            "fn f() -> A { debug!(\"{}\", 1 + 2); g(\"text\", [0_u8; 4 + 4].len()) }",
            "fn f() -> A { Vec::with_capacity(17) }",
        ] {
            assert!(
                changes(text).iter().all(|change| change == "`0_u8` → `1u8`"),
                "{text}: {:?}",
                changes(text)
            );
        }
    }

    #[test]
    fn equal_changes_have_numbers() {
        let found = candidates("crates/core/src/a.rs", "fn f() -> A { g(1); g(1); }").unwrap();
        let ordinals: Vec<usize> = found.iter().map(|found| found.name.ordinal).collect();
        assert_eq!(ordinals, [0, 0, 1, 1]);
        assert_eq!(found.first().map(|found| found.name.crate_name()), Some("core"));
    }
}
