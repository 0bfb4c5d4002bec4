use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// For one call, from the name's look-up to the status, unless somebody configured another time.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Makes single HTTP requests. A connection for each: calls are rare, and a kept one may have died unnoticed.
/// Redirects are not followed, proxies not asked: a call goes where it was configured to go.
#[derive(Clone, Debug)]
pub struct Caller {
    tls: Arc<ClientConfig>,
    timeout: Duration,
    agent: &'static str,
}

/// Whom to believe that a server is who it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorities<'a> {
    /// Nobody is called over TLS.
    NotNeeded,
    /// The system's, and beside them those in this PEM file.
    System { beside: Option<&'a Path> },
}

/// Certificates that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("no certificate authority to check receivers by: {0}")]
    Certificates(String),
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// JSON, or empty for a `GET`.
    pub body: Vec<u8>,
}

/// Why nobody took it. None of the texts has the address in it: a token may be part of that.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("TLS: {0}")]
    Tls(std::io::Error),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    /// A redirect is one of these.
    #[error("the answer was {status}")]
    Refused { status: u16, retry_after: Option<Duration> },
}

impl CallError {
    /// How long the receiver asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl Caller {
    /// `agent` is what it calls itself: `vaultwatch/1.0`.
    ///
    /// # Errors
    /// [`AuthorityError::Io`] when the file of authorities cannot be read, [`AuthorityError::Certificates`] when there
    /// is no authority at all or the file has no certificates in it.
    pub fn new(
        agent: &'static str,
        timeout: Duration,
        authorities: Authorities<'_>,
    ) -> Result<Self, AuthorityError> {
        let mut roots = RootCertStore::empty();
        if let Authorities::System { beside } = authorities {
            // Systems carry certificates that do not parse; the rest is still good.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if let Some(path) = beside {
                add(path, &mut roots)?;
            }
            if roots.is_empty() {
                let reason = "the system has none; install its certificates, or name a `ca_file`";
                return Err(AuthorityError::Certificates(reason.into()));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| AuthorityError::Certificates(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(config), timeout, agent })
    }

    /// Calls; any status of success is one.
    ///
    /// # Errors
    /// One variant of [`CallError`] for each way in which it was not taken.
    pub async fn call(&self, request: Request) -> Result<(), CallError> {
        let called = tokio::time::timeout(self.timeout, self.attempt(request)).await;
        called.unwrap_or(Err(CallError::TimedOut(self.timeout)))
    }

    async fn attempt(&self, request: Request) -> Result<(), CallError> {
        let host = request.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = request.url.port_or_known_default().unwrap_or(443);
        let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(CallError::Connect)?;
        if request.url.scheme() != "https" {
            return self.converse(tcp, request).await;
        }
        let name = ServerName::try_from(host)
            .map_err(|error| CallError::Tls(std::io::Error::other(error)))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let tls = connector.connect(name, tcp).await.map_err(CallError::Tls)?;
        self.converse(tls, request).await
    }

    async fn converse<S>(&self, stream: S, request: Request) -> Result<(), CallError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let target = &request.url[url::Position::BeforePath..url::Position::AfterQuery];
        let authority = &request.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut head = http::Request::builder()
            .method(request.method)
            .uri(target)
            .header(header::HOST, authority)
            .header(header::CONNECTION, "close")
            .header(header::USER_AGENT, self.agent);
        if !request.body.is_empty() {
            head = head.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in request.headers {
            head = head.header(name, value);
        }
        let body = Full::new(Bytes::from(request.body));
        let message = head.body(body).expect("a URL that was parsed");
        // Dropped with the end of this call, and the socket with it: nobody waits for the rest of an answer.
        tokio::select! {
            answer = sender.send_request(message) => {
                let answer = answer?;
                if answer.status().is_success() {
                    return Ok(());
                }
                let retry_after = answer.headers().get(header::RETRY_AFTER);
                let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
                let status = answer.status().as_u16();
                Err(CallError::Refused { status, retry_after: seconds.map(Duration::from_secs) })
            }
            Err(error) = connection => Err(error.into()),
        }
    }
}

fn add(path: &Path, roots: &mut RootCertStore) -> Result<(), AuthorityError> {
    let bytes = std::fs::read(path)
        .map_err(|source| AuthorityError::Io { path: path.to_owned(), source })?;
    let fault = |reason: String| AuthorityError::Certificates(reason);
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    Ok(())
}
