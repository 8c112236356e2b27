//! The official SDK through its public API. Its streams call back on the task that reads; its TLS is that of the platform.

use super::{Job, Meter};
use crate::Outcome;
use binance_sdk::config::{AgentConnector, ConfigurationWebsocketStreams};
use binance_sdk::spot::SpotWsStreams;
use binance_sdk::spot::websocket_streams::{DiffBookDepthParams, TradeParams};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio_tungstenite_official::Connector;

/// The meter, and who waits for its end.
type Shared = Arc<Mutex<Option<(Meter, oneshot::Sender<Value>)>>>;

fn count(shared: &Shared, time: Option<i64>) {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((meter, _)) = shared.as_mut() else { return };
    if meter.event(time.and_then(|time| u64::try_from(time).ok()).unwrap_or(0))
        && let Some((meter, done)) = shared.take()
    {
        let _ = done.send(meter.finish());
    }
}

pub(super) async fn run(job: &Job) -> Outcome<Value> {
    let (s, host) = if job.is_tls { ("s", "localhost") } else { ("", "127.0.0.1") };
    let url = format!("ws{s}://{host}:{}{}", job.port, job.prefix());
    let mut config = ConfigurationWebsocketStreams::builder().ws_url(url);
    if job.is_tls {
        let certificate = native_tls::Certificate::from_pem(job.roots.as_bytes())?;
        let connector = native_tls::TlsConnector::builder().add_root_certificate(certificate).build()?;
        config = config.agent(AgentConnector(Connector::NativeTls(connector)));
    }
    let client =
        SpotWsStreams::from_config(config.build()?).connect().await.map_err(|error| error.to_string())?;
    let (done, figures) = oneshot::channel();
    let shared: Shared = Arc::new(Mutex::new(Some((Meter::new(job), done))));
    let mut streams = Vec::new();
    for name in job.names() {
        let symbol = name.split('@').next().unwrap_or_default().to_owned();
        let shared = Arc::clone(&shared);
        if job.is_depth() {
            let stream = client.diff_book_depth(DiffBookDepthParams::builder(symbol).build()?).await;
            let stream = stream.map_err(|error| error.to_string())?;
            stream.on_message(move |event| count(&shared, std::hint::black_box(&event).e_uppercase));
            streams.push(Box::new(stream) as Box<dyn std::any::Any + Send>);
        } else {
            let stream = client.trade(TradeParams::builder(symbol).build()?).await;
            let stream = stream.map_err(|error| error.to_string())?;
            stream.on_message(move |event| count(&shared, std::hint::black_box(&event).e_uppercase));
            streams.push(Box::new(stream) as Box<dyn std::any::Any + Send>);
        }
    }
    let figures = figures.await?;
    drop(streams);
    Ok(figures)
}
