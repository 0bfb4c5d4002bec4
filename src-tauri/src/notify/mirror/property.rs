//! Whatever the service does, and whatever is wished for meanwhile: of each alert there is at most one on the screen, and
//! in the end exactly what is wanted.

use domain::view::Target;
use monitor::Urgency;
use proptest::prelude::*;

use super::super::NotifyError;
use super::*;

const ALERTS: u8 = 4;

/// One thing that may happen.
#[derive(Clone, Debug)]
enum Happens {
    Want {
        id: u8,
        words: u8,
        critical: bool,
    },
    Unwant(u8),
    Turn(bool),
    /// The service answers a call that it was sent, the first of them by this number.
    Answers(u8),
    Refuses(u8),
    /// Somebody puts one away that is on the screen.
    Seen(u8),
    /// The service ends and another one comes up.
    Restarts,
    BusLost,
    /// The service says nothing for longer than anybody waits.
    Hangs,
}

fn happens(hangs: bool) -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0..ALERTS, 0u8..4, any::<bool>())
            .prop_map(|(id, words, critical)| Happens::Want { id, words, critical }),
        3 => (0..ALERTS).prop_map(Happens::Unwant),
        1 => any::<bool>().prop_map(Happens::Turn),
        10 => any::<u8>().prop_map(Happens::Answers),
        2 => any::<u8>().prop_map(Happens::Refuses),
        2 => any::<u8>().prop_map(Happens::Seen),
        1 => Just(Happens::Restarts),
        1 => Just(Happens::BusLost),
        1 => Just(if hangs { Happens::Hangs } else { Happens::Turn(false) }),
    ]
}

fn notification(id: u8, words: u8, critical: bool) -> OsNotification {
    OsNotification {
        id: NotificationId(id.into()),
        urgency: if critical { Urgency::Critical } else { Urgency::Normal },
        title: format!("{id} {words}"),
        body: String::new(),
        veiled: Default::default(),
        target: Target::Alerts,
        sound: true,
        language: Default::default(),
    }
}

/// What is the same whether it was heard or not.
fn words(notification: &OsNotification) -> (String, Urgency) {
    (notification.title.clone(), notification.urgency)
}

/// A service, the app before it, and what somebody who watches both knows.
struct World {
    mirror: Mirror,
    now: Instant,
    /// Sent to the service and not answered yet, in order.
    calls: Vec<Step>,
    /// By the service's number.
    screen: BTreeMap<u32, OsNotification>,
    numbers: u32,
    wanted: BTreeMap<NotificationId, OsNotification>,
    /// A call was given up, which the service may carry out all the same: from then on in the order in which it got them,
    /// as services do.
    gave_up: bool,
}

impl World {
    fn new() -> Self {
        Self {
            mirror: Mirror::default(),
            now: Instant::now(),
            calls: Vec::new(),
            screen: BTreeMap::new(),
            numbers: 0,
            wanted: BTreeMap::new(),
            gave_up: false,
        }
    }

    fn happen(&mut self, what: &Happens) {
        match what {
            Happens::Want { id, words, critical } => {
                let notification = notification(*id, *words, *critical);
                self.wanted.insert(notification.id, notification.clone());
                self.mirror.want(notification, self.now);
            }
            Happens::Unwant(id) => {
                let id = NotificationId((*id).into());
                self.wanted.remove(&id);
                self.mirror.unwant(id);
            }
            Happens::Turn(veiled) => {
                self.mirror.turn(if *veiled { Face::Veiled } else { Face::Whole });
            }
            Happens::Answers(which) => {
                if let Some(step) = self.take(*which) {
                    self.carry_out(step);
                }
            }
            Happens::Refuses(which) => {
                if let Some(step) = self.take(*which) {
                    let answer = match step.what {
                        What::Show { .. } => {
                            Answer::Failed(NotifyError::Refused("not today".to_owned()))
                        }
                        // Of one that is gone already it is an error, too, which nobody minds.
                        What::Close { number } => {
                            self.screen.remove(&number);
                            Answer::Closed
                        }
                    };
                    self.mirror.answered(step.id, step.flight, answer);
                }
            }
            Happens::Seen(which) => self.put_away(*which),
            Happens::Restarts => {
                self.screen.clear();
                self.mirror.service_left(self.now);
                for step in std::mem::take(&mut self.calls) {
                    let failed = Answer::Failed(NotifyError::NoService);
                    self.mirror.answered(step.id, step.flight, failed);
                }
                self.mirror.service_came(self.now);
            }
            Happens::BusLost => {
                self.screen.clear();
                self.calls.clear();
                self.mirror.bus_lost(self.now);
            }
            Happens::Hangs => {
                self.now += GIVE_UP;
                self.gave_up |= !self.calls.is_empty();
                self.mirror.overdue(self.now);
            }
        }
        self.send();
    }

