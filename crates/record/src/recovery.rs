//! Repair of a file that was not closed.

use crate::error::Error;
use crate::format::{HEADER_LENGTH, MAX_MEMBER, member_length};
use crate::scan::find_block;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

/// Result of [`recover`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Bytes of complete blocks that the file has now.
    pub kept: u64,
    /// Bytes of an incomplete block that were removed.
    pub cut: u64,
}

/// Removes an incomplete block from the end of a recording, so that it can be continued. Only the last block is
/// checked. Must not be called on a file that is being written.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io), or [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) for a file that is not
/// a recording of [`Recorder`](crate::Recorder), or that has complete blocks after an incomplete one: nothing is removed
/// then.
pub fn recover(path: &Path) -> Result<Recovered, Error> {
    let wrap = |error| Error::io(path, error);
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(wrap)?;
    let length = file.metadata().map_err(wrap)?.len();
    let ends = ends(&mut file, length).map_err(wrap)?;
    // A short header: the process was killed during the first write.
    if ends.whole == 0 && length > 0 && !ends.begins_well {
        return Err(Error::damaged(path, "it has no valid header"));
    }
    let kept = match ends.last {
        Some((start, end)) if !is_whole(&mut file, start, end).map_err(wrap)? => start,
        _ => ends.whole,
    };
    if kept < length {
        if find_block(&mut file, kept + 1).map_err(wrap)?.is_some() {
            return Err(Error::damaged(path, format!("there are blocks after damage at byte {kept}")));
        }
        file.set_len(kept).map_err(wrap)?;
        file.sync_all().map_err(wrap)?;
    }
    Ok(Recovered { kept, cut: length - kept })
}

/// The part of a file that consists of complete members.
struct Ends {
    /// End of the last complete member, in bytes.
    whole: u64,
    /// Beginning and end of the last complete member.
    last: Option<(u64, u64)>,
    /// The file begins with a valid header, or with the beginning of one.
    begins_well: bool,
}

fn ends(file: &mut File, length: u64) -> io::Result<Ends> {
    let mut ends = Ends { whole: 0, last: None, begins_well: false };
    loop {
        file.seek(SeekFrom::Start(ends.whole))?;
        let mut header = Vec::with_capacity(HEADER_LENGTH);
        Read::by_ref(file).take(HEADER_LENGTH as u64).read_to_end(&mut header)?;
        let Some(header) = header.first_chunk() else {
            ends.begins_well |= header.len() < HEADER_LENGTH && header.starts_with(&[0x1f, 0x8b, 8, 4]);
            return Ok(ends);
        };
        let Some(member) = member_length(header) else { return Ok(ends) };
        ends.begins_well = true;
        let end = ends.whole + member as u64;
        if end > length {
            return Ok(ends);
        }
        ends.last = Some((ends.whole, end));
        ends.whole = end;
    }
}

/// Whether a member unpacks with the right checksum: a loss of power can leave the length without the content.
fn is_whole(file: &mut File, start: u64, end: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(start))?;
    let mut member = Vec::new();
    Read::by_ref(file).take((end - start).min(MAX_MEMBER as u64)).read_to_end(&mut member)?;
    Ok(io::copy(&mut flate2::read::GzDecoder::new(member.as_slice()), &mut io::sink()).is_ok())
}
