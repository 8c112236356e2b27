//! Running examples, and a server of USD-M streams for them.

#![allow(
    clippy::disallowed_methods,
    reason = "the tasks of the test server end with the runtime of the test"
)]

use base64::Engine as _;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long an example may take until the test fails instead of waiting on.
const LIMIT: Duration = Duration::from_secs(90);

/// `<target>/<profile>/examples`, beside the `deps` that this test is in.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "the example {name} is not built: run `cargo test -p binance-kit-examples` (without --test or --tests, which \
         leave the examples out), or `cargo build -p binance-kit-examples --examples` before"
    );
    path
}

/// A running example. It does not outlive the test.
pub(crate) struct Running {
    name: String,
    child: Child,
    out: Receiver<String>,
    errors: Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(pipe: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::BufReader::new(pipe).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Running {
    /// Starts an example with these environment variables, and none of the others that it reads.
    pub(crate) fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program(name));
        for variable in [
            "BINANCE_KIT",
            "BINANCE_API_KEY",
            "BINANCE_SECRET_KEY",
            "BINANCE_PRIVATE_KEY",
            "BINANCE_PRIVATE_KEY_FILE",
        ] {
            command.env_remove(variable);
        }
        let mut child = command
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = lines_of(child.stdout.take().unwrap());
        let errors = lines_of(child.stderr.take().unwrap());
        Self { name: name.to_owned(), child, out, errors }
    }

    /// The next line of standard output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.out.recv_timeout(LIMIT) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("{} printed nothing for {LIMIT:?}", self.name),
            Err(RecvTimeoutError::Disconnected) => {
                let errors: Vec<String> = self.errors.try_iter().collect();
                panic!("{} ended: {errors:#?}", self.name)
            }
        }
    }

    /// The next lines of standard output.
    #[track_caller]
    pub(crate) fn take(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }

    /// The end of an example: exit status, the other lines of standard output, standard error.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let rest = |lines: &Receiver<String>| {
            let mut all = Vec::new();
            loop {
                match lines.recv_timeout(LIMIT) {
                    Ok(line) => all.push(line),
                    Err(RecvTimeoutError::Disconnected) => return all,
                    Err(RecvTimeoutError::Timeout) => panic!("{} did not end within {LIMIT:?}", self.name),
                }
            }
        };
        let (out, errors) = (rest(&self.out), rest(&self.errors));
        (self.child.wait().unwrap().code(), out, errors.join("\n"))
    }

    /// All lines of an example that must succeed and print nothing on standard error.
    #[track_caller]
    pub(crate) fn lines(self) -> Vec<String> {
        let name = self.name.clone();
        let (code, out, errors) = self.end();
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{name} printed {out:#?}");
        out
    }
}

/// Serves USD-M streams: what is asked for is listed, and events of each stream are sent, `#` in them replaced by a number that
/// goes up. The paths of the connections arrive in the receiver.
pub(crate) async fn serve_usdm(
    events: &'static [(&'static str, &'static str)],
) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (paths, seen) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((io, _)) = listener.accept().await {
            let paths = paths.clone();
            tokio::spawn(async move {
                // A client that closes ends it.
                let _ = serve(io, events, paths).await;
            });
        }
    });
    (url, seen)
}

async fn serve(
    mut io: TcpStream,
    events: &[(&str, &str)],
    paths: tokio::sync::mpsc::UnboundedSender<String>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let key = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map(|(_, key)| key.trim())
        .ok_or("no key")?;
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes(),
    );
    let accept = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    io.write_all(answer.as_bytes()).await?;
    let names: Vec<String> = target
        .split_once("streams=")
        .map(|(_, names)| names.split('&').next().unwrap_or_default().split('/').map(str::to_owned).collect())
        .unwrap_or_default();
    paths.send(target)?;
    let mut socket = WebSocket::after_handshake(io, Role::Server);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    // The client lists its streams first.
    let frame = socket.read_frame().await?;
    if frame.opcode == OpCode::Text {
        let text = String::from_utf8_lossy(&frame.payload).into_owned();
        let id = text.rsplit_once("\"id\":").map(|(_, id)| id.trim_end_matches('}').to_owned());
        let listed: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let answer = format!("{{\"result\":[{}],\"id\":{}}}", listed.join(","), id.unwrap_or_default());
        socket.write_frame(Frame::text(Payload::Owned(answer.into_bytes()))).await?;
    }
    for number in 1_000_000_u64.. {
        ticks.tick().await;
        for (name, event) in events.iter().filter(|(name, _)| names.iter().any(|wanted| wanted == name)) {
            let event = event.replace('#', &number.to_string());
            let text = format!("{{\"stream\":\"{name}\",\"data\":{event}}}");
            socket.write_frame(Frame::text(Payload::Owned(text.into_bytes()))).await?;
        }
    }
    Ok(())
}
