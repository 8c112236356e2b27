//! What a trade costs: standard, special and tax rates, each by role and by side, and the discount for who pays with
//! the discount asset.

use super::Engine;
use super::fixed::Fixed;
use super::types::{AccountId, AssetId, Side, SymbolId};
use binance_kit_core::Asset;
use serde::{Deserialize, Serialize};

/// Rates by role and by side; a trade pays the sum of its role's and its side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct RateSet {
    pub(crate) maker: Fixed,
    pub(crate) taker: Fixed,
    pub(crate) buyer: Fixed,
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

    fn rate(self, side: Side, is_maker: bool) -> Fixed {
        let (maker, taker) = self.for_order(side);
        if is_maker { maker } else { taker }
    }
}

/// All rates of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Rates {
    pub(crate) standard: RateSet,
    pub(crate) special: RateSet,
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
    pub(crate) asset: Asset,
    pub(crate) rate: Fixed,
}

impl Default for Discount {
    fn default() -> Self {
        Self { asset: Asset::new("BNB"), rate: Fixed::from_units(75_000_000) }
    }
}

/// A commission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    pub(super) asset: AssetId,
    pub(super) amount: Fixed,
}

impl Engine {
    /// What an account pays for receiving `received` in a trade.
    pub(super) fn charge(
        &self,
        account: AccountId,
        symbol: SymbolId,
        side: Side,
        is_maker: bool,
        (received_asset, received): (AssetId, Fixed),
    ) -> Charge {
        let account = self.ledger.account(account);
        let part = |set: RateSet| received.times(set.rate(side, is_maker));
        let (standard, extra) =
            (part(account.rates.standard), part(account.rates.special) + part(account.rates.tax));
        let whole = Charge { asset: received_asset, amount: standard + extra };
        if !account.rates.discount || !self.instrument(symbol).rules.discount {
            return whole;
        }
        let Some(asset) = self.ledger.asset_id(self.discount.asset.as_str()) else { return whole };
        let reduced = standard.times(self.discount.rate) + extra;
        if asset == received_asset {
            return Charge { asset, amount: reduced };
        }
        let Some(price) = self.exchange_rate(asset, received_asset) else { return whole };
        let amount = reduced.over(price);
        if account.balance(asset).free < amount {
            return whole;
        }
        Charge { asset, amount }
    }

    /// What one of `asset` costs in `other`, by the last prices: directly, or over an asset that both are traded for.
    fn exchange_rate(&self, asset: AssetId, other: AssetId) -> Option<Fixed> {
        let price = |base: AssetId, quote: AssetId| {
            let id =
                self.by_assets.iter().find(|((b, q), _)| *b == base && *q == quote).map(|(_, id)| *id)?;
            Some(self.instrument(id).last_price()).filter(|price| price.is_positive())
        };
        if let Some(direct) = price(asset, other) {
            return Some(direct);
        }
        if let Some(inverse) = price(other, asset) {
            return Some(Fixed::ONE.over(inverse));
        }
        self.by_assets
            .iter()
            .filter(|((base, _), _)| *base == asset)
            .find_map(|((_, quote), _)| Some(price(asset, *quote)?.over(price(other, *quote)?)))
            .filter(|price| price.is_positive())
    }
}
