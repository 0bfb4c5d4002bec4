//! A figure that changes flashes once, in grey, and fades.
//!
//! In three steps of one clock for all that fade, with the values that are drawn next where there are any, and not as an
//! animation of the style sheet: where no graphics card helps, an animation paints sixty times a second for as long as
//! anything moves, which in a live table is always.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::UnixMillis;
use web_sys::Element;
use yew::prelude::*;

use crate::clock;

/// A step of fading, in milliseconds, where nothing else is drawn meanwhile.
const STEP: i32 = 300;
/// And where values are drawn: a step that is drawn with them costs next to nothing.
const STEP_WITH_VALUES: i32 = 150;
/// Figures that fade at a time while little changes.
const FEW: usize = 50;
/// What is left of a flash, from [`STEPS`] down; the style sheet says how each looks.
const LEFT: &str = "data-flash";
const STEPS: u8 = 3;

thread_local! {
    static FADING: RefCell<Vec<Rc<Mark>>> = const { RefCell::new(Vec::new()) };
    /// When the last step was made.
    static STEPPED: Cell<UnixMillis> = const { Cell::new(UnixMillis(0)) };
    /// The clock for steps runs.
    static RUNS: Cell<bool> = const { Cell::new(false) };
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
        FADING.with_borrow_mut(|fading| fading.push(Rc::clone(&self.0)));
        if !RUNS.replace(true) {
            STEPPED.set(clock::now());
            clock::soon(STEP, fade);
        }
    }
}

/// To be called when values are about to be drawn.
pub(crate) fn fade_with_values() {
    // Where much changes the frame has enough to do, and little is saved.
    if FADING.with_borrow(Vec::len) <= FEW {
        step_after(STEP_WITH_VALUES);
    }
}

/// By itself, unless a step was made with values a moment ago; and again when the next one is due.
fn fade() {
    step_after(STEP);
    let any = FADING.with_borrow(|fading| !fading.is_empty());
    RUNS.set(any);
    if any {
        clock::soon(STEP, fade);
    }
}

/// One step of all, if the last one is so long ago. The clock may have been put back.
fn step_after(millis: i32) {
    let now = clock::now();
    if now.0.abs_diff(STEPPED.get().0) < millis.unsigned_abs().into() {
        return;
    }
    STEPPED.set(now);
    FADING.with_borrow_mut(|fading| {
        fading.retain(|mark| {
            mark.left.set(mark.left.get().saturating_sub(1));
            mark.write();
            mark.left.get() > 0
        });
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
