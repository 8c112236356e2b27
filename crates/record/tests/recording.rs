//! Recordings that are written, torn, continued, and read back.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_core::{Api, Symbol};
use binance_kit_record::{
    ErrorKind, FrameText, Mark, Payload, RecordEntry, Recorder, RecorderOptions, Recording, recover,
};
use proptest::prelude::*;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("binance-kit-record-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const NOON: u64 = 1_700_000_000_000_000_000;

/// The time after which a test fails instead of waiting on.
const LIMIT: Duration = Duration::from_secs(90);

/// The time between two looks at a recorder.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The entries of a file but for its beginnings and its end.
fn entries(path: &Path) -> Vec<RecordEntry> {
    let mut all: Vec<RecordEntry> = Recording::open(path).unwrap().collect::<Result<_, _>>().unwrap();
    all.retain(|entry| {
        !matches!(entry, RecordEntry::Begin(_) | RecordEntry::Finished { .. } | RecordEntry::Unfinished)
    });
    all
}

/// The last entry of a file.
fn last(path: &Path) -> RecordEntry {
    Recording::open(path).unwrap().map(Result::unwrap).last().unwrap()
}

/// The frames of a file as texts, and whether its end is torn.
fn texts(path: &Path) -> (Vec<String>, bool) {
    let mut torn = false;
    let mut texts = Vec::new();
    for entry in entries(path) {
        match entry {
            RecordEntry::Frame(frame) => {
                texts.push(String::from_utf8(frame.text.as_bytes().to_vec()).unwrap());
            }
            RecordEntry::Torn => torn = true,
            other => panic!("{other:?}"),
        }
    }
    (texts, torn)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

/// Frames of a hundred bytes.
fn frame(number: u64) -> String {
    format!("{{\"number\":{number},\"filling\":\"{}\"}}", "x".repeat(70))
}

#[test]
fn frames_come_back_as_they_were() {
    let folder = Folder::new();
    let recorder = Recorder::start(RecorderOptions::in_folder(&folder.0, "spot")).unwrap();
    recorder.mark(NOON, 3, Mark::Connected);
    for (text, connection) in [
        ("{\"a\":1}", 3),
        ("[1,2]", u64::MAX),
        ("two\nlines", 0),
        ("+", 1),
        ("!AAAA", 1),
        ("17 5", 2),
        ("", 4),
    ] {
        recorder.frame(NOON + 1, connection, Payload::Text(text));
    }
    recorder.frame(u64::MAX, 0, Payload::Binary(&[0, 255, 10]));
    recorder.mark(NOON + 2, 3, Mark::Disconnected);
    let summary = recorder.finish().unwrap();
    assert_eq!((summary.frames, summary.lost, summary.files.len()), (8, 0, 1));
    assert_eq!(summary.files[0], folder.0.join("spot-20231114T221320Z.gz"));
    let entries = entries(&summary.files[0]);
    assert_eq!(
        entries.first(),
        Some(&RecordEntry::Mark { at_nanos: NOON, connection: 3, mark: Mark::Connected })
    );
    assert_eq!(
        entries.last(),
        Some(&RecordEntry::Mark { at_nanos: NOON + 2, connection: 3, mark: Mark::Disconnected })
    );
    let frames: Vec<(Option<u64>, FrameText)> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            RecordEntry::Frame(frame) => Some((frame.connection, frame.text)),
            _ => None,
        })
        .collect();
    let text = |connection, text: &str| (Some(connection), FrameText::Text(text.to_owned()));
    assert_eq!(
        frames,
        [
            text(3, "{\"a\":1}"),
            text(u64::MAX, "[1,2]"),
            text(0, "two\nlines"),
            text(1, "+"),
            text(1, "!AAAA"),
            text(2, "17 5"),
            text(4, ""),
            (Some(0), FrameText::Binary(vec![0, 255, 10])),
        ]
    );
}

