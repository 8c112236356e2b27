//! A request in the form that the non-generic core sends, and the bytes it becomes. No I/O and no clock: times are handed
//! in.

use crate::{Error, ErrorKind};
use binance_kit_core::params::percent_encode;
use binance_kit_core::{
    Api, Cost, HttpMethod, InvalidRequest, ParamWriter, RequestName, RestRequest, Security, Timestamp,
};
use binance_kit_sign::Credentials;
use bytes::Bytes;
use std::borrow::Cow;

/// A checked request, with its parameters written.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    /// The product whose hosts take it.
    pub(crate) api: Api,
    /// The HTTP method.
    pub(crate) method: HttpMethod,
    /// The path, without that of the base URL.
    pub(crate) path: Cow<'static, str>,
    /// What the exchange asks of the sender.
    pub(crate) security: Security,
    /// What it costs.
    pub(crate) cost: Cost,
    /// Whether it changes nothing at the exchange.
    pub(crate) is_query: bool,
    /// The parameters, without timestamp and signature.
    params: ParamWriter,
}

/// What a signed request is signed with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signing<'a> {
    /// The key.
    pub(crate) credentials: &'a Credentials,
    /// The time, by the exchange's clock.
    pub(crate) timestamp: Timestamp,
    /// How long the request may be executed, where the client says so.
    pub(crate) recv_window: Option<&'a str>,
}

/// The parameters in their final form, and where they go.
pub(crate) struct Payload {
    /// The parameters, percent-encoded, with the signature last.
    pub(crate) text: Bytes,
    /// Whether they go into the body instead of the query.
    pub(crate) in_body: bool,
}

impl PreparedRequest {
    /// Checks the request and writes its parameters.
    pub(crate) fn new<R: RestRequest>(request: &R) -> Result<Self, Error> {
        let mut prepared = Self {
            api: request.api(),
            method: request.method(),
            path: request.path(),
            security: request.security(),
            cost: request.cost(),
            is_query: request.is_query(),
            params: ParamWriter::new(),
        };
        request.write(&mut prepared.params);
        match request.check().and_then(|()| prepared.check()) {
            Ok(()) => Ok(prepared),
            Err(invalid) => Err(prepared.fail(Error::invalid(invalid))),
        }
    }

    /// A query of public data without parameters.
    pub(crate) fn public_query(api: Api, path: Cow<'static, str>) -> Self {
        Self {
            api,
            method: HttpMethod::Get,
            path,
            security: Security::None,
            cost: Cost::ip(1),
            is_query: true,
            params: ParamWriter::new(),
        }
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        check_path(&self.path)?;
        if let Some(name) = self.params.duplicate() {
            return Err(InvalidRequest::new(name.to_owned(), "occurs twice"));
        }
        if self.security == Security::Signed
            && let Some(name) = self.params.names().find(|name| matches!(*name, "timestamp" | "signature"))
        {
            return Err(InvalidRequest::new(name.to_owned(), "is added by the client"));
        }
        Ok(())
    }

    /// Adds the name of this request to an error.
    pub(crate) fn fail(&self, error: Error) -> Error {
        error.with_request(self.name())
    }

    /// What errors say of this request.
    pub(crate) fn name(&self) -> RequestName {
        RequestName {
            name: format!("{} {}", self.method.as_str(), self.path).into(),
            parameters: self.params.names().map(str::to_owned).collect(),
            is_query: self.is_query,
        }
    }

    /// The parameters as they are sent: percent-encoded, and signed over exactly these bytes where `signing` says so. The
    /// signature comes last.
    pub(crate) fn payload(&self, signing: Option<Signing<'_>>) -> Result<Payload, Error> {
        let in_body = matches!(self.method, HttpMethod::Post | HttpMethod::Put);
        let Some(signing) = signing else {
            return Ok(Payload { text: self.params.to_query().into(), in_body });
        };
        let mut params = self.params.clone();
        if let Some(window) = signing.recv_window
            && !params.names().any(|name| name == "recvWindow")
        {
            params.json("recvWindow", window);
        }
        params.integer("timestamp", signing.timestamp.as_millis());
        let mut text = params.to_query();
        let signature = signing
            .credentials
            .sign(text.as_bytes())
            .map_err(|error| self.fail(Error::new(ErrorKind::Signing).with_source(error)))?;
        text.push_str("&signature=");
        percent_encode(signature.as_str(), &mut text);
        Ok(Payload { text: text.into(), in_body })
    }
}

