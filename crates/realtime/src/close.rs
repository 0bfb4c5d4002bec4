//! What is worth another try. Everything is, but for what will be refused again until a person changes something.

use serde::Deserialize;

use crate::{Cause, ConnectErrorKind, Endpoint};

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Try again, with back-off.
    Retry,
    /// Trying again changes nothing; wait until asked.
    Terminal,
}

/// Another verdict on a close code than the table's: a server may mean something of its own by it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseOverride {
    /// The endpoint's address as it is shown, without its query; `None` for all.
    #[serde(default)]
    pub endpoint: Option<String>,
    pub code: u16,
    pub verdict: Verdict,
}

/// The verdict on a failure at an endpoint, for which another than the table's may have been chosen.
#[must_use]
pub fn classify_at(cause: &Cause, endpoint: &Endpoint, overrides: &[CloseOverride]) -> Verdict {
    classify_by(cause, endpoint, overrides, close_code)
}

/// The same, with another table where nothing was chosen.
pub(crate) fn classify_by(
    cause: &Cause,
    endpoint: &Endpoint,
    overrides: &[CloseOverride],
    table: impl FnOnce(u16) -> Verdict,
) -> Verdict {
    let Cause::ServerClosed { code: Some(code), .. } = cause else { return classify(cause) };
    let chosen = |o: &&CloseOverride| {
        o.code == *code && o.endpoint.as_ref().is_none_or(|url| *url == endpoint.to_string())
    };
    // One that names the endpoint says more than one that does not.
    let verdict = overrides.iter().filter(chosen).max_by_key(|o| o.endpoint.is_some());
    verdict.map_or_else(|| table(*code), |o| o.verdict)
}

/// The verdict on a failure.
#[must_use]
pub fn classify(cause: &Cause) -> Verdict {
    match cause {
        Cause::ServerClosed { code: Some(code), .. } => close_code(*code),
        Cause::Connect(error) => match error.kind {
            ConnectErrorKind::Http { status } => http_status(status),
            ConnectErrorKind::Certificate => Verdict::Terminal,
            _ => Verdict::Retry,
        },
        Cause::AttemptsExhausted { .. } | Cause::NotV1 => Verdict::Terminal,
        // A frame that *we* refuse is our close, not a judgement of the server on us: the next one may be fine.
        Cause::Frame { .. }
        | Cause::ServerClosed { code: None, .. }
        | Cause::Lost { .. }
        | Cause::HeartbeatTimeout
        | Cause::ProbeTimeout
        | Cause::Protocol { .. }
        | Cause::NetworkLost => Verdict::Retry,
    }
}

/// The verdict on a close code the *server* sent. Clean ones (1000, 1001, 1012) are retried like any other end: a
/// feed that says goodbye is still a feed that is gone.
#[must_use]
pub fn close_code(code: u16) -> Verdict {
    match code {
        1002 | 1003 | 1007..=1010 | 3500..=3999 | 4400 | 4403 | 4426 | 4500..=4999 => {
            Verdict::Terminal
        }
        _ => Verdict::Retry,
    }
}

/// The verdict on the status of a refused upgrade.
#[must_use]
pub fn http_status(status: u16) -> Verdict {
    match status {
        400 | 403 | 404 | 410 | 426 => Verdict::Terminal,
        _ => Verdict::Retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectError, FrameFault};

    #[test]
    fn close_codes() {
        let terminal =
            [1002, 1003, 1007, 1008, 1009, 1010, 3500, 3999, 4400, 4403, 4426, 4500, 4999];
        let retried = [
            1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 3499, 4000, 4401, 4408, 4409,
            4429, 4499, 5000,
        ];
        for code in terminal {
            assert_eq!(close_code(code), Verdict::Terminal, "{code}");
        }
        for code in retried {
            assert_eq!(close_code(code), Verdict::Retry, "{code}");
        }
    }

    #[test]
    fn http_statuses() {
        for status in [400, 403, 404, 410, 426] {
            assert_eq!(http_status(status), Verdict::Terminal, "{status}");
        }
        for status in [200, 302, 401, 408, 429, 500, 502, 503, 504] {
            assert_eq!(http_status(status), Verdict::Retry, "{status}");
        }
    }

    #[test]
    fn causes() {
        let connect = |kind| Cause::Connect(ConnectError::new(kind, ""));
        assert_eq!(classify(&connect(ConnectErrorKind::Certificate)), Verdict::Terminal);
        for kind in [
            ConnectErrorKind::Dns,
            ConnectErrorKind::Tcp,
            ConnectErrorKind::Timeout,
            ConnectErrorKind::Tls,
            ConnectErrorKind::Upgrade,
        ] {
            assert_eq!(classify(&connect(kind)), Verdict::Retry, "{kind:?}");
        }
        let ours = Cause::Frame { fault: FrameFault::TooLarge { size: 2, limit: 1 } };
        assert_eq!(classify(&ours), Verdict::Retry, "1009 sent by us is not 1009 received");
        let silent = Cause::ServerClosed { code: None, reason: String::new() };
        assert_eq!(classify(&silent), Verdict::Retry);
    }
}
