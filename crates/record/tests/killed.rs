//! A recorder that is killed at random moments, many times: each file replays, and lacks at most the block that was being
//! filled.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_record::{Payload, RecordEntry, Recorder, RecorderOptions, Recording, recover};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const KILLS: u64 = 50;
const BLOCK: usize = 4096;
/// What tells this program to be the recorder that is killed.
const CHILD: &str = "BINANCE_KIT_RECORD_TO";

/// Not a test by itself: the recorder, in a process of its own. Says the number of each frame it has handed over.
#[test]
fn child() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let options = RecorderOptions::to_file(path).block_bytes(BLOCK).block_interval(Duration::from_millis(20));
    let recorder = Recorder::start(options).unwrap();
    let mut out = std::io::stdout();
    for number in 0_u64.. {
        // So that no more than a block waits, however slow the disk is.
        while recorder.status().waiting >= BLOCK {
            std::thread::yield_now();
        }
        recorder.frame(number, 0, Payload::Text(&format!("{{\"number\":{number}}}")));
        if writeln!(out, "\nframe {number}").is_err() {
            return;
        }
    }
}

/// The numbers of the frames in a file, which must follow one another; and how many bytes of text they are.
fn numbers(path: &Path) -> u64 {
    let mut next = 0;
    for entry in Recording::open(path).unwrap() {
        match entry.unwrap() {
            RecordEntry::Frame(frame) => {
                assert_eq!(frame.received_nanos, next);
                assert_eq!(frame.text.as_bytes(), format!("{{\"number\":{next}}}").as_bytes());
                next += 1;
            }
            RecordEntry::Begin(_)
            | RecordEntry::Finished { .. }
            | RecordEntry::Torn
            | RecordEntry::Unfinished => {}
            other => panic!("{other:?}"),
        }
    }
    next
}

#[test]
fn fifty_kills_lose_at_most_a_block_each() {
    let folder = std::env::temp_dir().join(format!("binance-kit-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut random = 88_172_645_463_325_252_u64;
    let mut torn = 0;
    for kill in 0..KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let path = folder.join(format!("{kill}.gz"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed after so many frames, at whatever the recorder does just then.
        let frames = random % 3000;
        let mut last = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap_or_default();
            if let Some(number) = line.strip_prefix("frame ").and_then(|number| number.parse::<u64>().ok()) {
                last = number;
                if number == frames {
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        let kept = numbers(&path);
        // A line has at least 16 bytes; the block in hand and the one being filled are one block together.
        let lost_at_most = BLOCK as u64 / 16;
        assert!(kept + lost_at_most > last, "kill {kill}: {kept} frames of {} are left", last + 1);
        let recovered = recover(&path).unwrap();
        torn += u64::from(recovered.cut > 0);
        assert_eq!(numbers(&path), kept);
        // And it goes on.
        let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
        recorder.frame(kept, 0, Payload::Text(&format!("{{\"number\":{kept}}}")));
        recorder.finish().unwrap();
        assert_eq!(numbers(&path), kept + 1);
    }
    println!("{KILLS} kills, {torn} of them within a write");
    std::fs::remove_dir_all(folder).unwrap();
}