/// Checks a path: nothing in it may begin a query, lead to a parent folder, or end the request line.
pub(crate) fn check_path(path: &str) -> Result<(), InvalidRequest> {
    let invalid = |reason: &'static str| Err(InvalidRequest::new("path", reason));
    if !path.starts_with('/') {
        return invalid("does not begin with a slash");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte);
    if !path.bytes().all(allowed) {
        return invalid("contains a character that must be percent-encoded");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return invalid("contains `.` or `..` as a segment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::RawRequest;
    use std::error::Error as _;

    fn raw(method: HttpMethod, path: &'static str, security: Security) -> RawRequest<()> {
        RawRequest::new(Api::Spot, method, path, security)
    }

    // The example of the exchange's documents: key, parameters, time and signature.
    const KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    #[test]
    fn documented_signatures() {
        let credentials = Credentials::hmac(KEY, SECRET).unwrap();
        for (symbol, encoded, signature) in [
            ("LTCBTC", "LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
            (
                "１２３４５６",
                "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96",
                "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
            ),
        ] {
            let request = raw(HttpMethod::Post, "/api/v3/order", Security::Signed)
                .with("symbol", symbol)
                .with("side", "BUY")
                .with("type", "LIMIT")
                .with("timeInForce", "GTC")
                .with("quantity", "1")
                .with("price", "0.1");
            let payload = PreparedRequest::new(&request)
                .unwrap()
                .payload(Some(Signing {
                    credentials: &credentials,
                    timestamp: Timestamp::from_millis(1_499_827_319_559),
                    recv_window: Some("5000"),
                }))
                .unwrap();
            assert!(payload.in_body);
            assert_eq!(
                payload.text,
                format!(
                    "symbol={encoded}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000\
                     &timestamp=1499827319559&signature={signature}"
                )
            );
        }
    }

    #[test]
    fn a_requests_own_window_wins() {
        let credentials = Credentials::hmac(KEY, SECRET).unwrap();
        let request =
            raw(HttpMethod::Get, "/api/v3/account", Security::Signed).with_integer("recvWindow", 10);
        let signing = Signing {
            credentials: &credentials,
            timestamp: Timestamp::from_millis(1),
            recv_window: Some("5000"),
        };
        let payload = PreparedRequest::new(&request).unwrap().payload(Some(signing)).unwrap();
        assert!(payload.text.starts_with(b"recvWindow=10&timestamp=1&signature="));
        assert!(!payload.in_body);
    }

    #[test]
    fn duplicates_and_reserved_names_are_refused() {
        let get = || raw(HttpMethod::Get, "/api/v3/x", Security::Signed);
        for (request, parameter, reason) in [
            (get().with("a", "1").with("b", "2").with("a", "3"), "a", "occurs twice"),
            (get().with("timestamp", "1"), "timestamp", "is added by the client"),
            (get().with("signature", "1"), "signature", "is added by the client"),
        ] {
            let error = PreparedRequest::new(&request).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            let source = error.source().unwrap().downcast_ref::<InvalidRequest>().unwrap();
            assert_eq!((&*source.parameter, &*source.reason), (parameter, reason));
        }
        assert!(
            PreparedRequest::new(&raw(HttpMethod::Get, "/api/v3/x", Security::None).with("timestamp", "1"))
                .is_ok()
        );
    }

    #[test]
    fn paths_are_checked() {
        for path in ["/", "/api/v3/order", "/sapi/v1/a-b_c.d~e", "/a/%E5%B8%81"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in [
            "",
            "api/v3",
            "/a?b=1",
            "/a#b",
            "/a b",
            "/a\r\nX-Evil: 1",
            "/a\0",
            "/币安",
            "/a/../b",
            "/./a",
            "//\\x",
            "/a\"b",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
    }
}
