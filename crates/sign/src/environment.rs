//! Credentials from environment variables. The lookup is a closure, so that tests need no process environment.

use std::ffi::OsString;

use crate::{Credentials, KeyFile, SecretBytes, SignError, SignErrorKind};

const API_KEY: &str = "BINANCE_API_KEY";
const SECRET_KEY: &str = "BINANCE_SECRET_KEY";
const PRIVATE_KEY: &str = "BINANCE_PRIVATE_KEY";
const PRIVATE_KEY_FILE: &str = "BINANCE_PRIVATE_KEY_FILE";

impl Credentials {
    /// Reads the credentials from the environment of the process:
    ///
    /// | variable | value |
    /// |---|---|
    /// | `BINANCE_API_KEY` | the API key |
    /// | `BINANCE_SECRET_KEY` | an HMAC secret, or |
    /// | `BINANCE_PRIVATE_KEY` | an Ed25519 or RSA private key as PEM text, with its line ends, or |
    /// | `BINANCE_PRIVATE_KEY_FILE` | the path of such a key, read under the rules of [`KeyFile::new`] |
    ///
    /// Exactly one of the last three must be set. An empty variable counts as not set. Private keys that are encrypted with
    /// a pass phrase are not supported.
    ///
    /// The environment of a process can be read by other processes of the same user; a key file is the safer choice.
    ///
    /// # Errors
    /// The kinds `VariableMissing`, `VariablesConflict` and `VariableNotUnicode` of [`SignErrorKind`]; those of the other
    /// constructors with the name of the variable added ([`SignError::variable`]). No error contains a value.
    pub fn from_env() -> Result<Self, SignError> {
        Self::from_variables(std::env::var_os)
    }

    /// As [`from_env`](Self::from_env), with the variables taken from `lookup`: for settings that come from elsewhere, and
    /// for tests.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(lookup: impl Fn(&'static str) -> Option<OsString>) -> Result<Self, SignError> {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let missing = |names| SignError::from(SignErrorKind::VariableMissing { names });
        let api_key = text(API_KEY, set(API_KEY).ok_or_else(|| missing(API_KEY))?)?;
        let api_key = str::from_utf8(api_key.as_bytes()).unwrap_or_default();

        let keys = [SECRET_KEY, PRIVATE_KEY, PRIVATE_KEY_FILE].map(|name| (name, set(name)));
        let mut keys = keys.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let (name, value) = keys
            .next()
            .ok_or_else(|| missing("BINANCE_SECRET_KEY, BINANCE_PRIVATE_KEY and BINANCE_PRIVATE_KEY_FILE"))?;
        if let Some((second, _)) = keys.next() {
            return Err(SignErrorKind::VariablesConflict { first: name, second }.into());
        }
        let credentials = match name {
            SECRET_KEY => Self::hmac(api_key, text(name, value)?),
            PRIVATE_KEY => Self::from_pem(api_key, text(name, value)?),
            _ => Self::from_key_file(api_key, &KeyFile::new(value)),
        };
        credentials.map_err(|error| {
            let name = if matches!(error.kind(), SignErrorKind::ApiKeyMalformed | SignErrorKind::ApiKeyIsPem)
            {
                API_KEY
            } else {
                name
            };
            error.with_variable(name)
        })
    }
}

/// The text of a variable, in a buffer that erases itself.
fn text(name: &'static str, value: OsString) -> Result<SecretBytes, SignError> {
    match value.into_string() {
        Ok(text) => Ok(text.into()),
        Err(value) => {
            // Erased like a good value: it may be a secret in another encoding.
            drop(SecretBytes::from(value.into_encoded_bytes()));
            Err(SignError::from(SignErrorKind::VariableNotUnicode).with_variable(name))
        }
    }
}
