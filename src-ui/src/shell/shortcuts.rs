//! `?`: which keys do what.

use yew::prelude::*;

use crate::design::Dialog;

/// Keys and what they do.
type Shortcut = (&'static [&'static str], &'static str);

/// By where they work.
const SHORTCUTS: [(&str, &[Shortcut]); 4] = [
    (
        "Anywhere",
        &[
            (&["Ctrl", "K"], "find a vault, a page, or something to do"),
            (&["/"], "search"),
            (&["?"], "this list"),
            (&["Z"], "take back what was done last"),
            (&["Esc"], "back, or clear the filters"),
        ],
    ),
    (
        "Alerts",
        &[
            (&["A"], "acknowledge the alert of the vault that is marked or shown"),
            (&["S"], "snooze it for 10 minutes"),
        ],
    ),
    (
        "The table",
        &[
            (&["↑", "↓", "Page Up", "Page Down", "Home", "End"], "walk"),
            (&["←", "→"], "through the cells of a row"),
            (&["Enter"], "open the vault"),
            (&["Space"], "choose it; more with Shift and the arrows, all with Ctrl A"),
            (&["Shift", "F10"], "what can be done with it"),
            (&["Ctrl", "C"], "copy it, or those that are chosen, as CSV"),
        ],
    ),
    (
        "Charts",
        &[
            (&["←", "→"], "the value at a moment"),
            (&["Shift", "←", "→"], "mark a stretch; Enter zooms into it"),
            (&["+", "−", "0"], "closer, further, the whole"),
            (&["Page Up", "Page Down"], "move along"),
        ],
    ),
];

#[derive(PartialEq, Properties)]
pub(crate) struct ShortcutsProps {
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Shortcuts(props: &ShortcutsProps) -> Html {
    html! {
        <Dialog title="Keyboard shortcuts" test_id="shortcuts" on_close={props.on_close.clone()}>
            <div class="shortcuts">
                { for SHORTCUTS.iter().map(|(place, keys)| html! {
                    <section>
                        <h3>{ *place }</h3>
                        <dl>{ for keys.iter().map(|(keys, what)| html! { <><dt>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt><dd>{ *what }</dd></> }) }</dl>
                    </section>
                }) }
            </div>
        </Dialog>
    }
}
