//! Random commands: what a traders of accounts might ask, well-formed and not.

use crate::engine::{
    CancelReplaceMode, CancelRestrictions, Fixed, NewListOrders, NewOrder, OrderType, Peg, PegPriceType,
    SelfTradePrevention, Side, SymbolId, TimeInForce,
};
use crate::random::Random;

/// A command of an account. Orders are picked among the open ones of the account: `pick` is taken modulo their number.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a few thousand of them")]
pub(super) enum Command {
    Place(NewOrder),
    Cancel {
        pick: u64,
        restrictions: Option<CancelRestrictions>,
    },
    CancelAll,
    Replace {
        pick: u64,
        mode: CancelReplaceMode,
        new: NewOrder,
    },
    /// Makes an order smaller, to so many thousandths of what it is.
    Amend {
        pick: u64,
        thousandths: i128,
    },
    List(NewListOrders),
    CancelList {
        pick: u64,
    },
}

/// A command and who gives it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) account: usize,
    pub(super) command: Command,
}

pub(super) const SYMBOL: SymbolId = SymbolId(0);
/// Steps of the price and of the quantity. Products have nine places, so that cutting them matters.
pub(super) const TICK: i128 = 1_000;
pub(super) const LOT: i128 = 10_000;
const GRID: i128 = 137 * TICK;
const MODES: [SelfTradePrevention; 6] = [
    SelfTradePrevention::None,
    SelfTradePrevention::ExpireTaker,
    SelfTradePrevention::ExpireMaker,
    SelfTradePrevention::ExpireBoth,
    SelfTradePrevention::Decrement,
    SelfTradePrevention::Transfer,
];

/// Makes commands around a price that wanders.
#[derive(Debug)]
pub(super) struct Traders {
    random: Random,
    accounts: u64,
    /// In units of the grid.
    center: i128,
}

impl Traders {
    pub(super) fn new(seed: u64, accounts: usize) -> Self {
        Self { random: Random::new(seed), accounts: accounts as u64, center: 100 * 100_000_000 / GRID }
    }

    fn below(&mut self, bound: u64) -> i128 {
        i128::from(self.random.below(bound))
    }

    /// A price so many steps of the grid away from the middle.
    fn price(&mut self, from: i64, to: i64) -> Fixed {
        let width = u64::try_from(to - from + 1).unwrap();
        let away = i128::from(from) + self.below(width);
        // Now and then one that no filter lets pass.
        let off = i128::from(self.random.chance(1, 300));
        Fixed::from_units((self.center + away) * GRID + off)
    }

    fn quantity(&mut self) -> Fixed {
        let most = if self.random.chance(1, 12) { 8_000 } else { 300 };
        let off = i128::from(self.random.chance(1, 300));
        Fixed::from_units((3 + self.below(most)) * 37 * LOT + off)
    }

    fn side(&mut self) -> Side {
        if self.random.chance(1, 2) { Side::Buy } else { Side::Sell }
    }

    fn mode(&mut self) -> Option<SelfTradePrevention> {
        let index = usize::try_from(self.random.below(12)).unwrap();
        if index > 99 {
            return None;
        }
        MODES.get(index).copied()
    }

    fn iceberg(&mut self, quantity: Fixed) -> Option<Fixed> {
        if !self.random.chance(1, 5) {
            return None;
        }
        let parts = 2 + self.below(7);
        Some(Fixed::from_units((quantity.units() / parts / LOT + 1) * LOT)).filter(|part| *part < quantity)
    }

    fn base(&mut self, side: Side, kind: OrderType) -> NewOrder {
        NewOrder {
            quantity: Some(self.quantity()),
            prevention: self.mode(),
            ..NewOrder::new(SYMBOL, side, kind)
        }
    }

