//! 6: what is UTF-8 and what is not. The sequences follow from RFC 3629: lengths, ends of ranges, bytes that are never there,
//! what is longer than it must be, surrogates, and code points that are no characters and may be sent all the same.

use super::cases::{Case, End, fragments};
use super::common::*;

/// A word in which every letter but two is two bytes long, and one is three.
pub(crate) const KOSME: [u8; 11] = *b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";

fn whole(number: &str, payload: &[u8]) -> Case {
    let end = if std::str::from_utf8(payload).is_ok() { End::Open } else { End::NotText };
    let case = Case::new(number, end).send(frame(FIN | TEXT, payload));
    if end == End::Open { case.echo(TEXT, payload) } else { case }
}

/// In fragments of so many bytes.
fn split(number: &str, payload: &[u8], size: usize) -> Case {
    let end = if std::str::from_utf8(payload).is_ok() { End::Open } else { End::NotText };
    let case = Case::new(number, end).send(fragments(TEXT, payload, size).concat());
    if end == End::Open { case.echo(TEXT, payload) } else { case }
}

fn encoded(code_point: u32) -> Vec<u8> {
    char::from_u32(code_point).unwrap().to_string().into_bytes()
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = vec![
        whole("6.1.1", b""),
        Case::new("6.1.2", End::Open)
            .send([frame(TEXT, b""), frame(0, b""), frame(FIN, b"")].concat())
            .echo(TEXT, ""),
        Case::new("6.1.3", End::Open)
            .send([frame(TEXT, b""), frame(0, b"middle frame payload"), frame(FIN, b"")].concat())
            .echo(TEXT, "middle frame payload"),
    ];
    let good = "Hello-µ@ßöäüàá-UTF-8!!".as_bytes();
    cases.push(whole("6.2.1", good));
    let cut = "Hello-µ@ßöä".len();
    cases.push(
        Case::new("6.2.2", End::Open)
            .send([frame(TEXT, &good[..cut]), frame(FIN, &good[cut..])].concat())
            .echo(TEXT, good),
    );
    cases.push(split("6.2.3", good, 1));
    cases.push(split("6.2.4", &KOSME, 1));
    let bad = [&KOSME[..], b"\xed\xa0\x80edited"].concat();
    cases.push(whole("6.3.1", &bad));
    cases.push(split("6.3.2", &bad, 1));
    // What is wrong stands at the beginning of a fragment, in its middle, or at the end.
    let beyond = b"\xf4\x90\x80\x80";
    for (number, parts) in [
        ("6.4.1", [&KOSME[..], &beyond[..], &b"edited"[..]]),
        ("6.4.2", [&KOSME[..], &beyond[..1], &b"\x90\x80\x80edited"[..]]),
        ("6.4.3", [&KOSME[..], &beyond[..2], &b"\x80\x80edited"[..]]),
        ("6.4.4", [&KOSME[..], &beyond[..3], &b"\x80edited"[..]]),
    ] {
        let frames = [frame(TEXT, parts[0]), frame(0, parts[1]), frame(FIN, parts[2])];
        cases.push(Case::new(number, End::NotText).send(frames.concat()));
    }
    // Letters cut at each of their bytes.
    for (index, size) in [11, 1, 2, 3, 4].into_iter().enumerate() {
        cases.push(split(&format!("6.5.{}", index + 1), &KOSME, size));
    }
    for length in 1..=KOSME.len() {
        cases.push(whole(&format!("6.6.{length}"), &KOSME[..length]));
    }
    cases.extend(sequences());
    for (index, surrogate) in SURROGATES.iter().enumerate() {
        cases.push(whole(&format!("6.20.{}", index + 1), surrogate));
    }
    let pairs = [0, 1, 2, 3].into_iter().flat_map(|high| [(high, 4), (high, 6)]);
    for (index, (high, low)) in pairs.enumerate() {
        let pair = [SURROGATES[high], SURROGATES[low]].concat();
        cases.push(whole(&format!("6.21.{}", index + 1), &pair));
    }
    for index in 0..34 {
        let code_point = (index / 2) << 16 | 0xfffe | (index % 2);
        cases.push(whole(&format!("6.22.{}", index + 1), &encoded(code_point)));
    }
    for index in 0..7 {
        cases.push(whole(&format!("6.23.{}", index + 1), &encoded(0xfff9 + index)));
    }
    cases
}

const SURROGATES: [&[u8]; 7] = [
    b"\xed\xa0\x80",
    b"\xed\xad\xbf",
    b"\xed\xae\x80",
    b"\xed\xaf\xbf",
    b"\xed\xb0\x80",
    b"\xed\xbe\x80",
    b"\xed\xbf\xbf",
];

/// From 6.7 to 6.19.
fn sequences() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut chapter = |chapter: u32, payloads: &[&[u8]]| {
        for (index, payload) in payloads.iter().enumerate() {
            cases.push(whole(&format!("6.{chapter}.{}", index + 1), payload));
        }
    };
    // The first sequence of each length, and the last.
    chapter(7, &[b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]);
    chapter(8, &[b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]);
    chapter(9, &[b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]);
    chapter(10, &[b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"]);
    chapter(
        11,
        &[b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80"],
    );
    // Bytes that continue nothing.
    let continuations: Vec<u8> = (0x80..=0xbf).collect();
    chapter(
        12,
        &[
            b"\x80",
            b"\xbf",
            b"\x80\xbf",
            b"\x80\xbf\x80",
            b"\x80\xbf\x80\xbf",
            b"\x80\xbf\x80\xbf\x80",
            b"\x80\xbf\x80\xbf\x80\xbf",
            &continuations,
        ],
    );
    // Beginnings that nothing continues.
    let alone = |from: u8, to: u8| -> Vec<u8> { (from..=to).flat_map(|byte| [byte, b' ']).collect() };
    chapter(
        13,
        &[&alone(0xc0, 0xdf), &alone(0xe0, 0xef), &alone(0xf0, 0xf7), &alone(0xf8, 0xfb), &alone(0xfc, 0xfd)],
    );
    let short: [&[u8]; 10] = [
        b"\xc0",
        b"\xe0\x80",
        b"\xf0\x80\x80",
        b"\xf8\x80\x80\x80",
        b"\xfc\x80\x80\x80\x80",
        b"\xdf",
        b"\xef\xbf",
        b"\xf7\xbf\xbf",
        b"\xfb\xbf\xbf\xbf",
        b"\xfd\xbf\xbf\xbf\xbf",
    ];
    chapter(14, &short);
    chapter(15, &[&short.concat()]);
    chapter(16, &[b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]);
    // Longer than it must be: a slash, the last of each length, nothing at all.
    chapter(
        17,
        &[
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xf0\x80\x80\xaf",
            b"\xf8\x80\x80\x80\xaf",
            b"\xfc\x80\x80\x80\x80\xaf",
        ],
    );
    chapter(
        18,
        &[
            b"\xc1\xbf",
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
            b"\xf8\x87\xbf\xbf\xbf",
            b"\xfc\x83\xbf\xbf\xbf\xbf",
        ],
    );
    chapter(
        19,
        &[
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf0\x80\x80\x80",
            b"\xf8\x80\x80\x80\x80",
            b"\xfc\x80\x80\x80\x80\x80",
        ],
    );
    cases
}
