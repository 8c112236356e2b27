//! The market that lives: seeded makers keep a book near a price that wanders, and takers trade against it in bursts.
//!
//! What the house does in a step depends on the seed and on the step before it alone, and on the orders of users only as
//! far as they trade with it. The clock decides when steps happen, never what they do.

use crate::engine::{AccountId, Engine, Fixed, NewOrder, Side, SymbolId, TimeInForce};
use crate::random::Random;
use binance_kit_core::Timestamp;

/// How lively the built-in market is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MarketConfig {
    /// What the makers and takers of all symbols do in a second, on average: orders, cancels, trades.
    pub actions_per_second: u32,
    /// How many price levels each side of a book has at the start, about.
    pub levels: u32,
    /// For how long the market has been running, in seconds, when the exchange opens: gives it candles and tickers.
    pub history_seconds: u32,
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self { actions_per_second: 600, levels: 400, history_seconds: 0 }
    }
}

/// A step's length in milliseconds of the exchange's clock.
pub(crate) const STEP_MILLIS: i64 = 10;

/// How many makers there are: neighbours in a book belong to different ones.
const MAKERS: usize = 4;

#[derive(Debug)]
struct House {
    symbol: SymbolId,
    tick: Fixed,
    step: Fixed,
    /// The price everything revolves around, in ticks, and where it started.
    fair: i64,
    anchor: i64,
    /// How far the price moves at once, in ticks.
    swing: i64,
    /// How far from the price orders are placed, in ticks.
    reach: u64,
    /// The quantity of a small order, in steps.
    lot: u64,
    /// Open orders of the makers; those that were filled are found out when they are cancelled.
    live: Vec<(Side, u64)>,
    target: usize,
    weight: u64,
}

/// The makers and takers of all symbols.
#[derive(Debug)]
pub(crate) struct Market {
    random: Random,
    makers: [AccountId; MAKERS],
    taker: AccountId,
    houses: Vec<House>,
    per_second: u64,
    carry: u64,
    /// How busy this second is, in percent.
    mood: u64,
    steps: u64,
    pub(crate) paused: bool,
}

impl Market {
    /// Makes the house's accounts and fills the books.
    pub(crate) fn open(engine: &mut Engine, seed: u64, config: &MarketConfig, now: Timestamp) -> Self {
        let mut add = |name: &str| engine.add_account(name, true, Fixed::ZERO, Fixed::ZERO);
        let makers = [add("maker 1"), add("maker 2"), add("maker 3"), add("maker 4")];
        let taker = add("taker");
        let count = engine.symbols().count();
        let houses = engine
            .symbols()
            .enumerate()
            .map(|(index, (symbol, instrument))| {
                let rules = &instrument.rules;
                let ticks = |amount: Fixed| {
                    i64::try_from(amount.units() / rules.tick_size.units().max(1)).unwrap_or(1)
                };
                let anchor = ticks(rules.initial_price).max(16);
                // Twice the least notional, in steps.
                let lot = (rules.min_notional + rules.min_notional).over(rules.initial_price);
                let lot = u64::try_from(lot.units() / rules.step_size.units().max(1)).unwrap_or(1) + 1;
                House {
                    symbol,
                    tick: rules.tick_size,
                    step: rules.step_size,
                    fair: anchor,
                    anchor,
                    swing: (anchor / 200_000).max(1),
                    reach: u64::try_from(anchor / 8)
                        .unwrap_or(1)
                        .clamp(2, u64::from(config.levels.max(1)) * 12),
                    lot,
                    live: Vec::new(),
                    target: config.levels as usize * 2,
                    // The first symbols are the busiest.
                    weight: 1 + 3 * (count - index) as u64,
                }
            })
            .collect();
        let mut market = Self {
            random: Random::new(seed ^ 0x0a_4c_7e_11),
            makers,
            taker,
            houses,
            per_second: u64::from(config.actions_per_second),
            carry: 0,
            mood: 100,
            steps: 0,
            paused: false,
        };
        for index in 0..market.houses.len() {
            for _ in 0..config.levels {
                market.quote(engine, index, Side::Buy, now);
                market.quote(engine, index, Side::Sell, now);
            }
            // Somebody has to have traded, so that there is a last price.
            market.take(engine, index, now);
        }
        market
    }

