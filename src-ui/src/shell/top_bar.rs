use domain::Level;
use domain::view::{Target, Theme};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::connection::Connection;
use super::route;
use super::switcher::ProfileSwitch;
use crate::clock;
use crate::design::Icon;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::{number, rail, shell as say};

/// The element that `/` focuses.
pub(crate) const SEARCH_ID: &str = "search";

#[derive(PartialEq, Properties)]
pub(crate) struct TopBarProps {
    pub(crate) route: Target,
    pub(crate) theme: Theme,
    /// Whether the alert panel is on the screen.
    pub(crate) panel: bool,
    pub(crate) on_bell: Callback<()>,
}

#[component]
pub(crate) fn TopBar(props: &TopBarProps) -> Html {
    html! {
        <header class="top">
            { title(&props.route) }
            <Connection />
            <ProfileSwitch />
            <Search route={props.route.clone()} />
            <ThemeToggle theme={props.theme} />
            <Bell panel={props.panel} on_bell={props.on_bell.clone()} />
        </header>
    }
}

fn title(route: &Target) -> Html {
    let name = match route {
        Target::Overview => rail::overview(),
        Target::Alerts | Target::Alert(_) => rail::alerts(),
        Target::Markets => rail::markets(),
        Target::WhatIf => rail::what_if(),
        Target::Welcome => rail::welcome(),
        Target::System => rail::system(),
        Target::Settings => rail::settings(),
        Target::Rules(_) => rail::rules(),
        Target::Vault(id) => {
            return html! {
                <>
                    <a class="icon-button back" href={route::href(&Target::Overview)} aria-label={say::back_to_overview()} title={say::back()}>
                        { Icon::Back.html() }
                    </a>
                    <h1>{ id.to_string() }</h1>
                </>
            };
        }
    };
    html! { <h1>{ name }</h1> }
}

#[derive(PartialEq, Properties)]
struct SearchProps {
    route: Target,
}

/// Searches vaults, or alerts on their page; from any other page it leads to the overview.
#[component]
fn Search(props: &SearchProps) -> Html {
    let session = use_session();
    let text = use_live(Topic::View, |state| AttrValue::from(state.view.search.clone()));
    let route = props.route.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let Some(input) = event.target().and_then(|target| target.dyn_into().ok()) else { return };
        let input: HtmlInputElement = input;
        session.live.change_view(|view| view.search = input.value(), clock::now());
        match route {
            Target::Overview | Target::Alerts => {}
            Target::Alert(_) => route::open(&Target::Alerts),
            _ => route::open(&Target::Overview),
        }
    });
    let placeholder = match props.route {
        Target::Alerts | Target::Alert(_) => say::search_alerts(),
        _ => say::search_vaults(),
    };
    html! {
        <label class="search">
            { Icon::Search.html() }
            <input id={SEARCH_ID} data-testid="search" type="text" inputmode="search" enterkeyhint="search" spellcheck="false" autocomplete="off"
                aria-label={placeholder} aria-keyshortcuts="/" {placeholder} value={text} {oninput} />
            <kbd aria-hidden="true">{ "/" }</kbd>
        </label>
    }
}

#[derive(PartialEq, Properties)]
struct ThemeProps {
    theme: Theme,
}

/// To the other one of the two themes. "As the system" is chosen in the settings.
#[component]
fn ThemeToggle(props: &ThemeProps) -> Html {
    let session = use_session();
    let (other, icon, label) = match props.theme {
        Theme::Light => (Theme::Dark, Icon::Moon, say::to_dark()),
        Theme::Dark | Theme::System => (Theme::Light, Icon::Sun, say::to_light()),
    };
    let onclick = Callback::from(move |_: MouseEvent| session.set_theme(other));
    html! {
        <button class="icon-button" data-testid="theme-toggle" aria-label={label} title={label} {onclick}>
            { icon.html() }
        </button>
    }
}

#[derive(PartialEq, Properties)]
struct BellProps {
    panel: bool,
    on_bell: Callback<()>,
}

#[component]
fn Bell(props: &BellProps) -> Html {
    let unread = use_live(Topic::Inbox, |state| state.inbox.unread());
    let worst = use_live(Topic::Inbox, |state| state.inbox.worst_unread());
    let onclick = props.on_bell.reform(|_: MouseEvent| ());
    let label = match unread {
        0 => rail::alerts().to_owned(),
        unread => say::alerts_unread(&number(unread)),
    };
    let urgent = matches!(worst, Some(Level::Critical | Level::High));
    html! {
        <button class="icon-button bell" data-testid="notification-bell" aria-label={label} title={rail::alerts()}
            aria-expanded={props.panel.to_string()} aria-controls="alert-panel" {onclick}>
            { Icon::Bell.html() }
            if unread > 0 {
                <span class={classes!("unread", urgent.then_some("urgent"))} data-testid="notification-unread" aria-hidden="true">
                    { unread }
                </span>
            }
        </button>
    }
}
