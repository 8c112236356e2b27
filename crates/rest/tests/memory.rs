//! What it takes to read a big answer over REST, from the peer to the caller, as the allocator counts it. A program of its own: the
//! allocator counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failure here is the failure of a test, and the figures are of interest"
)]

mod common;

use binance_kit_core::{Api, Cost, HttpMethod, ParamWriter, Request, RestRequest, Security};
use common::{Exchange, ok};
use std::borrow::Cow;

const MIB: usize = 1 << 20;

/// A request that is answered by a list of lists.
struct Levels;

impl Request for Levels {
    type Response = Vec<Vec<u64>>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::FREE
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for Levels {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/levels")
    }
}

#[test]
fn k12_a_big_body_takes_at_most_four_times_its_length() {
    let mut body = Some(ok(&format!("[{}[0,0]]", "[1234567,7654321],".repeat(15 * MIB / 18))));
    let length = body.as_ref().map_or(0, Vec::len);
    let mut kept = None;
    let counts = allocation_counter::measure(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        kept = Some(runtime.enable_all().start_paused(true).build().unwrap().block_on(async {
            let exchange =
                Exchange::new(move |_, _| vec![common::Act::Send(body.take().unwrap_or_default())]);
            exchange.client().send(Levels).await.unwrap().into_value()
        }));
    });
    assert!(kept.is_some_and(|levels| levels.len() > 800_000));
    // Without the list. The peer's copy, which was made before and is gone, is in the difference.
    let peak = usize::try_from(i64::try_from(counts.bytes_max).unwrap() - counts.bytes_current).unwrap();
    println!("{} MiB at the peak for {} MiB", peak / MIB, length / MIB);
    assert!(peak <= 4 * length, "{peak} for {length}");
}
