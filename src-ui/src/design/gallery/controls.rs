use yew::prelude::*;

use super::super::{
    Accept, Choice, ChoiceKind, Dialog, Discard, Entry, Field, Icon, Menu, Select, Slider, Switch,
    choices, option,
};
use super::{Themed, part};

#[component]
pub(super) fn Buttons() -> Html {
    part(
        "Buttons and chips",
        html! {
            <>
                <button type="button" class="button primary">{ "Primary" }</button>
                <button type="button" class="button">{ "Plain" }</button>
                <button type="button" class="button quiet">{ "Quiet" }</button>
                <button type="button" class="button" disabled=true>{ "Disabled" }</button>
                <button type="button" class="button">{ Icon::Close.html() }{ "With an icon" }</button>
                <button type="button" class="icon-button" aria-label="Alerts">{ Icon::Bell.html() }</button>
                <button type="button" class="icon-button small" aria-label="Close">{ Icon::Close.html() }</button>
                <button type="button" class="icon-button" aria-label="Alerts, 3 unread">{ Icon::Bell.html() }<span class="unread urgent">{ 3 }</span></button>
                <button type="button" class="chip" aria-pressed="false">{ "Chip" }<span class="chip-count">{ 3 }</span></button>
                <button type="button" class="chip" aria-pressed="true">{ "Chosen" }<span class="chip-count">{ 3 }</span></button>
            </>
        },
    )
}

#[component]
pub(super) fn Menus(props: &Themed) -> Html {
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
    let theme = props.theme;
    part(
        "Menus",
        html! {
            <>
                <Menu label="Menu" test_id={format!("gallery-menu-{theme}")} choices={std::rc::Rc::clone(&menu)} />
                <Menu label="More" icon={Icon::More} class="icon-button small" test_id={format!("gallery-more-{theme}")} choices={std::rc::Rc::clone(&menu)} />
                <Menu label="Nothing to choose" disabled=true choices={menu} />
            </>
        },
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Dialog,
    Discard,
}

#[component]
pub(super) fn Dialogs(props: &Themed) -> Html {
    let open = use_state_eq(|| Open::Nothing);
    let show = |which: Open| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(which))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(Open::Nothing))
    };
    let shown = match *open {
        Open::Nothing => Html::default(),
        Open::Dialog => html! {
            <Dialog title="Did you hear it?" test_id="gallery-dialog" on_close={close.clone()}
                actions={html! { <button type="button" class="button primary" onclick={close.reform(|_: MouseEvent| ())}>{ "Yes, I heard it" }</button> }}>
                <p>{ "A critical alert comes with a sound. Unacknowledged, it repeats." }</p>
            </Dialog>
        },
        Open::Discard => html! { <Discard on_keep={close.clone()} on_discard={close} /> },
    };
    let theme = props.theme;
    part(
        "Dialogs",
        html! {
            <>
                <button type="button" class="button" data-testid={format!("gallery-dialog-{theme}")} onclick={show(Open::Dialog)}>{ "Dialog" }</button>
                <button type="button" class="button" data-testid={format!("gallery-discard-{theme}")} onclick={show(Open::Discard)}>{ "Unsaved changes" }</button>
                { shown }
            </>
        },
    )
}

#[component]
pub(super) fn Fields(props: &Themed) -> Html {
    let on = use_state_eq(|| true);
    let shock = use_state_eq(|| -20);
    let number = Accept::new(|text| {
        text.parse::<u32>().map(|_| ()).map_err(|_| "must be a whole number".to_owned())
    });
    let toggle = {
        let on = on.setter();
        Callback::from(move |is: bool| on.set(is))
    };
    let slide = {
        let shock = shock.setter();
        Callback::from(move |value: i32| shock.set(value))
    };
    let id = |name: &str| format!("gallery-{name}-{}", props.theme);
    part(
        "Fields",
        html! {
            <>
                <Field id={id("field")} label="Visible at once" hint="more wait behind them" value="5" unit="toasts" accept={number} />
                <Entry id={id("entry")} label="Name" value="low-room" hint="a-z, 0-9, _, - and ." oninput={Callback::noop()} />
                <Entry id={id("wrong")} label="Threshold" value="many" unit="%" fault="must be a number" oninput={Callback::noop()} />
                <Select id={id("select")} label="Metric" value="room" hint="what is compared" onchange={Callback::noop()}>
                    { option("room", "Room to liquidation", "room") }
                    { option("ltv", "LTV", "room") }
                </Select>
                <Select id={id("wrong-select")} label="Severity" value="" fault="is missing" onchange={Callback::noop()}>
                    { option("", "", "") }
                </Select>
                <Switch id={id("switch")} label="Dismiss by themselves" hint="Information and good news" on={*on} onchange={toggle} />
                <Switch id={id("off")} label="Start with the session" on={false} onchange={Callback::noop()} />
                <Slider id={id("slider")} label="Price" value={*shock} least={-90} most={90} said={format!("{} %", *shock)} onchange={slide} />
                <select class="select" aria-label="Choice"><option>{ "Every vault" }</option></select>
                <select class="select chosen" aria-label="Choice that was made"><option>{ "ETH-017" }</option></select>
                <span class="segments" role="group" aria-label="Range">
                    <button type="button" class="segment" aria-pressed="true">{ "24 h" }</button>
                    <button type="button" class="segment" aria-pressed="false">{ "30 d" }</button>
                </span>
            </>
        },
    )
}
