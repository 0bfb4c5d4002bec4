use domain::market::Market;
use domain::status::SystemStatus;
use domain::{ChainId, Level, UnixMillis};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::Duration;

use super::book::{About as Kind, RuleBook};
use super::figure::{self, Figure};
use super::judge::{self, Judge};
use super::memory::{Kept, Live, Out};
use super::metric::{MarketMetric, Metric};
use super::plan::{self, Check};
use super::watch::Due;
use super::window::Window;
use super::words::About;
use crate::Condition;

/// Rules on what is no vault: the chains' markets, and the platform. There are few of these, so each rule has a memory of
/// its own for each.
#[derive(Debug, Default)]
pub(super) struct Scenes {
    scenes: Vec<Scene>,
}

/// One chain's market, or the platform.
#[derive(Debug)]
struct Scene {
    /// `None`: the platform.
    chain: Option<ChainId>,
    received: UnixMillis,
    slots: Vec<Slot>,
}

/// One rule here.
#[derive(Debug)]
struct Slot {
    name: u16,
    /// The metric as it was last told.
    last: Figure,
    window: Window,
    /// At most one.
    live: Vec<Live>,
}

impl Slot {
    fn new(name: u16) -> Self {
        Self { name, last: Figure::Unknown, window: Window::default(), live: Vec::new() }
    }
}

impl Scene {
    fn slot(&mut self, name: u16) -> &mut Slot {
        let at = self.slots.iter().position(|slot| slot.name == name).unwrap_or_else(|| {
            self.slots.push(Slot::new(name));
            self.slots.len() - 1
        });
        &mut self.slots[at]
    }

    fn about(&self) -> About<'static> {
        self.chain.map_or(About::Platform, About::Chain)
    }
}

impl Scenes {
    fn scene(&mut self, chain: Option<ChainId>, now: UnixMillis) -> &mut Scene {
        let at = self.scenes.iter().position(|scene| scene.chain == chain).unwrap_or_else(|| {
            self.scenes.push(Scene { chain, received: now, slots: Vec::new() });
            self.scenes.len() - 1
        });
        &mut self.scenes[at]
    }

    pub(super) fn restore(&mut self, chain: Option<ChainId>, kept: Kept) {
        let Kept { live, window } = kept;
        let raised = live.raised;
        let slot = self.scene(chain, raised).slot(live.name);
        match slot.live.first_mut() {
            None => slot.live.push(live),
            // What was told of it is more than what was kept.
            Some(known) if live.life.level() > known.life.level() => *known = live,
            Some(_) => {}
        }
        if let Some(window) = window {
            slot.window = window;
        }
    }

    pub(super) fn kept(&self, chain: Option<ChainId>, name: u16) -> Option<Kept> {
        let scene = self.scenes.iter().find(|scene| scene.chain == chain)?;
        let slot = scene.slots.iter().find(|slot| slot.name == name)?;
        let window = (slot.window != Window::default()).then(|| slot.window.clone());
        Some(Kept { live: slot.live.first()?.clone(), window })
    }

    pub(super) fn set_rules(
        &mut self,
        old: &RuleBook,
        new: &RuleBook,
        orphans: &mut Vec<(Condition, Level, UnixMillis)>,
    ) {
        for scene in &mut self.scenes {
            let chain = scene.chain;
            scene.slots.retain_mut(|slot| {
                let name = &old.names()[usize::from(slot.name)].name;
                let index = new.names().iter().position(|known| known.name == *name);
                // One that no longer looks here would never be asked again, and its alert would never end.
                if let Some(index) = index.filter(|index| looks(new, *index, chain)) {
                    if sight(old, usize::from(slot.name)) != sight(new, index) {
                        slot.window = Window::default();
                        slot.last = Figure::Unknown;
                    }
                    slot.name = u16::try_from(index).expect("the number of rules is limited");
                    return true;
                }
                for live in slot.live.iter().filter(|live| live.life.level() > Level::Low) {
                    let condition = match chain {
                        Some(chain) => judge::on_chain(name, chain),
                        None => judge::named(name, None),
                    };
                    orphans.push((condition, live.life.level(), live.raised));
                }
                false
            });
        }
    }

    pub(super) fn market_changed(
        &mut self,
        judge: &Judge<'_>,
        market: &Market,
        received: UnixMillis,
        out: &mut Out<'_>,
    ) {
        let rules = judge.book.names().iter().zip(0..);
        for (name, index) in rules {
            let Kind::Markets(rule) = name.about else { continue };
            if !judge.book.applies_to_chain(rule, market.chain_id) {
                continue;
            }
            let Metric::Market(metric) = &judge.book.rule(rule).metric else { continue };
            let scene = self.scene(Some(market.chain_id), received);
            scene.received = received;
            let value = figure::of_market(metric, market, received, judge.now);
            let about = scene.about();
            take(judge, scene.slot(index), rule, about, value, out);
        }
    }

