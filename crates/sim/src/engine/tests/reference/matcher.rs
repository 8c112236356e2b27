//! A plain exchange, written from its documents: lists that are searched from end to end, and balances whose locked part
//! is added up again whenever it is needed. It shares nothing with the engine but the form of the commands.

use super::order::{PlainList, PlainOrder, PlainRules, PlainTrade, UNIT, Units, product};
use crate::engine::{Fixed, NewOrder, OrderType, PegPriceType, SelfTradePrevention, Side, TimeInForce};

#[derive(Debug, Clone)]
pub(super) struct Plain {
    pub(super) rules: PlainRules,
    /// Open orders, in the order of their ids.
    pub(super) open: Vec<PlainOrder>,
    /// Orders that the current command ended.
    pub(super) ended: Vec<PlainOrder>,
    /// What each account owns, free or locked: base and quote.
    pub(super) owned: Vec<[Units; 2]>,
    /// The accounts of one group.
    pub(super) group: [usize; 2],
    pub(super) trades: Vec<PlainTrade>,
    pub(super) lists: Vec<PlainList>,
    pub(super) ready: Vec<usize>,
    /// Trailing orders for which the price has turned.
    turned: Vec<u64>,
    pub(super) last_price: Option<Units>,
    /// All that was traded: base and quote.
    turnover: [Units; 2],
    pub(super) initial_price: Units,
    pub(super) last_id: u64,
    last_arrival: u64,
    /// Whether a trade of the current taker was prevented.
    prevented: bool,
    /// What the current taker still wants of the quote asset, if that is its measure.
    wanted: Option<Units>,
}

impl Plain {
    pub(super) fn new(
        rules: PlainRules,
        initial_price: Units,
        owned: Vec<[Units; 2]>,
        group: [usize; 2],
    ) -> Self {
        Self {
            rules,
            open: Vec::new(),
            ended: Vec::new(),
            owned,
            group,
            trades: Vec::new(),
            lists: Vec::new(),
            ready: Vec::new(),
            turned: Vec::new(),
            last_price: None,
            turnover: [0; 2],
            initial_price,
            last_id: 0,
            last_arrival: 0,
            prevented: false,
            wanted: None,
        }
    }

    pub(super) fn find(&self, id: u64) -> Option<&PlainOrder> {
        self.open.iter().find(|order| order.id == id)
    }

    pub(super) fn find_mut(&mut self, id: u64) -> Option<&mut PlainOrder> {
        self.open.iter_mut().find(|order| order.id == id)
    }

    /// What is locked of an asset: the need of each order, of a pair the greater one, and what waits to be sold.
    pub(super) fn locked(&self, account: usize, asset: usize) -> Units {
        let mut sum = 0;
        for order in self.open.iter().filter(|order| order.account == account) {
            if usize::from(order.buys) != asset || order.status == "PENDING_NEW" {
                continue;
            }
            let Some(list) = order.list.map(|list| &self.lists[list]) else {
                sum += order.need();
                continue;
            };
            // The first leg of a pair that is still open stands for both.
            let pair: Vec<&PlainOrder> = list
                .dependents
                .iter()
                .filter(|_| list.dependents.contains(&order.id))
                .filter_map(|id| self.find(*id))
                .collect();
            match pair.first() {
                None => sum += order.need(),
                Some(first) if first.id == order.id => {
                    sum += pair.iter().map(|leg| leg.need()).max().unwrap_or(0);
                }
                Some(_) => {}
            }
        }
        if asset == 0 {
            sum +=
                self.lists.iter().filter(|l| l.account == account && !l.done).map(|l| l.kept).sum::<Units>();
        }
        sum
    }

    pub(super) fn free(&self, account: usize, asset: usize) -> Units {
        self.owned[account][asset] - self.locked(account, asset)
    }

    // ---- Placing.

