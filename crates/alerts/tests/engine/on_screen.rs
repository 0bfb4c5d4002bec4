//! What is on the operating system's screen, for whoever shows it and begins anew; and what became of it when the service
//! that showed it was gone for a while.

use alerts::Showing;
use domain::view::DeliveryView;

use crate::desk::*;

/// As the next start is told.
fn after_a_crash(d: &mut Desk) -> Vec<Showing> {
    d.restart();
    d.engine.on_screen(d.now)
}

fn ids(showings: &[Showing]) -> Vec<NotificationId> {
    showings.iter().map(|showing| showing.id).collect()
}

#[test]
fn what_is_on_the_screen_is_told_quietly_and_with_its_time() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.ltv("B", "77");
    d.after(MINUTE);
    let b = d.engine.open().find(|one| one.vault == Some(id("B"))).unwrap().id;
    d.act(Act::Acknowledge(vec![b]));
    let screen = after_a_crash(&mut d);
    let a = d.engine.open().find(|one| one.vault == Some(id("A"))).unwrap().clone();
    assert_eq!(ids(&screen), [a.id], "what was answered is not there any more");
    assert_eq!((screen[0].title.as_str(), screen[0].sound), (a.title.as_str(), false));
    assert_eq!(screen[0].body, format!("{} As of 12:00.", a.message));
    assert_eq!(screen[0].target, domain::view::Target::Vault(id("A")));
    d.ltv("A", "50");
    d.after(2 * MINUTE + SECOND);
    assert!(after_a_crash(&mut d).is_empty(), "nor is what is over");
}

#[test]
fn many_are_there_as_they_were_shown_in_one() {
    let mut d = Desk::new();
    for n in 0..20 {
        d.ltv(&format!("V{n:02}"), "76");
    }
    d.after(2 * SECOND);
    let screen = after_a_crash(&mut d);
    assert_eq!(screen.len(), 1);
    assert!(screen[0].title.starts_with("20 vaults critical"), "{}", screen[0].title);

    let mut d = Desk::new();
    for n in 0..9 {
        let name = format!("P{n}");
        d.platform(&format!(
            r#"{{"vaultId":"{name}","category":"MARKET_RISK","severity":"CRITICAL","title":"{name} at risk","message":"m"}}"#
        ));
    }
    d.after(5 * SECOND);
    let screen = after_a_crash(&mut d);
    assert_eq!(ids(&screen).first(), Some(&NotificationId::SUMMARY));
    assert_eq!(ids(&screen), d.live.iter().copied().collect::<Vec<_>>());
    assert!(screen[0].title.contains("alerts, ") && !screen[0].sound, "{screen:?}");
}

#[test]
fn what_is_not_for_the_screen_by_the_settings_of_now_is_not_there() {
    let mut d = Desk::with(Policy { notify_from: Level::High, ..Policy::default() });
    d.ltv("A", "71");
    d.ltv("B", "77");
    d.after(MINUTE);
    assert_eq!(after_a_crash(&mut d).len(), 2);
    d.engine.set_policy(Policy::default());
    let screen = after_a_crash(&mut d);
    assert_eq!(screen.len(), 1, "high goes to the center alone: {screen:?}");
    assert_eq!(screen[0].severity, Level::Critical);
}

#[test]
fn telling_it_changes_nothing() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(MINUTE);
    let memory = d.memory.clone();
    assert_eq!(d.engine.on_screen(d.now).len(), 1);
    assert_eq!(d.engine.take_memory(), []);
    assert_eq!(d.memory, memory);
    d.after(9 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 2, 5, 10]);
}

#[test]
fn a_service_that_was_gone_and_shows_it_again_is_believed() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    let id = d.only().id;
    d.after(10 * SECOND);
    let failed = d.act(Act::Undelivered { id, cause: "no service".into() });
    assert_eq!(last(&failed).delivery, DeliveryView::Failed("no service".into()));
    // The service is back, and the notifier has shown it by itself.
    d.after(3 * SECOND);
    d.act(Act::Delivered(id));
    assert_eq!(d.only().delivery, DeliveryView::Shown(d.now));
    let repeated = d.after(2 * MINUTE);
    assert_eq!(shown(&repeated).len(), 1, "only its repeat");
    assert!(!shown(&repeated)[0].body.contains("Not shown"), "it was there all the time");

    // It does not come back by itself: tried again, every 10 s.
    let mut d = Desk::new();
    d.ltv("A", "77");
    let id = d.only().id;
    d.after(10 * SECOND);
    d.confirms = false;
    d.act(Act::Undelivered { id, cause: "no service".into() });
    d.restart();
    assert_eq!(shown(&d.after(9 * SECOND)).len(), 0);
    assert_eq!(shown(&d.after(SECOND)).len(), 1);
}
