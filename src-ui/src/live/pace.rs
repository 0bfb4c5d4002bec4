//! When the table may change its order: often enough to be true, seldom enough to be read.

use domain::UnixMillis;

use super::board::Members;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Held until then, unless somebody stirs again.
    held_until: Option<UnixMillis>,
    renewed: UnixMillis,
    /// Vaults came that the order does not have yet.
    incomplete: bool,
}

/// Whether somebody is about to click or read a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hold {
    #[default]
    Free,
    /// The pointer or the keyboard's focus is in the table.
    Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Put the lines in order now.
    Renew,
    /// Only count what would move.
    Count,
    Wait,
}

impl Pace {
    /// Milliseconds between two orders.
    const RENEW: i64 = 5_000;
    /// New vaults are let in more often, so that the first screen fills up at once.
    const COMPLETE: i64 = 250;
    /// A pointer that was only parked over the table holds nothing after this long.
    const HOLD: i64 = 30_000;

    pub(crate) fn members(&mut self, members: Members, now: UnixMillis) -> Step {
        match members {
            Members::Same => return Step::Wait,
            // What was under the pointer is gone.
            Members::Replaced => self.held_until = None,
            Members::Added => {}
        }
        self.incomplete = true;
        if members == Members::Replaced { Step::Renew } else { self.tick(now) }
    }

    /// To be called again whenever the pointer moves.
    pub(crate) fn hold(&mut self, hold: Hold, now: UnixMillis) -> Step {
        let released = self.is_held(now) && hold == Hold::Free;
        self.held_until = match hold {
            Hold::Free => None,
            Hold::Held => Some(UnixMillis(now.0.saturating_add(Self::HOLD))),
        };
        if released { Step::Renew } else { Step::Wait }
    }

    fn is_held(&self, now: UnixMillis) -> bool {
        self.held_until.is_some_and(|until| now < until)
    }

    /// To be called a few times a second.
    pub(crate) fn tick(&mut self, now: UnixMillis) -> Step {
        if self.is_held(now) {
            return Step::Count;
        }
        let interval = if self.incomplete { Self::COMPLETE } else { Self::RENEW };
        if now.0.saturating_sub(self.renewed.0) >= interval { Step::Renew } else { Step::Wait }
    }

    pub(crate) fn renewed(&mut self, now: UnixMillis) {
        self.renewed = now;
        self.incomplete = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> UnixMillis {
        UnixMillis(1_000_000 + millis)
    }

    #[test]
    fn the_order_is_renewed_every_five_seconds() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.tick(at(4_999)), Step::Wait);
        assert_eq!(pace.tick(at(5_000)), Step::Renew);
    }

    #[test]
    fn under_the_pointer_it_waits_and_is_renewed_on_leaving() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.hold(Hold::Held, at(40_000)), Step::Wait);
        assert_eq!(pace.tick(at(60_000)), Step::Count);
        assert_eq!(pace.members(Members::Added, at(60_000)), Step::Count);
        assert_eq!(pace.hold(Hold::Free, at(60_000)), Step::Renew);
    }

    #[test]
    fn new_vaults_come_in_within_a_quarter_of_a_second() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.members(Members::Same, at(100)), Step::Wait);
        assert_eq!(pace.members(Members::Added, at(100)), Step::Wait);
        assert_eq!(pace.tick(at(250)), Step::Renew);
    }

    #[test]
    fn another_feed_is_not_held_back() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        pace.hold(Hold::Held, at(0));
        assert_eq!(pace.members(Members::Replaced, at(1)), Step::Renew);
        assert_eq!(pace.tick(at(250)), Step::Renew, "and the hold is gone");
    }

    #[test]
    fn a_parked_pointer_lets_go_and_a_moving_one_does_not() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        pace.hold(Hold::Held, at(0));
        assert_eq!(pace.tick(at(29_999)), Step::Count);
        pace.hold(Hold::Held, at(29_999));
        assert_eq!(pace.tick(at(59_998)), Step::Count);
        assert_eq!(pace.tick(at(59_999)), Step::Renew);
    }
}
