//! Every part of the design system with its states, in both themes, side by side. Only in builds for development and
//! tests: `#/gallery`.

use std::rc::Rc;

use domain::view::{
    Action, DeliveryView, Freshness, NotificationId, NotificationState, NotificationView, Target,
    Tone,
};
use domain::{Level, UnixMillis};
use yew::prelude::*;

use super::chart::{Band, Chart, Mark, Sample, Scale};
use super::{
    Accept, Choice, ChoiceKind, Dialog, Empty, Field, Figure, Icon, Menu, Switch, Toast, badge,
    choices,
};

#[component]
pub(crate) fn Gallery() -> Html {
    html! {
        <main class="gallery" data-testid="gallery">
            { for ["dark", "light"].into_iter().map(|theme| html! {
                <div class="gallery-theme" data-theme={theme}>
                    <h1>{ format!("Design system, {theme}") }</h1>
                    <Colours />
                    <Text />
                    <Badges />
                    <Buttons {theme} />
                    <Fields {theme} />
                    <Charts />
                    <Toasts />
                    <Messages />
                </div>
            }) }
        </main>
    }
}

fn section(name: &'static str, content: Html) -> Html {
    html! { <section class="card gallery-part" aria-label={name}><h2 class="card-head">{ name }</h2><div class="gallery-row">{ content }</div></section> }
}

#[component]
fn Colours() -> Html {
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
    section("Colour", html! { <>{ for TOKENS.iter().map(swatch) }</> })
}

#[component]
fn Text() -> Html {
    let line = |size: &'static str, words: &'static str| {
        html! { <p style={format!("font-size:var(--{size})")}>{ words }{ " " }<small>{ size }</small></p> }
    };
    section(
        "Type",
        html! {
            <div class="gallery-column">
                { line("fs-4", "7.9 % to liquidation, $1.40M") }
                { line("fs-3", "Room enough. Nothing to do.") }
                { line("fs-2", "ETH-017 0123456789 in tabular numerals") }
                { line("fs-1", "WETH $1,936, liquidates $1,783") }
                { line("fs-0", "Last message 0.3 s ago") }
            </div>
        },
    )
}

#[component]
fn Badges() -> Html {
    let levels =
        [Some(Level::Critical), Some(Level::High), Some(Level::Medium), Some(Level::Low), None];
    let one = |level: Option<Level>, freshness: Freshness| {
        let style = match freshness {
            Freshness::Stale => "stale",
            Freshness::Live => super::level_style(level),
        };
        html! { <span class="headline-level" data-level={style}>{ badge(level, freshness) }</span> }
    };
    section(
        "Badges, bars, figures",
        html! {
            <>
                { for levels.iter().map(|level| one(*level, Freshness::Live)) }
                { one(Some(Level::High), Freshness::Stale) }
                <span class="gallery-bar" data-level="critical"><span class="bar"><span class="bar-fill" style="width:76%" /><span class="bar-max" style="left:75%" /><span class="bar-limit" style="left:82.5%" /></span></span>
                <span class="gallery-bar" data-level="stale"><span class="bar"><span class="bar-fill" style="width:60%" /><span class="bar-limit" style="left:80%" /></span></span>
                <Figure text="1,936" />
                <span class="tag late">{ "Late" }</span>
                <span class="tag failed">{ "Not shown by the system" }</span>
                <span class="pill" data-state="live"><span class="dot" />{ "Live" }</span>
                <span class="pill" data-state="retrying"><span class="dot" />{ "Reconnecting" }</span>
                <span class="pill" data-state="not-guarded"><span class="dot" />{ "Not guarded" }</span>
            </>
        },
    )
}

#[derive(PartialEq, Properties)]
struct Themed {
    theme: &'static str,
}

#[component]
fn Buttons(props: &Themed) -> Html {
    let open = use_state_eq(|| false);
    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    let menu = choices(|| {
        vec![
            Choice::new("Plain", || ()),
            Choice::new("With a note", || ()).note("what it does in a few words"),
            Choice::new("Checked", || ()).kind(ChoiceKind::Checked(true)),
            Choice::new("Not checked", || ()).kind(ChoiceKind::Checked(false)),
            Choice::new("Not now", || ()).kind(ChoiceKind::Disabled),
            Choice::new("Harmful", || ()).kind(ChoiceKind::Harmful),
        ]
    });
    section(
        "Buttons, menus, dialogs",
        html! {
            <>
                <button type="button" class="button primary">{ "Primary" }</button>
                <button type="button" class="button">{ "Plain" }</button>
                <button type="button" class="button quiet">{ "Quiet" }</button>
                <button type="button" class="button" disabled=true>{ "Disabled" }</button>
                <button type="button" class="icon-button" aria-label="Alerts">{ Icon::Bell.html() }</button>
                <button type="button" class="chip" aria-pressed="false">{ "Chip" }<span class="chip-count">{ 3 }</span></button>
                <button type="button" class="chip" aria-pressed="true">{ "Chosen" }<span class="chip-count">{ 3 }</span></button>
                <Menu label="Menu" test_id={format!("gallery-menu-{}", props.theme)} choices={menu} />
                <button type="button" class="button" data-testid={format!("gallery-dialog-{}", props.theme)} onclick={show}>{ "Dialog" }</button>
                if *open {
                    <Dialog title="Did you hear it?" test_id="gallery-dialog" on_close={close.clone()}
                        actions={html! { <button type="button" class="button primary" onclick={close.reform(|_: MouseEvent| ())}>{ "Yes, I heard it" }</button> }}>
                        <p>{ "A critical alert comes with a sound. Unacknowledged, it repeats." }</p>
                    </Dialog>
                }
            </>
        },
    )
}

