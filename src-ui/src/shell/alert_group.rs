use std::collections::BTreeSet;
use std::rc::Rc;

use domain::view::{NotificationId, Target};
use yew::prelude::*;

use super::alert_item::AlertItem;
use crate::design::Icon;
use crate::live::Group;
use crate::session::use_session;
use crate::words::{alerts_panel as say, number};

/// More of an incident's vaults come on demand.
const SHOWN: usize = 50;

/// Which notifications are chosen, and who is told that some are or are no more.
#[derive(Clone, PartialEq)]
pub(crate) struct Selection {
    pub(crate) chosen: Rc<BTreeSet<NotificationId>>,
    pub(crate) tell: Callback<(Vec<NotificationId>, bool)>,
}

#[derive(PartialEq, Properties)]
pub(crate) struct AlertGroupProps {
    pub(crate) group: Rc<Group>,
    #[prop_or_default]
    pub(crate) selection: Option<Selection>,
    /// The page it is shown on: no button leads there.
    #[prop_or_default]
    pub(crate) here: Option<Target>,
}

/// A notification, or an incident with its vaults folded under it, worst first.
#[component]
pub(crate) fn AlertGroup(props: &AlertGroupProps) -> Html {
    let session = use_session();
    let Group { head, members } = &*props.group;
    let open = use_state_eq(|| props.here == Some(Target::Alert(head.id)));
    let all = use_state_eq(|| false);
    let choice = |ids: Vec<NotificationId>| {
        props.selection.as_ref().map(|selection| {
            let chosen = ids.iter().all(|id| selection.chosen.contains(id));
            (chosen, selection.tell.reform(move |on: bool| (ids.clone(), on)))
        })
    };
    if members.is_empty() {
        return html! { <AlertItem one={Rc::clone(head)} here={props.here.clone()} choice={choice(vec![head.id])} /> };
    }
    let id = head.id;
    let fold = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let acknowledge_all = {
        let ids: Vec<_> = props.group.ids().collect();
        Callback::from(move |_: MouseEvent| session.acknowledge(&ids))
    };
    let show_all = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(true))
    };
    let shown = if *all { members.len() } else { SHOWN };
    let rest = members.len().saturating_sub(shown);
    let list = format!("incident-{id}-vaults");
    html! {
        <section class="incident" data-testid={format!("incident-{id}")} aria-label={head.title.clone()}>
            <AlertItem one={Rc::clone(head)} here={props.here.clone()} choice={choice(props.group.ids().collect())} />
            <div class="incident-fold">
                <button type="button" class="button quiet" data-testid={format!("incident-toggle-{id}")} aria-expanded={open.to_string()} aria-controls={list.clone()} onclick={fold}>
                    { if *open { Icon::Up.html() } else { Icon::Down.html() } }
                    { say::vaults_folded(members.len()) }
                </button>
                <button type="button" class="button quiet" data-testid={format!("incident-ack-{id}")} onclick={acknowledge_all}>{ say::acknowledge_all() }</button>
            </div>
            if *open {
                <div class="incident-members" id={list}>
                    <>{ for members.iter().take(shown).map(|one| html! {
                        <AlertItem key={one.id.0} one={Rc::clone(one)} within=true choice={choice(vec![one.id])} />
                    }) }</>
                    if rest > 0 {
                        <button type="button" class="panel-more" onclick={show_all}>{ say::show_more(&number(rest)) }</button>
                    }
                </div>
            }
        </section>
    }
}
