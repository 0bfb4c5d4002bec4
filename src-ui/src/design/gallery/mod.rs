//! Every part of the design system with its states, in both themes, side by side. Only in builds for development and
//! tests: `#/gallery`.

mod basics;
mod controls;
mod data;
mod messages;

use yew::prelude::*;

use basics::{Badges, Colours, Icons, Text};
use controls::{Buttons, Dialogs, Fields, Menus};
use data::{Charts, Sparklines, TableRows};
use messages::{Banners, Toasts, Waiting};

#[component]
pub(crate) fn Gallery() -> Html {
    html! {
        <main class="gallery" data-testid="gallery">
            <h1 class="visually-hidden">{ "Design system" }</h1>
            { for ["dark", "light"].into_iter().map(|theme| html! {
                <section class="gallery-theme" data-theme={theme} aria-label={format!("Design system, {theme}")}>
                    <h2 class="gallery-title">{ theme }</h2>
                    <Colours />
                    <Text />
                    <Icons />
                    <Badges />
                    <Buttons />
                    <Menus {theme} />
                    <Dialogs {theme} />
                    <Fields {theme} />
                    <TableRows {theme} />
                    <Sparklines />
                    <Charts {theme} />
                    <Toasts />
                    <Banners />
                    <Waiting />
                </section>
            }) }
        </main>
    }
}

/// A part that is shown twice: what has an id has one for each theme.
#[derive(PartialEq, Properties)]
struct Themed {
    theme: &'static str,
}

/// One kind of thing, with its states beside each other.
fn part(name: &'static str, content: Html) -> Html {
    html! { <div class="card gallery-part" data-part={name}><h3 class="card-head">{ name }</h3><div class="gallery-row">{ content }</div></div> }
}
