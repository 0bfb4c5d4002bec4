//! Profiles that are there in the recording alone: they can be added, changed and removed, and no file knows of it.

use std::cell::RefCell;
use std::rc::Rc;

use domain::Level;
use domain::view::{
    Attached, Colour, FeedState, Mode, NewProfile, NotificationId, NotifyScope, ProfileAnswer,
    ProfileChange, ProfileFault, ProfileField, ProfileKept, ProfileRemains, ProfileState,
    ProfileView, WindowEvent,
};

use super::recording::recording;
use super::scene::Scene;
use super::{Recorded, tell};
use crate::backend::{Answer, Profiles};

/// Vaults of a profile that is not the first.
pub(super) const VAULTS: usize = 40;

pub(super) type All = Rc<RefCell<Vec<ProfileView>>>;

/// Which part of the recording is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// Of another profile than the first.
    Some,
    /// Nobody watches.
    None,
}

/// Makes what was recorded that of the profile that is wanted.
pub(super) fn show(all: &All, scene: Scene, wanted: Option<&str>, attached: &mut Attached) -> Part {
    let mut all = all.borrow_mut();
    if all.is_empty() {
        *all = begin(scene, attached);
    }
    let place = all.iter().position(|one| Some(one.name.as_str()) == wanted).unwrap_or(0);
    attached.profiles.clone_from(&all);
    let Some(shown) = all.get(place) else { return Part::Whole };
    attached.feed.mode = shown.mode.clone();
    attached.feed.endpoint.clone_from(&shown.endpoint);
    if shown.state == ProfileState::Paused {
        let cause = "the profile is paused".to_owned();
        attached.feed.state = FeedState::NotGuarded { cause, retry_at: None };
        attached.notifications.clear();
        return Part::None;
    }
    if place == 0 {
        return Part::Whole;
    }
    attached.notifications.retain(|one| one.id == NotificationId(6));
    Part::Some
}

fn begin(scene: Scene, attached: &Attached) -> Vec<ProfileView> {
    let mode = attached.feed.mode.clone();
    let first = ProfileView {
        name: mode.name().to_owned(),
        fixed: (mode == Mode::Demo)
            .then(|| "the demo is there as long as there is no profile".to_owned()),
        mode,
        colour: Colour::Teal,
        notify: NotifyScope::All,
        state: ProfileState::Watched { feed: attached.feed.state.clone() },
        endpoint: attached.feed.endpoint.clone(),
        vaults: 200,
        critical: 2,
        unread: 4,
        worst: Some(Level::Critical),
        headline: Some("ARB-203: 6.5 % to liquidation".to_owned()),
    };
    if scene != Scene::Profiles {
        return vec![first];
    }
    let named = |name: &str, colour, state| ProfileView {
        colour,
        state,
        critical: 0,
        unread: 0,
        worst: None,
        headline: None,
        ..added(name, format!("wss://feed.{name}.example/ws"))
    };
    let live = || ProfileState::Watched { feed: FeedState::Live };
    vec![
        ProfileView { fixed: None, ..named("acme", Colour::Teal, live()) },
        ProfileView {
            unread: 3,
            critical: 1,
            worst: Some(Level::Critical),
            headline: Some(recording().elsewhere.to_owned()),
            ..named("globex-eu", Colour::Violet, live())
        },
        named("initech", Colour::Olive, ProfileState::Paused),
        named(
            "umbra",
            Colour::Magenta,
            ProfileState::Failed { cause: "its address must begin with wss://".to_owned() },
        ),
    ]
}

fn added(name: &str, endpoint: String) -> ProfileView {
    ProfileView {
        name: name.to_owned(),
        mode: Mode::Profile(name.to_owned()),
        colour: Colour::Blue,
        notify: NotifyScope::All,
        state: ProfileState::Watched { feed: FeedState::Live },
        endpoint,
        vaults: 40,
        critical: 0,
        unread: 0,
        worst: None,
        headline: None,
        fixed: None,
    }
}

impl Recorded {
    /// Makes a change, tells it, and answers.
    fn change_profiles(
        &self,
        change: impl FnOnce(&mut Vec<ProfileView>) -> Result<(), ProfileFault>,
    ) -> Answer<ProfileAnswer> {
        let mut all = self.profiles.borrow_mut();
        let answer = match change(&mut all) {
            Ok(()) => ProfileAnswer::Done(None),
            Err(fault) => ProfileAnswer::Refused(fault),
        };
        let profiles = all.clone();
        drop(all);
        tell(&self.state, WindowEvent::Profiles(profiles));
        Box::pin(async move { Ok(answer) })
    }
}

fn check_name(all: &[ProfileView], name: &str) -> Result<(), ProfileFault> {
    let possible = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    let reason = if all.iter().any(|one| one.name == name) {
        "is taken: choose another one"
    } else if name.is_empty() || !name.bytes().all(possible) {
        "must be made of a to z, 0 to 9, _ and -"
    } else {
        return Ok(());
    };
    Err(ProfileFault::of(ProfileField::Name, reason))
}

impl Profiles for Recorded {
    fn add_profile(&self, new: NewProfile) -> Answer<ProfileAnswer> {
        self.change_profiles(|all| {
            check_name(all, &new.name)?;
            let taken: Vec<_> = all.iter().map(|one| one.colour).collect();
            let colour = new.colour.unwrap_or_else(|| Colour::free(&taken));
            let endpoint = new.urls.first().cloned().unwrap_or_default();
            all.push(ProfileView { colour, ..added(&new.name, endpoint) });
            Ok(())
        })
    }

    fn rename_profile(&self, from: String, to: String) -> Answer<ProfileAnswer> {
        self.change_profiles(|all| {
            check_name(all, &to)?;
            for one in all.iter_mut().filter(|one| one.name == from) {
                one.mode = Mode::Profile(to.clone());
                one.name.clone_from(&to);
            }
            Ok(())
        })
    }

    fn change_profile(&self, name: String, change: ProfileChange) -> Answer<ProfileAnswer> {
        self.change_profiles(|all| {
            for one in all.iter_mut().filter(|one| one.name == name) {
                one.colour = change.colour.unwrap_or(one.colour);
                one.notify = change.notify.unwrap_or(one.notify);
                match change.paused {
                    Some(true) => one.state = ProfileState::Paused,
                    Some(false) => one.state = ProfileState::Watched { feed: FeedState::Live },
                    None => {}
                }
            }
            Ok(())
        })
    }

    fn remove_profile(&self, name: String, _remains: ProfileRemains) -> Answer<ProfileAnswer> {
        self.change_profiles(|all| {
            all.retain(|one| one.name != name);
            Ok(())
        })
    }

    fn profile_kept(&self, name: String) -> Answer<ProfileKept> {
        let kept = ProfileKept {
            folder: format!("/home/you/.local/share/vaultwatch/profiles/{name}"),
            bytes: 12_400_000,
            contents: vec![
                "notifications and the alert log".to_owned(),
                "figures over time".to_owned(),
                "messages that wait to be sent".to_owned(),
            ],
        };
        Box::pin(async move { Ok(kept) })
    }
}
