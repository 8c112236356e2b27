//! Balances added up from what happened, to be held against what the exchange says they are.

use binance_kit_core::{Asset, Decimal, Symbol, id::ExecutionId};
use binance_kit_model::spot::{AccountInformation, BalanceUpdate, ExecutionReport, ExecutionType, OrderSide};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A report that cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The assets of a symbol are not known; see [`Ledger::symbol`].
    #[error("the assets of {0} are not known")]
    UnknownSymbol(Symbol),
    /// A sum does not fit.
    #[error("the balance of {0} does not fit into a decimal")]
    Overflow(Asset),
}

/// What the account owns of each asset, free and locked together: a starting point, and every trade, commission, deposit and
/// withdrawal since. Reports that come twice are booked once.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    totals: BTreeMap<Asset, Decimal>,
    symbols: HashMap<Symbol, (Asset, Asset)>,
    booked: HashSet<(Symbol, ExecutionId)>,
}

impl Ledger {
    /// Starts from a snapshot of the account.
    pub fn starting_from(account: &AccountInformation) -> Self {
        let totals = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), balance.free + balance.locked))
            .collect();
        Self { totals, ..Self::default() }
    }

    /// Tells the base and the quote asset of a symbol.
    pub fn symbol(&mut self, symbol: impl Into<Symbol>, base: impl Into<Asset>, quote: impl Into<Asset>) {
        self.symbols.insert(symbol.into(), (base.into(), quote.into()));
    }

    /// Books a report; `false` when there was nothing to book: no trade, or one that was booked before.
    ///
    /// # Errors
    ///
    /// When the symbol is not known, or a sum does not fit; nothing is booked then.
    pub fn book_report(&mut self, report: &ExecutionReport) -> Result<bool, LedgerError> {
        if report.execution_type != ExecutionType::Trade {
            return Ok(false);
        }
        let key = (report.symbol.clone(), report.execution_id);
        if self.booked.contains(&key) {
            return Ok(false);
        }
        let Some((base, quote)) = self.symbols.get(&report.symbol).cloned() else {
            return Err(LedgerError::UnknownSymbol(report.symbol.clone()));
        };
        let (quantity, amount) = (report.last_executed_quantity, report.last_quote_quantity);
        let (base_change, quote_change) =
            if report.side == OrderSide::Buy { (quantity, -amount) } else { (-quantity, amount) };
        let mut changes = vec![(base, base_change), (quote, quote_change)];
        if let Some(asset) = &report.commission_asset {
            changes.push((asset.clone(), -report.commission));
        }
        let mut totals = self.totals.clone();
        for (asset, change) in changes {
            let total = totals.entry(asset.clone()).or_default();
            *total = total.checked_add(change).ok_or(LedgerError::Overflow(asset))?;
        }
        self.totals = totals;
        self.booked.insert(key);
        Ok(true)
    }

    /// Books a deposit, a withdrawal or a transfer.
    ///
    /// # Errors
    ///
    /// When the sum does not fit.
    pub fn book_update(&mut self, update: &BalanceUpdate) -> Result<(), LedgerError> {
        let total = self.totals.entry(update.asset.clone()).or_default();
        *total =
            total.checked_add(update.delta).ok_or_else(|| LedgerError::Overflow(update.asset.clone()))?;
        Ok(())
    }

    /// What the account should own of an asset.
    pub fn total(&self, asset: &Asset) -> Decimal {
        self.totals.get(asset).copied().unwrap_or_default()
    }

    /// Where the account differs from what was added up: the asset, what was added up, and what the account has.
    pub fn differences(&self, account: &AccountInformation) -> Vec<(Asset, Decimal, Decimal)> {
        let mut actual: BTreeMap<Asset, Decimal> = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), balance.free + balance.locked))
            .collect();
        for asset in self.totals.keys() {
            actual.entry(asset.clone()).or_default();
        }
        actual
            .into_iter()
            .map(|(asset, actual)| {
                let expected = self.total(&asset);
                (asset, expected, actual)
            })
            .filter(|(_, expected, actual)| expected != actual)
            .collect()
    }
}
