//! As much DER as is needed to tell which algorithm a key is for and how long an RSA modulus is, so that a
//! wrong key gets a clear message. The keys themselves are parsed and checked by `ring`.

use crate::{Algorithm, SignErrorKind};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// 1.3.101.112
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 1.2.840.113549.1.1.1
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, SignErrorKind> {
        let (first, rest) = self.0.split_first().ok_or(SignErrorKind::KeyTruncated)?;
        self.0 = rest;
        Ok(*first)
    }

    /// Reads one element, which must have this tag, and returns its contents.
    fn element(&mut self, tag: u8) -> Result<&'a [u8], SignErrorKind> {
        if self.byte()? != tag {
            return Err(SignErrorKind::KeyMalformed);
        }
        let length = match self.byte()? {
            short @ 0..=0x7f => usize::from(short),
            // Three bytes of length are far more than any key needs.
            long @ 0x81..=0x83 => {
                let mut length = 0;
                for _ in 0x80..long {
                    length = (length << 8) | usize::from(self.byte()?);
                }
                length
            }
            _ => return Err(SignErrorKind::KeyMalformed),
        };
        let (contents, rest) = self.0.split_at_checked(length).ok_or(SignErrorKind::KeyTruncated)?;
        self.0 = rest;
        Ok(contents)
    }

    fn end(&self) -> Result<(), SignErrorKind> {
        if self.0.is_empty() { Ok(()) } else { Err(SignErrorKind::KeyMalformed) }
    }
}

fn outer_sequence(der: &[u8]) -> Result<Reader<'_>, SignErrorKind> {
    let mut reader = Reader(der);
    let contents = reader.element(SEQUENCE)?;
    reader.end()?;
    Ok(Reader(contents))
}

/// Reads an `AlgorithmIdentifier`.
fn algorithm(reader: &mut Reader<'_>) -> Result<Algorithm, SignErrorKind> {
    let mut identifier = Reader(reader.element(SEQUENCE)?);
    match identifier.element(OBJECT_IDENTIFIER)? {
        OID_ED25519 => Ok(Algorithm::Ed25519),
        OID_RSA => Ok(Algorithm::RsaSha256),
        _ => Err(SignErrorKind::UnsupportedAlgorithm),
    }
}

/// The algorithm of a PKCS#8 private key, and its inner key (for RSA, a PKCS#1 private key).
pub(crate) fn pkcs8(der: &[u8]) -> Result<(Algorithm, &[u8]), SignErrorKind> {
    let mut reader = outer_sequence(der)?;
    reader.element(INTEGER)?;
    let algorithm = algorithm(&mut reader)?;
    let key = reader.element(OCTET_STRING)?;
    Ok((algorithm, key))
}

/// The algorithm of a SubjectPublicKeyInfo, and its inner key: the 32 bytes of an Ed25519 key, or a PKCS#1
/// RSA public key.
pub(crate) fn public_key_info(der: &[u8]) -> Result<(Algorithm, &[u8]), SignErrorKind> {
    let mut reader = outer_sequence(der)?;
    let algorithm = algorithm(&mut reader)?;
    let bits = reader.element(BIT_STRING)?;
    reader.end()?;
    match bits.split_first() {
        // The first byte counts the unused bits of the last one.
        Some((0, key)) => Ok((algorithm, key)),
        _ => Err(SignErrorKind::KeyMalformed),
    }
}

/// The length in bits of a positive integer's contents.
fn bit_length(contents: &[u8]) -> Result<usize, SignErrorKind> {
    let significant = match contents {
        [0, rest @ ..] => rest,
        // A set sign bit means a negative number.
        [1..=0x7f, ..] => contents,
        _ => return Err(SignErrorKind::KeyMalformed),
    };
    let first = significant.first().ok_or(SignErrorKind::KeyMalformed)?;
    Ok(significant.len() * 8 - first.leading_zeros() as usize)
}

/// The length in bits of the modulus of a PKCS#1 private key.
pub(crate) fn rsa_private_key_bits(der: &[u8]) -> Result<usize, SignErrorKind> {
    let mut reader = outer_sequence(der)?;
    reader.element(INTEGER)?;
    bit_length(reader.element(INTEGER)?)
}

/// The length in bits of the modulus of a PKCS#1 public key.
pub(crate) fn rsa_public_key_bits(der: &[u8]) -> Result<usize, SignErrorKind> {
    let mut reader = outer_sequence(der)?;
    let bits = bit_length(reader.element(INTEGER)?)?;
    bit_length(reader.element(INTEGER)?)?;
    reader.end()?;
    Ok(bits)
}

/// Whether it is a sequence that begins with two sequences, as a certificate does.
pub(crate) fn is_sequence_of_sequences(der: &[u8]) -> bool {
    let parts = outer_sequence(der).and_then(|mut reader| {
        reader.element(SEQUENCE)?;
        reader.element(SEQUENCE)
    });
    parts.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        let long = [&[OCTET_STRING, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(Reader(&long).element(OCTET_STRING), Ok(&[7; 128][..]));
        let longer = [&[OCTET_STRING, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(Reader(&longer).element(OCTET_STRING), Ok(&[7; 256][..]));
        for cut in 0..long.len() {
            assert_eq!(Reader(&long[..cut]).element(OCTET_STRING), Err(SignErrorKind::KeyTruncated), "{cut}");
        }
        // No length at all (BER's indefinite form), and one of eight bytes.
        assert_eq!(Reader(&[4, 0x80, 0, 0]).element(OCTET_STRING), Err(SignErrorKind::KeyMalformed));
        assert_eq!(Reader(&[4, 0x88, 255, 255]).element(OCTET_STRING), Err(SignErrorKind::KeyMalformed));
        assert_eq!(Reader(&[5, 0]).element(OCTET_STRING), Err(SignErrorKind::KeyMalformed));
    }

    #[test]
    fn bit_lengths() {
        assert_eq!(bit_length(&[0x01]), Ok(1));
        assert_eq!(bit_length(&[0x7f, 0xff]), Ok(15));
        assert_eq!(bit_length(&[0x00, 0x80, 0x00]), Ok(16));
        for bad in [&[][..], &[0x00], &[0x80], &[0xff, 0x01]] {
            assert_eq!(bit_length(bad), Err(SignErrorKind::KeyMalformed), "{bad:?}");
        }
    }
}