    pub(super) fn status_changed(
        &mut self,
        judge: &Judge<'_>,
        status: &SystemStatus,
        extra: &Map<String, Value>,
        out: &mut Out<'_>,
    ) {
        for (name, index) in judge.book.names().iter().zip(0..) {
            let Kind::Status(rule) = name.about else { continue };
            if !judge.book.applies_in_general(rule) {
                continue;
            }
            let Metric::Status(field) = &judge.book.rule(rule).metric else { continue };
            let scene = self.scene(None, judge.now);
            scene.received = judge.now;
            let value = figure::of_status(field, status, extra);
            take(judge, scene.slot(index), rule, About::Platform, value, out);
        }
    }

    pub(super) fn tick(&mut self, judge: &Judge<'_>, fed: bool, out: &mut Out<'_>) {
        for scene in &mut self.scenes {
            let about = scene.about();
            for slot in &mut scene.slots {
                let (Kind::Markets(rule) | Kind::Status(rule)) =
                    judge.book.names()[usize::from(slot.name)].about
                else {
                    continue;
                };
                if is_age(judge.book, rule) {
                    if !fed {
                        continue;
                    }
                    let age = judge.now.since(scene.received).as_millis();
                    let age = i64::try_from(age).unwrap_or(i64::MAX);
                    slot.last = Figure::Of(rust_decimal::Decimal::new(age, 3));
                }
                if let Some(change) = judge.book.rule(rule).change {
                    slot.window.pass(judge.now, change.over);
                }
                judge_slot(judge, slot, rule, about, out);
            }
        }
    }

    pub(super) fn has_timers(&self, book: &RuleBook) -> bool {
        self.scenes.iter().flat_map(|scene| &scene.slots).any(|slot| {
            !slot.live.is_empty()
                || matches!(book.names()[usize::from(slot.name)].about,
                    Kind::Markets(rule) if is_age(book, rule))
        })
    }

    pub(super) fn any_live(&self) -> bool {
        self.scenes.iter().flat_map(|scene| &scene.slots).any(|slot| !slot.live.is_empty())
    }

    pub(super) fn due(&self, book: &RuleBook, due: &mut Due) {
        for scene in &self.scenes {
            for slot in &scene.slots {
                let (Kind::Markets(rule) | Kind::Status(rule)) =
                    book.names()[usize::from(slot.name)].about
                else {
                    continue;
                };
                let times = plan::times(book, rule, &book.policies().general());
                slot.live
                    .iter()
                    .filter_map(|live| live.life.due(&times))
                    .for_each(|at| due.note(at));
                if is_age(book, rule) {
                    let steps = book.rule(rule).ladder.steps().iter();
                    steps.for_each(|s| due.note(scene.received.plus(plan::seconds(s.enter))));
                }
            }
        }
    }
}

/// Whether the rule of that name is about this chain, or about the platform where there is none.
fn looks(book: &RuleBook, name: usize, chain: Option<ChainId>) -> bool {
    match (&book.names()[name].about, chain) {
        (Kind::Markets(rule), Some(chain)) => book.applies_to_chain(*rule, chain),
        (Kind::Status(rule), None) => book.applies_in_general(*rule),
        _ => false,
    }
}

/// What the rule of that name looks at, and through which window.
fn sight(book: &RuleBook, name: usize) -> Option<(&Metric, Option<Duration>)> {
    let (Kind::Markets(rule) | Kind::Status(rule)) = book.names()[name].about else { return None };
    let rule = book.rule(rule);
    Some((&rule.metric, rule.change.map(|change| change.over)))
}

fn is_age(book: &RuleBook, rule: u16) -> bool {
    book.rule(rule).metric == Metric::Market(MarketMetric::Age)
}

/// Takes in what the metric is now.
fn take(
    judge: &Judge<'_>,
    slot: &mut Slot,
    rule: u16,
    about: About<'_>,
    value: Figure,
    out: &mut Out<'_>,
) {
    slot.last = value;
    if let (Some(change), Figure::Of(value)) = (judge.book.rule(rule).change, value) {
        slot.window.push(judge.now, value, change.over);
    }
    judge_slot(judge, slot, rule, about, out);
}

fn judge_slot(judge: &Judge<'_>, slot: &mut Slot, rule: u16, about: About<'_>, out: &mut Out<'_>) {
    let figure = match (judge.book.rule(rule).change, slot.last) {
        (Some(change), Figure::Of(value)) => slot.window.change(value, change.kind),
        (_, last) => last,
    };
    let policy = || Cow::Owned(judge.book.policies().general());
    let check = Check { name: slot.name, rule };
    judge.check(check, figure, about, policy, &mut slot.live, out);
}
