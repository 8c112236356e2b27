//! Row D7: a connection that is cut again and again comes back at once, each time.

use crate::common::{Kept, environment, world};
use crate::server::{self, Server, topics};
use binance_kit_sim::Fault;
use binance_kit_stream::{EventStream, Item, StateChange, StreamClient, StreamConfig};
use std::time::Duration;
use tokio::time::Instant;

type Connections = tokio::sync::mpsc::UnboundedReceiver<tokio::io::DuplexStream>;

/// How often and how long a stream was without a connection.
#[derive(Debug, Default)]
struct Outages {
    began: Option<Instant>,
    lengths: Vec<Duration>,
    events: u64,
}

impl Outages {
    fn take(&mut self, item: &Item<Kept>) {
        match item {
            Item::State(StateChange::Disconnected { .. }) => self.began = Some(Instant::now()),
            Item::State(StateChange::Connected { .. }) => {
                self.lengths.extend(self.began.take().map(|began| began.elapsed()));
            }
            Item::Event(_) => self.events += 1,
            _ => {}
        }
    }

    async fn listen(&mut self, stream: &mut EventStream<Kept>, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
            self.take(&item);
        }
    }

    fn total(&self) -> Duration {
        self.lengths.iter().sum()
    }

    fn longest(&self) -> Duration {
        self.lengths.iter().max().copied().unwrap_or_default()
    }
}

fn trade(id: u32) -> String {
    let data = format!(r#"{{"e":"trade","E":1,"s":"A","t":{id},"p":"1","q":"1","T":1,"m":true,"M":true}}"#);
    format!(r#"{{"stream":"a@trade","data":{data}}}"#)
}

/// Takes a connection for `a@trade`.
async fn serve(connections: &mut Connections) -> Server {
    let mut server = Server::accept(connections).await;
    server.answer_list(&["a@trade"]).await;
    server.send(&trade(1)).await;
    server
}

async fn subscribed() -> (EventStream<Kept>, Server, Connections) {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, server) =
        tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), serve(&mut connections));
    (stream.unwrap(), server, connections)
}

#[tokio::test(start_paused = true)]
async fn d7_a_cut_every_twenty_seconds_leaves_a_stream_up() {
    let (mut stream, mut server, mut connections) = subscribed().await;
    let mut outages = Outages::default();
    let serving = async {
        for second in 0..1200 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            server.send(&trade(second + 2)).await;
            if second % 20 < 19 {
                continue;
            }
            drop(server);
            server = serve(&mut connections).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        () = outages.listen(&mut stream, Duration::from_secs(3600)) => panic!("it does not come back"),
        () = serving => {}
    }
    println!("down {:?} of 1,200 s in {} cuts", outages.total(), outages.lengths.len());
    assert_eq!((outages.lengths.len(), outages.began), (60, None));
    assert!(outages.longest() <= Duration::from_millis(50), "{outages:?}");
    assert!(outages.events >= 1200, "{}", outages.events);
}

#[tokio::test(start_paused = true)]
async fn d7_a_stream_without_events_comes_back_as_well() {
    // User data of an account at rest: acknowledged, and silent for hours.
    let world = world(1).await;
    world.exchange.pause_market();
    let mut stream = world.subscribe(StreamConfig::default(), &["btcusdt@trade"]).await;
    let mut outages = Outages::default();
    for _ in 0..6 {
        outages.listen(&mut stream, Duration::from_secs(20)).await;
        world.exchange.inject(Fault::end());
    }
    outages.listen(&mut stream, Duration::from_secs(1)).await;
    assert_eq!((outages.lengths.len(), outages.events), (6, 0));
    assert!(outages.longest() <= Duration::from_millis(50), "{outages:?}");
}

#[tokio::test(start_paused = true)]
async fn d7_a_peer_that_ends_each_connection_at_once_is_waited_for() {
    let (mut stream, first, mut connections) = subscribed().await;
    drop(first);
    let begun = Instant::now();
    let reading = async { while stream.next().await.is_some() {} };
    let serving = async {
        for _ in 0..12 {
            drop(serve(&mut connections).await);
        }
    };
    tokio::select! {
        () = reading => panic!("the stream ended"),
        () = serving => {}
    }
    assert!(begun.elapsed() > Duration::from_secs(10), "{:?}", begun.elapsed());
}
