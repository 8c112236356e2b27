//! Reading keys from files, and refusing files that others could read or replace.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

use zeroize::Zeroizing;

use crate::{SecretBytes, SignError, SignErrorKind};

/// More than any key needs.
const MAX_LENGTH: usize = 64 * 1024;

/// A file with a key in it, and how strict to be with it.
///
/// The file must be a regular file of at most 64 KiB. On Unix it must also be no symbolic link, belong to the
/// effective user or root, and have no permissions for other users (mode 0600 or 0400). The rules are
/// checked on the opened file, so replacing it in between gains nothing. Who the effective user is is
/// known on Linux with `/proc` mounted; elsewhere the owner is not checked.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// Where the file is.
    path: PathBuf,
    /// Whether symbolic links are followed.
    follow_symlinks: bool,
    /// Whether the group may read it.
    group_access: bool,
}

impl KeyFile {
    /// A key file under the strict rules. Nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), follow_symlinks: false, group_access: false }
    }

    /// Follows symbolic links. Containers mount secrets as links.
    #[must_use]
    pub fn follow_symlinks(mut self) -> Self {
        self.follow_symlinks = true;
        self
    }

    /// Lets the file be readable (not writable) by its group, as mode 0640 or 0440. Containers that run as a
    /// user other than root read mounted secrets through their group.
    #[must_use]
    pub fn allow_group_access(mut self) -> Self {
        self.group_access = true;
        self
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens, checks and reads the file. Blocks; on a pipe or a device it fails instead of waiting.
    ///
    /// # Errors
    /// One of the kinds `FileOpen`, `FileSymlink`, `FileNotRegular`, `FileChanged`, `FileOwner`,
    /// `FilePermissions`, `FileTooLarge` and `FileRead` of [`SignErrorKind`], with the path.
    pub fn read(&self) -> Result<SecretBytes, SignError> {
        let before = self.inspect().map_err(|error| error.at(&self.path))?;
        self.read_inspected(&before).map_err(|error| error.at(&self.path))
    }

    /// Looks at the file without opening it: opening a pipe can hang, and opening a device can do anything.
    fn inspect(&self) -> Result<Metadata, SignError> {
        let metadata =
            if self.follow_symlinks { fs::metadata(&self.path) } else { fs::symlink_metadata(&self.path) }
                .map_err(|error| SignError::with_source(SignErrorKind::FileOpen, error))?;
        if metadata.is_symlink() {
            return Err(SignErrorKind::FileSymlink.into());
        }
        if !metadata.is_file() {
            return Err(SignErrorKind::FileNotRegular.into());
        }
        Ok(metadata)
    }

    /// Opens the file and applies the rules to what was opened, whatever was seen before.
    fn read_inspected(&self, before: &Metadata) -> Result<SecretBytes, SignError> {
        let mut options = OpenOptions::new();
        options.read(true);
        platform::set_open_flags(&mut options, self.follow_symlinks);
        let file = options
            .open(&self.path)
            .map_err(|error| SignError::with_source(SignErrorKind::FileOpen, error))?;
        let opened =
            file.metadata().map_err(|error| SignError::with_source(SignErrorKind::FileRead, error))?;
        // A mounted secret is updated by turning a link, which is no attack.
        if !self.follow_symlinks && !platform::same_file(before, &opened) {
            return Err(SignErrorKind::FileChanged.into());
        }
        if !opened.is_file() {
            return Err(SignErrorKind::FileNotRegular.into());
        }
        platform::check_access(&opened, self.group_access)?;
        if opened.len() > MAX_LENGTH as u64 {
            return Err(SignErrorKind::FileTooLarge.into());
        }
        read_limited(file).map_err(|error| SignError::with_source(SignErrorKind::FileRead, error))?
    }
}

