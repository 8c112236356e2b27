//! Rows B4 to B7 of the fault catalogue: certificates that are not good enough, and TLS that breaks. The server is rustls over a
//! link in memory, so no port and no name is needed.

use super::common::*;
use super::tcp::read_request;
use binance_kit_net::io::DialWith;
use binance_kit_net::{BoxIo, Context, Endpoint, Error, ErrorKind, Tls, WebSocket, WsConfig, task};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P384_SHA384, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ResolvesServerCert;
use rustls::sign::CertifiedKey;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "exchange.test";

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    let params = authority_params(name, change);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn authority_params(name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    change(&mut params);
    params
}

fn intermediate(root: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    let params = authority_params("intermediate", change);
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), root).unwrap()
}

/// What a server shows: a chain, its own certificate first, and a key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

fn leaf(issuer: &Issuer, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params =
        CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, HOST);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    let certificate = params.signed_by(&key, issuer).unwrap();
    Identity { chain: vec![certificate.der().clone()], key }
}

impl Identity {
    fn with(mut self, issuer: &Issuer) -> Self {
        self.chain.push(issuer.der().clone());
        self
    }
}

/// Shows a certificate without asking whether it fits the key.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn acceptor(identity: &Identity, protocols: &[&str]) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shows(Arc::new(CertifiedKey::new(identity.chain.clone(), key)))));
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

fn context(roots: &Issuer, server: impl Fn(DuplexStream) + Send + Sync + 'static) -> Context {
    let dial = DialWith::new(move |_: &Endpoint| {
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        server(theirs);
        Ok(ours)
    });
    Context::builder().dial(dial).tls(Tls::with_roots_pem(roots.pem().as_bytes()).unwrap()).build().unwrap()
}

async fn connect(context: &Context, host: &str) -> Result<WebSocket<BoxIo>, Error> {
    let endpoint = Endpoint::parse(&format!("wss://{host}")).unwrap();
    WebSocket::connect(context, &endpoint, "/ws", &[], &WsConfig::default()).await
}

/// Connects to a server with this identity. Returns the outcome, and what of the request the server got to read.
async fn against(
    roots: &Issuer,
    identity: Identity,
    host: &str,
    protocols: &[&str],
) -> (Result<WebSocket<BoxIo>, Error>, Vec<u8>) {
    let acceptor = acceptor(&identity, protocols);
    let served = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&served);
    let context = context(roots, move |io| {
        let acceptor = acceptor.clone();
        *slot.lock().unwrap() = Some(task::spawn("server", async move {
            let Ok(mut stream) = acceptor.accept(io).await else { return Vec::new() };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => return request,
                }
            }
            let answer = switching(std::str::from_utf8(&request).unwrap());
            stream.write_all(&[answer, text("secret")].concat()).await.unwrap();
            stream.flush().await.unwrap();
            request
        }));
    });
    let result = connect(&context, host).await;
    let task = served.lock().unwrap().take().unwrap();
    (result, task.join().await.unwrap())
}

#[tokio::test]
async fn b4_good_certificates_are_accepted() {
    let root = authority("root", |_| {});
    let between = intermediate(&root, |_| {});
    for (name, host, identity) in [
        ("plain", HOST, leaf(&root, &[HOST], |_| {})),
        ("intermediate", HOST, leaf(&between, &[HOST], |_| {}).with(&between)),
        ("wildcard", "stream.exchange.test", leaf(&root, &["*.exchange.test"], |_| {})),
        ("one of many", HOST, leaf(&root, &["other.test", HOST], |_| {})),
        ("IPv4", "127.0.0.1", leaf(&root, &["127.0.0.1"], |_| {})),
        ("IPv6", "[::1]", leaf(&root, &["::1"], |_| {})),
    ] {
        let (result, request) = against(&root, identity, host, &["http/1.1"]).await;
        let mut socket = result.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(show(&socket.next().await.unwrap()), "t:secret", "{name}");
        assert!(request.starts_with(b"GET /ws HTTP/1.1\r\n"), "{name}");
    }
}

