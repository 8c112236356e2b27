//! Looks for secrets in the memory of this process after they ought to be erased.
//!
//! One test, in a process of its own: everything else that runs would put copies there.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of the tests; a panic is how a test fails")]

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_sign::{Credentials, KeyFile, SecretBytes};
use zeroize::Zeroizing;

/// An allocator overwrites the first bytes of a freed block, so a search for a whole secret would miss it; any
/// 32 bytes of it are as bad.
const WINDOW: usize = 32;
/// The needle is kept masked, so that it is not found itself.
const MASK: u8 = 0x5a;

/// How often the (masked) needle is in the writable memory of this process.
fn count(masked: &[u8; WINDOW]) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
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
        // Page by page, with what overlaps, through one small buffer that is cleared each time, so that the
        // search leaves no copies.
        let mut buffer = [0; 4096 + WINDOW - 1];
        let mut position = start;
        while position < end {
            let wanted = buffer.len().min(usize::try_from(end - position).unwrap());
            let readable = memory
                .seek(SeekFrom::Start(position))
                .and_then(|_| memory.read_exact(&mut buffer[..wanted]))
                .is_ok();
            if readable {
                hits += buffer[..wanted]
                    .windows(WINDOW)
                    .filter(|window| window.iter().zip(masked).all(|(byte, mask)| byte ^ MASK == *mask))
                    .count();
            }
            buffer.fill(0);
            position += 4096;
        }
    }
    hits
}

/// A secret of 64 letters that is nowhere in the program, and the masked middle of it.
fn secret(salt: u8) -> (String, [u8; WINDOW]) {
    let letter = |index: u8| b'A' + (index.wrapping_mul(index).wrapping_add(salt ^ index) % 26);
    let mut text = String::with_capacity(64);
    text.extend((0..64).map(|index| char::from(letter(index))));
    let masked = std::array::from_fn(|index| letter(u8::try_from(index).unwrap() + 20) ^ MASK);
    (text, masked)
}

/// 32 bytes from among the private numbers of a key, masked.
fn masked_binary(pem: &[u8]) -> [u8; WINDOW] {
    let mut body = Zeroizing::new(Vec::with_capacity(pem.len()));
    for line in pem.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"-----")) {
        body.extend_from_slice(line);
    }
    let mut binary = Zeroizing::new(vec![0; pem.len()]);
    let length = STANDARD.decode_slice(&body[..], &mut binary).unwrap();
    std::array::from_fn(|index| binary[length - 200 + index] ^ MASK)
}

#[test]
fn copies_are_erased() {
    if let Err(error) = File::open("/proc/self/mem") {
        println!("skipped: this process may not read its own memory ({error})");
        return;
    }

    // The search works at all: it finds a secret in a plain string, and the freed copy of it.
    let (plain, needle) = secret(3);
    assert!(count(&needle) >= 1, "the control must be found");
    drop(plain);

    // A secret that was handed over, used, and dropped, with the key still alive.
    let (text, needle) = secret(101);
    let owned = SecretBytes::from(text);
    assert!(count(&needle) >= 1);
    let credentials = Credentials::hmac("key", &owned).unwrap();
    drop(owned);
    assert_eq!(count(&needle), 0, "HMAC secret");
    assert_eq!(credentials.sign(b"payload").unwrap().as_str().len(), 64);
    assert_eq!(count(&needle), 0, "HMAC secret after signing");

    // A PEM from a file: neither its text nor its decoded form stays behind.
    let pem = include_bytes!("fixtures/rsa2048-pkcs1.pem");
    let line = pem.split(|byte| *byte == b'\n').nth(15).unwrap();
    let text_needle: [u8; WINDOW] = std::array::from_fn(|index| line[16 + index] ^ MASK);
    let binary_needle = masked_binary(pem);
    assert_eq!(count(&binary_needle), 0, "the test itself leaves none");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}.pem", std::process::id()));
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    std::io::Write::write_all(&mut options.open(&path).unwrap(), pem).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

    let file = KeyFile::new(&path);
    let contents = file.read().unwrap();
    assert!(count(&text_needle) >= 1, "the file's contents are in memory while they are held");
    drop(contents);
    let credentials = Credentials::from_key_file("key", &file).unwrap();
    assert_eq!(count(&text_needle), 0, "base64 text");
    assert_eq!(count(&binary_needle), 0, "decoded key");
    assert_eq!(credentials.sign(b"payload").unwrap().as_str().len(), 344);
    assert_eq!(count(&binary_needle), 0, "decoded key after signing");
    drop(credentials);
    fs::remove_file(&path).unwrap();
}