#[component]
fn Fields(props: &Themed) -> Html {
    let on = use_state_eq(|| true);
    let number = Accept::new(|text| {
        text.parse::<u32>().map(|_| ()).map_err(|_| "must be a whole number".to_owned())
    });
    let toggle = {
        let on = on.clone();
        Callback::from(move |is: bool| on.set(is))
    };
    section(
        "Fields",
        html! {
            <>
                <Field id={format!("gallery-field-{}", props.theme)} label="Visible at once" hint="more wait behind them" value="5" unit="toasts" accept={number} />
                <Switch id={format!("gallery-switch-{}", props.theme)} label="Dismiss by themselves" hint="Information and good news" on={*on} onchange={toggle} />
                <select class="select" aria-label="Choice"><option>{ "Every vault" }</option></select>
                <span class="segments" role="radiogroup" aria-label="Range">
                    <button type="button" role="radio" class="segment" aria-checked="true">{ "24 h" }</button>
                    <button type="button" role="radio" class="segment" aria-checked="false">{ "30 d" }</button>
                </span>
            </>
        },
    )
}

#[component]
fn Charts() -> Html {
    let samples = use_memo((), |()| wave());
    let scale = Scale::from_zero(26.0, 12.0);
    let bands = vec![
        Band { level: Level::Critical, lower: 0.0, upper: 8.0, label: "Critical 8".into() },
        Band { level: Level::High, lower: 8.0, upper: 15.0, label: "High 15".into() },
        Band { level: Level::Medium, lower: 15.0, upper: 25.0, label: "Medium 25".into() },
    ];
    let marks =
        vec![Mark { at: UnixMillis(43_000_000), level: Level::High, title: "an alert".into() }];
    html! {
        <section class="card gallery-part" aria-label="Chart">
            <h2 class="card-head">{ "Chart: bands, gap, spread, mark, crosshair" }</h2>
            <Chart label="An example" {samples} from={UnixMillis(0)} to={UnixMillis(86_400_000)} {scale} decimals={1} unit=" %" {bands} {marks} />
            <div class="chart-axis"><span>{ "00:00" }</span><span>{ "24:00" }</span></div>
        </section>
    }
}

/// A day with a fall and an hour without data.
fn wave() -> Vec<Sample> {
    let minute = 60_000;
    (0..1_440)
        .filter(|n| !(900..960).contains(n))
        .map(|n| {
            let slope =
                if n < 700 { 22.0 - f64::from(n) / 50.0 } else { 8.0 + f64::from(n - 700) / 60.0 };
            let last = slope + f64::from(n % 37) / 20.0;
            Sample {
                at: UnixMillis(i64::from(n) * minute),
                span: minute,
                min: last - 0.6,
                max: last + 0.4,
                last,
            }
        })
        .collect()
}

#[component]
fn Toasts() -> Html {
    let toast = |id: i64, severity: Level, tone: Tone, state: NotificationState, title: &str| {
        let one = NotificationView {
            id: NotificationId(id),
            tone,
            title: title.to_owned(),
            message: "WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %.".to_owned(),
            timestamp: UnixMillis(0),
            updated: UnixMillis(0),
            read: false,
            action: Some(Action { label: "View vault".to_owned(), target: Target::Alerts }),
            auto_dismiss: None,
            severity,
            vault: None,
            state,
            occurrences: 1,
            suppressed: 0,
            incident: None,
            acknowledged: None,
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: DeliveryView::NotWanted,
        };
        html! { <Toast one={Rc::new(one)} href="#/gallery" dismiss={Callback::noop()} acknowledge={Callback::noop()} /> }
    };
    section(
        "Toasts",
        html! {
            <div class="gallery-column gallery-toasts">
                { toast(1, Level::Critical, Tone::Error, NotificationState::Firing, "ETH-017: 7.9 % to liquidation") }
                { toast(2, Level::High, Tone::Warning, NotificationState::Firing, "ARB-044: 9.4 % to liquidation") }
                { toast(3, Level::Low, Tone::Info, NotificationState::Firing, "A plugin was loaded") }
                { toast(4, Level::High, Tone::Success, NotificationState::Resolved, "POL-031 recovered: 21 % left") }
            </div>
        },
    )
}

#[component]
fn Messages() -> Html {
    section(
        "Empty, waiting, banners",
        html! {
            <div class="gallery-column">
                <div class="banner down">{ Icon::Offline.html() }<span><strong>{ "Last known values. " }</strong>{ "Connection lost: refused. Attempt 4 in 7 s." }</span></div>
                <div class="banner blocked">{ Icon::Warning.html() }<span><strong>{ "The system shows no notifications. " }</strong>{ "Do Not Disturb is on." }</span></div>
                <div class="skeleton-row"><i /><i /><i /><i /></div>
                <Empty icon={Icon::Bell} title="No alerts so far"><p>{ "When a vault comes close to its liquidation, it is told here." }</p></Empty>
            </div>
        },
    )
}
