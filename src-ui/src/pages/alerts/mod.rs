//! The notification center as a page.

mod bulk;
mod export;
mod one;

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::view::{NotificationId, Target};
use yew::prelude::*;

use bulk::Bulk;
use export::use_alerts_export;
pub(crate) use one::OneAlert;

use crate::design::{Empty, Icon};
use crate::left;
use crate::live::{AlertFilter, Group, StateFilter, Topic};
use crate::session::{use_live, use_session};
use crate::shell::{AlertFilters, AlertGroup, Selection, SnoozeAll};
use crate::words::{alerts as say, number};

/// More come on demand.
const SHOWN: usize = 150;

#[component]
pub(crate) fn Alerts() -> Html {
    let session = use_session();
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let search = use_live(Topic::View, |state| state.view.search.clone());
    let filter = use_state_eq(left::alert_filter);
    let chosen = use_state_eq(|| Rc::new(BTreeSet::<NotificationId>::new()));
    let limit = use_state_eq(|| SHOWN);

    let applied = AlertFilter { text: search, ..(*filter).clone() };
    let groups = session.live.read(|state| state.alert_groups(&applied));
    let listed: Vec<NotificationId> = groups.iter().flat_map(Group::ids).collect();
    // What was filtered away or is gone is not chosen any more.
    let selected: Rc<BTreeSet<_>> =
        Rc::new(listed.iter().copied().filter(|id| chosen.contains(id)).collect());

    let set_filter = {
        let filter = filter.clone();
        Callback::from(move |changed: AlertFilter| {
            left::set_alert_filter(&changed);
            filter.set(changed);
        })
    };
    let clear = {
        let filter = filter.setter();
        let live = session.live.clone();
        Callback::from(move |_: MouseEvent| {
            left::set_alert_filter(&AlertFilter::default());
            filter.set(AlertFilter::default());
            live.change_view(|view| view.search.clear(), crate::clock::now());
        })
    };
    let tell = {
        let selected = Rc::clone(&selected);
        Callback::from(move |(ids, on): (Vec<NotificationId>, bool)| {
            let mut next = (*selected).clone();
            for id in ids {
                if on {
                    next.insert(id);
                } else {
                    next.remove(&id);
                }
            }
            chosen.set(Rc::new(next));
        })
    };
    let more = {
        let limit = limit.clone();
        Callback::from(move |_: MouseEvent| limit.set(*limit + SHOWN))
    };
    let unread = all.iter().any(|one| !one.read);
    let open = all.iter().any(|one| StateFilter::Open.admits(one));
    let read_all = Callback::from(move |_: MouseEvent| session.mark_all_read());
    let exported =
        if selected.is_empty() { listed.clone() } else { selected.iter().copied().collect() };
    let (export, exported) = use_alerts_export(Rc::new(exported));
    let rest = groups.len().saturating_sub(*limit);
    let selection = Selection { chosen: Rc::clone(&selected), tell: tell.clone() };
    html! {
        <main class="page alerts-page" data-testid="alerts-page">
            <AlertFilters name="alerts" all={all.clone()} filter={(*filter).clone()} change={set_filter}>
                <span class="filters-end">
                    if unread { <button type="button" class="button quiet" data-testid="mark-all-read" onclick={read_all}>{ say::mark_all_read() }</button> }
                    if open { <SnoozeAll quiet=true /> }
                    if !all.is_empty() { { export } }
                </span>
            </AlertFilters>
            { exported }
            if all.is_empty() {
                <Empty icon={Icon::Bell} title={say::none_yet()}>
                    <p>{ say::none_yet_why() }</p>
                    <p>{ say::none_yet_system() }
                        <a href="#/settings">{ say::send_test() }</a></p>
                </Empty>
            } else if groups.is_empty() {
                <Empty icon={Icon::Search} title={say::no_match()}>
                    <p>{ say::no_match_why() }</p>
                    <p><button type="button" class="button" data-testid="alerts-clear" onclick={clear}>{ say::show_all() }</button></p>
                </Empty>
            } else {
                <section class="card alerts-list" data-testid="notification-list" aria-label={say::list()}>
                    <Bulk listed={Rc::new(listed)} {selected} {tell} />
                    <>{ for groups.into_iter().take(*limit).map(|group| {
                        let key = group.head.id.0;
                        html! { <AlertGroup {key} group={Rc::new(group)} selection={selection.clone()} here={Target::Alerts} /> }
                    }) }</>
                    if rest > 0 {
                        <button type="button" class="panel-more" onclick={more}>{ say::show_more(&number(rest.min(SHOWN))) }</button>
                    }
                </section>
            }
        </main>
    }
}
