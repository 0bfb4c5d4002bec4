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
        "{listen} can be reached from other machines, and this gateway has neither TLS nor tokens: anybody there \
         could read the vaults and publish alerts. Listen on a loopback address (127.0.0.1 or ::1) and put a \
         reverse proxy that does TLS and access control in front of it"
    )]
    NotLoopback { listen: SocketAddr },
    /// The port is taken, or not ours to take.
    #[error("cannot listen on {listen}: {source}")]
    Bind { listen: SocketAddr, source: io::Error },
    /// The operating system gave no random bytes for the token.
    #[error("the system gave no random bytes for an access token: {0}")]
    Random(getrandom::Error),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(LogError),
}
