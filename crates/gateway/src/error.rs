use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::LogError;

/// Why a gateway did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The address can be reached from other machines, which plain text without tokens must not be.
    #[error(
        "{listen} can be reached from other machines, and this gateway asks for no tokens: anybody there could read \
         the vaults and publish alerts. Give it --tokens, and --tls-cert with --tls-key; or listen on a loopback \
         address (127.0.0.1 or ::1) and put a reverse proxy that does TLS and access control in front of it"
    )]
    NotLoopback { listen: SocketAddr },
    /// The address can be reached from other machines, and tokens would travel in plain text.
    #[error(
        "{listen} can be reached from other machines, where anybody on the way could read the tokens. Give \
         --tls-cert and --tls-key; or, with a proxy in front that does TLS, --insecure-listen"
    )]
    PlainText { listen: SocketAddr },
    /// The port is taken, or not ours to take.
    #[error("cannot listen on {listen}: {source}{}", remedy(source))]
    Bind { listen: SocketAddr, source: io::Error },
    /// The operating system gave no random bytes for the token.
    #[error("the system gave no random bytes for an access token: {0}")]
    Random(getrandom::Error),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(LogError),
}

/// What can be done about an address that cannot be had, if that is known.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there, a second gateway perhaps: stop it, or choose another port"
        }
        io::ErrorKind::AddrNotAvailable => {
            "; no network interface of this machine has that address"
        }
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 take the capability CAP_NET_BIND_SERVICE, others do not"
        }
        _ => "",
    }
}
