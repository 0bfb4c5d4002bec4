use domain::Level;
use domain::view::Freshness;
use yew::prelude::*;

use super::super::{Figure, Icon, badge, level_style, mark, section_icon, section_style};
use super::part;
use crate::live::Section;

#[component]
pub(super) fn Colours() -> Html {
    const TOKENS: [&str; 15] = [
        "bg-0",
        "bg-1",
        "bg-2",
        "bg-3",
        "line",
        "control",
        "text-3",
        "text-2",
        "text-1",
        "accent",
        "critical",
        "high",
        "medium",
        "ok",
        "critical-fill",
    ];
    let swatch = |token: &&str| {
        html! { <div class="gallery-swatch"><i style={format!("background:var(--{token})")} /><small>{ *token }</small></div> }
    };
    part("Colour", html! { <>{ for TOKENS.iter().map(swatch) }</> })
}

#[component]
pub(super) fn Text() -> Html {
    let line = |size: &'static str, words: &'static str| {
        html! { <p style={format!("font-size:var(--{size})")}>{ words }{ " " }<small>{ size }</small></p> }
    };
    part(
        "Type",
        html! {
            <div class="gallery-column">
                { line("fs-4", "7.9 % to liquidation, $1.40M") }
                { line("fs-3", "Room enough. Nothing to do.") }
                { line("fs-2", "ETH-017 0123456789 in tabular numerals") }
                { line("fs-1", "WETH $1,936, liquidates $1,783") }
                { line("fs-0", "Last message 0.3 s ago") }
                <p>{ "A text with a " }<a href="#/gallery">{ "link" }</a>{ ", " }<code>{ "code" }</code>{ " and a key " }<kbd>{ "/" }</kbd></p>
                <span class="label">{ "Label of a figure" }</span>
            </div>
        },
    )
}

#[component]
pub(super) fn Icons() -> Html {
    let one = |icon: Icon| html! { <span title={format!("{icon:?}")}>{ icon.html() }</span> };
    part("Icons", html! { <>{ mark() }{ for Icon::ALL.into_iter().map(one) }</> })
}

#[component]
pub(super) fn Badges() -> Html {
    let levels =
        [Some(Level::Critical), Some(Level::High), Some(Level::Medium), Some(Level::Low), None];
    let one = |level: Option<Level>, freshness: Freshness| {
        let style = match freshness {
            Freshness::Stale => "stale",
            Freshness::Live => level_style(level),
        };
        html! { <span class="headline-level" data-level={style}>{ badge(level, freshness) }</span> }
    };
    let section = |section: Section| {
        html! { <span class="headline-level" data-level={section_style(section)}>{ section_icon(section) }{ section.word() }</span> }
    };
    part(
        "Badges and figures",
        html! {
            <>
                { for levels.iter().map(|level| one(*level, Freshness::Live)) }
                { one(Some(Level::High), Freshness::Stale) }
                { for Section::ALL.into_iter().map(section) }
                <Figure text="1,936" />
                <span class="tag late">{ "Late" }</span>
                <span class="tag failed">{ "Not shown by the system" }</span>
                { for [("live", "Live"), ("connecting", "Connecting"), ("retrying", "Reconnecting"), ("offline", "No network"), ("not-guarded", "Not guarded")]
                    .into_iter()
                    .map(|(state, word)| html! { <span class="pill connection" data-state={state}><span class="dot" />{ word }</span> }) }
            </>
        },
    )
}
