//! TLS as a user meets it: real servers with good and bad certificates.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use realtime::transport::{ConnectPhase, TcpDial, Trace, upgrade};
use realtime::{ConnectError, ConnectErrorKind, Options};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn params(name: &str) -> CertificateParams {
        CertificateParams::new(vec![name.to_owned()]).unwrap()
    }

    /// A server with a certificate from here; with `demanding`, one that wants one of the client's.
    async fn serve(&self, params: CertificateParams, demanding: bool) -> u16 {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if demanding {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    if let Ok(socket) = tokio_tungstenite::accept_async(tls).await {
                        std::future::pending::<()>().await;
                        drop(socket);
                    }
                });
            }
        });
        port
    }
}

async fn open(options: Options) -> Result<Trace, ConnectError> {
    use realtime::transport::Dial;
    let valid = options.validate().unwrap();
    let (endpoint, trace) = (&valid.endpoints()[0], Trace::default());
    let stream = TcpDial::new(valid.values()).dial_traced(endpoint, trace.clone()).await?;
    upgrade(stream, endpoint, valid.values(), None, &trace).await?;
    Ok(trace)
}

fn options(authority: &Authority, port: u16) -> Options {
    let ca_file = Some(authority.file("ca.pem"));
    Options { ca_file, ..Options::new(format!("wss://localhost:{port}/ws")) }
}

async fn refused(options: Options) -> (ConnectErrorKind, String) {
    let error = open(options).await.map(drop).unwrap_err();
    assert_eq!(error.phase, Some(ConnectPhase::Tls));
    (error.kind, error.to_string())
}

#[tokio::test]
async fn a_certificate_of_an_authority_of_ones_own_is_accepted_and_told_of() {
    let authority = Authority::new();
    let port = authority.serve(Authority::params("localhost"), false).await;
    let trace = open(options(&authority, port)).await.unwrap();
    let phases = trace.phases();
    assert_eq!(phases.address.unwrap().port(), port);
    assert!(phases.dns.is_some() && phases.tcp.is_some());
    assert!(phases.tls.is_some() && phases.upgrade.is_some());
    let tls = trace.tls().unwrap();
    assert_eq!((tls.version.as_str(), tls.chain.len()), ("TLSv1_3", 1));
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_named() {
    let authority = Authority::new();
    let mut expired = Authority::params("localhost");
    (expired.not_before, expired.not_after) =
        (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    let mut early = Authority::params("localhost");
    (early.not_before, early.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1));
    let other = Authority::params("other.example");
    for (params, word) in
        [(expired, "expired"), (early, "not valid yet"), (other, "not for localhost")]
    {
        let port = authority.serve(params, false).await;
        let (kind, text) = refused(options(&authority, port)).await;
        assert_eq!(kind, ConnectErrorKind::Certificate);
        assert!(text.contains(word), "{text}");
    }
    let port = authority.serve(Authority::params("localhost"), false).await;
    let (kind, text) = refused(options(&Authority::new(), port)).await;
    assert_eq!(kind, ConnectErrorKind::Certificate);
    assert!(text.contains("caFile"), "{text}");
}

#[tokio::test]
async fn a_certificate_of_ours_is_shown_where_one_is_demanded() {
    let authority = Authority::new();
    let port = authority.serve(Authority::params("localhost"), true).await;
    // In TLS 1.3 the server's refusal comes after the client's side of the handshake is done.
    let error = open(options(&authority, port)).await.map(drop).unwrap_err();
    assert_eq!(error.kind, ConnectErrorKind::Tls);
    assert!(error.to_string().contains("clientCert"), "{error}");

    let key = KeyPair::generate().unwrap();
    let certificate = Authority::params("me").signed_by(&key, &authority.issuer).unwrap();
    std::fs::write(authority.file("me.pem"), certificate.pem()).unwrap();
    std::fs::write(authority.file("me.key"), key.serialize_pem()).unwrap();
    let ours = Options {
        client_cert: Some(authority.file("me.pem")),
        client_key: Some(authority.file("me.key")),
        ..options(&authority, port)
    };
    open(ours.clone()).await.unwrap();
    let missing = Options { client_key: Some(authority.file("none.key")), ..ours };
    let (kind, text) = refused(missing).await;
    assert_eq!(kind, ConnectErrorKind::Tls);
    assert!(text.contains("clientKey"), "{text}");
}
