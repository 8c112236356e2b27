//! `product.toml`: what holds for all files of a product.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::spec::Product;
use crate::deps::Outcome;

/// A product of the core crate.
#[derive(Debug)]
pub(crate) struct Api {
    /// The word in `product.toml`.
    word: &'static str,
    /// The variant of `Api`.
    pub(crate) variant: &'static str,
    /// The marker type of signatures.
    pub(crate) marker: &'static str,
    /// Whether its streams are spread over routes.
    pub(crate) has_routes: bool,
}

/// The products of the core crate.
const APIS: [Api; 3] = [
    Api { word: "spot", variant: "Spot", marker: "Spot", has_routes: false },
    Api { word: "usdm", variant: "UsdmFutures", marker: "Usdm", has_routes: true },
    Api { word: "coinm", variant: "CoinmFutures", marker: "Coinm", has_routes: false },
];

/// A counter that a few requests share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    pub(crate) limit: u32,
    pub(crate) seconds: u64,
    pub(crate) per_account: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead {
    doc: String,
    api: String,
    extends: Option<String>,
    #[serde(default)]
    pools: BTreeMap<String, Pool>,
    #[serde(default)]
    headline: String,
    #[serde(default)]
    modules: BTreeMap<String, String>,
    #[serde(default)]
    hand_written: Vec<String>,
}

/// What `product.toml` says.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) doc: String,
    /// The place in `APIS`.
    api: usize,
    /// The product whose types it extends.
    pub(super) extends: Option<String>,
    pub(crate) pools: BTreeMap<String, Pool>,
    /// The names that are found in the module of the product itself.
    pub(crate) headline: BTreeSet<String>,
    /// The modules of all others, with their documentation.
    pub(crate) modules: BTreeMap<String, String>,
    /// The modules that hand-written code declares, with the exports of the spec among its own.
    pub(crate) hand_written: Vec<String>,
}

impl Head {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it is not TOML of this form, or names a product that the core crate does not have.
    pub(super) fn parse(text: &str) -> Outcome<Self> {
        let raw: RawHead = toml::from_str(text)?;
        let api = APIS.iter().position(|api| api.word == raw.api);
        let api = api.ok_or_else(|| format!("`{}` is no product of the core crate", raw.api))?;
        let headline = raw.headline.split_whitespace().map(str::to_owned).collect();
        let RawHead { doc, extends, pools, modules, hand_written, .. } = raw;
        Ok(Self { doc, api, extends, pools, headline, modules, hand_written })
    }

    /// The product in the core crate.
    pub(crate) fn api(&self) -> &'static Api {
        APIS.get(self.api).unwrap_or(&APIS[0])
    }

    /// Checks that everything in the head is used.
    ///
    /// # Errors
    ///
    /// The first entry that is not.
    pub(super) fn check(&self, product: &Product) -> Outcome<()> {
        let used: BTreeSet<&str> = product
            .requests()
            .filter_map(|(_, request)| request.cost.pool.as_ref().map(|(name, _)| name.as_str()))
            .collect();
        if let Some(missing) = self.headline.iter().find(|name| product.module_of(name).is_none()) {
            return Err(format!("spec/{}: there is no `{missing}` to be a headline", product.name).into());
        }
        let is_known =
            |module: &String| self.modules.contains_key(module) || self.hand_written.contains(module);
        if let Some(file) = product.files.iter().find(|file| file.has_types() && !is_known(&file.module)) {
            return Err(format!("spec/{}: there is no module `{}`", product.name, file.module).into());
        }
        match self.pools.keys().find(|name| !used.contains(name.as_str())) {
            Some(unused) => Err(format!("spec/{}: the pool `{unused}` is not used", product.name).into()),
            None => Ok(()),
        }
    }
}
