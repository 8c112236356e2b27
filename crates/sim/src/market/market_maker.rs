//! The makers and takers of one symbol.

use super::flow::Flow;
use crate::engine::{AccountId, Engine, Fixed, NewOrder, Rules, Side, SymbolId, TimeInForce};
use crate::random::Random;
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};

/// How many makers there are: neighbours in a book belong to different ones.
const MAKERS: usize = 4;
/// The price is kept in this part of a tick, so that coarse ticks do not make it jump.
const FINE: i64 = 256;
/// The least price, in ticks.
const LEAST: i64 = 16;
/// The largest small order, in steps: large ones are several thousand times as large.
const MAX_LOT: u64 = u64::MAX >> 16;

/// The internal accounts that make and take in all symbols, and their random source.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Actors {
    /// Random source.
    pub(super) random: Random,
    /// Accounts that make.
    makers: [AccountId; MAKERS],
    /// Account that takes.
    taker: AccountId,
}

impl Actors {
    pub(super) fn new(engine: &mut Engine, seed: u64) -> Self {
        let mut add = |name: &str| engine.add_account(name, true, Fixed::ZERO, Fixed::ZERO);
        let makers = [add("maker 1"), add("maker 2"), add("maker 3"), add("maker 4")];
        Self { random: Random::new(seed ^ 0x0a_4c_7e_11), makers, taker: add("taker") }
    }

    fn any_side(&mut self) -> Side {
        if self.random.chance(1, 2) { Side::Buy } else { Side::Sell }
    }

    fn any_maker(&mut self) -> AccountId {
        self.makers[usize::try_from(self.random.below(MAKERS as u64)).unwrap_or(0)]
    }
}

/// A price on its way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct PriceMove {
    /// Price that it goes to, in parts of a tick.
    to: i64,
    /// Steps that are left.
    steps: i64,
}

/// What keeps the market of one symbol.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MarketMaker {
    /// Symbol.
    pub(super) symbol: SymbolId,
    /// Tick size.
    tick: Fixed,
    /// Step size.
    step: Fixed,
    /// The price everything revolves around, and the one it is drawn back to, in parts of a tick.
    fair: i64,
    /// Price that the fair price is drawn back to, in parts of a tick.
    anchor: i64,
    /// How far the price moves at once, at most.
    swing: i64,
    /// Move of the price that was ordered.
    moving: Option<PriceMove>,
    /// How far from the price orders are placed, in ticks.
    reach: u64,
    /// How many levels a side should have, those far from the price included.
    levels: usize,
    /// How many of them are far from the price.
    deep: u64,
    /// How far from the price they are, in ticks.
    range: u64,
    /// The quantity of a small order, in steps.
    lot: u64,
    /// The largest quantity of an order, in steps.
    max_lots: u64,
    /// This symbol's share of all actions.
    pub(super) weight: u64,
    /// What is left of a step's share when it is too little for an action.
    pub(super) carry: u64,
    /// When takers trade, and on which side.
    pub(super) flow: Flow,
}

fn times(unit: Fixed, count: u64) -> Fixed {
    Fixed::from_units(unit.units() * i128::from(count))
}

fn small(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX).min(i64::MAX / FINE / 4)
}

impl MarketMaker {
    pub(super) fn new(symbol: SymbolId, rules: &Rules, levels: u32, deep: u64, weight: u64) -> Self {
        let anchor = small(rules.initial_price.units() / rules.tick_size.units().max(1)).max(LEAST) * FINE;
        // Twice the least notional, in steps.
        let lot = (rules.min_notional + rules.min_notional).over(rules.initial_price);
        let lot =
            u64::try_from(lot.units() / rules.step_size.units().max(1)).unwrap_or(u64::MAX).min(MAX_LOT) + 1;
        let reach = u64::try_from(anchor / FINE / 4).unwrap_or(1).clamp(2, u64::from(levels.max(1)) * 4);
        // Up to 3 % from the price.
        let range = u64::try_from(anchor / FINE * 3 / 100).unwrap_or(0).max(reach);
        let deep = deep.min(range - reach);
        let max_lots = u64::try_from(rules.max_quantity.units() / rules.step_size.units().max(1))
            .unwrap_or(u64::MAX)
            .min(MAX_LOT << 12);
        Self {
            symbol,
            tick: rules.tick_size,
            step: rules.step_size,
            fair: anchor,
            anchor,
            swing: (anchor / 200_000).max(1),
            moving: None,
            reach,
            levels: levels as usize + usize::try_from(deep).unwrap_or(0),
            deep,
            range,
            max_lots,
            lot,
            weight,
            carry: 0,
            flow: Flow::default(),
        }
    }

