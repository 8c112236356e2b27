//! The same over TLS.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "what goes wrong in a test should end it")]

use binance_kit_sim::{Exchange, Fault, TlsConfig};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::io::ErrorKind;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// An exchange over TLS, and a connection to it.
async fn connected() -> (Exchange, tokio_rustls::client::TlsStream<tokio::net::TcpStream>) {
    let tls = TlsConfig::self_signed().unwrap();
    let exchange = Exchange::builder().tls(tls.clone()).start().await.unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(tls.certificate_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = tokio::net::TcpStream::connect(exchange.address().unwrap()).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    (exchange, connector.connect(name, stream).await.unwrap())
}

#[tokio::test]
async fn rest_over_tls() {
    let (exchange, mut stream) = connected().await;
    assert!(exchange.rest_url().starts_with("https://127.0.0.1:"));
    assert!(exchange.ws_api_url().starts_with("wss://"));
    stream
        .write_all(b"GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The peer may close without a farewell.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"{}"));
    exchange.shutdown().await;
}

/// A close frame is followed by `close_notify`; an ordered end is not, nor is a reset.
#[tokio::test]
async fn ends_with_and_without_a_farewell() {
    for (fault, expected) in [
        (Fault::close(1001, ""), None),
        (Fault::end(), Some(ErrorKind::UnexpectedEof)),
        (Fault::cut(3).on_stream("btcusdt@trade"), Some(ErrorKind::UnexpectedEof)),
        (Fault::reset(), Some(ErrorKind::ConnectionReset)),
    ] {
        let (exchange, mut stream) = connected().await;
        let head = "GET /ws/btcusdt@trade HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'H');
        while exchange.connections().is_empty() {
            tokio::task::yield_now().await;
        }
        exchange.inject(fault.clone());
        let error = stream.read_to_end(&mut Vec::new()).await.err().map(|error| error.kind());
        assert_eq!(error, expected, "{fault:?}");
    }
}
