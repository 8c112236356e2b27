//! The server's side of the WebSocket protocol (RFC 6455), without I/O: bytes in, messages out.
//!
//! Written here rather than taken from a library, so that the exchange is an independent check of the client, and so
//! that faults can be ordered byte by byte.

use bytes::{BufMut as _, Bytes, BytesMut};

/// A message of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// The close code, if there was one.
    Close(Option<u16>),
}

/// The client broke the protocol, or a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProtocolError {
    /// The close code to answer with.
    pub(crate) code: u16,
    /// Reason of the close.
    pub(crate) reason: &'static str,
}

const fn violation(reason: &'static str) -> ProtocolError {
    ProtocolError { code: 1002, reason }
}

/// How many fragments a message may have.
const MAX_FRAGMENTS: usize = 1024;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Turns bytes into messages.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// Bytes that were read.
    buffer: BytesMut,
    /// Largest message in bytes.
    max_message: usize,
    /// The message of which not all fragments have come: its opcode, its bytes, the count of fragments.
    partial: Option<(u8, Vec<u8>, usize)>,
    /// Whether a close was read.
    closed: bool,
}

struct Frame {
    /// Whether it is the last of its message.
    fin: bool,
    /// Opcode.
    opcode: u8,
    /// Payload, unmasked.
    payload: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new(max_message: usize) -> Self {
        Self { buffer: BytesMut::new(), max_message, partial: None, closed: false }
    }

    /// Where to read bytes into.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next message, if it is complete. Nothing comes after a close.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, ProtocolError> {
        while !self.closed {
            let Some(frame) = self.frame()? else { return Ok(None) };
            if let Some(message) = self.message(frame)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn frame(&mut self) -> Result<Option<Frame>, ProtocolError> {
        let [first, second, rest @ ..] = &self.buffer[..] else { return Ok(None) };
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(violation("reserved bits are set"));
        }
        if !matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG) {
            return Err(violation("reserved opcode"));
        }
        if second & 0x80 == 0 {
            return Err(violation("a client must mask its frames"));
        }
        let short = usize::from(second & 0x7f);
        let control = opcode >= CLOSE;
        if control && (!fin || short > 125) {
            return Err(violation("a control frame is too long or fragmented"));
        }
        let (length, header) = match (short, rest) {
            (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
            (127, rest) => {
                let Some(length) = rest.first_chunk() else { return Ok(None) };
                (usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX), 10)
            }
            (126, _) => return Ok(None),
            (short, _) => (short, 2),
        };
        // Before anything is waited for or allocated.
        let held = self.partial.as_ref().map_or(0, |(_, bytes, _)| bytes.len());
        if !control && length.saturating_add(held) > self.max_message {
            return Err(ProtocolError { code: 1009, reason: "message too big" });
        }
        if self.buffer.len() < header + 4 + length {
            return Ok(None);
        }
        let mut frame = self.buffer.split_to(header + 4 + length);
        let payload = frame.split_off(header + 4);
        let mask = &frame[header..];
        let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        Ok(Some(Frame { fin, opcode, payload }))
    }

    fn message(&mut self, frame: Frame) -> Result<Option<Message>, ProtocolError> {
        let Frame { fin, opcode, payload } = frame;
        match opcode {
            PING => Ok(Some(Message::Ping(payload))),
            PONG => Ok(Some(Message::Pong(payload))),
            CLOSE => {
                self.closed = true;
                close_code(&payload).map(|code| Some(Message::Close(code)))
            }
            CONTINUATION => {
                let Some((_, bytes, count)) = &mut self.partial else {
                    return Err(violation("a continuation without a beginning"));
                };
                *count += 1;
                if *count > MAX_FRAGMENTS {
                    return Err(ProtocolError { code: 1009, reason: "too many fragments" });
                }
                bytes.extend_from_slice(&payload);
                if !fin {
                    return Ok(None);
                }
                let (opcode, bytes) = self.partial.take().map_or((TEXT, Vec::new()), |(o, b, _)| (o, b));
                data(opcode, bytes).map(Some)
            }
            _ if self.partial.is_some() => Err(violation("a new message inside a fragmented one")),
            _ if fin => data(opcode, payload).map(Some),
            _ => {
                self.partial = Some((opcode, payload, 1));
                Ok(None)
            }
        }
    }
}

fn data(opcode: u8, bytes: Vec<u8>) -> Result<Message, ProtocolError> {
    if opcode == BINARY {
        return Ok(Message::Binary(bytes));
    }
    String::from_utf8(bytes)
        .map(Message::Text)
        .map_err(|_| ProtocolError { code: 1007, reason: "text that is not UTF-8" })
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, ProtocolError> {
    match payload {
        [] => Ok(None),
        [_] => Err(violation("a close code is two bytes")),
        [a, b, reason @ ..] => {
            let code = u16::from_be_bytes([*a, *b]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(violation("not a close code"));
            }
            if std::str::from_utf8(reason).is_err() {
                return Err(ProtocolError { code: 1007, reason: "a close reason that is not UTF-8" });
            }
            Ok(Some(code))
        }
    }
}

fn frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 10);
    out.put_u8(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..=125), _) => out.put_u8(length),
        (_, Ok(length)) => {
            out.put_u8(126);
            out.put_u16(length);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(payload.len() as u64);
        }
    }
    out.put_slice(payload);
    out.freeze()
}

/// A binary message as bytes on the wire.
pub(crate) fn binary_frame(message: &[u8]) -> Bytes {
    frame(BINARY, message)
}

