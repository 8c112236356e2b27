//! Accounts as they are configured: balances, commissions and API keys; in code, or in a file.

use crate::error::{SimError, SimErrorKind};
use crate::random::Random;
use crate::setup::{check_balance, check_name};
use binance_kit_core::{Asset, Decimal};
use binance_kit_sign::{ApiKey, Ed25519Pair, VerifyingKey};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use toml::Spanned;

/// An API key of an account, with what its signatures are verified by.
#[derive(Debug, Clone)]
pub(crate) struct KeyConfig {
    /// API key.
    pub(crate) api_key: ApiKey,
    /// Key that verifies its signatures.
    pub(crate) verifying: VerifyingKey,
    /// Whether the key may trade.
    pub(crate) can_trade: bool,
}

/// Commission rates (`0.001` is 0.1 %). A trade pays the rate of its role and the rate of its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommissionConfig {
    /// Rate of orders that were on the book.
    pub maker: Decimal,
    /// Rate of orders that took from the book.
    pub taker: Decimal,
    /// Additional rate of buyers.
    pub buyer: Decimal,
    /// Additional rate of sellers.
    pub seller: Decimal,
}

/// An account: its name, what it owns, what it pays, and its API keys.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// Name of the account.
    pub(crate) name: String,
    /// Amounts that the account starts with.
    pub(crate) balances: Vec<(Asset, Decimal)>,
    /// API keys.
    pub(crate) keys: Vec<KeyConfig>,
    /// Standard commission rates.
    pub(crate) standard: CommissionConfig,
    /// Special commission rates.
    pub(crate) special: CommissionConfig,
    /// Tax commission rates.
    pub(crate) tax: CommissionConfig,
    /// Whether commissions are paid with the discount asset.
    pub(crate) discount: bool,
    /// Group of accounts that do not trade with each other.
    pub(crate) trade_group: Option<i64>,
    /// Largest amount of an asset in a single order.
    pub(crate) max_assets: Vec<(Asset, Decimal)>,
}

