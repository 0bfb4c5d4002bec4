//! Plays the recording, as the scene wants it: the first batch, then one after the other from the front again.

use std::cell::RefCell;
use std::rc::Rc;

use domain::VaultId;
use domain::view::{
    FeedView, Freshness, NotificationId, NotificationView, TickBatch, TickKind, VaultRow,
    WindowEvent,
};

use super::language::HOLE;
use super::profiles::{self, Part};
use super::recording::{read, recording};
use super::scene::Scene;
use super::{State, tell};
use crate::backend::{BackendError, Sinks};
use crate::clock;

/// Milliseconds from one batch to the next.
const PACE: i32 = 900;

pub(super) fn play(
    (scene, part): (Scene, Part),
    state: &Rc<RefCell<State>>,
    sinks: Sinks,
    feed: FeedView,
) {
    if matches!(scene, Scene::Connecting | Scene::Unreachable | Scene::Refused) {
        return;
    }
    let empty = TickBatch {
        seq: 1,
        kind: TickKind::Reset,
        vaults: Vec::new(),
        markets: Vec::new(),
        totals: None,
    };
    let mut first = match scene {
        Scene::Waiting => empty,
        _ if part == Part::None => empty,
        _ => read(recording().first).unwrap_or(empty),
    };
    if part == Part::Some {
        first.vaults.truncate(profiles::VAULTS);
        first.totals = None;
    }
    if scene == Scene::Lost {
        for row in &mut first.vaults {
            row.freshness = Freshness::Stale;
        }
        if let Some(totals) = &mut first.totals {
            totals.stale = totals.vaults;
            (totals.critical, totals.high, totals.medium, totals.low) = (0, 0, 0, 0);
            totals.closest = None;
            (totals.debt_at_risk, totals.cure) = (domain::Usd::ZERO, domain::Usd::ZERO);
        }
    }
    let remember = {
        let state = Rc::clone(state);
        move |rows: &[VaultRow]| {
            let rows = rows.iter().map(|row| (row.id.to_string(), row.clone()));
            state.borrow_mut().rows.extend(rows);
        }
    };
    state.borrow_mut().rows.clear();
    remember(&first.vaults);
    let ticks = Rc::new(sinks.ticks);
    let number = {
        let mut state = state.borrow_mut();
        state.events = Some(Rc::from(sinks.events));
        state.playing += 1;
        state.playing
    };
    // Later, as from a shell: the answer to `attach` comes first.
    wasm_bindgen_futures::spawn_local({
        let ticks = Rc::clone(&ticks);
        async move { ticks(first) }
    });
    if scene == Scene::Panic {
        clock::every(1_000, || panic!("a panic that was asked for"));
    }
    let state = Rc::clone(state);
    if scene == Scene::Storm {
        clock::soon(2_000, move || storm(&state));
        return;
    }
    let goes_on = matches!(
        scene,
        Scene::Live | Scene::Blocked | Scene::Away | Scene::Profiles | Scene::First
    );
    if !goes_on || part == Part::None {
        return;
    }
    let turn = RefCell::new(0usize);
    clock::every(PACE, move || {
        if state.borrow().playing != number {
            return;
        }
        let recording = recording();
        let turn = turn.replace_with(|turn| *turn + 1);
        if let Some(Ok(mut batch)) =
            recording.batches.get(turn % recording.batches.len()).map(|raw| read::<TickBatch>(raw))
        {
            if part == Part::Some {
                batch.vaults.retain(|row| state.borrow().rows.contains_key(row.id.as_str()));
                batch.totals = None;
            }
            remember(&batch.vaults);
            ticks(batch);
        }
        if part == Part::Whole
            && let Some(Ok(event)) =
                turn.checked_sub(1).and_then(|turn| recording.news.get(turn)).map(|raw| read(raw))
        {
            tell(&state, event);
        }
        if turn % 2 == 1 {
            let mut feed = feed.clone();
            feed.messages += 14 * turn as u64;
            feed.last_message = Some(clock::now());
            tell(&state, WindowEvent::Feed(feed));
        }
    });
}

/// The alert that somebody asks for, after those that are known.
pub(super) fn test_critical(known: &[NotificationView]) -> Result<NotificationView, BackendError> {
    let id = known.iter().map(|one| one.id.0).max().unwrap_or(0) + 1;
    Ok(NotificationView { id: NotificationId(id), ..read(recording().test)? })
}

/// A chain's collapse: one incident and every vault in it, within the same moment.
fn storm(state: &Rc<RefCell<State>>) {
    const HEAD: i64 = 1_000;
    let recording = recording();
    let (Ok(mut head), Ok(member)) =
        (read::<NotificationView>(recording.incident), read::<NotificationView>(recording.member))
    else {
        return;
    };
    let vaults: Vec<_> = state.borrow().rows.keys().take(500).cloned().collect();
    head.id = NotificationId(HEAD);
    head.title = head.title.replace(HOLE, &vaults.len().to_string());
    let members = vaults.iter().zip(HEAD + 1..).filter_map(|(vault, id)| {
        let vault = VaultId::new(vault).ok()?;
        // Recorded as read: it is told with the incident, not one by one.
        let mut one = member.clone();
        one.id = NotificationId(id);
        one.title = one.title.replace(HOLE, vault.as_str());
        one.incident = Some(head.id);
        one.vault = Some(vault);
        Some(one)
    });
    let members: Vec<_> = members.collect();
    for one in std::iter::once(head).chain(members) {
        tell(state, WindowEvent::Notification(one));
    }
}
