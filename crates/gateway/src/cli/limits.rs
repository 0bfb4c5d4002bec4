use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use gateway::Limits;

use super::units::{bytes, duration};

/// What the gateway puts up with. See `docs/gateway/limits.md`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// Connections at a time [default: 1000]. One more is answered with 503, in v1 closed with 4429.
    #[arg(long, value_name = "N")]
    max_connections: Option<usize>,

    /// Connections of one address at a time, of IPv6 a /64 network [default: as --max-connections].
    #[arg(long, value_name = "N")]
    max_connections_per_address: Option<usize>,

    /// Connections of one tenant at a time [default: as --max-connections].
    #[arg(long, value_name = "N")]
    max_connections_per_tenant: Option<usize>,

    /// Believe this proxy what it says in X-Forwarded-For; may be given several times.
    ///
    /// Behind a proxy all clients come from one address, and share what an address may have, unless they are told apart.
    #[arg(long, value_name = "IP")]
    proxy: Vec<IpAddr>,

    /// Tenants at a time [default: 64].
    #[arg(long, value_name = "N")]
    max_tenants: Option<usize>,

    /// Largest message in both directions [default: 1MiB]. What is published may be 512 bytes less.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_message: Option<u32>,

    /// Largest body of `POST /v1/publish` [default: 16MiB]. More is answered with 413.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_body: Option<u32>,

    /// Messages one client may send per second, with bursts of twice as many [default: 5000].
    #[arg(long, value_name = "N")]
    publish_rate: Option<u32>,

    /// Messages all clients of a tenant may send per second [default: 250000].
    #[arg(long, value_name = "N")]
    publish_rate_per_tenant: Option<u32>,

    /// Messages all clients of an address may send per second [default: 250000].
    #[arg(long, value_name = "N")]
    publish_rate_per_address: Option<u32>,

    /// Bytes all clients of a tenant may send per second [default: 128MiB].
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    bytes_per_tenant: Option<u32>,

    /// Bytes all clients of an address may send per second [default: 128MiB].
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    bytes_per_address: Option<u32>,

    /// State messages waiting for one client beyond which only the newest of each key is kept [default: 1024].
    #[arg(long, value_name = "N")]
    conflate_after: Option<usize>,

    /// Events waiting for one client beyond which it is closed with 4409 [default: 4096].
    #[arg(long, value_name = "N")]
    max_queued_events: Option<usize>,

    /// Bytes waiting for one client beyond which it is closed with 4409 [default: 8MiB].
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_queued: Option<u32>,

    /// From a connection to the end of its request's head [default: 10s], and as much for a TLS handshake.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    upgrade_timeout: Option<Duration>,

    /// From the upgrade to the `hello` of a v1 client [default: 10s]. Then it is closed with 4408.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    hello_timeout: Option<Duration>,

    /// Silence after which a client is pinged, and after as much again dropped [default: 30s].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    silence: Option<Duration>,
}

impl LimitArguments {
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        // Whoever raises the number of connections should not find them held up by the next limit.
        let all = self.max_connections;
        set(&mut limits.connections, all);
        set(&mut limits.address_connections, self.max_connections_per_address.or(all));
        set(&mut limits.tenant_connections, self.max_connections_per_tenant.or(all));
        set(&mut limits.tenants, self.max_tenants);
        limits.proxies = self.proxy.iter().map(IpAddr::to_canonical).collect();
        let size = |bytes: Option<u32>| bytes.map(|bytes| bytes as usize);
        set(&mut limits.message_bytes, size(self.max_message));
        set(&mut limits.publish_body, size(self.max_body));
        set(&mut limits.publish_rate, self.publish_rate);
        set(&mut limits.tenant_messages, self.publish_rate_per_tenant);
        set(&mut limits.address_messages, self.publish_rate_per_address);
        set(&mut limits.tenant_bytes, self.bytes_per_tenant);
        set(&mut limits.address_bytes, self.bytes_per_address);
        set(&mut limits.conflate_after, self.conflate_after);
        set(&mut limits.queued_events, self.max_queued_events);
        set(&mut limits.queued_bytes, size(self.max_queued));
        set(&mut limits.upgrade, self.upgrade_timeout);
        set(&mut limits.hello, self.hello_timeout);
        set(&mut limits.silence, self.silence);
        limits
    }
}

fn set<T>(limit: &mut T, asked: Option<T>) {
    if let Some(asked) = asked {
        *limit = asked;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArguments,
    }

    fn parsed(arguments: &[&str]) -> String {
        let line = std::iter::once(&"gateway").chain(arguments);
        format!("{:?}", Line::try_parse_from(line).unwrap().limits.limits())
    }

    #[test]
    fn each_option_sets_its_own_limit_and_no_other() {
        type Set = fn(&mut Limits);
        let options: [(&str, &str, Set); 18] = [
            ("--max-connections-per-address", "7", |l| l.address_connections = 7),
            ("--max-connections-per-tenant", "7", |l| l.tenant_connections = 7),
            ("--proxy", "::ffff:192.0.2.1", |l| l.proxies = vec!["192.0.2.1".parse().unwrap()]),
            ("--max-tenants", "7", |l| l.tenants = 7),
            ("--max-message", "7KiB", |l| l.message_bytes = 7 << 10),
            ("--max-body", "7KiB", |l| l.publish_body = 7 << 10),
            ("--publish-rate", "7", |l| l.publish_rate = 7),
            ("--publish-rate-per-tenant", "7", |l| l.tenant_messages = 7),
            ("--publish-rate-per-address", "7", |l| l.address_messages = 7),
            ("--bytes-per-tenant", "7KiB", |l| l.tenant_bytes = 7 << 10),
            ("--bytes-per-address", "7KiB", |l| l.address_bytes = 7 << 10),
            ("--conflate-after", "7", |l| l.conflate_after = 7),
            ("--max-queued-events", "7", |l| l.queued_events = 7),
            ("--max-queued", "7KiB", |l| l.queued_bytes = 7 << 10),
            ("--upgrade-timeout", "7s", |l| l.upgrade = Duration::from_secs(7)),
            ("--hello-timeout", "7s", |l| l.hello = Duration::from_secs(7)),
            ("--silence", "7s", |l| l.silence = Duration::from_secs(7)),
            // Whoever raises it does not mean to be held up by the next one.
            ("--max-connections", "7", |l| {
                (l.connections, l.address_connections, l.tenant_connections) = (7, 7, 7);
            }),
        ];
        assert_eq!(parsed(&[]), format!("{:?}", Limits::default()));
        for (option, value, set) in options {
            let mut expected = Limits::default();
            set(&mut expected);
            assert_eq!(parsed(&[option, value]), format!("{expected:?}"), "{option}");
        }
        let both = parsed(&["--max-connections", "9", "--max-connections-per-tenant", "7"]);
        let mut expected = Limits { connections: 9, address_connections: 9, ..Limits::default() };
        expected.tenant_connections = 7;
        assert_eq!(both, format!("{expected:?}"));
    }
}
