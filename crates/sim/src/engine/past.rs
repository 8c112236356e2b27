//! What was traded before an exchange began: made up from a seed, and computed when it is asked for.
//!
//! The past is made of slots of a minute, counted from the beginning of the exchange. Everything in a slot depends on the
//! seed and on the number of the slot alone, so that any of them can be computed without the others. Prices follow value
//! noise of several wavelengths, from days down to single slots, and arrive at the price that the symbol starts with. Candles
//! are made of the trades, so that all intervals agree with each other and with the trades.

use super::chart::{Candle, Interval};
use super::event::{AggregateTrade, Trade};
use super::fixed::Fixed;
use super::rules::Rules;
use crate::random::Random;
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Milliseconds of a slot.
const SLOT: i64 = 60_000;
/// The least price, in ticks.
const LEAST: i64 = 16;
/// Wavelengths of the noise in slots, and amplitudes in parts of a thousand million.
const OCTAVES: [(i64, i64); 7] = [
    (2880, 30_000_000),
    (720, 12_000_000),
    (180, 6_000_000),
    (45, 3_000_000),
    (11, 1_500_000),
    (3, 700_000),
    (1, 250_000),
];
const WHOLE: i64 = 1_000_000_000;

/// The past of a symbol.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Past {
    /// Seed of the symbol.
    seed: u64,
    /// When the exchange began, in milliseconds: the end of the last slot.
    end: i64,
    /// Slots that there are.
    slots: u32,
    /// How many of them, the last ones, are remembered as if they had been traded: they are not part of the rest.
    remembered: u32,
    /// The price at the end, in ticks.
    price: i64,
    /// Tick size.
    tick: Fixed,
    /// Step size.
    step: Fixed,
    /// Quantity of an ordinary taker, in steps.
    lot: u64,
    /// Most that one trade may be, in steps.
    max_steps: u64,
    /// Trades and aggregate trades before each slot.
    #[serde(skip)]
    index: OnceLock<Vec<[u32; 2]>>,
    /// Candles of minutes by days of UTC, each computed when it is asked for.
    #[serde(skip)]
    days: OnceLock<Vec<OnceLock<Vec<Candle>>>>,
}

