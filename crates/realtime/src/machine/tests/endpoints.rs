//! What an attempt teaches about the endpoint it was made to.

use super::*;
use crate::close::{CertificateOverride, StatusOverride, Verdict};
use crate::{EndpointPolicy, Offer};

const A: &str = "wss://a.example/";
const B: &str = "wss://b.example/";

fn fastest_first() -> Options {
    Options {
        endpoints: vec![A.into(), B.into()],
        endpoint_policy: EndpointPolicy::LowestLatency,
        ..Options::default()
    }
}

impl Bench {
    /// The endpoint of the attempt under way.
    fn attempted(&self) -> String {
        assert_eq!(self.kind(), StateKind::Connecting);
        self.last().endpoint.to_string()
    }

    /// The attempt under way takes this long.
    fn opens_after(&mut self, time: Duration, mode: Mode) {
        self.advance(time);
        self.transport(TransportEvent::Opened { mode, renew_in: None });
    }

    /// The session was good and ends; the next attempt has just begun.
    fn ends_well(&mut self) {
        for timestamp in 1..=2 {
            self.text(&format!(r#"{{"type":"a","data":1,"timestamp":{timestamp}}}"#));
            self.wait(secs(5));
        }
        self.lost();
        self.wait(self.last().delay.unwrap());
    }
}

#[test]
fn failures_move_on_to_the_next_endpoint() {
    let mut bench = Bench::new(Options {
        endpoints: vec!["wss://a.example/".into(), "wss://b.example/".into()],
        ..Options::default()
    });
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
    assert_eq!(bench.last().endpoint.host(), "a.example", "the one that failed");
    bench.wait(secs(1));
    assert_eq!(bench.last().endpoint.host(), "b.example", "the one being tried");
}

#[test]
fn a_quarter_of_the_newest_connect_time_counts() {
    let mut bench = Bench::new(fastest_first());
    bench.input(Input::Command(Command::Connect));
    for (endpoint, time) in [(A, 100), (B, 130), (A, 200)] {
        assert_eq!(bench.attempted(), endpoint);
        bench.opens_after(ms(time), Mode::Plain);
        bench.ends_well();
    }
    // 125 ms by now. If the same connect counted twice it would be 144.
    assert_eq!(bench.attempted(), A);
}

#[test]
fn a_server_that_is_left_because_it_is_plain_is_not_known_to_be_fast_or_slow() {
    let mut bench = Bench::new(Options { protocol: Offer::V1, ..fastest_first() });
    bench.input(Input::Command(Command::Connect));
    assert_eq!(bench.attempted(), A);
    bench.opens_after(ms(300), Mode::Plain);
    bench.wait(bench.last().delay.unwrap());
    assert_eq!(bench.attempted(), B);
    bench.opens_after(ms(100), Mode::V1);
    assert_eq!(bench.kind(), StateKind::Handshaking);
    bench.input(Input::Command(Command::Disconnect));
    bench.wait(secs(3));
    assert_eq!(bench.kind(), StateKind::Closed);
    // Whatever was held against them is forgotten, but for how fast they are; one that is not known goes first.
    bench.input(Input::Command(Command::Connect));
    assert_eq!(bench.attempted(), A);
}

/// What follows when the first attempt fails like this.
fn after(options: Options, kind: ConnectErrorKind) -> StateKind {
    let mut bench = Bench::new(options);
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Failed(ConnectError::new(kind, "")));
    bench.kind()
}

#[test]
fn the_verdict_on_a_status_can_be_chosen_for_an_endpoint() {
    let chosen = |status, verdict, endpoint: Option<&str>| StatusOverride {
        endpoint: endpoint.map(Into::into),
        status,
        verdict,
    };
    for (status_overrides, status, expected) in [
        (vec![], 403, StateKind::Failed),
        (vec![], 503, StateKind::Backoff),
        (vec![chosen(403, Verdict::Retry, None)], 403, StateKind::Backoff),
        (vec![chosen(403, Verdict::Retry, None)], 404, StateKind::Failed),
        (vec![chosen(503, Verdict::Terminal, None)], 503, StateKind::Failed),
        (vec![chosen(403, Verdict::Retry, Some("wss://other.example"))], 403, StateKind::Failed),
        (
            vec![
                // Written as the option `url` has it; the one that names nobody counts less, wherever it stands.
                chosen(403, Verdict::Retry, Some("wss://feed.example/ws?key=1")),
                chosen(403, Verdict::Terminal, None),
            ],
            403,
            StateKind::Backoff,
        ),
    ] {
        let options = Options { status_overrides: status_overrides.clone(), ..remote() };
        let state = after(options, ConnectErrorKind::Http { status });
        assert_eq!(state, expected, "{status} {status_overrides:?}");
    }
}

#[test]
fn the_verdict_on_a_certificate_can_be_chosen_for_an_endpoint() {
    let retried = |endpoint: Option<&str>| CertificateOverride {
        endpoint: endpoint.map(Into::into),
        verdict: Verdict::Retry,
    };
    for (certificate_overrides, expected) in [
        (vec![], StateKind::Failed),
        (vec![retried(None)], StateKind::Backoff),
        (vec![retried(Some("wss://feed.example/ws"))], StateKind::Backoff),
        (vec![retried(Some("wss://other.example/ws"))], StateKind::Failed),
    ] {
        let options = Options { certificate_overrides: certificate_overrides.clone(), ..remote() };
        let state = after(options, ConnectErrorKind::Certificate);
        assert_eq!(state, expected, "{certificate_overrides:?}");
    }
}
