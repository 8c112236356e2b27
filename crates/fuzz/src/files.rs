//! What is read from files: keys and recordings.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use binance_kit_record::{RecordEntry, Recording, recover};
use binance_kit_sign::{Credentials, VerifyingKey};

/// Keys as PEM text. Whether accepted or refused, nothing of the text is shown.
pub(crate) fn pem(input: &[u8]) {
    for credentials in [
        Credentials::from_pem("key", input),
        Credentials::ed25519_pem("key", input),
        Credentials::rsa_pem("key", input),
        Credentials::hmac("key", input),
    ] {
        match credentials {
            Ok(credentials) => {
                // The numbers of an RSA key may contradict each other, which shows when it signs.
                if let Err(error) = credentials.sign(b"timestamp=1") {
                    secret_free(input, &error.to_string());
                }
                secret_free(input, &format!("{credentials:?}"));
            }
            Err(error) => {
                secret_free(input, &error.to_string());
                secret_free(input, &format!("{error:?}"));
            }
        }
    }
    if let Ok(key) = VerifyingKey::from_public_pem(input) {
        assert!(key.verify(b"timestamp=1", "AAAA").is_err());
    }
}

/// No line of the input is in the text, unless it is one that says what follows.
fn secret_free(input: &[u8], text: &str) {
    for line in input.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if line.len() >= 24
            && !line.starts_with(b"-----")
            && let Ok(line) = std::str::from_utf8(line)
        {
            assert!(!text.contains(line), "{text}");
        }
    }
}

/// A file that is removed at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn scratch(input: &[u8]) -> Scratch {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("binance-kit-fuzz-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, input).unwrap();
    Scratch(path)
}

/// Reads to the end. Gives the number of entries before it, and whether the end is torn.
fn read(path: &std::path::Path) -> Option<(u64, bool)> {
    let mut recording = Recording::open(path).unwrap();
    let (mut entries, mut errors, mut torn, mut ended) = (0_u64, 0_u64, false, false);
    loop {
        match recording.next_entry() {
            Ok(Some(entry)) => {
                assert!(!ended, "something follows the end");
                torn = entry == RecordEntry::Torn;
                // A torn end that was cut off is an unfinished one.
                ended = torn || entry == RecordEntry::Unfinished;
                entries += u64::from(!ended);
            }
            Ok(None) => break,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                errors += 1;
            }
        }
        assert!(entries + errors < 50_000_000, "a recording without an end");
    }
    assert!(recording.next_entry().unwrap().is_none(), "an end is the end");
    (errors == 0).then_some((entries, torn))
}

/// Recordings, whole and damaged. Reading ends, and ends once; a recording that was recovered has no torn end, and the same entries.
pub(crate) fn recordings(input: &[u8]) {
    let file = scratch(input);
    let before = read(&file.0);
    if recover(&file.0).is_ok() {
        let after = read(&file.0);
        if let (Some((before, _)), Some((after, still_torn))) = (before, after) {
            assert!(!still_torn, "torn after it was recovered");
            assert_eq!(before, after);
        }
    }
}
