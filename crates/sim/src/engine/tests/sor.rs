//! Orders that take from several books: where they go, what they cost, and what is reported to whom.

use super::super::*;
use super::{at, fixed};
use crate::clearing::Balance;
use crate::random::Random;
use binance_kit_core::Decimal;

struct Market {
    engine: Engine,
    symbols: Vec<SymbolId>,
    maker: AccountId,
    user: AccountId,
    clock: i64,
}

const QUOTES: [&str; 3] = ["B", "C", "D"];
const USER: i64 = 1_000_000;

impl Market {
    /// A is traded for B, C and D, which count as one.
    fn new(rate: &str) -> Self {
        let mut engine = Engine::new(1);
        let symbols: Vec<SymbolId> = QUOTES
            .into_iter()
            .map(|quote| {
                let config = SymbolConfig::new(&format!("A{quote}"), "A", quote, Decimal::new(30_000, 0))
                    .step_size(Decimal::new(1, 3))
                    .any_price();
                engine.add_symbol(&config).unwrap()
            })
            .collect();
        assert!(engine.add_router(&symbols));
        let maker = engine.add_account("maker", false, Fixed::ZERO, Fixed::ZERO);
        let user = engine.add_account("user", false, fixed(rate), fixed(rate));
        for asset in ["A", "B", "C", "D"] {
            engine.deposit(at(0), maker, &Asset::new(asset), Fixed::from_int(10_000_000));
        }
        for asset in ["A", "B"] {
            engine.deposit(at(0), user, &Asset::new(asset), Fixed::from_int(USER));
        }
        engine.events.clear();
        Self { engine, symbols, maker, user, clock: 0 }
    }

    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        at(self.clock)
    }

    fn offer(&mut self, account: AccountId, book: usize, side: Side, quantity: &str, price: &str) -> u64 {
        let now = self.now();
        let order = NewOrder::limit(self.symbols[book], side, fixed(quantity), fixed(price));
        self.engine.place(now, account, order).unwrap().order.id
    }

    fn asks(&mut self) {
        for (book, quantity, price) in [
            (0, "3", "30800"),
            (0, "3", "30500"),
            (1, "1", "30000"),
            (1, "1", "28000"),
            (2, "1", "35000"),
            (2, "1", "29000"),
        ] {
            self.offer(self.maker, book, Side::Sell, quantity, price);
        }
        self.engine.events.clear();
    }

    fn route(&mut self, order: NewOrder) -> Result<Placed, Reject> {
        let now = self.now();
        self.engine.place_routed(now, self.user, order)
    }

    fn limit(&self, side: Side, quantity: &str, price: &str) -> NewOrder {
        NewOrder::limit(self.symbols[0], side, fixed(quantity), fixed(price))
    }

    fn balance(&self, asset: &str) -> Balance {
        self.engine.clearing.balances(self.user).get(self.engine.assets.id(asset).unwrap())
    }

    /// Nothing appears or vanishes, the exchange's own account included.
    fn check(&self) {
        for (asset, deposited) in
            [("A", 10_000_000 + USER), ("B", 10_000_000 + USER), ("C", 10_000_000), ("D", 10_000_000)]
        {
            assert_eq!(
                self.engine.clearing.total(self.engine.assets.id(asset).unwrap()),
                Fixed::from_int(deposited),
                "{asset}"
            );
        }
    }

    fn best(&self, book: usize, side: Side) -> Option<(Fixed, Fixed)> {
        self.engine.instrument(self.symbols[book]).best(side)
    }
}

fn fills(placed: &Placed) -> Vec<(String, String)> {
    let trim = |number: Fixed| number.to_string().trim_end_matches('0').trim_end_matches('.').to_owned();
    placed.fills.iter().map(|fill| (trim(fill.price), trim(fill.quantity))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(price, quantity)| ((*price).to_owned(), (*quantity).to_owned())).collect()
}

