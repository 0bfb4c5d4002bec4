use std::rc::Rc;

use domain::view::ChannelView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::clock;
use crate::session::use_session;
use crate::words::channels as say;

/// How a test went.
#[derive(Clone, PartialEq)]
enum Test {
    UnderWay,
    Taken,
    Failed(String),
}

/// What is known of a way to reach somebody, and a button that tries it.
#[derive(PartialEq, Properties)]
struct WayProps {
    name: AttrValue,
    /// What the button says.
    button: AttrValue,
    note: AttrValue,
    failed: bool,
    /// A channel's name; none: the alarm.
    #[prop_or_default]
    channel: Option<AttrValue>,
}

/// Reaching somebody who is not at the screen: the alarm, and the channels that are configured.
#[component]
pub(super) fn Channels() -> Html {
    let session = use_session();
    let all = use_state(|| Rc::new(Vec::<ChannelView>::new()));
    {
        let all = all.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                // Without an answer the list stays empty: the rest of the page is not affected.
                if let Ok(known) = session.channels().await {
                    all.set(Rc::new(known));
                }
            });
        });
    }
    html! {
        <section id="settings-channels" class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }<small>{ say::head_note() }</small></h2>
            <ul class="ways">
                <Way name={say::alarm()} button={say::play()} note={say::alarm_note()} failed={false} />
                <>{ for all.iter().map(|channel| html! {
                    <Way key={channel.name.as_str()} name={channel.name.clone()} button={say::send_a_test()} note={note(channel)} failed={channel.failure.is_some()} channel={Some(AttrValue::from(channel.name.clone()))} />
                }) }</>
            </ul>
            if all.is_empty() {
                <p class="ways-none">{ say::none() }</p>
            }
        </section>
    }
}

#[component]
fn Way(props: &WayProps) -> Html {
    let session = use_session();
    let test = use_state(|| None::<Test>);
    let onclick = {
        let (test, channel) = (test.clone(), props.channel.clone());
        Callback::from(move |_: MouseEvent| {
            test.set(Some(Test::UnderWay));
            let (session, test, channel) = (session.clone(), test.clone(), channel.clone());
            spawn_local(async move {
                let answer = match channel {
                    Some(name) => session.test_channel(name.to_string()).await,
                    None => session.test_sound().await,
                };
                test.set(Some(match answer {
                    Ok(()) => Test::Taken,
                    Err(error) => Test::Failed(error.in_words()),
                }));
            });
        })
    };
    let taken = if props.channel.is_some() { say::taken() } else { say::played() };
    let id = props.channel.clone().unwrap_or(AttrValue::Static("alarm"));
    let (failed, note) = match &*test {
        None => (props.failed, props.note.to_string()),
        Some(Test::UnderWay) => (false, say::under_way().to_owned()),
        Some(Test::Taken) => (false, taken.to_owned()),
        Some(Test::Failed(why)) => (true, why.clone()),
    };
    html! {
        <li class="way">
            <span class="way-text"><strong>{ &props.name }</strong><small class={failed.then_some("failed")} role="status" data-testid={format!("way-note-{id}")}>{ note }</small></span>
            <button type="button" class="button" data-testid={format!("way-test-{id}")} disabled={*test == Some(Test::UnderWay)} {onclick}>{ &props.button }</button>
        </li>
    }
}

fn note(channel: &ChannelView) -> String {
    let target = channel.target.as_str();
    match (&channel.failure, channel.called.map(clock::moment)) {
        (Some(why), Some(at)) => say::not_taken_at(target, &at, why),
        (Some(why), None) => say::not_taken(target, why),
        (None, Some(at)) => say::called(target, &at),
        (None, None) => say::not_called(target),
    }
}
