use std::path::Path;

/// Warns of files that hold a secret and that everybody on this machine may read.
#[cfg(unix)]
pub(crate) fn warn_of_open_secrets<'a>(secrets: impl IntoIterator<Item = &'a Path>) {
    use std::os::unix::fs::PermissionsExt;

    for path in secrets {
        // What cannot be read was told already, or is going to be.
        let Ok(known) = std::fs::metadata(path) else { continue };
        if known.permissions().mode() & 0o004 != 0 {
            let path = path.display();
            tracing::warn!(
                "{path} holds a secret, and every user of this machine may read it: chmod o= {path}"
            );
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn warn_of_open_secrets<'a>(_: impl IntoIterator<Item = &'a Path>) {}
