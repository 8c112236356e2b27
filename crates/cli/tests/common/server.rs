//! A WebSocket server of combined streams that notes the targets of its connections and sends given frames.

use base64::Engine as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The running server. Its threads end with the test.
pub(crate) struct Server {
    address: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts it. It sends each frame on the connections that carry its stream; a frame is a stream name and its data as JSON.
    pub(crate) fn start(frames: &'static [(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let targets = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&targets);
        std::thread::spawn(move || {
            for io in listener.incoming() {
                let (io, noted) = (io.unwrap(), Arc::clone(&noted));
                std::thread::spawn(move || serve(io, frames, &noted));
            }
        });
        Self { address, targets }
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The targets of all connections so far, sorted.
    pub(crate) fn targets(&self) -> Vec<String> {
        let mut targets = self.targets.lock().unwrap().clone();
        targets.sort();
        targets
    }
}

/// Serves one client until it closes the connection.
fn serve(io: TcpStream, frames: &[(&str, &str)], noted: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(io.try_clone().unwrap());
    let mut writer = io;
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let target = lines[0].split(' ').nth(1).unwrap().to_owned();
    noted.lock().unwrap().push(target.clone());
    let key = lines
        .iter()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap();
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes(),
    );
    let accept = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    write!(
        writer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .unwrap();
    let streams: Vec<&str> = target
        .split_once("streams=")
        .map(|(_, names)| names.split('&').next().unwrap().split('/').collect())
        .unwrap_or_default();
    // The client lists its streams on each new connection; the events follow.
    let Some(request) = read_text(&mut reader) else { return };
    let (_, id) = request.rsplit_once("\"id\":").unwrap();
    let id: String = id.chars().take_while(char::is_ascii_digit).collect();
    let names = serde_json::to_string(&streams).unwrap();
    write_text(&mut writer, &format!("{{\"result\":{names},\"id\":{id}}}"));
    for (stream, data) in frames.iter().filter(|(stream, _)| streams.contains(stream)) {
        write_text(&mut writer, &format!("{{\"stream\":\"{stream}\",\"data\":{data}}}"));
    }
    while read_text(&mut reader).is_some() {}
}

/// The next frame of a client; `None` at the end.
fn read_text(reader: &mut impl std::io::Read) -> Option<String> {
    let mut head = [0; 2];
    reader.read_exact(&mut head).ok()?;
    let length = match head[1] & 0x7f {
        126 => {
            let mut long = [0; 2];
            reader.read_exact(&mut long).ok()?;
            usize::from(u16::from_be_bytes(long))
        }
        length => usize::from(length),
    };
    let mut mask = [0; 4];
    reader.read_exact(&mut mask).ok()?;
    let mut payload = vec![0; length];
    reader.read_exact(&mut payload).ok()?;
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    // Opcode 8 closes the connection.
    (head[0] & 0x0f != 8).then(|| String::from_utf8_lossy(&payload).into_owned())
}

fn write_text(writer: &mut TcpStream, text: &str) {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(length) if length < 126 => frame.push(length),
        _ => {
            frame.push(126);
            frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        }
    }
    frame.extend(text.as_bytes());
    // The client may have closed the connection.
    let _ = writer.write_all(&frame);
}
