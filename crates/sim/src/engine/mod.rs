//! The matching engine: books, orders and statistics of all symbols. The money of accounts is behind
//! [`Clearing`](crate::clearing::Clearing).
//!
//! It is synchronous and deterministic. It knows neither clock nor I/O: the time of each command is handed in, and
//! what happened is left in [`Engine::events`], from where it is published.

mod account;
mod amend;
mod assets;
mod book;
mod cancel;
mod chart;
mod composition;
mod event;
mod filters;
mod fixed;
mod internal;
mod lists;
mod maintenance;
mod matching;
mod order;
mod past;
mod place;
mod plan;
mod prevention;
mod recent;
mod reference;
mod reject;
mod rules;
mod sor;
mod symbol;
#[cfg(test)]
mod tests;
mod triggers;
mod types;

pub(crate) use account::{Account, Accounts};
pub(crate) use amend::{AmendRequest, Amended, Amendment};
pub(crate) use assets::{Assets, MarketView};
pub(crate) use chart::{Candle, Chart, EAST, Interval};
pub(crate) use event::{AggregateTrade, Event, ExecutionReport, Trade};
pub(crate) use fixed::{Fixed, FixedError};
pub(crate) use order::{
    AccountTrade, CancelOutcome, Canceled, Fill, NewList, NewListOrders, NewOrder, Order, OrderList, Peg,
    Placed, PreventedMatch,
};
pub(crate) use past::Past;
pub(crate) use reference::{PriceRange, ReferenceSource};
pub(crate) use reject::Reject;
pub use rules::Feature;
pub(crate) use rules::{ExchangeRules, Rules};
pub(crate) use sor::Allocation;
pub use symbol::{SymbolConfig, SymbolStatus};
pub(crate) use types::{
    AccountId, AssetId, CancelReplaceMode, CancelRestrictions, ExecutionType, ExpiryReason, ListStatusType,
    OrderStatus, OrderType, PegPriceType, SelfTradePrevention, Side, SymbolId, TimeInForce,
};
#[cfg(test)]
pub(crate) use types::{Contingency, WorkingFloor};

pub(crate) use cancel::{CancelReplaceOutcome, CancelRequest, Half};

use crate::clearing::{Clearing, SpotClearing};
use crate::random::Random;
use binance_kit_core::{Asset, ClientOrderId, Symbol, Timestamp};
use book::Book;
use recent::Recent;
use reference::Reference;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many trades and aggregate trades of a symbol are kept for queries.
const TRADE_HISTORY: usize = 100_000;
/// How many block trades.
const BLOCK_TRADE_HISTORY: usize = 10_000;

/// Everything about one symbol.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Instrument {
    pub(crate) rules: Rules,
    pub(crate) status: SymbolStatus,
    book: Book,
    orders: HashMap<u64, Order>,
    /// Waiting orders by stop price: those that a rise triggers, and those that a fall triggers.
    rising: BTreeSet<(Fixed, u64)>,
    falling: BTreeSet<(Fixed, u64)>,
    /// Amendments by order, as long as the order is remembered.
    amendments: HashMap<u64, Vec<Amendment>>,
    /// Trailing orders, and those of them for which the price has turned.
    trailing: BTreeSet<u64>,
    turned: VecDeque<u64>,
    last_order_id: u64,
    last_priority: u64,
    last_trade_id: u64,
    last_aggregate_id: u64,
    next_prevented_id: u64,
    next_allocation_id: u64,
    pub(crate) last_update_id: u64,
    pub(crate) trades: VecDeque<Trade>,
    aggregates: VecDeque<AggregateTrade>,
    prevented: VecDeque<PreventedMatch>,
    recent: Recent,
    pub(crate) reference: Reference,
    chart: Chart,
    pub(crate) last_trade: Option<Trade>,
    /// Trades arranged outside of the book, oldest first; their ids are their own.
    pub(crate) block_trades: VecDeque<Trade>,
    last_block_id: u64,
    best: [Option<(Fixed, Fixed)>; 2],
    /// What was traded before the exchange began, where it has a past.
    past: Option<Past>,
}

impl Instrument {
    fn new(rules: Rules) -> Self {
        Self {
            recent: Recent::watching(rules.minutes()),
            reference: Reference::new(rules.reference),
            rules,
            status: SymbolStatus::Trading,
            book: Book::default(),
            orders: HashMap::new(),
            rising: BTreeSet::new(),
            falling: BTreeSet::new(),
            amendments: HashMap::new(),
            trailing: BTreeSet::new(),
            turned: VecDeque::new(),
            last_order_id: 0,
            last_priority: 0,
            last_trade_id: 0,
            last_aggregate_id: 0,
            next_prevented_id: 0,
            next_allocation_id: 0,
            last_update_id: 0,
            trades: VecDeque::new(),
            aggregates: VecDeque::new(),
            prevented: VecDeque::new(),
            chart: Chart::default(),
            last_trade: None,
            block_trades: VecDeque::new(),
            last_block_id: 0,
            best: [None, None],
            past: None,
        }
    }

