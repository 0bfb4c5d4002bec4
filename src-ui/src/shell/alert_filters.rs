use std::rc::Rc;

use domain::view::{Freshness, NotificationView};
use domain::{Level, VaultId};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::design::{Dropdown, level_icon, level_style, level_word, option};
use crate::live::{AlertFilter, StateFilter, vaults};
use crate::words::{alerts_panel as say, number};

#[derive(PartialEq, Properties)]
pub(crate) struct AlertFiltersProps {
    pub(crate) all: Vec<Rc<NotificationView>>,
    pub(crate) filter: AlertFilter,
    pub(crate) change: Callback<AlertFilter>,
    /// What the test ids begin with: panel and page may both be there.
    pub(crate) name: &'static str,
    /// With a field for the text; on the page that is the search of the top bar.
    #[prop_or_default]
    pub(crate) search: bool,
    #[prop_or_default]
    pub(crate) children: Html,
}

/// What is listed, by state, severity, vault and text.
#[component]
pub(crate) fn AlertFilters(props: &AlertFiltersProps) -> Html {
    let AlertFiltersProps { all, filter, change, name, search, children } = props;
    let state_chip = |(state, count, offered): (StateFilter, usize, bool)| {
        // Nothing in its place: the others must stay the elements that they are.
        if !offered {
            return Html::default();
        }
        let chosen = filter.state == state;
        let (filter, change) = (filter.clone(), change.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            change.emit(AlertFilter { state, ..filter.clone() });
        });
        html! {
            <button type="button" class="chip" data-testid={format!("{name}-{}", name_of(state))} aria-pressed={chosen.to_string()} {onclick}>
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
            <button type="button" class="chip" data-testid={format!("{name}-{}", level_style(Some(level)))} data-level={level_style(Some(level))}
                title={level_word(Some(level))} aria-pressed={chosen.to_string()} {onclick}>
                { level_icon(Some(level), Freshness::Live) }<span class="chip-word">{ level_word(Some(level)) }</span><span class="chip-count">{ count }</span>
            </button>
        }
    };
    let levels = [Level::Critical, Level::High, Level::Medium, Level::Low];
    html! {
        <div class="filters" role="toolbar" aria-label={say::filters()} data-testid={format!("{name}-filters")}>
            // Beside a page there is little room: two lines, and the states in a list.
            if *search {
                { text(filter, change, name) }
                { vault_choice(all, filter, change, name) }
                <span class="filters-gap" />
                { state_choice(all, filter, change, name) }
                { for levels.into_iter().map(level_chip) }
            } else {
                // They break among themselves, so that what stands at the end stays there.
                <span class="filter-chips">
                    { for states(all, filter).map(state_chip) }
                    <span class="filters-gap" />
                    { for levels.into_iter().map(level_chip) }
                    { vault_choice(all, filter, change, name) }
                </span>
            }
            { children.clone() }
        </div>
    }
}

/// All states, how many there are of each, and whether it can be chosen. An empty one is no use, but the chosen one must be
/// there to be left.
fn states(
    all: &[Rc<NotificationView>],
    filter: &AlertFilter,
) -> impl Iterator<Item = (StateFilter, usize, bool)> {
    let chosen = filter.state;
    StateFilter::ALL.into_iter().map(move |state| {
        let count = all.iter().filter(|one| state.admits(one)).count();
        (state, count, count > 0 || state == StateFilter::All || state == chosen)
    })
}

fn state_choice(
    all: &[Rc<NotificationView>],
    filter: &AlertFilter,
    change: &Callback<AlertFilter>,
    name: &str,
) -> Html {
    let on_choose = {
        let (filter, change) = (filter.clone(), change.clone());
        Callback::from(move |name: String| {
            let chosen = StateFilter::ALL.into_iter().find(|state| name_of(*state) == name);
            let state = chosen.unwrap_or(StateFilter::All);
            change.emit(AlertFilter { state, ..filter.clone() });
        })
    };
    let chosen = name_of(filter.state);
    let line = |(state, count, _): (StateFilter, usize, bool)| {
        option(name_of(state), &format!("{} ({})", state.word(), number(count)), chosen)
    };
    let class = (filter.state != StateFilter::All).then_some("chosen");
    html! {
        <Dropdown id={format!("{name}-state")} label={say::state()} class={classes!(class)} {chosen} {on_choose}>
            { for states(all, filter).filter(|(_, _, offered)| *offered).map(line) }
        </Dropdown>
    }
}

fn vault_choice(
    all: &[Rc<NotificationView>],
    filter: &AlertFilter,
    change: &Callback<AlertFilter>,
    name: &str,
) -> Html {
    let mut vaults = vaults(all);
    // The chosen one must be there to be left, whatever is in the list by now.
    if let Some(chosen) = filter.vault.as_ref().filter(|chosen| !vaults.contains(chosen)) {
        vaults.push(chosen.clone());
    }
    if vaults.len() < 2 && filter.vault.is_none() {
        return Html::default();
    }
    let on_choose = {
        let (filter, change) = (filter.clone(), change.clone());
        Callback::from(move |id: String| {
            // "Every vault" has an empty value, which is no vault's id.
            let vault = VaultId::new(&id).ok();
            change.emit(AlertFilter { vault, ..filter.clone() });
        })
    };
    let chosen = filter.vault.as_ref().map_or("", VaultId::as_str);
    let class = filter.vault.is_some().then_some("chosen");
    html! {
        <Dropdown id={format!("{name}-vault")} label={say::vault()} class={classes!(class)} chosen={chosen.to_owned()} {on_choose}>
            { option("", say::every_vault(), chosen) }
            { for vaults.iter().map(|vault| option(vault.as_str(), vault.as_str(), chosen)) }
        </Dropdown>
    }
}

fn text(filter: &AlertFilter, change: &Callback<AlertFilter>, name: &str) -> Html {
    let oninput = {
        let (filter, change) = (filter.clone(), change.clone());
        Callback::from(move |event: InputEvent| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            change.emit(AlertFilter { text: input.value(), ..filter.clone() });
        })
    };
    html! {
        <input class="filter-text" type="text" inputmode="search" autocomplete="off" spellcheck="false" data-testid={format!("{name}-text")}
            aria-label={say::search_these()} placeholder={say::search()} value={filter.text.clone()} {oninput} />
    }
}

/// In test ids.
fn name_of(state: StateFilter) -> &'static str {
    match state {
        StateFilter::All => "all",
        StateFilter::Unread => "unread",
        StateFilter::Open => "open",
        StateFilter::Acknowledged => "acknowledged",
        StateFilter::Snoozed => "snoozed",
        StateFilter::Resolved => "resolved",
    }
}
