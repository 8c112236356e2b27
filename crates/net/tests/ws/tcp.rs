//! Real sockets on loopback, for what only sockets show.

use super::common::*;
use binance_kit_net::{BoxIo, Context, Endpoint, ErrorKind, TcpDial, WebSocket, WsConfig, task};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) fn context(dial: TcpDial) -> Context {
    Context::builder().dial(dial).build().unwrap()
}

pub(crate) async fn read_request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(request).unwrap()
}

/// A listener and its address as an endpoint.
async fn listen() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::parse(&format!("ws://{}", listener.local_addr().unwrap())).unwrap();
    (listener, endpoint)
}

async fn accept(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = read_request(&mut stream).await;
    stream.write_all(&switching(&request)).await.unwrap();
    (stream, request)
}

async fn connect(endpoint: &Endpoint, path: &str) -> Result<WebSocket<BoxIo>, binance_kit_net::Error> {
    WebSocket::connect(&context(TcpDial::new()), endpoint, path, &[], &WsConfig::default()).await
}

#[tokio::test]
async fn the_path_goes_behind_that_of_the_endpoint() {
    let (listener, endpoint) = listen().await;
    for (base, path, wanted) in [
        ("", "/ws/btcusdt@trade", "/ws/btcusdt@trade"),
        ("", "", "/"),
        ("", "/stream?streams=a@trade/b@trade", "/stream?streams=a@trade/b@trade"),
        ("/ws-api/v3", "", "/ws-api/v3"),
        ("/ws-api/v3", "/", "/ws-api/v3"),
        ("/ws-api/v3", "/?x=1", "/ws-api/v3?x=1"),
        ("/ws-api/v3", "?x=1", "/ws-api/v3?x=1"),
        ("/base", "/ws", "/base/ws"),
    ] {
        let endpoint = endpoint.with_path(base);
        let (socket, (_stream, request)) = tokio::join!(connect(&endpoint, path), accept(&listener));
        socket.unwrap();
        assert_eq!(request.split(' ').nth(1), Some(wanted));
        assert_eq!(header(&request, "Host"), Some(endpoint.authority().as_str()));
    }
    let rest = Endpoint::parse("http://127.0.0.1:1").unwrap();
    assert_eq!(connect(&rest, "/").await.unwrap_err().kind(), ErrorKind::InvalidUrl);
}

#[tokio::test]
async fn a1_a_reset_on_a_socket_is_typed() {
    let (listener, endpoint) = listen().await;
    let (socket, (mut stream, _)) = tokio::join!(connect(&endpoint, "/ws"), accept(&listener));
    let mut socket = socket.unwrap();
    stream.write_all(&text("one")).await.unwrap();
    assert_eq!(show(&socket.next().await.unwrap()), "t:one");
    stream.set_zero_linger().unwrap();
    drop(stream);
    let error = socket.next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.io_kind()),
        (ErrorKind::ConnectionLost, Some(io::ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn a2_an_end_on_a_socket_is_typed() {
    let (listener, endpoint) = listen().await;
    let (socket, (mut stream, _)) = tokio::join!(connect(&endpoint, "/ws"), accept(&listener));
    let mut socket = socket.unwrap();
    stream.write_all(&text("one")[..3]).await.unwrap();
    drop(stream);
    let error = socket.next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.io_kind()),
        (ErrorKind::ConnectionLost, Some(io::ErrorKind::UnexpectedEof))
    );
}

/// The closing handshake on a socket: the peer gets our close frame and then the end of the stream.
#[tokio::test]
async fn a_close_reaches_the_peer() {
    let (listener, endpoint) = listen().await;
    let (socket, (mut stream, _)) = tokio::join!(connect(&endpoint, "/ws"), accept(&listener));
    let mut socket = socket.unwrap();
    stream.write_all(&close_frame(1001, b"bye")).await.unwrap();
    assert_eq!(socket.next().await.unwrap_err().close_code(), Some(1001));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(client_frames(&rest), [(CLOSE, 1001_u16.to_be_bytes().to_vec())]);
}

#[tokio::test]
async fn a10_a_refused_connection_is_typed() {
    // A port that is taken, on which no one listens.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let endpoint = Endpoint::parse(&format!("ws://{}", socket.local_addr().unwrap())).unwrap();
    let error = connect(&endpoint, "/ws").await.unwrap_err();
    assert_eq!((error.kind(), error.io_kind()), (ErrorKind::Connect, Some(io::ErrorKind::ConnectionRefused)));
    assert!(error.is_transient());
    assert!(error.to_string().contains("127.0.0.1"));
}

/// The peer takes the connection and says nothing: the deadline for connecting ends it.
#[tokio::test(start_paused = true)]
async fn a10_a_silent_peer_ends_at_the_deadline_for_connecting() {
    let dial = binance_kit_net::io::DialWith::new(|_: &Endpoint| {
        Ok(Peer::answering(|_| b"HTTP/1.1 101 ".to_vec()).1)
    });
    let context = Context::builder().dial(dial).connect_timeout(Duration::from_secs(4)).build().unwrap();
    let endpoint = Endpoint::parse("ws://127.0.0.1:1").unwrap();
    let began = tokio::time::Instant::now();
    let error = WebSocket::connect(&context, &endpoint, "/ws", &[], &WsConfig::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed(), Duration::from_secs(4));
}

/// Reset before the first read, often: always a typed error, never a panic.
#[tokio::test]
async fn a11_a_reset_right_behind_the_connect() {
    let (listener, endpoint) = listen().await;
    let resetting = task::spawn("resets", async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_zero_linger().unwrap();
        }
    });
    for _ in 0..200 {
        let error = connect(&endpoint, "/ws").await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Connect | ErrorKind::ConnectionLost), "{error:?}");
    }
    drop(resetting);
}

#[tokio::test]
async fn b1_a_name_without_an_address_is_typed() {
    // A label this long is no name at all, so the resolver says so without asking anybody.
    let endpoint = Endpoint::parse(&format!("wss://{}.invalid", "x".repeat(64))).unwrap();
    let error = connect(&endpoint, "/ws").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolve);
    assert!(error.is_transient());
}

/// Redirects are not followed: the address in the answer is never contacted.
#[tokio::test]
async fn b8_a_redirect_is_not_followed() {
    let (listener, endpoint) = listen().await;
    let (elsewhere, other) = listen().await;
    let answering = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n",
            other.authority()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    };
    let (result, ()) = tokio::join!(connect(&endpoint, "/ws"), answering);
    assert_eq!(result.unwrap_err().status(), Some(302));
    assert!(poll_once(elsewhere.accept()).is_pending());
}

/// A connection, and connecting, may go from thread to thread.
#[test]
fn connections_are_send() {
    fn is_send<T: Send>(_: &T) {}
    let (context, config) = (context(TcpDial::new()), WsConfig::default());
    let endpoint = Endpoint::parse("wss://exchange.test").unwrap();
    is_send(&WebSocket::connect(&context, &endpoint, "/ws", &[], &config));
    is_send(&async {
        let mut socket = WebSocket::connect(&context, &endpoint, "/ws", &[], &config).await?;
        socket.flush().await?;
        socket.next().await
    });
}
