//! The kernel: its netlink socket rings when something of the network has changed, its tables tell what there is now.
//!
//! What the socket says is not read: the tables are there to be looked at, whoever made them (NetworkManager,
//! systemd-networkd, ConnMan, `ifupdown`, a VPN).

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::News;
use super::routes::Routes;

/// `RTMGRP_LINK`, `_IPV4_IFADDR`, `_IPV4_ROUTE`, `_IPV6_IFADDR` and `_IPV6_ROUTE`. Links, too: of the IPv4 routes that
/// go with one nothing else is told.
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
/// A change of the network is a dozen of changes: the tables are read when they are over.
const LULL: Duration = Duration::from_millis(100);
/// Where there is no such socket (a strict sandbox) it is looked this often.
const EVERY: Duration = Duration::from_secs(5);

/// Tells of the routes now, and whenever they are others. Ends where the kernel does not tell them.
pub(super) async fn listen(folder: &Path, news: &mpsc::Sender<News>) {
    let bell = Bell::hang();
    if let Err(error) = &bell {
        tracing::info!(%error, "changes of the network are looked for every {EVERY:?}");
    }
    let mut bell = bell.ok();
    let mut known = None;
    loop {
        // A few lines out of the kernel's memory: that blocks nobody.
        match look(folder) {
            Ok(routes) => {
                if known.as_ref() != Some(&routes) {
                    known = Some(routes.clone());
                    if news.send(News::Routes(routes)).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => {
                tracing::info!(%error, "the kernel does not tell its routes");
                return;
            }
        }
        let rung = match &mut bell {
            Some(bell) => bell.rung().await,
            None => {
                sleep(EVERY).await;
                Ok(())
            }
        };
        if let Err(error) = rung {
            tracing::warn!(%error, "the kernel's socket is of no use any more");
            bell = None;
        }
        sleep(LULL).await;
    }
}

/// A machine without IPv6 has no table of it.
fn look(folder: &Path) -> io::Result<Routes> {
    let ipv4 = std::fs::read_to_string(folder.join("route"))?;
    let ipv6 = std::fs::read_to_string(folder.join("ipv6_route")).unwrap_or_default();
    Ok(Routes::read(&ipv4, &ipv6))
}

/// A socket that rings.
struct Bell(AsyncFd<OwnedFd>);

impl Bell {
    fn hang() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // Without a protocol it is the one of routes.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        #[expect(
            deprecated,
            reason = "its heir is unsafe, as not every descriptor is kept open by its owner; this one is"
        )]
        let socket = AsyncFd::new(socket)?;
        Ok(Self(socket))
    }

    /// Something has changed. Whatever it was, it is off the socket then.
    async fn rung(&mut self) -> io::Result<()> {
        let mut guard = self.0.readable().await?;
        let mut message = [0; 4_096];
        loop {
            match recv(guard.get_inner(), &mut message, RecvFlags::empty()) {
                // More than the socket holds is one ring like any other.
                Ok(_) | Err(Errno::NOBUFS | Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    guard.clear_ready();
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes::Reach;
    use super::*;

    const HEAD: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n";

    #[tokio::test]
    async fn the_socket_can_be_had_and_the_tables_are_read() {
        let mut bell = Bell::hang().expect("a netlink socket");
        let quiet = tokio::time::timeout(Duration::ZERO, bell.rung());
        // Somebody may be changing the network of this machine at this moment.
        assert!(!matches!(quiet.await, Ok(Err(_))));
        assert!(look(Path::new("/proc/net")).is_ok());
    }

    #[tokio::test]
    async fn without_tables_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (news, mut inbox) = mpsc::channel(4);
        listen(folder.path(), &news).await;
        assert!(inbox.try_recv().is_err());
        std::fs::write(folder.path().join("route"), HEAD).unwrap();
        let path = folder.path();
        let told = tokio::select! {
            () = listen(path, &news) => None,
            told = inbox.recv() => told,
        };
        let Some(News::Routes(routes)) = told else { panic!("{told:?}") };
        assert_eq!(routes.reach, Reach::Nowhere);
    }
}
