use std::sync::{Arc, OnceLock};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{ConnectError, ConnectErrorKind, Endpoint};

/// TLS by rustls. The system's root certificates are read when the first `wss://` endpoint is dialled: hundreds of
/// files that a demo on loopback never needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tls {
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Tls {
    pub(super) async fn connect(
        &self,
        endpoint: &Endpoint,
        tcp: TcpStream,
    ) -> Result<TlsStream<TcpStream>, ConnectError> {
        let fault = |kind, detail: String| ConnectError::new(kind, detail);
        let name = ServerName::try_from(endpoint.host())
            .map_err(|e| fault(ConnectErrorKind::Tls, e.to_string()))?;
        let config = self.config().await?;
        TlsConnector::from(config).connect(name, tcp).await.map_err(|error| {
            let certificate = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
                .is_some_and(|e| matches!(e, rustls::Error::InvalidCertificate(_)));
            let kind =
                if certificate { ConnectErrorKind::Certificate } else { ConnectErrorKind::Tls };
            fault(kind, error.to_string())
        })
    }

    async fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let fault = |detail: String| ConnectError::new(ConnectErrorKind::Tls, detail);
        let config = tokio::task::spawn_blocking(load)
            .await
            .map_err(|e| fault(e.to_string()))?
            .map_err(fault)?;
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }
}

fn load() -> Result<ClientConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems carry certificates that do not parse; the rest is still good.
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(|e| format!(" ({e})")).unwrap_or_default();
        return Err(format!(
            "this machine has no root certificates{why}; install its ca-certificates package"
        ));
    }
    tracing::debug!(added, ignored, "root certificates loaded");
    // Named, because a process-wide default may be another library's choice, or missing.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Self-signed, for `localhost`.
    fn certificate() -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(include_bytes!("../../tests/certificate/cert.pem")).unwrap()
    }

    async fn check(trusted: RootCertStore) -> Result<(), ConnectErrorKind> {
        let provider = || Arc::new(rustls::crypto::ring::default_provider());
        let key = include_bytes!("../../tests/certificate/key.pem");
        let server = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate()], PrivateKeyDer::from_pem_slice(key).unwrap())
            .unwrap();
        let client = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            // Refused by the client in one of the cases; kept open in the other.
            if let Ok(stream) = TlsAcceptor::from(Arc::new(server)).accept(tcp).await {
                std::future::pending::<()>().await;
                drop(stream);
            }
        });
        let tls = Tls { config: Arc::new(OnceLock::from(Arc::new(client))) };
        let endpoint = Endpoint::parse(&format!("wss://localhost:{}/", address.port())).unwrap();
        let tcp = TcpStream::connect(address).await.unwrap();
        tls.connect(&endpoint, tcp).await.map(drop).map_err(|error| error.kind)
    }

    #[tokio::test]
    async fn a_certificate_that_does_not_verify_is_told_apart() {
        assert_eq!(check(RootCertStore::empty()).await, Err(ConnectErrorKind::Certificate));
    }

    #[tokio::test]
    async fn a_certificate_that_verifies_is_accepted() {
        let mut roots = RootCertStore::empty();
        roots.add(certificate()).unwrap();
        assert_eq!(check(roots).await, Ok(()));
    }
}