#[test]
fn the_best_of_all_books_is_taken() {
    let mut market = Market::new("0.001");
    market.asks();
    let order = market.limit(Side::Buy, "5", "31000");
    let placed = market.route(order).unwrap();
    assert_eq!(fills(&placed), pairs(&[("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "2")]));
    assert_eq!(placed.order.executed_quote, fixed("148000"));
    assert_eq!(placed.order.status, OrderStatus::Filled);
    assert_eq!(placed.order.floor, Some(WorkingFloor::Sor));
    let ids: Vec<_> = placed.fills.iter().map(|fill| fill.allocation).collect();
    assert_eq!(ids, [Some(0), Some(1), Some(2), Some(3)]);
    // All of it is paid in the quote asset of the order's own symbol, and the commission is what it always is.
    assert_eq!(market.balance("B").free, Fixed::from_int(USER - 148_000));
    assert_eq!(market.balance("A").free, Fixed::from_int(USER) + fixed("4.995"));
    assert!(market.balance("C").free.is_zero() && market.balance("D").free.is_zero());
    market.check();
    // The books and their trades are as if another account had taken.
    assert_eq!(market.best(0, Side::Sell), Some((fixed("30500"), fixed("1"))));
    assert_eq!(market.best(1, Side::Sell), None);
    assert_eq!(market.engine.instrument(market.symbols[1]).trades.len(), 2);
    let mine = market.engine.account(market.user).orders_on(market.symbols[0]).unwrap();
    assert!(mine.trades.is_empty(), "allocations are no trades of the account");
    assert_eq!(mine.allocations.len(), 4);
    assert_eq!(mine.allocations[1].quote, fixed("29000"));
    // The account gets reports of the allocations.
    let reported: Vec<_> = market
        .engine
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Report(report) if report.order.account == market.user => {
                Some((report.execution, report.trade_id, report.allocation, report.order.floor))
            }
            _ => None,
        })
        .collect();
    assert_eq!(reported[0], (ExecutionType::New, None, None, Some(WorkingFloor::Exchange)));
    assert_eq!(reported[4], (ExecutionType::Trade, None, Some(3), Some(WorkingFloor::Sor)));
    assert_eq!(reported.len(), 5);
}

#[test]
fn a_market_order_expires_when_all_books_are_empty() {
    let mut market = Market::new("0");
    market.asks();
    let order = NewOrder {
        quantity: Some(fixed("11")),
        ..NewOrder::new(market.symbols[0], Side::Buy, OrderType::Market)
    };
    let placed = market.route(order).unwrap();
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::Expired, fixed("10")));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::InsufficientLiquidity));
    assert_eq!(placed.order.executed_quote, fixed("305900"));
    assert_eq!(market.balance("B"), Balance { free: Fixed::from_int(USER - 305_900), locked: Fixed::ZERO });
    market.check();
}

#[test]
fn a_seller_receives_the_quote_asset_of_its_own_symbol_and_the_rest_stays_there() {
    let mut market = Market::new("0");
    for (book, price) in [(0, "29500"), (1, "35000"), (1, "30000"), (2, "28000")] {
        market.offer(market.maker, book, Side::Buy, "5", price);
    }
    let order = market.limit(Side::Sell, "20", "29000");
    let placed = market.route(order).unwrap();
    assert_eq!(fills(&placed), pairs(&[("35000", "5"), ("30000", "5"), ("29500", "5")]));
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::PartiallyFilled, fixed("15")));
    assert_eq!(placed.order.floor, Some(WorkingFloor::Exchange), "what is left works on the book");
    assert_eq!(market.best(0, Side::Sell), Some((fixed("29000"), fixed("5"))));
    assert_eq!(market.balance("B").free, Fixed::from_int(USER) + fixed("472500"));
    assert_eq!(market.balance("A").locked, fixed("5"));
    // There it is a maker like any other, with trades.
    market.offer(market.maker, 0, Side::Buy, "5", "29000");
    let mine = market.engine.account(market.user).orders_on(market.symbols[0]).unwrap();
    assert_eq!((mine.trades.len(), mine.allocations.len()), (1, 3));
    market.check();
}

#[test]
fn ioc_and_fok() {
    let mut market = Market::new("0");
    market.asks();
    let with = |order, time_in_force| NewOrder { time_in_force: Some(time_in_force), ..order };
    let order = with(market.limit(Side::Buy, "4", "30000"), TimeInForce::Fok);
    let placed = market.route(order).unwrap();
    assert_eq!((placed.order.status, placed.fills.len()), (OrderStatus::Expired, 0));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::UnfilledFok));
    let order = with(market.limit(Side::Buy, "2.5", "30000"), TimeInForce::Fok);
    assert_eq!(market.route(order).unwrap().order.status, OrderStatus::Filled);
    let order = with(market.limit(Side::Buy, "4", "30000"), TimeInForce::Ioc);
    let placed = market.route(order).unwrap();
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::Expired, fixed("0.5")));
    assert_eq!(placed.order.floor, Some(WorkingFloor::Sor));
    assert!(market.balance("B").locked.is_zero());
    market.check();
}

#[test]
fn self_trades_are_prevented_in_other_books() {
    for (mode, status, maker_left) in [
        (SelfTradePrevention::ExpireTaker, OrderStatus::ExpiredInMatch, "1"),
        (SelfTradePrevention::ExpireMaker, OrderStatus::Filled, "0"),
        (SelfTradePrevention::ExpireBoth, OrderStatus::ExpiredInMatch, "0"),
        (SelfTradePrevention::Decrement, OrderStatus::Filled, "0"),
    ] {
        let mut market = Market::new("0");
        market.asks();
        let own = market.offer(market.user, 1, Side::Sell, "1", "27000");
        let order = NewOrder { prevention: Some(mode), ..market.limit(Side::Buy, "2", "31000") };
        let placed = market.route(order).unwrap();
        assert_eq!(placed.order.status, status, "{mode:?}");
        assert_eq!(placed.prevented.len(), 1);
        assert_eq!(placed.prevented[0].maker_symbol, Some(market.symbols[1]));
        let maker = market.engine.instrument(market.symbols[1]).order(own).unwrap();
        let left = if maker.status.is_open() { maker.remaining() } else { Fixed::ZERO };
        assert_eq!(left, fixed(maker_left), "{mode:?}");
        assert_eq!(market.engine.prevented_matches(market.user, market.symbols[0]).count(), 1);
        assert!(market.balance("B").locked.is_zero());
        market.check();
    }
}

