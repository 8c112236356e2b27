//! What `binance sim` prints when it is ready: a line of JSON for programs, a few lines for people.

use binance_kit::core::JsonWriter;
use binance_kit::sim::{DemoAccount, Exchange};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The ready line for programs: URLs and accounts. The keys of the demo account come from the seed and are valid for this exchange only.
pub(super) fn for_programs(exchange: &Exchange, certificate: Option<&str>) -> String {
    let mut json = JsonWriter::new();
    json.begin_object();
    json.field("rest", &exchange.rest_url());
    json.field("stream", &exchange.stream_url());
    json.field("ws_api", &exchange.ws_api_url());
    json.optional("control", exchange.control_url().as_ref());
    json.optional("certificate", certificate.as_ref());
    json.key("accounts");
    json.begin_array();
    for account in exchange.accounts() {
        json.element();
        json.begin_object();
        json.field("name", account.name());
        json.field("api_keys", &account.api_keys());
        if let Some(demo) = exchange.demo_account().filter(|demo| demo.name == account.name()) {
            json.field("hmac_api_key", &demo.hmac_api_key);
            json.field("hmac_secret", &demo.hmac_secret);
            json.field("ed25519_api_key", &demo.ed25519_api_key);
            json.field("ed25519_private_pem", &demo.ed25519_private_pem);
        }
        json.end_object();
    }
    json.end_array();
    json.end_object();
    json.into_string()
}

/// The files with the keys of the demo account.
#[derive(Debug)]
pub(super) struct KeyFiles {
    /// The Ed25519 private key as PEM.
    pem: PathBuf,
    /// Lines for a shell, with the HMAC key.
    env: PathBuf,
}

/// Writes the keys of the demo account into a folder, which is made if it is not there. Only their owner can read them.
pub(super) fn write_keys(folder: &Path, demo: &DemoAccount) -> Result<KeyFiles, io::Error> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(named)?;
    let files = KeyFiles { pem: folder.join("demo.pem"), env: folder.join("demo.env") };
    let hmac = format!(
        "export BINANCE_API_KEY={}\nexport BINANCE_SECRET_KEY={}\n",
        demo.hmac_api_key, demo.hmac_secret
    );
    for (path, text) in [(&files.pem, &demo.ed25519_private_pem), (&files.env, &hmac)] {
        create(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(named)?;
    }
    Ok(files)
}

fn create(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What is shown at a terminal: URLs, and lines to copy. No secret is among them.
pub(super) fn for_people(exchange: &Exchange, seed: u64, keys: Option<&KeyFiles>) -> String {
    let (rest, stream, ws_api) = (exchange.rest_url(), exchange.stream_url(), exchange.ws_api_url());
    let mut text = format!("The embedded exchange is ready (seed {seed}). Ctrl-C ends it.\n\n");
    let mut row = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<14} {value}");
    };
    row("REST", &rest);
    row("streams", &stream);
    row("WebSocket API", &ws_api);
    if let Some(control) = exchange.control_url() {
        row("status page", &control);
        row("control API", &format!("{control}/help"));
    }
    let insecure = if rest.starts_with("https") { "-k " } else { "" };
    let _ = writeln!(text, "\nLook:          curl {insecure}'{rest}/api/v3/depth?symbol=BTCUSDT&limit=5'");
    let _ = writeln!(text, "Your program:  Environment::custom(\"{rest}\", \"{stream}\", \"{ws_api}\")?");
    let Some(demo) = exchange.demo_account() else {
        let names: Vec<String> =
            exchange.accounts().iter().map(|account| account.name().to_owned()).collect();
        let _ = writeln!(text, "Accounts:      {}", names.join(", "));
        return text;
    };
    match keys {
        Some(keys) => {
            let _ = writeln!(
                text,
                "Its keys:      BINANCE_API_KEY={} BINANCE_PRIVATE_KEY_FILE={}\n               or, with HMAC: . {}",
                demo.ed25519_api_key,
                keys.pem.display(),
                keys.env.display()
            );
        }
        None => {
            let _ = writeln!(
                text,
                "Its keys:      add --keys FOLDER, which writes those of the account {:?}",
                demo.name
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn people_are_shown_urls_and_no_secrets() {
        let anywhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let exchange = Exchange::builder().seed(7).no_market().control(anywhere).start().await.unwrap();
        let demo = exchange.demo_account().unwrap();
        let folder = std::env::temp_dir().join(format!("binance-kit-keys-{}", std::process::id()));
        let keys = write_keys(&folder, demo).unwrap();
        // A second time replaces them.
        write_keys(&folder, demo).unwrap();
        for keys in [None, Some(&keys)] {
            let text = for_people(&exchange, 7, keys);
            for shown in [exchange.rest_url(), exchange.ws_api_url(), exchange.control_url().unwrap()] {
                assert!(text.contains(&shown), "{shown} is not in {text}");
            }
            assert!(text.lines().count() < 15 && text.lines().all(|line| line.len() < 200), "{text}");
            let private = demo.ed25519_private_pem.lines().nth(1).unwrap();
            assert!(!text.contains(&demo.hmac_secret) && !text.contains(private), "{text}");
            assert_eq!(text.contains("demo.pem"), keys.is_some());
            assert_eq!(text.contains("--keys FOLDER"), keys.is_none());
        }
        assert_eq!(std::fs::read_to_string(&keys.pem).unwrap(), demo.ed25519_private_pem);
        assert!(std::fs::read_to_string(&keys.env).unwrap().contains(&demo.hmac_secret));
        #[cfg(unix)]
        for path in [&keys.pem, &keys.env] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
