//! What is worth another try. Everything is, but for what will be refused again until a person changes something.

use std::fmt;

use serde::Deserialize;

use crate::{Cause, ConnectErrorKind, Endpoint, Options};

/// What follows a failure. In a file `"retry"` or `"terminal"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Try again, with back-off.
    Retry,
    /// Trying again changes nothing; wait until asked.
    Terminal,
}

/// Another verdict on a close code than the table's: a server may mean something of its own by it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseOverride {
    /// The endpoint's address, its query aside; `None` for all.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// 1000 to 4999.
    pub code: u16,
    /// What follows instead.
    pub verdict: Verdict,
}

/// Another verdict on the status of a refused upgrade than the table's: what stands in front of a server may answer
/// 403 or 404 while the server is being replaced.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusOverride {
    /// The endpoint's address, its query aside; `None` for all.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// 100 to 599.
    pub status: u16,
    /// What follows instead.
    pub verdict: Verdict,
}

/// Another verdict on a certificate that does not verify. It is not trusted for that: nothing is sent, the server is
/// only asked again, and may have its new certificate by then.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateOverride {
    /// The endpoint's address, its query aside; `None` for all.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What follows instead.
    pub verdict: Verdict,
}

impl fmt::Debug for CloseOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, code, verdict } = self;
        let mut shown = f.debug_struct("CloseOverride");
        shown.field("endpoint", &address(endpoint.as_deref())).field("code", code);
        shown.field("verdict", verdict).finish()
    }
}

impl fmt::Debug for StatusOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, status, verdict } = self;
        let mut shown = f.debug_struct("StatusOverride");
        shown.field("endpoint", &address(endpoint.as_deref())).field("status", status);
        shown.field("verdict", verdict).finish()
    }
}

impl fmt::Debug for CertificateOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, verdict } = self;
        let mut shown = f.debug_struct("CertificateOverride");
        shown.field("endpoint", &address(endpoint.as_deref())).field("verdict", verdict).finish()
    }
}

/// As an endpoint is shown: somebody may have copied it with its query.
fn address(endpoint: Option<&str>) -> Option<String> {
    endpoint.map(Endpoint::shown)
}

/// The verdict on a failure at an endpoint, for which the options may have chosen another than the table's.
#[must_use]
pub fn classify_at(cause: &Cause, endpoint: &Endpoint, options: &Options) -> Verdict {
    classify_by(cause, endpoint, options, close_code)
}

/// The same, with another table of close codes where nothing was chosen.
pub(crate) fn classify_by(
    cause: &Cause,
    endpoint: &Endpoint,
    options: &Options,
    table: impl FnOnce(u16) -> Verdict,
) -> Verdict {
    match cause {
        Cause::ServerClosed { code: Some(code), .. } => {
            let of_code = options.close_overrides.iter().filter(|o| o.code == *code);
            let chosen = chosen(endpoint, of_code.map(|o| (o.endpoint.as_deref(), o.verdict)));
            chosen.unwrap_or_else(|| table(*code))
        }
        Cause::Connect(error) => {
            let chosen = match error.kind {
                ConnectErrorKind::Http { status } => {
                    let of_status = options.status_overrides.iter().filter(|o| o.status == status);
                    chosen(endpoint, of_status.map(|o| (o.endpoint.as_deref(), o.verdict)))
                }
                ConnectErrorKind::Certificate => {
                    let all = options.certificate_overrides.iter();
                    chosen(endpoint, all.map(|o| (o.endpoint.as_deref(), o.verdict)))
                }
                _ => None,
            };
            chosen.unwrap_or_else(|| classify(cause))
        }
        _ => classify(cause),
    }
}

/// One that names the endpoint says more than one that does not.
fn chosen<'a>(
    endpoint: &Endpoint,
    overrides: impl Iterator<Item = (Option<&'a str>, Verdict)>,
) -> Option<Verdict> {
    let here = overrides.filter(|(of, _)| of.is_none_or(|address| endpoint.is_shown_as(address)));
    here.max_by_key(|(of, _)| of.is_some()).map(|(_, verdict)| verdict)
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
