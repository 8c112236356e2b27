//! SBE, the exchange's binary encoding: the tables of a schema, a reader for frequent messages, a transcoder that turns any
//! message into the [`Value`](crate::decode::Value) that it has in JSON, and a writer for tests and the embedded exchange.
//!
//! Most messages are transcoded, so that one decoder serves both encodings and types of the program read SBE without more
//! code. Frequent messages are read directly from their offsets
//! ([`StreamEvent::decode_sbe`](crate::StreamEvent::decode_sbe)).
//!
//! Block lengths and sizes of groups come from the message, so that fields which a newer version of a schema appends are
//! skipped. Another schema is refused: its messages mean something else.

mod encode;
mod read;
mod table;
mod transcode;

pub use encode::{EncodeError, encode, encode_answer, encode_envelope, encode_event};
pub use read::{
    Cursor, Elements, Message, answered_id, decimal, i8_at, i64_at, identifier, is_deprecated, time, truth,
    unsigned_at,
};
pub use table::{
    Absent, Body, Content, Data, Entry, Field, Group, Hide, Item, Kind, Layout, Schema, Shape, Words,
};
pub(crate) use transcode::{Op, transcode};

/// In which encoding the exchange is asked to answer.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// JSON.
    #[default]
    Json,
    /// SBE by this schema. What comes as JSON all the same (answers to stream control messages, `serverShutdown`, REST
    /// answers that have no SBE form) is read as JSON.
    Sbe(&'static Schema),
}

/// `Sbe(3:5)`: the tables are long.
impl std::fmt::Debug for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json => f.write_str("Json"),
            Self::Sbe(schema) => write!(f, "Sbe({}:{})", schema.id, schema.version),
        }
    }
}

impl Encoding {
    /// The schema, if SBE is asked for.
    pub const fn schema(self) -> Option<&'static Schema> {
        match self {
            Self::Json => None,
            Self::Sbe(schema) => Some(schema),
        }
    }
}
