//! What is told to the service manager that has started this program, if it wants to know: systemd, with `Type=notify`.

/// Clients are served here from now on.
pub(crate) fn ready(url: &str) {
    tell(&format!("READY=1\nSTATUS=listening on {url}"));
}

/// Asked to end.
pub(crate) fn stopping(clients: u64) {
    tell(&format!("STOPPING=1\nSTATUS=closing {clients} clients"));
}

#[cfg(target_os = "linux")]
fn tell(state: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, "the service manager cannot be told how far this is");
    }
}

#[cfg(not(target_os = "linux"))]
fn tell(_: &str) {}

#[cfg(target_os = "linux")]
fn send(socket: &std::ffi::OsStr, state: &str) -> std::io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    // An @ stands for the byte that no path begins with.
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}
