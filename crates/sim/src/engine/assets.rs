//! Assets by their ids, and what the last prices of the symbols say about them.

use super::Instrument;
use super::fixed::Fixed;
use super::types::{AssetId, SymbolId};
use binance_kit_core::Asset;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// All assets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Assets {
    /// Names by their ids.
    names: Vec<Asset>,
    /// Ids by their names.
    ids: HashMap<Asset, AssetId>,
}

impl Assets {
    /// The asset of a name, added when it is new.
    pub(crate) fn intern(&mut self, asset: &Asset) -> AssetId {
        if let Some(id) = self.ids.get(asset) {
            return *id;
        }
        let id = AssetId(u16::try_from(self.names.len()).unwrap_or(u16::MAX));
        self.names.push(asset.clone());
        self.ids.insert(asset.clone(), id);
        id
    }

    pub(crate) fn id(&self, asset: &str) -> Option<AssetId> {
        self.ids.get(asset).copied()
    }

    pub(crate) fn get(&self, id: AssetId) -> &Asset {
        &self.names[usize::from(id.0)]
    }

    /// All assets, in the order of their names.
    pub(crate) fn sorted(&self) -> Vec<(AssetId, &Asset)> {
        let mut assets: Vec<_> = self.ids.iter().map(|(asset, id)| (*id, asset)).collect();
        assets.sort_by(|left, right| left.1.cmp(right.1));
        assets
    }
}

/// What clearing may see of the market: names of assets, and what they cost by the last prices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MarketView<'a> {
    /// All assets.
    pub(super) assets: &'a Assets,
    /// All symbols by their ids.
    pub(super) instruments: &'a [Instrument],
    /// Symbols by base and quote asset.
    pub(super) by_assets: &'a [((AssetId, AssetId), SymbolId)],
}

impl MarketView<'_> {
    /// The id of an asset.
    pub(crate) fn asset_id(&self, asset: &str) -> Option<AssetId> {
        self.assets.id(asset)
    }

    /// What one of `asset` costs in `other`, by the last prices: directly, or over an asset that both are traded for.
    pub(crate) fn exchange_rate(&self, asset: AssetId, other: AssetId) -> Option<Fixed> {
        let price = |base: AssetId, quote: AssetId| {
            let id =
                self.by_assets.iter().find(|((b, q), _)| *b == base && *q == quote).map(|(_, id)| *id)?;
            let instrument = self.instruments.get(usize::from(id.0))?;
            Some(instrument.last_price()).filter(|price| price.is_positive())
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
