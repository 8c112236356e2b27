//! The words of the project: `xtask/words.toml` lists words that do not belong in code, documentation or messages, each
//! with what to write instead. This module finds them; it does not know any of them.
//!
//! Three kinds of entries are matched:
//!
//! - *words*: in prose, or as a part of an identifier (`read_once`, `ReadOnce` and `READ_ONCE` have the parts `read` and
//!   `once`), in any case;
//! - *names*: whole identifiers, in the case that is listed, with `*` for any characters;
//! - *phrases*: words in a row, also across the lines of a comment; `*` stands for one to four words.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde::Deserialize;

use super::Findings;
use super::floats::code_of;
use super::sources::{has_extension, is_generated};
use crate::deps::Outcome;

/// The list, by its path from the root. The only file that may contain the words.
pub(super) const LIST: &str = "xtask/words.toml";

/// Files with prose or code of ours. Fixtures of the exchange are JSON and keep its words.
const EXTENSIONS: &[&str] = &["rs", "md", "toml", "py", "html", "sh"];
const SCRIPTS: &[&str] = &[".ci/run"];

/// How many words the `*` of a phrase may stand for.
const MAX_GAP: usize = 4;

/// The list as it is written in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    #[serde(default)]
    banned: Vec<Entry>,
    /// Public types that two crates define under one name, with the reason.
    #[serde(default)]
    pub(super) shared_type: Vec<SharedType>,
}

/// Words that are avoided for one reason, and what to write instead.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    phrases: Vec<String>,
    /// What to write instead.
    write: String,
    /// Whether comments and texts may have the words: they have another meaning there.
    #[serde(default)]
    code_only: bool,
    /// Beginnings of paths; empty is everywhere.
    #[serde(default)]
    only: Vec<String>,
    /// Phrases within which the words are right.
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    except: Vec<Exception>,
}

/// A place where the words of an entry are right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The beginning of a path.
    path: String,
    reason: String,
}

/// A name that public types of several crates share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedType {
    pub(super) name: String,
    pub(super) reason: String,
}

impl Entry {
    fn holds_in(&self, path: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|start| path.starts_with(start))
    }
}

impl List {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
        Ok(toml::from_str(&text).map_err(|error| format!("{LIST}: {error}"))?)
    }
}

/// Looks at every file of `files` and reports the banned words in it, and the entries of the list that are incomplete
/// or except a place that needs no exception.
pub(super) fn check(root: &Path, files: &[String], list: &List, findings: &mut Findings) -> Outcome<()> {
    let mut everywhere = Matcher::new(list, false);
    let mut in_code = Matcher::new(list, true);
    let mut used = BTreeSet::new();
    for path in files.iter().filter(|path| path.as_str() != LIST) {
        let is_ours = EXTENSIONS.iter().any(|extension| has_extension(path, extension))
            || SCRIPTS.contains(&path.as_str());
        let text = if is_ours {
            std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?
        } else {
            String::new()
        };
        everywhere.check(path, &text, &mut used, findings);
        if has_extension(path, "rs") && in_code.looks_at(path) {
            in_code.check(path, &code_of(&text), &mut used, findings);
        }
    }
    complete(&list.banned, &used, findings);
    Ok(())
}

/// One word of a text, or the end of a sentence.
#[derive(Debug, Clone, Copy)]
struct Token<'text> {
    line: usize,
    /// Empty at the end of a sentence.
    text: &'text str,
}

/// A phrase, its words in lower case.
#[derive(Debug)]
struct Phrase {
    entry: usize,
    words: Vec<String>,
}

/// What the list says of a word. The words of all files are few, and each comes back many times.
#[derive(Debug, Clone, Default)]
struct Verdict {
    /// The entries that ban it.
    entries: Vec<usize>,
    begins_phrase: bool,
}

