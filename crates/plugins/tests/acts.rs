//! What a hook may do, and what it is refused.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use domain::payload::Payload;
use plugins::{
    ErrorKind, Limits, Outcome, Plugin, Protection, Refusal, Report, StateView, VaultProtection,
};
use proptest::prelude::*;
use serde_json::value::RawValue;
use wire::{Message, UnixMillis};

fn load(source: &str) -> Plugin {
    let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
    Plugin::load("p", source, limits).unwrap()
}

fn message(ty: &str, data: &str) -> Message {
    let data = RawValue::from_string(data.to_owned()).unwrap();
    Message::new(ty, &data, UnixMillis(1_763_800_000_000), Some("m-1")).unwrap()
}

fn run(body: &str, message: &Message) -> Report {
    let mut plugin = load(&format!("fn on_message(msg) {{ {body} }}"));
    plugin.on_message(message, &VaultProtection, UnixMillis(7)).unwrap()
}

#[track_caller]
fn changed(body: &str, message: &Message) -> Message {
    match run(body, message) {
        Report { outcome: Outcome::Changed(changed), .. } => changed,
        other => panic!("not changed: {other:?}"),
    }
}

#[track_caller]
fn refused(body: &str, message: &Message) {
    let report = run(body, message);
    assert_eq!(report.outcome, Outcome::Unchanged);
    assert_eq!(report.error, None);
    assert!(matches!(report.refused[..], [Refusal::Drop | Refusal::Change(_)]), "{report:?}");
}

const EXACT: &str = r#"{"b":123456789012345678901234567890.123,"a":0.10,"c":[1.50,9223372036854775807,{"d":null}]}"#;