    /// The last trades, oldest first.
    pub(crate) fn recent_trades(&self, limit: usize) -> Vec<Trade> {
        self.trades_from(self.last_trade_id.saturating_sub(limit as u64) + 1, limit)
    }

    /// The trades from an id on, oldest first.
    pub(crate) fn trades_from(&self, id: u64, limit: usize) -> Vec<Trade> {
        let past = self.past.iter().flat_map(|past| past.trades_from(id));
        let live = self.trades.iter().copied().skip(self.trade_index(id));
        past.chain(live).take(limit).collect()
    }

    /// The aggregate trades from an id on, oldest first.
    pub(crate) fn aggregates_from(&self, id: u64, limit: usize) -> Vec<AggregateTrade> {
        let past = self.past.iter().flat_map(|past| past.aggregates_from(id));
        let live = self.aggregates.partition_point(|aggregate| aggregate.id < id);
        past.chain(self.aggregates.iter().copied().skip(live)).take(limit).collect()
    }

    /// The aggregate trades within two times, oldest first: with a start the first of them, else the last.
    pub(crate) fn aggregates_within(
        &self,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        limit: usize,
    ) -> Vec<AggregateTrade> {
        let last = end.map_or(self.aggregates.len(), |end| {
            self.aggregates.partition_point(|aggregate| aggregate.time <= end)
        });
        if let Some(start) = start {
            let first = self.aggregates.partition_point(|aggregate| aggregate.time < start);
            let past = self.past.iter().flat_map(|past| past.aggregates_since(start));
            let past = past.take_while(|aggregate| end.is_none_or(|end| aggregate.time <= end));
            let live = self.aggregates.iter().copied().take(last).skip(first);
            return past.chain(live).take(limit).collect();
        }
        let end = end.unwrap_or(Timestamp::from_millis(i64::MAX / 1000));
        let past = self.past.iter().flat_map(|past| past.aggregates_until(end));
        let live = self.aggregates.range(..last).rev().copied();
        let mut found: Vec<_> = live.chain(past).take(limit).collect();
        found.reverse();
        found
    }

    /// The candles that start within `from..=to`; see [`Chart::candles`].
    pub(crate) fn candles(
        &self,
        interval: Interval,
        offset: i64,
        window: (i64, i64),
        limit: usize,
        oldest: bool,
    ) -> Vec<Candle> {
        self.chart.candles(self.past.as_ref(), interval, offset, window, limit, oldest)
    }

    /// The candle that starts at `start`; see [`Chart::candle_at`].
    pub(crate) fn candle_at(&self, interval: Interval, offset: i64, start: i64) -> Option<Candle> {
        self.chart.candle_at(self.past.as_ref(), interval, offset, start)
    }

    /// All that was traded from a minute on; see [`Chart::since`].
    pub(crate) fn traded_since(&self, from: i64) -> (Option<Candle>, Option<Fixed>) {
        self.chart.since(self.past.as_ref(), from)
    }

    /// The best bid and ask.
    pub(crate) fn best(&self, side: Side) -> Option<(Fixed, Fixed)> {
        self.book.best(side)
    }

    /// The levels of a side, best first.
    pub(crate) fn levels(&self, side: Side) -> impl Iterator<Item = (Fixed, Fixed)> + '_ {
        self.book.levels(side)
    }

    /// How many levels a side has.
    pub(crate) fn depth(&self, side: Side) -> usize {
        self.book.depth(side)
    }

    /// The open orders of a side, those first that would trade last.
    pub(crate) fn orders_back(&self, side: Side) -> impl Iterator<Item = &Order> + '_ {
        self.book.orders_back(side).filter_map(|(_, id)| self.orders.get(&id))
    }

    /// The open orders of a side at this price and further from the best, in the order in which they would trade.
    pub(crate) fn orders_from(&self, side: Side, price: Fixed) -> impl Iterator<Item = &Order> + '_ {
        self.book.orders_from(side, price).filter_map(|(_, id)| self.orders.get(&id))
    }

    /// The price of the last trade, or the one the symbol starts with.
    pub(crate) fn last_price(&self) -> Fixed {
        self.last_trade.map_or(self.rules.initial_price, |trade| trade.price)
    }

    /// The volume-weighted price of the last five minutes, or the last price.
    pub(crate) fn average_price(&self, now: Timestamp) -> Fixed {
        self.average_price_over(now, 5)
    }

    /// The volume-weighted price of the last minutes; the last price when there are none, or no trade in them.
    pub(crate) fn average_price_over(&self, now: Timestamp, minutes: u32) -> Fixed {
        self.recent.average(now, minutes).unwrap_or_else(|| self.last_price())
    }

    pub(crate) fn order(&self, id: u64) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// The aggregate trades remembered, and the trades: ids are consecutive, so an id gives the index.
    fn trade_index(&self, id: u64) -> usize {
        let first = self.trades.front().map_or(1, |trade| trade.id);
        usize::try_from(id.saturating_sub(first)).unwrap_or(usize::MAX)
    }
}

