//! Balances computed from events, to be compared with those of the exchange.

use binance_kit_core::{Asset, Decimal, Symbol, id::ExecutionId};
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::account::{AccountInformation, ExecutionType};
use binance_kit_model::spot::{BalanceEvent, OrderEvent};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// An event that cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BalancesError {
    /// The assets of a symbol are not known; see [`Balances::symbol`].
    #[error("the base and quote asset of {0} are unknown; name them with `Balances::symbol`")]
    UnknownSymbol(Symbol),
    /// A total does not fit.
    #[error("the balance of {0} does not fit into a decimal")]
    Overflow(Asset),
}

/// Number of reports remembered to recognise one that comes twice. Repetitions come with a reconnect, and so are recent.
const MAX_REMEMBERED: usize = 65_536;

/// The total of each asset of an account, free and locked together: a starting point, and every trade, commission, deposit and
/// withdrawal since. Reports that come twice are booked once.
#[derive(Debug, Clone, Default)]
pub struct Balances {
    /// The total of each asset.
    totals: BTreeMap<Asset, Decimal>,
    /// The base and the quote asset of each symbol.
    symbols: HashMap<Symbol, SymbolAssets>,
    /// The reports booked, up to a maximum number.
    booked: HashSet<(Symbol, ExecutionId)>,
    /// The reports booked, oldest first.
    booked_in_order: VecDeque<(Symbol, ExecutionId)>,
}

/// The assets of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolAssets {
    /// The asset that is bought and sold.
    pub base: Asset,
    /// The asset in which prices are.
    pub quote: Asset,
}

/// An asset of which the account has another total than the one computed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BalanceDifference {
    /// The asset.
    pub asset: Asset,
    /// The total computed.
    pub expected: Decimal,
    /// The total of the account.
    pub actual: Decimal,
}

impl std::fmt::Display for BalanceDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, the account has {}", self.asset, self.expected, self.actual)
    }
}

impl Balances {
    /// Creates the balances of a snapshot.
    pub fn starting_from(account: &AccountInformation) -> Self {
        let mut balances = Self::default();
        balances.restart_from(account);
        balances
    }

    /// Replaces the totals by those of another snapshot, as after an interruption. Symbols stay known, and so do reports that
    /// were booked: one that comes again is in the snapshot.
    pub fn restart_from(&mut self, account: &AccountInformation) {
        self.totals = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), total_of(balance.free, balance.locked)))
            .collect();
    }

    /// Names the base and the quote asset of a symbol.
    pub fn symbol(&mut self, symbol: impl Into<Symbol>, assets: SymbolAssets) {
        self.symbols.insert(symbol.into(), assets);
    }

    /// Books a report. Returns `false` when there was nothing to book: no trade, or one that was booked before.
    ///
    /// # Errors
    ///
    /// When the assets of the symbol are unknown, or a total does not fit; nothing is booked then.
    pub fn book_report(&mut self, report: &OrderEvent) -> Result<bool, BalancesError> {
        if report.execution_type != ExecutionType::Trade {
            return Ok(false);
        }
        let key = (report.symbol.clone(), report.execution_id);
        if self.booked.contains(&key) {
            return Ok(false);
        }
        let Some(SymbolAssets { base, quote }) = self.symbols.get(&report.symbol).cloned() else {
            return Err(BalancesError::UnknownSymbol(report.symbol.clone()));
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
            let total = total.checked_add(change).ok_or_else(|| BalancesError::Overflow(asset.clone()))?;
            totals.insert(asset, total);
        }
        self.totals.append(&mut totals);
        self.booked_in_order.push_back(key.clone());
        self.booked.insert(key);
        if self.booked_in_order.len() > MAX_REMEMBERED
            && let Some(oldest) = self.booked_in_order.pop_front()
        {
            self.booked.remove(&oldest);
        }
        Ok(true)
    }

    /// Books a deposit, a withdrawal or a transfer. Such events have no id: one that comes twice is booked twice.
    ///
    /// # Errors
    ///
    /// When the total does not fit.
    pub fn book_update(&mut self, update: &BalanceEvent) -> Result<(), BalancesError> {
        let total = self.total(&update.asset).checked_add(update.delta);
        let total = total.ok_or_else(|| BalancesError::Overflow(update.asset.clone()))?;
        self.totals.insert(update.asset.clone(), total);
        Ok(())
    }

    /// Returns the total of an asset.
    pub fn total(&self, asset: &Asset) -> Decimal {
        self.totals.get(asset).copied().unwrap_or_default()
    }

    /// Compares the totals with those of a snapshot, and returns the assets that differ.
    pub fn differences(&self, account: &AccountInformation) -> Vec<BalanceDifference> {
        let mut actual: BTreeMap<Asset, Decimal> = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), total_of(balance.free, balance.locked)))
            .collect();
        for asset in self.totals.keys() {
            actual.entry(asset.clone()).or_default();
        }
        actual
            .into_iter()
            .map(|(asset, actual)| BalanceDifference { expected: self.total(&asset), asset, actual })
            .filter(|difference| difference.expected != difference.actual)
            .collect()
    }
}

