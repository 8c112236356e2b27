//! Every wrong key a user is likely to hand in gets its own error, and none of them panics.
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::error::Error as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_sign::{Algorithm, Credentials, SignErrorKind, VerifyingKey};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/", $name))
    };
}

const ED25519: &str = fixture!("ed25519-pkcs8-v1.pem");
const RSA: &str = fixture!("rsa2048-pkcs8.pem");
const RSA_PKCS1: &str = fixture!("rsa2048-pkcs1.pem");
const CERTIFICATE: &str = fixture!("certificate.pem");

fn private(pem: &str) -> SignErrorKind {
    Credentials::from_pem("key", pem).unwrap_err().kind()
}

fn public(pem: &str) -> SignErrorKind {
    VerifyingKey::from_public_pem(pem).unwrap_err().kind()
}

fn decode(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

fn encode(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[test]
fn wrong_things_where_a_private_key_belongs() {
    for (pem, expected) in [
        (fixture!("ed25519-encrypted.pem"), SignErrorKind::KeyEncrypted),
        (fixture!("rsa2048-pkcs1-encrypted.pem"), SignErrorKind::KeyEncrypted),
        (fixture!("ed25519-public.pem"), SignErrorKind::PublicKeyGiven),
        (fixture!("rsa2048-public.pem"), SignErrorKind::PublicKeyGiven),
        (fixture!("rsa2048-public-pkcs1.pem"), SignErrorKind::PublicKeyGiven),
        (CERTIFICATE, SignErrorKind::CertificateGiven),
        (fixture!("ec-pkcs8.pem"), SignErrorKind::UnsupportedAlgorithm),
        (fixture!("ec-sec1.pem"), SignErrorKind::UnsupportedAlgorithm),
        (fixture!("ed25519-openssh.pem"), SignErrorKind::UnsupportedFormat),
        (fixture!("rsa1024-pkcs8.pem"), SignErrorKind::RsaSize { bits: 1024 }),
        (fixture!("ed25519-pkcs8-v2-wrong-public.pem"), SignErrorKind::KeyRejected),
        ("", SignErrorKind::PemMissing),
        ("not a key", SignErrorKind::PemMissing),
    ] {
        assert_eq!(private(pem), expected, "{pem}");
    }
    assert_eq!(private(&format!("{RSA}{CERTIFICATE}")), SignErrorKind::PemSeveralBlocks);
    assert_eq!(private(&format!("{ED25519}{ED25519}")), SignErrorKind::PemSeveralBlocks);
    assert_eq!(private(&ED25519[..ED25519.len() - 10]), SignErrorKind::PemMalformed);
    assert_eq!(private(&ED25519[..60]), SignErrorKind::PemTruncated);
    assert_eq!(private(&ED25519.replace('\n', " ")), SignErrorKind::PemLineEndsLost);
    assert_eq!(private(&ED25519.replace("PRIVATE KEY", "SOMETHING")), SignErrorKind::NotAKey);
    // A label that lies about its contents.
    assert_eq!(private(&ED25519.replace("PRIVATE", "RSA PRIVATE")), SignErrorKind::KeyMalformed);
    assert_eq!(private(&RSA_PKCS1.replace("RSA PRIVATE", "PRIVATE")), SignErrorKind::KeyMalformed);
    assert_eq!(private(&encode("PRIVATE KEY", b"garbage")), SignErrorKind::KeyMalformed);
    assert_eq!(private(&encode("PRIVATE KEY", b"")), SignErrorKind::KeyTruncated);
}

#[test]
fn wrong_things_where_a_public_key_belongs() {
    for (pem, expected) in [
        (ED25519, SignErrorKind::PrivateKeyGiven),
        (RSA_PKCS1, SignErrorKind::PrivateKeyGiven),
        (fixture!("ed25519-encrypted.pem"), SignErrorKind::PrivateKeyGiven),
        (fixture!("ec-sec1.pem"), SignErrorKind::PrivateKeyGiven),
        (fixture!("ed25519-openssh.pem"), SignErrorKind::PrivateKeyGiven),
        (CERTIFICATE, SignErrorKind::CertificateGiven),
        (fixture!("ec-public.pem"), SignErrorKind::UnsupportedAlgorithm),
        (fixture!("rsa1024-public.pem"), SignErrorKind::RsaSize { bits: 1024 }),
        ("", SignErrorKind::PemMissing),
    ] {
        assert_eq!(public(pem), expected, "{pem}");
    }
    assert_eq!(public(&encode("PUBLIC KEY", b"garbage")), SignErrorKind::KeyMalformed);
    // An Ed25519 key with a byte too few, its lengths adjusted.
    let mut short = decode(fixture!("ed25519-public.pem"));
    short.pop();
    short[1] -= 1;
    short[10] -= 1;
    assert_eq!(public(&encode("PUBLIC KEY", &short)), SignErrorKind::KeyMalformed);
}

#[test]
fn a_named_algorithm_must_be_the_keys() {
    let mismatch = |expected, found| SignErrorKind::AlgorithmMismatch { expected, found };
    let error = Credentials::ed25519_pem("key", RSA).unwrap_err();
    assert_eq!(error.kind(), mismatch(Algorithm::Ed25519, Algorithm::RsaSha256));
    assert_eq!(error.to_string(), "the key is for RSA-SHA-256, not for Ed25519");
    let error = Credentials::rsa_pem("key", ED25519).unwrap_err();
    assert_eq!(error.kind(), mismatch(Algorithm::RsaSha256, Algorithm::Ed25519));
}

#[test]
fn a_refusal_by_the_cryptography_says_why_in_its_source() {
    let error = Credentials::from_pem("key", fixture!("ed25519-pkcs8-v2-wrong-public.pem")).unwrap_err();
    let source = error.source().unwrap().to_string();
    assert_eq!(source, "InconsistentComponents");
    assert!(!error.to_string().contains(&source), "a message prints its own level only");
}

/// The lines between BEGIN and END, as people copy them.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_pem_without_its_lines_is_neither_a_pem_nor_a_secret() {
    for (pem, as_pem, as_secret) in [
        (ED25519, SignErrorKind::PemLinesMissing, SignErrorKind::SecretIsPrivateKey),
        (fixture!("ed25519-pkcs8-v2.pem"), SignErrorKind::PemLinesMissing, SignErrorKind::SecretIsPrivateKey),
        (RSA, SignErrorKind::PemLinesMissing, SignErrorKind::SecretIsPrivateKey),
        (RSA_PKCS1, SignErrorKind::PemLinesMissing, SignErrorKind::SecretIsPrivateKey),
        (fixture!("ec-pkcs8.pem"), SignErrorKind::PemLinesMissing, SignErrorKind::SecretIsPrivateKey),
        (fixture!("ed25519-public.pem"), SignErrorKind::PublicKeyGiven, SignErrorKind::PublicKeyGiven),
        (fixture!("rsa2048-public.pem"), SignErrorKind::PublicKeyGiven, SignErrorKind::PublicKeyGiven),
        (fixture!("rsa2048-public-pkcs1.pem"), SignErrorKind::PublicKeyGiven, SignErrorKind::PublicKeyGiven),
        (CERTIFICATE, SignErrorKind::CertificateGiven, SignErrorKind::CertificateGiven),
    ] {
        let lines = body(pem);
        for text in
            [lines.clone(), lines.replace('\n', ""), lines.replace('\n', "\\n"), format!("\"{lines}\"")]
        {
            assert_eq!(private(&text), as_pem, "{text}");
            let secret = Credentials::hmac("key", &text).unwrap_err().kind();
            assert_eq!(secret, as_secret, "{text}");
        }
    }
    for text in ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB6 me@host", "ssh-rsa AAAAB3NzaC1yc2E me@host\n"] {
        assert_eq!(private(text), SignErrorKind::PublicKeyGiven);
        assert_eq!(Credentials::hmac("key", text).unwrap_err().kind(), SignErrorKind::PublicKeyGiven);
    }
}

