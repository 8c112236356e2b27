//! Puts fragments together, with a cap on the bytes and the number, and checks what close frames say.

use super::KEPT;
use super::header::{Opcode, Violation};
use super::message::MessageKind;

/// What a frame amounts to.
#[derive(Debug)]
pub(super) enum Assembled {
    /// A whole message: the payload of the frame.
    Whole(MessageKind),
    /// The last part of one: see [`Assembler::joined`].
    Joined(MessageKind),
    /// A part of one.
    Part,
    /// The peer closes, with a code and a reason if it gave them.
    Close(Option<u16>, String),
}

/// The message whose fragments are being collected.
#[derive(Debug)]
pub(super) struct Assembler {
    /// Maximum length of a message, in bytes.
    max_message: usize,
    /// Maximum number of fragments of a message.
    max_fragments: usize,
    /// The fragments so far, or those of the last message.
    buffer: Vec<u8>,
    /// What the first fragment said; none between messages.
    kind: Option<MessageKind>,
    /// Number of fragments so far.
    fragments: usize,
    /// How much of the buffer is known to be UTF-8.
    valid: usize,
    /// Number of messages that have begun in fragments; identifies the partial one.
    messages: u64,
}

impl Assembler {
    pub(super) fn new(max_message: usize, max_fragments: usize) -> Self {
        Self {
            max_message,
            max_fragments,
            buffer: Vec::new(),
            kind: None,
            fragments: 0,
            valid: 0,
            messages: 0,
        }
    }

    /// The number of the message of which fragments have come, and how many bytes these have.
    pub(super) fn partial_message(&self) -> Option<(u64, u64)> {
        self.kind.map(|_| (self.messages, self.buffer.len() as u64))
    }

    /// The message that was joined last, until the next frame.
    pub(super) fn joined(&self) -> &[u8] {
        &self.buffer
    }

    #[inline]
    pub(super) fn take(
        &mut self,
        opcode: Opcode,
        is_final: bool,
        payload: &[u8],
    ) -> Result<Assembled, Violation> {
        let kind = match opcode {
            Opcode::Ping => return Ok(Assembled::Whole(MessageKind::Ping)),
            Opcode::Pong => return Ok(Assembled::Whole(MessageKind::Pong)),
            Opcode::Close => return close(payload),
            Opcode::Text => MessageKind::Text,
            Opcode::Binary => MessageKind::Binary,
            Opcode::Continuation => {
                let kind = self.kind.ok_or(Violation::Protocol("a continuation of nothing"))?;
                return self.append(kind, payload, is_final);
            }
        };
        if self.kind.is_some() {
            return Err(Violation::Protocol("a new message within a fragmented one"));
        }
        if is_final {
            if payload.len() > self.max_message {
                return Err(Violation::TooLarge("a message above the limit"));
            }
            // The frame layer has checked the UTF-8 of a text in one frame.
            return Ok(Assembled::Whole(kind));
        }
        self.messages += 1;
        self.kind = Some(kind);
        self.buffer.clear();
        self.append(kind, payload, false)
    }

    fn append(&mut self, kind: MessageKind, payload: &[u8], is_final: bool) -> Result<Assembled, Violation> {
        self.fragments += 1;
        if self.fragments > self.max_fragments {
            return Err(Violation::TooLarge("a message of more fragments than allowed"));
        }
        if payload.len() > self.max_message - self.buffer.len() {
            return Err(Violation::TooLarge("a message above the limit"));
        }
        self.buffer.extend_from_slice(payload);
        if kind == MessageKind::Text {
            self.check_text(is_final)?;
        }
        if !is_final {
            return Ok(Assembled::Part);
        }
        self.kind = None;
        self.fragments = 0;
        self.valid = 0;
        Ok(Assembled::Joined(kind))
    }

    /// Checks what is new, so that a bad text fails at once and each byte is looked at once.
    fn check_text(&mut self, is_final: bool) -> Result<(), Violation> {
        match std::str::from_utf8(&self.buffer[self.valid..]) {
            Ok(_) => {
                self.valid = self.buffer.len();
                Ok(())
            }
            // The last character may go on in the next fragment, if there is one.
            Err(error) if error.error_len().is_none() && !is_final => {
                self.valid += error.valid_up_to();
                Ok(())
            }
            Err(_) => Err(Violation::NotUtf8("a text that is not UTF-8")),
        }
    }

    /// Gives back what a large message took, once it was handed over.
    pub(super) fn idle(&mut self) {
        if self.kind.is_none() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
    }
}

fn close(payload: &[u8]) -> Result<Assembled, Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() {
            Ok(Assembled::Close(None, String::new()))
        } else {
            Err(Violation::Protocol("a close frame of one byte"))
        };
    };
    let code = u16::from_be_bytes(*code);
    if !is_close_code(code) {
        return Err(Violation::Protocol("a close code that must not be sent"));
    }
    match std::str::from_utf8(reason) {
        Ok(reason) => Ok(Assembled::Close(Some(code), reason.to_owned())),
        Err(_) => Err(Violation::NotUtf8("a close reason that is not UTF-8")),
    }
}

/// Whether a close frame may hold this code: RFC 6455 7.4 and the codes registered since (1012 to 1014).
pub(super) const fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes() {
        for code in
            [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
        {
            assert!(is_close_code(code), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            assert!(!is_close_code(code), "{code}");
        }
    }

    #[test]
    fn a_text_cut_anywhere_is_the_same_text_and_a_bad_one_fails_at_its_first_bad_byte() {
        let text = "aµ€😀z".as_bytes();
        for cut in 0..=text.len() {
            let mut assembler = Assembler::new(100, 10);
            let first = assembler.take(Opcode::Text, false, &text[..cut]).unwrap();
            assert!(matches!(first, Assembled::Part));
            assert!(assembler.partial_message().is_some());
            let last = assembler.take(Opcode::Continuation, true, &text[cut..]).unwrap();
            assert!(matches!(last, Assembled::Joined(MessageKind::Text)), "{last:?}");
            assert_eq!(assembler.joined(), text);
            assert_eq!(assembler.partial_message(), None);
        }
        let mut assembler = Assembler::new(100, 10);
        assembler.take(Opcode::Text, false, &[0xF4]).unwrap();
        assert!(matches!(assembler.take(Opcode::Continuation, false, &[0x90]), Err(Violation::NotUtf8(_))));
    }
}
