//! Keys and request signatures for the Binance API.
//!
//! Everything that touches a secret is in this one small crate: it reads keys from strings, PEM text, files and the
//! environment, signs bytes, and (for the embedded exchange) verifies signatures. It has no HTTP, no WebSocket and no
//! async runtime.
//!
//! ```text
//! string, PEM, key file, environment ─► Credentials ─┬─ api_key() ─► header or parameter
//!                         bytes to be signed ────────┴─ sign() ────► Signature (hex or base64 text)
//! ```
//!
//! ```
//! use binance_kit_sign::{Algorithm, Credentials};
//!
//! # fn main() -> Result<(), binance_kit_sign::SignError> {
//! let credentials = Credentials::hmac("myApiKey", "mySecretKey")?;
//! let signature = credentials.sign(b"symbol=BTCUSDT&timestamp=1499827319559")?;
//! assert_eq!(credentials.algorithm(), Algorithm::HmacSha256);
//! assert_eq!(signature.as_str().len(), 64);
//! # Ok(())
//! # }
//! ```
//!
//! With a key in a file (an Ed25519 or RSA key as PEM, or an HMAC secret as one line), use
//! [`KeyFile`], which refuses files that others can read:
//!
//! ```no_run
//! use binance_kit_sign::{Credentials, KeyFile};
//!
//! # fn main() -> Result<(), binance_kit_sign::SignError> {
//! let credentials = Credentials::from_key_file("myApiKey", &KeyFile::new("ed25519.pem"))?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Credentials::from_env`] reads them from environment variables.
//!
//! # What is signed: two different forms
//!
//! This crate signs the bytes it is given. The exchange takes them in two forms, which the parameter
//! writer of `binance-kit-core` makes, and which must not be mixed up:
//!
//! | | REST | WebSocket API |
//! |---|---|---|
//! | order of the parameters | as sent | sorted by name |
//! | anything but unreserved ASCII | percent-encoded before it is signed | raw UTF-8 |
//! | `apiKey` | not part of it (a header) | part of it |
//! | where the signature goes | last parameter, percent-encoded (base64 has `+`, `/` and `=`) | `signature`, as it is |
//!
//! The signature itself is text: lower-case hex for HMAC, padded standard base64 for Ed25519 and RSA.
//!
//! # What is erased, and what is not
//!
//! The copies this crate makes (file contents, base64 text, decoded keys) are overwritten when they are no
//! longer needed, and nothing here prints a secret or a signature. Not erased: the caller's own copy of a
//! string handed in, and the state `ring` derives from a key, which lives as long as the [`Credentials`] and
//! is not overwritten when it is freed; a process that reads that state can sign. Core dumps contain
//! it too: a program that cares forbids them (`PR_SET_DUMPABLE` on Linux).

mod api_key;
mod credentials;
mod der;
mod environment;
mod error;
mod generate;
mod key_file;
mod pem;
mod private_key;
mod secret;
mod signature;
mod verify;

pub use api_key::ApiKey;
pub use credentials::Credentials;
pub use error::{SignError, SignErrorKind};
pub use generate::Ed25519Pair;
pub use key_file::KeyFile;
pub use secret::SecretBytes;
pub use signature::{Algorithm, Signature, Signer};
pub use verify::{VerifyError, VerifyErrorKind, VerifyingKey};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