    fn ticks(&self, price: Fixed) -> i64 {
        small(price.units() / self.tick.units().max(1))
    }

    fn price(&self, ticks: i64) -> Fixed {
        times(self.tick, ticks.max(1).unsigned_abs())
    }

    /// The price in whole ticks.
    fn middle(&self) -> i64 {
        self.fair / FINE
    }

    fn best(&self, engine: &Engine, side: Side) -> Option<i64> {
        engine.instrument(self.symbol).best(side).map(|(price, _)| self.ticks(price))
    }

    /// How far away an order may be: not at nothing, however low the price is.
    fn reach(&self) -> u64 {
        self.reach.min(u64::try_from(self.middle() / 2).unwrap_or(1)).max(2)
    }

    /// How many levels a side should have now. Never as many as there are prices within reach: it could not be more, and
    /// makers who wait for that would never stop placing orders.
    fn wanted_levels(&self) -> usize {
        let most = self.reach() - self.reach() / 4 + self.deep;
        self.levels.min(usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// Fills both sides: without gaps near the price, evenly beyond.
    pub(super) fn open(&mut self, engine: &mut Engine, actors: &mut Actors, now: Timestamp) {
        let reach = self.reach();
        let levels = (self.levels as u64 - self.deep).min(reach);
        for level in 0..levels {
            // The first tenth is next to the price, the rest is spread over what remains.
            let near = levels / 10;
            let offset = if level < near {
                1 + level
            } else {
                let gap = (reach - near) / (levels - near).max(1);
                1 + near + (level - near) * gap.max(1) + actors.random.below(gap.max(1))
            };
            for side in [Side::Buy, Side::Sell] {
                let order = self.order_at(&mut actors.random, side, self.at(side, offset), offset);
                engine.rest_internal(now, actors.any_maker(), order);
            }
        }
        // The further away the wider apart, and without two orders at one price.
        let mut last = reach;
        for level in 1..=self.deep {
            let wanted = reach + (self.range - reach) * level / self.deep * level / self.deep;
            let gap = (wanted.max(last + 1) - last).max(1);
            last = last + 1 + actors.random.below(gap);
            for side in [Side::Buy, Side::Sell] {
                if self.at(side, last) > 0 {
                    let order = self.order_at(&mut actors.random, side, self.at(side, last), last);
                    engine.rest_internal(now, actors.any_maker(), order);
                }
            }
        }
        // One trade, so that there is a last price.
        let side = actors.any_side();
        self.take(engine, actors, side, now);
    }

    /// Something that a maker or a taker does.
    pub(super) fn act(&mut self, engine: &mut Engine, actors: &mut Actors, now: Timestamp) {
        self.wander(&mut actors.random);
        if let Some(side) = self.flow.next(&mut actors.random) {
            let side = self.towards_price(engine, actors).unwrap_or(side);
            self.flow.excite(side);
            self.take(engine, actors, side, now);
            return;
        }
        if let Some(side) = self.stale(engine) {
            // Makers do not wait until they are run over.
            if self.pull(engine, actors, side, now) {
                self.quote(engine, actors, side, now);
                return;
            }
        }
        let side = actors.any_side();
        if actors.random.chance(1, 4) && self.relocate(engine, actors, side, now) {
            return;
        }
        if self.is_wide(engine) {
            let offset = 1 + actors.random.below(3);
            self.place_at(engine, actors, side, offset, now);
            return;
        }
        let depth = engine.instrument(self.symbol).depth(side);
        let levels = self.wanted_levels();
        match actors.random.below(100) {
            0..50 => {
                self.cancel(engine, actors, side, now);
                self.quote(engine, actors, side, now);
            }
            50..75 if depth <= levels + levels / 8 => self.quote(engine, actors, side, now),
            75.. if depth < levels => {
                let offset = self.anywhere(&mut actors.random);
                self.place_at(engine, actors, side, offset, now);
            }
            _ => self.cancel(engine, actors, side, now),
        }
    }

    /// Moves the price, and the further it strays the more often back.
    fn wander(&mut self, random: &mut Random) {
        let drift = (self.fair - self.anchor).saturating_mul(50) / self.anchor.max(1);
        let up = u64::try_from((50 - drift).clamp(10, 90)).unwrap_or(50);
        let size = small(random.below(self.swing.unsigned_abs() + 1).into());
        let rises = random.chance(up, 100);
        self.fair = (self.fair + if rises { size } else { -size }).max(LEAST * FINE);
    }

    /// The side of a taker that moves the book to the price, when they are apart.
    fn towards_price(&self, engine: &Engine, actors: &mut Actors) -> Option<Side> {
        let above = self.best(engine, Side::Sell).is_some_and(|ask| self.middle() >= ask);
        let below = self.best(engine, Side::Buy).is_some_and(|bid| self.middle() <= bid);
        let side = if above {
            Side::Buy
        } else if below {
            Side::Sell
        } else {
            return None;
        };
        actors.random.chance(3, 4).then_some(side)
    }

    /// The side whose best price the price has left behind.
    fn stale(&self, engine: &Engine) -> Option<Side> {
        let slack = 2 * (self.swing / FINE + 1);
        if self.best(engine, Side::Sell).is_some_and(|ask| self.middle() > ask + slack) {
            Some(Side::Sell)
        } else if self.best(engine, Side::Buy).is_some_and(|bid| self.middle() < bid - slack) {
            Some(Side::Buy)
        } else {
            None
        }
    }

    /// Whether there is room between the best prices.
    fn is_wide(&self, engine: &Engine) -> bool {
        match (self.best(engine, Side::Buy), self.best(engine, Side::Sell)) {
            (Some(bid), Some(ask)) => ask - bid > 4 + self.swing / FINE,
            _ => true,
        }
    }

    /// An offset from the price: every power of two is as likely as the next.
    fn near(&self, random: &mut Random) -> u64 {
        let reach = self.reach();
        let bound = 1_u64 << (random.below(u64::from(reach.ilog2()) + 1) + 1);
        1 + random.below(bound.min(reach))
    }

    /// An offset from the price: near it, or far from it where the book is deep.
    fn anywhere(&self, random: &mut Random) -> u64 {
        if self.deep > 0 && random.chance(self.deep, self.levels as u64) {
            return self.reach() + 1 + random.below(self.range - self.reach.min(self.range));
        }
        1 + random.below(self.reach())
    }

    fn at(&self, side: Side, offset: u64) -> i64 {
        let offset = small(offset.into());
        match side {
            Side::Buy => self.middle() - offset,
            Side::Sell => self.middle() + offset,
        }
    }

    /// A new order of a maker near the price.
    fn quote(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) {
        let offset = self.near(&mut actors.random);
        self.place_at(engine, actors, side, offset, now);
    }

    /// A new order of a maker so many ticks from the price, never across the book.
    fn place_at(
        &mut self,
        engine: &mut Engine,
        actors: &mut Actors,
        side: Side,
        offset: u64,
        now: Timestamp,
    ) {
        let wanted = self.at(side, offset);
        let ticks = match (side, self.best(engine, side.opposite())) {
            (Side::Buy, Some(ask)) => wanted.min(ask - 1),
            (Side::Sell, Some(bid)) => wanted.max(bid + 1),
            _ => wanted,
        };
        let order = self.order_at(&mut actors.random, side, ticks, offset);
        let maker = actors.any_maker();
        place(engine, now, maker, order);
    }

    /// An order at this price, so many ticks from where the book begins. Far from it orders are large.
    fn order_at(&self, random: &mut Random, side: Side, ticks: i64, offset: u64) -> NewOrder {
        // Few are large, and more wait at round prices.
        let mut lots = (1 + random.below(12)) << random.next().trailing_zeros().min(7);
        if ticks % 100 == 0 {
            lots *= 4;
        }
        if self.deep > 0 && offset > self.reach {
            // Some hundred to some thousand times the least value.
            lots = 600 + random.below(1800);
        }
        let steps = (self.lot * lots / 2 + 1 + random.below(self.lot)).min(self.max_lots);
        NewOrder::limit(self.symbol, side, times(self.step, steps), self.price(ticks))
    }

    /// Cancels an order of a maker near the price.
    fn cancel(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) {
        let offset = self.near(&mut actors.random);
        let from = self.price(self.at(side, offset));
        let found = engine
            .instrument(self.symbol)
            .orders_from(side, from)
            .take(32)
            .find(|order| actors.makers.contains(&order.account))
            .map(|order| order.id);
        if let Some(id) = found {
            engine.cancel_internal(now, self.symbol, id);
        }
    }

    /// Brings a maker's order that the price has left far behind back to where it is of use.
    fn relocate(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) -> bool {
        let reach = if self.deep > 0 { self.range.max(self.reach()) } else { self.reach() };
        let far = self.price(self.at(side, reach + if self.deep > 0 { reach / 4 } else { self.reach() / 2 }));
        let instrument = engine.instrument(self.symbol);
        let levels = self.wanted_levels();
        // Where there are too many, because the price has left them behind, the furthest are of the least use.
        let surplus = self.deep > 0 && instrument.depth(side) > levels + levels / 8;
        let is_far = |price: Fixed| if side == Side::Buy { price < far } else { price > far };
        let lost = instrument
            .orders_back(side)
            .take_while(|order| surplus || is_far(order.price))
            .take(16)
            .find(|order| actors.makers.contains(&order.account))
            .map(|order| order.id);
        let Some(id) = lost else { return false };
        engine.cancel_internal(now, self.symbol, id);
        let offset = self.anywhere(&mut actors.random);
        self.place_at(engine, actors, side, offset, now);
        true
    }

    /// Cancels the best order of a side when it is a maker's.
    fn pull(&mut self, engine: &mut Engine, actors: &Actors, side: Side, now: Timestamp) -> bool {
        let instrument = engine.instrument(self.symbol);
        let Some((best, _)) = instrument.best(side) else { return false };
        let first = instrument.orders_from(side, best).next();
        match first.filter(|order| actors.makers.contains(&order.account)).map(|order| order.id) {
            Some(id) => engine.cancel_internal(now, self.symbol, id),
            None => false,
        }
    }

    /// A taker.
    fn take(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) {
        let instrument = engine.instrument(self.symbol);
        if instrument.depth(Side::Buy) < 3 || instrument.depth(Side::Sell) < 3 {
            return;
        }
        let Some((best, available)) = instrument.best(side.opposite()) else { return };
        let steps = u64::try_from(available.units() / self.step.units().max(1)).unwrap_or(1);
        // Some take a part of the best level, some all of it, and some more than that.
        let wanted = match actors.random.below(10) {
            0..6 => (1 + actors.random.below(steps)).max(self.lot),
            6..9 => steps.max(self.lot),
            _ => steps.saturating_mul(2).max(self.lot * 20),
        };
        let slack = 2 * (self.swing / FINE + 1) + small(actors.random.below(5).into());
        let best = self.ticks(best);
        let limit = if side == Side::Buy { best + slack } else { best - slack };
        self.sweep(engine, actors, side, limit, wanted, now);
    }

    /// Takes what there is up to a price, at most so many steps of the quantity.
    fn sweep(
        &mut self,
        engine: &mut Engine,
        actors: &Actors,
        side: Side,
        limit: i64,
        steps: u64,
        now: Timestamp,
    ) {
        let order = NewOrder {
            time_in_force: Some(TimeInForce::Ioc),
            ..NewOrder::limit(self.symbol, side, times(self.step, steps), self.price(limit))
        };
        place(engine, now, actors.taker, order);
    }

    /// Sends the price on its way: it is there after so many steps, and stays around it.
    pub(super) fn move_price(&mut self, price: Fixed, steps: u64) {
        let to = self.ticks(price).max(LEAST) * FINE;
        self.moving = Some(PriceMove { to, steps: small(steps.into()).max(1) });
    }

    /// A step of a price on its way, and the book follows.
    pub(super) fn stride(&mut self, engine: &mut Engine, actors: &mut Actors, now: Timestamp) {
        let Some(path) = &mut self.moving else { return };
        let (before, distance) = (self.fair, path.to - self.fair);
        self.fair += distance / path.steps;
        self.anchor = path.to;
        path.steps -= 1;
        if path.steps == 0 {
            self.fair = path.to;
            self.moving = None;
        }
        // What a swing is, depends on where the price is.
        self.swing = (self.anchor / 200_000).max(1);
        let side = if self.fair >= before { Side::Buy } else { Side::Sell };
        self.clear(engine, actors, side, now);
        for side in [Side::Buy, Side::Sell, Side::Buy, Side::Sell] {
            self.quote(engine, actors, side, now);
        }
        // A move over the whole reach of the book takes all of it along.
        let moved = ((self.fair - before) / FINE).unsigned_abs();
        let share = (self.levels as u64).saturating_mul(moved) / self.reach();
        for _ in 0..=share.min(self.levels as u64 * 2) {
            if !self.relocate(engine, actors, side, now) {
                break;
            }
        }
        for side in [Side::Buy, Side::Sell] {
            let missing = self.levels.saturating_sub(engine.instrument(self.symbol).depth(side));
            for _ in 0..share.min(missing as u64) {
                let offset = self.anywhere(&mut actors.random);
                self.place_at(engine, actors, side, offset, now);
            }
        }
        if self.moving.is_none() {
            self.arrive(engine, actors, side, now);
        }
    }

    /// Takes the orders that the price passed over out of the book: makers pull most of theirs, the rest is taken.
    fn clear(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) {
        let passed = |this: &Self, engine: &Engine| {
            this.best(engine, side.opposite()).is_some_and(|best| match side {
                Side::Buy => best <= this.middle(),
                Side::Sell => best >= this.middle(),
            })
        };
        let mut taken = 0;
        while passed(self, engine) {
            if taken > 0 && self.pull(engine, actors, side.opposite(), now) {
                continue;
            }
            let instrument = engine.instrument(self.symbol);
            let Some((_, available)) = instrument.best(side.opposite()) else { return };
            let steps = u64::try_from(available.units() / self.step.units().max(1)).unwrap_or(1);
            let trade = instrument.last_trade.map_or(0, |trade| trade.id);
            self.sweep(engine, actors, side, self.middle(), steps, now);
            taken += 1;
            // A filter is in the way, or the symbol is halted: the next step is another chance.
            if taken > 1000 || engine.instrument(self.symbol).last_trade.map_or(0, |trade| trade.id) == trade
            {
                return;
            }
        }
    }

    /// Lets one trade happen at the price that was moved to.
    fn arrive(&mut self, engine: &mut Engine, actors: &mut Actors, side: Side, now: Timestamp) {
        let middle = self.middle();
        let free = self.best(engine, side).is_none_or(|best| match side {
            Side::Buy => best < middle,
            Side::Sell => best > middle,
        });
        if !free {
            return;
        }
        let maker = actors.any_maker();
        let quantity = times(self.step, self.lot * 2);
        let order = NewOrder::limit(self.symbol, side.opposite(), quantity, self.price(middle));
        place(engine, now, maker, order);
        self.sweep(engine, actors, side, middle, self.lot * 2, now);
    }
}

/// Places an order of an internal account, which is funded as needed.
fn place(engine: &mut Engine, now: Timestamp, account: AccountId, order: NewOrder) -> Option<u64> {
    match engine.place(now, account, order.clone()) {
        Ok(placed) => placed.order.status.is_open().then_some(placed.order.id),
        Err(reject) if reject == crate::engine::Reject::balance() => {
            fund(engine, now, account, &order);
            let placed = engine.place(now, account, order).ok()?;
            placed.order.status.is_open().then_some(placed.order.id)
        }
        // Beyond a filter, at the edge of the prices: the next one will be elsewhere.
        Err(_) => None,
    }
}

/// Funds an internal account with more than an order needs.
pub(crate) fn fund(engine: &mut Engine, now: Timestamp, account: AccountId, order: &NewOrder) {
    let rules = &engine.instrument(order.symbol).rules;
    let asset = if order.side == Side::Buy { rules.quote } else { rules.base };
    let asset = engine.assets.get(asset).clone();
    let least = order.quantity.unwrap_or_default().times(order.price.unwrap_or(Fixed::ONE).max(Fixed::ONE));
    engine.deposit(now, account, &asset, Fixed::from_int(1_000_000_000) + least);
}
