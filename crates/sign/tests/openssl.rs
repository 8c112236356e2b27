//! Cross-checks with OpenSSL in both directions: with keys and signatures it made beforehand, and, where the
//! program is installed, with fresh ones.
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_sign::{Algorithm, Credentials, Ed25519Pair, VerifyErrorKind, VerifyingKey};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/", $name))
    };
}

const ASCII: &str = fixture!("payload-ascii.txt");
const NON_ASCII: &str = fixture!("payload-non-ascii.txt");

struct Case {
    private: &'static str,
    public: &'static str,
    algorithm: Algorithm,
    ascii: &'static str,
    non_ascii: &'static str,
}

fn cases() -> Vec<Case> {
    let ed25519 = |private| Case {
        private,
        public: fixture!("ed25519-public.pem"),
        algorithm: Algorithm::Ed25519,
        ascii: fixture!("ed25519-ascii.sig"),
        non_ascii: fixture!("ed25519-non-ascii.sig"),
    };
    let rsa2048 = |private, public| Case {
        private,
        public,
        algorithm: Algorithm::RsaSha256,
        ascii: fixture!("rsa2048-ascii.sig"),
        non_ascii: fixture!("rsa2048-non-ascii.sig"),
    };
    vec![
        ed25519(fixture!("ed25519-pkcs8-v1.pem")),
        ed25519(fixture!("ed25519-pkcs8-v2.pem")),
        rsa2048(fixture!("rsa2048-pkcs8.pem"), fixture!("rsa2048-public.pem")),
        rsa2048(fixture!("rsa2048-pkcs1.pem"), fixture!("rsa2048-public-pkcs1.pem")),
        Case {
            private: fixture!("rsa4096-pkcs8.pem"),
            public: fixture!("rsa4096-public.pem"),
            algorithm: Algorithm::RsaSha256,
            ascii: fixture!("rsa4096-ascii.sig"),
            non_ascii: fixture!("rsa4096-non-ascii.sig"),
        },
    ]
}

/// Both algorithms are deterministic, so our signature must be OpenSSL's, byte for byte.
#[test]
fn signs_what_openssl_signs() {
    for case in cases() {
        let credentials = Credentials::from_pem("key", case.private).unwrap();
        assert_eq!(credentials.algorithm(), case.algorithm);
        assert_eq!(credentials.sign(ASCII.as_bytes()).unwrap().as_str(), case.ascii);
        assert_eq!(credentials.sign(NON_ASCII.as_bytes()).unwrap().as_str(), case.non_ascii);

        // The constructor that names the algorithm takes the same key, with the line ends of Windows too.
        let windows = case.private.replace('\n', "\r\n");
        let named = match case.algorithm {
            Algorithm::Ed25519 => Credentials::ed25519_pem("key", windows),
            _ => Credentials::rsa_pem("key", windows),
        };
        assert_eq!(named.unwrap().sign(ASCII.as_bytes()).unwrap().as_str(), case.ascii);
    }
}

#[test]
fn verifies_what_openssl_signed() {
    for case in cases() {
        let key = VerifyingKey::from_public_pem(case.public).unwrap();
        assert_eq!(key.algorithm(), case.algorithm);
        let verify =
            |payload: &str, text: &str| key.verify(payload.as_bytes(), text).map_err(|error| error.kind());
        assert_eq!(verify(ASCII, case.ascii), Ok(()));
        assert_eq!(verify(NON_ASCII, case.non_ascii), Ok(()));

        assert_eq!(verify(ASCII, case.non_ascii), Err(VerifyErrorKind::Mismatch));
        assert_eq!(verify(&ASCII[1..], case.ascii), Err(VerifyErrorKind::Mismatch));
        // Base64 is case-sensitive: with its first letters in the other case it is another signature.
        let (first, rest) = case.ascii.split_at(40);
        let swapped = first
            .chars()
            .map(|letter| match letter {
                'a'..='z' => letter.to_ascii_uppercase(),
                _ => letter.to_ascii_lowercase(),
            })
            .collect::<String>()
            + rest;
        assert_eq!(verify(ASCII, &swapped), Err(VerifyErrorKind::Mismatch));
        for text in [
            "not base64!",
            case.ascii.trim_end_matches('='),
            &format!("{}\n", case.ascii),
            &"A".repeat(1 << 20),
        ] {
            let kind = verify(ASCII, text).unwrap_err();
            assert_eq!(kind, VerifyErrorKind::Malformed, "{}", &text[..text.len().min(20)]);
        }
        assert_eq!(verify(ASCII, ""), Err(VerifyErrorKind::Mismatch), "empty is base64 of nothing");
    }
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let all = cases();
    for (index, case) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            if case.ascii != other.ascii {
                let key = VerifyingKey::from_public_pem(case.public).unwrap();
                let error = key.verify(ASCII.as_bytes(), other.ascii).unwrap_err();
                assert_eq!(error.kind(), VerifyErrorKind::Mismatch);
            }
        }
    }
}