#[derive(Debug)]
struct Matcher<'list> {
    entries: &'list [Entry],
    /// The entry of each banned word.
    words: BTreeMap<&'list str, Vec<usize>>,
    names: Vec<(&'list str, usize)>,
    /// By their first word.
    phrases: BTreeMap<String, Vec<Phrase>>,
    /// Where the words of an entry are right, by the first word.
    unless: BTreeMap<String, Vec<Phrase>>,
    /// The words met so far.
    known: HashMap<String, Verdict>,
}

impl<'list> Matcher<'list> {
    /// Of the entries that hold in code only, or of those that hold everywhere.
    fn new(list: &'list List, code_only: bool) -> Self {
        let mut matcher = Self {
            entries: &list.banned,
            words: BTreeMap::new(),
            names: Vec::new(),
            phrases: BTreeMap::new(),
            unless: BTreeMap::new(),
            known: HashMap::new(),
        };
        let entries = list.banned.iter().enumerate();
        for (index, entry) in entries.filter(|(_, entry)| entry.code_only == code_only) {
            for word in &entry.words {
                matcher.words.entry(word).or_default().push(index);
            }
            matcher.names.extend(entry.names.iter().map(|name| (name.as_str(), index)));
            for (texts, map) in [(&entry.phrases, &mut matcher.phrases), (&entry.unless, &mut matcher.unless)]
            {
                for text in texts {
                    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
                    let first = words.first().cloned().unwrap_or_default();
                    map.entry(first).or_default().push(Phrase { entry: index, words });
                }
            }
        }
        matcher
    }

    /// Whether an entry holds in a file.
    fn looks_at(&self, path: &str) -> bool {
        let named = self.names.iter().map(|(_, entry)| entry).chain(self.words.values().flatten());
        named.filter_map(|entry| self.entries.get(*entry)).any(|entry| entry.holds_in(path))
    }

    /// Reports what is found in one file and in its name; notes in `used` which exceptions were needed.
    fn check(
        &mut self,
        path: &str,
        text: &str,
        used: &mut BTreeSet<(usize, usize)>,
        findings: &mut Findings,
    ) {
        let mut hits: BTreeSet<(usize, String, usize)> = BTreeSet::new();
        for token in tokens(path) {
            for entry in self.verdict(token.text).entries {
                hits.insert((0, token.text.to_owned(), entry));
            }
        }
        let tokens = tokens(text);
        for (at, token) in tokens.iter().enumerate() {
            if !self.known.contains_key(token.text) {
                self.known.insert(token.text.to_owned(), self.verdict(token.text));
            }
            let Some(verdict) = self.known.get(token.text) else { continue };
            for entry in verdict.entries.iter().filter(|entry| !self.is_right(&tokens, at, **entry)) {
                hits.insert((token.line, token.text.to_owned(), *entry));
            }
            if !verdict.begins_phrase {
                continue;
            }
            for (entry, length) in matches_at(&self.phrases, &tokens, at) {
                if !self.is_right(&tokens, at, entry) {
                    let found: Vec<&str> =
                        tokens.iter().skip(at).take(length).map(|token| token.text).collect();
                    hits.insert((token.line, found.join(" "), entry));
                }
            }
        }
        for (line, found, index) in hits {
            let Some(entry) = self.entries.get(index) else { continue };
            if !entry.holds_in(path) {
                continue;
            }
            let exception = entry.except.iter().position(|exception| path.starts_with(&exception.path));
            if let Some(exception) = exception {
                used.insert((index, exception));
                continue;
            }
            let (place, what) = match line {
                0 => (path.to_owned(), "in the name of the file, "),
                line => (format!("{path}:{line}"), ""),
            };
            findings.fail(&place, &format!("{what}`{found}`: write {}", entry.write));
        }
    }

    /// What the list says of an identifier or a word of prose.
    fn verdict(&self, text: &str) -> Verdict {
        if text.is_empty() {
            return Verdict::default();
        }
        let of_parts =
            parts(text).into_iter().filter_map(|part| self.words.get(part.as_str())).flatten().copied();
        let of_names = self.names.iter().filter(|(name, _)| is_like(name, text)).map(|(_, entry)| *entry);
        Verdict {
            entries: of_parts.chain(of_names).collect(),
            begins_phrase: self.phrases.contains_key(&text.to_lowercase()),
        }
    }

