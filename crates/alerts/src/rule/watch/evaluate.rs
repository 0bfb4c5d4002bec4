use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::time::Duration;

use domain::{Language, Level, UnixMillis, Vault};
use foldhash::fast::FixedState;
use rust_decimal::Decimal;

use crate::Finding;
use crate::finding::alert;
use crate::rule::book::RuleBook;
use crate::rule::figure::{self, Figure};
use crate::rule::judge::{self, Judge};
use crate::rule::memory::{Out, VaultMemory};
use crate::rule::metric::VaultMetric;
use crate::rule::plan::{Plan, Plans, WindowKey};
use crate::rule::window::Window;
use crate::rule::words::{self, About};

/// What is looked at again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A new value: everything.
    Update,
    /// Time passed: everything, without a new value for the windows.
    Again,
    /// The same while no data arrive: everything but ages.
    LastKnown,
    /// Time passed, and nothing is known to be wrong: ages only.
    Ages,
}

/// Of what decides which rules apply to a vault.
pub(super) fn key_of(vault: &Vault) -> NonZeroU64 {
    let tokens = vault.collateral.as_deref().unwrap_or_default();
    let hasher = FixedState::default();
    let mut key = hasher.hash_one(vault.chain_id.map(|chain| chain.0));
    for holding in tokens {
        key = key.rotate_left(5) ^ hasher.hash_one(holding.token.as_str());
    }
    NonZeroU64::new(key | 1).expect("its last bit is set")
}

/// Finds the rules for a vault, ends the alerts of those that no longer apply, and keeps the windows that go on.
pub(super) fn choose(
    language: Language,
    book: &RuleBook,
    plans: &mut Plans,
    memory: &mut VaultMemory,
    vault: &Vault,
    kept: Vec<(WindowKey, Window)>,
    out: &mut Out<'_>,
) {
    let before = memory.key.map(|_| plans.get(memory.plan).window_keys()).unwrap_or_default();
    memory.plan = plans.choose(book, vault);
    memory.key = Some(key_of(vault));
    let plan = plans.get(memory.plan);
    let known = before.into_iter().zip(std::mem::take(&mut memory.windows));
    let mut old: Vec<_> = known.chain(kept).collect();
    let take = |key| {
        let at = old.iter().position(|(known, _)| *known == key);
        at.map(|at| old.swap_remove(at).1).unwrap_or_default()
    };
    memory.windows = plan.window_keys().into_iter().map(take).collect();
    memory.live.retain(|live| {
        if plan.rule(live.name).is_some() {
            return true;
        }
        let level = live.life.level();
        let name = &book.names()[usize::from(live.name)].name;
        let condition = judge::named(name, Some(&vault.id));
        out.dirty.insert(condition.clone());
        if level > Level::Low {
            let said = words::withdrawn(language, name, Some(vault.label()));
            out.effects.push(Finding::Resolve(alert(condition, level, said, live.raised, 0)));
        }
        false
    });
}

/// All rules on one vault, each metric computed once.
pub(super) fn evaluate(
    judge: &Judge<'_>,
    plan: &Plan,
    memory: &mut VaultMemory,
    vault: &Vault,
    look: Look,
    out: &mut Out<'_>,
) {
    let VaultMemory { received, windows, live, .. } = memory;
    let about = About::Vault(vault);
    let policy = || judge.book.policies().of(vault);
    for group in &plan.groups {
        match (look, group.metric) {
            (Look::Ages, VaultMetric::Age) => {}
            (Look::Ages, _) | (Look::LastKnown, VaultMetric::Age) => continue,
            (Look::Update | Look::Again | Look::LastKnown, _) => {}
        }
        let value = figure::of_vault(group.metric, vault, *received, judge.now);
        for check in &group.checks {
            judge.check(*check, value, about, policy, live, out);
        }
        for change in &group.changes {
            let window = &mut windows[change.window];
            let changed = match value {
                Figure::Of(value) => {
                    if change.fills {
                        fill(window, look, judge.now, value, change.over);
                    }
                    window.change(value, change.kind)
                }
                other => other,
            };
            for check in &change.checks {
                judge.check(*check, changed, about, policy, live, out);
            }
        }
    }
}

fn fill(window: &mut Window, look: Look, now: UnixMillis, value: Decimal, over: Duration) {
    if look == Look::Update {
        window.push(now, value, over);
    } else {
        window.pass(now, over);
    }
}
