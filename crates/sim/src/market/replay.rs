//! A recording as the market of one symbol: internal orders are the recorded book, and an internal taker does the recorded
//! trades.

use super::STEP_MILLIS;
use super::recording::{Happened, Level};
use super::track::{Feed, Track};
use crate::engine::{AccountId, Engine, Fixed, NewOrder, Side, SymbolId, TimeInForce};
use binance_kit_core::{Symbol, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a replay is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Replay {
    /// Symbol.
    pub(super) symbol: SymbolId,
    /// Name of the symbol, to find the recording by.
    pub(super) name: Symbol,
    /// Internal account of the recorded book.
    maker: AccountId,
    /// Internal account of the recorded trades.
    taker: AccountId,
    /// In microseconds of the recording's time.
    elapsed: u64,
    /// Next step of the recording.
    position: usize,
    /// The last recorded update that the book has.
    last_update: u64,
    /// When that was, by the recorded exchange's clock, in its unit.
    last_time: i64,
    /// Speed in percent of the recorded one.
    percent: u64,
    /// Not saved: it is given again when a state is loaded.
    #[serde(skip)]
    pub(super) track: Option<Arc<Track>>,
    /// What comes next of it; not saved either.
    #[serde(skip)]
    feed: Option<Feed>,
}

impl Replay {
    /// Fills the book with the first snapshot.
    pub(super) fn open(
        engine: &mut Engine,
        symbol: SymbolId,
        track: &Arc<Track>,
        percent: u64,
        now: Timestamp,
    ) -> Self {
        let name = track.symbol.clone();
        let mut add =
            |role: &str| engine.add_account(&format!("{role} of {name}"), true, Fixed::ZERO, Fixed::ZERO);
        let (maker, taker) = (add("makers"), add("takers"));
        let track = Arc::clone(track);
        let mut replay = Self {
            symbol,
            name,
            maker,
            taker,
            elapsed: 0,
            position: 0,
            last_update: 0,
            last_time: i64::MIN,
            percent,
            track: None,
            feed: None,
        };
        if let Some(snapshot) = track.snapshot() {
            replay.happen(engine, snapshot, now);
        }
        replay.track = Some(track);
        replay
    }

    /// Does what was recorded in the next [`STEP_MILLIS`], which end at `at`.
    pub(super) fn step(&mut self, engine: &mut Engine, at: Timestamp) {
        let Some(track) = self.track.clone() else { return };
        self.elapsed += STEP_MILLIS.unsigned_abs() * 10 * self.percent;
        if !engine.instrument(self.symbol).status.takes_orders() {
            return;
        }
        let mut feed = self.feed.take().unwrap_or_else(|| track.feed(self.position));
        while let Some(step) = feed.next_until(self.elapsed) {
            self.happen(engine, &step, at);
            self.position += 1;
        }
        self.feed = Some(feed);
    }

    fn happen(&mut self, engine: &mut Engine, step: &Happened, now: Timestamp) {
        match step {
            Happened::Snapshot { last, bids, asks } => {
                if *last <= self.last_update {
                    return;
                }
                self.last_update = *last;
                let mut whole = Vec::new();
                for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
                    let mut target: BTreeMap<Fixed, Fixed> =
                        self.own(engine, side).into_iter().map(|(price, _)| (price, Fixed::ZERO)).collect();
                    target.extend(levels.iter().copied());
                    whole.push(target.into_iter().collect::<Vec<Level>>());
                }
                if let [bids, asks] = whole.as_slice() {
                    self.set_levels(engine, bids, asks, now);
                }
            }
            Happened::Depth { last, time, bids, asks } => {
                if *last <= self.last_update {
                    return;
                }
                (self.last_update, self.last_time) = (*last, *time);
                self.set_levels(engine, bids, asks, now);
            }
            Happened::Trade { time, price, quantity, taker } => {
                let has_been_seen = *time <= self.last_time;
                self.trade(engine, (*price, *quantity), *taker, has_been_seen, now);
            }
        }
    }

    /// The internal orders of a side: price and id, in the order in which they would trade.
    fn own(&self, engine: &Engine, side: Side) -> Vec<(Fixed, u64)> {
        let instrument = engine.instrument(self.symbol);
        let Some((best, _)) = instrument.best(side) else { return Vec::new() };
        instrument
            .orders_from(side, best)
            .filter(|order| order.account == self.maker)
            .map(|order| (order.price, order.id))
            .collect()
    }

    /// The internal orders at one price, first in the queue first: id and what is left.
    fn own_at(&self, engine: &Engine, side: Side, price: Fixed) -> Vec<(u64, Fixed)> {
        engine
            .instrument(self.symbol)
            .orders_from(side, price)
            .take_while(|order| order.price == price)
            .filter(|order| order.account == self.maker)
            .map(|order| (order.id, order.remaining()))
            .collect()
    }

    /// What becomes less comes first, so that what becomes more finds its place free.
    fn set_levels(&self, engine: &mut Engine, bids: &[Level], asks: &[Level], now: Timestamp) {
        for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for (price, quantity) in levels {
                self.lower(engine, side, *price, *quantity, now);
            }
        }
        for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for (price, quantity) in levels {
                let there: Fixed = self.own_at(engine, side, *price).into_iter().map(|(_, left)| left).sum();
                let missing = *quantity - there;
                if missing.is_positive() {
                    // The recorded book is never crossed: what is in the way is gone already.
                    self.clear(engine, side.opposite(), |other| is_better(side, *price, other), now);
                    self.place(engine, side, (*price, missing), now);
                }
            }
        }
    }

    /// Takes from the back of the internal queue what is more than `quantity`.
    fn lower(&self, engine: &mut Engine, side: Side, price: Fixed, quantity: Fixed, now: Timestamp) {
        let own = self.own_at(engine, side, price);
        let mut excess = own.iter().map(|(_, left)| *left).sum::<Fixed>() - quantity;
        for (id, left) in own.into_iter().rev() {
            if !excess.is_positive() {
                return;
            }
            if left <= excess {
                engine.cancel_internal(now, self.symbol, id);
            } else {
                engine.shrink_internal(now, self.symbol, id, left - excess);
            }
            excess -= left.min(excess);
        }
    }

    /// Cancels the internal orders of a side that an order of the other side at this price would meet or pass, and tells
    /// what there was.
    fn clear(
        &self,
        engine: &mut Engine,
        side: Side,
        is_in_the_way: impl Fn(Fixed) -> bool,
        now: Timestamp,
    ) -> Vec<Level> {
        let instrument = engine.instrument(self.symbol);
        let Some((best, _)) = instrument.best(side).filter(|(best, _)| is_in_the_way(*best)) else {
            return Vec::new();
        };
        let stale: Vec<(u64, Level)> = instrument
            .orders_from(side, best)
            .take_while(|order| is_in_the_way(order.price))
            .filter(|order| order.account == self.maker)
            .map(|order| (order.id, (order.price, order.remaining())))
            .collect();
        stale
            .into_iter()
            .map(|(id, level)| {
                engine.cancel_internal(now, self.symbol, id);
                level
            })
            .collect()
    }

    fn place(&self, engine: &mut Engine, side: Side, (price, quantity): Level, now: Timestamp) {
        engine.place_internal(now, self.maker, NewOrder::limit(self.symbol, side, quantity, price));
    }

    /// A recorded trade: all of it happens, users' orders at better prices and in front of the queue first.
    fn trade(
        &self,
        engine: &mut Engine,
        (price, quantity): Level,
        taker: Side,
        has_been_seen: bool,
        now: Timestamp,
    ) {
        let maker = taker.opposite();
        // Where the recorded book lags behind, better internal prices are gone, and so is what would be crossed.
        let better = self.clear(engine, maker, |own| own != price && is_better(maker, own, price), now);
        let there: Fixed = self.own_at(engine, maker, price).into_iter().map(|(_, left)| left).sum();
        let missing = if has_been_seen { quantity } else { quantity - there };
        let mut crossed = Vec::new();
        if missing.is_positive() {
            crossed = self.clear(engine, taker, |own| !is_better(maker, own, price) || own == price, now);
            self.place(engine, maker, (price, missing), now);
        }
        let order = NewOrder {
            time_in_force: Some(TimeInForce::Ioc),
            ..NewOrder::limit(self.symbol, taker, quantity, price)
        };
        engine.place_internal(now, self.taker, order);
        if has_been_seen {
            // The book is ahead of the trade: it is as it was.
            self.lower(engine, maker, price, there, now);
            for (side, levels) in [(maker, better), (taker, crossed)] {
                for level in levels {
                    self.place(engine, side, level, now);
                }
            }
        }
    }
}

/// Whether an order of a side at `one` trades before one at `other`, or along with it.
fn is_better(side: Side, one: Fixed, other: Fixed) -> bool {
    match side {
        Side::Buy => one >= other,
        Side::Sell => one <= other,
    }
}
