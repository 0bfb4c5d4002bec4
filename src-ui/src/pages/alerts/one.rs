use std::rc::Rc;

use domain::view::{NotificationId, Target};
use yew::prelude::*;

use crate::design::{Empty, Icon};
use crate::live::{AlertFilter, Topic, group_of};
use crate::session::{use_live, use_session};
use crate::shell::{AlertGroup, route};
use crate::words::alerts as say;

#[derive(PartialEq, Properties)]
pub(crate) struct OneAlertProps {
    pub(crate) id: NotificationId,
}

/// One alert alone, whatever the list is filtered by: where a link from outside leads.
#[component]
pub(crate) fn OneAlert(props: &OneAlertProps) -> Html {
    let session = use_session();
    // Renders again with every change of the center.
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let groups = session.live.read(|state| state.alert_groups(&AlertFilter::default()));
    let to_all = html! { <a class="button" data-testid="alerts-all" href={route::href(&Target::Alerts)}>{ say::show_all() }</a> };
    html! {
        <main class="page alerts-page" data-testid="alert-page">
            if let Some(group) = group_of(groups, props.id) {
                <section class="card alerts-list" aria-label={say::one()}>
                    <AlertGroup group={Rc::new(group)} here={Target::Alert(props.id)} />
                </section>
                <p>{ to_all }</p>
            } else {
                <Empty icon={Icon::Bell} title={say::not_here(&props.id.to_string())}>
                    <p>{ say::not_here_why() }
                        { if all.is_empty() { say::none_kept() } else { say::others_kept() } }</p>
                    <p>{ to_all }</p>
                </Empty>
            }
        </main>
    }
}
