//! Administration of a running exchange, by a test or by the control API: prices, orders without a client, symbols,
//! accounts, deposits, the clock.

use crate::accounts::AccountConfig;
use crate::engine::{
    AccountId, CancelRequest, Engine, Fixed, NewOrder, OrderType, Side, SymbolConfig, SymbolStatus,
    TimeInForce,
};
use crate::error::{SimError, SimErrorKind};
use crate::exchange::{Exchange, find_account, find_symbol};
use crate::market::{Market, fund};
use crate::setup::{check_name, open_account, open_keys, open_symbol};
use crate::shared::{Core, Keys};
use binance_kit_core::id::OrderId;
use binance_kit_core::{Asset, Decimal, Timestamp};
use binance_kit_model::common::Level;
use std::time::Duration;

/// An order that the program, or the control API, places: for an account, or for an internal one that owns enough of everything.
///
/// ```
/// use binance_kit_core::Decimal;
/// use binance_kit_sim::{Exchange, AdminOrder};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let exchange = Exchange::builder().no_market().start().await?;
/// let (one, price) = (Decimal::ONE, Decimal::new(60_000, 0));
/// exchange.place(&AdminOrder::sell("BTCUSDT", one).at(price))?;
/// let bought = exchange.place(&AdminOrder::buy("BTCUSDT", Decimal::new(1, 1)).by("demo"))?;
/// assert_eq!((bought.status.as_str(), bought.executed), ("FILLED", Decimal::new(1, 1)));
/// # Ok::<(), binance_kit_sim::SimError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct AdminOrder {
    /// Account that the order is placed for; an internal one without.
    account: Option<String>,
    /// Symbol.
    symbol: String,
    /// Side of the book.
    side: Side,
    /// Quantity of the base asset.
    quantity: Decimal,
    /// Limit price; a market order without.
    price: Option<Decimal>,
    /// Time in force.
    time_in_force: TimeInForce,
}

impl AdminOrder {
    fn new(symbol: &str, side: Side, quantity: Decimal) -> Self {
        let (symbol, time_in_force) = (symbol.to_owned(), TimeInForce::Gtc);
        Self { account: None, symbol, side, quantity, price: None, time_in_force }
    }

    /// Creates a market order that buys.
    pub fn buy(symbol: &str, quantity: Decimal) -> Self {
        Self::new(symbol, Side::Buy, quantity)
    }

    /// Creates a market order that sells.
    pub fn sell(symbol: &str, quantity: Decimal) -> Self {
        Self::new(symbol, Side::Sell, quantity)
    }

    /// Makes it a limit order at this price, good till cancelled.
    #[must_use]
    pub fn at(mut self, price: Decimal) -> Self {
        self.price = Some(price);
        self
    }

    /// Makes it immediate-or-cancel: what is not filled at once expires.
    #[must_use]
    pub fn immediate_or_cancel(mut self) -> Self {
        self.time_in_force = TimeInForce::Ioc;
        self
    }

    /// Places it for an account: it uses the account's balances and limits, and the account's user-data stream reports it.
    #[must_use]
    pub fn by(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }
}

/// Result of an [`AdminOrder`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdminOrderResult {
    /// Id of the order.
    pub order_id: OrderId,
    /// Status in the exchange's words, such as `NEW` or `FILLED`.
    pub status: String,
    /// Quantity that was filled at once.
    pub executed: Decimal,
    /// Value of that in the quote asset.
    pub executed_quote: Decimal,
}

fn fixed(value: Decimal) -> Result<Fixed, SimError> {
    Fixed::from_decimal(value).map_err(|_| {
        SimError::new(
            SimErrorKind::Configuration,
            format_args!("{value} has more than eight places or is too large"),
        )
    })
}

/// Administration, for [`Exchange`] and for the control API.
impl Core {
    /// The internal account of admin orders.
    fn admin_account(&mut self) -> AccountId {
        *self
            .admin_account
            .get_or_insert_with(|| self.engine.add_account("admin_account", true, Fixed::ZERO, Fixed::ZERO))
    }

