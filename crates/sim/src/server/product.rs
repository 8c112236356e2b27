//! What the server serves of each product: where it is reached, what can be requested, which streams there are. The server
//! itself knows no product: it looks up paths, methods and names of streams here.

use super::operation::Operation;
use super::spot;
use super::spot::stream_name::Stream;
use crate::engine::SymbolId;
use std::collections::HashMap;

/// A path that leads to streams.
#[derive(Debug)]
pub(crate) struct StreamPath {
    /// The path, without a slash at its end.
    pub(crate) path: &'static str,
    /// Whether events have the name of their stream around them. Paths of single streams take names behind them.
    pub(crate) combined: bool,
    /// Whether events are sent in SBE.
    pub(crate) sbe: bool,
}

/// The tables of one product.
#[derive(Debug)]
pub(crate) struct Product {
    /// Beginning of the paths of REST.
    pub(crate) rest: &'static str,
    /// Path of the WebSocket API.
    pub(crate) ws_api: &'static str,
    /// What methods of the WebSocket API may begin with.
    pub(crate) version: &'static str,
    /// Paths of streams.
    pub(crate) streams: &'static [StreamPath],
    /// Everything that can be requested.
    pub(crate) operations: &'static [Operation],
    /// What the name of a stream stands for. The symbols are in lower case.
    pub(crate) stream: fn(&str, &HashMap<String, SymbolId>) -> Option<Stream>,
}

/// All products that are served.
static PRODUCTS: &[&Product] = &[&spot::PRODUCT];

/// What a path without REST leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry<'a> {
    /// Streams, and the names behind the path.
    Streams(&'static StreamPath, &'a str),
    WebSocketApi,
}

impl Product {
    /// Spot.
    pub(crate) fn spot() -> &'static Self {
        &spot::PRODUCT
    }

    /// The product whose REST has this path.
    pub(crate) fn of_rest(path: &str) -> Option<&'static Self> {
        PRODUCTS.iter().copied().find(|product| path.starts_with(product.rest))
    }

    /// The product, and what of it a path leads to.
    pub(crate) fn of_websocket(path: &str) -> Option<(&'static Self, Entry<'_>)> {
        let whole = path.trim_end_matches('/');
        PRODUCTS.iter().copied().find_map(|product| {
            if whole == product.ws_api {
                return Some((product, Entry::WebSocketApi));
            }
            product.streams.iter().find_map(|streams| {
                let behind = path.strip_prefix(streams.path).and_then(|rest| rest.strip_prefix('/'));
                let names =
                    if whole == streams.path { Some("") } else { behind.filter(|_| !streams.combined) };
                Some((product, Entry::Streams(streams, names?)))
            })
        })
    }

    /// The operation of a REST request, or whether at least the path is known.
    pub(crate) fn by_path(&self, method: &str, path: &str) -> Result<&'static Operation, bool> {
        self.operations
            .iter()
            .find(|operation| operation.rest == (method, path))
            .ok_or_else(|| self.operations.iter().any(|operation| operation.rest.1 == path))
    }

    /// The name of a method of the WebSocket API without the version.
    pub(crate) fn unversioned<'a>(&self, method: &'a str) -> &'a str {
        method.strip_prefix(self.version).unwrap_or(method)
    }

    /// The operation of a method of the WebSocket API.
    pub(crate) fn by_method(&self, method: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.method == method)
    }
}
