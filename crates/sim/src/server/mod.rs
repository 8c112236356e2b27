//! The server.
mod codec;
mod outbox;