async fn refused(root: &Issuer, cases: impl IntoIterator<Item = (&'static str, Identity)>) {
    for (name, identity) in cases {
        let (result, request) = against(root, identity, HOST, &["http/1.1"]).await;
        let error = result.err().unwrap_or_else(|| panic!("{name} was accepted"));
        assert_eq!(error.kind(), ErrorKind::Tls, "{name}: {error:?}");
        assert!(error.to_string().contains(HOST), "{name}");
        assert!(request.is_empty(), "{name}: the server read {} bytes", request.len());
    }
}

/// Names, validity, purposes and chains. None of them gets a byte of a request.
#[tokio::test]
async fn b4_bad_certificates_are_refused_before_anything_is_sent() {
    let root = authority("root", |_| {});
    let unknown = authority("unknown", |_| {});
    // The same name as the trusted root, another key.
    let impostor = authority("root", |_| {});
    let between = intermediate(&root, |_| {});
    let expired_between = intermediate(&root, |params| params.not_after = date_time_ymd(2001, 1, 1));
    let future_between = intermediate(&root, |params| params.not_before = date_time_ymd(2200, 1, 1));
    let no_authority = intermediate(&root, |params| params.is_ca = IsCa::ExplicitNoCa);
    let old_style = intermediate(&root, |params| params.is_ca = IsCa::NoCa);
    let for_clients =
        intermediate(&root, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let elsewhere = |subtrees: &[&str], permitted: bool| {
        let subtrees = subtrees.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned())).collect();
        NameConstraints {
            permitted_subtrees: if permitted { Vec::clone(&subtrees) } else { Vec::new() },
            excluded_subtrees: if permitted { Vec::new() } else { subtrees },
        }
    };
    let permits_others =
        intermediate(&root, |params| params.name_constraints = Some(elsewhere(&["other.test"], true)));
    let excludes_us =
        intermediate(&root, |params| params.name_constraints = Some(elsewhere(&["test"], false)));
    let short = intermediate(&root, |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let too_deep = CertifiedIssuer::signed_by(
        authority_params("too deep", |_| {}),
        KeyPair::generate().unwrap(),
        &short,
    )
    .unwrap();

    let cases = [
        ("expired", leaf(&root, &[HOST], |params| params.not_after = date_time_ymd(2001, 1, 1))),
        ("not yet valid", leaf(&root, &[HOST], |params| params.not_before = date_time_ymd(2200, 1, 1))),
        ("wrong host", leaf(&root, &["other.test"], |_| {})),
        ("the host as a prefix", leaf(&root, &["exchange.test.other.test"], |_| {})),
        ("wildcard of another level", leaf(&root, &["*.exchange.test"], |_| {})),
        ("no name but the common name", leaf(&root, &[], |_| {})),
        ("an address for a name", leaf(&root, &["127.0.0.1"], |_| {})),
        ("unknown authority", leaf(&unknown, &[HOST], |_| {})),
        ("unknown authority, sent along", leaf(&unknown, &[HOST], |_| {}).with(&unknown)),
        ("an authority of the same name", leaf(&impostor, &[HOST], |_| {}).with(&impostor)),
        ("missing intermediate", leaf(&between, &[HOST], |_| {})),
        ("expired intermediate", leaf(&expired_between, &[HOST], |_| {}).with(&expired_between)),
        ("intermediate not yet valid", leaf(&future_between, &[HOST], |_| {}).with(&future_between)),
        ("issuer that is no authority", leaf(&no_authority, &[HOST], |_| {}).with(&no_authority)),
        ("issuer that does not say it is one", leaf(&old_style, &[HOST], |_| {}).with(&old_style)),
        ("issuer for clients only", leaf(&for_clients, &[HOST], |_| {}).with(&for_clients)),
        (
            "for clients only",
            leaf(&root, &[HOST], |params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
        ),
        ("name constraint that permits others", leaf(&permits_others, &[HOST], |_| {}).with(&permits_others)),
        ("name constraint that excludes us", leaf(&excludes_us, &[HOST], |_| {}).with(&excludes_us)),
        ("path too long", leaf(&too_deep, &[HOST], |_| {}).with(&too_deep).with(&short)),
    ];
    assert_eq!(cases.len(), 20);
    refused(&root, cases).await;
    // The address of the server must be in its certificate too.
    let (result, request) = against(&root, leaf(&root, &["127.0.0.1"], |_| {}), "127.0.0.2", &[]).await;
    assert_eq!((result.unwrap_err().kind(), request.len()), (ErrorKind::Tls, 0));
}

/// Certificates that are not what they were when they were signed, or not those of the server.
#[tokio::test]
async fn b4_certificates_with_bad_keys_signatures_and_contents_are_refused() {
    let root = authority("root", |_| {});
    let self_signed = {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        Identity { chain: vec![params.self_signed(&key).unwrap().der().clone()], key }
    };
    let wrong_key = {
        let mut identity = leaf(&root, &[HOST], |_| {});
        identity.key = KeyPair::generate().unwrap();
        identity
    };
    let wrong_kind_of_key = {
        let mut identity = leaf(&root, &[HOST], |_| {});
        identity.key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        identity
    };
    let tampered = {
        let mut identity = leaf(&root, &[HOST], |_| {});
        let mut bytes = identity.chain[0].to_vec();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        identity.chain[0] = bytes.into();
        identity
    };
    let garbage = {
        let mut identity = leaf(&root, &[HOST], |_| {});
        identity.chain[0] = vec![0x30, 0x03, 1, 2, 3].into();
        identity
    };
    let critical = leaf(&root, &[HOST], |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions = vec![extension];
    });
    let cases = [
        ("self-signed", self_signed),
        ("another key", wrong_key),
        ("another kind of key", wrong_kind_of_key),
        ("tampered signature", tampered),
        ("garbage", garbage),
        ("unknown critical extension", critical),
    ];
    refused(&root, cases).await;
}

/// HTTP/2 must not be agreed upon: there is no upgrade in it.
#[tokio::test]
async fn b4_a_server_with_http_2_only_is_refused() {
    let root = authority("root", |_| {});
    let (result, request) = against(&root, leaf(&root, &[HOST], |_| {}), HOST, &["h2"]).await;
    assert_eq!((result.unwrap_err().kind(), request.len()), (ErrorKind::Tls, 0));
}

/// Serves these bytes and no TLS. `then_ends` closes behind them.
async fn against_bytes(bytes: &'static [u8], then_ends: bool) -> Error {
    let root = authority("root", |_| {});
    let served = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&served);
    let context = context(&root, move |mut io| {
        *slot.lock().unwrap() = Some(task::spawn("server", async move {
            // Its hello first: no answer comes before that.
            let mut hello = [0; 16];
            io.read_exact(&mut hello).await.unwrap();
            io.write_all(bytes).await.unwrap();
            if !then_ends {
                std::future::pending::<()>().await;
            }
        }));
    });
    connect(&context, HOST).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn b5_old_versions_of_tls_are_refused() {
    // A ServerHello of version 3.1 (TLS 1.0) and 3.2 (TLS 1.1), without extensions: such a server knows none.
    const fn hello<const MINOR: u8>() -> [u8; 47] {
        let mut hello = [7; 47];
        let head = [22, 3, MINOR, 0, 42, 2, 0, 0, 38, 3, MINOR];
        let mut at = 0;
        while at < head.len() {
            hello[at] = head[at];
            at += 1;
        }
        // No session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        hello[43] = 0;
        hello[44] = 0;
        hello[45] = 0x2F;
        hello[46] = 0;
        hello
    }
    static TLS_1_0: [u8; 47] = hello::<1>();
    static TLS_1_1: [u8; 47] = hello::<2>();
    for bytes in [&TLS_1_0, &TLS_1_1] {
        assert_eq!(against_bytes(bytes, false).await.kind(), ErrorKind::Tls);
    }
}

#[tokio::test(start_paused = true)]
async fn b7_garbage_instead_of_tls_is_typed() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0; 64],
        &[22, 3, 3, 0xFF, 0xFF],
        &[21, 3, 3, 0, 2, 2, 40],
    ] {
        assert_eq!(against_bytes(bytes, true).await.kind(), ErrorKind::Tls, "{bytes:?}");
    }
    assert_eq!(against_bytes(b"", true).await.kind(), ErrorKind::Tls, "the end of the stream");
    assert_eq!(against_bytes(b"", false).await.kind(), ErrorKind::Timeout, "silence");
}

