use std::rc::Rc;

use domain::view::AwayView;
use yew::prelude::*;

use crate::clock;
use crate::design::Icon;
use crate::live::{State, Topic};
use crate::session::{use_live, use_session};
use crate::words::{banner as say, number};

/// What happened while nobody was watching, until somebody has seen it.
#[component]
pub(crate) fn WhileAway() -> Html {
    let session = use_session();
    use_live(Topic::Shell, unseen);
    let Some(away) = use_live(Topic::Preferences, unseen) else { return Html::default() };
    let until = away.to;
    let wave = Callback::from(move |_: MouseEvent| {
        session.change_preferences(|preferences| preferences.away_seen = Some(until));
    });
    html! {
        <div class="banner away" role="status" data-testid="while-away">
            { Icon::Wait.html() }
            <span>
                <strong>{ say::away(&clock::moment(away.from), &clock::moment(away.to)) }</strong>
                { summary(&away) }
                { say::away_unwatched() }
            </span>
            <a class="button" href="#/alerts" onclick={wave.clone()}>{ say::away_review() }</a>
            <button type="button" class="icon-button small" aria-label={say::away_dismiss()} title={say::dismiss()} data-testid="away-dismiss" onclick={wave}>{ Icon::Close.html() }</button>
        </div>
    }
}

/// What happened, as long as nobody waved it away.
fn unseen(state: &State) -> Option<Rc<AwayView>> {
    is_unseen(state).then(|| state.away.clone()).flatten()
}

pub(super) fn is_unseen(state: &State) -> bool {
    let seen = state.preferences.away_seen;
    state.away.as_ref().is_some_and(|away| seen.is_none_or(|seen| seen < away.to))
}

/// What the catalogue says of a number.
type Words = fn(&str) -> String;

fn summary(away: &AwayView) -> String {
    let counts: [(u32, Words); 4] = [
        (away.liquidated, say::away_liquidated),
        (away.critical, say::away_critical),
        (away.recovered, say::away_recovered),
        (away.unanswered, say::away_unanswered),
    ];
    let told: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| words(&number(count as usize)))
        .collect();
    if told.is_empty() {
        return format!("{}.", say::away_nothing());
    }
    format!("{}.", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn what_did_not_happen_is_not_told() {
        let away = AwayView { liquidated: 1, critical: 12, ..AwayView::default() };
        assert_eq!(summary(&away), "1 liquidated, 12 critical.");
        assert!(summary(&AwayView::default()).starts_with("no vault"));
        speak(Language::German);
        assert_eq!(summary(&away), "1 liquidiert, 12 kritisch.");
    }
}
