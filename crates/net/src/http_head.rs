//! The heads of HTTP/1.1 answers, as far as an upgrade or a proxy's CONNECT needs them. A few lines of our own, so that what
//! only streams compiles no HTTP library.

use binance_kit_core::failure::MAX_WAIT;
use bytes::{Buf as _, BytesMut};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Why there is no head.
#[derive(Debug)]
pub(crate) enum HeadError {
    /// It is longer than allowed.
    TooLarge,
    /// It is not HTTP/1.1.
    Malformed(&'static str),
    /// The byte stream ended or failed before its end.
    Io(io::Error),
}

/// The status line and headers of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    /// The status.
    status: u16,
    /// Names and values, in their order.
    headers: Vec<(String, String)>,
}

impl Head {
    /// The status.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// The values of a header; its name in lower case.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The only value of a header: none when there is none or several.
    pub(crate) fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether one of the header's comma-separated lists holds the token, in any case.
    pub(crate) fn has_token(&self, name: &str, token: &str) -> bool {
        self.values(name).flat_map(|list| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
    }

    /// How long the server asks to wait: seconds, or a date, which is compared with the server's own date and not with our
    /// clock. What cannot be read is none; what is longer than three days is three days.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let value = self.value("retry-after")?.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(MAX_WAIT));
        }
        let until = http_date(value)?;
        let wait = until.saturating_sub(http_date(self.value("date")?.trim())?);
        Some(Duration::from_secs(wait).min(MAX_WAIT))
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r"));
        let status = lines.next().flatten().and_then(parse_status).ok_or("the status line is not valid")?;
        let mut headers = Vec::new();
        for line in lines {
            let line = line.ok_or("a line does not end with CR LF")?;
            if line.is_empty() {
                break;
            }
            let colon = line.iter().position(|byte| *byte == b':').ok_or("a header without a colon")?;
            let (name, value) = (&line[..colon], &line[colon + 1..]);
            if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
                return Err("a header name is not valid");
            }
            if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
                return Err("a header value holds a control character");
            }
            headers.push((
                String::from_utf8_lossy(name).to_ascii_lowercase(),
                String::from_utf8_lossy(value).trim_matches([' ', '\t']).to_owned(),
            ));
        }
        Ok(Self { status, headers })
    }
}

fn parse_status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.1 ").or_else(|| line.strip_prefix(b"HTTP/1.0 "))?;
    let (code, after) = rest.split_first_chunk::<3>()?;
    if !matches!(after.first(), None | Some(b' ')) || !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let status = code.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
    (status >= 100).then_some(status)
}

/// Whether a byte may stand in a header's name.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT` as seconds since 1970.
fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_once(", ")?.1.split(' ');
    let mut number = |length: usize| -> Option<&str> { parts.next().filter(|part| part.len() == length) };
    let day: u64 = number(2)?.parse().ok()?;
    let month = number(3)?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = number(4)?.parse().ok()?;
    let mut time = number(8)?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if number(3)? != "GMT" || year < 1970 || day == 0 || day > 31 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days of the civil calendar, counted from March so that the leap day is the last of the year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days.checked_sub(719_468)?) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Reads a head of at most `cap` bytes. What was read behind it stays in `buffer`.
