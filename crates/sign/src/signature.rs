//! Signatures, and the trait of what can make them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::SignError;

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256: a shared secret. The exchange discourages it.
    HmacSha256,
    /// Ed25519: the exchange's recommendation, and the only one that `session.logon` takes.
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::HmacSha256 => "HMAC-SHA-256",
            Self::Ed25519 => "Ed25519",
            Self::RsaSha256 => "RSA-SHA-256",
        })
    }
}

/// Something that signs bytes: a key in memory, or one that a program keeps elsewhere (another process, a
/// hardware module) and hands in by [`Credentials::external`](crate::Credentials::external).
///
/// The call is synchronous and is made on the thread that sends the request: an implementation should answer
/// within about a millisecond. It may be called from several threads at once.
pub trait Signer: Send + Sync + fmt::Debug {
    /// Signs `payload`, exactly as given.
    ///
    /// # Errors
    /// What went wrong, made by [`SignError::external`] for signers outside this crate.
    fn sign(&self, payload: &[u8]) -> Result<Signature, SignError>;

    /// The algorithm of the key behind it, which must be the one the exchange has on record.
    fn algorithm(&self) -> Algorithm;
}

/// The length of an Ed25519 signature as base64, which is longer than an HMAC's as hex.
const INLINE_LENGTH: usize = 88;

/// A signature in the text form the exchange expects: lower-case hex for HMAC, standard base64 with padding
/// for the others. HMAC and Ed25519 signatures are held without an allocation.
///
/// `Debug` shows only the length, and there is no `Display`: a signature authorises a request, so it stays
/// out of logs. There is no `==` either; verifying is [`VerifyingKey`](crate::VerifyingKey)'s work.
#[derive(Clone)]
pub struct Signature(Text);

#[derive(Clone)]
enum Text {
    /// Without an allocation.
    Inline { length: usize, bytes: [u8; INLINE_LENGTH] },
    /// Longer ones.
    Heap(Box<str>),
}

impl Signature {
    /// The text form of a raw HMAC: lower-case hex.
    pub fn hex(raw: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits =
            raw.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0x0f)]]);
        let length = raw.len() * 2;
        if length <= INLINE_LENGTH {
            let mut bytes = [0; INLINE_LENGTH];
            for (slot, digit) in bytes.iter_mut().zip(digits) {
                *slot = digit;
            }
            Self(Text::Inline { length, bytes })
        } else {
            Self(Text::Heap(digits.map(char::from).collect::<String>().into_boxed_str()))
        }
    }

    /// The text form of a raw Ed25519 or RSA signature: standard base64 with padding.
    pub fn base64(raw: &[u8]) -> Self {
        let mut bytes = [0; INLINE_LENGTH];
        match STANDARD.encode_slice(raw, &mut bytes) {
            Ok(length) => Self(Text::Inline { length, bytes }),
            Err(_) => Self(Text::Heap(STANDARD.encode(raw).into_boxed_str())),
        }
    }

    /// The text, for the `signature` parameter. In a query string it must still be percent-encoded.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Only ASCII was ever written, so the default is never taken.
            Text::Inline { length, bytes } => {
                bytes.get(..*length).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
            }
            Text::Heap(text) => text,
        }
    }
}

impl AsRef<str> for Signature {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({} characters)", self.as_str().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_lower_case_and_works_beyond_the_inline_length() {
        assert_eq!(Signature::hex(&[]).as_str(), "");
        assert_eq!(Signature::hex(&[0x00, 0x0f, 0xa5, 0xff]).as_str(), "000fa5ff");
        for length in [44, 45, 200] {
            assert_eq!(Signature::hex(&vec![0xab; length]).as_str(), "ab".repeat(length));
        }
    }

    #[test]
    fn base64_is_padded_and_works_beyond_the_inline_length() {
        assert_eq!(Signature::base64(&[]).as_str(), "");
        assert_eq!(Signature::base64(&[0xfb, 0xff]).as_str(), "+/8=");
        for length in [64, 66, 67, 256] {
            let raw = vec![0x5a; length];
            assert_eq!(Signature::base64(&raw).as_str(), STANDARD.encode(&raw));
        }
    }

    #[test]
    fn debug_shows_only_the_length() {
        assert_eq!(format!("{:?}", Signature::hex(&[0xab; 32])), "Signature(64 characters)");
    }
}
