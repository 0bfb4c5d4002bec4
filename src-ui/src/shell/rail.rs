use domain::view::Target;
use yew::prelude::*;

use super::route;
use super::switcher::RailProfiles;
use crate::design::{Icon, mark};
use crate::words::rail as say;

#[derive(PartialEq, Properties)]
pub(crate) struct RailProps {
    pub(crate) route: Target,
}

/// The pages, at the left or, in a narrow window, at the bottom.
#[component]
pub(crate) fn Rail(props: &RailProps) -> Html {
    let link = |target: Target, icon: Icon, name: &'static str| {
        let here = match (&props.route, &target) {
            (Target::Vault(_), Target::Overview)
            | (Target::Rules(_), Target::Settings)
            | (Target::Alert(_), Target::Alerts) => true,
            (route, target) => route == target,
        };
        let id = format!("nav-{target}");
        html! {
            <a href={route::href(&target)} class="rail-link" data-testid={id} title={name}
                aria-label={name} aria-current={here.then_some("page")}>
                { icon.html() }
                <span class="rail-name" aria-hidden="true">{ name }</span>
            </a>
        }
    };
    html! {
        <nav class="rail" aria-label={say::pages()}>
            <span class="rail-mark">{ mark() }</span>
            { link(Target::Overview, Icon::Overview, say::overview()) }
            { link(Target::Alerts, Icon::Bell, say::alerts()) }
            { link(Target::Markets, Icon::Markets, say::markets()) }
            { link(Target::WhatIf, Icon::WhatIf, say::what_if()) }
            { link(Target::System, Icon::System, say::system()) }
            <span class="rail-gap" />
            <RailProfiles />
            { link(Target::Settings, Icon::Settings, say::settings()) }
        </nav>
    }
}
