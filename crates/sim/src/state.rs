//! What an exchange is, in a file: saved whole or not at all, and known again only if nothing in it was changed.
//!
//! The first line says what the file is and has the digest of the second, which has the rest.

use crate::engine::{AccountId, Engine};
use crate::error::{SimError, SimErrorKind};
use crate::exchange::Exchange;
use crate::market::Market;
use crate::shared::{Core, Shared};
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is written now, and the only thing that is read: the engine's own structure is what is saved.
const VERSION: u32 = 4;
const FORMAT: &str = "binance-kit-sim state";

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Name of the format.
    format: String,
    /// Version of the format.
    version: u32,
    /// The SHA-256 of the second line, without its end, in hexadecimal digits.
    digest: String,
}

/// The second line, as it is written.
#[derive(Serialize)]
struct Borrowed<'a> {
    /// Time of the exchange.
    time: Timestamp,
    /// Seed.
    seed: u64,
    /// Internal account of admin orders, once there is one.
    admin_account: Option<AccountId>,
    /// Engine.
    engine: &'a Engine,
    /// Makers and takers, where there are any.
    market: Option<&'a Market>,
}

/// The second line, as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    /// The exchange's time when it was saved.
    pub(crate) time: Timestamp,
    /// Seed.
    pub(crate) seed: u64,
    /// Internal account of admin orders, once there is one.
    pub(crate) admin_account: Option<AccountId>,
    /// Engine.
    pub(crate) engine: Engine,
    /// Makers and takers, where there are any.
    pub(crate) market: Option<Market>,
}

/// Where a state comes from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Path of the file.
    pub(crate) path: PathBuf,
    /// Whether it is an error that there is no such file.
    pub(crate) required: bool,
}

fn failed(context: impl std::fmt::Display) -> SimError {
    SimError::new(SimErrorKind::State, context)
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The state as the bytes of a file.
pub(crate) fn encode(core: &Core, now: Timestamp) -> Result<Vec<u8>, SimError> {
    let wrong = |error| SimError::with(SimErrorKind::State, "the state cannot be written down", error);
    let state = Borrowed {
        time: now,
        seed: core.seed,
        admin_account: core.admin_account,
        engine: &core.engine,
        market: core.market.as_ref(),
    };
    let body = serde_json::to_vec(&state).map_err(wrong)?;
    let head = Head { format: FORMAT.to_owned(), version: VERSION, digest: digest(&body) };
    let mut bytes = serde_json::to_vec(&head).map_err(wrong)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&body);
    bytes.push(b'\n');
    Ok(bytes)
}

/// The state in the bytes of a file.
fn decode(bytes: &[u8]) -> Result<Saved, String> {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let head: Head = lines
        .next()
        .and_then(|line| serde_json::from_slice(line).ok())
        .filter(|head: &Head| head.format == FORMAT)
        .ok_or("it is not the state of an exchange")?;
    if head.version != VERSION {
        return Err(format!("it has version {}, and only version {VERSION} is understood", head.version));
    }
    let body = lines.next().unwrap_or_default();
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    if digest(body) != head.digest {
        return Err("it was cut short or changed since it was saved".to_owned());
    }
    serde_json::from_slice(body)
        .map_err(|error| format!("it was saved by another release, whose state has other parts: {error}"))
}

impl Source {
    /// Checks that the state can be saved there, before anything begins that would be lost at the end.
    pub(crate) fn check(&self) -> Result<(), SimError> {
        if self.required {
            return Ok(());
        }
        let shown = self.path.display();
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(failed(format_args!(
                "the state cannot be saved to {shown}: there is no folder {}; create it, or name a file elsewhere",
                folder.display()
            )));
        }
        let temporary = temporary(&self.path);
        create(&temporary).map(drop).and_then(|()| std::fs::remove_file(&temporary)).map_err(|error| {
            SimError::with(SimErrorKind::State, format_args!("the state cannot be saved to {shown}"), error)
        })
    }

    /// Reads the state; none where there may be none.
    pub(crate) fn read(&self) -> Result<Option<Saved>, SimError> {
        let shown = self.path.display();
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.required => return Ok(None),
            Err(error) => {
                let context = format_args!("the state {shown} cannot be read");
                return Err(SimError::with(SimErrorKind::State, context, error));
            }
        };
        decode(&bytes)
            .map(Some)
            .map_err(|why| failed(format_args!("the state {shown} cannot be used: {why}")))
    }
}

