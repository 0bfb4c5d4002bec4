//! The user's rules, and the policies and labels beside them: seen, changed, tried out. The file they stand in is the
//! configuration's; what is saved here is in force at once.

mod dialog;
mod draft;
mod editor;
mod fields;
mod form;
mod label;
mod level;
mod line;
mod list;
mod metric;
mod policy;

use std::rc::Rc;

use domain::rules::{Entry, RulesEdit};
use domain::view::{FaultView, RulesAnswer, RulesView, Target};
use smol_str::SmolStr;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use draft::Draft;
use editor::Editor;
use label::Labels;
use list::RuleList;
use policy::Policies;

use crate::design::Icon;
use crate::live::Topic;
use crate::session::{Session, use_live, use_session};
use crate::shell::route;
use crate::words::{self, SLOT, rules as say};

#[derive(PartialEq, Properties)]
pub(crate) struct RulesProps {
    /// The rule to be opened.
    pub(crate) name: Option<SmolStr>,
}

/// What the page shows.
#[derive(Clone, PartialEq)]
enum Shown {
    All,
    Form(Rc<Draft>),
}

#[component]
pub(crate) fn Rules(props: &RulesProps) -> Html {
    let session = use_session();
    let rules = use_live(Topic::Rules, |state| state.rules.clone());
    let refused = use_live(Topic::Rules, |state| state.rules_refused.clone());
    let shown = use_state_eq(|| Shown::All);
    use_effect_with((), move |()| session.load_rules());
    {
        // Once for each address, as soon as the rules are there.
        let (shown, rules) = (shown.setter(), rules.clone());
        use_effect_with((props.name.clone(), rules.is_some()), move |(name, _)| {
            let Some((name, rules)) = name.as_ref().zip(rules) else {
                return shown.set(Shown::All);
            };
            let found = rules.options.rule.iter().enumerate().find(|(_, rule)| rule.name == *name);
            if let Some((at, rule)) = found {
                shown.set(Shown::Form(Rc::new(Draft::of(Some(at), rule))));
            }
        });
    }
    let open = {
        let shown = shown.setter();
        Callback::from(move |draft: Draft| shown.set(Shown::Form(Rc::new(draft))))
    };
    let close = {
        let (shown, addressed) = (shown.setter(), props.name.is_some());
        Callback::from(move |()| {
            shown.set(Shown::All);
            if addressed {
                route::open(&Target::Rules(None));
            }
        })
    };
    let refusal = refused.map(|why| html! { <p class="form-refused" role="alert" data-testid="rules-refused">{ why.to_string() }</p> });
    let Some(rules) = rules else {
        return html! {
            <main class="page rules-page" data-testid="rules-page" aria-busy="true">
                { refusal.unwrap_or_else(|| html! { <div class="skeleton"><div class="skeleton-totals" /></div> }) }
            </main>
        };
    };
    html! {
        <main class="page rules-page" data-testid="rules-page">
            { refusal.unwrap_or_default() }
            if let Some(why) = &rules.locked {
                <p class="rules-locked" role="alert">{ Icon::Warning.html() }
                    <span><strong>{ say::locked() }</strong>{ say::locked_why(&rules.path, why) }</span></p>
            }
            { match &*shown {
                Shown::Form(draft) => {
                    let key = format!("{:?}-{}", draft.at, draft.rule.name);
                    html! { <Editor {key} start={Rc::clone(draft)} rules={Rc::clone(&rules)} on_close={close} /> }
                }
                Shown::All => html! {
                    <>
                        <RuleList rules={Rc::clone(&rules)} on_open={open} />
                        <Policies rules={Rc::clone(&rules)} />
                        <Labels rules={Rc::clone(&rules)} />
                        <p class="rules-file">{ words::set(&say::file(SLOT), [html! { <span class="mono">{ &rules.path }</span> }]) }</p>
                    </>
                },
            } }
        </main>
    }
}

/// Makes a change that has no form; what stood in its way is told.
fn change(session: &Session, seen: &Rc<RulesView>, edit: RulesEdit, done: String) {
    let (session, seen) = (session.clone(), Rc::clone(seen));
    spawn_local(async move {
        let why = match session.change_rules(&seen, edit, done).await {
            Ok(RulesAnswer::Saved(_)) => return,
            Ok(RulesAnswer::Outdated(_)) => say::outdated().to_owned(),
            Ok(RulesAnswer::Faulty(faults)) => refusal(&faults),
            Err(error) => error.in_words(),
        };
        session.live.refuse_rules(&why);
    });
}

/// All faults in one line, each with where it is.
fn refusal(faults: &[FaultView]) -> String {
    let one = |fault: &FaultView| {
        let place = match fault.entry {
            Entry::Rule(at) => say::at_rule(&(at + 1).to_string()),
            Entry::Policy(at) => say::at_policy(&(at + 1).to_string()),
            Entry::Labels => say::at_labels().to_owned(),
        };
        format!("{place}: {} {}", fault.field, fault.reason)
    };
    faults.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Which names, tokens and chains there are: what a field proposes.
fn proposals(id: &'static str, all: impl IntoIterator<Item = String>) -> Html {
    html! { <datalist {id}>{ for all.into_iter().map(|one| html! { <option value={one} /> }) }</datalist> }
}
