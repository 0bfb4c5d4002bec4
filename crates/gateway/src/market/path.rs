use super::dice::Dice;

/// Where a scenario takes one price: level, ramps, jumps, and how much it wavers around them.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// Latest first.
    turns: Vec<Turn>,
    level: f64,
    ramp: Option<Ramp>,
    /// Standard deviation over one second, of a logarithm.
    sigma: f64,
    waver: f64,
}

/// From a moment on a price goes elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// Seconds since the start.
    pub(crate) at: f64,
    pub(crate) course: Course,
}

/// What a price does from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Course {
    /// To so many dollars, at once or within so many seconds.
    To { usd: f64, over: f64 },
    /// By a fraction of what it is then.
    By { fraction: f64, over: f64 },
    /// Standard deviation over a minute, as a fraction.
    Waver(f64),
}

#[derive(Clone, Copy, Debug)]
struct Ramp {
    from: f64,
    to: f64,
    begun: f64,
    until: f64,
}

/// How fast a price comes back to its path, per second: half-way in two minutes.
const PULL: f64 = 0.006;

impl Path {
    /// `turns` in any order.
    pub(super) fn new(level: f64, mut turns: Vec<Turn>) -> Self {
        // Stable, so that of two at the same time the later one in the file comes later.
        turns.reverse();
        turns.sort_by(|a, b| b.at.total_cmp(&a.at));
        Self { turns, level, ramp: None, sigma: 0.0, waver: 0.0 }
    }

    pub(super) fn usd(&self) -> f64 {
        self.level * self.waver.exp()
    }

    /// Goes on to `now`, in seconds since the start. Says whether it jumped.
    pub(super) fn step(&mut self, now: f64, seconds: f64, dice: &mut Dice) -> bool {
        let mut jumped = false;
        while self.turns.last().is_some_and(|turn| turn.at <= now) {
            let turn = self.turns.pop().expect("was just seen");
            jumped |= self.take(turn);
        }
        if let Some(ramp) = self.ramp {
            let share = ((now - ramp.begun) / (ramp.until - ramp.begun)).min(1.0);
            self.level = ramp.from + (ramp.to - ramp.from) * share;
            if share >= 1.0 {
                self.ramp = None;
            }
        }
        self.waver *= (-PULL * seconds).exp();
        if self.sigma > 0.0 {
            self.waver += self.sigma * seconds.sqrt() * dice.normal();
        }
        jumped
    }

    fn take(&mut self, turn: Turn) -> bool {
        let (to, over) = match turn.course {
            Course::To { usd, over } => (usd, over),
            Course::By { fraction, over } => (self.level * (1.0 + fraction), over),
            Course::Waver(sigma) => {
                self.sigma = sigma / 60_f64.sqrt();
                return false;
            }
        };
        if over > 0.0 {
            let (begun, until) = (turn.at, turn.at + over);
            self.ramp = Some(Ramp { from: self.level, to, begun, until });
            return false;
        }
        (self.level, self.ramp) = (to, None);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_goes_where_it_is_sent() {
        let turns = vec![
            Turn { at: 20.0, course: Course::By { fraction: -0.1, over: 0.0 } },
            Turn { at: 0.0, course: Course::To { usd: 200.0, over: 0.0 } },
            Turn { at: 10.0, course: Course::To { usd: 100.0, over: 5.0 } },
        ];
        let mut path = Path::new(1.0, turns);
        let dice = &mut Dice::new(1);
        let mut at = |seconds| {
            let jumped = path.step(seconds, 1.0, dice);
            (path.usd(), jumped)
        };
        for (seconds, expected) in [
            (0.0, (200.0, true)),
            (10.0, (200.0, false)),
            (12.5, (150.0, false)),
            (15.0, (100.0, false)),
            (19.0, (100.0, false)),
            (20.0, (90.0, true)),
            (99.0, (90.0, false)),
        ] {
            assert_eq!(at(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn it_wavers_around_its_path_and_comes_back() {
        let waver = Turn { at: 0.0, course: Course::Waver(0.01) };
        let still = Turn { at: 600.0, course: Course::Waver(0.0) };
        let mut path = Path::new(100.0, vec![waver, still]);
        let dice = &mut Dice::new(2);
        let mut furthest = 0.0_f64;
        for second in 0..600 {
            path.step(f64::from(second), 1.0, dice);
            furthest = furthest.max((path.usd() - 100.0).abs());
        }
        assert!((0.5..15.0).contains(&furthest), "{furthest}");
        for second in 600..3_000 {
            path.step(f64::from(second), 1.0, dice);
        }
        assert!((path.usd() - 100.0).abs() < 0.01, "{}", path.usd());
    }
}
