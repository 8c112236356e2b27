//! The cases: what the peer sends, what comes back, and how it ends.

use super::common::*;
use super::texts;

/// What the peer does.
pub(crate) enum Step {
    Send(Vec<u8>),
    /// In pieces of so many bytes, each read by itself.
    Chop(Vec<u8>, usize),
    /// Waits until all is answered that is going to be.
    Wait,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing was wrong, and the peer closes with 1000 when all is done.
    Open,
    /// The peer closed in the course of the case, and gets this code back.
    Closed(Option<u16>),
    /// We close with 1002.
    Violation,
    /// We close with 1007.
    NotText,
}

pub(crate) struct Case {
    pub(crate) number: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) echoes: Vec<ClientFrame>,
    /// The payloads of pings that want an answer.
    pub(crate) pongs: Vec<Vec<u8>>,
    pub(crate) end: End,
}

impl Case {
    pub(crate) fn new(number: impl Into<String>, end: End) -> Self {
        Self { number: number.into(), steps: Vec::new(), echoes: Vec::new(), pongs: Vec::new(), end }
    }

    pub(crate) fn send(mut self, bytes: Vec<u8>) -> Self {
        self.steps.push(Step::Send(bytes));
        self
    }

    fn chop(mut self, bytes: Vec<u8>, size: usize) -> Self {
        self.steps.push(Step::Chop(bytes, size));
        self
    }

    fn wait(mut self) -> Self {
        self.steps.push(Step::Wait);
        self
    }

    pub(crate) fn echo(mut self, opcode: u8, payload: impl Into<Vec<u8>>) -> Self {
        self.echoes.push((opcode, payload.into()));
        self
    }

    fn pong(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.pongs.push(payload.into());
        self
    }

    /// In one of the three ways in which the frames of a case come: together, one by one, byte by byte.
    fn frames(self, way: usize, frames: &[Vec<u8>]) -> Self {
        match way {
            0 => self.send(frames.concat()),
            1 => frames.iter().fold(self, |case, frame| case.chop(frame.clone(), frame.len().max(1))),
            _ => self.chop(frames.concat(), 1),
        }
    }
}

/// A message in fragments of so many bytes.
pub(crate) fn fragments(opcode: u8, payload: &[u8], size: usize) -> Vec<Vec<u8>> {
    let chunks: Vec<&[u8]> = payload.chunks(size).collect();
    let last = chunks.len().saturating_sub(1);
    let first = |index: usize| if index == 0 { opcode } else { 0 };
    chunks
        .iter()
        .enumerate()
        .map(|(index, chunk)| frame(first(index) | if index == last { FIN } else { 0 }, chunk))
        .collect()
}

fn ping(payload: &[u8]) -> Vec<u8> {
    frame(FIN | PING, payload)
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    echoes(&mut cases);
    pings(&mut cases);
    reserved(&mut cases);
    fragmentation(&mut cases);
    cases.extend(texts::all());
    closing(&mut cases);
    sizes(&mut cases);
    cases
}

/// 1: texts and binary data of all forms of the length.
fn echoes(cases: &mut Vec<Case>) {
    for (chapter, opcode, byte) in [(1, TEXT, b'*'), (2, BINARY, 0xfe)] {
        for (index, length) in [0, 125, 126, 127, 128, 65_535, 65_536, 65_536].into_iter().enumerate() {
            let payload = vec![byte; length];
            let case = Case::new(format!("1.{chapter}.{}", index + 1), End::Open);
            let bytes = frame(FIN | opcode, &payload);
            let case = if index == 7 { case.chop(bytes, 997) } else { case.send(bytes) };
            cases.push(case.echo(opcode, payload));
        }
    }
}

/// 2: pings and pongs.
fn pings(cases: &mut Vec<Case>) {
    let binary = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff".to_vec();
    let long = vec![0xfe; 125];
    for (number, payload) in
        [("2.1", vec![]), ("2.2", b"Hello, world!".to_vec()), ("2.3", binary), ("2.4", long.clone())]
    {
        cases.push(Case::new(number, End::Open).send(ping(&payload)).pong(payload));
    }
    cases.push(Case::new("2.5", End::Violation).send(ping(&[0xfe; 126])));
    cases.push(Case::new("2.6", End::Open).chop(ping(&long), 1).pong(long));
    cases.push(Case::new("2.7", End::Open).send(frame(FIN | PONG, b"")));
    cases.push(Case::new("2.8", End::Open).send(frame(FIN | PONG, b"unsolicited")));
    let both = [frame(FIN | PONG, b"unsolicited"), ping(b"our ping")];
    cases.push(Case::new("2.9", End::Open).frames(0, &both).pong(b"our ping"));
    let payloads: Vec<String> = (0..10).map(|number| format!("payload-{number}")).collect();
    for (number, way) in [("2.10", 0), ("2.11", 2)] {
        let frames: Vec<Vec<u8>> = payloads.iter().map(|payload| ping(payload.as_bytes())).collect();
        let case = Case::new(number, End::Open).frames(way, &frames);
        cases.push(payloads.iter().fold(case, |case, payload| case.pong(payload.as_str())));
    }
}

