use std::rc::Rc;

use domain::view::{DryRunOf, NotificationView, RulesView, Target};
use smol_str::SmolStr;
use yew::prelude::*;

use super::{DryRun, is_built_in};
use crate::design::Dialog;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::shell::route;
use crate::words::{self, SLOT, dry_run_doubt as say};

/// What the rule of an alert would have done, for whoever says that it was a false alarm.
#[component]
pub(crate) fn DoubtDialog() -> Html {
    let session = use_session();
    let doubted = use_live(Topic::Rules, |state| state.doubted.clone());
    let rules = use_live(Topic::Rules, |state| state.rules.clone());
    {
        let session = session.clone();
        use_effect_with(doubted.is_some(), move |open| {
            if *open {
                session.load_rules();
            }
        });
    }
    let Some(alert) = doubted else { return Html::default() };
    let close = {
        let live = session.live.clone();
        Callback::from(move |()| live.doubt(None))
    };
    let evidence = alert.evidence.as_deref();
    let rule = evidence.map(|evidence| evidence.rule.as_str()).unwrap_or_default();
    let found = found(&alert, rules.as_deref());
    let own = matches!(found, Found::Rule(_));
    let goes = {
        let (live, name) = (session.live, own.then(|| SmolStr::new(rule)));
        Callback::from(move |_: MouseEvent| {
            live.doubt(None);
            route::open(&Target::Rules(name.clone()));
        })
    };
    let done = close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" data-testid="doubt-close" onclick={done}>{ say::leave() }</button>
            if own { <button type="button" class="button primary" data-testid="doubt-edit" onclick={goes.clone()}>{ say::change() }</button> }
            else { <button type="button" class="button primary" data-testid="doubt-rules" onclick={goes}>{ say::to_rules() }</button> }
        </>
    };
    html! {
        <Dialog title={say::head()} test_id="doubt-dialog" on_close={close} {actions}>
            <p>{ words::set(&say::kept(SLOT), [html! { <strong>{ &alert.title }</strong> }]) }</p>
            { match found {
                Found::NotYet => html! { <p>{ say::reading() }</p> },
                Found::Rule(of) => html! {
                    <>
                        <p>{ words::set(&say::by_your_rule(SLOT), [html! { <span class="mono">{ rule }</span> }]) }</p>
                        <DryRun of={Ok(of)} at_once=true />
                    </>
                },
                Found::BuiltIn(of) => html! {
                    <>
                        <p>{ say::by_ladder() }</p>
                        <DryRun of={Ok(of)} at_once=true />
                    </>
                },
                Found::None => html! { <p>{ say::by_none() }</p> },
            } }
        </Dialog>
    }
}

enum Found {
    /// The rules have not been read.
    NotYet,
    Rule(DryRunOf),
    BuiltIn(DryRunOf),
    None,
}

fn found(alert: &Rc<NotificationView>, rules: Option<&RulesView>) -> Found {
    let Some(evidence) = &alert.evidence else { return Found::None };
    if let (true, Some(vault)) = (is_built_in(evidence), &alert.vault) {
        return Found::BuiltIn(DryRunOf::BuiltIn(vault.clone()));
    }
    let Some(rules) = rules else { return Found::NotYet };
    // Its variants have one name, and are played together.
    let at = rules.options.rule.iter().position(|rule| rule.name == evidence.rule);
    match at.map(|at| (at, &rules.options.rule[at])) {
        Some((at, rule)) => {
            Found::Rule(DryRunOf::Rule { at: Some(at), rule: Box::new(rule.clone()) })
        }
        None => Found::None,
    }
}
