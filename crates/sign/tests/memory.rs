//! Looks for secrets in the memory of this process after they ought to be erased.
//!
//! One test, in a process of its own: everything else that runs would put copies there.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_sign::{Credentials, KeyFile, SecretBytes, VerifyingKey};
use zeroize::Zeroizing;

/// Later allocations overwrite parts of a freed block, so a search for a whole secret would miss what is left;
/// any 32 bytes of it are as bad.
const WINDOW: usize = 32;
/// Secrets to search for are kept masked, so that they are not found themselves.
const MASK: u8 = 0x5a;

/// A secret to search for.
struct Needle {
    /// Its parts, masked.
    parts: Vec<Vec<u8>>,
    /// Which pairs of (masked) bytes a window can start with.
    starts: Vec<bool>,
    /// Room for the list of mappings, taken beforehand: a search must not allocate, or it would overwrite the
    /// freed blocks it is to look at.
    maps: RefCell<String>,
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

impl Needle {
    fn new(parts: Vec<Vec<u8>>) -> Self {
        let mut starts = vec![false; 1 << 16];
        for window in parts.iter().flat_map(|part| part.windows(WINDOW)) {
            starts[pair(window[0], window[1])] = true;
        }
        assert!(starts.contains(&true), "there is something to search for");
        Self { parts, starts, maps: RefCell::new(String::with_capacity(1 << 18)) }
    }

    fn matches(&self, candidate: &[u8]) -> bool {
        self.starts[pair(candidate[0] ^ MASK, candidate[1] ^ MASK)]
            && self
                .parts
                .iter()
                .flat_map(|part| part.windows(WINDOW))
                .any(|window| candidate.iter().zip(window).all(|(byte, masked)| byte ^ MASK == *masked))
    }

    /// How many windows of the secret are in the writable memory of this process.
    fn count(&self) -> usize {
        let mut maps = self.maps.borrow_mut();
        maps.clear();
        File::open("/proc/self/maps").unwrap().read_to_string(&mut maps).unwrap();
        let mut memory = File::open("/proc/self/mem").unwrap();
        let mut hits = 0;
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let range = fields.next().unwrap();
            if !fields.next().unwrap().starts_with("rw") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let start = u64::from_str_radix(start, 16).unwrap();
            let end = u64::from_str_radix(end, 16).unwrap();
            // Page by page, with what overlaps, through one small buffer that is cleared each time, so that
            // the search leaves no copies.
            let mut buffer = [0; 4096 + WINDOW - 1];
            let mut position = start;
            while position < end {
                let wanted = buffer.len().min(usize::try_from(end - position).unwrap());
                let readable = memory
                    .seek(SeekFrom::Start(position))
                    .and_then(|_| memory.read_exact(&mut buffer[..wanted]))
                    .is_ok();
                if readable {
                    hits += buffer[..wanted].windows(WINDOW).filter(|window| self.matches(window)).count();
                }
                buffer.fill(0);
                position += 4096;
            }
        }
        hits
    }
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// A secret of 64 letters that is nowhere in the program.
fn secret(salt: u8) -> (String, Needle) {
    let letter = |index: u8| b'A' + (index.wrapping_mul(index).wrapping_add(salt ^ index) % 26);
    let mut text = String::with_capacity(64);
    text.extend((0..64).map(|index| char::from(letter(index))));
    let needle = Needle::new(vec![masked(text.as_bytes())]);
    (text, needle)
}

/// The lines of a PEM.
fn lines(pem: &[u8]) -> impl Iterator<Item = &[u8]> {
    pem.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"-----"))
}

/// The private numbers of an RSA key, which follow its modulus and exponent.
fn private_numbers(pem: &[u8]) -> Needle {
    let mut body = Zeroizing::new(Vec::with_capacity(pem.len()));
    for line in lines(pem) {
        body.extend_from_slice(line);
    }
    let mut binary = Zeroizing::new(vec![0; pem.len()]);
    let length = STANDARD.decode_slice(&body[..], &mut binary).unwrap();
    Needle::new(vec![masked(&binary[280..length])])
}

#[test]
fn copies_are_erased() {
    if let Err(error) = File::open("/proc/self/mem") {
        println!("skipped: this process may not read its own memory ({error})");
        return;
    }

    // A secret that is handed over, used, and dropped, with the key still alive. That it is found before is
    // the proof that the search works.
    let (text, needle) = secret(101);
    let owned = SecretBytes::from(text);
    assert!(needle.count() >= 64 - WINDOW);
    let credentials = Credentials::hmac("key", &owned).unwrap();
    drop(owned);
    assert_eq!(needle.count(), 0, "HMAC secret");
    assert_eq!(credentials.sign(b"payload").unwrap().as_str().len(), 64);
    assert_eq!(needle.count(), 0, "HMAC secret after signing");

    // A PEM from a file: neither its text nor its decoded form stays behind.
    let pem = include_bytes!("fixtures/rsa2048-pkcs1.pem");
    let text = Needle::new(lines(pem).map(masked).collect());
    let binary = private_numbers(pem);
    assert_eq!((text.count(), binary.count()), (0, 0), "the test itself leaves none");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}.pem", std::process::id()));
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    std::io::Write::write_all(&mut options.open(&path).unwrap(), pem).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

    let file = KeyFile::new(&path);
    let contents = file.read().unwrap();
    assert!(text.count() >= 100, "the file's contents are in memory while they are held");
    drop(contents);
    assert_eq!(text.count(), 0, "file contents");
    // Refused as soon as it is decoded: nothing follows that could overwrite what was left behind.
    VerifyingKey::from_public_pem(pem).unwrap_err();
    assert_eq!((text.count(), binary.count()), (0, 0), "text and decoded form of a refused key");
    let credentials = Credentials::from_key_file("key", &file).unwrap();
    assert_eq!((text.count(), binary.count()), (0, 0), "text and decoded form of a key in use");
    assert_eq!(credentials.sign(b"payload").unwrap().as_str().len(), 344);
    assert_eq!((text.count(), binary.count()), (0, 0), "text and decoded form after signing");
    drop(credentials);
    fs::remove_file(&path).unwrap();
}
