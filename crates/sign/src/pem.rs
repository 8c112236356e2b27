//! Reading and writing PEM.
//!
//! Written by hand because a general PEM reader leaves copies of the key in freed memory and cannot say what
//! exactly is wrong with a key that a user pasted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{SignErrorKind, der};

/// What a PEM block says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// PKCS#8, not encrypted.
    PrivateKey,
    /// PKCS#1, not encrypted.
    RsaPrivateKey,
    /// Any private key that needs a pass phrase.
    EncryptedPrivateKey,
    /// The private key of an algorithm the exchange does not take.
    OtherPrivateKey,
    /// OpenSSH's own format.
    OpenSshPrivateKey,
    /// SubjectPublicKeyInfo.
    PublicKey,
    /// PKCS#1.
    RsaPublicKey,
    /// A certificate.
    Certificate,
    /// Anything else.
    Other,
}

impl Label {
    fn new(text: &[u8]) -> Self {
        match text {
            b"PRIVATE KEY" => Self::PrivateKey,
            b"RSA PRIVATE KEY" => Self::RsaPrivateKey,
            b"ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            b"OPENSSH PRIVATE KEY" => Self::OpenSshPrivateKey,
            b"PUBLIC KEY" => Self::PublicKey,
            b"RSA PUBLIC KEY" => Self::RsaPublicKey,
            b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => Self::Certificate,
            _ if text.ends_with(b" PRIVATE KEY") => Self::OtherPrivateKey,
            _ => Self::Other,
        }
    }
}

pub(crate) struct Block {
    /// What the block says it is.
    pub(crate) label: Label,
    /// Its decoded content.
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Whether this text is meant to be a PEM.
pub(crate) fn looks_like_pem(text: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    text.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// Characters around and within a text that settings files and shells leave there: quotation marks at both ends, and `\n` and
/// `\r` as two characters each in place of the line ends.
fn plain(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii();
    let text = match text {
        [first @ (b'"' | b'\''), inner @ .., last] if first == last => inner,
        _ => text,
    };
    // Never longer than the text, so it never moves and leaves a copy behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    loop {
        match rest {
            [b'\\', b'n' | b'r', behind @ ..] => {
                plain.push(b'\n');
                rest = behind;
            }
            [byte, behind @ ..] => {
                plain.push(*byte);
                rest = behind;
            }
            [] => return plain,
        }
    }
}

/// What a text without BEGIN and END lines is the body of, if it is that of a key or certificate.
pub(crate) fn label_of_body(text: &[u8]) -> Option<Label> {
    let mut body = plain(text);
    body.retain(|byte| !byte.is_ascii_whitespace());
    let der = decode_base64(&body).ok()?;
    let is_known = |found: SignErrorKind| found == SignErrorKind::UnsupportedAlgorithm;
    if der::pkcs8(&der).map_or_else(is_known, |_| true) {
        return Some(Label::PrivateKey);
    }
    if der::public_key_info(&der).is_ok() {
        return Some(Label::PublicKey);
    }
    if der::rsa_public_key_bits(&der).is_ok() {
        return Some(Label::RsaPublicKey);
    }
    if der::rsa_private_key_bits(&der).is_ok() {
        return Some(Label::RsaPrivateKey);
    }
    der::is_sequence_of_sequences(&der).then_some(Label::Certificate)
}

/// The label in `-----BEGIN label-----`, given the part behind `-----BEGIN `.
fn label_of(rest: &[u8]) -> Result<&[u8], SignErrorKind> {
    let label = rest.strip_suffix(b"-----").ok_or(SignErrorKind::PemLineEndsLost)?;
    // A whole PEM on one line also ends with dashes.
    if label.windows(2).any(|pair| pair == b"--") {
        return Err(SignErrorKind::PemLineEndsLost);
    }
    Ok(label)
}

/// Reads a text that holds exactly one PEM block. Text outside of the block is ignored, as other tools do.
pub(crate) fn read(text: &[u8]) -> Result<Block, SignErrorKind> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const END: &[u8] = b"-----END ";

