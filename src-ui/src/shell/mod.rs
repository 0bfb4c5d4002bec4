//! The frame of the window, around whichever page is shown.

mod alert_filters;
mod alert_group;
mod alert_item;
mod alert_panel;
mod away;
mod banner;
pub(crate) mod connection;
mod dry_run;
mod elsewhere;
mod evidence;
mod footer;
mod keys;
mod language;
pub(crate) mod media;
mod palette;
pub(crate) mod panic;
mod quiet;
mod rail;
pub(crate) mod route;
mod shortcuts;
pub(crate) mod switcher;
mod theme;
mod toasts;
mod top_bar;
mod undo_bar;
mod unsaved;

use domain::view::Target;
use yew::prelude::*;

pub(crate) use alert_filters::AlertFilters;
pub(crate) use alert_group::{AlertGroup, Selection};
pub(crate) use alert_item::{AlertItem, snoozes};
pub(crate) use dry_run::DryRun;
pub(crate) use quiet::SnoozeAll;
pub(crate) use toasts::style as toast_position;
pub(crate) use unsaved::{Unsaved, use_unsaved};

pub(crate) use alert_panel::{AlertPanel, AlertPanelProps};
pub(crate) use banner::Notices;
pub(crate) use dry_run::DoubtDialog;
pub(crate) use palette::{Palette, PaletteProps};
pub(crate) use shortcuts::{Shortcuts, ShortcutsProps};
pub(crate) use switcher::LeaveQuestion;
pub(crate) use toasts::Toasts;
pub(crate) use undo_bar::UndoBar;

use banner::Banners;
use footer::Footer;
use media::{WIDE, use_media};
use rail::Rail;
use top_bar::TopBar;

use crate::design::DiscardProps;
use crate::later::{Later, Part, is_missing, use_loading};
use crate::pages::Page;
use crate::session::Session;

#[component]
pub(crate) fn App() -> Html {
    #[cfg(feature = "recorded")]
    if route::is_gallery() {
        return html! { <crate::design::Gallery /> };
    }
    html! { <Window /> }
}

#[component]
fn Window() -> Html {
    let session = use_memo((), |()| Session::start());
    html! {
        <ContextProvider<Session> context={(*session).clone()}>
            <Spoken />
        </ContextProvider<Session>>
    }
}

/// Everything, in one language: with another one all of it is drawn anew.
#[component]
fn Spoken() -> Html {
    let language = language::use_language();
    html! { <Frame key={language.tag()} /> }
}

/// What lies over everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlay {
    Palette,
    Shortcuts,
}

impl Overlay {
    fn part(self, show: &Callback<Option<Self>>) -> Part {
        let on_close = show.reform(|()| None);
        match self {
            Self::Palette => {
                let on_shortcuts = show.reform(|()| Some(Self::Shortcuts));
                Part::Palette(PaletteProps { on_close, on_shortcuts })
            }
            Self::Shortcuts => Part::Shortcuts(ShortcutsProps { on_close }),
        }
    }
}

/// What the person did with the alert panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panel {
    /// Beside the page where there is room, away where there is not.
    AsWide,
    /// Opened over a page that has no room for it.
    Over,
    Closed,
}

#[component]
fn Frame() -> Html {
    let session = crate::session::use_session();
    let (route, held) = route::use_route(&session.unsaved);
    let theme = theme::use_theme();
    let wide = use_media(WIDE);
    let panel = use_state_eq(|| Panel::AsWide);
    // On their own page the alerts need no panel beside them.
    let alerts_page = matches!(route, Target::Alerts | Target::Alert(_));
    let docked = wide && *panel != Panel::Closed && !alerts_page;
    let over = *panel == Panel::Over && !docked;
    let on_bell = {
        let panel = panel.clone();
        Callback::from(move |()| {
            panel.set(match *panel {
                Panel::Over => Panel::AsWide,
                as_it_is if is_missing() => as_it_is,
                Panel::AsWide | Panel::Closed => Panel::Over,
            });
        })
    };
    let on_close = {
        let panel = panel.clone();
        Callback::from(move |()| panel.set(if docked { Panel::Closed } else { Panel::AsWide }))
    };
    let close_panel = {
        let panel = panel.clone();
        Callback::from(move |()| {
            if over {
                panel.set(Panel::AsWide);
            }
            over
        })
    };
    // Going somewhere closes what lies over the page.
    use_effect_with(route.clone(), move |_| {
        if *panel == Panel::Over {
            panel.set(Panel::AsWide);
        }
    });
    let question = held.as_ref().map(|target| {
        let (unsaved, target, go, stay) =
            (session.unsaved.clone(), target.clone(), held.setter(), held.setter());
        let discard = Callback::from(move |()| {
            unsaved.set(false);
            go.set(None);
            route::open(&target);
        });
        let keep = Callback::from(move |()| stay.set(None));
        let question = DiscardProps { on_keep: keep, on_discard: discard };
        html! { <Later part={Part::Discard(question)} /> }
    });
    let overlay = use_state_eq(|| None::<Overlay>);
    let show = {
        let overlay = overlay.setter();
        Callback::from(move |over: Option<Overlay>| overlay.set(over.filter(|_| !is_missing())))
    };
    use_loading();
    keys::use_keys(session, route.clone(), close_panel, show.reform(Some), overlay.is_some());
    let style = match (docked, over) {
        (true, _) => "docked",
        (false, true) => "over",
        (false, false) => "none",
    };
    html! {
        <div class="app" data-panel={style}>
            <Rail route={route.clone()} />
            <TopBar route={route.clone()} {theme} panel={docked || over} {on_bell} />
            <Banners />
            <Page {route} />
            if over { <div class="scrim" onclick={on_close.reform(|_: MouseEvent| ())} /> }
            if docked || over { <Later part={Part::AlertPanel(AlertPanelProps { on_close })} /> }
            <Footer />
            <Later part={Part::Trends} />
            <Later part={Part::Toasts} />
            <Later part={Part::UndoBar} />
            <Later part={Part::DoubtDialog} />
            { overlay.map(|overlay| html! { <Later part={overlay.part(&show)} /> }).unwrap_or_default() }
            { question.unwrap_or_default() }
            <Later part={Part::LeaveQuestion} />
        </div>
    }
}
