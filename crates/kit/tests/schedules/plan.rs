//! A schedule: which faults, when, and how the consumer behaves. All of it follows from a seed.

use binance_kit::sim::{Direction, Fault, FaultKind};
use std::fmt;
use std::time::Duration;

/// The streams that are watched.
pub(crate) const STREAMS: [&str; 5] =
    ["btcusdt@trade", "btcusdt@aggTrade", "btcusdt@depth@100ms", "ethusdt@trade", "ethusdt@kline_1s"];

/// For how long faults are ordered.
pub(crate) const TROUBLE: Duration = Duration::from_secs(36);

/// A schedule.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) faults: Vec<Fault>,
    /// When the program asks for new connections.
    pub(crate) rotations: Vec<Duration>,
    /// Whether the consumer sleeps now and then, with a queue that drops what does not fit.
    pub(crate) is_slow: bool,
}

/// splitmix64: the numbers of a seed.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn size(&mut self, bound: u64) -> usize {
        usize::try_from(self.below(bound)).unwrap()
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from * 1000 + self.below((to - from) * 1000))
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.size(of.len() as u64)]
    }
}

impl Plan {
    pub(crate) fn random(seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let count = 1 + numbers.below(6);
        let mut faults = Vec::new();
        for _ in 0..count {
            let at = numbers.seconds(3, TROUBLE.as_secs());
            faults.extend(some_fault(&mut numbers).into_iter().map(|fault| {
                let (fault, later) = fault;
                fault.at(at + later)
            }));
        }
        let rotations = (0..numbers.below(3)).map(|_| numbers.seconds(0, TROUBLE.as_secs())).collect();
        let wants_slow = numbers.below(5) == 0;
        let mut plan = Self { seed, faults, rotations, is_slow: false };
        // Frames that cannot be read are dropped and counted like events: they would blur the count.
        plan.is_slow = wants_slow
            && !plan.has(|kind| matches!(kind, FaultKind::Garble {} | FaultKind::FirstByte { .. }));
        plan
    }

    fn has(&self, is_it: impl Fn(&FaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| is_it(fault.kind()))
    }

