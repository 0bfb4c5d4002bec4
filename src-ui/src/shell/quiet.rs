//! Everything silenced at once, and how that is told and ended.

use domain::UnixMillis;
use domain::view::{NotificationId, NotificationState, NotificationView};
use std::rc::Rc;
use yew::prelude::*;

use crate::clock;
use crate::design::{Choice, Icon, Menu, choices};
use crate::live::{Snooze, Topic};
use crate::session::{use_live, use_session};
use crate::words::{SLOT, alerts_panel, banner as say, set};

#[derive(PartialEq, Properties)]
pub(crate) struct SnoozeAllProps {
    #[prop_or_default]
    pub(crate) quiet: bool,
}

/// A button that silences everything that is open.
#[component]
pub(crate) fn SnoozeAll(props: &SnoozeAllProps) -> Html {
    let session = use_session();
    let list = choices(move || {
        Snooze::EVERYTHING
            .into_iter()
            .map(|snooze| {
                let session = session.clone();
                let choice = Choice::new(snooze.words(), move || session.snooze_all(snooze))
                    .test_id(format!("snooze-all-{}", snooze.name()));
                match snooze {
                    Snooze::Tomorrow => choice.note(alerts_panel::critical_hour()),
                    _ => choice,
                }
            })
            .collect()
    });
    let class = if props.quiet { "button quiet" } else { "button" };
    html! { <Menu label={alerts_panel::snooze_all()} {class} test_id="snooze-all" choices={list} /> }
}

/// Says that everything is silenced, and until when; nothing while something is not.
#[component]
pub(crate) fn Snoozed() -> Html {
    let session = use_session();
    let quiet = use_live(Topic::Inbox, |state| all_snoozed(state.inbox.all()));
    let Some((ids, until)) = quiet else { return Html::default() };
    let end = Callback::from(move |_: MouseEvent| session.unsnooze(ids.clone()));
    let text = match until {
        Some(until) => say::snoozed_until(SLOT, &clock::moment(until)),
        None => say::snoozed(SLOT),
    };
    html! {
        <div class="banner snoozed" role="status" data-testid="all-snoozed">
            { Icon::Wait.html() }
            <span>{ set(&text, [html! { <strong>{ say::everything_snoozed() }</strong> }]) }</span>
            <button type="button" class="button" data-testid="end-snooze" onclick={end}>{ say::end_snooze() }</button>
        </div>
    }
}

/// The open alerts where every one of them is silenced, and when the first of them speaks again.
fn all_snoozed(all: &[Rc<NotificationView>]) -> Option<(Vec<NotificationId>, Option<UnixMillis>)> {
    if !is_all_snoozed(all) {
        return None;
    }
    let snoozed = all.iter().filter(|one| one.state == NotificationState::Snoozed);
    let snoozed: Vec<_> = snoozed.collect();
    let until = snoozed.iter().filter_map(|one| one.snoozed_until).min();
    Some((snoozed.iter().map(|one| one.id).collect(), until))
}

pub(super) fn is_all_snoozed(all: &[Rc<NotificationView>]) -> bool {
    let any = |state| all.iter().any(|one| one.state == state);
    any(NotificationState::Snoozed) && !any(NotificationState::Firing)
}

#[cfg(test)]
mod tests {
    use domain::Level;

    use super::*;
    use crate::live::fixture::notification;

    #[test]
    fn everything_is_silent_only_where_nothing_waits() {
        let of = |id, state, until: Option<i64>| {
            Rc::new(NotificationView {
                state,
                snoozed_until: until.map(UnixMillis),
                ..notification(id, Level::High)
            })
        };
        let late = of(1, NotificationState::Snoozed, Some(900));
        let soon = of(2, NotificationState::Snoozed, Some(500));
        let seen = of(3, NotificationState::Acknowledged, None);
        let over = of(4, NotificationState::Resolved, None);
        let firing = of(5, NotificationState::Firing, None);
        let all = vec![late, soon, seen.clone(), over];
        let expected = (vec![NotificationId(1), NotificationId(2)], Some(UnixMillis(500)));
        assert_eq!(all_snoozed(&all), Some(expected));
        assert_eq!(all_snoozed(&[all, vec![firing]].concat()), None);
        assert_eq!(all_snoozed(&[seen]), None);
    }
}
