//! From the upgrade to the first message: `hello`, `welcome`, and what was agreed on.

use super::*;

#[test]
fn the_first_frame_is_hello_and_says_who_we_are() {
    let options = Options {
        client: "test/1".into(),
        tenant: Some("acme".into()),
        topics: vec![topic("risk_alert"), topic("vault_update_*")],
        ..remote()
    };
    let mut bench = Bench::new(options);
    let hello = bench.greet();
    let expected = json!({
        "client": "test/1", "tenant": "acme", "topics": ["risk_alert", "vault_update_*"],
        "compress": ["zstd", "deflate"], "resume": null,
    });
    assert_eq!(hello, expected);
    bench.text(&welcome(json!({})));
    assert_eq!(bench.last().current, ConnectionState::Connected { resumed: false });
}

#[test]
fn a_server_that_does_not_select_v1_is_plain_unless_v1_is_demanded() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let mut bench = Bench::new(Options { protocol: Offer::V1, ..remote() });
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    assert_eq!(bench.machine.state(), &ConnectionState::Failed { error: Cause::NotV1 });
}

#[test]
fn a_welcome_that_does_not_come_ends_the_attempt_after_ten_seconds() {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.wait(ms(9_999));
    assert_eq!(bench.kind(), StateKind::Handshaking);
    bench.wait(ms(1));
    let cause = Cause::Protocol { fault: ProtocolFault::WelcomeOverdue };
    assert_eq!(bench.last().cause, Some(cause));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn a_second_welcome_ends_the_session() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.faults(), [&ProtocolFault::WelcomeTwice]);
    assert_eq!(bench.kind(), StateKind::Backoff);
    assert!(bench.last().delay.unwrap() >= ms(500), "with back-off");
}

#[test]
fn an_absurd_heartbeat_is_clamped_and_told() {
    for (heartbeat, grace, silence) in
        [(u64::MAX, u64::MAX, 25), (0, 0, 2), (20_000, 60_000, 25), (10_000, 5_000, 15)]
    {
        let mut bench = Bench::new(remote());
        bench.greet();
        bench.text(&welcome(json!({"heartbeatMs": heartbeat, "graceMs": grace})));
        assert_eq!(bench.faults().is_empty(), silence == 15, "{heartbeat} {grace}");
        bench.wait(secs(silence) - ms(1));
        assert!(bench.machine.state().is_connected(), "{heartbeat} {grace}");
        bench.wait(ms(1));
        assert_eq!(bench.last().cause, Some(Cause::HeartbeatTimeout), "{heartbeat} {grace}");
    }
}

#[test]
fn a_welcome_that_cannot_be_read_ends_the_attempt() {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&envelope("welcome", json!({"session": 1})));
    assert!(matches!(bench.faults()[..], [ProtocolFault::BadWelcome { .. }]));
    assert_eq!(bench.kind(), StateKind::Backoff);
    // Compression that was not offered.
    let mut bench = Bench::new(Options { compress: false, ..remote() });
    assert_eq!(bench.greet()["compress"], json!([]));
    bench.text(&welcome(json!({"compress": "zstd"})));
    assert_eq!(bench.faults(), [&ProtocolFault::Compression]);
}
