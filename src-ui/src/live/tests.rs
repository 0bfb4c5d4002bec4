use domain::Level;
use domain::view::TickKind;

use super::fixture::{Row, notification, row};
use super::*;

fn batch(kind: TickKind, rows: &[Row]) -> TickBatch {
    let vaults = rows.iter().map(|row| row.0.clone()).collect();
    TickBatch { seq: 1, kind, vaults, markets: Vec::new(), totals: None }
}

fn vaults(live: &Live) -> Vec<String> {
    live.read(|state| {
        state
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Vault(id) => Some(id.to_string()),
                Line::Header { .. } => None,
            })
            .collect()
    })
}

#[test]
fn where_nothing_comes_in_any_more_nothing_looks_live() {
    let live = Live::default();
    live.tick(batch(TickKind::Reset, &[row("A").critical("7")]), UnixMillis(0));
    live.cut_off("it does not answer");
    live.read(|state| {
        let entry = state.board.vaults().next().unwrap();
        assert_eq!(entry.row.freshness, domain::view::Freshness::Stale);
        assert_eq!(state.trouble.as_deref(), Some("it does not answer"));
    });
    // Until it does.
    live.tick(batch(TickKind::Reset, &[row("A").critical("7")]), UnixMillis(1));
    let fresh = live.read(|state| state.board.vaults().next().unwrap().row.freshness);
    assert_eq!(fresh, domain::view::Freshness::Live);
}

#[test]
fn held_lines_stay_where_they_are_and_say_how_many_moved() {
    let live = Live::default();
    let start = [row("A").critical("3"), row("B").critical("5"), row("C").low("40")];
    live.tick(batch(TickKind::Reset, &start), UnixMillis(0));
    assert_eq!(vaults(&live), ["A", "B", "C"]);
    live.hold(Hold::Held, UnixMillis(10));
    live.tick(batch(TickKind::Update, &[row("C").critical("1")]), UnixMillis(10_000));
    live.clock(UnixMillis(10_001));
    assert_eq!(vaults(&live), ["A", "B", "C"]);
    assert_eq!(live.read(|state| state.moved), 1);
    live.resume(UnixMillis(11_000));
    assert_eq!(vaults(&live), ["C", "A", "B"]);
    assert_eq!(live.read(|state| state.moved), 0);
}

/// `#critical 2` for a header, the id for a vault.
fn lines(live: &Live) -> Vec<String> {
    live.read(|state| {
        let line = |line: &Line| match line {
            Line::Header { section, count, .. } => format!("#{} {count}", section.name()),
            Line::Vault(id) => id.to_string(),
        };
        state.lines.iter().map(line).collect()
    })
}

/// A row that had become critical stood among the high ones for up to five seconds, under a strip that counted it.
#[test]
fn what_becomes_critical_or_high_stands_there_at_once() {
    let live = Live::default();
    let start = [row("A").critical("3"), row("B").high("9"), row("C").low("40")];
    live.tick(batch(TickKind::Reset, &start), UnixMillis(0));
    live.tick(batch(TickKind::Update, &[row("B").critical("7")]), UnixMillis(1_000));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#low 1", "C"]);
    // A moment later it waits for the clock, which comes four times a second.
    live.tick(batch(TickKind::Update, &[row("C").high("12")]), UnixMillis(1_100));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#low 1", "C"]);
    live.clock(UnixMillis(1_250));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#high 1", "C"]);
    // What becomes better is in no hurry.
    live.tick(batch(TickKind::Update, &[row("C").low("41")]), UnixMillis(3_000));
    live.clock(UnixMillis(3_000));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#high 1", "C"]);
    live.clock(UnixMillis(6_250));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#low 1", "C"]);
}

#[test]
fn what_becomes_critical_under_the_pointer_stays_and_is_counted() {
    let live = Live::default();
    let start = [row("A").critical("3"), row("B").high("9"), row("C").low("40")];
    live.tick(batch(TickKind::Reset, &start), UnixMillis(0));
    live.hold(Hold::Held, UnixMillis(10));
    live.tick(batch(TickKind::Update, &[row("B").critical("7")]), UnixMillis(1_000));
    live.clock(UnixMillis(1_200));
    // As many as the headers say stand below them, although one is worse by now.
    assert_eq!(lines(&live), ["#critical 1", "A", "#high 1", "B", "#low 1", "C"]);
    assert_eq!(live.read(|state| state.moved), 1);
    live.hold(Hold::Free, UnixMillis(1_300));
    assert_eq!(lines(&live), ["#critical 2", "A", "B", "#low 1", "C"]);
    assert_eq!(live.read(|state| state.moved), 0);
}