/// What a taker traded: one to three trades at one price.
#[derive(Debug, Clone, Copy)]
struct Take {
    /// Time in milliseconds.
    time: i64,
    /// Price.
    price: Fixed,
    /// Quantity in steps.
    steps: u64,
    /// Trades that it was made in.
    parts: u64,
    /// Whether the taker sold.
    sells: bool,
}

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number as another, which it always is here.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Past {
    /// Makes up so many days before `end`. `notional` is the value of an ordinary taker.
    pub(crate) fn new(seed: u64, rules: &Rules, days: u32, notional: Fixed, end: Timestamp) -> Self {
        let steps = |quantity: Fixed| {
            u64::try_from(quantity.units() / rules.step_size.units().max(1)).unwrap_or(u64::MAX).min(1 << 40)
        };
        let ticks = rules.initial_price.units() / rules.tick_size.units().max(1);
        let slots = days.min(366) * 24 * 60;
        Self {
            seed,
            end: end.as_millis(),
            slots,
            remembered: slots.min(REMEMBERED),
            // Small enough for a few times as much.
            price: i64::try_from(ticks).unwrap_or(i64::MAX).clamp(LEAST, i64::MAX / 64),
            tick: rules.tick_size,
            step: rules.step_size,
            lot: steps(notional.over(rules.initial_price)).max(1),
            max_steps: steps(rules.max_quantity).max(1),
            index: OnceLock::new(),
            days: OnceLock::new(),
        }
    }

    /// When the past begins, in milliseconds.
    pub(super) fn begin(&self) -> i64 {
        self.start_of(0)
    }

    /// When a slot begins, in milliseconds.
    fn start_of(&self, slot: u32) -> i64 {
        self.end - i64::from(self.slots - slot.min(self.slots)) * SLOT
    }

    fn noise(&self, slot: i64) -> i64 {
        OCTAVES
            .iter()
            .zip(1_u64..)
            .map(|((length, amplitude), octave)| {
                let at = |point: i64| {
                    let drawn = mix(self.seed ^ mix(octave << 40 ^ point.unsigned_abs()));
                    signed(drawn % (2 * amplitude.unsigned_abs() + 1)) - amplitude
                };
                let (point, rest) = (slot.div_euclid(*length), slot.rem_euclid(*length));
                let (before, behind) = (at(point), at(point + 1));
                before + (behind - before) * rest / length
            })
            .sum()
    }

    /// The price at the beginning of a slot, in ticks.
    fn price_at(&self, slot: u32) -> i64 {
        let moved = self.noise(slot.into()) - self.noise(self.slots.into());
        let price = i128::from(self.price) * i128::from(WHOLE + moved) / i128::from(WHOLE);
        i64::try_from(price).unwrap_or(i64::MAX).max(LEAST)
    }

    /// The random source of a slot, how many takers there were, and how many trades each of them made, two bits each.
    fn head(&self, slot: u32) -> (Random, u64, u64) {
        let mut random = Random::new(mix(self.seed ^ u64::from(slot)));
        let takers = 4 + random.below(8);
        let parts = random.next();
        (random, takers, parts)
    }

    const fn parts(bits: u64, taker: u64) -> u64 {
        // One trade in half of the cases, two or three in a quarter each.
        match (bits >> (2 * taker)) & 3 {
            3 => 3,
            2 => 2,
            _ => 1,
        }
    }

    fn takes(&self, slot: u32) -> impl Iterator<Item = Take> {
        let (mut random, takers, bits) = self.head(slot);
        let (start, from, to) = (self.start_of(slot), self.price_at(slot), self.price_at(slot + 1));
        let (length, swing) = (SLOT / signed(takers), (self.price / 20_000).max(1));
        let (tick, lot, max) = (self.tick, self.lot, self.max_steps);
        (0..takers).map(move |taker| {
            let time = start + signed(taker) * length + signed(random.below(length.unsigned_abs()));
            let towards = from + (to - from) * signed(taker + 1) / signed(takers);
            let stray = signed(random.below(2 * swing.unsigned_abs() + 1)) - swing;
            // The last one is where the next slot begins.
            let ticks = if taker + 1 == takers { to } else { (towards + stray).max(LEAST) };
            let sells = random.chance(if to < from { 11 } else { 9 }, 20);
            let large = random.next().trailing_zeros().min(6);
            let parts = Self::parts(bits, taker);
            let steps = (((lot * (1 + random.below(12))) << large) / 16).min(max).max(parts);
            let price = Fixed::from_units(tick.units() * i128::from(ticks));
            Take { time, price, steps, parts, sells }
        })
    }

    /// The trades of a slot, each with whether it is the first of its taker, with ids that follow `before`.
    fn trades_of(&self, slot: u32, before: u64) -> impl Iterator<Item = (Trade, bool)> {
        let step = self.step;
        let mut id = before;
        self.takes(slot).flat_map(move |take| {
            let first = id + 1;
            id += take.parts;
            (0..take.parts).map(move |part| {
                // The first one has what is left of an even division.
                let even = take.steps / take.parts;
                let steps = if part == 0 { take.steps - even * (take.parts - 1) } else { even };
                let quantity = Fixed::from_units(step.units() * i128::from(steps));
                let trade = Trade {
                    id: first + part,
                    price: take.price,
                    quantity,
                    quote: take.price.times(quantity),
                    time: Timestamp::from_millis(take.time),
                    buyer_is_maker: take.sells,
                };
                (trade, part == 0)
            })
        })
    }

    fn index(&self) -> &[[u32; 2]] {
        self.index.get_or_init(|| {
            let mut sums = [0_u32; 2];
            let mut index = vec![sums];
            for slot in 0..self.slots - self.remembered {
                let (_, takers, bits) = self.head(slot);
                let trades: u64 = (0..takers).map(|taker| Self::parts(bits, taker)).sum();
                sums[0] = sums[0].saturating_add(u32::try_from(trades).unwrap_or(u32::MAX));
                sums[1] = sums[1].saturating_add(u32::try_from(takers).unwrap_or(u32::MAX));
                index.push(sums);
            }
            index
        })
    }

    /// How many trades, and how many aggregate trades, there are before those that are remembered: the last of their ids.
    pub(super) fn counts(&self) -> (u64, u64) {
        let [trades, aggregates] = self.index().last().copied().unwrap_or_default();
        (trades.into(), aggregates.into())
    }

    /// The trades from an id on, oldest first.
    pub(super) fn trades_from(&self, id: u64) -> impl Iterator<Item = Trade> + '_ {
        let index = self.index();
        let slot = index.partition_point(|[trades, _]| u64::from(*trades) < id.max(1)).saturating_sub(1);
        self.slots_from(slot)
            .flat_map(|(slot, [before, _])| self.trades_of(slot, before.into()))
            .filter_map(move |(trade, _)| (trade.id >= id).then_some(trade))
    }

    /// The slots from one on, with what was before each.
    fn slots_from(&self, slot: usize) -> impl DoubleEndedIterator<Item = (u32, [u32; 2])> + '_ {
        let index = self.index();
        let count = index.len().saturating_sub(1);
        (slot.min(count)..count).filter_map(move |slot| Some((u32::try_from(slot).ok()?, *index.get(slot)?)))
    }

    fn aggregates_of(&self, slot: u32, [trades, aggregates]: [u32; 2]) -> Vec<AggregateTrade> {
        let mut out: Vec<AggregateTrade> = Vec::new();
        for (trade, is_first) in self.trades_of(slot, trades.into()) {
            match out.last_mut() {
                Some(last) if !is_first => {
                    last.quantity += trade.quantity;
                    last.last_trade = trade.id;
                }
                _ => out.push(AggregateTrade {
                    id: u64::from(aggregates) + out.len() as u64 + 1,
                    price: trade.price,
                    quantity: trade.quantity,
                    first_trade: trade.id,
                    last_trade: trade.id,
                    time: trade.time,
                    buyer_is_maker: trade.buyer_is_maker,
                }),
            }
        }
        out
    }

    /// The aggregate trades from an id on, oldest first.
    pub(super) fn aggregates_from(&self, id: u64) -> impl Iterator<Item = AggregateTrade> + '_ {
        let index = self.index();
        let slot = index.partition_point(|[_, before]| u64::from(*before) < id.max(1)).saturating_sub(1);
        let all = self.slots_from(slot).flat_map(|(slot, before)| self.aggregates_of(slot, before));
        all.filter(move |aggregate| aggregate.id >= id)
    }

    /// The slot that a time is in.
    fn slot_at(&self, millis: i64) -> usize {
        usize::try_from(millis.saturating_sub(self.start_of(0)).div_euclid(SLOT)).unwrap_or(0)
    }

    /// The aggregate trades from a time on, oldest first.
    pub(super) fn aggregates_since(&self, start: Timestamp) -> impl Iterator<Item = AggregateTrade> + '_ {
        let slots = self.slots_from(self.slot_at(start.as_millis()));
        slots
            .flat_map(|(slot, before)| self.aggregates_of(slot, before))
            .filter(move |aggregate| aggregate.time >= start)
    }

    /// The aggregate trades up to a time, newest first.
    pub(super) fn aggregates_until(&self, end: Timestamp) -> impl Iterator<Item = AggregateTrade> + '_ {
        self.slots_from(0)
            .rev()
            .skip_while(move |(slot, _)| self.start_of(*slot) > end.as_millis())
            .flat_map(|(slot, before)| self.aggregates_of(slot, before).into_iter().rev())
            .filter(move |aggregate| aggregate.time <= end)
    }

    /// What is remembered as if it had been traded: trades, each with whether it is the first of its taker.
    pub(super) fn remembered(&self) -> impl Iterator<Item = (Trade, bool)> + '_ {
        let (mut last, _) = self.counts();
        (self.slots - self.remembered..self.slots).flat_map(move |slot| {
            let trades: Vec<_> = self.trades_of(slot, last).collect();
            last += trades.len() as u64;
            trades
        })
    }

    /// The candles of an interval, oldest first: those around `from..=to` at least, with one before where there is one. Of
    /// minutes there are all later ones too, computed when they are taken.
    pub(super) fn candles(
        &self,
        interval: Interval,
        offset: i64,
        (from, to): (i64, i64),
    ) -> Box<dyn DoubleEndedIterator<Item = Candle> + '_> {
        match interval {
            Interval::S1 => Box::new(self.seconds(from, to).into_iter()),
            Interval::M1 => Box::new(self.minutes(self.day_of(from.saturating_sub(3 * SLOT)))),
            _ => {
                // From the beginning of the candle before the one that `from` is in.
                let start = interval.start_of(from.max(self.start_of(0)), offset);
                let start = interval.start_of(start - 1, offset);
                let mut candles: Vec<Candle> = Vec::new();
                let minutes = self.minutes(self.day_of(start));
                for minute in minutes.take_while(|minute| interval.start_of(minute.start, offset) <= to) {
                    let start = interval.start_of(minute.start, offset);
                    match candles.last_mut() {
                        Some(last) if last.start == start => last.merge(&minute),
                        _ => candles.push(Candle { start, ..minute }),
                    }
                }
                // The first one may have begun before the day that it was computed from.
                candles.retain(|candle| candle.start >= start);
                Box::new(candles.into_iter())
            }
        }
    }

    fn seconds(&self, from: i64, to: i64) -> Vec<Candle> {
        let mut seconds: Vec<Candle> = Vec::new();
        // A slot has trades all over it, so that two of them are enough.
        let slots = self.slots_from(self.slot_at(from).saturating_sub(2));
        for (slot, [before, _]) in slots.take_while(|(slot, _)| self.start_of(*slot) <= to) {
            for (trade, _) in self.trades_of(slot, before.into()) {
                Candle::of(Interval::S1, &trade).append_to(&mut seconds);
            }
        }
        seconds
    }

    /// Which of the days a time is in.
    fn day_of(&self, millis: i64) -> usize {
        let first = self.start_of(0).div_euclid(DAY);
        usize::try_from(millis.div_euclid(DAY) - first).unwrap_or(0)
    }

    /// The candles of the minutes from a day on.
    fn minutes(&self, from: usize) -> impl DoubleEndedIterator<Item = Candle> + '_ {
        let end = self.start_of(self.slots - self.remembered);
        let days = self.days.get_or_init(|| (0..=self.day_of(end)).map(|_| OnceLock::new()).collect());
        (from..days.len())
            .filter_map(move |day| Some((day, days.get(day)?)))
            .flat_map(move |(day, minutes)| minutes.get_or_init(|| self.minutes_of(day)).iter().copied())
    }

    fn minutes_of(&self, day: usize) -> Vec<Candle> {
        let start = (self.start_of(0).div_euclid(DAY) + i64::try_from(day).unwrap_or(0)) * DAY;
        let within = start..start + DAY;
        let mut minutes: Vec<Candle> = Vec::new();
        // The slots at both ends may belong to two days.
        let slots = self.slots_from(self.slot_at(start));
        for (slot, [before, _]) in slots.take_while(|(slot, _)| self.start_of(*slot) < within.end) {
            for (trade, _) in self.trades_of(slot, before.into()) {
                if within.contains(&trade.time.as_millis()) {
                    Candle::of(Interval::M1, &trade).append_to(&mut minutes);
                }
            }
        }
        minutes
    }
}

