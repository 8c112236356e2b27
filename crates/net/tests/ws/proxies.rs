//! Proxies on loopback, which answer as a test sets.

use super::common::*;
use super::tcp::{context, read_request};
use binance_kit_net::{BoxIo, Endpoint, Error, ErrorKind, TcpDial, WebSocket, WsConfig, task};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "hunter2";

async fn through(dial: TcpDial, target: &str) -> Result<WebSocket<BoxIo>, Error> {
    let shown = format!("{dial:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    let endpoint = Endpoint::parse(target).unwrap();
    let result = WebSocket::connect(&context(dial), &endpoint, "/ws", &[], &WsConfig::default()).await;
    if let Err(error) = &result {
        assert!(!format!("{error} {error:?}").contains(SECRET));
    }
    result
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// What is behind the proxy: an upgrade and one message.
async fn serve(mut stream: TcpStream) -> TcpStream {
    let request = read_request(&mut stream).await;
    stream.write_all(&[switching(&request), text("through")].concat()).await.unwrap();
    stream
}

async fn http_proxy(answer: &'static str, credentials: &str) -> (Result<WebSocket<BoxIo>, Error>, String) {
    let (listener, address) = listen().await;
    let proxy = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        let served =
            answer.starts_with("HTTP/1.1 200 OK\r\n\r\n").then(|| task::spawn("behind", serve(stream)));
        (request, served)
    };
    let dial = TcpDial::via_http_proxy(&format!("http://{credentials}{address}")).unwrap();
    let (result, (request, served)) = tokio::join!(through(dial, "ws://127.0.0.1:9"), async {
        let (request, served) = proxy.await;
        (request, served)
    });
    if let Some(served) = served {
        drop(served.join().await);
    }
    (result, request)
}

#[tokio::test]
async fn http_connect_opens_a_tunnel() {
    let (result, request) = http_proxy("HTTP/1.1 200 OK\r\n\r\n", "").await;
    assert_eq!(show(&result.unwrap().next().await.unwrap()), "t:through");
    assert!(request.starts_with("CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n"), "{request}");
    assert_eq!(header(&request, "Proxy-Authorization"), None);

    let (result, request) = http_proxy("HTTP/1.1 200 OK\r\n\r\n", "me:hunter2%40@").await;
    assert!(result.is_ok());
    assert_eq!(header(&request, "Proxy-Authorization"), Some("Basic bWU6aHVudGVyMkA="));
}

#[tokio::test]
async fn http_connect_refusals_are_typed() {
    for (answer, status) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Some(407)),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!", Some(502)),
        ("HTTP/1.1 302 Found\r\nLocation: http://hunter2/\r\n\r\n", Some(302)),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Some(101)),
        ("SSH-2.0\r\n", None),
        ("HTTP/1.1 200 OK\r\n\r", None),
    ] {
        let (result, _) = http_proxy(answer, "me:hunter2@").await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Proxy, status), "{answer}");
    }
}

#[tokio::test]
async fn http_connect_answers_are_bounded() {
    let (listener, address) = listen().await;
    let proxy = task::spawn("endless", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 1000]).await.is_ok() {}
    });
    let dial = TcpDial::via_http_proxy(&format!("http://{address}")).unwrap();
    assert_eq!(through(dial, "ws://127.0.0.1:9").await.unwrap_err().kind(), ErrorKind::Proxy);
    drop(proxy);
}

/// A proxy that says nothing costs its deadline and no more. Its socket is in the backlog and is never accepted.
#[tokio::test]
async fn a_silent_proxy_ends_at_the_deadline() {
    let (_listener, address) = listen().await;
    for dial in [
        TcpDial::via_http_proxy(&format!("http://{address}")).unwrap(),
        TcpDial::via_socks5(&format!("socks5://{address}")).unwrap(),
    ] {
        let dial = dial.attempt_timeout(Duration::from_millis(20));
        assert_eq!(through(dial, "ws://127.0.0.1:9").await.unwrap_err().kind(), ErrorKind::Timeout);
    }
}

/// What a proxy must be sent, and what it answers.
type Step<'a> = (&'a [u8], &'a [u8]);

