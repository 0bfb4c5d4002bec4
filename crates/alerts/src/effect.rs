use domain::{Level, UnixMillis};

use crate::Condition;

/// What is to be done about an alert. Each names the alert as it is *after* the effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A new alert: store it, then show it.
    Raise(Alert),
    /// The same alert, one level worse: show it again, in place.
    Worsen(Alert),
    /// Its figures changed: change it where it stands, quietly.
    Update(Alert),
    /// It is over: say so once, quietly, and close what the operating system still shows.
    Resolve(Alert),
}

impl Effect {
    #[must_use]
    pub fn alert(&self) -> &Alert {
        match self {
            Self::Raise(alert)
            | Self::Worsen(alert)
            | Self::Update(alert)
            | Self::Resolve(alert) => alert,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub condition: Condition,
    /// The worst level while it is open; the level it had when resolved.
    pub severity: Level,
    pub title: String,
    pub message: String,
    pub raised: UnixMillis,
    /// Repetitions of the same thing that were not shown on their own.
    pub suppressed: u32,
}
