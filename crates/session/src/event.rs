/// What the machine or the login session tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The machine is about to sleep.
    Asleep,
    /// It has woken up. Told after each sleep, though nobody may have told of its beginning.
    Awake,
    Network(Network),
    Screen(Screen),
}

/// Whether the machine has a network. Until something else is told, it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// There is one, or it is another one than before: told again, what was open may be dead.
    #[default]
    Up,
    /// There is none: whatever is tried fails.
    Down,
}

/// Whether whoever passes by can read the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    Unlocked,
    /// Locked, or about to be.
    Locked,
    /// Nobody can tell: there is no logind, or this program belongs to no session.
    #[default]
    Unknown,
}

impl Screen {
    /// `None`: nobody can tell.
    #[must_use]
    pub fn is_locked(self) -> Option<bool> {
        match self {
            Self::Unlocked => Some(false),
            Self::Locked => Some(true),
            Self::Unknown => None,
        }
    }
}
