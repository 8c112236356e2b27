//! Finding blocks in a damaged file.

use crate::format::HEADER;
use std::io::{self, Read, Seek, SeekFrom};

/// Finds the next place at or after `from` where a block begins. Holds no more than a part of the file at a time; the
/// position of the file is unspecified afterwards.
pub(crate) fn find_block(file: &mut (impl Read + Seek), from: u64) -> io::Result<Option<u64>> {
    const PART: usize = 64 << 10;
    file.seek(SeekFrom::Start(from))?;
    let mut part = Vec::with_capacity(PART + HEADER.len());
    // Where the first byte of `part` is in the file.
    let mut at = from;
    loop {
        let before = part.len();
        Read::by_ref(file).take(PART as u64).read_to_end(&mut part)?;
        if part.len() == before {
            return Ok(None);
        }
        if let Some(place) = part.windows(HEADER.len()).position(|window| window == HEADER) {
            return Ok(Some(at + place as u64));
        }
        // A header may lie across the border.
        let done = part.len().saturating_sub(HEADER.len() - 1);
        part.drain(..done);
        at += done as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn blocks_are_found_wherever_they_begin() {
        for place in [0, 1, (64 << 10) - 7, (64 << 10) - 16, 64 << 10, 200_000] {
            let mut file = vec![0x1f; place];
            file.extend_from_slice(&HEADER);
            file.extend_from_slice(&[0; 40]);
            let place = place as u64;
            assert_eq!(find_block(&mut Cursor::new(&file), 0).unwrap(), Some(place));
            assert_eq!(find_block(&mut Cursor::new(&file), place).unwrap(), Some(place));
            assert_eq!(find_block(&mut Cursor::new(&file), place + 1).unwrap(), None);
        }
    }
}
