//! The pages, one at a time in the frame.

mod alerts;
mod export;
mod markets;
mod overview;
mod rules;
mod settings;
mod system;
mod vault;
mod welcome;
mod what_if;

use domain::view::Target;
use yew::prelude::*;

#[cfg(feature = "recorded")]
pub(crate) use overview::TableCells;
pub(crate) use overview::{
    HeadMenu, HeadMenuProps, RowMenu, RowMenuProps, SaveView, SaveViewProps, TABLE_ID, Trends,
    begin_at as begin_table_at, left_at as table_left_at,
};
pub(crate) use welcome::FirstRun;

use alerts::{Alerts, OneAlert};
use markets::Markets;
use overview::Overview;
use rules::Rules;
use settings::Settings;
use system::System;
use vault::VaultPage;
use welcome::Welcome;
use what_if::WhatIf;

use crate::later::{Later, Part};
use crate::live::Topic;
use crate::session::use_live;

#[derive(PartialEq, Properties)]
pub(crate) struct PageProps {
    pub(crate) route: Target,
}

#[component]
pub(crate) fn Page(props: &PageProps) -> Html {
    // Pages about a profile begin anew with another one; those about the application do not.
    let turn = use_live(Topic::Profiles, |state| state.turn);
    match &props.route {
        Target::Overview => html! { <Overview key={turn} /> },
        other => html! { <Later part={Part::Page(other.clone())} /> },
    }
}

/// Whichever is not the first one that somebody sees.
#[component]
pub(crate) fn OtherPage(props: &PageProps) -> Html {
    let turn = use_live(Topic::Profiles, |state| state.turn);
    match &props.route {
        Target::Overview => Html::default(),
        Target::Alerts => html! { <Alerts key={turn} /> },
        Target::Alert(id) => html! { <OneAlert key={id.0} id={*id} /> },
        Target::Markets => html! { <Markets key={turn} /> },
        Target::WhatIf => html! { <WhatIf key={turn} /> },
        Target::Welcome => html! { <Welcome /> },
        Target::System => html! { <System key={turn} /> },
        Target::Settings => html! { <Settings /> },
        Target::Rules(name) => html! { <Rules key={turn} name={name.clone()} /> },
        Target::Vault(id) => html! { <VaultPage key={id.as_str()} id={id.clone()} /> },
    }
}