impl AccountConfig {
    /// Creates an account without balances and keys that pays 0.1 % of what it receives.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            balances: Vec::new(),
            keys: Vec::new(),
            standard: CommissionConfig {
                maker: Decimal::new(1, 3),
                taker: Decimal::new(1, 3),
                ..CommissionConfig::default()
            },
            special: CommissionConfig::default(),
            tax: CommissionConfig::default(),
            discount: false,
            trade_group: None,
            max_assets: Vec::new(),
        }
    }

    /// Adds a starting balance.
    #[must_use]
    pub fn balance(mut self, asset: &str, amount: Decimal) -> Self {
        self.balances.push((Asset::new(asset), amount));
        self
    }

    /// Sets the commission rate of trades as maker (`0.001` is 0.1 %).
    #[must_use]
    pub fn maker_commission(mut self, rate: Decimal) -> Self {
        self.standard.maker = rate;
        self
    }

    /// Sets the commission rate of trades as taker (`0.001` is 0.1 %).
    #[must_use]
    pub fn taker_commission(mut self, rate: Decimal) -> Self {
        self.standard.taker = rate;
        self
    }

    /// Sets the standard, the special and the tax rates; the sum of all three is paid.
    #[must_use]
    pub fn commission_rates(
        mut self,
        standard: CommissionConfig,
        special: CommissionConfig,
        tax: CommissionConfig,
    ) -> Self {
        (self.standard, self.special, self.tax) = (standard, special, tax);
        self
    }

    /// Pays commissions with BNB, at a discount on the standard rates, as long as there is enough of it.
    #[must_use]
    pub fn commission_in_bnb(mut self) -> Self {
        self.discount = true;
        self
    }

    /// Puts the account into a trade group: its orders with self-trade prevention do not trade with those of other accounts of
    /// the group.
    #[must_use]
    pub fn trade_group(mut self, id: i64) -> Self {
        self.trade_group = Some(id);
        self
    }

    /// Limits the amount of an asset in a single order: the filter `MAX_ASSET`.
    #[must_use]
    pub fn max_asset(mut self, asset: &str, limit: Decimal) -> Self {
        self.max_assets.push((Asset::new(asset), limit));
        self
    }

    /// Adds an API key whose requests are signed with a secret (HMAC).
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Configuration`] for an invalid key or secret.
    pub fn hmac_key(self, api_key: &str, secret: &str) -> Result<Self, SimError> {
        let verifying = VerifyingKey::hmac(secret).map_err(|error| {
            SimError::with(SimErrorKind::Configuration, "the HMAC secret cannot be used", error)
        })?;
        self.key(api_key, verifying, true)
    }

    /// Adds an API key whose requests are signed with the private key that belongs to this public one (Ed25519 or RSA,
    /// as PEM).
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Configuration`] for an invalid key.
    pub fn public_key(self, api_key: &str, pem: &str) -> Result<Self, SimError> {
        let verifying = VerifyingKey::from_public_pem(pem).map_err(|error| {
            SimError::with(SimErrorKind::Configuration, "the public key cannot be used", error)
        })?;
        self.key(api_key, verifying, true)
    }

    /// Removes the permission to trade from the key added last.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        if let Some(key) = self.keys.last_mut() {
            key.can_trade = false;
        }
        self
    }

    fn key(mut self, api_key: &str, verifying: VerifyingKey, can_trade: bool) -> Result<Self, SimError> {
        let api_key = ApiKey::new(api_key).map_err(|error| {
            SimError::with(SimErrorKind::Configuration, "the API key cannot be used", error)
        })?;
        self.keys.push(KeyConfig { api_key, verifying, can_trade });
        Ok(self)
    }

    /// Reads accounts from a TOML file. See [`AccountConfig::parse`].
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::AccountsFile`] when the file, or one it names, cannot be read or used.
    pub fn load(path: &Path) -> Result<Vec<Self>, SimError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            SimError::with(
                SimErrorKind::AccountsFile,
                format_args!("the accounts file {} cannot be read", path.display()),
                error,
            )
        })?;
        Self::parse(&text, path.parent().unwrap_or(Path::new(".")))
    }

    /// Reads accounts from TOML. Files named in it are looked for in `directory`.
    ///
    /// ```
    /// # use std::path::Path;
    /// let accounts = binance_kit_sim::AccountConfig::parse(
    ///     r#"
    ///     [[account]]
    ///     name = "alice"
    ///     maker_commission = "0.001" # optional, as the next
    ///     taker_commission = "0.001" # and buyer_commission, seller_commission, special_commission, tax_commission
    ///     commission_in_bnb = true   # optional
    ///     trade_group = 1            # optional
    ///     balances = { USDT = "100000", BTC = "1.5" }
    ///
    ///     [[account.key]]
    ///     api_key = "aliceHmacKey"
    ///     hmac_secret = "aliceSecret"  # or ed25519_public_pem, ed25519_public_file, rsa_public_pem, rsa_public_file
    ///     trade = true                 # optional
    ///     "#,
    ///     Path::new("."),
    /// )?;
    /// assert_eq!(accounts.len(), 1);
    /// # Ok::<(), binance_kit_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::AccountsFile`], with the line at fault.
    pub fn parse(text: &str, directory: &Path) -> Result<Vec<Self>, SimError> {
        let file: File = toml::from_str(text).map_err(|error| invalid_toml(text, &error))?;
        file.account.into_iter().map(|account| account.build(text, directory)).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Accounts of the file.
    #[serde(default)]
    account: Vec<FileAccount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAccount {
    /// Name of the account.
    name: Spanned<String>,
    /// Amounts that the account starts with.
    #[serde(default)]
    balances: BTreeMap<String, Spanned<String>>,
    /// Standard rate of makers.
    maker_commission: Option<Spanned<String>>,
    /// Standard rate of takers.
    taker_commission: Option<Spanned<String>>,
    /// Standard rate of buyers.
    buyer_commission: Option<Spanned<String>>,
    /// Standard rate of sellers.
    seller_commission: Option<Spanned<String>>,
    /// Special rates.
    #[serde(default)]
    special_commission: FileRates,
    /// Tax rates.
    #[serde(default)]
    tax_commission: FileRates,
    /// Whether commissions are paid with the discount asset.
    #[serde(default)]
    commission_in_bnb: bool,
    /// Group of accounts that do not trade with each other.
    trade_group: Option<i64>,
    /// Largest amount of an asset in a single order.
    #[serde(default)]
    max_asset: BTreeMap<String, Spanned<String>>,
    /// API keys.
    #[serde(default)]
    key: Vec<FileKey>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FileRates {
    /// Rate of makers.
    maker: Option<Spanned<String>>,
    /// Rate of takers.
    taker: Option<Spanned<String>>,
    /// Rate of buyers.
    buyer: Option<Spanned<String>>,
    /// Rate of sellers.
    seller: Option<Spanned<String>>,
}

impl FileRates {
    fn read(&self, text: &str, rates: &mut CommissionConfig) -> Result<(), SimError> {
        for (given, rate) in [
            (&self.maker, &mut rates.maker),
            (&self.taker, &mut rates.taker),
            (&self.buyer, &mut rates.buyer),
            (&self.seller, &mut rates.seller),
        ] {
            if let Some(given) = given {
                *rate = self::rate(text, given)?;
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileKey {
    /// API key.
    api_key: Spanned<String>,
    /// Secret, of a key for HMAC.
    hmac_secret: Option<Spanned<String>>,
    /// Public key as PEM, of a key for Ed25519.
    ed25519_public_pem: Option<Spanned<String>>,
    /// File of the public key, of a key for Ed25519.
    ed25519_public_file: Option<Spanned<String>>,
    /// Public key as PEM, of a key for RSA.
    rsa_public_pem: Option<Spanned<String>>,
    /// File of the public key, of a key for RSA.
    rsa_public_file: Option<Spanned<String>>,
    /// Whether the key may trade.
    #[serde(default = "yes")]
    trade: bool,
}

const fn yes() -> bool {
    true
}

/// Where something in the file is.
fn at_line(text: &str, offset: usize, problem: impl fmt::Display) -> SimError {
    let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    SimError::new(SimErrorKind::AccountsFile, format_args!("line {line} of the accounts file: {problem}"))
}

/// What is wrong with the text, without the text itself: the line may have a secret.
fn invalid_toml(text: &str, error: &toml::de::Error) -> SimError {
    let offset = error.span().map_or(0, |span| span.start);
    let message = error.message();
    // The messages that show a value.
    let shows_value = ["invalid type", "invalid value"].iter().any(|start| message.starts_with(start));
    let line = text.get(..offset).map_or("", |before| before.rsplit('\n').next().unwrap_or_default());
    let rest = text.get(offset..).map_or("", |rest| rest.lines().next().unwrap_or_default());
    let is_secret = ["secret", "pem"].iter().any(|word| line.contains(word) || rest.contains(word));
    if shows_value && is_secret {
        return at_line(text, offset, "the value is no text; write it in quotation marks");
    }
    at_line(text, offset, message.replace('\n', ", "))
}

/// A rate, which is not below zero.
fn rate(text: &str, value: &Spanned<String>) -> Result<Decimal, SimError> {
    let rate = amount(text, value)?;
    if rate.is_sign_negative() && !rate.is_zero() {
        let problem = format!("the commission {rate} is below zero; write \"0\" or more, \"0.001\" is 0.1 %");
        return Err(at_line(text, value.span().start, problem));
    }
    Ok(rate)
}

/// An amount of an asset, with the name of the asset.
fn holding(text: &str, asset: &str, value: &Spanned<String>) -> Result<Decimal, SimError> {
    let amount = amount(text, value)?;
    check_name("an asset", asset)
        .and_then(|()| check_balance(asset, amount))
        .map_err(|why| at_line(text, value.span().start, why))?;
    Ok(amount)
}

fn amount(text: &str, value: &Spanned<String>) -> Result<Decimal, SimError> {
    binance_kit_core::decimal::parse(value.get_ref())
        .map_err(|error| at_line(text, value.span().start, format_args!("{:?} is {error}", value.get_ref())))
}

impl FileAccount {
    fn build(self, text: &str, directory: &Path) -> Result<AccountConfig, SimError> {
        let mut account = AccountConfig::new(self.name.get_ref());
        if account.name.is_empty() {
            return Err(at_line(text, self.name.span().start, "the name is empty"));
        }
        for (asset, value) in &self.balances {
            account = account.balance(asset, holding(text, asset, value)?);
        }
        for (asset, value) in &self.max_asset {
            account = account.max_asset(asset, holding(text, asset, value)?);
        }
        let standard = FileRates {
            maker: self.maker_commission,
            taker: self.taker_commission,
            buyer: self.buyer_commission,
            seller: self.seller_commission,
        };
        standard.read(text, &mut account.standard)?;
        self.special_commission.read(text, &mut account.special)?;
        self.tax_commission.read(text, &mut account.tax)?;
        account.discount = self.commission_in_bnb;
        account.trade_group = self.trade_group;
        for key in self.key {
            account = key.build(text, directory, account)?;
        }
        Ok(account)
    }
}

impl FileKey {
    fn build(self, text: &str, directory: &Path, account: AccountConfig) -> Result<AccountConfig, SimError> {
        let at = self.api_key.span().start;
        let read = |file: &Spanned<String>| {
            std::fs::read_to_string(directory.join(file.get_ref())).map_err(|error| {
                at_line(text, file.span().start, format_args!("{} cannot be read: {error}", file.get_ref()))
            })
        };
        let public = |pem: &str, offset: usize, algorithm: binance_kit_sign::Algorithm| {
            let key = VerifyingKey::from_public_pem(pem).map_err(|error| at_line(text, offset, error))?;
            if key.algorithm() == algorithm {
                Ok(key)
            } else {
                Err(at_line(text, offset, format_args!("this is a key for {}", key.algorithm())))
            }
        };
        let (ed25519, rsa) = (binance_kit_sign::Algorithm::Ed25519, binance_kit_sign::Algorithm::RsaSha256);
        let mut found = Vec::new();
        if let Some(secret) = &self.hmac_secret {
            // The error of a secret does not show it.
            found.push(
                VerifyingKey::hmac(secret.get_ref())
                    .map_err(|error| at_line(text, secret.span().start, error))?,
            );
        }
        for (pem, algorithm) in [(&self.ed25519_public_pem, ed25519), (&self.rsa_public_pem, rsa)] {
            if let Some(pem) = pem {
                found.push(public(pem.get_ref(), pem.span().start, algorithm)?);
            }
        }
        for (file, algorithm) in [(&self.ed25519_public_file, ed25519), (&self.rsa_public_file, rsa)] {
            if let Some(file) = file {
                found.push(public(&read(file)?, file.span().start, algorithm)?);
            }
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(verifying), None) => account
                .key(self.api_key.get_ref(), verifying, self.trade)
                .map_err(|error| at_line(text, at, error)),
            (None, _) => Err(at_line(
                text,
                at,
                "the key needs one of hmac_secret, ed25519_public_pem, ed25519_public_file, rsa_public_pem, \
                 rsa_public_file",
            )),
            _ => Err(at_line(text, at, "the key has more than one secret or public key")),
        }
    }
}

/// The account that every exchange has by default: its keys are generated from the seed, so that a demo can
/// log on. Worth nothing anywhere else. `Debug` shows no secret.
#[derive(Clone)]
pub struct DemoAccount {
    /// The name of the account.
    pub name: String,
    /// The API key of the HMAC secret.
    pub hmac_api_key: String,
    /// The HMAC secret.
    pub hmac_secret: String,
    /// The API key of the Ed25519 key.
    pub ed25519_api_key: String,
    /// The Ed25519 private key, PKCS#8 as PEM.
    pub ed25519_private_pem: String,
    /// Public key that belongs to the private one.
    ed25519_public_pem: String,
}

impl fmt::Debug for DemoAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoAccount")
            .field("name", &self.name)
            .field("hmac_api_key", &self.hmac_api_key)
            .field("ed25519_api_key", &self.ed25519_api_key)
            .finish_non_exhaustive()
    }
}

impl DemoAccount {
    pub(crate) fn from_seed(seed: u64) -> Result<Self, SimError> {
        let mut random = Random::new(seed ^ 0x00de_3000);
        let mut private = [0_u8; 32];
        for chunk in private.chunks_mut(8) {
            chunk.copy_from_slice(&random.next().to_le_bytes());
        }
        let pair = Ed25519Pair::from_seed(private).map_err(|error| {
            SimError::with(SimErrorKind::Configuration, "the demo key cannot be made", error)
        })?;
        let private_pem = String::from_utf8_lossy(pair.private_pem().as_ref()).into_owned();
        Ok(Self {
            name: "demo".to_owned(),
            hmac_api_key: random.text(64),
            hmac_secret: random.text(64),
            ed25519_api_key: random.text(64),
            ed25519_private_pem: private_pem,
            ed25519_public_pem: pair.public_pem().to_owned(),
        })
    }

    /// The account as it is configured: rich in every asset given.
    pub(crate) fn config(&self, assets: impl IntoIterator<Item = Asset>) -> Result<AccountConfig, SimError> {
        let mut config = AccountConfig::new(&self.name)
            .hmac_key(&self.hmac_api_key, &self.hmac_secret)?
            .public_key(&self.ed25519_api_key, &self.ed25519_public_pem)?;
        for asset in assets {
            let amount = match asset.as_str() {
                "USDT" => Decimal::new(1_000_000, 0),
                "BTC" => Decimal::new(10, 0),
                "ETH" => Decimal::new(100, 0),
                _ => Decimal::new(1_000, 0),
            };
            config = config.balance(asset.as_str(), amount);
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests;
