//! The profiles: which feeds are watched side by side, and what marks each. Every change is in force at once.

mod line;
mod remove;
mod rename;

use std::rc::Rc;

use domain::view::{ProfileAnswer, ProfileFault};
use yew::prelude::*;

use crate::backend::BackendError;
use crate::live::Topic;
use crate::pages::welcome;
use crate::session::use_live;
use crate::words::profiles as say;

use line::ProfileLine;

/// What became of a change, where there is something to say.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    failed: bool,
    text: String,
}

impl Said {
    /// `None`: it is done, and that is to be seen.
    fn of(answer: Result<ProfileAnswer, BackendError>) -> Option<Self> {
        match answer {
            Ok(ProfileAnswer::Done(remark)) => remark.map(|text| Self { failed: false, text }),
            Ok(ProfileAnswer::Refused(ProfileFault { reason, .. })) => {
                Some(Self { failed: true, text: reason })
            }
            Err(error) => Some(Self { failed: true, text: error.in_words() }),
        }
    }
}

#[component]
pub(super) fn Profiles() -> Html {
    let profiles = use_live(Topic::Profiles, |state| Rc::clone(&state.profiles));
    let said = use_state_eq(|| None::<Said>);
    let on_said = {
        let said = said.setter();
        Callback::from(move |next: Option<Said>| said.set(next))
    };
    let add = Callback::from(|_: MouseEvent| welcome::add_feed());
    html! {
        <section id="settings-profiles" class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }<small>{ say::head_note() }</small></h2>
            <ul class="profiles-list">
                { for profiles.iter().map(|view| html! {
                    <ProfileLine key={view.name.as_str()} view={view.clone()} on_said={on_said.clone()} />
                }) }
            </ul>
            <div role="status" data-testid="profiles-said">
                { for said.iter().map(|said| html! {
                    <p class={classes!("card-note", said.failed.then_some("failed"))}>{ &said.text }</p>
                }) }
            </div>
            <p class="card-note">{ say::about() }</p>
            <div class="form-part">
                <button type="button" class="button" data-testid="profile-add" onclick={add}>{ say::add() }</button>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_to_be_seen_anyway_is_said() {
        assert_eq!(Said::of(Ok(ProfileAnswer::Done(None))), None);
        let remark = Said::of(Ok(ProfileAnswer::Done(Some("Later.".to_owned()))));
        assert_eq!(remark, Some(Said { failed: false, text: "Later.".to_owned() }));
        let fault = ProfileFault::general("the file cannot be written");
        let refused = Said::of(Ok(ProfileAnswer::Refused(fault))).unwrap();
        assert!(refused.failed && refused.text.contains("written"));
    }
}
