//! The constructors of [`Fault`]: what goes wrong.

use super::fault::{Fault, millis};
use super::kind::{Direction, FaultKind, Scope, Times};
use std::time::Duration;

/// What goes wrong.
impl Fault {
    /// Any kind, in its usual way.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            on: Scope::Any,
            connection: None,
            at_millis: 0,
            lasting_millis: None,
            after: 0,
            times: Times::Usual,
            per_million: None,
            seed: 0,
        }
    }

    /// The request is not carried out and answered with this: in REST status and body, in the WebSocket API status and the
    /// `error` object.
    pub fn answer(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::new(FaultKind::Answer { status, body, html: false, retry_after: None, executed: false })
    }

    /// The request is carried out and then answered with this, as if it had failed.
    pub fn answer_after(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::new(FaultKind::Answer { status, body, html: false, retry_after: None, executed: true })
    }

    fn html(status: u16, title: &str, retry_after: Option<Duration>) -> Self {
        let body = format!(
            "<html><head><title>{status} {title}</title></head><body><center><h1>{status} {title}</h1></center>\
             </body></html>"
        );
        let retry_after = retry_after.map(|wait| wait.as_secs());
        Self::new(FaultKind::Answer { status, body, html: true, retry_after, executed: false })
    }

    /// HTTP 429 with an HTML body, as a proxy in front of the exchange answers.
    pub fn too_many_requests(retry_after: Option<Duration>) -> Self {
        Self::html(429, "Too Many Requests", retry_after)
    }

    /// HTTP 418 with an HTML body: the address is banned.
    pub fn banned(retry_after: Option<Duration>) -> Self {
        Self::html(418, "I'm a teapot", retry_after)
    }

    /// HTTP 403 with an HTML body: the firewall did not like the request.
    pub fn firewall() -> Self {
        Self::html(403, "Forbidden", None)
    }

    /// HTTP 503 with an HTML body.
    pub fn unavailable(retry_after: Option<Duration>) -> Self {
        Self::html(503, "Service Temporarily Unavailable", retry_after)
    }

    /// The request is carried out and answered with -1007: whether it was, is unknown.
    pub fn backend_timeout() -> Self {
        Self::answer_after(
            408,
            r#"{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}"#,
        )
    }

    /// The request is carried out and answered with -1006: whether it was, is unknown.
    pub fn unexpected_response() -> Self {
        Self::answer_after(
            503,
            r#"{"code":-1006,"msg":"An unexpected response was received from the message bus. Execution status unknown."}"#,
        )
    }

    /// The request is neither carried out nor answered; in REST and handshakes the connection is cut.
    pub fn lose_request() -> Self {
        Self::new(FaultKind::Lose { executed: false })
    }

    /// The request is carried out and not answered; in REST the connection is cut.
    pub fn lose_response() -> Self {
        Self::new(FaultKind::Lose { executed: true })
    }

    /// The request is carried out and answered late.
    pub fn delay_response(delay: Duration) -> Self {
        Self::new(FaultKind::DelayResponse { millis: millis(delay) })
    }

    /// The HTTP request is carried out late.
    pub fn delay_request(delay: Duration) -> Self {
        Self::new(FaultKind::DelayRequest { millis: millis(delay) })
    }

    /// The HTTP request is carried out, and the connection ends after so many bytes of the answer.
    pub fn cut_response(bytes: u64) -> Self {
        Self::new(FaultKind::CutResponse { bytes, reset: false })
    }

    /// A frame is lost: a gap, where the stream counts.
    pub fn gap() -> Self {
        Self::new(FaultKind::Drop {})
    }

    /// A stream that was acknowledged never says a thing.
    pub fn silent_stream(stream: impl Into<String>) -> Self {
        Self::new(FaultKind::Silence {}).on_stream(stream)
    }

    /// All streams of a connection fall silent; pings go on.
    pub fn silence() -> Self {
        Self::new(FaultKind::Silence {})
    }

    /// `SUBSCRIBE` and its like are carried out and not acknowledged.
    pub fn lose_acknowledgement() -> Self {
        Self::new(FaultKind::Drop {}).on_acknowledgements()
    }

    /// `SUBSCRIBE` and its like are acknowledged late.
    pub fn delay_acknowledgement(delay: Duration) -> Self {
        Self::new(FaultKind::Delay { millis: millis(delay) }).on_acknowledgements()
    }

    /// A frame is sent late; others overtake it.
    pub fn delay(delay: Duration) -> Self {
        Self::new(FaultKind::Delay { millis: millis(delay) })
    }

    /// A frame is sent twice.
    pub fn duplicate() -> Self {
        Self::new(FaultKind::Duplicate {})
    }

    /// A frame is sent behind the next `by` frames of its scope.
    pub fn reorder(by: u32) -> Self {
        Self::new(FaultKind::Reorder { by })
    }

    /// A frame is no JSON.
    pub fn garble() -> Self {
        Self::new(FaultKind::Garble {})
    }

    /// A frame has this text instead of its own.
    pub fn replace(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Replace { text: text.into() })
    }

    /// A message with this text goes before a frame.
    pub fn insert(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Insert { text: text.into() })
    }

    /// A frame is not UTF-8.
    pub fn invalid_utf8() -> Self {
        Self::new(FaultKind::InvalidUtf8 {})
    }

    /// A frame is masked.
    pub fn mask() -> Self {
        Self::new(FaultKind::Mask {})
    }

    /// A frame comes in fragments of so many bytes.
    pub fn fragment(bytes: usize) -> Self {
        Self::new(FaultKind::Fragment { bytes, pings: false })
    }

    /// A frame comes in fragments of so many bytes, with a ping behind each.
    pub fn fragment_with_pings(bytes: usize) -> Self {
        Self::new(FaultKind::Fragment { bytes, pings: true })
    }

    /// A frame is padded to so many bytes; at most 64 MiB.
    pub fn inflate(bytes: usize) -> Self {
        Self::new(FaultKind::Inflate { bytes })
    }

    /// A frame announces so many bytes and does not have them.
    pub fn announce(bytes: u64) -> Self {
        Self::new(FaultKind::Announce { bytes })
    }

    /// The first byte of a frame (flags and opcode) is this one: 0xc1 has a reserved bit, 0x83 a reserved opcode, 0x80 is
    /// a continuation of nothing, 0x82 is binary.
    pub fn first_byte(byte: u8) -> Self {
        Self::new(FaultKind::FirstByte { byte })
    }

    /// The connection ends after so many bytes of a frame (at most all of it).
    pub fn cut(at: usize) -> Self {
        Self::new(FaultKind::Cut { at, reset: false })
    }

    /// The connection is reset after so many bytes of a frame.
    pub fn cut_by_reset(at: usize) -> Self {
        Self::new(FaultKind::Cut { at, reset: true })
    }

    /// The connection stalls after so many bytes of a frame, for a while or (`None`) for good.
    pub fn stall(at: usize, lasting: Option<Duration>) -> Self {
        Self::new(FaultKind::Stall { at, millis: lasting.map(millis) })
    }

    /// A frame comes slowly, byte by byte.
    pub fn drip(bytes_per_second: u32) -> Self {
        Self::new(FaultKind::Drip { bytes_per_second })
    }

    /// Connections are reset.
    pub fn reset() -> Self {
        Self::new(FaultKind::Reset {})
    }

    /// Connections end without a close frame and, over TLS, without `close_notify`.
    pub fn end() -> Self {
        Self::new(FaultKind::End {})
    }

    /// Connections are closed with this code.
    pub fn close(code: u16, reason: impl Into<String>) -> Self {
        Self::new(FaultKind::Close { code: Some(code), reason: reason.into() })
    }

    /// Nothing gets through any more, either way.
    pub fn half_open() -> Self {
        Self::new(FaultKind::HalfOpen { direction: Direction::Both })
    }

    /// Nothing gets through any more, one way.
    pub fn one_way(direction: Direction) -> Self {
        Self::new(FaultKind::HalfOpen { direction })
    }

    /// Connections send slowly.
    pub fn throttle(bytes_per_second: u32) -> Self {
        Self::new(FaultKind::Throttle { bytes_per_second })
    }

    /// Connections are pinged so many times, so often a second.
    pub fn ping_flood(count: u32, per_second: u32) -> Self {
        Self::new(FaultKind::PingFlood { count, per_second })
    }

    /// Connections are sent so many pongs, at once.
    pub fn pong_flood(count: u32) -> Self {
        Self::new(FaultKind::PongFlood { count })
    }

    /// Connections are not pinged any more.
    pub fn no_pings() -> Self {
        Self::new(FaultKind::NoPings {})
    }

    /// Connections are sent the event that the server is about to shut down. It does not: order a [`Fault::close`] or
    /// [`Fault::end`] for later, if it is to.
    pub fn server_shutdown() -> Self {
        Self::new(FaultKind::ServerShutdown {})
    }

    /// Connections are closed as those that are 24 hours old.
    pub fn expire() -> Self {
        Self::new(FaultKind::Expire {})
    }

    /// New connections are refused. Over TCP they are accepted and reset at once: a server cannot do more.
    pub fn refuse_connections() -> Self {
        Self::new(FaultKind::RefuseConnections {})
    }

    /// New connections are not answered.
    pub fn ignore_connections() -> Self {
        Self::new(FaultKind::IgnoreConnections {})
    }

    /// The exchange's clock is so many milliseconds ahead (behind, if negative); while it would go back, it is frozen.
    pub fn clock_skew(millis: i64) -> Self {
        Self::new(FaultKind::ClockSkew { millis })
    }
}