    fn limit(&mut self, side: Side) -> NewOrder {
        let mut order = self.base(side, OrderType::Limit);
        let (from, to) = if side == Side::Buy { (-22, 6) } else { (-6, 22) };
        order.price = Some(self.price(from, to));
        order.time_in_force = Some(match self.random.below(10) {
            0 => TimeInForce::Ioc,
            1 => TimeInForce::Fok,
            _ => TimeInForce::Gtc,
        });
        if order.time_in_force == Some(TimeInForce::Gtc) {
            order.iceberg = order.quantity.and_then(|quantity| self.iceberg(quantity));
        }
        order
    }

    fn market(&mut self, side: Side) -> NewOrder {
        let mut order = self.base(side, OrderType::Market);
        if self.random.chance(1, 2) {
            let quantity = order.quantity.take().unwrap_or(Fixed::ONE);
            order.quote_quantity = Some(Fixed::from_units(quantity.units() * 97));
        }
        order
    }

    fn maker(&mut self, side: Side) -> NewOrder {
        let mut order = self.base(side, OrderType::LimitMaker);
        let (from, to) = if side == Side::Buy { (-22, 2) } else { (-2, 22) };
        order.price = Some(self.price(from, to));
        order.iceberg = order.quantity.and_then(|quantity| self.iceberg(quantity));
        order
    }

    /// An order that waits above, or below, the middle.
    fn stop(&mut self, side: Side, kind: OrderType, above: bool) -> NewOrder {
        let mut order = self.base(side, kind);
        order.stop_price = Some(if above { self.price(-1, 14) } else { self.price(-14, 1) });
        if kind.has_price() {
            order.price = Some(if above { self.price(-3, 16) } else { self.price(-16, 3) });
            order.time_in_force = Some(match self.random.below(6) {
                0 => TimeInForce::Ioc,
                1 => TimeInForce::Fok,
                _ => TimeInForce::Gtc,
            });
        }
        order
    }

    fn contingent(&mut self, side: Side) -> NewOrder {
        let kind = [
            OrderType::StopLoss,
            OrderType::StopLossLimit,
            OrderType::TakeProfit,
            OrderType::TakeProfitLimit,
        ][usize::try_from(self.random.below(4)).unwrap()];
        self.stop(side, kind, kind.triggers_upwards(side))
    }

    /// Now and then an order that follows the price.
    fn trailing(&mut self, order: NewOrder) -> NewOrder {
        if !order.kind.is_contingent() || !self.random.chance(1, 3) {
            return order;
        }
        let delta = 1 + u32::try_from(self.random.below(4)).unwrap();
        let stop_price = order.stop_price.filter(|_| self.random.chance(1, 2));
        NewOrder { trailing_delta: Some(delta), stop_price, ..order }
    }

    /// Now and then an order whose price is that of a level of the book.
    fn pegged(&mut self, order: NewOrder) -> NewOrder {
        let may = order.kind == OrderType::Limit || order.kind == OrderType::LimitMaker;
        if !may || !self.random.chance(1, 8) {
            return order;
        }
        // Only what may stay may be pegged to its own side, and what may not take must be.
        let stays = order.kind == OrderType::LimitMaker || order.time_in_force == Some(TimeInForce::Gtc);
        let primary = order.kind == OrderType::LimitMaker || stays && self.random.chance(1, 2);
        let peg = Peg {
            price_type: if primary { PegPriceType::Primary } else { PegPriceType::Market },
            offset: u32::try_from(self.random.below(6)).ok().filter(|offset| *offset > 0),
        };
        let price = order.price.filter(|_| self.random.chance(1, 2));
        NewOrder { peg: Some(peg), price, iceberg: None, ..order }
    }

    /// A single order of any kind.
    fn order(&mut self) -> NewOrder {
        let side = self.side();
        match self.random.below(20) {
            0..=1 => self.market(side),
            2..=3 => {
                let order = self.maker(side);
                self.pegged(order)
            }
            4..=6 => {
                let order = self.contingent(side);
                self.trailing(order)
            }
            _ => {
                let order = self.limit(side);
                self.pegged(order)
            }
        }
    }

