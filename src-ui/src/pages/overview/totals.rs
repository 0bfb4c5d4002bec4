use domain::Level;
use domain::view::{Target, Totals as Figures};
use yew::prelude::*;

use crate::clock;
use crate::design::{level_style, section_icon, section_style};
use crate::format;
use crate::live::{Levels, Section, Topic};
use crate::session::{use_live, use_session};
use crate::shell::route;
use crate::words::{common, overview_totals as say};

/// The strip above the table. Stale vaults are counted in it and not summed.
#[component]
pub(crate) fn Totals() -> Html {
    let figures = use_live(Topic::Totals, |state| state.board.totals().cloned());
    let closest_level = use_live(Topic::Totals, |state| {
        let closest = state.board.totals()?.closest.as_ref()?;
        state.board.vault(&closest.0)?.row.level
    });
    let Some(figures) = figures else {
        return html! { <section class="totals waiting" aria-hidden="true" /> };
    };
    html! {
        <section class="totals" data-testid="totals" aria-label={say::totals()}>
            { at_risk(&figures) }
            { cure(&figures) }
            { closest(&figures, closest_level) }
            { stale(&figures) }
            <Levelled figures={figures} />
        </section>
    }
}

fn total(class: &'static str, label: &'static str, figure: Html, note: Html) -> Html {
    html! {
        <div class={classes!("total", class)}>
            <span class="label">{ label }</span>
            <span class="total-figure">{ figure }{ " " }<small>{ note }</small></span>
        </div>
    }
}

/// Nothing but old values: then a sum of the fresh ones would read as "all is well".
fn all_stale(figures: &Figures) -> bool {
    figures.vaults > 0 && figures.stale == figures.vaults
}

fn at_risk(figures: &Figures) -> Html {
    if all_stale(figures) {
        return total(
            "total-risk",
            say::at_risk(),
            html! { { format::NONE } },
            html! { { say::not_known() } },
        );
    }
    let vaults = (figures.critical + figures.high) as usize;
    let figure = html! { { format::usd(figures.debt_at_risk) } };
    total("total-risk", say::at_risk(), figure, html! { { common::vaults(vaults) } })
}

fn cure(figures: &Figures) -> Html {
    if all_stale(figures) {
        return total("total-cure", say::cure(), html! { { format::NONE } }, Html::default());
    }
    let figure = html! { { format::usd(figures.cure) } };
    total("total-cure", say::cure(), figure, html! { { say::repay() } })
}

fn closest(figures: &Figures, level: Option<Level>) -> Html {
    let (figure, note) = match &figures.closest {
        None => (html! { { format::NONE } }, Html::default()),
        Some((id, room)) => (
            html! { <span class="tinted" data-level={level_style(level)}>{ format!("{} %", format::room(*room)) }</span> },
            html! { <a href={route::href(&Target::Vault(id.clone()))}>{ id.to_string() }</a> },
        ),
    };
    total("total-closest", say::closest(), figure, note)
}

fn stale(figures: &Figures) -> Html {
    let note = if figures.stale == 0 {
        html! { { say::all_fresh() } }
    } else {
        html! { { say::not_summed() } }
    };
    total("total-stale", say::stale(), html! { { figures.stale } }, note)
}

#[derive(PartialEq, Properties)]
struct LevelledProps {
    figures: Figures,
}

/// How many vaults of each level; a click shows them alone.
#[component]
fn Levelled(props: &LevelledProps) -> Html {
    let session = use_session();
    let chosen = use_live(Topic::View, |state| state.view.levels);
    let figures = &props.figures;
    let counts = [
        (Section::Critical, figures.critical),
        (Section::High, figures.high),
        (Section::Medium, figures.medium),
        (Section::Low, figures.low),
    ];
    let of_level = |(section, count): (Section, u32)| {
        let live = session.live.clone();
        let levels = Levels::Only(section);
        let onclick = Callback::from(move |_: MouseEvent| {
            live.change_view(|view| view.toggle_levels(levels), clock::now());
        });
        html! {
            <button class={classes!("level-count", (count == 0).then_some("zero"))} data-level={section_style(section)} aria-pressed={(chosen == levels).to_string()} {onclick}
                title={say::show_only(&section.word().to_lowercase())}>
                { section_icon(section) }
                <b>{ count }</b>
                <span class="level-count-word">{ section.word().to_lowercase() }</span>
            </button>
        }
    };
    let share = |(section, count): &(Section, u32)| {
        html! {
            if *count > 0 {
                <span data-level={section_style(*section)} style={format!("flex:{count} 0 6px")} />
            }
        }
    };
    let summed = say::summed(
        &common::vaults(figures.vaults as usize),
        &format::usd(figures.collateral),
        &format::usd(figures.debt),
    );
    html! {
        <div class="total total-levels">
            <span class="label">{ summed }</span>
            <span class="level-counts">{ for counts.into_iter().map(of_level) }</span>
            <span class="level-shares" aria-hidden="true">{ for counts.iter().map(share) }</span>
        </div>
    }
}
