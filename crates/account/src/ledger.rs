//! Balances added up from what happened, to be held against what the exchange says they are.

use binance_kit_core::{Asset, Decimal, Symbol, id::ExecutionId};
use binance_kit_model::spot::{AccountInformation, BalanceEvent, ExecutionType, OrderEvent, OrderSide};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

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

/// How many reports are remembered, to know one that comes twice. Repetitions come with a reconnect, and so are recent.
const REMEMBERED: usize = 65_536;

/// What the account owns of each asset, free and locked together: a starting point, and every trade, commission, deposit and
/// withdrawal since. Reports that come twice are booked once.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    totals: BTreeMap<Asset, Decimal>,
    symbols: HashMap<Symbol, (Asset, Asset)>,
    booked: HashSet<(Symbol, ExecutionId)>,
    /// The booked reports, oldest first.
    order: VecDeque<(Symbol, ExecutionId)>,
}

impl Ledger {
    /// Starts from a snapshot of the account.
    pub fn starting_from(account: &AccountInformation) -> Self {
        let mut ledger = Self::default();
        ledger.restart_from(account);
        ledger
    }

    /// Starts anew from another snapshot, as after an interruption. Symbols stay known, and so do reports that were booked:
    /// one that comes again is in the snapshot.
    pub fn restart_from(&mut self, account: &AccountInformation) {
        self.totals = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), owned(balance.free, balance.locked)))
            .collect();
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
    pub fn book_report(&mut self, report: &OrderEvent) -> Result<bool, LedgerError> {
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
        // All or nothing: the new totals are made before any is kept. The commission may be in one of the two assets.
        let mut totals: BTreeMap<Asset, Decimal> = BTreeMap::new();
        for (asset, change) in changes {
            let total = totals.get(&asset).copied().unwrap_or_else(|| self.total(&asset));
            let total = total.checked_add(change).ok_or_else(|| LedgerError::Overflow(asset.clone()))?;
            totals.insert(asset, total);
        }
        self.totals.append(&mut totals);
        self.order.push_back(key.clone());
        self.booked.insert(key);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.booked.remove(&oldest);
        }
        Ok(true)
    }

    /// Books a deposit, a withdrawal or a transfer. Such events have no id: one that comes twice is booked twice.
    ///
    /// # Errors
    ///
    /// When the sum does not fit.
    pub fn book_update(&mut self, update: &BalanceEvent) -> Result<(), LedgerError> {
        let total = self.total(&update.asset).checked_add(update.delta);
        let total = total.ok_or_else(|| LedgerError::Overflow(update.asset.clone()))?;
        self.totals.insert(update.asset.clone(), total);
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
            .map(|balance| (balance.asset.clone(), owned(balance.free, balance.locked)))
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

/// Free and locked together; sums beyond all that a decimal holds are the most it holds, since an answer must not panic.
fn owned(free: Decimal, locked: Decimal) -> Decimal {
    free.saturating_add(locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::Decoder;
    use binance_kit_core::decode::Decode;

    fn decode<T: Decode>(json: &str) -> T {
        Decoder::new().decode(json.as_bytes()).unwrap()
    }

    fn account(balances: &str) -> AccountInformation {
        decode(&format!(
            r#"{{"makerCommission":0,"takerCommission":0,"buyerCommission":0,"sellerCommission":0,
            "commissionRates":{{"maker":"0","taker":"0","buyer":"0","seller":"0"}},
            "canTrade":true,"canWithdraw":true,"canDeposit":true,"brokered":false,
            "requireSelfTradePrevention":false,"preventSor":false,"updateTime":1,"accountType":"SPOT",
            "balances":[{balances}],"permissions":["SPOT"],"uid":1}}"#
        ))
    }

    /// A report as the exchange writes it: `kind` (`x`), side, execution id, quantity, amount, commission and its asset.
    fn report(
        kind: &str,
        side: &str,
        id: u64,
        quantity: &str,
        amount: &str,
        fee: &str,
        asset: &str,
    ) -> OrderEvent {
        decode(&format!(
            r#"{{"e":"executionReport","E":1,"s":"BTCUSDT","c":"a","S":"{side}","o":"LIMIT","f":"GTC","q":"9",
            "p":"9","P":"0","F":"0","g":-1,"C":"","x":"{kind}","X":"NEW","r":"NONE","i":4,"l":"{quantity}",
            "z":"0","L":"0","n":"{fee}","N":{asset},"T":2,"t":3,"I":{id},"w":true,"m":false,"M":false,"O":1,
            "Z":"0","Y":"{amount}","Q":"0","W":1,"V":"NONE"}}"#
        ))
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::starting_from(&account(
            r#"{"asset":"BTC","free":"1","locked":"0.5"},{"asset":"USDT","free":"100","locked":"0"},
               {"asset":"BNB","free":"1","locked":"0"}"#,
        ));
        ledger.symbol("BTCUSDT", "BTC", "USDT");
        ledger
    }

    fn totals(ledger: &Ledger) -> [String; 3] {
        ["BTC", "USDT", "BNB"].map(|asset| ledger.total(&asset.into()).normalize().to_string())
    }

    #[test]
    fn trades_are_booked_once_and_nothing_else_is() {
        let mut ledger = ledger();
        assert_eq!(totals(&ledger), ["1.5", "100", "1"]);
        let bought = report("TRADE", "BUY", 1, "0.5", "30", "0.0005", r#""BTC""#);
        assert_eq!(ledger.book_report(&bought), Ok(true));
        assert_eq!(totals(&ledger), ["1.9995", "70", "1"]);
        assert_eq!(ledger.book_report(&bought), Ok(false), "J3: it comes twice");
        assert_eq!(ledger.book_report(&report("NEW", "BUY", 2, "0", "0", "0", "null")), Ok(false));
        assert_eq!(totals(&ledger), ["1.9995", "70", "1"]);
        // A new snapshot does not bring an old report back.
        ledger.restart_from(&account(r#"{"asset":"BTC","free":"2","locked":"0"}"#));
        assert_eq!(ledger.book_report(&bought), Ok(false));
        assert_eq!(totals(&ledger), ["2", "0", "0"]);
    }

    #[test]
    fn commissions_may_be_in_a_third_asset_or_none() {
        let mut ledger = ledger();
        ledger.book_report(&report("TRADE", "SELL", 1, "0.5", "30", "0.01", r#""BNB""#)).unwrap();
        assert_eq!(totals(&ledger), ["1", "130", "0.99"]);
        ledger.book_report(&report("TRADE", "SELL", 2, "0.5", "30", "0", "null")).unwrap();
        assert_eq!(totals(&ledger), ["0.5", "160", "0.99"]);
    }

    #[test]
    fn what_cannot_be_booked_changes_nothing() {
        let mut empty = Ledger::default();
        let bought = report("TRADE", "BUY", 1, "0.5", "30", "0", "null");
        let error = empty.book_report(&bought).unwrap_err();
        assert_eq!(error, LedgerError::UnknownSymbol("BTCUSDT".into()));
        assert_eq!(error.to_string(), "the assets of BTCUSDT are not known");
        // It can be booked once the symbol is known.
        empty.symbol("BTCUSDT", "BTC", "USDT");
        assert_eq!(empty.book_report(&bought), Ok(true));

        let mut ledger = ledger();
        let before = totals(&ledger);
        let mut huge = report("TRADE", "BUY", 2, "0.5", "30", "0", "null");
        // The quote side fits no longer, so the base side must not be booked either.
        ledger.totals.insert("USDT".into(), Decimal::MIN);
        huge.last_quote_quantity = Decimal::MAX;
        assert_eq!(ledger.book_report(&huge), Err(LedgerError::Overflow("USDT".into())));
        assert_eq!(totals(&ledger)[0], before[0]);
        let mut update: BalanceEvent = decode(r#"{"e":"balanceUpdate","E":1,"a":"USDT","d":"1","T":1}"#);
        update.delta = -Decimal::MAX;
        assert_eq!(ledger.book_update(&update), Err(LedgerError::Overflow("USDT".into())));
    }

    #[test]
    fn balances_that_do_not_fit_together_break_nothing() {
        let most = Decimal::MAX.to_string();
        let huge = account(&format!(r#"{{"asset":"BTC","free":"{most}","locked":"{most}"}}"#));
        let ledger = Ledger::starting_from(&huge);
        assert_eq!(ledger.total(&"BTC".into()), Decimal::MAX);
        assert_eq!(ledger.differences(&huge), []);
    }

    #[test]
    fn differences_name_assets_on_either_side() {
        let mut ledger = ledger();
        ledger.book_report(&report("TRADE", "BUY", 1, "0.5", "30", "0", "null")).unwrap();
        let same = account(
            r#"{"asset":"BTC","free":"2","locked":"0"},{"asset":"USDT","free":"0","locked":"70"},
               {"asset":"BNB","free":"1","locked":"0"},{"asset":"ETH","free":"0","locked":"0"}"#,
        );
        assert_eq!(ledger.differences(&same), []);
        let other =
            account(r#"{"asset":"BTC","free":"2","locked":"0"},{"asset":"ETH","free":"3","locked":"0"}"#);
        let differences: Vec<String> = ledger
            .differences(&other)
            .iter()
            .map(|(asset, expected, actual)| format!("{asset} {expected} {actual}"))
            .collect();
        assert_eq!(differences, ["BNB 1 0", "ETH 0 3", "USDT 70 0"]);
    }
}