/// Free and locked together; a sum beyond the range of a decimal is its maximum, since an answer must not cause a panic.
fn total_of(free: Decimal, locked: Decimal) -> Decimal {
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

    /// A report as the exchange writes it: type of execution (`x`), side, execution id, quantity, amount, commission and its asset.
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

    fn started() -> Balances {
        let mut balances = Balances::starting_from(&account(
            r#"{"asset":"BTC","free":"1","locked":"0.5"},{"asset":"USDT","free":"100","locked":"0"},
               {"asset":"BNB","free":"1","locked":"0"}"#,
        ));
        balances.symbol("BTCUSDT", SymbolAssets { base: "BTC".into(), quote: "USDT".into() });
        balances
    }

    fn totals(balances: &Balances) -> [String; 3] {
        ["BTC", "USDT", "BNB"].map(|asset| balances.total(&asset.into()).normalize().to_string())
    }

    #[test]
    fn trades_are_booked_once_and_nothing_else_is() {
        let mut balances = started();
        assert_eq!(totals(&balances), ["1.5", "100", "1"]);
        let bought = report("TRADE", "BUY", 1, "0.5", "30", "0.0005", r#""BTC""#);
        assert_eq!(balances.book_report(&bought), Ok(true));
        assert_eq!(totals(&balances), ["1.9995", "70", "1"]);
        assert_eq!(balances.book_report(&bought), Ok(false), "J3: it comes twice");
        assert_eq!(balances.book_report(&report("NEW", "BUY", 2, "0", "0", "0", "null")), Ok(false));
        assert_eq!(totals(&balances), ["1.9995", "70", "1"]);
        // A new snapshot does not bring an old report back.
        balances.restart_from(&account(r#"{"asset":"BTC","free":"2","locked":"0"}"#));
        assert_eq!(balances.book_report(&bought), Ok(false));
        assert_eq!(totals(&balances), ["2", "0", "0"]);
    }

    #[test]
    fn commissions_may_be_in_a_third_asset_or_none() {
        let mut balances = started();
        balances.book_report(&report("TRADE", "SELL", 1, "0.5", "30", "0.01", r#""BNB""#)).unwrap();
        assert_eq!(totals(&balances), ["1", "130", "0.99"]);
        balances.book_report(&report("TRADE", "SELL", 2, "0.5", "30", "0", "null")).unwrap();
        assert_eq!(totals(&balances), ["0.5", "160", "0.99"]);
    }

    #[test]
    fn an_event_that_cannot_be_booked_changes_nothing() {
        let mut empty = Balances::default();
        let bought = report("TRADE", "BUY", 1, "0.5", "30", "0", "null");
        let error = empty.book_report(&bought).unwrap_err();
        assert_eq!(error, BalancesError::UnknownSymbol("BTCUSDT".into()));
        assert_eq!(
            error.to_string(),
            "the base and quote asset of BTCUSDT are unknown; name them with `Balances::symbol`"
        );
        // It can be booked once its assets are known.
        empty.symbol("BTCUSDT", SymbolAssets { base: "BTC".into(), quote: "USDT".into() });
        assert_eq!(empty.book_report(&bought), Ok(true));

        let mut balances = started();
        let before = totals(&balances);
        let mut huge = report("TRADE", "BUY", 2, "0.5", "30", "0", "null");
        // The quote total does not fit any more, so the base total must not change either.
        balances.totals.insert("USDT".into(), Decimal::MIN);
        huge.last_quote_quantity = Decimal::MAX;
        assert_eq!(balances.book_report(&huge), Err(BalancesError::Overflow("USDT".into())));
        assert_eq!(totals(&balances)[0], before[0]);
        let mut update: BalanceEvent = decode(r#"{"e":"balanceUpdate","E":1,"a":"USDT","d":"1","T":1}"#);
        update.delta = -Decimal::MAX;
        assert_eq!(balances.book_update(&update), Err(BalancesError::Overflow("USDT".into())));
    }

    #[test]
    fn a_total_that_does_not_fit_does_not_panic() {
        let max = Decimal::MAX.to_string();
        let huge = account(&format!(r#"{{"asset":"BTC","free":"{max}","locked":"{max}"}}"#));
        let balances = Balances::starting_from(&huge);
        assert_eq!(balances.total(&"BTC".into()), Decimal::MAX);
        assert_eq!(balances.differences(&huge), []);
    }

    #[test]
    fn differences_name_assets_on_either_side() {
        let mut balances = started();
        balances.book_report(&report("TRADE", "BUY", 1, "0.5", "30", "0", "null")).unwrap();
        let same = account(
            r#"{"asset":"BTC","free":"2","locked":"0"},{"asset":"USDT","free":"0","locked":"70"},
               {"asset":"BNB","free":"1","locked":"0"},{"asset":"ETH","free":"0","locked":"0"}"#,
        );
        assert_eq!(balances.differences(&same), []);
        let other =
            account(r#"{"asset":"BTC","free":"2","locked":"0"},{"asset":"ETH","free":"3","locked":"0"}"#);
        let differences: Vec<String> = balances.differences(&other).iter().map(ToString::to_string).collect();
        assert_eq!(
            differences,
            [
                "BNB: expected 1, the account has 0",
                "ETH: expected 0, the account has 3",
                "USDT: expected 70, the account has 0"
            ]
        );
    }
}
