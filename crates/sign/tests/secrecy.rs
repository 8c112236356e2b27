//! Nothing prints a secret, and the types are what clients need them to be.
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_sign::{
    Algorithm, ApiKey, Credentials, Ed25519Pair, KeyFile, SecretBytes, SignError, SignErrorKind, Signature,
    Signer, VerifyError, VerifyErrorKind, VerifyingKey,
};

/// Made of letters and digits, so that it can stand for an API key, a secret and a part of a PEM.
const SENTINEL: &str = "SENTINELsentinelSENTINELsentinel";
const API_KEY: &str = "SENTINELsentinelSENTINELsentinelLAST";

/// Everything that can be printed of an error, down to the last source.
fn everything(error: &SignError) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {}", error.kind(), error.kind());
    let mut source = error.source();
    while let Some(inner) = source {
        write!(text, " {inner} {inner:?}").unwrap();
        source = inner.source();
    }
    text
}

fn assert_clean(text: &str) {
    for part in ["SENTINEL", "sentinel"] {
        assert!(!text.contains(part), "a secret was printed: {text}");
    }
}

#[derive(Debug)]
struct Leaky {
    #[expect(dead_code, reason = "only for its Debug")]
    secret: &'static str,
}

impl Signer for Leaky {
    fn sign(&self, _payload: &[u8]) -> Result<Signature, SignError> {
        Err(SignError::external("the module is locked"))
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }
}

#[test]
fn debug_of_everything_is_clean() {
    let hmac = Credentials::hmac(API_KEY, SENTINEL).unwrap();
    assert_eq!(
        format!("{hmac:?}"),
        "Credentials { api_key: ApiKey(…LAST), algorithm: HmacSha256, .. }",
        "four characters of the API key at most"
    );
    let pair = Ed25519Pair::from_seed(SENTINEL.as_bytes().try_into().unwrap()).unwrap();
    let external = Credentials::external(API_KEY, Arc::new(Leaky { secret: SENTINEL })).unwrap();
    for printed in [
        format!("{:#?}", hmac.clone()),
        format!("{:?}", hmac.api_key()),
        format!("{external:?}"),
        format!("{:?}", SecretBytes::from(SENTINEL.to_owned())),
        format!("{:?}", VerifyingKey::hmac(SENTINEL).unwrap()),
        format!("{:?}", VerifyingKey::from_public_pem(pair.public_pem()).unwrap()),
    ] {
        assert_clean(&printed);
    }

    // The seed of this pair is the sentinel; so is the middle of its PEM, as base64.
    let private_pem = String::from_utf8(pair.private_pem().as_bytes().to_vec()).unwrap();
    let body = private_pem.lines().nth(1).unwrap();
    let credentials = pair.credentials(API_KEY).unwrap();
    let signature = credentials.sign(b"payload").unwrap();
    for printed in [format!("{pair:?}"), format!("{:?}", pair.private_pem()), format!("{credentials:?}")] {
        assert_clean(&printed);
        assert!(!printed.contains(&body[24..40]), "{printed}");
    }
    assert_eq!(format!("{signature:?}"), "Signature(88 characters)");
}

#[test]
fn errors_do_not_quote_what_they_refuse() {
    let file = KeyFile::new("no/such/file");
    let broken = [
        format!("-----BEGIN PRIVATE KEY-----\n{SENTINEL}\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{SENTINEL}$\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{SENTINEL}\n-----END RSA PRIVATE KEY-----\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{SENTINEL}\n"),
        format!("-----BEGIN PRIVATE KEY-----{SENTINEL}-----END PRIVATE KEY-----"),
        format!("-----BEGIN {SENTINEL}-----\n{SENTINEL}\n-----END {SENTINEL}-----\n"),
        SENTINEL.to_owned(),
        // Well formed up to the point where the key itself is looked at.
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(
                [
                    &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 5, 0x20],
                    SENTINEL.as_bytes()
                ]
                .concat()
            )
        ),
    ];
    let mut errors: Vec<SignError> = Vec::new();
    for pem in &broken {
        errors.push(Credentials::from_pem("key", pem).unwrap_err());
        errors.push(Credentials::ed25519_pem("key", pem).unwrap_err());
        errors.push(Credentials::rsa_pem("key", pem).unwrap_err());
        errors.push(VerifyingKey::from_public_pem(pem).unwrap_err());
    }
    errors.push(Credentials::hmac(format!("{SENTINEL}\n"), "secret").unwrap_err());
    errors.push(Credentials::hmac("key", format!("{SENTINEL} ")).unwrap_err());
    errors.push(ApiKey::new(format!("{SENTINEL}-")).unwrap_err());
    errors.push(Credentials::from_key_file("key", &file).unwrap_err());
    let external = Credentials::external("key", Arc::new(Leaky { secret: SENTINEL })).unwrap();
    errors.push(external.sign(SENTINEL.as_bytes()).unwrap_err());
    assert_eq!(errors.last().unwrap().kind(), SignErrorKind::External);
    assert_eq!(errors.last().unwrap().source().unwrap().to_string(), "the module is locked");
    for error in &errors {
        assert_clean(&everything(error));
    }

    let key = VerifyingKey::hmac(SENTINEL).unwrap();
    let error = key.verify(b"payload", SENTINEL).unwrap_err();
    assert_clean(&format!("{error} {error:?}"));
}

#[test]
fn an_external_signer_signs() {
    #[derive(Debug)]
    struct Elsewhere(Credentials);

    impl Signer for Elsewhere {
        fn sign(&self, payload: &[u8]) -> Result<Signature, SignError> {
            let raw = STANDARD.decode(self.0.sign(payload)?.as_str()).map_err(SignError::external)?;
            Ok(Signature::base64(&raw))
        }

        fn algorithm(&self) -> Algorithm {
            self.0.algorithm()
        }
    }

    let pair = Ed25519Pair::from_seed([9; 32]).unwrap();
    let signer = Arc::new(Elsewhere(pair.credentials("inner").unwrap()));
    let credentials = Credentials::external("outer", signer).unwrap();
    assert_eq!(credentials.algorithm(), Algorithm::Ed25519);
    assert_eq!(credentials.api_key().as_str(), "outer");
    let signature = credentials.sign("１２３".as_bytes()).unwrap();
    let key = VerifyingKey::from_public_pem(pair.public_pem()).unwrap();
    assert_eq!(key.verify("１２３".as_bytes(), signature.as_str()), Ok(()));
}

/// Compiles only if the types can be shared between threads and tasks.
#[test]
fn auto_traits() {
    fn shared<T: Send + Sync + Unpin + Debug + 'static>() -> usize {
        size_of::<T>()
    }
    fn cheap_clone<T: Clone>(_: &T) {}
    fn error<T: Error + Send + Sync + 'static>() -> usize {
        size_of::<T>()
    }

    let sizes = [
        shared::<ApiKey>(),
        shared::<Credentials>(),
        shared::<Ed25519Pair>(),
        shared::<KeyFile>(),
        shared::<SecretBytes>(),
        shared::<Signature>(),
        shared::<VerifyingKey>(),
        shared::<Arc<dyn Signer>>(),
        shared::<Algorithm>(),
        shared::<SignErrorKind>(),
        shared::<VerifyErrorKind>(),
        error::<SignError>(),
        error::<VerifyError>(),
    ];
    cheap_clone(&Credentials::hmac("key", "secret").unwrap());
    // A `Result` with a large error makes every call slower.
    assert!(sizes.into_iter().all(|size| size <= 128), "{sizes:?}");
}
