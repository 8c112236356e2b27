//! Key pairs made from a seed, for demonstrations, tests and the embedded exchange's accounts.

use std::fmt;

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use crate::{Credentials, SecretBytes, SignError, SignErrorKind, pem};

/// What precedes the 32 bytes of the seed in a PKCS#8 (version 1) document.
const PRIVATE_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// What precedes the 32 bytes of the key in a SubjectPublicKeyInfo.
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// An Ed25519 key pair as two PEM texts, in the forms OpenSSL writes and the exchange takes.
pub struct Ed25519Pair {
    /// The private key, PKCS#8.
    private_pem: SecretBytes,
    /// The public key, to be registered at the exchange.
    public_pem: String,
}

impl Ed25519Pair {
    /// The pair that belongs to a seed. The seed is the private key: take it from a cryptographic source of
    /// randomness, unless the pair is for a demonstration or a test. The copy passed in is erased; the
    /// caller's own is the caller's.
    ///
    /// # Errors
    /// None is known; `KeyRejected` if `ring` refuses the seed, which it does only for a wrong length.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, SignError> {
        let seed = Zeroizing::new(seed);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed[..])
            .map_err(|error| SignError::with_source(SignErrorKind::KeyRejected, error))?;

        let mut private = Zeroizing::new(Vec::with_capacity(PRIVATE_PREFIX.len() + seed.len()));
        private.extend_from_slice(&PRIVATE_PREFIX);
        private.extend_from_slice(&seed[..]);
        let public = [&PUBLIC_PREFIX[..], pair.public_key().as_ref()].concat();

        Ok(Self {
            private_pem: pem::write("PRIVATE KEY", &private).into(),
            public_pem: pem::write("PUBLIC KEY", &public).iter().copied().map(char::from).collect(),
        })
    }

    /// The private key: PKCS#8 version 1 as PEM.
    pub fn private_pem(&self) -> &SecretBytes {
        &self.private_pem
    }

    /// The public key, to be registered with the exchange: SubjectPublicKeyInfo as PEM.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Credentials that sign with this pair.
    ///
    /// # Errors
    /// The kind `ApiKeyMalformed`.
    pub fn credentials(&self, api_key: impl AsRef<str>) -> Result<Credentials, SignError> {
        Credentials::ed25519_pem(api_key, &self.private_pem)
    }
}

impl fmt::Debug for Ed25519Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ed25519Pair").field("public_pem", &self.public_pem).finish_non_exhaustive()
    }
}
