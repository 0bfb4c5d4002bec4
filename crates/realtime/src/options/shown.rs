//! How options are shown in a log: as they are, but for what may hold a secret.

use std::fmt;

use super::Options;
use crate::Endpoint;

/// Takes a value apart by every field it has, so that a new one does not compile until somebody has said how it is shown.
macro_rules! shown {
    ($value:expr, $f:expr; left out { $($left:ident),* } hidden { $($hidden:ident: $as:expr),* $(,)? }
        plain { $($plain:ident),* $(,)? }) => {{
        let Options { $($left: _,)* $($hidden,)* $($plain,)* } = $value;
        $f.debug_struct("Options")
            $(.field(stringify!($hidden), &$as($hidden)))*
            $(.field(stringify!($plain), $plain))*
            .finish()
    }};
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown!(self, f;
            // No option of a file, which is what this is read for.
            left out { token_from }
            hidden { endpoints: addresses, token_command: Command }
            plain {
                token, allow_plaintext, connect_timeout, close_timeout, heartbeat_interval, heartbeat_grace,
                heartbeat_at_least_every, probe_timeout, reconnect_interval, reconnect_cap, stable_after, suspend_after,
                suspended_interval, retry_hint_cap, max_reconnect_attempts, dedup_ids, dedup_age, queue_messages,
                queue_bytes, queue_ttl, drain_rate, drain_burst, max_message_in, max_message_out, large_message_out,
                write_buffer, protocol, client, tenant, topics, compress, state_types, welcome_timeout, request_timeout,
                in_flight, durable_ttl, resyncs_per_minute, inbound_messages, close_overrides, status_overrides,
                certificate_overrides, token_env, token_timeout, token_refresh_percent, suspended_spread_percent,
                first_retry_within, endpoint_policy, circuit_after, circuit_for, stickiness, proxy, ca_file,
                client_cert, client_key, dns_timeout, tcp_timeout, tls_timeout, upgrade_timeout,
            }
        )
    }
}

fn addresses(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| Endpoint::shown(text)).collect()
}

/// The program by its name; its arguments may be the password of a vault.
struct Command<'a>(&'a [String]);

impl fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |(i, text): (usize, &String)| if i == 0 { text.clone() } else { "***".into() };
        f.debug_list().entries(self.0.iter().enumerate().map(hidden)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close::{CertificateOverride, CloseOverride, StatusOverride, Verdict};

    #[test]
    fn no_secret_is_shown_however_it_was_configured() {
        let mut options = Options::new("wss://feed.example/ws?key=hush");
        options.endpoints.push("hush, in the wrong field".into());
        options.endpoints.push("wss://me:hush@feed.example/".into());
        options.token_command = ["print-token", "--password", "hush"].map(String::from).into();
        let endpoint = Some("wss://feed.example/ws?key=hush".to_owned());
        let verdict = Verdict::Retry;
        options.certificate_overrides.push(CertificateOverride { endpoint, verdict });
        let endpoint = Some("hush, in the wrong field".to_owned());
        options.status_overrides.push(StatusOverride { endpoint, status: 403, verdict });
        let endpoint = Some("wss://me:hush@feed.example/".to_owned());
        options.close_overrides.push(CloseOverride { endpoint, code: 4403, verdict });
        let shown = format!("{options:?} {options:#?}");
        assert!(!shown.contains("hush") && !shown.contains("--password"), "{shown}");
        assert!(
            shown.contains("wss://feed.example/ws") && shown.contains("print-token"),
            "{shown}"
        );
        options.endpoints.truncate(1);
        options.status_overrides.clear();
        options.close_overrides.clear();
        let valid = options.validate().unwrap();
        let shown = format!("{valid:?} {:?}", valid.token_provider());
        assert!(!shown.contains("hush"), "{shown}");
    }
}