    /// One step of [`STEP_MILLIS`].
    pub(crate) fn step(&mut self, engine: &mut Engine, now: Timestamp) {
        if self.paused {
            return;
        }
        if self.steps.is_multiple_of(100) {
            // Quiet and busy seconds, 100 on average.
            self.mood =
                [30, 50, 70, 90, 100, 110, 130, 220][usize::try_from(self.random.below(8)).unwrap_or(0)];
        }
        self.steps += 1;
        self.carry += self.per_second * self.mood * STEP_MILLIS.unsigned_abs();
        let actions = self.carry / 100_000;
        self.carry %= 100_000;
        for _ in 0..actions {
            self.act(engine, now);
        }
    }

    fn act(&mut self, engine: &mut Engine, now: Timestamp) {
        let total: u64 = self.houses.iter().map(|house| house.weight).sum();
        let mut ticket = self.random.below(total);
        let mut index = 0;
        for (at, house) in self.houses.iter().enumerate() {
            if ticket < house.weight {
                index = at;
                break;
            }
            ticket -= house.weight;
        }
        self.wander(index);
        match self.random.below(100) {
            0..50 => {
                if let Some(side) = self.cancel(engine, index, now) {
                    self.quote(engine, index, side, now);
                }
            }
            50..90 => {
                let house = &self.houses[index];
                if house.live.len() > house.target {
                    self.cancel(engine, index, now);
                } else {
                    let side = self.any_side();
                    self.quote(engine, index, side, now);
                }
            }
            90..98 => self.take(engine, index, now),
            _ => {
                for _ in 0..2 + self.random.below(10) {
                    self.take(engine, index, now);
                }
            }
        }
    }

    fn any_side(&mut self) -> Side {
        if self.random.chance(1, 2) { Side::Buy } else { Side::Sell }
    }

    /// Moves the price, and the further it strays the more often back.
    fn wander(&mut self, index: usize) {
        let house = &self.houses[index];
        let drift = (house.fair - house.anchor) * 50 / house.anchor.max(1);
        let up = u64::try_from((50 - drift).clamp(10, 90)).unwrap_or(50);
        let size = i64::try_from(self.random.below(house.swing.unsigned_abs() + 1)).unwrap_or(0);
        let rises = self.random.chance(up, 100);
        let house = &mut self.houses[index];
        house.fair = (house.fair + if rises { size } else { -size }).max(16);
    }

    /// A new order of a maker: most near the price, some far away, never across the book.
    fn quote(&mut self, engine: &mut Engine, index: usize, side: Side, now: Timestamp) {
        let house = &self.houses[index];
        let reach = house.reach.min(u64::try_from(house.fair / 2).unwrap_or(1));
        let widest = u64::from(reach.max(2).ilog2()) + 1;
        let bound = 1_u64 << (self.random.below(widest) + 1);
        let offset = i64::try_from(1 + self.random.below(bound.min(reach))).unwrap_or(1);
        let house = &self.houses[index];
        let instrument = engine.instrument(house.symbol);
        let ticks =
            |price: Fixed| i64::try_from(price.units() / house.tick.units().max(1)).unwrap_or(i64::MAX);
        let price = match side {
            Side::Buy => {
                let ask = instrument.best(Side::Sell).map_or(i64::MAX, |(price, _)| ticks(price));
                (house.fair - offset).min(ask.saturating_sub(1))
            }
            Side::Sell => {
                let bid = instrument.best(Side::Buy).map_or(0, |(price, _)| ticks(price));
                (house.fair + offset).max(bid + 1)
            }
        };
        let mut lots = 1 + self.random.below(40);
        if self.random.chance(1, 20) {
            lots *= 10;
        }
        let house = &self.houses[index];
        let quantity = times(house.step, house.lot * lots / 2 + 1);
        let price = times(house.tick, price.max(1).unsigned_abs());
        let maker = self.makers[usize::try_from(self.random.below(MAKERS as u64)).unwrap_or(0)];
        let order = NewOrder::limit(self.houses[index].symbol, side, quantity, price);
        if let Some(id) = place(engine, now, maker, order) {
            self.houses[index].live.push((side, id));
        }
    }

    /// Cancels an order of a maker and tells its side.
    fn cancel(&mut self, engine: &mut Engine, index: usize, now: Timestamp) -> Option<Side> {
        let house = &mut self.houses[index];
        let at = usize::try_from(self.random.below(house.live.len() as u64)).ok()?;
        if at >= house.live.len() {
            return None;
        }
        let (side, id) = house.live.swap_remove(at);
        engine.cancel_house(now, house.symbol, id);
        Some(side)
    }

