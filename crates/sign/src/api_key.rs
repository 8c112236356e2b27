//! The API key: not a secret, but it identifies an account, and it goes into an HTTP header.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::{SignError, SignErrorKind, pem};

/// An API key: 1 to 128 ASCII letters and digits. The check keeps line ends and header syntax out of the
/// request that carries it.
///
/// `Debug` shows the last 4 characters at most, and there is no `Display`. Clones share one buffer.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Arc<Zeroizing<Box<str>>>);

impl ApiKey {
    /// The longest API key accepted, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Checks and copies an API key.
    ///
    /// # Errors
    /// [`SignErrorKind::ApiKeyMalformed`] if it is not 1 to 128 ASCII letters and digits; [`SignErrorKind::ApiKeyIsPem`] if it is
    /// the text of a key.
    pub fn new(text: impl AsRef<str>) -> Result<Self, SignError> {
        let text = text.as_ref();
        let valid = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !valid && pem::looks_like_pem(text.as_bytes()) {
            return Err(SignErrorKind::ApiKeyIsPem.into());
        }
        if !valid {
            return Err(SignErrorKind::ApiKeyMalformed.into());
        }
        Ok(Self(Arc::new(Zeroizing::new(text.into()))))
    }

    /// The key as text, for the header or the parameter that carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ApiKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Lets a map keyed by `ApiKey` be asked with a `&str`.
impl Borrow<str> for ApiKey {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for ApiKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // `Borrow<str>` demands the hash of the text.
        self.as_str().hash(state);
    }
}

impl FromStr for ApiKey {
    type Err = SignError;

    fn from_str(text: &str) -> Result<Self, SignError> {
        Self::new(text)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        // Four characters of a short key would be most of it.
        let shown = if text.len() >= 16 { text.get(text.len() - 4..).unwrap_or_default() } else { "" };
        write!(formatter, "ApiKey(…{shown})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn accepts_letters_and_digits_only() {
        for good in ["a", "vmPUZE6mv9SD5VNHk4Hl", &"Z9".repeat(64)] {
            assert_eq!(ApiKey::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a\r\nX-Evil: 1", "a\n", "a\0", "ключ", "a-b", "１２３", &"a".repeat(129)]
        {
            let error = ApiKey::new(bad).unwrap_err();
            assert_eq!(error.kind(), SignErrorKind::ApiKeyMalformed, "{bad:?}");
        }
    }

    #[test]
    fn debug_shows_four_characters_at_most() {
        assert_eq!(format!("{:?}", ApiKey::new("0123456789abcdefWXYZ").unwrap()), "ApiKey(…WXYZ)");
        assert_eq!(format!("{:?}", ApiKey::new("short").unwrap()), "ApiKey(…)");
    }

    #[test]
    fn a_map_can_be_asked_with_text() {
        let map = HashMap::from([(ApiKey::new("first").unwrap(), 1), ("second".parse().unwrap(), 2)]);
        assert_eq!(map.get("first"), Some(&1));
        assert_eq!(map.get("second"), Some(&2));
        assert_eq!(map.get("third"), None);
    }
}
