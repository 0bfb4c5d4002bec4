use std::rc::Rc;

use domain::VaultId;
use domain::view::{CheckLine, CheckStep, NewProfile, ProfileAnswer, ProfileField};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::address;
use super::choices::Way;
use super::steps::{Test, steps};
use crate::backend::Address;
use crate::design::Entry;
use crate::session::{Session, use_session};
use crate::shell::use_unsaved;
use crate::words::welcome as say;

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    url: String,
    token: String,
    vault: String,
    /// `None`: as the address suggests.
    name: Option<String>,
}

impl Draft {
    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| address::name_of(&self.url))
    }

    fn vault(&self, way: Way) -> Option<String> {
        (way == Way::OneVault).then(|| self.vault.trim().to_owned())
    }

    fn token(&self) -> Option<String> {
        let token = self.token.trim();
        (!token.is_empty()).then(|| token.to_owned())
    }
}

/// What is wrong with a field, as its name goes on.
#[derive(Clone, Debug, Default, PartialEq)]
struct Faults {
    url: Option<String>,
    token: Option<String>,
    vault: Option<String>,
    name: Option<String>,
    /// About no field.
    other: Option<String>,
}

impl Faults {
    fn of(draft: &Draft, way: Way) -> Self {
        let vault = match (way, VaultId::new(draft.vault.trim())) {
            (Way::OneVault, Err(_)) if draft.vault.trim().is_empty() => {
                Some(say::vault_missing().to_owned())
            }
            (Way::OneVault, Err(error)) => Some(error.to_string()),
            _ => None,
        };
        Self {
            url: address::fault(&draft.url).map(str::to_owned),
            vault,
            name: address::name_fault(&draft.name()).map(str::to_owned),
            ..Self::default()
        }
    }

