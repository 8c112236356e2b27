//! Pagers of records, against an exchange that is a list and a few lines of the documents' rules: random records, page
//! sizes from one, rows that share milliseconds, breaks at any place.
#![cfg(feature = "spot")]
#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod candles;
mod ids;
mod windows;

use binance_kit_core::{Cursor, Decoder, InvalidCursor, PageError, Paged, Request, Timestamp};
use std::fmt::Debug;

const START: i64 = 1_700_000_000_000;
const DAY: i64 = 86_400_000;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % count
    }

    fn size(&mut self, count: u64) -> usize {
        usize::try_from(self.below(count)).unwrap()
    }

    fn millis(&mut self, count: i64) -> i64 {
        i64::try_from(self.below(u64::try_from(count).unwrap())).unwrap()
    }
}

fn decode<T: binance_kit_core::Decode>(text: &str) -> T {
    Decoder::new().decode(text.as_bytes()).unwrap()
}

/// Runs a pager to its end: the rows, how many requests it took, and where it ended.
fn all<P: Paged>(
    mut pager: P,
    answer: impl Fn(P::Request) -> <P::Request as Request>::Response,
) -> Result<(Vec<P::Item>, usize, Cursor), PageError> {
    let (mut rows, mut requests) = (Vec::new(), 0);
    while let Some(request) = pager.next_request() {
        requests += 1;
        assert!(requests < 20_000, "the pager does not end");
        rows.extend(pager.accept(answer(request))?);
    }
    Ok((rows, requests, pager.cursor()))
}

/// The same, but interrupted again and again, and resumed from the text of a cursor.
fn in_pieces<P: Paged>(
    random: &mut Random,
    make: impl Fn() -> P,
    resume: impl Fn(P, &Cursor) -> Result<P, InvalidCursor>,
    answer: impl Fn(P::Request) -> <P::Request as Request>::Response,
) -> Result<Vec<P::Item>, PageError> {
    let mut rows = Vec::new();
    let mut pager = make();
    let mut requests = 0;
    while let Some(request) = pager.next_request() {
        requests += 1;
        assert!(requests < 100_000, "the pager does not end");
        if random.below(3) == 0 {
            // An answer that is lost: the same is asked for again.
            continue;
        }
        let mut page = pager.accept(answer(request))?;
        let mut cursor = pager.cursor();
        if random.below(2) == 0 && !page.is_empty() {
            page.truncate(random.size(page.len() as u64) + 1);
            cursor = pager.cursor_after(page.last().unwrap());
        }
        let is_broken = cursor != pager.cursor() || random.below(2) == 0;
        rows.append(&mut page);
        // A pager that only looks for its beginning begins again, without end.
        if is_broken && cursor != make().cursor() {
            pager = resume(make(), &Cursor::new(cursor.to_string())).unwrap();
        }
    }
    Ok(rows)
}

fn assert_same<T: PartialEq + Debug>(found: &[T], expected: &[T], what: impl Debug) {
    assert_eq!(found.len(), expected.len(), "{what:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{what:?}");
    }
}