    /// As the notifier does after whatever happens.
    fn send(&mut self) {
        while let Some(number) = self.mirror.stray() {
            self.screen.remove(&number);
        }
        while let Some(step) = self.mirror.next(self.now) {
            self.calls.push(step);
        }
    }

    fn take(&mut self, which: u8) -> Option<Step> {
        let place = usize::from(which).checked_rem(self.calls.len())?;
        Some(self.calls.remove(if self.gave_up { 0 } else { place }))
    }

    fn carry_out(&mut self, Step { id, flight, what }: Step) {
        let answer = match what {
            What::Show { notification, replaces, .. } => {
                let number = if self.screen.contains_key(&replaces) {
                    replaces
                } else {
                    self.numbers += 1;
                    self.numbers
                };
                self.screen.insert(number, notification);
                Answer::Shown(number)
            }
            What::Close { number } => {
                if self.screen.remove(&number).is_some() {
                    self.mirror.closed(number, Closing::Other);
                }
                Answer::Closed
            }
        };
        let told = self.mirror.answered(id, flight, answer);
        if let Some(Told::Delivered(id)) = told {
            let wanted = self.wanted.get(&id).map(words);
            let shown = self.screen.values().any(|one| one.id == id && Some(words(one)) == wanted);
            assert!(shown, "{id} counts as delivered and is not on the screen");
        }
    }

    fn put_away(&mut self, which: u8) {
        // The service tells of a number after it has told the number.
        let known: Vec<u32> = {
            let is_known = |number: &&u32| {
                self.mirror.entries.values().any(|entry| entry.is_shown_as(**number))
            };
            self.screen.keys().filter(is_known).copied().collect()
        };
        let Some(place) = usize::from(which).checked_rem(known.len()) else { return };
        let number = known[place];
        let Some(seen) = self.screen.remove(&number) else { return };
        // Where newer words are on their way, those are still to be seen.
        let entry = self.mirror.entries.get(&seen.id);
        if entry.is_some_and(|entry| matches!(entry.aim, Aim::Done { .. })) {
            self.wanted.remove(&seen.id);
        }
        self.mirror.closed(number, Closing::Seen);
    }

    fn at_most_one_of_each(&self) -> Result<(), TestCaseError> {
        let mut ids: Vec<_> = self.screen.values().map(|one| one.id).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        prop_assert_eq!(ids.len(), all, "twice on the screen: {:?}", self.screen);
        Ok(())
    }

    /// Everything is answered, by a service that refuses nothing.
    fn comes_to_rest(&mut self) -> Result<(), TestCaseError> {
        self.mirror.service_came(self.now);
        self.send();
        for _ in 0..1_000 {
            if self.calls.is_empty() {
                break;
            }
            let step = self.calls.remove(0);
            self.carry_out(step);
            self.send();
        }
        prop_assert!(self.calls.is_empty(), "it comes to no rest");
        let shown: BTreeMap<_, _> = self.screen.values().map(|one| (one.id, words(one))).collect();
        let wanted: BTreeMap<_, _> = self.wanted.values().map(|one| (one.id, words(one))).collect();
        prop_assert_eq!(shown, wanted);
        self.at_most_one_of_each()
    }
}

proptest! {
    #[test]
    fn one_of_each_at_any_time_and_in_the_end_what_is_wanted(
        story in proptest::collection::vec(happens(false), 1..80)
    ) {
        let mut world = World::new();
        for what in &story {
            world.happen(what);
            world.at_most_one_of_each()?;
        }
        world.comes_to_rest()?;
    }

    /// A service that was given up may show in the end what it was given first: that is closed as soon as it says so.
    #[test]
    fn after_calls_that_were_given_up_what_is_wanted_is_there_in_the_end(
        story in proptest::collection::vec(happens(true), 1..80)
    ) {
        let mut world = World::new();
        for what in &story {
            world.happen(what);
            if !world.gave_up {
                world.at_most_one_of_each()?;
            }
        }
        world.comes_to_rest()?;
    }
}
