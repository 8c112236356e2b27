//! TLS for the server: a certificate of the user's, or one made on the spot.

use crate::error::{SimError, SimErrorKind};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Certificate and key of a server. `Debug` shows neither.
#[derive(Clone)]
pub struct TlsConfig {
    /// Certificate, or chain, as PEM.
    certificate_pem: String,
    /// Private key as PEM.
    key_pem: String,
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig").finish_non_exhaustive()
    }
}

impl TlsConfig {
    /// A certificate (or chain) and its private key, both as PEM.
    pub fn from_pem(certificate_pem: impl Into<String>, key_pem: impl Into<String>) -> Self {
        Self { certificate_pem: certificate_pem.into(), key_pem: key_pem.into() }
    }

    /// A new self-signed certificate for `localhost`, `127.0.0.1` and `::1`.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Tls`] when the system gives no randomness for the key.
    pub fn self_signed() -> Result<Self, SimError> {
        let names = ["localhost", "127.0.0.1", "::1"].map(ToOwned::to_owned).to_vec();
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| SimError::with(SimErrorKind::Tls, "no certificate could be made", error))?;
        Ok(Self { certificate_pem: made.cert.pem(), key_pem: made.signing_key.serialize_pem() })
    }

    /// The certificate, for clients that are to trust it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, SimError> {
        let bad = |context: &str, error: rustls::pki_types::pem::Error| {
            SimError::with(SimErrorKind::Tls, context, error)
        };
        let chain = CertificateDer::pem_slice_iter(self.certificate_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| bad("the certificate cannot be read", error))?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())
            .map_err(|error| bad("the key of the certificate cannot be read", error))?;
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
                .map_err(|error| {
                    SimError::with(SimErrorKind::Tls, "the certificate cannot be used", error)
                })?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_checked() {
        assert!(TlsConfig::self_signed().unwrap().acceptor().is_ok());
        let error = TlsConfig::from_pem("nothing", "nothing").acceptor().err().unwrap();
        assert_eq!(error.kind(), SimErrorKind::Tls);
    }
}