    pub(crate) fn place_admin_order(
        &mut self,
        now: Timestamp,
        order: &AdminOrder,
    ) -> Result<AdminOrderResult, SimError> {
        let symbol = find_symbol(&self.engine, &order.symbol)?;
        let quantity = fixed(order.quantity)?;
        let new = match order.price {
            Some(price) => NewOrder {
                time_in_force: Some(order.time_in_force),
                ..NewOrder::limit(symbol, order.side, quantity, fixed(price)?)
            },
            None => {
                NewOrder { quantity: Some(quantity), ..NewOrder::new(symbol, order.side, OrderType::Market) }
            }
        };
        let account = if let Some(name) = &order.account {
            find_account(&self.engine, name)?
        } else {
            let account = self.admin_account();
            fund(&mut self.engine, now, account, &new);
            account
        };
        let placed = self.engine.place(now, account, new).map_err(|reject| {
            SimError::new(
                SimErrorKind::Refused,
                format_args!("the order was refused with {}: {}", reject.code, reject.message),
            )
        })?;
        Ok(AdminOrderResult {
            order_id: OrderId(placed.order.id),
            status: placed.order.status.as_str().to_owned(),
            executed: placed.order.executed.to_decimal(),
            executed_quote: placed.order.executed_quote.to_decimal(),
        })
    }

    pub(crate) fn cancel_admin_order(
        &mut self,
        now: Timestamp,
        account: Option<&str>,
        symbol: &str,
        order_id: u64,
    ) -> Result<bool, SimError> {
        let symbol = find_symbol(&self.engine, symbol)?;
        let Some(account) = account else {
            let admin_account = self.admin_account();
            let order = self.engine.instrument(symbol).order(order_id);
            return Ok(order.is_some_and(|order| order.account == admin_account)
                && self.engine.cancel_internal(now, symbol, order_id));
        };
        let account = find_account(&self.engine, account)?;
        let request = CancelRequest { order_id: Some(order_id), ..CancelRequest::default() };
        Ok(self.engine.cancel(now, account, symbol, &request).is_ok())
    }

    pub(crate) fn fund(
        &mut self,
        now: Timestamp,
        account: &str,
        asset: &str,
        amount: Decimal,
    ) -> Result<(), SimError> {
        check_name("an asset", asset).map_err(|why| SimError::new(SimErrorKind::Configuration, why))?;
        let amount = fixed(amount)?;
        let account = find_account(&self.engine, account)?;
        if self.engine.deposit(now, account, &Asset::new(asset), amount) {
            Ok(())
        } else {
            Err(SimError::new(SimErrorKind::InsufficientBalance, "there is less than is to be taken"))
        }
    }

    pub(crate) fn lock_outside(
        &mut self,
        now: Timestamp,
        account: AccountId,
        asset: &str,
        amount: Decimal,
    ) -> Result<(), SimError> {
        let amount = fixed(amount)?;
        if self.engine.hold_outside(now, account, &Asset::new(asset), amount) {
            Ok(())
        } else {
            Err(SimError::new(
                SimErrorKind::InsufficientBalance,
                "there is less than is to be locked or unlocked",
            ))
        }
    }

    pub(crate) fn open_symbol(&mut self, now: Timestamp, config: &SymbolConfig) -> Result<(), SimError> {
        let id = open_symbol(&mut self.engine, config)?;
        self.hub.add_symbol(id, config.symbol().as_str());
        if let Some(market) = &mut self.market {
            market.add_symbol(&mut self.engine, id, now);
        }
        Ok(())
    }

    pub(crate) fn set_status(&mut self, symbol: &str, status: SymbolStatus) -> Result<(), SimError> {
        let id = find_symbol(&self.engine, symbol)?;
        self.engine.set_status(id, status);
        Ok(())
    }

    pub(crate) fn expire_open_orders(
        &mut self,
        now: Timestamp,
        symbol: &str,
        account: Option<&str>,
    ) -> Result<usize, SimError> {
        let id = find_symbol(&self.engine, symbol)?;
        let account = account.map(|name| find_account(&self.engine, name)).transpose()?;
        Ok(self.engine.expire_open_orders(now, id, account))
    }

