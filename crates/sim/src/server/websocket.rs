//! A WebSocket connection from its handshake to its end: reading, writing, pings, lifetime.

use super::api_session::ApiSession;
use super::codec::{Decoder, Message, close_frame, ping_frame, pong_frame};
use super::failure::Failure;
use super::http::time_unit;
use super::hub::{Client, ClientKind};
use super::link::LinkControl;
use super::outbox::{Outbox, Piece};
use super::product::{Entry, Product};
use super::stream_session::StreamSession;
use crate::sbe::{self, Frames};
use crate::shared::Shared;
use binance_kit_core::TimeUnit;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::time::Instant;

/// How long a client may take to read what was queued when its connection ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a path leads to.
#[derive(Debug, Clone)]
pub(crate) struct Entrance {
    /// Product that is behind it.
    product: &'static Product,
    /// What the connection is for.
    kind: ClientKind,
    /// Whether events have the name of their stream around them.
    combined: bool,
    /// Streams that are named in the URL.
    streams: Vec<String>,
    /// Unit of times.
    unit: TimeUnit,
    /// Whether answers show the rate limits, by default.
    show_limits: bool,
    /// Whether what can be said in SBE is; then, whether in a version of the schema that is deprecated.
    pub(crate) sbe: Option<bool>,
}

impl Entrance {
    /// Whether market streams are behind it.
    pub(crate) fn is_for_streams(&self) -> bool {
        self.kind == ClientKind::Streams
    }
}

/// What a path and its query lead to; none when there is no WebSocket behind it.
pub(crate) fn entrance(path: &str, query: &str) -> Option<Result<Entrance, Failure>> {
    let (product, entry) = Product::of_websocket(path)?;
    Some(read_entrance(product, entry, query))
}

