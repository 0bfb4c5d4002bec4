//! `?`: which keys do what.

use yew::prelude::*;

use crate::design::Dialog;
use crate::words::shortcuts as say;

/// What the catalogue says.
type Words = fn() -> &'static str;
/// Keys and what they do.
type Shortcut = (&'static [Key], Words);

/// As it is written on the key.
#[derive(Clone, Copy)]
enum Key {
    Ctrl,
    Shift,
    Enter,
    Space,
    Escape,
    PageUp,
    PageDown,
    Home,
    End,
    /// A sign, which is the same on all of them.
    Sign(&'static str),
}

impl Key {
    fn word(self) -> &'static str {
        match self {
            Self::Ctrl => say::ctrl(),
            Self::Shift => say::shift(),
            Self::Enter => say::enter(),
            Self::Space => say::space(),
            Self::Escape => say::escape(),
            Self::PageUp => say::page_up(),
            Self::PageDown => say::page_down(),
            Self::Home => say::home(),
            Self::End => say::end(),
            Self::Sign(sign) => sign,
        }
    }
}

const UP: Key = Key::Sign("↑");
const DOWN: Key = Key::Sign("↓");
const LEFT: Key = Key::Sign("←");
const RIGHT: Key = Key::Sign("→");

/// By where they work.
const SHORTCUTS: [(Words, &[Shortcut]); 4] = [
    (
        say::anywhere,
        &[
            (&[Key::Ctrl, Key::Sign("K")], say::palette),
            (&[Key::Sign("/")], say::search),
            (&[Key::Sign("?")], say::this_list),
            (&[Key::Sign("Z")], say::take_back),
            (&[Key::Escape], say::back),
        ],
    ),
    (say::alerts, &[(&[Key::Sign("A")], say::acknowledge), (&[Key::Sign("S")], say::snooze)]),
    (
        say::table,
        &[
            (&[UP, DOWN, Key::PageUp, Key::PageDown, Key::Home, Key::End], say::walk),
            (&[LEFT, RIGHT], say::cells),
            (&[Key::Enter], say::open),
            (&[Key::Space], say::choose),
            (&[Key::Shift, Key::Sign("F10")], say::menu),
            (&[Key::Ctrl, Key::Sign("C")], say::copy),
            (&[Key::Shift, Key::Sign("Alt"), LEFT, RIGHT], say::column),
        ],
    ),
    (
        say::charts,
        &[
            (&[LEFT, RIGHT], say::moment),
            (&[Key::Shift, LEFT, RIGHT], say::stretch),
            (&[Key::Sign("+"), Key::Sign("−"), Key::Sign("0")], say::zoom),
            (&[Key::PageUp, Key::PageDown], say::along),
        ],
    ),
];

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ShortcutsProps {
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Shortcuts(props: &ShortcutsProps) -> Html {
    let line = |(keys, what): &Shortcut| {
        let keys = keys.iter().map(|key| html! { <kbd>{ key.word() }</kbd> });
        html! { <><dt>{ for keys }</dt><dd>{ what() }</dd></> }
    };
    html! {
        <Dialog title={say::title()} test_id="shortcuts" on_close={props.on_close.clone()}>
            <div class="shortcuts">
                { for SHORTCUTS.iter().map(|(place, keys)| html! {
                    <section>
                        <h3>{ place() }</h3>
                        <dl>{ for keys.iter().map(line) }</dl>
                    </section>
                }) }
            </div>
        </Dialog>
    }
}
