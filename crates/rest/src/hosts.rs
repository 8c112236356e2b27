//! Where the requests of each product go, and the connection pool of each host, made when it is first used.

use crate::exchange::Transport;
use crate::prepared::check_path;
use crate::{Error, ErrorKind, RestConfig};
use binance_kit_core::Api;
use binance_kit_net::{Context, Endpoint, Environment, Scheme};
use http::uri::{self, Authority};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The hosts of a client.
pub(crate) struct Hosts {
    /// What to call the place in messages.
    name: String,
    /// Where the requests of each product go.
    bases: BTreeMap<Api, Base>,
    /// The hosts, each once: Spot and `/sapi` share theirs.
    list: Vec<Host>,
    /// Whether there is public market data only.
    is_market_data_only: bool,
}

/// The base URL of one product.
struct Base {
    /// The path that all requests begin with, empty or with a slash at the front.
    path: String,
    /// Index of the host.
    host: usize,
}

/// One host, and the connections to it.
pub(crate) struct Host {
    /// Scheme, name and port.
    endpoint: Arc<Endpoint>,
    /// The scheme, as URIs take it.
    pub(crate) scheme: uri::Scheme,
    /// Name and port, as URIs take them.
    pub(crate) authority: Authority,
    /// The pool, once it was used.
    transport: OnceLock<Transport>,
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|host| &host.endpoint)).finish()
    }
}

impl Hosts {
    /// The hosts of an environment.
    pub(crate) fn of_environment(environment: &Environment) -> Result<Self, Error> {
        let mut hosts = Self::empty(format!("the environment {:?}", environment.name()));
        hosts.is_market_data_only = environment.is_market_data_only();
        for api in Api::ALL {
            if let Some(url) = environment.rest_url(api) {
                hosts.add(api, url)?;
            }
        }
        Ok(hosts)
    }

    /// One base URL for all products.
    pub(crate) fn of_url(url: &str) -> Result<Self, Error> {
        let mut hosts = Self::empty("this client".to_owned());
        for api in Api::ALL {
            hosts.add(api, url)?;
        }
        Ok(hosts)
    }

    fn empty(name: String) -> Self {
        Self { name, bases: BTreeMap::new(), list: Vec::new(), is_market_data_only: false }
    }

    fn add(&mut self, api: Api, url: &str) -> Result<(), Error> {
        let invalid = || Error::new(ErrorKind::InvalidConfiguration);
        let endpoint = Endpoint::parse(url).map_err(|error| invalid().with_source(error))?;
        if !matches!(endpoint.scheme(), Scheme::Http | Scheme::Https) {
            return Err(invalid().with_detail("the base URL must begin with https, or http on loopback"));
        }
        let path = endpoint.path().to_owned();
        check_path(if path.is_empty() { "/" } else { &path })
            .map_err(|error| invalid().with_source(error))?;
        let root = endpoint.with_path("");
        let host = match self.list.iter().position(|host| *host.endpoint == root) {
            Some(index) => index,
            None => {
                let scheme = if root.scheme().is_tls() { uri::Scheme::HTTPS } else { uri::Scheme::HTTP };
                let authority =
                    Authority::try_from(root.authority()).map_err(|error| invalid().with_source(error))?;
                self.list.push(Host {
                    endpoint: Arc::new(root),
                    scheme,
                    authority,
                    transport: OnceLock::new(),
                });
                self.list.len() - 1
            }
        };
        self.bases.insert(api, Base { path, host });
        Ok(())
    }

    /// The host and the base path of a product.
    pub(crate) fn find(&self, api: Api, is_public: bool) -> Result<(&Host, &str), Error> {
        if self.is_market_data_only && !is_public {
            return Err(Error::new(ErrorKind::NotOffered)
                .with_detail(format!("{} serves public market data only", self.name)));
        }
        let base = self.bases.get(&api);
        base.and_then(|base| Some((self.list.get(base.host)?, &*base.path))).ok_or_else(|| {
            Error::new(ErrorKind::NotOffered).with_detail(format!("{} has no REST API of {api}", self.name))
        })
    }

    /// Ends all connections.
    pub(crate) fn close(&self) {
        for transport in self.list.iter().filter_map(|host| host.transport.get()) {
            transport.close();
        }
    }
}

impl Host {
    /// The connections to this host.
    pub(crate) fn transport(&self, context: &Context, config: &RestConfig) -> &Transport {
        self.transport.get_or_init(|| Transport::new(context.clone(), Arc::clone(&self.endpoint), config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_on_one_host_share_it() {
        let hosts = Hosts::of_environment(&Environment::production()).unwrap();
        let spot = hosts.find(Api::Spot, true).unwrap().0;
        let sapi = hosts.find(Api::Sapi, true).unwrap().0;
        let usdm = hosts.find(Api::UsdmFutures, true).unwrap().0;
        assert!(std::ptr::eq(spot, sapi));
        assert_ne!(spot.authority, usdm.authority);
        let one = Hosts::of_url("https://example.com/proxy/").unwrap();
        assert_eq!(one.list.len(), 1);
        assert_eq!(one.find(Api::Options, false).unwrap().1, "/proxy");
    }

    #[test]
    fn what_an_environment_does_not_offer_is_an_error() {
        let only_data = Hosts::of_environment(&Environment::market_data_only()).unwrap();
        assert!(only_data.find(Api::Spot, true).is_ok());
        for (hosts, api, is_public, text) in [
            (
                &only_data,
                Api::Spot,
                false,
                "the environment \"market data only\" serves public market data only",
            ),
            (&only_data, Api::Sapi, true, "the environment \"market data only\" has no REST API of sapi"),
        ] {
            let Err(error) = hosts.find(api, is_public) else { panic!("must be refused") };
            assert_eq!(error.kind(), ErrorKind::NotOffered);
            assert_eq!(error.to_string(), format!("not offered by this environment: {text}"));
        }
    }
}
