//! TLS by rustls with the ring provider, passed explicitly so that no process-wide default is needed or touched.
//! Certificates are always verified; there is no switch for that.

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::io::BoxIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// A TLS configuration. Cheap to clone.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// The built-in roots (feature `webpki-roots`), or else the platform's (feature `native-roots`). With neither feature there are
    /// no roots and every handshake fails; plain text on loopback still works.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTls`] when the platform has no roots.
    pub fn new() -> Result<Self, Error> {
        #[cfg(feature = "webpki-roots")]
        {
            let mut roots = RootCertStore::empty();
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            Self::with_store(roots)
        }
        #[cfg(all(not(feature = "webpki-roots"), feature = "native-roots"))]
        {
            Self::with_native_roots()
        }
        #[cfg(not(any(feature = "webpki-roots", feature = "native-roots")))]
        {
            Self::with_store(RootCertStore::empty())
        }
    }

    /// The platform's roots.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTls`] when there are none.
    #[cfg(feature = "native-roots")]
    pub fn with_native_roots() -> Result<Self, Error> {
        let loaded = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(loaded.certs);
        if added == 0 {
            return Err(Error::with_detail(ErrorKind::InvalidTls, "the platform has no root certificates"));
        }
        Self::with_store(roots)
    }

    /// Only the roots in this PEM text: for an exchange of one's own (`binance sim --tls`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTls`] when there is no certificate in it, or one cannot be read.
    pub fn with_roots_pem(pem: &[u8]) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| Error::with_source(ErrorKind::InvalidTls, error))?;
            roots.add(certificate).map_err(|error| Error::with_source(ErrorKind::InvalidTls, error))?;
        }
        if roots.is_empty() {
            return Err(Error::with_detail(ErrorKind::InvalidTls, "the PEM text holds no certificate"));
        }
        Self::with_store(roots)
    }

    /// A configuration of one's own. Its ALPN list must be empty or hold `http/1.1`.
    pub fn with_config(config: Arc<ClientConfig>) -> Self {
        Self(config)
    }

    fn with_store(roots: RootCertStore) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::with_source(ErrorKind::InvalidTls, error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // An upgrade to WebSocket exists in HTTP/1.1 only, and one protocol for REST keeps the pool simple.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// The rustls configuration.
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.0
    }

    /// Makes the TLS handshake over `io`. Dropping the future gives up the connection.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Tls`] when the handshake fails.
    pub async fn connect(&self, endpoint: &Endpoint, io: BoxIo) -> Result<BoxIo, Error> {
        let name = ServerName::try_from(endpoint.host().to_owned())
            .map_err(|error| Error::with_source(ErrorKind::InvalidUrl, error))?;
        match TlsConnector::from(Arc::clone(&self.0)).connect(name, io).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(Error::with_source(ErrorKind::Tls, error).detail(endpoint.authority())),
        }
    }
}
