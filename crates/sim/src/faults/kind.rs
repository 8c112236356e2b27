//! The kinds of faults, and where and how often they happen.

use serde::{Deserialize, Serialize};

/// How often a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Times {
    /// Once, or as long as it lasts where the fault is a state.
    #[default]
    Usual,
    /// This many times.
    Count(u64),
    /// Until it is removed.
    Always,
}

/// Where a fault applies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Everywhere that its kind applies.
    #[default]
    Any,
    /// Events of this market stream (`btcusdt@trade`).
    Stream(String),
    /// Events of user data.
    UserData,
    /// This request (`order.place`, `SUBSCRIBE`, `POST /api/v3/order`; `*` for every one) or, for a fault of frames, its
    /// answer.
    Request(String),
    /// Answers to `SUBSCRIBE`, `UNSUBSCRIBE` and the like.
    Acknowledgements,
    /// The HTTP request that opens a WebSocket.
    Handshake,
}

/// Direction of a connection in which nothing is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both directions.
    #[default]
    Both,
    /// From the exchange to the client.
    ToClient,
    /// From the client to the exchange.
    ToExchange,
}

/// What goes wrong, with its parameters. `millis` are milliseconds, `at` counts bytes from the first of a frame's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields say what they are, and each variant says the rest")]
pub enum FaultKind {
    /// Request: answered with this, and carried out first or not.
    Answer {
        status: u16,
        body: String,
        #[serde(default)]
        html: bool,
        #[serde(default)]
        retry_after: Option<u64>,
        #[serde(default)]
        executed: bool,
    },
    /// Request: not answered (REST and handshake: the connection is cut), and carried out or not.
    Lose {
        #[serde(default)]
        executed: bool,
    },
    /// Request: carried out and answered late. In REST and handshakes the connection waits, in the WebSocket API other
    /// answers overtake it.
    DelayResponse { millis: u64 },
    /// Request (HTTP): carried out late.
    DelayRequest { millis: u64 },
    /// Request (HTTP): the connection ends after so many bytes of the answer, head included.
    CutResponse {
        bytes: u64,
        #[serde(default)]
        reset: bool,
    },
    /// Frame: left out.
    Drop {},
    /// Frame: left out, of a stream that was acknowledged, as long as this lasts.
    Silence {},
    /// Frame: sent twice.
    Duplicate {},
    /// Frame: sent behind the next `by` frames of its scope on its connection.
    Reorder { by: u32 },
    /// Frame: sent late; others overtake it.
    Delay { millis: u64 },
    /// Frame: its text breaks off, so that it is not JSON.
    Garble {},
    /// Frame: has this text instead.
    Replace { text: String },
    /// Frame: another message with this text goes before it.
    Insert { text: String },
    /// Frame: a byte in the middle is not UTF-8.
    InvalidUtf8 {},
    /// Frame: masked, as only a client's may be.
    Mask {},
    /// Frame: cut into fragments of so many bytes, with pings between them if wanted.
    Fragment {
        bytes: usize,
        #[serde(default)]
        pings: bool,
    },
    /// Frame: padded with spaces to so many bytes of text.
    Inflate { bytes: usize },
    /// Frame: announces so many bytes and does not have them.
    Announce { bytes: u64 },
    /// Frame: its first byte (the flags and the opcode) is this one.
    FirstByte { byte: u8 },
    /// Frame: the connection ends after so many bytes of it.
    Cut {
        at: usize,
        #[serde(default)]
        reset: bool,
    },
    /// Frame: the connection falls silent after so many bytes of it, for a while or for good. Nothing is lost if it goes on.
    Stall {
        at: usize,
        #[serde(default)]
        millis: Option<u64>,
    },
    /// Frame: written at this pace.
    Drip { bytes_per_second: u32 },
    /// Connection: reset (`SO_LINGER` 0; in memory, reading and writing fail as after a reset).
    Reset {},
    /// Connection: ended without a close frame and, over TLS, without `close_notify`.
    End {},
    /// Connection: closed with this code (none: an empty close frame).
    Close {
        code: Option<u16>,
        #[serde(default)]
        reason: String,
    },
    /// Connection: half-open. Nothing is delivered, not even the end; what was in flight arrives when this is over, unless the exchange
    /// closed the connection by then.
    HalfOpen {
        #[serde(default)]
        direction: Direction,
    },
    /// Connection: sends at this pace.
    Throttle { bytes_per_second: u32 },
    /// Connection: so many pings at this pace.
    PingFlood { count: u32, per_second: u32 },
    /// Connection: so many unsolicited pongs, at once.
    PongFlood { count: u32 },
    /// Connection: not pinged (nor closed for a missing pong).
    NoPings {},
    /// Connection: sent the event that the server shuts down.
    ServerShutdown {},
    /// Connection: closed as one that is 24 hours old.
    Expire {},
    /// Connecting: refused.
    RefuseConnections {},
    /// Connecting: accepted, and then nothing.
    IgnoreConnections {},
    /// The clock: so many milliseconds ahead (behind, if negative).
    ClockSkew { millis: i64 },
}

/// What a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Request,
    Frame,
    Connection,
    Connecting,
    Clock,
}

impl FaultKind {
    pub(super) fn family(&self) -> Family {
        match self {
            Self::Answer { .. }
            | Self::Lose { .. }
            | Self::DelayResponse { .. }
            | Self::DelayRequest { .. }
            | Self::CutResponse { .. } => Family::Request,
            Self::Drop {}
            | Self::Silence {}
            | Self::Duplicate {}
            | Self::Reorder { .. }
            | Self::Delay { .. }
            | Self::Garble {}
            | Self::Replace { .. }
            | Self::Insert { .. }
            | Self::InvalidUtf8 {}
            | Self::Mask {}
            | Self::Fragment { .. }
            | Self::Inflate { .. }
            | Self::Announce { .. }
            | Self::FirstByte { .. }
            | Self::Cut { .. }
            | Self::Stall { .. }
            | Self::Drip { .. } => Family::Frame,
            Self::Reset {}
            | Self::End {}
            | Self::Close { .. }
            | Self::HalfOpen { .. }
            | Self::Throttle { .. }
            | Self::PingFlood { .. }
            | Self::PongFlood { .. }
            | Self::NoPings {}
            | Self::ServerShutdown {}
            | Self::Expire {} => Family::Connection,
            Self::RefuseConnections {} | Self::IgnoreConnections {} => Family::Connecting,
            Self::ClockSkew { .. } => Family::Clock,
        }
    }

    /// Whether it lasts, rather than happens.
    pub(super) fn is_state(&self) -> bool {
        matches!(
            self,
            Self::Silence {}
                | Self::HalfOpen { .. }
                | Self::Throttle { .. }
                | Self::NoPings {}
                | Self::RefuseConnections {}
                | Self::IgnoreConnections {}
                | Self::ClockSkew { .. }
        )
    }

    /// Whether the exchange carries a request out before this happens to it.
    pub(super) fn is_after_execution(&self) -> bool {
        matches!(
            self,
            Self::Answer { executed: true, .. }
                | Self::Lose { executed: true }
                | Self::DelayResponse { .. }
                | Self::CutResponse { .. }
        )
    }
}