    /// What an order must be in itself.
    pub(super) fn filters(&self, new: &NewOrder) -> Result<(), i32> {
        let rules = &self.rules;
        let pegged = new.peg.map(|_| self.effective_price(new)).transpose()?;
        let price = new.price.map(Fixed::units);
        for price in [price, new.stop_price.map(Fixed::units)].into_iter().flatten() {
            if price % rules.tick != 0 || price < rules.tick || price > rules.max_price {
                return Err(-1013);
            }
        }
        if let Some(quantity) = new.quantity.map(Fixed::units) {
            let at_market = !new.kind.has_price();
            if quantity % rules.lot != 0
                || quantity < rules.lot
                || quantity > rules.max_quantity
                || at_market && quantity > rules.market_max_quantity
            {
                return Err(-1013);
            }
            if new.iceberg.is_some_and(|part| quantity > part.units() * rules.iceberg_parts) {
                return Err(-1013);
            }
            // An order without a price is worth what was paid on average; a run is over within minutes.
            let average = match self.turnover {
                [0, _] => self.current_price(),
                [base, quote] => quote * UNIT / base,
            };
            let at_market = Some(average).filter(|_| !new.kind.has_price());
            let mut prices = price.into_iter().chain(pegged).chain(at_market);
            if prices.any(|price| product(price, quantity) < rules.min_notional) {
                return Err(-1013);
            }
        }
        if new.quote_quantity.is_some_and(|quote| quote.units() < rules.min_notional) {
            return Err(-1013);
        }
        Ok(())
    }

    /// Whether the prices of now let an order in.
    pub(super) fn acceptable(&self, new: &NewOrder) -> Result<(), i32> {
        let buys = new.side == Side::Buy;
        if new.kind.is_contingent()
            && let (Some(stop), Some(last)) = (new.stop_price, self.last_price)
        {
            let stop = stop.units();
            let stop_loss = matches!(new.kind, OrderType::StopLoss | OrderType::StopLossLimit);
            let passed = if stop_loss == buys { last >= stop } else { last <= stop };
            if passed {
                return Err(-2010);
            }
        }
        let price = self.effective_price(new)?;
        if new.kind == OrderType::LimitMaker {
            let takes = self.open.iter().any(|order| {
                order.arrival.is_some()
                    && order.buys != buys
                    && if buys { order.price <= price } else { order.price >= price }
            });
            if takes {
                return Err(-2010);
            }
        }
        Ok(())
    }

    /// The price of an order: its own, or the one its peg selects from the levels of the book, not beyond its own.
    pub(super) fn effective_price(&self, new: &NewOrder) -> Result<Units, i32> {
        let own = new.price.map(Fixed::units);
        let Some(peg) = new.peg else { return Ok(own.unwrap_or(0)) };
        let buys = new.side == Side::Buy;
        let side = buys == (peg.price_type == PegPriceType::Primary);
        let mut levels: Vec<Units> = self
            .open
            .iter()
            .filter(|order| order.arrival.is_some() && order.buys == side)
            .map(|order| order.price)
            .collect();
        levels.sort_unstable();
        levels.dedup();
        if side {
            levels.reverse();
        }
        let level = levels.get(peg.offset.unwrap_or(0) as usize).copied().ok_or(-2010)?;
        Ok(match (own, buys) {
            (None, _) => level,
            (Some(own), true) => level.min(own),
            (Some(own), false) => level.max(own),
        })
    }

    pub(super) fn number(&mut self, order: &mut PlainOrder) {
        self.last_id += 1;
        order.id = self.last_id;
    }

    /// Whether the account can pay for an order.
    pub(super) fn affordable(&self, order: &PlainOrder, quote: Option<Units>) -> Result<(), i32> {
        let asset = usize::from(order.buys);
        let free = self.free(order.account, asset);
        if order.kind != OrderType::Market {
            return if free >= order.need() { Ok(()) } else { Err(-2010) };
        }
        // A market order costs what it would cost.
        let (spent, taken) = self.rehearse(order, quote);
        if quote.is_some() && taken.executed + taken.prevented == 0 {
            return Err(-2010);
        }
        let cost = match (order.buys, quote) {
            (true, _) => spent[1],
            (false, None) => order.quantity,
            (false, Some(_)) => spent[0],
        };
        if free >= cost { Ok(()) } else { Err(-2010) }
    }

    /// What a taker would part with, or would lose to prevention: base and quote. And what would become of it.
    fn rehearse(&self, order: &PlainOrder, quote: Option<Units>) -> ([Units; 2], PlainOrder) {
        let mut copy = self.clone();
        copy.ended.clear();
        let mut taker = order.clone();
        // Whatever it owns, it has enough here.
        copy.owned[taker.account] = [Units::MAX / 8; 2];
        let spent = copy.take(&mut taker, quote);
        let lost = if quote.is_some() { taker.prevented } else { 0 };
        ([taker.executed + lost, spent], taker)
    }

