//! The built program as a child process that ends with its test, and cannot block it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses a part of it, and a failure should end its test"
)]

pub(crate) mod server;

use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The time after which a test fails instead of waiting on.
const LIMIT: Duration = Duration::from_secs(90);

/// The time between two looks at what a program does beside its output.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a program ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// The lines of standard output not read before.
    pub(crate) out: Vec<String>,
    /// Standard error.
    pub(crate) errors: String,
}

impl Ended {
    /// Asserts that it failed with this status and all of these texts on standard error, and did not panic.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for text in said {
            assert!(self.errors.contains(text), "{text:?} is not in {self:#?}");
        }
        assert!(!self.errors.contains("panicked"), "{self:#?}");
    }

    /// The one line on standard output, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let [line] = self.out.as_slice() else { panic!("not exactly one line: {self:#?}") };
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// The running program.
pub(crate) struct Program {
    child: Child,
    out: Receiver<String>,
    errors: Receiver<String>,
}

impl Program {
    /// Starts it with these arguments.
    pub(crate) fn start<S: AsRef<OsStr>>(arguments: &[S]) -> Self {
        Self::start_into(arguments, Stdio::piped())
    }

    /// Starts it with a standard output other than a pipe to the test.
    pub(crate) fn start_into<S: AsRef<OsStr>>(arguments: &[S], out: Stdio) -> Self {
        Self::launch(arguments, &[], out)
    }

    /// Starts it with environment variables.
    pub(crate) fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::launch(arguments, variables, Stdio::piped())
    }

    fn launch<S: AsRef<OsStr>>(arguments: &[S], variables: &[(&str, &str)], out: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_binance"));
        command.args(arguments).env_remove("BINANCE_LOG").envs(variables.iter().copied()).stdout(out);
        Self::start_command(command)
    }

    /// Starts a command whose standard output was chosen.
    pub(crate) fn start_command(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (out_sender, out) = channel();
        if let Some(pipe) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines() {
                    // A line that is not UTF-8 must not look like the end.
                    let _ = out_sender.send(line.unwrap());
                }
            });
        }
        let (error_sender, errors) = channel();
        let pipe = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                let _ = error_sender.send(line.unwrap());
            }
        });
        Self { child, out, errors }
    }

    /// The next line on standard output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.out.recv_timeout(LIMIT) {
            Ok(line) => line,
            Err(error) => panic!("no line: {error}; said {:?}", self.errors.try_iter().collect::<Vec<_>>()),
        }
    }

    /// The next line on standard error.
    #[track_caller]
    pub(crate) fn error_line(&self) -> String {
        self.errors.recv_timeout(LIMIT).unwrap()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        // Both pipes end with the program. One that goes on writing does not end either.
        let deadline = now() + LIMIT;
        let (out, errors) = (drain(&self.out, deadline), drain(&self.errors, deadline));
        let (Some(out), Some(errors)) = (out, errors) else { panic!("it did not end within {LIMIT:?}") };
        let code = self.child.wait().unwrap().code();
        Ended { code, out, errors: errors.join("\n") }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time by the clock of the machine.
#[expect(clippy::disallowed_methods, reason = "a child process runs in real time, which no test can pause")]
fn now() -> Instant {
    Instant::now()
}

/// All lines up to the end of the pipe; `None` if it does not end in time.
fn drain(lines: &Receiver<String>, deadline: Instant) -> Option<Vec<String>> {
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(now())) {
            Ok(line) if now() < deadline => all.push(line),
            Err(RecvTimeoutError::Disconnected) => return Some(all),
            Ok(_) | Err(RecvTimeoutError::Timeout) => return None,
        }
    }
}

/// Waits until something is so that no output tells.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = now() + LIMIT;
    while !is_so() {
        assert!(now() < deadline, "not within {LIMIT:?}: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// What a recording falls short of, by the report of a replay: kinds and subjects.
#[track_caller]
pub(crate) fn short(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = report["falls_short"].as_array().unwrap().iter();
    list.map(|short| format!("{} {}", text(&short["kind"]), text(&short["subject"]))).collect()
}

/// Runs the program to its end.
#[track_caller]
pub(crate) fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Ended {
    Program::start(arguments).end()
}

/// Runs the program, reads one line of its output, and closes the pipe, as `head -1` does.
#[track_caller]
pub(crate) fn run_into_head(arguments: &[&str]) -> (String, Ended) {
    let (reader, writer) = std::io::pipe().unwrap();
    let program = Program::start_into(arguments, writer.into());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        // The reader may take more than a line, and drops all of it.
        BufReader::new(reader).read_line(&mut line).unwrap();
        let _ = sender.send(line);
    });
    let line = lines.recv_timeout(LIMIT).unwrap_or_else(|error| panic!("no line: {error}"));
    (line, program.end())
}

/// The embedded exchange as a program, and its ready line.
pub(crate) struct Sim {
    pub(crate) program: Program,
    pub(crate) ready: Value,
}

impl Sim {
    /// Starts it on a free port.
    #[track_caller]
    pub(crate) fn start(more: &[&str]) -> Self {
        let program = Program::start(&[&["sim", "--listen", "127.0.0.1:0"], more].concat());
        let ready = serde_json::from_str(&program.line()).unwrap();
        Self { program, ready }
    }

    /// One of the URLs of the ready line.
    #[track_caller]
    pub(crate) fn url(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.ready))
    }

    /// Sends a request to the control API.
    #[track_caller]
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let address = self.url("control").strip_prefix("http://").unwrap();
        let mut io = TcpStream::connect(address).unwrap();
        io.set_read_timeout(Some(LIMIT)).unwrap();
        let length = body.len();
        write!(
            io,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        io.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    /// `host:port`.
    #[track_caller]
    pub(crate) fn address(&self) -> &str {
        self.url("rest").split_once("://").unwrap().1
    }

    /// Injects a fault by the control API.
    #[track_caller]
    pub(crate) fn inject(&self, fault: &Value) {
        self.control("POST", "/faults", &fault.to_string());
    }

    /// Sends a request over plain TCP, and returns status and body.
    #[track_caller]
    pub(crate) fn get(&self, path: &str, headers: &str) -> (u16, Value) {
        let mut io = TcpStream::connect(self.address()).unwrap();
        io.set_read_timeout(Some(LIMIT)).unwrap();
        write!(io, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address())
            .unwrap();
        let mut answer = String::new();
        io.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }
}

/// A loopback address where no one listens. Its port is taken as long as this lives, so that no other program gets it.
pub(crate) struct ClosedAddress {
    address: std::net::SocketAddr,
    _socket: tokio::net::TcpSocket,
}

impl std::fmt::Display for ClosedAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.address.fmt(f)
    }
}

/// Takes a port without listening on it.
pub(crate) fn closed_address() -> ClosedAddress {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    ClosedAddress { address: socket.local_addr().unwrap(), _socket: socket }
}

/// A file that is removed when the test ends.
pub(crate) struct TempFile(PathBuf);

impl TempFile {
    /// Creates it. `name` must be used by this test only.
    pub(crate) fn new(name: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        std::fs::write(&path, contents).unwrap();
        Self(path)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