/// 3 and 4: reserved bits and opcodes.
fn reserved(cases: &mut Vec<Case>) {
    let good = || text("Hello, world!");
    let rsv = |bits: u8, opcode: u8| frame(FIN | bits << 4 | opcode, b"Hello, world!");
    cases.push(Case::new("3.1", End::Violation).send(rsv(1, TEXT)));
    for (number, bits, way) in [("3.2", 2, 0), ("3.3", 3, 1), ("3.4", 4, 2)] {
        let frames = [good(), rsv(bits, TEXT), ping(b"")];
        let case = Case::new(number, End::Violation).frames(way, &frames);
        cases.push(case.echo(TEXT, "Hello, world!"));
    }
    cases.push(Case::new("3.5", End::Violation).send(rsv(5, BINARY)));
    cases.push(Case::new("3.6", End::Violation).send(rsv(6, PING)));
    cases.push(Case::new("3.7", End::Violation).send(frame(FIN | 7 << 4 | CLOSE, b"")));
    for (chapter, opcodes) in [(1, [3, 4, 5, 6, 7]), (2, [11, 12, 13, 14, 15])] {
        for (index, opcode) in opcodes.into_iter().enumerate() {
            let payload: &[u8] = if index % 2 == 0 { b"" } else { b"reserved opcode" };
            let bad = frame(FIN | opcode, payload);
            let case = Case::new(format!("4.{chapter}.{}", index + 1), End::Violation);
            cases.push(match index {
                0 | 1 => case.send(bad),
                _ => {
                    let way = if index == 4 { 2 } else { 0 };
                    case.frames(way, &[good(), bad, ping(b"")]).echo(TEXT, "Hello, world!")
                }
            });
        }
    }
}

/// 5: messages in fragments.
fn fragmentation(cases: &mut Vec<Case>) {
    let part = |first: u8, payload: &str| frame(first, payload.as_bytes());
    let whole = "fragment1fragment2";
    for (number, opcode) in [("5.1", PING), ("5.2", PONG)] {
        let frames = [part(opcode, "fragment1"), part(FIN, "fragment2")];
        cases.push(Case::new(number, End::Violation).frames(0, &frames));
    }
    let two = [part(TEXT, "fragment1"), part(FIN, "fragment2")];
    let between = [part(TEXT, "fragment1"), ping(b"ping"), part(FIN, "fragment2")];
    for way in 0..3 {
        cases.push(Case::new(format!("5.{}", 3 + way), End::Open).frames(way, &two).echo(TEXT, whole));
        let case = Case::new(format!("5.{}", 6 + way), End::Open).frames(way, &between);
        cases.push(case.echo(TEXT, whole).pong(b"ping"));
        for (first, fin) in [(9, FIN), (12, 0)] {
            let frames = [part(fin, "non-continuation"), text("Hello, world!")];
            cases.push(Case::new(format!("5.{}", first + way), End::Violation).frames(way, &frames));
        }
    }
    let frames = [two.concat(), part(0, "fragment3"), text("fragment4")];
    cases.push(Case::new("5.15", End::Violation).frames(0, &frames).echo(TEXT, whole));
    for (number, fin) in [("5.16", 0), ("5.17", FIN)] {
        let frames = [part(fin, "fragment1"), part(TEXT, "fragment2"), part(FIN, "fragment3")];
        cases.push(Case::new(number, End::Violation).frames(0, &frames).frames(0, &frames));
    }
    let frames = [part(TEXT, "fragment1"), part(FIN | TEXT, "fragment2")];
    cases.push(Case::new("5.18", End::Violation).frames(0, &frames));
    let begin = [part(TEXT, "fragment1"), part(0, "fragment2"), ping(b"ping1")];
    let rest = [part(0, "fragment3"), part(0, "fragment4"), ping(b"ping2"), part(FIN, "fragment5")];
    for (number, way) in [("5.19", 0), ("5.20", 1)] {
        let case = Case::new(number, End::Open).frames(way, &begin).wait().frames(way, &rest);
        let case = case.echo(TEXT, "fragment1fragment2fragment3fragment4fragment5");
        cases.push(case.pong(b"ping1").pong(b"ping2"));
    }
}

