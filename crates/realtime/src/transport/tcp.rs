use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::tls::Tls;
use super::{ByteStream, Dial, Dialing};
use crate::{ConnectError, ConnectErrorKind, Endpoint};

/// How long one of several addresses of a host may take before the next has its turn; the last one has all the time
/// that is left. Otherwise a broken IPv6 route would use up the whole limit, every time.
const NEXT_ADDRESS_AFTER: Duration = Duration::from_secs(3);

/// TCP, and TLS on top of it for `wss://`, verified against the system's root certificates.
#[derive(Clone, Debug, Default)]
pub struct TcpDial {
    tls: Tls,
}

impl Dial for TcpDial {
    fn dial(&self, endpoint: &Endpoint) -> Dialing {
        let (tls, endpoint) = (self.tls.clone(), endpoint.clone());
        Box::pin(async move {
            let tcp = connect(&endpoint).await?;
            if !endpoint.is_tls() {
                return Ok(Box::new(tcp) as Box<dyn ByteStream>);
            }
            let tls = tls.connect(&endpoint, tcp).await?;
            Ok(Box::new(tls) as Box<dyn ByteStream>)
        })
    }
}

async fn connect(endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
    let fault = |kind, error: io::Error| ConnectError::new(kind, error.to_string());
    let addresses: Vec<SocketAddr> = lookup_host((endpoint.host(), endpoint.port()))
        .await
        .map_err(|error| fault(ConnectErrorKind::Dns, error))?
        .collect();
    let mut last = ConnectError::new(ConnectErrorKind::Dns, "the name has no address");
    for (i, address) in addresses.iter().enumerate() {
        let connecting = TcpStream::connect(address);
        let connected = if i + 1 < addresses.len() {
            timeout(NEXT_ADDRESS_AFTER, connecting)
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        } else {
            connecting.await
        };
        match connected.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp)) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => {
                last = fault(ConnectErrorKind::Tcp, error);
                last.detail = format!("{address}: {}", last.detail);
            }
        }
    }
    Err(last)
}
