use std::rc::Rc;

use domain::Level;
use domain::view::{Action, Freshness, NotificationState, NotificationView, Target, Tone};
use yew::prelude::*;

use super::{Icon, level_icon, level_style};
use crate::words::{CORE, Language, design as say, language};

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
                <strong lang={CORE}>{ &one.title }</strong>
                <p lang={CORE}>{ &one.message }</p>
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

/// What an alert's link says: the core's own word, which is English, or where it leads in the language that is spoken.
pub(crate) fn action_word(action: &Action) -> AttrValue {
    let word = match (language(), &action.target) {
        (Language::English, _) => None,
        (_, Target::Vault(_)) => Some(say::view_vault()),
        (_, Target::System) => Some(say::view_connection()),
        (_, Target::Settings) => Some(say::view_settings()),
        (_, Target::Alerts) => Some(say::view_alerts()),
        _ => None,
    };
    word.map_or_else(|| AttrValue::from(action.label.clone()), AttrValue::from)
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
