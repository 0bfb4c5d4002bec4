use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::sleep;

use super::phases::{ConnectPhase, Trace};
use super::proxy::Proxies;
use super::tls::Tls;
use super::{ByteStream, Dial, Dialing};
use crate::{ConnectError, ConnectErrorKind, Endpoint, Options};

/// How far each address of a host is ahead of the next one (RFC 8305, 5). A broken IPv6 route then costs a quarter of a
/// second, and a server that answers at once sees one connection.
const HEAD_START: Duration = Duration::from_millis(250);
/// Silence on the line after which the operating system looks whether the peer is there, and how often. Heartbeats find
/// a dead peer sooner; this keeps the line open in routers that forget quiet ones.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(15));

/// TCP, through a proxy where there is one, and TLS on top of it for `wss://`.
#[derive(Clone, Debug)]
pub struct TcpDial {
    tls: Tls,
    proxies: Proxies,
    limits: Limits,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    dns: Duration,
    tcp: Duration,
    tls: Duration,
}

impl Default for TcpDial {
    fn default() -> Self {
        Self::new(&Options::default())
    }
}

impl TcpDial {
    /// With the proxy, the certificates and the limits of these options. The system's proxy variables are read here.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let chosen = options.proxy.as_ref().and_then(|proxy| Proxies::chosen(proxy.expose()).ok());
        let proxies =
            chosen.unwrap_or_else(|| Proxies::from_variables(|name| std::env::var(name).ok()));
        let limits =
            Limits { dns: options.dns_timeout, tcp: options.tcp_timeout, tls: options.tls_timeout };
        Self { tls: Tls::new(options), proxies, limits }
    }

    async fn connect(
        self,
        endpoint: Endpoint,
        trace: Trace,
    ) -> Result<Box<dyn ByteStream>, ConnectError> {
        let proxy = self.proxies.of(&endpoint).map_err(|reason| {
            let detail = format!("the system's proxy variable is wrong: {reason}");
            ConnectError::new(ConnectErrorKind::Proxy, detail).at_phase(ConnectPhase::Proxy)
        })?;
        let host = endpoint.host();
        let (host, port) = match proxy {
            Some(proxy) => proxy.address(),
            None => (host.as_str(), endpoint.port()),
        };
        let limits = self.limits;
        let addresses = trace.step(ConnectPhase::Dns, limits.dns, resolve(host, port)).await?;
        trace.found(&addresses);
        if let Some(proxy) = proxy {
            trace.goes_via(proxy.to_string());
        }
        let reaching = race(alternate(addresses), TcpStream::connect);
        let (mut tcp, address) = trace.step(ConnectPhase::Tcp, limits.tcp, reaching).await?;
        trace.reached(address);
        prepare(&tcp);
        if let Some(proxy) = proxy {
            let tunnel = proxy.tunnel(&endpoint, tcp);
            tcp = trace.step(ConnectPhase::Proxy, limits.tls, tunnel).await?;
        }
        if !endpoint.is_tls() {
            return Ok(Box::new(tcp));
        }
        let securing = self.tls.connect(&endpoint, tcp, &trace);
        let tls = trace.step(ConnectPhase::Tls, limits.tls, securing).await?;
        Ok(Box::new(tls))
    }
}

impl Dial for TcpDial {
    fn dial(&self, endpoint: &Endpoint) -> Dialing {
        self.dial_traced(endpoint, Trace::default())
    }

    fn dial_traced(&self, endpoint: &Endpoint, trace: Trace) -> Dialing {
        Box::pin(self.clone().connect(endpoint.clone(), trace))
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let fault = |detail: String| ConnectError::new(ConnectErrorKind::Dns, detail);
    let found = lookup_host((host, port)).await.map_err(|e| fault(format!("{host}: {e}")))?;
    let addresses: Vec<_> = found.collect();
    if addresses.is_empty() {
        return Err(fault(format!("{host} has no address")));
    }
    Ok(addresses)
}

/// The resolver's order, but with the families taking turns: when one of them is broken, the second address works.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = (one.next(), other.next());
        if pair == (None, None) {
            return mixed;
        }
        mixed.extend(pair.0.into_iter().chain(pair.1));
    }
}

/// The first address that answers. Each has its head start, or until it fails; those that are late are dropped.
async fn race<T, C: Future<Output = io::Result<T>>>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> C,
) -> Result<(T, SocketAddr), ConnectError> {
    let mut waiting = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut last = ConnectError::new(ConnectErrorKind::Tcp, "there is no address to try");
    loop {
        if let Some(address) = waiting.next() {
            let attempt = connect(address);
            running.push(async move { (attempt.await, address) });
        } else if running.is_empty() {
            return Err(last);
        }
        tokio::select! {
            Some((result, address)) = running.next() => match result {
                Ok(tcp) => return Ok((tcp, address)),
                Err(error) => {
                    last = ConnectError::new(ConnectErrorKind::Tcp, format!("{address}: {error}"));
                }
            },
            () = sleep(HEAD_START), if waiting.len() > 0 => {}
        }
    }
}

/// Small messages leave at once, and a quiet line stays open. A system that will not have it is no reason to fail.
fn prepare(tcp: &TcpStream) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE.0).with_interval(KEEPALIVE.1);
    let done =
        tcp.set_nodelay(true).and_then(|()| SockRef::from(tcp).set_tcp_keepalive(&keepalive));
    if let Err(error) = done {
        tracing::debug!(%error, "a socket keeps the system's settings");
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let mixed = alternate(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"]));
        assert_eq!(mixed, addresses(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"]));
    }

    /// Ports: 1 is a black hole, 2 refuses, 3 answers after 100 ms.
    async fn network(address: SocketAddr) -> io::Result<u16> {
        match address.port() {
            1 => std::future::pending().await,
            2 => Err(io::ErrorKind::ConnectionRefused.into()),
            port => {
                sleep(Duration::from_millis(100)).await;
                Ok(port)
            }
        }
    }

    async fn check(list: &[&str]) -> (Result<u16, ConnectErrorKind>, Duration) {
        let begun = Instant::now();
        let won = race(addresses(list), network).await;
        (won.map(|(port, _)| port).map_err(|error| error.kind), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_black_hole_costs_its_head_start_and_a_refusal_nothing() {
        let ms = Duration::from_millis;
        assert_eq!(check(&["[::1]:1", "10.0.0.1:3"]).await, (Ok(3), ms(350)));
        assert_eq!(check(&["[::1]:2", "10.0.0.1:3"]).await, (Ok(3), ms(100)));
        assert_eq!(check(&["[::1]:3", "10.0.0.1:1"]).await, (Ok(3), ms(100)));
        let refused = Err(ConnectErrorKind::Tcp);
        assert_eq!(check(&["[::1]:2", "10.0.0.1:2"]).await, (refused, ms(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_step_that_takes_too_long_is_named() {
        let trace = Trace::default();
        let work = race(addresses(&["[::1]:1"]), network);
        let limit = Duration::from_secs(7);
        let error = trace.step(ConnectPhase::Tcp, limit, work).await.unwrap_err();
        assert_eq!(error.kind, ConnectErrorKind::Timeout);
        assert_eq!(error.phase, Some(ConnectPhase::Tcp));
        assert_eq!(trace.phases().tcp, None);
    }
}
