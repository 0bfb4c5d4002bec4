//! Whether an alert would get through: a critical one that is none, and the question whether it was seen and heard.

use std::rc::Rc;

use domain::view::{DeliveryView, NotificationId, NotificationView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::design::{Dialog, Icon};
use crate::live::Topic;
use crate::session::{use_live, use_session};

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
        <section id="settings-proof" class="card" aria-label="Proof of guarding">
            <h2 class="card-head">{ "Would an alert reach you?" }</h2>
            <div class="proof">
                { for blocked.as_ref().map(|why| html! {
                    <p class="proof-blocked" role="status">{ Icon::Warning.html() }
                        <span><strong>{ "The system shows no notifications now. " }</strong>{ why.to_string() }</span></p>
                }) }
                <p>{ "A test critical takes the whole way: the center, a notification of the system, and sound. No vault is in danger." }</p>
                <button type="button" class="button primary" data-testid="test-critical" onclick={send.clone()}>{ "Send a test critical" }</button>
            </div>
            { dialog(&test, &all, blocked.as_deref(), &close, &send) }
        </section>
    }
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
            "The test was not sent",
            html! { <p>{ why }</p> },
            html! { <button type="button" class="button primary" onclick={done}>{ "Close" }</button> },
        ),
        Test::Sent { newest } => {
            let sent = all.iter().filter(|one| one.id > *newest).min_by_key(|one| one.id);
            (
                "Did you see it?",
                html! {
                    <>
                        <p>{ "A notification of the system, titled “Test”, outside of this window." }</p>
                        <p class="proof-state" role="status">{ delivery(sent.map(|one| &one.delivery)) }</p>
                    </>
                },
                html! {
                    <>
                        <button type="button" class="button" data-testid="test-not-seen" onclick={set(Test::Seen { seen: false })}>{ "No" }</button>
                        <button type="button" class="button primary" data-testid="test-seen" onclick={set(Test::Seen { seen: true })}>{ "Yes, I saw it" }</button>
                    </>
                },
            )
        }
        Test::Seen { seen } => (
            "Did you hear it?",
            html! { <p>{ "A critical alert comes with a sound. Unacknowledged, it repeats." }</p> },
            html! {
                <>
                    <button type="button" class="button" data-testid="test-not-heard" onclick={set(Test::Done { seen: *seen, heard: false })}>{ "No" }</button>
                    <button type="button" class="button primary" data-testid="test-heard" onclick={set(Test::Done { seen: *seen, heard: true })}>{ "Yes, I heard it" }</button>
                </>
            },
        ),
        Test::Done { seen, heard } => (
            if *seen && *heard { "You are guarded" } else { "Something is in the way" },
            html! { <ul class="proof-result" data-testid="test-result">{ for advice(*seen, *heard, blocked).into_iter().map(|line| html! { <li>{ line }</li> }) }</ul> },
            html! {
                <>
                    if !(*seen && *heard) { <button type="button" class="button" onclick={again.clone()}>{ "Test again" }</button> }
                    <button type="button" class="button primary" data-testid="test-close" onclick={done}>{ "Close" }</button>
                </>
            },
        ),
    };
    html! { <Dialog {title} test_id="test-dialog" on_close={close.clone()} {actions}>{ body }</Dialog> }
}

fn delivery(delivery: Option<&DeliveryView>) -> String {
    match delivery {
        None => "On its way…".to_owned(),
        Some(DeliveryView::Wanted) => {
            "Handed over; the system has not confirmed it yet.".to_owned()
        }
        Some(DeliveryView::Shown(_)) => "The system says that it shows it.".to_owned(),
        Some(DeliveryView::Failed(cause)) => format!("The system does not show it: {cause}"),
        Some(DeliveryView::NotWanted) => {
            "It stays in this window: demo data wake nobody after the first time.".to_owned()
        }
    }
}

/// What to do about it.
fn advice(seen: bool, heard: bool, blocked: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    if seen && heard {
        lines.push("Critical alerts are seen and heard on this machine.".to_owned());
    }
    if !seen {
        lines.push(match blocked {
            Some(why) => format!("The system shows no notifications: {why}"),
            None => "Look at the system's notification settings: VaultWatch must be allowed to show them, and Do Not Disturb must be off.".to_owned(),
        });
        lines.push(
            "Until then critical alerts are told in this window, at the tray icon, and by sound."
                .to_owned(),
        );
    }
    if !heard {
        lines.push(
            "Look at the system's volume and output device, and at the sound of notifications."
                .to_owned(),
        );
    }
    lines.push("While this machine sleeps nothing is watched: keep it awake, or have a channel or a gateway wake you.".to_owned());
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
