//! What the desktop should show and what it shows: pure, with the clock passed in.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::view::NotificationId;
use monitor::{OsNotification, Urgency};
use tokio::time::Instant;

use super::veil::Face;
use super::{NotifyError, PATIENCE, Reaction, Told};

/// The words of the buttons, by the key the service answers with. `default` is a click on the notification itself.
pub(super) const ACTIONS: [&str; 6] =
    [OPEN, "Open", ACKNOWLEDGE, "Acknowledge", SNOOZE, "Snooze 10 min"];
const OPEN: &str = "default";
const ACKNOWLEDGE: &str = "ack";
const SNOOZE: &str = "snooze";

/// Calls on their way at a time. A service that hangs keeps them, and wakes up to no more than this.
const FLIGHTS: usize = 8;
/// An answer that takes longer will not come. Should it after all, what it names is closed again.
const GIVE_UP: Duration = Duration::from_secs(120);

/// One entry for each notification that is, or should be, on the screen. At most one call about each is under way, so
/// that there are never two of it, however long a service takes to answer.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    entries: BTreeMap<NotificationId, Entry>,
    /// The words that are to be seen.
    face: Face,
    flights: u64,
    /// Shown by answers that came too late.
    strays: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    aim: Aim,
    /// What the service has on the screen.
    shown: Option<Shown>,
    flight: Option<Flight>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Aim {
    /// Not on the screen as it is wanted, `since` then.
    Wanted { notification: OsNotification, since: Instant, told: Lateness },
    /// Tried, and refused. Tried again when the service changes, or when it is wished for anew.
    Refused { notification: OsNotification },
    /// On the screen as it is wanted.
    Done { notification: OsNotification },
    /// To be taken away.
    Gone,
}

/// Whether it was told that the service takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lateness {
    Untold,
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) number: u32,
    pub(super) urgency: Urgency,
    pub(super) face: Face,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    since: Instant,
    /// What is being shown; `None`: it is being closed.
    showing: Option<(OsNotification, Face)>,
}

/// A call that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) id: NotificationId,
    pub(super) flight: u64,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `replaces` 0: a new one.
    Show {
        notification: OsNotification,
        face: Face,
        replaces: u32,
    },
    Close {
        number: u32,
    },
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// On the screen, under that number.
    Shown(u32),
    Closed,
    Failed(NotifyError),
}

/// Why the service took one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Its time was over, or somebody closed it: seen.
    Seen,
    /// We asked for it, or it does not say.
    Other,
}

