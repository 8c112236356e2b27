//! The server: one port for REST, market streams and the WebSocket API.

mod api;
mod api_session;
mod auth;
pub(crate) mod codec;
pub(crate) mod diff;
pub(crate) mod failure;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod link;
pub(crate) mod outbox;
pub(crate) mod params;
mod stream_name;
mod stream_session;
mod websocket;
