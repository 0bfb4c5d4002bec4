use std::rc::Rc;

use domain::view::NotificationState;
use yew::prelude::*;

use super::alert_filters::AlertFilters;
use super::alert_group::AlertGroup;
use super::quiet::SnoozeAll;
use crate::design::Icon;
use crate::live::{AlertFilter, Group, Topic};
use crate::session::{use_live, use_session};
use crate::words::{alerts_panel as say, number};

/// More than these are on the Alerts page.
const SHOWN: usize = 60;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AlertPanelProps {
    pub(crate) on_close: Callback<()>,
}

/// The notification center beside the page, or over it in a window that is not wide.
#[component]
pub(crate) fn AlertPanel(props: &AlertPanelProps) -> Html {
    let session = use_session();
    let known = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let filter = use_state_eq(AlertFilter::default);
    let all = session.live.read(|state| state.alert_groups(&filter));
    let set_filter = {
        let filter = filter.setter();
        Callback::from(move |changed: AlertFilter| filter.set(changed))
    };
    let clear = {
        let filter = filter.setter();
        Callback::from(move |_: MouseEvent| filter.set(AlertFilter::default()))
    };
    let unread = use_live(Topic::Inbox, |state| state.inbox.unread());
    let read_all = Callback::from(move |_: MouseEvent| session.mark_all_read());
    let close = props.on_close.reform(|_: MouseEvent| ());
    let more = all.len().saturating_sub(SHOWN);
    let (open, over): (Vec<_>, Vec<_>) = all
        .into_iter()
        .take(SHOWN)
        .partition(|group| group.head.state != NotificationState::Resolved);
    html! {
        <aside class="panel" id="alert-panel" data-testid="notification-panel" aria-label={say::alerts()}>
            <header class="panel-head">
                <h2>{ say::alerts() }</h2>
                if unread > 0 {
                    <button type="button" class="button quiet" data-testid="mark-all-read" onclick={read_all}>{ say::mark_all_read() }</button>
                }
                if !open.is_empty() { <SnoozeAll quiet=true /> }
                <button type="button" class="icon-button small" aria-label={say::close_alerts()} title={say::close()} onclick={close}>{ Icon::Close.html() }</button>
            </header>
            <div class="panel-body">
                if known.len() > 1 {
                    <AlertFilters name="panel" search=true all={known.clone()} filter={(*filter).clone()} change={set_filter} />
                }
                if open.is_empty() && over.is_empty() && !known.is_empty() {
                    <div class="panel-empty">
                        <p><strong>{ say::no_match() }</strong></p>
                        <p><button type="button" class="button" data-testid="panel-clear" onclick={clear}>{ say::show_all() }</button></p>
                    </div>
                } else if known.is_empty() {
                    <div class="panel-empty">
                        <p><strong>{ say::none() }</strong></p>
                        <p>{ say::none_why() }</p>
                    </div>
                }
                { list(say::open(), &open, !over.is_empty()) }
                { list(say::earlier(), &over, !open.is_empty()) }
                if more > 0 {
                    <a class="panel-more" href="#/alerts">{ say::further(&number(more)) }</a>
                }
            </div>
        </aside>
    }
}

fn list(name: &'static str, all: &[Group], titled: bool) -> Html {
    if all.is_empty() {
        return Html::default();
    }
    html! {
        <section aria-label={name}>
            if titled { <h3 class="panel-group">{ name }</h3> }
            <>{ for all.iter().map(|group| html! { <AlertGroup key={group.head.id.0} group={Rc::new(group.clone())} /> }) }</>
        </section>
    }
}