/// The engine of one kind of products, which decides how trades are cleared.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Matching<C> {
    instruments: Vec<Instrument>,
    by_name: HashMap<Symbol, SymbolId>,
    /// Symbols by base and quote asset.
    by_assets: Vec<((AssetId, AssetId), SymbolId)>,
    /// Limits that hold for all symbols together.
    pub(crate) exchange_rules: ExchangeRules,
    /// All assets.
    pub(crate) assets: Assets,
    /// All accounts and their orders.
    accounts: Accounts,
    /// The money of the accounts.
    pub(crate) clearing: C,
    lists: BTreeMap<u64, OrderList>,
    last_list_id: u64,
    /// Lists whose working order was filled, and whose pending orders are about to be placed.
    ready: VecDeque<u64>,
    routing: sor::Routing,
    last_execution_id: u64,
    ids: Random,
    now: Timestamp,
    /// Events to publish, oldest first.
    #[serde(skip)]
    pub(crate) events: Vec<Event>,
}

/// The engine of Spot.
pub(crate) type Engine = Matching<SpotClearing>;

impl<C: Clearing + Default> Matching<C> {
    /// An engine without symbols and accounts. The seed decides the client order ids that it generates.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            instruments: Vec::new(),
            by_name: HashMap::new(),
            by_assets: Vec::new(),
            exchange_rules: ExchangeRules::default(),
            assets: Assets::default(),
            accounts: Accounts::default(),
            clearing: C::default(),
            lists: BTreeMap::new(),
            last_list_id: 0,
            ready: VecDeque::new(),
            routing: sor::Routing::default(),
            last_execution_id: 0,
            ids: Random::new(seed ^ 0x000c_11e4_71d5),
            now: Timestamp::default(),
            events: Vec::new(),
        }
    }
}

impl<C: Clearing> Matching<C> {
    /// Adds a symbol.
    pub(crate) fn add_symbol(&mut self, config: &SymbolConfig) -> Result<SymbolId, FixedError> {
        let base = self.assets.intern(&config.base);
        let quote = self.assets.intern(&config.quote);
        let id = SymbolId(u16::try_from(self.instruments.len()).map_err(|_| FixedError::TooLarge)?);
        self.instruments.push(Instrument::new(config.rules(base, quote)?));
        self.by_name.insert(config.symbol.clone(), id);
        self.by_assets.push(((base, quote), id));
        Ok(id)
    }

    /// Adds an account that owns nothing yet.
    pub(crate) fn open_account(&mut self, name: &str, internal: bool) -> AccountId {
        let account = self.accounts.open(name, internal);
        self.clearing.open_account(account, internal);
        account
    }

    /// Puts an account into a group of accounts that do not trade with each other.
    pub(crate) fn set_trade_group(&mut self, account: AccountId, group: Option<i64>) {
        self.accounts.get_mut(account).trade_group = group;
    }

    /// Limits how much of an asset a single order of an account may be about.
    pub(crate) fn set_max_asset(&mut self, account: AccountId, asset: &Asset, limit: Fixed) {
        let asset = self.assets.intern(asset);
        self.accounts.get_mut(account).max_asset.insert(asset, limit);
    }

    /// Sets the reference price of a symbol from outside.
    pub(crate) fn set_reference_price(&mut self, now: Timestamp, symbol: SymbolId, price: Option<Fixed>) {
        let now = self.advance(now);
        self.instrument_mut(symbol).reference.set(price, now);
    }

    pub(crate) fn symbol_id(&self, name: &str) -> Option<SymbolId> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn symbols(&self) -> impl Iterator<Item = (SymbolId, &Instrument)> {
        (0..).map(SymbolId).zip(&self.instruments)
    }

    pub(crate) fn instrument(&self, id: SymbolId) -> &Instrument {
        &self.instruments[usize::from(id.0)]
    }

    fn instrument_mut(&mut self, id: SymbolId) -> &mut Instrument {
        &mut self.instruments[usize::from(id.0)]
    }