#[test]
fn files_are_begun_by_size_and_age_and_none_is_touched() {
    let folder = Folder::new();
    let options = || RecorderOptions::in_folder(&folder.0, "x").block_bytes(4096);
    // By age: a file for each minute of receive times.
    let recorder = Recorder::start(options().file_interval(Duration::from_secs(60))).unwrap();
    for number in 0..6 {
        recorder.frame(NOON + number * 30_000_000_000, 0, Payload::Text(&frame(number)));
        recorder.flush().unwrap();
    }
    let summary = recorder.finish().unwrap();
    assert_eq!(summary.files.len(), 3);
    let all: Vec<String> = summary.files.iter().flat_map(|file| texts(file).0).collect();
    assert_eq!(all, (0..6).map(frame).collect::<Vec<_>>());
    // By size, under names that are taken.
    let recorder = Recorder::start(options().file_bytes(1)).unwrap();
    for number in 0..3 {
        recorder.frame(NOON, 0, Payload::Text(&frame(number)));
        recorder.flush().unwrap();
    }
    let summary = recorder.finish().unwrap();
    let names: Vec<&str> =
        summary.files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["x-20231114T221320Z-1.gz", "x-20231114T221320Z-2.gz", "x-20231114T221320Z-3.gz"]);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 6);
}

#[test]
fn a_tear_at_any_byte_costs_the_last_block_and_no_more() {
    let folder = Folder::new();
    let path = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
    let mut ends = vec![std::fs::metadata(&path).unwrap().len()];
    for number in 0..3 {
        recorder.frame(NOON, 0, Payload::Text(&frame(number)));
        recorder.flush().unwrap();
        ends.push(std::fs::metadata(&path).unwrap().len());
    }
    let whole = std::fs::read(&path).unwrap();
    drop(recorder);
    assert_eq!(whole.len() as u64, ends[3]);
    // Every byte of the opening and the last block, and some between.
    let between = usize::try_from(ends[0]).unwrap()..usize::try_from(ends[2]).unwrap();
    for length in (0..=whole.len()).filter(|length| !between.contains(length) || length % 7 == 0) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let length = length as u64;
        let kept = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
        let is_torn = !ends.contains(&length) && length > 0;
        let expected: Vec<String> = (0..kept as u64).map(frame).collect();
        assert_eq!(texts(&path), (expected.clone(), is_torn), "{length} bytes");
        if length >= ends[0] {
            let end = if is_torn { RecordEntry::Torn } else { RecordEntry::Unfinished };
            assert_eq!(last(&path), end, "{length} bytes");
        }
        // And it goes on from there.
        if length < ends[0] && length > 0 && length < 4 {
            assert_eq!(
                recover(&path).unwrap_err().kind(),
                ErrorKind::Damaged,
                "{length} bytes could be anything"
            );
            continue;
        }
        let recovered = recover(&path).unwrap();
        assert_eq!(recovered.kept + recovered.cut, length);
        let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
        recorder.frame(NOON, 0, Payload::Text("{}"));
        recorder.finish().unwrap();
        assert_eq!(texts(&path), ([expected, vec!["{}".to_owned()]].concat(), false), "{length} bytes");
    }
    // A last block with the right length and the wrong content, as a loss of power may leave.
    let mut damaged = whole.clone();
    let place = damaged.len() - 20;
    damaged[place] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert_eq!(texts(&path), ((0..2).map(frame).collect(), true));
    assert_eq!(recover(&path).unwrap().kept, ends[2]);
}

#[test]
fn one_damaged_block_costs_that_block_and_no_other() {
    let folder = Folder::new();
    let path = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
    let mut ends = Vec::new();
    for number in 0..3 {
        recorder.frame(NOON, 0, Payload::Text(&frame(number)));
        recorder.flush().unwrap();
        ends.push(usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap());
    }
    drop(recorder);
    let whole = std::fs::read(&path).unwrap();
    let read = |damaged: &[u8]| {
        std::fs::write(&path, damaged).unwrap();
        let read: Vec<Result<RecordEntry, _>> = Recording::open(&path).unwrap().collect();
        let errors: Vec<String> =
            read.iter().filter_map(|entry| entry.as_ref().err()).map(ToString::to_string).collect();
        let frames: Vec<u64> = (0..3)
            .filter(|number| {
                read.iter().flatten().any(|entry| {
                    matches!(entry, RecordEntry::Frame(is) if is.text.as_bytes() == frame(*number).as_bytes())
                })
            })
            .collect();
        assert!(matches!(read.last(), Some(Ok(RecordEntry::Finished { .. }))), "{read:?}");
        (errors, frames)
    };
    // The content of the second block, and each byte of its header: it is passed over, and the third is read.
    for (place, said) in
        [(ends[1] - 20, "cannot be unpacked"), (ends[0], "are no block"), (ends[0] + 17, "is skipped")]
            .into_iter()
            .chain((ends[0] + 1..ends[0] + 20).map(|place| (place, "skipped")))
    {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x41;
        let (errors, frames) = read(&damaged);
        assert_eq!((errors.len(), frames), (1, vec![0, 2]), "byte {place}: {errors:?}");
        assert!(errors[0].contains(said), "byte {place}: {errors:?}");
    }
    // A recording with damage in the middle is not cut off.
    let mut damaged = whole.clone();
    damaged[ends[0]] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert_eq!(recover(&path).unwrap_err().kind(), ErrorKind::Damaged);
    assert_eq!(std::fs::read(&path).unwrap(), damaged);
}

