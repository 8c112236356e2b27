//! The built-in market: seeded makers keep a book near a price that wanders, and takers trade against it in bursts.
//!
//! What the makers and takers do in a step depends on the seed, on the steps before it and on the orders of users in the book. The
//! clock decides when steps happen, never what they do.

mod flow;
mod market_maker;
mod recording;
mod replay;
mod track;

use crate::engine::{Engine, Fixed, Past, SymbolId};
use binance_kit_core::Timestamp;
pub(crate) use market_maker::fund;
use market_maker::{Actors, MarketMaker};
pub use recording::RecordedMarket;
use replay::Replay;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Settings of the built-in market.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MarketConfig {
    /// Average number of actions (orders, cancels, trades) in a second over all symbols. The streams of trades, aggregate
    /// trades, best prices and depth of all symbols together have about half as many events; 250,000 actions a second are
    /// more than 100,000 events a second.
    pub actions_per_second: u32,
    /// Approximate number of price levels on each side of a book next to the price, where makers are busy; fewer where the
    /// price is only a few ticks above zero.
    pub levels: u32,
    /// Number of price levels on each side beyond those, up to 3 % from the price: of the first symbol, the others have fewer.
    /// With the default there are several hundred times the price of the built-in `BTCUSDT` on each side.
    pub deep_levels: u32,
    /// Days before the start, up to 366, in which there are trades and candles. They are made up from the seed, and computed
    /// when they are asked for.
    pub history_days: u32,
    /// Seconds before the start in which the makers and takers have acted already.
    pub history_seconds: u32,
}

impl MarketConfig {
    /// Creates the settings of a market that begins with thin books and without a past: for tests that want few orders and
    /// little work.
    pub fn thin() -> Self {
        Self { deep_levels: 0, history_days: 0, ..Self::default() }
    }
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self { actions_per_second: 600, levels: 400, deep_levels: 1600, history_days: 7, history_seconds: 0 }
    }
}

/// A step's length in milliseconds of the exchange's clock.
pub(crate) const STEP_MILLIS: i64 = 10;

/// The makers and takers of all symbols.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Market {
    /// Internal accounts and random source.
    actors: Actors,
    /// Market makers by symbol.
    makers: Vec<MarketMaker>,
    /// Actions in a second, on average.
    per_second: u64,
    /// Price levels on each side of a book.
    levels: u32,
    /// Price levels beyond those, of the busiest symbol.
    deep_levels: u32,
    /// Days of the past of a symbol.
    history_days: u32,
    /// Seed of the past.
    seed: u64,
    /// Whether makers and takers are paused.
    pub(crate) paused: bool,
    /// Recordings that are the market of their symbols.
    #[serde(default)]
    replays: Vec<Replay>,
}

impl Market {
    /// Adds the internal accounts and fills the books, but for those of symbols that are recorded.
    pub(crate) fn open(
        engine: &mut Engine,
        seed: u64,
        config: &MarketConfig,
        recorded: &[SymbolId],
        now: Timestamp,
    ) -> Self {
        let mut market = Self::still(engine, seed);
        market.per_second = u64::from(config.actions_per_second);
        market.levels = config.levels;
        market.deep_levels = config.deep_levels;
        market.history_days = config.history_days;
        market.fill(engine, recorded, now);
        market
    }

    /// A market without makers and takers.
    pub(crate) fn still(engine: &mut Engine, seed: u64) -> Self {
        let levels = MarketConfig::default().levels;
        let actors = Actors::new(engine, seed);
        Self {
            actors,
            makers: Vec::new(),
            per_second: 0,
            levels,
            deep_levels: 0,
            history_days: 0,
            seed,
            paused: false,
            replays: Vec::new(),
        }
    }

    /// Makes markets for all symbols but those that are recorded.
    fn fill(&mut self, engine: &mut Engine, recorded: &[SymbolId], now: Timestamp) {
        let symbols: Vec<SymbolId> =
            engine.symbols().map(|(symbol, _)| symbol).filter(|symbol| !recorded.contains(symbol)).collect();
        // The first symbols are the busiest.
        let weight = |index: usize| 1 + 3 * (symbols.len() - index) as u64;
        for (index, symbol) in symbols.iter().enumerate() {
            self.add(engine, *symbol, weight(index), weight(0), now);
            // No one is connected yet.
            engine.events.clear();
        }
    }