/// Settings files and shells leave quotation marks, `\n` as two characters, and spaces; the key is the same.
#[test]
fn a_pem_is_read_as_settings_files_write_it() {
    for pem in [ED25519, RSA, RSA_PKCS1] {
        let expected = Credentials::from_pem("key", pem).unwrap();
        let signature = expected.sign(b"payload").unwrap();
        for text in [
            pem.replace('\n', "\\n"),
            format!("\"{}\"", pem.trim_end().replace('\n', "\\n")),
            format!("'{pem}'"),
            format!("\"{}\"\n", pem.replace('\n', "\\r\\n")),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\r"),
            format!("    {}", pem.replace('\n', "\n    ")),
            format!("\u{feff}\n\n{pem}"),
        ] {
            let read = Credentials::from_pem("key", &text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read.algorithm(), expected.algorithm());
            assert_eq!(read.sign(b"payload").unwrap().as_str(), signature.as_str());
        }
    }
}

#[test]
fn keys_in_each_others_place() {
    let api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    assert_eq!(Credentials::hmac(api_key, api_key).unwrap_err().kind(), SignErrorKind::SecretIsApiKey);
    assert_eq!(Credentials::from_pem(ED25519, api_key).unwrap_err().kind(), SignErrorKind::ApiKeyIsPem);
    assert_eq!(Credentials::hmac(ED25519, api_key).unwrap_err().kind(), SignErrorKind::ApiKeyIsPem);
    for quoted in [format!("\"{api_key}\""), format!("'{api_key}'")] {
        assert_eq!(Credentials::hmac("key", &quoted).unwrap_err().kind(), SignErrorKind::SecretQuoted);
        assert_eq!(Credentials::hmac(&quoted, "secret").unwrap_err().kind(), SignErrorKind::ApiKeyMalformed);
    }
    // Base64 that is no key is a secret like any other.
    assert!(Credentials::hmac("key", "MEgCAQAwBQYDK2VwBCIEIA==").is_ok());
    assert!(
        Credentials::hmac("key", "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j").is_ok()
    );
}