    /// Whether the word at `at` is within a phrase in which the entry allows it.
    fn is_right(&self, tokens: &[Token<'_>], at: usize, entry: usize) -> bool {
        if self.entries.get(entry).is_none_or(|entry| entry.unless.is_empty()) {
            return false;
        }
        let first = at.saturating_sub(2 * MAX_GAP);
        (first..=at).any(|start| {
            matches_at(&self.unless, tokens, start)
                .any(|(phrase, length)| phrase == entry && start + length > at)
        })
    }
}

/// Reports what is wrong with the list itself.
fn complete(entries: &[Entry], used: &BTreeSet<(usize, usize)>, findings: &mut Findings) {
    for (index, entry) in entries.iter().enumerate() {
        let title = || {
            let all = entry.words.iter().chain(&entry.names).chain(&entry.phrases);
            all.map(String::as_str).next().unwrap_or("an empty entry").to_owned()
        };
        if entry.write.trim().is_empty() {
            findings.fail(LIST, &format!("`{}` has nothing to write instead", title()));
        }
        if let Some(word) = entry.words.iter().find(|word| parts(word) != [word.as_str()]) {
            findings.fail(LIST, &format!("`{word}` must be one word in lower case"));
        }
        for (number, exception) in entry.except.iter().enumerate() {
            if exception.reason.trim().is_empty() {
                findings.fail(LIST, &format!("`{}` is excepted without a reason", exception.path));
            }
            if !used.contains(&(index, number)) {
                findings.warn(LIST, &format!("`{}` needs no exception in {}", title(), exception.path));
            }
        }
    }
}

/// The entries of the phrases that begin at `at`, with the number of tokens that each phrase covers.
fn matches_at(
    map: &BTreeMap<String, Vec<Phrase>>,
    tokens: &[Token<'_>],
    at: usize,
) -> impl Iterator<Item = (usize, usize)> {
    let rest = tokens.get(at..).unwrap_or_default();
    let first = rest.first().map(|token| token.text.to_lowercase()).filter(|first| !first.is_empty());
    let phrases = first.and_then(|first| map.get(&first)).into_iter().flatten();
    phrases.filter_map(|phrase| Some((phrase.entry, length_of(&phrase.words, rest)?)))
}

/// How many tokens the words cover at the beginning of `tokens`, if they are there.
fn length_of(words: &[String], tokens: &[Token<'_>]) -> Option<usize> {
    let Some((first, rest)) = words.split_first() else { return Some(0) };
    if first == "*" {
        return (1..=MAX_GAP)
            .take_while(|gap| tokens.get(gap - 1).is_some_and(|token| !token.text.is_empty()))
            .find_map(|gap| Some(gap + length_of(rest, tokens.get(gap..)?)?));
    }
    tokens.first().filter(|token| token.text.to_lowercase() == *first)?;
    Some(1 + length_of(rest, tokens.get(1..)?)?)
}

/// Whether a name is like a pattern, in which `*` stands for any characters.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|mut tail| {
            loop {
                if is_like(rest, tail) {
                    return true;
                }
                let mut characters = tail.chars();
                if characters.next().is_none() {
                    return false;
                }
                tail = characters.as_str();
            }
        }),
    }
}

/// The words of a text with their lines. A full stop, a colon and the like before a space end a sentence; signs of
/// comments and of text that goes on in the next line are passed over.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if line.trim().is_empty() {
            tokens.push(Token { line: line_number, text: "" });
        }
        let mut rest = line;
        while let Some(start) = rest.find(is_part) {
            let (between, word) = rest.split_at(start);
            if between.len() > 1 && ends_a_sentence(between) {
                tokens.push(Token { line: line_number, text: "" });
            }
            let (word, after) = word.split_at(word.find(|other| !is_part(other)).unwrap_or(word.len()));
            tokens.push(Token { line: line_number, text: word });
            rest = after;
        }
        if rest.trim_end_matches(['\\', ' ']).ends_with(['.', ';', ':', '!', '?']) {
            tokens.push(Token { line: line_number, text: "" });
        }
    }
    tokens
}

