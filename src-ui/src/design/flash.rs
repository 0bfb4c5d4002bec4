//! A figure that changes flashes once, in grey, and fades.
//!
//! In three steps of one clock for all that fade, and not as an animation of the style sheet: where no graphics card
//! helps, an animation paints sixty times a second for as long as anything moves, which in a live table is always.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use crate::clock;

/// A step of fading, in milliseconds.
const STEP: i32 = 300;
/// What is left of a flash, from [`STEPS`] down; the style sheet says how each looks.
const LEFT: &str = "data-flash";
const STEPS: u8 = 3;

thread_local! {
    static FADING: RefCell<Vec<Rc<Mark>>> = const { RefCell::new(Vec::new()) };
}

struct Mark {
    element: Element,
    left: Cell<u8>,
}

impl Mark {
    fn write(&self) {
        // Refuses only names with spaces in them.
        drop(match self.left.get() {
            0 => self.element.remove_attribute(LEFT),
            1 => self.element.set_attribute(LEFT, "1"),
            2 => self.element.set_attribute(LEFT, "2"),
            _ => self.element.set_attribute(LEFT, "3"),
        });
    }
}

/// What lets an element flash.
pub(crate) struct Flash(Rc<Mark>);

impl Flash {
    pub(crate) fn of(element: Element) -> Self {
        Self(Rc::new(Mark { element, left: Cell::new(0) }))
    }

    /// From the beginning, if it is fading.
    pub(crate) fn start(&self) {
        let before = self.0.left.replace(STEPS);
        if before != STEPS {
            self.0.write();
        }
        if before > 0 {
            return;
        }
        FADING.with_borrow_mut(|fading| {
            fading.push(Rc::clone(&self.0));
            if fading.len() == 1 {
                clock::soon(STEP, fade);
            }
        });
    }
}

/// One step of all, and the next one when it is due.
fn fade() {
    FADING.with_borrow_mut(|fading| {
        fading.retain(|mark| {
            mark.left.set(mark.left.get().saturating_sub(1));
            mark.write();
            mark.left.get() > 0
        });
        if !fading.is_empty() {
            clock::soon(STEP, fade);
        }
    });
}

#[derive(PartialEq, Properties)]
pub(crate) struct FigureProps {
    pub(crate) text: AttrValue,
}

/// A figure that flashes when it changes after it was first seen.
#[component]
pub(crate) fn Figure(props: &FigureProps) -> Html {
    let node = use_node_ref();
    let flash = use_mut_ref(|| None::<Flash>);
    {
        let node = node.clone();
        use_effect_with(props.text.clone(), move |_| {
            let mut flash = flash.borrow_mut();
            match &*flash {
                Some(flash) => flash.start(),
                None => *flash = node.cast().map(Flash::of),
            }
        });
    }
    html! { <span ref={node} class="figure">{ &props.text }</span> }
}
