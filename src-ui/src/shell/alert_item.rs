use std::rc::Rc;

use domain::view::{NotificationState, NotificationView, Target};
use yew::prelude::*;

use super::evidence::Evidence;
use super::route;
use crate::clock::{self, Age};
use crate::design::{
    Choice, ChoiceKind, Icon, Menu, action_word, alert_icon, choices, level_style, state_style,
};
use crate::live::{Snooze, can_snooze};
use crate::session::{Session, use_session};
use crate::words::{alerts_panel as say, number};

#[derive(PartialEq, Properties)]
pub(crate) struct AlertItemProps {
    pub(crate) one: Rc<NotificationView>,
    /// The page it is shown on: no button leads there.
    #[prop_or_default]
    pub(crate) here: Option<Target>,
    /// Whether it is chosen, and who is told of a change; without it there is nothing to choose with.
    #[prop_or_default]
    pub(crate) choice: Option<(bool, Callback<bool>)>,
    /// In an incident: one line, the rest on demand.
    #[prop_or_default]
    pub(crate) within: bool,
}

/// One entry of the notification center, in the panel and on the page.
#[component]
pub(crate) fn AlertItem(props: &AlertItemProps) -> Html {
    let session = use_session();
    let one = &props.one;
    let id = one.id;
    // On its own page there is nothing else to look at.
    let open = use_state_eq(|| props.here == Some(Target::Alert(id)));
    let wants = matches!(one.state, NotificationState::Firing | NotificationState::Snoozed);
    let firing = one.state == NotificationState::Firing;
    let acknowledge = {
        let session = session.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            session.acknowledge(&[id]);
        })
    };
    let read = one.read;
    let seen = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| {
            if !read {
                session.mark_read(vec![id]);
            }
        })
    };
    let toggle = {
        let open = open.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            open.set(!*open);
        })
    };
    let details = format!("alert-details-{id}");
    let action = one.action.as_ref().filter(|action| props.here.as_ref() != Some(&action.target));
    let class = classes!(
        "alert",
        props.within.then_some("within"),
        props.choice.is_some().then_some("choosable")
    );
    html! {
        <article {class} data-testid={format!("notification-item-{id}")} data-read={one.read.to_string()}
            data-state={state_style(one.state)} data-level={level_style(Some(one.severity))} onclick={seen.clone()}>
            { for props.choice.as_ref().map(|(chosen, tell)| {
                let onchange = tell.reform(|event: Event| {
                    event.target_dyn_into::<web_sys::HtmlInputElement>().is_some_and(|input| input.checked())
                });
                html! {
                    <label class="alert-choose">
                        <input type="checkbox" data-testid={format!("notification-select-{id}")} checked={*chosen} {onchange}
                            onclick={Callback::from(|event: MouseEvent| event.stop_propagation())} aria-label={say::select(&one.title)} />
                    </label>
                }
            }) }
            <span class="alert-icon">{ alert_icon(one) }</span>
            <h3>
                <span>{ &one.title }</span>
                if !one.read { <span class="visually-hidden">{ say::unread() }</span> }
            </h3>
            <Age at={one.updated} />
            if !props.within || *open { <p class="alert-message">{ &one.message }</p> }
            { meta(one) }
            <div class="alert-actions">
                { for action.map(|action| html! {
                    <a class={classes!("button", (firing && !props.within).then_some("primary"))} href={route::href(&action.target)} onclick={seen}>
                        { action_word(action) }
                    </a>
                }) }
                if wants {
                    <button type="button" class="button" data-testid={format!("notification-ack-{id}")} onclick={acknowledge}>{ say::acknowledge() }</button>
                }
                if can_snooze(one) {
                    <Menu label={say::snooze()} test_id={format!("notification-snooze-{id}")} choices={snoozes(&session, vec![Rc::clone(one)])} />
                }
                <Menu label={say::menu()} icon={Icon::More} class="icon-button small alert-more" test_id={format!("notification-menu-{id}")}
                    choices={more(&session, one)} />
            </div>
            if one.evidence.is_some() || one.vault.is_some() || props.within {
                <button type="button" class="alert-toggle" data-testid={format!("notification-evidence-{id}")}
                    aria-expanded={open.to_string()} aria-controls={details.clone()} onclick={toggle}>
                    { if *open { Icon::Up.html() } else { Icon::Down.html() } }{ say::evidence() }
                </button>
            }
            if *open { <Evidence id={details} one={Rc::clone(one)} /> }
        </article>
    }
}

