//! How often and how loud somebody is told.

use alerts::QuietHours;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::desk::*;

fn critical() -> Desk {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d
}

#[test]
fn an_unanswered_critical_is_told_again_after_2_5_and_10_min_then_every_15() {
    let mut d = critical();
    d.after(60 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 2, 5, 10, 25, 40, 55]);
    assert_eq!(d.only().occurrences, 7);
    assert_eq!(d.live.len(), 1, "in place");
}

#[test]
fn an_acknowledged_one_is_not_told_again_until_it_is_worse() {
    let mut d = critical();
    let effects = d.ack();
    assert_eq!(changes(&effects), [("ack", Level::Critical)]);
    assert_eq!(withdrawn(&effects), [d.only().id]);
    assert_eq!(d.only().acknowledged.unwrap().by, "you");
    d.after(29 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0]);
    d.ltv("A", "78.5"); // 4.8 % left
    assert_eq!(d.shown_since(Desk::START), [0, 29]);
    assert_eq!(d.only().acknowledged, None);
    d.after(6 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 29, 31, 34], "its repeats begin anew");
}

#[test]
fn an_acknowledgement_lapses_after_half_an_hour_of_what_is_critical_still() {
    let mut d = critical();
    d.ack();
    d.after(30 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 30]);
    assert_eq!(d.only().state, NotificationState::Firing);
}

#[test]
fn high_is_told_in_the_center_every_hour_and_medium_once_a_day() {
    let mut d = Desk::new();
    d.ltv("H", "71");
    d.ltv("M", "63");
    let day = d.after(24 * HOUR);
    let repeats =
        changes(&day).into_iter().filter(|(what, _)| *what == "repeat").collect::<Vec<_>>();
    assert_eq!(repeats, [("repeat", Level::High); 23]);
    assert_eq!(d.shown_since(Desk::START), [] as [u64; 0]);
    let digests = day.iter().filter_map(|effect| match effect {
        Effect::Changed(changed) if changed.condition == Condition::notice() => Some(&changed.view),
        _ => None,
    });
    let digests: Vec<_> = digests.collect();
    assert_eq!(digests.len(), 1);
    assert_eq!(digests[0].title, "1 vault to keep an eye on");
    assert_eq!(digests[0].message, "M: 23.6 % to liquidation.");
    assert_eq!(digests[0].timestamp, Desk::START.plus(21 * HOUR), "at nine in the morning");
}

#[test]
fn a_value_that_flaps_around_the_line_for_an_hour_is_one_alert() {
    let flap = |acknowledged: bool| {
        let mut d = critical();
        if acknowledged {
            d.ack();
        }
        let mut told = Vec::new();
        for second in 0..3_600 {
            told.extend(changes(&d.ltv("A", if second % 2 == 0 { "75.95" } else { "75.85" })));
            told.extend(changes(&d.after(SECOND)));
        }
        told.retain(|(what, _)| *what != "update" && *what != "repeat");
        (d, told)
    };
    let (d, told) = flap(true);
    assert_eq!(told, [], "raised before, and that was all");
    assert_eq!(d.shown_since(Desk::START), [0], "acknowledged at once: one in all");
    let suppressed = d.only().suppressed;
    assert!((1_790..=1_800).contains(&suppressed), "{suppressed} crossings were not told");
    let (d, _) = flap(false);
    assert_eq!(
        d.shown_since(Desk::START),
        [0, 2, 5, 10, 25, 40, 55],
        "the repeats and nothing else"
    );
}

