use domain::view::CheckStep;
use realtime::transport::{ConnectPhase, ConnectPhases, Dial, TcpDial, TlsFacts, Trace, upgrade};
use realtime::{ConnectError, ConnectErrorKind, Mode, ValidOptions};

use super::{Report, took};

/// From the server's name to an open WebSocket, which is given up again. `None` where the way ends.
pub(super) async fn check(report: &dyn Report, options: &ValidOptions) -> Option<Mode> {
    let (endpoint, values, trace) = (&options.endpoints()[0], options.values(), Trace::default());
    let way = async {
        let stream = TcpDial::new(values).dial_traced(endpoint, trace.clone()).await?;
        let (_, mode) = upgrade(stream, endpoint, values, values.token.as_ref(), &trace).await?;
        Ok(mode)
    };
    let arrived = way.await;
    tell_steps(report, &trace, &endpoint.host());
    match arrived {
        Ok(mode) => {
            let words = match mode {
                Mode::V1 => "the server chose vaultwatch.v1: resume, snapshots, acknowledgements",
                Mode::Plain => {
                    "the server chose plain mode: no resume after a gap, no acknowledgements"
                }
            };
            let after = trace.phases().upgrade.map(took).unwrap_or_default();
            report.right(CheckStep::Upgrade, &format!("{words}; {after}"));
            Some(mode)
        }
        Err(error) => {
            report.wrong(step_of(&error), &error.to_string(), remedy(&error));
            None
        }
    }
}

/// What is done of the way, step by step.
fn tell_steps(report: &dyn Report, trace: &Trace, host: &str) {
    let ConnectPhases { address, via, dns, tcp, proxy, tls, .. } = trace.phases();
    let whom = via.as_deref().unwrap_or(host);
    if let Some(dns) = dns {
        let addresses: Vec<_> = trace.addresses().iter().map(|at| at.ip().to_string()).collect();
        report.right(CheckStep::Dns, &format!("{whom} is {}; {}", addresses.join(", "), took(dns)));
    }
    if let (Some(tcp), Some(address)) = (tcp, address) {
        report.right(CheckStep::Tcp, &format!("{address} answers; {}", took(tcp)));
    }
    if let (Some(proxy), Some(via)) = (proxy, &via) {
        report.right(CheckStep::Proxy, &format!("{via} leads to {host}; {}", took(proxy)));
    }
    if let (Some(tls), Some(TlsFacts { version, chain })) = (tls, trace.tls()) {
        report.right(CheckStep::Tls, &format!("{version}; {}", took(tls)));
        report.certificates(&chain);
    }
}

fn step_of(error: &ConnectError) -> CheckStep {
    match error.phase {
        Some(ConnectPhase::Dns) => CheckStep::Dns,
        Some(ConnectPhase::Tcp) => CheckStep::Tcp,
        Some(ConnectPhase::Proxy) => CheckStep::Proxy,
        Some(ConnectPhase::Tls) if error.kind == ConnectErrorKind::Certificate => {
            CheckStep::Certificate
        }
        Some(ConnectPhase::Tls) => CheckStep::Tls,
        Some(ConnectPhase::Upgrade) | None => CheckStep::Upgrade,
    }
}

/// What the error's own words do not say yet.
fn remedy(error: &ConnectError) -> &'static str {
    match error.kind {
        ConnectErrorKind::Dns => {
            "check the host's name, and whether this machine has a name server"
        }
        ConnectErrorKind::Tcp => {
            "check that the server runs, the port, and what stands between (firewall, proxy)"
        }
        ConnectErrorKind::Timeout => {
            "check what stands between (firewall, proxy), or try again when the server has less to do"
        }
        ConnectErrorKind::Proxy => {
            "check the option `proxy`, or unset the system's proxy variables"
        }
        ConnectErrorKind::Certificate => {
            "nothing was sent: whoever answers is not proven to be the server"
        }
        ConnectErrorKind::Tls => {
            "check that the port speaks TLS; ws:// is for servers on this machine"
        }
        ConnectErrorKind::Http { status: 401 | 403 } | ConnectErrorKind::Token => {
            "a token belongs in VAULTWATCH_TOKEN, --token-env or the profile; ask the operator for a new one"
        }
        ConnectErrorKind::Http { .. } => {
            "ask the operator; the address may belong to something else"
        }
        ConnectErrorKind::Upgrade => "check the address: host, port and path",
    }
}
