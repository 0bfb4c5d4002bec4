use std::fmt;
use std::time::Duration;

use domain::Level;
use rust_decimal::Decimal;

/// On which side of its thresholds a value is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Above,
    Below,
}

impl When {
    pub(super) fn back(self) -> &'static str {
        match self {
            Self::Above => "below or at it",
            Self::Below => "above or at it",
        }
    }

    /// Whether `value` is at `threshold`, or worse.
    #[inline]
    pub(super) fn reaches(self, value: Decimal, threshold: Decimal) -> bool {
        match self {
            Self::Above => value >= threshold,
            Self::Below => value <= threshold,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => "above",
            Self::Below => "below",
        })
    }
}

/// One level of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub level: Level,
    /// Reaching it enters the level: towards safety.
    pub enter: Decimal,
    /// Passing it leaves the level. Never worse than `enter`.
    pub exit: Decimal,
    /// `None`: as long as the vault's policy says.
    pub hold: Option<Duration>,
}

/// Where levels are entered and left: one to three of them, the worst last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    when: When,
    steps: Vec<Step>,
    /// Where the least level is entered, as an integer for each number of decimal places: nearly every value of nearly
    /// every vault is held against it and nothing else, and a decimal would have to be brought to its scale each time.
    line: Box<[i128; PLACES]>,
}

const PLACES: usize = Decimal::MAX_SCALE as usize + 1;

/// For each number of decimal places, the integer at which `value >= enter` is `mantissa >= line`, or `value <= enter`
/// is `mantissa <= line`.
fn line(when: When, enter: Decimal) -> Box<[i128; PLACES]> {
    let mut line = Box::new([0; PLACES]);
    for (places, at) in (0..).zip(line.iter_mut()) {
        let (mantissa, scale) = (enter.mantissa(), enter.scale());
        *at = if places >= scale {
            // Beyond what any mantissa can be, it is out of reach whatever it is.
            mantissa.saturating_mul(10i128.saturating_pow(places - scale))
        } else {
            let power = 10i128.pow(scale - places);
            let down = mantissa.div_euclid(power);
            match when {
                When::Below => down,
                When::Above => down + i128::from(mantissa.rem_euclid(power) != 0),
            }
        };
    }
    line
}

impl Ladder {
    /// Of steps whose thresholds get worse with their level.
    pub(super) fn new(when: When, steps: Vec<Step>) -> Self {
        debug_assert!(!steps.is_empty() && steps.is_sorted_by(|a, b| a.level < b.level));
        let line = line(when, steps[0].enter);
        Self { when, steps, line }
    }

    #[must_use]
    pub fn when(&self) -> When {
        self.when
    }

    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    #[must_use]
    pub fn step(&self, level: Level) -> Option<&Step> {
        self.steps.iter().find(|step| step.level == level)
    }

    /// The least level it has.
    #[must_use]
    pub fn least(&self) -> Level {
        self.steps[0].level
    }

    /// Whether not even the least level is reached: what is true of nearly every value of nearly every vault.
    #[inline]
    pub(super) fn is_clear(&self, value: Decimal) -> bool {
        let (mantissa, line) = (value.mantissa(), self.line[value.scale() as usize]);
        match self.when {
            When::Above => mantissa < line,
            When::Below => mantissa > line,
        }
    }

    /// The level a value enters.
    #[must_use]
    pub fn entered(&self, value: Decimal) -> Level {
        self.worst(|step| self.when.reaches(value, step.enter))
    }

    /// The level a value still keeps.
    #[must_use]
    pub fn kept(&self, value: Decimal) -> Level {
        self.worst(|step| self.when.reaches(value, step.exit))
    }

    fn worst(&self, reached: impl Fn(&Step) -> bool) -> Level {
        let worst = self.steps.iter().rev().find(|step| reached(step));
        worst.map_or(Level::Low, |step| step.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(when: When, steps: &[(Level, i64, i64)]) -> Ladder {
        let step = |(level, enter, exit): &(Level, i64, i64)| Step {
            level: *level,
            enter: Decimal::from(*enter),
            exit: Decimal::from(*exit),
            hold: None,
        };
        Ladder::new(when, steps.iter().map(step).collect())
    }

    #[test]
    fn equality_enters_and_keeps() {
        use Level::{Critical, High, Low};
        let falling = ladder(When::Below, &[(High, 15, 17), (Critical, 8, 10)]);
        let rising = ladder(When::Above, &[(High, 80, 78), (Critical, 90, 88)]);
        for (value, entered, kept) in [
            (18, Low, Low),
            (17, Low, High),
            (16, Low, High),
            (15, High, High),
            (11, High, High),
            (10, High, Critical),
            (8, Critical, Critical),
            (0, Critical, Critical),
        ] {
            let value = Decimal::from(value);
            assert_eq!((falling.entered(value), falling.kept(value)), (entered, kept), "{value}");
            assert_eq!(falling.is_clear(value), entered == Low);
        }
        for (value, entered, kept) in [
            (77, Low, Low),
            (78, Low, High),
            (80, High, High),
            (88, High, Critical),
            (90, Critical, Critical),
            (1_000, Critical, Critical),
        ] {
            let value = Decimal::from(value);
            assert_eq!((rising.entered(value), rising.kept(value)), (entered, kept), "{value}");
            assert_eq!(rising.is_clear(value), entered == Low);
        }
    }

    #[test]
    fn the_quick_look_is_the_exact_one() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        let thresholds = ["0", "80.5", "-6", "-0.0000000000000000000000000001", "1200", "0.333"];
        let values = [
            "80.5",
            "80.50000000000000000000000000",
            "80.49999999999999999999999999",
            "80",
            "81",
            "-6",
            "-6.0000000000000000000000001",
            "-5.9999999999999999999999999",
            "-7",
            "0",
            "0.0000000000000000000000000001",
            "-0.0000000000000000000000000001",
            "0.3",
            "0.33",
            "0.34",
            "0.3330",
            "1200.00000000000000000000001",
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
        ];
        for enter in thresholds.into_iter().chain(values).map(d) {
            for when in [When::Above, When::Below] {
                let step = Step { level: Level::High, enter, exit: enter, hold: None };
                let ladder = Ladder::new(when, vec![step]);
                for value in values.into_iter().map(d) {
                    let clear = !when.reaches(value, enter);
                    assert_eq!(ladder.is_clear(value), clear, "{value} {when} {enter}");
                }
            }
        }
    }
}