fn is_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn ends_a_sentence(between: &str) -> bool {
    [". ", "; ", ": ", "! ", "? "].iter().any(|end| between.contains(end))
}

/// The parts of an identifier, in lower case: `WsApi_client2` has `ws`, `api` and `client2`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for piece in text.split('_').filter(|piece| !piece.is_empty()) {
        let characters: Vec<char> = piece.chars().collect();
        let mut part = String::new();
        for (at, character) in characters.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| characters.get(at));
            let after = characters.get(at + 1);
            let begins = character.is_uppercase()
                && before.is_some_and(|before| {
                    !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
                });
            if begins && !part.is_empty() {
                parts.push(std::mem::take(&mut part));
            }
            part.extend(character.to_lowercase());
        }
        parts.push(part);
    }
    parts
}

/// Reports names of public types that two published crates define, unless the list has a reason.
///
/// What is `pub` in a library of this workspace can be reached from outside: rustc's `unreachable_pub` sees to it.
pub(super) fn shared_types(
    root: &Path,
    files: &[String],
    list: &List,
    findings: &mut Findings,
) -> Outcome<()> {
    let mut defined: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for path in files.iter().filter(|path| has_extension(path, "rs")) {
        let Some((name, _)) = path.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/")) else {
            continue;
        };
        if is_generated(path) && name != "model" {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        for (line, type_name) in public_types(&text) {
            defined.entry(type_name).or_default().entry(name.to_owned()).or_insert(format!("{path}:{line}"));
        }
    }
    for (name, crates) in &defined {
        let listed = list.shared_type.iter().find(|shared| shared.name == *name);
        match (crates.len() > 1, listed) {
            (true, None) => {
                let places: Vec<&str> = crates.values().map(String::as_str).collect();
                let (first, rest) =
                    places.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
                findings.fail(
                    first,
                    &format!(
                        "`{name}` is also a public type at {}: rename one, or give a reason in {LIST}",
                        rest.join(" and ")
                    ),
                );
            }
            (false, Some(_)) => {
                findings
                    .warn(LIST, &format!("`{name}` is a public type of one crate only: it needs no reason"));
            }
            _ => {}
        }
    }
    for shared in &list.shared_type {
        if shared.reason.trim().is_empty() {
            findings.fail(LIST, &format!("`{}` is in two crates without a reason", shared.name));
        }
        if !defined.contains_key(&shared.name) {
            findings.warn(LIST, &format!("`{}` is no public type any more", shared.name));
        }
    }
    Ok(())
}

