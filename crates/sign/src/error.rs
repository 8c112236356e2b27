//! The crate's error: what is wrong with a key, a key file, an environment variable or an attempt to sign.
//!
//! No message contains any part of a key: a message ends up in logs.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::Algorithm;

/// Why a key could not be used, or a payload not be signed. [`kind`](SignError::kind) says which rule failed.
pub struct SignError {
    /// The rule that failed.
    kind: SignErrorKind,
    /// The key file concerned.
    path: Option<PathBuf>,
    /// The environment variable concerned.
    variable: Option<&'static str>,
    /// The error that caused this one.
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SignError {
    /// Wraps the failure of an external [`Signer`](crate::Signer): its kind is [`SignErrorKind::External`]
    /// and the wrapped error is its [`source`](Error::source).
    pub fn external(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..SignErrorKind::External.into() }
    }

    pub(crate) fn with_source(kind: SignErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..kind.into() }
    }

    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    pub(crate) fn with_variable(mut self, name: &'static str) -> Self {
        self.variable = Some(name);
        self
    }

    /// Which rule failed.
    pub fn kind(&self) -> SignErrorKind {
        self.kind
    }

    /// The key file concerned, if the key came from one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The environment variable concerned, if the credentials came from the environment.
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }
}

impl From<SignErrorKind> for SignError {
    fn from(kind: SignErrorKind) -> Self {
        Self { kind, path: None, variable: None, source: None }
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(variable) = self.variable {
            write!(formatter, "environment variable {variable}: ")?;
        }
        match &self.path {
            Some(path) => write!(formatter, "key file {}: {}", path.display(), self.kind),
            None => self.kind.fmt(formatter),
        }
    }
}

