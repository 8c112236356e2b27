//! Events that arrive later than what was sent after them: the answer with the snapshot overtakes them, and each is let through
//! at a time of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::{AccountItem, AccountStream};
use binance_kit_core::{Decimal, Timestamp};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Clock, Context};
use binance_kit_sim::MemoryLink;
use binance_kit_ws_api::WsApiClient;
use common::{START, alice, builder, drain, environment, next, words};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

/// What the exchange sends, with the events held back.
#[derive(Default)]
struct Late {
    events: Mutex<VecDeque<Vec<u8>>>,
    out: Mutex<Option<UnboundedSender<Vec<u8>>>>,
    /// They end with the test.
    tasks: Mutex<Vec<Task<()>>>,
}

impl Late {
    fn connect(self: &Arc<Self>, exchange: MemoryLink) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(1 << 18);
        let (mut client_read, mut client_write) = tokio::io::split(theirs);
        let (exchange_read, mut exchange_write) = tokio::io::split(exchange);
        let (out, mut passed) = unbounded_channel::<Vec<u8>>();
        *self.out.lock().unwrap() = Some(out);
        let late = Arc::clone(self);
        self.tasks.lock().unwrap().extend([
            task::spawn("requests", async move {
                let _ = tokio::io::copy(&mut client_read, &mut exchange_write).await;
            }),
            task::spawn("frames", async move {
                let _ = late.sort(exchange_read).await;
            }),
            task::spawn("answers", async move {
                while let Some(bytes) = passed.recv().await {
                    client_write.write_all(&bytes).await.unwrap();
                }
            }),
        ]);
        ours
    }

    /// Passes the head of the upgrade and all frames on but events.
    async fn sort(&self, mut from: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(from.read_u8().await?);
        }
        self.pass(head);
        loop {
            let mut frame = vec![from.read_u8().await?, from.read_u8().await?];
            let more = match frame[1] {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            let mut length = u64::from(frame[1]);
            if more > 0 {
                length = 0;
                for _ in 0..more {
                    frame.push(from.read_u8().await?);
                    length = length << 8 | u64::from(frame[frame.len() - 1]);
                }
            }
            let start = frame.len();
            frame.resize(start + usize::try_from(length).unwrap(), 0);
            from.read_exact(&mut frame[start..]).await?;
            if String::from_utf8_lossy(&frame[start..]).contains(r#""event":{"#) {
                self.events.lock().unwrap().push_back(frame);
            } else {
                self.pass(frame);
            }
        }
    }

    fn pass(&self, bytes: Vec<u8>) {
        self.out.lock().unwrap().as_ref().unwrap().send(bytes).unwrap();
    }

    /// Lets the oldest event through.
    fn let_through(&self) {
        let event = self.events.lock().unwrap().pop_front();
        self.pass(event.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_the_snapshots_own_millisecond_have_the_whole_wait_for_their_balances_each_time() {
    let exchange = Arc::new(builder().start().await.unwrap());
    let late = Arc::new(Late::default());
    let (dialled, through) = (Arc::clone(&exchange), Arc::clone(&late));
    let context = Context::builder()
        .dial(DialWith::new(move |_| Ok(through.connect(dialled.connect()))))
        .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
        .build()
        .unwrap();
    let client = WsApiClient::builder(&context, &environment()).credentials(alice()).connect().await.unwrap();
    let mut stream = AccountStream::open(&client).await.unwrap();
    // In one millisecond: the balance after the first is that of the snapshot, and so is that after the last.
    let (account, moment) = (exchange.account("alice").unwrap(), exchange.now());
    for change in [1, 2, -2] {
        account.fund("AB", Decimal::from(change)).unwrap();
    }
    assert_eq!(exchange.now(), moment);
    assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(late.events.lock().unwrap().len(), 6);

    // The first wait is over after 100 ms. The second takes 400 ms, which end more than half a second after the first began.
    let mut items = Vec::new();
    for pause in [0, 100, 200, 100, 200, 100] {
        let until = Instant::now() + Duration::from_millis(pause);
        while let Ok(item) = tokio::time::timeout_at(until, stream.next()).await {
            items.push(item.unwrap());
        }
        late.let_through();
    }
    items.extend(drain(&mut stream).await);
    let each = ["balanceUpdate (in snapshot)", "outboundAccountPosition (in snapshot)"];
    assert_eq!(words(&items), [each, each, each].concat());
}
