use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
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

use super::config::Alerts;
use super::error::EscalationError;

/// Makes single HTTP requests. A connection for each: calls are rare, and a kept one may have died unnoticed.
/// Redirects are not followed, proxies not asked: a call goes where it was configured to go.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    tls: Arc<ClientConfig>,
    timeout: Duration,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, HeaderValue)>,
    /// JSON.
    pub(super) body: Vec<u8>,
}

/// Why nobody took it.
#[derive(Debug, Error)]
pub(super) enum CallError {
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("TLS: {0}")]
    Tls(std::io::Error),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the answer was {status}")]
    Refused { status: u16, retry_after: Option<Duration> },
}

impl Caller {
    /// Reads the certificate authorities: the system's, and those of the configuration.
    pub(super) fn new(alerts: &Alerts) -> Result<Self, EscalationError> {
        let https = |tenant: &super::config::Tenant| {
            let webhook = tenant.webhook.as_ref().map(|webhook| &webhook.url);
            let ntfy = tenant.ntfy.as_ref().map(|ntfy| &ntfy.server);
            webhook.into_iter().chain(ntfy).any(|url| url.scheme() == "https")
        };
        let https = alerts.tenants.values().any(https);
        let mut roots = RootCertStore::empty();
        if https {
            // Systems carry certificates that do not parse; the rest is still good.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if let Some(path) = &alerts.authorities {
            let bytes = std::fs::read(path)
                .map_err(|source| EscalationError::Io { path: path.clone(), source })?;
            let fault = |reason: String| EscalationError::Certificates(reason);
            for certificate in CertificateDer::pem_slice_iter(&bytes) {
                let certificate = certificate.map_err(|error| fault(error.to_string()))?;
                roots.add(certificate).map_err(|error| fault(error.to_string()))?;
            }
        }
        if roots.is_empty() && https {
            let reason = "the system has none; install its certificates, or name a `ca_file`";
            return Err(EscalationError::Certificates(reason.into()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| EscalationError::Certificates(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(config), timeout: alerts.timeout })
    }

    /// Posts; any status of success is one.
    pub(super) async fn post(&self, post: Post) -> Result<(), CallError> {
        let called = tokio::time::timeout(self.timeout, self.attempt(post)).await;
        called.unwrap_or(Err(CallError::TimedOut(self.timeout)))
    }

    async fn attempt(&self, post: Post) -> Result<(), CallError> {
        let host = post.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = post.url.port_or_known_default().unwrap_or(443);
        let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(CallError::Connect)?;
        if post.url.scheme() != "https" {
            return converse(tcp, post).await;
        }
        let name = ServerName::try_from(host)
            .map_err(|error| CallError::Tls(std::io::Error::other(error)))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        converse(connector.connect(name, tcp).await.map_err(CallError::Tls)?, post).await
    }
}

async fn converse<S>(stream: S, post: Post) -> Result<(), CallError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let target = &post.url[url::Position::BeforePath..url::Position::AfterQuery];
    let authority = &post.url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(target)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header(header::USER_AGENT, concat!("vaultwatch-gateway/", env!("CARGO_PKG_VERSION")));
    for (name, value) in post.headers {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(post.body)).expect("a URL that was parsed");
    // Dropped with the end of this call, and the socket with it: nobody waits for the rest of an answer.
    tokio::select! {
        answer = sender.send_request(request) => {
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
