use std::rc::Rc;

use domain::view::{NotificationId, NotificationState, NotificationView};
use yew::prelude::*;

use super::alert_item::{alert_icon, state_style};
use super::route;
use crate::design::{Icon, level_style};
use crate::live::{Topic, is_critical};
use crate::session::{use_live, use_session};

/// What has just happened, over the lower right corner. Dismissing one leaves it in the center.
#[component]
pub(crate) fn Toasts() -> Html {
    let session = use_session();
    let (shown, waiting) = use_live(Topic::Inbox, |state| state.inbox.visible_toasts());
    let all = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.live.dismiss_toasts())
    };
    let dismiss = Callback::from(move |id: NotificationId| session.live.dismiss_toast(id));
    let total = shown.len() + waiting;
    let (critical, others): (Vec<_>, Vec<_>) = shown.into_iter().partition(|one| is_critical(one));
    html! {
        <div class="toasts">
            // Both regions are always there: a region that comes with its text is not read out.
            <div class="toast-region" aria-live="assertive">{ for critical.iter().map(|one| toast(one, &dismiss)) }</div>
            <div class="toast-region" aria-live="polite">{ for others.iter().map(|one| toast(one, &dismiss)) }</div>
            if total > 1 {
                <button class="button toast-all" onclick={all}>
                    if waiting > 0 { { format!("{waiting} more · ") } }
                    { "Dismiss all" }
                </button>
            }
        </div>
    }
}

fn toast(one: &Rc<NotificationView>, dismiss: &Callback<NotificationId>) -> Html {
    let id = one.id;
    html! {
        <div class="toast" key={id.0} data-testid={format!("toast-{id}")} data-state={state_style(one.state)} data-level={level_style(Some(one.severity))}>
            <span class="alert-icon">{ alert_icon(one) }</span>
            <div class="toast-text">
                <strong>{ &one.title }</strong>
                <p>{ &one.message }</p>
                { for one.action.as_ref().filter(|_| one.state == NotificationState::Firing).map(|action| html! {
                    <a class="toast-action" href={route::href(&action.target)} onclick={dismiss.reform(move |_: MouseEvent| id)}>{ &action.label }</a>
                }) }
            </div>
            <button class="icon-button small" aria-label="Dismiss" title="Dismiss" onclick={dismiss.reform(move |_: MouseEvent| id)}>
                { Icon::Close.html() }
            </button>
        </div>
    }
}
