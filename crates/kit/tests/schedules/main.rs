//! Random schedules of faults under simulated time. Of each: what was delivered and what was reported missing add up to
//! what the exchange published; every book that says it is synced is the exchange's; no stream stays silent
//! unreported.
//!
//! `BINANCE_KIT_SEED` plays one schedule, `BINANCE_KIT_SCHEDULES` says how many each of the tests below plays: few by default,
//! so that the suite stays short; a thousand in all in `cargo xtask ci`. A schedule that fails is made as small as it can be before it is shown.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[cfg(test)]
mod check;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod play;

use plan::Plan;

/// How many schedules each part plays by default. One takes 0.4 seconds of processor time in a debug build.
const SCHEDULES: u64 = 8;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn play(plan: &Plan) -> Result<play::Tally, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(play::play(plan))
}

/// Leaves out of a schedule that fails whatever it fails without.
fn shrink(plan: &Plan, mut why: String) -> (Plan, String) {
    let mut smallest = plan.clone();
    let mut size = smallest.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < smallest.len() {
            let smaller = smallest.without(at, size);
            match play(&smaller) {
                Err(error) => {
                    (smallest, why) = (smaller, error);
                }
                Ok(_) => at += size,
            }
        }
        size /= 2;
    }
    (smallest, why)
}

#[cfg(test)]
fn part(part: u64) {
    let one = number("BINANCE_KIT_SEED");
    let count = number("BINANCE_KIT_SCHEDULES").unwrap_or(SCHEDULES);
    let seeds = match one {
        Some(seed) if part == 0 => seed..seed + 1,
        Some(_) => 0..0,
        None => part * count..(part + 1) * count,
    };
    let mut sum = play::Tally::default();
    for seed in seeds.clone() {
        let plan = Plan::random(seed);
        match play(&plan) {
            Ok(tally) => sum.add(&tally),
            Err(why) => {
                let (smallest, reason) = shrink(&plan, why.clone());
                panic!("BINANCE_KIT_SEED={seed}: {why}\nand the smallest schedule: {reason}\n{smallest}");
            }
        }
    }
    println!("seeds {seeds:?}: {sum:?}");
    if one.is_none() && count >= SCHEDULES {
        // A test that compared nothing would pass, too.
        assert!(sum.events > 100 * count && sum.books > count, "{sum:?}");
    }
    if one.is_none() && count >= 50 {
        assert!(sum.hits > count && sum.events > 100 * count, "{sum:?}");
        assert!(sum.missing > 0 && sum.lagged > 0 && sum.books > 10 * count && sum.stale > 0, "{sum:?}");
    }
}

macro_rules! parts {
    ($($name:ident: $part:literal,)*) => {$(
        #[test]
        fn $name() {
            part($part);
        }
    )*};
}

// Several tests, so that they run side by side.
parts! {
    random_schedules_of_faults_part_1: 0,
    random_schedules_of_faults_part_2: 1,
    random_schedules_of_faults_part_3: 2,
    random_schedules_of_faults_part_4: 3,
    random_schedules_of_faults_part_5: 4,
    random_schedules_of_faults_part_6: 5,
    random_schedules_of_faults_part_7: 6,
    random_schedules_of_faults_part_8: 7,
}
