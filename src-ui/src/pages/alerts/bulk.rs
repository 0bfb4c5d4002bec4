use std::collections::BTreeSet;
use std::rc::Rc;

use domain::view::NotificationId;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::design::Menu;
use crate::session::{Session, use_session};
use crate::shell::snoozes;
use crate::words::{alerts as say, number};

#[derive(PartialEq, Properties)]
pub(super) struct BulkProps {
    /// What the filters leave, members of incidents included.
    pub(super) listed: Rc<Vec<NotificationId>>,
    pub(super) selected: Rc<BTreeSet<NotificationId>>,
    pub(super) tell: Callback<(Vec<NotificationId>, bool)>,
}

/// The head of the list: choosing many, and what can be done with all of them at once. It stays while the list scrolls.
#[component]
pub(super) fn Bulk(props: &BulkProps) -> Html {
    let session = use_session();
    let BulkProps { listed, selected, tell } = props;
    let every = !listed.is_empty() && selected.len() == listed.len();
    let box_ref = use_node_ref();
    let some = !selected.is_empty() && !every;
    {
        let box_ref = box_ref.clone();
        use_effect_with(some, move |some| {
            if let Some(input) = box_ref.cast::<HtmlInputElement>() {
                input.set_indeterminate(*some);
            }
        });
    }
    let onchange = {
        let listed = Rc::clone(listed);
        tell.reform(move |event: Event| {
            let on =
                event.target_dyn_into::<HtmlInputElement>().is_some_and(|input| input.checked());
            (listed.to_vec(), on)
        })
    };
    let clear = {
        let selected = Rc::clone(selected);
        tell.reform(move |_: MouseEvent| (selected.iter().copied().collect(), false))
    };
    let act = |act: fn(&Session, Vec<NotificationId>)| {
        let (session, selected, tell) = (session.clone(), Rc::clone(selected), tell.clone());
        Callback::from(move |_: MouseEvent| {
            let ids: Vec<_> = selected.iter().copied().collect();
            act(&session, ids.clone());
            tell.emit((ids, false));
        })
    };
    let views = session.live.read(|state| {
        selected.iter().filter_map(|id| state.inbox.get(*id).cloned()).collect::<Vec<_>>()
    });
    html! {
        <div class="bulk" role="toolbar" aria-label={say::selection()}>
            <label class="bulk-all">
                <input type="checkbox" ref={box_ref} data-testid="select-all" aria-label={say::select_all()} checked={every} {onchange} />
                <span role="status" data-testid="select-all-text">
                    { if selected.is_empty() {
                        say::listed(listed.len())
                    } else {
                        say::selected(&number(selected.len()), &number(listed.len()))
                    } }
                </span>
            </label>
            if !selected.is_empty() {
                <button type="button" class="button primary" data-testid="bulk-ack" onclick={act(|session, ids| session.acknowledge(&ids))}>{ say::acknowledge() }</button>
                <Menu label={say::snooze()} test_id="bulk-snooze" choices={snoozes(&session, views)} />
                <button type="button" class="button" data-testid="bulk-read" onclick={act(|session, ids| session.mark_read(ids))}>{ say::mark_read() }</button>
                <button type="button" class="button" data-testid="bulk-dismiss" onclick={act(|session, ids| session.dismiss(ids))}>{ say::dismiss() }</button>
                <button type="button" class="button quiet" onclick={clear}>{ say::clear() }</button>
            }
        </div>
    }
}
