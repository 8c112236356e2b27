//! The server: one port for REST, market streams and the WebSocket API.

mod api_session;
mod auth;
pub(crate) mod codec;
mod date;
pub(crate) mod diff;
pub(crate) mod failure;
mod gate;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod idle;
pub(crate) mod link;
mod operation;
pub(crate) mod origin;
pub(crate) mod outbox;
pub(crate) mod params;
pub(crate) mod product;
mod spot;
mod stream_session;
mod websocket;
mod write_timeout;
