//! An HTTP server at the other end of links in memory: it logs what comes, byte for byte, and answers as a test decides.

#![allow(dead_code, unreachable_pub, reason = "a module of each test file, which uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

use binance_kit_core::{Api, HttpMethod, RawRequest, Security, Timestamp};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Clock, Context, ContextBuilder, Random, Tls};
use binance_kit_rest::{RestClient, RestClientBuilder};
use binance_kit_sign::Credentials;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

pub const URL: &str = "http://127.0.0.1:1";
pub const API_KEY: &str = "SENTINELapikey0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub const SECRET: &str = "SENTINELsecretkey0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The wall time at which virtual clocks start.
pub const START: i64 = 1_700_000_000_000;

/// One step of the server in answer to a request.
#[derive(Debug, Clone)]
pub enum Act {
    Send(Vec<u8>),
    Wait(Duration),
    /// Ends the connection.
    Close,
    /// Sends nothing more, and keeps the connection.
    Hang,
}

/// The requests that came, each with the number of its connection.
pub type Log = Arc<Mutex<Vec<(usize, String)>>>;
type Answers = Arc<Mutex<dyn FnMut(usize, &str) -> Vec<Act> + Send>>;

pub struct Exchange {
    pub context: Context,
    pub log: Log,
    pub connections: Arc<Mutex<usize>>,
    /// How many connections the client has ended.
    pub ended: Arc<Mutex<usize>>,
    _server: Task<()>,
}

impl Exchange {
    /// A server that answers the requests, counted from 0, by `answers`.
    pub fn new(answers: impl FnMut(usize, &str) -> Vec<Act> + Send + 'static) -> Self {
        Self::over(|io| Box::pin(async move { Some(io) }), Context::builder().tls(no_tls()), answers)
    }

    /// The same, with something between the link and HTTP (TLS).
    pub fn over<S, W>(
        wrap: W,
        context: ContextBuilder,
        answers: impl FnMut(usize, &str) -> Vec<Act> + Send + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        W: Fn(DuplexStream) -> std::pin::Pin<Box<dyn Future<Output = Option<S>> + Send>>
            + Send
            + Sync
            + 'static,
    {
        let (opened, mut dialled) = mpsc::unbounded_channel();
        let clock = Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START)));
        let context = context
            .dial(DialWith::new(move |_| {
                let (client, server) = tokio::io::duplex(64 * 1024);
                opened.send(server).unwrap();
                Ok(client)
            }))
            .clock(clock)
            .random(Random::seeded(1))
            .build()
            .unwrap();
        let log = Log::default();
        let connections = Arc::new(Mutex::new(0));
        let ended = Arc::new(Mutex::new(0));
        let answers: Answers = Arc::new(Mutex::new(answers));
        let server = {
            let (log, connections, ended) = (Arc::clone(&log), Arc::clone(&connections), Arc::clone(&ended));
            task::spawn("server", async move {
                let wrap = Arc::new(wrap);
                let mut tasks = Vec::new();
                while let Some(io) = dialled.recv().await {
                    let number = {
                        let mut connections = connections.lock().unwrap();
                        *connections += 1;
                        *connections
                    };
                    let (wrap, log, answers) = (Arc::clone(&wrap), Arc::clone(&log), Arc::clone(&answers));
                    let ended = Arc::clone(&ended);
                    tasks.push(task::spawn("connection", async move {
                        if let Some(io) = wrap(io).await
                            && serve(io, number, &log, &answers).await
                        {
                            *ended.lock().unwrap() += 1;
                        }
                    }));
                }
            })
        };
        Self { context, log, connections, ended, _server: server }
    }

    /// A server that gives each request the same answer.
    pub fn answering(answer: Vec<u8>) -> Self {
        Self::new(move |_, _| vec![Act::Send(answer.clone())])
    }

    pub fn builder(&self) -> RestClientBuilder {
        RestClient::builder_with_url(&self.context, URL).credentials(credentials())
    }

    pub fn client(&self) -> RestClient {
        self.builder().build().unwrap()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }

    pub fn count(&self) -> usize {
        self.log.lock().unwrap().len()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub fn ended(&self) -> usize {
        *self.ended.lock().unwrap()
    }
}

/// Serves one connection; whether the client was the one that ended it.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut io: S,
    number: usize,
    log: &Log,
    answers: &Answers,
) -> bool {
    let mut buffer = Vec::new();
    loop {
        let Some(request) = read_request(&mut io, &mut buffer).await else { return true };
        let index = {
            let mut log = log.lock().unwrap();
            log.push((number, request.clone()));
            log.len() - 1
        };
        let acts = answers.lock().unwrap()(index, &request);
        for act in acts {
            match act {
                Act::Send(bytes) => {
                    if io.write_all(&bytes).await.is_err() || io.flush().await.is_err() {
                        return true;
                    }
                }
                Act::Wait(duration) => tokio::time::sleep(duration).await,
                Act::Close => return false,
                Act::Hang => std::future::pending().await,
            }
        }
    }
}

/// Reads one request with its body as text; `None` when the connection ended before a whole one was there.
pub async fn read_request(io: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end + 4].to_vec()).unwrap();
            let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
            if buffer.len() >= end + 4 + length {
                let request: Vec<u8> = buffer.drain(..end + 4 + length).collect();
                return Some(String::from_utf8(request).unwrap());
            }
        }
        let mut piece = [0; 4096];
        match io.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => buffer.extend_from_slice(&piece[..count]),
        }
    }
}

/// The value of a header of a request.
pub fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The parameters of a request, from the query and the body.
pub fn parameter<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let target = request.split(' ').nth(1).unwrap();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    query
        .split('&')
        .chain(body.split('&'))
        .find_map(|pair| pair.split_once('=').filter(|(found, _)| *found == name).map(|(_, value)| value))
}

/// An answer with a `Content-Length`.
pub fn reply(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn ok(body: &str) -> Vec<u8> {
    reply(200, "content-type: application/json\r\n", body)
}

pub fn credentials() -> Credentials {
    Credentials::hmac(API_KEY, SECRET).unwrap()
}

/// TLS that trusts no certificate, since building the real store takes time in each test.
pub fn no_tls() -> Tls {
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
    Tls::with_config(Arc::new(config))
}

pub type Raw = RawRequest<Vec<u64>>;

/// A public query.
pub fn query() -> Raw {
    Raw::new(Api::Spot, HttpMethod::Get, "/api/v3/query", Security::None)
}

/// A signed request that changes something.
pub fn order() -> Raw {
    Raw::new(Api::Spot, HttpMethod::Post, "/api/v3/order", Security::Signed).with("symbol", "BTCUSDT")
}

/// Polls `future` at most `polls` times. In between the other tasks run: once each, or until all of them wait for time
/// to pass.
pub async fn poll_times<F: Future>(future: F, polls: usize, let_time_pass: bool) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx))).await;
        if let std::task::Poll::Ready(output) = poll {
            return Some(output);
        }
        if let_time_pass {
            settle().await;
        } else {
            tokio::task::yield_now().await;
        }
    }
    None
}

/// Lets the other tasks run until they have nothing to do.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
