use super::dice::Dice;
use crate::Scenario;

/// What is bound to happen in the first seconds, so that a visitor need not wait for chance.
#[derive(Debug)]
pub(super) struct Opening {
    /// Latest first; milliseconds since the start.
    acts: Vec<(i64, Act)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Act {
    /// The nth of the bold owners borrows until so much room is left.
    Borrow { bold: usize, room: f64 },
    /// Everything falls by this fraction at once.
    Shock(f64),
}

impl Opening {
    pub(super) fn new(scenario: Scenario, dice: &mut Dice) -> Self {
        let mut overreach = |bold, from, to| {
            let room = dice.between(0.062, 0.073);
            ((dice.between(from, to) * 1_000.0) as i64, Act::Borrow { bold, room })
        };
        let mut acts = match scenario {
            Scenario::Calm => vec![overreach(0, 26.0, 50.0)],
            Scenario::Stormy => vec![overreach(0, 8.0, 17.0), overreach(1, 19.0, 28.0)],
            Scenario::Crash => {
                let second = dice.between(7.0, 12.0) * 1_000.0;
                let first = dice.between(2.0, 3.5) * 1_000.0;
                vec![(first as i64, Act::Shock(-0.13)), (second as i64, Act::Shock(-0.09))]
            }
        };
        acts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Self { acts }
    }

    /// Mean seconds until a bold owner borrows up to the edge. None before the opening is over: it keeps its promise
    /// of when the first vault turns critical.
    pub(super) fn daring(&self, scenario: Scenario) -> Option<f64> {
        let after = match scenario {
            Scenario::Calm => 600.0,
            Scenario::Stormy | Scenario::Crash => 240.0,
        };
        self.acts.is_empty().then_some(after)
    }

    /// The next act that is due.
    pub(super) fn next(&mut self, since_start: i64) -> Option<Act> {
        let due = self.acts.last().is_some_and(|(at, _)| *at <= since_start);
        if due { self.acts.pop().map(|(_, act)| act) } else { None }
    }
}
