//! A buffer for secret text that erases itself and never prints.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes, such as the contents of a key file: overwritten when dropped, never shown by `Debug`, not
/// cloneable.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// The bytes. A copy made of them is the caller's to erase.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Takes the buffer over, without a copy.
impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

/// Takes the buffer over, without a copy.
impl From<String> for SecretBytes {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<Zeroizing<Vec<u8>>> for SecretBytes {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretBytes(…)")
    }
}