    /// A taker: towards the price when the book lags behind it, else to any side.
    fn take(&mut self, engine: &mut Engine, index: usize, now: Timestamp) {
        let house = &self.houses[index];
        let instrument = engine.instrument(house.symbol);
        let (Some((bid, bids)), Some((ask, asks))) =
            (instrument.best(Side::Buy), instrument.best(Side::Sell))
        else {
            return;
        };
        let fair = times(house.tick, house.fair.unsigned_abs());
        let side = match (fair >= ask, fair <= bid) {
            (true, _) if self.random.chance(3, 4) => Side::Buy,
            (_, true) if self.random.chance(3, 4) => Side::Sell,
            _ => self.any_side(),
        };
        let (best, available) = if side == Side::Buy { (ask, asks) } else { (bid, bids) };
        let house = &self.houses[index];
        let steps = u64::try_from(available.units() / house.step.units().max(1)).unwrap_or(1);
        // Some take a part of the best level, some all of it and more.
        let wanted = match self.random.below(10) {
            0..6 => (1 + self.random.below(steps)).max(house.lot),
            6..9 => steps.max(house.lot),
            _ => steps.saturating_mul(2).max(house.lot * 20),
        };
        let slack = times(house.tick, 2 * house.swing.unsigned_abs() + self.random.below(5));
        let price = if side == Side::Buy { best + slack } else { (best - slack).max(house.tick) };
        let house = &self.houses[index];
        let order = NewOrder {
            time_in_force: Some(TimeInForce::Ioc),
            ..NewOrder::limit(house.symbol, side, times(house.step, wanted), price)
        };
        place(engine, now, self.taker, order);
    }
}

fn times(unit: Fixed, count: u64) -> Fixed {
    Fixed::from_units(unit.units() * i128::from(count))
}

/// Places an order of the house, which is given what it lacks.
fn place(engine: &mut Engine, now: Timestamp, account: AccountId, order: NewOrder) -> Option<u64> {
    match engine.place(now, account, order.clone()) {
        Ok(placed) => placed.order.status.is_open().then_some(placed.order.id),
        Err(reject) if reject == crate::engine::Reject::balance() => {
            let rules = &engine.instrument(order.symbol).rules;
            let asset = if order.side == Side::Buy { rules.quote } else { rules.base };
            let asset = engine.ledger().asset(asset).clone();
            engine.deposit(now, account, &asset, Fixed::from_int(1_000_000_000));
            engine
                .place(now, account, order)
                .ok()
                .and_then(|p| p.order.status.is_open().then_some(p.order.id))
        }
        // Beyond a filter, at the edge of the prices: the next one will be elsewhere.
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Event, SymbolConfig};
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    fn run(seed: u64, steps: i64, config: &MarketConfig) -> (Engine, u64, usize) {
        let mut engine = Engine::new(seed);
        for config in SymbolConfig::defaults() {
            engine.add_symbol(&config).unwrap();
        }
        let at = |step: i64| Timestamp::from_millis(1_700_000_000_000 + step * STEP_MILLIS);
        let mut market = Market::open(&mut engine, seed, config, at(0));
        let mut hasher = DefaultHasher::new();
        let mut trades = 0;
        for step in 1..=steps {
            market.step(&mut engine, at(step));
            for event in std::mem::take(&mut engine.events) {
                trades += usize::from(matches!(event, Event::Trade { .. }));
                format!("{event:?}").hash(&mut hasher);
            }
        }
        (engine, hasher.finish(), trades)
    }

    #[test]
    fn the_same_seed_gives_the_same_market() {
        let config = MarketConfig { actions_per_second: 2000, levels: 40, ..MarketConfig::default() };
        let (_, one, trades) = run(7, 100, &config);
        assert!(trades > 50, "{trades}");
        assert_eq!(run(7, 100, &config).1, one);
        assert_ne!(run(8, 100, &config).1, one);
    }

    #[test]
    fn books_stay_deep_and_prices_near() {
        let config = MarketConfig { actions_per_second: 6000, levels: 100, ..MarketConfig::default() };
        let (engine, _, _) = run(3, 500, &config);
        for (_, instrument) in engine.symbols() {
            let name = &instrument.rules.symbol;
            for side in [Side::Buy, Side::Sell] {
                let levels = instrument.levels(side).count();
                assert!(levels >= 30, "{name} {side:?} has {levels} levels");
            }
            let (bid, ask) = (instrument.best(Side::Buy).unwrap().0, instrument.best(Side::Sell).unwrap().0);
            assert!(bid < ask);
            let start = instrument.rules.initial_price;
            let percent = (bid - start).over(start).units().abs() / 1_000_000;
            assert!(percent < 20, "{name} went from {start} to {bid}");
        }
    }
}
