//! The task behind a user socket.

use super::callbacks::Shared;
use crate::spot::AccountEvent;
use binance_kit_net::Clock;
use binance_kit_ws_api::{ErrorKind, UserDataItem, UserDataStream, WsApiClient};
use std::sync::Arc;
use std::time::Duration;

/// The wait before a stream that ran full is subscribed again, when that fails.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Calls a function with what the stream delivers. A function that was too slow gets `Interrupted`, and the stream begins again.
pub(super) async fn listen(
    client: WsApiClient,
    mut stream: UserDataStream<AccountEvent>,
    clock: Clock,
    shared: Arc<Shared>,
    name: String,
    mut callback: impl FnMut(UserDataItem<AccountEvent>) + Send + 'static,
) {
    loop {
        while let Some(item) = stream.next().await {
            shared.call(&name, || callback(item));
            tokio::task::yield_now().await;
        }
        if !stream.is_overflowed() {
            return;
        }
        tracing::warn!(socket = name, "a callback was too slow for the account's events");
        shared.call(&name, || callback(UserDataItem::Interrupted));
        drop(stream);
        stream = loop {
            match client.subscribe_user_data().await {
                Ok(stream) => break stream,
                Err(error) if error.kind() == ErrorKind::Closed => return,
                Err(error) => tracing::warn!(%error, "cannot subscribe to user data again"),
            }
            clock.sleep(RETRY_AFTER).await;
        };
    }
}

#[cfg(test)]
#[cfg(feature = "sim")]
mod tests {
    use super::*;
    use binance_kit_core::Decimal;
    use binance_kit_net::clock::VirtualWallClock;
    use binance_kit_net::io::DialWith;
    use binance_kit_net::{Context, Environment};
    use binance_kit_sim::{AccountConfig, Exchange};
    use binance_kit_ws_api::WsApiConfig;
    use std::sync::Mutex;

    #[tokio::test(start_paused = true)]
    async fn k1_a_function_that_is_too_slow_is_interrupted_and_the_stream_begins_again() {
        let alice = AccountConfig::new("alice").hmac_key("aliceKey", "aliceSecret").unwrap();
        let exchange = Exchange::builder().in_memory().no_market().account(alice).start().await.unwrap();
        let exchange = Arc::new(exchange);
        let dialled = Arc::clone(&exchange);
        let context = Context::builder()
            .dial(DialWith::new(move |_| Ok(dialled.connect())))
            .clock(Clock::new(VirtualWallClock::starting_at(exchange.now())))
            .build()
            .unwrap();
        let url = "ws://127.0.0.1:1";
        let environment =
            Environment::custom("http://127.0.0.1:1", url, "ws://127.0.0.1:1/ws-api/v3").unwrap();
        let client = WsApiClient::builder(&context, &environment)
            .credentials(binance_kit_sign::Credentials::hmac("aliceKey", "aliceSecret").unwrap())
            .config(WsApiConfig { user_data_queue: 4, ..WsApiConfig::default() })
            .connect()
            .await
            .unwrap();
        let stream = client.subscribe_user_data().await.unwrap();
        let deposit = || exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
        // More than the queue holds, before the first call.
        for _ in 0..4 {
            deposit();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        // The first attempt to begin again fails.
        let busy = r#"{"code":-1003,"msg":"Too many requests."}"#;
        exchange.fail_next_request("userDataStream.subscribe.signature", 400, busy);
        let seen: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let called = Arc::clone(&seen);
        let clock = context.clock().clone();
        let task = listen(client.clone(), stream, clock, Arc::default(), "user".to_owned(), move |item| {
            called.lock().unwrap().push(match item {
                UserDataItem::Subscribed => "subscribed",
                UserDataItem::Interrupted => "interrupted",
                UserDataItem::Event { .. } => "event",
                _ => "other",
            });
        });
        tokio::join!(task, async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            deposit();
            tokio::time::sleep(Duration::from_secs(1)).await;
            // With the client everything ends.
            client.close().await;
        });
        let seen = seen.lock().unwrap();
        assert_eq!(seen[..5], ["subscribed", "event", "event", "event", "interrupted"], "{seen:?}");
        assert_eq!(seen[5..], ["subscribed", "event", "event", "interrupted"], "{seen:?}");
    }
}
