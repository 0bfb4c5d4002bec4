//! What the recording says, in the language that is spoken. It is recorded in English; `recorded.de.json` has the German
//! text for each one, as the core would write it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::view::{EvidenceView, NotificationView, ProfileView, WindowEvent};

use crate::words::{self, Language};

/// Stands in a text, and in the German one, for what is the same in both, such as a vault's name.
pub(super) const HOLE: &str = "{}";

static GERMAN: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let texts = include_str!("recorded.de.json");
    serde_json::from_str(texts).expect("the German texts are part of this build")
});

/// In the language that is spoken now.
pub(super) fn text(english: &str) -> String {
    let german = match words::language() {
        Language::English => None,
        Language::German => german(english),
    };
    german.unwrap_or_else(|| english.to_owned())
}

fn german(english: &str) -> Option<String> {
    if let Some(german) = GERMAN.get(english) {
        return Some((*german).to_owned());
    }
    GERMAN.iter().find_map(|(from, to)| {
        let (before, after) = from.split_once(HOLE)?;
        let same = english.strip_prefix(before)?.strip_suffix(after)?;
        Some(to.replacen(HOLE, same, 1))
    })
}

pub(super) fn put(english: &mut String) {
    *english = text(english);
}

pub(super) fn notifications(all: &mut [NotificationView]) {
    all.iter_mut().for_each(notification);
}

/// By the worst alert of each.
pub(super) fn profiles(all: &mut [ProfileView]) {
    all.iter_mut().filter_map(|one| one.headline.as_mut()).for_each(put);
}

pub(super) fn event(mut event: WindowEvent) -> WindowEvent {
    match &mut event {
        WindowEvent::Notification(one) => notification(one),
        WindowEvent::Profiles(all) => profiles(all),
        _ => {}
    }
    event
}

fn notification(one: &mut NotificationView) {
    put(&mut one.title);
    put(&mut one.message);
    if let Some(action) = &mut one.action {
        put(&mut action.label);
    }
    if let Some(known) = &mut one.evidence {
        evidence(known);
    }
}

fn evidence(known: &mut EvidenceView) {
    put(&mut known.rule);
    [&mut known.threshold, &mut known.cure].into_iter().flatten().for_each(put);
    [&mut known.previous, &mut known.current, &mut known.liquidation_price]
        .into_iter()
        .flatten()
        .for_each(figure);
    for line in &mut known.figures {
        put(&mut line.label);
        figure(&mut line.value);
    }
}

/// Figures alone, between which no word stands.
fn figure(english: &mut String) {
    *english = words::local(std::mem::take(english));
}
