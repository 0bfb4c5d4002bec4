//! A question to the backend whose answer changes with time.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::{Session, use_session};
use crate::backend::Answer;

/// What was answered last.
#[derive(Clone, PartialEq)]
pub(crate) enum Asked<T> {
    /// Nothing yet.
    Waiting,
    Answer(Rc<T>),
    Failed(AttrValue),
}

/// How often it is asked, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// A question that does not last this long is not asked.
    pub(crate) settle: i32,
    pub(crate) period: i32,
}

/// Asks, and asks again whenever the question is another one, and at its pace. What was answered stays until the next
/// answer.
#[hook]
pub(crate) fn use_asked<Q, T>(
    question: Q,
    pace: Pace,
    ask: fn(&Session, &Q) -> Answer<T>,
) -> Asked<T>
where
    Q: Clone + PartialEq + 'static,
    T: Clone + 'static,
{
    let session = use_session();
    let asked = use_state(|| Asked::Waiting);
    let set = asked.setter();
    use_effect_with(question, move |question| {
        let wanted = Rc::new(Cell::new(true));
        let (going, question) = (Rc::clone(&wanted), question.clone());
        spawn_local(async move {
            rest(pace.settle).await;
            while going.get() {
                let answer = ask(&session, &question).await;
                if !going.get() {
                    return;
                }
                set.set(match answer {
                    Ok(answer) => Asked::Answer(Rc::new(answer)),
                    Err(error) => Asked::Failed(error.in_words().into()),
                });
                rest(pace.period).await;
            }
        });
        move || wanted.set(false)
    });
    (*asked).clone()
}

/// Waits.
pub(crate) async fn rest(millis: i32) {
    if millis <= 0 {
        return;
    }
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Only refuses where the page has no timers at all.
            drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis));
        }
    });
    // It is never rejected.
    drop(JsFuture::from(promise).await);
}
