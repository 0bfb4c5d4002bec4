//! A rule played over the stored history: when it would have fired.

mod dialog;
mod lanes;

use std::rc::Rc;

use domain::UnixMillis;
use domain::view::{DryRunAnswer, DryRunOf, DryRunQuery, DryRunView, EvidenceView, MomentKind};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::clock;
use crate::design::{Select, level_icon, level_style, option};
use crate::session::use_session;
use crate::words::{self, dry_run as say};

pub(crate) use dialog::DoubtDialog;
use lanes::{Lane, lanes};

/// Most lanes that are drawn.
const LANES: usize = 12;
/// Most moments that are listed.
const MOMENTS: usize = 100;

#[derive(PartialEq, Properties)]
pub(crate) struct DryRunProps {
    /// What is played; why it cannot be.
    pub(crate) of: Result<DryRunOf, AttrValue>,
    /// Begins by itself.
    #[prop_or_default]
    pub(crate) at_once: bool,
}

#[derive(Clone, PartialEq)]
enum Run {
    Not,
    UnderWay,
    Done { of: DryRunOf, view: Rc<DryRunView> },
    Failed(String),
}

/// Chooses how far back, plays, and shows what came of it.
#[component]
pub(crate) fn DryRun(props: &DryRunProps) -> Html {
    let session = use_session();
    let run = use_state(|| Run::Not);
    let hours = use_state_eq(|| 168_u32);
    let play = {
        let (run, of) = (run.setter(), props.of.clone());
        Callback::from(move |hours: u32| {
            let what = match &of {
                Ok(what) => what.clone(),
                Err(why) => return run.set(Run::Failed(why.to_string())),
            };
            run.set(Run::UnderWay);
            let (session, run) = (session.clone(), run.clone());
            spawn_local(async move {
                let answer = session.dry_run(DryRunQuery { what: what.clone(), hours }).await;
                run.set(match answer {
                    Ok(DryRunAnswer::Report(view)) => Run::Done { of: what, view: Rc::new(view) },
                    Ok(DryRunAnswer::Faulty(faults)) => {
                        let first = faults.first();
                        let why = first.map(|fault| format!("{} {}", fault.field, fault.reason));
                        Run::Failed(say::no_sense(&why.unwrap_or_default()))
                    }
                    Err(error) => Run::Failed(error.in_words()),
                });
            });
        })
    };
    {
        let (play, hours) = (play.clone(), *hours);
        use_effect_with(props.at_once, move |at_once| {
            if *at_once {
                play.emit(hours);
            }
        });
    }
    let onchange = {
        let (hours, play, again) = (hours.setter(), play.clone(), *run != Run::Not);
        Callback::from(move |text: String| {
            let chosen = text.parse().unwrap_or(168);
            hours.set(chosen);
            if again {
                play.emit(chosen);
            }
        })
    };
    let chosen = hours.to_string();
    let onclick = {
        let hours = *hours;
        play.reform(move |_: MouseEvent| hours)
    };
    let under_way = *run == Run::UnderWay;
    html! {
        <div class="dry-run">
            <div class="dry-run-head">
                <Select id="dry-run-range" label={say::range()} value={chosen.clone()} {onchange}>
                    { option("24", say::a_day(), &chosen) }
                    { option("168", say::a_week(), &chosen) }
                    { option("720", say::a_month(), &chosen) }
                </Select>
                <button type="button" class="button" data-testid="dry-run" disabled={under_way} {onclick}>
                    { if under_way { say::playing() } else { say::play() } }
                </button>
            </div>
            <div role="status" data-testid="dry-run-result">
                { match &*run {
                    Run::Not => html! { <p class="dry-run-note">{ say::before() }</p> },
                    Run::UnderWay => html! { <p class="dry-run-note">{ say::under_way() }</p> },
                    Run::Failed(why) => html! { <p class="dry-run-note failed">{ why }</p> },
                    Run::Done { of, view } => html! {
                        <>
                            <p class="dry-run-words">{ told(view) }</p>
                            if props.of.as_ref() != Ok(of) { <p class="dry-run-note">{ say::changed_since() }</p> }
                        </>
                    },
                } }
            </div>
            if let Run::Done { view, .. } = &*run { { timeline(view) } }
        </div>
    }
}

