//! The upgrade from HTTP/1.1 to WebSocket, with every check of RFC 6455 4.1, and with the status, the
//! time to wait and the beginning of the body kept when the server refuses.

use crate::error::{Error, ErrorKind};
use crate::http_head::{Head, HeadError, is_token, read_body, read_head};
use crate::random::Random;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

/// The largest head of an answer.
const MAX_HEAD: usize = 64 << 10;
/// What is kept of the body of a refusal.
const MAX_BODY: usize = 4 << 10;
/// How long the body of a refusal may take: its status is worth more than its words.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// How many provisional answers (100, 103) are skipped.
const MAX_PROVISIONAL: usize = 8;

/// Headers that the upgrade itself is made of.
const RESERVED: [&str; 7] =
    ["host", "upgrade", "connection", "content-length", "transfer-encoding", "te", "trailer"];

/// Upgrades `io`. Returns the bytes that came behind the answer.
pub(super) async fn upgrade<T>(
    io: &mut T,
    authority: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
    random: &Random,
) -> Result<BytesMut, Error>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let key = new_key(random);
    let request = request(authority, path_and_query, headers, &key)?;
    let lost = |error| Error::with_source(ErrorKind::ConnectionLost, error).detail("during the upgrade");
    io.write_all(request.as_bytes()).await.map_err(lost)?;
    io.flush().await.map_err(lost)?;
    let mut buffer = BytesMut::new();
    let mut skipped = 0;
    let head = loop {
        let head = read_head(io, &mut buffer, MAX_HEAD).await.map_err(|error| match error {
            HeadError::TooLarge => Error::with_detail(ErrorKind::BadUpgrade, "its head is too large"),
            HeadError::Malformed(what) => Error::with_detail(ErrorKind::BadUpgrade, what),
            HeadError::Io(error) => lost(error),
        })?;
        if !matches!(head.status(), 100 | 102..=199) {
            break head;
        }
        skipped += 1;
        if skipped > MAX_PROVISIONAL {
            return Err(Error::with_detail(ErrorKind::BadUpgrade, "too many provisional answers"));
        }
    };
    if head.status() == 101 {
        verify(&head, &key).map_err(|what| Error::with_detail(ErrorKind::BadUpgrade, what))?;
        return Ok(buffer);
    }
    let mut body = Vec::new();
    // What came before the deadline is kept, so the deadline itself is not worth a word.
    let _ = tokio::time::timeout(BODY_TIMEOUT, read_body(io, &mut buffer, &head, MAX_BODY, &mut body)).await;
    Err(Error::new(ErrorKind::UpgradeRefused).with_response(head.status(), head.retry_after(), body))
}

fn new_key(random: &Random) -> String {
    let mut nonce = [0; 16];
    let (first, second) = nonce.split_at_mut(8);
    first.copy_from_slice(&random.next_u64().to_le_bytes());
    second.copy_from_slice(&random.next_u64().to_le_bytes());
    STANDARD.encode(nonce)
}

/// The `Sec-WebSocket-Accept` that belongs to a key.
fn accept_of(key: &str) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key.as_bytes());
    context.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(context.finish())
}

fn request(authority: &str, path: &str, headers: &[(&str, &str)], key: &str) -> Result<String, Error> {
    let refuse = |what: String| Error::with_detail(ErrorKind::InvalidRequest, what);
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        // Never the path: it may hold a listen key.
        return Err(refuse("the path does not begin with a slash, or is not percent-encoded".to_owned()));
    }
    if authority.is_empty() || !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse(format!("{authority:?} is not a host")));
    }
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    );
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(refuse(format!("{name:?} is not a header name")));
        }
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("sec-websocket-") {
            return Err(refuse(format!("the header {name} belongs to the upgrade itself")));
        }
        // Never the value: it may be a key.
        if !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(refuse(format!(
                "the value of the header {name} holds a character that must not be sent"
            )));
        }
        request.push_str(name);
        request.push_str(": ");
        request.push_str(value);
        request.push_str("\r\n");
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
        request.push_str(concat!("User-Agent: binance-kit/", env!("CARGO_PKG_VERSION"), "\r\n"));
    }
    request.push_str("\r\n");
    Ok(request)
}

fn verify(head: &Head, key: &str) -> Result<(), &'static str> {
    if !head.has_token("upgrade", "websocket") {
        return Err("it does not upgrade to websocket");
    }
    if !head.has_token("connection", "upgrade") {
        return Err("its Connection header has no Upgrade");
    }
    if head.value("sec-websocket-accept") != Some(accept_of(key).as_str()) {
        return Err("its Sec-WebSocket-Accept is missing or wrong");
    }
    if head.values("sec-websocket-extensions").any(|value| !value.is_empty()) {
        return Err("it has an extension that was not asked for");
    }
    if head.values("sec-websocket-protocol").next().is_some() {
        return Err("it has a sub-protocol that was not asked for");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_of_the_rfc() {
        assert_eq!(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_key_is_sixteen_random_bytes() {
        let (random, same) = (Random::seeded(1), Random::seeded(1));
        let expected = [same.next_u64().to_le_bytes(), same.next_u64().to_le_bytes()].concat();
        assert_eq!(STANDARD.decode(new_key(&random)).unwrap(), expected);
    }

    #[test]
    fn requests_that_cannot_be_sent() {
        let headers: [(&str, &str); 7] = [
            ("X-A", "a\r\nX-B: c"),
            ("X-A", "a\0"),
            ("X-A", "ä"),
            ("X A", "a"),
            ("", "a"),
            ("Host", "a"),
            ("sec-websocket-extensions", "permessage-deflate"),
        ];
        for header in headers {
            let error = request("h", "/", &[header], "k").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{header:?}");
            assert!(!error.to_string().contains("X-B"));
        }
        for path in ["", "a", "/a b", "/a\r\nX: y", "/ä", "/a#b"] {
            assert!(request("h", path, &[], "k").is_err(), "{path:?}");
        }
        assert!(request("h\r\n", "/", &[], "k").is_err());
        let request = request("h:1", "/ws?a=%20", &[("X-MBX-APIKEY", "abc")], "k").unwrap();
        assert!(request.starts_with("GET /ws?a=%20 HTTP/1.1\r\nHost: h:1\r\n"));
        assert!(request.contains("\r\nX-MBX-APIKEY: abc\r\n"));
    }
}