impl Mirror {
    /// It is to be on the screen, in place of what is there of the same id.
    pub(super) fn want(&mut self, notification: OsNotification, now: Instant) {
        let entry = self.entries.entry(notification.id).or_insert(Entry {
            aim: Aim::Gone,
            shown: None,
            flight: None,
        });
        if let Aim::Wanted { notification: wanted, .. } = &mut entry.aim {
            // Waited for still, perhaps with older words.
            *wanted = notification;
        } else {
            entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Untold };
        }
    }

    pub(super) fn unwant(&mut self, id: NotificationId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.aim = Aim::Gone;
        }
        self.tidy();
    }

    /// Takes up what an earlier run left on the screen.
    pub(super) fn restore(&mut self, notification: OsNotification, shown: Shown) {
        let id = notification.id;
        let aim = Aim::Done { notification };
        self.entries.insert(id, Entry { aim, shown: Some(shown), flight: None });
    }

    /// Which words are to be seen from now on. What is on the screen is changed in place, quietly.
    pub(super) fn turn(&mut self, face: Face) {
        self.face = face;
    }

    pub(super) fn face(&self) -> Face {
        self.face
    }

    /// What is on the screen as it should be.
    pub(super) fn on_screen(&self) -> impl Iterator<Item = (&OsNotification, Shown)> {
        self.entries.values().filter_map(|entry| match (&entry.aim, entry.shown) {
            (Aim::Done { notification }, Some(shown)) => Some((notification, shown)),
            _ => None,
        })
    }

    /// A number to close that belongs to nothing.
    pub(super) fn stray(&mut self) -> Option<u32> {
        self.strays.pop()
    }

    /// The next call to make, the most urgent first.
    pub(super) fn next(&mut self, now: Instant) -> Option<Step> {
        if self.entries.values().filter(|entry| entry.flight.is_some()).count() >= FLIGHTS {
            return None;
        }
        let face = self.face;
        let due = self.entries.iter().filter_map(|(id, entry)| Some((*id, entry.due(face)?)));
        let (id, what) = due.max_by_key(|(id, what)| (what.urgency(), std::cmp::Reverse(*id)))?;
        self.flights += 1;
        let flight = self.flights;
        let showing = match &what {
            What::Show { notification, face, .. } => Some((notification.clone(), *face)),
            What::Close { .. } => None,
        };
        let entry = self.entries.get_mut(&id)?;
        entry.flight = Some(Flight { number: flight, since: now, showing });
        Some(Step { id, flight, what })
    }

    pub(super) fn answered(
        &mut self,
        id: NotificationId,
        flight: u64,
        answer: Answer,
    ) -> Option<Told> {
        let Some(entry) = self.entries.get_mut(&id) else {
            self.stray_answer(answer);
            return None;
        };
        let Some(landed) = entry.flight.take_if(|known| known.number == flight) else {
            self.stray_answer(answer);
            return None;
        };
        let told = match answer {
            Answer::Shown(number) => entry.landed(number, landed.showing).map(Told::Delivered),
            Answer::Closed => {
                entry.shown = None;
                None
            }
            Answer::Failed(error) => {
                let refused = |notification: &OsNotification| Some(notification.clone());
                let tried = match (&entry.aim, &landed.showing) {
                    // Newer words are wanted: they are tried by themselves.
                    (Aim::Wanted { notification, .. }, Some((showing, _)))
                        if notification == showing =>
                    {
                        refused(notification)
                    }
                    _ => None,
                };
                match (&landed.showing, &mut entry.shown) {
                    // It could not be closed: then it is not known to be there.
                    (None, shown) => *shown = None,
                    // Nor turned, which is not tried again and again: the next words are of the right face.
                    (Some((_, face)), Some(shown)) => shown.face = *face,
                    (Some(_), None) => {}
                }
                tried.map(|notification| {
                    entry.aim = Aim::Refused { notification };
                    Told::Undelivered { id, error }
                })
            }
        };
        self.tidy();
        told
    }

    /// The service took one away. Numbers of other programs' notifications are told to everybody, too.
    pub(super) fn closed(&mut self, number: u32, why: Closing) {
        let by_number = |entry: &&mut Entry| entry.shown.is_some_and(|s| s.number == number);
        let Some(entry) = self.entries.values_mut().find(by_number) else { return };
        entry.shown = None;
        // Seen and put away: it is not to come back by itself.
        if why == Closing::Seen && matches!(entry.aim, Aim::Done { .. }) {
            entry.aim = Aim::Gone;
        }
        self.tidy();
    }

    /// A button of the notification `number` was pressed.
    pub(super) fn reaction(&self, number: u32, key: &str) -> Option<Reaction> {
        let shown = |entry: &&Entry| entry.shown.is_some_and(|shown| shown.number == number);
        let (id, entry) = self.entries.iter().find(|(_, entry)| shown(entry))?;
        match key {
            OPEN => Some(Reaction::Opened(entry.notification()?.target.clone())),
            ACKNOWLEDGE => Some(Reaction::Acknowledged(*id)),
            SNOOZE => Some(Reaction::Snoozed(*id)),
            _ => None,
        }
    }

    /// The service is gone, with everything it showed: that is to be shown again.
    pub(super) fn service_left(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            entry.shown = None;
            if let Aim::Done { notification } = &entry.aim {
                let notification = notification.clone();
                entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Untold };
            }
        }
        self.tidy();
    }

    /// Another one is there: what was refused is tried with it.
    pub(super) fn service_came(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            if let Aim::Refused { notification } = &entry.aim {
                let notification = notification.clone();
                // It was told already that it is not shown.
                entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Told };
            }
        }
    }

    /// Nothing that was under way will be answered.
    pub(super) fn bus_lost(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            entry.flight = None;
        }
        self.service_left(now);
        self.service_came(now);
    }

    /// Those that the service takes too long with; each is named once.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<NotificationId> {
        for entry in self.entries.values_mut() {
            entry.flight.take_if(|flight| now >= flight.since + GIVE_UP);
        }
        let mut late = Vec::new();
        for (id, entry) in &mut self.entries {
            if let Aim::Wanted { since, told, .. } = &mut entry.aim
                && *told == Lateness::Untold
                && now >= *since + PATIENCE
            {
                *told = Lateness::Told;
                late.push(*id);
            }
        }
        self.tidy();
        late
    }

    /// When [`Mirror::overdue`] has something to say.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let times = self.entries.values().flat_map(|entry| {
            let late = match entry.aim {
                Aim::Wanted { since, told: Lateness::Untold, .. } => Some(since + PATIENCE),
                _ => None,
            };
            let given_up = entry.flight.as_ref().map(|flight| flight.since + GIVE_UP);
            late.into_iter().chain(given_up)
        });
        times.min()
    }

    /// Those that are wanted and not shown.
    pub(super) fn waiting(&self) -> Vec<NotificationId> {
        let waits = |entry: &Entry| matches!(entry.aim, Aim::Wanted { .. } | Aim::Refused { .. });
        self.entries.iter().filter(|(_, entry)| waits(entry)).map(|(id, _)| *id).collect()
    }

    fn stray_answer(&mut self, answer: Answer) {
        if let Answer::Shown(number) = answer {
            let known = |entry: &Entry| entry.shown.is_some_and(|shown| shown.number == number);
            if !self.entries.values().any(known) {
                self.strays.push(number);
            }
        }
    }

    fn tidy(&mut self) {
        self.entries.retain(|_, entry| {
            entry.aim != Aim::Gone || entry.shown.is_some() || entry.flight.is_some()
        });
    }
}

