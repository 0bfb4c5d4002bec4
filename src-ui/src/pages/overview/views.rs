//! Views of the table under a name: chosen from a menu, and saved from what is shown.

use std::rc::Rc;

use domain::view::{BadViewName, SavedView, SavedViews, TooManyViews, ViewName};
use yew::prelude::*;

use crate::clock;
use crate::design::{Choice, ChoiceKind, Dialog, Entry, Menu, choices};
use crate::later::{Later, Part};
use crate::live::{Topic, View, shown_view};
use crate::session::{Session, use_live, use_session};
use crate::words::overview_views as say;

/// The menu; its button bears the name of the view that is shown.
#[component]
pub(super) fn Views() -> Html {
    let session = use_session();
    let view = use_live(Topic::View, |state| state.view.clone());
    let preferences = use_live(Topic::Preferences, |state| Rc::clone(&state.preferences));
    let saving = use_state_eq(|| false);
    let here = shown_view(&view, &preferences).map(|saved| saved.name.clone());
    let list = {
        let (session, preferences, here, saving) =
            (session, Rc::clone(&preferences), here.clone(), saving.setter());
        choices(move || {
            let of = |saved: &SavedView| {
                let (session, chosen) = (session.clone(), saved.clone());
                Choice::new(saved.name.to_string(), move || session.show_view(&chosen))
                    .kind(ChoiceKind::Checked(here.as_ref() == Some(&saved.name)))
                    .test_id(format!("view-{}", saved.name))
            };
            let mut list: Vec<_> = preferences.saved_views.iter().map(of).collect();
            let saving = saving.clone();
            list.push(
                Choice::new(say::save_this(), move || saving.set(true))
                    .note(say::save_note())
                    .test_id("view-save"),
            );
            list.push(usual(&session));
            if let Some(name) = here.clone() {
                let (session, label) = (session.clone(), say::delete(name.as_str()));
                list.push(
                    Choice::new(label, move || session.delete_view(&name))
                        .kind(ChoiceKind::Harmful)
                        .test_id("view-delete"),
                );
            }
            list
        })
    };
    let close = {
        let saving = saving.setter();
        Callback::from(move |()| saving.set(false))
    };
    let label =
        here.as_ref().map_or(AttrValue::Static(say::views()), |name| name.to_string().into());
    html! {
        <>
            <Menu {label} class="button table-menu views-menu" test_id="views" choices={list} />
            // One child whether it is there or not: else the button would be built anew with it.
            { if *saving { html! { <Later part={Part::SaveView(SaveViewProps { name: here, on_close: close })} /> } } else { Html::default() } }
        </>
    }
}

/// Everything, the worst first, in the columns as they were at first.
fn usual(session: &Session) -> Choice {
    let session = session.clone();
    let show = move || {
        session.live.change_view(|view| *view = View::default(), clock::now());
        session.change_preferences(|preferences| {
            preferences.hidden_columns.clear();
            preferences.column_widths.clear();
            preferences.column_order.clear();
        });
    };
    Choice::new(say::usual(), show).note(say::usual_note()).test_id("view-usual")
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SaveViewProps {
    /// Of the view that is shown.
    pub(crate) name: Option<ViewName>,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn SaveView(props: &SaveViewProps) -> Html {
    let session = use_session();
    let text = use_state_eq(|| props.name.as_ref().map(ToString::to_string).unwrap_or_default());
    let refused = use_state_eq(|| None::<AttrValue>);
    let oninput = {
        let (text, refused) = (text.setter(), refused.setter());
        Callback::from(move |typed: String| {
            text.set(typed);
            refused.set(None);
        })
    };
    let replaces = text
        .parse::<ViewName>()
        .ok()
        .filter(|name| session.live.read(|state| state.preferences.saved_views.get(name).is_some()))
        .map(|name| say::replaces(name.as_str()));
    let onsubmit = {
        let (session, text, refused, close) =
            (session, text.clone(), refused.setter(), props.on_close.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match save(&session, &text) {
                Ok(()) => close.emit(()),
                Err(why) => refused.set(Some(why.into())),
            }
        })
    };
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ say::cancel() }</button>
            <button type="submit" form="view-form" class="button primary" data-testid="view-form-save">{ say::save() }</button>
        </>
    };
    html! {
        <Dialog title={say::save_head()} test_id="view-dialog" on_close={props.on_close.clone()} {actions}>
            <form id="view-form" class="dialog-form" {onsubmit} novalidate=true>
                <Entry id="view-name" label={say::name()} first=true wide=true value={(*text).clone()} {oninput}
                    hint={replaces.unwrap_or_default()} fault={(*refused).clone()} />
            </form>
        </Dialog>
    }
}

/// # Errors
/// What is wrong with the name, or that there is no room; goes on where a label ends.
fn save(session: &Session, name: &str) -> Result<(), String> {
    let bad = |_: BadViewName| say::bad_name(&ViewName::MOST.to_string());
    let name: ViewName = name.parse().map_err(bad)?;
    let too_many = |_: TooManyViews| say::too_many(&SavedViews::MOST.to_string());
    let mut outcome = Ok(());
    let view = session.live.read(|state| state.view.saved(name.clone(), &state.preferences));
    session.change_preferences(|preferences| {
        outcome = preferences.saved_views.put(view).map_err(too_many);
    });
    outcome
}