#[test]
fn what_cannot_be_routed_is_refused() {
    let mut market = Market::new("0");
    market.asks();
    let maker = NewOrder {
        quantity: Some(fixed("1")),
        price: Some(fixed("20000")),
        ..NewOrder::new(market.symbols[0], Side::Buy, OrderType::LimitMaker)
    };
    assert_eq!(market.route(maker).unwrap_err().code, -1116);
    let rich = market.limit(Side::Buy, "250", "31000");
    assert_eq!(market.route(rich).unwrap_err(), Reject::balance());
    let other = SymbolConfig::new("EB", "E", "B", Decimal::new(10, 0));
    let other = market.engine.add_symbol(&other).unwrap();
    let order = NewOrder::limit(other, Side::Buy, fixed("1"), fixed("10"));
    assert_eq!(market.route(order).unwrap_err().message, "SOR is not supported for this symbol.");
    assert!(!market.engine.add_router(&[other, market.symbols[0]]), "another base asset");
    assert!(!market.engine.add_router(&market.symbols.clone()), "routed already");
    market.check();
}

#[test]
fn what_waits_in_other_books_is_woken() {
    let mut market = Market::new("0");
    market.asks();
    market.offer(market.maker, 1, Side::Buy, "1", "20000");
    market.offer(market.maker, 1, Side::Sell, "0.1", "20000");
    let now = market.now();
    let stop = NewOrder {
        quantity: Some(fixed("0.5")),
        stop_price: Some(fixed("29000")),
        ..NewOrder::new(market.symbols[1], Side::Buy, OrderType::StopLoss)
    };
    let stop = market.engine.place(now, market.maker, stop).unwrap().order.id;
    let order = market.limit(Side::Buy, "2.5", "31000");
    market.route(order).unwrap();
    let stop = market.engine.instrument(market.symbols[1]).order(stop).unwrap();
    assert_eq!((stop.status, stop.executed_quote), (OrderStatus::Filled, fixed("15000")));
    market.check();
}

/// Random books: what is taken is what a list of all offers, sorted, says.
#[test]
fn routing_agrees_with_a_sorted_list_of_all_offers() {
    let mut random = Random::new(7);
    let mut market = Market::new("0.001");
    let (mut routed, mut filled) = (0, 0);
    for _ in 0..400 {
        let side = if random.chance(1, 2) { Side::Buy } else { Side::Sell };
        for _ in 0..6 {
            let book = usize::try_from(random.below(3)).unwrap();
            let quantity = Fixed::from_units(i128::from(1 + random.below(3_000)) * 100_000);
            let away = Fixed::from_units(i128::from(random.below(200)) * 100_000_000);
            let (side, price) = if random.chance(1, 2) {
                (Side::Sell, Fixed::from_int(30_001) + away)
            } else {
                (Side::Buy, Fixed::from_int(29_999) - away)
            };
            let order = NewOrder::limit(market.symbols[book], side, quantity, price);
            let (now, maker) = (market.now(), market.maker);
            // Books of different prices may cross for their own orders; that is no matter here.
            let _ = market.engine.place(now, maker, order);
        }
        let limit = Fixed::from_int(30_000 + i64::try_from(random.below(200)).unwrap() - 100);
        let quantity = Fixed::from_units(i128::from(1 + random.below(20_000)) * 100_000);
        let order = NewOrder {
            time_in_force: Some(TimeInForce::Ioc),
            ..NewOrder::limit(market.symbols[0], side, quantity, limit)
        };
        let mut offers: Vec<(Fixed, Fixed)> = market
            .symbols
            .iter()
            .flat_map(|symbol| market.engine.instrument(*symbol).levels(side.opposite()))
            .filter(|(price, _)| if side == Side::Buy { *price <= limit } else { *price >= limit })
            .collect();
        offers.sort_unstable();
        if side == Side::Sell {
            offers.reverse();
        }
        let (mut left, mut expected) = (quantity, BTreeMap::new());
        for (price, available) in offers {
            let taken = left.min(available);
            if taken.is_positive() {
                *expected.entry(price).or_insert(Fixed::ZERO) += taken;
            }
            left -= taken;
        }
        let Ok(placed) = market.route(order) else { continue };
        let mut seen: BTreeMap<Fixed, Fixed> = BTreeMap::new();
        for fill in &placed.fills {
            *seen.entry(fill.price).or_default() += fill.quantity;
        }
        assert_eq!(seen, expected);
        routed += 1;
        filled += usize::from(placed.order.status == OrderStatus::Filled);
        assert!(market.balance("A").locked.is_zero() && market.balance("B").locked.is_zero());
        market.check();
    }
    assert!(routed > 300 && filled > 40 && filled < routed, "{routed} {filled}");
}
