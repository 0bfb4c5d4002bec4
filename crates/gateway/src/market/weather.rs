use serde::Deserialize;

use crate::Scenario;

/// What chance does to prices and owners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Weather {
    /// Nothing: prices move only as a scenario says.
    #[default]
    Still,
    Calm,
    Stormy,
}

impl From<Scenario> for Weather {
    fn from(scenario: Scenario) -> Self {
        match scenario {
            Scenario::Calm => Self::Calm,
            Scenario::Stormy | Scenario::Crash => Self::Stormy,
        }
    }
}
