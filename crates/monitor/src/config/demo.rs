//! What the demo plays, where it is the demo that is watched.

use std::fmt;

/// What was asked of the demo. What there is to be played, its player knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoChoice {
    /// A built-in scenario or a file. Default: what the player plays by itself.
    pub named: Option<(DemoOrigin, String)>,
    /// How many times as fast a file is played, 1 to 1,000. Default as it was recorded, or written.
    pub speed: Option<u16>,
}

/// Where a demo was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoOrigin {
    Argument,
    Environment,
}

/// The argument wins over it.
const VARIABLE: &str = "VAULTWATCH_DEMO_SCENARIO";

impl DemoChoice {
    pub(super) fn of(argument: Option<&str>, speed: Option<u16>) -> Self {
        let environment = || Some((DemoOrigin::Environment, std::env::var(VARIABLE).ok()?));
        let argument = argument.map(|name| (DemoOrigin::Argument, name.to_owned()));
        Self { named: argument.or_else(environment), speed }
    }

    /// Where it was named, in the words of whoever did.
    #[must_use]
    pub fn origin(&self) -> DemoOrigin {
        self.named.as_ref().map_or(DemoOrigin::Argument, |(origin, _)| *origin)
    }

    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.named.as_ref().map(|(_, name)| name.as_str())
    }
}

impl fmt::Display for DemoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "--demo",
            Self::Environment => VARIABLE,
        })
    }
}
