//! Other profiles: how they stand, and the way to them. Where there is one alone there is nothing to see.

use std::rc::Rc;

use domain::Level;
use domain::view::{ProfileState, ProfileView, Target};
use yew::prelude::*;

use super::{connection, route};
use crate::design::{Choice, ChoiceKind, Discard, Menu, choices};
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::{number, shell_profiles as say};

/// A button for each profile, in the rail.
#[component]
pub(super) fn RailProfiles() -> Html {
    let profiles = use_live(Topic::Profiles, |state| Rc::clone(&state.profiles));
    let shown = use_live(Topic::Profiles, |state| state.profile.clone());
    if profiles.len() < 2 {
        return Html::default();
    }
    html! {
        <div class="rail-profiles" role="group" aria-label={say::profiles()} data-testid="rail-profiles">
            { for profiles.iter().map(|view| html! {
                <RailProfile key={view.name.as_str()} view={view.clone()} shown={shown.as_deref() == Some(view.name.as_str())} />
            }) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct RailProfileProps {
    view: ProfileView,
    shown: bool,
}

#[component]
fn RailProfile(props: &RailProfileProps) -> Html {
    let session = use_session();
    let view = &props.view;
    let name = view.name.clone();
    let onclick = Callback::from(move |_: MouseEvent| session.use_profile(&name));
    let label = label(view);
    let urgent = matches!(view.worst, Some(Level::Critical | Level::High));
    html! {
        <button type="button" class="rail-profile" data-testid={format!("profile-{}", view.name)} data-colour={view.colour.word()} data-state={style(&view.state)}
            title={label.clone()} aria-label={label} aria-current={props.shown.then_some("true")} {onclick}>
            <span class="profile-mark" aria-hidden="true">{ initials(&view.name) }</span>
            { mark(view, urgent) }
        </button>
    }
}

/// What is to be noticed before anything is read: that it is not watched, or how many alerts nobody has read.
fn mark(view: &ProfileView, urgent: bool) -> Html {
    let id = format!("profile-unread-{}", view.name);
    match (&view.state, view.unread) {
        (ProfileState::Failed { .. }, _) => {
            html! { <span class="unread urgent" data-testid={id} aria-hidden="true">{ "!" }</span> }
        }
        (_, 0) => Html::default(),
        (_, unread) => html! {
            <span class={classes!("unread", urgent.then_some("urgent"))} data-testid={id} aria-hidden="true">{ short(unread) }</span>
        },
    }
}

/// The profile that is shown, in the top bar; with others beside it, a menu of all of them.
#[component]
pub(super) fn ProfileSwitch() -> Html {
    let session = use_session();
    let profiles = use_live(Topic::Profiles, |state| Rc::clone(&state.profiles));
    let shown = use_live(Topic::Profiles, |state| state.profile.clone());
    let Some(shown) = shown else { return Html::default() };
    let view = profiles.iter().find(|view| *view.name == *shown);
    let name = match view {
        Some(view) if view.mode == domain::view::Mode::Demo => say::demo_feed().to_owned(),
        _ => shown.to_string(),
    };
    let colour = view.map(|view| view.colour.word());
    if profiles.len() < 2 {
        return html! { <span class="pill profile" title={say::profile()}>{ name }</span> };
    }
    let list = choices(move || {
        let mut list: Vec<_> = profiles
            .iter()
            .map(|view| {
                let (session, name) = (session.clone(), view.name.clone());
                Choice::new(view.name.clone(), move || session.use_profile(&name))
                    .kind(ChoiceKind::Checked(*view.name == *shown))
                    .note(standing(view))
                    .test_id(format!("switch-{}", view.name))
            })
            .collect();
        let settings = Choice::new(say::settings(), || route::open(&Target::Settings));
        list.push(settings.test_id("switch-settings"));
        list
    });
    html! {
        <span class="profile-switch" data-colour={colour}>
            <span class="profile-dot" aria-hidden="true" />
            <Menu label={name} class="pill" test_id="profile-switch" choices={list} />
        </span>
    }
}

/// Asks before another profile is shown, where something was typed that is not saved.
#[component]
pub(crate) fn LeaveQuestion() -> Html {
    let session = use_session();
    let leaving = use_live(Topic::Profiles, |state| state.leaving.clone());
    if leaving.is_none() {
        return Html::default();
    }
    let keep = {
        let session = session.clone();
        Callback::from(move |()| session.stay())
    };
    let discard = Callback::from(move |()| session.discard_and_leave());
    html! { <Discard on_keep={keep} on_discard={discard} /> }
}

/// For style sheets and tests.
pub(crate) fn style(state: &ProfileState) -> &'static str {
    match state {
        ProfileState::Watched { feed } => connection::style(feed),
        ProfileState::Paused => "paused",
        ProfileState::Failed { .. } => "not-guarded",
        ProfileState::Left { .. } => "left",
    }
}

fn label(view: &ProfileView) -> String {
    format!("{}: {}", view.name, standing(view))
}

/// The word beside the name.
pub(crate) fn word(state: &ProfileState) -> &'static str {
    match state {
        ProfileState::Watched { feed } => connection::word(feed),
        ProfileState::Paused => say::paused(),
        ProfileState::Failed { .. } => say::not_watched(),
        ProfileState::Left { .. } => say::not_started(),
    }
}

/// How it stands, in a few words.
pub(super) fn standing(view: &ProfileView) -> String {
    let mut words = vec![word(&view.state).to_owned()];
    if view.critical > 0 {
        words.push(say::critical(&number(view.critical as usize)));
    }
    if view.unread > 0 {
        words.push(say::unread(&number(view.unread as usize)));
    }
    words.join(", ")
}

fn short(unread: u32) -> String {
    if unread > 99 { "99+".to_owned() } else { unread.to_string() }
}

/// Two letters of the name, by its parts where it has some.
pub(crate) fn initials(name: &str) -> String {
    let mut parts = name.split(['-', '_']).filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or(name), parts.next());
    let letters: String = match second {
        Some(second) => first.chars().take(1).chain(second.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    letters.to_uppercase()
}

#[cfg(test)]
mod tests {
    use domain::view::{Colour, FeedState, Mode, NotifyScope};

    use super::*;

    #[test]
    fn a_name_has_two_letters() {
        for (name, letters) in [
            ("acme", "AC"),
            ("acme-eu", "AE"),
            ("a", "A"),
            ("desk_2", "D2"),
            ("-x", "X"),
            ("_", "_"),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }

    #[test]
    fn a_profile_is_told_in_words() {
        let view = ProfileView {
            name: "acme".to_owned(),
            mode: Mode::Profile("acme".to_owned()),
            colour: Colour::Teal,
            notify: NotifyScope::All,
            state: ProfileState::Watched { feed: FeedState::Live },
            endpoint: String::new(),
            vaults: 3,
            critical: 1,
            unread: 120,
            worst: Some(Level::Critical),
            headline: None,
            fixed: None,
        };
        assert_eq!(label(&view), "acme: Live, 1 critical, 120 unread");
        assert_eq!(short(view.unread), "99+");
        let paused = ProfileView { state: ProfileState::Paused, critical: 0, unread: 0, ..view };
        assert_eq!(label(&paused), "acme: Paused");
    }
}
