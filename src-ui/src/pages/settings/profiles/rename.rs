use domain::view::{ProfileAnswer, ProfileField};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Said;
use crate::design::{Dialog, Entry};
use crate::session::use_session;
use crate::words::profiles as say;

#[derive(PartialEq, Properties)]
pub(super) struct RenameProfileProps {
    pub(super) name: AttrValue,
    pub(super) on_close: Callback<()>,
    pub(super) on_said: Callback<Option<Said>>,
}

#[component]
pub(super) fn RenameProfile(props: &RenameProfileProps) -> Html {
    let session = use_session();
    let text = use_state_eq(|| props.name.to_string());
    let fault = use_state_eq(|| None::<AttrValue>);
    let under_way = use_state_eq(|| false);
    let rename = {
        let (text, fault, under_way) = (text.clone(), fault.setter(), under_way.setter());
        let (name, close, said) =
            (props.name.clone(), props.on_close.clone(), props.on_said.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wanted = text.trim().to_owned();
            if *name == *wanted {
                return close.emit(());
            }
            under_way.set(true);
            let answer = session.rename_profile(&name, &wanted);
            let (fault, under_way) = (fault.clone(), under_way.clone());
            let (close, said) = (close.clone(), said.clone());
            spawn_local(async move {
                let answer = answer.await;
                under_way.set(false);
                match &answer {
                    Ok(ProfileAnswer::Refused(refused)) => {
                        let reason = refused.reason.clone();
                        fault.set(Some(match refused.field {
                            Some(ProfileField::Name) => reason.into(),
                            _ => say::cannot(&reason).into(),
                        }));
                    }
                    _ => {
                        close.emit(());
                        said.emit(Said::of(answer));
                    }
                }
            });
        })
    };
    let oninput = {
        let (text, fault) = (text.setter(), fault.setter());
        Callback::from(move |typed: String| {
            text.set(typed);
            fault.set(None);
        })
    };
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ say::cancel() }</button>
            <button type="submit" form="profile-rename-form" class="button primary" data-testid="profile-rename-save" disabled={*under_way}>
                { if *under_way { say::moving() } else { say::rename() } }
            </button>
        </>
    };
    html! {
        <Dialog title={say::rename_one(&props.name)} test_id="profile-rename-dialog" on_close={props.on_close.clone()} {actions}>
            <form id="profile-rename-form" class="dialog-form" onsubmit={rename} novalidate=true>
                <Entry id="profile-new-name" label={say::name()} wide=true first=true value={(*text).clone()} fault={(*fault).clone()} {oninput}
                    hint={say::name_hint()} />
                <p>{ say::rename_about() }</p>
            </form>
        </Dialog>
    }
}