#[test]
fn a_recording_that_has_ended_does_not_wait_for_ever() {
    let folder = Folder::new();
    let recorder = Recorder::start(RecorderOptions::in_folder(&folder.0, "x")).unwrap();
    recorder.frame(NOON, 0, Payload::Text("{}"));
    let summary = recorder.finish().unwrap();
    assert_eq!(recorder.flush().unwrap_err().kind(), ErrorKind::Ended);
    // What comes afterwards is counted.
    recorder.frame(NOON, 0, Payload::Text("{}"));
    assert_eq!((recorder.status().frames, recorder.status().lost), (1, 1));
    assert_eq!(recorder.finish().unwrap().files, summary.files);
    assert_eq!(texts(&summary.files[0]).0, ["{}"]);
}

#[test]
fn blocks_without_lines_are_passed_over_however_many_there_are() {
    let folder = Folder::new();
    let path = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
    recorder.frame(NOON, 0, Payload::Text("{}"));
    recorder.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    // An empty member of the same form: its deflate stream has two bytes.
    let mut empty = whole[..16].to_vec();
    empty.extend_from_slice(&30_u32.to_le_bytes());
    empty.extend_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    std::fs::write(&path, [empty.repeat(50_000), whole].concat()).unwrap();
    assert_eq!(texts(&path), (vec!["{}".to_owned()], false));
}

#[test]
fn an_end_with_nothing_before_it_has_no_time() {
    let folder = Folder::new();
    let file = folder.0.join("one.gz");
    Recorder::start(RecorderOptions::to_file(&file)).unwrap().finish().unwrap();
    let end = last(&file);
    assert_eq!((&end, end.at_nanos()), (&RecordEntry::Finished { at_nanos: 0 }, None));
    assert_eq!(RecordEntry::Finished { at_nanos: NOON }.at_nanos(), Some(NOON));
}

