//! TLS: who is refused before a byte of a request leaves, and how a connection may end.

#![allow(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

mod common;

use binance_kit_core::Delivery;
use binance_kit_net::{Context, Tls};
use binance_kit_rest::{ErrorKind, RestClient};
use common::{Act, Exchange, ok, order, query};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;

struct Identity {
    pem: String,
    acceptor: TlsAcceptor,
}

fn identity(host: &str) -> Identity {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let chain: Vec<CertificateDer<'static>> = vec![made.cert.der().clone()];
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    // The server prefers HTTP/2.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Identity { pem: made.cert.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) }
}

fn exchange(
    identity: &Identity,
    trusted: Tls,
    answers: impl FnMut(usize, &str) -> Vec<Act> + Send + 'static,
) -> Exchange {
    let acceptor = identity.acceptor.clone();
    Exchange::over(
        move |io| {
            let accepting = acceptor.accept(io);
            Box::pin(async move { accepting.await.ok() })
        },
        Context::builder().tls(trusted),
        answers,
    )
}

fn client(exchange: &Exchange) -> RestClient {
    RestClient::builder_with_url(&exchange.context, "https://exchange.test")
        .credentials(common::credentials())
        .build()
        .unwrap()
}

fn trusting(identity: &Identity) -> Tls {
    Tls::with_roots_pem(identity.pem.as_bytes()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn requests_over_tls_in_http_1_1() {
    let identity = identity("exchange.test");
    // Also when the configuration of the caller offers something else.
    let mut eager = trusting(&identity).config().as_ref().clone();
    eager.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    for tls in [trusting(&identity), Tls::with_config(Arc::new(eager))] {
        let exchange = exchange(&identity, tls, |_, _| vec![Act::Send(ok("[1]"))]);
        let client = client(&exchange);
        assert_eq!(client.send(query()).await.unwrap().0, [1]);
        client.send(order()).await.unwrap();
        assert_eq!(exchange.connections(), 1);
        assert_eq!(common::header(&exchange.requests()[0], "host"), Some("exchange.test"));
    }
}

#[tokio::test(start_paused = true)]
async fn b4_b7_a_server_without_a_valid_certificate_gets_no_request() {
    let (genuine, other) = (identity("exchange.test"), identity("other.test"));
    for (server, trusted) in [
        // An unknown authority; another name; no trusted authority at all.
        (&genuine, trusting(&other)),
        (&other, trusting(&other)),
        (&genuine, common::no_tls()),
    ] {
        let exchange = exchange(server, trusted, |_, _| vec![Act::Send(ok("[]"))]);
        let error = client(&exchange).send(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten));
        assert_eq!(
            error.find_source::<binance_kit_net::Error>().unwrap().kind(),
            binance_kit_net::ErrorKind::Tls
        );
        assert_eq!(exchange.count(), 0);
    }
    // Garbage instead of TLS.
    let exchange = Exchange::over(
        |mut io| {
            Box::pin(async move {
                tokio::io::AsyncWriteExt::write_all(&mut io, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    .await
                    .unwrap();
                Some(io)
            })
        },
        Context::builder().tls(trusting(&genuine)),
        |_, _| vec![Act::Close],
    );
    let error = client(&exchange).send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_stalls_ends_at_the_deadline_for_connecting() {
    let identity = identity("exchange.test");
    let exchange = Exchange::over(
        |io| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Some(io)
            })
        },
        Context::builder().tls(trusting(&identity)).connect_timeout(Duration::from_secs(4)),
        |_, _| vec![Act::Close],
    );
    let begun = tokio::time::Instant::now();
    let error = client(&exchange).send(order()).await.unwrap_err();
    assert_eq!(
        error.find_source::<binance_kit_net::Error>().unwrap().kind(),
        binance_kit_net::ErrorKind::Timeout
    );
    assert_eq!(error.delivery(), Delivery::NotWritten);
    assert_eq!(begun.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn b6_connections_that_end_without_close_notify() {
    let identity = identity("exchange.test");
    // The server drops its connection, which sends no close_notify.
    let tried = |answer: &'static [u8]| {
        exchange(&identity, trusting(&identity), move |_, _| vec![Act::Send(answer.to_vec()), Act::Close])
    };
    let whole = tried(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]");
    let client_of_whole = client(&whole);
    for _ in 0..2 {
        assert_eq!(client_of_whole.send(order()).await.unwrap().0, [1], "a whole body is accepted");
        common::settle().await;
    }
    assert_eq!(whole.connections(), 2);

    let cut = tried(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n[1]");
    let error = client(&cut).send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Truncated, Delivery::MaybeWritten));
    assert_eq!(cut.count(), 1);

    let undelimited = tried(b"HTTP/1.1 200 OK\r\n\r\n[1]");
    let error = client(&undelimited).send(order()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Truncated, Delivery::MaybeWritten));
    assert_eq!(undelimited.count(), 1);
}
