use domain::view::{ProfileKept, ProfileRemains};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Said;
use crate::design::Dialog;
use crate::format;
use crate::session::use_session;
use crate::words::profiles as say;

#[derive(PartialEq, Properties)]
pub(super) struct RemoveProfileProps {
    pub(super) name: AttrValue,
    pub(super) on_close: Callback<()>,
    pub(super) on_said: Callback<Option<Said>>,
}

/// What is kept of the profile.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Waiting,
    Kept(ProfileKept),
    Failed(String),
}

/// Asks before a profile is removed, and says what would be lost with it.
#[component]
pub(super) fn RemoveProfile(props: &RemoveProfileProps) -> Html {
    let session = use_session();
    let known = use_state_eq(|| Known::Waiting);
    let under_way = use_state_eq(|| false);
    {
        let (session, known) = (session.clone(), known.setter());
        use_effect_with(props.name.clone(), move |name| {
            let answer = session.profile_kept(name);
            spawn_local(async move {
                known.set(match answer.await {
                    Ok(kept) => Known::Kept(kept),
                    Err(error) => Known::Failed(error.in_words()),
                });
            });
        });
    }
    let remove = |remains: ProfileRemains| {
        let (session, under_way) = (session.clone(), under_way.setter());
        let (name, close, said) =
            (props.name.clone(), props.on_close.clone(), props.on_said.clone());
        Callback::from(move |_: MouseEvent| {
            under_way.set(true);
            let answer = session.remove_profile(&name, remains);
            let (close, said) = (close.clone(), said.clone());
            spawn_local(async move {
                let outcome = Said::of(answer.await);
                close.emit(());
                said.emit(outcome);
            });
        })
    };
    let is_kept = matches!(&*known, Known::Kept(kept) if !kept.contents.is_empty());
    // What would be deleted is named before it can be.
    let waits = *under_way || *known == Known::Waiting;
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" autofocus=true onclick={cancel}>{ say::cancel() }</button>
            if is_kept {
                <button type="button" class="button" data-testid="profile-remove-keep" disabled={waits} onclick={remove(ProfileRemains::Kept)}>{ say::remove_keep() }</button>
                <button type="button" class="button primary" data-testid="profile-remove-delete" disabled={waits} onclick={remove(ProfileRemains::Deleted)}>{ say::remove_delete() }</button>
            } else {
                <button type="button" class="button primary" data-testid="profile-remove-delete" disabled={waits} onclick={remove(ProfileRemains::Deleted)}>{ say::remove() }</button>
            }
        </>
    };
    html! {
        <Dialog title={say::remove_one(&props.name)} test_id="profile-remove-dialog" on_close={props.on_close.clone()} {actions}>
            <p>{ say::remove_about() }</p>
            { match &*known {
                Known::Waiting => html! { <p role="status">{ say::looking() }</p> },
                Known::Failed(why) => html! { <p role="alert">{ say::untold(why) }</p> },
                Known::Kept(kept) => kept_of(kept),
            } }
        </Dialog>
    }
}

fn kept_of(kept: &ProfileKept) -> Html {
    if kept.contents.is_empty() {
        return html! { <p data-testid="profile-kept">{ say::nothing_kept() }</p> };
    }
    html! {
        <div data-testid="profile-kept">
            <p>{ say::kept(&size(kept.bytes)) }</p>
            <ul class="profile-kept">{ for kept.contents.iter().map(|what| html! { <li>{ what }</li> }) }</ul>
            <p class="profile-folder">{ &kept.folder }</p>
        </div>
    }
}

/// In the unit that leaves up to three digits.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => say::bytes(&bytes.to_string()),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", format::decimal(bytes as f64 / 1e9, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_few_digits() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (4_096, "4 kB"),
            (12_400_000, "12 MB"),
            (2_340_000_000, "2.3 GB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }
}