/// Reads into one buffer that never moves, so that no copy stays behind in freed memory.
fn read_limited(mut file: File) -> io::Result<Result<SecretBytes, SignError>> {
    let mut buffer = Zeroizing::new(vec![0; MAX_LENGTH + 1]);
    let mut length = 0;
    while let Some(free) = buffer.get_mut(length..).filter(|free| !free.is_empty()) {
        match file.read(free) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    // The file may have grown since its length was looked at.
    if length > MAX_LENGTH {
        return Ok(Err(SignErrorKind::FileTooLarge.into()));
    }
    buffer.truncate(length);
    Ok(Ok(buffer.into()))
}

#[cfg(unix)]
mod platform {
    use std::fs::{Metadata, OpenOptions};
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};

    use crate::SignErrorKind;

    // The values are the kernel's, so that this needs neither `libc` nor `unsafe`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    mod flags {
        pub(super) const NO_FOLLOW: i32 = if cfg!(any(
            target_arch = "aarch64",
            target_arch = "arm",
            target_arch = "m68k",
            target_arch = "powerpc",
            target_arch = "powerpc64",
        )) {
            0o100_000
        } else {
            0o400_000
        };
        pub(super) const NON_BLOCKING: i32 = if cfg!(any(
            target_arch = "mips",
            target_arch = "mips32r6",
            target_arch = "mips64",
            target_arch = "mips64r6"
        )) {
            0o200
        } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
            0x4000
        } else {
            0o4000
        };
    }
    #[cfg(any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly"
    ))]
    mod flags {
        pub(super) const NO_FOLLOW: i32 = 0x100;
        pub(super) const NON_BLOCKING: i32 = 0x4;
    }
    // Elsewhere the comparison of what was looked at with what was opened has to do.
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly"
    )))]
    mod flags {
        pub(super) const NO_FOLLOW: i32 = 0;
        pub(super) const NON_BLOCKING: i32 = 0;
    }

    /// Opening must not follow a link, nor wait for the other end of a pipe. (The standard library already
    /// keeps the descriptor from child processes.)
    pub(super) fn set_open_flags(options: &mut OpenOptions, follow_symlinks: bool) {
        let no_follow = if follow_symlinks { 0 } else { flags::NO_FOLLOW };
        options.custom_flags(flags::NON_BLOCKING | no_follow);
    }

    pub(super) fn same_file(first: &Metadata, second: &Metadata) -> bool {
        (first.dev(), first.ino()) == (second.dev(), second.ino())
    }

    pub(super) fn check_access(metadata: &Metadata, group_access: bool) -> Result<(), SignErrorKind> {
        check_owner_and_mode(metadata.uid(), metadata.mode(), effective_user(), group_access)
    }

    pub(super) fn check_owner_and_mode(
        owner: u32,
        mode: u32,
        effective_user: Option<u32>,
        group_access: bool,
    ) -> Result<(), SignErrorKind> {
        if owner != 0 && effective_user.is_some_and(|user| user != owner) {
            return Err(SignErrorKind::FileOwner { owner });
        }
        let forbidden = if group_access { 0o027 } else { 0o077 };
        if mode & forbidden != 0 {
            return Err(SignErrorKind::FilePermissions { mode: mode & 0o7777 });
        }
        Ok(())
    }

    /// The owner of `/proc/self` is the effective user of this process.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn effective_user() -> Option<u32> {
        std::fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn effective_user() -> Option<u32> {
        None
    }
}

#[cfg(not(unix))]
mod platform {
    use std::fs::{Metadata, OpenOptions};

    use crate::SignErrorKind;

    pub(super) fn set_open_flags(_options: &mut OpenOptions, _follow_symlinks: bool) {}

    pub(super) fn same_file(_first: &Metadata, _second: &Metadata) -> bool {
        true
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
    pub(super) fn check_access(_metadata: &Metadata, _group_access: bool) -> Result<(), SignErrorKind> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn owner_and_mode_rules() {
        let check = platform::check_owner_and_mode;
        for mode in [0o100_600, 0o100_400, 0o100_700] {
            assert_eq!(check(1000, mode, Some(1000), false), Ok(()));
        }
        assert_eq!(check(0, 0o600, Some(1000), false), Ok(()), "root may own it");
        assert_eq!(check(1001, 0o600, Some(1000), false), Err(SignErrorKind::FileOwner { owner: 1001 }));
        assert_eq!(check(1001, 0o600, Some(0), false), Err(SignErrorKind::FileOwner { owner: 1001 }));
        assert_eq!(check(1001, 0o600, None, false), Ok(()), "not known, not checked");
        for mode in [0o640, 0o604, 0o620, 0o610, 0o601, 0o644, 0o666, 0o777] {
            let expected = Err(SignErrorKind::FilePermissions { mode });
            assert_eq!(check(1000, 0o100_000 | mode, Some(1000), false), expected, "{mode:o}");
        }
        assert_eq!(check(1000, 0o640, Some(1000), true), Ok(()));
        assert_eq!(check(1000, 0o440, Some(1000), true), Ok(()));
        for mode in [0o660, 0o644, 0o641] {
            let expected = Err(SignErrorKind::FilePermissions { mode });
            assert_eq!(check(1000, mode, Some(1000), true), expected, "{mode:o}");
        }
    }

    /// What `read` would do if the file were replaced between the look and the opening.
    #[test]
    fn a_swap_after_the_look_is_noticed() {
        let folder = std::env::temp_dir().join(format!("binance-kit-sign-swap-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let (good, other) = (folder.join("good"), folder.join("other"));
        for path in [&good, &other] {
            fs::write(path, "secret").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let file = KeyFile::new(&good);
        let before = file.inspect().unwrap();
        assert_eq!(file.read_inspected(&before).unwrap().as_bytes(), b"secret");

        fs::rename(&good, folder.join("moved")).unwrap();
        symlink(&other, &good).unwrap();
        let error = file.read_inspected(&before).unwrap_err();
        assert_eq!(error.kind(), SignErrorKind::FileOpen, "the open itself refuses a link");
        let seen = file.clone().follow_symlinks().read_inspected(&before).unwrap();
        assert_eq!(seen.as_bytes(), b"secret");

        fs::remove_file(&good).unwrap();
        fs::rename(&other, &good).unwrap();
        assert_eq!(file.read_inspected(&before).unwrap_err().kind(), SignErrorKind::FileChanged);
        fs::remove_dir_all(&folder).unwrap();
    }
}