    pub(crate) fn set_reference_price(
        &mut self,
        now: Timestamp,
        symbol: &str,
        price: Option<Decimal>,
    ) -> Result<(), SimError> {
        let id = find_symbol(&self.engine, symbol)?;
        let price = price.map(fixed).transpose()?;
        if let Some(price) = price.filter(|price| !price.is_positive()) {
            return Err(SimError::new(
                SimErrorKind::Configuration,
                format_args!("the reference price {price} is not above zero; null says that there is none"),
            ));
        }
        self.engine.set_reference_price(now, id, price);
        Ok(())
    }

    pub(crate) fn set_price(
        &mut self,
        now: Timestamp,
        symbol: &str,
        price: Decimal,
        time: Duration,
    ) -> Result<(), SimError> {
        let id = find_symbol(&self.engine, symbol)?;
        let price = fixed(price)?;
        let rules = &self.engine.instrument(id).rules;
        if price < rules.tick_size || price > rules.max_price || !price.is_multiple_of(rules.tick_size) {
            return Err(SimError::new(
                SimErrorKind::Configuration,
                format_args!(
                    "{price} is not a price of {symbol}: it must be a multiple of {} and at most {}",
                    rules.tick_size, rules.max_price
                ),
            ));
        }
        let (engine, market) = self.market()?;
        if market.move_price(engine, id, price, time, now) {
            Ok(())
        } else {
            Err(SimError::new(SimErrorKind::NoMarket, format_args!("{symbol} has no market maker")))
        }
    }

    /// The engine and the market.
    pub(crate) fn market(&mut self) -> Result<(&mut Engine, &mut Market), SimError> {
        let market = self.market.as_mut().ok_or_else(|| {
            SimError::new(SimErrorKind::NoMarket, "the exchange was made without makers and takers")
        })?;
        Ok((&mut self.engine, market))
    }

    pub(crate) fn enroll(
        &mut self,
        keys: &Keys,
        now: Timestamp,
        config: &AccountConfig,
    ) -> Result<(), SimError> {
        open_account(&mut self.engine, keys, config, now).map(|_| ())
    }

    pub(crate) fn enroll_keys(&mut self, keys: &Keys, config: &AccountConfig) -> Result<(), SimError> {
        let account = find_account(&self.engine, &config.name)?;
        open_keys(keys, config, account)
    }
}

impl Exchange {
    /// Expires the open orders of an account, or of all accounts, on a symbol with the reason `EXCHANGE_CANCELED`, as the
    /// exchange does before a maintenance. Returns their number. Orders of the built-in market stay.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol or account.
    pub fn expire_open_orders(&self, symbol: &str, account: Option<&str>) -> Result<usize, SimError> {
        self.shared.run(|core, now| core.expire_open_orders(now, symbol, account))
    }

    /// Sets the reference price of a symbol; `None` removes it.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol, [`SimErrorKind::Configuration`] for a number that is not above
    /// zero or has more than eight places.
    pub fn set_reference_price(&self, symbol: &str, price: Option<Decimal>) -> Result<(), SimError> {
        self.shared.run(|core, now| core.set_reference_price(now, symbol, price))
    }

    /// Places an order.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol or account, [`SimErrorKind::Configuration`] for a number with
    /// more than eight places, [`SimErrorKind::Refused`] with the exchange's own code and message when it refuses the
    /// order.
    pub fn place(&self, order: &AdminOrder) -> Result<AdminOrderResult, SimError> {
        self.shared.run(|core, now| core.place_admin_order(now, order))
    }

    /// Cancels an order of an account, as if its client had sent the cancel. Returns false when the order is not open.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol or account.
    pub fn cancel_order(&self, account: &str, symbol: &str, order_id: OrderId) -> Result<bool, SimError> {
        self.shared.run(|core, now| core.cancel_admin_order(now, Some(account), symbol, order_id.get()))
    }

    /// Cancels an [`AdminOrder`] that was placed without an account. Returns false when it is not open.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol.
    pub fn cancel_admin_order(&self, symbol: &str, order_id: OrderId) -> Result<bool, SimError> {
        self.shared.run(|core, now| core.cancel_admin_order(now, None, symbol, order_id.get()))
    }