    /// Lets recordings be the market of their symbols, which must be there: from the beginning, or from where a saved state
    /// has them.
    pub(crate) fn replay(&mut self, engine: &mut Engine, recording: &RecordedMarket, now: Timestamp) {
        for track in &recording.tracks {
            if let Some(replay) = self.replays.iter_mut().find(|replay| replay.name == track.symbol) {
                replay.track = Some(Arc::clone(track));
                continue;
            }
            let Some(symbol) = engine.symbol_id(track.symbol.as_str()) else { continue };
            self.makers.retain(|maker| maker.symbol != symbol);
            self.replays.push(Replay::open(engine, symbol, track, recording.percent, now));
        }
    }

    /// Makes a market for one more symbol.
    pub(crate) fn add_symbol(&mut self, engine: &mut Engine, symbol: SymbolId, now: Timestamp) {
        self.add(engine, symbol, 4, 22, now);
    }

    /// `busiest` is the weight of the busiest symbol: the depth of a book falls with the square of its part of it.
    fn add(&mut self, engine: &mut Engine, symbol: SymbolId, weight: u64, busiest: u64, now: Timestamp) {
        let instrument = engine.instrument(symbol);
        let rules = &instrument.rules;
        let deep = u64::from(self.deep_levels) * weight * weight / (busiest * busiest).max(1);
        let mut maker = MarketMaker::new(symbol, rules, self.levels, deep, weight);
        if self.history_days > 0 && instrument.last_trade.is_none() {
            // An ordinary taker trades some hundred times the least value for each part of the weight.
            let notional = rules.min_notional.times(Fixed::from_int(signed(700 * weight)));
            let seed = self.seed ^ (u64::from(symbol.0) + 1) << 48;
            let past = Past::new(seed, rules, self.history_days, notional, now);
            engine.begin_with(symbol, past);
        }
        maker.open(engine, &mut self.actors, now);
        self.makers.push(maker);
    }

    /// What the makers and takers do in a second, on average.
    pub(crate) fn rate(&self) -> u64 {
        self.per_second
    }

    pub(crate) fn set_rate(&mut self, actions_per_second: u32) {
        self.per_second = u64::from(actions_per_second);
    }

    /// Moves the price of a symbol within `time`. False when there is no market for the symbol.
    pub(crate) fn move_price(
        &mut self,
        engine: &mut Engine,
        symbol: SymbolId,
        price: Fixed,
        time: Duration,
        now: Timestamp,
    ) -> bool {
        let Some(maker) = self.makers.iter_mut().find(|maker| maker.symbol == symbol) else { return false };
        let steps = time.as_millis().div_ceil(u128::from(STEP_MILLIS.unsigned_abs()));
        maker.move_price(price, u64::try_from(steps).unwrap_or(u64::MAX));
        if time.is_zero() {
            maker.stride(engine, &mut self.actors, now);
        }
        true
    }

    /// One step of [`STEP_MILLIS`], which ends at `at`.
    pub(crate) fn step(&mut self, engine: &mut Engine, at: Timestamp) {
        if self.paused {
            return;
        }
        let total: u64 = self.makers.iter().map(|maker| maker.weight).sum();
        let length = STEP_MILLIS.unsigned_abs();
        // An action costs this much of a share.
        let cost = total.max(1) * 100 * 1000;
        for maker in &mut self.makers {
            let percent = maker.flow.step(&mut self.actors.random);
            maker.carry += self.per_second * length * maker.weight * percent;
            let actions = maker.carry / cost;
            maker.carry %= cost;
            if !engine.instrument(maker.symbol).status.takes_orders() {
                continue;
            }
            for action in 1..=actions {
                // Spread over the step, the last at its end.
                let early = Duration::from_micros(length * 1000 * (actions - action) / actions);
                maker.act(engine, &mut self.actors, at.minus(early));
            }
            maker.stride(engine, &mut self.actors, at);
        }
        for replay in &mut self.replays {
            replay.step(engine, at);
        }
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