impl Entry {
    fn notification(&self) -> Option<&OsNotification> {
        match &self.aim {
            Aim::Wanted { notification, .. }
            | Aim::Refused { notification }
            | Aim::Done { notification } => Some(notification),
            Aim::Gone => None,
        }
    }

    fn due(&self, face: Face) -> Option<What> {
        if self.flight.is_some() {
            return None;
        }
        match (&self.aim, self.shown) {
            (Aim::Gone, Some(Shown { number, .. })) => Some(What::Close { number }),
            // Some services keep the urgency of the first one: replaced, it would not be loud enough.
            (Aim::Wanted { notification, .. }, Some(Shown { number, urgency, .. }))
                if urgency < notification.urgency =>
            {
                Some(What::Close { number })
            }
            (Aim::Wanted { notification, .. }, shown) => Some(What::Show {
                notification: notification.clone(),
                face,
                replaces: shown.map_or(0, |shown| shown.number),
            }),
            // It was heard already.
            (Aim::Done { notification }, Some(shown)) if shown.face != face => Some(What::Show {
                notification: OsNotification { sound: false, ..notification.clone() },
                face,
                replaces: shown.number,
            }),
            _ => None,
        }
    }

    /// Yields the id, when it is what is wanted now.
    fn landed(
        &mut self,
        number: u32,
        showing: Option<(OsNotification, Face)>,
    ) -> Option<NotificationId> {
        let (showing, face) = showing?;
        self.shown = Some(Shown { number, urgency: showing.urgency, face });
        match &self.aim {
            Aim::Wanted { notification, .. } if *notification == showing => {
                let id = showing.id;
                self.aim = Aim::Done { notification: showing };
                Some(id)
            }
            _ => None,
        }
    }
}

