//! What a server says before it goes, and what follows from it.

use super::*;

#[test]
fn goodbye_and_error_say_how_long_to_stay_away() {
    for (ty, data) in [
        ("goodbye", json!({"reason": "restart", "retryAfterMs": 5_000})),
        ("error", json!({"code": "rate_limited", "message": "m", "retryAfterMs": 5_000})),
        ("goodbye", json!({"reason": "restart", "retryAfterMs": 3_600_000})),
    ] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&envelope(ty, data.clone()));
        bench.transport(TransportEvent::Closed { code: Some(1012), reason: String::new() });
        let delay = bench.last().delay.unwrap();
        let asked = ms(data["retryAfterMs"].as_u64().unwrap()).min(secs(60));
        assert!(delay >= asked && delay <= asked + ms(500), "{delay:?}");
    }
}

#[test]
fn trouble_behind_the_server_is_told() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&envelope("status", json!({"state": "degraded", "reason": "database"})));
    let Some(Event::ServerStatus { status, .. }) = bench.events.last() else { panic!() };
    assert_eq!(status.state, ServerState::Degraded);
    assert!(bench.machine.counters().degraded);
}

#[test]
fn nothing_counts_after_a_fault() {
    let mut bench = Bench::new(remote());
    bench.v1();
    let twice = welcome(json!({}));
    let batch = format!(
        r#"{{"type":"batch_update","data":{{"updates":[{twice},{}]}},"timestamp":1}}"#,
        logged(11, 10)
    );
    bench.text(&batch);
    assert!(bench.numbers().is_empty());
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn the_verdict_on_a_close_code_can_be_chosen_for_an_endpoint() {
    let chosen = |code, verdict, endpoint: Option<&str>| CloseOverride {
        endpoint: endpoint.map(Into::into),
        code,
        verdict,
    };
    for (overrides, code, expected) in [
        (vec![], 4403, StateKind::Failed),
        (vec![chosen(4403, Verdict::Retry, None)], 4403, StateKind::Backoff),
        (vec![chosen(1001, Verdict::Terminal, None)], 1001, StateKind::Failed),
        (
            vec![chosen(1001, Verdict::Terminal, Some("wss://other.example/"))],
            1001,
            StateKind::Backoff,
        ),
        (
            vec![
                chosen(1001, Verdict::Retry, Some("wss://feed.example/ws")),
                chosen(1001, Verdict::Terminal, None),
            ],
            1001,
            StateKind::Backoff,
        ),
    ] {
        let mut bench = Bench::new(Options { close_overrides: overrides.clone(), ..remote() });
        bench.v1();
        bench.transport(TransportEvent::Closed { code: Some(code), reason: String::new() });
        assert_eq!(bench.kind(), expected, "{code} {overrides:?}");
    }
}
