use std::rc::Rc;

use domain::view::{
    Action, DeliveryView, NotificationId, NotificationState, NotificationView, Target, Tone,
};
use domain::{Level, UnixMillis};
use yew::prelude::*;

use super::super::{Empty, Icon, Toast};
use super::part;

#[component]
pub(super) fn Toasts() -> Html {
    let toast = |id: i64, severity: Level, tone: Tone, state: NotificationState, title: &str| {
        let one = NotificationView {
            id: NotificationId(id),
            tone,
            title: title.to_owned(),
            message: "WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %.".to_owned(),
            timestamp: UnixMillis(0),
            updated: UnixMillis(0),
            read: false,
            action: Some(Action { label: "View vault".to_owned(), target: Target::Alerts }),
            auto_dismiss: None,
            severity,
            vault: None,
            state,
            occurrences: 1,
            suppressed: 0,
            incident: None,
            acknowledged: None,
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: DeliveryView::NotWanted,
        };
        html! { <Toast one={Rc::new(one)} href="#/gallery" dismiss={Callback::noop()} acknowledge={Callback::noop()} /> }
    };
    part(
        "Toasts",
        html! {
            <div class="gallery-column gallery-toasts">
                { toast(1, Level::Critical, Tone::Error, NotificationState::Firing, "ETH-017: 7.9 % to liquidation") }
                { toast(2, Level::High, Tone::Warning, NotificationState::Firing, "ARB-044: 9.4 % to liquidation") }
                { toast(3, Level::Low, Tone::Info, NotificationState::Firing, "A plugin was loaded") }
                { toast(4, Level::High, Tone::Success, NotificationState::Resolved, "POL-031 recovered: 21 % left") }
            </div>
        },
    )
}

#[component]
pub(super) fn Banners() -> Html {
    part(
        "Banners and taking back",
        html! {
            <div class="gallery-column">
                <div class="banner demo"><strong class="tag">{ "DEMO" }</strong><span>{ "Simulated vaults and prices, to look around." }</span></div>
                <div class="banner down">{ Icon::Offline.html() }<span><strong>{ "Last known values. " }</strong>{ "Connection lost: refused. Attempt 4 in 7 s." }</span></div>
                <div class="banner blocked">{ Icon::Warning.html() }<span><strong>{ "The system shows no notifications. " }</strong>{ "Do Not Disturb is on." }</span><a class="button" href="#/gallery">{ "Test it" }</a></div>
                <div class="banner snoozed">{ Icon::Wait.html() }<span><strong>{ "Everything is snoozed " }</strong>{ "until 14:20." }</span></div>
                <div class="gallery-undo"><div class="undo"><span>{ "Acknowledged 3 alerts" }</span><button type="button" class="button">{ "Undo" }</button></div></div>
                <p class="form-refused">{ "The file was changed by somebody else: this is what stands there now." }</p>
            </div>
        },
    )
}

#[component]
pub(super) fn Waiting() -> Html {
    part(
        "Waiting, and nothing to show",
        html! {
            <div class="gallery-column">
                <div class="skeleton-totals" />
                <div class="skeleton-row"><i /><i /><i /><i /></div>
                <div class="skeleton-row"><i /><i /><i /><i /></div>
                <div class="chart-empty"><strong>{ "Nothing recorded in this time" }</strong><span>{ "Values are kept minute by minute while VaultWatch runs." }</span></div>
                <Empty icon={Icon::Bell} title="No alerts so far"><p>{ "When a vault comes close to its liquidation, it is told here." }</p></Empty>
            </div>
        },
    )
}