    /// Reports a trade that was arranged outside of the book and settled elsewhere: no order, no candle and no statistic
    /// knows of it.
    pub(crate) fn block_trade(
        &mut self,
        now: Timestamp,
        symbol: SymbolId,
        price: Fixed,
        quantity: Fixed,
        buyer_is_maker: bool,
    ) -> u64 {
        let time = self.advance(now);
        let instrument = self.instrument_mut(symbol);
        instrument.last_block_id += 1;
        let id = instrument.last_block_id;
        let trade = Trade { id, price, quantity, quote: price.times(quantity), time, buyer_is_maker };
        instrument.block_trades.push_back(trade);
        if instrument.block_trades.len() > BLOCK_TRADE_HISTORY {
            instrument.block_trades.pop_front();
        }
        self.events.push(Event::BlockTrade { symbol, trade });
        id
    }

    /// Gives a symbol, on which nothing was traded yet, a past. The end of it is remembered as if it had been traded here.
    pub(crate) fn begin_with(&mut self, symbol: SymbolId, past: Past) {
        let instrument = self.instrument_mut(symbol);
        (instrument.last_trade_id, instrument.last_aggregate_id) = past.counts();
        for (trade, is_first) in past.remembered() {
            instrument.last_trade_id = trade.id;
            instrument.trades.push_back(trade);
            instrument.last_trade = Some(trade);
            instrument.chart.record(&trade);
            instrument.recent.record(&trade);
            instrument.reference.record(trade.price, trade.time);
            match instrument.aggregates.back_mut() {
                Some(last) if !is_first => {
                    last.quantity += trade.quantity;
                    last.last_trade = trade.id;
                }
                _ => {
                    instrument.last_aggregate_id += 1;
                    instrument.aggregates.push_back(AggregateTrade {
                        id: instrument.last_aggregate_id,
                        price: trade.price,
                        quantity: trade.quantity,
                        first_trade: trade.id,
                        last_trade: trade.id,
                        time: trade.time,
                        buyer_is_maker: trade.buyer_is_maker,
                    });
                }
            }
        }
        instrument.past = Some(past);
    }

    /// Opens or halts a symbol.
    pub(crate) fn set_status(&mut self, id: SymbolId, status: SymbolStatus) {
        self.instrument_mut(id).status = status;
    }

    /// An account and its orders.
    pub(crate) fn account(&self, id: AccountId) -> &Account {
        self.accounts.get(id)
    }

    /// All accounts.
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    #[cfg(test)]
    pub(crate) fn list(&self, id: u64) -> Option<&OrderList> {
        self.lists.get(&id)
    }

    /// The lists of an account, oldest first.
    pub(crate) fn lists_of(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &OrderList> {
        self.accounts.get(account).lists.iter().filter_map(|id| self.lists.get(id))
    }

    /// The order of an account by id, by client id, or by both.
    pub(crate) fn find(
        &self,
        account: AccountId,
        symbol: SymbolId,
        id: Option<u64>,
        client_id: Option<&str>,
    ) -> Option<&Order> {
        let instrument = self.instrument(symbol);
        let id = match id {
            Some(id) => id,
            None => *self.accounts.get(account).orders_on(symbol)?.by_client.get(client_id?)?,
        };
        let order = instrument.orders.get(&id).filter(|order| order.account == account)?;
        client_id.is_none_or(|client_id| order.client_id == client_id).then_some(order)
    }

    /// Whether an id belongs to an order of the account that has another client id than was given.
    pub(crate) fn is_misnamed(
        &self,
        account: AccountId,
        symbol: SymbolId,
        id: Option<u64>,
        client_id: Option<&str>,
    ) -> bool {
        id.is_some() && client_id.is_some() && self.find(account, symbol, id, None).is_some()
    }

    /// The time of a command: never before that of the last one.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Timestamp {
        self.now = self.now.max(now);
        self.now
    }

    fn fresh_client_id(&mut self) -> ClientOrderId {
        ClientOrderId::new(&self.ids.text(22))
    }

    /// Ends a command: best prices and accounts that changed.
    fn finish(&mut self, symbol: SymbolId) {
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let best = [instrument.book.best(Side::Buy), instrument.book.best(Side::Sell)];
        if best != instrument.best {
            instrument.best = best;
            let update_id = instrument.last_update_id;
            self.events.push(Event::Best { symbol, update_id, bid: best[0], ask: best[1] });
        }
        self.report_changes();
    }

    /// Reports what changed in the accounts' money.
    pub(crate) fn report_changes(&mut self) {
        let changes = self.clearing.take_changes(self.now);
        self.events.extend(changes.into_iter().map(Event::Account));
    }
}
