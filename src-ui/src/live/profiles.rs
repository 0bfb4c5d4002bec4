//! Which profile the window shows, and what is to be known of the others.

use std::rc::Rc;

use domain::Level;
use domain::view::ProfileView;

use super::{Board, Chosen, Inbox, Live, State, Topic};
use crate::words::live as say;

/// Something that has to be known of a profile that is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) profile: String,
    pub(crate) headline: String,
    /// Further critical profiles that are not shown.
    pub(crate) more: usize,
}

impl State {
    /// Whether there is one at all.
    pub(crate) fn is_critical_elsewhere(&self) -> bool {
        critical(&self.profiles, self.profile.as_deref()).next().is_some()
    }

    /// The first profile beside the one that is shown in which a critical alert waits for an answer.
    pub(crate) fn elsewhere(&self) -> Option<Elsewhere> {
        elsewhere(&self.profiles, self.profile.as_deref())
    }
}

/// The profiles beside the one that is shown in which a critical alert waits for an answer.
fn critical<'a>(
    profiles: &'a [ProfileView],
    shown: Option<&'a str>,
) -> impl Iterator<Item = &'a ProfileView> {
    let critical = move |one: &&ProfileView| {
        Some(one.name.as_str()) != shown && one.worst == Some(Level::Critical)
    };
    profiles.iter().filter(critical)
}

fn elsewhere(profiles: &[ProfileView], shown: Option<&str>) -> Option<Elsewhere> {
    let mut all = critical(profiles, shown);
    let first = all.next()?;
    let headline = first.headline.clone().unwrap_or_else(|| say::a_critical_alert().to_owned());
    Some(Elsewhere { profile: first.name.clone(), headline, more: all.count() })
}

impl Live {
    /// Another profile is about to be shown: nothing of this one may look like one of its own.
    pub(crate) fn leave_for(&self, profile: &str) {
        self.change(|state| {
            state.turn_to(profile);
            state.board = Board::default();
            state.inbox = Inbox::default();
            (state.feed, state.status, state.away) = (None, None, None);
            (state.notifications_blocked, state.trouble) = (None, None);
            (state.lines, state.moved) = (Rc::default(), 0);
            [
                Topic::Profiles,
                Topic::Order,
                Topic::View,
                Topic::Totals,
                Topic::Markets,
                Topic::Feed,
                Topic::Status,
                Topic::Inbox,
                Topic::Rules,
                Topic::Undo,
                Topic::Shell,
            ]
        });
    }

    /// Somebody wants another profile to be shown, and has typed something that would be lost; `None`: it is answered.
    pub(crate) fn ask_to_leave(&self, profile: Option<&str>) {
        self.change(|state| {
            state.leaving = profile.map(Into::into);
            [Topic::Profiles]
        });
    }
}

impl State {
    /// What was read or done in another profile than this one is forgotten.
    pub(super) fn turn_to(&mut self, profile: &str) {
        if self.profile.as_deref() == Some(profile) {
            return;
        }
        self.turn += u32::from(self.profile.is_some());
        self.profile = Some(profile.into());
        (self.rules, self.rules_refused, self.doubted) = (None, None, None);
        (self.undo, self.selected, self.chosen) = (None, None, Chosen::default());
    }

    /// The view of the profile that is shown.
    pub(crate) fn shown_profile(&self) -> Option<&ProfileView> {
        let shown = self.profile.as_deref()?;
        self.profiles.iter().find(|one| one.name == shown)
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;
    use domain::view::{
        Colour, FeedState, Mode, NotificationId, NotifyScope, ProfileState, TickBatch, TickKind,
        WindowEvent,
    };

    use super::*;
    use crate::live::fixture::{notification, row};
    use crate::live::{Done, Undo};

    fn profile(name: &str, worst: Option<Level>) -> ProfileView {
        ProfileView {
            name: name.to_owned(),
            mode: Mode::Profile(name.to_owned()),
            colour: Colour::Teal,
            notify: NotifyScope::All,
            state: ProfileState::Watched { feed: FeedState::Live },
            endpoint: format!("wss://{name}.example/ws"),
            vaults: 3,
            critical: 0,
            unread: 0,
            worst,
            headline: worst.map(|_| format!("{name}: trouble")),
            fixed: None,
        }
    }

    #[test]
    fn a_critical_alert_of_another_profile_is_told_and_a_lesser_one_is_not() {
        let all = [
            profile("acme", Some(Level::Critical)),
            profile("globex", Some(Level::High)),
            profile("initech", Some(Level::Critical)),
            profile("umbra", Some(Level::Critical)),
        ];
        let told = elsewhere(&all, Some("acme")).unwrap();
        assert_eq!((told.profile.as_str(), told.more), ("initech", 1));
        assert_eq!(told.headline, "initech: trouble");
        assert_eq!(elsewhere(&all[..2], Some("acme")), None);
        assert_eq!(elsewhere(&all[..1], Some("globex")).unwrap().more, 0);
    }

    #[test]
    fn nothing_of_a_profile_stays_when_another_is_shown() {
        let live = Live::default();
        live.leave_for("acme");
        let vaults = vec![row("A").0, row("B").0];
        let batch =
            TickBatch { seq: 1, kind: TickKind::Reset, vaults, markets: Vec::new(), totals: None };
        live.tick(batch, UnixMillis(0));
        live.notifications(vec![notification(1, Level::Critical)]);
        let undo = Undo::new(Done::Acknowledged, vec![NotificationId(1)], UnixMillis(0));
        live.offer_undo(Some(undo));
        live.events(
            vec![WindowEvent::Profiles(vec![profile("acme", None), profile("globex", None)])],
            UnixMillis(0),
        );
        assert_eq!(
            live.read(|state| state.shown_profile().map(|one| one.name.clone())).as_deref(),
            Some("acme")
        );
        live.leave_for("globex");
        live.read(|state| {
            assert_eq!(state.board.vault_count(), 0);
            assert!(state.lines.is_empty() && state.inbox.all().is_empty() && state.undo.is_none());
            assert_eq!(state.shown_profile().map(|one| one.name.as_str()), Some("globex"));
            assert_eq!(state.profiles.len(), 2, "they are the window's");
            assert_eq!(state.turn, 1, "the first was no other one");
        });
    }

    #[test]
    fn what_is_typed_is_asked_about_until_somebody_answers() {
        let live = Live::default();
        live.ask_to_leave(Some("globex"));
        assert_eq!(
            live.read(|state| state.leaving.as_deref().map(str::to_owned)).as_deref(),
            Some("globex")
        );
        live.ask_to_leave(None);
        assert!(live.read(|state| state.leaving.is_none()));
    }
}
