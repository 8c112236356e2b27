//! The format: gzip members with their length in the header, and lines in them.
//!
//! A file is a sequence of blocks. Each is a gzip member of its own (RFC 1952) with an extra field `BK` that holds the length of the
//! whole member as a 32-bit little-endian number, so that a reader can skip blocks without unpacking them and sees
//! whether the last one is complete. To gzip tools the file is an ordinary compressed text.
//!
//! The text consists of lines that end in a line feed:
//!
//! | line | meaning |
//! |---|---|
//! | `# binance-kit recording 2 PRODUCT` | the recorder begins: the version of the format, and the product if it is known |
//! | `# binance-kit recording 2 PRODUCT continues` | the same recorder goes on in this file after a rotation; its connections stay up |
//! | `TIME CONNECTION FRAME` | a text frame, as received |
//! | `TIME CONNECTION !BASE64` | a binary frame |
//! | `TIME CONNECTION !!BASE64` | a text frame that holds a line break, or begins like one of these marks |
//! | `TIME CONNECTION +` | the connection is up; if it was up before, that one was lost |
//! | `TIME CONNECTION -` | the connection is lost |
//! | `TIME = PRODUCT SYMBOL LIMIT ANSWER` | a snapshot of a book: the depth request and its answer as it came |
//! | `TIME ~ COUNT` | number of frames before this line that could not be written; 0 where only a mark could not |
//! | `TIME .` | the recorder closed the file; without it the file is unfinished. The time is that of its last line, or 0 without one |
//! | `# …` | a comment |
//!
//! `TIME` is when the frame was received, in nanoseconds since the Unix epoch; `CONNECTION` a number. `PRODUCT` is the text of an
//! [`Api`](binance_kit_core::Api) (`spot`, `usdm`, `coinm`), or `-` where it is not known. An answer that holds a line break is
//! `!!BASE64`.
//!
//! Version 1 had no lines with `=` and `.`: a snapshot was a frame of connection 18446744073709551615, which does not say of which
//! symbol it is, and the end of a file had no mark. Files of both versions are read, and a file of version 1 can be continued.
//!
//! Lines of other recorders (`TIME FRAME`, without a first line as above) are read, too. Their times may be in seconds (with or
//! without a fraction), milliseconds, microseconds or nanoseconds: the unit is the one in which the time lies between the years
//! 2010 and 2100.

use flate2::{Compression, Crc};
use std::io::Write as _;

/// First line of a file, up to the product.
pub const FIRST_LINE: &str = "# binance-kit recording 2";

/// First line of any version, up to its number.
pub(crate) const ANY_VERSION: &str = "# binance-kit recording ";

/// The version that is written.
pub const VERSION: u32 = 2;

/// The word at the end of the first line of a file that goes on after a rotation.
pub(crate) const CONTINUES: &str = "continues";

/// The header of a member up to the length in it.
pub(crate) const HEADER: [u8; 16] = [
    0x1f, 0x8b, // gzip
    8,    // deflate
    4,    // with an extra field
    0, 0, 0, 0, // no time: it is in the lines
    0, 255, // unknown system
    8, 0, // eight bytes of extra field
    b'B', b'K', 4, 0, // ours, of four bytes
];
/// The length of a member's header.
pub(crate) const HEADER_LENGTH: usize = HEADER.len() + 4;

/// Maximum length of a member in bytes: no block of the largest size compresses to more.
pub(crate) const MAX_MEMBER: usize = 80 << 20;

/// Compresses a block into a member.
pub(crate) fn pack(text: &[u8], level: u32, member: &mut Vec<u8>) -> std::io::Result<()> {
    member.clear();
    member.extend_from_slice(&HEADER);
    member.extend_from_slice(&[0; 4]);
    let mut encoder = flate2::write::DeflateEncoder::new(std::mem::take(member), Compression::new(level));
    encoder.write_all(text)?;
    *member = encoder.finish()?;
    let mut checksum = Crc::new();
    checksum.update(text);
    member.extend_from_slice(&checksum.sum().to_le_bytes());
    member.extend_from_slice(&checksum.amount().to_le_bytes());
    let length = u32::try_from(member.len()).map_err(|_| std::io::Error::other("the block is too large"))?;
    if let Some(place) = member.get_mut(HEADER.len()..HEADER_LENGTH) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// The length of the member that begins with these bytes; `None` when it is not one of ours.
pub(crate) fn member_length(header: &[u8; HEADER_LENGTH]) -> Option<usize> {
    let (fixed, length) = header.split_first_chunk::<{ HEADER.len() }>()?;
    if *fixed != HEADER {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(*length.first_chunk()?)).ok()?;
    (HEADER_LENGTH + 8..=MAX_MEMBER).contains(&length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_member_is_gzip_and_says_its_length() {
        let text = "1 0 {}\n".repeat(1000);
        let mut member = Vec::new();
        pack(text.as_bytes(), 3, &mut member).unwrap();
        assert_eq!(member_length(member.first_chunk().unwrap()), Some(member.len()));
        let mut twice = member.clone();
        twice.extend_from_slice(&member);
        let mut read = String::new();
        flate2::read::MultiGzDecoder::new(twice.as_slice()).read_to_string(&mut read).unwrap();
        assert_eq!(read, text.repeat(2));
        for (place, byte) in [(0, 0), (3, 0), (12, b'X'), (16, 3), (19, 255)] {
            let mut header: [u8; HEADER_LENGTH] = *member.first_chunk().unwrap();
            header[place] = byte;
            if place == 16 {
                header[17] = 0;
            }
            assert_eq!(member_length(&header), None, "byte {place}");
        }
    }
}