    fn any(&self) -> bool {
        *self != Self::default()
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct ConnectProps {
    pub(super) way: Way,
    pub(super) back: Callback<()>,
    /// The profile's name, and what is to be known of it.
    pub(super) kept: Callback<(String, Option<String>)>,
}

#[component]
pub(super) fn Connect(props: &ConnectProps) -> Html {
    let session = use_session();
    let way = props.way;
    let draft = use_state_eq(Draft::default);
    // Told once somebody wanted to go on: nobody has mistyped what is not typed yet.
    let faults = use_state_eq(Faults::default);
    let test = use_state_eq(|| Test::NotRun);
    let lines = use_state_eq(|| Rc::new(Vec::<CheckLine>::new()));
    let saving = use_state_eq(|| false);
    let run = use_mut_ref(|| 0u32);
    use_unsaved(*draft != Draft::default() && !*saving);

    let change = {
        let (draft, faults, test, run) = (draft.clone(), faults.clone(), test.clone(), run.clone());
        move |change: fn(&mut Draft, String)| {
            let (draft, faults, test, run) =
                (draft.clone(), faults.clone(), test.clone(), run.clone());
            Callback::from(move |text: String| {
                let mut next = (*draft).clone();
                change(&mut next, text);
                if faults.any() {
                    faults.set(Faults::of(&next, way));
                }
                draft.set(next);
                // Of another address nothing is known.
                *run.borrow_mut() += 1;
                test.set(Test::NotRun);
            })
        }
    };
    let ontest = {
        let (session, draft, faults) = (session.clone(), draft.clone(), faults.setter());
        let (test, lines, run) = (test.setter(), lines.setter(), run);
        Callback::from(move |_: MouseEvent| {
            let found = Faults { name: None, ..Faults::of(&draft, way) };
            faults.set(found.clone());
            if found.any() {
                return;
            }
            let number = {
                let mut run = run.borrow_mut();
                *run += 1;
                *run
            };
            test.set(Test::Running);
            lines.set(Rc::default());
            let address = Address {
                url: draft.url.trim().to_owned(),
                token: draft.token(),
                vault: draft.vault(way),
            };
            let told = {
                let (lines, faults, run) = (lines.clone(), faults.clone(), run.clone());
                let all = std::cell::RefCell::new(Vec::new());
                Box::new(move |line: CheckLine| {
                    // Of an address that was changed meanwhile.
                    if *run.borrow() != number {
                        return;
                    }
                    if !line.ok && line.step == CheckStep::Configuration {
                        let url = Some(line.detail.clone());
                        faults.set(Faults { url, ..Faults::default() });
                    }
                    all.borrow_mut().push(line);
                    lines.set(Rc::new(all.borrow().clone()));
                })
            };
            let answer = session.check_address(address, told);
            let (test, run) = (test.clone(), run.clone());
            spawn_local(async move {
                let ended = match answer.await {
                    Ok(end) => Test::Ended(end),
                    Err(error) => Test::Failed(error.in_words()),
                };
                if *run.borrow() == number {
                    test.set(ended);
                }
            });
        })
    };
    let onkeep = {
        let (draft, faults) = (draft.clone(), faults.setter());
        let (saving, kept) = (saving.setter(), props.kept.clone());
        Callback::from(move |_: MouseEvent| {
            let found = Faults::of(&draft, way);
            faults.set(found.clone());
            if found.any() {
                return;
            }
            saving.set(true);
            let (session, draft) = (session.clone(), (*draft).clone());
            let (faults, saving, kept) = (faults.clone(), saving.clone(), kept.clone());
            spawn_local(async move {
                match keep(&session, &draft, way).await {
                    Ok(remark) => kept.emit((draft.name(), remark)),
                    Err(found) => {
                        faults.set(found);
                        saving.set(false);
                    }
                }
            });
        })
    };
    let fault = |of: &Option<String>| of.clone().map(AttrValue::from);
    let passed = matches!(&*test, Test::Ended(end) if end.ok);
    let tried = matches!(&*test, Test::Ended(_) | Test::Failed(_));
    let running = *test == Test::Running;
    let title = if way == Way::OneVault { say::one_vault() } else { say::feed() };
    let back = props.back.reform(|_: MouseEvent| ());
    html! {
        <section class="card" aria-label={title} data-testid="connect">
            <h2 class="card-head">{ title }</h2>
            <div class="form-part">
                if way == Way::OneVault {
                    <Entry id="connect-vault" label={say::vault()} wide=true first=true value={draft.vault.clone()} fault={fault(&faults.vault)}
                        placeholder={say::vault_example()} hint={say::vault_hint()} oninput={change(|draft, text| draft.vault = text)} />
                }
                <Entry id="connect-url" label={say::address()} wide=true first={way == Way::Feed} value={draft.url.clone()} fault={fault(&faults.url)}
                    placeholder="wss://feed.example/ws" hint={say::address_hint()} oninput={change(|draft, text| draft.url = text)} />
                <Entry id="connect-token" label={say::token()} wide=true secret=true value={draft.token.clone()} fault={fault(&faults.token)}
                    hint={say::token_hint()} oninput={change(|draft, text| draft.token = text)} />
                <Entry id="connect-name" label={say::name()} value={draft.name()} fault={fault(&faults.name)}
                    hint={say::name_hint()} oninput={change(|draft, text| draft.name = Some(text))} />
                { for faults.other.as_ref().map(|why| html! { <p class="form-refused" role="alert" data-testid="connect-refused">{ why }</p> }) }
            </div>
            { steps(&lines, &test) }
            <div class="connect-end">
                <button type="button" class="button" data-testid="connect-back" onclick={back}>{ say::back() }</button>
                <button type="button" class={if passed { "button" } else { "button primary" }} data-testid="connect-test" disabled={running} onclick={ontest}>
                    { if running { say::trying() } else if tried { say::try_again() } else { say::try_it() } }
                </button>
                if tried {
                    <button type="button" class={if passed { "button primary" } else { "button" }} data-testid="connect-keep" disabled={*saving} onclick={onkeep}>
                        { if passed { say::keep() } else { say::keep_all_the_same() } }
                    </button>
                }
            </div>
        </section>
    }
}

/// Adds the profile; what is wrong with it is told at its field.
async fn keep(session: &Session, draft: &Draft, way: Way) -> Result<Option<String>, Faults> {
    let profile = NewProfile {
        name: draft.name(),
        urls: vec![draft.url.trim().to_owned()],
        token: draft.token(),
        vault: draft.vault(way),
        ..NewProfile::default()
    };
    let reason = match session.add_profile(profile).await {
        Ok(ProfileAnswer::Done(remark)) => return Ok(remark),
        Ok(ProfileAnswer::Refused(fault)) => {
            let reason = Some(fault.reason);
            return Err(match fault.field {
                Some(ProfileField::Name) => Faults { name: reason, ..Faults::default() },
                Some(ProfileField::Url) => Faults { url: reason, ..Faults::default() },
                Some(ProfileField::Token) => Faults { token: reason, ..Faults::default() },
                None => Faults { other: reason, ..Faults::default() },
            });
        }
        Err(error) => error.in_words(),
    };
    Err(Faults { other: Some(reason), ..Faults::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_wrong_only_where_it_is_asked_for() {
        let draft = Draft { url: "wss://feed.acme.example/ws".to_owned(), ..Draft::default() };
        assert!(!Faults::of(&draft, Way::Feed).any());
        assert_eq!((draft.name(), draft.token()), ("acme".to_owned(), None));
        let faults = Faults::of(&draft, Way::OneVault);
        assert_eq!(faults.vault.as_deref(), Some("must not be empty"));
        let named = Draft { vault: " 0xAb ".to_owned(), name: Some("My desk".to_owned()), ..draft };
        let faults = Faults::of(&named, Way::OneVault);
        assert!(faults.vault.is_none() && faults.name.is_some());
        assert_eq!(named.vault(Way::OneVault).as_deref(), Some("0xAb"));
        assert_eq!(named.vault(Way::Feed), None);
    }
}
