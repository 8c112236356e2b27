//! A scripted exchange at the other end of links in memory: depth streams over WebSocket, snapshots over HTTP. The test says
//! what goes wrong.

#![allow(dead_code, unreachable_pub, reason = "a module of each test file, which uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

use base64::Engine as _;
use binance_kit_book::BookProduct as _;
use binance_kit_core::product::Spot;
use binance_kit_core::{Api, Decode as _, Decoder, Request as _, Symbol, Timestamp};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Clock, Context, Environment, Random};
use binance_kit_rest::RestClient;
use binance_kit_stream::StreamClient;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

/// What the exchange does about a request for a snapshot instead of answering it.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A status with a body, and a `Retry-After` in seconds.
    Status(u16, Option<u64>),
    /// An error of the exchange with this code.
    Code(i32),
    /// A snapshot that claims to be of this update id; its levels are the newest, so use it only where it is refused.
    Old(u64),
    /// No answer for so long.
    Slow(Duration),
    /// The connection is cut.
    Cut,
}

#[derive(Debug, Default)]
struct Market {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
    id: u64,
    history: BTreeMap<u64, String>,
}

struct Connection {
    streams: BTreeSet<String>,
    frames: Option<mpsc::UnboundedSender<Out>>,
}

enum Out {
    Text(String),
    Pong(Vec<u8>),
    Cut,
}

#[derive(Default)]
struct State {
    markets: BTreeMap<String, Market>,
    connections: Vec<Connection>,
    faults: VecDeque<Fault>,
    /// Every request for a snapshot: the symbol, the limit, and when it came.
    requests: Vec<(String, usize, Duration)>,
    weight: BTreeMap<u64, u32>,
    refuse_connections: bool,
    refused_streams: BTreeSet<String>,
    /// Events and snapshots have the fields of futures as well.
    futures: bool,
    /// The path of each request and WebSocket handshake.
    paths: Vec<String>,
    tasks: Vec<Task<()>>,
}

/// The exchange.
#[derive(Clone)]
pub struct Exchange {
    state: Arc<Mutex<State>>,
    clock: Clock,
    start: Timestamp,
    pub context: Context,
    pub streams: StreamClient,
    pub rest: RestClient,
}

impl Exchange {
    /// An exchange with a quiet market of each of these symbols. Call it under a paused clock.
    pub fn new(symbols: &[&str]) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        // At the beginning of a minute, so that windows of weight are whole.
        let start = Timestamp::from_millis(1_699_999_980_000);
        let clock = Clock::new(VirtualWallClock::starting_at(start));
        let shared = Arc::clone(&state);
        let serving = clock.clone();
        let context = Context::builder()
            .dial(DialWith::new(move |_| {
                let (client, server) = tokio::io::duplex(1 << 20);
                let answers = serve(server, Arc::clone(&shared), serving.clone(), start);
                lock(&shared).tasks.push(task::spawn("exchange", answers));
                Ok(client)
            }))
            .clock(clock.clone())
            .random(Random::seeded(3))
            .build()
            .unwrap();
        let environment =
            Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws")
                .and_then(|environment| environment.with_rest(Api::UsdmFutures, "http://127.0.0.1:2"))
                .and_then(|environment| environment.with_streams(Api::UsdmFutures, "ws://127.0.0.1:2"))
                .unwrap();
        let streams = StreamClient::new(&context, &environment).unwrap();
        let rest = RestClient::builder(&context, &environment).build().unwrap();
        let exchange = Self { state, clock, start, context, streams, rest };
        for symbol in symbols {
            exchange.list(symbol);
        }
        exchange
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// From now on sends events and snapshots as those of futures.
    pub fn send_futures(&self) {
        self.lock().futures = true;
    }

    /// The path of each request and WebSocket handshake, without parameters.
    pub fn paths(&self) -> Vec<String> {
        self.lock().paths.clone()
    }

    /// Lists a symbol.
    pub fn list(&self, symbol: &str) {
        self.list_with(symbol, 60);
    }

    /// Lists a symbol with so many levels on each side, from 999 downwards and from 1001 upwards.
    pub fn list_with(&self, symbol: &str, levels: i64) {
        let mut market = Market { id: 100, ..Market::default() };
        for step in 1..=levels {
            market.bids.insert(1000 - step, step);
            market.asks.insert(1000 + step, step);
        }
        let text = market.text();
        market.history.insert(100, text);
        self.lock().markets.insert(symbol.to_owned(), market);
    }

