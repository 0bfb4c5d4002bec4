//! How close to liquidation, as shape, word and colour: never colour alone.

use domain::Level;
use domain::view::{Freshness, VaultRow};
use yew::prelude::*;

use crate::live::Section;

/// The word that styles a level: the value of `data-level`.
pub(crate) fn style_of(row: &VaultRow) -> &'static str {
    match row.freshness {
        Freshness::Stale => "stale",
        Freshness::Live => level_style(row.level),
    }
}

pub(crate) fn level_style(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Critical) => "critical",
        Some(Level::High) => "high",
        Some(Level::Medium) => "medium",
        Some(Level::Low) => "low",
        None => "unknown",
    }
}

pub(crate) fn section_style(section: Section) -> &'static str {
    match section {
        Section::Critical => "critical",
        Section::High => "high",
        Section::Medium => "medium",
        Section::Stale => "stale",
        Section::Low => "low",
        Section::Unknown => "unknown",
    }
}

/// Diamond, triangle, disc and ring; hollow while the value is not the present one.
pub(crate) fn level_icon(level: Option<Level>, freshness: Freshness) -> Html {
    let hollow = freshness == Freshness::Stale || level.is_none_or(|level| level == Level::Low);
    let shape = match level {
        Some(Level::Critical) => html! { <path d="M6 .9 11.100 6 6 11.100 .9 6Z" /> },
        Some(Level::High) => html! { <path d="M6 1.300 11.200 10.500H.8Z" /> },
        Some(Level::Medium | Level::Low) => html! { <circle cx="6" cy="6" r="4.300" /> },
        None => html! { <path d="M2 6h8" /> },
    };
    let class = if hollow { "level-icon hollow" } else { "level-icon" };
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true">{ shape }</svg> }
}

pub(crate) fn section_icon(section: Section) -> Html {
    match section {
        Section::Critical => level_icon(Some(Level::Critical), Freshness::Live),
        Section::High => level_icon(Some(Level::High), Freshness::Live),
        Section::Medium => level_icon(Some(Level::Medium), Freshness::Live),
        Section::Stale => level_icon(Some(Level::Critical), Freshness::Stale),
        Section::Low => level_icon(Some(Level::Low), Freshness::Live),
        Section::Unknown => level_icon(None, Freshness::Live),
    }
}

/// Icon and word.
pub(crate) fn badge(level: Option<Level>, freshness: Freshness) -> Html {
    html! {
        <>
            { level_icon(level, freshness) }
            <span class="level-word">{ level.map_or("Unknown", Level::word) }</span>
        </>
    }
}
