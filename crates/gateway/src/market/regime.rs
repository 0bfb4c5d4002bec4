use super::dice::Dice;
use super::weather::Weather;

/// The market's mood: how far it moves, where it is drawn to, how often it jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Regime {
    Calm,
    Drift,
    Stress,
}

/// What a mood does to the common factor of all prices, which is a logarithm around zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    /// Standard deviation over one second.
    pub(super) sigma: f64,
    /// Mean seconds between jumps.
    pub(super) jump_every: f64,
    /// Size of a jump, and its spread. Mostly downwards, as in life.
    pub(super) jump: (f64, f64),
}

impl Regime {
    /// A demo minute stands for an hour or so: at the speed of real markets a visitor would see nothing move.
    pub(super) fn mood(self, weather: Weather) -> Mood {
        if weather == Weather::Still {
            return Mood { sigma: 0.0, jump_every: f64::INFINITY, jump: (0.0, 0.0) };
        }
        match self {
            Self::Calm => Mood { sigma: 0.000_35, jump_every: 1_800.0, jump: (-0.004, 0.006) },
            Self::Drift => Mood { sigma: 0.000_6, jump_every: 600.0, jump: (-0.008, 0.01) },
            Self::Stress => Mood { sigma: 0.001_3, jump_every: 90.0, jump: (-0.025, 0.02) },
        }
    }

    /// Where the market is drawn to while the mood lasts: drawn anew each time it begins.
    pub(super) fn draw_level(self, dice: &mut Dice) -> f64 {
        match self {
            Self::Calm => dice.between(-0.02, 0.03),
            Self::Drift => dice.between(-0.08, 0.08),
            Self::Stress => dice.between(-0.2, -0.08),
        }
    }

    /// How long a mood lasts in this weather, in seconds.
    pub(super) fn draw_length(self, weather: Weather, dice: &mut Dice) -> f64 {
        let (low, high) = match (weather, self) {
            (Weather::Still, _) => return f64::INFINITY,
            (Weather::Calm, Self::Calm) => (600.0, 1_800.0),
            (Weather::Calm, Self::Drift) => (180.0, 600.0),
            (Weather::Calm, Self::Stress) => (60.0, 150.0),
            (Weather::Stormy, Self::Calm) => (90.0, 300.0),
            (Weather::Stormy, Self::Drift) => (90.0, 240.0),
            (Weather::Stormy, Self::Stress) => (120.0, 360.0),
        };
        dice.between(low, high)
    }

    pub(super) fn first(weather: Weather) -> Self {
        match weather {
            Weather::Still | Weather::Calm => Self::Calm,
            Weather::Stormy => Self::Stress,
        }
    }

    /// The mood after this one. A calm demo sees stress rarely, a stormy one every few minutes.
    pub(super) fn next(self, weather: Weather, dice: &mut Dice) -> Self {
        let stress = match weather {
            Weather::Still | Weather::Calm => 0.12,
            Weather::Stormy => 0.6,
        };
        match self {
            Self::Stress => dice.pick(&[Self::Drift, Self::Calm]),
            Self::Calm | Self::Drift if dice.chance(stress) => Self::Stress,
            Self::Calm => Self::Drift,
            Self::Drift => Self::Calm,
        }
    }
}
