use domain::view::AwayView;
use yew::prelude::*;

use crate::clock;
use crate::design::Icon;
use crate::format;
use crate::live::Topic;
use crate::session::{use_live, use_session};

/// What happened while nobody was watching, until somebody has seen it.
#[component]
pub(crate) fn WhileAway() -> Html {
    let session = use_session();
    let away = use_live(Topic::Shell, |state| state.away.clone());
    let seen = use_live(Topic::Preferences, |state| state.preferences.away_seen);
    let Some(away) = away.filter(|away| seen.is_none_or(|seen| seen < away.to)) else {
        return Html::default();
    };
    let until = away.to;
    let wave = Callback::from(move |_: MouseEvent| {
        session.change_preferences(|preferences| preferences.away_seen = Some(until));
    });
    html! {
        <div class="banner away" role="status" data-testid="while-away">
            { Icon::Wait.html() }
            <span>
                <strong>{ format!("While away, {} to {}: ", clock::moment(away.from), clock::moment(away.to)) }</strong>
                { summary(&away) }
                { " Nothing was watched in between." }
            </span>
            <a class="button" href="#/alerts" onclick={wave.clone()}>{ "Review" }</a>
            <button type="button" class="icon-button small" aria-label="Dismiss the summary" title="Dismiss" data-testid="away-dismiss" onclick={wave}>{ Icon::Close.html() }</button>
        </div>
    }
}

fn summary(away: &AwayView) -> String {
    let counts = [
        (away.liquidated, "liquidated", "liquidated"),
        (away.critical, "critical", "critical"),
        (away.recovered, "recovered", "recovered"),
    ];
    let told: Vec<_> = counts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, many)| format::count(count as usize, one, many))
        .collect();
    if told.is_empty() {
        return "no vault changed its level, as far as is known.".to_owned();
    }
    format!("{}.", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_happen_is_not_told() {
        let away = AwayView { liquidated: 1, critical: 12, ..AwayView::default() };
        assert_eq!(summary(&away), "1 liquidated, 12 critical.");
        assert!(summary(&AwayView::default()).starts_with("no vault"));
    }
}