/// The names of the types that a file defines as `pub`, with their lines.
fn public_types(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let kind = ["struct ", "enum ", "trait ", "union ", "type "];
        let name = kind.iter().find_map(|kind| rest.strip_prefix(kind))?;
        let end = name.find(|other| !is_part(other)).unwrap_or(name.len());
        let name = name.get(..end).filter(|name| !name.is_empty())?;
        Some((index + 1, name.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, path: &str, text: &str) -> Vec<String> {
        let list: List = toml::from_str(list).unwrap();
        let mut findings = Findings::default();
        Matcher::new(&list, false).check(path, text, &mut BTreeSet::new(), &mut findings);
        findings.failures
    }

    #[test]
    fn identifiers_have_parts() {
        assert_eq!(parts("read_once"), ["read", "once"]);
        assert_eq!(parts("WsApiClient2"), ["ws", "api", "client2"]);
        assert_eq!(parts("HTTPServer_x"), ["http", "server", "x"]);
        assert_eq!(parts("MAX_LEN"), ["max", "len"]);
    }

    #[test]
    fn words_are_found_in_prose_and_in_identifiers_and_not_within_words() {
        let list = "[[banned]]\nwords = ['zork', 'zorks']\nwrite = '`plain`'\n";
        assert_eq!(found(list, "a.rs", "// A\n// Zorks here.\n"), ["a.rs:2: `Zorks`: write `plain`"]);
        assert_eq!(found(list, "a.rs", "let a_zork = ZorkReader::ZORK;").len(), 3);
        assert!(found(list, "a.rs", "zorking unzork zork2").is_empty());
        assert_eq!(
            found(list, "src/zork.rs", ""),
            ["src/zork.rs: in the name of the file, `zork`: write `plain`"]
        );
    }

    #[test]
    fn names_are_whole_and_keep_their_case() {
        let list = "[[banned]]\nnames = ['zork_*', 'ZORK', '*Zork*x']\nwrite = 'x'\n";
        assert_eq!(found(list, "a.rs", "zork_a ZORK aZorkbx").len(), 3);
        assert!(found(list, "a.rs", "a_zork_a ZORKS zork Zork").is_empty());
    }

    #[test]
    fn phrases_go_over_lines_and_end_with_the_sentence() {
        let list = "[[banned]]\nphrases = ['for zork of', 'puts * zork']\nwrite = 'x'\n";
        assert_eq!(
            found(list, "a.rs", "/// It is for\n/// Zork of it.\n"),
            ["a.rs:1: `for Zork of`: write x"]
        );
        assert_eq!(found(list, "a.rs", "let a = \"for \\\n   zork of\";").len(), 1);
        assert_eq!(found(list, "a.md", "It puts all of them zork, puts it zork.").len(), 2);
        assert!(
            found(list, "a.md", "It puts. Zork puts a b c d e zork. For zork. Of for\n\nzork of").is_empty()
        );
    }

    #[test]
    fn entries_hold_in_their_paths_and_outside_their_exceptions() {
        let list = "[[banned]]\nwords = ['zork']\nwrite = 'x'\nonly = ['crates/a/']\nunless = ['zork * list', 'the zork']\n\
            except = [{ path = 'crates/a/b', reason = 'why' }]\n";
        assert_eq!(found(list, "crates/a/x.rs", "a zork").len(), 1);
        assert!(found(list, "crates/b/x.rs", "a zork").is_empty());
        assert!(found(list, "crates/a/b.rs", "a zork").is_empty());
        assert!(found(list, "crates/a/x.rs", "the zork and a zork of our list").is_empty());
    }

    #[test]
    fn entries_of_code_do_not_hold_in_comments() {
        let list = "[[banned]]\nnames = ['zork']\ncode_only = true\nonly = ['crates/a/']\nwrite = 'x'\n";
        let list: List = toml::from_str(list).unwrap();
        let mut matcher = Matcher::new(&list, true);
        assert!(matcher.looks_at("crates/a/x.rs") && !matcher.looks_at("crates/b/x.rs"));
        let mut findings = Findings::default();
        let text = code_of("/// zork\nfn zork() { \"zork\" }\n");
        matcher.check("crates/a/x.rs", &text, &mut BTreeSet::new(), &mut findings);
        assert_eq!(findings.failures, ["crates/a/x.rs:2: `zork`: write x"]);
    }

    #[test]
    fn the_list_is_complete_and_has_no_idle_exceptions() {
        let list: List = toml::from_str(
            "[[banned]]\nwords = ['zork', 'Two_words']\nwrite = ' '\nexcept = [{ path = 'a', reason = '' }]\n",
        )
        .unwrap();
        let mut findings = Findings::default();
        complete(&list.banned, &BTreeSet::new(), &mut findings);
        assert_eq!((findings.failures.len(), findings.warnings.len()), (3, 1));
        assert!(toml::from_str::<List>("[[banned]]\nwords = ['a']\n").is_err());
    }

    #[test]
    fn public_types_are_seen_where_they_are_defined() {
        let text = "pub struct A<T> {\n    pub type_a: u8,\n}\npub(crate) struct B;\n    pub enum C {}\npub use x::D;\npub type E = u8;\n";
        let names: Vec<_> = public_types(text).collect();
        assert_eq!(names, [(1, "A".to_owned()), (5, "C".to_owned()), (7, "E".to_owned())]);
    }
}