    /// Whether single frames get lost on connections that go on: a stream without ids does not show that.
    pub(crate) fn loses_frames(&self) -> bool {
        self.has(|kind| {
            matches!(
                kind,
                FaultKind::Drop {}
                    | FaultKind::Silence {}
                    | FaultKind::Garble {}
                    | FaultKind::Reorder { .. }
                    | FaultKind::Delay { .. }
                    | FaultKind::FirstByte { .. }
            )
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.faults.len() + self.rotations.len()
    }

    /// Without so many of its faults and rotations.
    pub(crate) fn without(&self, at: usize, count: usize) -> Self {
        let mut less = self.clone();
        let kept = |index: usize| !(at..at + count).contains(&index);
        let faults = less.faults.len();
        less.faults = less
            .faults
            .into_iter()
            .enumerate()
            .filter(|(index, _)| kept(*index))
            .map(|(_, one)| one)
            .collect();
        less.rotations = less
            .rotations
            .into_iter()
            .enumerate()
            .filter(|(index, _)| kept(faults + *index))
            .map(|(_, one)| one)
            .collect();
        less
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, slow: {}, rotations {:?}", self.seed, self.is_slow, self.rotations)?;
        for fault in &self.faults {
            writeln!(f, "{}", fault.to_json())?;
        }
        Ok(())
    }
}

/// One mishap: faults, and how much later than the first each comes.
fn some_fault(numbers: &mut Numbers) -> Vec<(Fault, Duration)> {
    let now = Duration::ZERO;
    let stream = numbers.pick(&STREAMS);
    // What happens to a frame happens to one of a stream, or of any.
    let somewhere = numbers.below(3) > 0;
    // The exchange's own order is kept where there are no ids to say that it is another one.
    let with_ids = numbers.pick(&STREAMS[..4]);
    let on = |fault: Fault| if somewhere { fault.on_stream(stream) } else { fault };
    let times = 1 + numbers.below(4);
    let fault = match numbers.below(36) {
        0 => Fault::reset(),
        1 => Fault::end(),
        2 => Fault::close(numbers.pick(&[1000, 1001, 1002, 1008, 1011, 1012, 3000, 4000]), "so it is"),
        3 => Fault::expire(),
        4 => {
            // Announced, and closed at once or after a while.
            let notice = numbers.pick(&[
                now,
                Duration::from_millis(50),
                Duration::from_secs(3),
                Duration::from_secs(20),
            ]);
            return vec![(Fault::server_shutdown(), now), (Fault::close(1001, "going away"), notice)];
        }
        5 => Fault::half_open().lasting(numbers.seconds(1, 60)),
        6 => Fault::one_way(Direction::ToClient).lasting(numbers.seconds(1, 60)),
        7 => Fault::one_way(Direction::ToExchange).lasting(numbers.seconds(1, 90)),
        8 => Fault::silent_stream(stream).lasting(numbers.seconds(1, 40)),
        9 => Fault::silence().lasting(numbers.seconds(1, 40)),
        10 | 11 => on(Fault::gap().times(times)),
        12 => Fault::gap()
            .on_stream(stream)
            .always()
            .probability(0.2, numbers.next())
            .lasting(numbers.seconds(1, 20)),
        13 => on(Fault::duplicate().times(times)),
        14 => Fault::duplicate().always().probability(0.3, numbers.next()).lasting(numbers.seconds(1, 20)),
        15 | 16 => {
            Fault::reorder(u32::try_from(1 + numbers.below(5)).unwrap()).on_stream(with_ids).times(times)
        }
        17 => on(Fault::garble().times(times)),
        18 => on(Fault::invalid_utf8()),
        19 => on(Fault::mask()),
        20 => on(Fault::fragment(1 + numbers.size(40)).times(times)),
        21 => on(Fault::fragment_with_pings(1 + numbers.size(200))),
        22 => on(Fault::first_byte(u8::try_from(numbers.below(256)).unwrap())),
        23 => on(Fault::announce(1 << numbers.below(62))),
        24 => on(Fault::cut(numbers.size(200))),
        25 => on(Fault::cut_by_reset(numbers.size(200))),
        26 => {
            let lasting = if numbers.below(2) == 0 { None } else { Some(numbers.seconds(1, 30)) };
            on(Fault::stall(numbers.size(200), lasting))
        }
        27 => on(Fault::drip(1 + u32::try_from(numbers.below(200)).unwrap())),
        28 => {
            // A new connection, and its acknowledgement is late or does not come.
            let fault = if numbers.below(2) == 0 {
                Fault::lose_acknowledgement()
            } else {
                Fault::delay_acknowledgement(numbers.seconds(1, 20))
            };
            return vec![(fault.times(times), now), (Fault::reset(), now)];
        }
        29 => Fault::ping_flood(200, 100),
        30 => Fault::throttle(500).lasting(numbers.seconds(1, 20)),
        31 => {
            let wait = numbers.seconds(1, 8);
            let fault = match numbers.below(4) {
                0 => Fault::too_many_requests(Some(wait)),
                1 => Fault::banned(Some(wait)),
                2 => Fault::firewall(),
                _ => Fault::unavailable(None),
            };
            return vec![(fault.on_handshake().times(times), now), (Fault::reset(), now)];
        }
        32 => {
            let fault = match numbers.below(3) {
                0 => Fault::lose_request(),
                1 => Fault::delay_response(numbers.seconds(1, 15)),
                _ => Fault::cut_response(numbers.below(120)),
            };
            return vec![(fault.on_handshake().times(times), now), (Fault::end(), now)];
        }
        33 => {
            let fault =
                if numbers.below(2) == 0 { Fault::refuse_connections() } else { Fault::ignore_connections() };
            return vec![(fault.lasting(numbers.seconds(1, 30)), now), (Fault::reset(), now)];
        }
        34 => {
            // The snapshots of the book fail when they are needed.
            let depth = "GET /api/v3/depth";
            let fault = match numbers.below(4) {
                0 => Fault::unavailable(None),
                1 => Fault::lose_response(),
                2 => Fault::delay_response(numbers.seconds(1, 20)),
                _ => Fault::cut_response(numbers.below(2000)),
            };
            return vec![
                (fault.on_request(depth).times(times), now),
                (Fault::gap().on_stream("btcusdt@depth@100ms"), now),
            ];
        }
        _ => Fault::delay(numbers.seconds(0, 5)).on_stream(with_ids).times(times),
    };
    vec![(fault, now)]
}