#[test]
fn what_is_no_recording_is_not_continued() {
    let folder = Folder::new();
    let path = folder.0.join("notes.txt");
    std::fs::write(&path, "milk, eggs").unwrap();
    let error = Recorder::start(RecorderOptions::to_file(&path)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "milk, eggs");
    let error = Recorder::start(RecorderOptions::in_folder(&path, "x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_so() {
    let error = Recorder::start(RecorderOptions::to_file("/dev/full")).unwrap_err();
    assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::StorageFull, "{error}");
}

#[test]
fn a_disk_that_fails_for_a_while_loses_nothing_but_what_does_not_fit() {
    let folder = Folder::new();
    let into = folder.0.join("sub");
    let options = RecorderOptions::in_folder(&into, "x")
        .block_bytes(4096)
        .block_interval(Duration::from_millis(5))
        .file_bytes(1)
        .queue_bytes(4096);
    let recorder = Recorder::start(options).unwrap();
    recorder.frame(NOON, 0, Payload::Text(&frame(0)));
    recorder.flush().unwrap();
    // No file can be begun any more.
    std::fs::remove_dir_all(&into).unwrap();
    std::fs::write(&into, "in the way").unwrap();
    let mut taken = 1;
    while recorder.status().lost < 10 {
        recorder.frame(NOON, 0, Payload::Text(&frame(taken)));
        taken += 1;
    }
    assert_eq!(recorder.flush().unwrap_err().kind(), ErrorKind::Ended);
    let status = recorder.status();
    assert!(status.failing.is_some());
    assert_eq!(status.frames + status.lost, taken);
    // It can again.
    std::fs::remove_file(&into).unwrap();
    std::fs::create_dir(&into).unwrap();
    let mut waited = Duration::ZERO;
    while recorder.status().failing.is_some() {
        assert!(waited < LIMIT, "the disk works again, and nothing is written within {LIMIT:?}");
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
    recorder.flush().unwrap();
    recorder.frame(NOON, 0, Payload::Text(&frame(taken)));
    let summary = recorder.finish().unwrap();
    assert_eq!((summary.frames + summary.lost, summary.lost), (taken + 1, 10));
    let mut frames = Vec::new();
    let mut lost = 0;
    // The first file was removed with its folder, and its name was free again.
    for file in &summary.files {
        for entry in entries(file) {
            match entry {
                RecordEntry::Frame(frame) => frames.push(frame.text.as_bytes().to_vec()),
                RecordEntry::Lost { count, .. } => lost += count,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((frames.len() as u64, lost), (summary.frames - 1, 10));
    assert_eq!(frames.last().unwrap().as_slice(), frame(taken).as_bytes());
}

#[test]
fn lines_of_other_recorders_are_read() {
    let folder = Folder::new();
    let text = "17 {\"stream\":\"a@trade\"}\r\n\n# a remark\n18 [1, 2]\n19 {\"cut\":";
    let packed = gzip(text.as_bytes());
    let expected = vec!["{\"stream\":\"a@trade\"}".to_owned(), "[1, 2]".to_owned(), "{\"cut\":".to_owned()];
    for (name, bytes) in [("plain", text.as_bytes()), ("packed", packed.as_slice())] {
        let path = folder.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(texts(&path), (expected.clone(), false), "{name}");
    }
    let path = folder.0.join("torn");
    std::fs::write(&path, &packed[..packed.len() - 12]).unwrap();
    assert!(texts(&path).1);
    for (text, expected) in [
        ("17 {}\nnonsense\n", "line 2: there is no space after the time"),
        ("x {}\n", "line 1: the line does not begin with a time"),
        ("1 ~ x\n", "line 1: the number of lost frames is invalid"),
        ("1 0 !?\n", "line 1: the frame is not in base64"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Recording::open(&path).unwrap().find_map(Result::err).unwrap();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[test]
fn snapshots_keep_their_request_and_their_answer() {
    let folder = Folder::new();
    let options = RecorderOptions::in_folder(&folder.0, "x").api(Api::Spot).file_bytes(1).block_bytes(4096);
    let recorder = Recorder::start(options).unwrap();
    let symbol = Symbol::new("币安USDT");
    // As it came, whatever it is.
    let answers = ["{\"lastUpdateId\": 7, \"bids\": []}", "!odd", "two\nlines", ""];
    for answer in answers {
        recorder.snapshot(NOON, Api::Spot, &symbol, 1000, answer);
    }
    recorder.flush().unwrap();
    recorder.frame(NOON, 0, Payload::Text("{}"));
    let summary = recorder.finish().unwrap();
    assert_eq!((summary.frames, summary.files.len()), (5, 2));
    let read: Vec<RecordEntry> = entries(&summary.files[0]);
    for (entry, answer) in read.iter().zip(answers) {
        let RecordEntry::Snapshot(snapshot) = entry else { panic!("{entry:?}") };
        assert_eq!(
            (snapshot.api, &snapshot.symbol, snapshot.limit, snapshot.answer.as_str()),
            (Api::Spot, &symbol, 1000, answer)
        );
        assert_eq!(snapshot.received_nanos, NOON);
    }
    assert_eq!(read.len(), 4);
    // The second file says that its connections are those of the first.
    let begins: Vec<_> = summary
        .files
        .iter()
        .map(|file| match Recording::open(file).unwrap().next_entry().unwrap() {
            Some(RecordEntry::Begin(begin)) => (begin.version, begin.api, begin.continues),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(begins, [(2, Some(Api::Spot), false), (2, Some(Api::Spot), true)]);
    for file in &summary.files {
        assert_eq!(last(file), RecordEntry::Finished { at_nanos: NOON });
    }
}

#[test]
fn files_of_version_1_are_read_and_continued() {
    let folder = Folder::new();
    let path = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&path)).unwrap();
    recorder.finish().unwrap();
    let text = "# binance-kit recording 1\n1754006400000 0 +\n1754006400001 18446744073709551615 {\"lastUpdateId\":5}\n";
    let plain = folder.0.join("one.txt");
    std::fs::write(&plain, text).unwrap();
    // Times of this crate are nanoseconds, whatever their size; nothing says that the file was closed.
    let read: Vec<RecordEntry> = Recording::open(&plain).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(matches!(read[0], RecordEntry::Begin(begin) if begin.version == 1 && begin.api.is_none()));
    assert_eq!(
        read[1],
        RecordEntry::Mark { at_nanos: 1_754_006_400_000, connection: 0, mark: Mark::Connected }
    );
    assert!(matches!(&read[2], RecordEntry::Frame(frame) if frame.connection == Some(u64::MAX)));
    assert_eq!(read.len(), 3);
    std::fs::write(&plain, text.replace("recording 1", "recording 3")).unwrap();
    let mut newer = Recording::open(&plain).unwrap();
    let error = newer.next_entry().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Version);
    assert!(error.to_string().contains("version 3"), "{error}");
    assert_eq!(newer.next_entry().unwrap(), None);
}

#[test]
fn long_lines_and_blocks_are_not_held() {
    let folder = Folder::new();
    let path = folder.0.join("one.gz");
    // A block of 6 MiB of text, of which the lines are read one by one.
    let recorder =
        Recorder::start(RecorderOptions::to_file(&path).block_bytes(16 << 20).block_interval(Duration::MAX))
            .unwrap();
    let long = "x".repeat(3 << 19);
    for number in 0..4 {
        recorder.frame(NOON + number, 0, Payload::Text(&long));
    }
    recorder.frame(NOON + 4, 0, Payload::Text("{}"));
    recorder.finish().unwrap();
    assert_eq!(texts(&path).0, [&long, &long, &long, &long, "{}"]);
    let mut recording = Recording::open(&path).unwrap().max_line(1 << 20);
    let (mut errors, mut frames) = (0, Vec::new());
    loop {
        match recording.next_entry() {
            Ok(Some(RecordEntry::Frame(frame))) => frames.push(frame.text),
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                assert!(error.to_string().contains("longer than 1048576 bytes"), "{error}");
                errors += 1;
            }
        }
    }
    assert_eq!((errors, frames), (4, vec![FrameText::Text("{}".to_owned())]));
    // The same in a file of another recorder.
    std::fs::write(&path, gzip(format!("1 {long}\n2 {{}}\n3 {long}").as_bytes())).unwrap();
    let read: Vec<_> = Recording::open(&path).unwrap().max_line(1 << 20).collect();
    assert_eq!(read.iter().map(Result::is_err).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_packed_file_of_another_recorder_that_is_damaged_says_where() {
    let folder = Folder::new();
    let path = folder.0.join("other.gz");
    let mut text = Vec::new();
    for number in 0..20_000 {
        writeln!(text, "{number} {{\"number\":{}}}", number * 7919 % 10_007).unwrap();
    }
    let mut packed = gzip(&text);
    let middle = packed.len() / 2;
    packed[middle..middle + 40].fill(0xff);
    std::fs::write(&path, packed).unwrap();
    let read: Vec<_> = Recording::open(&path).unwrap().collect();
    let error = read.iter().find_map(|entry| entry.as_ref().err()).unwrap();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    assert!(read[0].is_ok() && read.last().unwrap().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn anything_comes_back(
        frames in prop::collection::vec((any::<u64>(), any::<u64>(), any::<bool>(), ".{0,40}"), 0..60),
        flush_every in 1_usize..20,
        file_bytes in 1_u64..4000,
    ) {
        let folder = Folder::new();
        let options = RecorderOptions::in_folder(&folder.0, "any").file_bytes(file_bytes);
        let recorder = Recorder::start(options).unwrap();
        for (index, (nanos, connection, binary, text)) in frames.iter().enumerate() {
            let payload = if *binary { Payload::Binary(text.as_bytes()) } else { Payload::Text(text) };
            recorder.frame(*nanos, *connection, payload);
            if index % flush_every == 0 {
                recorder.flush().unwrap();
            }
        }
        let summary = recorder.finish().unwrap();
        let mut read = summary.files.iter().flat_map(|file| entries(file));
        for (nanos, connection, binary, text) in &frames {
            let Some(RecordEntry::Frame(frame)) = read.next() else { panic!("a frame is missing") };
            prop_assert_eq!((frame.received_nanos, frame.connection), (*nanos, Some(*connection)));
            prop_assert_eq!(matches!(frame.text, FrameText::Binary(_)), *binary);
            prop_assert_eq!(frame.text.as_bytes(), text.as_bytes());
        }
        prop_assert_eq!(read.next(), None);
    }
}
