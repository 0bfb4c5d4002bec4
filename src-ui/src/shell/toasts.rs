use std::rc::Rc;

use domain::view::{NotificationView, ToastPosition};
use yew::prelude::*;

use super::media::{NARROW, use_media};
use super::route;
use crate::clock;
use crate::design::Toast;
use crate::live::{Topic, is_critical};
use crate::session::{Session, use_live, use_session};
use crate::words::{number, toasts as say};

/// At once where more would cover the page, whatever was chosen.
const NARROW_MOST: usize = 2;

/// What has just happened, over an edge of the page the person chose. Dismissing one leaves it in the center.
#[component]
pub(crate) fn Toasts() -> Html {
    let session = use_session();
    let (mut shown, mut waiting) = use_live(Topic::Inbox, crate::live::State::visible_toasts);
    // What comes together with its region is not read out.
    let ready = use_state_eq(|| false);
    {
        let ready = ready.setter();
        use_effect_with((), move |()| ready.set(true));
    }
    if !*ready {
        shown.clear();
        waiting = 0;
    }
    if use_media(NARROW) && shown.len() > NARROW_MOST {
        waiting += shown.len() - NARROW_MOST;
        shown.truncate(NARROW_MOST);
    }
    let position = use_live(Topic::Preferences, |state| state.preferences.toasts.position);
    let all = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.live.dismiss_toasts())
    };
    let total = shown.len() + waiting;
    let (critical, others): (Vec<_>, Vec<_>) = shown.into_iter().partition(|one| is_critical(one));
    let reading = |on: bool| {
        let live = session.live.clone();
        move || live.read_toasts(on, clock::now())
    };
    let (enter, leave, focus, blur) =
        (reading(true), reading(false), reading(true), reading(false));
    html! {
        <div class="toasts" data-position={style(position)} data-testid="toasts"
            onpointerenter={Callback::from(move |_: PointerEvent| enter())} onpointerleave={Callback::from(move |_: PointerEvent| leave())}
            onfocusin={Callback::from(move |_: FocusEvent| focus())} onfocusout={Callback::from(move |_: FocusEvent| blur())}>
            // Both regions are always there: a region that comes with its text is not read out.
            <div class="toast-region" aria-live="assertive" aria-relevant="additions">{ for critical.into_iter().map(|one| toast(&session, one)) }</div>
            <div class="toast-region" aria-live="polite" aria-relevant="additions">{ for others.into_iter().map(|one| toast(&session, one)) }</div>
            if total > 1 {
                <button type="button" class="button toast-all" data-testid="dismiss-toasts" onclick={all}>
                    if waiting > 0 { { say::waiting(&number(waiting)) } }
                    { say::dismiss_all() }
                </button>
            }
        </div>
    }
}

fn toast(session: &Session, one: Rc<NotificationView>) -> Html {
    let id = one.id;
    let href = one.action.as_ref().map(|action| route::href(&action.target));
    let dismiss = {
        let session = session.clone();
        Callback::from(move |()| session.live.dismiss_toast(id))
    };
    let acknowledge = {
        let session = session.clone();
        Callback::from(move |()| session.acknowledge(&[id]))
    };
    html! { <Toast key={id.0} {one} {href} {dismiss} {acknowledge} /> }
}

/// The value of `data-position`.
pub(crate) fn style(position: ToastPosition) -> &'static str {
    match position {
        ToastPosition::TopLeft => "top-left",
        ToastPosition::TopCenter => "top-center",
        ToastPosition::TopRight => "top-right",
        ToastPosition::BottomLeft => "bottom-left",
        ToastPosition::BottomCenter => "bottom-center",
        ToastPosition::BottomRight => "bottom-right",
    }
}
