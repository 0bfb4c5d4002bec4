//! Whether an alert would get through: a critical one that is none, and the question whether it was seen and heard.

use std::rc::Rc;

use domain::Level;
use domain::view::{DeliveryView, NotificationId, NotificationView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::design::{Dialog, Icon};
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::settings_proof as say;

/// How far the test has come.
#[derive(Clone, PartialEq)]
enum Test {
    NotAsked,
    /// Sent; what was there before is not the test.
    Sent {
        newest: NotificationId,
    },
    Seen {
        seen: bool,
    },
    Done {
        seen: bool,
        heard: bool,
    },
    Failed(String),
}

#[component]
pub(crate) fn Proof() -> Html {
    let session = use_session();
    let test = use_state(|| Test::NotAsked);
    let blocked = use_live(Topic::Shell, |state| state.notifications_blocked.clone());
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let send = {
        let test = test.clone();
        Callback::from(move |_: MouseEvent| {
            let newest = session.live.read(|state| {
                state.inbox.all().iter().map(|one| one.id).max().unwrap_or(NotificationId(0))
            });
            test.set(Test::Sent { newest });
            let (session, test) = (session.clone(), test.clone());
            spawn_local(async move {
                if let Err(error) = session.test_critical().await {
                    test.set(Test::Failed(error.in_words()));
                }
            });
        })
    };
    let close = {
        let test = test.clone();
        Callback::from(move |()| test.set(Test::NotAsked))
    };
    html! {
        <section id="settings-proof" class="card" aria-label={say::card()}>
            <h2 class="card-head">{ say::head() }</h2>
            <div class="proof">
                { for blocked.as_ref().map(|why| html! {
                    <p class="proof-blocked" role="status">{ Icon::Warning.html() }
                        <span><strong>{ say::blocked() }</strong>{ why.to_string() }</span></p>
                }) }
                <p>{ say::about() }</p>
                <button type="button" class="button primary" data-testid="test-critical" onclick={send.clone()}>{ say::send() }</button>
            </div>
            { dialog(&test, &all, blocked.as_deref(), &close, &send) }
        </section>
    }
}

/// It is about no vault: a real alert may come in the same moment.
fn is_test(alert: &NotificationView) -> bool {
    alert.vault.is_none() && alert.severity == Level::Critical
}

fn dialog(
    test: &UseStateHandle<Test>,
    all: &[Rc<NotificationView>],
    blocked: Option<&str>,
    close: &Callback<()>,
    again: &Callback<MouseEvent>,
) -> Html {
    let set = |next: Test| {
        let test = test.setter();
        Callback::from(move |_: MouseEvent| test.set(next.clone()))
    };
    let done = close.reform(|_: MouseEvent| ());
    let (title, body, actions) = match &**test {
        Test::NotAsked => return Html::default(),
        Test::Failed(why) => (
            say::not_sent(),
            html! { <p>{ why }</p> },
            html! { <button type="button" class="button primary" onclick={done}>{ say::close() }</button> },
        ),
        Test::Sent { newest } => {
            let sent =
                all.iter().filter(|one| one.id > *newest && is_test(one)).min_by_key(|one| one.id);
            (
                say::did_you_see(),
                html! {
                    <>
                        <p>{ say::what_to_see() }</p>
                        <p class="proof-state" role="status">{ delivery(sent.map(|one| &one.delivery)) }</p>
                    </>
                },
                html! {
                    <>
                        <button type="button" class="button" data-testid="test-not-seen" onclick={set(Test::Seen { seen: false })}>{ say::no() }</button>
                        <button type="button" class="button primary" data-testid="test-seen" onclick={set(Test::Seen { seen: true })}>{ say::saw() }</button>
                    </>
                },
            )
        }
        Test::Seen { seen } => (
            say::did_you_hear(),
            html! { <p>{ say::what_to_hear() }</p> },
            html! {
                <>
                    <button type="button" class="button" data-testid="test-not-heard" onclick={set(Test::Done { seen: *seen, heard: false })}>{ say::no() }</button>
                    <button type="button" class="button primary" data-testid="test-heard" onclick={set(Test::Done { seen: *seen, heard: true })}>{ say::heard() }</button>
                </>
            },
        ),
        Test::Done { seen, heard } => (
            if *seen && *heard { say::guarded() } else { say::in_the_way() },
            html! { <ul class="proof-result" data-testid="test-result">{ for advice(*seen, *heard, blocked).into_iter().map(|line| html! { <li>{ line }</li> }) }</ul> },
            html! {
                <>
                    if !(*seen && *heard) { <button type="button" class="button" onclick={again.clone()}>{ say::again() }</button> }
                    <button type="button" class="button primary" data-testid="test-close" onclick={done}>{ say::close() }</button>
                </>
            },
        ),
    };
    html! { <Dialog {title} test_id="test-dialog" on_close={close.clone()} {actions}>{ body }</Dialog> }
}

fn delivery(delivery: Option<&DeliveryView>) -> String {
    match delivery {
        None => say::on_its_way().to_owned(),
        Some(DeliveryView::Wanted) => say::handed_over().to_owned(),
        Some(DeliveryView::Shown(_)) => say::shown().to_owned(),
        Some(DeliveryView::Failed(cause)) => say::not_shown(cause),
        Some(DeliveryView::NotWanted) => say::not_wanted().to_owned(),
    }
}

/// What to do about it.
fn advice(seen: bool, heard: bool, blocked: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    if seen && heard {
        lines.push(say::all_well().to_owned());
    }
    if !seen {
        lines.push(match blocked {
            Some(why) => say::shows_none(why),
            None => say::allow().to_owned(),
        });
        lines.push(say::until_then().to_owned());
    }
    if !heard {
        lines.push(say::volume().to_owned());
    }
    lines.push(say::keep_awake().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_or_heard_has_its_advice() {
        assert_eq!(advice(true, true, None).len(), 2);
        assert!(advice(false, true, Some("Do Not Disturb is on"))[0].contains("Do Not Disturb"));
        assert!(advice(true, false, None)[0].contains("volume"));
        let whole = advice(false, false, None).join(" ");
        assert!(whole.contains("allowed to show") && whole.contains("volume"));
    }
}