/// A SOCKS5 proxy with fixed steps: what it must be sent, and what it answers. Then a server behind it, or the end.
async fn socks(
    steps: &[Step<'_>],
    credentials: &str,
    target: &str,
    serves: bool,
) -> Result<WebSocket<BoxIo>, Error> {
    let (listener, address) = listen().await;
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for (wanted, answer) in steps {
            let mut got = vec![0; wanted.len()];
            stream.read_exact(&mut got).await.unwrap();
            assert_eq!(&got, wanted);
            // One byte at a time: it must not matter.
            for byte in *answer {
                stream.write_all(&[*byte]).await.unwrap();
            }
        }
        if serves {
            task::spawn("behind", serve(stream)).join().await
        } else {
            // Its end is the answer.
            None
        }
    };
    let dial = TcpDial::via_socks5(&format!("socks5://{credentials}{address}")).unwrap();
    let (result, behind) = tokio::join!(through(dial, target), serving);
    assert_eq!(behind.is_some(), serves);
    let mut socket = result?;
    assert_eq!(show(&socket.next().await.unwrap()), "t:through");
    Ok(socket)
}

#[tokio::test]
async fn socks5_opens_a_tunnel() {
    let request: &[u8] = &[5, 1, 0, 1, 127, 0, 0, 1, 0, 9];
    for bound in [
        &[5, 0, 0, 1, 1, 2, 3, 4, 5, 6][..],
        &[5, 0, 0, 3, 4, b'h', b'o', b's', b't', 5, 6],
        &[5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 6],
    ] {
        socks(&[(&[5, 1, 0], &[5, 0]), (request, bound)], "", "ws://127.0.0.1:9", true).await.unwrap();
    }
    let bound: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let login: &[u8] = &[1, 2, b'm', b'e', 7, b'h', b'u', b'n', b't', b'e', b'r', b'2'];
    let steps: [(&[u8], &[u8]); 3] = [(&[5, 2, 0, 2], &[5, 2]), (login, &[1, 0]), (request, bound)];
    socks(&steps, "me:hunter2@", "ws://127.0.0.1:9", true).await.unwrap();
    let request: &[u8] = &[5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9];
    socks(&[(&[5, 1, 0], &[5, 0]), (request, bound)], "", "ws://[::1]:9", true).await.unwrap();
}

/// The proxy resolves the name: it is sent as it is. (TLS behind it fails, for there is none.)
#[tokio::test]
async fn socks5_sends_the_name() {
    let request: &[u8] = b"\x05\x01\x00\x03\x0Dexchange.test\x01\xBB";
    let bound: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let error = socks(&[(&[5, 1, 0], &[5, 0]), (request, bound)], "", "wss://exchange.test", false)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
}

#[tokio::test]
async fn socks5_refusals_are_typed() {
    let greeting: &[u8] = &[5, 1, 0];
    let with_login: &[u8] = &[5, 2, 0, 2];
    let login: &[u8] = b"\x01\x02me\x07hunter2";
    let request: &[u8] = &[5, 1, 0, 1, 127, 0, 0, 1, 0, 9];
    let mut exchanges: Vec<(Vec<Step<'_>>, &str)> = vec![
        (vec![(greeting, &[4, 0])], ""),
        (vec![(greeting, &[5, 0xFF])], ""),
        (vec![(greeting, &[5, 2])], ""),
        (vec![(greeting, &[5])], ""),
        (vec![(with_login, &[5, 0xFF])], "me:hunter2@"),
        (vec![(with_login, &[5, 2]), (login, &[1, 1])], "me:hunter2@"),
        (vec![(with_login, &[5, 2]), (login, &[1])], "me:hunter2@"),
        (vec![(greeting, &[5, 0]), (request, &[4, 0, 0, 1])], ""),
        (vec![(greeting, &[5, 0]), (request, &[5, 0, 0, 9])], ""),
        (vec![(greeting, &[5, 0]), (request, &[5, 0, 0, 1, 0, 0])], ""),
    ];
    let replies: Vec<[u8; 4]> = (1..=9).map(|reply| [5, reply, 0, 1]).collect();
    exchanges.extend(replies.iter().map(|reply| (vec![(greeting, &[5, 0][..]), (request, &reply[..])], "")));
    for (steps, credentials) in exchanges {
        let error = socks(&steps, credentials, "ws://127.0.0.1:9", false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Proxy, "{steps:?}");
        assert!(error.is_transient());
    }
}