impl fmt::Debug for SignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(formatter, "\n  caused by: {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl Error for SignError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// The rule a key, a key file or an attempt to sign failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignErrorKind {
    /// The API key is not 1 to 128 ASCII letters and digits.
    #[error("the API key must be 1 to 128 ASCII letters and digits")]
    ApiKeyMalformed,
    /// The API key is a PEM.
    #[error("the API key is a PEM: the API key and the private key are swapped")]
    ApiKeyIsPem,
    /// The HMAC secret is the API key.
    #[error(
        "the HMAC secret is the API key; the exchange shows both when the key is created, and the secret only then"
    )]
    SecretIsApiKey,
    /// The HMAC secret is within quotation marks.
    #[error("the HMAC secret is within quotation marks; give it without them")]
    SecretQuoted,
    /// The body of a private key's PEM, without its BEGIN and END lines, was given where an HMAC secret is expected.
    #[error(
        "this is the body of a PEM with a private key, not an HMAC secret; give the whole PEM, with its BEGIN and END lines, as a private key"
    )]
    SecretIsPrivateKey,
    /// The text is the body of a PEM without its BEGIN and END lines.
    #[error("the BEGIN and END lines of the PEM are missing; give the whole PEM")]
    PemLinesMissing,
    /// The HMAC secret is empty.
    #[error("the HMAC secret is empty")]
    SecretEmpty,
    /// The HMAC secret contains a space, a line end or another byte that is not printable ASCII, so it was
    /// read or copied wrongly.
    #[error("the HMAC secret contains spaces, line ends or bytes that are not printable ASCII")]
    SecretMalformed,
    /// A PEM was given where an HMAC secret is expected.
    #[error("this is a PEM, not an HMAC secret")]
    SecretIsPem,

    /// There is no `-----BEGIN …-----` line.
    #[error("not a PEM: there is no BEGIN line")]
    PemMissing,
    /// The PEM ends before its `-----END …-----` line.
    #[error("the PEM is cut off: there is no END line")]
    PemTruncated,
    /// The text after `-----BEGIN` runs on: the line ends of the PEM were lost on the way (often in an
    /// environment variable).
    #[error("the PEM has lost its line ends")]
    PemLineEndsLost,
    /// The PEM's labels do not match, or its body is not base64.
    #[error("the PEM is damaged: its BEGIN and END lines differ or its body is not base64")]
    PemMalformed,
    /// There is more than one PEM block, so it is not clear which key is meant.
    #[error("there are several PEM blocks; there must be exactly one, a key")]
    PemSeveralBlocks,

    /// The private key is protected by a pass phrase.
    #[error(
        "the private key is encrypted with a pass phrase; decrypt it first, for example with `openssl pkcs8`"
    )]
    KeyEncrypted,
    /// A public key was given where a private key is expected.
    #[error("this is a public key; signing needs the private key")]
    PublicKeyGiven,
    /// A private key was given where a public key is expected.
    #[error("this is a private key; verifying needs the public key")]
    PrivateKeyGiven,
    /// A certificate was given where a key is expected.
    #[error("this is a certificate, not a key")]
    CertificateGiven,
    /// The PEM holds something other than a key or a certificate.
    #[error("the PEM does not hold a key")]
    NotAKey,
    /// The key is in a format other than PKCS#8, PKCS#1 or SubjectPublicKeyInfo (OpenSSH's own, for example).
    #[error("the key's file format is not supported; it must be PKCS#8 (or PKCS#1 for RSA)")]
    UnsupportedFormat,
    /// The key is neither an Ed25519 nor an RSA key.
    #[error("unsupported algorithm: the key must be Ed25519 or RSA")]
    UnsupportedAlgorithm,
    /// The key is of another algorithm than the caller asked for.
    #[error("the key is for {found}, not for {expected}")]
    AlgorithmMismatch {
        /// The algorithm asked for.
        expected: Algorithm,
        /// The algorithm of the key.
        found: Algorithm,
    },
    /// The key's encoding ends too early.
    #[error("the key is cut off")]
    KeyTruncated,
    /// The key's encoding is not what its label says.
    #[error("the key is damaged: its encoding is not valid")]
    KeyMalformed,
    /// The RSA modulus has a length that is not supported.
    #[error("the RSA key has {bits} bits; it must have at least 2048, and a private key not more than 4096")]
    RsaSize {
        /// The length of the modulus.
        bits: usize,
    },
    /// The key is well formed, but its numbers do not fit together (the source says how).
    #[error("the key's numbers do not fit together")]
    KeyRejected,

    /// The file could not be opened (the source says why).
    #[error("it could not be opened")]
    FileOpen,
    /// The file is a symbolic link; see [`KeyFile::follow_symlinks`](crate::KeyFile::follow_symlinks).
    #[error("it is a symbolic link, and following links was not asked for")]
    FileSymlink,
    /// The path names a directory, a pipe, a device or a socket.
    #[error("it is not a regular file")]
    FileNotRegular,
    /// The file was replaced between the check and the opening.
    #[error("it was replaced while it was being opened")]
    FileChanged,
    /// The file belongs neither to the user the process runs as nor to root.
    #[error("it belongs to user id {owner}, who is neither the user of this process nor root")]
    FileOwner {
        /// The user id of the owner.
        owner: u32,
    },
    /// The permissions let others than the owner at the file.
    #[error("its mode {mode:04o} lets others than its owner at it; it must be 0600 or 0400")]
    FilePermissions {
        /// The permission bits.
        mode: u32,
    },
    /// The file has more than 64 KiB.
    #[error("it is larger than 64 KiB, so it is not a key")]
    FileTooLarge,
    /// Reading the file failed (the source says why).
    #[error("it could not be read")]
    FileRead,

    /// None of the environment variables `names` is set.
    #[error("environment variable not set: {names}")]
    VariableMissing {
        /// The variables, of which one must be set.
        names: &'static str,
    },
    /// Two environment variables that exclude each other are set.
    #[error("the environment variables {first} and {second} are both set; set exactly one of them")]
    VariablesConflict {
        /// One of them.
        first: &'static str,
        /// The other one.
        second: &'static str,
    },
    /// The value of an environment variable is not Unicode.
    #[error("the value is not Unicode text")]
    VariableNotUnicode,

    /// `ring` could not make the signature: the RSA key's numbers are inconsistent.
    #[error("signing failed")]
    Signing,
    /// An external signer failed (the source says why).
    #[error("the external signer failed")]
    External,
}