/// It is what a page spends its time on while everything moves.
#[test]
fn values_alone_are_no_news_to_those_who_show_the_view() {
    let live = Live::default();
    let told = Rc::new(std::cell::Cell::new(0));
    let count = Rc::clone(&told);
    let _listening = live.listen(Topic::View, Rc::new(move || count.set(count.get() + 1)));
    live.tick(batch(TickKind::Reset, &[]), UnixMillis(0));
    assert_eq!(told.get(), 1, "the skeleton ends, though there is no vault");
    live.tick(batch(TickKind::Update, &[row("A").low("40")]), UnixMillis(300));
    assert_eq!(told.get(), 2, "a vault came");
    live.tick(batch(TickKind::Update, &[row("A").low("41")]), UnixMillis(600));
    assert_eq!(told.get(), 2);
}

#[test]
fn a_search_shows_at_once_even_while_held() {
    let live = Live::default();
    live.tick(batch(TickKind::Reset, &[row("A"), row("B")]), UnixMillis(0));
    live.hold(Hold::Held, UnixMillis(10));
    live.change_view(|view| view.search = "b".to_owned(), UnixMillis(20));
    assert_eq!(vaults(&live), ["B"]);
}

#[test]
fn the_keyboard_walks_over_vaults_and_stops_at_the_ends() {
    let live = Live::default();
    let rows = [row("A").critical("1"), row("B").low("40"), row("C").low("50")];
    live.tick(batch(TickKind::Reset, &rows), UnixMillis(0));
    let step = |distance| {
        let next = live.read(|state| state.neighbour(distance));
        live.select(next.clone());
        next.unwrap().to_string()
    };
    assert_eq!([step(1), step(1), step(1), step(1)], ["A", "B", "C", "C"]);
    assert_eq!([step(-1), step(-9)], ["B", "A"]);
}

#[test]
fn lines_are_chosen_one_by_one_and_in_ranges() {
    let live = Live::default();
    let rows = [row("A").critical("1"), row("B").low("40"), row("C").low("50")];
    live.tick(batch(TickKind::Reset, &rows), UnixMillis(0));
    let id = |name: &str| VaultId::new(name).unwrap();
    let chosen =
        || live.read(|state| state.chosen_rows().map(|row| row.id.to_string()).collect::<Vec<_>>());
    assert!(chosen().is_empty());
    live.select(Some(id("B")));
    assert_eq!(chosen(), ["B"]);
    live.choose_also(&id("A"));
    assert_eq!(chosen(), ["A", "B"], "the one the keyboard was on is the first");
    live.choose_to(&id("C"));
    assert_eq!(chosen(), ["A", "B", "C"]);
    live.choose_also(&id("B"));
    assert_eq!(chosen(), ["A", "C"]);
    live.select(Some(id("C")));
    assert_eq!(chosen(), ["C"]);
    live.choose_all();
    assert_eq!(chosen().len(), 3);
}

#[test]
fn many_notifications_at_once_are_told_once_and_in_their_order() {
    let live = Live::default();
    let told = Rc::new(std::cell::Cell::new(0));
    let count = Rc::clone(&told);
    let _listening = live.listen(Topic::Inbox, Rc::new(move || count.set(count.get() + 1)));
    let raised = |id| WindowEvent::Notification(notification(id, Level::Critical));
    let mut events: Vec<_> = (1..=500).map(raised).collect();
    events.push(WindowEvent::Dismissed(NotificationId(7)));
    live.events(events, UnixMillis(0));
    assert_eq!(live.read(|state| state.inbox.all().len()), 499);
    assert_eq!(told.get(), 1);
    live.events(vec![WindowEvent::Dismissed(NotificationId(8)), raised(8)], UnixMillis(1));
    assert!(live.read(|state| state.inbox.get(NotificationId(8)).is_some()));
}

#[test]
fn what_was_done_can_be_taken_back_for_ten_seconds() {
    let live = Live::default();
    live.offer_undo(Some(Undo::new(Done::Acknowledged, vec![NotificationId(1)], UnixMillis(0))));
    live.clock(UnixMillis(9_999));
    assert!(live.read(|state| state.undo.is_some()));
    live.clock(UnixMillis(10_000));
    assert!(live.read(|state| state.undo.is_none()));
}
