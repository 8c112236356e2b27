//! Commission of a trade: standard, special and tax rates, each by role and by side, and the discount for accounts that pay
//! with the discount asset.

use super::Balances;
use crate::engine::{AssetId, Fixed, MarketView, Rules, Side};
use binance_kit_core::Asset;
use serde::{Deserialize, Serialize};

/// Rates by role and by side; a trade pays the sum of its role's and its side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct RateSet {
    /// Rate of makers.
    pub(crate) maker: Fixed,
    /// Rate of takers.
    pub(crate) taker: Fixed,
    /// Rate of buyers.
    pub(crate) buyer: Fixed,
    /// Rate of sellers.
    pub(crate) seller: Fixed,
}

impl RateSet {
    const fn of_side(self, side: Side) -> Fixed {
        match side {
            Side::Buy => self.buyer,
            Side::Sell => self.seller,
        }
    }

    /// What an order of this side pays as a maker, and as a taker.
    pub(crate) fn for_order(self, side: Side) -> (Fixed, Fixed) {
        let of_side = self.of_side(side);
        (self.maker + of_side, self.taker + of_side)
    }

    pub(super) fn rate(self, side: Side, is_maker: bool) -> Fixed {
        let (maker, taker) = self.for_order(side);
        if is_maker { maker } else { taker }
    }
}

/// All rates of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Rates {
    /// Standard rates.
    pub(crate) standard: RateSet,
    /// Special rates.
    pub(crate) special: RateSet,
    /// Tax rates.
    pub(crate) tax: RateSet,
    /// Whether the account pays with the discount asset while it has enough of it.
    pub(crate) discount: bool,
}

impl Rates {
    /// The most that a trade can cost, as a part of what is received.
    pub(crate) fn highest(&self) -> Fixed {
        let of = |set: RateSet| set.maker.max(set.taker) + set.buyer.max(set.seller);
        of(self.standard) + of(self.special) + of(self.tax)
    }
}

/// The asset that commissions may be paid with, and the part of the standard commission that is then paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Discount {
    /// Asset that commissions may be paid with.
    pub(crate) asset: Asset,
    /// Part of the standard commission that is due then.
    pub(crate) rate: Fixed,
}

impl Default for Discount {
    fn default() -> Self {
        Self { asset: Asset::new("BNB"), rate: Fixed::from_units(75_000_000) }
    }
}

/// A commission.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge {
    /// Asset that it is paid with.
    pub(crate) asset: AssetId,
    /// Amount of it.
    pub(crate) amount: Fixed,
}

/// A side of a trade that a commission is due for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received {
    /// Side of the order.
    pub(super) side: Side,
    /// Whether the order was on the book.
    pub(super) is_maker: bool,
    /// Asset that the account received.
    pub(super) asset: AssetId,
    /// Amount of it.
    pub(super) amount: Fixed,
}

/// Returns what an account pays for what it received in a trade.
pub(super) fn charge(
    rates: &Rates,
    discount: &Discount,
    balances: &Balances,
    rules: &Rules,
    received: Received,
    market: &MarketView<'_>,
) -> Charge {
    let part = |set: RateSet| received.amount.times(set.rate(received.side, received.is_maker));
    let (standard, extra) = (part(rates.standard), part(rates.special) + part(rates.tax));
    let whole = Charge { asset: received.asset, amount: standard + extra };
    if !rates.discount || !rules.discount {
        return whole;
    }
    let Some(asset) = market.asset_id(discount.asset.as_str()) else { return whole };
    let reduced = standard.times(discount.rate) + extra;
    if asset == received.asset {
        return Charge { asset, amount: reduced };
    }
    let Some(price) = market.exchange_rate(asset, received.asset) else { return whole };
    let amount = reduced.over(price);
    if balances.get(asset).free < amount {
        return whole;
    }
    Charge { asset, amount }
}