    /// Changes the quantity of a bid and sends it to the subscribers.
    pub fn update(&self, symbol: &str, price: i64, quantity: i64) {
        self.change(symbol, price, quantity, true);
    }

    /// Changes the quantity of a bid without an event: the next update shows a gap.
    pub fn lose(&self, symbol: &str, price: i64, quantity: i64) {
        self.change(symbol, price, quantity, false);
    }

    fn change(&self, symbol: &str, price: i64, quantity: i64, is_sent: bool) {
        let mut state = self.lock();
        let market = state.markets.get_mut(symbol).unwrap();
        market.id += 1;
        if quantity == 0 {
            market.bids.remove(&price);
        } else {
            market.bids.insert(price, quantity);
        }
        let (id, text) = (market.id, market.text());
        market.history.insert(id, text);
        if !is_sent {
            return;
        }
        state.send_diff(symbol, id, price, quantity);
    }

    /// Changes the quantity of a bid and sends the subscribers another quantity: no id shows that their books are wrong.
    pub fn garble(&self, symbol: &str, price: i64, quantity: i64, sent: i64) {
        self.change(symbol, price, quantity, false);
        let mut state = self.lock();
        let id = state.markets[symbol].id;
        state.send_diff(symbol, id, price, sent);
    }

    /// Sends the best prices at the newest update.
    pub fn send_best_prices(&self, symbol: &str) {
        let mut state = self.lock();
        let market = &state.markets[symbol];
        let (bid, ask) = (market.bids.last_key_value().unwrap(), market.asks.first_key_value().unwrap());
        let stream = format!("{}@bookTicker", symbol.to_lowercase());
        let frame = format!(
            r#"{{"stream":"{stream}","data":{{"u":{},"s":"{symbol}","b":"{}.00","B":"{}.0","a":"{}.00","A":"{}.0"}}}}"#,
            market.id, bid.0, bid.1, ask.0, ask.1
        );
        state.send(&stream, &frame);
    }

    /// Sends a text as if it came on the stream of a symbol.
    pub fn raw(&self, symbol: &str, text: &str) {
        self.lock().send(&format!("{}@depth@100ms", symbol.to_lowercase()), text);
    }

    /// The next requests for snapshots go wrong like this, one each.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Cuts all WebSocket connections.
    pub fn cut(&self) {
        for connection in &mut self.lock().connections {
            if let Some(frames) = connection.frames.take() {
                let _ = frames.send(Out::Cut);
            }
        }
    }

    /// Whether new WebSocket connections are refused.
    pub fn refuse_connections(&self, refuse: bool) {
        self.lock().refuse_connections = refuse;
    }

    /// A stream that connections do not list, though it was subscribed.
    pub fn refuse_stream(&self, symbol: &str) {
        self.refuse(&format!("{}@depth@100ms", symbol.to_lowercase()));
    }

    /// The same by the name of the stream.
    pub fn refuse(&self, stream: &str) {
        self.lock().refused_streams.insert(stream.to_owned());
    }

    /// It is delivered again.
    pub fn deliver(&self, stream: &str) {
        self.lock().refused_streams.remove(stream);
    }

    /// The book of a symbol at its newest id, as a text of the form of [`book_text`].
    pub fn text(&self, symbol: &str) -> String {
        self.lock().markets[symbol].text()
    }

    /// The book of a symbol at an id.
    pub fn text_at(&self, symbol: &str, id: u64) -> Option<String> {
        self.lock().markets[symbol].history.get(&id).cloned()
    }

    pub fn requests(&self) -> Vec<(String, usize, Duration)> {
        self.lock().requests.clone()
    }

    /// The request weight that came in each minute.
    pub fn weights(&self) -> Vec<u32> {
        self.lock().weight.values().copied().collect()
    }

    /// How many WebSocket connections were accepted.
    pub fn connections(&self) -> usize {
        self.lock().connections.len()
    }

    /// The streams that are subscribed on live connections.
    pub fn subscribed(&self) -> BTreeSet<String> {
        let state = self.lock();
        state
            .connections
            .iter()
            .filter(|one| one.frames.is_some())
            .flat_map(|one| one.streams.clone())
            .collect()
    }

