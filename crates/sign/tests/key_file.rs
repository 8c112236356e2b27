//! Key files: which are read, and which are refused.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use binance_kit_sign::{Algorithm, Credentials, KeyFile, SignError, SignErrorKind};

const ED25519: &str = include_str!("fixtures/ed25519-pkcs8-v1.pem");
const CERTIFICATE: &str = include_str!("fixtures/certificate.pem");

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("key-file-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, contents: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn refusal(file: &KeyFile) -> SignErrorKind {
    let error = file.read().unwrap_err();
    assert_eq!(error.path(), Some(file.path()));
    assert!(error.to_string().contains(&file.path().display().to_string()), "{error}");
    error.kind()
}

#[test]
fn a_private_file_is_read() {
    let folder = Folder::new("good");
    for mode in [0o600, 0o400] {
        let path = folder.file(&format!("{mode:o}"), "contents\n", mode);
        assert_eq!(KeyFile::new(&path).read().unwrap().as_bytes(), b"contents\n");
    }
    let empty = folder.file("empty", "", 0o600);
    assert_eq!(KeyFile::new(empty).read().unwrap().as_bytes(), b"");
    let largest = folder.file("largest", &"x".repeat(64 * 1024), 0o600);
    assert_eq!(KeyFile::new(largest).read().unwrap().as_bytes().len(), 64 * 1024);
}

#[test]
fn credentials_from_files() {
    let folder = Folder::new("credentials");
    let load = |name: &str, contents: &str| -> Result<Credentials, SignError> {
        Credentials::from_key_file("key", &KeyFile::new(folder.file(name, contents, 0o600)))
    };

    let ed25519 = load("ed25519", ED25519).unwrap();
    assert_eq!(ed25519.algorithm(), Algorithm::Ed25519);
    assert_eq!(
        ed25519.sign(include_bytes!("fixtures/payload-ascii.txt")).unwrap().as_str(),
        include_str!("fixtures/ed25519-ascii.sig")
    );
    let rsa = load("rsa", include_str!("fixtures/rsa2048-pkcs1.pem")).unwrap();
    assert_eq!(rsa.algorithm(), Algorithm::RsaSha256);

    // A secret written by an editor ends with a line end, which is not part of it.
    let hmac = load("hmac", "mySecret\r\n").unwrap();
    assert_eq!(hmac.algorithm(), Algorithm::HmacSha256);
    let expected = Credentials::hmac("key", "mySecret").unwrap().sign(b"payload").unwrap();
    assert_eq!(hmac.sign(b"payload").unwrap().as_str(), expected.as_str());

    for (name, contents, expected) in [
        ("both", format!("{ED25519}{CERTIFICATE}"), SignErrorKind::PemSeveralBlocks),
        ("words", "two words".to_owned(), SignErrorKind::SecretMalformed),
        ("nothing", "\n".to_owned(), SignErrorKind::SecretEmpty),
    ] {
        let error = load(name, &contents).unwrap_err();
        assert_eq!(error.kind(), expected);
        assert!(error.path().is_some_and(|path| path.ends_with(name)));
    }
}

#[test]
fn missing() {
    let folder = Folder::new("missing");
    let error = KeyFile::new(folder.0.join("nothing-here")).read().unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::FileOpen);
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn readable_by_others() {
    let folder = Folder::new("mode");
    let path = folder.file("key", "contents", 0o644);
    let file = KeyFile::new(&path);
    assert_eq!(refusal(&file), SignErrorKind::FilePermissions { mode: 0o644 });
    assert!(file.read().unwrap_err().to_string().contains("0644"));
    assert_eq!(refusal(&file.clone().allow_group_access()), SignErrorKind::FilePermissions { mode: 0o644 });

    let group = KeyFile::new(folder.file("group", "contents", 0o640));
    assert_eq!(refusal(&group), SignErrorKind::FilePermissions { mode: 0o640 });
    assert_eq!(group.allow_group_access().read().unwrap().as_bytes(), b"contents");
}

#[test]
fn a_link_is_followed_only_when_asked() {
    let folder = Folder::new("link");
    let target = folder.file("target", "contents", 0o600);
    let link = folder.0.join("link");
    symlink(&target, &link).unwrap();
    let file = KeyFile::new(&link);
    assert_eq!(refusal(&file), SignErrorKind::FileSymlink);
    assert_eq!(file.clone().follow_symlinks().read().unwrap().as_bytes(), b"contents");

    // The rules hold for the target.
    fs::set_permissions(&target, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(refusal(&file.clone().follow_symlinks()), SignErrorKind::FilePermissions { mode: 0o644 });
    fs::remove_file(&target).unwrap();
    assert_eq!(refusal(&file.follow_symlinks()), SignErrorKind::FileOpen);
}

#[test]
fn a_folder_and_a_device() {
    let folder = Folder::new("folder");
    assert_eq!(refusal(&KeyFile::new(&folder.0)), SignErrorKind::FileNotRegular);
    assert_eq!(refusal(&KeyFile::new("/dev/zero")), SignErrorKind::FileNotRegular);
}

#[test]
fn a_pipe_does_not_hang() {
    let folder = Folder::new("pipe");
    let pipe = folder.0.join("pipe");
    if !Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().is_ok_and(|status| status.success()) {
        println!("skipped: there is no mkfifo here");
        return;
    }
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(refusal(&KeyFile::new(pipe)));
    });
    // The limit only turns a hang into a failure.
    let kind = receiver.recv_timeout(Duration::from_secs(60)).expect("must not wait for a writer");
    assert_eq!(kind, SignErrorKind::FileNotRegular);
}

#[test]
fn too_large() {
    let folder = Folder::new("large");
    let path = folder.file("slightly", &"x".repeat(64 * 1024 + 1), 0o600);
    assert_eq!(refusal(&KeyFile::new(path)), SignErrorKind::FileTooLarge);

    // A gigabyte that takes no room on the disk, and must not be read.
    let path = folder.file("gigabyte", "", 0o600);
    File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    assert_eq!(refusal(&KeyFile::new(path)), SignErrorKind::FileTooLarge);
}

#[test]
fn files_of_another_user() {
    let folder = Folder::new("owner");
    let path = folder.file("key", "contents", 0o600);
    let other_user = fs::metadata(&path).unwrap().uid() + 12_345;
    if chown(&path, Some(other_user), None).is_err() {
        println!("skipped: only root can give a file away (the rule itself has a unit test)");
        return;
    }
    if !Path::new("/proc/self").exists() {
        println!("skipped: without /proc the owner is not checked");
        return;
    }
    assert_eq!(refusal(&KeyFile::new(path)), SignErrorKind::FileOwner { owner: other_user });
}
