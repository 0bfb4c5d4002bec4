use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::Icon;
use crate::format::fixed;
use crate::later::{Later, Part};

/// One line of a [`Menu`].
#[derive(Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) label: AttrValue,
    /// Why it cannot be chosen now, or what it does in a few words.
    pub(crate) note: Option<AttrValue>,
    pub(crate) test_id: Option<AttrValue>,
    pub(crate) kind: ChoiceKind,
    pub(crate) chosen: Callback<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChoiceKind {
    Plain,
    /// Cannot be undone.
    Harmful,
    Checked(bool),
    Disabled,
}

impl Choice {
    pub(crate) fn new(label: impl Into<AttrValue>, chosen: impl Fn() + 'static) -> Self {
        Self {
            label: label.into(),
            note: None,
            test_id: None,
            kind: ChoiceKind::Plain,
            chosen: Callback::from(move |()| chosen()),
        }
    }

    pub(crate) fn kind(mut self, kind: ChoiceKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn note(mut self, note: impl Into<AttrValue>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(crate) fn test_id(mut self, id: impl Into<AttrValue>) -> Self {
        self.test_id = Some(id.into());
        self
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct MenuProps {
    /// What the button is called.
    pub(crate) label: AttrValue,
    /// Shown instead of the label.
    #[prop_or_default]
    pub(crate) icon: Option<Icon>,
    #[prop_or_else(|| AttrValue::Static("button"))]
    pub(crate) class: AttrValue,
    #[prop_or_default]
    pub(crate) test_id: Option<AttrValue>,
    /// Asked for each time the menu opens: a closed menu costs nothing.
    pub(crate) choices: Rc<Choices>,
    #[prop_or_default]
    pub(crate) disabled: bool,
}

/// Where the menu flies, in CSS pixels of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    /// From the right edge.
    right: f64,
    /// From the upper edge, or from the lower one where it opens upwards.
    distance: f64,
    up: bool,
}

/// What a menu needs, in CSS pixels, at the most.
const SIZE: (f64, f64) = (228.0, 280.0);

impl Place {
    /// Below the button, or above it where there is no room below.
    fn beside(button: &NodeRef) -> Option<Self> {
        let rect = button.cast::<Element>()?.get_bounding_client_rect();
        Some(Self::around((rect.right(), rect.top(), rect.bottom()), window_size()?))
    }

    /// Where somebody points.
    pub(crate) fn at(x: i32, y: i32) -> Option<Self> {
        let (x, y) = (f64::from(x), f64::from(y));
        Some(Self::around((x + SIZE.0, y, y), window_size()?))
    }

    /// Beside something that ends at `right` and reaches from `top` to `bottom`.
    fn around((right, top, bottom): (f64, f64, f64), (width, height): (f64, f64)) -> Self {
        const APART: f64 = 4.0;
        let up = bottom + SIZE.1 > height && top > height - bottom;
        // Never so far to the left that it leaves the window.
        let right = (width - right).clamp(8.0, (width - SIZE.0).max(8.0));
        let distance = if up { height - top + APART } else { bottom + APART };
        Self { right, distance, up }
    }

    fn style(self) -> String {
        let edge = if self.up { "bottom" } else { "top" };
        format!("right:{}px;{edge}:{}px", fixed(self.right, 0), fixed(self.distance, 0))
    }
}

fn window_size() -> Option<(f64, f64)> {
    let window = web_sys::window()?;
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok()?.as_f64();
    Some((size(window.inner_width())?, size(window.inner_height())?))
}

/// A button that opens a list of things to do.
#[component]
pub(crate) fn Menu(props: &MenuProps) -> Html {
    let place = use_state_eq(|| None::<Place>);
    let button = use_node_ref();
    let onclick = {
        let (place, button) = (place.clone(), button.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            place.set(if place.is_some() { None } else { Place::beside(&button) });
        })
    };
    let on_close = {
        let (place, button) = (place.setter(), button.clone());
        Callback::from(move |()| {
            place.set(None);
            if let Some(button) = button.cast::<HtmlElement>() {
                drop(button.focus());
            }
        })
    };
    let class = props.class.to_string();
    let name = props.icon.map(|_| props.label.clone());
    html! {
        <>
            <button type="button" ref={button} {class} aria-haspopup="menu" aria-expanded={place.is_some().to_string()} {onclick}
                disabled={props.disabled} data-testid={props.test_id.clone()} title={name.clone()} aria-label={name}>
                { match props.icon {
                    Some(icon) => icon.html(),
                    None => html! { <>{ &props.label }{ Icon::Down.html() }</> },
                } }
            </button>
            // One child whether it is there or not: else the button would be built anew with it, and lose the focus.
            { place.map(|place| html! {
                <Later part={Part::MenuList(MenuListProps { label: props.label.clone(), place, choices: Rc::clone(&props.choices), on_close: on_close.clone() })} />
            }).unwrap_or_default() }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct MenuListProps {
    pub(crate) label: AttrValue,
    pub(crate) place: Place,
    pub(crate) choices: Rc<Choices>,
    /// Something was chosen, or nothing is to be.
    pub(crate) on_close: Callback<()>,
}

/// The list itself, over everything, with the focus on its first line.
#[component]
pub(crate) fn MenuList(props: &MenuListProps) -> Html {
    let list = use_node_ref();
    use_first_focused(&list);
    let onkeydown = {
        let (list, close) = (list.clone(), props.on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            // No key may reach the page below.
            event.stop_propagation();
            let step = match event.key().as_str() {
                "ArrowDown" => Step::By(1),
                "ArrowUp" => Step::By(-1),
                "Home" => Step::First,
                "End" => Step::Last,
                "Escape" | "Tab" => {
                    event.prevent_default();
                    close.emit(());
                    return;
                }
                // The line that has the focus does the rest.
                _ => return,
            };
            event.prevent_default();
            walk(&list, step);
        })
    };
    let dismiss = props.on_close.reform(|event: MouseEvent| {
        event.stop_propagation();
        event.prevent_default();
    });
    html! {
        <>
            <div class="menu-scrim" onclick={dismiss.clone()} oncontextmenu={dismiss} />
            <div class="menu" role="menu" aria-label={props.label.clone()} ref={list} style={props.place.style()} {onkeydown}>
                { for (props.choices.0)().into_iter().map(|choice| item(choice, &props.on_close)) }
            </div>
        </>
    }
}

fn item(choice: Choice, close: &Callback<()>) -> Html {
    let Choice { label, note, test_id, kind, chosen } = choice;
    let (role, checked) = match kind {
        ChoiceKind::Checked(checked) => ("menuitemcheckbox", Some(checked.to_string())),
        _ => ("menuitem", None),
    };
    let disabled = kind == ChoiceKind::Disabled;
    let onclick = close.reform(move |event: MouseEvent| {
        event.stop_propagation();
        chosen.emit(());
    });
    html! {
        <button type="button" {role} tabindex="-1" aria-checked={checked} class={classes!("menu-item", (kind == ChoiceKind::Harmful).then_some("harmful"))}
            {disabled} data-testid={test_id} {onclick}>
            if let ChoiceKind::Checked(checked) = kind {
                <span class="menu-check">{ if checked { Icon::Check.html() } else { Html::default() } }</span>
            }
            <span>{ label }</span>
            { for note.map(|note| html! { <small>{ note }</small> }) }
        </button>
    }
}

#[hook]
fn use_first_focused(list: &NodeRef) {
    let list = list.clone();
    use_effect_with((), move |()| walk(&list, Step::First));
}

#[derive(Clone, Copy)]
enum Step {
    First,
    Last,
    By(i32),
}

/// Moves the focus among the choices that can be chosen, around the ends.
fn walk(list: &NodeRef, step: Step) {
    let Some(list) = list.cast::<Element>() else { return };
    let Ok(all) = list.query_selector_all("button:not(:disabled)") else { return };
    let count = all.length().cast_signed();
    if count == 0 {
        return;
    }
    let items = || (0..count).filter_map(|index| all.item(index.unsigned_abs()));
    let active = web_sys::window().and_then(|window| window.document()?.active_element());
    let here = items()
        .position(|node| active.as_ref().is_some_and(|active| node.is_same_node(Some(active))))
        .and_then(|place| i32::try_from(place).ok());
    let next = match (step, here) {
        (Step::First, _) | (Step::By(_), None) => 0,
        (Step::Last, _) => count - 1,
        (Step::By(by), Some(here)) => (here + by).rem_euclid(count),
    };
    let element = all.item(next.unsigned_abs());
    if let Some(element) = element.and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}

/// Makes the choices when they are asked for. Two are equal when they are the same one.
pub(crate) struct Choices(Box<dyn Fn() -> Vec<Choice>>);

impl PartialEq for Choices {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The choices of a menu, made when it opens.
pub(crate) fn choices(list: impl Fn() -> Vec<Choice> + 'static) -> Rc<Choices> {
    Rc::new(Choices(Box::new(list)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_stays_in_the_window() {
        let window = (360.0, 800.0);
        let below = Place::around((352.0, 100.0, 128.0), window);
        assert_eq!(below.style(), "right:8px;top:132px");
        let left = Place::around((40.0, 100.0, 128.0), window);
        assert_eq!(left.style(), "right:132px;top:132px");
        let above = Place::around((352.0, 700.0, 728.0), window);
        assert_eq!(above.style(), "right:8px;bottom:104px");
        // Where there is room nowhere the larger part counts.
        assert!(!Place::around((352.0, 100.0, 128.0), (360.0, 300.0)).up);
    }
}