/// How long these may be silenced; says where a critical one is silenced shorter.
pub(crate) fn snoozes(
    session: &Session,
    all: Vec<Rc<NotificationView>>,
) -> Rc<crate::design::Choices> {
    let session = session.clone();
    choices(move || {
        let capped = all.iter().any(|one| one.severity == domain::Level::Critical);
        let ids: Vec<_> = all.iter().map(|one| one.id).collect();
        Snooze::ONE
            .into_iter()
            .map(|snooze| {
                let (session, ids) = (session.clone(), ids.clone());
                let choice = Choice::new(snooze.words(), move || session.snooze(&ids, snooze))
                    .test_id(format!("snooze-{}", snooze.name()));
                match snooze {
                    Snooze::Tomorrow if capped => choice.note(say::critical_hour()),
                    Snooze::Tomorrow => choice.note(clock::moment(clock::next_morning())),
                    _ => choice,
                }
            })
            .collect()
    })
}

fn more(session: &Session, one: &Rc<NotificationView>) -> Rc<crate::design::Choices> {
    let (session, one) = (session.clone(), Rc::clone(one));
    choices(move || {
        let id = one.id;
        let act = |act: fn(&Session, domain::view::NotificationId)| {
            let session = session.clone();
            move || act(&session, id)
        };
        let mut list = Vec::new();
        if !one.read {
            list.push(
                Choice::new(say::mark_read(), act(|session, id| session.mark_read(vec![id])))
                    .test_id(format!("notification-read-{id}")),
            );
        }
        if one.state == NotificationState::Snoozed {
            list.push(Choice::new(
                say::end_snooze(),
                act(|session, id| session.unsnooze(vec![id])),
            ));
        }
        if one.state == NotificationState::Firing {
            list.push(
                Choice::new(say::false_alarm(), act(|session, id| session.false_alarm(id)))
                    .note(say::false_alarm_note())
                    .test_id(format!("notification-false-alarm-{id}")),
            );
        }
        list.push(
            Choice::new(say::dismiss(), act(|session, id| session.dismiss(vec![id])))
                .kind(ChoiceKind::Harmful)
                .note(say::dismiss_note())
                .test_id(format!("notification-dismiss-{id}")),
        );
        list
    })
}

/// Whoever sits here, or has no name, is a word; anybody else is as they are called.
fn who(by: &str) -> &str {
    match by {
        "you" => say::you(),
        "somebody" => say::somebody(),
        "the platform" => say::the_platform(),
        name => name,
    }
}

/// Who has seen it, until when it is silenced, how often it came.
fn meta(one: &NotificationView) -> Html {
    let mut parts = Vec::new();
    match (one.state, &one.acknowledged, one.snoozed_until) {
        (NotificationState::Acknowledged, Some(by), _) => {
            parts.push(say::acknowledged_by(who(&by.by), &clock::moment(by.at)));
        }
        (NotificationState::Acknowledged, None, _) => parts.push(say::acknowledged().to_owned()),
        (NotificationState::Snoozed, _, Some(until)) => {
            parts.push(say::snoozed_until(&clock::moment(until)));
        }
        (NotificationState::Snoozed, _, None) => parts.push(say::snoozed().to_owned()),
        _ => {}
    }
    if one.occurrences > 1 {
        parts.push(say::raised(&number(one.occurrences as usize)));
    }
    if one.suppressed > 0 {
        parts.push(say::repeats(one.suppressed as usize));
    }
    let failed = matches!(one.delivery, domain::view::DeliveryView::Failed(_));
    if parts.is_empty() && !one.late && !failed {
        return Html::default();
    }
    html! {
        <p class="alert-meta">
            if one.late { <span class="tag late" title={say::late_why()}>{ say::late() }</span> }
            if failed { <span class="tag failed">{ say::not_shown() }</span> }
            { parts.join(" · ") }
        </p>
    }
}
