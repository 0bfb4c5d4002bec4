use std::net::{Ipv4Addr, SocketAddr};

use crate::server::{Access, Stats, Token};
use crate::{Gateway, GatewayError, Source};

/// The demo feed within an application: on a free port of loopback, for whoever knows the token of this start, and
/// closed to web pages. Dropping it, or [`EmbeddedGateway::shutdown`], stops it.
#[derive(Debug)]
pub struct EmbeddedGateway {
    gateway: Gateway,
    token: Token,
}

impl EmbeddedGateway {
    /// Plays the built-in market, a scenario's file or a recording.
    ///
    /// # Errors
    /// [`GatewayError::Random`] and [`GatewayError::Bind`], should the system be out of random bytes or ports.
    pub async fn start(demo: impl Into<Source>) -> Result<Self, GatewayError> {
        let token = Token::random()?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let access = Access::Embedded { token: token.clone() };
        let gateway = Gateway::bind(listen, access, demo.into()).await?;
        Ok(Self { gateway, token })
    }

    /// `ws://127.0.0.1:PORT/ws`.
    #[must_use]
    pub fn url(&self) -> String {
        self.gateway.url()
    }

    /// To be sent as `Authorization: Bearer …` with the upgrade.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_str()
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.gateway.stats()
    }

    /// Closes every client with 1001 and returns when they are gone, within two seconds.
    pub async fn shutdown(self) {
        self.gateway.shutdown().await;
    }
}