impl What {
    fn urgency(&self) -> Urgency {
        match self {
            Self::Show { notification, .. } => notification.urgency,
            // What is over may go after what has to be seen.
            Self::Close { .. } => Urgency::Low,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::view::Target;

    use super::*;

    const ID: NotificationId = NotificationId(3);

    fn critical(title: &str) -> OsNotification {
        OsNotification {
            id: ID,
            urgency: Urgency::Critical,
            title: title.into(),
            body: String::new(),
            veiled: Default::default(),
            target: Target::Alerts,
            sound: true,
        }
    }

    fn high(title: &str) -> OsNotification {
        OsNotification { urgency: Urgency::Normal, ..critical(title) }
    }

    /// The one step that is due.
    fn step(mirror: &mut Mirror, now: Instant) -> Step {
        let step = mirror.next(now).expect("a step");
        assert_eq!(mirror.next(now), None, "one call about each at a time");
        step
    }

    fn shows(mirror: &mut Mirror, now: Instant, number: u32) -> u32 {
        let step = step(mirror, now);
        let What::Show { replaces, .. } = step.what else { panic!("{step:?}") };
        let told = mirror.answered(step.id, step.flight, Answer::Shown(number));
        assert!(matches!(told, Some(Told::Delivered(ID))), "{told:?}");
        replaces
    }

    #[test]
    fn it_is_replaced_in_place_until_it_gets_more_urgent() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(high("a"), now);
        assert_eq!(shows(&mut mirror, now, 70), 0);
        mirror.want(high("b"), now);
        assert_eq!(shows(&mut mirror, now, 70), 70);
        mirror.want(critical("c"), now);
        let close = step(&mut mirror, now);
        assert_eq!(close.what, What::Close { number: 70 });
        mirror.closed(70, Closing::Other);
        assert!(mirror.answered(ID, close.flight, Answer::Closed).is_none());
        assert_eq!(shows(&mut mirror, now, 71), 0);
        mirror.want(high("d"), now);
        assert_eq!(shows(&mut mirror, now, 71), 71, "less urgent it stays where it is");
    }

    #[test]
    fn a_service_that_hangs_gets_one_call_and_the_newest_words_when_it_wakes() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        let first = step(&mut mirror, now);
        assert_eq!(mirror.wake_at(), Some(now + PATIENCE));
        assert!(mirror.overdue(now + PATIENCE - Duration::from_millis(1)).is_empty());
        assert_eq!(mirror.overdue(now + PATIENCE), [ID]);
        assert!(mirror.overdue(now + 2 * PATIENCE).is_empty(), "told once");
        // The monitor tries again every 10 s, and there are news.
        mirror.want(critical("a"), now + 2 * PATIENCE);
        mirror.want(critical("b"), now + 3 * PATIENCE);
        assert_eq!(mirror.next(now + 3 * PATIENCE), None);
        let woke = now + Duration::from_secs(30);
        let told = mirror.answered(ID, first.flight, Answer::Shown(9));
        assert!(told.is_none(), "the newest words are not there yet: {told:?}");
        assert_eq!(shows(&mut mirror, woke, 9), 9, "in place: there is one on the screen");
        assert_eq!(mirror.next(woke), None);
    }

