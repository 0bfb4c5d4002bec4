use std::rc::Rc;

use domain::Level;
use domain::view::{Action, Freshness, NotificationState, NotificationView, Target, Tone};
use yew::prelude::*;

use super::{Icon, level_icon, level_style};
use crate::words::design as say;

#[derive(PartialEq, Properties)]
pub(crate) struct ToastProps {
    pub(crate) one: Rc<NotificationView>,
    /// Where its action leads.
    #[prop_or_default]
    pub(crate) href: Option<AttrValue>,
    pub(crate) dismiss: Callback<()>,
    #[prop_or_default]
    pub(crate) acknowledge: Option<Callback<()>>,
}

/// A notification that flies over the page. Dismissing it leaves it in the center.
#[component]
pub(crate) fn Toast(props: &ToastProps) -> Html {
    let one = &props.one;
    let id = one.id;
    let firing = one.state == NotificationState::Firing;
    let dismiss = props.dismiss.reform(|_: MouseEvent| ());
    let action = one.action.as_ref().filter(|_| firing).zip(props.href.clone());
    let acknowledge = props.acknowledge.clone().filter(|_| firing && one.severity >= Level::High);
    html! {
        <div class="toast" data-testid={format!("toast-{id}")} data-state={state_style(one.state)} data-level={level_style(Some(one.severity))}>
            <span class="alert-icon">{ alert_icon(one) }</span>
            <div class="toast-text">
                <strong>{ &one.title }</strong>
                <p>{ &one.message }</p>
                if action.is_some() || acknowledge.is_some() {
                    <div class="toast-actions">
                        { for action.map(|(action, href)| html! {
                            <a class="toast-action" {href} onclick={dismiss.clone()}>{ action_word(action) }</a>
                        }) }
                        { for acknowledge.map(|acknowledge| html! {
                            <button type="button" class="toast-action" data-testid={format!("toast-ack-{id}")}
                                onclick={acknowledge.reform(|_: MouseEvent| ())}>{ say::acknowledge() }</button>
                        }) }
                    </div>
                }
            </div>
            <button type="button" class="icon-button small" aria-label={say::dismiss_one(&one.title)} title={say::dismiss()} onclick={dismiss}>
                { Icon::Close.html() }
            </button>
        </div>
    }
}

/// What an alert's link says: where it leads, in the language that is spoken now. Its own label is in the one that was
/// spoken when the alert was told.
pub(crate) fn action_word(action: &Action) -> AttrValue {
    match &action.target {
        Target::Vault(_) => say::view_vault().into(),
        Target::System => say::view_connection().into(),
        Target::Settings => say::view_settings().into(),
        Target::Alerts => say::view_alerts().into(),
        _ => action.label.clone().into(),
    }
}

pub(crate) fn alert_icon(one: &NotificationView) -> Html {
    match (one.state, one.tone) {
        (NotificationState::Resolved, _) | (_, Tone::Success) => Icon::Check.html(),
        (NotificationState::Snoozed, _) => Icon::Wait.html(),
        (_, Tone::Info) if one.severity == Level::Low => Icon::Info.html(),
        _ => level_icon(Some(one.severity), Freshness::Live),
    }
}

pub(crate) fn state_style(state: NotificationState) -> &'static str {
    match state {
        NotificationState::Firing => "firing",
        NotificationState::Acknowledged => "acknowledged",
        NotificationState::Snoozed => "snoozed",
        NotificationState::Resolved => "resolved",
    }
}

#[cfg(test)]
mod tests {
    use domain::VaultId;

    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn a_link_says_where_it_leads_whatever_was_spoken_then() {
        let (label, target) =
            ("Vault ansehen".to_owned(), Target::Vault(VaultId::new("A").unwrap()));
        let action = Action { label, target };
        assert_eq!(action_word(&action), "View vault");
        speak(Language::German);
        assert_eq!(action_word(&action), "Ansehen");
        let other = Action { label: "Open".to_owned(), target: Target::Markets };
        assert_eq!(action_word(&other), "Open", "the core leads there by no alert");
    }
}
