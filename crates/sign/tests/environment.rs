//! Credentials from environment variables: which variables, in which combinations, and what an error says.

use std::ffi::OsString;

use binance_kit_sign::{Algorithm, Credentials, SignError, SignErrorKind};

const PEM: &str = include_str!("fixtures/ed25519-pkcs8-v1.pem");
const SENTINEL: &str = "SENTINELsentinel";

fn from(variables: &[(&'static str, &str)]) -> Result<Credentials, SignError> {
    let variables: Vec<(&str, OsString)> =
        variables.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
    Credentials::from_variables(|wanted| {
        variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    })
}

#[test]
fn each_kind_of_key_is_read() {
    let hmac = from(&[("BINANCE_API_KEY", "abc"), ("BINANCE_SECRET_KEY", SENTINEL)]).unwrap();
    assert_eq!((hmac.api_key().as_str(), hmac.algorithm()), ("abc", Algorithm::HmacSha256));
    let pem = from(&[("BINANCE_API_KEY", "abc"), ("BINANCE_PRIVATE_KEY", PEM)]).unwrap();
    assert_eq!(pem.algorithm(), Algorithm::Ed25519);
    let empty_counts_as_unset =
        from(&[("BINANCE_API_KEY", "abc"), ("BINANCE_SECRET_KEY", ""), ("BINANCE_PRIVATE_KEY", PEM)]);
    assert_eq!(empty_counts_as_unset.unwrap().algorithm(), Algorithm::Ed25519);
}

#[cfg(unix)]
#[test]
fn a_key_file_is_read_under_its_rules() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::temp_dir().join(format!("binance-kit-sign-environment-{}", std::process::id()));
    std::fs::write(&path, PEM).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let variables = [("BINANCE_API_KEY", "abc"), ("BINANCE_PRIVATE_KEY_FILE", path.to_str().unwrap())];
    assert_eq!(from(&variables).unwrap().algorithm(), Algorithm::Ed25519);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = from(&variables).unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::FilePermissions { mode: 0o644 });
    assert_eq!((error.variable(), error.path()), (Some("BINANCE_PRIVATE_KEY_FILE"), Some(path.as_path())));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn errors_name_the_variable_and_never_show_a_value() {
    let key = ("BINANCE_API_KEY", "abc");
    for (variables, text) in [
        (&[][..], "environment variable not set: BINANCE_API_KEY"),
        (
            &[key],
            "environment variable not set: BINANCE_SECRET_KEY, BINANCE_PRIVATE_KEY and BINANCE_PRIVATE_KEY_FILE",
        ),
        (
            &[key, ("BINANCE_SECRET_KEY", SENTINEL), ("BINANCE_PRIVATE_KEY", PEM)],
            "the environment variables BINANCE_SECRET_KEY and BINANCE_PRIVATE_KEY are both set; set exactly one of them",
        ),
        (
            &[("BINANCE_API_KEY", "SENTINEL sentinel"), ("BINANCE_SECRET_KEY", SENTINEL)],
            "environment variable BINANCE_API_KEY: the API key must be 1 to 128 ASCII letters and digits",
        ),
        (
            &[key, ("BINANCE_SECRET_KEY", "SENTINEL sentinel")],
            "environment variable BINANCE_SECRET_KEY: the HMAC secret contains spaces, line ends or bytes that are not printable ASCII",
        ),
        (
            &[key, ("BINANCE_PRIVATE_KEY", "-----BEGIN PRIVATE KEY----- SENTINEL -----END PRIVATE KEY-----")],
            "environment variable BINANCE_PRIVATE_KEY: the PEM has lost its line ends",
        ),
    ] {
        let error = from(variables).unwrap_err();
        assert_eq!(error.to_string(), text);
        assert!(!format!("{error:?} {error:#?}").to_lowercase().contains("sentinel"));
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt as _;
    let error = Credentials::from_variables(|name| match name {
        "BINANCE_API_KEY" => Some("abc".into()),
        "BINANCE_SECRET_KEY" => Some(OsString::from_vec(vec![b'S', 0xFF])),
        _ => None,
    })
    .unwrap_err();
    assert_eq!(
        (error.kind(), error.variable()),
        (SignErrorKind::VariableNotUnicode, Some("BINANCE_SECRET_KEY"))
    );
}
