use super::dice::Dice;
use super::weather::Weather;
use crate::Scenario;

/// What is bound to happen and when: a built-in scenario's first seconds, so that a visitor need not wait for chance, or
/// what a scenario's file says.
#[derive(Debug)]
pub(super) struct Opening {
    /// Latest first; milliseconds since the start.
    acts: Vec<(i64, Act)>,
    weather: Weather,
    /// Whether the owners' daring waits for the end of the acts: a built-in scenario promises when the first vault turns
    /// critical.
    promise: Promise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Made,
    None,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// The nth of the bold owners borrows until so much room is left.
    Borrow { bold: usize, room: f64 },
    /// Everything falls by this fraction at once.
    Shock(f64),
    /// The owner of the vault at this place does something.
    Deal { vault: usize, deal: Deal },
    /// So many updates at once.
    Burst(u32),
}

/// What an owner does, in units of the first collateral or of the debt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Deal {
    Repay(f64),
    Borrow(f64),
    Deposit(f64),
    Withdraw(f64),
}

impl Opening {
    pub(super) fn of(scenario: Scenario, dice: &mut Dice) -> Self {
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
        Self { acts, weather: scenario.into(), promise: Promise::Made }
    }

    /// Acts in any order, by milliseconds since the start.
    pub(super) fn written(weather: Weather, mut acts: Vec<(i64, Act)>) -> Self {
        acts.reverse();
        acts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Self { acts, weather, promise: Promise::None }
    }

    /// Mean seconds until a bold owner borrows up to the edge; none while that would break a promise.
    pub(super) fn daring(&self) -> Option<f64> {
        let after = match self.weather {
            Weather::Still => return None,
            Weather::Calm => 600.0,
            Weather::Stormy => 240.0,
        };
        (self.promise == Promise::None || self.acts.is_empty()).then_some(after)
    }

    /// The next act that is due.
    pub(super) fn next(&mut self, since_start: i64) -> Option<Act> {
        let due = self.acts.last().is_some_and(|(at, _)| *at <= since_start);
        if due { self.acts.pop().map(|(_, act)| act) } else { None }
    }
}
