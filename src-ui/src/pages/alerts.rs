//! The notification center as a page.

use std::rc::Rc;

use domain::Level;
use domain::view::{NotificationState, NotificationView};
use yew::prelude::*;

use crate::design::{Empty, Icon};
use crate::format;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::shell::AlertItem;

/// Which of the alerts are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    All,
    Unread,
    Open,
    Critical,
    Resolved,
}

impl Filter {
    const ALL: [Self; 5] = [Self::All, Self::Unread, Self::Open, Self::Critical, Self::Resolved];

    fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Unread => "Unread",
            Self::Open => "Open",
            Self::Critical => "Critical",
            Self::Resolved => "Resolved",
        }
    }

    fn admits(self, one: &NotificationView) -> bool {
        match self {
            Self::All => true,
            Self::Unread => !one.read,
            Self::Open => one.state != NotificationState::Resolved,
            Self::Critical => one.severity == Level::Critical,
            Self::Resolved => one.state == NotificationState::Resolved,
        }
    }
}

/// Every word of the search occurs in the title, the message or the vault's name.
fn finds(search: &str, one: &NotificationView) -> bool {
    let vault = one.vault.as_ref().map_or("", |vault| vault.as_str());
    let haystack = format!("{} {} {vault}", one.title, one.message).to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| haystack.contains(word))
}

#[component]
pub(crate) fn Alerts() -> Html {
    let session = use_session();
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let search = use_live(Topic::View, |state| state.view.search.clone());
    let filter = use_state_eq(|| Filter::All);
    let unread = all.iter().any(|one| !one.read);
    let read_all = Callback::from(move |_: MouseEvent| session.mark_all_read());
    let shown: Vec<&Rc<NotificationView>> =
        all.iter().filter(|one| filter.admits(one) && finds(&search, one)).collect();
    let chip = |of: Filter| {
        let set = filter.setter();
        let count = all.iter().filter(|one| of.admits(one)).count();
        html! {
            <button class="chip" data-testid={format!("alerts-{}", of.word().to_lowercase())} aria-pressed={(*filter == of).to_string()}
                onclick={Callback::from(move |_: MouseEvent| set.set(of))}>
                { of.word() }
                if count > 0 { <span class="chip-count">{ count }</span> }
            </button>
        }
    };
    html! {
        <main class="page alerts-page">
            <div class="filters" role="toolbar" aria-label="Filters">
                { for Filter::ALL.into_iter().map(chip) }
                <span class="filters-end">
                    if unread { <button class="button quiet" onclick={read_all}>{ "Mark all read" }</button> }
                    <span class="shown" role="status">{ format::count(shown.len(), "alert", "alerts") }</span>
                </span>
            </div>
            if all.is_empty() {
                <Empty icon={Icon::Bell} title="No alerts so far">
                    <p>{ "When a vault comes close to its liquidation, or the feed goes down, it is told here." }</p>
                    <p>{ "A critical one also becomes a notification of the system, whether this window is open or not." }</p>
                </Empty>
            } else if shown.is_empty() {
                <Empty icon={Icon::Search} title="No alert matches">
                    <p>{ "The filter and the search leave none of the alerts." }</p>
                </Empty>
            } else {
                <section class="card alerts-list" data-testid="notification-list" aria-label="Alerts">
                    { for shown.into_iter().map(|one| html! { <AlertItem key={one.id.0} one={Rc::clone(one)} /> }) }
                </section>
            }
        </main>
    }
}

#[cfg(test)]
mod tests {
    use domain::view::{NotificationId, Tone};
    use domain::{UnixMillis, VaultId};

    use super::*;

    #[test]
    fn filters_and_search() {
        let one = NotificationView {
            id: NotificationId(1),
            tone: Tone::Error,
            title: "ETH-017: 7.9 % to liquidation".to_owned(),
            message: "WETH $1,936".to_owned(),
            timestamp: UnixMillis(0),
            updated: UnixMillis(0),
            read: true,
            action: None,
            auto_dismiss: None,
            severity: Level::Critical,
            vault: Some(VaultId::new("0xAB").unwrap()),
            state: NotificationState::Acknowledged,
            occurrences: 1,
            suppressed: 0,
            incident: None,
            acknowledged: None,
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: domain::view::DeliveryView::NotWanted,
        };
        let admitted: Vec<_> =
            Filter::ALL.into_iter().filter(|filter| filter.admits(&one)).collect();
        assert_eq!(admitted, [Filter::All, Filter::Open, Filter::Critical]);
        assert!(finds("", &one) && finds("weth eth-017", &one) && finds("0xab", &one));
        assert!(!finds("wbtc", &one));
    }
}
