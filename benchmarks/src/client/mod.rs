//! The clients that are measured against the sender, each in a process of its own.

mod bare;
#[cfg(feature = "official")]
mod official;
mod ours;
mod tungstenite;

use crate::{Outcome, allocations, clock, figures, sender};
use serde_json::{Value, json};

/// What a client is asked to do.
pub(crate) struct Job {
    /// `flood` or `paced`.
    mode: String,
    /// `trade`, `depth1k` or `depth10k`.
    kind: String,
    port: u16,
    is_tls: bool,
    /// Messages, the warm-up among them.
    count: u64,
    /// `single` for one TLS record an event, `batch` otherwise; the gap in microseconds when paced.
    framing: String,
    /// Number of streams.
    streams: usize,
    /// Number of connections.
    connections: usize,
    /// The sender's certificate.
    roots: String,
}

impl Job {
    /// The part of the path that the sender reads.
    fn prefix(&self) -> String {
        let Self { mode, kind, count, framing, .. } = self;
        format!("/{mode}/{kind}/{count}/{framing}/{}", self.streams_of_a_connection())
    }

    fn streams_of_a_connection(&self) -> usize {
        self.streams.div_ceil(self.connections)
    }

    /// Names of the streams.
    fn names(&self) -> Vec<String> {
        let suffix = if self.kind == "trade" { "trade" } else { "depth" };
        match self.streams {
            1 => vec![format!("btcusdt@{suffix}")],
            count => (0..count).map(|number| format!("s{number}usdt@{suffix}")).collect(),
        }
    }

    fn is_depth(&self) -> bool {
        self.kind != "trade"
    }

    fn warm_up(&self) -> u64 {
        if self.mode == "paced" { 100 } else { (self.count / 10).max(1) }
    }

    fn tls(&self) -> Outcome<rustls::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in rustls::pki_types::pem::PemObject::pem_slice_iter(self.roots.as_bytes()) {
            let certificate: rustls::pki_types::CertificateDer<'static> = certificate?;
            roots.add(certificate)?;
        }
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        Ok(rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth())
    }
}

/// Threads of a runtime with several.
const WORKERS: usize = 2;

/// Measures from the end of the warm-up to the last message.
pub(crate) struct Meter {
    warm_up: u64,
    count: u64,
    seen: u64,
    is_paced: bool,
    latencies: Vec<f64>,
    start: Reading,
}

#[derive(Default, Clone, Copy)]
struct Reading {
    time: u64,
    processor: u64,
    allocations: u64,
}

impl Reading {
    fn now() -> Self {
        Self {
            time: clock::monotonic(),
            processor: clock::processor_time(),
            allocations: allocations::count(),
        }
    }
}

impl Meter {
    fn new(job: &Job) -> Self {
        let latencies = if job.mode == "paced" { usize::try_from(job.count).unwrap_or(0) } else { 0 };
        Self {
            warm_up: job.warm_up(),
            count: job.count,
            seen: 0,
            is_paced: job.mode == "paced",
            latencies: Vec::with_capacity(latencies),
            start: Reading::default(),
        }
    }

    /// Counts a message; says whether it was the last.
    #[inline]
    fn message(&mut self) -> bool {
        self.seen += 1;
        if self.seen == self.warm_up {
            self.start = Reading::now();
        }
        self.seen == self.count
    }

    /// As [`Meter::message`], with the time of the event when paced: the sender's clock at the moment of sending.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a latency")]
    fn event(&mut self, time: u64) -> bool {
        if self.is_paced && self.seen >= self.warm_up {
            let now = clock::monotonic() + sender::TIME_OFFSET;
            self.latencies.push(now.saturating_sub(time) as f64);
        }
        self.message()
    }

    /// The figures, once the last message was counted.
    fn finish(mut self) -> Value {
        let end = Reading::now();
        let messages = usize::try_from(self.count - self.warm_up).unwrap_or(usize::MAX);
        let mut figures = json!({
            "cpu_ns": figures::per(end.processor - self.start.processor, messages),
            "wall_ns": figures::per(end.time - self.start.time, messages),
            "allocations": figures::per(end.allocations - self.start.allocations, messages),
            "memory_kb": clock::memory("VmHWM"),
        });
        if self.is_paced {
            self.latencies.sort_by(f64::total_cmp);
            for (name, part) in [("p50_ns", 50), ("p99_ns", 99)] {
                let at = self.latencies.len().saturating_sub(1) * part / 100;
                figures[name] = json!(self.latencies.get(at));
            }
        }
        figures
    }
}

/// The client `NAME RUNTIME MODE KIND PORT TLS COUNT FRAMING STREAMS`; prints its figures.
pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    let [name, runtime, mode, kind, port, tls, count, framing, streams] = arguments else {
        return Err("started by this program itself".into());
    };
    let job = Job {
        mode: (*mode).to_owned(),
        kind: (*kind).to_owned(),
        port: port.parse()?,
        is_tls: *tls == "tls",
        count: count.parse()?,
        framing: (*framing).to_owned(),
        streams: streams.parse()?,
        connections: if name.ends_with("-4") { 4 } else { 1 },
        roots: std::env::var("BENCHMARK_ROOTS").unwrap_or_default(),
    };
    let name = (*name).to_owned();
    // One processor is the sender's. Only a flood of several threads may use both: that is what is measured there.
    if *runtime == "current" || job.mode == "paced" {
        clock::pin(0);
    }
    let several = || tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let figures = match *runtime {
        "current" => {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(client(name, job))
        }
        // As `#[tokio::main]` runs its main function.
        "main" => several()?.block_on(client(name, job)),
        "task" => {
            let runtime = several()?;
            let task = runtime.spawn(client(name, job));
            runtime.block_on(task)?
        }
        _ => return Err("no such runtime".into()),
    }?;
    println!("{figures}");
    // Without the end of each client's tasks, which is not measured.
    std::process::exit(0)
}

async fn client(name: String, job: Job) -> Outcome<Value> {
    match name.as_str() {
        "bare" => bare::run(&job).await,
        "tungstenite" => tungstenite::run(&job).await,
        "pull" | "pull-4" | "spawned" | "mixed" => ours::run(&job, &name).await,
        #[cfg(feature = "official")]
        "official" => official::run(&job).await,
        _ => Err(format!("no client is called {name}").into()),
    }
}
