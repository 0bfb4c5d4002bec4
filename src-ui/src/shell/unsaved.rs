//! Whether leaving the page would lose what somebody typed.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use crate::session::use_session;

/// Known to whoever shows another page: see [`use_route`](super::route::use_route).
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsaved(Rc<Cell<bool>>);

impl Unsaved {
    pub(crate) fn is_set(&self) -> bool {
        self.0.get()
    }

    pub(crate) fn set(&self, unsaved: bool) {
        self.0.set(unsaved);
    }
}

/// The page holds a form that was changed, or was not, for as long as the component lives.
#[hook]
pub(crate) fn use_unsaved(changed: bool) {
    let unsaved = use_session().unsaved;
    use_effect_with(changed, move |changed| {
        unsaved.set(*changed);
        move || unsaved.set(false)
    });
}
