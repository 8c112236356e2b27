//! The products of the exchange: which family of hosts, clocks and limits a request or a stream belongs to.
//!
//! [`Api`] is the value, for tables and messages; the types that implement [`Product`] stand for the same in signatures, so
//! that a client of one product refuses the requests of another when a program is compiled.

use std::fmt;
use std::str::FromStr;

/// A family of hosts with limits and error codes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Api {
    /// Spot: market data, trading and the account (`/api/v3`).
    Spot,
    /// Margin, wallet, sub-accounts, earning, loans and the like (`/sapi`). On Spot's hosts, with limits of its own.
    Sapi,
    /// USD-M futures (`/fapi`).
    UsdmFutures,
    /// COIN-M futures (`/dapi`).
    CoinmFutures,
    /// European options (`/eapi`).
    Options,
    /// Portfolio margin (`/papi`).
    PortfolioMargin,
}

impl Api {
    /// All that this version knows.
    pub const ALL: [Self; 6] =
        [Self::Spot, Self::Sapi, Self::UsdmFutures, Self::CoinmFutures, Self::Options, Self::PortfolioMargin];

    /// The name in messages and settings (`spot`, `usdm` …).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Sapi => "sapi",
            Self::UsdmFutures => "usdm",
            Self::CoinmFutures => "coinm",
            Self::Options => "options",
            Self::PortfolioMargin => "portfolio-margin",
        }
    }

    /// Whether the streams of this product are spread over the routes `/public`, `/market` and `/private` of its host.
    pub const fn has_routes(self) -> bool {
        matches!(self, Self::UsdmFutures | Self::Options)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown product {name:?}: expected spot, sapi, usdm, coinm, options or portfolio-margin")]
pub struct UnknownApi {
    name: String,
}

impl FromStr for Api {
    type Err = UnknownApi;

    fn from_str(name: &str) -> Result<Self, UnknownApi> {
        let found = Self::ALL.into_iter().find(|api| api.as_str().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownApi { name: name.chars().take(64).collect() })
    }
}

/// A product as a type parameter: `WsApiClient<Spot>` takes the requests of Spot and no others.
pub trait Product: fmt::Debug + Clone + Copy + Default + Send + Sync + Unpin + 'static {
    /// The product as a value.
    const API: Api;
}

macro_rules! products {
    ($($(#[$doc:meta])* $name:ident = $api:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name;

        impl Product for $name {
            const API: Api = Api::$api;
        }
    )*};
}

products! {
    /// Spot.
    Spot = Spot;
    /// Margin, wallet and everything else under `/sapi`.
    Sapi = Sapi;
    /// USD-M futures.
    Usdm = UsdmFutures;
    /// COIN-M futures.
    Coinm = CoinmFutures;
    /// European options.
    Options = Options;
    /// Portfolio margin.
    PortfolioMargin = PortfolioMargin;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for api in Api::ALL {
            assert_eq!(api.as_str().parse(), Ok(api));
        }
        assert_eq!("USDM".parse(), Ok(Api::UsdmFutures));
        assert_eq!(
            "fapi".parse::<Api>().unwrap_err().to_string(),
            "unknown product \"fapi\": expected spot, sapi, usdm, coinm, options or portfolio-margin"
        );
    }
}
