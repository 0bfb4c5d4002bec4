//! What the forms of this page have in common: they are checked while somebody types, by the code that reads the file.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::rules::{Entry, RulesEdit};
use domain::view::{FaultView, RulesAnswer, RulesView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{proposals, refusal};
use crate::clock;
use crate::session::{Session, use_session};
use crate::words::rules as say;

/// Milliseconds without a key before what was typed is checked.
const PAUSE: i32 = 200;

/// What somebody typed, as a change; or the field that can be no part of one, and why.
pub(super) type Typed = Result<RulesEdit, (&'static str, &'static str)>;

/// A form and what is wrong with it.
#[derive(Clone)]
pub(super) struct Form {
    session: Session,
    /// The rules that it was opened with.
    seen: Rc<RulesView>,
    entry: Entry,
    faults: UseStateHandle<Rc<Vec<FaultView>>>,
    /// Somebody has tried to save it: now what is empty is wrong, too.
    attempted: UseStateHandle<bool>,
    refused: UseStateHandle<Option<AttrValue>>,
}

/// A form for this entry of the rules.
#[hook]
pub(super) fn use_form(entry: Entry, typed: &Typed, rules: &Rc<RulesView>) -> Form {
    let session = use_session();
    let seen = use_memo((), |()| Rc::clone(rules));
    let faults = use_state_eq(|| Rc::new(Vec::new()));
    let attempted = use_state_eq(|| false);
    let refused = use_state_eq(|| None);
    let latest = use_mut_ref(|| 0_u32);
    {
        let (session, faults, opened) = (session.clone(), faults.setter(), Rc::clone(&seen));
        use_effect_with(typed.clone(), move |typed| {
            *latest.borrow_mut() += 1;
            let mine = *latest.borrow();
            let edit = match typed {
                Ok(edit) => edit.clone(),
                Err((field, reason)) => {
                    let (field, reason) = ((*field).to_owned(), (*reason).to_owned());
                    return faults.set(Rc::new(vec![FaultView { entry, field, reason }]));
                }
            };
            clock::soon(PAUSE, move || {
                if *latest.borrow() != mine {
                    return;
                }
                // Where its entry stands by now. One that is gone is told of when it is saved.
                let now = session.live.read(|state| state.rules.clone());
                let edit = now.and_then(|now| edit.rebased(&opened.options, &now.options));
                let Some(edit) = edit else { return };
                spawn_local(async move {
                    // Without an answer nothing is said: saving will say it.
                    if let Ok(found) = session.check_rules(edit).await
                        && *latest.borrow() == mine
                    {
                        faults.set(Rc::new(found));
                    }
                });
            });
        });
    }
    let rebased = typed.as_ref().ok().and_then(|edit| edit.rebased(&seen.options, &rules.options));
    let entry = rebased.and_then(|edit| edit.entry(&rules.options)).unwrap_or(entry);
    Form { session, seen: Rc::clone(&seen), entry, faults, attempted, refused }
}

impl Form {
    /// What is wrong with a field, or with a part of it. An empty one is told of when somebody tries to save.
    pub(super) fn fault(&self, fields: &[&str], typed: &str) -> Option<AttrValue> {
        if typed.trim().is_empty() && !*self.attempted {
            return None;
        }
        let within = |fault: &&FaultView| {
            let part = |field: &&str| {
                fault
                    .field
                    .strip_prefix(*field)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            fault.entry == self.entry && fields.iter().any(part)
        };
        self.faults.iter().find(within).map(|fault| AttrValue::from(fault.reason.clone()))
    }

    /// Why it cannot be saved, as far as that stands at no field.
    pub(super) fn refusal(&self) -> Html {
        let elsewhere = self.faults.iter().filter(|fault| {
            *self.attempted && (fault.entry != self.entry || fault.field.is_empty())
        });
        let elsewhere: Vec<_> = elsewhere.cloned().collect();
        let why = match &*self.refused {
            Some(why) => why.to_string(),
            None if elsewhere.is_empty() => return Html::default(),
            None => refusal(&elsewhere),
        };
        html! { <p class="form-refused" role="alert" data-testid="form-refused">{ why }</p> }
    }

    /// Saves it, unless something is wrong; `saved` is called when it is in force.
    pub(super) fn save(&self, typed: Typed, done: String, saved: Callback<()>) {
        self.attempted.set(true);
        self.refused.set(None);
        let Ok(edit) = typed else { return };
        let form = self.clone();
        spawn_local(async move {
            match form.session.change_rules(&form.seen, edit, done).await {
                Ok(RulesAnswer::Saved(_)) => saved.emit(()),
                Ok(RulesAnswer::Faulty(faults)) => form.faults.set(Rc::new(faults)),
                Ok(RulesAnswer::Outdated(_)) => {
                    form.refused.set(Some(say::changed_meanwhile().into()));
                }
                Err(error) => form.refused.set(Some(error.in_words().into())),
            }
        });
    }
}

/// Lists of what there is, for fields to propose: `known-tokens` and `known-chains`.
pub(super) fn known(session: &Session) -> Html {
    let (tokens, chains) = session.live.read(|state| {
        let mut tokens = BTreeSet::new();
        let mut chains = BTreeSet::new();
        for entry in state.board.vaults() {
            tokens.extend(
                entry.row.tokens.split(", ").filter(|one| !one.is_empty()).map(str::to_owned),
            );
            chains.extend(entry.row.chain_id.map(|chain| chain.0));
        }
        (tokens, chains)
    });
    html! {
        <>
            { proposals("known-tokens", tokens) }
            { proposals("known-chains", chains.into_iter().map(|chain| chain.to_string())) }
        </>
    }
}
