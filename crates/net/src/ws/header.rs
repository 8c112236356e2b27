//! The header of a frame and the rules for it. Both frame layers read headers here: the library alone would take masked frames,
//! long pongs, a new message within a fragmented one, and would reserve whatever length a header announces.

use fastwebsockets::OpCode;

/// Maximum length of the header of an unmasked frame.
pub(super) const MAX_HEADER: usize = 10;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// A further fragment of a message.
    Continuation,
    /// A text, or its first fragment.
    Text,
    /// Bytes, or their first fragment.
    Binary,
    /// The end of the connection.
    Close,
    /// Requests a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

impl Opcode {
    /// The library's name for it.
    pub(super) const fn code(self) -> OpCode {
        match self {
            Self::Continuation => OpCode::Continuation,
            Self::Text => OpCode::Text,
            Self::Binary => OpCode::Binary,
            Self::Close => OpCode::Close,
            Self::Ping => OpCode::Ping,
            Self::Pong => OpCode::Pong,
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// How the peer broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    /// Against RFC 6455: answered with 1002.
    #[error("{0}")]
    Protocol(&'static str),
    /// Text that is not UTF-8: answered with 1007.
    #[error("{0}")]
    NotUtf8(&'static str),
    /// Beyond a cap: answered with 1009.
    #[error("{0}")]
    TooLarge(&'static str),
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether the frame ends its message.
    pub(super) is_final: bool,
    /// What it carries.
    pub(super) opcode: Opcode,
    /// The size of the header, in bytes.
    pub(super) size: usize,
    /// The length of the payload, in bytes.
    pub(super) length: usize,
}

/// The rules that headers are read by, and what they depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Maximum length of a payload, in bytes.
    pub(super) max_frame: usize,
    /// Whether a fragmented message has begun and not ended.
    pub(super) within_message: bool,
}

impl Rules {
    /// The header at the beginning of `bytes`; `None` while bytes of it are missing. What is wrong is found with the first byte that
    /// shows it.
    #[inline]
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Option<Header>, Violation> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        let opcode = self.opcode(first)?;
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        if second & 0x80 != 0 {
            return Err(Violation::Protocol("a masked frame"));
        }
        if opcode.is_control() && second > 125 {
            return Err(Violation::Protocol("a control frame of more than 125 bytes"));
        }
        let (size, length) = match second {
            126 => {
                let Some(&[high, low]) = bytes.get(2..4).and_then(|bytes| bytes.first_chunk()) else {
                    return Ok(None);
                };
                let length = u16::from_be_bytes([high, low]);
                if length < 126 {
                    return Err(NOT_SHORTEST);
                }
                (4, usize::from(length))
            }
            127 => {
                let Some(bytes) = bytes.get(2..MAX_HEADER).and_then(|bytes| bytes.first_chunk()) else {
                    return Ok(None);
                };
                let length = u64::from_be_bytes(*bytes);
                if length >> 63 != 0 {
                    return Err(Violation::Protocol("a length of 2^63 or more"));
                }
                if length < 1 << 16 {
                    return Err(NOT_SHORTEST);
                }
                (MAX_HEADER, usize::try_from(length).unwrap_or(usize::MAX))
            }
            short => (2, usize::from(short)),
        };
        if length > self.max_frame {
            return Err(Violation::TooLarge("a frame above the limit"));
        }
        Ok(Some(Header { is_final: first & 0x80 != 0, opcode, size, length }))
    }

    fn opcode(&self, first: u8) -> Result<Opcode, Violation> {
        if first & 0x70 != 0 {
            return Err(Violation::Protocol("a reserved bit without an extension"));
        }
        let opcode = match first & 0x0F {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return Err(Violation::Protocol("a reserved opcode")),
        };
        match opcode {
            Opcode::Continuation if !self.within_message => {
                Err(Violation::Protocol("a continuation of nothing"))
            }
            Opcode::Text | Opcode::Binary if self.within_message => {
                Err(Violation::Protocol("a new message within a fragmented one"))
            }
            _ if opcode.is_control() && first & 0x80 == 0 => {
                Err(Violation::Protocol("a fragmented control frame"))
            }
            _ => Ok(opcode),
        }
    }

    /// Takes note of a frame, whose header was read.
    #[inline]
    pub(super) fn pass(&mut self, header: &Header) {
        if !header.opcode.is_control() {
            self.within_message = !header.is_final;
        }
    }
}

const NOT_SHORTEST: Violation = Violation::Protocol("a length that is not written in the shortest way");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_found_with_the_first_byte_that_shows_it() {
        let between = Rules { max_frame: 1 << 20, within_message: false };
        let within = Rules { within_message: true, ..between };
        for (rules, bytes, length, what) in [
            (between, &[0x81, 0x80][..], 2, "masked"),
            (between, &[0xC1], 1, "reserved bit"),
            (between, &[0xA1], 1, "reserved bit"),
            (between, &[0x91], 1, "reserved bit"),
            (between, &[0x83], 1, "reserved opcode"),
            (between, &[0x8B], 1, "reserved opcode"),
            (between, &[0x80], 1, "continuation of nothing"),
            (within, &[0x81], 1, "within a fragmented"),
            (within, &[0x82], 1, "within a fragmented"),
            (between, &[0x09], 1, "fragmented control"),
            (between, &[0x8A, 126], 2, "more than 125"),
            (between, &[0x82, 126, 0, 125], 4, "shortest"),
            (between, &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 10, "shortest"),
            (between, &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 10, "2^63"),
            (between, &[0x82, 127, 0, 0, 0, 0, 3, 0xF0, 0, 0], 10, "above the limit"),
        ] {
            for cut in 0..length {
                assert_eq!(rules.read(&bytes[..cut]), Ok(None), "{what}, {cut} bytes");
            }
            let violation = rules.read(bytes).unwrap_err();
            assert!(violation.to_string().contains(what), "{what}: {violation}");
        }
    }

    #[test]
    fn lengths_are_read_in_all_three_forms() {
        let rules = Rules { max_frame: 1 << 20, within_message: false };
        let read = |bytes: &[u8]| rules.read(bytes).unwrap().map(|header| (header.size, header.length));
        assert_eq!(read(&[0x81, 125, 1]), Some((2, 125)));
        assert_eq!(read(&[0x81, 126, 0, 126]), Some((4, 126)));
        assert_eq!(read(&[0x81, 126, 0xFF, 0xFF]), Some((4, 65_535)));
        assert_eq!(read(&[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Some((10, 65_536)));
    }
}