    pub(super) fn place(&mut self, account: usize, new: &NewOrder) -> Result<u64, i32> {
        self.filters(new)?;
        self.counts(account, 1, usize::from(new.kind.is_contingent()))?;
        self.place_filtered(account, new)
    }

    pub(super) fn place_filtered(&mut self, account: usize, new: &NewOrder) -> Result<u64, i32> {
        self.acceptable(new)?;
        let quote = new.quote_quantity.map(Fixed::units);
        let mut order = PlainOrder::draft(account, new, self.current_price());
        order.price = self.effective_price(new)?;
        self.affordable(&order, quote)?;
        self.number(&mut order);
        let id = order.id;
        self.start(order, quote);
        self.settle();
        Ok(id)
    }

    /// Lets an order wait, or act.
    pub(super) fn start(&mut self, mut order: PlainOrder, quote: Option<Units>) {
        if order.kind.is_contingent() {
            order.waits = true;
            if let (Some(trailing), None) = (&mut order.trailing, order.stop) {
                // It follows from the beginning.
                trailing.extreme = self.last_price;
            }
            self.insert(order);
        } else {
            self.act(order, quote);
        }
    }

    pub(super) fn insert(&mut self, order: PlainOrder) {
        let index = self.open.iter().position(|other| other.id > order.id).unwrap_or(self.open.len());
        self.open.insert(index, order);
    }

    fn act(&mut self, mut order: PlainOrder, quote: Option<Units>) {
        let kill = order.time_in_force == TimeInForce::Fok && order.kind.has_price();
        if kill {
            let mut copy = self.clone();
            copy.prevented = false;
            let mut rehearsed = order.clone();
            copy.take(&mut rehearsed, None);
            if rehearsed.rest() > 0 && !copy.prevented {
                self.end(order, "EXPIRED");
                return;
            }
        }
        self.take(&mut order, quote);
        if !matches!(order.status, "NEW" | "PARTIALLY_FILLED") {
            let status = order.status;
            self.end(order, status);
        } else if order.kind.has_price() && order.time_in_force == TimeInForce::Gtc {
            self.last_arrival += 1;
            order.arrival = Some(self.last_arrival);
            order.shown = order.iceberg.map_or(0, |iceberg| iceberg.min(order.rest()));
            self.insert(order);
        } else {
            self.end(order, "EXPIRED");
        }
    }

    // ---- Matching.