impl Candle {
    /// Adds a candle of a trade behind others.
    fn append_to(self, candles: &mut Vec<Self>) {
        match candles.last_mut() {
            Some(last) if last.start == self.start => last.merge(&self),
            _ => candles.push(self),
        }
    }
}

const DAY: i64 = 24 * 60 * SLOT;
/// How many slots are remembered: average prices go back for five minutes.
const REMEMBERED: u32 = 10;

#[cfg(test)]
mod tests {
    use super::super::chart::Chart;
    use super::super::symbol::SymbolConfig;
    use super::super::types::AssetId;
    use super::*;
    use binance_kit_core::Decimal;

    /// When the exchange of these tests began.
    const END: i64 = 1_700_000_000_000;

    fn past(config: &SymbolConfig, days: u32) -> Past {
        let rules = config.rules(AssetId(0), AssetId(1)).unwrap();
        Past::new(7, &rules, days, Fixed::from_int(1000), Timestamp::from_millis(END))
    }

    fn symbol() -> SymbolConfig {
        SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(60_000, 0))
    }

    #[test]
    fn the_past_arrives_at_the_first_price() {
        for tick_size in [Decimal::new(1, 2), Decimal::new(1, 8)] {
            let past = past(&symbol().tick_size(tick_size), 1);
            assert_eq!(past.remembered().last().unwrap().0.price, Fixed::from_int(60_000), "{tick_size}");
        }
    }

    #[test]
    fn a_request_computes_no_more_than_it_shows() {
        let chart = Chart::default();
        let minutes = |past: &Past, range: (i64, i64), limit, oldest| {
            chart.candles(Some(past), Interval::M1, 0, range, limit, oldest).len()
        };
        let computed = |past: &Past| {
            past.days.get().map_or(0, |days| days.iter().filter(|day| day.get().is_some()).count())
        };
        // The last ones, and the first ones: at most the day they are in, the one before, and the last.
        for oldest in [false, true] {
            let past = past(&symbol(), 30);
            assert_eq!(minutes(&past, (if oldest { 0 } else { i64::MIN }, END), 500, oldest), 500);
            assert!((1..=3).contains(&computed(&past)), "{}", computed(&past));
        }
        let past = past(&symbol(), 30);
        for oldest in [false, true] {
            for interval in [Interval::S1, Interval::H1] {
                assert_eq!(chart.candles(Some(&past), interval, 0, (0, END - DAY), 5, oldest).len(), 5);
            }
        }
        assert!((1..=4).contains(&computed(&past)), "{}", computed(&past));
    }

    #[test]
    fn what_is_left_out_of_the_computation_is_not_missing() {
        let (chart, past) = (Chart::default(), past(&symbol(), 9));
        // In UTC, in UTC+8, and in a time zone for which there are no candles.
        for offset in [0, 480 * SLOT, 345 * SLOT] {
            for interval in
                [Interval::M1, Interval::M3, Interval::H1, Interval::H6, Interval::D1, Interval::W1]
            {
                // Before what is remembered, which is not in this chart.
                let end = END - 20 * SLOT;
                for range in [(i64::MIN, end), (0, end), (end - 6 * DAY - 12_345, end - DAY - 54_321)] {
                    let ask =
                        |limit, oldest| chart.candles(Some(&past), interval, offset, range, limit, oldest);
                    // Without a limit, all is computed.
                    let all = ask(usize::MAX, true);
                    assert!(!all.is_empty());
                    for limit in [1, 2, 7] {
                        let shown = limit.min(all.len());
                        assert_eq!(
                            ask(limit, true),
                            all[..shown],
                            "first of {interval:?} {offset} {range:?}"
                        );
                        let last = &all[all.len() - shown..];
                        assert_eq!(ask(limit, false), last, "last of {interval:?} {offset} {range:?}");
                    }
                }
            }
        }
    }
}
