//! When another token is asked for: once it was refused, and before its end, whoever knows that.

use super::*;

impl Bench {
    /// Where there is somebody to ask for tokens.
    pub(super) fn renewing(options: Options) -> Self {
        let mut bench = Self::new(options.clone());
        let options = options.validate().unwrap();
        bench.machine = Machine::new(options, fastrand::Rng::with_seed(1)).renewing();
        bench
    }

    /// Up to a session: with what the token's source knows of its end, and what the welcome tells of it.
    fn welcomed(&mut self, renew_in: Option<Duration>, change: Value) {
        self.input(Input::Command(Command::Connect));
        self.transport(TransportEvent::Opened { mode: Mode::V1, renew_in });
        self.text(&welcome(change));
        assert!(self.machine.state().is_connected());
        self.said();
    }

    /// In how long the next token is asked for.
    fn token_due(&self) -> Option<Duration> {
        let token = self.timers.iter().find(|(timer, ..)| *timer == Timer::Token);
        token.map(|(_, at, _)| at.since(self.now.monotonic))
    }

    /// The wall time `seconds` from now, as the wire has it.
    fn in_seconds(&self, seconds: u64) -> i64 {
        self.now.wall.plus(secs(seconds)).0
    }

    fn times_asked(&self) -> usize {
        self.actions.iter().filter(|action| *action == "renew token").count()
    }
}

#[test]
fn a_refused_token_is_renewed_once() {
    let mut bench = Bench::renewing(remote());
    bench.welcomed(None, json!({}));
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
    let mut bench = Bench::renewing(remote());
    bench.welcomed(Some(secs(8)), json!({}));
    bench.wait(secs(8));
    assert_eq!(bench.actions.last().unwrap(), "renew token");
    let failed = TokenNews::Failed { reason: "no".into() };
    bench.input(Input::Token(failed));
    assert!(matches!(bench.events.last(), Some(Event::TokenFailed { .. })));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(20));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(10));
    assert_eq!(bench.times_asked(), 2);
    bench.said();
    let token = crate::Secret::new("new");
    bench.input(Input::Token(TokenNews::Renewed { token, renew_in: None }));
    assert_eq!(bench.said(), [("auth".to_owned(), json!({"token": "new"}))]);
    bench.text(&envelope("authorised", json!({})));
    assert_eq!(bench.machine.counters().token_renewals, 1);
}

#[test]
fn a_token_whose_end_only_the_server_knows_is_renewed_before_it() {
    let mut bench = Bench::renewing(remote());
    let end = bench.in_seconds(10);
    bench.welcomed(None, json!({"tokenExpiresAt": end}));
    bench.wait(ms(7_999));
    assert_eq!(bench.times_asked(), 0);
    bench.wait(ms(1));
    assert_eq!(bench.times_asked(), 1);
    let token = crate::Secret::new("new");
    bench.input(Input::Token(TokenNews::Renewed { token, renew_in: None }));
    assert_eq!(bench.said(), [("auth".to_owned(), json!({"token": "new"}))]);
    assert_eq!(bench.token_due(), None, "until the server has answered");
    let end = bench.in_seconds(100);
    bench.text(&envelope("authorised", json!({"tokenExpiresAt": end})));
    assert_eq!(bench.token_due(), Some(secs(80)));
}

#[test]
fn what_the_server_says_of_a_tokens_end_goes_over_what_its_source_says() {
    for (source, server, expected) in [
        (Some(5), None, Some(secs(5))),
        (Some(5), Some(100), Some(secs(80))),
        (Some(500), Some(100), Some(secs(80))),
        // One that has ended, or is about to, costs no busy loop.
        (None, Some(0), Some(secs(1))),
        (None, None, None),
    ] {
        let mut bench = Bench::renewing(remote());
        let end = server.map(|seconds| bench.in_seconds(seconds));
        bench.welcomed(source.map(secs), json!({"tokenExpiresAt": end}));
        assert_eq!(bench.token_due(), expected, "{source:?} {server:?}");
    }
    // Nobody is there to ask.
    let mut bench = Bench::new(remote());
    let end = bench.in_seconds(100);
    bench.welcomed(None, json!({"tokenExpiresAt": end}));
    assert_eq!(bench.token_due(), None);
}

#[test]
fn the_end_of_a_token_ends_with_its_connection() {
    let mut bench = Bench::renewing(remote());
    let end = bench.in_seconds(100);
    bench.welcomed(None, json!({"tokenExpiresAt": end}));
    bench.lost();
    assert_eq!(bench.token_due(), None);
    bench.wait(secs(2));
    bench.upgrade();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.token_due(), None, "of the next one the server said nothing");
}

#[test]
fn how_much_of_a_tokens_life_may_pass_is_chosen() {
    for percent in [50, 80] {
        let options = Options { token_refresh_percent: percent, ..remote() };
        let mut bench = Bench::renewing(options);
        bench.welcomed(None, json!({}));
        let end = bench.in_seconds(100);
        bench.text(&envelope("authorised", json!({"tokenExpiresAt": end})));
        assert_eq!(bench.token_due(), Some(secs(percent.into())));
    }
}