/// Where a file is written before it takes its place.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Creates a file that only its owner can read: it has the balances and the orders of accounts.
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

/// Writes a file so that there is all of it or what was there before.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let file = create(&temporary)?;
    replace(path, &temporary, file, bytes)
}

/// Fills a file and lets it take the place of another; it is gone if that fails.
fn replace(path: &Path, temporary: &Path, mut file: File, bytes: &[u8]) -> io::Result<()> {
    let written = (|| {
        file.write_all(bytes)?;
        // A disk may say only now that it is full.
        file.sync_all()?;
        std::fs::rename(temporary, path)
    })();
    if written.is_err() {
        // It may not even be there.
        let _ = std::fs::remove_file(temporary);
    }
    written
}

impl Shared {
    pub(crate) fn save(&self, path: &Path) -> Result<(), SimError> {
        let bytes = self.run(|core, now| encode(core, now))?;
        write(path, &bytes).map_err(|error| {
            let context = format_args!("the state cannot be written to {}", path.display());
            SimError::with(SimErrorKind::State, context, error)
        })
    }
}

impl Exchange {
    /// Saves what the exchange is to a file: accounts, balances, orders, lists, trades, candles, ids, and the market with
    /// its random source. [`ExchangeBuilder::load`](crate::ExchangeBuilder::load) goes on from there. The file is complete or,
    /// after an error, what it was before. Blocks until it is on the disk.
    ///
    /// Not in it are API keys (no secret is ever written: they come from the configuration again), connections and what
    /// they are subscribed to, faults, and what counts towards rate limits.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::State`] when the file cannot be written, say because the disk is full.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SimError> {
        self.shared.save(path.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_state_is_said_to_be_none() {
        let error = |bytes: &[u8]| decode(bytes).unwrap_err();
        assert_eq!(error(b""), "it is not the state of an exchange");
        assert_eq!(error(b"{\"format\":\"other\",\"version\":1,\"digest\":\"\"}\n{}\n"), error(b"\xff\n"));
        let head = |version, body: &[u8]| {
            let head = Head { format: FORMAT.to_owned(), version, digest: digest(body) };
            [serde_json::to_vec(&head).unwrap(), b"\n".to_vec(), body.to_vec()].concat()
        };
        assert_eq!(error(&head(9, b"{}")), "it has version 9, and only version 4 is understood");
        let mut cut = head(4, b"{\"time\":1}");
        cut.pop();
        assert_eq!(error(&cut), "it was cut short or changed since it was saved");
        assert!(error(&head(4, b"{\"time\":1}")).contains("missing field `seed`"));
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_known_at_once() {
        let directory = std::env::temp_dir().join(format!("binance-kit-place-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let check = |name: &str| Source { path: directory.join(name), required: false }.check();
        let error = check("none/exchange.state").unwrap_err();
        assert_eq!(error.kind(), SimErrorKind::State);
        assert!(error.to_string().contains("there is no folder"), "{error}");
        assert!(error.to_string().contains("create it, or name a file elsewhere"), "{error}");
        check("exchange.state").unwrap();
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0, "the check leaves nothing behind");
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn nothing_is_left_of_a_file_that_could_not_be_written() {
        let directory = std::env::temp_dir().join(format!("binance-kit-state-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("target")).unwrap();
        // A directory cannot be replaced by a file, so the last step fails.
        write(&directory.join("target"), b"state").unwrap_err();
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
        write(&directory.join("file"), b"one").unwrap();
        write(&directory.join("file"), b"two").unwrap();
        assert_eq!(std::fs::read(directory.join("file")).unwrap(), b"two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(directory.join("file")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{mode:o}");
        }
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 2);
        // A disk without room: `/dev/full` is one, where there is one.
        #[cfg(unix)]
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let (path, temporary) = (directory.join("full"), directory.join("full.tmp"));
            let error = replace(&path, &temporary, full, b"state").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(!path.exists());
        }
        std::fs::remove_dir_all(directory).unwrap();
    }
}