/// The text of a frame that [`text_frame`] made; nothing for any other.
pub(crate) fn text_of(frame: &[u8]) -> &str {
    let payload = match frame {
        [0x81, 126, _, _, payload @ ..] | [0x81, 127, _, _, _, _, _, _, _, _, payload @ ..] => payload,
        [0x81, length, payload @ ..] if *length < 126 => payload,
        _ => &[],
    };
    std::str::from_utf8(payload).unwrap_or_default()
}

/// A frame of a message in several: whether it is the last, its opcode (0 but for the first), its bytes.
pub(crate) fn open_frame(last: bool, opcode: u8, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::from(&frame(opcode, payload)[..]);
    if !last {
        out[0] &= 0x7f;
    }
    out.freeze()
}

/// A frame, masked as only a client's may be.
pub(crate) fn mask_frame(frame: &[u8]) -> Bytes {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let payload = text_of(frame).as_bytes();
    let mut out = BytesMut::from(&frame[..frame.len() - payload.len()]);
    if let Some(length) = out.get_mut(1) {
        *length |= 0x80;
    }
    out.put_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out.freeze()
}

/// A text message as bytes on the wire.
pub(crate) fn text_frame(text: &str) -> Bytes {
    frame(TEXT, text.as_bytes())
}

/// A ping. At most 125 bytes of the payload are sent.
pub(crate) fn ping_frame(payload: &[u8]) -> Bytes {
    frame(PING, payload.get(..125).unwrap_or(payload))
}

/// A pong. At most 125 bytes of the payload are sent.
pub(crate) fn pong_frame(payload: &[u8]) -> Bytes {
    frame(PONG, payload.get(..125).unwrap_or(payload))
}

/// A close without a code.
pub(crate) fn empty_close_frame() -> Bytes {
    frame(CLOSE, &[])
}

/// A close.
pub(crate) fn close_frame(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    frame(CLOSE, payload.get(..125).unwrap_or(&payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A frame as a client sends it.
    fn client(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = frame(first & 0x0f, payload).to_vec();
        let mask = [1, 2, 3, 4];
        out[0] = first;
        out[1] |= 0x80;
        let body = out.split_off(out.len() - payload.len());
        out.extend_from_slice(&mask);
        out.extend(body.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        out
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Message>, ProtocolError> {
        let mut decoder = Decoder::new(1000);
        decoder.buffer().extend_from_slice(bytes);
        let mut messages = Vec::new();
        while let Some(message) = decoder.next()? {
            messages.push(message);
        }
        Ok(messages)
    }

    #[test]
    fn fragments_and_control_frames_in_between() {
        let bytes =
            [client(0x01, b"he"), client(0x89, b"p"), client(0x00, b"l"), client(0x80, b"lo")].concat();
        let expected = vec![Message::Ping(b"p".to_vec()), Message::Text("hello".to_owned())];
        assert_eq!(decode(&bytes).unwrap(), expected);
        // Byte by byte.
        let mut decoder = Decoder::new(1000);
        let mut messages = Vec::new();
        for byte in bytes {
            decoder.buffer().extend_from_slice(&[byte]);
            while let Some(message) = decoder.next().unwrap() {
                messages.push(message);
            }
        }
        assert_eq!(messages, expected);
    }

    #[test]
    fn what_is_forbidden() {
        let code = |bytes: &[u8]| decode(bytes).unwrap_err().code;
        assert_eq!(code(&[0x81, 0x01, b'a']), 1002, "unmasked");
        assert_eq!(code(&client(0xc1, b"a")), 1002, "reserved bit");
        assert_eq!(code(&client(0x83, b"a")), 1002, "reserved opcode");
        assert_eq!(code(&client(0x09, b"a")), 1002, "fragmented ping");
        assert_eq!(code(&client(0x89, &[0; 126])), 1002, "long ping");
        assert_eq!(code(&client(0x80, b"a")), 1002, "orphan");
        assert_eq!(code(&[client(0x01, b"a"), client(0x81, b"b")].concat()), 1002, "interleaved");
        assert_eq!(code(&client(0x81, &[0xff])), 1007, "not UTF-8");
        assert_eq!(code(&client(0x82, &[0; 1001])), 1009, "too big");
        assert_eq!(
            code(&[client(0x02, &[0; 600]), client(0x80, &[0; 600])].concat()),
            1009,
            "too big in sum"
        );
        assert_eq!(code(&[0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 1009, "announced");
        assert_eq!(code(&client(0x88, &[3])), 1002, "short close");
        assert_eq!(code(&client(0x88, &1005_u16.to_be_bytes())), 1002, "close code");
        assert_eq!(code(&client(0x88, &[3, 232, 0xff])), 1007, "close reason");
        let many = [client(0x02, b"a"), client(0x00, b"").repeat(MAX_FRAGMENTS)].concat();
        assert_eq!(code(&many), 1009);
    }

    #[test]
    fn nothing_after_a_close() {
        let bytes = [client(0x88, &1000_u16.to_be_bytes()), client(0x81, b"late")].concat();
        assert_eq!(decode(&bytes).unwrap(), [Message::Close(Some(1000))]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn any_message_is_read_back(payload in prop::collection::vec(any::<u8>(), 0..1000)) {
            prop_assert_eq!(decode(&client(0x82, &payload)).unwrap(), vec![Message::Binary(payload)]);
        }
    }
}