/// What the server does after one message, with its TLS stream.
async fn after_one_message<F, Ended>(end: F) -> Error
where
    F: Fn(tokio_rustls::server::TlsStream<DuplexStream>) -> Ended + Clone + Send + Sync + 'static,
    Ended: Future<Output = ()> + Send + 'static,
{
    let root = authority("root", |_| {});
    let acceptor = acceptor(&leaf(&root, &[HOST], |_| {}), &[]);
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&tasks);
    let context = context(&root, move |io| {
        let (acceptor, end) = (acceptor.clone(), end.clone());
        kept.lock().unwrap().push(task::spawn("server", async move {
            let mut stream = acceptor.accept(io).await.unwrap();
            let request = read_request(&mut stream).await;
            stream.write_all(&[switching(&request), text("one")].concat()).await.unwrap();
            stream.flush().await.unwrap();
            end(stream).await;
        }));
    });
    let mut socket = connect(&context, HOST).await.unwrap();
    assert_eq!(show(&socket.next().await.unwrap()), "t:one");
    socket.send_text("seen").unwrap();
    let error = socket.next().await.unwrap_err();
    drop(tasks);
    error
}

#[tokio::test]
async fn b6_an_end_with_and_without_close_notify_is_a_lost_connection() {
    let with = after_one_message(|mut stream| async move { stream.shutdown().await.unwrap() }).await;
    let without = after_one_message(|stream| async move { drop(stream) }).await;
    for error in [with, without] {
        assert_eq!(
            (error.kind(), error.io_kind()),
            (ErrorKind::ConnectionLost, Some(io::ErrorKind::UnexpectedEof))
        );
    }
}

