//! What platforms, clocks and people do to it.

use crate::desk::*;

#[test]
fn the_same_alert_ten_thousand_times_without_an_id() {
    let mut d = Desk::new();
    let alert = r#"{"vaultId":"A","category":"MARKET_RISK","severity":"CRITICAL","message":"m"}"#;
    let mut all = Vec::new();
    for _ in 0..10_000 {
        all.extend(d.platform(alert));
    }
    assert_eq!(shown(&all).len(), 1);
    let told = changes(&all);
    assert_eq!(told.iter().filter(|(what, _)| *what == "raise").count(), 1);
    assert!(told.len() < 20, "{} changes", told.len());
    d.platform(&alert.replace("CRITICAL\"", "CRITICAL\",\"title\":\"t\""));
    assert_eq!(d.only().suppressed, 10_000);
}

#[test]
fn two_platforms_disagree() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    let says = |severity: &str, resolved: bool| {
        format!(
            r#"{{"vaultId":"A","category":"LTV","severity":"{severity}","resolved":{resolved},"message":"m"}}"#
        )
    };
    for _ in 0..100 {
        d.platform(&says("LOW", false));
        d.platform(&says("CRITICAL", false));
        d.platform(&says("CRITICAL", true));
        d.after(SECOND);
    }
    assert_eq!(d.only().severity, Level::Critical, "our own figures have the last word");
    assert_eq!(d.shown_since(Desk::START), [0], "and nobody is woken by a quarrel");
}

#[test]
fn a_clock_set_back_an_hour_silences_nothing() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(MINUTE);
    d.now = d.now.minus(HOUR);
    let from = d.now;
    d.log.clear();
    d.after(10 * MINUTE);
    assert_eq!(d.shown_since(from), [1, 4, 9], "2, 5 and 10 min after it was raised");
    let id = d.only().id;
    d.act(Act::Snooze { ids: vec![id], until: d.now.plus(10 * MINUTE) });
    d.after(MINUTE);
    d.now = d.now.minus(HOUR);
    let from = d.now;
    d.log.clear();
    d.after(10 * MINUTE);
    assert_eq!(d.shown_since(from), [9]);
}

#[test]
fn whatever_a_title_holds_it_stays_one_line_within_bounds() {
    for text in [
        "<b>bold</b> & <script>alert(1)</script>",
        "مرحبا ETH \u{202e}evil",
        "🚨🏦💥",
        "a\nb\tc\u{0}d",
        &"x".repeat(10_000),
    ] {
        let mut d = Desk::new();
        let alert = serde_json::json!({
            "vaultId": "A", "severity": "CRITICAL", "category": "MARKET_RISK", "title": text, "message": text,
        });
        let effects = d.platform(&alert.to_string());
        let showing = shown(&effects)[0].clone();
        assert!(showing.title.chars().count() <= 120 && showing.body.chars().count() <= 1_000);
        assert!(
            !showing.title.contains(char::is_control) && !showing.body.contains(char::is_control)
        );
        assert!(!showing.title.contains('\u{202e}'), "an override turns what follows it around");
        d.restart();
        assert_eq!(d.only().title, showing.title, "it is kept as it was told");
    }
}

#[test]
fn memory_that_cannot_be_read_is_left_out() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    for (key, value) in
        [("v:A", "{"), ("a:1", "[]"), ("g", "null"), ("x:?", ""), ("c:nonsense", "{}")]
    {
        d.memory.insert(key.to_owned(), value.to_owned());
    }
    d.restart();
    assert_eq!(changes(&d.ltv("A", "77")), [("raise", Level::Critical)], "better twice than never");
}