    /// The maker that an order meets next.
    fn best(&self, taker: &PlainOrder) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (index, maker) in self.open.iter().enumerate() {
            let Some(arrival) = maker.arrival else { continue };
            if maker.buys == taker.buys || !taker.crosses(maker.price) {
                continue;
            }
            let better = best.is_none_or(|best| {
                let best = &self.open[best];
                let cheaper = if taker.buys { maker.price < best.price } else { maker.price > best.price };
                cheaper || maker.price == best.price && Some(arrival) < best.arrival
            });
            if better {
                best = Some(index);
            }
        }
        best
    }

    /// Lets a taker trade. Returns how much of the quote asset went into it, prevented trades of which the order outlives
    /// its part included.
    fn take(&mut self, taker: &mut PlainOrder, quote: Option<Units>) -> Units {
        let mut spent = 0;
        // What an order by quote quantity ends as, when it ends here.
        let mut ends = "EXPIRED";
        loop {
            if taker.rest() == 0 {
                break;
            }
            self.wanted = quote.map(|quote| quote - spent);
            let Some(index) = self.best(taker) else { break };
            let maker = &self.open[index];
            let (id, price) = (maker.id, maker.price);
            let mut quantity = taker.rest().min(maker.visible());
            if let Some(quote) = quote {
                let payable = (quote - spent) * UNIT / price;
                let payable = payable - payable % self.rules.lot;
                quantity = quantity.min(payable);
                if payable == 0 {
                    taker.status = ends;
                    break;
                }
            }
            match self.prevention(taker, index) {
                SelfTradePrevention::None => {
                    spent += product(price, quantity);
                    self.trade(taker, id, price, quantity);
                    ends = "FILLED";
                }
                mode => {
                    self.prevented = true;
                    let decrements =
                        matches!(mode, SelfTradePrevention::Decrement | SelfTradePrevention::Transfer);
                    if decrements {
                        spent += product(price, quantity);
                        ends = "EXPIRED_IN_MATCH";
                    }
                    let before = taker.prevented;
                    self.prevent(taker, id, mode, price, quantity);
                    if taker.status == "EXPIRED_IN_MATCH" {
                        if let (false, Some(quote)) = (decrements, quote) {
                            let payable = (quote - spent) * UNIT / price;
                            taker.prevented = before + payable - payable % self.rules.lot;
                        }
                        break;
                    }
                }
            }
            if quote.is_some_and(|quote| spent >= quote) {
                taker.status = ends;
                break;
            }
        }
        spent
    }

    fn prevention(&self, taker: &PlainOrder, maker: usize) -> SelfTradePrevention {
        let maker = &self.open[maker];
        let same_group = self.group.contains(&taker.account) && self.group.contains(&maker.account);
        if taker.account != maker.account && !same_group {
            return SelfTradePrevention::None;
        }
        if taker.mode == SelfTradePrevention::Transfer && maker.mode != SelfTradePrevention::Transfer {
            return SelfTradePrevention::Decrement;
        }
        taker.mode
    }

    fn prevent(
        &mut self,
        taker: &mut PlainOrder,
        id: u64,
        mode: SelfTradePrevention,
        price: Units,
        quantity: Units,
    ) {
        use SelfTradePrevention::{Decrement, ExpireBoth, ExpireMaker, ExpireTaker, Transfer};
        if mode == Transfer {
            let maker = self.find(id).unwrap().account;
            let (buyer, seller) = if taker.buys { (taker.account, maker) } else { (maker, taker.account) };
            let quote = product(price, quantity);
            self.owned[buyer][0] += quantity;
            self.owned[buyer][1] -= quote;
            self.owned[seller][0] -= quantity;
            self.owned[seller][1] += quote;
        }
        if matches!(mode, ExpireMaker | ExpireBoth) {
            self.begin(id);
            if let Some(mut maker) = self.remove(id) {
                maker.prevented += maker.rest();
                self.end(maker, "EXPIRED_IN_MATCH");
            }
        }
        if matches!(mode, Decrement | Transfer) {
            self.begin(id);
            if let Some(maker) = self.find_mut(id) {
                maker.prevented += quantity;
            }
            self.consume(id, quantity, "EXPIRED_IN_MATCH");
            taker.prevented += quantity;
            if taker.rest() == 0 {
                taker.status = "EXPIRED_IN_MATCH";
            }
        }
        if matches!(mode, ExpireTaker | ExpireBoth) {
            taker.prevented += taker.rest();
            taker.status = "EXPIRED_IN_MATCH";
        }
    }

    fn trade(&mut self, taker: &mut PlainOrder, id: u64, price: Units, quantity: Units) {
        self.begin(id);
        let quote = product(price, quantity);
        let (maker_rate, taker_rate) = (self.rules.maker_rate, self.rules.taker_rate);
        let Some(maker) = self.find_mut(id) else { return };
        let (maker_account, maker_list, maker_buys) = (maker.account, maker.list, maker.buys);
        for order in [&mut *maker, taker] {
            order.executed += quantity;
            order.executed_quote += quote;
            order.status = if order.rest() == 0 { "FILLED" } else { "PARTIALLY_FILLED" };
        }
        let fee = |buys, rate| product(if buys { quantity } else { quote }, rate);
        let fees = (fee(taker.buys, taker_rate), fee(maker_buys, maker_rate));
        let shares = [
            (taker.account, taker.buys, fees.0, taker.list, taker.id),
            (maker_account, maker_buys, fees.1, maker_list, id),
        ];
        for (account, buys, fee, ..) in shares {
            let (gained, paid) = if buys { (0, 1) } else { (1, 0) };
            let amounts = [quantity, quote];
            self.owned[account][gained] += amounts[gained] - fee;
            self.owned[account][paid] -= amounts[paid];
        }
        self.trades.push(PlainTrade { price, quantity, taker: taker.id, maker: id, fees });
        self.last_price = Some(price);
        self.turnover[0] += quantity;
        self.turnover[1] += quote;
        self.follow(price);
        self.consume(id, quantity, "FILLED");
        for (account, buys, fee, list, order) in [shares[1], shares[0]] {
            if buys && let Some(list) = list {
                // A taker is not among the open orders while it acts, but what it still sells is locked.
                let sells = account == taker.account && !taker.buys;
                let held = if sells { self.still_sold(taker, quote) } else { 0 };
                self.keep(list, order, quantity, fee, held);
            }
        }
    }

    /// What a selling taker still holds.
    fn still_sold(&self, taker: &PlainOrder, last_quote: Units) -> Units {
        if taker.kind != OrderType::Market {
            return taker.rest();
        }
        let (spent, _) = self.rehearse(taker, self.wanted.map(|wanted| wanted - last_quote));
        spent[0] - taker.executed - if self.wanted.is_some() { taker.prevented } else { 0 }
    }

    /// Takes a quantity off a maker, as far as the book shows it.
    fn consume(&mut self, id: u64, quantity: Units, last_status: &'static str) {
        let Some(maker) = self.find_mut(id) else { return };
        if maker.rest() == 0 {
            let maker = self.remove(id).unwrap();
            self.end(maker, last_status);
            return;
        }
        if maker.iceberg.is_some() {
            maker.shown -= quantity;
            if maker.shown == 0 {
                // The next part stands behind all others of its price.
                maker.shown = maker.iceberg.unwrap_or(0).min(maker.rest());
                self.last_arrival += 1;
                let arrival = self.last_arrival;
                self.find_mut(id).unwrap().arrival = Some(arrival);
            }
        }
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<PlainOrder> {
        let index = self.open.iter().position(|order| order.id == id)?;
        Some(self.open.remove(index))
    }

    /// An order that is not among the open ones is over.
    pub(super) fn end(&mut self, mut order: PlainOrder, status: &'static str) {
        order.status = status;
        order.arrival = None;
        let (id, list) = (order.id, order.list);
        self.ended.push(order);
        if let Some(list) = list {
            self.ended_in_list(list, id, status);
        }
    }

    // ---- Triggers.

    /// Tells the trailing orders of a trade.
    fn follow(&mut self, price: Units) {
        let turned = &self.turned;
        for order in self.open.iter_mut().filter(|order| order.waits && !turned.contains(&order.id)) {
            let stop_loss = matches!(order.kind, OrderType::StopLoss | OrderType::StopLossLimit);
            let rises = stop_loss == order.buys;
            let reached = order.stop.is_none_or(|stop| if rises { price >= stop } else { price <= stop });
            let Some(trailing) = &mut order.trailing else { continue };
            match trailing.extreme {
                None if reached => trailing.extreme = Some(price),
                None => {}
                // So many ten-thousandths above the lowest price, or below the highest.
                Some(lowest) if order.buys => {
                    if (price - lowest) * 10_000 >= lowest * trailing.delta {
                        self.turned.push(order.id);
                        return self.follow(price);
                    }
                    trailing.extreme = Some(lowest.min(price));
                }
                Some(highest) => {
                    if (highest - price) * 10_000 >= highest * trailing.delta {
                        self.turned.push(order.id);
                        return self.follow(price);
                    }
                    trailing.extreme = Some(highest.max(price));
                }
            }
        }
    }

    /// Places what became ready and wakes what waits for a price, until nothing more happens.
    pub(super) fn settle(&mut self) {
        loop {
            if !self.ready.is_empty() {
                let list = self.ready.remove(0);
                self.place_dependents(list);
                continue;
            }
            let Some(last) = self.last_price else { return };
            let mut next: Option<(bool, Units, u64)> = None;
            for order in self.open.iter().filter(|order| order.waits && order.trailing.is_none()) {
                let Some(stop) = order.stop else { continue };
                let stop_loss = matches!(order.kind, OrderType::StopLoss | OrderType::StopLossLimit);
                let rises = stop_loss == order.buys;
                if if rises { stop > last } else { stop < last } {
                    continue;
                }
                // What a rise wakes comes first; then the price that was reached first; then the older order.
                let distance = if rises { stop } else { -stop };
                let key = (!rises, distance, order.id);
                if next.is_none_or(|next| key < next) {
                    next = Some(key);
                }
            }
            let id = match next {
                Some((_, _, id)) => id,
                // Then those for which the price has turned, in that order.
                None if self.turned.is_empty() => return,
                None => self.turned.remove(0),
            };
            if self.find(id).is_none() {
                continue;
            }
            self.begin(id);
            let Some(mut order) = self.remove(id) else { return };
            order.waits = false;
            if order.buys && !order.kind.has_price() {
                let (spent, _) = self.rehearse(&order, None);
                if self.free(order.account, 1) < spent[1] {
                    self.end(order, "EXPIRED");
                    continue;
                }
            }
            self.act(order, None);
        }
    }
}
