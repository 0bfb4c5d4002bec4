//! `Ctrl+K`: everything the window can do, every vault and every other profile, by a few letters of it.

mod command;
mod found;

use std::rc::Rc;

use domain::view::{ProfileView, Target, VaultRow};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use command::{Command, Deed};
use found::{Line, lines};

use super::{route, switcher};
use crate::design::{level_icon, style_of};
use crate::format;
use crate::live::Topic;
use crate::session::{Session, use_live, use_session};
use crate::words::palette as say;

/// Vaults that are asked for.
const VAULTS: usize = 8;
const LIST_ID: &str = "palette-list";

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PaletteProps {
    pub(crate) on_close: Callback<()>,
    pub(crate) on_shortcuts: Callback<()>,
}

/// What is typed stays with the palette, what is chosen is done and closes it.
#[component]
pub(crate) fn Palette(props: &PaletteProps) -> Html {
    let session = use_session();
    let dialog = use_modal();
    let text = use_state_eq(String::new);
    let active = use_state_eq(|| 0usize);
    let vaults = use_vaults(&session, &text);
    let profiles = use_live(Topic::Profiles, |state| Rc::clone(&state.profiles));
    let shown = use_live(Topic::Profiles, |state| state.profile.clone());
    let lines = lines(&text, &vaults, &profiles, shown.as_deref());
    let active_line = (*active).min(lines.len().saturating_sub(1));
    use_in_view(active_line);

    let choose = {
        let (session, close) = (session.clone(), props.on_close.clone());
        let shortcuts = props.on_shortcuts.clone();
        Callback::from(move |line: Line| {
            close.emit(());
            match line {
                Line::Vault(row) => route::open(&Target::Vault(row.id.clone())),
                // Asks first where something is not saved.
                Line::Profile(view) => session.use_profile(&view.name),
                Line::Command(Command { deed: Deed::Shortcuts, .. }) => shortcuts.emit(()),
                Line::Command(command) => command.deed.carry_out(&session),
            }
        })
    };
    let oninput = {
        let (text, active) = (text.setter(), active.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                text.set(input.value());
                active.set(0);
            }
        })
    };
    let onkeydown = {
        let (active, close, choose) = (active.clone(), props.on_close.clone(), choose.clone());
        let lines = lines.clone();
        Callback::from(move |event: KeyboardEvent| {
            // No key may reach the page below.
            event.stop_propagation();
            if event.is_composing() {
                return;
            }
            let last = lines.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => active.set(if active_line >= last { 0 } else { active_line + 1 }),
                "ArrowUp" => active.set(active_line.checked_sub(1).unwrap_or(last)),
                "Enter" => {
                    if let Some(line) = lines.get(active_line) {
                        choose.emit(line.clone());
                    }
                }
                "Escape" => close.emit(()),
                "k" | "K" if event.ctrl_key() || event.meta_key() => close.emit(()),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let oncancel = props.on_close.reform(|event: Event| event.prevent_default());
    let beside = {
        let (dialog, close) = (dialog.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            // What is inside of it is another target.
            if event.target().as_ref() == dialog.get().as_deref() {
                close.emit(());
            }
        })
    };
    let chosen = (!lines.is_empty()).then(|| line_id(active_line));
    html! {
        <dialog ref={dialog} class="palette" aria-label={say::title()} data-testid="palette" {oncancel} {onkeydown} onclick={beside}>
            <div class="palette-card">
                <input type="text" class="palette-input" role="combobox" aria-expanded="true" aria-controls={LIST_ID} aria-autocomplete="list"
                    aria-activedescendant={chosen} aria-label={say::label()} data-testid="palette-input" autofocus=true
                    autocomplete="off" autocapitalize="off" spellcheck="false" placeholder={say::placeholder()} value={(*text).clone()} {oninput} />
                <ul id={LIST_ID} class="palette-list" role="listbox" aria-label={say::found()}>
                    { for lines.iter().enumerate().map(|(index, line)| option(index, line, index == active_line, &active, &choose)) }
                </ul>
                if lines.is_empty() { <p class="palette-none">{ say::nothing() }</p> }
                <span class="visually-hidden" role="status">{ say::lines(lines.len()) }</span>
            </div>
        </dialog>
    }
}

fn option(
    index: usize,
    line: &Line,
    is_active: bool,
    active: &UseStateHandle<usize>,
    choose: &Callback<Line>,
) -> Html {
    let onclick = {
        let (choose, line) = (choose.clone(), line.clone());
        Callback::from(move |_: MouseEvent| choose.emit(line.clone()))
    };
    // A list that moves under a pointer at rest chooses nothing.
    let onpointermove = {
        let active = active.setter();
        Callback::from(move |_: PointerEvent| active.set(index))
    };
    let (key, level, content) = match line {
        Line::Vault(row) => (format!("vault-{}", row.id), style_of(row), vault(row)),
        Line::Command(command) => (command.name().to_owned(), "unknown", said(command)),
        Line::Profile(view) => (format!("profile-{}", view.name), "unknown", profile(view)),
    };
    html! {
        <li key={key.clone()} id={line_id(index)} class="palette-line" role="option" aria-selected={is_active.to_string()} data-level={level}
            data-testid={format!("palette-{key}")} {onclick} {onpointermove}>{ content }</li>
    }
}

fn vault(row: &VaultRow) -> Html {
    let room = row.room.map(|room| say::left(&format::room(room)));
    html! {
        <>
            { level_icon(row.level, row.freshness) }
            <span><strong>{ row.id.as_str() }</strong>{ " " }{ row.name.as_deref().unwrap_or(&row.tokens) }</span>
            <small>{ room.unwrap_or_else(|| say::vault().to_owned()) }</small>
        </>
    }
}

fn profile(view: &ProfileView) -> Html {
    html! {
        <>
            <span class="profile-dot" data-colour={view.colour.word()} aria-hidden="true" />
            <span>{ say::switch_to(&view.name) }</span>
            <small>{ switcher::standing(view) }</small>
        </>
    }
}

fn said(command: &Command) -> Html {
    html! { <>{ command.icon.html() }<span>{ command.title }</span><small>{ command.kind() }</small></> }
}

fn line_id(index: usize) -> String {
    format!("palette-{index}")
}

/// The vaults for the text. An answer that another text has overtaken does not count.
#[hook]
fn use_vaults(session: &Session, text: &str) -> Rc<Vec<Rc<VaultRow>>> {
    let found = use_state(|| Rc::new(Vec::new()));
    let newest = use_mut_ref(|| 0u32);
    let (session, set) = (session.clone(), found.setter());
    use_effect_with(text.to_owned(), move |text| {
        let number = {
            let mut newest = newest.borrow_mut();
            *newest += 1;
            *newest
        };
        let answer = session.find_vaults(text.clone(), VAULTS);
        spawn_local(async move {
            // Without an answer what can be done is there all the same.
            if let Ok(rows) = answer.await
                && *newest.borrow() == number
            {
                set.set(Rc::new(rows.into_iter().map(Rc::new).collect()));
            }
        });
    });
    Rc::clone(&found)
}

/// The browser keeps the focus inside and gives it back at the end.
#[hook]
fn use_modal() -> NodeRef {
    let element = use_node_ref();
    let shown = element.clone();
    use_effect_with((), move |()| {
        let dialog = shown.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            // Only refuses what is open already.
            drop(dialog.show_modal());
        }
        move || {
            if let Some(dialog) = dialog {
                dialog.close();
            }
        }
    });
    element
}

#[hook]
fn use_in_view(line: usize) {
    use_effect_with(line, |line| {
        let document = web_sys::window().and_then(|window| window.document());
        let element: Option<Element> =
            document.and_then(|document| document.get_element_by_id(&line_id(*line)));
        if let (Some(element), true) = (element, *line > 0) {
            element.scroll_into_view_with_bool(false);
        }
    });
}