/// 7: closing.
fn closing(cases: &mut Vec<Case>) {
    let done = End::Closed(Some(1000));
    let close = || close_frame(1000, b"");
    cases.push(
        Case::new("7.1.1", done).send(text("Hello World!")).wait().send(close()).echo(TEXT, "Hello World!"),
    );
    cases.push(Case::new("7.1.2", done).send([close(), close()].concat()));
    cases.push(Case::new("7.1.3", done).send([close(), ping(b"")].concat()));
    cases.push(Case::new("7.1.4", done).send([close(), text("Hello World!")].concat()));
    let frames = [frame(TEXT, b"fragment1"), close(), frame(FIN, b"fragment2")];
    cases.push(Case::new("7.1.5", done).frames(0, &frames));
    let big = vec![b'*'; 256 << 10];
    let case = Case::new("7.1.6", done).send(frame(FIN | TEXT, &big)).wait();
    cases.push(
        case.send([text("Hello World!"), close(), ping(b"")].concat())
            .echo(TEXT, big)
            .echo(TEXT, "Hello World!"),
    );

    cases.push(Case::new("7.3.1", End::Closed(None)).send(frame(FIN | CLOSE, b"")));
    cases.push(Case::new("7.3.2", End::Violation).send(frame(FIN | CLOSE, b"a")));
    cases.push(Case::new("7.3.3", done).send(close()));
    cases.push(Case::new("7.3.4", done).send(close_frame(1000, b"Hello World!")));
    cases.push(Case::new("7.3.5", done).send(close_frame(1000, &[b'*'; 123])));
    cases.push(Case::new("7.3.6", End::Violation).send(close_frame(1000, &[b'*'; 124])));
    let reason = [&texts::KOSME[..], b"\xed\xa0\x80edited"].concat();
    cases.push(Case::new("7.5.1", End::NotText).send(close_frame(1000, &reason)));
    let good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    for (index, code) in good.into_iter().enumerate() {
        cases.push(
            Case::new(format!("7.7.{}", index + 1), End::Closed(Some(code))).send(close_frame(code, b"")),
        );
    }
    for (index, code) in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].into_iter().enumerate() {
        cases.push(Case::new(format!("7.9.{}", index + 1), End::Violation).send(close_frame(code, b"")));
    }
    for (index, code) in [5000, 65_535].into_iter().enumerate() {
        cases.push(Case::new(format!("7.13.{}", index + 1), End::Violation).send(close_frame(code, b"")));
    }
}

/// 9 and 10: large messages, many fragments, many pieces, many round trips.
fn sizes(cases: &mut Vec<Case>) {
    for (opcode, byte, by_size, by_fragment, by_piece, by_trip) in
        [(TEXT, b'*', "9.1", "9.3", "9.5", "9.7"), (BINARY, 0xfe, "9.2", "9.4", "9.6", "9.8")]
    {
        for (index, kib) in [64, 256, 1 << 10, 4 << 10, 8 << 10, 16 << 10].into_iter().enumerate() {
            let payload = vec![byte; kib << 10];
            let case = Case::new(format!("{by_size}.{}", index + 1), End::Open);
            cases.push(case.send(frame(FIN | opcode, &payload)).echo(opcode, payload));
        }
        let payload = vec![byte; 4 << 20];
        for index in 0..9 {
            let case = Case::new(format!("{by_fragment}.{}", index + 1), End::Open);
            let frames = fragments(opcode, &payload, 64 << (2 * index));
            cases.push(case.frames(0, &frames).echo(opcode, payload.clone()));
        }
        let payload = vec![byte; 1 << 20];
        for index in 0..6 {
            let case = Case::new(format!("{by_piece}.{}", index + 1), End::Open);
            cases.push(case.chop(frame(FIN | opcode, &payload), 64 << index).echo(opcode, payload.clone()));
        }
        for (index, length) in [0, 16, 64, 256, 1024, 4096].into_iter().enumerate() {
            let payload = vec![byte; length];
            let case = Case::new(format!("{by_trip}.{}", index + 1), End::Open);
            let one = frame(FIN | opcode, &payload);
            cases.push((0..1000).fold(case, |case, _| case.send(one.clone()).echo(opcode, payload.clone())));
        }
    }
    let payload = vec![b'*'; 65_536];
    let case = Case::new("10.1.1", End::Open).frames(0, &fragments(TEXT, &payload, 1300));
    cases.push(case.echo(TEXT, payload));
}
