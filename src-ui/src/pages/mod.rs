//! The pages, one at a time in the frame.

mod alerts;
mod export;
mod markets;
mod overview;
mod rules;
mod settings;
mod system;
mod vault;

use domain::view::Target;
use yew::prelude::*;

pub(crate) use overview::TABLE_ID;

use alerts::{Alerts, OneAlert};
use markets::Markets;
use overview::Overview;
use rules::Rules;
use settings::Settings;
use system::System;
use vault::VaultPage;

#[derive(PartialEq, Properties)]
pub(crate) struct PageProps {
    pub(crate) route: Target,
}

#[component]
pub(crate) fn Page(props: &PageProps) -> Html {
    match &props.route {
        Target::Overview => html! { <Overview /> },
        Target::Alerts => html! { <Alerts /> },
        Target::Alert(id) => html! { <OneAlert key={id.0} id={*id} /> },
        Target::Markets => html! { <Markets /> },
        Target::System => html! { <System /> },
        Target::Settings => html! { <Settings /> },
        Target::Rules(name) => html! { <Rules name={name.clone()} /> },
        Target::Vault(id) => html! { <VaultPage key={id.as_str()} id={id.clone()} /> },
    }
}
