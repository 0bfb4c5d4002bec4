use std::rc::Rc;

use domain::view::{Freshness, NotificationView};
use domain::{Level, VaultId};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::design::{level_icon, level_style};
use crate::live::{AlertFilter, StateFilter, vaults};
use crate::session::use_session;
use crate::shell::SnoozeAll;

#[derive(PartialEq, Properties)]
pub(super) struct ToolbarProps {
    pub(super) all: Vec<Rc<NotificationView>>,
    pub(super) filter: AlertFilter,
    pub(super) change: Callback<AlertFilter>,
}

/// What is listed, by state, severity and vault; the text is the search of the top bar.
#[component]
pub(super) fn Toolbar(props: &ToolbarProps) -> Html {
    let session = use_session();
    let ToolbarProps { all, filter, change } = props;
    let unread = all.iter().any(|one| !one.read);
    let open = all.iter().any(|one| StateFilter::Open.admits(one));
    let read_all = Callback::from(move |_: MouseEvent| session.mark_all_read());
    let state_chip = |state: StateFilter| {
        let count = all.iter().filter(|one| state.admits(one)).count();
        let chosen = filter.state == state;
        // An empty state is no use, but the chosen one must be there to be left.
        if count == 0 && !chosen && state != StateFilter::All {
            return Html::default();
        }
        let (filter, change) = (filter.clone(), change.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            change.emit(AlertFilter { state, ..filter.clone() });
        });
        html! {
            <button type="button" class="chip" data-testid={format!("alerts-{}", state.word().to_lowercase())} aria-pressed={chosen.to_string()} {onclick}>
                { state.word() }<span class="chip-count">{ count }</span>
            </button>
        }
    };
    let level_chip = |level: Level| {
        let count = all.iter().filter(|one| one.severity == level).count();
        let chosen = filter.severities.contains(&level);
        if count == 0 && !chosen {
            return Html::default();
        }
        let (filter, change) = (filter.clone(), change.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let mut changed = filter.clone();
            changed.toggle(level);
            change.emit(changed);
        });
        html! {
            <button type="button" class="chip" data-testid={format!("alerts-{}", level_style(Some(level)))} data-level={level_style(Some(level))}
                aria-pressed={chosen.to_string()} {onclick}>
                { level_icon(Some(level), Freshness::Live) }{ level.word() }<span class="chip-count">{ count }</span>
            </button>
        }
    };
    html! {
        <div class="filters" role="toolbar" aria-label="Filters">
            { for StateFilter::ALL.into_iter().map(state_chip) }
            <span class="filters-gap" />
            { for [Level::Critical, Level::High, Level::Medium, Level::Low].into_iter().map(level_chip) }
            { vault_choice(all, filter, change) }
            <span class="filters-end">
                if unread { <button type="button" class="button quiet" data-testid="mark-all-read" onclick={read_all}>{ "Mark all read" }</button> }
                if open { <SnoozeAll /> }
            </span>
        </div>
    }
}

fn vault_choice(
    all: &[Rc<NotificationView>],
    filter: &AlertFilter,
    change: &Callback<AlertFilter>,
) -> Html {
    let vaults = vaults(all);
    if vaults.len() < 2 {
        return Html::default();
    }
    let onchange = {
        let (filter, change) = (filter.clone(), change.clone());
        Callback::from(move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else { return };
            // "Every vault" has an empty value, which is no vault's id.
            let vault = VaultId::new(&select.value()).ok();
            change.emit(AlertFilter { vault, ..filter.clone() });
        })
    };
    let option = |vault: &VaultId| {
        html! { <option value={vault.to_string()} selected={filter.vault.as_ref() == Some(vault)}>{ vault.to_string() }</option> }
    };
    html! {
        <select class={classes!("select", filter.vault.is_some().then_some("chosen"))} aria-label="Vault" data-testid="alerts-vault" {onchange}>
            <option value="" selected={filter.vault.is_none()}>{ "Every vault" }</option>
            { for vaults.iter().map(option) }
        </select>
    }
}