    /// How long the exchange has been running.
    pub fn elapsed(&self) -> Duration {
        self.clock.now().since(self.start)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap()
}

impl State {
    fn send_diff(&mut self, symbol: &str, id: u64, price: i64, quantity: i64) {
        let stream = format!("{}@depth@100ms", symbol.to_lowercase());
        let previous = id - 1;
        let (time, previous) =
            if self.futures { (r#""T":1,"#, format!(r#""pu":{previous},"#)) } else { ("", String::new()) };
        let frame = format!(
            r#"{{"stream":"{stream}","data":{{"e":"depthUpdate","E":1,{time}"s":"{symbol}","U":{id},"u":{id},{previous}"b":[["{price}.00","{quantity}.0"]],"a":[]}}}}"#
        );
        self.send(&stream, &frame);
    }

    fn send(&mut self, stream: &str, frame: &str) {
        for connection in self.connections.iter().filter(|connection| connection.streams.contains(stream)) {
            if let Some(frames) = &connection.frames {
                let _ = frames.send(Out::Text(frame.to_owned()));
            }
        }
    }
}

impl Market {
    fn text(&self) -> String {
        let bids = self.bids.iter().rev().map(|(price, quantity)| format!("{price}×{quantity}"));
        let asks = self.asks.iter().map(|(price, quantity)| format!("{price}×{quantity}"));
        format!("{} {} | {}", self.id, bids.collect::<Vec<_>>().join(" "), asks.collect::<Vec<_>>().join(" "))
    }

    fn snapshot(&self, limit: usize) -> String {
        let side = |levels: Vec<(&i64, &i64)>| {
            let levels: Vec<String> = levels
                .into_iter()
                .map(|(price, quantity)| format!(r#"["{price}.00","{quantity}.0"]"#))
                .collect();
            levels.join(",")
        };
        format!(
            r#"{{"lastUpdateId":{},"bids":[{}],"asks":[{}]}}"#,
            self.id,
            side(self.bids.iter().rev().take(limit).collect()),
            side(self.asks.iter().take(limit).collect())
        )
    }
}

/// A book in the form of [`Exchange::text`].
pub fn book_text(book: &binance_kit_book::OrderBook) -> String {
    let side = |levels: binance_kit_book::Levels<'_>| {
        let levels: Vec<String> = levels
            .map(|level| format!("{}×{}", level.price.normalize(), level.quantity.normalize()))
            .collect();
        levels.join(" ")
    };
    format!("{} {} | {}", book.last_update_id(), side(book.bids()), side(book.asks()))
}

async fn serve(mut io: DuplexStream, state: Arc<Mutex<State>>, clock: Clock, start: Timestamp) {
    let mut read = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = read.split_off(end + 4);
                break String::from_utf8(std::mem::replace(&mut read, rest)).unwrap();
            }
            let mut chunk = [0; 4096];
            match io.read(&mut chunk).await {
                Ok(count) if count > 0 => read.extend_from_slice(&chunk[..count]),
                _ => return,
            }
        };
        let target = head.split(' ').nth(1).unwrap().to_owned();
        lock(&state).paths.push(target.split('?').next().unwrap().to_owned());
        if head.to_ascii_lowercase().contains("upgrade: websocket") {
            return web_socket(io, &head, &target, &state).await;
        }
        let (symbol, limit) = query(&target);
        let at = clock.now().since(start);
        let fault = {
            let mut state = lock(&state);
            *state.weight.entry(at.as_secs() / 60).or_default() +=
                Spot::depth(&Symbol::new(&symbol), limit).cost().ip;
            state.requests.push((symbol.clone(), limit, at));
            state.faults.pop_front()
        };
        let mut old = None;
        match fault {
            Some(Fault::Status(status, retry_after)) => {
                let retry =
                    retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
                let body = "<html></html>";
                let answer =
                    format!("HTTP/1.1 {status} X\r\n{retry}Content-Length: {}\r\n\r\n{body}", body.len());
                io.write_all(answer.as_bytes()).await.unwrap();
                continue;
            }
            Some(Fault::Code(code)) => {
                let body = format!("{{\"code\":{code},\"msg\":\"x\"}}");
                let answer = format!("HTTP/1.1 400 X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                io.write_all(answer.as_bytes()).await.unwrap();
                continue;
            }
            Some(Fault::Cut) => return,
            Some(Fault::Slow(wait)) => clock.sleep(wait).await,
            Some(Fault::Old(id)) => old = Some(id),
            None => {}
        }
        let body = {
            let mut state = lock(&state);
            let is_futures = state.futures;
            let market = state.markets.get_mut(&symbol).unwrap();
            let mut body = market.snapshot(limit);
            if is_futures {
                body.insert_str(1, r#""E":1,"T":1,"#);
            }
            if let Some(old) = old {
                body = body
                    .replace(&format!("\"lastUpdateId\":{}", market.id), &format!("\"lastUpdateId\":{old}"));
            }
            body
        };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if io.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn query(target: &str) -> (String, usize) {
    let mut symbol = String::new();
    let mut limit = 0;
    for pair in target.split_once('?').unwrap().1.split('&') {
        match pair.split_once('=').unwrap() {
            ("symbol", value) => value.clone_into(&mut symbol),
            ("limit", value) => limit = value.parse().unwrap(),
            other => panic!("unknown parameter {other:?}"),
        }
    }
    (symbol, limit)
}

async fn web_socket(mut io: DuplexStream, head: &str, target: &str, state: &Arc<Mutex<State>>) {
    if lock(state).refuse_connections {
        let _ = io.write_all(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n").await;
        return;
    }
    let key = head
        .lines()
        .find_map(|line| {
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        })
        .unwrap()
        .1;
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes(),
    );
    let accept = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    io.write_all(answer.as_bytes()).await.unwrap();
    let (frames, mut outgoing) = mpsc::unbounded_channel();
    let streams: BTreeSet<String> = target
        .split_once("streams=")
        .map(|(_, names)| names.split('&').next().unwrap().split('/').map(str::to_owned).collect())
        .unwrap_or_default();
    let index = {
        let mut state = lock(state);
        let streams = streams.difference(&state.refused_streams).cloned().collect();
        state.connections.push(Connection { streams, frames: Some(frames.clone()) });
        state.connections.len() - 1
    };
    let (mut reader, mut writer) = tokio::io::split(io);
    let reading = async {
        while let Some((code, payload)) = read_frame(&mut reader).await {
            let answer = match code {
                1 => Out::Text(control(&payload, index, state)),
                9 => Out::Pong(payload),
                8 => return,
                _ => continue,
            };
            let _ = frames.send(answer);
        }
    };
    let writing = async {
        loop {
            // The exchange pings every 20 seconds.
            let bytes = match tokio::time::timeout(Duration::from_secs(20), outgoing.recv()).await {
                Ok(Some(Out::Text(text))) => frame(0x81, text.as_bytes()),
                Ok(Some(Out::Pong(payload))) => frame(0x8a, &payload),
                Ok(Some(Out::Cut) | None) => return,
                Err(_) => frame(0x89, b"1"),
            };
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
    lock(state).connections[index].frames = None;
}

fn control(text: &[u8], index: usize, state: &Mutex<State>) -> String {
    let mut decoder = Decoder::new();
    let (method, names, id) = decoder
        .parse(text, |value| {
            let (mut method, mut names, mut id) = (None, Vec::new(), 0_u64);
            for (key, value) in value.object()? {
                match key {
                    "method" => method = Some(value.as_str()?.to_owned()),
                    "params" => names = Vec::<String>::decode(value)?,
                    "id" => id = value.as_u64()?,
                    _ => {}
                }
            }
            Ok((method.unwrap(), names, id))
        })
        .unwrap();
    let mut state = lock(state);
    let refused = state.refused_streams.clone();
    let streams = &mut state.connections[index].streams;
    match method.as_str() {
        "SUBSCRIBE" if names.iter().any(|name| refused.contains(name)) => {
            return format!(r#"{{"error":{{"code":2,"msg":"Invalid request"}},"id":{id}}}"#);
        }
        "SUBSCRIBE" => streams.extend(names),
        "UNSUBSCRIBE" => streams.retain(|name| !names.contains(name)),
        _ => {
            let mut list = String::new();
            for name in streams.iter() {
                let _ = write!(list, "{}\"{name}\"", if list.is_empty() { "" } else { "," });
            }
            return format!(r#"{{"result":[{list}],"id":{id}}}"#);
        }
    }
    format!(r#"{{"result":null,"id":{id}}}"#)
}

/// An unmasked frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()).unwrap() {
        length @ ..=125 => bytes.push(u8::try_from(length).unwrap()),
        length => {
            bytes.push(126);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

/// The next frame of the client: its operation and its payload.
async fn read_frame(reader: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    reader.read_exact(&mut head).await.ok()?;
    let length = match head[1] & 0x7f {
        126 => usize::from(reader.read_u16().await.ok()?),
        length => usize::from(length),
    };
    let mut mask = [0; 4];
    reader.read_exact(&mut mask).await.ok()?;
    let mut payload = vec![0; length];
    reader.read_exact(&mut payload).await.ok()?;
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[index % 4];
    }
    Some((head[0] & 0xf, payload))
}
