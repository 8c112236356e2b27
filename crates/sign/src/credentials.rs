//! An API key together with its signer: what every authenticated client takes.

use std::fmt;
use std::sync::Arc;

use crate::private_key::PrivateKey;
use crate::{Algorithm, ApiKey, KeyFile, SignError, SignErrorKind, Signature, Signer, pem};

/// An API key and its signer. Clones are cheap and share both.
///
/// `Debug` shows the last 4 characters of the API key and the algorithm, nothing else.
///
/// The constructors copy what they need; a secret handed in as a `&str` or `String` remains the caller's to
/// erase. [`SecretBytes`](crate::SecretBytes) and [`KeyFile`] erase themselves.
#[derive(Clone)]
pub struct Credentials {
    /// The API key.
    api_key: ApiKey,
    /// Signs for it.
    signer: Arc<dyn Signer>,
}

impl Credentials {
    /// An API key with an HMAC secret (the "secret key" the exchange shows once).
    ///
    /// # Errors
    /// The kinds `ApiKeyMalformed`, `ApiKeyIsPem` and those that begin with `Secret` of
    /// [`SignErrorKind`](crate::SignErrorKind); `PublicKeyGiven` and `CertificateGiven`.
    pub fn hmac(api_key: impl AsRef<str>, secret: impl AsRef<[u8]>) -> Result<Self, SignError> {
        Self::with_key(api_key.as_ref(), || Self::secret(api_key.as_ref(), secret.as_ref()))
    }

    fn secret(api_key: &str, secret: &[u8]) -> Result<PrivateKey, SignError> {
        if secret == api_key.as_bytes() {
            return Err(SignErrorKind::SecretIsApiKey.into());
        }
        PrivateKey::hmac(secret)
    }

    /// An API key with an Ed25519 private key as PEM: PKCS#8, version 1 (as OpenSSL writes it) or 2 (where the
    /// public key is checked against the private one).
    ///
    /// # Errors
    /// [`SignErrorKind`](crate::SignErrorKind) has a kind for each thing that can be wrong with a PEM or a
    /// key; a key of another algorithm is `AlgorithmMismatch`.
    pub fn ed25519_pem(api_key: impl AsRef<str>, pem: impl AsRef<[u8]>) -> Result<Self, SignError> {
        Self::with_key(api_key.as_ref(), || {
            PrivateKey::from_pem(pem.as_ref())?.expect_algorithm(Algorithm::Ed25519)
        })
    }

    /// An API key with an RSA private key of 2048 to 4096 bits as PEM: PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// As [`ed25519_pem`](Self::ed25519_pem), and `RsaSize`.
    pub fn rsa_pem(api_key: impl AsRef<str>, pem: impl AsRef<[u8]>) -> Result<Self, SignError> {
        Self::with_key(api_key.as_ref(), || {
            PrivateKey::from_pem(pem.as_ref())?.expect_algorithm(Algorithm::RsaSha256)
        })
    }

    /// An API key with an Ed25519 or RSA private key as PEM, whichever it is.
    ///
    /// # Errors
    /// As [`ed25519_pem`](Self::ed25519_pem) and [`rsa_pem`](Self::rsa_pem), without `AlgorithmMismatch`.
    pub fn from_pem(api_key: impl AsRef<str>, pem: impl AsRef<[u8]>) -> Result<Self, SignError> {
        Self::with_key(api_key.as_ref(), || PrivateKey::from_pem(pem.as_ref()))
    }

    /// An API key with a key from a file: an Ed25519 or RSA private key as PEM, or else an HMAC secret, which
    /// may have spaces and line ends around it. The file is read once, now, and blocks while it is.
    ///
    /// # Errors
    /// Those of [`KeyFile::read`], and those of the other constructors with the path added.
    pub fn from_key_file(api_key: impl AsRef<str>, file: &KeyFile) -> Result<Self, SignError> {
        Self::with_key(api_key.as_ref(), || {
            let contents = file.read()?;
            let contents = contents.as_bytes();
            if pem::looks_like_pem(contents) {
                PrivateKey::from_pem(contents)
            } else {
                Self::secret(api_key.as_ref(), contents.trim_ascii())
            }
            .map_err(|error| error.at(file.path()))
        })
    }

    /// An API key with a signer of the caller's own, for keys that are kept elsewhere.
    ///
    /// # Errors
    /// The kind `ApiKeyMalformed`.
    pub fn external(api_key: impl AsRef<str>, signer: Arc<dyn Signer>) -> Result<Self, SignError> {
        Ok(Self { api_key: ApiKey::new(api_key)?, signer })
    }

    fn with_key(
        api_key: &str,
        key: impl FnOnce() -> Result<PrivateKey, SignError>,
    ) -> Result<Self, SignError> {
        Ok(Self { api_key: ApiKey::new(api_key)?, signer: Arc::new(key()?) })
    }

    /// The API key.
    pub fn api_key(&self) -> &ApiKey {
        &self.api_key
    }

    /// How the key signs. Only [`Algorithm::Ed25519`] can be used for `session.logon`.
    pub fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// Signs `payload`, exactly as given (see the [crate documentation](crate) for the two forms).
    ///
    /// HMAC takes less than a microsecond, Ed25519 some tens, RSA around a millisecond or more.
    ///
    /// # Errors
    /// `Signing` if an RSA key turns out to be inconsistent, `External` from an external signer; never for
    /// HMAC and Ed25519.
    pub fn sign(&self, payload: &[u8]) -> Result<Signature, SignError> {
        self.signer.sign(payload)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the signer's own `Debug`: an external one is foreign code.
        formatter
            .debug_struct("Credentials")
            .field("api_key", &self.api_key)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