fn timeline(view: &DryRunView) -> Html {
    if view.raised == 0 {
        return Html::default();
    }
    let lanes = lanes(view);
    let rest = lanes.len().saturating_sub(LANES);
    let listed = view.moments.len().min(MOMENTS);
    html! {
        <>
            // What the bars show is in the list below, in words.
            <div class="lanes" aria-hidden="true" data-testid="dry-run-timeline">
                { for lanes.iter().take(LANES).map(lane) }
                if rest > 0 { <p class="lanes-rest">{ say::more_lanes(&words::number(rest)) }</p> }
                <p class="lanes-axis"><span>{ clock::moment(view.from) }</span><span>{ say::now() }</span></p>
            </div>
            <details class="moments">
                <summary>{ say::moments(view.moments.len()) }</summary>
                <ol>
                    { for view.moments.iter().take(listed).map(|moment| {
                        let what = match moment.what {
                            MomentKind::Raised => say::raised(),
                            MomentKind::Worse => say::worse(),
                            MomentKind::Over => say::over(),
                        };
                        html! {
                            <li data-level={level_style(Some(moment.level))}>
                                <time>{ clock::moment(moment.at) }</time>
                                { level_icon(Some(moment.level), domain::view::Freshness::Live) }
                                <span><span>{ &moment.title }</span><small>{ format!(" {what}") }</small></span>
                            </li>
                        }
                    }) }
                </ol>
                if listed < view.moments.len() || view.cut { <p class="lanes-rest">{ say::not_listed() }</p> }
            </details>
        </>
    }
}

fn lane(lane: &Lane) -> Html {
    html! {
        <>
            <span class="lane-name">{ &lane.name }</span>
            <span class="lane">
                { for lane.bars.iter().map(|bar| {
                    let share = |thousandths: i64| format!("{}.{}%", thousandths / 10, thousandths % 10);
                    let style = format!("left:{};width:{}", share(bar.from), share(bar.to - bar.from));
                    html! { <i data-level={level_style(Some(bar.level))} {style} /> }
                }) }
            </span>
        </>
    }
}

/// What the rule would have done, in a sentence.
fn told(view: &DryRunView) -> String {
    if view.values == 0 {
        return say::no_values().to_owned();
    }
    let span = span(view.from, view.to);
    let told = match (count(view.raised), count(view.worse)) {
        (0, _) => return say::never(&span),
        (raised, 0) => say::fired(raised, &span),
        (raised, worse) => say::fired_and_worse(raised, &span, worse),
    };
    match count(view.open) {
        0 => told,
        1 if view.raised == 1 => told + say::it_is_open(),
        open => told + &say::some_are_open(open),
    }
}

fn count(of: u64) -> usize {
    usize::try_from(of).unwrap_or(usize::MAX)
}

fn span(from: UnixMillis, to: UnixMillis) -> String {
    let minutes = count(to.since(from).as_secs() / 60);
    match minutes {
        0..120 => say::minutes(minutes),
        120..2_880 => say::hours(minutes / 60),
        _ => say::days(minutes / 1_440),
    }
}

/// Whether an alert is one of the ladder's that is built in. Those of earlier versions say so by their name alone, which
/// was English.
fn is_built_in(evidence: &EvidenceView) -> bool {
    let name = evidence.rule.as_str();
    evidence.built_in || matches!(name, "Room to liquidation" | "LTV" | "Health factor")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn what_would_have_happened_is_a_sentence() {
        let day = UnixMillis(86_400_000 * 7);
        let view = DryRunView { to: day, values: 9, ..DryRunView::default() };
        assert_eq!(
            told(&DryRunView::default()),
            "There is nothing to play it over: of that time no value is kept."
        );
        assert_eq!(told(&view), "It would not have fired in 7 days.");
        let once = DryRunView { raised: 1, open: 1, ..view.clone() };
        assert_eq!(told(&once), "It would have fired once in 7 days. It is not over.");
        let often = DryRunView { raised: 1_200, worse: 2, open: 3, ..view };
        assert_eq!(
            told(&often),
            "It would have fired 1,200 times in 7 days and become worse 2 times. 3 of them are not over."
        );
        assert_eq!(span(UnixMillis(0), UnixMillis(60_000)), "1 minute");
        assert_eq!(span(UnixMillis(0), UnixMillis(7_200_000)), "2 hours");
        speak(Language::German);
        assert_eq!(
            told(&once),
            "Die Regel hätte in 7 Tagen einmal ausgelöst. Der Alarm bestünde noch."
        );
        assert_eq!(
            told(&often),
            "Die Regel hätte in 7 Tagen 1.200-mal ausgelöst, und 2-mal wäre es schlimmer geworden. \
             3 davon bestünden noch."
        );
    }
}
