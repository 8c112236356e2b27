//! The other side of signing, for servers: the embedded exchange checks its clients' requests with this.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::pem::{self, Label};
use crate::private_key::hmac_key;
use crate::{Algorithm, SignError, SignErrorKind, der};

const HMAC_LENGTH: usize = 32;
const ED25519_KEY_LENGTH: usize = 32;

/// What verifies signatures: an HMAC secret, or a public key. Clones are cheap and share the key.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Key>);

enum Key {
    /// HMAC-SHA-256.
    Hmac(hmac::Key),
    /// Ed25519.
    Ed25519(UnparsedPublicKey<[u8; ED25519_KEY_LENGTH]>),
    /// RSA.
    Rsa(UnparsedPublicKey<Vec<u8>>),
}

impl VerifyingKey {
    /// Verifies HMAC-SHA-256 with this secret.
    ///
    /// # Errors
    /// As [`Credentials::hmac`](crate::Credentials::hmac), so that a secret both sides are given is refused by
    /// both.
    pub fn hmac(secret: impl AsRef<[u8]>) -> Result<Self, SignError> {
        Ok(Self(Arc::new(Key::Hmac(hmac_key(secret.as_ref())?))))
    }

    /// Verifies with an Ed25519 or RSA (2048 to 8192 bits) public key as PEM: SubjectPublicKeyInfo, or PKCS#1
    /// for RSA.
    ///
    /// # Errors
    /// [`SignErrorKind`] has a kind for each thing that can be wrong with a PEM or a key.
    pub fn from_public_pem(pem: impl AsRef<[u8]>) -> Result<Self, SignError> {
        let block = pem::read(pem.as_ref())?;
        let key = match block.label {
            Label::PublicKey => match der::public_key_info(&block.der)? {
                (Algorithm::RsaSha256, key) => rsa(key)?,
                (_, key) => {
                    let key = key.try_into().map_err(|_| SignErrorKind::KeyMalformed)?;
                    Key::Ed25519(UnparsedPublicKey::new(&ED25519, key))
                }
            },
            Label::RsaPublicKey => rsa(&block.der)?,
            Label::PrivateKey
            | Label::RsaPrivateKey
            | Label::EncryptedPrivateKey
            | Label::OtherPrivateKey
            | Label::OpenSshPrivateKey => return Err(SignErrorKind::PrivateKeyGiven.into()),
            Label::Certificate => return Err(SignErrorKind::CertificateGiven.into()),
            Label::Other => return Err(SignErrorKind::NotAKey.into()),
        };
        Ok(Self(Arc::new(key)))
    }

    /// The algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        match *self.0 {
            Key::Hmac(_) => Algorithm::HmacSha256,
            Key::Ed25519(_) => Algorithm::Ed25519,
            Key::Rsa(_) => Algorithm::RsaSha256,
        }
    }

    /// Checks that `signature` is this key's signature of `payload`. As the exchange does, it takes hex in
    /// either case for HMAC, and base64 (percent-decoded, with padding) exactly as written for the others.
    /// HMACs are compared in constant time.
    ///
    /// # Errors
    /// [`VerifyErrorKind::Malformed`] if the text cannot be a signature of this algorithm,
    /// [`VerifyErrorKind::Mismatch`] if it is one, but not of this payload by this key.
    pub fn verify(&self, payload: &[u8], signature: &str) -> Result<(), VerifyError> {
        match &*self.0 {
            Key::Hmac(key) => {
                let raw = decode_hmac(signature).ok_or(VerifyErrorKind::Malformed)?;
                hmac::verify(key, payload, &raw).map_err(|_| VerifyErrorKind::Mismatch)?;
            }
            Key::Ed25519(key) => {
                key.verify(payload, &decode_base64(signature)?).map_err(|_| VerifyErrorKind::Mismatch)?;
            }
            Key::Rsa(key) => {
                key.verify(payload, &decode_base64(signature)?).map_err(|_| VerifyErrorKind::Mismatch)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({}, …)", self.algorithm())
    }
}

fn rsa(pkcs1: &[u8]) -> Result<Key, SignErrorKind> {
    let bits = der::rsa_public_key_bits(pkcs1)?;
    if !(2048..=8192).contains(&bits) {
        return Err(SignErrorKind::RsaSize { bits });
    }
    Ok(Key::Rsa(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pkcs1.to_vec())))
}

fn decode_hmac(text: &str) -> Option<[u8; HMAC_LENGTH]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * HMAC_LENGTH {
        return None;
    }
    let mut raw = [0; HMAC_LENGTH];
    for (byte, pair) in raw.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok())?;
            *byte = (*byte << 4) | value;
        }
    }
    Some(raw)
}

fn decode_base64(text: &str) -> Result<Vec<u8>, VerifyErrorKind> {
    // The longest signature accepted is 1024 bytes (RSA with 8192 bits); a peer may send megabytes.
    if text.len() > 1368 {
        return Err(VerifyErrorKind::Malformed);
    }
    STANDARD.decode(text).map_err(|_| VerifyErrorKind::Malformed)
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct VerifyError {
    /// Which rule failed.
    kind: VerifyErrorKind,
}

impl VerifyError {
    /// Whether the text was no signature at all, or one that does not fit.
    pub fn kind(&self) -> VerifyErrorKind {
        self.kind
    }
}

impl From<VerifyErrorKind> for VerifyError {
    fn from(kind: VerifyErrorKind) -> Self {
        Self { kind }
    }
}

/// The two ways a signature can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// The text is not hex of 32 bytes (HMAC), or not base64 (Ed25519, RSA).
    #[error("the text is not a signature")]
    Malformed,
    /// The signature is not of this payload by this key.
    #[error("the signature does not match")]
    Mismatch,
}