    /// Adds an account, with its balances and keys.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Configuration`] when there is such an account or API key already, or a number cannot be used.
    pub fn add_account(&self, config: &AccountConfig) -> Result<(), SimError> {
        self.shared.run(|core, now| core.enroll(&self.shared.keys, now, config))
    }

    /// Adds the API keys of `config` to the account of that name; its balances and commissions are ignored.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such account, [`SimErrorKind::Configuration`] when there is such an API
    /// key already.
    pub fn add_api_keys(&self, config: &AccountConfig) -> Result<(), SimError> {
        self.shared.run(|core, _| core.enroll_keys(&self.shared.keys, config))
    }

    /// Opens a new symbol for trading. It appears in `exchangeInfo`, its streams can be subscribed to, and where there is a
    /// market, there are makers and takers for it too.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Configuration`] when there is such a symbol already, or a number cannot be used.
    pub fn add_symbol(&self, config: &SymbolConfig) -> Result<(), SimError> {
        self.shared.run(|core, now| core.open_symbol(now, config))
    }

    /// Reports a block trade: one that was arranged outside of the book, and appears in its own stream and query only.
    /// Returns its id.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol, [`SimErrorKind::Configuration`] for a number that is not
    /// above zero or has more than eight places.
    pub fn report_block_trade(
        &self,
        symbol: &str,
        traded: Level,
        buyer_is_maker: bool,
    ) -> Result<u64, SimError> {
        let fixed = |value: Decimal| {
            Fixed::from_decimal(value).ok().filter(|value| value.is_positive()).ok_or_else(|| {
                SimError::new(SimErrorKind::Configuration, format_args!("{value} cannot be traded"))
            })
        };
        let (price, quantity) = (fixed(traded.price)?, fixed(traded.quantity)?);
        self.shared.run(|core, now| {
            let symbol = find_symbol(&core.engine, symbol)?;
            Ok(core.engine.block_trade(now, symbol, price, quantity, buyer_is_maker))
        })
    }

    /// Sets the status of a symbol. Where it does not trade, new orders are refused with -1013, open orders stay and can be
    /// cancelled, and the built-in market does not act.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol.
    pub fn set_status(&self, symbol: &str, status: SymbolStatus) -> Result<(), SimError> {
        self.shared.run(|core, _| core.set_status(symbol, status))
    }

    /// Moves a price: the market goes there in `time`, and stays around it from then on. Makers cancel
    /// orders that are in the way, takers trade with those of users. With a `time` of zero the price is reached, and was
    /// traded, when this returns.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`] when there is no such symbol, [`SimErrorKind::NoMarket`] when the exchange has no
    /// market, [`SimErrorKind::Configuration`] when it is not a price of the symbol.
    pub fn set_price(&self, symbol: &str, price: Decimal, time: Duration) -> Result<(), SimError> {
        self.shared.run(|core, now| core.set_price(now, symbol, price, time))
    }

    /// Sets the average number of actions of the built-in market in a second, over all symbols.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::NoMarket`] when the exchange has no market.
    pub fn set_market_rate(&self, actions_per_second: u32) -> Result<(), SimError> {
        self.shared.run(|core, _| core.market().map(|(_, market)| market.set_rate(actions_per_second)))
    }

    /// Pauses the makers and takers, so that books change only by orders of users.
    pub fn pause_market(&self) {
        self.set_paused(true);
    }

    /// Resumes the makers and takers.
    pub fn resume_market(&self) {
        self.set_paused(false);
    }

    fn set_paused(&self, paused: bool) {
        self.shared.run(|core, _| {
            if let Some(market) = &mut core.market {
                market.paused = paused;
            }
        });
    }

    /// Sets how many milliseconds the exchange is ahead of its clock (negative: behind). Nothing happens for the time that is
    /// skipped, and the times of events never go back.
    pub fn set_clock_skew(&self, millis: i64) {
        self.shared.set_skew(millis);
    }

    /// Returns how many milliseconds the exchange is ahead of its clock.
    pub fn clock_skew(&self) -> i64 {
        self.shared.clock.skew()
    }
}