#[test]
fn a_message_may_be_looked_at_changed_and_dropped() {
    let note = message("note", EXACT);
    // The value of a last statement that is no map was not meant as a message.
    for body in ["", "msg", "msg.data.a", "()", "return;", "5", "msg.data.remove(\"a\");"] {
        let report = run(body, &note);
        assert_eq!(report.outcome, Outcome::Unchanged, "{body}");
        assert_eq!(report.error, None, "{body}");
    }
    let other = changed("msg.data.e = msg.data.a + 1; msg", &note);
    assert_eq!(
        (other.ty(), other.id(), other.timestamp),
        ("note", Some("m-1"), note.timestamp)
    );
    let text = std::str::from_utf8(other.data()).unwrap();
    assert_eq!(
        text,
        r#"{"a":0.10,"b":123456789012345678901234567890.123,"c":[1.50,9223372036854775807,{"d":null}],"e":1.10}"#
    );
    assert_eq!(changed(r#"msg.type = "other"; msg"#, &note).ty(), "other");
    assert_eq!(run("drop();", &note).outcome, Outcome::Dropped);
}

#[test]
fn figures_are_decimals_and_what_is_none_is_shown_as_it_is() {
    let note = message("note", EXACT);
    let printed = run(
        "print(msg.data.a * 3); print(msg.data.b); print(msg.data.a < 0.2); print(1 + 0.5);",
        &note,
    );
    assert_eq!(printed.printed, ["0.30", "123456789012345678901234567890.123", "true", "1.5"]);
    assert_eq!(run("msg.data.b + 1", &note).error.unwrap().kind, ErrorKind::Script);
    // Twice the same field: any answer would be a lie, so it is not asked.
    let twice = message("note", r#"{"a":1,"a":2}"#);
    let mut plugin = load("fn on_message(msg) { drop() }");
    assert!(plugin.wants(&twice) && !plugin.can_see(&twice));
    assert!(plugin.on_message(&twice, &VaultProtection, UnixMillis(0)).is_none());
    let large = message("note", &format!("\"{}\"", "x".repeat(70_000)));
    assert!(plugin.on_message(&large, &VaultProtection, UnixMillis(0)).is_none());
}

#[test]
fn a_result_that_is_no_message_leaves_the_message() {
    let note = message("note", EXACT);
    for body in [
        "msg.data",
        "#{}",
        "#{data: 1, colour: 2}",
        "#{data: |x| x}",
        "#{data: 1, type: 7}",
        "#{data: 1, timestamp: \"now\"}",
        "#{data: 1, type: \"\"}",
        "#{data: 1, type: \"a\\n\"}",
        "#{data: 1, id: \"\"}",
    ] {
        let report = run(body, &note);
        assert_eq!(report.outcome, Outcome::Unchanged, "{body}");
        assert_eq!(report.error.map(|e| e.kind), Some(ErrorKind::Result), "{body}");
    }
    for body in [
        "msg.timestamp = 1; msg",
        "msg.id = (); msg",
        "msg.type = \"risk_alert\"; msg",
        "msg.type = \"ack\"; msg",
    ] {
        refused(body, &note);
    }
}

#[test]
fn what_might_be_critical_cannot_be_dropped() {
    for (ty, data) in [
        ("risk_alert", r#"{"message":"m","severity":"CRITICAL"}"#),
        ("risk_alert", r#"{"message":"m","type":"CRITICAL"}"#),
        ("risk_alert", r#"{"message":"m","type":"CRITICAL","severity":"LOW"}"#),
        ("risk_alert", r#"{"message":"m","category":"LIQUIDATION","severity":"LOW"}"#),
        ("risk_alert", r#"{"severity":"CRITICAL"}"#),
        ("vault_update_A", r#"{"ltv":76,"liquidationThreshold":82.5}"#),
        ("vault_update_A", r#"{"riskLevel":"CRITICAL"}"#),
        ("vault_update_A", r#"{"status":"LIQUIDATED"}"#),
        ("vault_update", r#"{"vaultId":"A","full":true,"healthFactor":1.01}"#),
        // A part that may be critical with what is known already.
        ("vault_update_A", r#"{"ltv":20}"#),
        ("vault_update_A", r#"{"liquidationThreshold":80}"#),
        ("vault_update_A", r#"{"debt":{"valueUSD":5}}"#),
        ("vault_update_A", r#"{"ltv":null,"liquidationThreshold":80}"#),
        ("vault_update_A", r#"{"enc":"xchacha20poly1305","kid":"k"}"#),
        ("vault_update_A", r#"{"ltv":"high"}"#),
    ] {
        let critical = message(ty, data);
        assert!(VaultProtection.must_pass(&critical), "{ty} {data}");
        refused("drop();", &critical);
    }
    for (ty, data) in [
        ("risk_alert", r#"{"message":"m","severity":"HIGH"}"#),
        ("risk_alert", r#"{"message":"m","severity":"CRITICAL","resolved":true}"#),
        ("vault_update_A", r#"{"ltv":20,"liquidationThreshold":82.5}"#),
        ("vault_update_A", r#"{"full":true,"ltv":20,"maxLTV":75}"#),
        ("vault_update_A", r#"{"name":"Treasury"}"#),
        ("vault_update_A", r#"{"status":"CLOSED"}"#),
        ("market_data_1", "{}"),
        ("alert_state", r#"{"action":"ack"}"#),
    ] {
        assert_eq!(run("drop();", &message(ty, data)).outcome, Outcome::Dropped, "{ty} {data}");
    }
}

#[test]
fn what_levels_and_alerts_are_made_of_cannot_be_changed() {
    let vault =
        message("vault_update_A", r#"{"ltv":76.0,"debt":{"token":"USDC","valueUSD":"5"},"x":1}"#);
    for body in [
        "msg.data.ltv = 10; msg",
        "msg.data.ltv = 76.00; msg",
        "msg.data.status = \"CLOSED\"; msg",
        "msg.data.remove(\"ltv\"); msg",
        "msg.data.full = true; msg",
        "msg.data.liquidationThreshold = 99; msg",
        "msg.data.debt.valueUSD = 1; msg",
        "msg.data.vaultId = \"A\"; msg",
        "msg.type = \"vault_update_B\"; msg",
        "msg.timestamp += 1; msg",
        "#{data: #{}}",
    ] {
        refused(body, &vault);
    }
    let named = changed("msg.data.name = \"Treasury\"; msg.data.x = 2; msg", &vault);
    assert!(matches!(Payload::of(&named), Ok(Payload::Vault(..))));
    // Not valid any more.
    refused("msg.data.name = 5; msg", &vault);

    let critical = message("risk_alert", r#"{"message":"m","type":"CRITICAL"}"#);
    for body in [
        "msg.data.severity = \"LOW\"; msg",
        "msg.data.message = \"all is well\"; msg",
        "msg.data.resolved = true; msg",
        "msg.data.acknowledged = true; msg",
        "msg.data.title = \"\"; msg",
    ] {
        refused(body, &critical);
    }
    let _ = changed("msg.data.desk = \"risk\"; msg", &critical);
    let minor = message("risk_alert", r#"{"message":"m","vaultId":"A","severity":"MEDIUM"}"#);
    let _ = changed("msg.data.severity = \"CRITICAL\"; msg.data.message = \"worse\"; msg", &minor);
    refused("msg.data.resolved = true; msg", &minor);
    refused("msg.data.vaultId = \"B\"; msg", &minor);
    refused("msg.data.action = \"ack\"; msg", &message("alert_state", r#"{"action":"snooze"}"#));
    refused("msg.data.chainId = 2; msg", &message("market_data", r#"{"chainId":1}"#));
    let _ = changed("msg.data.gasPrice = 2; msg", &message("market_data", r#"{"chainId":1}"#));
    // No plugin makes up what an unreadable message said.
    refused("msg.data.ltv = 10; msg", &message("vault_update_A", r#"{"ltv":"high"}"#));
}

#[test]
fn custom_messages_are_emitted_and_nothing_else() {
    let note = message("note", "1");
    let report = run(r#"emit("my_type", #{a: 1.50}); emit("my_type", ());"#, &note);
    let ids: Vec<_> = report.emitted.iter().map(|m| m.id().unwrap()).collect();
    assert_eq!(ids, ["plugin-p-7-1", "plugin-p-7-2"]);
    assert_eq!(report.emitted[0].data(), br#"{"a":1.50}"#);
    assert_eq!(report.emitted[0].timestamp, UnixMillis(7));
    for ty in [
        "vault_update",
        "vault_update_A",
        "vault_update_",
        "market_data_1",
        "market_data_x",
        "system_status",
        "risk_alert",
        "alert_state",
        "heartbeat",
        "batch_update",
        "ack",
        "hello",
        "welcome",
        "",
        "a\\n",
    ] {
        let report = run(&format!("emit(\"{ty}\", 1)"), &note);
        assert_eq!(report.refused, [Refusal::Emit], "{ty}");
        assert_eq!(report.error.unwrap().kind, ErrorKind::Script, "{ty}");
        assert!(report.emitted.is_empty());
    }
    let report = run("emit(\"t\", || 1)", &note);
    assert_eq!(report.refused, [Refusal::Emit]);
}

#[test]
fn a_notification_needs_a_known_severity_and_a_title() {
    let note = message("note", "1");
    let report = run(r#"notify("CRITICAL", "t", "m");"#, &note);
    let [told] = &report.notifications[..] else { panic!("{report:?}") };
    assert_eq!(
        (told.plugin.as_str(), told.severity, told.title.as_str()),
        ("p", domain::Level::Critical, "t")
    );
    for body in [r#"notify("critical", "t", "m")"#, r#"notify("HIGH", " ", "m")"#] {
        let report = run(body, &note);
        assert_eq!(report.error.unwrap().kind, ErrorKind::Script);
        assert!(report.notifications.is_empty());
    }
    let report = run(r#"let t = ""; t.pad(9999, 'x'); notify("LOW", t, t);"#, &note);
    assert!(report.notifications[0].title.chars().count() <= 121);
    assert!(report.notifications[0].message.chars().count() <= 1_001);
}

#[test]
fn the_state_of_the_connection_is_shown() {
    let mut plugin = load(
        r#"fn on_state(s) { print(s.previous + " → " + s.state + type_of(s.cause)); if s.state == "failed" { drop(); } }"#,
    );
    let state = |state: &str| StateView {
        state: state.to_owned(),
        previous: Some("connecting".to_owned()),
        endpoint: "wss://feed.example".to_owned(),
        cause: None,
    };
    let report = plugin.on_state(&state("connected"), UnixMillis(0)).unwrap();
    assert_eq!((report.printed, report.error), (vec!["connecting → connected()".to_owned()], None));
    let report = plugin.on_state(&state("failed"), UnixMillis(0)).unwrap();
    assert_eq!(report.error.unwrap().kind, ErrorKind::Script, "there is nothing to drop");
    assert!(plugin.on_message(&message("a", "1"), &VaultProtection, UnixMillis(0)).is_none());
}

/// Pieces of scripts, good and bad, in any order.
fn statement() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        "\"[a-zA-Z_ ]{0,12}\"",
        Just("()".to_owned()),
        Just("true".to_owned()),
        Just("#{}".to_owned()),
        Just("[1, [2.5], #{a: ()}]".to_owned()),
        Just("|x| x".to_owned()),
        Just("\"CRITICAL\"".to_owned()),
        Just("\"CLOSED\"".to_owned()),
    ];
    let place = prop::sample::select(vec![
        "msg.type",
        "msg.id",
        "msg.timestamp",
        "msg.data",
        "msg",
        "msg.data.ltv",
        "msg.data.severity",
        "msg.data.status",
        "msg.data.message",
        "msg.data.chainId",
        "msg.data.priceFeeds",
        "msg.data.name",
        "this.x",
    ]);
    prop_oneof![
        (place, value.clone()).prop_map(|(place, value)| format!("{place} = {value};")),
        value.prop_map(|value| format!("emit(\"t\", {value});")),
        Just("drop();".to_owned()),
        Just("msg.data.remove(\"ltv\");".to_owned()),
        Just("return msg;".to_owned()),
        Just("return #{data: msg.data};".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever a script does, what leaves is a message the wire takes, valid where it was, and no critical is lost.
    #[test]
    fn no_script_gets_an_invalid_message_through(
        body in prop::collection::vec(statement(), 0..6),
        which in 0..5_usize,
    ) {
        let (ty, data) = [
            ("vault_update_A", r#"{"ltv":76.0,"status":"ACTIVE"}"#),
            ("risk_alert", r#"{"message":"m","severity":"CRITICAL"}"#),
            ("risk_alert", r#"{"message":"m","severity":"LOW"}"#),
            ("market_data_1", r#"{"chainId":1,"priceFeeds":{"ETH":1936.21}}"#),
            ("note", r#"{"a":0.10}"#),
        ][which];
        let before = message(ty, data);
        let source = format!("fn on_message(msg) {{ {} msg }}", body.join("\n"));
        let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
        let Ok(mut plugin) = Plugin::load("p", &source, limits) else { return Ok(()) };
        let report = plugin.on_message(&before, &VaultProtection, UnixMillis(7)).unwrap();
        let mut out = report.emitted;
        match report.outcome {
            Outcome::Changed(after) => {
                prop_assert!(Payload::of(&after).is_ok());
                prop_assert_eq!(VaultProtection.must_pass(&after) || !VaultProtection.must_pass(&before), true);
                out.push(after);
            }
            Outcome::Dropped => prop_assert!(!VaultProtection.must_pass(&before)),
            Outcome::Unchanged => {}
        }
        for message in out {
            let id = message.id();
            let data: Box<RawValue> = message.decode().unwrap();
            let again = Message::new(message.ty(), &data, message.timestamp, id);
            prop_assert_eq!(again.as_ref(), Ok(&message));
            let frame = bytes::Bytes::from(message.to_json());
            let read = wire::Frame::parse(frame);
            prop_assert!(matches!(read, Ok(wire::Frame::Single(_))), "{:?}", read);
        }
    }
}