#[test]
fn slips_with_hmac_secrets() {
    let kind = |secret: &str| Credentials::hmac("key", secret).unwrap_err().kind();
    assert_eq!(kind(""), SignErrorKind::SecretEmpty);
    for secret in ["secret\n", " secret", "sec ret", "sécret", "\0"] {
        assert_eq!(kind(secret), SignErrorKind::SecretMalformed, "{secret:?}");
    }
    assert_eq!(kind(ED25519), SignErrorKind::SecretIsPem);
    assert_eq!(VerifyingKey::hmac("").unwrap_err().kind(), SignErrorKind::SecretEmpty);
}

#[test]
fn a_bad_api_key_is_refused_by_every_constructor() {
    let bad = "key\r\nX-Evil: 1";
    for result in [
        Credentials::hmac(bad, "secret"),
        Credentials::ed25519_pem(bad, ED25519),
        Credentials::rsa_pem(bad, RSA),
        Credentials::from_pem(bad, ED25519),
    ] {
        assert_eq!(result.unwrap_err().kind(), SignErrorKind::ApiKeyMalformed);
    }
}

/// Cut anywhere, a key is refused (or, for trailing data that `ring` does not read, never reached).
#[test]
fn every_truncation_of_a_key_is_refused() {
    for (label, pem) in [
        ("PRIVATE KEY", ED25519),
        ("PRIVATE KEY", fixture!("ed25519-pkcs8-v2.pem")),
        ("PRIVATE KEY", RSA),
        ("RSA PRIVATE KEY", RSA_PKCS1),
    ] {
        let der = decode(pem);
        for cut in 0..der.len() {
            assert_eq!(private(&encode(label, &der[..cut])), SignErrorKind::KeyTruncated, "{label} {cut}");
        }
        assert_eq!(private(&encode(label, &[&der[..], &[0]].concat())), SignErrorKind::KeyMalformed);
    }
    for (label, pem) in [
        ("PUBLIC KEY", fixture!("ed25519-public.pem")),
        ("PUBLIC KEY", fixture!("rsa2048-public.pem")),
        ("RSA PUBLIC KEY", fixture!("rsa2048-public-pkcs1.pem")),
    ] {
        let der = decode(pem);
        for cut in 0..der.len() {
            assert_eq!(public(&encode(label, &der[..cut])), SignErrorKind::KeyTruncated, "{label} {cut}");
        }
        assert_eq!(public(&encode(label, &[&der[..], &[0]].concat())), SignErrorKind::KeyMalformed);
    }
}

/// Any byte of the structure may be wrong: the result is an error or another key, never a panic, and what is
/// accepted can be used.
#[test]
fn no_damage_panics() {
    for (label, pem, step) in [
        ("PRIVATE KEY", ED25519, 1),
        ("PRIVATE KEY", fixture!("ed25519-pkcs8-v2.pem"), 1),
        ("RSA PRIVATE KEY", RSA_PKCS1, 13),
    ] {
        let der = decode(pem);
        let mut refused = 0;
        for position in (0..40.min(der.len())).chain((40..der.len()).step_by(step)) {
            for mask in [0x01, 0x80, 0xff] {
                let mut damaged = der.clone();
                damaged[position] ^= mask;
                match Credentials::from_pem("key", encode(label, &damaged)) {
                    // A damaged RSA key may be noticed only when it signs.
                    Ok(credentials) => drop(credentials.sign(b"payload")),
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused >= 45, "{label}: damage in the structure is noticed, but only {refused} were");
    }
    for (label, pem) in
        [("PUBLIC KEY", fixture!("ed25519-public.pem")), ("PUBLIC KEY", fixture!("rsa2048-public.pem"))]
    {
        let der = decode(pem);
        for position in 0..der.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut damaged = der.clone();
                damaged[position] ^= mask;
                if let Ok(key) = VerifyingKey::from_public_pem(encode(label, &damaged)) {
                    let signature = STANDARD.encode([1; 256]);
                    assert!(key.verify(b"payload", &signature).is_err());
                }
            }
        }
    }
}
