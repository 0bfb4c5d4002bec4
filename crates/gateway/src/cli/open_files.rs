/// Allows this process as many open files as the system lets it have: each connection is one. What a shell gives by itself,
/// 1,024 in most places, is there for programs that cannot count further.
#[cfg(unix)]
pub(crate) fn allow_open_files(connections: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    use tracing::warn;

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // It stays as it was, which is told below if it is too low.
    let _ = setrlimit(Resource::Nofile, limit);
    let Some(most) = getrlimit(Resource::Nofile).current else { return };
    let wanted = connections as u64 + SPARE;
    if most < wanted {
        warn!(
            "{most} files may be open at a time: too few for {connections} connections; raise the hard limit \
             (`ulimit -Hn`, LimitNOFILE= of systemd) to {wanted}"
        );
    }
}

/// The log's files, connections to brokers, and whatever else is no client.
#[cfg(unix)]
const SPARE: u64 = 64;

#[cfg(not(unix))]
pub(crate) fn allow_open_files(_connections: usize) {}