/// The key pair made from a seed is the one OpenSSL would make, down to the PEM.
#[test]
fn a_pair_from_a_seed_is_written_as_openssl_writes_it() {
    let pem = fixture!("ed25519-pkcs8-v1.pem");
    let der = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
    let seed = der[16..].try_into().unwrap();
    let pair = Ed25519Pair::from_seed(seed).unwrap();
    assert_eq!(pair.private_pem().as_bytes(), pem.as_bytes());
    assert_eq!(pair.public_pem(), fixture!("ed25519-public.pem"));

    let credentials = pair.credentials("key").unwrap();
    assert_eq!(credentials.sign(ASCII.as_bytes()).unwrap().as_str(), fixture!("ed25519-ascii.sig"));
    let other = Ed25519Pair::from_seed([7; 32]).unwrap();
    assert_ne!(other.public_pem(), pair.public_pem());
}

/// A fresh folder for the live checks, removed when they passed.
struct Workshop(PathBuf);

impl Workshop {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("openssl-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), contents).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    fn openssl(&self, arguments: &str) {
        let output =
            Command::new("openssl").args(arguments.split_whitespace()).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// OpenSSL signs and we verify, we sign and OpenSSL verifies.
    fn both_ways(&self, sign: &str, verify: &str) {
        let credentials = Credentials::from_pem("key", self.read("private.pem")).unwrap();
        let key = VerifyingKey::from_public_pem(self.read("public.pem")).unwrap();
        for payload in [ASCII, NON_ASCII] {
            self.write("payload", payload);
            self.openssl(sign);
            let theirs = STANDARD.encode(self.read("theirs"));
            assert_eq!(key.verify(payload.as_bytes(), &theirs), Ok(()));

            let ours = credentials.sign(payload.as_bytes()).unwrap();
            self.write("ours", STANDARD.decode(ours.as_str()).unwrap());
            self.openssl(verify);
        }
    }
}

/// How to sign and to verify with it.
const ED25519: [&str; 2] = [
    "pkeyutl -sign -rawin -inkey private.pem -in payload -out theirs",
    "pkeyutl -verify -rawin -pubin -inkey public.pem -in payload -sigfile ours",
];
const RSA: [&str; 2] = [
    "dgst -sha256 -sign private.pem -out theirs payload",
    "dgst -sha256 -verify public.pem -signature ours payload",
];

#[test]
fn fresh_keys_agree_with_the_installed_openssl() {
    let version = Command::new("openssl").arg("version").output();
    let installed = version.as_ref().is_ok_and(|output| {
        output.status.success()
            && (output.stdout.starts_with(b"OpenSSL 3") || output.stdout.starts_with(b"OpenSSL 4"))
    });
    if !installed {
        println!("skipped: there is no OpenSSL 3 or later on the PATH");
        return;
    }
    let workshop = Workshop::new();

    workshop.openssl("genpkey -algorithm ed25519 -out private.pem");
    workshop.openssl("pkey -in private.pem -pubout -out public.pem");
    workshop.both_ways(ED25519[0], ED25519[1]);

    workshop.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out private.pem");
    workshop.openssl("pkey -in private.pem -pubout -out public.pem");
    workshop.both_ways(RSA[0], RSA[1]);

    // Keys made here, read there.
    let pair = Ed25519Pair::from_seed([42; 32]).unwrap();
    workshop.write("private.pem", pair.private_pem());
    workshop.write("public.pem", pair.public_pem());
    workshop.both_ways(ED25519[0], ED25519[1]);

    std::fs::remove_dir_all(&workshop.0).unwrap();
}
