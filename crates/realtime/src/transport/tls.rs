use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::phases::{TlsFacts, Trace};
use crate::{ConnectError, ConnectErrorKind, Endpoint, Options};

/// TLS by rustls. The system's root certificates are read when the first `wss://` endpoint is dialled: hundreds of
/// files that a demo on loopback never needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tls {
    config: Arc<OnceLock<Arc<ClientConfig>>>,
    files: Files,
}

#[derive(Clone, Debug, Default)]
struct Files {
    /// Trusted beside the system's.
    authorities: Option<PathBuf>,
    /// Certificate and key of our own.
    client: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    pub(super) fn new(options: &Options) -> Self {
        let client = options.client_cert.clone().zip(options.client_key.clone());
        let files = Files { authorities: options.ca_file.clone(), client };
        Self { config: Arc::default(), files }
    }

    pub(super) async fn connect(
        &self,
        endpoint: &Endpoint,
        tcp: TcpStream,
        trace: &Trace,
    ) -> Result<TlsStream<TcpStream>, ConnectError> {
        let fault = |detail: String| ConnectError::new(ConnectErrorKind::Tls, detail);
        let name = ServerName::try_from(endpoint.host()).map_err(|e| fault(e.to_string()))?;
        let config = self.config().await?;
        let stream = TlsConnector::from(config).connect(name, tcp).await;
        let stream = stream.map_err(|error| {
            explained(&error, endpoint).unwrap_or_else(|| fault(error.to_string()))
        })?;
        let session = stream.get_ref().1;
        let version = session.protocol_version().and_then(|version| version.as_str());
        let chain = session.peer_certificates().unwrap_or_default();
        trace.agreed(TlsFacts {
            version: version.unwrap_or_default().to_owned(),
            chain: chain.iter().map(|certificate| certificate.to_vec()).collect(),
        });
        Ok(stream)
    }

    async fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let fault = |detail: String| ConnectError::new(ConnectErrorKind::Tls, detail);
        let files = self.files.clone();
        let config = tokio::task::spawn_blocking(move || load(&files))
            .await
            .map_err(|e| fault(e.to_string()))?
            .map_err(fault)?;
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }
}

fn load(files: &Files) -> Result<ClientConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems carry certificates that do not parse; the rest is still good.
    let (mut added, ignored) = roots.add_parsable_certificates(found.certs);
    if let Some(path) = &files.authorities {
        for certificate in certificates("caFile", path)? {
            let wrong = |e| format!("caFile {}: {e}", path.display());
            roots.add(certificate).map_err(wrong)?;
            added += 1;
        }
    }
    if added == 0 {
        let why = found.errors.first().map(|e| format!(" ({e})")).unwrap_or_default();
        return Err(format!(
            "this machine has no root certificates{why}; install its ca-certificates package, or set caFile"
        ));
    }
    tracing::debug!(added, ignored, "root certificates loaded");
    // Named, because a process-wide default may be another library's choice, or missing.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots);
    let Some((certificate, key)) = &files.client else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("clientCert", certificate)?;
    let key_file = PrivateKeyDer::from_pem_file(key)
        .map_err(|e| format!("clientKey {}: {e}; it has to be a PEM file", key.display()))?;
    builder.with_client_auth_cert(chain, key_file).map_err(|e| {
        format!("clientCert {} and clientKey do not go together: {e}", certificate.display())
    })
}

fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong =
        |why: String| format!("{option} {}: {why}; it has to be a PEM file", path.display());
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(e.to_string()))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// What TLS found wrong, in words, and what to do about it; `None` for an error of another kind.
pub(super) fn explained(error: &std::io::Error, endpoint: &Endpoint) -> Option<ConnectError> {
    let tls = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let host = endpoint.host();
    let certificate = |detail: String| ConnectError::new(ConnectErrorKind::Certificate, detail);
    Some(match tls {
        rustls::Error::InvalidCertificate(reason) => certificate(match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "it has expired; the server needs a new one, or this machine's clock is wrong"
                    .into()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "it is not valid yet; this machine's clock may be behind".into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("it is not for {host}; use the name it was made for")
            }
            // An authority of the same name with another key is as unknown.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "its issuer is unknown here; if it is your own, set caFile".into()
            }
            CertificateError::Revoked => "it was revoked; the server needs a new one".into(),
            other => other.to_string(),
        }),
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => ConnectError::new(
            ConnectErrorKind::Tls,
            "the server wants a certificate of ours; set clientCert and clientKey",
        ),
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied),
        ) => ConnectError::new(
            ConnectErrorKind::Tls,
            format!("the server does not take the certificate of clientCert ({alert:?})"),
        ),
        other => ConnectError::new(ConnectErrorKind::Tls, other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
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
        let config = Arc::new(OnceLock::from(Arc::new(client)));
        let tls = Tls { config, files: Files::default() };
        let endpoint = Endpoint::parse(&format!("wss://localhost:{}/", address.port())).unwrap();
        let tcp = TcpStream::connect(address).await.unwrap();
        tls.connect(&endpoint, tcp, &Trace::default()).await.map(drop).map_err(|error| error.kind)
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
