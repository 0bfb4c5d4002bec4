use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::units::{HealthFactor, Percent};

/// How close a vault is to liquidation: one ladder for the badge, the table's sections and the alerts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    #[default]
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word as it stands in a badge.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a level is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yardstick {
    /// Room to liquidation, the collateral's price moving against the debt.
    Room,
    /// Room where both legs are of one asset family, so only the spread between them moves.
    CorrelatedRoom,
    /// LTV alone: no limit is known.
    Ltv,
    /// Health factor alone.
    HealthFactor,
}

/// Where each level is entered, in tenths of the yardstick's unit (percent points; hundredths for HF):
/// medium, high, critical. The table of `docs/risk.md`.
struct Ladder {
    medium: i64,
    high: i64,
    critical: i64,
    scale: u32,
}

impl Yardstick {
    const fn ladder(self) -> Ladder {
        match self {
            Self::Room => Ladder { medium: 250, high: 150, critical: 80, scale: 1 },
            Self::CorrelatedRoom => Ladder { medium: 100, high: 50, critical: 25, scale: 1 },
            Self::Ltv => Ladder { medium: 700, high: 800, critical: 900, scale: 1 },
            Self::HealthFactor => Ladder { medium: 133, high: 118, critical: 109, scale: 2 },
        }
    }

    /// How much better than its entry a value must be before a level is left: 2 percent points, or about the
    /// same in terms of the health factor.
    const fn exit_margin(self) -> i64 {
        match self {
            Self::HealthFactor => 3,
            Self::Room | Self::CorrelatedRoom | Self::Ltv => 20,
        }
    }

    /// Above this the figure is worse (LTV), or better (room, health factor).
    const fn rises_with_risk(self) -> bool {
        matches!(self, Self::Ltv)
    }

    /// The level of a value; equality counts as entered, towards safety.
    #[must_use]
    pub fn level(self, value: Decimal) -> Level {
        self.level_with_margin(value, 0)
    }

    /// The level that still holds for somebody leaving it: each threshold moved by the exit margin. A level is
    /// left when this falls below it.
    #[must_use]
    pub fn level_on_exit(self, value: Decimal) -> Level {
        self.level_with_margin(value, self.exit_margin())
    }

    fn level_with_margin(self, value: Decimal, margin: i64) -> Level {
        let ladder = self.ladder();
        let reached = |threshold: i64| {
            if self.rises_with_risk() {
                value >= Decimal::new(threshold - margin, ladder.scale)
            } else {
                value <= Decimal::new(threshold + margin, ladder.scale)
            }
        };
        if reached(ladder.critical) {
            Level::Critical
        } else if reached(ladder.high) {
            Level::High
        } else if reached(ladder.medium) {
            Level::Medium
        } else {
            Level::Low
        }
    }

    /// The value at which `level` is entered, for charts and explanations; `None` for [`Level::Low`].
    #[must_use]
    pub fn threshold(self, level: Level) -> Option<Decimal> {
        let ladder = self.ladder();
        let value = match level {
            Level::Low => return None,
            Level::Medium => ladder.medium,
            Level::High => ladder.high,
            Level::Critical => ladder.critical,
        };
        Some(Decimal::new(value, ladder.scale))
    }

    /// The value beyond which `level` is left; `None` for [`Level::Low`].
    #[must_use]
    pub fn exit(self, level: Level) -> Option<Decimal> {
        let margin = Decimal::new(self.exit_margin(), self.ladder().scale);
        let enter = self.threshold(level)?;
        Some(if self.rises_with_risk() { enter - margin } else { enter + margin })
    }
}

/// A figure together with the yardstick it is to be held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "value")]
pub enum Measure {
    Room(Percent),
    CorrelatedRoom(Percent),
    Ltv(Percent),
    HealthFactor(HealthFactor),
}

impl Measure {
    fn parts(self) -> (Yardstick, Decimal) {
        match self {
            Self::Room(room) => (Yardstick::Room, room.0),
            Self::CorrelatedRoom(room) => (Yardstick::CorrelatedRoom, room.0),
            Self::Ltv(ltv) => (Yardstick::Ltv, ltv.0),
            Self::HealthFactor(hf) => (Yardstick::HealthFactor, hf.0),
        }
    }

    #[must_use]
    pub fn yardstick(self) -> Yardstick {
        self.parts().0
    }

    #[must_use]
    pub fn level(self) -> Level {
        let (yardstick, value) = self.parts();
        yardstick.level(value)
    }

    /// See [`Yardstick::level_on_exit`].
    #[must_use]
    pub fn level_on_exit(self) -> Level {
        let (yardstick, value) = self.parts();
        yardstick.level_on_exit(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(yardstick: Yardstick, value: &str, entering: Level, leaving: Level) {
        let value: Decimal = value.parse().unwrap();
        assert_eq!(yardstick.level(value), entering, "entering at {value}");
        assert_eq!(yardstick.level_on_exit(value), leaving, "leaving at {value}");
    }

    #[test]
    fn the_table_of_the_design_with_its_boundaries() {
        use Level::{Critical, High, Low, Medium};
        use Yardstick::{CorrelatedRoom, HealthFactor, Ltv, Room};
        check(Room, "27.1", Low, Low);
        check(Room, "27", Low, Medium);
        check(Room, "25.0001", Low, Medium);
        check(Room, "25", Medium, Medium);
        check(Room, "15", High, High);
        check(Room, "10", High, Critical);
        check(Room, "10.01", High, High);
        check(Room, "8.01", High, Critical);
        check(Room, "8", Critical, Critical);
        check(Room, "0", Critical, Critical);
        check(CorrelatedRoom, "10", Medium, Medium);
        check(CorrelatedRoom, "5", High, High);
        check(CorrelatedRoom, "2.5", Critical, Critical);
        check(CorrelatedRoom, "12.1", Low, Low);
        check(Ltv, "69.9", Low, Medium);
        check(Ltv, "70", Medium, Medium);
        check(Ltv, "80", High, High);
        check(Ltv, "90", Critical, Critical);
        check(Ltv, "88", High, Critical);
        check(Ltv, "87.9", High, High);
        check(HealthFactor, "1.34", Low, Medium);
        check(HealthFactor, "1.33", Medium, Medium);
        check(HealthFactor, "1.18", High, High);
        check(HealthFactor, "1.09", Critical, Critical);
        check(HealthFactor, "1.13", High, High);
    }
}
