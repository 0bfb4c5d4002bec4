//! What a form is filled in with, and how its fields change that.

use std::ops::Deref;
use std::rc::Rc;

use yew::prelude::*;

use super::form::Form;

/// The fields of a form that makes a `D`: what stands in them, and what is wrong with it.
#[derive(Clone)]
pub(super) struct Fields<D: Clone + 'static> {
    pub(super) draft: UseReducerHandle<Filled<D>>,
    pub(super) form: Form,
}

impl<D: Clone + 'static> Fields<D> {
    /// For a field that is typed or chosen in.
    pub(super) fn set(&self, set: impl Fn(&mut D, String) + Clone + 'static) -> Callback<String> {
        let draft = self.draft.dispatcher();
        Callback::from(move |text: String| {
            let set = set.clone();
            draft.dispatch(Change(Box::new(move |draft| set(draft, text))));
        })
    }

    /// For one that is on or off.
    pub(super) fn switch(&self, set: fn(&mut D, bool)) -> Callback<bool> {
        let draft = self.draft.dispatcher();
        Callback::from(move |on: bool| {
            draft.dispatch(Change(Box::new(move |draft| set(draft, on))));
        })
    }
}

/// A draft that somebody changes.
#[derive(PartialEq)]
pub(super) struct Filled<D>(D);

impl<D> Deref for Filled<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.0
    }
}

/// A change of the form, by whoever has the field.
pub(super) struct Change<D>(Box<dyn FnOnce(&mut D)>);

impl<D: Clone> Reducible for Filled<D> {
    type Action = Change<D>;

    fn reduce(self: Rc<Self>, change: Change<D>) -> Rc<Self> {
        let mut next = self.0.clone();
        (change.0)(&mut next);
        Rc::new(Self(next))
    }
}

/// A draft that begins as that one.
#[hook]
pub(super) fn use_draft<D>(start: &D) -> UseReducerHandle<Filled<D>>
where
    D: Clone + PartialEq + 'static,
{
    use_reducer_eq(|| Filled(start.clone()))
}