#[tokio::test]
async fn b7_garbage_and_alerts_in_the_middle_are_a_lost_connection() {
    for bytes in [
        &[0xFF; 40][..],
        &[23, 3, 3, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[21, 3, 3, 0, 2, 2, 80],
    ] {
        let bytes = bytes.to_vec();
        let error = after_one_message(move |mut stream| {
            let bytes = bytes.clone();
            async move {
                // rustls fails a read as a whole, so the client must have read what is good.
                stream.read_u8().await.unwrap();
                let (mut io, _) = stream.into_inner();
                io.write_all(&bytes).await.unwrap();
                // Held until the client has seen it, and has gone.
                let mut rest = Vec::new();
                let _ = io.read_to_end(&mut rest).await;
            }
        })
        .await;
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert!(std::error::Error::source(&error).is_some());
    }
}

/// Frames over TLS are flushed: a request leaves without another one behind it.
#[tokio::test]
async fn a_request_over_tls_leaves_at_once() {
    let root = authority("root", |_| {});
    let acceptor = acceptor(&leaf(&root, &[HOST], |_| {}), &[]);
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&tasks);
    let context = context(&root, move |io| {
        let acceptor = acceptor.clone();
        kept.lock().unwrap().push(task::spawn("echo", async move {
            let mut stream = acceptor.accept(io).await.unwrap();
            let request = read_request(&mut stream).await;
            stream.write_all(&switching(&request)).await.unwrap();
            let mut got = Vec::new();
            loop {
                while let Some(((_, payload), rest)) = client_frame(&got) {
                    let rest = rest.to_vec();
                    stream.write_all(&frame(FIN | TEXT, &payload)).await.unwrap();
                    stream.flush().await.unwrap();
                    got = rest;
                }
                match stream.read_u8().await {
                    Ok(byte) => got.push(byte),
                    Err(_) => return,
                }
            }
        }));
    });
    let mut socket = connect(&context, HOST).await.unwrap();
    for size in [1, 1000, 100_000] {
        socket.send_text(&"x".repeat(size)).unwrap();
        assert_eq!(show(&socket.next().await.unwrap()).len(), size + 2);
    }
    drop(tasks);
}

#[test]
fn roots_that_cannot_be_used() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(Tls::with_roots_pem(pem.as_bytes()).unwrap_err().kind(), ErrorKind::InvalidTls, "{pem}");
    }
}