    let text = &plain(text)[..];
    // Never longer than the text, so it never moves and leaves a copy behind.
    let mut body = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut open: Option<&[u8]> = None;
    let mut found: Option<&[u8]> = None;
    let mut encrypted = false;

    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii) {
        match open {
            None => {
                if let Some(rest) = line.strip_prefix(BEGIN) {
                    if found.is_some() {
                        return Err(SignErrorKind::PemSeveralBlocks);
                    }
                    open = Some(label_of(rest)?);
                }
            }
            Some(label) => {
                if let Some(rest) = line.strip_prefix(END) {
                    if rest.strip_suffix(b"-----") != Some(label) {
                        return Err(SignErrorKind::PemMalformed);
                    }
                    found = open.take();
                } else if line.starts_with(BEGIN) {
                    return Err(SignErrorKind::PemTruncated);
                } else if body.is_empty() && line.contains(&b':') {
                    // The header lines of an old format, which only encrypted keys have.
                    encrypted |= line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
                } else {
                    body.extend_from_slice(line);
                }
            }
        }
    }

    if open.is_some() {
        return Err(SignErrorKind::PemTruncated);
    }
    let label = Label::new(found.ok_or(SignErrorKind::PemMissing)?);
    let label = if encrypted { Label::EncryptedPrivateKey } else { label };
    Ok(Block { label, der: decode_base64(&body)? })
}

fn decode_base64(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, SignErrorKind> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = STANDARD.decode_slice(text, &mut bytes).map_err(|_| SignErrorKind::PemMalformed)?;
    bytes.truncate(length);
    Ok(bytes)
}

/// Writes one PEM block, in lines of 64 characters. The buffer does not move while it is filled.
pub(crate) fn write(label: &str, der: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(vec![0; der.len().div_ceil(3) * 4]);
    // The buffer has exactly the length needed, so this cannot fail.
    let length = STANDARD.encode_slice(der, &mut body).unwrap_or_default();
    body.truncate(length);

    let mut output = Zeroizing::new(Vec::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40));
    for part in [b"-----BEGIN ", label.as_bytes(), b"-----\n"] {
        output.extend_from_slice(part);
    }
    for line in body.chunks(64) {
        output.extend_from_slice(line);
        output.push(b'\n');
    }
    for part in [b"-----END ", label.as_bytes(), b"-----\n"] {
        output.extend_from_slice(part);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> SignErrorKind {
        read(text.as_bytes()).err().expect("must be refused")
    }

    #[test]
    fn reads_what_it_writes() {
        for length in [0, 1, 2, 3, 47, 48, 49, 1200] {
            let der: Vec<u8> = (0..=250).cycle().take(length).collect();
            let text = write("PUBLIC KEY", &der);
            assert_eq!(text.capacity() / (text.len() + 100), 0, "the buffer is not much larger than needed");
            let block = read(&text).unwrap();
            assert_eq!(block.label, Label::PublicKey);
            assert_eq!(*block.der, der);
        }
    }

    #[test]
    fn takes_what_editors_and_tools_add() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\r\nAQID\r\n-----END PRIVATE KEY-----\r\n",
            "\u{feff}-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\rAQID\r-----END PRIVATE KEY-----\r",
            "-----BEGIN PRIVATE KEY-----\\nAQID\\n-----END PRIVATE KEY-----\\n",
            "\"-----BEGIN PRIVATE KEY-----\\r\\nAQID\\r\\n-----END PRIVATE KEY-----\"\n",
            "'-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n'",
            "   \n  -----BEGIN PRIVATE KEY-----\n  AQID\n  -----END PRIVATE KEY-----",
            "Bag Attributes\n    name: mine\n\n  -----BEGIN PRIVATE KEY-----\n  AQ\n\n  ID\n  -----END PRIVATE KEY-----\nend",
        ] {
            let block = read(text.as_bytes()).unwrap();
            assert_eq!((block.label, &block.der[..]), (Label::PrivateKey, &[1, 2, 3][..]), "{text}");
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let block = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
        assert_eq!(kind(""), SignErrorKind::PemMissing);
        assert_eq!(kind("NhqPtmdSJYdKjVHj"), SignErrorKind::PemMissing);
        assert_eq!(kind(&block.repeat(2)), SignErrorKind::PemSeveralBlocks);
        assert_eq!(kind(&block.replace("END P", "END RSA P")), SignErrorKind::PemMalformed);
        assert_eq!(kind(&block.replace("AQID", "AQI$")), SignErrorKind::PemMalformed);
        assert_eq!(kind(&block.replace("AQID", "AQI")), SignErrorKind::PemMalformed);
        assert_eq!(kind(&block.replace("-----END PRIVATE KEY-----\n", "")), SignErrorKind::PemTruncated);
        let second_begin = block.replace("-----END PRIVATE KEY-----\n", "") + block;
        assert_eq!(kind(&second_begin), SignErrorKind::PemTruncated);
        for lost in [" ", ""] {
            assert_eq!(kind(&block.replace('\n', lost)), SignErrorKind::PemLineEndsLost, "{lost:?}");
        }
    }

    #[test]
    fn sees_the_old_encrypted_format() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n\
                    -----END RSA PRIVATE KEY-----\n";
        assert_eq!(read(text.as_bytes()).unwrap().label, Label::EncryptedPrivateKey);
    }
}