#[test]
fn nobody_answers_and_it_gets_louder() {
    let mut d = critical();
    assert!(d.log.contains(&(Desk::START, Effect::Alarm(Alarm { sound: false, attention: true }))));
    d.after(5 * MINUTE);
    let at = |fits: &dyn Fn(&Effect) -> bool| {
        let found = d.log.iter().filter(|(_, effect)| fits(effect));
        found.map(|(at, _)| at.since(Desk::START).as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(
        at(&|effect| *effect == Effect::Alarm(Alarm { sound: true, attention: true })),
        [120]
    );
    assert_eq!(at(&|effect| matches!(effect, Effect::CallOut(_))), [240], "once");
    let escalated = |stage| {
        at(&|effect| matches!(effect, Effect::Changed(c) if c.change == Change::Escalated(stage)))
    };
    assert_eq!((escalated(Stage::Sound), escalated(Stage::OtherChannels)), (vec![120], vec![240]));
    let effects = d.ack();
    assert!(effects.contains(&Effect::Alarm(Alarm::default())), "silence");
    let called_off = effects.iter().find_map(|effect| match effect {
        Effect::CallOut(call) => Some(call.kind),
        _ => None,
    });
    assert_eq!(called_off, Some(CallOutKind::Acknowledged));
}

#[test]
fn an_answer_within_two_minutes_keeps_it_quiet() {
    let mut d = critical();
    d.after(Duration::from_secs(110));
    d.ack();
    d.after(20 * MINUTE);
    assert!(!d.log.iter().any(|(_, effect)| match effect {
        Effect::Alarm(alarm) => alarm.sound,
        Effect::CallOut(_) => true,
        _ => false,
    }));
}

fn nightly() -> Policy {
    let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let quiet = QuietHours { from: time(23), to: time(7), zone: zone.clone() };
    Policy { quiet_hours: Some(quiet), notify_from: Level::High, zone, ..Policy::default() }
}

#[test]
fn quiet_hours_keep_back_what_is_not_critical_and_tell_it_when_they_end() {
    let mut d = Desk::with(nightly());
    d.now = UnixMillis(Desk::START.0 + 10 * 3_600_000 + 60_000); // 23:01 in Berlin
    let night = d.now;
    d.ltv("H", "71");
    d.after(61 * MINUTE);
    assert_eq!(d.shown_since(night), [] as [u64; 0]);
    assert_eq!(d.only().suppressed, 2, "told and repeated in vain");
    d.ltv("C", "77");
    assert_eq!(d.shown_since(night), [61], "a critical one pierces them");
    let c = d.engine.open().find(|one| one.severity == Level::Critical).unwrap().id;
    d.act(Act::Acknowledge(vec![c]));
    d.ltv("C", "60");
    d.after(450 * MINUTE);
    assert_eq!(d.shown_since(night), [61, 479], "at 07:00");
}

#[test]
fn a_liquidation_and_an_exposed_dead_feed_pierce_quiet_hours_a_mere_dead_feed_does_not() {
    for (exposed, told) in [(1, 1), (0, 0)] {
        let mut d = Desk::with(nightly());
        d.now = UnixMillis(Desk::START.0 + 11 * 3_600_000);
        d.exposure = Exposure {
            feed: "Acme".into(),
            vaults: 3,
            critical: 0,
            at_risk: exposed,
            ..Exposure::default()
        };
        d.step(Input::FeedLost);
        assert_eq!(shown(&d.after(5 * MINUTE)).len().min(1), told, "{exposed} exposed");
    }
    let mut d = Desk::with(nightly());
    d.now = UnixMillis(Desk::START.0 + 11 * 3_600_000);
    d.open("A", "60");
    assert_eq!(shown(&d.update("A", r#"{"status":"LIQUIDATED"}"#)).len(), 1);
}

#[test]
fn what_was_not_confirmed_is_shown_again_every_10_s() {
    let mut d = Desk::new();
    d.confirms = false;
    d.ltv("A", "77");
    let id = d.only().id;
    let failed = d.act(Act::Undelivered { id, cause: "no service".into() });
    let failure = domain::view::DeliveryView::Failed("no service".into());
    assert_eq!(last(&failed).delivery, failure);
    assert_eq!(shown(&d.after(Duration::from_secs(9))).len(), 0);
    assert_eq!(shown(&d.after(SECOND)).len(), 1);
    d.confirms = true;
    d.after(Duration::from_secs(10));
    assert!(matches!(d.only().delivery, domain::view::DeliveryView::Shown(_)));
    assert_eq!(shown(&d.after(Duration::from_secs(60))).len(), 0);
}

#[test]
fn what_could_not_be_shown_for_long_says_so_when_it_is() {
    let mut d = Desk::new();
    d.confirms = false;
    d.ltv("A", "77");
    let id = d.only().id;
    let fail = |d: &mut Desk| d.act(Act::Undelivered { id, cause: "no service".into() });
    fail(&mut d);
    for _ in 0..120 {
        d.after(10 * SECOND);
        fail(&mut d);
    }
    d.restart();
    d.confirms = true;
    let effects = d.after(10 * SECOND);
    let body = shown(&effects)[0].body.clone();
    assert!(body.ends_with(" Not shown since 12:00."), "{body}");
    assert!(d.only().late, "and the center marks it");
    assert!(!d.only().message.contains("Not shown"), "there it was to be seen all the time");
    // Told again, it says no more of that.
    let again = d.after(20 * MINUTE);
    assert!(
        !shown(&again).is_empty() && shown(&again).iter().all(|s| !s.body.contains("Not shown"))
    );

    // A retry or two are nobody's concern.
    let mut d = Desk::new();
    d.confirms = false;
    d.ltv("A", "77");
    fail(&mut d);
    d.after(9 * SECOND);
    d.confirms = true;
    let effects = d.after(SECOND);
    assert!(!shown(&effects)[0].body.contains("Not shown") && !d.only().late);
}

#[test]
fn in_the_nights_in_which_the_clock_is_set_quiet_hours_end_by_the_clock_on_the_wall() {
    for (evening, minutes) in [
        (1_782_853_260_000, 479), // 2026-06-30 23:01 CEST, an ordinary night
        (1_792_875_660_000, 539), // 2026-10-24 23:01 CEST: the hour from 2 to 3 comes twice
        (1_774_735_260_000, 419), // 2026-03-28 23:01 CET: it is left out
    ] {
        let mut d = Desk::with(nightly());
        d.now = UnixMillis(evening);
        d.ltv("H", "71");
        d.after(10 * HOUR);
        let told = d.shown_since(UnixMillis(evening));
        assert_eq!(told.first(), Some(&minutes), "{told:?}");
    }
}

#[test]
fn a_demo_wakes_nobody_after_its_first_notification() {
    let mut d = Desk::with(Policy { demo: true, ..Policy::default() });
    let first = d.ltv("A", "80");
    assert_eq!(shown(&first)[0].title, "DEMO A: 3.0 % to liquidation");
    d.ltv("B", "80");
    d.after(HOUR);
    d.update("B", r#"{"status":"LIQUIDATED"}"#);
    assert_eq!(d.shown_since(Desk::START), [0]);
    assert!(!d.log.iter().any(|(_, e)| matches!(e, Effect::Alarm(_) | Effect::CallOut(_))));
    assert_eq!(shown(&d.act(Act::TestCritical)).len(), 1, "but whoever asks gets a test");
}

#[test]
fn a_test_is_seen_heard_and_over_in_a_minute() {
    let mut d = Desk::new();
    let effects = d.act(Act::TestCritical);
    assert_eq!(shown(&effects)[0].title, "Test: this is what a critical alert looks like");
    assert!(effects.contains(&Effect::Alarm(Alarm { sound: true, attention: true })));
    assert_eq!(changes(&d.act(Act::TestCritical)), [], "one at a time");
    let over = d.after(MINUTE);
    assert_eq!(changes(&over), [("resolve", Level::Critical)]);
    assert!(over.contains(&Effect::Alarm(Alarm::default())) && d.live.is_empty());
    d.act(Act::TestCritical);
    assert_eq!(changes(&d.ack()), [("resolve", Level::Critical)], "an answer ends it, too");
}

#[test]
fn notices_are_told_once() {
    let mut d = Desk::new();
    let notice = |severity| Act::Notice {
        severity,
        title: "Nothing is watched".into(),
        message: "See the settings.".into(),
        target: domain::view::Target::System,
    };
    assert_eq!(shown(&d.act(notice(Level::High))).len(), 0);
    assert_eq!(shown(&d.act(notice(Level::Critical))).len(), 1);
    assert_eq!(changes(&d.after(25 * HOUR)), []);
    assert_eq!(d.engine.open().count(), 0, "after a day nothing is left to be answered");
}