    #[test]
    fn acknowledged_while_it_hangs_it_is_closed_when_it_wakes() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        let first = step(&mut mirror, now);
        mirror.unwant(ID);
        assert!(mirror.answered(ID, first.flight, Answer::Shown(9)).is_none());
        let close = step(&mut mirror, now);
        assert_eq!(close.what, What::Close { number: 9 });
        mirror.answered(ID, close.flight, Answer::Closed);
        assert!(mirror.entries.is_empty());
    }

    #[test]
    fn an_answer_that_comes_far_too_late_leaves_no_second_one() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        let lost = step(&mut mirror, now);
        let later = now + GIVE_UP;
        mirror.overdue(later);
        assert_eq!(shows(&mut mirror, later, 9), 0);
        assert!(mirror.answered(ID, lost.flight, Answer::Shown(8)).is_none());
        assert_eq!((mirror.stray(), mirror.stray()), (Some(8), None));
    }

    #[test]
    fn what_was_refused_waits_for_another_service_or_another_wish() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        let first = step(&mut mirror, now);
        let told = mirror.answered(ID, first.flight, Answer::Failed(NotifyError::NoService));
        assert!(matches!(told, Some(Told::Undelivered { error: NotifyError::NoService, .. })));
        assert_eq!(mirror.next(now), None);
        assert_eq!(mirror.waiting(), [ID]);
        mirror.service_came(now);
        let second = step(&mut mirror, now);
        mirror.answered(ID, second.flight, Answer::Failed(NotifyError::Refused("no".into())));
        mirror.want(critical("a"), now);
        assert_eq!(shows(&mut mirror, now, 1), 0);
        assert!(mirror.waiting().is_empty());
    }

    #[test]
    fn a_restarted_service_shows_again_what_nobody_has_put_away() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        shows(&mut mirror, now, 5);
        let other = OsNotification { id: NotificationId(4), ..critical("seen") };
        mirror.want(other, now);
        let step = step(&mut mirror, now);
        mirror.answered(step.id, step.flight, Answer::Shown(6));
        mirror.closed(6, Closing::Seen);
        mirror.service_left(now);
        mirror.service_came(now);
        assert_eq!(shows(&mut mirror, now, 1), 0);
        assert_eq!(mirror.next(now), None);
    }

    #[test]
    fn buttons_are_known_by_the_services_number() {
        let mut mirror = Mirror::default();
        let shown = Shown { number: 70, urgency: Urgency::Critical, face: Face::Whole };
        mirror.restore(critical("a"), shown);
        assert_eq!(mirror.reaction(70, "default"), Some(Reaction::Opened(Target::Alerts)));
        assert_eq!(mirror.reaction(70, "ack"), Some(Reaction::Acknowledged(ID)));
        assert_eq!(mirror.reaction(70, "snooze"), Some(Reaction::Snoozed(ID)));
        assert_eq!(mirror.reaction(70, "other"), None);
        assert_eq!(mirror.reaction(3, "ack"), None, "another program's");
        // What an earlier run showed is replaced and closed by its number, too.
        mirror.unwant(ID);
        let what = mirror.next(Instant::now()).unwrap().what;
        assert_eq!(what, What::Close { number: 70 });
    }

    /// The sound and the face of the one step that is due.
    fn turns(mirror: &mut Mirror, now: Instant, answer: Answer) -> (bool, Face, u32) {
        let step = step(mirror, now);
        let What::Show { notification, face, replaces } = step.what else { panic!("{step:?}") };
        assert!(mirror.answered(step.id, step.flight, answer).is_none(), "it was told long ago");
        (notification.sound, face, replaces)
    }

    #[test]
    fn what_is_on_the_screen_turns_in_place_without_a_sound_and_back() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        shows(&mut mirror, now, 7);
        mirror.turn(Face::Veiled);
        assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Veiled, 7));
        assert_eq!(mirror.next(now), None);
        mirror.turn(Face::Whole);
        assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Whole, 7));
        // What is new is heard, whatever its face.
        mirror.turn(Face::Veiled);
        mirror.want(critical("b"), now);
        let new = step(&mut mirror, now);
        let What::Show { notification, face, .. } = new.what else { panic!("{new:?}") };
        assert_eq!((notification.sound, face), (true, Face::Veiled));
    }

    #[test]
    fn it_turns_though_it_was_on_its_way_and_never_comes_back_when_it_was_put_away() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        let first = step(&mut mirror, now);
        mirror.turn(Face::Veiled);
        assert_eq!(mirror.next(now), None, "one call at a time");
        let told = mirror.answered(ID, first.flight, Answer::Shown(7));
        assert!(matches!(told, Some(Told::Delivered(ID))));
        assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Veiled, 7));
        mirror.closed(7, Closing::Seen);
        mirror.turn(Face::Whole);
        assert_eq!(mirror.next(now), None);
        // A service that comes anew shows it with the words of now, and is heard.
        mirror.want(critical("a"), now);
        shows(&mut mirror, now, 8);
        mirror.turn(Face::Veiled);
        mirror.service_left(now);
        let again = step(&mut mirror, now);
        let What::Show { notification, face, replaces } = again.what else { panic!("{again:?}") };
        assert_eq!((notification.sound, face, replaces), (true, Face::Veiled, 0));
    }

    #[test]
    fn one_that_cannot_be_turned_is_not_tried_for_ever() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        mirror.want(critical("a"), now);
        shows(&mut mirror, now, 7);
        mirror.turn(Face::Veiled);
        let refused = Answer::Failed(NotifyError::Refused("no".into()));
        assert_eq!(turns(&mut mirror, now, refused), (false, Face::Veiled, 7));
        assert_eq!(mirror.next(now), None);
        assert_eq!(mirror.on_screen().count(), 1, "it is there still, and is answered");
    }

    #[test]
    fn the_most_urgent_goes_first_and_a_hung_service_gets_no_more_than_a_few() {
        let (mut mirror, now) = (Mirror::default(), Instant::now());
        for id in 0..100 {
            mirror.want(OsNotification { id: NotificationId(id), ..high("x") }, now);
        }
        mirror.want(OsNotification { id: NotificationId(100), ..critical("x") }, now);
        let steps: Vec<_> = std::iter::from_fn(|| mirror.next(now)).collect();
        let ids: Vec<_> = steps.iter().map(|step| step.id.0).collect();
        assert_eq!(ids, [100, 0, 1, 2, 3, 4, 5, 6]);
    }
}
