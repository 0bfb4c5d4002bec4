use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::files::on_change;

/// What a gateway with tokens speaks, and thereby where it may listen.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Plain text, on loopback only: a token sent over a network in plain text is everybody's.
    PlainOnLoopback,
    /// Plain text on any address, behind a proxy that does TLS.
    PlainAnywhere,
    /// TLS on any address.
    Tls(Tls),
}

/// A certificate and its key, read again when their files change.
#[derive(Clone, Debug)]
pub struct Tls(Arc<dyn Secure>);

/// What turns a connection into a secret one. A trait so that a gateway that only ever listens on loopback, as the app's,
/// does without the server's half of TLS.
trait Secure: Debug + Send + Sync {
    fn accept(&self, stream: TcpStream) -> Accepting;
    fn keep_fresh(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

type Accepting = Pin<Box<dyn Future<Output = io::Result<Box<dyn Duplex>>> + Send>>;

/// A stream of bytes in both directions.
pub(in crate::server) trait Duplex:
    AsyncRead + AsyncWrite + Send + Unpin
{
}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

struct Files {
    config: Arc<ServerConfig>,
    certificate: Arc<Certificate>,
}

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: io::Error },
    /// No PEM, or nothing in it that was looked for.
    #[error("{path} holds no {wanted} in PEM")]
    Missing { path: String, wanted: &'static str },
    /// The key is of a kind that is not known, or belongs to another certificate.
    #[error("the certificate of {certificate} and the key of {key} do not go together: {source}")]
    Mismatch { certificate: String, key: String, source: rustls::Error },
    /// TLS itself could not be set up.
    #[error("cannot set up TLS: {0}")]
    Setup(rustls::Error),
}

#[derive(Debug)]
struct Certificate {
    paths: [PathBuf; 2],
    /// The files as they were read for the first time.
    loaded: [Vec<u8>; 2],
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads a certificate, with the chain up to its authority, and its private key; both PEM.
    ///
    /// # Errors
    /// [`TlsError`] when one of them cannot be read, or they do not go together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let paths = [certificate.to_owned(), key.to_owned()];
        let (loaded, pair) = pair(&paths, &provider)?;
        let current = RwLock::new(Arc::new(pair));
        let certificate =
            Arc::new(Certificate { paths, loaded, provider: Arc::clone(&provider), current });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificate) as Arc<dyn ResolvesServerCert>);
        // WebSocket over HTTP/2 is another protocol, which is not spoken here.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(Files { config: Arc::new(config), certificate })))
    }

    /// The handshake of one connection, for as long as its client takes.
    pub(in crate::server) fn accept(&self, stream: TcpStream) -> Accepting {
        self.0.accept(stream)
    }

    /// Reads the files again whenever they have changed. Connections that stand go on as they are; a pair that does not
    /// go together, as between the writing of one and of the other, leaves in force what was.
    pub(super) async fn keep_fresh(&self) {
        self.0.keep_fresh().await;
    }
}

impl Secure for Files {
    fn accept(&self, stream: TcpStream) -> Accepting {
        let handshake = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream);
        Box::pin(async move { Ok(Box::new(handshake.await?) as Box<dyn Duplex>) })
    }

    fn keep_fresh(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            let certificate = &self.certificate;
            let loaded = certificate.loaded.to_vec();
            on_change(certificate.paths.to_vec(), loaded, || certificate.reload()).await;
        })
    }
}

impl Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("certificate", &self.certificate.paths[0])
            .finish_non_exhaustive()
    }
}

impl Certificate {
    fn reload(&self) {
        match pair(&self.paths, &self.provider) {
            Ok((_, pair)) => {
                info!("the certificate of {} has changed", self.paths[0].display());
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
            }
            Err(error) => warn!("{error}; the certificate that was read before stays in force"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn pair(
    paths: &[PathBuf; 2],
    provider: &CryptoProvider,
) -> Result<([Vec<u8>; 2], CertifiedKey), TlsError> {
    let shown = |at: usize| paths[at].display().to_string();
    let read = |at: usize| {
        fs::read(&paths[at]).map_err(|source| TlsError::Read { path: shown(at), source })
    };
    let (certificate, key) = (read(0)?, read(1)?);
    let missing = |at, wanted| TlsError::Missing { path: shown(at), wanted };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&certificate).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| missing(0, "certificate"))?;
    let private = PrivateKeyDer::from_pem_slice(&key).map_err(|_| missing(1, "private key"))?;
    let pair = CertifiedKey::from_der(chain, private, provider)
        .map_err(|source| TlsError::Mismatch { certificate: shown(0), key: shown(1), source })?;
    Ok(([certificate, key], pair))
}
