use alerts::rule::RuleWatch;
use proptest::prelude::*;

use crate::{World, book};

const RULES: &str = r#"
[[rule]]
name = "ltv"
metric = "ltv"
when = "above"
recovery = "5s"
levels.medium = { enter = 60, exit = 55, for = "4s" }
levels.high = { enter = 70, exit = 65, for = "2s" }
levels.critical = { enter = 80, exit = 78 }
[[rule]]
name = "room"
metric = "room"
when = "below"
enter = 20
exit = 25
severity = "high"
for = "3s"
recovery = "3s"
no_data = "alert"
[[rule]]
name = "climb"
metric = "ltv"
change = "absolute"
over = "12s"
when = "above"
enter = 8
exit = 6
severity = "medium"
for = "1s"
recovery = "1s"
[[rule]]
name = "fall"
metric = "price"
token = "WETH"
change = "percent"
over = "15s"
when = "below"
enter = -10
exit = -8
severity = "critical"
recovery = "2s"
"#;

#[derive(Clone, Debug)]
enum Event {
    Ltv { vault: u8, ltv: u32 },
    Limit { vault: u8, limit: Option<u32> },
    Price(u32),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0u8..3, 40u32..95).prop_map(|(vault, ltv)| Event::Ltv { vault, ltv }),
        1 => (0u8..3, prop::option::of(70u32..99)).prop_map(|(vault, limit)| Event::Limit { vault, limit }),
        2 => (800u32..2_000).prop_map(Event::Price),
    ]
}

fn apply(world: &mut World, event: &Event, second: i64) -> Vec<String> {
    match event {
        Event::Ltv { vault, ltv } => {
            world.vault(&format!("V{vault}"), &format!("{{\"ltv\":{ltv}}}"), second)
        }
        Event::Limit { vault, limit } => {
            let limit = limit.map_or("null".to_owned(), |limit| limit.to_string());
            world.vault(
                &format!("V{vault}"),
                &format!("{{\"liquidationThreshold\":{limit}}}"),
                second,
            )
        }
        Event::Price(usd) => {
            world.market(1, &format!("{{\"priceFeeds\":{{\"WETH\":{usd}}}}}"), second)
        }
    }
}

/// Everything that came of the events, a tick after each second; `broken` says where the program ends and begins anew.
fn play(events: &[Vec<Event>], broken: &[bool]) -> Vec<Vec<String>> {
    let mut world = World::new(RULES);
    let mut kept: Vec<(String, String)> = Vec::new();
    let mut all = Vec::new();
    let mut breaks = broken.iter().copied().cycle();
    let mut restart = |world: &mut World| {
        for (key, value) in world.watch.take_memory() {
            kept.retain(|(known, _)| known != key.as_str());
            if !value.is_empty() {
                kept.push((key.to_string(), value));
            }
        }
        if breaks.next() == Some(true) {
            world.watch = RuleWatch::new(book(RULES));
            for (key, value) in &kept {
                world.watch.remember(key, value);
            }
        }
    };
    for (second, events) in (0..).zip(events) {
        let mut told = Vec::new();
        for event in events {
            told.extend(apply(&mut world, event, second));
            restart(&mut world);
        }
        told.extend(world.tick(second));
        restart(&mut world);
        all.push(told);
    }
    all
}

/// Raised and not over, per condition: each at most once.
fn check_courses(all: &[Vec<String>]) -> Result<(), TestCaseError> {
    let mut open = std::collections::HashSet::new();
    for told in all.iter().flatten() {
        let condition = told.split(['[', ']']).nth(1).unwrap().to_owned();
        match told.split(' ').next().unwrap() {
            "raise" => prop_assert!(open.insert(condition), "raised twice: {told}"),
            "over" => prop_assert!(open.remove(&condition), "over twice: {told}"),
            _ => prop_assert!(open.contains(&condition), "changed while closed: {told}"),
        }
    }
    Ok(())
}

/// Without what follows figures quietly, whose times a restart forgets, and without rules that look back: a window of a
/// vault about which nothing is open is not kept.
fn loud(all: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let quiet = |told: &String| {
        told.starts_with("update") || told.contains("rule:climb") || told.contains("rule:fall")
    };
    all.into_iter().map(|told| told.into_iter().filter(|t| !quiet(t)).collect()).collect()
}

fn seconds() -> impl Strategy<Value = Vec<Vec<Event>>> {
    prop::collection::vec(prop::collection::vec(event(), 0..5), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Where one batch ends and the next begins, even with the end of the program between them, changes nothing.
    #[test]
    fn boundaries_change_nothing(events in seconds(), broken in prop::collection::vec(any::<bool>(), 1..20)) {
        let whole = play(&events, &[false]);
        let apart = play(&events, &broken);
        check_courses(&whole)?;
        check_courses(&apart)?;
        prop_assert_eq!(loud(whole), loud(apart));
    }

    /// A level that holds for as long as its rule says is told of within that time and a tick.
    #[test]
    fn what_holds_is_told(level in 80u32..95, from in 0i64..10) {
        let mut world = World::new(RULES);
        let mut told = Vec::new();
        told.extend(apply(&mut world, &Event::Ltv { vault: 0, ltv: level }, from));
        told.extend(world.tick(from));
        prop_assert!(told.iter().any(|t| t.starts_with("raise Critical [rule:ltv V0]")), "{:?}", told);
    }
}