    /// Both legs of a pair, mostly on the right sides.
    fn pair(&mut self, side: Side, quantity: Option<Fixed>) -> (NewOrder, NewOrder) {
        let stop_kind = if self.random.chance(1, 2) { OrderType::StopLoss } else { OrderType::StopLossLimit };
        let stop_above = side == Side::Buy;
        let stop = self.stop(side, stop_kind, stop_above);
        let gain = match self.random.below(4) {
            0 => self.stop(side, OrderType::TakeProfit, !stop_above),
            1 => self.stop(side, OrderType::TakeProfitLimit, !stop_above),
            _ => self.maker(side),
        };
        let (mut stop, mut gain) = (self.trailing(stop), self.trailing(gain));
        (stop.quantity, gain.quantity) = (quantity, quantity);
        gain.iceberg =
            quantity.filter(|_| gain.kind == OrderType::LimitMaker).and_then(|all| self.iceberg(all));
        let swapped = self.random.chance(1, 25);
        if stop_above == swapped { (gain, stop) } else { (stop, gain) }
    }

    fn list(&mut self) -> NewListOrders {
        let quantity = Some(self.quantity());
        let side = self.side();
        let shape = self.random.below(5);
        if shape == 0 {
            let (above, below) = self.pair(side, quantity);
            return NewListOrders::Pair { above, below };
        }
        let pays = shape >= 3;
        let mut working = if self.random.chance(1, 4) { self.maker(side) } else { self.limit(side) };
        if pays && !self.random.chance(1, 20) {
            working.side = Side::Buy;
            // So that what is left after the commission is worth placing.
            working.quantity = Some(Fixed::from_units((30 + self.below(200)) * 37 * LOT));
            working.iceberg = None;
        }
        let working = self.pegged(working);
        let pending_side = if pays && !self.random.chance(1, 20) { Side::Sell } else { self.side() };
        let pending_quantity = quantity.filter(|_| !pays);
        if shape.is_multiple_of(2) {
            let (above, below) = self.pair(pending_side, pending_quantity);
            return NewListOrders::TriggerPair { working, above, below, pays };
        }
        let mut pending = match self.random.below(4) {
            0 => NewOrder { quote_quantity: None, ..self.market(pending_side) },
            1 => self.contingent(pending_side),
            2 => self.maker(pending_side),
            _ => self.limit(pending_side),
        };
        pending.quantity = pending_quantity;
        pending.iceberg = match (pending.iceberg, pending_quantity) {
            (None, _) => None,
            (Some(_), Some(quantity)) => self.iceberg(quantity),
            // Its id is not known beforehand.
            (part, None) => part,
        };
        let pending = self.trailing(pending);
        let pending = self.pegged(pending);
        NewListOrders::Trigger { working, pending, pays }
    }

    /// The next command.
    pub(super) fn step(&mut self) -> Step {
        if self.random.chance(1, 8) {
            self.center = (self.center + self.below(5) - 2).clamp(70_000, 76_000);
        }
        let account = usize::try_from(self.random.below(self.accounts)).unwrap();
        let command = match self.random.below(100) {
            0..=13 => Command::Cancel {
                pick: self.random.next(),
                restrictions: match self.random.below(8) {
                    0 => Some(CancelRestrictions::OnlyNew),
                    1 => Some(CancelRestrictions::OnlyPartiallyFilled),
                    _ => None,
                },
            },
            14 => Command::CancelAll,
            15..=19 => Command::Replace {
                pick: self.random.next(),
                mode: if self.random.chance(1, 2) {
                    CancelReplaceMode::AllowFailure
                } else {
                    CancelReplaceMode::StopOnFailure
                },
                new: self.order(),
            },
            20..=25 => Command::Amend { pick: self.random.next(), thousandths: self.below(1_050) },
            26..=37 => Command::List(self.list()),
            38..=39 => Command::CancelList { pick: self.random.next() },
            _ => Command::Place(self.order()),
        };
        Step { account, command }
    }
}
