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
fn a_refused_token_is_renewed_once() {
    let mut bench = Bench::new(remote());
    bench.machine =
        Machine::new(remote().validate().unwrap(), fastrand::Rng::with_seed(1)).renewing();
    bench.greet();
    bench.text(&welcome(json!({})));
    let unauthorised = || TransportEvent::Closed { code: Some(4401), reason: String::new() };
    bench.transport(unauthorised());
    assert!(bench.last().delay.unwrap() <= ms(500), "at once");
    bench.wait(ms(500));
    assert_eq!(bench.tokens, [TokenUse::Present, TokenUse::Fresh]);
    let error = ConnectError::new(ConnectErrorKind::Http { status: 401 }, "");
    bench.transport(TransportEvent::Failed(error));
    assert!(bench.last().delay.unwrap() >= ms(500), "then with back-off");
}

#[test]
fn a_token_is_renewed_in_place() {
    let mut bench = Bench::new(remote());
    bench.machine =
        Machine::new(remote().validate().unwrap(), fastrand::Rng::with_seed(1)).renewing();
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Opened { mode: Mode::V1, renew_in: Some(secs(8)) });
    bench.text(&welcome(json!({})));
    bench.written.clear();
    bench.wait(secs(8));
    assert_eq!(bench.actions.last().unwrap(), "renew token");
    let failed = TokenNews::Failed { reason: "no".into() };
    bench.input(Input::Token(failed));
    assert!(matches!(bench.events.last(), Some(Event::TokenFailed { .. })));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(20));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(10));
    assert_eq!(bench.actions.iter().filter(|a| *a == "renew token").count(), 2);
    bench.said();
    let token = crate::Secret::new("new");
    bench.input(Input::Token(TokenNews::Renewed { token, renew_in: None }));
    assert_eq!(bench.said(), [("auth".to_owned(), json!({"token": "new"}))]);
    bench.text(&envelope("authorised", json!({})));
    assert_eq!(bench.machine.counters().token_renewals, 1);
}

#[test]
fn how_much_of_a_tokens_life_may_pass_is_chosen() {
    for percent in [50, 80] {
        let options = Options { token_refresh_percent: percent, ..remote() };
        let mut bench = Bench::new(options.clone());
        bench.machine =
            Machine::new(options.validate().unwrap(), fastrand::Rng::with_seed(1)).renewing();
        bench.greet();
        bench.text(&welcome(json!({})));
        let expires = bench.now.wall.plus(secs(100)).0;
        bench.text(&envelope("authorised", json!({"tokenExpiresAt": expires})));
        let due = bench.timers.iter().find(|(timer, ..)| *timer == Timer::Token);
        let due = due.map(|(_, at, _)| at.since(bench.now.monotonic));
        assert_eq!(due, Some(secs(percent.into())));
    }
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
