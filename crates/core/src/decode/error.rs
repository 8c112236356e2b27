//! Why a payload could not be read, and where in it.

use crate::printable::printable;
use std::borrow::Cow;
use std::fmt;

/// What went wrong while decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The text is not JSON.
    Syntax,
    /// A field that the documents promise is missing.
    MissingField,
    /// An object has a field twice.
    DuplicateField,
    /// A value is of another JSON type than documented.
    WrongType,
    /// A value has the right JSON type but cannot be read (a decimal with letters, a number out of range).
    InvalidValue,
    /// A binary message ends before a field, or says that it has more than there is.
    Truncated,
    /// A binary message of another schema.
    OtherSchema,
    /// A binary message that the schema does not have, as far as this version of the SDK knows.
    UnknownMessage,
}

/// A payload that could not be read; says the path of the field at fault (`symbols[3].filters[0].tickSize`) and the
/// type that was being read.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    detail: Cow<'static, str>,
    /// From the innermost to the outermost.
    path: Vec<Step>,
    type_name: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(Cow<'static, str>),
    Index(usize),
}

/// Maximum length of a text from the payload in an error, in bytes: a peer must not decide how large errors are.
const MAX_SHOWN: usize = 512;

fn shown(text: Cow<'static, str>) -> Cow<'static, str> {
    match text {
        Cow::Owned(mut text) if text.len() > MAX_SHOWN => {
            let end = (0..=MAX_SHOWN).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
            text.shrink_to_fit();
            Cow::Owned(text)
        }
        text => text,
    }
}

impl DecodeError {
    /// An error of this kind, with a text that says what was expected or found.
    #[cold]
    pub fn new(kind: DecodeErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, detail: shown(detail.into()), path: Vec::new(), type_name: None }))
    }

    #[cold]
    pub(crate) fn syntax(error: &simd_json::Error) -> Self {
        Self::new(DecodeErrorKind::Syntax, format!("not valid JSON: {error}"))
    }

    /// The same error of the text as a whole: without the place at which it was found.
    #[cold]
    pub(super) fn without_place(mut self) -> Self {
        (self.0.path, self.0.type_name) = (Vec::new(), None);
        self
    }

    /// Another JSON type than expected.
    #[cold]
    pub fn expected(expected: &'static str, found: &'static str) -> Self {
        Self::new(DecodeErrorKind::WrongType, format!("expected {expected}, found {found}"))
    }

    /// A value that cannot be read.
    #[cold]
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DecodeErrorKind::InvalidValue, detail)
    }

    /// A documented field that is not there.
    #[cold]
    pub fn missing(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DecodeErrorKind::MissingField, "is missing").at_key(name)
    }

    /// A field that occurs twice.
    #[cold]
    pub fn duplicate(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DecodeErrorKind::DuplicateField, "occurs twice").at_key(name)
    }

    /// The same with every text that came from the payload passed through `change`.
    pub(crate) fn map_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        if let Cow::Owned(detail) = &mut self.0.detail {
            *detail = change(detail);
        }
        for step in &mut self.0.path {
            if let Step::Key(Cow::Owned(key)) = step {
                *key = change(key);
            }
        }
        self
    }

    /// Adds the key under which the value stood.
    #[cold]
    #[must_use]
    pub fn at_key(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(Step::Key(shown(name.into())));
        self
    }

    /// Adds the index at which the value stood.
    #[cold]
    #[must_use]
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// Names the type that was being read; the outermost name given stays.
    #[cold]
    #[must_use]
    pub fn in_type(mut self, name: &'static str) -> Self {
        self.0.type_name = Some(name);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> DecodeErrorKind {
        self.0.kind
    }

    /// The type that was being read, where it is known.
    pub fn type_name(&self) -> Option<&'static str> {
        self.0.type_name
    }

    /// The path of the field at fault, empty when it is the whole payload.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Step::Index(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        path
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("kind", &self.0.kind)
            .field("type", &self.0.type_name)
            .field("path", &self.path())
            .field("detail", &self.0.detail)
            .finish()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot decode ")?;
        f.write_str(self.0.type_name.unwrap_or("the payload"))?;
        let (path, detail) = (self.path(), printable(&self.0.detail));
        if path.is_empty() { write!(f, ": {detail}") } else { write!(f, ": `{}`: {detail}", printable(path)) }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;

    #[test]
    fn errors_do_not_grow_with_the_payload() {
        let long = "ä".repeat(100_000);
        let error = Decoder::new().decode::<u64>(format!("\"{long}\"").as_bytes()).unwrap_err().at_key(long);
        assert!(error.to_string().len() < 3 * MAX_SHOWN, "{}", error.to_string().len());
        assert!(error.path().ends_with('…'));
        assert_eq!(DecodeError::invalid("short").to_string(), "cannot decode the payload: short");
    }
}
