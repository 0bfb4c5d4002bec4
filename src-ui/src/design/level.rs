//! How close to liquidation, as shape, word and colour: never colour alone.

use domain::Level;
use domain::view::{Freshness, VaultRow};
use yew::prelude::*;

use crate::live::Section;
use crate::words::design_level as say;

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

/// What stands for a level, in the units of a drawing of 12 by 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LevelShape {
    pub(crate) class: &'static str,
    pub(crate) path: &'static str,
}

/// Diamond, triangle, disc and ring; hollow while the value is not the present one.
pub(crate) fn level_shape(level: Option<Level>, freshness: Freshness) -> LevelShape {
    let hollow = freshness == Freshness::Stale || level.is_none_or(|level| level == Level::Low);
    let path = match level {
        Some(Level::Critical) => "M6 .9 11.100 6 6 11.100 .9 6Z",
        Some(Level::High) => "M6 1.300 11.200 10.500H.8Z",
        Some(Level::Medium | Level::Low) => {
            "M1.700 6a4.300 4.300 0 1 0 8.600 0a4.300 4.300 0 1 0-8.600 0Z"
        }
        None => "M2 6h8",
    };
    LevelShape { class: if hollow { "level-icon hollow" } else { "level-icon" }, path }
}

pub(crate) fn level_icon(level: Option<Level>, freshness: Freshness) -> Html {
    let LevelShape { class, path } = level_shape(level, freshness);
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true"><path d={path} /></svg> }
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

/// As it stands in a badge.
pub(crate) fn level_word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Critical) => say::critical(),
        Some(Level::High) => say::high(),
        Some(Level::Medium) => say::medium(),
        Some(Level::Low) => say::low(),
        None => say::unknown(),
    }
}

/// Icon and word.
pub(crate) fn badge(level: Option<Level>, freshness: Freshness) -> Html {
    html! {
        <>
            { level_icon(level, freshness) }
            <span class="level-word">{ level_word(level) }</span>
        </>
    }
}
