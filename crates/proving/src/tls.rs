//! Somebody who is called by HTTPS, and whom no authority of this machine knows.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::patience::PATIENCE;

/// Takes every call whose caller believes the certificate.
#[derive(Debug)]
pub struct TlsReceiver {
    port: u16,
    certificate: String,
    calls: mpsc::UnboundedReceiver<Option<String>>,
}

impl TlsReceiver {
    /// # Panics
    /// No port is free.
    pub async fn start() -> Self {
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let acceptor = acceptor(issued.cert.der().clone(), &issued.signing_key);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, calls) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    let call = match acceptor.accept(stream).await {
                        Ok(stream) => take(stream).await.ok(),
                        Err(_) => None,
                    };
                    // The test may be over.
                    let _ = sender.send(call);
                });
            }
        });
        Self { port, certificate: issued.cert.pem(), calls }
    }

    /// `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host())
    }

    /// As in `localhost:4321`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// In PEM. It is its own authority.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What the next one said, head and body; `None` of one who did not believe it.
    ///
    /// # Panics
    /// Nobody comes within [`PATIENCE`].
    pub async fn call(&mut self) -> Option<String> {
        let call = tokio::time::timeout(PATIENCE, self.calls.recv()).await;
        call.expect("somebody calls").expect("it listens")
    }
}

/// What a server needs to speak TLS with this certificate.
///
/// # Panics
/// The key is not that of the certificate.
#[must_use]
pub fn acceptor(certificate: CertificateDer<'static>, key: &rcgen::KeyPair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Reads one request to the end of its body, and says that all is well.
async fn take(mut stream: TlsStream<TcpStream>) -> std::io::Result<String> {
    let mut said = Vec::new();
    while !is_whole(&said) {
        if stream.read_buf(&mut said).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    stream.flush().await?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn is_whole(said: &[u8]) -> bool {
    let text = String::from_utf8_lossy(said);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    // A head is ASCII: its length is the same in bytes.
    said.len() >= head.len() + 4 + length.unwrap_or_default()
}
