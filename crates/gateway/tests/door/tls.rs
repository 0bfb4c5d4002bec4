use std::fs;
use std::sync::Arc;

use gateway::{Tls, TlsError};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::PATIENCE;
use super::guest::{Guest, Tokens};
use super::program::Program;

pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: CertificateDer<'static>,
}

pub(crate) fn pair() -> Pair {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["gateway.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
        der: certificate.der().clone(),
    }
}

pub(crate) async fn dial(guest: &Guest, trusted: &Pair) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("gateway.example").unwrap();
    let connect = TlsConnector::from(Arc::new(config)).connect(name, guest.dial().await);
    timeout(PATIENCE, connect).await.expect("a handshake in time")
}

#[tokio::test]
async fn a_new_certificate_is_taken_over_and_connections_stay() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let (certificate, key) =
        (tokens.folder.path().join("cert.pem"), tokens.folder.path().join("key.pem"));
    let first = pair();
    fs::write(&certificate, &first.certificate).unwrap();
    fs::write(&key, &first.key).unwrap();
    // With TLS and tokens any address may be listened on; this one is still only reached from here.
    let program = Program::start_at(
        "0.0.0.0:0",
        &[
            "--tokens",
            tokens.file.path().to_str().unwrap(),
            "--tls-cert",
            certificate.to_str().unwrap(),
            "--tls-key",
            key.to_str().unwrap(),
            "--upgrade-timeout=2s",
        ],
    );
    program.says("listening on wss://", 1).await;
    let address = format!("127.0.0.1:{}", program.address.port()).parse().unwrap();
    let guest = Guest::at(address).token(&token);
    let mut client = guest.upgrade(dial(&guest, &first).await.unwrap()).await.unwrap();
    client.hello(json!({})).await;
    client.until("snapshot_end").await;

    // Plain text gets nowhere, and whoever says nothing is cut off.
    assert!(guest.try_open().await.is_err());
    let mut silent = guest.dial().await;
    let mut nothing = Vec::new();
    let _ = timeout(PATIENCE, silent.read_to_end(&mut nothing)).await.expect("to be cut");

    // Half of a change leaves in force what was.
    let second = pair();
    fs::write(&certificate, &second.certificate).unwrap();
    program.says("the certificate that was read before stays in force", 1).await;
    assert!(dial(&guest, &first).await.is_ok());
    fs::write(&key, &second.key).unwrap();
    program.says("cert.pem has changed", 1).await;
    assert!(dial(&guest, &second).await.is_ok());
    assert!(dial(&guest, &first).await.is_err());
    assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack", "it stays");
}

#[test]
fn a_certificate_that_cannot_be_right_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let (one, other) = (pair(), pair());
    assert!(matches!(Tls::load(&certificate, &key), Err(TlsError::Read { .. })));
    for (cert_text, key_text, expected) in [
        (&one.key, &one.key, "certificate"),
        (&one.certificate, &one.certificate, "private key"),
        (&one.certificate, &other.key, "do not go together"),
    ] {
        fs::write(&certificate, cert_text).unwrap();
        fs::write(&key, key_text).unwrap();
        let error = Tls::load(&certificate, &key).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
