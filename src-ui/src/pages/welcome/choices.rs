use std::cell::Cell;

use domain::view::{Mode, Target};
use yew::prelude::*;

use crate::design::Icon;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::shell::route;
use crate::words::welcome as say;

/// What somebody wants to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Feed,
    /// One vault of a feed alone: a borrower's own.
    OneVault,
    Demo,
}

impl Way {
    const ALL: [Self; 3] = [Self::Feed, Self::OneVault, Self::Demo];

    fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::OneVault => "vault",
            Self::Demo => "demo",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Feed => (say::feed(), say::feed_note()),
            Self::OneVault => (say::one_vault(), say::one_vault_note()),
            Self::Demo => (say::demo(), say::demo_note()),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Feed => Icon::System,
            Self::OneVault => Icon::Search,
            Self::Demo => Icon::Overview,
        }
    }
}

thread_local! {
    /// What was chosen on another page, for the one that it leads to.
    static CHOSEN: Cell<Option<Way>> = const { Cell::new(None) };
}

/// Leads to the page, with that chosen.
pub(super) fn open(way: Way) {
    CHOSEN.set(Some(way));
    route::open(&Target::Welcome);
}

/// What was chosen before this page was opened, once.
pub(super) fn take_chosen() -> Option<Way> {
    CHOSEN.take()
}

#[derive(PartialEq, Properties)]
pub(super) struct ChoicesProps {
    pub(super) choose: Callback<Way>,
}

#[component]
pub(super) fn Choices(props: &ChoicesProps) -> Html {
    let choice = |way: Way| {
        let (title, note) = way.words();
        let onclick = props.choose.reform(move |_: MouseEvent| way);
        html! {
            <button type="button" class="way-choice" data-testid={format!("choose-{}", way.name())} {onclick}>
                { way.icon().html() }<strong>{ title }</strong><small>{ note }</small>
            </button>
        }
    };
    html! { <div class="way-choices">{ for Way::ALL.into_iter().map(choice) }</div> }
}

/// The choices over the demo, until one was made: whoever comes first sees something that moves, and what to do about it.
#[component]
pub(crate) fn FirstRun() -> Html {
    let session = use_session();
    let demo = use_live(Topic::Feed, |state| {
        state.feed.as_ref().is_some_and(|feed| feed.mode == Mode::Demo)
    });
    let welcomed = use_live(Topic::Preferences, |state| state.preferences.welcomed);
    if !demo || welcomed {
        return Html::default();
    }
    let choose = Callback::from(move |way: Way| {
        session.change_preferences(|preferences| preferences.welcomed = true);
        if way != Way::Demo {
            open(way);
        }
    });
    html! {
        <section class="card first-run" aria-label={say::first_run()} data-testid="first-run">
            <h2 class="card-head">{ say::first_run_head() }</h2>
            <Choices {choose} />
        </section>
    }
}