fn read_entrance(product: &'static Product, entry: Entry<'_>, query: &str) -> Result<Entrance, Failure> {
    let (kind, combined, named, mut sbe) = match entry {
        Entry::Streams(path, named) => (ClientKind::Streams, path.combined, named, path.sbe.then_some(false)),
        Entry::WebSocketApi => (ClientKind::Api, false, "", None),
    };
    // The `+` of `@+08:00` is no blank here, so names are not read as a form's values are.
    let query = query.replace('+', "%2B");
    let mut params = super::params::Params::from_query(&query, "")?;
    let named = super::params::decode(&named.replace('+', "%2B"))?;
    let listed = params.take("streams").unwrap_or_default();
    let streams = named
        .split('/')
        .chain(listed.split('/'))
        .filter(|name| !name.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    let unit = match params.take("timeUnit") {
        Some(word) => time_unit(word.as_bytes())?,
        None => TimeUnit::Millisecond,
    };
    let show_limits = params.take("returnRateLimits").is_none_or(|word| word != "false");
    if kind == ClientKind::Api && params.take("responseFormat").is_some_and(|word| word == "sbe") {
        let mut part = |name: &str| params.take(name).unwrap_or_default();
        sbe = Some(sbe::check(&format!("{}:{}", part("sbeSchemaId"), part("sbeSchemaVersion")))?);
    }
    // Neither wrapper nor milliseconds in SBE.
    let (combined, unit) = if sbe.is_some() { (false, TimeUnit::Microsecond) } else { (combined, unit) };
    Ok(Entrance { product, kind, combined, streams, unit, show_limits, sbe })
}

/// What answers the messages of a connection.
enum Session {
    Streams(StreamSession),
    Api(Box<ApiSession>),
}

/// Serves a connection until it ends. `begun` is what was read beyond the handshake.
pub(crate) async fn serve<T>(
    shared: Arc<Shared>,
    io: T,
    begun: Bytes,
    ip: IpAddr,
    link: Arc<LinkControl>,
    entrance: Entrance,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    shared.counters.websocket();
    shared.counters.connected();
    let (id, outbox) = shared.register();
    let client = Arc::new(Client {
        id,
        outbox: Arc::clone(&outbox),
        combined: AtomicBool::new(entrance.combined),
        unit: entrance.unit,
        sbe: entrance.sbe.map(|deprecated| Frames { shared: Arc::downgrade(&shared), deprecated }),
        kind: entrance.kind,
        ip,
        since: shared.clock.now(),
        link: Arc::clone(&link),
        faults: Arc::clone(&shared.faults),
    });
    shared.faults.join(&client);
    shared.run(|core, _| core.hub.join(entrance.kind, &client));
    let mut session = match entrance.kind {
        ClientKind::Streams => {
            Session::Streams(StreamSession::new(Arc::clone(&shared), Arc::clone(&client), &entrance.streams))
        }
        ClientKind::Api => Session::Api(Box::new(ApiSession::new(
            Arc::clone(&shared),
            Arc::clone(&client),
            entrance.product,
            ip,
            entrance.show_limits,
        ))),
    };
    let (reader, writer) = tokio::io::split(io);
    {
        let reading = std::pin::pin!(read(&shared, reader, &begun, &client, &mut session));
        let mut writing = std::pin::pin!(write(writer, &outbox, &link));
        let both = async {
            tokio::select! {
                () = reading => {
                    // What is queued goes out, if the client takes it.
                    let _ = tokio::time::timeout(LAST_WORDS, writing.as_mut()).await;
                }
                () = writing.as_mut() => {}
            }
        };
        tokio::select! {
            () = both => {}
            () = outbox.aborted() => {}
        }
    }
    if outbox.overflowed() {
        shared.counters.overflow();
    }
    let streams = match &session {
        Session::Streams(session) => session.streams().to_vec(),
        Session::Api(_) => Vec::new(),
    };
    shared.run(|core, _| core.hub.leave(&client, &streams));
    shared.faults.leave(&client);
    shared.deregister(id);
    shared.counters.disconnected();
}

async fn write<T: AsyncWrite>(mut writer: WriteHalf<T>, outbox: &Outbox, link: &LinkControl) {
    while let Some(piece) = outbox.take().await {
        match piece {
            Piece::Bytes(batch) => {
                if writer.write_all(&batch).await.is_err() {
                    // The reader learns of it by itself, but it need not wait for that.
                    outbox.abort();
                    return;
                }
            }
            Piece::Pause(Some(pause)) => tokio::time::sleep(pause).await,
            Piece::Pause(None) => std::future::pending().await,
            Piece::Pace(pace) => link.pace(pace),
            Piece::Freeze { read, write } => link.freeze(read, write),
            Piece::End(how) => {
                let _ = writer.flush().await;
                link.end(how);
                outbox.abort();
                return;
            }
        }
    }
    // All is said: the peer closes, or waits for nothing.
    let _ = writer.shutdown().await;
}

/// Closes with a code: what is queued is written, then the close, then nothing.
fn close(outbox: &Outbox, code: u16, reason: &str) {
    outbox.push(close_frame(code, reason));
    outbox.finish();
}

/// The times of the last messages, for the rule of so many a second.
struct Pace {
    /// Messages in a second at most.
    limit: Option<usize>,
    /// Times of the last messages.
    times: VecDeque<Instant>,
}

impl Pace {
    /// Whether one more message is within the limit.
    fn allows(&mut self, now: Instant) -> bool {
        let Some(limit) = self.limit else { return true };
        while self.times.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1)) {
            self.times.pop_front();
        }
        self.times.push_back(now);
        self.times.len() <= limit
    }
}

