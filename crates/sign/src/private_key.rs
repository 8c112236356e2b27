//! The keys that sign in this process.

use std::fmt;

use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::pem::{self, Label};
use crate::{Algorithm, SignError, SignErrorKind, Signature, Signer, der};

/// `ring` takes no longer RSA keys for signing.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

pub(crate) enum PrivateKey {
    /// HMAC-SHA-256.
    Hmac(hmac::Key),
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
    /// RSA.
    Rsa(Box<RsaKeyPair>),
}

impl PrivateKey {
    pub(crate) fn hmac(secret: &[u8]) -> Result<Self, SignError> {
        Ok(Self::Hmac(hmac_key(secret)?))
    }

    /// Reads an Ed25519 or RSA key from a text that holds exactly one private key as PEM.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, SignError> {
        let block = pem::read(text).map_err(|kind| match kind {
            SignErrorKind::PemMissing => without_lines(text).unwrap_or(kind),
            kind => kind,
        })?;
        let der = &block.der[..];
        match block.label {
            Label::PrivateKey => match der::pkcs8(der)? {
                (Algorithm::RsaSha256, key) => Self::rsa(key),
                _ => Self::ed25519(der),
            },
            Label::RsaPrivateKey => Self::rsa(der),
            Label::EncryptedPrivateKey => Err(SignErrorKind::KeyEncrypted.into()),
            Label::OtherPrivateKey => Err(SignErrorKind::UnsupportedAlgorithm.into()),
            Label::OpenSshPrivateKey => Err(SignErrorKind::UnsupportedFormat.into()),
            Label::PublicKey | Label::RsaPublicKey => Err(SignErrorKind::PublicKeyGiven.into()),
            Label::Certificate => Err(SignErrorKind::CertificateGiven.into()),
            Label::Other => Err(SignErrorKind::NotAKey.into()),
        }
    }

    fn ed25519(pkcs8: &[u8]) -> Result<Self, SignError> {
        // OpenSSL writes version 1, which has no public key that could be checked; in version 2 it is checked.
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
            .map(Self::Ed25519)
            .map_err(|error| SignError::with_source(SignErrorKind::KeyRejected, error))
    }

    fn rsa(pkcs1: &[u8]) -> Result<Self, SignError> {
        let bits = der::rsa_private_key_bits(pkcs1)?;
        if !RSA_BITS.contains(&bits) {
            return Err(SignErrorKind::RsaSize { bits }.into());
        }
        RsaKeyPair::from_der(pkcs1)
            .map(|key| Self::Rsa(Box::new(key)))
            .map_err(|error| SignError::with_source(SignErrorKind::KeyRejected, error))
    }

    pub(crate) fn expect_algorithm(self, expected: Algorithm) -> Result<Self, SignError> {
        let found = self.algorithm();
        if found == expected {
            Ok(self)
        } else {
            Err(SignErrorKind::AlgorithmMismatch { expected, found }.into())
        }
    }
}

impl Signer for PrivateKey {
    fn sign(&self, payload: &[u8]) -> Result<Signature, SignError> {
        match self {
            Self::Hmac(key) => Ok(Signature::hex(hmac::sign(key, payload).as_ref())),
            Self::Ed25519(key) => Ok(Signature::base64(key.sign(payload).as_ref())),
            Self::Rsa(key) => {
                let mut raw = vec![0; key.public().modulus_len()];
                // This padding uses no randomness; the argument is there for others.
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload, &mut raw)
                    .map_err(|error| SignError::with_source(SignErrorKind::Signing, error))?;
                Ok(Signature::base64(&raw))
            }
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Hmac(_) => Algorithm::HmacSha256,
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::Rsa(_) => Algorithm::RsaSha256,
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey({}, …)", self.algorithm())
    }
}

/// What is wrong with a text that has no BEGIN line, where it is a key nevertheless.
fn without_lines(text: &[u8]) -> Option<SignErrorKind> {
    if is_openssh_public_key(text) {
        return Some(SignErrorKind::PublicKeyGiven);
    }
    Some(match pem::label_of_body(text)? {
        Label::PublicKey | Label::RsaPublicKey => SignErrorKind::PublicKeyGiven,
        Label::Certificate => SignErrorKind::CertificateGiven,
        _ => SignErrorKind::PemLinesMissing,
    })
}

fn is_openssh_public_key(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    [&b"ssh-ed25519 "[..], b"ssh-rsa "].iter().any(|start| text.starts_with(start))
}

/// Checks an HMAC secret for the usual slips of copying, and prepares it.
pub(crate) fn hmac_key(secret: &[u8]) -> Result<hmac::Key, SignError> {
    if secret.is_empty() {
        return Err(SignErrorKind::SecretEmpty.into());
    }
    if pem::looks_like_pem(secret) {
        return Err(SignErrorKind::SecretIsPem.into());
    }
    match without_lines(secret) {
        Some(SignErrorKind::PemLinesMissing) => return Err(SignErrorKind::SecretIsPrivateKey.into()),
        Some(kind) => return Err(kind.into()),
        None => {}
    }
    if let [first @ (b'"' | b'\''), .., last] = secret
        && first == last
    {
        return Err(SignErrorKind::SecretQuoted.into());
    }
    if !secret.iter().all(u8::is_ascii_graphic) {
        return Err(SignErrorKind::SecretMalformed.into());
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret))
}