pub(crate) async fn read_head<R>(io: &mut R, buffer: &mut BytesMut, cap: usize) -> Result<Head, HeadError>
where
    R: AsyncRead + Unpin,
{
    const BEGINNING: &[u8] = b"HTTP/1.";
    let mut searched = 0;
    loop {
        let known = BEGINNING.len().min(buffer.len());
        if buffer[..known] != BEGINNING[..known] {
            return Err(HeadError::Malformed("it is not HTTP/1.1"));
        }
        if let Some(at) = buffer[searched..].windows(4).position(|window| window == b"\r\n\r\n") {
            let length = searched + at + 4;
            if length > cap {
                return Err(HeadError::TooLarge);
            }
            let head = Head::parse(&buffer[..length]).map_err(HeadError::Malformed)?;
            buffer.advance(length);
            return Ok(head);
        }
        if buffer.len() >= cap {
            return Err(HeadError::TooLarge);
        }
        searched = buffer.len().saturating_sub(3);
        buffer.reserve(4096);
        match io.read_buf(buffer).await {
            Ok(0) => return Err(HeadError::Io(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => {}
            Err(error) => return Err(HeadError::Io(error)),
        }
    }
}

/// Reads the beginning of a body, at most `cap` bytes, into `body`. Whatever ends it ends it: it only explains a refusal. Dropping
/// the future leaves in `body` what came so far.
pub(crate) async fn read_body<R>(
    io: &mut R,
    buffer: &mut BytesMut,
    head: &Head,
    cap: usize,
    body: &mut Vec<u8>,
) where
    R: AsyncRead + Unpin,
{
    let is_chunked = head.has_token("transfer-encoding", "chunked");
    let length = head.value("content-length").and_then(|length| length.parse::<u64>().ok());
    let wanted = match length {
        Some(length) if !is_chunked => usize::try_from(length).unwrap_or(cap).min(cap),
        _ => cap,
    };
    loop {
        let is_whole = if is_chunked {
            // Decoded again each time: there are at most a few reads.
            body.clear();
            decode_chunked(buffer, body) || body.len() >= wanted
        } else {
            body.clear();
            body.extend_from_slice(buffer);
            body.len() >= wanted
        };
        body.truncate(wanted);
        // Chunks of one byte each make six of one; more than that is not an explanation.
        if is_whole || buffer.len() > 8 * cap {
            return;
        }
        buffer.reserve(1024);
        if !matches!(io.read_buf(buffer).await, Ok(1..)) {
            return;
        }
    }
}

/// Appends what can be decoded; whether the last chunk was among it, or something that is not a chunk.
fn decode_chunked(mut bytes: &[u8], body: &mut Vec<u8>) -> bool {
    loop {
        let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") else { return false };
        let digits = bytes[..end].split(|byte| *byte == b';').next().unwrap_or_default();
        let size =
            std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
        bytes = &bytes[end + 2..];
        let Some(size) = size.filter(|size| *size > 0) else { return true };
        body.extend_from_slice(&bytes[..size.min(bytes.len())]);
        let Some(rest) = size.checked_add(2).and_then(|behind| bytes.get(behind..)) else { return false };
        bytes = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &str) -> Result<Head, &'static str> {
        Head::parse(format!("HTTP/1.1 429 Too Many\r\n{lines}\r\n").as_bytes())
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
        for (value, seconds) in [
            ("7", Some(7)),
            ("0", Some(0)),
            (" 60 ", Some(60)),
            ("1000000000000", Some(3 * 86_400)),
            ("99999999999999999999999999", Some(3 * 86_400)),
            ("-5", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("Sun, 06 Nov 9999 08:48:37 GMT", Some(3 * 86_400)),
            ("Sun, 06 Foo 1994 08:48:37 GMT", None),
        ] {
            let head = head(&format!("Retry-After: {value}\r\n{date}")).unwrap();
            assert_eq!(head.retry_after(), seconds.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(head("").unwrap().retry_after(), None);
        assert_eq!(head("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n").unwrap().retry_after(), None);
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
    }

    #[test]
    fn heads_that_are_not_valid() {
        for lines in
            ["no colon\r\n", "a b: c\r\n", ": c\r\n", "a: b\r\n folded\r\n", "a: b\0c\r\n", "a: b\nc: d\r\n"]
        {
            assert!(head(lines).is_err(), "{lines:?}");
        }
        for line in ["HTTP/1.1 20 OK", "HTTP/1.1 2000", "HTTP/2 200", "HTTP/1.1 abc", "HTTP/1.1 099 x", ""] {
            assert!(Head::parse(format!("{line}\r\n\r\n").as_bytes()).is_err(), "{line:?}");
        }
        assert_eq!(Head::parse(b"HTTP/1.1 101\r\n\r\n").unwrap().status(), 101);
    }

    #[test]
    fn chunks() {
        let mut body = Vec::new();
        assert!(decode_chunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", &mut body));
        assert_eq!(body, b"abcde");
        body.clear();
        assert!(!decode_chunked(b"3\r\nab", &mut body));
        assert_eq!(body, b"ab");
        assert!(decode_chunked(b"zz\r\n", &mut Vec::new()));
        assert!(!decode_chunked(b"ffffffffffffffff\r\nab", &mut Vec::new()));
    }

    #[test]
    fn the_status_is_three_digits() {
        for (line, status) in [
            (&b"HTTP/1.1 101 Switching Protocols"[..], Some(101)),
            (b"HTTP/1.0 429", Some(429)),
            (b"HTTP/1.1 1x1 No", None),
            (b"HTTP/1.1 10x No", None),
            (b"HTTP/1.1 x01 No", None),
            (b"HTTP/1.1 099 No", None),
            (b"HTTP/1.1 1010", None),
            (b"HTTP/2 200", None),
        ] {
            assert_eq!(parse_status(line), status, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn times_of_day_are_within_their_ranges() {
        for (time, is_valid) in
            [("23:59:60", true), ("23:59:61", false), ("23:60:00", false), ("24:00:00", false)]
        {
            assert_eq!(http_date(&format!("Sun, 06 Nov 1994 {time} GMT")).is_some(), is_valid, "{time}");
        }
        for day in ["00", "32"] {
            assert_eq!(http_date(&format!("Sun, {day} Nov 1994 08:49:37 GMT")), None, "{day}");
        }
    }

    #[tokio::test]
    async fn a_body_in_chunks_is_read_until_eight_times_its_cap_lies_undecoded() {
        let head = head("Transfer-Encoding: chunked\r\n").unwrap();
        for (length, expected) in [(80, "ab"), (81, "a")] {
            let mut buffer = BytesMut::from(format!("1;{}\r\na\r\n", "x".repeat(length - 7)).as_bytes());
            assert_eq!(buffer.len(), length);
            let mut body = Vec::new();
            read_body(&mut b"1\r\nb\r\n0\r\n\r\n".as_slice(), &mut buffer, &head, 10, &mut body).await;
            assert_eq!(String::from_utf8(body).unwrap(), expected, "{length}");
        }
    }
}
