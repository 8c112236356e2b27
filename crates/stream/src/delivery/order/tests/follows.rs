//! The short way decides as the general one would have.

use super::*;
use binance_kit_net::Random;

/// A place behind or around the last one, of the kind that the stream has.
fn sequence(random: &Random, kind: u64, last: &mut u64) -> Option<Sequence> {
    let step = [0, 1, 1, 1, 1, 1, 2, 5][usize::try_from(random.below(8)).unwrap()];
    let own = if random.below(30) == 0 { last.saturating_sub(random.below(3)) } else { *last + step };
    *last = own.max(*last);
    let time = |value: u64| Timestamp::from_micros(i64::try_from(value).unwrap());
    match kind {
        0 => Some(Sequence::Id(own)),
        1 => Some(Sequence::Range { first: own, last: own }),
        2 => Some(Sequence::Linked { previous: own.saturating_sub(1), last: own }),
        3 => Some(Sequence::Growing(own)),
        4 => Some(Sequence::Time(time(own))),
        5 => {
            let (open, close) = (time(own / 10 * 10), time(own / 10 * 10 + 9));
            Some(Sequence::Candle { open, close, is_closed: own % 10 == 9, at: time(own) })
        }
        _ => None,
    }
}

#[test]
fn what_follows_is_what_the_general_way_delivers_at_once() {
    let mut short = 0;
    for seed in 0..400 {
        let random = Random::seeded(seed);
        let kind = random.below(7);
        let (mut last, mut now) = (1_000, T0);
        let can_fill = random.below(4) == 0;
        let (mut general, mut direct) = (Tracker::new(can_fill, None), Tracker::new(can_fill, None));
        for payload in 0..150_u64 {
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            now += Duration::from_millis(random.below(20));
            let source = random.below(40) / 39;
            match random.below(60) {
                0 => {
                    general.add(source);
                    direct.add(source);
                }
                1 => {
                    general.remove(now, source, &mut expected);
                    direct.remove(now, source, &mut found);
                }
                2 => {
                    general.left_out();
                    direct.left_out();
                }
                3 => {
                    general.expire(now, &mut expected);
                    direct.expire(now, &mut found);
                }
                4 => {
                    general.filled(now, Vec::new(), true, &mut expected);
                    direct.filled(now, Vec::new(), true, &mut found);
                }
                _ => {
                    let sequence = sequence(&random, kind, &mut last);
                    let received_at = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap());
                    let hash = payload % 3;
                    let arrival = || Arrival { sequence, hash, received_at, payload };
                    general.arrive(now, source, arrival(), &mut expected);
                    let before = format!("{direct:?}");
                    if direct.follows(source, sequence, received_at, || hash) {
                        short += 1;
                        found.push(Out::Deliver(payload));
                    } else {
                        assert_eq!(format!("{direct:?}"), before, "what does not follow changes nothing");
                        direct.arrive(now, source, arrival(), &mut found);
                    }
                }
            }
            assert_eq!(found, expected, "seed {seed}, event {payload}");
            assert_eq!(format!("{direct:?}"), format!("{general:?}"), "seed {seed}, event {payload}");
            if payload == 0 {
                general.add(0);
                direct.add(0);
            }
        }
    }
    assert!(short > 10_000, "only {short} went the short way");
}