async fn read<T: AsyncRead>(
    shared: &Shared,
    mut reader: ReadHalf<T>,
    begun: &[u8],
    client: &Client,
    session: &mut Session,
) {
    let caps = &shared.caps;
    let outbox = &*client.outbox;
    let (max_message, limited) = match session {
        Session::Streams(_) => (caps.max_stream_message, shared.limits.enforced),
        Session::Api(_) => (caps.max_api_message, false),
    };
    let mut pace =
        Pace { limit: limited.then_some(shared.limits.messages_per_second), times: VecDeque::new() };
    let mut decoder = Decoder::new(max_message);
    decoder.buffer().extend_from_slice(begun);
    let start = Instant::now();
    let mut ping = tokio::time::interval_at(start + caps.ping_interval, caps.ping_interval);
    let old_age = tokio::time::sleep_until(start + caps.max_connection_age);
    tokio::pin!(old_age);
    // Pings without an answer yet: payload and time, oldest first.
    let mut pings: VecDeque<(Vec<u8>, Instant)> = VecDeque::new();
    loop {
        // Who asks faster than the answers are taken is not read any further.
        let mut is_busy = false;
        loop {
            if matches!(session, Session::Api(_)) && outbox.is_busy() {
                is_busy = true;
                break;
            }
            let message = match decoder.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) => {
                    close(outbox, error.code, error.reason);
                    return;
                }
            };
            if !matches!(message, Message::Close(_)) && !pace.allows(Instant::now()) {
                close(outbox, 1008, "Too many requests");
                return;
            }
            match message {
                // It could not be answered any more, so it must not be carried out either.
                Message::Text(_) if outbox.is_finishing() => {}
                Message::Text(text) => match session {
                    Session::Streams(session) => session.message(&text),
                    Session::Api(session) => session.message(&text),
                },
                Message::Binary(_) => {
                    close(outbox, 1003, "only text is understood");
                    return;
                }
                Message::Ping(payload) => {
                    outbox.push(pong_frame(&payload));
                }
                // A pong that answers none of our pings does not keep the connection alive.
                Message::Pong(payload) => {
                    if let Some(index) = pings.iter().position(|(sent, _)| *sent == payload) {
                        pings.drain(..=index);
                    }
                }
                Message::Close(code) => {
                    close(outbox, code.unwrap_or(1000), "");
                    return;
                }
            }
        }
        tokio::select! {
            () = outbox.has_room(), if is_busy => {}
            read = reader.read_buf(decoder.buffer()), if !is_busy => match read {
                Ok(0) | Err(_) => {
                    // The client is gone.
                    outbox.abort();
                    return;
                }
                Ok(_) => {}
            },
            at = ping.tick() => {
                if !shared.faults.allows_pings(client.id) {
                    pings.clear();
                    continue;
                }
                if pings.front().is_some_and(|(_, sent)| at.duration_since(*sent) >= caps.pong_timeout) {
                    close(outbox, 1008, "Pong timeout");
                    return;
                }
                let payload = shared.clock.now().as_millis().to_string().into_bytes();
                outbox.push(ping_frame(&payload));
                pings.push_back((payload, at));
            }
            () = &mut old_age => {
                close(outbox, 1000, "the connection is 24 hours old");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let open = |path: &str, query: &str| entrance(path, query).map(|entrance| entrance.unwrap());
        let raw = open("/ws/btcusdt@trade/ethusdt@kline_1d@+08:00", "").unwrap();
        assert_eq!(raw.streams, ["btcusdt@trade", "ethusdt@kline_1d@+08:00"]);
        assert!(!raw.combined);
        let combined = open("/stream", "streams=%E5%B8%81usdt@trade/b@depth&timeUnit=microsecond").unwrap();
        assert_eq!(combined.streams, ["币usdt@trade", "b@depth"]);
        assert!(combined.combined && combined.unit == TimeUnit::Microsecond);
        assert!(open("/ws", "").unwrap().streams.is_empty());
        let api = open("/ws-api/v3", "returnRateLimits=false").unwrap();
        assert!(api.kind == ClientKind::Api && !api.show_limits);
        assert!(open("/", "").is_none() && open("/wsx", "").is_none() && open("/api/v3/time", "").is_none());
        assert_eq!(entrance("/ws", "timeUnit=year").unwrap().unwrap_err().code, -1194);
    }

    #[test]
    fn the_rules_are_the_documented_ones() {
        let (caps, limits) = (crate::shared::Caps::default(), crate::limits::Limits::default());
        assert_eq!(caps.ping_interval, Duration::from_secs(20));
        assert_eq!(caps.pong_timeout, Duration::from_secs(60));
        assert_eq!(caps.max_connection_age, Duration::from_secs(24 * 3600));
        assert_eq!((limits.messages_per_second, limits.streams_per_connection), (5, 1024));
    }

    #[tokio::test(start_paused = true)]
    async fn five_messages_a_second() {
        let mut pace = Pace { limit: Some(5), times: VecDeque::new() };
        for _ in 0..5 {
            assert!(pace.allows(Instant::now()));
        }
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(!pace.allows(Instant::now()));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(pace.allows(Instant::now()));
    }
}
